# SPDX-License-Identifier: GPL-2.0-or-later
"""Refusals (section 14)."""

REASONS = (
    "short", "marker", "version", "type", "suite", "length", "segment", "spi", "destination", "time",
    "no-community", "replay", "digest", "rate", "half-open", "entry", "own-token", "signature",
    "unknown-session", "state", "address", "tag", "malformed", "sealed", "dh", "info", "no-proposal",
    "identity", "no-address")


class Refused(Exception):
    """A datagram is refused for `reason`, one of section 14."""

    def __init__(self, reason):
        assert reason in REASONS, reason
        super().__init__(reason)
        self.reason = reason


def refuse_if(condition, reason):
    """Raise Refused if the condition holds."""
    if condition:
        raise Refused(reason)
