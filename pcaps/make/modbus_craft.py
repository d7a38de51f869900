#!/usr/bin/env python3
"""Crafts the Modbus captures that no stack sends.

    PYTHON modbus_craft.py [NAME...]		writes all, or those named, to ../modbus/

PYTHON is a python with scapy (PyPI).  Same input, same bytes: times, ports and sequence numbers are fixed.
"""
import os
import struct
import sys

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import EDecimal, wrpcap

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "modbus")
HMI, ENGINEER, ATTACKER = "10.20.0.10", "10.20.0.50", "10.20.0.66"
PLC, GATEWAY = "10.20.1.20", "10.20.1.15"
EPOCH = 1767592800	# 2026-01-05 06:00:00 UTC, s


# ---- building --------------------------------------------------------------

class Capture:
    def __init__(self):
        self.frames = []
        self.now_ms = EPOCH * 1000

    def wait(self, seconds):
        self.now_ms += int(seconds * 1000)

    def add(self, frame):
        frame.time = EDecimal(self.now_ms) / 1000
        self.frames.append(frame)
        self.now_ms += 1


class Session:
    """One TCP session between a client and a server, with sequence numbers that fit."""
    port = 50000

    def __init__(self, cap, client=HMI, server=PLC, dport=502, sport=None, syn=True):
        Session.port += 1
        self.cap, self.client, self.server = cap, client, server
        self.sport, self.dport = sport or Session.port, dport
        self.seq = {True: 1000, False: 900000}
        if syn:
            self.send(True, b"", "S")
            self.send(False, b"", "SA")
            self.send(True, b"", "A")

    def frame(self, to_server, payload, flags="PA", seq=None):
        src, dst = (self.client, self.server) if to_server else (self.server, self.client)
        sp, dp = (self.sport, self.dport) if to_server else (self.dport, self.sport)
        mac = {True: "00:80:f4:10:00:0a", False: "00:00:54:20:01:0b"}
        return (Ether(src=mac[to_server], dst=mac[not to_server]) / IP(src=src, dst=dst, id=len(self.cap.frames) + 1, flags="DF") /
                TCP(sport=sp, dport=dp, flags=flags, seq=self.seq[to_server] if seq is None else seq,
                    ack=0 if flags == "S" else self.seq[not to_server], window=4096) / payload)

    def send(self, to_server, payload, flags="PA"):
        self.cap.add(self.frame(to_server, payload, flags))
        self.seq[to_server] += len(payload) + (1 if "S" in flags or "F" in flags else 0)

    def c(self, *payloads):
        """One segment a payload, client to server."""
        for p in payloads:
            self.send(True, p)

    def s(self, *payloads):
        for p in payloads:
            self.send(False, p)

    def ask(self, tid, request, response=None, unit=1):
        self.c(adu(tid, request, unit))
        if response is not None:
            self.s(adu(tid, response, unit))

    def close(self):
        self.send(True, b"", "FA")
        self.send(False, b"", "FA")
        self.send(True, b"", "A")


def adu(tid, pdu, unit=1, proto=0, length=None):
    return struct.pack(">HHHB", tid, proto, len(pdu) + 1 if length is None else length, unit) + pdu


def pdu(fc, *words, tail=b""):
    return bytes([fc]) + b"".join(struct.pack(">H", w) for w in words) + tail


def crc(data):
    c = 0xffff
    for b in data:
        c ^= b
        for _ in range(8):
            c = c >> 1 ^ 0xa001 if c & 1 else c >> 1
    return struct.pack("<H", c)


def rtu(unit, body):
    data = bytes([unit]) + body
    return data + crc(data)


def ascii_adu(unit, body, end=b"\r\n"):
    data = bytes([unit]) + body
    return b":" + (data + bytes([-sum(data) & 0xff])).hex().upper().encode() + end


def h(text):
    return bytes.fromhex(text)


READ3 = pdu(3, 100, 2)
ANSWER3 = h("0304 1234 5678")


# ---- transactions ----------------------------------------------------------

