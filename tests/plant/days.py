#!/usr/bin/env python3
"""Days of plant: some learned, none of severity 1 to 3 in those after; memory flat, the database bounded, the status right.

    days.py [--days N --learned N | --rounds N --learned-rounds N] [--seed N]

The days are made by tests/perf/repeat out of pcaps/plant/plant.pcap while they are read: a round of ten minutes after another, none the
same.  Without options a short version: two hours learned, five after them.  Days are the same with 144 rounds each.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

REPEAT = os.path.join(tw.BUILDDIR, "tests/perf/repeat")
PLANT, ATTACK = (os.path.join(tw.SRCDIR, f"pcaps/plant/{name}.pcap") for name in ("plant", "plant-attack"))
DAY = 144		# rounds of ten minutes
RSS_GROWS_KB = 4096	# more than this between a part and five times as much is a leak
BYTES_A_FACT = 4096	# of the database, at most


class Part:
    """A replay of some rounds: what was told, and the most memory that it took."""
    def __init__(self, folder, seed, first, rounds, *options, of=PLANT):
        eve = os.path.join(folder, "eve.json")
        if os.path.exists(eve):
            os.unlink(eve)
        source = subprocess.Popen([REPEAT, "-", str(seed), str(first), str(rounds), of], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        cmd = [tw.BINARY, "-q", "-r", "-", "-l", folder, "--set", "outputs.eve.types=alert,incident", "--set", "rules.files=none", *options]
        p = subprocess.Popen(cmd, stdin=source.stdout, stderr=subprocess.PIPE, cwd=tw.SRCDIR, text=True, env=dict(os.environ, TZ="UTC", LC_ALL="C"))
        source.stdout.close()
        said = p.stderr.read()
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        if source.wait() != 0 or p.returncode != 0:
            raise tw.Failed(f"{' '.join(cmd)}: exit status {p.returncode}\n{said[-2000:]}")
        self.rss_kb = used.ru_maxrss
        with open(eve, encoding="utf-8") as f:
            self.records = [json.loads(line) for line in f]

    def told(self):
        return [r for r in self.records if r["event_type"] == "alert" and r["ot"]["kind"] == "first" and r["alert"]["severity"] <= 3]


def size(db):
    return sum(os.path.getsize(db + end) for end in ("", "-wal", "-shm") if os.path.exists(db + end))


def status(db):
    p = subprocess.run([tw.BINARY, "baseline", "status", "--baseline", db], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       check=False, env=dict(os.environ, TZ="UTC", LC_ALL="C"))
    return p.returncode, p.stdout


def kept_by_sanitizer():
    """AddressSanitizer keeps what was freed for a while: memory then grows by design."""
    with open(tw.BINARY, "rb") as program:
        return b"__asan_init" in program.read()


def problems(folder, seed, rounds, learned):
    db = os.path.join(folder, "plant.db")
    first = Part(folder, seed, 0, learned, "--learn", "--baseline", db)
    grown = size(db)
    code, text = status(db)
    print(text)
    if code != 0:
        yield f"baseline status ends with {code}"
    detect = ("--detect", "--baseline", db)
    short = Part(folder, seed, learned, max(1, (rounds - learned) // 5), *detect)
    after = Part(folder, seed, learned, rounds - learned, *detect)
    for r in after.told():
        yield f"{r['timestamp'][:19]} severity {r['alert']['severity']} {r['ot']['type']}: {r['ot']['sentence']}"
    if not kept_by_sanitizer() and after.rss_kb > short.rss_kb + RSS_GROWS_KB:
        yield f"memory grows: {short.rss_kb} KB after {max(1, (rounds - learned) // 5)} rounds, {after.rss_kb} KB after {rounds - learned}"
    print(f"{rounds} rounds: learning {first.rss_kb} KB, detecting {short.rss_kb} and {after.rss_kb} KB; database {grown} and {size(db)} bytes; "
          f"{len(after.records)} records while detecting")
    intruder = Part(folder, seed, rounds, 1, *detect, of=ATTACK)	# it detects at all
    if not any(r["ot"]["type"].startswith("baseline.") for r in intruder.told()):
        yield "the intruder after these days raises no deviation"
    facts = re.search(r"([\d,]+) facts", text)
    if facts and size(db) > 1000000 + int(facts[1].replace(",", "")) * BYTES_A_FACT:
        yield f"the database has {size(db)} bytes"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--days", type=int)
    p.add_argument("--learned", type=int, default=2)
    p.add_argument("--rounds", type=int, default=42)
    p.add_argument("--learned-rounds", type=int, default=12)
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    tw.need_binary()
    rounds, learned = (args.days * DAY, args.learned * DAY) if args.days else (args.rounds, args.learned_rounds)
    with tempfile.TemporaryDirectory(prefix="tw-days-") as folder:
        bad = list(problems(folder, args.seed, rounds, learned))
    print("\n".join(bad[:60]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
