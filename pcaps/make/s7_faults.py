#!/usr/bin/env python3
"""Makes the S7comm captures in which something is wrong: one fault in the first message of a conversation, connections that
end in every way, answers with another reference, sessions joined midway; and those of types, uploads and secrets.

    s7_faults.py         writes ../s7/*.pcap, always the same bytes

Needs nothing but Python and s7_craft.py.
"""
import struct

import s7_craft as craft
from s7_craft import ACK, ACK_DATA, CLIENT, JOB, SERVER, USERDATA, Talk, as_bytes

CAPTURES = []
STOP = "29 0000000000 09 'P_PROGRAM'"
READ = "04 01 12 0A 10 02 0002 0001 84 000320"
WRITE = "05 01 12 0A 10 02 0002 0001 84 000320"
DOWNLOAD = "1A 00 0100 00000000 09 '_0A00010P' 0D '1000500000400'"


def capture(f):
    CAPTURES.append(f)
    return f


def add16(b, at, by):
    v = struct.unpack_from(">H", b, at)[0] + by
    struct.pack_into(">H", b, at, v & 0xffff)


def put(*pairs):
    def make(b):
        for at, v in pairs:
            b[at] = v
    return make


def more(at, by):
    return lambda b: add16(b, at, by)


def longer(b):
    b.append(0)
    add16(b, 2, 1)


# Each with one fault; offsets from the TPKT on.
FAULTS = [put((0, 4)), put((1, 1)), put((2, 0), (3, 0)), more(2, 1), more(2, 100), more(2, -1), put((2, 0xff), (3, 0xff)),
          put((4, 3)), put((4, 200)), put((5, 0xf1)), put((7, 0x33)), put((8, 9)), put((8, 0)), more(13, 1), more(13, -1),
          put((13, 0), (14, 0)), put((13, 0xff), (14, 0xff)), more(15, 1), put((15, 0xff), (16, 0xff)), longer]


def job(par, dat="", ref=1):
    s7 = Talk.pdu(JOB, ref, as_bytes(par), as_bytes(dat))
    return bytearray(struct.pack(">BBHBBB", 3, 0, 7 + len(s7), 2, 0xf0, 0x80) + s7)


def close(t):
    t.segment(CLIENT, b"", 0x11)
    t.segment(SERVER, b"", 0x11)
    t.segment(CLIENT, b"", 0x10)


@capture
def faults_first(c):
    """One fault in the first job of a conversation, twenty kinds: a STOP, then good jobs; rack 0, slot 3."""
    for fault in FAULTS:
        t = Talk(c, setup="", place="0103")
        b = job(STOP)
        fault(b)
        t.segment(CLIENT, bytes(b))
        t.send(SERVER, ACK_DATA, "29", ref=1)
        t.ref = 1
        t.job(READ, answer="04 01", answer_dat="FF 04 0010 1122")
        close(t)


@capture
def faults_write(c):
    """The same in the only message of a conversation, a write: nobody answers, and there is no connection request."""
    for fault in FAULTS:
        t = Talk(c, connect=False, setup="")
        t.segment(CLIENT, b"", 2)
        t.segment(SERVER, b"", 0x12)
        b = job(WRITE, "00 04 0010 A55A")
        fault(b)
        t.segment(CLIENT, bytes(b))
        close(t)


@capture
def faults_later(c):
    """The same amid good jobs, in one segment with the job behind it."""
    for fault in FAULTS:
        t = Talk(c)
        b = job(WRITE, "00 04 0010 A55A", ref=20)
        fault(b)
        t.segment(CLIENT, bytes(b + job(STOP, ref=21)))
        t.send(SERVER, ACK_DATA, "05 01", "FF", ref=20)
        t.send(SERVER, ACK_DATA, "29", ref=21)
        close(t)


@capture
def variables_unfilled(c):
    """Values of odd length: filled up to even, and not; data of a read; more and fewer than items."""
    t = Talk(c)
    three = "05 03 12 0A 10 02 0001 0001 84 000000 12 0A 10 02 0001 0001 84 000050 12 0A 10 02 0003 0001 84 0000A0"
    t.job(three, "00 04 0008 11 00 00 04 0008 22 00 00 04 0018 334455", "05 03", "FF FF FF")
    t.job(three, "00 04 0008 11 00 04 0008 22 00 04 0018 334455", "05 03", "FF FF FF")
    t.job(three, "00 04 0008 11 00 04 0008 22 00 00 04 0018 334455", "05 03", "FF FF FF")
    t.job("04" + three[2:], "", "04 03", "FF 04 0008 11 FF 04 0008 22 FF 04 0018 334455")
    t.job(READ, "000000", "04 01", "FF 04 0010 1122")
    close(t)


