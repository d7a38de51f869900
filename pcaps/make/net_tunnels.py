#!/usr/bin/env python3
"""Crafts one capture for each tag and tunnel that needs no library to make, and for what is not followed.

    net_tunnels.py [NAME...]	writes all, or those named, to ../net/

Same input, same bytes.  Every capture that is followed carries two conversations, so that the same operations come out
of each: Modbus (read 10 holding registers from 100, write register 5 = 1234) and S7 (connect, setup, PLC stop).
"""
import os
import struct
import sys

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "net")
EPOCH_US = 1767592800 * 1000000     # 2026-01-05 06:00:00 UTC
HMI, PLC = (10, 20, 0, 10), (10, 20, 1, 20)
SWITCH, SENSOR = (192, 0, 2, 1), (192, 0, 2, 9)
MAC = {True: bytes.fromhex("02000000000a"), False: bytes.fromhex("020000000014")}
OUTER_MAC = bytes.fromhex("020000000f09") + bytes.fromhex("020000000f01")

MODBUS = ("000100000006010300640 00a", "000100000017010314" + "".join(f"{v:04x}" for v in range(10)),
          "0002000000060106000504d2", "0002000000060106000504d2")
S7 = ("0300001611e00000000100c0010ac1020100c2020102", "0300001611d00001000100c0010ac1020100c2020102",
      "0300001902f08032010000000000080000f0000001000101e0", "0300001b02f080320300000000000800000000f0000001000100f0",
      "0300002102f0803201000000010010000029000000000009505f50524f4752414d",
      "0300001402f08032030000000100010000000029")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def ip(src, dst, proto, payload, ident=1, frag=0x4000, bad=0):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, frag, 64, proto, 0, bytes(src), bytes(dst))
    return head[:10] + struct.pack(">H", (checksum(head) + bad) & 0xffff) + head[12:] + payload


def ip6(proto, payload, up):
    a, b = (bytes.fromhex("20010db800200000000000000000001" + x) for x in "02")
    return struct.pack(">IHBB", 6 << 28, len(payload), proto, 64) + (a + b if up else b + a) + payload


def tcp(up, sport, dport, seq, ack, flags, data, v6=False):
    seg = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 8192, 0, 0) + data
    if v6:
        whole = ip6(6, seg, up)
        pseudo = whole[8:40] + struct.pack(">II", len(seg), 6)
    else:
        pseudo = bytes(HMI if up else PLC) + bytes(PLC if up else HMI) + struct.pack(">HH", 6, len(seg))
    seg = seg[:16] + struct.pack(">H", checksum(pseudo + seg)) + seg[18:]
    return ip6(6, seg, up) if v6 else seg


def conversation(messages, port, sport, at, v6=False):
    """(us, up, IP packet) of a session with handshake and close, 5 ms apart."""
    seq, ident, out = {True: 1000, False: 900000}, {True: 100, False: 7000}, []

    def send(up, flags, data=b""):
        seg = tcp(up, sport if up else port, port if up else sport, seq[up], 0 if flags == 2 else seq[not up],
                  flags, data, v6)
        p = seg if v6 else ip(HMI if up else PLC, PLC if up else HMI, 6, seg, ident[up])
        out.append((at + 5000 * len(out), up, p))
        seq[up] += len(data) + (flags & 3 != 0)
        ident[up] += 1

    send(True, 2)
    send(False, 0x12)
    send(True, 0x10)
    for n, m in enumerate(messages):
        send(n % 2 == 0, 0x18, bytes.fromhex(m.replace(" ", "")))
    send(True, 0x11)
    send(False, 0x11)
    send(True, 0x10)
    return out


def both(v6=False):
    return conversation(MODBUS, 502, 49200, EPOCH_US, v6) + conversation(S7, 102, 49300, EPOCH_US + 100000, v6)


def ether(up, kind, payload):
    return MAC[not up] + MAC[up] + struct.pack(">H", kind) + payload


def frame(up, p):
    return ether(up, 0x86dd if p[0] >> 4 == 6 else 0x0800, p)


def udp(port, payload, sport=49999):
    return struct.pack(">HHHH", sport, port, 8 + len(payload), 0) + payload


def outer(proto, payload):
    return OUTER_MAC + b"\x08\x00" + ip(SWITCH, SENSOR, proto, payload)


def over_udp(port, payload):
    return outer(17, udp(port, payload))


def write(name, frames):
    with open(os.path.join(OUT, name + ".pcap"), "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for at, data in frames:
            data = data + bytes(max(0, 60 - len(data)))
            f.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(data), len(data)) + data)


CAPTURES = {}


def each(name, shows, wrap, v6=False):
    CAPTURES[name] = (shows, lambda: [(at, wrap(up, p)) for at, up, p in both(v6)])


def made(name, shows):
    def keep(make):
        CAPTURES[name] = (shows, make)
        return make
    return keep


# ---- tags -------------------------------------------------------------------

ICV = bytes(range(0x30, 0x40))

