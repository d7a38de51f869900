#!/usr/bin/env python3
"""The present program on what earlier releases left: settings, rules, baseline, export, spool (make.py made the files)."""
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

HERE = os.path.join(tw.SRCDIR, "tests", "upgrade")
TOUR = os.path.join(tw.SRCDIR, "pcaps", "modbus", "plant-tour.pcap")
ATTACK = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant-attack.pcap")
RELEASES = ("0.2.0", "0.3.0", "0.4.0")
SPOOLED = 4	# lines of the spool, all of severity 1
fail = []


def expect(name, good, what=""):
    if not good:
        fail.append(f"{name}: {what}")


def run(*words, status=0):
    p = subprocess.run([tw.BINARY, *words], capture_output=True, text=True, timeout=60, check=False)
    expect(" ".join(words[:4]), p.returncode == status, f"status {p.returncode}: {p.stderr[-800:]}")
    return p


def leaves(text):
    """{"detect.scan.ports": "20"}: what stands in a file of settings, lists left out."""
    of, path = {}, []
    for line in text.splitlines():
        m = re.match(r"( *)([a-z0-9-]+):(?: (.*?))?(?:  # .*)?$", line)
        if m and not line.lstrip().startswith("#"):
            path = path[:len(m[1]) // 2] + [m[2]]
            if m[3]:
                of[".".join(path)] = m[3].strip('"')
    return of


def settings(release):
    """Every setting is still taken, and means what was written."""
    path = os.path.join(HERE, release, "settings.yaml")
    with open(path, encoding="utf-8") as f:
        wrote = leaves(f.read())
    expect(release, len(wrote) > 90, f"{len(wrote)} settings were read")
    checked = run("-T", "-c", path, "--set", "rules.files=none")
    for line in checked.stderr.splitlines():
        expect(release, "both names are accepted" in line, line)
    former = dict(re.findall(r"(\S+) is now called (\S+);", checked.stderr))
    now = leaves(run("-c", path, "--dump-config").stdout)

    def present(name):
        section, _, last = name.rpartition(".")
        return former.get(name) or (f"{former[section]}.{last}" if section in former else name)

    for name, value in wrote.items():
        name = present(name)
        expect(f"{release} {name}", now.get(name) == value, f"{value} became {now.get(name)}")
    defaults = leaves(run("--dump-config").stdout)
    moved = sum(defaults.get(present(name)) != value for name, value in wrote.items())
    expect(release, moved > len(wrote) / 2, f"only {moved} of {len(wrote)} differ from what is the default: nothing is shown")
    return len(wrote)


def alerts(folder, *words):
    run("-q", "-l", folder, "--set", "outputs.eve.types=alert", *words)
    with open(os.path.join(folder, "eve.json"), encoding="utf-8") as f:
        said = [json.loads(line) for line in f]
    os.unlink(os.path.join(folder, "eve.json"))
    return said


def rules(folder):
    path = os.path.join(HERE, "0.4.0", "shipped.rules")
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    checked = run("-T", "-S", path)
    # A program without nDPI leaves out those that ask for its names.
    left = {int(n) for n in re.findall(r"shipped\.rules:(\d+):\d+: left out", checked.stdout + checked.stderr)}
    expect("rules", not left or not tw.has_ndpi(), f"{len(left)} rules were left out")
    expect("rules", f"{len(lines) - len(left)} rules loaded, {len(left)} left out, 0 duplicates, 0 with problems" in checked.stdout, checked.stdout)
    without = {int(re.search(r"sid:(\d+)", lines[n - 1])[1]) for n in left}
    with open(os.path.join(HERE, "0.4.0", "alerts.tsv"), encoding="utf-8") as f:
        then = {int(sid): int(k) for sid, k in (line.split() for line in f) if int(sid) not in without}
    now = Counter(a["alert"]["signature_id"] for a in alerts(folder, "-S", path, "-r", ATTACK) if a["alert"]["gid"] == 1)
    expect("rules", dict(now) == then and len(then) > 8, f"{dict(now)} now, {then} then")


def database(path):
    """As 0.4.0 left it; the dump is that of tests/store."""
    d = sqlite3.connect(path)
    with open(os.path.join(tw.SRCDIR, "tests", "store", "v2.sql"), encoding="utf-8") as f:
        d.executescript(f.read())
    d.close()


def deviations(folder, db):
    config = os.path.join(folder, "site.yaml")
    with open(os.path.join(HERE, "0.4.0", "site.yaml"), encoding="utf-8") as f, open(config, "w", encoding="utf-8") as to:
        to.writelines(x for x in f if "unix-" not in x)	# a replay wants their readers
    said = alerts(folder, "-c", config, "--set", "rules.files=none", "--baseline", db, "--detect", "-r", TOUR)
    return [a["ot"]["type"] for a in said if a["ot"]["type"].startswith("baseline.")]


def baseline(folder):
    """What was learned is known, by the database and by the export; without them the same capture is full of news."""
    old, imported, none = (os.path.join(folder, f"{name}.db") for name in ("old", "imported", "none"))
    run("-T", "-c", os.path.join(HERE, "0.4.0", "site.yaml"), "-l", folder, "--set", "rules.files=none")
    database(old)
    listed = run("alerts", "--store", old, "--format", "csv").stdout.splitlines()
    expect("alerts of 0.4.0", len(listed) == 6 and ",anna," in listed[1], listed)
    facts = run("baseline", "show", "--baseline", old).stdout.splitlines()
    expect("facts of 0.4.0", len(facts) > 130, len(facts))
    run("baseline", "import", os.path.join(HERE, "0.4.0", "facts.txt"), "--baseline", imported)
    expect("database of 0.4.0", deviations(folder, old) == [], "deviations of what was learned")
    expect("export of 0.4.0", deviations(folder, imported) == [], "deviations of what was learned")
    expect("no baseline", len(deviations(folder, none)) > 3, "nothing is news: nothing was shown")
    after = run("baseline", "show", "--baseline", old).stdout.splitlines()
    expect("facts of 0.4.0", len(after) >= len(facts), f"{len(facts)} became {len(after)}")
    expect("devices of 0.4.0", len(run("assets", "--store", old, "--format", "csv").stdout.splitlines()) >= 9)


def read_all(path, lines):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen(1)
        one, _ = s.accept()
        with one.makefile("r", encoding="utf-8") as f:
            lines += list(f)


def spool(folder):
    """A spool of the first layout, two segments of two runs, goes to its receiver, in order."""
    with open(os.path.join(folder, "c.yaml"), "w", encoding="ascii") as f:
        f.write("outputs:\n  eve: {types: alert}\n  sinks:\n    - {name: siem, transport: unix-stream, target: stream, types: alert, spool: yes}\n")
    os.mkdir(os.path.join(folder, "spool"))
    shutil.copytree(os.path.join(HERE, "spool"), os.path.join(folder, "spool", "siem"))
    for name in os.listdir(os.path.join(folder, "spool", "siem")):
        os.chmod(os.path.join(folder, "spool", "siem", name), 0o640)
    words = ("-c", os.path.join(folder, "c.yaml"), "-l", folder)
    printed = run("spool", "print", "siem", *words).stdout.splitlines()
    expect("spool", len(printed) == SPOOLED and all(json.loads(x)["alert"]["severity"] == 1 for x in printed), len(printed))
    got, path = [], os.path.join(folder, "stream")
    reader = threading.Thread(target=read_all, args=(path, got), daemon=True)
    reader.start()
    while not os.path.exists(path):
        time.sleep(0.01)
    run("-q", "--set", "rules.files=none", *words, "-r", TOUR)
    reader.join(10)
    got = [x.rstrip("\n") for x in got]
    expect("spool", got[:SPOOLED] == printed, f"{len(got)} lines came, others than {len(printed)} of the spool")
    expect("spool", len(got) > SPOOLED, "what the run itself said did not come behind them")
    expect("spool", run("spool", "print", "siem", *words).stdout == "", "lines still wait")


def main():
    tw.need_binary()
    folder = tempfile.mkdtemp(prefix="tw-upgrade-")
    n = sum(settings(release) for release in RELEASES)
    rules(folder)
    baseline(folder)
    spool(folder)
    for f in fail:
        print(f)
    if fail:
        sys.exit(f"{len(fail)} problems; {folder}")
    shutil.rmtree(folder)
    print(f"    {n} settings of {len(RELEASES)} releases, rules, baseline, export and spool work as they were left")


main()
