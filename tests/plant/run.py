#!/usr/bin/env python3
"""The plant of pcaps/plant: every operation in counts, compared with plant.txt and plant-attack.txt.

Beyond that: ordinary work has no anomaly, no refusal, nothing unanswered and nothing unseen, and its values stay in the
ranges of the tag list; each step of attack.tsv shows the operations that it names, at its frames, between its ends.

    run.py             compare
    run.py --update    write the two files anew; read the diff before committing it
"""
import collections
import csv
import difflib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

sys.path.insert(0, os.path.join(tw.SRCDIR, "pcaps/make/plant"))
import tags  # noqa: E402
from hosts import HOSTS  # noqa: E402

HERE = os.path.join(tw.SRCDIR, "tests/plant")
CAPTURES = ("plant", "plant-attack")
PROTOCOLS = ("modbus", "dnp3", "s7comm")
NAMES = {h.ip: h.name for h in HOSTS.values()}
KINDS = {1: "binary input", 2: "binary input", 10: "binary output", 11: "binary output", 20: "counter", 22: "counter",
         30: "analog input", 32: "analog input", 40: "analog output", 42: "analog output"}	# DNP3 groups
NOT_POLLED = {"DOSE_ENABLE", "DOSE_AUTO", "PT301_MIN", "PT301_MAX"}	# no screen shows them, or in bytes only
COLUMNS = ("id", "start_s", "end_s", "start", "end", "first_frame", "last_frame", "actor", "victim", "operations", "what")


def operations(records):
    """Every operation once: DNP3 writes a request and its response as two records, the second is the whole."""
    return [r["ot"] | {"protocol": r["event_type"]} for r in records if r["event_type"] in PROTOCOLS and
            not (r["ot"]["outcome"] == "pending" and r["ot"]["name"] != "Confirm")]


def name(op):
    return op["name"] + ("/" + op["subname"] if op.get("subname") else "")


def where(op):
    """Modbus and S7 ask for the same addresses again and again; DNP3 answers with what there is."""
    if op["protocol"] == "dnp3":
        return ""
    return " ".join(f"{i['space']}{i['number'] if 'number' in i else ''}:{i.get('first', 0)}+{i.get('count', 1)}" for i in op.get("items", []))


def summary(ops):
    rows = collections.defaultdict(list)
    for op in ops:
        ends = [NAMES.get(op[e]["ip"], op[e]["ip"]) for e in ("client", "server")]
        rows[(ends[0], ends[1], op["unit"], op["protocol"], name(op), op["intent"], op["outcome"], where(op))].append(op)
    out = ["# client | server | unit | protocol | operation | intent | outcome | items | how often | smallest and largest value\n"]
    for key, found in sorted(rows.items(), key=str):
        values = [v for op in found for i in op.get("items", []) for v in i.get("values", []) if v is not None]
        span = f"{min(values):.6g}..{max(values):.6g}" if values else "-"
        out.append(" | ".join(str(x) or "-" for x in key) + f" | {len(found)} | {span}\n")
    return "".join(out)


def ordinary(records, ops):
    """What must not be in ten minutes of ordinary work."""
    for r in records:
        if r["event_type"] == "anomaly":
            yield f"anomaly {r['anomaly']['event']} at frame {r.get('pcap_cnt')}"
        # Without nDPI the office's protocols have no names, and that is said.
        if r["event_type"] == "visibility" and tw.has_ndpi() and (r["ot"]["visibility"]["blind"] or r["ot"]["visibility"]["total"]):
            yield f"not everything was seen: {r['ot']['visibility']['sentence']}"
    for op in ops:
        if op["outcome"] not in ("answered", "unsolicited") and op["name"] != "Confirm":
            yield f"{op['protocol']} {name(op)}: {op['outcome']}"
    yield from ranges(ops)


