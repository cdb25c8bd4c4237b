# SPDX-License-Identifier: GPL-2.0-or-later
"""Spreads a job over kernels and brings its results home."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time

from . import kernel
from .boot import Boot

POLL = 0.02


class Interrupted(Exception):
    """The user wants to stop."""


class Launcher:
    """Runs (name, folder) scenarios; a context that leaves nothing behind."""

    def __init__(self, which, settings, out, report, jobs=1, fail_fast=False,
                 action=None):
        self.which = which
        self.settings = settings
        self.out = out
        self.report = report
        self.jobs = jobs
        self.fail_fast = fail_fast
        self.action = action
        self.boots = []
        self.shown = 0
        self.number = 0
        self.exit_status = None
        self.left = {}

    def __enter__(self):
        self.top = tempfile.mkdtemp(prefix="coi-bed-")
        self.exchange = os.path.join(self.top, "x")
        for name in ("claims", "results"):
            os.makedirs(os.path.join(self.exchange, name))
        self.handlers = {
            signum: signal.signal(signum, self._interrupted)
            for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
        return self

    def _interrupted(self, signum, frame):
        raise Interrupted(signal.Signals(signum).name)

    def __exit__(self, *error):
        for signum in self.handlers:
            signal.signal(signum, signal.SIG_IGN)
        for boot in self.boots:
            boot.kill()
        for name in list(self.left):
            self._fetch(name)
        self._remove(self.top)
        for signum, handler in self.handlers.items():
            signal.signal(signum, handler)

    @staticmethod
    def _remove(path):
        for _ in range(20):
            shutil.rmtree(path, ignore_errors=True)
            if not os.path.exists(path):
                return
            time.sleep(0.1)

    def run(self, scenarios):
        self.left = dict(scenarios)
        self.job = os.path.join(self.exchange, "job.json")
        with open(self.job, "w") as stream:
            json.dump({"exchange": self.exchange, "settings": self.settings,
                       "scenarios": scenarios, "action": self.action}, stream)
        cpus = sorted(os.sched_getaffinity(0))
        count = max(1, min(self.jobs, len(scenarios), len(cpus)))
        self.cpus = cpus[:count]
        self.boots = [self._boot(cpu) for cpu in self.cpus]
        while self.boots:
            for index, boot in enumerate(list(self.boots)):
                alive = boot.alive
                for event in boot.poll():
                    self._event(boot, event)
                if not alive:
                    self._ended(boot)
            self._show_output()
            time.sleep(POLL)
        self._show_output()

    def _boot(self, cpu):
        self.number += 1
        shell = bool(self.action and self.action["kind"] == "shell")
        boot = Boot(self.which, self.job, self.exchange, self.number, cpu,
                    shell)
        boot.cpu = cpu
        self.report.step(self.number, self.which, "boot")
        return boot

    def _event(self, boot, event):
        kind = event["event"]
        if kind == "step" and not self.action:
            self.report.step(boot.number, event["name"], event["text"])
        elif kind == "action":
            self.report.clear(boot.number)
        elif kind == "broken":
            self.report.clear()
            print(event["text"], file=sys.stderr)
        elif kind == "result":
            self._fetch(event["name"])
            self.left.pop(event["name"], None)
            if event.get("exit_status") is not None:
                self.exit_status = event["exit_status"]
            self._show_output()
            if not (self.action and event["status"] == "pass"):
                self.report.result(boot.number, event)
            else:
                self.report.counts["pass"] += 1
            if event["status"] == "fail" and self.fail_fast:
                open(os.path.join(self.exchange, "stop"), "w").close()

    def _ended(self, boot):
        """A kernel has gone: the scenario it was at has failed."""
        boot.kill()
        self.boots.remove(boot)
        self.report.clear(boot.number)
        if boot.done and not boot.running:
            return
        text = boot.console_text() or "it printed nothing"
        why = ("the kernel was killed at its time limit" if boot.timed_out
               else "the kernel ended")
        if not boot.running:
            raise kernel.KernelError(f"{why} before it ran anything:\n{text}")
        self._event(boot, {"event": "result", "name": boot.running,
                           "status": "fail", "seconds": 0,
                           "failures": [f"{why}:\n{text}"]})
        if self.left and not os.path.exists(self.exchange + "/stop"):
            self.boots.append(self._boot(boot.cpu))

    def _fetch(self, name):
        """Moves a scenario's logs to where they stay."""
        source = os.path.join(self.exchange, "results",
                              name.replace("/", "%"))
        target = os.path.join(self.out, name)
        if os.path.isdir(source):
            shutil.rmtree(target, ignore_errors=True)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copytree(source, target)
            shutil.rmtree(source, ignore_errors=True)

    def _show_output(self):
        path = os.path.join(self.exchange, "output")
        if not os.path.exists(path):
            return
        with open(path, "rb") as stream:
            stream.seek(self.shown)
            data = stream.read()
        self.shown += len(data)
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
