# SPDX-License-Identifier: GPL-2.0-or-later
"""An endpoint: datagrams in, events out (sections 12 to 14)."""

import collections
import heapq

from . import schedule
from .crypto import ENC_LEN, PLACES, Open, Random, equal
from .initiator import Initiator
from .refused import Refused, refuse_if
from .responder import Responder
from .session import CLOSED, INITIATOR, OPEN, PENDING_FINAL, PENDING_OPEN, PENDING_PROOF, RESPONDER
from .wire import SESS0, SESS1, SESS2, SESS3, TERM, address, parse_header


# an own address for those that do not receive
ANYBODY = address("192.0.2.1")


class Endpoint:
    """A host. Times are milliseconds since 1970; addresses are (16 octets, port).

    Events, taken with take(): ("send", session, datagram, to), ("idle", session, datagram),
    ("idle-in", session, numbers), ("install", session, "in" | "out" | "both"), ("open", session),
    ("confirmed", session), ("dropped", session, children, why), ("closed", session, why).
    """

    def __init__(self, config, now, rng=None):
        self.config, self.rng = config, rng or Random()
        self.floor, self.forgotten = now, False
        self.sessions, self.events = [], []
        self.tags, self.by_time = set(), []
        self.refused = collections.Counter()
        self.sources = {}

    # --- events ---

    def emit(self, kind, session, *args):
        """Add an event."""
        self.events.append((kind, session, *args))

    def take(self):
        """The events since the last call."""
        out, self.events = self.events, []
        self.sessions = [s for s in self.sessions if s.state != CLOSED]
        return out

    def open(self, peer, now, local=(ANYBODY, 4570)):
        """Open a session to a peer."""
        s = Initiator(self, local, peer)
        self.sessions.append(s)
        s.send(s.make_sess0(int(now)))
        s.arm(now)
        return s

    def gain(self, key):
        """A further key is there; peers are told if it is that of a further community."""
        if all(k.name != key.name for k in self.config.keys):
            for s in self.sessions:
                s.gained += s.state == OPEN
        self.config.keys.append(key)

    def tick(self, now):
        """Time passes."""
        for s in list(self.sessions):
            s.tick(now)

    def receive(self, d, source, destination, now, tunnel=False):
        """A datagram arrives; returns (reason for which it is refused or None, note)."""
        try:
            return None, self._receive(d, source, destination, now, tunnel)
        except Refused as refused:
            self.refused[refused.reason] += 1
            return refused.reason, None

    def _receive(self, d, source, destination, now, tunnel):
        h = parse_header(d, tunnel)
        if h.type == SESS0:
            return self._sess0(h, d, source, destination, now)
        s = self._session(h)
        wanted = {SESS1: (INITIATOR,), SESS2: (RESPONDER,), SESS3: (INITIATOR,)}.get(h.type, (INITIATOR, RESPONDER))
        refuse_if(s.role not in wanted, "unknown-session")
        states = {SESS1: (PENDING_OPEN, PENDING_PROOF, OPEN), SESS2: (PENDING_FINAL, OPEN),
                  SESS3: (PENDING_PROOF, OPEN), TERM: (PENDING_PROOF, OPEN)}.get(h.type, (OPEN,))
        refuse_if(s.state not in states, "state")
        refuse_if(h.type != TERM and s.peer[0] != source[0] or h.type in (SESS1, SESS2, SESS3) and s.peer != source,
                  "address")
        refuse_if(h.suite is not s.suite, "suite")
        if h.type == SESS1:
            return s.receive_sess1(h, d, now)
        if h.type == SESS2:
            return s.receive_sess2(h, d, now)
        if h.type == SESS3:
            return s.receive_sess3(h, d, now)
        return s.receive_pdu(h, d, now)

    def _session(self, h):
        for s in self.sessions:
            if s.state != CLOSED and s.spi_i == h.spi_i and (
                    s.spi_r == h.spi_r or h.type == SESS1 and s.role == INITIATOR and s.spi_r is None):
                return s
        raise Refused("unknown-session")

    @staticmethod
    def check_tag(tags, d):
        """Section 14.2, step 5."""
        tags = [tags] if isinstance(tags, bytes) else tags
        refuse_if(not any([equal(tag, d[56:72]) for tag in tags]), "tag")

    @staticmethod
    def check_digest(suite, d):
        """Section 14.2, step 6."""
        refuse_if(not equal(suite.H(d[72:])[:32], d[24:56]), "digest")

    # --- Sess0 (section 14.1) ---

    def _sess0(self, h, d, source, destination, now):
        suite, time = h.suite, int.from_bytes(d[56:64], "big")
        refuse_if(suite is not self.config.suite, "suite")
        refuse_if(d[64:80] not in (destination[0], *self.config.external), "destination")
        if not self.forgotten:
            self.floor = min(self.floor, now)
        refuse_if(abs(time - now) > self.config.window or time <= self.floor, "time")
        found = [(place, key, d[112 + 16 * place:128 + 16 * place]) for key in self.config.keys
                 for tag in [schedule.sess0_tag(suite, key.gate0, d)] for place in range(PLACES)
                 if equal(tag, d[112 + 16 * place:128 + 16 * place])]
        refuse_if(not found, "no-community")
        tags = {tag for _, _, tag in found}
        if tags & self.tags:
            return self._repeat(d, source, now)
        refuse_if(not equal(schedule.sess0_digest(suite, d), d[24:56]), "digest")
        collecting = next((s for s in self.sessions if s.role == RESPONDER and s.state == PENDING_OPEN
                           and s.peer == source and s.spi_i == h.spi_i), None)
        enc, val = self._entries(suite, d, found)
        if not collecting:
            self._limits(source, now)
        self._remember(tags, time, now)
        self._agree(collecting, h, d, source, enc, val)
        refuse_if(any(s.own_val == val or s.own_enc == enc or s.own_nonce == d[80:112] for s in self.sessions),
                  "own-token")
        if self._crossed(h, source):
            return "crossed"
        if not collecting:
            collecting = Responder(self, destination, source, h, d, enc, val)
            self.sessions.append(collecting)
        collecting.add_part(h, d, [key for _, key, _ in found], now)
        return None

    def _repeat(self, d, source, now):
        """Section 13: an exact repeat is answered, else it is a replay."""
        for s in self.sessions:
            if s.role == RESPONDER and s.peer == source and d in s.parts.values():
                if s.state == PENDING_OPEN:
                    return "repeat"
                if s.state == PENDING_FINAL:
                    if s.may_answer(now):
                        s.send(s.sess1)
                    return "repeat"
        raise Refused("replay")

    def _remember(self, tags, time, now):
        """The memory of tags, and the floor."""
        while len(self.tags) + len(tags) > self.config.remembered:
            refuse_if(not self.by_time or self.by_time[0][0] > now, "replay")
            first, tag = heapq.heappop(self.by_time)
            self.tags.discard(tag)
            self.floor, self.forgotten = max(self.floor, first), True
        for tag in tags:
            self.tags.add(tag)
            heapq.heappush(self.by_time, (time, tag))

    def _limits(self, source, now):
        """Step 10: the rate of the source address, then the half-open sessions."""
        level, then = self.sources.get(source[0], (0.0, now))
        level = max(0.0, level - (now - then) * self.config.rate / 1000)
        refuse_if(level + 1 > self.config.burst, "rate")
        self.sources[source[0]] = (level + 1, now)
        half = [s for s in self.sessions if s.role == RESPONDER and s.state in (PENDING_OPEN, PENDING_FINAL)]
        same = [s for s in half if s.peer[0] == source[0]]
        # what nobody has confirmed takes nobody's place: the oldest goes
        if len(same) >= self.config.half_open_source:
            self._replace(same[0])
        elif len(half) >= self.config.half_open:
            self._replace(half[0])

    def _replace(self, session):
        """Section 15: a newer one takes the place of a half-open session."""
        self.refused["half-open"] += 1
        session.close("half-open")

    @staticmethod
    def _entries(suite, d, found):
        """Step 9: the entries."""
        plains = set()
        for place, key, _ in found:
            kn = schedule.entry0_kn(suite, key.base, d[80:112], key.name)
            at = 208 + suite.entry_len * place
            plain = Open(kn, schedule.sess0_aad(d), d[at:at + suite.entry_len])
            refuse_if(plain is None, "entry")
            plains.add(plain)
        refuse_if(len(plains) != 1, "entry")
        plain = plains.pop()
        return plain[:ENC_LEN], plain[ENC_LEN:]

    def _agree(self, collecting, h, d, source, enc, val):
        """Step 10: the parts."""
        if collecting:
            refuse_if(not collecting.agrees(h, d, enc, val), "entry")
            return
        # a part that comes after its session went on without it, or a spi_i in use
        refuse_if(any(s.role == RESPONDER and s.state != CLOSED and s.peer == source and s.spi_i == h.spi_i
                      for s in self.sessions),
                  "entry")

    def _crossed(self, h, source):
        """Section 13: is the arriving Sess0 the one to ignore?"""
        return any(s.role == INITIATOR and s.state != CLOSED and not s.confirmed and s.peer[0] == source[0]
                   and h.spi_i > s.spi_i for s in self.sessions)

    def proved(self, session):
        """Section 13: a valid Sess2 has come, so an own opening that still waits for an answer ends."""
        for s in list(self.sessions):
            if s.role == INITIATOR and s.state == PENDING_OPEN and s.peer == session.peer:
                s.close("crossed")

    # --- open sessions ---

    def supersede(self, new):
        """Section 13: of the open sessions with a peer the one that began last stays."""
        rivals = [s for s in self.sessions if s.state == OPEN and s.peer[0] == new.peer[0]
                  and s.peer_info.addresses.own == new.peer_info.addresses.own and s.confirmed]
        for s in rivals[:-1]:          # in the order in which they began
            if {c.name for c in s.children} == {c.name for c in rivals[-1].children}:
                s.close("superseded")
            else:
                s.terminate(6, "superseded")
