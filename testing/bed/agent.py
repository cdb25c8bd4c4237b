# SPDX-License-Identifier: GPL-2.0-or-later
"""Pid 1 of a host: reaps, takes the system log, answers systemctl."""

import os
import re
import selectors
import signal
import socket
import threading
import time

from .services import Processes, Services

LOGS = {3: "daemon.log", 4: "auth.log", 10: "auth.log"}
REQUESTS = "/run/bed/systemctl"


class Log:
    """Writes what comes in at /dev/log to the files of a Debian syslog."""

    def __init__(self, hostname):
        self.hostname = hostname

    def message(self, data):
        match = re.match(rb"<(\d+)>(?:\w{3} [ \d]\d [\d:]{8} )?(.*)", data,
                         re.S)
        if not match:
            return
        facility = int(match.group(1)) >> 3
        text = match.group(2).rstrip(b"\n\0").decode(errors="replace")
        self._append(LOGS.get(facility, "syslog"), text)

    def system(self, who, text):
        for line in text.splitlines():
            self._append("daemon.log", f"{who}[1]: {line}")

    def _append(self, file, text):
        # opened each time: scenarios remove and truncate the file
        stamp = time.strftime("%b %e %T")
        with open("/var/log/" + file, "a") as stream:
            stream.write(f"{stamp} {self.hostname} {text}\n")


def _datagram(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    os.chmod(path, 0o666)
    sock.setblocking(False)
    return sock


def _drain(sock, take):
    while True:
        try:
            take(sock.recv(65536))
        except BlockingIOError:
            return


def _serve(services, line):
    """Answers one line, REPLY-FIFO TAB words, of the systemctl script."""
    reply, *words = line.rstrip("\t").split("\t")
    try:
        status, text = services.control(words)
    except Exception as error:      # the caller waits for an answer
        status, text = 1, f"systemctl: {error!r}"
    if text and not text.endswith("\n"):
        text += "\n"
    try:
        # without a reader yet this waits; the script opens it next
        with open(reply, "w") as stream:
            stream.write(f"{status}\n{text}")
    except OSError:
        pass


def main(hostname, ready, wrapper):
    """Runs until it is killed; calls ready() when it serves."""
    log = Log(hostname)
    processes = Processes()
    services = Services(processes, log.system, wrapper)
    selector = selectors.DefaultSelector()

    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *args: None)
    # the kernel keeps default-action signals away from pid 1
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    logging = _datagram("/run/systemd/journal/dev-log")
    os.symlink("/run/systemd/journal/dev-log", "/dev/log")
    notify = _datagram("/run/systemd/notify")
    os.makedirs(os.path.dirname(REQUESTS), exist_ok=True)
    os.mkfifo(REQUESTS, 0o600)
    requests = os.open(REQUESTS, os.O_RDWR | os.O_NONBLOCK)
    for item in (wake_read, logging, notify, requests):
        selector.register(item, selectors.EVENT_READ)
    # this thread only: a log line is in its file when its sender goes on
    os.nice(-10)
    ready()

    pending = b""
    while True:
        for key, _ in selector.select():
            if key.fileobj is logging:
                _drain(logging, log.message)
            elif key.fileobj is notify:
                _drain(notify, services.notified)
            elif key.fileobj == requests:
                pending += os.read(requests, 4096)
                *lines, pending = pending.split(b"\n")
                for line in lines:
                    threading.Thread(target=_serve, daemon=True,
                                     args=(services, line.decode())).start()
            else:
                os.read(wake_read, 4096)
                processes.reap()
