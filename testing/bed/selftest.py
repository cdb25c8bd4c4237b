# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the bed's own parts; one boots a kernel."""

import contextlib
import io
import os
import shutil
import subprocess
import tempfile
import unittest
from unittest import mock

from . import (features, health, hostroot, kernel, network, report, scenario,
               services)

TESTING = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Placeholders(unittest.TestCase):

    def test_longest_name_wins(self):
        self.assertEqual(
            scenario.replace_placeholders("PH_IP_MOON1 PH_IP_MOON,PH_IP_SUN"),
            "10.1.0.1 192.168.0.1,192.168.0.2")

    def test_ipv6(self):
        self.assertEqual(
            scenario.replace_placeholders("PH_IP6_CAROL1/PH_IPV6_BOB"),
            "fec3::1/fec2::10")

    def test_unknown_words_stay(self):
        self.assertEqual(scenario.replace_placeholders("PH_IP_NOBODY"),
                         "PH_IP_NOBODY")

    def test_bytes(self):
        self.assertEqual(scenario.replace_placeholders(b"\xffPH_IP_DAVE"),
                         b"\xff192.168.0.200")


class Closing(unittest.TestCase):

    def test_failures_again_below_what_passed(self):
        log = report.Report(2)
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            log.result(0, {"name": "a", "status": "fail", "seconds": 1,
                           "failures": ["moon# true\n  actual: no"]})
            log.result(0, {"name": "b", "status": "pass", "seconds": 2,
                           "failures": []})
        again = "FAIL a (1.0 s)\n  moon# true\n    actual: no\n"
        self.assertEqual(shown.getvalue(), again + "PASS b (2.0 s)\n")
        self.assertEqual(log.closing(), again + "1 passed, 1 failed")

    def test_nothing_again_below_one_scenario(self):
        log = report.Report(1)
        with contextlib.redirect_stdout(io.StringIO()):
            log.result(0, {"name": "a", "status": "fail", "seconds": 1,
                           "failures": ["moon# true"]})
        self.assertEqual(log.closing(), "0 passed, 1 failed")


class TestConf(unittest.TestCase):

    def test_quotes_comments_and_lines(self):
        conf = scenario.parse_conf(
            '#!/bin/bash\n# VIRTHOSTS="no"\nVIRTHOSTS="moon  sun"\n'
            "TCPDUMPHOSTS='sun:eth1'\nSWANCTL=1 # yes\n"
            'IPSECHOSTS="moon \\\n  sun"\nexport IPV6=1\nEMPTY=\n')
        self.assertEqual(conf, {
            "VIRTHOSTS": "moon sun", "TCPDUMPHOSTS": "sun:eth1",
            "SWANCTL": "1", "IPSECHOSTS": "moon sun", "IPV6": "1",
            "EMPTY": ""})


class DatFiles(unittest.TestCase):

    def test_steps(self):
        steps = scenario.parse_steps(
            "# moon::comment\n\nmoon::ip  route \t add\n"
            "no command here\nsun :: ls ")
        self.assertEqual([(step.host, step.command) for step in steps],
                         [("moon", "ip route add"), ("sun", "ls")])

    def test_check(self):
        check, = scenario.parse_checks(
            "moon::swanctl  --list-sas 2> /dev/null::a   b::YES")
        self.assertEqual(
            (check.host, check.command, check.pattern, check.expect),
            ("moon", "swanctl --list-sas 2> /dev/null", "a b", "YES"))

    def test_escaped_colon_does_not_separate(self):
        check, = scenario.parse_checks(
            "sun::ping6 fec0:\\:1::from fec0:\\:1::NO")
        self.assertEqual(
            (check.command, check.pattern, check.expect),
            ("ping6 fec0:\\:1", "from fec0:\\:1", "NO"))

    def test_tcpdump(self):
        capture, command = scenario.parse_checks(
            "sun::tcpdump::ESP::YES\nsun::tcpdump -h::usage::YES\n")
        self.assertTrue(capture.is_capture)
        self.assertFalse(command.is_capture)

    def test_missing_fields_are_empty(self):
        check, = scenario.parse_checks("moon::true")
        self.assertEqual((check.pattern, check.expect), ("", ""))

    def test_expectations(self):
        def passes(expect, status, lines):
            return scenario.Check("moon", "true", "x", expect).passes(
                status, lines)
        self.assertTrue(passes("YES", 0, 3))
        self.assertFalse(passes("YES", 1, 0))
        self.assertFalse(passes("YES", 2, 0))
        self.assertTrue(passes("NO", 1, 0))
        self.assertFalse(passes("NO", 0, 1))
        self.assertTrue(passes("2", 0, 2))
        self.assertFalse(passes("2", 0, 3))
        self.assertFalse(passes("1", 1, 0))
        self.assertFalse(passes("0", 1, 0))

    def test_a_bad_pattern_or_word_never_passes(self):
        def passes(expect, status):
            return scenario.Check("moon", "true", "[", expect).passes(
                status, 0)
        self.assertFalse(passes("NO", 2))
        self.assertFalse(passes("yes", 0))
        self.assertFalse(passes("", 0))


