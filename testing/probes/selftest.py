# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of testing/dark that need neither root nor a network."""

import os
import struct
import subprocess
import tempfile
import unittest

from . import catalogue, cli, hearing, packets, pdus
from .context import Context

DARK = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "dark")
MACS = b"\2" * 6, b"\4" * 6
YOU, ME, MEMBER = "192.168.0.2", "192.168.0.100", "192.168.0.1"
YOU6, ME6, MEMBER6 = "fec0::2", "fec0::10", "fec0::1"


def context(six=False, full=False):
    """A context of either family, with one member."""
    names = (YOU6, ME6, MEMBER6) if six else (YOU, ME, MEMBER)
    you, me, member = map(packets.octets, names)
    return Context(you, me, *MACS, [member], full)


def frame(packet, ethertype=packets.ETH_IP):
    """A frame of the target's."""
    return MACS[1] + MACS[0] + struct.pack("!H", ethertype) + packet


class Packets(unittest.TestCase):

    def test_checksums(self):
        src, dst = packets.octets(ME), packets.octets(YOU)
        packet = packets.ip4(src, dst, packets.UDP, packets.udp(src, dst, 1, 2, b"abc"))
        self.assertEqual(packets.checksum(packet[:20]), 0)
        self.assertEqual(packets.checksum(
            packets.pseudo(src, dst, packets.UDP, 11) + packet[20:]), 0)
        # RFC 3720, appendix B.4: 32 octets of zero
        self.assertEqual(packets.crc32c(bytes(32)), 0x8a9136aa)


class Kinds(unittest.TestCase):

    def test_each_makes_some(self):
        for six in False, True:
            made = {}
            for kind, text, packet, mac in catalogue.probes(context(six)):
                made.setdefault(kind, []).append((text, packet, mac))
                self.assertTrue(text and (mac is None or len(mac) == 6), (kind, text))
                self.assertLessEqual(len(packet), cli.MTU, (kind, text))
            wanted = {name for name, (families, _) in catalogue.KINDS.items()
                      if ("6" if six else "4") in families}
            self.assertEqual(set(made), wanted)
            self.assertGreater(sum(map(len, made.values())), 5000)
            self.assertEqual(len({packet[6 if six else 9] for _, packet, _ in made["protocols"]}),
                             256)
            # nobody has to find out which of two probes an error is about
            numbers = [packet[:40 if six else 28] for _, packet, _ in made["tcp-flags"]]
            self.assertEqual(len(set(numbers)), len(numbers))

    def test_the_long_form_has_more(self):
        self.assertGreater(sum(1 for _ in catalogue.probes(context(full=True))), 50000)

    def test_nothing_moves_the_targets_routes(self):
        """Neither router advertisements nor advertisements of neighbours are sent."""
        for _, text, packet, _ in catalogue.probes(context(True, True), ["icmp", "requests"]):
            sent = hearing.Packet(packet)
            if sent.proto == packets.ICMP6 and packet[0] >> 4 == 6:
                self.assertNotIn(sent.kind, (134, 136), text)


class Files(unittest.TestCase):

    def test_bent(self):
        made = dict(pdus.bent(bytes(range(100)), True))
        self.assertEqual(made["as it was"], bytes(range(100)))
        self.assertEqual(made["octet 7: a bit"][7], 6)
        self.assertNotIn("octet 0: 0", made)
        self.assertTrue(all(octets != made["as it was"] for how, octets in made.items()
                            if how != "as it was"))

    def write(self, data):
        file = tempfile.NamedTemporaryFile()
        file.write(data)
        file.flush()
        self.addCleanup(file.close)
        return file.name

    def test_capture(self):
        ctx = context()
        packet = ctx.udp(4570, b"x" * 60, src=ctx.members[0], sport=4570)
        for order, magic in ("<", b"\xd4\xc3\xb2\xa1"), (">", b"\xa1\xb2\xc3\xd4"):
            data = magic + struct.pack(order + "HHIIII", 2, 4, 0, 0, 65535, 1) + \
                struct.pack(order + "IIII", 0, 0, len(packet) + 14, len(packet) + 14) + \
                frame(packet)
            recorded = pdus.capture(self.write(data + b"cut off"))
            self.assertEqual(recorded, [packet])
            made = [one for _, _, one, _ in catalogue.probes(ctx, ["replay"], recorded=recorded)]
            self.assertIn(packet, made)
            self.assertGreater(len(made), 20)
        for bad in b"", b"\n" * 30, data[:24], magic + bytes(20):
            with self.assertRaises(pdus.Unusable):
                pdus.capture(self.write(bad))

    def test_keys(self):
        text = b'secrets {\n ppk-a {\n id = "one"\n secret = 0x' + b"ab" * 32 + b"\n }\n}\n"
        self.assertEqual(pdus.keys(self.write(text)), [(b"one", b"\xab" * 32)])
        with self.assertRaises(pdus.Unusable):
            pdus.keys(self.write(text.replace(b"ab" * 32, b"ab" * 16)))

    def test_member(self):
        """Right Sess0 of both suites, and wrong ones."""
        for six in False, True:
            member = pdus.Member([(b"one", b"\xab" * 32)])
            texts = [text for _, text, _, _ in catalogue.probes(context(six), ["key"],
                                                                member=member)]
            self.assertGreater(len(texts), 50)
            for suite in "p384", "x25519":
                self.assertIn(f"Sess0 of the key, suite {suite}", texts)


