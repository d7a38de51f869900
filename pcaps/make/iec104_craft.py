#!/usr/bin/env python3
"""Makes the IEC 60870-5-104 captures that no stack sends: every type with every element, file transfer, what breaks the standard,
beginnings, gaps, and what raises alerts.

    iec104_craft.py          writes ../iec104/*.pcap, always the same bytes

Needs nothing but Python.
"""
import os
import struct

import dnp3_craft
from dnp3_craft import to_bytes

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "iec104")
CA = 47
SPONT, ACT, CON, DEACT, DEACT_CON, TERM, REQ, FILE = 3, 6, 7, 8, 9, 10, 5, 13
NEG, TEST = 0x40, 0x80
CP56 = "A5C3 1E 0D 5B 06 17"		# 2023-06-27 13:30:50.085, Tuesday... day of week 2
CP24 = "A5C3 1E"

# Elements behind the address, by type.
EXAMPLES = {
    1: "31", 2: "01" + CP24, 3: "C2", 4: "81" + CP24, 5: "FB 10", 6: "8C 00" + CP24, 7: "78563412 01", 8: "FFFFFFFF 80" + CP24,
    9: "0080 00", 10: "FF7F 01" + CP24, 11: "D204 20", 12: "0080 00" + CP24, 13: "33339340 00", 14: "0000C0FF 80" + CP24,
    15: "40E20100 27", 16: "90EEFEFF E5" + CP24, 17: "82 5901" + CP24, 18: "03 08 6300" + CP24, 19: "05 00 0C00" + CP24,
    20: "2100 2000 00", 21: "00C0", 30: "01" + CP56, 31: "02" + CP56, 32: "05 00" + CP56, 33: "01000080 00" + CP56,
    34: "0040 00" + CP56, 35: "FFFF 00" + CP56, 36: "0000807F 40" + CP56, 37: "01000000 00" + CP56, 38: "01 E803" + CP56,
    39: "21 10 6300" + CP56, 40: "0F 20 0C00" + CP56, 41: "0700 2A000000 01" + CP56,
    45: "05", 46: "0A", 47: "02", 48: "00C0 00", 49: "D204 05", 50: "33339340 00", 51: "78563412",
    58: "01" + CP56, 59: "01" + CP56, 60: "01" + CP56, 61: "0040 00" + CP56, 62: "D204 00" + CP56, 63: "0000C842 00" + CP56,
    64: "01000000" + CP56,
}


