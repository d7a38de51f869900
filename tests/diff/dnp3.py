#!/usr/bin/env python3
"""DNP3 against two peers: every value that tshark shows of a message, and Suricata's own records.

tshark: its decode of other people's captures ($THERMOWELL_CORPUS/tshark/*.dnp3.tsv, one row a frame), and the installed tshark
over pcaps/dnp3 and pcaps/plant.  Values of a frame are compared as multisets, because tshark leaves no placeholders.
Suricata: $THERMOWELL_CORPUS/suricata/eve; each of its records must be one of ours, same names, nesting, types and values.

    dnp3.py [--tshark | --suricata] [NAME...] [-v]

A difference fails, unless known-dnp3.tsv lists it with its reason; a listed one that no longer occurs fails too.
"""
import collections
import csv
import glob
import gzip
import io
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dnp3  # noqa: E402
import known  # noqa: E402
import tw  # noqa: E402

TSHARK = os.environ.get("TSHARK", "")
IIN = ("no_func_code_support object_unknown parameter_error event_buffer_overflow already_executing config_corrupt reserved_2 "
       "reserved_1 all_stations class_1_events class_2_events class_3_events need_time local_control device_trouble "
       "device_restart").split()
FIELDS = ("dnp3.al.func dnp3.al.seq dnp3.al.fir dnp3.al.fin dnp3.al.con dnp3.al.uns dnp3.al.iin dnp3.al.obj "
          "dnp3.al.objq.prefix dnp3.al.objq.range dnp3.al.range.start dnp3.al.range.stop dnp3.al.range.quantity dnp3.al.index "
          "dnp3.al.ctrlstatus").split()
# Of link frames, compared as whole frames.
LINK = "dnp3.len dnp3.src dnp3.dst dnp3.ctl.dir dnp3.ctl.prm".split()
LINK_SOME = "dnp3.ctl.prifunc dnp3.ctl.secfunc dnp3.tr.fir dnp3.tr.fin dnp3.tr.seq".split()
CRC = {"dnp3.hdr.CRC.incorrect": "BAD_LINK_CRC", "dnp3.data_chunk.CRC.incorrect": "BAD_TRANSPORT_CRC"}
totals = collections.Counter()


# ---- tshark ----------------------------------------------------------------

def ours(rs):
    """What tshark would show of the messages of a frame: {field: Counter of numbers}."""
    out = collections.defaultdict(collections.Counter)
    for r in rs:
        a = r["dnp3"].get("application")
        if a is None:
            continue
        out["dnp3.al.func"][a["function_code"]] += 1
        out["dnp3.al.seq"][a["control"]["sequence"]] += 1
        for bit in ("fir", "fin", "con", "uns"):
            out["dnp3.al." + bit][int(a["control"][bit])] += 1
        if "iin" in r["dnp3"]:
            out["dnp3.al.iin"][sum(1 << IIN.index(w) for w in r["dnp3"]["iin"].get("indicators", []))] += 1
        for o in a.get("objects", []):
            out["dnp3.al.obj"][o["group"] << 8 | o["variation"]] += 1
            out["dnp3.al.objq.prefix"][o["prefix_code"]] += 1
            out["dnp3.al.objq.range"][o["range_code"]] += 1
            if o["range_code"] < 6:
                out["dnp3.al.range.start"][o["start"]] += 1
                out["dnp3.al.range.stop"][o["stop"]] += 1
            else:
                out["dnp3.al.range.quantity"][o["count"]] += 1
            for p in o.get("points", []):
                out["dnp3.al.index"][p["index"]] += 1
                if o["group"] in (12, 13, 41, 43):
                    out["dnp3.al.ctrlstatus"][p.get("status_code", p.get("control_status"))] += 1
    return out


def numbers(row, field):
    return [int(v, 0) for v in (row.get(field) or "").split(",") if v]


def link_frames(row):
    """The link frames of a row: (len, src, dst, dir, prm, function, control octet, fir, fin, seq); the last three are None
    without user data, the octet where the row has none."""
    rest = {f: iter(numbers(row, f)) for f in LINK_SOME}
    octets = iter(numbers(row, "dnp3.ctl"))
    for f in zip(*(numbers(row, f) for f in LINK)):
        func = next(rest["dnp3.ctl.prifunc" if f[4] else "dnp3.ctl.secfunc"], None)
        tr = [next(rest[t], None) if f[0] > 5 else None for t in LINK_SOME[2:]]
        yield (*f, func, next(octets, None), *tr)


