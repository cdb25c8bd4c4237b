#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coi wgt, and coi key load and unload: keys that come and go with a user."""

import json
import os
import stat
import subprocess

import unittest

import jsonschema

from coi_cli import FAILED, NO_CHARON, OK, TOP, USAGE, coi
from test_key import KEY, KeyTest, fingerprint, section
from vici_server import Server

TWO = section("finance") + section("lab", KEY[::-1], "lab-2026")
YES = {"success": "yes"}
with open(os.path.join(TOP, "docs/coi.schema.json"), encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)


def openssl(*args, stdin=b""):
    """Run it."""
    return subprocess.run(["openssl", *args], input=stdin, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


class Wgt(KeyTest):
    """Files of keys."""

    @classmethod
    def setUpClass(cls):
        cls.pem = {}
        for name, kind in (("alice", ["rsa:2048"]), ("bob", ["rsa:2048"]),
                           ("curve", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
            both = openssl("req", "-x509", "-newkey", *kind, "-nodes", "-keyout", "-", "-subj", "/CN=" + name)
            key, end, cert = both.partition(b"-----END PRIVATE KEY-----\n")
            cls.pem[name] = (key + end, cert)

    def setUp(self):
        super().setUp()
        for name, (key, cert) in self.pem.items():
            self.path(name + ".key", key)
            self.path(name + ".pem", cert)
        self.out = self.path("out.wgt")

    def make(self, *args, recipient="alice.pem", text=TWO):
        return coi("wgt", "make", "--recipient", self.path(recipient), "--out", self.out, *args, stdin=text)

    def promised(self, name, text):
        """A command's JSON, which is as docs/coi.schema.json says."""
        value = json.loads(text)
        jsonschema.validate(value, {**SCHEMA, "$ref": "#/$defs/" + name.replace(" ", "%20")})
        return value

    def show(self, *args):
        return self.promised("wgt show", self.ok("wgt", "show", "--json", self.out, *args))

    def test_make_and_show(self):
        self.expect(self.make(), OK)
        self.assertEqual(stat.S_IMODE(os.stat(self.out).st_mode), 0o600)
        self.assertNotIn("keys", self.show())
        shown = self.show("--key", self.path("alice.key"))
        self.assertEqual([r["issuer"] for r in shown["recipients"]], ["/CN=alice"])
        self.assertRegex(shown["recipients"][0]["serial"], "^[0-9A-F]+$")
        self.assertEqual(shown["keys"], [
            {"coi": "finance", "fingerprint": fingerprint("finance", KEY), "section": "ppk-finance"},
            {"coi": "lab", "fingerprint": fingerprint("lab", KEY[::-1]), "section": "ppk-lab-2026"}])
        with open(self.out, "rb") as file:
            content = file.read()
        for secret in (KEY, KEY.hex().encode(), b"finance"):
            self.assertNotIn(secret, content)
        table = self.ok("wgt", "show", self.out, "--key", self.path("alice.key"))
        self.assertIn(fingerprint("finance", KEY), table)
        self.assertNotIn(KEY.hex(), table)

    def test_openssl_reads_it_and_makes_such(self):
        self.expect(self.make(), OK)
        plain = openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-in", self.out,
                        "-inkey", self.path("alice.key"))
        self.assertIn(KEY.hex().encode(), plain)
        with open(self.out, "wb") as file:
            file.write(openssl("cms", "-encrypt", "-binary", "-aes-256-cbc", "-outform", "DER",
                               self.path("bob.pem"), stdin=TWO.encode()))
        self.assertEqual(len(self.show("-k", self.path("bob.key"))["keys"]), 2)

    def test_several_recipients(self):
        self.path("all.pem", self.pem["alice"][1] + self.pem["bob"][1])
        self.expect(self.make(recipient="all.pem"), OK)
        for name in ("alice", "bob"):
            shown = self.show("--key", self.path(name + ".key"))
            self.assertEqual(len(shown["keys"]), 2)
            self.assertEqual(sorted(r["issuer"] for r in shown["recipients"]), ["/CN=alice", "/CN=bob"])

    def test_make_refuses(self):
        for args, says in (((), "is there"),):
            self.path("out.wgt", "x")
            self.assertIn("File exists; --force replaces it", self.expect(self.make(*args), FAILED).stderr, says)
        self.expect(self.make("--force"), OK)
        self.assertIn("not RSA", self.expect(self.make("-f", recipient="curve.pem"), USAGE).stderr)
        self.assertIn("no certificate", self.expect(self.make("-f", recipient="alice.key"), USAGE).stderr)
        self.assertIn("No such file", self.expect(self.make("-f", recipient="none"), USAGE).stderr)
        self.assertIn("no key", self.expect(self.make("-f", text="secrets {\n}\n"), FAILED).stderr)
        self.assertIn("--coi", self.expect(self.make("-f", text=KEY.hex()), USAGE).stderr)
        self.assertIn("cannot be put into a list", self.expect(
            self.make("-f", text='secrets {\n ppk {\n id = "two words"\n secret = 0x' + KEY.hex() + "\n }\n}\n"),
            USAGE).stderr)
        self.refused("wgt", "make", "--out", self.out, says="--recipient and --out are needed")

    def test_show_refuses(self):
        self.expect(self.make(), OK)
        self.refused("wgt", "show", self.out, "-k", self.path("bob.key"), says="not encrypted for", status=FAILED)
        self.refused("wgt", "show", self.out, "-k", self.path("alice.pem"), says="no private key")
        self.refused("wgt", "show", self.path("none"), says="No such file")
        with open(self.out, "rb") as file:
            good = file.read()
        for bad in (b"", good[:-1], good[:100], good + b"0", TWO.encode(), b"\x30\x80" * 100,
                    openssl("cms", "-data_create", "-outform", "DER", stdin=TWO.encode())):
            self.path("bad.wgt", bad)
            self.refused("wgt", "show", self.path("bad.wgt"), says="is no CMS EnvelopedData", status=FAILED)
        self.path("bad.wgt", b"x" * 60001)
        self.refused("wgt", "show", self.path("bad.wgt"), says="longer than 60000", status=FAILED)
        for text in (b"", b"hello", b"connections {\n}\n", TWO.encode() + b"include /etc/passwd\n"):
            with open(self.path("bad.wgt"), "wb") as file:
                file.write(openssl("cms", "-encrypt", "-binary", "-aes-256-cbc", "-outform", "DER",
                                   self.path("alice.pem"), stdin=text))
            self.refused("wgt", "show", self.path("bad.wgt"), "-k", self.path("alice.key"),
                         says="is no list of keys, line", status=FAILED)

    def serve(self, answers):
        path = self.path("socket")
        if os.path.exists(path):
            os.unlink(path)
        server = Server(path, answers)
        self.addCleanup(server.close)
        return server, "unix://" + path

    def test_load_and_unload(self):
        self.expect(self.make(), OK)
        with open(self.out, "rb") as file:
            content = file.read()
        done = {"success": "yes", "communities": ["finance", "lab"]}
        server, uri = self.serve({"load-wgt": [(None, done)], "unload-wgt": [(None, done)]})
        self.assertEqual(self.ok("wgt", "load", self.out, "--uri", uri), "loaded out.wgt: finance,lab\n")
        self.assertEqual(self.promised("wgt load", self.ok("wgt", "load", "-n", "alice", self.out, "-j", "--uri", uri)),
                         {"success": True, "name": "alice", "communities": ["finance", "lab"]})
        self.assertEqual(self.ok("wgt", "unload", "alice", "--uri", uri), "unloaded alice: finance,lab\n")
        self.assertEqual(server.requests, [
            ("load-wgt", {"name": "out.wgt", "data": content}), ("load-wgt", {"name": "alice", "data": content}),
            ("unload-wgt", {"name": "alice"})])
        _, uri = self.serve({"load-wgt": [(None, {"success": "no", "error": "failed", "errmsg": "no list"})]})
        self.refused("wgt", "load", self.out, "--uri", uri, says="no list", status=FAILED)
        self.refused("wgt", "load", self.path("none"), "--uri", uri, says="No such file")
        self.refused("wgt", "load", self.out, "--uri", uri + "x", says="nobody listens", status=NO_CHARON)

    def test_key_load_and_unload(self):
        server, uri = self.serve({"load-shared": [(None, YES)], "unload-shared": [(None, YES)],
                                  "get-shared": [(None, {"keys": ["ppk-finance", "other"]})]})
        text = TWO + "secrets {\n ppk-both {\n id = x\n id2 = y\n secret = 0x" + KEY.hex() + "\n }\n}\n"
        self.assertEqual(self.ok("key", "load", "--uri", uri, stdin=text).splitlines(), [
            "loaded ppk-finance of COI finance", "loaded ppk-lab-2026 of COI lab", "loaded ppk-both of COI x",
            "loaded ppk-both of COI y"])
        self.assertEqual(server.requests, [
            ("load-shared", {"id": "ppk-finance", "type": "ppk", "data": KEY.decode(), "owners": ["finance"]}),
            ("load-shared", {"id": "ppk-lab-2026", "type": "ppk", "data": KEY[::-1].decode(), "owners": ["lab"]}),
            ("load-shared", {"id": "ppk-both", "type": "ppk", "data": KEY.decode(), "owners": ["x", "y"]})])
        server.requests.clear()
        self.assertEqual(self.promised("key load", self.ok("key", "load", "--uri", uri, "--json", stdin=section("a"))),
                         [{"coi": "a", "section": "ppk-a"}])
        self.promised("key unload", self.ok("key", "unload", "ppk-finance", "--json", "--uri", uri))
        self.refused("key", "unload", "ppk-finance", "ppk-lab", "--uri", uri, says="no such secret is loaded")
        self.assertEqual([name for name, _ in server.requests],
                         ["load-shared", "get-shared", "unload-shared", "get-shared"])
        self.refused("key", "load", "--uri", uri, says="no key", status=FAILED, stdin="secrets {\n}\n")
        self.refused("key", "load", "--uri", uri + "x", says="nobody listens", status=NO_CHARON, stdin=TWO)


if __name__ == "__main__":
    unittest.main()
