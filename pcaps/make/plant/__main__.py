"""Makes an hour, or ten minutes, of a small water works over real protocol stacks, and captures it at its switch.

    sudo PYTHON pcaps/make/plant [--seed N] [--minutes M] OUT.pcap              ordinary work
    sudo PYTHON pcaps/make/plant [--seed N] --attack TSV OUT.pcap               ten minutes with an intruder
    PYTHON pcaps/make/plant --tags                                              the tables of pcaps/plant/README.md

PYTHON is a python with pymodbus (3.16; it needs pyserial), python-snap7 (2.0.2), yadnp3 (3.2), all from PyPI.  Needs root, ip and ethtool.  It runs
in real time in network namespaces of its own, which are removed at the end; nothing leaves them.  pcaps/plant/README.md
tells what stands where.
"""
import argparse
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from hosts import HOSTS  # noqa: E402
from station import Run  # noqa: E402

STATIONS = ("plc-intake", "plc-dosing", "plc-network", "rtu-hill", "server", "hmi", "historian", "engineering", "office-1",
            "office-2", "outside")
CLOCKS = {"hmi": 21, "historian": 33, "engineering": 46, "plc-network": 52}	# who asks for the time, and when first


def station(run, role, args):
    """The program of one machine; runs in its namespace."""
    import importlib
    import threading
    run.catch_signals()
    logging.disable(logging.CRITICAL)	# the stacks tell at length of each refusal
    if CLOCKS.get(role):
        import office
        threading.Thread(target=office.ntp_client, args=(run, HOSTS[role].ip, CLOCKS[role]), daemon=True).start()
    if role in ("plc-intake", "plc-dosing"):
        import plc_modbus
        plc_modbus.main(run, role)
    elif role in ("office-1", "office-2", "server"):
        import office
        office.main(run, role)
    elif role == "mirror":
        import mirror
        mirror.main(run, args[0], args[1:])
    elif role == "step":
        import intruder
        intruder.main(run, args[0])
    else:
        importlib.import_module(role.replace("-", "_")).main(run)


class Plant:
    """The processes of one run; every one of them is ours and ends with us."""
    def __init__(self, net, folder):
        self.net, self.folder, self.running = net, folder, {}

    def start(self, ns, role, *args):
        cmd = [sys.executable, os.path.abspath(os.path.dirname(__file__)), "--role", role, "--run", self.folder, *args]
        p = subprocess.Popen(self.net.inside(ns, *cmd) if ns else cmd)
        self.running[role] = p
        return p

    def look(self):
        """A restarted RTU comes back; anything else that ended is a mistake of ours."""
        for role, p in list(self.running.items()):
            code = p.poll()
            if code is None:
                continue
            del self.running[role]
            if role == "rtu-hill" and code == 3:
                time.sleep(4)
                self.start(role, role)
            elif code != 0:
                raise SystemExit(f"{role}: ended with {code}")

    def end(self, roles):
        for role in roles:
            p = self.running.pop(role, None)
            if p is not None and p.poll() is None:
                p.send_signal(signal.SIGTERM)
                try:
                    p.wait(8)
                except subprocess.TimeoutExpired:
                    p.kill()
                    p.wait()


def record(out, seed, length, attack):
    names = STATIONS + (("laptop",) if attack else ())
    import network
    import process
    with tempfile.TemporaryDirectory(prefix="tw-plant-") as folder, network.built(names) as net:
        conf = {"seed": seed, "length_s": length, "attack": bool(attack), "t0": time.time() + 4}
        with open(os.path.join(folder, "run.json"), "w", encoding="utf-8") as f:
            json.dump(conf, f)
        run = Run(folder, "process")
        process.begin(run.wires, run.rng)
        plant = Plant(net, folder)
        raw = os.path.join(folder, "mirror.pcap")
        try:
            plant.start(None, "process")
            plant.start("switch", "mirror", raw, *names)
            for name in names:
                if name != "laptop":
                    plant.start(name, name)
            if attack:
                import director
                director.conduct(run, plant, net)
            while run.now() < length:
                plant.look()
                time.sleep(0.2)
            plant.end(("hmi", "historian", "engineering", "office-1", "office-2"))
            time.sleep(1)
        finally:
            plant.end([r for r in plant.running if r != "process"] + ["process"])
        shutil.copyfile(raw, out)
        if attack:
            import director
            director.write(run, raw, attack)
    print(f"{out}: {os.path.getsize(out)} bytes")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--attack", metavar="TSV", help="with the intruder; what was done when is written to TSV")
    p.add_argument("--tags", action="store_true", help="print the tag tables")
    p.add_argument("--role", help=argparse.SUPPRESS)
    p.add_argument("--run", help=argparse.SUPPRESS)
    p.add_argument("out", nargs="*")
    args = p.parse_args()
    if args.role:
        station(Run(args.run, args.role), args.role, args.out)
    elif args.tags:
        import tags
        print(tags.markdown())
    elif len(args.out) != 1:
        p.error("one OUT file is needed")
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        record(args.out[0], args.seed, args.minutes * 60, args.attack)


if __name__ == "__main__":
    main()
