# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens tunnels between a pair of charons and watches what it costs."""

import time

from . import daemons

# openings that are under way at a time, at most
WINDOW = 64

# tunnels that are prepared, which does not count, and then opened, which does
CHUNK = 250

# s without an opening that succeeds, after which the rest counts as lost
PATIENCE = 15


class Openings:
    """What opening some tunnels took."""

    def __init__(self, count):
        self.count = count
        self.opened = 0
        self.seconds = 0
        # of both charons
        self.processor = 0

    @property
    def rate(self):
        """Tunnels a second."""
        return self.opened / max(self.seconds, 1e-3)

    @property
    def cost(self):
        """ms of processor time for a tunnel, both ends."""
        return self.processor * 1000 / max(self.opened, 1)


def established(client):
    """How many tunnels there are."""
    sas = client.call("stats")[0]["ikesas"]
    return int(sas["total"]) - int(sas["half-open"])


def _open_chunk(ask, look, contender, numbers, result):
    """Open tunnels and wait until they are there.

    Returns when the last one was.
    """
    before = established(look)
    last = time.monotonic()
    done = asked = 0
    while done < len(numbers):
        while asked < len(numbers) and asked - done < WINDOW:
            contender.open(ask, numbers[asked])
            asked += 1
        now = established(look) - before
        if now > done:
            last = time.monotonic()
        elif time.monotonic() - last > PATIENCE:
            break
        else:
            time.sleep(0.002)
        done = now
    result.opened += done
    return last


def open_many(pair, contender, first, count):
    """Open tunnels with count responders, the first one's number given."""
    ask = contender.client(pair)
    look = pair.initiator.vici()
    result = Openings(count)
    for start in range(first, first + count, CHUNK):
        numbers = range(start, min(start + CHUNK, first + count))
        contender.prepare(pair, numbers, True)
        result.processor -= pair.processor()
        result.seconds -= time.monotonic()
        result.seconds += _open_chunk(ask, look, contender, numbers, result)
        result.processor += pair.processor()
        contender.prepare(pair, numbers, False)
    ask.close()
    look.close()
    return result


def pair_for(contender, count, stage, dpd_delay=0):
    """Make a pair of charons for so many tunnels, not yet started."""
    return daemons.Pair(count, contender.settings(dpd_delay), contender.folders(), stage)
