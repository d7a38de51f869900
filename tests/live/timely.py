#!/usr/bin/env python3
"""What matters reaches the disk at once, and nobody who reads can stop the sensor.

    timely.py [NAME...]        (all tests, or those whose names begin so)

Live over a pair of interfaces in a namespace of its own; needs root.  Prints what it measured.
"""
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import wire
from wire import Sensor, Tail, Traffic, alerts, last_stats, records, wait_for

STOP, RESTART = b'"type":"s7.cpu.stop"', b'"type":"controller.restart"'
WITHIN = 1.0		# seconds from the last byte on the wire to the line in the file
END_WITHIN = 5.0
figures = []


def figure(text):
    figures.append(text)
    print("    " + text, flush=True)


class Wire:
    """Sends a scene and says when its last frame went."""
    def __init__(self):
        self.sock, self.n = wire.plug(), 0

    def send(self, scene):
        before, after = scene
        for f in before:
            self.sock.send(f)
        time.sleep(0.3)
        self.sock.send(after[0])
        at = time.monotonic()
        for f in after[1:]:
            self.sock.send(f)
        self.n += len(before) + len(after)
        return at

    def stop(self, n=1):
        return self.send(wire.s7_stop((10, 8, 1, n), (10, 8, 0, n)))

    def restart(self, n=1):
        return self.send(wire.dnp3_restart((10, 7, 1, n), (10, 7, 0, n)))


def in_file(sensor, tail, text, since, what, within=WITHIN):
    assert wait_for(lambda: tail.has(text), 10), f"{what}: no alert after 10 s; {sensor.said()}"
    late = time.monotonic() - since
    assert late <= within, f"{what}: the alert came after {late:.2f} s"
    return late


# ---- at once, at any rate; kill -9 loses nothing ---------------------------------------------

def timely(folder, rate, frames):
    s, w = Sensor(folder, types="auto"), Wire()
    s.wait_ready()
    t = Traffic(frames, rate)
    try:
        time.sleep(1.5)
        tail = Tail(s.eve)
        stop = in_file(s, tail, STOP, w.stop(), f"stop at {rate}/s")
        restart = in_file(s, tail, RESTART, w.restart(), f"restart at {rate}/s")
        time.sleep(0.5)
        tail = Tail(s.eve)
        w.stop(2)
        last = time.monotonic()
        time.sleep(2 - (time.monotonic() - last))
        s.p.send_signal(signal.SIGKILL)
        s.p.wait()
    finally:
        sent = t.end()
        s.kill()
    with open(s.eve, "rb") as f:
        text = f.read()
    whole = text[:text.rfind(b"\n") + 1]	# a kill may cut the line that is being written
    got = alerts(records(whole))
    assert got.count("s7.cpu.stop") >= 2, f"{rate}/s: the stop two seconds before kill -9 is lost: {got}"
    figure(f"{rate:6} packets/s: {sent} sent; stop after {stop * 1000:.0f} ms, restart after {restart * 1000:.0f} ms; "
           f"kill -9 after 2 s: {len(got)} alerts, none lost")


def test_rate_10(folder):
    timely(folder, 10, wire.polls())


def test_rate_100(folder):
    timely(folder, 100, wire.polls())


def test_rate_2000(folder):
    timely(folder, 2000, wire.polls())


def test_rate_20000(folder):
    timely(folder, 20000, wire.polls())


def test_junk_flood(folder):
    timely(folder, 20000, wire.junk())


# ---- readers that do not read ------------------------------------------------------------------

def flooded(folder, sensor, w, read):
    """Polls for three seconds with a stop among them while nobody reads; then `read()` takes all
    there is.  The sensor must have seen every frame."""
    t = Traffic(wire.polls(), 6000)
    time.sleep(2)
    w.stop()
    time.sleep(1)
    sent = t.end()
    time.sleep(0.5)
    text, status = read()
    rs = records(text)
    stats = last_stats(rs)
    seen, drops = stats["stats"]["decoder"]["pkts"], stats["stats"]["capture"]["kernel_drops"]
    lost = stats["ot"]["counters"]["output"]
    assert seen >= sent + w.n - drops and drops == 0, f"{sent + w.n} sent, {seen} seen, {drops} dropped by the kernel"
    assert "s7.cpu.stop" in alerts(rs), "the alert is lost"
    assert lost["lost_alerts"] == 0, lost
    assert lost["lost"] == sum(v for k, v in lost.items() if k.startswith("lost_")), lost
    return sent, lost, status


