#!/usr/bin/env python3
"""Make the seed corpus of fuzz_iec104 from the project's captures:

    make_iec104.py ../../pcaps/iec104 corpus/iec104

A file for each conversation: the payloads of its segments, at most 60 of them.
"""
import collections
import os
import struct
import sys


def segments(path):
    """(flow, from the server, payload) of each TCP segment over IPv4."""
    with open(path, "rb") as f:
        data = f.read()
    link, at = struct.unpack_from("<I", data, 20)[0], 24
    while at + 16 <= len(data):
        n = struct.unpack_from("<I", data, at + 8)[0]
        ip = data[at + 16:at + 16 + n][14 if link == 1 else 0:]
        at += 16 + n
        if len(ip) < 40 or ip[0] >> 4 != 4 or ip[9] != 6:
            continue
        tcp = ip[(ip[0] & 15) * 4:struct.unpack_from(">H", ip, 2)[0]]
        src, dst = struct.unpack_from(">HH", tcp)
        payload = tcp[(tcp[12] >> 4) * 4:]
        if payload:
            yield tuple(sorted((src, dst))), src < dst, payload


def main(folder, out):
    os.makedirs(out, exist_ok=True)
    for name in sorted(os.listdir(folder)):
        talks = collections.defaultdict(list)
        for flow, server, payload in segments(os.path.join(folder, name)):
            talks[flow].append((server, payload[:255]))
        for i, talk in enumerate(talks.values()):
            seed = b"\0"
            for server, p in talk[:60]:
                head = (0x80 if server else 0)
                seed += (bytes([head | len(p)]) if len(p) < 127 else bytes([head | 127, len(p) - 127])) + p
            with open(os.path.join(out, f"{name[:-5]}-{i}"), "wb") as f:
                f.write(seed)


if __name__ == "__main__":
    main(*sys.argv[1:])
