# SPDX-License-Identifier: GPL-2.0-or-later
"""All kinds of probes in the order in which they are sent."""

from . import headers, icmp, ike, pdus, transport

# name: families, function of a Context that makes (text, packet) or (text, packet, MAC)
KINDS = {
    "protocols": ("46", transport.protocols),
    "icmp": ("46", icmp.types),
    "requests": ("46", icmp.requests),
    "tcp-flags": ("46", transport.tcp_flags),
    "tcp-ports": ("46", transport.tcp_ports),
    "tcp-odd": ("46", transport.tcp_odd),
    "udp-ports": ("46", transport.udp_ports),
    "udp-odd": ("46", transport.udp_odd),
    "transports": ("46", transport.others),
    "options": ("4", headers.options4),
    "malformed": ("4", headers.malformed4),
    "fragments": ("4", headers.fragments4),
    "extensions": ("6", headers.extensions6),
    "malformed6": ("6", headers.malformed6),
    "fragments6": ("6", headers.fragments6),
    "errors": ("46", icmp.errors),
    "groups": ("46", icmp.groups),
    "addresses": ("46", icmp.addresses),
    "through": ("46", icmp.through),
    "ike": ("46", ike.probes),
    "pdus": ("46", pdus.invented),
}
# with what is given on the command line
MORE = {
    "files": "datagrams of --pdus, each as it is and bent in many ways",
    "replay": "packets of --replay, as they were, from us, and bent",
    "key": "what one with the keys of --key would send",
}


def describe():
    """A line for each."""
    lines = []
    for name, (families, make) in KINDS.items():
        only = {"4": "IPv4: ", "6": "IPv6: "}.get(families, "")
        lines.append(f"  {name:12} {only}{make.__doc__.rstrip('.')}")
    return lines + [f"  {name:12} {text}" for name, text in MORE.items()]


def probes(ctx, wanted=None, files=(), recorded=(), member=None):
    """Everything for a context, as (kind, text, packet, MAC or None)."""
    makers = {name: make for name, (families, make) in KINDS.items()
              if ("6" if ctx.six else "4") in families}
    if files:
        makers["files"] = lambda one: pdus.given(one, files)
    if recorded:
        makers["replay"] = lambda one: pdus.replayed(one, recorded)
    if member:
        makers["key"] = member.probes
    for name, make in makers.items():
        if wanted and name not in wanted:
            continue
        for text, packet, *mac in make(ctx):
            yield name, text, packet, mac[0] if mac else None