def pipelined(cap):
    """Eight requests in flight, answered in another order; several ADUs in one segment, both ways; two that stay unanswered."""
    s = Session(cap)
    for i in range(8):
        s.c(adu(10 + i, pdu(3, 100 * i, 1 + i % 3), unit=1 + i % 2))
    for i in (3, 0, 7, 1, 2, 6):
        s.s(adu(10 + i, bytes([3, 2 * (1 + i % 3)]) + bytes(range(2 * (1 + i % 3))), unit=1 + i % 2))
    s.c(b"".join(adu(30 + i, pdu(4, i, 1)) for i in range(6)))
    s.s(b"".join(adu(30 + i, b"\x04\x02" + struct.pack(">H", 500 + i)) for i in range(6)))
    s.c(adu(40, pdu(6, 7, 8)) + adu(41, pdu(1, 0, 9)))
    s.s(adu(41, h("0102 ff01")) + adu(40, pdu(6, 7, 8)))
    s.close()


def split(cap):
    """ADUs cut over segments: inside the transaction id, the length, the PDU, byte by byte, and two and a half in one segment."""
    s = Session(cap)
    for tid, at in enumerate((1, 3, 5, 6, 7, 8, 11), 1):
        req, rsp = adu(tid, READ3), adu(tid, ANSWER3)
        s.c(req[:at], req[at:])
        s.s(rsp[:at], rsp[at:])
    req, rsp = adu(50, pdu(16, 5, 2, tail=h("04 0001 0002"))), adu(50, pdu(16, 5, 2))
    s.c(*(bytes([b]) for b in req))
    s.s(*(bytes([b]) for b in rsp))
    reqs = b"".join(adu(60 + i, pdu(1, i, 8)) for i in range(4))
    rsps = b"".join(adu(60 + i, bytes([1, 1, 0x5a + i])) for i in range(4))
    s.c(reqs[:30], reqs[30:])
    s.s(rsps[:25], rsps[25:])
    s.close()


def tid_reuse(cap):
    """A transaction id used again while its first request waits; the same id for every request (as some drivers do), answered in turn."""
    s = Session(cap)
    s.c(adu(7, pdu(3, 0, 1)), adu(7, pdu(3, 50, 2)))
    s.s(adu(7, h("0302 0001")), adu(7, h("0304 0002 0003")))
    for i in range(5):
        s.ask(0, pdu(4, i, 1), b"\x04\x02" + struct.pack(">H", i))
    s.c(adu(9, pdu(3, 0, 1), unit=1), adu(9, pdu(3, 0, 2), unit=2))	# same id, two units: not a reuse
    s.s(adu(9, h("0304 0002 0003"), unit=2), adu(9, h("0302 0001"), unit=1))
    s.close()


def unsolicited(cap):
    """Answers nobody asked for: one among good ones, a second copy of an answer, an answer with another unit, another function."""
    s = Session(cap)
    s.ask(1, READ3, ANSWER3)
    s.s(adu(99, ANSWER3))
    s.ask(2, READ3, ANSWER3)
    s.s(adu(2, ANSWER3))
    s.c(adu(3, READ3))
    s.s(adu(3, ANSWER3, unit=9))
    s.c(adu(4, READ3))
    s.s(adu(4, h("0404 1234 5678")))
    s.ask(5, READ3, ANSWER3)
    s.close()


def answers_only(cap):
    """A one-way tap: only what the server says, of five polls and a refusal."""
    s = Session(cap, syn=False)
    for i in range(5):
        s.s(adu(i, ANSWER3))
    s.s(adu(5, h("8302")), adu(6, pdu(6, 1, 2)), adu(7, pdu(16, 1, 2)))


def requests_only(cap):
    """A one-way tap: only what the client says."""
    s = Session(cap, syn=False)
    for i in range(5):
        s.c(adu(i, READ3))
        cap.wait(1)
    s.c(adu(5, pdu(5, 1, 0xff00)), adu(6, pdu(16, 1, 2, tail=h("04 0001 0002"))))


def midway(cap):
    """Joined in the middle of a session, in the middle of an answer."""
    s = Session(cap, syn=False)
    s.s(h("02 0506"))		# the end of an answer whose beginning was before the capture
    for i in range(4):
        s.ask(200 + i, READ3, ANSWER3)


