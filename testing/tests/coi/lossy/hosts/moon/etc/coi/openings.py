#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""openings.py PEER NUMBER: opens and closes the tunnel to PEER so often.

By turns with a ping and with swanctl --initiate. An echo has to come back
through each tunnel; one whose exchanges have all failed has to come up when
the peer is no longer refused. Prints how long the openings took, from the
first Sess0 on. Status 1 if one did not come up or if something was left.
"""

import collections
import re
import subprocess
import sys
import threading
import time

LOG = "/var/log/daemon.log"
BEGUN, ANEW, FAILED, OPEN = range(4)
EVENTS = (
    (BEGUN, re.compile(r"\] opening COI session with")),
    (ANEW, re.compile(r"\] no answer from .*, asking anew")),
    (FAILED, re.compile(r"\] COI session with .* not opened: no answer")),
    (OPEN, re.compile(r"\] COI session with .* open$")),
)
# four exchanges, PROTOCOL.md section 13: each may wait 3.5 s for Sess1 and as
# long for the first IDLE; negative_cache in coi.opt
ROUND = 4 * 2 * 3.5
REFUSED = 10
ROUNDS = 3
LATE = 1.5      # a ping every 0.2 s, and a busy machine


class Watcher(threading.Thread):
    """Notes when charon says what it does."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen = []
        self.stream = open(LOG, errors="replace")
        self.stream.seek(0, 2)
        self.start()

    def run(self):
        line = ""
        while True:
            line += self.stream.readline()
            if not line.endswith("\n"):
                time.sleep(0.005)
                continue
            for event, pattern in EVENTS:
                if pattern.search(line.rstrip("\n")):
                    self.seen.append((time.monotonic(), event))
            line = ""

    def take(self):
        time.sleep(0.02)
        seen, self.seen = self.seen, []
        return seen


class Failure(Exception):
    """An opening was not as it has to be."""


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def expect(*argv):
    status, text = run(*argv)
    if status:
        raise Failure(f"{' '.join(argv)}\n{text}")


def echo(peer):
    """Sends until the first answer, for as long as three rounds may take."""
    end = time.monotonic() + ROUNDS * (ROUND + REFUSED)
    while time.monotonic() < end:
        # a refusal ends it early
        if run("ping", "-q", "-c", "1", "-i", "0.2", "-w", "2", peer)[0] == 0:
            return True
        time.sleep(0.2)
    return False


def judge(seen):
    """Returns the seconds of the opening and its number of exchanges."""
    begun = [at for at, event in seen if event == BEGUN]
    failed = [at for at, event in seen if event == FAILED]
    up = [at for at, event in seen if event == OPEN]
    if len(up) != 1 or len(begun) != len(failed) + 1:
        raise Failure(f"begun {len(begun)} times, failed {len(failed)}, "
                      f"open {len(up)}")
    for start, end, again in zip(begun, failed, begun[1:]):
        if end - start > ROUND + LATE:
            raise Failure(f"given up after {end - start:.1f} s")
        if not REFUSED - LATE < again - end < REFUSED + LATE:
            raise Failure(f"asked again {again - end:.1f} s after the failure")
    if up[0] - begun[-1] > ROUND + LATE:
        raise Failure(f"open after {up[0] - begun[-1]:.1f} s")
    anew = sum(event == ANEW for _, event in seen)
    return up[0] - begun[0], len(begun) + anew, len(failed)


def open_and_close(watcher, peer, number):
    watcher.take()
    if number % 2:
        run("swanctl", "--initiate", "--child", "finance")
    if not echo(peer):
        raise Failure("no echo through the tunnel")
    result = judge(watcher.take())
    expect("coi-consistent", "-n", "1")
    expect("swanctl", "--terminate", "--ike", "coi")
    expect("coi-consistent", "-n", "0")
    return result


def count(values):
    return "  ".join(f"{value}: {number}" for value, number in
                     sorted(collections.Counter(values).items()))


def main(peer, number):
    watcher = Watcher()
    results = []
    bad = 0
    for index in range(number):
        try:
            results.append(open_and_close(watcher, peer, index))
        except Failure as failure:
            bad += 1
            print(f"opening {index + 1}: {failure}")
            run("swanctl", "--terminate", "--ike", "coi")
    if results:
        times = sorted(result[0] for result in results)
        print(f"openings   {number}, {bad} bad")
        print(f"seconds    min {times[0]:.2f}  "
              f"median {times[len(times) // 2]:.2f}  "
              f"p90 {times[len(times) * 9 // 10]:.2f}  max {times[-1]:.2f}")
        print(f"exchanges  {count(result[1] for result in results)}")
        print(f"failures   {count(result[2] for result in results)}")
    return 1 if bad or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
