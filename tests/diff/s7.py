#!/usr/bin/env python3
"""S7comm against its peers: every value that tshark shows of a message, and what was published beside the captures.

tshark: its decode of other people's captures ($THERMOWELL_CORPUS/tshark/*.s7comm.tsv, one row a frame), and the installed tshark
over pcaps/s7.  Values of a frame are compared as multisets, because tshark leaves no placeholders.
Truth: the logs of the ICSNPP parser and the console of the client that made one capture ($THERMOWELL_CORPUS/truth).

    s7.py [--tshark | --truth] [NAME...] [-v]

A difference fails, unless known-s7.tsv lists it with its reason; a listed one that no longer occurs fails too.
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
import s7_truth  # noqa: E402
import tw  # noqa: E402

TSHARK = os.environ.get("TSHARK", "")
# tshark's field: (where it stands in a message of ours, base in which tshark prints it).
HEADER = {
    "header.rosctr": ("rosctr", int), "header.pduref": ("pdu_reference", int),
    "header.parlg": ("parameter_length", int), "header.datlg": ("data_length", int),
    "header.errcls": ("error_class", hex), "header.errcod": ("error_code", hex),
    "param.func": ("function", hex), "param.itemcount": ("item_count", int),
    "param.pdu_length": ("pdu_size", int), "param.pistart.servicename": ("service", str),
    "param.userdata.type": ("type", int), "param.userdata.funcgroup": ("function_group", int),
    "param.userdata.subfunc": ("subfunction", int), "param.userdata.seq_num": ("sequence", int),
    "param.errcod": ("parameter_error", hex), "data.returncode": ("return_code", hex),
}
ITEM = {
    "param.item.syntaxid": ("syntax_id", hex), "param.item.transp_size": ("transport_size", int),
    "param.item.length": ("length", int), "param.item.area": ("area", hex), "param.item.db": ("db", int),
    "param.item.address": ("address", hex),
}
# What our record has among the fields of ot.request and ot.response: (tshark's field, ours).
FROM_FIELDS = (
    ("param.item.syntaxid", "object_syntax_id"), ("data.returncode", "object_return_code"),
    ("data.returncode", "associated_return_code"), ("data.transportsize", "associated_transport_size"),
    ("data.transportsize", "object_transport_size"), ("data.returncode", "record_return_code"), ("alarm.function", "message_function"), ("alarm.nr_objects", "objects"),
    ("alarm.event_id", "event_id"), ("alarm.eventstate", "event_state"), ("alarm.state", "state"),
    ("alarm.ack_state.going", "ack_going"), ("alarm.ack_state.coming", "ack_coming"), ("alarm.event.going", "event_going"),
    ("alarm.event.coming", "event_coming"), ("alarm.event.lastchanged", "event_last_changed"),
    ("alarm.query.querytype", "query_type"), ("alarm.query.alarmtype", "query_alarm_type"), ("alarm.query.alarmtype", "alarm_type"),
    ("alarm.query.complete_length", "complete_length"), ("cpu.msg.events", "events"), ("cpu.msg.username", "username"),
    ("cpu.msg.res_result", "result"), ("cpu.msg.almtype", "alarm_type"), ("cpu.diag_msg.eventid", "event_id"),
    ("cpu.diag_msg.prioclass", "priority_class"), ("cpu.diag_msg.obnumber", "ob_number"), ("cpu.diag_msg.datid", "data_id"),
    ("cpu.diag_msg.info1", "info_1"), ("cpu.diag_msg.info2", "info_2"),
    ("tis.param1", "tis_parameter_1"), ("tis.param2", "trigger_type"), ("tis.param3", "trigger_frequency"),
    ("tis.answersize", "answer_size"), ("tis.param5", "tis_parameter_5"), ("tis.param6", "tis_parameter_6"),
    ("tis.param7", "tis_parameter_7"), ("tis.param8", "tis_parameter_8"), ("tis.param9", "tis_parameter_9"),
    ("varstat.trgevent", "trigger_event"), ("tis.res.param1", "tis_result_1"), ("tis.res.param2", "tis_result_2"),
    ("diagdata.req.blocktype", "block_type_id"), ("diagdata.req.blocknumber", "block_number"),
    ("diagdata.req.startaddr_awl", "start_address"), ("diagdata.req.saz", "step_address"),
    ("tis.callenv_setup", "call_environment"), ("tis.callenv_cond", "call_condition"), ("diagdata.register", "registers"),
    ("tis.blockstat.flagsunknown", "block_status_flags"), ("tis.blockstat.number_of_lines", "lines"),
    ("tis.blockstat.line_address", "line_address"), ("tis.job.function", "job_function"),
    ("tis.job.response_seq_num", "job_sequence"), ("tis.interrupted.blocktype", "interrupted_block_type_id"),
    ("tis.interrupted.blocknumber", "interrupted_block_number"), ("tis.interrupted.address", "interrupted_address"),
    ("tis.interrupted.priorityclass", "priority_class"), ("tis.bstack.neting_depth", "nesting_depth"),
    ("tis.continued.blocktype", "continued_block_type_id"), ("tis.continued.blocknumber", "continued_block_number"),
    ("tis.continued.address", "continued_address"), ("tis.breakpoint.blocktype", "breakpoint_block_type_id"),
    ("tis.breakpoint.blocknumber", "breakpoint_block_number"), ("tis.breakpoint.address", "breakpoint_address"),
    ("tis.db1.type", "db1_type"), ("tis.db2.type", "db2_type"), ("tis.db1.number", "db1_number"),
    ("tis.db2.number", "db2_number"), ("tis.accu1", "accu_1"), ("tis.accu2", "accu_2"), ("tis.accu3", "accu_3"),
    ("tis.accu4", "accu_4"), ("tis.ar1", "address_register_1"), ("tis.ar2", "address_register_2"),
    ("tis.stw", "status_word"), ("tis.exithold_until", "hold_until"), ("tis.exithold_res1", "hold_reserved"),
    ("tis.lstack.size", "local_data_size"), ("ob.ev_class", "event_class_id"), ("ob.priority", "ob_priority"),
    ("ob.number", "ob_number"), ("cyclic.function", "cyclic_function"), ("cyclic.job_id", "job_id"),
    ("pbc.req.bsend.r_id", "r_id"), ("pbc.req.bsend.len", "length"), ("blockinfo.load_mem_len", "load_memory_length"),
    ("blockinfo.ssb_len", "ssb_length"), ("blockinfo.add_len", "add_length"),
    ("blockinfo.localdata_len", "local_data_length"), ("blockinfo.mc7_len", "mc7_length"), ("blockinfo.author", "author"),
    ("blockinfo.family", "family"), ("blockinfo.headername", "header_name"), ("blockinfo.checksum", "checksum"),
    ("blockinfo.block_num", "block_number"), ("blockinfo.blocksecurity", "block_security"),
    ("param.item.driveesany.parameternr", "drive_parameter"), ("param.item.driveesany.parameteridx", "drive_index"),
    ("param.item.nck.unit", "nck_unit"), ("param.item.nck.column", "nck_column"), ("param.item.nck.line", "nck_line"),
    ("param.item.nck.module", "nck_module"), ("param.item.nck.linecount", "nck_line_count"), ("param.item.dbread.numareas", "db_read_areas"),
    ("param.item.dbread.length", "db_read_length"), ("param.item.dbread.db", "db_read_number"),
    ("param.item.dbread.startaddress", "db_read_address"),
)
# Of an item, where the programmer's functions have their own names for it.
FROM_ITEM = (
    ("varstat.req.memory_area", "area"), ("varstat.req.repetition_factor", "length"), ("varstat.req.bitpos", "length"),
    ("varstat.req.db_number", "db"), ("varstat.req.startaddress", "address"), ("data.transportsize", "data_transport_size"),
)
# And of a message as such.
FROM_MESSAGE = (
    ("param.maxamq_calling", "max_amq_calling"), ("param.maxamq_called", "max_amq_called"),
    ("param.userdata.reqres1", "method"), ("param.userdata.dataunitref", "data_unit_reference"),
    ("data.transportsize", "transport_size"), ("varstat.item_count", "item_count"),
)
REST = ("param.blockcontrol.filename", "data.blockcontrol.block_type", "data.blockcontrol.block_number",
        "data.userdata.szl_id", "data.userdata.szl_index")
FIELDS = list(HEADER) + list(ITEM) + list(REST)
# What the files of the corpus do not have is compared where tshark is here.
LIVE = list(dict.fromkeys(FIELDS + ["data.length"] + [f for f, _ in FROM_FIELDS + FROM_ITEM + FROM_MESSAGE]))
TEXT = REST[:3] + ("param.pistart.servicename", "cpu.msg.username", "blockinfo.author", "blockinfo.family",
                   "blockinfo.headername")
totals = collections.Counter()


def number(text):
    """A value of tshark's as ours: numbers as numbers, in whichever base it prints them."""
    try:
        return int(text, 0)
    except ValueError:
        return int(text) if text.isdigit() else text


