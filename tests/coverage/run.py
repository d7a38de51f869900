#!/usr/bin/env python3
"""How much of each protocol our captures show: every row of the function tables, seen or not in requests, answers, exceptions.

Counts over the golden expectations (tests/golden/out).  The result is coverage.txt: a change shows as a diff.

    run.py             compare
    run.py --update    write coverage.txt anew
"""
import collections
import difflib
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

S7_LISTER = os.path.join(tw.BUILDDIR, "tests/coverage/list_s7")
LISTER = os.path.join(tw.BUILDDIR, "tests/coverage/list_functions")
EXPECTED = os.path.join(tw.SRCDIR, "tests/coverage/coverage.txt")
SEEN = ("request", "answer", "exception")


def table():
    """[(protocol, code, sub or None, name)]."""
    rows = []
    for line in subprocess.check_output([LISTER], text=True).splitlines():
        proto, code, sub, _, name = line.split("\t")
        rows.append((proto, int(code), None if sub == "-" else int(sub), name))
    return rows


def seen(rows):
    """{row: {what was seen of it}}."""
    known = {(r[0], r[1], r[2]): r for r in rows}
    out = collections.defaultdict(set)
    for path in glob.glob(os.path.join(tw.SRCDIR, "tests/golden/out", "*.jsonl")):
        with open(path, encoding="utf-8") as f:
            for line in f:
                ot = json.loads(line).get("ot", {})
                if "function" not in ot or "outcome" not in ot:
                    continue
                row = known.get((ot["protocol"], ot["function"], ot.get("subfunction"))) or \
                    known.get((ot["protocol"], ot["function"], None))
                if row is None:
                    continue
                if "request" in ot:
                    out[row].add("request")
                if "response" in ot:
                    out[row].add("exception" if ot["outcome"] == "exception" else "answer")
    return out


def s7_seen():
    """{table: codes} of what the S7 goldens show of the tables below the functions."""
    out = collections.defaultdict(set)
    for path in glob.glob(os.path.join(tw.SRCDIR, "tests/golden/out", "s7-*.jsonl")):
        with open(path, encoding="utf-8") as f:
            records = [r for r in map(json.loads, f) if r["event_type"] == "s7comm"]
        for r in records:
            s7, ot = r["s7comm"], r["ot"]
            out["service"].add(s7.get("request", {}).get("service"))
            for item in s7.get("items", []):
                if "syntax_id" in item:
                    out["syntax"].add(str(item["syntax_id"]))
                    out["area"].add(str(item.get("area")))
                    out["type"].add(str(item.get("transport_size")))
            for which in ("request", "response"):
                out["syntax"].update(str(x) for x in tw.named(ot.get(which, {}).get("fields")).get("object_syntax_id", []))
            szl, fields = s7.get("response", {}).get("szl"), tw.named(ot.get("response", {}).get("fields"))
            if szl and fields.get("records"):
                out["status list"].add(str(szl["id"] & 0xff))
                if "record" not in fields:
                    out["layout"].update((f"{szl['id'] & 0xff}/{szl['index']}", f"{szl['id'] & 0xff}/0"))
    return out


def s7_tables():
    got, rows = s7_seen(), [line.split("\t") for line in subprocess.check_output([S7_LISTER], text=True).splitlines()]
    names = {"service": "program invocation services", "area": "areas", "syntax": "syntaxes of addresses", "type": "types",
             "status list": "status lists named", "layout": "layouts of their records"}
    lines = []
    for table, what in names.items():
        mine = [r for r in rows if r[0] == table]
        lines.append(f"s7comm: {what}: {sum(code in got[table] for _, code, _ in mine)} of {len(mine)}")
        lines += [f"          not seen: {code} {name}" for _, code, name in mine if code not in got[table]]
    return lines + [""]


def report(rows):
    got = seen(rows)
    lines = []
    for proto in sorted({r[0] for r in rows}):
        mine = [r for r in rows if r[0] == proto]
        lines.append(f"{proto}: {len(mine)} function codes and sub-functions in the table, in our captures seen as " +
                     ", ".join(f"{what} {sum(what in got[r] for r in mine)}" for what in SEEN))
        lines.append("")
        for r in sorted(mine, key=lambda r: (r[1], -1 if r[2] is None else r[2])):
            code = str(r[1]) if r[2] is None else f"{r[1]}/{r[2]}"
            marks = " ".join(f"{what if what in got[r] else '-':9}" for what in SEEN)
            lines.append(f"{code:>8}  {marks} {r[3]}")
        if proto == "s7comm":
            lines += [""] + s7_tables()
    return "\n".join(lines) + "\n"


def main():
    for tool in (LISTER, S7_LISTER):
        if not os.access(tool, os.X_OK):
            sys.exit(f"{tool}: not there; make check builds it")
    text = report(table())
    if "--update" in sys.argv:
        with open(EXPECTED, "w", encoding="utf-8") as f:
            f.write(text)
    with open(EXPECTED, encoding="utf-8") as f:
        want = f.read()
    print(text.splitlines()[0])
    diff = list(difflib.unified_diff(want.splitlines(), text.splitlines(), "coverage.txt", "now", lineterm=""))
    print("\n".join(diff))
    if diff:
        print("run.py --update writes it anew")
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main())
