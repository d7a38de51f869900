#!/usr/bin/env python3
"""Each alert of a device's health through the whole program: a device that is well for 26 hours and ails from then on, and its twin that stays well.

    conditions.py [-v] [TYPE...]

An alert type of health without a case here (or in failing.py) is an error.  Slow failures and their lead times are in ailing.py.
"""
import datetime
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

sys.path.insert(0, os.path.join(tw.SRCDIR, "pcaps/make"))
import dnp3_craft  # noqa: E402
import s7_craft  # noqa: E402
from failing import CASES as OF_VALUES  # noqa: E402
from health_days import BEGIN, DAMAGED, DAY, HOUR, SILENT, UNREACHED, Wire, days  # noqa: E402
from iec104_craft import asdu, ioa  # noqa: E402

CLIENT, DEVICE = "10.20.0.10", "10.20.1.15"
HOURS, WRONG, EVERY = 32, 26 * HOUR, 100.0
TAGS = "name,address,type,unit,low,high\nlevel,10.20.1.15 ca 47 ioa 700,float32,m,1,3\n"


def times(every=EVERY):
    t = 0.0
    while t < HOURS * HOUR:
        yield t
        t += every


def modbus(n, pdu):
    return struct.pack(">HHHB", n & 0xffff, 0, len(pdu) + 1, 1) + pdu


READ, VALUES = struct.pack(">BHH", 3, 0, 4), struct.pack(">BB4H", 3, 8, 17, 4, 0, 99)


class Polls:
    """Modbus: one read each 100 seconds, answered after 20 ms."""
    def __init__(self, path):
        self.w, self.n = Wire(path, CLIENT, DEVICE, 502), 0

    def ask(self, t, pdu=READ, answer=VALUES, late=0.020):
        self.n += 1
        self.w.put(BEGIN + t, 0, modbus(self.n, pdu))
        if answer is not None:
            self.w.put(BEGIN + t + late, 1, modbus(self.n, answer))


def of_days(name, port, kind, latency=0.060):
    """Out of messages of real stacks."""
    def make(path, ill):
        days(path, name, port, HOURS / 24, lambda t: 4 * latency if ill and kind is None and t >= WRONG else latency,
             lambda t: {kind: 0.15 if ill and t >= WRONG else 0} if kind else {}, every=EVERY)
    make.__name__ = f"{name}.pcap"
    return make


def refused(path, ill):
    p = Polls(path)
    for i, t in enumerate(times()):
        p.ask(t, READ, b"\x83\x02" if ill and t >= WRONG and i % 4 == 0 else VALUES)


def repeated(path, ill):
    """It answers after 1.5 seconds, as it always did; its master no longer waits so long, and asks again after a second."""
    p = Polls(path)
    for i, t in enumerate(times()):
        p.n += 1
        p.w.put(BEGIN + t, 0, modbus(p.n, READ))
        if ill and t >= WRONG and i % 3 == 0:
            p.n += 1
            p.w.put(BEGIN + t + 1.0, 0, modbus(p.n, READ))
            p.w.put(BEGIN + t + 1.5, 1, modbus(p.n - 1, VALUES))
            p.w.put(BEGIN + t + 2.5, 1, modbus(p.n, VALUES))
        else:
            p.w.put(BEGIN + t + 1.5, 1, modbus(p.n, VALUES))


def resent(path, ill):
    """The twin is a mirror port that shows each frame twice: that is no loss."""
    p = Polls(path)
    for i, t in enumerate(times()):
        p.n += 1
        for who, at, pdu in ((0, t, READ), (1, t + 0.4, VALUES)):
            p.w.put(BEGIN + at, who, modbus(p.n, pdu))
            if ill and t >= WRONG and i % 4 == 0:
                p.w.again(BEGIN + at + 0.25)
            elif not ill:
                p.w.write(BEGIN + at + 0.00002, p.w.last)


def after_a_gap(path, ill):
    """A session of which the sensor once missed an answer; hours later answers are missing indeed."""
    p = Polls(path)
    for i, t in enumerate(times()):
        if i == 100:
            p.w.seq[1] = (p.w.seq[1] + len(modbus(0, VALUES))) & 0xffffffff
        p.ask(t, READ, None if i == 99 or (ill and t >= WRONG and i % 5 == 0) else VALUES)


