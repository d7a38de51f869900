#!/usr/bin/env python3
"""The dump of a database as a version of the program leaves it: what later versions must be able to read.

    make_dump.py THERMOWELL CAPTURE OUT.sql

THERMOWELL is that version (v2.sql: 0.4.0, of pcaps/modbus/plant-tour.pcap).  It learns the capture, follows it once more as a live
sensor would (so that there are lives), accepts and rejects facts, acknowledges an alert and labels another.  Times of actions are the machine's:
set to a fixed one, so that the same program gives the same text.
"""
import os
import sqlite3
import subprocess
import sys
import tempfile


def main():
    thermowell, capture, out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        db = os.path.join(work, "plant.db")

        def run(*args):
            return subprocess.run([thermowell, *args], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

        replay = ("-q", "-l", work, "--set", "outputs.eve.file=/dev/null", "--store", db, "--baseline", db, "-r", capture)
        run("--learn", *replay)
        run("--set", "baseline.mode=auto", *replay)
        facts = [line for line in run("baseline", "show", "--baseline", db).splitlines() if line.startswith("value ")]
        for verb, line in (("accept", facts[0]), ("reject", facts[1])):
            run("baseline", verb, "--baseline", db, *line.split("  ")[0].split())
        alerts = [line for line in run("alerts", "--store", db, "--format", "csv").splitlines() if line][1:]
        run("alerts", "acknowledge", alerts[0].split(",")[0], "announced", "--store", db)
        run("alerts", "label", alerts[1].split(",")[0], "drill", "--store", db)
        d = sqlite3.connect(db)
        d.execute("UPDATE actions SET ts_ns=1780000000000000000+rowid,who='anna'")
        d.execute("DELETE FROM holder")
        d.commit()
        pragmas = "; ".join(f"PRAGMA {p}={d.execute('PRAGMA ' + p).fetchone()[0]}" for p in ("application_id", "user_version"))
        with open(out, "w", encoding="utf-8") as f:
            f.write(f"{pragmas};\n" + "\n".join(d.iterdump()) + "\n")


if __name__ == "__main__":
    main()
