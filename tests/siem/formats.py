#!/usr/bin/env python3
"""ECS, OCSF, CEF and LEEF: every golden line, and alerts of every type, in each format, held to what the standards publish.

    formats.py [--install] [--long] [FILE...]

Without the network: each line is one line, CEF and LEEF come apart again by their specification and say what the record says; every
path of the schema is a row FIELD or KEPT of output/convert/fields.def.  With the standards at hand (standards.py; --install fetches them):
each path of ECS, each record of OCSF by its JSON schema, CEF by others' parsers.  --long: also what the captures of alerts.tsv raise.
"""
import collections
import datetime
import glob
import ipaddress
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, HERE)
import tw  # noqa: E402
import standards  # noqa: E402

TOOL = os.path.join(tw.BUILDDIR, "tests/siem/convert_lines")
FIELDS = os.path.join(tw.SRCDIR, "src/output/convert/fields.def")
SCHEMA = os.path.join(tw.SRCDIR, "contrib/schema/thermowell.schema.json")
FORMATS = ("ecs", "ocsf", "cef", "leef")
# In the dictionary of CEF 25 (eventOutcome), which the package does not have.
NOT_IN_CEFEVENT = {"outcome"}
SHOWN = 30


class Bad(collections.OrderedDict):
    """Complaints, each once, with how often and where first."""
    def add(self, what, where=""):
        n, first = self.get(what, (0, where))
        self[what] = (n + 1, first)


