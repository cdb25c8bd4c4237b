#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the reference by itself: exchanges in one process, refusals, vectors, filter laws."""

import itertools
import os
import random
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "vectors")
sys.path[:0] = [HERE, VECTORS]

# pylint: disable=wrong-import-position
import generate
from coi import crypto, hostile, p384, proof, schedule, xfrm
from coi.config import Community, Config, Key
from coi.crypto import P384, X25519, Seeded
from coi.endpoint import Endpoint
from coi.filters import allowed, flows, intersect, normal
from coi.info import parse
from coi.wire import Header, Segments

NOW = generate.NOW
A, B = generate.I, generate.R


SUITE = P384


def keys(*names, generation=1):
    """Test keys, of the suite under test."""
    return [generate.make_key(n, generation, SUITE) for n in names]


class WithSuite(unittest.TestCase):
    """Tests that run in each suite; a class of its own names another one."""

    suite = P384

    def setUp(self):
        global SUITE
        SUITE = self.suite


class Net:
    """Two endpoints and what lies between them."""

    def __init__(self, a_keys, b_keys, a_more=None, b_more=None, seed=b"net", drop=(), shuffle=False):
        self.now = NOW
        self.ends = {A: Endpoint(Config(a_keys, **(a_more or {})), NOW - 1000, Seeded(seed + b"a")),
                     B: Endpoint(Config(b_keys, **(b_more or {})), NOW - 1000, Seeded(seed + b"b"))}
        self.a, self.b = self.ends[A], self.ends[B]
        self.queue, self.events, self.sent = [], [], 0
        self.drop, self.shuffle = drop, random.Random(1) if shuffle else None

    def collect(self):
        """Take events of both; what they send goes into the queue."""
        for at, end in self.ends.items():
            to = B if at == A else A
            for event in end.take():
                self.events.append((at, *event))
                if event[0] in ("send", "idle"):
                    if self.sent not in self.drop:
                        self.queue.append((event[2], at, to, event[0] == "idle"))
                    self.sent += 1

    def deliver(self):
        """Deliver until nothing is under way."""
        self.collect()
        while self.queue:
            if self.shuffle:
                self.shuffle.shuffle(self.queue)
            d, src, dst, tunnel = self.queue.pop(0)
            self.ends[dst].receive(d, src, dst, self.now, tunnel)
            self.collect()

    def run(self, seconds):
        """Let time pass in steps of 50 ms."""
        self.deliver()
        for _ in range(int(seconds * 20)):
            self.now += 50
            for end in self.ends.values():
                end.tick(self.now)
            self.deliver()

    def opened(self):
        """The open sessions (of a, of b)."""
        return tuple([s for s in end.sessions if s.state == "OPEN" and s.confirmed] for end in self.ends.values())


