# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of testing/dark."""

import argparse
import json
import os
import sys
import time

from . import catalogue, hearing, packets, pdus
from .context import Context
from .link import Link, Route
from .pdus import Unusable

DARK, ANSWERED, USAGE, INCOMPLETE = 0, 1, 2, 3
RATES, TIMES = (1, 20000), (1, 3600)
# replies that are shown; of the rest the number
SHOWN = 40
MTU = 1500

DESCRIPTION = """
Sends thousands of probes of every kind to hosts of a network that is yours, and
reports every octet that comes back: nothing but ARP and neighbour discovery comes
from a host that is dark. Needs root, and Python's standard library alone.
"""

EPILOG = f"""
Kinds of probes:
{chr(10).join(catalogue.describe())}

A host on the same link is tried best: routers drop much of this. Solicitations and
advertisements of neighbours, and of routers those of hosts, are allowed, and so are
reports of multicast groups to the link; they are counted apart, as is what a target
sends by itself, which is what it has sent before the first probe. An ICMP error
about a fragment comes when the kernel has waited for the others, 30 s or 60 s: that
is waited for in the long form only.

Members' addresses are borrowed with --as; what a target answers to them is seen
where the link shows it, so look there, too.

Exit status: 0 dark; 1 something came back; 2 wrong usage, or nothing could be tried;
3 nothing came back, but not all was sent in time, or not all was heard.

  testing/dark --this-network-is-mine --short 192.168.0.2 fec0::2
  testing/dark --as 192.168.0.1 --pdus testing/fuzz/corpus/session \\
               --replay moon.pcap --key /etc/swanctl/conf.d/old-key.conf 192.168.0.2
"""


def ranged(low, high, what):
    """A number within limits."""
    def parse(text):
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text}: {low} to {high} {what} are allowed")
        return value
    return parse


