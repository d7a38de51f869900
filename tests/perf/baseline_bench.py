#!/usr/bin/env python3
"""What a large baseline costs: 1,000 devices and about 100,000 facts, in detect mode.

    baseline_bench.py [--packets N] [--rounds N]

many.py makes the plant, repeat makes more of it with new sessions.  Learned once, then: CPU time of a replay as a multiple of the empty loop
over the same file, with alerts only; start, which is the time of a replay of one frame with that baseline; the most memory that it
takes.  Exits 1 when a budget (DESIGN 8) is passed.
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
LEARNED = 3		# rounds of half a minute


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
        small, big, one, db = (os.path.join(work, n) for n in ("small.pcap", "big.pcap", "one.pcap", "plant.db"))
        subprocess.run([sys.executable, os.path.join(HERE, "many.py"), small], check=True)
        a_round = (os.path.getsize(small) - 24) // 82
        repeat = [f"{tools}/repeat"]
        subprocess.run([*repeat, big, "1", "0", str(LEARNED), small], check=True, stderr=subprocess.DEVNULL)
        base = [thermowell, "-q", "-l", work, "--set", "outputs.eve.file=/dev/null", "--set", bench.PLAIN, "--baseline", db]
        learning = run([*base, "--learn", "-r", big])
        n_facts = facts(thermowell, db)
        print(f"1,000 devices, {n_facts:,} facts, database {os.path.getsize(db) / 1e6:.1f} MB; learned in {learning[0]:.2f} s of CPU time, "
              f"{learning[2]:.0f} MB")
        if n_facts < FACTS * 0.95:
            over.append(f"only {n_facts} facts were learned")
        subprocess.run([*repeat, big, "1", str(LEARNED), str(max(1, args.packets // a_round)), small], check=True, stderr=subprocess.DEVNULL)
        with open(small, "rb") as f, open(one, "wb") as out:
            head = f.read(40)
            out.write(head + f.read(int.from_bytes(head[32:36], "little")))
        detect, plain, factors, rss, starts = [*base, "--detect"], base[:-2], [], [], []
        without, nothing = [], []
        for _ in range(args.rounds):
            empty = bench.cpu([f"{tools}/empty_loop", big])
            used = run([*detect, "-r", big])
            factors.append(used[0] / empty)
            rss.append(used[2])
            without.append(run([*plain, "-r", big])[0] / empty)
            starts.append(run([*detect, "-r", one])[1] * 1000)
            nothing.append(run([*plain, "-r", one])[1] * 1000)
    print(f"{'without a baseline':52} {statistics.median(without):10.1f} {'x':6}")
    judge("alerts only, in detect mode, of the empty loop", statistics.median(factors), BUDGET, "x")
    print(f"{'start without a baseline':52} {statistics.median(nothing):10.1f} {'ms':6}")
    judge("start with that baseline", statistics.median(starts), START_MS, "ms")
    judge("most memory", max(rss), RSS_MB, "MB")
    print("\nover budget: " + "; ".join(over) if over else "\nall within budget")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
