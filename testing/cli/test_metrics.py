#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coi metrics and coi-exporter, against a control socket that is played here."""

import os
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from coi_cli import COI, NO_CHARON, OK, TOP, USAGE, CliTest, coi
from vici_server import Server

EXPORTER = os.path.join(os.path.dirname(COI), "coi-exporter")
CHECKER = {"__name__": "checker"}
with open(os.path.join(TOP, "testing/hosts/default/usr/local/bin/check-metrics"), encoding="utf-8") as source:
    exec(compile(source.read(), source.name, "exec"), CHECKER)
Malformed, grew, parse = (CHECKER[name] for name in ("Malformed", "grew", "parse"))
YES = {"success": "yes"}
BUCKETS = {"1": "0", "20": "2", "1000": "5"}
ANSWERS = {
    "version": [(None, {"version": "1.2.3", "protocol": "1", "charon": "5.9.8", "suites": []})],
    "status": [("peer", {"peer": "10.0.0.2", "superseded": "no", "age": "3", "communities": {}}),
               ("peer", {"peer": "10.0.0.3", "superseded": "no", "communities": {}}),
               ("peer", {"peer": "10.0.0.2", "superseded": "yes", "age": "9", "communities": {}}),
               ("refused", {"peer": "10.0.0.4", "me": "10.0.0.1", "left": "3"}), (None, YES)],
    "communities": [("community", {"name": 'od"d\\', "connection": "coi", "generations": {"1": {"fingerprint": "x"}},
                                   "state": "on", "member-count": "1"}),
                    ("community", {"name": "lab", "connection": "coi", "generations": {}, "state": "disabled",
                                   "member-count": "0"}), (None, YES)],
    "counters": [(None, {"counts": {"received": "9", "opened": "4", "held": "2"}, "refused": {"time": "7"}})],
    "measures": [(None, {"stages": {"open": {"buckets": BUCKETS, "count": "6", "sum": "2345"}},
                         "traffic": {'od"d\\': {"bytes-in": "18446744073709", "bytes-out": "2", "packets-in": "3",
                                                  "packets-out": "4"}},
                         "waiting": "3"})],
    "mistakes": [("mistake", {"connection": "a", "text": "b"}), (None, YES)],
}


class Metrics(CliTest):
    """In both ways."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "socket")

    def serve(self):
        server = Server(self.path, ANSWERS)
        self.addCleanup(server.close)
        return server

    def check(self, text):
        """All that is said."""
        found = parse(text)

        def value(name, sample=None, **labels):
            return found[name][1][sample or name, tuple(labels.items())]
        self.assertEqual(value("coi_up"), 1)
        self.assertEqual(value("coi_build_info", version="1.2.3", charon="5.9.8"), 1)
        self.assertEqual([value("coi_sessions", state=state) for state in ("open", "opening", "superseded")], [1, 1, 1])
        self.assertEqual(value("coi_peers_refused"), 1)
        self.assertEqual(value("coi_connections_unusable"), 1)
        odd = 'od\\"d\\\\'
        self.assertEqual(value("coi_community_members", community=odd, connection="coi"), 1)
        self.assertEqual(value("coi_community_disabled", community="lab", connection="coi"), 1)
        self.assertEqual([value("coi_communities", state=state) for state in ("configured", "up")], [2, 1])
        self.assertEqual(value("coi_openings_ended_total", result="opened"), 4)
        self.assertEqual(value("coi_refused_total", reason="time"), 7)
        self.assertEqual(value("coi_held_packets"), 3)
        self.assertEqual(value("coi_community_bytes_total", community=odd, direction="in"), 18446744073709)
        self.assertEqual(value("coi_duration_seconds", "coi_duration_seconds_bucket", stage="open", le="0.020"), 2)
        self.assertEqual(value("coi_duration_seconds", "coi_duration_seconds_bucket", stage="open", le="+Inf"), 6)
        self.assertEqual(value("coi_duration_seconds", "coi_duration_seconds_sum", stage="open"), 2.345)
        self.assertEqual(grew(text, text), [])

    def test_command(self):
        self.serve()
        self.check(self.expect(coi("metrics", "--uri", "unix://" + self.path), OK).stdout)

    def test_no_charon(self):
        self.refused("metrics", "--uri", "unix://" + self.path, says="nobody listens", status=NO_CHARON)

    def start(self, *args, listening=None):
        """Start it. Returns its address."""
        def hand_over():
            os.environ["LISTEN_PID"] = str(os.getpid())
            os.environ["LISTEN_FDS"] = "1"
            os.dup2(listening.fileno(), 3)
            os.execv(EXPORTER, [EXPORTER, *args, "--uri", "unix://" + self.path])
        if listening:
            pid = os.fork()
            if not pid:
                try:
                    hand_over()
                finally:
                    os._exit(1)

            def end():
                os.kill(pid, 15)
                self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), OK)
        else:
            done = subprocess.Popen([EXPORTER, *args, "--uri", "unix://" + self.path])

            def end():
                done.terminate()
                self.assertEqual(done.wait(10), OK)
        self.addCleanup(end)

    @staticmethod
    def free_port():
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            return one.getsockname()[1]

    @staticmethod
    def get(port, path="/metrics", method="GET", data=None):
        for _ in range(100):
            try:
                with urllib.request.urlopen(urllib.request.Request(
                        f"http://127.0.0.1:{port}{path}", data, method=method), timeout=10) as answer:
                    return answer.status, answer.headers["Content-Type"], answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, None, error.read().decode()
            except urllib.error.URLError:
                time.sleep(0.05)
        raise TimeoutError

    def test_exporter(self):
        port = self.free_port()
        self.start("--port", str(port))
        # charon comes, goes and comes again
        self.assertEqual(parse(self.get(port)[2]), {"coi_up": ("gauge", {("coi_up", ()): 0})})
        for _ in range(2):
            server = self.serve()
            status, kind, text = self.get(port)
            self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
            self.check(text)
            server.close()
            os.unlink(self.path)
            self.assertIn("coi_up 0\n", self.get(port)[2])
        self.assertEqual(self.get(port, "/")[0], 404)
        self.assertEqual(self.get(port, method="POST", data=b"x" * 100)[0], 405)
        self.assertEqual(self.get(port, method="HEAD")[::2], (200, ""))

    def test_socket_is_handed_over(self):
        self.serve()
        listening = socket.socket()
        self.addCleanup(listening.close)
        listening.bind(("127.0.0.1", 0))
        listening.listen(4)
        self.start(listening=listening)
        self.check(self.get(listening.getsockname()[1])[2])

    def test_usage(self):
        for wrong in (["--port", "0"], ["--port", "x"], ["--bogus"], ["operand"], ["--listen", "here"]):
            done = subprocess.run([EXPORTER, *wrong], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout), (USAGE if wrong[0] != "--listen" else 1, ""), wrong)
        done = subprocess.run([EXPORTER, "--help"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertIn("usage: coi-exporter", done.stdout)

    def test_checker(self):
        for wrong in ("x 1\n", "# HELP a b\n# TYPE a counter\na 1\n", "# HELP a_total b\n# TYPE a_total counter\na_total -1\n",
                      "# HELP a b\n# TYPE a gauge\na{b=\"c\",b=\"d\"} 1\n", "# HELP a b\n# TYPE a gauge\na 1\na 1\n",
                      "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_count 2\na_sum 1\n",
                      "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n",
                      "# HELP a b\n# TYPE a gauge\na 1"):
            with self.assertRaises(Malformed, msg=wrong):
                parse(wrong)


if __name__ == "__main__":
    unittest.main()
