# SPDX-License-Identifier: GPL-2.0-or-later
"""charon on both hosts: with this project, and with IKEv2."""

import re
import secrets

CHARON = "/usr/sbin/charon-systemd"
CONF = "/run/bench.conf"

# what a member may open is limited for each address, and here it is always the same one
SETTINGS = """
charon-systemd {
  load = random nonce openssl pem x509 pubkey hmac kdf sha2 aes gcm kernel-netlink %s updown vici
  filelog {
    log {
      path = /var/log/charon.log
      time_format = %%H:%%M:%%S
      time_add_ms = yes
    }
  }
  journal {
    default = -1
  }
  plugins {
    coi {
      dark = yes
      suite = %s
      rate = 1000
      burst = 1000
    }
  }
}
"""


class Charon:
    """A tunnel in transport mode between the two hosts' own addresses."""

    missing = None
    coarse = False
    conn = "bench"

    def __init__(self, name, child=None):
        self.name = name
        # settings of its child, beside those that all have
        self.child = child or {}

    def _child(self, host):
        """A host's child; settings may be different on moon and sun."""
        return {"mode": "transport", "esp_proposals": ["aes256gcm16"], "rekey_time": "0",
                "life_time": "0", "start_action": "trap",
                **self.child.get("both", {}), **self.child.get(host.name, {})}

    def target(self, two):
        """Address that moon connects to."""
        return two.sun.address

    def available(self, two):
        """Whether the hosts can do that; missing says why not."""
        return True

    def up(self, two):
        """Start and configure it, without a tunnel."""
        key = "0x" + secrets.token_hex(32)
        for host in two:
            host.do("write", path="/var/log/charon.log", text="")
            host.do("write", path=CONF, text=self.settings())
            host.do("start", name="charon", argv=[CHARON], env={"STRONGSWAN_CONF": CONF})
        for host in two:
            host.do("wait_vici")
            self.load(host, two.other(host), key)

    def load(self, host, other, key):
        """Load a connection."""
        raise NotImplementedError

    def settings(self):
        """strongswan.conf of both."""
        raise NotImplementedError

    def cold(self, two):
        """End the tunnel at both ends."""
        if self.tunnels(two):
            two.moon.do("vici", command="terminate", message={
                "ike": self.conn, "timeout": "5000"})
        for host in two:
            host.do("wait_sas", wanted=0)

    def tunnels(self, two):
        """How many tunnels moon has."""
        return int(two.moon.do("vici", command="stats")[0]["ikesas"]["total"])

    def keys(self, two):
        """How many CHILD_SAs moon has had, once it is down."""
        log = two.moon.do("read", path="/var/log/charon.log")
        return len(set(re.findall(r"CHILD_SA bench\{(\d+)\} established", log)))

    def down(self, two):
        """Stop it."""
        for host in two:
            host.ask("stop", name="charon")
        for host in two:
            host.answer()


class Coi(Charon):
    """This project."""

    def __init__(self, suite, name=None, child=None):
        super().__init__(name or f"coi {suite}", child)
        self.suite = suite

    def settings(self):
        return SETTINGS % ("coi", self.suite)

    def load(self, host, other, key):
        host.do("vici", command="load-shared", message={
            "id": "key", "type": "ppk", "data": key, "owners": [self.conn]})
        host.do("vici", command="load-conn", message={self.conn: {
            "version": "2", "remote_addrs": [other.address], "rekey_time": "0",
            "local": {"auth": "xauth-coi", "id": host.name}, "remote": {"auth": "xauth-coi"},
            "children": {self.conn: self._child(host)}}})
        # it looks for new keys only every second by itself
        host.do("vici", command="communities", event="community", path="/run/charon.coi")


class Ike(Charon):
    """Stock IKEv2 with a PSK and a trap."""

    def __init__(self, name, larval_drop=1, child=None, proposal="aes256gcm16-prfsha256-x25519"):
        super().__init__(name, child)
        self.larval_drop = larval_drop
        self.proposal = proposal

    def settings(self):
        return SETTINGS % ("socket-default", "x25519")

    def load(self, host, other, key):
        host.sysctl("net.core.xfrm_larval_drop", self.larval_drop)
        host.do("vici", command="load-shared", message={
            "id": "psk", "type": "ike", "data": key, "owners": ["moon", "sun"]})
        host.do("vici", command="load-conn", message={self.conn: {
            "version": "2", "proposals": [self.proposal], "local_addrs": [host.address],
            "remote_addrs": [other.address], "rekey_time": "0",
            "local": {"auth": "psk", "id": host.name}, "remote": {"auth": "psk", "id": other.name},
            "children": {self.conn: self._child(host)}}})

    def down(self, two):
        super().down(two)
        for host in two:
            host.sysctl("net.core.xfrm_larval_drop", 1)


class ByHand:
    """Plain ESP in transport mode, as ip xfrm sets it: nobody asks for it, no filters."""

    missing = None
    coarse = False
    spis = {"moon": "0xb0000001", "sun": "0xb0000002"}

    def __init__(self, name="ESP by ip xfrm, no filters"):
        self.name = name

    def available(self, two):
        """Whether the hosts can do that."""
        return True

    def target(self, two):
        """Address that moon connects to."""
        return two.sun.address

    def up(self, two):
        """Set states and policies."""
        keys = {host.name: "0x" + secrets.token_hex(36) for host in two}
        for host in two:
            other = two.other(host)
            for source, to in (host, other), (other, host):
                host.do("run", argv=[
                    "ip", "xfrm", "state", "add", "src", source.address, "dst", to.address,
                    "proto", "esp", "spi", self.spis[to.name], "reqid", "1", "mode", "transport",
                    "replay-window", "32", "aead", "rfc4106(gcm(aes))", keys[to.name], "128"])
                host.run(f"ip xfrm policy add src {source.address} dst {to.address} dir "
                         f"{'out' if source is host else 'in'} tmpl proto esp reqid 1 mode "
                         "transport")

    def down(self, two):
        """Remove them."""
        for host in two:
            host.run("ip xfrm state flush")
            host.run("ip xfrm policy flush")
