# SPDX-License-Identifier: GPL-2.0-or-later
"""Section 11: the traffic that a community allows between two hosts.

A service is (IP protocol, first port, last port), protocol 0 for any.
"""


def intersect_one(a, b):
    """What two services have in common; None if nothing."""
    if a[0] and b[0] and a[0] != b[0]:
        return None
    first, last = max(a[1], b[1]), min(a[2], b[2])
    return (a[0] or b[0], first, last) if first <= last else None


def normal(services):
    """The one form of a set of services: sorted, ranges merged, nothing that protocol 0 says already."""
    merged = {}
    for proto, first, last in sorted(services):
        ranges = merged.setdefault(proto, [])
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1][1] = max(last, ranges[-1][1])
        else:
            ranges.append([first, last])
    every = merged.get(0, [])
    return [(proto, first, last) for proto, ranges in sorted(merged.items()) for first, last in ranges
            if not proto or not any(f <= first and last <= l for f, l in every)]


def intersect(a, b):
    """The services in both lists, in normal form."""
    return normal(s for s in (intersect_one(x, y) for x in a for y in b) if s)


def flows(offers_a, uses_a, offers_b, uses_b):
    """(services at A that B may use, services at B that A may use)."""
    return intersect(offers_a, uses_b), intersect(offers_b, uses_a)


def allowed(at_a, at_b, proto, port_a, port_b):
    """Is a packet between A's port and B's port within the flows?"""
    return any(p in (0, proto) and f <= port_a <= l for p, f, l in at_a) or \
        any(p in (0, proto) and f <= port_b <= l for p, f, l in at_b)
