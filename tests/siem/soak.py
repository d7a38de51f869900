#!/usr/bin/env python3
"""A live sensor with every kind of sink, whose receivers come and go: nothing is lost, memory stays flat, no error repeats.

    soak.py [SECONDS [PACKETS-PER-SECOND [SEED]]]        60 s at 20,000

Live over a pair of interfaces in a namespace of its own: the plant of pcaps/plant at work and under attack, round after round with new sessions
(tests/perf/repeat, tcpreplay), and among them datagrams that are an alert of severity 1 each.  Every sink has the default types; eve.json is renamed and
opened again now and then.  At random one receiver ends by TERM (or as a process does that ends) and comes back after some seconds.  At the end
what stands in eve.json is compared with what each receiver has, line by line in the sink's own format.  Prints the counts.  Needs root.
"""
import collections
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
import kit
import stations
import tw  # noqa: E402
import wire  # noqa: E402
from wire import plug, udp  # noqa: E402

USER = "nobody"
LEAST_ALERTS = 2		# a second, of severity 1
MEMORY_MIB = 128
FLAT_KIB = 2048
RULE = 'alert udp any any -> any 9999 (msg:"each frame"; sid:1000001; rev:1; priority:1;)\n'
REPEAT = os.path.join(os.path.dirname(kit.CARRY), "../perf/repeat")


def config(folder, of):
    """JSON is YAML, too."""
    sinks = [{"name": "archive", "format": "ecs", "target": "archive.json", "rotate-size": 1, "rotate-compress": True}]
    for s in of:
        sinks.append({"name": s.name, "spool": True, **s.sink()})
    text = {"outputs": {"sinks": sinks, "stats-interval": 10}, "sensor": {"name": stations.SENSOR},
            "rules": {"files": ["auto", os.path.join(folder, "each.rules")]}, "run": {"user": USER},
            "store": {"file": os.path.join(folder, "log", "store.db")},
            "control": {"socket": os.path.join(folder, "log", "control.sock"), "stop-within": 60}, "metrics": {"listen": f"127.0.0.1:{kit.free_port()}"}}
    with open(os.path.join(folder, "each.rules"), "w", encoding="ascii") as f:
        f.write(RULE)
    with open(os.path.join(folder, "soak.yaml"), "w", encoding="utf-8") as f:
        f.write(json.dumps(text, indent=1).replace("true", "yes"))
    return os.path.join(folder, "soak.yaml"), text["metrics"]["listen"]


def all_stations(folder):
    c = kit.Certificates(folder)
    for name in ("good", "client"):
        c.make(name)
    for f in os.listdir(folder):	# keys of a test, read by the sensor's user
        os.chmod(os.path.join(folder, f), 0o644)
    tls = f"/usr/lib/{os.uname().machine}-linux-gnu/rsyslog/lmnsd_gtls.so"
    of = [stations.Syslog(folder, "udp", "cef"), stations.Syslog(folder, "tcp", "leef"),
          stations.Http(folder, "splunk", "eve", c), stations.Http(folder, "webhook", "ocsf", c), stations.Unix(folder, "stream"), stations.Unix(folder, "dgram")]
    if os.path.exists(tls):
        of.append(stations.Syslog(folder, "tls", "eve", c))
    of.append(stations.BehindNginx(folder, "bulk", "ecs", c) if shutil.which("nginx", path="/usr/sbin:/usr/bin") else stations.Http(folder, "bulk", "ecs", c))
    try:
        from by_mail import Server
        of.append(stations.Mail(folder, c, Server))
    except SystemExit:
        pass			# it has said so
    if shutil.which("kcat") and shutil.which("java"):
        import kafka
        os.mkdir(os.path.join(folder, "kafka"))
        of.append(stations.Kafka(folder, kafka.Broker(kafka.jars(), os.path.join(folder, "kafka"))))
    return of


class Traffic:
    """The plant by tcpreplay, and alerts that can be told apart."""
    def __init__(self, seconds, rate, seed):
        plant = [os.path.join(tw.SRCDIR, "pcaps/plant", x) for x in ("plant.pcap", "plant-attack.pcap")]
        rounds = str(int(seconds * rate / 9000) + 10)
        self.made = subprocess.Popen([REPEAT, "-", str(seed), "0", rounds, plant[0], plant[0], plant[0], plant[1]], stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL)
        self.log = tempfile.TemporaryFile()
        self.replay = subprocess.Popen(["tcpreplay", f"--pps={rate}", "-i", "wire0", "-"], stdin=self.made.stdout, stdout=self.log, stderr=self.log)
        self.made.stdout.close()
        self.n, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self.marks, daemon=True)
        self.thread.start()

    def marks(self):
        sock = plug()
        while not self.over.wait(random.uniform(0, 2 / LEAST_ALERTS / 4)):
            sock.send(udp((10, 9, 1, 1 + self.n % 5), 1024 + self.n % 50000, (10, 9, 0, 2), 9999, b"%08d" % self.n))
            self.n += 1

    def end(self):
        self.over.set()
        self.thread.join()
        self.replay.send_signal(signal.SIGINT)
        self.replay.wait()
        self.made.kill()
        self.made.wait()
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


