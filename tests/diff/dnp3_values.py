#!/usr/bin/env python3
"""DNP3 against the installed tshark: what every point, file and control block of a message holds.

    dnp3_values.py [NAME...] [-v]

Over pcaps/dnp3 and $THERMOWELL_CORPUS/dnp3.  Values of a frame are compared as multisets, field by field: quality bit by
bit, states, counts, analogs, times, control blocks, files, attributes, strings.  Accepted differences: known-dnp3-values.tsv.
"""
import collections
import csv
import datetime
import glob
import io
import os
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dnp3  # noqa: E402
import known  # noqa: E402
import tw  # noqa: E402

TSHARK = os.environ.get("TSHARK", "")
QUALITY = {1: "biq", 2: "biq", 3: "biq", 4: "biq", 10: "boq", 11: "boq", 20: "ctrq", 21: "ctrq", 22: "ctrq", 23: "ctrq", 30: "aiq", 31: "aiq", 32: "aiq",
           33: "aiq", 40: "aoq", 42: "aoq"}
QUALITY_FIELDS = [f"dnp3.al.{q}.b{i}" for q in ("biq", "boq", "ctrq", "aiq", "aoq") for i in range(8)]
FILE = {"file_size": "size", "maximum_block_size": "maxblock", "request_id": "reqID", "authentication_key": "auth",
        "operational_mode": "mode", "status_code": "status", "file_handle": "handle", "permissions": "perms"}
PERMS = [f"{what}_{who}" for who in ("world", "group", "owner") for what in ("exec", "write", "read")]
FIELDS = (["dnp3.al." + f for f in (
    "point_index size bit 2bit bocs ana.int ana.float ana.double anaout.int anaout.float anaout.double cnt timestamp reltimestamp "
    "time_delay count on_time off_time ctrlstatus file_string_offset file_string_length file_name octet_string datatype da.length "
    "da.uint8 da.uint16 da.uint32 da.int8 da.int16 da.int32 da.float da.double file.blocknum file.lastblock file.data").split()] +
    ["dnp3.al.file." + v for v in FILE.values()] + ["dnp3.al.file.perms." + p for p in PERMS] +
    ["dnp3.ctl.op", "dnp3.ctl.clr", "dnp3.ctl.trip"] + QUALITY_FIELDS)
REAL = {f for f in FIELDS if f.endswith(("float", "double"))}
TIME = {"dnp3.al.timestamp"}
BYTES = {"dnp3.al.octet_string", "dnp3.al.file.data"}
TEXT = {"dnp3.al.file_name"}
totals = collections.Counter()


def f32(v):
    return struct.unpack("<f", struct.pack("<f", v))[0]


def real(v, single):
    return f"{f32(v) if single else v:.5g}"


def flags(o, p):
    """Quality and state, bit by bit."""
    q = QUALITY.get(o["group"])
    names = [k for k in p if k not in ("prefix", "index")]
    if q and p.keys() & {"online"}:
        for i, k in enumerate(names[:8]):
            yield f"dnp3.al.{q}.b{i}", p[k] & 1
        if o["group"] in (3, 4):		# a state of two bits
            yield "dnp3.al.biq.b7", p["state"] >> 1


def value(o, p):
    g = o["group"]
    if "state" in p and "online" not in p:
        yield ("dnp3.al.2bit" if g == 3 else "dnp3.al.bit"), p["state"]
    if "point" in p:
        yield "dnp3.al.bit", p["point"]
    if g in (3, 4) and "online" in p:
        yield "dnp3.al.2bit", p["state"]
    if g in (20, 21, 22, 23):
        yield "dnp3.al.cnt", p["count"]
    v = p.get("value", p.get("commanded_value", p.get("deadband_value")))
    if g in (30, 31, 32, 33, 34, 40, 41, 42, 43) and v is not None:
        name = "ana" if g < 40 else "anaout"
        if isinstance(v, float) or v_is_real(o):
            double = (g, o["variation"]) in DOUBLES
            yield f"dnp3.al.{name}.{'double' if double else 'float'}", real(v, not double)
        else:
            if g == 34:		# it shows dead-bands with a sign, they have none
                bits = 16 * o["variation"]
                v -= (v >> bits - 1) << bits
            yield f"dnp3.al.{name}.int", v


DOUBLES = {(30, 6), (31, 8), (32, 6), (32, 8), (33, 6), (33, 8), (40, 4), (41, 4), (42, 6), (42, 8), (43, 6), (43, 8)}
SINGLES = {(30, 5), (31, 7), (32, 5), (32, 7), (33, 5), (33, 7), (34, 3), (40, 3), (41, 3), (42, 5), (42, 7), (43, 5), (43, 7)}


def v_is_real(o):
    return (o["group"], o["variation"]) in DOUBLES | SINGLES


def files(o, p):
    v = o["variation"]
    for k, theirs in FILE.items():
        if k in p:
            yield "dnp3.al.file." + theirs, p[k]
    if "permissions" in p:
        for i, w in enumerate(PERMS):
            yield "dnp3.al.file.perms." + w, p["permissions"] >> i & 1
    for k in ("filename_offset", "username_offset", "password_offset"):
        if k in p:
            yield "dnp3.al.file_string_offset", p[k]
            yield "dnp3.al.file_string_length", p[k.replace("offset", "size")]
    for k in ("filename", "file_specification"):
        if k in p:
            yield "dnp3.al.file_name", p[k]
    if "block_number" in p:
        yield "dnp3.al.file.blocknum", p["block_number"] & 0x7fffffff
        yield "dnp3.al.file.lastblock", p["block_number"] >> 31
    if v == 5:
        yield "dnp3.al.file.data", tw.wire_bytes(p["file_data"]).hex()
    if "created" in p or "created_timestamp" in p:
        yield "dnp3.al.timestamp", p.get("created", p.get("created_timestamp"))


