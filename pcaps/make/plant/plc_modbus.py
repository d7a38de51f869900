"""A Modbus controller: pymodbus's server over the wires, and the control program that runs beside it."""
import asyncio
import random

from hosts import HOSTS
from scenario import FAIL
from tags import MODBUS

ABOUT = {
    "plc-intake": {0: "Schneider Electric", 1: "BMX P34 2020", 2: "v2.90", 4: "Modicon M340", 6: "Intake"},
    "plc-dosing": {0: "WAGO Kontakttechnik", 1: "750-8212", 2: "v03.10.10", 4: "PFC200", 6: "Dosing"},
}
SIZE = {"coil": 16, "discrete": 16, "input": 32, "holding": 32}
SPACES = {1: "coil", 5: "coil", 15: "coil", 2: "discrete", 4: "input", 3: "holding", 6: "holding", 16: "holding", 22: "holding",
          23: "holding"}


def raw(w, tag):
    if tag.space in ("coil", "discrete"):
        return int(w[tag.wire] > 0.5)
    return max(0, min(0xffff, int(round(w[tag.wire] * tag.scale)))) if tag.wire != "HEART" else int(w[tag.wire]) & 0xffff


def actions(run, tags, tired):
    """What the server calls at each access: inputs come from the wires, what is written goes to them."""
    w = run.wires
    where = {(t.space, t.address): t for t in tags}

    async def access(function, start, address, count, registers, values):
        refused = await tired()
        if refused:
            return refused
        space = SPACES.get(function)
        bits = space in ("coil", "discrete")
        if values is not None:
            for i, v in enumerate(values):
                tag = where.get((space, address + i))
                if tag:
                    w[tag.wire] = v / tag.scale
        for tag in tags:
            if tag.space != space:
                continue
            if bits:
                mask = 1 << tag.address % 16
                registers[tag.address // 16] = registers[tag.address // 16] & ~mask | (mask if raw(w, tag) else 0)
            else:
                registers[tag.address - start] = raw(w, tag)
        return None
    return access


def intake(w, state):
    """Pump 2 helps when the clear-water tank falls, pump 1 always runs while the valve is open."""
    if w["AUTO_intake"]:
        if w["LT201"] < w["LT201_start"]:
            w["P102_cmd"] = 1
        if w["LT201"] > w["LT201_stop"]:
            w["P102_cmd"] = 0
    return state


def dosing(w, state):
    """PI on the residual, with the flow fed forward."""
    error = w["AT201_set"] - w["AT201"]
    if w["DOSE_auto"] and w["FT101"] > 5:
        state = max(-30, min(60, state + error * 0.25 * 0.1))
        base = (w["AT201_set"] + 0.35) * w["FT101"] / 100 / 0.02
        w["DOSE_cmd"] = max(0, min(w["DOSE_max"], base + 12 * error + state))
    return state


def main(run, name):
    from pymodbus.constants import ExcCodes
    from pymodbus.pdu.device import ModbusDeviceIdentification
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    dice = random.Random(run.rng.random())

    async def tired():
        """A device that begins to fail: slower, then refusing; the scenario takes its cable away at last."""
        await asyncio.sleep(abs(dice.gauss(0.004, 0.002)))	# a controller answers between two cycles of its program
        if not run.attack or name != FAIL["who"]:
            return None
        t = run.now()
        if t >= FAIL["refusing"]:
            await asyncio.sleep(dice.uniform(0.3, 0.9))
            return dice.choice([ExcCodes.DEVICE_FAILURE, ExcCodes.DEVICE_FAILURE, ExcCodes.DEVICE_BUSY])
        if t >= FAIL["slow"]:
            await asyncio.sleep(1.5 * (t - FAIL["slow"]) / (FAIL["refusing"] - FAIL["slow"]) * dice.uniform(0.6, 1.0))
        return None

    def device(unit, tags):
        def bits(space):
            return [SimData(0, values=[False] * SIZE[space], datatype=DataType.BITS)]

        def registers(space):
            return [SimData(0, values=[0] * SIZE[space], datatype=DataType.REGISTERS)]
        return SimDevice(unit, simdata=(bits("coil"), bits("discrete"), registers("holding"), registers("input")),
                         action=actions(run, tags, tired))

    async def program():
        state = 0.0
        while not run.ended():
            state = (intake if name == "plc-intake" else dosing)(run.wires, state)
            await asyncio.sleep(0.1)

    async def serve():
        server = ModbusTcpServer([device(u, tags) for u, tags in MODBUS[name].items()], address=(HOSTS[name].ip, 502),
                                 identity=ModbusDeviceIdentification(info=ABOUT[name]))
        await server.serve_forever(background=True)
        await program()
        await server.shutdown()

    asyncio.run(serve())
