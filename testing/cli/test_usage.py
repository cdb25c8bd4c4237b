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


class Completion(CliTest):
    """What bash offers: all that --help names, and nothing else."""

    def offered(self, *words):
        """What is offered for the last of some words behind coi."""
        script = ("source \"$1\"; shift; COMP_WORDS=(coi \"$@\"); COMP_CWORD=$#; _coi; "
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        path = os.path.dirname(os.path.abspath(COI)) + ":" + os.environ["PATH"]
        done = subprocess.run(["bash", "-c", script, "bash", os.path.join(TOP, "cli/coi.bash-completion"), *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              env={**os.environ, "PATH": path})
        self.assertEqual(done.stderr, "")
        return sorted(done.stdout.split())

    def test_first_words(self):
        self.assertGreater(len(commands()), 20)
        self.assertEqual(self.offered(""), sorted({name.split()[0] for name in commands()}))
        self.assertEqual(self.offered("doc"), ["doctor"])

    def test_second_words(self):
        for first in {name.split()[0] for name in commands() if " " in name}:
            seconds = sorted(name.split()[1] for name in commands() if name.startswith(first + " "))
            self.assertEqual(self.offered(first, ""), seconds)

    def test_options_of_each_command(self):
        for name in commands():
            known = set(re.findall(r"--[a-z-]+", coi(*name.split(), "--help").stdout)) | {"--help"}
            self.assertEqual(self.offered(*name.split(), "--"), sorted(known), name)

    def test_files_where_no_word_follows(self):
        self.assertEqual(self.offered("key", "load", os.path.join(TOP, "configure.a")),
                         [os.path.join(TOP, "configure.ac")])


if __name__ == "__main__":
    unittest.main()
