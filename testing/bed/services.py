# SPDX-License-Identifier: GPL-2.0-or-later
"""What systemd does for a host's services, for the few that tests use.

strongswan is a notify service: started, waited for, then configured with
swanctl, and restarted after a crash unless a drop-in says otherwise.
"""

import glob
import os
import re
import shlex
import signal
import subprocess
import threading
import time

UNITS = {
    "strongswan": ["/usr/sbin/charon-systemd"],
    "strongswan-swanctl": ["/usr/sbin/charon-systemd"],
    "nginx": ["/usr/sbin/nginx", "-g", "daemon off;"],
}
ALIASES = {"strongswan-swanctl": "strongswan"}
CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL,
           signal.SIGFPE)
CONFIGURE = ["/usr/sbin/swanctl", "--load-all", "--noprompt"]
STOP_TIMEOUT = 20


def unit_setting(unit, key):
    """The last value of a setting in the unit file and its drop-ins."""
    value = None
    files = [f"/lib/systemd/system/{unit}.service"]
    for root in ("/lib/systemd/system", "/etc/systemd/system"):
        files += sorted(glob.glob(f"{root}/{unit}.service.d/*.conf"))
    for path in files:
        try:
            with open(path) as stream:
                for line in stream:
                    match = re.match(rf"\s*{key}\s*=\s*(.*?)\s*$", line)
                    if match:
                        value = match.group(1)
        except OSError:
            pass
    return value


class Service:
    """One unit and its process."""

    def __init__(self, name, processes, log, wrapper):
        self.name = name
        self.log = log
        self.argv = wrapper + UNITS[name]
        self.slow = 10 if wrapper else 1
        self.processes = processes
        self.pid = None
        self.status = None
        self.stopping = False
        self.ready = threading.Event()

    @property
    def is_strongswan(self):
        return self.name == "strongswan"

    def start(self):
        if self.pid:
            return 0, ""
        self.stopping = False
        self.status = None
        self.ready.clear()
        env = dict(os.environ)
        if self.is_strongswan:
            env["NOTIFY_SOCKET"] = "/run/systemd/notify"
        for word in shlex.split(unit_setting(self.name, "Environment") or ""):
            name, _, value = word.partition("=")
            env[name] = value
        with open("/var/log/console.log", "ab") as out:
            self.pid = self.processes.spawn(self.argv, self._ended, env=env,
                                            stdout=out, stderr=out)
        if not self.is_strongswan:
            return self._wait_nginx()
        deadline = time.monotonic() + 10 * self.slow
        while not self.ready.wait(0.2):
            if self.pid is None:
                return 1, f"{self.name} ended while it started"
            if time.monotonic() > deadline:
                return 1, f"{self.name} did not become ready"
        status, text = self._configure(CONFIGURE)
        if status:
            self.stop()     # as systemd, when an ExecStartPost fails
        return status, text

    def _wait_nginx(self):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and self.pid:
            if os.path.exists("/run/nginx.pid"):
                return 0, ""
            time.sleep(0.02)
        return 1, f"{self.name} did not start; see /var/log/console.log"

    def _configure(self, argv):
        """Runs swanctl; its failure ends the start, as ExecStartPost's."""
        with open("/var/log/console.log", "ab+") as out:
            begin = out.seek(0, 2)
            status = self.processes.run(argv, stdout=out, stderr=out)
            out.seek(begin)
            text = out.read().decode(errors="replace")
        for line in text.splitlines():
            self.log("swanctl", line)
        if status:
            return 1, f"{' '.join(argv)} failed:\n{text}"
        return 0, ""

    def stop(self):
        pid = self.pid
        if not pid:
            return 0, ""
        self.stopping = True
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT * self.slow
        while self.pid == pid:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                self.log("systemd", f"{self.name}.service: State "
                                    "'stop-sigterm' timed out. Killing.")
                return 1, f"{self.name} did not stop within its time"
            time.sleep(0.01)
        return 0, ""

    def kill(self, signum):
        if not self.pid:
            return 1, f"{self.name} is not running"
        os.kill(self.pid, signum)
        return 0, ""

    def reload(self):
        if not self.pid:
            return 1, f"{self.name} is not running"
        if not self.is_strongswan:
            return self.kill(signal.SIGHUP)
        status, text = self._configure(["/usr/sbin/swanctl", "--reload"])
        return (status, text) if status else self._configure(CONFIGURE)

    def _ended(self, status):
        """Called by the reaper; must not wait for anything."""
        self.status = status
        self.pid = None
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            name = signal.Signals(-code).name
            self.log("systemd", f"{self.name}.service: Main process exited, "
                                f"code=killed, status={-code}/{name}")
            if -code in CRASHES or os.WCOREDUMP(status):
                self.log("systemd", f"{self.name}.service: crashed")
        elif code:
            self.log("systemd", f"{self.name}.service: Main process exited, "
                                f"code=exited, status={code}")
        if self.stopping or not self.is_strongswan:
            return
        policy = unit_setting(self.name, "Restart") or "no"
        if policy == "always" or (code < 0 and policy in
                                  ("on-failure", "on-abnormal", "on-abort")):
            threading.Thread(target=self._restart, daemon=True).start()

    def _restart(self):
        time.sleep(0.1)
        if not self.pid and not self.stopping:
            self.log("systemd", f"{self.name}.service: Scheduled restart")
            status, text = self.start()
            if status:
                self.log("systemd", text)


