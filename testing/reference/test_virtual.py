#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Exchanges in which a host is given virtual addresses: section 7.3."""

import unittest

import test_proofs
from harness import A, B, Opened, keys

from coi.crypto import X25519


class Virtual(Opened):
    """Section 7.3."""

    four, six = bytes((10, 3, 0, 1)), bytes.fromhex("fec3".ljust(31, "0") + "1")
    wish = {"wish": (bytes(16), [bytes(4), bytes(16)], [3])}
    pool = {"pool": ([four, six], [(3, bytes((10, 1, 0, 20))), (10, b"not asked for")])}

    def open(self, a_more, b_more, **kwargs):
        """Open from A to B."""
        return super().open(keys("lab"), keys("lab"), a_more, b_more, **kwargs)

    def test_granted(self):
        """Both know what was given; what was not asked for is not."""
        for proves in ({}, test_proofs.Proofs().more(A)):
            net = self.open({**self.wish, **proves}, {**self.pool, **(test_proofs.Proofs().more(B) if proves else {})})
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


if __name__ == "__main__":
    unittest.main()
