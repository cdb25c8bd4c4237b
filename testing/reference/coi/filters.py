# SPDX-License-Identifier: GPL-2.0-or-later
"""Section 11: the traffic that a community allows between two sides.

A service is (IP protocol, first port, last port), protocol 0 for any, at the host itself; or these and the first and
last address of a network, 4 or 16 octets each.
"""


def common_range(a, b):
    """What two places have in common: () for the host itself, or (first, last); None if nothing."""
    if len(a) != len(b) or a and len(a[0]) != len(b[0]):
        return None
    if not a:
        return ()
    first, last = max(a[0], b[0]), min(a[1], b[1])
    return (first, last) if first <= last else None


def intersect_one(a, b):
    """What two services have in common; None if nothing."""
    if a[0] and b[0] and a[0] != b[0]:
        return None
    first, last = max(a[1], b[1]), min(a[2], b[2])
    place = common_range(a[3:], b[3:])
    return (a[0] or b[0], first, last, *place) if first <= last and place is not None else None


def normal(services):
    """The one form of a set of services: sorted, ranges merged, nothing that protocol 0 says already at its place."""
    merged = {}
    for proto, first, last, *place in sorted(services, key=lambda s: (s[3:], s[:3])):
        ranges = merged.setdefault((tuple(place), proto), [])
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1][1] = max(last, ranges[-1][1])
        else:
            ranges.append([first, last])
    return [(proto, first, last, *place) for (place, proto), ranges in sorted(merged.items())
            for first, last in ranges
            if not proto or not any(f <= first and last <= l for f, l in merged.get((place, 0), []))]


def intersect(a, b):
    """The services in both lists, in normal form."""
    return normal(s for s in (intersect_one(x, y) for x in a for y in b) if s)


def flows(offers_a, uses_a, offers_b, uses_b):
    """(services at A that B may use, services at B that A may use)."""
    return intersect(offers_a, uses_b), intersect(offers_b, uses_a)


def allowed(at_a, at_b, proto, port_a, port_b):
    """Is a packet between A's port and B's port within the flows of the two hosts themselves?"""
    return any(p in (0, proto) and f <= port_a <= l for p, f, l in at_a) or \
        any(p in (0, proto) and f <= port_b <= l for p, f, l in at_b)


# --- networks: every address stands for itself ---------------------------------------------------

def resolve(services, itself):
    """Services where the host itself is an address."""
    return [s if s[3:] or itself is None else (*s[:3], itself, itself) for s in services]


def choose(assigned, announced, seen, uses):
    """What the host itself stands for in tunnel mode, with what the other side may use."""
    if assigned:
        return assigned
    if announced and any(within(s[3:], announced) for s in uses if s[3:]):
        return announced
    return seen


def within(place, address):
    """Is an address in a place?"""
    return len(place[0]) == len(address) and place[0] <= address <= place[1]


def networks(offers, uses):
    """Where a side offers and the other may use anything."""
    places = (common_range(o[3:], u[3:]) for o in offers for u in uses)
    return sorted({p for p in places if p is not None})


def allowed_between(a, b, proto, end_a, end_b):
    """Is a packet between two ends allowed? a, b: (offers, uses), resolved; an end: (address, port)."""
    def at(near, far, end, user):
        places = networks(far[0], near[1])
        return any(s[0] in (0, proto) and s[1] <= end[1] <= s[2] and within(s[3:], end[0])
                   for s in intersect(near[0], far[1])) and any(within(p, user[0]) for p in places)
    return at(a, b, end_a, end_b) or at(b, a, end_b, end_a)
