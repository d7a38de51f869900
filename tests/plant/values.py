#!/usr/bin/env python3
"""Twenty tags, read ten times a second, a dead-band that lets one change in ten pass: what the sensor takes for that, and what is kept.

    values.py [--week | --seconds N]

A Modbus poll of 20 registers every 100 ms, each a triangle of its own, is made while it is read (capture clock, nobody waits).  The sensor
runs with database, tags and history.  Held: memory (128 MiB; no more after five times as much), the database (rows as the settings say), each
news counted once in minutes and hours, and minutes and hours of a tag to what its triangle was.  Without options 40 minutes; --week: seven days.
"""
import argparse
import math
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import days  # noqa: E402
import tw  # noqa: E402

TAGS, RATE, STEP = 20, 10, 10	# tags; polls a second; a dead-band of so many steps of a value
TOP = 1000			# a triangle goes from 0 to here and back
PERIOD = 2 * TOP
START = 1767571200		# 2026-01-05T00:00:00Z
RSS_MAX_KB, RSS_GROWS_KB = 128 * 1024, 6 * 1024
ROW_MAX = 80			# bytes of the database a row, with its index and what pages leave free


# A process has the memory of who began it in its account: a small one begins it.
MEASURED = """import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def value(tag, poll):
    at = (poll + 37 * tag) % PERIOD
    return at if at <= TOP else PERIOD - at


def frame(src, dst, sport, dport, payload, number):
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0, src, dst)
    tcp = struct.pack(">HHIIBBHHH", sport, dport, 0, 0, 0x50, 0x18, 8192, 0, 0)
    eth = b"\x02\0\0\0\0" + bytes([number]) + b"\x02\0\0\0\0" + bytes([3 - number]) + b"\x08\0"
    body = eth + ip + tcp + payload
    return bytearray(struct.pack("<IIII", 0, 0, len(body), len(body)) + body)


def polls(out, seconds, beginning=0):
    """The capture, into `out`."""
    a, b = bytes((10, 9, 0, 10)), bytes((10, 9, 0, 20))
    request = frame(a, b, 40000, 502, struct.pack(">HHHBBHH", 0, 0, 6, 1, 3, 0, TAGS), 1)
    answer = frame(b, a, 502, 40000, struct.pack(">HHHBBB", 0, 0, 3 + 2 * TAGS, 1, 3, 2 * TAGS) + bytes(2 * TAGS), 2)
    seq, ack, tid, values = 16 + 14 + 20 + 4, 16 + 14 + 20 + 8, 16 + 54, 16 + 54 + 9
    registers = [struct.pack(f">{TAGS}H", *(value(t, p) for t in range(TAGS))) for p in range(PERIOD)]
    whole = struct.Struct(">II")
    sq, sa, block = 1, 1, []
    if beginning == 0:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for p in range(beginning * RATE, (beginning + seconds) * RATE):
        second, us = START + p // RATE, p % RATE * (1000000 // RATE)
        struct.pack_into("<II", request, 0, second, us)
        whole.pack_into(request, seq, sq, sa)
        struct.pack_into(">H", request, tid, p & 0xffff)
        sq = sq + 12 & 0xffffffff
        struct.pack_into("<II", answer, 0, second, us + 3000)
        whole.pack_into(answer, seq, sa, sq)
        struct.pack_into(">H", answer, tid, p & 0xffff)
        answer[values:values + 2 * TAGS] = registers[p % PERIOD]
        sa = sa + 9 + 2 * TAGS & 0xffffffff
        block += (bytes(request), bytes(answer))
        if len(block) >= 2000:
            out.write(b"".join(block))
            block = []
    out.write(b"".join(block))
    assert ack > seq


def write_tags(path):
    with open(path, "w", encoding="utf-8") as f:
        f.write("name,address,type,dead-band\n")
        for t in range(TAGS):
            f.write(f"level {t:02},10.9.0.20 unit 1 holding {t},uint16,{STEP - 0.5}\n")


class Run:
    """A replay of so many seconds: the most memory that it took, and its database."""
    def __init__(self, folder, name, seconds, *options):
        self.db = os.path.join(folder, name + ".db")
        tags = os.path.join(folder, "tags.csv")
        write_tags(tags)
        cmd = [tw.BINARY, "-q", "-r", "-", "-l", folder, "--tags", tags, "--store", self.db, "--set", "outputs.eve.types=alert",
               "--set", "rules.files=none", *options]
        source = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--make", str(seconds)], stdout=subprocess.PIPE)
        p = subprocess.Popen([sys.executable, "-I", "-S", "-c", MEASURED, *cmd], stdin=source.stdout, stdout=subprocess.PIPE,
                             env=dict(os.environ, TZ="UTC"))
        source.stdout.close()
        told = p.communicate()[0].split()
        if source.wait() != 0 or p.returncode != 0:
            raise tw.Failed(f"{' '.join(cmd)}: exit status {p.returncode}")
        self.rss_kb = int(told[-1])

    def ask(self, sql):
        with sqlite3.connect(self.db) as d:
            return d.execute(sql).fetchall()

    def number(self, sql):
        return self.ask(sql)[0][0] or 0

    def size(self):
        return sum(os.path.getsize(self.db + end) for end in ("", "-wal") if os.path.exists(self.db + end))


def held(what, good, why):
    if not good:
        raise tw.Failed(f"{what}: {why}")


def check(run, seconds, rows):
    news = run.number("SELECT sum(count) FROM tag_hours")
    polled = seconds * RATE * TAGS
    print(f"{seconds} s: {polled} readings, {news} news, {run.rss_kb // 1024} MiB, database {run.size() >> 20} MiB with "
          + ", ".join(f"{run.number(f'SELECT count(*) FROM {t}')} {t}" for t in ("tag_values", "tag_minutes", "tag_hours")))
    # Every tenth, and each first one; a triangle loses a step where it turns.
    held("news", polled * 0.09 <= news <= polled * 0.1 + TAGS * 2, f"{news} of {polled} readings")
    held("minutes", run.number("SELECT sum(count) FROM tag_minutes") == news or seconds > 86400, "they count other values than the hours")
    held("values", run.number("SELECT count(*) FROM tag_values") == min(news, rows) or news > rows, "not each is there")
    held("values", run.number("SELECT count(*) FROM tag_values") <= rows, f"more than {rows} are kept")
    held("due", run.number("SELECT count(*) FROM tag_due") == 0, "minutes or hours were not made")
    kept = sum(run.number(f"SELECT count(*) FROM {t}") for t in ("tag_values", "tag_minutes", "tag_hours"))
    held("database", run.size() <= kept * ROW_MAX + (2 << 20), f"{run.size()} bytes for {kept} rows")
    held("memory", days.kept_by_sanitizer() or run.rss_kb <= RSS_MAX_KB, f"{run.rss_kb} KiB")
    series = run.number("SELECT series FROM tags WHERE tag='level 07'")
    for start, low, high, mean, covered in run.ask(f"SELECT start_ns,min,max,mean,covered_ns FROM tag_minutes WHERE series={series} "
                                                   "ORDER BY start_ns DESC LIMIT 50"):
        first = (start // 10**9 - START) * RATE
        last = min(first + 60 * RATE, seconds * RATE)
        truth = [value(7, p) for p in range(first, last)]
        held(f"minute at {first // RATE} s", abs(low - min(truth)) <= STEP and abs(high - max(truth)) <= STEP, f"{low} to {high}, not {min(truth)} to {max(truth)}")
        held(f"minute at {first // RATE} s", abs(mean - sum(truth) / len(truth)) <= STEP, f"mean {mean}, not {sum(truth) / len(truth)}")
        held(f"minute at {first // RATE} s", math.isclose(covered / 1e9, 60, abs_tol=1.5), f"{covered} ns")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--week", action="store_true")
    p.add_argument("--seconds", type=int, default=2400)
    p.add_argument("--make", type=int, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.make:
        polls(sys.stdout.buffer, a.make)
        return
    tw.need_binary()
    seconds = 7 * 86400 if a.week else a.seconds
    with tempfile.TemporaryDirectory() as folder:
        few = Run(folder, "few", seconds // 5)
        check(few, seconds // 5, 5000000)
        run = Run(folder, "all", seconds)
        check(run, seconds, 5000000)
        held("memory", days.kept_by_sanitizer() or run.rss_kb - few.rss_kb <= RSS_GROWS_KB, f"{few.rss_kb} KiB, then {run.rss_kb} KiB")
        # Fewer rows are kept where the settings say so, and no minute is lost by that.
        small = Run(folder, "small", seconds // 5, "--set", "store.values.rows=5000")
        held("fewer values", small.number("SELECT count(*) FROM tag_values") <= 5000, "more than store.values.rows")
        held("fewer values", small.number("SELECT sum(count) FROM tag_hours") == few.number("SELECT sum(count) FROM tag_hours"), "hours are others")
    print("values: memory and database are bounded, nothing is counted twice")


if __name__ == "__main__":
    try:
        main()
    except tw.Failed as e:
        sys.exit(f"values: {e}")
