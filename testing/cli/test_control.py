#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coi(1)'s commands for the control socket, against one that is played here."""

import json
import os
import tempfile
import unittest

import jsonschema

from coi_cli import CLEAR, FAILED, NO_CHARON, OK, TOP, USAGE, CliTest, coi
from vici_server import Server

SPI = "0123456789abcdef"
PEER = {
    "peer": "10.0.0.2", "me": "10.0.0.1", "connection": "coi", "spi-i": SPI, "spi-r": SPI,
    "role": "initiator", "state": "OPEN", "suite": "p384", "superseded": "no",
    "identity": "sun \x1b[31m".encode() + b"\xff", "age": "7200",
    "communities": {
        "finance": {"state": "INSTALLED", "bytes-in": "18446744073709", "fingerprint": "aa"},
        "yes": {"state": "INSTALLED"},
    },
    "bytes-in": "120", "bytes-out": "0", "last-traffic": "0", "rekey-in": "119", "may-join": [],
    "virtual-there": ["10.3.0.7", "fd03::7"],
}
NATTED = dict(PEER, peer="10.0.0.4", port="1025", encap="yes", **{"nat-here": "no", "nat-there": "yes", "virtual-here": ["10.4.0.1"]})
del NATTED["virtual-there"]
OPENING = {"peer": "10.0.0.3", "me": "10.0.0.1", "superseded": "no", "role": "initiator",
           "attempt": "2", "attempts-left": "2", "held": "3", "communities": {}, "may-join": ["a", "b"]}
REFUSED = {"peer": "fd01::1", "me": "fd01::2", "left": "9"}
COMMUNITY = {"name": "finance", "connection": "coi", "suite": "p384", "state": "on",
             "generations": {"1": {"fingerprint": "old"}, "2": {"fingerprint": "new"}},
             "offers": ["tcp/80"], "uses": [], "members": ["10.0.0.2"], "member-count": "1"}
NO_KEY = {"name": "board", "connection": "coi", "suite": "p384", "state": "disabled", "generations": {},
          "offers": [], "uses": [], "members": [], "member-count": "0"}
YES = {"success": "yes"}
with open(os.path.join(TOP, "docs/coi.schema.json"), encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)
ANSWERS = {
    "version": [(None, {"version": "1.2.3", "protocol": "1", "charon": "5.9.8", "suites": ["p384", "x"]})],
    "status": [("peer", PEER), ("peer", OPENING), ("refused", REFUSED), (None, YES)],
    "communities": [("community", COMMUNITY), ("community", NO_KEY), (None, YES)],
    "counters": [(None, {"counts": {"sent": "3", "opened": "0"}, "refused": {"replay": "2", "time": "0"}})],
    "why": [(None, {"success": "yes", "peer": "10.0.0.2", "service": "tcp/443", "direction": "out",
                    "verdict": "blocked", "decision": "filter-here", "text": "no\x1b way",
                    "setting": "connections.coi.children.finance.remote_ts", "held": "0"})],
    "watch": [("event", {"number": "7", "time": "1700000000123", "event": "closed", "peer": "10.0.0.2",
                         "identity": "sun\n\x1b", "reason": "terminated", "text": "bye", "age": "5"}),
              (None, {"success": "yes", "next": "7", "lost": "2"})],
    "disable": [(None, {"success": "yes", "closed": "1", "kept": "no"})],
    "enable": [(None, {"success": "yes", "on-demand": "yes", "kept": "yes"})],
    "open": [(None, YES)],
    "close": [(None, {"success": "yes", "closed": "2"})],
    "forget": [(None, {"success": "yes", "forgotten": "3"})],
    "user": [(None, {"success": "yes", "user": "al\x1bice", "user-since": "1800000000999", "renewed": "2"})],
}
NOTHING = dict(ANSWERS, status=[("peer", None), ("refused", None), (None, YES)],
               communities=[("community", None), (None, YES)])