def unanswered(cap):
    """A server that answers late, one request in three, and in the end never."""
    s = Session(cap)
    for i in range(9):
        s.c(adu(i, pdu(3, i, 1)))
        if i % 3 == 0:
            cap.wait(0.8)
            s.s(adu(i, b"\x03\x02" + struct.pack(">H", i)))
        cap.wait(1)
    cap.wait(60)
    s.ask(100, READ3, ANSWER3)
    s.close()


def broadcast(cap):
    """Unit 0: a write to all devices behind a serial gateway, which none may answer; a wrong read to all."""
    s = Session(cap, server=GATEWAY)
    s.c(adu(1, pdu(6, 10, 1), unit=0), adu(2, pdu(5, 3, 0xff00), unit=0), adu(3, pdu(16, 0, 1, tail=h("02 0007")), unit=0))
    s.ask(4, READ3, ANSWER3, unit=3)
    s.c(adu(5, READ3, unit=0))
    s.close()


# ---- codes -----------------------------------------------------------------

def codes(cap):
    """Every function code 0-127 with an empty or shortest body, each refused with exception 1: public, reserved, user-defined."""
    body = {1: pdu(1, 0, 1), 2: pdu(2, 0, 1), 3: pdu(3, 0, 1), 4: pdu(4, 0, 1), 5: pdu(5, 0, 0), 6: pdu(6, 0, 0), 8: pdu(8, 0, 0),
            15: pdu(15, 0, 1, tail=h("0100")), 16: pdu(16, 0, 1, tail=h("020000")), 20: h("14 07 06 0001 0000 0001"),
            21: h("15 09 06 0001 0000 0001 0000"), 22: pdu(22, 0, 0, 0), 23: h("17 0000 0001 0000 0001 02 0000"),
            24: pdu(24, 0), 43: h("2b 0e 01 00")}
    s = Session(cap, client=ATTACKER)
    for fc in range(0, 128):
        s.ask(fc, body.get(fc, bytes([fc])), bytes([fc | 0x80, 1]))
    s.close()


def user_codes(cap):
    """User-defined and reserved functions that are answered: bodies nobody but the vendor can read."""
    s = Session(cap, client=ENGINEER)
    for tid, fc in enumerate((*range(65, 73), *range(100, 111), 9, 10, 13, 14, 18, 19, 40, 41, 42, 91, 125, 126, 127), 1):
        s.ask(tid, bytes([fc]) + b"ask%d" % fc, bytes([fc]) + b"answer%d" % fc)
    s.close()


def diagnostics_reserved(cap):
    """Diagnostics: each sub-function 0-24 refused, reserved ones answered, one above all."""
    s = Session(cap, client=ENGINEER)
    for sub in list(range(0, 25)) + [0xffff]:
        s.ask(sub, pdu(8, sub, 0), h("8803"))
    for sub in (5, 9, 22, 0x1234):
        s.ask(100 + sub, pdu(8, sub, 0xbeef), pdu(8, sub, 0xbeef))
    s.ask(300, pdu(8, 4, 0))		# listen only: the right answer is none
    s.close()


def mei(cap):
    """Function 43: CANopen general reference (13), device identification (14) of all shapes, other types."""
    s = Session(cap, client=ENGINEER)
    s.ask(1, h("2b 0d 00 01 02 03 04 05"), h("2b 0d 00 01 06 07"))
    s.ask(2, h("2b 0d 00 01"), h("ab 01"))
    s.ask(3, h("2b 0e 01 00"), h("2b 0e 01 01 00 00 03 00 03 414243 01 02 4445 02 04 76312e30"))
    s.ask(4, h("2b 0e 02 00"), h("2b 0e 02 02 ff 04 02 00 03 414243 03 00"))
    s.ask(5, h("2b 0e 02 04"), h("2b 0e 02 02 00 00 01 04 05 6e616d6531"))
    s.ask(6, h("2b 0e 04 00"), h("2b 0e 04 83 00 00 01 00 03 ff00fe"))
    s.ask(7, h("2b 0e 03 00"), h("2b 0e 03 83 00 00 02 80 02 0102 ff 01 41"))
    s.ask(8, h("2b 0e 05 00"), h("ab 03"))			# no such read code
    s.ask(9, h("2b 0e 04 07"), h("ab 02"))			# reserved object
    s.ask(10, h("2b 0e 01 00"), h("2b 0e 01 01 00 00 03 00 03 414243 01 02 4445"))	# three announced, two there
    s.ask(11, h("2b 0e 01 00"), h("2b 0e 01 01 00 00 01 00 20 4142"))	# an object longer than the PDU
    s.ask(12, h("2b 0f 01"), h("2b 0f 02"))			# a type nobody assigned
    s.ask(13, h("2b 0e 01 00"), h("2b 0e 02 01 00 00 00"))	# answers another read code
    s.close()


