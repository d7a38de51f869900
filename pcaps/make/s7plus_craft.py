#!/usr/bin/env python3
"""Makes the S7comm-plus captures that no stack sends: every function, fragments, pushes, TLS, a start to a stop.

    s7plus_craft.py          writes ../s7/plus-*.pcap, always the same bytes

The messages are those of the unit tests (tests/unit/s7plus_examples.h).  Needs nothing but Python.
"""
import os
import re
import struct

import dnp3_craft as craft

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "tests", "unit", "s7plus_examples.h")
HMAC = bytes([32]) + bytes(range(32))
SESSION = 0x394
REQUEST, RESPONSE, RESPONSE2 = 0x31, 0x32, 0x02


def examples():
    """[(function, version, request, answer)], [(version, push)]."""
    with open(EXAMPLES, encoding="utf-8") as f:
        text = f.read()
    qualifier = re.search(r'#define QUAL "([^"]*)"', text)[1]
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)

    def literal(words):
        return craft.to_bytes("".join(a or qualifier for a, b in re.findall(r'"([^"]*)"|(QUAL)', words)))
    rows = re.findall(r"\{ 0x([0-9a-f]{4}), (\d), (.*?) \},", text, re.S)
    pushes = re.findall(r"\{ (0xfe|2|3), (\"[^{}]*?\") \},", text, re.S)
    out = []
    for function, version, words in rows:
        req, rsp = re.match(r"(.*?\"\s*),\s*(\"00.*|\"D.*)$", words, re.S).groups()
        out.append((int(function, 16), int(version), literal(req), literal(rsp)))
    return out, [(int(v, 0), literal(words)) for v, words in pushes]


class Talk(craft.Talk):
    """A conversation of an HMI and an S7-1500."""

    def __init__(self, cap, midway=False, port=102):
        super().__init__(cap, port=port, midway=midway)
        self.number = 0
        if not midway:
            for side, kind in ((0, 0xe0), (1, 0xd0)):
                refs = struct.pack(">HH", 0, 10) if side == 0 else struct.pack(">HH", 10, 1)
                self.tpdu(side, bytes([kind]) + refs + b"\0\xc0\x01\x0a\xc1\x02\x06\x00\xc2\x10SIMATIC-ROOT-HMI")

    def tpdu(self, side, data):
        self.raw(side, struct.pack(">BBHB", 3, 0, len(data) + 5, len(data)) + data)

    def data(self, side, data):
        self.raw(side, struct.pack(">BBH", 3, 0, len(data) + 7) + b"\x02\xf0\x80" + data)

    def part(self, side, version, body, last=False):
        """What a data TPDU holds: header, in version 3 a HMAC, body, trailer."""
        if version == 3:
            body = HMAC + body
        end = struct.pack(">BBH", 0x72, version, 0) if last else b""
        self.data(side, struct.pack(">BBH", 0x72, version, len(body)) + body + end)

    def message(self, side, version, opcode, function, body, number=None):
        head = struct.pack(">BHHHH", opcode, 0, function, 0, self.number if number is None else number)
        if opcode == REQUEST:
            head += struct.pack(">I", SESSION)
        return self.part(side, version, head + b"\x34" + body, True)

    def ask(self, function, version, request, answer=None, opcode=RESPONSE):
        self.number += 1
        self.message(0, version, REQUEST, function, request)
        if answer is not None:
            self.message(1, version, opcode, function, answer)

    def pieces(self, side, version, opcode, function, body, size):
        """A message in fragments of at most `size` bytes; yields before each."""
        data = struct.pack(">BHHHH", opcode, 0, function, 0, self.number)
        data += (struct.pack(">I", SESSION) if opcode == REQUEST else b"") + b"\x34" + body
        for at in range(0, len(data), size):
            yield
            self.part(side, version, data[at:at + size], at + size >= len(data))


CAPTURES = []


def capture(f):
    CAPTURES.append(f)
    return f


@capture
def functions(c):
    t = Talk(c)
    for row in examples()[0]:
        t.ask(*row)
    t.ask(0x04bb, 1, craft.to_bytes("00000003 00 01 01 00 00 00"))
    t.message(1, 1, RESPONSE, 0x04b1, craft.to_bytes("8931 00000000"))		# any request may be answered so
    for function in (0x04ff, 0x0600):
        t.ask(function, 1, b"\0\0\0\0", craft.to_bytes("D381B2C080A5DBFFFE 00000000"))
    t.tpdu(0, craft.to_bytes("80 000A 0001 80"))


@capture
def refused(c):
    """Each function with a return value that says no."""
    t = Talk(c)
    for function, version, request, _ in examples()[0]:
        t.ask(function, version, request, craft.to_bytes("D08CF180808283FFF4 00 00000000"))
    t.tpdu(1, craft.to_bytes("70 000A 02"))