def test_pipe_stalled(folder):
    """A named pipe whose reader stalls, then reads on."""
    os.mkfifo(os.path.join(folder, "eve.json"))
    fd = os.open(os.path.join(folder, "eve.json"), os.O_RDONLY | os.O_NONBLOCK)
    s, w = Sensor(folder, "--set", "outputs.queue=1024"), Wire()
    s.wait_ready()

    def read():
        # Somebody reads again: let the sensor see that, then end it.
        os.set_blocking(fd, True)
        chunks, begin = [], time.monotonic()
        s.p.send_signal(signal.SIGTERM)
        while True:
            c = os.read(fd, 1 << 20)
            if not c:
                break
            chunks.append(c)
        status, took = s.join(begin)
        assert took <= END_WITHIN, f"the end took {took:.1f} s"
        return b"".join(chunks), status
    try:
        sent, lost, _ = flooded(folder, s, w, read)
        assert lost["lost_operations"] > 0, lost
        assert "is too slow" in s.said(), s.said()
    finally:
        s.kill()
        os.close(fd)
    figure(f"stalled pipe: {sent} packets, all seen; of the lines {lost['lost']} lost, operations "
           f"{lost['lost_operations']}, alerts {lost['lost_alerts'] + lost['lost_alerts_low']}")


def test_pipe_stalled_end(folder):
    """The same, and nobody reads at the end either."""
    os.mkfifo(os.path.join(folder, "eve.json"))
    fd = os.open(os.path.join(folder, "eve.json"), os.O_RDONLY | os.O_NONBLOCK)
    s = Sensor(folder)
    s.wait_ready()
    t = Traffic(wire.polls(), 6000)
    try:
        time.sleep(2)
        t.end()
        status, took = s.end()
    finally:
        s.kill()
        os.close(fd)
    assert took <= END_WITHIN, f"the end took {took:.1f} s"
    assert status == 1 and "lines were lost" in s.said(), (status, s.said())
    figure(f"stalled pipe, TERM: ended after {took:.1f} s, exit status {status}")


def test_stdout_stalled(folder):
    """Lines on standard output, a pipe that nobody reads."""
    r, wr = os.pipe()
    s = Sensor(folder, "--set", "outputs.eve.file=-", stdout=wr)
    os.close(wr)
    s.wait_ready()
    t, w = Traffic(wire.polls(), 6000), Wire()
    try:
        time.sleep(2)
        w.stop()
        t.end()
        status, took = s.end()
    finally:
        s.kill()
        os.close(r)
    assert took <= END_WITHIN and status == 1, (took, status)
    figure(f"stalled standard output, TERM: ended after {took:.1f} s, exit status {status}")


def test_terminal_paused(folder):
    """A terminal that is not read, with -v: alert lines and messages."""
    master, slave = pty.openpty()
    s, w = Sensor(folder, "-v", "--set", "alerts.merge=0", "--set", "alerts.limit=0", "--set", "alerts.evidence.enabled=no",
                  stdout=slave, stderr=slave), Wire()
    os.close(slave)
    s.wait_ready()
    s.log_path = os.devnull
    t = Traffic(wire.polls(), 3000)
    try:
        for n in range(2000):	# two hundred bytes of alert line each
            before, after = wire.s7_stop((10, 8, n >> 8, n & 255), (10, 9, n >> 8, n & 255))
            for f in before + after:
                w.sock.send(f)
            w.n += len(before) + len(after)
            time.sleep(0.0005)
        time.sleep(0.5)
        tail = Tail(s.eve)
        late = in_file(s, tail, b'"dest_ip":"10.6.0.1"', w.send(wire.s7_stop((10, 6, 1, 1), (10, 6, 0, 1))), "paused terminal")
        sent = t.end()
        time.sleep(0.3)
        status, took = s.end()
    finally:
        s.kill()
        os.close(master)
    assert took <= END_WITHIN, f"the end took {took:.1f} s"
    stats = last_stats(records(s.eve))
    assert stats["stats"]["capture"]["kernel_drops"] == 0, stats["stats"]["capture"]
    assert stats["stats"]["decoder"]["pkts"] >= sent + w.n, (stats["stats"]["decoder"]["pkts"], sent, w.n)
    figure(f"paused terminal: {sent + w.n} packets, all seen; an alert in the file after {late * 1000:.0f} ms; "
           f"TERM: ended after {took:.1f} s, exit status {status}")


