# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens tunnels between a pair of charons and watches what it costs."""

import time

from . import daemons, vici

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


def counted(daemon, name):
    """One of the plugin's counters."""
    control = daemon.control()
    value = int(control.call("counters")[0]["counts"][name])
    control.close()
    return value


def _wait(condition, pause):
    """Wait for something, s between two looks; False if nothing comes of it."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def rekey(pair, names, each):
    """Rekey the sessions of some connections, one connection's at a time, so many each.

    Counts as opened what is open again; the time until then, the processor time until
    the sessions that were replaced have gone, too.
    """
    both = pair.initiator, pair.responder
    client = pair.initiator.vici()
    result = Openings(len(names) * each)
    before = {name: [counted(daemon, name) for daemon in both] for name in ("opened", "closed")}

    def done(name):
        return min(counted(daemon, name) - was for daemon, was in zip(both, before[name]))

    # charon looks at all IKE_SAs for each command, which is not the rekeying's
    looking = -pair.processor()
    for _ in names:
        try:
            client.call("rekey", {"ike": "nobody"})
        except vici.Failed:
            pass
    looking += pair.processor()
    result.processor -= pair.processor() + looking
    result.seconds -= time.monotonic()
    for number, name in enumerate(names, 1):
        client.call("rekey", {"ike": name})
        if not _wait(lambda wanted=number * each: done("opened") >= wanted, 0.005):
            break
    result.seconds += time.monotonic()
    result.opened = min(done("opened"), result.count)
    # some seconds later, and to look costs, too
    _wait(lambda: done("closed") >= result.opened, 0.2)
    result.processor += pair.processor()
    client.close()
    return result


def pair_for(contender, count, stage, dpd_delay=0, cores=None):
    """Make a pair of charons for so many tunnels, not yet started."""
    return daemons.Pair(count, contender.settings(dpd_delay), contender.folders(), stage, cores)
