"""The water itself: wells, intake pumps, dosing, clear-water tank, network pumps, the reservoir on the hill.

Levels are integrals of flows, drives ramp, chlorine mixes and decays, pressure follows pumps and demand.  The tanks are
small, so that ten minutes show a pump cycle or two.
"""
import math
import time

STEP_S = 0.1
TANK_M2, HILL_M2 = 6.0, 4.0


class Slow:
    """Noise as instruments have it: a random walk that is drawn back to zero."""
    def __init__(self, rng, size, tau_s):
        self.rng, self.size, self.tau, self.x = rng, size, tau_s, 0.0

    def step(self, dt):
        self.x += -self.x * dt / self.tau + self.rng.gauss(0, self.size) * math.sqrt(2 * dt / self.tau)
        return self.x


def begin(w, rng):
    """Where the plant stands when the recording begins, in the middle of a shift."""
    for name, value in dict(
            P101_cmd=1, P101_set=92, P102_set=85, P101_speed=92, LT101=6.2 + rng.uniform(-.3, .3), TT101=11.4, AT101=0.42, V101_open=1,
            RT101=12873 + rng.randrange(400), LT201=2.45 + rng.uniform(-.12, .12), DOSE_cmd=45, AT201=0.79, AT202=7.42,
            LT202=68 + rng.uniform(-6, 6), AT201_set=0.80, AT201_low=0.30, AT201_high=1.50, DOSE_max=90, DOSE_auto=1, DOSE_enable=1,
            AUTO_intake=1, LT201_start=2.30, LT201_stop=2.60, FT101_max=130, PT301_set=4.5, PT301_min=3.5, PT301_max=6.0,
            P301_cmd=82, P301_speed=82, PT301=4.5, FT301=75, V401_cmd=1, V401_pos=100, LT401=3.10 + rng.uniform(-.05, .05), ET401=26.4,
            TT401=9.8, QT401=918000 + rng.randrange(2000), NV401=412, LT401_set=3.2, ET1=48211 + rng.randrange(900), UT1=400).items():
        w[name] = value


def ramp(now, want, rate, dt):
    return now + max(-rate * dt, min(rate * dt, want - now))


def water(w, noise, t, dt):
    n = {k: s.step(dt) for k, s in noise.items()}
    # wells and intake pumps
    for p in ("P101", "P102"):
        w[p + "_speed"] = ramp(w[p + "_speed"], w[p + "_set"] if w[p + "_cmd"] else 0, 12, dt)
    lift = 0.9 + 0.1 * w["LT101"] / 6.2
    flow = sum(max(0, (w[p + "_speed"] - 20) / 80) for p in ("P101", "P102")) * 62 * lift
    flow = max(0, flow + (n["flow"] if flow > 1 else 0))
    w["FT101"] = flow
    w["PT101"] = 0.6 + 2.6 * (flow / 120) ** 2 + 0.9 * (flow > 1) + 0.02 * n["fine"]
    w["LT101"] += (58 - flow) / 3600 / 90 * dt
    w["TT101"] = 11.4 + 0.3 * math.sin(t / 2400) + 0.02 * n["fine"]
    w["AT101"] = max(0.1, 0.42 + 0.001 * flow + 0.03 * n["slow"])
    w["RT101"] += dt / 3600 * (w["P101_speed"] > 1)
    w["LT201"] = max(0, min(4, w["LT201"] + (flow - w["FT301"]) / 3600 / TANK_M2 * dt))
    # chlorine: dosed into the flow, mixed in the contact tank, eaten by the water
    running = w["DOSE_enable"] and flow > 5
    w["DOSE_run"] = 1 if running else 0
    w["FT202"] = ramp(w["FT202"], w["DOSE_cmd"] * 0.02 if running else 0, 0.5, dt)
    if flow > 5:
        w["AT201"] += (w["FT202"] * 100 / flow - 0.35 - 0.05 * n["slow"] - w["AT201"]) / 45 * dt
    else:
        w["AT201"] -= w["AT201"] * dt / 4000
    w["AT201"] = max(0.02, w["AT201"])
    w["AT202"] = 7.42 - 0.06 * (w["AT201"] - 0.8) + 0.01 * n["fine"]
    w["LT202"] -= w["FT202"] * dt / 3600 / 4
    # network: pumps against demand
    for p in ("P301", "P302"):
        w[p + "_speed"] = ramp(w[p + "_speed"], w[p + "_cmd"], 8, dt)
    s1, s2 = w["P301_speed"] / 100, w["P302_speed"] / 100
    demand = 62 + 8 * math.sin(t / 173) + n["demand"]
    draw = math.sqrt(max(0, w["PT301"]) / 4.5)
    w["FT301"] = demand * draw + 22 * w["V401_pos"] / 100 * draw
    head = 7.6 * s1 ** 2 + 2.5 * s2 ** 2 - 0.00012 * w["FT301"] ** 2 * (s1 > 0.05)
    w["PT301"] = max(0, w["PT301"] + (max(0, head) - w["PT301"]) / 1.5 * dt)
    w["JT301"] = 22 * s1 ** 3 + 22 * s2 ** 3 + 0.8
    # the reservoir
    w["V401_pos"] = ramp(w["V401_pos"], 100 * w["V401_cmd"], 6, dt)
    into = 22 * w["V401_pos"] / 100 * draw
    w["FT401"] = max(0, 12.5 + 0.5 * n["demand"] * 0.4 + n["fine"] * 0.1)
    w["LT401"] = max(0, min(4.2, w["LT401"] + (into - w["FT401"]) / 3600 / HILL_M2 * dt))
    w["PT401"] = w["LT401"] * 98.1 + 0.5 * n["fine"]
    w["QT401"] += w["FT401"] * dt / 3600
    w["ET401"] = 26.4 + 0.05 * n["fine"]
    w["TT401"] = 9.8 + 0.2 * n["slow"]
    # the power meter
    w["UT1"] = 400 + 0.8 * n["slow"]
    w["JT1"] = 3.2 + 11 * (w["P101_speed"] / 100) ** 3 + 11 * (w["P102_speed"] / 100) ** 3 + 0.4 * (w["FT202"] > 0)
    w["IT1"] = w["JT1"] * 1000 / (math.sqrt(3) * w["UT1"] * 0.88)
    w["ET1"] += w["JT1"] * dt / 3600


def main(run):
    w = run.wires
    rng = run.rng
    noise = {"flow": Slow(rng, 0.8, 4), "fine": Slow(rng, 0.5, 2), "slow": Slow(rng, 0.6, 60), "demand": Slow(rng, 5, 40)}
    offset = rng.uniform(0, 1000)
    due = time.monotonic()
    while not run.ended():
        water(w, noise, run.now() + offset, STEP_S)
        due += STEP_S
        time.sleep(max(0, due - time.monotonic()))
