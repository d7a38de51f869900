#!/usr/bin/env python3
"""Makes a capture in which devices give their names and systems away in passing, by each protocol that is read for it once: two
controllers, an HMI, a server, a switch, a camera, and a client of DHCP that has no address.

    names.py            writes ../alerts/names.pcap, always the same bytes

Needs nothing but Python.
"""
import struct

import alerts
import dnp3_craft as dnp3

PLC, HMI, SERVER, SWITCH, CAMERA, STRANGER = ("10.20.1.11", "10.20.2.10", "10.20.2.20", "10.20.1.2", "10.20.2.30", "10.20.2.77")


def tlv(tag, body):
    return bytes([tag, len(body)]) + body


def netbios(name, kind):
    plain = name.encode().ljust(15) + bytes([kind])
    return b"\x20" + bytes(x for b in plain for x in (65 + (b >> 4), 65 + (b & 15))) + b"\0"


def labels(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"


def record(name, kind, data):
    return labels(name) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def answer(records):
    return struct.pack(">HHHHHH", 7, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def utf16(text):
    return text.encode("utf-16-le")


def ethernet(c, dst, src, kind, body, after=1.0):
    c.now += after
    c.frames.append((c.now, dst + alerts.mac(src) + kind + body.ljust(46, b"\0")))


def lldp(*tlvs):
    return b"".join(struct.pack(">H", t << 9 | len(v)) + v for t, v in tlvs) + b"\0\0"


def announced_on_ethernet(c):
    ethernet(c, bytes.fromhex("0180c200000e"), SWITCH, b"\x88\xcc", lldp(
        (1, b"\x07sw-hall-1"), (2, b"\x07port-003"), (3, b"\0\x14"), (5, b"sw-hall-1"),
        (6, b"Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2, HW: Version 3, FW: Version V04.01.00, SVPLN128756"),
        (7, b"\0\x14\0\x04"), (8, b"\x05\x01" + dnp3.addr(SWITCH) + b"\x02\0\0\0\x01\0")))
    block = lambda option, sub, data: struct.pack(">BBH", option, sub, len(data)) + data + b"\0" * (len(data) % 2)	# noqa: E731
    blocks = block(2, 2, b"\0\0pump-plc") + block(2, 1, b"\0\0S7-1200") + block(2, 3, b"\0\0\0\x2a\x01\x0d") + \
        block(2, 4, b"\0\0\x02\0") + block(1, 2, b"\0\x01" + dnp3.addr(PLC) + dnp3.addr("255.255.255.0") + bytes(4))
    ethernet(c, alerts.mac(HMI), PLC, b"\x88\x92", b"\xfe\xff\x05\x01" + struct.pack(">IHH", 1, 0, len(blocks)) + blocks)
    cdp = b"\x02\xb4\0\0" + b"".join(struct.pack(">HH", t, 4 + len(v)) + v for t, v in (
        (1, b"sw-office"), (4, b"\0\0\0\x28"), (5, b"Cisco IOS Software, Version 12.2(25)"), (6, b"cisco WS-C2960")))
    body = bytes.fromhex("aaaa0300000c2000") + cdp
    ethernet(c, bytes.fromhex("01000ccccccc"), "10.20.2.3", struct.pack(">H", len(body)), body)


def datagrams(c):
    head = b"\x01\x01\x06\0" + bytes(8) + bytes(16) + alerts.mac(STRANGER) + bytes(10 + 192)
    alerts.udp(c, "0.0.0.0", "255.255.255.255", 68, 67, head + bytes.fromhex("63825363350101") + tlv(12, b"NOTEBOOK-7") +
               tlv(60, b"MSFT 5.0") + b"\xff", after=1.0)
    alerts.udp(c, SERVER, HMI, 53, 50001, answer([record("pump-plc.works.example", 1, dnp3.addr(PLC)),
                                                 record("www.example.com", 1, dnp3.addr("93.184.216.34"))]))
    alerts.udp(c, CAMERA, "224.0.0.251", 5353, 5353, answer([
        record("cam-7.local", 1, dnp3.addr(CAMERA)), record("_rtsp._tcp.local", 12, labels("c._rtsp._tcp.local")),
        record("c._rtsp._tcp.local", 16, tlv(0, b"")[1:] + tlv(9, b"model=P32")[1:])]))
    browse = b"\\MAILSLOT\\BROWSE\0"
    data = b"\x01\0\x80\xfc\x0a\0" + b"HMI-HALL".ljust(16, b"\0") + b"\x06\x01\x03\x10\x02\0\x0f\x01\x55\xaaline 3\0"
    words = struct.pack("<HHHHBBHIHHHHHBBHHH", 0, len(data), 0, 0, 0, 0, 0, 0, 0, 0, 0, len(data), 86, 3, 0, 1, 1, 2)
    smb = b"\xffSMB\x25" + bytes(27) + bytes([17]) + words + struct.pack("<H", len(browse) + len(data)) + browse + data
    alerts.udp(c, HMI, "10.20.2.255", 138, 138, b"\x11\x02\0\1" + dnp3.addr(HMI) + struct.pack(">HHH", 138, len(smb) + 68, 0) +
               netbios("HMI-HALL", 0) + netbios("WORKS", 0x1e) + smb)
    alerts.udp(c, HMI, "10.20.2.255", 137, 137, struct.pack(">HHHHHH", 1, 0x2910, 1, 0, 0, 1) + netbios("HMI-HALL", 0) +
               b"\0\x20\0\1\xc0\x0c" + struct.pack(">HHIHH", 0x20, 1, 300000, 6, 0) + dnp3.addr(HMI))
    bind = lambda oid, tag, value: tlv(0x30, tlv(6, bytes.fromhex(oid)) + tlv(tag, value))	# noqa: E731
    pdu = tlv(2, b"\7") + tlv(2, b"\0") * 2 + tlv(0x30, bind("2b06010201010500", 4, b"camera-7") +
                                                  bind("2b06010201010600", 4, b"gate") +
                                                  bind("2b06010201010200", 6, bytes.fromhex("2b06010401a16906")))
    alerts.udp(c, CAMERA, SERVER, 161, 50002, tlv(0x30, tlv(2, b"\1") + tlv(4, b"public") + tlv(0xa2, pdu)))
    alerts.udp(c, CAMERA, "239.255.255.250", 1900, 1900, b"NOTIFY * HTTP/1.1\r\nSERVER: Linux/3.0 UPnP/1.0 cam/2.1\r\n\r\n")


def streams(c):
    web = alerts.Session(c, HMI, PLC, 51000, 80)
    web.send(0, b"GET / HTTP/1.1\r\nHost: pump-plc\r\n\r\n")
    web.send(1, b"HTTP/1.1 401 Unauthorized\r\nServer: PLC-Web/2.1\r\nWWW-Authenticate: Basic realm=\"S7-1200\"\r\n")
    web.send(1, b"Content-Type: text/html\r\n\r\n<html><head><title>S7-1200 station</title></head></html>")
    san = tlv(0x30, tlv(0x82, b"hmi-hall.works.example"))
    subject = tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, b"\x55\x04\x03") + tlv(12, b"hmi-hall"))))
    cert = tlv(0x30, tlv(0x30, tlv(0xa0, tlv(2, b"\2")) + tlv(2, b"\1") + tlv(0x30, b"") * 3 + subject + tlv(0x30, b"") +
                         tlv(0xa3, tlv(0x30, tlv(0x30, tlv(6, b"\x55\x1d\x11") + tlv(4, san))))))
    three = lambda x: len(x).to_bytes(3, "big") + x	# noqa: E731
    hello = b"\x01" + three(b"\x03\x03" + bytes(32) + b"\0\0\2\x13\1\1\0" + struct.pack(">H", 17) +
                            struct.pack(">HHHBH", 0, 13, 11, 0, 8) + b"hmi-hall")
    tls = alerts.Session(c, SERVER, HMI, 51001, 443)
    tls.send(0, b"\x16\x03\x01" + struct.pack(">H", len(hello)) + hello)
    flight = b"\x02" + three(b"\x03\x03") + b"\x0b" + three(three(three(cert)))
    tls.send(1, (b"\x16\x03\x03" + struct.pack(">H", len(flight)) + flight)[:60])
    tls.send(1, (b"\x16\x03\x03" + struct.pack(">H", len(flight)) + flight)[60:])
    info = b"".join(struct.pack("<HH", k, 2 * len(v)) + utf16(v) for k, v in
                    ((1, "HISTORIAN"), (2, "WORKS"), (3, "historian.works.example"))) + bytes(4)
    challenge = b"NTLMSSP\0" + struct.pack("<IHHII8s8sHHI", 2, 0, 0, 56, 0x02800001, bytes(8), bytes(8), len(info), len(info), 56) + \
        bytes.fromhex("0a00634500 00000f") + info
    smb2 = b"\xfeSMB\x40\0\0\0\x16\0\0\xc0\1\0\1\0\1\0\0\0" + bytes(44) + struct.pack("<HHHH", 9, 0, 72, len(challenge)) + challenge
    share = alerts.Session(c, HMI, SERVER, 51002, 445)
    share.send(1, b"\0" + three(smb2))
    shell = alerts.Session(c, SERVER, CAMERA, 51003, 22)
    shell.send(1, b"SSH-2.0-dropbear_2019.78\r\n")
    for s in (web, tls, share, shell):
        s.send(0, b"", 0x11)
        s.send(1, b"", 0x11)
        s.send(0, b"", 0x10)


def main():
    c = alerts.Capture()
    alerts.Session(c, HMI, PLC, 50000).poll()
    announced_on_ethernet(c)
    datagrams(c)
    streams(c)
    c.write("names")


if __name__ == "__main__":
    main()
