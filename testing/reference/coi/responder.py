# SPDX-License-Identifier: GPL-2.0-or-later
"""The responder: sections 5 to 7 from its side."""

from . import schedule
from .crypto import ENC_LEN, NONCE_LEN, Open, Seal
from .filters import flows
from .info import InfoCommunity, SessionInfo, parse
from .refused import Refused, refuse_if
from .info import PROVE, SESS3_FOLLOWS
from .session import OPEN, PENDING_FINAL, PENDING_OPEN, PENDING_PROOF, RESPONDER, Child, Session
from .wire import MAX_SEGMENT, MAX_SEGMENTS, SESS1, SESS2, SESS3, SIZES, Message1, Message2, Message3, cut


class Responder(Session):
    """A session that another host opens."""

    role = RESPONDER

    def __init__(self, endpoint, local, peer, h, d, enc, val):
        super().__init__(endpoint, local, peer)
        self.spi_i, self.peer_val, self.count = h.spi_i, val, h.count
        self.parts, self.found = {}, []
        self.state = PENDING_OPEN
        t = self.t
        t.put("spi_i", h.spi_i)
        t.put("ENC_I", enc)
        t.put("VAL_I", val)
        t.put("time", int.from_bytes(d[56:64], "big"))
        t.put("to", d[64:80])
        t.put("nonce_i", d[80:112])

    def agrees(self, h, d, enc, val):
        """Do a further part and the earlier ones agree?"""
        t = self.t
        return (h.count == self.count and h.index not in self.parts and enc == t["ENC_I"] and val == t["VAL_I"]
                and d[80:112] == t["nonce_i"] and int.from_bytes(d[56:64], "big") == t["time"])

    def add_part(self, h, d, keys, now):
        """A valid part of Sess0; answers once all are there."""
        if not self.parts:
            self.due = now + self.config.wait_parts
        self.parts[h.index] = d
        self.found += [k for k in keys if k not in self.found]
        if len(self.parts) == self.count:
            self.answer(now)

    def tick(self, now):
        """The wait for further parts may be over."""
        if self.state == PENDING_OPEN:
            if now >= self.due:
                self.answer(now)
        else:
            super().tick(now)

    def answer(self, now):
        """Section 6: makes and sends Sess1."""
        indices = sorted(self.parts)
        self.accepted = {self.parts[i] for i in indices}
        t = self.t
        t.put("parts", sum(1 << i for i in indices))
        t.put("TH0", schedule.th0(self.suite, [self.parts[i] for i in indices]))
        newest = {k.name: k for k in self.config.keys if k in self.found}
        self.c = [newest[name] for name in sorted(newest)][:SIZES[-1]]
        self.make_sess1()
        self.reply = self.sess1
        self.state = PENDING_FINAL
        self.send(self.sess1)
        self.arm(now)

    def make_sess1(self):
        """message 1 and its segments."""
        t, rng, suite = self.t, self.rng, self.suite
        self.own_enc = enc = t.put("ENC_R", rng.octets(ENC_LEN))
        self.val = t.put("VAL_R.private", suite.val_private(rng))
        self.own_val = t.put("VAL_R", suite.val_public(self.val))
        t.put("DH_R.private", suite.dh_private(rng))
        dh_r = t.put("DH_R", suite.dh_public(t["DH_R.private"]))
        self.own_nonce = nonce = t.put("nonce_r", rng.octets(NONCE_LEN))
        self.spi_r = t.put("spi_r", rng.spi())
        context = t.put("context1", self.context(SESS1))

        t.put("C", len(self.c))
        n = next(s for s in SIZES if s >= len(self.c))
        places = rng.shuffled(range(n))[:len(self.c)]
        etags = [rng.octets(16) for _ in range(n)]
        entries = [rng.octets(suite.entry_len) for _ in range(n)]
        for i, (key, place) in enumerate(zip(self.c, places)):
            c = "C.%d." % i
            t.put(c + "name", key.name)
            t.put(c + "K", key.key)
            t.put(c + "base", key.base)
            t.put(c + "place", place)
            e = t.put(c + "gate1", schedule.gate1(suite, key.base, t["ENC_I"], t["nonce_i"], key.name))
            etags[place] = t.put(c + "etag", schedule.etag(suite, e, self.spi_r, nonce))
            kn = t.put(c + "kn", schedule.entry1_kn(suite, key.base, t["ENC_I"], t["nonce_i"], nonce, key.name))
            entries[place] = t.put(c + "entry", Seal(kn, context + etags[place], enc + self.own_val))
        schedule.secret(t, [k.base for k in self.c], t["nonce_i"], nonce, t["ENC_I"], enc)

        room = MAX_SEGMENTS * MAX_SEGMENT - (NONCE_LEN + 4 + n * (16 + suite.entry_len) + 2 + 16 + suite.sig_len)
        room -= suite.dh_len
        communities = []
        for i, key in enumerate(self.c):
            mine = self.config.community(key.name)
            communities.append(InfoCommunity(i, rng.esp_spi(), mine.mode, mine.proposals, mine.offers, mine.uses))
        self.own_info = SessionInfo(self.config.identity, self.config.start, self.addresses(), communities,
                                    self.config.user)
        self.third = any(x is not None for x in (self.config.trust, self.config.prove, self.config.pool))
        if self.third:
            self.own_info.rounds = SESS3_FOLLOWS | (PROVE if self.config.trust is not None else 0)
        while len(self.own_info.pack()) > room:     # a message has no room for more
            communities.pop()
        plain = t.put("SessionInfo_R", self.own_info.pack())
        info = t.put("sess1.info", Seal(schedule.sess1_info_kn(t), context, dh_r + plain))

        m = Message1(nonce, t["parts"], etags, entries, info)
        m.signature = t.put("sess1.signature", suite.Sign(self.val, schedule.th1a(t, context, m)))
        schedule.th1(t, m)
        t.put("message1", m.pack())
        self.sess1 = cut(suite, SESS1, self.spi_i, self.spi_r, t["C.0.gate1"], t["message1"])
        schedule.gate2(t)

    def receive_sess2(self, h, d, now):
        """Section 14.2 from step 2 on."""
        if self.state == OPEN and d in self.sess2:
            if self.may_answer(now):
                if self.confirmed:
                    self.idle(now)
                else:
                    self.send(self.sess3)
            return "repeat"
        refuse_if(self.state != PENDING_FINAL, "state")
        self.endpoint.check_tag(self.suite.MAC16(self.t["gate2"], d[4:56]), d)
        self.endpoint.check_digest(self.suite, d)
        message = self.store.add(h, d)
        if message is None:
            return None
        raw, self.store = self.store.raw, type(self.store)()
        t0, self.t = self.t, self.t.copy()
        try:
            self._message2(message)
        except Refused:
            self.t, self.children = t0, []
            raise
        self.sess2 = set(raw.values())
        self.endpoint.proved(self)
        if self.third:
            self._answer_proof(now)
            return None
        self.state, self.opened, self.confirmed, self.due = OPEN, now, True, None
        self.derive()
        self.emit("install", "both")
        self.emit("open")
        self.idle(now)
        self.endpoint.supersede(self)
        return None

    sess2 = frozenset()

    def _answer_proof(self, now):
        """Section 7.1: Sess3, if the initiator is who it has to be."""
        schedule.third(self.t)
        schedule.master(self.t)
        self.state, self.due = PENDING_PROOF, None
        if not self.accepts(self.peer_info.proof):
            return
        if not self._lease():
            self.refuse(8, "no-address")
            return
        self._message3()
        self.state, self.opened = OPEN, now
        self.derive()
        self.emit("install", "in")
        self.emit("open")
        self.reply = self.sess3
        self.send(self.sess3)
        self.arm(now)

    def _lease(self):
        """Section 7.3: choose what to give; is the initiator content with that?"""
        wish, pool = self.peer_info.wish, self.config.pool
        if wish is None or pool is None:
            return wish is pool
        addresses = [a for a in pool[0] if len(a) in {len(w) for w in wish[1]}]
        if addresses:
            self.grant = self.endpoint.rng.octets(16), addresses, [a for a in pool[1] if a[0] in wish[2]]
        return bool(addresses)

    def _message3(self):
        """message 3 and its segments."""
        t, suite = self.t, self.suite
        context = self.context(SESS3)
        plain = t.put("SessionInfo_3", SessionInfo(proof=self.proof(), grant=self.grant).pack_third())
        m = Message3(t.put("sess3.info", Seal(t["sess3.kn"], context, plain)))
        m.signature = t.put("sess3.signature", suite.Sign(self.val, schedule.th3a(t, context, m)))
        schedule.th3(t, m)
        self.sess3 = cut(suite, SESS3, self.spi_i, self.spi_r, t["gate3"], t.put("message3", m.pack()))

    def _message2(self, octets):
        """Section 7 from the responder's side."""
        t, suite = self.t, self.suite
        m = Message2.parse(suite, octets)
        context = self.context(SESS2)
        signed = schedule.th2a(t, context, m)
        refuse_if(not suite.Verify(self.peer_val, signed, m.signature), "signature")
        schedule.th2(t, m)
        dh_i = Open(schedule.sess2_key_kn(t), context, m.key)
        refuse_if(dh_i is None, "sealed")
        refuse_if(not suite.dh_valid(dh_i), "dh")
        t.put("DH_I", dh_i)
        schedule.secret2(t, suite.dh(t["DH_R.private"], dh_i))
        plain = Open(schedule.sess2_info_kn(t), context, m.info)
        refuse_if(plain is None, "sealed")
        t.put("SessionInfo_I", plain)
        self.peer_info = parse(plain, len(self.c), chosen=True)
        self.asked = bool(self.peer_info.rounds)
        refuse_if(self.peer_info.rounds not in ((0, PROVE) if self.third else (0,)), "info")
        refuse_if(self.peer_info.proof and self.config.trust is None, "info")
        refuse_if(self.peer_info.wish and not self.third, "info")
        mine = {c.index: c for c in self.own_info.communities}
        self.children = []
        for theirs in sorted(self.peer_info.communities, key=lambda i: i.index):
            own = mine.get(theirs.index)
            refuse_if(own is None or own.mode != theirs.mode or theirs.proposals[0] not in own.proposals, "info")
            key = self.c[theirs.index]
            self.children.append(Child(key.name, key.base, own.mode, theirs.proposals[0], theirs.spi, own.spi,
                                       flows(theirs.offers, theirs.uses, own.offers, own.uses)))
        refuse_if(not self.children, "no-proposal")
