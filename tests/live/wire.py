"""A wire to try a live sensor on: a network namespace with a pair of interfaces, frames made here, and the sensor at the other
end.  Nothing leaves the namespace, which goes with the test."""
import json
import multiprocessing
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dnp3  # noqa: E402
import pcap  # noqa: E402
import tw  # noqa: E402

INSIDE = "TW_LIVE_NAMESPACE"


def enter():
    """Run this script again inside a namespace of its own; returns there."""
    if os.environ.get(INSIDE):
        return
    tw.need_binary()
    if os.geteuid() != 0:
        tw.skip("needs root for a network namespace")
    ns = f"tw-late-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", ns], capture_output=True, check=False).returncode != 0:
        tw.skip("network namespaces cannot be made here")
    try:
        for cmd in ("link add wire0 mtu 9000 type veth peer name tap0 mtu 9000", "link set wire0 up", "link set tap0 up"):
            subprocess.run(["ip", "-n", ns, *cmd.split()], check=True)
        for i in ("wire0", "tap0"):
            subprocess.run(["ip", "netns", "exec", ns, "sysctl", "-qw", f"net.ipv6.conf.{i}.disable_ipv6=1"],
                           capture_output=True, check=False)
        done = subprocess.run(["ip", "netns", "exec", ns, sys.executable, *sys.argv], check=False,
                              env=dict(os.environ, **{INSIDE: ns}))
    finally:
        subprocess.run(["ip", "netns", "del", ns], check=False)
    sys.exit(done.returncode)


def plug():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind(("wire0", 0))
    return s


# ---- frames --------------------------------------------------------------------------

def ip4(src, dst, proto, body, ident=[0]):
    ident[0] = (ident[0] + 1) & 0xffff
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), ident[0], 0, 64, proto, 0, bytes(src), bytes(dst))
    head = head[:10] + struct.pack(">H", pcap.checksum(head)) + head[12:]
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + head + body


def udp(src, sport, dst, dport, data):
    return ip4(src, dst, 17, struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data)


class Session:
    """A TCP session, joined midway."""
    def __init__(self, client, server, port):
        self.ends = (client, server)
        self.ports = (random.randrange(32768, 60000), port)
        self.seq = [random.randrange(1 << 30), random.randrange(1 << 30)]

    def frame(self, side, data, flags=0x18):
        f = ip4(self.ends[side], self.ends[1 - side], 6, struct.pack(
            ">HHIIBBHHH", self.ports[side], self.ports[1 - side], self.seq[side], self.seq[1 - side], 0x50, flags, 65535, 0, 0)
            + data)
        self.seq[side] += len(data) + (flags & 2) // 2
        return f

    def opening(self):
        return [self.frame(0, b"", 0x02), self.frame(1, b"", 0x12), self.frame(0, b"", 0x10)]


def s7_stop(client, server):
    """Frames of a session up to the STOP, then that and its answer."""
    s = Session(client, server, 102)
    setup = bytes.fromhex("0300001902f08032010000000100080000f0000001000101e0")
    stop = bytes.fromhex("0300002102f0803201000000020010000029000000000009") + b"P_PROGRAM"
    before = s.opening() + [
        s.frame(0, bytes.fromhex("0300001611e00000000100c0010ac1020100c2020102")),
        s.frame(1, bytes.fromhex("0300001611d00001000100c0010ac1020100c2020102")),
        s.frame(0, setup), s.frame(1, bytes.fromhex("0300001b02f080320300000001000800000000f0000001000100f0"))]
    return before, [s.frame(0, stop), s.frame(1, bytes.fromhex("0300001402f0803203000000020001000000002" "9"))]


def dnp3_restart(client, server):
    def link(ctrl, dst, src, body):
        head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(body), ctrl, dst, src)
        return head + struct.pack("<H", dnp3.crc(head)) + body + struct.pack("<H", dnp3.crc(body))
    s = Session(client, server, 20000)
    return s.opening(), [s.frame(0, link(0xc4, 10, 1, b"\xc0\xc1\x0d")),
                         s.frame(1, link(0x44, 1, 10, b"\xc0\xc1\x81\0\0\x34\x02\x07\x01\x05\0"))]


