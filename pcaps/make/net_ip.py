"""IP headers and fragments of net.py."""
import struct

from scapy.layers.inet import IP, TCP, UDP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting
from scapy.layers.l2 import Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from net_kit import (EPOCH_US, HMI, MAC, PLC, SENSOR, SENSOR_MAC, SWITCH, SWITCH_MAC, WRITE, capture, conversation,
                     each, ether, frame_up, has_data, padded, write)


@capture("IPv4 with options (no-operation, record route)")
def ipv4_options(name):
    def wrap(s):
        p = s.ip.copy()
        options = bytes.fromhex("01070704" + "00000000")
        raw_ip = bytes(p)
        head = bytearray(raw_ip[:20] + options)
        head[0] = 0x47
        head[2:4] = struct.pack(">H", len(raw_ip) + len(options))
        head[10:12] = b"\0\0"
        total = sum(struct.unpack(">14H", bytes(head)))
        total = (total & 0xffff) + (total >> 16)
        head[10:12] = struct.pack(">H", ~(total + (total >> 16)) & 0xffff)
        return bytes(Ether(src=MAC[s.up], dst=MAC[not s.up], type=0x0800)) + bytes(head) + raw_ip[20:]
    write(name, each(wrap))


@capture("IPv6 without extension headers")
def ipv6(name):
    write(name, each(ether, True))


@capture("IPv6 with hop-by-hop, routing, destination options and an atomic fragment header")
def ipv6_extensions(name):
    def wrap(s):
        base = IPv6(src=s.ip.src, dst=s.ip.dst, hlim=64)
        return ether(s, base / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting(type=2, segleft=0, addresses=[s.ip.dst]) /
                     IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(id=5) / s.ip[TCP])
    write(name, each(wrap, True))


def v4_fragments(s):
    """Messages in pieces of 24 bytes and the rest; what is short stays whole."""
    p = s.ip.copy()
    if not has_data(s):
        return [bytes(p)]
    p.flags = 0
    return [bytes(f) for f in fragment(p, fragsize=24)]


def v6_fragments(s):
    if not has_data(s):
        return [bytes(s.ip)]
    data, out = bytes(s.ip[TCP]), []
    for at in range(0, len(data), 24):
        part = data[at:at + 24]
        out.append(bytes(IPv6(src=s.ip.src, dst=s.ip.dst, hlim=64) / IPv6ExtHdrFragment(
            nh=6, id=s.at // 5000 % 1000, offset=at // 8, m=1 if at + 24 < len(data) else 0) / Raw(part)))
    return out


def fragmented(name, pieces, v6, order):
    frames = []
    for s in conversation(v6):
        for n, ip in enumerate(order(pieces(s))):
            frames.append((s.at + 100 * n, padded(frame_up(s, ip))))
    write(name, frames)


@capture("IPv4 fragments in order")
def fragments(name):
    fragmented(name, v4_fragments, False, lambda p: p)


@capture("IPv4 fragments, the last one first")
def fragments_reversed(name):
    fragmented(name, v4_fragments, False, lambda p: p[::-1])


@capture("IPv4 fragments, each of them twice (mirrored in both directions)")
def fragments_twice(name):
    fragmented(name, v4_fragments, False, lambda p: [x for x in p for _ in (0, 1)])


@capture("IPv6 fragments in order")
def fragments_ipv6(name):
    fragmented(name, v6_fragments, True, lambda p: p)


@capture("IPv6 fragments, the last one first")
def fragments_ipv6_reversed(name):
    fragmented(name, v6_fragments, True, lambda p: p[::-1])


@capture("IPv4 fragments that overlap: the later one says register 6 = 9999, the first is believed (an evasion)")
def fragments_overlap(name):
    def pieces(s):
        parts = v4_fragments(s)
        if bytes(s.ip[TCP].payload) != WRITE or not s.up:
            return parts
        # Bytes 24-31 of the segment: unit to value of the write; sent after the first piece, before the end.
        lie = s.ip.copy()
        lie.flags, lie.frag = 1, 3
        del lie.chksum, lie.len
        lie.proto = 6
        lie.remove_payload()
        lie = lie / Raw(bytes(s.ip[TCP])[24:28] + struct.pack(">HH", 6, 9999))
        truth = parts[-1]
        first = IP(parts[0])
        honest = first.copy()
        del honest.chksum, honest.len
        honest.remove_payload()
        honest.frag, honest.flags = 3, 1
        honest = honest / Raw(bytes(s.ip[TCP])[24:32])
        return [bytes(honest), bytes(lie), truth, parts[0]]
    fragmented(name, pieces, False, lambda p: p)


@capture("IPv4 fragments of 8 bytes, so small that they split the TCP header (an evasion)")
def fragments_tiny(name):
    def pieces(s):
        p = s.ip.copy()
        p.flags = 0
        return [bytes(f) for f in fragment(p, fragsize=8)] if has_data(s) else [bytes(s.ip)]
    fragmented(name, pieces, False, lambda p: p)


@capture("The conversation, and a datagram whose last fragment never comes, until 40 s later")
def fragments_incomplete(name):
    frames = each(ether)
    lost = IP(src=HMI, dst=PLC, id=999, flags="MF") / UDP(sport=1000, dport=2000, len=2000, chksum=0) / Raw(bytes(992))
    late = conversation(sport=49201)
    frames.append((EPOCH_US + 60000, frame_up(conversation()[0], bytes(lost))))
    frames += [(s.at + 40000000, bytes(ether(s))) for s in late]
    write(name, frames)


@capture("VXLAN whose outer datagram was cut into fragments on its way")
def fragments_of_tunnel(name):
    frames = []
    for n, s in enumerate(conversation()):
        p = IP(src=SWITCH, dst=SENSOR, ttl=60, id=500 + n) / UDP(sport=50123, dport=4789, chksum=0) / \
            VXLAN(vni=20, flags=8) / ether(s)
        for i, f in enumerate(fragment(p, fragsize=48)):
            frames.append((s.at + 10 * i, bytes(Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / f)))
    write(name, frames)
