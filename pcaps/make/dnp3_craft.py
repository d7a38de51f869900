#!/usr/bin/env python3
"""Makes the DNP3 captures that no stack sends: every object and function, contradictions, broken frames.

    dnp3_craft.py          writes ../dnp3/*.pcap, always the same bytes

The objects are those of the unit tests (tests/unit/dnp3_objects.h).  Needs nothing but Python.
"""
import os
import re
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "dnp3")
OBJECTS = os.path.join(HERE, "..", "..", "tests", "unit", "dnp3_objects.h")
MASTER, STATION = "10.30.0.10", "10.30.1.21"


def to_bytes(text):
    out = b""
    for part in re.findall(r"'([^']*)'|([0-9A-Fa-f]{2})", text):
        out += part[0].encode() if not part[1] else bytes([int(part[1], 16)])
    return out


def crc(data):
    c = 0
    for byte in data:
        c ^= byte
        for _ in range(8):
            c = c >> 1 ^ 0xA6BC if c & 1 else c >> 1
    return struct.pack("<H", c ^ 0xFFFF)


def frame(control, dst, src, user=b"", length=None):
    head = struct.pack("<BBBBHH", 5, 0x64, len(user) + 5 if length is None else length, control, dst, src)
    out = head + crc(head)
    for i in range(0, len(user), 16):
        out += user[i:i + 16] + crc(user[i:i + 16])
    return out


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def addr(text):
    return bytes(int(x) for x in text.split("."))


