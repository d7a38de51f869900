#!/usr/bin/env python3
"""A real OpenSearch takes every golden line whole.

    opensearch.py [FILE...]     lines of these files instead of tests/golden/out

One node on loopback, from its jars (Maven Central, kept in build/siem or $THERMOWELL_SIEM).  The shipped template is loaded and all
lines are sent.  It fails when a line is rejected, when a field was mapped otherwise than the template says, when one was left out
of the index, or when a question that an analyst asks has not the answer that the lines have.  Then every sixth line goes into an index
without a template, and what that makes of them is told: of what EVE itself mixes (see UNTYPED) it may refuse lines, of ours none.
"""
import collections
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import content  # noqa: E402
import tw  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPLATE = os.path.join(tw.SRCDIR, "contrib/opensearch/thermowell-template.json")
ECS_TEMPLATE = os.path.join(tw.SRCDIR, "contrib/opensearch/thermowell-ecs-template.json")
KEPT = os.environ.get("THERMOWELL_SIEM") or os.path.join(os.getcwd(), "siem")
START_S = 90
LONGEST = 8191		# ignore_above of the template
BULK = 500		# lines a request
# Below these the schema leaves names open; what is mapped there on its own is a number or a word.
OPEN = ("alert.metadata.", "ot.counters.", "ot.evidence.numbers.", "ot.visibility.blind.", "ot.visibility.total.", "stats.")
# What EVE has numbers and texts for; the shipped template knows.
UNTYPED = ("dnp3.", "modbus.request.write.data", "modbus.response.write.data")


def need():
    for tool in ("java", "javac", "mvn"):
        if shutil.which(tool) is None:
            tw.skip(f"{tool} is missing (Debian: default-jdk-headless maven)")


def jars():
    lib = os.path.join(KEPT, "lib")
    if not glob.glob(os.path.join(lib, "ingest-common-2*.jar")):
        os.makedirs(KEPT, exist_ok=True)
        p = subprocess.run(["mvn", "-q", "-B", "-f", os.path.join(HERE, "pom.xml"), "dependency:copy-dependencies",
                            "-DoutputDirectory=" + lib], capture_output=True, text=True, timeout=150, check=False)
        if p.returncode != 0:
            print(p.stdout[-2000:])
            tw.skip("the jars of OpenSearch cannot be had from Maven Central")
    return lib


class Node:
    def __init__(self, lib):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.home = tempfile.mkdtemp(prefix="opensearch-")
        with open(os.path.join(self.home, "log"), "w", encoding="utf-8") as log:
            self.java = subprocess.Popen(["java", "-Xms256m", "-Xmx768m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", os.path.join(lib, "*"),
                                          os.path.join(HERE, "Node.java"), self.home, str(self.port)],
                                         stdin=subprocess.PIPE, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while True:
            try:
                self.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError) as e:
                if time.monotonic() > until or self.java.poll() is not None:
                    with open(os.path.join(self.home, "log"), encoding="utf-8") as log:
                        print(log.read()[-3000:])
                    self.stop()
                    sys.exit(f"OpenSearch does not answer: {e}")
                time.sleep(0.5)

    def ask(self, method, path, body=None):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        r = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(r, timeout=60) as f:
                return json.load(f)
        except urllib.error.HTTPError as e:
            sys.exit(f"{method} {path}: {e.code}: {e.read().decode()[:1500]}")

    def stop(self):
        self.java.stdin.close()
        try:
            self.java.wait(20)
        except subprocess.TimeoutExpired:
            self.java.kill()
            self.java.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def fields_of(mappings, path=""):
    """{path: type} of all that is mapped, objects left out."""
    out = {}
    for k, v in mappings.get("properties", {}).items():
        at = path + k
        if "properties" in v:
            out.update(fields_of(v, at + "."))
        if v.get("type", "object") != "object":
            out[at] = v["type"]
    return out


def send(node, index, lines):
    """[(line, reason)] of those that were rejected."""
    rejected = []
    for at in range(0, len(lines), BULK):
        some = lines[at:at + BULK]
        r = node.ask("POST", f"/{index}/_bulk", b"".join(b'{"index":{}}\n' + line for line in some))
        if r["errors"]:
            for line, item in zip(some, r["items"]):
                error = item["index"].get("error")
                if error:
                    why = error["reason"] + (": " + error["caused_by"]["reason"] if "caused_by" in error else "")
                    rejected.append((line, why))
    node.ask("POST", f"/{index}/_refresh")
    return rejected


def count(node, query):
    return node.ask("POST", "/thermowell-golden/_count", {"query": query})["count"]


