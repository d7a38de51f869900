#!/usr/bin/env python3
"""The baseline from outside: a normal day learned and another held against it, what an operator decides, export and import, several
baselines in one database, and a sensor that has it while it is changed."""
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

PLANT = os.path.join(tw.SRCDIR, "pcaps", "plant")
NORMAL, ATTACK = os.path.join(PLANT, "plant.pcap"), os.path.join(PLANT, "plant-attack.pcap")
PEER = "peer server=10.20.1.11 client=10.20.2.99 proto=modbus"
fail = []


def expect(name, good, what=""):
    if not good:
        fail.append(f"{name}: {what}")


def run(*args, status=0):
    r = subprocess.run([tw.BINARY, *args], capture_output=True, text=True, check=False)
    expect(" ".join(args[:4]), r.returncode == status, f"exit status {r.returncode}: {r.stderr}{r.stdout}")
    return r.stdout, r.stderr


def baseline(db, *args, status=0):
    return run("baseline", *args, "--baseline", db, status=status)[0]


def replay(tmp, capture, *args):
    """The types of baseline alerts, and how many of each."""
    eve = os.path.join(tmp, "eve.json")
    if os.path.exists(eve):
        os.unlink(eve)
    run("-r", capture, "-l", tmp, "-q", "--set", "outputs.eve.types=alert", *args)
    found = {}
    with open(eve, encoding="utf-8") as f:
        for line in f:
            t = json.loads(line)["ot"].get("type", "")
            if t.startswith("baseline."):
                found[t] = found.get(t, 0) + 1
    return found


def keys(export):
    return [line.split(" state=")[0] for line in export.splitlines()]


def learn_and_detect(tmp, db):
    expect("learning", replay(tmp, NORMAL, "--learn", "--baseline", db) == {}, "is silent")
    first = baseline(db, "export")
    expect("learning", len(first.splitlines()) > 300, len(first.splitlines()))
    expect("export", first.splitlines() == sorted(first.splitlines()), "is sorted")
    again = replay(tmp, NORMAL, "--detect", "--baseline", db)
    expect("the same day again", again == {}, again)
    expect("export", keys(baseline(db, "export")) == keys(first), "no other facts because the same were seen again")
    found = replay(tmp, ATTACK, "--detect", "--baseline", db)
    for t in ("baseline.device", "baseline.peer", "baseline.command", "baseline.function", "baseline.unit", "baseline.mac", "baseline.flow",
              "baseline.link", "baseline.outside"):
        expect("the attack", t in found, f"{t} is missing in {found}")
    return first


def decide(tmp, db):
    expect("diff", PEER in baseline(db, "diff"), "the peer of the attacker is not open")
    baseline(db, "accept", PEER)
    expect("accept", f"{PEER}  accepted" in baseline(db, "show", PEER), baseline(db, "show", PEER))
    baseline(db, "reject", PEER)
    expect("reject", f"{PEER}  rejected" in baseline(db, "diff", "peer"), baseline(db, "diff", "peer"))
    expect("a device", all("10.20.2.99" in line for line in baseline(db, "show", "asset=10.20.2.99").splitlines()), "others, too")
    baseline(db, "lock", "function", "asset=10.20.1.11")
    expect("lock", " 1 are locked" in baseline(db, "status"), baseline(db, "status"))
    for wrong in (("accept",), ("accept", "nonsense"), ("reject", "peer", "server=10.99.99.99"), ("mode", "learn"), ("import", "/nowhere")):
        baseline(db, *wrong, status=2 if len(wrong) == 1 else 1)
    baseline(db, "frobnicate", status=2)
    # The attacker is normal once all of it is accepted.
    baseline(db, "accept", PEER)
    baseline(db, "accept", "all")
    found = replay(tmp, ATTACK, "--detect", "--baseline", db)
    left = {t for t in found if t.split(".")[1] in ("peer", "intent", "function", "unit", "link", "device", "flow", "mac")}
    # Severe commands are not learned, so what comes only with them stays.
    expect("all accepted", left <= {"baseline.peer", "baseline.peer.command"}, found)


def text_and_back(tmp, db, first):
    file, other = os.path.join(tmp, "a.baseline"), os.path.join(tmp, "other.db")
    with open(file, "w", encoding="utf-8") as f:
        f.write("# of a day\n\n" + first)
    baseline(other, "import", file)
    expect("import", baseline(other, "export") == first, "other lines come out")
    expect("diff", baseline(other, "diff", file) == "", baseline(other, "diff", file)[:300])
    with open(file, "a", encoding="utf-8") as f:
        f.write(PEER + "\n")
    expect("diff", baseline(other, "diff", file) == f"- {PEER}\n", "a line that only the file has")
    with open(file, "a", encoding="utf-8") as f:
        f.write("peer server=10.0.0.1 client=nobody proto=modbus\n")
    _, err = run("baseline", "import", file, "--baseline", other, status=1)
    expect("import", f"a.baseline:{len(first.splitlines()) + 4}:22: " in err, err)
    # Several baselines in one database.
    expect("names", replay(tmp, ATTACK, "--learn", "--baseline", other, "--set", "baseline.name=attack") == {}, "learned")
    expect("names", run("baseline", "export", "--baseline", other)[0].count("\n") == len(first.splitlines()) + 1, "the first is as it was")
    expect("names", "10.20.2.99" in run("baseline", "show", "device", "--baseline", other, "--set", "baseline.name=attack")[0], "the second")
    baseline(db, "reset", "all")
    expect("reset", baseline(db, "export") == "", "facts are left")


def by_a_sensor(tmp):
    """A replay of standard input that waits in the middle is one."""
    db, socket = os.path.join(tmp, "s.db"), os.path.join(tmp, "s.sock")
    with open(NORMAL, "rb") as f:
        capture = f.read()
    with subprocess.Popen([tw.BINARY, "-r", "-", "-l", tmp, "--learn", "--baseline", db, "--set", f"control.socket={socket}"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
        p.stdin.write(capture[:len(capture) // 2])
        p.stdin.flush()
        end = time.monotonic() + 20
        while time.monotonic() < end and (not os.path.exists(socket) or "device" not in subprocess.run(
                [tw.BINARY, "baseline", "show", "device", "--baseline", db], capture_output=True, text=True, check=False).stdout):
            time.sleep(0.2)
        baseline(db, "reject", "device", "server=10.20.1.11")
        baseline(db, "mode", "detect")
        p.stdin.write(capture[len(capture) // 2:])
        p.stdin.close()
        expect("sensor", p.wait(60) == 0, "ended badly")
    expect("sensor", "device server=10.20.1.11  rejected" in baseline(db, "diff"), baseline(db, "diff")[:300])


def main():
    with tempfile.TemporaryDirectory() as tmp:
        db = os.path.join(tmp, "plant.db")
        first = learn_and_detect(tmp, db)
        decide(tmp, db)
        text_and_back(tmp, db, first)
        by_a_sensor(tmp)
    for f in fail:
        print(f)
    print(f"{len(fail)} problems")
    return 1 if fail else 0


if __name__ == "__main__":
    sys.exit(main())
