#!/usr/bin/env python3
"""Crafts the captures of what a mirror port makes of TCP, each around Modbus polling.

    PYTHON stream.py [NAME...]		writes all, or those named, to ../stream/

PYTHON is a python with scapy (PyPI).  Same input, same bytes: times, ports and sequence numbers are fixed.
No stack sends most of these on demand; the polls are FC 3, unit 1, two registers from 100 + i, answered
with 10 * i and 10 * i + 1.
"""
import os
import struct
import sys

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.utils import EDecimal, wrpcap

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "stream")
HMI, PLC = ("10.30.0.10", "02:00:00:30:00:10"), ("10.30.0.20", "02:00:00:30:00:20")
START = 1750000000
MADE = {}


def makes(f):
    MADE[f.__name__.replace("_", "-")] = f
    return f


def request(i, tid=None):
    return struct.pack(">HHHBBHH", i if tid is None else tid, 0, 6, 1, 3, 100 + i, 2)


def answer(i):
    return struct.pack(">HHHBBBHH", i, 0, 7, 1, 3, 4, 10 * i, 10 * i + 1)


class Session:
    """Two ends that know their sequence numbers.  Frames are kept, and may be dropped or moved after."""

    def __init__(self, isn=(1000, 5000), port=49152, at=0.0):
        self.seq = list(isn)
        self.port, self.now, self.frames = port, at, []

    def raw(self, end, flags, data=b"", seq=None, ack=None, after=0.002, window=8192):
        """One frame with any numbers; returns it."""
        (src, smac), (dst, dmac) = (HMI, PLC) if end == 0 else (PLC, HMI)
        sport, dport = (self.port, 502) if end == 0 else (502, self.port)
        self.now += after
        f = Ether(src=smac, dst=dmac) / IP(src=src, dst=dst, id=len(self.frames) + 1, ttl=64) / \
            TCP(sport=sport, dport=dport, flags=flags, window=window,
                seq=(self.seq[end] if seq is None else seq) & 0xffffffff,
                ack=(self.seq[1 - end] if ack is None else ack) & 0xffffffff if "A" in flags else 0) / data
        f.time = EDecimal(START) + EDecimal(round(self.now * 1000000)) / 1000000
        self.frames.append(f)
        return f

    def send(self, end, data, flags="PA", **more):
        f = self.raw(end, flags, data, **more)
        self.seq[end] = (self.seq[end] + len(data) + ("S" in flags) + ("F" in flags)) & 0xffffffff
        return f

    def open(self):
        self.send(0, b"", "S")
        self.send(1, b"", "SA")
        self.raw(0, "A")
        return self

    def poll(self, i, after=0.1):
        self.send(0, request(i), after=after)
        self.send(1, answer(i), after=0.004)

    def polls(self, first, n):
        for i in range(first, first + n):
            self.poll(i)
        return self

    def close(self):
        self.send(0, b"", "FA", after=0.05)
        self.send(1, b"", "FA")
        self.raw(0, "A")
        return self.frames


@makes
def whole():
    return Session().open().polls(1, 6).close()


@makes
def midway():
    return Session().open().polls(1, 8).close()[3 + 6:]


@makes
def client_only():
    return [f for f in Session().open().polls(1, 6).close() if f[IP].src == HMI[0]]


@makes
def server_only():
    return [f for f in Session().open().polls(1, 6).close() if f[IP].src == PLC[0]]


@makes
def lost_request():
    frames = Session().open().polls(1, 6).close()
    del frames[3 + 4]			# the question of poll 3
    return frames


@makes
def lost_answer():
    frames = Session().open().polls(1, 6).close()
    del frames[3 + 5]
    return frames


@makes
def lost_half():
    """An answer in two segments of which the second is never seen."""
    s = Session().open().polls(1, 2)
    s.send(0, request(3), after=0.1)
    s.send(1, answer(3)[:8])
    s.send(1, answer(3)[8:])
    s.frames.pop()
    return s.polls(4, 3).close()


@makes
def lost_many():
    """The mirror port shows nothing for a while, then the session goes on."""
    frames = Session().open().polls(1, 20).close()
    return frames[:3 + 8] + frames[3 + 30:]


