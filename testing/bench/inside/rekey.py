# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside the bed: new keys while both hosts send. See ../rekey."""

import json
import re
import sys

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
    chosen = [one for one in contenders(options["every"])
              if any(text in one.name for text in options["only"])]
    rows = {one.name: {"name": one.name, "runs": [], "rekeyed": 0} for one in chosen}
    with Two() as two:
        for run in range(options["runs"]):
            for one in chosen:
                row = rows[one.name]
                try:
                    one.up(two)
                    two.moon.do("connect", address=one.target(two))
                    row["runs"].append(flows(two, one, options))
                finally:
                    one.down(two)
                row["rekeyed"] += one.keys(two) - 1
                print(f"run {run + 1} of {options['runs']}: {one.name}: {row['runs'][-1]}",
                      flush=True)
    print(json.dumps(list(rows.values())))


main(json.loads(sys.argv[1]))