def connections(path, ill):
    p = Polls(path)
    for i, t in enumerate(times()):
        p.ask(t)
        if i % 18 == 0 or (ill and t >= WRONG):
            p.w.close(BEGIN + t + 1)
            p.w.open(BEGIN + t + 2)


def restarted(path, ill):
    """The twin's counter goes round at 65,536."""
    p = Polls(path)
    for i, t in enumerate(times()):
        n = 65000 + 2 * i if not ill else 400 + i if t < WRONG else int((t - WRONG) / EVERY)
        p.ask(t, struct.pack(">BHH", 8, 11, 0), struct.pack(">BHH", 8, 11, n & 0xffff))


def away(t, ill):
    """By how much a clock is off that nobody sets any more; a quarter of a second either way is as it always was."""
    return 0.25 * (int(t / HOUR) % 3 - 1) + (max(0, t - WRONG) / HOUR * 1.5 if ill else 0)


def cp56(at):
    d = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
    return struct.pack("<HBBBBB", d.second * 1000 + d.microsecond // 1000, d.minute, d.hour, d.day, d.month, d.year - 2000)


class Reports:
    """IEC 60870-5-104: a station that reports by itself."""
    def __init__(self, path):
        self.w, self.n = Wire(path, CLIENT, DEVICE, 2404), 0
        self.w.put(BEGIN - 0.9, 0, bytes.fromhex("680407000000"))
        self.w.put(BEGIN - 0.8, 1, bytes.fromhex("68040b000000"))

    def say(self, t, kind, objects, n=1):
        body = struct.pack("<HH", self.n << 1 & 0xffff, 0) + asdu(kind, 3, objects, n=n)
        self.w.put(BEGIN + t, 1, bytes([0x68, len(body)]) + body)
        self.n += 1
        if self.n % 8 == 0:
            self.w.put(BEGIN + t + 0.1, 0, struct.pack("<BBHH", 0x68, 4, 1, self.n << 1 & 0xffff))

    def level(self, t, v, quality=0):
        self.say(t, 13, ioa(700) + struct.pack("<fB", v, quality))


def clock_104(path, ill):
    """Its zone is two hours from that of the sensor, and it tells an event up to nine minutes late when its line was down."""
    r = Reports(path)
    for i, t in enumerate(times()):
        late = 540 if t >= WRONG and i % 36 in (20, 21, 22) else 0
        r.say(t, 30, ioa(5) + bytes([i & 1]) + cp56(BEGIN + t - 0.05 - late + 7200 + away(t, ill)))


def clock_dnp3(path, ill):
    """Events that a master fetches; objects 2, variation 2: with time."""
    w, n = Wire(path, CLIENT, DEVICE, 20000), 0
    for i, t in enumerate(times()):
        n = (n + 1) & 15
        ms = int((BEGIN + t - 2 + away(t, ill)) * 1000)
        event = bytes.fromhex("0202 28 0100 0300") + bytes([0x81 if i & 1 else 0x01]) + struct.pack("<Q", ms)[:6]
        tr = bytes([0xc0 | i & 63])
        w.put(BEGIN + t, 0, dnp3_craft.frame(0xc4, 10, 1, tr + bytes([0xc0 | n]) + bytes.fromhex("01 3c02 06")))
        w.put(BEGIN + t + 0.03, 1, dnp3_craft.frame(0x44, 1, 10, tr + bytes([0xc0 | n]) + bytes.fromhex("81 0000") + event))


def levels(path, ill, value, quality=lambda t: 0):
    """A level that moves between 1.5 and 2.5 m."""
    r = Reports(path)
    for t in times(60):
        v = 2 + 0.5 * math.sin(t / 3000) + 0.01 * math.sin(t)
        r.level(t, value(t, v) if ill else v, quality(t) if ill else 0)


def limit(path, ill):
    levels(path, ill, lambda t, v: v + 1.5 if WRONG < t < WRONG + HOUR else v)


def invalid(path, ill):
    levels(path, ill, lambda t, v: v, lambda t: 0x80 if WRONG < t < WRONG + HOUR else 0)


# ---- what a device says of itself ----

class Tape:
    """Where the conversations of pcaps/make put their packets: a capture whose time is `now`."""
    def __init__(self, path):
        self.f, self.port, self.now, self.ident = open(path, "wb"), 49200, BEGIN - 1.0, 0
        self.f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def packet(self, src, dst, *rest):
        self.ident += 1
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(rest[-1]), self.ident & 0xffff, 0x4000, 64, 6, 0) + dnp3_craft.addr(src) + dnp3_craft.addr(dst)
        mac = b"\x02\x00\x00" + dnp3_craft.addr(dst)[1:] + b"\x02\x00\x00" + dnp3_craft.addr(src)[1:]
        frame = mac + b"\x08\x00" + ip + rest[-1]
        self.f.write(struct.pack("<IIII", int(self.now), int(self.now % 1 * 1e6), len(frame), len(frame)) + frame)
        self.now += 0.01


