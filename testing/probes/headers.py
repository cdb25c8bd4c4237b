# SPDX-License-Identifier: GPL-2.0-or-later
"""Probes of IP itself: options, extension headers, fragments, and what is malformed."""

import struct

from . import packets
from .packets import DESTINATION, FRAGMENT, HOP, NONE, ROUTING, TCP, UDP, extension, fragment6

SYN = 2


def payloads(ctx, src=None):
    """What rides on an odd header: protocol, data."""
    me = src or ctx.me
    return (("an echo request", ctx.icmp, ctx.echo(src)),
            ("UDP", UDP, packets.udp(me, ctx.you, ctx.port(), 51241, ctx.junk(16))),
            ("TCP S", TCP, packets.tcp(me, ctx.you, ctx.port(), 80, SYN)))


def options4(ctx):
    """options of IPv4, right and wrong"""
    me, you = ctx.me, ctx.you
    good = {
        "record route": b"\x07\x0f\4" + bytes(12), "record route, full": b"\x07\x07\x08" + me,
        "timestamp": b"\x44\x0c\5\0" + bytes(8), "timestamp with addresses":
            b"\x44\x0c\5\1" + bytes(8), "timestamp of one": b"\x44\x0c\5\3" + you + bytes(4),
        "timestamp, full": b"\x44\4\5\xf0", "loose source route": b"\x83\x07\4" + me,
        "loose source route, done": b"\x83\x07\x08" + me, "strict source route": b"\x89\x07\4" + me,
        "strict source route to others": b"\x89\x0b\4" + bytes((10, 9, 8, 7)) + me,
        "router alert": b"\x94\4\0\0", "router alert 1": b"\x94\4\0\1",
        "security": b"\x82\x0b" + bytes(9), "CIPSO": b"\x86\x0a" + bytes(8), "stream": b"\x88\4\0\1",
        "quick start": b"\x19\x08" + bytes(6), "MTU probe": b"\x0b\4\5\xdc",
        "40 of NOP": b"\1" * 40, "end, then others": b"\0\x07\x03\4" + bytes(4),
    }
    bad = {
        "record route of length 0": b"\x07\0\4\0", "of length 1": b"\x07\1\4\0",
        "of length 2": b"\x07\2\0\0", "beyond the header": b"\x07\x28\4\0",
        "record route, pointer 0": b"\x07\x07\0" + bytes(4),
        "record route, pointer 3": b"\x07\x07\3" + bytes(4),
        "record route, pointer 5": b"\x07\x07\5" + bytes(4),
        "timestamp of length 3": b"\x44\3\5\0", "timestamp, pointer 1": b"\x44\x08\1\0" + bytes(4),
        "timestamp, flag 7": b"\x44\x0c\5\7" + bytes(8), "timestamp, pointer 200":
            b"\x44\x0c\xc8\1" + bytes(8), "source route of length 2": b"\x83\2\0\0",
        "source route, pointer 1": b"\x83\x07\1" + me, "two source routes":
            b"\x83\x07\4" + me + b"\x89\x07\4" + me, "router alert of length 3": b"\x94\3\0\0",
        "router alert of length 5": b"\x94\5\0\0\0", "CIPSO of length 4": b"\x86\4\0\0",
        "CIPSO, a bad tag": b"\x86\x0a\0\0\0\1\x01\xff\0\0", "security of length 1": b"\x82\1",
        "the length is missing": b"\1\1\1\x07",
    }
    for src_text, src in ctx.sources():
        for name, option in {**good, **bad}.items():
            for what, proto, data in payloads(ctx, src):
                yield f"{what} with {name}{src_text}", ctx.ip(proto, data, src, options=option)
        if src:
            continue
        for kind in range(256):
            for length in (0, 1, 3, 4, 8, 39, 255) if ctx.full else (0, 4, 255):
                option = (bytes((kind, length)) + bytes(min(max(length, 2), 38) - 2))[:40]
                yield (f"option {kind} of length {length}",
                       ctx.ip(ctx.icmp, ctx.echo(), options=option))


def malformed4(ctx):
    """headers of IPv4 that are wrong"""
    for what, proto, data in payloads(ctx):
        for name, how in {
                "version 0": {"version": 0}, "version 5": {"version": 5}, "version 6": {"version": 6},
                "IHL 0": {"ihl": 0}, "IHL 4": {"ihl": 4}, "IHL 6": {"ihl": 6}, "IHL 15": {"ihl": 15},
                "length 0": {"total": 0}, "length 19": {"total": 19}, "length 20": {"total": 20},
                "length 24": {"total": 24}, "length 1000": {"total": 1000},
                "length 65535": {"total": 65535}, "a wrong sum": {"check": 0x1234},
                "no sum": {"check": 0}, "TTL 0": {"ttl": 0}, "TTL 1": {"ttl": 1},
                "the reserved bit": {"flags": 4}, "DF": {"flags": 2}, "TOS 255": {"tos": 255},
                "number 0": {"ident": 0}}.items():
            yield f"{what}, {name}", ctx.ip(proto, data, **how)
        packet = ctx.ip(proto, data)
        for size in range(0, len(packet), 1 if ctx.full else 3):
            yield f"{what}, {size} octets of it", packet[:size]
        yield f"{what}, more behind it", packet + ctx.junk(30)


