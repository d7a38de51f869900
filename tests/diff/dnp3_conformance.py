#!/usr/bin/env python3
"""DNP3 against opendnp3's conformance runs: every message that its log decodes, with its raw link frames.

    dnp3_conformance.py [ID...] [-v]

$THERMOWELL_CORPUS/truth/opendnp3-conformance/ID/log.txt tells what a tester and an outstation said in
dnp3/iti__opendnp3-conf_ID.pcap: messages one after the other, each with its link frames as bytes and its link, transport and
application layer as text.  Ours must be the same messages in the same order with the same addresses, control bits,
numbers, indications, objects, ranges, flags, values and times.  Accepted differences: known-dnp3-conformance.tsv.
"""
import collections
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dnp3  # noqa: E402
import known  # noqa: E402
import tw  # noqa: E402

LINK = re.compile(r"master: (\d) pri: (\d) fcb: (\d) fcv: (\d) func: \w+\(0x(\w+)\) 0x\w+ length: (\d+) dest: (\d+) src: (\d+)")
TRANSPORT = re.compile(r"fir: (\d) fin: (\d) seq: (\d+)$")
APP = re.compile(r"[\w ]+\(0x(\w+)\) fir: (\d) fin: (\d) con: (\d) uns: (\d) seq: 0x(\w+)(?: IIN\((.*)\))?$")
OBJECT = re.compile(r"g(\d+)v(\d+), (.*)$")
POINT = re.compile(r"(?:\[(\d+)\] - |(?=time: |delay: ))((?:\w+: \S+ ?)+)$")
BYTES = re.compile(r"(?:[0-9A-F]{2} ?)+$")
IIN = {"BroadcastReceived": "all_stations", "Class1Events": "class_1_events", "Class2Events": "class_2_events",
       "Class3Events": "class_3_events", "NeedTime": "need_time", "LocalControl": "local_control", "DeviceTrouble": "device_trouble",
       "DeviceRestart": "device_restart", "FuncNotSupported": "no_func_code_support", "ObjectUnknown": "object_unknown",
       "ParamError": "parameter_error", "EventBufferOverflow": "event_buffer_overflow"}
totals = collections.Counter()


# ---- the log ---------------------------------------------------------------

def range_of(text):
    """(qualifier, start, stop or count) of an object's range as the log says it."""
    n = {"1": 0, "2": 1, "4": 2}.get(text[0])
    num = [int(x) for x in re.findall(r": (\d+)", text)]
    if text == "All Objects":
        return 6, 0, 0
    if "Start/Stop" in text:
        return n, num[0], num[1]
    return (0x17 + 0x11 * n if "Index" in text else 7 + n), 0, num[0]


def log_messages(path):
    """What the log decodes: one dict a message; and its raw frames."""
    out, raw, into, mark = [], [], None, None
    link, said, number = [], None, None		# inward frames so far; the outward message and its transport number
    with open(path, encoding="utf-8") as f:
        lines = [x.strip() for x in f]
    for line in lines:
        if line.startswith("- ") or not line:
            continue
        if line[:2] == "--":
            mark = line[2]
            continue
        m = LINK.match(line)
        if m:
            *c, func, length, dst, src = m.groups()
            one = {"control": (*map(int, c), int(func, 16)), "len": int(length), "dst": int(dst), "src": int(src)}
            if one["len"] == 5:
                out.append({"link": [one], "objects": []})
            elif mark == "L":
                said["link"].append({**one, "seq": number})
            else:
                link.append(one)
            mark = None
            continue
        m = TRANSPORT.match(line)
        if m:
            if mark == "T":
                number = int(m[3])
            else:
                link[-1]["seq"] = int(m[3])
            mark = None
            continue
        m = APP.match(line)
        if m:
            function, fir, fin, con, uns, seq, iin = m.groups()
            into = {"link": [] if mark == "A" else link, "control": tuple(map(int, (fir, fin, con, uns))),
                    "function": int(function, 16), "sequence": int(seq, 16), "objects": []}
            if iin is not None:
                into["iin"] = sorted(IIN.get(w, w) for w in iin.split(", ") if w)
            out.append(into)
            if mark == "A":
                said = into
            else:
                link = []
            mark = None
            continue
        m = OBJECT.match(line)
        if m and into is not None:
            into["objects"].append((int(m[1]), int(m[2]), *range_of(m[3]), []))
            continue
        if BYTES.match(line) and not line.isdigit():
            if line.startswith("05 64"):
                raw.append(b"")
            if raw:
                raw[-1] += bytes.fromhex(line)
            continue
        m = POINT.match(line)
        if m and into is not None and into["objects"]:
            fields = {k: v for k, v in re.findall(r"(\w+): (\S+)", m[2])}
            into["objects"][-1][-1].append((None if m[1] is None else int(m[1]), fields))
    return out, raw