class Capture(dnp3_craft.Capture):
    def write(self):
        with open(os.path.join(OUT, self.name + ".pcap"), "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for t, data in self.packets:
                f.write(struct.pack("<IIII", int(t), round((t - int(t)) * 1e6), len(data), len(data)) + data)


def asdu(kind, cause, objects, ca=CA, n=1, sq=False, oa=0):
    return struct.pack("<BBBBH", kind, n | sq << 7, cause, oa, ca) + (to_bytes(objects) if isinstance(objects, str) else objects)


def ioa(n):
    return struct.pack("<I", n)[:3]


class Talk(dnp3_craft.Talk):
    """A connection of a controlling and a controlled station; numbers are kept."""

    def __init__(self, cap, port=2404, midway=False, start=True):
        super().__init__(cap, port, midway=midway)
        self.number = [0, 0]
        if start and not midway:
            self.u(0, 0x07)
            self.u(1, 0x0B)

    def apdu(self, side, body, send=None, receive=None):
        """An APDU of format I as bytes."""
        ns = self.number[side] if send is None else send
        nr = self.number[1 - side] if receive is None else receive
        if send is None:
            self.number[side] = (ns + 1) & 0x7FFF
        body = struct.pack("<HH", ns << 1, nr << 1) + body
        return bytes([0x68, len(body)]) + body

    def i(self, side, kind, cause, objects, **kw):
        num = {k: kw.pop(k) for k in ("send", "receive") if k in kw}
        self.raw(side, self.apdu(side, asdu(kind, cause, objects, **kw), **num))

    def u(self, side, octet):
        self.raw(side, bytes([0x68, 4, octet, 0, 0, 0]))

    def s(self, side, receive=None):
        self.raw(side, struct.pack("<BBHH", 0x68, 4, 1, (self.number[1 - side] if receive is None else receive) << 1))

    def command(self, kind, objects, ca=CA, term=True):
        self.i(0, kind, ACT, objects, ca=ca)
        self.i(1, kind, CON, objects, ca=ca)
        if term:
            self.i(1, kind, TERM, objects, ca=ca)


CAPTURES = []


def capture(f):
    CAPTURES.append(f)
    return f


@capture
def types(c):
    """Each type with one object, those that may with a row of objects."""
    t = Talk(c)
    for kind, wire in EXAMPLES.items():
        one = to_bytes(wire)
        if kind < 45:
            t.i(1, kind, SPONT, ioa(1000 + kind) + one)
            if kind in (1, 3, 5, 7, 9, 11, 13, 15, 20, 21):
                t.i(1, kind, SPONT, ioa(2000 + kind) + one * 3, n=3, sq=True)
                t.i(1, kind, SPONT, ioa(5) + one + ioa(9) + one + ioa(10) + one, n=3)
            t.s(0)
        else:
            t.command(kind, ioa(3000 + kind) + one)
    t.i(1, 70, 4, ioa(0) + b"\x82")
    for kind, body in ((103, CP56), (104, "AA55"), (106, "E803"), (107, "0100" + CP56)):
        t.command(kind, ioa(0) + to_bytes(body), term=False)
    for kind, body in ((110, "0010 01"), (111, "0010 42"), (112, "0000803F 83"), (113, "03")):
        t.command(kind, ioa(100) + to_bytes(body), term=False)
    for q in range(20, 37):
        t.command(100, ioa(0) + bytes([q]))
    for rqt in range(1, 6):
        for frz in range(4):
            t.command(101, ioa(0) + bytes([rqt | frz << 6]))
    for q in (1, 2):
        t.command(105, ioa(0) + bytes([q]), term=False)
    for kind in (81, 82, 83, 84, 85, 86, 87, 90, 91, 92, 93, 94, 95):
        t.i(kind & 1, kind, 14, ioa(0) + b"\x01\x02\x03\x04\x05")


@capture
def interrogation(c):
    """Values between confirmation and termination; counters; a broadcast that two stations answer; a read."""
    t = Talk(c)
    t.i(0, 100, ACT, ioa(0) + b"\x14", oa=3)
    t.i(1, 100, CON, ioa(0) + b"\x14", oa=3)
    t.i(1, 1, 20, ioa(1) + b"\0\1\0\1", n=4, sq=True, oa=3)
    t.i(1, 13, 20, ioa(700) + to_bytes("0000C842 00") + ioa(710) + to_bytes("0000C8C2 00"), n=2, oa=3)
    t.i(1, 100, TERM, ioa(0) + b"\x14", oa=3)
    t.i(0, 101, ACT, ioa(0) + b"\x45")
    t.i(1, 101, CON, ioa(0) + b"\x45")
    t.i(1, 15, 37, ioa(800) + to_bytes("E8030000 03"))
    t.i(1, 101, TERM, ioa(0) + b"\x45")
    t.i(0, 100, ACT, ioa(0) + b"\x14", ca=0xFFFF)
    for ca in (47, 48):
        t.i(1, 100, CON, ioa(0) + b"\x14", ca=ca)
        t.i(1, 3, 20, ioa(1) + b"\2", ca=ca)
        t.i(1, 100, TERM, ioa(0) + b"\x14", ca=ca)
    t.i(0, 102, REQ, ioa(700))
    t.i(1, 13, REQ, ioa(700) + to_bytes("0000C842 00"))
    t.i(0, 102, REQ, ioa(9999))
    t.i(1, 102, 47 | NEG, ioa(9999))
    t.i(1, 1, 25, ioa(1) + b"\0")		# of a group that nobody asked for
    t.i(1, 9, 1, ioa(50) + to_bytes("0040 00"))
    t.i(1, 1, 2 | TEST, ioa(1) + b"\1")


@capture
def select_execute(c):
    """Select and execute: as it should be, called off, refused, different, twice, expired."""
    t = Talk(c)
    for kind, on in ((45, 1), (46, 2), (47, 1)):
        p = ioa(5000 + kind)
        t.command(kind, p + bytes([0x80 | on]), term=False)
        t.command(kind, p + bytes([on]))
    t.command(50, ioa(5100) + to_bytes("0000C842 80"), term=False)
    t.command(50, ioa(5100) + to_bytes("0000C842 00"))
    t.command(45, ioa(5001) + b"\x81", term=False)		# called off
    t.i(0, 45, DEACT, ioa(5001) + b"\x81")
    t.i(1, 45, DEACT_CON, ioa(5001) + b"\x81")
    t.i(0, 45, ACT, ioa(5002) + b"\x81")			# refused
    t.i(1, 45, CON | NEG, ioa(5002) + b"\x81")
    t.command(45, ioa(5003) + b"\x81", term=False)		# another value is executed than was selected
    t.command(45, ioa(5003) + b"\x00")
    t.command(45, ioa(5004) + b"\x01")				# direct
    t.i(0, 45, ACT, ioa(5005) + b"\x01")			# confirmed as something else
    t.i(1, 45, CON, ioa(5005) + b"\x00")
    t.i(0, 48, ACT, ioa(5006) + to_bytes("0040 00"))		# no termination
    t.i(1, 48, CON, ioa(5006) + to_bytes("0040 00"))
    t.i(0, 45, ACT, ioa(5007) + b"\x01")			# a negative termination
    t.i(1, 45, CON, ioa(5007) + b"\x01")
    t.i(1, 45, TERM | NEG, ioa(5007) + b"\x01")
    for cause in (44, 45, 46, 47):
        t.i(0, 45, ACT, ioa(5008) + b"\x01")
        t.i(1, 45, cause | NEG, ioa(5008) + b"\x01")
    t.i(0, 45, ACT, ioa(5009) + b"\x01")			# no answer
    c.now += 30
    t.i(1, 45, CON, ioa(5009) + b"\x01")			# too late
    t.i(1, 45, CON, ioa(5010) + b"\x01")			# of nothing


def name(nof, nos=None):
    return struct.pack("<H", nof) + (b"" if nos is None else bytes([nos]))


@capture
def files(c):
    """A file read in two sections, one written, a directory, a log, one deleted, refusals."""
    t = Talk(c)
    at = ioa(900)
    t.i(0, 122, REQ, at + name(0, 0) + b"\x00")
    t.i(1, 126, REQ, at + name(1) + to_bytes("C80000 00" + CP56) + name(2) + to_bytes("100000 20" + CP56), n=2, sq=True)
    t.i(0, 122, FILE, at + name(1, 0) + b"\x01")
    t.i(1, 120, FILE, at + name(1) + to_bytes("C80000 00"))
    t.i(0, 122, FILE, at + name(1, 0) + b"\x02")
    for section in (1, 2):
        t.i(1, 121, FILE, at + name(1, section) + to_bytes("640000 00"))
        t.i(0, 122, FILE, at + name(1, section) + b"\x06")
        t.i(1, 125, FILE, at + name(1, section) + b"\x32" + bytes(range(50)))
        t.i(1, 125, FILE, at + name(1, section) + b"\x32" + bytes(range(50)))
        t.i(1, 123, FILE, at + name(1, section) + b"\x03\x92")
        t.i(0, 124, FILE, at + name(1, section) + b"\x03")
    t.i(1, 123, FILE, at + name(1, 0) + b"\x01\x24")
    t.i(0, 124, FILE, at + name(1, 0) + b"\x01")
    t.i(0, 120, FILE, at + name(7) + to_bytes("0A0000 00"))		# written
    t.i(1, 122, FILE, at + name(7, 0) + b"\x02")
    t.i(0, 121, FILE, at + name(7, 1) + to_bytes("0A0000 00"))
    t.i(1, 122, FILE, at + name(7, 1) + b"\x06")
    t.i(0, 125, FILE, at + name(7, 1) + b"\x0A0123456789")
    t.i(0, 123, FILE, at + name(7, 1) + b"\x03\x0D")
    t.i(1, 124, FILE, at + name(7, 1) + b"\x03")
    t.i(0, 122, FILE, at + name(9, 0) + b"\x01")			# not there
    t.i(1, 120, FILE, at + name(9) + to_bytes("000000 80"))
    t.i(0, 122, FILE, at + name(2, 0) + b"\x04")			# deleted
    t.i(1, 124, FILE, at + name(2, 0) + b"\x01")
    t.i(0, 127, FILE, at + name(3) + to_bytes(CP56 + CP56))
    t.i(1, 120, FILE, at + name(3) + to_bytes("200000 00"))


@capture
def faults(c):
    """One rule of the standard is broken by each message."""
    t = Talk(c)
    t.raw(0, to_bytes("6804 01 01 0000"))			# S with a second octet
    t.raw(0, to_bytes("6804 43 00 0100"))			# U with a third
    t.raw(0, to_bytes("6804 03 00 0000"))			# U without a function
    t.raw(0, to_bytes("6805 43 00 0000 00"))			# U with an octet behind it
    t.raw(1, t.apdu(1, asdu(22, SPONT, ioa(1) + b"\0")))	# no such type
    t.raw(1, t.apdu(1, asdu(1, 17, ioa(1) + b"\0")))		# no such cause
    t.raw(1, t.apdu(1, asdu(1, ACT, ioa(1) + b"\0")))		# not of this type
    t.raw(1, t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0", n=5)))	# objects missing
    t.raw(1, t.apdu(1, asdu(13, SPONT, ioa(1) + b"\0\0\0", n=1)))
    t.raw(1, t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0\1\2")))	# octets left
    t.raw(1, t.apdu(1, asdu(1, SPONT, b"", n=0)))		# no object
    t.raw(1, t.apdu(1, asdu(30, SPONT, ioa(1) + to_bytes("00" + CP56) * 2, n=2, sq=True)))	# a row with times
    t.raw(0, t.apdu(0, asdu(45, ACT, ioa(1) + b"\1" + ioa(2) + b"\1", n=2)))	# two commands
    t.raw(0, t.apdu(0, asdu(45, ACT, ioa(1) + b"\1", ca=0)))	# nobody
    t.raw(0, t.apdu(0, asdu(45, ACT, ioa(1) + b"\1", ca=0xFFFF)))	# everybody
    t.raw(0, t.apdu(0, asdu(100, ACT, ioa(5) + b"\x14")))	# an address where there is none
    t.raw(0, t.apdu(0, asdu(46, ACT, ioa(1) + b"\3")))		# neither on nor off
    t.raw(0, t.apdu(0, asdu(100, ACT, ioa(0) + b"\x05")))	# no such group
    t.raw(0, t.apdu(0, asdu(105, ACT, ioa(0) + b"\x09")))	# no such reset
    t.raw(0, t.apdu(0, asdu(103, ACT, ioa(0) + to_bytes("FFFF 3F 1F 1F 0F 7F"))))	# no such time
    t.raw(0, t.apdu(0, asdu(103, ACT, ioa(0) + to_bytes("0000 00 00 1E 02 17"))))	# 30 February
    t.raw(1, t.apdu(1, asdu(45, ACT, ioa(1) + b"\1")))		# a station commands
    t.raw(0, t.apdu(0, asdu(1, SPONT, ioa(1) + b"\1")))		# and its master reports
    t.raw(1, t.apdu(1, b"\x01\x01\x03"))			# half a header
    t.raw(1, t.apdu(1, asdu(125, FILE, ioa(1) + name(1, 1) + b"\x50abc")))	# a segment that is not whole
    t.s(0)
    t.raw(1, t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0"), send=t.number[1] + 3))	# numbers are missing
    t.number[1] += 4
    t.raw(1, t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0"), send=t.number[1] - 2))	# one again
    t.number[1] -= 1
    t.s(0, receive=t.number[1] + 50)				# of what was not sent
    for _ in range(16):					# k is 12
        t.i(1, 1, SPONT, ioa(1) + b"\0")
    t.s(0)
    t.u(0, 0x13)
    t.u(1, 0x23)
    t.i(1, 1, SPONT, ioa(1) + b"\0")				# after STOPDT
    t.raw(1, to_bytes("6802 0000"))				# a length that leads nowhere
    t.raw(1, t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0")))
    t.raw(1, bytes([0x68, 254]) + t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0" * 241, n=120, sq=True))[2:])	# longer than it may be
    t.raw(1, to_bytes("DEADBEEF 00112233"))			# noise
    t.raw(1, t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0")))
    t = Talk(c, start=False)
    t.i(0, 45, ACT, ioa(1) + b"\1")				# without STARTDT
    t.i(1, 45, CON, ioa(1) + b"\1")


@capture
def beginnings(c):
    """The first message of a session is at fault, or a command; joined midway; several in a segment; cut anywhere."""
    for first in ("6804 03 00 0000", "6805 07 00 0000 00", "6804 01 01 0000", "6802 0700", "00 01 02"):
        t = Talk(c, start=False)
        t.raw(0, to_bytes(first))
        t.command(45, ioa(1) + b"\1")
    for body in (asdu(45, 17, ioa(1) + b"\1"), asdu(22, ACT, ioa(1) + b"\1"), asdu(45, ACT, ioa(1) + b"\1\1"), asdu(45, ACT, ioa(1) + b"\1")):
        t = Talk(c, start=False)
        t.raw(0, t.apdu(0, body))
        t.i(0, 46, ACT, ioa(2) + b"\2")
        t.i(1, 46, CON, ioa(2) + b"\2")
    t = Talk(c, midway=True)
    t.number = [700, 32767]
    t.raw(1, to_bytes("00 00 01 00") + t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0")) + t.apdu(1, asdu(1, SPONT, ioa(1) + b"\1")))
    t.command(45, ioa(1) + b"\1")
    t = Talk(c)
    t.raw(0, t.apdu(0, asdu(45, ACT, ioa(1) + b"\1")) + t.apdu(0, asdu(46, ACT, ioa(2) + b"\2")) + to_bytes("680443000000"))
    t.raw(1, t.apdu(1, asdu(45, CON, ioa(1) + b"\1")) + t.apdu(1, asdu(46, CON, ioa(2) + b"\2")) + to_bytes("680483000000"))
    one = t.apdu(0, asdu(47, ACT, ioa(3) + b"\1"))
    for at in range(len(one)):
        t.raw(0, one[at:at + 1])
    t.i(1, 47, CON | NEG, ioa(3) + b"\1")


@capture
def gaps(c):
    """Segments that never come, in either direction."""
    t = Talk(c)
    t.command(45, ioa(1) + b"\1")
    lost = t.apdu(0, asdu(45, ACT, ioa(2) + b"\1"))
    t.seq[0] += len(lost)
    t.i(1, 45, CON, ioa(2) + b"\1")
    t.i(0, 45, ACT, ioa(3) + b"\1")
    t.i(1, 45, CON, ioa(3) + b"\1")
    lost = t.apdu(1, asdu(45, TERM, ioa(3) + b"\1"))
    t.seq[1] += len(lost)
    c.now += 5
    t.command(45, ioa(4) + b"\1")
    t.command(46, ioa(5) + b"\1")


@capture
def one_way(c):
    """Only the controlling station is seen."""
    t = Talk(c, midway=True)
    for _ in range(3):
        t.i(0, 45, ACT, ioa(1) + b"\1")
        t.s(0)


@capture
def odd_port(c):
    """On another port: commands there and back."""
    t = Talk(c, port=9999)
    t.command(45, ioa(1) + b"\1")
    t.command(100, ioa(0) + b"\x14")


@capture
def not_iec104(c):
    """0x68 in front, and no APDU of ours behind it, on another port."""
    t = Talk(c, port=6800, start=False)
    for data in ("6868 6868 0801 0001", "6804 5555 5555", "hello, \\x68 hello".encode().hex(), "680E 0000 0000 4501 0600 0000 010000 01"):
        t.raw(0, to_bytes(data))
        t.raw(1, to_bytes("68" + data))


@capture
def outside(c):
    """A control centre that is none of the plant's commands a breaker."""
    inside, dnp3_craft.MASTER = dnp3_craft.MASTER, "203.0.113.9"
    t = Talk(c)
    t.command(100, ioa(0) + b"\x14")
    t.command(45, ioa(5000) + b"\x81", term=False)
    t.command(45, ioa(5000) + b"\x01")
    dnp3_craft.MASTER = inside


@capture
def alerts(c):
    """What raises alerts: restarts, the time, files, refusals by the dozen, a search for stations and points, a new client, malformed messages."""
    t = Talk(c)
    t.command(100, ioa(0) + b"\x14")
    for _ in range(12):						# many restarts
        t.command(105, ioa(0) + b"\1", term=False)
    t.command(103, ioa(0) + to_bytes(CP56), term=False)
    t.command(110, ioa(100) + to_bytes("0010 01"), term=False)
    t.i(0, 122, FILE, ioa(900) + name(2, 0) + b"\x04")
    t.i(0, 120, FILE, ioa(900) + name(7) + to_bytes("0A0000 00"))
    t.i(1, 122, FILE, ioa(900) + name(7, 0) + b"\x02")
    t.i(0, 122, FILE, ioa(900) + name(1, 0) + b"\x02")
    t.i(1, 121, FILE, ioa(900) + name(1, 1) + to_bytes("640000 00"))
    for n in range(60):						# points that are not there
        t.i(0, 45, ACT, ioa(7000 + n) + b"\1")
        t.i(1, 45, 47 | NEG, ioa(7000 + n) + b"\1")
    for kind in range(45, 65):					# types that it does not know
        if kind in EXAMPLES:
            t.i(0, kind, ACT, ioa(1) + to_bytes(EXAMPLES[kind]))
            t.i(1, kind, 44 | NEG, ioa(1) + to_bytes(EXAMPLES[kind]))
    for ca in range(100, 130):					# stations that are not there
        t.i(0, 100, ACT, ioa(0) + b"\x14", ca=ca)
        t.i(1, 100, 46 | NEG, ioa(0) + b"\x14", ca=ca)
    for _ in range(3):						# malformed
        t.raw(1, t.apdu(1, asdu(1, SPONT, ioa(1) + b"\0", n=5)))
    c.now += 7200
    t.command(100, ioa(0) + b"\x14")
    t.i(1, 45, CON, ioa(1) + b"\1")				# of nothing
    for n in range(10):						# no answer
        t.i(0, 45, ACT, ioa(n) + b"\1")
        t.s(1)
        c.now += 12
    old, dnp3_craft.MASTER = dnp3_craft.MASTER, "10.30.0.99"	# a client that was not there before
    t = Talk(c)
    t.command(100, ioa(0) + b"\x14")
    t.command(45, ioa(5000) + b"\x01")
    dnp3_craft.MASTER = old


def main():
    os.makedirs(OUT, exist_ok=True)
    for f in CAPTURES:
        c = Capture(f.__name__.replace("_", "-"))
        f(c)
        c.write()


if __name__ == "__main__":
    main()
