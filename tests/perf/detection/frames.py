"""Captures of the classic pcap format, just as far as a label needs: when a frame was, between which stations, and how to cut a part out."""
import collections
import os
import socket
import struct

# number is 1-based; sources, destinations and ports are "" and 0 where a frame has none; data is the whole frame.
Frame = collections.namedtuple("Frame", "number time src dst sport dport data")
ETHERNET, NULL, RAW = 1, 0, (101, 12, 14)


def ends(data, link):
    """(source, destination, source port, destination port) of an IPv4 or ARP frame, as far as it is one."""
    if link == ETHERNET:
        kind, at = int.from_bytes(data[12:14], "big"), 14
        if kind == 0x8100:
            kind, at = int.from_bytes(data[16:18], "big"), 18
    else:
        kind, at = 0x0800, 4 if link == NULL else 0
    if kind == 0x0806 and len(data) >= at + 28:
        return socket.inet_ntoa(data[at + 14:at + 18]), socket.inet_ntoa(data[at + 24:at + 28]), 0, 0
    if kind != 0x0800 or len(data) < at + 20 or data[at] >> 4 != 4:
        return "", "", 0, 0
    src, dst = socket.inet_ntoa(data[at + 12:at + 16]), socket.inet_ntoa(data[at + 16:at + 20])
    l4 = at + (data[at] & 15) * 4
    if data[at + 9] in (6, 17) and len(data) >= l4 + 4 and not int.from_bytes(data[at + 6:at + 8], "big") & 0x1fff:
        return src, dst, *struct.unpack(">HH", data[l4:l4 + 4])
    return src, dst, 0, 0


def times(path):
    """When each frame was, of a pcap or a pcapng."""
    with open(path, "rb") as f:
        raw = f.read()
    if raw[:4] != b"\x0a\x0d\x0d\x0a":
        return [f.time for f in read(path)]
    out, units, at, order = [], [], 0, "<"
    while at + 12 <= len(raw):
        if raw[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order, units = ("<" if raw[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"), []
        kind, size = struct.unpack(order + "II", raw[at:at + 8])
        body = raw[at + 8:at + size - 4]
        if kind == 1:
            units.append(unit_of(body[8:], order))
        elif kind == 6:
            interface, high, low = struct.unpack(order + "III", body[:12])
            out.append((high << 32 | low) / units[interface])
        at += max(size, 12)
    return out


def unit_of(options, order):
    """Units a second of an interface of a pcapng, from if_tsresol among its options."""
    while len(options) >= 4:
        code, size = struct.unpack(order + "HH", options[:4])
        if code == 9:
            return 2.0 ** (options[4] & 127) if options[4] & 128 else 10.0 ** options[4]
        if code == 0:
            break
        options = options[4 + (size + 3 & ~3):]
    return 1e6


def header(raw):
    order = {b"\xd4\xc3\xb2\xa1": ("<", 1e6), b"\xa1\xb2\xc3\xd4": (">", 1e6),
             b"\x4d\x3c\xb2\xa1": ("<", 1e9), b"\xa1\xb2\x3c\x4d": (">", 1e9)}.get(raw[:4])
    if order is None:
        raise ValueError("not a classic pcap file")
    return (*order, struct.unpack(order[0] + "I", raw[20:24])[0] & 0xffff)


def read(path):
    with open(path, "rb") as f:
        raw = f.read()
    order, unit, link = header(raw)
    at, number = 24, 0
    while at + 16 <= len(raw):
        sec, part, n, _ = struct.unpack(order + "IIII", raw[at:at + 16])
        number += 1
        data = raw[at + 16:at + 16 + n]
        yield Frame(number, sec + part / unit, *ends(data, link), data)
        at += 16 + n


def cut(path, to, keep):
    """Write the frames for which keep(frame) holds to `to`, under their own times; their number."""
    with open(path, "rb") as f:
        raw = f.read()
    order = header(raw)[0]
    n, at = 0, 24
    os.makedirs(os.path.dirname(to), exist_ok=True)
    with open(to, "wb") as out:
        out.write(raw[:24])
        for frame in read(path):
            size = 16 + struct.unpack(order + "I", raw[at + 8:at + 12])[0]
            if keep(frame):
                out.write(raw[at:at + size])
                n += 1
            at += size
    return n