def umas(cap):
    """UMAS, Schneider's programming protocol in function 90: who is it, reserve, stop, start, upload, download, read and write."""
    s = Session(cap, client=ENGINEER)
    subs = ((0x01, "00", "fe ff03 0000"), (0x02, "", "fe 0630 0106 0200 0000 0031 424d 5820"), (0x03, "00", "fe 0102 0304"),
            (0x04, "", "fe 01"), (0x06, "", "fe 00 1122"), (0x0a, "5449 4d45", "fe 5449 4d45"), (0x10, "3b0e 0000 0757 494e 2d45 4e47", "fe 27"),
            (0x12, "", "fe"), (0x20, "01 1400 0000 0000 0400", "fe 01 0400 aabb ccdd"), (0x21, "01 1400 0000 0000 0200 0102", "fe"),
            (0x22, "1234 5678 01 01 2b00 01 0000 0c", "fe 2a"), (0x23, "1234 5678 01 01 2b00 01 0000 0c 2b", "fe"),
            (0x24, "00 00 00 00 0400", "fe 0102 0304"), (0x25, "00 00 00 00 0200 0102", "fe"), (0x26, "1234 01", "fe 0102"), (0x28, "1234 01", "fe 0102"),
            (0x29, "00", "fe 0304"), (0x30, "0001 00", "fe 0100 fc03"),
            (0x31, "0001 0001 00", "fe 0001 0400 4150 5821"), (0x32, "0001 00", "fe"), (0x33, "0001 00", "fe 0100 fc03"),
            (0x34, "0001 0001 0004 0041 5058 21", "fe"), (0x35, "0001 0002 00", "fe"), (0x36, "01", "fe"), (0x39, "01", "fe 0102"),
            (0x40, "ff00", "fe"), (0x41, "ff00", "fe"), (0x50, "15 00 01", "fe 0102"), (0x58, "01", "fe 01"),
            (0x70, "01 02", "fe 0304"), (0x71, "01 02 03", "fe"), (0x73, "00", "fe 01"), (0x11, "", "fe"))
    session = 0
    for tid, (sub, req, rsp) in enumerate(subs, 1):
        s.ask(tid, bytes([0x5a, session, sub]) + h(req), bytes([0x5a, session]) + h(rsp), unit=0)
        if sub == 0x10:
            session = 0x27
        elif sub == 0x11:
            session = 0
    for sub, req, _ in subs:	# all of it again without a reservation: refused
        s.ask(0x200 + sub, bytes([0x5a, 0, sub]) + h(req), h("5a 00 fd 8101"), unit=0)
    s.ask(101, h("5a 00 99 0102"), h("5a 00 fd"), unit=0)		# a sub-function nobody has named
    s.ask(102, h("5a 00 02"), h("da 01"), unit=0)			# not a Schneider device
    s.ask(103, h("5a"), h("da 03"), unit=0)				# nothing behind the code
    s.close()


def umas_password(cap):
    """Reservations of a controller with an application password: a proof of it behind the client's name, inside its length and after it."""
    s = Session(cap, client=ENGINEER)
    name, proof = b"WIN-ENG", b"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
    bodies = (bytes([len(name)]) + name, bytes([len(name + proof) + 1]) + name + b"\0" + proof, bytes([len(name)]) + name + b"\0" + proof,
              bytes([len(proof) + 1]) + b"\0" + proof, bytes([255]) + name + b"\0" + proof)
    for tid, body in enumerate(bodies, 1):
        s.ask(tid, h("5a 00 10 3b0e 0000") + body, h("5a 00 fe 27"), unit=0)
    s.close()