class Memory:
    """What the sensor holds, in KiB, now and then."""
    def __init__(self, pid):
        self.pid, self.seen, self.most = pid, [], 0

    def look(self, at):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            s = dict(x.split(":", 1) for x in f)
        self.seen.append((at, int(s["VmRSS"].split()[0])))
        self.most = int(s["VmHWM"].split()[0])

    def judge(self, seconds):
        """Problems: over the ceiling, or growing after five minutes."""
        print(f"    memory: at most {self.most / 1024:.1f} MiB; " + ", ".join(
            f"{k / 1024:.1f} at {t:.0f} s" for t, k in self.seen[::max(1, len(self.seen) // 12)]), flush=True)
        bad = self.most > MEMORY_MIB * 1024
        late = [k for t, k in self.seen if t >= 300]
        if bad:
            print(f"    PROBLEM: more than {MEMORY_MIB} MiB")
        if seconds > 420 and max(late) - late[0] > FLAT_KIB:
            print(f"    PROBLEM: it grew by {max(late) - late[0]} KiB after five minutes")
            bad += 1
        return bad


def shape(line):
    return re.sub(r"\d+", "#", line)


def repeated_errors(said, of):
    """Messages that came more often than their receivers went away; of no receiver, more than once."""
    counts, bad = {}, 0
    for line in said.splitlines():
        if re.search(r"\b(error|warning)\b", line, re.I):
            counts[shape(line)] = counts.get(shape(line), 0) + 1
    for text, n in sorted(counts.items(), key=lambda x: -x[1]):
        allowed = max([2 * s.restarts + 1 for s in of if re.search(rf"\b{s.name}\b", text) or str(getattr(s, "path", "/no")) in text] or [1])
        if n > allowed:
            print(f"    PROBLEM: said {n} times: {text[:300]}")
            bad += 1
    return bad


def compare(s, w, counts):
    """Counts of one station against what eve.json has; how many problems."""
    g = collections.Counter(s.arrived())
    lost, again, strange = len(w.keys() - g.keys()), sum((g - w).values()), len(g.keys() - w.keys())
    k = counts.get(s.name, {})
    print(f"    {s.name:13} {s.form:9} records {w.total():7}, received {g.total():7}, repeated {again:6}, lost {lost}, "
          f"rejected {k.get('rejected', 0)}; away {s.restarts} times" + (f"; {strange} that are not in eve.json" if strange else ""), flush=True)
    return (lost > 0 and not s.may_lose) + (strange > 0) + (k.get("rejected", 0) > 0)


def of_types(path, *types):
    words = [f'"event_type":"{t}"'.encode() for t in types]
    with open(path, "rb") as f:
        return [json.loads(x) for x in f if any(w in x for w in words)]


def mailed(s, path):
    wanted = got = 0
    for j in of_types(path, "alert", "incident"):
        of = j["ot"]["incident"] if j["event_type"] == "incident" else {**j["ot"], **j["alert"]}
        wanted += of.get("kind", "first") == "first" and of["severity"] == 1
    for m in s.mails:
        if "since yesterday" not in m["subject"]:
            text = m.get_content()
            got += text.count("severity 1") + sum(int(x) for x in re.findall(r"and (\d+) more that", text))
    print(f"    {s.name:13} text      alerts {wanted:8}, received {got:7}, lost {wanted - got} (in {len(s.mails)} mails); away {s.restarts} times", flush=True)
    return got < wanted


def run(folder, seconds, rate, seed):
    of = all_stations(folder)
    log = os.path.join(folder, "log")
    os.mkdir(log)
    stations.hand_over(log, USER)
    os.chmod(folder, 0o755)
    conf, metrics = config(folder, of)
    try:
        for s in of:
            s.start()
        return try_for(folder, of, conf, metrics, seconds, rate, seed)
    finally:
        for s in of:
            s.end()


def try_for(folder, of, conf, metrics, seconds, rate, seed):
    log = os.path.join(folder, "log")
    sensor = wire.Sensor(log, "-c", conf, types="auto", rules=())
    sensor.wait_ready(120)
    memory, traffic = Memory(sensor.p.pid), Traffic(seconds, rate, seed)
    begin, next_look, renamed = time.monotonic(), 0, 0
    down, change = None, begin + 5
    try:
        while (now := time.monotonic()) < begin + seconds:
            if sensor.p.poll() is not None:
                raise tw.Failed("the sensor ended: " + sensor.said()[-3000:])
            if now - begin >= next_look:
                memory.look(now - begin)
                subprocess.run(["curl", "-s", "-o", os.devnull, f"http://{metrics}/metrics"], check=False)
                next_look += 5
            if now - begin > (renamed + 1) * max(20, seconds / 6):
                renamed += 1
                os.rename(sensor.eve, f"{sensor.eve}.{renamed}")
                sensor.p.send_signal(signal.SIGHUP)
            if now >= change and down is None and now < begin + seconds - 10:
                down = random.choice(of)
                down.stop()
                change = time.monotonic() + random.uniform(0.5, 6)
            elif now >= change and down is not None:
                down.restarts += 1
                down.start()
                down, change = None, time.monotonic() + random.uniform(1, 8)
            time.sleep(0.1)
        if down is not None:
            down.restarts += 1
            down.start()
        replayed = traffic.end()
        wire.wait_for(lambda: settled(conf), 180, 0.5)
        memory.look(time.monotonic() - begin)
        status, took = sensor.end(seconds=90)
    finally:
        sensor.kill()
    return judge(folder, of, sensor, traffic, replayed, memory, (status, took), seconds)


def settled(conf):
    """Nothing waits for a receiver."""
    p = subprocess.run([tw.BINARY, "status", "--json", "-c", conf], capture_output=True, text=True, check=False)
    if p.returncode != 0:
        return False
    return all(k.get("waiting_lines", 0) <= 20 for k in json.loads(p.stdout)["status"]["outputs"])


def judge(folder, of, sensor, traffic, replayed, memory, end, seconds):
    log = os.path.join(folder, "log")
    time.sleep(1)
    for s in of:
        if isinstance(s, stations.Syslog):	# what it holds in memory is written
            s.end()
    path, n, wanted = os.path.join(folder, "all.json"), 0, {}
    with open(path, "wb") as f:
        for line in stations.of_rotated(log, "eve.json"):
            f.write(line)
            n += 1
    last = of_types(path, "stats")[-1]
    counts = {k["name"]: k for k in last["ot"]["sinks"]}
    said = sensor.said()
    kernel = last["stats"]["capture"]
    print("    " + " ".join(re.findall(r"(?:Actual|Rated):.*", replayed)), flush=True)
    print(f"    {kernel['kernel_packets']} packets, {kernel['kernel_packets'] / seconds:.0f} a second, dropped by the kernel {kernel['kernel_drops']}; "
          f"{n} records, ended with {end[0]} after {end[1]:.1f} s", flush=True)
    bad = memory.judge(seconds) + repeated_errors(said, of)
    alerts = of_types(path, "alert")
    print(f"    alerts {len(alerts)}, of severity 1 {sum(a['alert']['severity'] == 1 for a in alerts)}; lines lost before a sink {last['ot']['counters']['output']['lost']}")
    for form in sorted({s.form for s in of if not isinstance(s, stations.Mail)} | {"ecs"}):
        wanted[form] = stations.expected(path, form)
    archived = collections.Counter(stations.number(x) for x in stations.of_rotated(log, "archive.json"))
    lost = len(wanted["ecs"].keys() - archived.keys())
    print(f"    archive       ecs       records {wanted['ecs'].total():7}, in files {archived.total():7}, lost {lost}")
    bad += (lost > 0) + (end[0] != 0) + (last["ot"]["counters"]["output"]["lost"] > 0)
    for s in of:
        bad += mailed(s, path) if isinstance(s, stations.Mail) else compare(s, wanted[s.form], counts)
    left = subprocess.run([tw.BINARY, "spool", "show", "--format", "json", "-c", os.path.join(folder, "soak.yaml"), "-l", log], capture_output=True, text=True, check=False)
    for k in json.loads(left.stdout or "[]"):
        if k["lines"] or sum(k["dropped"].values()):
            print(f"    PROBLEM: the spool of {k['name']}: {k['lines']} lines wait, dropped {k['dropped']}")
            bad += 1
    return bad


def main():
    wire.enter()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if not shutil.which("tcpreplay"):
        tw.skip("tcpreplay is missing")
    seconds, rate, seed = (int(x) for x in (sys.argv[1:] + ["60", "20000", str(int(time.time()))][len(sys.argv) - 1:])[:3])
    random.seed(seed)
    folder = tempfile.mkdtemp(prefix="tw-soak-")
    print(f"soak: {seconds} s at {rate} packets a second, seed {seed}, {folder}", flush=True)
    bad = run(folder, seconds, rate, seed)
    if not bad:
        shutil.rmtree(folder, ignore_errors=True)
    print("no problem" if not bad else f"{bad} problems; files stay in {folder}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
