"""The RTU on the hill: opendnp3's outstation over the wires."""
import os
import time

import opendnp3 as o

from dnp3_parts import KEEP, QUIET, Listener, k
from hosts import HOSTS
from tags import DNP3

RESTART = []	# when a cold restart was asked for


class App(o.IOutstationApplication):
    def __init__(self):
        super().__init__()
        self.needs_time = True

    def Now(self):
        return o.DNPTime(int(time.time() * 1000))

    def SupportsWriteAbsoluteTime(self):
        return True

    def WriteAbsoluteTime(self, ts):
        self.needs_time = False
        return True

    def SupportsWriteTimeAndInterval(self):
        return False

    def SupportsAssignClass(self):
        return False

    def RecordClassAssignment(self, *a):
        pass

    def GetApplicationIIN(self):
        iin = o.ApplicationIIN()
        iin.needTime = self.needs_time
        return iin

    def ColdRestartSupport(self):
        return o.RestartMode.SUPPORTED_DELAY_FINE

    def WarmRestartSupport(self):
        return o.RestartMode.UNSUPPORTED

    def ColdRestart(self):
        RESTART.append(time.monotonic())
        return 4000

    def WarmRestart(self):
        return 0

    def OnConfirmProcessed(self, *a):
        pass


class Commands(o.ICommandHandler):
    """The inlet valve and the level set-point; nothing else can be commanded."""
    def __init__(self, wires):
        super().__init__()
        self.wires = wires

    def Begin(self):
        pass

    def End(self):
        pass

    def Select(self, command, index, *rest):
        return o.CommandStatus.SUCCESS if index == 0 else o.CommandStatus.OUT_OF_RANGE

    def Operate(self, command, index, *rest):
        if index != 0:
            return o.CommandStatus.OUT_OF_RANGE
        if isinstance(command, o.ControlRelayOutputBlock):
            self.wires["V401_cmd"] = 1 if command.opType == o.OperationType.LATCH_ON else 0
        else:
            self.wires["LT401_set"] = command.value / 100
        return o.CommandStatus.SUCCESS


KINDS = {"binary input": (o.Binary, bool), "analog input": (o.Analog, float), "counter": (o.Counter, int),
         "binary output": (o.BinaryOutputStatus, bool), "analog output": (o.AnalogOutputStatus, float)}


def refresh(outstation, w, last):
    """Hand the stack what has moved by more than its dead-band."""
    b, any_new = o.UpdateBuilder(), False
    for kind, index, wire, scale, *_, band in DNP3:
        cls, of = KINDS[kind]
        value = int(w[wire] * scale) if of is not bool else int(w[wire] * scale >= 1)
        key = (kind, index)
        if key in last and abs(value - last[key]) < band:
            continue
        last[key] = value
        b.Update(cls(of(value), o.Flags(1)) if "output" not in kind else cls(of(value)), index)
        any_new = True
    if any_new:
        outstation.Apply(b.Build())


def main(run):
    w = run.wires
    manager = k(o.DNP3Manager(1))
    channel = k(manager.AddTCPServer("rtu", QUIET, o.ServerAcceptMode.CloseExisting,
                                     o.IPEndpoint(HOSTS["rtu-hill"].ip, 20000), k(Listener())))
    database = o.DatabaseConfig(4)
    for none in ("double_binary", "frozen_counter", "octet_string", "time_and_interval"):
        setattr(database, none, {})
    conf = o.OutstationStackConfig(database)
    conf.link.LocalAddr, conf.link.RemoteAddr = 10, 1
    conf.link.KeepAliveTimeout = o.TimeDuration.Seconds(300)
    conf.outstation.params.allowUnsolicited = True
    conf.outstation.params.respondToAnyMaster = True
    conf.outstation.params.unsolConfirmTimeout = o.TimeDuration.Seconds(1)	# it defers reads as long as it waits
    conf.outstation.eventBufferConfig = o.EventBufferConfig.AllTypes(100)
    app = k(App())
    outstation = k(channel.AddOutstation("rtu", k(Commands(w)), app, conf))
    last = {}
    refresh(outstation, w, last)
    outstation.Enable()
    while not run.ended():
        refresh(outstation, w, last)
        time.sleep(1)
        if RESTART and time.monotonic() - RESTART[0] > 0.5:
            os._exit(3)		# __main__ starts it anew
    KEEP.clear()
    os._exit(0)		# the stack's threads do not like to be joined
