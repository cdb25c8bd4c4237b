#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the vectors; README tells their form. All randomness comes from seeds, so each run writes the same.

generate.py [DIRECTORY]: where to write; without it, beside this script.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))

# pylint: disable=wrong-import-position
from coi import hostile, proof, schedule
from coi.config import GCM256, GCM256_ESN, Community, Config, Key
from coi.crypto import P384, SUITES, Seeded
from coi.endpoint import Endpoint
from coi.filters import allowed, allowed_between, choose, flows, intersect, resolve
from coi.info import ADDRESSES, Addresses, InfoCommunity, SessionInfo, element, nat, pad, parse
from coi.refused import Refused
from coi.session import INITIATOR
from coi.wire import HEADER, address

NOW = 1800000000000
I = (address("192.0.2.1"), 4570)
R = (address("192.0.2.2"), 4570)
I6 = (address("2001:db8::1"), 4570)
R6 = (address("2001:db8::2"), 4570)


class File:
    """A .vec file."""

    def __init__(self, suite, about):
        self.suite = suite
        self.lines = ["# SPDX-License-Identifier: GPL-2.0-or-later",
                      "# Made by testing/vectors/generate.py. " + about]

    def record(self, case, *tables, **values):
        """A record; octets become hex, all else is written as it is."""
        self.lines += ["", "case = " + case]
        for table in (*tables, values):
            for name, value in table.items():
                if name.endswith(".private"):
                    self.lines.append("%s.der = %s" % (name, self.suite.pkcs8(value, "DH_" in name).hex()))
                    value = self.suite.octets(value)
                self.lines.append("%s = %s" % (name, value.hex() if isinstance(value, bytes) else value))

    def text(self):
        """The file."""
        return "\n".join(line.rstrip() for line in self.lines) + "\n"


def key_table(prefix, keys):
    """Keys in their order."""
    out = {prefix + ".keys": len(keys)}
    for i, k in enumerate(keys):
        out.update({"%s.key.%d.name" % (prefix, i): k.name, "%s.key.%d.K" % (prefix, i): k.key})
    return out


def make_key(name, generation=1, suite=P384):
    """A test key of a name."""
    name = name if isinstance(name, bytes) else name.encode()
    return Key(name, Seeded(b"key %d " % generation + name).octets(32), suite)


def datagrams(prefix, items):
    """Datagrams with their number."""
    out = {prefix + ".datagrams": len(items)}
    out.update({"%s.datagram.%d" % (prefix, i): d for i, d in enumerate(items)})
    return out


def services(prefix, items):
    """A list of services."""
    out = {prefix: len(items)}
    out.update({"%s.%d" % (prefix, i): " ".join(["%d %d %d" % s[:3]] + [p.hex() for p in s[3:]])
                for i, s in enumerate(items)})
    return out


def v4(*octets):
    """An IPv4 address."""
    return bytes(octets)


V6 = bytes.fromhex("fec3".ljust(31, "0") + "1")


def host(seed, keys, communities=None, **more):
    """An endpoint that started a minute ago."""
    return Endpoint(Config(keys, communities or {}, start=NOW - 60000, **more), NOW - 60000, Seeded(seed.encode()))


def begin(initiator, responder, a=I, b=R, seen=None):
    """Sess0 and Sess1; returns both sessions. `seen`: how a NAT lets the responder see the initiator."""
    s = initiator.open(b, NOW, a)
    initiator.take()
    for d in s.reply:
        assert responder.receive(d, seen or a, b, NOW + 5) == (None, None)
    responder.take()
    return s, responder.sessions[-1]


def complete(initiator, responder, a=I, b=R, seen=None):
    """A whole exchange; returns both sessions and the first IDLE."""
    s, t = begin(initiator, responder, a, b, seen)
    for d in t.sess1:
        assert initiator.receive(d, b, a, NOW + 10) == (None, None)
    initiator.take()
    for d in s.sess2:
        assert responder.receive(d, seen or a, b, NOW + 15) == (None, None)
    idle = next(e[2] for e in responder.take() if e[0] == "idle")
    return s, t, idle


def complete_third(initiator, responder, a=I, b=R):
    """A whole exchange with a Sess3; returns both sessions, the initiator's first IDLE and the responder's."""
    s, t = begin(initiator, responder, a, b)
    for d in t.sess1:
        assert initiator.receive(d, b, a, NOW + 10) == (None, None)
    initiator.take()
    for d in s.sess2:
        assert responder.receive(d, a, b, NOW + 15) == (None, None)
    responder.take()
    for d in t.sess3:
        assert initiator.receive(d, b, a, NOW + 20) == (None, None)
    idle = next(e[2] for e in initiator.take() if e[0] == "idle")
    assert responder.receive(idle, a, b, NOW + 25, True) == (None, None) and t.confirmed
    return s, t, idle, next(e[2] for e in responder.take() if e[0] == "idle")


