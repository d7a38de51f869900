#!/usr/bin/env python3
"""Our alerts against Suricata's, rule by rule: $THERMOWELL_CORPUS/suricata (oracle.rules, expected.tsv).

Each capture is replayed once with all rules.  A pair is a capture and a rule that fired in either program.  Rules on
operations count transactions, so their alerts are compared; rules on payloads and headers count packets, which a sensor
that follows PDUs does differently, so the conversations they fired in are.

    rules.py [CAPTURE...] [-v] [--list]

A pair that differs fails, unless known-rules.tsv lists it (capture, sid, "ours/theirs") with its reason, which begins with
its kind and shows the frames; a listed one that no longer occurs fails too, and so do fewer equal pairs than were reached.
--list prints what differs in the form of that file.
"""
import collections
import concurrent.futures
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

FOLDERS = "modbus dnp3 s7comm s7commplus mixed negative other".split()

# Of the 2,216 pairs that fired in Suricata: equal in count, and fired in both.  Only ever raised.
EQUAL, FIRED = 2073, 2165


def rules(path):
    """{sid: does it count transactions?}"""
    out = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            sid = re.search(r"\bsid:(\d+);", line)
            if sid and not line.startswith("#"):
                out[int(sid[1])] = bool(re.search(r"[( ;](modbus:|dnp3|app-layer-event:)", line.split("(", 1)[1]))
    return out


def expected(path):
    out = collections.defaultdict(dict)
    with open(path, encoding="utf-8") as f:
        next(f)
        for line in f:
            capture, sid, alerts, flows, _ = line.rstrip("\n").split("\t")
            out[capture][int(sid)] = (int(alerts), int(flows))
    return out


def ours(corpus, capture, sids):
    options = ["-k", "none", "-S", os.path.join(corpus, "suricata/oracle.rules"), "--set", "alerts.merge=0", "--set", "alerts.limit=0"]
    alerts, flows = collections.Counter(), collections.defaultdict(set)
    for line in tw.replay_text(os.path.join(corpus, capture), options, "alert", 300).splitlines():
        r = json.loads(line)
        sid = r["alert"]["signature_id"]
        if r["alert"]["gid"] == 1 and sid in sids:
            alerts[sid] += 1
            flows[sid].add(frozenset([(r.get("src_ip"), r.get("src_port")), (r.get("dest_ip"), r.get("dest_port"))]))
    return capture, {sid: (alerts[sid], len(flows[sid])) for sid in alerts}


def captures(corpus, only):
    for folder in FOLDERS:
        for where, _, names in os.walk(os.path.join(corpus, folder)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(where, name), corpus)
                if re.search(r"\.(pcap|pcapng|cap)(\.gz)?$", name) and (not only or path in only or name in only):
                    yield path


def main():
    only = [a for a in sys.argv[1:] if not a.startswith("-")]
    corpus = tw.need_corpus()
    tw.need_binary()
    sids, want = rules(os.path.join(corpus, "suricata/oracle.rules")), expected(os.path.join(corpus, "suricata/expected.tsv"))
    k = known.Known("diff/known-rules.tsv", only)
    pairs = same = fired = fired_same = both = 0
    listed = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for capture, got in pool.map(lambda c: ours(corpus, c, sids), list(captures(corpus, only))):
            k.examined.add(capture)
            for sid in sorted(set(got) | set(want[capture])):
                which = 0 if sids[sid] else 1
                a, b = got.get(sid, (0, 0))[which], want[capture].get(sid, (0, 0))[which]
                pairs += 1
                fired += b > 0
                both += a > 0 and b > 0
                if a == b:
                    same += 1
                    fired_same += 1
                    continue
                listed.append((capture, sid, f"{a}/{b}"))
                k.add(capture, sid, f"{a}/{b}", f"{'alerts' if sids[sid] else 'flows'}: ours {a}, Suricata {b}")
    if "--list" in sys.argv:
        for line in listed:
            print("\t".join(str(x) for x in line))
        return 0
    problems = k.report("-v" in sys.argv)
    k.summary()
    kinds = collections.Counter()
    for n, _, _, counts, why in k.lines:
        if n in k.used:
            kinds[why.split(":")[0], "Suricata alone" if counts.startswith("0/") else "we alone" if counts.endswith("/0") else "both"] += 1
    print("differences by reason:            both  Suricata alone  we alone")
    for kind in sorted({x for x, _ in kinds}, key=lambda x: -sum(v for (y, _), v in kinds.items() if x == y)):
        print(f"  {kind:30} {kinds[kind, 'both']:5} {kinds[kind, 'Suricata alone']:15} {kinds[kind, 'we alone']:9}")

    def of(n, m):
        return f"{n:,} of {m:,} ({100 * n / max(m, 1):.1f} %)"

    print(f"pairs of rule and capture that fired in Suricata: equal in count {of(fired_same, fired)}, fired in both {of(both, fired)}")
    print(f"pairs that fired in either: equal in count {of(same, pairs)}, equal or explained {of(same + sum(k.used.values()), pairs)}")
    if not only and (fired_same < EQUAL or both < FIRED):
        print(f"fewer than were reached: equal in count {EQUAL}, fired in both {FIRED}")
        problems += 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
