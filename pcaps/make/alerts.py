#!/usr/bin/env python3
"""Makes the captures of what no stack does by itself, but an intruder or a failing device does: one alert type each.

    alerts.py            writes ../alerts/*.pcap, always the same bytes

Needs nothing but Python.
"""
import os
import struct

import dnp3_craft as dnp3
import s7_craft as s7
import s7plus_craft as plus

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "alerts")
START = 1767600000		# 2026-01-05 08:00:00 UTC
ME, PLC = "10.20.2.99", "10.20.1.11"
CAPTURES = []


def capture(f):
    CAPTURES.append((f, "own"))
    return f


def of(kind):
    def keep(f):
        CAPTURES.append((f, kind))
        return f
    return keep


def mac(ip):
    return b"\x02\x00" + dnp3.addr(ip)


class Capture:
    """Frames with their times; who sends has the MAC of his address."""

    def __init__(self):
        self.frames, self.now, self.ident = [], 0.0, 0

    def ip(self, src, dst, proto, payload, after=0.01):
        self.ident += 1
        self.now += after
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), self.ident, 0x4000, 64, proto, 0, dnp3.addr(src), dnp3.addr(dst))
        head = head[:10] + struct.pack(">H", dnp3.checksum(head)) + head[12:]
        self.frames.append((self.now, mac(dst) + mac(src) + b"\x08\x00" + head + payload))

    def tcp(self, src, dst, sport, dport, flags, seq=1, ack=0, data=b"", after=0.01):
        head = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 8192, 0, 0)
        pseudo = dnp3.addr(src) + dnp3.addr(dst) + struct.pack(">BBH", 0, 6, len(head) + len(data))
        head = head[:16] + struct.pack(">H", dnp3.checksum(pseudo + head + data)) + head[18:]
        self.ip(src, dst, 6, head + data, after)

    def ping(self, src, dst, n, after):
        body = struct.pack(">BBHHH", 8, 0, 0, 7, n) + b"thermowell"
        self.ip(src, dst, 1, body[:2] + struct.pack(">H", dnp3.checksum(body)) + body[4:], after)

    def arp(self, op, who, ip, target, after):
        self.now += after
        self.frames.append((self.now, b"\xff" * 6 + who + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, op) +
                            who + dnp3.addr(ip) + b"\0" * 6 + dnp3.addr(target) + b"\0" * 18))

    def rewrite(self, sender, ttl=64):
        """Another MAC in the last frame, and the time to live that a router leaves."""
        t, data = self.frames[-1]
        head = data[14:22] + bytes([ttl]) + data[23:24] + b"\0\0" + data[26:34]
        self.frames[-1] = (t, data[:6] + sender + data[12:14] + head[:10] + struct.pack(">H", dnp3.checksum(head)) +
                           head[12:] + data[34:])

    def write(self, name):
        with open(os.path.join(OUT, name + ".pcap"), "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for t, data in self.frames:
                f.write(struct.pack("<IIII", START + int(t), round(t % 1 * 1e6), len(data), len(data)) + data)


class Session:
    """A TCP session with Modbus in it."""

    def __init__(self, cap, client=ME, server=PLC, sport=50000, dport=502):
        self.cap, self.ends, self.ports, self.seq, self.tid = cap, (client, server), (sport, dport), [1000, 9000], 0
        self.send(0, b"", 2)
        self.send(1, b"", 0x12)
        self.send(0, b"", 0x10)

    def send(self, side, data, flags=0x18, after=0.01):
        a, b = self.ends if side == 0 else self.ends[::-1]
        p, q = self.ports if side == 0 else self.ports[::-1]
        self.cap.tcp(a, b, p, q, flags, self.seq[side], 0 if flags == 2 else self.seq[1 - side], data, after)
        self.seq[side] += len(data) + (flags & 3 != 0)

    def ask(self, pdu, answer, unit=1, after=0.01):
        self.tid += 1
        self.send(0, struct.pack(">HHHB", self.tid, 0, len(pdu) + 1, unit) + pdu, after=after)
        if answer is not None:
            self.send(1, struct.pack(">HHHB", self.tid, 0, len(answer) + 1, unit) + answer)

    def poll(self, after=0.01):
        self.ask(b"\x03\0\0\0\1", b"\x03\2\0\7", after=after)


@of("dnp3")
def stop_commands(c):
    t = dnp3.Talk(c)
    for _ in range(20):
        t.ask("12", "")
        c.now += 60


@of("dnp3")
def restart_commands(c):
    t = dnp3.Talk(c)
    for _ in range(10):
        t.ask("0D", "3402 07 01 E803")
        c.now += 60


@of("dnp3")
def events_lost(c):
    t = dnp3.Talk(c)
    for i in range(6):
        t.ask("01 3C0206", "", "0008" if i % 2 else "0000")
        c.now += 30


@of("dnp3")
def restarts(c):
    t = dnp3.Talk(c)
    for i in range(4):
        t.ask("01 3C0206", "", "8000" if i % 2 else "0000")
        c.now += 60


@of("dnp3")
def wrong_control(c):
    """A read that asks for a confirmation, and an unsolicited response that does not say that it is one."""
    t = dnp3.Talk(c)
    t.send(0, "E0 01 3C0206")
    t.send(1, "C0 81 0000")
    t.send(1, "D0 82 0000")
    t.send(0, "D0 00")
    t.send(1, "C1 82 0000")


@of("s7")
def logins(c):
    t = s7.Talk(c)
    for _ in range(110):
        t.ask(5, 1, "4748494A4B4C4D4E", error=0xd602)


@of("plus")
def plus_logins(c):
    """S7comm-plus: one session, its key, and then one wrong password after the other."""
    t = plus.Talk(c)
    rows = plus.examples()[0]
    for function in (0x04ca, 0x0542):
        t.ask(*[r for r in rows if r[0] == function][0])
    login = [r for r in rows if r[0] == 0x04f2 and r[2][:4] == b"\0\0\3\x94"][0]
    for _ in range(110):
        t.ask(*login)


@of("s7")
def long_message(c):
    """A job whose TPKT says 40,000 bytes, and brings them."""
    t = s7.Talk(c)
    body = t.pdu(s7.JOB, 7, s7.to_bytes("05 01 12 0A 10 02 9C00 0001 84 000000"), b"\0\4\xff\xff" + bytes(39940))
    whole = struct.pack(">BBH", 3, 0, 7 + len(body)) + b"\x02\xf0\x80" + body
    for at in range(0, len(whole), 1460):
        t.segment(s7.CLIENT, whole[at:at + 1460])
    t.job("04 01 12 0A 10 02 0004 0001 84 000000", answer="04 01", answer_dat="FF 04 0020 00000007")


@capture
def new_firmware(c):
    s = Session(c)
    for version in (b"V2.1", b"V2.1", b"V3.0"):
        objects = b"".join(bytes([i, len(v)]) + v for i, v in enumerate((b"Vendor", b"PLC", version)))
        s.ask(b"\x2b\x0e\x01\x00", b"\x2b\x0e\x01\x01\x00\x00\x03" + objects, after=30)


@capture
def quiet(c):
    s = Session(c)
    for after in (1, 1, 900, 1):
        s.poll(after)


@capture
def addresses(c):
    """Senders that cannot be, and port 0."""
    c.tcp("127.0.0.1", PLC, 40000, 502, 2)
    c.tcp("224.0.0.5", PLC, 40001, 502, 2)
    c.tcp("250.1.2.3", PLC, 40002, 502, 2)
    c.tcp("0.0.0.0", PLC, 40003, 502, 2)
    c.tcp(ME, PLC, 40004, 0, 2)
    c.ip("0.0.0.0", "255.255.255.255", 17, struct.pack(">HHHH", 68, 67, 8, 0))		# this one is honest


@capture
def function_zero(c):
    s = Session(c)
    s.poll()
    s.ask(b"\0", b"\x80\1")
    s.poll()


@capture
def silent_unit(c):
    """A gateway: unit 2 leaves one request open now and then, and in the end all of them; unit 1 answers on."""
    s = Session(c)
    read, answer = b"\x03\0\0\0\1", b"\x03\2\0\7"
    for i in range(12):
        s.ask(read, answer, unit=2, after=2) if i < 8 and i % 2 else s.ask(read, None, unit=2, after=2)
        s.ask(read, answer, after=2)
    for _ in range(10):
        s.poll(after=10)


@capture
def unasked(c):
    s = Session(c)
    s.poll()
    s.poll()
    for i in range(6):
        s.send(1, struct.pack(">HHHB", 700 + i, 0, 5, 1) + b"\x03\2\3\xe7")
    s.poll()


@capture
def slow_scan(c):
    for i in range(1, 56):
        c.tcp(ME, f"10.20.1.{i}", 41000 + i, 502, 2, after=10)


@capture
def arp_flood(c):
    for _ in range(70):
        c.arp(2, mac(ME), "10.20.1.1", "10.20.1.1", 0.5)


@capture
def takeover(c):
    """HMI and PLC ask for each other; then a third says to both that it is the other."""
    hmi, me = "10.20.1.10", "10.20.1.99"
    for a, b in ((hmi, PLC), (PLC, hmi)):
        c.arp(1, mac(a), a, b, 0.01)
        c.arp(2, mac(b), b, a, 0.01)
    s = Session(c, client=hmi)
    s.poll()
    for _ in range(5):
        c.arp(2, mac(me), PLC, hmi, 2)
        c.arp(2, mac(me), hmi, PLC, 0.01)


@capture
def forged_sender(c):
    """ARP says whose the HMI's address is; the same seen behind a router; then another host opens a session with it."""
    hmi, me, router = "10.20.1.10", "10.20.1.99", b"\x02\0\0\0\0\x01"
    c.arp(1, mac(PLC), PLC, hmi, 0.01)
    c.arp(2, mac(hmi), hmi, PLC, 0.01)
    s = Session(c, client=hmi)
    s.poll()
    c.tcp(hmi, PLC, 50001, 502, 2)
    c.rewrite(router, ttl=63)
    c.tcp(hmi, PLC, 50002, 502, 2, after=60)
    c.rewrite(mac(me))


@capture
def internet_control(c):
    """A PLC that is polled from the internet, and then a name that its master looks up there."""
    s = Session(c, client="198.51.100.9")
    s.poll()
    s = Session(c, client="10.20.1.10")
    s.poll()
    c.ip("10.20.1.10", "198.51.100.53", 17, struct.pack(">HHHH", 5353, 53, 8 + 17, 0) +
         b"\0\1\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1")
    c.ip("10.20.1.77", "198.51.100.53", 17, struct.pack(">HHHH", 5354, 53, 8 + 17, 0) +
         b"\0\1\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1")		# whoever this is


@capture
def high_ports(c):
    """Ports that servers hand out: sessions with many are ordinary, refusals of many are not."""
    for i in range(30):
        s = Session(c, server="10.20.1.12", sport=44000 + i, dport=50000 + i)
        s.send(1, b"150 data")
    for i in range(30):
        c.tcp(ME, PLC, 42000, 50000 + i, 2, seq=i)
        c.tcp(PLC, ME, 50000 + i, 42000, 0x14, ack=i + 1)


@capture
def port_scan(c):
    for i, port in enumerate(range(20, 50)):
        c.tcp(ME, PLC, 42000, port, 2, seq=i)
        c.tcp(PLC, ME, port, 42000, 0x14, ack=i + 1)


def udp(c, src, dst, sport, dport, data=b"", after=0.01):
    c.ip(src, dst, 17, struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data, after)


def unreachable(c, code=3):
    """The last packet's receiver says that nothing is there."""
    quoted = c.frames[-1][1][14:42]
    body = struct.pack(">BBHI", 3, code, 0, 0) + quoted
    src, dst = (".".join(map(str, quoted[at:at + 4])) for at in (12, 16))
    c.ip(dst, src, 1, body[:2] + struct.pack(">H", dnp3.checksum(body)) + body[4:])


@capture
def odd_scans(c):
    """NULL, FIN, Xmas and ACK scans, each of another device; what is there is silent, the rest refuses; one device is behind a filter."""
    for k, flags in enumerate((0, 1, 0x29, 0x10, 0x11, 0x10)):
        plc = f"10.20.1.{11 + k}"
        for i, port in enumerate(range(20, 35)):
            c.tcp(ME, plc, 42000 + k, port, flags, seq=i, ack=flags >> 4)
            if k < 5 and not (port == 22 and flags & 0x10 == 0):
                c.tcp(plc, ME, port, 42000 + k, 0x04 if flags & 0x10 else 0x14, seq=flags >> 4, ack=i)
        c.now += 200


@capture
def udp_scan(c):
    """Low ports, which nobody answers; then high ones, of which the device says that they are not there."""
    for port in range(40, 70):
        udp(c, ME, PLC, 42000, port, b"\0" * 8)
    c.now += 200
    for port in range(49152, 49180):
        udp(c, ME, PLC, 42000, port)
        unreachable(c)


@capture
def sweeps(c):
    """Every host is asked whether it is there: by ping, by timestamp requests, by ACK to port 80."""
    for i in range(1, 56):
        c.ping(ME, f"10.20.1.{i}", 1, 0.5)
    c.now += 700
    for i in range(1, 56):
        body = struct.pack(">BBHHHIII", 13, 0, 0, 7, i, 0, 0, 0)
        c.ip(ME, f"10.21.1.{i}", 1, body[:2] + struct.pack(">H", dnp3.checksum(body)) + body[4:], 0.5)


@capture
def no_scans(c):
    """What looks like one: a traceroute, a capture that begins in the middle of sessions and of look-ups, a station that
    monitors forty hosts, and a PLC that was restarted under its clients."""
    for hop in range(1, 31):
        for k in range(3):
            udp(c, ME, PLC, 42000, 33434 + 3 * hop + k - 3)
            if hop > 24:
                unreachable(c)
    for i in range(40):
        udp(c, "10.20.2.53", ME, 53, 1025 + i, b"answer")		# the question was before the capture
        c.tcp(PLC, ME, 502, 1025 + i, 0x10, seq=7, ack=9)		# idle sessions, kept alive
        c.tcp(ME, PLC, 1025 + i, 502, 0x10, seq=9, ack=7)
    for i in range(40):
        c.tcp(PLC, "10.20.2.98", 502, 2025 + i, 0x10, seq=7, ack=9)
        c.tcp("10.20.2.98", PLC, 2025 + i, 502, 0x04, seq=9)
    for i in range(40):
        c.ping("10.20.2.50", f"10.20.1.{i + 20}", 1, 1)
        udp(c, "10.20.2.50", f"10.20.1.{i + 20}", 43000, 161, b"get")


@capture
def syn_flood(c):
    for i in range(130):
        c.tcp(ME, PLC, 30000 + i, 502, 2, seq=i, after=0.001)


@capture
def sessions(c):
    for i in range(55):
        s = Session(c, sport=43000 + i)
        s.poll()
        s.send(0, b"", 0x11)
        s.send(1, b"", 0x11)
        c.now += 0.5


@capture
def pings(c):
    for i in range(120):
        c.ping(ME, PLC, i, 0.1)


@capture
def one_ping_a_second(c):
    for i in range(180):
        c.ping(ME, PLC, i, 1)


# ---- one command among many ------------------------------------------------------

def tpkt(cotp):
    return struct.pack(">BBH", 3, 0, 4 + len(cotp)) + cotp


def s7_pdu(kind, ref, param, error=b""):
    return tpkt(b"\x02\xf0\x80" + struct.pack(">BBHHHH", 0x32, kind, 0, ref, len(param), 0) + error + param)


STOP = b"\x29" + bytes(5) + b"\x09P_PROGRAM"


def s7_session(c, client, server, sport):
    t = Session(c, client, server, sport, 102)
    t.send(0, tpkt(bytes.fromhex("11e00000000100c0010ac1020100c2020102")))
    t.send(1, tpkt(bytes.fromhex("11d00001000200c0010ac1020100c2020102")))
    t.send(0, s7_pdu(1, 1, bytes.fromhex("f0000001000101e0")))
    t.send(1, s7_pdu(3, 1, bytes.fromhex("f0000001000100f0"), b"\0\0"))
    return t


@capture
def many_s7_stops(c):
    """A dozen controllers are told to stop, and obey; then the one that matters, which does not answer; one that refuses."""
    for i in range(12):
        t = s7_session(c, ME, f"10.20.1.{100 + i}", 50000 + i)
        t.send(0, s7_pdu(1, 2, STOP))
        t.send(1, s7_pdu(3, 2, b"\x29", b"\0\0"))
    s7_session(c, "10.20.2.10", PLC, 51000).send(0, s7_pdu(1, 2, STOP))
    t = s7_session(c, "10.20.2.10", "10.20.1.12", 51001)
    for ref in (2, 3):
        t.send(0, s7_pdu(1, ref, STOP), after=1)
        t.send(1, s7_pdu(3, ref, b"\x29", b"\x81\x04"))
    t.send(0, s7_pdu(1, 4, STOP), after=1)
    t.send(1, s7_pdu(3, 4, b"\x29", b"\0\0"))
    t.send(0, b"", 0x10, after=30)


@capture
def many_umas_stops(c):
    """Controllers behind one gateway are told to stop, unit by unit; the last one does not answer, one refuses."""
    t = Session(c)
    for unit in range(1, 13):
        t.ask(b"\x5a\0\x41\xff\0", b"\x5a\0\xfd\x80" if unit == 7 else b"\x5a\0\xfe", unit)
    t.ask(b"\x5a\0\x41\xff\0", None, 77)
    t.send(0, b"", 0x10, after=30)


@capture
def many_dnp3_restarts(c):
    """Outstations behind one terminal server are told to restart; the last one does not answer."""
    t = Session(c, dport=20000)
    for station in range(10, 22):
        t.send(0, dnp3.frame(0xc4, station, 1, b"\xc0\xc0\x0d"))
        t.send(1, dnp3.frame(0x44, 1, station, b"\xc0\xc0\x81\0\0\x34\x02\x07\x01\xe8\x03"))
    t.send(0, dnp3.frame(0xc4, 99, 1, b"\xc0\xc0\x0d"))
    t.send(0, b"", 0x10, after=30)


@capture
def only_acknowledges(c):
    """A controller and an outstation that take every connection and acknowledge every request, and answer none."""
    for i in range(5):
        t = s7_session(c, "10.20.2.10", PLC, 50000 + i)
        t.send(0, s7_pdu(1, 2, bytes.fromhex("0401120a10020004000184000000")))
        t.send(1, b"", 0x10)
        t.send(0, b"", 0x11, after=15)
        t.send(1, b"", 0x11)
        u = Session(c, "10.20.2.10", "10.20.1.41", 52000 + i, 20000)
        u.send(0, dnp3.frame(0xc4, 10, 1, bytes([0xc0 + i, 0xc0 + i]) + b"\x01\x3c\x02\x06"))
        u.send(1, b"", 0x10)
        u.send(0, b"", 0x11, after=15)
        u.send(1, b"", 0x11)


def main():
    os.makedirs(OUT, exist_ok=True)
    for f, kind in CAPTURES:
        name = f.__name__.replace("_", "-")
        if kind == "own":
            c = Capture()
            f(c)
            c.write(name)
            continue
        maker = dnp3 if kind in ("dnp3", "plus") else s7
        maker.OUT = OUT
        c = maker.Capture(name)
        f(c)
        c.write()


if __name__ == "__main__":
    main()
