#!/usr/bin/env python3
"""The database of what is remembered, from outside: a sensor that is killed in the middle, a disk that becomes full and gets space
again, copies, what operators do while a sensor runs and without one, and the same rows from the same capture."""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant-attack.pcap")
INSIDE = "TW_STORE_INSIDE"	# set in the mount namespace
fail = []


def expect(name, good, what=""):
    if not good:
        fail.append(f"{name}: {what}")


def run(*args, **more):
    return subprocess.run([tw.BINARY, *args], capture_output=True, text=True, check=False, **more)


def rows(db, sql):
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as c:
        return c.execute(sql).fetchall()


def is_sound(db):
    return rows(db, "PRAGMA integrity_check") == [("ok",)]


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


def count(db, table="alerts", where="1"):
    try:
        return rows(db, f"SELECT count(*) FROM {table} WHERE {where}")[0][0]
    except sqlite3.OperationalError:	# it is just being made
        return 0


class Sensor:
    """A replay of standard input: what is written is seen, and then it waits for more."""

    def __init__(self, tmp, db, *args):
        with open(CAPTURE, "rb") as f:
            self.capture = f.read()
        self.at = 0
        self.p = subprocess.Popen([tw.BINARY, "-r", "-", "-l", tmp, "--store", db, *args], stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def feed(self, part):
        """Up to this part of the capture."""
        to = int(len(self.capture) * part)
        self.p.stdin.write(self.capture[self.at:to])
        self.p.stdin.flush()
        self.at = to

    def end(self):
        self.feed(1)
        self.p.stdin.close()
        err = self.p.stderr.read().decode()
        return self.p.wait(60), err

    def kill(self):
        self.p.send_signal(signal.SIGKILL)
        self.p.wait()
        self.p.stdin.close()
        self.p.stderr.close()


def whole_run(tmp, name):
    db = os.path.join(tmp, name)
    r = run("-r", CAPTURE, "-l", tmp, "--store", db)
    expect(name, r.returncode == 0, r.stderr)
    return db


def dump(db):
    """All of it but what adds up over runs: who talks to whom, figures of an hour."""
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as c:
        return [x for x in c.iterdump() if not x.startswith(('INSERT INTO "talks"', 'INSERT INTO "health"', 'INSERT INTO "sights"'))]


def same_rows(tmp):
    a, b = whole_run(tmp, "a.db"), whole_run(tmp, "b.db")
    expect("same rows", dump(a) == dump(b), "the same capture gave others")
    expect("same rows", count(a) > 50, count(a))
    whole_run(tmp, "a.db")
    expect("again", dump(a) == dump(b), "the same capture again is no news")
    expect("mode", os.stat(a).st_mode & 0o777 == 0o600, oct(os.stat(a).st_mode))
    return a


def killed(tmp, whole):
    """At several moments: what was put a second before is there, and the rest comes with the next run."""
    db = os.path.join(tmp, "killed.db")
    for part in (0.3, 0.55, 0.8):
        s = Sensor(tmp, db)
        s.feed(part)
        expect("kill", wait_for(lambda: count(db) > 0), "nothing was written within seconds")
        time.sleep(1.3)
        before = count(db)
        expect("kill", before > 0, before)
        s.kill()
        expect("kill", is_sound(db), f"not sound after {part}")
        expect("kill", count(db) >= before, (before, count(db)))
    s = Sensor(tmp, db)
    status, err = s.end()
    expect("kill", status == 0, err)
    expect("kill", sorted(dump(db)) == sorted(dump(whole)), "not the same rows as of a run that nobody killed")
    # While it writes: no moment is a bad one.
    for wait in (0.02, 0.05, 0.09, 0.14, 0.2, 0.3):
        db = os.path.join(tmp, f"killed{wait}.db")
        with subprocess.Popen([tw.BINARY, "-r", CAPTURE, "-l", tmp, "--store", db], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as p:
            time.sleep(wait)
            p.kill()
        r = run("-r", CAPTURE, "-l", tmp, "--store", db)
        expect(f"kill after {wait} s", r.returncode == 0 and is_sound(db) and count(db) == count(whole), r.stderr)


def operators(tmp, whole):
    """Without a sensor, and through one."""
    uid = rows(whole, "SELECT uid FROM alerts WHERE severity=1 LIMIT 1")[0][0]
    r = run("alerts", "acknowledge", uid[:10], "announced", "work", "--store", whole)
    expect("acknowledge", r.returncode == 0, r.stderr)
    r = run("alerts", uid[:10], "--json", "--store", whole)
    a = json.loads(r.stdout)
    expect("acknowledge", a["acknowledged_by"] and a["acknowledged"].startswith("20") and a["uid"] == uid, a)
    expect("acknowledge", rows(whole, "SELECT verb,object,id,text FROM actions") == [("acknowledge", "alert", uid, "announced work")],
           rows(whole, "SELECT * FROM actions"))

    sock, db = os.path.join(tmp, "sock"), os.path.join(tmp, "live.db")
    s = Sensor(tmp, db, "--set", f"control.socket={sock}")
    s.feed(0.9)
    expect("in use", wait_for(lambda: count(db) > 50 and count(db, where="severity=1") > 0), count(db))
    uid = rows(db, "SELECT uid FROM alerts WHERE severity=1 LIMIT 1")[0][0]
    r = run("alerts", "label", uid, "drill", "--store", db)	# the database knows the socket
    expect("label", r.returncode == 0, r.stderr)
    expect("label", wait_for(lambda: count(db, "actions") == 1), "the sensor did not keep it")
    r = run("alerts", "--severity", "1", "--format", "csv", "--store", db)
    expect("label", ",drill," in r.stdout and r.stdout.startswith("uid,"), r.stdout[:300])
    r = run("status", "--json", "--set", f"control.socket={sock}")
    state = json.loads(r.stdout)["status"]["store"]
    expect("state", state["file"] == db and state["rows"] > 50 and state["state"] == "good" and state["waiting"] == 0, state)
    r = run("status", "--set", f"control.socket={sock}")
    expect("state", f"{db}: " in r.stdout and "rows written, good" in r.stdout, r.stdout)
    r = run("alerts", "label", "ffffffffff", "drill", "--store", db)
    expect("no such alert", r.returncode == 1 and "there is no alert" in r.stderr, r.stderr)
    r = run("store", "status", "--store", db)
    expect("status", "a sensor has it" in r.stdout, r.stdout)
    for args in (("purge", "alerts"), ("restore", whole)):
        r = run("store", *args, "--store", db)
        expect("in use", r.returncode == 1 and f"in use: by process {s.p.pid}" in r.stderr, r.stderr)
    r = run("-r", CAPTURE, "-l", tmp, "--store", db)
    expect("in use", r.returncode == 1 and "in use" in r.stderr, r.stderr)
    # A copy of what is being written.
    copy = os.path.join(tmp, "copy.db")
    r = run("store", "backup", copy, "--store", db)
    expect("backup", r.returncode == 0 and is_sound(copy) and count(copy) > 50, r.stderr)
    status, err = s.end()
    expect("end", status == 0, err)
    r = run("store", "purge", "alerts", "--store", db)
    expect("purge", r.returncode == 0 and count(db) == 0 and count(db, "actions") == 1, r.stderr)
    r = run("store", "restore", copy, "--store", db)
    expect("restore", r.returncode == 0 and is_sound(db) and count(db) == count(copy), r.stderr)
    r = run("alerts", "--severity", "1", "--store", db)
    expect("restore", "[drill]" in r.stdout, r.stdout)
    r = run("-r", CAPTURE, "-l", tmp, "--store", db)
    expect("restore", r.returncode == 0 and count(db) == count(whole), r.stderr)


def read_beside(tmp):
    """What only reads does so while a sensor writes, and sees what was written a second ago."""
    db, copy = os.path.join(tmp, "beside.db"), os.path.join(tmp, "beside.copy.db")
    s = Sensor(tmp, db, "--learn", "--baseline", db)
    s.feed(0.9)
    expect("beside", wait_for(lambda: count(db) > 50 and count(db, "facts") > 100 and count(db, "assets") > 5), "nothing is kept")
    for args, has in ((("assets",), "10.20.1.11"), (("assets", "--format", "json"), '"10.20.1.11"'), (("alerts",), "10.20.1"),
                      (("incidents",), "sev"), (("baseline", "show"), "peer server=10.20.1.11"), (("baseline", "status"), " facts, "),
                      (("baseline", "export"), " state=learned"), (("baseline", "diff"), ""), (("zones", "propose"), "zones:"),
                      (("store", "status"), "a sensor has it"), (("store", "backup", copy), "copied to")):
        r = run(*args, "--store", db)
        expect("beside", r.returncode == 0 and has in r.stdout, (args, r.stdout[:300], r.stderr))
    expect("beside", is_sound(copy) and count(copy, "facts") > 100, "the copy")
    status, err = s.end()
    expect("beside", status == 0, err)


def refused(tmp):
    path = os.path.join(tmp, "text.db")
    with open(path, "w", encoding="utf-8") as f:
        f.write("no database " * 100)
    for args in (("-r", CAPTURE, "-l", tmp), ("alerts",), ("store", "status")):
        r = run(*args, "--store", path)
        expect("foreign", r.returncode == 1 and "no database of thermowell" in r.stderr, (args, r.stderr))
    r = run("alerts")
    expect("no name", r.returncode == 2 and "--store FILE" in r.stderr, r.stderr)
    r = run("alerts", "--since", "yesterday", "--store", path)
    expect("since", r.returncode == 2 and "--since yesterday: give a time" in r.stderr, r.stderr)


def full_disk(mount):
    """Within a small file system."""
    db, log = os.path.join(mount, "small.db"), os.path.dirname(mount)
    s = Sensor(log, db)
    s.feed(0.2)
    expect("full", wait_for(lambda: count(db) > 0), "nothing was written")
    with open(os.path.join(mount, "filler"), "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 1024)
        except OSError:
            pass
    s.feed(0.6)
    time.sleep(2.5)	# it tries, and cannot
    before = count(db)
    s.feed(0.75)
    eve = os.path.join(log, "eve.json")

    def alerts_of(kind):
        with open(eve, encoding="utf-8", errors="replace") as f:
            return [line for line in f if kind in line and line.endswith("}\n")]

    expect("full", wait_for(lambda: alerts_of('"store.failed"')), "no alert says so")
    expect("full", all('"signature_id":5000630' in a and "its disk is full" in a for a in alerts_of('"store.failed"')), alerts_of("store.failed"))
    os.unlink(os.path.join(mount, "filler"))
    expect("space", wait_for(lambda: count(db) > before), f"writing does not go on: {before}, {count(db)}")
    status, err = s.end()
    expect("space", status == 0 and "its disk is full" in err and "is written again" in err, (status, err))
    expect("space", is_sound(db), "not sound")
    told = {json.loads(a)["ot"]["id"] for a in alerts_of('"event_type":"alert"')}
    kept = {r[0] for r in rows(db, "SELECT uid FROM alerts")}
    expect("space", told == kept, f"{len(told - kept)} of {len(told)} alerts are not kept, {len(kept - told)} more")


def full_disk_learning(mount):
    """The same while a baseline is learned: it is learned in memory, one alert says so, and all of it is written when there is space."""
    log, whole = os.path.dirname(mount), os.path.join(os.path.dirname(mount), "learned.db")
    db, learn = os.path.join(mount, "learning.db"), ("--learn", "--set", "outputs.eve.file=learning.json", "--baseline")
    r = run("-r", CAPTURE, "-l", log, "--store", whole, *learn, whole)
    expect("learned", r.returncode == 0 and count(whole, "facts") > 500, r.stderr)
    s = Sensor(log, db, *learn, db)
    s.feed(0.2)
    expect("full, learning", wait_for(lambda: count(db, "facts") > 0), "nothing was written")
    time.sleep(1.5)
    with open(os.path.join(mount, "filler"), "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 1024)
        except OSError:
            pass
    for part in (0.4, 0.6, 0.7, 0.8):
        s.feed(part)
        time.sleep(0.7)
    before = count(db, "facts")
    expect("full, learning", 0 < before < count(whole, "facts"), (before, count(whole, "facts")))
    os.unlink(os.path.join(mount, "filler"))
    expect("space, learning", wait_for(lambda: count(db, "facts") > before), f"writing does not go on: {before}")
    status, err = s.end()
    expect("space, learning", status == 0 and "its disk is full" in err and "is written again" in err, (status, err))
    expect("space, learning", is_sound(db), "not sound")
    with open(os.path.join(log, "learning.json"), encoding="utf-8") as f:
        told = [line for line in f if '"store.failed"' in line]
    expect("full, learning", len(told) == 1 and "its disk is full" in told[0], told)
    for table in ("facts", "life", "alerts", "assets", "attributes"):
        a, b = (rows(x, f"SELECT * FROM {table} WHERE " + ("type<>'store.failed'" if table == "alerts" else "1")) for x in (whole, db))
        if table == "alerts":	# the one about the disk has taken a number, of which their ids are made
            a, b = (sorted(r[2:] for r in x) for x in (a, b))
        expect("space, learning", a == b, f"{table}: {len(a)} and {len(b)} rows, {len(set(a) ^ set(b))} differ")


def read_only(mount):
    """The same file system, now only to be read."""
    db = os.path.join(mount, "small.db")
    if subprocess.run(["mount", "-o", "remount,ro", mount], capture_output=True, check=False).returncode != 0:
        return
    r = run("-r", CAPTURE, "-l", os.path.dirname(mount), "--store", db)
    expect("read-only", r.returncode == 1 and "cannot be written; it and its folder must be writable" in r.stderr, r.stderr)
    r = run("alerts", "--severity", "1", "--store", db)
    expect("read-only", r.returncode == 0 and "told the CPU" in r.stdout, r.stderr)


def inside():
    mount = os.environ[INSIDE]
    r = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1000k", "none", mount], capture_output=True, text=True, check=False)
    if r.returncode != 0:
        print(f"a full disk was not tried: {r.stderr.strip()}")
        return
    full_disk(mount)
    read_only(mount)
    subprocess.run(["umount", mount], capture_output=True, check=False)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2500k", "none", mount], capture_output=True, check=False)
    full_disk_learning(mount)


def main():
    if INSIDE in os.environ:
        inside()
    else:
        with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
            whole = same_rows(tmp)
            read_beside(tmp)
            killed(tmp, whole)
            operators(tmp, whole)
            refused(tmp)
            mount = os.path.join(tmp, "disk", "mount")
            os.makedirs(mount)
            if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0:
                r = subprocess.run(["unshare", "-rm", sys.executable, os.path.abspath(__file__)], env=dict(os.environ, **{INSIDE: mount}),
                                   capture_output=True, text=True, check=False)
                print(r.stdout, end="")
                expect("full disk", r.returncode == 0, r.stderr)
            else:
                print("a full disk was not tried: no namespace to be had")
    for f in fail:
        print(f"FAIL {f}")
    return 1 if fail else 0


if __name__ == "__main__":
    sys.exit(main())
