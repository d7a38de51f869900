#!/usr/bin/env python3
"""IEC 60870-5-104 against tshark: every APDU, every field of each ASDU, every object with its address, value, quality and time.

The installed tshark decodes pcaps/iec104 and, where $THERMOWELL_CORPUS is, other people's captures of its folder iec104; the APDUs of a
frame are compared one by one, in order.

    iec104.py [NAME...] [-v]

A difference fails, unless known-iec104.tsv lists it with its reason; a listed one that no longer occurs fails too.
"""
import collections
import glob
import math
import os
import struct
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import tw  # noqa: E402

TSHARK = os.environ.get("TSHARK", "")
PORTS = (2404, 12404)
totals = collections.Counter()

# Nodes of tshark that only hold others, or say what others say.
HOLDERS = set("siq diq qds vti qos sco dco rco qpm coi cp24time cp56time qcc".split())
# Types whose objects tshark 4.0 does not show.
NOT_SHOWN = {17, 18, 19, 20, 38, 39, 40, 41, *range(81, 96), 102, 104, 106, 107, 113, *range(120, 128)}
# Which of its fields are in the octet of a quality, by the type's element.
QUALITY = {"bl": "blocked", "sb": "substituted", "nt": "not-topical", "iv": "invalid", "ov": "overflow"}
VALUE = {"SP": "siq.spi", "DP": "diq.dpi", "ST": "vti.v", "BO": "bitstring", "IT": "bcr.count", "SC": "sco.on", "DC": "dco.on",
         "RC": "rco.up"}
SET = {"A": "normval", "B": "scalval", "C": "float", "D": "normval", "E": "scalval", "F": "float"}


# ---- tshark ----------------------------------------------------------------

def number(field, node):
    text = node.get("show", "")
    if field in ("normval", "float"):
        # As sent: what is shown is rounded.
        raw = bytes.fromhex(node.get("value", ""))
        return struct.unpack("<h", raw)[0] / 32768 if field == "normval" else struct.unpack("<f", raw)[0]
    return int(text, 0) if text not in ("True", "False") else int(text == "True")


def leaves(node, out):
    for f in node.findall("field"):
        name = f.get("name", "")
        short = name.split("iec60870_asdu.")[-1] if name.startswith("iec60870_asdu.") else ""
        if short and short not in HOLDERS and short != "ioa":
            if short == "rawdata":
                totals["objects that tshark does not decode"] += 1
                out["rawdata"] = f.get("value", "")
            elif short not in ("start",):
                out[short] = number(short, f)
        leaves(f, out)
    return out


def apdus_of(packet):
    """The APDUs of a packet of tshark, in order."""
    out = []
    for proto in packet.findall("proto"):
        fields = {f.get("name"): f for f in proto.findall("field")}

        def get(name):
            return int(fields[name].get("show"), 0) if name in fields else None
        if proto.get("name") == "iec60870_104" and "iec60870_104.type" in fields:
            kind = get("iec60870_104.type") & 3
            out.append({"format": {0: "I", 2: "I", 1: "S", 3: "U"}[kind], "tx": get("iec60870_104.tx"), "rx": get("iec60870_104.rx"),
                        "u": get("iec60870_104.utype"), "len": get("iec60870_104.apdulen")})
        elif proto.get("name") == "iec60870_asdu" and out:
            a = out[-1]
            for name in ("typeid", "sq", "numix", "causetx", "nega", "test", "oa", "addr"):
                a[name] = get("iec60870_asdu." + name)
            a["objects"] = []
            for f in proto.findall("field"):
                ioa = [g for g in f.findall("field") if g.get("name") == "iec60870_asdu.ioa"]
                if f.get("name") == "" and ioa:
                    a["objects"].append((int(ioa[0].get("show")), leaves(f, {})))
    return out


def tshark(path):
    cmd = [TSHARK, "-n", "-r", path, "-T", "pdml", "-Y", "iec60870_104"]
    for port in PORTS:
        cmd += ["-d", f"tcp.port=={port},iec60870_104"]
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=True)
    for packet in xml.fromstring(p.stdout).findall("packet"):
        frame = next(int(f.get("show")) for f in packet.find("proto[@name='geninfo']").findall("field") if f.get("name") == "num")
        yield frame, apdus_of(packet)


# ---- ours ------------------------------------------------------------------

def quality_of(kind, o):
    words = set(o.get("quality", ()))
    if kind == "IT":
        return {"bcr.sq": o["sequence"], "bcr.cy": "carry" in words, "bcr.ca": "adjusted" in words, "bcr.iv": "invalid" in words}
    if "quality" not in o:
        return {}
    octet = {"SP": "siq", "DP": "diq"}.get(kind, "qds")
    return {f"{octet}.{k}": w in words for k, w in QUALITY.items() if octet == "qds" or k != "ov"}


