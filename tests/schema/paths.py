#!/usr/bin/env python3
"""One path has one JSON type, for ever, over all golden lines and what the corpus gives.

    paths.py [--long] [FILE...]     lines of these files; --long: also of every capture of the corpus, else of the small ones

Held to: one type for each path (a number may be whole or not, null may stand where nothing can be said), no whole number beyond
what a signed 64-bit field takes, and not many more names than there are: what devices name goes into pairs, not into keys.
"""
import collections
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

MOST_PATHS = 1600	# leaves: of EVE, of s7comm and its copy in alerts, of iec104, of devices, incidents, values and health, counters
SMALL = 300_000		# bytes of a capture
# What EVE itself mixes: the one register of a single write is a number there, the octets of others are text; a DNP3 value is what it is.
EVE_MIXES = ("modbus.request.write.data", "modbus.response.write.data", "dnp3.application.objects.points.value",
             "dnp3.request.application.objects.points.value", "dnp3.response.application.objects.points.value")


class Paths:
    def __init__(self):
        self.types = collections.defaultdict(dict)	# path: {type: where it was seen first}
        self.bad = []
        self.lines = 0

    def note(self, path, kind, where):
        self.types[path].setdefault(kind, where)

    def walk(self, v, path, where):
        if isinstance(v, dict):
            self.note(path, "object", where)
            for k, x in v.items():
                self.walk(x, f"{path}.{k}" if path else k, where)
        elif isinstance(v, list):
            self.note(path + "[]", "array", where)
            for x in v:
                self.walk(x, path + "[]", where)
        elif v is not None:
            kind = "boolean" if isinstance(v, bool) else "text" if isinstance(v, str) else "number"
            self.note(path, kind, where)
            if kind == "number" and not -2 ** 63 <= v < 2 ** 63 and isinstance(v, int):
                self.bad.append(f"{where}: {path}: {v} is more than a signed 64-bit number")

    def take(self, lines, where):
        for n, line in enumerate(lines, 1):
            self.lines += 1
            self.walk(json.loads(line), "", f"{where}:{n}")

    def problems(self):
        yield from self.bad
        leaves = collections.defaultdict(dict)
        for path, kinds in self.types.items():
            for kind, where in kinds.items():
                # a path and the same with [] would be one field of an index
                if kind != "array":
                    leaves[path.replace("[]", "")].setdefault(("list of " if path.endswith("[]") else "") + kind, where)
        for path, kinds in sorted(leaves.items()):
            if len(kinds) > 1 and path not in EVE_MIXES:
                yield f"{path}: " + ", ".join(f"{k} ({w})" for k, w in sorted(kinds.items()))
        n = sum("object" not in k and "list of object" not in k for k in leaves.values())
        if n > MOST_PATHS:
            yield f"{n} paths, at most {MOST_PATHS} are wanted: does a device name fields?"
        print(f"{self.lines} lines, {n} paths")


def main():
    args = [a for a in sys.argv[1:] if a != "--long"]
    p = Paths()
    for path in args or sorted(glob.glob(os.path.join(tw.SRCDIR, "tests/golden/out/*.jsonl"))):
        with open(path, encoding="utf-8") as f:
            p.take(f, os.path.basename(path))
    if not args and tw.CORPUS and os.path.exists(tw.BINARY):
        for path in sorted(glob.glob(os.path.join(tw.CORPUS, "*", "*.pcap*"))):
            if path.endswith(".tsv") or ("--long" not in sys.argv and os.path.getsize(path) > SMALL):
                continue
            try:
                p.take(tw.replay_text(path, timeout=300).splitlines(), os.path.basename(path))
            except tw.Failed as e:
                print(f"{path}: {str(e)[:200]}")
    bad = list(p.problems())
    for line in bad[:40]:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
