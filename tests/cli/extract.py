#!/usr/bin/env python3
"""thermowell extract: what it cuts out of captures is compared frame by frame with what it should, which is worked out here from the
captures themselves; tshark, where it is there, reads the result."""
import gzip
import ipaddress
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pcap  # noqa: E402
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant-attack.pcap")
RULES = ["--set", "rules.files=none"]


def pcapng(path):
    """[(link type, interface, ns, bytes, length on the wire, comment)], of a file in the byte order of this machine."""
    with open(path, "rb") as f:
        data = f.read()
    at, ifaces, frames = 0, [], []
    while at < len(data):
        kind, size = struct.unpack_from("=II", data, at)
        if size % 4 or struct.unpack_from("=I", data, at + size - 4)[0] != size:
            sys.exit(f"{path}: block at {at} with a wrong length")
        body = data[at + 8:at + size - 4]
        fixed = {0x0a0d0d0a: 16, 1: 8, 6: 20}[kind]
        if kind == 6:
            i, high, low, cap, wire = struct.unpack_from("=IIIII", body)
            fixed += (cap + 3) // 4 * 4
        options, opt = {}, fixed
        while opt + 4 <= len(body):
            code, n = struct.unpack_from("=HH", body, opt)
            options[code] = body[opt + 4:opt + 4 + n]
            opt += 4 + (n + 3) // 4 * 4
        if kind == 1:
            if options[9] != b"\x09":
                sys.exit(f"{path}: an interface without nanoseconds")
            ifaces.append((struct.unpack_from("=H", body)[0], os.path.basename(options[2].decode())))
        elif kind == 6:
            frames.append((*ifaces[i], high << 32 | low, body[20:20 + cap], wire, options.get(1, b"").decode()))
        at += size
    return frames


def ends(data):
    """(source, destination, protocol, ports) of a frame; ARP has the addresses that it names."""
    kind = data[12:14]
    if kind == b"\x08\x06":
        return data[28:32], data[38:42], None, None
    if kind != b"\x08\x00":
        return None
    ports = struct.unpack_from(">HH", data, 34) if data[23] in (6, 17) else (0, 0)
    return data[26:30], data[30:34], data[23], ports


def ip(text):
    return ipaddress.ip_address(text).packed


def ns(time):
    """Of a time as eve.json has it."""
    day, rest = time.split("T")
    h, m, s = rest[:15].split(":")
    y, mo, d = map(int, day.split("-"))
    import datetime
    base = int(datetime.datetime(y, mo, d, int(h), int(m), tzinfo=datetime.timezone.utc).timestamp())
    return base * 10**9 + round(float(s) * 10**6) * 1000


