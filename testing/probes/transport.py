# SPDX-License-Identifier: GPL-2.0-or-later
"""Probes of IP's protocols, TCP, UDP and other transports.

Each function makes (text, packet) for a Context; see catalogue.py.
"""

import struct

from . import packets
from .context import TCP_PORTS, UDP_PORTS

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, NS = (1 << bit for bit in range(9))
NAMES = "FSRPAUECN"

# what asks for an answer at well-known ports of UDP
QUESTIONS = {
    53: bytes.fromhex("123401000001000000000000076578616d706c6503636f6d0000010001"),
    67: bytes.fromhex("0101060012345678") + bytes(228) + bytes.fromhex("63825363350101ff"),
    69: b"\0\1x\0octet\0",
    111: struct.pack("!10I", 7, 0, 2, 100000, 2, 4, 0, 0, 0, 0),
    123: b"\x23" + bytes(47),
    137: bytes.fromhex("1234000000010000000000002043") + b"K" + b"A" * 30 + bytes.fromhex("0000210001"),
    161: bytes.fromhex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500"),
    389: bytes.fromhex("30250201016320040030000a01000a01000201000201000101008700300b"),
    623: bytes.fromhex("0600ff06000011be80000000"),
    1900: b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
          b"ST: ssdp:all\r\n\r\n",
    3478: bytes.fromhex("000100002112a442") + bytes(12),
    5060: b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
    5353: bytes.fromhex("000000000001000000000000095f7365727669636573075f646e732d7364045f756470056c6f"
                        "63616c00000c8001"),
    5355: bytes.fromhex("123400000001000000000000017800000ff0001"[:-1]),
    11211: bytes.fromhex("0001000000010000") + b"stats\r\n",
    51820: b"\1\0\0\0" + bytes(144),
}


def flags_text(flags):
    """TCP's flags as letters."""
    return "".join(name for bit, name in enumerate(NAMES) if flags >> bit & 1) or "none"


def protocols(ctx):
    """each IP protocol"""
    for proto in range(256):
        for size in (0, 4, 64) if ctx.full else (64,):
            yield f"protocol {proto}, {size} octets", ctx.ip(proto, ctx.junk(size))
    inner = ctx.ping()
    for proto in packets.IPIP, packets.IPV6, packets.GRE, 94, 98, 137:
        head = struct.pack("!HH", 0, 0x86dd if ctx.six else 0x0800) if proto == packets.GRE else b""
        yield f"protocol {proto} with an echo request inside", ctx.ip(proto, head + inner)


def tcp_flags(ctx):
    """TCP with all combinations of flags"""
    ports = TCP_PORTS if ctx.full else (22, 80)
    for port in (*ports, 4570, 51234) if not ctx.full else (*ports, 51234):
        for flags in ctx.pick(range(512), 512 if port == 80 else 48):
            yield (f"TCP {flags_text(flags)} to port {port}",
                   ctx.tcp(port, flags, ack=7 if flags & ACK else 0))


def tcp_ports(ctx):
    """SYN and ACK to many ports of TCP"""
    ports = sorted({*TCP_PORTS, *range(1, 1025), *ctx.chance.sample(range(1025, 65536), 500)}) \
        if ctx.full else [*TCP_PORTS, 0, 1, 65535, *ctx.chance.sample(range(1025, 65536), 40)]
    for port in ports:
        yield f"TCP S to port {port}", ctx.tcp(port, SYN, options=b"\2\4\5\xb4")
        yield f"TCP A to port {port}", ctx.tcp(port, ACK, ack=99)
    for src in ctx.members:
        for port in ctx.pick(ports, 30):
            for flags in SYN, ACK, RST | ACK, SYN | ACK, FIN | ACK:
                yield (f"TCP {flags_text(flags)} to port {port} as {packets.text(src)}",
                       ctx.tcp(port, flags, src=src, ack=7))


def tcp_odd(ctx):
    """TCP with options, data, wrong sums and lengths, from odd ports"""
    stamp = b"\x08\x0a" + struct.pack("!II", 1, 0)
    cookie = b"\x22\x0a" + b"12345678"
    options = {
        "MSS": b"\2\4\5\xb4", "MSS 0": b"\2\4\0\0", "SACK": b"\4\2", "window": b"\3\3\x0e",
        "timestamp": stamp, "MD5": b"\x13\x12" + bytes(16), "AO": b"\x1d\x10" + bytes(14),
        "fast open": b"\x22\2", "a cookie": cookie, "MPTCP": b"\x1e\x0c\0\x81" + bytes(8),
        "length 0": b"\2\0\0\0", "length 1": b"\2\1\0\0", "length 255": b"\2\xff\0\0",
        "all of them": b"\2\4\5\xb4\4\2" + stamp + b"\3\3\7" + b"\1", "40 of NOP": b"\1" * 40,
        "unknown 253": b"\xfd\4\0\0",
    }
    for port in (22, 80, 443, 4570, 51235):
        for name, option in options.items():
            for flags in SYN, ACK, RST:
                yield (f"TCP {flags_text(flags)} with option {name} to port {port}",
                       ctx.tcp(port, flags, options=option, ack=5))
        for flags in SYN, SYN | ACK, ACK, PSH | ACK, FIN, RST, 0:
            yield f"TCP {flags_text(flags)} with data", ctx.tcp(port, flags, data=b"GET /\r\n\r\n")
            yield f"TCP {flags_text(flags)}, a wrong sum", ctx.tcp(port, flags, check=0x1234)
            yield f"TCP {flags_text(flags)}, no sum", ctx.tcp(port, flags, check=0)
            yield f"TCP {flags_text(flags)}, window 0", ctx.tcp(port, flags, window=0)
            yield f"TCP {flags_text(flags)}, urgent", ctx.tcp(port, flags | URG, urgent=65535)
            for offset in (0, 4, 6, 15):
                yield (f"TCP {flags_text(flags)}, header of {offset} words",
                       ctx.tcp(port, flags, offset=offset))
            for sport in (1, 22, 53, 80, 443, port):
                yield (f"TCP {flags_text(flags)} from port {sport} to {port}",
                       ctx.tcp(port, flags, sport=sport))
            for seq in (0, 0x7fffffff, 0xffffffff):
                yield (f"TCP {flags_text(flags)}, sequence {seq:#x}",
                       ctx.tcp(port, flags, seq=seq, ack=seq))
        for size in range(0, 20, 1 if ctx.full else 5):
            segment = packets.tcp(ctx.me, ctx.you, ctx.port(), port, SYN)[:size]
            yield f"TCP S, {size} octets of it", ctx.ip(packets.TCP, segment)