class Folder(unittest.TestCase):

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.temporary.name, "group", "one")
        os.makedirs(self.path)
        for file in scenario.REQUIRED_FILES:
            self.write(file, "")

    def tearDown(self):
        self.temporary.cleanup()

    def write(self, file, text):
        path = os.path.join(self.path, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)

    def test_only_hosts_that_take_part(self):
        self.write("test.conf", 'VIRTHOSTS="moon"\nTCPDUMPHOSTS="sun:eth1"\n')
        self.write("pretest.dat", "alice::true")
        one = scenario.Scenario("group/one", self.path)
        self.assertEqual(one.hosts, ["alice", "moon", "sun"])
        self.assertEqual(one.captures, [("sun", "eth1")])

    def test_unknown_host(self):
        self.write("pretest.dat", "mars::true")
        with self.assertRaises(scenario.ScenarioError):
            scenario.Scenario("group/one", self.path)

    def test_missing_file(self):
        os.unlink(os.path.join(self.path, "posttest.dat"))
        with self.assertRaises(scenario.ScenarioError):
            scenario.Scenario("group/one", self.path)

    def test_find(self):
        found = [("group/one", self.path)]
        top = self.temporary.name
        self.assertEqual(scenario.find(top, []), found)
        self.assertEqual(scenario.find(top, ["group"]), found)
        self.assertEqual(scenario.find(top, ["group/one", "group"]), found)
        self.assertEqual(scenario.find("/", [self.path]), found)
        with self.assertRaises(scenario.ScenarioError):
            scenario.find(top, ["group/two"])

    def test_legacy(self):
        for word, without, along in (("", 1, 0), ("also", 1, 1),
                                     ("only", 0, 1)):
            self.write("test.conf", f"LEGACY={word}\n")
            found = scenario.find(self.temporary.name, [])
            self.assertEqual(len(scenario.of_back_end(found, False)), without)
            self.assertEqual(len(scenario.of_back_end(found, True)), along)
        self.write("test.conf", "LEGACY=yes\n")
        with self.assertRaises(scenario.ScenarioError):
            scenario.Scenario("group/one", self.path)

    def test_needs(self):
        self.write("test.conf", 'SWANCTL=1\nNEEDS="sh no-such-program"\n')
        one = scenario.Scenario("group/one", self.path)
        self.assertEqual(features.Features(None).missing(one, "/nowhere"),
                         "no-such-program is not installed")

    def test_plugin_that_is_not_there(self):
        self.write("test.conf", 'SWANCTL=1\nIPSECHOSTS="moon"\n')
        self.write("hosts/moon/etc/strongswan.conf",
                   "charon-systemd {\n  load = no-such coi vici\n}\n")
        one = scenario.Scenario("group/one", self.path)
        self.assertEqual(features.Features(None).missing(one, "/nowhere"),
                         "charon has no plugin no-such")

    def test_missing_coi_is_no_reason_to_skip(self):
        self.write("test.conf", 'SWANCTL=1\nIPSECHOSTS="moon"\n')
        self.write("hosts/moon/etc/strongswan.conf",
                   "charon-systemd {\n  load = coi\n}\n")
        one = scenario.Scenario("group/one", self.path)
        self.assertIsNone(features.Features(None).missing(one, "/nowhere"))

    def test_stage_follows_merged_directories(self):
        stage = os.path.join(self.temporary.name, "stage")
        os.makedirs(os.path.join(stage, "lib/systemd"))
        target = os.path.join(self.temporary.name, "target")
        os.mkdir(target)
        hostroot.copy_stage(stage, target)
        where = "usr/lib" if os.path.islink("/lib") else "lib"
        self.assertTrue(os.path.isdir(os.path.join(target, where, "systemd")))


