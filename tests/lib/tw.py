"""What the Python tests share: where things are, running thermowell, reading its records."""
import json
import os
import re
import subprocess
import sys
import tempfile

SRCDIR = os.environ.get("TW_SRCDIR") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILDDIR = os.environ.get("TW_BUILDDIR") or SRCDIR
BINARY = os.environ.get("THERMOWELL") or os.path.join(BUILDDIR, "thermowell")
CORPUS = os.environ.get("THERMOWELL_CORPUS")

SKIP = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def need_binary():
    if not os.access(BINARY, os.X_OK):
        sys.exit(f"{BINARY}: not there; build it first (make), or name one with THERMOWELL=PATH")


def need_corpus():
    if not CORPUS:
        skip("THERMOWELL_CORPUS does not name a folder of other people's captures")
    if not os.path.isdir(CORPUS):
        sys.exit(f"THERMOWELL_CORPUS={CORPUS}: no such folder")
    return CORPUS


def has_ndpi(cache=[]):
    """Was the program built with nDPI?  Without it nothing but plant protocols has a name."""
    if not cache:
        cache.append("with nDPI" in subprocess.run([BINARY, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout)
    return cache[0]


class Failed(Exception):
    pass


def replay_text(capture, options=(), types="all", timeout=60):
    """The lines of eve.json that a replay of `capture` writes.  Paths are taken from the source folder, so that what the
    program says of its input does not depend on where the tree lies."""
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        cmd = [BINARY, "-q", "-r", capture, "-l", tmp]
        # The shipped rules are for those tests that ask for them: not where the program happens to find them.
        if not any(o in ("-S", "-s") or o.startswith("rules.files") for o in options):
            cmd += ["--set", "rules.files=none"]
        # Nor the names of vendors that this machine happens to have.
        if not any(o.startswith("assets.vendors") for o in options):
            cmd += ["--set", "assets.vendors=tests/lib/oui.csv"]
        if types:
            cmd += ["--set", f"outputs.eve.types={types}"]
        p = subprocess.run(cmd + list(options), cwd=SRCDIR, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=timeout, check=False,
                           env=dict(os.environ, TZ="UTC", LC_ALL="C"))
        if p.returncode != 0:
            raise Failed(f"{' '.join(cmd)}: exit status {p.returncode}\n{p.stderr.decode(errors='replace')[-2000:]}")
        try:
            with open(os.path.join(tmp, "eve.json"), encoding="utf-8") as f:
                return f.read()
        except FileNotFoundError:
            return ""


def replay(capture, options=(), types="all", timeout=60):
    """The same as records."""
    return [json.loads(line) for line in replay_text(capture, options, types, timeout).splitlines()]


def wire_bytes(text):
    """The bytes behind a string that EVE made of bytes from the wire: valid UTF-8 as it is, else \\xNN for what is above 0x7f."""
    if any(ord(c) > 0x7f for c in text):
        return text.encode()
    return re.sub(rb"\\x([89a-f][0-9a-f])", lambda m: bytes([int(m[1], 16)]), text.encode())


def told(v):
    """What a value of a record says, under whichever name of its type it stands."""
    return v["text"] if v.get("value") is None and "text" in v else v.get("value", v.get("bytes", v.get("time")))


def named(pairs):
    """{name: [what was said under it, in order]} of the name and value pairs of ot.request.fields and ot.identity."""
    out = {}
    for p in pairs or ():
        out.setdefault(p["name"], []).append(told(p))
    return out


def has_values(item):
    return any(k in item for k in ("values", "texts", "bytes", "times", "points"))


def operations(records, protocol="modbus"):
    return [r for r in records if r["event_type"] == protocol]


def frozen(x):
    """A hashable, ordered form of any JSON value."""
    return json.dumps(x, sort_keys=True)


def golden_list():
    """(name, capture, options) of every line of tests/golden/LIST."""
    out = []
    with open(os.path.join(SRCDIR, "tests/golden/LIST"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, capture, options = (x.strip() for x in (line.rstrip("\n") + "||").split("|")[:3])
                out.append((name, capture, options.split()))
    return out