def attribute(p):
    kind, n, v = p["data_type"], p["length"], p["value"]
    yield "dnp3.al.datatype", kind
    yield "dnp3.al.da.length", n
    if kind in (2, 3) and not isinstance(v, str):
        yield f"dnp3.al.da.{'uint' if kind == 2 else 'int'}{8 * n}", v
    if kind == 4 and not isinstance(v, str):
        yield f"dnp3.al.da.{'float' if n == 4 else 'double'}", real(v, n == 4)


def point(o, p, cto):
    """(field, value) of all that tshark would show of a point."""
    g = o["group"]
    yield "dnp3.al.point_index", p["index"]
    if "size" in p:
        yield "dnp3.al.size", p["size"]
    yield from flags(o, p)
    yield from value(o, p)
    if g == 12 and "tcc" in p:
        yield from (("dnp3.ctl.op", p["op_type"]), ("dnp3.ctl.clr", p["cr"] << 1 | p["qu"]), ("dnp3.ctl.trip", p["tcc"]),
                    ("dnp3.al.count", p["count"]), ("dnp3.al.on_time", p["ontime"]), ("dnp3.al.off_time", p["offtime"]))
    if g in (12, 13, 41, 43):
        yield "dnp3.al.ctrlstatus", p.get("status_code", p.get("control_status"))
    if "commanded_state" in p:
        yield "dnp3.al.bocs", p["commanded_state"]
    if (g, o["variation"]) in ((2, 3), (4, 3)):
        ms = p.get("timestamp", p.get("relative_time_ms"))
        yield "dnp3.al.reltimestamp", round(ms / 1000, 3)
        if cto is not None:
            yield "dnp3.al.timestamp", cto + ms
    elif "timestamp" in p:
        yield "dnp3.al.timestamp", p["timestamp"]
    for k in ("delay_secs", "delay_ms"):
        if k in p:
            yield "dnp3.al.time_delay", p[k]
    if g == 70:
        yield from files(o, p)
    if g == 0 and "data_type" in p:
        yield from attribute(p)
    if 110 <= g <= 113 and "value" in p:
        yield "dnp3.al.octet_string", tw.wire_bytes(p["value"]).hex()


def ours(rs):
    out = collections.defaultdict(collections.Counter)
    for r in rs:
        cto = None
        for o in r["dnp3"].get("application", {}).get("objects", []):
            for p in o.get("points", []):
                if o["group"] == 51:
                    cto = p["timestamp"]
                for field, v in point(o, p, cto):
                    out[field][v] += 1
    return out


def stamp(text):
    """Milliseconds since 1970 of an absolute time as tshark writes it."""
    m = re.match(r"(\w+ +\d+, \d+ \d+:\d+:\d+)\.(\d+)", text)
    t = datetime.datetime.strptime(m[1], "%b %d, %Y %H:%M:%S") - datetime.datetime(1970, 1, 1)
    return (t.days * 86400 + t.seconds) * 1000 + int(m[2][:3])


def theirs(row, field):
    for v in (row.get(field) or "").split("|"):
        if not v:
            continue
        if field in REAL:
            yield real(float(v), field.endswith("float"))
        elif field in TIME:
            yield stamp(v)
        elif field in BYTES:
            yield v.replace(":", "")
        elif field in TEXT:
            yield v
        elif field == "dnp3.al.reltimestamp":
            yield round(float(v), 3)
        else:
            yield int(v, 0)


def rows(path):
    cmd = [TSHARK, "-n", "-r", path, "-T", "fields", "-E", "header=y", "-E", "separator=/t", "-E", "occurrence=a", "-E",
           "aggregator=|", "-Y", "dnp3.al.obj", "-e", "frame.number"]
    for f in FIELDS:
        cmd += ["-e", f]
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False, env=dict(os.environ, TZ="UTC"))
    if p.returncode != 0:
        sys.exit(f"tshark: {p.stderr.decode(errors='replace')[-500:]}")
    return csv.DictReader(io.StringIO(p.stdout.decode(errors="replace")), delimiter="\t", quoting=csv.QUOTE_NONE)


def compare(name, path, shown, diffs):
    diffs.examined.add(name)
    frames = collections.defaultdict(list)
    for r in dnp3.messages(tw.replay(shown, types="dnp3", timeout=300)):
        frames[r["pcap_cnt"]].append(r)
    totals["captures"] += 1
    for row in rows(path):
        n = int(row["frame.number"])
        mine = ours(frames.get(n, []))
        for field in FIELDS:
            want = collections.Counter(theirs(row, field))
            totals["values"] += sum(want.values())
            missing = want - mine[field]
            if missing:
                totals["not ours"] += sum(missing.values())
                diffs.add(name, n, field, f"tshark {sorted(missing.elements(), key=str)[:12]}, we have besides "
                          f"{sorted((mine[field] - want).elements(), key=str)[:12]}")


def main():
    tw.need_binary()
    if not TSHARK:
        tw.skip("tshark is not there")
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    diffs = known.Known("diff/known-dnp3-values.tsv", names)
    csv.field_size_limit(1 << 30)
    for path in sorted(glob.glob(os.path.join(tw.SRCDIR, "pcaps", "dnp3", "*.pcap"))):
        name = os.path.basename(path)[:-5]
        if not names or name in names:
            compare(name, path, os.path.relpath(path, tw.SRCDIR), diffs)
    for path in sorted(glob.glob(os.path.join(tw.CORPUS, "dnp3", "*.pcap*"))) if tw.CORPUS else []:
        name = os.path.basename(path)
        if not names or name in names:
            compare(name, path, path, diffs)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
