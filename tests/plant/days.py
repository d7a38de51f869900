#!/usr/bin/env python3
"""Days of plant: some learned, none of severity 1 to 3 in those after; memory flat, the database bounded, the status right.

    days.py [--week | --days N --learned N | --rounds N --learned-rounds N] [--seed N]

The days are made by tests/perf/repeat out of pcaps/plant/plant.pcap while they are read: a round of ten minutes after another, none the
same.  Without options a short version: two hours learned, five after them.  Days are the same with 144 rounds each.

--week: seven days and three hours as week.py makes them (nights, a weekend, a job, a backup, restarts, clocks), learned by itself in two of
them (mode auto), in several runs; what `baseline status` and its forecast say is held against what `baseline show` lists.
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402
import week  # noqa: E402

REPEAT = os.path.join(tw.BUILDDIR, "tests/perf/repeat")
PLANT, ATTACK = (os.path.join(tw.SRCDIR, f"pcaps/plant/{name}.pcap") for name in ("plant", "plant-attack"))
DAY = 144		# rounds of ten minutes
RSS_GROWS_KB = 4096	# more than this between a part and five times as much is a leak
BYTES_A_FACT = 4096	# of the database, at most


class Part:
    """A replay of some rounds: what was told, and the most memory that it took."""
    def __init__(self, folder, seed, first, rounds, *options, of=(PLANT,)):
        eve = os.path.join(folder, "eve.json")
        if os.path.exists(eve):
            os.unlink(eve)
        source = subprocess.Popen([REPEAT, "-", str(seed), str(first), str(rounds), *of], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
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
        """Of device health nothing at all may be told."""
        return [r for r in self.records if r["event_type"] == "alert" and r["ot"]["kind"] == "first" and
                (r["alert"]["severity"] <= 3 or r["ot"]["type"].startswith("health."))]


def size(db):
    return sum(os.path.getsize(db + end) for end in ("", "-wal", "-shm") if os.path.exists(db + end))


def status(db, *options):
    p = subprocess.run([tw.BINARY, "baseline", "status", "--baseline", db, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       check=False, env=dict(os.environ, TZ="UTC", LC_ALL="C"))
    return p.returncode, p.stdout


def table(text):
    """{kind: (learned, once, accepted, open, rejected, new in an hour, since)} of a status."""
    return {m[1]: (*map(int, m.groups()[1:7]), m[8]) for m in re.finditer(
        r"^([a-z-]+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)  (\S+)$", text, re.M)}


def wrong_numbers(db, text, begin, last):
    """What a status says that is not what the facts say."""
    p = subprocess.run([tw.BINARY, "baseline", "show", "all", "--baseline", db], stdout=subprocess.PIPE, check=True, text=True,
                       env=dict(os.environ, TZ="UTC", LC_ALL="C"))
    kinds = {}
    for line in p.stdout.splitlines():
        kind, said = line.split(" ", 1)[0], line.split("  ", 1)[1]
        kinds.setdefault(kind, []).append((said.split(",", 1)[0], re.search(r"since ([^ ,]+)", said)[1], "seen once" in said))
    shown = table(text)
    if set(shown) != set(kinds):
        yield f"status has the kinds {sorted(shown)}, the baseline {sorted(kinds)}"
    for kind, facts in kinds.items():
        is_, should = shown.get(kind, ()), tuple(sum(f[0] == state for f in facts) for state in ("learned", "accepted", "open", "rejected"))
        if is_ and ((is_[0], *is_[2:5]) != should or is_[1] != sum(f[0] == "learned" and f[2] for f in facts) or is_[6] != min(f[1] for f in facts)):
            yield f"status of {kind}: {is_}, but its facts are {should}"
    total = sum(map(len, kinds.values()))
    said = re.search(r": (\d+) facts, last seen (\S+)$", text, re.M)
    if int(said[1]) != total:
        yield f"status says {said[1]} facts, there are {total}"
    seen = datetime.datetime.fromisoformat(said[2] + "+00:00").timestamp()
    if last and not last - 60 <= seen <= last + 10:
        yield f"last seen {said[2]}, but the capture ended at {stamp(last)}"
    if shown and shown["device"][6] != stamp(begin)[:16]:
        yield f"devices since {shown['device'][6]}, but it began at {stamp(begin)}"


def stamp(t):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def wrong_stage(text, stage, forecast):
    """All kinds of all devices must be in this stage; forecast: until then, or None."""
    said = re.search(r"kinds of facts of devices: (\d+) learn, (\d+) are reviewed, (\d+) detect, 0 are locked", text)
    counts = dict(zip(("learn", "review", "detect"), map(int, said.groups()))) if said else {}
    if not said or counts[stage] == 0 or sum(counts.values()) != counts[stage]:
        yield f"all should {stage}, but it says {said and said[0]}"
    when = re.search(r"forecast: all of them detect from (\S+) on", text)
    if (when is None) != (forecast is None):
        yield f"forecast {when and when[1]} in the stage {stage}"
    elif when and abs(datetime.datetime.fromisoformat(when[1] + ":00+00:00").timestamp() - forecast) > 1200:
        yield f"forecast {when[1]}, but two days are over at {stamp(forecast)}"


def whole_week(folder, seed):
    db, days = os.path.join(folder, "plant.db"), 7
    begin, length, made = week.inputs(folder, PLANT, ATTACK)
    rounds = days * DAY + 18
    plan = os.path.join(folder, "plan")
    special = week.plan(plan, seed, begin, length, rounds)
    if {week.JOB, week.BACKUP, "silent"} - set(special.values()):
        yield f"the plan has only {special}"
    own = ("--set", "baseline.mode=auto", "--baseline", db)
    detects = begin + 2 * 86400
    sizes, rss = {}, {}
    for until, stage, forecast in ((72, "learn", detects), (216, "review", detects), (300, "detect", None), (rounds, "detect", None)):
        first = max((r for r in sizes), default=0)
        part = Part(folder, seed, first, until - first, *own, of=("-p", plan, *made))
        sizes[until], rss[until] = size(db), part.rss_kb
        code, text = status(db, *own[:2])
        print(text)
        if code != 0:
            yield f"baseline status ends with {code}"
        yield from wrong_numbers(db, text, begin, begin + until * length + 2)
        yield from wrong_stage(text, stage, forecast)
        late = [r for r in part.told() if when(r["timestamp"]) > detects + 3600]
        for r in late:
            yield f"{r['timestamp'][:19]} severity {r['alert']['severity']} {r['ot']['type']}: {r['ot']['sentence']}"
        if until > 216 and "deviations: 0 open, 0.00 a device and day; the budget is 1\n" not in text:
            yield f"after {until} rounds: " + text.splitlines()[-1]
    types = {r["ot"]["type"] for r in part.records if r["event_type"] == "alert"}
    if "program.upload.usual" not in types or any(r["event_type"] == "incident" for r in part.records):
        yield f"the last days: {sorted(types)}, {sum(r['event_type'] == 'incident' for r in part.records)} incidents"
    print(f"{rounds} rounds: memory {list(rss.values())} KB, database {list(sizes.values())} bytes")
    if not kept_by_sanitizer() and rss[rounds] > rss[300] + RSS_GROWS_KB:
        yield f"memory grows: {rss} KB after so many rounds"
    if sizes[rounds] > sizes[300] + 262144:
        yield f"the database grows: {sizes} bytes after so many rounds"
    attack = Part(folder, seed, rounds, 1, *own, of=(ATTACK,))
    grave = [r for r in attack.told() if r["ot"]["type"].startswith("baseline.")]
    if not any(r["alert"]["severity"] <= 2 for r in grave):
        yield f"the intruder after this week: {sorted({r['ot']['type'] for r in grave})}"
    code, text = status(db, *own[:2])
    opened = sum(row[3] for row in table(text).values())
    said = re.search(r"deviations: (\d+) open, ([\d.]+) a device and day", text)
    devices = table(text)["device"]
    rate = opened / (devices[0] + devices[2] + devices[3]) / ((begin + (rounds + 1) * length - begin) / 86400)
    if opened == 0 or int(said[1]) != opened or abs(float(said[2]) - rate) > 0.02:
        yield f"{opened} deviations are open, {rate:.2f} a device and day; status says {said[0]}"
    yield from wrong_numbers(db, text, begin, None)


def when(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


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
    intruder = Part(folder, seed, rounds, 1, *detect, of=(ATTACK,))	# it detects at all
    if not any(r["ot"]["type"].startswith("baseline.") for r in intruder.told()):
        yield "the intruder after these days raises no deviation"
    facts = re.search(r"([\d,]+) facts", text)
    if facts and size(db) > 1000000 + int(facts[1].replace(",", "")) * BYTES_A_FACT:
        yield f"the database has {size(db)} bytes"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--week", action="store_true")
    p.add_argument("--days", type=int)
    p.add_argument("--learned", type=int, default=2)
    p.add_argument("--rounds", type=int, default=42)
    p.add_argument("--learned-rounds", type=int, default=12)
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    tw.need_binary()
    rounds, learned = (args.days * DAY, args.learned * DAY) if args.days else (args.rounds, args.learned_rounds)
    with tempfile.TemporaryDirectory(prefix="tw-days-") as folder:
        bad = list(whole_week(folder, args.seed) if args.week else problems(folder, args.seed, rounds, learned))
    print("\n".join(bad[:60]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
