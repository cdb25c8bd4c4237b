#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""testing/vectors/ are what generate.py writes, and what they say holds."""

import os
import unittest

from harness import VECTORS, generate

from coi import schedule
from coi.config import Key
from coi.crypto import P384, X25519
from coi.info import parse


class Vectors(unittest.TestCase):
    """testing/vectors/."""

    @classmethod
    def setUpClass(cls):
        cls.made = generate.generate()

    def test_same(self):
        """The files are what generate.py writes, twice."""
        first, second = self.made, generate.generate()
        self.assertEqual(first, second)
        for name, text in first.items():
            with open(os.path.join(VECTORS, name), encoding="ascii") as f:
                self.assertTrue(f.read() == text, name)
        self.assertEqual({n for n in os.listdir(VECTORS) if n.endswith(".vec")}, set(first))

    def test_readable(self):
        """They can be read back, and no name stands twice in a record."""
        for name, text in self.made.items():
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
