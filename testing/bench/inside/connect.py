# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside the bed: cold connects of all contenders in turn. See ../connect."""

import json
import sys

import turns
from host import Failed, Two
from ipsec import Coi, Ike
from others import Nebula, WireGuard, WireGuardGo

# a connect that loses its SYN takes a second: fewer of them
SLOW = "larval_drop 1"
SHARE = 10


def contenders():
    """All that are measured."""
    return [
        Coi("p384"), Coi("x25519"),
        Ike("IKEv2 X25519, PSK, trap, larval_drop 0", 0),
        Ike(f"IKEv2 X25519, PSK, trap, {SLOW}", 1),
        WireGuardGo(), WireGuard(), Nebula(),
    ]


def connects(two, one, count, row):
    """Connect so many times, after a first time that does not count."""
    for name, empty in ("ms", []), ("warm_ms", []), ("again", 0), ("lost", 0):
        row.setdefault(name, empty)
    for number in range(-1, count):
        one.cold(two)
        cold = two.moon.do("connect", address=one.target(two))
        warm = two.moon.do("connect", address=one.target(two))
        if "failed" not in cold and not one.tunnels(two):
            raise Failed(f"{one.name}: connected without a tunnel")
        if two.sun.do("quiet"):
            raise Failed(f"{one.name}: sun keeps a connection")
        if number < 0:
            continue
        if "failed" in cold or "failed" in warm:
            row["lost"] += 1
            continue
        row["ms"].append(cold["ms"])
        row["warm_ms"].append(warm["ms"])
        row["again"] += cold["again"]
    return f"{len(row['ms'])} so far"


def main(options):
    """Measure; the last line is JSON."""
    def measure(one, row):
        count = options["count"] // options["runs"]
        return connects(two, one, -(-count // SHARE) if SLOW in one.name else count, row)

    with Two() as two:
        two.delay(options["delay"])
        rows = turns.take(two, turns.chosen(contenders(), options), options["runs"], measure)
    print(json.dumps(rows))


main(json.loads(sys.argv[1]))
