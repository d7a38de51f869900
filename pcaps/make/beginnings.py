#!/usr/bin/env python3
"""Crafts Modbus sessions whose framing, ids or beginnings are wrong, as real devices and attackers bring them about.

    beginnings.py [NAME...]     writes all, or those named, to ../modbus/

Nothing but the standard library.  Same input, same bytes: times, ports and sequence numbers are fixed.
"""
import os
import random
import struct
import sys

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "modbus")
EPOCH_US = 1767592800 * 1000000     # 2026-01-05 06:00:00 UTC
HMI, PLC = "10.24.0.7", "10.24.3.21"
SYN, ACK, PSH, FIN = 2, 16, 8, 1


def h(text):
    return bytes.fromhex(text.replace(" ", ""))


# ---- frames ---------------------------------------------------------------------------------------------------------------

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Capture:
    def __init__(self):
        self.frames, self.at, self.port, self.ident = [], EPOCH_US, 51000, 0

    def tcp(self, up, ports, seq, ack, flags, data):
        src, dst = ((HMI, PLC) if up else (PLC, HMI))
        a, b = (bytes(map(int, x.split("."))) for x in (src, dst))
        self.ident += 1
        seg = struct.pack(">HHIIBBHHH", *(ports if up else ports[::-1]), seq, ack, 80, flags, 8192, 0, 0) + data
        seg = seg[:16] + struct.pack(">H", checksum(a + b + struct.pack(">BBH", 0, 6, len(seg)) + seg)) + seg[18:]
        ip = struct.pack(">BBHHHBBH", 69, 0, 20 + len(seg), self.ident & 0xffff, 0x4000, 64, 6, 0) + a + b
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        mac = h("0200 0000 1815"), h("0200 0000 1807")
        self.frames.append((self.at, mac[not up] + mac[up] + h("0800") + ip + seg))
        self.at += 4000

    def session(self, steps, port=502, midway=False):
        """steps: (from the client?, bytes), each in a segment of its own."""
        self.port += 1
        ports, seq = (self.port, port), {True: 7000, False: 90000}

        def send(up, flags, data=b""):
            self.tcp(up, ports, seq[up], seq[not up] if flags & ACK else 0, flags, data)
            seq[up] += len(data) + bool(flags & (SYN | FIN))
        if not midway:
            for up, flags in ((True, SYN), (False, SYN | ACK), (True, ACK)):
                send(up, flags)
        for up, data in steps:
            send(up, PSH | ACK, data)
        for up, flags in ((True, FIN | ACK), (False, FIN | ACK), (True, ACK)):
            send(up, flags)
        self.at += 200000

    def write(self, name):
        with open(os.path.join(OUT, name + ".pcap"), "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for at, data in self.frames:
                f.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(data), len(data)) + data)


# ---- messages --------------------------------------------------------------------------------------------------------------

def mbap(tid, pdu, unit=3, protocol=0, length=None):
    pdu = h(pdu) if isinstance(pdu, str) else pdu
    return struct.pack(">HHHB", tid, protocol, len(pdu) + 1 if length is None else length, unit) + pdu


def rtu(unit, pdu):
    data, crc = bytes([unit]) + h(pdu), 0xffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xa001 if crc & 1 else 0)
    return data + struct.pack("<H", crc)


def dnp3(control, dst, src, user):
    def crc(data):
        c = 0
        for byte in data:
            c ^= byte
            for _ in range(8):
                c = c >> 1 ^ (0xa6bc if c & 1 else 0)
        return data + struct.pack("<H", c ^ 0xffff)
    out = crc(struct.pack("<BBBBHH", 5, 100, 5 + len(user), control, dst, src))
    return out + b"".join(crc(user[i:i + 16]) for i in range(0, len(user), 16))


def s7(rosctr, ref, parameters):
    error = b"\0\0" if rosctr in (2, 3) else b""
    pdu = struct.pack(">BBHHHH", 0x32, rosctr, 0, ref, len(parameters), 0) + error + parameters
    return struct.pack(">BBH", 3, 0, len(pdu) + 7) + h("02f080") + pdu


def poll(tid):
    return [(True, mbap(tid, "04 0040 0003")), (False, mbap(tid, "04 06 0011 0022 0033"))]


