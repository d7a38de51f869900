#!/usr/bin/env python3
"""Keeps pcaps/MANIFEST: `path | sha256 | packets | origin | what it shows`, one line a capture, sorted.

    manifest.py            checks that lines and files agree, those of pcaps/SERVICES too (run by make check)
    manifest.py --update   writes sums and packet counts anew; a capture without a line gets one to fill in
"""
import glob
import hashlib
import os
import struct
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MANIFEST = os.path.join(ROOT, "MANIFEST")
KINDS = ("*.pcap", "*.pcapng", "*.pcap.gz")


def packets(path):
    """Packets in a capture file; pcap and pcapng, either byte order, plain or gzip."""
    import gzip
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    n, at = 0, 24
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        at, e = 0, "<"
        while at + 12 <= len(data):
            if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
                e = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            kind, size = struct.unpack_from(e + "II", data, at)
            n += kind in (2, 3, 6)
            if size < 12:
                break
            at += size
        return n
    e = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    while at + 16 <= len(data):
        at += 16 + struct.unpack_from(e + "I", data, at + 8)[0]
        n += at <= len(data)
    return n


def read():
    lines = {}
    with open(MANIFEST, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                path, *rest = [x.strip() for x in line.rstrip("\n").split("|", 4)]
                lines[path] = rest
    return lines


def main():
    lines = read()
    files = sorted(os.path.relpath(p, ROOT) for k in KINDS for p in glob.glob(os.path.join(ROOT, "*", k)))
    want = {}
    for path in files:
        with open(os.path.join(ROOT, path), "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        origin, shows = lines[path][2:4] if path in lines else ("?", "?")
        want[path] = [digest, str(packets(os.path.join(ROOT, path))), origin, shows]
    if "--update" in sys.argv[1:]:
        with open(MANIFEST, encoding="utf-8") as f:
            head = [line for line in f if line.startswith("#")]
        with open(MANIFEST, "w", encoding="utf-8") as f:
            f.writelines(head)
            for path in sorted(want):
                f.write(" | ".join([path] + want[path]) + "\n")
        return 0
    bad = 0
    for path in sorted(set(want) | set(lines)):
        if path not in want:
            problem = "listed, but there is no such file"
        elif path not in lines:
            problem = "not listed; run pcaps/make/manifest.py --update and say what it shows"
        elif lines[path] != want[path]:
            problem = f"listed as {' | '.join(lines[path][:2])}, is {' | '.join(want[path][:2])}"
        elif "?" in (want[path][2], want[path][3]):
            problem = "origin or purpose missing"
        else:
            continue
        print(f"pcaps/{path}: {problem}", file=sys.stderr)
        bad += 1
    with open(os.path.join(ROOT, "SERVICES"), encoding="utf-8") as f:
        for line in f:
            for word in line.replace(",", " ").replace(";", " ").split():
                if word.endswith(".pcap") and word not in want:
                    print(f"pcaps/SERVICES: {word}: no such capture", file=sys.stderr)
                    bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
