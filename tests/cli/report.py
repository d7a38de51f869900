#!/usr/bin/env python3
"""thermowell report, health and values of captures: what they read is not changed, what they need meanwhile goes again, and the page is
whole without a network (how it looks, a browser says: tests/browser/report.py)."""
import hashlib
import html.parser
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

QUIET = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant.pcap")
ATTACK = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant-attack.pcap")
TAGS = os.path.join(tw.SRCDIR, "pcaps", "plant", "tags.csv")
SHIPPED = os.path.join(tw.SRCDIR, "contrib", "etc", "thermowell.yaml")


class Page(html.parser.HTMLParser):
    """Its text, and what a browser would fetch or run."""
    VOID = {"meta", "link", "br", "hr", "img", "input"}

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.foreign = [], [], []
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        names = dict(attrs)
        if tag in ("script", "iframe", "object", "img", "link"):
            self.foreign.append(tag)
        self.foreign += [f"{n}={v}" for n, v in names.items() if n.startswith("on") or
                         (n in ("src", "href", "xlink:href", "action") and not v.startswith("#"))]

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> within {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def run(folder, *args, status=0):
    env = {**os.environ, "TMPDIR": os.path.join(folder, "tmp")}
    done = subprocess.run([tw.BINARY, *args], env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, (args, done.returncode, done.stderr)
    assert os.listdir(env["TMPDIR"]) == [], f"{args} leaves {os.listdir(env['TMPDIR'])}"
    return done


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def page(path):
    with open(path, encoding="utf-8") as f:
        return Page(f.read())


def older(path, to, seconds):
    """The same packets, so much earlier."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    order, at = "<" if data[0] in (0xd4, 0x4d) else ">", 24
    while at < len(data):
        second, _, n, _ = struct.unpack_from(order + "4I", data, at)
        struct.pack_into(order + "I", data, at, second - seconds)
        at += 16 + n
    with open(to, "wb") as f:
        f.write(data)


def main():
    tw.need_binary()
    with tempfile.TemporaryDirectory(prefix="tw-report-") as folder:
        os.mkdir(os.path.join(folder, "tmp"))
        at = os.path.join(folder, "report.html")
        baseline = os.path.join(folder, "b.db")
        # The configuration of a sensor, which has a database of its own.
        run(folder, "report", "-q", "-r", QUIET, "-c", SHIPPED, "-o", at)
        p = page(at)
        assert not p.foreign, p.foreign
        assert "BMX P34 2020" in "".join(p.text)
        # A baseline is read, and stays what it was.
        run(folder, "-q", "-r", QUIET, "-l", folder, "--learn", "--baseline", baseline)
        before = digest(baseline)
        run(folder, "report", "-q", "-r", ATTACK, "--detect", "--baseline", baseline, "-o", at)
        p = page(at)
        text = "".join(p.text)
        assert "Against the baseline" in text and "10.20.2.99" in text, text[:2000]
        assert not p.foreign and digest(baseline) == before, "the report changed the baseline"
        said = run(folder, "report", "-q", "-r", ATTACK, "--detect", "--baseline", baseline + "x", "-o", at, status=1).stderr
        assert "b.dbx: there is no baseline" in said and not os.path.exists(baseline + "x"), said
        # The auditor's form, and standard output.
        p = Page(run(folder, "report", "-q", "--form", "audit", "-r", QUIET, "-o", "-").stdout)
        assert not p.foreign and "CIP-015" in "".join(p.text)
        assert "compliant" not in "".join(p.text).lower()
        # Captures of different years: nothing of the older one is too old for a page about both.
        older(ATTACK, os.path.join(folder, "old.pcap"), 3 * 365 * 86400)
        run(folder, "report", "-q", "-r", os.path.join(folder, "old.pcap"), QUIET, "-o", at)
        text = "".join(page(at).text)
        assert "10.20.2.99" in text and "2023-11-23" in text and "2026-11-22" in text, text[:3000]
        # The same way of replaying for others.
        assert "pressure" in run(folder, "values", "-q", "-r", QUIET, "--tags", TAGS).stdout
        run(folder, "health", "-q", "-r", QUIET)
        # Where nothing can be made, it says where and what to do.
        env = {**os.environ, "TMPDIR": os.path.join(folder, "not-there")}
        for args in (("report", "-r", QUIET, "-o", at), ("health", "-r", QUIET), ("values", "-r", QUIET, "--tags", TAGS)):
            done = subprocess.run([tw.BINARY, *args, "-q"], env=env, capture_output=True, text=True, check=False, timeout=60)
            assert done.returncode == 1 and "not-there: a folder for what a replay finds cannot be made there" in done.stderr, done
    print("report, health and values read what is there, and leave it")


main()