def bcd_time(at):
    """DATE_AND_TIME of S7."""
    d = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
    ms = d.microsecond // 1000
    return bytes.fromhex(f"{d.year % 100:02d}{d.month:02d}{d.day:02d}{d.hour:02d}{d.minute:02d}{d.second:02d}{ms // 10:02d}{ms % 10}{d.isoweekday() % 7 + 1}")


def controller(path, at):
    """A station that asks an S7 controller for its state each 100 seconds; at(talk, i, t) does it."""
    tape = Tape(path)
    talk = s7_craft.Talk(tape)
    for i, t in enumerate(times()):
        tape.now = BEGIN + t
        at(talk, i, t)
    tape.f.close()


def lamps(talk, lit):
    """SF, RUN, BAF of list 0074."""
    talk.ask(4, 1, struct.pack(">HH", 0x74, 0), struct.pack(">HHHH", 0x74, 0, 4, 3) + b"".join(
        struct.pack(">HBB", n, n in lit, 0) for n in (1, 4, 8)))


def battery(path, ill):
    controller(path, lambda talk, i, t: lamps(talk, (4, 8) if ill and t >= WRONG else (4,)))


def battery_event(path, ill):
    """What it sends by itself: a battery of a rack of extension, and that it was changed; the twin has a lack of 24 V that is over."""
    def at(talk, i, t):
        lamps(talk, (4,))
        if t in (WRONG, WRONG + HOUR):
            talk.push(4, 3, struct.pack(">HBBHHI", (0x3931 if ill else 0x3833) - 0x100 * (ill and t > WRONG), 26, 81, 0, 0, 0) + bcd_time(talk.cap.now))
    controller(path, at)


def fault(path, ill):
    controller(path, lambda talk, i, t: lamps(talk, (1, 4) if ill and t >= WRONG else (4,)))


def mode(path, ill):
    """It leaves RUN between two questions, and is in RUN again; of the twin somebody commands it."""
    def at(talk, i, t):
        since, event = BEGIN - DAY + (t >= WRONG) * (DAY + WRONG - 50), 0x4302
        if not ill and t == WRONG:
            talk.job("29 0000000000 09 'P_PROGRAM'", "", "29")
            talk.cap.now += 5
            talk.job("28 000000000000FD 0000 09 'P_PROGRAM'", "", "28")
        if i % 2:       # asked for another way it says the time of the answer
            since, event = talk.cap.now, 0x5144
        talk.ask(4, 1, struct.pack(">HH", 0x424, 0), struct.pack(">HHHHHBBIBBBB", 0x424, 0, 20, 1, event, 0xff, 0x68, 0, 0, 0, 0, 0) + bcd_time(since))
    controller(path, at)


def clock_s7(path, ill):
    """Read by a station that sets it each hour, and at hour 26 no longer does."""
    def at(talk, i, t):
        now = bcd_time(talk.cap.now + away(t, ill))
        talk.ask(7, 1, "", b"\x00\x19" + now)
        if i % 36 == 0 and t < WRONG:
            talk.ask(7, 2, b"\x00\x19" + bcd_time(talk.cap.now + 400), "")
    controller(path, at)


# ---- the time that it asks for ----

