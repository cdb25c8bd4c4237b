# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one scenario, in the order of strongSwan's do-tests."""

import os
import time

from . import capture, collect, health
from .host import Hosts
from .shell import Shell, TimeLimit

SHOWN_LINES = 12
SLOWER = 8                  # charon under valgrind
ACTION_LIMIT = 4 * 3600     # someone may sit at a shell


def _shorten(text):
    lines = text.rstrip("\n").split("\n")
    if len(lines) > SHOWN_LINES:
        lines = lines[:SHOWN_LINES] + [f"... {len(lines) - SHOWN_LINES} "
                                       "more lines in console.log"]
    return "\n".join(lines)


class Run:
    """One scenario in a fresh test bed.

    say(event, **fields) reports what happens; folder takes the logs.
    """

    def __init__(self, scenario, settings, folder, say):
        self.scenario = scenario
        self.settings = settings
        self.folder = folder
        self.say = say
        self.failures = []
        self.exit_status = None
        self.begin = time.monotonic()
        patience = SLOWER if settings["valgrind"] else 1
        self.limit = scenario.timeout * patience
        if settings.get("action"):
            self.limit += ACTION_LIMIT
        self.shell = Shell(self.limit, patience)
        self.captures = []

    def _folders(self, host):
        hosts = self.settings["hosts"]
        # as load-testconfig: of a scenario's hosts only etc is copied
        return ((os.path.join(hosts, "default"), ""),
                (os.path.join(hosts, host), ""),
                (os.path.join(self.scenario.host_folder(host), "etc"), "etc"))

    def run(self):
        os.makedirs(self.folder, exist_ok=True)
        wrapper = []
        if self.settings["valgrind"]:
            wrapper = health.valgrind_argv()
        with open(os.path.join(self.folder, "console.log"), "w") as self.log:
            self._say("hosts")
            with Hosts(self.scenario.hosts, self._folders,
                       self.settings["stage"], self.settings["legacy"],
                       wrapper) as hosts:
                self.hosts = hosts
                try:
                    self._test()
                except TimeLimit:
                    self._late()    # even at putting things away
                for host in self.scenario.hosts:
                    collect.logs(hosts.root(host), host, self.folder)
        return self.failures

    def _say(self, text):
        self.at = text
        took = time.monotonic() - self.begin
        self.log.write(f"[{took:.2f}] {text}\n")
        self.say("step", name=self.scenario.name, text=text)

    def _title(self, text):
        self.log.write(f"\n{text}\n\n")

    def _test(self):
        for host, interface in self.scenario.captures:
            self.captures.append(capture.Capture(
                self.shell, host, interface, self.hosts.root(host)))
        for item in self.captures:
            item.start()
        for item in self.captures:
            item.wait_started()
        try:
            self._steps("PRE-TEST", self.scenario.pretest)
            if self.settings.get("action"):
                self.exit_status = self.settings["action"](self)
            else:
                self._evaluate()
        except TimeLimit:
            self._late()
        finally:
            self._finish()

    def _late(self):
        self.failures.append(
            f"time limit of {self.limit:g} s reached at: {self.at}")

    def _steps(self, title, steps):
        self._title(title)
        for step in steps:
            self._say(str(step))
            status, text = self.shell.step(step)
            self.log.write(text + (f"[status {status}]\n" if status else "") +
                           "\n")
            # do-tests looks at no status; but a daemon that does not start
            # is the reason of all failures that follow
            if status and step.command.startswith("systemctl start"):
                self.failures.append(f"{step}\n{_shorten(text)}")

    def _evaluate(self):
        self._title("TEST")
        for check in self.scenario.checks:
            self._say(str(check))
            captured = None
            if check.is_capture:
                captured = self._captured(check.host)
            status, hits, output, errors = self.shell.check(check, captured)
            good = check.passes(status, len(hits))
            self.log.write("".join(f"{hit}\n" for hit in hits) + errors)
            if not good:
                self.log.write("~~~~~~~ FAIL ~~~~~~~\n~~ output ~~~~~~~~~~\n"
                               f"{output}~~~~~~~~~~~~~~~~~~~~\n")
                self._failed(check, hits, output, errors)
            self.log.write("\n")

    def _captured(self, host):
        for item in self.captures:
            if item.host == host:
                item.stop()
                return item.file
        return "/dev/null"

    def _failed(self, check, hits, output, errors):
        what = f"{check}\n  expected: "
        if check.expect == "YES":
            what += "a line that matches"
        elif check.expect == "NO":
            what += "no line that matches"
        else:
            what += f"{check.expect} lines that match"
        if check.expect == "YES" or not hits:
            actual = output + errors
        else:
            actual = f"{len(hits)} lines:\n" + "\n".join(hits)
        actual = _shorten(actual).replace("\n", "\n    ")
        self.failures.append(f"{what}\n  actual: " +
                             (actual.strip() or "no output at all"))

    def _finish(self):
        """Whatever happened: logs, posttest, the bed's own checks."""
        self.shell.deadline = max(self.shell.deadline,
                                  time.monotonic() + 30)
        self._say("logs")
        for item in self.captures:
            item.stop()
        for host in self.scenario.ipsechosts:
            collect.state(self.shell, host, self.folder, bool(self.failures))
        self._steps("POST-TEST", self.scenario.posttest)
        self._say("bed's checks")
        for host in self.scenario.ipsechosts:
            root = self.hosts.root(host)
            self.failures += health.leftovers(self.shell, host)
            self.failures += health.crashes(root, host)
            if self.settings["valgrind"]:
                self.failures += health.valgrind_reports(root, host)
