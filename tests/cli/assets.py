#!/usr/bin/env python3
"""thermowell assets: the devices of captures, as a table and for other programs, and against a list that somebody keeps."""
import csv
import io
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = "pcaps/modbus/plant-tour.pcap"
bad = 0


def check(what, ok, seen=""):
    global bad
    if not ok:
        print(f"FAILED: {what}\n{seen}")
        bad += 1


def run(*words, status=0):
    p = subprocess.run([tw.BINARY, *words, "--set", "assets.vendors=tests/lib/oui.csv", "--set", "rules.files=none"], cwd=tw.SRCDIR,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    check(f"{' '.join(words)}: status {status}", p.returncode == status, f"{p.returncode}\n{p.stdout}{p.stderr}")
    return p.stdout, p.stderr


def table():
    out, _ = run("assets", "-r", CAPTURE)
    check("the table has a gateway with units", "10.20.1.15/modbus/2" in out and "gateway" in out, out)
    check("and what the devices say of themselves", "Pump controller" in out and "v1.14" in out, out)
    check("and what the list of fields lacks", "Only the owner knows: criticality" in out, out)
    out, _ = run("-v", "-r", CAPTURE, "--set", "outputs.eve.enabled=no")
    check("the summary ends with the devices", "Devices: 8" in out and "Who reads and writes whom" in out, out)
    check("and says when they were written to", "10.20.0.10       writes 10.20.1.11" in out and "2026-11-22T15:51:17" in out, out)


def lldp(mac, name, text):
    tlvs = [(1, b"\x04" + mac), (2, b"\x07p1"), (3, b"\0\x78"), (5, name), (6, text)]
    body = b"".join(struct.pack(">H", t << 9 | len(v)) + v for t, v in tlvs) + b"\0\0"
    return bytes.fromhex("0180c200000e") + mac + b"\x88\xcc" + body


HOSTILE = [b"=cmd|'/c calc'!A1", b"plc;=1+1", b'a"b,c', b"\xe2\x80\xaetxt.exe", b"\x1b[2Jgone", b"\xc2\x9b2J", b"twin", b"TWIN", b"twin",
           b"x" * 80, b"</script><b>", b"{\"a\":1}", b"%s%n", b"@SUM(A1)", b"line\nbreak"]


def hostile():
    """Names of the wire in every format: nothing steers a terminal, begins a formula, ends a field or is taken twice."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "h.pcap")
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for i, name in enumerate(HOSTILE):
                frame = lldp(bytes([0, 0x0e, 0xcf, 0, 0, i]), name, b"made by " + name)
                f.write(struct.pack("<IIII", 1700000000 + i, 0, len(frame), len(frame)) + frame)
        n = len(HOSTILE)
        for form in ("table", "json", "csv", "netbox", "cyclonedx"):
            out, _ = run("assets", "--format", form, "-r", path)
            check(f"{form}: no control character", not any(ord(c) < 32 and c != "\n" for c in out), repr(out))
            if form == "table":
                check("table: none turns the direction of writing", "\u202e" not in out and "\x9b" not in out, repr(out))
            elif form == "json":
                check("json: each line is one", len([json.loads(x) for x in out.splitlines()]) == n, out)
            elif form == "cyclonedx":
                check("cyclonedx: it is JSON", len(json.loads(out)["components"]) == n, out)
            else:
                for row in csv.reader(io.StringIO(out)):
                    for cell in row:
                        for part in [cell, *cell.split(";")[1:]]:
                            check(f"{form}: no formula", part[:1] not in ("=", "+", "-", "@"), row)
        out, _ = run("assets", "devices", "--format", "netbox", "-r", path)
        rows = list(csv.DictReader(io.StringIO(out)))
        names = [r["name"].lower() for r in rows]
        check("netbox: each name once", len(rows) == n and len(set(names)) == n, names)
        check("netbox: none too long", all(len(r["name"].encode()) <= 64 and len(r["serial"]) <= 50 for r in rows), names)
        for part, columns in (("interfaces", "device"), ("mac-addresses", "device")):
            other = list(csv.DictReader(io.StringIO(run("assets", part, "--format", "netbox", "-r", path)[0])))
            check(f"netbox: {part} are of devices", {r[columns].lower() for r in other} == set(names), other)
        for part, refers in (("manufacturers", "manufacturer"), ("device-roles", "role"), ("sites", "site")):
            there = {r["name"] for r in csv.DictReader(io.StringIO(run("assets", part, "--format", "netbox", "-r", path)[0]))}
            check(f"netbox: {part} are there", {r[refers] for r in rows} <= there, there)
        there = [(r["manufacturer"], r["model"]) for r in csv.DictReader(io.StringIO(run("assets", "device-types", "--format", "netbox", "-r", path)[0]))]
        check("netbox: types are there", {(r["manufacturer"], r["device_type"]) for r in rows} <= set(there) and len(set(there)) == len(there), there)


def formats():
    out, _ = run("assets", "--format", "csv", "-r", CAPTURE)
    rows = {r["id"]: r for r in csv.DictReader(io.StringIO(out))}
    check("csv: a row a device", len(rows) == 8, out)
    check("csv: columns", rows["10.20.1.12"]["model"] == "" and rows["10.20.1.12"]["product"] == "Pump controller" and
          rows["10.20.1.12"]["role"] == "controller", rows["10.20.1.12"])
    out, _ = run("assets", "--format", "json", "-r", CAPTURE)
    check("json: an object a line", len([json.loads(x) for x in out.splitlines()]) == 8, out)
    for part, columns in (("devices", "name,role,manufacturer,device_type,serial,asset_tag,site,status,description"),
                          ("interfaces", "device,name,type,mac_address"), ("ip-addresses", "address,status,device,interface,is_primary")):
        out, _ = run("assets", part, "--format", "netbox", "-r", CAPTURE)
        check(f"netbox: {part}", out.splitlines()[0] == columns and len(out.splitlines()) > 4, out)
    out, _ = run("assets", "--format", "cyclonedx", "-r", CAPTURE)
    bom = json.loads(out)
    one = next(c for c in bom["components"] if c["bom-ref"] == "10.20.1.12")
    check("cyclonedx: device and firmware", bom["specVersion"] == "1.6" and one["type"] == "device" and
          one["components"][0]["type"] == "firmware" and one["components"][0]["version"] == "v1.14", one)
    try:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
    except ImportError:
        print("note: cyclonedx-python-lib is not there; its schema was not asked")
        return
    check("cyclonedx: its schema", JsonStrictValidator(SchemaVersion.V1_6).validate_str(out) is None)


def differences(tmp):
    path = os.path.join(tmp, "list.csv")
    out, _ = run("assets", "--format", "csv", "-r", CAPTURE)
    with open(path, "w", encoding="utf-8") as f:
        f.write(out)
    out, _ = run("assets", "diff", path, "-r", CAPTURE)
    check("what was seen is no difference to itself", "0 differences between 8 listed and 8 seen" in out, out)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\ufeffAddress;Protocol;Unit;Vendor;Firmware;Role\r\n10.20.1.12;;;\"Thermowell Works\";;Controller\r\n"
                "10.20.1.11;;;Somebody;;historian\r\n10.20.1.15;modbus;3;;;\r\n10.20.1.99;;;;;\r\n\r\n")
    out, _ = run("assets", "diff", path, "-r", CAPTURE, status=1)
    check("another vendor", "~ 10.20.1.11: vendor is Thermowell Works, the list says Somebody (line 3)" in out, out)
    check("another role", "role is controller, the list says historian" in out, out)
    check("not in the list", "+ 10.20.0.10: not in the list" in out and "10.20.1.15/modbus/3" not in out, out)
    check("not seen", "- 10.20.1.99: in the list (line 5), not seen" in out, out)
    check("nothing of what is the same", "10.20.1.12:" not in out, out)


def problems(tmp):
    path = os.path.join(tmp, "bad.csv")
    for text, message in (("address,vendr\n10.0.0.1,x\n", ":1:9: there is no column \"vendr\""),
                          ("address,vendor\n10.0.0,x\n", ":2:1: \"10.0.0\" is no address"),
                          ("vendor\nx\n", ":1:1: the header has neither a column address nor mac"),
                          ("address,vendor\n10.0.0.1,\"x\n", ":2:10: a quotation mark is not closed"),
                          ("address,protocol,unit\n10.0.0.1,modbos,1\n", ":2:10: there is no protocol \"modbos\""),
                          ("address\n10.0.0.1,x\n", ":2:10: the header has no column for this field"),
                          ("mac\n00:11\n", ":2:1: \"00:11\" is no MAC")):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        _, err = run("assets", "diff", path, "-r", CAPTURE, status=1)
        check(f"{message} is said with its place", path + message in err, err)
        _, err = run("-T", "--set", f"assets.file={path}", status=1)
        check("-T, too", path + message in err, err)
    run("assets", "diff", path, status=2)
    run("assets", "nonsense", "-r", CAPTURE, status=2)
    run("assets", "--format", "yaml", "-r", CAPTURE, status=2)


def operator(tmp):
    path = os.path.join(tmp, "mine.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write("address,protocol,unit,name,vendor,role,level,criticality\n10.20.1.11,,,Mixer 3,Wago,gateway,0,high\n"
                "10.20.1.15,modbus,2,Drive of pump 2,,,,\n10.20.1.77,,,Spare,,,,\n")
    out, _ = run("assets", "--format", "json", "-r", CAPTURE, "--set", f"assets.file={path}")
    rows = {r["id"]: r for r in map(json.loads, out.splitlines())}
    one = rows["10.20.1.11"]
    check("the operator's word wins", (one["vendor"], one["role"], one["level"], one["name"]) == ("Wago", "gateway", 0, "Mixer 3"), one)
    check("and what the device says is shown beside it", any(a["name"] == "vendor" and a["value"] == "Thermowell Works" and
          a.get("holds") is False and a["contradicted"] for a in one["attributes"]), one)
    check("units have names", rows["10.20.1.15/modbus/2"]["name"] == "Drive of pump 2", rows)
    check("what only the list has was not seen", "10.20.1.77" not in rows, rows)


def remembered(tmp):
    db = os.path.join(tmp, "plant.db")
    run("-q", "-r", CAPTURE, "--store", db, "-l", tmp)
    seen, _ = run("assets", "--format", "json", "-r", CAPTURE)
    kept, _ = run("assets", "--format", "json", "--store", db)
    seen, kept = ({r["id"]: r for r in map(json.loads, x.splitlines())} for x in (seen, kept))
    check("the same devices come out of the database", sorted(seen) == sorted(kept), sorted(kept))
    for i in seen.keys() & kept.keys():
        for key in ("macs", "vendor", "model", "firmware", "name", "role", "first_seen", "last_seen", "serves", "asks"):
            check(f"{i}: {key}", seen[i].get(key) == kept[i].get(key), f"{seen[i].get(key)} {kept[i].get(key)}")
    # Another day: what was known before is known still, and was first seen then.
    run("-q", "-r", "pcaps/modbus/identification.pcap", "--store", db, "-l", tmp)
    out, _ = run("assets", "--format", "json", "--store", db)
    later = {r["id"]: r for r in map(json.loads, out.splitlines())}
    check("old and new devices", set(kept) < set(later) and "10.20.1.20" in later, sorted(later))
    check("old values", later["10.20.1.12"]["model"] == "Pump controller", later["10.20.1.12"])
    run("assets", "--store", os.path.join(tmp, "none.db"), status=1)


def main():
    tw.need_binary()
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        table()
        formats()
        hostile()
        differences(tmp)
        problems(tmp)
        operator(tmp)
        remembered(tmp)
    print(f"{bad} problems")
    return 1 if bad else 0


sys.exit(main())