def asks_time(path, of):
    """A device that is polled and asks a time server each 200 seconds; of(i, t) = its clock, the server's (None: no answer), stratum."""
    p = Polls(path)

    def ntp(at, mode, clock, stratum):
        message = struct.pack(">BBbbII4s24s", 4 << 3 | mode, stratum, 6, -20, 0, 0, b"GPS\0", bytes(24)) + struct.pack(">Q", int((clock + 2208988800) * 2**32) & 2**64 - 1)
        ends = (DEVICE, "10.20.0.5") if mode == 3 else ("10.20.0.5", DEVICE)
        udp = struct.pack(">HHHH", 123, 123, 56, 0) + message
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 76, p.w.id & 0xffff, 0x4000, 64, 17, 0) + b"".join(map(dnp3_craft.addr, ends))
        p.w.id += 1
        p.w.write(at, b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip + udp)
    for i, t in enumerate(times()):
        p.ask(t)
        if i % 2:
            clock, server, stratum = of(i // 2, t)
            ntp(BEGIN + t + 1, 3, BEGIN + t + 1 + clock, 0)
            if server is not None:
                ntp(BEGIN + t + 1.01, 4, BEGIN + t + 1.005 + server, stratum)


def time_lost(path, ill):
    asks_time(path, lambda i, t: (0, None if ill and t >= WRONG or i % 7 == 3 else 0, 1))


def time_none(path, ill):
    asks_time(path, lambda i, t: (0, 0, 16 if ill and t >= WRONG or i % 20 < 2 else 1))


def time_away(path, ill):
    """Of the twin the sensor's clock is away, and the device sends no clock now and then."""
    asks_time(path, lambda i, t: ((-30 if t >= WRONG else 0) if ill else 40 if i % 5 else -BEGIN, 0 if ill else 40, 1))


# ---- what is no trouble: nobody may say a word of health ----

def weekend(path):
    """Nobody asks from Friday evening to Monday morning."""
    p, t = Polls(path), 0.0
    while t < 9 * 24 * HOUR:
        if not 4.7 * 24 * HOUR < t < 7.2 * 24 * HOUR:
            p.ask(t)
        t += EVERY


def off_at_night(path):
    """Switched off from six to six, and still asked; that it answers nobody is said by others, at once."""
    p, t = Polls(path), 0.0
    while t < 4 * 24 * HOUR:
        p.ask(t, READ, VALUES if t < 40 * HOUR or (t / HOUR + 1.5) % 24 < 18 else None)
        t += EVERY


def sided(side):
    """A mirror port that shows one direction, with a device that is slower from hour 26 on."""
    def make(path):
        p = Polls(path)
        for i, t in enumerate(times(20)):
            for who, at, pdu in ((0, t, READ), (1, t + (0.02 if t < WRONG else 1.5), VALUES)):
                data = modbus(i, pdu)
                if who == side:
                    p.w.put(BEGIN + at, who, data)
                else:
                    p.w.seq[who] = (p.w.seq[who] + len(data)) & 0xffffffff
    make.__name__ = ("requests alone", "answers alone")[side]
    return make


def losses(path):
    """The sensor loses an answer of ten."""
    p = Polls(path)
    for i, t in enumerate(times()):
        p.ask(t, READ, None if i % 10 == 3 and t >= WRONG else VALUES)
        if i % 10 == 3 and t >= WRONG:
            p.w.seq[1] = (p.w.seq[1] + len(modbus(0, VALUES))) & 0xffffffff


def always_slow(path):
    """Half of its answers takes longer than masters wait, from the first packet on; a third is refused."""
    p = Polls(path)
    for i, t in enumerate(times()):
        p.ask(t, READ, b"\x83\x02" if i % 3 == 0 else VALUES, 1.2 + 0.01 * (i % 60))


def jumps(path):
    """The sensor's clock jumps a day ahead in hour 26, and back in hour 29."""
    p = Polls(path)
    for t in times():
        p.ask(t + (24 * HOUR if WRONG <= t < WRONG + 3 * HOUR else 0))


def summer_time(path):
    """A station that shows local time, which is an hour less from hour 26 on."""
    r = Reports(path)
    for i, t in enumerate(times()):
        r.say(t, 30, ioa(5) + bytes([i & 1]) + cp56(BEGIN + t - 0.05 + (7200 if t < WRONG else 3600)))


QUIET = (weekend, off_at_night, sided(0), sided(1), losses, always_slow, jumps, summer_time)

CASES = {
    "health.answer-time": (of_days("poll", 502, None),),
    "health.unanswered": (of_days("line", 4001, SILENT), after_a_gap),
    "health.gateway": (of_days("poll", 502, UNREACHED),),
    "health.line": (of_days("line", 4001, DAMAGED),),
    "health.repeated": (repeated,),
    "health.refused": (refused,),
    "health.tcp": (resent,),
    "health.connections": (connections,),
    "health.restarted": (restarted,),
    "health.clock": (clock_104, clock_dnp3, clock_s7),
    "health.battery": (battery, battery_event),
    "health.fault": (fault,),
    "health.mode": (mode,),
    "health.time.unanswered": (time_lost,),
    "health.time.none": (time_none,),
    "health.time.away": (time_away,),
    "health.value.limit": (limit,),
    "health.value.quality": (invalid,),
    "health.value.over": (limit, invalid),
}


def health_alerts(folder, capture, rows=TAGS):
    eve, tags = os.path.join(folder, "eve.json"), os.path.join(folder, "tags.csv")
    with open(tags, "w", encoding="utf-8") as f:
        f.write(rows)
    if os.path.exists(eve):
        os.unlink(eve)
    p = subprocess.run([tw.BINARY, "-q", "-k", "none", "-r", capture, "-l", folder, "--set", "outputs.eve.types=alert", "--set", "rules.files=none",
                        "--set", f"process.tags={tags}"], stderr=subprocess.PIPE, text=True, check=False, cwd=tw.SRCDIR)
    if p.returncode != 0:
        raise tw.Failed(p.stderr)
    with open(eve, encoding="utf-8") as f:
        return [r for r in map(json.loads, f) if r["ot"]["type"].startswith("health.")]


def one(folder, kind, make, verbose):
    capture = os.path.join(folder, "device.pcap")
    for ill in (True, False):
        make(capture, ill)
        told = health_alerts(folder, capture)
        first = [r for r in told if r["ot"]["type"] == kind and r["ot"]["kind"] == "first"]
        for r in told:
            if verbose or not ill or (r["ot"]["type"] != kind and not r["ot"]["type"].startswith("health.value.")):
                print(f"{kind} of {make.__name__}, {'ill' if ill else 'well'}: {r['timestamp'][:19]} {r['ot']['type']}: {r['ot']['sentence']}")
        if not ill and told:
            yield f"{kind} of {make.__name__}: it is well, and {len(told)} alerts say otherwise"
        if ill and len(first) != 1:
            yield f"{kind} of {make.__name__}: said {len(first)} times"
        if ill and any(r["alert"]["severity"] not in (3, 4) for r in first):
            yield f"{kind}: of severity {[r['alert']['severity'] for r in first]}"


def quiet(folder, make, verbose):
    capture = os.path.join(folder, "device.pcap")
    make(capture)
    for r in health_alerts(folder, capture):
        yield f"{make.__name__}: {r['timestamp'][:19]} {r['ot']['type']}: {r['ot']['sentence']}"
    if verbose:
        print(f"{make.__name__}: replayed")


def weekends(folder):
    """A plant that is off from Friday evening to Monday morning, twice: one word that it stands, one that it moves again, and nothing of its levels."""
    capture, n = os.path.join(folder, "device.pcap"), 4
    r = Reports(capture)
    for i in range(15 * 24 * 20):
        t = i * 180.0
        off = t / DAY % 7 >= 4.7 or (t / DAY % 7 < 0.2 and t > DAY)
        values = [0.0 if k else 2.25 for k in range(n)] if off else \
            [2 + 0.5 * math.sin(t / (3000 + 100 * k)) + 0.01 * math.sin(t * (k + 1)) for k in range(n)]
        r.say(t, 13, b"".join(ioa(700 + k) + struct.pack("<fB", v, 0) for k, v in enumerate(values)), n=n)
    r.w.f.close()
    told = health_alerts(folder, capture, "name,address,type\n" + "".join(f"level {k},10.20.1.15 ca 47 ioa {700 + k},float32\n" for k in range(n)))
    types = [r["ot"]["type"] for r in told if r["ot"]["kind"] == "first"]
    if any(t not in ("health.value.stuck", "health.value.over") for t in types) or len(types) > 4 or "health.value.stuck" not in types:
        yield from (f"weekends: {r['timestamp'][:16]} {r['ot']['type']}: {r['ot']['sentence']}" for r in told)


def weekly(folder):
    """Twelve levels of one station for eight days, of which the last is read for three: a record of their health each week and at the end, in parts
    that can be held."""
    capture, tags = os.path.join(folder, "device.pcap"), os.path.join(folder, "tags.csv")
    r, n = Reports(capture), 12
    for i in range(8 * 24 * 20 + 40):
        t = i * 180.0
        now = n if t < 3 * DAY else n - 1
        r.say(t, 13, b"".join(ioa(700 + k) + struct.pack("<fB", 2 + 0.5 * math.sin(t / (3000 + k)) + 0.01 * math.sin(t * (k + 1)), 0) for k in range(now)), n=now)
    r.w.f.close()
    with open(tags, "w", encoding="utf-8") as f:
        f.write("name,address,type\n" + "".join(f"level {k},10.20.1.15 ca 47 ioa {700 + k},float32\n" for k in range(n)))
    eve = os.path.join(folder, "week.json")
    subprocess.run([tw.BINARY, "-q", "-k", "none", "-r", capture, "-l", folder, "--set", "outputs.eve.file=week.json", "--set", "outputs.eve.types=health",
                    "--set", "rules.files=none", "--set", f"process.tags={tags}"], check=True, cwd=tw.SRCDIR)
    with open(eve, encoding="utf-8") as f:
        records = [h for h in (json.loads(line)["ot"]["health"] for line in f) if any("object" in x for x in h["figures"])]
    times_of = sorted({(h["from"][:13], h["until"][:13]) for h in records})
    if times_of != [("2026-11-30T01", "2026-12-07T01"), ("2026-12-07T01", "2026-12-08T02")]:
        yield f"health of values from when to when: {times_of}"
    for of, now in zip(times_of, (n, n - 1)):
        told = [(x["object"], x["figure"]) for h in records if (h["from"][:13], h["until"][:13]) == of for x in h["figures"]]
        if len(set(told)) != len(told) or {o for o, f in told if f == "value-level"} != {f"level {k}" for k in range(now)} or \
                {o for o, f in told if f == "value-hold"} != {f"level {k}" for k in range(now)}:
            yield f"health of values until {of[1]}: {sorted(told)}"
    if any(len(h["figures"]) > 24 or h["unit"] != 47 or h["condition"] != "good" for h in records):
        yield f"health of values: {[(len(h['figures']), h['unit'], h['condition']) for h in records]}"
    p = subprocess.run([sys.executable, os.path.join(tw.SRCDIR, "tests/schema/check_schema.py"), eve], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if p.returncode != 0:
        yield p.stdout[-500:]


def without_case():
    with open(os.path.join(tw.SRCDIR, "src/record/alert_types.def"), encoding="utf-8") as f:
        known = set(re.findall(r'"(health\.[a-z.-]+)"', f.read()))
    tried = set(CASES) | {t for *_, types, _ in OF_VALUES.values() for t in types}
    return [f"{t}: no capture raises it" for t in sorted(known - tried)] + [f"{t}: is no alert type" for t in sorted(tried - known)]


def main():
    verbose, names = "-v" in sys.argv, [a for a in sys.argv[1:] if a != "-v"]
    tw.need_binary()
    wrong = without_case()
    with tempfile.TemporaryDirectory() as folder:
        for kind in names or CASES:
            for make in CASES[kind]:
                wrong += one(folder, kind, make, verbose)
        for make in () if names else QUIET:
            wrong += quiet(folder, make, verbose)
        wrong += [] if names else [*weekends(folder), *weekly(folder)]
    for w in wrong:
        print(w)
    print(f"{len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
