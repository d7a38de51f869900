#!/usr/bin/env python3
"""Crafts what the shipped rules look for and no other capture shows: office and attack protocols as somebody brings them into
a plant (only the first messages of each session: what naming needs), commands from a public address, and devices in trouble.

    PYTHON rules_craft.py [NAME...]		writes all, or those named, to ../rules/

PYTHON is a python with scapy (PyPI).  Same input, same bytes.
"""
import os
import struct
import sys

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.tls.extensions import ServerName, TLS_Ext_ServerName, TLS_Ext_SupportedGroups, TLS_Ext_SupportedVersion_CH
from scapy.layers.tls.handshake import TLSClientHello
from scapy.layers.tls.record import TLS
from scapy.utils import wrpcap

from dnp3_craft import frame
from modbus_craft import HMI, PLC, Capture, Session, adu, pdu

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rules")
OFFICE, HISTORIAN, OUTSIDE = "10.20.9.30", "10.20.2.20", "203.0.113.80"
OUTSTATION, S7_PLC = "10.20.1.30", "10.20.1.40"
VPN, POOL = "203.0.113.90", "203.0.113.91"


def tcp(cap, dport, *turns, client=OFFICE, server=HMI):
    """A session: turns are bytes, client and server in turn; None: nobody speaks."""
    s = Session(cap, client, server, dport)
    for i, payload in enumerate(turns):
        if payload is not None:
            s.send(i % 2 == 0, payload)
    s.close()
    cap.wait(1)


def udp(cap, dport, *turns, client=OFFICE, server=HMI, sport=None):
    Session.port += 1
    sport = sport or Session.port
    for i, payload in enumerate(turns):
        a, b, sp, dp = (client, server, sport, dport) if i % 2 == 0 else (server, client, dport, sport)
        cap.add(Ether(src="00:80:f4:10:00:0a", dst="00:00:54:20:01:0b") / IP(src=a, dst=b, id=len(cap.frames) + 1) /
                UDP(sport=sp, dport=dp) / payload)
    cap.wait(1)


def hello(name):
    return bytes(TLS(msg=[TLSClientHello(
        gmt_unix_time=1767592800, random_bytes=bytes(range(28)), sid=b"", version=0x303, ciphers=[0x1301, 0xc02f, 0x009c],
        ext=[TLS_Ext_ServerName(servernames=[ServerName(servername=name.encode())]),
             TLS_Ext_SupportedGroups(groups=[29, 23]),
             TLS_Ext_SupportedVersion_CH(versions=[0x304, 0x303])])]))


