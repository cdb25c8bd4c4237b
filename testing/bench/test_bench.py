#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That the benchmarks run, not how fast: a few tunnels of each kind."""

import json
import os
import subprocess
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))


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
        rows = bench("openings", "--count", "8", "--runs", "1")
        self.assertEqual(len(rows), 6)
        for row in rows:
            self.assertEqual((row["tunnels"], row["lost"]), (8, 0), row["name"])
            self.assertGreater(row["per_second"]["median"], 0, row["name"])

    def test_sessions(self):
        """Both charons list as many as were opened."""
        row, = bench("sessions", "--count", "20", "--only", "coi x25519")
        self.assertEqual((row["tunnels"], row["lost"]), (20, 0))
        self.assertEqual(row["list_sas"]["listed"], 20)
        self.assertEqual(row["status"]["listed"], 20)
        self.assertGreater(row["idle_us"], 0)

    def test_usage(self):
        """What cannot be measured is said."""
        for command in ("openings", "--count", "0"), ("sessions", "--count", "1"):
            done = subprocess.run([os.path.join(HERE, command[0]), *command[1:]],
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("tunnels", done.stderr)


if __name__ == "__main__":
    unittest.main()