class Crypto(unittest.TestCase):
    """Sections 1 and 2."""

    def test_rfc6979(self):
        """RFC 6979, A.2.6: P-384, SHA-384, "sample"."""
        x = int("6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5", 16)
        self.assertEqual(
            P384.Sign(x, b"sample").hex(),
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
            "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8")
        self.assertTrue(P384.Verify(P384.val_public(x), b"sample", P384.Sign(x, b"sample")))
        self.assertFalse(P384.Verify(P384.val_public(x), b"samples", P384.Sign(x, b"sample")))

    def test_library(self):
        """HKDF, points and ECDH are those of the library."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
        for suite, algorithm in ((P384, hashes.SHA384()), (X25519, hashes.SHA256())):
            self.assertEqual(suite.Expand(suite.Extract(b"salt", b"ikm"), b"info", 100),
                             HKDF(algorithm, 100, b"salt", b"info").derive(b"ikm"))
        rng = Seeded(b"library")
        a, b = rng.scalar(), rng.scalar()
        mine = ec.derive_private_key(a, ec.SECP384R1())
        numbers = mine.public_key().public_numbers()
        self.assertEqual(P384.dh_public(a), numbers.x.to_bytes(48, "big") + numbers.y.to_bytes(48, "big"))
        other = ec.derive_private_key(b, ec.SECP384R1()).public_key()
        self.assertEqual(P384.dh(a, P384.dh_public(b)), mine.exchange(ec.ECDH(), other))
        self.assertFalse(p384.on_curve(hostile.OFF_CURVE))

    def test_label(self):
        """The example of section 1."""
        self.assertEqual(P384.L(b"gate0", b"x"), b"coi1 p384 gate0\0x")
        self.assertEqual(X25519.L(b"gate0", b"x"), b"coi1 x25519 gate0\0x")

    def test_rfc8032(self):
        """RFC 8032, 7.1, TEST 2."""
        x = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        self.assertEqual(X25519.val_public(x).hex(), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        self.assertEqual(
            X25519.Sign(x, b"\x72").hex(),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        self.assertTrue(X25519.Verify(X25519.val_public(x), b"\x72", X25519.Sign(x, b"\x72")))
        self.assertFalse(X25519.Verify(X25519.val_public(x), b"\x73", X25519.Sign(x, b"\x72")))

    def test_rfc7748(self):
        """RFC 7748, 5.2, the first vector; and points of small order."""
        k = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
        u = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
        self.assertEqual(X25519.dh(k, u).hex(), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
        for bad in (bytes(32), hostile.BAD_DH[X25519], hostile.OTHER_DH[X25519]):
            self.assertIsNone(X25519.dh(k, bad))
            self.assertFalse(X25519.dh_valid(bad))

    def test_sizes(self):
        """The table of section 2."""
        for suite, sizes in ((P384, (48, 128, 144, 1072, 195, 642)), (X25519, (32, 64, 80, 688, 163, 610))):
            self.assertEqual((suite.hash_len, suite.token_len, suite.entry_len, suite.sess0_len, suite.term_min,
                              suite.term_max), sizes)


class Exchange(WithSuite):
    """Sections 5 to 13."""

    def check(self, net, names):
        """Exactly one session, equal at both ends, over these communities."""
        (s,), (t,) = net.opened()
        self.assertEqual([c.name for c in s.children], [n.encode() for n in names])
        self.assertEqual(s.children, t.children)
        self.assertEqual(s.t["master"], t.t["master"])
        self.assertEqual((s.spi_i, s.spi_r), (t.spi_i, t.spi_r))
        return s, t

    def open(self, *args, **kwargs):
        """Open from A to B."""
        net = Net(*args, **kwargs)
        net.a.open(B, net.now, A)
        net.run(16)
        return net

    def test_one(self):
        """One community."""
        net = self.open(keys("lab"), keys("lab"))
        self.check(net, ["lab"])
        self.assertFalse(net.a.refused + net.b.refused)

    def test_order_of_events(self):
        """Inbound SAs before Sess2, outbound after IDLE."""
        net = self.open(keys("lab"), keys("lab"))
        order = [(e[0] == A, e[1], e[3] if e[1] == "install" else None) for e in net.events]
        self.assertEqual(order, [
            (True, "send", None), (False, "send", None), (True, "install", "in"), (True, "send", None),
            (True, "open", None), (False, "install", "both"), (False, "open", None), (False, "idle", None),
            (True, "idle-in", None), (True, "install", "out"), (True, "confirmed", None)])

    def test_many(self):
        """Common communities only, in the order of names."""
        net = self.open(keys("b", "a", "ab", "mine"), keys("ab", "yours", "a", "b"))
        self.check(net, ["a", "ab", "b"])

    def test_sizes(self):
        """4, 16 and 96 places; parts of Sess0; segments; any order of arrival."""
        for n in (4, 5, 6, 7, 16, 17, 60):
            names = ["n%02d" % i for i in range(n)]
            self.check(self.open(keys(*names), keys(*reversed(names)), shuffle=True), names)

    def test_ninety_six(self):
        """96 communities of p384 do not fit into one Sess1; the responder goes on with those that do."""
        names = ["n%02d" % i for i in range(96)]
        net = self.open(keys(*names), keys(*names))
        (s,), (t,) = net.opened()
        self.assertEqual(s.children, t.children)
        self.assertEqual(len(s.children) < 96, SUITE is P384)
        self.assertEqual(len(s.c), 96)

    def test_long_lists(self):
        """16 communities with the longest lists fit; of 40 the initiator goes on with those that do."""
        long = [(6, 2 * i, 2 * i) for i in range(64)]
        for n, fit in ((16, True), (40, False)):
            names = ["n%02d" % i for i in range(n)]
            more = {"communities": {k.encode(): Community(offers=long, uses=long) for k in names},
                    "identity": (9, b"d" * 512)}
            short = {"communities": {k.encode(): Community(proposals=[(20, 256, 0, 0)] * 16, offers=long, uses=long)
                                     for k in names}} if fit else {}
            (s,), (t,) = self.open(keys(*names), keys(*names), more, short).opened()
            self.assertEqual(s.children, t.children)
            self.assertEqual(len(s.children) == n, fit)

    def test_generations(self):
        """The newest in the order of the responder, of those offered."""
        old, new = keys("lab")[0], keys("lab", generation=2)[0]
        for mine, theirs, base in (([old], [old, new], old), ([new, old], [old, new], new), ([old, new], [old], old)):
            s, t = self.check(self.open(mine, theirs), ["lab"])
            self.assertEqual((s.children[0].base, t.children[0].base), (base.base, base.base))
        net = self.open([old], [new])
        self.assertEqual(net.opened(), ([], []))
        self.assertEqual(set(net.b.refused), {"no-community"})

    def test_loss(self):
        """Any one or two of the first datagrams may be lost."""
        for n in (1, 2):
            for drop in itertools.combinations(range(5), n):
                with self.subTest(drop=drop):
                    self.check(self.open(keys("lab"), keys("lab"), drop=drop), ["lab"])

    def test_loss_of_segments(self):
        """A lost segment comes with the repeat; a lost part is done without."""
        names = ["n%02d" % i for i in range(9)]
        for drop in ((2,), (3,), (2, 4), (5,)):
            with self.subTest(drop=drop):
                self.check(self.open(keys(*names), keys(*names), drop=drop), names)
        net = self.open(keys(*names), keys(*names), drop=(1,))
        (s,), (t,) = net.opened()
        self.assertEqual((len(s.children), t.t["parts"]), (6, 1))

    def test_silence(self):
        """Without an answer both forget."""
        net = self.open(keys("lab"), keys("lab"), drop=range(1, 1000))
        self.assertEqual((net.a.sessions, net.b.sessions), ([], []))

    def test_crossed(self):
        """One session survives, that of the lower spi_i, in each order of arrival."""
        for seed in range(6):
            for order in (0, 1, 2):
                with self.subTest(seed=seed, order=order):
                    net = Net(keys("lab"), keys("lab"), seed=b"%d" % seed)
                    s = net.a.open(B, net.now, A)
                    t = net.b.open(A, net.now, B)
                    net.collect()
                    if order == 1:
                        net.queue.reverse()
                    if order == 2:
                        net.queue.pop(0)
                    lower = min(s.spi_i, t.spi_i)
                    net.run(20)
                    (x,), (y,) = net.opened()
                    self.assertEqual(x.children, y.children)
                    if order != 2:
                        self.assertEqual(x.spi_i, lower)

    def test_mode_and_proposals(self):
        """A community of another mode or without a common proposal is left out; with none, no Sess2."""
        tunnel = {"communities": {b"b": Community(mode=2), b"c": Community(proposals=[(12, 256, 14, 0)])}}
        net = self.open(keys("a", "b", "c"), keys("a", "b", "c"), tunnel)
        self.check(net, ["a"])
        net = self.open(keys("b"), keys("b"), tunnel)
        self.assertEqual(net.opened(), ([], []))
        self.assertIn("no-proposal", net.a.refused)

    def test_supersede(self):
        """A new session closes the older one; with TERM only if the communities differ."""
        net = self.open(keys("lab"), keys("lab"))
        first = net.a.sessions[0]
        net.a.open(B, net.now, A)
        net.run(1)
        s, _ = self.check(net, ["lab"])
        self.assertIsNot(s, first)
        self.assertFalse([e for e in net.events if e[1] == "send" and e[3][5] == 4])

    def test_term(self):
        """TERM closes the peer's session; nobody answers."""
        for first in (0, 1):
            net = self.open(keys("lab"), keys("lab"))
            net.opened()[first][0].terminate(2, "bye")
            sent = net.sent
            net.run(1)
            self.assertEqual(net.opened(), ([], []))
            self.assertEqual(net.sent, sent + 1)
            self.assertIn("peer: 2 bye", [e[3] for e in net.events if e[1] == "closed"])

    def test_term_of_communities(self):
        """TERM may end single communities, in either direction; with the last one the session ends."""
        for first in (0, 1):
            net = self.open(keys("a", "b", "c"), keys("a", "b", "c"))
            net.opened()[first][0].terminate_community(b"b", 4, "lost")
            sent = net.sent
            net.run(1)
            self.check(net, ["a", "c"])
            self.assertEqual(net.sent, sent + 1)
            self.assertEqual([(e[0] == A, [c.name for c in e[3]], e[4]) for e in net.events if e[1] == "dropped"],
                             [(first == 0, [b"b"], "local: 4"), (first == 1, [b"b"], "peer: 4 lost")])
            net.opened()[1 - first][0].terminate_community(b"c")
            net.run(1)
            s, t = self.check(net, ["a"])
            s.idle(net.now), t.idle(net.now)
            net.run(1)
            self.assertFalse(net.a.refused + net.b.refused)
            net.opened()[first][0].terminate_community(b"a", 4, "last")
            net.run(1)
            self.assertEqual(net.opened(), ([], []))
            self.assertIn("peer: 4 last", [e[3] for e in net.events if e[1] == "closed"])

    def test_crossing_terms_of_communities(self):
        """Of the same, of different ones, and of all that is left."""
        for mine, theirs, left in ((b"b", b"b", ["a", "c"]), (b"a", b"c", ["b"])):
            net = self.open(keys("a", "b", "c"), keys("a", "b", "c"))
            for (s,), name in zip(net.opened(), (mine, theirs)):
                s.terminate_community(name)
            net.run(1)
            self.check(net, left)
        net = self.open(keys("a", "b"), keys("a", "b"))
        for (s,), name in zip(net.opened(), (b"a", b"b")):
            s.terminate_community(name)
        net.run(1)
        self.assertEqual(net.opened(), ([], []))
        self.assertFalse(net.a.refused + net.b.refused)

    def test_term_of_a_community_not_in_use(self):
        """It has no effect; and a lost TERM may be said again."""
        net = self.open(keys("a", "b", "c"), keys("a", "b", "c"), {"communities": {b"b": Community(mode=2)}})
        s, _ = self.check(net, ["a", "c"])
        s.send([s.term(4, "", (1,))])
        net.run(1)
        self.check(net, ["a", "c"])
        net.drop = (net.sent,)
        s.terminate_community(b"c")
        net.run(1)
        self.assertEqual([len(x.children) for (x,) in net.opened()], [1, 2])
        s.send([s.term(4, "", (1, 2))])
        net.run(1)
        self.check(net, ["a"])
        self.assertFalse(net.a.refused + net.b.refused)

    def test_moving(self):
        """Who has moved ends the old session from the new address; an IDLE from there is refused."""
        for indexes, left in (((1,), ["lab"]), ((), [])):
            net = self.open(keys("lab", "web"), keys("lab", "web"))
            (s,), (t,) = net.opened()
            elsewhere = (generate.I6[0], 5000)
            self.assertEqual(net.b.receive(s.idle(net.now), elsewhere, B, net.now, True)[0], "address")
            self.assertEqual(net.b.receive(s.term(6, "moved", indexes), elsewhere, B, net.now)[0], None)
            self.assertEqual(t.state, "OPEN" if left else "CLOSED")
            self.assertEqual([e[3 if left else 2] for e in net.b.take()], ["peer: 6 moved"])

    def test_gained(self):
        """IDLE tells how often communities were gained since the session opened, not which."""
        net = self.open(keys("lab"), keys("lab", "web"))
        (s,), _ = net.opened()
        for key, gained in ((keys("lab", generation=2)[0], 0), (keys("web")[0], 1), (keys("x")[0], 2)):
            net.a.gain(key)
            s.idle(net.now)
            net.run(1)
            self.assertEqual([e[3] for e in net.events if e[1] == "idle-in"][-1][3], gained)
        net.a.open(B, net.now, A)
        net.run(16)
        (s,), _ = net.opened()
        self.assertEqual(([c.name for c in s.children], s.gained), ([b"lab", b"web"], 0))

    def test_answer(self):
        """An IDLE that asks for one is answered by one that does not, at most once in 100 ms."""
        net = self.open(keys("lab"), keys("lab"))
        (s,), (t,) = net.opened()
        for asks, answers in ((s, t), (t, s)):
            net.run(1)
            sent = asks.sent, answers.sent
            for i in (1, 2):
                asks.idle(net.now, True)
                net.deliver()
                self.assertEqual((asks.sent, answers.sent), (sent[0] + i, sent[1] + 1))
            net.run(1)
            asks.idle(net.now)
            net.deliver()
            self.assertEqual((asks.sent, answers.sent), (sent[0] + 3, sent[1] + 1))

    def test_repeats_in_open(self):
        """Repeats of Sess1 and Sess2 are answered, at most one in 100 ms; changed ones are not."""
        net = self.open(keys("lab"), keys("lab"))
        s, t = self.check(net, ["lab"])
        for end, d, src, dst in ((net.a, t.sess1[0], B, A), (net.b, s.reply[0], A, B)):
            net.now += 1000
            self.assertEqual([end.receive(d, src, dst, net.now) for _ in range(2)], [(None, "repeat")] * 2)
            self.assertEqual([e[0] for e in end.take()], ["send" if end is net.a else "idle"])
            self.assertEqual(end.receive(hostile.flip(d, 60), src, dst, net.now), ("state", None))

    def test_segments(self):
        """Section 4: another count, another content."""
        store = Segments()
        head = lambda i, n: Header(SUITE, 1, b"\1" * 8, b"\2" * 8, i, n)
        self.assertIsNone(store.add(head(1, 2), bytes(72) + b"two"))
        for h, d in ((head(0, 3), b"x"), (head(1, 2), b"twx")):
            with self.assertRaisesRegex(Exception, "segment"):
                store.add(h, bytes(72) + d)
        self.assertEqual(store.add(head(0, 2), bytes(72) + b"one"), b"onetwo")


