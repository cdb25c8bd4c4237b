# SPDX-License-Identifier: GPL-2.0-or-later
"""Other tunnels than IPsec's, each on an interface of its own."""

import base64

from host import Failed

CONTROL = "/var/run/wireguard/wg0.sock"


class Interface:
    """Whatever leaves by an interface of its own, with addresses of its own."""

    missing = None
    # far from plain ESP, so few figures say enough
    coarse = True
    network = "10.99.0"

    def __init__(self, name):
        self.name = name

    def inner(self, host):
        """A host's address in the tunnel."""
        return f"{self.network}.{host.address.rsplit('.', 1)[1]}"

    def target(self, two):
        """Address that moon connects to."""
        return self.inner(two.sun)

    def _has(self, two, *programs):
        try:
            for program in programs:
                two.moon.run(f"which {program}")
        except Failed:
            self.missing = f"{program} is not installed"
        return self.missing is None


class WireGuard(Interface):
    """WireGuard of the kernel, set by wg."""

    def __init__(self, name="WireGuard, the kernel's"):
        super().__init__(name)
        self.keys = {}

    def available(self, two):
        """Whether the hosts can do that; missing says why not."""
        if not self._has(two, "wg"):
            return False
        try:
            two.moon.run("ip link add wg0 type wireguard")
            two.moon.run("ip link del wg0")
        except Failed:
            self.missing = "the kernel has none"
            return False
        return True

    def create(self, host):
        """Make the interface."""
        host.run("ip link add wg0 type wireguard")

    def up(self, two):
        """Start and configure it, without a tunnel."""
        for host in two:
            private = host.run("wg genkey")
            self.keys[host.name] = private.strip(), host.run("wg pubkey", private).strip()
            self.create(host)
            host.do("write", path="/run/wg.key", text=private)
            host.run("wg set wg0 listen-port 51820 private-key /run/wg.key")
            host.run(f"ip address add {self.inner(host)}/24 dev wg0")
            host.run("ip link set wg0 mtu 1420 up")
        self.cold(two)

    def cold(self, two):
        """Make the peers new: with one goes all that the other knew of it."""
        for host in two:
            other = two.other(host)
            key = self.keys[other.name][1]
            host.run(f"wg set wg0 peer {key} remove")
            host.run(f"wg set wg0 peer {key} endpoint {other.address}:51820 "
                     f"allowed-ips {self.inner(other)}/32")

    def tunnels(self, two):
        """How many peers moon has shaken hands with."""
        text = two.moon.run("wg show wg0 latest-handshakes")
        return sum(line.split()[1] != "0" for line in text.splitlines())

    def down(self, two):
        """Remove it."""
        for host in two:
            host.run("ip link del wg0")


class WireGuardGo(WireGuard):
    """WireGuard as a process, asked over its own socket."""

    def __init__(self):
        super().__init__("wireguard-go")

    def available(self, two):
        return self._has(two, "wg", "wireguard-go")

    def create(self, host):
        host.do("start", name="wireguard-go", argv=["wireguard-go", "-f", "wg0"],
                env={"WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD": "1", "LOG_LEVEL": "verbose"},
                log="/var/log/wireguard.log")
        host.do("wait_log", path="/var/log/wireguard.log", text="UAPI listener started")

    def cold(self, two):
        for host in two:
            other = two.other(host)
            key = base64.b64decode(self.keys[other.name][1]).hex()
            host.do("uapi", path=CONTROL, text=f"set=1\npublic_key={key}\nremove=true\n\n")
            host.do("uapi", path=CONTROL, text=(
                f"set=1\npublic_key={key}\nendpoint={other.address}:51820\n"
                f"allowed_ip={self.inner(other)}/32\n\n"))

    def tunnels(self, two):
        text = two.moon.do("uapi", path=CONTROL, text="get=1\n\n")
        return sum(line.startswith("last_handshake_time_sec=") and not line.endswith("=0")
                   for line in text.splitlines())

    def down(self, two):
        for host in two:
            host.do("stop", name="wireguard-go")
            host.do("write", path="/var/log/wireguard.log", text="")