WRITES = (("06 0031 07d2", "06 0031 07d2"), ("05 0009 ff00", "05 0009 ff00"),
          ("10 0020 0003 06 0a0b 0c0d 0e0f", "10 0020 0003"), ("0f 0004 000b 02 5a05", "0f 0004 000b"),
          ("16 0007 00f0 000a", "16 0007 00f0 000a"), ("17 0001 0001 0050 0002 04 3132 3334", "17 02 4142"))
READS = (("03 0008 0002", "03 04 0102 0304"), ("02 0010 000c", "02 02 ab03"), ("03 0f00 0001", "83 02"))


def lengths(pdu, other):
    right, its = len(h(pdu)) + 1, len(h(other)) + 1
    return {0, 1, right + 1, right - 1, its, right << 8, 65535, right + 90} - {right}


# ---- captures --------------------------------------------------------------------------------------------------------------

def wrong_lengths(cap):
    """MBAP lengths of 0, 1, one too many, one too few, the answer's, little-endian, 65535, much too many."""
    for ask, answer in WRITES:
        for n in sorted(lengths(ask, answer)):
            bad = [(True, mbap(40, ask, length=n)), (False, mbap(40, answer))]
            cap.session(bad + poll(41))
            cap.session(poll(38) + poll(39) + bad + poll(41))
    for ask, answer in READS + WRITES[:3]:
        for n in sorted(lengths(answer, ask)):
            cap.session([(True, mbap(60, ask)), (False, mbap(60, answer, length=n))] + poll(61))


def wrong_lengths_cut(cap):
    """The same in one segment with others, and over several segments."""
    for ask, answer in (WRITES[0], WRITES[2], WRITES[3]):
        for n in sorted(lengths(ask, answer)):
            bad, more = mbap(70, ask, length=n), mbap(71, "06 0001 0001")
            cap.session([(True, bad + more), (False, mbap(70, answer) + more)] + poll(72))
            for at in (3, 8):
                cap.session([(True, bad[:at]), (True, bad[at:]), (False, mbap(70, answer))] + poll(72))


def bytes_too_many_or_few(cap):
    """Extra bytes, missing bytes, protocol id 1, exceptions of one and three bytes: first, and behind two polls."""
    for before in (0, 2):
        start = [s for i in range(before) for s in poll(i + 1)]
        for ask, answer in WRITES[:3]:
            for q, a in ((h(ask) + b"\xee", h(answer)), (h(ask), h(answer) + b"\xee\xee"), (h(ask)[:-1], h(answer)),
                         (h(ask), h(answer)[:-1])):
                cap.session(start + [(True, mbap(80, q)), (False, mbap(80, a))] + poll(81))
            cap.session(start + [(True, mbap(82, ask, protocol=1)), (False, mbap(82, answer, protocol=1))] + poll(83))
        for refusal in ("86", "86 03 00"):
            cap.session(start + [(True, mbap(84, "06 0031 07d2")), (False, mbap(84, refusal))] + poll(85))


def wrong_ids(cap):
    """Answers with transaction id 0, always the same, one too many, byte-swapped, of their own, or of another unit."""
    for wrong in (lambda t: 0, lambda t: 0x5555, lambda t: t + 1, lambda t: (t & 255) << 8 | t >> 8, lambda t: 0x2000 + t):
        steps = [(True, mbap(0x0a09, "06 0031 07d2")), (False, mbap(wrong(0x0a09), "06 0031 07d2"))]
        for t in range(0x0a0a, 0x0a0e):
            steps += [(True, mbap(t, "04 0040 0003")), (False, mbap(wrong(t), "04 06 0011 0022 0033"))]
        cap.session(steps)
        cap.session(steps, midway=True)
    for unit in (0, 4, 255):
        cap.session([(True, mbap(7, "05 0009 ff00")), (False, mbap(7, "05 0009 ff00", unit=unit)),
                     (True, mbap(8, "03 0008 0002")), (False, mbap(8, "03 04 0102 0304", unit=unit))])


def rtu_echo(cap):
    """A gateway on two wires sends each request back before its answer, in one segment or in two."""
    pairs = ([("03 0002 0002", f"03 04 0000 00{i:02x}") for i in range(3)] + [("06 0003 0044", "06 0003 0044")] * 2 +
             [("10 0005 0001 02 1234", "10 0005 0001"), ("05 0001 0000", "85 04")])
    for port in (502, 4007):
        for together in (True, False):
            steps = []
            for ask, answer in pairs:
                echo, reply = rtu(9, ask), rtu(9, answer)
                steps += [(True, rtu(9, ask))] + ([(False, echo + reply)] if together else [(False, echo), (False, reply)])
            cap.session(steps, port)


