# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps what the hosts logged, for whoever has to find out why."""

import glob
import os
import shutil

# in this order: the cheap ones are always run
BRIEF = ("ip -s xfrm policy", "ip xfrm state list nokeys",
         "ip route show table all", "swanctl --list-sas")
FULL = ("swanctl --list-conns", "swanctl --list-pols", "swanctl --stats",
        "swanctl --counters", "swanctl --list-certs", "ip address",
        "ip -6 neighbour", "ss -anp", "iptables-save -c", "ip6tables-save -c")


def state(shell, host, folder, full):
    """Before posttest: what the kernel and charon know."""
    script = ""
    for command in BRIEF + (FULL if full else ()):
        script += f"echo '# {command}'; {command} 2>&1; echo; "
    _, text = shell.run("on \"$HOST\" \"$SCRIPT\"",
                        extra={"HOST": host, "SCRIPT": script})
    with open(os.path.join(folder, f"{host}.state"), "w") as stream:
        stream.write(text)


def logs(root, host, folder):
    """After posttest: the files of /var/log and the capture."""
    for path in (glob.glob(root + "/var/log/*.log") +
                 glob.glob(root + "/var/log/syslog") +
                 glob.glob(root + "/var/log/nginx/*.log") +
                 glob.glob(root + "/tmp/tcpdump.log")):
        if os.path.getsize(path):
            shutil.copyfile(path, os.path.join(
                folder, f"{host}.{os.path.basename(path)}"))
