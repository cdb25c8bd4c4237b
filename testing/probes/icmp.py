# SPDX-License-Identifier: GPL-2.0-or-later
"""Probes of ICMP, ICMPv6, IGMP and neighbour discovery."""

import struct

from . import packets

# neighbour solicitations have an answer that is allowed; the rest of 133 to 137 has not
NAMES6 = {1: "unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem",
          128: "echo request", 129: "echo reply", 130: "MLD query", 131: "MLD report",
          132: "MLD done", 133: "router solicitation", 134: "router advertisement",
          137: "redirect", 138: "renumbering", 139: "node information", 143: "MLD2 report",
          144: "home agent", 151: "MRD", 160: "extended echo request"}
NAMES4 = {0: "echo reply", 3: "unreachable", 4: "quench", 5: "redirect", 8: "echo request",
          9: "router advertisement", 10: "router solicitation", 11: "time exceeded",
          12: "parameter problem", 13: "timestamp", 15: "information", 17: "address mask",
          30: "traceroute", 33: "where are you", 35: "mobile registration", 37: "domain name",
          40: "photuris", 42: "extended echo request"}


def types(ctx):
    """each type of ICMP"""
    names = NAMES6 if ctx.six else NAMES4
    for src_text, src in ctx.sources():
        for kind in range(256):
            if ctx.six and kind in (134, 135, 136) or not ctx.six and kind == 9:
                continue        # would change its routes or neighbours; 135, 136 are allowed
            codes = range(16) if ctx.full and kind in names else (0, 1)
            for code in codes if not src else (0,):
                rest = ctx.port().to_bytes(2, "big") + b"\0\1"
                yield (f"ICMP type {kind} ({names.get(kind, 'unknown')}) code {code}{src_text}",
                       ctx.ip(ctx.icmp, message(ctx, kind, code, rest, ctx.junk(32), src), src))


def message(ctx, kind, code, rest, data, src=None, dst=None, check=None):
    """An ICMP message of the context's family."""
    if ctx.six:
        return packets.icmp6(src or ctx.me, dst or ctx.you, kind, code, rest, data, check)
    return packets.icmp4(kind, code, rest, data, check)


def requests(ctx):
    """questions of ICMP as they should be, and some that should not"""
    port = ctx.port().to_bytes(2, "big") + b"\0\1"
    for size in (0, 1, 8, 56, 1000, 1400):
        yield f"echo request, {size} octets", ctx.ip(ctx.icmp, ctx.echo(data=ctx.junk(size)))
    for size in range(0, 8):
        yield f"echo request, {size} octets of it", ctx.ip(ctx.icmp, ctx.echo()[:size])
    for check in (0, 0x1234, 0xffff):
        kind = 128 if ctx.six else 8
        yield ("echo request, a wrong sum",
               ctx.ip(ctx.icmp, message(ctx, kind, 0, port, ctx.junk(24), check=check)))
    for hops in (0, 1, 255):
        how = {"hops": hops} if ctx.six else {"ttl": hops}
        yield f"echo request, {hops} hops left", ctx.ping(**how)
    if not ctx.six:
        yield "timestamp", ctx.ip(packets.ICMP, packets.icmp4(13, 0, port, bytes(12)))
        yield "address mask", ctx.ip(packets.ICMP, packets.icmp4(17, 0, port, bytes(4)))
        yield "router solicitation", ctx.ip(packets.ICMP, packets.icmp4(10), ttl=1)
        for subtype in 1, 2, 3:
            yield ("extended echo request", ctx.ip(packets.ICMP, packets.icmp4(
                42, 0, port, struct.pack("!BBHHBB", 0x20, 0, 0, 8, 3, subtype) + bytes(4))))
        yield from igmp(ctx)
        return
    for qtype in range(6):
        for code, data in ((0, ctx.you), (1, b"\4host\0"), (2, ctx.me[:4])):
            body = struct.pack("!HH", qtype, 0x3e) + ctx.junk(8) + data
            yield (f"node information, qtype {qtype}, code {code}",
                   ctx.ip(packets.ICMP6, packets.icmp6(ctx.me, ctx.you, 139, code, body[:4],
                                                       body[4:])))
    yield from neighbours(ctx)
    yield from mld(ctx)


