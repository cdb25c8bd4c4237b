# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP (RFC 4303) in transport mode with AES-GCM-16 (RFC 4106), in this process over a raw socket.

It exists so that a host without ESP in its kernel can send and receive IDLE and ping through the tunnel.
"""

import os
import socket
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .wire import address_text

UDP, ICMP, ICMP6 = 17, 1, 58


def checksum(data):
    """The Internet checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pseudo(src, dst, proto, payload):
    """The pseudo header of IPv4 or IPv6; addresses are 16 octets."""
    if src.startswith(bytes(10) + b"\xff\xff"):
        return src[12:] + dst[12:] + struct.pack(">BBH", 0, proto, len(payload))
    return src + dst + struct.pack(">IHBB", len(payload), 0, 0, proto)


def udp(src, dst, sport, dport, data):
    """A UDP datagram with its checksum."""
    head = struct.pack(">HHH", sport, dport, 8 + len(data))
    total = checksum(pseudo(src, dst, UDP, head + b"\0\0" + data) + head + b"\0\0" + data) or 0xffff
    return head + struct.pack(">H", total) + data


class SA:
    """One direction."""

    def __init__(self, spi, key, esn):
        self.spi, self.salt, self.esn, self.seq = spi, key[32:36], esn, 0
        self.aead = AESGCM(key[:32])

    def _aad(self, seq):
        head = struct.pack(">I", self.spi)
        return head + (struct.pack(">Q", seq) if self.esn else struct.pack(">I", seq))

    def seal(self, proto, payload):
        """An ESP packet."""
        self.seq += 1
        pad = -(len(payload) + 2) % 4
        plain = payload + bytes(range(1, pad + 1)) + bytes([pad, proto])
        iv = struct.pack(">Q", self.seq)
        return struct.pack(">II", self.spi, self.seq & 0xffffffff) + iv \
            + self.aead.encrypt(self.salt + iv, plain, self._aad(self.seq))

    def open(self, packet):
        """(protocol, payload), or None."""
        if len(packet) < 34:
            return None
        (seq,) = struct.unpack_from(">I", packet, 4)
        try:
            plain = self.aead.decrypt(self.salt + packet[8:16], packet[16:], self._aad(seq))
        except InvalidTag:
            return None
        if plain[-2] + 2 > len(plain):
            return None
        return plain[-1], plain[:-2 - plain[-2]]


class Tunnel:
    """The SAs of this host and its raw socket."""

    def __init__(self, local):
        self.local = local
        text = address_text(local)
        self.family = socket.AF_INET6 if ":" in text else socket.AF_INET
        self.socket = socket.socket(self.family, socket.SOCK_RAW, 50)
        self.socket.bind((text, 0))
        self.inbound, self.outbound = {}, {}

    def install(self, session, which):
        """Set up SAs of a session."""
        initiator = session.role == "initiator"
        for c in session.children:
            if c.proposal[:3] != (20, 256, 0) or c.mode != 1:
                raise ValueError("only AES-GCM-16 with 256 bits, transport mode")
            ir, ri = SA(c.esp_r, c.keys_ir[0], c.proposal[3]), SA(c.esp_i, c.keys_ri[0], c.proposal[3])
            mine, theirs = (ri, ir) if initiator else (ir, ri)
            if which in ("in", "both"):
                self.inbound[mine.spi] = (mine, session)
            if which in ("out", "both"):
                self.outbound.setdefault(session, []).append(theirs)

    def drop(self, session, children):
        """Remove the SAs of some communities."""
        initiator = session.role == "initiator"
        for c in children:
            mine, theirs = (c.esp_i, c.esp_r) if initiator else (c.esp_r, c.esp_i)
            self.inbound.pop(mine, None)
            if session in self.outbound:
                self.outbound[session] = [sa for sa in self.outbound[session] if sa.spi != theirs]

    def remove(self, session):
        """Remove the SAs of a session."""
        self.outbound.pop(session, None)
        self.inbound = {spi: v for spi, v in self.inbound.items() if v[1] is not session}

    def send(self, session, proto, payload):
        """Send through the session's first community."""
        packet = self.outbound[session][0].seal(proto, payload)
        self.socket.sendto(packet, (address_text(session.peer[0]), 0))

    def receive(self):
        """(session, protocol, payload), or None."""
        packet, source = self.socket.recvfrom(65536)
        if self.family == socket.AF_INET:
            packet = packet[(packet[0] & 15) * 4:]
        sa, session = self.inbound.get(int.from_bytes(packet[:4], "big"), (None, None))
        inner = sa.open(packet) if sa and source[0].split("%")[0] == address_text(session.peer[0]) else None
        return (session, *inner) if inner else None

    def send_idle(self, session, datagram, port):
        """An IDLE (section 9)."""
        self.send(session, UDP, udp(self.local, session.peer[0], port, port, datagram))

    def _echo(self, session, kind, rest):
        six = self.family == socket.AF_INET6
        draft = bytes([kind, 0, 0, 0]) + rest
        head = pseudo(self.local, session.peer[0], ICMP6, draft) if six else b""
        total = struct.pack(">H", checksum(head + draft))
        self.send(session, ICMP6 if six else ICMP, draft[:2] + total + rest)

    def ping(self, session):
        """Send an echo request; returns what its answer holds."""
        rest = b"\x12\x34\0\1" + os.urandom(48)
        self._echo(session, 128 if self.family == socket.AF_INET6 else 8, rest)
        return rest

    def icmp(self, session, payload):
        """Answer an echo request; returns what an answer to our own request holds."""
        if payload[0] in (8, 128):
            self._echo(session, 129 if payload[0] == 128 else 0, payload[4:])
        return payload[4:] if payload[0] in (0, 129) else None