def points(ops):
    """(tag, value in raw units / scale, unit, low, high, scale) of each value of an operation that the tag list knows."""
    modbus = {(HOSTS[h].ip, unit, t.space, t.address): t for h, units in tags.MODBUS.items() for unit, ts in units.items() for t in ts}
    s7 = {(db, at): (name, unit, low, high, 1) for db, at, _, name, unit, low, high, _ in tags.S7}
    dnp3 = {(kind, i): (name, unit, low, high, scale if scale >= 1 else 1)
            for kind, i, _, scale, name, unit, low, high, *_ in tags.DNP3}
    for op in ops:
        for item in op.get("items", []):
            for n, v in enumerate(item.get("values", item.get("points", []))):
                if op["protocol"] == "modbus":
                    t = modbus.get((op["server"]["ip"], op["unit"], item["space"], item["first"] + n))
                    known = t and (t.name, t.unit, t.low, t.high, t.scale)
                elif op["protocol"] == "dnp3":
                    online = isinstance(v, dict) and v.get("flags", 0) & 1
                    known = dnp3.get((KINDS.get(item["number"] >> 8), v["index"])) if online else None
                    v = v.get("value") if known else v
                else:
                    real = "REAL" in item.get("address", "") or ".DBD" in item.get("address", "")
                    known = s7.get((item.get("number"), item.get("first", 0) + 4 * n)) if real else None
                if known:
                    yield known[0], v / known[4], *known[1:]


def ranges(ops):
    """Values against the tag list, with a tenth of the range to spare; every tag must have shown a value."""
    seen = set()
    for name, v, unit, low, high, scale in points(ops):
        seen.add(name)
        spare = (high - low) * 0.1 + 0.6 / scale
        if not low - spare <= v <= high + spare:
            yield f"{name}: {v:g} {unit} is outside {low} to {high}"
    listed = {t.name for units in tags.MODBUS.values() for ts in units.values() for t in ts}
    listed |= {t[3] for t in tags.S7} | {t[4] for t in tags.DNP3}
    for name in sorted(listed - seen - NOT_POLLED):
        yield f"{name}: no value seen"


def steps():
    with open(os.path.join(tw.SRCDIR, "pcaps/plant/attack.tsv"), encoding="utf-8") as f:
        for row in csv.reader((line for line in f if not line.startswith("#")), delimiter="\t"):
            yield dict(zip(COLUMNS, row))


def attack(ops):
    for step in steps():
        first, last = int(step["first_frame"]), int(step["last_frame"])
        if not 0 < first <= last:
            yield f"{step['id']}: no frames"
        ends = {step["actor"], *step["victim"].split(",")}
        there = {f"{op['protocol']}:{name(op)}:{op['outcome']}" for op in ops if "request" in op and
                 first <= op["request"]["frame"] <= last and {op["client"]["ip"], op["server"]["ip"]} <= ends}
        short = {f"{p}:{n.split('/')[0]}:{o}" for p, n, o in (x.split(":") for x in there)}
        for want in step["operations"].split(";"):
            if want != "-" and want not in there | short:
                yield f"{step['id']}: {want} is not among {sorted(there)}"


def main():
    tw.need_binary()
    bad = []
    for capture in CAPTURES:
        records = tw.replay(f"pcaps/plant/{capture}.pcap")
        ops = operations(records)
        problems = sorted(set(ordinary(records, ops) if capture == "plant" else attack(ops)))
        bad += [f"{capture}: {p}" for p in problems]
        path, got = os.path.join(HERE, capture + ".txt"), summary(ops)
        if "--update" in sys.argv[1:]:
            with open(path, "w", encoding="utf-8") as f:
                f.write(got)
        with open(path, encoding="utf-8") as f:
            want = f.read()
        bad += list(difflib.unified_diff(want.splitlines(), got.splitlines(), f"{capture}.txt", "now", lineterm="", n=0))
        print(f"{capture}: {len(ops)} operations")
    print("\n".join(bad[:80]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
