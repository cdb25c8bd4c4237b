# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside the bed: cold connects of all contenders in turn. See ../connect."""

import json
import sys

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


def main(options):
    """Measure; the last line is JSON."""
    chosen = [one for one in contenders() if any(text in one.name for text in options["only"])]
    rows = {one.name: {"name": one.name, "ms": [], "warm_ms": [], "again": 0, "lost": 0}
            for one in chosen}
    with Two() as two:
        two.delay(options["delay"])
        for run in range(options["runs"]):
            for one in chosen:
                row = rows[one.name]
                if "missing" in row:
                    continue
                if not one.available(two):
                    row["missing"] = one.missing
                    continue
                count = options["count"] // options["runs"]
                if SLOW in one.name:
                    count = -(-count // SHARE)
                try:
                    one.up(two)
                    connects(two, one, count, row)
                finally:
                    one.down(two)
                print(f"run {run + 1} of {options['runs']}: {one.name}: {len(row['ms'])} so far",
                      flush=True)
    print(json.dumps(list(rows.values())))


main(json.loads(sys.argv[1]))
