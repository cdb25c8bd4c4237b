# SPDX-License-Identifier: GPL-2.0-or-later
"""Two charons in network namespaces of their own, joined by a veth pair.

Their IPsec kernel is that of strongSwan's load-tester, which takes SAs and
policies and does nothing. So what is measured is charon with the plugin on any
kernel, and IKEv2 under the very same conditions.
"""

import glob
import os
import shutil
import signal
import subprocess
import time

from . import vici

REPO = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.path.join(REPO, "build/bench")
PLUGINS = "/usr/lib/ipsec/plugins"
CHARON = "/usr/sbin/charon-systemd"

# each tunnel is between an address of its own at both ends
INITIATORS = "10.1.0.0/16"
RESPONDERS = "10.2.0.0/16"
LINK = ("10.3.0.1", "10.3.0.2")

LOAD = ("random nonce openssl pem x509 constraints revocation pubkey pkcs1 pkcs8 hmac kdf gcm "
        "load-tester kernel-netlink coi socket-default vici")


class Unusable(Exception):
    """What is needed is not there; the text says what to do."""


def run(*command):
    """Run a command that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")


# numbers of addresses in a /24
BLOCK = 250


def initiator(number):
    """Address of an initiator, 0 to 60000."""
    return f"10.1.{number // BLOCK}.{number % BLOCK + 1}"


def responder(number):
    """Address of the responder that this initiator asks."""
    return f"10.2.{number // BLOCK}.{number % BLOCK + 1}"


def block(number):
    """The network that this responder and the rest of its block are in."""
    return f"10.2.{number // BLOCK}.0/24"


def _build_kernel():
    """Compile load-tester, which Debian leaves out, from the headers' sources."""
    target = os.path.join(BUILD, "libstrongswan-load-tester.so")
    trees = sorted(glob.glob(os.path.join(REPO, "build/strongswan-*/src")))
    if not trees:
        raise Unusable("no sources of strongSwan in build/: run testing/prepare")
    if not os.path.exists(target):
        tree = trees[-1]
        # load_tester.c is a program
        sources = glob.glob(os.path.join(tree, "libcharon/plugins/load_tester/load_tester_*.c"))
        run("gcc", "-shared", "-fPIC", "-O2", "-w", "-fno-strict-aliasing", "-DIPSEC_PIDDIR=\"/run\"",
            "-include", os.path.join(tree, "../config.h"), "-I", os.path.join(tree, "libstrongswan"),
            "-I", os.path.join(tree, "libcharon"), "-o", target, *sources)
    return target


def _plugins(stage):
    """Make a folder with Debian's plugins, ours and load-tester."""
    ours = os.path.join(stage + PLUGINS, "libstrongswan-coi.so")
    if not os.path.exists(ours):
        raise Unusable(f"no {ours}: run testing/prepare")
    folder = os.path.join(BUILD, "plugins")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PLUGINS, folder)
    shutil.copy(ours, folder)
    shutil.copy(_build_kernel(), folder)
    return folder


class Daemon:
    """One charon."""

    def __init__(self, name, settings, secrets):
        self.name = name
        self.space = f"coi-bench-{name}"
        self.folder = os.path.join(BUILD, name)
        self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.folder, "run"))
        shutil.copytree(secrets, os.path.join(self.folder, "swanctl"))
        with open(os.path.join(self.folder, "strongswan.conf"), "w", encoding="ascii") as file:
            file.write("charon-systemd {\n" + settings.format(folder=self.folder) + "\n}\n")

    def start(self, plugins, cores=None):
        """Start it, on some cores if not on all, and wait until it answers."""
        script = (f"mount --make-rprivate / && mount --bind {plugins} {PLUGINS} && "
                  f"mount --bind {self.folder}/run /run && "
                  f"mount --bind {self.folder}/swanctl /etc/swanctl && "
                  f"exec env STRONGSWAN_CONF={self.folder}/strongswan.conf {CHARON}")
        with open(os.path.join(self.folder, "out"), "wb") as out:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.space, "unshare", "-m", "bash", "-c", script],
                stdout=out, stderr=out)
        if cores:
            # before bash has become charon, which makes threads
            os.sched_setaffinity(self.process.pid, cores)
        for _ in range(100):
            time.sleep(0.1)
            if self.process.poll() is not None:
                break
            try:
                return self.vici().call("stats")[0]
            except OSError:
                pass
        raise Unusable(f"charon did not start, see {self.folder}/out and charon.log beside it")

    def vici(self):
        """Connect to stock VICI."""
        return vici.Client(os.path.join(self.folder, "run/charon.vici"))

    def control(self):
        """Connect to the plugin's control socket."""
        return vici.Client(os.path.join(self.folder, "run/charon.coi"))

    def resident(self):
        """Octets of memory in use."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def processor(self):
        """Seconds of processor time used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """End it, whatever state it is in."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Pair:
    """Both, in a context: with Pair(settings, ...) as pair."""

    def __init__(self, count, settings, folders, stage, cores=None):
        self.count = count
        self.cores = cores
        self.initiator = Daemon("initiator", settings, folders[0])
        self.responder = Daemon("responder", settings, folders[1])
        self.plugins = _plugins(stage)

    def __enter__(self):
        one, two = self.initiator.space, self.responder.space
        self._remove()
        try:
            for space in one, two:
                run("ip", "netns", "add", space)
            run("ip", "link", "add", "eth0", "netns", one, "type", "veth", "peer", "name", "eth0",
                "netns", two)
            for space, address in (one, LINK[0]), (two, LINK[1]):
                run("ip", "-n", space, "link", "set", "lo", "up")
                run("ip", "-n", space, "link", "set", "eth0", "up")
                run("ip", "-n", space, "address", "add", address + "/24", "dev", "eth0")
            self._address(one)
            # each address of the network is this host's own
            run("ip", "-n", two, "route", "add", "local", RESPONDERS, "dev", "lo")
            run("ip", "-n", two, "route", "add", INITIATORS, "via", LINK[0])
            for daemon in self.responder, self.initiator:
                daemon.start(self.plugins, self.cores)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in self.initiator, self.responder:
            daemon.stop()
        self._remove()

    def processor(self):
        """Seconds of processor time that both have used."""
        return self.initiator.processor() + self.responder.processor()

    def _address(self, space):
        """Give the initiators their addresses, and let each leave from its own."""
        batch = os.path.join(BUILD, "batch")
        with open(batch, "w", encoding="ascii") as file:
            for number in range(self.count):
                file.write(f"address add {initiator(number)}/32 dev lo\n")
                file.write(f"route add {responder(number)} via {LINK[1]} src {initiator(number)}\n")
        run("ip", "-n", space, "-batch", batch)

    def _remove(self):
        for daemon in self.initiator, self.responder:
            subprocess.run(["ip", "netns", "del", daemon.space], capture_output=True, check=False)
