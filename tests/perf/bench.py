#!/usr/bin/env python3
"""Time of thermowell beside an empty libpcap loop and the peers, in one run.

    bench.py [--packets N] [--rounds N] [CAPTURE...]

Every figure is CPU time (user and system) of a whole process, the median of
the rounds, as a multiple of the empty loop over the same file.  Programs take
turns, so that a slow moment of the machine hits all of them alike.  Exits 1
when a budget is passed.
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

BUDGET_PLAIN, BUDGET_LOGGED = 8.0, 20.0


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("captures", nargs="+")
    args = parser.parse_args()
    thermowell, tools = os.environ["THERMOWELL"], os.environ["PERF_TOOLS"]

    with tempfile.TemporaryDirectory() as work:
        big = os.path.join(work, "big.pcap")
        n = int(subprocess.run([f"{tools}/multiply", big, str(args.packets), *args.captures],
                               check=True, capture_output=True, text=True).stdout)
        size = os.path.getsize(big) / 1e6
        print(f"{n:,} packets, {size:,.0f} MB, from {', '.join(os.path.basename(c) for c in args.captures)}")
        ours = [thermowell, "-q", "-r", big, "-l", work, "--set", "outputs.eve.file=/dev/null"]
        programs = [
            ("empty libpcap loop", [f"{tools}/empty_loop", big], None),
            ("thermowell, no transaction logged", [*ours, "--set", "outputs.eve.types=flow,anomaly,stats,visibility"], BUDGET_PLAIN),
            ("thermowell, every transaction logged", [*ours, "--set", "outputs.eve.types=all"], BUDGET_LOGGED),
        ]
        if shutil.which("ndpiReader"):
            programs.append(("ndpiReader", ["ndpiReader", "-q", "-i", big], None))
        times = {name: [] for name, _, _ in programs}
        for _ in range(args.rounds):
            for name, command, _ in programs:
                times[name].append(cpu(command))
        empty = times[programs[0][0]]
        over = False
        print(f"{'':40} {'CPU s':>8} {'ns/packet':>10} {'x empty loop':>13} {'budget':>7}")
        for name, _, budget in programs:
            median = statistics.median(times[name])
            ratio = statistics.median(t / e for t, e in zip(times[name], empty))
            over |= budget is not None and ratio > budget
            print(f"{name:40} {median:8.3f} {median / n * 1e9:10.0f} {ratio:13.1f} {budget or '':>7}")
        if shutil.which("tshark"):
            # tshark keeps state per packet: a tenth of the file is enough to tell.
            part = os.path.join(work, "part.pcap")
            m = int(subprocess.run([f"{tools}/multiply", part, str(max(n // 10, 1)), *args.captures],
                                   check=True, capture_output=True, text=True).stdout)
            e = statistics.median(cpu([f"{tools}/empty_loop", part]) for _ in range(args.rounds))
            t = cpu(["tshark", "-n", "-r", part, "-T", "fields", "-e", "modbus.func_code"])
            print(f"{'tshark (a tenth of the file)':40} {t:8.3f} {t / m * 1e9:10.0f} {t / max(e, 1e-9):13.1f}")
        if over:
            print("over budget")
        return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
