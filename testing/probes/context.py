# SPDX-License-Identifier: GPL-2.0-or-later
"""One target as seen by those that make probes: addresses, and numbers that tell probes apart."""

import random

from . import packets

# what is said to answer somewhere, and ports of this project
TCP_PORTS = (7, 9, 13, 21, 22, 23, 25, 53, 80, 88, 110, 111, 113, 135, 139, 143, 179, 389, 443,
             445, 465, 500, 514, 515, 548, 554, 587, 631, 636, 646, 853, 873, 993, 995, 1080, 1194,
             1433, 1521, 1701, 1723, 1883, 2049, 2375, 2376, 3000, 3128, 3260, 3268, 3306, 3389,
             4369, 4500, 4570, 4571, 5000, 5060, 5061, 5201, 5355, 5432, 5666, 5672, 5900, 5985,
             6000, 6379, 6443, 7000, 7001, 8000, 8006, 8080, 8086, 8443, 8888, 9000, 9090, 9100,
             9200, 9418, 10000, 10050, 10250, 11211, 27017, 50000)
UDP_PORTS = (7, 9, 13, 17, 19, 37, 49, 53, 67, 68, 69, 88, 111, 123, 135, 137, 138, 161, 162, 177,
             389, 427, 443, 464, 500, 514, 517, 520, 521, 546, 547, 623, 631, 749, 1194, 1434, 1645,
             1646, 1701, 1812, 1813, 1900, 2049, 2152, 3478, 3544, 3702, 3784, 4500, 4569, 4570,
             4571, 4572, 4789, 5004, 5060, 5349, 5351, 5353, 5355, 5683, 6081, 7400, 8472, 9987,
             10001, 11211, 17185, 27015, 33434, 33435, 47808, 51820)


class Context:
    """The target of one family, and who asks.

    you, me: addresses on the wire; members: those who share its communities, whose
    addresses are borrowed; mac, own_mac: of the next hop to the target and our own.
    """

    def __init__(self, you, me, mac, own_mac, members=(), full=False, seed=4570):
        self.you, self.me, self.mac, self.own_mac = you, me, mac, own_mac
        self.members = [one for one in members if len(one) == len(you) and one != you]
        self.full = full
        self.six = len(you) == 16
        self.chance = random.Random(seed)
        self.number = self.chance.randrange(1, 1 << 15)
        self.source = 20000 + self.chance.randrange(20000)

    def ident(self):
        """A number that no other probe has had lately."""
        self.number = self.number % 0xfffe + 1
        return self.number

    def port(self):
        """Such a port of ours."""
        self.source = 20000 + (self.source - 20000 + 1) % 40000
        return self.source

    def junk(self, size):
        """Random octets, the same in each run."""
        return self.chance.randbytes(size)

    def pick(self, items, count):
        """All of them in the long form, else some, the first and the last among them."""
        items = list(items)
        if self.full or len(items) <= count:
            return items
        inner = self.chance.sample(items[1:-1], count - 2)
        return [items[0], *sorted(inner), items[-1]]

    def ip(self, proto, data, src=None, dst=None, **how):
        """A packet to the target with a number of its own."""
        src, dst = src or self.me, dst or self.you
        if self.six:
            how.setdefault("label", self.ident())
            return packets.ip6(src, dst, proto, data, **how)
        how.setdefault("ident", self.ident())
        return packets.ip4(src, dst, proto, data, **how)

    def tcp(self, dport, flags, src=None, dst=None, sport=None, **how):
        """A packet with a TCP segment."""
        segment = packets.tcp(src or self.me, dst or self.you, sport or self.port(), dport, flags,
                              **how)
        return self.ip(packets.TCP, segment, src, dst)

    def udp(self, dport, data=b"", src=None, dst=None, sport=None, **how):
        """A packet with a UDP datagram."""
        datagram = packets.udp(src or self.me, dst or self.you, sport or self.port(), dport, data,
                               **how)
        return self.ip(packets.UDP, datagram, src, dst)

    def echo(self, src=None, dst=None, data=None):
        """An echo request, without the header of IP."""
        rest = self.port().to_bytes(2, "big") + b"\0\1"
        data = self.junk(24) if data is None else data
        if self.six:
            return packets.icmp6(src or self.me, dst or self.you, 128, 0, rest, data)
        return packets.icmp4(8, 0, rest, data)

    @property
    def icmp(self):
        """The protocol of ICMP in this family."""
        return packets.ICMP6 if self.six else packets.ICMP

    def ping(self, src=None, dst=None, **how):
        """A packet with an echo request."""
        return self.ip(self.icmp, self.echo(src, dst), src, dst, **how)

    def sources(self):
        """Whom a probe may come from: us, and members."""
        return [("", None)] + [(f" as {packets.text(one)}", one) for one in self.members]
