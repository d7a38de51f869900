#!/usr/bin/env python3
"""Makes the S7 captures that real stacks can make.

A network namespace of its own plays the plant; client and server are python-snap7 (PyPI, `pip install python-snap7==2.0.2`,
which carries the C++ snap7) and s7commplus (`pip install s7commplus==0.3`); dumpcap records on its loopback interface.

    sudo PYTHON s7_stacks.py [NAME...]     makes all captures, or those named, in ../s7/

PYTHON is a python that has python-snap7.  Needs root, ip and dumpcap.  Nothing leaves the namespace; it is removed at the end.
"""
import contextlib
import datetime
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "s7")
NS = "tw-make-s7"
PLC = "10.30.1.11"


def run(*cmd):
    subprocess.run(cmd, check=True)


@contextlib.contextmanager
def plant():
    subprocess.run(["ip", "netns", "del", NS], stderr=subprocess.DEVNULL)
    run("ip", "netns", "add", NS)
    try:
        run("ip", "-n", NS, "link", "set", "lo", "up")
        run("ip", "-n", NS, "addr", "add", PLC + "/32", "dev", "lo")
        yield
    finally:
        subprocess.run(["ip", "netns", "del", NS])


def record(name):
    out = os.path.join(OUT, name + ".pcap")
    os.makedirs(OUT, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(out)
    inside = ["ip", "netns", "exec", NS]
    dump = subprocess.Popen(inside + ["dumpcap", "-q", "-i", "lo", "-P", "-s", "65535", "-f", "tcp port 102", "-w", out],
                            stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    server = None
    if name not in ALONE:
        server = subprocess.Popen(inside + [sys.executable, os.path.abspath(__file__), "serve"])
        time.sleep(1.5)
    subprocess.run(inside + [sys.executable, os.path.abspath(__file__), "client", name], check=True)
    time.sleep(0.5)
    if server is not None:
        server.send_signal(signal.SIGTERM)
        server.wait()
    dump.send_signal(signal.SIGINT)
    dump.wait()
    print(name, os.path.getsize(out))


def serve():
    import snap7
    from snap7.type import SrvArea
    import ctypes
    server = snap7.server.Server(log=False)
    memory = []
    for area, number, size in ((SrvArea.DB, 1, 256), (SrvArea.DB, 2, 64), (SrvArea.PA, 0, 128), (SrvArea.PE, 0, 128),
                               (SrvArea.MK, 0, 256), (SrvArea.TM, 0, 64), (SrvArea.CT, 0, 64)):
        memory.append((ctypes.c_uint8 * size)(*[i & 0xff for i in range(size)]))	# the server keeps no reference
        server.register_area(area, number, memory[-1])
    server.start(tcp_port=102)
    signal.pause()


# ---- what a client asks for ------------------------------------------------

def attempt(f, *args):
    """The emulator refuses some services: that is a part of the capture."""
    try:
        return f(*args)
    except Exception as e:	# pylint: disable=broad-except
        print("   refused:", getattr(f, "__name__", f), str(e)[:70])
        return None


def variables(c):
    from snap7.type import Area
    c.db_read(1, 0, 16)
    c.db_write(1, 4, bytearray(b"\x42\x28\x00\x00"))
    for area in (Area.PE, Area.PA, Area.MK):
        c.read_area(area, 0, 4, 6)
    c.write_area(Area.MK, 0, 100, bytearray(b"\x12\x34"))
    c.write_area(Area.PA, 0, 0, bytearray(b"\x05"))
    c.read_area(Area.TM, 0, 2, 3)
    c.read_area(Area.CT, 0, 5, 2)
    attempt(c.write_area, Area.TM, 0, 1, bytearray(b"\x12\x34"))
    attempt(c.db_read, 99, 0, 4)	# no such block
    attempt(c.db_read, 2, 60, 40)	# beyond its end
    attempt(c.db_read, 1, 0, 250)


def multi(c):
    from ctypes import POINTER, c_uint8, cast, create_string_buffer, pointer
    from snap7.type import Area, S7DataItem, WordLen
    del pointer
    kinds = ((Area.DB, WordLen.Bit, 1, 35, 1), (Area.DB, WordLen.Byte, 1, 3, 5), (Area.DB, WordLen.Char, 1, 8, 4),
             (Area.DB, WordLen.Word, 1, 12, 2), (Area.DB, WordLen.Int, 1, 16, 1), (Area.DB, WordLen.DWord, 1, 20, 1),
             (Area.DB, WordLen.DInt, 1, 24, 2), (Area.DB, WordLen.Real, 1, 4, 1), (Area.MK, WordLen.Byte, 0, 0, 3),
             (Area.TM, WordLen.Timer, 0, 1, 2), (Area.CT, WordLen.Counter, 0, 1, 2), (Area.DB, WordLen.Byte, 99, 0, 2))
    items = (S7DataItem * len(kinds))()
    buffers = []
    for i, (area, word, db, start, amount) in enumerate(kinds):
        items[i].Area, items[i].WordLen, items[i].DBNumber = area.value, word.value, db
        items[i].Start, items[i].Amount, items[i].Result = start, amount, 0
        buffers.append(create_string_buffer(64))
        items[i].pData = cast(buffers[-1], POINTER(c_uint8))
    attempt(c.read_multi_vars, items)
    some = (S7DataItem * 4)(*[items[i] for i in (0, 1, 5, 8)])
    attempt(c.write_multi_vars, list(some))


def identity(c):
    attempt(c.get_order_code)
    attempt(c.get_cpu_info)
    attempt(c.get_cp_info)
    attempt(c.get_cpu_state)
    attempt(c.get_protection)
    attempt(c.read_szl_list)
    for szl, index in ((0x0011, 0), (0x001c, 0), (0x011c, 1), (0x0131, 1), (0x0131, 2), (0x0131, 3), (0x0132, 4), (0x0232, 4),
                       (0x0424, 0), (0x0019, 0), (0x0074, 0), (0x0111, 1), (0x0012, 0), (0x0013, 0), (0x0014, 0), (0x0015, 0),
                       (0x0025, 0), (0x00a0, 0), (0x0222, 1), (0x0591, 0), (0x0694, 0), (0x0d91, 0), (0x9999, 0)):
        attempt(c.read_szl, szl, index)


def blocks(c):
    from snap7.type import Block
    attempt(c.list_blocks)
    for kind in (Block.OB, Block.DB, Block.FC):
        attempt(c.list_blocks_of_type, kind, 100)
    attempt(c.get_block_info, Block.DB, 1)
    attempt(c.get_block_info, Block.DB, 99)
    attempt(c.full_upload, Block.DB, 1)
    attempt(c.upload, 1)
    attempt(c.full_upload, Block.OB, 1)
    attempt(c.db_get, 1)
    head = bytearray(120)
    head[0:12] = b"\x70\x70\x01\x01\x05\x0a\x00\x07\x00\x00\x00\x78"
    head[34:36] = b"\x00\x20"
    attempt(c.download, head, 7)
    attempt(c.delete, Block.DB, 7)
    attempt(c.db_fill, 2, 0xaa)


def control(c):
    attempt(c.get_plc_datetime)
    attempt(c.set_plc_datetime, datetime.datetime(2026, 1, 2, 3, 4, 5))
    attempt(c.set_plc_system_datetime)
    attempt(c.plc_stop)
    attempt(c.get_cpu_state)
    attempt(c.plc_cold_start)
    attempt(c.plc_hot_start)
    attempt(c.compress, 1000)
    attempt(c.copy_ram_to_rom, 1000)
    attempt(c.set_session_password, "secret12")
    attempt(c.clear_session_password)


def areas(c):
    for read, write in ((c.ab_read, lambda: c.ab_write(2, bytearray(b"\x11\x22"))),
                        (c.eb_read, lambda: c.eb_write(2, 2, bytearray(b"\x33\x44"))),
                        (c.mb_read, lambda: c.mb_write(2, 2, bytearray(b"\x55\x66"))),
                        (c.tm_read, lambda: attempt(c.tm_write, 2, 1, bytearray(b"\x12\x34"))),
                        (c.ct_read, lambda: attempt(c.ct_write, 2, 1, bytearray(b"\x01\x23")))):
        write()
        read(2, 2)
    # Longer than a PDU: the client makes several jobs of it.
    c.db_write(1, 0, bytearray(range(250)))
    c.db_read(1, 0, 256)


def background(c):
    """The same services, asked for without waiting."""
    from ctypes import byref, c_int, c_uint8, c_uint16, sizeof
    from snap7.type import Area, Block, S7SZL, S7SZLList, WordLen

    def wait(f, *args):
        attempt(f, *args)
        attempt(c.wait_as_completion, 2000)
    few, many = (c_uint8 * 4)(1, 2, 3, 4), (c_uint8 * 65536)()
    wait(c.as_ab_read, 0, 4, few)
    wait(c.as_ab_write, 0, bytearray(b"\1\2"))
    wait(c.as_eb_read, 0, 4, few)
    wait(c.as_eb_write, 0, 2, bytearray(b"\3\4"))
    wait(c.as_mb_read, 0, 4, few)
    wait(c.as_mb_write, 0, 2, bytearray(b"\5\6"))
    wait(c.as_tm_read, 0, 2, (c_uint8 * 4)())
    wait(c.as_tm_write, 0, 1, bytearray(b"\0\1"))
    wait(c.as_ct_read, 0, 2, (c_uint8 * 4)())
    wait(c.as_ct_write, 0, 1, bytearray(b"\0\2"))
    wait(c.as_db_read, 1, 0, 4, few)
    wait(c.as_db_write, 1, 0, 4, few)
    wait(c.as_read_area, Area.DB, 1, 8, 4, WordLen.Byte, few)
    wait(c.as_write_area, Area.MK, 0, 8, 4, WordLen.Byte, few)
    wait(c.as_db_get, 1, many, 65536)
    wait(c.as_db_fill, 2, 0x5a)
    wait(c.as_list_blocks_of_type, Block.DB, (c_uint16 * 0x2000)(), 0x2000)
    szl = S7SZL()
    wait(c.as_read_szl, 0x0011, 0, szl, sizeof(szl))
    wait(c.as_read_szl_list, S7SZLList(), 64)
    wait(c.as_upload, 1, many, 65536)
    wait(c.as_full_upload, Block.DB, 1)
    wait(c.as_download, bytearray(b"\x70\x70" + bytes(100)), 9)
    wait(c.as_compress, 1000)
    wait(c.as_copy_ram_to_rom, 1000)
    del byref, c_int


def connections(c):
    """Each kind of connection, several PDU sizes, TSAPs of one's own, a PDU of one's own."""
    import snap7
    from snap7.type import Parameter
    for kind, size, slot in ((1, 480, 2), (2, 240, 2), (3, 960, 1), (3, 120, 0)):
        other = snap7.client.Client()
        other.set_connection_type(kind)
        other.set_param(Parameter.PDURequest, size)
        other.connect(PLC, 0, slot)
        other.db_read(1, 0, 4)
        attempt(other.get_cpu_state)
        other.disconnect()
    other = snap7.client.Client()
    other.set_connection_params(PLC, 0x1000, 0x1103)
    attempt(other.connect, PLC, 0, 3)
    attempt(other.db_read, 1, 0, 4)
    # Read Var of MW100 as bytes, made by hand.
    attempt(other.iso_exchange_buffer, bytearray.fromhex("32010000050000 0e00000401120a10040001000083000320"))
    other.disconnect()
    c.db_read(1, 0, 2)


def locked():
    """A server whose area is locked, taken away, and whose CPU stops."""
    import ctypes
    import snap7
    from snap7.type import SrvArea
    server, memory = snap7.server.Server(log=False), (ctypes.c_uint8 * 64)()
    server.register_area(SrvArea.DB, 1, memory)
    server.start(tcp_port=102)
    c = snap7.client.Client()
    c.connect(PLC, 0, 2)
    attempt(c.db_write, 1, 0, bytearray(b"\1\2"))
    server.unregister_area(SrvArea.DB, 1)
    attempt(c.db_write, 1, 0, bytearray(b"\3\4"))
    attempt(c.db_read, 1, 0, 2)
    for status in (0x04, 0x08, 0x00):		# STOP, RUN, unknown
        server.set_cpu_status(status)
        attempt(c.get_cpu_state)
    server.stop()
    attempt(c.db_read, 1, 0, 2)


ALONE = {"locked": locked}	# both ends in one process
SCENARIOS = {"variables": variables, "multi": multi, "identity": identity, "blocks": blocks, "control": control, "areas": areas,
             "background": background, "connections": connections}


def client(name):
    if name in ALONE:
        ALONE[name]()
        return
    import snap7
    from snap7.type import Parameter
    c = snap7.client.Client()
    c.set_connection_type(1 if name in ("blocks", "control", "background") else 2)
    if name == "variables":
        c.set_param(Parameter.PDURequest, 240)
    c.connect(PLC, 0, 2)
    SCENARIOS[name](c)
    c.disconnect()


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "serve":
        serve()
    elif len(sys.argv) > 1 and sys.argv[1] == "client":
        client(sys.argv[2])
    else:
        with plant():
            for name in sys.argv[1:] or [*SCENARIOS, *ALONE]:
                record(name)


if __name__ == "__main__":
    main()