NEBULA = """
pki:
  ca: /etc/nebula/ca.crt
  cert: /etc/nebula/host.crt
  key: /etc/nebula/host.key
static_host_map:
  "%(inner)s": ["%(outer)s:4242"]
lighthouse:
  am_lighthouse: false
listen:
  host: 0.0.0.0
  port: 4242
punchy:
  punch: false
tun:
  dev: nebula0
  mtu: 1300
sshd:
  enabled: true
  listen: 127.0.0.1:2222
  host_key: /etc/nebula/ssh_host
  authorized_users:
    - user: bench
      keys:
        - "%(key)s"
logging:
  level: info
firewall:
  outbound:
    - port: any
      proto: any
      host: any
  inbound:
    - port: any
      proto: any
      host: any
"""
FILES = "/etc/nebula/"
PROMPT = "> "


class Nebula(Interface):
    """nebula, each host with the other's address; told by its own sshd to close a tunnel."""

    network = "10.98.0"

    def __init__(self):
        super().__init__("nebula")

    def available(self, two):
        """Whether the hosts can do that; missing says why not."""
        return self._has(two, "nebula", "nebula-cert", "ssh", "ssh-keygen")

    def up(self, two):
        """Start and configure it, without a tunnel."""
        moon = two.moon
        moon.run(f"rm -rf {FILES}")
        moon.run(f"mkdir -p {FILES}")
        moon.run(f"nebula-cert ca -name bench -out-crt {FILES}ca.crt -out-key {FILES}ca.key")
        for host in two:
            host.run(f"mkdir -p {FILES}")
            moon.run(f"nebula-cert sign -name {host.name} -ip {self.inner(host)}/24 -ca-crt "
                     f"{FILES}ca.crt -ca-key {FILES}ca.key -out-crt {FILES}{host.name}.crt "
                     f"-out-key {FILES}{host.name}.key")
            for name, to in (("ca.crt", "ca.crt"), (f"{host.name}.crt", "host.crt"),
                             (f"{host.name}.key", "host.key")):
                host.do("write", path=FILES + to, text=moon.do("read", path=FILES + name))
            for name in "ssh_host", "ssh_user":
                host.run(f"rm -f {FILES}{name}")
                host.do("run", argv=["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                                     FILES + name])
            other = two.other(host)
            host.do("write", path=FILES + "config.yml", text=NEBULA % {
                "inner": self.inner(other), "outer": other.address,
                "key": host.do("read", path=FILES + "ssh_user.pub").strip()})
            host.do("write", path="/var/log/nebula.log", text="")
            host.do("start", name="nebula", argv=["nebula", "-config", FILES + "config.yml"],
                    log="/var/log/nebula.log")
        for host in two:
            host.do("wait_log", path="/var/log/nebula.log", text="interface is active")
            host.do("talk", name="ssh", argv=[
                "ssh", "-T", "-p", "2222", "-i", FILES + "ssh_user", "-o",
                "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "bench@127.0.0.1"])
            host.do("converse", name="ssh", line=None, prompt=PROMPT)

    def cold(self, two):
        """Close the tunnel at both ends."""
        for host in two:
            host.do("converse", name="ssh", prompt=PROMPT,
                    line=f"close-tunnel -local-only {self.inner(two.other(host))}")
        for host in two:
            if self.known(two, host):
                raise Failed(f"{host.name}: nebula keeps its tunnel")

    def known(self, two, host):
        """Whether a host has a tunnel with the other one."""
        text = host.do("converse", name="ssh", line="list-hostmap", prompt=PROMPT)
        return self.inner(two.other(host)) in text

    def tunnels(self, two):
        """How many tunnels moon has."""
        return int(self.known(two, two.moon))

    def down(self, two):
        """Stop it."""
        for host in two:
            host.do("stop", name="ssh")
            host.do("stop", name="nebula")
