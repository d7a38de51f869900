#!/usr/bin/env python3
"""Every Modbus PDU that tshark decodes must be in our records, each field that it shows with the same value.

Two sources: tshark's decode of other people's captures ($THERMOWELL_CORPUS/tshark/*.modbus.tsv, one row a frame) and the
installed tshark run over our own captures in pcaps/.  A PDU is found by the frame that completes it.

    tshark.py [--live | --corpus] [NAME...] [-v]

A difference fails, unless known-tshark.tsv lists it with its reason; a listed one that no longer occurs fails too.
"""
import collections
import csv
import glob
import io
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

TSHARK = os.environ.get("TSHARK", "")
FIELDS = ("mbtcp.trans_id", "mbtcp.prot_id", "mbtcp.len", "mbtcp.unit_id", "modbus.func_code", "modbus.exception_code",
          "modbus.reference_num", "modbus.read_reference_num", "modbus.write_reference_num", "modbus.bit_cnt", "modbus.word_cnt",
          "modbus.read_word_cnt", "modbus.write_word_cnt", "modbus.byte_cnt", "modbus.diagnostic_code", "modbus.mei",
          "modbus.and_mask", "modbus.or_mask", "modbus.data", "modbus.regval_uint16")
LIVE_FIELDS = FIELDS + ("mbrtu.unit_id",)

# Ports of our own captures that tshark cannot know.
DECODE_AS = {
    "odd-port": ("tcp.port==20502,mbtcp",),
    "odd-ports": tuple(f"tcp.port=={p},mbtcp" for p in (5020, 1024, 44817, 65000, 60123)),
    "udp-crafted": ("udp.port==10502,mbudp", "udp.port==502,mbudp"),
    "udp": ("udp.port==502,mbudp",),
    "rtu-over-tcp": ("tcp.port==4001,mbrtu",),
    "rtu-crafted": ("tcp.port==4001,mbrtu",),
}


# ---- our side --------------------------------------------------------------

def hexed(text):
    return tw.wire_bytes(text).hex()


def ours(op, which):
    """What tshark would show of one side of an operation, told from our record alone: {field: [values]}."""
    m, ot = op["modbus"][which], op["ot"]
    s = ot[which]
    request = which == "request"
    fields = {k: v[0] for k, v in tw.named(s.get("fields")).items()}
    fc = m["function_raw"] & 0x7f
    out = collections.defaultdict(list)

    def put(name, *values):
        out["modbus." + name] += [str(v) for v in values]

    if ot["framing"] in ("tcp", "udp"):
        out["mbtcp.trans_id"] = [str(m["transaction_id"])]
        out["mbtcp.prot_id"] = [str(m["protocol_id"])]
        out["mbtcp.len"] = [str(fields.get("mbap_length", s["len"] + 1))]
        out["mbtcp.unit_id"] = [str(m["unit_id"])]
    else:
        out["mbrtu.unit_id"] = [str(m["unit_id"])]
    put("func_code", fc)
    if "exception" in m:
        put("exception_code", m["exception"]["raw"])
        return out
    items = [i for i in ot.get("items", []) if "values" in i and bool(i["written"]) == request]
    words = [v for i in items if i["space"] in ("holding", "input", "fifo", "file") for v in i["values"]]
    counted = fields.get("byte_count")
    read, write = m.get("read", {}), m.get("write", {})
    if fc in (1, 2, 3, 4):
        if request and read:
            put("reference_num", read["address"])
            put("bit_cnt" if fc < 3 else "word_cnt", read["quantity"])
        elif not request:
            put("byte_cnt", s["len"] - 2 if counted is None else counted)
            put("regval_uint16", *words)
    elif fc in (5, 6) and write:
        put("reference_num", write["address"])
        put("data", f"{write['data']:04x}")
    elif fc in (15, 16) and write:
        put("reference_num", write["address"])
        put("bit_cnt" if fc == 15 else "word_cnt", write["quantity" if request else "data"])
        if request:
            put("byte_cnt", s["len"] - 6 if counted is None else counted)
            if fc == 15:
                put("data", hexed(write["data"]))
            else:
                put("regval_uint16", *words)
    elif fc == 22 and write:
        put("reference_num", write["address"])
        put("and_mask", f"0x{write['and_mask']:04x}")
        put("or_mask", f"0x{write['or_mask']:04x}")
    elif fc == 23:
        if request and read and write:
            put("read_reference_num", read["address"])
            put("read_word_cnt", read["quantity"])
            put("write_reference_num", write["address"])
            put("write_word_cnt", write["quantity"])
            put("byte_cnt", s["len"] - 10 if counted is None else counted)
            put("data", hexed(write["data"]))
        elif not request:
            put("byte_cnt", s["len"] - 2 if counted is None else counted)
            put("data", hexed(read["data"]) if read else "")
    elif fc == 24:
        if request:
            put("reference_num", int(hexed(m.get("data", ""))[:4] or "-1", 16))
        else:
            put("byte_cnt", counted)
            put("word_cnt", fields.get("fifo_count", "?"))
            put("data", hexed(m.get("data", ""))[8:])
    elif fc in (20, 21):
        put("byte_cnt", s["len"] - 2 if counted is None else counted)
        put("data", hexed(m.get("data", "")))
        for i in ot.get("items", []):
            put("word_cnt", i["count"])
            if fc == 20 and not request:	# each group of an answer has a length byte: type and values
                put("byte_cnt", 1 + 2 * i["count"])
    elif fc == 8 and "diagnostic" in m:
        put("diagnostic_code", m["diagnostic"]["raw"])
        put("data", hexed(m["diagnostic"].get("data", "")))
    elif fc == 43 and "mei" in m:
        put("mei", m["mei"]["raw"])
        put("data", f"{m['mei']['raw']:02x}" + hexed(m["mei"].get("data", "")))
    elif fc == 17 and not request:
        put("byte_cnt", s["len"] - 2 if counted is None else counted)
        put("data", hexed(m.get("data", "")))
    elif fc == 12 and not request:
        put("byte_cnt", s["len"] - 2 if counted is None else counted)
    else:
        put("data", hexed(m.get("data", "")))
    return out


