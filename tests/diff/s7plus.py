#!/usr/bin/env python3
"""S7comm-plus against a stranger's decode, and against itself.

The decode: $THERMOWELL_CORPUS/tshark/*.s7plus.tsv, a row a frame (tshark 4.0 has no S7comm-plus; a small parser made them, that
knows neither TCP streams nor fragments).  Each request, answer, push and event it shows must be in our records with the same
version, opcode, function, sequence and length; what it takes for an opcode in the middle of a message must lie in one of
our joined messages, or be a continuation.
Against itself: whoever opens a session uses the number that the controller gave it, and deletes what was created.

    s7plus.py [NAME...] [-v]

A difference fails, unless known-s7plus.tsv lists it with its reason; a listed one that no longer occurs fails too.
"""
import collections
import csv
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

NO_SESSION = 288
NEW_OBJECT = 211		# whatever the session has just made
HEADS = (0x31, 0x32, 0x33)
totals = collections.Counter()


def ours(records):
    """[(frame, source, message)] of each side of each operation."""
    out = []
    for r in tw.operations(records, "s7comm"):
        for side in ("request", "response"):
            m = r["s7comm"].get(side, {})
            if r["ot"]["protocol"] == "s7comm-plus" and "version" in m:
                end = ("src" if side == "request" else "dest")
                out.append((r["ot"][side]["frame"], (r[end + "_ip"], str(r[end + "_port"])), m))
    return out


def numbers(row, column):
    return [int(v, 0) for v in (row.get(column) or "").split(",") if v]


def compare(name, rows, records, diffs):
    diffs.examined.add(name)
    by_frame, by_number, joined = collections.defaultdict(list), collections.defaultdict(list), collections.defaultdict(list)
    for frame, source, m in ours(records):
        by_frame[source, frame].append(m)
        by_number[source, m.get("opcode"), m.get("function"), m.get("sequence")].append(m)
        if m.get("fragments", 1) > 1 or "opcode" in m and m["opcode"] not in HEADS + (2,):
            joined[source].append(frame)
    for row in rows:
        frame, source = int(row["frame"]), (row["src"], row["sport"])
        versions, opcodes, functions, sequences, lengths = (numbers(row, c) for c in
                                                            ("version", "opcode", "function", "seq", "length"))
        if len(versions) != 1:
            totals["frames with several messages, not compared"] += 1
            continue
        totals["messages of the decode"] += 1
        opcode = opcodes[0] if opcodes else None
        if functions:
            mine = by_number[source, opcode, functions[0], sequences[0]]
            what = "message"
        else:
            # A segment that came too early, or twice, is complete elsewhere.
            mine = [m for f in range(frame - 12, frame + 13) for m in by_frame[source, f]
                    if m.get("opcode") == opcode and m["version"] == versions[0]]
            what = "push" if opcode in HEADS or versions[0] == 0xfe else "piece"
        if what == "piece" and (mine or any(f >= frame for f in joined[source])):
            totals["pieces in joined messages"] += 1
            continue
        if not mine:
            diffs.add(name, frame, what, f"version {versions[0]:#x} opcode {opcode} function {functions} sequence {sequences} is not ours")
            continue
        totals["found"] += 1
        if versions[0] not in [m["version"] for m in mine]:
            diffs.add(name, frame, "version", f"{versions[0]}, we {[m['version'] for m in mine]}")
        if not any(m["length"] == lengths[0] or m.get("fragments", 1) > 1 for m in mine):
            diffs.add(name, frame, "length", f"{lengths[0]}, we {[m['length'] for m in mine]}")


def consistent(name, records, diffs):
    """Sessions and objects, from the controller's own words."""
    made = collections.defaultdict(set)
    for r in tw.operations(records, "s7comm"):
        m = r["s7comm"].get("request", {})
        if r["ot"]["protocol"] != "s7comm-plus" or "session_id" not in m:
            continue
        flow, frame = r["flow_id"], r["ot"]["request"]["frame"]
        created = tw.named(r["ot"].get("response", {}).get("fields")).get("created_object", [])
        if flow in made and m["session_id"] not in made[flow] | {NO_SESSION, 0}:
            diffs.add(name, frame, "session", f"{m['session_id']} was not given, {sorted(made[flow])} were")
        totals["sessions checked"] += flow in made
        if r["ot"]["name"] == "Create Object" and r["ot"]["outcome"] == "answered":
            made[flow] |= set(created)
        if r["ot"]["name"] == "Delete Object" and flow in made:
            totals["deleted objects checked"] += 1
            if m["object_id"] not in made[flow] | {NEW_OBJECT}:
                diffs.add(name, frame, "object", f"{m['object_id']} is deleted, {sorted(made[flow])} were created")
        for side in ("request", "response"):
            s = r["s7comm"].get(side, {})
            totals["bodies read"] += "function" in s
            if "unread_bytes" in s and not s.get("cut"):
                diffs.add(name, r["ot"][side]["frame"], "unread", f"{r['ot']['name']}: {s['unread_bytes']} bytes")


def main():
    tw.need_binary()
    tw.need_corpus()
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    diffs = known.Known("diff/known-s7plus.tsv", names)
    csv.field_size_limit(1 << 30)
    for path in sorted(glob.glob(os.path.join(tw.CORPUS, "*", "*.pcap*"))):
        name = os.path.basename(path)
        tsv = os.path.join(tw.CORPUS, "tshark", name + ".s7plus.tsv")
        if names and name not in names or not os.path.exists(tsv):
            continue
        records = tw.replay(path, types="s7comm", timeout=300)
        with open(tsv, newline="", encoding="utf-8") as f:
            compare(name, csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE), records, diffs)
        consistent(name, records, diffs)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
