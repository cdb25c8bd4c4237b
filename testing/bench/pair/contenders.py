# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: this project in its two suites, and IKEv2 of the same strength."""

import os
import secrets
import shutil

from . import daemons

SETTINGS = """
    load = %s
    cookie_threshold = 0
    block_threshold = 0
    install_routes = no
    filelog {{
        log {{
            path = {folder}/charon.log
            default = 0
        }}
    }}
    plugins {{
        kernel-netlink {{
            roam_events = no
        }}
        load-tester {{
            enable = yes
            fake_kernel = yes
        }}
        coi {{
            hold = no
            suite = %s
            half_open = 100000
            half_open_source = 65535
            rate = 100000
            burst = 100000
            queue = 65536
            dpd_delay = %u
        }}
    }}
"""

KEY = {"ecdsa": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "ed25519": ["ED25519"]}


class Contender:
    """One way of opening tunnels; folders() has what both daemons load from."""

    def __init__(self, name, suite="p384", ike=None, auth=None, key=None):
        self.name = name
        self.suite = suite
        self.ike = ike
        self.auth = auth
        self.key = key
        self.conn = None

    def settings(self, dpd_delay=0):
        """strongswan.conf of both."""
        return SETTINGS % (daemons.LOAD, self.suite, dpd_delay)

    def folders(self):
        """Make /etc/swanctl of initiator and responder."""
        made = []
        for name in "initiator", "responder":
            folder = os.path.join(daemons.BUILD, f"swanctl-{name}")
            shutil.rmtree(folder, ignore_errors=True)
            for sub in "x509", "x509ca", "private":
                os.makedirs(os.path.join(folder, sub))
            made.append(folder)
        return made

    def load(self, pair):
        """Load keys and connections."""
        if self.ike:
            self._load_ike(pair)
        else:
            self._load_coi(pair)

    @staticmethod
    def _load_coi(pair):
        key = "0x" + secrets.token_hex(32)
        for daemon, remote in ((pair.initiator, daemons.RESPONDERS),
                               (pair.responder, daemons.INITIATORS)):
            client = daemon.vici()
            client.call("load-shared", {"id": "key", "type": "ppk", "data": bytes.fromhex(key[2:]),
                                        "owners": ["bench"]})
            Contender.load_connection(client, "coi", remote)
            client.close()
            # it looks for new keys only every second by itself
            control = daemon.control()
            control.call("communities", event="community")
            control.close()

    @staticmethod
    def load_connection(client, name, remote):
        """Load a connection of this project to a network."""
        client.call("load-conn", {name: {
            "version": "2", "remote_addrs": [remote], "unique": "never",
            # without an id each peer is its address: charon keeps all IKE_SAs of
            # two names in one list, which real peers' are not in
            "local": {"auth": "xauth-coi"}, "remote": {"auth": "xauth-coi"},
            "rekey_time": "0", "children": {"bench": {
                "mode": "transport", "esp_proposals": ["aes256gcm16"], "rekey_time": "0",
                "life_time": "0"}}}})

    def _load_ike(self, pair):
        local = {"auth": self.auth}
        remote = dict(local)
        certs = self._certify() if self.auth == "pubkey" else None
        secret = secrets.token_bytes(32)
        for daemon, other in ((pair.initiator, "responder"), (pair.responder, "initiator")):
            client = daemon.vici()
            conn = {
                "version": "2", "proposals": [self.ike], "unique": "never", "mobike": "no",
                "dpd_delay": "0", "rekey_time": "0", "reauth_time": "0",
                "local": dict(local, id=daemon.name + ".bench"),
                "remote": dict(remote, id=other + ".bench"),
                "children": {"bench": {
                    "mode": "transport", "esp_proposals": ["aes256gcm16"], "rekey_time": "0",
                    "life_time": "0"}}}
            if certs:
                client.call("load-cert", {"type": "X509", "flag": "CA", "data": certs["ca"]})
                client.call("load-key", {"type": "any", "data": certs[daemon.name][1]})
                conn["local"]["certs"] = [certs[daemon.name][0]]
            else:
                client.call("load-shared", {"id": "psk", "type": "ike", "data": secret,
                                            "owners": ["initiator.bench", "responder.bench"]})
            if daemon is pair.responder:
                client.call("load-conn", {"ike": dict(conn, remote_addrs=["%any"])})
            else:
                self.conn = conn
            client.close()

    def _certify(self):
        """Make a CA and a certificate for each, with openssl. Returns DER."""
        folder = os.path.join(daemons.BUILD, "pki")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)

        def path(name):
            return os.path.join(folder, name)

        def octets(name):
            with open(path(name), "rb") as file:
                return file.read()

        made = {}
        for name in "ca", "initiator", "responder":
            daemons.run("openssl", "genpkey", "-algorithm", *KEY[self.key], "-out",
                        path(name + ".key"))
            command = ["openssl", "req", "-x509", "-new", "-key", path(name + ".key"), "-days", "2",
                       "-subj", f"/CN={name}.bench", "-outform", "DER", "-out", path(name + ".der")]
            if self.key == "ecdsa":
                command += ["-sha384"]
            if name == "ca":
                command += ["-addext", "keyUsage=keyCertSign"]
                daemons.run(*command)
                made["ca"] = octets("ca.der")
                continue
            command += ["-addext", f"subjectAltName=DNS:{name}.bench", "-addext",
                        "basicConstraints=critical,CA:FALSE", "-CAkey", path("ca.key"), "-CA",
                        path("ca.pem")]
            daemons.run("openssl", "x509", "-inform", "DER", "-in", path("ca.der"), "-out",
                        path("ca.pem"))
            daemons.run(*command)
            made[name] = (octets(name + ".der"), octets(name + ".key"))
        return made

    def prepare(self, pair, numbers, on):
        """Load or unload what is needed to ask some responders.

        IKEv2 needs a connection for each, and charon goes through all of them for
        each opening: so there are never more than are asked at a time.
        """
        if not self.ike:
            return
        client = pair.initiator.vici()
        for number in numbers:
            name = f"ike{number}"
            if on:
                client.call("load-conn", {name: dict(
                    self.conn, remote_addrs=[daemons.responder(number)])})
            else:
                client.call("unload-conn", {"name": name})
        client.close()

    def open(self, client, number):
        """Ask for a tunnel with a responder; does not wait for it."""
        if self.ike:
            client.call("initiate", {"ike": f"ike{number}", "child": "bench", "timeout": "-1",
                                     "init-limits": "no"})
        else:
            client.call("open", {"peer": daemons.responder(number), "timeout": "-1"})

    def client(self, pair):
        """Connect to what open() asks."""
        return pair.initiator.vici() if self.ike else pair.initiator.control()


CONTENDERS = [
    Contender("coi p384"),
    Contender("IKEv2 ECP-384, ECDSA-384 certificates", ike="aes256gcm16-prfsha384-ecp384",
              auth="pubkey", key="ecdsa"),
    Contender("IKEv2 ECP-384, PSK", ike="aes256gcm16-prfsha384-ecp384", auth="psk"),
    Contender("coi x25519", suite="x25519"),
    Contender("IKEv2 X25519, Ed25519 certificates", ike="aes256gcm16-prfsha256-x25519",
              auth="pubkey", key="ed25519"),
    Contender("IKEv2 X25519, PSK", ike="aes256gcm16-prfsha256-x25519", auth="psk"),
]
