#!/usr/bin/env python3
"""What contrib/ has for SIEMs, each in its own checker where a registry has one.

    content.py [--install]      --install fetches pySigma, Kusto's language service and others (standards.py)

Without the network: the rules are what the tables give, files are JSON, XML and INI, rsyslogd reads its file where it is installed.
"""
import configparser
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
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, HERE)
import standards  # noqa: E402
import tw  # noqa: E402

TOOL = os.path.join(tw.BUILDDIR, "tests/siem/convert_lines")
CONTRIB = os.path.join(tw.SRCDIR, "contrib")
RECORD = ('{"timestamp":"2026-01-05T08:00:00.080000+0000","event_type":"alert","alert":{"severity":1},"ot":{"v":2}}')
KQL_JS = """const fs = require("fs"), [dir, ...files] = process.argv.slice(1);
require(dir + "/bridge.js"); require(dir + "/Kusto.Language.Bridge.js");
for (const f of files) {
  const d = Kusto.Language.KustoCode.Parse(fs.readFileSync(f, "utf8")).GetDiagnostics();
  for (let i = 0; i < d.Count; i++) console.log(f + ":" + d.getItem(i).Start + ": " + d.getItem(i).Message);
}"""


def text_of(*path):
    with open(os.path.join(CONTRIB, *path), encoding="utf-8") as f:
        return f.read()


def sigma_rows():
    for line in text_of("sigma", "rules.tsv").splitlines():
        if not line.startswith("#"):
            name, _, _, kind, what, _ = line.split("\t")
            yield name, kind, what.split() if kind == "alert" else [what.split()[0], *what.split()[1].split(",")]


def sigma_queries(install):
    """[(form, name, Lucene query, kind, what it selects)], or None."""
    packages = standards.python_packages("rules", standards.SIGMA, install)
    if packages is None:
        return None
    if packages not in sys.path:
        sys.path.insert(0, packages)
    from sigma.backends.elasticsearch import LuceneBackend
    from sigma.collection import SigmaCollection
    return [(form, name, LuceneBackend().convert(SigmaCollection.from_yaml(text_of("sigma", form, name + ".yml")))[0], kind, what)
            for form in ("eve", "ecs") for name, kind, what in sigma_rows()]


def check_sigma(install):
    queries = sigma_queries(install)
    if queries is None:
        return None
    from sigma.backends.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
    ids = set()
    for form, name, lucene, kind, what in queries:
        rules = SigmaCollection.from_yaml(text_of("sigma", form, name + ".yml"))
        if rules.errors or len(rules.rules) != 1 or rules.rules[0].id in ids or rules.rules[0].level is None:
            yield f"{form}/{name}: {rules.errors or 'an id twice, or no level'}"
        ids.add(rules.rules[0].id)
        said = SplunkBackend().convert(rules)[0].split("|")[0]
        for word in what if kind == "alert" else what[1:]:
            if f'"{word}"' not in said or word not in lucene.replace("\\", ""):
                yield f"{form}/{name}: {word} is not asked for: {said}"
    print(f"Sigma: {len(ids)} rules read by pySigma, converted by its backends for Elasticsearch and Splunk")


def check_yaml():
    import yaml
    n = 0
    for path in glob.glob(os.path.join(CONTRIB, "**/*.y*ml"), recursive=True):
        n += 1
        with open(path, encoding="utf-8") as f:
            try:
                yaml.safe_load(f)
            except yaml.YAMLError as e:
                yield f"{path}: {e}"
    for path in glob.glob(os.path.join(CONTRIB, "wazuh5/rules/*.yml")):
        with open(path, encoding="utf-8") as f:
            rule = yaml.safe_load(f)
        if rule["logsource"]["product"] != "thermowell" or not {"metadata", "detection", "level", "status"} <= set(rule):
            yield f"{path}: lacks what Wazuh 5 demands"
    print(f"{n} files of YAML")


def check_vector():
    import yaml
    from vrl_python import VRLRuntime
    conf = yaml.safe_load(text_of("vector", "thermowell.yaml"))
    names = set(conf["sources"]) | set(conf["transforms"])
    for part in ("transforms", "sinks"):
        for name, one in conf[part].items():
            if not set(one["inputs"]) <= names:
                yield f"vector: {name} has an input that is not there"
    result = VRLRuntime.run(conf["transforms"]["eve"]["source"], {"message": RECORD}, "UTC")
    event = result.processed_event
    if event["event_type"] != "alert" or "2026-01-05" not in str(event["@timestamp"]):
        yield f"vector: the transform makes {event}"
    keep = VRLRuntime.run(conf["transforms"]["grave"]["condition"], event, "UTC").runtime_result
    drop = VRLRuntime.run(conf["transforms"]["grave"]["condition"], dict(event, alert={"severity": 3}), "UTC").runtime_result
    if keep is not True or drop is not False:
        yield f"vector: the filter says {keep}, {drop}"
    print("Vector: its transform and filter run on a record")