@makes
def reordered():
    """Answers overtake questions, halves overtake halves; nothing is lost."""
    s = Session().open().polls(1, 1)
    for i in range(2, 5):
        s.poll(i)
        s.frames[-2], s.frames[-1] = s.frames[-1], s.frames[-2]
    for i in range(5, 7):
        s.send(0, request(i)[:5], after=0.1)
        s.send(0, request(i)[5:9])
        s.send(0, request(i)[9:])
        s.send(1, answer(i), after=0.004)
        s.frames[-4:-1] = [s.frames[-2], s.frames[-4], s.frames[-3]]
    frames = s.close()
    times = sorted(f.time for f in frames)
    for f, t in zip(frames, times):
        f.time = t
    return frames


@makes
def retransmission():
    s = Session().open()
    for i in range(1, 5):
        at = s.seq[0]
        s.send(0, request(i), after=0.1)
        s.raw(0, "PA", request(i), seq=at, after=0.2)
        at = s.seq[1]
        s.send(1, answer(i), after=0.004)
        s.raw(1, "PA", answer(i), seq=at, after=0.2)
    return s.close()


@makes
def overlap_same():
    """Each request is cut in two that share four bytes."""
    s = Session().open()
    for i in range(1, 5):
        at, b = s.seq[0], request(i)
        s.raw(0, "PA", b[:8], seq=at, after=0.1)
        s.raw(0, "PA", b[4:], seq=at + 4)
        s.seq[0] += len(b)
        s.send(1, answer(i), after=0.004)
    return s.close()


@makes
def overlap_different():
    """A request is sent again with another address: what the PLC did is known to the PLC alone."""
    s = Session().open().polls(1, 2)
    at = s.seq[0]
    s.send(0, request(3), after=0.1)
    s.raw(0, "PA", request(33, tid=3), seq=at, after=0.001)
    s.send(1, answer(3), after=0.004)
    return s.polls(4, 2).close()


@makes
def overlap_contradictory():
    """Two versions of the second half come before the first half: the classic evasion."""
    s = Session().open().polls(1, 2)
    at, real, lie = s.seq[0], request(3), request(99, tid=3)
    s.raw(0, "PA", real[6:], seq=at + 6, after=0.1)
    s.raw(0, "PA", lie[6:], seq=at + 6, after=0.001)
    s.raw(0, "PA", real[:6], seq=at, after=0.001)
    s.seq[0] += len(real)
    s.send(1, answer(3), after=0.004)
    return s.polls(4, 2).close()


@makes
def keep_alive():
    """Keep-alives with and without a byte, a closed window probed byte by byte."""
    s = Session().open().polls(1, 2)
    s.raw(0, "A", seq=s.seq[0] - 1, after=10)
    s.raw(1, "A")
    s.raw(0, "A", b"\0", seq=s.seq[0] - 1, after=10)
    s.raw(1, "A")
    s.polls(3, 1)
    s.raw(1, "A", window=0)
    b, at = request(4), s.seq[0]
    s.raw(0, "A", b[:1], after=1)		# dropped by the PLC
    s.raw(1, "A", window=0)
    s.raw(0, "A", b[:1], after=2)		# taken
    s.seq[0] += 1
    s.raw(1, "A", window=0)
    s.raw(1, "A", window=8192, after=1)
    s.raw(0, "PA", b, seq=at)			# sent whole again
    s.seq[0] = at + len(b)
    s.send(1, answer(4), after=0.004)
    return s.polls(5, 2).close()


@makes
def urgent():
    """A byte more in each request that is urgent: at its start, in its middle, at its end, alone, announced before, and 0.
    Receivers take it out of the stream (RFC 6093): six operations."""
    s = Session().open()
    for i, at in enumerate((0, 6, 12, 7, 3), 1):
        b = request(i)
        b = b[:at] + b"\xff" + b[at:]
        if i == 4:			# in a segment of its own
            s.send(0, b[:at], after=1)
            s.send(0, b[at:at + 1], flags="PAU")[TCP].urgptr = 1
            s.send(0, b[at + 1:])
        else:
            if i == 5:			# announced by an empty one
                s.raw(0, "AU", after=0.5)[TCP].urgptr = at + 1
            f = s.send(0, b, flags="PA" if i == 5 else "PAU", after=1)
            f[TCP].urgptr = at + 1 if i != 5 else 0
        s.send(1, answer(i), after=0.004)
    s.send(0, request(6), flags="PAU", after=1)
    s.send(1, answer(6), after=0.004)
    return s.close()


