# SPDX-License-Identifier: GPL-2.0-or-later
"""Probes of this project's own messages: invented, given, bent, replayed, and those
of a member that has been removed."""

import os
import re
import struct
import sys
import time

from . import packets

COI, IDLE = 4570, 4571
LARGEST = 65000
# datagrams of a folder or a capture that are taken, of a datagram's octets that are bent
MOST, BENT = 400, 120


class Unusable(Exception):
    """A file that was given is not what it should be; the text says why."""


def header(version, kind, suite, segment, spi_i, spi_r, rest):
    """That of a PDU, without a right digest."""
    return struct.pack("!IBBBBQQ", 0, version, kind, suite, segment, spi_i, spi_r) + rest


def invented(ctx):
    """PDUs that nobody has made, of each type"""
    now = int(time.time() * 1000)
    for src_text, src in ctx.sources():
        for port in (COI, IDLE):
            for size in (0, 1, 3, 4, 5, 8, 24, 55, 56, 57, 72, 200, 208, 1071, 1072, 1073, 1232):
                yield (f"{size} octets to port {port}{src_text}",
                       ctx.udp(port, ctx.junk(size), src, sport=port))
            for version in (0, 1, 2, 255):
                for kind in (*range(9), 255):
                    for suite in (0, 1, 2, 3):
                        body = header(version, kind, suite, 0, 7, 0, ctx.junk(40) +
                                      struct.pack("!Q", now) + ctx.junk(992))
                        yield (f"PDU of version {version}, type {kind}, suite {suite} to port "
                               f"{port}{src_text}", ctx.udp(port, body, src, sport=port))


def bent(datagram, full):
    """What becomes of a datagram when one thing is changed: how, octets."""
    yield "as it was", datagram
    for at in range(0, min(len(datagram), BENT), 1 if full else 4):
        for name, value in (("a bit", datagram[at] ^ 1), ("0", 0), ("255", 255)):
            if value != datagram[at]:
                yield (f"octet {at}: {name}",
                       datagram[:at] + bytes((value,)) + datagram[at + 1:])
    for size in sorted({*range(0, min(len(datagram), 64), 8), len(datagram) // 2,
                        len(datagram) - 1} - {-1}):
        yield f"{size} octets of it", datagram[:size]
    yield "an octet more", datagram + b"\0"
    yield "twice", (datagram + datagram)[:LARGEST]


def folder(path):
    """The files of a folder as (name, octets), the shortest paths first."""
    found = []
    for top, _, files in os.walk(path):
        found += [os.path.join(top, name) for name in files]
    if not found:
        raise Unusable(f"{path}: no file in it")
    out = []
    for file in sorted(found, key=lambda name: (len(name), name))[:MOST]:
        with open(file, "rb") as stream:
            out.append((os.path.relpath(file, path), stream.read(LARGEST + 1)))
    return [(name, data) for name, data in out if len(data) <= LARGEST]


def given(ctx, files, known=()):
    """Datagrams from files, each bent in many ways."""
    for number, (name, data) in enumerate([*known, *files]):
        whole = ctx.full or number < 4
        for how, octets in bent(data, ctx.full) if whole else (("as it was", data),):
            if len(octets) > 1400:
                continue
            for src_text, src in ctx.sources() if how == "as it was" else (("", None),):
                for sport in (COI, None) if how == "as it was" else (COI,):
                    yield (f"datagram {name}, {how}{src_text}",
                           ctx.udp(COI, octets, src, sport=sport))
                    if how == "as it was":
                        yield (f"datagram {name} to port {IDLE}{src_text}",
                               ctx.udp(IDLE, octets, src, sport=sport))


def capture(path):
    """The packets of IP in a capture, pcap of Ethernet or raw IP."""
    with open(path, "rb") as stream:
        data = stream.read(64 << 20)
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<",
             b"\xa1\xb2\x3c\x4d": ">"}.get(data[:4])
    if not order or len(data) < 24:
        raise Unusable(f"{path}: no capture of tcpdump -w (pcap)")
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xffff
    skip = {1: 14, 101: 0, 12: 0, 113: 16, 276: 20}.get(link)
    if skip is None:
        raise Unusable(f"{path}: link type {link} is not known, only Ethernet and raw IP")
    at, out = 24, []
    while at + 16 <= len(data) and len(out) < MOST:
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        packet = data[at + 16 + skip:at + 16 + size]
        at += 16 + size
        if len(packet) >= 20 and packet[0] >> 4 in (4, 6):
            out.append(packet)
    if not out:
        raise Unusable(f"{path}: no packet of IP in it")
    return out