class Services:
    """The units of one host, and the systemctl commands on them."""

    def __init__(self, processes, log, wrapper=()):
        self.units = {}
        self.processes = processes
        self.log = log
        self.wrapper = list(wrapper)

    def unit(self, name):
        name = name.removesuffix(".service")
        name = ALIASES.get(name, name)
        if name not in UNITS:
            return None
        if name not in self.units:
            wrapper = self.wrapper if name == "strongswan" else []
            self.units[name] = Service(name, self.processes, self.log,
                                       wrapper)
        return self.units[name]

    def notified(self, message):
        """A message came in at NOTIFY_SOCKET."""
        if b"READY=1" in message.split(b"\n"):
            self.unit("strongswan").ready.set()

    def control(self, words):
        """One systemctl command line: returns its status and text."""
        signum = signal.SIGTERM
        plain = []
        words = list(words)
        while words:
            word = words.pop(0)
            if word in ("-s", "--signal") and words:
                word = "--signal=" + words.pop(0)
            if word.startswith(("--signal=", "-s")):
                signum = _signal(word.removeprefix("--signal=")
                                 .removeprefix("-s"))
            elif word in ("-p", "--property") and words:
                plain.append(words.pop(0))
            elif not word.startswith("-"):
                plain.append(word)
        if not plain:
            return 1, "systemctl: no command"
        command, *names = plain
        if command in ("daemon-reload", "reset-failed"):
            return 0, ""
        if command == "show":
            unit = self.unit(names[-1]) if names else None
            return 0, str(unit.pid or 0) if unit else "0"
        result = 0, ""
        for name in names:
            unit = self.unit(name)
            if unit is None:
                result = 5, f"Unit {name}.service not found."
                continue
            done = self._one(unit, command, signum)
            result = done if done[0] else (result[0], result[1] + done[1])
        return result

    def _one(self, unit, command, signum):
        if command == "start":
            return unit.start()
        if command == "stop":
            return unit.stop()
        if command in ("restart", "try-restart", "reload-or-restart"):
            stopped = unit.stop()
            return stopped if stopped[0] else unit.start()
        if command == "reload":
            return unit.reload()
        if command == "kill":
            return unit.kill(signum)
        if command in ("is-active", "status"):
            return (0, "active") if unit.pid else (3, "inactive")
        return 1, f"systemctl: the bed does not know '{command}'"


def _signal(word):
    if word.isdigit():
        return signal.Signals(int(word))
    return signal.Signals["SIG" + word.upper().removeprefix("SIG")]


class Processes:
    """Starts processes of pid 1 and reaps all that end."""

    def __init__(self):
        self.lock = threading.RLock()
        self.watched = {}

    def spawn(self, argv, ended, **options):
        # the agent's own priority is not for what it starts
        os.setpriority(os.PRIO_PROCESS, 0, 0)
        with self.lock:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                     start_new_session=True, **options)
            child.returncode = 0    # reaped here, not by subprocess
            self.watched[child.pid] = ended
            return child.pid

    def run(self, argv, **options):
        """Starts a process and waits for it; returns its exit code."""
        done = threading.Event()
        result = []

        def ended(status):
            result.append(os.waitstatus_to_exitcode(status))
            done.set()

        self.spawn(argv, ended, **options)
        done.wait()
        return result[0]

    def reap(self):
        while True:
            with self.lock:
                try:
                    pid, status = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    return
                ended = self.watched.pop(pid, None)
            if pid == 0:
                return
            if ended:
                ended(status)
