"""A plant of many devices in one short capture: what each is asked for differs, so that learning it makes many facts.

    many.py OUT.pcap [DEVICES [KEYS]]

One client in every forty hosts polls the others by Modbus/TCP: KEYS requests each, spread over four functions and places apart
from each other; behind every tenth is a second unit.  repeat makes more of it.
"""
import struct
import sys

FUNCTIONS, A_CLIENT_HAS = (1, 2, 3, 4), 39
T0, CYCLE_S, CYCLES = 1767225600, 30, 1


def total(data):
    if len(data) & 1:
        data += b"\0"
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


class Host:
    def __init__(self, n):
        self.ip = bytes((10, 60 + (n >> 16), n >> 8 & 255, n & 255))
        self.mac = b"\x00\x80\xf4" + struct.pack(">I", n)[1:]
        self.id = n * 7 % 60000 + 10


class Session:
    """A connection, and each frame of it as (time, bytes)."""
    def __init__(self, client, server, port, out):
        self.ends, self.ports, self.seq, self.out = (client, server), (port, 502), [1000, 5000], out

    def send(self, t, side, flags, payload=b""):
        me, it = self.ends[side], self.ends[1 - side]
        me.id = (me.id + 1) % 65000 + 10
        tcp = struct.pack(">HHIIBBHHH", self.ports[side], self.ports[1 - side], self.seq[side], self.seq[1 - side] if flags & 16 else 0,
                          0x50, flags, 8192 + 64 * (side + 1), 0, 0) + payload
        tcp = tcp[:16] + struct.pack(">H", total(me.ip + it.ip + struct.pack(">HH", 6, len(tcp)) + tcp)) + tcp[18:]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), me.id, 0x4000, 64 if side else 128, 6, 0) + me.ip + it.ip
        ip = ip[:10] + struct.pack(">H", total(ip)) + ip[12:]
        self.out.append((t, it.mac + me.mac + b"\x08\x00" + ip + tcp))
        self.seq[side] += len(payload) + (flags & 3 != 0)

    def poll(self, t, number, unit, function, first, count):
        self.send(t, 0, 0x18, struct.pack(">HHHBBHH", number, 0, 6, unit, function, first, count))
        data = bytes((count + 7) // 8) if function < 3 else struct.pack(f">{count}H", *(first + i & 0xfff for i in range(count)))
        self.send(t + 0.004, 1, 0x18, struct.pack(">HHHBBB", number, 0, 3 + len(data), unit, function, len(data)) + data)


def keys(n, units):
    """(unit, function, first, count), n of them, none touching another."""
    return [(1 + i % units, FUNCTIONS[i // units % 4], 200 * (i // (units * 4)), 1 + i % 2) for i in range(n)]


def capture(devices, n_keys):
    hosts, out = [Host(i + 1) for i in range(devices)], []
    for i, server in enumerate(hosts):
        if i % (A_CLIENT_HAS + 1) == 0:
            client = server
            continue
        s, start = Session(client, server, 33000 + i % 20000, out), 0.002 * i
        for t, side, flags in ((start, 0, 2), (start + 0.001, 1, 18), (start + 0.002, 0, 16)):
            s.send(t, side, flags)
        for cycle in range(CYCLES):
            for k, key in enumerate(keys(n_keys, 2 if i % 10 == 3 else 1)):
                s.poll(start + 0.01 + cycle * CYCLE_S + k * (CYCLE_S - 1) / n_keys, cycle * n_keys + k & 0xffff, *key)
        end = start + CYCLES * CYCLE_S
        for t, side, flags in ((end, 0, 17), (end + 0.001, 1, 17), (end + 0.002, 0, 16)):
            s.send(t, side, flags)
    out.sort(key=lambda f: f[0])
    return out


def main():
    devices, n_keys = (int(a) for a in (sys.argv[2:4] + ["1000", "24"][len(sys.argv) - 2:])[:2])
    with open(sys.argv[1], "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for t, data in capture(devices, n_keys):
            f.write(struct.pack("<IIII", T0 + int(t), int(t % 1 * 1e6), len(data), len(data)) + data)


if __name__ == "__main__":
    main()
