# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the inner half of a benchmark in the test bed, beside its two hosts."""

import json
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
            "ssh": "openssh-client", "iperf3": "iperf3"}


class Unusable(Exception):
    """What is needed is not there, or did not work; the text says what."""


def add_arguments(parser):
    """Options that all of these programs have."""
    parser.add_argument("--kernel", default="auto",
                        help="as of testing/run; the one that testing/kernel makes has WireGuard")
    parser.add_argument("--stage", default=os.path.join(REPO, "build/stage"),
                        help="what 'make install DESTDIR=DIR' left (default: build/stage)")
    parser.add_argument("--prepare", action="store_true",
                        help="first install the Debian packages of what is measured beside")


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