def test_status_line(folder):
    """A terminal shows one line that is replaced; -q has none."""
    for quiet in (False, True):
        master, slave = pty.openpty()
        s = Sensor(folder, *(["-q"] if quiet else []), stdout=slave, stderr=slave)
        os.close(slave)
        s.wait_ready()
        t = Traffic(wire.polls(), 500)
        time.sleep(2.5)
        t.end()
        s.end()
        os.set_blocking(master, False)
        text = b""
        try:
            while True:
                c = os.read(master, 65536)
                if not c:
                    break
                text += c
        except OSError:
            pass
        os.close(master)
        shown = text.count(b" packets/s, ")
        assert (shown == 0) == quiet, text
        if not quiet:
            assert b"last frame 0." in text and text.count(b"\r\x1b[K") >= shown, text
            figure(f"status line: shown {shown} times in 3 s: " + [x for x in text.split(b"\r\x1b[K")
                   if b"packets/s" in x][-1].decode().split("\r")[0])


def test_pipe_without_reader(folder):
    """A named pipe that nobody opened: the sensor starts, and who comes later gets the lines."""
    path = os.path.join(folder, "eve.json")
    os.mkfifo(path)
    s, w = Sensor(folder), Wire()
    try:
        s.wait_ready(5)
        assert "no reader yet" in s.said(), s.said()
        w.stop()
        time.sleep(0.5)
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        got = b""
        end = time.monotonic() + 5
        while STOP not in got and time.monotonic() < end:
            try:
                got += os.read(fd, 65536)
            except BlockingIOError:
                pass
            time.sleep(0.02)
        assert STOP in got, f"the lines did not wait for a reader: {got[-300:]}"
        os.close(fd)
        w.stop(2)	# the reader went away: nobody is hurt
        time.sleep(0.3)
        status, took = s.end()
        assert took <= END_WITHIN, f"the end took {took:.1f} s"
    finally:
        s.kill()
    figure(f"pipe without a reader: starts, its lines wait; TERM: ended after {took:.1f} s")


def test_control_client(folder):
    """Clients of the control socket that ask and do not read, or do not ask."""
    path = os.path.join(folder, "socket")
    rules = os.path.join(folder, "bad.rules")
    s = Sensor(folder, "--set", f"control.socket={path}", "-S", rules)
    with open(rules, "w", encoding="ascii") as f:
        f.write("alert tcp any any -> any any (msg:\"x\"; sid:1;)\n")
    s.kill()
    s = Sensor(folder, "--set", f"control.socket={path}", "-S", rules)
    s.wait_ready()
    with open(rules, "w", encoding="ascii") as f:
        for i in range(20000):
            f.write(f"alert tcp any any -> any any (contnt{i}:\"x\"; sid:{i + 1};)\n")
    clients = []
    t, w = Traffic(wire.polls(), 2000), Wire()
    try:
        for ask in (b"rules-reload\n", b"", b"rules-re"):
            c = socket.socket(socket.AF_UNIX)
            c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            c.connect(path)
            c.send(ask)
            clients.append(c)
        tail = Tail(s.eve)
        late = in_file(s, tail, STOP, w.stop(), "control client")
        begin = time.monotonic()
        status, took = s.end()
    finally:
        t.end()
        s.kill()
        for c in clients:
            c.close()
    assert took <= END_WITHIN and status == 0, (took, status, s.said()[-500:])
    assert begin is not None and not os.path.exists(path)
    figure(f"control clients that do not read: an alert after {late * 1000:.0f} ms; TERM: ended after {took:.1f} s")


def test_status(folder):
    """A live sensor answers at once, on a quiet wire and on a busy one, and what it answers is true."""
    path = os.path.join(folder, "socket")
    s, took = Sensor(folder, "--set", f"control.socket={path}", types="alert"), {}
    s.wait_ready()

    def ask(when):
        begin = time.monotonic()
        r = subprocess.run([wire.tw.BINARY, "status", "--json", "--set", f"control.socket={path}"], capture_output=True, check=False)
        took[when] = max(took.get(when, 0), time.monotonic() - begin)
        assert r.returncode == 0, (when, r.stdout, r.stderr)
        return json.loads(r.stdout)["status"]

    t = None
    try:
        a = ask("quiet")
        assert a["mode"] == "live" and a["interfaces"] == ["tap0"] and a["pid"] == s.p.pid and a["operations"] == 0, a
        t = Traffic(wire.polls(), 5000)
        time.sleep(1)
        seen = [ask("busy") for _ in range(10)]
        sent = t.end()
        time.sleep(0.5)
        a = ask("quiet")
        status, _ = s.end()
    finally:
        if t is not None:
            t.end()
        s.kill()
    assert status == 0 and not os.path.exists(path), s.said()
    packets = [x["packets"] for x in seen]
    assert packets == sorted(packets) and packets[0] > 0 and seen[-1]["operations"] > seen[0]["operations"], packets
    assert a["packets"] + a["dropped"] >= sent and a["last_frame"], (a, sent)
    assert max(took.values()) < WITHIN, took
    figure("status: answered after " + ", ".join(f"{v * 1000:.0f} ms ({k})" for k, v in took.items()) + f"; {a['packets']} of {sent} packets")


