#!/usr/bin/env python3
"""Crafts one capture for each thing a mirror port shows below TCP.

    PYTHON net.py [NAME...]		writes all, or those named, to ../net/

PYTHON is a python with scapy (PyPI).  Same input, same bytes: times, ports and identifications are fixed.
Every capture carries the same conversation, so that the same two operations come out of each: unit 1, read 10
holding registers from 100 (values 0-9), then write register 5 = 1234, both answered, with handshake and close.
"""
import os
import struct
import sys

from scapy.layers.inet import IP, TCP, UDP, fragment
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting)
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether, GRE, LLC, SNAP
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS
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


# ---- the conversation -------------------------------------------------------

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


# ---- wrapping and writing ---------------------------------------------------

def ether(step, payload=None, up=None):
    up = step.up if up is None else up
    return Ether(src=MAC[up], dst=MAC[not up]) / (step.ip if payload is None else payload)


def outer(inner, proto_layer):
    """A tunnel from a switch to the sensor."""
    return Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / IP(src=SWITCH, dst=SENSOR, ttl=60, id=1) / proto_layer / inner


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


# ---- links ------------------------------------------------------------------

@capture("Plain Ethernet, short frames padded to 60 bytes; ARP, LLDP and spanning tree between")
def ethernet(name):
    frames = each(lambda s: padded(ether(s)))
    at = EPOCH_US - 3000
    arp = padded(Ether(src=MAC[True], dst="ff:ff:ff:ff:ff:ff") / ARP(hwsrc=MAC[True], psrc=HMI, pdst=PLC))
    lldp = padded(Ether(src=SWITCH_MAC, dst="01:80:c2:00:00:0e", type=0x88cc) /
                  Raw(bytes.fromhex("0207040200000 00f01040302503106020078 0000".replace(" ", ""))))
    stp = padded(bytes.fromhex("0180c2000000020000000f01") + struct.pack(">H", 38) +
                 bytes.fromhex("424203") + bytes(35))
    write(name, [(at, arp), (at + 1000, lldp), (at + 2000, stp)] + frames)


@capture("802.3 with LLC and SNAP instead of an EtherType")
def snap(name):
    write(name, each(lambda s: bytes(Ether(src=MAC[s.up], dst=MAC[not s.up], type=8 + len(s.ip)))
                     + bytes(LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(OUI=0, code=0x0800)) + bytes(s.ip)))


@capture("Linux cooked capture")
def sll(name):
    write(name, each(lambda s: struct.pack(">HHH", 0 if s.up else 4, 1, 6) + bytes.fromhex(MAC[s.up].replace(":", ""))
                     + bytes(2) + struct.pack(">H", 0x0800) + bytes(s.ip)), "sll")


@capture("Linux cooked capture, version 2")
def sll2(name):
    write(name, each(lambda s: struct.pack(">HHIHBB", 0x0800, 0, 2, 1, 0 if s.up else 4, 6)
                     + bytes.fromhex(MAC[s.up].replace(":", "")) + bytes(2) + bytes(s.ip)), "sll2")


@capture("Raw IP, link type 101, here IPv4")
def raw(name):
    write(name, each(lambda s: s.ip), "raw")


@capture("Raw IP, link type 101, here IPv6")
def raw_ipv6(name):
    write(name, each(lambda s: s.ip, True), "raw")


@capture("Raw IP, link type 228: IPv4 only")
def raw_ipv4_only(name):
    write(name, each(lambda s: s.ip), "ipv4")


@capture("Raw IP, link type 229: IPv6 only")
def raw_ipv6_only(name):
    write(name, each(lambda s: s.ip, True), "ipv6")


@capture("BSD loopback, family in little-endian order")
def null(name):
    write(name, each(lambda s: struct.pack("<I", 2) + bytes(s.ip)), "null")


@capture("BSD loopback written by a big-endian machine")
def null_big_endian(name):
    write(name, each(lambda s: struct.pack(">I", 2) + bytes(s.ip)), "null")


@capture("BSD loopback, IPv6 as Darwin numbers it (30)")
def null_ipv6(name):
    write(name, each(lambda s: struct.pack("<I", 30) + bytes(s.ip), True), "null")


@capture("OpenBSD loopback, family in network order")
def loop(name):
    write(name, each(lambda s: struct.pack(">I", 2) + bytes(s.ip)), "loop")


@capture("PPP with HDLC address and control")
def ppp(name):
    write(name, each(lambda s: bytes.fromhex("ff030021") + bytes(s.ip)), "ppp")


# ---- tags -------------------------------------------------------------------