class Proofs(WithSuite):
    """Sections 7.1 and 7.2."""

    check = Exchange.check

    who = {A: (2, b"moon.example.org"), B: (3, b"sun@example.org")}
    private = {A: b"a" * 32, B: b"b" * 32}

    def more(self, at, demands=True, proves=True, key=None):
        """The configuration of an end."""
        peer = B if at == A else A
        return {"prove": (self.who[at], key or self.private[at]) if proves else None,
                "trust": {self.who[peer]: proof.public(self.private[peer])} if demands else None}

    def open(self, a_keys, b_keys, a_more=None, b_more=None, **kwargs):
        """Open from A to B, with proofs of both unless something else is said."""
        return Exchange.open(self, a_keys, b_keys, {**self.more(A), **(a_more or {})}, {**self.more(B), **(b_more or {})},
                            **kwargs)

    def test_order_of_events(self):
        """Nothing is installed before what is demanded is proved."""
        net = self.open(keys("lab"), keys("lab"))
        order = [(e[0] == A, e[1], e[3] if e[1] == "install" else None) for e in net.events
                 if e[1] in ("install", "confirmed")]
        self.assertEqual(order, [(False, "install", "in"), (True, "install", "both"), (True, "confirmed", None),
                                 (False, "install", "out"), (False, "confirmed", None)])
        (s,), (t,) = net.opened()
        self.assertEqual((s.peer_identity, t.peer_identity), (self.who[B], self.who[A]))

    def test_one_side(self):
        """Who is not asked proves nothing."""
        for demands in itertools.product((False, True), repeat=2):
            net = self.open(keys("lab"), keys("lab"), self.more(A, demands[0]), self.more(B, demands[1]))
            s, t = self.check(net, ["lab"])
            self.assertEqual([x.peer_identity is not None for x in (s, t)], list(demands))

    def test_refused(self):
        """A wrong key, or none, ends in a TERM."""
        for end, more in ((A, {"key": b"x" * 32}), (A, {"proves": False}), (B, {"key": b"x" * 32}), (B, {"proves": False})):
            net = self.open(keys("lab"), keys("lab"), *[self.more(at, **(more if at == end else {})) for at in (A, B)])
            self.assertEqual(net.opened(), ([], []))
            refuses = net.b if end == A else net.a
            self.assertGreater(refuses.refused["identity"], 0)
            self.assertFalse([e for e in net.events if e[1] == "install" and (end == A or e[3] != "in")])

    def test_no_sess3(self):
        """Who demands a proof does not go on with a responder that sends no Sess3."""
        net = self.open(keys("lab"), keys("lab"), self.more(A), self.more(B, demands=False, proves=False))
        self.assertEqual(set(net.a.refused), {"identity"})
        self.assertEqual(net.opened(), ([], []))

    def test_loss_of_sess3(self):
        """Any one or two of those that follow Sess1 may be lost."""
        for n in (1, 2):
            for drop in itertools.combinations(range(2, 6), n):
                with self.subTest(drop=drop):
                    self.check(self.open(keys("lab"), keys("lab"), drop=drop), ["lab"])