def value(field, text):
    return text.strip() if field in TEXT else number(text)


# ---- our side --------------------------------------------------------------

def in_bytes(length, transport_size):
    """tshark shows bytes where the wire has bits."""
    return (length + 7) // 8 if transport_size in (3, 4, 5) else length


def of_head(message, out):
    for field, (key, _) in HEADER.items():
        if key in message:
            out[field][message[key]] += 1
    for field, key in FROM_MESSAGE:
        if key in message:
            out[field][message[key]] += 1
    if "method" in message and "return_code" in message:
        out["data.length"][message["data_length"] - 4] += 1


def of_side(op, which, out):
    """What tshark would show of one side of an operation, told from our record alone."""
    s7, message = op["s7comm"], op["s7comm"][which]
    if message.get("error_class", 0) or message.get("error_code", 0):
        out["param.errcod"][message["error_class"] << 8 | message["error_code"]] += 1
    fields = tw.named(op["ot"][which].get("fields"))
    for field, key in FROM_FIELDS:
        for v in fields.get(key, []):
            out[field][v] += 1
    of_head(message, out)
    lengths, sizes = fields.get("associated_length", []), fields.get("associated_transport_size", [])
    for length, size in zip(lengths, sizes):
        out["data.length"][in_bytes(length, size)] += 1
    for item in s7.get("items", []):
        for field, key in FROM_ITEM:
            if key in item:
                out[field][item[key]] += 1
        if "data_length" in item:
            out["data.length"][in_bytes(item["data_length"], item["data_transport_size"])] += 1
    for item in s7.get("items", []):
        if which == "request":
            for field, (key, _) in ITEM.items():
                if key in item:
                    out[field][item[key]] += 1
            if "request_return_code" in item:
                out["data.returncode"][item["request_return_code"]] += 1
        elif "return_code" in item:
            out["data.returncode"][item["return_code"]] += 1
    if "szl" in message:
        out["data.userdata.szl_id"][message["szl"]["id"]] += 1
        out["data.userdata.szl_index"][message["szl"]["index"]] += 1
    for block in [message[k] for k in ("block",) if k in message] + message.get("further_blocks", []):
        name = block.get("filename", "")
        if "data_length" in block:
            out["data.length"][block["data_length"]] += 1
        if name:
            out["param.blockcontrol.filename"][name] += 1
        name = name[1:] if len(name) == 9 and name[0] == "_" else name
        if len(name) == 8:
            out["data.blockcontrol.block_type"][name[:2]] += 1
            out["data.blockcontrol.block_number"][name[2:7]] += 1


