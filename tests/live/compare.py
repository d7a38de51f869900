#!/usr/bin/env python3
"""compare.py PACKETS LIVE.json FILE.json: the live run lost nothing and saw the same operations."""
import collections
import json
import sys


def load(path):
    operations, stats = collections.Counter(), None
    with open(path) as lines:
        for line in lines:
            record = json.loads(line)
            if record["event_type"] == "stats":
                stats = record["stats"]
            elif record["event_type"] == "modbus":
                ot = record["ot"]
                operations[json.dumps([record["src_ip"], record["src_port"], record["dest_ip"], record["dest_port"],
                                       record["modbus"], ot["outcome"], ot.get("items")], sort_keys=True)] += 1
    return operations, stats


def main():
    packets = int(sys.argv[1])
    (live, stats), (file, _) = load(sys.argv[2]), load(sys.argv[3])
    seen, drops = stats["decoder"]["pkts"], stats["capture"]["kernel_drops"]
    print(f"{packets} packets sent, {seen} seen, {drops} dropped by the kernel; "
          f"{sum(live.values())} operations live, {sum(file.values())} from the file")
    missing, extra = file - live, live - file
    for name, some in (("only in the file", missing), ("only live", extra)):
        for key in list(some)[:5]:
            print(f"{name}: {key}")
    if seen != packets or drops or missing or extra or not file:
        print("FAIL")
        return 1
    print("nothing lost, the same operations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
