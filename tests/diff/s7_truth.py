"""What was published beside the S7 captures: logs of the ICSNPP parser for Zeek, console of the client that made one.

Each row must be one of our messages: theirs are multisets, because times are blanked.
"""
import collections
import csv
import os
import re

import tw

CAPTURE = "icsnpp-s7comm__snap7.pcap"
LOGS = os.path.join("truth", "icsnpp-s7comm", "baseline", "analyzer.snap7")
CONSOLE = os.path.join("truth", "gymgit", "snap7_s300_events.txt")
ROSCTR = {1: "Job-Request", 2: "ACK", 3: "ACK-Data", 7: "User-Data"}
BLOCKS = {"SDB": "System Data Block", "OB": "Organization Block", "DB": "Data Block"}


def of(corpus, name):
    """The comparison for a capture, or None."""
    if name != CAPTURE or not os.path.isdir(os.path.join(corpus, LOGS)):
        return None
    return lambda *args: compare(corpus, *args)


def rows(path):
    with open(path, encoding="utf-8") as f:
        lines = [x.rstrip("\n") for x in f]
    fields = next(x for x in lines if x.startswith("#fields")).split("\t")[1:]
    return list(csv.DictReader((x for x in lines if x and x[0] != "#"), fieldnames=fields, delimiter="\t", quoting=csv.QUOTE_NONE))


def messages(records):
    """(which, message, operation) of every PDU, those of joined answers too."""
    for r in records:
        s7 = r.get("s7comm", {})
        if s7.get("protocol") != "s7comm":
            continue
        for which in ("request", "response"):
            if which in s7:
                yield which, s7[which], r
        for part in s7.get("parts", []):
            which = "response" if "response" in part else "request"
            yield which, part[which], r


def swapped(v):
    return v >> 8 | (v & 0xff) << 8


def as_code(v, width=2):
    return f"0x{v:0{width}x}"


def s7comm_log(which, m, _):
    """A row of s7comm.log; their references are little-endian."""
    code, sub, error = "-", "-", ("-", "-")
    if "function" in m:
        code = as_code(m["function"])
        sub = m.get("service", "-") if m["function"] == 0x28 else "-"
    elif "method" in m:
        code, sub = as_code(m["type"] << 4 | m["function_group"]), as_code(m["subfunction"])
    if which == "response":
        value = m.get("parameter_error", m.get("error_class", 0) << 8 | m.get("error_code", 0))
        error = ("No error", "0x00") if value == 0 else ("Parameter Error" if "method" in m else "", as_code(value))
    return "TF"[which == "response"], ROSCTR[m["rosctr"]], swapped(m["pdu_reference"]), code, sub, *error


def read_szl_log(which, m, r):
    if "szl" not in m:
        return None
    return "TF"[which == "response"], swapped(m["pdu_reference"]), as_code(m["szl"]["id"], 4), as_code(m["szl"]["index"], 4), \
        as_code(m["return_code"])


def upload_log(which, m, _):
    b = m.get("block", {})
    if "function" not in m or not 0x1a <= m["function"] <= 0x1f:
        return None
    length = b.get("load_memory_length") if m["function"] == 0x1d else b.get("data_length")
    return "TF"[which == "response"], swapped(m["pdu_reference"]), m["function_name"].title(), \
        as_code(b["function_status"]) if "function_status" in b else "-", str(b.get("session", "-")), \
        str(length) if length is not None and which == "response" else "-", b.get("filename", "-"), \
        BLOCKS.get(b.get("type") if "filename" in b else None, "-"), b.get("number", "-") if "filename" in b else "-", \
        b.get("filesystem", "-").capitalize() if "filename" in b else "-"


THEIRS = {
    "s7comm.log": (s7comm_log, lambda r: (r["is_orig"], r["rosctr_name"], int(r["pdu_reference"]), r["function_code"],
                                          r["subfunction_code"], r["error_class"], r["error_code"])),
    "s7comm_read_szl.log": (read_szl_log, lambda r: (r["is_orig"], int(r["pdu_reference"]), r["szl_id"], r["szl_index"],
                                                     r["return_code"])),
    "s7comm_upload_download.log": (upload_log, lambda r: (
        r["is_orig"], int(r["pdu_reference"]), r["function_name"], r["function_status"], r["session_id"], r["blocklength"],
        r["filename"], r["block_type"], r["block_number"], r["destination_filesystem"])),
}


