#!/usr/bin/env python3
"""The console in a real browser, over a live plant: a sensor on a wire of its own, whose process of pages it has forked.

An alert appears without a reload; what an operator says is kept, under his name, over a restart; the console's process dies and comes
back; and with every text of the database hostile nothing happens.  On each page: no message of the browser, no request
elsewhere, nothing that axe-core finds.   console.py [--shots FOLDER]
"""
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import kit  # noqa: E402
import pcap  # noqa: E402
import tw  # noqa: E402
import wire  # noqa: E402

AT = "127.0.0.1:8642"
BASE = f"http://{AT}/"
SHOTS = sys.argv[sys.argv.index("--shots") + 1] if "--shots" in sys.argv else None
PAGES = ["/", "/inbox", "/inbox?what=alerts", "/changes", "/assets", "/asset/10.20.1.31", "/talk/10.20.2.10/10.20.1.31", "/values", "/baseline", "/rules", "/sinks", "/actions"]
REFUSED = ("401", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "net::ERR")


def run(*args):
    return subprocess.run([tw.BINARY, *args], check=True, capture_output=True, text=True).stdout


def frames_of(path):
    return [f.data for f in pcap.read(path)[1]]


def go(page, where):
    page.evaluate("x => { location.hash = x }", "#" + where)
    name = where[1:].split("/")[0].split("?")[0] or "now"
    page.wait_for_function("n => document.getElementById('main').dataset.ready === n", arg=name)
    page.wait_for_timeout(200)


def log_in(page, token):
    page.goto(BASE)
    page.wait_for_selector("main[data-ready=login]")
    page.fill("#token", token)
    page.keyboard.press("Enter")


def shot(page, name):
    if SHOTS:
        page.screenshot(path=os.path.join(SHOTS, name + ".png"))


class Plant:
    """The sensor, and its console's two processes."""
    def __init__(self, folder):
        self.folder, self.db = folder, os.path.join(folder, "plant.db")
        self.tokens = os.path.join(folder, "tokens")
        self.token = run("console", "token", "anna", "--set", "console.tokens=" + self.tokens).strip()

    def answers_no_watched_network(self):
        subprocess.run(["ip", "addr", "add", "192.0.2.1/24", "dev", "tap0"], check=True)
        for at in ("192.0.2.1:8642", "0.0.0.0:8642"):
            p = subprocess.run([tw.BINARY, "-i", "tap0", "-l", self.folder, "--store", self.db, "--set", "console.listen=" + at, "--set", "console.tokens=" + self.tokens,
                                "--set", "console.certificate=/x", "--set", "console.key=/x", "--set", f"control.socket={self.folder}/control"], capture_output=True, text=True, timeout=30, check=False)
            assert p.returncode == 1 and "which is watched" in p.stderr, p.stderr
        subprocess.run(["ip", "addr", "del", "192.0.2.1/24", "dev", "tap0"], check=True)

    def start(self):
        env = dict(os.environ, THERMOWELL_SANDBOX="trap")
        self.sensor = wire.Sensor(self.folder, "--store", self.db, "--set", "console.listen=" + AT, "--set", "console.tokens=" + self.tokens,
                                  "--set", f"control.socket={self.folder}/control", "--set", "baseline.mode=detect", env=env)
        self.sensor.wait_ready()

    def processes(self):
        """name: (pid, resident KiB) of the sensor and what it has forked."""
        found, parents = {}, {self.sensor.p.pid}
        for _ in range(3):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
                        s = dict(line.split(":", 1) for line in f.read().splitlines() if ":" in line)
                except OSError:
                    continue
                if int(pid) == self.sensor.p.pid or int(s["PPid"]) in parents:
                    parents.add(int(pid))
                    found[s["Name"].strip()] = (int(pid), int(s.get("VmRSS", "0 kB").split()[0]), s["Seccomp"].strip())
        return found

    def end(self):
        status, _ = self.sensor.end()
        assert status == 0, self.sensor.said()
        # The console ends by itself.
        assert wire.wait_for(lambda: subprocess.run(["ss", "-ltnH", "sport = :8642"], capture_output=True, text=True, check=False).stdout == "", 10, 0.1), \
            "the console's process is still there"


