# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario folder: its test.conf, its .dat files, its placeholders.

The format is strongSwan's own (testing/tests in its source); what is here
follows its do-tests and load-testconfig to the letter, so that the same
folder runs in the KVM framework.
"""

import os
import re
import shlex

HOSTS = ("alice", "bob", "carol", "dave", "moon", "sun", "venus", "winnetou")

# placeholder without PH_IP_ / PH_IP6_: IPv4, IPv6
ADDRESSES = {
    "ALICE": ("10.1.0.10", "fec1::10"),
    "ALICE1": ("192.168.0.50", "fec0::5"),
    "BOB": ("10.2.0.10", "fec2::10"),
    "CAROL": ("192.168.0.100", "fec0::10"),
    "CAROL1": ("10.3.0.1", "fec3::1"),
    "DAVE": ("192.168.0.200", "fec0::20"),
    "DAVE1": ("10.3.0.2", "fec3::2"),
    "MOON": ("192.168.0.1", "fec0::1"),
    "MOON1": ("10.1.0.1", "fec1::1"),
    "SUN": ("192.168.0.2", "fec0::2"),
    "SUN1": ("10.2.0.1", "fec2::1"),
    "VENUS": ("10.1.0.20", "fec1::20"),
    "WINNETOU": ("192.168.0.150", "fec0::15"),
}

PLACEHOLDERS = {}
for _name, (_v4, _v6) in ADDRESSES.items():
    PLACEHOLDERS["PH_IP_" + _name] = _v4
    PLACEHOLDERS["PH_IP6_" + _name] = _v6
# load-testconfig spells this one differently; both are understood
PLACEHOLDERS["PH_IPV6_BOB"] = PLACEHOLDERS["PH_IP6_BOB"]

# the longest first: PH_IP_MOON1 is not PH_IP_MOON followed by 1
_PLACEHOLDER = re.compile("|".join(
    sorted(PLACEHOLDERS, key=len, reverse=True)).encode())

REQUIRED_FILES = ("description.txt", "test.conf", "pretest.dat",
                  "evaltest.dat", "posttest.dat")


class ScenarioError(Exception):
    """The folder is not a scenario."""


def replace_placeholders(data):
    """Replaces the PH_IP* words in bytes or in a string."""
    if isinstance(data, str):
        return replace_placeholders(data.encode()).decode()
    return _PLACEHOLDER.sub(
        lambda match: PLACEHOLDERS[match.group().decode()].encode(), data)


def parse_conf(text):
    """The assignments of a test.conf, as a dictionary of strings."""
    values = {}
    for match in re.finditer(
            r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)="""
            r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#]*)""", text, re.M | re.S):
        # a backslash at the end of a line continues it, as in the shell
        words = shlex.split(match.group(2).replace("\\\n", " "))
        values[match.group(1)] = " ".join(" ".join(words).split())
    return values


class Step:
    """One line of pretest.dat or posttest.dat: a command on a host.

    The command is put between double quotes in the local shell.
    """

    def __init__(self, host, command):
        self.host = host
        self.command = command

    def __str__(self):
        return f"{self.host}# {self.command}"


class Check(Step):
    """One line of evaltest.dat: what a command's output has to match.

    The command stands unquoted in the local shell: what follows a pipe
    runs locally. The pattern is a basic regular expression; expect is YES,
    NO or a number of lines.
    """

    def __init__(self, host, command, pattern, expect):
        super().__init__(host, command)
        self.pattern = pattern
        self.expect = expect

    @property
    def is_capture(self):
        return self.command == "tcpdump"

    def passes(self, status, lines):
        """status: of grep; lines: how many it printed."""
        if re.fullmatch("[0-9]+", self.expect):
            # do-tests counts with echo | wc -l, where no match at all is one
            # line: 0 can never pass there, and 1 has to be stricter here
            return status == 0 and lines == int(self.expect)
        if self.expect == "NO":
            return status == 1      # 2: grep cannot read the pattern
        return self.expect == "YES" and status == 0

    def __str__(self):
        return (f"{self.host}# {self.command} | grep '{self.pattern}'"
                f"  [{self.expect}]")