class Virtual(WithSuite):
    """Section 7.3."""

    check = Exchange.check

    four, six = bytes((10, 3, 0, 1)), bytes.fromhex("fec3".ljust(31, "0") + "1")
    wish = {"wish": (bytes(16), [bytes(4), bytes(16)], [3])}
    pool = {"pool": ([four, six], [(3, bytes((10, 1, 0, 20))), (10, b"not asked for")])}

    def open(self, a_more, b_more, **kwargs):
        """Open from A to B."""
        return Exchange.open(self, keys("lab"), keys("lab"), a_more, b_more, **kwargs)

    def test_granted(self):
        """Both know what was given; what was not asked for is not."""
        for proves in ({}, Proofs.more(Proofs, A)):
            net = self.open({**self.wish, **proves}, {**self.pool, **(Proofs.more(Proofs, B) if proves else {})})
            s, t = self.check(net, ["lab"])
            self.assertEqual(s.grant, t.grant)
            self.assertEqual(s.grant[1:], ([self.four, self.six], [(3, bytes((10, 1, 0, 20)))]))
        s, t = self.check(self.open({"wish": (bytes(16), [bytes(16)], [])}, self.pool), ["lab"])
        self.assertEqual(s.grant[1:], ([self.six], []))

    def test_not_to_be_had(self):
        """No pool, no wish, no Sess3: nothing is opened."""
        more = {"prove": ((2, b"moon"), b"a" * 32)}
        for a, b, reason in ((self.wish, {}, "no-address"), (self.wish, more, "no-address"), ({}, self.pool, "no-address"),
                             (self.wish, {"pool": ([A[0][12:]], [])}, "info"),
                             (self.wish, {"pool": ([bytes((224, 0, 0, 1))], [])}, "info")):
            net = self.open(a, b)
            self.assertEqual(net.opened(), ([], []))
            self.assertIn(reason, {**net.a.refused, **net.b.refused})

    def test_loss(self):
        """Any one of those that follow Sess1 may be lost."""
        for drop in range(2, 6):
            self.check(self.open(self.wish, self.pool, drop=(drop,)), ["lab"])


