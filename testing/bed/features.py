# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scenario needs and what the machine and its kernel have."""

import glob
import os
import re
import shutil
import subprocess

from .host import PATH

REPO = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
PLUGINS = "/usr/lib/ipsec/plugins"


def _quietly(*argv, text=None):
    return subprocess.run(argv, input=text, text=True, capture_output=True,
                          env={"PATH": PATH}).returncode == 0


def works_in_namespace(script):
    return _quietly("unshare", "--net", "/bin/sh", "-c", script)


# a feature of the kernel: the script that works if it is there
KERNEL = {
    "nft": "nft add table inet t && nft add chain inet t c "
           "'{ type filter hook output priority 0; }'",
    "legacy": "iptables-legacy -t raw -S && ! nft add table inet t",
    "sctp": "python3 -c 'import socket; socket.socket(2, 1, 132)'",
    "wireguard": "ip link add w type wireguard",
    "xfrm-interface": "ip link add x type xfrm if_id 1 dev lo",
    "vti": "ip link add v type vti local 127.0.0.1 remote 127.0.0.2 key 1",
    "gre": "ip link add g type gre local 127.0.0.1 key 1",
    "netem": "ip link set lo up && tc qdisc add dev lo root netem delay 1ms",
    "tun": "ip tuntap add t mode tun",
    "esp": "ip xfrm state add src 127.0.0.1 dst 127.0.0.2 proto esp spi 1 "
           "mode transport aead 'rfc4106(gcm(aes))' 0x" + "01" * 20 + " 128",
}


class Features:
    """Finds out once what the kernel it runs in can do."""

    def __init__(self, stage):
        self.stage = stage
        self.known = {}

    def kernel(self, name):
        if name not in self.known:
            self.known[name] = works_in_namespace(KERNEL[name])
        return self.known[name]

    def missing(self, scenario, hosts):
        """Why a scenario cannot run here, or None."""
        if scenario.unsupported:
            return f"the bed has no {scenario.unsupported[0]}"
        if not scenario.swanctl:
            return "only swanctl scenarios run in the bed"
        for need in scenario.needs:
            if need in KERNEL:
                if not self.kernel(need):
                    return f"the kernel has no {need}"
            elif not shutil.which(need, path=PATH):
                return f"{need} is not installed"
        for host in scenario.ipsechosts:
            reason = self._plugin(scenario, host) or \
                _certificate(scenario, host, hosts)
            if reason:
                return reason
        return None

    def _plugin(self, scenario, host):
        text = _read(os.path.join(scenario.host_folder(host),
                                  "etc/strongswan.conf"))
        match = re.search(r"^\s*charon(?:-systemd)?\s*\{.*?\bload\s*=([^\n]*)",
                          text, re.M | re.S)
        for plugin in match.group(1).split() if match else ():
            plugin = plugin.rstrip("!")
            file = f"libstrongswan-{plugin}.so"
            # our own not being there is a failure, nothing to skip
            if plugin != "coi" and not (
                    os.path.exists(f"{PLUGINS}/{file}") or
                    self.stage and glob.glob(f"{self.stage}/**/{file}",
                                             recursive=True)):
                return f"charon has no plugin {plugin}"
        return None


def _certificate(scenario, host, hosts):
    folders = [os.path.join(folder, "etc/swanctl") for folder in
               (scenario.host_folder(host), os.path.join(hosts, host),
                os.path.join(hosts, "default"))]
    text = _read(os.path.join(folders[0], "swanctl.conf"))
    for match in re.finditer(r"^\s*(?:certs|cacerts?)\s*=\s*(.+)", text,
                             re.M):
        for file in re.split(r"[,\s]+", match.group(1).strip()):
            if file.startswith("%") or "/" in file or not file:
                continue
            if not any(glob.glob(f"{folder}/*/{file}")
                       for folder in folders):
                return f"no certificate {file}"
    return None


def _read(path):
    try:
        with open(path, errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