# ---- against the specification ---------------------------------------------

def conformance(cap):
    """One violation a transaction, each between two good ones."""
    s = Session(cap, client=ATTACKER)
    cases = (
        # counts and values of requests
        (pdu(1, 0, 0), h("8103")), (pdu(1, 0, 2001), h("8103")), (pdu(2, 0, 0), h("8203")), (pdu(2, 0, 65535), h("8203")),
        (pdu(3, 0, 0), h("8303")), (pdu(3, 0, 126), h("8303")), (pdu(4, 0, 126), h("8403")), (pdu(3, 65535, 2), h("8302")),
        (pdu(5, 1, 1), h("8503")), (pdu(5, 1, 0xff01), h("8503")),
        (pdu(15, 0, 0, tail=h("00")), h("8f03")), (pdu(15, 0, 1969, tail=b"\xf7" + b"\0" * 247), h("8f03")), (pdu(15, 0, 9, tail=h("01 ff")), h("8f03")),
        (pdu(16, 0, 0, tail=h("00")), h("9003")), (pdu(16, 0, 2, tail=h("02 0001")), h("9003")), (pdu(16, 0, 124, tail=b"\xf8" + b"\0" * 248), h("9003")),
        (pdu(23, 0, 126, 0, 1, tail=h("02 0001")), h("9703")), (pdu(23, 0, 1, 0, 122, tail=b"\xf4" + b"\0" * 244), h("9703")),
        (pdu(23, 0, 1, 0, 2, tail=h("02 0001")), h("9703")),
        (h("14 07 05 0001 0000 0001"), h("9403")), (h("14 07 06 0000 0000 0001"), h("9402")), (h("14 07 06 0001 2710 0001"), h("9402")),
        (h("14 06 06 0001 0000 0001"), h("9403")), (h("15 09 06 0001 0000 0002 0000"), h("9503")),
        # answers that do not fit their request
        (pdu(1, 0, 9), h("0101ff")), (pdu(3, 0, 2), h("0302 0001")), (pdu(3, 0, 2), h("0303 000102")), (pdu(3, 0, 2), h("0300")),
        (pdu(5, 1, 0xff00), pdu(5, 1, 0)), (pdu(6, 1, 5), pdu(6, 2, 5)), (pdu(15, 0, 8, tail=h("01 ff")), pdu(15, 0, 7)),
        (pdu(16, 0, 1, tail=h("02 0001")), pdu(16, 1, 1)), (pdu(22, 1, 2, 3), pdu(22, 1, 2, 4)), (pdu(8, 0, 0xa537), pdu(8, 0, 0xa538)),
        (pdu(8, 11, 0), pdu(8, 12, 0)), (pdu(23, 0, 2, 0, 1, tail=h("02 0001")), h("1702 0001")), (pdu(24, 9), h("18 0042 0020") + b"\0" * 64),
        (pdu(24, 9), h("18 0004 0002 0001")), (pdu(3, 0, 1), h("8302 02")),
        # lengths wrong for the function
        (pdu(1, 0), h("8103")), (pdu(3, 0, 1, tail=h("00")), h("8303")), (pdu(5, 1), h("8503")), (pdu(6, 1, 2, 3), h("8603")),
        (h("07 00"), h("8701")), (h("0b 00"), h("8b01")), (h("11 01"), h("9101")), (pdu(8), h("8803")), (h("08 00"), h("8803")),
        (pdu(22, 1, 2), h("9603")), (h("2b"), h("ab03")), (h("2b 0e"), h("ab03")), (pdu(3, 0, 1), h("83")), (pdu(3, 0, 1), h("03")),
        (pdu(7), h("07")), (pdu(11), h("0b 0000")), (pdu(12), h("0c 05 0000 0000 00")), (pdu(12), h("0c 08 0000 0001 0002 20")), (pdu(17), h("11 05 01")),
        # exceptions
        (pdu(3, 0, 1), h("8300")), (pdu(3, 0, 1), h("8307")), (pdu(3, 0, 1), h("8309")), (pdu(3, 0, 1), h("830c")), (pdu(3, 0, 1), h("83ff")),
        (pdu(3, 0, 1), h("8401")),
    )
    tid = 0
    for req, rsp in cases:
        s.ask(tid, READ3, ANSWER3)
        s.ask(tid + 1, req, rsp)
        tid += 2
    s.ask(tid, READ3, ANSWER3)
    s.close()


