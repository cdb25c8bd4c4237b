#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coi doctor: what it finds in files and at a control socket that is played here."""

import json
import os
import socket
import subprocess
import tempfile
import unittest

from coi_cli import COI, FAILED, OK, USAGE, CliTest, coi
from vici_server import Server

KEY = bytes(range(0x51, 0x71)).hex()
CONNECTION = """connections {
  coi {
    remote_addrs = 10.0.0.0/8
    %s
    local-1 { auth = xauth-coi
      %s
    }
    remote { auth = xauth-coi }
    children {
      finance {
        mode = transport
        %s
      }
      lab { }
    }
  }
  ike {
    remote_adrs = 1.2.3.4
  }
}
"""
SECRET = "secrets {\n  ppk-%s {\n    id = %s\n    secret = %s\n  }\n}\n"
YES = {"success": "yes"}

BLOCK, OURS = "action block", "tmpl src 127.0.0.1 dst 127.0.0.1 proto esp reqid %d mode transport"
# what a charon that died may leave: priority, and what else the kernel has of it
LEFT = {
    "errors of what a child drops": (60000, OURS % 0x0C01FFFE),
    "child that drops": (60001, BLOCK),
    "bypass": (199001, "action allow"),
    "IDLE of a virtual address": (265000, OURS % 0x0C010001),
    "flow of a virtual address": (265001, OURS % 0x0C010001),
    "flow of a virtual address, last community": (265096, OURS % 0x0C010001),
    "errors of a virtual address": (265500, OURS % 0x0C01FFFE),
    "block of a virtual address": (265501, BLOCK),
    "IDLE": (266001, OURS % 0x0C010001),
    "flow": (266002, OURS % 0x0C010001),
    "flow, last community": (266097, OURS % 0x0C010001),
    "flow of a child with a priority": (4711, OURS % 0x0C010001),
    "errors of a pair": (365000, OURS % 0x0C01FFFE),
    "flow of a community that may join": (365001, OURS % 0x0C010001),
    "block of a pair": (366001, BLOCK),
    "refused peer": (366002, BLOCK),
    "errors of a network": (367001, OURS % 0x0C01FFFE),
    "block of a network": (367002, BLOCK),
    "block of the widest network": (367514, BLOCK),
    "trap of the widest network": (367516, OURS % 0x0C010001),
    "virtual address that is gone": (398001, BLOCK),
    "errors": (398999, OURS % 0x0C01FFFE),
    "hold": (399000, OURS % 0x0C01FFFF),
    "trap": (399001, OURS % 0x0C010001),
    "connection that is closed": (399002, BLOCK),
    "led astray": (900001, BLOCK),
}
# what others have there: charon's shunts, a trap of IKE, blocks of administrators
OTHERS = (
    (0, BLOCK), (1000, BLOCK), (60002, BLOCK), (175423, "action allow"), (199000, "action allow"), (265502, BLOCK),
    (366000, BLOCK), (366003, BLOCK), (367000, BLOCK), (367517, BLOCK), (399006, BLOCK), (575423, BLOCK), (900002, BLOCK),
    (375423, OURS % 1), (399001, OURS % 0x0C020000), (2 ** 32 - 1, BLOCK),
)


