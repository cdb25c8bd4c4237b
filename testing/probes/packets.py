# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds packets, right ones and those that are wrong in one place."""

import socket
import struct

ICMP, IGMP, IPIP, TCP, UDP, DCCP, IPV6, ROUTING, FRAGMENT = 1, 2, 4, 6, 17, 33, 41, 43, 44
GRE, ESP, AH, ICMP6, NONE, DESTINATION, SCTP, UDPLITE = 47, 50, 51, 58, 59, 60, 132, 136
HOP = 0

ETH_IP, ETH_ARP, ETH_IPV6 = 0x0800, 0x0806, 0x86dd


def octets(address):
    """An address in text as it is on the wire."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_pton(family, address)


def text(address):
    """The other way round."""
    return socket.inet_ntop(socket.AF_INET6 if len(address) == 16 else socket.AF_INET, address)


def checksum(data):
    """That of IP."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pseudo(src, dst, proto, length):
    """The pseudo header of either family."""
    if len(src) == 16:
        return src + dst + struct.pack("!I3xB", length, proto)
    return src + dst + struct.pack("!xBH", proto, length)


def summed(src, dst, proto, data, at):
    """data with its checksum, which covers the pseudo header, at some place."""
    value = checksum(pseudo(src, dst, proto, len(data)) + data)
    return data[:at] + struct.pack("!H", value) + data[at + 2:]


def crc32c(data):
    """SCTP's."""
    crc = 0xffffffff
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def ip4(src, dst, proto, data, ident=0, options=b"", flags=0, offset=0, ttl=64, tos=0,
        version=4, ihl=None, total=None, check=None):
    """An IPv4 packet; offset in units of 8 octets, flags: 1 MF, 2 DF, 4 reserved."""
    options += bytes(-len(options) % 4)
    words = 5 + len(options) // 4
    header = struct.pack("!BBHHHBBH4s4s", version << 4 | (words if ihl is None else ihl), tos,
                         words * 4 + len(data) if total is None else total, ident,
                         flags << 13 | offset, ttl, proto, 0, src, dst) + options
    value = checksum(header) if check is None else check
    return header[:10] + struct.pack("!H", value) + header[12:] + data


def ip6(src, dst, proto, data, label=0, hops=64, length=None, version=6, tos=0):
    """An IPv6 packet."""
    return struct.pack("!IHBB16s16s", version << 28 | tos << 20 | label & 0xfffff,
                       len(data) if length is None else length, proto, hops, src, dst) + data


def extension(following, data):
    """An extension header with its length, filled up with zeros."""
    data += bytes(-(len(data) + 2) % 8)
    return bytes((following, (len(data) + 2) // 8 - 1)) + data


def fragment6(following, offset, more, ident, reserved=0):
    """The fragment header; offset in units of 8 octets."""
    return struct.pack("!BBHI", following, reserved, offset << 3 | more, ident)


def tcp(src, dst, sport, dport, flags, seq=0x01020304, ack=0, window=1024, options=b"", data=b"",
        offset=None, check=None, urgent=0):
    """A TCP segment; flags has nine bits."""
    options += bytes(-len(options) % 4)
    words = 5 + len(options) // 4 if offset is None else offset
    segment = struct.pack("!HHIIHHHH", sport, dport, seq, ack, words << 12 | flags & 0x1ff, window,
                          0, urgent) + options + data
    if check is not None:
        return segment[:16] + struct.pack("!H", check) + segment[18:]
    return summed(src, dst, TCP, segment, 16)


def udp(src, dst, sport, dport, data=b"", length=None, check=None, proto=UDP):
    """A UDP datagram."""
    size = 8 + len(data)
    datagram = struct.pack("!HHHH", sport, dport, size if length is None else length, 0) + data
    if check is not None:
        return datagram[:6] + struct.pack("!H", check) + datagram[8:]
    return summed(src, dst, proto, datagram, 6)


def sctp(sport, dport, chunks, tag=0):
    """An SCTP packet of some chunks: (type, flags, value)."""
    data = struct.pack("!HHII", sport, dport, tag, 0)
    for kind, flags, value in chunks:
        data += struct.pack("!BBH", kind, flags, 4 + len(value)) + value + bytes(-len(value) % 4)
    return data[:8] + struct.pack("<I", crc32c(data)) + data[12:]


def dccp(src, dst, sport, dport, kind):
    """A DCCP packet with a long sequence number."""
    data = struct.pack("!HHBBHBBHI", sport, dport, 7, 0, 0, kind << 1 | 1, 0, 0, 7)
    if kind == 0:
        data += struct.pack("!I", 0)
    else:
        data += bytes(8)
    words = len(data) // 4
    data = data[:4] + bytes((words,)) + data[5:]
    return summed(src, dst, DCCP, data, 6)


def icmp4(kind, code=0, rest=bytes(4), data=b"", check=None):
    """An ICMP message; rest are the four octets behind the checksum."""
    message = struct.pack("!BBH", kind, code, 0) + rest + data
    value = checksum(message) if check is None else check
    return message[:2] + struct.pack("!H", value) + message[4:]


def icmp6(src, dst, kind, code=0, rest=bytes(4), data=b"", check=None):
    """An ICMPv6 message."""
    message = struct.pack("!BBH", kind, code, 0) + rest + data
    if check is not None:
        return message[:2] + struct.pack("!H", check) + message[4:]
    return summed(src, dst, ICMP6, message, 2)
