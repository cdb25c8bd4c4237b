# SPDX-License-Identifier: GPL-2.0-or-later
"""A host of the bed, as the benchmark that runs beside the hosts sees it."""

import json
import os
import subprocess

AGENT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "agent.py")


class Failed(Exception):
    """What a host was asked to do did not work."""


class Host:
    """One host with its agent."""

    def __init__(self, name, address):
        self.name = name
        self.address = address
        self.agent = subprocess.Popen(["on", name, f"exec /usr/bin/python3 -u {AGENT}"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, what, **values):
        """Ask for something that takes a while; answer() has what came of it."""
        self.agent.stdin.write(json.dumps({"do": what, **values}) + "\n")
        self.agent.stdin.flush()

    def answer(self):
        """What came of what was asked."""
        line = self.agent.stdout.readline()
        if not line:
            raise Failed(f"{self.name}: the agent has ended")
        answer = json.loads(line)
        if "failed" in answer:
            raise Failed(f"{self.name}: {answer['failed']}")
        return answer["is"]

    def do(self, what, **values):
        """Ask, and wait for what comes of it."""
        self.ask(what, **values)
        return self.answer()

    def run(self, command, text=None):
        """Run a command without quotes in it."""
        return self.do("run", argv=command.split(), text=text)

    def sysctl(self, key, value):
        """Set one value."""
        self.do("write", path="/proc/sys/" + key.replace(".", "/"), text=str(value))

    def close(self):
        """Let the agent end all that it started."""
        self.agent.stdin.close()
        self.agent.wait(60)


class Two:
    """moon, who asks, and sun; a context."""

    def __enter__(self):
        self.moon = Host("moon", "192.168.0.1")
        self.sun = Host("sun", "192.168.0.2")
        return self

    def __iter__(self):
        return iter((self.moon, self.sun))

    def other(self, host):
        """The host that the other one talks to."""
        return self.sun if host is self.moon else self.moon

    def delay(self, milliseconds):
        """Delay what each sends by half of that."""
        for host in self:
            if milliseconds:
                host.run(f"tc qdisc replace dev eth0 root netem delay {milliseconds / 2:g}ms "
                         "limit 10000")

    def __exit__(self, *_):
        for host in self:
            host.close()
