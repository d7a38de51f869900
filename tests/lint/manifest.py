#!/usr/bin/env python3
"""Every capture in pcaps/ is in pcaps/MANIFEST and the other way round.

A line of MANIFEST: path | sha256 | packets | origin | what it shows;
'#' begins a comment.  usage: manifest.py [TOP]
"""
import gzip
import hashlib
import os
import struct
import sys


def packets_of(data):
    """Records in a pcap or pcapng; a record cut off at the end is not counted."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    magic = data[:4]
    if magic in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        order = ">"
    elif magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        order = "<"
    elif magic == b"\x0a\x0d\x0d\x0a":
        return packets_of_ng(data)
    else:
        raise ValueError("neither pcap nor pcapng")
    n, at = 0, 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        if at + 16 + length > len(data):
            break
        n, at = n + 1, at + 16 + length
    return n


def packets_of_ng(data):
    n, at, order = 0, 0, "<"
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = ">" if data[at + 8:at + 12] == b"\x1a\x2b\x3c\x4d" else "<"
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or at + length > len(data):
            break
        n += kind in (2, 3, 6)      # old packet, simple packet, enhanced packet
        at += length
    return n


def main():
    top = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("srcdir", ".")
    folder = os.path.join(top, "pcaps")
    manifest = os.path.join(folder, "MANIFEST")
    if not os.path.isdir(folder):
        print("skipped: there is no pcaps/ here")
        return 77
    if not os.path.exists(manifest):
        print("pcaps/MANIFEST does not exist")
        return 1
    problems, listed = [], set()
    with open(manifest, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            where = f"pcaps/MANIFEST:{number}: "
            fields = [x.strip() for x in line.split("|", 4)]
            if len(fields) != 5 or not all(fields):
                problems.append(where + "five fields are expected: "
                                "path | sha256 | packets | origin | what it shows")
                continue
            path, sha256, packets = fields[:3]
            if path in listed:
                problems.append(where + f"{path} is listed twice")
            listed.add(path)
            try:
                with open(os.path.join(folder, path), "rb") as capture:
                    data = capture.read()
            except OSError as e:
                problems.append(where + f"{path}: {e.strerror}")
                continue
            found = hashlib.sha256(data).hexdigest()
            if found != sha256:
                problems.append(where + f"{path}: sha256 is {found}")
            try:
                if str(packets_of(data)) != packets:
                    problems.append(where + f"{path}: it has {packets_of(data)} packets, not {packets}")
            except (ValueError, OSError, EOFError) as e:
                problems.append(where + f"{path}: {e}")
    for here, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.relpath(os.path.join(here, name), folder)
            if ".pcap" in name and path not in listed:
                problems.append(f"pcaps/{path} is not in pcaps/MANIFEST")
    print("\n".join(problems) if problems else f"{len(listed)} captures as listed")
    return 1 if problems else 0


sys.exit(main())
