#!/usr/bin/env python3
"""Makes the captures that tests/plant/ailing.py makes days of: polls of real stacks, some of which fail.

    sudo PYTHON health_stacks.py [NAME...]     makes all, or those named, in ../health/

As modbus_stacks.py, whose servers these are: pymodbus at both ends, two network namespaces, dumpcap.
poll: Modbus/TCP through a gateway; two of the units are refused with 0A and 0B, as it does when their line is dead.
line: RTU over TCP; between client and gateway stands a line (`damage`), which turns a bit of some answers, and keeps others.
"""
import asyncio
import contextlib
import os
import sys

import modbus_stacks as stacks

stacks.OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "health")
BEHIND = 4101	# where the server is that the line leads to


def client_poll():
    c = stacks.connect(stacks.GATEWAY)
    for i in range(8):
        for unit in (7, 7, 7, stacks.REFUSER + 10, stacks.REFUSER + 11):
            c.read_holding_registers(i, count=20, device_id=unit)
        c.read_input_registers(10 * i, count=4, device_id=7)
    c.close()


def client_line():
    from pymodbus.exceptions import ModbusException

    c = stacks.connect(stacks.GATEWAY, port=4001, framer="rtu")
    for i in range(40):
        with contextlib.suppress(ModbusException):
            c.read_holding_registers(i % 8, count=20, device_id=7)
        if not c.connected:
            c.connect()
    c.close()


async def damage():
    """Of every five answers one has a bit turned; the tenth of them is kept."""
    async def session(reader, writer):
        far_reader, far_writer = await asyncio.open_connection(stacks.GATEWAY, BEHIND)

        async def there():
            while data := await reader.read(4096):
                far_writer.write(data)

        async def back():
            n = 0
            while data := await far_reader.read(4096):
                n += 1
                if n % 10 == 0:
                    continue
                writer.write(data if n % 5 else data[:6] + bytes([data[6] ^ 0x10]) + data[7:])
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(there(), back())
    async with await asyncio.start_server(session, stacks.GATEWAY, 4001) as s:
        await s.serve_forever()


def inside(*words):
    return [sys.executable, os.path.abspath(__file__), *words]


SCENARIOS = {
    "poll": lambda: [stacks.server(host=stacks.GATEWAY, identity="gateway", units=[7, stacks.REFUSER + 10, stacks.REFUSER + 11])],
    "line": lambda: [stacks.server(host=stacks.GATEWAY, port=BEHIND, framer="rtu", identity="gateway", units=[7]),
                     stacks.started(stacks.FIELD, *inside("damage"), ready=1.0)],
}


def main():
    words = sys.argv[1:]
    if words[:1] == ["damage"]:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(damage())
    elif words[:1] == ["client"]:
        {"poll": client_poll, "line": client_line}[words[1]]()
    else:
        with stacks.plant():
            for name in words or SCENARIOS:
                stacks.record(name, inside("client", name), SCENARIOS[name]())


if __name__ == "__main__":
    main()
