#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How coi(1) is called: help, versions, wrong commands and options."""

import os
import re
import subprocess
import unittest

from coi_cli import COI, FAILED, OK, TOP, CliTest, coi


def commands():
    """Names of all commands, from --help."""
    return re.findall(r"^  (?!coi )([a-z][a-z -]*[a-z])   ", coi("--help").stdout, re.M)


class Usage(CliTest):
    """What holds for every command."""

    def test_help(self):
        for option in ("--help", "-h"):
            done = self.expect(coi(option), OK)
            self.assertTrue(done.stdout.startswith("usage: coi COMMAND"))
            self.assertEqual(done.stderr, "")

    def test_version(self):
        with open(os.path.join(TOP, "configure.ac"), encoding="utf-8") as file:
            version = re.search(r"AC_INIT\(\[.*?\], \[(.*?)\]", file.read()).group(1)
        for option in ("--version", "-V"):
            self.assertEqual(self.expect(coi(option), OK).stdout, f"coi {version}\n")

    def test_nothing_said(self):
        self.refused(says="usage: coi COMMAND")

    def test_unknown_command(self):
        for words in (("bogus",), ("--bogus",), ("",), ("bogus", "--help"), ("Help",)):
            self.refused(*words, says="coi: unknown command")

    def test_help_of_each_command(self):
        for name in commands():
            for option in ("--help", "-h"):
                done = self.expect(coi(*name.split(), option), OK)
                self.assertTrue(done.stdout.startswith(f"usage: coi {name}"), name)
                self.assertEqual(done.stderr, "")

    def test_unknown_option_of_each_command(self):
        for name in commands():
            done = self.refused(*name.split(), "--bogus=0x1234", says="option '--bogus' is unknown")
            self.assertNotIn("1234", done.stderr, "what is given to it may be a secret")
            self.refused(*name.split(), "-Q", says="option '-Q' is unknown")

    def test_each_command_is_in_the_manual(self):
        with open(os.path.join(TOP, "man/coi.1"), encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        for name in commands():
            self.assertRegex(page, rf'(?m)^\.B[RI]* "?coi {name}\b')
            for option in re.findall(r"--[a-z-]+", coi(*name.split(), "--help").stdout):
                self.assertIn(option, page, name)

    def test_broken_configuration(self):
        self.refused("--help", env={"STRONGSWAN_CONF": "/dev/null/none"}, says="is strongswan.conf right?", status=FAILED)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([COI, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("coi: writing to standard output failed", done.stderr)


if __name__ == "__main__":
    unittest.main()
