# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside the bed: iperf3 through all contenders in turn. See ../throughput."""

import json
import sys

from host import Two
from ipsec import ByHand, Coi, Ike
from others import WireGuard, WireGuardGo

# services beside iperf3's own: what a filter has to be looked through for
SERVICES = ["tcp/22", "tcp/80", "tcp/443", "tcp/5432", "udp/53", "tcp/5201", "udp/5201"]
OFFERS = [f"dynamic[{service}]" for service in SERVICES]


def contenders():
    """All that are measured."""
    return [
        ByHand(),
        Coi("x25519", f"coi, filters of {len(SERVICES)} services",
            {"sun": {"local_ts": OFFERS, "remote_ts": ["dynamic[tcp/22]"]},
             "moon": {"local_ts": ["dynamic[tcp/22]"], "remote_ts": OFFERS}}),
        Ike("IKEv2, no filters", 0),
        WireGuardGo(), WireGuard(),
    ]


def iperf(two, one, seconds, *more):
    """Mb/s that arrived on sun."""
    text = two.moon.do("run", limit=seconds + 60, argv=[
        "iperf3", "-c", one.target(two), "-t", str(seconds), "-J", *more])
    end = json.loads(text)["end"]
    received = end["sum_received"] if "sum_received" in end else end["sum"]
    return received["bits_per_second"] / 1e6


def measure(two, one, options, row):
    """Measure one contender, which is up."""
    two.sun.do("start", name="iperf3", argv=["iperf3", "-s", "--forceflush"],
               log="/var/log/iperf3.log")
    try:
        two.sun.do("wait_log", path="/var/log/iperf3.log", text="listening")
        row["tcp"].append(iperf(two, one, options["seconds"]))
        row["udp"].append(iperf(two, one, options["seconds"], "-u", "-b", "0", "-l", "1200"))
    finally:
        two.sun.do("stop", name="iperf3")
        two.sun.do("write", path="/var/log/iperf3.log", text="")


def main(options):
    """Measure; the last line is JSON."""
    chosen = [one for one in contenders() if any(text in one.name for text in options["only"])]
    rows = {one.name: {"name": one.name, "tcp": [], "udp": []} for one in chosen}
    with Two() as two:
        for run in range(options["runs"]):
            # what comes first is not always the same
            order = chosen if run % 2 == 0 else chosen[::-1]
            for one in order:
                row = rows[one.name]
                if "missing" in row:
                    continue
                if not one.available(two):
                    row["missing"] = one.missing
                    continue
                try:
                    one.up(two)
                    measure(two, one, options, row)
                finally:
                    one.down(two)
                print(f"run {run + 1} of {options['runs']}: {one.name}: TCP {row['tcp'][-1]:.0f}, "
                      f"UDP {row['udp'][-1]:.0f} Mb/s", flush=True)
    print(json.dumps(list(rows.values())))


main(json.loads(sys.argv[1]))