def _fields(text):
    """The lines of a .dat file in the fields that do-tests sees.

    do-tests evaluates awk's output without quotes, so every run of white
    space becomes one blank. Two colons separate; a colon that belongs to
    an IPv6 address is written \\: and left for the shell and grep.
    """
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        fields = [" ".join(field.split()) for field in line.split("::")]
        yield fields + [""] * (4 - len(fields))


def parse_steps(text):
    return [Step(fields[0], fields[1]) for fields in _fields(text)
            if fields[1]]


def parse_checks(text):
    return [Check(*fields[:4]) for fields in _fields(text) if fields[1]]


class Scenario:
    """A folder with everything that is to be known before it runs."""

    def __init__(self, name, path):
        self.name = name
        self.path = path
        for file in REQUIRED_FILES:
            if not os.path.isfile(os.path.join(path, file)):
                raise ScenarioError(f"{path}: {file} is missing")
        conf = parse_conf(self._read("test.conf"))
        self.virthosts = conf.get("VIRTHOSTS", "").split()
        self.ipsechosts = conf.get("IPSECHOSTS", "").split()
        self.captures = [tuple((item.split(":") + ["eth0"])[:2])
                         for item in conf.get("TCPDUMPHOSTS", "").split()]
        self.swanctl = bool(conf.get("SWANCTL"))
        self.ipv6 = bool(conf.get("IPV6"))
        self.needs = conf.get("NEEDS", "").split()
        self.unsupported = [word for word in ("RADIUSHOSTS", "DBHOSTS")
                            if conf.get(word)]
        self.legacy = conf.get("LEGACY", "")
        if self.legacy not in ("", "also", "only"):
            raise ScenarioError(f"{path}: LEGACY is also or only")
        self.timeout = float(conf.get("TIMEOUT") or 180)
        self.pretest = parse_steps(self._read("pretest.dat"))
        self.checks = parse_checks(self._read("evaltest.dat"))
        self.posttest = parse_steps(self._read("posttest.dat"))
        named = {step.host for step in
                 self.pretest + self.checks + self.posttest}
        unknown = (named | set(self.virthosts) | set(self.ipsechosts) |
                   {host for host, _ in self.captures}) - set(HOSTS)
        if unknown:
            raise ScenarioError(
                f"{path}: unknown host {', '.join(sorted(unknown))}")
        wanted = (named | set(self.virthosts) | set(self.ipsechosts) |
                  {host for host, _ in self.captures})
        self.hosts = [host for host in HOSTS if host in wanted]

    def _read(self, file):
        with open(os.path.join(self.path, file), errors="replace") as stream:
            return replace_placeholders(stream.read())

    def host_folder(self, host):
        return os.path.join(self.path, "hosts", host)


def find(tests, words):
    """Turns the command line's words into (name, folder) pairs.

    A word names a scenario or a group below tests, or any folder.
    """
    found = []

    def add(name, path):
        if os.path.isfile(os.path.join(path, "test.conf")):
            found.append((name, path))
        else:
            for entry in sorted(os.listdir(path)):
                below = os.path.join(path, entry)
                if os.path.isfile(os.path.join(below, "test.conf")):
                    found.append((f"{name}/{entry}", below))

    if not words:
        words = sorted(entry for entry in os.listdir(tests)
                       if os.path.isdir(os.path.join(tests, entry)))
    for word in words:
        word = word.rstrip("/")
        inside = os.path.join(tests, word)
        before = len(found)
        if not os.path.isabs(word) and os.path.isdir(inside):
            add(os.path.relpath(inside, tests), inside)
        elif os.path.isdir(word):
            path = os.path.abspath(word)
            name = os.path.join(*path.split(os.sep)[-2:])
            if os.path.isfile(os.path.join(path, "test.conf")):
                add(name, path)
            else:
                add(os.path.basename(path), path)
        if len(found) == before:
            raise ScenarioError(f"{word}: no such scenario")
    unique = {}
    for name, path in found:
        unique.setdefault(name, path)
    return list(unique.items())


def of_back_end(found, legacy):
    """Those (name, folder) pairs that are for legacy iptables, or not."""
    wanted = ("also", "only") if legacy else ("", "also")
    return [(name, path) for name, path in found
            if Scenario(name, path).legacy in wanted]
