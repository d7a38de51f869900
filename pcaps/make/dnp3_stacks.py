#!/usr/bin/env python3
"""Makes the DNP3 captures that a real stack can make: opendnp3 on both ends.

One network namespace of its own plays the plant; master and outstation are opendnp3 (PyPI `yadnp3`), dumpcap records
on its loopback.

    sudo PYTHON dnp3_stacks.py [NAME...]     makes all captures, or those named, in ../dnp3/

PYTHON is a python that has yadnp3.  Needs root, ip and dumpcap.  Nothing leaves the namespace, which is removed at the end.
"""
import os
import sys
import time

from stacks_kit import main

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "dnp3")
NS = "tw-make-dnp3"
SCADA, RTU = "10.30.0.10", "10.30.1.21"


def inside(name):
    """One scenario; runs in the namespace."""
    import opendnp3 as o
    sys.path.insert(0, os.path.join(HERE, "plant"))
    from dnp3_parts import KEEP as keep, QUIET as levels, SOE, Listener, MasterApp, k

    class OutstationApp(o.IOutstationApplication):
        def __init__(self):
            super().__init__()

        def Now(self):
            return o.DNPTime(int(time.time() * 1000))

        def SupportsWriteAbsoluteTime(self):
            return True

        def WriteAbsoluteTime(self, ts):
            return True

        def SupportsWriteTimeAndInterval(self):
            return True

        def SupportsAssignClass(self):
            return True

        def RecordClassAssignment(self, *a):
            pass

        def GetApplicationIIN(self):
            return o.ApplicationIIN()

        def ColdRestartSupport(self):
            return o.RestartMode.SUPPORTED_DELAY_FINE

        def WarmRestartSupport(self):
            return o.RestartMode.SUPPORTED_DELAY_COARSE

        def ColdRestart(self):
            return 500

        def WarmRestart(self):
            return 5

        def OnConfirmProcessed(self, *a):
            pass

    class Commands(o.ICommandHandler):
        def __init__(self):
            super().__init__()

        def Begin(self):
            pass

        def End(self):
            pass

        def Select(self, command, index, *rest):
            return o.CommandStatus.SUCCESS if index < 5 else o.CommandStatus.OUT_OF_RANGE

        def Operate(self, command, index, *rest):
            return o.CommandStatus.SUCCESS if index < 5 else o.CommandStatus.OUT_OF_RANGE

    manager = k(o.DNP3Manager(1))
    port = 4712 if name == "opendnp3-odd-port" else 20000
    retry = o.ChannelRetry.Default()
    if name == "opendnp3-udp":
        server = manager.AddUDPChannel("rtu", levels, retry, o.IPEndpoint(RTU, port), o.IPEndpoint(SCADA, 20001), k(Listener()))
        client = manager.AddUDPChannel("scada", levels, retry, o.IPEndpoint(SCADA, 20001), o.IPEndpoint(RTU, port), k(Listener()))
    elif name == "opendnp3-called-back":	# the outstation opens the connection
        server = manager.AddOutstationTCPClient("rtu", levels, retry, [o.IPEndpoint(SCADA, port)], RTU, k(Listener()))
        client = manager.AddTCPServer("scada", levels, o.ServerAcceptMode.CloseExisting, o.IPEndpoint(SCADA, port), k(Listener()))
    else:
        server = manager.AddTCPServer("rtu", levels, o.ServerAcceptMode.CloseExisting, o.IPEndpoint(RTU, port), k(Listener()))
        client = manager.AddTCPClient("scada", levels, retry, [o.IPEndpoint(RTU, port)], SCADA, k(Listener()))

    points = 200 if name == "opendnp3-fragments" else 5
    oc = o.OutstationStackConfig(o.DatabaseConfig(points))
    oc.link.LocalAddr, oc.link.RemoteAddr = 10, 1
    oc.link.KeepAliveTimeout = o.TimeDuration.Seconds(60)
    oc.outstation.params.allowUnsolicited = name in ("opendnp3-unsolicited", "opendnp3-udp")
    if hasattr(o, "EventBufferConfig"):
        try:
            oc.outstation.eventBufferConfig = o.EventBufferConfig.AllTypes(100)
        except AttributeError:
            oc.outstation.eventBufferConfig = o.EventBufferConfig(100)
    more = ()
    if name == "opendnp3-file-transfer":
        from dnp3_files import KEY, Files
        more = (k(Files()),)
    outstation = k(server.AddOutstation("rtu", k(Commands()), k(OutstationApp()), oc, *more))
    mc = o.MasterStackConfig()
    mc.link.LocalAddr, mc.link.RemoteAddr = 1, 10
    mc.link.KeepAliveTimeout = o.TimeDuration.Seconds(60)
    # An answer is waited for even where there is none.
    mc.master.responseTimeout = o.TimeDuration.Milliseconds(100 if name == "opendnp3-no-acknowledgment" else 2000)
    mc.master.disableUnsolOnStartup = True
    if name == "opendnp3-time":
        mc.master.timeSyncMode = o.TimeSyncMode.LAN
    soe = k(SOE())
    master = k(client.AddMaster("scada", soe, k(MasterApp()), mc))
    outstation.Enable()
    time.sleep(0.3)
    master.Enable()
    time.sleep(1.5)

    def step(what, *args):
        def done(*a):
            keep.append(a)
        try:
            what(*args, k(done))
        except TypeError:
            what(*args)
        time.sleep(0.12)

    def tried(what, *args):
        try:
            step(what, *args)
        except Exception as e:		# a service that this build does not offer
            print(f"{name}: {getattr(what, '__name__', what)}: {str(e).splitlines()[0]}", file=sys.stderr)

    gv = o.GroupVariationID

    def raw(group, variation, qualifier, body):
        return o.Header.Raw(bytes([group, variation, qualifier]) + bytes.fromhex(body))

    if name in ("opendnp3-scans", "opendnp3-odd-port", "opendnp3-udp", "opendnp3-fragments"):
        tried(master.ScanClasses, o.ClassField.AllClasses(), soe)
        tried(master.ScanClasses, o.ClassField.AllEventClasses(), soe)
        if name != "opendnp3-udp":
            tried(master.ScanRange, gv(30, 2), 1, 3, soe)
    if name == "opendnp3-scans":
        for g, vs in ((0, (254, 255, 252)), (1, (0, 1, 2)), (3, (0, 2)), (10, (0, 2)), (20, (0, 1, 2, 5, 6)), (21, (0, 1, 2, 5, 9)),
                      (30, (0, 1, 2, 3, 4, 5, 6)), (34, (0, 1, 2, 3)), (40, (0, 1, 2, 3, 4)), (50, (1, 4)), (110, (0,)), (2, (0,)),
                      (4, (0,)), (11, (0,)), (22, (0,)), (23, (0,)), (32, (0,)), (42, (0,)), (111, (0,)), (121, (0,)), (5, (1,))):
            for v in vs:
                tried(master.ScanAllObjects, gv(g, v), soe)
    if name == "opendnp3-commands":
        crob = o.ControlRelayOutputBlock
        for op in (o.OperationType.LATCH_ON, o.OperationType.LATCH_OFF, o.OperationType.PULSE_ON, o.OperationType.PULSE_OFF):
            for tcc in (o.TripCloseCode.NUL, o.TripCloseCode.CLOSE, o.TripCloseCode.TRIP):
                tried(master.SelectAndOperate, crob(op, tcc), 1)
        tried(master.DirectOperate, crob(o.OperationType.LATCH_ON), 2)
        tried(master.DirectOperate, crob(o.OperationType.LATCH_ON), 9)
        tried(master.SelectAndOperate, crob(o.OperationType.LATCH_ON), 9)
        for kind, v in ((o.AnalogOutputInt16, -7), (o.AnalogOutputInt32, 70000), (o.AnalogOutputFloat32, 1.5),
                        (o.AnalogOutputDouble64, 2.25)):
            tried(master.SelectAndOperate, kind(v), 0)
            tried(master.DirectOperate, kind(v), 1)
            tried(master.DirectOperate, kind(v), 9)
    if name == "opendnp3-unsolicited":
        for i in range(4):
            b = o.UpdateBuilder()
            b.Update(o.Binary(i % 2 == 0), i)
            b.Update(o.DoubleBitBinary(o.DoubleBit.DETERMINED_ON), i)
            b.Update(o.Analog(100.5 + i), i)
            b.Update(o.Counter(10 + i), i)
            b.Update(o.BinaryOutputStatus(True), i)
            b.Update(o.AnalogOutputStatus(3.5 + i), i)
            b.FreezeCounter(i, False)
            outstation.Apply(b.Build())
            time.sleep(0.4)
        tried(master.PerformFunction, "quiet", o.FunctionCode.DISABLE_UNSOLICITED, [o.Header.AllObjects(60, 2)])
    if name == "opendnp3-time":
        tried(master.Restart, o.RestartType.COLD)
        tried(master.Restart, o.RestartType.WARM)
        outstation.SetRestartIIN()
        tried(master.ScanClasses, o.ClassField.AllClasses(), soe)
        time.sleep(0.5)
    if name == "opendnp3-services":
        for f in (o.FreezeType.ImmediateFreeze, o.FreezeType.FreezeAndClear, o.FreezeType.ImmediateFreezeNR, o.FreezeType.FreezeAndClearNR):
            tried(master.Freeze, f, [o.Header.AllObjects(20, 0)])
        tried(master.WriteDeadBands, [o.IndexedAnalogInputDeadband(o.AnalogInputDeadband(5.0), 1)])
        tried(master.Write, o.TimeAndInterval(o.DNPTime(1700000000000), 15, o.IntervalUnits.Minutes), 0)
        tried(master.CheckLinkStatus)
        tried(master.Restart, o.RestartType.COLD)
        tried(master.Restart, o.RestartType.WARM)
        tried(master.PerformFunction, "assign", o.FunctionCode.ASSIGN_CLASS, [o.Header.AllObjects(60, 2), o.Header.AllObjects(1, 0)])
        for f in ("DISABLE_UNSOLICITED", "ENABLE_UNSOLICITED", "INITIALIZE_DATA", "INITIALIZE_APPLICATION", "START_APPLICATION",
                  "STOP_APPLICATION", "DELAY_MEASURE", "RECORD_CURRENT_TIME", "FREEZE_AT_TIME", "ACTIVATE_CONFIG"):
            headers = [o.Header.AllObjects(60, 2)] if "UNSOL" in f else []
            tried(master.PerformFunction, f, getattr(o.FunctionCode, f), headers)
    if name == "opendnp3-files":
        tried(master.ReadDirectory, "/")
        tried(master.ReadFile, "/log.txt")
        tried(master.GetFileInfo, "/log.txt")
        tried(master.WriteFile, "/new.txt", b"a few lines of text\n" * 5, o.FilePermissions())
        tried(master.DeleteFile, "/new.txt")
        tried(master.AuthenticateFile, "operator", "secret")
        tried(master.AbortFile, 1)
        time.sleep(2)
    if name == "opendnp3-file-transfer":
        tried(master.ReadDirectory, "/")
        tried(master.GetFileInfo, "/log.txt")
        tried(master.GetFileInfo, "/missing.txt")
        tried(master.ReadFile, "/log.txt")
        tried(master.ReadFile, "/missing.txt")
        tried(master.ReadFile, "/config/points.csv")
        tried(master.AuthenticateFile, "operator", "wrong")
        tried(master.AuthenticateFile, "operator", "secret")
        tried(master.ReadFileWithAuth, "/config/points.csv", KEY)
        tried(master.WriteFile, "/new.txt", b"a few lines of text\n" * 30, o.FilePermissions.FromRaw(0o644))
        tried(master.WriteFileWithAuth, "/config/new.csv", b"0,level,m\n", o.FilePermissions.FromRaw(0o600), o.FileMode.APPEND, KEY)
        # Opened and never read: an abort that finds something.
        tried(master.PerformFunction, "open", o.FunctionCode.OPEN_FILE, [raw(70, 3, 0x5b, "01 2200 1A00 0800 000000000000 0000 00000000 "
                                                                         "00000000 0100 0001 0900 2F6C6F672E747874")])
        tried(master.AbortFile, 6)
        tried(master.DeleteFile, "/log.txt")
        tried(master.DeleteFile, "/log.txt")
        time.sleep(2)
    if name == "opendnp3-called-back":
        period = o.TimeDuration.Milliseconds(700)
        for add, args in ((master.AddClassScan, (o.ClassField.AllEventClasses(),)), (master.AddAllObjectsScan, (gv(30, 0),)),
                          (master.AddRangeScan, (gv(20, 5), 0, 2))):
            try:
                k(add(*args, period, soe))
            except TypeError as e:
                print(name, e)
        k(master.AddScan(period, [o.Header.Range8(1, 2, 0, 3), o.Header.Count8(60, 2, 3)], soe))
        master.Scan([o.Header.Range16(30, 5, 1, 3), o.Header.AllObjects(10, 2), o.Header.From(o.PointClass.Class1)], soe)
        b = o.UpdateBuilder()
        b.Update(o.Analog(-17.5), 1)
        b.Update(o.Counter(4000000000), 1)
        b.Update(o.TimeAndInterval(o.DNPTime(1700000000000), 5, o.IntervalUnits.Days), 0)
        b.Modify(o.FlagsType.AnalogInput, 0, 2, 0x21)
        outstation.Apply(b.Build())
        time.sleep(1)
        tried(master.ScanAllObjects, gv(50, 4), soe)
        tried(master.SelectAndOperate, o.ControlRelayOutputBlock(o.OperationType.LATCH_ON), 1)
        time.sleep(1)
    if name == "opendnp3-no-acknowledgment":
        f = o.FunctionCode
        tried(master.PerformFunction, "crob", f.DIRECT_OPERATE_NR, [raw(12, 1, 0x17, "01 01 03 01 64000000 64000000 00")])
        tried(master.PerformFunction, "crobs", f.DIRECT_OPERATE_NR, [raw(12, 1, 0x28, "0200 0100 4101 64000000 64000000 00 "
                                                                         "0200 8101 64000000 64000000 00")])
        for variation, value in ((1, "70110100"), (2, "F9FF"), (3, "0000C03F"), (4, "0000000000000240")):
            tried(master.PerformFunction, "analog", f.DIRECT_OPERATE_NR, [raw(41, variation, 0x17, f"01 00 {value} 00")])
        for function in (f.IMMED_FREEZE_NR, f.FREEZE_CLEAR_NR):
            tried(master.PerformFunction, "freeze", function, [o.Header.AllObjects(20, 0)])
        for function in (f.FREEZE_AT_TIME, f.FREEZE_AT_TIME_NR):
            tried(master.PerformFunction, "freeze at time", function, [raw(50, 2, 0x07, "01 0068E5CF8B01 10270000"),
                                                                      o.Header.AllObjects(20, 0)])
    if name == "opendnp3-authentication":
        # opendnp3 has no secure authentication: the objects are ours, framing, numbers and refusals the stack's.
        f = o.FunctionCode
        for variation, body in ((1, "01000000 0100 04 01 A1B2C3D4"), (2, "01000000 0100 " + "5A" * 16), (3, "02000000 0100"),
                                (4, "0100"), (6, "01000000 0100 " + "C7" * 40), (7, "01000000 0100 0000 05 0068E5CF8B01 " + "bad key".encode().hex()),
                                (10, "03 01 00000000 0100 6D01 0500 0000 0400 " + "alice".encode().hex() + "AB" * 4),
                                (11, "03 0500 0400 " + "alice".encode().hex() + "A1B2C3D4")):
            n = len(bytes.fromhex(body))
            tried(master.PerformFunction, "authentication", f.AUTH_REQUEST, [raw(120, variation, 0x5b, f"01 {n & 255:02x}{n >> 8:02x} {body}")])
        tried(master.ScanAllObjects, gv(121, 0), soe)
        tried(master.ScanAllObjects, gv(122, 0), soe)
    time.sleep(0.8)
    os._exit(0)		# the stack's threads do not like to be joined


NAMES = ["opendnp3-scans", "opendnp3-commands", "opendnp3-unsolicited", "opendnp3-time", "opendnp3-services", "opendnp3-files",
         "opendnp3-file-transfer", "opendnp3-no-acknowledgment", "opendnp3-authentication", "opendnp3-called-back",
         "opendnp3-fragments", "opendnp3-udp", "opendnp3-odd-port"]


if __name__ == "__main__":
    main(inside, NAMES, __file__, ns=NS, ends=(SCADA, RTU), watched=SCADA, out=OUT)
