#!/usr/bin/env python3
"""Time of thermowell beside an empty libpcap loop and the peers, in one run.

    bench.py [--packets N] [--rounds N] [CAPTURE...]

Without captures: one file for each protocol, made of real captures from
THERMOWELL_CORPUS where that is set and of those in pcaps/ otherwise, and one
with as many packets of each.  Every figure is CPU time (user and system) of a
whole process, the median of the rounds, as a multiple of the empty loop over
the same file.  Programs take turns, so that a slow moment of the machine hits
all of them alike.  Exits 1 when a budget (DESIGN 8) is passed.
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

BUDGET_PLAIN, BUDGET_LOGGED = 4.0, 8.0	# of the mix; one protocol alone is told without
BUDGET_VALUES, TAGS = 5.0, 20	# alerts only, with values of so many tags, as a plant names them
PLAIN = "outputs.eve.types=alert"
LOGGED = "outputs.eve.types=all"

# What is heavy of each protocol: polls as plants have them, many messages a
# packet, many items a message, many flows.
CORPUS = {
    "modbus": ["modbus/zeek__modbusBig.pcap", "modbus/iti__ModbusTCP.pcap"],
    "dnp3": ["dnp3/qut2017dnp3__flooding_training_infrequent.attackerview.nogoose.pcap",
             "dnp3/qut2017dnp3__mixed_training_infrequent.attackerview.nogoose.pcap",
             "dnp3/dnp3obf__devtrace_AB1400L.pcap"],
    "s7": ["s7comm/ctsamples__Plant1_S7comm.pcap",
           "s7comm/qut2017s7__20161215195722.ReactorOn_Flooding.hmi.pcap"],
}
OWN = {
    "modbus": ["modbus/plant-tour.pcap"],
    "dnp3": ["dnp3/opendnp3-scans.pcap", "dnp3/opendnp3-commands.pcap", "dnp3/opendnp3-fragments.pcap"],
    "s7": ["s7/variables.pcap", "s7/identity.pcap", "s7/blocks.pcap"],
}


def captures_of(root):
    """Protocol -> captures: real ones when all of a protocol's are there."""
    corpus = os.environ.get("THERMOWELL_CORPUS", "")
    found = {}
    for proto in CORPUS:
        real = [os.path.join(corpus, c) for c in CORPUS[proto]]
        own = [os.path.join(root, "pcaps", c) for c in OWN[proto]]
        found[proto] = real if corpus and all(map(os.path.exists, real)) else own
    return found


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def multiply(tools, to, packets, captures):
    return int(subprocess.run([f"{tools}/multiply", to, str(packets), *captures],
                              check=True, capture_output=True, text=True).stdout)


def write_tags(thermowell, big, to):
    """Some of what is read in it, from all over."""
    rows = [line for line in subprocess.run([thermowell, "values", "propose", "-r", big], check=True, capture_output=True,
                                            text=True).stdout.splitlines() if line and not line.startswith("#")]
    with open(to, "w", encoding="utf-8") as f:
        f.write("\n".join([rows[0], *rows[1::max(1, (len(rows) - 1) // TAGS)][:TAGS]]) + "\n")
    return to


def measure(big, n, rounds, thermowell, tools, work, peers, judged):
    """Rows of name, seconds, nanoseconds a packet, factor, budget."""
    ours = [thermowell, "-q", "-r", big, "-l", work, "--set", "outputs.eve.file=/dev/null", "--set"]
    tags = write_tags(thermowell, big, os.path.join(work, "tags.csv"))
    programs = [("empty libpcap loop", [f"{tools}/empty_loop", big], None),
                ("alerts only", [*ours, PLAIN], BUDGET_PLAIN if judged else None),
                ("alerts only, with values", [*ours, PLAIN, "--tags", tags], BUDGET_VALUES if judged else None),
                ("every transaction logged", [*ours, LOGGED], BUDGET_LOGGED if judged else None)]
    if peers and shutil.which("ndpiReader"):
        programs.append(("ndpiReader", ["ndpiReader", "-q", "-i", big], None))
    times = {name: [] for name, _, _ in programs}
    for _ in range(rounds):
        for name, command, _ in programs:
            times[name].append(cpu(command))
    empty = times[programs[0][0]]
    rows = []
    for name, _, budget in programs:
        median = statistics.median(times[name])
        factor = statistics.median(t / e for t, e in zip(times[name], empty))
        rows.append((name, median, median / n * 1e9, factor, budget))
    return rows


def tshark(big, tools, work, rounds, packets):
    """tshark keeps state per packet: a tenth of the file is enough to tell."""
    part = os.path.join(work, "part.pcap")
    m = multiply(tools, part, max(packets // 10, 1), [big])
    e = statistics.median(cpu([f"{tools}/empty_loop", part]) for _ in range(rounds))
    t = cpu(["tshark", "-n", "-r", part, "-T", "fields", "-e", "frame.protocols"])
    return ("tshark (a tenth of the file)", t, t / m * 1e9, t / max(e, 1e-9), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-peers", action="store_true", help="thermowell and the empty loop only")
    parser.add_argument("captures", nargs="*")
    args = parser.parse_args()
    thermowell, tools = os.environ["THERMOWELL"], os.environ["PERF_TOOLS"]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    groups = {"given": args.captures} if args.captures else captures_of(root)

    over = []
    with tempfile.TemporaryDirectory() as work:
        parts = []

        def show(name, big, n, peers, judged):
            print(f"{'':28} {'CPU s':>8} {'ns/packet':>10} {'x empty loop':>13} {'budget':>7}")
            rows = measure(big, n, args.rounds, thermowell, tools, work, peers, judged)
            if peers and shutil.which("tshark"):
                rows.append(tshark(big, tools, work, args.rounds, n))
            for what, seconds, ns, factor, budget in rows:
                verdict = "" if budget is None else "passed" if factor <= budget else "OVER"
                if verdict == "OVER":
                    over.append(f"{name}, {what}: {factor:.1f} x")
                print(f"{what:28} {seconds:8.3f} {ns:10.0f} {factor:13.1f} {budget or '':>7} {verdict}")

        for name, captures in groups.items():
            big = os.path.join(work, f"{name}.pcap")
            n = multiply(tools, big, args.packets, captures)
            print(f"\n{name}: {n:,} packets, {os.path.getsize(big) / 1e6:,.0f} MB, from "
                  f"{', '.join(os.path.basename(c) for c in captures)}")
            show(name, big, n, len(groups) == 1 and not args.no_peers, len(groups) == 1)
            if len(groups) > 1:
                part = os.path.join(work, f"{name}.part.pcap")
                multiply(tools, part, args.packets // len(groups), [big])
                parts.append(part)
            os.unlink(big)
        if parts:
            big = os.path.join(work, "mix.pcap")
            n = multiply(tools, big, args.packets, parts)
            print(f"\nmix: {n:,} packets, {os.path.getsize(big) / 1e6:,.0f} MB, as many of each")
            show("mix", big, n, not args.no_peers, True)
    print("\nover budget: " + "; ".join(over) if over else "\nall within budget")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
