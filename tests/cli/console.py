#!/usr/bin/env python3
"""The console without a browser: which settings are refused, tokens, who gets in and who does not, what is kept when no sensor runs, TLS.
Its process runs in its sandbox in trap mode, so that a system call that is missing there ends it."""
import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant-attack.pcap")


def run(*args, status=0):
    p = subprocess.run([tw.BINARY, *args], capture_output=True, text=True, check=False)
    assert p.returncode == status, (args, p.returncode, p.stderr)
    return p


def sets(*assignments):
    return [x for a in assignments for x in ("--set", a)]


def refused(folder):
    """Nothing that anybody could reach without a token, or read along."""
    base = ["store.file=" + folder + "/x.db", "control.socket=" + folder + "/control", "console.tokens=" + folder + "/tokens"]
    cases = [(base + ["console.listen=0.0.0.0:8642"], "is no loopback address"), (base + ["console.listen=8642"], "is no address with a port"),
             (base + ["console.listen=localhost:8642"], "is no address"), (base[:2] + ["console.listen=127.0.0.1:8642"], "nobody could log in"),
             (base[1:] + ["console.listen=127.0.0.1:8642"], "nothing to show"), (base + ["console.listen=127.0.0.1:8642", "console.key=/k"], "belong together"),
             (base[:1] + base[2:] + ["console.listen=127.0.0.1:8642"], "control.socket")]
    for s, said in cases:
        p = run("-T", *sets(*s), status=1)
        assert said in p.stderr, (s, p.stderr)
    p = subprocess.run([tw.BINARY, "-T", *sets(*base, "console.listen=[::1]:8642")], capture_output=True, text=True, check=False)
    if "built without libmicrohttpd" in p.stderr:
        tw.skip("this program has no console: it was built without libmicrohttpd")
    assert p.returncode == 0, p.stderr
    assert "it takes nothing" in run("console", "start", "--store", "x.db", status=2).stderr
    assert "no database is named" in run("console", status=2).stderr


def tokens(folder):
    path = os.path.join(folder, "tokens")
    first = run("console", "token", "anna", *sets("console.tokens=" + path))
    token = first.stdout.strip()
    assert token.startswith("tw-") and len(token) == 51 and token not in first.stderr
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with open(path, encoding="ascii") as f:
        assert token[3:] not in f.read()
    assert "letters, digits" in run("console", "token", "a b", *sets("console.tokens=" + path), status=1).stderr
    os.chmod(path, 0o644)
    p = run("console", "--store", os.path.join(folder, "plant.db"), "--listen", "127.0.0.1:1", *sets("console.tokens=" + path), status=1)
    os.chmod(path, 0o600)
    assert "chmod 600" in p.stderr or "cannot listen" in p.stderr, p.stderr
    return path, token


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Console:
    def __init__(self, port, tls=None):
        self.port, self.tls = port, tls

    def ask(self, what, body=None, method=None, **headers):
        c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=self.tls) if self.tls else http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(c):
            c.request(method or ("POST" if body is not None else "GET"), what, body, {k.replace("_", "-"): v for k, v in headers.items()})
            r = c.getresponse()
            text = r.read()
            return r.status, json.loads(text) if "json" in (r.headers["Content-Type"] or "") else text, r.headers


@contextlib.contextmanager
def console(db, *options, tls=None):
    port = free_port()
    env = dict(os.environ) if os.environ.get("TW_SANITIZED") else dict(os.environ, THERMOWELL_SANDBOX="trap")
    p = subprocess.Popen([tw.BINARY, "console", "--store", db, "--listen", f"127.0.0.1:{port}", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    try:
        at, line = Console(port, tls), p.stdout.readline().strip()
        assert line.startswith("http"), p.stderr.read()
        yield at, line
    finally:
        p.terminate()
        _, said = p.communicate(timeout=20)
        at.said = said
        assert p.returncode == 0, (p.returncode, said)


SAY = {"verb": "archive", "object": "incident"}


def who_gets_in(db, path, token):
    mine = {"Authorization": "Bearer " + token}
    with console(db, *sets("console.tokens=" + path, "console.names=plant.example")) as (c, line):
        assert line == f"http://127.0.0.1:{c.port}/", line
        status, page, head = c.ask("/")
        assert status == 200 and b"main.js" in page
        policy = head["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'") and "unsafe" not in policy and head["X-Content-Type-Options"] == "nosniff"
        assert c.ask("/../../etc/passwd")[0] == 400 and c.ask("/none")[0] == 404 and c.ask("/", method="DELETE")[0] == 405
        for what in ("/api/alerts", "/api/status", "/events", "/api/capture?alert=x", "/api/map"):
            assert c.ask(what)[0] == 401, what
        assert c.ask("/api/me", **mine)[1]["name"] == "anna"
        assert c.ask("/api/me", Host="evil.example", **mine)[0] == 421 and c.ask("/api/me", Host=f"plant.example:{c.port}", **mine)[0] == 200
        assert c.ask("/api/me", Sec_Fetch_Site="cross-site", **mine)[0] == 403
        # In, with a cookie that no script sees.
        login = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{c.port}"}
        status, _, head = c.ask("/login", json.dumps({"token": token}), **login)
        cookie = head["Set-Cookie"]
        assert status == 200 and "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie and token[3:] not in cookie
        cookie = cookie.split(";")[0]
        alerts = c.ask("/api/alerts?limit=5", Cookie=cookie)[1]
        assert len(alerts["rows"]) == 5 and alerts["more"] and alerts["rows"][0]["last"] >= alerts["rows"][4]["last"]
        uid = c.ask("/api/incidents?limit=1", Cookie=cookie)[1]["rows"][0]["uid"]
        body = json.dumps(dict(SAY, id=uid, text="planned"))
        for wrong in ({"Origin": "http://evil.example"}, {}, {"Origin": "null"}):
            assert c.ask("/say", body, Content_Type="application/json", Cookie=cookie, **wrong)[0] == 403, wrong
        assert c.ask("/say", body, Content_Type="text/plain", Cookie=cookie, Origin=login["Origin"])[0] == 403
        assert c.ask("/say", "x" * 5000, Cookie=cookie, **login)[0] == 413
        assert c.ask("/say", json.dumps({"verb": "reset", "object": "baseline", "id": "all"}), Cookie=cookie, **login)[0] == 400
        assert c.ask("/say", body, Cookie=cookie, **login)[1] == {"who": "anna"}
        fact = c.ask("/api/facts?state=open&limit=1", Cookie=cookie)[1]["rows"][0]["text"]
        assert c.ask("/say", json.dumps({"verb": "accept", "object": "baseline", "id": fact}), Cookie=cookie, **login)[0] == 200, fact
        # What is too long is not waited for, whether it says so or not.
        for head in (b"Content-Length: 10000000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", c.port), timeout=10) as s:
                s.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + head)
                sent = 0
                try:
                    while sent < 64 << 20:
                        s.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                        sent += 65536
                except OSError:
                    pass
                assert sent < 32 << 20, f"{sent} bytes of a body were taken"
        # A token that is taken back takes its sessions along; who guesses has to wait.
        answers = [c.ask("/login", json.dumps({"token": "tw-" + "0" * 48}), **login)[0] for _ in range(10)]
        assert answers == [401] * 8 + [429] * 2, answers
        # Nor may what is no token at all be posted for ever: it would have everybody wait.
        assert {c.ask("/login", "{}", **login)[0] for _ in range(4)} == {429}
        assert c.ask("/api/me", Cookie=cookie)[0] == 200
        c.ask("/logout", "{}", Cookie=cookie, **login)
        assert c.ask("/api/me", Cookie=cookie)[0] == 401
    return uid, fact


