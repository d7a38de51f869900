#!/usr/bin/env python3
"""The control socket: status and reload as JSON and as text, and whatever else may be sent there.  Nothing that a client sends, or
leaves out, ends the sensor or stops it from answering the next one."""
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "modbus", "data-access.pcap")
RULE = "alert tcp any any -> any 502 (msg:\"a rule\"; content:\"|00 00|\"; offset:2; depth:2; sid:1;)\n"

# What is sent, and the code of the error that comes back.
BAD = [
    (b"\n", "not-json"),
    (b"status\n", "not-json"),
    (b"rules-reload now\n", "not-json"),
    (b"{\n", "not-json"),
    (b"{\"command\":\"status\"\n", "not-json"),
    (b"{\"command\":\"status\"} more\n", "not-json"),
    (b"{\"command\":\"status\",\"command\":\"status\"}\n", "not-json"),
    (b"{\"command\":\"sta\xfftus\"}\n", "not-json"),
    (b"{\"command\":\"sta\\u0000tus\"}\n", "not-json"),
    (b"\0{\"command\":\"status\"}\n", "not-json"),
    (b"[" * 4000 + b"\n", "not-json"),
    (b"[]\n", "no-object"),
    (b"[{\"command\":\"status\"}]\n", "no-object"),
    (b"{}\n", "no-command"),
    (b"{\"command\":1}\n", "no-command"),
    (b"{\"command\":null,\"version\":1}\n", "no-command"),
    (b"{\"command\":\"\"}\n", "unknown-command"),
    (b"{\"command\":\"stop\"}\n", "unknown-command"),
    (b"{\"command\":\"" + b"\xc3\xa4" * 500 + b"\"}\n", "unknown-command"),
    (b"{\"command\":\"status\",\"version\":2}\n", "bad-version"),
    (b"{\"command\":\"status\",\"version\":0}\n", "bad-version"),
    (b"{\"command\":\"status\",\"version\":\"1\"}\n", "bad-version"),
    (b"{\"command\":\"status\",\"version\":1e400}\n", "not-json"),
    (b"{\"command\":\"status\",\"version\":99999999999999999999}\n", "not-json"),
    (b"x" * 4096, "too-long"),
    (b"{\"command\":\"" + b"x" * 1000000 + b"\"}\n", "too-long"),
]
GOOD = [
    b"{\"version\":1,\"command\":\"status\"}\n",
    b"{\"command\":\"status\"}\r\n",
    b" { \"command\" : \"status\" , \"later\" : [1] }",
]


