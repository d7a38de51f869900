"""What is hidden: for each protocol a session whose last message is a command, in bytes.

A message is (client sends, bytes).  Written by hand after the specifications, apart from the program's own code.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dnp3  # noqa: E402


class Plant:
    """One protocol: its port, what comes before the command, the command, its answer, the name in our record."""

    def __init__(self, name, port, before, command, answer, operation):
        self.name, self.port, self.before = name, port, before
        self.command, self.answer, self.operation = command, answer, operation

    def session(self, answered=True):
        return self.before + [(True, self.command)] + ([(False, self.answer)] if answered else [])


def mbap(tid, pdu, length=None, unit=1, protocol=0):
    return struct.pack(">HHHB", tid, protocol, len(pdu) + 1 if length is None else length, unit) + pdu


def link(control, dst, src, user=b"", length=None):
    head = struct.pack("<BBBBHH", 5, 0x64, len(user) + 5 if length is None else length, control, dst, src)
    out = head + struct.pack("<H", dnp3.crc(head))
    for i in range(0, len(user), 16):
        out += user[i:i + 16] + struct.pack("<H", dnp3.crc(user[i:i + 16]))
    return out


def tpkt(cotp, length=None):
    return struct.pack(">BBH", 3, 0, len(cotp) + 4 if length is None else length) + cotp


def s7(rosctr, ref, parameter, data=b"", error=b""):
    head = struct.pack(">BBHHHH", 0x32, rosctr, 0, ref, len(parameter), len(data)) + error
    return tpkt(b"\x02\xf0\x80" + head + parameter + data)


def cotp_connect(kind, dst, src):
    options = bytes.fromhex("c0010ac1020100c2020102")
    body = struct.pack(">BHHB", kind, dst, src, 0) + options
    return tpkt(bytes([len(body)]) + body)


READ = bytes([3]) + struct.pack(">HH", 100, 2)
WRITE = bytes([6]) + struct.pack(">HH", 5, 1234)
SETUP = struct.pack(">BBHHH", 0xf0, 0, 1, 1, 480)
STOP = b"\x29\0\0\0\0\0\x09P_PROGRAM"

MODBUS = Plant("modbus", 502, [
    (True, mbap(1, READ)),
    (False, mbap(1, bytes([3, 4, 0, 7, 0, 8]))),
], mbap(2, WRITE), mbap(2, WRITE), "Write Single Register")

DNP3 = Plant("dnp3", 20000, [
    (True, link(0xc4, 10, 1, b"\xc0\xc0\x01\x3c\x01\x06")),
    (False, link(0x44, 1, 10, b"\xc0\xc0\x81\0\0")),
], link(0xc4, 10, 1, b"\xc1\xc1\x0d"), link(0x44, 1, 10, b"\xc1\xc1\x81\0\0\x34\x02\x07\x01\x88\x13"), "Cold Restart")

S7 = Plant("s7comm", 102, [
    (True, cotp_connect(0xe0, 0, 1)),
    (False, cotp_connect(0xd0, 1, 2)),
    (True, s7(1, 1, SETUP)),
    (False, s7(3, 1, SETUP, error=b"\0\0")),
], s7(1, 2, STOP), s7(3, 2, b"\x29", error=b"\0\0"), "PLC Stop")



def apdu(send, receive, asdu):
    body = struct.pack("<HH", send << 1, receive << 1) + asdu
    return bytes([0x68, len(body)]) + body


def control(octet):
    return bytes([0x68, 4, octet, 0, 0, 0])


IEC104 = Plant("iec104", 2404, [
    (True, control(0x07)),
    (False, control(0x0b)),
    (True, apdu(0, 0, bytes.fromhex("6401060001000000 0014"))),
    (False, apdu(0, 1, bytes.fromhex("6401070001000000 0014"))),
], apdu(1, 1, bytes.fromhex("6901060001000000 0001")), apdu(1, 2, bytes.fromhex("6901070001000000 0001")), "Reset Process Command")

PLANTS = [MODBUS, DNP3, S7, IEC104]
