# SPDX-License-Identifier: GPL-2.0-or-later
"""The interface to a target: its MAC address, what is sent, everything that is heard."""

import errno
import ipaddress
import json
import os
import select
import socket
import struct
import subprocess
import threading
import time

from . import packets
from .pdus import Unusable

ALL = 0x0003
SOL_PACKET, ADD_MEMBERSHIP, STATISTICS, IGNORE_OUTGOING, PROMISC = 263, 1, 6, 23, 1
SO_RCVBUFFORCE = 33
OUTGOING = 4
EVERYBODY = b"\xff" * 6
# frames that are kept; beyond these they are counted only
KEPT = 20000


class Route:
    """Where a target is: interface, own address, next hop."""

    def __init__(self, address):
        try:
            self.address = str(ipaddress.ip_address(address))
        except ValueError:
            raise Unusable(f"{address}: no address of IPv4 or IPv6") from None
        kind = ipaddress.ip_address(address)
        if kind.is_multicast or kind.is_unspecified or kind.is_loopback or \
                self.address == "255.255.255.255":
            raise Unusable(f"{address}: no host's address")
        done = subprocess.run(["ip", "-j", "route", "get", self.address], capture_output=True,
                              text=True, check=False)
        try:
            route = json.loads(done.stdout)[0]
        except (ValueError, IndexError):
            raise Unusable(f"{address}: {done.stderr.strip() or 'no route'}") from None
        if route.get("type") == "local" or route.get("dev") == "lo":
            raise Unusable(f"{address} is this host's own")
        self.interface = route["dev"]
        self.own = route.get("prefsrc") or route.get("src")
        self.gateway = route.get("gateway")
        if not self.own:
            raise Unusable(f"{address}: {self.interface} has no address of that family")


class Link:
    """A packet socket on an interface, heard by a thread of its own until close()."""

    def __init__(self, interface):
        self.interface = interface
        try:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
        except PermissionError:
            raise Unusable("packet sockets need root (CAP_NET_RAW)") from None
        self.socket.bind((interface, ALL))
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        except OSError:
            pass
        try:
            self.socket.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
        except OSError:
            pass        # older than Linux 4.20
        index = socket.if_nametoindex(interface)
        # what goes to others is seen where the link shows it
        self.socket.setsockopt(SOL_PACKET, ADD_MEMBERSHIP,
                               struct.pack("iHH8s", index, PROMISC, 0, b""))
        with open(f"/sys/class/net/{interface}/address", encoding="ascii") as stream:
            self.mac = bytes.fromhex(stream.read().strip().replace(":", ""))
        self.heard, self.lost = [], 0
        self.watched = set()        # MACs and addresses whose frames are kept
        self.stopping, self.stop = os.pipe()
        self.thread = threading.Thread(target=self._hear, daemon=True)
        self.thread.start()

    def _hear(self):
        while True:
            ready, _, _ = select.select([self.socket, self.stopping], [], [])
            if self.stopping in ready:
                return
            frame, where = self.socket.recvfrom(65536)
            if where[2] == OUTGOING or len(frame) < 14:
                continue
            if frame[6:12] in self.watched or source(frame) in self.watched:
                if len(self.heard) < KEPT:
                    self.heard.append((time.monotonic(), frame))
                else:
                    self.lost += 1

    def send(self, mac, ethertype, packet):
        """Send a frame; whether the kernel took it."""
        frame = mac + self.mac + struct.pack("!H", ethertype) + packet
        for _ in range(50):
            try:
                self.socket.send(frame)
                return True
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    return False
                time.sleep(0.002)
        return False

    def resolve(self, own, address):
        """The MAC address of a neighbour, by a question of our own."""
        own, address = packets.octets(own), packets.octets(address)
        six = len(address) == 16
        if six:
            group = packets.octets("ff02::1:ff00:0")[:13] + address[13:]
            body = packets.icmp6(own, group, 135, 0, data=address + b"\1\1" + self.mac)
            ask = b"\x33\x33" + group[12:], packets.ETH_IPV6, \
                packets.ip6(own, group, packets.ICMP6, body, hops=255)
        else:
            ask = EVERYBODY, packets.ETH_ARP, struct.pack(
                "!HHBBH6s4s6s4s", 1, packets.ETH_IP, 6, 4, 1, self.mac, own, bytes(6), address)
        self.watched.add(address)
        try:
            for _ in range(5):
                begin = time.monotonic()
                self.send(*ask)
                while time.monotonic() - begin < 0.5:
                    for _, frame in list(self.heard):
                        if answers(frame, address):
                            return frame[6:12]
                    time.sleep(0.005)
        finally:
            self.watched.discard(address)
            self.heard.clear()
        raise Unusable(f"{packets.text(address)} does not answer on {self.interface}: nobody has "
                       "that address, so that nothing was tried")

    def missed(self):
        """How many frames the kernel had no room for since the last call."""
        return struct.unpack("II", self.socket.getsockopt(SOL_PACKET, STATISTICS, 8))[1]

    def close(self):
        """Hear no more."""
        os.write(self.stop, b"x")
        self.thread.join()
        self.socket.close()
        for fd in (self.stop, self.stopping):
            os.close(fd)


def source(frame):
    """The address that a frame comes from, also in ARP."""
    kind = frame[12:14]
    if kind == b"\x08\0":
        return frame[26:30]
    if kind == b"\x86\xdd":
        return frame[22:38]
    if kind == b"\x08\x06":
        return frame[28:32]
    return None


def answers(frame, address):
    """Whether a frame is what resolve() waits for."""
    if len(address) == 4:
        return frame[12:14] == b"\x08\x06" and frame[28:32] == address
    return frame[12:14] == b"\x86\xdd" and frame[20] == packets.ICMP6 and frame[54] == 136 and \
        frame[62:78] == address
