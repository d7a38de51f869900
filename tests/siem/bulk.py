#!/usr/bin/env python3
"""A real OpenSearch takes what the transport elasticsearch sends: each line once, and those that do not fit its index are rejected.

The node is that of opensearch.py.  Everything is sent twice: what is there already does not double.
"""
import sys

import kit
import tw  # noqa: E402
from kit import carry, judge, lines, wants
from opensearch import Node, jars, need


def main():
    need()
    if "without libcurl" in carry("elasticsearch", "http://localhost:1", lines(1), patient=0)[1]:
        tw.skip("this thermowell was built without libcurl")
    node, bad = Node(jars()), 0
    try:
        node.ask("PUT", "/strict", {"settings": {"index": {"number_of_replicas": 0}}, "mappings": {"properties": {"n": {"type": "integer"}}}})
        given = lines(5000)
        # A text where the index has a number: four of them.
        for i in range(600, 5000, 1200):
            given[i] = given[i].replace(f'"n":{i},', '"n":"none",')
        for _ in range(2):
            said, text = carry("elasticsearch", f"http://127.0.0.1:{node.port}", given, index="strict", batch_wait=50)
            node.ask("POST", "/strict/_refresh")
            hits = node.ask("POST", "/strict/_search", {"size": 10000, "_source": ["n"]})["hits"]["hits"]
            bad += judge("OpenSearch", given, sorted(h["_source"]["n"] for h in hits), said, may_repeat=False, rejected=4)
            bad += wants("OpenSearch", text, "rejected: mapper_parsing_exception: failed to parse field [n] of type [integer]")
        # Read-only, as a node makes it when its disk is full: nothing is rejected, and it goes on by itself.
        node.ask("PUT", "/strict/_settings", {"index.blocks.read_only_allow_delete": True})
        run = kit.Carry("elasticsearch", f"http://127.0.0.1:{node.port}", lines(5100)[5000:], index="strict", retry_ms=100)
        run.until("does not take a line now")
        node.ask("PUT", "/strict/_settings", {"index.blocks.read_only_allow_delete": None})
        said, text = run.end()
        bad += wants("read-only", text, "does not take a line now", "takes what is sent")
        if said["acked"] != 100 or said["rejected"] != 0:
            bad += 1
            print(f"    read-only: {said}")
    finally:
        node.stop()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