class Interfaces(unittest.TestCase):

    def test_auto_only(self):
        commands = network.parse_interfaces(
            "auto lo\niface lo inet loopback\n\nauto eth0\n"
            "iface eth0 inet static\n\taddress 10.1.0.10\n"
            "\tnetmask 255.255.0.0\n\tgateway 10.1.0.1\n"
            "iface eth0 inet6 static\n\taddress fec1::10\n\tnetmask 16\n"
            "iface eth1 inet static\n\taddress 1.2.3.4\n")
        self.assertEqual(commands, [
            "link set eth0 up", "link set lo up",
            "address add 10.1.0.10/16 broadcast + dev eth0",
            "address add fec1::10/16 dev eth0 nodad",
            "route add default via 10.1.0.1 dev eth0"])

    def test_files_agree_with_placeholders(self):
        for name, addresses in scenario.ADDRESSES.items():
            if name in ("CAROL1", "DAVE1"):
                continue        # virtual addresses
            host = name.rstrip("1").lower()
            with open(f"{TESTING}/hosts/{host}/etc/network/interfaces") as \
                    stream:
                words = stream.read().split()
            for address in addresses:
                self.assertIn(address, words, host)


class Health(unittest.TestCase):

    def test_crash_lines(self):
        for line in ("charon-systemd: 09[DMN] thread 9 received 11",
                     "charon: killing ourself, received critical signal",
                     "systemd[1]: strongswan.service: Main process exited, "
                     "code=exited, status=1"):
            self.assertTrue(health.CRASH.search(line), line)
        for line in ("04[NET] received packet: from 1.2.3.4",
                     "systemd[1]: strongswan.service: Main process exited, "
                     "code=killed, status=9/SIGKILL"):
            self.assertFalse(health.CRASH.search(line), line)

    def test_valgrind_only_ours(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(root + "/var/log")
            with open(root + "/var/log/valgrind.7.log", "w") as stream:
                stream.write(
                    "==7== Command: /usr/sbin/charon-systemd\n==7== \n"
                    "==7== 8 bytes in 1 blocks are definitely lost\n"
                    "==7==    at 0x1: malloc (in /x/vgpreload.so)\n"
                    "==7==    by 0x2: f (in /usr/lib/ipsec/plugins/"
                    "libstrongswan-coi.so)\n==7== \n"
                    "==7== 9 bytes in 1 blocks are definitely lost\n"
                    "==7==    at 0x1: malloc (in /x/vgpreload.so)\n==7== \n")
            reports = health.valgrind_reports(root, "moon")
        self.assertEqual(len(reports), 1)
        self.assertIn("8 bytes", reports[0])


class Systemctl(unittest.TestCase):

    def test_signals(self):
        self.assertEqual(services._signal("KILL"), 9)
        self.assertEqual(services._signal("SIGHUP"), 1)
        self.assertEqual(services._signal("15"), 15)

    def test_unknown(self):
        control = services.Services(services.Processes(), None).control
        self.assertEqual(control(["start", "apache2"])[0], 5)
        self.assertEqual(control(["is-active", "strongswan"])[0], 3)
        self.assertEqual(control(["stop", "strongswan.service"]), (0, ""))
        self.assertEqual(control([])[0], 1)


class Checkout(unittest.TestCase):
    """Where a clone may lie."""

    def usable(self, path):
        return subprocess.run([TESTING + "/usable", path],
                              capture_output=True, text=True)

    def test_usable(self):
        for path in ("/root/strongswan-coi", "/home/x/a_1.2+b@c,d", "/mnt/a",
                     "/var/tmp/x", "/tmp/x", "/runs/x"):
            self.assertEqual(self.usable(path).returncode, 0, path)

    def test_not_usable(self):
        for path, why in (("/root/a b", "blanks"), ("/root/a\tb", "blanks"),
                          ("/root/a:b", "letters"), ("/root/$a", "letters"),
                          ("/root/'a'", "letters"), ("/run/x", "/run"),
                          ("/dev/shm/x", "/dev"), ("/usr/../run/x", "/run")):
            done = self.usable(path)
            self.assertEqual(done.returncode, 1, path)
            self.assertIn(why, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1 + path.count("\n"))

    def test_said_before_anything_is_built(self):
        with tempfile.TemporaryDirectory(prefix="a b") as top:
            os.mkdir(top + "/testing")
            for name in ("usable", "check", "prepare", "kernel"):
                shutil.copy(f"{TESTING}/{name}", top + "/testing")
            for name in ("check", "prepare", "kernel"):
                done = subprocess.run([f"{top}/testing/{name}"], text=True,
                                      capture_output=True)
                self.assertNotEqual(done.returncode, 0, name)
                self.assertIn("blanks", done.stderr)
                self.assertEqual(os.listdir(top), ["testing"])

    def test_hosts_have_it_wherever_it_lies(self):
        """/var/tmp of a host begins empty, as root's home does."""
        with tempfile.TemporaryDirectory(dir="/var/tmp") as top:
            for name in ("run", "usable"):
                os.makedirs(top + "/testing", exist_ok=True)
                shutil.copy(f"{TESTING}/{name}", top + "/testing")
            for name in ("bed", "hosts", "bench"):
                shutil.copytree(f"{TESTING}/{name}", f"{top}/testing/{name}")
            done = subprocess.run(
                [top + "/testing/run", "--kernel",
                 kernel.choose("auto"), "--out", top + "/out", "--exec",
                 f"moon:ls {top}; cat {hostroot.PLACE}/bench/inside/agent.py;"
                 f"touch {hostroot.PLACE}/x", top + "/testing/bench/hosts"],
                text=True, capture_output=True, timeout=120)
            with open(TESTING + "/bench/inside/agent.py") as stream:
                self.assertIn(stream.read(), done.stdout, done.stderr)
            self.assertIn(f"cannot access '{top}'", done.stdout)
            self.assertIn("Read-only file system", done.stdout)
            self.assertFalse(os.path.exists(top + "/testing/x"))


class Kernel(unittest.TestCase):
    def test_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = folder + "/linux"
            self.assertRaises(kernel.KernelError, kernel.choose, file)
            open(file, "w").close()
            self.assertRaises(kernel.KernelError, kernel.choose, file)
            os.chmod(file, 0o755)
            self.assertEqual(kernel.choose(file), file)
            argv = kernel.argv(file, "/x/job.json", 1, "/x", 0, None)
            self.assertIn(file, argv)
            self.assertNotIn(kernel.UML, argv)
            self.assertEqual(argv[-3:], ["uml", "/x/job.json", "1"])


    def test_auto(self):
        """Other than the machine's own and what was built is said."""
        said = []
        with tempfile.NamedTemporaryFile() as built, \
                mock.patch.object(kernel, "native_works") as native, \
                mock.patch.object(kernel, "BUILT", built.name), \
                mock.patch.object(kernel.shutil, "which"):
            os.chmod(built.name, 0o755)
            native.return_value = os.geteuid() == 0
            if native.return_value:
                self.assertEqual(kernel.choose("auto", said.append), "native")
            native.return_value = False
            self.assertEqual(kernel.choose("auto", said.append), built.name)
            self.assertEqual(said, [])
            os.chmod(built.name, 0o644)
            self.assertEqual(kernel.choose("auto", said.append), "uml")
            self.assertIn("nftables", *said)


class WaitFor(unittest.TestCase):

    def run_it(self, *words):
        program = TESTING + "/hosts/default/usr/local/bin/wait-for"
        return subprocess.run([program, *words], capture_output=True,
                              text=True)

    def test_prints_what_matched(self):
        done = self.run_it("^b{2}$", "--", "printf", r"a\nbb\n")
        self.assertEqual((done.returncode, done.stdout), (0, "a\nbb\n"))

    def test_pattern_in_several_words(self):
        self.assertEqual(
            self.run_it("a", "b", "--", "echo", "a b").returncode, 0)

    def test_waits(self):
        with tempfile.TemporaryDirectory() as folder:
            script = f"echo >> {folder}/n; wc -l < {folder}/n"
            self.assertEqual(
                self.run_it("^3$", "--", "sh", "-c", script).returncode, 0)

    def test_gives_up(self):
        done = self.run_it("-t", "0", "x", "--", "echo", "last words")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("last words", done.stderr)

    def test_usage(self):
        for words in ([], ["x"], ["x", "--"], ["--", "true"]):
            self.assertEqual(self.run_it(*words).returncode, 2, words)


if __name__ == "__main__":
    unittest.main()
