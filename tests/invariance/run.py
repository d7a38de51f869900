#!/usr/bin/env python3
"""Invariance test: however a capture is cut, the plant did the same.

Each golden capture is re-cut; the operations that come out must be those of the whole capture: all of them where no
byte is lost, a subset of them and a word about the loss where some are.

    run.py [NAME...] [--keep DIR]      all captures, or those named; --keep leaves the re-cut files in DIR
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import known  # noqa: E402
import pcap  # noqa: E402
import tw  # noqa: E402

FIN, SYN, RST = 1, 2, 4
NEAR = 50000	# µs: disorder on a mirror port is short; longer is loss


# ---- what is compared ------------------------------------------------------

def own(op, name):
    """One side in the protocol's own object; of S7 with the PDUs between, but not their frames, and its items.  A record of
    DNP3 is one message, so that the object is both."""
    m = op[op["event_type"]]
    if op["event_type"] == "dnp3":
        return m
    if op["event_type"] == "iec104":
        return [apdu(m[k]) for k in ((name,) if name == "request" else (name, "termination")) if k in m]
    if op["event_type"] != "s7comm" or name == "request":
        return m.get(name)
    parts = [{k: v for k, v in part.items() if k != "frame"} for part in m.get("parts", [])]
    return [m.get(name), parts, m.get("items")]



def apdu(m):
    """One message without where and when it was seen."""
    return {k: v for k, v in m.items() if k not in ("frame", "time")}


def side(op, name):
    """One side of an operation without where and when it was seen."""
    s = op["ot"].get(name)
    if s is None:
        return None
    return {"len": s["len"], "fields": s.get("fields")}


def request_part(op):
    ot, m = op["ot"], own(op, "request")
    return tw.frozen([ot.get("client"), ot.get("server"), ot["unit"], ot.get("function"), ot.get("subfunction"),
                      side(op, "request"), m])


def response_part(op):
    ot = op["ot"]
    return tw.frozen([ot.get("client"), ot.get("server"), ot["unit"], ot.get("function"), own(op, "response"),
                      side(op, "response")])


def outcome(ot):
    """Whether silence is a device's or the mirror port's hangs on its mere acknowledgments, which a cut may take away."""
    return "no answer" if ot.get("outcome") in ("unanswered", "one-sided") else ot.get("outcome")


def whole(op):
    """All that an operation says of the plant."""
    ot = op["ot"]
    return tw.frozen([request_part(op), response_part(op), ot.get("name"), ot.get("intent"), ot.get("items"), outcome(ot),
                      ot.get("exception"), ot.get("identity"), ot.get("anomalies")])


def s7_pdu(pdu):
    """What one PDU says in its own head: not what is known of it from others, and not how long it is (of an S7comm-plus
    message in several fragments only the beginning may have been seen)."""
    if pdu is None:
        return "null"
    heads = ("cotp", "rosctr", "pdu_reference", "parameter_length", "data_length", "error_class", "error_code", "function", "type",
             "function_group", "subfunction", "sequence", "version", "opcode", "session_id", "return_value")
    return tw.frozen({k: pdu[k] for k in heads if k in pdu})


def s7_pdus(op):
    """The PDUs of an operation: asked, answered."""
    m = op["s7comm"]
    both = [m] + m.get("parts", [])
    return tuple([s7_pdu(p[side]) for p in both if side in p] for side in ("request", "response"))


def exchange(pdu):
    """Which exchange of several PDUs a PDU belongs to, or the PDU."""
    p = json.loads(pdu) or {}
    return tw.frozen([p["function_group"], p["subfunction"], p["sequence"]]) if p.get("sequence") and "subfunction" in p else pdu


def s7_values(op):
    """What was read or written, each with its request; whether it was accepted is the answer's."""
    return {tw.frozen([exchange(s7_pdu(op["s7comm"].get("request"))), {k: v for k, v in i.items() if k != "status"}])
            for i in op["ot"].get("items", []) if tw.has_values(i)}


