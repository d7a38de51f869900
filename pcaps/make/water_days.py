"""Days of the water works of plant/, faster than they pass: its process and its programs, stepped by their own clock.

What ten minutes do not need is added: a well that refills the faster the lower it is, a town that sleeps, an operator who moves
set-points by day, refills the hypochlorite and keeps the reservoir between two levels.  Instruments can fail; `truth` is what the water
really does, `reads` what the instrument says of it.
"""
import collections
import math
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "plant"))
import plc_modbus  # noqa: E402
import plc_network  # noqa: E402
import process  # noqa: E402
import tags  # noqa: E402

DAY = 86400
STEP_S = 1.0
BEGIN = 1781503200	# Monday 2026-06-15 06:00 UTC


class Demand(process.Slow):
    """Two peaks a day, little by night; at the weekend the town rises later."""
    clock = 0.0

    def step(self, dt):
        t = BEGIN + self.clock
        hour, weekend = t % DAY / 3600, (t // DAY + 3) % 7 >= 5
        morning = 10 if weekend else 7.5
        return super().step(dt) + 10 * (math.exp(-((hour - morning) / 2) ** 2) + 0.8 * math.exp(-((hour - 19) / 2.5) ** 2)) \
            - 14 * math.exp(-((hour - 3) / 2.5) ** 2)


class Works:
    """`fault(truth, t)` changes what instruments read, in place; None: they are right."""
    def __init__(self, seed, fault=None):
        self.rng = random.Random(f"days:{seed}")
        self.truth = collections.defaultdict(float)
        process.begin(self.truth, self.rng)
        self.noise = {"flow": process.Slow(self.rng, 0.8, 4), "fine": process.Slow(self.rng, 0.5, 2),
                      "slow": process.Slow(self.rng, 0.6, 60), "demand": Demand(self.rng, 5, 40)}
        self.t, self.fault, self.dose, self.pump = 0.0, fault, 0.0, 82.0
        self.next_setpoint = 3600.0
        self.reads = self.truth.copy()

    def operator(self):
        w = self.truth
        if w["LT401"] > 3.5:
            w["V401_cmd"] = 0
        elif w["LT401"] < 2.9:
            w["V401_cmd"] = 1
        if w["LT202"] < 30:
            w["LT202"] = 85
        if self.t < self.next_setpoint:
            return
        hour = (BEGIN + self.t) % DAY / 3600
        if 7 <= hour < 17:
            w["AT201_set"] = 0.80 if w["AT201_set"] > 0.82 else 0.85
            w["P101_set"] = 92 if w["P101_set"] < 91 else 90
        self.next_setpoint = self.t + self.rng.uniform(1, 4) * 3600

    def until(self, t):
        w, commands = self.truth, ("P101_cmd", "P102_cmd", "DOSE_cmd", "P301_cmd", "P302_cmd")
        while self.t < t:
            self.noise["demand"].clock = self.t
            process.water(w, self.noise, self.t, STEP_S)
            w["LT101"] += (6.2 - w["LT101"]) / 7200 * STEP_S
            self.t += STEP_S
            self.operator()
            self.reads = r = w.copy()
            if self.fault is not None:
                self.fault(r, self.t, self.rng)
            # Programs see what instruments say, and command what is true; they run ten times a second.
            plc_modbus.intake(r, None)
            for _ in range(10):
                self.dose = plc_modbus.dosing(r, self.dose)
            self.pump = plc_network.program(r, self.pump)
            for c in commands:
                w[c] = r[c]
        return self.reads


def registers(unit_tags, reads, space):
    """{address: raw} of a space of a unit."""
    return {t.address: plc_modbus.raw(reads, t) for t in unit_tags if t.space == space}


INTAKE, DOSING = tags.INTAKE, tags.DOSING


# ---- faults: (what to call it, fault, is it a failure of the process now?) ----

def drifts(begin, per_hour):
    """The electrode of the chlorine analyser fouls: it reads a smaller part of what there is every hour, and the controller doses more."""
    def fault(r, t, _):
        if t > begin:
            r["AT201"] *= max(0.2, 1 - per_hour * (t - begin) / 3600)
    return fault


def drifts_ph(begin, per_hour):
    """The pH electrode ages: its reading rises.  Nothing is controlled by it."""
    def fault(r, t, _):
        if t > begin:
            r["AT202"] += per_hour * (t - begin) / 3600
    return fault


def sticks(begin):
    """The float of the clear-water tank hangs: from then on the level reads what it was."""
    stands = []

    def fault(r, t, _):
        if t > begin:
            stands[:] = stands or [r["LT201"]]
            r["LT201"] = stands[0]
    return fault


def scatters(begin, per_hour):
    """A terminal of the chlorine analyser corrodes: what it reads scatters more every hour."""
    def fault(r, t, rng):
        if t > begin:
            r["AT201"] = max(0.0, r["AT201"] + rng.gauss(0, per_hour * (t - begin) / 3600))
    return fault
