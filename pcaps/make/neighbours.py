#!/usr/bin/env python3
"""Makes a plant in which switches, a PROFINET device and a controller announce themselves for ten minutes; then one of them gets
another name, one comes to another port, one has another firmware, and a switch and an access point appear that were never there.

    neighbours.py         writes ../alerts/neighbours.pcap, always the same bytes

Needs nothing but Python.
"""
import struct

import alerts
import dnp3_craft as dnp3
import names

PLC, HMI, SWITCH, DRIVE, STRANGE, POINT = ("10.20.1.11", "10.20.2.10", "10.20.1.2", "10.20.1.70", "10.20.1.99", "10.20.1.98")
TEXT = "Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2, HW: Version 3, FW: Version V04.0%d.00, SVPLN128756"
EVERY_S = 30


def lldp(c, source, name, port, text, address=None):
    tlvs = [(1, b"\x04" + alerts.mac(source)), (2, b"\x07" + port), (3, b"\0\x78"), (5, name), (6, text), (7, b"\0\4\0\4")]
    if address:
        tlvs.append((8, b"\x05\x01" + dnp3.addr(address) + b"\x02\0\0\0\x01\0"))
    names.ethernet(c, bytes.fromhex("0180c200000e"), source, b"\x88\xcc", names.lldp(*tlvs), 0.01)


def cdp(c, source, name):
    body = b"\x02\xb4\0\0" + b"".join(struct.pack(">HH", t, 4 + len(v)) + v for t, v in (
        (1, name), (3, b"FastEthernet9"), (4, b"\0\0\0\x28"), (6, b"cisco WS-CE500-24TT")))
    body = b"\xaa\xaa\x03\x00\x00\x0c\x20\x00" + body
    names.ethernet(c, bytes.fromhex("01000ccccccc"), source, struct.pack(">H", len(body)), body, 0.01)


def dcp(c, source, name):
    block = lambda option, sub, data: struct.pack(">BBH", option, sub, len(data)) + data + b"\0" * (len(data) % 2)	# noqa: E731
    blocks = block(2, 2, b"\0\0" + name) + block(2, 1, b"\0\0SINAMICS-S120") + block(2, 3, b"\0\0\0\x2a\x05\x01") + block(2, 4, b"\0\0\x01\0")
    names.ethernet(c, alerts.mac(PLC), source, b"\x88\x92", b"\xfe\xff\x05\x01" + struct.pack(">IHH", 1, 0, len(blocks)) + blocks, 0.01)


def announce(c, poll, switch=b"sw-hall-1", port=b"port-003", firmware=1, drive=b"drive-7", other=b"sw-hall-2"):
    poll.poll()
    lldp(c, SWITCH, switch, port, (TEXT % firmware).encode(), SWITCH)
    cdp(c, "10.20.1.3", other)		# has no address that anybody sees
    dcp(c, DRIVE, drive)
    c.now = (c.now // EVERY_S + 1) * EVERY_S


def main():
    c = alerts.Capture()
    poll = alerts.Session(c, HMI, PLC, 50000)
    for _ in range(21):
        announce(c, poll)
    announce(c, poll, port=b"port-004")
    announce(c, poll, firmware=2)
    announce(c, poll, drive=b"drive-8")
    announce(c, poll, other=b"sw-hall-x")
    for _ in range(2):
        announce(c, poll)
        lldp(c, STRANGE, b"sw-new", b"port-001", b"unmanaged", STRANGE)
        cdp(c, POINT, b"ap-new")
    c.write("neighbours")


if __name__ == "__main__":
    main()