def said_of_plant(op):
    """All of an S7 operation but rack and slot, which only the connection request tells."""
    return whole({**op, "ot": {**op["ot"], "unit": None}})


def bag(ops, key):
    return collections.Counter(key(o) for o in ops)


def counter(records, path):
    """The last value of a counter of the stats records."""
    last = 0
    for r in records:
        if r["event_type"] == "stats":
            for v in (r["stats"], r["ot"]["counters"]):
                for part in path.split("."):
                    v = v.get(part, {}) if isinstance(v, dict) else {}
                if isinstance(v, int):
                    last = v
    return last


def told_of_loss(records):
    """Does a visibility record say that something was missed?"""
    return any(r["event_type"] == "visibility" and r["ot"]["visibility"]["blind"] for r in records)


# ---- the cuts --------------------------------------------------------------
# Each takes the frames of a capture and returns new ones.

def payload_of(f):
    return f.seg.payload if f.seg else b""


def single_bytes(frames):
    out = []
    for f in frames:
        n = len(payload_of(f))
        if n < 2:
            out.append(f)
            continue
        out += [pcap.Frame(f.us, f.seg.cut(i, i + 1)) for i in range(n)]
    return out


def pieces(frames, size):
    """Every payload cut into pieces of `size` bytes: a list of lists, one of each frame."""
    out = []
    for f in frames:
        n = len(payload_of(f))
        if n <= size or f.seg.flags & FIN:
            out.append([f])
        else:
            out.append([pcap.Frame(f.us, f.seg.cut(i, min(i + size, n))) for i in range(0, n, size)])
    return out


def reordered(frames):
    """Pieces of one segment in another order, at most four places from their own."""
    rng = random.Random(7)
    out = []
    for group in pieces(frames, 3):
        order = sorted(range(len(group)), key=lambda i: i + rng.uniform(0, 4))
        out += [group[i] for i in order]
    return out


def swapped(frames):
    """Two segments of one sender with nothing between them change places (not the first that is seen of a session: what
    was before the first byte is not known)."""
    out = list(frames)
    met = set()
    i = 0
    while i + 1 < len(out):
        a, b = out[i], out[i + 1]
        if i > 0 and out[i - 1].seg:
            met.add(out[i - 1].seg.flow)
        if a.seg and b.seg and a.seg.flow == b.seg.flow and a.seg.payload and b.seg.payload and \
                a.seg.flow in met and b.us - a.us < NEAR and not (a.seg.flags | b.seg.flags) & (SYN | FIN | RST):
            out[i], out[i + 1] = pcap.Frame(a.us, b.data), pcap.Frame(b.us, a.data)
            i += 2
        else:
            i += 1
    return out


def merged(frames):
    """Segments of one sender that follow each other, with no data of the other side between, become one."""
    out, last = [], {}
    for f in frames:
        s = f.seg
        if s is None or not s.payload or s.flags & (SYN | RST):
            out.append(f)
            continue
        back = (s.flow[2], s.flow[3], s.flow[0], s.flow[1])
        last.pop(back, None)
        at = last.get(s.flow)
        if at is not None:
            prev = out[at].seg
            joined = prev.payload + s.payload
            if (prev.seq + len(prev.payload)) & 0xffffffff == s.seq and len(joined) <= 1400:
                h = bytearray(s.head)	# the later one's acknowledgement and time
                h[16:18] = (len(h) - 14 + len(joined)).to_bytes(2, "big")
                h[s.tcp_at + 4:s.tcp_at + 8] = prev.seq.to_bytes(4, "big")
                out[at] = None
                f = pcap.Frame(f.us, pcap.resummed(bytes(h) + joined))
        last[s.flow] = len(out)
        out.append(f)
    return [f for f in out if f is not None]


def twins(frames):
    """Every frame twice, as a mirror port that copies both directions of two ports shows it."""
    return [pcap.Frame(f.us + d, f.data, f.wire_len) for f in frames for d in (0, 7)]


