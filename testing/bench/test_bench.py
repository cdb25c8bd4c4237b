#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That the benchmarks run, not how fast: a few tunnels of each kind."""

import json
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

from inside import launch       # noqa: E402


def bench(*command):
    """Run a benchmark; its last line is JSON."""
    done = subprocess.run([os.path.join(HERE, command[0]), *command[1:]], capture_output=True,
                          text=True, timeout=300, check=False)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stderr}{done.stdout}")
    return json.loads(done.stdout.splitlines()[-1])["results"]


class Bench(unittest.TestCase):
    """Each program, with numbers that take some seconds."""

    def test_openings(self):
        """All contenders open all tunnels, and it is they who do it."""
        rows = bench("openings", "--count", "8", "--runs", "1", "--cores", "1")
        self.assertEqual(len(rows), 6)
        for row in rows:
            self.assertEqual((row["tunnels"], row["lost"]), (8, 0), row["name"])
            self.assertGreater(row["per_second"]["median"], 0, row["name"])

    def test_sessions(self):
        """Both charons list as many as were opened."""
        row, = bench("sessions", "--count", "20", "--idle", "3", "--only", "coi x25519")
        self.assertEqual((row["tunnels"], row["lost"]), (20, 0))
        self.assertEqual(row["list_sas"]["listed"], 20)
        self.assertEqual(row["status"]["listed"], 20)
        self.assertGreater(row["idle_us"], 0)
        self.assertEqual((row["rekey"]["sessions"], row["rekey"]["lost"]), (500, 0))
        self.assertGreater(row["rekey"]["ms"], 0)

    def test_growth(self):
        """Sessions that come and go leave nothing; the program's exit code is the verdict."""
        self.assertEqual(len(bench("growth", "--rounds", "10", "--count", "200")), 2)

    def test_flood(self):
        """Strangers are refused, and keep nobody from opening."""
        row, = bench("flood", "--seconds", "2", "--runs", "1", "--rate", "3000", "--openings", "10",
                     "--only", "coi x25519")
        self.assertEqual((row["with"]["asked"], row["with"]["lost"]), (20, 0))
        self.assertEqual(row["without"]["lost"], 0)
        self.assertGreater(row["refused_per_core"]["min"], 0)
        self.assertLess(row["missed"], row["sent"] / 2)
        for reason in "marker", "no-community", "replay":
            self.assertGreater(row["reasons"].get(reason, 0), 0, reason)

    def test_connect(self):
        """Each contender that is there connects through its tunnel."""
        rows = {row["name"]: row for row in bench("connect", "--count", "2", "--runs", "1")}
        self.assertEqual(len(rows), 7)
        for name in "coi p384", "coi x25519", "IKEv2 X25519, PSK, trap, larval_drop 0":
            self.assertEqual((rows[name]["connects"], rows[name]["lost"]), (2, 0), name)
        for row in rows.values():
            self.assertTrue("missing" in row or row["ms"]["min"] > 0, row)

    def test_throughput(self):
        """Data passes a tunnel with filters and one without."""
        rows = bench("throughput", "--slices", "12", "--ms", "20", "--only", "filters|second")
        self.assertEqual(len(rows), 4)
        for row in rows:
            for kind in "tcp", "udp":
                self.assertGreater(row[kind]["min"], 0, row["name"])
        for row in rows[1:]:
            for kind in "tcp", "udp":
                low, high = row[kind]["interval"]
                self.assertTrue(low <= row[kind]["of_plain"] <= high, row)

    def test_interval(self):
        """A median's interval is that of the tables."""
        values = list(range(1, 101))
        self.assertEqual(launch.median_interval(values[:5]), None)
        self.assertEqual(launch.median_interval(values[:6]), (1, 6))
        self.assertEqual(launch.median_interval(values[:20]), (6, 15))
        self.assertEqual(launch.median_interval(values[::-1]), (40, 61))

    def test_rekey(self):
        """New keys are made, and nothing is lost."""
        row, = bench("rekey", "--runs", "1", "--seconds", "5", "--rate", "100", "--only",
                     "coi x25519")
        self.assertGreater(row["rekeyed"], 0)
        self.assertEqual(row["lost"], {"to_sun": 0, "to_moon": 0})

    @unittest.skipUnless(shutil.which("callgrind_annotate"), "valgrind is not installed")
    def test_profile(self):
        """Public keys are found, and what is not accounted for is little."""
        row, = bench("profile", "--suite", "x25519")
        shares = row["shares"]
        for name in "signatures", "verifications", "key exchange":
            self.assertGreater(shares[name], 0.02, name)
        self.assertTrue(0 <= shares["messages, sessions, memory"] < 0.2, shares)

    def test_usage(self):
        """What cannot be measured is said."""
        for command in (("openings", "--count", "0"), ("openings", "--cores", "0"),
                        ("sessions", "--count", "1"), ("growth", "--rounds", "1"),
                        ("connect", "--count", "0"), ("flood", "--rate", "0"),
                        ("throughput", "--slices", "0"), ("rekey", "--every", "0")):
            done = subprocess.run([os.path.join(HERE, command[0]), *command[1:]],
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(" to ", done.stderr)


if __name__ == "__main__":
    unittest.main()
