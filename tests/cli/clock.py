#!/usr/bin/env python3
"""A capture's clock that jumps: one frame with a wrong time, and a clock that is set back, change no operation."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pcap  # noqa: E402
import tw  # noqa: E402

CAPTURE = os.path.join(tw.SRCDIR, "pcaps", "modbus", "data-access.pcap")
DAY = 86400 * 10**6	# µs
STRANGER = bytes.fromhex("020000000003020000000004886400000000")


def stamped(frame, data, by):
    return pcap.Frame(frame.us + by, data)


def seen(frames, link):
    with tempfile.TemporaryDirectory(prefix="tw-test-") as tmp:
        path = os.path.join(tmp, "clock.pcap")
        pcap.write(path, link, frames)
        records = tw.replay(path)
    ops = [tw.frozen(r["modbus"]) for r in tw.operations(records)]
    return ops, sum(r["event_type"] == "flow" for r in records)


def main():
    tw.need_binary()
    link, frames = pcap.read(CAPTURE)
    want = seen(frames, link)
    half = len(frames) // 2
    for name, changed in (
            ("one frame from far ahead", frames[:half] + [stamped(frames[half], STRANGER, 20000 * DAY)] + frames[half:]),
            ("one frame from long ago", frames[:half] + [stamped(frames[half], STRANGER, -10000 * DAY)] + frames[half:]),
            ("set back by a day", frames[:half] + [stamped(f, f.data, -DAY) for f in frames[half:]])):
        got = seen(changed, link)
        if got != want:
            sys.exit(f"{name}: {len(got[0])} operations in {got[1]} flows, not {len(want[0])} in {want[1]}")
    print(f"{len(want[0])} operations, whatever the clock does")


if __name__ == "__main__":
    main()
