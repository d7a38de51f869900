"""What opendnp3 (yadnp3) needs to be called back with; it keeps no references, so KEEP does."""
import time

import opendnp3 as o

KEEP = []
QUIET = o.levels.NOTHING if hasattr(o.levels, "NOTHING") else o.LogLevels(0)


def k(x):
    KEEP.append(x)
    return x


class SOE(o.ISOEHandler):
    def __init__(self):
        super().__init__()

    def BeginFragment(self, info):
        pass

    def EndFragment(self, info):
        pass

    def Process(self, info, values):
        pass

    def OnDeviceAttribute(self, *args):
        pass


class Listener(o.IChannelListener):
    def __init__(self):
        super().__init__()

    def OnStateChange(self, state):
        pass


class MasterApp(o.IMasterApplication):
    def __init__(self):
        super().__init__()

    def Now(self):
        return o.UTCTimestamp(int(time.time() * 1000))

    def OnReceiveIIN(self, iin):
        pass

    def OnTaskStart(self, *a):
        pass

    def OnTaskComplete(self, info):
        pass

    def OnOpen(self):
        pass

    def OnClose(self):
        pass

    def AssignClassDuringStartup(self):
        return False

    def ConfigureAssignClassRequest(self, fun):
        pass


def patience(seconds):
    """Tries to connect, and to connect again after a loss, that far apart."""
    wait = o.TimeDuration.Seconds(seconds)
    retry = o.ChannelRetry(wait, wait)
    retry.reconnectDelay = wait
    return retry


def master(name, local_ip, remote_ip, address, retry_s, **params):
    """A master with a channel of its own: (master, its handler of values)."""
    manager = k(o.DNP3Manager(1))
    channel = k(manager.AddTCPClient(name, QUIET, patience(retry_s), [o.IPEndpoint(remote_ip, 20000)], local_ip, k(Listener())))
    conf = o.MasterStackConfig()
    conf.link.LocalAddr, conf.link.RemoteAddr = address, 10
    conf.link.KeepAliveTimeout = o.TimeDuration.Seconds(90)
    conf.master.responseTimeout = o.TimeDuration.Seconds(3)
    for key, value in params.items():
        setattr(conf.master, key, value)
    soe = k(SOE())
    return k(channel.AddMaster(name, soe, k(MasterApp()), conf)), soe