# --- one function for each file ------------------------------------------------------------------

def key_record(f, case, k):
    """A key and what comes from it."""
    f.record(case, {"name": k.name, "K": k.key, "base": k.base, "gate0": k.gate0, "fingerprint": k.fingerprint})


def keys_file(suite):
    """Section 3."""
    f = File(suite, "Section 3: base, gate0 and fingerprint.")
    for name in ("a", "lab", "printers", "Grüße", "x" * 63):
        for generation in (1, 2):
            k = make_key(name, generation, suite)
            key_record(f, "%s-%d" % (name if name.isascii() else "utf8", generation), k)
    key_record(f, "same-key-other-name", Key(b"lab2", make_key("lab", suite=suite).key, suite))
    key_record(f, "zero", Key(b"zero", bytes(32), suite))
    return f


def sess0_table(s):
    """The trace of an initiator, with what its signature covers."""
    out = dict(s.t)
    for i in range(s.t["sess0.count"]):
        d = s.t["sess0.%d.datagram" % i]
        out["sess0.%d.aad" % i] = schedule.sess0_aad(d)
        out["sess0.%d.digest" % i] = d[24:HEADER]
        out["sess0.%d.tags" % i] = d[112:208]
        out["sess0.%d.entries" % i] = d[208:]
    return out


def sess0_file(suite):
    """Section 5."""
    f = File(suite, "Section 5: Sess0 with every intermediate value.")
    for case, n, to in (("one-key", 1, R), ("three-keys", 3, R), ("six-keys-v6", 6, R6), ("seven-keys", 7, R),
                        ("thirteen-keys", 13, R)):
        initiator = host("sess0 " + case, [make_key("c%02d" % i, suite=suite) for i in range(n)])
        s = initiator.open(to, NOW, I)
        parts = [s.t["sess0.%d.datagram" % i] for i in range(s.t["sess0.count"])]
        f.record(case, sess0_table(s), TH0=schedule.th0(suite, parts))
    return f


def children_table(s):
    """SPIs, keys and flows."""
    out = {"children": len(s.children)}
    for i, c in enumerate(s.children):
        p = "child%d." % i
        encr, esn = c.proposal[0], c.proposal[3]
        out.update({p + "name": c.name, p + "mode": c.mode, p + "encryption": encr, p + "bits": c.proposal[1],
                    p + "integrity": c.proposal[2], p + "esn": esn, p + "esp_i": c.esp_i, p + "esp_r": c.esp_r,
                    p + "child": s.t[p + "child"], p + "KEYMAT": s.t[p + "KEYMAT"], p + "encr_ir": c.keys_ir[0],
                    p + "integ_ir": c.keys_ir[1], p + "encr_ri": c.keys_ri[0], p + "integ_ri": c.keys_ri[1]})
        out.update(services(p + "at_initiator", c.flows[0]))
        out.update(services(p + "at_responder", c.flows[1]))
    return out


def exchange_record(f, case, i_keys, r_keys, communities=None, a=I, b=R, r_communities=None, i_more=None,
                    r_more=None, seen=None):
    """A whole exchange."""
    initiator = host(case + " i", i_keys, communities, **(i_more or {}))
    responder = host(case + " r", r_keys, r_communities or communities, **(r_more or {}))
    s, t, idle = complete(initiator, responder, a, b, seen)
    assert initiator.receive(idle, b, a, NOW + 20, True) == (None, None) and s.confirmed
    found = nat(s.own_info.addresses, s.peer_info.addresses)
    assert nat(t.own_info.addresses, t.peer_info.addresses) == (found[1], found[0], found[2])
    table = {"now": NOW, "i.address": a[0], "r.address": b[0], "nat.i": int(found[0]), "nat.r": int(found[1]),
             "nat.forced": int(found[2])}
    table.update(key_table("i", i_keys))
    table.update(key_table("r", r_keys))
    for source in (sess0_table(s), t.t, s.t):
        table.update((k, v) for k, v in source.items() if not k.startswith("child"))
    table["sess1.signed"] = b"coi1 %s sess1\0" % s.suite.name.encode() + table["TH1a"]
    table["sess2.signed"] = b"coi1 %s sess2\0" % s.suite.name.encode() + table["TH2a"]
    table["context2"] = s.context(2)
    table["DH_R.private"] = t.t["DH_R.private"]
    table.update(datagrams("sess1", t.sess1))
    table.update(datagrams("sess2", s.sess2))
    table.update(children_table(s))
    assert children_table(t) == children_table(s)
    table["idle.datagram"] = idle
    f.record(case, table)


