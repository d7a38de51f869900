#!/usr/bin/env python3
"""A password that crosses the wire is in no record: those of our captures, as they were sent, in hex, in base64, coded as S7 codes them.

    secrets.py [FILE...]    lines of these files instead of tests/golden/out
"""
import base64
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

# capture (beginning of the golden's name): what was sent there
SECRETS = {
    "dnp3-opendnp3-file": (b"secret",),
    "s7-control": (b"secret12",), "s7-stacks": (b"secret12",),
    "umas-password": (b"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",),
    "rules-it-in-ot": (b"PASS admin",),
}
NAMES = {"secret_length"}	# our own words


def s7_coded(p):
    out = bytearray()
    for i, b in enumerate(p.ljust(8)):
        out.append(b ^ 0x55 ^ (out[i - 2] if i >= 2 else 0))
    return bytes(out)


def forms(secret):
    for raw in (secret, s7_coded(secret[:8])):
        yield raw.hex()
        yield base64.b64encode(raw).decode().rstrip("=")[:-1]
        if all(0x20 <= b < 0x7f for b in raw):
            yield raw.decode()
        else:
            yield raw.decode("latin-1")
            yield "".join(chr(b) if b < 0x80 else f"\\x{b:02x}" for b in raw)


def texts(v):
    if isinstance(v, dict):
        for x in v.values():
            yield from texts(x)
    elif isinstance(v, list):
        if v and all(isinstance(x, int) and 0 <= x < 256 for x in v):
            yield bytes(v).hex()
        for x in v:
            yield from texts(x)
    elif isinstance(v, str) and v not in NAMES:
        yield v


def main():
    bad = lines = 0
    every = {f for secrets in SECRETS.values() for s in secrets for f in forms(s)}
    for path in sys.argv[1:] or sorted(glob.glob(os.path.join(tw.SRCDIR, "tests/golden/out/*.jsonl"))):
        name = os.path.basename(path)
        mine = {f for begins, secrets in SECRETS.items() if name.startswith(begins) for s in secrets for f in forms(s)}
        looked_for = mine or {f for f in every if len(f) >= 8}
        with open(path, encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                lines += 1
                for text in texts(json.loads(line)):
                    if any(s in text for s in looked_for):
                        bad += 1
                        print(f"{name}:{n}: a password: {text[:100]!r}")
    print(f"{lines} lines, {bad} passwords")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
