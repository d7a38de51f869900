#!/usr/bin/env python3
"""Zones: what `zones propose` prints loads as it is and raises nothing on the same capture; less of it raises; problems of
a configuration come all at once, with their places."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURES = ["plant/plant.pcap", "plant/plant-attack.pcap", "alerts/sweeps.pcap", "alerts/internet-control.pcap"]
BAD = """zones:
  - name: control
    subnets: [10.20.1.0/24, 10.20.1.1/24]
    level: 7
  - name: control
    subnets: [10.20.1.0/24]
conduits:
  - from: office
    protocols: [modbuss]
    intents: [raed]
"""
BAD_SAID = ["3:29: zones.0.subnets: '10.20.1.1/24' has bits set behind its prefix; did you mean '10.20.1.0/24'?",
            "4:12: zones.0.level must be none, 0, 1, 2, 3, 4 or 5, not '7'",
            "10:15: conduits.0.intents: 'raed' is not an intent; did you mean 'read'?"]
BAD_NAMES = """zones:
  - name: control
    subnets: [10.20.1.0/24]
  - name: control
    subnets: [10.20.1.0/24]
conduits:
  - from: office
    protocols: [modbuss]
"""
BAD_NAMES_SAID = ['4:5: there is another zone "control"', '4:5: 10.20.1.0/24 is in the zone "control", too',
                  "7:5: from: there is no zone 'office'", "7:5: protocols: 'modbuss' is no protocol; did you mean 'modbus'?"]


def run(*args, code=0):
    done = subprocess.run([tw.BINARY, *args], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def alerts(capture, config, folder):
    out = os.path.join(folder, "eve.json")
    if os.path.exists(out):
        os.unlink(out)
    run("-q", "-r", capture, "-c", config, "-l", folder, "--set", "outputs.eve.types=alert")
    with open(out, encoding="utf-8") as f:
        return [r for r in map(json.loads, f) if r["ot"]["type"].startswith("zone.")]


def round_trip(name, folder):
    capture, config = os.path.join(tw.SRCDIR, "pcaps", name), os.path.join(folder, "z.yaml")
    text, said = run("zones", "propose", "-r", capture)
    assert text.count("- name:") >= 1 and said == "", (name, text, said)
    with open(config, "w", encoding="ascii") as f:
        f.write(text)
    run("-T", "-c", config)
    got = alerts(capture, config, folder)
    assert not got, (name, got[0]["ot"]["sentence"])
    if "- from:" not in text:
        return
    # Each conduit is needed: without any of them something is told.
    with open(config, "w", encoding="ascii") as f:
        f.write(text[:text.index("conduits:")])
    got = alerts(capture, config, folder)
    assert got, name
    zones = [r["ot"].get("zones") for r in got]
    assert all(z and z["src"] != z["dst"] for z in zones), zones[0]


def each_conduit_counts(folder):
    capture, config = os.path.join(tw.SRCDIR, "pcaps/plant/plant.pcap"), os.path.join(folder, "z.yaml")
    text = run("zones", "propose", "-r", capture)[0]
    head, conduits = text[:text.index("conduits:")], re.split(r"(?m)^(?=  - from)", text[text.index("conduits:"):])
    assert len(conduits) > 3, text
    for i in range(1, len(conduits)):
        with open(config, "w", encoding="ascii") as f:
            f.write(head + "".join(conduits[:i] + conduits[i + 1:]))
        assert alerts(capture, config, folder), conduits[i]


def out_of_what_was_learned(folder):
    """The same zones and conduits as of the capture, but that ports stand for names; it raises nothing either."""
    capture, db, config = (os.path.join(tw.SRCDIR, "pcaps/plant/plant.pcap"), os.path.join(folder, "plant.db"),
                           os.path.join(folder, "z.yaml"))
    assert "--store" in run("zones", "propose", code=2)[1]
    run("-q", "-r", capture, "--learn", "--baseline", db, "-l", folder)
    text, said = run("zones", "propose", "--store", db)
    assert said == "", said
    want = run("zones", "propose", "-r", capture)[0].replace("ntp", "udp/123").replace("http", "tcp/80")
    assert text == want, (text, want)
    with open(config, "w", encoding="ascii") as f:
        f.write(text)
    got = alerts(capture, config, folder)
    assert not got, got[0]["ot"]["sentence"]
    assert "No such file" in run("zones", "propose", "--store", os.path.join(folder, "none.db"), code=1)[1]
    empty = os.path.join(folder, "empty.db")
    run("-q", "-r", os.path.join(tw.SRCDIR, "pcaps/plant/plant.pcap"), "--store", empty, "-l", folder)
    assert "nothing is learned" in run("zones", "propose", "--store", empty, code=1)[1]


def problems(folder):
    config = os.path.join(folder, "bad.yaml")
    for text, want in ((BAD, BAD_SAID), (BAD_NAMES, BAD_NAMES_SAID)):
        with open(config, "w", encoding="ascii") as f:
            f.write(text)
        for args in (("-T", "-c", config), ("-q", "-r", os.path.join(tw.SRCDIR, "pcaps/plant/plant.pcap"), "-c", config,
                                           "-l", folder)):
            said = run(*args, code=1)[1]
            for line in want:
                assert f"{config}:{line}" in said, (args[0], line, said)
    assert not os.path.exists(os.path.join(folder, "eve.json")) or os.path.getsize(os.path.join(folder, "eve.json")) == 0


def misuse():
    for args in (("zones",), ("zones", "propose"), ("zones", "list")):
        assert "zones propose" in run(*args, code=2)[1], args


def main():
    for test in (problems, each_conduit_counts, out_of_what_was_learned):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
    misuse()
    for name in CAPTURES:
        with tempfile.TemporaryDirectory() as folder:
            round_trip(name, folder)
    print(f"{len(CAPTURES)} proposals loaded and raised nothing; each conduit of one was needed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
