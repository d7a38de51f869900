#!/usr/bin/env python3
"""Incidents of the plant: an attack on what was learned is one or two incidents, in the order in which it happened, and the
database has the same; a day without one is none; a lone alert of little weight is none."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

PLANT, ATTACK = (os.path.join(tw.SRCDIR, "pcaps/plant", n) for n in ("plant.pcap", "plant-attack.pcap"))
# What must be in an incident before what: pcaps/plant/attack.tsv.
STEPS = ["scan.addresses", "scan.units", "scan.tsaps", "controller.restart", "program.upload", "s7.cpu.stop",
         "controller.start"]


def run(*args):
    done = subprocess.run([tw.BINARY, *args], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, (args, done.stdout, done.stderr)
    return done.stdout


def records(folder):
    with open(os.path.join(folder, "eve.json"), encoding="utf-8") as f:
        return [r for r in map(json.loads, f) if r["event_type"] in ("incident", "alert")]


def last_of(all_):
    """The last record of each incident, in the order in which they began."""
    out = {}
    for r in all_:
        if r["event_type"] == "incident":
            out[r["ot"]["id"]] = r["ot"]["incident"]
    return out


def check_updates(all_):
    """An incident begins with `first`, grows, and keeps its id; none is told before the alert that makes it."""
    seen, alerts = {}, 0
    for r in all_:
        if r["event_type"] == "alert":
            alerts += r["ot"]["kind"] == "first"
            continue
        i, before = r["ot"]["incident"], seen.get(r["ot"]["id"])
        assert (i["kind"] == "first") == (before is None), i
        assert i["alerts"] <= alerts and i["alerts"] == sum(t["alerts"] for t in i["types"]), i
        assert i["severity"] == min(t["severity"] for t in i["types"]), i
        assert [t["first"] for t in i["types"]] == sorted(t["first"] for t in i["types"]), i
        assert [s["first"] for s in i["stages"]] == sorted(s["first"] for s in i["stages"]), i
        if before is not None:
            assert before["alerts"] <= i["alerts"] and before["severity"] >= i["severity"] and before["number"] == i["number"], i
        seen[r["ot"]["id"]] = i


def attack(folder, *learn):
    db = os.path.join(folder, "plant.db")
    captures = ([PLANT] if learn else []) + [ATTACK]
    run("-q", "-r", *captures, "-l", folder, "--set", "outputs.eve.types=alert,incident", "--store", db, *learn)
    all_ = records(folder)
    check_updates(all_)
    last = list(last_of(all_).values())
    assert 1 <= len(last) <= 2, [i["title"] for i in last]
    main = last[0]
    order = [t["type"] for t in main["types"]]
    at = [order.index(s) for s in STEPS]
    assert at == sorted(at), order
    assert main["severity"] == 1 and main["attacker"] == "10.20.2.99", main
    assert main["title"].startswith("10.20.2.99 looked around"), main["title"]
    assert "stopped PLC 10.20.1.31" in main["title"], main["title"]
    assert main["advice"].startswith("Is the machine safe?") and "10.20.2.99" in main["advice"], main["advice"]
    stages = [s["tactic"] for s in main["stages"]]
    assert stages.index("Discovery") < stages.index("Execution") and "Inhibit Response Function" in stages, stages
    # The same in the database.
    listed = [json.loads(line) for line in run("incidents", "--store", db, "--format", "json").splitlines()]
    assert sorted(i["title"] for i in listed) == sorted(i["title"] for i in last), listed
    return [i["title"] for i in last]


def quiet(folder):
    run("-q", "-r", PLANT, "-l", folder, "--set", "outputs.eve.types=alert,incident")
    all_ = records(folder)
    assert all_ and not last_of(all_), "the quiet day has an incident"
    run("-q", "-r", ATTACK, "-l", folder, "--set", "outputs.eve.types=incident", "--set", "alerts.incidents=0")
    assert not last_of(records(folder))


def main():
    for test in (quiet, attack, lambda f: attack(f, "--set", "baseline.learn-first=600")):
        with tempfile.TemporaryDirectory() as folder:
            for title in test(folder) or ():
                print(title)
    return 0


if __name__ == "__main__":
    sys.exit(main())
