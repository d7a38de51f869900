#!/usr/bin/env python3
"""Devices that fail slowly: each is warned of before it fails, and one that does not fail is not.

    ailing.py [-v] [--seeds N] [NAME...]    each N times (1), with other dice

What goes over the wire are messages of real stacks (pcaps/health, made by pcaps/make/health_stacks.py); days are made of them here, with
other times: a poll every 20 seconds, its answer after as long as the scenario says.  A failure is where masters give up: half of the
answers take longer than a second, or a tenth of the messages is damaged.  Printed is how long before that the first warning came.
"""
import argparse
import datetime
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

sys.path.insert(0, os.path.join(tw.SRCDIR, "pcaps/make"))
from health_days import BEGIN, DAMAGED, DAY, HOUR, SILENT, UNREACHED, days  # noqa: E402

def night(t):
    """A plant by day asks more than by night."""
    return 1.15 if 7 <= t % DAY / HOUR < 18 else 1.0


# name: days, latency, kinds, what warns, when it fails (s)
SCENARIOS = {
    # Answers in 20 ms; from the second day on it takes a third longer each day.
    "slower": ("poll", 502, 14, lambda t: 0.020 * night(t) * 1.40 ** max(0, t / DAY - 2), lambda t: {}, "health.answer-time",
               lambda t, lat, k: lat(t) >= 1.0),
    # A serial line behind a gateway: one of two thousand damaged, from the second day on twice as many each half day.
    "line": ("line", 4001, 8, lambda t: 0.060, lambda t: {DAMAGED: min(1, 0.0005 * 2 ** max(0, (t / DAY - 2) * 2))}, "health.line",
             lambda t, lat, k: k(t)[DAMAGED] >= 0.10),
    # A device behind it that is reached less and less.
    "gateway": ("poll", 502, 8, lambda t: 0.060, lambda t: {UNREACHED: min(1, 0.001 * 2 ** max(0, (t / DAY - 2) * 2))}, "health.gateway",
                lambda t, lat, k: k(t)[UNREACHED] >= 0.10),
    # Nothing fails: a load by day, and now and then a lost answer.
    "quiet": ("line", 4001, 9, lambda t: 0.060 * night(t) * (1.6 if 2 <= t % DAY / HOUR < 3 else 1), lambda t: {DAMAGED: 0.0005, SILENT: 0.001}, None, None),
}


def replay(path, db, *options):
    with tempfile.TemporaryDirectory() as tmp:
        p = subprocess.run([tw.BINARY, "-q", "-r", path, "-l", tmp, "--set", "rules.files=none", "--set", "outputs.eve.types=alert,health", "--store", db,
                            *options], cwd=tw.SRCDIR, check=False, stderr=subprocess.PIPE, text=True)
        if p.returncode != 0:
            raise tw.Failed(p.stderr)
        with open(os.path.join(tmp, "eve.json"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]


def halves(path, t):
    """The capture in two, what comes before this time and what comes then."""
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while struct.unpack_from("<I", data, at)[0] < BEGIN + t:
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    for part, of in enumerate((data[24:at], data[at:])):
        with open(f"{path}.{part}", "wb") as f:
            f.write(data[:24] + of)
        yield f"{path}.{part}"


def over_a_restart(path, t, warns, first):
    """Two runs with one database know what one run knows."""
    db = path + ".db"
    before, behind = ([r for r in replay(part, db) if r["event_type"] == "alert" and r["ot"]["type"] == warns] for part in halves(path, t))
    if before or len(behind) != 1 or abs(when(behind[0]) - when(first)) > 2 * HOUR:
        yield f"over a restart {warns} is reported {len(before)} and {len(behind)} times"


def when(record):
    return datetime.datetime.strptime(record["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() - BEGIN


def one(name, verbose, seed):
    stack, port, length, latency, kinds, warns, failed = SCENARIOS[name]
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "days.pcap")
        days(path, stack, port, length, latency, kinds, seed)
        records = replay(path, os.path.join(tmp, "plant.db"))
        restart = [w for r in records if name == "line" and r["ot"].get("type") == warns and r["ot"]["kind"] == "first"
                   for w in over_a_restart(path, 3 * DAY + 1800, warns, r)]
    told = [r for r in records if r["event_type"] == "alert" and r["ot"]["type"].startswith("health.")]
    if verbose:
        for r in records:
            print(r["timestamp"][:19], r["event_type"], r["ot"].get("type"), r["ot"].get("sentence") or json.dumps(r["ot"].get("health"))[:3000])
    if warns is None:
        print(f"{name}, seed {seed}: {length} days, {len(told)} warnings")
        return [f"{name}, seed {seed}: {r['timestamp'][:19]} {r['ot']['sentence']}" for r in told]
    fails = next(t for t in range(0, length * DAY, 600) if failed(t, latency, kinds))
    first = next((r for r in told if r["ot"]["type"] == warns), None)
    if first is None:
        return [f"{name}: nobody warned"]
    print(f"{name}, seed {seed}: warned {(fails - when(first)) / HOUR:.0f} hours before it fails, "
          f"{(when(first) - 2 * DAY) / HOUR:.0f} hours after it began\n\t{first['ot']['sentence']}")
    early = [r for r in told if when(r) < 2 * DAY]
    return restart + [f"{name}: warned at {when(first) / HOUR:.0f} h, it fails at {fails / HOUR:.0f} h"] * (when(first) >= fails - 12 * HOUR) + \
        [f"{name}: before anything was wrong: {r['ot']['sentence']}" for r in early]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("-v", dest="verbose", action="store_true")
    p.add_argument("--seeds", type=int, default=1)
    p.add_argument("names", nargs="*", metavar="NAME")
    of = p.parse_args()
    tw.need_binary()
    wrong = [w for name in of.names or SCENARIOS for seed in range(7, 7 + of.seeds) for w in one(name, of.verbose, seed)]
    for w in wrong:
        print(w)
    print(f"{len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
