#!/usr/bin/env python3
"""As a service manager and its operator see it: the notify socket, the watchdog, SIGHUP with another configuration, SIGUSR1,
and the group of the control socket."""
import grp
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "modbus", "data-access.pcap")
RULE = "alert tcp any any -> any 502 (msg:\"rule {0}\"; content:\"|00 00|\"; offset:2; depth:2; sid:{0};)\n"
CONFIG = """rules:
  files: {rules}
outputs:
  eve:
    types: [alert, stats]
  stats-interval: {interval}
alerts:
  merge: 0
  limit: {limit}
control:
  socket: {sock}
  group: {group}
capture:
  follow: yes
"""


class Manager:
    """The other end of NOTIFY_SOCKET."""
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        self.sock.settimeout(0.05)
        self.heard = []

    def hears(self, what, seconds=20):
        """Until a message begins with it; what came before is forgotten."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for i, m in enumerate(self.heard):
                if m.startswith(what):
                    self.heard = self.heard[i + 1:]
                    return True
            try:
                self.heard.append(self.sock.recv(4096).decode())
            except TimeoutError:
                pass
        return False


def main():
    tw.need_binary()
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        path = lambda name: os.path.join(tmp, name)  # noqa: E731
        group = grp.getgrgid(os.getegid()).gr_name

        def write(name, text):
            with open(path(name), "w", encoding="utf-8") as f:
                f.write(text)

        def configure(rules, limit=0, interval=0):
            write("config.yaml", CONFIG.format(rules=path(rules), limit=limit, interval=interval, sock=path("sock"), group=group))

        def records(kind):
            if not os.path.exists(path("eve.json")):
                return []
            with open(path("eve.json"), encoding="utf-8") as f:
                return [r for r in map(json.loads, f.read().split("\n")[:-1]) if r["event_type"] == kind]

        def sids():
            return {r["alert"]["signature_id"] for r in records("alert") if r["alert"]["gid"] == 1}

        def status(as_json=True):
            r = subprocess.run([tw.BINARY, "status", "-c", path("config.yaml")] + (["--json"] if as_json else []),
                               capture_output=True, text=True, check=False)
            assert r.returncode == 0, r.stderr
            return json.loads(r.stdout)["status"] if as_json else r.stdout

        with open(CAPTURE, "rb") as f:
            capture = f.read()
        header, n = capture[:24], 16 + int.from_bytes(capture[32:36], "little")
        with open(path("a.pcap"), "wb") as f:
            f.write(header)
        write("a.rules", RULE.format(1))
        write("b.rules", RULE.format(2))
        configure("a.rules")
        manager = Manager(path("notify"))
        p = subprocess.Popen([tw.BINARY, "-c", path("config.yaml"), "-r", path("a.pcap"), "-l", tmp], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             env=dict(os.environ, NOTIFY_SOCKET=path("notify"), WATCHDOG_USEC="300000"))
        try:
            assert manager.hears("READY=1"), "it does not say that it is ready"
            mode = os.stat(path("sock"))
            assert stat.S_IMODE(mode.st_mode) == 0o660 and mode.st_gid == os.getegid(), oct(mode.st_mode)
            for _ in range(3):
                assert manager.hears("WATCHDOG=1", 2), "it does not say that it is alive"
            # Another file of rules is taken, what needs a restart is named.
            configure("b.rules", limit=7, interval=30)
            p.send_signal(signal.SIGHUP)
            assert manager.hears("RELOADING=1\nMONOTONIC_USEC=") and manager.hears("READY=1"), manager.heard
            assert sorted(status()["needs_restart"]) == ["alerts.limit", "outputs.stats-interval"], status()
            assert "needs a restart: " in status(False)
            with open(path("a.pcap"), "ab") as f:
                f.write(capture[24:])
            end = time.monotonic() + 20
            while 2 not in sids() and time.monotonic() < end:
                time.sleep(0.05)
            assert sids() == {2}, sids()
            # A configuration with a mistake changes nothing.
            write("config.yaml", "rules:\n  filess: x\n")
            p.send_signal(signal.SIGHUP)
            assert manager.hears("RELOADING=1") and manager.hears("READY=1")
            configure("b.rules")
            p.send_signal(signal.SIGHUP)
            assert manager.hears("READY=1")
            assert "needs_restart" not in status(), status()
            before = len(records("stats"))
            p.send_signal(signal.SIGUSR1)
            end = time.monotonic() + 10
            while len(records("stats")) == before and time.monotonic() < end:
                time.sleep(0.05)
            assert len(records("stats")) == before + 1, "SIGUSR1 wrote no stats record"
            # Stopped, it says nothing any more, and the manager would end it.
            p.send_signal(signal.SIGSTOP)
            time.sleep(0.2)
            manager.hears("nothing", 0.1)
            manager.heard.clear()
            assert not manager.hears("WATCHDOG=1", 1), "a stopped process says that it is alive"
            p.send_signal(signal.SIGCONT)
            assert manager.hears("WATCHDOG=1", 2)
            p.send_signal(signal.SIGTERM)
            assert manager.hears("STOPPING=1"), "it does not say that it stops"
            said = p.communicate(timeout=20)[1]
        finally:
            if p.poll() is None:
                p.kill()
                p.communicate()
        assert p.returncode == 0, (p.returncode, said)
        assert "filess" in said and "config.yaml:2" in said, said
        assert "takes effect when the sensor is started again: " in said, said
        # The configuration that is shipped, as it is and with its examples, in folders that are there.
        with open(os.path.join(tw.SRCDIR, "contrib/etc/thermowell.yaml"), encoding="utf-8") as f:
            shipped = f.read()
        for folder in ("/var/log/thermowell", "/var/lib/thermowell", "/run/thermowell", "/etc/thermowell/rules"):
            assert folder in shipped, folder
            shipped = shipped.replace(folder, tmp + folder)
            os.makedirs(tmp + folder)
        shutil.copy(os.path.join(tw.SRCDIR, "contrib/etc/local.rules"), tmp + "/etc/thermowell/rules")
        examples = shipped.replace("  interfaces: []\n", "").replace("  # interfaces: [ eth1 ]", "  interfaces: [ lo ]")
        examples = re.sub(r"(?m)^# (vars:|  address-groups:|    HOME_NET:)", r"\1", examples)
        for text in (shipped, examples):
            write("shipped.yaml", text)
            r = subprocess.run([tw.BINARY, "-T", "-c", path("shipped.yaml"), "--set", "capture.interfaces=" + ("" if text == shipped else "lo")],
                               capture_output=True, text=True, check=False)
            assert r.returncode == 0, r.stderr
    # The package has the program's version.
    with open(os.path.join(tw.SRCDIR, "debian/changelog"), encoding="utf-8") as f:
        of_package = re.match(r"thermowell \(([^)]+)\)", f.readline())[1]
    of_program = subprocess.run([tw.BINARY, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    assert of_package == of_program, f"debian/changelog has {of_package}, the program is {of_program}"
    # Interfaces of the configuration; with none of anything it says what is missing.
    for options, status_, text in ((["--set", "capture.interfaces=no-such-1,no-such-2", "-c", os.devnull], 1, "no-such-2"),
                                   (["-c", os.devnull], 2, "capture.interfaces")):
        r = subprocess.run([tw.BINARY, *options], capture_output=True, text=True, check=False)
        assert r.returncode == status_ and text in r.stderr, (options, r)
    print("the service: ready, alive, reloading, stopping; settings that need a restart are named")


if __name__ == "__main__":
    main()
