"""The conversation that every capture of net.py carries, how its segments are wrapped, and the table of captures."""
import os
import struct

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "net")
EPOCH_US = 1767592800 * 1000000     # 2026-01-05 06:00:00 UTC
HMI, PLC = "10.20.0.10", "10.20.1.20"
HMI6, PLC6 = "2001:db8:20::10", "2001:db8:20::20"
MAC = {True: "02:00:00:00:00:0a", False: "02:00:00:00:00:14"}
SWITCH, SENSOR = "192.0.2.1", "192.0.2.9"       # ends of tunnels
SWITCH_MAC, SENSOR_MAC = "02:00:00:00:0f:01", "02:00:00:00:0f:09"

READ = bytes.fromhex("000100000006010300640 00a".replace(" ", ""))
READ_ANSWER = bytes.fromhex("000100000017010314") + b"".join(struct.pack(">H", v) for v in range(10))
WRITE = bytes.fromhex("0002000000060106000504d2")

LINK = {"null": 0, "ether": 1, "ppp": 9, "raw": 101, "loop": 108, "sll": 113, "ipv4": 228, "ipv6": 229,
        "sll2": 276, "raw_bsd": 12, "raw_openbsd": 14}


# ---- the conversation ---------------------------------------------------------

class Step:
    """One segment: who sends it, the IP packet, when (us)."""
    def __init__(self, up, ip, at):
        self.up, self.ip, self.at = up, ip, at


def conversation(v6=False, sport=49200):
    """The segments of the conversation as scapy IP packets, 5 ms apart."""
    seq, ident, steps = {True: 1000, False: 900000}, {True: 100, False: 7000}, []

    def send(up, flags, data=b""):
        a, b = ((HMI6, PLC6) if v6 else (HMI, PLC)) if up else ((PLC6, HMI6) if v6 else (PLC, HMI))
        p = IPv6(src=a, dst=b, hlim=64) if v6 else IP(src=a, dst=b, ttl=64, id=ident[up], flags="DF")
        p /= TCP(sport=sport if up else 502, dport=502 if up else sport, flags=flags, seq=seq[up],
                 ack=0 if flags == "S" else seq[not up], window=8192)
        if data:
            p /= Raw(data)
        steps.append(Step(up, p.__class__(bytes(p)), EPOCH_US + 5000 * len(steps)))
        seq[up] += len(data) + (1 if "S" in flags or "F" in flags else 0)
        ident[up] += 1

    send(True, "S")
    send(False, "SA")
    send(True, "A")
    send(True, "PA", READ)
    send(False, "PA", READ_ANSWER)
    send(True, "PA", WRITE)
    send(False, "PA", WRITE)
    send(True, "FA")
    send(False, "FA")
    send(True, "A")
    return steps


def has_data(step):
    return len(bytes(step.ip[TCP].payload)) > 0


# ---- wrapping and writing -----------------------------------------------------

def ether(step, payload=None, up=None):
    up = step.up if up is None else up
    return Ether(src=MAC[up], dst=MAC[not up]) / (step.ip if payload is None else payload)


def outer(inner, proto_layer):
    """A tunnel from a switch to the sensor."""
    return Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / IP(src=SWITCH, dst=SENSOR, ttl=60, id=1) / proto_layer / inner


def in_gre(header, inner):
    return Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / IP(src=SWITCH, dst=SENSOR, ttl=60, id=1, proto=47) / \
        Raw(header + bytes(inner))


def frame_up(s, ip):
    return bytes(Ether(src=MAC[s.up], dst=MAC[not s.up], type=0x86dd if ip[0] >> 4 == 6 else 0x0800)) + ip


def padded(frame, size=60):
    frame = bytes(frame)
    return frame + bytes(max(0, size - len(frame)))


def write(name, frames, link="ether", snap=65535):
    """frames: (us, bytes) or (us, bytes, wire length)."""
    with open(os.path.join(OUT, name + ".pcap"), "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snap, LINK[link]))
        for at, data, *wire in frames:
            data = bytes(data)
            f.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(data), wire[0] if wire else len(data)))
            f.write(data)


def each(wrap, v6=False):
    return [(s.at, bytes(wrap(s))) for s in conversation(v6)]


CAPTURES = {}


def capture(shows):
    """Each maker's name is its capture's name."""
    def keep(make):
        CAPTURES[make.__name__.replace("_", "-")] = (make, shows)
        return make
    return keep
