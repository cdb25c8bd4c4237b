# SPDX-License-Identifier: GPL-2.0-or-later
"""The initiator: sections 5 to 7 from its side."""

from . import schedule
from .crypto import ENC_LEN, NONCE_LEN, PLACES, Open, Seal, equal
from .filters import flows
from .info import InfoCommunity, SessionInfo, answers, parse
from .refused import Refused, refuse_if
from .info import PROVE, SESS3_FOLLOWS
from .session import INITIATOR, OPEN, PENDING_OPEN, PENDING_PROOF, Child, Session
from .wire import (MAX_SEGMENT, MAX_SEGMENTS, SESS0, SESS1, SESS2, SESS3, Header, Message1, Message2, Message3, cut,
                   with_digest)


class Initiator(Session):
    """A session that this host opens."""

    role = INITIATOR

    def make_sess0(self, now, to=None):
        """Section 5: all parts."""
        t, rng = self.t, self.rng
        keys = rng.shuffled(self.config.keys)
        groups = [keys[i:i + PLACES] for i in range(0, len(keys), PLACES)]
        if not 1 <= len(groups) <= MAX_SEGMENTS:
            raise ValueError("%d keys" % len(keys))
        self.spi_i = t.put("spi_i", rng.spi())
        self.enc = self.own_enc = t.put("ENC_I", rng.octets(ENC_LEN))
        self.val = t.put("VAL_I.private", self.suite.val_private(rng))
        self.own_val = t.put("VAL_I", self.suite.val_public(self.val))
        self.own_nonce = t.put("nonce_i", rng.octets(NONCE_LEN))
        t.put("time", now)
        t.put("to", to or self.peer[0])
        t.put("sess0.count", len(groups))
        self.reply = [self._part(i, len(groups), group) for i, group in enumerate(groups)]
        self.state = PENDING_OPEN
        return self.reply

    def _part(self, index, count, keys):
        t, rng, suite = self.t, self.rng, self.suite
        head = Header(suite, SESS0, self.spi_i, index=index, count=count)
        fixed = t["time"].to_bytes(8, "big") + t["to"] + self.own_nonce
        aad = head.pack()[4:24] + fixed
        places = rng.shuffled(range(PLACES))[:len(keys)]
        entries = [rng.octets(suite.entry_len) for _ in range(PLACES)]
        tags = [rng.octets(16) for _ in range(PLACES)]
        p = "sess0.%d." % index
        t.put(p + "n", len(keys))
        for i, (place, key) in enumerate(zip(places, keys)):
            k = p + "%d." % i
            t.put(k + "place", place)
            t.put(k + "name", key.name)
            t.put(k + "K", key.key)
            t.put(k + "base", key.base)
            t.put(k + "gate0", key.gate0)
            kn = t.put(k + "kn", schedule.entry0_kn(suite, key.base, self.own_nonce, key.name))
            entries[place] = t.put(k + "entry", Seal(kn, aad, self.enc + self.own_val))
        body = b"".join(entries)
        head = with_digest(head, body)
        for i, (place, key) in enumerate(zip(places, keys)):
            tags[place] = t.put(p + "%d.tag" % i, schedule.sess0_tag(suite, key.gate0, head + fixed))
        return t.put(p + "datagram", head + fixed + b"".join(tags) + body)

    def receive_sess1(self, h, d, now):
        """Section 14.2 from step 2 on."""
        if self.state in (OPEN, PENDING_PROOF) and d in self.accepted:
            if self.may_answer(now):
                self.send(self.sess2)
            return "repeat"
        refuse_if(self.state != PENDING_OPEN, "state")
        t = self.t
        gates = [schedule.gate1(self.suite, k.base, t["ENC_I"], t["nonce_i"], k.name) for k in self.config.keys]
        self.endpoint.check_tag([self.suite.MAC16(g, d[4:56]) for g in gates], d)
        self.endpoint.check_digest(self.suite, d)
        message = self.store.add(h, d)
        if message is None:
            return None
        raw, self.store = self.store.raw, type(self.store)()
        spi_r, t0, self.t = self.spi_r, t, t.copy()
        try:
            self.spi_r = self.t.put("spi_r", h.spi_r)
            self._message1(message, gates)
            self._message2()
        except Refused:
            self.spi_r, self.t = spi_r, t0
            self.c, self.children = [], []
            raise
        self.accepted = set(raw.values())
        if self.third:
            schedule.third(self.t)
            schedule.master(self.t)
            self.state, self.reply = PENDING_PROOF, self.sess2
            self.send(self.sess2)
            self.arm(now)
            return None
        self.state, self.opened = OPEN, now
        self.derive()
        self.emit("install", "in")
        self.reply = self.sess2
        self.send(self.sess2)
        self.arm(now)
        self.emit("open")
        return None

    def _message1(self, octets, gates):
        """Section 6 from the initiator's side."""
        t, suite = self.t, self.suite
        m = Message1.parse(suite, octets)
        refuse_if(m.parts >> t["sess0.count"], "malformed")
        t.put("message1", octets)
        t.put("nonce_r", m.nonce_r)
        found, held = [], set()
        for key, gate in zip(self.config.keys, gates):
            tag = schedule.etag(suite, gate, self.spi_r, m.nonce_r)
            for mine, entry in zip(m.etags, m.entries):
                if not equal(mine, tag):
                    continue
                kn = schedule.entry1_kn(suite, key.base, t["ENC_I"], t["nonce_i"], m.nonce_r, key.name)
                plain = Open(kn, self.context(SESS1) + tag, entry)
                refuse_if(plain is None, "entry")
                found.append(key)
                held.add(plain)
        refuse_if(not found or len(held) != 1, "entry")
        refuse_if(len({k.name for k in found}) != len(found), "entry")
        plain = held.pop()
        enc_r, self.peer_val = t.put("ENC_R", plain[:ENC_LEN]), t.put("VAL_R", plain[ENC_LEN:])
        refuse_if(not suite.val_valid(self.peer_val), "entry")
        refuse_if(enc_r == t["ENC_I"] or self.peer_val == t["VAL_I"], "own-token")
        self.c = sorted(found, key=lambda k: k.name)
        t.put("parts", m.parts)
        t.put("TH0", schedule.th0(suite, [p for i, p in enumerate(self.reply) if m.parts >> i & 1]))
        signed = schedule.th1a(t, self.context(SESS1), m)
        refuse_if(not suite.Verify(self.peer_val, signed, m.signature), "signature")
        schedule.th1(t, m)
        schedule.secret(t, [k.base for k in self.c], t["nonce_i"], m.nonce_r, t["ENC_I"], enc_r)
        plain = Open(schedule.sess1_info_kn(t), self.context(SESS1), m.info)
        refuse_if(plain is None or len(plain) < suite.dh_len, "sealed")
        dh_r = t.put("DH_R", plain[:suite.dh_len])
        refuse_if(not suite.dh_valid(dh_r), "dh")
        t.put("SessionInfo_R", plain[suite.dh_len:])
        self.peer_info = parse(plain[suite.dh_len:], len(self.c))
        rounds = self.peer_info.rounds
        refuse_if(self.peer_info.proof or self.peer_info.wish or rounds == PROVE, "info")
        self.third, self.asked = bool(rounds & SESS3_FOLLOWS), bool(rounds & PROVE)
        self.demands = self.config.trust is not None

    def _choose(self):
        """Section 10: which communities go on, with what."""
        own = []
        self.children = []
        for theirs in sorted(self.peer_info.communities, key=lambda i: i.index):
            key = self.c[theirs.index]
            mine = self.config.community(key.name)
            taken = [p for p in theirs.proposals if p in mine.proposals]
            if mine.mode != theirs.mode or not taken:
                continue
            spi = self.rng.esp_spi()
            own.append(InfoCommunity(theirs.index, spi, mine.mode, taken[:1], mine.offers, mine.uses))
            self.children.append(Child(key.name, key.base, mine.mode, taken[0], spi, theirs.spi,
                                       flows(mine.offers, mine.uses, theirs.offers, theirs.uses)))
        refuse_if(not own, "no-proposal")
        self.own_info = SessionInfo(self.config.identity, self.config.start, self.addresses(), own, self.config.user)
        room = MAX_SEGMENTS * MAX_SEGMENT - (self.suite.dh_len + 16 + 2 + 16 + self.suite.sig_len)
        while len(self.own_info.pack()) > room:     # a message has no room for more
            own.pop()
            self.children.pop()

    def _message2(self):
        """Section 7: makes Sess2."""
        t, suite = self.t, self.suite
        self._choose()
        refuse_if(self.demands and not self.third, "identity")
        refuse_if(self.config.wish and not self.third, "no-address")
        private = t.put("DH_I.private", suite.dh_private(self.rng))
        dh_i = t.put("DH_I", suite.dh_public(private))
        context = self.context(SESS2)
        gate = schedule.gate2(t)
        key = t.put("sess2.key", Seal(schedule.sess2_key_kn(t), context, dh_i))
        schedule.secret2(t, suite.dh(private, t["DH_R"]))
        kn = schedule.sess2_info_kn(t)
        self.own_info.rounds, self.own_info.proof = PROVE if self.demands else 0, self.proof()
        self.own_info.wish = self.config.wish
        info = t.put("sess2.info", Seal(kn, context, t.put("SessionInfo_I", self.own_info.pack())))
        m = Message2(key, info)
        m.signature = t.put("sess2.signature", suite.Sign(self.val, schedule.th2a(t, context, m)))
        schedule.th2(t, m)
        self.sess2 = cut(suite, SESS2, self.spi_i, self.spi_r, gate, t.put("message2", m.pack()))

    def receive_sess3(self, h, d, now):
        """Section 7.1 from the initiator's side."""
        if self.state == OPEN and d in self.sess3:
            if self.may_answer(now):
                self.idle(now)
            return "repeat"
        refuse_if(self.state != PENDING_PROOF, "state")
        self.endpoint.check_tag(self.suite.MAC16(self.t["gate3"], d[4:56]), d)
        self.endpoint.check_digest(self.suite, d)
        message = self.store.add(h, d)
        if message is None:
            return None
        raw, self.store = self.store.raw, type(self.store)()
        t0, self.t = self.t, self.t.copy()
        try:
            info = self._message3(message)
        except Refused:
            self.t = t0
            raise
        self.sess3, self.due = set(raw.values()), None
        if not self.accepts(info.proof):
            return None
        if self.config.wish and not info.grant:
            self.refuse(8, "no-address")
            return None
        self.grant = info.grant
        self.state, self.opened, self.confirmed = OPEN, now, True
        self.derive()
        self.emit("install", "both")
        self.emit("open")
        self.idle(now)
        self.emit("confirmed")
        self.endpoint.supersede(self)
        return None

    sess3 = frozenset()

    def _message3(self, octets):
        t, suite = self.t, self.suite
        m = Message3.parse(suite, octets)
        context = self.context(SESS3)
        refuse_if(not suite.Verify(self.peer_val, schedule.th3a(t, context, m), m.signature), "signature")
        schedule.th3(t, m)
        plain = Open(t["sess3.kn"], context, m.info)
        refuse_if(plain is None, "sealed")
        info = parse(t.put("SessionInfo_3", plain), len(self.c), third=True)
        refuse_if(info.proof and not self.demands, "info")
        both = (self.own_info.addresses, self.peer_info.addresses)
        refuse_if(not answers(info.grant, self.config.wish, [e[0] for a in both for e in (a.seen, a.own)]), "info")
        return info
