#!/usr/bin/env python3
"""What of the labelled captures is told, and what is told where nothing was done: a table.

    run.py [-v] [--set NAME] [--mode none|learned] [--cache DIR] [--json FILE]

Each set twice: with no baseline ("none"), and learned on the benign part or a sibling and then detected ("learned").  An event is
told when an alert of severity 1 to 3 that names one of its addresses begins inside it or up to ten seconds later.  An alert of severity 1
to 3 outside the events is false, unless happened.tsv says that it is of what truly happened; hours are those minutes in which the capture has a frame.  -v names each miss and each false alert
with its frame.  Exits 1 when less is told, or more that is false, than LEAST and CALM say.  Needs THERMOWELL_CORPUS; README.md says what
the labels are worth.
"""
import argparse
import collections
import datetime
import glob
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
import frames  # noqa: E402
import sets  # noqa: E402
import tw  # noqa: E402

LATE = 10.0
# Parts of the events that must be told, by set; and sets in which nothing false may be of severity 1 or 2.
LEAST_NONE = {"QUT DNP3": 0.98, "icslab": 1.0}
LEAST_LEARNED = {"QUT S7": 1.0, "QUT DNP3": 0.98, "Lemay": 1.0, "icslab": 1.0}
CALM = ("QUT S7", "QUT DNP3", "Lemay", "icslab", "without attack")
RULES = sorted(glob.glob(os.path.join(tw.SRCDIR, "rules", "*.rules")))


