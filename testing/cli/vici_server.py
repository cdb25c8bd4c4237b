# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays the plugin's control socket: answers what a test wants answered."""

import socket
import struct
import threading

(CMD_REQUEST, CMD_RESPONSE, CMD_UNKNOWN, EVENT_REGISTER, EVENT_UNREGISTER, EVENT_CONFIRM,
 EVENT_UNKNOWN, EVENT) = range(8)


def _name(kind, name):
    return bytes([kind, len(name.encode())]) + name.encode()


def _value(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack("!H", len(data)) + data


def encode(message):
    """A dict as a VICI message: dicts are sections, lists are lists."""
    out = b""
    for key, value in message.items():
        if isinstance(value, dict):
            out += _name(1, key) + encode(value) + b"\x02"
        elif isinstance(value, list):
            out += _name(4, key) + b"".join(b"\x05" + _value(item) for item in value) + b"\x06"
        else:
            out += _name(3, key) + _value(value)
    return out


def _text(octets):
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets


def decode(data):
    """The key/values and lists of a request without sections."""
    found, items = {}, None
    while data:
        kind, data = data[0], data[1:]
        if kind == 6:
            items = None
            continue
        if kind != 5:
            name, data = data[1:1 + data[0]].decode(), data[1 + data[0]:]
            if kind == 4:
                items = found[name] = []
                continue
        length, = struct.unpack("!H", data[:2])
        value, data = _text(data[2:2 + length]), data[2 + length:]
        if kind == 5:
            items.append(value)
        else:
            found[name] = value
    return found


class Server:
    """Listens on a path. answers maps a command to a list of (event, message),
    the last one with None for the answer; a message may be octets."""

    def __init__(self, path, answers):
        self.answers = answers
        self.requests = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            with conn:
                try:
                    while self._one(conn):
                        pass
                except OSError:
                    pass

    def _one(self, conn):
        head = conn.recv(4, socket.MSG_WAITALL)
        if len(head) < 4:
            return False
        data = conn.recv(struct.unpack("!I", head)[0], socket.MSG_WAITALL)
        name, rest = data[2:2 + data[1]].decode(), data[2 + data[1]:]
        if data[0] == CMD_REQUEST:
            self.requests.append((name, decode(rest)))
            return self._answer(conn, name)
        known = any(name == event for answer in self.answers.values() for event, _ in answer)
        self._send(conn, bytes([EVENT_CONFIRM if known or data[0] == EVENT_UNREGISTER else EVENT_UNKNOWN]))
        return True

    def _answer(self, conn, name):
        if name not in self.answers:
            self._send(conn, bytes([CMD_UNKNOWN]))
            return True
        for event, message in self.answers[name]:
            if message is None:
                if event is None:
                    return False
                continue
            data = message if isinstance(message, bytes) else encode(message)
            self._send(conn, (_name(EVENT, event) if event else bytes([CMD_RESPONSE])) + data)
        return True

    @staticmethod
    def _send(conn, data):
        conn.sendall(struct.pack("!I", len(data)) + data)