def alert_without_reload(b, page, plant):
    page.wait_for_selector("main[data-ready=now]")
    page.wait_for_selector("#heard:not(.off)")
    assert "watching" in page.inner_text("main"), page.inner_text("main")
    page.evaluate("() => { window.same = 1 }")
    sock = wire.plug()
    for i, f in enumerate(frames_of(os.path.join(tw.SRCDIR, "pcaps/plant/plant-attack.pcap"))):
        sock.send(f)
        if i % 64 == 0:
            time.sleep(0.004)
    page.wait_for_selector("ul.inbox li:has-text('stopped PLC')", timeout=20000)
    page.wait_for_timeout(2500)
    assert page.evaluate("window.same") == 1
    shot(page, "now")
    b.quiet("the first screen, live")


def words_are_kept(b, page):
    go(page, "/inbox")
    # By keys alone: the first one, acknowledged; then archived.
    page.keyboard.press("j")
    uid = page.evaluate("document.activeElement.closest('li').dataset.uid")
    page.keyboard.press("a")
    page.wait_for_selector(f"li[data-uid='{uid}'] .mark:has-text('seen by anna')")
    # The row was drawn anew; the focus is where it was.
    assert page.evaluate("document.activeElement.closest('li') && document.activeElement.closest('li').dataset.uid") == uid
    page.keyboard.press("e")
    page.wait_for_selector(f"li[data-uid='{uid}']", state="detached")
    go(page, "/baseline")
    fact = page.inner_text("section[aria-label=Facts] tbody tr:first-child td:first-child")
    page.click("section[aria-label=Facts] tbody tr:first-child button[data-verb=accept]")
    page.wait_for_function("t => ![...document.querySelectorAll('section[aria-label=Facts] tbody td:first-child')].some(x => x.innerText === t)", arg=fact)
    go(page, "/asset/10.20.1.31")
    page.click("button[data-verb=label]")
    page.fill("#why", "Pressure station")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Pressure station')")
    b.quiet("what an operator says")
    return uid, fact


def still_kept(page, uid, fact):
    go(page, "/inbox")
    assert page.query_selector(f"li[data-uid='{uid}']") is None
    go(page, "/inbox?what=archived")
    page.wait_for_selector(f"li[data-uid='{uid}'] .mark:has-text('archived by anna')")
    # The story of an incident, step by step.
    if page.query_selector(f"li[data-uid='{uid}'] a[href^='#/incident/']"):
        go(page, "/incident/" + uid)
        assert len(page.query_selector_all("table tbody tr a[href^='#/alert/']")) > 1, page.inner_text("main")
    go(page, "/baseline?state=accepted")
    assert fact in page.inner_text("section[aria-label=Facts]")
    go(page, "/actions")
    text = page.inner_text("main")
    assert "anna" in text and "acknowledge" in text and "archive" in text and "accept" in text and "Pressure station" in text, text


def who_changed(page):
    """Two clicks from the first screen: Changes, and the name of who did it; the search narrows it to one value."""
    if not os.path.isdir(os.path.join(tw.SRCDIR, "src/detect/history")):
        print("not tried: who changed a value; this program keeps no writes")
        return
    go(page, "/")
    page.click("nav a[data-page=changes]")
    page.wait_for_function("() => document.getElementById('main').dataset.ready === 'changes'")
    page.wait_for_selector("main tbody tr:has-text('10.20.1.12')")
    page.fill("input[type=search]", "PLC Stop")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash.includes('q=')")
    page.wait_for_selector("main tbody tr:first-child:has-text('10.20.2.99')")
    assert "10.20.1.31" in page.inner_text("main tbody tr:first-child")
    shot(page, "changes")
    page.click("main tbody tr:first-child td:nth-child(2) a")
    page.wait_for_selector("h1:has-text('10.20.2.99')")