def by_frame(records):
    out = collections.defaultdict(list)
    for op in tw.operations(records):
        for which in ("request", "response"):
            if which in op["modbus"] and which in op["ot"]:
                out[op["ot"][which]["frame"]].append(ours(op, which))
    return out


# ---- comparing -------------------------------------------------------------

class Totals:
    pdus = fields = missing = different = extra = 0


def same(field, theirs, mine):
    """Raw bytes that tshark shows of a body are a part of the bytes that we keep of it."""
    return theirs == mine or (field == "modbus.data" and (theirs == "<MISSING>" or theirs in mine))


def compare(name, rows, records, diffs, t):
    """Each value that tshark shows in a frame is one of ours in that frame; as many PDUs."""
    diffs.examined.add(name)
    frames = by_frame(records)
    seen = set()
    for row in rows:
        n = int(row["frame"])
        seen.add(n)
        mine = frames.get(n, [])
        codes = [c for c in row["modbus.func_code"].split(",") if c]
        t.pdus += len(codes)
        if len(mine) < len(codes):
            t.missing += len(codes) - len(mine)
            diffs.add(name, n, "pdu", f"tshark has {len(codes)} ({row['modbus.func_code']}), we have {len(mine)}")
        elif len(mine) > len(codes):
            t.extra += len(mine) - len(codes)
        for field in row:
            if field not in LIVE_FIELDS or not row[field] or not mine:
                continue
            left = [v for pdu in mine for v in pdu.get(field, [])]
            for v in row[field].split(","):
                t.fields += 1
                hit = next((x for x in left if same(field, v, x)), None)
                if hit is not None:
                    if field != "modbus.data":	# the groups of a file record are several parts of one body
                        left.remove(hit)
                elif field == "modbus.data" and v == "<MISSING>":
                    pass
                else:
                    t.different += 1
                    diffs.add(name, n, field, f"tshark {v!r}, we have {[x for p in mine for x in p.get(field, [])]}")
    t.extra += sum(len(v) for k, v in frames.items() if k not in seen)


def live_rows(name, path):
    cmd = [TSHARK, "-n", "-r", path, "-T", "fields", "-E", "header=y", "-E", "separator=/t", "-E", "occurrence=a",
           "-Y", "mbtcp || mbudp || mbrtu"]
    for d in DECODE_AS.get(name, ()):
        cmd += ["-d", d]
    for f in ("frame.number",) + LIVE_FIELDS:
        cmd += ["-e", f]
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120, check=False)
    if p.returncode != 0:
        return None
    rows = list(csv.DictReader(io.StringIO(p.stdout), delimiter="\t"))
    for r in rows:
        r["frame"] = r.pop("frame.number")
    return [r for r in rows if r["modbus.func_code"]]


def corpus_pairs(corpus):
    where = {}
    for path in glob.glob(os.path.join(corpus, "*", "*.pcap*")):
        where[os.path.basename(path)] = path
    for tsv in sorted(glob.glob(os.path.join(corpus, "tshark", "*.modbus.tsv"))):
        name = os.path.basename(tsv)[:-len(".modbus.tsv")]
        if name in where:
            yield name, where[name], tsv


def main():
    tw.need_binary()
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    live, corpus = "--corpus" not in sys.argv, "--live" not in sys.argv
    if not TSHARK:
        live = False
    if not tw.CORPUS:
        corpus = False
    if not live and not corpus:
        tw.skip("neither tshark nor THERMOWELL_CORPUS is there")
    diffs = known.Known("diff/known-tshark.tsv", args)
    parts = []
    if live:
        t = Totals()
        files = sorted(glob.glob(os.path.join(tw.SRCDIR, "pcaps", "*", "*.pcap")))
        for path in files:
            name = os.path.basename(path)[:-5]
            if args and name not in args:
                continue
            rows = live_rows(name, path)
            if rows:
                compare(name, rows, tw.replay(os.path.relpath(path, tw.SRCDIR), types="modbus"), diffs, t)
        parts.append(("our captures", t))
    if corpus:
        t = Totals()
        for name, path, tsv in corpus_pairs(tw.CORPUS):
            if args and name not in args:
                continue
            with open(tsv, newline="") as f:
                rows = list(csv.DictReader(f, delimiter="\t"))
            compare(name, rows, tw.replay(path, types="modbus", timeout=300), diffs, t)
        parts.append(("others' captures", t))
    bad = diffs.report("-v" in sys.argv)
    for what, t in parts:
        print(f"{what}: {t.pdus} PDUs and {t.fields} fields compared; {t.missing} PDUs missing, {t.different} values different; "
              f"{t.extra} PDUs that only we have")
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
