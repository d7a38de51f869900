#!/usr/bin/env python3
"""Rules read again while packets go on: by `thermowell rules reload` and by SIGHUP; of a file with a mistake the good rules are taken;
no packet is lost."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "modbus", "data-access.pcap")
RULE = "alert tcp any any -> any 502 (msg:\"rule {0}\"; content:\"|00 00|\"; offset:2; depth:2; sid:{0};)\n"


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def main():
    tw.need_binary()
    with open(CAPTURE, "rb") as f:
        capture = f.read()
    header, frames, at = capture[:24], [], 24
    while at < len(capture):
        n = 16 + int.from_bytes(capture[at + 8:at + 12], "little")
        frames.append(capture[at:at + n])
        at += n
    parts = [b"".join(frames[i * len(frames) // 4:(i + 1) * len(frames) // 4]) for i in range(4)]
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        rules, sock, eve = (os.path.join(tmp, x) for x in ("a.rules", "sock", "eve.json"))

        def write(text):
            with open(rules, "w", encoding="utf-8") as f:
                f.write(text)

        def alerts():
            if not os.path.exists(eve):
                return []
            with open(eve, encoding="utf-8") as f:
                rs = [json.loads(x) for x in f.read().split("\n")[:-1]]
            return [r["alert"]["signature_id"] for r in rs if r["event_type"] == "alert" and r["alert"]["gid"] == 1]

        def reload():
            return subprocess.run([tw.BINARY, "rules", "reload", "--set", f"control.socket={sock}"], capture_output=True,
                                  text=True, check=False)

        write(RULE.format(1))
        p = subprocess.Popen([tw.BINARY, "-r", "-", "-S", rules, "-l", tmp, "--set", f"control.socket={sock}", "--set",
                              "outputs.eve.types=alert,stats", "--set", "alerts.merge=0", "--set", "alerts.limit=0"],
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        fail = []
        try:
            p.stdin.write(header + parts[0])
            p.stdin.flush()
            if not wait_for(lambda: os.path.exists(sock)):
                fail.append("the socket never came")
            if os.stat(sock).st_mode & 0o077:
                fail.append("the socket is open to others")
            time.sleep(0.3)
            write(RULE.format(2))
            r = reload()
            if r.returncode != 0 or not r.stdout.startswith("ok"):
                fail.append(f"reload: exit {r.returncode}: {r.stdout}{r.stderr}")
            p.stdin.write(parts[1])
            p.stdin.flush()
            time.sleep(0.3)
            write(RULE.format(3) + "alert tcp any any -> any any (msg:\"broken\"; contnt:\"x\"; sid:4;)\n")
            r = reload()
            if r.returncode != 0 or "contnt" not in r.stdout:
                fail.append(f"a mistake: exit {r.returncode}: {r.stdout}{r.stderr}")
            p.stdin.write(parts[2])
            p.stdin.flush()
            time.sleep(0.3)
            write(RULE.format(5))
            p.send_signal(signal.SIGHUP)
            time.sleep(1)
        finally:
            try:
                _, err = p.communicate(parts[3], timeout=60)
            except subprocess.TimeoutExpired:
                p.kill()
                raise
        if p.returncode != 0:
            fail.append(f"exit {p.returncode}: {err.decode(errors='replace')[-500:]}")
        if os.path.exists(sock):
            fail.append("the socket was left behind")
        got = alerts()
        if sorted(set(got)) != [1, 2, 3, 5] or got != sorted(got):
            fail.append(f"alerts of {got}, not 1, then 2, then 3, then 5")
        with open(eve, encoding="utf-8") as f:
            last = [json.loads(x) for x in f if '"event_type":"stats"' in x][-1]
        packets, reloads = last["stats"]["decoder"]["pkts"], last["ot"]["counters"]["detect"]["rules"]["reloads"]
        if packets != len(frames) or reloads != 3:
            fail.append(f"{packets} of {len(frames)} packets, {reloads} reloads")
        r = reload()
        if r.returncode != 1 or "no sensor listens" not in r.stderr:
            fail.append(f"nobody there: exit {r.returncode}: {r.stderr}")
    print("\n".join(fail) if fail else f"{len(frames)} packets, {len(got)} alerts, three reloads")
    return 1 if fail else 0


if __name__ == "__main__":
    sys.exit(main())
