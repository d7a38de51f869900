#!/usr/bin/env python3
"""Makes the captures of what needs no baseline to be seen: packets that did not come from whom they name, floods, sweeps
that are answered; and what looks like them.

    alerts_forged.py     writes ../alerts/*.pcap, always the same bytes

Needs nothing but Python.
"""
import struct

import alerts
import dnp3_craft as dnp3

HMI, PLC, ME, FRONT = "10.20.1.10", "10.20.1.11", "10.20.1.99", "10.20.1.40"
READ, VALUE = b"\x03\0\0\0\1", b"\x03\2\0\7"
WRITE = b"\x06\0\5\0\x63"
CAPTURES = []


def capture(f):
    CAPTURES.append(f)
    return f


class Capture(alerts.Capture):
    """Of systems: `ttl` by address where it is not 64."""

    def __init__(self):
        super().__init__()
        self.ttl = {}

    def ip(self, src, dst, proto, payload, after=0.01):
        super().ip(src, dst, proto, payload, after)
        self.change(ttl=self.ttl.get(src, 64))

    def change(self, ttl=None, ident=None, df=None, sender=None, receiver=None):
        """Another header of the last frame."""
        t, data = self.frames[-1]
        head = bytearray(data[14:34])
        if ttl is not None:
            head[8] = ttl
        if ident is not None:
            head[4:6] = struct.pack(">H", ident)
        if df is not None:
            head[6] = 0x40 if df else 0
        head[10:12] = b"\0\0"
        head[10:12] = struct.pack(">H", dnp3.checksum(bytes(head)))
        self.frames[-1] = (t, (receiver or data[:6]) + (sender or data[6:12]) + data[12:14] + bytes(head) + data[34:])

    def made_by_a_tool(self):
        self.change(ttl=64, ident=1, df=False)


def adu(tid, pdu, unit=1):
    return struct.pack(">HHHB", tid, 0, len(pdu) + 1, unit) + pdu


