# SPDX-License-Identifier: GPL-2.0-or-later
"""Sections 1 to 3: the notation and the suites."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import p384

ENC_LEN = 32
NONCE_LEN = 32
PLACES = 6


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


class Suite:
    """What a suite fixes (section 2), and what is computed alike in all of them."""

    id = name = hash = None
    hash_len = val_len = sig_len = dh_len = None

    def __init__(self):
        self.token_len = ENC_LEN + self.val_len
        self.entry_len = self.token_len + 16
        self.sess0_len = 208 + PLACES * self.entry_len
        self.term_min = 80 + 3 + self.sig_len + 16
        self.term_max = self.term_min + 255 + 2 * 96

    def __repr__(self):
        return self.name

    def H(self, m):
        """The hash of the suite."""
        return self.hash(m).digest()

    def MAC(self, k, m):
        """HMAC with the hash of the suite."""
        return hmac.new(k, m, self.hash).digest()

    def MAC16(self, k, m):
        """The first 16 octets of MAC."""
        return self.MAC(k, m)[:16]

    def Extract(self, salt, ikm):
        """HKDF-Extract (RFC 5869)."""
        return self.MAC(salt, ikm)

    def Expand(self, prk, info, length):
        """HKDF-Expand (RFC 5869)."""
        out, block, i = b"", b"", 0
        while len(out) < length:
            i += 1
            block = self.MAC(prk, block + info + bytes([i]))
            out += block
        return out[:length]

    def prefix(self, word):
        """The octets "coi1 " | suite name | " word", as signatures, transcript and base use them."""
        return b"coi1 " + self.name.encode() + b" " + word

    def L(self, label, context=b""):
        """The info of every Expand (section 1)."""
        return self.prefix(label) + b"\0" + context

    def base_of(self, key):
        """Section 3: the base of one generation."""
        return self.Extract(self.prefix(b"community"), key)

    def gate0_of(self, base, name):
        """Section 3: the gate key of Sess0."""
        return self.Expand(base, self.L(b"gate0", name), self.hash_len)

    # Private keys are what `val_private` and `dh_private` draw; each suite has its own kind.

    def val_private(self, rng):
        """A private VAL key."""
        raise NotImplementedError

    def val_public(self, private):
        """VAL as on the wire."""
        raise NotImplementedError

    def val_valid(self, val):
        """Section 2: may this be a VAL?"""
        raise NotImplementedError

    def Sign(self, private, message):
        """The signature by a private VAL key."""
        raise NotImplementedError

    def Verify(self, val, message, signature):
        """Does it verify?"""
        raise NotImplementedError

    def dh_private(self, rng):
        """A private DH key."""
        raise NotImplementedError

    def dh_public(self, private):
        """The DH public value as on the wire."""
        raise NotImplementedError

    def dh(self, private, peer):
        """Z; None if section 2 refuses the peer's value."""
        raise NotImplementedError

    def dh_valid(self, peer):
        """Does section 2 take the peer's value? (A point of small order makes 0 of any private key.)"""
        raise NotImplementedError

    def octets(self, private):
        """A private key as octets."""
        raise NotImplementedError

    def pkcs8(self, private, dh=False):
        """A private key of VAL or DH as PKCS #8 DER."""
        raise NotImplementedError


class P384(Suite):
    """Suite p384; private keys are scalars."""

    id, name, hash = 1, "p384", hashlib.sha384
    hash_len, val_len, sig_len, dh_len = 48, 96, 96, 96

    def val_private(self, rng):
        return rng.scalar()

    def val_public(self, private):
        return p384.public(private)

    def val_valid(self, val):
        return p384.on_curve(val)

    def Sign(self, private, message):
        return p384.sign(private, message)

    def Verify(self, val, message, signature):
        return p384.verify(val, message, signature)

    def dh_private(self, rng):
        return rng.scalar()

    def dh_public(self, private):
        return p384.public(private)

    def dh(self, private, peer):
        return p384.dh(private, peer) if p384.on_curve(peer) else None

    def dh_valid(self, peer):
        return p384.on_curve(peer)

    def octets(self, private):
        return private.to_bytes(48, "big")

    def pkcs8(self, private, dh=False):
        return p384.pkcs8(private)


class X25519(Suite):
    """Suite x25519; private keys are 32 octets, as RFC 8032 and RFC 7748 have them."""

    id, name, hash = 2, "x25519", hashlib.sha256
    hash_len, val_len, sig_len, dh_len = 32, 32, 64, 32

    def val_private(self, rng):
        return rng.octets(32)

    def val_public(self, private):
        return _raw(ed25519.Ed25519PrivateKey.from_private_bytes(private).public_key())

    def val_valid(self, val):
        return len(val) == 32

    def Sign(self, private, message):
        return ed25519.Ed25519PrivateKey.from_private_bytes(private).sign(message)

    def Verify(self, val, message, signature):
        if len(val) != 32 or len(signature) != 64:
            return False
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(val).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def dh_private(self, rng):
        return rng.octets(32)

    def dh_public(self, private):
        return _raw(x25519.X25519PrivateKey.from_private_bytes(private).public_key())

    def dh(self, private, peer):
        try:
            z = x25519.X25519PrivateKey.from_private_bytes(private).exchange(
                x25519.X25519PublicKey.from_public_bytes(peer))
        except ValueError:
            return None
        return z if any(z) else None

    def dh_valid(self, peer):
        return self.dh(bytes(32), peer) is not None

    def octets(self, private):
        return private

    def pkcs8(self, private, dh=False):
        kind = x25519.X25519PrivateKey if dh else ed25519.Ed25519PrivateKey
        return kind.from_private_bytes(private).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _raw(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


P384, X25519 = P384(), X25519()
SUITES = {s.id: s for s in (P384, X25519)}
BY_NAME = {s.name: s for s in SUITES.values()}


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
            if 0 < k < p384.N:
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
            self.rest += hashlib.sha384(self.seed + self.counter.to_bytes(8, "big")).digest()
            self.counter += 1
        out, self.rest = self.rest[:n], self.rest[n:]
        return out