class VirtualX25519(Virtual):
    """The same."""

    suite = X25519


class ProofsX25519(Proofs):
    """The same."""

    suite = X25519


class ExchangeX25519(Exchange):
    """The same in the other suite."""

    suite = X25519


class Installed(unittest.TestCase):
    """What xfrm.py has ip(8) do, without a kernel."""

    def setUp(self):
        self.there, self.ip, xfrm.ip = {}, xfrm.ip, self.fake

    def tearDown(self):
        xfrm.ip = self.ip

    def fake(self, kind, verb, *rest, check=True):
        """Keep SAs and policies by what identifies them."""
        rest = [str(r) for r in rest]
        last = "spi" if kind == "state" else "dir"
        ident = (kind, *rest[:rest.index(last) + 2])
        if verb == "add":
            self.assertNotIn(ident, self.there)
            self.there[ident] = rest
        else:
            del self.there[ident]

    def reqids(self, kind):
        """The reqids of all of a kind."""
        return sorted(r[r.index("reqid") + 1] for i, r in self.there.items() if i[0] == kind and "reqid" in r)

    def test_drop(self):
        """A community goes; the others keep their reqids, and one of them carries IDLE."""
        names = ("a", "b", "c")
        tcp = {"communities": {n.encode(): Community(offers=[(6, i, i)], uses=[(0, 0, 65535)])
                               for i, n in enumerate(names, 80)}}
        net = Net(keys(*names), keys(*names), tcp, tcp)
        net.a.open(B, net.now, A)
        net.run(1)
        kernel = xfrm.Kernel(4570, 4571)
        for (s,) in net.opened():
            self.there = {}
            kernel.install(s, "both")
            # two services and IDLE, in and out
            self.assertEqual(self.reqids("state"), ["1", "1", "2", "2", "3", "3"])
            self.assertEqual(self.reqids("policy"), ["1"] * 6 + ["2"] * 4 + ["3"] * 4)
            gone = s.children[:1]
            s.children = s.children[1:]
            kernel.drop(s, gone)
            self.assertEqual(self.reqids("state"), ["2", "2", "3", "3"])
            self.assertEqual(self.reqids("policy"), ["2"] * 6 + ["3"] * 4)
            self.assertEqual(sum("block" in r for r in self.there.values()), 2)
            kernel.remove(s)
            self.assertEqual((self.there, kernel.undo), ({}, {}))


