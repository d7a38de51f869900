"""What the tests that compare DNP3 records share."""
import tw


def messages(records):
    """Records that stand for a message: not those of an answer that never came."""
    return [r for r in tw.operations(records, "dnp3") if r.get("dnp3", {}).get("type") not in (None, "no_response")]


def link_of(r):
    """[(length octet, transport number)] of the link frames of a record, as `ot.link` says they were: all but the last are as
    long as the first, their numbers follow each other.  The number is None in a frame without user data."""
    d, link = r["dnp3"], r["ot"]["link"]
    frames = [(link["len"], link.get("transport"))]
    if "application" in d:
        full = link["len"] - 6
        left = r["ot"]["request" if d["type"] == "request" else "response"]["len"] - full
        for i in range(1, link["frames"]):
            n = min(left, full) if i < link["frames"] - 1 else left
            frames.append((n + 6, (link["transport"] + i) % 64))
            left -= n
    return frames


def _table():
    out = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0xa6bc if n & 1 else 0)
        out.append(n)
    return out


CRC_TABLE = _table()


def crc(data):
    """1815 9.2.4.3."""
    v = 0
    for b in data:
        v = v >> 8 ^ CRC_TABLE[(v ^ b) & 255]
    return ~v & 0xffff
