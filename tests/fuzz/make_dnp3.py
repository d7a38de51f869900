#!/usr/bin/env python3
"""Make the seed corpus of fuzz_dnp3 from the examples of the unit tests:

    make_dnp3.py ../unit/dnp3_objects.h corpus/dnp3
"""
import os
import re
import struct
import sys


def to_bytes(text):
    out = b""
    for part in re.findall(r"'([^']*)'|([0-9A-Fa-f]{2})", text):
        out += part[0].encode() if not part[1] else bytes([int(part[1], 16)])
    return out


def crc(data):
    c = 0
    for byte in data:
        c ^= byte
        for _ in range(8):
            c = c >> 1 ^ 0xA6BC if c & 1 else c >> 1
    return struct.pack("<H", c ^ 0xFFFF)


def frames(app, server, seq=0):
    """The link frames of a fragment."""
    out = []
    for at in range(0, len(app), 249):
        part = app[at:at + 249]
        tr = (0x40 if at == 0 else 0) | (0x80 if at + 249 >= len(app) else 0) | seq & 63
        seq += 1
        user = bytes([tr]) + part
        src, dst = (10, 1) if server else (1, 10)
        head = struct.pack("<BBBBHH", 5, 0x64, len(user) + 5, 0x44 if server else 0xC4, dst, src)
        wire = head + crc(head)
        for i in range(0, len(user), 16):
            wire += user[i:i + 16] + crc(user[i:i + 16])
        out.append(wire)
    return out


def piece(data, server):
    head = 0x80 if server else 0
    if len(data) < 127:
        return bytes([head | len(data)]) + data
    return bytes([head | 127, len(data) - 127]) + data


def pieces(app, server):
    return b"".join(piece(f, server) for f in frames(app, server))


def main(source, folder):
    os.makedirs(folder, exist_ok=True)
    text = open(source, encoding="utf-8").read()
    groups = {}
    for g, v, wire in re.findall(r'\{ (\d+), (\d+), ((?:"[^"]*"\s*)+),', text):
        body = bytes([int(g), int(v)]) + to_bytes("".join(re.findall(r'"([^"]*)"', wire)))
        groups.setdefault(int(g), []).append(body)
    for g, bodies in groups.items():
        out = b"\x00" + pieces(to_bytes("C0 01 3C02 06 3C03 06 3C04 06 3C01 06"), False)
        for i, body in enumerate(bodies[:4]):
            out += pieces(bytes([0xC0 | i, 0x81, 0x80, 0x00]) + body, True)
            out += pieces(bytes([0xC1 + i, 2]) + body, False)
        with open(os.path.join(folder, f"group_{g}"), "wb") as f:
            f.write(out)
    crob = to_bytes("0C01 17 01 07 03 01 64000000 64000000 00")
    extra = {
        "select_operate": [("C0 03", crob, 0), ("C0 81 0000", crob, 1), ("C1 04", crob, 0), ("C1 81 0000", crob, 1)],
        "unsolicited": [("F0 82 9000", b"", 1), ("D0 00", b"", 0), ("F1 82 0000", to_bytes("0201 17 01 05 81"), 1)],
        "fragments": [("C3 01 1E00 06", b"", 0), ("A3 81 0000 1E04 00 0000 0100", b"", 1), ("C3 00", b"", 0),
                      ("44 81 0000 1E04 00 0101 0200", b"", 1)],
        "long": [("C3 01 1E00 06", b"", 0), ("C3 81 0000 1E04 01 0000 C700", bytes(400), 1)],
        "functions": [(f"C{f & 15:X} {f:02X} 3C02 06", b"", 0) for f in range(34)],
    }
    for name, rows in extra.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(b"\x00" + b"".join(pieces(to_bytes(a) + b, bool(s)) for a, b, s in rows))
    with open(os.path.join(folder, "link"), "wb") as f:
        out = b"\x01"
        for control, server in ((0xC9, 0), (0x0B, 1), (0xC0, 0), (0x01, 1), (0xC2, 0), (0x0F, 1)):
            src, dst = (10, 1) if server else (1, 10)
            head = struct.pack("<BBBBHH", 5, 0x64, 5, control, dst, src)
            out += piece(head + crc(head), server)
        f.write(out)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
