# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the inner half of a benchmark in the test bed, beside its two hosts."""

import argparse
import json
import math
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
REPO = os.path.realpath(os.path.join(HERE, "../../.."))

# programs that the others are, and their Debian packages
PROGRAMS = {"wireguard-go": "wireguard-go", "wg": "wireguard-tools", "nebula": "nebula",
            "ssh": "openssh-client"}


class Unusable(Exception):
    """What is needed is not there, or did not work; the text says what."""


def parser(doc, epilog):
    """Make a parser with what all of these programs have; doc is the program's."""
    made = argparse.ArgumentParser(
        description=doc.replace(" See --help.", ""), epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--only", metavar="TEXT", default="",
                      help="those whose name has one of the TEXTs, with | between them")
    made.add_argument("--kernel", default="auto",
                      help="as of testing/run; the one that testing/kernel makes has WireGuard")
    made.add_argument("--stage", default=os.path.join(REPO, "build/stage"),
                      help="what 'make install DESTDIR=DIR' left (default: build/stage)")
    made.add_argument("--prepare", action="store_true",
                      help="first install the Debian packages of what is measured beside")
    return made


def prepare(args, *programs):
    """Install what is missing if that is wanted, else say what to install."""
    missing = [PROGRAMS[name] for name in programs if not shutil.which(name)]
    if missing and args.prepare:
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *missing],
                       env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=True,
                       stdout=sys.stderr)
    elif missing:
        print(f"to measure all: apt-get install {' '.join(missing)}, or --prepare",
              file=sys.stderr)


def run(program, options, args):
    """Run inside/PROGRAM.py between the hosts. Returns what its last line says."""
    if not os.path.isdir(args.stage):
        raise Unusable(f"no {args.stage}: run testing/prepare")
    inner = shlex.join(["/usr/bin/python3", "-u", os.path.join(HERE, program + ".py"),
                        json.dumps(options)])
    # the bed hands a script no arguments
    handle, script = tempfile.mkstemp(suffix=".bench")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/bash\nexec {inner}\n")
    os.chmod(script, 0o755)
    try:
        result = _listen([os.path.join(REPO, "testing/run"), "--jobs", "1", "--kernel", args.kernel,
                          "--stage", args.stage, "--out", os.path.join(REPO, "build/bench"),
                          "--script", script, os.path.join(HERE, "../hosts")])
    finally:
        os.unlink(script)
    if result is None:
        raise Unusable("it ended early, see above, and build/bench/bench/hosts")
    return result


def _listen(command):
    """Hand on what is printed, but for the result."""
    result = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stdout:
            if line.startswith("[{"):
                result = json.loads(line)
            else:
                print(line, end="", file=sys.stderr, flush=True)
    return None if process.returncode else result


def spread(values, digits=2):
    """Median, min and max of some values."""
    return {"median": round(statistics.median(values), digits), "min": round(min(values), digits),
            "max": round(max(values), digits)}


def median_interval(values):
    """95 % interval of a median, nothing if there are less than six values.

    From the order statistics: the k-th value from below and the k-th from above,
    with the largest k that 95 % allow. Whatever the distribution, that the true
    median is outside has at most the probability that fewer than k of so many
    tossed coins show one side.
    """
    outside, k = 0, 0
    while True:
        outside += 2 * math.comb(len(values), k) / 2 ** len(values)
        if outside > 0.05 or k >= len(values) // 2:
            break
        k += 1
    ordered = sorted(values)
    return (ordered[k - 1], ordered[-k]) if k else None