def digest(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(str(p).encode() + b"\0")
    return h.hexdigest()[:24]


class Runner:
    """Runs the program, each run once for the same program, rules, capture and options."""
    def __init__(self, cache):
        self.cache = cache
        with open(tw.BINARY, "rb") as f:
            program = hashlib.sha256(f.read()).hexdigest()
        self.version = digest(program, *(open(r, encoding="utf-8").read() for r in RULES))
        os.makedirs(cache, exist_ok=True)

    def run(self, capture, options, extra=()):
        """The alert and incident records of a replay, and what the run said; extra is what else the result depends on."""
        kept = os.path.join(self.cache, digest(self.version, capture, *options, *extra) + ".json")
        if not os.path.exists(kept):
            with tempfile.TemporaryDirectory(prefix="tw-detection-") as tmp:
                cmd = [tw.BINARY, "-q", "-r", capture, "-l", tmp, "--set", "rules.files=none",
                       "--set", "outputs.eve.types=" + types(), *(o for r in RULES for o in ("-s", r)), *options]
                p = subprocess.run(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                                   text=True, errors="replace", env=dict(os.environ, TZ="UTC", LC_ALL="C"))
                if p.returncode != 0:
                    sys.exit(f"{' '.join(cmd)}: exit status {p.returncode}\n{p.stderr[-2000:]}")
                eve = os.path.join(tmp, "eve.json")
                lines = open(eve, encoding="utf-8").read() if os.path.exists(eve) else ""
                with open(kept + ".part", "w", encoding="utf-8") as f:
                    f.write("[" + ",".join(lines.splitlines()) + "]")
                os.rename(kept + ".part", kept)
        with open(kept, encoding="utf-8") as f:
            return json.load(f)

    def baseline(self, learn):
        """A database learned from these captures, in this order; (path, what it depends on)."""
        names = [digest(*x[:2]) if isinstance(x, tuple) else x for x in learn]
        path = os.path.join(self.cache, digest(self.version, *names) + ".db")
        if not os.path.exists(path):
            part = path + ".part"
            for old in glob.glob(glob.escape(part) + "*"):
                os.unlink(old)
            with tempfile.TemporaryDirectory(prefix="tw-detection-") as tmp:
                for source in learn:
                    if isinstance(source, tuple):
                        cut = os.path.join(tmp, source[1] + ".pcap")
                        frames.cut(source[0], cut, source[2])
                        source = cut
                    subprocess.run([tw.BINARY, "-q", "-r", source, "-l", tmp, "--set", "rules.files=none", "--learn", "--baseline", part,
                                    *(o for r in RULES for o in ("-s", r))], check=True, stdin=subprocess.DEVNULL)
            os.rename(part, path)
        return path, names


def types(cache=[]):
    if not cache:
        with_incidents = subprocess.run([tw.BINARY, "-T", "--set", "outputs.eve.types=alert,incident"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False).returncode == 0
        cache.append("alert,incident" if with_incidents else "alert")
    return cache[0]


def learns(cache=[]):
    """Does this program know baselines?"""
    if not cache:
        cache.append(subprocess.run([tw.BINARY, "-T", "--detect"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, check=False).returncode == 0)
    return cache[0]


def happened(corpus, cache=[]):
    """{capture: [(first frame, last frame, types)]} of what is grave and truly happened."""
    if not cache:
        found = collections.defaultdict(list)
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "happened.tsv"), encoding="utf-8") as f:
            for line in f:
                if not line.startswith("#"):
                    capture, span, kinds, _ = line.rstrip("\n").split("\t")
                    found[os.path.join(corpus, capture)].append((*map(int, span.split("-")), kinds.split()))
        cache.append(found)
    return cache[0]


def true(capture, record):
    return any(first <= record.get("pcap_cnt", 0) <= last and record["ot"]["type"] in kinds
               for first, last, kinds in happened(tw.CORPUS)[capture])


def when(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def names(record):
    """The addresses that an alert is about."""
    found = {record.get("src_ip"), record.get("dest_ip")} | set(re.findall(r"\d+\.\d+\.\d+\.\d+", record["ot"].get("sentence", "")))
    return found - {None}


Result = collections.namedtuple("Result", "case told delays missed invisible false true hours incidents")


def judge(case, records, begin):
    """A case and what was told in it; what came before `begin` was learning."""
    firsts = [r for r in records if r["event_type"] == "alert" and r["ot"]["kind"] == "first" and r["alert"]["severity"] <= 3]
    told, delays, missed, invisible, mine = [], [], [], [], set()
    for e in case.events:
        if not e.frames:
            invisible.append(e)
        inside = [r for r in firsts if e.start - 1e-3 <= when(r["timestamp"]) <= e.end + LATE]
        mine.update(id(r) for r in inside)
        hits = [r for r in inside if names(r) & e.addrs]
        if not e.frames:
            continue
        if hits:
            told.append((e, hits))
            delays.append(max(0.0, when(hits[0]["timestamp"]) - e.start))
        else:
            missed.append((e, inside))
    outside = [r for r in firsts if case.calm and id(r) not in mine and when(r["timestamp"]) >= begin]
    right = [r for r in outside if true(case.capture, r)]
    false = [r for r in outside if not true(case.capture, r)]
    minutes = {int(t // 60) for t in frames.times(case.capture) if t >= begin and
               not any(e.start <= t <= e.end + LATE for e in case.events)} if case.calm else ()
    # Those of calm times: begun after learning and outside the events.
    last = {r["ot"]["id"]: r["ot"]["incident"] for r in records if r["event_type"] == "incident"}
    incidents = {uid: i for uid, i in last.items() if "part_of" not in i and when(i["first"]) >= begin and
                 not any(e.start - 1e-3 <= when(i["first"]) <= e.end + LATE for e in case.events)}
    return Result(case, told, delays, missed, invisible, false, right, len(minutes) / 60, incidents)


def results(runner, mode, only):
    for case in sets.cases(tw.CORPUS):
        if only and case.set != only:
            continue
        begin, options, extra = 0.0, [], []
        if mode == "learned" and case.learn:
            db, extra = runner.baseline(case.learn)
            # Of its own for each capture: what one adds must not help the next.
            copy = os.path.join(runner.cache, "used.db")
            for old in glob.glob(glob.escape(copy) + "*"):
                os.unlink(old)
            shutil.copyfile(db, copy)
            options = ["--detect", "--baseline", copy]
        elif mode == "learned" and case.learn_first:
            begin = min(frames.times(case.capture)) + case.learn_first
            options = ["--learn-first", f"{int(case.learn_first)}s"]
        yield judge(case, runner.run(case.capture, options, extra), begin)


def row(name, mode, found):
    hours = sum(r.hours for r in found)
    events = sum(len(r.told) + len(r.missed) for r in found)
    delays = [d for r in found for d in r.delays]
    by = collections.Counter(f["alert"]["severity"] for r in found for f in r.false)
    rate = [f"{by[s]} = {by[s] / hours:.2f}/h" if hours else "-" for s in (1, 2, 3)]
    if not hours:
        incidents = "-"
    else:
        n = sum(len(r.incidents) for r in found)
        incidents = f"{n} = {n / hours:.2f}/h"
    return [name, mode, str(len(found)), str(events), str(sum(len(r.told) for r in found)),
            f"{statistics.median(delays):.1f} / {max(delays):.1f}" if delays else "-", f"{hours:.1f}", *rate, str(sum(len(r.true) for r in found)), incidents]


HEAD = ["set", "baseline", "captures", "events", "told", "first alert after s (median / longest)", "calm hours",
        "false, severity 1", "severity 2", "severity 3", "true beside", "incidents"]


def line(r, base):
    ot = r["ot"]
    return f"{base} frame {r.get('pcap_cnt', '-')} severity {r['alert']['severity']} {ot['type']}: {ot['sentence']}"


def short_of(name, mode, found):
    """What the table says that must not be: the bounds of the issue, which a change may not pass."""
    told, missed = sum(len(r.told) for r in found), sum(len(r.missed) for r in found)
    grave = [f for r in found for f in r.false if f["alert"]["severity"] <= 2]
    least = (LEAST_LEARNED if mode == "learned" else LEAST_NONE).get(name)
    if least is not None and told < least * (told + missed):
        yield f"{name}, baseline {mode}: {told} of {told + missed} events told"
    if name in CALM and grave:
        yield f"{name}, baseline {mode}: {len(grave)} false alerts of severity 1 or 2"
    if name == "without attack" and mode == "learned":
        n = sum(i["severity"] == 3 for r in found for i in r.incidents.values())
        if n > 1 + sum(r.hours for r in found) / 2:
            yield f"{name}: {n} incidents of severity 3 in {sum(r.hours for r in found):.1f} hours"


def details(found):
    for r in found:
        base = os.path.basename(r.case.capture)
        for e in r.invisible:
            yield f"no frame of it here: {base} {e.name}"
        for e, inside in r.missed:
            yield f"missed: {base} {e.name} {e.start:.3f} to {e.end:.3f}, {e.frames} frames" + \
                (": only of other addresses: " + "; ".join(line(x, "") for x in inside) if inside else "")
        for f in r.true:
            yield "true: " + line(f, base)
        for f in r.false:
            yield "false: " + line(f, base)
        for i in r.incidents.values() if r.case.calm else ():
            yield f"incident: {base} severity {i['severity']}, {i['alerts']} alerts: {i['title']}"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("-v", action="store_true", help="each miss and each false alert, with its frame")
    p.add_argument("-V", action="store_true", help="also what told each event")
    p.add_argument("--set", help="this set only")
    p.add_argument("--mode", choices=("none", "learned"), help="this mode only")
    p.add_argument("--cache", help="keep results here and use those that the same program made")
    args = p.parse_args()
    tw.need_binary()
    tw.need_corpus()
    with tempfile.TemporaryDirectory(prefix="tw-detection-") as tmp:
        runner, rows, more, bad = Runner(args.cache or tmp), [], [], []
        for mode in ("none", "learned"):
            if args.mode not in (None, mode) or mode == "learned" and not learns():
                continue
            by_set = collections.defaultdict(list)
            for r in results(runner, mode, args.set):
                by_set[r.case.set].append(r)
            for name, found in by_set.items():
                rows.append(row(name, mode, found))
                bad += short_of(name, mode, found)
                if args.v or args.V:
                    more += [f"## {name}, baseline {mode}", *details(found)]
                if args.V:
                    more += [f"told: {os.path.basename(r.case.capture)} {e.name} by {line(h[0], '')}" for r in found for e, h in r.told]
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for r in rows:
        print("| " + " | ".join(r) + " |")
    if more:
        print("\n" + "\n".join(more))
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
