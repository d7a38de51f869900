#!/usr/bin/env python3
"""Evasion test: whatever is done to hide a command, it is recorded, or something says that it may be.

Each way (ways_*.py) is tried with each protocol (plant.py), answered and not.  A line of known.tsv (way, protocol, why) accepts
a command that is only told of where it should be recorded; silence is accepted nowhere.

    run.py [-v] [--keep DIR] [WAY...]
"""
import collections
import concurrent.futures
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, HERE)
import plant  # noqa: E402
import tw  # noqa: E402
import ways  # noqa: E402
import ways_segments  # noqa: E402,F401
import ways_overlap  # noqa: E402,F401
import ways_forged  # noqa: E402,F401
import ways_fragments  # noqa: E402,F401
import ways_tunnels  # noqa: E402,F401
import ways_beginnings  # noqa: E402,F401
import ways_lengths  # noqa: E402,F401
import wire  # noqa: E402


def is_command(r, p):
    return r["event_type"] == p.name and r["ot"].get("name") == p.operation


def words(records):
    """What says that something may be hidden, or that something is wrong."""
    out = []
    for r in records:
        if r["event_type"] == "anomaly":
            out.append("anomaly " + r["anomaly"]["event"])
        elif r["event_type"] == "alert":
            out.append("alert " + r["alert"]["signature"])
        elif r["event_type"] == "visibility" and "missed nothing" not in r["ot"]["visibility"]["sentence"]:
            out.append("visibility " + " ".join(sorted(flat(r["ot"]["visibility"]["blind"]))))
        elif r.get("ot", {}).get("anomalies"):
            out.append("anomaly of the operation")
    return out


def flat(x, path=""):
    if not isinstance(x, dict):
        return [path] if x else []
    return [y for k, v in x.items() for y in flat(v, path + "." + k if path else k)]


def judge(name, p, answered, folder):
    make, must = ways.WAYS[name]
    path = os.path.join(folder, f"{name}-{p.name}{'' if answered else '-unanswered'}.pcap")
    wire.write(path, make(p, answered))
    records = tw.replay(path)
    seen = any(is_command(r, p) for r in records)
    said = words(records)
    verdict = "seen" if seen else "said" if said else "SILENT"
    return name, p.name, answered, must, verdict, said


def known():
    out = {}
    with open(os.path.join(HERE, "known.tsv"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                way, proto, why = line.rstrip("\n").split("\t")
                out[way, proto] = why
    return out


def main():
    args, verbose, keep = sys.argv[1:], False, None
    if args[:1] == ["-v"]:
        args, verbose = args[1:], True
    if args[:1] == ["--keep"]:
        keep, args = args[1], args[2:]
    tw.need_binary()
    names = args or list(ways.WAYS)
    accepted, used, bad = known(), set(), 0
    count = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="tw-evasion-") as tmp, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = keep or tmp
        jobs = [pool.submit(judge, n, p, a, folder) for n in names for p in plant.PLANTS for a in (True, False)]
        for job in jobs:
            name, proto, answered, must, verdict, said = job.result()
            label = f"{name}, {proto}, {'answered' if answered else 'not answered'}"
            count[verdict] += 1
            if verbose:
                print(f"{verdict:6} {label}: {'; '.join(said)[:200]}")
            if verdict == "SILENT":
                print(f"{label}: neither the command nor a word about it")
                bad += 1
            elif verdict == "said" and must == ways.OPERATION:
                if (name, proto) in accepted:
                    used.add((name, proto))
                    continue
                print(f"{label}: the command is not recorded; only: {'; '.join(said)[:300]}")
                bad += 1
    for way, proto in sorted(set(accepted) - used) if not args else []:
        print(f"known.tsv: {way}, {proto}: no longer needed")
        bad += 1
    print(f"{sum(count.values())} tries of {len(names)} ways: {count['seen']} recorded, {count['said']} told of, "
          f"{count['SILENT']} silent; {bad} problems")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
