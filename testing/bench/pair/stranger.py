# SPDX-License-Identifier: GPL-2.0-or-later
"""A host beside a pair that belongs to no community, and what it sends.

Run by itself it sends: stranger.py FILE RATE SECONDS, the datagrams of a file at
a steady rate, again and again. With a FILE alone it listens to the pair's
link and writes the Sess0 that the initiator sends there, until it is ended.
"""

import json
import os
import socket
import subprocess
import sys
import time

SPACE = "coi-bench-stranger"
# an address that the responder's connection covers
ADDRESS, GATEWAY = "10.1.250.2", "10.1.250.1"
PORT = 4570
TICK = 0.002
# between Sess2 and Sess0 of both suites, with all headers
SESS0 = 500
ETHERNET, IP, UDP = 14, 20, 8
ALL, IPV4 = 0x0003, 0x0800      # protocols of frames


class Stranger:
    """The host, beside a pair that is up; a context."""

    def __init__(self, pair, folder):
        self.pair = pair
        self.file = os.path.join(folder, "stranger")

    def __enter__(self):
        from . import daemons
        self.__exit__()
        two = self.pair.responder.space
        for command in (
                f"ip netns add {SPACE}",
                f"ip link add eth0 netns {SPACE} type veth peer name eth1 netns {two}",
                f"ip -n {SPACE} link set eth0 up", f"ip -n {two} link set eth1 up",
                f"ip -n {SPACE} address add {ADDRESS}/24 dev eth0",
                f"ip -n {two} address add {GATEWAY}/24 dev eth1",
                f"ip -n {SPACE} route add {daemons.RESPONDERS} via {GATEWAY}"):
            daemons.run(*command.split())
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", SPACE], capture_output=True, check=False)

    def overhear(self, opened):
        """What the initiator sends to open while a function runs: [address, hex]."""
        file = self.file + ".heard"
        with subprocess.Popen(["ip", "netns", "exec", self.pair.initiator.space, sys.executable,
                               __file__, file]) as process:
            while not os.path.exists(file):
                time.sleep(0.05)
            opened()
            time.sleep(0.2)
            process.terminate()
        with open(file, encoding="ascii") as stream:
            heard = [json.loads(line) for line in stream]
        os.unlink(file)
        return heard

    def start(self, datagrams, rate, seconds):
        """Send for some seconds. Returns the process, which prints how many it sent."""
        with open(self.file, "w", encoding="ascii") as stream:
            json.dump(datagrams, stream)
        return subprocess.Popen(["ip", "netns", "exec", SPACE, sys.executable, __file__, self.file,
                                 str(rate), str(seconds)], stdout=subprocess.PIPE, text=True)


def listen(path):
    """Write what the initiator sends to open."""
    # what leaves is shown only to who listens to all protocols
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    sock.bind(("eth0", ALL))
    with open(path, "w", encoding="ascii", buffering=1) as file:
        while True:
            frame, link = sock.recvfrom(65536)
            packet = frame[ETHERNET:]
            if link[2] != socket.PACKET_OUTGOING or link[1] != IPV4 or len(packet) < SESS0 or \
                    packet[9] != socket.IPPROTO_UDP or \
                    int.from_bytes(packet[22:24], "big") != PORT:
                continue
            file.write(json.dumps([socket.inet_ntoa(packet[16:20]),
                                   packet[IP + UDP:].hex()]) + "\n")


def send(path, rate, seconds):
    """Send at a steady rate; what the host is too slow for is left out."""
    with open(path, encoding="ascii") as file:
        datagrams = [((address, PORT), bytes.fromhex(data)) for address, data in json.load(file)]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    begin = last = time.monotonic()
    sent = 0
    owed = 0.0
    while (now := time.monotonic()) < begin + seconds:
        owed = min(owed + (now - last) * rate, 10 * TICK * rate)
        last = now
        for _ in range(int(owed)):
            address, data = datagrams[sent % len(datagrams)]
            try:
                sock.sendto(data, address)
            except OSError:
                pass        # refused: nobody is there
            sent += 1
        owed -= int(owed)
        time.sleep(TICK)
    print(sent)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        listen(sys.argv[1])
    else:
        send(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
