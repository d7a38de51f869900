"""From messages to frames: Ethernet, IPv4, TCP with right checksums unless somebody wants a wrong one."""
import struct

CLIENT, SERVER = bytes([10, 20, 0, 10]), bytes([10, 20, 1, 20])
MAC = {True: b"\x02\0\0\0\0\x0a", False: b"\x02\0\0\0\0\x14"}
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def ether(ip, up=True, kind=0x0800):
    return MAC[not up] + MAC[up] + struct.pack(">H", kind) + ip


def ip4(payload, proto=6, up=True, src=None, dst=None, ident=1, flags=0x4000, ttl=64, good=True, total=None):
    src = src or (CLIENT if up else SERVER)
    dst = dst or (SERVER if up else CLIENT)
    h = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload) if total is None else total, ident & 0xffff, flags, ttl,
                    proto, 0, src, dst)
    return h[:10] + struct.pack(">H", checksum(h) ^ (0 if good else 0x5555)) + h[12:] + payload


def tcp(data, sport, dport, seq, ack, flags=PSH | ACK, up=True, good=True, urgent=0, src=None, dst=None):
    h = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff, 0x50, flags, 8192, 0, urgent)
    pseudo = (src or (CLIENT if up else SERVER)) + (dst or (SERVER if up else CLIENT)) + struct.pack(">HH", 6, len(h) + len(data))
    return h[:16] + struct.pack(">H", checksum(pseudo + h + data) ^ (0 if good else 0x5555)) + h[18:] + data


def udp(data, sport, dport):
    return struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data


class Session:
    """One TCP connection; what it does is in `frames`: (seconds, bytes of the frame)."""

    def __init__(self, port, sport=49200, start=1700000000.0, handshake=True, isn=(1000, 900000), frames=None):
        self.port, self.sport, self.now = port, sport, start
        self.frames = [] if frames is None else frames
        self.seq = {True: isn[0], False: isn[1]}
        self.ident = {True: 100, False: 7000}
        if handshake:
            self.segment(True, flags=SYN)
            self.segment(False, flags=SYN | ACK)
            self.segment(True, flags=ACK)

    def packet(self, up, data=b"", flags=PSH | ACK, at=0, good=True, urgent=0, ttl=64, ack=None, total=None):
        """The IP packet of a segment; `at` bytes from what this end sends next.  Nothing moves on."""
        ports = (self.sport, self.port) if up else (self.port, self.sport)
        ack = (0 if flags & (SYN | ACK) == SYN else self.seq[not up]) if ack is None else ack
        self.ident[up] += 1
        return ip4(tcp(data, *ports, self.seq[up] + at, ack, flags, up, good, urgent), up=up, ident=self.ident[up], ttl=ttl,
                   total=total)

    def put(self, up, packet, wrap=None):
        self.frames.append((self.now, (wrap or ether)(packet, up)))
        self.now += 0.005

    def segment(self, up, data=b"", flags=PSH | ACK, wrap=None, **how):
        """Send, and move on by what was sent."""
        self.put(up, self.packet(up, data, flags, **how), wrap)
        self.seq[up] += len(data) + (1 if flags & (SYN | FIN) else 0)

    def say(self, messages, wrap=None):
        for up, data in messages:
            self.segment(up, data, wrap=wrap)

    def acknowledge(self, up):
        self.segment(up, flags=ACK)

    def close(self):
        self.segment(True, flags=FIN | ACK)
        self.segment(False, flags=FIN | ACK)
        self.segment(True, flags=ACK)


def write(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for at, data in frames:
            f.write(struct.pack("<IIII", int(at), round((at - int(at)) * 1e6) % 1000000, len(data), len(data)) + data)
