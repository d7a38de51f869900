#!/usr/bin/env python3
"""Live, the packet thread makes no system call but the wait for frames, and wakes a writer at most once a tick and for each
alert and incident of severity 1 or 2.

    syscalls.py [SECONDS]

strace watches that one thread while polls, alerts and chatter pass; outputs are a file, a pipe that nobody reads, sockets, a
terminal that is not read, evidence files, and an interface goes and comes.  Needs root (a namespace) and strace.
"""
import collections
import os
import pty
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

import wire
import tw  # noqa: E402
from wire import Sensor, Traffic, alerts, last_stats, records, wait_for

# Waiting for frames.  A reading of the clock is a call only where the kernel's own page for it cannot be used.
WAIT = {"poll", "ppoll", "restart_syscall", "clock_gettime"}
TICKS = 10	# a second


class Trace:
    """Calls of one thread."""
    def __init__(self, pid, folder):
        self.path, self.since = os.path.join(folder, "trace"), time.monotonic()
        self.p = subprocess.Popen(["strace", "-qq", "-p", str(pid), "-o", self.path], stderr=subprocess.PIPE)
        time.sleep(0.5)
        assert self.p.poll() is None, self.p.stderr.read().decode()

    def end(self):
        """Calls by name, those that are no wait in full, and how long it watched."""
        took = time.monotonic() - self.since
        self.p.terminate()
        self.p.wait()
        calls, others = collections.Counter(), []
        with open(self.path, encoding="utf-8", errors="replace") as f:
            for line in f:
                m = re.match(r"(\w+)\(", line)
                if m is None or "<detached" in line:
                    continue	# what was under way when strace came, or went
                calls[m[1]] += 1
                if m[1] not in WAIT:
                    others.append(line.rstrip())
        return calls, others, took


def judge(what, calls, others, took, grave, writers):
    """A wake-up is a write of eight bytes to an eventfd; `grave` alerts wake each of `writers`."""
    rings = [x for x in others if re.match(r'write\(\d+, "\\1\\0\\0\\0\\0\\0\\0\\0", 8\) += 8', x)]
    rest = [x for x in others if x not in rings]
    assert not rest, f"{what}: the packet thread called {len(rest)} times, first {rest[:10]}"
    most = (took * TICKS + 2 + grave) * writers
    assert len(rings) <= most, f"{what}: {len(rings)} wake-ups in {took:.1f} s with {grave} grave alerts"
    assert calls["poll"] > 0, f"{what}: strace saw nothing: {calls}"
    print(f"    {what}: {sum(calls.values())} calls in {took:.1f} s: " +
          ", ".join(f"{k} {v}" for k, v in calls.most_common()) + f"; {len(rings)} wake-ups for {grave} grave alerts", flush=True)


def stops(sock, base, n):
    for i in range(n):
        before, after = wire.s7_stop((10, base, 1, i + 1), (10, base, 0, i + 1))
        for f in before + after:
            sock.send(f)


def watch_polls(s, folder, seconds, n):
    """What the thread called while polls passed, and in the middle of them n stops; and how many polls were sent."""
    traffic, sock = Traffic(wire.polls(), 6000), wire.plug()
    time.sleep(1)
    t = Trace(s.p.pid, folder)
    time.sleep(seconds / 2)
    stops(sock, 8, n)
    time.sleep(seconds / 2)
    watched, sent = t.end(), traffic.end()
    time.sleep(0.5)
    return watched, sent


def grave_alerts(rs):
    """Incidents among them: they are written as alerts are."""
    return sum(r["event_type"] == "alert" and r["alert"]["severity"] <= 2 or
               r["event_type"] == "incident" and r["ot"]["incident"]["severity"] <= 2 for r in rs)


def listen(path, kind):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(path)
    if kind == socket.SOCK_STREAM:
        s.listen(4)
    return s


def test_quiet(folder, seconds):
    """Nothing passes."""
    s = Sensor(folder)
    try:
        s.wait_ready()
        t = Trace(s.p.pid, folder)
        time.sleep(min(seconds, 3))
        judge("quiet", *t.end(), 0, 1)
        s.end()
    finally:
        s.kill()


def test_busy(folder, seconds):
    """One file, every operation in it, stops of controllers with their evidence, and a database of what is remembered."""
    db = os.path.join(folder, "store.db")
    s = Sensor(folder, "--set", "outputs.stats-interval=1", "--store", db)
    try:
        s.wait_ready()
        watched, sent = watch_polls(s, folder, seconds, 12)
        s.end()
        rs = records(s.eve)
        stats = last_stats(rs)
        assert stats["stats"]["decoder"]["pkts"] + stats["stats"]["capture"]["kernel_drops"] >= sent, stats["stats"]["decoder"]
        grave = grave_alerts(rs)
        assert "s7.cpu.stop" in alerts(rs) and grave >= 12, alerts(rs)
        assert stats["ot"]["counters"]["output"]["lost"] == 0, stats["ot"]["counters"]["output"]
        with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as c:
            kept = {row[0] for row in c.execute("SELECT uid FROM alerts")}
        assert kept == {r["ot"]["id"] for r in rs if r["event_type"] == "alert"}, len(kept)
        judge(f"{sent} packets", *watched, grave, 2)	# of the file and of evidence
    finally:
        s.kill()


