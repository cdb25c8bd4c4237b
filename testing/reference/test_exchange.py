#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Exchanges in one process, and what follows in their sessions: sections 5 to 13."""

import itertools
import unittest

from harness import A, B, Net, Opened, generate, keys

from coi import hostile
from coi.config import Community
from coi.crypto import P384, X25519
from coi.wire import Header, Segments


class Exchange(Opened):
    """Sections 5 to 13."""

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
        self.assertEqual(len(s.children) < 96, self.suite is P384)
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
        head = lambda i, n: Header(self.suite, 1, b"\1" * 8, b"\2" * 8, i, n)
        self.assertIsNone(store.add(head(1, 2), bytes(72) + b"two"))
        for h, d in ((head(0, 3), b"x"), (head(1, 2), b"twx")):
            with self.assertRaisesRegex(Exception, "segment"):
                store.add(h, bytes(72) + d)
        self.assertEqual(store.add(head(0, 2), bytes(72) + b"one"), b"onetwo")


class ExchangeX25519(Exchange):
    """The same in the other suite."""

    suite = X25519


if __name__ == "__main__":
    unittest.main()
