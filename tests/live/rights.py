#!/usr/bin/env python3
"""A started sensor has no rights, does not need any, and sends nothing.

    rights.py [TEST...]

In a namespace of its own, as another user, with system calls in trap mode: what it may not do would end it.  Needs root.
"""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import wire
import tw  # noqa: E402
from wire import Sensor, Tail, Traffic, last_stats, records, wait_for

STOP = b'"type":"s7.cpu.stop"'
USER = "nobody"


def ip(*words):
    subprocess.run(["ip", *" ".join(words).split()], check=True)


def no_ipv6():
    for i in ("wire0", "tap0"):
        subprocess.run(["sysctl", "-qw", f"net.ipv6.conf.{i}.disable_ipv6=1"], capture_output=True, check=False)


def sensor(folder, *options, **more):
    shutil.chown(folder, USER)
    return Sensor(folder, "--set", f"run.user={USER}", "--set", "run.sandbox=trap", *options, **more)


def stop(n):
    sock = wire.plug()
    before, after = wire.s7_stop((10, 8, 1, n), (10, 8, 0, n))
    for f in before + after:
        sock.send(f)


def status_of(path):
    with open(path, encoding="ascii") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def has(name):
    """Was it built with this library?"""
    out = subprocess.run(["ldd", tw.BINARY], capture_output=True, text=True, check=False).stdout
    return name in out


def test_no_rights(folder):
    """Every thread: the user's own ids, no other group, no capability, none to be had again, and the filters."""
    s = sensor(folder, "--set", f"control.socket={folder}/socket")
    s.wait_ready()
    uid, filters = str(pwd.getpwnam(USER).pw_uid), []
    try:
        threads = os.listdir(f"/proc/{s.p.pid}/task")
        for t in threads:
            st = status_of(f"/proc/{s.p.pid}/task/{t}/status")
            assert st["Uid"].split() == [uid] * 4, st["Uid"]
            assert st["Groups"].strip() == "", st["Groups"]
            for c in ("CapInh", "CapPrm", "CapEff", "CapAmb") + (("CapBnd",) if has("libcap-ng") else ()):
                assert int(st[c], 16) == 0, (c, st[c])
            assert st["NoNewPrivs"].strip() == "1", st["NoNewPrivs"]
            filters.append(int(st.get("Seccomp_filters", "0")))
        stop(1)
        tail = Tail(s.eve)
        assert wait_for(lambda: tail.has(STOP), 10), s.said()
        # What it writes it can open again.
        os.rename(s.eve, s.eve + ".1")
        s.p.send_signal(signal.SIGHUP)
        assert wait_for(lambda: os.path.exists(s.eve), 5), s.said()
        stop(2)
        tail = Tail(s.eve)
        assert wait_for(lambda: tail.has(STOP), 10), s.said()
        assert os.stat(s.eve).st_uid == int(uid)
        status, _ = s.end()
    finally:
        s.kill()
    assert status == 0, (status, s.said())
    if has("libseccomp"):
        assert sorted(filters) == [2] * (len(filters) - 1) + [3], filters
    print(f"    {len(threads)} threads, filters {sorted(filters)}")


def test_folder_of_others(folder):
    """A folder that the user may not write to is told at the start, not at the first rotation."""
    s = Sensor(folder, "--set", f"run.user={USER}")
    status, _ = s.join(time.monotonic())
    assert status == 1 and "Permission denied" in s.said() and USER in s.said(), s.said()


def test_interface_returns(folder):
    """It is taken down and up, removed and made again; no right is needed to watch it again."""
    s = sensor(folder)
    s.wait_ready()
    try:
        for n, away in enumerate(("down", "gone"), 1):
            if away == "down":
                ip("link set tap0 down")
                assert wait_for(lambda: "down; waiting" in s.said(), 5), s.said()
                ip("link set tap0 up")
            else:
                ip("link del tap0")
                assert wait_for(lambda: s.said().count("waiting for it to come back") == 2, 5), s.said()
                ip("link add wire0 mtu 9000 type veth peer name tap0 mtu 9000")
                no_ipv6()
                ip("link set wire0 up")
                ip("link set tap0 up")
            assert wait_for(lambda: s.said().count("the interface is back") == n, 5), s.said()
            time.sleep(0.3)
            assert "promiscuity 1" in subprocess.run(["ip", "-d", "link", "show", "tap0"], capture_output=True, text=True,
                                                     check=True).stdout
            tail = Tail(s.eve)
            stop(10 + n)
            assert wait_for(lambda: tail.has(STOP), 10), s.said()
        status, _ = s.end()
    finally:
        s.kill()
    assert status == 0, (status, s.said())


