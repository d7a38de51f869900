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
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, HERE)
import standards  # noqa: E402
import tw  # noqa: E402

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
    bad = list(check_files()) + list(check_rsyslog()) + list(check_recipes())
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
