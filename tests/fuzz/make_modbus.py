#!/usr/bin/env python3
"""Make the seed corpus of fuzz_modbus from the examples of the unit tests:

    make_modbus.py ../unit/modbus_examples.h corpus/modbus
"""
import re
import struct
import sys


def to_bytes(text):
    out = b""
    for part in re.findall(r"'([^']*)'|([0-9A-Fa-f]{2})", text):
        out += part[0].encode() if not part[1] else bytes([int(part[1], 16)])
    return out


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def piece(data, server):
    head = 0x80 if server else 0
    if len(data) < 127:
        return bytes([head | len(data)]) + data
    return bytes([head | 127, len(data) - 127]) + data


def mbap(tid, pdu):
    return struct.pack(">HHHB", tid, 0, len(pdu) + 1, 1) + pdu


def rtu(tid, pdu):
    return b"\x11" + pdu + crc16(b"\x11" + pdu)


def ascii_(tid, pdu):
    data = b"\x11" + pdu
    return b":" + (data + bytes([-sum(data) & 0xFF])).hex().upper().encode() + b"\r\n"


def main(source, folder):
    text = open(source, encoding="utf-8").read()
    pairs = re.findall(r'\{ (\d+), (?:\d+|UINT32_MAX), "([^"]*)",\s*"([^"]*)"', text)
    pairs += [("90", "5A 01 41 00", "5A 01 FD 44"), ("3", "03 0000 0001", "83 02"),
              ("65", "41 01", "C1 01"), ("85", "55 01", "D5 01")]
    for name, frame, flags in (("mbap", mbap, 0), ("rtu", rtu, 1), ("ascii", ascii_, 1)):
        by_code = {}
        for code, request, answer in pairs:
            tid = len(by_code) + 1
            by_code.setdefault(int(code), b"")
            by_code[int(code)] += piece(frame(tid, to_bytes(request)), False)
            by_code[int(code)] += piece(frame(tid, to_bytes(answer)), True)
        wanted = sorted(by_code) if name == "mbap" else [3, 8, 15, 20, 43]
        for code in wanted:
            with open(f"{folder}/{name}-{code:03}", "wb") as f:
                f.write(bytes([flags]) + by_code[code])
    with open(f"{folder}/udp", "wb") as f:
        f.write(bytes([2]) + piece(mbap(1, to_bytes("03 0000 0001")), False) +
                piece(mbap(1, to_bytes("03 02 0007")), True))


if __name__ == "__main__":
    main(*sys.argv[1:])
