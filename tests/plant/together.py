#!/usr/bin/env python3
"""The whole at once: a sensor with database, baseline, twenty tags read ten times a second (a dead-band lets one change in ten pass) and a console that is
looked at all the time; what all processes take together.

    together.py [--week | --rounds N]

The plant's ten minutes (pcaps/plant), with the polls of values.py among them, are made into days by tests/perf/repeat while they are read: a
fast replay, on the capture's clock, into the processes that a live sensor has, but for the one that keeps the console running (3 MiB, tests/browser/console.py)
and the kernel's ring.  Without options an hour; --week: seven days, of which the first two are learned by itself.
"""
import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import days  # noqa: E402
import tw  # noqa: E402
import values  # noqa: E402
import week  # noqa: E402

MOST_KB = 128 * 1024
GROWS_KB = 6 * 1024		# between a fifth of the time and all of it
KEEPER_KB = 3200		# of the console, beside a live sensor
PAGES = ("me", "map", "rules", "incidents?limit=50&archived=no", "alerts?limit=50&alone=1&archived=no&severity=3", "alerts?limit=200", "facts?state=open&limit=50", "assets?limit=200",
         "talks?limit=200", "deeds?limit=100", "health?limit=200", "tags?limit=200", "sights?limit=200", "alerts?q=stopped", "SERIES")


def plant_with_polls(path):
    """Ten minutes of the plant; among them a client that reads twenty registers every 100 ms."""
    found = list(week.frames(days.PLANT))
    begin, polls = found[0][0], io.BytesIO()
    values.START = begin // 1000000 + 1
    values.polls(polls, 600)
    with open(path + ".polls", "wb") as f:
        f.write(polls.getvalue())
    week.write(path, found + list(week.frames(path + ".polls")))
    os.unlink(path + ".polls")


def resident_kb(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
            return next((int(line.split()[1]) for line in f if line.startswith("VmRSS")), 0)
    except OSError:
        return 0


class Looker(threading.Thread):
    """Somebody at the console, who opens one page after another and hears of changes."""
    def __init__(self, db, folder):
        super().__init__(daemon=True)
        port = 8643
        tokens = os.path.join(folder, "tokens")
        self.token = subprocess.run([tw.BINARY, "console", "token", "anna", "--set", "console.tokens=" + tokens], check=True, capture_output=True, text=True).stdout.strip()
        self.p = subprocess.Popen([tw.BINARY, "console", "--store", db, "--listen", f"127.0.0.1:{port}", "--set", "console.tokens=" + tokens], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        if not self.p.stdout.readline().startswith("http"):
            said = self.p.stderr.read()
            if "without libmicrohttpd" in said:
                tw.skip("this program has no console: it was built without libmicrohttpd")
            raise tw.Failed("the console: " + said)
        self.base, self.over, self.pages, self.problem = f"http://127.0.0.1:{port}/", False, 0, None
        self.streams = [self.get("events") for _ in range(2)]

    def get(self, what):
        return urllib.request.urlopen(urllib.request.Request(self.base + what, headers={"Authorization": "Bearer " + self.token}), timeout=20)

    def run(self):
        try:
            while not self.over:
                tags = json.loads(self.get("api/tags?limit=1").read())["rows"]
                for page in PAGES:
                    if page == "SERIES":
                        page = f"series?series={tags[0]['series']}" if tags else "me"
                    self.get("api/" + page).read()
                    self.pages += 1
                time.sleep(0.2)
        except Exception as e:      # noqa: BLE001: told at the end
            self.problem = e

    def end(self):
        self.over = True
        self.join(30)
        for s in self.streams:
            s.close()
        self.p.terminate()
        self.p.communicate(timeout=20)
        if self.problem or self.p.returncode != 0:
            raise tw.Failed(f"the console: {self.problem}, exit status {self.p.returncode}")


def replay(folder, capture, rounds):
    """Returns the most that sensor and console took together, in all and in the first fifth of the rounds, and of each."""
    db, tags = os.path.join(folder, "plant.db"), os.path.join(folder, "tags.csv")
    values.write_tags(tags)
    sensor = [tw.BINARY, "-q", "-r", "-", "-l", folder, "--set", "outputs.eve.types=alert,incident", "--store", db, "--set", "baseline.mode=auto", "--tags", tags]
    # The console wants a database: the first round makes it.
    feed = subprocess.Popen([days.REPEAT, "-", "1", "0", "1", capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    subprocess.run(sensor, stdin=feed.stdout, check=True)
    feed.wait()
    looker = Looker(db, folder)
    feed = subprocess.Popen([days.REPEAT, "-", "1", "1", str(rounds), capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    p = subprocess.Popen(sensor, stdin=feed.stdout)
    feed.stdout.close()
    looker.start()
    most, samples = (0, 0, 0), []
    while p.poll() is None:
        now = (resident_kb(p.pid), resident_kb(looker.p.pid))
        samples.append(sum(now))
        most = max(most, (sum(now), *now))
        time.sleep(0.1)
    looker.end()
    if p.returncode != 0 or feed.wait() != 0:
        raise tw.Failed(f"the sensor: exit status {p.returncode}")
    return most, max(samples[:max(1, len(samples) // 5)]), looker.pages, db


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--week", action="store_true")
    p.add_argument("--rounds", type=int, default=6)
    a = p.parse_args()
    tw.need_binary()
    rounds = 7 * days.DAY if a.week else a.rounds
    with tempfile.TemporaryDirectory(prefix="tw-together-") as folder:
        capture = os.path.join(folder, "both.pcap")
        plant_with_polls(capture)
        begin = time.monotonic()
        (both, sensor, console), early, pages, db = replay(folder, capture, rounds)
        took = time.monotonic() - begin
        news = values.Run.number(argparse.Namespace(ask=lambda sql: values.Run.ask(argparse.Namespace(db=db), sql)), "SELECT sum(count) FROM tag_hours")
        read = (rounds + 1) * 600 * values.RATE * values.TAGS
        print(f"{rounds} rounds of ten minutes in {took:.0f} s: {read} readings, {news} news; {pages} pages; at most {both // 1024} MiB: sensor {sensor // 1024}, console {console // 1024}; "
              f"with the console's keeper {(both + KEEPER_KB) // 1024}; {early // 1024} in the first fifth")
        if not read * 0.08 <= news <= read * 0.11:
            raise tw.Failed(f"{news} news of {read} readings are not one in ten")
        if pages < len(PAGES):
            raise tw.Failed(f"only {pages} pages were looked at")
        if not days.kept_by_sanitizer():
            if both + KEEPER_KB > MOST_KB:
                raise tw.Failed(f"they take {both} KiB together, and may take {MOST_KB}")
            if a.week and both > early + GROWS_KB:
                raise tw.Failed(f"they took {early} KiB in the first fifth and {both} KiB at most: that grows")
    print("sensor, database, baseline, tags and console: what they take together is bounded")


if __name__ == "__main__":
    try:
        main()
    except tw.Failed as e:
        sys.exit(f"together: {e}")