# ---- ours ------------------------------------------------------------------

def point_fields(o, p):
    """A point of ours as the log spells it."""
    names = [k for k in p if k not in ("prefix", "index")]
    if o["group"] == 12:
        return {"code": p["op_type"] | p["qu"] << 4 | p["cr"] << 5 | p["tcc"] << 6, "count": p["count"], "onTime": p["ontime"],
                "offTime": p["offtime"], "status": p["status_code"]}
    if o["group"] == 41:
        return {"value": p["value"], "status": p["control_status"]}
    out = {}
    if "online" in p:
        bits = names[:7 if o["group"] in (3, 4) else 8]
        out["flags"] = sum(p[k] << i for i, k in enumerate(bits))
    elif "state" in p:
        out["value"] = p["state"]
    for theirs, mine in (("value", "value"), ("count", "count"), ("time", "timestamp"), ("cto", "relative_time_ms"), ("delay", "delay_ms")):
        if mine in p:
            out["cto" if theirs == "time" and (o["group"], o["variation"]) in ((2, 3), (4, 3)) else theirs] = p[mine]
    return out


def same_value(theirs, mine):
    if theirs in ("true", "false"):
        return mine == (theirs == "true")
    t = float(int(theirs, 0) if re.match(r"(0x\w+|-?\d+)$", theirs) else float(theirs))
    return abs(t - mine) <= 1e-5 * max(1, abs(t))


def object_difference(t, o):
    g, v, q, start, stop, points = t
    head = (o["group"], o["variation"], o["qualifier"])
    if head != (g, v, q):
        return f"object {t[:3]}, we {head}"
    mine = (o["start"], o["stop"]) if q < 6 else (0, o["count"])
    if (start, stop) != mine:
        return f"g{g}v{v} range {start, stop}, we {mine}"
    if len(points) != len(o.get("points", [])):
        return f"g{g}v{v}: {len(points)} points, we {len(o.get('points', []))}"
    for (index, fields), p in zip(points, o.get("points", [])):
        ours = point_fields(o, p)
        totals["points"] += 1
        totals["values"] += len(fields)
        if index is not None and index != p["index"]:
            return f"g{g}v{v} index {index}, we {p['index']}"
        for k, v2 in fields.items():
            if k not in ours or not same_value(v2, ours[k]):
                return f"g{g}v{v} [{index}] {k} {v2}, we {ours.get(k)} of {ours}"
    return None


