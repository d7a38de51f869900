#!/usr/bin/env python3
"""Figures for Prometheus: what settings are refused; and, in a namespace (root), who gets them, whether they are right, and what
promtool thinks of them where it is installed."""
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import tw  # noqa: E402
import wire  # noqa: E402

URL = "http://127.0.0.1:9464"


def refused(folder):
    empty = os.path.join(folder, "empty")
    open(empty, "w", encoding="ascii").close()
    cases = [(["metrics.listen=9464"], "is no address with a port"), (["metrics.listen=127.0.0.1:0"], "is no address with a port"),
             (["metrics.listen=127.0.0.1:99999"], "is no address"), (["metrics.listen=localhost:9464"], "is no address"),
             (["metrics.listen=[::1:9464"], "is no address"), (["metrics.listen=127.0.0.1:9464x"], "is no address"),
             (["metrics.listen=0.0.0.0:9464"], "is no loopback address"), (["metrics.listen=[::]:9464"], "is no loopback address"),
             (["metrics.listen=10.0.0.1:9464"], "name a metrics.token-file"),
             (["metrics.listen=10.0.0.1:9464", "metrics.token-file=" + empty], "is empty"),
             (["metrics.listen=127.0.0.1:9464", "metrics.token-file=/no/such"], "/no/such"),
             (["metrics.token-file=" + empty], "of no use without metrics.listen")]
    for sets, said in cases:
        p = subprocess.run([tw.BINARY, "-T", *[x for s in sets for x in ("--set", s)]], capture_output=True, text=True, check=False)
        assert p.returncode == 1 and said in p.stderr, (sets, p.returncode, p.stderr)
    for good in ("127.0.0.1:9464", "[::1]:9464", "127.1.2.3:1"):
        p = subprocess.run([tw.BINARY, "-T", "--set", "metrics.listen=" + good], capture_output=True, text=True, check=False)
        if "built without libmicrohttpd" in p.stderr:
            return False
        assert p.returncode == 0, (good, p.stderr)
    return True


def ask(path="/metrics", token=None, method="GET", data=None):
    r = urllib.request.Request(URL + path, method=method, data=data, headers={"Authorization": token} if token else {})
    try:
        with urllib.request.urlopen(r, timeout=5) as a:
            return a.status, a.read().decode(), a.headers
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode(), e.headers


def value(text, line):
    m = re.search(rf"^{re.escape(line)} (\S+)$", text, re.M)
    assert m, (line, text[:2000])
    return float(m[1])


