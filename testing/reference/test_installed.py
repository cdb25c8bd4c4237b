#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a session has the kernel do, without a kernel."""

import unittest

from harness import A, B, Net, WithSuite, keys

from coi import xfrm
from coi.config import Community


class Installed(WithSuite):
    """What xfrm.py has ip(8) do, without a kernel."""

    def setUp(self):
        super().setUp()
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


if __name__ == "__main__":
    unittest.main()