def udp_ports(ctx):
    """UDP to many ports"""
    ports = sorted({*UDP_PORTS, *range(1, 1025), *ctx.chance.sample(range(1025, 65536), 500)}) \
        if ctx.full else [*UDP_PORTS, 1, 65535, *ctx.chance.sample(range(1025, 65536), 40)]
    for port in ports:
        yield f"UDP to port {port}", ctx.udp(port, ctx.junk(24))
        if port in QUESTIONS:
            yield f"UDP to port {port}, a question", ctx.udp(port, QUESTIONS[port])
    for src in ctx.members:
        for port in ctx.pick(ports, 40):
            yield (f"UDP to port {port} as {packets.text(src)}",
                   ctx.udp(port, QUESTIONS.get(port, ctx.junk(24)), src=src))


def udp_odd(ctx):
    """UDP with wrong sums and lengths, from odd ports"""
    for port in (53, 123, 4500, 4570, 4571, 51236):
        for name, how in {"no sum": {"check": 0}, "a wrong sum": {"check": 0x1234},
                          "length 0": {"length": 0}, "length 7": {"length": 7},
                          "length 65535": {"length": 65535}, "length 9": {"length": 9}}.items():
            yield f"UDP to port {port}, {name}", ctx.udp(port, ctx.junk(32), **how)
        for sport in (1, 7, 53, 67, 123, 500, 4500, 4570, 4571, port):
            yield f"UDP from port {sport} to {port}", ctx.udp(port, ctx.junk(32), sport=sport)
        for size in (0, 1, 3, 4, 8, 1200, 1452):
            yield f"UDP to port {port}, {size} octets", ctx.udp(port, ctx.junk(size))
        for size in range(8):
            datagram = packets.udp(ctx.me, ctx.you, ctx.port(), port)[:size]
            yield f"UDP, {size} octets of its header", ctx.ip(packets.UDP, datagram)


def others(ctx):
    """SCTP, DCCP, UDP-Lite, ESP, AH"""
    init = struct.pack("!IIHHI", 0x11223344, 65536, 10, 10, 1)
    chunks = [("INIT", [(1, 0, init)], 0)] + \
        [(f"chunk {kind}", [(kind, 0, bytes(12))], 0x55667788)
         for kind in (*range(0, 16), 63, 64, 128, 129, 130, 192, 193, 255)]
    for src_text, src in ctx.sources():
        for port in (5, 22, 80, 443, 2905, 3868, 4570, 5000, 36412, 51237):
            for name, chunk, tag in chunks if port == 5 or ctx.full else chunks[:4]:
                yield (f"SCTP {name} to port {port}{src_text}",
                       ctx.ip(packets.SCTP, packets.sctp(ctx.port(), port, chunk, tag), src))
        for port in (5, 80, 5001):
            for kind in range(16):
                yield (f"DCCP type {kind} to port {port}{src_text}",
                       ctx.ip(packets.DCCP,
                              packets.dccp(src or ctx.me, ctx.you, ctx.port(), port, kind), src))
        for port in (7, 53, 4570, 51238):
            yield (f"UDP-Lite to port {port}{src_text}",
                   ctx.ip(packets.UDPLITE, packets.udp(src or ctx.me, ctx.you, ctx.port(), port,
                                                       ctx.junk(24), proto=packets.UDPLITE), src))
        # 0x0c01ffff: of the blocks that the plugin leaves
        for spi in (0, 1, 255, 256, 0x0c01ffff, 0xc0000000, 0xffffffff, ctx.chance.getrandbits(32)):
            for size in (0, 8, 40, 200):
                yield (f"ESP with SPI {spi:#x}, {size} octets{src_text}",
                       ctx.ip(packets.ESP, struct.pack("!II", spi, 1) + ctx.junk(size), src))
            yield (f"AH with SPI {spi:#x}{src_text}",
                   ctx.ip(packets.AH, struct.pack("!BBHII", ctx.icmp, 4, 0, spi, 1) + bytes(12) +
                          ctx.echo(), src))
            for port in (4500, 4570, 4571):
                yield (f"ESP with SPI {spi:#x} in UDP to port {port}{src_text}",
                       ctx.udp(port, struct.pack("!II", spi, 1) + ctx.junk(40), src, sport=port))
