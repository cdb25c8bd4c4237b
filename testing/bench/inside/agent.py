# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs on a host of the bed for as long as a benchmark and does what it asks.

A process of its own for each step would cost ten times what is measured. Reads
one JSON object a line, {"do": NAME, ...}, and answers {"is": ...} or
{"failed": TEXT}. See host.py for the other end.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

import flow                 # noqa: E402
from pair import vici       # noqa: E402

PORT = 7000
LOG = "/var/log/bench.log"
LISTEN = "0A"       # in /proc/net/tcp

# struct tcp_info: eight octets, then 32-bit values
TOTAL_RETRANS = 8 + 4 * 23


class Server(threading.Thread):
    """Accepts TCP connections and closes each when its client does."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("", PORT), backlog=64)
        self.open = []
        self.start()

    def run(self):
        while True:
            for ready in select.select([self.listener, *self.open], [], [])[0]:
                if ready is self.listener:
                    self.open.append(ready.accept()[0])
                    continue
                try:
                    if ready.recv(4096):
                        continue
                except OSError:
                    pass
                self.open.remove(ready)
                ready.close()


class Agent:
    """Each public method is something that may be asked for."""

    def __init__(self):
        self.processes = {}
        self.server = Server()
        self.clients = {}
        self.sink = self.source = None

    # --- files and processes

    def write(self, path, text):
        """Write a file."""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    def read(self, path):
        """What is in a file, nothing if there is none."""
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def run(self, argv, text=None, limit=60, check=True):
        """Run a command that has to succeed, with check. Returns what it printed."""
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False,
                              timeout=limit)
        if done.returncode and check:
            raise OSError(f"{' '.join(argv)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def start(self, name, argv, env=None, log=LOG):
        """Start a process that goes on."""
        with open(log, "ab") as out:
            self.processes[name] = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env={**os.environ, **(env or {})})

    def stop(self, name):
        """End a process that was started, whatever state it is in."""
        process = self.processes.pop(name, None)
        for client in self.clients.values():
            client.close()
        self.clients = {}
        if not process:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wait_log(self, path, text, limit=20):
        """Wait until a file has a text."""
        end = time.monotonic() + limit
        while text not in self.read(path):
            if time.monotonic() > end:
                raise OSError(f"{path} has no '{text}' after {limit} s: {self.read(path)[-500:]}")
            time.sleep(0.02)

    # --- daemons that are asked by a socket

    def vici(self, command, message=None, event=None, path="/run/charon.vici"):
        """Ask charon; values that begin with 0x are octets."""
        if path not in self.clients:
            self.clients[path] = vici.Client(path)
        return self.clients[path].call(command, _octets(message or {}), event)

    def wait_vici(self, limit=20):
        """Wait until charon answers."""
        end = time.monotonic() + limit
        while True:
            try:
                return self.vici("stats")[0]
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def wait_sas(self, wanted, limit=10):
        """Wait until charon has so many IKE_SAs."""
        end = time.monotonic() + limit
        while True:
            now = int(self.vici("stats")[0]["ikesas"]["total"])
            if now == wanted:
                return
            if time.monotonic() > end:
                raise OSError(f"{now} IKE_SAs instead of {wanted} after {limit} s")
            time.sleep(0.002)

    def uapi(self, path, text):
        """Ask wireguard-go by its own protocol. Returns its answer."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(path)
            sock.sendall(text.encode())
            answer = b""
            while not answer.endswith(b"\n\n"):
                part = sock.recv(65536)
                if not part:
                    break
                answer += part
        if b"errno=0" not in answer:
            raise OSError(f"wireguard-go refuses: {answer.decode().strip()}")
        return answer.decode()

    def converse(self, name, line, prompt):
        """Write a line to a process that has a pipe, read until it asks for the next one."""
        process = self.processes[name]
        if line is not None:
            os.write(process.stdin.fileno(), line.encode() + b"\r")
        end = time.monotonic() + 20
        answer = b""
        while prompt.encode() not in answer:
            if not select.select([process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise OSError(f"{name} does not answer: {answer.decode()}")
            part = os.read(process.stdout.fileno(), 65536)
            if not part:
                raise OSError(f"{name} has gone: {answer.decode()}")
            answer += part
        return answer.decode()

    def talk(self, name, argv):
        """Start a process to converse with."""
        with open(LOG, "ab") as log:
            self.processes[name] = subprocess.Popen(argv, stdin=subprocess.PIPE,
                                                    stdout=subprocess.PIPE, stderr=log)

    # --- what is measured

    def connect(self, address, limit=15):
        """Connect to the other host's server; ms, and how many segments were sent again."""
        sock = socket.socket()
        sock.settimeout(limit)
        begin = time.monotonic()
        try:
            sock.connect((address, PORT))
        except OSError as error:
            sock.close()
            return {"failed": str(error)}
        took = (time.monotonic() - begin) * 1000
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TOTAL_RETRANS + 4)
        # wait for the other end's FIN, or it would ask for a tunnel later
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1)
        sock.close()
        return {"ms": took, "again": struct.unpack_from("I", info, TOTAL_RETRANS)[0]}

    def take(self):
        """Take what the other host sends."""
        self.sink = flow.Sink()

    def send(self, kind, address, octets):
        """Send some octets as TCP or UDP; how many it were, and s."""
        self.source = self.source or flow.Source(address)
        return getattr(self.source, kind)(octets)

    def quiet(self, limit=5):
        """Wait until no connection is left that could still send something."""
        end = time.monotonic() + limit
        while _connections() and time.monotonic() < end:
            time.sleep(0.001)
        return _connections()


def _connections():
    """How many connections to our server there are, in whatever state."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        lines = [line.split() for line in list(file)[1:]]
    return sum(int(line[1].rsplit(":", 1)[1], 16) == PORT and line[3] != LISTEN for line in lines)


def _octets(message):
    """Values of a VICI message as they are sent."""
    if isinstance(message, dict):
        return {key: _octets(value) for key, value in message.items()}
    if isinstance(message, str) and message.startswith("0x"):
        return bytes.fromhex(message[2:])
    return message


def main():
    """Serve until the other end closes."""
    agent = Agent()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"is": getattr(agent, request.pop("do"))(**request)}
        except (OSError, vici.Failed, subprocess.SubprocessError, KeyError, ValueError) as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    for name in list(agent.processes):
        agent.stop(name)


main()