class Doctor(CliTest):
    """Findings, by what they are about."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.socket = os.path.join(self.folder, "socket")

    def path(self, name, content, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def findings(self, *checks, conf="", options="", status=(OK, FAILED), mode=0o600):
        """Findings of certain checks that are not well: result, text, remedy."""
        path = self.path("swanctl.conf", conf, mode)
        done = coi("doctor", "--json", "--file", path, "--uri", "unix://" + self.socket,
                   "--root", self.folder, env={"STRONGSWAN_CONF": self.path("strongswan.conf", options)})
        self.assertIn(done.returncode, status, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, FAILED if found["warn"] + found["fail"] else OK)
        self.assertNotIn(KEY[:16], done.stdout)
        for one in found["findings"]:
            self.assertEqual(set(one) - {"remedy"}, {"check", "result", "text"})
            self.assertEqual("remedy" in one, one["result"] != "OK", one)
        return [(one["result"], one["text"].replace(path, "FILE"), one["remedy"])
                for one in found["findings"] if one["check"] in checks and one["result"] != "OK"]

    def config(self, **kwargs):
        return self.findings("setting", "key", "option", "swanctl.conf", **kwargs)

    def conf(self, conn="", auth="", child="", secrets=None):
        both = SECRET % ("a", "finance", "0x" + KEY) + SECRET % ("b", "lab", "0x" + KEY[::-1])
        return CONNECTION % (conn, auth, child) + (both if secrets is None else secrets)

    def test_well(self):
        self.assertEqual(self.config(conf=self.conf("dpd_delay = 5", "id = sun", "local_ts = 1")), [])

    def test_settings(self):
        text, conf = "no such setting, swanctl refuses the connection", self.conf
        self.assertEqual(self.config(conf=conf("dpd_dely = 5")), [
            ("FAIL", f"FILE:4: connections.coi.dpd_dely: {text}", "write dpd_delay, or remove it")])
        self.assertEqual(self.config(conf=conf(auth="ids = moon")), [
            ("FAIL", f"FILE:6: connections.coi.local-1.ids: {text}", "write id, or remove it")])
        self.assertEqual(self.config(conf=conf(child="start-action = trap")), [
            ("FAIL", f"FILE:12: connections.coi.children.finance.start-action: {text}",
             "write start_action, or remove it")])
        self.assertEqual(self.config(conf=conf(child="quite_another = trap"))[0][2],
                         "remove it, swanctl.conf(5) lists all that there are")
        self.assertEqual(self.config(conf=conf("locale { auth = psk }")), [])
        self.assertEqual(self.config(conf=conf("chldren { }"))[0][2], "write children, or remove it")

    def test_keys(self):
        def found(*secrets):
            return self.config(conf=self.conf(secrets="".join(SECRET % secret for secret in secrets)))
        good, other = ("a", "finance", "0x" + KEY), ("b", "lab", "0x" + KEY[::-1])
        self.assertEqual(found(good), [("WARN", "FILE:14: community 'lab' of connection 'coi' has no key in the file",
                                        "add secrets { ppk-lab { id = lab  secret = 0x... } }")])
        self.assertIn("secrets.ppk-c has 16 octets, a community's key has 32: it is not used",
                      found(good, other, ("c", "lab", "0x" + KEY[:32]))[0][1])
        self.assertIn("secrets.ppk-c has 3 octets", found(good, other, ("c", "lab", "abc"))[0][1])
        self.assertIn("secrets.ppk-c is not random: its 32 octets have only 1 values",
                      found(good, other, ("c", "lab", "0x" + "77" * 32))[0][1])
        self.assertIn("secrets.ppk-c is the same key as secrets.ppk-a",
                      found(good, other, ("c", "lab", "0x" + KEY))[0][1])
        self.assertIn("secrets.ppk-c is a key for 'Lab', which no COI connection has as child",
                      found(good, other, ("c", "Lab", "0x" + KEY[2:] + "00"))[0][1])

    def test_clear_children(self):
        def found(mode, secrets=None):
            return self.config(conf=self.conf(secrets=secrets).replace("lab { }", "lab { }\n admin { mode = %s }" % mode))
        self.assertEqual(found("pass"), [])
        self.assertEqual(found("drop"), [])
        self.assertIn("community 'admin' of connection 'coi' has no key", found("tunnel")[0][1])
        # a key for what is none
        more = "".join(SECRET % one for one in (("a", "finance", "0x" + KEY), ("b", "lab", "0x" + KEY[::-1]),
                                                ("c", "admin", "0x" + KEY[2:] + "00")))
        self.assertIn("secrets.ppk-c is a key for 'admin', which no COI connection has as child",
                      found("pass", more)[0][1])
        self.assertEqual(found("transport", more), [])

    def ntp(self, files, child="", conn=""):
        """What is found of time services' files, with a child beside the communities."""
        for name, content in files.items():
            os.makedirs(os.path.dirname(self.folder + name), exist_ok=True)
            self.path(name[1:], content)
        found = self.findings("ntp", conf=self.conf(conn).replace("lab { }", "lab { }\n" + child))
        for name in files:
            os.unlink(self.folder + name)
        return found

    def test_ntp(self):
        timesyncd, chrony = "/etc/systemd/timesyncd.conf", "/etc/chrony/chrony.conf"
        text = ("is in remote_addrs of connection 'coi' and no child lets it pass: if this clock is wrong at boot no "
                "tunnel opens, and without a tunnel it stays wrong")
        one = [("WARN", f"{timesyncd}:2: time server 10.1.0.5 (10.1.0.5) {text}",
                "let it pass in a child of connection 'coi': ntp { mode = pass  start_action = trap  remote_ts = "
                "10.1.0.5/32[udp/123] }")]
        self.assertEqual(self.ntp({timesyncd: "[Time]\nNTP=10.1.0.5 11.1.0.5\nFallbackNTP=10.1.0.6\n"}), one)
        self.assertEqual(self.ntp({timesyncd: "[Time]\n#NTP=10.1.0.5\n"}), [])
        self.assertEqual(len(self.ntp({timesyncd: "FallbackNTP=10.1.0.6\n"})), 1)
        more = "/etc/systemd/timesyncd.conf.d/"
        self.assertEqual(len(self.ntp({timesyncd: "NTP=10.1.0.5\n", more + "a.conf": "NTP = 10.1.0.6\n"})), 2)
        self.assertEqual(len(self.ntp({timesyncd: "NTP=10.1.0.5\n", more + "a.conf": "NTP=\n"})), 0)
        for name in (chrony, "/etc/chrony.conf", "/etc/ntp.conf", "/etc/ntpsec/ntp.conf",
                     "/etc/chrony/sources.d/x.sources", "/etc/chrony/conf.d/y.conf", "/etc/openntpd/ntpd.conf"):
            for line in ("server 10.1.0.5 iburst", " pool 10.1.0.5", "peer -4 10.1.0.5 minpoll 4"):
                self.assertIn(f"{name}:1: time server 10.1.0.5", self.ntp({name: line + "\n"})[0][1])
            self.assertEqual(self.ntp({name: "# server 10.1.0.5\n! server 10.1.0.5\nserver\nserver 127.127.1.0\n"
                                             "makestep 1 3\nserver 11.1.0.5\n"}), [])
        server = {chrony: "server 10.1.0.5\n"}
        for passes in ("10.1.0.5", "10.1.0.0/16[udp/123]", "11.0.0.1,10.1.0.1-10.1.0.9[udp]", "dynamic[17/ntp]",
                       "10.1.0.5[udp/100-200]", "%any[any/123]"):
            child = f"ntp {{ mode = pass\n start_action = trap\n remote_ts = {passes}\n }}"
            self.assertEqual(self.ntp(server, child), [], passes)
            self.assertEqual(len(self.ntp(server, child.replace("pass", "drop"))), 1)
            self.assertEqual(len(self.ntp(server, child.replace("trap", "none"))), 1)
        for passes in ("10.1.0.4", "10.1.0.5[tcp/123]", "10.1.0.5[udp/124]", "10.2.0.0/16", "fec0::/16", "%any6",
                       "10.1.0.5[udp/124-200]"):
            self.assertEqual(len(self.ntp(server, f"ntp {{ mode = pass\n start_action = trap\n remote_ts = {passes}\n }}")),
                             1, passes)
        self.assertEqual(self.ntp({chrony: "server fec0::5\n"}), [])
        self.assertIn("fec0::5/128[udp/123]", self.ntp({chrony: "server fec0::5\n"},
                                                       conn="remote_addrs = 10.9.9.9, fec0::/16")[0][2])
        self.assertIn("time server localhost (", self.ntp({chrony: "server localhost\n"}, conn="remote_addrs = %any")[0][1])
        self.assertEqual(self.ntp({chrony: "server no-such-name.invalid\n" * 3 + "x" * 5000 + "\n"}), [])

    def firewall(self, **commands):
        """What is found in rules that commands print here."""
        folder = os.path.join(self.folder, "bin")
        os.makedirs(folder, exist_ok=True)
        for name in ("nft", "iptables-nft-save", "ip6tables-nft-save", "iptables-legacy-save", "ip6tables-legacy-save"):
            text = commands.get(name.replace("-", "_"), "")
            self.path("bin/" + name, f"#!/bin/sh\ncat <<'END'\n{text}END\n", 0o755)
        before = os.environ["PATH"]
        os.environ["PATH"] = folder + ":" + before
        try:
            return [one[1] for one in self.findings("firewall", conf=self.conf())]
        finally:
            os.environ["PATH"] = before

    def test_firewall(self):
        head, esp = "*filter\n:INPUT %s [0:0]\n", "ESP (IP protocol 50)"
        dark = head % "DROP" + "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
        self.assertEqual(self.firewall(), [])
        self.assertEqual(self.firewall(iptables_nft_save=head % "ACCEPT" + "-A INPUT -p esp -j DROP\n"),
                         ["iptables-nft-save: -A INPUT -p esp -j DROP drops " + esp])
        self.assertEqual(self.firewall(ip6tables_nft_save=head % "ACCEPT" + "-A INPUT -p 50 -j REJECT\n"),
                         ["ip6tables-nft-save: -A INPUT -p 50 -j REJECT drops " + esp])
        self.assertEqual(self.firewall(iptables_nft_save=dark), [
            f"iptables-nft-save: policy DROP of INPUT drops {what}, which no rule lets in" for what in (esp, "UDP port 4570")])
        ports = "-A INPUT -p udp -m udp --dport 4570 -j ACCEPT\n"
        self.assertEqual(self.firewall(iptables_nft_save=dark + ports),
                         [f"iptables-nft-save: policy DROP of INPUT drops {esp}, which no rule lets in"])
        self.assertEqual(self.firewall(iptables_nft_save=dark + ports + "-A INPUT -p esp -j ACCEPT\n"), [])
        self.assertEqual(self.firewall(iptables_nft_save=head % "ACCEPT" + "-A INPUT -j DROP\n"), [
            f"iptables-nft-save: -A INPUT -j DROP drops {what}, which no rule lets in" for what in (esp, "UDP port 4570")])
        self.assertEqual(self.firewall(iptables_nft_save=head % "ACCEPT" + "-A FORWARD -p esp -j DROP\n-A OUTPUT -j DROP\n"
                                       "-A INPUT -p udp -m udp --dport 45700 -j DROP\n-A INPUT -p tcp --dport 1 -j DROP\n"), [])
        table = ("table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy %s;\n"
                 "\t\tct state established accept\n%s\t}\n\tchain out {\n\t\ttype filter hook output priority 0; "
                 "policy drop;\n\t}\n}\n")
        self.assertEqual(self.firewall(nft=table % ("accept", "")), [])
        self.assertEqual(len(self.firewall(nft=table % ("drop", ""))), 2)
        self.assertEqual(self.firewall(nft=table % ("drop", "\t\tmeta l4proto { esp, 51 } accept\n"
                                                    "\t\tudp dport { 53, 4570 } accept\n")), [])
        self.assertEqual(self.firewall(nft=table % ("accept", "\t\tmeta l4proto esp counter packets 0 bytes 0 drop\n")),
                         ["nft: meta l4proto esp counter packets 0 bytes 0 drop drops " + esp])
        self.assertEqual(self.firewall(nft="# Warning: table ip filter is managed by iptables-nft, do not touch!\n" +
                                       table % ("drop", "")), [])
        own = table.replace("inet filter", "inet coi")
        self.assertEqual(self.firewall(nft=own % ("drop", "\t\tmeta l4proto esp drop\n")), [])

    def test_files(self):
        self.assertIn("all users may read FILE, which has keys", self.config(conf=self.conf(), mode=0o644)[0][1])
        self.assertIn("cannot be read to its end", self.config(conf="connections {\n  = 3\n}\n")[0][1])
        self.refused("doctor", "--file", self.folder + "/none", says="none cannot be read", status=USAGE)

    def test_options(self):
        options = "charon { plugins { coi {\n load = yes\n windw = 5\n port = 4570\n audit = no\n xyzzy = 1\n} } }\n"
        self.assertEqual(self.config(conf=self.conf(), options=options), [
            ("FAIL", "charon.plugins.coi.windw = 5: no such option, it is ignored", "write window, or remove it"),
            ("FAIL", "charon.plugins.coi.xyzzy = 1: no such option, it is ignored",
             "remove it, coi.conf(5) lists all that there are")])

    def test_no_charon(self):
        found = self.findings("charon")
        self.assertEqual([(one[0], one[1]) for one in found],
                         [("FAIL", "charon does not run, or its socket cannot be reached")])

    def test_plugin(self):
        version = {"version": "0.0.1", "protocol": "1", "charon": "5.9.8", "suites": [], "closed": ["x = 1: \x1b taken"],
                   "refused-policies": "2"}
        server = Server(self.socket, {
            "version": [(None, version)],
            "counters": [(None, {"counts": {}, "refused": {"time": "3", "destination": "1", "internal": "0"}})],
            "communities": [("community", {"name": "lab", "generations": {}, "state": "on"}),
                            ("community", {"name": "board", "generations": {}, "state": "disabled"}),
                            (None, YES)],
            "mistakes": [("mistake", {"connection": "x", "text": "x.y = z:\x1b no"}),
                         ("mistake", {"connection": "x", "text": "x.r: 'a.b' has no address", "name": "a.b"}),
                         (None, YES)],
        })
        self.addCleanup(server.close)
        found = self.findings("plugin", "community", "connection", "time", "destination", "internal")
        self.assertEqual([(one[0], one[1]) for one in found][1:], [
            ("FAIL", "x.y = z:\x1b no"),
            ("FAIL", "x.r: 'a.b' has no address"),
            ("WARN", "'lab' has no key here and is not used"),
            ("WARN", "'board' is disabled by command"),
            ("WARN", "3 openings of others were refused for their time"),
            ("WARN", "1 openings of others were refused because they were meant for another address")])
        self.assertIn("the plugin in charon is release 0.0.1, coi is ", found[0][1])
        self.assertIn("the kernel has refused 2 policies", self.findings("policy")[0][1])
        self.assertEqual(self.findings("closed"), [
            ("FAIL", "COI is closed, what its connections cover is dropped: x = 1: \x1b taken",
             "put it right; the plugin tries again within half a minute")])
        text = coi("doctor", "-q", "--file", os.path.join(self.folder, "swanctl.conf"), "--uri",
                   "unix://" + self.socket).stdout
        self.assertIn("FAIL  connection: x.y = z:? no\n      -> correct it", text)
        self.assertIn("FAIL  connection: x.r: 'a.b' has no address\n      -> let this host know", text)
        self.assertNotIn("OK  ", text)

    def test_ports(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            port = udp.getsockname()[1]
            options = f"charon {{ plugins {{ coi {{\n idle_port = {port}\n }} }} }}\n"
            found = self.findings("port", options=options)
        self.assertEqual([(one[0], one[1]) for one in found if str(port) in one[1]], [
            ("FAIL", f"user {os.getuid()} has UDP port {port}, or a part of it: COI is closed until it is free")])
        self.assertEqual([one for one in self.findings("port", options=options) if str(port) in one[1]], [])

    def left(self, policies):
        """What is said of policies that are in the kernel when no charon runs."""
        commands = ["ip xfrm policy add src 192.0.2.%d dst 198.51.100.1 dir out priority %d %s" % (number, *policy)
                    for number, policy in enumerate(policies)]
        path = self.path("swanctl.conf", self.conf())
        done = subprocess.run(
            ["unshare", "-n" if os.getuid() == 0 else "-rn", "sh", "-ec",
             "\n".join(commands + ['"$@" || [ $? = %d ]' % FAILED]),
             "sh", COI, "doctor", "--json", "--file", path, "--uri", "unix://" + self.socket],
            env={**os.environ, "STRONGSWAN_CONF": self.path("strongswan.conf", "")},
            text=True, check=True, capture_output=True, timeout=120)
        return [(one["result"], one["text"]) for one in json.loads(done.stdout)["findings"] if one["check"] == "leftover"]

    def test_leftover(self):
        self.assertEqual(self.left(OTHERS), [("OK", "no SAs and policies are left")])
        for kind, policy in LEFT.items():
            with self.subTest(kind):
                self.assertEqual(self.left([policy]), [
                    ("FAIL", "a charon that died left 0 SAs and 1 policies: traffic to its peers is blocked or "
                     "encrypted for nobody")])
        self.assertEqual(self.left([*OTHERS, *LEFT.values()])[0][1].split(":")[0],
                         "a charon that died left 0 SAs and %d policies" % len(LEFT))


if __name__ == "__main__":
    unittest.main()
