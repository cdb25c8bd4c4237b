#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A COI peer on the command line.

Without --attack it makes one exchange over UDP and prints it as one JSON object. Exit: 0 done, 1 not.
With --attack it sends hostile datagrams; exit 0: nothing came back, 1: something did.
"""

import argparse
import json
import select
import socket
import sys
import time

import attacks
from coi.config import Community, Config, Key
from coi.crypto import BY_NAME
from coi.endpoint import Endpoint
from coi.esp import ICMP, ICMP6, UDP, Tunnel
from coi.info import ANY
from coi.wire import address, address_text
from coi.xfrm import Kernel

PROTOCOLS = {"any": 0, "icmp": 1, "tcp": 6, "udp": 17, "icmp6": 58, "sctp": 132}
ID_TYPES = {"none": 0, "ip": 1, "fqdn": 2, "email": 3, "ip6": 5, "dn": 9, "keyid": 11}


def now():
    """The clock in milliseconds."""
    return time.time() * 1000


def services(text):
    """`any`, `tcp/80`, `udp/1-9`, several with commas."""
    out = []
    for one in text.split(","):
        proto, _, ports = one.partition("/")
        first, _, last = ports.partition("-")
        number = PROTOCOLS[proto] if proto in PROTOCOLS else int(proto)
        out.append((number, int(first), int(last or first)) if ports else (number, 0, 65535))
    return out


def per_community(values, parse):
    """`[NAME:]VALUE` of an option as a function of the name."""
    table = {}
    for value in values or []:
        name, colon, rest = value.rpartition(":")
        table[name.encode() if colon else None] = parse(rest)
    return lambda name, default: table.get(name, table.get(None, default))


def proposal(text):
    """`aes256gcm16[-esn]`, or the four numbers ENCR-BITS-INTEG-ESN."""
    named = {"aes256gcm16": (20, 256, 0, 0), "aes256gcm16-esn": (20, 256, 0, 1)}
    return named.get(text) or tuple(int(n) for n in text.split("-"))


def make_keys(args):
    """The keys of the command line."""
    return [Key(name.encode(), bytes.fromhex(value), BY_NAME[args.suite])
            for name, _, value in (k.partition("=") for k in args.key)]


def make_config(args):
    """The Config of the command line."""
    keys = make_keys(args)
    offers, uses = per_community(args.offer, services), per_community(args.use, services)
    proposals = [proposal(p) for p in args.proposal or ["aes256gcm16", "aes256gcm16-esn"]]
    kind, _, data = args.identity.partition(":")
    data = data.encode() if kind in ("fqdn", "email", "none") else bytes.fromhex(data)
    config = Config(keys, identity=(ID_TYPES[kind], data), start=int(now()), port=args.port)
    if args.user:
        config.user = int(now()), args.user.encode()
    for k in keys:
        config.communities[k.name] = Community(
            {"transport": 1, "tunnel": 2}[args.mode], proposals, offers(k.name, list(ANY)), uses(k.name, list(ANY)))
    return config


def describe(session):
    """The result of an exchange."""
    if session is None:
        return None
    info = session.peer_info
    return {
        "role": session.role, "state": session.state, "confirmed": session.confirmed,
        "spi_i": session.spi_i.hex(), "spi_r": session.spi_r.hex() if session.spi_r else None,
        "local": address_text(session.local[0]), "peer": address_text(session.peer[0]), "peer_port": session.peer[1],
        "peer_identity": {"type": info.identity[0], "data": info.identity[1].hex()} if info else None,
        "peer_start": info.start if info else None,
        "peer_user": {"since": info.user[0], "name": info.user[1].decode()} if info and info.user else None,
        "communities": [{
            "name": c.name.decode(), "mode": c.mode, "proposal": c.proposal,
            "esp_i": "%08x" % c.esp_i, "esp_r": "%08x" % c.esp_r,
            "encr_ir": c.keys_ir[0].hex(), "integ_ir": c.keys_ir[1].hex(),
            "encr_ri": c.keys_ri[0].hex(), "integ_ri": c.keys_ri[1].hex(),
            "at_initiator": c.flows[0], "at_responder": c.flows[1]} for c in session.children],
    }


class Peer:
    """Sockets around an Endpoint."""

    def __init__(self, args):
        self.args = args
        remote = args.connect
        self.local = address(args.listen or args.local or self.route(remote, args.port))
        text = address_text(self.local)
        self.family = socket.AF_INET6 if ":" in text else socket.AF_INET
        self.udp = self.bound(args.port)
        self.endpoint = Endpoint(make_config(args), now() - args.floor)
        self.tunnel = Tunnel(self.local) if args.esp else None
        self.kernel = Kernel(args.port, args.idle_port) if args.install else None
        self.idle_socket = None
        self.session, self.idles, self.pings, self.sent = None, [], {}, 0
        self.closed, self.ping_wanted, self.echoed = None, args.ping, 0
        self.dropped = []
        self.drop = {int(n) for n in args.drop.split(",") if n}
        self.next_idle = 0

    @staticmethod
    def route(remote, port):
        """The address from which this host reaches another."""
        family = socket.AF_INET6 if ":" in remote else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.connect((remote, port))
            return s.getsockname()[0]

    def bound(self, port):
        """A UDP socket on the local address."""
        s = socket.socket(self.family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address_text(self.local), port))
        return s

    def handle(self):
        """Carry out the endpoint's events."""
        for kind, session, *rest in self.endpoint.take():
            if self.args.verbose:
                print(kind, session.spi_i.hex(), [len(r) if isinstance(r, bytes) else r for r in rest],
                      file=sys.stderr)
            if kind == "send":
                if self.sent not in self.drop:
                    self.udp.sendto(rest[0], (address_text(rest[1][0]), rest[1][1]))
                self.sent += 1
            elif kind == "install":
                for where in (self.tunnel, self.kernel):
                    if where:
                        where.install(session, rest[0])
                if self.kernel and not self.idle_socket:
                    self.idle_socket = self.bound(self.args.idle_port)
            elif kind == "idle":
                self.send_idle(session, rest[0])
            elif kind == "idle-in":
                self.idles.append(rest[0])
            elif kind == "open":
                self.session = session
            elif kind == "dropped":
                for where in (self.tunnel, self.kernel):
                    if where:
                        where.drop(session, rest[0])
                self.dropped += [c.name.decode() for c in rest[0]]
            elif kind == "closed":
                for where in (self.tunnel, self.kernel):
                    if where:
                        where.remove(session)
                if session is self.session or self.args.connect and not self.session:
                    self.closed = rest[0]

    def send_idle(self, session, datagram):
        """Send an IDLE through the tunnel if there is one."""
        if self.tunnel:
            self.tunnel.send_idle(session, datagram, self.args.idle_port)
        elif self.idle_socket:
            self.idle_socket.sendto(datagram, (address_text(session.peer[0]), self.args.idle_port))

    def inner(self, session, proto, payload):
        """A packet came out of the tunnel."""
        if proto == UDP and payload[2:4] == self.args.idle_port.to_bytes(2, "big"):
            source = (session.peer[0], int.from_bytes(payload[:2], "big"))
            self.receive(payload[8:], source, True)
        elif proto in (ICMP, ICMP6):
            echo = self.tunnel.icmp(session, payload)
            if echo in self.pings:
                self.pings[echo] = True
            self.echoed += echo is None

    def receive(self, d, source, tunnel):
        """A datagram for the endpoint."""
        reason, note = self.endpoint.receive(d, source, (self.local, self.args.port), now(), tunnel)
        if self.args.verbose:
            print("received", len(d), "from", address_text(source[0]), source[1], reason or note or "ok",
                  file=sys.stderr)

    def step(self, seconds):
        """Wait for sockets for a while."""
        sockets = [s for s in (self.udp, self.idle_socket, self.tunnel and self.tunnel.socket) if s]
        for s in select.select(sockets, [], [], seconds)[0]:
            if self.tunnel and s is self.tunnel.socket:
                inner = self.tunnel.receive()
                if inner:
                    self.inner(*inner)
                continue
            d, source = s.recvfrom(65536)
            self.receive(d, (address(source[0]), source[1]), s is self.idle_socket)
        self.endpoint.tick(now())
        self.handle()
        s = self.session
        if s and s.state == "OPEN" and s.confirmed and (self.tunnel or self.kernel) and now() >= self.next_idle:
            self.next_idle = now() + 1000 * self.args.idle_interval
            s.idle(now())
            if self.tunnel and self.ping_wanted:
                self.pings[self.tunnel.ping(s)] = False
                self.ping_wanted -= 1
        self.handle()

    def finished(self):
        """Is there what --until asks for?"""
        s = self.session
        if self.args.until == "never":
            return False
        if self.closed:
            return True
        if self.args.until == "dropped":
            return bool(self.dropped)
        if self.args.until == "closed" or not s or s.state != "OPEN":
            return False
        return self.args.until == "open" or s.confirmed and (bool(self.idles) or not (self.tunnel or self.kernel)) \
            and not self.ping_wanted and all(self.pings.values())

    def run(self):
        """The whole of it; returns the exit code."""
        if self.args.connect:
            self.endpoint.open((address(self.args.connect), self.args.to_port or self.args.port), now(),
                               (self.local, self.args.port))
            self.handle()
        end = time.time() + self.args.time
        while time.time() < end and not self.finished():
            self.step(min(0.02, max(0, end - time.time())))
        done = self.finished() and (self.args.until == "closed" or not self.closed)
        result = {"done": done, "closed": self.closed, "dropped": self.dropped, "session": describe(self.session),
                  "idles": self.idles, "pings": sum(self.pings.values()), "refused": dict(self.endpoint.refused)}
        print(json.dumps(result), flush=True)
        s = self.session
        for name in map(str.encode, self.args.term_community):
            if s and s.state == "OPEN" and any(c.name == name for c in s.children):
                s.terminate_community(name, 1, "terminated")
        self.handle()
        end = time.time() + self.args.stay
        while time.time() < end:
            self.step(0.02)
        if self.session and self.session.state == "OPEN":
            if self.args.term:
                self.session.terminate(1, "terminated")
            else:
                self.session.close("end")
        self.handle()
        return 0 if done else 1


