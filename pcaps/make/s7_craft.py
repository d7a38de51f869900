#!/usr/bin/env python3
"""Makes the S7comm captures that no stack sends: every service and list, refusals, answers in parts, contradictions.

    s7_craft.py          writes ../s7/*.pcap, always the same bytes

The services are those of the unit tests (tests/unit/s7_examples.h).  Needs nothing but Python.
"""
import os
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests", "lib"))
import pcap  # noqa: E402

OUT = os.path.join(HERE, "..", "s7")
EXAMPLES = os.path.join(HERE, "..", "..", "tests", "unit", "s7_examples.h")
PG, PLC = "10.30.0.20", "10.30.1.11"
EPOCH_US = 1767592800 * 1000000     # 2026-01-05 06:00:00 UTC
CLIENT, SERVER = 0, 1
JOB, ACK, ACK_DATA, USERDATA = 1, 2, 3, 7
PULLED = (0x1b, 0x1c)               # jobs that the controller sends


def to_bytes(text):
    out = b""
    for quoted, pair in re.findall(r"'([^']*)'|([0-9A-Fa-f]{2})", text):
        out += quoted.encode() if not pair else bytes([int(pair, 16)])
    return out


def as_bytes(x):
    return x if isinstance(x, bytes) else to_bytes(x)


class Capture:
    """One capture file, with one conversation after the other."""

    def __init__(self, name):
        self.name, self.frames, self.ident, self.port = name, [], 0, 49200

    def packet(self, src, dst, payload):
        self.ident += 1
        ends = [bytes(int(x) for x in a.split(".")) for a in (src, dst)]
        mac = [b"\x02\x00\x00\x1e" + a[2:] for a in ends]
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), self.ident, 0x4000, 64, 6, 0, *ends)
        data = pcap.resummed(mac[1] + mac[0] + b"\x08\x00" + head + payload)
        self.frames.append(pcap.Frame(EPOCH_US + 5000 * len(self.frames), data))

    def write(self):
        pcap.write(os.path.join(OUT, self.name + ".pcap"), 1, self.frames)


