#!/usr/bin/env python3
"""Golden test: each capture of LIST goes in, out/NAME.jsonl must come out, byte for byte. A counter of 0 in a stats
record says nothing: with and without it is the same, so that a new counter alters only the captures that move it.

    run.py [NAME...]               compare all, or those named
    run.py --update NAME...|--all  write what comes out now as what is expected; read the diff before committing it
"""
import difflib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

OUT = os.path.join(tw.SRCDIR, "tests/golden/out")
SHOWN = 60	# lines of difference shown for one capture


def pretty(text):
    """One member a line, so that a difference shows the field, with the record's number in front of each record."""
    out = []
    for n, line in enumerate(text.splitlines(), 1):
        out.append(f"--- record {n}")
        try:
            out += json.dumps(json.loads(line), indent=1, ensure_ascii=True).splitlines()
        except ValueError:
            out.append(line)
    return out


def without_zeros(o):
    """Nor a group of them in which nothing else is."""
    if not isinstance(o, dict):
        return o
    left = ((k, without_zeros(v)) for k, v in o.items())
    return {k: v for k, v in left if v not in (0, {})}


def essence(text):
    """The lines, those of stats without the counters that are 0."""
    out = []
    for line in text.splitlines():
        if '"event_type":"stats"' in line:
            r = json.loads(line)
            r["stats"], r["ot"]["counters"] = without_zeros(r["stats"]), without_zeros(r["ot"]["counters"])
            line = json.dumps(r)
        out.append(line)
    return out


def same(want, got):
    return want == got or (want is not None and essence(want) == essence(got))


def needs_ndpi(text, options):
    """Is there a name in it that only nDPI gives, a flow that it looked at in vain, or may there be a rule about one?"""
    if any("it-in-ot.rules" in o or "auto" in o for o in options):
        return True
    for line in text.splitlines():
        r = json.loads(line)
        app = r.get("app_proto", "modbus")
        if app not in ("modbus", "dnp3", "s7comm", "s7comm-plus", "enip", "bacnet") or "app_risks" in line:
            return True
        if r["event_type"] == "stats":
            flows = r["ot"]["counters"]["app_layer"]["flow"]
            if flows["failed"] or flows["other"]:
                return True
    return False


def differs(name, want, got):
    print(f"{name}: differs: {want.count(chr(10))} records expected, {got.count(chr(10))} came")
    diff = list(difflib.unified_diff(pretty(want), pretty(got), "expected", "came", lineterm="", n=2))
    print("\n".join("  " + x for x in diff[:SHOWN]))
    if len(diff) > SHOWN:
        print(f"  ... and {len(diff) - SHOWN} more lines")


def read(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return None


def unlisted(tests):
    """Captures of ours that no line of LIST replays, and expectations without a line."""
    used = {capture for _, capture, _ in tests}
    for base, _, files in os.walk(os.path.join(tw.SRCDIR, "pcaps")):
        for f in files:
            path = os.path.relpath(os.path.join(base, f), tw.SRCDIR)
            if ".pcap" in f and path not in used:
                yield f"{path}: no line in tests/golden/LIST replays it"
    names = {name for name, _, _ in tests}
    for f in sorted(os.listdir(OUT)):
        if f.endswith(".jsonl") and f[:-6] not in names:
            yield f"tests/golden/out/{f}: no line in tests/golden/LIST makes it"


def schema():
    """Every golden line keeps to the project's own schema."""
    checker = os.path.join(tw.SRCDIR, "tests/schema/check_schema.py")
    if not os.path.exists(checker):
        return 0
    files = sorted(os.path.join(OUT, f) for f in os.listdir(OUT) if f.endswith(".jsonl"))
    rc = subprocess.run([sys.executable, checker, *files], cwd=tw.SRCDIR, check=False).returncode
    return 0 if rc == tw.SKIP else rc


def main():
    tw.need_binary()
    args = sys.argv[1:]
    update = "--update" in args
    names = [a for a in args if not a.startswith("-")]
    tests = tw.golden_list()
    if update and not names and "--all" not in args:
        sys.exit("run.py --update NAME...|--all")
    for n in names:
        if n not in {t[0] for t in tests}:
            sys.exit(f"{n}: not a name of tests/golden/LIST")
    bad = skipped = 0
    for name, capture, options in tests:
        if names and name not in names:
            continue
        path = os.path.join(OUT, name + ".jsonl")
        # Whether alerts are an incident depends on all of them: two captures have incidents, the others what they show.
        if not any("incident" in o for o in options):
            options = [*options, "--set", "alerts.incidents=0"]
        types = None if any(o.startswith("outputs.eve.types=") for o in options) else "all"
        try:
            got = tw.replay_text(capture, options, types)
        except (tw.Failed, subprocess.TimeoutExpired) as e:
            print(f"{name}: {e}")
            bad += 1
            continue
        want = read(path)
        if update:
            if not same(want, got):
                os.makedirs(OUT, exist_ok=True)
                with open(path, "w", encoding="utf-8") as f:
                    f.write(got)
                print(f"{name}: written, {got.count(chr(10))} records")
        elif want is None:
            print(f"{name}: nothing expected yet; run.py --update {name}")
            bad += 1
        elif not same(want, got) and not tw.has_ndpi() and needs_ndpi(want, options):
            skipped += 1
        elif not same(want, got):
            differs(name, want, got)
            bad += 1
    if not names:
        for problem in unlisted(tests):
            print(problem)
            bad += 1
        if not update and schema() != 0:
            print("golden lines do not keep to the schema")
            bad += 1
    if skipped:
        print(f"skipped: {skipped} captures whose records have names of nDPI, which is not built in")
    print(f"{len(names or tests)} captures, {bad} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
