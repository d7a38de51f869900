"""Receivers that a long test starts, stops and asks what they have: real ones where Debian or Maven has them, else receiver.py and two sockets.

Each station has a name, the entry of outputs.sinks that sends to it, start(), stop(), and arrived(): one number for each line that it has, in the order
in which it came, repeated ones too.  `form` is what its lines are ("eve" or the name of a format): expected() makes the same numbers of eve.json.
"""
import collections
import gzip
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import kit
import receiver
import tw  # noqa: E402

CONVERT = os.path.join(os.path.dirname(kit.CARRY), "convert_lines")
SENSOR = "north"	# as convert_lines has it


def number(line):
    """Of a line of bytes; two of the same text have the same."""
    return int.from_bytes(hashlib.blake2b(line.strip(), digest_size=8).digest(), "big")


def canonical(record):
    return number(json.dumps(record, sort_keys=True, separators=(",", ":")).encode())


def expected(path, form):
    """How often a sink of this format sends each number, of the lines of a file of EVE."""
    with open(path, "rb") as f:
        if form == "eve":
            return collections.Counter(number(x) for x in f)
        if form == "canonical":
            return collections.Counter(canonical(json.loads(x)) for x in f)
        p = subprocess.Popen([CONVERT, form], stdin=f, stdout=subprocess.PIPE)
        counts = collections.Counter(number(x) for x in p.stdout)
    if p.wait() != 0:
        raise tw.Failed(f"convert_lines {form} ended with {p.returncode}")
    return counts


class Station:
    form, may_lose, may_repeat = "eve", False, True
    only = staticmethod(lambda line: True)

    def __init__(self, name):
        self.name, self.restarts = name, 0

    def start(self):
        raise NotImplementedError

    def stop(self):
        raise NotImplementedError

    def arrived(self):
        raise NotImplementedError

    def end(self):
        """For good, whether it runs or not."""
        p = getattr(self, "p", None)
        if p is not None and p.poll() is None:
            p.send_signal(signal.SIGTERM)
            p.wait(30)