def our_link(r, row):
    """(src, dst, dir, prm, function, control octet, frames) of a record; the octet only where the row has one."""
    d = r["dnp3"]
    c = d["control"]
    octet = sum(c[k] << i for k, i in (("dir", 7), ("pri", 6), ("fcb", 5), ("fcv", 4))) | c["function_code"]
    return (d["src"], d["dst"], int(c["dir"]), int(c["pri"]), c["function_code"], octet if row.get("dnp3.ctl") else None,
            tuple(dnp3.link_of(r)))


def compare_links(name, row, mine, open_at, diffs):
    """Frames of a row: those with user data, gathered to fragments, and the others are each one of our records."""
    want = collections.Counter()
    for f in link_frames(row):
        totals["link frames of tshark"] += 1
        *_, fir, fin, seq = f
        who = f[1:7]
        if seq is None:
            want[(*who, ((f[0], None),))] += 1
            continue
        key = (row.get("src"), row.get("sport"), row.get("dst"), row.get("dport"), f[1], f[2])
        if fir:
            open_at[key] = (who, [])
        if key not in open_at:
            continue		# its beginning is before the capture or behind a gap
        frames = open_at[key][1]
        if frames and seq not in (frames[-1][1], (frames[-1][1] + 1) % 64):
            del open_at[key]	# a segment is missing: so is the fragment
            continue
        if not frames or seq != frames[-1][1]:	# the last one once more is dropped in silence (1815 8.2.2)
            frames.append((f[0], seq))
        if fin:
            want[(*open_at[key][0], tuple(frames))] += 1
            del open_at[key]
    got = collections.Counter(our_link(r, row) for r in mine)
    for f in (want - got):
        totals["not ours"] += 1
        diffs.add(name, row["frame"], "link", f"tshark {f}, we {sorted(got)}"[:600])


def compare_tshark(name, rows, records, diffs):
    diffs.examined.add(name)
    frames, told, open_at = collections.defaultdict(list), collections.defaultdict(collections.Counter), {}
    for r in dnp3.messages(records):
        frames[r["pcap_cnt"]].append(r)
    for r in records:
        if r["event_type"] == "anomaly":
            told[r.get("pcap_cnt")][r["anomaly"].get("event")] += 1
    for row in rows:
        compare_links(name, row, frames.get(int(row["frame"]), []), open_at, diffs)
        for field, event in CRC.items():
            n = len(numbers(row, field))
            totals["bad CRCs of tshark"] += n
            if n > told[int(row["frame"])][event]:
                diffs.add(name, row["frame"], field, f"tshark {n} wrong ones, we {told[int(row['frame'])][event]}")
        if row.get("_ws.malformed"):
            totals["malformed for tshark"] += 1
            if not told[int(row["frame"])]:
                diffs.add(name, row["frame"], "malformed", "malformed for tshark, nothing is wrong for us")
        mine = ours(frames.get(int(row["frame"]), []))
        for field in FIELDS:
            theirs = collections.Counter(int(v, 0) for v in (row.get(field) or "").split(",") if v)
            totals["values of tshark"] += sum(theirs.values())
            missing = theirs - mine[field]
            if missing:
                totals["not ours"] += sum(missing.values())
                diffs.add(name, row["frame"], field, f"tshark {sorted(theirs.elements())}, we {sorted(mine[field].elements())}")
        totals["messages of tshark"] += len([v for v in row["dnp3.al.func"].split(",") if v])


def live_rows(path):
    cmd = [TSHARK, "-n", "-r", path, "-T", "fields", "-E", "header=y", "-E", "separator=/t", "-E", "occurrence=a", "-Y", "dnp3"]
    for f in ["frame.number", "_ws.malformed", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "ip.src", "ip.dst",
              *FIELDS, *LINK, *LINK_SOME, *CRC, "dnp3.ctl"]:
        cmd += ["-e", f]
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120, check=False)
    rows = list(csv.DictReader(io.StringIO(p.stdout), delimiter="\t")) if p.returncode == 0 else []
    for r in rows:
        r["frame"] = r.pop("frame.number")
        r["src"], r["dst"] = r["ip.src"], r["ip.dst"]
        r["sport"], r["dport"] = r["tcp.srcport"] or r["udp.srcport"], r["tcp.dstport"] or r["udp.dstport"]
    return rows


# ---- Suricata --------------------------------------------------------------

def differences(a, b, path=""):
    """[(class, theirs, mine)] of two JSON values."""
    if isinstance(a, dict) and isinstance(b, dict):
        out = [(f"{path}.{k} missing", a[k], None) for k in a if k not in b]
        out += [(f"{path}.{k} added", None, b[k]) for k in b if k not in a]
        for k in a:
            if k in b:
                out += differences(a[k], b[k], f"{path}.{k}")
        return out
    if isinstance(a, list) and isinstance(b, list):
        out = [(f"{path} length", len(a), len(b))] if len(a) != len(b) else []
        for x, y in zip(a, b):
            out += differences(x, y, path)
        return out
    if isinstance(a, float) or isinstance(b, float):
        same = a == b or abs(a - b) <= 1e-6 * max(1, abs(a))
    else:
        same = type(a) is type(b) and a == b
    return [] if same else [(path, a, b)]