def arguments(argv=None):
    """The command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--key", action="append", default=[], metavar="NAME=HEX", help="oldest generation first")
    p.add_argument("--suite", choices=sorted(BY_NAME), default="p384", help="of all keys")
    p.add_argument("--listen", metavar="ADDR", help="wait on this own address")
    p.add_argument("--connect", metavar="ADDR", help="open a session with this host")
    p.add_argument("--local", metavar="ADDR", help="the own address with --connect")
    p.add_argument("--port", type=int, default=4570, help="the own COI port")
    p.add_argument("--to-port", type=int, help="the peer's COI port, if another")
    p.add_argument("--idle-port", type=int, default=4571)
    p.add_argument("--offer", action="append", metavar="[NAME:]LIST", help="e.g. tcp/80,udp/1-9,any")
    p.add_argument("--use", action="append", metavar="[NAME:]LIST")
    p.add_argument("--identity", default="none", metavar="TYPE:DATA", help="fqdn:a.b, email:x, ip:HEX, dn:HEX ...")
    p.add_argument("--user", metavar="NAME", help="who is logged in since now")
    p.add_argument("--mode", choices=("transport", "tunnel"), default="transport")
    p.add_argument("--proposal", action="append", help="aes256gcm16, aes256gcm16-esn or ENCR-BITS-INTEG-ESN")
    p.add_argument("--esp", action="store_true", help="ESP in this process over a raw socket")
    p.add_argument("--install", action="store_true", help="ESP in the kernel, by ip xfrm")
    p.add_argument("--ping", type=int, default=0, metavar="N", help="with --esp: pings that must be answered")
    p.add_argument("--until", choices=("open", "confirmed", "dropped", "closed", "never"), default="open",
                   help="dropped: the peer ended a community, closed: the session")
    p.add_argument("--time", type=float, default=20, metavar="S", help="give up after")
    p.add_argument("--stay", type=float, default=0, metavar="S", help="go on after the result")
    p.add_argument("--term", action="store_true", help="send a TERM at the end")
    p.add_argument("--term-community", action="append", default=[], metavar="NAME",
                   help="send a TERM of this one after the result, go on with the others")
    p.add_argument("--idle-interval", type=float, default=2, metavar="S")
    p.add_argument("--floor", type=float, default=0, metavar="MS", help="set the floor this much into the past")
    p.add_argument("--drop", default="", metavar="N,N", help="own datagrams to lose, counted from 0")
    p.add_argument("--attack", metavar="NAME", help="`list` lists them, `all` runs each")
    p.add_argument("--wait", type=float, default=1.0, metavar="S", help="how long an attack waits for an answer")
    p.add_argument("--verbose", action="store_true")
    args = p.parse_args(argv)
    if args.attack != "list" and (not args.key or bool(args.listen) == bool(args.connect)):
        p.error("--key and one of --listen and --connect are needed")
    return args


def main():
    """Run."""
    args = arguments()
    if args.attack:
        return attacks.run(args, make_keys(args))
    return Peer(args).run()


if __name__ == "__main__":
    sys.exit(main())