# ---- the end -------------------------------------------------------------------------------------

def test_term_twice(folder):
    """TERM, TERM, HUP, INT while it finishes: not cut off, nothing lost."""
    s = Sensor(folder)
    s.wait_ready()
    w, n = Wire(), 4000
    for i in range(n):	# flows to be written at the end
        w.sock.send(wire.udp((10, 5, i >> 8, i & 255), 40000, (10, 5, 200, 1), 502, b"\0\1\0\0\0\6\1\3\0\0\0\1"))
        if i % 200 == 0:
            time.sleep(0.01)
    time.sleep(0.5)
    begin = time.monotonic()
    for sig in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        s.p.send_signal(sig)
        time.sleep(0.004)
    status, took = s.join(begin)
    rs = records(s.eve)
    flows = sum(r["event_type"] == "flow" and r["src_ip"].startswith("10.5.") for r in rs)
    assert status == 0, (status, s.said())
    assert rs[-1]["event_type"] in ("stats", "visibility"), rs[-1]["event_type"]
    assert flows == n, f"{flows} of {n} flows"
    figure(f"TERM, TERM, HUP, INT, TERM: ended after {took:.1f} s, exit status {status}, {flows} of {n} flows written")


def test_ring_to_its_end(folder):
    """What the kernel had taken when TERM came is read."""
    s = Sensor(folder, types="stats")
    s.wait_ready()
    w, frames, n = Wire(), wire.polls(), 20000
    s.p.send_signal(signal.SIGSTOP)
    for i in range(n):
        w.sock.send(frames[i % len(frames)])
    s.p.send_signal(signal.SIGTERM)
    s.p.send_signal(signal.SIGCONT)
    status, took = s.join(time.monotonic())
    last = last_stats(records(s.eve))
    seen, drops = last["stats"]["decoder"]["pkts"], last["stats"]["capture"]["kernel_drops"]
    left = last["ot"]["counters"]["capture"]["kernel_left"]
    assert seen + drops >= n, f"{n} sent, {seen} seen, {drops} counted as dropped, {left} as left"
    figure(f"TERM with a full ring: {n} sent, {seen} seen, {drops} counted as dropped, ended after {took:.1f} s")


def test_ring_left(folder):
    """What there is no time for is counted."""
    s = Sensor(folder, "--set", "control.stop-within=1", "--set", "capture.buffer=512", types="stats")
    s.wait_ready()
    w, frames, n = Wire(), wire.polls(), 1500000
    s.p.send_signal(signal.SIGSTOP)
    for i in range(n):
        w.sock.send(frames[i % len(frames)])
    s.p.send_signal(signal.SIGTERM)
    s.p.send_signal(signal.SIGCONT)
    status, took = s.join(time.monotonic())
    last = last_stats(records(s.eve))
    seen, drops = last["stats"]["decoder"]["pkts"], last["stats"]["capture"]["kernel_drops"]
    left = last["ot"]["counters"]["capture"]["kernel_left"]
    assert seen + drops + left >= n, f"{n} sent, {seen} seen, {drops} counted as dropped, {left} as left"
    figure(f"TERM with more than it can read in its time: {n} sent, {seen} seen, {drops} counted as dropped, "
           f"{left} as left, ended after {took:.1f} s")


# ---- the disk --------------------------------------------------------------------------------------

def mount(folder, mib):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", folder], capture_output=True,
                      check=False).returncode != 0:
        return False
    return True


def fill(path, mib):
    with open(path, "wb") as f:
        for _ in range(mib):
            f.write(bytes(1 << 20))