def mended(d):
    """Suricata's record where its own layout of an object is known to be wrong, put right: the values still count."""
    for o in d.get("application", {}).get("objects", []):
        for p in o.get("points", []):
            if (o["group"], o["variation"]) == (2, 1):		# it takes the flags (1815 A.5) for a number
                flags = p.pop("state")
                for bit, name in enumerate(("online", "restart", "comm_lost", "remote_forced", "local_forced",
                                            "chatter_filter", "reserved", "state")):
                    p[name] = flags >> bit & 1
            for k in list(p):
                if k.startswith("data->"):			# names of byte fields come out as C
                    p[k[6:]] = p.pop(k)
                elif isinstance(p[k], int) and p[k] >= 1 << 63:	# and negative numbers without their sign
                    p[k] -= 1 << 64
    return d


def key(r):
    d = r["dnp3"]
    return (r["src_ip"], r.get("src_port"), r["dest_ip"], r.get("dest_port")), d["type"], d["src"], d["dst"], \
        d["application"]["control"]["sequence"], d["application"]["function_code"]


def compare_suricata(name, theirs, records, diffs):
    diffs.examined.add(name)
    mine = collections.defaultdict(list)
    for r in dnp3.messages(records):
        if "application" in r["dnp3"]:
            mine[key(r)].append(r)
    for t in theirs:
        t["dnp3"] = mended(t["dnp3"])
        totals["records of Suricata"] += 1
        candidates = mine[key(t)]
        if not candidates:
            totals["not ours"] += 1
            diffs.add(name, "*", "record", f"Suricata {json.dumps(t['dnp3'])[:200]}")
            continue
        # The oldest equal one, else the nearest.
        best, found = None, None
        for i, c in enumerate(candidates[:32]):
            d = differences(t["dnp3"], c["dnp3"])
            if best is None or len(d) < len(best):
                best, found = d, i
            if not d:
                break
        candidates.pop(found)
        totals["different"] += bool(best)
        for what in {d[0]: d for d in best}.values():
            # Headers without data whose count is not 0 (60v2 07 05): incomplete for Suricata, read to the end by us.
            if what == (".application.complete", False, True):
                totals["complete for us alone"] += 1
                continue
            diffs.add(name, "*", what[0].lstrip("."), f"Suricata {what[1]!r}, we {what[2]!r}"[:300])


def main():
    tw.need_binary()
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    diffs = known.Known("diff/known-dnp3.tsv", names)
    with_tshark, with_suricata = "--suricata" not in sys.argv, "--tshark" not in sys.argv
    if not TSHARK and not tw.CORPUS:
        tw.skip("neither tshark nor THERMOWELL_CORPUS is there")
    csv.field_size_limit(1 << 30)
    if TSHARK and with_tshark:
        for path in sorted(p for d in ("dnp3", "plant") for p in glob.glob(os.path.join(tw.SRCDIR, "pcaps", d, "*.pcap"))):
            name = os.path.basename(path)[:-5]
            if not names or name in names:
                compare_tshark(name, live_rows(path), tw.replay(os.path.relpath(path, tw.SRCDIR), types="dnp3,anomaly"), diffs)
    for path in sorted(glob.glob(os.path.join(tw.CORPUS, "*", "*.pcap*"))) if tw.CORPUS else []:
        name = os.path.basename(path)
        tsv = os.path.join(tw.CORPUS, "tshark", name + ".dnp3.tsv")
        eve = os.path.join(tw.CORPUS, "suricata", "eve", name + ".eve.jsonl.gz")
        if names and name not in names or not (os.path.exists(tsv) or os.path.exists(eve)):
            continue
        theirs = []
        if with_suricata and os.path.exists(eve):
            with gzip.open(eve, "rt") as f:
                theirs = [r for r in map(json.loads, f) if r["event_type"] == "dnp3"]
        if not theirs and not (with_tshark and os.path.exists(tsv)):
            continue
        records = tw.replay(path, types="dnp3,anomaly", timeout=300)
        if with_tshark and os.path.exists(tsv):
            with open(tsv, newline="", encoding="utf-8") as f:
                compare_tshark(name, csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE), records, diffs)
        if theirs:
            compare_suricata(name, theirs, records, diffs)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
