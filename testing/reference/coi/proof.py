# SPDX-License-Identifier: GPL-2.0-or-later
"""Section 7.2: proofs of identity, with raw Ed25519 keys."""

import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from .refused import refuse_if

X509, RAW = 4, 15
ED25519 = bytes.fromhex("300506032b6570")          # AlgorithmIdentifier
SPKI = bytes.fromhex("302a300506032b6570032100")   # what a key of Ed25519 stands behind
MOST = 16


@dataclass
class Proof:
    """Elements 0x8008 and 0x8009."""
    identity: tuple                  # (type, octets)
    algorithm: bytes = ED25519
    signature: bytes = b""
    certificates: list = field(default_factory=list)    # (encoding, octets)

    def claim(self):
        """The value of 0x8008 up to the signature."""
        kind, data = self.identity
        return struct.pack(">BBH", kind, 0, len(data)) + data + struct.pack(">H", len(self.algorithm)) + self.algorithm

    def values(self):
        """The values of 0x8009."""
        return [bytes([encoding]) + data for encoding, data in self.certificates]


def parse_claim(value):
    """The value of 0x8008 as a Proof."""
    refuse_if(len(value) < 4, "info")
    kind, zero, length = struct.unpack_from(">BBH", value)
    at = 4 + length
    refuse_if(zero or len(value) < at + 2, "info")
    (size,) = struct.unpack_from(">H", value, at)
    algorithm, signature = value[at + 2:at + 2 + size], value[at + 2 + size:]
    refuse_if(not size or len(algorithm) < size or not signature, "info")
    return Proof((kind, value[4:at]), algorithm, signature)


def parse_certificate(value):
    """The value of 0x8009."""
    refuse_if(len(value) < 2 or value[0] not in (X509, RAW), "info")
    return value[0], value[1:]


def octets(t, initiator, proof):
    """What is signed."""
    claim, first = proof.claim(), b"".join(proof.values()[:1])
    values = t["VAL_I"] + t["VAL_R"] + t["DH_I"] + t["DH_R"]
    who, th = (b"i", t["TH1"]) if initiator else (b"r", t["TH2"])
    return t.suite.prefix(b"identity " + who) + b"\0" + t.suite.H(th + values + claim + first)


def public(private):
    """The public key of a private one, 32 octets both."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def make(t, initiator, identity, private):
    """A proof of an identity."""
    proof = Proof(identity, certificates=[(RAW, SPKI + public(private))])
    signed = t.put("proof_%s.signed" % "ri"[initiator], octets(t, initiator, proof))
    proof.signature = ed25519.Ed25519PrivateKey.from_private_bytes(private).sign(signed)
    return proof


def verify(t, initiator, proof, trusted):
    """Is it the proof of an identity whose key is trusted? `trusted` has the keys by identity."""
    if proof is None or proof.identity not in trusted or proof.algorithm != ED25519:
        return False
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(trusted[proof.identity]).verify(
            proof.signature, octets(t, initiator, proof))
    except InvalidSignature:
        return False
    return True