each("vntag", "VN-Tag 8926 before the packet", lambda up, p: ether(up, 0x8926, b"\0\1\0\2\x08\0" + p))
each("etag", "E-Tag 893f of 802.1BR, and a VLAN tag behind it",
     lambda up, p: ether(up, 0x893f, b"\0\0\0\1\0\0\x81\0\0\x14\x08\0" + p))
each("cisco-metadata", "Cisco MetaData 8909 with a security group, behind a VLAN tag",
     lambda up, p: ether(up, 0x8100, b"\0\x14\x89\x09\1\1\0\1\0\5\x08\0" + p))
each("vlan-9300", "A tag of the type 9300", lambda up, p: ether(up, 0x9300, b"\0\x14\x08\0" + p))
each("macsec-plain", "MACsec that protects and does not encrypt, without SCI; the ICV behind",
     lambda up, p: ether(up, 0x88e5, b"\0" + bytes([2 + len(p) if len(p) < 46 else 0]) + b"\0\0\0\1\x08\0" + p + ICV))
each("macsec-plain-sci", "The same with the identifier of the secure channel",
     lambda up, p: ether(up, 0x88e5, b"\x21\0\0\0\0\1" + MAC[up] + b"\0\1\x08\0" + p + ICV))
each("pbb", "802.1ah: a backbone's addresses and B-TAG, the I-TAG, then the customer's frame",
     lambda up, p: OUTER_MAC + b"\x88\xa8\0\x64\x88\xe7\0\0\1\2" + frame(up, p))
each("nsh", "A network service header with the frame in it",
     lambda up, p: OUTER_MAC + b"\x89\x4f\x0f\xc2\1\3\0\0\1\xff" + frame(up, p))


# ---- tunnels ----------------------------------------------------------------

each("tzsp", "TZSP on port 37008, with a signal field", lambda up, p: over_udp(37008, b"\1\0\0\1\x0a\1\xd8\1" + frame(up, p)))
each("etherip", "EtherIP, IP protocol 97", lambda up, p: outer(97, b"\x30\0" + frame(up, p)))
each("l2tp2", "L2TP version 2 with length and sequence, PPP in it",
     lambda up, p: over_udp(1701, struct.pack(">HHHHHH", 0x4802, 16 + len(p), 7, 9, 1, 0) + b"\xff\3\0\x21" + p))
each("l2tp3-udp", "L2TP version 3 over UDP with a cookie of 8 bytes, an Ethernet pseudowire",
     lambda up, p: over_udp(1701, b"\0\3\0\0\0\0\0\7" + bytes(range(1, 9)) + frame(up, p)))
each("l2tp3-ip", "L2TP version 3 over IP with a cookie of 4 bytes and the sublayer",
     lambda up, p: outer(115, b"\0\0\0\7\1\2\3\4\0\0\0\0" + frame(up, p)))
each("gtpu", "GTP-U with a sequence number and the extension header of 5G sessions",
     lambda up, p: over_udp(2152, struct.pack(">BBHI", 0x36, 255, 8 + len(p), 5) + b"\0\1\0\x85\1\0\1\0" + p))
each("gtpu-odd-port", "GTP-U on port 12152, which is no setting", lambda up, p:
     over_udp(12152, struct.pack(">BBHI", 0x30, 255, len(p), 5) + p))
each("vxlan-odd-port", "VXLAN on port 14789, which is no setting",
     lambda up, p: over_udp(14789, b"\x08\0\0\0\0\0\5\0" + frame(up, p)))
each("vxlan-gpe", "VXLAN-GPE with the IP packet in it", lambda up, p: over_udp(4790, b"\x0c\0\0\1\0\0\5\0" + p))
each("teredo", "Teredo with an origin indication", lambda up, p: over_udp(3544, b"\0\0\x12\x34\1\2\3\4" + p), True)
each("gue", "Generic UDP encapsulation, version 0", lambda up, p: over_udp(6080, b"\0\4\0\0" + p))
each("ip-in-udp", "IPv4 straight in UDP (FOU)", lambda up, p: over_udp(5555, p))
each("mpls-in-udp", "MPLS in UDP", lambda up, p: over_udp(6635, b"\0\1\0\x40\0\1\1\x40" + p))
each("mpls-in-ip", "MPLS in IP, protocol 137", lambda up, p: outer(137, b"\0\1\1\x40" + p))
each("4in6", "IPv4 in IPv6", lambda up, p: OUTER_MAC + b"\x86\xdd" + ip6(4, p, up))


# ---- what is not followed, and what is no tunnel -----------------------------

@made("not-followed", "Encrypted MACsec, ESP, IPsec in UDP, WireGuard, OpenVPN, 802.11 in TZSP, GRE with something of its "
      "own, an unknown EtherType and IP protocol, LLC, a GOOSE frame: each counted, nothing read")
