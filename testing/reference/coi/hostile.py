# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams that MUST be refused (section 14), each with its reason.

SESS0 holds those that a stranger or a member sends out of nothing; SESS1, SESS2 and PDU change what a genuine
endpoint made. `finish` does what only a member can do: digest, signature and tags are made anew.
"""

import copy

from . import schedule
from .config import Config, Key
from .crypto import P384, PLACES, X25519, Seal
from .endpoint import Endpoint
from .info import ADDRESSES, ATTRIBUTE, COMMUNITY, GRANT, IDENTITY, START, USER, WISH, element, pad
from .wire import (HEADER, IDLE, SESS1, SESS2, TERM, Header, Message1, Message2, Term, cut, with_digest)


def flip(d, at, bit=1):
    """Flip a bit."""
    return d[:at] + bytes([d[at] ^ bit]) + d[at + 1:]


def put(d, at, octets):
    """Replace octets."""
    return d[:at] + octets + d[at + len(octets):]


def _swap(d, a, b, length):
    """Exchange octets at two places."""
    return put(put(d, a, d[b:b + length]), b, d[a:a + length])


OFF_CURVE = bytes(47) + b"\1" + bytes(47) + b"\1"
# what a suite refuses as VAL and as DH value: no point of the curve; no point, and points of small order
BAD_VAL = {P384: OFF_CURVE, X25519: b"\2" + bytes(31)}
BAD_DH = {P384: OFF_CURVE, X25519: b"\1" + bytes(31)}
# of order 8
OTHER_DH = {P384: b"\xff" * 96,
            X25519: bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")}


def reason_for(reason, suite):
    """The reason of an entry below, where it depends on the suite."""
    return reason if isinstance(reason, str) else reason[suite]


# a VAL that is no point is found to be none before the signature, or by it
NO_POINT = {P384: "entry", X25519: "signature"}


class Craft:
    """Makes Sess0 as a member with `keys` would, to be spoilt."""

    def __init__(self, keys, to, now, rng, wrong_key=b"\x5a" * 32):
        self.keys, self.to, self.now, self.rng, self.wrong_key = keys, to, now, rng, wrong_key
        self.suite = keys[0].suite

    def make(self, keys=None, to=None, time=None):
        """A genuine first part; the session that made it is left in self.session."""
        endpoint = Endpoint(Config(keys or self.keys), self.now, self.rng)
        self.session = endpoint.open((to or self.to, 4570), self.now if time is None else time)
        return self.session.reply[0]

    def finish(self, d, digest=True):
        """Digest and tags anew for the keys of self.session in its first part."""
        t = self.session.t
        if digest:
            d = put(d, 24, schedule.sess0_digest(self.suite, d))
        for i in range(t["sess0.0.n"]):
            tag = schedule.sess0_tag(self.suite, t["sess0.0.%d.gate0" % i], d)
            d = put(d, 112 + 16 * t["sess0.0.%d.place" % i], tag)
        return d

    def entry(self, d, plain):
        """All own entries with another content, then finish()."""
        t = self.session.t
        for i in range(t["sess0.0.n"]):
            p = "sess0.0.%d." % i
            d = put(d, self.at(t[p + "place"]), Seal(t[p + "kn"], schedule.sess0_aad(d), plain))
        return self.finish(d)

    def fresh(self, change):
        """A genuine Sess0, changed."""
        return change(self.make())

    def place(self):
        """The place of the first key."""
        return self.session.t["sess0.0.0.place"]

    def at(self, place):
        """Where the entry of a place begins."""
        return 208 + self.suite.entry_len * (place % PLACES)


def _disagree(c):
    d = c.make((c.keys + [Key(b"\xff other", b"\x77" * 32, c.suite)])[:2])
    t = c.session.t
    p = "sess0.0.0."
    return c.finish(put(d, c.at(t[p + "place"]),
                        Seal(t[p + "kn"], schedule.sess0_aad(d), bytes(32) + t["VAL_I"])))


def _head(kind):
    def make(c):
        body = c.rng.octets(200 - 72 if kind in (SESS1, SESS2, TERM) else 40)
        head = with_digest(Header(c.suite, kind, c.rng.spi(), c.rng.spi()), body)
        return head + c.rng.octets(16) + body
    return make


def _other(suite):
    return X25519 if suite is P384 else P384


def _other_suite(c):
    return put(c.make(), 6, bytes([_other(c.suite).id]))


def _in_other_suite(c):
    return c.make([Key(k.name, k.key, _other(c.suite)) for k in c.keys])


def _header(at, octets, resealed=True):
    """A Sess0 with other octets in its header, otherwise as right as a member can make it."""
    def make(c):
        d = put(c.make(), at, octets)
        if not resealed:
            return d
        t = c.session.t
        return c.entry(d, t["ENC_I"] + t["VAL_I"])
    return make


# name: (reason, what it is, function of a Craft).
SESS0 = {
    "empty": ("short", "no octet at all", lambda c: b""),
    "one-octet": ("short", "a single octet", lambda c: b"\0"),
    "short-header": ("short", "55 octets of a valid Sess0", lambda c: c.make()[:HEADER - 1]),
    "marker": ("marker", "marker not zero", _header(3, b"\1")),
    "version-0": ("version", "version 0", _header(4, b"\0")),
    "version-2": ("version", "version 2", _header(4, b"\2")),
    "type-6": ("type", "type 6", _header(5, b"\6")),
    "type-255": ("type", "type 255", _header(5, b"\xff")),
    "suite-0": ("suite", "suite 0", _header(6, b"\0")),
    "suite-3": ("suite", "suite 3", _header(6, b"\3")),
    "suite-other": ("length", "the other suite in the header", _other_suite),
    "suite-not-in-use": ("suite", "a valid Sess0 of the other suite", _in_other_suite),
    "header-only": ("length", "56 octets of a valid Sess0", lambda c: c.make()[:HEADER]),
    "truncated": ("length", "the last octet is missing", lambda c: c.make()[:-1]),
    "too-long": ("length", "one octet too many", lambda c: c.make() + b"\0"),
    "datagram-1232": ("length", "as long as a datagram may be", lambda c: c.make() + bytes(1232 - c.suite.sess0_len)),
    "segment-1-of-1": ("segment", "index 1 of count 1", _header(7, b"\x10")),
    "segment-15-of-15": ("segment", "index 15 of count 15", _header(7, b"\xfe")),
    "spi-i-zero": ("spi", "spi_i zero", _header(8, bytes(8))),
    "spi-r-set": ("spi", "spi_r not zero", _header(16, b"\1" * 8)),
    "wrong-destination": ("destination", "made for another host",
                          lambda c: c.make(to=flip(c.to, 15, 0x40))),
    "wrong-destination-v6": ("destination", "made for another host in IPv6",
                             lambda c: c.make(to=b"\x20\x01\x0d\xb8" + bytes(12))),
    "old-time": ("time", "the clock is 10 minutes behind", lambda c: c.make(time=c.now - 600000)),
    "future-time": ("time", "the clock is 10 minutes ahead", lambda c: c.make(time=c.now + 600000)),
    "time-zero": ("time", "time 0", lambda c: c.make(time=0)),
    "time-max": ("time", "the highest time", lambda c: c.make(time=2**64 - 1)),
    "unknown-community": ("no-community", "another key under the same name",
                          lambda c: c.make([Key(c.keys[0].name, c.wrong_key, c.suite)])),
    "wrong-name": ("no-community", "the right key under another name",
                   lambda c: c.make([Key(c.keys[0].name + b"x", c.keys[0].key, c.suite)])),
    "random": ("no-community", "right header, time and address, all else random",
               lambda c: c.make()[:80] + c.rng.octets(c.suite.sess0_len - 80)),
    "zeros": ("no-community", "right header, time and address, all else zeros",
              lambda c: c.make()[:80] + bytes(c.suite.sess0_len - 80)),
    "flip-spi": ("no-community", "a bit of spi_i flipped", lambda c: flip(c.make(), 15)),
    "flip-header-digest": ("no-community", "a bit of the digest flipped", lambda c: flip(c.make(), 24)),
    "flip-time": ("no-community", "a bit of time flipped", lambda c: flip(c.make(), 63)),
    "flip-nonce": ("no-community", "a bit of nonce_i flipped", lambda c: flip(c.make(), 100)),
    "flip-segment": ("no-community", "count 2 instead of 1", lambda c: put(c.make(), 7, b"\1")),
    "flip-tags": ("no-community", "a bit of each tag flipped",
                  lambda c: c.fresh(lambda d: b"".join([d[:112], *(flip(d[112 + 16 * i:128 + 16 * i], 7, 128)
                                                                   for i in range(PLACES)), d[208:]]))),
    "moved-tag": ("entry", "an own tag at the next place, without a key",
                  lambda c: c.fresh(lambda d: _swap(d, 112 + 16 * c.place(), 112 + 16 * ((c.place() + 1) % PLACES), 16))),
    "doubled-tag": ("entry", "an own tag at the next place, too",
                    lambda c: c.fresh(lambda d: put(d, 112 + 16 * ((c.place() + 1) % PLACES),
                                                    d[112 + 16 * c.place():128 + 16 * c.place()]))),
    "flip-entry": ("digest", "a bit of an own entry flipped",
                   lambda c: c.fresh(lambda d: flip(d, c.at(c.place())))),
    "flip-dummy": ("digest", "a bit of a foreign entry flipped",
                   lambda c: c.fresh(lambda d: flip(d, c.at(c.place() + 1) + c.suite.entry_len - 1, 0x80))),
    "flip-last": ("digest", "a bit of the last octet flipped", lambda c: flip(c.make(), c.suite.sess0_len - 1)),
    "member-digest": ("digest", "a member's wrong digest",
                      lambda c: c.fresh(lambda d: c.finish(flip(d, 40), digest=False))),
    "member-entry": ("entry", "a member's entry that does not open",
                     lambda c: c.fresh(lambda d: c.finish(flip(d, c.at(c.place()) + 5)))),
    "sess1-unknown": ("unknown-session", "Sess1 of no session", _head(SESS1)),
    "sess2-unknown": ("unknown-session", "Sess2 of no session", _head(SESS2)),
    "term-unknown": ("unknown-session", "TERM of no session", _head(TERM)),
    "idle-clear": ("type", "IDLE in the clear", _head(IDLE)),
}
TWO_KEYS = {
    "member-disagree": ("entry", "a member's entries with different ENC, both keys held by the receiver", _disagree)}


# --- Sess1 by a member, spoilt -------------------------------------------------------------------

def _no_signature(s):
    return bytes(s.suite.sig_len - 1) + b"\1"


def message1(s, enc=None, val=None, dh_r=None, plain=None, info=None, parts=None, n=None, drop=False, tail=b"",
             sign=True, zero=0, nonce=None):
    """The datagrams of Sess1 of responder session `s`, with other content."""
    t = s.t
    enc, val = enc or t["ENC_R"], val or t["VAL_R"]
    nonce = nonce or t["nonce_r"]
    m = Message1.parse(s.suite, t["message1"])
    for i in range(t["C"]):
        c = "C.%d." % i
        m.entries[t[c + "place"]] = Seal(t[c + "kn"], s.context(SESS1) + t[c + "etag"], enc + val)
        if drop:
            m.etags[t[c + "place"]] = bytes(16)
    u = schedule.Trace(s.suite, TH0=t["TH0"])
    schedule.secret(u, [t["C.%d.base" % i] for i in range(t["C"])], t["nonce_i"], nonce, t["ENC_I"], enc)
    m.parts = t["parts"] if parts is None else parts
    m.info = info if info is not None else Seal(schedule.sess1_info_kn(u), s.context(SESS1), (dh_r or t["DH_R"]) + (
        t["SessionInfo_R"] if plain is None else plain))
    if n is not None:
        m.etags, m.entries = (m.etags * 2)[:n], (m.entries * 2)[:n]
    private = t["VAL_R.private"]
    m.signature = s.suite.Sign(private, schedule.th1a(u, s.context(SESS1), m)) if sign else _no_signature(s)
    return cut(s.suite, SESS1, s.spi_i, s.spi_r, t["C.0.gate1"], put(m.pack(), 35, bytes([zero])) + tail)


def _retag(s, d, gate):
    """Digest and tag of a segment anew."""
    d = put(d, 24, s.suite.H(d[72:])[:32])
    return put(d, 56, s.suite.MAC16(gate, d[4:56]))


def info_with(s, communities=None, extra=b"", identity=b"\0", start=bytes(8), addresses=True, padding=True):
    """SessionInfo octets of session `s` with other elements."""
    own = s.own_info.communities if communities is None else communities
    out = (element(IDENTITY, identity) if identity is not None else b"") + \
        (element(START, start) if start is not None else b"") + \
        (element(ADDRESSES, _addresses(s) if addresses is True else addresses) if addresses is not None else b"") + \
        b"".join(element(COMMUNITY, c if isinstance(c, bytes) else c.pack()) for c in own) + extra
    return pad(out) if padding else out


def _addresses(s, at=0, octets=b""):
    """What session `s` says of addresses, with other octets at some place."""
    return put(s.addresses().pack(), at, octets)


def _changed(s, **changes):
    c = copy.deepcopy(s.own_info.communities[0])
    for name, value in changes.items():
        setattr(c, name, value)
    return [c]


# name: function of a session that gives SessionInfo octets to be refused for `info`, from either side
NET = (bytes([10, 1, 0, 0]), bytes([10, 1, 255, 255]))


def _family(s, family, offers):
    """A community whose first offer says another family than it has addresses for."""
    c = _changed(s, mode=2, offers=offers)[0]
    return put(c.pack(), 2 + 4 + 1 + 1 + 8 * len(c.proposals) + 1 + 1, bytes([family]))


VIRTUAL = bytes(16) + b"\1\4\x0a\3\0\1"    # ticket and one address, as in WISH and GRANT

INFO = {
    "not-64": lambda s: info_with(s, padding=False) + (bytes([0, 4, 0, 0]) if not len(info_with(s, padding=False)) % 64
                                                      else b""),
    "short-element": lambda s: info_with(s)[:-64] + info_with(s)[-64:-4] + bytes([0, 4, 0, 1]),
    "critical-unknown": lambda s: info_with(s, extra=element(0x80ff, b"")),
    "no-identity": lambda s: info_with(s, identity=None),
    "no-start": lambda s: info_with(s, start=None),
    "no-addresses": lambda s: info_with(s, addresses=None),
    "two-addresses": lambda s: info_with(s, extra=element(ADDRESSES, _addresses(s))),
    "addresses-37": lambda s: info_with(s, addresses=_addresses(s)[:-1]),
    "addresses-39": lambda s: info_with(s, addresses=_addresses(s) + b"\0"),
    "addresses-flags": lambda s: info_with(s, addresses=_addresses(s, 36, b"\2")),
    "addresses-zero": lambda s: info_with(s, addresses=_addresses(s, 37, b"\1")),
    "addresses-seen-port-0": lambda s: info_with(s, addresses=_addresses(s, 16, bytes(2))),
    "addresses-own-port-0": lambda s: info_with(s, addresses=_addresses(s, 34, bytes(2))),
    "addresses-seen-any6": lambda s: info_with(s, addresses=_addresses(s, 0, bytes(16))),
    "addresses-own-any4": lambda s: info_with(s, addresses=_addresses(s, 18, bytes(10) + b"\xff\xff" + bytes(4))),
    "two-identities": lambda s: info_with(s, extra=element(IDENTITY, b"\0")),
    "two-starts": lambda s: info_with(s, extra=element(START, bytes(8))),
    "start-7": lambda s: info_with(s, start=bytes(7)),
    "identity-empty": lambda s: info_with(s, identity=b""),
    "identity-no-data": lambda s: info_with(s, identity=b"\2"),
    "identity-513": lambda s: info_with(s, identity=b"\2" + b"a" * 513),
    "identity-0-data": lambda s: info_with(s, identity=b"\0a"),
    "user-empty": lambda s: info_with(s, extra=element(USER, bytes(8))),
    "user-short": lambda s: info_with(s, extra=element(USER, bytes(7))),
    "user-256": lambda s: info_with(s, extra=element(USER, bytes(8) + b"u" * 256)),
    "user-control": lambda s: info_with(s, extra=element(USER, bytes(8) + b"a\n")),
    "user-c1": lambda s: info_with(s, extra=element(USER, bytes(8) + b"\xc2\x9b1m")),
    "user-turned": lambda s: info_with(s, extra=element(USER, bytes(8) + "\u202eecila".encode())),
    "user-hidden": lambda s: info_with(s, extra=element(USER, bytes(8) + "a\u200b".encode())),
    "user-tags": lambda s: info_with(s, extra=element(USER, bytes(8) + "a\U000e0061".encode())),
    "user-no-utf8": lambda s: info_with(s, extra=element(USER, bytes(8) + b"\xc0\xaf")),
    "two-users": lambda s: info_with(s, extra=element(USER, bytes(8) + b"a") * 2),
    "equal-indices": lambda s: info_with(s, s.own_info.communities[:1] * 2),
    "equal-spis": lambda s: info_with(s, _changed(s, index=0) + _changed(s, index=1)),
    "identity-ipv4-3": lambda s: info_with(s, identity=b"\1abc"),
    "identity-ipv4-8": lambda s: info_with(s, identity=b"\1abcdefgh"),
    "identity-ipv6-4": lambda s: info_with(s, identity=b"\5abcd"),
    "index-range": lambda s: info_with(s, _changed(s, index=len(s.c))),
    "spi-255": lambda s: info_with(s, _changed(s, spi=255)),
    "spi-0": lambda s: info_with(s, _changed(s, spi=0)),
    "mode-0": lambda s: info_with(s, _changed(s, mode=0)),
    "mode-3": lambda s: info_with(s, _changed(s, mode=3)),
    "no-proposals": lambda s: info_with(s, _changed(s, proposals=[])),
    "esn-2": lambda s: info_with(s, _changed(s, proposals=[(20, 256, 0, 2)])),
    "offers-none": lambda s: info_with(s, _changed(s, offers=[])),
    "uses-none": lambda s: info_with(s, _changed(s, uses=[])),
    "offers-65": lambda s: info_with(s, _changed(s, offers=[(6, i, i) for i in range(65)])),
    "ports-backwards": lambda s: info_with(s, _changed(s, offers=[(6, 81, 80)])),
    "network-backwards": lambda s: info_with(s, _changed(s, mode=2, offers=[(6, 80, 80, *NET[::-1])])),
    "network-cut": lambda s: info_with(s, [_changed(s, mode=2, uses=[(6, 80, 80, *NET)])[0].pack()[:-1]]),
    "network-in-transport-mode": lambda s: info_with(s, _changed(s, mode=1, offers=[(6, 80, 80, *NET)])),
    "family-5": lambda s: info_with(s, [_family(s, 5, [(6, 80, 80)])]),
    "family-255": lambda s: info_with(s, [_family(s, 255, [(6, 80, 80)])]),
    "family-6-of-4": lambda s: info_with(s, [_family(s, 6, [(6, 80, 80, *NET)])]),
    "family-0-of-4": lambda s: info_with(s, [_family(s, 0, [(6, 80, 80, *NET)])]),
    "family-4-of-0": lambda s: info_with(s, [_family(s, 4, [(6, 80, 80)])]),
    "wish-cut": lambda s: info_with(s, extra=element(WISH, VIRTUAL)),
    "wish-left-over": lambda s: info_with(s, extra=element(WISH, VIRTUAL + bytes(2))),
    "wish-none": lambda s: info_with(s, extra=element(WISH, bytes(18))),
    "wish-same-family": lambda s: info_with(s, extra=element(WISH, bytes(16) + b"\2" + b"\4\x0a\3\0\1" * 2 + b"\0")),
    "wish-family-0": lambda s: info_with(s, extra=element(WISH, bytes(16) + b"\1\0\0")),
    "wish-multicast": lambda s: info_with(s, extra=element(WISH, bytes(16) + b"\1\4\xe0\0\0\1\0")),
    "wish-loopback": lambda s: info_with(s, extra=element(WISH, bytes(16) + b"\1\6" + bytes(15) + b"\1\0")),
    "wish-type-0": lambda s: info_with(s, extra=element(WISH, VIRTUAL + b"\1\0\0")),
    "wish-type-reserved": lambda s: info_with(s, extra=element(WISH, VIRTUAL + b"\1\x80\3")),
    "wish-type-twice": lambda s: info_with(s, extra=element(WISH, VIRTUAL + b"\2\0\3\0\3")),
    "wish-17-types": lambda s: info_with(s, extra=element(WISH, VIRTUAL + b"\x11" + bytes(range(34)))),
    "two-wishes": lambda s: info_with(s, extra=element(WISH, VIRTUAL + b"\0") * 2),
    "grant": lambda s: info_with(s, extra=element(GRANT, VIRTUAL)),
    "attribute": lambda s: info_with(s, extra=element(ATTRIBUTE, b"\0\3\x0a\1\0\x14")),
    "community-left-over": lambda s: info_with(s, [_changed(s)[0].pack() + b"\0"]),
    "community-cut": lambda s: info_with(s, [_changed(s)[0].pack()[:-1]]),
}

SESS1_BAD = {
    "sess1-tag": ("tag", lambda s: [flip(s.sess1[0], 60)]),
    "sess1-tag-wrong-spi-r": ("tag", lambda s: [flip(s.sess1[0], 23)]),
    "sess1-digest": ("digest", lambda s: [flip(s.sess1[0], 80)]),
    "sess1-malformed-n": ("malformed", lambda s: message1(s, n=5)),
    "sess1-malformed-zero": ("malformed", lambda s: message1(s, zero=1)),
    "sess1-malformed-left-over": ("malformed", lambda s: message1(s, tail=b"\0")),
    "sess1-malformed-cut": ("malformed", lambda s: [_retag(s, d[:-1], s.t["C.0.gate1"]) for d in s.sess1[-1:]]),
    "sess1-malformed-one-octet": ("malformed", lambda s: cut(s.suite, SESS1, s.spi_i, s.spi_r, s.t["C.0.gate1"], b"\0")),
    "sess1-malformed-parts-0": ("malformed", lambda s: message1(s, parts=0)),
    "sess1-malformed-parts-2": ("malformed", lambda s: message1(s, parts=s.t["parts"] | 0x8000)),
    "sess1-entry-none": ("entry", lambda s: message1(s, drop=True)),
    "sess1-entry-off-curve": (NO_POINT, lambda s: message1(s, val=BAD_VAL[s.suite])),
    "sess1-entry-nonce": ("entry", lambda s: cut(s.suite, SESS1, s.spi_i, s.spi_r, s.t["C.0.gate1"], flip(s.t["message1"], 0))),
    "sess1-own-enc": ("own-token", lambda s: message1(s, enc=s.t["ENC_I"])),
    "sess1-own-val": ("own-token", lambda s: message1(s, val=s.t["VAL_I"])),
    "sess1-signature": ("signature", lambda s: message1(s, sign=False)),
    "sess1-sealed": ("sealed", lambda s: message1(s, info=bytes(300))),
    "sess1-sealed-empty": ("sealed", lambda s: message1(s, info=b"")),
    "sess1-dh-off-curve": ("dh", lambda s: message1(s, dh_r=BAD_DH[s.suite])),
    "sess1-dh-zero": ("dh", lambda s: message1(s, dh_r=bytes(s.suite.dh_len))),
    "sess1-dh-other": ("dh", lambda s: message1(s, dh_r=OTHER_DH[s.suite])),
    "sess1-no-proposal-none": ("no-proposal", lambda s: message1(s, plain=info_with(s, []))),
    "sess1-no-proposal-cbc": ("no-proposal",
                              lambda s: message1(s, plain=info_with(s, _changed(s, proposals=[(12, 256, 14, 0)])))),
    "sess1-no-proposal-mode": ("no-proposal", lambda s: message1(s, plain=info_with(s, _changed(s, mode=2)))),
}
SESS1_BAD.update({"sess1-info-" + k: ("info", lambda s, f=f: message1(s, plain=f(s))) for k, f in INFO.items()})


# --- Sess2 by a member, spoilt -------------------------------------------------------------------

def message2(s, dh_i=None, plain=None, key=None, info=None, tail=b"", sign=True):
    """The datagrams of Sess2 of initiator session `s`, with other content."""
    t, context = s.t, s.context(SESS2)
    key = key or Seal(t["sess2.key.kn"], context, dh_i or t["DH_I"])
    plain = t["SessionInfo_I"] if plain is None else plain
    info = info if info is not None else Seal(t["sess2.info.kn"], context, plain)
    m = Message2(key, info)
    u = schedule.Trace(s.suite, TH1=t["TH1"])
    m.signature = s.suite.Sign(s.val, schedule.th2a(u, context, m)) if sign else _no_signature(s)
    return cut(s.suite, SESS2, s.spi_i, s.spi_r, t["gate2"], m.pack() + tail)


SESS2_BAD = {
    "sess2-tag": ("tag", lambda s: [flip(s.sess2[0], 60)]),
    "sess2-spi-r": ("unknown-session", lambda s: [flip(s.sess2[0], 23)]),
    "sess2-type-1": ("unknown-session", lambda s: [put(s.sess2[0], 5, b"\1")]),
    "sess2-digest": ("digest", lambda s: [flip(s.sess2[0], 80)]),
    "sess2-malformed-left-over": ("malformed", lambda s: message2(s, tail=b"\0")),
    "sess2-malformed-cut": ("malformed", lambda s: [_retag(s, s.sess2[0][:-1], s.t["gate2"])]),
    "sess2-malformed-one-octet": ("malformed", lambda s: cut(s.suite, SESS2, s.spi_i, s.spi_r, s.t["gate2"], b"\0")),
    "sess2-signature": ("signature", lambda s: message2(s, sign=False)),
    "sess2-sealed-key": ("sealed", lambda s: message2(s, key=bytes(s.suite.dh_len + 16))),
    "sess2-sealed-info": ("sealed", lambda s: message2(s, info=bytes(144))),
    "sess2-dh-off-curve": ("dh", lambda s: message2(s, dh_i=BAD_DH[s.suite])),
    "sess2-dh-zero": ("dh", lambda s: message2(s, dh_i=bytes(s.suite.dh_len))),
    "sess2-dh-other": ("dh", lambda s: message2(s, dh_i=OTHER_DH[s.suite])),
    "sess2-no-proposal-none": ("no-proposal", lambda s: message2(s, plain=info_with(s, []))),
    "sess2-info-two-proposals": ("info", lambda s: message2(s, plain=info_with(s, _changed(
        s, proposals=[(20, 256, 0, 0), (20, 256, 0, 1)])))),
    "sess2-info-proposal-not-offered": ("info", lambda s: message2(s, plain=info_with(s, _changed(
        s, proposals=[(12, 256, 14, 0)])))),
}
SESS2_BAD.update({"sess2-info-" + k: ("info", lambda s, f=f: message2(s, plain=f(s))) for k, f in INFO.items()})


# --- TERM and IDLE, spoilt ------------------------------------------------------------------------

WHOLE = Term(1).pack()


def naming(*indexes):
    """The plain octets of a TERM of communities, in any order."""
    return Term(1, b"", indexes).pack()


def term(s, sequence, plain, sign=True, kn=None, signed=None):
    """A TERM of session `s`, its signature of other octets than it holds if `signed` is."""
    h, seq = Header(s.suite, TERM, s.spi_i, s.spi_r), sequence.to_bytes(8, "big")
    said = schedule.term_signed(s.suite, s.t["TH2"], h.pack()[4:24], seq, signed or plain)
    signature = s.suite.Sign(s.val, said) if sign else _no_signature(s)
    pdu, tag = s.direction(True)
    return schedule.pdu_seal(kn or pdu, tag, h, sequence, plain + signature)


def idle(s, sequence):
    """An IDLE of session `s` with any sequence."""
    return schedule.pdu_seal(*s.direction(True), Header(s.suite, IDLE, s.spi_i, s.spi_r), sequence, bytes(16))


UNCLEAN = {"escape": b"a\x1b[2J", "line": b"a\nb", "delete": b"a\x7f", "zero": b"a\0b", "c1": b"\xc2\x9b1m",
           "turned": "\u202eylpmis".encode(), "isolated": "\u2066a".encode(), "mark": "\u200fa".encode(),
           "separator": "a\u2028b".encode(), "hidden": "a\u200bb".encode(), "bom": "\ufeffa".encode(),
           "tags": "a\U000e0061".encode(), "cut": b"a\xc3", "stray": b"\x80", "overlong": b"\xc0\xaf",
           "surrogate": b"\xed\xa0\x80", "too-high": b"\xf4\x90\x80\x80"}

# name: (reason, tunnel?, function of an open session that gives one datagram)
PDU_BAD = {
    "term-tag": ("tag", False, lambda s: flip(term(s, 50, WHOLE), 56)),
    "term-sequence": ("tag", False, lambda s: flip(term(s, 50, WHOLE), 79)),
    "term-digest": ("digest", False, lambda s: flip(term(s, 50, WHOLE), 81)),
    "term-sealed": ("sealed", False, lambda s: term(s, 50, WHOLE, kn=s.suite.Expand(b"x", s.suite.L(b"x"), 44))),
    "term-signature": ("signature", False, lambda s: term(s, 50, WHOLE, sign=False)),
    "term-malformed": ("malformed", False, lambda s: term(s, 50, b"\1\1ab\0")),
    "term-text-overrun": ("malformed", False, lambda s: term(s, 50, b"\1\5abc\0")),
    **{"term-text-" + k: ("malformed", False, lambda s, t=t: term(s, 50, Term(1, t).pack())) for k, t in UNCLEAN.items()},
    "term-text-of-one": ("malformed", False, lambda s: term(s, 50, Term(1, b"\xc2\x9b1m", (0,)).pack())),
    "term-left-over": ("malformed", False, lambda s: term(s, 50, WHOLE + b"\0")),
    "term-indexes-unordered": ("malformed", False, lambda s: term(s, 50, naming(1, 0))),
    "term-indexes-equal": ("malformed", False, lambda s: term(s, 50, naming(0, 0))),
    "term-index-range": ("malformed", False, lambda s: term(s, 50, naming(len(s.c)))),
    "term-index-65535": ("malformed", False, lambda s: term(s, 50, naming(0, 65535))),
    "term-indexes-97": ("malformed", False, lambda s: term(s, 50, naming(*range(97)))),
    "term-indexes-overrun": ("malformed", False, lambda s: term(s, 50, b"\1\0\2\0\0")),
    "term-indexes-half": ("malformed", False, lambda s: term(s, 50, b"\1\0\1\0")),
    "term-indexes-left-over": ("malformed", False, lambda s: term(s, 50, naming(0) + b"\0")),
    "term-indexes-signature": ("signature", False, lambda s: term(s, 50, naming(0), sign=False)),
    "term-indexes-not-signed": ("signature", False, lambda s: term(s, 50, naming(0), signed=WHOLE)),
    "term-segment": ("segment", False, lambda s: put(term(s, 50, WHOLE), 7, b"\1")),
    "term-short": ("length", False, lambda s: term(s, 50, WHOLE)[:-1]),
    "term-in-tunnel": ("type", True, lambda s: term(s, 50, WHOLE)),
    "term-sequence-far": ("replay", False, lambda s: term(s, 65536 + 50, WHOLE)),
    "term-sequence-last": ("replay", False, lambda s: term(s, 2**64 - 1, WHOLE)),
    "idle-sequence-last": ("replay", True, lambda s: idle(s, 2**64 - 1)),
    "term-sequence-0": ("replay", False, lambda s: term(s, 0, WHOLE)),
}
