#!/usr/bin/env python3
"""Grave alerts arrive by mail at once, others in the daily mail, whatever the server does.

A server of aiosmtpd with real TLS: it wants a login, is stopped and started, refuses for a while, shows an expired certificate, offers no TLS.
"""
import concurrent.futures
import email
import email.policy
import logging
import os
import ssl
import sys
import tempfile

import kit
import tw  # noqa: E402
from kit import Carry, carry, lines, wants

logging.disable(logging.CRITICAL)	# what a client that goes away does to it
try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError:
    tw.skip("aiosmtpd is missing (Debian: python3-aiosmtpd)")


class Server(Controller):
    def __init__(self, port, cert, tls=True):
        self.mails, self.refusals, self.wants_login, self.cert, self.tls = [], [], True, cert, tls
        super().__init__(self, hostname="127.0.0.1", port=port)

    def factory(self):
        context = None
        if self.tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.cert + ".pem", self.cert + ".key")
        return SMTP(self, tls_context=context, require_starttls=self.tls, authenticator=self.login, auth_required=self.tls, enable_SMTPUTF8=True)

    @staticmethod
    def login(_server, _session, _envelope, mechanism, data):
        del mechanism
        return AuthResult(success=data.login == b"plant" and data.password == b"s3cret", handled=False)

    async def handle_DATA(self, _server, _session, envelope):
        if self.refusals:
            return self.refusals.pop(0)
        m = email.message_from_bytes(envelope.content, policy=email.policy.default)
        m.rcpt, m.sender = envelope.rcpt_tos, envelope.mail_from
        self.mails.append(m)
        return "250 OK"


def own(folder, c):
    return {"tls_ca": c.path("ca.pem"), "user": "plant", "secret_file": os.path.join(folder, "secret"), "mail_from": "thermowell@plant.example",
            "mail_to": "a@plant.example,b@plant.example", "sensor": "plant-3", "retry_ms": 100, "timeout": 3}


def usual(folder, c):
    port = kit.free_port()
    s = Server(port, c.path("expired"))
    s.start()
    given = lines(400)			# a quarter of them of severity 1
    run = Carry("mail", f"smtp://localhost:{port}", given, pace=800, within=25, **own(folder, c))
    run.until("expired")
    s.stop()
    run.until("connect")
    t = Server(port, c.path("good"))
    t.refusals = ["451 later", "452 full"]
    t.start()
    said, text = run.end()
    t.stop()
    bad = wants("mail", text, "certificate has expired", "does not take it: 451 later", "takes what is sent")
    grave, digest = [m for m in t.mails if "since yesterday" not in m["subject"]], [m for m in t.mails if "since yesterday" in m["subject"]]
    sentences = "".join(m.get_content() for m in grave).count("severity 1")
    if said["acked"] != 400 or s.mails or len(digest) != 1 or sentences != 100:
        bad += 1
        print(f"    mail: acknowledged {said['acked']}, to the expired one {len(s.mails)}, daily {len(digest)}, alerts of severity 1 {sentences}: {text}")
    for m in t.mails:
        if m.rcpt != ["a@plant.example", "b@plant.example"] or m.sender != "thermowell@plant.example" or m["date"] is None or m["message-id"] is None:
            bad += 1
            print(f"    mail: {m.rcpt} {m.sender} {dict(m)}")
    body = digest[0].get_content() if digest else ""
    for part in ("plant-3 reported 400 alerts between", "     100  of severity 1, the gravest", "     400  Write \u00e0", "     400  10.0.0.1"):
        if part not in body:
            bad += 1
            print(f"    the daily mail lacks {part!r}: {body[:1500]}")
    if max((len(x) for x in body.splitlines()), default=0) > 120:
        bad += 1
        print("    the daily mail has long lines")
    print(f"    mail: alerts 400, of severity 1 100, by mail {sentences} in {len(grave)}, daily {len(digest)}, lost {100 - sentences}", flush=True)
    return bad


def bounded(folder, c):
    """Two mails an hour: what comes beyond waits, and goes with the last one when the sensor stops."""
    port = kit.free_port()
    s = Server(port, c.path("good"))
    s.start()
    given = [x for x in lines(64) if x[0] == "1"]
    run = Carry("mail", f"smtp://localhost:{port}", given, pace=6, mails_an_hour=2, within=30, **own(folder, c))
    said, _ = run.end()
    s.stop()
    grave = [m["subject"] for m in s.mails if "since yesterday" not in m["subject"]]
    if said["acked"] != len(given) or not 2 <= len(grave) <= 3:
        print(f"    bounded: {said} {grave}")
        return 1
    return 0


def refused(folder, c):
    port = kit.free_port()
    s = Server(port, c.path("good"), tls=False)
    s.start()
    some = [x for x in lines(1) if x[0] == "1"]
    _, text = carry("mail", f"smtp://localhost:{port}", some, patient=0, within=9, **own(folder, c))
    s.stop()
    bad = wants("no TLS", text, "offers no TLS")
    if s.mails:
        bad += 1
        print("    a mail went without TLS")
    port = kit.free_port()
    s = Server(port, c.path("good"))
    s.start()
    _, text = carry("mail", f"smtp://localhost:{port}", some, patient=0, within=9, **dict(own(folder, c), user="other"))
    s.stop()
    bad += wants("login", text, "does not accept user and secret-file")
    for more, words in (({"mail_to": "x"}, '"x" is no address'), ({"mail_from": "a@b\r\nBcc: c@d"}, "is no address"), ({"watched": "lo"}, "is watched")):
        _, text = carry("mail", "smtps://127.0.0.1:465", some, patient=0, **dict(own(folder, c), **more))
        bad += wants(more, text, words)
    return bad


def main():
    with tempfile.TemporaryDirectory(prefix="tw-mail-") as folder, concurrent.futures.ThreadPoolExecutor(4) as at_once:
        with open(os.path.join(folder, "secret"), "w", encoding="utf-8") as f:
            f.write("s3cret\n")
        c = kit.Certificates(folder)
        c.make("good")
        c.make("expired", end="20210101000000Z")
        if "without libcurl" in carry("mail", "smtps://localhost:1", lines(1), patient=0, **own(folder, c))[1]:
            tw.skip("this thermowell was built without libcurl")
        bad = sum(j.result() for j in [at_once.submit(f, folder, c) for f in (usual, bounded, refused)])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