class Bad(WithSuite):
    """Section 14. The files are made by checking each datagram; here it is what they leave behind."""

    def test_after_refusal(self):
        """A refused Sess1 or Sess2 leaves the session as it was: the genuine one still opens it."""
        two = keys("lab", "web")
        for table, victim in ((hostile.SESS1_BAD, A), (hostile.SESS2_BAD, B)):
            for case, (reason, make) in table.items():
                with self.subTest(case=case):
                    net = Net(two, two)
                    s = net.a.open(B, net.now, A)
                    net.b.receive(s.reply[0], A, B, net.now)
                    t = net.b.sessions[0]
                    if victim == B:
                        net.a.receive(t.sess1[0], B, A, net.now)
                    net.a.take(), net.b.take()
                    source, other = (B, t) if victim == A else (A, s)
                    got = [net.ends[victim].receive(d, source, victim, net.now)[0] for d in make(other)]
                    wanted = hostile.reason_for(reason, SUITE)
                    self.assertEqual((got[-1], net.ends[victim].take()), (wanted, []))
                    for d in other.sess1 if victim == A else other.sess2:
                        self.assertEqual(net.ends[victim].receive(d, source, victim, net.now), (None, None))
                    self.assertEqual((s if victim == A else t).state, "OPEN")

    def test_after_refused_term(self):
        """A refused TERM leaves the session as it was: the genuine one still closes it."""
        for case, (reason, tunnel, make) in hostile.PDU_BAD.items():
            with self.subTest(case=case):
                net = Net(keys("lab", "web"), keys("lab", "web"))
                net.a.open(B, net.now, A)
                net.run(1)
                (s,), (t,) = net.opened()
                self.assertEqual(net.b.receive(make(s), A, B, net.now, tunnel)[0], reason)
                self.assertEqual((t.state, len(t.children), net.b.take()), ("OPEN", 2, []))
                s.terminate(1)
                net.run(1)
                self.assertEqual(net.opened(), ([], []))

    def test_every_bit_of_header(self):
        """No flipped bit of the header or the fixed part of Sess0 passes."""
        lab = keys("lab")
        d = hostile.Craft(lab, B[0], NOW, Seeded(b"bits")).make()
        for bit in range(112 * 8):
            end = Endpoint(Config(lab), NOW - 1000)
            self.assertIsNotNone(end.receive(hostile.flip(d, bit // 8, 1 << bit % 8), A, B, NOW)[0], bit)

    def test_changed_foreign_tag(self):
        """A changed tag of no own key passes section 14.1, but TH0 holds it: Sess1 is refused."""
        net = Net(keys("lab"), keys("lab"))
        s = net.a.open(B, net.now, A)
        net.a.take()
        place = (s.t["sess0.0.0.place"] + 1) % 6
        changed = hostile.flip(s.reply[0], 112 + 16 * place)
        self.assertIsNone(net.b.receive(changed, A, B, net.now)[0])
        (t,) = net.b.sessions
        self.assertEqual(net.a.receive(t.sess1[0], B, A, net.now)[0], "signature")
        self.assertEqual(net.b.receive(s.reply[0], A, B, net.now)[0], "replay")

    def test_moved_tag(self):
        """Who has no key and moves a tag is refused, and the genuine Sess0 is taken after that, once."""
        for case in ("moved-tag", "doubled-tag"):
            craft = hostile.Craft(keys("lab"), B[0], NOW, Seeded(b"moved"))
            bent = hostile.SESS0[case][2](craft)
            end = Endpoint(Config(keys("lab")), NOW - 1000)
            self.assertEqual(end.receive(bent, A, B, NOW)[0], "entry")
            self.assertEqual((end.receive(craft.session.reply[0], A, B, NOW)[0], len(end.sessions)), (None, 1))
            self.assertEqual(end.receive(craft.session.reply[0], (A[0], 9), B, NOW)[0], "replay")
            self.assertEqual(end.receive(bent, (A[0], 9), B, NOW)[0], "replay")

    def test_spoofed(self):
        """A member sends Sess0 with another's address all the time: both still open sessions with each other."""
        for opener in ("a", "b"):
            for low in (True, False):
                net = Net(keys("lab"), keys("lab"))
                for i in range(40):
                    craft = hostile.Craft(net.a.config.keys, A[0], int(net.now), Seeded(b"spoof %d" % i))
                    d = hostile.put(craft.make(), 8, (i + 1 if low else 2**64 - 1 - i).to_bytes(8, "big"))
                    t = craft.session.t
                    net.a.receive(craft.entry(d, t["ENC_I"] + t["VAL_I"]), B, A, net.now)
                    if i == 20 and opener == "a":
                        net.a.open(B, net.now, A)
                    elif i == 20:
                        net.b.open(A, net.now, B)
                    net.run(0.05)
                (x,), (y,) = net.opened()
                self.assertEqual(x.children, y.children)

    def test_own_token(self):
        """What an initiator has said is not answered by it in a member's Sess0, nor does that cross its opening."""
        for opened in (False, True):
            for spi in (bytes(7) + b"\1", b"\xff" * 8):
                for enc, val in ((True, True), (True, False), (False, True)):
                    net = Net(keys("lab"), keys("lab"))
                    s = net.a.open(B, net.now, A)
                    if opened:
                        net.b.receive(s.reply[0], A, B, net.now)
                    net.a.take()
                    craft = hostile.Craft(net.a.config.keys, A[0], net.now, Seeded(b"own"))
                    d = hostile.put(craft.make(), 8, spi)
                    mine = craft.session.t
                    d = craft.entry(d, (s.t if enc else mine)["ENC_I"] + (s.t if val else mine)["VAL_I"])
                    self.assertEqual(net.a.receive(d, B, A, net.now), ("own-token", None))
                    self.assertEqual((net.a.take(), s.state), ([], "PENDING_OPEN"))

    def test_limits(self):
        """rate, half-open, memory of tags and floor."""
        lab = keys("lab")
        make = lambda i: hostile.Craft(lab, B[0], NOW + i, Seeded(b"limit %d" % i)).make()
        end = Endpoint(Config(lab, half_open_source=10, burst=20, rate=5), NOW - 1)
        got = [end.receive(make(i), A, B, NOW + i)[0] for i in range(25)]
        self.assertEqual(got, [None] * 20 + ["rate"] * 5)
        # newer ones have taken the place of the oldest
        self.assertEqual((end.refused["half-open"], sum(s.state != "CLOSED" for s in end.sessions)), (10, 10))
        end = Endpoint(Config(lab, remembered=2), NOW - 1)
        for i in range(3):
            self.assertIsNone(end.receive(make(i), A, B, NOW + i)[0])
        self.assertEqual(end.floor, NOW)
        end.receive(make(3), A, B, NOW + 3)
        self.assertEqual((end.floor, end.receive(make(0), (A[0], 9), B, NOW + 4)[0]), (NOW + 1, "time"))
        end = Endpoint(Config(lab), NOW + 1000)
        self.assertIsNone(end.receive(make(1), A, B, NOW)[0])     # the clock was set back
        end = Endpoint(Config(lab, remembered=1), NOW - 1)
        end.receive(make(100), A, B, NOW)
        self.assertEqual(end.receive(make(101), A, B, NOW)[0], "replay")

    def test_sess0_shares_nothing(self):
        """Two Sess0 of a host share only the header's first octets and the destination (section 16)."""
        craft = hostile.Craft(keys("lab"), B[0], NOW, crypto.Random())
        x, y = craft.make(), craft.make()
        same = sum(a == b for a, b in zip(x[80:], y[80:]))
        self.assertLess(same, 30)


class BadX25519(Bad):
    """The same in the other suite."""

    suite = X25519


class Filters(unittest.TestCase):
    """Section 11."""

    def lists(self):
        """Random lists of services."""
        rng = random.Random(7)
        pick = lambda: sorted((rng.randrange(12), rng.randrange(12)))
        return [[(p, *pick()) for p in (rng.choice((0, 6, 17)) for _ in range(rng.randrange(1, 5)))]
                for _ in range(60)]

    def test_laws(self):
        """Commutative, idempotent, below both; same set from both ends; normal form allows the same."""
        lists = self.lists()
        inside = lambda s, p, port: any(q in (0, p) and f <= port <= l for q, f, l in s)
        for a, b in zip(lists, lists[1:]):
            both = intersect(a, b)
            self.assertEqual(both, intersect(b, a))
            self.assertEqual(normal(both), both)
            self.assertEqual(intersect(both, both), both)
            for p in (6, 17, 33):
                for port in range(13):
                    self.assertEqual(inside(both, p, port), inside(a, p, port) and inside(b, p, port))
        for oa, ua, ob, ub in zip(lists, lists[1:], lists[2:], lists[3:]):
            at_a, at_b = flows(oa, ua, ob, ub)
            self.assertEqual((at_b, at_a), flows(ob, ub, oa, ua))
            for x, y in itertools.product(range(12), repeat=2):
                self.assertEqual(allowed(at_a, at_b, 6, x, y), allowed(at_b, at_a, 6, y, x))


class Vectors(unittest.TestCase):
    """testing/vectors/."""

    def test_same(self):
        """The files are what generate.py writes, twice."""
        first, second = generate.generate(), generate.generate()
        self.assertEqual(first, second)
        for name, text in first.items():
            with open(os.path.join(VECTORS, name), encoding="ascii") as f:
                self.assertTrue(f.read() == text, name)
        self.assertEqual({n for n in os.listdir(VECTORS) if n.endswith(".vec")}, set(first))

    def test_readable(self):
        """They can be read back, and no name stands twice in a record."""
        for name, text in generate.generate().items():
            records = generate.read(text)
            self.assertTrue(records, name)
            cases = [r["case"] for r in records]
            self.assertEqual(len(cases), len(set(cases)), name)
            lines = [line for line in text.split("\n") if line and not line.startswith("#")]
            self.assertEqual(len(lines), sum(map(len, records)), name)

    def test_content(self):
        """A few values, computed anew from the file alone."""
        for suite, name in ((P384, "exchange.vec"), (X25519, "exchange-x25519.vec")):
            with open(os.path.join(VECTORS, name), encoding="ascii") as f:
                records = generate.read(f.read())
            self.check_content(suite, records)

    def check_content(self, suite, records):
        """One file."""
        private = lambda octets: int.from_bytes(octets, "big") if suite is P384 else octets
        for r in records:
            value = lambda name, r=r: bytes.fromhex(r[name])
            key = Key(value("C.0.name"), value("C.0.K"), suite)
            self.assertEqual(schedule.th0(suite, [value("sess0.0.datagram")]), value("TH0"))
            s = suite.Extract(value("S.0"), key.base)
            self.assertEqual(s, value("S"))
            z = suite.dh(private(value("DH_I.private")), value("DH_R"))
            self.assertEqual(z, suite.dh(private(value("DH_R.private")), value("DH_I")))
            self.assertEqual((z, suite.Extract(s, z)), (value("Z"), value("S2")))
            child = suite.Extract(value("master"), key.base)
            spis = b"".join(int(r["child0." + n]).to_bytes(4, "big") for n in ("esp_i", "esp_r"))
            keymat = value("child0.KEYMAT")
            info = b"coi1 %s esp\0" % suite.name.encode() + value("TH2") + spis + key.name
            self.assertEqual(suite.Expand(child, info, len(keymat)), keymat)
            parts = ("encr_ir", "integ_ir", "encr_ri", "integ_ri")
            self.assertEqual(b"".join(value("child0." + n) for n in parts), keymat)
            self.assertEqual(parse(value("SessionInfo_R"), 1).communities[0].spi, int(r["child0.esp_r"]))


if __name__ == "__main__":
    unittest.main()
