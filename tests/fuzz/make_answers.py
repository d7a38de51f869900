#!/usr/bin/env python3
"""Make the first corpus of fuzz_answers: what receivers answer when all is well, full, broken or confused.

    make_answers.py FOLDER
"""
import json
import os
import struct
import sys

ELASTIC, SPLUNK, WEBHOOK = 0, 1, 2
CUT, ANEW, BUSY = 1, 2, 4


def answer(body, status=200, flags=0):
    text = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    return struct.pack("<HBH", status, flags, len(text)) + text


def items(*statuses):
    def one(status):
        if status < 300:
            return {"create": {"status": status}}
        return {"create": {"status": status, "error": {"type": "document_parsing_exception", "reason": "failed to parse field",
                                                       "caused_by": {"reason": "For input string"}}}}
    return {"errors": any(s >= 300 for s in statuses), "items": [one(s) for s in statuses]}


def taken(ack):
    return {"text": "Success", "code": 0, **({} if ack is None else {"ackId": ack})}


def acks(**of):
    return {"acks": {k[1:]: v for k, v in of.items()}}


def main():
    lost, later = struct.pack("<HBH", 0, ANEW, 0), struct.pack("<HBH", 1, 0, 0)
    fine = {"errors": False}
    seeds = {
        "bulk-fine": (ELASTIC, [answer(fine)] * 9),
        "bulk-errors": (ELASTIC, [answer(items(201, 201, 400, 429, 409, 403, 413, 201)), answer(items(201, 503)), answer(fine)] * 4),
        "bulk-short": (ELASTIC, [answer(items(400, 400)), answer(fine), answer(fine)]),
        "bulk-odd": (ELASTIC, [answer({"errors": True, "items": [None, 1, "x", {}, {"create": 3}, {"create": {"status": "400"}},
                                                                  {"create": {"status": 400, "error": "text"}},
                                                                  {"create": {"status": -1, "error": {"type": 5, "caused_by": []}}}]}), answer(fine)]),
        "bulk-no-json": (ELASTIC, [answer(b"<html>"), answer(b""), answer(b"[1]"), answer(b"{\"errors\":1}"), answer(fine)]),
        "bulk-parts": (ELASTIC, [answer(b"too large", 413)] * 5 + [answer(b"no", 401), answer(b"wait", 429, BUSY), answer(fine, 200, CUT), answer(fine)]),
        "bulk-lost": (ELASTIC, [lost, later, answer(fine), lost, answer(fine)]),
        "hec-fine": (SPLUNK, [answer(taken(0)), answer(taken(1)), answer(acks(_0=True, _1=True)), answer(taken(2)), answer(acks(_2=True))]),
        "hec-without": (SPLUNK, [answer(taken(None))] * 9),
        "hec-mixed": (SPLUNK, [answer(taken(0)), answer(taken(None)), answer(acks(_0=True)), answer(taken(1)), answer(acks(_1=True))]),
        "hec-never": (SPLUNK, [answer(taken(0))] + [answer(acks(_0=False))] * 40),
        "hec-anew": (SPLUNK, [answer(taken(5)), answer(taken(0), 200, ANEW), answer(acks(_5=True)), answer(taken(1)), answer(acks(_0=True))] * 3),
        "hec-odd": (SPLUNK, [answer(taken(-(1 << 63))), answer(taken((1 << 63) - 1)), answer({"acks": [True]}), answer({"acks": {"": True}}),
                             answer({"code": "0"}), answer({"code": 0, "ackId": 1.5}), answer(b"nothing")]),
        "hec-invalid": (SPLUNK, [answer({"text": "Invalid data format", "code": 6, "invalid-event-number": n}, 400) for n in (3, 7, 8, -1, 1 << 40)] +
                        [answer({"text": "Incorrect index", "code": 7}, 400), answer({"code": 10}, 400), answer({"code": 6, "invalid-event-number": 0}, 400)]),
        "hec-lost": (SPLUNK, [answer(taken(0)), lost, answer(acks(_0=False), 200, ANEW), answer(taken(0)), answer(acks(_0=True))]),
        "hook": (WEBHOOK, [answer(b"ok"), answer(b"", 204), answer(b"bad\r\nline", 422), answer(b"elsewhere", 302), answer(b"x", 507), lost, answer(b"")]),
    }
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, (kind, answers) in seeds.items():
        with open(os.path.join(sys.argv[1], name), "wb") as f:
            f.write(bytes([kind]) + b"".join(answers))


main()
