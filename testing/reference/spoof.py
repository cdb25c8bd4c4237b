#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A member who sends valid Sess0 in the name of another one, and sees no answer.

Wants the privilege to send from addresses that are not its own. Prints how many it has sent.
"""

import argparse
import socket
import time

from coi import hostile
from coi.config import Key
from coi.crypto import P384, Random
from coi.wire import address

PORT = 4570
MAX = 100000
IP_TRANSPARENT, IPV6_TRANSPARENT = 19, 75      # Linux; Python has no names for them


def spoofing(name):
    """A UDP socket with the COI port of another host."""
    if ":" in name:
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
    else:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
    s.bind((name, PORT))
    return s


def main():
    """The command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--key", required=True, metavar="NAME=HEX")
    p.add_argument("--name", required=True, metavar="ADDR", help="whose address is taken")
    p.add_argument("--to", required=True, metavar="ADDR", help="who is sent to")
    p.add_argument("--every", type=float, default=1.0, metavar="S")
    p.add_argument("--time", type=float, default=10.0, metavar="S", help="stop after")
    args = p.parse_args()
    name, _, key = args.key.partition("=")
    keys = [Key(name.encode(), bytes.fromhex(key), P384)]
    begun, sent = time.monotonic(), 0
    with spoofing(args.name) as s:
        while time.monotonic() < begun + args.time and sent < MAX:
            craft = hostile.Craft(keys, address(args.to), int(time.time() * 1000), Random())
            s.sendto(craft.make(), (args.to, PORT))
            sent += 1
            time.sleep(max(0.0, begun + sent * args.every - time.monotonic()))
    print("sent %d" % sent)


if __name__ == "__main__":
    main()
