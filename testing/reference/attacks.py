# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile modes of peer.py: what they send must draw no answer."""

import json
import socket
import sys
import time

from coi import hostile
from coi.config import Config
from coi.crypto import BY_NAME, Random
from coi.endpoint import Endpoint
from coi.wire import address, address_text, parse_header, SESS1

IP_RECVERR, IPV6_RECVERR = 11, 25      # Linux; Python has no names for them

DIALOGUES = {
    "replay": "a valid Sess0 that was answered, again from another port",
    "replay-changed": "a valid Sess0 that was answered, again from the same port with a bit of an entry flipped",
    "sess1-reflected": "the Sess1 that was received, sent back",
    "sess0-swapped": "a valid Sess0, answered, with its entries and tags at other places",
}


def descriptions(suite):
    """Each attack with its reason and description."""
    out = {name: (hostile.reason_for(reason, suite), text) for name, (reason, text, _) in hostile.SESS0.items()}
    out.update({name: ("replay" if "replay" in name or name == "sess0-swapped" else "unknown-session", text)
                for name, text in DIALOGUES.items()})
    out.update({name: (reason, "a Sess2 of an exchange begun correctly, spoilt")
                for name, (reason, _) in hostile.SESS2_BAD.items()})
    out.update({name: (reason, "a TERM of a session opened correctly, spoilt")
                for name, (reason, tunnel, _) in hostile.PDU_BAD.items() if not tunnel})
    return out


class Attack:
    """Sends from sockets of its own."""

    def __init__(self, args, keys):
        self.keys = keys
        self.to, self.port, self.wait = address(args.connect), args.to_port or 4570, args.wait
        self.local, self.from_port = args.local, args.port if args.port != 4570 else 0
        self.family = socket.AF_INET6 if ":" in args.connect else socket.AF_INET

    def socket(self):
        """A fresh socket on any port (or on --port, if it is not 4570)."""
        s = socket.socket(self.family, socket.SOCK_DGRAM)
        # an ICMP error is an answer too: it tells a closed port from a silent one
        if self.family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        else:
            s.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        s.bind((self.local or "", self.from_port))
        return s

    def send(self, s, datagrams):
        """Send to the victim."""
        for d in datagrams:
            s.sendto(d, (address_text(self.to), self.port))

    def answers(self, s, known=()):
        """What comes back within --wait and is not in `known`."""
        out, end = [], time.time() + self.wait
        while time.time() < end:
            s.settimeout(max(0.001, end - time.time()))
            try:
                d, _ = s.recvfrom(65536)
            except socket.timeout:
                break
            except OSError as error:
                out.append(b"ICMP: %s" % str(error).encode())
                break
            if d not in known:
                out.append(d)
        return out

    def own(self, s):
        """Our end as the peer sees it: who announces another one gets an IDLE in UDP, which is no answer."""
        with socket.socket(s.family, socket.SOCK_DGRAM) as probe:
            probe.connect((address_text(self.to), self.port))
            return address(self.local or probe.getsockname()[0]), s.getsockname()[1]

    def exchange(self, s):
        """Send a genuine Sess0 and take the Sess1; (Sess0, session, datagrams of Sess1)."""
        t = time.time() * 1000
        endpoint = Endpoint(Config(self.keys), t, Random())
        session = endpoint.open((self.to, self.port), t, self.own(s))
        self.send(s, session.reply)
        got, end = [], time.time() + 2
        while session.state == "PENDING_OPEN" and time.time() < end:
            s.settimeout(max(0.001, end - time.time()))
            try:
                d, _ = s.recvfrom(65536)
            except OSError:
                break
            got.append(d)
            endpoint.receive(d, (self.to, self.port), (bytes(16), 0), time.time() * 1000)
        if session.state != "OPEN":
            raise RuntimeError("the genuine Sess0 got no valid Sess1")
        return session.t["sess0.0.datagram"], session, got

    def run(self, name):
        """Run one attack; the datagrams that came back."""
        with self.socket() as s:
            if name in hostile.SESS0:
                craft = hostile.Craft(self.keys, self.to, int(time.time() * 1000), Random())
                self.send(s, [hostile.SESS0[name][2](craft)])
                return self.answers(s)
            sess0, session, got = self.exchange(s)
            if name in hostile.SESS2_BAD:
                self.send(s, hostile.SESS2_BAD[name][1](session))
            elif name in hostile.PDU_BAD:
                self.send(s, session.sess2)
                time.sleep(0.1)
                self.send(s, [hostile.PDU_BAD[name][2](session)])
            elif name == "replay":
                with self.socket() as other:
                    self.send(other, [sess0])
                    answers = self.answers(other)
                self.finish(s, session)
                return answers
            elif name == "replay-changed":
                return self.spoilt(s, hostile.flip(sess0, 300))
            elif name == "sess0-swapped":
                second = 208 + session.suite.entry_len
                swapped = sess0[:112] + sess0[128:208] + sess0[112:128] + sess0[second:] + sess0[208:second]
                return self.spoilt(s, swapped)
            else:
                assert all(parse_header(d).type == SESS1 for d in got)
                self.send(s, got)
            answers = self.answers(s, got)
            if name in hostile.SESS2_BAD or name in hostile.PDU_BAD:
                # the refusal left the session as it was: the genuine Sess2 opens it, a TERM closes it
                self.finish(s, session)
            return answers

    def finish(self, s, session):
        """End an exchange that was begun, so that it does not stay half open."""
        self.send(s, session.sess2)
        time.sleep(0.1)
        with self.socket() as other:        # a TERM counts wherever it comes from
            self.send(other, [session.term()])
            time.sleep(0.15)

    def spoilt(self, s, d):
        """After an exchange only its timed repeat may come, not an answer at once."""
        first = time.time()
        self.send(s, [d])
        s.settimeout(min(self.wait, 0.3))
        try:
            answer, _ = s.recvfrom(65536)
        except socket.timeout:
            return []
        return [answer] if time.time() - first < 0.3 else []


def run(args, keys):
    """The command line's part; returns the exit code."""
    table = descriptions(BY_NAME[args.suite])
    if args.attack == "list":
        for name, (reason, text) in table.items():
            print("%-34s %-16s %s" % (name, reason, text))
        return 0
    names = list(table) if args.attack == "all" else args.attack.split(",")
    if args.listen or not set(names) <= set(table):
        print("an attack needs --connect and a name out of --attack list", file=sys.stderr)
        return 2
    attack, code = Attack(args, keys), 0
    for name in names:
        try:
            answers = attack.run(name)
        except RuntimeError as error:
            print(json.dumps({"attack": name, "reason": table[name][0], "error": str(error)}), flush=True)
            code = 1
            continue
        print(json.dumps({"attack": name, "reason": table[name][0], "answers": [d.hex() for d in answers]}),
              flush=True)
        code |= bool(answers)
    return code