def parser():
    """All options."""
    made = argparse.ArgumentParser(
        prog="testing/dark", description=DESCRIPTION, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add = made.add_argument
    add("addresses", nargs="+", metavar="ADDRESS", help="of a host, IPv4 or IPv6")
    add("--this-network-is-mine", action="store_true",
        help="do not ask; without it, and without a terminal to ask at, nothing is sent")
    add("--short", action="store_true",
        help="some thousand probes instead of ten times as many, and no wait for fragments")
    add("--rate", type=ranged(*RATES, "a second"), metavar="N",
        help="probes a second, 1 to 20000 (default: 1000, with --short 3000)")
    add("--time", type=ranged(*TIMES, "seconds"), metavar="S",
        help="seconds in which all is sent, 1 to 3600 (default: 1800, with --short 120)")
    add("--wait", type=ranged(0, 600, "seconds"), metavar="S",
        help="seconds to listen after the last probe (default: 65, with --short 2)")
    add("--quiet", type=ranged(0, 600, "seconds"), metavar="S",
        help="seconds to listen before the first one (default: 3, with --short 0.5)")
    add("--as", action="append", default=[], metavar="ADDRESS", dest="members",
        help="a member of the target's communities, whose address is borrowed; may be repeated")
    add("--pdus", metavar="DIR", help="a folder of datagrams, one a file, to send and to bend")
    add("--replay", metavar="FILE", help="a capture (pcap) of which packets are sent again")
    add("--key", metavar="FILE",
        help="keys of communities, in swanctl.conf's form, that the target must not know any more")
    add("--kind", action="append", default=[], metavar="KIND", choices=[
        *catalogue.KINDS, *catalogue.MORE], help="only this kind, see below; may be repeated")
    add("--json", action="store_true", help="print one JSON object")
    return made


class Target:
    """One address: its context, and what came of it."""

    def __init__(self, address, args):
        self.route = Route(address)
        self.address = packets.octets(self.route.address)
        self.args = args
        self.sent = self.refused = 0
        self.context = self.link = None

    def prepare(self, link):
        """Find its MAC address; a router's, if it is behind one."""
        self.link = link
        route = self.route
        mac = link.resolve(route.own, route.gateway or route.address)
        self.context = Context(self.address, packets.octets(route.own), mac, link.mac,
                               [packets.octets(one) for one in self.args.members],
                               not self.args.short)
        link.watched.add(self.address)
        if not route.gateway:
            link.watched.add(mac)


class Run:
    """Sends to all targets, and listens."""

    def __init__(self, args, given):
        self.args, self.given = args, given
        self.targets = [Target(address, args) for address in args.addresses]
        self.sent, self.kinds, self.itself = [], {}, set()
        self.complete = True
        self.progress = sys.stderr.isatty()
        self.links = {}

    def __enter__(self):
        for target in self.targets:
            name = target.route.interface
            if name not in self.links:
                self.links[name] = Link(name)
        try:
            for target in self.targets:
                target.prepare(self.links[target.route.interface])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for link in self.links.values():
            link.close()

    def run(self):
        """All of it."""
        for link in self.links.values():
            link.heard.clear()
        self._listen(self.args.quiet, "listening")
        for link in self.links.values():
            link.missed()
            self.itself |= {hearing.signature(frame) for _, frame in list(link.heard)}
            link.heard.clear()
        self.begin = self.pace = time.monotonic()
        for target in self.targets:
            self._send(target)
        self.seconds = time.monotonic() - self.begin
        self._listen(self.args.wait, "waiting")

    def _listen(self, seconds, what):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            left = end - time.monotonic()
            self._show(f"{what}, {left:.0f} s")
            time.sleep(min(0.5, max(0, left)))

    def _send(self, target):
        ethertype = packets.ETH_IPV6 if target.context.six else packets.ETH_IP
        for kind, text, packet, mac in catalogue.probes(target.context, self.args.kind,
                                                        **self.given):
            now = time.monotonic()
            due = self.pace + len(self.sent) / self.args.rate
            if now - self.begin > self.args.time:
                self.complete = False
                return
            # a moment in which it was slower is not made up for by a burst
            if now < due:
                time.sleep(due - now)
            elif now - due > 0.1:
                self.pace += now - due
            # before it is sent: an answer may be there when send() returns
            now = time.monotonic()
            if not target.link.send(mac or target.context.mac, ethertype, packet[:MTU]):
                target.refused += 1
                continue
            self.sent.append((now, kind, text, packet))
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            target.sent += 1
            if len(self.sent) % 500 == 0:
                self._show(f"{target.route.address}: {kind}, {len(self.sent)} probes, "
                           f"{sum(len(link.heard) for link in self.links.values())} frames back")

    def _show(self, text):
        if self.progress:
            sys.stderr.write(f"\r\033[K{text[:110]}")
            sys.stderr.flush()

    def report(self):
        """What came back."""
        if self.progress:
            sys.stderr.write("\r\033[K")
        members = [packets.octets(one) for one in self.args.members]
        allowed, replies, lost = {}, [], 0
        for link in self.links.values():
            lost += link.lost
            if link.missed():
                self.complete = False
            for when, frame in list(link.heard):
                word = hearing.classify(frame, members)
                if not word and hearing.signature(frame) in self.itself:
                    word = "by itself"
                if word:
                    count = allowed.setdefault(word, {"frames": 0, "octets": 0})
                    count["frames"] += 1
                    count["octets"] += len(frame) - 14
                else:
                    replies.append((when, frame))
        rows = []
        for number, (when, frame) in enumerate(sorted(replies)):
            row = {"after": round(when - self.begin, 3), "octets": len(frame) - 14,
                   "what": hearing.Packet(frame[14:]).describe(),
                   "data": frame[14:94].hex()}
            found = hearing.cause(when, frame, self.sent) if number < 10 * SHOWN else None
            if found:
                row.update(kind=found[1], probe=found[2])
            rows.append(row)
        return {
            "targets": [{"address": one.route.address, "interface": one.route.interface,
                         "mac": one.context.mac.hex(":"), "gateway": one.route.gateway,
                         "probes": one.sent, "not_sent": one.refused} for one in self.targets],
            "probes": len(self.sent), "kinds": self.kinds, "seconds": round(self.seconds, 1),
            "complete": self.complete, "allowed": allowed, "replies": rows,
            "octets": sum(row["octets"] for row in rows), "not_kept": lost,
            "dark": not rows and not lost,
        }


def show(result):
    """The report for people."""
    for one in result["targets"]:
        behind = f", behind {one['gateway']}: routers drop some of it" if one["gateway"] else ""
        print(f"{one['address']} ({one['mac']} on {one['interface']}{behind}): "
              f"{one['probes']} probes")
    for word, count in sorted(result["allowed"].items()):
        print(f"  allowed: {word}, {count['frames']} frames, {count['octets']} octets")
    same = {}
    for row in result["replies"]:
        same.setdefault((row.get("kind"), row["what"].split(",")[0].split(" > ")[0],
                         row.get("probe")), []).append(row)
    for rows in list(same.values())[:SHOWN]:
        row = rows[0]
        more = f", {len(rows)} of these" if len(rows) > 1 else ""
        print(f"  CAME BACK after {row['after']:.3f} s: {row['what']}{more}\n"
              f"    most likely for: {row.get('kind', '?')}: {row.get('probe', '?')}")
    if len(same) > SHOWN:
        print(f"  and {len(same) - SHOWN} more, see --json")
    if result["not_kept"]:
        print(f"  and {result['not_kept']} frames more")
    verdict = "dark" if result["dark"] else "NOT DARK"
    if result["dark"] and any(one["gateway"] for one in result["targets"]):
        verdict += ", or nobody is there: on its own link that would be known"
    if result["dark"] and not result["complete"]:
        verdict += " as far as it went: not all was sent in time, or not all was heard"
    print(f"{result['probes']} probes in {result['seconds']} s, {result['octets']} octets came "
          f"back in {len(result['replies'])} frames: {verdict}")


def allowed_to(args):
    """Whether whoever calls has said that it is his network."""
    if args.this_network_is_mine:
        return True
    if not sys.stdin.isatty():
        raise Unusable("say that it is yours, with --this-network-is-mine; nothing was sent")
    print(f"This sends thousands of malformed and hostile packets to {', '.join(args.addresses)}.\n"
          "That is for networks alone that are yours. Are they? [yes/no] ", end="",
          file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == "yes"


def defaults(args):
    """What was not given."""
    for name, long, short in (("rate", 1000, 3000), ("time", 1800, 120), ("wait", 65, 2),
                              ("quiet", 3, 0.5)):
        if getattr(args, name) is None:
            setattr(args, name, short if args.short else long)


def take(args):
    """What the files hold that were given."""
    for one in args.members:
        Route(one)
    try:
        return {
            "files": pdus.folder(args.pdus) if args.pdus else (),
            "recorded": pdus.capture(args.replay) if args.replay else (),
            "member": pdus.Member(pdus.keys(args.key)) if args.key else None,
        }
    except OSError as error:
        raise Unusable(str(error)) from None


def main(argv):
    """Returns the exit status."""
    args = parser().parse_args(argv)
    defaults(args)
    try:
        if os.geteuid() != 0:
            raise Unusable("packet sockets need root")
        given = take(args)
        if not allowed_to(args):
            return USAGE
        with Run(args, given) as run:
            run.run()
            result = run.report()
    except Unusable as error:
        print(f"testing/dark: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("\ntesting/dark: ended", file=sys.stderr)
        return USAGE
    try:
        if args.json:
            print(json.dumps(result))
        else:
            show(result)
        sys.stdout.flush()
    except BrokenPipeError:
        # nobody reads any more; nor shall Python complain at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not result["dark"]:
        return ANSWERED
    return DARK if result["complete"] else INCOMPLETE
