#!/usr/bin/env python3
"""Makes the IEC 60870-5-104 captures that a real stack can make: c104 (lib60870-C) on both ends.

One network namespace of its own plays the plant; dumpcap records on its loopback.

    sudo PYTHON iec104_stacks.py [NAME...]     makes all captures, or those named, in ../iec104/

PYTHON is a python that has c104 (PyPI, GPL-3: a test peer, never linked). Needs root, ip and dumpcap. Nothing leaves the namespace,
which is removed at the end.
"""
import os
import socket
import sys
import time

from stacks_kit import main

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "iec104")
NS = "tw-make-iec104"
SCADA, RTU = "10.40.0.10", "10.40.1.21"
CA = 47

MONITOR = ["M_SP_NA_1", "M_DP_NA_1", "M_ST_NA_1", "M_BO_NA_1", "M_ME_NA_1", "M_ME_NB_1", "M_ME_NC_1", "M_IT_NA_1", "M_PS_NA_1",
           "M_ME_ND_1", "M_SP_TB_1", "M_DP_TB_1", "M_ST_TB_1", "M_BO_TB_1", "M_ME_TD_1", "M_ME_TE_1", "M_ME_TF_1", "M_IT_TB_1",
           "M_EP_TD_1", "M_EP_TE_1", "M_EP_TF_1"]
COMMANDS = ["C_SC_NA_1", "C_DC_NA_1", "C_RC_NA_1", "C_SE_NA_1", "C_SE_NB_1", "C_SE_NC_1", "C_BO_NA_1", "C_SC_TA_1", "C_DC_TA_1",
            "C_RC_TA_1", "C_SE_TA_1", "C_SE_TB_1", "C_SE_TC_1", "C_BO_TA_1"]