class Talk:
    """A conversation of an engineering station and a controller."""

    def __init__(self, cap, connect=True, setup="0008 0008 03C0", port=102, place="0102"):
        cap.port += 1
        self.cap, self.ports, self.seq, self.ref = cap, (cap.port, port), [1000, 900000], 0
        if connect:
            self.segment(CLIENT, b"", 2)
            self.segment(SERVER, b"", 0x12)
            self.segment(CLIENT, b"", 0x10)
            self.tpdu(CLIENT, "11 E0 0000 0001 00 C1 02 0100 C2 02 " + place + " C0 01 0A")
            self.tpdu(SERVER, "11 D0 0001 0002 00 C0 01 0A C1 02 0100 C2 02 " + place)
        if setup:
            self.job("F0 00 " + setup, answer="F0 00 " + setup)

    def segment(self, side, data, flags=0x18):
        ends = (PG, PLC) if side == CLIENT else (PLC, PG)
        ports = self.ports if side == CLIENT else self.ports[::-1]
        ack = 0 if flags == 2 else self.seq[1 - side]
        self.cap.packet(*ends, struct.pack(">HHIIBBHHH", *ports, self.seq[side], ack, 0x50, flags, 8192, 0, 0) + data)
        self.seq[side] += len(data) + (flags & 3 != 0)

    def tpdu(self, side, body):
        body = as_bytes(body)
        self.segment(side, struct.pack(">BBH", 3, 0, 4 + len(body)) + body)

    def dt(self, side, s7, end=True):
        self.tpdu(side, b"\x02\xf0" + (b"\x80" if end else b"\x00") + s7)

    @staticmethod
    def pdu(rosctr, ref, par, dat, error=b"\0\0", par_len=None, dat_len=None):
        return struct.pack(">BBHHHH", 0x32, rosctr, 0, ref, len(par) if par_len is None else par_len,
                           len(dat) if dat_len is None else dat_len) + \
            (error if rosctr in (ACK, ACK_DATA) else b"") + par + dat

    def send(self, side, rosctr, par, dat=b"", ref=None, **more):
        par, dat = as_bytes(par), as_bytes(dat)
        self.dt(side, self.pdu(rosctr, self.ref if ref is None else ref, par, dat, **more))

    def job(self, par, dat="", answer=None, answer_dat="", error=b"\0\0"):
        """A job and its answer; with an error, the bare refusal."""
        self.ref += 1
        par = as_bytes(par)
        side = SERVER if par[0] in PULLED else CLIENT
        self.send(side, JOB, par, dat)
        if error != b"\0\0":
            self.send(1 - side, ACK, "", error=error)
        elif answer is not None:
            self.send(1 - side, ACK_DATA, answer, answer_dat)

    @staticmethod
    def userdata(kind, group, sub, seq=0, more=False, error=0, unit=1, long=None):
        head = b"\x00\x01\x12"
        if long if long is not None else kind == 8:
            return head + struct.pack(">BBBBBBBH", 8, 0x12, kind << 4 | group, sub, seq, unit, more, error)
        return head + struct.pack(">BBBBB", 4, 0x11, kind << 4 | group, sub, seq)

    @staticmethod
    def payload(body, code=0xff, size=9):
        return struct.pack(">BBH", code if body else 0x0a, size if body else 0, len(body)) + body

    def ask(self, group, sub, request, answer=None, error=0, code=0xff, seq=1):
        """Userdata and its answer, in one part."""
        self.ref += 1
        self.send(CLIENT, USERDATA, self.userdata(4, group, sub), self.payload(as_bytes(request)))
        if answer is not None or error:
            self.send(SERVER, USERDATA, self.userdata(8, group, sub, seq, error=error),
                      self.payload(as_bytes(answer or ""), code))

    def push(self, group, sub, body, seq=0):
        self.send(SERVER, USERDATA, self.userdata(0, group, sub, seq), self.payload(as_bytes(body)), ref=0)

    def parts(self, group, sub, request, pieces, seq=3):
        """Userdata whose answer is fetched part by part."""
        self.ref += 1
        self.send(CLIENT, USERDATA, self.userdata(4, group, sub), self.payload(as_bytes(request)))
        for i, piece in enumerate(pieces):
            if i > 0:
                self.ref += 1
                self.send(CLIENT, USERDATA, self.userdata(4, group, sub, seq, unit=0, long=True), self.payload(b""))
            self.send(SERVER, USERDATA, self.userdata(8, group, sub, seq, i + 1 < len(pieces), unit=213), self.payload(piece))


# ---- the captures ----------------------------------------------------------

CAPTURES = []


def capture(f):
    CAPTURES.append(f)
    return f


def examples():
    """[(code, sub, kind, request, request data, answer, answer data)] of tests/unit/s7_examples.h."""
    with open(EXAMPLES, encoding="utf-8") as f:
        rows = re.findall(r'\{ (S7_CODE_GROUP \| \d+|0x[0-9a-f]+), (NOSUB|\d+), (JOB|USERDATA|PUSH), '
                          r'"([^"]*)", "([^"]*)", "([^"]*)", "([^"]*)",\n', f.read())
    return [(int(c.split()[-1], 0), None if s == "NOSUB" else int(s), kind, *rest) for c, s, kind, *rest in rows]


def play(t, row):
    code, sub, kind, request, request_data, answer, answer_data = row
    if kind == "JOB":
        t.job(request, request_data, answer, answer_data)
    elif kind == "PUSH":
        t.push(code, sub, answer)
    else:
        t.ask(code, sub, request, answer)


def of(kind, *codes):
    return [r for r in examples() if r[2] == kind and (not codes or r[0] in codes)]


