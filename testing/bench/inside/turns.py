# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes contenders in turn, several times, and keeps a row of figures for each."""


def chosen(contenders, options):
    """Those whose name has one of the texts that were asked for."""
    return [one for one in contenders if any(text in one.name for text in options["only"])]


def take(two, contenders, runs, measure, after=None):
    """Measure each contender in each run, while it is up.

    measure is called with the contender and its row and returns what to tell;
    after, when it is down. A row has the contender's name, and 'missing' instead
    of figures if the hosts cannot do it. Returns the rows.
    """
    rows = [{"name": one.name} for one in contenders]
    for run in range(runs):
        for one, row in zip(contenders, rows):
            if "missing" in row:
                continue
            if not one.available(two):
                row["missing"] = one.missing
                continue
            try:
                one.up(two)
                said = measure(one, row)
            finally:
                one.down(two)
            if after:
                after(one, row)
            print(f"run {run + 1} of {runs}: {one.name}: {said}", flush=True)
    return rows
