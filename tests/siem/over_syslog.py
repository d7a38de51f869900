#!/usr/bin/env python3
"""rsyslog takes every message, over UDP, TCP and TLS, whatever happens to it in between.

Each rsyslog has its own configuration on loopback ports.  It is ended by TERM and started again in the middle, shows an expired
certificate for a while, wants a client's certificate, and is somebody else.
"""
import concurrent.futures
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import kit
import tw  # noqa: E402
from kit import Carry, carry, judge, lines, numbers, wants


class Rsyslog:
    def __init__(self, program, folder, name, how, certificates=None, server=None, client=False):
        self.program, self.port = program, kit.free_port(socket.SOCK_DGRAM if how == "udp" else socket.SOCK_STREAM)
        self.how, self.out, self.conf = how, os.path.join(folder, name + ".out"), os.path.join(folder, name + ".conf")
        self.pid = os.path.join(folder, name + ".pid")
        self.certificates, self.client, self.p = certificates, client, None
        self.configure(server)

    def configure(self, server):
        tls = ""
        if self.how == "udp":
            inputs = f'module(load="imudp") input(type="imudp" address="127.0.0.1" port="{self.port}" rcvbufSize="8m")\n'
        elif self.how == "tcp":
            inputs = f'module(load="imtcp" maxFrameSize="700000") input(type="imtcp" address="127.0.0.1" port="{self.port}")\n'
        else:
            c = self.certificates
            tls = (f'global(defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{c.path("ca.pem")}" '
                   f'defaultNetstreamDriverCertFile="{c.path(server + ".pem")}" defaultNetstreamDriverKeyFile="{c.path(server + ".key")}")\n')
            mode = "x509/certvalid" if self.client else "anon"
            inputs = (f'module(load="imtcp" maxFrameSize="700000" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="{mode}")\n'
                      f'input(type="imtcp" address="127.0.0.1" port="{self.port}")\n')
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write('global(maxMessageSize="700k" parser.escapeControlCharactersOnReceive="off")\n' + tls + inputs +
                    'template(name="t" type="string" string="%syslogfacility%|%syslogseverity%|%timereported:::date-rfc3339%|%hostname%|'
                    '%app-name%|%msgid%|%structured-data%|%msg%\\n")\n'
                    f'action(type="omfile" file="{self.out}" template="t")\n')

    def start(self):
        self.p = subprocess.Popen([self.program, "-n", "-f", self.conf, "-i", self.pid], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if self.how == "udp":
            self.until_bound()
        else:
            kit.listening(self.port)
        return self

    def until_bound(self):
        want = f":{self.port:04X} "
        for _ in range(500):
            with open("/proc/net/udp", encoding="ascii") as f:
                if want in f.read():
                    return
            time.sleep(0.02)
        raise tw.Failed("rsyslog has no socket")

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.communicate(timeout=20)

    def got(self):
        """The fields of each message."""
        if not os.path.exists(self.out):
            return []
        with open(self.out, encoding="utf-8") as f:
            return [x.rstrip("\n").split("|", 7) for x in f]

    def until(self, n, within=5):
        end = time.monotonic() + within
        while time.monotonic() < end and len(self.got()) < n:
            time.sleep(0.05)
        return self.got()


def udp(program, folder):
    r = Rsyslog(program, folder, "udp", "udp").start()
    given = lines(300)
    said, text = carry("syslog-udp", f"127.0.0.1:{r.port}", given, sensor="plant-3", facility=20)
    got = r.until(300)
    r.stop()
    bad = judge("UDP", given, numbers(g[7] for g in got), said, may_repeat=False)
    want = [["20", str(s), "2017-04-28T14:12:01.715496Z", "plant-3", "thermowell", "alert"] for s in (1, 3, 4, 5)]
    for i, g in enumerate(got):
        data = f'[thermowell@32473 id="{i:032x}" type="modbus.write" severity="{1 + i % 4}"]'
        text = given[i].split(" ", 1)[1]
        if g[:6] != want[i % 4] or g[6] != data or g[7] not in (text, " " + text):
            print(f"    UDP: message {i} is {g}, wanted {want[i % 4]} {data} {text}")
            return bad + 1
    return bad


def restarted(program, folder):
    r = Rsyslog(program, folder, "tcp", "tcp").start()
    given = lines(3000, long=60000)
    c = Carry("syslog-tcp", f"127.0.0.1:{r.port}", given, pace=2000, overlap=1000, timeout=5, retry_ms=100)
    for _ in range(2):
        time.sleep(0.4)
        r.stop()
        time.sleep(0.2)
        r.start()
    said, text = c.end()
    got = r.until(3000)
    time.sleep(0.2)
    got = r.got()
    r.stop()
    bad = judge("TCP, ended by TERM twice", given, numbers(g[7] for g in got), said)
    if said["reconnects"] < 2:
        bad += 1
        print(f"    TCP: found again {said['reconnects']} times: {text[-1000:]}")
    return bad + wants("TCP", text, "connected to 127.0.0.1")


def over_tls(program, folder, certificates):
    own = {"tls_ca": certificates.path("ca.pem"), "tls_cert": certificates.path("client.pem"), "tls_key": certificates.path("client.key")}
    r = Rsyslog(program, folder, "tls", "tls", certificates, "good", client=True).start()
    given = lines(2000)
    c = Carry("syslog-tls", f"127.0.0.1:{r.port}", given, pace=1500, overlap=1000, timeout=5, retry_ms=100, **own)
    time.sleep(0.5)
    r.stop()
    r.configure("expired")
    r.start()
    c.until("has expired")
    r.stop()
    r.configure("good")
    r.start()
    said, text = c.end()
    r.until(2000)
    time.sleep(0.2)
    got = r.got()
    r.stop()
    bad = judge("TLS, an expired certificate between", given, numbers(g[7] for g in got), said)
    bad += wants("TLS", text, "has expired: it was good until 1 Jan 2021")
    if said["until"] != 4070908800:
        bad += 1
        print(f"    TLS: the certificate ends at {said['until']}")
    return bad


def refused(program, folder, certificates):
    """What is wrong is said in words, and nothing is sent."""
    own = {"tls_ca": certificates.path("ca.pem"), "retry_ms": 100, "within": 5, "patient": 0}
    other = Rsyslog(program, folder, "other", "tls", certificates, "other").start()
    _, text = carry("syslog-tls", f"127.0.0.1:{other.port}", lines(1), **own)
    bad = wants("another name", text, "is not for 127.0.0.1: it holds other.example")
    _, text = carry("syslog-tls", f"127.0.0.1:{other.port}", lines(1), **dict(own, tls_ca=certificates.path("strange.pem")))
    bad += wants("an unknown issuer", text, "tls-ca")
    said, text = carry("syslog-tls", f"127.0.0.1:{other.port}", lines(1), tls_name="other.example", **own)
    if said["acked"] != 1:
        bad += 1
        print(f"    the name that was asked for is refused: {text}")
    if other.got() and len(other.got()) != 1:
        bad += 1
        print("    lines were sent to a receiver that was refused")
    other.stop()
    plain = Rsyslog(program, folder, "plain", "tcp").start()
    _, text = carry("syslog-tls", f"127.0.0.1:{plain.port}", lines(1), timeout=1, **own)
    bad += wants("no TLS there", text, "speak TLS")
    plain.stop()
    strict = Rsyslog(program, folder, "strict", "tls", certificates, "good", client=True).start()
    said, text = carry("syslog-tls", f"127.0.0.1:{strict.port}", lines(1), **own)
    strict.stop()
    if strict.got():
        bad += 1
        print("    a client without a certificate was let in")
    return bad


def silent():
    """One that accepts and never reads; one whose half is closed."""
    given = lines(4000, long=20000)
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.bind(("127.0.0.1", 0))
        s.listen()
        said, text = carry("syslog-tcp", f"127.0.0.1:{s.getsockname()[1]}", given, timeout=1, within=3, retry_ms=100)
    bad = wants("never reads", text, "has taken nothing for")
    if said["acked"] >= 4000:
        bad += 1
        print("    never reads: all lines are acknowledged")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        c = Carry("syslog-tcp", f"127.0.0.1:{s.getsockname()[1]}", lines(20), pace=20, within=2, retry_ms=100)
        one, _ = s.accept()
        one.shutdown(socket.SHUT_WR)
        two, _ = s.accept()
        said, text = c.end()
        one.close()
        two.close()
    return bad + wants("half closed", text, "closed the connection")


def namespace(folder):
    """A sensor whose sink would leave by what it watches does not start; by another interface it does."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        print("    the watched interface is left out: it takes root, unshare and ip")
        return 0
    tw.need_binary()
    script = ("ip link set lo up; ip link add w0 type veth peer name w1; ip link add o0 type veth peer name o1; ip addr add 10.9.0.1/24 dev w0; "
              "ip addr add 10.9.1.1/24 dev o0; for i in w0 w1 o0 o1; do ip link set $i up; done; "
              f"timeout 2 {tw.BINARY} -i w0 -l {folder} --no-sandbox --set rules.files=none --set outputs.sinks.0.name=s --set outputs.sinks.0.transport=syslog-tcp "
              "--set outputs.sinks.0.target=$0; echo status $?; ")
    bad = 0
    for target, words, status in (("10.9.0.2:514", "leaves by w0, which is watched (-i w0)", "status 1"), ("10.9.1.2:514", "watching w0", "it is tried again")):
        p = subprocess.run(["unshare", "-n", "sh", "-c", script, target], capture_output=True, text=True, timeout=60, check=False)
        bad += wants(f"a sink to {target}", p.stdout + p.stderr, words, status)
    return bad


def main():
    program = kit.need("rsyslogd", "rsyslog rsyslog-gnutls")
    certificates, tls = None, f"/usr/lib/{os.uname().machine}-linux-gnu/rsyslog/lmnsd_gtls.so"
    with tempfile.TemporaryDirectory(prefix="tw-syslog-") as folder, concurrent.futures.ThreadPoolExecutor(8) as at_once:
        jobs = [at_once.submit(udp, program, folder), at_once.submit(restarted, program, folder), at_once.submit(silent),
                at_once.submit(namespace, folder)]
        if "without TLS" in carry("syslog-tls", "127.0.0.1:1", lines(1), patient=0)[1]:
            print("    TLS is left out: this thermowell was built without it")
        elif os.path.exists(tls):
            certificates = kit.Certificates(folder)
            certificates.make("good")
            certificates.make("expired", end="20210101000000Z")
            certificates.make("other", alt="DNS:other.example")
            certificates.make("client")
            kit.openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=strange",
                        "-days", "30", "-keyout", "strange.key", "-out", "strange.pem")
            jobs += [at_once.submit(over_tls, program, folder, certificates), at_once.submit(refused, program, folder, certificates)]
        else:
            print("    TLS is left out: rsyslog has no driver for it (Debian: rsyslog-gnutls)")
        bad = sum(j.result() for j in jobs)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
