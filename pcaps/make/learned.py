#!/usr/bin/env python3
"""Makes a plant of six stations that does the same for ten minutes, and then, with ten seconds between, what none of them ever did.

    learned.py            writes ../alerts/never-done.pcap, always the same bytes

For the deviations that pcaps/plant has no step for.  Needs nothing but Python.
"""
import os
import struct

import alerts
import dnp3_craft as dnp3

HMI, ENGINEERING = "10.20.2.10", "10.20.2.50"
PUMPS, DOSING, VALVES, RTU = "10.20.1.11", "10.20.1.12", "10.20.1.31", "10.20.1.41"
ORDINARY_S = 600


class Plant:
    def __init__(self, c):
        self.c, self.app = c, 0
        self.pumps = alerts.Session(c, HMI, PUMPS, 50001)
        self.dosing = alerts.Session(c, HMI, DOSING, 50002)
        self.tool = alerts.Session(c, ENGINEERING, PUMPS, 50003)
        self.valves = alerts.s7_session(c, HMI, VALVES, 50004)
        self.rtu = alerts.Session(c, HMI, RTU, 50005, 20000)
        self.ref = 10

    def s7(self, kind, parameters, data, answer_parameters, answer_data):
        self.ref += 1
        head = struct.pack(">BBHHHH", 0x32, kind, 0, self.ref, len(parameters), len(data))
        self.valves.send(0, alerts.tpkt(b"\x02\xf0\x80" + head + parameters + data))
        kind, error = (3, b"\0\0") if kind == 1 else (7, b"")
        head = struct.pack(">BBHHHH", 0x32, kind, 0, self.ref, len(answer_parameters), len(answer_data)) + error
        self.valves.send(1, alerts.tpkt(b"\x02\xf0\x80" + head + answer_parameters + answer_data))

    def block(self, number):
        self.s7(1, b"\x04\x01\x12\x0a\x10\x02" + struct.pack(">HH", 4, number) + b"\x84\0\0\0", b"", b"\x04\x01", b"\xff\x04\0\x20\0\0\0\x07")

    def userdata(self, group, sub, request, answer):
        self.s7(7, bytes([0, 1, 0x12, 4, 0x11, 0x40 | group, sub, 0]), request,
                bytes([0, 1, 0x12, 8, 0x12, 0x80 | group, sub, 1, 0, 0, 0, 0]), answer)

    def station(self, request, indications):
        control = bytes([0xc0 | self.app & 15])
        self.app += 1
        self.rtu.send(0, dnp3.frame(0xc4, 10, 1, b"\xc0" + control + request))
        self.rtu.send(1, dnp3.frame(0x44, 1, 10, b"\xc0" + control + b"\x81" + indications))

    def polls(self, dosing=True):
        self.pumps.poll()
        if dosing:
            self.dosing.poll()
        self.block(1)

    def rarely(self):
        self.tool.ask(b"\x5a\0\x02", b"\x5a\0\xfe" + bytes(20))	# UMAS: read id
        self.userdata(4, 1, bytes.fromhex("ff09000401310000"), bytes.fromhex("0a000000"))	# SZL
        self.station(b"\x01\x3c\x02\x06", b"\0\0")
        self.dosing.ask(b"\x06\0\x05\0\x14", b"\x06\0\x05\0\x14")	# sets the dose


def never_done(c):
    p = Plant(c)
    for n in range(ORDINARY_S // 2):
        p.polls()
        if n % 10 == 0:
            p.rarely()
        c.now = (n + 1) * 2.0

    def then(what):
        what()
        for _ in range(5):
            p.polls()
            c.now += 1.9

    then(lambda: p.block(7))									# another data block
    then(lambda: p.userdata(7, 1, bytes.fromhex("0a000000"), bytes.fromhex("ff09000a00192601050910000300")))	# reads the clock
    then(lambda: p.tool.ask(b"\x5a\0\x03\0", b"\x5a\0\xfe" + bytes(8)))			# UMAS: project information
    then(lambda: p.station(b"\x01\x3c\x02\x06", b"\x20\0"))					# local operation (IIN1.5)
    then(lambda: p.pumps.ask(b"\x03\x01\xf4\0\2", b"\x03\4\0\1\0\2"))			# other registers
    then(lambda: p.pumps.ask(b"\x06\0\x05\0\x14", b"\x06\0\x05\0\x14"))			# sets what it sets at the dosing only
    then(lambda: p.pumps.ask(b"\x17\0\0\0\1\0\0\0\1\2\0\1", b"\x97\1"))			# another function, refused
    then(lambda: alerts.Session(c, ENGINEERING, HMI, 50010).poll())				# the HMI answers as a controller
    then(lambda: alerts.udp(c, HMI, "10.20.2.255", 1740, 1740, b"who is there"))			# calls all
    for n in range(1200):									# far more than ever in ten seconds
        p.pumps.poll(after=0.015)
    for _ in range(90):										# and one that is polled no more
        p.polls(dosing=False)
        p.dosing.send(0, b"", 0x10)
        c.now += 1.9


def main():
    c = alerts.Capture()
    never_done(c)
    c.write("never-done")


if __name__ == "__main__":
    main()