def fragments4(ctx):
    """fragments of IPv4"""
    for src_text, src in ctx.sources():
        for what, proto, data in payloads(ctx, src):
            data += bytes(-len(data) % 8) + ctx.junk(64)
            number = ctx.ident

            def part(begin, end, more, ident, how=0, offset=None):
                return ctx.ip(proto, data[begin:end], src, ident=ident, flags=more | how,
                              offset=begin // 8 if offset is None else offset)

            sizes = len(data)
            yield f"{what}, a first fragment{src_text}", part(0, 24, 1, number())
            yield f"{what}, a middle fragment{src_text}", part(8, 32, 1, number())
            yield f"{what}, a last fragment{src_text}", part(16, sizes, 0, number())
            yield f"{what}, a first fragment with DF{src_text}", part(0, 24, 1, number(), 2)
            yield f"{what}, an empty fragment{src_text}", part(0, 0, 1, number())
            yield f"{what}, a fragment of 5 octets{src_text}", part(0, 5, 1, number())
            yield (f"{what}, a fragment that ends beyond 65535{src_text}",
                   part(0, 64, 0, number(), offset=8189))
            for name, order in {
                    "two fragments": [(0, 24, 1), (24, sizes, 0)],
                    "two fragments, the last first": [(24, sizes, 0), (0, 24, 1)],
                    "tiny fragments": [(at, at + 8, at + 8 < sizes) for at in range(0, sizes, 8)],
                    "overlapping fragments": [(0, 32, 1), (24, sizes, 0)],
                    "a fragment inside another": [(0, 40, 1), (8, 24, 0), (40, sizes, 0)],
                    "the same twice": [(0, 24, 1), (0, 24, 1), (24, sizes, 0)],
                    "two ends": [(0, 24, 1), (24, 48, 0), (24, sizes, 0)],
                    "a hole": [(0, 16, 1), (32, sizes, 0)]}.items():
                ident = number()
                for begin, end, more in order:
                    yield f"{what}, {name}{src_text}", part(begin, end, int(more), ident)


def options6():
    """Options of hop-by-hop and destination headers: name, octets."""
    for action in range(4):
        yield f"unknown option, action {action}", bytes((action << 6 | 0x3e, 4)) + bytes(4)
        yield f"experimental option, action {action}", bytes((action << 6 | 0x1e, 0))
    yield "PadN that is not zero", b"\1\4ABCD"
    yield "padding of 12", b"\1\x0c" + bytes(12)
    yield "eight of Pad1", bytes(8)
    yield "beyond the header", b"\x3e\xff\0\0"
    yield "the length is missing", b"\1\2\0\0\0\xfe"
    yield "jumbo", b"\xc2\4\0\1\0\0"
    yield "jumbo, small", b"\xc2\4\0\0\0\x10"
    yield "jumbo of length 5", b"\xc2\5\0\1\0\0\0"
    yield "router alert", b"\5\2\0\0"
    yield "router alert, other", b"\5\2\xff\xff"
    yield "router alert of length 3", b"\5\3\0\0\0"
    yield "tunnel limit 0", b"\4\1\0"
    yield "home address", b"\xc9\x10" + bytes(16)
    yield "home address of length 4", b"\xc9\4" + bytes(4)
    yield "CALIPSO", b"\7\x08" + bytes(8)
    yield "CALIPSO, wrong", b"\7\2\xff\xff"
    yield "quick start", b"\x26\6" + bytes(6)
    yield "IOAM", b"\x31\2\0\0"
    yield "RPL", b"\x63\4" + bytes(4)


def extensions6(ctx):
    """extension headers of IPv6, right and wrong"""
    for src_text, src in ctx.sources():
        for what, proto, data in payloads(ctx, src):
            for head_name, head in (("hop-by-hop", HOP), ("destination", DESTINATION)):
                for name, option in options6():
                    yield (f"{what} behind {head_name} with {name}{src_text}",
                           ctx.ip(head, extension(proto, option) + data, src))
                for length in (1, 5, 255):
                    yield (f"{what} behind {head_name}, length {length}{src_text}",
                           ctx.ip(head, bytes((proto, length)) + bytes(6) + data, src))
            for kind in (0, 1, 2, 3, 4, 5, 6, 253, 254, 255):
                for left in (0, 1, 2, 255):
                    body = bytes((kind, left)) + bytes(4) + ctx.me + ctx.you
                    yield (f"{what} behind routing {kind}, {left} left{src_text}",
                           ctx.ip(ROUTING, extension(proto, body) + data, src))
                yield (f"{what} behind routing {kind} of 8 octets{src_text}",
                       ctx.ip(ROUTING, extension(proto, bytes((kind, 1))) + data, src))
            if src:
                continue
            pad = b"\1\4" + bytes(4)
            for name, order in {
                    "hop-by-hop twice": (HOP, HOP), "hop-by-hop after destination":
                        (DESTINATION, HOP), "hop-by-hop after routing": (ROUTING, HOP),
                    "destination twice": (DESTINATION, DESTINATION), "many destination":
                        (DESTINATION,) * 12, "all": (HOP, DESTINATION, ROUTING, DESTINATION),
                    "routing twice": (ROUTING, ROUTING)}.items():
                packet, following = data, proto
                for head in reversed(order):
                    body = bytes((0, 0)) + bytes(4) if head == ROUTING else pad
                    packet, following = extension(following, body) + packet, head
                yield f"{what}, {name}", ctx.ip(following, packet)
    for head in (HOP, DESTINATION, ROUTING, FRAGMENT):
        for size in range(0, 8):
            yield (f"header {head}, {size} octets of it",
                   ctx.ip(head, extension(NONE, b"\1\4" + bytes(4))[:size]))
        for following in ctx.pick(range(256), 60):
            yield (f"protocol {following} behind header {head}",
                   ctx.ip(head, extension(following, bytes(6)) + ctx.junk(40)))
    for chain in (135, 139, 140, 253, 254):
        yield (f"an echo request behind header {chain}",
               ctx.ip(chain, extension(ctx.icmp, bytes(6)) + ctx.echo()))
    yield "nothing behind the header", ctx.ip(NONE, b"")
    yield "more behind no next header", ctx.ip(NONE, ctx.junk(40))


def malformed6(ctx):
    """headers of IPv6 that are wrong"""
    for what, proto, data in payloads(ctx):
        for name, how in {
                "version 4": {"version": 4}, "version 0": {"version": 0}, "length 0": {"length": 0},
                "length 1": {"length": 1}, "length too large": {"length": len(data) + 100},
                "length 65535": {"length": 65535}, "hops 0": {"hops": 0}, "hops 1": {"hops": 1},
                "class 255": {"tos": 255}}.items():
            yield f"{what}, {name}", ctx.ip(proto, data, **how)
        packet = ctx.ip(proto, data)
        for size in range(0, len(packet), 1 if ctx.full else 5):
            yield f"{what}, {size} octets of it", packet[:size]
        yield f"{what}, more behind it", packet + ctx.junk(30)
        # with a length of zero the option says the length
        jumbo = extension(proto, b"\xc2\4" + struct.pack("!I", 65536 + len(data)))
        yield f"{what}, jumbo", ctx.ip(HOP, jumbo + data, length=0)


def fragments6(ctx):
    """fragments of IPv6"""
    for src_text, src in ctx.sources():
        for what, proto, data in payloads(ctx, src):
            data += bytes(-len(data) % 8) + ctx.junk(64)
            sizes = len(data)

            def part(begin, end, more, ident, offset=None, following=proto, reserved=0):
                head = fragment6(following, begin // 8 if offset is None else offset, more, ident,
                                 reserved)
                return ctx.ip(FRAGMENT, head + data[begin:end], src)

            yield f"{what}, an atomic fragment{src_text}", part(0, sizes, 0, ctx.ident())
            yield f"{what}, atomic, reserved bits{src_text}", part(0, sizes, 0, ctx.ident(),
                                                                   reserved=255)
            yield f"{what}, a first fragment{src_text}", part(0, 24, 1, ctx.ident())
            yield f"{what}, a middle fragment{src_text}", part(8, 32, 1, ctx.ident())
            yield f"{what}, a last fragment{src_text}", part(16, sizes, 0, ctx.ident())
            yield f"{what}, a first fragment of 13 octets{src_text}", part(0, 13, 1, ctx.ident())
            yield f"{what}, an empty fragment{src_text}", part(0, 0, 1, ctx.ident())
            yield (f"{what}, a fragment that ends beyond 65535{src_text}",
                   part(0, 64, 0, ctx.ident(), offset=8189))
            for following in (0, 43, 44, 50, 51, 59, 60, 253):
                yield (f"{what}, a first fragment of header {following}{src_text}",
                       part(0, 24, 1, ctx.ident(), following=following))
            for name, order in {
                    "two fragments": [(0, 24, 1), (24, sizes, 0)],
                    "two fragments, the last first": [(24, sizes, 0), (0, 24, 1)],
                    "tiny fragments": [(at, at + 8, at + 8 < sizes) for at in range(0, sizes, 8)],
                    "overlapping fragments": [(0, 32, 1), (24, sizes, 0)],
                    "the same twice": [(0, 24, 1), (0, 24, 1), (24, sizes, 0)],
                    "two ends": [(0, 24, 1), (24, 48, 0), (24, sizes, 0)],
                    "a hole": [(0, 16, 1), (32, sizes, 0)]}.items():
                ident = ctx.ident()
                for begin, end, more in order:
                    yield f"{what}, {name}{src_text}", part(begin, end, int(more), ident)
            nested = fragment6(FRAGMENT, 0, 0, ctx.ident()) + fragment6(proto, 0, 0, ctx.ident())
            yield f"{what}, a fragment in another{src_text}", ctx.ip(FRAGMENT, nested + data, src)
