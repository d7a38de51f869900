#!/usr/bin/env python3
"""The chain of alerts: it holds over files that were cut, compressed and torn, and nothing can be changed, taken out,
put in, moved or cut off without being named by file and line."""
import gzip
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

ATTACK = os.path.join(tw.SRCDIR, "pcaps/plant/plant-attack.pcap")


def run(*args):
    return subprocess.run([tw.BINARY, *args], capture_output=True, text=True, timeout=120, check=False)


def write(path, lines, packed=False):
    with (gzip.open if packed else open)(path, "wb") as f:
        f.write(b"".join(lines))
    return path


def holds(*files):
    done = run("verify", *files)
    assert done.returncode == 0 and done.stdout.startswith("the chain holds"), (files, done.stdout, done.stderr)
    return done.stdout


def breaks(where, *files):
    """`where`: "FILE:LINE:", or None where only the end can tell."""
    done = run("verify", *files)
    assert done.returncode == 1 and "does NOT hold" in done.stdout, (where, files, done.stdout, done.stderr)
    assert where is None or done.stdout.startswith(where), (where, done.stdout)
    return done.stdout


def changed(line, rng):
    """One byte of it, anywhere but the newline, is another one."""
    at = rng.randrange(len(line) - 1)
    return line[:at] + bytes([line[at] ^ 1 << rng.randrange(5)]) + line[at + 1:]


def main():
    rng = random.Random(13)
    with tempfile.TemporaryDirectory() as folder:
        done = run("-r", ATTACK, "-l", folder, "-q", "--set", "outputs.chain=yes", "--set", "outputs.eve.types=alert,flow,stats")
        assert done.returncode == 0, done.stderr
        with open(os.path.join(folder, "eve.json"), "rb") as f:
            lines = f.readlines()
        at = [i for i, line in enumerate(lines) if b'"event_type":"alert"' in line]
        assert len(at) > 50, "the plant's attack raises more alerts than this"
        p = os.path.join(folder, "x")
        assert f"alerts 1 to {len(at)}" in holds(os.path.join(folder, "eve.json"))

        # Rotated, compressed, given in any order.
        cuts = sorted(rng.sample(range(1, len(lines)), 3))
        parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)])]
        files = [write(f"{p}.{i}", part, packed=i % 2 == 0) for i, part in enumerate(parts)]
        rng.shuffle(files)
        holds(*files)
        # Killed in the middle of a line; and a sensor that goes on behind it.
        i = at[len(at) // 2]
        assert "torn" in holds(write(p, lines[:i] + [lines[i][:200]]))
        assert "torn" in holds(write(p, lines[:i] + [lines[i][:200] + b"\n"] + lines[i:]))
        # Only the later part is there.
        assert "before alert" in holds(write(p, lines[at[5]:]))

        for _ in range(40):	# each bit of an alert
            i = rng.choice(at)
            breaks(f"{p}:", write(p, [*lines[:i], changed(lines[i], rng), *lines[i + 1:]]))
        i = at[20]
        breaks(f"{p}:{at[21]}:", write(p, lines[:i] + lines[i + 1:]))		# taken out
        breaks(f"{p}:{i + 2}:", write(p, lines[:i + 1] + lines[i:]))		# twice
        j = at[21]
        breaks(f"{p}:{i + 1}:", write(p, lines[:i] + [lines[j]] + lines[i + 1:j] + [lines[i]] + lines[j + 1:]))	# moved
        bare = lines[i][:lines[i].rindex(b',"chain":')] + b"}}\n"
        breaks(f"{p}:{i + 2}:", write(p, lines[:i + 1] + [bare] + lines[i + 1:]))	# put in
        # The end cut off: a heartbeat that went elsewhere knows it.
        n, digest = lines[at[-1]].rsplit(b'"chain":{"n":', 1)[1].split(b",")[0], lines[at[-1]].rsplit(b'"hash":"', 1)[1][:64]
        heart = b'{"timestamp":"2026-01-01T00:00:00.000000+0000","event_type":"heartbeat","ot":{"v":2,"heartbeat":' \
            b'{"n":1,"chain":{"n":' + n + b',"hash":"' + digest + b'"}}}}\n'
        short, beats = write(p, lines[:at[-3]]), write(f"{p}.hb", [heart])
        holds(short)
        breaks(f"{beats}:1:", short, beats)
        holds(write(p, lines), beats)
        wrong = write(f"{p}.hb", [heart.replace(digest, digest[::-1])])
        breaks(f"{wrong}:1:", p, wrong)

        # What is no chain, and what is no file.
        assert run("verify", write(p, [b"{}\n"] * 3)).returncode == 1
        assert run("verify").returncode == 2
        missing = run("verify", os.path.join(folder, "none"))
        assert missing.returncode == 1 and "cannot be opened" in missing.stderr, missing
        with open(files[0] if files[0].endswith(("0", "2")) else files[1], "rb") as f:
            head = f.read(2000)
        broken = run("verify", write(f"{p}.gz", [head]))
        assert broken.returncode == 1, broken
    print("the chain of", len(at), "alerts holds, and 46 ways to break it were named")


main()
