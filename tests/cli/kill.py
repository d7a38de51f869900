#!/usr/bin/env python3
"""kill -9 at random moments: no alert that stood in eve.json or in the spool is missing at the receiver, none is older than a second.

    kill.py [--long]       5 kills, or 100

A sensor reads frames from a pipe, as they come; each is an alert of severity 1.  It writes eve.json, and sends to a Unix socket
with a spool; the reader reads, stands still, or is not there at all.  After the last kill a sensor without frames sends the rest.
"""
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

RULE = 'alert udp any any -> any 9999 (msg:"each frame"; sid:1000001; rev:1; priority:1;)\n'
CONFIG = """outputs:
  eve: {{types: alert}}
  sinks:
    - {{name: siem, transport: unix-stream, target: stream, types: alert, spool: yes, spool-size: 64}}
alerts: {{merge: 0, limit: 0, incidents: 0}}
rules: {{files: {rules}}}
"""
START = 1_700_000_000


def frame(number):
    """A datagram that has its number in it."""
    payload = b"%08d" % number
    udp = struct.pack("!HHHH", 1024 + number % 60000, 9999, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number & 0xffff, 0, 64, 17, 0, b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02")
    total = sum(struct.unpack("!10H", ip))
    total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + ip[12:]
    return b"\x00\x0e\xcf\x00\x00\x01\x00\x0e\xcf\x00\x00\x02\x08\x00" + ip + udp


class Reader(threading.Thread):
    """Listens on the socket; `mode` is what it does: read, still or away."""
    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.mode, self.data, self.lock, self.ending = path, "read", [], threading.Lock(), False
        self.start()

    def run(self):
        server, peer, rest = None, None, b""
        while not self.ending:
            if self.mode == "away" and peer is None and server is not None:
                # Who has connected may have written: what is closed with it would be lost by this reader.
                try:
                    peer = server.accept()[0]
                    peer.settimeout(0.02)
                    rest = b""
                except TimeoutError:
                    pass
                server.close()
                server = None
                os.unlink(self.path)
            if self.mode != "away" and server is None:
                server = socket.socket(socket.AF_UNIX)
                server.bind(self.path)
                server.listen(1)
                server.settimeout(0.02)
            if peer is None and server is not None:
                try:
                    peer = server.accept()[0]
                    peer.settimeout(0.02)
                    rest = b""
                except TimeoutError:
                    pass
            if peer is None or self.mode == "still":
                time.sleep(0.02)
                continue
            try:
                data = peer.recv(1 << 16)
            except TimeoutError:
                continue
            except ConnectionResetError:
                data = b""
            if not data:
                peer.close()
                peer = None
                continue
            *lines, rest = (rest + data).split(b"\n")
            with self.lock:
                self.data += lines


class Sensor:
    def __init__(self, folder):
        self.config = os.path.join(folder, "c.yaml")
        self.log = open(os.path.join(folder, "log"), "ab")
        self.process = subprocess.Popen([tw.BINARY, "-c", self.config, "-r", "-", "-l", folder, "-q"], stdin=subprocess.PIPE, stderr=self.log)
        self.process.stdin.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def feed(self, number):
        f = frame(number)
        try:
            self.process.stdin.write(struct.pack("<IIII", START + number // 1000, number % 1000 * 1000, len(f), len(f)) + f)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def end(self, kill):
        if kill:
            self.process.send_signal(signal.SIGKILL)
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        code = self.process.wait(timeout=60)
        self.log.close()
        return code


def ids(lines):
    """Of whole lines; the last may be cut off, or have been begun anew by the next run."""
    found = {}
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        found[record["ot"]["id"]] = record["src_port"]
    return found


def main():
    kills = 100 if "--long" in sys.argv else 5
    seed = int(os.environ.get("TW_SEED") or time.time())
    random.seed(seed)
    folder = tempfile.mkdtemp(prefix="thermowell-kill-")
    place = lambda name: os.path.join(folder, name)  # noqa: E731
    with open(place("each.rules"), "w", encoding="ascii") as f:
        f.write(RULE)
    with open(place("c.yaml"), "w", encoding="ascii") as f:
        f.write(CONFIG.format(rules=place("each.rules")))
    reader = Reader(place("stream"))
    number, must, old = 0, {}, {}
    for k in range(kills):
        sensor = Sensor(folder)
        for _ in range(200):
            sensor.feed(number)
            number += 1
        end, fed = time.monotonic() + (random.uniform(0.05, 1.5) if k % 5 > 0 else 1.6), []
        while time.monotonic() < end:
            reader.mode = random.choice(("read", "read", "still", "away"))
            for _ in range(random.randrange(1, 60)):
                sensor.feed(number)
                fed.append((time.monotonic(), number))
                number += 1
            time.sleep(random.uniform(0, 0.02))
        at = time.monotonic()
        code = sensor.end(kill=True)
        assert code == -signal.SIGKILL, f"kill {k}: the sensor ended by itself ({code}), seed {seed}"
        with open(place("eve.json"), "rb") as f:
            stood = ids(f.read().split(b"\n")[:-1])
        shown = subprocess.run([tw.BINARY, "spool", "print", "siem", "-c", place("c.yaml"), "-l", folder], capture_output=True, check=True)
        waiting = ids(shown.stdout.split(b"\n"))
        must.update(stood)
        must.update(waiting)
        # Older than a second: in eve.json, or in the spool, by now.
        for when, n in fed:
            if when < at - 1:
                old[1024 + n % 60000] = k
    reader.mode = "read"
    while not os.path.exists(place("stream")):
        time.sleep(0.01)
    sensor = Sensor(folder)
    code = sensor.end(kill=False)
    assert code == 0, f"the last sensor ended with {code}, seed {seed}"
    time.sleep(0.3)
    with reader.lock:
        lines = list(reader.data)
    got = ids(lines)
    missing = [i for i in must if i not in got]
    ports = set(got.values())
    late = [p for p in old if p not in ports]
    left = subprocess.run([tw.BINARY, "spool", "show", "--format", "json", "-c", place("c.yaml"), "-l", folder], capture_output=True, check=True)
    left = json.loads(left.stdout)[0]
    print(f"{kills} kills, {number} frames: {len(must)} alerts stood in eve.json or the spool, {len(lines)} lines arrived, "
          f"{len(lines) - len(got)} of them again, {len(missing)} missing; of {len(old)} older than a second {len(late)} missing")
    assert not missing, f"missing at the receiver: {missing[:5]}, seed {seed}, {folder}"
    assert not late, f"older than a second and missing: {late[:5]}, seed {seed}, {folder}"
    assert left["lines"] == 0 and sum(left["dropped"].values()) == 0, left
    assert len(must) > kills * 100, "too few alerts were there to be lost"
    reader.ending = True
    shutil.rmtree(folder)


main()
