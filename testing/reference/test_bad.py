#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is refused, and what that leaves behind: section 14."""

import unittest

from harness import A, B, NOW, Net, WithSuite, keys

from coi import crypto, hostile
from coi.config import Config
from coi.crypto import X25519, Seeded
from coi.endpoint import Endpoint


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
                    wanted = hostile.reason_for(reason, self.suite)
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


if __name__ == "__main__":
    unittest.main()
