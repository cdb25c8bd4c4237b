# SPDX-License-Identifier: GPL-2.0-or-later
"""The three networks and the hosts' interfaces on them.

The networks are bridges in the bed's own network namespace; they, the
interfaces and the MAC addresses are those of strongSwan's KVM guests.
"""

import os
import subprocess

BRIDGES = {
    "vnet1": "192.168.0.254/24",
    "vnet2": "10.1.0.254/16",
    "vnet3": "10.2.0.254/16",
}

# host: bridge and MAC address of eth0, eth1
INTERFACES = {
    "alice": (("vnet2", "52:54:00:9a:e2:de"), ("vnet1", "52:54:00:3b:0c:d7")),
    "bob": (("vnet3", "52:54:00:40:85:6b"),),
    "carol": (("vnet1", "52:54:00:ae:f1:f8"),),
    "dave": (("vnet1", "52:54:00:b9:15:a9"),),
    "moon": (("vnet1", "52:54:00:43:e3:35"), ("vnet2", "52:54:00:c7:b8:b0")),
    "sun": (("vnet1", "52:54:00:77:43:ea"), ("vnet3", "52:54:00:0f:97:db")),
    "venus": (("vnet2", "52:54:00:69:d3:80"),),
    "winnetou": (("vnet1", "52:54:00:4b:23:fa"),),
}


def ip_batch(lines, force=False):
    argv = ["ip"] + (["-force"] if force else []) + ["-batch", "-"]
    done = subprocess.run(argv, input="\n".join(lines) + "\n", text=True,
                          capture_output=True)
    if done.returncode and not force:
        raise OSError(f"ip -batch: {done.stderr.strip()}")


def write_sysctl(key, value):
    """Sets one value; a kernel without it is none the worse."""
    try:
        with open("/proc/sys/" + key.replace(".", "/"), "w") as stream:
            stream.write(value)
        return True
    except OSError:
        return False


def apply_sysctl_conf(path):
    with open(path) as stream:
        for line in stream:
            key, equals, value = line.partition("=")
            if equals and not line.lstrip().startswith(("#", ";")):
                write_sysctl(key.strip(), value.strip())


def pass_bridges():
    """Keeps the filters of a namespace off what passes its bridges.

    A kernel with br_netfilter built in begins otherwise, and drops there
    what is malformed. A host that has containers may turn it on.
    """
    for table in ("iptables", "ip6tables", "arptables"):
        write_sysctl(f"net.bridge.bridge-nf-call-{table}", "0")


def create_bridges():
    pass_bridges()
    # nothing of the bed's own in the captures
    write_sysctl("net.ipv6.conf.default.disable_ipv6", "1")
    lines = ["link set lo up"]
    for bridge, address in BRIDGES.items():
        lines.append(f"link add {bridge} type bridge forward_delay 0 "
                     "mcast_snooping 0")
        lines.append(f"address add {address} dev {bridge}")
        lines.append(f"link set {bridge} up")
    ip_batch(lines)


def plug(pids):
    """Connects the hosts, given as a dictionary of name and pid."""
    lines = []
    for host, pid in pids.items():
        for number, (bridge, mac) in enumerate(INTERFACES[host]):
            port = f"{host}-{number}"
            lines.append(f"link add {port} type veth peer name eth{number} "
                         f"address {mac} netns {pid}")
            lines.append(f"link set {port} master {bridge} up")
    ip_batch(lines)


def unplug(hosts):
    # explicitly: the kernel tears a namespace down some time later
    ip_batch([f"link delete {host}-{number}" for host in hosts
              for number in range(len(INTERFACES[host]))], force=True)


def parse_interfaces(text):
    """/etc/network/interfaces as the ip commands that ifup would run.

    Only the interfaces of 'auto' lines, with static addresses.
    """
    auto, stanzas = set(), []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "auto":
            auto.update(words[1:])
        elif words[0] == "iface":
            stanzas.append((words[1], words[2], words[3], {}))
        elif stanzas:
            stanzas[-1][3][words[0]] = " ".join(words[1:])
    commands, routes = [], []
    for name in sorted(auto):
        commands.append(f"link set {name} up")
    for name, family, method, options in stanzas:
        if name not in auto or method != "static":
            continue
        address = options["address"]
        if "netmask" in options:
            address += "/" + _prefix(options["netmask"])
        if family == "inet":
            broadcast = options.get("broadcast", "+")
            commands.append(f"address add {address} broadcast {broadcast} "
                            f"dev {name}")
        else:
            commands.append(f"address add {address} dev {name} nodad")
        if "gateway" in options:
            family = "-6 " if family == "inet6" else ""
            routes.append(f"{family}route add default via "
                          f"{options['gateway']} dev {name}")
    return commands + routes


def _prefix(netmask):
    if "." not in netmask:
        return netmask
    return str(sum(bin(int(part)).count("1") for part in netmask.split(".")))


def configure_host():
    """Run inside a host whose interfaces have been plugged in."""
    path = "/etc/network/interfaces"
    if os.path.exists(path):
        with open(path) as stream:
            ip_batch(parse_interfaces(stream.read()))
    apply_sysctl_conf("/etc/sysctl.conf")
