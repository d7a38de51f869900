"""The labelled captures and those without an attack, as cases.  What is an event comes from the labels alone: never from what we tell.

README.md says of each set where its labels come from and what they are worth.
"""
import collections
import csv
import datetime
import glob
import os
import re

import frames

# An event: told, if an alert that names one of `addrs` begins between start and end + LATE.  frames: how many frames of
# the attack are in this capture; one of which there is none cannot be seen in it and is not counted.
Event = collections.namedtuple("Event", "name start end addrs frames")
# learn: captures, or (capture, name, keep) for a part of one, from which it is learned, in this order; learn_first: seconds of
# the capture itself.  calm: an alert outside the events is false.  whole: the label is of the whole capture.
Case = collections.namedtuple("Case", "set capture learn learn_first events calm")

LAB = "192.168.10."	# of QUT's DNP3 laboratory; its attacker is .66
QUT_DNP3 = ("flooding_training_infrequent", "injection_training_frequent", "mitm_training_infrequent", "mixed_training_infrequent")
CONTROL = "negative/qut2017dnp3__control_training_frequent.attackerview.nogoose.pcap"
TEN_MINUTES, DAY = 600, 86400


def table(path, **kw):
    with open(path, encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE, **kw)


def half(path):
    """Seconds until half of the frames are there; where years lie between two frames, one of them."""
    times = sorted(frames.times(path))
    return min(times[len(times) // 2] - times[0], 31536000)


def qut_s7(corpus):
    """Windows cut to the attacker's frames, from up to three places; the HMI's polling during the floods shows no frame of the attacker."""
    floods = sorted(glob.glob(os.path.join(corpus, "s7comm/qut2017s7__*_Flooding.hmi.pcap")))
    for path in sorted(glob.glob(os.path.join(corpus, "s7comm/qut2017s7__*.pcap"))):
        window = re.fullmatch(r"qut2017s7__(.*)\.(attacker|hmi|master)\.pcap", os.path.basename(path))[1]
        with open(os.path.join(corpus, f"truth/qut2017s7/{window}.config.xml"), encoding="utf-8") as f:
            xml = f.read()
        start, end = (datetime.datetime.fromisoformat(re.search(f"<{t}>(.*?)</{t}>", xml)[1]).replace(
            tzinfo=datetime.timezone(datetime.timedelta(hours=10))).timestamp() for t in ("start", "finish"))
        seen = [f for f in frames.read(path) if "10.10.10.66" in (f.src, f.dst)]
        # Written in the laboratory's time, ten hours before UTC, and a few milliseconds off its slices: the frames say when it was.
        start, end = min([start, *(f.time for f in seen)]), max([end, *(f.time for f in seen)])
        yield Case("QUT S7", path, [f for f in floods if f != path], 0,
                   [Event(window, start, end, {"10.10.10.66"}, len(seen))], True)


def qut_dnp3(corpus):
    """Days at the attacker's port.  Learned: the day without attacks, and the hours before the first attack of the same day."""
    for day in QUT_DNP3:
        path = os.path.join(corpus, f"dnp3/qut2017dnp3__{day}.attackerview.nogoose.pcap")
        if not os.path.exists(path):
            continue
        rows = list(table(os.path.join(corpus, f"truth/qut2017dnp3/{day}.attack_intervals.tsv")))
        all_frames, events = list(frames.read(path)), []
        for row in rows:
            start, end = float(row["start_epoch"]), float(row["end_epoch"])
            ends = set((row["args"] or "").split()) | {LAB + "66"}
            n = sum(1 for f in all_frames if start <= f.time <= end and f.src in ends and
                    (f.dst in ends or f.src == LAB + "66" or f.dport == 20000))
            events.append(Event(row["attack"], start, end, ends, n))
        first = min(e.start for e in events) - 60
        yield Case("QUT DNP3", path, [os.path.join(corpus, CONTROL), (path, "before", lambda f, first=first: f.time < first)], 0,
                   events, True)


LEMAY = {"characterization": ("192.168.1.101", "192.168.1.104", 502), "CnC_uploading_exe": ("192.168.1.101", "192.168.1.105", 4444)}


def lemay(corpus):
    """A flow is the unit: the browsers' chatter is labelled 1 in one file and 0 in the other.  Each learns from the other's benign frames."""
    paths = {n: os.path.join(corpus, f"modbus/lemay__{n}_modbus_6RTU_with_operate.pcap") for n in LEMAY}

    def label(name):
        with open(os.path.join(corpus, f"truth/lemay/lemay__{name}_modbus_6RTU_with_operate_labeled.csv"), encoding="utf-8") as f:
            return {int(n) for n, one in (line.strip().split(";") for line in f if ";" in line) if one == "1"}

    for name, (a, b, port) in LEMAY.items():
        if not os.path.exists(paths[name]):
            continue
        bad = label(name)
        seen = [f for f in frames.read(paths[name]) if f.number in bad and {f.src, f.dst} == {a, b} and port in (f.sport, f.dport)]
        other = next(n for n in LEMAY if n != name)
        others = label(other)
        yield Case("Lemay", paths[name], [(paths[other], "benign", lambda f, others=others: f.number not in others)], 0,
                   [Event(f"{a} to {b}:{port}", seen[0].time, seen[-1].time, {a}, len(seen))], True)


ICSLAB_COMMAND = {"dataset_COLD_RESTART": "13", "local_test_cold_restart": "13", "local_test_init_data": "15"}


def icslab(corpus):
    """One class a file, all on 127.0.0.1.  Where the class is a command, the event is from its first to its last in tshark's decode."""
    normal = os.path.join(corpus, "dnp3/dnp3icslab__dataset_NORMAL.pcap")
    for path in sorted(glob.glob(os.path.join(corpus, "dnp3/dnp3icslab__*.pcap"))):
        name = os.path.basename(path)[len("dnp3icslab__"):-len(".pcap")]
        times = [f.time for f in frames.read(path)]
        code = ICSLAB_COMMAND.get(name)
        if path == normal:
            yield Case("icslab", path, [], half(path), [], True)
            continue
        if code:
            times = [float(r["time_epoch"]) for r in table(os.path.join(corpus, f"tshark/{os.path.basename(path)}.dnp3.tsv"))
                     if r["dnp3.al.func"] == code]
        yield Case("icslab", path, [normal], 0, [Event(name, times[0], times[-1], {"127.0.0.1"}, len(times))], False)


def channel(corpus):
    """Unlabelled, the whole of it: told apart, not counted among those to be reached."""
    path = os.path.join(corpus, "modbus/lemay__channel_4d_12s.pcapng")
    for row in table(os.path.join(corpus, "index.tsv")):
        if row["file"] == "modbus/lemay__channel_4d_12s.pcapng" and os.path.exists(path):
            start = float(row["first_epoch"])
            yield Case("Lemay channel", path, [], 120, [Event("covert channel", start, start + float(row["duration_s"]),
                                                           {"192.168.43.148", "192.168.43.149"}, int(row["packets"]))], False)


def quiet(corpus):
    """Captures of ten minutes and more without a labelled attack; apart from them those that were joined of several recordings."""
    for row in table(os.path.join(corpus, "index.tsv")):
        path = os.path.join(corpus, row["file"])
        if float(row["duration_s"] or 0) >= TEN_MINUTES and os.path.exists(path) and \
                not re.match(r"(dnp3/qut2017dnp3|s7comm/qut2017s7|modbus/lemay)__", row["file"]):
            times = sorted(frames.times(path))
            joined = any(b - a > DAY for a, b in zip(times, times[1:]))
            yield Case("joined files" if joined else "without attack", path, [], half(path), [], True)


def cases(corpus):
    for make in (qut_s7, qut_dnp3, lemay, icslab, channel, quiet):
        yield from make(corpus)
