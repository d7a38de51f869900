#!/usr/bin/env python3
"""Crafts one capture for each thing a mirror port shows below TCP.

    PYTHON net.py [NAME...]		writes all, or those named, to ../net/

PYTHON is a python with scapy (PyPI).  Same input, same bytes: times, ports and identifications are fixed.
Every capture carries the same conversation, so that the same two operations come out of each: unit 1, read 10
holding registers from 100 (values 0-9), then write register 5 = 1234, both answered, with handshake and close.
"""
import os
import sys

import net_links  # noqa: F401
import net_carriers  # noqa: F401
import net_ip  # noqa: F401
import net_faults  # noqa: F401
from net_kit import CAPTURES, OUT


def manifest(names):
    """Give captures that MANIFEST does not have their line; manifest.py --update keeps the sums."""
    path = os.path.join(OUT, "..", "MANIFEST")
    with open(path, encoding="utf-8") as f:
        lines = [x for x in f if not any(x.startswith(f"net/{n}.pcap ") for n in names)]
    head = [x for x in lines if x.startswith("#")]
    lines = [x for x in lines if not x.startswith("#")]
    lines += [f"net/{n}.pcap | ? | ? | make/net.py, scapy | {CAPTURES[n][1]}\n" for n in names]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(head + sorted(lines))


def main():
    names = sys.argv[1:] or sorted(CAPTURES)
    os.makedirs(OUT, exist_ok=True)
    for n in names:
        CAPTURES[n][0](n)
    manifest(names)


if __name__ == "__main__":
    main()