def compare_logs(folder, records, diffs, totals):
    mine = list(messages(records))
    for log, (ours, theirs) in THEIRS.items():
        have = collections.Counter(x for x in (ours(*m) for m in mine) if x is not None)
        want = collections.Counter(theirs(r) for r in rows(os.path.join(folder, log)))
        totals["rows of ICSNPP"] += sum(want.values())
        for row, n in (want - have).items():
            near = [x for x in have if x[:3] == row[:3]]
            for _ in range(n):
                diffs.add(CAPTURE, "*", log, f"{row}, we have {near}")
    directions = collections.Counter("TF"[which == "response"] for which, _, _ in mine)
    want = collections.Counter(r["is_orig"] for r in rows(os.path.join(folder, "cotp.log")))
    totals["rows of ICSNPP"] += sum(want.values())
    if want != directions:
        diffs.add(CAPTURE, "*", "cotp.log", f"data TPDUs {dict(want)}, our PDUs {dict(directions)}")


# ---- the client's console --------------------------------------------------

def sections(text):
    """[(title, lines)]."""
    out = []
    for chunk in re.split(r"\+-+\n\| ", text)[1:]:
        lines = chunk.splitlines()
        if lines[0].startswith(("Result", "ERROR", "Performed")):
            out[-1][1].extend(lines)
        else:
            out.append((lines[0].strip(), lines[1:]))
    return out


def fields_of(records, name):
    out = []
    for r in records:
        for which in ("request", "response"):
            out += tw.named(r.get("ot", {}).get(which, {}).get("fields")).get(name, [])
    return out


def values_of(records, address):
    return [i.get("values") for r in records for i in r.get("ot", {}).get("items", []) if i.get("address") == address
            and not i.get("written")]


def compare_console(path, records, diffs, totals):
    """What the client printed, against what the records say the controller told it."""
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    said = dict(re.findall(r"^  (.+?) *: (.+?)\s*$", text, re.M))
    identity = {}
    for r in records:
        for k, v in tw.named(r.get("ot", {}).get("identity")).items():
            identity.setdefault(k, []).extend(v)
    names = {"Order Code": "product_code", "Module Type Name": "model", "Serial Number": "serial", "AS Name": "station_name",
             "Module Name": "module_name"}
    checks = [(k, said[k], identity.get(mine, [])) for k, mine in names.items() if k in said]
    numbers = {"Max PDU Length": "max_pdu_size", "Max Connections": "max_connections", "Max MPI Rate": "mpi_bits_per_s",
               "Max Bus Rate": "bus_bits_per_s"}
    checks += [(k, int(said[k].split()[0]), fields_of(records, mine)) for k, mine in numbers.items() if k in said]
    if "PDU Negotiated" in said:
        checks.append(("PDU Negotiated", int(said["PDU Negotiated"].split()[0]), fields_of(records, "pdu_size")))
    counts = dict(zip(fields_of(records, "block_type"), fields_of(records, "block_count")))
    checks += [(k, int(said[k]), [counts.get(k[:-5])]) for k in said if k.endswith("Count")]
    checks.append(("CPU Status", "RUN", fields_of(records, "mode")))
    checks.append(("N_DR", int(said["N_DR"]), fields_of(records, "records")))
    checks.append(("LENTHDR", int(said["LENTHDR"]), fields_of(records, "record_length")))
    totals["values of the console"] += len(checks)
    for what, want, have in checks:
        if want not in have:
            diffs.add(CAPTURE, "*", "console", f"{what}: {want!r}, we have {have}")


def compare(corpus, name, records, diffs, totals):
    diffs.examined.add(name)
    compare_logs(os.path.join(corpus, LOGS), records, diffs, totals)
    path = os.path.join(corpus, CONSOLE)
    if os.path.exists(path):
        compare_console(path, records, diffs, totals)
