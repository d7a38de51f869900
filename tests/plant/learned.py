#!/usr/bin/env python3
"""The plant learned, then the intruder: each step is told, in one or two incidents in the right order; ordinary work raises nothing.

    learned.py [-v] [--seeds FOLDER]

With the captures of pcaps/plant, and with three more of each that tests/perf/repeat makes of them: other ports, numbers, moments and
measurements.  --seeds: with plant-N.pcap, attack-N.pcap and attack-N.tsv there, too, as pcaps/make/plant makes them with --seed N.  With the shipped
rules and nothing of the owner's: what tells is what was learned, and what needs no learning.
"""
import argparse
import collections
import csv
import datetime
import glob
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

RULES = [o for path in sorted(glob.glob(os.path.join(tw.SRCDIR, "rules", "*.rules"))) for o in ("-s", path)]
REPEAT = os.path.join(tw.BUILDDIR, "tests/perf/repeat")
SEEDS = (11, 12, 13)
HOUR = 6	# rounds of ten minutes
LATE = 10.0	# seconds after its end in which a step may be told
# The fault at the end is told of the device, whoever asks it; it is gone when the attempts of its clients are over.
ABOUT = {"fail-slow": "10.20.1.12", "fail-refusing": "10.20.1.12", "fail-silent": "10.20.1.12"}
LATER = {"fail-silent": 30.0, "dnp3-restart": 20.0}

Run = collections.namedtuple("Run", "name normal another attack tsv round")


def when(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def first_time(capture):
    with open(capture, "rb") as f:
        sec, us = struct.unpack("<II", f.read(32)[24:32])
    return sec + us / 1e6


def steps(tsv):
    with open(tsv, encoding="utf-8") as f:
        for row in csv.reader((line for line in f if not line.startswith("#")), delimiter="\t"):
            yield row[0], float(row[1]), float(row[2]), ABOUT.get(row[0], row[7])


def alerts(records):
    """What a person sees: the first record of each alert of severity 1 to 3."""
    return [r for r in records if r["event_type"] == "alert" and r["ot"]["kind"] == "first" and r["alert"]["severity"] <= 3]


def line(r):
    return f"{r['timestamp'][11:23]} frame {r.get('pcap_cnt', '-')} severity {r['alert']['severity']} {r['ot']['type']}: {r['ot']['sentence']}"


def about(r, address):
    return address in re.findall(r"\d+\.\d+\.\d+\.\d+", " ".join((r.get("src_ip", ""), r.get("dest_ip", ""), r["ot"]["sentence"])))


def incidents(records):
    """The last state of each incident of severity 1 to 3, in the order in which they began."""
    found = {}
    for r in records:
        if r["event_type"] == "incident":
            found[r["ot"]["id"]] = r["ot"]["incident"]
    return [i for i in found.values() if i["severity"] <= 3 and "part_of" not in i]


def judge_incidents(run, records, begin):
    """One or two, which hold every step, and tell them in the order in which they were done."""
    found = incidents(records)
    if not 1 <= len(found) <= 2:
        yield f"{len(found)} incidents instead of one or two: " + "; ".join(i["title"] for i in found)
    for step, start, end, _ in steps(run.tsv):
        if not any(when(i["first"]) - begin <= end + LATER.get(step, LATE) and when(i["last"]) - begin >= start - 1 for i in found):
            yield f"{step}: in no incident"
    for i in found:
        for kind in ("types", "stages"):
            times = [x["first"] for x in i[kind]]
            if times != sorted(times):
                yield f"{i['title']}: {kind} are not in the order in which they began"


def judge(run, records, begin):
    """What is wrong with what was told of the attack."""
    told = alerts(records)
    for step, start, end, who in steps(run.tsv):
        mine = [r for r in told if start - 1 <= when(r["timestamp"]) - begin <= end + LATER.get(step, LATE) and about(r, who)]
        if not mine:
            yield f"{step}: nothing was told of {who} between {start:.0f} and {end:.0f} s"
    first = min(start for _, start, _, _ in steps(run.tsv))
    # Where one recording follows repeats of another, the tanks have other levels from one second to the next.
    jumps = ("baseline.value.read",) if run.round else ()
    for r in told:
        if when(r["timestamp"]) - begin < first - 1 and r["ot"]["type"] not in jumps:
            yield f"before the first step: {line(r)}"
    yield from judge_incidents(run, records, begin)


def replay(capture, *options):
    return tw.replay(capture, ["--set", "rules.files=none", *RULES, *options], types="alert,incident", timeout=240)


def repeat(out, seed, first, rounds, source):
    subprocess.run([REPEAT, out, str(seed), str(first), str(rounds), source], check=True, stderr=subprocess.DEVNULL)
    return out


def runs(folder, seeds):
    plant, attack = (os.path.join(tw.SRCDIR, f"pcaps/plant/{n}.pcap") for n in ("plant", "plant-attack"))
    tsv = os.path.join(tw.SRCDIR, "pcaps/plant/attack.tsv")
    yield Run("pcaps/plant", plant, None, attack, tsv, 0)
    for seed in SEEDS:
        def made(name, *how, seed=seed):
            return repeat(os.path.join(folder, f"{name}-{seed}.pcap"), seed, *how)
        yield Run(f"seed {seed}", made("plant", 0, HOUR, plant), made("hour", HOUR, HOUR, plant), made("attack", 1, 1, attack), tsv, 1)
    others = sorted(glob.glob(os.path.join(seeds, "plant-*.pcap"))) if seeds else []
    for n, path in enumerate(others):
        name = re.search(r"plant-(\w+)\.pcap", path)[1]
        at = os.path.join(seeds, f"attack-{name}")
        if os.path.exists(at + ".tsv"):
            yield Run(f"recorded with seed {name}", path, others[n - 1] if len(others) > 1 else None, at + ".pcap", at + ".tsv", 0)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("-v", action="store_true", help="all that was told")
    p.add_argument("--seeds", metavar="FOLDER")
    args = p.parse_args()
    tw.need_binary()
    bad = []
    with tempfile.TemporaryDirectory(prefix="tw-learned-") as folder:
        for run in runs(folder, args.seeds):
            db = os.path.join(folder, "plant.db")
            for old in glob.glob(db + "*"):
                os.unlink(old)
            replay(run.normal, "--learn", "--baseline", db)
            if run.another:
                ordinary = replay(run.another, "--detect", "--baseline", db)
                bad += [f"{run.name}: ordinary work: {line(r)}" for r in alerts(ordinary)]
            records = replay(run.attack, "--detect", "--baseline", db)
            if args.v:
                print(f"{run.name}:", *map(line, alerts(records)), *(f"incident of severity {i['severity']}: {i['title']}" for i in incidents(records)), sep="\n  ")
            begin = first_time(run.attack)
            bad += [f"{run.name}: {what}" for what in judge(run, records, begin)]
            print(f"{run.name}: {len(alerts(records))} alerts, {len(incidents(records))} incidents")
    print("\n".join(bad[:80]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