def by_frame(records):
    """{frame: {field: Counter of values}}."""
    out = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    for op in tw.operations(records, "s7comm"):
        if op["s7comm"].get("protocol") != "s7comm":
            continue
        for which in ("request", "response"):
            if which in op["s7comm"] and which in op["ot"]:
                of_side(op, which, out[op["ot"][which]["frame"]])
        for part in op["s7comm"].get("parts", []):
            of_head(part["response" if "response" in part else "request"], out[part["frame"]])
    return out


# ---- tshark ----------------------------------------------------------------

def compare_tshark(name, rows, records, diffs):
    diffs.examined.add(name)
    frames = by_frame(records)
    for row in rows:
        mine = frames[int(row["frame"])]
        totals["PDUs of tshark"] += len([v for v in row["s7comm.header.rosctr"].split(",") if v])
        for field in LIVE:
            theirs = collections.Counter(value(field, v) for v in (row.get("s7comm." + field) or "").split(",") if v)
            totals["values of tshark"] += sum(theirs.values())
            missing = theirs - mine[field]
            if missing:
                totals["not ours"] += sum(missing.values())
                if field == "header.rosctr":
                    totals["PDUs not ours"] += sum(missing.values())
                diffs.add(name, row["frame"], field, f"tshark {sorted(theirs.elements(), key=str)[:12]}, "
                          f"we {sorted(mine[field].elements(), key=str)[:12]}")


def live_rows(path):
    cmd = [TSHARK, "-n", "-r", path, "-T", "fields", "-E", "header=y", "-E", "separator=/t", "-E", "occurrence=a", "-Y", "s7comm"]
    for f in ["frame.number"] + ["s7comm." + f for f in LIVE]:
        cmd += ["-e", f]
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120, check=False)
    if not p.stdout:
        sys.exit(f"{path}: tshark: exit status {p.returncode}")
    rows = list(csv.DictReader(io.StringIO(p.stdout), delimiter="\t", quoting=csv.QUOTE_NONE))
    for r in rows:
        r["frame"] = r.pop("frame.number")
    return rows


def main():
    tw.need_binary()
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    with_tshark, with_truth = "--truth" not in sys.argv, "--tshark" not in sys.argv
    diffs = known.Known("diff/known-s7.tsv", names)
    if not TSHARK and not tw.CORPUS:
        tw.skip("neither tshark nor THERMOWELL_CORPUS is there")
    csv.field_size_limit(1 << 30)
    if TSHARK and with_tshark:
        for path in sorted(glob.glob(os.path.join(tw.SRCDIR, "pcaps", "s7", "*.pcap"))):
            name = os.path.basename(path)[:-5]
            if not names or name in names:
                compare_tshark(name, live_rows(path), tw.replay(os.path.relpath(path, tw.SRCDIR), types="s7comm"), diffs)
    for path in sorted(glob.glob(os.path.join(tw.CORPUS, "*", "*.pcap*"))) if tw.CORPUS else []:
        name = os.path.basename(path)
        tsv = os.path.join(tw.CORPUS, "tshark", name + ".s7comm.tsv")
        truth = s7_truth.of(tw.CORPUS, name) if with_truth else None
        with_tsv = with_tshark and os.path.exists(tsv)
        if names and name not in names or not (with_tsv or truth):
            continue
        records = tw.replay(path, types="s7comm", timeout=300)
        if with_tsv:
            with open(tsv, newline="", encoding="utf-8") as f:
                compare_tshark(name, csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE), records, diffs)
        if truth:
            truth(name, records, diffs, totals)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
