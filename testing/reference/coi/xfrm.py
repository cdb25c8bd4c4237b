# SPDX-License-Identifier: GPL-2.0-or-later
"""Section 11 in the kernel, by ip(8), within the current network namespace."""

import subprocess

from .wire import address_text

INTEGRITY = {2: ("hmac(sha1)", 96), 12: ("hmac(sha256)", 128), 13: ("hmac(sha384)", 192), 14: ("hmac(sha512)", 256)}
MODES = {1: "transport", 2: "tunnel"}
MAX_PORTS = 64


def ip(*args, check=True):
    """Run ip xfrm."""
    subprocess.run(["ip", "xfrm", *map(str, args)], check=check)


def _algorithm(proposal, keys):
    encryption, _, integrity, esn = proposal
    if encryption == 20:
        out = ["aead", "rfc4106(gcm(aes))", "0x" + keys[0].hex(), "128"]
    else:
        name, bits = INTEGRITY[integrity]
        out = ["auth-trunc", name, "0x" + keys[1].hex(), bits, "enc", "cbc(aes)", "0x" + keys[0].hex()]
    return out + (["flag", "esn", "replay-window", "32"] if esn else ["replay-window", "32"])


def _selectors(service, side):
    """Selectors of a service on the side `sport` or `dport`; ip(8) knows single ports only."""
    proto, first, last = service
    if (first, last) == (0, 65535):
        return [["proto", proto] if proto else []]
    if not proto or last - first >= MAX_PORTS:
        raise ValueError("port range too wide for ip xfrm")
    return [["proto", proto, side, port] for port in range(first, last + 1)]


class Kernel:
    """SAs and policies of the sessions of this host."""

    def __init__(self, port, idle_port):
        self.port, self.idle_port, self.undo = port, idle_port, {}

    def _do(self, session, owner, add, delete):
        ip(*add)
        self.undo.setdefault(session, []).append((owner, delete))

    def _undo(self, session, which):
        """Remove what `which` says of its owner: the name of a SA's community, the way of a policy."""
        done = self.undo.pop(session, [])
        for owner, delete in reversed(done):
            if which(owner):
                ip(*delete, check=False)
        left = [(owner, delete) for owner, delete in done if not which(owner)]
        if left:
            self.undo[session] = left

    @staticmethod
    def _reqid(session, c):
        """The reqid of a community: its place in C, from 1."""
        return 1 + [k.name for k in session.c].index(c.name)

    @staticmethod
    def _ends(session, way):
        """Source and destination."""
        local, peer = address_text(session.local[0]), address_text(session.peer[0])
        return (local, peer) if way == "out" else (peer, local)

    def install(self, session, which):
        """Set up the SAs of a direction, with their policies."""
        initiator = session.role == "initiator"
        for way in (("in", "out") if which == "both" else (which,)):
            src, dst = self._ends(session, way)
            for c in session.children:
                to_responder = (way == "out") == initiator
                spi, keys = (c.esp_r, c.keys_ir) if to_responder else (c.esp_i, c.keys_ri)
                ident = ["src", src, "dst", dst, "proto", "esp", "spi", hex(spi)]
                self._do(session, c.name, ["state", "add", *ident, "reqid", self._reqid(session, c),
                                           "mode", MODES[c.mode], *_algorithm(c.proposal, keys)],
                         ["state", "delete", *ident])
            self._policies(session, way, src, dst)

    def _policies(self, session, way, src, dst):
        first = session.children[0]
        rules = [(10, ["proto", "udp", "dport", self.port], None), (10, ["proto", "udp", "sport", self.port], None),
                 (20, ["proto", "udp", "sport", self.idle_port, "dport", self.idle_port],
                  (self._reqid(session, first), first))]
        if ":" in src:      # neighbours must find each other
            rules += [(10, ["proto", "ipv6-icmp", "type", kind], None) for kind in (135, 136)]
        for c in session.children:
            reqid = self._reqid(session, c)
            at_i, at_r = c.flows
            to_responder = (way == "out") == (session.role == "initiator")
            for services, side in ((at_i, "sport" if to_responder else "dport"),
                                   (at_r, "dport" if to_responder else "sport")):
                rules += [(100 + reqid, s, (reqid, c)) for service in services for s in _selectors(service, side)]
        rules.append((1000, [], "block"))
        done = []
        for priority, selector, via in rules:
            if selector in done:
                continue
            done.append(selector)
            ident = ["src", src, "dst", dst, *selector, "dir", way]
            tail = ["action", "block"] if via == "block" else []
            if via and via != "block":
                tail = ["tmpl", "src", src, "dst", dst, "proto", "esp", "reqid", via[0], "mode", MODES[via[1].mode]]
            self._do(session, way, ["policy", "add", *ident, "priority", priority, *tail],
                     ["policy", "delete", *ident])

    def drop(self, session, children):
        """Remove the SAs of some communities; the policies are made anew for the others."""
        ways = sorted({owner for owner, _ in self.undo.get(session, []) if owner in ("in", "out")})
        gone = [c.name for c in children]
        self._undo(session, lambda owner: owner in ways or owner in gone)
        for way in ways:
            self._policies(session, way, *self._ends(session, way))

    def remove(self, session):
        """Remove what install() set up."""
        self._undo(session, lambda owner: True)
