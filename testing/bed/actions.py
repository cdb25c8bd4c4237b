# SPDX-License-Identifier: GPL-2.0-or-later
"""What may be done on a prepared scenario instead of its evaltest.dat.

An action is {"kind": "exec" | "script" | "shell", ...}; it runs after
pretest.dat and its exit status is handed to the caller of testing/run.
"""

import fcntl
import os
import pty
import subprocess
import termios
import threading


def create(job, exchange, say):
    """Returns the function of a Run that does what the job says."""
    kind = job["kind"]

    def act(run):
        say("action", name=run.scenario.name)
        env = {"BED_SCENARIO": run.scenario.name,
               "BED_HOSTS": " ".join(run.scenario.hosts),
               "BED_KERNEL": run.settings["kernel"],
               "TERM": job.get("term") or "dumb"}
        try:
            if kind == "shell":
                return _shell(run, env)
            with Output(f"{exchange}/output", job.get("tty")) as output:
                if kind == "script":
                    return _script(run, job, env, output)
                return _exec(run, job, env, output)
        finally:
            say("acted", name=run.scenario.name)
    return act


class Output:
    """A file that the launcher shows as it grows.

    For a terminal there is a pty before it, so that programs do not hold
    their output back.
    """

    def __init__(self, path, tty):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.fd = self.file
        self.thread = None
        if tty:
            self.master, self.fd = pty.openpty()
            mode = termios.tcgetattr(self.fd)
            mode[1] &= ~termios.OPOST
            termios.tcsetattr(self.fd, termios.TCSANOW, mode)
            self.thread = threading.Thread(target=self._copy, daemon=True)
            self.thread.start()

    def _copy(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            os.write(self.file, data)

    def write(self, text):
        os.write(self.fd, text.encode())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        os.close(self.fd)
        if self.thread:
            # a process left behind on a host may keep the pty open
            self.thread.join(1)


def _exec(run, job, env, output):
    result = 0
    for host, command in job["commands"]:
        status, _ = run.shell.run('on "$HOST" "$COMMAND"', stdout=output.fd,
                                  extra={**env, "HOST": host,
                                         "COMMAND": command})
        result = result or status
    return result


def _script(run, job, env, output):
    status, _ = run.shell.run('exec "$SCRIPT"', stdout=output.fd,
                              extra={**env, "SCRIPT": job["file"]})
    return status


def _shell(run, env):
    uml = run.settings["kernel"] == "uml"

    def own_terminal():
        os.setsid()
        fd = os.open("/dev/tty1", os.O_RDWR)
        fcntl.ioctl(fd, termios.TIOCSCTTY, 0)
        for number in range(3):
            os.dup2(fd, number)

    print(f"hosts: {env['BED_HOSTS']}; 'on HOST COMMAND' runs a command, "
          "'on HOST bash' a shell; exit ends", flush=True)
    return subprocess.call(
        ["/bin/bash", "--norc", "--noprofile", "-i"],
        preexec_fn=own_terminal if uml else None, cwd="/run/bed",
        env={**run.shell.env, **env, "PS1": "bed# ", "TERM": env["TERM"]})
