#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write corpus/ from the datagrams of testing/vectors: `seeds.py`. Each fuzz target says how its input begins."""

import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "vectors")


def records(name):
    """The records of a .vec file."""
    with open(os.path.join(VECTORS, name + ".vec"), encoding="ascii") as file:
        blocks = file.read().split("\n\n")
    for block in blocks:
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if lines:
            yield {k: v.strip() for k, v in (line.partition(" =")[::2] for line in lines)}


def octets(record, name):
    """A value in hexadecimal."""
    return bytes.fromhex(record[name])


def write(target, seeds):
    """corpus/TARGET/NAME."""
    where = os.path.join(HERE, "corpus", target)
    os.makedirs(where, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(where, name), "wb") as out:
            out.write(data)


def pack_event(choice, kind, flags, data):
    """An event of fuzz_session."""
    return struct.pack("!BBBH", choice, kind, flags, len(data)) + data


def seeds(number, tail, sign):
    """Write those of the suite with an index, whose files and seeds have a tail in their name."""
    one = next(records("exchange" + tail))
    many = {r["case"]: r for r in records("exchange-many" + tail)}
    info = {r["case"]: octets(r, "octets") for r in records("info")}
    control = {r["case"]: r for r in records("idle-term" + tail)}
    head = [bytes([6 * number + i]) for i in range(6)]
    proof = next(records("exchange-proof" + tail))
    virtual = next(r for r in records("exchange-proof" + tail) if r["case"] == "virtual")
    put = lambda target, table: write(target, {name + tail: data for name, data in table.items()})
    event = lambda choice, *rest: pack_event(choice + 10 * number, *rest)
    sess0, sess1, sess2 = (octets(one, n) for n in ("sess0.0.datagram", "sess1.datagram.0", "sess2.datagram.0"))
    message1, message2 = octets(one, "message1"), octets(one, "message2")
    idle, term, some = (octets(control[c], "datagram")
                        for c in ("idle-first", "term-initiator-2", "term-initiator-of-two"))
    put("pdu", {
        "sess0": head[0] + sess0, "sess1": head[0] + sess1, "sess2": head[0] + sess2, "idle": head[0] + idle,
        "term": head[0] + term, "term-of-two": head[0] + some, "message1": head[1] + message1,
        "message2": head[2] + message2, "sess3": head[0] + octets(proof, "sess3.datagram.0"),
        "message3": head[4] + octets(proof, "message3"), "third": head[5] + octets(proof, "SessionInfo_3"),
        "third-virtual": head[5] + octets(virtual, "SessionInfo_3"), "message2-virtual": head[2] + octets(virtual, "message2"),
        "message2-proof": head[2] + octets(proof, "message2"),
        "message1-filters": head[1] + octets(many["exchange-filters"], "message1")})
    if not tail:    # the same in all suites
        write("pdu", {
            "info": b"\3" + octets(one, "SessionInfo_R"), "info-padding": b"\3" + info["padding-33"],
            "info-order": b"\3" + info["other-order-and-unknown"], "info-user": b"\3" + info["user-utf8"],
            "info-bad-user": b"\3" + info["bad-user-control"],
            "info-filters": b"\3" + octets(many["exchange-filters"], "SessionInfo_R"),
            "info-full": b"\3" + info["full"], "info-bad-flags": b"\3" + info["bad-addresses-flags"],
            "info-bad-cut": b"\3" + info["bad-community-cut"], "info-networks": b"\3" + info["networks"],
            "info-networks-full": b"\3" + info["networks-full"],
            "info-proof": b"\3" + octets(proof, "SessionInfo_I"), "info-rounds": b"\3" + octets(proof, "SessionInfo_R"),
            "info-wish": b"\3" + info["wish"], "info-bad-wish": b"\3" + info["bad-wish-type-twice"],
            "info-bad-family": b"\3" + info["bad-family-6-of-4"]})
    flags = {"stranger": 0, "header": 1, "to": 3, "time": 7, "tag-only": 23, "digest": 15, "member": 31, "twice": 63,
             "again": 95, "again-twice": 127}
    put("gate", {**{name: bytes([f, 9]) + sess0 for name, f in flags.items()},
                   "short": bytes([31, 9]) + sess0[:100], "long": bytes([31, 9]) + sess0 + b"x"})
    token = octets(one, "ENC_I") + octets(one, "VAL_I")
    put("token", {**{name: bytes([f, 2]) + token + sess0 for name, f in
                       {"point": 1, "other": 5, "same": 9, "spoilt": 17, "nothing": 0}.items()},
                    "zero-val": bytes([0, 0]) + bytes(len(token)) + sess0,
                    "ones-val": bytes([0, 5]) + b"\xff" * len(token) + sess0,
                    "part": bytes([1, 1]) + token + sess0[:7] + b"\x12" + sess0[8:]})
    idle_plain, term_plain, some_plain = (octets(control[c], "plain")
                                          for c in ("idle-first", "term-initiator-2", "term-initiator-of-two"))
    unordered = b"\1\0\2\0\1\0\0" + some_plain[-sign:]
    turned = "\u202eeye\u009b1m\u2028".encode()
    unclean = bytes([1, len(turned)]) + turned + b"\0" + some_plain[-sign:]
    parts = {"sess0": event(3, 0, 1, sess0), "sess1": event(0, 1, 3, message1), "sess1-open": event(4, 1, 3, message1),
             "sess1-halves": event(0, 1, 27, message1[:500]) + event(0, 1, 11, message1[500:]),
             "sess2": event(3, 2, 3, message2), "sess2-open": event(7, 2, 3, message2),
             "idle": event(8, 3, 7, idle_plain), "idle-r": event(9, 3, 7, idle_plain),
             "idle-unconfirmed": event(6, 3, 7, idle_plain), "term": event(9, 4, 7, term_plain),
             "term-i": event(8, 4, 7, term_plain), "term-of-two": event(9, 4, 7, some_plain),
             "term-of-first": event(6, 4, 7, octets(control["term-responder-of-first"], "plain")),
             "term-unordered": event(9, 4, 7, unordered), "term-unclean": event(9, 4, 7, unclean),
             "strangers": b"".join(event(i, i % 5, 1, d) for i, d in enumerate((sess0, sess1, sess2, idle, term))),
             "raw": event(9, 4, 0, term) + event(0, 1, 0, sess1)}
    put("session", parts)