@capture
def jobs(c):
    """Every function of a job, asked and answered."""
    t = Talk(c)
    for row in of("JOB"):
        if row[0] != 0x28 and row[0] != 0xf0:
            play(t, row)


@capture
def jobs_refused(c):
    """Every function of a job, refused: with the bare header and the error."""
    t = Talk(c)
    done = set()
    for code, _, _, request, request_data, _, _ in of("JOB"):
        if code not in done:
            done.add(code)
            t.job(request, request_data, error=b"\x81\x04" if code % 2 else b"\xd2\x41")


def service_names():
    with open(os.path.join(HERE, "..", "..", "dissectors", "s7", "names.c"), encoding="utf-8") as f:
        return re.findall(r'\{ "(\w+)", "[^"]*", INTENT_\w+ \}', f.read())


@capture
def services(c):
    """Every program invocation service, with the arguments of its kind."""
    t = Talk(c)
    for row in of("JOB", 0x28):
        play(t, row)
    for name in service_names():
        if name in ("_INSE", "_INS2", "_DELE"):
            arg = b"\x02\x000A00001P0E00012P"
        elif name.startswith("_N_"):
            arg = b"\x0a_N_X_MPF\0\0\0" if "LOG" not in name and "PWD" not in name else b"\x06SECRET\0"
        else:
            arg = b""
        t.job(b"\x28" + bytes(6) + b"\xfd" + struct.pack(">H", len(arg)) + arg + bytes([len(name)]) + name.encode(), answer="28")


@capture
def programmer(c):
    """Watch, modify and force variables, breakpoints, stacks, block status, jobs."""
    t = Talk(c)
    for row in of("USERDATA", 1):
        play(t, row)
    # Two tables are watched; what comes has the number of its job, or of one that is not known.
    for seq, item in ((5, "01 06 0000 0000"), (6, "71 01 0005 0002")):
        t.ask(1, 2, "0014 0008 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0001" + item, "", seq=seq)
    t.push(1, 2, "0004 0008 0000 0001 0001 FF 04 0008 07 00", seq=6)
    t.push(1, 2, "0004 000C 0000 0001 0001 FF 04 0030 010203040506", seq=5)
    t.push(1, 2, "0004 0012 0000 0001 0002 FF 04 0030 010203040506 FF 04 0008 07 00", seq=9)


@capture
def cyclic(c):
    """Variables sent by the controller itself, cyclically and on change; records."""
    t = Talk(c)
    for row in of("USERDATA", 2):
        play(t, row)
    for seq, sub in ((5, 1), (6, 5)):
        t.ask(2, sub, "0001 00 05 12 0A 10 02 0002 0000 83 0003%02X" % (8 * seq), "0001 FF 04 0010 1234", seq=seq)
    for seq, sub in ((6, 5), (5, 1), (9, 1)):
        t.push(2, sub, "0001 FF 04 0010 1235", seq=seq)


@capture
def alarms(c):
    """Message service, diagnostics, alarms and their acknowledgment, lock and query; mode transitions."""
    t = Talk(c)
    for row in of("USERDATA", 4):
        if row[1] != 1:
            play(t, row)
    for row in of("PUSH"):
        play(t, row)
    t.ask(4, 19, "00 02 12 06 17 01 00000102 12 06 1B 01 00000103", "00 02 0A 00 0000")
    # As controllers send a mode transition: its head is another, and there are no data.
    t.send(SERVER, USERDATA, "01 00 10 09 00 00 02 00", ref=0)


@capture
def userdata(c):
    """Blocks, passwords, BSEND, clocks, NC programs."""
    t = Talk(c)
    for row in of("USERDATA", 3, 5, 6, 7, 15):
        play(t, row)


@capture
def userdata_refused(c):
    """Every userdata sub-function, refused by its parameters or by its return code."""
    t = Talk(c)
    done = set()
    for code, sub, _, request, _, _, _ in of("USERDATA"):
        if (code, sub) not in done:
            done.add((code, sub))
            t.ask(code, sub, request, error=0xd402 if sub % 2 else 0x8104)