def table(kind):
    """Rows of fields.def: lists of what stands in them, texts without quotes."""
    with open(FIELDS, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    return [[a.strip().strip('"') for a in re.findall(r'"(?:[^"\\]|\\.)*"|[^,\s][^,]*', m)]
            for m in re.findall(rf"^{kind}\((.*?)\)$", text, re.M | re.S)]


def convert(fmt, lines):
    p = subprocess.run([TOOL, fmt], input="".join(line + "\n" for line in lines), capture_output=True, text=True,
                       timeout=120, check=False)
    return p.stdout.split("\n")[:-1], p.stderr


# ---- paths of the schema ---------------------------------------------------------------

def schema_paths():
    with open(SCHEMA, encoding="utf-8") as f:
        s = json.load(f)

    def parts(x):
        if "$ref" in x:
            yield from parts(s["$defs"][x["$ref"].rsplit("/", 1)[1]])
            return
        yield x
        for word in ("allOf", "anyOf", "oneOf"):
            for one in x.get(word, ()):
                yield from parts(one)

    def walk(x, path):
        yield path
        for part in parts(x):
            if "items" in part:
                yield from walk(part["items"], path)
            for k, v in part.get("properties", {}).items():
                yield from walk(v, f"{path}.{k}" if path else k)
            if part.get("additionalProperties", False) is not False:
                yield path + ".*"

    return {name[7:]: set(walk(d, "")) for name, d in s["$defs"].items() if name.startswith("record_")}


def check_paths(bad):
    rows = [r[0] for r in table("FIELD")]
    paths = schema_paths()
    known = set().union(*paths.values())
    kept = [r[0] for r in table("KEPT")]
    opened = tuple(p[:-1] for p in known if p.endswith(".*"))
    for row in rows:
        if row not in known and not row.startswith(opened):
            bad.add(f"fields.def: no record has {row}")
    used = set()
    for record in ("alert", "asset", "incident"):
        for p in sorted(paths[record]):
            if p in rows or p == "" or p.endswith(".*") or any(q.startswith(p + ".") and not q.endswith(".*") for q in paths[record]):
                continue
            why = [k for k in kept if p == k or p.startswith(k + ".")]
            used.update(why)
            if not why and not any(p.startswith(r + ".") for r in rows):
                bad.add(f"{record}: {p} is neither FIELD nor KEPT")
    for k in kept:
        if k not in used:
            bad.add(f"KEPT: {k} is mapped, or is no path")
    return len(rows)


# ---- CEF and LEEF by their specifications ---------------------------------------------------

def cef_parse(line):
    """(head, {key: value}); ValueError."""
    parts, at = [], 0
    while len(parts) < 7:
        m = re.compile(r"((?:[^|\\]|\\[|\\])*)\|").match(line, at)
        if not m:
            raise ValueError("no head of seven parts")
        parts.append(re.sub(r"\\([|\\])", r"\1", m[1]))
        at = m.end()
    keys, found = {}, list(re.finditer(r"(?:^|(?<= ))([A-Za-z0-9_]+)=", line[at:]))
    for i, m in enumerate(found):
        end = found[i + 1].start() - 1 if i + 1 < len(found) else len(line[at:])
        raw = line[at:][m.end():end]
        if not re.fullmatch(r"(?:[^\\=]|\\[\\=nr])*", raw):
            raise ValueError(f"{m[1]} is not escaped: {raw[:80]!r}")
        if m[1] in keys:
            raise ValueError(f"{m[1]} comes twice")
        keys[m[1]] = re.sub(r"\\([\\=nr])", lambda x: {"n": "\n", "r": "\r"}.get(x[1], x[1]), raw)
    return parts, keys


def leef_parse(line):
    head = line.split("|", 6)
    if len(head) != 7 or head[0] != "LEEF:2.0" or len(head[5]) != 1:
        raise ValueError("no head of LEEF 2.0")
    keys = {}
    for part in head[6].split(head[5]):
        k, eq, v = part.partition("=")
        if not eq or not re.fullmatch(r"[A-Za-z]+", k):
            raise ValueError(f"no key in {part[:80]!r}")
        if k in keys:
            raise ValueError(f"{k} comes twice")
        keys[k] = v
    return head[:6], keys


HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def shown(text, newlines):
    """As CEF and LEEF write it."""
    def hide(m):
        if newlines and m[0] in "\n\r":
            return m[0]
        return "".join(f"\\x{b:02x}" for b in m[0].encode())
    return HIDDEN.sub(hide, text)


def text_of(record, path):
    for k in path.split("."):
        record = record.get(k, {}) if isinstance(record, dict) else {}
    return record if isinstance(record, (str, int)) and not isinstance(record, bool) else None


def check_words(record, keys, pairs, newlines, bad, where):
    for path, key, most in pairs:
        want = text_of(record, path)
        if want is None:
            continue
        want = shown(str(want), newlines)
        if not want:
            continue
        got = keys.get(key)
        if got is None or (got != want and not (most and len(want) >= most and want.startswith(got[:most - 8]))):
            bad.add(f"{key} is not {path}", f"{where}: {got!r}, {want!r}"[:300])


def ms(text):
    t = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    return str((t - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1))


CEF_WORDS = (("ot.sentence", "msg", 1023), ("ot.id", "externalId", 40), ("src_port", "spt", 0), ("dest_port", "dpt", 0),
             ("alert.category", "cat", 1023), ("ot.type", "cs1", 4000), ("ot.evidence.expected", "cs4", 4000),
             ("ot.evidence.operation.name", "cs3", 4000), ("ot.evidence.operation.unit", "cn1", 0), ("proto", "proto", 31),
             ("host", "dvchost", 100), ("ot.zones.src.name", "cs5", 4000))
LEEF_WORDS = (("ot.sentence", "msg", 0), ("src_ip", "src", 0), ("dest_ip", "dst", 0), ("src_port", "srcPort", 0),
              ("ot.type", "alertType", 0), ("community_id", "communityId", 0), ("ot.evidence.expected", "expected", 0))


def check_keys(fmt, lines, out, bad):
    for line, made in zip(lines, out):
        r = json.loads(line)
        try:
            head, keys = cef_parse(made) if fmt == "cef" else leef_parse(made)
        except ValueError as e:
            bad.add(f"{fmt}: {e}", made[:300])
            continue
        if HIDDEN.search(made):
            bad.add(f"{fmt}: a character that hides", made[:300])
        if fmt == "cef":
            for k in keys:
                if re.fullmatch(r"(cs|cn|c6a|flexString|deviceCustomDate)\d", k) and not keys.get(k + "Label"):
                    bad.add(f"cef: {k} has no label", made[:300])
            if keys.get("rt") != ms(r["timestamp"]):
                bad.add("cef: rt is not the time", made[:300])
            if r.get("src_ip") and keys.get("c6a2" if ":" in r["src_ip"] else "src") != r["src_ip"]:
                bad.add("cef: src is not src_ip", made[:300])
            if r["event_type"] == "alert" and head[5] != shown(r["alert"]["signature"], False):
                bad.add("cef: the name is not the signature", made[:300])
        elif keys.get("devTime", "")[:23] != r["timestamp"][:23]:
            bad.add("leef: devTime is not the time", made[:300])
        if r["event_type"] == "alert":
            check_words(r, keys, CEF_WORDS if fmt == "cef" else LEEF_WORDS, fmt == "cef", bad, fmt)


# ---- JSON -----------------------------------------------------------------------------------

def leaves(v, path=""):
    if isinstance(v, dict):
        for k, x in v.items():
            yield from leaves(x, f"{path}.{k}" if path else k)
    elif isinstance(v, list):
        for x in v or [None]:
            yield from leaves(x, path + "[]")
    else:
        yield path, v


def is_ip(v):
    try:
        ipaddress.ip_address(v)
        return True
    except ValueError:
        return False


ECS_TYPES = {
    "keyword": lambda v: isinstance(v, str), "match_only_text": lambda v: isinstance(v, str),
    "wildcard": lambda v: isinstance(v, str), "constant_keyword": lambda v: isinstance(v, str),
    "long": lambda v: isinstance(v, int) and not isinstance(v, bool), "boolean": lambda v: isinstance(v, bool),
    "float": lambda v: isinstance(v, (int, float)), "ip": lambda v: isinstance(v, str) and is_ip(v),
    "date": lambda v: isinstance(v, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", v)),
}


# Types of an index that take what ECS has another word for.
SAME_TYPE = {("text", "match_only_text")}


def check_template(out, fields, bad):
    with open(os.path.join(tw.SRCDIR, "contrib/elastic/thermowell-ecs-template.json"), encoding="utf-8") as f:
        props = json.load(f)["template"]["mappings"]["properties"]

    def types(props, at=""):
        for k, v in props.items():
            if "properties" in v:
                yield from types(v["properties"], at + k + ".")
            elif "type" in v:
                yield at + k, v["type"]

    have = dict(types(props))
    for made in out:
        r = json.loads(made)
        r.pop("thermowell", None)
        for path, _ in leaves(r):
            if path.replace("[]", "") not in have:
                bad.add(f"template of ecs: no {path}", made[:200])
    for path, kind in have.items():
        want = fields.get(path, {}).get("type") if fields else None
        if want and kind != want and (kind, want) not in SAME_TYPE:
            bad.add(f"template of ecs: {path} is {kind}, ECS says {want}")


def check_ecs(lines, out, fields, bad):
    for line, made in zip(lines, out):
        r = json.loads(made)
        ours = r.pop("thermowell", {})
        if "timestamp" in ours or "host" in ours:
            bad.add("ecs: the time or the sensor is left over", made[:200])
        for path, v in leaves(r):
            f = fields.get(path.replace("[]", ""))
            if f is None:
                bad.add(f"ecs: {path} is no field of ECS", made[:200])
            elif path.endswith("[]") != f["array"]:
                bad.add(f"ecs: {path}: ECS wants {'a list' if f['array'] else 'one value'}", made[:200])
            elif not ECS_TYPES.get(f["type"], lambda v: False)(v):
                bad.add(f"ecs: {path}: {v!r} is no {f['type']}", made[:200])
            elif f["values"] and v not in f["values"]:
                bad.add(f"ecs: {path}: ECS does not have {v}", made[:200])
        for c in r["event"].get("category", ()):
            expected = fields["event.category"]["expected"][c]
            for t in r["event"].get("type", ()):
                if expected and t not in expected:
                    bad.add(f"ecs: event.type {t} is none of category {c}", made[:200])
        del line


def check_ocsf(out, bad):
    import jsonschema
    import ocsf_json_schema
    from py_ocsf_models.events.findings.detection_finding import DetectionFinding
    version = dict(table("STANDARD"))["OCSF"]
    schemas = ocsf_json_schema.OcsfJsonSchemaEmbedded(ocsf_json_schema.get_ocsf_schema(version))
    validators = {}
    for made in out:
        r = json.loads(made)
        uid = r["class_uid"]
        if uid not in validators:
            s = schemas.get_class_schema(schemas.lookup_class_name_from_uid(uid))
            validators[uid] = jsonschema.validators.validator_for(s)(s)
        for e in validators[uid].iter_errors(r):
            bad.add(f"ocsf: {uid} {'/'.join(map(str, e.absolute_path))}: {e.message[:200]}", made[:200])
        if r["metadata"]["version"] != version or r["type_uid"] != uid * 100 + r["activity_id"]:
            bad.add("ocsf: version or type_uid", made[:200])
        if uid == 2004:
            try:
                DetectionFinding(**r)
            except Exception as e:	# pydantic's own class, of whatever version
                bad.add(f"ocsf: py-ocsf-models: {str(e)[:200]}", made[:200])
    return collections.Counter(json.loads(m)["class_uid"] for m in out)


def check_cef(out, bad):
    import pycef
    from cefevent import CEFEvent
    from cefevent.extensions import extension_dictionary
    lengths = {k: int(v["length"]) for k, v in extension_dictionary.items()}
    for key, most in table("CEF_KEY"):
        if key not in lengths and key not in NOT_IN_CEFEVENT:
            bad.add(f"cef: cefevent knows no {key}")
        elif lengths.get(key, 0) and lengths[key] != int(most):
            bad.add(f"cef: {key} takes {lengths[key]} characters")
    for made in out:
        head, keys = cef_parse(made)
        event = CEFEvent(strict=True)
        for name, v in zip(("deviceVendor", "deviceProduct", "deviceVersion", "signatureId", "name"), head[1:]):
            event.set_prefix(name, v)
        event.set_prefix("severity", int(head[6]))
        for k, v in keys.items():
            # It takes the number 0 for nothing at all.
            if k not in NOT_IN_CEFEVENT and v != "0":
                try:
                    event.set_field(k, int(v) if v.isdigit() else v)
                except ValueError as e:
                    bad.add(f"cef: cefevent: {k}: {str(e)[:120]}", made[:300])
        # Its expression for the head gives up at a backslash or an equals sign.
        if "\\" in made.split(head[6] + "|")[0] or "=" in "|".join(head):
            continue
        got = pycef.parse(made)
        if got is None or got["DeviceEventClassID"] != head[4] or got["Name"] != head[5] or got["Severity"] != head[6]:
            bad.add("cef: pycef reads another head", made[:300])
        elif any(got.get(k) is None for k in keys if k + "Label" not in keys and not k.endswith("Label")):
            bad.add("cef: pycef misses a key", made[:300])


# ---- which lines ---------------------------------------------------------------------------

def alert_types():
    with open(os.path.join(tw.SRCDIR, "src/record/alert_types.def"), encoding="utf-8") as f:
        return {m[0]: m for m in re.findall(r'^ALERT\(\w+, "([^"]+)", (\d+), (\d), "([^"]+)"', f.read(), re.M)}


def raised_lines():
    """What the captures of alerts.tsv raise: each type that somebody's capture shows."""
    with open(os.path.join(tw.SRCDIR, "tests/coverage/alerts.tsv"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    runs = set()
    for row in rows:
        words = row[2].split()
        options = words[words.index("--set"):] if "--set" in words else []
        for capture in words[:len(words) - len(options)]:
            runs.add((capture, tuple(options)))
    for capture, options in sorted(runs):
        first, *more = (os.path.join("pcaps", c) for c in capture.split("+"))
        yield from tw.replay_text(first, [o for c in more for o in ("-r", c)] + list(options), "alert,incident,asset").splitlines()


def all_types(lines):
    """The lines, and for each type of alert that none of them is of, one of them made into one."""
    types = alert_types()
    seen = {r["ot"]["type"] for r in map(json.loads, lines) if r["event_type"] == "alert"}
    model = next(line for line in lines if '"event_type":"alert"' in line and '"operation":{' in line)
    for name in sorted(set(types) - seen):
        r = json.loads(model)
        r["ot"]["type"], r["alert"]["signature_id"], r["alert"]["severity"], r["alert"]["signature"] = (
            name, int(types[name][1]), int(types[name][2]), types[name][3])
        lines.append(json.dumps(r, ensure_ascii=False, separators=(",", ":")))
    print(f"{len(types)} alert types, {len(types) - len(set(types) - seen)} of them as the program wrote them")
    return lines


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    if not os.access(TOOL, os.X_OK):
        tw.skip("tests/siem/convert_lines is not built")
    bad = Bad()
    n_rows = check_paths(bad)
    if subprocess.run([sys.executable, os.path.join(tw.SRCDIR, "scripts/make-fields"), "--check"], check=False).returncode != 0:
        bad.add("contrib/FIELDS.md is old")
    lines = []
    for path in args or sorted(glob.glob(os.path.join(tw.SRCDIR, "tests/golden/out/*.jsonl"))):
        with open(path, encoding="utf-8") as f:
            lines += f.read().split("\n")[:-1]
    if not args and "--long" not in sys.argv:
        # A sample of what comes by the thousand; alerts, incidents and devices are all there.
        lines = [line for i, line in enumerate(lines) if i % 20 == 0 or re.search(r'"event_type":"(alert|asset|incident)"', line[:400])]
    if "--long" in sys.argv:
        lines += raised_lines()
    if not args:
        lines = all_types(lines)
    out = {}
    for fmt in FORMATS:
        out[fmt], errors = convert(fmt, lines)
        for e in errors.splitlines():
            bad.add(f"{fmt}: {e[:200]}")
    no_stats = [line for line in lines if '"event_type":"stats"' not in line[:200]]
    for fmt, want in (("ecs", lines), ("ocsf", no_stats), ("cef", no_stats), ("leef", no_stats)):
        if len(out[fmt]) != len(want):
            bad.add(f"{fmt}: {len(want)} lines became {len(out[fmt])}")
    check_keys("cef", no_stats, out["cef"], bad)
    check_keys("leef", no_stats, out["leef"], bad)
    for made in out["ocsf"]:
        json.loads(made)
    install = "--install" in sys.argv
    fields, packages = standards.ecs_fields(install), standards.python_packages("standards", standards.PYPI, install)
    print(f"{len(lines)} lines, {n_rows} rows of fields.def")
    check_template(out["ecs"], fields, bad)
    if fields:
        check_ecs(lines, out["ecs"], fields, bad)
        print(f"ECS: every path is one of {standards.NPM}, or below thermowell")
    if packages:
        sys.path.insert(0, packages)
        print("OCSF, by its JSON schema and py-ocsf-models:", dict(check_ocsf(out["ocsf"], bad)))
        check_cef(out["cef"], bad)
        print("CEF: read by pycef and cefevent")
    if not (fields and packages):
        print("not held to ECS, OCSF and others' parsers: they are not here (formats.py --install fetches them)")
    for what, (n, where) in list(bad.items())[:SHOWN]:
        print(f"{what} ({n} times)\n    {where}")
    return 1 if bad else tw.SKIP if install and not (fields and packages) else 0


if __name__ == "__main__":
    sys.exit(main())
