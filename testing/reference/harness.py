# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of the reference share: the suite under test, its keys, and two endpoints in one process."""

import os
import random
import sys
import unittest

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors")
sys.path.insert(0, VECTORS)

# pylint: disable=wrong-import-position
import generate
from coi.config import Config
from coi.crypto import P384, Seeded
from coi.endpoint import Endpoint

NOW = generate.NOW
A, B = generate.I, generate.R

# the suite under test
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


class Opened(WithSuite):
    """Tests of what two endpoints open."""

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
