#!/usr/bin/env python3
"""Make the first corpus of fuzz_spool: state and segments as a spool writes them, and as a disk may give them back.

    make_spool.py FOLDER
"""
import os
import struct
import sys
import zlib


def with_crc(head, crc_at, tail=b""):
    return head[:crc_at] + struct.pack("<I", zlib.crc32(head + tail)) + head[crc_at + 4:]


def slot(generation, forgotten, following):
    s = struct.pack("<8sIIQQQ4Q", b"TWSPOOLS", 1, 0, generation, forgotten, following, 0, 0, 0, 0)
    return with_crc(s + bytes(512 - len(s)), 12)


def segment(number, first):
    s = struct.pack("<8sIIQQ", b"TWSPOOL1", 1, 0, number, first)
    return with_crc(s + bytes(64 - len(s)), 12)


def record(number, line, kind=5):
    h = struct.pack("<IIQQ16sIBBBB", 0x52735754, 0, number, 1_700_000_000_000_000_000, bytes(16), len(line), kind, 1, 0, 0)
    return with_crc(h, 4, line) + line


def main():
    folder = sys.argv[1]
    lines = [b'{"event_type":"alert","n":%d}\n' % i for i in range(1, 9)]
    whole = segment(7, 1) + b"".join(record(i + 1, line, i % 6) for i, line in enumerate(lines))
    state = slot(2, 3, 9) + slot(1, 0, 5)
    seeds = {
        "whole": b"\0" + state + whole,
        "mended": b"\1" + state + whole,
        "forgets": b"\3" + state + whole,
        "no-state": b"\0" + bytes(1024) + whole,
        "one-slot": b"\0" + state[:512] + bytes(512) + whole,
        "cut": b"\0" + state + whole[:-20],
        "zeroes": b"\0" + state + whole[:-20] + bytes(300),
        "damaged": b"\0" + state + whole[:200] + b"\xff" + whole[201:],
        "long": b"\1" + state + whole[:64 + 24] + struct.pack("<I", 0x7fffffff) + whole[64 + 28:],
        "no-header": b"\0" + state + b"\0" * 64 + whole[64:],
        "backwards": b"\0" + state + segment(7, 5) + b"".join(record(n, b"x\n") for n in (9, 8, 7, 9, 10, 1 << 63)),
        "high": b"\1" + slot(2, (1 << 64) - 2, 1) + bytes(512) + segment(7, (1 << 64) - 1) + record((1 << 64) - 1, b"y\n"),
        "nothing": b"\0" + state,
    }
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


main()
