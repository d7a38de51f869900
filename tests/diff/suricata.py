#!/usr/bin/env python3
"""Suricata's own Modbus records against ours: a consumer of those must not notice who wrote these.

    suricata.py [NAME...] [-v]

Reads $THERMOWELL_CORPUS/suricata/eve/<capture>.eve.jsonl.gz.  Every message (request or response) of every record of Suricata's
must be in our records of that flow: same names, nesting, types and values, request and response in one record where Suricata has
them so.  flow_id, tx_id, id, pcap_cnt, timestamp and order are each program's own; only their presence and type count.  Differences
are told by class; known-suricata.tsv lists the accepted ones (capture, *, class, reason).
"""
import collections
import glob
import gzip
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

OWN = {"flow_id", "tx_id", "pcap_cnt", "timestamp", "metadata"}	# metadata: flowbits of the rules that Suricata ran
ENDS = ("src_ip", "src_port", "dest_ip", "dest_port")
KEPT = 2000


def flow_of(r):
    return r["proto"], frozenset(((r["src_ip"], r.get("src_port")), (r["dest_ip"], r.get("dest_port"))))


def messages(r):
    for kind in ("request", "response"):
        if kind in r["modbus"]:
            yield kind, r["modbus"][kind]


def key_of(m):
    return m["transaction_id"], m["unit_id"], m["function_raw"]


def content(m):
    """A message without its verdict."""
    return {k: v for k, v in m.items() if k != "error_flags"}


def paths(a, b, at=""):
    """Where two JSON values differ: (path, theirs, ours)."""
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted(set(a) | set(b)):
            yield from paths(a.get(k, "(absent)"), b.get(k, "(absent)"), f"{at}.{k}" if at else k)
    elif a != b or type(a) is not type(b):
        yield at, a, b


class Ours:
    """Our messages of one capture, found by flow and numbers, each used once."""

    def __init__(self, records):
        self.left = collections.defaultdict(list)
        self.servers = {}
        for r in tw.operations(records):
            self.servers[flow_of(r)] = (r["ot"]["server"]["ip"], r["ot"]["server"].get("port"))
            for kind, m in messages(r):
                self.left[(flow_of(r), key_of(m))].append([kind, m, r])

    def take(self, flow, kind, m):
        """The message of ours that is this one; how well it fits: same, verdict, role, differs, None."""
        here = self.left.get((flow, key_of(m)), [])
        best = None
        for i, (k, mine, r) in enumerate(here):
            if k == kind and mine == m:
                best = (0, i)
                break
            if k == kind and content(mine) == content(m):
                best = min(best or (9, 0), (1, i))
            elif k == kind:
                best = min(best or (9, 0), (2, i))
            else:
                best = min(best or (9, 0), (3, i))
        if best is None:
            return None, None, None
        k, mine, r = here.pop(best[1])
        return ("same", "verdict", "differs", "role")[best[0]], mine, r


class Totals:
    records = messages = fields = anomalies = 0


def leaves(m):
    return sum(leaves(v) if isinstance(v, dict) else 1 for v in m.values())


def turned(r, ours):
    """Did Suricata take the server for the client?  It believes whom it hears first, and midway that may be either."""
    return ours.servers.get(flow_of(r)) == (r["src_ip"], r.get("src_port"))


def right(rec):
    """Our record of a read: all values that were asked for are there, and nothing was wrong."""
    items = rec["ot"].get("items", [])
    return items and not rec["ot"].get("anomalies") and all(len(i.get("values", [])) == i["count"] for i in items)


def header(name, n, theirs, mine, diffs, t):
    for k, v in theirs.items():
        if k == "modbus" or k in ENDS:
            continue
        t.fields += 1
        if k not in mine and k not in ("metadata", "pcap_cnt"):
            diffs.add(name, n, f"header {k}", "not in our record")
        elif k in OWN:
            if k in mine and type(mine[k]) is not type(v):
                diffs.add(name, n, f"header {k}", f"type {type(v).__name__}, ours {type(mine[k]).__name__}")
        elif mine[k] != v:
            diffs.add(name, n, f"header {k}", f"Suricata {v!r}, we have {mine[k]!r}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000", mine["timestamp"]):
        diffs.add(name, n, "header timestamp", mine["timestamp"])
    if [theirs.get(k) for k in ENDS] != [mine.get(k) for k in ENDS]:
        diffs.add(name, n, "direction", f"Suricata {theirs['src_ip']} -> {theirs['dest_ip']}, we {mine['src_ip']} -> {mine['dest_ip']}")