def check_logstash():
    from logstash_pipeline_parser import Pipeline
    tree = Pipeline(text_of("logstash", "thermowell.conf")).parse()
    parts = [str(p[0]) for p in tree]
    if parts != ["input", "filter", "output"]:
        yield f"logstash: parts {parts}"
    print("Logstash: its configuration is read by a parser of that language")


def check_kql(install):
    package = standards.npm_package("kusto", standards.KUSTO, install)
    if package is None:
        print("KQL: not checked, npm or the package is missing")
        return
    p = subprocess.run(["node", "-e", KQL_JS, package, *sorted(glob.glob(os.path.join(CONTRIB, "sentinel/*.kql")))],
                       stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    yield from p.stdout.splitlines()
    if p.returncode != 0:
        yield f"KQL: {p.stderr[-300:]}"
    print("Sentinel: its KQL is read by Kusto's language service")


def check_rsyslog():
    rsyslogd = shutil.which("rsyslogd") or "/usr/sbin/rsyslogd"
    if not os.access(rsyslogd, os.X_OK):
        print("rsyslog: not checked, it is not installed")
        return
    p = subprocess.run([rsyslogd, "-N1", "-f", os.path.join(CONTRIB, "rsyslog/thermowell.conf")], capture_output=True, text=True,
                       timeout=30, check=False)
    if p.returncode != 0 or "error" in (p.stdout + p.stderr).lower():
        yield f"rsyslog: {p.stderr}"
    print("rsyslog: rsyslogd -N1 takes its configuration")
    yield from rsyslog_keeps(rsyslogd)


def rsyslog_keeps(rsyslogd):
    """The shipped configuration keeps what a sink sends, each line as the converter makes it, in a file with the sensor's name."""
    if not os.access(tw.BINARY, os.X_OK) or not os.access(TOOL, os.X_OK):
        return
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="tw-rsyslog-") as folder:
        conf = os.path.join(folder, "rsyslog.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(f'global(workDirectory="{folder}")\n' + text_of("rsyslog", "thermowell.conf").replace("6514", str(port)).replace(
                "/var/log/thermowell/", folder + "/"))
        with open(os.path.join(folder, "sinks.yaml"), "w", encoding="utf-8") as f:
            f.write("outputs:\n  sinks:\n    - { name: siem, format: cef, transport: syslog-tcp, target: '127.0.0.1:%d', types: [ alert, incident ], "
                    "hostname: north }\n" % port)
        with open(os.path.join(folder, "log"), "w", encoding="utf-8") as log:
            daemon = subprocess.Popen([rsyslogd, "-n", "-f", conf, "-i", os.path.join(folder, "pid")], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            p = subprocess.run([tw.BINARY, "-q", "-c", folder + "/sinks.yaml", "-r", "pcaps/plant/plant-attack.pcap", "-l", folder, "--set", "rules.files=none"],
                               cwd=tw.SRCDIR, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
            with open(os.path.join(folder, "eve.json"), encoding="utf-8") as f:
                eve = [line.rstrip("\n") for line in f if re.search('"event_type":"(alert|incident)"', line)]
            want = subprocess.run([TOOL, "cef"], input="".join(line + "\n" for line in eve), capture_output=True, text=True, timeout=30, check=True).stdout
            got, until = "", time.monotonic() + 10
            while got != want and time.monotonic() < until:
                time.sleep(0.1)
                if os.path.exists(os.path.join(folder, "north.log")):
                    with open(os.path.join(folder, "north.log"), encoding="utf-8") as f:
                        got = f.read()
        finally:
            daemon.terminate()
            daemon.wait(20)
        if got != want or not want:
            yield f"rsyslog keeps {len(got)} bytes, {len(want)} were sent: {p.stderr[-300:]}"
    print(f"rsyslog: its configuration keeps {len(eve)} lines of CEF as they were sent")


def check_splunk():
    """What Splunk's expressions take out of a line of CEF is what is in it."""
    import formats
    if not os.access(TOOL, os.X_OK):
        return
    conf = configparser.RawConfigParser(strict=True, delimiters="=", interpolation=None)
    conf.read_string(text_of("splunk", "transforms.conf"))
    head, keys = (re.compile(re.sub(r"\(\?<(\w)", r"(?P<\1", conf[name]["REGEX"])) for name in ("thermowell_cef_head", "thermowell_cef_keys"))
    lines = []
    for path in sorted(glob.glob(os.path.join(tw.SRCDIR, "tests/fuzz/corpus/convert/*.json"))):
        with open(path, encoding="utf-8") as f:
            lines.append(f.read().rstrip("\n"))
    made, _ = formats.convert("cef", lines)
    for line in made:
        want_head, want = formats.cef_parse(line)
        got = head.match(line)
        raw = {k: re.sub(r"\\([\\=nr])", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), v) for k, v in keys.findall(line[got.end() - 1:])} if got else {}
        if not got or got["signature_id"] != want_head[4] or raw != want:
            yield f"splunk: {line[:200]}: {set(raw.items()) ^ set(want.items())}"
    print(f"Splunk: its expressions take {len(made)} lines of CEF apart")


def check_recipes():
    """The recipes of README are configurations that the program takes."""
    if not os.access(tw.BINARY, os.X_OK):
        return
    with open(os.path.join(tw.SRCDIR, "README.md"), encoding="utf-8") as f:
        section = f.read().split("## Into your SIEM\n")[1].split("\n## ")[0]
    recipes = re.findall(r"```yaml\n(.*?)```", section, re.S)
    with tempfile.TemporaryDirectory(prefix="tw-recipes-") as folder:
        for name in ("plant-ca.pem", "elastic.secret", "hec.secret"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write("secret\n")
        for recipe in recipes:
            path = os.path.join(folder, "recipe.yaml")
            with open(path, "w", encoding="utf-8") as f:
                f.write(recipe.replace("/etc/thermowell/", folder + "/"))
            p = subprocess.run([tw.BINARY, "-T", "-c", path, "--set", "rules.files=none"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
            # A build without libcurl says so, and has no such sink.
            if p.returncode != 0 and "was built without" not in p.stderr:
                yield f"README: {re.search('name: (.*)', recipe)[1]}: {(p.stderr + p.stdout)[-400:]}"
    print(f"{len(recipes)} recipes of README are taken by -T")


def check_files():
    for maker in ("make-siem-rules", "make-dashboards"):
        if subprocess.run([sys.executable, os.path.join(tw.SRCDIR, "scripts", maker), "--check"], check=False).returncode != 0:
            yield f"scripts/{maker} --check"
    n = 0
    for path in glob.glob(os.path.join(CONTRIB, "**/*.*"), recursive=True):
        name, ending = os.path.relpath(path, CONTRIB), path.rsplit(".", 1)[-1]
        with open(path, encoding="utf-8") as f:
            text = f.read()
        n += 1
        try:
            if ending == "json":
                json.loads(text)
            elif ending == "ndjson":
                for line in text.splitlines():
                    json.loads(line)
            elif ending == "xml":
                xml.etree.ElementTree.fromstring(f"<all>{text}</all>")
            elif ending == "conf" and name.startswith("splunk/"):
                configparser.RawConfigParser(strict=True, delimiters="=", interpolation=None).read_string(text)
        except (ValueError, xml.etree.ElementTree.ParseError, configparser.Error) as e:
            yield f"{name}: {e}"
    with open(os.path.join(tw.SRCDIR, "src/record/alert_types.def"), encoding="utf-8") as f:
        grave = re.findall(r'^ALERT\(\w+, "([^"]+)", \d+, [12],', f.read(), re.M)
    selected = {w for _, _, what in sigma_rows() for w in what}
    for name in sorted(set(grave) - selected):
        yield f"sigma/rules.tsv: no rule for {name}, which is of severity 1 or 2"
    ids = re.findall(r'<rule id="(\d+)"', text_of("wazuh4", "rules.xml"))
    if len(ids) != len(set(ids)) or not all(100000 <= int(i) < 120000 for i in ids):
        yield "wazuh4: ids of rules"
    print(f"{n} files; {len(ids)} rules for Wazuh 4")


def main():
    install = "--install" in sys.argv
    bad = list(check_files()) + list(check_rsyslog()) + list(check_splunk()) + list(check_recipes())
    packages = standards.python_packages("rules", standards.SIGMA, install)
    if packages:
        sys.path.insert(0, packages)
        for check in (lambda: check_sigma(install), check_yaml, check_vector, check_logstash, lambda: check_kql(install)):
            bad += list(check())
    else:
        print("not held to pySigma and others: they are not here (content.py --install fetches them)")
    for line in bad[:30]:
        print(line)
    return 1 if bad else tw.SKIP if install and not packages else 0


if __name__ == "__main__":
    sys.exit(main())