@capture
def endings(c):
    """Connections that end: by a request with and without its confirm, by another one, in the middle of jobs and of fragments;
    connection requests with more behind them; TPDUs that class 0 does not have."""
    for confirm, side in ((True, CLIENT), (True, SERVER), (False, CLIENT)):
        t = Talk(c)
        t.send(CLIENT, JOB, STOP, ref=50)
        t.tpdu(side, "06 80 0002 0001 80")
        if confirm:
            t.tpdu(1 - side, "05 C0 0001 0002")
        close(t)
    t = Talk(c)
    t.send(CLIENT, JOB, STOP, ref=50)
    t.tpdu(CLIENT, "11 E0 0000 0005 00 C1 02 0100 C2 02 0203 C0 01 0A")
    t.tpdu(SERVER, "11 D0 0005 0006 00 C0 01 0A C1 02 0100 C2 02 0203")
    t.job(READ, answer="04 01", answer_dat="FF 04 0010 1122")
    close(t)
    # More behind a request, behind its confirm, and a whole TPKT with a STOP in that of the request.
    for behind, side in (("DEADBEEF", CLIENT), ("DEADBEEF", SERVER), (bytes(job(STOP, ref=99)), CLIENT)):
        t = Talk(c, connect=False, setup="")
        t.segment(CLIENT, b"", 2)
        t.segment(SERVER, b"", 0x12)
        for end, head in ((CLIENT, "11 E0 0000 0001 00 C1 02 0100 C2 02 0102 C0 01 0A"),
                          (SERVER, "11 D0 0001 0002 00 C0 01 0A C1 02 0100 C2 02 0102")):
            t.tpdu(end, as_bytes(head) + (as_bytes(behind) if end == side else b""))
        t.job(READ, answer="04 01", answer_dat="FF 04 0010 1122")
        close(t)
    # Fragments without an end: until the session ends, until too many came.
    t = Talk(c)
    s7 = Talk.pdu(JOB, 60, as_bytes(STOP), b"")
    t.dt(CLIENT, s7[:14], end=False)
    t.dt(CLIENT, s7[14:], end=False)
    close(t)
    t = Talk(c)
    t.dt(CLIENT, s7[:14], end=False)
    for _ in range(9):
        t.dt(CLIENT, bytes(500), end=False)
    close(t)
    # Expedited data and the like.
    t = Talk(c)
    for tpdu in ("04 10 0001 80" + "3201", "04 20 0001 80", "04 50 0001 80", "04 60 0001 80"):
        t.tpdu(CLIENT, tpdu)
    t.job(READ, answer="04 01", answer_dat="FF 04 0010 1122")
    close(t)


@capture
def references(c):
    """Devices that answer with reference 0, a constant one, the next, the one before, a swapped one; an answer that comes
    twice, and one that fits two jobs."""
    for wrong in (lambda r: 0, lambda r: 0x4242, lambda r: r + 1, lambda r: r - 1, lambda r: (r << 8 | r >> 8) & 0xffff):
        t = Talk(c)
        for ref in (0x120, 0x122, 0x124):
            t.send(CLIENT, JOB, READ, ref=ref)
            t.send(SERVER, ACK_DATA, "04 01", "FF 04 0010 1122", ref=wrong(ref))
        t.send(CLIENT, JOB, STOP, ref=0x126)
        t.send(SERVER, ACK, "", ref=wrong(0x126), error=b"\xd2\x41")
        close(t)
    t = Talk(c)
    t.send(CLIENT, JOB, READ, ref=0x120)
    t.send(CLIENT, JOB, READ, ref=0x121)
    t.send(SERVER, ACK_DATA, "04 01", "FF 04 0010 1122", ref=0x200)
    for ref in (0x120, 0x120, 0x121):
        t.send(SERVER, ACK_DATA, "04 01", "FF 04 0010 1122", ref=ref)
    close(t)


@capture
def joined_midway(c):
    """Sessions joined midway: a STOP, a download and a write are the first of it; half a message stands before them in the
    segment, or in one of its own."""
    half = job("04 01 12 0A 10 02 0002 0001 84 000320", ref=3)[9:]
    for before in (b"", bytes(half), b"\x00" * 5):
        for par, dat, answer in ((STOP, "", "29"), (DOWNLOAD, "", "1A"), (WRITE, "00 04 0010 A55A", "05 01")):
            for apart in (False, True):
                if apart and not before:
                    continue
                t = Talk(c, connect=False, setup="")
                if apart:
                    t.segment(CLIENT, before)
                t.segment(CLIENT, (b"" if apart else before) + bytes(job(par, dat, ref=9)))
                if len(before) != 5:
                    t.send(SERVER, ACK_DATA, answer, "FF" if par == WRITE else "", ref=9)


