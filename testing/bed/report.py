# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user sees: a line per scenario, progress, the closing line."""

import sys


class Report:
    """Counts and prints."""

    def __init__(self, total):
        self.total = total
        self.counts = {"pass": 0, "fail": 0, "skip": 0}
        self.progress = sys.stderr.isatty()
        self.shown = {}
        self.failed = []

    def step(self, number, name, text):
        """Progress, overwritten by what comes next."""
        if not self.progress:
            return
        self.shown[number] = f"{name}: {text}"
        finished = sum(self.counts.values())
        line = f"[{finished}/{self.total}] " + " | ".join(
            self.shown[key] for key in sorted(self.shown))
        sys.stderr.write(f"\r\033[K{line[:118]}\r")
        sys.stderr.flush()

    def clear(self, number=None):
        self.shown.pop(number, None)
        if self.progress:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def result(self, number, event):
        self.clear(number)
        name, status = event["name"], event["status"]
        self.counts[status] += 1
        if status == "skip":
            print(f"SKIP {name}: {event['failures'][0]}", flush=True)
            return
        lines = [f"{status.upper()} {name} ({event['seconds']:.1f} s)"]
        lines += ["  " + failure.rstrip().replace("\n", "\n  ")
                  for failure in event["failures"]]
        if status == "fail":
            self.failed += lines
        print("\n".join(lines), flush=True)

    def closing(self):
        """The line that counts; below many scenarios, what failed again."""
        again = self.failed if self.total > 1 else []
        line = f"{self.counts['pass']} passed, {self.counts['fail']} failed"
        if self.counts["skip"]:
            line += f", {self.counts['skip']} skipped"
        return "\n".join([*again, line])
