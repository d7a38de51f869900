#!/usr/bin/env python3
"""What a large baseline costs: 1,000 devices and 100,000 facts, in detect mode.

    baseline_bench.py [--packets N] [--rounds N]

many.py makes a plant of 1,000 devices, repeat more of it with new sessions; it is learned, and so is the mix of bench.py.  Then: CPU time
of a replay of either with that baseline and alerts only, as a multiple of the empty loop over the same file (the budget is that of
the mix, as in bench.py; the plant is all polls and nothing else); start, which is the time of a replay of one frame with that
baseline; the most memory that it takes.  Exits 1 when a budget (DESIGN 8) is passed.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BUDGET, START_MS, RSS_MB = 4.5, 200, 64
FACTS = 100000
LEARNED = 26		# rounds of half a minute: polls are known after 24 pauses


def run(command):
    """(CPU seconds, wall seconds, most memory in MB) of a process."""
    begin = time.monotonic()
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = p.stderr.read()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        sys.exit(f"{' '.join(command)}: {said.decode(errors='replace')[-500:]}")
    return used.ru_utime + used.ru_stime, time.monotonic() - begin, used.ru_maxrss / 1024


def facts(thermowell, db):
    p = subprocess.run([thermowell, "baseline", "status", "--baseline", db], stdout=subprocess.PIPE, text=True, check=True)
    found = re.search(r"([\d,]+) facts", p.stdout)
    return int(found[1].replace(",", "")) if found else 0


def repeat(tools, out, first, rounds, source):
    subprocess.run([f"{tools}/repeat", out, "1", str(first), str(rounds), source], check=True, stderr=subprocess.DEVNULL)


def frames_of(path):
    """Not read whole: what this process takes at most counts as taken by those that it starts, too."""
    n = 0
    with open(path, "rb") as f:
        f.seek(24)
        while len(head := f.read(16)) == 16:
            f.seek(int.from_bytes(head[8:12], "little"), os.SEEK_CUR)
            n += 1
    return n


def first_frame(path, to):
    with open(path, "rb") as f, open(to, "wb") as out:
        head = f.read(40)
        out.write(head + f.read(int.from_bytes(head[32:36], "little")))


def make_mix(tools, work, to, packets):
    """As many packets of each protocol as bench.py has them."""
    parts, groups = [], bench.captures_of(os.path.dirname(os.path.dirname(HERE)))
    for name, captures in groups.items():
        parts.append(os.path.join(work, f"{name}.part.pcap"))
        bench.multiply(tools, parts[-1], packets // len(groups), captures)
    return bench.multiply(tools, to, packets, parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    thermowell, tools = os.environ["THERMOWELL"], os.environ["PERF_TOOLS"]
    over = []

    def judge(what, value, budget, unit):
        verdict = "passed" if value <= budget else "OVER"
        if verdict == "OVER":
            over.append(f"{what}: {value:.1f} {unit}")
        print(f"{what:52} {value:10.1f} {unit:6} budget {budget:>5} {verdict}")

    with tempfile.TemporaryDirectory() as work:
        small, big, mix, one, db = (os.path.join(work, n) for n in ("small.pcap", "big.pcap", "mix.pcap", "one.pcap", "plant.db"))
        subprocess.run([sys.executable, os.path.join(HERE, "many.py"), small], check=True)
        frames = make_mix(tools, work, mix, args.packets)
        repeat(tools, big, 0, LEARNED, small)
        base = [thermowell, "-q", "-l", work, "--set", "outputs.eve.file=/dev/null", "--set", bench.PLAIN]
        learn = [*base, "--baseline", db, "--learn", "-r"]
        learning = [run([*learn, path]) for path in (big, mix)]
        n_facts = facts(thermowell, db)
        print(f"{n_facts:,} facts, database {os.path.getsize(db) / 1e6:.1f} MB; learned in {sum(x[0] for x in learning):.2f} s of CPU time, "
              f"{max(x[2] for x in learning):.0f} MB")
        if n_facts < FACTS:
            over.append(f"only {n_facts} facts were learned")
        repeat(tools, big, LEARNED, max(1, args.packets * LEARNED // frames_of(big)), small)
        first_frame(small, one)
        detect, spent, most, starts = [*base, "--baseline", db, "--detect", "-r"], {}, [], []
        for _ in range(args.rounds):
            begun = [run([*how, one]) for how in ([*base, "-r"], detect)]
            starts.append([x[1] * 1000 for x in begun])
            for name, path in (("plant", big), ("mix", mix)):
                empty = bench.cpu([f"{tools}/empty_loop", path])
                used = run([*detect, path])
                most.append(used[2])
                spent.setdefault(name, []).append((run([*base, "-r", path])[0] / empty, used[0] / empty, begun[1][0] / empty))
    for name in spent:
        plain, learned, begin = (statistics.median(x[i] for x in spent[name]) for i in range(3))
        print(f"{name + ': alerts only, without a baseline':52} {plain:10.1f} x empty loop")
        if name == "mix":
            judge(name + ": in detect mode", learned, BUDGET, "x")
        else:
            print(f"{name + ': in detect mode':52} {learned:10.1f} x")
        print(f"{'    of that its start':52} {begin:10.1f} x")
    print(f"{frames:,} packets of the mix")
    print(f"{'start without a baseline':52} {statistics.median(x[0] for x in starts):10.1f} ms")
    judge("start with that baseline", statistics.median(x[1] for x in starts), START_MS, "ms")
    judge("most memory", max(most), RSS_MB, "MB")
    print("\nover budget: " + "; ".join(over) if over else "\nall within budget")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
