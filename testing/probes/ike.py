# SPDX-License-Identifier: GPL-2.0-or-later
"""Probes of IKE, version 1 and 2."""

import struct

HDR, SA, KE, NONCE, ID1, HASH, NOTIFY2, DELETE2 = 0, 33, 34, 40, 5, 8, 41, 42
MARKER = bytes(4)


def message(spi_i, spi_r, first, version, exchange, flags, ident, body, length=None):
    """An IKE message."""
    return struct.pack("!8s8sBBBBII", spi_i, spi_r, first, version, exchange, flags, ident,
                       28 + len(body) if length is None else length) + body


def payload(following, data, critical=0):
    """A payload with its header."""
    return struct.pack("!BBH", following, critical, 4 + len(data)) + data


def proposal2():
    """An SA payload of IKEv2 that most accept: AES, SHA2, X25519, MODP-2048, ECP-256."""
    transforms = [(1, 12, 256), (1, 20, 256), (2, 5, 0), (3, 12, 0), (4, 31, 0), (4, 14, 0),
                  (4, 19, 0)]
    data = b""
    for number, (kind, ident, bits) in enumerate(transforms):
        last = number == len(transforms) - 1
        attribute = struct.pack("!HH", 0x800e, bits) if bits else b""
        data += struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attribute), kind, 0,
                            ident) + attribute
    return struct.pack("!BBHBBBB", 0, 0, 8 + len(data), 1, 1, 0, len(transforms)) + data


def proposal1():
    """An SA payload of IKEv1: AES, SHA1, PSK, MODP-1024."""
    attributes = struct.pack("!12H", 0x8001, 7, 0x800e, 128, 0x8002, 2, 0x8003, 1, 0x8004, 2,
                             0x800b, 1) + struct.pack("!HHI", 0x000c, 4, 86400)
    transform = struct.pack("!BBHBBH", 0, 0, 8 + len(attributes), 1, 1, 0) + attributes
    proposal = struct.pack("!BBHBBBB", 0, 0, 8 + len(transform), 1, 1, 0, 1) + transform
    return struct.pack("!II", 1, 1) + proposal


def messages(ctx):
    """Name and octets of each."""
    junk = ctx.junk
    zero = bytes(8)
    init = payload(KE, proposal2()) + payload(NONCE, struct.pack("!HH", 31, 0) + junk(32)) + \
        payload(0, junk(32))
    yield "IKE_SA_INIT", message(junk(8), zero, SA, 0x20, 34, 8, 0, init)
    yield "IKE_SA_INIT, answer", message(junk(8), junk(8), SA, 0x20, 34, 0x20, 0, init)
    yield "IKE_SA_INIT, other group", message(junk(8), zero, SA, 0x20, 34, 8, 0, payload(
        KE, proposal2()) + payload(NONCE, struct.pack("!HH", 1, 0) + junk(96)) +
        payload(0, junk(32)))
    yield "IKE_SA_INIT, a cookie", message(junk(8), zero, NOTIFY2, 0x20, 34, 8, 0, payload(
        SA, struct.pack("!BBH", 0, 0, 16390) + junk(20)) + init)
    yield "IKE_SA_INIT, no payload", message(junk(8), zero, 0, 0x20, 34, 8, 0, b"")
    yield "IKE_SA_INIT, unknown critical payload", message(
        junk(8), zero, 200, 0x20, 34, 8, 0, payload(0, b"x", 0x80))
    yield "IKE_SA_INIT, too long", message(junk(8), zero, SA, 0x20, 34, 8, 0, init, 5000)
    for exchange, name in ((35, "IKE_AUTH"), (36, "CREATE_CHILD_SA"), (37, "INFORMATIONAL"),
                           (38, "SESSION_RESUME"), (43, "INTERMEDIATE"), (240, "unknown")):
        for responder in (zero, junk(8)):
            yield name, message(junk(8), responder, 46, 0x20, exchange, 8, 1,
                                payload(0, junk(64)))
    yield "INFORMATIONAL, DELETE in clear", message(junk(8), junk(8), DELETE2, 0x20, 37, 8, 1,
                                                    payload(0, b"\1\0\0\0"))
    for version in (0x00, 0x11, 0x21, 0x2f, 0x30, 0x40, 0xff):
        yield f"version {version:#x}", message(junk(8), zero, SA, version, 34, 8, 0, init)
    main = payload(0, proposal1())
    yield "main mode", message(junk(8), zero, 1, 0x10, 2, 0, 0, main)
    yield "main mode, too long", message(junk(8), zero, 1, 0x10, 2, 0, 0, main, 4000)
    aggressive = payload(4, proposal1()) + payload(10, junk(128)) + payload(5, junk(16)) + \
        payload(0, b"\2\x11\1\xf4x.example")
    yield "aggressive mode", message(junk(8), zero, 1, 0x10, 4, 0, 0, aggressive)
    for exchange, name in ((1, "base mode"), (5, "informational"), (6, "transaction"),
                           (32, "quick mode"), (33, "new group"), (240, "unknown mode")):
        for ident in (0, 0x12345678):
            yield f"IKEv1 {name}", message(junk(8), zero, 8, 0x10, exchange, 0, ident,
                                           payload(0, junk(20)))
    yield "IKEv1 delete", message(junk(8), junk(8), 12, 0x10, 5, 0, 1,
                                  payload(0, struct.pack("!IBBH", 1, 1, 16, 1) + junk(16)))
    yield "28 zeros", bytes(28)
    yield "27 octets", junk(27)


def probes(ctx):
    """IKE in both versions, to its ports and ours"""
    for src_text, src in ctx.sources():
        for port in (500, 4500, 4570, 4571):
            for sport in (500, None):
                for name, data in messages(ctx):
                    data = data if port == 500 else MARKER + data
                    yield (f"IKE {name} to port {port}{src_text}",
                           ctx.udp(port, data, src, sport=sport))
                    if not ctx.full and src:
                        break
            yield f"NAT keep-alive to port {port}{src_text}", ctx.udp(port, b"\xff", src)
            yield f"non-ESP marker alone to port {port}{src_text}", ctx.udp(port, MARKER, src)
