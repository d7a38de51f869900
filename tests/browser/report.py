#!/usr/bin/env python3
"""The report in a real browser: light and dark, on a screen, on a phone and on paper; and with names that somebody sent to do harm."""
import os
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kit  # noqa: E402
import tw  # noqa: E402

ATTACK = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant-attack.pcap")
EVIL = "</title></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u202eeman\u0007"


def run(*args):
    subprocess.run([tw.BINARY, *args], check=True, cwd=tw.SRCDIR, timeout=120)


def look(b, path, where):
    for width, dark in ((1400, False), (1400, True), (390, False)):
        page = b.page(width=width, dark=dark, base="file://")
        page.goto("file://" + path)
        b.quiet(f"{where} at {width}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{where}: {wide} pixels wide on a screen of {width}"
        b.accessible(page, f"{where}, {width}, {'dark' if dark else 'light'}")
        for d in page.query_selector_all("details"):
            d.evaluate("x => { x.open = true }")
        b.accessible(page, f"{where}, all open, {width}")
        b.quiet(f"{where}, all open")
        assert page.title() != "owned", f"{where}: a text of the wire was run"
        assert page.evaluate("document.scripts.length") == 0 and page.evaluate("document.images.length") == 0
        page.context.close()
    page = b.page(base="file://")
    page.goto("file://" + path)
    assert len(page.pdf(format="A4")) > 20000, f"{where}: nothing was printed"
    page.context.close()


def spoil(db):
    """Every text of every row."""
    d = sqlite3.connect(db)
    for table, columns in (("assets", ("name", "vendor", "model", "firmware", "role")), ("alerts", ("sentence", "signature", "outcome")),
                           ("incidents", ("title", "advice", "stages")), ("deeds", ("function", "value", "old")), ("talks", ("service",)),
                           ("sights", ("text",))):
        for c in columns:
            size = 30 if c in ("role", "outcome", "firmware", "vendor", "model") else 19 if c == "service" else 60
            size = {"role": 23, "outcome": 19, "service": 23}.get(c, size)
            d.execute(f"UPDATE OR IGNORE {table} SET {c}=?", (EVIL[:size],))
    d.execute("UPDATE assets SET name=CAST(x'3c623eff80fe3c2f623e' AS TEXT) WHERE address='10.20.1.11'")
    d.commit()
    d.close()


def main():
    tw.need_binary()
    with kit.browser() as b, tempfile.TemporaryDirectory(prefix="tw-report-") as work:
        path, db = os.path.join(work, "report.html"), os.path.join(work, "plant.db")
        run("report", "-q", "-r", ATTACK, "-o", path)
        look(b, path, "the report of an attack")
        page = b.page(width=1400, base="file://")
        page.goto("file://" + path)
        seen = page.inner_text("#incidents")
        for word in ("10.20.2.99", "10.20.1.31", "PLC Stop", "19:17:49", "block FC7", "Cold Restart"):
            assert word in seen, f"the incidents do not say {word}"
        page.context.close()
        run("report", "-q", "--form", "audit", "-r", ATTACK, "-o", path)
        look(b, path, "the report for an auditor")
        run("-q", "-r", ATTACK, "--store", db, "--set", "outputs.eve.enabled=no", "-l", work)
        spoil(db)
        run("report", "-q", "--store", db, "-o", path)
        look(b, path, "a report of hostile names")
    print("the report is whole in a browser: light, dark, on a phone and on paper; hostile names do nothing")


if __name__ == "__main__":
    main()