def not_followed():
    secret = bytes((7 * n + 3) % 256 for n in range(64))
    frames = [
        ether(True, 0x88e5, b"\x2c\0\0\0\0\1" + MAC[True] + b"\0\1" + secret),
        outer(50, b"\0\0\1\1\0\0\0\1" + secret),
        over_udp(4500, b"\0\0\1\1\0\0\0\1" + secret),
        over_udp(51820, b"\4\0\0\0" + secret[:60]),
        over_udp(1194, b"\x30" + secret),
        over_udp(37008, b"\1\0\0\x12\1" + secret),
        outer(47, b"\0\0\x88\x3e" + secret),
        over_udp(1701, b"\0\3\0\0\0\0\0\7" + secret),
        ether(True, 0x1234, secret),
        ether(True, 0x88b8, secret),
        outer(253, secret),
        MAC[False] + MAC[True] + b"\0\x20\xf0\xf0\3" + secret[:29],
    ]
    return [(EPOCH_US + 10000 * n, f) for n, f in enumerate(frames)]


@made("tunnel-ports-without-tunnels", "DNP3 datagrams on the ports of VXLAN, L2TP, GTP-U and GUE: read as DNP3")
def tunnel_ports_without_tunnels():
    def block(b):
        crc = 0
        for x in b:
            crc ^= x
            for _ in range(8):
                crc = crc >> 1 ^ (0xa6bc if crc & 1 else 0)
        return b + struct.pack("<H", ~crc & 0xffff)

    def link(control, dst, src, user):
        return block(struct.pack("<BBBBHH", 5, 0x64, 5 + len(user), control, dst, src)) + block(user)
    frames = []
    for n, port in enumerate((4789, 1701, 2152, 6080)):
        a, b = (10, 20, 0, 10), (10, 20, 1, 30 + n)
        # A write of IIN1.7 that is answered, then a cold restart that is answered with a delay.
        for k, (up, user) in enumerate((
                (True, "c0c00250010007070 0"), (False, "c0c0810000"), (True, "c1c10d"), (False, "c1c1810000340207010a00"))):
            data = link(0xc4 if up else 0x44, 1 if up else 2, 2 if up else 1, bytes.fromhex(user.replace(" ", "")))
            p = ip(a if up else b, b if up else a, 17, udp(port, data, 49000) if up else
                   udp(49000, data, port), 100 + 10 * n + k)
            frames.append((EPOCH_US + 100000 * n + 5000 * k, ether(up, 0x0800, p)))
    return frames


def pieces(up, p, cuts, ident):
    for a, b in zip(cuts, cuts[1:]):
        frag = a // 8 | (0x2000 if b < len(p) - 20 else 0)
        yield a, ip(HMI if up else PLC, PLC if up else HMI, 6, p[20 + a:20 + b], ident, frag)


@made("fragments-decoys", "Fragments with a wrong header checksum between those of a PLC stop and of a register write")
def fragments_decoys():
    frames = []
    for at, up, p in both():
        n = len(p) - 20
        if not up or n < 32:
            frames.append((at, frame(up, p)))
            continue
        parts = list(pieces(up, p, (0, 24, n), 99))
        last = ip(HMI, PLC, 6, bytes(n - 24), 99, 3, bad=77)
        frames += [(at, frame(up, last)), (at + 10, frame(up, parts[0][1])), (at + 20, frame(up, parts[1][1]))]
    return frames


@made("fragments-left", "The first fragment of a PLC stop is the last frame of the capture but one")
def fragments_left():
    frames = []
    for at, up, p in conversation(S7, 102, 49300, EPOCH_US)[:8]:
        if len(frames) < 7:
            frames.append((at, frame(up, p)))
        else:
            frames.append((at, frame(up, next(pieces(up, p, (0, 32, len(p) - 20), 99))[1])))
    return frames


@made("ip-length-too-long", "IP headers that claim 100 bytes more than the frame has, around a PLC stop")
def ip_length_too_long():
    frames = []
    for at, up, p in both():
        if up and len(p) > 50:
            head = p[:2] + struct.pack(">H", len(p) + 100) + p[4:10] + b"\0\0" + p[12:20]
            p = head[:10] + struct.pack(">H", checksum(head)) + head[12:] + p[20:]
        frames.append((at, frame(up, p)))
    return frames


def manifest(names):
    """Give captures that MANIFEST does not have their line; manifest.py --update keeps the sums."""
    path = os.path.join(OUT, "..", "MANIFEST")
    with open(path, encoding="utf-8") as f:
        lines = [x for x in f if not any(x.startswith(f"net/{n}.pcap ") for n in names)]
    head = [x for x in lines if x.startswith("#")]
    lines = [x for x in lines if not x.startswith("#")]
    lines += [f"net/{n}.pcap | ? | ? | make/net_tunnels.py | {CAPTURES[n][0]}\n" for n in names]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(head + sorted(lines))


def main():
    names = sys.argv[1:] or sorted(CAPTURES)
    for n in names:
        write(n, CAPTURES[n][1]())
    manifest(names)


if __name__ == "__main__":
    main()