class Control(CliTest):
    """Each command, in both forms, and what may go wrong."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "socket")

    def serve(self, answers):
        if os.path.exists(self.path):
            os.unlink(self.path)
        server = Server(self.path, answers)
        self.addCleanup(server.close)
        return server

    def test_peer_behind_a_nat(self):
        self.serve(dict(ANSWERS, status=[("peer", NATTED), ("refused", None), (None, YES)]))
        (peer,) = self.json("peers")["peers"]
        self.assertEqual((peer["port"], peer["nat-here"], peer["nat-there"], peer["encap"]), (1025, False, True, True))
        self.assertIn("open, in UDP", self.run_coi("peers").stdout)
        self.assertRegex(self.run_coi("peers").stdout, r"here 10\.4\.0\.1\n")

    def test_peer_without_esp(self):
        peer = dict(PEER, encap="yes", unheard="yes", **{"no-esp": "86399"})
        self.serve(dict(ANSWERS, status=[("peer", peer), ("refused", None), (None, YES)]))
        value = self.json("peers")
        self.assertEqual((value["peers"][0]["no-esp"], value["peers"][0]["unheard"]), (86399, True))
        self.assertIn("open, in UDP (no ESP), unheard  ", self.run_coi("peers").stdout)
        self.assertEqual(self.json("status")["unheard"], 1)
        self.assertIn("unheard      1 sessions through which nothing has come in", self.run_coi("status").stdout)

    def run_coi(self, *args, status=OK, output=False):
        return self.expect(coi(*args, "--uri", "unix://" + self.path), status, output)

    def json(self, *args):
        return json.loads(self.run_coi(*args, "--json").stdout)

    def validate(self, name, value):
        """Whether it is what docs/coi.schema.json says."""
        jsonschema.validate(value, {**SCHEMA, "$ref": f"#/$defs/{name}"})

    def test_schema(self):
        """What is promised of the commands that answer with few things; check-schema looks at the others."""
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        self.serve(ANSWERS)
        for args, status in ((("counters",), OK), (("forget",), OK), (("open", "10.0.0.2"), OK),
                             (("close", "10.0.0.2"), OK), (("disable", "lab"), OK), (("enable", "lab"), OK),
                             (("why", "10.0.0.2"), FAILED), (("status",), OK)):
            done = self.run_coi(*args, "--json", status=status, output=True)
            if args[0] != "status":
                self.validate(args[0], json.loads(done.stdout))
        line = self.run_coi("watch", "--json", "--past", "--count", "1").stdout
        self.validate("event", json.loads(line))
        for wrong in ({}, {"success": 1, "closed": 0, "kept": True}, {"success": True, "closed": -1, "kept": True}):
            with self.assertRaises(jsonschema.ValidationError):
                self.validate("disable", wrong)

    def test_peers(self):
        self.serve(ANSWERS)
        everything = self.json("peers")
        self.assertEqual([len(everything[key]) for key in ("peers", "refused")], [2, 1])
        first = everything["peers"][0]
        self.assertIs(first["superseded"], False)
        self.assertEqual(first["age"], 7200)
        self.assertEqual(first["spi-i"], SPI)
        self.assertEqual(first["may-join"], [])
        self.assertEqual(first["communities"], [
            {"name": "finance", "state": "INSTALLED", "bytes-in": 18446744073709, "fingerprint": "aa"},
            {"name": "yes", "state": "INSTALLED"}])
        self.assertEqual(everything["peers"][1]["may-join"], ["a", "b"])
        self.assertEqual(everything["refused"], [{"peer": "fd01::1", "me": "fd01::2", "left": 9}])
        table = self.run_coi("peers").stdout.splitlines()
        self.assertEqual(table[0].split()[:4], ["PEER", "IDENTITY", "STATE", "COMMUNITIES"])
        self.assertRegex(table[1], r"^10\.0\.0\.2  sun \?\[31m\?  open  +finance,yes  2h +0s +120  0 +119s +10\.3\.0\.7,fd03::7$")
        self.assertRegex(table[2], r"^10\.0\.0\.3  - +opening 2/4, 3 held  +-")
        self.assertRegex(table[3], r"^fd01::1 .*refused for 9s")

    def test_what_acts_on_a_terminal_is_not_shown(self):
        hostile = "a\u009b1m\u202eb\u2028c\u2066\u200b\ufeff\U000e0061\x7fd\u00fc\u862d\U0001f511"
        self.serve(dict(ANSWERS, status=[("peer", dict(PEER, identity=hostile)), ("refused", None), (None, YES)]))
        for args in (("peers",), ("peers", "--json")):
            shown = self.run_coi(*args).stdout
            for c in hostile:
                self.assertEqual(c in shown, c in "abcd1m\u00fc\u862d\U0001f511", (args, hex(ord(c))))
        # programs get it as it is
        self.assertEqual(self.json("peers")["peers"][0]["identity"], hostile)

    def test_peers_of_an_address(self):
        self.serve(ANSWERS)
        self.assertEqual(len(self.json("peers", "10.0.0.3")["peers"]), 1)
        self.assertEqual(self.json("peers", "FD03:0::7")["peers"][0]["peer"], "10.0.0.2")
        self.run_coi("peers", "10.4.0.1", status=USAGE)
        self.assertEqual(self.json("peers", "10.0.0.3")["refused"], [])
        self.assertEqual(len(self.json("peers", "FD01:0::1")["refused"]), 1)
        done = self.run_coi("peers", "10.0.0.9", status=USAGE)
        self.assertIn("no session with 10.0.0.9: 'coi peers' lists all", done.stderr)
        for wrong in ("sun", "10.0.0.300", "%any", ""):
            self.assertIn("is no address of a peer", self.run_coi("peers", wrong, status=USAGE).stderr)

    def test_communities(self):
        self.serve(ANSWERS)
        found = self.json("communities")["communities"]
        self.assertEqual(found[0]["generations"], [{"number": 1, "fingerprint": "old"},
                                                   {"number": 2, "fingerprint": "new"}])
        self.assertEqual(found[0]["member-count"], 1)
        self.assertEqual(found[1]["generations"], [])
        self.assertEqual([c["name"] for c in self.json("communities", "board")["communities"]], ["board"])
        table = self.run_coi("communities").stdout.splitlines()
        self.assertEqual(table[1].split(), ["finance", "coi", "new", "2", "tcp/80", "-", "1", "on"])
        self.assertEqual(table[2].split(), ["board", "coi", "no", "key", "0", "-", "-", "0", "disabled"])
        done = self.run_coi("communities", "lab", status=USAGE)
        self.assertIn("no community 'lab' is configured, there are: finance,board", done.stderr)

    def test_status(self):
        self.serve(ANSWERS)
        self.assertEqual(self.json("status"), {
            "version": "1.2.3", "protocol": 1, "charon": "5.9.8", "suites": ["p384", "x"],
            "open": 1, "opening": 1, "superseded": 0, "unheard": 0, "refused": 1,
            "communities": [{"name": "finance", "keys": 2, "members": 1, "state": "on"},
                            {"name": "board", "keys": 0, "members": 0, "state": "disabled"}]})
        text = self.run_coi("status").stdout
        self.assertIn("1 open, 1 being opened, 0 superseded", text)
        self.assertIn("finance: 1 connected", text)
        self.assertIn("board: disabled", text)
        self.assertNotIn("CLOSED", text)
        version = dict(ANSWERS["version"][0][1], closed=["port = 1: taken\x1b", "no kernel"])
        version["refused-policies"] = "3"
        self.serve(dict(ANSWERS, version=[(None, version)]))
        self.assertEqual(self.json("status")["closed"], ["port = 1: taken\x1b", "no kernel"])
        text = self.run_coi("status").stdout
        self.assertEqual(self.json("status")["refused-policies"], 3)
        self.assertIn("policies     3 refused by the kernel, tried again\n", text)
        self.assertIn("CLOSED       port = 1: taken?\n             no kernel\n", text)

    def test_counters(self):
        self.serve(ANSWERS)
        self.assertEqual(self.json("counters"), {"counts": {"sent": 3, "opened": 0},
                                                 "refused": {"replay": 2, "time": 0}})
        self.assertEqual(self.run_coi("counters").stdout.split(),
                         ["COUNTER", "VALUE", "sent", "3", "refused:", "replay", "2"])
        self.assertIn("refused: time", self.run_coi("counters", "--all").stdout)

    def test_nothing(self):
        self.serve(NOTHING)
        self.assertEqual(self.json("peers"), {"peers": [], "refused": []})
        self.assertEqual(self.json("communities"), {"communities": []})
        self.assertIn("there are: none", self.run_coi("communities", "lab", status=USAGE).stderr)

    def test_what_is_asked(self):
        server = self.serve(ANSWERS)
        self.assertEqual(self.json("open", "10.0.0.2"), {"success": True, "peer": "10.0.0.2"})
        self.run_coi("open", "FD01:0::1", "-c", "lab", "-t", "500")
        self.assertEqual(self.json("close", "10.0.0.2"), {"success": True, "closed": 2, "peer": "10.0.0.2"})
        self.run_coi("close", "10.0.0.2", "-c", "lab", "-r", "so long")
        self.assertEqual(self.json("forget")["forgotten"], 3)
        self.run_coi("forget", "10.0.0.2")
        self.assertEqual(server.requests, [
            ("open", {"peer": "10.0.0.2"}),
            ("open", {"peer": "fd01::1", "child": "lab", "timeout": "500"}),
            ("close", {"peer": "10.0.0.2"}),
            ("close", {"peer": "10.0.0.2", "community": "lab", "reason": "so long"}),
            ("forget", {}),
            ("forget", {"peer": "10.0.0.2"}),
        ])
        for wrong in ("-1", "x", "86400001", "5 s", ""):
            self.run_coi("open", "10.0.0.2", "--timeout", wrong, status=USAGE)

    def test_user(self):
        server = self.serve(ANSWERS)
        self.assertEqual(self.run_coi("user", "show").stdout, "al?ice since 2027-01-15 08:00:00 UTC\n")
        self.assertIn("2 sessions are renewed", self.run_coi("user", "set", "alice").stdout)
        self.validate("user", self.json("user", "show"))
        server.requests.pop()
        self.assertEqual(self.json("user", "set", "Jürgen", "--since", "17"), {
            "success": True, "user": "al\x1bice", "user-since": 1800000000999, "renewed": 2})
        self.run_coi("user", "clear")
        self.assertEqual(server.requests, [
            ("user", {}), ("user", {"name": "alice"}), ("user", {"name": "Jürgen", "since": "17"}),
            ("user", {"clear": "yes"})])
        self.serve(dict(ANSWERS, user=[(None, {"success": "yes", "renewed": "0"})]))
        self.assertEqual(self.run_coi("user", "show").stdout, "nobody is logged in\n")
        self.run_coi("user", "set", status=USAGE)

    def test_why(self):
        server = self.serve(ANSWERS)
        path = os.path.join(self.folder.name, "swanctl.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("connections {\n  coi {\n    # remote_ts = no\n    include more/*.conf\n  }\n}\n")
        os.mkdir(os.path.join(self.folder.name, "more"))
        more = os.path.join(self.folder.name, "more/a.conf")
        with open(more, "w", encoding="utf-8") as file:
            file.write("children { finance\n{ local_ts = 1\n} }\nx = \"a\nb\"\nchildren { finance { a = b\n"
                       "  remote_ts = dynamic[tcp/1] # not here\n} }\n")
        found = json.loads(self.run_coi("why", "10.0.0.2", "tcp/443", "-f", path, "-j", status=FAILED, output=True).stdout)
        self.assertEqual((found["file"], found["line"], found["set"], found["held"]), (more, 7, True, 0))
        text = self.run_coi("why", "10.0.0.2", "tcp/443", "-f", path, status=FAILED, output=True).stdout
        self.assertEqual(text, "tcp/443 to 10.0.0.2: no? way.\n"
                         f"  decided by connections.coi.children.finance.remote_ts in {more}:7\n")
        os.unlink(more)
        text = self.run_coi("why", "10.0.0.2", "--in", "-f", path, status=FAILED, output=True).stdout
        self.assertIn(f"remote_ts, which is not set in {path}:2\n", text)
        text = self.run_coi("why", "10.0.0.2", "-f", path + ".none", status=FAILED, output=True).stdout
        self.assertTrue(text.endswith("decided by connections.coi.children.finance.remote_ts\n"), text)
        # files that include each other have an end
        for name in "abcdefgh":
            with open(os.path.join(self.folder.name, "more", name + ".conf"), "w", encoding="utf-8") as file:
                file.write("include *.conf\n")
        self.run_coi("why", "10.0.0.2", "-f", os.path.join(self.folder.name, "more/a.conf"), status=FAILED, output=True)
        del server.requests[-1]
        self.assertEqual(server.requests[-2:], [("why", {"peer": "10.0.0.2", "direction": "in"}),
                                                ("why", {"peer": "10.0.0.2", "direction": "out"})])
        for verdict, status in (("tunnel", OK), ("opens", OK), ("waits", OK), ("clear", CLEAR)):
            self.serve({"why": [(None, {"success": "yes", "verdict": verdict, "text": "x", "peer": "10.0.0.2",
                                        "service": "icmp", "decision": "y", "held": "2"})]})
            self.assertEqual(self.run_coi("why", "10.0.0.2", "icmp", status=status, output=True).stdout,
                             "icmp to 10.0.0.2: x.\n")

    def test_watch(self):
        server = self.serve(ANSWERS)
        done = self.run_coi("watch", "--past", "-c", "3")
        self.assertEqual(done.stderr.count("2 events came faster than they were read"), 3)
        for line in done.stdout.splitlines():
            self.assertRegex(line, r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.123 closed 10\.0\.0\.2 \(sun\?\?\), terminated: bye, "
                             r"after 5 s$")
        self.assertEqual(len(done.stdout.splitlines()), 3)
        self.assertEqual([request[1] for request in server.requests], [
            {"after": "0", "wait": "5000"}, {"after": "7", "wait": "5000"}, {"after": "7", "wait": "5000"}])
        lines = self.run_coi("watch", "-c", "2", "-j").stdout.splitlines()
        self.assertEqual([json.loads(line)["time"] for line in lines], [1700000000123] * 2)
        self.assertEqual(server.requests[3], ("watch", {}))
        for wrong in ("0", "x"):
            self.run_coi("watch", "-c", wrong, status=USAGE)

    def test_switches(self):
        server = self.serve(ANSWERS)
        done = self.run_coi("disable", "lab")
        self.assertEqual(done.stdout, "community lab is disabled, 1 sessions carried it\n")
        self.assertIn("will not outlive a restart", done.stderr)
        self.assertIn("isolated", self.run_coi("disable", "--all").stdout)
        self.assertEqual(self.json("enable", "lab"), {"success": True, "on-demand": True, "kept": True})
        done = self.run_coi("enable", "-a")
        self.assertEqual((done.stdout, done.stderr), ("no community is disabled any more\n", ""))
        self.assertEqual(server.requests, [("disable", {"community": "lab"}), ("disable", {"all": "yes"}),
                                           ("enable", {"community": "lab"}), ("enable", {"all": "yes"})])
        for wrong in (("disable",), ("enable",), ("disable", "lab", "-a"), ("enable", "a", "b")):
            self.run_coi(*wrong, status=USAGE)

    def test_ping(self):
        def peer(packets):
            return dict(PEER, peer="127.0.0.1", me="127.0.0.1", communities={
                "lab": {"packets-in": str(packets), "packets-out": str(packets + 1)}})
        why = {"success": "yes", "verdict": "tunnel", "community": "lab", "text": "x"}
        self.serve({"status": [("peer", peer(3)), ("refused", None), (None, YES)], "why": [(None, why)]})
        # nobody listens there: the refusal is an answer
        found = self.json("ping", "127.0.0.1", "tcp/1", "-c", "3", "-i", "10")
        self.assertEqual((found["sent"], found["received"], found["community"]), (3, 3, "lab"))
        self.assertTrue(0 < found["min-ms"] <= found["avg-ms"] <= found["max-ms"] < 2000)
        self.assertEqual((found["tunnel-packets-out"], found["tunnel-packets-in"]), (0, 0))
        self.assertNotIn("exchange-ms", found)
        text = self.run_coi("ping", "127.0.0.1", "tcp/1", "-c", "1").stdout
        self.assertRegex(text, r"^session with 127\.0\.0\.1 was open\ntcp/1 from 127\.0\.0\.1: seq=1 time=\d+\.\d+ ms\n"
                         r"1 sent to 127\.0\.0\.1, 1 answered, min/avg/max .*\nthe tunnel of community lab carried 0 ")
        self.serve({"status": [("peer", peer(3)), ("refused", None), (None, YES)],
                    "why": [(None, dict(why, verdict="blocked", text="no\x1b"))]})
        text = self.run_coi("ping", "127.0.0.1", status=FAILED, output=True).stdout
        self.assertTrue(text.endswith("no round trip measured: no?\n"), text)
        self.serve({"status": [("peer", None), ("refused", None), (None, YES)], "open": [(None, YES)]})
        self.assertIn("has ended again", self.run_coi("ping", "127.0.0.1", status=FAILED).stderr)
        for wrong in (("127.0.0.1", "udp/1"), ("127.0.0.1", "tcp/"), ("127.0.0.1", "tcp/1x"), ("::1", "icmp"),
                      ("127.0.0.1", "-i", "9"), ("127.0.0.1", "-c", "0"), ("sun",)):
            self.run_coi("ping", *wrong, status=USAGE)

    def test_refusals(self):
        for error, status in (("invalid", USAGE), ("failed", FAILED), ("", FAILED)):
            self.serve({"open": [(None, {"success": "no", "error": error, "errmsg": "not\x1b so"})]})
            self.assertEqual(self.run_coi("open", "10.0.0.2", "--json", status=status).stderr, "coi: not? so\n")
        self.serve({"open": [(None, {"success": "no"})]})
        self.assertIn("does not say why", self.run_coi("open", "10.0.0.2", status=FAILED).stderr)

    def test_another_plugin(self):
        self.serve({})
        self.assertIn("knows no command 'open'", self.run_coi("open", "10.0.0.2", status=FAILED).stderr)
        self.assertIn("knows no event 'peer'", self.run_coi("peers", status=FAILED).stderr)

    def test_malformed(self):
        deep = {"a": "b"}
        for _ in range(12):
            deep = {"s": deep}
        for answer in (b"\x02", b"\x03\x05ab", b"\x07", deep):
            self.serve({"open": [(None, answer)]})
            self.assertIn("is malformed", self.run_coi("open", "10.0.0.2", status=FAILED).stderr)
        self.serve(dict(ANSWERS, status=[("peer", b"\x02"), ("refused", REFUSED), (None, YES)]))
        self.assertIn("is malformed", self.run_coi("peers", status=FAILED).stderr)

    def test_no_charon(self):
        done = self.run_coi("status", status=NO_CHARON)
        self.assertIn(f"nobody listens on unix://{self.path}: start charon (systemctl start strongswan)",
                      done.stderr)
        self.serve({"open": [(None, None)]})
        self.assertIn("has ended the connection", self.run_coi("open", "10.0.0.2", status=NO_CHARON).stderr)


if __name__ == "__main__":
    unittest.main()