def neighbours(ctx):
    """What of neighbour discovery has no answer, or one to none but us."""
    link = b"\1\1" + ctx.own_mac
    for hops in (1, 254, 255):
        yield (f"router solicitation, {hops} hops",
               ctx.ip(packets.ICMP6, packets.icmp6(ctx.me, ctx.you, 133, 0, data=link), hops=hops))
    # for an address that is not its own, and with what makes it invalid
    nobody = ctx.you[:-2] + b"\xee\xee"
    for name, target, hops, option in (
            ("of another address", nobody, 255, link), ("of too few hops", ctx.you, 64, link),
            ("of a group", packets.octets("ff02::1"), 255, link),
            ("with an option of length 0", ctx.you, 255, b"\1\0" + ctx.own_mac)):
        yield (f"neighbour solicitation {name}",
               ctx.ip(packets.ICMP6, packets.icmp6(ctx.me, ctx.you, 135, 0, data=target + option),
                      hops=hops))
    for target in (ctx.you, *ctx.members):
        quoted = ctx.ping(dst=target)[:80]
        option = b"\4" + bytes(((len(quoted) + 8) // 8,)) + bytes(6) + quoted
        yield ("redirect", ctx.ip(packets.ICMP6, packets.icmp6(
            ctx.me, ctx.you, 137, 0, data=ctx.me + target + option), hops=255))


def mld(ctx):
    """Queries of multicast listeners: what they draw is told apart."""
    everybody = packets.octets("ff02::1")
    source = b"\xfe\x80" + bytes(6) + ctx.own_mac[:3] + b"\xff\xfe" + ctx.own_mac[3:]
    alert = packets.extension(packets.ICMP6, b"\5\2\0\0\1\0")
    for src in (source, ctx.me):
        for dst in (everybody, ctx.you):
            for group in (bytes(16), packets.octets("ff02::fb")):
                for tail in (b"", b"\2\x7d\0\0"):
                    query = packets.icmp6(src, dst, 130, 0, struct.pack("!HH", 100, 0), group + tail)
                    yield ("MLD query", ctx.ip(packets.HOP, alert + query, src, dst, hops=1))


def igmp(ctx):
    """The same in IPv4."""
    for dst in ("224.0.0.1", None):
        dst = packets.octets(dst) if dst else None
        for kind in (0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x1e, 0x1f, 0x22, 0x30):
            for group in (bytes(4), b"\xe0\0\0\xfb"):
                for tail in (b"", bytes(4)):
                    body = packets.icmp4(kind, 100, group, tail)
                    yield (f"IGMP type {kind:#x}",
                           ctx.ip(packets.IGMP, body, dst=dst, ttl=1, options=b"\x94\4\0\0"))


def errors(ctx):
    """ICMP errors about packets that it is said to have sent"""
    for src_text, src in ctx.sources():
        for peer in (ctx.me, *ctx.members):
            quoted = {
                "TCP": ctx.ip(packets.TCP, packets.tcp(ctx.you, peer, 40000, 80, 2), ctx.you, peer),
                "UDP": ctx.ip(packets.UDP, packets.udp(ctx.you, peer, 4570, 4570, bytes(40)),
                              ctx.you, peer),
                "ESP": ctx.ip(packets.ESP, struct.pack("!II", 0xc0000001, 1) + bytes(40), ctx.you,
                              peer),
                "ICMP": ctx.ip(ctx.icmp, ctx.echo(ctx.you, peer), ctx.you, peer),
                "SCTP": ctx.ip(packets.SCTP, packets.sctp(5, 5, [(1, 0, bytes(16))]), ctx.you, peer),
                "half a header": ctx.ping(ctx.you, peer)[:12], "nothing": b"",
                "version 7": b"\x75" + ctx.ping(ctx.you, peer)[1:],
            }
            kinds = {1: range(8), 2: (0,), 3: (0, 1), 4: range(4)} if ctx.six else \
                {3: range(16), 4: (0,), 5: range(4), 11: (0, 1), 12: (0, 1, 2)}
            for kind, codes in kinds.items():
                for code in codes:
                    for name, packet in quoted.items():
                        rest = struct.pack("!I", 1280 if kind in (2, 3) else 0)
                        if kind == 5:
                            rest = ctx.me
                        yield (f"ICMP type {kind} code {code} about {name} of its own{src_text}",
                               ctx.ip(ctx.icmp, message(ctx, kind, code, rest, packet[:128], src),
                                      src))


def groups(ctx):
    """multicast and broadcast, with and without the host's own MAC"""
    if ctx.six:
        texts = ["ff02::1", "ff02::2", "ff02::16", "ff02::fb", "ff02::1:2", "ff02::1:3", "ff01::1",
                 "ff05::1:3", "ff05::2", "ff0e::1234", "ff02::1:ff00:1", "::1", "::",
                 "fe80::1", "2001:db8::1", "::ffff:192.0.2.1"]
        groups_ = [packets.octets(one) for one in texts]
        groups_.append(packets.octets("ff02::1:ff00:0")[:13] + ctx.you[13:])
    else:
        texts = ["224.0.0.1", "224.0.0.2", "224.0.0.22", "224.0.0.251", "224.0.0.252",
                 "239.255.255.250", "232.1.1.1", "255.255.255.255", "127.0.0.1", "0.0.0.0",
                 "169.254.1.1", "240.0.0.1", "198.51.100.1"]
        groups_ = [packets.octets(one) for one in texts]
        groups_ += [ctx.you[:3] + b"\xff", ctx.you[:3] + b"\0", ctx.you[:2] + b"\xff\xff"]
    everybody = b"\xff" * 6
    for dst in groups_:
        name = packets.text(dst)
        own = b"\x33\x33" + dst[12:] if ctx.six else \
            b"\x01\x00\x5e" + bytes((dst[1] & 0x7f,)) + dst[2:]
        for mac_name, mac in (("its MAC", None), ("all MACs", everybody), ("the group's MAC", own)):
            what = f"to {name} with {mac_name}"
            yield f"echo request {what}", ctx.ping(dst=dst), mac
            yield f"TCP S {what}", ctx.tcp(80, 2, dst=dst), mac
            yield f"UDP {what}", ctx.udp(4570, ctx.junk(40), dst=dst), mac
            for port in (5353, 5355, 1900, 137, 123, 67):
                if mac_name != "all MACs":
                    yield f"UDP port {port} {what}", ctx.udp(port, b"\0" * 40, dst=dst), mac
            yield f"protocol 253 {what}", ctx.ip(253, ctx.junk(20), dst=dst), mac
    for name, packet in (("echo request", ctx.ping()), ("TCP S", ctx.tcp(80, 2)),
                         ("UDP", ctx.udp(51239)), ("TCP A", ctx.tcp(80, 16))):
        for mac in (everybody, b"\x01\x00\x5e\0\0\1", b"\x33\x33\0\0\0\1"):
            yield f"{name} to it in a frame for all", packet, mac


def addresses(ctx):
    """source addresses that nobody should have, its own among them"""
    if ctx.six:
        texts = ("::", "::1", "ff02::1", "ff0e::1", "fe80::1", "2001:db8::1", "::ffff:192.0.2.1",
                 "2002:c000:201::1", "fc00::1")
    else:
        texts = ("0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "169.254.0.1",
                 "198.51.100.1", "240.0.0.1", "10.255.255.255", "0.0.0.1")
    for src in (ctx.you, *map(packets.octets, texts),
                *([] if ctx.six else [ctx.you[:3] + b"\xff"])):
        name = packets.text(src)
        yield f"echo request from {name}", ctx.ping(src=src)
        for port in (22, 80, 4570, 51240):
            yield f"TCP S from {name} to port {port}", ctx.tcp(port, 2, src=src)
            yield f"TCP S from {name}, one port", ctx.tcp(port, 2, src=src, sport=port)
            yield f"UDP from {name} to port {port}", ctx.udp(port, ctx.junk(32), src=src)
            yield f"UDP from {name}, one port", ctx.udp(port, ctx.junk(32), src=src, sport=port)
        yield f"protocol 253 from {name}", ctx.ip(253, b"x" * 8, src=src)


def through(ctx):
    """packets for others, which it might forward or send back"""
    others = [ctx.me, *ctx.members]
    others += [packets.octets(one) for one in
               (("2001:db8:1::1", "fec1::10", "fec2::10") if ctx.six else
                ("198.51.100.7", "10.1.0.10", "10.2.0.10", "8.8.8.8"))]
    others.append(ctx.you[:-1] + bytes((ctx.you[-1] ^ 0x40,)))
    for dst in others:
        name = packets.text(dst)
        for src_text, src in ctx.sources():
            if src == dst:
                continue
            yield f"echo request for {name}{src_text}", ctx.ping(src, dst)
            yield f"TCP S for {name}{src_text}", ctx.tcp(80, 2, src, dst)
            yield f"UDP for {name}{src_text}", ctx.udp(53, ctx.junk(24), src, dst)
            how = {"hops": 1} if ctx.six else {"ttl": 1}
            yield f"echo request for {name}, one hop left{src_text}", ctx.ping(src, dst, **how)
            large = ctx.ip(packets.UDP, packets.udp(src or ctx.me, dst, ctx.port(), 53, bytes(1400)),
                           src, dst, **({} if ctx.six else {"flags": 2}))
            yield f"1400 octets for {name}{src_text}", large