@capture
def types(c):
    """Every type of an element, one of it and an array; runs of bits over bytes; reals that are no numbers; the areas of an
    S7-200; symbols, whose data say what they are."""
    t = Talk(c)

    def read(spec, data):
        t.job("04 01 12 0A 10 " + spec, "", "04 01", data)

    read("08 0004 0001 84 000010", "FF 07 0010 40933333 7FC00000 7F800000 3DCCCCCD")
    read("30 0002 0001 84 000010", "FF 09 0010 4012666666666666 FFF0000000000000")
    read("13 0003 0001 84 000010", "FF 09 0006 0041 00E4 20AC")
    read("03 0005 0001 84 000010", "FF 09 0005 'Pumpe'")
    read("0C 0003 0001 84 000010", "FF 04 0030 2250 0999 3999")
    read("09 0002 0001 84 000010", "FF 04 0020 2E6D 0000")
    read("0A 0002 0001 84 000010", "FF 04 0040 05265BFF 00000000")
    read("0B 0002 0001 84 000010", "FF 04 0040 FFFFFFFF 7FFFFFFF")
    read("0E 0001 0001 84 000010", "FF 09 0008 2601020304051230")
    read("0F 0002 0001 84 000010", "FF 09 0010 2601020304051230 2602010304051230")
    read("06 0002 0001 84 000010", "FF 04 0040 FFFFFFFF 00000001")
    read("07 0002 0001 84 000010", "FF 05 0040 FFFFFFFF 00000001")
    read("1C 0002 0000 1C 000005", "FF 09 0004 0123 0999")
    read("1D 0002 0000 1D 000005", "FF 09 0004 2250 0999")
    for bit, n, data in ((7, 1, "01"), (7, 2, "03"), (0, 8, "80"), (0, 9, "8001"), (7, 9, "FF01"), (6, 10, "0102")):
        read("01 %04X 0001 84 %06X" % (n, 16 + bit), "FF 03 %04X %s" % (n, data))
    read("1F 0001 0001 1F 000025", "FF 09 0005 00 000001F4")
    read("1E 0002 0001 1E 00000A", "FF 09 0006 00 0007 00 0008")
    read("04 0001 0000 06 000000", "FF 04 0010 1234")
    read("04 0002 0001 07 000080", "FF 04 0020 1234 8000")
    t.job("05 01 12 0A 10 04 0001 0000 07 000080", "00 04 0010 7FFF", "05 01", "FF")
    t.job("05 01 12 0A 10 08 0001 0001 84 000010", "00 07 0004 40933333", "05 01", "FF")
    for data in ("FF 07 0004 40933333", "FF 05 0010 FFFE", "FF 06 0004 FFFFFFFE", "FF 07 0008 4012666666666666"):
        t.job("04 01 120EB2 FF 8A0E 0001 12345678 00000009", "", "04 01", data)
    close(t)


@capture
def uploads(c):
    """Two uploads at once, each to its end; one that began before."""
    t = Talk(c)
    for name, number in (("_0A00010P", 7), ("_0C00123A", 8)):
        t.job("1D 00 0000 00000000 09 '%s'" % name, "", "1D 00 0100 %08X 07 '0000216'" % number)
    for number in (8, 7, 99):
        t.job("1E 00 0000 %08X" % number, "", "1E 01", "0004 00FB 01020304")
        t.job("1E 00 0000 %08X" % number, "", "1E 00", "0004 00FB 01020304")
        t.job("1F 00 0000 %08X" % number, "", "1F")
    close(t)


@capture
def secrets(c):
    """Passwords: of the controller, of a numerical control, to services that are not known, to security functions that are
    not; none of them may be in a record."""
    t = Talk(c)
    t.ask(5, 1, "'SECRET42'", "")
    for name in ("_N_LOGIN_", "_N_NEWPWD", "_N_LOGIN", "_n_login_", "SETPASSWORD"):
        t.job("28 000000000000FD 000A 08'SECRET42' 00 %02X '%s'" % (len(name), name), "", "28")
    for sub in (3, 4):
        t.ask(5, sub, "'SECRET42'", "'SECRET42'")
    close(t)


def main():
    for f in CAPTURES:
        c = craft.Capture(f.__name__.replace("_", "-"))
        f(c)
        c.write()
        print(c.name, len(c.frames))


if __name__ == "__main__":
    main()