def each_page(b, plant, token, dark):
    """At a desk, on a phone, on a large screen."""
    for width, height, name in ((1400, 900, "desk"), (390, 844, "phone"), (2560, 1440, "room")):
        page = b.page(width, height, dark, BASE)
        log_in(page, token)
        page.wait_for_selector("main[data-ready=now]")
        b.said.clear()
        for where in PAGES if (name == "desk" or name == "phone") and not dark else PAGES[:2] + ["/asset/10.20.1.31"]:
            go(page, where)
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, f"{where} at {width}: {over} pixels too wide"
            if (name == "desk" and not dark) or where in PAGES[:2]:
                b.accessible(page, f"{where} at {width}{' dark' if dark else ''}")
            b.quiet(where)
            if where in ("/", "/asset/10.20.1.31", "/inbox"):
                shot(page, f"{name}-{'dark' if dark else 'light'}-{where.strip('/').split('/')[0] or 'now'}")
        page.context.close()


def keyboard_has_no_trap(page):
    go(page, "/")
    page.evaluate("document.body.focus()")
    seen = set()
    for _ in range(150):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("(e => e.tagName + (e.dataset.key || e.getAttribute('href') || e.textContent).slice(0, 40))(document.activeElement)"))
    assert len(seen) > 30 and any("asset" in x for x in seen), sorted(seen)
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    page.keyboard.press("i")
    page.wait_for_function("() => document.getElementById('main').dataset.ready === 'inbox'")


def it_comes_back(page, plant):
    pid = plant.processes()["console"][0]
    os.kill(pid, signal.SIGKILL)
    assert wire.wait_for(lambda: "ended by signal 9" in plant.sensor.said(), 5, 0.1), plant.sensor.said()
    assert wire.wait_for(lambda: plant.processes().get("console", (pid,))[0] != pid, 10, 0.1), plant.sensor.said()
    log_in(page, plant.token)
    page.wait_for_selector("main[data-ready=now]")


HOSTILE = ["<script>window.hacked=1</script>", "<img src=x onerror=\"window.hacked=1\">", "\u202egpj.exe\u2066\u200b", "javascript:window.hacked=1", "x" * 3000,
           "\"><svg onload=window.hacked=1>", "{client}{{constructor.constructor('window.hacked=1')()}}", b"\xff\xfe<b>\xc0\x80\xed\xa0\x80"]


# Bytes that fit into a column; a longer text is no row of ours, and is not shown.
FITS = {"sentence": 400, "signature": 150, "title": 250, "stages": 250, "advice": 180, "techniques": 60, "name": 60, "vendor": 60, "model": 60, "firmware": 40, "zone": 30, "value": 90,
        "text": 30, "function": 60, "address": 60, "tag": 60, "old": 90, "reason": 60, "service": 35, "at": 130, "unit": 60, "tag_group": 60, "evidence": 90, "maintenance": 30, "why": 90}


