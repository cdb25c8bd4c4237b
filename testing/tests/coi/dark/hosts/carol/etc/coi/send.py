#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends what a stranger may send to a COI host, from any place.

send.py junk HOST...              datagrams of many lengths to several ports
send.py replay FILE HOST          the UDP payloads of FILE (hex, one a line)
send.py replay FILE HOST SOURCE   the same, with a forged source address
"""

import random
import socket
import struct
import sys
import time

PORTS = (4570, 4571, 500, 4500)
COI = 4570
# header of a COI PDU: non-ESP marker, version, type, suite, segment
HEADER = struct.pack("!IBBBB", 0, 1, 0, 1, 0)


def forged(payload, source, target):
    """An IPv4 packet with a UDP datagram without checksum."""
    udp = struct.pack("!HHHH", COI, COI, 8 + len(payload), 0) + payload
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                       socket.inet_aton(source), socket.inet_aton(target)) + udp


def junk(hosts):
    chance = random.Random(4570)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for host in hosts:
        for port in PORTS:
            for size in (0, 1, 3, 4, 8, 55, 56, 72, 200, 1167, 1168, 1169, 1232, 1400):
                data = bytes(chance.randrange(256) for _ in range(size))
                sock.sendto(data, (host, port))
                sock.sendto((HEADER + data)[:size], (host, port))
        # each type of PDU, of version 1 and of others
        for version in (0, 1, 2, 255):
            for kind in range(8):
                data = bytes(chance.randrange(256) for _ in range(1160))
                sock.sendto(struct.pack("!IBBBB", 0, version, kind, 1, 0) + data,
                            (host, COI))
        # well formed, for this very host and moment, but of no community
        sock.sendto(HEADER + struct.pack("!Q", 1 + chance.randrange(2 ** 63)) + bytes(8) +
                    chance.randbytes(32) + struct.pack("!Q", int(time.time() * 1000)) +
                    bytes(10) + bytes((255, 255)) + socket.inet_aton(host) +
                    chance.randbytes(1088), (host, COI))
        time.sleep(0.05)


def replay(file, target, source=None):
    with open(file) as stream:
        payloads = [bytes.fromhex(line) for line in stream if line.strip()]
    if not payloads:
        sys.exit(f"{file} is empty")
    if source:
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        packets = [forged(payload, source, target) for payload in payloads]
    else:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("", COI))
        packets = payloads
    for packet in packets:
        sock.sendto(packet, (target, COI))
    print(f"sent {len(packets)} datagrams, the first of {len(payloads[0])} octets")


if sys.argv[1] == "junk":
    junk(sys.argv[2:])
else:
    replay(*sys.argv[2:])