def questions(records):
    """(what, query, how many of the lines it must find)."""
    def having(test):
        return sum(1 for r in records if test(r))

    def items(r):
        return r["ot"].get("items", [])

    def pair(r, name, text):
        return any(f["name"] == name and f.get("text") == text for f in r["ot"].get("response", {}).get("fields", []))

    yield "alerts", {"term": {"event_type": "alert"}}, having(lambda r: r["event_type"] == "alert")
    yield "alerts of severity 1", {"range": {"alert.severity": {"lte": 1}}}, having(lambda r: r.get("alert", {}).get("severity") == 1)
    yield "a subnet", {"term": {"dest_ip": "10.20.0.0/16"}}, having(lambda r: r.get("dest_ip", "").startswith("10.20."))
    yield "real values from 4 to 5", {"range": {"ot.items.values": {"gt": 4, "lt": 5}}}, having(
        lambda r: any(v is not None and 4 < v < 5 for i in items(r) for v in i.get("values", ())))
    yield "the point 7 that is 3", {"nested": {"path": "ot.items.points", "query": {"bool": {"must": [
        {"term": {"ot.items.points.index": 7}}, {"term": {"ot.items.points.value": 3}}]}}}}, having(
            lambda r: any(p["index"] == 7 and p.get("value") == 3 for i in items(r) for p in i.get("points", ())))
    yield "control blocks", {"term": {"ot.items.object": "g12v1"}}, having(lambda r: any(i.get("object") == "g12v1" for i in items(r)))
    yield "a data block", {"term": {"ot.items.block": "DB10"}}, having(lambda r: any(i.get("block") == "DB10" for i in items(r)))
    yield "a field by name and text", {"nested": {"path": "ot.response.fields", "query": {"bool": {"must": [
        {"term": {"ot.response.fields.name": "mode"}}, {"term": {"ot.response.fields.text": "RUN"}}]}}}}, having(
            lambda r: pair(r, "mode", "RUN"))
    yield "a vendor", {"nested": {"path": "ot.identity", "query": {"term": {"ot.identity.name": "vendor"}}}}, having(
        lambda r: any(f["name"] == "vendor" for f in r["ot"].get("identity", ())))
    yield "words of a sentence", {"match": {"ot.sentence": "stopped"}}, having(
        lambda r: "stopped" in r["ot"].get("sentence", "").lower().replace(",", " ").replace(".", " ").split())
    yield "lost bytes", {"range": {"ot.counters.tcp.lost_bytes": {"gte": 1}}}, having(
        lambda r: r["ot"].get("counters", {}).get("tcp", {}).get("lost_bytes", 0) >= 1)


def with_template(node, lines):
    with open(TEMPLATE, encoding="utf-8") as f:
        template = json.load(f)
    template["template"]["settings"]["index"].update(number_of_shards=1, number_of_replicas=0)
    node.ask("PUT", "/_index_template/thermowell", template)
    bad = 0
    for line, why in send(node, "thermowell-golden", lines):
        bad += 1
        if bad <= 20:
            print(f"rejected: {why[:300]}\n    {line[:200].decode()}")
    n = count(node, {"match_all": {}})
    if n + bad != len(lines):
        bad += 1
        print(f"{len(lines)} lines were sent, {n} are there")
    ignored = node.ask("POST", "/thermowell-golden/_search", {"query": {"exists": {"field": "_ignored"}}, "_source": False})
    for hit in ignored["hits"]["hits"][:10]:
        bad += 1
        print(f"left out of the index: {hit.get('_ignored')}")
    # Of words that are longer than a term may be it says nothing.
    for line in lines:
        if any(len(text) > LONGEST for text in re.findall(rb'"(?:[^"\\]|\\.)*"', line)):
            bad += 1
            print(f"a text too long for the index: {line[:200].decode()}")
    want = fields_of(template["template"]["mappings"])
    mapped = node.ask("GET", "/thermowell-golden/_mapping")["thermowell-golden"]["mappings"]
    have = fields_of(mapped)
    for path in sorted(set(want) | set(have)):
        if path not in want and path.startswith(OPEN) and have[path] in ("long", "keyword"):
            continue
        if want.get(path) != have.get(path):
            bad += 1
            print(f"{path}: the template says {want.get(path)}, the index has {have.get(path)}")
    records = [json.loads(line) for line in lines]
    for what, query, expected in questions(records):
        got = count(node, query)
        if got != expected:
            bad += 1
            print(f"{what}: {got} found, {expected} are there")
    print(f"with the template: {n} of {len(lines)} lines taken, {len(have)} fields, {bad} problems")
    return bad


