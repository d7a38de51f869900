#!/usr/bin/env python3
"""kill -9 of a live sensor at random moments: no alert that stood in eve.json or in the spool is missing at the receiver, none is older than a second.

    kill_live.py [KILLS]       5

Live over a pair of interfaces in a namespace of its own; each frame is an alert of severity 1.  It writes eve.json and a database, and sends by HTTPS
to a _bulk interface (receiver.py), which answers, says that it is full, breaks off, never answers, or is not there.  After the last kill a sensor that
sees nothing sends the rest.  Each start opens spool and database again.  Needs root; tests/cli/kill.py does the like in a replay, without HTTP.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
import kit
import tw  # noqa: E402
import wire  # noqa: E402
from receiver import Receiver  # noqa: E402

RULE = 'alert udp any any -> any 9999 (msg:"each frame"; sid:1000001; rev:1; priority:1;)\n'


def config(folder, port):
    text = {"outputs": {"eve": {"types": "alert"}, "sinks": [
        {"name": "siem", "transport": "elasticsearch", "target": f"https://localhost:{port}", "tls-ca": os.path.join(folder, "ca.pem"), "types": "alert",
         "spool": "yes", "spool-size": 64, "batch-wait": 20, "timeout": 1}]},
        "alerts": {"merge": 0, "limit": 0, "incidents": 0}, "rules": {"files": os.path.join(folder, "each.rules")},
        "store": {"file": os.path.join(folder, "store.db")}}
    with open(os.path.join(folder, "each.rules"), "w", encoding="ascii") as f:
        f.write(RULE)
    path = os.path.join(folder, "c.yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(text, f)
    return path


def ids(lines):
    """Of whole lines; the last may be cut off, or have been begun anew by the next run."""
    found = {}
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record["event_type"] == "alert" and record["alert"]["signature"] == "each frame":
            found[record["ot"]["id"]] = (record["src_ip"], record["src_port"])
    return found


class Answers:
    """How the receiver behaves; another way each few requests."""
    def __init__(self, receiver):
        self.r, self.up, self.way = receiver, False, None
        receiver.faults = lambda n, path: self.way

    def change(self):
        way = random.choice((None, None, None, 429, 503, "close", "hang", "away"))
        if (way == "away") == self.up:
            self.r.stop() if self.up else self.r.start()
            self.up = not self.up
        self.way = None if way == "away" else way

    def good(self):
        self.way = None
        if not self.up:
            self.r.start()
            self.up = True


def start(folder, conf):
    s = wire.Sensor(folder, "-c", conf, types="alert", rules=())
    try:
        s.wait_ready()
    except AssertionError:
        s.kill()
        raise
    return s


def one_kill(folder, conf, sock, answers, number, least):
    """Frames until the kill; (the next number, what was sent when)."""
    s, fed = start(folder, conf), []
    end = time.monotonic() + (random.uniform(0.05, 1.5) if least else 1.8)
    while time.monotonic() < end:
        if random.random() < 0.2:
            answers.change()
        for _ in range(random.randrange(1, 40)):
            sock.send(wire.udp((10, 9, 1, number // 50000), 1024 + number % 50000, (10, 9, 0, 2), 9999, b"%08d" % number))
            fed.append((time.monotonic(), number))
            number += 1
        time.sleep(random.uniform(0, 0.05))
    at = time.monotonic()
    s.p.send_signal(signal.SIGKILL)
    status = s.p.wait()
    assert status == -signal.SIGKILL, f"the sensor ended by itself ({status}): {s.said()}"
    return number, [n for when, n in fed if when < at - 1]


def main():
    wire.enter()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    kills, seed = int((sys.argv[1:] or ["5"])[0]), int(os.environ.get("TW_SEED") or time.time())
    random.seed(seed)
    folder = tempfile.mkdtemp(prefix="tw-kill-live-")
    c = kit.Certificates(folder)
    c.make("good")
    r = Receiver("bulk", kit.free_port(), c.path("good.pem"), c.path("good.key"))
    r.name = lambda record, line: line
    conf, sock, answers = config(folder, r.port), wire.plug(), Answers(r)
    answers.change()
    number, must, old = 0, {}, set()
    for k in range(kills):
        number, late = one_kill(folder, conf, sock, answers, number, k % 5)
        old.update((f"10.9.1.{n // 50000}", 1024 + n % 50000) for n in late)
        with open(os.path.join(folder, "eve.json"), "rb") as f:
            must.update(ids(f.read().split(b"\n")[:-1]))
        shown = subprocess.run([tw.BINARY, "spool", "print", "siem", "-c", conf, "-l", folder], capture_output=True, check=True)
        must.update(ids(shown.stdout.split(b"\n")))
    answers.good()
    s = start(folder, conf)

    def waiting():
        p = subprocess.run([tw.BINARY, "spool", "show", "--format", "json", "-c", conf, "-l", folder], capture_output=True, check=True)
        return json.loads(p.stdout)[0]
    wire.wait_for(lambda: waiting()["lines"] == 0, 60, 0.2)
    status, _ = s.end()
    left, said = waiting(), s.said()
    r.stop()
    got = ids(r.taken)
    missing, sources = [i for i in must if i not in got], set(got.values())
    gone = [p for p in old if p not in sources]
    print(f"{kills} kills of a live sensor, {number} frames: {len(must)} alerts stood in eve.json or the spool, {len(r.taken)} lines arrived in {r.requests} requests, "
          f"{len(r.taken) - len(set(r.taken))} of them again, {len(missing)} missing; of {len(old)} older than a second {len(gone)} missing; seed {seed}", flush=True)
    assert not missing and not gone, f"missing at the receiver: {missing[:5]} {gone[:5]}, {folder}"
    assert status == 0 and left["lines"] == 0 and sum(left["dropped"].values()) == 0, (status, left, said)
    assert len(must) > kills * 30, "too few alerts were there to be lost"
    shutil.rmtree(folder)


main()
