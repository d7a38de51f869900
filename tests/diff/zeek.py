#!/usr/bin/env python3
"""What Zeek and CISA's icsnpp-modbus made of Modbus captures, against our records.

    zeek.py [-v]

Expectations come from $THERMOWELL_CORPUS/truth: Zeek's own tests (each event, times blanked) and the logs that icsnpp-modbus
publishes beside its example.  Events are compared as multisets, log rows field by field.  Accepted differences with their
reasons are in known-zeek.tsv.
"""
import collections
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

FUNCTIONS = {
    1: "READ_COILS", 2: "READ_DISCRETE_INPUTS", 3: "READ_HOLDING_REGISTERS", 4: "READ_INPUT_REGISTERS", 5: "WRITE_SINGLE_COIL",
    6: "WRITE_SINGLE_REGISTER", 7: "READ_EXCEPTION_STATUS", 8: "DIAGNOSTICS", 15: "WRITE_MULTIPLE_COILS",
    16: "WRITE_MULTIPLE_REGISTERS", 17: "REPORT_SLAVE_ID", 20: "READ_FILE_RECORD", 21: "WRITE_FILE_RECORD",
    22: "MASK_WRITE_REGISTER", 23: "READ_WRITE_MULTIPLE_REGISTERS", 24: "READ_FIFO_QUEUE", 43: "ENCAP_INTERFACE_TRANSPORT",
}
EXCEPTIONS = {1: "ILLEGAL_FUNCTION", 2: "ILLEGAL_DATA_ADDRESS", 3: "ILLEGAL_DATA_VALUE", 4: "SLAVE_DEVICE_FAILURE"}
BASELINE = "icsnpp-modbus/baseline/analyzer.basic"


def ends(op):
    """(client, port, server, port) as Zeek names them."""
    ot = op["ot"]
    out = []
    for who in ("client", "server"):
        e = ot.get(who) or {}
        out += [e.get("ip"), e.get("port")]
    return tuple(out)


def bits(data, n=None):
    out = [b >> i & 1 for b in data for i in range(8)]
    return out if n is None else out[:n]


def sides(op):
    for which in ("request", "response"):
        if which in op["modbus"] and which in op["ot"]:
            yield which, op["modbus"][which], op["ot"][which]


# ---- Zeek's events ---------------------------------------------------------

def event_lines(op):
    """The lines that Zeek's test prints for one operation."""
    c, cp, s, sp = ends(op)
    proto = 17 if op["proto"] == "UDP" else 6
    l4 = "udp" if proto == 17 else "tcp"
    who = f"[orig_h={c}, orig_p={cp}/{l4}, resp_h={s}, resp_p={sp}/{l4}, proto={proto}, ctx=[]]"

    def tf(v):
        return "T" if v else "F"

    for which, m, ot in sides(op):
        fc = m["function_raw"]
        head = f"[tid={m['transaction_id']}, pid={m['protocol_id']}, uid={m['unit_id']}, function_code={fc}, len={ot['len'] + 1}]"
        req = which == "request"
        yield f"1 modbus_message, {who}, {head}, {tf(req)}"
        read, write = m.get("read"), m.get("write")
        if fc == 1 and read:
            tail = f"{read['address']}, {read['quantity']}" if req else \
                "[" + ", ".join(tf(b) for b in bits(tw.wire_bytes(read["data"]))) + "]"
            yield f"1 modbus_read_coils_{which}, {who}, {head}, {tail}"
        elif fc == 5 and write:
            yield f"1 modbus_write_single_coil_{which}, {who}, {head}, {write['address']}, {tf(write['data'] == 0xff00)}"
        elif fc == 15 and write:
            tail = f"{write['address']}, " + ("[" + ", ".join(tf(b) for b in bits(tw.wire_bytes(write["data"]), write["quantity"])) +
                                              "]" if req else str(write["data"]))
            yield f"1 modbus_write_multiple_coils_{which}, {who}, {head}, {tail}"