def lists():
    """{list: bytes of one record} of the layouts of dissectors/s7/szl_tables.c, and their indexes."""
    with open(os.path.join(HERE, "..", "..", "dissectors", "s7", "szl_tables.c"), encoding="utf-8") as f:
        text = f.read()
    size = {"U8": 1, "U16": 2, "U32": 4, "TIME": 8}
    fields = {}
    for name, body in re.findall(r"szl_field (\w+)\[\] = \{(.*?)END \}", text, re.S):
        n = 0
        for kind, args in re.findall(r"(U8|U16|U32|TIME|TEXT|SKIP)\(([^)]*)\)", body):
            n += size[kind] if kind in size else int(args.split(",")[-1])
        fields[name] = n
    rows = re.findall(r"\{ 0x([0-9a-f]{2}), (\w+), (\w+) \},", text.split("layouts[] = {")[1].split("};")[0])
    return [(int(szl, 16), 0 if index == "SZL_ANY" else int(index, 0), fields[name]) for szl, index, name in rows]


@capture
def status_lists(c):
    """Every status list that has a name, each layout of records with two of them."""
    t = Talk(c)
    for row in of("USERDATA", 4):
        if row[1] == 1:
            play(t, row)
    with open(os.path.join(HERE, "..", "..", "dissectors", "s7", "szl_tables.c"), encoding="utf-8") as f:
        named = [int(x, 16) for x in re.findall(r"\{ 0x([0-9a-f]{2}), \"", f.read().split("s7_word lists[] = {")[1].split("};")[0])]
    for szl in named:       # those without a layout: bytes
        if szl not in {x[0] for x in lists()} and szl != 0xa0:
            t.ask(4, 1, struct.pack(">HH", szl, 0), struct.pack(">HHHH", szl, 0, 4, 2) + bytes(range(8)))
    for szl, index, size in lists():
        szl |= {0x24: 0x0400, 0x31: 0x0100, 0x32: 0x0100 if index != 4 else 0x0200}.get(szl, 0)
        records = b""
        for i in range(2):
            body = bytes((0x20 + 7 * i + k) & 0x7f for k in range(size - 2))
            records += struct.pack(">H", index if index else i + 1) + body
        t.ask(4, 1, struct.pack(">HH", szl, index), struct.pack(">HHHH", szl, index, size, 2) + records)


@capture
def parts(c):
    """Answers in several parts: joined; longer than is kept; never fetched to the end; two at once; without a beginning."""
    t = Talk(c, setup="0008 0008 00F0")
    entry = [struct.pack(">HBBHHI", 0x4300 + i, 255, 1, 0, i, i) + bytes.fromhex("2601020304051234") for i in range(300)]

    def diagnostics(n, piece):
        data = struct.pack(">HHHH", 0x00a0, 0, 20, n) + b"".join(entry[:n])
        return [data[i:i + piece] for i in range(0, len(data), piece)]
    t.parts(4, 1, "00A0 0000", diagnostics(10, 208))
    t.parts(4, 1, "00A0 0000", diagnostics(20, 206), seq=4)
    t.parts(4, 1, "00A0 0000", diagnostics(240, 208), seq=5)        # 4,808 bytes
    # The station loses interest.
    t.ref += 1
    t.send(CLIENT, USERDATA, t.userdata(4, 4, 1), t.payload(to_bytes("00A0 0000")))
    t.send(SERVER, USERDATA, t.userdata(8, 4, 1, 6, more=True), t.payload(diagnostics(20, 208)[0]))
    # Two answers in parts at the same time.
    first, second = diagnostics(15, 200), diagnostics(12, 200)
    t.ref += 2
    t.send(CLIENT, USERDATA, t.userdata(4, 4, 1), t.payload(to_bytes("00A0 0000")), ref=t.ref - 1)
    t.send(CLIENT, USERDATA, t.userdata(4, 4, 1), t.payload(to_bytes("00A0 0000")))
    t.send(SERVER, USERDATA, t.userdata(8, 4, 1, 7, more=True, unit=7), t.payload(first[0]), ref=t.ref - 1)
    t.send(SERVER, USERDATA, t.userdata(8, 4, 1, 8, more=True, unit=8), t.payload(second[0]))
    for seq, piece in ((8, second[1]), (7, first[1])):
        t.ref += 1
        t.send(CLIENT, USERDATA, t.userdata(4, 4, 1, seq, unit=0, long=True), t.payload(b""))
        t.send(SERVER, USERDATA, t.userdata(8, 4, 1, seq, unit=seq), t.payload(piece))
    # One whose beginning was not seen.
    t = Talk(c, connect=False, setup=None)
    t.ref = 77
    t.send(CLIENT, USERDATA, t.userdata(4, 4, 1, 9, unit=0, long=True), t.payload(b""))
    t.send(SERVER, USERDATA, t.userdata(8, 4, 1, 9), t.payload(first[1]))


