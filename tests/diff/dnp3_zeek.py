#!/usr/bin/env python3
"""DNP3 against Zeek and CISA's icsnpp-dnp3: their events and logs as multisets of ours.

    dnp3_zeek.py [-v]

Expectations: $THERMOWELL_CORPUS/truth/zeek/dnp3.* (events and dnp3.log of Zeek's own tests) and truth/icsnpp-dnp3 (its logs of
control blocks and objects).  Accepted differences with their reasons: known-dnp3-zeek.tsv.
"""
import collections
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dnp3  # noqa: E402
import known  # noqa: E402
import tw  # noqa: E402

EVENTS = {"dnp3_link_only": "zeek__dnp3_link_only.pcap", "dnp3_read": "zeek__dnp3_read.pcap", "dnp3_rec_time": "zeek__dnp3_rec_time.pcap",
          "dnp3_udp_en_spon": "zeek__dnp3_udp_en_spon.pcap", "dnp3_udp_read": "zeek__dnp3_udp_read.pcap", "events": "zeek__dnp3.pcap"}
FUNCTIONS = {0: "CONFIRM", 1: "READ", 2: "WRITE", 3: "SELECT", 4: "OPERATE", 5: "DIRECT_OPERATE", 6: "DIRECT_OPERATE_NR", 13: "COLD_RESTART",
             14: "WARM_RESTART", 20: "ENABLE_UNSOLICITED", 21: "DISABLE_UNSOLICITED", 22: "ASSIGN_CLASS", 23: "DELAY_MEASURE",
             24: "RECORD_CURRENT_TIME", 25: "OPEN_FILE", 26: "CLOSE_FILE", 27: "DELETE_FILE", 129: "RESPONSE",
             130: "UNSOLICITED_RESPONSE"}
# Events that carry a value: name, is there a flag octet, name of the value.
VALUED = {(30, 1): ("dnp3_analog_input_32wFlag", True, "value"), (30, 3): ("dnp3_analog_input_32woFlag", False, "value"),
          (30, 5): ("dnp3_analog_input_SPwFlag", True, "value"), (32, 1): ("dnp3_analog_input_event_32woTime", True, "value"),
          (20, 5): ("dnp3_counter_32woFlag", False, "count"), (21, 9): ("dnp3_frozen_counter_32woFlag", False, "count")}
OBJECTS = {"Class 0 Data": (60, 1), "Class 1 Data": (60, 2), "Class 2 Data": (60, 3), "Class 3 Data": (60, 4),
           "Binary Input With Status": (1, 2), "Binary Output Status": (10, 2), "16-Bit Analog Input": (30, 2),
           "16-Bit Analog Output Status": (40, 2)}
STATUS = {"Success": 0}
CODE = {"Nul": 0, "Pulse On": 1, "Pulse Off": 2, "Latch On": 3, "Latch Off": 4}
TRIP = {"Nul": 0, "Close": 1, "Trip": 2}
totals = collections.Counter()


def octet(control, names):
    return sum(1 << (7 - i) for i, k in enumerate(names) if control[k])


def flags_of(p):
    names = [k for k in p if k not in ("prefix", "index")][:8]
    return sum(p[k] << i for i, k in enumerate(names))


def point_lines(o, p, orig):
    """Events of one point: its prefix, what Zeek knows of its value, and the octet it shows where it knows none."""
    prefix = p["prefix"]
    yield f"dnp3_object_prefix, {orig}, {prefix}"
    gv = (o["group"], o["variation"])
    generic = 255
    if o["group"] == 12:
        yield (f"dnp3_crob, {orig}, {p['op_type'] | p['qu'] << 4 | p['cr'] << 5 | p['tcc'] << 6}, {p['count']}, {p['ontime']}, "
               f"{p['offtime']}, {p['status_code']}")
    elif gv in VALUED:
        name, flagged, value = VALUED[gv]
        v = struct.unpack("<I", struct.pack("<f", p[value]))[0] if gv == (30, 5) else p[value]
        yield f"{name}, {orig}" + (f", {flags_of(p)}" if flagged else "") + f", {v % (1 << 64)}"
    elif len(p) == 10:			# nothing but flags
        generic = flags_of(p)
    if orig == "F":
        yield f"dnp3_response_data_object, {orig}, {generic}"


def event_lines(r):
    """What Zeek's test prints for a record."""
    d = r["dnp3"]
    a = d.get("application")
    if a is None:
        return
    orig = "T" if d["type"] == "request" else "F"
    control = octet(d["control"], ("dir", "pri", "fcb", "fcv")) | d["control"]["function_code"]
    yield f"dnp3_header_block, {orig}, {dnp3.link_of(r)[0][0]}, {control}, {d['dst']}, {d['src']}"
    app = octet(a["control"], ("fir", "fin", "con", "uns")) | a["control"]["sequence"]
    if orig == "T":
        yield f"dnp3_application_request_header, T, {app}, {a['function_code']}"
    else:
        yield f"dnp3_application_response_header, F, {app}, {a['function_code']}, {r['ot'].get('iin', 0)}"
    for o in a.get("objects", []):
        low, high = (o["start"], o["stop"]) if o["range_code"] < 6 else ("-", "-")
        yield f"dnp3_object_header, {orig}, {o['group'] << 8 | o['variation']}, {o['qualifier']}, {o['count']}, {low}, {high}"
        points = o.get("points", [])
        if points and set(points[0]) == {"prefix", "index", "state"}:
            # Packed: an event for each octet.
            for i in range(0, len(points), 8):
                bits = sum(p["state"] << n for n, p in enumerate(points[i:i + 8]))
                yield f"dnp3_object_prefix, {orig}, 0"
                if orig == "F":
                    yield f"dnp3_response_data_object, {orig}, {bits}"
            continue
        for p in points:
            yield from point_lines(o, p, orig)