def in_ecs(node, lines):
    """The same lines in the format ecs, with its template: all taken, and found by names of ECS."""
    tool = os.path.join(tw.BUILDDIR, "tests/siem/convert_lines")
    if not os.access(tool, os.X_OK):
        print(f"{tool} is not built: the format ecs is not tried")
        return 0
    made = subprocess.run([tool, "ecs"], input=b"".join(lines), capture_output=True, timeout=60, check=True).stdout.splitlines(keepends=True)
    with open(ECS_TEMPLATE, encoding="utf-8") as f:
        template = json.load(f)
    template["template"]["settings"]["index"].update(number_of_shards=1, number_of_replicas=0)
    node.ask("PUT", "/_index_template/thermowell-ecs", template)
    rejected, bad = send(node, "thermowell-ecs-golden", made), 0
    for line, why in rejected[:10]:
        print(f"ecs: rejected: {why[:300]}\n    {line[:200].decode()}")
    records = [json.loads(line) for line in lines]

    def alerts(test=lambda r: True):
        return sum(1 for r in records if r["event_type"] == "alert" and test(r))

    for what, query, expected in (
            ("alerts", {"bool": {"must": [{"term": {"event.kind": "alert"}}, {"term": {"event.dataset": "thermowell.alert"}}]}}, alerts()),
            ("severity 1", {"term": {"event.risk_score": 99}}, sum(
                1 for r in records if r.get("alert", r.get("ot", {}).get("incident", {})).get("severity") == 1)),
            ("a technique", {"term": {"threat.technique.id": "T0858"}}, sum(1 for r in records if any(
                a["id"] == "T0858" for a in r["ot"].get("attack", ())) or "T0858" in r["ot"].get("incident", {}).get("techniques", ()))),
            ("a subnet", {"term": {"source.ip": "10.20.0.0/16"}}, sum(1 for r in records if r.get(
                "src_ip", r["ot"].get("incident", {}).get("attacker", "")).startswith("10.20.")))):
        got = node.ask("POST", "/thermowell-ecs-golden/_count", {"query": query})["count"]
        if got != expected:
            bad += 1
            print(f"ecs: {what}: {got} found, {expected} are there")
    print(f"in the format ecs: {len(made)} of {len(lines)} lines, {len(rejected)} refused, {bad} wrong answers")
    return bad + len(rejected) + (len(made) != len(lines))


def with_pipeline(node, lines):
    """The shipped pipeline gives each document the time of its record."""
    with open(os.path.join(tw.SRCDIR, "contrib/opensearch/thermowell-eve-pipeline.json"), encoding="utf-8") as f:
        node.ask("PUT", "/_ingest/pipeline/thermowell-eve", json.load(f))
    node.ask("PUT", "/thermowell-piped", {"settings": {"index": {"default_pipeline": "thermowell-eve"}}})
    rejected = send(node, "thermowell-piped", lines)
    hits = node.ask("POST", "/thermowell-piped/_search?size=500", {"query": {"match_all": {}}})["hits"]["hits"]
    bad = [h["_source"] for h in hits if h["_source"].get("@timestamp", "")[:23] != h["_source"]["timestamp"][:23]]
    print(f"through the pipeline: {len(hits)} of {len(lines)} lines, {len(rejected)} refused, {len(bad)} with another time")
    return len(bad) + len(rejected) + (len(hits) != len(lines))