def test_disk_full(folder):
    """Full, then room again: no half line, lost lines counted, the alert of the meantime is there."""
    if not mount(folder, 16):
        return "tmpfs cannot be mounted"
    s, w = Sensor(folder, "--set", "outputs.reserve=0", "--set", "outputs.queue=1024"), Wire()
    s.wait_ready()
    t = Traffic(wire.polls(), 6000)
    try:
        time.sleep(0.5)
        try:
            fill(os.path.join(folder, "filler"), 100)
        except OSError:
            pass
        assert wait_for(lambda: "No space left" in s.said(), 5), s.said()
        time.sleep(1)
        w.stop()
        time.sleep(0.5)
        os.unlink(os.path.join(folder, "filler"))
        assert wait_for(lambda: "can be written again" in s.said(), 5), s.said()
        time.sleep(0.5)
        t.end()
        status, took = s.end()
        rs = records(s.eve)
        lost = last_stats(rs)["ot"]["counters"]["output"]
        assert "s7.cpu.stop" in alerts(rs), "the alert is lost"
        assert lost["lost_operations"] > 0 and lost["lost_alerts"] == 0, lost
        assert status == 1, status
    finally:
        s.kill()
        t.end()
        subprocess.run(["umount", "-l", folder], check=False)
    figure(f"full disk: {lost['lost']} lines lost ({lost['lost_operations']} operations, {lost['lost_alerts']} alerts), "
           f"went on when there was room")


def test_reserve(folder):
    """Below outputs.reserve only alerts, and incidents of them, are written."""
    if not mount(folder, 80):
        return "tmpfs cannot be mounted"
    s, w = Sensor(folder), Wire()
    s.wait_ready()
    t = Traffic(wire.polls(), 1000)
    try:
        time.sleep(0.5)
        fill(os.path.join(folder, "filler"), 40)
        assert wait_for(lambda: "outputs.reserve" in s.said(), 5), s.said()
        time.sleep(0.5)
        size = os.path.getsize(s.eve)
        late = in_file(s, Tail(s.eve), STOP, w.stop(), "reserve")
        time.sleep(1)
        with open(s.eve, "rb") as f:
            f.seek(size)
            kinds = {r["event_type"] for r in records(f.read())}
        assert "alert" in kinds and kinds <= {"alert", "incident"}, kinds
        os.unlink(os.path.join(folder, "filler"))
        assert wait_for(lambda: "everything is written" in s.said(), 5), s.said()
        time.sleep(0.5)
        t.end()
        s.end()
        rs = records(s.eve)
        lost = last_stats(rs)["ot"]["counters"]["output"]
        assert lost["lost_operations"] > 0 and lost["lost_alerts"] == 0, lost
    finally:
        s.kill()
        t.end()
        subprocess.run(["umount", "-l", folder], check=False)
    figure(f"below outputs.reserve: only alerts, one after {late * 1000:.0f} ms; {lost['lost_operations']} operations lost, counted")


def test_folder_removed(folder):
    """The log folder removed, renamed, and a file in its place: noticed, made again, told."""
    logs = os.path.join(folder, "logs")
    os.mkdir(logs)
    s, w = Sensor(folder, "-l", logs), Wire()
    s.eve = os.path.join(logs, "eve.json")
    s.wait_ready()
    t = Traffic(wire.polls(), 200)
    try:
        time.sleep(0.5)
        late = []
        for n, action in enumerate((lambda: shutil.rmtree(logs), lambda: os.rename(logs, logs + ".old"),
                                    lambda: os.unlink(s.eve), lambda: os.rename(s.eve, s.eve + ".1"))):
            action()
            late.append(in_file(s, Tail(s.eve), STOP, w.stop(n + 1), f"removed ({n})"))
        # A message may come a tenth of a second after what it is about.
        assert wait_for(lambda: s.said().count("it was made again") == 4, 2), s.said()
        t.end()
        status, _ = s.end()
        assert status == 0, s.said()
        records(s.eve)
        records(s.eve + ".1")
        records(os.path.join(logs + ".old", "eve.json"))
    finally:
        s.kill()
        t.end()
    figure("log folder removed, renamed, file removed, renamed: made again; an alert right after it is in the new file after " +
           ", ".join(f"{x * 1000:.0f}" for x in late) + " ms")


def main():
    wire.enter()
    failed = skipped = 0
    names = [n for n in globals() if n.startswith("test_") and
             (len(sys.argv) == 1 or any(n[5:].startswith(a) for a in sys.argv[1:]))]
    for name in names:
        print(f"{name[5:]}", flush=True)
        folder = tempfile.mkdtemp(prefix="tw-live-")
        try:
            why = globals()[name](folder)
            if why:
                print(f"    skipped: {why}")
                skipped += 1
        except AssertionError as e:
            print(f"    FAILED: {e}", flush=True)
            failed += 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(names)} tests, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
