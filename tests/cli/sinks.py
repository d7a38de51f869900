#!/usr/bin/env python3
"""Several outputs: in a replay each gets every line that it asks for, the same bytes each time, whoever reads slowly."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps/plant/plant-attack.pcap")
CONFIG = """outputs:
  eve:
    types: all
  sinks:
    - {name: copy, target: copy.json, types: all}
    - {name: pipe, target: pipe, types: all}
    - {name: stream, transport: unix-stream, target: stream, types: all}
    - {name: dgram, transport: unix-dgram, target: dgram, types: all}
    - name: grave
      target: grave.json
      types: [alert]
      severity: 2
"""


def run(*args):
    done = subprocess.run([tw.BINARY, *args], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


class Reader(threading.Thread):
    """Reads to the end, and takes its time at the beginning."""
    def __init__(self, read):
        super().__init__(daemon=True)
        self.read, self.data, self.chunks = read, b"", 0
        self.start()

    def run(self):
        while True:
            if self.chunks < 20:
                time.sleep(0.01)
            c = self.read()
            if not c:
                return
            self.chunks += 1
            self.data += c


def replay(folder):
    """What each output got."""
    config, place = os.path.join(folder, "c.yaml"), lambda name: os.path.join(folder, name)
    with open(config, "w", encoding="ascii") as f:
        f.write(CONFIG)
    os.mkfifo(place("pipe"))
    pipe = os.open(place("pipe"), os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(pipe, True)
    stream, dgram = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stream.bind(place("stream"))
    stream.listen(1)
    dgram.bind(place("dgram"))
    p = subprocess.Popen([tw.BINARY, "-q", "-c", config, "-l", folder, "-r", CAPTURE])
    conn, _ = stream.accept()
    readers = {"pipe": Reader(lambda: os.read(pipe, 4096)), "stream": Reader(lambda: conn.recv(4096)),
               "dgram": Reader(lambda: dgram.recv(1 << 20))}
    assert p.wait(60) == 0, "the replay failed"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.sendto(b"", place("dgram"))
    for name, r in readers.items():
        r.join(30)
        assert not r.is_alive(), f"{name}: no end"
    got = {name: r.data for name, r in readers.items()}
    for name in ("eve.json", "copy.json", "grave.json"):
        with open(place(name), "rb") as f:
            got[name] = f.read()
    return got


def without_stats(text):
    return [x for x in text.split(b"\n") if b'"event_type":"stats"' not in x]


def by_name(folder):
    """A sink for a device by its name has what one for its address has, whatever the letters."""
    with open(os.path.join(folder, "list.csv"), "w", encoding="ascii") as f:
        f.write("address,name\n10.20.1.12,dosing-plc\n")
    for asset in ("Dosing-PLC", "10.20.1.12", "dosing-pl"):
        with open(os.path.join(folder, f"{asset}.yaml"), "w", encoding="ascii") as f:
            f.write(f"outputs:\n  eve: {{types: alert}}\n  sinks:\n    - {{name: one, target: {asset}.json, types: all, assets: [{asset}]}}\n"
                    f"rules: {{files: none}}\nassets: {{file: {folder}/list.csv}}\n")
        status, text = run("-q", "-c", os.path.join(folder, f"{asset}.yaml"), "-l", folder, "-r", CAPTURE)
        assert status == 0, text
    of = [open(os.path.join(folder, f"{asset}.json"), encoding="utf-8").read().splitlines() for asset in ("Dosing-PLC", "10.20.1.12", "dosing-pl")]
    ours = [[x for x in lines if '"event_type":"stats"' not in x and '"event_type":"visibility"' not in x] for lines in of]
    assert ours[0] == ours[1] and len(ours[0]) > 100 and ours[2] == [], [len(x) for x in ours]
    status, text = run("-T", "--set", "outputs.sinks.0.name=x", "--set", "outputs.sinks.0.target=x.json", "--set", "outputs.sinks.0.assets=10.20.1.x")
    assert status != 0 and "is no network" in text, text


def main():
    tw.need_binary()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, tempfile.TemporaryDirectory() as alone:
        got, again = replay(one), replay(two)
        assert got == again, "the same capture gave other bytes: " + ", ".join(k for k in got if got[k] != again[k])
        for name in ("copy.json", "pipe", "stream", "dgram"):
            assert got[name] == got["eve.json"], f"{name} is not what the first output got"
        code, said = run("-q", "-r", CAPTURE, "-l", alone, "--set", "outputs.eve.types=all")
        assert code == 0, said
        with open(os.path.join(alone, "eve.json"), "rb") as f:
            lines = f.read()
        assert without_stats(lines) == without_stats(got["eve.json"]), "other outputs changed the records of the first"
        want = [x for x in map(json.loads, lines.splitlines()) if x["event_type"] == "alert" and x["alert"]["severity"] <= 2]
        assert [json.loads(x) for x in got["grave.json"].splitlines()] == want, "not the alerts of severity 1 and 2"
        sinks = [json.loads(x) for x in got["eve.json"].splitlines() if b'"event_type":"stats"' in x][-1]["ot"]["sinks"]
        assert [x["name"] for x in sinks] == ["eve", "copy", "pipe", "stream", "dgram", "grave"], sinks
        assert all(x["lost"] == 0 for x in sinks), sinks
        assert want, "the capture has no grave alert"
        by_name(alone)
        print(f"six outputs: {len(got['eve.json'].splitlines())} lines each of five, the same twice; {len(want)} grave alerts")

    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "c.yaml")
        with open(config, "w", encoding="ascii") as f:
            f.write("outputs:\n  sinks:\n    - {name: a, target: a.json}\n    - {name: a, target: b.json}\n"
                    "    - {name: c, target: a.json}\n    - {name: d}\n")
        code, said = run("-T", "-c", config, "-l", folder)
        assert code == 1, said
        for text in (f"{config}:4:7: there is another output with the name \"a\"",
                     f"{config}:5:7: a.json is the file of another output (\"a\")",
                     f"{config}:6:7: this entry of outputs.sinks has no target"):
            assert text in said, (text, said)
        assert os.listdir(folder) == ["c.yaml"], "-T made something"
        code, said = run("-q", "-r", CAPTURE, "-l", folder, "--set", "outputs.sinks.0.name=x", "--set",
                         "outputs.sinks.0.transport=unix-stream", "--set", "outputs.sinks.0.target=nobody")
        assert code == 1 and "nobody listens there; start its reader first" in said, said
    print("what cannot be is refused with its place")


if __name__ == "__main__":
    main()
