# SPDX-License-Identifier: GPL-2.0-or-later
"""What an endpoint is told: keys, communities, limits (sections 3, 10, 14 and 15)."""

from dataclasses import dataclass, field
from functools import cached_property

from .crypto import P384, Suite
from .info import ANY, TRANSPORT

GCM256 = (20, 256, 0, 0)
GCM256_ESN = (20, 256, 0, 1)


@dataclass
class Key:
    """One generation of a community (section 3)."""
    name: bytes
    key: bytes
    suite: Suite = P384

    @cached_property
    def base(self):
        """base of section 3."""
        return self.suite.base_of(self.key)

    @cached_property
    def gate0(self):
        """gate0 of section 3."""
        return self.suite.gate0_of(self.base, self.name)

    @cached_property
    def fingerprint(self):
        """fingerprint of section 3."""
        return P384.Expand(P384.base_of(self.key), P384.L(b"fingerprint", self.name), 8)


@dataclass
class Community:
    """How this host takes part in a community."""
    mode: int = TRANSPORT
    proposals: list = field(default_factory=lambda: [GCM256, GCM256_ESN])
    offers: list = field(default_factory=lambda: list(ANY))
    uses: list = field(default_factory=lambda: list(ANY))


@dataclass
class Config:
    """All of it. In `keys`, all of one suite, the generation of a community that is listed last is the newest."""
    keys: list
    communities: dict = field(default_factory=dict)
    identity: tuple = (0, b"")
    start: int = 0
    user: tuple = None    # (since, name in UTF-8)
    prove: tuple = None   # (identity, private key of Ed25519): what this host proves when asked
    trust: dict = None    # identity: public key of Ed25519; who the peer has to be one of, None for anybody
    wish: tuple = None    # (ticket, addresses, types): what this host asks for, section 7.3
    pool: tuple = None    # (addresses, [(type, value)]): what it gives the next who asks
    external: tuple = ()
    encap: bool = False
    port: int = 4570
    window: int = 300000
    remembered: int = 65536
    half_open: int = 1000
    half_open_source: int = 32
    burst: int = 100
    rate: int = 50
    wait_parts: int = 50
    repeats: tuple = (500, 1000, 2000, 4000, 8000)
    lifetime: int = 0
    time_to_live: int = 0

    @property
    def suite(self):
        """The suite of all communities; None if there are none."""
        (suite,) = {k.suite for k in self.keys} or (None,)
        return suite

    def community(self, name):
        """The settings of a community."""
        return self.communities.setdefault(name, Community())
