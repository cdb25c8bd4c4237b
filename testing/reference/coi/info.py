# SPDX-License-Identifier: GPL-2.0-or-later
"""Section 10: SessionInfo."""

import ipaddress
import struct
from dataclasses import dataclass, field

from . import proof as proofs
from .refused import refuse_if
from .wire import is_clean

IDENTITY, START, COMMUNITY, PADDING, ADDRESSES, USER = 0x8001, 0x8002, 0x8003, 0x0004, 0x8005, 0x0006
ROUNDS, PROOF, CERTIFICATE = 0x8007, 0x8008, 0x8009
WISH, GRANT, ATTRIBUTE = 0x800a, 0x800b, 0x800c
SESS3_FOLLOWS, PROVE = 1, 2
TRANSPORT, TUNNEL = 1, 2
ID_TYPES = (1, 2, 3, 5, 9, 11)
WITH_PORTS = (0, 6, 17, 33, 132, 136)
ANY = ((0, 0, 65535),)
FAMILIES = {4: 4, 16: 6}    # octets of an address: family
MOST_ATTRIBUTES, ATTRIBUTES_LEN = 16, 1024


@dataclass
class InfoCommunity:
    """The value of an element 0x8003."""
    index: int
    spi: int
    mode: int = TRANSPORT
    proposals: list = field(default_factory=list)    # (encryption, key bits, integrity, ESN)
    offers: list = field(default_factory=lambda: list(ANY))    # as in filters.py
    uses: list = field(default_factory=lambda: list(ANY))

    def pack(self):
        """The octets."""
        out = struct.pack(">HIBB", self.index, self.spi, self.mode, len(self.proposals))
        for p in self.proposals:
            out += struct.pack(">HHHBB", *p, 0)
        for services in (self.offers, self.uses):
            out += bytes([len(services)])
            for proto, first, last, *place in services:
                family = FAMILIES[len(place[0])] if place else 0
                out += struct.pack(">BBHH", proto, family, first, last) + b"".join(place)
        return out


@dataclass
class Addresses:
    """The value of an element 0x8005; each of the two is (address of 16 octets, port)."""
    seen: tuple = (bytes(10) + b"\xff\xff\xc0\x00\x02\x01", 4570)
    own: tuple = (bytes(10) + b"\xff\xff\xc0\x00\x02\x02", 4570)
    encap: bool = False

    def pack(self):
        """The octets."""
        return struct.pack(">16sH16sHBB", *self.seen, *self.own, int(self.encap), 0)


def nat(ours, theirs):
    """Who is behind a NAT: (the sender of ours, the sender of theirs, does one want encapsulation)."""
    return ours.own != theirs.seen, theirs.own != ours.seen, ours.encap or theirs.encap


@dataclass
class SessionInfo:
    """A list of elements."""
    identity: tuple = (0, b"")
    start: int = 0
    addresses: Addresses = field(default_factory=Addresses)
    communities: list = field(default_factory=list)
    user: tuple = None    # (since, name in UTF-8)
    rounds: int = 0
    proof: proofs.Proof = None
    wish: tuple = None    # (ticket, addresses of 4 or 16 octets, types of attributes)
    grant: tuple = None    # (ticket, addresses, [(type, value)])

    def pack(self):
        """The octets, with padding."""
        out = element(IDENTITY, bytes([self.identity[0]]) + self.identity[1])
        out += element(START, struct.pack(">Q", self.start))
        out += element(ADDRESSES, self.addresses.pack())
        if self.user is not None:
            out += element(USER, struct.pack(">Q", self.user[0]) + self.user[1])
        for c in self.communities:
            out += element(COMMUNITY, c.pack())
        return pad(out + self.pack_more())

    def pack_more(self):
        """What not every list has."""
        out = element(ROUNDS, bytes([self.rounds])) if self.rounds else b""
        if self.proof:
            out += element(PROOF, self.proof.claim() + self.proof.signature)
            out += b"".join(element(CERTIFICATE, value) for value in self.proof.values())
        if self.wish:
            ticket, addresses, types = self.wish
            out += element(WISH, pack_virtual(ticket, addresses) + bytes([len(types)]) +
                           b"".join(struct.pack(">H", t) for t in types))
        if self.grant:
            ticket, addresses, attributes = self.grant
            out += element(GRANT, pack_virtual(ticket, addresses))
            out += b"".join(element(ATTRIBUTE, struct.pack(">H", t) + value) for t, value in attributes)
        return out

    def pack_third(self):
        """The octets of the list in a Sess3."""
        return pad(self.pack_more())


