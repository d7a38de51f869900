#!/usr/bin/env python3
"""Make tests/fuzz/corpus/convert: a golden line of each kind of record and of each family of alerts, and lines that want to break a format."""
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
TO = os.path.join(HERE, "corpus/convert")
LONGEST = 3500
HEAD = '{"timestamp":"2026-01-05T08:00:00.080999+0000","event_type":"alert",'
HOSTILE = {
    "nul-and-bidi": HEAD + '"alert":{"signature":"\\u0000|\\\\=\\u202e\\n","severity":1},"ot":{"sentence":"a|b\\\\=\\r\\n\\u0085","type":"baseline.x"}}',
    "ipv6": HEAD + '"src_ip":"fe80::1","dest_ip":"::","proto":"UDP","ip_v":6,"vlan":[1,2,3]}',
    "wrong-types": HEAD + '"alert":[],"ot":{"attack":[1,"T0858",{"id":7},null],"evidence":[[["x"]]],"id":{},"zones":7,"sentence":[["a"],"b"]},'
                   '"src_ip":[1],"vlan":"x","ip_v":4.5,"flow":{"age":9e18,"bytes_toserver":9223372036854775807,"bytes_toclient":1}}',
    "no-object": "[]",
    "deep": HEAD + '"x":' + "[" * 500 + "]" * 500 + "}",
    "odd-keys": HEAD + '"a\\"b\\\\c\\u0001":{"\\u202e":1.5e-300},"ot":{"asset":{"role":"switch","macs":["x"],"addresses":[]}}}',
    "big-numbers": HEAD + '"tx_id":-9223372036854775808,"x":1e308,"alert":{"severity":9223372036854775807}}',
    "every-delimiter": HEAD + '"alert":{"signature":"^~;#!$%&*+?@","severity":2},"ot":{"sentence":"^~;#!$%&*+?@ key=value \\\\= \\\\"}}',
}


def main():
    os.makedirs(TO, exist_ok=True)
    made = dict(HOSTILE)
    for path in sorted(glob.glob(os.path.join(HERE, "../golden/out/*.jsonl"))):
        with open(path, encoding="utf-8") as f:
            for line in f:
                kind = re.search(r'"event_type":"([^"]+)"', line)[1]
                family = re.search(r'"type":"([a-z0-9]+)', line[line.index('"ot":'):]) if kind == "alert" else None
                made.setdefault(f"{kind}-{family[1]}" if family else kind, line.rstrip("\n")) if len(line) < LONGEST else None
    for name, line in made.items():
        with open(os.path.join(TO, name + ".json"), "w", encoding="utf-8") as f:
            f.write(line)


if __name__ == "__main__":
    main()