def exchange_file(suite):
    """Sections 5 to 8, one community."""
    f = File(suite, "Sections 5 to 8: a whole exchange, one community, every message in one segment.")
    lab = [make_key("lab", suite=suite)]
    exchange_record(f, "exchange-one", lab, lab)
    exchange_record(f, "exchange-one-v6-esn", lab, lab, {b"lab": Community(proposals=[GCM256_ESN])}, I6, R6,
                    i_more={"identity": (2, b"alice.example")}, r_more={"identity": (3, b"bob@example.org")})
    exchange_record(f, "exchange-one-cbc", lab, lab,
                    {b"lab": Community(proposals=[(12, 256, 14, 0), GCM256])})
    exchange_record(f, "exchange-one-tunnel", lab, lab, {b"lab": Community(mode=2)})
    exchange_record(f, "exchange-one-users", lab, lab, i_more={"user": (NOW - 3600000, b"alice")},
                    r_more={"user": (0, "Jürgen".encode())})
    exchange_record(f, "exchange-one-nat", lab, lab, seen=(address("198.51.100.1"), 1025))
    exchange_record(f, "exchange-one-pat", lab, lab, seen=(I[0], 4571))
    exchange_record(f, "exchange-one-encap", lab, lab, r_more={"encap": True})
    return f


def proof_record(f, case, i_proves, r_proves, i_more=None, r_more=None):
    """A whole exchange in which one side or both prove who they are, or with something else in a Sess3."""
    lab = [make_key("lab", suite=f.suite)]
    keys = {"i": (2, b"moon.example.org"), "r": (3, b"sun@example.org")}
    private = {who: Seeded(b"proof " + who.encode()).octets(32) for who in keys}
    trust = {who: {keys[who]: proof.public(private[who])} for who in keys}
    more = {"i": dict(i_more or {}), "r": dict(r_more or {})}
    for who, peer, proves in (("i", "r", i_proves), ("r", "i", r_proves)):
        more[who]["prove"] = (keys[who], private[who])
        if proves:
            more[peer]["trust"] = trust[who]
    initiator, responder = host(case + " i", lab, **more["i"]), host(case + " r", lab, **more["r"])
    s, t, first, second = complete_third(initiator, responder)
    table = {"now": NOW, "i.address": I[0], "r.address": R[0]}
    table.update(key_table("i", lab))
    table.update(key_table("r", lab))
    for source in (sess0_table(s), s.t, t.t):
        table.update((k, v) for k, v in source.items() if not k.startswith("child"))
    table["sess1.signed"] = b"coi1 %s sess1\0" % s.suite.name.encode() + table["TH1a"]
    table["sess2.signed"] = b"coi1 %s sess2\0" % s.suite.name.encode() + table["TH2a"]
    table["context2"] = s.context(2)
    table["sess3.signed"] = b"coi1 %s sess3\0" % s.suite.name.encode() + table["TH3a"]
    table["context3"] = s.context(5)
    table["DH_R.private"] = t.t["DH_R.private"]
    for who in keys:
        table["proof_%s.seed" % who] = private[who]
        table["proof_%s.public" % who] = proof.public(private[who])
    table.update(i_asked=int(s.asked), r_asked=int(t.asked))
    for prefix, d in (("sess1", t.sess1), ("sess2", s.sess2), ("sess3", t.sess3)):
        table.update(datagrams(prefix, d))
    table.update(children_table(s))
    assert children_table(t) == children_table(s)
    table["idle.datagram"], table["idle_r.datagram"] = first, second
    f.record(case, table)


def exchange_proof_file(suite):
    """Sections 7.1 to 7.3."""
    f = File(suite, "Sections 7.1 to 7.3: exchanges with a Sess3, proofs of identity by raw keys of Ed25519.")
    for case, i, r in (("proof-both", True, True), ("proof-i", True, False), ("proof-r", False, True),
                       ("proof-none", False, False)):
        proof_record(f, case, i, r)
    wish, pool = (bytes(range(16)), [bytes(4), bytes(16)], [3, 10]), ([v4(10, 3, 0, 1), V6], [(3, v4(10, 1, 0, 20)), (10, b"")])
    proof_record(f, "virtual", False, False, {"wish": wish}, {"pool": pool})
    proof_record(f, "virtual-proof-i", True, False, {"wish": (wish[0], wish[1][:1], [])}, {"pool": pool})
    return f