def nothing_happens(b, folder, db):
    """Every text of the database is hostile but those by which rows are found."""
    bad = os.path.join(folder, "hostile.db")
    shutil.copy(db, bad)
    with sqlite3.connect(bad) as c:
        for table, in c.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT IN ('holder')").fetchall():
            for _, column, kind, *_ in c.execute(f'PRAGMA table_info("{table}")').fetchall():
                keep = ("uid", "src", "dst", "address", "server", "client", "attacker", "target", "incident", "alert", "id", "object", "verb", "state", "kind", "baseline", "protocol",
                        "space", "mac", "writer", "packed", "condition")
                if kind == "TEXT" and column not in keep:
                    for i, text in enumerate(HOSTILE):
                        text = text[:FITS.get(column, 15)] if isinstance(text, bytes) else text.encode()[:FITS.get(column, 15)].decode(errors="ignore")
                        c.execute(f'UPDATE OR IGNORE "{table}" SET "{column}"=? WHERE "{column}" IS NOT NULL AND abs(random()) % {len(HOSTILE)}=?', (text, i))
    c.close()
    p = subprocess.Popen([tw.BINARY, "console", "--store", bad, "--listen", AT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        page = b.page(1400, 900, False, BASE)
        dialogs = []
        page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
        page.goto(p.stdout.readline().strip())
        page.wait_for_selector("main[data-ready=now]")
        rows = page.evaluate("fetch('/api/alerts?limit=200').then(r => r.json()).then(r => r.rows.map(x => x.uid))")
        assert len(rows) > 50, len(rows)
        uid = rows[0]
        shown = ""
        for where in PAGES + ["/alert/" + uid, "/asset/%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E", "/inbox?q=%3Cscript%3Ewindow.hacked%3D1%3C%2Fscript%3E"]:
            go(page, where)
            if where == "/":
                page.wait_for_selector("svg.map a")
            shown += page.inner_text("main")
            assert page.evaluate("window.hacked") is None and not dialogs, where
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{where}: too wide"
            assert page.evaluate("document.querySelectorAll('main script, main img, main iframe').length") == 0, where
        assert "<script>" in shown and "\u2039202e\u203a" in shown and "\u202e" not in shown and "\\xff" in shown
        b.quiet("hostile texts")
        page.context.close()
    finally:
        p.terminate()
        p.wait()


class Dripping(threading.Thread):
    """A request that never comes to its end, a byte a second: its place is given back after twenty seconds."""
    def __init__(self):
        super().__init__(daemon=True)
        self.lived = None
        self.start()

    def run(self):
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", 8642)) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: ")
            s.settimeout(1)
            while time.monotonic() - begin < 60:
                try:
                    s.sendall(b"1")
                    if s.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
        self.lived = time.monotonic() - begin


def step(name, begun=time.monotonic()):
    print(f"{time.monotonic() - begun:5.1f} s  {name}", flush=True)


def main():
    wire.enter()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder, kit.browser() as b:
        plant = Plant(folder)
        run("-r", os.path.join(tw.SRCDIR, "pcaps/plant/plant.pcap"), "--learn", "-q", "--store", plant.db, "-l", folder, "--set", "outputs.eve.file=/dev/null")
        plant.answers_no_watched_network()
        plant.start()
        try:
            page = b.page(1400, 900, False, BASE)
            log_in(page, "tw-" + "0" * 48)
            page.wait_for_selector("[role=alert]:has-text('wrong')")
            b.accessible(page, "the login")
            log_in(page, plant.token)
            page.wait_for_selector("main[data-ready=now]")
            b.quiet("logging in", REFUSED)
            step('alert_without_reload')
            alert_without_reload(b, page, plant)
            step('words_are_kept')
            uid, fact = words_are_kept(b, page)
            who_changed(page)
            step('keyboard_has_no_trap')
            keyboard_has_no_trap(page)
            b.quiet("keys")
            before = plant.processes()
            assert before["console"][2] == "2", before
            it_comes_back(page, plant)
            plant.end()
            plant.start()
            log_in(page, plant.token)
            page.wait_for_selector("main[data-ready=now]")
            b.quiet("a restart", REFUSED)
            step('still_kept')
            still_kept(page, uid, fact)
            b.quiet("after a restart", REFUSED)
            step('each_page')
            dripping = Dripping()
            each_page(b, plant, plant.token, False)
            each_page(b, plant, plant.token, True)
            dripping.join(60)
            assert dripping.lived is not None and 15 < dripping.lived < 30, f"a request that drips was ended after {dripping.lived} s"
            now = plant.processes()
            print("resident: " + ", ".join(f"{k} {v[1] / 1024:.1f} MiB" for k, v in now.items()))
            print(json.dumps({k: v[1] for k, v in now.items()}))
            assert sum(v[1] for v in now.values()) <= 128 * 1024, now
            # It would try to hear of changes from whoever listens there next.
            page.context.close()
            plant.end()
            b.said.clear()
        finally:
            plant.sensor.kill()
        step("nothing_happens")
        nothing_happens(b, folder, plant.db)
    step("end")
    print("the console does as it should in a browser")


if __name__ == "__main__":
    main()
