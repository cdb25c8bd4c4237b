# SPDX-License-Identifier: GPL-2.0-or-later
"""What every scenario has to leave behind, whatever it tests."""

import glob
import os
import re

CRASH = re.compile(r"thread \d+ received \d+|killing ourself|"
                   r"service: crashed|Main process exited, code=exited, "
                   r"status=[1-9]")
VALGRIND_LOG = "/var/log/valgrind"
SUPPRESSIONS = "/etc/charon.supp"    # in each host, hosts/default
OURS = re.compile(r"libstrongswan-coi|libcoi")


def _read(path):
    try:
        with open(path, errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def crashes(root, host):
    """Failures when charon crashed on a host."""
    failures = [f"{host}: {line.strip()}" for line in
                _read(root + "/var/log/daemon.log").splitlines()
                if CRASH.search(line)]
    for pattern in ("/core", "/core.*", "/root/core*", "/tmp/core*"):
        failures += [f"{host}: core dump {os.path.basename(path)}"
                     for path in glob.glob(root + pattern)]
    return failures


def leftovers(shell, host):
    """Failures when SAs or policies are still in the kernel: do-tests'.

    What stays when charon stops goes by coi release, which has to find it.
    """
    _, text = shell.run(f"on {host} 'coi release > /dev/null 2>&1; "
                        "ip xfrm state list nokeys; echo =; ip xfrm policy'")
    states, _, policies = text.partition("=\n")
    failures = []
    if any("proto" in line and "spi" in line and "proto 4" not in line
           for line in states.splitlines()):
        failures.append(f"{host}# ip xfrm state  [NO]\n{states}")
    if policies.strip():
        failures.append(f"{host}# ip xfrm policy  [NO]\n{policies}")
    return failures


def valgrind_argv():
    return ["/usr/bin/valgrind", "--tool=memcheck", "--leak-check=full",
            "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
            "--keep-debuginfo=yes", "--num-callers=30", "--error-exitcode=0",
            f"--suppressions={SUPPRESSIONS}",
            f"--log-file={VALGRIND_LOG}.%p.log"]


def valgrind_reports(root, host):
    """The reports of memcheck in which our own code takes part."""
    failures = []
    for path in sorted(glob.glob(f"{root}{VALGRIND_LOG}.*.log")):
        block = []
        for line in _read(path).splitlines() + ["==0== "]:
            text = re.sub(r"^==\d+== ?", "", line)
            if text.strip():
                block.append(text)
                continue
            if (any(OURS.search(item) for item in block) and
                    any(re.match(r"\s+(at|by) 0x", item) for item in block)):
                failures.append(f"{host}: valgrind\n" + "\n".join(block))
            block = []
    return failures
