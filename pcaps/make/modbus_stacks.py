#!/usr/bin/env python3
"""Makes the Modbus captures that real stacks can make.

Two network namespaces joined by a veth pair play the control room and the field.
Servers and clients are pymodbus (PyPI, `pip install 'pymodbus>=3.16,<4'`) and libmodbus (Debian libmodbus-dev,
modbus_libmodbus.c beside this file); dumpcap records on the control room's end.

    sudo PYTHON modbus_stacks.py [NAME...]     makes all captures, or those named, in ../modbus/

PYTHON is a python that has pymodbus.  Needs root, ip, ethtool, dumpcap and a C compiler.  Nothing leaves the two
namespaces; both are removed at the end.
"""
import asyncio
import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "modbus")
CONTROL, FIELD = "tw-make-control", "tw-make-field"
HMI, ENGINEER = "10.20.0.10", "10.20.0.50"
PLC1, PLC2, GATEWAY, LAB = "10.20.1.11", "10.20.1.12", "10.20.1.15", "10.20.1.20"


def run(*cmd, **kw):
    subprocess.run(cmd, check=True, **kw)


# ---- the plant -------------------------------------------------------------

@contextlib.contextmanager
def plant():
    """Two namespaces and the addresses of the stations in them."""
    for ns in (CONTROL, FIELD):
        subprocess.run(["ip", "netns", "del", ns], stderr=subprocess.DEVNULL)
        run("ip", "netns", "add", ns)
    try:
        run("ip", "-n", CONTROL, "link", "add", "span0", "type", "veth", "peer", "name", "span1", "netns", FIELD)
        run("ip", "-n", CONTROL, "link", "set", "span0", "address", "00:80:f4:10:00:0a")
        run("ip", "-n", FIELD, "link", "set", "span1", "address", "00:00:54:20:01:0b")
        for ns, dev, addrs in ((CONTROL, "span0", (HMI, ENGINEER)), (FIELD, "span1", (PLC1, PLC2, GATEWAY, LAB))):
            run("ip", "netns", "exec", ns, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
            for a in addrs:
                run("ip", "-n", ns, "addr", "add", a + "/16", "dev", dev)
            for what in ("tx", "rx", "tso", "gso", "gro"):
                run("ip", "netns", "exec", ns, "ethtool", "-K", dev, what, "off",
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            run("ip", "-n", ns, "link", "set", "lo", "up")
            run("ip", "-n", ns, "link", "set", dev, "up")
        yield
    finally:
        for ns in (CONTROL, FIELD):
            subprocess.run(["ip", "netns", "del", ns])


@contextlib.contextmanager
def started(ns, *cmd, ready=0.0):
    p = subprocess.Popen(["ip", "netns", "exec", ns, *cmd])
    time.sleep(ready)
    if p.poll() is not None:
        sys.exit(f"{cmd}: ended at once")
    try:
        yield p
    finally:
        p.send_signal(signal.SIGINT)
        p.wait()


def server(**conf):
    return started(FIELD, sys.executable, os.path.abspath(__file__), "serve", json.dumps(conf), ready=1.5)


def record(name, client, servers):
    """Run the client scenario against the servers and keep what passes as ../modbus/NAME.pcap."""
    path = os.path.join(OUT, name + ".pcap")
    with contextlib.ExitStack() as stack:
        for s in servers:
            stack.enter_context(s)
        with tempfile.TemporaryDirectory() as tmp:
            raw = os.path.join(tmp, "raw.pcap")
            with started(CONTROL, "dumpcap", "-q", "-P", "-i", "span0", "-w", raw, ready=1.0):
                run("ip", "netns", "exec", CONTROL, *client)
                time.sleep(0.5)
            with open(raw, "rb") as src, open(path, "wb") as dst:
                dst.write(src.read())
    print(f"{name}: {os.path.getsize(path)} bytes")


def scenario(name):
    return [sys.executable, os.path.abspath(__file__), "client", name]


# ---- servers ---------------------------------------------------------------

REFUSER = 200	# units 201-211 of every server refuse whatever is asked with exception 1-11

IDENTITY = {
    "mixer": {0: "Thermowell Works", 1: "TW-340", 2: "v2.60", 3: "https://example.com/tw340", 4: "Mixer controller",
              5: "TW-340-16DI", 6: "Line 2 mixer"},
    "pump": {0: "Thermowell Works", 1: "TW-110", 2: "v1.14", 4: "Pump controller"},
    "gateway": {0: "Bridgehead Networks", 1: "BN-GW4", 2: "v4.02", 4: "Serial gateway", 6: "Tank farm"},
    "talkative": {0: "Thermowell Works", 1: "TW-900", 2: "v9.01", 3: "https://example.com/tw900",
                  4: "Tank farm controller", 5: "TW-900-XL", 6: "North field",
                  **{0x80 + i: f"module {i}: 16 analog inputs, serial number {4711 + i}" for i in range(9)}},
}


def serve(conf):
    from pymodbus.framer import FramerType
    from pymodbus.pdu import ExceptionResponse
    from pymodbus.pdu.decoders import DecodePDU
    from pymodbus.pdu.device import ModbusControlBlock, ModbusDeviceIdentification
    from pymodbus.pdu.events import CommunicationRestartEvent, RemoteReceiveEvent, RemoteSendEvent
    from pymodbus.pdu.file_message import (ReadFifoQueueRequest, ReadFifoQueueResponse, ReadFileRecordRequest,
                                           ReadFileRecordResponse)
    from pymodbus.pdu.other_message import ReadExceptionStatusRequest, ReadExceptionStatusResponse
    from pymodbus.server import ModbusTcpServer, ModbusUdpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    began = time.monotonic()

    async def moves(function_code, start, address, count, registers, values):
        """Input registers follow a slow wave, as a level or a temperature does."""
        if function_code == 4 and values is None:
            for i in range(address - start, min(address - start + count, len(registers))):
                registers[i] = int(2000 + 40 * (start + i) + 30 * math.sin((time.monotonic() - began) / 4 + i))
        return None

    def bits(address, n, pattern):
        return SimData(address, values=[bool(pattern >> (i % 16) & 1) for i in range(n)], datatype=DataType.BITS)

    def regs(address, values):
        return SimData(address, values=values, datatype=DataType.REGISTERS)

    def device(unit):
        return SimDevice(unit, simdata=([bits(0, 2000, 0xd2b5)], [bits(0, 2000, 0x0f35)],
                                        [regs(0, [100 + unit] + [(7 * i + unit) & 0xffff for i in range(1, 300)])],
                                        [regs(0, [0] * 300)]), action=moves)

    async def fifo(self, context, unit):
        return ReadFifoQueueResponse(values=[440, 4740, 4806][:max(0, 3 - self.address % 4)], dev_id=unit,
                                     transaction_id=self.transaction_id)

    async def file(self, context, unit):
        for r in self.records:
            r.record_data = b"".join((0x0d00 + 0x11 * i).to_bytes(2, "big") for i in range(r.record_length))
        return ReadFileRecordResponse(records=self.records, dev_id=unit, transaction_id=self.transaction_id)

    async def status(self, context, unit):
        return ReadExceptionStatusResponse(status=0x6d, dev_id=unit, transaction_id=self.transaction_id)

    # The stack's own stores for these are empty, and that of exception status never answers.
    plain_file_records()
    ReadExceptionStatusRequest.datastore_update = status
    ReadFifoQueueRequest.datastore_update = fifo
    ReadFileRecordRequest.datastore_update = file

    def refusing(cls):
        inner = cls.datastore_update

        async def update(self, context, unit):
            if REFUSER < unit <= REFUSER + 11:
                return ExceptionResponse(self.function_code, unit - REFUSER)
            return await inner(self, context, unit)
        cls.datastore_update = update

    seen = {req for req, _ in DecodePDU.pdu_table.values()}
    for table in DecodePDU.pdu_sub_table.values():
        seen |= {req for req, _ in table.values()}
    for cls in sorted(seen, key=lambda c: len(c.__mro__), reverse=True):
        refusing(cls)

    block = ModbusControlBlock()
    block.addEvent(RemoteReceiveEvent(overrun=False, listen=False, broadcast=True))
    block.addEvent(RemoteSendEvent(read=True))
    block.addEvent(CommunicationRestartEvent())
    for i, name in enumerate(("BusMessage", "BusCommunicationError", "BusExceptionError", "DeviceMessage",
                              "DeviceNoResponse", "DeviceNAK", "DEVICE_BUSY", "BusCharacterOverrun", "Event")):
        setattr(block.Counter, name, 3 + 1000 * i)

    kind = ModbusUdpServer if conf.get("udp") else ModbusTcpServer
    framer = {"rtu": FramerType.RTU, "ascii": FramerType.ASCII}.get(conf.get("framer"), FramerType.SOCKET)

    async def forever():
        s = kind([device(u) for u in conf.get("units", [1])], framer=framer, address=(conf["host"], conf.get("port", 502)),
                 identity=ModbusDeviceIdentification(info=IDENTITY[conf.get("identity", "mixer")]))
        await s.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forever())


# ---- clients ---------------------------------------------------------------

def connect(host, source=HMI, port=502, udp=False, framer=None, **kw):
    from pymodbus.client import ModbusTcpClient, ModbusUdpClient
    from pymodbus.framer import FramerType
    f = {"rtu": FramerType.RTU, "ascii": FramerType.ASCII}.get(framer, FramerType.SOCKET)
    if udp:
        c = ModbusUdpClient(host, port=port, framer=f, source_address=(source, 0), timeout=1, retries=0)
    else:
        c = ModbusTcpClient(host, port=port, framer=f, source_address=(source, 0), timeout=1, retries=0, **kw)
    if not c.connect():
        sys.exit(f"no connection to {host}:{port}")
    return c


def ask(call, *args, **kw):
    """The capture is what counts: a client that dislikes an answer does not end the scenario."""
    try:
        return call(*args, **kw)
    except Exception as e:
        print("  client says:", e, file=sys.stderr)
    return None


def data_access(c, u=1):
    ask(c.read_coils, 19, count=19, device_id=u)
    ask(c.read_discrete_inputs, 196, count=22, device_id=u)
    ask(c.read_holding_registers, 107, count=3, device_id=u)
    ask(c.read_input_registers, 8, count=1, device_id=u)
    ask(c.write_coil, 172, True, device_id=u)
    ask(c.write_coil, 172, False, device_id=u)
    ask(c.write_register, 1, 3, device_id=u)
    ask(c.write_coils, 19, [True, False, True, True, False, False, True, True, True, False], device_id=u)
    ask(c.write_registers, 1, [10, 0x0102], device_id=u)
    ask(c.mask_write_register, address=4, and_mask=0xf2, or_mask=0x25, device_id=u)
    ask(c.readwrite_registers, read_address=3, read_count=6, write_address=14, values=[0xff, 0xff, 0xff], device_id=u)


def plain_file_records():
    """pymodbus halves a record length that is already in registers; keep what was given."""
    from pymodbus.pdu.file_message import FileRecord

    def keep(self):
        self.record_length = self.record_length or len(self.record_data) // 2
    FileRecord.__post_init__ = keep


def file_records():
    from pymodbus.pdu.file_message import FileRecord
    plain_file_records()
    return ([FileRecord(file_number=4, record_number=1, record_length=2),
             FileRecord(file_number=3, record_number=9, record_length=2)],
            [FileRecord(file_number=4, record_number=7, record_data=b"\x06\xaf\x04\xbe\x10\x0d"),
             FileRecord(file_number=9999, record_number=9999, record_data=b"\x00\x01")])


def other_access(c, u=1):
    read, write = file_records()
    ask(c.read_exception_status, device_id=u)
    ask(c.diag_get_comm_event_counter, device_id=u)
    ask(c.diag_get_comm_event_log, device_id=u)
    ask(c.report_device_id, device_id=u)
    ask(c.read_file_record, read, device_id=u)
    ask(c.write_file_record, write, device_id=u)
    ask(c.read_fifo_queue, address=1246, device_id=u)
    ask(c.read_fifo_queue, address=1247, device_id=u)


def diagnostics(c, u=1):
    ask(c.diag_query_data, b"\xa5\x37", device_id=u)
    ask(c.diag_query_data, b"a longer loopback text", device_id=u)
    ask(c.diag_read_diagnostic_register, device_id=u)
    ask(c.diag_change_ascii_input_delimeter, delimiter=0x0a, device_id=u)
    for name in ("diag_read_bus_message_count", "diag_read_bus_comm_error_count",
                 "diag_read_bus_exception_error_count", "diag_read_device_message_count",
                 "diag_read_device_no_response_count", "diag_read_device_nak_count", "diag_read_device_busy_count",
                 "diag_read_bus_char_overrun_count", "diag_read_iop_overrun_count", "diag_clear_overrun_counter",
                 "diag_clear_counters"):
        ask(getattr(c, name), device_id=u)
    ask(c.diag_getclear_modbus_response, data=4, device_id=u)
    ask(c.diag_getclear_modbus_response, data=3, device_id=u)
    ask(c.diag_force_listen_only, no_response_expected=True, device_id=u)
    time.sleep(0.3)
    ask(c.diag_restart_communication, False, device_id=u)
    ask(c.diag_restart_communication, True, device_id=u)


def identification(c, u=1):
    for code in (1, 2, 3):
        ask(c.read_device_information, read_code=code, device_id=u)
    for oid in (0, 4, 0x80):
        ask(c.read_device_information, read_code=4, object_id=oid, device_id=u)


def all_refused(c):
    read, write = file_records()
    u = REFUSER
    ask(c.read_coils, 0, count=8, device_id=u + 2)
    ask(c.read_discrete_inputs, 0, count=8, device_id=u + 1)
    ask(c.read_holding_registers, 0, count=8, device_id=u + 3)
    ask(c.read_input_registers, 0, count=8, device_id=u + 4)
    ask(c.write_coil, 1, True, device_id=u + 5)
    ask(c.write_register, 1, 1, device_id=u + 6)
    ask(c.read_exception_status, device_id=u + 7)
    diagnostics(c, u + 1)
    ask(c.diag_get_comm_event_counter, device_id=u + 8)
    ask(c.diag_get_comm_event_log, device_id=u + 9)
    ask(c.write_coils, 0, [True] * 8, device_id=u + 10)
    ask(c.write_registers, 0, [1, 2], device_id=u + 11)
    ask(c.report_device_id, device_id=u + 1)
    ask(c.read_file_record, read, device_id=u + 2)
    ask(c.write_file_record, write, device_id=u + 8)
    ask(c.mask_write_register, address=4, and_mask=1, or_mask=2, device_id=u + 2)
    ask(c.readwrite_registers, read_address=3, read_count=6, write_address=14, values=[1], device_id=u + 3)
    ask(c.read_fifo_queue, address=9, device_id=u + 2)
    ask(c.read_device_information, read_code=1, device_id=u + 1)
    # What the stack refuses of its own accord: an address beyond its map, a unit it does not have.
    ask(c.read_holding_registers, 9000, count=2, device_id=1)
    ask(c.read_holding_registers, 0, count=2, device_id=77)


def client_data(): data_access(connect(LAB))


def client_limits():
    """The largest requests and answers of every function that has a count."""
    c = connect(LAB)
    ask(c.read_coils, 0, count=2000, device_id=1)
    ask(c.read_discrete_inputs, 0, count=2000, device_id=1)
    ask(c.read_holding_registers, 0, count=125, device_id=1)
    ask(c.read_input_registers, 0, count=125, device_id=1)
    ask(c.write_coils, 0, [i % 3 == 0 for i in range(1968)], device_id=1)
    ask(c.write_registers, 0, list(range(123)), device_id=1)
    ask(c.readwrite_registers, read_address=0, read_count=125, write_address=100, values=list(range(121)), device_id=1)
    ask(c.read_coils, 0, count=1, device_id=1)


def client_other(): other_access(connect(LAB))


def client_diagnostics(): diagnostics(connect(LAB))


def client_identification():
    c = connect(LAB, source=ENGINEER)
    identification(c)
    # Continuation: ask again from where the first answer stopped, as the specification wants.
    oid = 0
    for _ in range(8):
        r = ask(c.read_device_information, read_code=3, object_id=oid, device_id=1)
        if r is None or r.isError() or not r.more_follows:
            break
        oid = r.next_object_id
    ask(c.read_device_information, read_code=4, object_id=0x33, device_id=1)


def client_exceptions(): all_refused(connect(LAB))


def client_udp():
    c = connect(LAB, udp=True)
    data_access(c)
    other_access(c)
    ask(c.read_holding_registers, 9000, count=2, device_id=1)


def client_rtu():
    c = connect(GATEWAY, port=4001, framer="rtu")
    for u in (1, 2, 17):
        data_access(c, u)
    other_access(c, 1)
    identification(c, 1)
    ask(c.read_holding_registers, 9000, count=2, device_id=2)
    diagnostics(c, 1)


def client_ascii():
    c = connect(GATEWAY, port=4002, framer="ascii")
    for u in (1, 2, 17):
        data_access(c, u)
    other_access(c, 1)
    identification(c, 1)
    ask(c.read_holding_registers, 9000, count=2, device_id=2)


def client_odd_port():
    c = connect(LAB, port=20502)
    data_access(c)
    other_access(c)


def client_gateway():
    """One TCP session, eleven serial devices behind it, one of them dead."""
    c = connect(GATEWAY)
    for _ in range(2):
        for u in (1, 2, 3, 10, 17, 42, 100, 246, 247):
            ask(c.read_input_registers, 0, count=4, device_id=u)
        ask(c.read_input_registers, 0, count=4, device_id=REFUSER + 11)
        ask(c.write_register, 20, 1500, device_id=3)
        time.sleep(0.2)


def client_plant_tour():
    """README's first example: half a minute of an ordinary plant, with three things worth a look in it."""
    hmi = {h: connect(h) for h in (PLC1, PLC2, GATEWAY)}
    begin = time.monotonic()
    for second in range(30):
        ask(hmi[PLC1].read_input_registers, 0, count=10, device_id=1)
        ask(hmi[PLC1].read_coils, 0, count=16, device_id=1)
        if second % 2 == 0:
            ask(hmi[PLC2].read_holding_registers, 0, count=8, device_id=1)
            ask(hmi[PLC2].read_discrete_inputs, 0, count=8, device_id=1)
        if second % 5 == 0:
            for u in (1, 2, 3):
                ask(hmi[GATEWAY].read_input_registers, 0, count=4, device_id=u)
        if second == 8:		# the operator sets the mixer's speed and starts it
            ask(hmi[PLC1].write_register, 40, 750, device_id=1)
            ask(hmi[PLC1].write_coil, 3, True, device_id=1)
        if second == 14:	# an engineer looks at who is there
            for host in (PLC1, PLC2, GATEWAY):
                e = connect(host, source=ENGINEER)
                ask(e.read_device_information, read_code=2, device_id=1)
                if host == PLC1:
                    ask(e.report_device_id, device_id=1)
                e.close()
        if second == 21:	# ... and mistypes a register number
            e = connect(PLC2, source=ENGINEER)
            ask(e.read_holding_registers, 4000, count=2, device_id=1)
            ask(e.read_holding_registers, 40, count=2, device_id=1)
            e.close()
        time.sleep(max(0, begin + second + 1 - time.monotonic()))
    for c in hmi.values():
        c.close()


# ---- the list --------------------------------------------------------------

def libmodbus(tmp):
    exe = os.path.join(tmp, "modbus_libmodbus")
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "libmodbus"], text=True).split()
    run("cc", "-O1", "-Wall", "-o", exe, os.path.join(HERE, "modbus_libmodbus.c"), *flags)
    return exe


