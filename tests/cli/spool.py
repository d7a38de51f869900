#!/usr/bin/env python3
"""thermowell spool: what waits is printed, delivered without a sensor, and dropped, also beside one."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "plant", "plant-attack.pcap")
CONFIG = """outputs:
  eve: {{types: alert}}
  sinks:
    - {{name: siem, transport: unix-stream, target: stream, types: alert, spool: yes}}
rules: {{files: none}}
control: {{socket: {folder}/control.sock, stop-within: 1}}
capture: {{follow: {follow}}}
"""


def thermowell(folder, *words, status=0):
    p = subprocess.run([tw.BINARY, *words, "-c", os.path.join(folder, "c.yaml"), "-l", folder], capture_output=True, text=True, timeout=60, check=False)
    assert p.returncode == status, f"{words}: {p.returncode} {p.stdout} {p.stderr}"
    return p.stdout


def read_all(path, lines):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen(1)
        one, _ = s.accept()
        with one.makefile("r", encoding="utf-8") as f:
            lines += list(f)


def start(folder, follow):
    with open(os.path.join(folder, "c.yaml"), "w", encoding="ascii") as f:
        f.write(CONFIG.format(folder=folder, follow=follow))
    return subprocess.Popen([tw.BINARY, "-q", "-c", os.path.join(folder, "c.yaml"), "-l", folder, "-r", CAPTURE], stderr=subprocess.PIPE, text=True)


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def shown(folder):
    return json.loads(thermowell(folder, "spool", "show", "--format", "json"))[0]


def sink(folder):
    return json.loads(thermowell(folder, "status", "--json"))["status"]["outputs"][1]


def main():
    tw.need_binary()
    folder = tempfile.mkdtemp(prefix="tw-spool-")
    s = start(folder, "yes")
    try:
        wait_for(lambda: os.path.exists(os.path.join(folder, "control.sock")) and shown(folder)["lines"] > 50)
        assert "a sensor has it and sends" in thermowell(folder, "spool", "replay", "siem", status=1)
        time.sleep(0.5)
        waits = shown(folder)["lines"]
        assert "the sensor drops what waits" in thermowell(folder, "spool", "drop", "siem")
        wait_for(lambda: shown(folder)["lines"] == 0)
        dropped = sink(folder)
        assert dropped["dropped_asked"] == waits and dropped["waiting_lines"] == 0, (dropped, waits)
        p = subprocess.run([tw.BINARY, "spool", "drop", "other", "-c", os.path.join(folder, "c.yaml")], capture_output=True, text=True, check=False)
        assert p.returncode == 2 and "no output of this configuration" in p.stderr, p
    finally:
        s.send_signal(signal.SIGTERM)
        said = s.communicate(timeout=30)[1]
    assert "lines that waited were dropped, as an operator asked" in said or s.returncode == 0, said
    s = start(folder, "no")
    s.communicate(timeout=60)
    printed = thermowell(folder, "spool", "print", "siem")
    waits = printed.count("\n")
    assert waits == shown(folder)["lines"] > 50, waits
    got, path = [], os.path.join(folder, "stream")
    reader = threading.Thread(target=read_all, args=(path, got), daemon=True)
    reader.start()
    wait_for(lambda: os.path.exists(path))
    out = thermowell(folder, "spool", "replay", "siem")
    assert f"siem: {waits} of {waits} lines were delivered" in out, out
    reader.join(10)
    assert "".join(got) == printed, (len(got), waits)
    assert shown(folder)["lines"] == 0 and thermowell(folder, "spool", "print", "siem") == ""
    assert "0 lines were dropped" in thermowell(folder, "spool", "drop", "siem")
    shutil.rmtree(folder)
    print(f"    {waits} lines printed, delivered, and dropped beside a sensor")


main()
