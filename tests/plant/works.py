"""Captures of days of the water works (pcaps/make/water_days.py) as an HMI polls them by Modbus, and the tag file of its instruments."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps", "make"))
import water_days  # noqa: E402
import tags  # noqa: E402  (of the plant)

HMI = ("10.20.2.10", bytes.fromhex("1866da3e9110"))
PLC = {"intake": ("10.20.1.11", bytes.fromhex("0080f41a2b11"), tags.INTAKE), "dosing": ("10.20.1.12", bytes.fromhex("0030de410712"), tags.DOSING)}
# What the process must not do, by the works' engineer.
LIMITS = {"AT201": (0.3, 1.5), "AT202": (6.5, 8.5), "LT201": (1.2, 3.8), "LT101": (3.0, 8.0), "DOSE_STROKE": (None, 90), "PT101": (None, 5.0),
          "PT301": (3.5, 6.0), "LT401": (1.0, 4.0), "UT1": (360, 440)}


def ip(text):
    return bytes(map(int, text.split(".")))


def tag_file(path, only=None):
    """Every tag of the plant; `only`: of these addresses."""
    rows = []

    def row(name, address, kind, unit, scale):
        low, high = LIMITS.get(name, (None, None))
        rows.append(",".join((name, address, kind, unit, f"{1 / scale:.6g}" if scale != 1 else "", "" if low is None else str(low),
                              "" if high is None else str(high))))
    for host, units in (("10.20.1.11", {1: tags.INTAKE}), ("10.20.1.12", {1: tags.DOSING, 2: tags.METER})):
        for unit, known in units.items():
            for t in known:
                row(t.name, f"{host} unit {unit} {t.space} {t.address}", "bool" if t.space in ("coil", "discrete") else "uint16", t.unit, t.scale)
    for db, at, _, name, unit, *_ in tags.S7:
        row(name if name != "LT201" else "LT201_S7", f"10.20.1.31 DB{db}.DBD{at}", "float32", unit, 1)
    for kind, index, _, scale, name, unit, *_ in tags.DNP3:
        group = {"binary input": 1, "analog input": 30, "counter": 20, "binary output": 10, "analog output": 40}[kind]
        row(name, f"10.20.1.21 outstation 10 g{group} index {index}", "", unit, 1 if scale == 0.0101 else scale)
    with open(path, "w", encoding="utf-8") as f:
        f.write("name,address,type,unit,scale,low,high\n")
        f.write("\n".join(r for r in rows if only is None or any(o in r for o in only)) + "\n")


class Tape:
    """A pcap of one Modbus session of the HMI with each controller, written while it happens."""
    def __init__(self, out):
        self.out, self.seq, self.tid = out, {}, 0
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def frame(self, t, plc, up, flags, payload=b""):
        addr, mac, _ = PLC[plc]
        (src, smac), (dst, dmac) = ((HMI, (addr, mac)) if up else ((addr, mac), HMI))
        port = 40001 if plc == "intake" else 40002
        seq, ack = self.seq.setdefault(plc, [1000, 5000])[::1 if up else -1]
        tcp = struct.pack(">HHIIBBHHH", port if up else 502, 502 if up else port, seq & 0xffffffff, ack & 0xffffffff, 0x50, flags, 64240, 0, 0)
        data = dmac + smac + b"\x08\0" + struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), (seq >> 3 & 0x7fff) + 2, 0x4000, 64, 6, 0) + ip(src) + ip(dst) + tcp + payload
        us = int(t * 1e6)
        self.out.write(struct.pack("<IIII", us // 1000000, us % 1000000, len(data), len(data)) + data)
        self.seq[plc][0 if up else 1] += len(payload) + (flags & 3 != 0)

    def open(self, t):
        for plc in PLC:
            self.frame(t, plc, True, 0x02)
            self.frame(t + .001, plc, False, 0x12)
            self.frame(t + .002, plc, True, 0x10)

    def ask(self, t, plc, pdu, answer, dice):
        self.tid = self.tid + 1 & 0xffff
        late = 0.004 + abs(dice.gauss(0, 0.002))
        for up, at, p in ((True, t, pdu), (False, t + late, answer)):
            self.frame(at, plc, up, 0x18, struct.pack(">HHHB", self.tid, 0, len(p) + 1, 1) + p)

    def read(self, t, plc, function, reads, dice):
        raw = water_days.registers(PLC[plc][2], reads, {3: "holding", 4: "input"}[function])
        n = max(a for a in raw if a < 9) + 1
        self.ask(t, plc, struct.pack(">BHH", function, 0, n), struct.pack(">BB", function, 2 * n) + b"".join(
            struct.pack(">H", raw.get(a, 0)) for a in range(n)), dice)

    def write(self, t, plc, address, raw, dice):
        pdu = struct.pack(">BHH", 6, address, raw)
        self.ask(t, plc, pdu, pdu, dice)


WRITTEN = (("dosing", 0, "AT201_set", 100), ("intake", 2, "P101_set", 10))


def record(out, works, days, every, watch=None):
    """`days` of it, polled each `every` seconds, into the file `out`.  watch(truth, reads, t): called at each poll, ends it when it is true."""
    tape, dice = Tape(out), works.rng.__class__(7)
    tape.open(water_days.BEGIN)
    known = {}
    t = every
    while t <= days * water_days.DAY:
        reads = works.until(t)
        at = water_days.BEGIN + t + dice.uniform(0, 0.2)
        for plc, address, wire, scale in WRITTEN:
            raw = int(round(reads[wire] * scale))
            if known.setdefault(wire, raw) != raw:
                tape.write(at - 0.5, plc, address, raw, dice)
                known[wire] = raw
        tape.read(at, "intake", 4, reads, dice)
        tape.read(at + .05, "intake", 3, reads, dice)
        tape.read(at + .1, "dosing", 4, reads, dice)
        tape.read(at + .15, "dosing", 3, reads, dice)
        if watch is not None and watch(works.truth, reads, t):
            return t
        t += every
    return t
