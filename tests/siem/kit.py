"""What the tests with real receivers share: lines, certificates, ports, and the program that hands lines to a transport."""
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CARRY = os.path.join(tw.BUILDDIR if os.environ.get("TW_BUILDDIR") else os.getcwd(), "tests/siem/carry")


def need(program, package):
    """Its path; without it the test is skipped."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        tw.skip(f"{program} is missing (Debian: {package})")
    return path


def free_port(kind=socket.SOCK_STREAM):
    """One that nobody has, below those that the system gives to connections."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with socket.socket(socket.AF_INET, kind) as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise tw.Failed("no port is free")


def listening(port, within=10):
    until = time.monotonic() + within
    while time.monotonic() < until:
        with socket.socket() as s:
            s.settimeout(1)
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise tw.Failed(f"nobody listens at port {port} after {within} s")


def lines(n, long=0):
    """n lines as of alerts, each with its severity in front as carry wants it; one in fifty has `long` bytes more."""
    out = []
    for i in range(n):
        severity = 1 + i % 4
        out.append(f"{severity} " + json.dumps({
            "timestamp": "2017-04-28T14:12:01.715496+0000", "event_type": "alert", "n": i, "src_ip": "10.0.0.9", "dest_ip": "10.0.0.1",
            "alert": {"severity": severity, "signature": "Write \u00e0 \"x\" \\ ]"},
            "ot": {"v": 2, "id": f"{i:032x}", "type": "modbus.write", "pad": "x" * (long if i % 50 == 49 else 200)}},
            ensure_ascii=False, separators=(",", ":")))
    return out


class Carry:
    """The program, running."""
    def __init__(self, transport, target, given, **settings):
        args = [CARRY, transport, target] + [f"{k}={v}" for k, v in settings.items()]
        self.p = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.text, self.given = "", given
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.p.stdin.write("".join(x + "\n" for x in given).encode())
        self.p.stdin.close()

    def read(self):
        for line in self.p.stderr:
            self.text += line.decode(errors="replace")

    def until(self, words, within=10):
        """It has said so."""
        end = time.monotonic() + within
        while words not in self.text and time.monotonic() < end and self.p.poll() is None:
            time.sleep(0.02)

    def end(self):
        """(what it says at the end, its messages)."""
        out = self.p.stdout.read()
        self.p.wait(timeout=120)
        self.reader.join(10)
        if self.p.returncode not in (0, 1):
            raise tw.Failed(f"carry ended with {self.p.returncode}: {self.text[-3000:]}")
        return json.loads(out) if out else None, self.text


def carry(transport, target, given, **settings):
    return Carry(transport, target, given, **settings).end()


def openssl(folder, *args):
    p = subprocess.run(["openssl", *args], cwd=folder, capture_output=True, text=True, check=False)
    if p.returncode != 0:
        raise tw.Failed(f"openssl {' '.join(args)}: {p.stderr[-500:]}")


class Certificates:
    """An authority and what it signs, in a folder: NAME.pem and NAME.key."""
    def __init__(self, folder):
        self.folder = folder
        need("openssl", "openssl")
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test authority",
                "-days", "30", "-keyout", "ca.key", "-out", "ca.pem")
        with open(os.path.join(folder, "ca.conf"), "w", encoding="utf-8") as f:
            f.write("[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index\nserial=serial\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\n"
                    "unique_subject=no\n[p]\ncommonName=supplied\n")
        with open(os.path.join(folder, "index"), "w", encoding="utf-8"):
            pass
        with open(os.path.join(folder, "serial"), "w", encoding="utf-8") as f:
            f.write("01\n")

    def make(self, name, alt="IP:127.0.0.1,DNS:localhost", begin="20200101000000Z", end="20990101000000Z"):
        openssl(self.folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-addext", f"subjectAltName={alt}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(self.folder, "ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-startdate", begin,
                "-enddate", end, "-notext", "-in", f"{name}.csr", "-out", f"{name}.pem")
        return name

    def path(self, name):
        return os.path.join(self.folder, name)


def numbers(texts):
    """The n of each line that arrived, in order; a line that is none fails."""
    return [json.loads(t)["n"] for t in texts]


def judge(what, given, arrived, said, may_repeat=True, rejected=0, ordered=True):
    """Everything arrived, first copies in order.  Prints the counts; returns how many problems."""
    seen, firsts = set(), []
    for n in arrived:
        if n not in seen:
            seen.add(n)
            firsts.append(n)
    lost = len(given) - rejected - len(seen)
    repeated = len(arrived) - len(seen)
    bad = []
    if lost != 0:
        bad.append(f"{lost} are lost")
    if ordered and firsts != sorted(firsts):
        bad.append("not in order")
    if repeated and not may_repeat:
        bad.append(f"{repeated} came twice")
    if said["acked"] != len(given):
        bad.append(f"{said['acked']} were acknowledged")
    if said["rejected"] != rejected:
        bad.append(f"{said['rejected']} were rejected, expected {rejected}")
    print(f"    {what}: sent {len(given)}, received {len(arrived)}, repeated {repeated}, rejected {said['rejected']}, lost {lost}; "
          f"connections lost {said['failures']}, found again {said['reconnects']}" + "".join("; PROBLEM: " + b for b in bad), flush=True)
    return len(bad)


def wants(what, text, *words):
    """The words stand in the messages."""
    missing = [w for w in words if w not in text]
    if missing:
        print(f"    {what}: no message has {missing}: {text[-1500:]}")
    return len(missing)
