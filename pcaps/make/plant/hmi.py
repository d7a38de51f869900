"""The operator's HMI: polls every controller, keeps its counter alive, does what the operator and the clock tell it."""
import struct
import threading
import time

from hosts import HOSTS
from scenario import ATTACK, JITTER, ROUTINE

ME = HOSTS["hmi"].ip


class Modbus:
    """One session to one controller, opened again when it broke."""
    def __init__(self, host, source, timeout=2.0):
        self.host, self.source, self.timeout, self.client = host, source, timeout, None
        self.lock = threading.Lock()
        self.retry_at = 0.0

    def ask(self, what, *args, **kw):
        from pymodbus.client import ModbusTcpClient
        with self.lock:
            if self.client is None:
                if time.monotonic() < self.retry_at:
                    return None
                self.client = ModbusTcpClient(HOSTS[self.host].ip, source_address=(self.source, 0), timeout=self.timeout, retries=0)
                if not self.client.connect():
                    return self.broken()
            try:
                return getattr(self.client, what)(*args, **kw)
            except Exception:	# no answer, or the session is gone
                return self.broken()

    def broken(self):
        self.client.close()
        self.client, self.retry_at = None, time.monotonic() + 3
        return None

    def close(self):
        with self.lock:
            if self.client is not None:
                self.client.close()


class S7:
    """The session to the S7 controller; reads in one job what the screens show."""
    def __init__(self, source_type=2):
        import snap7
        self.client = snap7.client.Client()
        self.client.set_connection_type(source_type)
        self.lock = threading.Lock()
        self.items, self.buffers = None, []

    def call(self, what, *args):
        with self.lock:
            try:
                if not self.client.get_connected():
                    self.client.connect(HOSTS["plc-network"].ip, 0, 2)
                return what(*args)
            except Exception:
                try:
                    self.client.disconnect()
                except Exception:
                    pass
                return None

    def read_all(self, wanted):
        from ctypes import POINTER, c_uint8, cast, create_string_buffer
        from snap7.type import S7DataItem
        items, self.buffers = (S7DataItem * len(wanted))(), []
        for i, (area, word, db, start, amount) in enumerate(wanted):
            items[i].Area, items[i].WordLen, items[i].DBNumber = area.value, word.value, db
            items[i].Start, items[i].Amount = start, amount
            self.buffers.append(create_string_buffer(64))
            items[i].pData = cast(self.buffers[-1], POINTER(c_uint8))
        return self.call(self.client.read_multi_vars, items)

    def write_real(self, db, at, value):
        return self.call(self.client.db_write, db, at, bytearray(struct.pack(">f", value)))


def operator(run, what, n, plc, s7, rtu):
    """One ordinary action; n counts how often it was done, so that values go up and come back."""
    import opendnp3 as o
    from dnp3_parts import k
    if what == "residual-sp":
        plc["plc-dosing"].ask("write_register", 0, 80 + (5 if n % 2 == 0 else 0), device_id=1)
    elif what == "speed-sp":
        plc["plc-intake"].ask("write_registers", 2, [920 - 20 * (n % 2 == 0), 850], device_id=1)
    elif what == "pressure-sp":
        s7.write_real(20, 0, 4.5 + 0.1 * (n % 2 == 0))
    elif what == "valve":
        low = run.wires["LT401"] < 3.0		# the operator sees it on his screen
        op = o.OperationType.LATCH_OFF if n % 2 == 0 and not low else o.OperationType.LATCH_ON
        rtu.SelectAndOperate(o.ControlRelayOutputBlock(op), 0, k(lambda *a: None))
    elif what == "alarm-ack":
        plc["plc-intake"].ask("write_coil", 2, True, device_id=1)


def main(run):
    import opendnp3 as o
    from dnp3_parts import SOE, k, master
    from snap7.type import Area, WordLen
    plc = {name: Modbus(name, ME) for name in ("plc-intake", "plc-dosing")}
    s7 = S7()
    rtu, _ = master("hmi", ME, HOSTS["rtu-hill"].ip, 1, 8, disableUnsolOnStartup=False, timeSyncMode=o.TimeSyncMode.LAN)
    soe = k(SOE())
    k(rtu.AddClassScan(o.ClassField(False, True, True, True), o.TimeDuration.Seconds(10), soe))
    k(rtu.AddClassScan(o.ClassField(True, True, True, True), o.TimeDuration.Seconds(60), soe))

    def intake():
        ask = plc["plc-intake"].ask
        for _ in run.every(1.0, 3.1, 0.05):
            ask("read_input_registers", 0, count=9, device_id=1)
            ask("read_discrete_inputs", 0, count=3, device_id=1)

    def intake_slow():
        ask, n = plc["plc-intake"].ask, 0
        for _ in run.every(10.0, 5.4, 0.2):
            ask("read_coils", 0, count=3, device_id=1)
            ask("read_holding_registers", 0, count=5, device_id=1)
            ask("write_register", 9, n & 0xffff, device_id=1)
            n += 1

    def dosing():
        ask = plc["plc-dosing"].ask
        for _ in run.every(2.0, 3.6, 0.05):
            ask("read_input_registers", 0, count=6, device_id=1)
            ask("read_discrete_inputs", 0, count=1, device_id=1)

    def dosing_slow():
        ask = plc["plc-dosing"].ask
        for _ in run.every(10.0, 8.8, 0.2):
            ask("read_holding_registers", 0, count=4, device_id=1)
            ask("read_input_registers", 0, count=4, device_id=2)

    def network():
        wanted = ((Area.DB, WordLen.Real, 10, 0, 6), (Area.DB, WordLen.Real, 20, 0, 1),
                  (Area.PE, WordLen.Byte, 0, 0, 1), (Area.PA, WordLen.Byte, 0, 0, 1))
        for _ in run.every(2.0, 4.2, 0.05):
            s7.read_all(wanted)

    def routine(what, first, period):
        for n, _ in enumerate(run.every(period, first + run.rng.uniform(0, JITTER))):
            if run.now() < run.length - 12:
                operator(run, what, n, plc, s7, rtu)

    def setpoints():
        step = next(s for s in ATTACK if s.id == "setpoints")
        if run.sleep_until(step.at):
            start = time.time()
            plc["plc-dosing"].ask("write_register", 0, 450, device_id=1)
            run.sleep_until(step.at + 2)
            plc["plc-dosing"].ask("write_register", 2, 900, device_id=1)
            run.sleep_until(step.at + 5)
            s7.write_real(20, 0, 5.8)
            run.sleep_until(step.at + 40)
            plc["plc-dosing"].ask("write_register", 0, 80, device_id=1)
            plc["plc-dosing"].ask("write_register", 2, 150, device_id=1)
            s7.write_real(20, 0, 4.5)
            run.log("setpoints", start, time.time())

    work = [intake, intake_slow, dosing, dosing_slow, network] + ([setpoints] if run.attack else [])
    threads = [threading.Thread(target=f, daemon=True) for f in work]
    threads += [threading.Thread(target=routine, args=r, daemon=True) for r in ROUTINE["hmi"]]
    if run.sleep_until(2.0):
        rtu.Enable()
    for t in threads:
        t.start()
    while not run.stop.wait(0.5) and not run.ended():
        pass
    for p in plc.values():
        p.close()
    s7.client.disconnect()
    rtu.Disable()
    time.sleep(0.3)
