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
from scapy.layers.l2 import Ether
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
    """Every request urgent, the pointer in its middle, at its end and beyond: the bytes stay in line (RFC 6093)."""
    s = Session().open()
    for i, pointer in enumerate((1, 6, 12, 500, 0, 12), 1):
        f = s.send(0, request(i), flags="PAU", after=1)
        f[TCP].urgptr = pointer
        s.send(1, answer(i), after=0.004)
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


def main():
    os.makedirs(OUT, exist_ok=True)
    for name in sys.argv[1:] or MADE:
        wrpcap(os.path.join(OUT, name + ".pcap"), MADE[name]())


if __name__ == "__main__":
    main()