def compare(name, theirs, records, diffs, t):
    diffs.examined.add(name)
    ours = Ours(records)
    for r in theirs:
        if r["event_type"] != "modbus":
            continue
        t.records += 1
        n = r.get("pcap_cnt", 0)
        found = []
        other_way = turned(r, ours)
        for kind, m in messages(r):
            t.messages += 1
            t.fields += leaves(m)
            if other_way:
                how, mine, rec = ours.take(flow_of(r), "response" if kind == "request" else "request", m)
                diffs.add(name, n, "turned round" if how else "turned round, missing", f"{kind} {json.dumps(m)[:200]}")
                continue
            how, mine, rec = ours.take(flow_of(r), kind, m)
            if how is None:
                diffs.add(name, n, "missing " + kind, json.dumps(m)[:300])
                continue
            found.append(rec)
            if how == "role":
                diffs.add(name, n, "role", f"Suricata calls it a {kind}: {json.dumps(m)[:200]}")
            elif how == "verdict" and m["error_flags"] == "DATA_VALUE" and mine["error_flags"] == "NONE" and "read" in m and right(rec):
                diffs.add(name, n, "right answer called DATA_VALUE", json.dumps(m)[:200])
            elif how == "verdict":
                diffs.add(name, n, f"error_flags {m['error_flags']} not {mine['error_flags']}", f"{kind} {json.dumps(m)[:200]}")
            elif how == "differs":
                for path, a, b in paths(m, mine):
                    diffs.add(name, n, f"{kind} {path}", f"Suricata {a!r}, we have {b!r}; {json.dumps(m)[:200]}")
        if found:
            header(name, n, r, found[0], diffs, t)
        if len(found) == 2 and found[0] is not found[1]:
            diffs.add(name, n, "pairing", f"Suricata has request and response together: {json.dumps(r['modbus'])[:400]}")

    # Events, by flow: as many of each.
    last = max((r.get("pcap_cnt", 0) for r in theirs), default=0) if len(theirs) >= KEPT else None
    want, got = collections.Counter(), collections.Counter()
    for r in theirs:
        if r["event_type"] == "anomaly" and r["anomaly"].get("app_proto") == "modbus":
            want[r["anomaly"]["event"]] += 1
    t.anomalies += sum(want.values())
    for r in tw.operations(records):
        for a in r["ot"].get("anomalies", []):
            if last is None or r["ot"].get(a["in"], {}).get("frame", 0) <= last:
                got[a["id"]] += 1
    for event in sorted(want):
        if want[event] != got[event]:
            diffs.add(name, "*", f"event {event}", f"Suricata {want[event]}, we have {got[event]}")
    shapes(name, theirs, records, diffs)


def shapes(name, theirs, records, diffs):
    """Our anomaly records have the members that Suricata's have, with the same constants."""
    mine = [r for r in records if r["event_type"] == "anomaly" and r["anomaly"].get("app_proto") == "modbus"]
    model = next((r for r in theirs if r["event_type"] == "anomaly" and r["anomaly"].get("app_proto") == "modbus"), None)
    if model is None or not mine:
        return
    for r in mine[:1]:
        for k in model:
            if k not in r and k not in ("metadata", "pcap_cnt"):
                diffs.add(name, "*", f"anomaly header {k}", "not in our record")
        for k in ("app_proto", "type", "layer"):
            if model["anomaly"][k] != r["anomaly"].get(k):
                diffs.add(name, "*", f"anomaly {k}", f"Suricata {model['anomaly'][k]!r}, we have {r['anomaly'].get(k)!r}")


def main():
    tw.need_binary()
    tw.need_corpus()
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    diffs = known.Known("diff/known-suricata.tsv", args)
    t = Totals()
    where = {os.path.basename(p): p for p in glob.glob(os.path.join(tw.CORPUS, "*", "*.pcap*"))}
    n = 0
    for path in sorted(glob.glob(os.path.join(tw.CORPUS, "suricata/eve/*.eve.jsonl.gz"))):
        name = os.path.basename(path)[:-len(".eve.jsonl.gz")]
        if args and name not in args:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as f:
            theirs = [json.loads(line) for line in f]
        if not any(r["event_type"] == "modbus" for r in theirs) or name not in where:
            continue
        n += 1
        compare(name, theirs, tw.replay(where[name], types="modbus,anomaly", timeout=300), diffs, t)
    bad = diffs.report("-v" in sys.argv)
    print(f"{n} captures: {t.records} records, {t.messages} messages, {t.fields} fields and {t.anomalies} events of Suricata compared")
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