def their_line(line):
    """A line of Zeek's as ours: its range fields of a count are the count's octets read as a range."""
    f = line.strip().split(", ")
    if f[0] == "dnp3_object_header" and int(f[3]) & 15 >= 6:
        f[5:] = ["-", "-"]
    return ", ".join(f)


def balance(name, what, want, got, diffs):
    totals[what] += sum(want.values())
    for kind, rest in (("missing", want - got), ("new", got - want)):
        for line, n in sorted(rest.items(), key=str):
            diffs.add(name, what, kind, f"{n} × {line}")


def log_rows(path):
    names = None
    with open(path, encoding="utf-8") as f:
        for line in f:
            cols = line.rstrip("\n").split("\t")
            if cols[0] == "#fields":
                names = cols[1:]
            elif not line.startswith("#"):
                yield dict(zip(names, cols))


def dnp3_log(name, path, records, diffs):
    """One row for an answer: the function asked for, the answer's function, its indications."""
    want = collections.Counter((r["fc_request"], r["fc_reply"], int(r["iin"])) for r in log_rows(path) if r["fc_reply"] != "-")
    got = collections.Counter()
    for r in records:
        d = r["dnp3"]
        if d["type"] == "request" or "application" not in d:
            continue
        asked = r["ot"]["function"]
        got[(FUNCTIONS[asked] if asked < 128 else "-", FUNCTIONS[d["application"]["function_code"]], r["ot"].get("iin", 0))] += 1
    balance(name, "dnp3.log", want, got, diffs)


def icsnpp(name, folder, records, diffs):
    want = collections.Counter()
    for r in log_rows(os.path.join(folder, "dnp3_control.log")):
        want[(r["is_orig"], r["id.orig_p"], r["function_code"], int(r["index_number"]), TRIP[r["trip_control_code"]],
              CODE[r["operation_type"]], r["clear_bit"], int(r["execute_count"]), int(r["on_time"]), int(r["off_time"]),
              None if r["status_code"] == "-" else STATUS[r["status_code"]])] += 1
    objects = collections.Counter()
    for r in log_rows(os.path.join(folder, "dnp3_objects.log")):
        num = tuple(None if r[k] == "-" else int(r[k]) for k in ("object_count", "range_low", "range_high"))
        objects[(r["is_orig"], r["id.orig_p"], r["function_code"], OBJECTS[r["object_type"]], num)] += 1
    got, ours = collections.Counter(), collections.Counter()
    for r in records:
        d = r["dnp3"]
        a = d.get("application")
        if a is None:
            continue
        orig, port = "T" if d["type"] == "request" else "F", str(r["ot"]["client"]["port"])
        for o in a.get("objects", []):
            if o["group"] == 12:
                for p in o.get("points", []):
                    got[(orig, port, FUNCTIONS[a["function_code"]], p["index"], p["tcc"], p["op_type"], "FT"[p["cr"]], p["count"],
                         p["ontime"], p["offtime"], None if orig == "T" else p["status_code"])] += 1
            else:
                num = (o["count"], o["start"], o["stop"]) if o["range_code"] < 6 else (None,) * 3
                ours[(orig, port, FUNCTIONS[a["function_code"]], (o["group"], o["variation"]), num)] += 1
    balance(name, "dnp3_control.log", want, got, diffs)
    balance(name, "dnp3_objects.log", objects, ours, diffs)


def main():
    tw.need_binary()
    truth = os.path.join(tw.need_corpus(), "truth")
    diffs = known.Known("diff/known-dnp3-zeek.tsv")
    for test, name in EVENTS.items():
        diffs.examined.add(name)
        records = dnp3.messages(tw.replay(os.path.join(tw.CORPUS, "dnp3", name), types="dnp3"))
        with open(os.path.join(truth, "zeek", "dnp3." + test, "output"), encoding="utf-8") as f:
            want = collections.Counter(their_line(x) for x in f if not x.startswith("#"))
        balance(name, "events", want, collections.Counter(x for r in records for x in event_lines(r)), diffs)
        log = os.path.join(truth, "zeek", "dnp3." + test, "dnp3.log")
        if os.path.exists(log):
            dnp3_log(name, log, records, diffs)
    name, folder = "icsnpp-dnp3__dnp3_example.pcap", os.path.join(truth, "icsnpp-dnp3/baseline/analyzer.basic")
    diffs.examined.add(name)
    records = dnp3.messages(tw.replay(os.path.join(tw.CORPUS, "dnp3", name), types="dnp3"))
    dnp3_log(name, os.path.join(folder, "dnp3.log"), records, diffs)
    icsnpp(name, folder, records, diffs)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} of {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