def test_down_at_start(folder):
    """An interface that comes up later, though rights are gone by then; nothing of another interface is seen."""
    ip("link set lo up")
    ip("link set tap0 down")
    s = sensor(folder)
    try:
        chatter = subprocess.Popen(["ping", "-q", "-i", "0.002", "127.0.0.1"], stdout=subprocess.DEVNULL) \
            if shutil.which("ping") else None
        s.wait_ready()
        if chatter is not None:
            chatter.terminate()
            chatter.wait()
        ip("link set tap0 up")
        assert wait_for(lambda: "the interface is back" in s.said(), 5), s.said()
        time.sleep(0.3)
        stop(20)
        tail = Tail(s.eve)
        assert wait_for(lambda: tail.has(STOP), 10), s.said()
        status, _ = s.end()
    finally:
        s.kill()
        ip("link set lo down")
    assert status == 0, (status, s.said())
    assert not [r for r in records(s.eve) if r.get("src_ip", "").startswith("127.")]


def tx_packets():
    with open("/sys/class/net/tap0/statistics/tx_packets", encoding="ascii") as f:
        return int(f.read())


def test_receive_only(folder, hours=float(os.environ.get("TW_RECEIVE_ONLY_HOURS", "1"))):
    """As many frames as a plant sends in an hour, with alerts, evidence and a restart of outputs: none goes back."""
    came, over = [], threading.Event()

    def listen():
        # Our own frames leave by wire0 and are marked as such; any other came from the sensor's side.
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        sock.bind(("wire0", 0))
        sock.settimeout(0.2)
        while not over.is_set():
            try:
                data, where = sock.recvfrom(65536)
            except TimeoutError:
                continue
            if where[2] != socket.PACKET_OUTGOING:
                came.append(data)

    no_ipv6()
    before, frames = tx_packets(), int(hours * 3600 * 9790 / 598)	# the rate of pcaps/plant/plant.pcap
    s = sensor(folder, types="alert,stats")
    s.wait_ready()
    ear = threading.Thread(target=listen)
    ear.start()
    t = Traffic(wire.polls(), 10000)
    try:
        for n in range(10):
            stop(30 + n)
            time.sleep(0.2)
        s.p.send_signal(signal.SIGHUP)
        assert wait_for(lambda: t.sent.value >= frames, 60 + frames / 1000), t.sent.value
        sent = t.end()
        time.sleep(0.5)
        status, _ = s.end()
    finally:
        t.end()
        s.kill()
        over.set()
        ear.join()
    rs = records(s.eve)
    assert status == 0 and sum(r["event_type"] == "alert" for r in rs) >= 10, s.said()
    assert last_stats(rs)["stats"]["capture"]["kernel_packets"] >= frames
    assert tx_packets() == before, f"{tx_packets() - before} frames were sent on the watched interface"
    assert not came, f"{len(came)} frames came back: {came[0][:40].hex()}"
    print(f"    {sent} frames in, 0 out")


def main():
    wire.enter()
    failed = 0
    names = [n for n in globals() if n.startswith("test_") and (len(sys.argv) == 1 or n[5:] in sys.argv[1:])]
    for name in names:
        print(f"{name[5:]}", flush=True)
        folder = tempfile.mkdtemp(prefix="tw-rights-")
        os.chmod(folder, 0o755)
        try:
            globals()[name](folder)
        except AssertionError as e:
            print(f"    FAILED: {e}", flush=True)
            failed += 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(names)} tests, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