def inside(name):
    """One scenario; runs in the namespace."""
    import c104

    def info(kind, bad=False):
        """A value of this type, and one of doubtful quality."""
        q = c104.Quality.Invalid | c104.Quality.Blocked if bad else c104.Quality()
        return {
            "SP": lambda: c104.SingleInfo(not bad, q),
            "DP": lambda: c104.DoubleInfo(c104.Double.ON, q),
            "ST": lambda: c104.StepInfo(c104.Int7(-5 if bad else 12), bad, q),
            "BO": lambda: c104.BinaryInfo(c104.Byte32(0xdeadbeef), q),
            "ME_NA": lambda: c104.NormalizedInfo(c104.NormalizedFloat(-1.0 if bad else 0.25), q),
            "ME_ND": lambda: c104.NormalizedInfo(c104.NormalizedFloat(-0.5), q),
            "ME_NB": lambda: c104.ScaledInfo(c104.Int16(-32768 if bad else 1234), q),
            "ME_NC": lambda: c104.ShortInfo(-12.75 if bad else 4.6, q),
            "IT": lambda: c104.BinaryCounterInfo(-70000 if bad else 123456, c104.UInt5(7),
                                                 c104.BinaryCounterQuality.Carry if bad else c104.BinaryCounterQuality()),
            "EP_TD": lambda: c104.ProtectionEventInfo(c104.EventState.ON, c104.UInt16(345), q),
            "EP_TE": lambda: c104.ProtectionStartInfo(c104.StartEvents.General | c104.StartEvents.PhaseL1, c104.UInt16(99), q),
            "EP_TF": lambda: c104.ProtectionCircuitInfo(c104.OutputCircuits.General | c104.OutputCircuits.PhaseL2, c104.UInt16(12), q),
            "PS": lambda: c104.StatusAndChanged(c104.PackedSingle.I0 | c104.PackedSingle.I5, c104.PackedSingle.I5, q),
        }[kind]()

    def kind_of(t):
        t = t[2:]
        short = {"ME_TD": "ME_NA", "ME_TE": "ME_NB", "ME_TF": "ME_NC"}.get(t[:5], t[:5])
        return short if short.startswith(("ME_", "EP_")) else t[:2]

    def command(t, first=True):
        k = t[2:4]
        if k == "SE":
            k = {"A": "SEA", "B": "SEB", "C": "SEC"}[t[6] if t[5] == "N" else t[6]]
        return {
            "SC": lambda: c104.SingleCmd(first, c104.Qoc.SHORT_PULSE),
            "DC": lambda: c104.DoubleCmd(c104.Double.ON if first else c104.Double.OFF, c104.Qoc.LONG_PULSE),
            "RC": lambda: c104.StepCmd(c104.Step.HIGHER if first else c104.Step.LOWER),
            "SEA": lambda: c104.NormalizedCmd(c104.NormalizedFloat(-0.75)),
            "SEB": lambda: c104.ScaledCmd(c104.Int16(-1500), c104.UInt7(3)),
            "SEC": lambda: c104.ShortCmd(98.6),
            "BO": lambda: c104.BinaryCmd(c104.Byte32(0x12345678)),
        }[k]()

    port = 12404 if name == "c104-odd-port" else 2404
    server = c104.Server(ip=RTU, port=port, tick_rate_ms=50)
    station = server.add_station(common_address=CA)
    second = server.add_station(common_address=300)
    points, orders = {}, {}
    for i, t in enumerate(MONITOR):
        for j in range(3):
            p = station.add_point(io_address=100 + 10 * i + j * (1 if j < 2 else 4), type=getattr(c104.Type, t))
            p.info = info(kind_of(t), bad=j == 2)
            points[t, j] = p
    second.add_point(io_address=7, type=c104.Type.M_ME_NC_1).value = 7.5

    refused = name == "c104-refused"

    def obey(point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage) -> c104.ResponseState:
        return c104.ResponseState.FAILURE if refused else c104.ResponseState.SUCCESS

    mode = c104.CommandMode.SELECT_AND_EXECUTE if name == "c104-select" else c104.CommandMode.DIRECT
    for i, t in enumerate(COMMANDS):
        p = station.add_point(io_address=5000 + i, type=getattr(c104.Type, t))
        p.on_receive(callable=obey)
        if not t.startswith("C_BO"):	# has no select
            p.command_mode = mode
        orders[t] = p

    client = c104.Client(tick_rate_ms=50)
    client.originator_address = 9
    con = client.add_connection(ip=RTU, port=port, init=c104.Init.NONE if name != "c104-startup" else c104.Init.ALL)
    params = con.protocol_parameters
    if name == "c104-keepalive":
        params.keep_alive_interval = 1
        server.protocol_parameters.keep_alive_interval = 3
    remote = con.add_station(common_address=CA)
    for (t, j), p in points.items():
        remote.add_point(io_address=p.io_address, type=p.type)
    mine = {t: remote.add_point(io_address=p.io_address, type=p.type, command_mode=p.command_mode if not t.startswith("C_BO")
                                else c104.CommandMode.DIRECT) for t, p in orders.items()}
    server.start()
    client.start()
    for _ in range(100):
        if con.is_connected and con.state == c104.ConnectionState.OPEN:
            break
        time.sleep(0.05)
    con.unmute()		# STARTDT
    time.sleep(0.8)

    def step(what, *args, **kw):
        try:
            what(*args, **kw)
        except Exception as e:		# refused by the stack itself
            print(f"{name}: {what}: {e}", file=sys.stderr)
        time.sleep(0.1)

    if name in ("c104-interrogation", "c104-odd-port"):
        step(con.interrogation, common_address=CA)
        step(con.interrogation, common_address=CA, qualifier=c104.Qoi.GROUP_3)
        step(con.interrogation, common_address=65535)
        step(con.interrogation, common_address=999)	# nobody has it
        for rqt, frz in ((c104.Rqt.GENERAL, c104.Frz.READ), (c104.Rqt.GROUP_1, c104.Frz.FREEZE_WITHOUT_RESET),
                         (c104.Rqt.GENERAL, c104.Frz.COUNTER_RESET)):
            step(con.counter_interrogation, common_address=CA, qualifier=rqt, freeze=frz)
    if name == "c104-startup":
        time.sleep(4)
        step(station.signal_initialized, c104.Coi.REMOTE_RESET)
    if name in ("c104-spontaneous", "c104-keepalive"):
        for n, (at, p) in enumerate(points.items()):
            step(p.transmit, cause=c104.Cot.SPONTANEOUS)
            if name == "c104-keepalive" and n == 2:
                break
        if name == "c104-keepalive":
            time.sleep(6)
        else:
            step(points["M_ME_NC_1", 0].transmit, cause=c104.Cot.PERIODIC)
            step(points["M_SP_NA_1", 0].transmit, cause=c104.Cot.BACKGROUND_SCAN)
            points["M_ME_NC_1", 1].value = 17.25
            b = c104.Batch(cause=c104.Cot.SPONTANEOUS, points=[points["M_ME_NC_1", j] for j in range(3)])
            step(server.transmit_batch, b)
    if name in ("c104-commands", "c104-select", "c104-refused"):
        for t, p in mine.items():
            p.info = command(t)
            step(p.transmit, cause=c104.Cot.ACTIVATION)
            if t in ("C_SC_NA_1", "C_DC_TA_1"):
                p.info = command(t, False)
                step(p.transmit, cause=c104.Cot.ACTIVATION)
                step(p.transmit, cause=c104.Cot.DEACTIVATION)
    if name == "c104-refused":
        stranger = con.add_station(common_address=999)
        p = stranger.add_point(io_address=1, type=c104.Type.C_SC_NA_1)
        p.info = command("C_SC_NA_1")
        step(p.transmit, cause=c104.Cot.ACTIVATION)
        for at in (4999, 101):		# an address that is not there, one of another type
            p = remote.add_point(io_address=at if at != 101 else 6001, type=c104.Type.C_SE_NC_1)
            p.info = command("C_SE_NC_1")
            step(p.transmit, cause=c104.Cot.ACTIVATION)
    if name == "c104-services":
        step(con.clock_sync, common_address=CA)
        step(con.clock_sync, common_address=65535)
        step(con.test, common_address=CA, with_time=False)
        step(con.test, common_address=CA, with_time=True)
        for t in ("M_SP_NA_1", "M_ME_NC_1", "M_ST_TB_1", "M_IT_NA_1"):
            step(remote.get_point(io_address=points[t, 0].io_address).read)
        step(con.mute)
        time.sleep(0.3)
        step(points["M_SP_NA_1", 0].transmit, cause=c104.Cot.SPONTANEOUS)
        step(con.unmute)
        step(con.interrogation, common_address=300)
    time.sleep(0.5)
    client.stop()
    time.sleep(0.3)
    server.stop()
    if name == "c104-services":
        raw_services(port)
    os._exit(0)		# the stack's threads do not like to be joined


