"""What every station knows of the run: its clock, its dice, the wires, when to stop."""
import json
import os
import random
import signal
import threading
import time

from wires import Wires


class Run:
    def __init__(self, folder, role):
        self.folder = folder
        with open(os.path.join(folder, "run.json"), encoding="utf-8") as f:
            conf = json.load(f)
        self.seed, self.length, self.attack, self.t0 = conf["seed"], conf["length_s"], conf["attack"], conf["t0"]
        self.rng = random.Random(f"{self.seed}:{role}:{self.attack}")
        self.wires = Wires(os.path.join(folder, "wires"))
        self.stop = threading.Event()

    def catch_signals(self):
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, lambda *_: self.stop.set())

    def now(self):
        """Seconds since the recording began."""
        return time.time() - self.t0

    def ended(self):
        return self.stop.is_set() or self.now() > self.length + 30

    def sleep_until(self, t):
        """False when the run ends before."""
        return not self.stop.wait(max(0, t - self.now())) and not self.ended()

    def every(self, period, first, jitter=0.0):
        """Yields at first, first + period, ... as a poller's timer does: late at times, but not drifting."""
        t = first
        while self.sleep_until(t + self.rng.uniform(0, jitter)):
            yield t
            t += period
            if t < self.now() - period:
                t += period * ((self.now() - t) // period)

    def log(self, step, start, end, note=""):
        """The protocol of what was done to the plant; attack.tsv is made of it."""
        with open(os.path.join(self.folder, "events.jsonl"), "a", encoding="utf-8") as f:
            f.write(json.dumps({"id": step, "start": start, "end": end, "note": note}) + "\n")