def element(kind, value):
    """One element."""
    return struct.pack(">HH", kind, len(value)) + value


def pack_virtual(ticket, addresses):
    """Ticket and addresses of an element 0x800a or 0x800b."""
    return ticket + bytes([len(addresses)]) + b"".join(bytes([FAMILIES[len(a)]]) + a for a in addresses)


def pad(out):
    """Bring a list to a multiple of 64 octets."""
    gap = -len(out) % 64
    if not gap:
        return out
    return out + element(PADDING, bytes(gap - 4 if gap >= 4 else gap + 60))


class _Reader:
    """Reads a value from its start."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def left(self):
        """How many octets are left?"""
        return len(self.octets) - self.at

    def take(self, form):
        """The next fields."""
        size = struct.calcsize(form)
        refuse_if(self.left() < size, "info")
        values = struct.unpack_from(form, self.octets, self.at)
        self.at += size
        return values

    def take_octets(self, n):
        """The next n octets."""
        refuse_if(self.left() < n, "info")
        self.at += n
        return self.octets[self.at - n:self.at]


def _identity(value):
    refuse_if(not value, "info")
    kind, data = value[0], value[1:]
    refuse_if(len(data) > 512 or (kind == 0) != (not data), "info")
    refuse_if(kind and kind not in ID_TYPES, "info")
    refuse_if(kind == 1 and len(data) != 4 or kind == 5 and len(data) != 16, "info")
    return kind, data


def _user(value):
    refuse_if(not 9 <= len(value) <= 8 + 255 or not is_clean(value[8:]), "info")
    return int.from_bytes(value[:8], "big"), value[8:]


def _addresses(value):
    refuse_if(len(value) != 38, "info")
    seen, seen_port, own, own_port, flags, zero = struct.unpack(">16sH16sHBB", value)
    refuse_if(flags > 1 or zero or not seen_port or not own_port, "info")
    refuse_if(any(a in (bytes(16), bytes(10) + b"\xff\xff" + bytes(4)) for a in (seen, own)), "info")
    return Addresses((seen, seen_port), (own, own_port), bool(flags))


def _services(r):
    (count,) = r.take(">B")
    refuse_if(not 1 <= count <= 64, "info")
    out = []
    for _ in range(count):
        proto, family, first, last = r.take(">BBHH")
        refuse_if(family not in (0, *FAMILIES.values()) or first > last, "info")
        refuse_if(proto not in WITH_PORTS and (first, last) != (0, 65535), "info")
        octets = {family: n for n, family in FAMILIES.items()}.get(family, 0)
        place = (r.take_octets(octets), r.take_octets(octets)) if family else ()
        refuse_if(place and place[0] > place[1], "info")
        out.append((proto, first, last, *place))
    return out


def _community(value):
    r = _Reader(value)
    index, spi, mode, count = r.take(">HIBB")
    refuse_if(spi < 256 or mode not in (TRANSPORT, TUNNEL) or not 1 <= count <= 16, "info")
    proposals = []
    for _ in range(count):
        *p, esn, zero = r.take(">HHHBB")
        refuse_if(zero or esn > 1, "info")
        proposals.append((*p, esn))
    c = InfoCommunity(index, spi, mode, proposals, _services(r), _services(r))
    refuse_if(r.left() or mode == TRANSPORT and any(s[3:] for s in c.offers + c.uses), "info")
    return c


def _rounds(value):
    refuse_if(len(value) != 1 or not value[0] or value[0] > SESS3_FOLLOWS | PROVE, "info")
    return value[0]


def _proof(value):
    proof = proofs.parse_claim(value)
    kind, data = proof.identity
    refuse_if(not kind, "info")
    _identity(bytes([kind]) + data)
    return proof


def usable(address):
    """May one host have an address?"""
    a = ipaddress.ip_address(address)
    if a.version == 4:
        return not (address[0] in (0, 127) or address[0] >= 224 or a.is_link_local)
    return any(address[:10]) and not a.is_multicast and not a.is_link_local


def _virtual(r, wished):
    ticket, count = r.take("16sB")
    refuse_if(count not in (1, 2), "info")
    addresses = []
    for _ in range(count):
        (family,) = r.take("B")
        refuse_if(family not in FAMILIES.values(), "info")
        address = r.take_octets({family: n for n, family in FAMILIES.items()}[family])
        refuse_if(not usable(address) and not (wished and not any(address)), "info")
        addresses.append(address)
    refuse_if(len({len(a) for a in addresses}) != count, "info")
    return ticket, addresses


def _wish(value):
    r = _Reader(value)
    ticket, addresses = _virtual(r, True)
    (count,) = r.take("B")
    types = [r.take(">H")[0] for _ in range(count)]
    refuse_if(r.left() or count > MOST_ATTRIBUTES or len(set(types)) != count, "info")
    refuse_if(any(not 0 < t < 0x8000 for t in types), "info")
    return ticket, addresses, types


def _grant(value):
    r = _Reader(value)
    ticket, addresses = _virtual(r, False)
    refuse_if(r.left(), "info")
    return ticket, addresses, []


def _attribute(value):
    r = _Reader(value)
    (kind,) = r.take(">H")
    refuse_if(not 0 < kind < 0x8000, "info")
    return kind, value[2:]


def answers(grant, wish, ends):
    """Is a grant (or None) an answer to a wish (or None)? ends: addresses of 16 octets that may not be in it."""
    if grant is None:
        return True
    mapped = [a if len(a) == 16 else bytes(10) + b"\xff\xff" + a for a in grant[1]]
    return wish is not None and not any(m in ends for m in mapped) and \
        {len(a) for a in grant[1]} <= {len(a) for a in wish[1]} and {t for t, _ in grant[2]} <= set(wish[2])


def parse(octets, size, chosen=False, third=False):
    """Read a SessionInfo for a C of `size` communities; `chosen`: each has exactly one proposal; `third`: of a Sess3."""
    refuse_if(len(octets) % 64, "info")
    r = _Reader(octets)
    info = SessionInfo(None, None, None)
    certificates, attributes = [], []
    while r.left():
        kind, length = r.take(">HH")
        value = r.take_octets(length)
        refuse_if(third and kind in (IDENTITY, START, COMMUNITY, ADDRESSES, USER, ROUNDS, WISH), "info")
        refuse_if(not third and kind in (GRANT, ATTRIBUTE), "info")
        if kind == ROUNDS:
            refuse_if(info.rounds, "info")
            info.rounds = _rounds(value)
        elif kind == PROOF:
            refuse_if(info.proof is not None, "info")
            info.proof = _proof(value)
        elif kind == CERTIFICATE:
            certificates.append(proofs.parse_certificate(value))
            refuse_if(len(certificates) > proofs.MOST, "info")
        elif kind == WISH:
            refuse_if(info.wish is not None, "info")
            info.wish = _wish(value)
        elif kind == GRANT:
            refuse_if(info.grant is not None, "info")
            info.grant = _grant(value)
        elif kind == ATTRIBUTE:
            attributes.append(_attribute(value))
            refuse_if(len(attributes) > MOST_ATTRIBUTES, "info")
            refuse_if(sum(len(v) for _, v in attributes) > ATTRIBUTES_LEN, "info")
        elif kind == IDENTITY:
            refuse_if(info.identity is not None, "info")
            info.identity = _identity(value)
        elif kind == START:
            refuse_if(info.start is not None or length != 8, "info")
            (info.start,) = struct.unpack(">Q", value)
        elif kind == ADDRESSES:
            refuse_if(info.addresses is not None, "info")
            info.addresses = _addresses(value)
        elif kind == COMMUNITY:
            c = _community(value)
            refuse_if(c.index >= size or any(c.index == o.index or c.spi == o.spi for o in info.communities), "info")
            refuse_if(chosen and len(c.proposals) != 1, "info")
            info.communities.append(c)
        elif kind == USER:
            refuse_if(info.user is not None, "info")
            info.user = _user(value)
        elif kind == PADDING:
            refuse_if(any(value), "info")
        else:
            refuse_if(kind & 0x8000, "info")
    refuse_if(not third and None in (info.identity, info.start, info.addresses), "info")
    refuse_if(certificates and info.proof is None, "info")
    if certificates:
        info.proof.certificates = certificates
    refuse_if(attributes and info.grant is None, "info")
    if attributes:
        info.grant[2].extend(attributes)
    return info
