# SPDX-License-Identifier: GPL-2.0-or-later
"""One running kernel: started, watched, and ended whatever happens."""

import json
import os
import re
import signal
import subprocess
import termios
import time

from . import kernel

BOOT_LIMIT = 60
NOISE = re.compile(
    r"^(Core dump limits|Checking |Adding \d+ bytes|.*SELinux|.*mmapper|"
    r".*\bubd\b|reboot:|.*reboot: |Linux version|\s*$|"
    r".*random: crng|.*Power down|Calibrating)")


class Boot:
    """Runs scenarios of a job on one kernel and hands on its events."""

    def __init__(self, which, job, exchange, number, cpu, shell=False):
        self.number = number
        self.events_path = f"{exchange}/events.{number}"
        self.folder = f"{exchange}.uml{number}"
        self.console = f"{self.folder}/console"
        os.mkdir(self.folder)
        self.deadline = time.monotonic() + BOOT_LIMIT
        self.running = None         # the scenario
        self.done = False
        self.timed_out = False
        self.offset = 0
        self.shell = shell
        self.terminal = self._save_terminal()
        open(self.events_path, "w").close()
        # a shell on this machine's kernel needs the session's terminal;
        # else the new session keeps the processes together for the end
        self.own_group = not (shell and which == "native")
        fds = (os.dup(0), os.dup(1)) if shell and which != "native" else ()
        self.process = self._start(kernel.argv(which, job, number,
                                               self.folder, cpu, fds), fds)
        for fd in fds:
            os.close(fd)

    def _save_terminal(self):
        try:
            return termios.tcgetattr(0) if self.shell else None
        except termios.error:
            return None

    def _start(self, argv, fds):
        own = self.own_group
        with open(self.console, "wb") as console:
            return subprocess.Popen(
                argv, stdin=subprocess.DEVNULL if own else None,
                stdout=console if own else None,
                stderr=console if own else None, pass_fds=fds,
                start_new_session=own, cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                     "TMPDIR": _memory_folder(), "HOME": self.folder})

    def poll(self):
        """The events since the last call; ends a kernel that is late."""
        ended = not self.alive
        events = self._read_events()
        for event in events:
            self._follow(event)
        if not ended and time.monotonic() > self.deadline:
            self.timed_out = True
            self.kill()
        return events

    @property
    def alive(self):
        """Looks without waiting for it: kill() needs the id to be its."""
        return self.process.returncode is None and os.waitid(
            os.P_PID, self.process.pid,
            os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def _read_events(self):
        with open(self.events_path, "rb") as stream:
            stream.seek(self.offset)
            data = stream.read()
        data = data[:data.rfind(b"\n") + 1]
        self.offset += len(data)
        return [json.loads(line) for line in data.splitlines()]

    def _follow(self, event):
        now = time.monotonic()
        if event["event"] == "start":
            self.running = event["name"]
            # the scenario's own limit, and time to put things away
            self.deadline = now + event["limit"] + 90
        elif event["event"] == "result":
            self.running = None
            self.deadline = now + BOOT_LIMIT
        elif event["event"] in ("done", "broken"):
            self.done = True
            self.deadline = now + 10

    def console_text(self):
        """What the kernel printed, without what it always prints."""
        with open(self.console, errors="replace") as stream:
            lines = [line.rstrip() for line in stream
                     if not NOISE.match(line)]
        return "\n".join(lines[-40:])

    def kill(self):
        """Ends the kernel and all its processes."""
        if self.own_group:
            self._kill_group()
        elif self.alive:
            self.process.kill()
        self.process.wait()
        if self.terminal:
            termios.tcsetattr(0, termios.TCSANOW, self.terminal)

    def _kill_group(self):
        # until the first one is waited for, its id cannot be another's
        if self.process.returncode is not None:
            return
        for _ in range(500):
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            if not self.alive and not _members(self.process.pid):
                return
            time.sleep(0.01)


def _members(group):
    """The processes of a group that have not ended."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as stream:
                state, _, pgrp = stream.read().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if pgrp == str(group) and state not in "ZX":
            found.append(int(entry))
    return found


def _memory_folder():
    # user-mode Linux keeps its memory in an unlinked file
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