@capture
def pushes(c):
    t = Talk(c)
    for version, body in examples()[1]:
        if version == 0xfe:
            t.data(1, struct.pack(">BBH", 0x72, version, len(body)) + body)
        else:
            t.part(1, version, body, True)
    t.ask(0x04f2, 2, craft.to_bytes("1000006A 01 881D 0007 0006 00 00 00 00000000"), craft.to_bytes("00 00 00000000"), RESPONSE2)


@capture
def fragments(c):
    t = Talk(c)
    attributes = b"".join(b"\xa3\x93\x59\x00\x03" + struct.pack(">H", i) for i in range(60))
    tree = craft.to_bytes("00 00000003 07 A1 8A0E0001 940E 00 00") + attributes + craft.to_bytes("A2 00000000")
    event = struct.pack(">BBHIIII", 0x72, 0xfe, 16, 0, 400, 0, 0)
    for version in (2, 3):
        t.ask(0x04bb, version, craft.to_bytes("00000003 00 01 01 00 00 00 07 00000000"))
        for n, _ in enumerate(t.pieces(1, version, RESPONSE, 0x04bb, tree, 100)):
            if n == 1:
                t.data(1, event)								# in between
            if n == 2:
                t.part(1, version, examples()[1][version > 2][1], True)
    t.number += 1											# a block, longer than is kept
    block = craft.to_bytes("00000003 0004 00 00000000 09 A1 8A0E0007 940E 00 00 A3 9359 0003 0007 A3 9365 0014 00 C000") + \
        bytes(8192) + craft.to_bytes("A2 00000000")
    for _ in t.pieces(0, 3, REQUEST, 0x04ca, block, 970):
        pass
    t.message(1, 3, RESPONSE, 0x04ca, craft.to_bytes("00 01 88D0B88007 09 00000000"))
    t.number += 1											# its end never comes
    t.part(0, 2, struct.pack(">BHHHHI", REQUEST, 0, 0x04f2, 0, t.number, SESSION) + craft.to_bytes("34 00000034 01 9077 0008 01"))
    t.ask(0x04f2, 2, craft.to_bytes("00000034 01 9077 0008 03 00 00 00 00000000"), craft.to_bytes("00 00 00000000"))


@capture
def midway(c):
    """Joined amid fragments, amid a session, amid TLS."""
    for side in (0, 1):
        t = Talk(c, midway=True)
        t.part(side, 3, bytes(range(0x40, 0x90)))
        t.part(side, 3, bytes(range(0x40, 0x90)), True)
        row = next(e for e in examples()[0] if e[0] == 0x054c)
        t.ask(*row)
    for sides in ((1, 0, 1), (0, 1)):
        t = Talk(c, midway=True)
        for side in sides:
            t.data(side, b"\x17\x03\x03\x00\x28" + bytes(range(0x60, 0x88)))


@capture
def contradictions(c):
    t = Talk(c)
    good = examples()[0][0]
    t.ask(*good)
    t.data(0, craft.to_bytes("72 02 00FF 31 0000 04BB 0000 0002 00000394 34 00000003"))			# longer than it is
    t.data(0, craft.to_bytes("72 09 0004 31000000 72 09 0000"))						# version
    t.data(0, craft.to_bytes("72 02 0004 44000000 72 02 0000"))						# opcode
    t.message(1, 2, RESPONSE, 0x04bb, craft.to_bytes("00 00000003 07 00000000"), 999)			# nobody asked
    t.number += 1
    t.message(0, 2, REQUEST, 0x04bb, craft.to_bytes("00000003 00 01 01 00 00 00 07 00000000"))
    t.message(1, 2, RESPONSE, 0x04ca, craft.to_bytes("00 00 07 00000000"))				# for another function
    for body in ("00000000 FFFFFFFF7F 05", "00000000 01 05 00 88D0B88001 FF7F 9376", "00000034 01 9077 1008 FF7F",
                 "00000034 01 9077 0018 01", "00000034 01 9077" + " 0017 00000001 01" * 12):
        t.ask(0x0542 if body.startswith("00000000") else 0x04f2, 2, craft.to_bytes(body), craft.to_bytes("00 00 00000000"))


@capture
def takeover(c):
    """An engineering station logs in, stops the controller, loads a block, starts it again."""
    t = Talk(c)
    rows = examples()[0]
    for function, n in ((0x04ca, 0), (0x0542, 1), (0x0586, 0), (0x057c, 0), (0x0586, 1), (0x04bb, 0), (0x04f2, 0), (0x04bb, 2),
                        (0x04ca, 2), (0x04f2, 1), (0x0542, 0), (0x04d4, 0)):
        t.ask(*[r for r in rows if r[0] == function][n])


def main():
    craft.OUT = os.path.join(HERE, "..", "s7")
    for f in CAPTURES:
        c = craft.Capture("plus-" + f.__name__.replace("_", "-"))
        f(c)
        c.write()


if __name__ == "__main__":
    main()