class Capture:
    """One capture file, with one conversation after the other."""

    def __init__(self, name):
        self.name, self.packets, self.now, self.ident, self.port = name, [], 1700000000.0, 0, 49152

    def packet(self, src, dst, proto, payload):
        self.ident += 1
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), self.ident, 0x4000, 64, proto, 0, addr(src), addr(dst))
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        mac = {MASTER: b"\x00\x30\xa7\x30\x00\x0a"}
        eth = mac.get(dst, b"\x00\x30\xa7\x30\x01\x15") + mac.get(src, b"\x00\x30\xa7\x30\x01\x15") + b"\x08\x00"
        self.packets.append((self.now, eth + head + payload))
        self.now += 0.01

    def write(self):
        with open(os.path.join(OUT, self.name + ".pcap"), "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for t, data in self.packets:
                f.write(struct.pack("<IIII", int(t), round((t - int(t)) * 1e6), len(data), len(data)) + data)


class Talk:
    """A conversation of a master and an outstation."""

    def __init__(self, cap, port=20000, udp=False, midway=False, src=1, dst=10):
        self.cap, self.port, self.udp, self.src, self.dst = cap, port, udp, src, dst
        cap.port += 1
        self.sport, self.seq, self.tr, self.app = cap.port, [1000, 5000], [0, 0], 0
        if not udp and not midway:
            self.tcp(0, b"", 2)
            self.seq[0] += 1
            self.tcp(1, b"", 0x12)
            self.seq[1] += 1
            self.tcp(0, b"", 0x10)

    def tcp(self, side, data, flags=0x18):
        ips = (MASTER, STATION) if side == 0 else (STATION, MASTER)
        ports = (self.sport, self.port) if side == 0 else (self.port, self.sport)
        ack = self.seq[1 - side] if flags != 2 else 0
        head = struct.pack(">HHIIBBHHH", *ports, self.seq[side], ack, 0x50, flags, 8192, 0, 0)
        pseudo = addr(ips[0]) + addr(ips[1]) + struct.pack(">BBH", 0, 6, len(head) + len(data))
        head = head[:16] + struct.pack(">H", checksum(pseudo + head + data)) + head[18:]
        self.cap.packet(*ips, 6, head + data)
        self.seq[side] += len(data)

    def raw(self, side, data):
        """Bytes of one end: a segment, or a datagram."""
        if not self.udp:
            for at in range(0, len(data), 1400):
                self.tcp(side, data[at:at + 1400])
            return
        ips = (MASTER, STATION) if side == 0 else (STATION, MASTER)
        ports = (self.sport, self.port) if side == 0 else (self.port, self.sport)
        head = struct.pack(">HHHH", *ports, 8 + len(data), 0)
        pseudo = addr(ips[0]) + addr(ips[1]) + struct.pack(">BBH", 0, 17, len(head) + len(data))
        head = head[:6] + struct.pack(">H", checksum(pseudo + head + data) or 0xFFFF)
        self.cap.packet(*ips, 17, head + data)

    def frames(self, side, app):
        out = []
        for at in range(0, max(len(app), 1), 249):
            tr = (0x40 if at == 0 else 0) | (0x80 if at + 249 >= len(app) else 0) | self.tr[side] & 63
            self.tr[side] += 1
            a, b = (self.dst, self.src) if side == 0 else (self.src, self.dst)
            out.append(frame(0xC4 if side == 0 else 0x44, a, b, bytes([tr]) + app[at:at + 249]))
        return out

    def send(self, side, app):
        fr = self.frames(side, to_bytes(app) if isinstance(app, str) else app)
        if self.udp:
            for f in fr:
                self.raw(side, f)
        else:
            self.raw(side, b"".join(fr))

    def ask(self, request, answer=None, iin="0000"):
        """A request with the next sequence number, and its answer; both without the control octet."""
        control = bytes([0xC0 | self.app & 15])
        self.send(0, control + to_bytes(request))
        if answer is not None:
            self.send(1, control + to_bytes("81" + iin) + to_bytes(answer))
        self.app += 1

    def link(self, side, control, user=b"", length=None):
        a, b = (self.dst, self.src) if side == 0 else (self.src, self.dst)
        self.raw(side, frame(control, a, b, user, length))


def examples():
    with open(OBJECTS, encoding="utf-8") as f:
        rows = re.findall(r'\{ (\d+), (\d+), ((?:"[^"]*"\s*)+),', f.read())
    return [(int(g), int(v), "".join(re.findall(r'"([^"]*)"', w))) for g, v, w in rows]


CAPTURES = []


def capture(f):
    CAPTURES.append(f)
    return f


CROB = "0C01 17 01 07 03 01 64000000 64000000 "


@capture
def objects(c):
    t = Talk(c)
    for g, v, wire in examples():
        t.ask(f"01 {g:02X}{v:02X} 06", f"{g:02X}{v:02X} {wire}")


@capture
def objects_written(c):
    t = Talk(c)
    for g, v, wire in examples():
        if g not in (1, 2, 3, 4, 11, 13, 20, 21, 22, 23, 30, 31, 32, 33, 42, 43):
            t.ask(f"02 {g:02X}{v:02X} {wire}", "")


@capture
def qualifiers(c):
    t = Talk(c)
    for q in ("00 0305", "01 03000500", "02 0300000005000000", "03 0305", "04 03000500", "05 0300000005000000", "06", "07 05",
              "08 0500", "09 05000000", "17 02 0103", "28 0200 01000300", "39 02000000 0100000003000000"):
        t.ask(f"01 1E04 {q}", "1E04 00 0305 0100 0200 0300" if q[0] == "0" else "1E04 17 02 01 0100 03 0200")
    t.ask("01 1E04 28 0200 01000300", "1E04 28 0200 0100 0100 0300 0200")
    t.ask("01 1E04 39 02000000 0100000003000000", "1E04 39 02000000 01000000 0100 03000000 0200")
    t.ask("01 1E04 01 03000500", "1E04 01 03000500 0100 0200 0300")
    t.ask("01 1E04 02 0300000005000000", "1E04 02 0300000005000000 0100 0200 0300")
    t.ask("01 4608 4B 01 03 'abc'", "4608 4B 01 03 'abc' 4608 6B 01 03000000 'abc'")


@capture
def functions(c):
    t = Talk(c)
    for f in range(34):
        if f == 0:
            continue
        body = {3: CROB + "00", 4: CROB + "00", 5: CROB + "00", 6: CROB + "00", 2: "5001 00 0707 00"}.get(f, "3C02 06")
        silent = f in (6, 8, 10, 12, 33)
        t.ask(f"{f:02X} {body}", None if silent else (CROB + "00" if f in (3, 4, 5) else ""))
    for f in range(1, 34):
        if f not in (6, 8, 10, 12, 33):
            t.ask(f"{f:02X}", "", "0001")
    t.send(1, "F0 82 9000")
    t.send(0, "D0 00")
    t.ask("20 7804 07 01 0100")
    t.send(1, "C1 83 0000 7805 5B 01 0F00 01000000 0100 01 02 00 0400 'stev'")
    for f in (34, 127, 128, 132, 255):
        t.send(0 if f < 128 else 1, bytes([0xC0, f]) + (b"" if f < 128 else b"\0\0"))


@capture
def indications(c):
    t = Talk(c)
    for bit in range(16):
        t.ask("01 3C01 06", "", f"{(1 << bit >> 8) & 255:02X}{1 << bit & 255:02X}")


@capture
def control_status(c):
    t = Talk(c)
    for status in list(range(20)) + [126, 127]:
        t.ask("05 " + CROB + "00", CROB + f"{status:02X}")
    for status in (0, 1, 9, 12):
        t.ask("05 2902 17 01 02 E803 00", f"2902 17 01 02 E803 {status:02X}")
    t.ask("05 0C01 17 03 01 03 01 64000000 64000000 00 02 04 01 64000000 64000000 00 03 41 01 64000000 64000000 00",
          "0C01 17 03 01 03 01 64000000 64000000 00 02 04 01 64000000 64000000 04 03 41 01 64000000 64000000 08")
    t.ask("05 2901 17 01 02 40420F00 00 2903 17 01 03 0000C03F 00 2904 17 01 04 000000000000F83F 00",
          "2901 17 01 02 40420F00 00 2903 17 01 03 0000C03F 00 2904 17 01 04 000000000000F83F 00")


@capture
def select_operate(c):
    t = Talk(c)
    t.ask("01 3C01 06", "")
    t.ask("03 " + CROB + "00", CROB + "00")
    t.ask("04 " + CROB + "00", CROB + "00")
    t.ask("04 " + CROB + "00", CROB + "02")				# not the next number
    t.ask("01 3C01 06", "")
    t.ask("04 " + CROB + "00", CROB + "02")				# no select
    t.ask("03 " + CROB + "00", CROB + "00")
    t.ask("04 0C01 17 01 08 03 01 64000000 64000000 00", CROB + "02")	# another point
    t.ask("03 " + CROB + "00", CROB + "00")
    t.app += 2
    t.ask("04 " + CROB + "00", CROB + "02")


@capture
def fragments(c):
    t = Talk(c)
    points = b"".join(struct.pack("<Bh", 1, i) for i in range(600))
    t.ask("01 3C01 06", "")
    t.send(0, "C1 01 3C01 06")
    t.send(1, to_bytes("C1 81 0000 1E02 01 0000 5702") + points)	# one fragment of many frames
    t.send(0, "C2 01 3C02 06 3C03 06 3C04 06 3C01 06")		# four fragments
    for i, (control, conf) in enumerate((("A2", "C2"), ("23", "C3"), ("24", "C4"), ("45", None))):
        t.send(1, to_bytes(f"{control} 81 0000 1E02 01") + struct.pack("<HH", 100 * i, 100 * i + 99) + points[:300])
        if conf:
            t.send(0, conf + "00")
    t.send(0, "C6 01 1E04 06")					# longer than devices must take
    t.send(1, to_bytes("C6 81 0000 1E02 01 0000 5703") + b"".join(struct.pack("<Bh", 1, i) for i in range(856)))
    t.send(0, "C7 01 1E04 06")
    fr = t.frames(1, to_bytes("C7 81 0000 1E02 01 0000 5702") + points)
    for f in (fr[0], fr[1], fr[1], fr[2]):				# one comes twice
        t.raw(1, f)
    for f in fr[3:]:
        t.raw(1, f)
    t.send(0, "C8 01 1E04 06")
    fr = t.frames(1, to_bytes("C8 81 0000 1E02 01 0000 5702") + points)
    for f in fr[:2] + fr[3:]:						# one is missing
        t.raw(1, f)
    t.ask("01 3C01 06", "")
    t.send(1, "4D 81 0000 1E02 00 0000 01 0000")			# of no answer


@capture
def several_outstations(c):
    t = Talk(c)
    for round_ in range(3):
        for dst in (10, 11, 12):
            t.dst = dst
            t.send(0, f"C{round_} 01 3C01 06")
        waiting = []
        for dst in (10, 11, 12):
            t.dst = dst
            waiting.append(t.frames(1, to_bytes(f"C{round_} 81 0000 1E04 00 0095") +
                                    b"".join(struct.pack("<h", dst * 100 + i) for i in range(150))))
        for parts in zip(*waiting):					# their frames come mixed
            for p in parts:
                t.raw(1, p)
    t.dst = 10
    for master in (1, 2, 3):						# and several masters
        t.src = master
        t.send(0, "C5 01 3C02 06")
        t.send(1, "C5 81 0200 0202 17 01 03 81 230100008001")


@capture
def unsolicited(c):
    t = Talk(c)
    t.send(1, "F0 82 9000")
    t.send(0, "D0 00")
    t.ask("15 3C02 06 3C03 06 3C04 06", "", "9000")
    t.ask("02 5001 00 0707 00", "", "1000")
    t.ask("02 3201 07 01 230100008001", "")
    t.ask("14 3C02 06 3C03 06 3C04 06", "")
    t.send(1, "F1 82 0200 0202 17 01 03 81 230100008001")
    t.send(0, "D1 00")
    t.send(1, "F2 82 0200 3301 07 01 230100008001 0203 28 0200 0100 81 0A00 0200 01 1400")
    t.send(1, "F2 82 0200 3301 07 01 230100008001 0203 28 0200 0100 81 0A00 0200 01 1400")	# again
    t.send(0, "D2 00")
    t.send(0, "D9 00")							# of nothing
    t.send(1, "F8 82 0200 0201 17 01 03 81")				# a jump


@capture
def broadcast(c):
    t = Talk(c)
    t.ask("01 3C01 06", "")
    for dst in (0xFFFD, 0xFFFE, 0xFFFF):
        t.dst = dst
        t.ask("02 3201 07 01 230100008001")
        t.ask("0D")
    t.ask("01 3C01 06")
    t.dst = 0xFFFC
    t.send(0, "C5 01 3C01 06")
    t.dst = 0xFFF3
    t.send(0, "C6 01 3C01 06")


@capture
def link_layer(c):
    t = Talk(c)
    for fn, answer in ((0xC0, 0x00), (0xC0, 0x01), (0xF2, 0x00), (0xC9, 0x0B), (0xC9, 0x1B), (0xC1, 0x0F), (0xC9, 0x0E)):
        t.link(0, fn)
        t.link(1, answer)
    t.link(1, 0x49)
    t.link(0, 0x8B)
    t.link(0, 0xF3, to_bytes("C0 C0 01 3C01 06"))
    t.link(1, 0x00)
    t.send(1, "C0 81 0000")
    t.link(0, 0xC7)							# reserved
    t.link(1, 0x05)
    t.link(0, 0xC9, b"\xc0\xc0")					# data where none belongs
    t.link(0, 0xC4)							# none where it must be
    t.link(0, 0xC2)							# FCV missing
    t.link(0, 0xC9)							# nobody answers


@capture
def broken(c):
    t = Talk(c)
    t.ask("01 3C01 06", "")
    good = t.frames(0, to_bytes("C1 01 3C02 06 3C03 06 3C04 06 3C01 06"))[0]
    t.raw(0, good[:12] + bytes([good[12] ^ 1]) + good[13:])		# user data
    t.raw(0, good[:4] + bytes([good[4] ^ 1]) + good[5:])		# header
    t.raw(0, b"GET / HTTP/1.1\r\n\r\n")
    t.ask("01 3C02 06", "")
    t.raw(0, frame(0xC4, 10, 1, b"", 3))				# length 3
    t.ask("01 3C03 06", "")
    t.raw(0, b"\x05\x05\x64" * 5 + good)				# found again behind noise
    t.send(1, "C1 81 0000")
    t.raw(0, good[:20])
    t.raw(0, good[20:])							# cut in two
    t.raw(1, b"".join(t.frames(1, to_bytes("C1 81 0000")) + t.frames(1, to_bytes("F0 82 0000"))))


@capture
def contradictions(c):
    t = Talk(c)
    for wire in ("1E04 00 0500", "1E04 02 00000000 FFFFFFFF 0100", "1E04 00 0009 0100 0200", "1E04 17 05 01 0100 02 0200",
                 "0101 01 0000 FF0F FF", "0301 00 0009 E4", "1E04 77 01 01 0100", "1E04 0A 01", "1E04 87 01 0100", "1E04 06",
                 "1E07 00 0000 0100", "0501 00 0000 0100", "0501 5B 01 0200 0100 1E04 00 0000 0100", "1E00 00 0000",
                 "4604 07 01 0000", "4603 5B 01 0400 00000000", "4608 5B 01 FF00 'ab'",
                 "4604 5B 02 0D00 01000000 00000000 0000 0000 00", "1E", "1E04 00 00", "6E00 08 FFFF",
                 "4608 5B 01 0200 'ab' 4606 5B 01 0A00 01000000 02000000 00 41", "0003 00 0000 01 FF 'short'"):
        t.ask("01 3C01 06", wire)
    t.send(0, "C0")
    t.send(0, "80 01 3C01 06")
    t.send(0, "D5 01 3C01 06")
    t.send(1, "C3 01 3C01 06")						# an outstation asks
    t.send(0, "C3 81 0000")						# a master answers
    t.send(1, "CC 81 C0C0")						# no request, reserved bits
    t.send(1, "CC 81")


@capture
def limits(c):
    t = Talk(c)
    t.ask("01 0300 06")
    t.send(1, to_bytes("C0 81 0000 0301 01 0000 0310") + b"\xe4" * 1025)
    t.send(0, to_bytes("C1 01") + to_bytes("1E00 06") * 600)
    t.send(1, to_bytes("C1 81 0000"))


@capture
def udp(c):
    t = Talk(c, udp=True)
    t.ask("01 3C02 06 3C03 06 3C04 06 3C01 06", "0102 00 0001 81 01 1E02 00 0000 01 E803")
    fr = t.frames(0, to_bytes("C1 01 3C02 06")) + t.frames(0, to_bytes("C2 01 3C03 06"))
    t.raw(0, b"".join(fr))						# two frames in a datagram
    t.send(1, "C1 81 0000")
    t.send(1, "C2 81 0000")
    t.raw(0, fr[0][:-3])						# one cut short
    t.send(0, "C3 01 1E04 06")
    t.send(1, to_bytes("C3 81 0000 1E04 00 00C7") + bytes(400))		# a fragment of two datagrams


@capture
def odd_port(c):
    for port in (4711, 502, 19999):
        t = Talk(c, port=port)
        t.ask("01 3C02 06 3C03 06 3C04 06 3C01 06", "0102 00 0001 81 01")
        t.ask("01 1E00 06", "1E04 00 0001 01000200")


@capture
def midway(c):
    t = Talk(c, midway=True)
    t.raw(1, t.frames(1, to_bytes("C4 81 0000 1E04 00 0001 01000200"))[0][7:])
    t.send(0, "C5 04 " + CROB + "00")
    t.send(1, "C5 81 0000 " + CROB + "00")
    t.ask("01 3C01 06", "")


@capture
def unanswered(c):
    t = Talk(c)
    t.ask("01 3C01 06", "")
    t.ask("01 3C02 06")
    c.now += 3
    t.app -= 1
    t.ask("01 3C02 06", "")						# asked again
    t.ask("0D")
    c.now += 30
    t.app -= 1
    t.send(1, "C2 81 0000 3402 07 01 6400")				# much too late
    t = Talk(c, src=2)
    for _ in range(100):
        t.ask("01 3C02 06")


@capture
def one_way(c):
    t = Talk(c, midway=True)
    for _ in range(5):
        t.send(1, to_bytes(f"C{_} 81 0000 1E04 00 0001 01000200"))


@capture
def authentication(c):
    t = Talk(c)
    t.ask("20 7804 07 01 0100")
    t.send(1, "C0 83 0000 7805 5B 01 0F00 01000000 0100 01 02 00 0400 'stev'")
    t.ask("20 7806 5B 01 1600 01000000 0100 00112233445566778899AABBCCDDEEFF")
    t.send(1, "C1 83 0000 7805 5B 01 1300 02000000 0100 01 01 04 0400 'stev' AABBCCDD")
    t.send(0, "C2 05 " + CROB + "00")					# challenged
    t.send(1, "C2 83 0000 7801 5B 01 0C00 05000000 0100 04 01 DEADBEEF")
    t.send(0, "C2 20 7802 5B 01 0E00 05000000 0100 0011223344556677")
    t.send(1, "C2 81 0000 " + CROB + "00")
    t.send(0, "C3 05 7803 07 01 06000000 0100 " + CROB + "00 7809 5B 01 0800 0011223344556677")	# aggressive
    t.send(1, "C3 83 0000 7807 5B 01 1100 06000000 0100 0000 01 230100008001 'no'")
    t.send(0, "C4 21 7807 5B 01 0F00 06000000 0100 0000 05 230100008001")


def text(variation, head, name=b""):
    """A file object with a size prefix."""
    body = to_bytes(head) + name
    return f"46{variation:02X} 5B 01 " + struct.pack("<H", len(body)).hex() + " " + body.hex()


def opened(t, name, handle, mode=1, status=0, size=300):
    t.ask("19 " + text(3, f"1A00 {struct.pack('<H', len(name)).hex()} 000000000000 FF01 00000000 {struct.pack('<I', size).hex()} "
                       f"{struct.pack('<H', mode).hex()} 0004 0700", name),
          text(4, f"{struct.pack('<I', handle).hex()} {struct.pack('<I', size).hex()} 0004 0700 {status:02X}"))


def block(t, handle, number, last=False, data=None):
    """Read a block, or write `data` as one."""
    head = struct.pack("<II", handle, number | (1 << 31 if last else 0)).hex()
    if data is None:
        t.ask("01 " + text(5, struct.pack("<II", handle, number).hex()), text(5, head, b"%d" % number * 40))
    else:
        t.ask("02 " + text(5, head, data), text(6, head + "00"))


def closed(t, handle, function="1A", status=0):
    t.ask(function + text(4, struct.pack("<I", handle).hex() + " 00000000 0000 0700 00"),
          text(4, struct.pack("<I", handle).hex() + f" 00000000 0000 0700 {status:02X}"))


@capture
def files(c):
    t = Talk(c)
    opened(t, b"/etc/points.xml", 0x11)
    opened(t, b"/log/today.txt", 0x12, mode=2, size=0)
    for n in range(3):
        block(t, 0x11, n, n == 2)
        block(t, 0x12, n, n == 2, b"line %d\n" % n)
    closed(t, 0x11)
    closed(t, 0x12)
    block(t, 0x11, 0)							# no file is behind this handle any more
    opened(t, b"/no/such", 0, status=3)
    block(t, 0, 0)
    opened(t, b"/etc/second.xml", 0x11)					# the same handle, another file
    block(t, 0x11, 0)
    closed(t, 0x11, "1E", 9)						# cannot be aborted: still open
    block(t, 0x11, 1)
    closed(t, 0x11, "1E")
    block(t, 0x11, 2)
    for n in range(17):							# more than are remembered
        opened(t, b"/many/%02d" % n, 0x100 + n)
    block(t, 0x100, 0)
    block(t, 0x101, 0)
    opened(t, b"/long/" + b"x" * 300, 0x200)
    block(t, 0x200, 0)
    # An outstation that sends the block by itself, and another one with the same handles.
    t.send(1, "F0 82 0000 " + text(5, struct.pack("<II", 0x200, 1).hex(), b"unsolicited"))
    t.dst = 11
    block(t, 0x200, 0)
    opened(t, b"/eleven", 0x200)
    block(t, 0x200, 1)


@capture
def attributes(c):
    t = Talk(c)
    t.ask("01 00FE 00 0000", "00FC 00 0000 01 05 'Plant' 00FA 00 0000 01 03 'RTU' 00F8 00 0000 01 04 'S-17' 00F2 00 0000 01 03 '1.0'"
          " 00F0 00 0000 02 02 0008 00EF 00 0000 02 01 05 00EE 00 0000 02 04 04000000 00E2 00 0000 03 01 01 00D9 00 0000 03 02 E803"
          " 00D8 00 0000 03 04 10270000 00CB 00 0000 04 04 0000C03F 00CC 00 0000 04 08 0000000000002940 00C6 00 0000 07 06 230100008001"
          " 00C8 00 0000 05 04 DEADBEEF 0064 00 0000 01 02 'hm'")
    t.ask("02 00F6 00 0000 01 04 'P-12' 00CE 00 0000 01 05 'Plant'", "")
    t.ask("01 00FF 00 0000", "00FF 00 0000 08 06 FC01 FA01 F801")
    t.ask("01 00FC 00 0101", "00FC 00 0101 01 03 'me!'")			# a set of the user's own


RESTART = bytes([0xC0, 0xC0, 0x0D])		# a cold restart in one segment of one fragment


@capture
def beginnings(c):
    """First messages that are odd: each session begins with one, and a command is in it or behind it."""
    for control in (0x00, 0x80, 0x0B, 0x8B, 0x49, 0xC9, 0xC0):		# a frame of the link layer, then the command, in one piece
        for udp in (False, True):
            t = Talk(c, udp=udp)
            t.raw(0, frame(control, 10, 1) + frame(0xC4, 10, 1, RESTART))
            t.send(1, "C0 81 0000 3402 07 01 8813")
    t = Talk(c, port=40001)						# on another port two frames are wanted
    t.raw(0, frame(0x00, 10, 1) + frame(0xC4, 10, 1, RESTART))
    t.send(1, "C0 81 0000 3402 07 01 8813")
    for udp in (False, True):
        t = Talk(c, udp=udp)						# a wrong CRC of the header, of the data, a length below 5
        t.raw(0, frame(0xC4, 10, 1, RESTART)[:8] + b"\0\0" + frame(0xC4, 10, 1, RESTART)[10:])
        t = Talk(c, udp=udp)
        t.raw(0, frame(0xC4, 10, 1, RESTART)[:-2] + b"\0\0")
        t = Talk(c, udp=udp)
        t.raw(0, frame(0xC4, 10, 1, length=4))
    t = Talk(c, udp=True)						# a datagram that ends inside its frame
    t.raw(0, frame(0xC4, 10, 1, RESTART)[:12])


@capture
def unfinished(c):
    """Fragments whose last segment never comes."""
    t = Talk(c)
    t.raw(0, frame(0xC4, 10, 1, bytes([0x40, 0xC0, 0x0D])))		# until the session ends
    t = Talk(c, udp=True)
    t.raw(0, frame(0xC4, 10, 1, bytes([0x40, 0xC0, 0x12])))
    t = Talk(c)								# until it is longer than any device takes
    t.raw(0, b"".join(frame(0xC4, 10, 1, bytes([n | (0x40 if n == 0 else 0)]) + (b"\xC0\x02" if n == 0 else b"") + bytes(240))
                      for n in range(18)))
    t = Talk(c)								# until another one begins
    t.raw(0, frame(0xC4, 10, 1, bytes([0x40, 0xC0, 0x0E])))
    t.ask("01 3C01 06", "")
    t = Talk(c)								# a whole session begins with an end
    t.raw(0, frame(0xC4, 10, 1, bytes([0x81, 0xC0, 0x0D])))
    t.ask("01 3C01 06", "")


@capture
def link_confirmed(c):
    """User data that the link layer acknowledges, refuses, and leaves unanswered; DIR 0 and 1."""
    t = Talk(c)
    t.link(0, 0xF3, RESTART)
    t.link(1, 0x00)
    t.send(1, "C0 81 0000 3402 07 01 8813")
    t.link(0, 0xD3, bytes([0xC1, 0xC1, 0x01, 0x3C, 0x01, 0x06]))
    t.link(1, 0x01)
    t.link(0, 0xF3, bytes([0xC2, 0xC2, 0x01, 0x3C, 0x01, 0x06]))


def main():
    os.makedirs(OUT, exist_ok=True)
    for f in CAPTURES:
        c = Capture(f.__name__.replace("_", "-"))
        f(c)
        c.write()


if __name__ == "__main__":
    main()