def retransmitted(frames):
    """Every segment with data sent again three frames later."""
    out, again = [], collections.deque()
    for n, f in enumerate(frames):
        while again and again[0][0] <= n:
            out.append(pcap.Frame(f.us, again.popleft()[1]))
        out.append(f)
        if payload_of(f):
            again.append((n + 3, pcap.with_ip_id(f.data, 0x8000 + n)))
    return out + [pcap.Frame(frames[-1].us, data) for _, data in again]


def overlapped(frames):
    """Every payload in pieces that repeat the last bytes of the piece before, as a sender does that packs anew what was not
    acknowledged."""
    out = []
    for f in frames:
        n = len(payload_of(f))
        if n < 4 or f.seg.flags & FIN:
            out.append(f)
            continue
        cuts = [0, n // 4, n // 2, n]
        out += [pcap.Frame(f.us, f.seg.cut(max(0, a - 3), b)) for a, b in zip(cuts, cuts[1:])]
    return out


def rough(frames, seed):
    """A bad mirror port: of the frames with data one in twenty is lost, some come twice, some late, some overlap.  The last
    of a flow stays: that it is missing nobody could know."""
    rng = random.Random(seed)
    last = {f.seg.flow: f for f in frames if payload_of(f)}
    out = []
    for f in frames:
        n, luck = len(payload_of(f)), rng.random()
        if n == 0 or f.seg.flags & FIN or luck >= 0.35:
            out.append(f)
        elif luck < 0.05:
            if last[f.seg.flow] is f:
                out.append(f)
        elif luck < 0.15:
            out += [f, pcap.Frame(f.us, pcap.with_ip_id(f.data, 0x9000 + len(out)))]
        elif luck < 0.25 and n > 3:
            out += [pcap.Frame(f.us, f.seg.cut(a, b)) for a, b in ((n // 2, n), (0, n // 2))]
        elif n > 3:
            out += overlapped([f])
        else:
            out.append(f)
    return out


def snapped(size):
    def cut(frames):
        return [pcap.Frame(f.us, f.data[:size], f.wire_len) for f in frames]
    return cut


# ---- what must hold --------------------------------------------------------

def protocol_of(capture):
    return "s7comm" if "/s7/" in capture else "iec104" if "/iec104/" in capture else "dnp3" if "/dnp3/" in capture else "modbus"


def without_types(options):
    """The options of a golden, but not which types of records it keeps: here stats and visibility are asked for."""
    out = list(options)
    for i in reversed(range(len(out) - 1)):
        if out[i] == "--set" and out[i + 1].startswith("outputs.eve.types="):
            del out[i:i + 2]
    return out


class Case:
    def __init__(self, name, capture, link, frames, records, tmp, options, problems):
        self.name, self.capture, self.link, self.frames, self.tmp = name, capture, link, frames, tmp
        self.options = without_types(options)
        self.protocol = protocol_of(capture)
        self.records, self.ops = records, tw.operations(records, self.protocol)
        self.problems = problems
        self.runs = 0
        problems.examined.add(name)

    def replay(self, label, frames):
        path = os.path.join(self.tmp, f"{self.name}.{label}.pcap")
        pcap.write(path, self.link, frames)
        self.runs += 1
        try:
            return tw.replay(path, self.options, self.protocol + ",stats,visibility")
        except (tw.Failed, subprocess.TimeoutExpired, ValueError) as e:
            self.say(label, str(e))
            return None

    def say(self, label, text):
        self.problems.add(self.name, label, "operations" if "operation" in text else "visibility", text)

    def same(self, label, frames, told=None):
        """No byte lost: the same operations.  `told` names a counter that must have noticed what was done."""
        r = self.replay(label, frames)
        if r is None:
            return
        want, got = bag(self.ops, whole), bag(tw.operations(r, self.protocol), whole)
        for what, n in (("lost", want - got), ("new", got - want)):
            if n:
                self.say(label, f"{sum(n.values())} operations {what}, such as {next(iter(n))[:400]}")
        if told and counter(r, told) == 0:
            self.say(label, f"{told} is 0: what was done to the capture went unnoticed")

    def uncut(self, f):
        """All bytes, in other segments, another order, more than once."""
        self.same("bytes", single_bytes(f))
        self.same("merged", merged(f))
        self.same("swapped", swapped(f))
        self.same("reordered", reordered(f), "tcp.out_of_order" if any(len(payload_of(x)) > 3 for x in f) else None)
        self.same("retransmitted", retransmitted(f), "tcp.retransmissions")
        self.same("overlapped", overlapped(f))

    def subset(self, label, frames, at_most=None, told=()):
        """Bytes lost: nothing that was not said of the whole capture, and a word about the loss."""
        r = self.replay(label, frames)
        if r is None:
            return
        ops = tw.operations(r, self.protocol)
        known = bag(self.ops, whole)
        requests, responses = bag(self.ops, request_part), bag(self.ops, response_part)
        missing = known - bag(ops, whole)
        for op in ops:
            if whole(op) in known:
                continue
            have_req, have_rsp = "request" in op["modbus"], "response" in op["modbus"]
            fine = (have_req or have_rsp) and not (have_req and have_rsp and not self.loose(op))
            if have_req and request_part(op) not in requests:
                fine = False
            if have_rsp and not have_req and not self.said(op, responses):
                fine = False
            if not fine:
                self.say(label, f"an operation that the whole capture does not have: {whole(op)[:600]}")
                break
        lost = sum(missing.values())
        if at_most is not None and lost > at_most:
            self.say(label, f"{lost} operations not intact, at most {at_most} expected; such as {next(iter(missing))[:400]}")
        if lost and told and not any(counter(r, t) for t in told) and not told_of_loss(r):
            self.say(label, f"{lost} operations not intact and not a word about it ({', '.join(told)} are 0)")

    def apdus(self, label, frames, told):
        """Bytes lost: no APDU that the whole capture does not have, and a word about the loss."""
        r = self.replay(label, frames)
        if r is None:
            return
        want, got = (bag([apdu(m) for o in ops for m in o["iec104"].values()], tw.frozen) for ops in (self.ops, tw.operations(r, "iec104")))
        if got - want:
            self.say(label, f"an APDU that the whole capture does not have: {next(iter(got - want))[:600]}")
        if want - got and not any(counter(r, t) for t in told) and not told_of_loss(r):
            self.say(label, f"{sum((want - got).values())} APDUs missing and not a word about it")

    def messages(self, label, frames, told):
        """Bytes lost: no message that the whole capture does not have, and a word about the loss."""
        r = self.replay(label, frames)
        if r is None:
            return
        # A request whose answer is lost is told once more, as one without an answer.
        want, got = (bag([o for o in ops if "application" in o["dnp3"] and o["dnp3"]["type"] != "no_response"], lambda o: tw.frozen(o["dnp3"]))
                     for ops in (self.ops, tw.operations(r, "dnp3")))
        if got - want:
            self.say(label, f"a message, an operation that the whole capture does not have: {next(iter(got - want))[:600]}")
        if want - got and not any(counter(r, t) for t in told) and not told_of_loss(r):
            self.say(label, f"{sum((want - got).values())} operations missing and not a word about it")

    def exchanges(self, label, frames, at_most, told):
        """Bytes of S7 lost: no PDU, no pair and no value that the whole capture does not have, and a word about the loss."""
        r = self.replay(label, frames)
        if r is None:
            return
        ops, pdus, pairs, values = tw.operations(r, self.protocol), set(), set(), set()
        for op in self.ops:
            asked, answers = s7_pdus(op)
            pdus.update(asked + answers)
            # An exchange in parts that lost its middle ends with what there is.
            pairs.update((exchange(a), exchange(b)) for a in asked for b in answers)
            values.update(s7_values(op))
        known = bag(self.ops, said_of_plant)
        for op in ops:
            # The end of a message whose beginning was lost is told as that and no more.
            if said_of_plant(op) in known or op["ot"].get("name") == "Continuation":
                continue
            asked, answers = s7_pdus(op)
            new = [p for p in asked + answers if p not in pdus]
            new += [p for p in ((exchange(a), exchange(b)) for a in asked for b in answers) if p not in pairs]
            if "request" in op["s7comm"]:
                new += s7_values(op) - values
            if new:
                self.say(label, f"an operation that the whole capture does not have: {str(new[0])[:500]}")
                break
        missing = known - bag(ops, said_of_plant)
        lost = sum(missing.values())
        if at_most is not None and lost > at_most:
            self.say(label, f"{lost} operations not intact, at most {at_most} expected; such as {next(iter(missing))[:400]}")
        if lost and told and not any(counter(r, t) for t in told) and not told_of_loss(r):
            self.say(label, f"{lost} operations not intact and not a word about it ({', '.join(told)} are 0)")

    def loose(self, op):
        """Both sides there but not as in the whole: right only if request and answer were together there too."""
        pair = tw.frozen([request_part(op), own(op, "response")])
        return any(pair == tw.frozen([request_part(o), own(o, "response")]) for o in self.ops)

    def said(self, op, responses):
        """An answer without its request says less than with it: compare what the wire said."""
        mine = op["modbus"]["response"]
        return any(o["modbus"].get("response", {}).get("function_raw") == mine["function_raw"] and
                   o["modbus"]["response"]["transaction_id"] == mine["transaction_id"] for o in self.ops if "response" in o["modbus"])


DNP3_LOSS = ("tcp.reassembly_gap", "tcp.midstream_pickups", "decoder.truncated", "app_layer.error.dnp3.gap",
             "app_layer.error.dnp3.parser")
LOSS = ("tcp.reassembly_gap", "tcp.midstream_pickups", "decoder.truncated", "app_layer.error.modbus.gap",
        "app_layer.error.modbus.parser")


IEC104_LOSS = ("tcp.reassembly_gap", "tcp.midstream_pickups", "decoder.truncated", "app_layer.error.iec104.gap",
               "app_layer.error.iec104.parser")


def lossy_apdus(case, f):
    data = [i for i, x in enumerate(f) if payload_of(x)]
    case.apdus("snap60", snapped(60)(f), IEC104_LOSS)
    case.apdus("snap68", snapped(68)(f), IEC104_LOSS)
    for i in {data[1], data[len(data) // 2], data[-2]} if len(data) > 4 else ():
        case.apdus(f"without {i + 1}", f[:i] + f[i + 1:], IEC104_LOSS)


def lossy_messages(case, f):
    data = [i for i, x in enumerate(f) if payload_of(x)]
    case.messages("snap60", snapped(60)(f), DNP3_LOSS)
    case.messages("snap68", snapped(68)(f), DNP3_LOSS)
    for i in {data[1], data[len(data) // 2], data[-2]} if len(data) > 4 else ():
        case.messages(f"without{i + 1}", f[:i] + f[i + 1:], DNP3_LOSS)
        case.messages(f"from{i + 1}", f[i:], DNP3_LOSS)
    if len(data) > 4:
        for seed in (1, 2):
            case.messages(f"rough{seed}", rough(f, seed), DNP3_LOSS)


S7_LOSS = ("tcp.reassembly_gap", "tcp.midstream_pickups", "decoder.truncated", "app_layer.error.s7comm.gap",
           "app_layer.error.s7comm.parser")


def frames_of(op):
    """The frames that an operation is made of."""
    sides = [op["ot"][s]["frame"] for s in ("request", "response") if s in op["ot"]]
    return sides + [p["frame"] for p in op["s7comm"].get("parts", [])]


def lossy_exchanges(case, f):
    data = [i for i, x in enumerate(f) if payload_of(x)]
    case.exchanges("snap60", snapped(60)(f), None, S7_LOSS)
    case.exchanges("snap80", snapped(80)(f), None, S7_LOSS)
    if len(data) <= 4:
        return
    for i in sorted({data[1], data[2], data[len(data) // 3], data[len(data) // 2], data[-2]}):
        touched = sum(1 for o in case.ops if i + 1 in frames_of(o))
        case.exchanges(f"without{i + 1}", f[:i] + f[i + 1:], touched + 4, S7_LOSS)
    for k in (data[2], data[len(data) // 2]):
        early = sum(1 for o in case.ops if min(frames_of(o), default=0) <= k)
        case.exchanges(f"from{k + 1}", f[k:], early + 2, S7_LOSS)
    for seed in (1, 2):
        case.exchanges(f"rough{seed}", rough(f, seed), None, S7_LOSS)


def check(case):
    f = case.frames
    tcp = any(x.seg for x in f)
    case.same("twins", twins(f), "decoder.duplicates")
    if case.protocol == "s7comm":
        lossy_exchanges(case, f)
        case.uncut(f)
        return
    if case.protocol == "iec104":
        lossy_apdus(case, f)
        case.uncut(f)
        return
    if case.protocol == "dnp3":
        lossy_messages(case, f)
        if tcp:
            case.uncut(f)
        return
    case.subset("snap60", snapped(60)(f), told=LOSS)
    case.subset("snap68", snapped(68)(f), told=LOSS)
    if not tcp:
        return
    case.uncut(f)

    data = [i for i, x in enumerate(f) if payload_of(x)]
    # Joined midway: an operation is whole when both its frames came after the first one that was seen.
    for k in (3, data[len(data) // 3], data[len(data) // 2]):
        if k < len(f):
            early = sum(1 for o in case.ops if min((o["ot"][s]["frame"] for s in ("request", "response") if s in o["ot"]),
                                                   default=0) <= k)
            case.subset(f"from{k + 1}", f[k:], at_most=early + 2)
    for i in (data[1], data[len(data) // 2], data[-2]) if len(data) > 4 else ():
        touched = sum(1 for o in case.ops if i + 1 in [o["ot"][s]["frame"] for s in ("request", "response") if s in o["ot"]])
        case.subset(f"without{i + 1}", f[:i] + f[i + 1:], at_most=touched + 4, told=LOSS)
    if len(data) > 4:
        for seed in (1, 2):
            case.subset(f"rough{seed}", rough(f, seed), told=LOSS)


def main():
    tw.need_binary()
    args = [a for a in sys.argv[1:] if a != "-v"]
    keep = None
    if "--keep" in args:
        keep = args[args.index("--keep") + 1]
        os.makedirs(keep, exist_ok=True)
        del args[args.index("--keep"):args.index("--keep") + 2]
    problems, runs, captures = known.Known("invariance/known.tsv"), 0, 0
    with tempfile.TemporaryDirectory(prefix="tw-invariance-") as tmp:
        seen = set()
        for name, capture, options in tw.golden_list():
            if capture in seen or (args and name not in args) or not capture.endswith(".pcap"):
                continue
            seen.add(capture)
            if not capture.startswith(("pcaps/dnp3/", "pcaps/iec104/", "pcaps/modbus/", "pcaps/s7/")) and name not in args:
                continue
            try:
                link, frames = pcap.read(os.path.join(tw.SRCDIR, capture))
                records = tw.replay(capture, options)
            except (tw.Failed, ValueError) as e:
                problems.add(name, "whole", "replay", str(e))
                continue
            if link != 1 or not tw.operations(records, protocol_of(capture)):
                continue
            case = Case(name, capture, link, frames, records, keep or tmp, options, problems)
            check(case)
            runs += case.runs
            captures += 1
    bad = problems.report("-v" in sys.argv)
    print(f"{captures} captures, {runs} re-cut replays, {bad} problems")
    problems.summary()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