def exchange_many_file(suite):
    """Sections 3 and 5 to 11, several communities."""
    f = File(suite, "Sections 3 and 5 to 11: several communities, generations, filters, segments.")
    web = {b"web": Community(offers=[(6, 80, 80), (6, 443, 443)], uses=[(17, 53, 53)]),
           b"lab": Community(), b"ab": Community(offers=[(1, 0, 65535)], uses=[(0, 0, 65535)]),
           b"abc": Community()}
    r_web = {b"web": Community(offers=[(17, 1, 1000)], uses=[(6, 1, 100)]), b"lab": Community(),
             b"ab": Community(), b"abc": Community(mode=2)}
    key = lambda name, generation=1: make_key(name, generation, suite)
    old, new = key("lab", 1), key("lab", 2)
    names = [key(n) for n in ("web", "abc", "ab")]
    exchange_record(f, "exchange-filters", [old, new] + names + [key("only-i")],
                    names[::-1] + [key("only-r"), old, new], web, r_communities=r_web)
    exchange_record(f, "exchange-generations-old", [old], [old, new])
    exchange_record(f, "exchange-generations-order", [old, new], [new, old])
    many = [key("c%02d" % i) for i in range(9)]
    exchange_record(f, "exchange-nine", many, many[::-1])
    most = [key("m%02d" % i) for i in range(40)]
    exchange_record(f, "exchange-forty", most, most)
    return f


def idle_term_file(suite):
    """Section 9."""
    f = File(suite, "Section 9: IDLE and TERM in both directions.")
    three = [make_key(n, suite=suite) for n in ("web", "ab", "lab")]
    s, t, first = complete(host("idle i", three, lifetime=3600, time_to_live=60),
                           host("idle r", three, lifetime=7200, time_to_live=120))
    common = {name: s.t[name] for name in ("spi_i", "spi_r", "TH2", "master", "pdu_ir", "pdu_ri", "tag_ir", "tag_ri",
                                           "VAL_I.private", "VAL_I", "VAL_R")}
    common["VAL_R.private"] = t.t["VAL_R.private"]
    common["C"] = t.t["C"]

    def record(case, sender, d):
        kn, tag_key = sender.direction(True)
        f.record(case, common, {
            "sender": sender.role, "sequence": int.from_bytes(d[72:80], "big"), "kn": kn, "tag_key": tag_key,
            "kn.used": schedule.pdu_kn(kn, int.from_bytes(d[72:80], "big")), "aad": d[4:24] + d[72:80],
            "plain": schedule.pdu_open(kn, d), "sealed": d[80:], "digest": d[24:56], "tag": d[56:72], "datagram": d})

    record("idle-first", t, first)
    for sender in (s, t):
        record("idle-%s" % sender.role, sender, sender.idle(NOW + 61000))
        sender.gained = 3
        record("idle-%s-gained" % sender.role, sender, sender.idle(NOW + 61500))
        for reason, text in ((1, ""), (2, "going down"), (4, "Schlüssel entfernt"), (7, "x" * 255), (99, "unknown")):
            record("term-%s-%d" % (sender.role, reason), sender, sender.term(reason, text))
        for case, reason, text, indexes in (("first", 4, "", (0,)), ("two", 4, "key removed", (0, 2)),
                                            ("long", 1, "x" * 255, (1, 2)), ("all", 2, "", (0, 1, 2))):
            record("term-%s-of-%s" % (sender.role, case), sender, sender.term(reason, text, indexes))
        record("idle-%s-answer" % sender.role, sender, sender.idle(NOW + 61600, True))
        sender.sent = 2**64 - 2
        record("idle-%s-last-sequence" % sender.role, sender, sender.idle(NOW + 62000))
    return f


