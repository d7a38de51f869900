#!/usr/bin/env python3
"""The service's unit allows each system call that the sensor's own tables allow: what systemd refuses ends the process at its start,
where no test of the tables sees it.  Sets of calls are systemd's own (systemd-analyze syscall-filter)."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

UNIT = os.path.join(tw.SRCDIR, "contrib", "systemd", "thermowell.service.in")
TABLES = ("sandbox.def", "sandbox_console.def")
# What a setting forbids besides, whatever SystemCallFilter says.
FORBIDS = {"ProtectClock": "@clock", "ProtectKernelModules": "@module"}


def calls_of(name, seen=None):
    """The calls that a set holds, sets in it among them."""
    seen = set() if seen is None else seen
    if not name.startswith("@"):
        return {name}
    if name in seen:
        return set()
    seen.add(name)
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    words = [line.split("#")[0].strip() for line in text.splitlines()[1:]]
    return set().union(*(calls_of(word, seen) for word in words if word), set())


def main():
    if not shutil.which("systemd-analyze"):
        tw.skip("systemd-analyze is not there: nobody to ask for its sets of calls")
    with open(UNIT, encoding="utf-8") as f:
        settings = re.findall(r"^(\w+)=(.*)$", f.read(), re.M)
    allowed = set()
    for key, value in settings:
        if key != "SystemCallFilter":
            continue
        named = set().union(*(calls_of(word.lstrip("~")) for word in value.split()))
        allowed = allowed - named if value.startswith("~") else allowed | named
    for key, value in settings:
        if key in FORBIDS and value == "yes":
            allowed -= calls_of(FORBIDS[key])
    assert len(allowed) > 100, f"{UNIT}: {len(allowed)} calls allowed; were its settings read?"
    known = calls_of("@known")
    wrong, rows = [], 0
    for table in TABLES:
        with open(os.path.join(tw.SRCDIR, "src", "engine", table), encoding="utf-8") as f:
            for call in re.findall(r"^(?:CALL|WHEN|BOTH)\((\w+),", f.read(), re.M):
                rows += 1
                if call in known and call not in allowed:
                    wrong.append(f"{table}: {call}")
    # And those that it makes by their number, before the tables hold.
    for folder, _, files in os.walk(os.path.join(tw.SRCDIR, "src")):
        for name in (n for n in files if n.endswith(".c")):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                wrong += [f"{name}: {call}" for call in re.findall(r"\bSYS_(\w+)", f.read()) if call in known and call not in allowed]
    assert rows > 100, f"{rows} rows in {', '.join(TABLES)}"
    if wrong:
        sys.exit("the unit ends the process at these calls; allow them in SystemCallFilter, or take away what forbids them:\n  " +
                 "\n  ".join(sorted(set(wrong))))
    print(f"{rows} rows of {len(TABLES)} tables, all allowed by the unit")


if __name__ == "__main__":
    main()