def raw_services(port):
    """What the stack answers and cannot ask: its server, our client."""
    import c104
    server = c104.Server(ip=RTU, port=port, tick_rate_ms=50)
    station = server.add_station(common_address=CA)
    station.add_point(io_address=100, type=c104.Type.M_SP_NA_1)
    server.start()
    time.sleep(0.5)
    s = socket.create_connection((RTU, port), source_address=(SCADA, 0))
    s.settimeout(0.4)
    sent, seen = 0, 0

    def send(asdu=None, control=None):
        nonlocal sent, seen
        if control is not None:
            body = bytes([control, 0, 0, 0])
        else:
            body = (sent << 1).to_bytes(2, "little") + (seen << 1).to_bytes(2, "little") + bytes.fromhex(asdu)
            sent += 1
        s.sendall(bytes([0x68, len(body)]) + body)
        time.sleep(0.15)
        try:
            got = s.recv(4096)
        except OSError:
            return
        while len(got) > 5:
            if not got[2] & 1:
                seen += 1
            got = got[2 + got[1]:]

    ca = CA.to_bytes(2, "little").hex()
    send(control=0x07)
    send(f"69 01 06 09 {ca} 000000 01")			# reset process
    send(f"69 01 06 09 {ca} 000000 02")
    send(f"6a 01 06 09 {ca} 000000 e803")		# delay acquisition
    send(f"6e 01 06 09 {ca} 640000 0010 01")		# parameters
    send(f"6f 01 06 09 {ca} 640000 0010 02")
    send(f"70 01 06 09 {ca} 640000 0000803f 03")
    send(f"71 01 06 09 {ca} 640000 01")
    send(f"7a 01 0d 09 {ca} 640000 0100 00 01")		# select a file
    send(f"66 01 05 09 {ca} 0f2700")			# read what is not there
    send(f"64 01 03 09 {ca} 000000 14")			# a cause that is none
    send(f"80 01 06 09 {ca} 000000 00")			# a type that is none
    send(control=0x43)
    send(control=0x13)
    s.close()
    server.stop()


NAMES = ["c104-startup", "c104-interrogation", "c104-spontaneous", "c104-commands", "c104-select", "c104-refused", "c104-services",
         "c104-keepalive", "c104-odd-port"]


if __name__ == "__main__":
    # Whoever connects to the station does so from the other address.
    main(inside, NAMES, __file__, ns=NS, ends=(SCADA, RTU), watched=RTU, out=OUT,
         route=("local", RTU, "dev", "lo", "table", "local", "src", SCADA))
