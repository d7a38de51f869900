"""What a mirror port does to frames: net.py's frames seen twice, cut and damaged."""
import struct

from scapy.layers.inet import TCP
from scapy.layers.l2 import Dot1Q, Ether

from net_kit import LINK, MAC, SWITCH_MAC, capture, conversation, each, ether, has_data, in_gre, write


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
