#!/usr/bin/env python3
"""Makes pcaps/plant/truth.tsv: what the plant's simulation really had, in the plant's own words.

The historian's page of trends prints the simulation's own variables (historian.py: run.wires), as text over HTTP, so the capture holds
them beside the values that its controllers say.  Read by tshark; nothing of thermowell takes part.
"""
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PLANT = os.path.join(HERE, "..", "plant")


def main():
    out = subprocess.run(["tshark", "-r", os.path.join(PLANT, "plant.pcap"), "-Y", "http.response", "-T", "fields", "-e",
                          "frame.number", "-e", "frame.time_epoch", "-e", "http.file_data"], check=True, stdout=subprocess.PIPE).stdout
    with open(os.path.join(PLANT, "truth.tsv"), "w", encoding="utf-8") as f:
        f.write("# frame\ttime\tvariable\tvalue: pages of the historian, which print the variables of the simulation (../make/plant_truth.py)\n")
        for line in out.decode().splitlines():
            frame, time, page = line.split("\t")
            if not page.startswith("<"):
                page = bytes.fromhex(page.replace(":", "")).decode()
            for name, value in re.findall(r"<tr><td>(\w+)</td><td>([-0-9.]+)</td></tr>", page):
                f.write(f"{frame}\t{float(time):.6f}\t{name}\t{value}\n")


if __name__ == "__main__":
    main()
