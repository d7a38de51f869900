#!/usr/bin/env python3
"""Records the plant and its attack anew with three seeds, all at once (ten minutes), then judges them as learned.py does.

    sudo PLANT_PYTHON=PYTHON recorded.py [--keep FOLDER]

PYTHON is one with the stacks that pcaps/make/plant names.  Without it, or without root, there is nothing to do.  Captures that are in FOLDER
already are judged again and not recorded.
"""
import argparse
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

SEEDS = (2, 3, 4)
MAKER = os.path.join(tw.SRCDIR, "pcaps/make/plant")


def record(python, folder):
    running = []
    for seed in SEEDS:
        plant, attack = (os.path.join(folder, f"{n}-{seed}") for n in ("plant", "attack"))
        for cmd, out in (([], plant), (["--attack", attack + ".tsv"], attack)):
            if not os.path.exists(out + ".pcap"):
                running.append(subprocess.Popen([python, MAKER, "--seed", str(seed), *cmd, out + ".pcap"],
                                                env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1")))
    if any([p.wait() for p in running]):
        sys.exit("a recording failed")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--keep", metavar="FOLDER")
    args = p.parse_args()
    tw.need_binary()
    python = os.environ.get("PLANT_PYTHON")
    if not python or os.geteuid() != 0:
        tw.skip("recording the plant needs root and PLANT_PYTHON, a python with pymodbus, python-snap7 and yadnp3")
    with tempfile.TemporaryDirectory(prefix="tw-recorded-") as tmp:
        folder = args.keep or tmp
        record(python, folder)
        return subprocess.run([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "learned.py"), "--seeds", folder],
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
