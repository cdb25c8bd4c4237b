#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coi key: making, comparing, splitting and combining keys."""

import base64
import hashlib
import hmac
import itertools
import json
import os
import pty
import re
import stat
import subprocess
import tempfile
import unittest

from coi_cli import COI, FAILED, OK, USAGE, CliTest, coi

KEY = bytes(range(0x51, 0x71))


def fingerprint(name, key):
    """PROTOCOL.md section 3."""
    base = hmac.new(b"coi1 p384 community", key, hashlib.sha384).digest()
    info = b"coi1 p384 fingerprint\0" + name.encode()
    value = hmac.new(base, info + b"\1", hashlib.sha384).hexdigest()[:16]
    return "-".join(value[i:i + 4] for i in range(0, 16, 4))


def section(name, key=KEY, title=None):
    """What coi key new prints."""
    return (f"secrets {{\n   ppk-{title or name} {{\n      # fingerprint {fingerprint(name, key)}\n"
            f"      id = {name}\n      secret = 0x{key.hex()}\n   }}\n}}\n")


class KeyTest(CliTest):
    """With a folder, and with an eye on what is printed."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, content=None, mode=0o600):
        """A file."""
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())
            os.chmod(path, mode)
        return path

    def expect(self, done, status, output=False):
        super().expect(done, status, output)
        error = done.stderr.lower()
        for secret in (KEY.hex(), base64.b64encode(KEY).decode().lower(), KEY.decode().lower()):
            self.assertNotIn(secret, error)
            self.assertNotIn(secret[8:24], error)
        self.assertNotRegex(error, r"[0-9a-f]{6}-[0-9a-f]{6}|[0-9a-f]{17}")
        return done

    def ok(self, *args, **kwargs):
        """Succeeds, without a word on stderr. Returns its output."""
        done = self.expect(coi(*args, **kwargs), OK)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def keys(self, *args, **kwargs):
        """What fingerprint says as JSON."""
        return [(k["coi"], k["fingerprint"], k["section"])
                for k in json.loads(self.ok("key", "fingerprint", "--json", *args, **kwargs))]


class New(KeyTest):
    """coi key new"""

    def test_is_what_swanctl_reads(self):
        keys = set()
        for name in ("finance", "a", "Grüße", "x" * 63, "it's", "a/b", "100%", "@example", "ppk"):
            out = self.ok("key", "new", name)
            key = bytes.fromhex(re.search(r"^      secret = 0x([0-9a-f]{64})$", out, re.M).group(1))
            self.assertEqual(out, section(name, key))
            keys.add(key)
            # by the parser that swanctl has
            self.assertEqual(self.keys(stdin=out), [(name, fingerprint(name, key), f"ppk-{name}")])
        self.assertEqual(len(keys), 9)

    def test_names_that_swanctl_cannot_have(self):
        for name in ("", "x" * 64, "ü" * 32, "a b", " a", "a\n", "a\tb", "a\x7f", "a#b", "{", "a}", "a:b", "a.b",
                     "a,b", "a=b", 'a"b', "a\\b", "%any", "*", b"\xff", b"a\xc3", b"\xed\xa0\x80", "a\u0085"):
            self.refused("key", "new", "--", name, says="a COI's name has")

    def test_generation_name(self):
        for option in (["--generation-name", "2026-b_1"], ["--generation-name=2026-b_1"], ["-g2026-b_1"]):
            self.assertIn("\n   ppk-lab-2026-b_1 {\n", self.ok("key", "new", *option, "lab"))
        for suffix in ("", "a b", "a.b", "ä", "}", "x" * 33, "a\n"):
            self.refused("key", "new", "lab", "-g", suffix, says="--generation-name has")

    def test_usage(self):
        self.refused("key", "new", says="too few operands")
        self.refused("key", "new", "a", "b", says="too many operands")
        self.refused("key", "new", "lab", "--out", says="option '--out' needs an argument")
        self.refused("key", "new", "lab", "-o", says="option '-o' needs an argument")
        self.refused("key", "new", "lab", "--force=1", says="option '--force'")
        self.refused("key", "new", "lab", "--json", says="option '--json' is unknown")
        self.refused("key", "new", "lab", "-fj", says="option '-j' is unknown")

    def test_half_a_command(self):
        done = self.refused("key", says="key: which of these?")
        for name in ("new", "fingerprint", "split", "combine"):
            self.assertIn(f"\n  key {name} ", done.stderr)
        self.assertIn("  key new ", self.ok("key", "--help"))
        self.refused("key", KEY.hex(), says="which of these?")
        self.refused("keys", "new", "lab", says="unknown command")


class Output(KeyTest):
    """--out and --force"""

    def test_new_file_is_for_its_owner(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        path = self.path("key.conf")
        self.assertEqual(self.ok("key", "new", "lab", "--out", path), "")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(self.keys(path)[0][0], "lab")
        self.assertEqual(os.listdir(self.folder), ["key.conf"])

    def test_only_force_replaces(self):
        path = self.path("key.conf", "precious", 0o644)
        self.refused("key", "new", "lab", "-o", path, says="--force replaces it", status=FAILED)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")
        self.ok("key", "new", "lab", "-o", path, "-f")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(self.keys(path)[0][0], "lab")
        self.assertEqual(os.listdir(self.folder), ["key.conf"])

    def test_what_is_no_file(self):
        target = self.path("target", "precious")
        os.symlink(target, self.path("link"))
        for path in (self.path("link"), self.folder, "/dev/null"):
            for force in ([], ["--force"]):
                self.refused("key", "new", "lab", "--out", path, *force, says="no regular file", status=FAILED)
        with open(target, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")
        for force in ([], ["--force"]):
            self.refused("key", "new", "lab", "--out", self.path("no/key"), *force, says="No such file", status=FAILED)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([COI, "key", "new", "lab"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("coi: writing to standard output", done.stderr)


class Fingerprint(KeyTest):
    """coi key fingerprint"""

    def test_of_file_and_stdin(self):
        text = section("lab")
        path = self.path("key.conf", text)
        expected = [("lab", fingerprint("lab", KEY), "ppk-lab")]
        self.assertEqual(self.keys(path), expected)
        self.assertEqual(self.keys(stdin=text), expected)
        self.assertEqual(self.keys("-", stdin=text), expected)
        self.assertEqual(self.ok("key", "fingerprint", path),
                         f"COI  FINGERPRINT          SECTION\nlab  {fingerprint('lab', KEY)}  ppk-lab\n")

    def test_of_whatever_swanctl_takes(self):
        other = bytes(32)
        text = f"""# all of them
            connections {{ coi {{ children {{ lab {{ }} }} }} }}
            secrets {{
                ike-x {{ id = lab
                    secret = 0x{KEY.hex()} }}
                ppk-1 {{ id = lab
                    secret = 0x{KEY.hex()}   # a comment
                }}
                ppk-2 {{ id-a = web
                    id-b = "two words"
                    secret = 0s{base64.b64encode(KEY).decode()} }}
                ppk-3 {{ id = lab
                    secret = "{KEY.decode()[:11]}\\{KEY.decode()[11:]}" }}
                ppk-4 {{ id = lab
                    secret = 0X{other.hex(':').upper()} }}
                ppk-5 {{ id = without }}
            }}"""
        expected = [("lab", fingerprint("lab", KEY), "ppk-1"), ("web", fingerprint("web", KEY), "ppk-2"),
                    ("two words", fingerprint("two words", KEY), "ppk-2"),
                    ("lab", fingerprint("lab", KEY), "ppk-3"), ("lab", fingerprint("lab", other), "ppk-4")]
        self.assertEqual(self.keys(stdin=text), expected)
        self.assertEqual(self.keys("--coi", "lab", stdin=text), [k for k in expected if k[0] == "lab"])
        self.refused("key", "fingerprint", "-c", "bogus", stdin=text, says="no key of COI 'bogus'")

    def test_of_included_files(self):
        os.mkdir(self.path("conf.d"))
        self.path("conf.d/1.conf", section("lab"))
        self.path("conf.d/2.conf", section("web"))
        path = self.path("swanctl.conf", "include conf.d/*.conf\n")
        self.assertEqual([k[0] for k in self.keys(path)], ["lab", "web"])

    def test_of_a_bare_key(self):
        expected = [("lab", fingerprint("lab", KEY), None)]
        for text in (KEY.hex(), KEY.hex() + "\n", "0x" + KEY.hex().upper() + "\n", f" \t{KEY.hex()}\r\n\n"):
            self.assertEqual(self.keys("--coi", "lab", stdin=text), expected)
            self.refused("key", "fingerprint", stdin=text, says="--coi")
            self.refused("key", "fingerprint", "-c", "a b", stdin=text, says="a COI's name")
        for text in (KEY.hex()[1:], KEY.hex() + "0", "1"):
            self.refused("key", "fingerprint", "-c", "lab", stdin=text, says=f"{len(text)} hexadecimal", status=FAILED)

    def test_of_what_is_no_key(self):
        for text, says in (("", "no key of a COI"), ("\n", "no key"), ("secrets { }", "no key"),
                           (f"secrets {{ ike {{ secret = 0x{KEY.hex()} \n }} }}", "no key"),
                           (f"secrets {{ ppk-x {{\nid = lab\nsecret = 0x{KEY.hex()}\n", "neither"),
                           (f"0x{KEY.hex()} 0x{KEY.hex()}", "neither"), (f"{KEY.hex()}\0", "is no text"),
                           (f'secrets {{ ppk {{\nsecret = "0x{KEY.hex()}', "neither")):
            self.refused("key", "fingerprint", stdin=text, says=says, status=FAILED)
        self.refused("key", "fingerprint", stdin="#" * (1 << 20) + "#", says="too long", status=FAILED)

    def test_of_secrets_of_others(self):
        text = section("lab") + f"secrets {{ ppk-ike {{\nid = carol\nsecret = 0x{KEY.hex()[:-2]}\n}}" \
            f"\nppk-bad {{\nid = dave\nsecret = 0x{KEY.hex()[:-2]}zz\n}}\n" \
            f"ppk-long {{\nid = {'x' * 64}\nsecret = 0x{KEY.hex()}\n}}\n}}"
        done = self.expect(coi("key", "fingerprint", "-j", stdin=text), OK)
        self.assertEqual([k["coi"] for k in json.loads(done.stdout)], ["lab"])
        self.assertEqual(done.stderr.splitlines(), [
            "coi: 'ppk-ike' is no key of a COI: its secret is not 256 bit long",
            "coi: 'ppk-bad' is no key of a COI: its secret is no hexadecimal number",
            "coi: 'ppk-long' is no key of a COI: its id has not 1 to 63 octets"])

    def test_nothing_to_obey_on_a_terminal(self):
        text = section("lab", title="\x1b[1m").replace("0x51", "0x").encode()
        done = self.expect(coi("key", "fingerprint", stdin=text.decode()), FAILED)
        self.assertIn("'ppk-?[1m' is no key", done.stderr)
        self.refused("key", "fingerprint", "-c", "\x1b[1m", stdin=section("lab"), says="COI '?[1m'")

    def test_readable_for_all(self):
        for mode, warned in ((0o600, False), (0o640, False), (0o644, True), (0o602, True)):
            done = self.expect(coi("key", "fingerprint", self.path("key.conf", section("lab"), mode)), OK)
            self.assertEqual("warning: all users may" in done.stderr, warned, oct(mode))

    def test_missing_files(self):
        self.refused("key", "fingerprint", self.path("no.conf"), says="no.conf: No such file")
        self.refused("key", "fingerprint", self.folder, says="Is a directory", status=FAILED)
        self.refused("key", "fingerprint", "a", "b", says="too many operands")

    def test_strange_names(self):
        text = section("lab").replace("id = lab", 'id = "q\\"\\\\ \\tü\x1b[1m"').encode()
        text += section("lab", title="2").encode().replace(b"id = lab", b"id = a\xff\xc0b")
        done = subprocess.run([COI, "key", "fingerprint", "--json"], input=text, stdout=subprocess.PIPE, check=True)
        self.assertEqual([k["coi"] for k in json.loads(done.stdout)], ['q"\\ \tü\x1b[1m', "a??b"])
        done = subprocess.run([COI, "key", "fingerprint"], input=text, stdout=subprocess.PIPE, check=True)
        rows = done.stdout.decode().splitlines()
        self.assertEqual(rows[1][:12], 'q"\\ ?ü?[1m  ')
        self.assertEqual(rows[2][:12], "a??b        ")

    def test_table_on_a_terminal(self):
        path = self.path("key.conf", section("lab"))
        for no_color, bold in (("", True), ("1", False)):
            parent, child = pty.openpty()
            subprocess.run([COI, "key", "fingerprint", path], stdout=child, check=True,
                           env={**os.environ, "NO_COLOR": no_color})
            os.close(child)
            out = os.read(parent, 4096).decode()
            os.close(parent)
            self.assertEqual(out.startswith("\033[1mCOI "), bold)
            self.assertEqual(out.count("\033"), 2 * bold)


class Secret(KeyTest):
    """A secret is no argument."""

    def test_is_refused(self):
        share = self.ok("key", "split", "-n2", "-k2", stdin=section("lab")).split()[0]
        for args in (("fingerprint",), ("split", "-n", "3", "-k", "2"), ("combine",)):
            for secret in (KEY.hex(), "0x" + KEY.hex(), "0s" + base64.b64encode(KEY).decode(), KEY.decode(), share):
                done = self.refused("key", *args, "--", secret, says="all users of this host can see")
                self.assertNotIn(secret, done.stderr)
        self.refused("key", "new", "lab", KEY.hex(), says="too many")
        self.refused("key", "split", f"--secret={KEY.hex()}", says="option '--secret'")
        self.refused("key", "new", "lab", f"--force={KEY.hex()}", says="option '--force'")
        self.refused("key", "split", "-n", KEY.hex(), "-k", "2", says="--shares needs a number")


class Split(KeyTest):
    """coi key split, coi key combine"""

    def split(self, count, threshold, key=KEY, name="lab"):
        """Shares, as lines."""
        lines = self.ok("key", "split", "--shares", str(count), "--threshold", str(threshold),
                        stdin=section(name, key)).splitlines()
        self.assertEqual(len(lines), count)
        for i, line in enumerate(lines, 1):
            self.assertTrue(line.startswith(f"coi-share-1:{name}:{fingerprint(name, key)}:{threshold}:{i}:"), line)
            body, check = line.rsplit(":", 1)
            self.assertEqual(check, hashlib.sha256(body.encode()).hexdigest()[:8])
        return lines

    def test_shares_are_shamirs(self):
        prime = 2 ** 257 - 93
        points = [(int(f[4]), int(f[5].replace("-", ""), 16)) for f in
                  (line.split(":") for line in self.split(5, 3))]
        for chosen in itertools.combinations(points, 3):
            secret = 0
            for x, y in chosen:
                for other, _ in chosen:
                    if other != x:
                        y = y * other * pow(other - x, -1, prime) % prime
                secret += y
            self.assertEqual((secret % prime).to_bytes(32, "big"), KEY)

    def test_any_k_give_the_key(self):
        for key in (KEY, bytes(32), b"\xff" * 32):
            shares = self.split(4, 2, key)
            for count in (2, 3, 4):
                for chosen in itertools.permutations(shares, count):
                    if chosen[0] < chosen[-1] or count < 4:
                        self.assertEqual(self.ok("key", "combine", stdin="\n".join(chosen)), section("lab", key))

    def test_255_of_255(self):
        shares = self.split(255, 255)
        self.assertEqual(self.ok("key", "combine", stdin="\n".join(shares) + "\n"), section("lab"))
        self.refused("key", "combine", stdin="\n".join(shares[1:]), says="only 254 are given", status=FAILED)
        self.refused("key", "combine", stdin="\n".join(shares + shares[:1]), says="more than 255", status=FAILED)

    def test_from_files(self):
        shares = self.split(3, 2, name="Grüße")
        one = self.path("one", f"# of the safe\n\n  \t{shares[2]} \r\n")
        two = self.path("two", shares[0])
        for args in ((one, two), (two, one), (one, "-")):
            self.assertEqual(self.ok("key", "combine", *args, stdin=shares[0]), section("Grüße"))
        self.assertEqual(self.ok("key", "combine", "-g", "old", one, two), section("Grüße", title="Grüße-old"))
        out = self.path("out")
        self.assertEqual(self.ok("key", "combine", "--out", out, one, two), "")
        with open(out, encoding="utf-8") as file:
            self.assertEqual(file.read(), section("Grüße"))

    def test_what_gives_no_key(self):
        lab = self.split(5, 3)
        web = self.split(5, 3, name="web")
        new = self.split(5, 3, bytes(32))
        four = self.split(5, 4)
        again = self.split(5, 3)
        for chosen, says in (([], "no share is given"), (lab[:2], "only 2 are given"), (lab[:1], "only 1 is given"),
                             (lab[:2] + web[2:], "different COIs"), (lab[:2] + new[2:], "different keys"),
                             (lab[:2] + four[2:], "different splits"), (lab[:2] + lab[:1], "share 1 is given twice"),
                             (lab + lab[4:], "share 5 is given twice"), (lab[:2] + again[2:], "do not give the key"),
                             (lab[:3] + again[3:], "do not give the key"), (["hello"], "line 1: this is not a share"),
                             (["", lab[0], lab[1][:-1]], "line 3: its checksum"), ([section("lab")], "not a share"),
                             ([lab[0].replace("share-1", "share-2")], "a version that is not known")):
            self.refused("key", "combine", stdin="\n".join(chosen), says=says, status=FAILED)
            out = self.path("out")
            self.refused("key", "combine", "-o", out, stdin="\n".join(chosen), status=FAILED)
            self.assertFalse(os.path.exists(out))
        self.refused("key", "combine", self.path("none.txt"), says="No such file")

    def test_numbers(self):
        text = section("lab")
        for args in ((), ("-n", "3"), ("-k", "3")):
            self.refused("key", "split", *args, stdin=text, says="--shares and --threshold are needed")
        for n in ("1", "0", "256", "-3", "+3", "3x", "0x3", "", " 3", "4294967298", "9" * 30):
            self.refused("key", "split", "-k", "2", "--shares", n, stdin=text, says="--shares needs a number from 2 to")
        for k in ("1", "0", "4", "", "2.0"):
            self.refused("key", "split", "-n", "3", "-k", k, stdin=text, says="--threshold needs a number from 2 to 3")

    def test_which_key(self):
        two = section("lab") + section("web")
        self.refused("key", "split", "-n3", "-k2", stdin=two, says="2 keys, say which COI's with --coi")
        done = self.ok("key", "split", "-n3", "-k2", "-c", "web", stdin=two)
        self.assertEqual(self.ok("key", "combine", stdin=done), section("web"))
        generations = section("lab", title="1") + section("lab", bytes(32), title="2")
        self.refused("key", "split", "-n3", "-k2", "-c", "lab", stdin=generations, says="2 keys of the COI")
        self.refused("key", "split", "-n3", "-k2", "-c", "bogus", stdin=two, says="no key of COI 'bogus'")
        self.refused("key", "split", "-n3", "-k2", stdin=section("lab").replace("id = lab", "id = a b"), status=FAILED,
                     says="a COI's name has")
        done = self.ok("key", "split", "-n3", "-k2", "-c", "lab", stdin=KEY.hex())
        self.assertEqual(self.ok("key", "combine", stdin=done), section("lab"))

    def test_to_a_file(self):
        path = self.path("shares")
        self.assertEqual(self.ok("key", "split", "-n3", "-k2", "--out", path, stdin=section("lab")), "")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(self.ok("key", "combine", path), section("lab"))
        self.refused("key", "split", "-n3", "-k2", "-o", path, stdin=section("lab"), says="--force", status=FAILED)


if __name__ == "__main__":
    unittest.main()
