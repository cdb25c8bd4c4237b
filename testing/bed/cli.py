# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of testing/run."""

import argparse
import os
import subprocess
import sys

from . import features, kernel, scenario
from .launcher import Interrupted, Launcher
from .report import Report

BED = os.path.dirname(os.path.abspath(__file__))
TESTING = os.path.dirname(BED)
REPO = os.path.dirname(TESTING)

EPILOG = """
A SCENARIO is a name below testing/tests (coi/host2host), a group (coi), or
the path of a scenario folder anywhere. Without any, all are run.

Its test.conf may say, beside what strongSwan's framework knows:
  NEEDS="nft nmap"   kernel features (%s)
                     or commands; without them the scenario is skipped
  LEGACY=also        it is for --legacy, too; only: for nothing else, and left
                     out when it is not named
  TIMEOUT=180        seconds until it has failed
A pretest.dat line that begins with 'systemctl start' and fails is a failure,
and so are a crash of charon, and SAs or policies left behind.

Logs of each scenario are left in OUT/<scenario>; console.log has every
command with its output. Exit status: 0 all passed, 1 some failed, 2 wrong
usage or no kernel to run on; with --exec and --script that of the command.
""" % " ".join(features.KERNEL)


def parser():
    result = argparse.ArgumentParser(
        prog="testing/run", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Runs scenarios in strongSwan's format, with the hosts "
                    "as namespaces, on this kernel or on user-mode Linux.")
    add = result.add_argument
    add("scenarios", nargs="*", metavar="SCENARIO")
    add("--kernel", metavar="KERNEL", default="auto",
        help="native: this machine's; uml: Debian's user-mode Linux, which has "
             "legacy iptables and no nftables; or a FILE, such as "
             "build/kernel/linux, which testing/kernel makes and which has "
             "nftables, XFRM interfaces and WireGuard; auto (the default): the "
             "first that is there and can do it of native, "
             "build/kernel/linux, uml")
    add("--legacy", action="store_true",
        help="the scenarios for the legacy back end, on --kernel uml unless "
             "another one is given")
    add("--stage", metavar="DIR", default=os.path.join(REPO, "build/stage"),
        help="what 'make install DESTDIR=DIR' left; laid over each host's "
             "root if it is there (default: build/stage)")
    add("--out", metavar="DIR", default=os.path.join(REPO, "build/results"),
        help="where logs go (default: build/results)")
    add("--jobs", type=int, default=1, metavar="N",
        help="spread over N kernels, each on a core of its own (default: 1)")
    add("--valgrind", action="store_true",
        help="run charon under memcheck; reports that involve "
             "libstrongswan-coi are failures")
    ending = result.add_mutually_exclusive_group()
    ending.add_argument("--fail-fast", action="store_true",
                        help="stop after the first failure")
    ending.add_argument("--keep-going", dest="fail_fast",
                        action="store_false",
                        help="run all scenarios (the default)")
    add("--list", action="store_true", help="print the names and end")
    add("--which", action="store_true",
        help="print what --kernel means on this machine, and end")
    add("--selftest", action="store_true", help="test the bed itself, and testing/dark")
    what = result.add_argument_group(
        "instead of evaltest.dat, after pretest.dat of one scenario")
    only = what.add_mutually_exclusive_group()
    only.add_argument("--exec", action="append", metavar="HOST:CMD",
                      help="run a command on a host and show its output; "
                           "may be repeated")
    only.add_argument("--script", metavar="FILE",
                      help="run a local program that has 'on HOST CMD...' "
                           "in its PATH")
    only.add_argument("--shell", action="store_true",
                      help="an interactive shell with 'on' in its PATH")
    return result


def action_of(options):
    tty = sys.stdout.isatty()
    common = {"tty": tty, "term": os.environ.get("TERM")}
    if options.exec:
        commands = []
        for word in options.exec:
            host, colon, command = word.partition(":")
            if not colon or host not in scenario.HOSTS:
                raise scenario.ScenarioError(f"--exec {word}: not HOST:CMD")
            commands.append((host, command))
        return {"kind": "exec", "commands": commands, **common}
    if options.script:
        file = os.path.abspath(options.script)
        if not os.access(file, os.X_OK):
            raise scenario.ScenarioError(f"{file}: cannot be run")
        return {"kind": "script", "file": file, **common}
    if options.shell:
        if not (tty and sys.stdin.isatty()):
            raise scenario.ScenarioError("--shell needs a terminal")
        return {"kind": "shell", **common}
    return None


def say(text):
    print(f"testing/run: {text}", file=sys.stderr)


def run(options):
    if options.which:
        print(kernel.choose(options.kernel))
        return 0
    found = scenario.find(os.path.join(TESTING, "tests"), options.scenarios)
    if options.legacy or not options.scenarios:
        found = scenario.of_back_end(found, options.legacy)
    if options.list:
        print("\n".join(name for name, _ in found))
        return 0
    action = action_of(options)
    if action and len(found) != 1:
        raise scenario.ScenarioError("give exactly one scenario for that")
    for name, path in found:
        scenario.Scenario(name, path)       # refuse broken ones early
    stage = os.path.abspath(options.stage)
    settings = {
        "hosts": os.path.join(TESTING, "hosts"),
        "stage": stage if os.path.isdir(stage) else None,
        "valgrind": options.valgrind,
    }
    report = Report(len(found))
    wanted = options.kernel
    if options.legacy and wanted == "auto":
        wanted = "uml"
    with Launcher(kernel.choose(wanted, say), settings,
                  os.path.abspath(options.out), report, options.jobs,
                  options.fail_fast, action) as launcher:
        try:
            launcher.run(found)
        finally:
            report.clear()
    if action:
        status = launcher.exit_status
        return 1 if status is None else status
    print(report.closing())
    return 1 if report.counts["fail"] else 0


def main(argv):
    options = parser().parse_args(argv)
    if options.selftest:
        import unittest
        from probes import selftest as dark
        from . import selftest
        suite = unittest.TestSuite(map(
            unittest.defaultTestLoader.loadTestsFromModule, (selftest, dark)))
        return not unittest.TextTestRunner().run(suite).wasSuccessful()
    if subprocess.call([os.path.join(TESTING, "usable")]):
        return 2
    try:
        return run(options)
    except (scenario.ScenarioError, kernel.KernelError) as error:
        print(f"testing/run: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # nobody reads any more; nor shall Python complain at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Interrupted as error:
        print(f"testing/run: ended by {error}", file=sys.stderr)
        return 130
