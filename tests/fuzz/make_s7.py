#!/usr/bin/env python3
"""Makes a part of corpus/s7 from pcaps/s7: conversations as fuzz_s7.c wants them.

    make_s7.py          writes corpus/s7/plus-* and corpus/s7/jobs-*

The second kind begins with a job: what begins with a connection request, which other protocols have too, is not compared
between whole and cut.
"""
import glob
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import pcap  # noqa: E402

PIECE = 127 + 255
MAX = 16384
PER_CAPTURE = 2


JOBS = ("areas", "blocks", "control", "identity", "userdata", "variables")


def jobs():
    for name in JOBS:
        out = bytearray([0])
        for frame in pcap.read(os.path.join(HERE, "..", "..", "pcaps", "s7", name + ".pcap"))[1]:
            seg = frame.seg
            whole = seg is not None and len(seg.payload) > 7 and int.from_bytes(seg.payload[2:4], "big") == len(seg.payload)
            if not whole or len(seg.payload) >= 127 or seg.payload[7] != 0x32 or (len(out) == 1 and seg.payload[8] != 1):
                continue
            if len(out) + len(seg.payload) > MAX // 4:
                break
            out.append((0 if seg.flow[3] == 102 else 0x80) | len(seg.payload))
            out += seg.payload
        with open(os.path.join(HERE, "corpus", "s7", "jobs-" + name), "wb") as f:
            f.write(out)


def main():
    jobs()
    for path in sorted(glob.glob(os.path.join(HERE, "..", "..", "pcaps", "s7", "plus-*.pcap"))):
        talks = {}
        for frame in pcap.read(path)[1]:
            seg = frame.seg
            if seg is None or not seg.payload:
                continue
            to_plc = seg.flow[3] == 102
            key = seg.flow if to_plc else seg.flow[2:] + seg.flow[:2]
            out = talks.setdefault(key, bytearray([0]))
            for at in range(0, len(seg.payload), PIECE):
                piece = seg.payload[at:at + PIECE]
                out.append((0 if to_plc else 0x80) | min(len(piece), 127))
                if len(piece) >= 127:
                    out.append(len(piece) - 127)
                out += piece
        for i, out in enumerate(list(talks.values())[:PER_CAPTURE]):
            name = os.path.basename(path)[:-5] + (f"-{i + 1}" if i else "")
            with open(os.path.join(HERE, "corpus", "s7", name), "wb") as f:
                f.write(out[:MAX])


if __name__ == "__main__":
    main()
