#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mesh.py NUMBER: so many hosts in this one, all of which send to all at once.

Each is a network namespace on a common bridge with a charon of its own. Once
everyone has heard everyone else, each pair of them must have one session, the
same at both ends. Then all sessions are closed, and nothing may be left.
Prints how long it took until all was open. Status 1 if something was wrong.
"""

import collections
import ctypes
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time

NETWORK = "10.9.0"
WORK = "/tmp/mesh"
PORT = 7007
LIMIT = 60          # seconds until all are open
PATIENCE = 240      # seconds until it is not worth waiting for the figure
AGAIN = 0.5         # seconds between two datagrams to one host

CHARON = """\
charon-systemd {{
  load = random nonce openssl kdf hmac sha2 aes gcm kernel-netlink coi updown vici
  journal {{
    default = -1
  }}
  filelog {{
    log {{
      path = /var/log/mesh-{name}.log
      time_format = %T
      flush_line = yes
    }}
  }}
  plugins {{
    coi {{
      dark = yes
    }}
    vici {{
      socket = unix://{work}/vici
    }}
  }}
}}
swanctl {{
  socket = unix://{work}/vici
}}
"""
SWANCTL = """\
connections {{
   coi {{
      version = 2
      remote_addrs = {network}.0/24
      local {{
         auth = xauth-coi
         id = {name}.strongswan.org
      }}
      remote {{
         auth = xauth-coi
      }}
      children {{
         finance {{
            mode = transport
            start_action = trap
            esp_proposals = aes256gcm16
         }}
      }}
   }}
}}
secrets {{
   ppk-finance {{
      id = finance
      secret = 0x{secret}
   }}
}}
"""


class Failure(Exception):
    """Something is not as it has to be."""


def run(*argv, env=None):
    done = subprocess.run(argv, capture_output=True, text=True, env=env)
    if done.returncode:
        raise Failure(f"{' '.join(argv)}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Node:
    """One of the hosts."""

    def __init__(self, number):
        self.name = f"h{number}"
        self.address = f"{NETWORK}.{number}"
        self.work = f"{WORK}/{self.name}"
        self.env = dict(os.environ, SWANCTL_DIR=self.work,
                        STRONGSWAN_CONF=f"{self.work}/strongswan.conf")
        self.charon = None
        self.talker = None

    def plug(self):
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", f"to-{self.name}", "master", "mesh", "up",
            "type", "veth", "peer", "name", "eth0", "netns", self.name)
        self.on("ip", "link", "set", "lo", "up")
        self.on("ip", "link", "set", "eth0", "up")
        self.on("ip", "address", "add", f"{self.address}/24", "dev", "eth0")

    def configure(self, secret):
        os.makedirs(self.work)
        values = dict(name=self.name, work=self.work, network=NETWORK,
                      secret=secret)
        for file, text in (("strongswan.conf", CHARON),
                           ("swanctl.conf", SWANCTL)):
            with open(f"{self.work}/{file}", "w") as stream:
                stream.write(text.format(**values))

    def on(self, *argv):
        return run("ip", "netns", "exec", self.name, *argv, env=self.env)

    def start(self):
        self.charon = subprocess.Popen(
            ["ip", "netns", "exec", self.name, "/usr/sbin/charon-systemd"],
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def load(self):
        end = time.monotonic() + 20
        while not os.path.exists(f"{self.work}/vici"):
            if self.charon.poll() is not None or time.monotonic() > end:
                raise Failure(f"charon of {self.name} does not start")
            time.sleep(0.05)
        self.on("swanctl", "--load-all", "--noprompt")

    def stop(self):
        if self.charon:
            self.charon.send_signal(signal.SIGTERM)
            try:
                status = self.charon.wait(20)
            except subprocess.TimeoutExpired:
                self.charon.kill()
                self.charon.wait()
                raise Failure(f"charon of {self.name} does not end") from None
            self.charon = None
            if status:
                raise Failure(f"charon of {self.name} ended with {status}")


def talk(node, nodes, start, report):
    """Sends to all others until it is killed; tells when it has heard all."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{node.name}") as stream:
        if libc.setns(stream.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((node.address, PORT))
    silent = {other.address for other in nodes} - {node.address}
    others = sorted(silent)
    while time.monotonic() < start:
        time.sleep(start - time.monotonic())
    due = start
    while True:
        now = time.monotonic()
        if now >= due:
            due = now + AGAIN
            for other in others:
                try:
                    sock.sendto(b"hello", (other, PORT))
                except OSError:
                    pass        # refused
        if not select.select([sock], [], [], max(0, due - now))[0]:
            continue
        _, (address, _) = sock.recvfrom(100)
        if address in silent:
            silent.remove(address)
            if not silent:
                os.write(report, f"{time.monotonic() - start}\n".encode())


def hear(nodes):
    """Lets all talk; returns after how many seconds each had heard all."""
    reader, writer = os.pipe()
    start = time.monotonic() + 1
    for node in nodes:
        node.talker = os.fork()
        if node.talker == 0:
            try:
                talk(node, nodes, start, writer)
            finally:
                os._exit(1)
    os.close(writer)
    data = b""
    while data.count(b"\n") < len(nodes):
        left = start + PATIENCE - time.monotonic()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            heard = data.count(b"\n")
            raise Failure(f"after {PATIENCE} s only {heard} had heard all")
        piece = os.read(reader, 4096)
        if not piece:
            raise Failure("those who talk have ended")
        data += piece
    os.close(reader)
    return sorted(float(line) for line in data.split())


def hush(nodes):
    for node in nodes:
        if node.talker:
            os.kill(node.talker, signal.SIGKILL)
            os.waitpid(node.talker, 0)
            node.talker = None


def check_pairs(nodes):
    """One CHILD_SA for each pair, the same SPIs at both ends."""
    lines = collections.Counter()
    for node in nodes:
        lines.update(node.on("coi-consistent", "--pairs").splitlines())
    # finance A SPI B SPI
    hosts = collections.Counter(tuple(line.split()[1::2]) for line in lines)
    wanted = len(nodes) * (len(nodes) - 1) // 2
    bad = [line for line, count in lines.items() if count != 2]
    if bad:
        raise Failure("not the same at both ends:\n" + "\n".join(sorted(bad)))
    if len(hosts) != wanted or set(hosts.values()) != {1}:
        raise Failure(f"{len(hosts)} pairs, not {wanted}")
    return wanted


def count_log(nodes, text):
    total = 0
    for node in nodes:
        with open(f"/var/log/mesh-{node.name}.log") as stream:
            total += sum(text in line for line in stream)
    return total


def test(nodes):
    secret = secrets.token_hex(32)
    run("ip", "link", "add", "mesh", "up", "type", "bridge", "forward_delay",
        "0", "mcast_snooping", "0")
    for node in nodes:
        node.plug()
        node.configure(secret)
        node.start()
    for node in nodes:
        node.load()
    others = str(len(nodes) - 1)
    times = hear(nodes)
    for node in nodes:
        node.on("coi-consistent", "-t", "20", "-n", others)
    pairs = check_pairs(nodes)
    print(f"{len(nodes)} hosts, {pairs} pairs, each has one session: the first "
          f"had heard all after {times[0]:.1f} s, the last after "
          f"{times[-1]:.1f} s")
    print(f"openings begun {count_log(nodes, '] opening COI session')}, anew "
          f"{count_log(nodes, ', asking anew')}, given up "
          f"{count_log(nodes, ' not opened: no answer')}")
    if times[-1] > LIMIT:
        raise Failure(f"that is more than {LIMIT} s")
    hush(nodes)
    for node in nodes:
        # the other end may have been faster with the last one
        subprocess.run(["ip", "netns", "exec", node.name, "swanctl",
                        "--terminate", "--ike", "coi"], env=node.env,
                       capture_output=True)
    for node in nodes:
        node.on("coi-consistent", "-t", "20", "-n", "0")
    for node in nodes:
        node.stop()
        # those of other hosts run in the same place
        node.on("coi", "release", "--force")
        left = node.on("ip", "xfrm", "state") + node.on("ip", "xfrm", "policy")
        if left.strip():
            raise Failure(f"{node.name}:\n{left}")
    print("nothing is left")


def main(number):
    nodes = [Node(index + 1) for index in range(number)]
    status = 0
    try:
        test(nodes)
    except Failure as failure:
        print(failure)
        status = 1
    hush(nodes)
    for node in nodes:
        try:
            node.stop()
        except Failure as failure:
            print(failure)
            status = 1
        subprocess.run(["ip", "netns", "delete", node.name])
    subprocess.run(["ip", "link", "delete", "mesh"])
    return status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
