#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Exchanges in which hosts prove their identities: sections 7.1 and 7.2."""

import itertools
import unittest

from harness import A, B, Opened, keys

from coi import proof
from coi.crypto import X25519


class Proofs(Opened):
    """Sections 7.1 and 7.2."""

    who = {A: (2, b"moon.example.org"), B: (3, b"sun@example.org")}
    private = {A: b"a" * 32, B: b"b" * 32}

    def more(self, at, demands=True, proves=True, key=None):
        """The configuration of an end."""
        peer = B if at == A else A
        return {"prove": (self.who[at], key or self.private[at]) if proves else None,
                "trust": {self.who[peer]: proof.public(self.private[peer])} if demands else None}

    def open(self, a_keys, b_keys, a_more=None, b_more=None, **kwargs):
        """Open from A to B, with proofs of both unless something else is said."""
        return super().open(a_keys, b_keys, {**self.more(A), **(a_more or {})}, {**self.more(B), **(b_more or {})},
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


class ProofsX25519(Proofs):
    """The same."""

    suite = X25519


if __name__ == "__main__":
    unittest.main()