def difference(t, r):
    """What is not the same in a message of the log and a record of ours; None: nothing."""
    d = r["dnp3"]
    frames = dnp3.link_of(r)
    if len(t["link"]) != len(frames):
        return "frames", f"{len(t['link'])}, we {len(frames)}"
    c = d["control"]
    for i, (theirs, mine) in enumerate(zip(t["link"], frames)):
        ours = (theirs["len"], theirs["src"], theirs["dst"], theirs.get("seq"))
        if ours != (mine[0], d["src"], d["dst"], mine[1]):
            return "link", f"{ours}, we {mine} from {d['src']} to {d['dst']}"
        if i == 0 and theirs["control"] != (int(c["dir"]), int(c["pri"]), int(c["fcb"]), int(c["fcv"]), c["function_code"]):
            return "link control", f"{theirs['control']}, we {c}"
    a = d.get("application")
    if a is None or "function" not in t:
        return None if (a is None) == ("function" not in t) else ("application", "one has none")
    ours = (a["function_code"], a["control"]["sequence"], tuple(int(a["control"][k]) for k in ("fir", "fin", "con", "uns")))
    if (t["function"], t["sequence"], t["control"]) != ours:
        return "application control", f"{(t['function'], t['sequence'], t['control'])}, we {ours}"
    if t.get("iin") != (sorted(d["iin"].get("indicators", [])) if "iin" in d else None):
        return "iin", f"{t.get('iin')}, we {d.get('iin')}"
    if len(t["objects"]) != len(a.get("objects", [])):
        return "objects", f"{len(t['objects'])}, we {len(a.get('objects', []))}"
    for x, o in zip(t["objects"], a.get("objects", [])):
        text = object_difference(x, o)
        if text:
            return "object", text
    return None


def crc_good(raw):
    parts, at = [raw[:10]], 10
    while at < len(raw):
        parts.append(raw[at:at + 18])
        at += 18
    return all(len(p) > 2 and dnp3.crc(p[:-2]) == p[-2] | p[-1] << 8 for p in parts)


def compare(path, diffs):
    ident = os.path.basename(os.path.dirname(path))
    name = f"iti__opendnp3-conf_{ident}.pcap"
    diffs.examined.add(name)
    theirs, raw = log_messages(path)
    records = tw.replay(os.path.join(tw.CORPUS, "dnp3", name), types="dnp3,anomaly")
    mine = sorted(dnp3.messages(records), key=lambda r: r["pcap_cnt"])
    if all(m["link"][0]["control"][0] for m in theirs):
        mine = [r for r in mine if r["dnp3"]["control"]["dir"]]		# this tester did not listen to the answers
    totals["logs"] += 1
    totals["messages"] += len(theirs)
    totals["raw frames"] += len(raw)
    bad = sum(not crc_good(x) for x in raw)
    told = sum(r["anomaly"].get("event") in ("BAD_LINK_CRC", "BAD_TRANSPORT_CRC") for r in records if r["event_type"] == "anomaly")
    if bad != told:
        diffs.add(name, "*", "crc", f"{bad} raw frames of the log have a wrong CRC, we tell {told}")
    if len(raw) != sum(len(m["link"]) for m in theirs) or len(raw) != sum(r["ot"]["link"]["frames"] for r in mine) + bad:
        diffs.add(name, "*", "raw frames", f"{len(raw)} in the log, {sum(len(m['link']) for m in theirs)} decoded there, "
                  f"{sum(r['ot']['link']['frames'] for r in mine)} of ours")
    if len(theirs) != len(mine):
        diffs.add(name, "*", "messages", f"{len(theirs)} in the log, we {len(mine)}")
    for n, (t, r) in enumerate(zip(theirs, mine)):
        d = difference(t, r)
        if d:
            totals["different"] += 1
            diffs.add(name, r["pcap_cnt"], d[0], f"message {n}: log {d[1]}"[:400])


def main():
    tw.need_binary()
    tw.need_corpus()
    ids = [a for a in sys.argv[1:] if not a.startswith("-")]
    logs = sorted(glob.glob(os.path.join(tw.CORPUS, "truth", "opendnp3-conformance", "*", "log.txt")))
    if not logs:
        tw.skip("no truth/opendnp3-conformance in THERMOWELL_CORPUS")
    diffs = known.Known("diff/known-dnp3-conformance.tsv", ids)
    for path in logs:
        if not ids or os.path.basename(os.path.dirname(path)) in ids:
            compare(path, diffs)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
