#!/usr/bin/env python3
"""What rules cost: the standard mix of bench.py with no, 10, 100, 1,000 and 10,000 rules.

    rules_bench.py [--packets N] [--rounds N]

Every figure is CPU time (user and system) of a replay without logging, less the time that the same program takes to start with
those rules (compiling 10,000 rules is no packet's fault), the median of the rounds; and, beside it, that start, and the memory.
Exits 1 when 10,000 rules cost more than 1.2 times what 100 cost, or a start with 100 rules takes more than 100 ms.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402
import make_rules  # noqa: E402

COUNTS = (0, 10, 100, 1000, 10000)
BUDGET, BUDGET_START = 1.2, 0.1


def memory(command):
    """Peak resident set, KiB."""
    p = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(p.pid, 0)
    return usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=300000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
    thermowell, tools = os.environ["THERMOWELL"], os.environ["PERF_TOOLS"]
    with tempfile.TemporaryDirectory() as work:
        captures = [c for of in bench.captures_of(root).values() for c in of]
        big, none = os.path.join(work, "big.pcap"), os.path.join(work, "none.pcap")
        n = bench.multiply(tools, big, args.packets, captures)
        bench.multiply(tools, none, 1, captures)
        commands = {}
        for count in COUNTS:
            path = os.path.join(work, f"{count}.rules")
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(make_rules.rules(count)) + "\n")
            commands[count] = [thermowell, "-q", "-l", work, "--set", "outputs.eve.file=/dev/null", "--set", "outputs.eve.types=alert",
                               *(("-S", path) if count else ("--set", "rules.files=none"))]
        runs, starts = {c: [] for c in COUNTS}, {c: [] for c in COUNTS}
        for _ in range(args.rounds):
            for c in COUNTS:
                starts[c].append(bench.cpu([*commands[c], "-r", none]))
                runs[c].append(bench.cpu([*commands[c], "-r", big]))
        start = {c: statistics.median(starts[c]) for c in COUNTS}
        net = {c: statistics.median(runs[c]) - start[c] for c in COUNTS}
        print(f"{n:,} packets of the standard mix")
        print(f"{'rules':>8} {'ns/packet':>10} {'x 100 rules':>12} {'start s':>8} {'MiB':>6}")
        for c in COUNTS:
            print(f"{c:8} {net[c] / n * 1e9:10.0f} {net[c] / net[100]:12.2f} {start[c]:8.3f} "
                  f"{memory([*commands[c], '-r', none]) / 1024:6.1f}")
        over = net[10000] > BUDGET * net[100] or start[100] - start[0] > BUDGET_START
        if over:
            print("over budget")
        return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
