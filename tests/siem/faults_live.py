#!/usr/bin/env python3
"""What befalls a sensor in the field, live: it says what is wrong in words, loses nothing that fits, and recovers by itself.

    faults_live.py [NAME...]        (all, or those whose names begin so)

A disk that is full under the spool, receivers that accept and never answer on every transport, a certificate that has expired, names that nobody
resolves, a clock that is set back by a day, a spool that was damaged.  In a namespace of its own; needs root.
"""
import glob
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
import kit
import tw  # noqa: E402
import wire  # noqa: E402
from receiver import Receiver  # noqa: E402

RULE = 'alert udp any any -> any 9999 (msg:"each frame"; sid:1000001; rev:1; priority:1;)\n'


class Try:
    """A folder with certificates, a sensor, and alerts that can be told apart."""
    def __init__(self, folder):
        self.folder, self.sock, self.n, self.s = folder, wire.plug(), 0, None
        self.log = os.path.join(folder, "log")
        os.mkdir(self.log)
        self.c = kit.Certificates(folder)
        self.c.make("good")
        self.c.make("expired", end="20210101000000Z")
        with open(os.path.join(folder, "each.rules"), "w", encoding="ascii") as f:
            f.write(RULE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def https(self, name, port, host="localhost", transport="webhook", **more):
        return {"name": name, "transport": transport, "target": f"https://{host}:{port}", "tls-ca": self.c.path("ca.pem"), "spool": "yes",
                "batch-wait": 20, "timeout": 2, **more}

    def start(self, sinks, env=None, **outputs):
        for k in sinks:
            k.setdefault("types", "alert")
        text = {"outputs": {"sinks": sinks, **outputs}, "alerts": {"merge": 0, "limit": 0, "incidents": 0},
                "rules": {"files": self.path("each.rules")}, "control": {"socket": self.path("control.sock")}}
        with open(self.path("c.yaml"), "w", encoding="utf-8") as f:
            json.dump(text, f)
        self.s = wire.Sensor(self.log, "-c", self.path("c.yaml"), types="alert,stats,heartbeat", rules=(), env=dict(os.environ, **(env or {})))
        self.s.wait_ready()

    def alerts(self, n, pause=0.002):
        for _ in range(n):
            self.sock.send(wire.udp((10, 9, 1, 1), 1024 + self.n, (10, 9, 0, 2), 9999, b"%08d" % self.n))
            self.n += 1
            time.sleep(pause)

    def ports(self, lines):
        return sorted(r["src_port"] - 1024 for r in map(json.loads, lines) if r["event_type"] == "alert" and r.get("dest_port") == 9999)

    def said(self, *words, within=12):
        for w in words:
            assert wire.wait_for(lambda w=w: w in self.s.said(), within, 0.05), f"it did not say {w!r}: {self.s.said()[-3000:]}"

    def arrived(self, what, lines, within=15):
        """Each alert, at this receiver."""
        assert wire.wait_for(lambda: len(set(self.ports(lines()))) == self.n, within, 0.1), \
            f"{what}: {self.n} alerts were made, {len(set(self.ports(lines())))} arrived: {self.s.said()[-3000:]}"
        return len(lines())

    def status(self):
        p = subprocess.run([tw.BINARY, "status", "--json", "-c", self.path("c.yaml")], capture_output=True, text=True, check=True)
        return {k["name"]: k for k in json.loads(p.stdout)["status"]["outputs"]}

    def end(self, within=10, left=False):
        """`left`: lines wait for the next run, which it says by its status."""
        status, took = self.s.end()
        assert status == left and took < within, (status, took, self.s.said()[-3000:])

    def counts(self, name):
        stats = [r for r in wire.records(self.s.eve) if r["event_type"] == "stats"][-1]
        return [k for k in stats["ot"]["sinks"] if k["name"] == name][0]


def https_receiver(t, kind="webhook", port=None, cert="good", tls=True):
    r = Receiver(kind, port or kit.free_port(), *((t.c.path(cert + ".pem"), t.c.path(cert + ".key")) if tls else ()))
    r.name, r.event_time = (lambda record, line: line if line is not None else json.dumps(record)), None
    return r


def test_disk_full(t):
    """Two MiB of disk below the spool, and more lines than that while the receiver is away; what the disk has not, the memory has."""
    disk = t.path("disk")
    os.mkdir(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
    try:
        r = https_receiver(t)
        t.start([t.https("hook", r.port)], **{"spool-folder": disk})
        t.alerts(3000, 0.0005)
        t.said("No space left")
        assert t.status()["hook"]["spool"] != "good", t.status()
        r.start()
        lines = t.arrived("a full disk", lambda: r.taken, 20)
        t.alerts(20)
        assert wire.wait_for(lambda: t.status()["hook"]["spool"] == "good", 5, 0.1), t.status()
        t.arrived("a disk that is free again", lambda: r.taken)
        t.end()
        r.stop()
        k = t.counts("hook")
        assert k["lost"] + k["dropped_full"] == 0, k
        print(f"    {t.n} alerts, {lines + 20} lines received, none lost")
    finally:
        t.s.kill()
        subprocess.run(["umount", disk], check=False)


class Hole:
    """Accepts, and neither reads nor answers."""
    def __init__(self, where):
        self.s = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.s.bind(where)
        self.s.listen(50)
        self.held, self.over = [], threading.Event()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        self.s.settimeout(0.1)
        while not self.over.is_set():
            try:
                self.held.append(self.s.accept()[0])
            except TimeoutError:
                pass

    def close(self):
        self.over.set()
        time.sleep(0.2)
        for s in [self.s, *self.held]:
            s.close()


class Lines:
    """Reads a stream; of syslog the text behind the header."""
    def __init__(self, where, tls=None):
        if isinstance(where, str) and os.path.exists(where):
            os.unlink(where)
        self.s = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.s.bind(where)
        self.s.listen(5)
        self.tls, self.framed, self.lines = tls, not isinstance(where, str), []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                s, _ = self.s.accept()
                threading.Thread(target=self.read, args=(self.tls.wrap_socket(s, server_side=True) if self.tls else s,), daemon=True).start()
            except OSError:
                if self.s.fileno() < 0:
                    return

    def read(self, s):
        rest = b""
        while True:
            try:
                data = s.recv(1 << 16)
            except OSError:
                return
            if not data:
                return
            rest += data
            while True:
                if self.framed:
                    count, blank, more = rest.partition(b" ")
                    if not blank or len(more) < int(count):
                        break
                    line, rest = more[:int(count)], more[int(count):]
                    self.lines.append(line[line.index(b"{"):])
                else:
                    line, newline, more = rest.partition(b"\n")
                    if not newline:
                        break
                    self.lines.append(line)
                    rest = more


def mail_server(port, cert):
    try:
        from by_mail import Server
    except SystemExit:
        return None
    s = Server(port, cert)
    s.start()
    return s


def test_black_hole(t):
    """On every transport; then the receiver is what it should be."""
    ports = {x: kit.free_port() for x in ("tcp", "tls", "bulk", "splunk", "webhook", "kafka", "mail")}
    stream = t.path("stream")
    for name, text in (("token", "0000-token"), ("secret", "s3cret")):
        with open(t.path(name), "w", encoding="utf-8") as f:
            f.write(text + "\n")
    holes = {x: Hole(("127.0.0.1", p)) for x, p in ports.items()}
    holes["stream"] = Hole(stream)
    usual = {"spool": "yes", "timeout": 2}
    t.start([{"name": "tcp", "transport": "syslog-tcp", "target": f"127.0.0.1:{ports['tcp']}", "overlap": 10000, **usual},
             {"name": "tls", "transport": "syslog-tls", "target": f"127.0.0.1:{ports['tls']}", "tls-ca": t.c.path("ca.pem"), **usual},
             t.https("bulk", ports["bulk"], transport="elasticsearch"),
             t.https("splunk", ports["splunk"], transport="splunk", **{"secret-file": t.path("token")}), t.https("webhook", ports["webhook"]),
             {"name": "kafka", "transport": "kafka", "target": f"127.0.0.1:{ports['kafka']}", "spool": "yes"},
             {"name": "mail", "transport": "mail", "target": f"smtp://localhost:{ports['mail']}", "tls-ca": t.c.path("ca.pem"), "user": "plant",
              "secret-file": t.path("secret"), "mail-from": "a@plant.example", "mail-to": ["b@plant.example"], **usual},
             {"name": "stream", "transport": "unix-stream", "target": stream, "spool": "yes"}])
    t.alerts(3000, 0.0005)
    for name, words in (("tls", "does not answer; does it speak TLS"), ("bulk", "does not answer"), ("splunk", "does not answer"), ("webhook", "does not answer"),
                        ("mail", "does not answer"), ("tcp", "has taken nothing for"), ("kafka", "imed out")):
        assert wire.wait_for(lambda n=name, w=words: any(f"output: {n}:" in x and w in x for x in t.s.said().splitlines()), 12, 0.1), \
            f"{name} did not say {words!r}: {t.s.said()[-3000:]}"
    waiting = t.status()
    assert all(waiting[n].get("waiting_lines", 0) > 0 for n in (*ports, "stream")), waiting
    for h in holes.values():
        h.close()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(t.c.path("good.pem"), t.c.path("good.key"))
    readers = {"tcp": Lines(("127.0.0.1", ports["tcp"])), "tls": Lines(("127.0.0.1", ports["tls"]), tls), "stream": Lines(stream)}
    http = {n: https_receiver(t, n, ports[n]).start() for n in ("bulk", "splunk", "webhook")}
    mails = mail_server(ports["mail"], t.c.path("good"))
    got = {n: t.arrived(n, lambda n=n: readers[n].lines, 30) for n in ("tcp", "tls")}
    # A Unix socket takes what its buffer holds and says no more: that is lost with a reader that never reads it.
    assert wire.wait_for(lambda: t.n - 1 in t.ports(readers["stream"].lines), 10, 0.1), "nothing arrives at the Unix socket"
    first, *rest = t.ports(readers["stream"].lines)
    assert [first, *rest] == list(range(first, t.n)) and first < 400, first
    got["stream"] = t.n - first
    got |= {n: t.arrived(n, lambda n=n: http[n].taken, 30) for n in http}
    if mails is not None:
        assert wire.wait_for(lambda: mails.mails, 30, 0.1), "no mail: " + t.s.said()[-2000:]
    status, took = t.s.end()
    assert took < 10, took
    for r in http.values():
        r.stop()
    if mails is not None:
        mails.stop()
    print(f"    {t.n} alerts, received {got}, mails {len(mails.mails) if mails else 'not tried'}, ended with {status} after {took:.1f} s")


def test_certificate(t):
    """Expired, and a good one after that."""
    r = https_receiver(t, cert="expired").start()
    t.start([t.https("hook", r.port)])
    t.alerts(100)
    t.said("certificate has expired")
    assert not r.taken, "lines went to a receiver with an expired certificate"
    r.stop()
    r.show(t.c.path("good.pem"), t.c.path("good.key"))
    r.start()
    n = t.arrived("a good certificate again", lambda: r.taken)
    t.said("takes what is sent")
    assert wire.wait_for(lambda: t.status()["hook"].get("certificate_until", "").startswith("2099-01-01"), 3, 0.1), t.status()
    t.end()
    r.stop()
    print(f"    {t.n} alerts, {n} lines received, none lost")


class Names:
    """A server of names at 127.0.0.1; silent at first, then each name is 127.0.0.1."""
    def __init__(self):
        self.s, self.asked, self.answers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0, False
        self.s.bind(("127.0.0.1", 53))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            q, who = self.s.recvfrom(1500)
            self.asked += 1
            if not self.answers:
                continue
            end = q.index(b"\0", 12) + 5
            a = q[end - 4:end - 2] == b"\0\1"
            self.s.sendto(q[:2] + b"\x81\x80\0\1" + (b"\0\1" if a else b"\0\0") + b"\0\0\0\0" + q[12:end] +
                          (b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\0\0\1" if a else b""), who)


def test_names(t):
    """Nobody answers who asks for names, at the start; later it does."""
    with open(t.path("resolv"), "w", encoding="ascii") as f:
        f.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--bind", t.path("resolv"), "/etc/resolv.conf"], check=True)
    names = Names()
    t.c.make("named", alt="DNS:siem.plant.example")
    r, kafka = https_receiver(t, cert="named").start(), kit.free_port()
    tcp = Lines(("127.0.0.1", kit.free_port()))
    port = tcp.s.getsockname()[1]
    try:
        t.start([t.https("hook", r.port, host="siem.plant.example"),
                 {"name": "tcp", "transport": "syslog-tcp", "target": f"siem.plant.example:{port}", "spool": "yes", "timeout": 2},
                 {"name": "kafka", "transport": "kafka", "target": f"siem.plant.example:{kafka}", "spool": "yes", "types": "alert"}])
        t.alerts(200)
        t.said("hook: https://siem.plant.example", "tcp: siem.plant.example", "kafka: siem.plant.example")
        assert names.asked > 0, "nobody was asked"
        begin = time.monotonic()
        assert t.status() and time.monotonic() - begin < 1, "status had to wait"
        names.answers = True
        got = {n: t.arrived(n, x, 30) for n, x in (("hook", lambda: r.taken), ("tcp", lambda: tcp.lines))}
        t.end(left=True)
        r.stop()
        print(f"    {t.n} alerts, received {got}, {names.asked} questions")
    finally:
        t.s.kill()
        subprocess.run(["umount", "/etc/resolv.conf"], check=False)


def test_clock(t):
    """The clock of the machine is set back by a day, and forth again; frames have their own time."""
    fake = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not fake:
        print("    left out: libfaketime is missing (Debian: faketime)")
        return
    clock = t.path("clock")

    def set_clock(text):
        with open(clock + ".new", "w", encoding="ascii") as f:
            f.write(text + "\n")
        os.rename(clock + ".new", clock)
    set_clock("+0")
    r = https_receiver(t, tls=False).start()	# a certificate would not be valid yet, which is another try
    # The library opens its file again and again: the sensor's own filters are for the sensor.
    t.start([{"name": "hook", "transport": "webhook", "target": f"http://localhost:{r.port}", "spool": "yes", "batch-wait": 20, "spool-age": 1},
             {"name": "archive", "target": "archive.json", "rotate-every": 1, "types": "alert"}],
            env={"LD_PRELOAD": fake[0], "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "THERMOWELL_SANDBOX": "off"},
            **{"stats-interval": 1})
    t.alerts(50)
    t.arrived("before", lambda: r.taken)
    r.stop()
    set_clock("-1d")
    t.alerts(50)
    time.sleep(1.5)
    r.start()
    t.arrived("a day back", lambda: r.taken)
    set_clock("+0")
    t.alerts(50)
    n = t.arrived("forth again", lambda: r.taken)
    t.end()
    r.stop()
    k = t.counts("hook")
    assert k["dropped_old"] + k["lost"] == 0, k
    archive = b"".join(open(f, "rb").read() for f in sorted(glob.glob(os.path.join(t.log, "archive.json*")))).splitlines()
    assert t.ports(archive) == list(range(t.n)), f"{len(archive)} lines in the archive"
    print(f"    {t.n} alerts, {n} lines received, none lost; {len(glob.glob(os.path.join(t.log, 'archive.json*')))} files of the archive")


def test_damaged_spool(t):
    """A page in the middle of what waits is overwritten between two runs: the rest arrives, and how much is missing is said."""
    r = https_receiver(t)
    t.start([t.https("hook", r.port)])
    t.alerts(1000, 0.001)
    t.end(left=True)
    segments = sorted(glob.glob(os.path.join(t.log, "spool/hook/*.seg")), key=os.path.getsize)
    with open(segments[-1], "r+b") as f:
        f.seek(os.path.getsize(segments[-1]) // 2)
        f.write(b"\xff" * 4096)
    r.start()
    t.start([t.https("hook", r.port)])
    t.said("damaged")
    t.alerts(20)
    wire.wait_for(lambda: t.n - 1 in t.ports(r.taken), 15, 0.1)
    t.end()
    r.stop()
    got, k = set(t.ports(r.taken)), t.counts("hook")
    # A page and the records that it cuts.
    assert t.n - len(got) <= 4096 // 700 + 3 and k["dropped_damaged"] == 1, (t.n, len(got), k)
    print(f"    {t.n} alerts, {len(got)} received, {t.n - len(got)} lay in the damaged page")


def main():
    wire.enter()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    failed, names = 0, [n for n in globals() if n.startswith("test_") and (len(sys.argv) == 1 or n[5:].startswith(tuple(sys.argv[1:])))]
    for name in names:
        begin = time.monotonic()
        print(name[5:], flush=True)
        folder = tempfile.mkdtemp(prefix="tw-faults-")
        t = Try(folder)
        try:
            globals()[name](t)
        except AssertionError as e:
            print(f"    FAILED: {e}", flush=True)
            failed += 1
        finally:
            if t.s is not None:
                t.s.kill()
            shutil.rmtree(folder, ignore_errors=True)
        print(f"    {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{len(names)} tests, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
