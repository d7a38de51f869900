#!/usr/bin/env python3
"""What a release leaves on a machine: the files from which run.py starts the present program.

    make.py THERMOWELL FOLDER

THERMOWELL is that release, built from its sources; FOLDER (tests/upgrade/VERSION) gets
  settings.yaml   every setting that it had, none of them at its default: numbers moved by one, yes and no turned
  shipped.rules   its rules without comments (0.2.0 and 0.3.0 had no rule that 0.4.0 has not, word for word: kept once)
  facts.txt       `thermowell baseline export` of its database of pcaps/modbus/plant-tour.pcap (tests/store/v2.sql for 0.4.0)
  alerts.tsv      what it said of pcaps/plant/plant-attack.pcap by these rules: sid and how many
site.yaml is written by hand and tried with `THERMOWELL -T`.  The spool is of the program that had one first, before a release did.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
KEEP = {"promiscuous", "follow", "enabled", "ndpi"}	# turned they change what the test can do


def moved(line):
    """The same line with another value, if its range has one."""
    m = re.match(r"( *)([a-z-]+): (\S+)  # (.*)$", line)
    if m is None or m[2] in KEEP:
        return re.sub(r"  # .*", "", line)
    indent, name, value, says = m.groups()
    number = re.match(r"(\d+) to (\d+)", says)
    if says.startswith("yes or no"):
        value = "no" if value == "yes" else "yes"
    elif number and value.isdigit():
        value = int(value) + 1 if int(value) < int(number[2]) else int(value) - 1
    return f"{indent}{name}: {value}"


def main():
    binary, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)

    def run(*words):
        return subprocess.run([binary, *words], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def put(name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)

    lines = [moved(x) for x in run("--dump-config").splitlines() if x.strip() and not x.lstrip().startswith("#")]
    put("settings.yaml", "\n".join(lines) + "\n")
    shipped = sorted(glob.glob(os.path.join(os.path.dirname(binary), "..", "rules", "*.rules")))
    rules = os.path.join(folder, "shipped.rules")
    if shipped:
        put("shipped.rules", "".join(x for f in shipped for x in open(f, encoding="utf-8") if x.strip() and not x.startswith("#")))
    with tempfile.TemporaryDirectory() as work:
        capture = os.path.join(TOP, "pcaps", "modbus", "plant-tour.pcap")
        db = os.path.join(work, "plant.db")
        if "export" in subprocess.run([binary, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout:
            run("-q", "-l", work, "--learn", "--baseline", db, "-r", capture)
            put("facts.txt", run("baseline", "export", "--baseline", db))
        run("-q", "-l", work, "-S", rules, "--set", "outputs.eve.file=a.json", "--set", "outputs.eve.types=alert", "-r",
            os.path.join(TOP, "pcaps", "plant", "plant-attack.pcap"))
        with open(os.path.join(work, "a.json"), encoding="utf-8") as f:
            alerts = [json.loads(x)["alert"] for x in f]
    said = Counter(a["signature_id"] for a in alerts if a["gid"] == 1)
    put("alerts.tsv", "".join(f"{sid}\t{n}\n" for sid, n in sorted(said.items())))


if __name__ == "__main__":
    main()
