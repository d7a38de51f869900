#!/usr/bin/env python3
"""Values in InfluxDB: the header with the token, and what a real server makes of the lines, where one is installed (influxd).

Names of tags are such that each special character of the line protocol is in one.  What the server holds is what eve.json says, value by
value; the same for the history and the present values that `thermowell values --format influx` prints.
"""
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps/plant/plant-attack.pcap")
TAGS = """name,address,type,unit,scale,dead-band,group
"set-point, dosing=1 mg\\",10.20.1.12 unit 1 holding 0,uint16,mg/l,0.01,,"a b,c=d"
Fördermenge µ,10.20.1.12 unit 1 input 0,uint16,mg/l,0.01,,
pressure,10.20.1.31 DB10.DBD0,float32,bar,,0.05,network
door,10.20.1.21 outstation 10 g1 index 0,,,,,
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def sensor(folder, name, url, *options):
    """A replay with a sink of format influx; its process records."""
    log = os.path.join(folder, name)
    os.mkdir(log)
    conf = os.path.join(log, "sink.yaml")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"outputs:\n  sinks:\n    - name: values\n      format: influx\n      transport: webhook\n      target: {url}\n      batch-wait: 100\n")
        for o in options:
            f.write(f"      {o}\n")
    done = subprocess.run([tw.BINARY, "-q", "-c", conf, "--tags", os.path.join(folder, "tags.csv"), "-r", CAPTURE, "-l", log, "--store",
                           os.path.join(log, "db"), "--set", "outputs.eve.types=process", "--set", "rules.files=none"],
                          stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    if "without libcurl" in done.stderr:
        tw.skip("this thermowell was built without libcurl")
    assert done.returncode == 0, done.stderr
    with open(os.path.join(log, "eve.json"), encoding="utf-8") as f:
        return [json.loads(line) for line in f], os.path.join(log, "db")


class Receiver(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.seen.append((self.path, self.headers.get("Authorization"), self.headers["Content-Type"], body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def with_a_token(folder):
    secret = os.path.join(folder, "token")
    with open(secret, "w", encoding="ascii") as f:
        f.write("s3cr3t-t0ken==\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/api/v2/write?org=plant&bucket=values&precision=ns"
    records, _ = sensor(folder, "token.d", url, f"secret-file: {secret}")
    server.shutdown()
    lines = [line for s in Receiver.seen for line in s[3].split("\n") if line]
    assert len(records) > 100 and len(lines) == len(records), (len(lines), len(records))
    for path, auth, kind, _, headers in Receiver.seen:
        assert path == "/api/v2/write?org=plant&bucket=values&precision=ns", path
        assert auth == "Token s3cr3t-t0ken==" and kind == "text/plain; charset=utf-8", (auth, kind)
        assert not any(h.startswith("X-Thermowell") for h in headers), headers


class Influxd:
    """A server of its own."""
    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        conf = os.path.join(folder, "influxd.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write(f'reporting-disabled = true\nbind-address = "127.0.0.1:{free_port()}"\n[meta]\n  dir = "{folder}/meta"\n[data]\n'
                    f'  dir = "{folder}/data"\n  wal-dir = "{folder}/wal"\n[http]\n  bind-address = "{self.url[7:]}"\n  log-enabled = false\n')
        self.p = subprocess.Popen([shutil.which("influxd"), "-config", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env=dict(os.environ, HOME=folder))
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url + "/ping", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise tw.Failed("influxd did not start")

    def ask(self, q, db=None):
        data = urllib.parse.urlencode({"q": q, "epoch": "ns", **({"db": db} if db else {})}).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + "/query", data=data), timeout=10) as a:
                return json.load(a)["results"][0].get("series", [])
        except urllib.error.HTTPError as e:
            raise tw.Failed(f"{q}: {e.read().decode()}") from e

    def write(self, db, text):
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/write?db={db}&precision=ns", data=text.encode()), timeout=10) as a:
            assert a.status == 204, a.status

    def end(self):
        self.p.terminate()
        self.p.wait(10)


def in_a_server(folder):
    d = Influxd(folder)
    try:
        for db in ("plant", "history", "now"):
            d.ask(f"CREATE DATABASE {db}")
        records, store = sensor(folder, "server.d", f"{d.url}/write?db=plant&precision=ns")
        told = {}
        for r in records:
            p = r["ot"]["process"]
            # The protocol has no backslash in a tag.
            told.setdefault(p["tag"].replace("\\", "/"), []).append((p.get("value"), p["why"], r["dest_ip"], p.get("group", ""), p.get("unit", "")))
        series = d.ask('SELECT value,why,device,"group",unit FROM process GROUP BY "tag"', "plant")
        assert {s["tags"]["tag"] for s in series} == set(told), [s["tags"] for s in series]
        for s in series:
            held = [(row[1], row[2], row[3], row[4] or "", row[5] or "") for row in s["values"]]
            assert held == told[s["tags"]["tag"]], (s["tags"], held[:3], told[s["tags"]["tag"]][:3])
        # What the command prints, of the same database.
        for db, step, field in (("history", "raw", "value"), ("now", None, "value")):
            d.write(db, subprocess.run([tw.BINARY, "values", "--store", store, "--format", "influx", *(["--step", step] if step else [])],
                                       check=True, capture_output=True, text=True).stdout)
            series = d.ask(f"SELECT {field} FROM process GROUP BY \"tag\"", db)
            for s in series:
                values = [v for v, *_ in told[s["tags"]["tag"]] if v is not None]
                held = [row[1] for row in s["values"]]
                assert held == values if step else len(held) == 1, (db, s["tags"], held[:5], values[:5])
            assert len(series) == len(told), (db, series)
        d.write("history", subprocess.run([tw.BINARY, "values", "--store", store, "--format", "influx", "--step", "1m"], check=True,
                                          capture_output=True, text=True).stdout)
        assert d.ask("SELECT mean FROM process WHERE step='1m'", "history")
    finally:
        d.end()


def main():
    tw.need_binary()
    with tempfile.TemporaryDirectory(prefix="tw-influx-") as folder:
        with open(os.path.join(folder, "tags.csv"), "w", encoding="utf-8") as f:
            f.write(TAGS)
        with_a_token(folder)
        if shutil.which("influxd") is None:
            print("the token is shown; not held to a server: influxd is not installed")
            return
        in_a_server(folder)
    print("what a server holds is what was written")


main()
