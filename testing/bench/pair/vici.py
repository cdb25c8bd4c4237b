# SPDX-License-Identifier: GPL-2.0-or-later
"""Speaks VICI to a charon: requests, answers and what is streamed before them."""

import socket
import struct

(CMD_REQUEST, CMD_RESPONSE, CMD_UNKNOWN, EVENT_REGISTER, EVENT_UNREGISTER, EVENT_CONFIRM,
 EVENT_UNKNOWN, EVENT) = range(8)
SECTION_START, SECTION_END, KEY_VALUE, LIST_START, LIST_ITEM, LIST_END = range(1, 7)


class Failed(Exception):
    """charon answered success = no, or not as VICI has it."""


def _name(kind, name):
    data = name.encode()
    return bytes([kind, len(data)]) + data


def _value(value):
    data = value if isinstance(value, bytes) else str(value).encode()
    return struct.pack("!H", len(data)) + data


def encode(message):
    """Encode a dict: dicts are sections, lists are lists, all else is a value."""
    out = []
    for key, value in message.items():
        if isinstance(value, dict):
            out += [_name(SECTION_START, key), encode(value), bytes([SECTION_END])]
        elif isinstance(value, list):
            out += [_name(LIST_START, key)]
            out += [bytes([LIST_ITEM]) + _value(item) for item in value]
            out += [bytes([LIST_END])]
        else:
            out += [_name(KEY_VALUE, key), _value(value)]
    return b"".join(out)


def decode(data):
    """Decode into a dict; the last of two keys of one name stays."""
    top = {}
    stack = [top]
    items = None
    at = 0

    def name():
        nonlocal at
        length = data[at]
        at += 1 + length
        return data[at - length:at].decode()

    def value():
        nonlocal at
        length, = struct.unpack_from("!H", data, at)
        at += 2 + length
        return data[at - length:at].decode(errors="replace")

    while at < len(data):
        kind = data[at]
        at += 1
        if kind == SECTION_START:
            key = name()
            stack[-1][key] = {}
            stack.append(stack[-1][key])
        elif kind == SECTION_END:
            stack.pop()
        elif kind == KEY_VALUE:
            key = name()
            stack[-1][key] = value()
        elif kind == LIST_START:
            key = name()
            items = stack[-1][key] = []
        elif kind == LIST_ITEM:
            items.append(value())
        elif kind != LIST_END:
            raise Failed(f"no VICI: element type {kind}")
    return top


class Client:
    """A connection to one charon."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        # without a timeout, or it fails where the daemon is slow to accept
        self.socket.connect(path)
        self.socket.settimeout(120)

    def _send(self, kind, name, message=b""):
        data = _name(kind, name) + message
        self.socket.sendall(struct.pack("!I", len(data)) + data)

    def _receive(self):
        length, = struct.unpack("!I", self._exactly(4))
        return self._exactly(length)

    def _exactly(self, count):
        parts = []
        while count:
            part = self.socket.recv(count)
            if not part:
                raise Failed("charon closed the connection")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def call(self, command, message=None, event=None):
        """Call a command.

        event: name of what it streams, which is registered for and counted.
        Returns the answer and how many events came before it.
        """
        events = 0
        if event:
            self._send(EVENT_REGISTER, event)
            if self._receive()[0] != EVENT_CONFIRM:
                raise Failed(f"charon knows no event {event}")
        self._send(CMD_REQUEST, command, encode(message or {}))
        while True:
            data = self._receive()
            if data[0] == EVENT:
                events += 1
            elif data[0] == CMD_RESPONSE:
                break
            else:
                raise Failed(f"charon knows no command {command}")
        answer = decode(data[1:])
        if event:
            self._send(EVENT_UNREGISTER, event)
            self._receive()
        if answer.get("success") == "no":
            raise Failed(f"{command}: {answer.get('errmsg', 'failed')}")
        return answer, events

    def close(self):
        self.socket.close()
