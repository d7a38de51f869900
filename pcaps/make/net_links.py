"""Links of net.py: what a capture's link type says, tags, PRP and HSR."""
import struct

from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether, LLC, SNAP
from scapy.packet import Raw

from net_kit import EPOCH_US, HMI, MAC, PLC, SWITCH_MAC, capture, conversation, each, ether, padded, write


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
