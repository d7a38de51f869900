"""A small reader and writer of capture files, and of the TCP segments in them.

Only what the tests re-cut: pcap, Ethernet, IPv4 without options or fragments, TCP.  Everything else passes through whole.
"""
import struct


class Frame:
    """One captured frame.  `seg` is its TCP segment, or None."""
    __slots__ = ("us", "data", "wire_len", "seg")

    def __init__(self, us, data, wire_len=None):
        self.us, self.data = us, data
        self.wire_len = len(data) if wire_len is None else wire_len
        self.seg = Segment.of(self)


class Segment:
    """A TCP segment: who, where in the stream, what."""
    __slots__ = ("head", "tcp_at", "flow", "seq", "flags", "payload")

    @classmethod
    def of(cls, frame):
        d = frame.data
        if len(d) < 54 or d[12:14] != b"\x08\x00" or d[14] != 0x45 or d[23] != 6 or len(d) < frame.wire_len:
            return None
        if struct.unpack_from(">H", d, 20)[0] & 0x3fff:
            return None
        total = struct.unpack_from(">H", d, 16)[0]
        at = 34
        size = (d[at + 12] >> 4) * 4
        if size < 20 or 14 + total > len(d) or 20 + size > total:
            return None
        s = cls()
        s.head, s.tcp_at = d[:at + size], at
        sport, dport, s.seq = struct.unpack_from(">HHI", d, at)
        s.flow = (d[26:30], sport, d[30:34], dport)
        s.flags = d[at + 13]
        s.payload = d[at + size:14 + total]
        return s

    def cut(self, start, end):
        """Bytes of a frame that carries payload[start:end] of this segment."""
        h = bytearray(self.head)
        body = self.payload[start:end]
        struct.pack_into(">H", h, 16, len(h) - 14 + len(body))
        struct.pack_into(">I", h, self.tcp_at + 4, (self.seq + start) & 0xffffffff)
        if end < len(self.payload):
            h[self.tcp_at + 13] &= ~0x01	# FIN belongs to the last byte
        return resummed(bytes(h) + body)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def resummed(data):
    """The frame with its IPv4 and TCP checksums made right."""
    d = bytearray(data)
    d[24:26] = b"\0\0"
    struct.pack_into(">H", d, 24, checksum(bytes(d[14:34])))
    d[50:52] = b"\0\0"
    pseudo = bytes(d[26:34]) + struct.pack(">HH", 6, len(d) - 34)
    struct.pack_into(">H", d, 50, checksum(pseudo + bytes(d[34:])))
    return bytes(d)


def with_ip_id(data, ident):
    d = bytearray(data)
    struct.pack_into(">H", d, 18, ident & 0xffff)
    return resummed(bytes(d))


def read(path):
    """(link type, [Frame])."""
    with open(path, "rb") as f:
        data = f.read()
    magic = data[:4]
    e = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    if magic not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        raise ValueError(f"{path}: not a pcap file")
    nano = magic in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
    link = struct.unpack_from(e + "I", data, 20)[0] & 0xffff
    frames, at = [], 24
    while at + 16 <= len(data):
        sec, frac, cap, wire = struct.unpack_from(e + "IIII", data, at)
        at += 16
        frames.append(Frame(sec * 1000000 + (frac // 1000 if nano else frac), data[at:at + cap], wire))
        at += cap
    return link, frames


def write(path, link, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link))
        for x in frames:
            f.write(struct.pack("<IIII", x.us // 1000000, x.us % 1000000, len(x.data), x.wire_len) + x.data)