class Syslog(Station):
    """rsyslog with one input; TERM ends it."""
    def __init__(self, folder, how, form, certificates=None):
        super().__init__("syslog-" + how)
        self.program, self.how, self.form, self.certificates = kit.need("rsyslogd", "rsyslog rsyslog-gnutls"), how, form, certificates
        self.may_lose = how == "udp"
        self.port = kit.free_port(socket.SOCK_DGRAM if how == "udp" else socket.SOCK_STREAM)
        self.out, self.conf, self.p = os.path.join(folder, self.name + ".out"), os.path.join(folder, self.name + ".conf"), None
        self.pid = os.path.join(folder, self.name + ".pid")
        tls, c = "", certificates
        if how == "tls":
            tls = (f'global(defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{c.path("ca.pem")}" '
                   f'defaultNetstreamDriverCertFile="{c.path("good.pem")}" defaultNetstreamDriverKeyFile="{c.path("good.key")}")\n')
        more = ' streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/certvalid"' if tls else ""
        inputs = (f'module(load="imudp") input(type="imudp" address="127.0.0.1" port="{self.port}" rcvbufSize="8m")\n' if how == "udp" else
                  f'module(load="imtcp" maxFrameSize="700000"{more}) input(type="imtcp" address="127.0.0.1" port="{self.port}")\n')
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write('global(maxMessageSize="700k" parser.escapeControlCharactersOnReceive="off")\n' + tls + inputs +
                    f'template(name="t" type="string" string="%msg%\\n")\naction(type="omfile" file="{self.out}" template="t")\n')

    def sink(self):
        more = {}
        if self.how == "tls":
            c = self.certificates
            more = {"tls-ca": c.path("ca.pem"), "tls-cert": c.path("client.pem"), "tls-key": c.path("client.key")}
        return {"format": self.form, "transport": self.name, "target": f"127.0.0.1:{self.port}", **more}

    def start(self):
        self.p = subprocess.Popen([self.program, "-n", "-f", self.conf, "-i", self.pid], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if self.how != "udp":
            kit.listening(self.port, 60)

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait(120)

    def arrived(self):
        with open(self.out, "rb") as f:
            return [number(x) for x in f]


class Http(Station):
    """receiver.py over TLS."""
    def __init__(self, folder, kind, form, certificates):
        super().__init__(kind)
        self.form, self.certificates = form, certificates
        self.port = self.front = kit.free_port()
        secret = {"bulk": "abc==", "splunk": "0000-token", "webhook": "k" * 80}[kind]
        self.secret_file = os.path.join(folder, kind + ".secret")
        with open(self.secret_file, "w", encoding="utf-8") as f:
            f.write(secret + "\n")
        os.chmod(self.secret_file, 0o644)
        self.r = self.receiver(kind, secret)
        self.r.event_time = None
        self.r.name = lambda record, line: number(line) if line is not None else canonical(record)
        if kind == "splunk":
            self.form = "canonical"

    def receiver(self, kind, secret):
        c = self.certificates
        return receiver.Receiver(kind, self.port, c.path("good.pem"), c.path("good.key"), secret=secret.encode() if kind == "webhook" else None,
                                 login={"bulk": "ApiKey " + secret, "splunk": "Splunk " + secret}.get(kind))

    def sink(self):
        of = {"bulk": "elasticsearch", "splunk": "splunk", "webhook": "webhook"}[self.name]
        return {"format": "eve" if self.form == "canonical" else self.form, "transport": of, "target": f"https://localhost:{self.front}",
                "tls-ca": self.certificates.path("ca.pem"), "secret-file": self.secret_file}

    def start(self):
        self.r.start()

    def stop(self):
        self.r.stop()
        self.r.acks.clear()		# what was not asked for yet is forgotten, and numbers begin anew
        self.r.next_ack = 0

    def arrived(self):
        with self.r.lock:
            return list(self.r.taken)


class BehindNginx(Http):
    """The same with nginx as its TLS front, which is what is stopped; sometimes it is what stands behind."""
    def __init__(self, folder, kind, form, certificates):
        super().__init__(folder, kind, form, certificates)
        self.front, self.p, self.front_is_down, self.conf = kit.free_port(), None, False, os.path.join(folder, "nginx.conf")
        c, own = certificates, os.path.join(folder, "nginx")
        os.mkdir(own)
        temporary = "".join(f"{x}_temp_path {own}/{x};\n" for x in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f"daemon off; worker_processes 1; pid {own}/pid; error_log {own}/error.log; user root;\nevents {{}}\nhttp {{ access_log off; {temporary}\n"
                    f"client_max_body_size 32m;\nserver {{ listen 127.0.0.1:{self.front} ssl; server_name localhost;\n"
                    f"ssl_certificate {c.path('good.pem')}; ssl_certificate_key {c.path('good.key')}; ssl_client_certificate {c.path('ca.pem')};\n"
                    f"ssl_verify_client on; ssl_protocols TLSv1.2 TLSv1.3;\n"
                    f"location / {{ proxy_pass http://127.0.0.1:{self.port}; proxy_http_version 1.1; proxy_read_timeout 20s; }} }} }}\n")

    def receiver(self, kind, secret):
        return receiver.Receiver(kind, self.port, login={"bulk": "ApiKey " + secret}.get(kind))

    def sink(self):
        return {**super().sink(), "tls-cert": self.certificates.path("client.pem"), "tls-key": self.certificates.path("client.key")}

    def start(self):
        if not self.front_is_down:
            self.r.start()
        if self.p is not None and self.p.poll() is None:
            return
        self.p = subprocess.Popen([kit.need("nginx", "nginx-light"), "-c", self.conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        kit.listening(self.front, 60)

    def stop(self):
        """Now the one, now the other."""
        self.front_is_down = not self.front_is_down
        if self.front_is_down:
            self.p.send_signal(signal.SIGTERM)
            self.p.wait(60)
        else:
            self.r.stop()


class Kafka(Station):
    def __init__(self, folder, broker):
        super().__init__("kafka")
        del folder
        self.broker = broker

    def sink(self):
        return {"transport": "kafka", "target": f"127.0.0.1:{self.broker.port}", "topic": "soak"}

    def start(self):
        self.broker.start()
        self.p = self.broker.p

    def stop(self):
        self.broker.stop()

    def arrived(self):
        p = subprocess.Popen(["kcat", "-C", "-e", "-q", "-b", f"127.0.0.1:{self.broker.port}", "-t", "soak", "-f", "%s\n"], stdout=subprocess.PIPE)
        found = [number(x) for x in p.stdout]
        if p.wait() != 0:
            raise tw.Failed(f"kcat ended with {p.returncode}")
        return found


class Unix(Station):
    """A stream whose reader goes away, or datagrams."""
    def __init__(self, folder, kind):
        super().__init__("unix-" + kind)
        self.may_lose = kind == "dgram"		# what its reader did not read before it went
        self.path, self.kind, self.got, self.ending, self.thread = os.path.join(folder, self.name), kind, [], False, None

    def sink(self):
        return {"transport": self.name, "target": self.path}

    def start(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if self.kind == "stream" else socket.SOCK_DGRAM)
        s.bind(self.path)
        os.chmod(self.path, 0o777)
        if self.kind == "stream":
            s.listen(1)
        else:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        s.settimeout(0.1)
        self.ending = False
        self.thread = threading.Thread(target=self.run, args=(s,), daemon=True)
        self.thread.start()

    def run(self, s):
        """Until it is to end; then what lies there is read, as by a program that ends as it should."""
        peers, rest = {}, {}
        while True:
            ending = self.ending
            try:
                if self.kind == "dgram":
                    self.got.append(number(s.recv(1 << 20)))
                    continue
                p, _ = s.accept()
                p.settimeout(0.05)
                peers[p.fileno()], rest[p.fileno()] = p, b""
            except TimeoutError:
                if ending and self.kind == "dgram":
                    break
            for n, p in list(peers.items()):
                self.read(n, p, peers, rest)
            if ending and self.kind == "stream":
                break
        s.close()
        for p in peers.values():
            p.close()

    def read(self, n, p, peers, rest):
        while True:
            try:
                data = p.recv(1 << 16)
            except TimeoutError:
                return
            except OSError:
                data = b""
            if not data:
                p.close()
                del peers[n]
                return
            *lines, rest[n] = (rest[n] + data).split(b"\n")
            self.got += [number(x) for x in lines]

    def stop(self):
        self.ending = True
        self.thread.join(20)
        os.unlink(self.path)

    def arrived(self):
        return list(self.got)


class Mail(Station):
    """Alerts of severity 1, whose sentences are counted: a mail says no more of a line."""
    def __init__(self, folder, certificates, server):
        super().__init__("mail")
        self.folder, self.certificates, self.make, self.server = folder, certificates, server, None
        self.port, self.mails = kit.free_port(), []
        self.secret_file = os.path.join(folder, "mail.secret")
        with open(self.secret_file, "w", encoding="utf-8") as f:
            f.write("s3cret\n")
        os.chmod(self.secret_file, 0o644)

    def sink(self):
        return {"transport": "mail", "target": f"smtp://localhost:{self.port}", "tls-ca": self.certificates.path("ca.pem"), "user": "plant",
                "secret-file": self.secret_file, "mail-from": "thermowell@plant.example", "mail-to": ["a@plant.example"], "mails-an-hour": 1000,
                "types": ["alert", "incident"]}

    def start(self):
        self.server = self.make(self.port, self.certificates.path("good"))
        self.server.mails = self.mails
        self.server.start()

    def stop(self):
        self.server.stop()


def of_rotated(folder, name):
    """The whole lines of a file and of those that were rotated before, oldest first."""
    for f in sorted((x for x in os.listdir(folder) if x == name or x.startswith((name + ".", name + "-"))), key=lambda x: (x == name, x)):
        path = os.path.join(folder, f)
        opener = gzip.open if f.endswith(".gz") else open
        with opener(path, "rb") as g:
            yield from (x for x in g if x.endswith(b"\n"))


def hand_over(folder, user):
    """The folder and what is in it belongs to the user that the sensor becomes."""
    shutil.chown(folder, user)


