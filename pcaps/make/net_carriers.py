"""Tunnels of net.py; those that need no library to make are in net_tunnels.py."""
import struct

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether, GRE
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.contrib.mpls import MPLS
from scapy.packet import Raw

from net_kit import SENSOR, SENSOR_MAC, SWITCH, SWITCH_MAC, capture, each, ether, in_gre, outer, padded, write


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
