#!/usr/bin/env python3
"""Accounting: over every capture of ours and of THERMOWELL_CORPUS each frame reached a flow or stands in a counter, and
each byte that a flow delivered was read, counted blind, or is of a protocol that is none of ours.  And who says "missed
nothing" has no counter that hides operations.

    run.py [CAPTURE...]     those, or all
"""
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import TimeoutExpired

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = re.compile(r"\.(pcap|pcapng|cap|dmp)\d*(\.gz)?$")
LARGE = 40 << 20	# bytes of a capture of others that would take minutes in a sanitizer build


def hiding():
    """Paths of the counters that counters.def marks with HIDES."""
    with open(os.path.join(tw.SRCDIR, "src/record/counters.def"), encoding="utf-8") as f:
        return set(re.findall(r'^COUNTER\(\w+,\s*"([^"]+)",[^"]*\bHIDES\b', f.read(), re.M))


def captures():
    roots = [os.path.join(tw.SRCDIR, "pcaps")]
    if tw.CORPUS and os.path.isdir(tw.CORPUS):
        roots.append(tw.CORPUS)
    for root in roots:
        for base, _, files in os.walk(root):
            for f in sorted(files):
                path = os.path.join(base, f)
                if CAPTURE.search(f) and os.path.getsize(path) <= LARGE:
                    yield path


def problems(path, hides):
    try:
        records = tw.replay(path, types="stats,visibility", timeout=300)
    except tw.Failed as e:
        # Corpora hold files that are no captures; those say so and are none of our business here.
        return [] if "not a capture file" in str(e) else [str(e)]
    except TimeoutExpired:
        return ["took too long"]
    out = []
    stats = [r for r in records if r["event_type"] == "stats"]
    a = stats[-1]["ot"]["counters"]["accounting"]
    frames, octets = a["frames"], a["bytes"]
    if frames["unexplained"] or frames["in_flows"] + frames["elsewhere"] != stats[-1]["stats"]["decoder"]["pkts"]:
        out.append(f"frames: {frames}, of {stats[-1]['stats']['decoder']['pkts']}")
    if octets["unexplained"] or octets["delivered"] != octets["read"] + octets["blind"] + octets["other_protocols"] + octets["unrecognised"]:
        out.append(f"bytes: {octets}")
    for v in (r["ot"]["visibility"] for r in records if r["event_type"] == "visibility"):
        if ("missed nothing" in v["sentence"]) == any(p in hides for p in v["blind"]):
            out.append(f"says \"{v['sentence']}\", counted {v['blind']}")
    return out


def main():
    tw.need_binary()
    paths, hides, bad = sys.argv[1:] or list(captures()), hiding(), 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for path, found in zip(paths, pool.map(lambda p: problems(p, hides), paths)):
            bad += len(found)
            for f in found:
                print(f"{path}: {f}")
    print(f"{len(paths)} captures, {bad} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
