#!/usr/bin/env python3
"""Every shipped rule fires on a capture that shows what it is about, and is quiet on one that does not.

    run.py [SID...]

LIST has a line for each rule: `sid | capture that fires it | capture that does not`.  A shipped rule without a line fails, and so does
a line without a rule.  The rules run together, as a user runs them.
"""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = sorted(glob.glob(os.path.join(tw.SRCDIR, "rules", "*.rules")))


def shipped():
    """{sid: "file:line"} of every rule."""
    out = {}
    for path in RULES:
        with open(path, encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                if line.startswith("alert"):
                    out[int(re.search(r"\bsid:(\d+);", line)[1])] = f"rules/{os.path.basename(path)}:{n}"
    return out


def of_ndpi(where, sid):
    """Does the rule go by what nDPI calls a conversation?"""
    with open(os.path.join(tw.SRCDIR, where.split(":")[0]), encoding="utf-8") as f:
        line = next(x for x in f if f"sid:{sid};" in x)
    return re.search(r"\b(app-layer-protocol|ndpi-risk|ndpi-protocol):", line) is not None or line.split()[1] not in (
        "ip", "tcp", "udp", "icmp", "modbus", "dnp3", "s7comm", "iec104", "enip", "bacnet")


def listed():
    with open(os.path.join(HERE, "LIST"), encoding="utf-8") as f:
        rows = [[w.strip() for w in line.split("|")] for line in f if line.strip() and not line.startswith("#")]
    return {int(sid): (fires, quiet) for sid, fires, quiet in rows}


def alerts(capture, cache={}):
    if capture not in cache:
        options = [o for path in RULES for o in ("-S", path)]
        cache[capture] = {r["alert"]["signature_id"] for r in tw.replay(os.path.join(tw.SRCDIR, capture), options, types="alert")
                          if r["event_type"] == "alert"}
    return cache[capture]


def main():
    tw.need_binary()
    rules, rows = shipped(), listed()
    problems = [f"{where}: sid {sid} has no line in tests/rules/LIST" for sid, where in rules.items() if sid not in rows]
    problems += [f"LIST: sid {sid} is not shipped" for sid in rows if sid not in rules]
    wanted = [int(a) for a in sys.argv[1:]] or sorted(set(rows) & set(rules))
    skipped = 0
    for sid in wanted:
        fires, quiet = rows[sid]
        if not tw.has_ndpi() and of_ndpi(rules[sid], sid):
            skipped += 1
            continue
        if sid not in alerts(fires):
            problems.append(f"{rules[sid]}: sid {sid} does not fire on {fires}")
        if sid in alerts(quiet):
            problems.append(f"{rules[sid]}: sid {sid} fires on {quiet}")
    if skipped:
        print(f"skipped: {skipped} rules about names or risks of nDPI, which is not built in")
    for p in problems:
        print(p)
    print(f"{len(wanted)} rules, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