def info_file(suite):
    """Section 10."""
    f = File(suite, "Section 10: SessionInfo; result is ok or the reason of section 14.")

    def record(case, octets, size=1, chosen=False):
        try:
            info, result = parse(octets, size, chosen), "ok"
        except Refused as refused:
            info, result = None, refused.reason
        values = {"result": result, "C": size, "chosen": int(chosen), "octets": octets}
        if info:
            values.update({"identity.type": info.identity[0], "identity.data": info.identity[1], "start": info.start,
                           "user.since": (info.user or (0, b""))[0], "user.name": (info.user or (0, b""))[1],
                           "seen": info.addresses.seen[0], "seen.port": info.addresses.seen[1],
                           "own": info.addresses.own[0], "own.port": info.addresses.own[1],
                           "encap": int(info.addresses.encap), "communities": len(info.communities)})
            for i, c in enumerate(info.communities):
                p = "community.%d." % i
                values.update({p + "index": c.index, p + "spi": c.spi, p + "mode": c.mode,
                               p + "proposals": len(c.proposals)})
                values.update({p + "proposals.%d" % j: "%d %d %d %d" % q for j, q in enumerate(c.proposals)})
                values.update(services(p + "offers", c.offers))
                values.update(services(p + "uses", c.uses))
        f.record(case, values)
        return result

    one = InfoCommunity(0, 0xc0000001, proposals=[GCM256])
    # every gap: identity of 1 to 64 octets brings the list to each length modulo 64
    for n in range(1, 65):
        octets = SessionInfo((11, b"k" * n), NOW, communities=[one]).pack()
        assert record("padding-%02d" % n, octets) == "ok" and not len(octets) % 64
    full = InfoCommunity(2, 256, 2, [(20, 256, 0, 1), (20, 256, 0, 0), (12, 256, 14, 0)] + [(12, 128, 12, 0)] * 13,
                         [(6, i, i + 1) for i in range(64)], [(17, 0, 65535), (0, 0, 65535), (1, 0, 65535)])
    record("full", SessionInfo((9, b"d" * 512), 2**64 - 1, Addresses(I6, (R6[0], 65535), True),
                               [InfoCommunity(1, 2**32 - 1, 1, [GCM256]), full]).pack(), 3)
    networks = InfoCommunity(0, 256, 2, [GCM256],
                             [(6, 80, 443, v4(10, 1, 0, 0), v4(10, 1, 255, 255)), (0, 0, 65535),
                              (17, 53, 53, v4(10, 1, 0, 10), v4(10, 1, 0, 10))],
                             [(0, 0, 65535, bytes(16), b"\xff" * 16), (1, 0, 65535, v4(0, 0, 0, 0), v4(255, 255, 255, 255))])
    record("networks", SessionInfo((1, bytes(4)), 1, communities=[networks]).pack(), 1)
    wide = [(6, i, i + 1, bytes([0x20] + [i] * 15), bytes([0x20] + [i + 1] * 15)) for i in range(64)]
    record("networks-full", SessionInfo((2, b"gateway"), 1, communities=[InfoCommunity(1, 300, 2, [GCM256], wide, wide)]).pack(), 2)
    record("empty", SessionInfo().pack(), 3)
    record("chosen", SessionInfo((5, bytes(16)), 0, communities=[one]).pack(), 1, True)
    for case, user in (("user-one", (0, b"u")), ("user-utf8", (NOW - 5, "Jürgen 蘭 O'Hara \U0001f511".encode())),
                       ("user-255", (2**64 - 1, b"u" * 255))):
        assert record(case, SessionInfo((2, b"host"), NOW, communities=[one], user=user).pack()) == "ok"
    for case, wish in (("wish", (bytes(range(16)), [v4(10, 3, 0, 9), bytes(16)], [3, 10, 0x7000])),
                       ("wish-least", (bytes(16), [V6], [])), ("wish-most", (bytes(16), [bytes(16), bytes(4)], list(range(1, 17))))):
        assert record(case, SessionInfo((2, b"host"), NOW, communities=[one], wish=wish).pack()) == "ok"
    plain = SessionInfo((2, b"host"), NOW, communities=[one])
    order = pad(element(0x0004, bytes(3)) + element(0x8003, one.pack()) + element(0x7abc, b"later") +
                element(ADDRESSES, Addresses(I, R6).pack()) + element(0x8002, NOW.to_bytes(8, "big")) +
                element(0x00ff, b"") + element(0x8001, b"\2host"))
    record("other-order-and-unknown", order)
    record("padding-64-more", plain.pack() + element(4, bytes(60)))
    assert record("padding-many", plain.pack() + element(4, bytes(124)) + element(4, b"") * 16) == "ok"
    other = InfoCommunity(1, 0xc0000002, proposals=[GCM256])
    assert record("two", SessionInfo((2, b"host"), NOW, communities=[one, other]).pack(), 2) == "ok"
    other.spi = one.spi
    assert record("bad-equal-spis-of-two", SessionInfo((2, b"host"), NOW, communities=[one, other]).pack(), 2) == "info"
    lab = [make_key("lab", suite=suite)]
    _, t = begin(host("info i", lab), host("info r", lab))
    for name, make in hostile.INFO.items():
        assert record("bad-" + name, make(t)) == "info"
    return f


