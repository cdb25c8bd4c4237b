# SPDX-License-Identifier: GPL-2.0-or-later
"""The local shell of do-tests, in which commands on hosts are begun."""

import os
import select
import signal
import subprocess
import tempfile
import time

from . import host

GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest")


# guest/on as a function: one process less each time
PRELUDE = """on() {
local pid
read -r pid < /run/bed/pids/$1 || return 2
shift
PATH=$HOST_PATH nsenter -t $pid -m -u -i -n -p --wdns=/root /bin/bash -c "$*"
}
"""


class TimeLimit(Exception):
    """A command or the whole scenario took too long."""


class Shell:
    """Runs local bash scripts until a deadline."""

    def __init__(self, timeout, patience=1):
        self.deadline = time.monotonic() + timeout
        self.env = {"PATH": host.PATH + ":" + GUEST, "HOST_PATH": host.PATH,
                    "STRONGSWAN_CONF": "/etc/strongswan.conf.testing",
                    "WAIT_PATIENCE": str(patience), "HOME": "/root",
                    "LANG": "C.UTF-8", "TERM": "dumb"}

    def run(self, script, stdout=None, extra=None):
        """Returns the exit status and what was printed.

        Output goes through a file: a background process on a host that
        keeps it open does not hold up the scenario.
        """
        with tempfile.TemporaryFile(dir="/run/bed") as output:
            child = subprocess.Popen(
                ["/bin/bash", "-c", PRELUDE + script], stdin=subprocess.DEVNULL,
                stdout=stdout or output, stderr=subprocess.STDOUT,
                env={**self.env, **(extra or {})}, cwd="/run/bed",
                start_new_session=True)
            if not _ends(child.pid, self.deadline):
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                raise TimeLimit()
            status = child.wait()
            output.seek(0)
            return status, output.read().decode(errors="replace")

    def step(self, step):
        """A line of pretest.dat: in double quotes."""
        return self.run(f'on {step.host} "{step.command}"')

    def check(self, check, captured=None):
        """A line of evaltest.dat: unquoted, its output through grep.

        captured: the file with the output, instead of the command.
        Returns grep's status, its lines, the output and the errors.
        """
        source = f"{{ on {check.host} {check.command} > out; }} 2> err\n"
        file = "out"
        if captured:
            source, file = "> err\n", captured
        _, errors = self.run(
            f'{source}grep "{check.pattern}" {file} > hits 2> /dev/null\n'
            'echo $? > status')
        with open("/run/bed/status") as stream:
            status = int(stream.read() or 2)
        return (status, _read("hits").splitlines(), _read(file),
                errors + _read("err"))


def _ends(pid, deadline):
    """Waits for a process; Popen.wait with a timeout would poll for it."""
    fd = os.pidfd_open(pid)
    try:
        left = max(0.1, deadline - time.monotonic())
        return bool(select.select([fd], [], [], left)[0])
    finally:
        os.close(fd)


def _read(file):
    with open(os.path.join("/run/bed", file), errors="replace") as stream:
        return stream.read()