UNITS = [1] + [REFUSER + i for i in range(1, 12)]
SERIAL = [1, 2, 3, 10, 17, 42, 100, 246, 247, REFUSER + 11]
CAPTURES = {
    "data-access": ("data", lambda: [server(host=LAB, units=UNITS)]),
    "limits": ("limits", lambda: [server(host=LAB, units=UNITS)]),
    "other-access": ("other", lambda: [server(host=LAB, units=UNITS)]),
    "diagnostics": ("diagnostics", lambda: [server(host=LAB, units=UNITS)]),
    "identification": ("identification", lambda: [server(host=LAB, units=UNITS, identity="talkative")]),
    "exceptions": ("exceptions", lambda: [server(host=LAB, units=UNITS)]),
    "udp": ("udp", lambda: [server(host=LAB, udp=True)]),
    "rtu-over-tcp": ("rtu", lambda: [server(host=GATEWAY, port=4001, framer="rtu", units=SERIAL)]),
    "ascii-over-tcp": ("ascii", lambda: [server(host=GATEWAY, port=4002, framer="ascii", units=SERIAL)]),
    "odd-port": ("odd_port", lambda: [server(host=LAB, port=20502)]),
    "gateway": ("gateway", lambda: [server(host=GATEWAY, units=SERIAL, identity="gateway")]),
    "plant-tour": ("plant_tour", lambda: [server(host=PLC1, identity="mixer"), server(host=PLC2, identity="pump"),
                                          server(host=GATEWAY, units=SERIAL, identity="gateway")]),
    "libmodbus": (None, None),
}


def make(names):
    for n in names:
        if n not in CAPTURES:
            sys.exit(f"{n}: not one of {' '.join(CAPTURES)}")
    with plant(), tempfile.TemporaryDirectory() as tmp:
        for n in names or CAPTURES:
            client, servers = CAPTURES[n]
            if n == "libmodbus":
                exe = libmodbus(tmp)
                record(n, [exe, "client", PLC2], [started(FIELD, exe, "server", PLC2, ready=0.5)])
            else:
                record(n, scenario(client), servers())


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(json.loads(sys.argv[2]))
    elif sys.argv[1:2] == ["client"]:
        globals()["client_" + sys.argv[2]]()
    else:
        make(sys.argv[1:])