def filter_file(suite):
    """Section 11."""
    f = File(suite, "Section 11: offers and uses of two hosts, the flows, and packets.")
    everything, none = [(0, 0, 65535)], [(255, 0, 65535)]
    http = [(6, 80, 80), (6, 443, 443)]
    cases = {
        "all": (everything, everything, everything, everything),
        "http-at-a": (http, none, none, everything),
        "http-at-b": (none, everything, http, none),
        "no-match": ([(6, 80, 80)], none, none, [(6, 81, 65535)]),
        "other-protocol": ([(6, 53, 53)], none, none, [(17, 53, 53)]),
        "ranges": ([(6, 10, 20), (6, 15, 30), (17, 1, 5)], none, none, [(6, 18, 25), (6, 28, 40), (17, 5, 9)]),
        "adjacent": ([(6, 10, 20), (6, 21, 30)], none, none, [(6, 1, 100)]),
        "any-and-one": (everything, none, none, [(6, 80, 80), (1, 0, 65535)]),
        "any-covers": (everything, none, none, [(0, 0, 65535), (6, 80, 80)]),
        "both-ways": ([(6, 22, 22)], [(17, 53, 53)], [(17, 53, 53)], [(6, 22, 22)]),
        "icmp": ([(1, 0, 65535)], none, none, [(1, 0, 65535)]),
        "edges": ([(6, 0, 0), (6, 65535, 65535)], none, none, [(6, 0, 65535)]),
        "64": ([(6, 2 * i, 2 * i) for i in range(64)], none, none, [(6, 0, 63), (17, 0, 63)]),
    }
    packets = [(p, a, b) for p in (6, 17) for a, b in ((80, 40000), (40000, 80), (443, 40000), (53, 53), (22, 22),
                                                       (15, 1), (20, 1), (25, 1), (26, 1), (28, 1), (0, 9), (65535, 9),
                                                       (62, 1), (63, 1), (64, 1))] + [(1, 0, 0), (47, 0, 0)]
    for case, (oa, ua, ob, ub) in cases.items():
        at_a, at_b = flows(oa, ua, ob, ub)
        f.record(case, services("offers_A", oa), services("uses_A", ua), services("offers_B", ob),
                 services("uses_B", ub), services("at_A", at_a), services("at_B", at_b),
                 {"packets": len(packets)},
                 {"packet.%d" % i: "%d %d %d %s" % (p, x, y, "allow" if allowed(at_a, at_b, p, x, y) else "drop")
                  for i, (p, x, y) in enumerate(packets)})
    network_records(f)
    return f


def network_records(f):
    """Networks behind two hosts, and what the hosts themselves stand for."""
    def net(*octets):
        return v4(*octets[:4]), v4(*octets[4:])

    def six(first, last):
        return bytes.fromhex(first.ljust(32, "0")), bytes.fromhex(last.ljust(32, "f"))

    every, left, right = (0, 0, 65535), net(10, 1, 0, 0, 10, 1, 255, 255), net(10, 2, 0, 0, 10, 2, 255, 255)
    host_a, host_b = v4(192, 168, 0, 1), v4(192, 168, 0, 2)
    alone = {"seen": (host_a, host_b), "announced": (None, None), "assigned": (None, None)}
    alice, venus, bob = v4(10, 1, 0, 10), v4(10, 1, 0, 20), v4(10, 2, 0, 10)
    sun, dave = v4(10, 2, 0, 1), v4(10, 3, 0, 10)
    v6_left, v6_right = six("fec1000000000000000", "fec1000000000000ffff"), six("fec20000", "fec20000")
    cases = {
        "net-net": (([(*every, *left)], [(*every, *right)], [(*every, *right)], [(*every, *left)]), alone),
        "net-claims-more": (([(*every, *left)], [(*every, *right)],
                             [(*every, *net(0, 0, 0, 0, 255, 255, 255, 255))],
                             [(*every, *net(0, 0, 0, 0, 255, 255, 255, 255))]), alone),
        "net-services": (([(6, 80, 80, alice, alice)], [(*every, *right)], [(*every, *right)],
                          [(6, 1, 1023, *left)]), alone),
        "host-net": (([every], [(*every, *right)], [(*every, *right)], [every]), alone),
        "host-is-in-net": (([every], [(*every, *right)], [(*every, *right)], [(*every, host_a, host_a)]), alone),
        "announced-within": (([every], [(*every, *right)], [(*every, *right)],
                              [(*every, *net(10, 3, 0, 0, 10, 3, 0, 255))]),
                             {**alone, "announced": (dave, None)}),
        "announced-outside": (([every], [(*every, *right)], [(*every, *right)], [every]),
                              {**alone, "announced": (dave, None)}),
        "assigned": (([every], [(*every, *right)], [(*every, *right)], [every]),
                     {**alone, "assigned": (dave, None), "announced": (alice, None)}),
        "ipv6-in-ipv4": (([(*every, *v6_left), (*every, *left)], [(*every, *v6_right)], [(*every, *v6_right)],
                          [(*every, *six("fec1", "fec1"))]), alone),
        "range": (([(17, 53, 53, *net(10, 1, 0, 9, 10, 1, 0, 12))], [every], [every],
                   [(*every, *net(10, 1, 0, 10, 10, 1, 1, 0))]), alone),
    }
    ends = [alice, venus, bob, sun, dave, v4(10, 1, 0, 12), v4(10, 1, 0, 13), host_a, host_b] + \
        [bytes.fromhex(h.ljust(32, "0")) for h in ("fec10000000000000001", "fec20000000000000001", "fec3")]
    for case, ((oa, ua, ob, ub), hosts) in cases.items():
        itself = [choose(hosts["assigned"][i], hosts["announced"][i], hosts["seen"][i], uses)
                  for i, uses in enumerate((ub, ua))]
        a = resolve(oa, itself[0]), resolve(ua, itself[1])
        b = resolve(ob, itself[1]), resolve(ub, itself[0])
        packets = [(p, x, y, m, n) for p in (6, 17) for x in ends for y in ends if len(x) == len(y)
                   for m, n in ((80, 40000), (40000, 53), (53, 9))]
        verdicts = [allowed_between(a, b, p, (x, m), (y, n)) for p, x, y, m, n in packets]
        kept = [i for i, v in enumerate(verdicts) if v or i % 7 == 0]
        named = {"%s_%s" % (kind, side): both[i] for kind, both in hosts.items() for i, side in enumerate("AB") if both[i]}
        f.record("networks-" + case, services("offers_A", oa), services("uses_A", ua), services("offers_B", ob),
                 services("uses_B", ub), named, services("at_A", intersect(a[0], b[1])), services("at_B", intersect(b[0], a[1])),
                 {"packets": len(kept)},
                 {"packet.%d" % j: "%d %s %d %s %d %s" % (packets[i][0], packets[i][1].hex(), packets[i][3],
                                                          packets[i][2].hex(), packets[i][4],
                                                          "allow" if verdicts[i] else "drop")
                  for j, i in enumerate(kept)})