def exception_requests(cap):
    """The exception bit set in what the client sends; a request that the server sends."""
    s = Session(cap, client=ATTACKER)
    s.ask(1, READ3, ANSWER3)
    s.c(adu(2, h("8302")), adu(3, bytes([0x83]) + READ3[1:]))
    s.ask(4, READ3, ANSWER3)
    s.s(adu(5, pdu(3, 0, 10)))
    s.ask(6, READ3, ANSWER3)
    s.close()


def framing(cap):
    """MBAP headers that lie: protocol id, length 0, 1, short, long, beyond 254; the good transactions around them must stay."""
    for bad in (adu(2, READ3, proto=1), adu(2, READ3, length=0), adu(2, READ3, length=1), adu(2, READ3, length=4),
                adu(2, READ3, length=9), adu(2, READ3, length=255), adu(2, READ3, length=65535), adu(2, b""), b"\xff" * 12):
        s = Session(cap, client=ATTACKER)
        s.ask(1, READ3, ANSWER3)
        s.c(bad)
        for i in range(3, 7):
            s.ask(i, READ3, ANSWER3)
        s.close()


def trailing(cap):
    """Bytes after an ADU: zero padding, a stray byte, half an ADU at the end of the session."""
    for tail in (b"\0" * 6, b"\x00", b"abc"):
        s = Session(cap)
        s.ask(1, READ3, ANSWER3)
        s.c(adu(2, READ3) + tail)
        s.s(adu(2, ANSWER3))
        for i in range(3, 6):
            s.ask(i, READ3, ANSWER3)
        s.c(adu(9, READ3)[:9])
        s.close()


def flood(cap):
    """Three hundred requests with no answer, then a normal one: a table of pending requests has an end."""
    s = Session(cap, client=ATTACKER)
    for i in range(0, 300, 10):
        s.c(b"".join(adu(1000 + i + k, pdu(3, i + k, 1)) for k in range(10)))
    s.ask(2000, READ3, ANSWER3)
    s.close()


# ---- other protocols, other ports ------------------------------------------

