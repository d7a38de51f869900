#!/usr/bin/env python3
"""Hold every line of the given files to the closed schema in contrib/schema, and
its EVE part to Suricata's schema where THERMOWELL_EVE_SCHEMA names it.

usage: check_schema.py [--schema FILE] FILE...     ("-" is standard input)

Exit status: 0 good, 1 a line is not, 2 wrong usage, 77 python3-jsonschema is missing.
"""
import argparse
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUR_SCHEMA = os.path.join(HERE, "..", "..", "contrib", "schema", "thermowell.schema.json")
EXCEPTIONS = os.path.join(HERE, "eve-exceptions.txt")
# Records of ours that EVE has too.
EVE_TYPES = {"alert", "anomaly", "dnp3", "flow", "modbus", "stats"}
MAX_SHOWN = 20

try:
    import jsonschema
except ImportError:
    print("check_schema.py: skipped: python3-jsonschema is missing "
          "(Debian: python3-jsonschema)")
    sys.exit(77)


def no_twins(pairs):
    """json.loads() would keep the last of two members with one name in silence."""
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a name occurs twice: " +
                         ", ".join(sorted({n for n in names if names.count(n) > 1})))
    return dict(pairs)


def load_exceptions(path):
    rows = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = line.rstrip("\n").split("\t")
            if len(parts) != 3 or not parts[2].strip():
                sys.exit(f"{path}:{number}: wants path, message and reason between tabs")
            where = re.escape(parts[0]).replace(r"\*", "[^.]+")
            rows.append((re.compile(where + r"\Z"), parts[1]))
    return rows


def leaves(error):
    """The errors beneath an anyOf or a then: those name the real place."""
    return [leaf for sub in error.context for leaf in leaves(sub)] if error.context else [error]


def place(error):
    return ".".join(str(p) for p in error.absolute_path) or "record"


def extra_names(error):
    """What additionalProperties complains of, one by one, so that an exception
    for one name does not excuse another."""
    if error.validator != "additionalProperties":
        return [error.message]
    known = error.schema.get("properties", {})
    return [f"{name} was unexpected" for name in error.instance if name not in known]


class Eve:
    def __init__(self, path):
        with open(path, encoding="utf-8") as text:
            schema = json.load(text)
        cls = jsonschema.validators.validator_for(schema)
        self.validator = cls(schema)
        self.exceptions = load_exceptions(EXCEPTIONS)

    def complaints(self, record):
        part = {k: v for k, v in record.items() if k != "ot"}
        for error in self.validator.iter_errors(part):
            where = place(error)
            for message in extra_names(error):
                # "and_mask" also excuses its sister or_mask: they come together
                told = message.replace("or_mask", "and_mask")
                if not any(w.match(where) and m in told for w, m in self.exceptions):
                    yield f"EVE: {where}: {message}"


def lines_of(path):
    if path == "-":
        yield from enumerate(sys.stdin.buffer, 1)
        return
    with open(path, "rb") as lines:
        yield from enumerate(lines, 1)


def check_line(line, ours, eve):
    if not line.endswith(b"\n"):
        yield "the line has no newline"
    try:
        record = json.loads(line.decode("utf-8"), object_pairs_hook=no_twins)
    except ValueError as why:
        yield f"not JSON: {why}"
        return
    for error in ours.iter_errors(record):
        for leaf in leaves(error):
            yield f"{place(leaf)}: {leaf.message}"
    if eve is not None and isinstance(record, dict) and record.get("event_type") in EVE_TYPES:
        yield from eve.complaints(record)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--schema", default=OUR_SCHEMA)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()

    with open(args.schema, encoding="utf-8") as text:
        schema = json.load(text)
    cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    ours = cls(schema)

    eve_path = os.environ.get("THERMOWELL_EVE_SCHEMA", "")
    if eve_path and os.path.exists(eve_path):
        eve = Eve(eve_path)
    else:
        eve = None
        print("EVE parts are not checked: THERMOWELL_EVE_SCHEMA does not name Suricata's schema")

    bad = total = 0
    for path in args.files:
        for number, line in lines_of(path):
            total += 1
            for complaint in check_line(line, ours, eve):
                bad += 1
                if bad <= MAX_SHOWN:
                    print(f"{path}:{number}: {complaint[:300]}")
    print(f"{total} lines, {bad} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