def bad_record(f, case, reason, receiver, before, bad, source, destination, role, tunnel=False, now=NOW + 30, **more):
    """Check with the reference, then write."""
    reason = hostile.reason_for(reason, f.suite)
    got = [receiver.receive(d, source, destination, now, tunnel)[0] for d in bad]
    assert got[-1] == reason and not any(got[:-1]), (case, reason, got)
    assert not receiver.take(), case
    values = {"reason": reason, "role": role, "now": now, "floor": NOW - 60000, "window": 300000,
              "source": source[0], "source.port": source[1], "destination": destination[0], "tunnel": int(tunnel)}
    values.update(key_table("held", receiver.config.keys))
    values.update(datagrams("before", before))
    values.update(datagrams("bad", bad))
    f.record(case, values, more)


STATE_I = ("spi_i", "time", "to", "nonce_i", "ENC_I", "VAL_I.private", "VAL_I")
STATE_R = ("ENC_R", "VAL_R.private", "VAL_R", "DH_R.private", "DH_R", "nonce_r", "spi_r", "parts", "C",
           "SessionInfo_R", "message1", "TH0", "TH1", "S")
OPEN_STATE = ("TH2", "master", "pdu_ir", "pdu_ri", "tag_ir", "tag_ri")


def state(t, names):
    """What a receiver holds, prefixed with `state.`."""
    return {"state." + n: t[n] for n in names}


