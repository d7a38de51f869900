"""Ways in which tags and tunnels are put around a session."""
import struct

from ways import OPERATION, WORD, way
from wire import ACK, SYN, Session, ether, ip4, udp


def tagged(*tags):
    """Bytes between the addresses and the IP packet."""
    def make(p, answered):
        def wrap(packet, up):
            e = ether(packet, up)
            return e[:12] + b"".join(tags) + e[12:]
        s = Session(p.port, handshake=False)
        for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
            s.segment(up, flags=flags, wrap=wrap)
        s.say(p.session(answered), wrap=wrap)
        return s.frames
    return make


for label, tags in (
        ("vlan", [b"\x81\0\0\x0a"]), ("qinq", [b"\x88\xa8\0\x0a", b"\x81\0\0\x14"]), ("three_vlans", [b"\x81\0\0\x0a"] * 3),
        ("tag_9100", [b"\x91\0\0\x0a"]), ("tag_9300", [b"\x93\0\0\x0a"]), ("vn_tag", [b"\x89\x26\0\0\0\0"]),
        ("e_tag", [b"\x89\x3f\0\0\0\0\0\0"]), ("cisco_metadata", [b"\x89\x09\x01\x01\0\0\0\x01"]),
        ("vlan_and_vn_tag", [b"\x89\x26\0\0\0\0", b"\x81\0\0\x0a"]),
        ("mpls", [b"\x88\x47\0\x01\x01\x40"])):
    f = tagged(*tags)
    if label == "mpls":
        def f(p, answered):
            s = Session(p.port, handshake=False)
            def wrap(packet, up):
                return ether(b"\0\x01\x01\x40" + packet, up, 0x8847)
            for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
                s.segment(up, flags=flags, wrap=wrap)
            s.say(p.session(answered), wrap=wrap)
            return s.frames
    f.__name__ = label
    way(OPERATION)(f)


def tunnelled(outer, must):
    """`outer(frame, up)`: the Ethernet frame of the tunnel."""
    def make(p, answered):
        def wrap(packet, up):
            return outer(ether(packet, up), up)
        s = Session(p.port, handshake=False)
        for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
            s.segment(up, flags=flags, wrap=wrap)
        s.say(p.session(answered), wrap=wrap)
        return s.frames
    make.must = must
    return make


SWITCH, SENSOR = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 9])


def in_ip(proto, head=b"", ethernet=False):
    return lambda e, up: ether(ip4(head + (e if ethernet else e[14:]), proto=proto, src=SWITCH, dst=SENSOR))


def in_udp(port, head=b"", ethernet=False, sport=40000):
    return lambda e, up: ether(ip4(udp(head + (e if ethernet else e[14:]), sport, port), proto=17, src=SWITCH, dst=SENSOR))


def pbb(e, up):
    return e[:12] + b"\x88\xe7\0\0\x12\x34" + e


def macsec(e, up):
    """Integrity alone: the user data is clear."""
    return e[:12] + b"\x88\xe5" + b"\x20\0" + b"\0\0\0\x01" + b"\x02\0\0\0\0\x0a\0\x01" + e[12:] + b"\xcc" * 16


def macsec_encrypted(e, up):
    return e[:12] + b"\x88\xe5" + b"\x2c\0" + b"\0\0\0\x01" + b"\x02\0\0\0\0\x0a\0\x01" + bytes(b ^ 0x5a for b in e[12:]) + b"\xcc" * 16


TEREDO_SRC = bytes.fromhex("20010000c0000201")


def ip6(payload, proto, up, prefix=bytes.fromhex("20010db800200000")):
    a, b = prefix + bytes(7) + b"\x0a", prefix + bytes(7) + b"\x14"
    return struct.pack(">IHBB", 0x60000000, len(payload), proto, 64) + (a + b if up else b + a) + payload


def teredo(e, up):
    packet = e[14:]
    inner = ip6(packet[20:], 6, up, TEREDO_SRC)
    return ether(ip4(udp(inner, 3544, 3544), proto=17, src=SWITCH, dst=SENSOR))


TUNNELS = {
    "ip_in_ip": (in_ip(4), OPERATION), "gre": (in_ip(47, b"\0\0\x08\0"), OPERATION),
    "gre_ethernet": (in_ip(47, b"\0\0\x65\x58", True), OPERATION), "etherip": (in_ip(97, b"\x30\0", True), OPERATION),
    "l2tp3_ip": (in_ip(115, b"\0\0\0\x07", True), OPERATION),
    "vxlan": (in_udp(4789, b"\x08\0\0\0\0\0\x0a\0", True), OPERATION),
    "vxlan_gpe": (in_udp(4790, b"\x0c\0\0\x01\0\0\x0a\0"), OPERATION),
    "vxlan_on_another_port": (in_udp(40789, b"\x08\0\0\0\0\0\x0a\0", True), WORD),
    "geneve": (in_udp(6081, b"\0\0\x65\x58\0\0\x0a\0", True), OPERATION),
    "gtp_u": (in_udp(2152, b"\x30\xff\0\x64\0\0\0\x01"), OPERATION),
    "tzsp": (in_udp(37008, b"\x01\0\0\x01\x01", True), OPERATION),
    "l2tp2": (in_udp(1701, b"\0\x02\0\x01\0\x01\xff\x03\0\x21", sport=1701), OPERATION),
    "teredo": (teredo, OPERATION), "pbb": (pbb, OPERATION), "macsec_clear": (macsec, OPERATION),
    "macsec_encrypted": (macsec_encrypted, WORD), "esp": (in_ip(50, b"\0\0\0\x01\0\0\0\x01"), WORD),
    "unknown_ip_protocol": (in_ip(253), WORD), "unknown_ethertype": (lambda e, up: ether(e[14:], up, 0x9abc), WORD),
    "unknown_udp_tunnel": (in_udp(45454, b"\x9d\x27\x51\x03"), WORD),
    "fou": (in_udp(5555), OPERATION),
}


def gtp_length(e, up):
    body = e[14:]
    return in_udp(2152, struct.pack(">BBHI", 0x30, 0xff, len(body), 1))(e, up)


TUNNELS["gtp_u"] = (gtp_length, OPERATION)
for label, (outer, must) in TUNNELS.items():
    f = tunnelled(outer, must)
    f.__name__ = label
    way(must)(f)


@way(OPERATION)
def ipv6(p, answered):
    s = Session(p.port, handshake=False)

    def wrap(packet, up):
        body = bytearray(packet[20:])
        return ether(ip6(bytes(body), 6, up), up, 0x86dd)
    for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
        s.segment(up, flags=flags, wrap=wrap)
    s.say(p.session(answered), wrap=wrap)
    return s.frames


@way(OPERATION)
def two_vlans_the_same_addresses(p, answered):
    """A benign session of another VLAN with the same addresses, ports and nearly the same numbers."""
    frames = []
    a = Session(p.port, isn=(990, 899990))
    b = Session(p.port)
    a.say(p.before)
    b.say(p.before)
    b.segment(True, p.command)
    if answered:
        b.segment(False, p.answer)
    for s, tag in ((a, b"\x81\0\0\x0a"), (b, b"\x81\0\0\x14")):
        frames += [(t + (0.0002 if s is b else 0), e[:12] + tag + e[12:]) for t, e in s.frames]
    return sorted(frames)
