#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ids.py PCAP: the header of the last Sess2 in a capture of IPv4, whose session ids
any stranger has seen, in hexadecimal."""

import struct
import sys

with open(sys.argv[1], "rb") as stream:
    data = stream.read()
at, last = 24, None
while at + 16 <= len(data):
    length = struct.unpack_from("=I", data, at + 8)[0]
    packet = data[at + 16 + 14:at + 16 + length]
    payload = packet[(packet[0] & 15) * 4 + 8:]
    if len(payload) > 56 and payload[5] == 2:
        last = payload[:56]
    at += 16 + length
print(last.hex() if last else "none")