def time_of(o):
    clock = set(o.get("clock", ()))
    out = {}
    if "time" in o:
        t = o["time"]		# 2019-11-02T13:52:23.000+0000
        year, month, day, hour, minute = int(t[:4]), int(t[5:7]), int(t[8:10]), int(t[11:13]), int(t[14:16])
        out = {"year": year % 100, "month": month, "day": day, "hour": hour, "min": minute,
               "ms": round(float(t[17:t.index("+")]) * 1000)}
    if "clock" in o and "ms_of_hour" not in o:
        out |= {"iv": "invalid" in clock, "gen": "substituted" in clock, "su": "summer-time" in clock, "dow": o.get("day_of_week", 0)}
        return {"cp56time." + k: v for k, v in out.items()}
    if "ms_of_hour" in o:
        return {"cp24time.ms": o["ms_of_hour"] % 60000, "cp24time.min": o["ms_of_hour"] // 60000, "cp24time.iv": "invalid" in clock}
    return {}


def command_of(kind, o):
    if "select" not in o:
        return {}
    octet = {"SC": "sco", "DC": "dco", "RC": "rco", "SE": "qos"}[kind]
    return {f"{octet}.{'ql' if kind == 'SE' else 'qu'}": o["qualifier"], f"{octet}.se": o["select"]}


def system_of(name, o):
    """Qualifiers of the system and of parameters."""
    q = o.get("qualifier")
    return {
        "C_IC": lambda: {"qoi": q}, "C_CI": lambda: {"rqt": q, "frz": o["freeze"]}, "C_RP": lambda: {"qrp": q},
        "M_EI": lambda: {"coi_r": o["cause"], "coi_i": o["parameters_changed"]},
        "P_ME": lambda: {"qpm.kpa": q, "qpm.lpc": o["changed_locally"], "qpm.pop": o["not_in_operation"]},
    }.get(name[:4], dict)()


def object_of(name, o):
    """What tshark would show of an object."""
    kind = name[2:4]
    out = quality_of(kind, o) | time_of(o) | command_of(kind, o) | system_of(name, o)
    if "value" in o:
        field = VALUE.get(kind) if kind not in ("SE", "ME") else SET[name[6]]
        if field is not None:
            out[field] = o["value"]
    if kind == "ST":
        out["vti.t"] = o["transient"]
    return o["address"], {k: int(v) if isinstance(v, bool) else v for k, v in out.items()}


def apdu_of(m):
    a = {"format": m["format"], "tx": m.get("send"), "rx": m.get("receive"),
         "u": m["control"] >> 2 if m["format"] == "U" else None}
    d = m.get("asdu")
    if d is not None:
        a |= {"typeid": d["type"], "sq": int(d["sequence"]), "numix": d["count"], "causetx": d["cause"], "nega": int(d["negative"]),
              "test": int(d["test"]), "oa": d["originator"], "addr": d["common_address"],
              "objects": [object_of(d.get("type_name", ""), o) for o in d.get("objects", [])]}
    return a


def ours(path):
    """{frame: APDUs, in the order of their operations} and {frame: anomalies}."""
    frames, told = collections.defaultdict(list), collections.defaultdict(list)
    for r in tw.replay(path, types="iec104,anomaly"):
        if r["event_type"] == "anomaly":
            told[r.get("pcap_cnt")].append(r["anomaly"].get("event"))
            continue
        for m in r["iec104"].values():
            frames[m["frame"]].append(apdu_of(m))
    return frames, told


# ---- comparison ------------------------------------------------------------

def same(a, b):
    if isinstance(a, float) and not math.isfinite(a):
        return b is None		# JSON has no number for it; ot.items has a text
    return a == b or (isinstance(a, float) and isinstance(b, (int, float)) and abs(a - b) <= 1e-6 * max(1, abs(a)))


def compare_objects(kind, theirs, mine, say):
    if kind in NOT_SHOWN and not theirs:
        totals["objects that tshark does not show"] += len(mine)
        return
    if len(theirs) != len(mine):
        say("objects", f"tshark {len(theirs)}, we {len(mine)}")
    for (ioa, fields), (address, values) in zip(theirs, mine):
        totals["objects"] += 1
        if ioa != address:
            say("ioa", f"tshark {ioa}, we {address}")
        for name, v in fields.items():
            if name == "rawdata":
                continue
            totals["values"] += 1
            if name not in values:
                say(name, f"tshark {v}, we nothing")
            elif not same(v, values[name]):
                say(name, f"tshark {v}, we {values[name]}")


def distance(t, m):
    return sum(t.get(k) != m.get(k) for k in ("format", "tx", "rx", "u", "typeid", "causetx", "addr", "numix"))


def compare(name, path, diffs):
    diffs.examined.add(name)
    frames, told = ours(path)
    for frame, theirs in tshark(path):
        mine = list(frames.get(frame, []))
        for t in theirs:
            totals["APDUs of tshark"] += 1
            m = min(mine, key=lambda x, t=t: distance(t, x), default=None)
            if m is None or m["format"] != t["format"]:
                diffs.add(name, frame, "apdu", f"tshark {t}, we have {len(mine)} here"[:300])
                continue
            mine.remove(m)

            def say(field, text, frame=frame):
                diffs.add(name, frame, field, text)
            for k, v in t.items():
                if k == "objects":
                    compare_objects(t["typeid"], v, m.get("objects", []), say)
                elif k != "len" and v is not None:
                    totals["fields"] += 1
                    if m.get(k) != v:
                        say(k, f"tshark {v}, we {m.get(k)}")
        for m in mine:
            totals["APDUs that tshark has not"] += 1
            diffs.add(name, frame, "apdu", f"we {m}, tshark nothing"[:300])


def main():
    tw.need_binary()
    if not TSHARK:
        tw.skip("no tshark")
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    diffs = known.Known("diff/known-iec104.tsv", names)
    paths = sorted(glob.glob(os.path.join(tw.SRCDIR, "pcaps", "iec104", "*.pcap")))
    if tw.CORPUS:
        paths += sorted(glob.glob(os.path.join(tw.CORPUS, "iec104", "*.pcap*")))
    for path in paths:
        name = os.path.basename(path)
        if names and name not in names:
            continue
        compare(name, path, diffs)
    bad = diffs.report("-v" in sys.argv)
    print("; ".join(f"{n} {what}" for what, n in totals.items()))
    diffs.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
