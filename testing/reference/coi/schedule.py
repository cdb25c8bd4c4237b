# SPDX-License-Identifier: GPL-2.0-or-later
"""Sections 5 to 9: every derived value as a function, and the trace that remembers them by name."""

import struct

from .crypto import Open, Seal


class Trace(dict):
    """Values by name, in the order in which they came up; vectors are written from it."""

    def __init__(self, suite, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.suite = suite

    def copy(self):
        """Another one with the same values."""
        return Trace(self.suite, self)

    def put(self, name, value):
        """Remember a value and return it."""
        self[name] = value
        return value


# --- Section 5 -----------------------------------------------------------------------------------

def entry0_kn(suite, base, nonce_i, name):
    """Key and nonce of an entry of Sess0."""
    return suite.Expand(base, suite.L(b"entry0", nonce_i + name), 44)


def sess0_aad(d):
    """header[4..24] | datagram[56..112]."""
    return d[4:24] + d[56:112]


def sess0_digest(suite, d):
    """The digest of Sess0."""
    return suite.H(d[208:])[:32]


def sess0_tag(suite, gate0, d):
    """The tag of Sess0 for one key."""
    return suite.MAC16(gate0, d[4:56] + d[56:112])


def th0(suite, parts):
    """TH0 over the parts in the order of their index."""
    return suite.H(suite.prefix(b"transcript") + b"".join(part[4:] for part in parts))


# --- Section 6 -----------------------------------------------------------------------------------

def gate1(suite, base, enc_i, nonce_i, name):
    """e_c."""
    return suite.Expand(base, suite.L(b"gate1", enc_i + nonce_i + name), suite.hash_len)


def etag(suite, e_c, spi_r, nonce_r):
    """etag_c."""
    return suite.MAC16(e_c, b"entry" + spi_r + nonce_r)


def entry1_kn(suite, base, enc_i, nonce_i, nonce_r, name):
    """Key and nonce of entry_c."""
    return suite.Expand(base, suite.L(b"entry1", enc_i + nonce_i + nonce_r + name), 44)


def secret(t, bases, nonce_i, nonce_r, enc_i, enc_r):
    """S; `bases` are those of C in order."""
    s = t.put("S.0", t.suite.Extract(nonce_i + nonce_r, enc_i + enc_r))
    for i, base in enumerate(bases):
        s = t.put("S.%d" % (i + 1), t.suite.Extract(s, base))
    return t.put("S", s)


def sess1_info_kn(t):
    """Key and nonce of info in Sess1."""
    return t.put("sess1.kn", t.suite.Expand(t["S"], t.suite.L(b"sess1", t["TH0"]), 44))


def th1a(t, context, message):
    """TH1a, and what the signature of Sess1 covers."""
    t.put("TH1a", t.suite.H(t["TH0"] + context + message.unsigned()))
    return t.suite.prefix(b"sess1") + b"\0" + t["TH1a"]


def th1(t, message):
    """TH1."""
    return t.put("TH1", t.suite.H(t["TH1a"] + message.signature))


# --- Section 7 -----------------------------------------------------------------------------------

def gate2(t):
    """The gate key of Sess2."""
    return t.put("gate2", t.suite.Expand(t["S"], t.suite.L(b"gate2", t["TH0"]), t.suite.hash_len))


def sess2_key_kn(t):
    """Key and nonce of key in Sess2."""
    return t.put("sess2.key.kn", t.suite.Expand(t["S"], t.suite.L(b"sess2 key", t["TH1"]), 44))


def secret2(t, z):
    """S2."""
    return t.put("S2", t.suite.Extract(t["S"], t.put("Z", z)))


def sess2_info_kn(t):
    """Key and nonce of info in Sess2."""
    return t.put("sess2.info.kn", t.suite.Expand(t["S2"], t.suite.L(b"sess2 info", t["TH1"]), 44))


def th2a(t, context, message):
    """TH2a, and what the signature of Sess2 covers."""
    t.put("TH2a", t.suite.H(t["TH1"] + context + message.unsigned()))
    return t.suite.prefix(b"sess2") + b"\0" + t["TH2a"]


def th2(t, message):
    """TH2."""
    return t.put("TH2", t.suite.H(t["TH2a"] + message.signature))


def third(t):
    """What Sess3 needs: its gate key, key and nonce of its info."""
    size = t.suite.hash_len
    t.put("gate3", t.suite.Expand(t["S2"], t.suite.L(b"gate3", t["TH2"]), size))
    t.put("sess3.kn", t.suite.Expand(t["S2"], t.suite.L(b"sess3", t["TH2"]), 44))


def th3a(t, context, message):
    """TH3a, and what the signature of Sess3 covers."""
    t.put("TH3a", t.suite.H(t["TH2"] + context + message.unsigned()))
    return t.suite.prefix(b"sess3") + b"\0" + t["TH3a"]


def th3(t, message):
    """TH3."""
    return t.put("TH3", t.suite.H(t["TH3a"] + message.signature))


# --- Section 8 -----------------------------------------------------------------------------------

def master(t):
    """master and what comes from it alone."""
    suite, size = t.suite, t.suite.hash_len
    m = t.put("master", suite.Expand(t["S2"], suite.L(b"master", t["TH2"]), size))
    for name, label, length in (("pdu_ir", b"pdu i2r", 44), ("pdu_ri", b"pdu r2i", 44),
                                ("tag_ir", b"tag i2r", size), ("tag_ri", b"tag r2i", size)):
        t.put(name, suite.Expand(m, suite.L(label), length))


def key_octets(proposal):
    """Octets of encryption key and of integrity key for an ESP proposal."""
    encryption, bits, integrity, _ = proposal
    salt = 4 if encryption in (13, 18, 19, 20) else 3 if encryption in (14, 15, 16) else 0
    integ = {0: 0, 2: 20, 5: 16, 12: 32, 13: 48, 14: 64}[integrity]
    return bits // 8 + salt, integ


def keymat(t, label, base, esp_i, esp_r, name, proposal):
    """The four keys of a community's pair of SAs: (encr, integ) i to r, (encr, integ) r to i."""
    encr, integ = key_octets(proposal)
    child = t.put(label + "child", t.suite.Extract(t["master"], base))
    spis = struct.pack(">II", esp_i, esp_r)
    info = t.suite.L(b"esp", t.get("TH3", t["TH2"]) + spis + name)
    k = t.put(label + "KEYMAT", t.suite.Expand(child, info, 2 * (encr + integ)))
    half = encr + integ
    return (k[:encr], k[encr:half]), (k[half:half + encr], k[half + encr:])


# --- Section 9 -----------------------------------------------------------------------------------

def pdu_kn(kn, sequence):
    """kn whose last eight octets are XORed with the sequence."""
    last = int.from_bytes(kn[36:], "big") ^ sequence
    return kn[:36] + last.to_bytes(8, "big")


def pdu_seal(kn, tag_key, header, sequence, plain):
    """An IDLE or TERM as a datagram; `header` is a wire.Header."""
    seq = struct.pack(">Q", sequence)
    body = seq + Seal(pdu_kn(kn, sequence), header.pack()[4:24] + seq, plain)
    head = header.pack(header.suite.H(body)[:32])
    return head + header.suite.MAC16(tag_key, head[4:56] + seq) + body


def pdu_tag(suite, tag_key, d):
    """The tag of an IDLE or TERM."""
    return suite.MAC16(tag_key, d[4:56] + d[72:80])


def pdu_open(kn, d):
    """The plain octets of an IDLE or TERM; None if they do not verify."""
    return Open(pdu_kn(kn, int.from_bytes(d[72:80], "big")), d[4:24] + d[72:80], d[80:])


def term_signed(suite, th, header4_24, seq, plain):
    """What the signature in TERM covers; `plain` is what stands before it."""
    return suite.prefix(b"term") + b"\0" + th + header4_24 + seq + plain
