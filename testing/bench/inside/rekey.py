# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside the bed: new keys while both hosts send. See ../rekey."""

import json
import re
import sys

import turns
from host import Failed, Two
from ipsec import Coi, Ike

FLOW = re.compile(r"sent (\d+), (\d+)/s; received (\d+) of \d+, (-?\d+) lost, (\d+) twice, "
                  r"worst gap (\d+) ms")
NAMES = "sent", "per_second", "received", "lost", "twice", "gap_ms"


def contenders(seconds):
    """All that are measured, with new keys every so many seconds."""
    child = {"both": {"rekey_time": str(seconds), "rand_time": "0", "life_time": "60"}}
    return [Coi("p384", child=child), Coi("x25519", child=child),
            Ike("IKEv2 X25519, PSK, CHILD_SAs", 0, child=child)]


def flows(two, one, options):
    """Let both send; what arrived on sun and on moon."""
    result = {}
    for host in two:
        host.ask("run", check=False, limit=options["seconds"] * 3 + 60, argv=[
            "udp-flow", two.other(host).address, str(options["rate"]), str(options["seconds"])])
    for host in two:
        text = host.answer()
        found = FLOW.search(text)
        if not found:
            raise Failed(f"{one.name}: {host.name}: {text}")
        result[host.name] = dict(zip(NAMES, map(int, found.groups())))
    return result


def main(options):
    """Measure; the last line is JSON."""
    def measure(one, row):
        two.moon.do("connect", address=one.target(two))
        row.setdefault("runs", []).append(flows(two, one, options))
        return row["runs"][-1]

    def count(one, row):
        row["rekeyed"] = row.get("rekeyed", 0) + one.keys(two) - 1

    with Two() as two:
        rows = turns.take(two, turns.chosen(contenders(options["every"]), options),
                          options["runs"], measure, count)
    print(json.dumps(rows))


main(json.loads(sys.argv[1]))
