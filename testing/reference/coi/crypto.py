# SPDX-License-Identifier: GPL-2.0-or-later
"""Sections 1 to 3: the notation and the algorithms of suite `p384`."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SUITE = 1
SUITE_NAME = b"p384"
HASH_LEN = 48
ENC_LEN = 32
POINT_LEN = 96
SIGN_LEN = 96
NONCE_LEN = 32

# P-384 (SP 800-186)
P = 2**384 - 2**128 - 2**96 + 2**32 - 1
B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef
N = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973
G = (0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
     0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f)


def H(m):
    """The hash of the suite."""
    return hashlib.sha384(m).digest()


def MAC(k, m):
    """HMAC with the hash of the suite."""
    return hmac.new(k, m, hashlib.sha384).digest()


def MAC16(k, m):
    """The first 16 octets of MAC."""
    return MAC(k, m)[:16]


def Extract(salt, ikm):
    """HKDF-Extract (RFC 5869)."""
    return MAC(salt, ikm)


def Expand(prk, info, length):
    """HKDF-Expand (RFC 5869)."""
    out, block, i = b"", b"", 0
    while len(out) < length:
        i += 1
        block = MAC(prk, block + info + bytes([i]))
        out += block
    return out[:length]


def prefix(word):
    """The octets "coi1 " | suite name | " word", as signatures, transcript and base use them."""
    return b"coi1 " + SUITE_NAME + b" " + word


def L(label, context=b""):
    """The info of every Expand (section 1)."""
    return prefix(label) + b"\0" + context


def Seal(kn, aad, plain):
    """AES-256-GCM; kn is key | nonce, 44 octets."""
    assert len(kn) == 44
    return AESGCM(kn[:32]).encrypt(kn[32:], plain, aad)


def Open(kn, aad, sealed):
    """The inverse of Seal; None if the tag does not verify."""
    if len(sealed) < 16:
        return None
    try:
        return AESGCM(kn[:32]).decrypt(kn[32:], sealed, aad)
    except InvalidTag:
        return None


def equal(a, b):
    """Comparison in constant time."""
    return hmac.compare_digest(a, b)


def base_of(key):
    """Section 3: the base of one generation."""
    return Extract(prefix(b"community"), key)


def gate0_of(base, name):
    """Section 3: the gate key of Sess0."""
    return Expand(base, L(b"gate0", name), 48)


# --- P-384 ---------------------------------------------------------------------------------------

def _double(p):
    x, y, z = p
    if not y or not z:
        return (0, 1, 0)
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P
    yy = y * y % P
    s = 4 * x * yy % P
    x3 = (m * m - 2 * s) % P
    return (x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P)


def _add(p, q):
    if not p[2]:
        return q
    if not q[2]:
        return p
    z1, z2 = p[2] * p[2] % P, q[2] * q[2] % P
    u1, u2 = p[0] * z2 % P, q[0] * z1 % P
    s1, s2 = p[1] * z2 * q[2] % P, q[1] * z1 * p[2] % P
    if u1 == u2:
        return _double(p) if s1 == s2 else (0, 1, 0)
    h, r = u2 - u1, s2 - s1
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x = (r * r - hhh - 2 * v) % P
    return (x, (r * (v - x) - s1 * hhh) % P, h * p[2] * q[2] % P)


def multiply(k, point):
    """k times the affine point, as an affine point."""
    acc, add = (0, 1, 0), (point[0], point[1], 1)
    for bit in bin(k)[2:]:
        acc = _double(acc)
        if bit == "1":
            acc = _add(acc, add)
    inv = pow(acc[2], -1, P)
    return (acc[0] * inv * inv % P, acc[1] * inv * inv * inv % P)


def _point(octets):
    return (int.from_bytes(octets[:48], "big"), int.from_bytes(octets[48:], "big"))


def on_curve(octets):
    """Section 2: is this `x | y` a point of the curve?"""
    if len(octets) != POINT_LEN:
        return False
    x, y = _point(octets)
    return x < P and y < P and (y * y - x * x * x + 3 * x - B) % P == 0


def public(private):
    """The public point `x | y` of a private scalar."""
    x, y = multiply(private, G)
    return x.to_bytes(48, "big") + y.to_bytes(48, "big")


def dh(private, peer):
    """Z: the x coordinate of the common point."""
    return multiply(private, _point(peer))[0].to_bytes(48, "big")


def _rfc6979(private, digest):
    h = (int.from_bytes(digest, "big") % N).to_bytes(48, "big")
    x = private.to_bytes(48, "big")
    k, v = bytes(48), b"\1" * 48
    for sep in (b"\0", b"\1"):
        k = MAC(k, v + sep + x + h)
        v = MAC(k, v)
    while True:
        v = MAC(k, v)
        candidate = int.from_bytes(v, "big")
        if 0 < candidate < N:
            yield candidate
        k = MAC(k, v + b"\0")
        v = MAC(k, v)


def Sign(private, message):
    """ECDSA with SHA-384 as `r | s`; k as in RFC 6979, so that vectors are the same in each run."""
    digest = H(message)
    z = int.from_bytes(digest, "big")
    for k in _rfc6979(private, digest):
        r = multiply(k, G)[0] % N
        s = pow(k, -1, N) * (z + r * private) % N
        if r and s:
            return r.to_bytes(48, "big") + s.to_bytes(48, "big")


def Verify(point, message, signature):
    """Does the `r | s` verify? (By OpenSSL, not by the arithmetic above.)"""
    if len(signature) != SIGN_LEN or not on_curve(point):
        return False
    x, y = _point(point)
    r, s = _point(signature)
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP384R1()).public_key()
    try:
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA384()))
    except InvalidSignature:
        return False
    return True


def pkcs8(private):
    """The private scalar as PKCS #8 DER."""
    return ec.derive_private_key(private, ec.SECP384R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


# --- Randomness ----------------------------------------------------------------------------------

class Random:
    """Randomness of the system."""

    def octets(self, n):
        """n random octets."""
        return os.urandom(n)

    def scalar(self):
        """A private key of P-384."""
        while True:
            k = int.from_bytes(self.octets(48), "big")
            if 0 < k < N:
                return k

    def below(self, n):
        """A number from 0 to n - 1."""
        return int.from_bytes(self.octets(8), "big") % n

    def spi(self):
        """A session id."""
        while True:
            spi = self.octets(8)
            if any(spi):
                return spi

    def esp_spi(self):
        """An SPI for ESP."""
        return 256 + self.below(0xfffffeff)

    def shuffled(self, items):
        """The items in a random order."""
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


class Seeded(Random):
    """A stream that depends on the seed alone: SHA-384(seed | u64 counter), octet after octet."""

    def __init__(self, seed):
        self.seed, self.counter, self.rest = seed, 0, b""

    def octets(self, n):
        while len(self.rest) < n:
            self.rest += H(self.seed + self.counter.to_bytes(8, "big"))
            self.counter += 1
        out, self.rest = self.rest[:n], self.rest[n:]
        return out
