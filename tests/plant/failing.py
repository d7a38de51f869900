#!/usr/bin/env python3
"""Instruments of the water works that fail, and one week in which none does: each is warned of before the process leaves its limits.

    failing.py              the level of the tank that sticks, and the half day before it
    failing.py --all [--seeds N]    a fouled electrode, an aged one, a stuck level, a loose terminal; eight quiet days; each N times (3)

The days are those of pcaps/make/water_days.py, faster than they pass, as an HMI polls them (works.py).  A failure is when
the process itself, or, of what nothing is controlled by, the reading, leaves the limits of works.LIMITS.
"""
import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402
import works  # noqa: E402
from works import water_days  # noqa: E402

DAY, HOUR = 86400, 3600
# name: fault from second, polled each, days at most, what makes the fault, types of the warning that must come before, tags that may be named
CASES = {
    "stuck": (DAY / 2, 10, 1, lambda: water_days.sticks(DAY / 2), ("health.value.frozen", "health.value.stuck"), ("LT201",)),
    "noisy": (DAY / 2, 10, 1.5, lambda: water_days.scatters(DAY / 2, 0.02), ("health.value.noisy",), ("AT201", "FT202", "DOSE_STROKE")),
    "fouled": (3 * DAY, 60, 6, lambda: water_days.drifts(3 * DAY, 0.01), ("health.value.drifting",), ("DOSE_STROKE", "FT202", "AT202")),
    "aged": (3 * DAY, 60, 6, lambda: water_days.drifts_ph(3 * DAY, 0.02), ("health.value.drifting",), ("AT202",)),
}


def stamp(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def failed(truth, reads):
    """Does the process leave its limits, or what is read of it?"""
    return any(not low <= x <= high for x, (low, high) in (
        (truth["AT201"], works.LIMITS["AT201"]), (reads["AT201"], works.LIMITS["AT201"]), (truth["LT201"], works.LIMITS["LT201"]),
        (reads["AT202"], works.LIMITS["AT202"])))


def alerts(folder, capture):
    """(seconds since the begin, type, sentence) of what the models of values report."""
    eve, tags = os.path.join(folder, "eve.json"), os.path.join(folder, "tags.csv")
    works.tag_file(tags)
    if os.path.exists(eve):
        os.unlink(eve)
    p = subprocess.run([tw.BINARY, "-q", "-k", "none", "-r", capture, "-l", folder, "--set", "outputs.eve.types=alert", "--set", "rules.files=none",
                        "--set", f"process.tags={tags}"], stderr=subprocess.PIPE, text=True, check=False, env=dict(os.environ, TZ="UTC", LC_ALL="C"))
    if p.returncode != 0:
        raise tw.Failed(p.stderr[-2000:])
    with open(eve, encoding="utf-8") as f:
        for line in f:
            r = json.loads(line)
            if r["ot"]["kind"] == "first" and r["ot"]["type"].startswith("health.value."):
                yield stamp(r["timestamp"]) - water_days.BEGIN, r["ot"]["type"], r["ot"]["sentence"]


def case(folder, name, seed):
    begin, every, days, fault, types, tags = CASES[name]
    when = []

    def watch(truth, reads, t):
        if not when and t > begin and failed(truth, reads):
            when.append(t)
        return bool(when)
    capture = os.path.join(folder, "x.pcap")
    with open(capture, "wb") as f:
        works.record(f, water_days.Works(seed, fault()), days, every, watch)
    if not when:
        yield f"{name}, seed {seed}: the process did not fail in {days} days"
        return
    found = list(alerts(folder, capture))
    warned = [(t, said) for t, kind, said in found if kind in types and begin < t < when[0] and said.split(" ", 1)[0] in tags]
    for t, kind, said in found:
        if t <= begin or said.split(" ", 1)[0] not in tags:
            yield f"{name}, seed {seed}: after {t / HOUR:.1f} h {kind}: {said}"
    if not warned:
        yield f"{name}, seed {seed}: failed {(when[0] - begin) / HOUR:.2f} h after it began, and nobody was warned: {found}"
    else:
        t, said = warned[0]
        print(f"{name}, seed {seed}: warned {(when[0] - t) / HOUR:.2f} h before it failed, {(t - begin) / HOUR:.2f} h after it began: {said}")


def quiet(folder, seed, days=8):
    capture = os.path.join(folder, "x.pcap")
    with open(capture, "wb") as f:
        works.record(f, water_days.Works(seed), days, 60)
    found = list(alerts(folder, capture))
    print(f"quiet, seed {seed}: {days} days, {len(found)} warnings")
    for t, kind, said in found:
        yield f"quiet, seed {seed}: after {t / HOUR:.1f} h {kind}: {said}"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--all", action="store_true")
    p.add_argument("--seeds", type=int, default=3)
    args = p.parse_args()
    tw.need_binary()
    bad = []
    with tempfile.TemporaryDirectory(prefix="tw-failing-") as folder:
        if not args.all:
            bad += case(folder, "stuck", 12)
        for seed in range(11, 11 + args.seeds) if args.all else ():
            for name in CASES:
                bad += case(folder, name, seed)
            bad += quiet(folder, seed)
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
