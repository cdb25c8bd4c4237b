# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs coi(1) for its tests: $COI, else that of build/obj-gcc."""

import os
import subprocess
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
COI = os.environ.get("COI", os.path.join(TOP, "build/obj-gcc/cli/coi"))

OK, FAILED, USAGE, NO_CHARON, CLEAR = range(5)


def coi(*args, stdin="", env=None, cwd=None):
    """Run it. Returns the finished process, with its output as text."""
    return subprocess.run([COI, *args], input=stdin, text=True, check=False, cwd=cwd,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          env={**os.environ, **(env or {})})


class CliTest(unittest.TestCase):
    """With what each test of a program needs."""

    def expect(self, done, status, output=False):
        """The exit status, and that errors are on stderr, and say who speaks, unless it is a finding."""
        self.assertEqual(done.returncode, status, done.args[1:3] + [done.stdout, done.stderr])
        if status != OK and not output:
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr.startswith(("coi: ", "usage: coi")), done.stderr)
        return done

    def refused(self, *args, says="", status=USAGE, **kwargs):
        """Fails, and says why."""
        done = self.expect(coi(*args, **kwargs), status)
        self.assertIn(says, done.stderr)
        return done