def events(name, capture, diffs):
    want = collections.Counter()
    with open(os.path.join(tw.CORPUS, "truth/zeek", name, "output"), encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                want[line.strip()] += 1
    got = collections.Counter(x for op in tw.operations(tw.replay(capture, types="modbus", timeout=300)) for x in event_lines(op))
    base = os.path.basename(capture)
    diffs.examined.add(base)
    for what, lines in (("missing", want - got), ("new", got - want)):
        for line, n in sorted(lines.items()):
            diffs.add(base, tid_of(line), what, f"{n} × {line}")
    return sum(want.values())


def tid_of(line):
    m = re.search(r"tid=(\d+)", line)
    return "tid=" + m[1] if m else "?"


# ---- logs ------------------------------------------------------------------

def log_rows(path):
    names, rows = None, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            cols = line.rstrip("\n").split("\t")
            if cols[0] == "#fields":
                names = cols[1:]
            elif not line.startswith("#"):
                rows.append(dict(zip(names, cols)) if names else cols)
    return rows


def fuzz(diffs):
    """Zeek's modbus.log of one row a PDU."""
    capture = os.path.join(tw.CORPUS, "modbus/zeek__fuzz-72.pcap")
    want = collections.Counter((r["id.orig_h"], r["id.orig_p"], r["id.resp_h"], r["id.resp_p"], r["tid"], r["unit"], r["func"],
                                r["pdu_type"], r["exception"]) for r in log_rows(os.path.join(
                                    tw.CORPUS, "truth/zeek/modbus.exception_handling/modbus.log")))
    got = collections.Counter()
    for op in tw.operations(tw.replay(capture, types="modbus")):
        for which, m, _ in sides(op):
            fc = m["function_raw"]
            exc = EXCEPTIONS.get(m["exception"]["raw"], str(m["exception"]["raw"])) if "exception" in m else "-"
            got[tuple(str(x) for x in (*ends(op), m["transaction_id"], m["unit_id"], FUNCTIONS.get(fc, f"unknown-{fc}"),
                                       "REQ" if which == "request" else "RESP", exc))] += 1
    diffs.examined.add("zeek__fuzz-72.pcap")
    for what, rows in (("missing", want - got), ("new", got - want)):
        for row, n in sorted(rows.items()):
            diffs.add("zeek__fuzz-72.pcap", row[6], what, f"{n} × {' '.join(row)}")
    return sum(want.values())


def detailed(op):
    """What modbus_detailed.log says of one operation, told from our record; a value of None: it has no say."""
    m, ot = op["modbus"], op["ot"]
    req, rsp = m.get("request", {}), m.get("response", {})
    any_ = req or rsp
    fc = any_["function_raw"] & 0x7f
    out = {"tid": any_["transaction_id"], "unit": any_["unit_id"], "func": FUNCTIONS.get(fc, fc)}
    read, write = req.get("read", {}), req.get("write", {})
    part = write if fc in (5, 6, 15, 16, 22) else read
    if fc != 23:
        out["address"] = part.get("address")
        out["quantity"] = 1 if fc in (5, 6) else part.get("quantity")
    if fc == 24:
        out["address"] = int.from_bytes(tw.wire_bytes(req.get("data", "")), "big")
        out["quantity"] = tw.named(ot.get("response", {}).get("fields")).get("fifo_count", [None])[0]
    if fc in (20, 21):
        out["quantity"] = sum(i["count"] for i in ot.get("items", []))

    def values(written):
        v = [x for i in ot.get("items", []) if bool(i["written"]) == written for x in i.get("values", [])]
        return ",".join(str(x) for x in v) if v else None

    if fc in (1, 2, 3, 4, 5, 6, 15, 16):
        out["request_values"], out["response_values"] = values(True), values(False)
        if fc in (5, 6):
            w = rsp.get("write", {}).get("data")
            out["response_values"] = None if w is None else str(int(w == 0xff00) if fc == 5 else w)
    if fc in (1, 2) and "read" in rsp:
        # The bits that fill the last byte.
        left = bits(tw.wire_bytes(rsp["read"]["data"]))[read.get("quantity", 0):]
        out["response_data"] = ",".join(str(b) for b in left) or None
    if fc == 8:
        name = ot.get("subname")
        out["request_subfunction_code"] = out["response_subfunction_code"] = name
        for side, d in (("request", req), ("response", rsp)):
            data = tw.wire_bytes(d.get("diagnostic", {}).get("data", ""))
            out[side + "_data"] = "".join(f"\\x{b:02x}" for b in data) or None
    if "exception" in rsp:
        out["exception_code"] = EXCEPTIONS.get(rsp["exception"]["raw"])
    if fc == 43:
        out["mei_type"] = ot.get("subname")
    return out


def icsnpp(diffs):
    """Four logs of icsnpp-modbus, one capture."""
    name = "icsnpp-modbus__modbus_example.pcap"
    ops = tw.operations(tw.replay(os.path.join(tw.CORPUS, "modbus", name), types="modbus"))
    base = os.path.join(tw.CORPUS, "truth", BASELINE)
    diffs.examined.add(name)
    n = 0
    mine = collections.defaultdict(list)
    for op in ops:
        d = detailed(op)
        mine[(*[str(x) for x in ends(op)], str(d["tid"]), str(d["func"]))].append((op, d))

    def find(r):
        return mine.get((r["id.orig_h"], r["id.orig_p"], r["id.resp_h"], r["id.resp_p"], r["tid"], r["func"]), [])

    rows = log_rows(os.path.join(base, "modbus_detailed.log"))
    for r in rows:
        found = find(r)
        if not found:
            diffs.add(name, "tid=" + r["tid"], "missing", f"{r['func']}: no operation of ours")
            continue
        _, d = found[0]
        for field in ("unit", "address", "quantity", "request_values", "response_values", "request_subfunction_code",
                      "response_subfunction_code", "request_data", "response_data", "exception_code", "mei_type"):
            if r[field] == "-":
                continue
            n += 1
            if str(d.get(field)) != r[field]:
                diffs.add(name, "tid=" + r["tid"], field, f"icsnpp {r[field]!r}, we have {d.get(field)!r}")
    have = {(r["tid"], r["func"], r["id.orig_h"]) for r in rows}
    for key in mine:
        if (key[4], key[5], key[0]) not in have:
            diffs.add(name, "tid=" + key[4], "new", f"{key[5]}: not in modbus_detailed.log")

    for r in log_rows(os.path.join(base, "modbus_mask_write_register.log")):
        for op, _ in find(r)[:1]:
            w = op["modbus"]["request" if r["request_response"] == "REQUEST" else "response"]["write"]
            for field in ("address", "and_mask", "or_mask"):
                n += 1
                if str(w[field]) != r[field]:
                    diffs.add(name, "tid=" + r["tid"], field, f"icsnpp {r[field]}, we have {w[field]}")
    for r in log_rows(os.path.join(base, "modbus_read_write_multiple_registers.log")):
        for op, _ in find(r)[:1]:
            items = {bool(i["written"]): i for i in op["ot"]["items"]}
            got = {"write_start_address": items[True]["first"], "write_registers": items[True].get("values"),
                   "read_start_address": items[False]["first"], "read_quantity": items[False]["count"],
                   "read_registers": items[False].get("values")}
            for field, v in got.items():
                if r[field] == "-":
                    continue
                n += 1
                text = ",".join(str(x) for x in v) if isinstance(v, list) else str(v)
                if text != r[field]:
                    diffs.add(name, "tid=" + r["tid"], field, f"icsnpp {r[field]}, we have {text}")

    # modbus.log: connection, function, exception, one row an operation.
    want = collections.Counter()
    for cols in log_rows(os.path.join(base, "modbus.log")):
        want[tuple(cols[2:8])] += 1
    got = collections.Counter()
    for op in ops:
        m = op["modbus"]
        fc = (m.get("request") or m["response"])["function_raw"] & 0x7f
        exc = m.get("response", {}).get("exception")
        got[(*[str(x) for x in ends(op)], FUNCTIONS[fc] + ("_EXCEPTION" if exc else ""),
             EXCEPTIONS[exc["raw"]] if exc else "-")] += 1
    n += sum(want.values())
    for what, lines in (("missing", want - got), ("new", got - want)):
        for line, k in sorted(lines.items()):
            diffs.add(name, "modbus.log", what, f"{k} × {' '.join(line)}")
    return n


def main():
    tw.need_binary()
    tw.need_corpus()
    diffs = known.Known("diff/known-zeek.tsv")
    n = sum((events("modbus.coil_parsing_big", os.path.join(tw.CORPUS, "modbus/zeek__modbusBig.pcap"), diffs),
             events("modbus.coil_parsing_small", os.path.join(tw.CORPUS, "modbus/zeek__modbusSmall.pcap"), diffs)))
    rows = fuzz(diffs)
    fields = icsnpp(diffs)
    bad = diffs.report("-v" in sys.argv)
    print(f"{n} events of Zeek, {rows} rows of its modbus.log, {fields} fields and rows of icsnpp-modbus compared")
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
