# SPDX-License-Identifier: GPL-2.0-or-later
"""The hosts of one scenario: namespaces with an agent as pid 1."""

import os
import signal
import sys
import traceback

from . import agent, hostroot, linux, network

PIDS = "/run/bed/pids"
WORK = "/run/bed/host"      # a mount point; each host's mount is its own
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class HostError(Exception):
    """A host could not be set up."""


class Host:
    """One running host."""

    def __init__(self, name, folders, lowers, legacy, wrapper):
        self.name = name
        self.pid = None
        self._ready, ready = os.pipe()
        self._plugged, plugged = os.pipe()[::-1]
        parent = os.fork()
        if parent == 0:
            os.close(self._ready)
            os.close(self._plugged)
            try:
                # only a child of the process that unshares is in the new
                # pid namespace; the process between ends at once
                linux.unshare(linux.NEW_HOST)
                child = os.fork()
                if child == 0:
                    _main(name, folders, lowers, legacy, wrapper, ready,
                          plugged)
                os.write(ready, f"{child}\n".encode())
                os._exit(0)
            except BaseException:
                os.write(ready, traceback.format_exc().encode())
                os._exit(1)
        os.close(ready)
        os.close(plugged)
        os.waitpid(parent, 0)
        self.pid = int(self._read_line())

    def _read_line(self):
        data = b""
        while not data.endswith(b"\n"):
            byte = os.read(self._ready, 1)
            if not byte:
                break
            data += byte
        if not data.strip().isdigit():
            rest = data + os.read(self._ready, 65536)
            raise HostError(f"{self.name}: {rest.decode().strip()}")
        return data

    def wait_root(self):
        """Waits until the host has its own root and the agent serves."""
        self._read_line()

    def configure(self):
        """Lets the host set up its interfaces, which are plugged in now."""
        os.write(self._plugged, b"\n")

    def wait_configured(self):
        self._read_line()

    def stop(self):
        if self.pid is None:
            return
        try:
            os.kill(self.pid, signal.SIGKILL)
            # the namespace ends when all of its processes are reaped, also
            # those of nsenter, whose orphans come to this process
            while os.waitpid(-1, 0)[0] != self.pid:
                pass
        except (ProcessLookupError, ChildProcessError):
            pass
        for fd in (self._ready, self._plugged):
            os.close(fd)
        self.pid = None


def _main(name, folders, lowers, legacy, wrapper, ready, plugged):
    """The host's pid 1, from its first moment."""
    try:
        guest = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "guest")
        os.setsid()
        linux.sethostname(name)
        hostroot.enter(WORK, lowers, folders, guest, legacy)
        os.environ.clear()
        os.environ.update(PATH=PATH, HOME="/root", LANG="C.UTF-8",
                          STRONGSWAN_CONF="/etc/strongswan.conf.testing")
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, 0)
        with open("/var/log/console.log", "ab") as console:
            os.dup2(console.fileno(), 1)
            os.dup2(console.fileno(), 2)

        def serve():
            os.write(ready, b"1\n")
            os.read(plugged, 1)
            network.configure_host()
            os.write(ready, b"2\n")

        network.write_sysctl("net.unix.max_dgram_qlen", "1000")
        network.write_sysctl("net.ipv6.conf.all.accept_dad", "0")
        network.write_sysctl("net.ipv6.conf.default.accept_dad", "0")
        network.pass_bridges()
        agent.main(name, serve, wrapper)
    except BaseException:
        text = traceback.format_exc().replace("\n", "\n  ")
        os.write(ready, text.encode())
        os._exit(1)


class Hosts:
    """All hosts of a scenario; a context that leaves nothing behind."""

    def __init__(self, names, folders, stage, legacy, wrapper):
        self.names = names
        self.folders = folders      # function of a host's name
        self.lowers = ([stage] if stage else []) + ["/"]
        self.legacy = legacy
        self.wrapper = wrapper
        self.hosts = {}

    def __enter__(self):
        os.makedirs(PIDS, exist_ok=True)
        os.makedirs(WORK, exist_ok=True)
        sys.stdout.flush()
        try:
            for name in self.names:
                host = Host(name, self.folders(name), self.lowers,
                            self.legacy, self.wrapper)
                self.hosts[name] = host
                with open(f"{PIDS}/{name}", "w") as stream:
                    stream.write(f"{host.pid}\n")
            for host in self.hosts.values():
                host.wait_root()
            network.plug({name: host.pid
                          for name, host in self.hosts.items()})
            for host in self.hosts.values():
                host.configure()
            for host in self.hosts.values():
                host.wait_configured()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error):
        network.unplug(self.hosts)
        for name, host in self.hosts.items():
            os.unlink(f"{PIDS}/{name}")
            host.stop()
        self.hosts = {}

    def root(self, name):
        """A path to the host's root, as seen from outside."""
        return f"/proc/{self.hosts[name].pid}/root"