def syn_with(c, src, dst, port, window, options=b"", ttl=64, ident=None, data=b""):
    head = struct.pack(">HHIIBBHHH", 40000, port, port, 0, (20 + len(options)) // 4 << 4, 2, window, 0, 0) + options
    pseudo = dnp3.addr(src) + dnp3.addr(dst) + struct.pack(">BBH", 0, 6, len(head) + len(data))
    head = head[:16] + struct.pack(">H", dnp3.checksum(pseudo + head + data)) + head[18:]
    c.ip(src, dst, 6, head + data)
    c.change(ttl=ttl, df=False, ident=ident)


@capture
def forged(c):
    """A write that a packet-crafting tool puts into the session of HMI and PLC: the PLC takes it, the HMI knows nothing of it."""
    c.ttl = {HMI: 128, PLC: 30}
    s = alerts.Session(c, HMI, PLC)
    for _ in range(4):
        s.poll(1)
    seq = list(s.seq)
    s.send(0, adu(77, WRITE))
    c.made_by_a_tool()
    s.send(1, adu(77, WRITE))
    for _ in range(2):		# the HMI is where it was, and says so
        c.tcp(HMI, PLC, 50000, 502, 0x10, seq[0], s.seq[1])
        c.tcp(PLC, HMI, 502, 50000, 0x10, s.seq[1], s.seq[0])
    c.now += 150
    for port in (102, 502, 20000):	# and three questions of a scanner
        syn_with(c, ME, PLC, port, 1024, b"\2\4\5\xb4", ttl=41)
    c.now += 170
    for port in (102, 502, 20000):
        syn_with(c, HMI, PLC, port, 8192, ident=1, data=b"\0" * 8)


@capture
def other_system(c):
    """Somebody who counts his packets well speaks in the name of the HMI, from further away."""
    c.ttl = {HMI: 128}
    s = alerts.Session(c, HMI, PLC)
    for _ in range(4):
        s.poll(1)
    c.ttl = {HMI: 64}
    s.ask(WRITE, WRITE)
    c.ttl = {HMI: 128}
    s.poll(1)


@capture
def other_device(c):
    """Three sessions of a PLC that starts with 128; then somebody takes its place, MAC and all, and starts with 64.  A host behind a
    router that translates addresses is many systems, and is not compared."""
    c.ttl = {PLC: 128, FRONT: 127}
    for i in range(3):
        s = alerts.Session(c, HMI, PLC, 50000 + i)
        s.poll(1)
        s.send(0, b"", 0x11)
        s.send(1, b"", 0x11)
        c.now += 20
    c.ttl = {PLC: 64, FRONT: 63}
    s = alerts.Session(c, HMI, PLC, 50010)
    s.poll(1)
    for i in range(4):
        c.ttl = {FRONT: 63 if i % 2 else 127}
        s = alerts.Session(c, FRONT, "10.20.1.12", 51000 + i)
        s.poll(1)
        s.send(0, b"", 0x11)
        s.send(1, b"", 0x11)
        c.now += 20


@capture
def session_taken(c):
    """A third tells HMI and PLC that it is the other; their session then goes through it, and values change on the way."""
    for a, b in ((HMI, PLC), (PLC, HMI)):
        c.arp(1, alerts.mac(a), a, b, 0.01)
        c.arp(2, alerts.mac(b), b, a, 0.01)
    s = alerts.Session(c, HMI, PLC)
    for _ in range(3):
        s.poll(1)
    me = alerts.mac(ME)
    c.arp(2, me, PLC, HMI, 2)
    c.arp(2, me, HMI, PLC, 0.01)
    for _ in range(3):
        s.tid += 1
        s.send(0, adu(s.tid, READ), after=1)
        c.change(sender=me)
        s.send(1, adu(s.tid, b"\x03\2\0\x63"))
        c.change(sender=me)


@capture
def session_passed_on(c):
    """A session that began without ARP; then a third says unasked that it has both addresses, and a mirror of all ports shows each
    packet on its way to it and from it."""
    s = alerts.Session(c, HMI, PLC)
    for _ in range(3):
        s.poll(1)
    me = alerts.mac(ME)
    for _ in range(3):
        c.arp(2, me, PLC, HMI, 2)
        c.arp(2, me, HMI, PLC, 0.01)
        for side, data in ((0, READ), (1, VALUE)):
            s.send(side, adu(9, data))
            t, frame = c.frames[-1]
            c.frames[-1] = (t, me + frame[6:])
            c.frames.append((t + 0.0002, frame))
            c.rewrite(me, 63)


@capture
def ordinary_sessions(c):
    """What looks forged and is not: a session that a balancer opens for the host behind it, a way that grows longer, a device
    that counts from 1 after its start, one that numbers nothing, keep-alives, a router in front of both ends."""
    c.ttl = {HMI: 251}
    s = alerts.Session(c, HMI, PLC)
    c.ttl = {HMI: 124}
    for _ in range(5):
        s.poll(1)
    c.ttl = {HMI: 122}
    for _ in range(5):
        s.poll(1)
        c.tcp(HMI, PLC, 50000, 502, 0x10, s.seq[0] - 1, s.seq[1])
        c.tcp(PLC, HMI, 502, 50000, 0x10, s.seq[1], s.seq[0])
    c.ident = 0
    s = alerts.Session(c, "10.20.1.12", PLC)
    for _ in range(3):
        s.poll(1)
    s = alerts.Session(c, HMI, "10.20.1.13", sport=50001)
    for _ in range(3):
        s.tid += 1
        s.send(0, adu(s.tid, READ))
        s.send(1, adu(s.tid, VALUE))
        c.change(ident=0, df=False)
    s = alerts.Session(c, HMI, "10.20.9.9", sport=50002)
    for _ in range(3):
        s.poll(1)
        c.change(sender=b"\2\0\0\0\0\1")


@capture
def floods(c):
    """Writes without a pause; reports without a pause; an outstation that is told again and again to be silent."""
    s = alerts.Session(c, HMI, PLC)
    for i in range(520):
        s.ask(WRITE, WRITE, after=0.002)
    out = alerts.Session(c, FRONT, "10.20.1.41", 51000, 20000)
    for i in range(110):
        n = i & 15
        out.send(1, dnp3.frame(0x44, 1, 10, bytes([0xc0 | i & 63, 0xf0 | n]) + b"\x82\0\0" + bytes.fromhex("020117010001")), after=0.03)
        out.send(0, dnp3.frame(0xc4, 10, 1, bytes([0xc0 | i & 63, 0xd0 | n]) + b"\0"))
    off = alerts.Session(c, FRONT, "10.20.1.42", 52000, 20000)
    for i in range(55):
        n = i & 15
        off.send(0, dnp3.frame(0xc4, 10, 1, bytes([0xc0 | i & 63, 0xc0 | n]) + b"\x15\x3c\x02\x06"), after=0.9)
        off.send(1, dnp3.frame(0x44, 1, 10, bytes([0xc0 | i & 63, 0xc0 | n]) + b"\x81\0\0"))


@capture
def unit_sweeps(c):
    """Units behind a gateway: its master polls them all the time; a client that comes later asks each once.  Outstations of a line:
    nothing but whether they are there.  One that tries under whose address an outstation obeys."""
    s = alerts.Session(c, HMI, PLC)
    for _ in range(8):
        for unit in range(1, 13):
            s.ask(READ, VALUE, unit, 0.7)
    t = alerts.Session(c, ME, PLC)
    for unit in range(1, 13):
        t.ask(READ, VALUE, unit)
    u = alerts.Session(c, ME, "10.20.1.41", 51000, 20000)
    for station in range(1, 12):
        u.send(0, dnp3.frame(0xc9, station, 1))
        u.send(1, dnp3.frame(0x0b, 1, station))
    v = alerts.Session(c, ME, "10.20.1.42", 52000, 20000)
    for source in range(1, 8):
        v.send(0, dnp3.frame(0xc4, 10, source, bytes([0xc0 + source, 0xc0 + source]) + b"\x01\x3c\x02\x06"))
        v.send(1, dnp3.frame(0x44, source, 10, bytes([0xc0 + source, 0xc0 + source]) + b"\x81\0\0"))


@capture
def unit_asked_once(c):
    """The same sweep from the first packet on, by whoever it is: it is over when nobody came back."""
    t = alerts.Session(c, ME, PLC)
    for unit in range(1, 13):
        t.ask(READ, VALUE, unit)
    t.send(0, b"", 0x10, after=310)


@capture
def no_address(c):
    """One device asks for an address and gets it, another asks on and on."""
    def dhcp(op, last, kind, after):
        body = bytes([op, 1, 6, 0]) + b"\0\0\0" + bytes([last]) + bytes(20) + b"\2\0\0\0\0" + bytes([last]) + bytes(202)
        body += bytes.fromhex("63825363") + bytes([53, 1, kind, 255])
        ends = ("0.0.0.0", "255.255.255.255", 68, 67) if op == 1 else (FRONT, "255.255.255.255", 67, 68)
        c.ip(*ends[:2], 17, struct.pack(">HHHH", *ends[2:], 8 + len(body), 0) + body, after)
    for kind in (1, 2, 3, 5):
        dhcp(2 - kind % 2 if kind != 5 else 2, 7, kind, 0.1)
    for after in (1, 4, 8, 16, 32, 64):
        dhcp(1, 8, 1, after)
    dhcp(2, 8, 2, 1)


@capture
def operations_without_a_pause(c):
    s = alerts.Session(c, HMI, PLC)
    for _ in range(450):
        s.poll(0.001)


def main():
    for f in CAPTURES:
        c = Capture()
        f(c)
        c.write(f.__name__.replace("_", "-"))


if __name__ == "__main__":
    main()