@makes
def rst_outside():
    """Forged RSTs miss the window and change nothing; the last one ends the session."""
    s = Session().open().polls(1, 2)
    s.raw(0, "R", seq=s.seq[0] + 0x30000000)
    s.raw(1, "R", seq=s.seq[1] - 5000)
    s.polls(3, 2)
    s.raw(0, "RA", after=0.05)
    return s.frames


@makes
def wrap():
    """Both sequence numbers pass zero in the middle of an ADU."""
    return Session(isn=(0xffffffff - 29, 0xffffffff - 30)).open().polls(1, 6).close()


@makes
def port_reuse():
    """The HMI restarts without a goodbye and comes back from the same port."""
    s = Session().open().polls(1, 3)
    t = Session(isn=(0x60000000, 0x70000000), at=s.now + 1).open().polls(4, 3)
    u = Session(isn=(0x30000000, 0x40000000), at=t.now + 2)
    return s.frames + t.close() + u.open().polls(7, 2).close()


@makes
def syn_in_session():
    """A SYN inside the window: a host answers with a challenge ACK and goes on."""
    s = Session().open().polls(1, 2)
    s.raw(0, "S", seq=s.seq[0] + 100, after=0.05)
    s.raw(1, "A")
    return s.polls(3, 3).close()


@makes
def data_after_fin():
    """A forged FIN, after which the session goes on."""
    s = Session().open().polls(1, 2)
    s.raw(0, "FA", after=0.05)
    s.raw(1, "A", ack=s.seq[0] + 1)
    return s.polls(3, 2).close()


def write(i, value):
    """FC 6: what a decoy wants to hide or to feign."""
    return struct.pack(">HHHBBHH", i, 0, 6, 1, 6, 100 + i, value)


def writes(first, n):
    """FC 16, 120 registers each, and the answers."""
    return (b"".join(struct.pack(">HHHBBHHB", i, 0, 247, 1, 16, i, 120, 240) + bytes([i]) * 240 for i in range(first, first + n)),
            b"".join(struct.pack(">HHHBBHH", i, 0, 6, 1, 16, i, 120) for i in range(first, first + n)))


@makes
def overlap_long():
    """Five writes in one segment of 1,265 bytes, sent again before an ACK with its first 15 bytes changed: further back
    than a kilobyte, reported."""
    s = Session().open().polls(1, 2)
    at, (real, done) = s.seq[0], writes(3, 5)
    s.send(0, real, after=0.1)
    s.raw(0, "PA", write(3, 4660) + b"\0\4\0" + real[15:], seq=at, after=0.001)
    s.send(1, done, after=0.004)
    return s.polls(8, 2).close()


@makes
def overlap_joined():
    """The same in a segment of 15 KB, as a card joins them; the change is in its middle, and only one byte."""
    s = Session().open().polls(1, 1)
    at, (real, done) = s.seq[0], writes(2, 60)
    s.send(0, real, after=0.1)
    part = bytearray(real[5000:5024])
    part[9] ^= 0x40
    s.raw(0, "PA", bytes(part), seq=at + 5000, after=0.001)
    s.send(1, done, after=0.004)
    return s.close()


@makes
def checksum_decoy():
    """Decoys whose checksum is wrong, before the real request and after it: the PLC drops them and takes the real one."""
    s = Session().open().polls(1, 2)
    for i in (3, 4):
        at = s.seq[0]
        decoy = s.raw(0, "PA", request(90, tid=i), seq=at, after=0.1)
        decoy[TCP].chksum = 0x1234
        s.send(0, write(i, 1000 + i), after=0.001)
        s.send(1, write(i, 1000 + i), after=0.004)
    at = s.seq[0]
    s.send(0, write(5, 1005), after=0.1)
    s.raw(0, "PA", request(91, tid=5), seq=at, after=0.001)[TCP].chksum = 0x1234
    s.send(1, write(5, 1005), after=0.004)
    return s.polls(6, 1).close()


