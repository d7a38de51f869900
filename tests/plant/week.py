"""The week that days.py makes of the plant: what a round of ten minutes has that others have not (the plan of tests/perf/repeat).

By night and at the weekend nobody is in the office.  Every night at two the historian hands its day to the server; on Sundays at eight in the
evening the engineering station takes the programs of the S7 controller.  A controller restarts once a night and is silent for some
seconds.  The clock of the sensor is set by some milliseconds every six hours, and once by two seconds.
"""
import datetime
import os
import random
import struct

OFFICE = "10.20.9.101,10.20.9.102"
ENGINEERING, NETWORK, LAPTOP = "10.20.2.50", "10.20.1.31", "10.20.2.99"
HISTORIAN, SERVER = "10.20.2.20", "10.20.9.5"
DOSING = "10.20.1.12"
ORDINARY, JOB, BACKUP = range(3)	# inputs
UPLOAD = ("s7-upload",)			# of attack.tsv: the same stack asks for the same


def ip(text):
    return bytes(map(int, text.split(".")))


def frames(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while at < len(data):
        sec, us, size, _ = struct.unpack_from("<IIII", data, at)
        yield sec * 1000000 + us, data[at + 16:at + 16 + size]
        at += 16 + size


def write(path, found):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for us, data in sorted(found, key=lambda x: x[0]):
            f.write(struct.pack("<IIII", us // 1000000, us % 1000000, len(data), len(data)) + data)


def checksum(data):
    data += b"\0" * (len(data) & 1)
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def packet(src, dst, macs, sport, dport, seq, ack, flags, payload=b""):
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff, 0x50, flags, 64240, 0, 0) + payload
    head = ip(src) + ip(dst)
    tcp = tcp[:16] + struct.pack(">H", checksum(head + struct.pack(">BBH", 0, 6, len(tcp)) + tcp)) + tcp[18:]
    h = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 4711, 0x4000, 64, 6, 0) + head
    return macs + b"\x08\0" + h[:10] + struct.pack(">H", checksum(h)) + h[12:] + tcp


def transfer(begin, up, down, size):
    """The historian's job: one session to a port of the server, `size` bytes in it.  up, down: hardware addresses of both directions."""
    us, a, b, out = begin, 1000, 5000, []

    def send(client, flags, payload=b""):
        nonlocal us, a, b
        us += 1500
        if client:
            out.append((us, packet(HISTORIAN, SERVER, up, 40777, 873, a, b, flags, payload)))
            a += len(payload) + (flags & 3 != 0)
        else:
            out.append((us, packet(SERVER, HISTORIAN, down, 873, 40777, b, a, flags, payload)))
            b += len(payload) + (flags & 3 != 0)
    send(True, 0x02), send(False, 0x12), send(True, 0x10)
    send(True, 0x18, b"@RSYNCD: 31.0\n"), send(False, 0x18, b"@RSYNCD: 31.0\n")
    for n in range(size // 1400):
        send(True, 0x18, bytes((n * 7 + i) & 0xff for i in range(1400)))
        if n % 2:
            send(False, 0x10)
    send(True, 0x11), send(False, 0x11), send(True, 0x10)
    return out


def macs_of(found):
    """{(source, destination): the 12 bytes before the type} of what was recorded."""
    seen = {}
    for _, data in found:
        if data[12:14] == b"\x08\0":
            seen.setdefault((data[26:30], data[30:34]), data[:12])
            seen.setdefault(data[26:30], data[6:12])
    return seen


def backup(begin, attack, tsv, macs):
    """The upload of the attack, by the engineering station: its addresses, its card, another port."""
    with open(tsv, encoding="utf-8") as f:
        rows = [line.split("\t") for line in f if line.split("\t")[0] in UPLOAD]
    first, last = int(rows[0][5]), int(rows[0][6])
    found = [x for n, x in enumerate(frames(attack), 1) if first <= n <= last and {x[1][26:30], x[1][30:34]} == {ip(LAPTOP), ip(NETWORK)}]
    out = []
    for us, data in found:
        up = data[26:30] == ip(LAPTOP)
        src, dst = (ENGINEERING, NETWORK) if up else (NETWORK, ENGINEERING)
        size = struct.unpack(">H", data[16:18])[0]
        tcp = bytearray(data[34:14 + size])
        struct.pack_into(">H", tcp, 0 if up else 2, 45678)
        tcp[16:18] = b"\0\0"
        struct.pack_into(">H", tcp, 16, checksum(ip(src) + ip(dst) + struct.pack(">BBH", 0, 6, len(tcp)) + bytes(tcp)))
        h = bytearray(data[14:34])
        h[12:20], h[10:12] = ip(src) + ip(dst), b"\0\0"
        struct.pack_into(">H", h, 10, checksum(bytes(h)))
        out.append((begin + us - found[0][0], macs[ip(src), ip(dst)] + b"\x08\0" + bytes(h) + bytes(tcp)))
    return out


def inputs(folder, plant, attack):
    """The captures that rounds are made of, in the order of ORDINARY, JOB, BACKUP."""
    found = list(frames(plant))
    begin, macs = found[0][0], macs_of(found)
    up = macs.get((ip(HISTORIAN), ip(SERVER))) or macs[ip(SERVER)] + macs[ip(HISTORIAN)]
    down = macs.get((ip(SERVER), ip(HISTORIAN))) or macs[ip(HISTORIAN)] + macs[ip(SERVER)]
    job, copy = os.path.join(folder, "job.pcap"), os.path.join(folder, "backup.pcap")
    end = found[-1][0]
    write(job, [x for x in found + transfer(begin + 120000000, up, down, 600000) if x[0] <= end])
    write(copy, [x for x in found + backup(begin + 200000000, attack, attack.replace("plant-attack.pcap", "attack.tsv"), macs) if x[0] <= end])
    return begin / 1e6, (end - begin) / 1e6 + 1, [plant, job, copy]


def is_work(when):
    return when.weekday() < 5 and 7 <= when.hour < 17


def plan(path, seed, begin, length, rounds):
    """What each round has that others have not; {round: what} of the night's and the week's work, for the test to look at."""
    dice, special = random.Random(seed), {}
    with open(path, "w", encoding="utf-8") as f:
        for r in range(rounds):
            at = datetime.datetime.fromtimestamp(begin + r * length, datetime.timezone.utc)
            new_hour = r == 0 or datetime.datetime.fromtimestamp(begin + (r - 1) * length, datetime.timezone.utc).hour != at.hour
            what, jump, away, silent, start, end = ORDINARY, 0, "-" if is_work(at) or r == 0 else OFFICE, "-", 0, 0
            if new_hour and at.hour == 2:
                what = JOB
            elif new_hour and at.hour == 20 and at.weekday() == 6:
                what = BACKUP
            elif new_hour and at.hour == 4:
                start = dice.uniform(100, 400)
                silent, end = DOSING, start + dice.uniform(18, 22)
            if new_hour and at.hour % 6 == 5:
                jump = dice.randint(-40, 40)
            if r == rounds * 3 // 5:
                jump = 2000
            if what or silent != "-":
                special[r] = what or "silent"
            f.write(f"{r} {what} {jump} {away} {silent} {start:.1f} {end:.1f}\n")
    return special
