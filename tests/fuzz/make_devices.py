#!/usr/bin/env python3
"""Makes corpus/devices, one input for each way through fuzz_devices.c; always the same bytes."""
import os
import struct

TO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "devices")


def dhcp(op, kind, options=b"", hardware=1):
    head = struct.pack(">BBBB", op, hardware, 6, 0) + bytes(24) + b"\2\0\0\0\0\7" + bytes(202) + b"\x63\x82\x53\x63"
    return head + options + b"\x35\1" + bytes([kind]) + b"\xff"


def messages(*of):
    return b"\0" + b"".join(struct.pack(">HB", len(m), flags) + m for flags, m in of)


def ntp(mode, seconds, stratum=2, leap=0, code=b"GPS\0"):
    return struct.pack(">BBbbII4s24sII", leap << 6 | 4 << 3 | mode, stratum, 6, -20, 0, 0, code, bytes(24), seconds & 0xffffffff, 0)


def times(*of):
    return b"\4" + messages(*of)[1:]


def announced(*of):
    return b"\3" + b"".join(bytes([who, key, len(value)]) + value for who, key, value in of)


ZONES = b"control|10.1.0.0/16, fd00::/8\noffice|10.2.0.0/16\n"
INPUTS = {
    "dhcp-in-vain": messages(*[(16, dhcp(1, 1))] * 12),
    "dhcp-answered": messages((16, dhcp(1, 1)), (17, dhcp(2, 2)), (16, dhcp(1, 3)), (17, dhcp(2, 5))),
    "dhcp-options": messages((0, dhcp(1, 1, b"\0\0\x0c\4host\x3d\7\1\0\1\2\3\4\5")), (0, dhcp(1, 1, b"\x0c\xff")), (0, dhcp(1, 8)), (0, dhcp(1, 1, hardware=6))),
    "dhcp-short": messages((0, dhcp(1, 1)[:200]), (0, dhcp(1, 1)[:240]), (0, b"")),
    "ntp-lost": times((64, ntp(3, 1)), (1, ntp(4, 2)), *[(64, ntp(3, 9))] * 10),
    "ntp-none": times((64, ntp(3, 1)), *[(1, ntp(4, 2, stratum=16))] * 4, *[(1, ntp(4, 2, stratum=0, code=b"RATE"))] * 4, (1, ntp(4, 2, leap=3))),
    "ntp-away": times(*[(1, ntp(m, 2208988801 + i * 900)) for i in range(10) for m in (3, 4)], *[(1, ntp(3 + i % 2, 2208988800 + i)) for i in range(30)]),
    "ntp-short": times((0, ntp(3, 1)[:47]), (1, ntp(4, 1)[:1]), (0, b""), (0, b"\xff" * 48)),
    "conduits": b"\1" + ZONES + b">office|control|modbus, tls, tcp/443|read, identify\n>any|outside|dns, udp/123\n>control\n",
    "conduits-wrong": b"\1" + ZONES + b"office|10.2.0.0/33\n>nobody|control|modbuss|raed\n>|||\n",
    "conduits-alone": b"\1>a|b\n",
    "list": b"\2address,unit,protocol,vendor,role\n10.0.0.1,,,Siemens,controller\n10.0.0.2,3,modbus,\"a \"\"b\"\", c\",\n",
    "list-semicolons": b"\2\xef\xbb\xbfmac;name\r\n00:1b:1b:23:eb:3b;Pump\r\n",
    "list-wrong": b"\2address,colour\n10.0.0.300,red\n10.0.0.1,x,y,z\n\"open\n",
    "announcements": announced(*[(1, 14, b"sw-1")] * 12, (1, 14, b"sw-2"), (2, 14, b"new"), (1, 19, b"x" * 80)),
    "announcements-hostile": announced((1, 14, b"\xff\0\x1b[2J"), (1, 28, b"%s|%n"), (3, 0, b"")),
}


def main():
    os.makedirs(TO, exist_ok=True)
    for name, data in INPUTS.items():
        with open(os.path.join(TO, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
