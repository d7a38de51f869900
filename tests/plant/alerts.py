#!/usr/bin/env python3
"""Ordinary work at the plant raises nothing of severity 1-3, and each step of the intruder raises what it must, in its time.

With the shipped rules and what the plant's owner adds: pcaps/plant/site.yaml and site.rules.  A type by its id, a rule by its sid.
"""
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

STEPS = {
    "scan": ("scan.arp", "scan.addresses", "scan.ports"),
    "recon-modbus": ("scan.plc",),
    "recon-s7": ("scan.tsaps",),
    "recon-dnp3": ("client.new.poll",),
    "write-modbus": ("client.new.command",),
    "setpoints": (9000002, 9000003, 9000004),
    "forged-write": ("arp.spoofing",),
    "dnp3-restart": ("controller.restart", "dnp3.restarted"),
    "dnp3-silence": ("dnp3.unsolicited.disabled",),
    "s7-upload": ("program.upload",),
    "s7-stop": ("s7.cpu.stop",),
    "s7-download": ("program.download", "program.activate"),
    "s7-start": ("controller.start",),
    "outside": ("internet.ot",),
    "fail-slow": (5400005,),
    "fail-refusing": ("modbus.device-failure", "exceptions.many"),
    "fail-silent": ("device.disconnected",),
}


OPTIONS = ["-c", "pcaps/plant/site.yaml", "--set", "rules.files=pcaps/plant/site.rules"]
OPTIONS += [o for path in sorted(glob.glob(os.path.join(tw.SRCDIR, "rules", "*.rules"))) for o in ("-s", path)]


def firsts(name, options=OPTIONS):
    return [r for r in tw.replay(f"pcaps/plant/{name}.pcap", options, types="alert") if r["ot"]["kind"] == "first"]


def steps():
    with open(os.path.join(tw.SRCDIR, "pcaps/plant/attack.tsv"), encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                parts = line.rstrip("\n").split("\t")
                yield parts[0], parts[3], parts[4], parts[7]


def later(text, seconds):
    """A time of EVE some seconds later, for comparing as text within one day."""
    h, m, s = int(text[11:13]), int(text[14:16]), float(text[17:26])
    t = h * 3600 + m * 60 + s + seconds
    return f"{text[:11]}{int(t // 3600):02}:{int(t % 3600 // 60):02}:{t % 60:09.6f}"


def problems():
    for r in firsts("plant") + firsts("plant", OPTIONS[4:]):
        if r["alert"]["severity"] <= 3:
            yield f"plant: {r['ot']['type']}: {r['ot']['sentence']}"
    attack, told = firsts("plant-attack"), set()
    for step, start, end, actor in steps():
        want = STEPS.get(step)
        if want is None:
            yield f"{step}: what it must raise is not listed"
        elif not isinstance(want, str):
            for kind in want:
                # The outstation says when it is back; a device is gone when its last attempts are over.
                late = 30 if kind in ("dnp3.restarted", "device.disconnected") else 5
                found = [r for r in attack if kind in (r["ot"]["type"], r["alert"]["signature_id"]) and
                         later(start, -5) <= r["timestamp"][:26] <= later(end, late)]
                if not found:
                    yield f"{step}: raises no {kind}"
                elif not any(actor in r["ot"]["sentence"] for r in found) and kind != "arp.spoofing":
                    if kind not in ("dnp3.restarted",):
                        yield f"{step}: {kind} does not name {actor}: {found[0]['ot']['sentence']}"
                told.update(r["ot"]["alert"] for r in found)
    for r in attack:
        if r["alert"]["severity"] <= 2 and r["ot"]["alert"] not in told and \
                not any(later(s, -5) <= r["timestamp"][:26] <= later(e, 30) for _, s, e, _ in steps()):
            yield f"outside of all steps: {r['ot']['sentence']}"


def main():
    tw.need_binary()
    found = list(problems())
    print("\n".join(found) or f"{sum(not isinstance(w, str) for w in STEPS.values())} of {len(STEPS)} steps raise what they must")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