@capture("802.1Q tag, VLAN 20, priority 5")
def vlan(name):
    write(name, each(lambda s: padded(ether(s, Dot1Q(vlan=20, prio=5) / s.ip), 64)))


@capture("802.1ad service tag 100 and 802.1Q tag 20")
def qinq(name):
    write(name, each(lambda s: ether(s, Dot1AD(vlan=100) / Dot1Q(vlan=20) / s.ip)))


@capture("Five tags of the types 9100, 9200, 88a8, 8100, 8100; the first three are kept (tshark does not know 9200)")
def vlan_deep(name):
    tags = b"".join(struct.pack(">HH", t, v) for t, v in
                    ((0x9100, 1), (0x9200, 2), (0x88a8, 3), (0x8100, 4), (0x8100, 5)))
    write(name, each(lambda s: bytes(Ether(src=MAC[s.up], dst=MAC[not s.up]))[:12] + tags + b"\x08\x00" + bytes(s.ip)))


@capture("Priority tags: VLAN 0, as PROFINET devices send them")
def vlan_priority(name):
    write(name, each(lambda s: ether(s, Dot1Q(vlan=0, prio=6) / s.ip)))


def prp_trailer(frame, sequence, lan):
    """IEC 62439-3, 4.2.7: padded first, so that the trailer is the end of the frame."""
    frame = padded(frame, 60)
    return frame + struct.pack(">HHH", sequence, lan << 12 | (len(frame) - 14 + 6), 0x88fb)


@capture("PRP: each frame from LAN A and 0.3 ms later from LAN B; with supervision frames")
def prp_twins(name):
    frames = []
    for n, s in enumerate(conversation()):
        frames.append((s.at, prp_trailer(ether(s), n, 0xa)))
        frames.append((s.at + 300, prp_trailer(ether(s), n, 0xb)))
    sup = padded(Ether(src=MAC[True], dst="01:15:4e:00:01:00", type=0x88fb) / Raw(bytes.fromhex("00010001 1406 02000000000a".replace(" ", ""))))
    frames.append((EPOCH_US + 100000, prp_trailer(sup, 99, 0xa)))
    write(name, frames)


@capture("PRP, LAN B alone and 12 ms after LAN A: the networks differ by more than the usual window")
def prp_late_twins(name):
    frames = []
    for n, s in enumerate(conversation()):
        frames.append((s.at, prp_trailer(ether(s), n, 0xa)))
        frames.append((s.at + 12000, prp_trailer(ether(s), n, 0xb)))
    write(name, sorted(frames, key=lambda f: f[0]))


@capture("HSR tags, each frame seen both ways round the ring; with a supervision frame")
def hsr(name):
    frames = []
    for n, s in enumerate(conversation()):
        for path in (0, 1):
            head = bytes(Ether(src=MAC[s.up], dst=MAC[not s.up]))[:12]
            tag = struct.pack(">HHHH", 0x892f, path << 12 | (len(s.ip) + 6), n, 0x0800)
            frames.append((s.at + path * 120, padded(head + tag + bytes(s.ip), 66)))
    head = bytes(Ether(src=MAC[True], dst="01:15:4e:00:01:00"))[:12]
    frames.append((EPOCH_US + 100000, padded(head + struct.pack(">HHHH", 0x892f, 52, 77, 0x88fb) +
                                             bytes.fromhex("0001000117060200 0000000a".replace(" ", "")), 66)))
    write(name, frames)


# ---- tunnels ----------------------------------------------------------------

@capture("MPLS with two labels and IPv4 beneath")
def mpls_ip(name):
    write(name, each(lambda s: ether(s, MPLS(label=16, s=0, ttl=64) / MPLS(label=17, s=1, ttl=64) / s.ip)))


@capture("MPLS with IPv6 beneath")
def mpls_ipv6(name):
    write(name, each(lambda s: ether(s, MPLS(label=17, s=1, ttl=64) / s.ip), True))


def pseudowire(s, word):
    head = bytes(Ether(src=SWITCH_MAC, dst=SENSOR_MAC, type=0x8847)) + struct.pack(">I", 18 << 12 | 0x100 | 64)
    return head + word + bytes(ether(s))


@capture("MPLS Ethernet pseudowire with a control word (tshark: -d mpls.label==18,pwethcw)")
def mpls_pseudowire(name):
    write(name, each(lambda s: pseudowire(s, bytes(4))))


@capture("MPLS Ethernet pseudowire without a control word (tshark: -d mpls.label==18,pwethnocw)")
def mpls_pseudowire_bare(name):
    write(name, each(lambda s: pseudowire(s, b"")))


