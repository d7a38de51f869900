#!/usr/bin/env python3
"""README shows what the program prints.

Blocks of commands behind <!-- run --> are run, in the order in which they stand, as a reader would type them in the folder of
the source.  A block behind <!-- shows --> is held against what the last of them printed: its lines occur there, in that order;
"..." at the end of a line, or alone in one, stands for what was left out.  In the block of the first run each line with ==> is
a command of its own.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

BLOCK = re.compile(r"^<!-- (run|shows|first-run)\b[^\n]*-->\n\s*```[^\n]*\n(.*?)^\s*```$", re.M | re.S)
VENDORS = "/usr/share/ieee-data"


def sh(folder, command):
    """What it prints, as a terminal shows it."""
    env = {**os.environ, "TMPDIR": folder, "COLUMNS": "250"}
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{command}\nends with {done.returncode}:\n{done.stdout[-2000:]}"
    return done.stdout.splitlines()


def is_shown(line, shown):
    want = shown.rstrip()
    if want.endswith("..."):
        return line.startswith(want[:-3].rstrip())
    return line.rstrip() == want


def hold(printed, shown, where):
    """Every line of `shown` is one of `printed`, in order."""
    at = 0
    for want in shown:
        if want.strip() in ("...", "[...]", ""):
            continue
        near = at
        while at < len(printed) and not is_shown(printed[at], want):
            at += 1
        assert at < len(printed), f"{where}: README shows\n  {want}\nwhich was not printed there; near it:\n  " + \
            "\n  ".join(printed[near:near + 5])
        at += 1


def first_run(folder, shown):
    """The commands that scripts/run prints, each with what it shows of it; what that script prints itself is not run."""
    parts = re.split(r"^==> ", shown, flags=re.M)[1:]
    assert len(parts) == 3, "the first run shows three commands"
    sh(folder, "mkdir -p build/first-run")
    for part in parts:
        head, *rest = part.splitlines()
        if head.startswith("build/thermowell"):
            hold(sh(folder, head), [line for line in rest if "open it in a browser" not in line], "First run")
            continue
        name, count = re.fullmatch(r"the first records of (\S+) \((\d+) lines\)", head).groups()
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            lines = f.read().splitlines()
        assert len(lines) == int(count), f"First run: {name} has {len(lines)} lines, README says {count}"
        hold(lines, rest, "First run")


def main():
    tw.need_binary()
    if not tw.has_ndpi():
        tw.skip("README shows a program built with nDPI")
    with open(os.path.join(tw.SRCDIR, "README.md"), encoding="utf-8") as f:
        text = f.read()
    done, printed, left = 0, None, set()
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "build"))
        os.symlink(os.path.abspath(tw.BINARY), os.path.join(folder, "build", "thermowell"))
        for name in ("pcaps", "tests", "rules", "contrib"):
            os.symlink(os.path.join(os.path.abspath(tw.SRCDIR), name), os.path.join(folder, name))
        for kind, block in BLOCK.findall(text):
            where = text[:text.index(block)].rpartition("\n## ")[2].split("\n")[0]
            if kind == "first-run" and not os.path.isdir(VENDORS):
                left.add(f"the first run, for its names of vendors ({VENDORS})")
            elif kind == "first-run":
                first_run(folder, block)
            elif kind == "run" and "jq " in block and not shutil.which("jq"):
                left.add("what jq prints")
                printed = None
            elif kind == "run":
                printed = sh(folder, block.strip())
            elif printed is not None:
                hold(printed, block.splitlines(), where)
            done += 1
    for what in sorted(left):
        print(f"left out: {what}")
    assert done >= 10, f"README has {done} blocks that can be held against the program"
    print(f"{done} blocks of README are as the program is")


if __name__ == "__main__":
    main()
