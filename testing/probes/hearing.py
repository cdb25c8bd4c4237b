# SPDX-License-Identifier: GPL-2.0-or-later
"""What the frames of a target are, and which probe each of them answers most likely."""

import struct

from . import packets
from .packets import AH, DESTINATION, ESP, FRAGMENT, HOP, ICMP, ICMP6, IGMP, ROUTING, TCP, UDP

ICMP4_ERRORS, PORTS = (3, 4, 5, 11, 12), (TCP, UDP, packets.SCTP, packets.DCCP, packets.UDPLITE)
NAMES = {TCP: "TCP", UDP: "UDP", ICMP: "ICMP", ICMP6: "ICMPv6", ESP: "ESP", AH: "AH", IGMP: "IGMP",
         packets.SCTP: "SCTP", packets.DCCP: "DCCP", packets.UDPLITE: "UDP-Lite"}
COI, IDLE = 4570, 4571
# of a probe's octets that have to come back to be recognised
ENOUGH = 8


class Packet:
    """A packet of IP taken apart: src, dst, proto, data behind all headers, what it quotes."""

    def __init__(self, octets):
        self.octets = octets
        self.src = self.dst = b""
        self.proto, self.data, self.ports, self.kind = None, b"", None, None
        if len(octets) >= 20 and octets[0] >> 4 == 4:
            self.src, self.dst, self.proto = octets[12:16], octets[16:20], octets[9]
            self.data = octets[max(20, (octets[0] & 15) * 4):]
        elif len(octets) >= 40 and octets[0] >> 4 == 6:
            self.src, self.dst, self.proto = octets[8:24], octets[24:40], octets[6]
            self.data = octets[40:]
            self._skip()
        if self.proto in PORTS and len(self.data) >= 4:
            self.ports = struct.unpack("!HH", self.data[:4])
        if self.proto in (ICMP, ICMP6, IGMP) and self.data:
            self.kind = self.data[0]

    def _skip(self):
        for _ in range(8):
            if self.proto not in (HOP, ROUTING, DESTINATION, FRAGMENT) or len(self.data) < 8:
                return
            size = 8 if self.proto == FRAGMENT else (self.data[1] + 1) * 8
            self.proto, self.data = self.data[0], self.data[size:]

    @property
    def quoted(self):
        """The packet that an ICMP error is about."""
        if self.proto == ICMP and self.kind in ICMP4_ERRORS or \
                self.proto == ICMP6 and self.kind is not None and self.kind < 128:
            return self.data[8:]
        if self.proto == ICMP6 and self.kind == 137:
            return self.data[48:]
        return None

    @property
    def asks(self):
        """Whether it asks whom it goes to for a tunnel, a Sess0: any probe may be the cause."""
        return self.proto == UDP and self.ports and self.ports[1] == COI and \
            self.data[8:12] == bytes(4) and self.data[13:14] == b"\0"

    def describe(self):
        """A line for people."""
        if self.proto is None:
            return f"{len(self.octets)} octets that are no IP"
        name = NAMES.get(self.proto, f"protocol {self.proto}")
        what = f"{packets.text(self.src)} > {packets.text(self.dst)} {name}"
        if self.ports:
            what += " {} > {}".format(*self.ports)
        if self.proto == TCP and len(self.data) > 13:
            what += f" flags {self.data[13]:#04x}"
        if self.kind is not None:
            what += f" type {self.kind}" + (f" code {self.data[1]}" if len(self.data) > 1 else "")
        if self.asks:
            what += ", which asks for a tunnel"
        return f"{what}, {len(self.octets)} octets"


def classify(frame, members):
    """What of a frame is allowed: a word, or None if it is an answer.

    members: addresses that the target has tunnels to, of which ESP is no answer.
    """
    kind = struct.unpack("!H", frame[12:14])[0]
    if kind == packets.ETH_ARP:
        return "ARP"
    if kind not in (packets.ETH_IP, packets.ETH_IPV6):
        return "link layer"
    packet = Packet(frame[14:])
    if packet.proto == ICMP6 and packet.kind in (135, 136):
        return "neighbour discovery"
    if packet.proto == ICMP6 and packet.kind == 133:
        return "router solicitations"
    if packet.proto == ICMP6 and packet.kind in (131, 132, 143) and packet.dst[0] == 0xff:
        return "MLD reports"
    if packet.proto == IGMP and packet.dst[0] == 224:
        return "IGMP reports"
    if packet.dst in members and packet.src not in members and \
            (packet.proto == ESP or packet.proto == UDP and packet.ports and
             packet.ports[1] == IDLE):
        return "ESP to members"
    return None


def signature(frame):
    """By which frames that a target sends by itself are known again."""
    packet = Packet(frame[14:])
    return frame[12:14], packet.src, packet.dst, packet.proto, packet.ports, packet.kind


def score(reply, packet):
    """How likely a reply, taken apart, was caused by a packet that was sent."""
    quoted = reply.quoted
    if quoted is not None:
        return _score_quoted(quoted, packet)
    sent = Packet(packet)
    if reply.ports and sent.ports:
        if (reply.proto, reply.ports) == (sent.proto, sent.ports[::-1]):
            return 60
        if (reply.proto, reply.ports) == (sent.proto, sent.ports) and reply.dst == sent.dst:
            return 50       # forwarded
    if reply.data[4:] and len(reply.data) >= ENOUGH and reply.data[-ENOUGH:] in packet and \
            any(reply.data[-ENOUGH:]):
        return 55
    if reply.proto in (ICMP, ICMP6) and reply.proto == sent.proto:
        return 10
    return 1 if reply.proto == sent.proto else 0


def _score_quoted(quoted, packet):
    if packet.startswith(quoted) or quoted.startswith(packet) and packet:
        return 100
    if len(quoted) < 20 or len(packet) < 20:
        return 0
    size = 28 if quoted[0] >> 4 == 4 else 48
    if quoted[0] >> 4 == 4:
        # the number is the probe's own; hops and sum change when it is forwarded
        same = quoted[4:6] == packet[4:6] and quoted[9] == packet[9] and quoted[12:20] == \
            packet[12:20]
    else:
        same = quoted[:4] == packet[:4] and quoted[8:40] == packet[8:40]
    return 90 if same and quoted[size - 8:size] == packet[size - 8:size] else 70 if same else 0


def cause(when, frame, sent):
    """The probe of (time, kind, text, packet) that most likely caused a frame."""
    reply = Packet(frame[14:])
    best, most = None, -1
    if reply.asks:
        return next((one for one in reversed(sent) if one[0] <= when), None)
    for one in reversed(sent):
        if one[0] > when:
            continue
        points = score(reply, one[3])
        if points > most:
            best, most = one, points
        if points >= 90:
            break
    return best
