# SPDX-License-Identifier: GPL-2.0-or-later
"""P-384: arithmetic, ECDH, ECDSA."""

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

# P-384 (SP 800-186)
P = 2**384 - 2**128 - 2**96 + 2**32 - 1
B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef
N = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973
G = (0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
     0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f)


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
    if len(octets) != 96:
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


def _mac(k, m):
    return hmac.new(k, m, hashlib.sha384).digest()


def _rfc6979(private, digest):
    h = (int.from_bytes(digest, "big") % N).to_bytes(48, "big")
    x = private.to_bytes(48, "big")
    k, v = bytes(48), b"\1" * 48
    for sep in (b"\0", b"\1"):
        k = _mac(k, v + sep + x + h)
        v = _mac(k, v)
    while True:
        v = _mac(k, v)
        candidate = int.from_bytes(v, "big")
        if 0 < candidate < N:
            yield candidate
        k = _mac(k, v + b"\0")
        v = _mac(k, v)


def sign(private, message):
    """ECDSA with SHA-384 as `r | s`; k as in RFC 6979, so that vectors are the same in each run."""
    digest = hashlib.sha384(message).digest()
    z = int.from_bytes(digest, "big")
    for k in _rfc6979(private, digest):
        r = multiply(k, G)[0] % N
        s = pow(k, -1, N) * (z + r * private) % N
        if r and s:
            return r.to_bytes(48, "big") + s.to_bytes(48, "big")


def verify(point, message, signature):
    """Does the `r | s` verify? (By OpenSSL, not by the arithmetic above.)"""
    if len(signature) != 96 or not on_curve(point):
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