def read_one(t, **more):
    t.send(CLIENT, JOB, "04 01 12 0A 10 02 0001 0001 84 000000", **more)


@capture
def carrier(c):
    """Connections: accepted, refused, another class, closed, an error; expedited data; fragments and empty TPDUs."""
    t = Talk(c, connect=False, setup=None)
    t.tpdu(CLIENT, "11 E0 0000 0007 00 C1 02 0100 C2 02 0321 C0 01 0A")
    t.tpdu(SERVER, "06 80 0007 0000 03")                            # address unknown
    t = Talk(c)
    t.tpdu(CLIENT, "06 80 0002 0001 80")
    t.tpdu(SERVER, "05 C0 0001 0002")
    t = Talk(c)
    t.tpdu(SERVER, "06 70 0001 02 C1 00")
    t = Talk(c)
    t.tpdu(CLIENT, "02 F0 80")                                      # acknowledges
    t.ref += 1
    body = t.pdu(JOB, t.ref, to_bytes("04 01 12 0A 10 02 0001 0001 84 000000"), b"")
    for i in range(0, len(body), 7):
        t.dt(CLIENT, body[i:i + 7], end=i + 7 >= len(body))
    t.send(SERVER, ACK_DATA, "04 01", "FF 04 0008 2A")
    t.dt(CLIENT, body[:7], end=False)                               # no end, but another TPDU
    t.tpdu(CLIENT, "11 E0 0000 0009 40 C1 02 0100 C2 02 0102 C0 01 0A")     # class 4
    t.tpdu(CLIENT, "04 10 0000 80 01")                              # expedited data
    t.tpdu(SERVER, "0D E0 0000 0009 00 C0 01 FF C1 02 0100")         # a TPDU size that does not exist


