# SPDX-License-Identifier: GPL-2.0-or-later
"""A session (section 12): what both roles have in common, and sections 8 and 9."""

import struct
from dataclasses import dataclass

from . import proof, schedule
from .info import Addresses
from .refused import refuse_if
from .schedule import Trace
from .wire import IDLE, TERM, Header, Segments, Term

CREATED, PENDING_OPEN, PENDING_FINAL, PENDING_PROOF, OPEN, CLOSED = (
    "CREATED", "PENDING_OPEN", "PENDING_FINAL", "PENDING_PROOF", "OPEN", "CLOSED")
INITIATOR, RESPONDER = "initiator", "responder"
MAX_STEP = 65536    # from one sequence to the next, section 9
TERM_REASONS = {1: "terminated", 2: "shutdown", 3: "idle", 4: "key removed", 5: "identity refused",
                6: "superseded", 7: "failed", 8: "no virtual address", 9: "no ESP"}


@dataclass
class Child:
    """The pair of SAs of a community."""
    name: bytes
    base: bytes
    mode: int
    proposal: tuple
    esp_i: int
    esp_r: int
    flows: tuple            # services at the initiator, services at the responder
    keys_ir: tuple = ()     # encryption, integrity
    keys_ri: tuple = ()


class Session:
    """One exchange and what it leaves behind. `endpoint` is the Endpoint it belongs to."""

    role = None

    def __init__(self, endpoint, local, peer):
        self.endpoint, self.config, self.rng = endpoint, endpoint.config, endpoint.rng
        self.suite = self.config.suite
        self.local, self.peer = local, peer        # (address of 16 octets, port)
        self.state, self.confirmed = CREATED, False
        self.spi_i = self.spi_r = None
        self.val = self.own_val = self.own_enc = self.peer_val = self.own_nonce = None
        self.t = Trace(self.suite)
        self.store = Segments()
        self.accepted = set()          # the datagrams of which an exact repeat is answered
        self.reply = []                # what is sent again
        self.due, self.tries, self.answered = None, 0, None
        self.c, self.children = [], []
        self.own_info = self.peer_info = None
        self.sent, self.seen, self.opened = 0, 0, None
        self.last_in = None
        self.third = self.asked = False    # a Sess3 follows; the peer asks who we are
        self.grant = None                  # virtual addresses that the responder has given
        self.peer_identity = None          # the one that it has proved
        self.gained = 0                # how often this host's set of communities has grown since OPEN

    def header(self, kind):
        """The header of a datagram of this session."""
        return Header(self.suite, kind, self.spi_i, self.spi_r)

    def context(self, kind):
        """context(m)."""
        return self.header(kind).context()

    def emit(self, kind, *args):
        """Report an event."""
        self.endpoint.emit(kind, self, *args)

    def send(self, datagrams):
        """Send in the clear to the peer."""
        for d in datagrams:
            self.emit("send", d, self.peer)

    def addresses(self):
        """What this host says of both ends' addresses."""
        return Addresses(self.peer, self.local, self.config.encap)

    # --- timers (section 13) ---

    def arm(self, now):
        """Begin the row of repeats."""
        self.tries = 0
        self.due = now + self.config.repeats[0]

    def tick(self, now):
        """A timer may have run out."""
        if self.due is None or now < self.due:
            return
        self.tries += 1
        if self.tries == len(self.config.repeats):
            self.close("no-esp" if self.state == OPEN else "timeout")
            return
        self.send(self.reply)
        self.due = now + self.config.repeats[self.tries]

    def may_answer(self, now):
        """At most one answer to repeats in 100 ms."""
        if self.answered is not None and now - self.answered < 100:
            return False
        self.answered = now
        return True

    def close(self, why):
        """Forget the session."""
        self.state, self.due = CLOSED, None
        self.emit("closed", why)

    # --- sections 8 and 9 ---

    def derive(self):
        """master, KEYMAT and what stands beside them."""
        t = self.t
        if not self.third:
            schedule.master(t)
        for i, c in enumerate(self.children):
            c.keys_ir, c.keys_ri = schedule.keymat(t, "child%d." % i, c.base, c.esp_i, c.esp_r, c.name, c.proposal)

    def direction(self, sending):
        """(pdu key, tag key) for a direction."""
        d = "ir" if (self.role == INITIATOR) == sending else "ri"
        return self.t["pdu_" + d], self.t["tag_" + d]

    def idle(self, now, answer=False):
        """Make an IDLE and hand it out for the tunnel; the peer may be asked for an answer."""
        self.sent += 1
        age = max(0, int(now - self.opened)) // 1000
        plain = struct.pack(">IIIHH", age, self.config.lifetime, self.config.time_to_live, answer,
                            min(self.gained, 65535))
        d = schedule.pdu_seal(*self.direction(True), self.header(IDLE), self.sent, plain)
        self.emit("idle", d)
        return d

    def term(self, reason=1, text="", indexes=()):
        """Make a TERM, of some communities of C or of the whole session."""
        self.sent += 1
        h, seq = self.header(TERM), struct.pack(">Q", self.sent)
        plain = Term(reason, text.encode(), indexes).pack()
        plain += self.suite.Sign(self.val, schedule.term_signed(self.suite, self.t["TH2"], h.pack()[4:24], seq, plain))
        return schedule.pdu_seal(*self.direction(True), h, self.sent, plain)

    def terminate(self, reason=1, text=""):
        """Close with a TERM."""
        if self.state in (OPEN, PENDING_PROOF):
            self.send([self.term(reason, text)])
        self.close("local: %d" % reason)

    # --- section 7.2 ---

    def proof(self):
        """Our own proof, if the peer asks for it and we have one."""
        if not self.asked or not self.config.prove:
            return None
        return proof.make(self.t, self.role == INITIATOR, *self.config.prove)

    def accepts(self, theirs):
        """Is the peer who it has to be? Ends the session if not."""
        if self.config.trust is None:
            return True
        if proof.verify(self.t, self.role == RESPONDER, theirs, self.config.trust):
            self.peer_identity = theirs.identity
            return True
        self.refuse(5, "identity")
        return False

    def refuse(self, reason, name):
        """Close with a TERM, and count why."""
        self.endpoint.refused[name] += 1
        self.terminate(reason)

    def terminate_community(self, name, reason=1, text=""):
        """Close one community with a TERM; with the last one, the session."""
        index = [k.name for k in self.c].index(name)
        if all(c.name == name for c in self.children):
            self.terminate(reason, text)
            return
        self.send([self.term(reason, text, (index,))])
        self.drop((index,), "local: %d" % reason)

    def drop(self, indexes, why):
        """Some communities of C end, and the session if none is left."""
        ended = {self.c[i].name for i in indexes}
        gone = [c for c in self.children if c.name in ended]
        left = [c for c in self.children if c.name not in ended]
        if not left:
            self.close(why)
        elif gone:
            self.children = left
            self.emit("dropped", gone, why)

    def receive_pdu(self, h, d, now):
        """Section 14.2 from step 2 on, for IDLE and TERM."""
        refuse_if(self.state != OPEN and (self.state != PENDING_PROOF or h.type != TERM), "state")
        kn, tag_key = self.direction(False)
        self.endpoint.check_tag(schedule.pdu_tag(self.suite, tag_key, d), d)
        self.endpoint.check_digest(self.suite, d)
        sequence = int.from_bytes(d[72:80], "big")
        refuse_if(not self.seen < sequence <= self.seen + MAX_STEP, "replay")
        plain = schedule.pdu_open(kn, d)
        refuse_if(plain is None, "sealed")
        if h.type == TERM:
            self.receive_term(d, sequence, plain)
        else:
            self.receive_idle(sequence, plain, now)

    def receive_term(self, d, sequence, plain):
        """A TERM from step 8 on."""
        term, body, signature = Term.parse(self.suite, plain, len(self.c))
        signed = schedule.term_signed(self.suite, self.t["TH2"], d[4:24], d[72:80], body)
        refuse_if(not self.suite.Verify(self.peer_val, signed, signature), "signature")
        self.seen = sequence
        why = "peer: %d %s" % (term.reason if term.reason in TERM_REASONS else 1, term.text.decode())
        if term.indexes:
            self.drop(term.indexes, why)
        else:
            self.close(why)

    def receive_idle(self, sequence, plain, now):
        """An IDLE: the peer lives, and has the keys."""
        self.seen, self.last_in = sequence, now
        age, lifetime, time_to_live, flags, gained = struct.unpack(">IIIHH", plain)
        self.emit("idle-in", (age, lifetime, time_to_live, gained))
        answer = flags & 1 and (self.confirmed or self.role == INITIATOR)
        if not self.confirmed:
            self.confirmed, self.due = True, None
            self.emit("install", "out")
            self.emit("confirmed")
            if self.role == RESPONDER:
                self.idle(now)
            self.endpoint.supersede(self)
        if answer and self.may_answer(now):
            self.idle(now)