def main():
    tw.need_binary()
    fail = []
    with open(CAPTURE, "rb") as f:
        capture = f.read()
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        path, rules = os.path.join(tmp, "sock"), os.path.join(tmp, "a.rules")
        with open(rules, "w", encoding="utf-8") as f:
            f.write(RULE)
        p = subprocess.Popen([tw.BINARY, "-r", "-", "-S", rules, "-l", tmp, "--set", f"control.socket={path}", "--set", "sensor.name=here"],
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

        def ask(what, close=True):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(20)
                s.connect(path)
                try:
                    s.sendall(what)
                    if close:
                        s.shutdown(socket.SHUT_WR)
                except BrokenPipeError:	# the answer came before all was sent
                    pass
                answer = b""
                while True:
                    part = s.recv(65536)
                    if not part:
                        return answer
                    answer += part

        def cli(*args):
            return subprocess.run([tw.BINARY, *args, "--set", f"control.socket={path}"], capture_output=True, text=True, check=False)

        def expect(name, good, what):
            if not good:
                fail.append(f"{name}: {what}")

        try:
            p.stdin.write(capture[:len(capture) // 2])
            p.stdin.flush()
            end = time.monotonic() + 20
            while not os.path.exists(path) and time.monotonic() < end:
                time.sleep(0.05)
            for what, code in BAD:
                raw = ask(what)
                a = json.loads(raw)
                expect(what[:60], a["version"] == 1 and a["ok"] is False and a["error"]["code"] == code and a["error"]["text"], raw[:300])
            for what in GOOD:
                raw = ask(what, close=not what.endswith(b"\n"))
                a = json.loads(raw)
                expect(what, raw.endswith(b"}\n") and a["ok"] is True and a["command"] == "status", raw[:300])
                s = a["status"]
                expect(what, s["mode"] == "replay" and s["captures"] == 1 and s["sensor"] == "here" and s["pid"] == p.pid and
                       s["rules"] == 1 and s["packets"] == s["counters"]["decoder.pkts"] > 0 and s["packets"] > s["operations"] > 0 and
                       s["visibility"]["sentence"].startswith("The sensor saw "), s)
            # A line without an end is answered, too, and nobody else waits for ever.
            begin = time.monotonic()
            a = json.loads(ask(b"{\"command\"", close=False))
            expect("no end", a["error"]["code"] == "too-late" and time.monotonic() - begin < 10, a)
            # Clients of earlier versions ask by a word and read text.
            for what in (b"rules-reload\n", b"rules-reload"):
                expect(what, ask(what).startswith(b"ok: the rules were read"), ask(what))
            # Whatever bytes.
            draw = random.Random(11)
            for _ in range(300):
                what = bytearray(draw.choice(GOOD + [b[:200] for b, _ in BAD]))
                for _ in range(draw.randrange(4)):
                    what[draw.randrange(len(what))] = draw.randrange(256)
                a = json.loads(ask(bytes(what)))
                expect(what, isinstance(a["ok"], bool), a)
            for _ in range(100):	# who goes before the answer comes
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(path)
                    s.sendall(draw.choice(GOOD)[:draw.randrange(40)])

            r = cli("status")
            expect("status", r.returncode == 0 and "replays 1 capture" in r.stdout and "\"here\"" in r.stdout and "  rules" in r.stdout and
                   "The sensor saw " in r.stdout, r)
            r = cli("status", "--json")
            expect("status --json", r.returncode == 0 and json.loads(r.stdout)["status"]["rules"] == 1, r)
            r = cli("rules", "reload", "--json")
            expect("reload --json", r.returncode == 0 and json.loads(r.stdout) == {"version": 1, "command": "rules-reload", "ok": True,
                                                                                  "problems": []}, r)
            with open(rules, "a", encoding="utf-8") as f:
                f.write("alert tcp any any -> any any (contnt:\"x\"; sid:4;)\n")
            r = cli("rules", "reload", "--json")
            problem = json.loads(r.stdout)["problems"][0]
            expect("a mistake", r.returncode == 0 and (problem["file"], problem["line"], problem["column"]) == (rules, 2, 31) and
                   "contnt" in problem["text"], r)
            os.unlink(rules)
            r = cli("rules", "reload")
            expect("no file", r.returncode == 1 and "those that run stay as they are" in r.stderr, r)
            a = ask(b"rules-reload\n")
            expect("no file, as text", a.startswith(b"failed: the rules that run stay as they are\n"), a)
            r = cli("status", "--json")
            expect("at the end", json.loads(r.stdout)["status"]["rules"] == 1, r)
        finally:
            try:
                _, err = p.communicate(capture[len(capture) // 2:], timeout=60)
            except subprocess.TimeoutExpired:
                p.kill()
                raise
        expect("exit", p.returncode == 0, (p.returncode, err[-500:]))
        expect("the socket", not os.path.exists(path), "was left behind")
        r = cli("status")
        expect("nobody there", r.returncode == 1 and "no sensor listens" in r.stderr, r)
        # Something else listens there: an old sensor, or no sensor at all.
        for said in (b"failed: the only request is rules-reload\n", b"", b"\xff\xfe", b"[1]\n", b"{}\n", b"{\"ok\":true,\"status\":[]}\n",
                     b"{\"ok\":true,\"status\":{\"interfaces\":[1,null],\"packets\":\"x\",\"visibility\":7}}\n"):
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(path)
                s.listen(1)
                q = subprocess.Popen([tw.BINARY, "status", "--set", f"control.socket={path}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                c, _ = s.accept()
                with c:
                    c.recv(1000)
                    c.sendall(said)
                out, err = q.communicate(timeout=30)
            os.unlink(path)
            expect(said, q.returncode == (0 if said.startswith(b"{\"ok\":true") else 1) and (out or err), (q.returncode, out, err))
    print("\n".join(fail) if fail else f"{len(BAD)} bad requests, {len(GOOD)} good ones and 400 of any kind")
    return 1 if fail else 0


if __name__ == "__main__":
    sys.exit(main())
