# SPDX-License-Identifier: GPL-2.0-or-later
"""Sections 4 to 7 and 9: how datagrams and messages are laid out."""

import ipaddress
import struct
from dataclasses import dataclass

from .crypto import NONCE_LEN, PLACES, SUITES, Suite
from .refused import refuse_if

VERSION = 1
SESS0, SESS1, SESS2, IDLE, TERM, SESS3 = range(6)
HEADER = 56
MAX_DATAGRAM = 1232
MAX_SEGMENT = 1160
MAX_SEGMENTS = 16
IDLE_LEN = 80 + 16 + 16
SIZES = (4, 16, 96)
NO_SPI = bytes(8)


def address(text):
    """An address as 16 octets; IPv4 as ::ffff:a.b.c.d."""
    ip = ipaddress.ip_address(text.split("%")[0])
    return ip.packed if ip.version == 6 else bytes(10) + b"\xff\xff" + ip.packed


def address_text(octets):
    """The reverse of address()."""
    ip = ipaddress.IPv6Address(octets)
    return str(ip.ipv4_mapped or ip)


@dataclass
class Header:
    """The header of section 4 without its digest."""
    suite: Suite
    type: int
    spi_i: bytes
    spi_r: bytes = NO_SPI
    index: int = 0
    count: int = 1

    def pack(self, digest=bytes(32)):
        """The 56 octets."""
        return bytes(4) + bytes([VERSION, self.type, self.suite.id, self.index << 4 | self.count - 1]) \
            + self.spi_i + self.spi_r + digest

    def context(self):
        """context(m) of section 4."""
        return bytes([VERSION, self.type, self.suite.id, 0]) + self.spi_i + self.spi_r


def parse_header(d, tunnel=False):
    """Section 14.1, steps 1 to 3, and 14.2, step 1. Returns the Header."""
    refuse_if(len(d) < HEADER, "short")
    refuse_if(any(d[:4]), "marker")
    refuse_if(d[4] != VERSION, "version")
    refuse_if(d[5] > SESS3 or (d[5] == IDLE) != tunnel, "type")
    refuse_if(d[6] not in SUITES, "suite")
    suite = SUITES[d[6]]
    h = Header(suite, d[5], d[8:16], d[16:24], d[7] >> 4, (d[7] & 15) + 1)
    low, high = {SESS0: (suite.sess0_len, suite.sess0_len), IDLE: (IDLE_LEN, IDLE_LEN),
                 TERM: (suite.term_min, suite.term_max)}.get(h.type, (73, MAX_DATAGRAM))
    refuse_if(not low <= len(d) <= high, "length")
    refuse_if(h.index >= h.count or h.type in (IDLE, TERM) and d[7], "segment")
    refuse_if(h.spi_i == NO_SPI or (h.spi_r == NO_SPI) != (h.type == SESS0), "spi")
    return h


def with_digest(header, covered):
    """The header of a datagram whose digest is over `covered`."""
    return header.pack(header.suite.H(covered)[:32])


def cut(suite, kind, spi_i, spi_r, gate, message):
    """Section 4: a message as the datagrams of its segments."""
    parts = [message[i:i + MAX_SEGMENT] for i in range(0, len(message), MAX_SEGMENT)]
    if not 1 <= len(parts) <= MAX_SEGMENTS:
        raise ValueError("message of %d octets" % len(message))
    out = []
    for i, part in enumerate(parts):
        head = with_digest(Header(suite, kind, spi_i, spi_r, i, len(parts)), part)
        out.append(head + suite.MAC16(gate, head[4:56]) + part)
    return out


class Segments:
    """Segments of one message on their way in (section 4)."""

    def __init__(self):
        self.count, self.spi_r, self.parts, self.raw = 0, None, {}, {}

    def add(self, h, d):
        """Store a segment whose tag and digest are right; the message once it is complete, else None."""
        segment = d[72:]
        refuse_if(self.count and (h.count != self.count or h.spi_r != self.spi_r), "segment")
        refuse_if(self.parts.get(h.index, segment) != segment, "segment")
        self.count, self.spi_r = h.count, h.spi_r
        self.parts[h.index] = segment
        self.raw[h.index] = d
        if len(self.parts) < self.count:
            return None
        return b"".join(self.parts[i] for i in range(self.count))


