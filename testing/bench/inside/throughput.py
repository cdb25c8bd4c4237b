# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside the bed: data through tunnels that all stand at once. See ../throughput."""

import contextlib
import json
import random
import re
import sys

import turns
from host import Apart, Failed
from ipsec import ByHand, Charon, Coi, Ike
from others import WireGuard, WireGuardGo

# services beside the flow's own: what a filter has to be looked through for
SERVICES = ["tcp/22", "tcp/80", "tcp/443", "tcp/5432", "udp/53", "tcp/5201", "udp/5201"]
OFFERS = [f"dynamic[{service}]" for service in SERVICES]

KINDS = "tcp", "udp"

# octets that a lane's speed is found with
FIRST = 20000

# of those that are far from plain ESP, one four of so many
COARSE = 10

# fours after which something is said
REPORT = 50


def contenders():
    """All that are measured beside plain ESP."""
    return [
        ByHand("the same a second time"),
        Coi("x25519", f"coi, filters of {len(SERVICES)} services",
            {"sun": {"local_ts": OFFERS, "remote_ts": ["dynamic[tcp/22]"]},
             "moon": {"local_ts": ["dynamic[tcp/22]"], "remote_ts": OFFERS}}),
        Ike("IKEv2, no filters", 0),
        WireGuardGo(), WireGuard(),
    ]


class Lane:
    """A contender between two hosts of its own; a context in which it is up."""

    def __init__(self, one, number):
        self.one = one
        self.two = Apart(number)
        self.row = {"name": one.name, **{kind: [] for kind in KINDS}}
        # of a slice
        self.octets = {}
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            two = stack.enter_context(self.two)
            if self.one.available(two):
                stack.callback(self.one.down, two)
                self.one.up(two)
                two.sun.do("take")
            else:
                self.row["missing"] = self.one.missing
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _send(self, kind, octets):
        return self.two.moon.do("send", kind=kind, address=self.one.target(self.two),
                                octets=octets)

    def calibrate(self, milliseconds):
        """Find how much makes a slice of that length."""
        for kind in KINDS:
            octets, seconds = self._send(kind, FIRST)
            while seconds < milliseconds / 2000:
                octets, seconds = self._send(kind, octets * 2)
            self.octets[kind] = round(octets * milliseconds / 1000 / seconds)
        # others have a tunnel of another kind, and an address in it
        if isinstance(self.one, (ByHand, Charon)) and self._carried() < FIRST:
            raise Failed(f"{self.one.name}: ESP carries nothing")

    def _carried(self):
        """Octets that the busiest of moon's SAs has carried."""
        text = self.two.moon.run("ip -s xfrm state")
        return max((int(octets) for octets in re.findall(r"(\d+)\(bytes\)", text)), default=0)

    def slice(self, kind):
        """Mb/s that come through in a slice."""
        octets, seconds = self._send(kind, self.octets[kind])
        return octets * 8 / 1e6 / seconds


def main(options):
    """Measure; the last line is JSON."""
    with contextlib.ExitStack() as stack:
        def lane(one, number):
            print(f"up: {one.name}", flush=True)
            return stack.enter_context(Lane(one, number))

        plain = lane(ByHand(), 0)
        others = [lane(one, number) for number, one in enumerate(
            turns.chosen(contenders(), options), 1)]
        ready = [other for other in others if "missing" not in other.row]
        for one in plain, *ready:
            one.calibrate(options["ms"])
        for number in range(options["fours"]):
            now = [other for other in ready if not other.one.coarse or number % COARSE == 0]
            for kind in KINDS:
                # not always the same one first
                random.shuffle(now)
                for other in now:
                    four = [lane.slice(kind) for lane in (plain, other, other, plain)]
                    plain.row[kind] += [four[0], four[-1]]
                    other.row[kind].append(four)
            if (number + 1) % REPORT == 0 or number + 1 == options["fours"]:
                print(f"{number + 1} of {options['fours']}", flush=True)
    print(json.dumps([plain.row, *(other.row for other in others)]))


main(json.loads(sys.argv[1]))
