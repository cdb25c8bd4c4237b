#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""many.py wait DEVICE PORT... | ask DEVICE ADDR PORT [FROM]: datagrams to many hosts.

wait answers each, to where it was sent if that was broadcast, until it is killed. ask sends one
to ADDR, by DEVICE, from port FROM, and prints what answers within two seconds.
"""

import select
import socket
import struct
import sys

BIND = socket.SO_BINDTODEVICE


def bound(device, port):
    """A socket that takes what comes to a port by a device, multicast too."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, BIND, device.encode())
    s.bind(("", port))
    index = socket.if_nametoindex(device)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 struct.pack("=4s4si", socket.inet_aton("239.9.9.9"), bytes(4), index))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    return s


def wait(device, *ports):
    """Answer."""
    sockets = [bound(device, int(port)) for port in ports]
    while True:
        for s in select.select(sockets, [], [])[0]:
            data, (_, port) = s.recvfrom(2000)
            to = "239.9.9.9" if data == b"multicast" else "255.255.255.255"
            s.sendto(b"answer to " + data, (to, port))


def ask(device, address, port, origin="0"):
    """Ask."""
    s = bound(device, int(origin))
    s.settimeout(2)
    s.sendto(b"multicast" if address.startswith("239") else b"broadcast", (address, int(port)))
    try:
        print(s.recv(2000).decode())
    except socket.timeout:
        print("silence")


{"wait": wait, "ask": ask}[sys.argv[1]](*sys.argv[2:])