class Hearing(unittest.TestCase):

    def test_allowed(self):
        ctx = context(True)
        link = packets.octets("fe80::1")

        def icmp(kind, dst):
            return frame(packets.ip6(link, packets.octets(dst), packets.ICMP6, packets.icmp6(
                link, packets.octets(dst), kind)), packets.ETH_IPV6)

        for word, one in (
                ("ARP", frame(bytes(28), packets.ETH_ARP)),
                ("neighbour discovery", icmp(135, ME6)), ("neighbour discovery", icmp(136, ME6)),
                ("router solicitations", icmp(133, "ff02::2")),
                ("MLD reports", icmp(143, "ff02::16")), (None, icmp(143, ME6)),
                (None, icmp(134, "ff02::1")), (None, icmp(137, ME6)), (None, icmp(129, ME6)),
                (None, icmp(1, ME6)), (None, frame(b""))):
            self.assertEqual(hearing.classify(one, ctx.members), word, one)
        esp = packets.ip6(ctx.you, ctx.members[0], packets.ESP, bytes(40))
        self.assertEqual(hearing.classify(frame(esp, packets.ETH_IPV6), ctx.members),
                         "ESP to members")
        self.assertIsNone(hearing.classify(frame(esp, packets.ETH_IPV6), []))

    def test_cause(self):
        """An answer is told from what was sent before and after."""
        ctx = context()
        sent = [(number * 0.001, kind, text, packet) for number, (kind, text, packet, _) in
                enumerate(catalogue.probes(ctx, ["tcp-ports", "udp-ports", "requests"]))]

        def found(packet, when=99):
            return hearing.cause(when, frame(packet), sent)[1:3]

        for number in 7, len(sent) // 2, len(sent) - 3:
            _, kind, text, packet = sent[number]
            self.assertEqual(found(packets.ip4(ctx.you, ctx.me, packets.ICMP, packets.icmp4(
                3, 3, data=packet[:28]))), (kind, text))
        for text in "TCP S to port 443", "TCP A to port 22":
            packet = next(one[3] for one in sent if one[2] == text)
            sport, dport = struct.unpack("!HH", packet[20:24])
            self.assertEqual(found(packets.ip4(ctx.you, ctx.me, packets.TCP, packets.tcp(
                ctx.you, ctx.me, dport, sport, 4))), ("tcp-ports", text))
        # not from the future
        self.assertEqual(found(packets.ip4(ctx.you, ctx.me, 253, b""), 0.0015)[1], sent[1][2])

    def test_sess0(self):
        """That a host asks whoever has sent is no answer to a certain port."""
        ctx = context()
        asks = ctx.udp(4570, pdus.header(1, 0, 1, 0, 7, 0, bytes(1000)), sport=4570)
        answer = ctx.udp(4570, pdus.header(1, 1, 1, 0, 7, 9, bytes(1000)), sport=4570)
        self.assertTrue(hearing.Packet(asks).asks)
        self.assertFalse(hearing.Packet(answer).asks)


class Command(unittest.TestCase):

    def run_it(self, *words):
        return subprocess.run([DARK, *words], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)

    def test_nothing_without_consent(self):
        done = self.run_it("192.0.2.1")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing was sent" if os.geteuid() == 0 else "root", done.stderr)

    def test_usage(self):
        for words in ([], ["--rate", "0", "192.0.2.1"], ["--rate", "20001", "192.0.2.1"],
                      ["--time", "x", "192.0.2.1"], ["--kind", "none", "192.0.2.1"],
                      ["--this-network-is-mine", "127.0.0.1"],
                      ["--this-network-is-mine", "224.0.0.1"],
                      ["--this-network-is-mine", "sun"],
                      ["--this-network-is-mine", "--pdus", "/nowhere", "192.0.2.1"],
                      ["--this-network-is-mine", "--key", "/dev/null", "192.0.2.1"],
                      ["--this-network-is-mine", "--as", "x", "192.0.2.1"]):
            done = self.run_it(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertNotIn("Traceback", done.stderr)

    def test_help(self):
        done = self.run_it("--help")
        self.assertEqual(done.returncode, 0)
        for name in (*catalogue.KINDS, *catalogue.MORE):
            self.assertIn(f"  {name} ", done.stdout)


if __name__ == "__main__":
    unittest.main()