@capture("PPPoE session")
def pppoe(name):
    write(name, each(lambda s: padded(ether(s, PPPoE(sessionid=7) / PPP(proto=0x21) / s.ip), 74)))


@capture("GRE without options, IPv4 beneath")
def gre(name):
    write(name, each(lambda s: outer(s.ip, GRE(proto=0x0800))))


@capture("GRE with checksum, key and sequence number")
def gre_options(name):
    write(name, each(lambda s: outer(s.ip, GRE(proto=0x0800, chksum_present=1, key_present=1, seqnum_present=1,
                                               key=42, sequence_number=s.at // 5000 % 100))))


@capture("GRE version 1 as PPTP uses it, PPP beneath")
def gre_pptp(name):
    def wrap(s):
        inner = bytes.fromhex("ff030021") + bytes(s.ip)
        gre1 = struct.pack(">HHHHI", 0x3001, 0x880b, len(inner), 5, s.at // 5000 % 100)
        return outer(Raw(inner), Raw(gre1)).__class__(bytes(
            Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / IP(src=SWITCH, dst=SENSOR, id=1, proto=47) / Raw(gre1 + inner)))
    write(name, each(wrap))


@capture("NVGRE: an Ethernet frame in GRE")
def nvgre(name):
    write(name, each(lambda s: outer(ether(s), GRE(proto=0x6558, key_present=1, key=0x64 << 8))))


def in_gre(header, inner):
    return Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / IP(src=SWITCH, dst=SENSOR, ttl=60, id=1, proto=47) / \
        Raw(header + bytes(inner))


@capture("ERSPAN type I: GRE without sequence number, then the mirrored frame")
def erspan1(name):
    write(name, each(lambda s: in_gre(struct.pack(">HH", 0, 0x88be), ether(s))))


@capture("ERSPAN type II, port in VLAN 20")
def erspan2(name):
    write(name, each(lambda s: in_gre(struct.pack(">HHIHHI", 0x1000, 0x88be, s.at // 5000 % 100, 0x1000 | 20,
                                                  0x0005, 3), ether(s))))


@capture("ERSPAN type III with a platform subheader in every second packet")
def erspan3(name):
    def wrap(s):
        sub = s.up
        head = struct.pack(">HHIHHIHH", 0x1000, 0x22eb, s.at // 5000 % 100, 0x2000 | 20, 0x0005, 0x01020304, 0,
                           1 if sub else 0)
        return in_gre(head + (bytes.fromhex("0400000000000001") if sub else b""), ether(s))
    write(name, each(wrap))


@capture("ERSPAN type II from a switch that cut the mirrored frames to 96 bytes and set the T bit")
def erspan_truncated(name):
    def wrap(s):
        return in_gre(struct.pack(">HHIHHI", 0x1000, 0x88be, s.at // 5000 % 100, 0x1000 | 20, 0x0405, 3),
                      bytes(ether(s))[:75])
    write(name, each(wrap))


@capture("VXLAN, port 4789")
def vxlan(name):
    write(name, each(lambda s: outer(ether(s), UDP(sport=50123, dport=4789, chksum=0) / VXLAN(vni=20, flags=8))))


@capture("Geneve with an option, Ethernet beneath")
def geneve(name):
    option = bytes.fromhex("010280 01deadbeef".replace(" ", ""))
    write(name, each(lambda s: outer(ether(s), UDP(sport=50123, dport=6081, chksum=0) / Raw(
        struct.pack(">BBHI", len(option) // 4, 0, 0x6558, 20 << 8) + option))))


@capture("IPv4 in IPv4")
def ip_in_ip(name):
    write(name, each(lambda s: Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / IP(src=SWITCH, dst=SENSOR, id=1, proto=4) / s.ip))


@capture("IPv6 in IPv4 (6in4)")
def ipv6_in_ipv4(name):
    write(name, each(lambda s: Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / IP(src=SWITCH, dst=SENSOR, id=1, proto=41) / s.ip, True))


@capture("Everything at once: QinQ, VXLAN, VLAN, GRE, MPLS")
def onion(name):
    def wrap(s):
        inner = ether(s, Dot1Q(vlan=20) / IP(src="198.51.100.1", dst="198.51.100.2", id=1) /
                      GRE(proto=0x8847) / MPLS(label=17, s=1, ttl=64) / s.ip)
        return Ether(src=SWITCH_MAC, dst=SENSOR_MAC) / Dot1AD(vlan=100) / Dot1Q(vlan=200) / \
            IP(src=SWITCH, dst=SENSOR, id=1) / UDP(sport=50123, dport=4789, chksum=0) / VXLAN(vni=20, flags=8) / inner
    write(name, each(wrap))


# ---- IP ---------------------------------------------------------------------

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


def frame_up(s, ip):
    return bytes(Ether(src=MAC[s.up], dst=MAC[not s.up], type=0x86dd if ip[0] >> 4 == 6 else 0x0800)) + ip


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


# ---- frames seen twice ------------------------------------------------------

@capture("Both directions of a port mirrored: every frame twice, 8 us apart, equal to the last bit")
def duplicates_both_directions(name):
    write(name, [f for at, b in each(ether) for f in ((at, b), (at + 8, b))])


@capture("The same without IP identifications (0), as some stacks send")
def duplicates_without_id(name):
    def zero(s):
        p = s.ip.copy()
        p.id = 0
        del p.chksum
        return ether(s, p)
    write(name, [f for at, b in each(zero) for f in ((at, b), (at + 8, b))])


@capture("Every frame seen in VLAN 20, in VLAN 30 and untagged")
def duplicates_vlans(name):
    frames = []
    for s in conversation():
        frames += [(s.at, ether(s, Dot1Q(vlan=20) / s.ip)), (s.at + 15, ether(s, Dot1Q(vlan=30) / s.ip)),
                   (s.at + 40, ether(s))]
    write(name, frames)


@capture("Every frame before and after a router: other MAC addresses, TTL one less")
def duplicates_routed(name):
    frames = []
    for s in conversation():
        p = s.ip.copy()
        p.ttl -= 1
        del p.chksum
        frames += [(s.at, ether(s)), (s.at + 250, Ether(src=SWITCH_MAC, dst=MAC[not s.up]) / p)]
    write(name, frames)


@capture("Every frame mirrored directly and through ERSPAN")
def duplicates_erspan(name):
    frames = []
    for s in conversation():
        gre2 = struct.pack(">HHIHHI", 0x1000, 0x88be, s.at // 5000 % 100, 0x1000 | 20, 0x0005, 3)
        frames += [(s.at, ether(s)), (s.at + 400, in_gre(gre2, ether(s)))]
    write(name, frames)


@capture("No duplicates: both requests retransmitted after 1 ms with another IP identification")
def retransmission(name):
    frames = []
    for s in conversation():
        frames.append((s.at, bytes(ether(s))))
        if has_data(s) and s.up:
            p = s.ip.copy()
            p.id += 5000
            del p.chksum
            frames.append((s.at + 1000, bytes(ether(s, p))))
    write(name, frames)


# ---- cut and damaged --------------------------------------------------------

@capture("Snap length 75: answers lose their last values, the rest is whole")
def snaplen(name):
    write(name, [(at, b[:75], len(b)) for at, b in each(ether)], snap=75)


@capture("Snap length 60: every message is cut within the MBAP header, so that none can be read")
def snaplen_short(name):
    write(name, [(at, b[:60], len(b)) for at, b in each(ether)], snap=60)


@capture("TCP checksums all wrong, as a card that computes them leaves them to a local capture")
def bad_tcp_checksums(name):
    def wrap(s):
        p = s.ip.copy()
        p[TCP].chksum = 0xbeef
        return ether(s, p)
    write(name, each(wrap))


@capture("IPv4 header checksums all wrong")
def bad_ip_checksums(name):
    def wrap(s):
        p = s.ip.copy()
        p.chksum = 0xbeef
        return ether(s, p)
    write(name, each(wrap))


@capture("IP length 0, as a card that cuts large segments itself (TSO) leaves it to a local capture")
def tso_length_zero(name):
    def wrap(s):
        p = s.ip.copy()
        p.len = 0
        del p.chksum
        return ether(s, p)
    write(name, each(wrap))


@capture("Link type 147 (user 0): not understood, counted, said once")
def unknown_link(name):
    LINK["user0"] = 147
    write(name, each(ether), "user0")


def manifest(names):
    """Give captures that MANIFEST does not have their line; manifest.py --update keeps the sums."""
    path = os.path.join(OUT, "..", "MANIFEST")
    with open(path, encoding="utf-8") as f:
        lines = [x for x in f if not any(x.startswith(f"net/{n}.pcap ") for n in names)]
    head = [x for x in lines if x.startswith("#")]
    lines = [x for x in lines if not x.startswith("#")]
    lines += [f"net/{n}.pcap | ? | ? | make/net.py, scapy | {CAPTURES[n][1]}\n" for n in names]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(head + sorted(lines))


def main():
    names = sys.argv[1:] or sorted(CAPTURES)
    os.makedirs(OUT, exist_ok=True)
    for n in names:
        CAPTURES[n][0](n)
    manifest(names)


if __name__ == "__main__":
    main()