def bad_file(suite):
    """Section 14."""
    f = File(suite, "Section 14: datagrams that are refused, and for which reason.")
    lab, two = [make_key("lab", suite=suite)], [make_key(n, suite=suite) for n in ("lab", "web")]
    for case, (reason, _, make) in hostile.SESS0.items():
        d = make(hostile.Craft(lab, R[0], NOW + 30, Seeded(b"bad " + case.encode())))
        bad_record(f, case, reason, host("x", lab), [], [d], I, R, "responder")
    for case, (reason, _, make) in hostile.TWO_KEYS.items():
        d = make(hostile.Craft([lab[0]], R[0], NOW + 30, Seeded(b"bad " + case.encode())))
        held = lab + [Key(b"\xff other", b"\x77" * 32, suite)]
        bad_record(f, case, reason, host("x", held), [], [d], I, R, "responder")
    bad_sess0_dialogues(f, lab)
    for case, (reason, make) in hostile.SESS1_BAD.items():
        initiator, responder = host("bad i", two), host("bad r", two)
        s, t = begin(initiator, responder)
        bad_record(f, case, reason, initiator, s.reply, make(t), R, I, INITIATOR, **state(s.t, STATE_I))
    initiator, responder = host("bad i", two), host("bad r", two)
    s, t = begin(initiator, responder)
    bad_record(f, "sess1-address", "address", initiator, s.reply, t.sess1[:1], (I6[0], 4570), I, INITIATOR,
               **state(s.t, STATE_I))
    for case, (reason, make) in list(hostile.SESS2_BAD.items()) + [("sess2-address", ("address", lambda s: s.sess2))]:
        initiator, responder = host("bad i", two), host("bad r", two)
        s, t = begin(initiator, responder)
        opening = list(s.reply)
        for d in t.sess1:
            initiator.receive(d, R, I, NOW)
        source = (I6[0], 4570) if reason == "address" else I
        bad_record(f, case, reason, responder, opening, make(s), source, R, "responder",
                   **{**state(t.t, STATE_R), **datagrams("own.sess1", t.sess1)})
    for case, (reason, tunnel, make) in hostile.PDU_BAD.items():
        s, t, _ = complete(host("bad i", two), host("bad r", two))
        bad_record(f, case, reason, t.endpoint, [], [make(s)], I, R, "responder", tunnel,
                   **state(t.t, ("spi_i", "VAL_I", "spi_r", "C") + OPEN_STATE))
    s, t, idle = complete(host("bad i", two), host("bad r", two))
    s.endpoint.receive(idle, R, I, NOW + 20, True)
    s.endpoint.take()
    bad_record(f, "idle-replay", "replay", s.endpoint, [idle], [idle], R, I, INITIATOR, True,
               **state(s.t, ("spi_i", "VAL_R", "spi_r") + OPEN_STATE))
    return f


def bad_sess0_dialogues(f, lab):
    """Refusals of Sess0 that depend on what came before."""
    first = hostile.Craft(lab, R[0], NOW + 30, Seeded(b"bad first"))
    d = first.make()
    for case, bad, source in (("replay-other-port", d, (I[0], 5000)), ("replay-other-address", d, (I6[0], 4570)),
                              ("replay-changed", hostile.flip(d, 300), I)):
        receiver = host("x", lab)
        assert receiver.receive(d, I, R, NOW + 30) == (None, None)
        receiver.take()
        bad_record(f, case, "replay", receiver, [d], [bad], source, R, "responder")
    receiver = host("x", lab)
    own = receiver.open(R, NOW + 30, R)
    receiver.take()
    bad_record(f, "own-token-reflected", "own-token", receiver, [], own.reply, I, R, "responder",
               **state(own.t, STATE_I))
    receiver = host("x", lab)
    own = receiver.open(R, NOW + 30, I)
    receiver.take()
    member = hostile.Craft(lab, R[0], NOW + 30, Seeded(b"bad own val"))
    d = member.make()
    bad_record(f, "own-token-val", "own-token", receiver, [], [member.entry(d, member.session.t["ENC_I"] + own.t["VAL_I"])],
               I, R, "responder", **state(own.t, STATE_I))
    late = hostile.Craft(lab, R[0], NOW + 30, Seeded(b"bad floor")).make(time=NOW - 60001)
    bad_record(f, "before-floor", "time", host("x", lab), [], [late], I, R, "responder")
    for name, delta in (("window-behind", -300001), ("window-ahead", 300001)):
        out = hostile.Craft(lab, R[0], NOW + 30, Seeded(b"bad " + name.encode())).make(time=NOW + 30 + delta)
        bad_record(f, name, "time", host("x", lab), [], [out], I, R, "responder")


FILES = {"keys": keys_file, "sess0": sess0_file, "exchange": exchange_file, "exchange-proof": exchange_proof_file,
         "exchange-many": exchange_many_file,
         "idle-term": idle_term_file, "bad": bad_file}
COMMON = {"info": info_file, "filter": filter_file}     # the same in all suites


def generate():
    """{file name: text}"""
    out = {name + ".vec": make(P384).text() for name, make in COMMON.items()}
    for suite in SUITES.values():
        tail = ".vec" if suite is P384 else "-%s.vec" % suite.name
        out.update({name + tail: make(suite).text() for name, make in FILES.items()})
    return out


def read(text):
    """The records of a .vec file, as dicts of strings."""
    records = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if lines:
            records.append(dict(line.partition(" =")[::2] for line in lines))
    return [{k: v.strip() for k, v in r.items()} for r in records]


def main():
    """Write them."""
    where = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, text in generate().items():
        with open(os.path.join(where, name), "w", encoding="ascii") as out:
            out.write(text)


if __name__ == "__main__":
    main()
