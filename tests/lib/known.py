"""Lists of accepted differences: tests/diff/known-*.tsv, tests/invariance/known.tsv.

Columns: capture, frame (or *), field (or *), reason.  A reason says who is right and shows the bytes.
"""
import collections
import os

import tw


class Known:
    def __init__(self, name, only=()):
        self.path = os.path.join(tw.SRCDIR, "tests", name)
        self.only = set(only)
        self.lines, self.used = [], collections.Counter()
        self.unexplained = []
        self.examined = set()		# captures that were looked at: only their lines can be stale
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as f:
                for n, line in enumerate(f, 1):
                    if line.strip() and not line.startswith("#"):
                        cols = line.rstrip("\n").split("\t")
                        if len(cols) != 4 or not cols[3].strip():
                            raise SystemExit(f"{self.path}:{n}: four columns wanted: capture, frame, field, reason")
                        self.lines.append((n, *cols))

    def add(self, capture, frame, field, text):
        """A difference: accepted if a line says so."""
        for n, c, fr, fi, _ in self.lines:
            if c in ("*", capture) and fr in ("*", str(frame)) and fi in ("*", field):
                self.used[n] += 1
                return
        self.unexplained.append((capture, frame, field, text))

    def report(self, verbose=False):
        """Print what is not explained and what no longer occurs; how many problems."""
        for capture, frame, field, text in self.unexplained if verbose else self.unexplained[:40]:
            print(f"{capture}, frame {frame}: {field}: {text}")
        if len(self.unexplained) > 40 and not verbose:
            print(f"... and {len(self.unexplained) - 40} more (-v shows all)")
            kinds = collections.Counter((c, f) for c, _, f, _ in self.unexplained)
            for (c, f), n in sorted(kinds.items()):
                print(f"  {n:6} {c}: {f}")
        stale = [x for x in self.lines if x[0] not in self.used and
                 (x[1] in self.examined or x[1] == "*" and not self.only)]
        for n, c, fr, fi, _ in stale:
            print(f"{self.path}:{n}: {c} {fr} {fi}: does not occur any more, take the line out")
        return len(self.unexplained) + len(stale)

    def summary(self):
        print(f"{sum(self.used.values())} differences accepted by {len(self.used)} lines of {os.path.basename(self.path)}, "
              f"{len(self.unexplained)} unexplained")