def keylists():
    """Lists of keys as text."""
    one = b"secrets {\n   ppk-lab {\n      # fingerprint\n      id = lab\n      secret = 0x" + b"5a" * 32 + b"\n   }\n}\n"
    return {"one": one, "two": one + one, "tight": b"secrets{ppk{secret=0x" + b"0F" * 32 + b" id=x}}", "nothing": b"",
            "cut": one[:-4], "other": b"connections {\n}\n", "include": one + b"include /etc/passwd\n",
            "two-ids": one.replace(b"id = lab", b"id = lab\nid = b"), "quotes": one.replace(b"= lab", b'= "la b"'),
            "short": one.replace(b"5a", b"", 1), "control": one.replace(b"lab", b"l\x07b"), "many": one * 97}


def pack_ip(six, proto, src, dst, data):
    """An IP packet."""
    if six:
        return struct.pack("!IHBB", 6 << 28, len(data), proto, 1) + b"\xfe\xc0".ljust(15, b"\0") + bytes([src]) \
            + b"\xfe\xc0".ljust(15, b"\0") + bytes([dst]) + data
    return struct.pack("!BBHHHBBH4B4B", 0x45, 0, 20 + len(data), 0, 0, 1, proto, 0, 192, 0, 2, src, 192, 0, 2, dst) + data


def quotes():
    """Errors of routers that quote ESP, not sealed yet."""
    plain = struct.pack("!4H", 40000, 33434, 13, 0) + b"hello"
    esp = struct.pack("!IIQ", 0xC0010203, 5, 7) + plain + bytes([1, 1, 17]) + bytes(16)

    def error(flags, kind, code, data=esp, proto=50):
        six = flags & 1
        quoted = pack_ip(six, proto, 1, 2, data)
        return bytes([flags]) + pack_ip(six, 58 if six else 1, 9, 1, struct.pack("!BBHI", kind, code, 0, 0) + quoted)

    udp = struct.pack("!4H", 4570, 4570, 8 + len(esp), 0) + esp
    return {"time4": error(4, 11, 0), "time6": error(5, 3, 0), "away4": error(4, 3, 1), "away6": error(5, 1, 0),
            "pointer4": error(4, 12, 0), "pointer6": error(5, 4, 0), "udp4": error(4, 11, 0, udp, 17),
            "udp6": error(5, 3, 0, udp, 17), "esn": error(6, 11, 0), "forged": error(0, 11, 0),
            "port": error(4, 3, 3), "cut": error(4, 11, 0)[:-1], "tcp": error(4, 11, 0, esp, 6),
            "padding": error(4, 11, 0, esp[:-18] + bytes([255, 17]) + bytes(16)),
            "dummy": error(4, 11, 0, esp[:-17] + bytes([59]) + bytes(16)), "nothing": b"\4"}


def main():
    """Write all."""
    write("quote", quotes())
    write("keylist", keylists())
    seeds(0, "", 96)
    seeds(1, "-x25519", 64)


if __name__ == "__main__":
    main()
