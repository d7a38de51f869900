#!/usr/bin/env python3
"""Lines arrive over HTTPS, whatever the receiver does: a _bulk interface, Splunk's collector, a webhook.

The receivers are played by receiver.py with real TLS (there is no Splunk to be had; opensearch.py has a real node).  Each is stopped, started,
slowed, full, hangs, breaks off, shows an expired certificate, and refuses lines; every line arrives or is rejected with a reason.
"""
import concurrent.futures
import os
import socket
import sys
import tempfile
import time

import kit
import tw  # noqa: E402
from kit import Carry, carry, judge, lines, wants
from receiver import Receiver


def secret_of(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + "\n")
    return path


def problems(what, r):
    for p in r.problems[:3]:
        print(f"    {what}: {p}")
    return len(r.problems)


def bulk(folder, c):
    """Stopped and started, an expired certificate, full, slow, broken off, mapping errors."""
    port = kit.free_port()
    good, expired = (c.path("good.pem"), c.path("good.key")), (c.path("expired.pem"), c.path("expired.key"))
    r = Receiver("bulk", port, *good, ca=c.path("ca.pem"), login="ApiKey abc==").start()
    r.refuse = lambda x: f"failed to parse field [n] of {x['n']}" if x["n"] % 500 == 7 else None
    full_until = time.monotonic() + 1.5
    r.full = lambda x: x["n"] % 100 == 50 and time.monotonic() < full_until
    r.faults = lambda n, path: {3: "close", 5: 429, 6: 503, 9: 507}.get(n)
    given = lines(3000)
    run = Carry("elasticsearch", f"https://localhost:{port}", given, pace=2500, tls_ca=c.path("ca.pem"), tls_cert=c.path("client.pem"),
                tls_key=c.path("client.key"), secret_file=secret_of(folder, "key", "abc=="), retry_ms=100, batch_wait=50, within=25)
    time.sleep(0.6)
    r.stop()
    time.sleep(0.3)
    r.show(*expired)
    r.start()
    run.until("has expired")
    r.stop()
    r.show(*good)
    r.start()
    said, text = run.end()
    r.stop()
    bad = problems("bulk", r)
    # Lines of a batch that is full in part come later than their neighbours; to an index order is nothing.
    bad += judge("bulk: stopped, expired, full, broken off", given, sorted(r.taken), said, may_repeat=False, rejected=6)
    bad += wants("bulk", text, "has expired", "takes what is sent again", "mapper_parsing_exception: failed to parse field [n] of 2507: deep")
    if said["until"] != 4070908800:
        bad += 1
        print(f"    bulk: the certificate ends at {said['until']}")
    return bad


def splunk(folder, c):
    """Slow to confirm, started again so that it forgets its numbers, an event that it does not take."""
    port = kit.free_port()
    r = Receiver("splunk", port, c.path("good.pem"), c.path("good.key"), login="Splunk 0000-token").start()
    r.refuse = lambda x: "no" if x["n"] in (33, 700) else None
    given = lines(1000)
    settings = {"tls_ca": c.path("ca.pem"), "secret_file": secret_of(folder, "token", "0000-token"), "sensor": "plant-3", "retry_ms": 100}
    run = Carry("splunk", f"https://localhost:{port}", given, pace=1500, batch_wait=50, timeout_ms=300, within=25, **settings)
    time.sleep(0.3)
    r.stop()
    r.acks.clear()		# those that were not asked for yet are forgotten, and numbers begin anew
    r.next_ack = 0
    r.start()
    said, text = run.end()
    bad = problems("Splunk", r)
    bad += judge("Splunk: started again, forgets what it confirmed", given, r.taken, said, rejected=2)
    r.faults = lambda n, path: 403
    _, text = carry("splunk", f"https://localhost:{port}", lines(3), patient=0, **settings)
    r.stop()
    return bad + wants("Splunk", text, "does not accept user and secret-file")


