#!/usr/bin/env python3
"""Makes a capture of a level that sticks, read from a real stack: hours of the water works, faster than they pass.

    sudo PYTHON health_values.py     makes ../health/values.pcap

As modbus_stacks.py: pymodbus at both ends, two network namespaces, dumpcap.  At each poll the server's works (water_days.py) go on by POLL_S
seconds; the float of the tank hangs in hour STICKS_H.  Afterwards each packet is put where it would have been, had they taken that long.
"""
import asyncio
import contextlib
import os
import struct
import sys

import modbus_stacks as stacks
import water_days
from health_days import BEGIN, HOUR
from plant import tags

stacks.OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "health")
POLL_S, HOURS, STICKS_H, WORDS = 30, 13, 12, 9


def serve():
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    works, now = water_days.Works(11, water_days.sticks(STICKS_H * HOUR)), [0]

    async def goes_on(function_code, start, address, count, registers, values):
        if function_code == 4 and values is None:
            now[0] += POLL_S
            raw = water_days.registers(tags.INTAKE, works.until(now[0]), "input")
            for i in range(WORDS):
                registers[i - start] = raw.get(i, 0)

    async def forever():
        words = [SimData(0, values=[0] * WORDS, datatype=DataType.REGISTERS)]
        bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        await ModbusTcpServer([SimDevice(1, simdata=(bits, bits, words, words), action=goes_on)], address=(stacks.PLC1, 502)).serve_forever()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forever())


def client():
    c = stacks.connect(stacks.PLC1)
    for _ in range(HOURS * HOUR // POLL_S):
        c.read_input_registers(0, count=WORDS, device_id=1)
    c.close()


def retimed(path):
    """The n-th poll, and all that belongs to it, to BEGIN + n * POLL_S."""
    with open(path, "rb") as f:
        data = f.read()
    at, n, base, out = 24, 0, None, [data[:24]]
    while at < len(data):
        sec, us, size, wire = struct.unpack_from("<IIII", data, at)
        frame, at = data[at + 16:at + 16 + size], at + 16 + size
        if frame[12:14] != b"\x08\0":
            continue
        t = sec + us / 1e6
        tcp = 14 + (frame[14] & 15) * 4
        asks = struct.unpack_from(">H", frame, tcp + 2)[0] == 502 and len(frame) > tcp + (frame[tcp + 12] >> 4) * 4
        if base is None or asks:
            n, base = n + (base is not None), t
        new = BEGIN + n * POLL_S + t - base
        out.append(struct.pack("<IIII", int(new), int(new % 1 * 1e6), size, wire) + frame)
    with open(path, "wb") as f:
        f.write(b"".join(out))


def main():
    me = [sys.executable, os.path.abspath(__file__)]
    if sys.argv[1:] == ["serve"]:
        serve()
    elif sys.argv[1:] == ["client"]:
        client()
    else:
        with stacks.plant():
            stacks.record("values", [*me, "client"], [stacks.started(stacks.FIELD, *me, "serve", ready=2.0)])
        retimed(os.path.join(stacks.OUT, "values.pcap"))


if __name__ == "__main__":
    main()
