#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What each suite computes, against RFCs and a library: sections 1 and 2."""

import unittest

from coi import hostile, p384
from coi.crypto import P384, X25519, Seeded


class Crypto(unittest.TestCase):
    """Sections 1 and 2."""

    def test_rfc6979(self):
        """RFC 6979, A.2.6: P-384, SHA-384, "sample"."""
        x = int("6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5", 16)
        self.assertEqual(
            P384.Sign(x, b"sample").hex(),
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
            "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8")
        self.assertTrue(P384.Verify(P384.val_public(x), b"sample", P384.Sign(x, b"sample")))
        self.assertFalse(P384.Verify(P384.val_public(x), b"samples", P384.Sign(x, b"sample")))

    def test_library(self):
        """HKDF, points and ECDH are those of the library."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
        for suite, algorithm in ((P384, hashes.SHA384()), (X25519, hashes.SHA256())):
            self.assertEqual(suite.Expand(suite.Extract(b"salt", b"ikm"), b"info", 100),
                             HKDF(algorithm, 100, b"salt", b"info").derive(b"ikm"))
        rng = Seeded(b"library")
        a, b = rng.scalar(), rng.scalar()
        mine = ec.derive_private_key(a, ec.SECP384R1())
        numbers = mine.public_key().public_numbers()
        self.assertEqual(P384.dh_public(a), numbers.x.to_bytes(48, "big") + numbers.y.to_bytes(48, "big"))
        other = ec.derive_private_key(b, ec.SECP384R1()).public_key()
        self.assertEqual(P384.dh(a, P384.dh_public(b)), mine.exchange(ec.ECDH(), other))
        self.assertFalse(p384.on_curve(hostile.OFF_CURVE))

    def test_label(self):
        """The example of section 1."""
        self.assertEqual(P384.L(b"gate0", b"x"), b"coi1 p384 gate0\0x")
        self.assertEqual(X25519.L(b"gate0", b"x"), b"coi1 x25519 gate0\0x")

    def test_rfc8032(self):
        """RFC 8032, 7.1, TEST 2."""
        x = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        self.assertEqual(X25519.val_public(x).hex(), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        self.assertEqual(
            X25519.Sign(x, b"\x72").hex(),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        self.assertTrue(X25519.Verify(X25519.val_public(x), b"\x72", X25519.Sign(x, b"\x72")))
        self.assertFalse(X25519.Verify(X25519.val_public(x), b"\x73", X25519.Sign(x, b"\x72")))

    def test_rfc7748(self):
        """RFC 7748, 5.2, the first vector; and points of small order."""
        k = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
        u = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
        self.assertEqual(X25519.dh(k, u).hex(), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
        for bad in (bytes(32), hostile.BAD_DH[X25519], hostile.OTHER_DH[X25519]):
            self.assertIsNone(X25519.dh(k, bad))
            self.assertFalse(X25519.dh_valid(bad))

    def test_sizes(self):
        """The table of section 2."""
        for suite, sizes in ((P384, (48, 128, 144, 1072, 195, 642)), (X25519, (32, 64, 80, 688, 163, 610))):
            self.assertEqual((suite.hash_len, suite.token_len, suite.entry_len, suite.sess0_len, suite.term_min,
                              suite.term_max), sizes)


if __name__ == "__main__":
    unittest.main()