def parts(packet):
    """Source, destination, protocol and payload; none if it is cut off."""
    if packet[0] >> 4 == 6:
        if len(packet) < 40:
            return None
        return packet[8:24], packet[24:40], packet[6], packet[40:40 + int.from_bytes(packet[4:6], "big")]
    size = (packet[0] & 15) * 4
    return (packet[12:16], packet[16:20], packet[9],
            packet[size:int.from_bytes(packet[2:4], "big")])


def replayed(ctx, recorded):
    """Packets of a capture, as they were and from us."""
    payloads = []
    for packet in recorded:
        found = parts(packet)
        if not found or len(found[0]) != len(ctx.you):
            continue
        src, dst, proto, data = found
        if proto == packets.UDP and len(data) > 8:
            payloads.append((f"of the capture {len(payloads) + 1}", data[8:]))
        if dst == ctx.you:
            name = f"protocol {proto} from {packets.text(src)}"
            yield f"replay of {name}", packet
            if proto not in (packets.TCP, packets.UDP):
                yield f"replay of {name}, from us", ctx.ip(proto, data)
            elif proto == packets.UDP:
                sport, dport = struct.unpack("!HH", data[:4])
                yield (f"replay of {name}, from us",
                       ctx.udp(dport, data[8:], sport=sport))
                yield (f"replay of {name}, from us, another port", ctx.udp(dport, data[8:]))
    yield from given(ctx, payloads)


def keys(path):
    """The communities of a file as swanctl.conf has them: (name, key)."""
    with open(path, encoding="utf-8", errors="replace") as stream:
        text = stream.read(1 << 20)
    found = []
    for block in re.findall(r"\{([^{}]*)\}", text):
        name = re.search(r'^\s*id\w*\s*=\s*"?([^"\n#]+?)"?\s*$', block, re.M)
        key = re.search(r"^\s*secret\s*=\s*0x([0-9a-fA-F]{64})\s*$", block, re.M)
        if name and key:
            found.append((name.group(1).encode(), bytes.fromhex(key.group(1))))
    if not found:
        raise Unusable(f"{path}: no community's key in it (a section with id, and secret = 0x and "
                       "64 hexadecimal digits)")
    return found


class Member:
    """Makes what a member with some keys would send, by the reference implementation."""

    def __init__(self, found):
        reference = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))),
                                 "reference")
        sys.path.insert(0, reference)
        try:
            from coi import config, crypto, hostile
        except ImportError as error:
            raise Unusable(f"--key needs {reference} and python3-cryptography: {error}") from None
        finally:
            sys.path.remove(reference)
        self.found, self.config, self.crypto, self.hostile = found, config, crypto, hostile

    def probes(self, ctx):
        """Sess0 of one who has, or had, the key: right ones, and wrong in one place"""
        to = bytes(10) + b"\xff\xff" + ctx.you if not ctx.six else ctx.you
        now = int(time.time() * 1000)
        for suite_name, suite in self.crypto.BY_NAME.items():
            own = [self.config.Key(name, key, suite) for name, key in self.found]
            for src_text, src in ctx.sources():
                for sport in (COI, None):
                    craft = self.hostile.Craft(own, to, now, self.crypto.Random())
                    yield (f"Sess0 of the key, suite {suite_name}{src_text}",
                           ctx.udp(COI, craft.make(), src, sport=sport))
                for name, entry in self.hostile.SESS0.items():
                    craft = self.hostile.Craft(own, to, now, self.crypto.Random())
                    data = entry[2](craft)
                    if len(data) <= 1450:
                        yield (f"Sess0 of the key, {name}, suite {suite_name}{src_text}",
                               ctx.udp(COI, data, src, sport=COI))
                    if src and not ctx.full:
                        break