def not_modbus(cap):
    """Other protocols on port 502, and what looks a little like Modbus on others: none of it is."""
    s = Session(cap)
    s.c(b"GET / HTTP/1.1\r\nHost: 10.20.1.20:502\r\n\r\n")
    s.s(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    s.close()
    s = Session(cap)
    s.s(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    s.c(b"SSH-2.0-scan\r\n")
    s.close()
    s = Session(cap)
    s.c(h("16 0301 0005 01 000001 00"))
    s.s(h("15 0301 0002 02 28"))
    s.close()
    s = Session(cap, dport=8080)	# one plausible MBAP header is not enough
    s.c(adu(1, READ3))
    s.s(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    s.close()
    s = Session(cap, dport=389)		# LDAP bind: the length field agrees now and then
    s.c(h("300c 0201 0160 0702 0103 0400 8000"))
    s.s(h("300c 0201 0161 070a 0100 0400 0400"))
    s.close()


def other_then_modbus(cap):
    """A scanner's HTTP on port 502, then Modbus in the same session: the parser finds its feet."""
    s = Session(cap, client=ATTACKER)
    s.c(b"GET / HTTP/1.0\r\n\r\n")
    for i in range(1, 6):
        s.ask(i, READ3, ANSWER3)
    s.c(b"\r\n\r\nhelp\r\nquit\r\n" * 3)
    for i in range(6, 10):
        s.ask(i, READ3, ANSWER3)
    s.close()


def odd_ports(cap):
    """Modbus where nobody expects it: 5020, 1024, 44818's neighbour, and from port 502 to a high port."""
    for port in (5020, 1024, 44817, 65000):
        s = Session(cap, dport=port)
        for i in range(4):
            s.ask(i + 1, pdu(3, i, 2), h("0304 0001 0002"))
        s.close()
    s = Session(cap, dport=60123, sport=502)
    for i in range(4):
        s.ask(i + 1, pdu(4, i, 1), h("0402 0001"))
    s.close()


def rtu_crafted(cap):
    """RTU over TCP: several frames in a segment, frames cut in two, a wrong CRC, noise, broadcast, and back in step after each."""
    s = Session(cap, server=GATEWAY, dport=4001)
    read, answer = rtu(1, READ3), rtu(1, ANSWER3)
    for _ in range(3):
        s.c(read)
        s.s(answer)
    s.c(read[:3], read[3:])
    s.s(answer[:1], answer[1:6], answer[6:])
    s.c(rtu(2, pdu(6, 1, 7)) + rtu(3, pdu(6, 1, 8)))
    s.s(rtu(2, pdu(6, 1, 7)) + rtu(3, pdu(6, 1, 8)))
    s.c(read)
    s.s(answer[:-1] + bytes([answer[-1] ^ 0x40]))
    s.c(read)
    s.s(answer)
    s.s(h("00 ff 00"))
    s.c(read)
    s.s(answer)
    s.c(rtu(0, pdu(6, 1, 9)))
    s.c(read)
    s.s(rtu(1, h("8304")))
    s.close()


def ascii_crafted(cap):
    """ASCII over TCP: several lines in a segment, a line cut in two, lower case, a wrong LRC, noise, and back in step after each."""
    s = Session(cap, server=GATEWAY, dport=4002)
    read, answer = ascii_adu(1, READ3), ascii_adu(1, ANSWER3)
    for _ in range(3):
        s.c(read)
        s.s(answer)
    s.c(read[:4], read[4:])
    s.s(answer[:9], answer[9:])
    s.c(ascii_adu(2, pdu(6, 1, 7)) + ascii_adu(3, pdu(6, 1, 8)))
    s.s(ascii_adu(2, pdu(6, 1, 7)) + ascii_adu(3, pdu(6, 1, 8)))
    s.c(read.lower())
    s.s(answer)
    s.c(read)
    s.s(answer[:-4] + b"00\r\n")
    s.c(read)
    s.s(answer)
    s.s(b"\r\nOK\r\n")
    s.c(read)
    s.s(ascii_adu(1, h("8304")))
    s.close()


def udp_crafted(cap):
    """Modbus over UDP: two ADUs in a datagram, a cut one, trailing bytes, an answer to nobody, and an unusual port."""
    def datagram(to_server, payload, port=502):
        src, dst, sp, dp = (HMI, PLC, 50123, port) if to_server else (PLC, HMI, port, 50123)
        cap.add(Ether(src="00:80:f4:10:00:0a", dst="00:00:54:20:01:0b") / IP(src=src, dst=dst, id=len(cap.frames) + 1) /
                UDP(sport=sp, dport=dp) / payload)
    for i in range(3):
        datagram(True, adu(i, READ3))
        datagram(False, adu(i, ANSWER3))
    datagram(True, adu(10, READ3) + adu(11, pdu(1, 0, 8)))
    datagram(False, adu(10, ANSWER3) + adu(11, h("0101 5a")))
    datagram(True, adu(12, READ3)[:9])
    datagram(True, adu(13, READ3) + b"\0\0")
    datagram(False, adu(13, ANSWER3))
    datagram(False, adu(77, ANSWER3))
    for i in range(3):
        datagram(True, adu(i, READ3), 10502)
        datagram(False, adu(i, ANSWER3), 10502)


CAPTURES = (pipelined, split, tid_reuse, unsolicited, answers_only, requests_only, midway, unanswered, broadcast, codes, user_codes,
            diagnostics_reserved, mei, umas, umas_password, conformance, exception_requests, framing, trailing, flood, not_modbus,
            other_then_modbus, odd_ports, rtu_crafted, ascii_crafted, udp_crafted)


def main():
    known = {f.__name__.replace("_", "-"): f for f in CAPTURES}
    for name in sys.argv[1:] or known:
        if name not in known:
            sys.exit(f"{name}: not one of {' '.join(known)}")
        cap = Capture()
        Session.port = 50000
        known[name](cap)
        wrpcap(os.path.join(OUT, name + ".pcap"), cap.frames, linktype=1)


if __name__ == "__main__":
    main()
