"""Ways in which a message says another length than it has, or ends elsewhere."""
import struct

import plant
from ways import OPERATION, WORD, begun, ended, way
from wire import Session


def framed(change, later):
    """The command with its outer length changed: first in the session, or behind good messages."""
    def make(p, answered):
        b = bytearray(p.command)
        if p.name == "modbus":
            at, size = 4, ">H"
        elif p.name == "dnp3":
            at, size = 2, ">B"
        elif p.name == "iec104":
            at, size = 1, ">B"
        else:
            at, size = 2, ">H"
        n = struct.unpack_from(size, b, at)[0]
        struct.pack_into(size, b, at, max(0, min(change(n), 255 if size == ">B" else 65535)))
        if p.name == "dnp3":
            struct.pack_into("<H", b, 8, plant.dnp3.crc(bytes(b[:8])))
        s = begun(p) if later else Session(p.port)
        s.segment(True, bytes(b))
        return ended(s, p, answered)
    return make


for label, change in (("zero", lambda n: 0), ("one", lambda n: 1), ("one_less", lambda n: n - 1), ("one_more", lambda n: n + 1),
                      ("huge", lambda n: 65535), ("doubled", lambda n: 2 * n)):
    for later in (False, True):
        f = framed(change, later)
        f.__name__ = f"length_{label}_{'later' if later else 'first'}"
        way(WORD)(f)


@way(OPERATION)
def bytes_behind_it(p, answered):
    s = begun(p)
    s.segment(True, p.command + b"\0\0\0")
    return ended(s, p, answered)


@way(WORD)
def last_byte_missing(p, answered):
    s = begun(p)
    s.segment(True, p.command[:-1])
    return ended(s, p, answered)


@way(WORD)
def first_and_cut_short(p, answered):
    s = Session(p.port)
    s.segment(True, p.command[:-3])
    return ended(s, p, answered)