def rtu_like_mbap(cap):
    """RTU frames that are legal MBAP headers too, on port 502 and on another, with one session unanswered."""
    ask, answer = rtu(1, "03 0000 0002"), rtu(1, "03 04 0007 0008")
    for port in (502, 4008):
        cap.session([(True, ask), (False, answer)] * 3 + [(True, rtu(1, "06 0000 0002")), (False, rtu(1, "06 0000 0002"))], port)
        cap.session([(True, ask)], port)


def after_noise(cap):
    """Thirty junk segments of either end, then a session, on port 502 and on others, joined midway too; single writes."""
    rnd = random.Random(24)
    for port in (502, 7788):
        for ends in ((True,), (False,), (True, False)):
            for midway in (False, True):
                junk = [(up, bytes(rnd.randrange(256) for _ in range(rnd.randrange(9, 120)))) for _ in range(30) for up in ends]
                cap.session(junk + poll(3) + [(True, mbap(4, "06 0031 07d2")), (False, mbap(4, "06 0031 07d2"))], port, midway)
        cap.session([(True, mbap(5, "05 0009 ff00"))], port)
        half = mbap(6, "10 0000 0008 10" + "00" * 16)[-14:]
        cap.session([(True, half + mbap(7, "06 0031 07d2"))] + poll(8), port, midway=True)


def halves(cap):
    """Six hundred halves of requests while the half of a write waits for its other one."""
    write, frames = mbap(2, "06 0031 07d2"), []
    steps = poll(1) + [(True, write[:9])]
    cap.session(steps)
    start = cap.frames[:-3]
    last = cap.frames[-4]
    cap.frames, cap.port = [], cap.port + 1
    for _ in range(600):
        cap.session([(True, mbap(9, "03 0008 0002")[:10])])
    frames = [f for f in cap.frames]
    cap.frames = start + frames
    seq = 7000 + 1 + 12 + 9
    cap.tcp(True, (51001, 502), seq, 90000 + 1 + 15, PSH | ACK, write[9:])
    assert last is start[-1]


def other_protocol(cap):
    """Three messages of one protocol, then those of another on the same connection: all six pairs, on all four ports."""
    stop = s7(1, 0x600, h("29 0000 0000 0009 505f 5052 4f47 5241 4d"))
    said = {
        "modbus": ([s for i in range(3) for s in poll(20 + i)], [(True, mbap(30, "06 0031 07d2")), (False, mbap(30, "06 0031 07d2"))]),
        "dnp3": ([s for i in range(3) for s in ((True, dnp3(0xc4, 8, 2, bytes([0xc0 | i, 0xc0 | i, 1]) + h("3c0206"))),
                                                 (False, dnp3(0x44, 2, 8, bytes([0xc0 | i, 0xc0 | i, 0x81, 0, 0]))))],
                 [(True, dnp3(0xc4, 8, 2, h("c9c90d"))), (False, dnp3(0x44, 2, 8, h("c9c9810000 340207011027")))]),
        "s7": ([s for i in range(3) for s in ((True, s7(1, 0x500 + i, h("f0000001000101e0"))),
                                               (False, s7(3, 0x500 + i, h("f0000001000100f0"))))], [(True, stop), (False, s7(3, 0x600, h("29")))]),
    }
    for first in said:
        for second in said:
            for port in (102, 502, 20000, 7799) if first != second else ():
                cap.session(said[first][0] + said[second][1], port)


CAPTURES = (wrong_lengths, wrong_lengths_cut, bytes_too_many_or_few, wrong_ids, rtu_echo, rtu_like_mbap, after_noise, halves,
            other_protocol)


def main():
    known = {f.__name__.replace("_", "-"): f for f in CAPTURES}
    for name in sys.argv[1:] or known:
        if name not in known:
            sys.exit(f"{name}: not one of {' '.join(known)}")
        cap = Capture()
        known[name](cap)
        cap.write(name)


if __name__ == "__main__":
    main()
