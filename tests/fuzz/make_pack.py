#!/usr/bin/env python3
"""Makes corpus/pack: the BLOBs of a database that the program wrote, as fuzz_pack.c wants them, and some that are not whole.

    make_pack.py DATABASE [N]

Of N (24) rows of each table, as different from each other as there are.
"""
import hashlib
import os
import sqlite3
import sys

TO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "pack")


def main():
    d = sqlite3.connect(sys.argv[1])
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 24
    os.makedirs(TO, exist_ok=True)
    for kind, table in enumerate(("facts", "life")):
        seen = set()
        for (blob,) in d.execute(f"SELECT packed FROM {table} WHERE packed IS NOT NULL ORDER BY length(packed), packed"):
            words = blob[8:12]		# which words there are
            if words in seen or len(seen) == n:
                continue
            seen.add(words)
            for body in (blob[8:], blob[8:-1]) if len(seen) % 8 == 1 else (blob[8:],):
                data = bytes((kind,)) + body
                with open(os.path.join(TO, hashlib.sha256(data).hexdigest()[:16]), "wb") as f:
                    f.write(data)


if __name__ == "__main__":
    main()
