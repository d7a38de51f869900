#!/usr/bin/env python3
"""Which rows of the published catalogues of alerts are raised, and by which capture: alerts.tsv, held by replay; and which
techniques of ATT&CK for ICS the alert types and rules carry.

    alerts.py            every row is there, every type is raised by its capture, prints the counts
"""
import collections
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

LIST = os.path.join(tw.SRCDIR, "tests/coverage/alerts.tsv")
TYPES = os.path.join(tw.SRCDIR, "src/record/alert_types.def")
ATTACK = os.path.join(tw.SRCDIR, "src/record/attack.def")
ROWS = [f"{kind}{i}" for kind, n in (("P", 27), ("A", 18), ("V", 20), ("O", 18)) for i in range(1, n + 1)]


def rows():
    with open(LIST, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if not line.startswith("#"):
                parts = line.rstrip("\n").split("\t")
                if len(parts) != 4:
                    sys.exit(f"{LIST}:{number}: wants four fields between tabs")
                yield parts


def table():
    """{type: (techniques, rows)} of the alert types."""
    with open(TYPES, encoding="utf-8") as f:
        text = f.read()
    return {m[0]: (m[1].split(), m[2].split()) for m in re.findall(
        r'^ALERT\(\w+, "([^"]+)", \d+, \d, "[^"]+",\n\s+"[^"]*", "([^"]*)", "([^"]*)"', text, re.M)}


def raised(capture, options, cache={}):
    key = (capture, tuple(options))
    if key not in cache:
        first, *more = (os.path.join("pcaps", c) for c in capture.split("+"))	# one after the other: learned, then judged
        cache[key] = {r["ot"]["type"] for r in tw.replay(first, [o for c in more for o in ("-r", c)] + options, "alert")}
    return cache[key]


def check(types):
    seen, count = set(), collections.Counter()
    for row, what, captures, why in rows():
        seen.add(row)
        kind = what if what in ("baseline", "not") else "raised"
        count[kind] += 1
        if kind != "raised":
            if not why:
                yield f"{row}: {what}, but not why"
            continue
        words = captures.split()
        options = words[words.index("--set"):] if "--set" in words else []
        words = words[:len(words) - len(options)]
        for i, t in enumerate(what.split()):
            if t not in types:
                yield f"{row}: there is no alert type {t}"
            elif row not in types[t][1]:
                yield f"{row}: alert_types.def does not say that {t} covers it"
            elif t != "rule" and (i >= len(words) or t not in raised(words[i], options)):
                yield f"{row}: {t} is not raised by {words[i] if i < len(words) else 'any capture'}"
    for row in ROWS:
        if row not in seen:
            yield f"{row}: has no line"
    print(f"{len(ROWS)} rows: {count['raised']} raised, {count['baseline']} wait for the baseline, {count['not']} not covered")


def techniques(types):
    with open(ATTACK, encoding="utf-8") as f:
        found = re.findall(r'^TECHNIQUE\("(T[\d.]+)", "([^"]*)", "([^"]+)"', f.read(), re.M)
    known = {t: name for t, _, name in found}
    before = {}	# the id until v18 -> ids of today
    for t, old, _ in found:
        before.setdefault(old, []).append(t)
    mine = {t for ids, _ in types.values() for t in ids}
    ruled = set()
    for path in glob.glob(os.path.join(tw.SRCDIR, "rules", "*.rules")):
        with open(path, encoding="utf-8") as f:
            for t in re.findall(r"\bT[01]\d{3}(?:\.\d{3})?\b", f.read()):
                ruled.add(t if t in known else before.get(t, [t])[0])
    for t in sorted((mine | ruled) - set(known)):
        yield f"{t} is not in attack.def"
    both = (mine | ruled) & set(known)
    print(f"{len(both)} of {len(known)} techniques that traffic can show: {len(mine)} by alert types, {len(ruled)} by shipped rules")
    for t in sorted(set(known) - both):
        print(f"  not yet: {t} {known[t]}")


def main():
    tw.need_binary()
    types = table()
    problems = list(check(types)) + list(techniques(types))
    for p in problems:
        print(p)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