@dataclass
class Message1:
    """message 1 of section 6."""
    nonce_r: bytes
    parts: int
    etags: list
    entries: list
    info: bytes
    signature: bytes = b""

    def unsigned(self):
        """message 1 without its signature."""
        return self.nonce_r + struct.pack(">HBB", self.parts, len(self.etags), 0) + b"".join(self.etags) \
            + b"".join(self.entries) + struct.pack(">H", len(self.info)) + self.info

    def pack(self):
        """message 1."""
        return self.unsigned() + self.signature

    @classmethod
    def parse(cls, suite, m):
        """Section 14.2, step 8, for Sess1."""
        size, sign = suite.entry_len, suite.sig_len
        refuse_if(len(m) < NONCE_LEN + 4, "malformed")
        parts, n, zero = struct.unpack_from(">HBB", m, NONCE_LEN)
        refuse_if(n not in SIZES or zero or not parts, "malformed")
        at = NONCE_LEN + 4
        end = at + n * (16 + size)
        refuse_if(len(m) < end + 2, "malformed")
        etags = [m[at + 16 * i:at + 16 * i + 16] for i in range(n)]
        at += 16 * n
        entries = [m[at + size * i:at + size * (i + 1)] for i in range(n)]
        (length,) = struct.unpack_from(">H", m, end)
        refuse_if(len(m) != end + 2 + length + sign, "malformed")
        return cls(m[:NONCE_LEN], parts, etags, entries, m[end + 2:end + 2 + length], m[-sign:])


@dataclass
class Message2:
    """message 2 of section 7."""
    key: bytes
    info: bytes
    signature: bytes = b""

    def unsigned(self):
        """message 2 without its signature."""
        return self.key + struct.pack(">H", len(self.info)) + self.info

    def pack(self):
        """message 2."""
        return self.unsigned() + self.signature

    @classmethod
    def parse(cls, suite, m):
        """Section 14.2, step 8, for Sess2."""
        size, sign = suite.dh_len + 16, suite.sig_len
        refuse_if(len(m) < size + 2, "malformed")
        (length,) = struct.unpack_from(">H", m, size)
        refuse_if(len(m) != size + 2 + length + sign, "malformed")
        return cls(m[:size], m[size + 2:size + 2 + length], m[-sign:])


@dataclass
class Message3:
    """message 3 of section 7.1."""
    info: bytes
    signature: bytes = b""

    def unsigned(self):
        """message 3 without its signature."""
        return struct.pack(">H", len(self.info)) + self.info

    def pack(self):
        """message 3."""
        return self.unsigned() + self.signature

    @classmethod
    def parse(cls, suite, m):
        """Section 14.2, step 8, for Sess3."""
        refuse_if(len(m) < 2, "malformed")
        (length,) = struct.unpack_from(">H", m)
        refuse_if(len(m) != 2 + length + suite.sig_len, "malformed")
        return cls(m[2:2 + length], m[-suite.sig_len:])


# section 1: characters that a clean text does not have, first and last
UNCLEAN = ((0, 0x1f), (0x7f, 0x9f), (0xad, 0xad), (0x61c, 0x61c), (0x180e, 0x180e), (0x200b, 0x200b), (0x200e, 0x200f),
           (0x2028, 0x202e), (0x2060, 0x206f), (0xfeff, 0xfeff), (0xfff9, 0xfffb), (0xe0000, 0xe007f))


def is_clean(octets):
    """Whether octets are a clean text (section 1)."""
    try:
        text = octets.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return False
    return not any(first <= ord(c) <= last for c in text for first, last in UNCLEAN)


@dataclass
class Term:
    """What a TERM says (section 9)."""
    reason: int
    text: bytes = b""
    indexes: tuple = ()         # of the communities that end; none: the session

    def pack(self):
        """The plain octets before the signature."""
        return bytes([self.reason, len(self.text)]) + self.text \
            + struct.pack(">B%dH" % len(self.indexes), len(self.indexes), *self.indexes)

    @classmethod
    def parse(cls, suite, plain, size):
        """Term, what is signed and signature from the plain octets, for a C of `size`."""
        body, signature = plain[:-suite.sig_len], plain[-suite.sig_len:]
        refuse_if(len(body) < 3 or len(body) < 3 + body[1], "malformed")
        text, n, rest = body[2:2 + body[1]], body[2 + body[1]], body[3 + body[1]:]
        refuse_if(n > 96 or len(rest) != 2 * n or not is_clean(text), "malformed")
        indexes = struct.unpack(">%dH" % n, rest)
        refuse_if(list(indexes) != sorted(set(indexes)) or any(i >= size for i in indexes), "malformed")
        return cls(body[0], text, indexes), body, signature