def remote(cap):
    cookie = b"Cookie: mstshash=operator\r\n\x01\x00\x08\x00\x03\x00\x00\x00"
    tcp(cap, 3389, struct.pack(">BBHBBHHB", 3, 0, 11 + len(cookie), 6 + len(cookie), 0xe0, 0, 0, 0) + cookie,
        bytes.fromhex("030000130ed000001234000201080002000000"))
    tcp(cap, 5900, None, b"RFB 003.008\n", b"RFB 003.008\n", b"\x01\x02", b"\x02")
    tcp(cap, 23, None, bytes.fromhex("fffd18fffd20fffd23fffd27"), bytes.fromhex("fffb18fffc20fffc23fffb27"),
        b"\r\nwago login: ", b"admin\r\n", b"Password: ")
    tcp(cap, 22, None, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", b"SSH-2.0-OpenSSH_5.3\r\n")
    tcp(cap, 443, hello("client.teamviewer.com"), client=HMI, server=OUTSIDE)
    tcp(cap, 443, hello("relay-3f2a.net.anydesk.com"), client=HMI, server=OUTSIDE)


def transfer(cap):
    tcp(cap, 21, None, b"220 PLC FTP server ready.\r\n", b"USER admin\r\n", b"331 Password required.\r\n", b"PASS admin\r\n",
        b"230 Logged in.\r\n", server=PLC)
    udp(cap, 69, b"\x00\x02switch-config.cfg\x00octet\x00", b"\x00\x04\x00\x00", b"\x00\x03\x00\x01" + b"x" * 40, b"\x00\x04\x00\x01")
    smb = b"\xffSMBr\x00\x00\x00\x00\x18\x53\xc8" + bytes(20) + b"\x00\x0c\x00\x02NT LM 0.12\x00"
    answer, setup = smb.replace(b"\x18\x53", b"\x98\x53"), smb.replace(b"SMBr", b"SMBs")
    tcp(cap, 445, *(struct.pack(">I", len(m)) + m for m in (smb, answer, setup, setup.replace(b"\x18\x53", b"\x98\x53"))))
    tcp(cap, 51413, b"\x13BitTorrent protocol" + bytes(8) + b"H" * 20 + b"-TR3000-abcdefghijkl",
        b"\x13BitTorrent protocol" + bytes(8) + b"H" * 20 + b"-TR3000-mnopqrstuvwx", server=OUTSIDE)
    for name in ("www.dropbox.com", "github.com", "www.youtube.com", "web.whatsapp.com"):
        tcp(cap, 443, hello(name), client=HMI, server=OUTSIDE)


def tunnels(cap):
    client_hard_reset = b"\x38" + bytes(range(8)) + b"\x00\x00\x00\x00\x00"
    server_hard_reset = b"\x40" + bytes(range(8, 16)) + b"\x01\x00\x00\x00\x00" + bytes(range(8)) + b"\x00\x00\x00\x00"
    udp(cap, 1194, client_hard_reset, server_hard_reset, b"\x28" + bytes(range(8)) + b"\x01\x00\x00\x00\x00" + bytes(range(8, 16)),
        client=HMI, server=VPN)
    udp(cap, 51820, b"\x01\x00\x00\x00" + b"\x11\x22\x33\x44" + b"k" * 140, b"\x02\x00\x00\x00" + b"\x55\x66\x77\x88\x11\x22\x33\x44" + b"r" * 80,
        b"\x04\x00\x00\x00\x55\x66\x77\x88" + bytes(8) + b"d" * 32, client=HMI, server=VPN)
    udp(cap, 500, bytes(range(8)) + bytes(8) + b"\x21\x20\x22\x08" + bytes(4) + struct.pack(">I", 68) + b"p" * 40,
        bytes(range(8)) + bytes(range(8, 16)) + b"\x21\x20\x22\x20" + bytes(4) + struct.pack(">I", 68) + b"p" * 40, sport=500,
        client=HMI, server=VPN)
    tcp(cap, 1080, b"\x05\x01\x00", b"\x05\x00", b"\x05\x01\x00\x01\xcb\x00\x71\x50\x01\xf6", b"\x05\x00\x00\x01" + bytes(6))
    tcp(cap, 3333, b'{"id": 1, "method": "mining.subscribe", "params": ["cpuminer/2.5.1"]}\n',
        b'{"id":1,"result":[[["mining.notify","ae68"]],"08000002",4],"error":null}\n',
        b'{"id": 2, "method": "mining.authorize", "params": ["w", "x"]}\n', client=HMI, server=POOL)
    tcp(cap, 6667, b"NICK plc7\r\nUSER plc7 0 * :plc7\r\n", b":irc.example.org 001 plc7 :Welcome\r\n", b"JOIN #x\r\n",
        b":irc.example.org 353 plc7 = #x :plc7\r\n", b"PRIVMSG #x :up\r\n", client=HMI, server=OUTSIDE)


def outside(cap):
    """A public address reads and commands three controllers."""
    s = Session(cap, OUTSIDE, PLC, 502)
    s.ask(1, pdu(3, 0, 2), pdu(3, tail=b"\x04\x00\x11\x00\x22"))
    s.ask(2, pdu(6, 40, 900), pdu(6, 40, 900))
    s.close()
    cap.wait(1)
    crob = bytes.fromhex("0c0128010000000301640000006400000000")
    tcp(cap, 20000, frame(0xc4, 10, 1, b"\xc0\xc0\x01\x3c\x01\x06"), frame(0x44, 1, 10, b"\xc0\xc0\x81\x00\x00"),
        frame(0xc4, 10, 1, b"\xc1\xc1\x05" + crob), frame(0x44, 1, 10, b"\xc1\xc1\x81\x00\x00" + crob),
        client=OUTSIDE, server=OUTSTATION)
    tcp(cap, 102, bytes.fromhex("0300001611e00000000100c0010ac1020100c2020102"), bytes.fromhex("0300001611d00001000200c0010ac1020100c2020102"),
        s7("32010000000100080000 f0000001000101e0"), s7("320300000001000800000000 f0000001000100f0"),
        s7("320100000002000e0000 0401120a10020001000184000000"), s7("320300000002000200050000 0401ff04000811"),
        s7("320100000003000e0005 0501120a10020001000184000000 0004000864"), s7("320300000003000200010000 0501ff"),
        client=OUTSIDE, server=S7_PLC)


def s7(message):
    """TPKT and COTP data around an S7 message."""
    message = bytes.fromhex(message)
    return struct.pack(">BBHBBB", 3, 0, 7 + len(message), 2, 0xf0, 0x80) + message


def services(cap):
    tcp(cap, 5432, bytes.fromhex("0000000804d2162f"), b"S", bytes.fromhex("000000080003000000"))
    greeting = b"\x0a8.0.36\x00\x0b\x00\x00\x00abcdefgh\x00\xff\xf7\x21\x02\x00\xff\x81\x15" + bytes(10) + b"ijklmnopqrst\x00mysql_native_password\x00"
    tcp(cap, 3306, None, struct.pack("<I", len(greeting)) + greeting, struct.pack("<I", 1 << 24 | 36) + bytes(36), server=HISTORIAN)
    prelogin = bytes.fromhex("00001a0006010020000102002100010300220004040026000 1ff".replace(" ", "")) + bytes.fromhex("0f0007d0000000000000000000")
    tcp(cap, 1433, b"\x12\x01" + struct.pack(">H", 8 + len(prelogin)) + b"\x00\x00\x01\x00" + prelogin,
        b"\x04\x01" + struct.pack(">H", 8 + len(prelogin)) + b"\x00\x00\x01\x00" + prelogin, server=HISTORIAN)
    udp(cap, 5060, b"OPTIONS sip:100@10.20.0.10 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.9.30:5060\r\nFrom: <sip:1@10.20.9.30>\r\n"
        b"To: <sip:100@10.20.0.10>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.20.9.30:5060\r\nFrom: <sip:1@10.20.9.30>\r\nTo: <sip:100@10.20.0.10>\r\n"
        b"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", sport=5060)


def modbus_trouble(cap):
    """A search for points, a gateway that lost its line, a busy device, a slow one, and writes without end."""
    s = Session(cap)
    for tid in range(12):
        s.ask(tid, pdu(3, 1000 + 8 * tid, 8), b"\x83\x02")
        cap.wait(0.2)
    for tid in range(6):
        s.ask(100 + tid, pdu(3, 0, 2), b"\x83\x0b", unit=7)
        cap.wait(2)
    for tid in range(12):
        s.ask(200 + tid, pdu(6, 40, tid), b"\x86\x06")
        cap.wait(0.5)
    for tid in range(6):
        s.c(adu(300 + tid, pdu(3, 0, 2)))
        cap.wait(1.4)
        s.s(adu(300 + tid, pdu(3, tail=b"\x04\x00\x11\x00\x22")))
        cap.wait(3)
    for tid in range(240):
        s.ask(400 + tid, pdu(5, 3, 0xff00 if tid % 2 else 0), pdu(5, 3, 0xff00 if tid % 2 else 0))
        cap.wait(0.01)
    s.close()


def dnp3_trouble(cap):
    """A search for objects, one for functions, a storm of unsolicited reports, local control."""
    turns = []
    for seq in range(6):
        c = bytes([0xc0 | seq])
        turns += [frame(0xc4, 10, 1, c + c + b"\x01" + bytes([100 + seq, 0, 6])), frame(0x44, 1, 10, c + c + b"\x81\x00\x02")]
    for seq in range(6, 12):
        c = bytes([0xc0 | seq])
        turns += [frame(0xc4, 10, 1, c + c + bytes([17 + seq % 2])), frame(0x44, 1, 10, c + c + b"\x81\x00\x01")]
    tcp(cap, 20000, *turns, frame(0xc4, 10, 1, b"\xcc\xcc\x01\x3c\x02\x06"), frame(0x44, 1, 10, b"\xcc\xcc\x81\x20\x00"), server=OUTSTATION)
    storm = []
    for seq in range(36):
        storm += [None, frame(0x44, 1, 10, bytes([0xc0 | seq % 16, 0xd0 | seq % 16]) + b"\x82\x00\x00\x02\x01\x28\x01\x00\x05\x00\x81"),
                  frame(0xc4, 10, 1, bytes([0xc0 | seq % 16, 0xd0 | seq % 16]) + b"\x00"), None]
    tcp(cap, 20000, *storm, server=OUTSTATION)


def s7_trouble(cap):
    """A search for data blocks: one after the other does not exist."""
    turns = [bytes.fromhex("0300001611e00000000100c0010ac1020100c2020102"), bytes.fromhex("0300001611d00001000200c0010ac1020100c2020102"),
             s7("32010000000100080000 f0000001000101e0"), s7("320300000001000800000000 f0000001000100f0")]
    for n in range(2, 15):
        turns += [s7(f"32010000{n:04x}000e0000 0401120a10020001{n:04x}84000000"), s7(f"32030000{n:04x}000200040000 04010a000000")]
    tcp(cap, 102, *turns, server=S7_PLC)
    # A peripheral output is written, past the process image; the request of a public scanner; S7 on another port.
    write = s7("32010000000f000e0005 0501120a10020001000080000010 0004000807")
    done = s7("32030000000f000200010000 0501ff")
    who = s7("32070000000000080008 0001120411440100 ff09000400110001")
    tcp(cap, 102, *turns[:4], write, done, who, server=S7_PLC)
    tcp(cap, 4102, *turns[:4], s7("320100000002000e0000 0401120a10020001000184000000"), s7("320300000002000200050000 0401ff04000811"),
        server=S7_PLC)


def enip(command, data=b"", session=0, status=0):
    return struct.pack("<HHII8sI", command, len(data), session, status, b"thermow1", 0) + data


def cip(service, data=b""):
    return struct.pack("<IHH", 0, 5, 2) + struct.pack("<HH", 0, 0) + struct.pack("<HH", 0xb2, 1 + len(data)) + bytes([service]) + data


def bvlc(function, npdu):
    return struct.pack(">BBH", 0x81, function, 4 + len(npdu)) + npdu


def names(cap):
    """Protocols that are recognised by their bytes, on their own ports and on others; and what has the ports and is something else."""
    register = struct.pack("<HH", 1, 0)
    stop = cip(0x07, bytes.fromhex("022064240130"))
    for port in (44818, 40818):
        tcp(cap, port, enip(0x65, register), enip(0x65, register, 0x11223344), enip(0x6f, stop, 0x11223344),
            enip(0x6f, cip(0x87, b"\0\0\0"), 0x11223344), server=PLC)
    udp(cap, 44818, enip(0x63), enip(0x63, struct.pack("<HHH", 1, 0x0c, 40) + bytes(40)), server=PLC)
    io = struct.pack("<HHHIIHH", 2, 0x8002, 8, 0x1234, 1, 0xb1, 6) + bytes(6)
    udp(cap, 2222, io, io, server=PLC, sport=2222)
    who = bvlc(0x0b, bytes.fromhex("0120ffff00ff1008"))
    read = bvlc(0x0a, bytes.fromhex("010400050 10c0c00000001194c".replace(" ", "")))
    for port in (47808, 40808):
        udp(cap, port, who, read, read, server=PLC)
    # Neither: wrong lengths, other versions.
    tcp(cap, 44818, enip(0x65, register)[:-1] + b"\1", b"ERROR\r\n", server=PLC)
    udp(cap, 47808, b"\x81\x0a\x00\x40\x01\x04", server=PLC)
    tcp(cap, 80, b"GET /manager/html HTTP/1.1\r\nHost: plc\r\n\r\n", b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", server=PLC)


ALL = {"names": names, "remote": remote, "transfer": transfer, "tunnels": tunnels, "services": services, "outside": outside,
       "modbus-trouble": modbus_trouble, "dnp3-trouble": dnp3_trouble, "s7-trouble": s7_trouble}

if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    for name in sys.argv[1:] or ALL:
        cap = Capture()
        ALL[name](cap)
        wrpcap(os.path.join(OUT, name + ".pcap"), cap.frames)
