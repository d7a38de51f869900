#!/usr/bin/env python3
"""Every register that tshark reads in answers is a series of ours (process.points) with the same values in the same order.

    values.py [NAME...] [--all] [-v]

Captures of others ($THERMOWELL_CORPUS/modbus) and our own.  tshark says number and value of each register of an answer (functions 3 and 4); of a series
what is read counts, each change once.  A difference fails, unless known-values.tsv lists it with its reason; a listed one that no longer
occurs fails too.
"""
import argparse
import glob
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

FIELDS = ("frame.number", "ip.src", "mbtcp.unit_id", "modbus.func_code", "modbus.regnum16", "modbus.regval_uint16")
ANSWERS = "modbus.request_frame && (modbus.func_code == 3 || modbus.func_code == 4)"
SPACE = {"3": "holding", "4": "input"}
OWN = ("pcaps/modbus/libmodbus.pcap", "pcaps/modbus/plant-tour.pcap", "pcaps/modbus/data-access.pcap", "pcaps/plant/plant.pcap")
LARGE = 1000000		# bytes: a capture above takes longer than all others together (--all)


def tshark(path, *options):
    return subprocess.run(["tshark", "-r", path, "-Y", ANSWERS, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True,
                          timeout=120).stdout


def one_by_one(path):
    """Of frames with several answers their fields do not say which is whose: {frame: [(server, unit, function, number, value)]}."""
    of = {}
    for packet in xml.etree.ElementTree.fromstring(tshark(path, "-T", "pdml")).iter("packet"):
        frame = server = unit = function = number = None
        for f in packet.iter("field"):
            name, show = f.get("name"), f.get("show")
            if name == "frame.number":
                frame = int(show)
            elif name == "ip.src":
                server = show
            elif name == "mbtcp.unit_id":
                unit, function = show, None
            elif name == "modbus.func_code":
                function = show
            elif name == "modbus.regnum16":
                number = show
            elif name == "modbus.regval_uint16" and function in SPACE:
                of.setdefault(frame, []).append((server, unit, function, number, int(show)))
    return of


def theirs(path):
    """{series: [(frame, value)]}, a value that stands once."""
    of, many, apart = {}, 0, None
    for line in tshark(path, "-T", "fields", *[x for f in FIELDS for x in ("-e", f)]).splitlines():
        frame, server, units, functions, numbers, values = line.split("\t")
        if "," in functions:
            many += 1
            apart = one_by_one(path) if apart is None else apart
            found = apart.get(int(frame), [])
        else:
            found = [(server.split(",")[0], units, functions, n, int(v)) for n, v in zip(numbers.split(","), values.split(",")) if n]
        for server, unit, function, number, value in found:
            series = of.setdefault(f"{server} unit {unit} {SPACE[function]} {number}", [])
            if not series or series[-1][1] != value:
                series.append((int(frame), value))
    return of, many


def ours(path):
    of = {}
    options = ["--set", "process.points=1000000", "--set", "process.points-dead-band=0", "--set", "process.heartbeat=0", "--set", "rules.files=none"]
    for r in tw.replay(path, options, types="process", timeout=240):
        p = r["ot"]["process"]
        if p["protocol"] == "modbus" and "value" in p:
            of.setdefault(p["tag"], []).append((r.get("pcap_cnt"), p["value"], p["why"] == "write"))
    return of


def compare(name, path, accepted):
    want, many = theirs(path)
    got = ours(path)
    n = changes = 0
    accepted.examined.add(name)
    for at, values in want.items():
        mine = got.get(at, [])
        n += 1
        changes += len(values)
        if any(written for _, _, written in mine):
            # What a client wrote is news when it wrote it, and none when it is read.
            missing = [v for v in values if v[1] not in {m[1] for m in mine}]
            if missing:
                accepted.add(name, missing[0][0], at, f"{missing[:4]} were never seen")
        elif [v for _, v in values] != [v for _, v, _ in mine]:
            first = next((i for i, (a, b) in enumerate(zip(values, mine)) if a[1] != b[1]), min(len(values), len(mine)))
            accepted.add(name, values[first][0] if first < len(values) else mine[first][0], at,
                         f"tshark {values[first:first + 3]}, we {[m[:2] for m in mine[first:first + 3]]}")
    return n, changes, many


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("names", nargs="*")
    p.add_argument("--all", action="store_true")
    p.add_argument("-v", action="store_true")
    a = p.parse_args()
    corpus = os.environ.get("THERMOWELL_CORPUS")
    if shutil.which("tshark") is None:
        tw.skip("tshark is not installed")
    tw.need_binary()
    files = [os.path.join(tw.SRCDIR, x) for x in OWN] + (sorted(glob.glob(os.path.join(corpus, "modbus", "*.pcap*"))) if corpus else [])
    accepted, total = known.Known("diff/known-values.tsv", a.names), [0, 0, 0]
    for path in files:
        name = os.path.basename(path)
        if (a.names and not any(x in name for x in a.names)) or (not a.names and not a.all and os.path.getsize(path) > LARGE):
            continue
        sums = compare(name, path, accepted)
        if a.v:
            print(f"{name}: {sums[0]} registers, {sums[1]} values, {sums[2]} frames with several answers")
        total = [x + y for x, y in zip(total, sums)]
    print(f"{total[0]} registers with {total[1]} values; {total[2]} frames with several answers")
    bad = accepted.report(a.v)
    accepted.summary()
    return bad > 0 or total[0] == 0


if __name__ == "__main__":
    sys.exit(main())
