#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""get.py ADDRESS PORT: asks a web server for its page, and says how long the
connection and the first octet of the answer took."""

import socket
import sys
import time

begin = time.monotonic()
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 5) as sock:
        connected = time.monotonic()
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        first = sock.recv(1)
        arrived = time.monotonic()
        with sock.makefile("rb") as stream:
            text = first + stream.read()
except OSError as error:
    print(f"{error.strerror or error} after {(time.monotonic() - begin) * 1000:.0f} ms")
    sys.exit(1)
print(text.split(b"\r\n", 1)[0].decode(), f"and {len(text)} octets;",
      f"connected after {(connected - begin) * 1000:.0f} ms,",
      f"first octet after {(arrived - begin) * 1000:.0f} ms")
