# SPDX-License-Identifier: GPL-2.0-or-later
"""A host of the bed, as the benchmark that runs beside the hosts sees it."""

import json
import subprocess

# of this folder, in a host: the bed puts testing there, wherever the checkout lies
AGENT = "/usr/local/lib/coi-testing/bench/inside/agent.py"
MOON, SUN = "192.168.0.1", "192.168.0.2"


class Failed(Exception):
    """What a host was asked to do did not work."""


class Host:
    """One host with its agent."""

    def __init__(self, name, address, inside=None):
        self.name = name
        self.address = address
        # the namespace is a host of its own, which has what moon has but not its state
        where = f"exec ip netns exec {inside} unshare -m /bin/sh -c" if inside else "/bin/sh -c"
        fresh = "mount -t tmpfs none /run && mount -t tmpfs none /var/log && " if inside else ""
        self.agent = subprocess.Popen(
            ["on", "moon" if inside else name, f"{where} '{fresh}exec /usr/bin/python3 -u {AGENT}'"],
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
        self.moon = Host("moon", MOON)
        self.sun = Host("sun", SUN)
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


class Apart(Two):
    """The same two again, as many as are wanted at a time, joined by nothing but a wire.

    They are network namespaces inside the bed's moon: no SA, policy or rule of
    one pair is looked at for what another one sends.
    """

    def __init__(self, number):
        self.spaces = [f"{name}{number}" for name in ("moon", "sun")]

    def __enter__(self):
        one, two = self.spaces
        commands = [f"ip netns add {one}", f"ip netns add {two}",
                    f"ip -n {one} link add eth0 type veth peer name eth0 netns {two}"]
        for space, address in zip(self.spaces, (MOON, SUN)):
            commands += [f"ip -n {space} link set lo up", f"ip -n {space} link set eth0 up",
                         f"ip -n {space} address add {address}/24 dev eth0"]
        subprocess.run(["on", "moon", " && ".join(commands)], check=True)
        self.moon = Host("moon", MOON, one)
        self.sun = Host("sun", SUN, two)
        return self

    def __exit__(self, *error):
        super().__exit__(*error)
        # with a namespace goes its end of the wire, and so the other one
        subprocess.run(["on", "moon", " ; ".join(f"ip netns del {space}" for space in self.spaces)],
                       check=True)
