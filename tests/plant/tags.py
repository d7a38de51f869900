#!/usr/bin/env python3
"""Values that are read by tags are those that the plant's simulation had, and `values propose` finds the right types.

pcaps/plant/truth.tsv has the simulation's own variables, from the historian's pages (pcaps/make/plant_truth.py).  Between what a tag
was just before and just after such a page the variable must lie; a digit that the controller's scale or the page cuts off is allowed for.
"""
import csv
import datetime
import io
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

# variable: tag, seconds between two readings, what controller and page cut off (and, of events, do not report); flows move by one between polls
OF = {
    "FT101": ("intake flow", 2.5, 1.0), "LT101": ("well level", 2.5, 0.011), "LT201": ("tank level", 2.5, 0.011),
    "AT201": ("chlorine", 4.5, 0.011), "PT301": ("network pressure", 4.5, 0.006), "FT301": ("network flow", 4.5, 1.0),
    "LT401": ("reservoir level", 12.5, 0.021),
}
# What a proposal must say of these: type and, of who writes, the first word of its note.
PROPOSED = {
    "10.20.1.11 unit 1 input 7": ("uint16", "measurement"), "10.20.1.31 DB10.DBD20": ("float32", "measurement"),
    "10.20.1.31 DB10.DBD0": ("float32", "measurement"), "10.20.1.31 DB20.DBD0": ("float32", "set-point"),
    "10.20.1.31 DB20.DBD4": ("float32", "measurement"), "10.20.1.31 DB20.DBD8": ("float32", "measurement"),
    "10.20.1.12 unit 1 input 0": ("uint16", "measurement"), "10.20.1.12 unit 1 holding 0": ("uint16", "set-point"),
    "10.20.1.11 unit 1 discrete 0": ("bool", "state"), "10.20.1.11 unit 1 discrete 1": ("bool", "state"),
    "10.20.1.12 unit 1 discrete 0": ("bool", "state"), "10.20.1.21 outstation 10 g10 index 0": ("", "command"),
    "10.20.1.21 outstation 10 g30 index 0": ("", "measurement"),
}
CAPTURE = "pcaps/plant/plant.pcap"


def rows(name):
    with open(os.path.join(tw.SRCDIR, "pcaps/plant", name), encoding="utf-8") as f:
        return [line for line in f if not line.startswith("#")]


