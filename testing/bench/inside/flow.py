# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends an amount of data to the other host and times it, by TCP and by UDP.

iperf3 takes a second at least, and as long to start as some slices last.
"""

import socket
import struct
import threading
import time

PORT = 5201

# of UDP: octets of a datagram, how many of them are answered by one
DATAGRAM = 1200
WINDOW = 8
LENGTH = struct.Struct("!Q")
PATIENCE = 20


class Sink:
    """Takes what the other host sends, and says so."""

    def __init__(self):
        self.listener = socket.create_server(("", PORT))
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("", PORT))
        for target in self._tcp, self._udp:
            threading.Thread(target=target, daemon=True).start()

    def _tcp(self):
        buffer = bytearray(1 << 18)
        stream, _ = self.listener.accept()
        while True:
            head = stream.recv(LENGTH.size, socket.MSG_WAITALL)
            if len(head) < LENGTH.size:
                return
            left, = LENGTH.unpack(head)
            while left:
                got = stream.recv_into(buffer, min(left, len(buffer)))
                if not got:
                    return
                left -= got
            stream.sendall(b"!")

    def _udp(self):
        while True:
            data, sender = self.datagrams.recvfrom(DATAGRAM)
            # the last one of those that are under way
            if data[0]:
                self.datagrams.sendto(b"!", sender)


class Source:
    """Sends to the other host's sink; the connection stays."""

    def __init__(self, address):
        self.stream = socket.create_connection((address, PORT), PATIENCE)
        self.stream.settimeout(PATIENCE)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.settimeout(PATIENCE)
        self.datagrams.connect((address, PORT))

    def tcp(self, octets):
        """Send so many octets; returns how many, and the s that it took."""
        block = bytes(1 << 17)
        begin = time.monotonic()
        self.stream.sendall(LENGTH.pack(octets))
        left = octets
        while left:
            left -= self.stream.send(block[:left] if left < len(block) else block)
        self.stream.recv(1)
        return octets, time.monotonic() - begin

    def udp(self, octets):
        """The same with datagrams, of which the other host answers some."""
        one, last = bytes(DATAGRAM), b"\1" + bytes(DATAGRAM - 1)
        rounds = max(1, octets // (DATAGRAM * WINDOW))
        begin = time.monotonic()
        for _ in range(rounds):
            for _ in range(WINDOW - 1):
                self.datagrams.send(one)
            self.datagrams.send(last)
            self.datagrams.recv(1)
        return rounds * WINDOW * DATAGRAM, time.monotonic() - begin