@makes
def checksum_offload():
    """A capture on the HMI itself: the card computes the sums of what it sends, so all of those are wrong."""
    frames = Session().open().polls(1, 6).close()
    for f in frames:
        if f[IP].src == HMI[0]:
            f[TCP].chksum = 0x0bad
    return frames


@makes
def forged_ack():
    """Somebody acknowledges, as the PLC, 3,000 bytes that the HMI never sent; the session goes on."""
    s = Session().open().polls(1, 2)
    s.raw(1, "A", ack=s.seq[0] + 3000, after=0.05)
    s.now += 5				# longer than gaps are waited for
    s.send(0, write(3, 4660), after=0.1)
    s.send(1, write(3, 4660), after=0.004)
    return s.polls(4, 2).close()


@makes
def forged_syn():
    """Somebody begins a session as the HMI, with a request in it; the real one goes on with a write."""
    s = Session().open().polls(1, 2)
    s.raw(0, "S", seq=0x70000000, after=0.05)
    s.raw(0, "PA", request(50), seq=0x70000001)
    s.send(0, write(3, 4660), after=0.1)
    s.send(1, write(3, 4660), after=0.004)
    return s.polls(4, 2).close()


@makes
def forged_jump():
    """Twenty segments far ahead pretend that the session went on there; it goes on where it was, with a write."""
    s = Session().open().polls(1, 2)
    for i in range(20):
        s.raw(0, "PA", request(50 + i), seq=s.seq[0] + 0x20000000 + 12 * i, after=0.01)
    s.send(0, write(3, 4660), after=0.1)
    s.send(1, write(3, 4660), after=0.004)
    return s.polls(4, 2).close()


@makes
def long_length():
    """A segment whose IP header says 700 bytes more than its frame has, which every host drops; then a write."""
    s = Session().open().polls(1, 2)
    f = s.raw(0, "PA", request(50)[:6], after=0.05)
    f[IP].len = 40 + 6 + 700
    s.send(0, write(3, 4660), after=0.1)
    s.send(1, write(3, 4660), after=0.004)
    return s.polls(4, 2).close()


def tagged(frames, vlan):
    out = []
    for f in frames:
        g = Ether(src=f[Ether].src, dst=f[Ether].dst) / Dot1Q(vlan=vlan) / f[IP].copy()
        g.time = f.time
        out.append(g)
    return out


@makes
def vlans_two():
    """Two machines of one make, each in its VLAN, with the same addresses, ports and sequence numbers: two flows."""
    a = Session().open()
    b = Session(at=0.0007).open()
    for i in range(1, 5):
        a.poll(i)
        b.send(0, write(i, 2000 + i), after=0.1)
        b.send(1, write(i, 2000 + i), after=0.004)
    return sorted(tagged(a.close(), 10) + tagged(b.close(), 20), key=lambda f: f.time)


@makes
def vlans_routed():
    """A router between two VLANs, both its ports mirrored: each frame comes twice, first in the VLAN it came from."""
    frames = Session().open().polls(1, 4).close()
    out = []
    for f in frames:
        ways = (10, 20) if f[IP].src == HMI[0] else (20, 10)
        first, second = (tagged([f], v)[0] for v in ways)
        second[IP].ttl = 63
        del second[IP].chksum
        second.time = first.time + EDecimal("0.000040")
        out += [first, second]
    return out


@makes
def vlans_one_way():
    """The same where only what enters the router is mirrored: each direction in a VLAN of its own."""
    return [f for frame in Session().open().polls(1, 4).close()
            for f in tagged([frame], 10 if frame[IP].src == HMI[0] else 20)]


def main():
    os.makedirs(OUT, exist_ok=True)
    for name in sys.argv[1:] or MADE:
        wrpcap(os.path.join(OUT, name + ".pcap"), MADE[name]())


if __name__ == "__main__":
    main()