def readings(tmp):
    """Of each tag (time, value), every change: without dead-bands."""
    path = os.path.join(tmp, "tags.csv")
    with open(path, "w", encoding="utf-8") as f:
        table = list(csv.DictReader(rows("tags.csv")))
        out = csv.DictWriter(f, [k for k in table[0] if k != "dead-band"], extrasaction="ignore")
        out.writeheader()
        out.writerows(table)
    of = {}
    for r in tw.replay(CAPTURE, ["--set", f"process.tags={path}"], types="process"):
        p = r["ot"]["process"]
        if "value" in p:
            t = datetime.datetime.strptime(r["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
            of.setdefault(p["tag"], []).append((t, p["value"]))
    return of


def of_truth(of):
    checked, worst = {}, {}
    for line in rows("truth.tsv"):
        _, at, name, value = line.split("\t")
        tag, every, cut = OF[name]
        at, value, known = float(at), float(value), of.get(tag, [])
        before = [v for t, v in known if t < at - every][-1:]
        near = before + [v for t, v in known if at - every <= t <= at + every]
        if not near:
            continue    # the page was asked for before the first reading
        checked[name] = checked.get(name, 0) + 1
        off = max(min(near) - value, value - max(near), 0)
        worst[name] = max(worst.get(name, 0), off)
        if off > cut:
            yield f"{name} was {value} at {at:.3f}, and {tag} between {min(near)} and {max(near)}"
    for name in OF:
        if checked.get(name, 0) < 10:
            yield f"{name}: only {checked.get(name, 0)} values were compared"
    print("values compared with the simulation: " + ", ".join(f"{n} {checked.get(n, 0)} (off by {worst.get(n, 0):.3f} at most)" for n in OF))


def of_proposals(tmp):
    """Of captures, and of what a sensor keeps: what it learned, its points without a tag."""
    yield from of_proposal(tmp, "-r", CAPTURE)
    for name, options, lacks in (("learned", ["--learn"], {"10.20.1.31 DB20.DBD4", "10.20.1.31 DB20.DBD8"}),
                                 ("points", ["--set", "process.points=1000"], {"10.20.1.31 DB20.DBD4", "10.20.1.31 DB20.DBD8"})):
        db = os.path.join(tmp, f"{name}.db")
        tw.replay(CAPTURE, ["--store", db, "--set", "rules.files=none", *options], types="alert")
        # Bytes of a block are a real for who sees them together.
        yield from of_proposal(tmp, "--store", db, lacks=lacks)
    p = subprocess.run([tw.BINARY, "values", "propose"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    if p.returncode != 2 or b"--store FILE" not in p.stdout:
        yield "without captures or a database: " + p.stdout.decode()


def of_listings(tmp):
    """What `thermowell values` shows of captures without a tag file, and steps that it refuses."""
    db = os.path.join(tmp, "points.db")
    for options, code, want in ((["-r", CAPTURE, "--set", "process.points=1000", "--format", "csv"], 0, "10.20.1.31 DB10.DBD0,,10.20.1.31 DB10.DBD0,float32,4.48"),
                                (["-r", CAPTURE], 2, "--set process.points=NUMBER"), (["--store", db, "--step", "1h", "10.20.1.31 DB10.DBD0"], 0, "4.5"),
                                (["--store", db, "--step", "999999d"], 2, "a time of up to 3660 days"), (["--store", db, "--step", "3661d"], 2, "3660 days"),
                                (["--store", db, "--step", "0s"], 2, "3660 days"), (["--store", db, "no such"], 1, 'no tag "no such"')):
        p = subprocess.run([tw.BINARY, "values", *options], cwd=tw.SRCDIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
        if p.returncode != code or want not in p.stdout.decode():
            yield f"values {' '.join(options)}: {p.returncode}: {p.stdout.decode()[:400]}"


def of_proposal(tmp, *source, lacks=()):
    p = subprocess.run([tw.BINARY, "values", "propose", *source], cwd=tw.SRCDIR, stdout=subprocess.PIPE, check=True, timeout=60)
    text = p.stdout.decode()
    found = {r["address"]: r for r in csv.DictReader(io.StringIO("".join(x + "\n" for x in text.splitlines() if not x.startswith("#"))))}
    for address, (kind, note) in PROPOSED.items():
        r = found.get(address)
        if address in lacks:
            continue
        if r is None:
            yield f"{source}: {address} was not proposed"
        elif (r["type"], r["order"]) != (kind, "") or not r["note"].startswith(note):
            yield f"{source}: {address} was proposed as {r['type']} {r['order']}: {r['note']}"
    path = os.path.join(tmp, "proposed.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    p = subprocess.run([tw.BINARY, "-T", "-r", CAPTURE, "-l", tmp, "--set", f"process.tags={path}", "--set", "rules.files=none"], cwd=tw.SRCDIR,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    if p.returncode != 0:
        yield "the proposal does not load: " + p.stdout.decode()


RULES = """alert modbus any any -> any any (msg:"a"; flow:to_server; ot.tag:"chlorine set-point" > 0.9; sid:1;)
alert modbus any any -> any any (msg:"b"; flow:to_server; ot.tag:"chlorine set-point"; ot.change:> 10 % in 60 s; sid:2;)
alert s7comm any any -> any any (msg:"c"; flow:to_server; ot.real:DB20.DBD0 > 4.7; sid:3;)
alert modbus any any -> any any (msg:"d"; flow:to_server; ot.uint16:holding 0 449-451; sid:4;)
alert modbus any any -> any any (msg:"e"; flow:to_server; ot.tag:"chlorine set-point" > 4.5; sid:5;)
alert modbus any any -> any any (msg:"f"; flow:to_server; ot.tag:"chlorine set-point"; ot.change:> 500 % in 60 s; sid:6;)
"""
WRONG = """alert modbus any any -> any any (msg:"a"; ot.tag:"chlorine setpoint" > 3; sid:1;)
alert modbus any any -> any any (msg:"b"; ot.float32:holding 10 > 3, word-swaped; sid:2;)
alert modbus any any -> any any (msg:"c"; ot.change:> 10 % in 60 s; sid:3;)
alert modbus any any -> any any (msg:"d"; ot.real:coil 10; sid:4;)
"""


def of_rules(tmp):
    """Each word holds where it must, and not beyond its limit; a wrong word is a problem with line and column."""
    tags, path = ["--set", "process.tags=pcaps/plant/tags.csv"], os.path.join(tmp, "a.rules")
    with open(path, "w", encoding="utf-8") as f:
        f.write(RULES.replace("holding 0 449-451", "holding 0 [449-451]"))
    fired = {r["alert"]["signature_id"] for r in tw.replay("pcaps/plant/plant-attack.pcap", ["-S", path, *tags], types="alert")}
    if fired & {1, 2, 3, 4, 5, 6} != {1, 2, 3, 4}:
        yield f"of rules with values these fired: {sorted(fired)}"
    quiet = {r["alert"]["signature_id"] for r in tw.replay(CAPTURE, ["-S", path, *tags], types="alert")}
    if quiet & {1, 2, 3, 4, 5, 6}:
        yield f"of rules with values these fired in ordinary work: {sorted(quiet)}"
    with open(path, "w", encoding="utf-8") as f:
        f.write(WRONG)
    p = subprocess.run([tw.BINARY, "rules", "check", path, *tags], cwd=tw.SRCDIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    said = p.stdout.decode()
    for want in (":1:51: there is no tag 'chlorine setpoint'; did you mean 'chlorine set-point'?", ":2:70: 'word-swaped' is no order of bytes",
                 ":3:53: a change of what?", ":4:51: a coil is one bit"):
        if want not in said:
            yield f"no problem '{want}' in: {said}"


def main():
    bad = 0
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        for problem in [*of_truth(readings(tmp)), *of_proposals(tmp), *of_listings(tmp), *of_rules(tmp)]:
            print(problem)
            bad += 1
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
