#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""wire.py show|count PCAP: what a capture has of COI, ESP and anything else.

show prints a line for each packet; what has no place between two COI hosts
is marked. count prints how often there was which kind.
"""

import collections
import ipaddress
import struct
import sys

COI_PORT = 4570
PDUS = {0: "Sess0", 1: "Sess1", 2: "Sess2", 3: "IDLE", 4: "TERM"}
PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
NAMES = {"192.168.0.1": "moon", "fec0::1": "moon", "192.168.0.2": "sun",
         "fec0::2": "sun", "192.168.0.100": "carol", "fec0::10": "carol",
         "192.168.0.150": "winnetou", "fec0::15": "winnetou"}
SHOWN_ESP = 3       # of those in a row


def packets(path):
    """Time, frame and its length in the network."""
    with open(path, "rb") as stream:
        data = stream.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, stored, length = struct.unpack_from(order + "4I", data, at)
        yield seconds + fraction / 1e6, data[at + 16:at + 16 + stored], length
        at += 16 + stored


def name(octets):
    address = str(ipaddress.ip_address(octets))
    return NAMES.get(address, address)


def classify(frame):
    """Source, destination, kind and length of the payload of a frame."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == 0x0806:
        return "", "", "ARP", 0
    if kind == 0x0800:
        protocol, source, target = frame[23], frame[26:30], frame[30:34]
        at = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack_from("!H", frame, 16)[0]
    elif kind == 0x86dd:
        protocol, source, target = frame[20], frame[22:38], frame[38:54]
        at = 54
        end = 54 + struct.unpack_from("!H", frame, 18)[0]
        if protocol == 0:       # hop-by-hop options, as of a multicast report
            protocol, at = frame[at], at + 8 + frame[at + 1] * 8
    else:
        return "", "", f"ethertype {kind:04x}", len(frame) - 14
    source, target, payload = name(source), name(target), frame[at:end]
    if protocol == 50:
        return source, target, "ESP", len(payload)
    if protocol == 58 and payload[0] in (130, 131, 132, 133, 134, 135, 136, 137, 143):
        return source, target, "neighbour discovery", len(payload)
    text = PROTOCOLS.get(protocol, f"protocol {protocol}")
    if protocol == 17:
        ports = struct.unpack_from("!HH", payload)
        if ports == (COI_PORT, COI_PORT) and len(payload) > 13:
            return source, target, PDUS.get(payload[13], "PDU?"), len(payload) - 8
        if 500 in ports or 4500 in ports:
            return source, target, "IKE", len(payload) - 8
    if protocol in (6, 17):
        text += " {} > {}".format(*struct.unpack_from("!HH", payload))
    return source, target, text, len(payload)


def known(kind):
    return kind in PDUS.values() or kind in ("ESP", "ARP", "neighbour discovery")


def show(path):
    begin, row = None, 0
    rest = collections.Counter()

    def flush():
        for (source, target), count in rest.items():
            print(f"   {'...':>10}    {source} -> {target}: {count} more ESP")
        rest.clear()

    for when, frame, _ in packets(path):
        source, target, kind, length = classify(frame)
        if kind in ("ARP", "neighbour discovery"):
            continue
        begin = begin or when
        row = row + 1 if kind == "ESP" else 0
        if row > SHOWN_ESP:
            rest[source, target] += 1
            continue
        flush()
        mark = "" if known(kind) else "   <-- in clear"
        print(f"   {(when - begin) * 1000:7.1f} ms    {source} -> {target}: "
              f"{kind}, {length} octets{mark}")
    flush()


def count(path):
    kinds = collections.Counter()
    for _, frame, _ in packets(path):
        source, target, kind, _ = classify(frame)
        kinds[kind if known(kind) else f"clear {source} -> {target}: {kind}"] += 1
    for kind, number in sorted(kinds.items()):
        print(f"{number} {kind}")


if len(sys.argv) != 3 or sys.argv[1] not in ("show", "count"):
    sys.exit(__doc__)
{"show": show, "count": count}[sys.argv[1]](sys.argv[2])