def extract(out, files, *options, status=0):
    p = subprocess.run([tw.BINARY, "extract", "-r", *files, "-w", out, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    if p.returncode != status:
        sys.exit(f"extract {' '.join(options)}: exit status {p.returncode}, not {status}\n{p.stderr}")
    return p.stderr if status else p.stdout


def same(what, out, want):
    """`want` is [(ns, bytes)].  The frames of the file."""
    got = pcapng(out)
    if [(f[2], f[3]) for f in got] != want:
        sys.exit(f"{what}: {len(got)} frames, not these {len(want)}; the first that differs is "
                 f"{next((i for i, (a, b) in enumerate(zip(got, want)) if (a[2], a[3]) != b), min(len(got), len(want)))}")
    if not want:
        sys.exit(f"{what}: a test of no frames tests nothing")
    if shutil.which("tshark"):
        p = subprocess.run(["tshark", "-n", "-r", out, "-T", "fields", "-e", "frame.len", "-e", "frame.comment"], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True, check=True)
        lines = p.stdout.splitlines()
        if [int(x.split("\t")[0]) for x in lines] != [f[4] for f in got]:
            sys.exit(f"{what}: tshark reads {len(lines)} frames otherwise")
    return got


def around(frames, a, b, first, last, margin=60 * 10**9):
    """Frames between two addresses, or of one (b None), around a time."""
    fit = []
    for f in frames:
        e = ends(f.data)
        if e is None or not first - margin <= f.us * 1000 <= last + margin:
            continue
        if {a, b} == {e[0], e[1]} if b else a in e[:2]:
            fit.append((f.us * 1000, f.data))
    return fit


def alerts(tmp, frames, records):
    """Of each kind of alert one: cut by a whole id, by its beginning, with another margin."""
    out = os.path.join(tmp, "alert.pcapng")
    first = {}
    for r in records:
        if r["event_type"] == "alert" and r["ot"].get("kind") != "suppressed":
            first.setdefault(r["ot"]["id"], []).append(r)
    shapes = set()
    for uid, all_of in first.items():
        r = all_of[-1]
        shape = ("flow_id" in r, r["ot"]["type"])
        if shape in shapes:
            continue
        shapes.add(shape)
        a, b = ip(r["src_ip"]), ip(r["dest_ip"]) if "flow_id" in r else None
        start, end = ns(r["ot"]["first"]), max(ns(x["ot"]["last"]) for x in all_of)
        # Its frames, and the answer to what was asked, belong to it whatever the margin.
        named = {n for x in all_of for n in x["ot"]["evidence"]["frames"]}
        extract(out, [CAPTURE], "--alert", uid[:12], "--around", "5m", *RULES)
        got = pcapng(out)
        # A scan of many addresses, or sessions with many, are its source's; one of many units or ports of a device is of both.
        fit = [around(frames, a, b, start, end, 300 * 10**9)]
        if r["ot"]["type"].startswith(("scan.", "internet.")):
            fit.append(around(frames, a, None, start, end, 300 * 10**9))
        if [(g[2], g[3]) for g in got] not in fit:
            sys.exit(f"{r['ot']['type']}: {len(got)} frames, not those {len(fit[0])} of its endpoints")
        told = [g for g in got if g[5]]
        if not told or not all(g[5].startswith(f"alert {uid}: ") and g[5] != f"alert {uid}: " for g in told):
            sys.exit(f"{r['ot']['type']}: its sentence is at {len(told)} frames")
        if not {frames[n - 1].data for n in named} <= {g[3] for g in told}:
            sys.exit(f"{r['ot']['type']}: not all of its frames have its sentence")
    if not {True, False} <= {s[0] for s in shapes}:
        sys.exit("the capture has no alerts of both kinds")
    return len(shapes)


def flows(tmp, frames, records):
    out = os.path.join(tmp, "flow.pcapng")
    done = 0
    for r in records:
        if r["event_type"] != "flow" or r["proto"] not in ("TCP", "UDP") or done == 3:
            continue
        done += 1
        number = {"TCP": 6, "UDP": 17}[r["proto"]]
        pair = {(ip(r["src_ip"]), r["src_port"]), (ip(r["dest_ip"]), r["dest_port"])}
        want = []
        for f in frames:
            e = ends(f.data)
            if e and e[2] == number and {(e[0], e[3][0]), (e[1], e[3][1])} == pair and \
                    ns(r["flow"]["start"]) <= f.us * 1000 <= ns(r["flow"]["end"]):
                want.append((f.us * 1000, f.data))
        extract(out, [CAPTURE], "--flow", str(r["flow_id"]), *RULES)
        same(f"flow {r['flow_id']}", out, want)
        if len(want) != r["flow"]["pkts_toserver"] + r["flow"]["pkts_toclient"]:
            sys.exit("a flow has other frames than its record counts")


def several(tmp, frames):
    """Halves of a capture, one packed, one as raw IP; cut by time, in one order of time."""
    half = len(frames) // 2
    names = [os.path.join(tmp, n) for n in ("first.pcap", "second.pcap.gz", "raw.pcap")]
    raw = [pcap.Frame(f.us, f.data[14:], f.wire_len - 14) for f in frames[:half] if f.data[12:14] == b"\x08\x00"]
    pcap.write(names[0], 1, frames[:half])
    pcap.write(names[1][:-3], 1, frames[half:])
    with open(names[1][:-3], "rb") as plain, gzip.open(names[1], "wb") as packed:
        packed.write(plain.read())
    pcap.write(names[2], 101, raw)
    out = os.path.join(tmp, "several.pcapng")
    start, end = frames[half // 2].us, frames[half + half // 2].us
    p = extract(out, names, "--from", iso(start), "--to", iso(end))
    got = pcapng(out)
    want = {1: [f for f in frames if start <= f.us <= end], 101: [f for f in raw if start <= f.us <= end]}
    for link, of in want.items():
        if [(g[2], g[3], g[4]) for g in got if g[0] == link] != [(f.us * 1000, f.data, f.wire_len) for f in of]:
            sys.exit(f"link type {link}: not the frames of that time")
    if [g[2] for g in got] != sorted(g[2] for g in got):
        sys.exit("frames are not in the order of time")
    if {g[1] for g in got} != {"first.pcap", "second.pcap.gz", "raw.pcap"} or f"{len(got)} of " not in p:
        sys.exit(f"{p}: {({g[1] for g in got})}")
    if shutil.which("tshark"):
        n = subprocess.run(["tshark", "-n", "-r", out], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                           check=True).stdout.count("\n")
        if n != len(got):
            sys.exit(f"tshark reads {n} frames")


def iso(us):
    import datetime
    return datetime.datetime.fromtimestamp(us // 10**6, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f".{us % 10**6:06}+0000"


def database(tmp, frames):
    """What a sensor remembered is found without its settings: with other rules the replay would not find it."""
    db, out = os.path.join(tmp, "plant.db"), os.path.join(tmp, "db.pcapng")
    subprocess.run([tw.BINARY, "-q", "-r", CAPTURE, "-l", tmp, "--store", db, *RULES], check=True, timeout=120)
    p = subprocess.run([tw.BINARY, "alerts", "--store", db, "--json"], check=True, stdout=subprocess.PIPE, text=True)
    row = next(r for r in map(json.loads, p.stdout.splitlines()) if r.get("flow_id") and not r["type"].startswith(("scan.", "internet.")))
    off = ["--set", "sensor.name=another", "--set", "alerts.merge=0"]	# ids of such a run are others
    extract(out, [CAPTURE], "--alert", row["uid"], *RULES, *off, status=1)
    extract(out, [CAPTURE], "--store", db, "--alert", row["uid"], *RULES, *off)
    same("of the database", out, around(frames, ip(row["src"]), ip(row["dst"]), ns(row["first"]), ns(row["last"])))
    if not any(g[5].endswith(row["sentence"]) for g in pcapng(out)):
        sys.exit("the sentence of the database is at no frame")


def incidents(tmp, records):
    """An incident is all of its alerts, whether a replay or the database says which those are."""
    db, one, other = (os.path.join(tmp, n) for n in ("incidents.db", "replay.pcapng", "db.pcapng"))
    subprocess.run([tw.BINARY, "-q", "-r", CAPTURE, "-l", tmp, "--store", db, *RULES], check=True, timeout=120)
    uid = next(r["ot"]["id"] for r in records if r["event_type"] == "incident" and r["ot"]["incident"]["severity"] == 1)
    extract(one, [CAPTURE], "--incident", uid, *RULES)
    extract(other, [CAPTURE], "--incident", uid[:10], "--store", db, *RULES)
    got = pcapng(one)
    same("an incident of the database", other, [(g[2], g[3]) for g in got])
    told = {g[5][6:38] for g in got if g[5]}
    known = {r["ot"]["id"] for r in records if r["event_type"] == "alert"}
    # An alert of severity 4 that nothing belongs to is no part of it.
    if len(told) < 20 or not told < known:
        sys.exit(f"an incident of {len(told)} alerts out of {len(known)}")


def mistakes(tmp, records):
    out = os.path.join(tmp, "none.pcapng")
    known = next(r["ot"]["id"] for r in records if r["event_type"] == "alert")
    for options, status, words in (
            (["--alert", "00000000"], 1, "no alert with this id"),
            (["--alert", "wrong"], 2, "ot.id"),
            (["--alert", known[:3]], 2, "6 digits"),
            (["--flow", "12"], 1, "no flow"),
            (["--flow", "x"], 2, "flow_id"),
            (["--incident", "00000000"], 1, "no incident"),
            (["--from", "yesterday"], 2, "give a time"),
            (["--from", "2026-11-22", "--to", "2026-11-21"], 2, "is after"),
            (["--from", "2020-01-01", "--to", "2020-01-02"], 1, "they reach from 20"),
            (["--alert", known, "--around", "soon"], 2, "--around"),
            ([], 2, "needs to know what"),
            (["--since", "1h", "--alert", known, "-w", CAPTURE], 2, "one of the captures"),
    ):
        said = extract(out, [CAPTURE], *options, *RULES, status=status)
        if words not in said:
            sys.exit(f"extract {' '.join(options)} says: {said}")
    if os.path.exists(out):
        sys.exit("a file is left of what did not work")
    before = os.path.getsize(CAPTURE)
    if before < 1000:
        sys.exit("the capture was written over")


def main():
    tw.need_binary()
    _, frames = pcap.read(CAPTURE)
    records = tw.replay(CAPTURE)
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        kinds = alerts(tmp, frames, records)
        flows(tmp, frames, records)
        several(tmp, frames)
        database(tmp, frames)
        incidents(tmp, records)
        mistakes(tmp, records)
    print(f"{kinds} kinds of alerts, flows, times, several files: the frames that should be there")


if __name__ == "__main__":
    main()
