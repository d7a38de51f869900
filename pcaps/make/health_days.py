#!/usr/bin/env python3
"""Makes days of polls out of what real stacks sent (health_stacks.py): the same messages at other times, as one session.

    health_days.py      makes ../health/days.pcap: 32 hours of a device behind a serial line, which gets worse in the last six

tests/plant/ailing.py makes longer ones while it runs.
"""
import os
import random
import struct

BEGIN = 1_796_000_400	# 2026-11-30 01:00:00 UTC
HOUR, DAY, POLL_S = 3600, 86400, 20.0
HEALTH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "health")
OK, DAMAGED, UNREACHED, SILENT = "ok", "damaged", "unreached", "silent"


def packets(path):
    """(from the client, payload) of each segment with data of a capture."""
    with open(path, "rb") as f:
        data = f.read()
    at, client = 24, None
    while at < len(data):
        n = struct.unpack_from("<I", data, at + 8)[0]
        frame, at = data[at + 16:at + 16 + n], at + 16 + n
        ip = frame[14:]
        if frame[12:14] != b"\x08\x00" or ip[9] != 6:
            continue
        tcp = ip[(ip[0] & 15) * 4:struct.unpack_from(">H", ip, 2)[0]]
        payload = tcp[(tcp[12] >> 4) * 4:]
        client = client or struct.unpack_from(">H", tcp, 0)[0]
        if payload:
            yield struct.unpack_from(">H", tcp, 0)[0] == client, payload


def crc(data):
    c = 0xffff
    for b in data:
        c ^= b
        for _ in range(8):
            c = c >> 1 ^ (0xa001 if c & 1 else 0)
    return c


def exchanges(name):
    """The requests of a capture with what came of each: {kind: [(request, answer or b"")]}."""
    found, request = {OK: [], DAMAGED: [], UNREACHED: [], SILENT: []}, None
    serial = name != "poll"
    for from_client, payload in packets(os.path.join(HEALTH, name + ".pcap")):
        if from_client:
            if request is not None:
                found[SILENT].append((request, b""))
            request = payload
        elif request is not None:
            code = payload[1 if serial else 7]
            good = not serial or crc(payload) == 0
            kind = DAMAGED if not good else UNREACHED if code & 0x80 and payload[2 if serial else 8] in (10, 11) else OK
            found[kind].append((request, payload))
            request = None
    return found


class Wire:
    """A session of one client, written as a pcap."""
    def __init__(self, path, client, server, port):
        self.f = open(path, "wb")
        self.f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        self.ip = (bytes(map(int, client.split("."))), bytes(map(int, server.split("."))))
        self.port, self.seq, self.id, self.last = (49200, port), [1000, 700000], 1, b""
        self.open(BEGIN - 1)

    def open(self, t):
        for who, flags in ((0, 2), (1, 18), (0, 16)):
            self.put(t, who, b"", flags)

    def close(self, t):
        """The client goes; the next session is from another port."""
        for who, flags in ((0, 17), (1, 17), (0, 16)):
            self.put(t, who, b"", flags)
        self.port = (49152 + (self.port[0] - 49151) % 16000, self.port[1])

    def write(self, t, frame):
        self.f.write(struct.pack("<IIII", int(t), int(t % 1 * 1e6), len(frame), len(frame)) + frame)

    def again(self, t):
        """The last frame, as its sender's stack repeats it: another number of its packet."""
        self.write(t, self.last[:18] + struct.pack(">H", self.id & 0xffff) + self.last[20:])
        self.id += 1

    def put(self, t, who, payload, flags=24):
        ack = 0 if flags == 2 else self.seq[1 - who]
        tcp = struct.pack(">HHIIBBHHH", self.port[who], self.port[1 - who], self.seq[who], ack, 0x50, flags, 8192, 0, 0)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), self.id & 0xffff, 0x4000, 64, 6, 0) + self.ip[who] + self.ip[1 - who]
        mac = (b"\x00\x80\xf4\x10\x00\x0a", b"\x00\x00\x54\x20\x01\x0b")
        self.last = mac[1 - who] + mac[who] + b"\x08\x00" + ip + tcp + payload
        self.write(t, self.last)
        self.seq[who] = (self.seq[who] + len(payload) + (1 if flags & 3 else 0)) & 0xffffffff
        self.id += 1


def days(path, name, port, length, latency, kinds, seed=7, every=POLL_S):
    """A capture of `length` days: latency(t) in seconds, kinds(t) = {kind: probability}."""
    r, pairs = random.Random(seed), exchanges(name)
    w, t, tid = Wire(path, "10.20.0.10", "10.20.1.15", port), 0.0, 0
    while t < length * DAY:
        p, kind = r.random(), OK
        for k, share in kinds(t).items():
            if p < share:
                kind = k
                break
            p -= share
        request, answer = pairs[kind][r.randrange(len(pairs[kind]))]
        if name == "poll":
            tid = (tid + 1) & 0xffff
            # The gateway refuses one and the same unit.
            request, answer = (struct.pack(">H", tid) + x[2:6] + b"\x07" + x[7:] if x else x for x in (request, answer))
        w.put(BEGIN + t, 0, request)
        if kind == SILENT:
            w.put(BEGIN + t + 0.04, 1, b"", 16)
        else:
            # As real devices have it: a scatter of a fifth, and now and then one that takes three times as long.
            took = latency(t) * max(0.3, r.gauss(1, 0.2)) * (3 if r.random() < 0.01 else 1)
            w.put(BEGIN + t + took, 1, answer)
        t += every * r.uniform(0.98, 1.02)
    w.f.close()


if __name__ == "__main__":
    days(os.path.join(HEALTH, "days.pcap"), "line", 4001, 32 / 24, lambda t: 0.080 if t < 26 * HOUR else 0.250,
         lambda t: {DAMAGED: 0 if t < 26 * HOUR else 0.15}, every=105)
