"""The engineering station: now and then an engineer goes online, looks who is there and reads; nothing is changed."""
import threading
import time

from hmi import S7, Modbus
from hosts import HOSTS
from scenario import JITTER, ROUTINE

ME = HOSTS["engineering"].ip


def modbus_identity():
    for name in ("plc-intake", "plc-dosing"):
        plc = Modbus(name, ME)
        plc.ask("read_device_information", read_code=1, device_id=1)
        time.sleep(0.4)
        plc.ask("read_holding_registers", 0, count=5, device_id=1)
        time.sleep(0.4)
        plc.close()


def s7_online():
    s7 = S7(1)
    for f, *args in ((s7.client.get_cpu_info,), (s7.client.get_order_code,), (s7.client.get_cpu_state,), (s7.client.list_blocks,),
                     (s7.client.db_read, 20, 0, 12), (s7.client.get_plc_datetime,)):
        s7.call(f, *args)
        time.sleep(0.3)
    s7.client.disconnect()


def main(run):
    do = {"modbus-identity": modbus_identity, "s7-online": s7_online}

    def routine(what, first, period):
        for _ in run.every(period, first + run.rng.uniform(0, JITTER)):
            if run.now() < run.length - 12:
                do[what]()

    for r in ROUTINE["engineering"]:
        threading.Thread(target=routine, args=r, daemon=True).start()
    while not run.stop.wait(0.5) and not run.ended():
        pass
