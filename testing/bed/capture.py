# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpdump on the hosts of TCPDUMPHOSTS, with do-tests' arguments."""

import os
import re
import time

FILTER = "not port ssh and not port domain"


class Capture:
    """One running tcpdump."""

    def __init__(self, shell, host, interface, root):
        self.shell = shell
        self.host = host
        self.interface = interface
        self.root = root
        self.running = False

    @property
    def file(self):
        return self.root + "/tmp/tcpdump.log"

    def start(self):
        self.shell.run(
            f"on {self.host} 'tcpdump -l --immediate-mode -i "
            f"{self.interface} {FILTER} >/tmp/tcpdump.log "
            "2>/tmp/tcpdump.err.log &'")
        self.running = True

    def wait_started(self):
        """From here on every packet is seen."""
        self._wait(5, lambda text: "listening on" in text)

    def stop(self):
        """Ends it when all that was received has been written."""
        if not self.running:
            return
        self.running = False
        # as do-tests: until it has written what it received, at most 1 s
        self.shell.run(
            f"on {self.host} 'i=40; while [ $i -gt 0 ]; do "
            "pkill -USR1 -x tcpdump; sleep 0.02; "
            "set -- $(tail -n 1 /tmp/tcpdump.err.log | tr -dc \"0-9 \"); "
            "[ \"$1\" = \"$2\" ] && break; i=$((i-1)); done; "
            "killall -q tcpdump; while killall -q -0 tcpdump; "
            "do sleep 0.01; done'")

    def _wait(self, seconds, condition):
        path = self.root + "/tmp/tcpdump.err.log"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if os.path.exists(path):
                with open(path, errors="replace") as stream:
                    text = stream.read()
                if condition(text):
                    return
                if re.search(r"tcpdump: (?!verbose)", text) and \
                        "listening" not in text and "error" in text:
                    break
            time.sleep(0.01)
        raise OSError(f"tcpdump on {self.host} did not start")
