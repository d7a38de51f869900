#!/usr/bin/env python3
"""Who devices say they are, against tshark: Modbus' identification objects, S7's system status lists, LLDP, CDP, DHCP.

What the installed tshark shows of each in the captures of $THERMOWELL_CORPUS (texts that a device sent about itself) must stand, word by
word, in the attributes of the device with that address or MAC, as `thermowell assets` lists them; of LLDP, which names the device by its
chassis and is sent from the MAC of a port, in those of any one device.

    identity.py [NAME...] [-v]

A text that is missing fails, unless known-identity.tsv lists it with its reason; a listed one that is no longer missing fails too.
"""
import collections
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

TSHARK = os.environ.get("TSHARK", "")
FOLDERS = ("modbus", "s7comm", "dnp3", "mixed", "other", "profinet", "cases")
MOST = 8 << 20	# bytes of a capture: a larger one takes tshark long
# Field -> display filter of the frames in which its device is the sender.
FIELDS = {
    "modbus.object_str_value": "modbus.mei == 14",
    "s7comm.szl.xy11.0001.anz": "s7comm",
    "s7comm.szl.001c.0001.name": "s7comm",
    "s7comm.szl.001c.0002.name": "s7comm",
    "s7comm.szl.001c.0003.tag": "s7comm",
    "s7comm.szl.001c.0005.serialn": "s7comm",
    "s7comm.szl.001c.0007.cputypname": "s7comm",
    "s7comm.szl.001c.000b.loc_id": "s7comm",
    "lldp.tlv.system.name": "lldp",
    "lldp.tlv.system.desc": "lldp",
    "cdp.deviceid": "cdp",
    "cdp.platform": "cdp",
    "cdp.software_version": "cdp",
    "dhcp.option.hostname": "dhcp",
}
totals = collections.Counter()


def words(text):
    """What is compared: words of letters and digits, from two characters on."""
    return frozenset(w for w in re.findall(r"[a-z0-9]+", re.sub(r"\\[nrt]", " ", text).lower()) if len(w) > 1)


def of_tshark(path):
    """{(field, text): {(address or "", MAC)}}"""
    command = [TSHARK, "-n", "-r", path, "-Y", " or ".join(sorted(set(FIELDS.values()))), "-T", "fields", "-E", "separator=\x01", "-E", "aggregator=\x02",
               "-e", "eth.src", "-e", "ip.src", "-e", "dhcp.hw.mac_addr"]
    for field in FIELDS:
        command += ["-e", field]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=600).stdout.decode(errors="replace")
    said = collections.defaultdict(set)
    for line in out.split("\n"):
        cells = line.split("\x01")
        if len(cells) != 3 + len(FIELDS):
            continue
        for field, cell in zip(FIELDS, cells[3:]):
            for value in cell.split("\x02") if cell else ():
                if words(value):
                    who = (cells[1].split("\x02")[-1] if cells[1] != "0.0.0.0" else "", cells[2].split("\x02")[0] or cells[0].split("\x02")[0])
                    said[field, value].add(who)
    return said


def of_ours(path):
    """{address or MAC: words of its attributes}, and those of each device."""
    out = subprocess.run([tw.BINARY, "assets", "--format", "json", "-r", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         timeout=600, check=False).stdout.decode(errors="replace")
    of, each = collections.defaultdict(frozenset), []
    for line in out.split("\n"):
        if not line.startswith("{"):
            continue
        device = json.loads(line)
        each.append(frozenset().union(*(words(str(x.get("value", ""))) for x in device.get("attributes", []))))
        # A unit behind an address stands behind that.
        for who in {re.split("[ /]", device["id"])[0], *device.get("addresses", []), *device.get("macs", [])}:
            of[who] |= each[-1]
    return of, each


def compare(name, path, diffs):
    diffs.examined.add(name)
    said = of_tshark(path)
    if not said:
        return
    of, each = of_ours(path)
    totals["captures"] += 1
    for (field, text), senders in sorted(said.items()):
        totals[field] += 1
        there = [of[address] | of[mac] for address, mac in senders] + (each if field.startswith("lldp") else [])
        if not any(words(text) <= w for w in there):
            address, mac = sorted(senders)[0]
            diffs.add(name, "*", field, f"{address or mac}: {text[:80]!r} is not known of it")


def main():
    tw.need_binary()
    if not TSHARK:
        tw.skip("no tshark")
    corpus = tw.need_corpus()
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    diffs = known.Known("diff/known-identity.tsv", names)
    for folder in FOLDERS:
        for at, _, files in sorted(os.walk(os.path.join(corpus, folder))):
            for f in sorted(files):
                path = os.path.join(at, f)
                if re.search(r"\.(pcap|pcapng|cap)$", f) and os.path.getsize(path) < MOST and (not names or f in names):
                    compare(f, path, diffs)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
