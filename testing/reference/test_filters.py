#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The laws of filters: section 11."""

import itertools
import random
import unittest

from coi.filters import allowed, flows, intersect, normal


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


if __name__ == "__main__":
    unittest.main()
