#!/usr/bin/env python3
"""Mutation test: small bugs are put into the source one at a time; the tests named with each must catch it.

    run.py [--build DIR] [--sample N] [NAME...]      all of mutations.txt, every N-th (which, goes by the day), or those named

A copy of the source is built once, in DIR or a folder of its own; then for each mutation the changed file is compiled, its tests
are run, and the file is put back.  A mutation that no test catches, that does not compile, or whose text is not in its file
exactly once is a failure: the list follows the source.

mutations.txt has blocks of lines, with an empty line behind each:

    name    what the bug is
    file    path
    -       the line or lines as they are
    +       as the bug has them
    test    a unit test (unit/test_x), golden:NAME, or fuzz/replay_x; several, any of which must fail
"""
import datetime
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.environ.get("TW_SRCDIR") or os.path.abspath(os.path.join(HERE, "..", ".."))


class Mutation:
    def __init__(self, block):
        self.name = self.file = None
        self.old, self.new, self.tests = [], [], []
        for line in block.splitlines():
            if line.startswith(("-", "+")):
                (self.old if line[0] == "-" else self.new).append(line[2:])
            else:
                word, _, rest = line.partition(" ")
                rest = rest.strip()
                if word == "name":
                    self.name = rest
                elif word == "file":
                    self.file = rest
                elif word == "test":
                    self.tests += rest.split()
                else:
                    sys.exit(f"mutations.txt: what is \"{line}\"?")
        if not (self.name and self.file and self.old and self.tests):
            sys.exit(f"mutations.txt: the block of \"{self.name or block}\" is not whole")

    def applied(self, text):
        old, new = "\n".join(self.old), "\n".join(self.new)
        # Leading blanks are not part of the bug: lines are found whatever their depth.
        pattern = r"(?m)^([ \t]*)" + r"\n[ \t]*".join(re.escape(x.strip()) for x in self.old) + "$"
        hits = list(re.finditer(pattern, text))
        if len(hits) != 1:
            return None, f"{len(hits)} places in {self.file} read \"{old}\", not one"
        h = hits[0]
        return text[:h.start()] + "\n".join(h.group(1) + x.strip() for x in new.split("\n")) + text[h.end():], None


def read_list():
    with open(os.path.join(HERE, "mutations.txt"), encoding="utf-8") as f:
        text = "".join(x for x in f if not x.startswith("#"))
    return [Mutation(b) for b in re.split(r"\n\s*\n", text.strip())]


def copy_changed(src, dst):
    """What differs gets the time of now: a copy with an older time would leave the object of a mutation as it is."""
    if os.path.exists(dst) and not os.path.islink(dst) and filecmp.cmp(src, dst, shallow=False):
        return dst
    shutil.copyfile(src, dst)
    shutil.copymode(src, dst)
    return dst


class Tree:
    """A copy of the source and its build."""

    def __init__(self, folder):
        self.src, self.build = os.path.join(folder, "src"), os.path.join(folder, "build")

    def make(self, *what):
        return subprocess.run(["make", "-s", "-C", self.build, f"-j{os.cpu_count() or 1}", *what],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)

    def open(self):
        os.makedirs(self.build, exist_ok=True)
        shutil.copytree(SRC, self.src, dirs_exist_ok=True, symlinks=True, copy_function=copy_changed,
                        ignore=shutil.ignore_patterns("build", "build-[!a]*", ".git", "*.o", "*.a", "found"))
        if not os.path.exists(os.path.join(self.build, "Makefile")):
            cc = ["CC=ccache gcc"] if shutil.which("ccache") else []
            subprocess.run([os.path.join(self.src, "configure"), "--quiet", "CFLAGS=-O0 -g", *cc], cwd=self.build, check=True,
                           stdout=subprocess.DEVNULL)

    def binary(self, test):
        return "thermowell" if test.startswith("golden:") else "tests/" + test

    def fails(self, test):
        """True when the test fails, as it should."""
        env = dict(os.environ, TW_SRCDIR=self.src, TW_BUILDDIR=self.build, TZ="UTC", LC_ALL="C",
                   THERMOWELL=os.path.join(self.build, "thermowell"))
        if test.startswith("golden:"):
            cmd = [sys.executable, os.path.join(self.src, "tests/golden/run.py"), test.split(":", 1)[1]]
        else:
            cmd = [os.path.join(self.build, "tests", test)]
        try:
            p = subprocess.run(cmd, env=env, cwd=self.build, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return True
        return p.returncode not in (0, 77)


def try_one(tree, m):
    """None, or what is wrong with it."""
    path = os.path.join(tree.src, m.file)
    with open(path, encoding="utf-8") as f:
        good = f.read()
    bad, why = m.applied(good)
    if bad is None:
        return why
    try:
        with open(path, "w", encoding="utf-8") as f:
            f.write(bad)
        p = tree.make(*sorted({tree.binary(t) for t in m.tests}))
        if p.returncode != 0:
            return "does not compile:\n" + p.stdout[-1500:]
        if not any(tree.fails(t) for t in m.tests):
            return "survives " + " ".join(m.tests)
    finally:
        with open(path, "w", encoding="utf-8") as f:
            f.write(good)
    return None


def main():
    args, folder, step = sys.argv[1:], None, 1
    while args[:1] and args[0] in ("--build", "--sample"):
        if args[0] == "--build":
            folder = os.path.abspath(args[1])
        else:
            step = int(args[1])
        args = args[2:]
    todo = read_list()
    if args:
        unknown = set(args) - {m.name for m in todo}
        if unknown:
            sys.exit(f"no such mutation: {', '.join(sorted(unknown))}")
        todo = [m for m in todo if m.name in args]
    bad = 0
    first = datetime.date.today().toordinal() % step if step > 1 else 0
    # All must fit the source, even where only some are tried.
    for m in read_list():
        with open(os.path.join(SRC, m.file), encoding="utf-8") as f:
            why = m.applied(f.read())[1]
        if why is not None and m not in todo[first::step]:
            print(f"{m.name}: {why}")
            bad += 1
    todo = todo[first::step]
    with tempfile.TemporaryDirectory(prefix="tw-mutation-") as tmp:
        tree = Tree(folder or tmp)
        tree.open()
        targets = sorted({tree.binary(t) for m in todo for t in m.tests})
        p = tree.make(*targets)
        if p.returncode != 0:
            sys.exit("the source itself does not build:\n" + p.stdout[-3000:])
        for t in sorted({t for m in todo for t in m.tests}):
            if tree.fails(t):
                sys.exit(f"{t} fails without any mutation")
        for m in todo:
            why = try_one(tree, m)
            print(f"{'caught ' if why is None else 'PROBLEM'} {m.name}{'' if why is None else ': ' + why}", flush=True)
            bad += why is not None
    print(f"{len(todo)} mutations, {bad} problems")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