def webhook(folder, c):
    port = kit.free_port()
    r = Receiver("webhook", port, c.path("good.pem"), c.path("good.key"), secret=b"k" * 80).start()
    r.refuse = lambda x: x["n"] in (5, 117)
    r.too_large = 40000
    given = lines(300)
    settings = {"tls_ca": c.path("ca.pem"), "secret_file": secret_of(folder, "hmac", "k" * 80), "retry_ms": 100, "batch_wait": 20}
    said, text = carry("webhook", f"https://localhost:{port}/hook?x=1", given, **settings)
    bad = problems("webhook", r)
    bad += judge("webhook: two lines refused, batches too large", given, r.taken, said, rejected=2)
    bad += wants("webhook", text, "rejected: the receiver does not accept it (status 422")
    taken = len(r.taken)
    # One line alone is what it is.
    said, text = carry("webhook", f"https://localhost:{port}/hook", lines(1), **settings)
    bad += problems("webhook", r) + (said["acked"] != 1)
    r.faults = lambda n, path: 301
    _, text = carry("webhook", f"https://localhost:{port}/hook", lines(3), patient=0, **settings)
    bad += wants("a redirect", text, "points elsewhere, which is not followed")
    r.faults = lambda n, path: "hang"
    begin = time.monotonic()
    _, text = carry("webhook", f"https://localhost:{port}/hook", lines(3), patient=0, timeout=1, within=8, **settings)
    bad += wants("a receiver that never answers", text, "does not answer")
    if time.monotonic() - begin > 5:
        bad += 1
        print("    a receiver that never answers was waited for too long")
    if len(r.taken) != taken + 1:
        bad += 1
        print(f"    webhook: {len(r.taken) - taken} lines where one was wanted")
    r.stop()
    return bad


def refused(folder, c):
    """What is wrong is said in words."""
    port = kit.free_port()
    r = Receiver("webhook", port, c.path("other.pem"), c.path("other.key")).start()
    own = {"patient": 0, "retry_ms": 100, "within": 8, "tls_ca": c.path("ca.pem")}
    _, text = carry("webhook", f"https://localhost:{port}", lines(1), **own)
    bad = wants("another name", text, "tls-name: the name that it must have")
    said, text = carry("webhook", f"https://127.0.0.1:{port}", lines(1), tls_name="other.example", **own)
    if said["acked"] != 1:
        bad += 1
        print(f"    the name that was asked for is refused: {text}")
    _, text = carry("webhook", f"https://localhost:{port}", lines(1), **dict(own, tls_ca=c.path("client.pem")))
    bad += wants("an unknown issuer", text, "certificate")
    r.stop()
    _, text = carry("webhook", f"https://localhost:{port}", lines(1), **own)
    bad += wants("nobody listens", text, "Failed to connect")
    _, text = carry("webhook", "https://nosuch.invalid:1", lines(1), **own)
    bad += wants("no such name", text, "Could not resolve host")
    for target, word in (("localhost:9200", "is no URL"), ("ftp://localhost", "is no URL"), ("https://u:p@localhost", "no name or password in the target")):
        _, text = carry("webhook", target, lines(1), **own)
        bad += wants(target, text, word)
    _, text = carry("webhook", f"https://localhost:{port}", lines(1), watched="lo", **own)
    bad += wants("a watched interface", text, "leaves by lo, which is watched")
    _, text = carry("webhook", f"https://127.0.0.1:{port}", lines(1), watched="lo", **own)
    bad += wants("a watched interface", text, "leaves by lo, which is watched")
    _, text = carry("webhook", f"https://localhost:{port}", lines(1), secret_file=os.path.join(folder, "nothing"), **own)
    bad += wants("no secret", text, "cannot be read: No such file")
    _, text = carry("elasticsearch", f"https://localhost:{port}", lines(1), index="Not/So", **own)
    return bad + wants("an index", text, "is no name of an index")


def proxy(folder):
    """By a proxy that is named, and by no other."""
    del folder
    port = kit.free_port()
    seen = []
    with socket.socket() as s:
        s.bind(("127.0.0.1", port))
        s.listen()
        run = Carry("webhook", "https://siem.example.org:9200", lines(1), patient=0, within=8, proxy=f"http://127.0.0.1:{port}")
        one, _ = s.accept()
        seen.append(one.recv(4096))
        one.sendall(b"HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n")
        run.end()
        one.close()
    if not seen[0].startswith(b"CONNECT siem.example.org:9200 "):
        print(f"    the proxy was asked {seen}")
        return 1
    return 0


def main():
    os.environ["https_proxy"] = os.environ["http_proxy"] = "http://127.0.0.1:1"
    with tempfile.TemporaryDirectory(prefix="tw-http-") as folder, concurrent.futures.ThreadPoolExecutor(8) as at_once:
        c = kit.Certificates(folder)
        c.make("good")
        c.make("expired", end="20210101000000Z")
        c.make("other", alt="DNS:other.example")
        c.make("client")
        if "without libcurl" in carry("webhook", "https://localhost:1", lines(1), patient=0)[1]:
            tw.skip("this thermowell was built without libcurl")
        jobs = [at_once.submit(f, folder, c) for f in (bulk, splunk, webhook, refused)] + [at_once.submit(proxy, folder)]
        bad = sum(j.result() for j in jobs)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