def it_was_kept(db, uid, fact):
    with console(db) as (c, line):
        mine = {"Authorization": "Bearer " + line.split("#token=")[1]}
        x = c.ask("/api/incidents?archived=yes", **mine)[1]["rows"]
        assert [y["uid"] for y in x] == [uid] and x[0]["archived_by"] == "anna", x
        assert fact in [y["text"] for y in c.ask("/api/facts?state=accepted", **mine)[1]["rows"]]
        said = c.ask("/api/actions", **mine)[1]["rows"]
        assert [(y["who"], y["verb"]) for y in said] == [("anna", "accept"), ("anna", "archive")], said
        assert c.ask("/api/map", **mine)[1].startswith(b"<svg")
        assert c.ask("/api/deeds?server=10.20.1.31&q=stop", **mine)[1]["rows"][0]["client"] == "10.20.2.99"


def with_tls(db, folder, path, token):
    if shutil.which("openssl") is None:
        print("not tried: openssl is not installed, so there is no certificate")
        return
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=plant"],
                   check=True, capture_output=True)
    trust = ssl.create_default_context(cafile=cert)
    trust.check_hostname = False
    with console(db, *sets("console.tokens=" + path, "console.certificate=" + cert, "console.key=" + key), tls=trust) as (c, line):
        assert line.startswith("https://")
        assert c.ask("/api/me", Authorization="Bearer " + token)[1]["name"] == "anna"
        head = c.ask("/login", json.dumps({"token": token}), Content_Type="application/json", Origin=f"https://127.0.0.1:{c.port}")[2]
        assert "Secure" in head["Set-Cookie"]
        assert c.ask("/login", json.dumps({"token": token}), Content_Type="application/json", Origin=f"http://127.0.0.1:{c.port}")[0] == 403


def files_are_limited(db, folder, elsewhere, path, token):
    """What lies elsewhere is not opened, whatever a path says: here the file of tokens becomes a link that leads out of its folder."""
    shutil.copy(path, os.path.join(elsewhere, "tokens"))    # with its mode
    for options, answers in (((), 401), (("--no-sandbox",), 200)):
        here = os.path.join(folder, "here" + str(answers))
        os.mkdir(here)
        shutil.copy(path, here)
        with console(db, *options, *sets("console.tokens=" + os.path.join(here, "tokens"))) as (c, _):
            assert c.ask("/api/me", Authorization="Bearer " + token)[0] == 200
            os.unlink(os.path.join(here, "tokens"))
            os.symlink(os.path.join(elsewhere, "tokens"), os.path.join(here, "tokens"))
            got = c.ask("/api/me", Authorization="Bearer " + token)[0]
        if "Landlock for its files: on" in c.said or answers == 200:
            assert got == answers, (options, got, c.said)
        else:
            assert "Landlock for its files: not" in c.said, c.said
            print("not tried: Landlock, which is not there: " + c.said[c.said.find("Landlock"):].strip())


def main():
    tw.need_binary()
    with tempfile.TemporaryDirectory() as folder:
        refused(folder)
        db = os.path.join(folder, "plant.db")
        for mode in ("--learn", "--detect"):
            run(mode, "-q", "-r", CAPTURE.replace("-attack", "") if mode == "--learn" else CAPTURE, "--store", db, "-l", folder, *sets("outputs.eve.file=/dev/null"))
        path, token = tokens(folder)
        uid, fact = who_gets_in(db, path, token)
        it_was_kept(db, uid, fact)
        with_tls(db, folder, path, token)
        with tempfile.TemporaryDirectory() as elsewhere:
            files_are_limited(db, folder, elsewhere, path, token)
    print("the console lets in who has a token, and keeps what they say")


if __name__ == "__main__":
    main()