def polls(n=4096):
    """Modbus over UDP: a client asks 8 devices for registers, and they answer."""
    frames = []
    for i in range(n // 2):
        device, client = (10, 9, 0, 1 + i % 8), (10, 9, 1, 1)
        ask = struct.pack(">HHHBBHH", i, 0, 6, 1, 3, i % 100, 10)
        answer = struct.pack(">HHHBBB", i, 0, 23, 1, 3, 20) + bytes(random.randrange(256) for _ in range(20))
        frames += [udp(client, 40000, device, 502, ask), udp(device, 502, client, 40000, answer)]
    return frames


def junk(n=4096):
    frames = []
    for _ in range(n):
        kind, body = random.randrange(3), random.randbytes(random.randrange(20, 400))
        if kind == 0:
            frames.append(b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02" + body)
        elif kind == 1:
            frames.append(udp([10, *random.randbytes(3)], random.randrange(1, 65536), [10, *random.randbytes(3)],
                              random.choice((502, 102, 20000, 53, 44818)), body))
        else:
            s = Session([10, *random.randbytes(3)], [10, *random.randbytes(3)], random.choice((502, 102, 20000, 80)))
            frames.append(s.frame(0, body))
    return frames


class Traffic:
    """Frames at a steady rate, from a process of its own."""
    def __init__(self, frames, rate):
        self.stop, self.sent = multiprocessing.Event(), multiprocessing.Value("Q", 0)
        self.process = multiprocessing.Process(target=self._run, args=(frames, rate), daemon=True)
        self.process.start()

    def _run(self, frames, rate):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sock, begin, n = plug(), time.monotonic(), 0
        while not self.stop.is_set():
            due = int((time.monotonic() - begin) * rate)
            # What is late by more than a moment is not made up for.
            if due - n > rate // 4 + 1:
                begin, n, due = time.monotonic(), 0, 0
            while n < due:
                sock.send(frames[self.sent.value % len(frames)])
                self.sent.value += 1
                n += 1
            time.sleep(max(0.0005, min(0.05, 1 / rate)))

    def end(self):
        self.stop.set()
        self.process.join()
        return self.sent.value


# ---- the sensor ------------------------------------------------------------------------

class Sensor:
    def __init__(self, folder, *options, types="all", stdout=None, stderr=None, tty=None, env=None, rules=("-S", os.devnull)):
        self.folder, self.eve = folder, os.path.join(folder, "eve.json")
        self.log_path = os.path.join(folder, "stderr")
        self.log = None if stderr is not None else open(self.log_path, "wb")
        cmd = [tw.BINARY, "-i", "tap0", "-l", folder, "--set", f"outputs.eve.types={types}",
               *rules, *options]
        self.p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=stdout or subprocess.DEVNULL,
                                  stderr=stderr if stderr is not None else self.log, env=env)

    def wait_ready(self, seconds=20):
        """A frame sent from now on is seen."""
        if self.log is not None:
            assert wait_for(lambda: "watching" in self.said(), seconds), "the sensor did not start: " + self.said()
        else:
            time.sleep(2)
        time.sleep(0.2)

    def said(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def end(self, sig=signal.SIGTERM, seconds=30):
        """Ask it to end; returns exit status and how long it took."""
        begin = time.monotonic()
        self.p.send_signal(sig)
        return self.join(begin, seconds)

    def join(self, begin, seconds=30):
        try:
            self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()
            raise AssertionError(f"it did not end within {seconds} s") from None
        return self.p.returncode, time.monotonic() - begin

    def kill(self):
        if self.p.poll() is None:
            self.p.kill()
            self.p.wait()


def wait_for(what, seconds, pause=0.005):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


class Tail:
    """What was appended to a file since it was last asked."""
    def __init__(self, path):
        self.path, self.at, self.seen = path, 0, b""

    def has(self, text):
        if os.path.exists(self.path):
            with open(self.path, "rb") as f:
                f.seek(self.at)
                new = f.read()
            self.at += len(new)
            found = text in self.seen[-len(text):] + new
            self.seen = (self.seen + new)[-4096:]
            return found
        return False


def records(path_or_text):
    if isinstance(path_or_text, bytes):
        text = path_or_text
    else:
        with open(path_or_text, "rb") as f:
            text = f.read()
    assert text == b"" or text.endswith(b"\n"), f"the last line is cut: ...{text[-200:]!r}"
    return [json.loads(x) for x in text.split(b"\n")[:-1]]


def alerts(rs):
    return [r.get("ot", {}).get("type") or r["alert"]["signature"] for r in rs if r["event_type"] == "alert"]


def last_stats(rs):
    return [r for r in rs if r["event_type"] == "stats"][-1]