def names_are_well_made(text):
    """Each figure has its two lines before it, once; counters alone end in _total."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (counter|gauge)$", text, re.M))
    assert len(kinds) == text.count("# TYPE ") == text.count("# HELP ") > 150, len(kinds)
    for name, kind in kinds.items():
        assert re.fullmatch(r"thermowell_[a-z0-9_]+", name) and name.endswith("_total") == (kind == "counter"), (name, kind)
    for line in text.splitlines():
        if not line.startswith("#"):
            assert re.fullmatch(r'[a-z0-9_]+(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})? [0-9.e+-]+', line), line
            assert re.match(r"[a-z0-9_]+", line)[0] in kinds, line
    if shutil.which("promtool") is None:
        print("not tried: promtool is not installed")
        return
    p = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert p.returncode == 0 and p.stdout + p.stderr == "", p.stdout + p.stderr


def dashboard_asks_for_what_there_is(text, folder):
    """Each name in the dashboard of Grafana is one that is given, and each question one that Prometheus understands."""
    with open(os.path.join(tw.SRCDIR, "contrib/grafana/thermowell.json"), encoding="utf-8") as f:
        d = json.load(f)
    asked = [t["expr"] for p in d["panels"] for t in p["targets"]]
    kinds = dict(re.findall(r"^# TYPE (\S+) (counter|gauge)$", text, re.M))
    names = {n for e in asked for n in re.findall(r"thermowell_[a-z0-9_]+", e)}
    assert len(asked) >= 10 and names <= set(kinds), names - set(kinds)
    for e in asked:
        for n in re.findall(r"(?:rate|increase)\((thermowell_[a-z0-9_]+)", e):
            assert kinds[n] == "counter", (n, e)
    if shutil.which("promtool") is not None:
        rules = os.path.join(folder, "rules.yml")
        with open(rules, "w", encoding="utf-8") as f:
            json.dump({"groups": [{"name": "d", "rules": [{"record": f"r{i}", "expr": e} for i, e in enumerate(asked)]}]}, f)
        p = subprocess.run(["promtool", "check", "rules", rules], capture_output=True, text=True, check=False)
        assert p.returncode == 0, p.stdout + p.stderr


def again(sock, frames):
    for _ in range(8):
        sock.send(frames[0])
        time.sleep(0.6)
        yield


def tls_receiver(folder):
    """A receiver on loopback with a certificate of its own; returns when that expires, or None where there is no TLS."""
    pem = os.path.join(folder, "receiver.pem")
    if "libssl" not in subprocess.run(["ldd", tw.BINARY], capture_output=True, text=True, check=False).stdout or not shutil.which("openssl"):
        return None
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=receiver", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-days", "40", "-keyout", pem + ".key", "-out", pem], check=True, stderr=subprocess.DEVNULL)
    end = subprocess.run(["openssl", "x509", "-in", pem, "-noout", "-enddate"], capture_output=True, text=True, check=True).stdout
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem + ".key")
    listener = socket.create_server(("127.0.0.1", 6515))

    def serve():
        with context.wrap_socket(listener.accept()[0], server_side=True) as c:
            while c.recv(65536):
                pass
    threading.Thread(target=serve, daemon=True).start()
    return ssl.cert_time_to_seconds(end.strip().split("=", 1)[1])


def live(folder):
    with open(os.path.join(folder, "token"), "w", encoding="ascii") as f:
        f.write("open sesame\n")
    # With a receiver that is away: its figures are those of a spool.
    with open(os.path.join(folder, "sinks.yaml"), "w", encoding="ascii") as f:
        f.write("outputs:\n  sinks:\n    - name: siem\n      transport: syslog-tcp\n      target: 127.0.0.1:6514\n      types: [ alert ]\n      spool: true\n")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        until = tls_receiver(folder)
        if until is not None:
            f.write(f"    - {{name: safe, transport: syslog-tls, target: '127.0.0.1:6515', types: [ alert ], tls-ca: {folder}/receiver.pem}}\n")
    # A name that would bend a label, one that is not shown, and one that nobody reads.
    with open(os.path.join(folder, "tags.csv"), "w", encoding="utf-8") as f:
        f.write('name,address,type,unit,scale,group,export\ntank \\ level,10.9.0.4 unit 1 holding 99,uint16,m,0.01,tänk,yes\n'
                'other,10.9.0.4 unit 1 holding 100,uint16,,,,no\nunread,10.9.0.4 unit 9 holding 1,uint16,,,,yes\n')
    s = wire.Sensor(folder, "--set", "metrics.listen=127.0.0.1:9464", "--set",
                    f"metrics.token-file={folder}/token", "--tags", f"{folder}/tags.csv", "-c", f"{folder}/sinks.yaml")
    token = "Bearer open sesame"
    try:
        s.wait_ready()
        # Somebody who connects and says nothing is in nobody's way.
        idle = socket.create_connection(("127.0.0.1", 9464))
        for wrong in (None, "Bearer open", "Bearer open sesame!", "open sesame", "Basic b3Blbg=="):
            status, body, head = ask(token=wrong)
            assert status == 401 and "thermowell_" not in body and head["WWW-Authenticate"] == "Bearer", (wrong, status, body)
        assert ask("/", token)[0] == 404 and ask(token=token, method="DELETE")[0] == 405
        assert ask(token=token, method="POST", data=b"x" * 100000)[0] == 405
        sock, frames = wire.plug(), wire.polls(200)
        for f in frames:
            sock.send(f)
        before, after = wire.s7_stop((10, 8, 1, 1), (10, 8, 0, 1))
        for f in before + after:
            sock.send(f)
        sent = len(frames) + len(before) + len(after)
        got = {}

        def counted():
            status, got["text"], got["head"] = ask(token=token)
            return status == 200 and value(got["text"], "thermowell_decoder_pkts_total") == sent and \
                value(got["text"], 'thermowell_alerts_total{severity="1"}') > 0
        assert wire.wait_for(counted, 15, 0.2), (sent, s.said(), got["text"][:3000])
        text = got["text"]
        assert got["head"]["Content-Type"].startswith("text/plain; version=0.0.4")
        assert value(text, 'thermowell_operations_total{protocol="modbus",intent="read"}') == len(frames) / 2
        assert value(text, 'thermowell_operations_total{protocol="s7comm",intent="mode"}') == 1, re.findall(r".*s7comm.*", text)
        assert value(text, "thermowell_capture_kernel_drops_total") == 0
        assert abs(value(text, "thermowell_last_frame_time_seconds") - time.time()) < 60
        assert any(0 < value(ask(token=token)[1], "thermowell_processing_delay_seconds") < 60 for _ in again(sock, frames)), s.said()
        assert value(text, 'thermowell_sink_lines_total{sink="eve",transport="file",format="eve"}') > 100, re.findall(r".*sink_lines.*", text)
        assert value(text, 'thermowell_sink_waiting_lines{sink="siem",transport="syslog-tcp",format="eve"}') >= 1
        certificate = 'thermowell_sink_certificate_expiry_time_seconds{sink="safe",transport="syslog-tls"}'
        assert until is None or wire.wait_for(lambda: certificate in ask(token=token)[1], 10, 0.2), s.said()
        assert until is None or value(ask(token=token)[1], certificate) == until
        assert "thermowell_sink_certificate_expiry_time_seconds{sink=\"siem\"" not in text
        level = int.from_bytes(frames[-1][-20:-18], "big") / 100
        labels = '{tag="tank \\\\ level",group="tänk",unit="m"}'
        assert value(text, "thermowell_process_value" + labels) == level, (level, re.findall("thermowell_process_value.*", text))
        assert abs(value(text, "thermowell_process_seen_time_seconds" + labels) - time.time()) < 60
        assert len(re.findall("^thermowell_process_value{", text, re.M)) == 1
        names_are_well_made(text)
        dashboard_asks_for_what_there_is(text, folder)
        status, took = s.end()
        # The receiver has not come, and lines wait for the next run: nothing is lost.
        assert status == 0 and took < 6 and "wait in its spool" in s.said(), (status, took, s.said())
        idle.close()
    finally:
        s.kill()
    assert "sesame" not in s.said()


# What the sandbox does not allow ends the sensor; a build without one takes no notice.
os.environ.setdefault("THERMOWELL_SANDBOX", "trap")


def main():
    tw.need_binary()
    with tempfile.TemporaryDirectory(prefix="tw-metrics-") as folder:
        if not os.environ.get(wire.INSIDE):
            if not refused(folder):
                print("built without libmicrohttpd: it says so")
                return
            if os.geteuid() != 0:
                print("settings are checked; not tried live: that needs root")
                return
            try:
                wire.enter()
            except SystemExit as end:
                sys.exit(0 if end.code == tw.SKIP else end.code)
        live(folder)
    print("figures are right")


main()
