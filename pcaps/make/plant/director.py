"""Takes the intruder through scenario.ATTACK, and writes down what was done when (attack.tsv)."""
import datetime
import json
import os
import struct
import time

from hosts import HOSTS
from scenario import ATTACK

LAPTOP = HOSTS["laptop"]
HEAD = """# What was done in plant-attack.pcap.  Seconds count from its first frame; frames are 1-based and those between actor
# and victim.  operations: what must be among the operations of that time, protocol:name[/subname]:outcome, several by
# ';', '-' where it is not about operations.  Fields are divided by one tab.
"""
COLUMNS = ("id", "start_s", "end_s", "start", "end", "first_frame", "last_frame", "actor", "victim", "operations", "what")


def conduct(run, plant, net):
    for step in ATTACK:
        while run.now() < step.at:
            plant.look()
            time.sleep(max(0, min(0.2, step.at - run.now())))
        if step.id == "setpoints":
            continue		# the HMI does and logs it
        start = time.time()
        if step.id.startswith("fail-"):
            if step.id == "fail-silent":
                net.link("plc-dosing", "down")
            run.log(step.id, start, run.t0 + step.at + step.length)
            continue
        p = plant.start("historian" if step.id == "outside" else "laptop", "step", step.id)
        while p.poll() is None:
            plant.look()
            if run.now() > step.at + step.length + 15:
                p.kill()
                raise SystemExit(f"{step.id}: did not end")
            time.sleep(0.05)
        run.log(step.id, start, time.time())


def frames(path):
    """(number, time, source MAC, source IP, destination IP); ARP gives its addresses, too."""
    with open(path, "rb") as f:
        data = f.read()
    at, n = 24, 0
    while at + 16 <= len(data):
        sec, us, size, _ = struct.unpack_from("<IIII", data, at)
        frame, at, n = data[at + 16:at + 16 + size], at + 16 + size, n + 1
        kind = frame[12:14]
        src, dst = (frame[26:30], frame[30:34]) if kind == b"\x08\x00" else (frame[28:32], frame[38:42])
        yield n, sec + us / 1e6, frame[6:12].hex(":"), ".".join(map(str, src)), ".".join(map(str, dst))


def touches(step, mac, src, dst):
    if step.id in ("scan", "forged-write"):
        return mac == LAPTOP.mac or LAPTOP.ip in (src, dst)
    victims = step.victim.split(",")
    return step.actor in (src, dst) and (src in victims or dst in victims)


def utc(t):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f") + "+0000"


def write(run, capture, out):
    done = {}
    with open(os.path.join(run.folder, "events.jsonl"), encoding="utf-8") as f:
        for line in f:
            e = json.loads(line)
            done[e["id"]] = e
    seen = list(frames(capture))
    first = seen[0][1]
    with open(out, "w", encoding="utf-8") as f:
        f.write(HEAD + "#" + "\t".join(COLUMNS) + "\n")
        for step in ATTACK:
            e = done[step.id]
            mine = [(n, t) for n, t, *who in seen if e["start"] - 0.01 <= t <= e["end"] + 0.1 and touches(step, *who)]
            (n0, start), (n1, end) = (mine[0], mine[-1]) if mine else ((0, e["start"]), (0, e["end"]))
            f.write("\t".join((step.id, f"{start - first:.3f}", f"{end - first:.3f}", utc(start), utc(end), str(n0), str(n1),
                               step.actor, step.victim, step.operations or "-", step.what)) + "\n")
