#!/usr/bin/env python3
"""The corpus of fuzz_web: requests of the console's pages, and what somebody else would try.   make_web.py FOLDER"""
import os
import sys

SAY = '{"verb":"archive","object":"incident","id":"a227a6ec161af43c79f71bcc6b4675d1","text":"planned work"}'
HOST = "127.0.0.1:8642"


def ask(method, target, body="", host=HOST, origin="", cookie="me", authorization="", kind=""):
    return "\n".join((method, target, host, origin, cookie, authorization, kind, body)).encode("utf-8", "surrogateescape")


REQUESTS = {
    "page": ask("GET", "/"),
    "list": ask("GET", "/api/alerts?limit=50&offset=100&asset=10.20.1.31&q=Stop+PLC&archived=no&severity=2&since=1795374757994938"),
    "columns": ask("GET", "/api/facts?state=open&kind=peer&server=10.0.0.1&client=10.0.0.2"),
    "encoded": ask("GET", "/api/attributes?address=%31%30.0.0.1&key=%E2%80%AEmodel"),
    "bad-percent": ask("GET", "/api/alerts?q=%zz&x=%"),
    "dots": ask("GET", "/%2e%2e/%2e%2e/etc/passwd"),
    "nul": ask("GET", "/app.js%00.html"),
    "many": ask("GET", "/api/alerts?" + "&".join("a%d=1" % i for i in range(20))),
    "series": ask("GET", "/api/series?series=1&since=1&until=99999999999999"),
    "capture": ask("GET", "/api/capture?alert=2042eeae275f0237e28de13518907027"),
    "events": ask("GET", "/events"),
    "say": ask("POST", "/say", SAY, origin="http://" + HOST, kind="application/json"),
    "say-bearer": ask("POST", "/say", SAY, cookie="", authorization="Bearer tw-0", kind="application/json"),
    "say-elsewhere": ask("POST", "/say", SAY, origin="http://evil.example", kind="application/json"),
    "accept": ask("POST", "/say", '{"verb":"accept","object":"baseline","id":"peer server=10.0.0.1"}', origin="http://" + HOST, kind="application/json"),
    "bidi": ask("POST", "/say", '{"verb":"label","object":"asset","id":"10.0.0.1","text":"\\u202ekcatta"}', origin="http://" + HOST, kind="application/json"),
    "login": ask("POST", "/login", '{"token":"tw-0000"}', origin="http://" + HOST, cookie="", kind="application/json"),
    "logout": ask("POST", "/logout", "{}", origin="http://" + HOST, kind="application/json"),
    "rebind": ask("GET", "/api/me", host="evil.example:8642"),
    "name": ask("GET", "/api/me", host="PLANT.example:8642"),
    "v6": ask("GET", "/api/me", host="[::1]:8642"),
    "cookies": ask("GET", "/api/me", cookie="a=b; thermowell=; thermowell=" + "0" * 200),
    "put": ask("PUT", "/say", SAY),
}

os.makedirs(sys.argv[1], exist_ok=True)
for name, data in REQUESTS.items():
    with open(os.path.join(sys.argv[1], name), "wb") as to:
        to.write(data)