def by_itself(node):
    """The program's own sinks: eve.json of a replay, and the same in ECS, are in the index as often as they were written."""
    if not os.access(tw.BINARY, os.X_OK):
        print(f"{tw.BINARY} is not built: no sink is tried")
        return 0
    with tempfile.TemporaryDirectory(prefix="tw-siem-") as folder:
        path, sinks = os.path.join(folder, "sinks.yaml"), ""
        for form in ("eve", "ecs"):
            sinks += (f"    - {{ name: to-{form}, format: {form}, transport: elasticsearch, target: 'http://127.0.0.1:{node.port}', "
                      f"index: thermowell-{'ecs-' if form == 'ecs' else ''}sink, types: all }}\n")
        with open(path, "w", encoding="utf-8") as f:
            f.write("outputs:\n  sinks:\n" + sinks)
        p = subprocess.run([tw.BINARY, "-q", "-c", path, "-r", "pcaps/alerts/never-done.pcap", "-l", folder, "--set", "outputs.eve.types=all",
                            "--set", "rules.files=none"], cwd=tw.SRCDIR, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        if p.returncode != 0:
            print(f"by its own sinks: {p.stderr[-400:]}")
            return 1
        with open(os.path.join(folder, "eve.json"), "rb") as f:
            written = len(f.readlines())
    bad = []
    for index in ("thermowell-sink", "thermowell-ecs-sink"):
        node.ask("POST", f"/{index}/_refresh")
        got = node.ask("POST", f"/{index}/_count", {"query": {"match_all": {}}})["count"]
        bad += [f"{index}: {got} of {written}"] if got != written else []
    print(f"by its own sinks: {written} lines in each index" if not bad else f"by its own sinks: {bad} {p.stderr[-400:]}")
    return len(bad)


def sigma(node, records):
    """What the Sigma rules ask for, by the Elasticsearch backend's Lucene query, is what the lines have."""
    queries, bad, n, found = content.sigma_queries(False), 0, 0, 0
    if queries is None:
        print("pySigma is not here (content.py --install fetches it): the rules' queries are not asked")
        return 0
    for form, name, query, kind, what in queries:
        lines = records[form]
        expected = sum(1 for r in lines if r["event_type"] == "alert" and r["ot"]["type"] in what) if kind == "alert" else sum(
            1 for r in lines if r["event_type"] == what[0] and r["ot"].get("intent") in what[1:])
        got = node.ask("POST", f"/thermowell-{'ecs-' if form == 'ecs' else ''}golden/_count", {"query": {"query_string": {"query": query}}})["count"]
        n += 1
        found += got
        if got != expected:
            bad += 1
            print(f"Sigma rule {form}/{name}: {got} found, {expected} are there: {query[:200]}")
    print(f"{n} queries of Sigma rules found {found} lines, {bad} another number than are there")
    return bad


def dashboards(node):
    """Each panel's question is one that the index can answer: its aggregations run and find something."""
    bad = n = 0
    for form, index in (("eve", "thermowell-golden"), ("ecs", "thermowell-ecs-golden")):
        mapped = fields_of(node.ask("GET", f"/{index}/_mapping")[index]["mappings"])
        with open(os.path.join(tw.SRCDIR, f"contrib/opensearch/thermowell-{form}-dashboard.ndjson"), encoding="utf-8") as f:
            objects = [json.loads(line) for line in f]
        ids = {o["id"] for o in objects}
        for o in objects:
            name = f"{form}: {o['attributes']['title']}"
            if not all(r["id"] in ids for r in o["references"]):
                bad += 1
                print(f"{name}: a reference to what is not there")
            for column in o["attributes"].get("columns", ()):
                if column not in mapped:
                    bad += 1
                    print(f"{name}: no field {column}")
            if o["type"] != "visualization":
                continue
            state, inner = json.loads(o["attributes"]["visState"]), {}
            for agg in reversed([a for a in state["aggs"] if a["schema"] != "metric"]):
                p = agg["params"]
                inner = {"aggs": {agg["id"]: dict(inner, **{"terms": {"field": p["field"], "size": p["size"]}} if agg["type"] == "terms" else
                                                 {"date_histogram": {"field": p["field"], "fixed_interval": "1h", "min_doc_count": 1}})}}
            kuery = json.loads(o["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]
            query = re.sub(r"\band\b", "AND", kuery).replace(" : ", ":")	# the same in Lucene's words
            r = node.ask("POST", f"/{index}/_search?size=0", dict(inner, query={"query_string": {"query": query}}))
            n += 1
            if not all(v["buckets"] for v in r["aggregations"].values()):
                bad += 1
                print(f"{name}: nothing is found")
    print(f"dashboards: {n} panels asked, {bad} problems")
    return bad


def without_template(node, lines):
    node.ask("PUT", "/bare", {"settings": {"index": {"number_of_replicas": 0, "mapping": {"total_fields": {"limit": 5000}}}}})
    rejected, bad = send(node, "bare", lines), 0
    reasons = collections.Counter()
    for line, why in rejected:
        path = why.split("[", 1)[1].split("]")[0] if "[" in why else why
        reasons[path] += 1
        # The first value that comes is whole, and a later one greater than any whole number: nobody but a template can know.
        if not path.startswith(UNTYPED) and "out of range of long" not in why:
            bad += 1
            if bad <= 10:
                print(f"of ours: {why[:300]}\n    {line[:200].decode()}")
    for path, n in reasons.most_common(10):
        print(f"without a template {n} lines are refused for {path}")
    mapped = fields_of(node.ask("GET", "/bare/_mapping")["bare"]["mappings"])
    print(f"without a template: {len(rejected)} of {len(lines)} lines refused, {bad} of them for a path of ours; {len(mapped)} fields")
    return bad


def main():
    need()
    files = sys.argv[1:] or sorted(glob.glob(os.path.join(tw.SRCDIR, "tests/golden/out/*.jsonl")))
    lines = []
    for path in files:
        with open(path, "rb") as f:
            lines += f.readlines()
    node = Node(jars())
    try:
        some = [line for i, line in enumerate(lines) if i % 5 == 0 or b'"event_type":"alert"' in line[:400]]
        bad = with_template(node, lines) + in_ecs(node, some) + with_pipeline(node, lines[:400])
        bad += by_itself(node)
        bad += sigma(node, {"eve": [json.loads(line) for line in lines], "ecs": [json.loads(line) for line in some]})
        bad += dashboards(node) + without_template(node, lines[::6])
    finally:
        node.stop()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