@capture
def contradictions(c):
    """One broken rule after the other; after each the parser is in step again."""
    def fine(t):
        t.job("04 01 12 0A 10 02 0001 0000 83 000320", "", "04 01", "FF 04 0008 2A")

    t = Talk(c, setup="0001 0001 00F0")
    job = "04 01 12 0A 10 02 0001 0001 84 000000"
    # Lengths: of the TPKT, of the COTP header, of parameters and data.
    t.segment(CLIENT, b"\x03\x00\x00\x06\x02\xf0")
    fine(t)
    t.tpdu(CLIENT, b"\x20\xf0\x80" + t.pdu(JOB, 500, to_bytes(job), b""))
    fine(t)
    t.tpdu(CLIENT, b"\x03\xf0\x80\x00" + t.pdu(JOB, 501, to_bytes(job), b""))
    fine(t)
    t.send(CLIENT, JOB, job, ref=502, par_len=200)
    fine(t)
    t.send(CLIENT, JOB, job, ref=503, dat_len=9)
    fine(t)
    t.dt(CLIENT, t.pdu(JOB, 504, to_bytes(job), b"") + b"\0\0\0")
    fine(t)
    t.dt(CLIENT, b"\x32\x01\x00\x00")
    fine(t)
    # Unknown: ROSCTR, function, group, sub-function, parameter head.
    t.dt(CLIENT, t.pdu(9, 505, to_bytes(job), b""))
    fine(t)
    t.job("55 01", "", "55")
    fine(t)
    t.send(CLIENT, USERDATA, t.userdata(4, 12, 1), t.payload(b""), ref=506)
    for group in (0, 1, 2, 3, 4, 5, 6, 7, 15):
        t.ref += 1
        t.send(CLIENT, USERDATA, t.userdata(4, group, 99), t.payload(b""))
        t.send(SERVER, USERDATA, t.userdata(8, group, 99, 1, error=0x8104), t.payload(b""))
    t.send(CLIENT, USERDATA, b"\0\2\x12" + t.userdata(4, 4, 1)[3:], t.payload(to_bytes("0011 0000")), ref=507)
    fine(t)
    # Answers: without a job, for another function, with more or fewer items.
    t.send(SERVER, ACK_DATA, "04 01", "FF 04 0008 2A", ref=900)
    t.job(job, "", "05 01", "FF")
    t.job(job, "", "04 02", "FF 04 0008 2A")
    t.job(job, "", "04 01", "FF 04 0008 2A 00 FF 04 0008 2B")
    t.job("04 02" + job[5:] + job[5:], "", "04 02", "FF 04 0008 2A")
    t.job("04 03" + job[5:], "", "04 01", "FF 04 0008 2A")
    t.job("04 00", "", "04 00")
    t.job("05 02" + job[5:] + job[5:], "00 04 0008 2A", "05 02", "FF FF")
    t.job(job, "", "04 01", "FF 04 0100 2A")
    fine(t)
    # Items: specification, syntax, area, type, length.
    for spec in ("13 0A 10 02 0001 0001 84 000000", "12 0A 77 02 0001 0001 84 000000", "12 0A 10 02 0001 0001 99 000000",
                 "12 0A 10 0D 0001 0001 84 000000", "12 06 10 02 0001 0001", "12 0C 10 02 0001 0001 84 000000 0000",
                 "12 40 10 02 0001"):
        t.job("04 01" + spec, "", "04 01", "05 00 0000")
    fine(t)
    # More than was agreed on: jobs at once, PDU length; a reference used twice.
    for ref in (601, 602, 603):
        read_one(t, ref=ref)
    for ref in (601, 602, 603):
        t.send(SERVER, ACK_DATA, "04 01", "FF 04 0008 2A", ref=ref)
    t.job("04 01 12 0A 10 02 00FA 0001 84 000000", "", "04 01", b"\xff\x04" + struct.pack(">H", 250 * 8) + bytes(250))
    read_one(t, ref=604)
    read_one(t, ref=604)
    t.send(SERVER, ACK_DATA, "04 01", "FF 04 0008 2A", ref=604)
    fine(t)
    t.job("F0 00 0001 0001 00F0", "", "F0 00 0001 0001 03C0")
    # Not S7 on a connection of S7; a place that is lost and found.
    t.dt(CLIENT, b"\x45\x01\x02\x03")
    fine(t)
    t.segment(CLIENT, b"\x99" * 30)
    fine(t)
    fine(t)


@capture
def flood(c):
    """A client that does not wait: jobs far beyond the parallel count, answers in another order, some never."""
    t = Talk(c, setup="0002 0002 00F0")
    for ref in range(100, 112):
        read_one(t, ref=ref)
    for ref in (105, 100, 111, 103, 104, 101):
        t.send(SERVER, ACK_DATA, "04 01", "FF 04 0008 2A", ref=ref)


def main():
    for f in CAPTURES:
        c = Capture(f.__name__.replace("_", "-"))
        f(c)
        c.write()
        print(c.name, len(c.frames))


if __name__ == "__main__":
    main()