def test_stalled(folder, seconds):
    """A file, and beside it all that can stand still: a pipe, sockets, the terminal."""
    os.mkfifo(os.path.join(folder, "pipe"))
    pipe = os.open(os.path.join(folder, "pipe"), os.O_RDONLY | os.O_NONBLOCK)
    stream, dgram = (listen(os.path.join(folder, n), k) for n, k in
                     (("stream", socket.SOCK_STREAM), ("dgram", socket.SOCK_DGRAM)))
    sinks = []
    for n, (name, transport) in enumerate((("pipe", "file"), ("stream", "unix-stream"), ("dgram", "unix-dgram"),
                                           ("nobody", "unix-stream"))):
        sinks += [x for k, v in (("name", name), ("transport", transport), ("target", name), ("types", "all"),
                                 ("queue", "2048")) for x in ("--set", f"outputs.sinks.{n}.{k}={v}")]
    master, slave = pty.openpty()
    s = Sensor(folder, "-v", *sinks, "--set", "alerts.merge=0", "--set", "alerts.limit=0", stdout=slave, stderr=slave)
    os.close(slave)
    try:
        s.wait_ready()
        watched, sent = watch_polls(s, folder, seconds, 100)
        status, took = s.end()
        rs = records(s.eve)
        stats = last_stats(rs)
        seen, drops = stats["stats"]["decoder"]["pkts"], stats["stats"]["capture"]["kernel_drops"]
        grave = grave_alerts(rs)
        assert drops == 0 and seen >= sent, f"{sent} sent, {seen} seen, {drops} dropped"
        assert alerts(rs).count("s7.cpu.stop") >= 100, "alerts are missing in the file that was not stalled"
        assert took <= 5.5 and status == 1, (took, status)
        judge(f"{sent} packets, all else stands still", *watched, grave, 7)
        sinks = {x["name"]: x for x in stats["ot"]["sinks"]}
        assert sorted(sinks) == ["dgram", "eve", "nobody", "pipe", "stream"], sinks
        assert sinks["eve"]["lost"] == 0 and sinks["eve"]["bytes"] > 0, sinks["eve"]
        assert all(x["lost"] > 0 and x["lost_alerts"] == 0 for n, x in sinks.items() if n != "eve"), sinks
        assert subprocess.run([sys.executable, os.path.join(tw.SRCDIR, "tests/schema/check_schema.py"), s.eve],
                              stdout=subprocess.DEVNULL).returncode == 0, "the schema does not know such a record"
        # The file has everything: those that stand still took nothing of it.
        operations = sum(r["event_type"] == "modbus" for r in rs)
        assert operations >= sent // 2 - 8, f"{operations} operations of {sent} packets"
        print(f"    the file has {operations} operations and {len(alerts(rs))} alerts; TERM: ended after {took:.1f} s", flush=True)
    finally:
        s.kill()
        for x in (pipe, master):
            os.close(x)
        stream.close()
        dgram.close()


def test_reload(folder, seconds):
    """Rules are read again while packets pass, and the state is asked for."""
    path = os.path.join(folder, "socket")
    control = ["--set", f"control.socket={path}"]
    s = Sensor(folder, *control, "-s", os.path.join(tw.SRCDIR, "rules", "modbus.rules"))
    try:
        s.wait_ready()
        traffic = Traffic(wire.polls(), 2000)
        t = Trace(s.p.pid, folder)
        for words in (["rules", "reload"], ["status"], ["rules", "reload"]):
            done = subprocess.run([tw.BINARY, *words, *control], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr + done.stdout
            time.sleep(1)
        watched = t.end()
        traffic.end()
        s.end()
        grave = grave_alerts(records(s.eve))
        judge("rules read again twice, status asked", *watched, grave, 1)
    finally:
        s.kill()


def test_interface(folder, seconds):
    """An interface is taken down, removed and made again: the helper beside the packet thread opens it."""
    ip = ["ip", "link"]
    s = Sensor(folder)
    try:
        s.wait_ready()
        t = Trace(s.p.pid, folder)
        subprocess.run([*ip, "set", "tap0", "down"], check=True)
        assert wait_for(lambda: "the interface is down" in s.said(), 5), s.said()
        subprocess.run([*ip, "set", "tap0", "up"], check=True)
        assert wait_for(lambda: "the interface is back" in s.said(), 5), s.said()
        subprocess.run([*ip, "del", "tap0"], check=True)
        assert wait_for(lambda: s.said().count("waiting for it to come back") == 2, 5), s.said()
        subprocess.run([*ip, "add", "wire0", "mtu", "9000", "type", "veth", "peer", "name", "tap0", "mtu", "9000"], check=True)
        for i in ("wire0", "tap0"):
            subprocess.run([*ip, "set", i, "up"], check=True)
        assert wait_for(lambda: s.said().count("the interface is back") == 2, 5), s.said()
        time.sleep(0.5)
        calls, others, took = t.end()
        # Of a socket that has an error libpcap's wait asks what that is.
        others = [x for x in others if not re.match(r"getsockopt\(\d+, SOL_SOCKET, SO_ERROR|getsockname\(|ioctl\(\d+, SIOCGIFFLAGS", x)]
        judge("an interface goes and comes", calls, others, took, 0, 1)
        sock = wire.plug()
        stops(sock, 9, 1)
        assert wait_for(lambda: b"s7.cpu.stop" in open(s.eve, "rb").read(), 3), "nothing is seen of the interface that came back"
        s.end()
        downs = last_stats(records(s.eve))["ot"]["counters"]["capture"]["interface_down"]
        assert downs == 2, downs
    finally:
        s.kill()
    print(f"    it was seen again, and counted as away {downs} times", flush=True)


def main():
    if shutil.which("strace") is None:
        print("SKIP: strace is not installed")
        return 77
    wire.enter()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 6
    failed = 0
    tests = [v for k, v in globals().items() if k.startswith("test_")]
    for test in tests:
        print(test.__name__[5:], flush=True)
        folder = tempfile.mkdtemp(prefix="tw-calls-")
        try:
            test(folder, seconds)
        except AssertionError as e:
            print(f"    FAILED: {e}", flush=True)
            failed += 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(tests)} tests, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
