"""Namespaces as machines: one per station, one router, one switch of a bridge per zone."""
import contextlib
import os
import subprocess

from hosts import HOSTS, ZONES


def run(*cmd, check=True):
    subprocess.run(cmd, check=check, stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL)


class Network:
    def __init__(self):
        self.prefix = f"twp{os.getpid()}-"
        self.spaces = []

    def ns(self, name):
        return self.prefix + name

    def inside(self, name, *cmd):
        return ["ip", "netns", "exec", self.ns(name), *cmd]

    def add(self, name):
        run("ip", "netns", "add", self.ns(name))
        self.spaces.append(name)
        run("ip", "-n", self.ns(name), "link", "set", "lo", "up")
        for key in ("all", "default"):
            run(*self.inside(name, "sysctl", "-qw", f"net.ipv6.conf.{key}.disable_ipv6=1"))

    def cable(self, name, port, zone, mac, address, device="eth0"):
        """From the station's card to a port of its zone's switch."""
        switch, ns = self.ns("switch"), self.ns(name)
        run("ip", "-n", switch, "link", "add", port, "type", "veth", "peer", "name", device, "netns", ns)
        run("ip", "-n", ns, "link", "set", device, "address", mac)
        for where, card in ((switch, port), (ns, device)):
            for what in ("tx", "rx", "tso", "gso", "gro"):
                run("ip", "netns", "exec", where, "ethtool", "-K", card, what, "off", check=False)
        run("ip", "-n", switch, "link", "set", port, "master", "sw-" + zone, "up")
        run("ip", "-n", ns, "addr", "add", address + "/24", "dev", device)
        run("ip", "-n", ns, "link", "set", device, "up")

    def build(self, names):
        self.add("switch")
        self.add("router")
        run(*self.inside("router", "sysctl", "-qw", "net.ipv4.ip_forward=1"))
        for i, (zone, (gateway, mac)) in enumerate(ZONES.items()):
            run("ip", "-n", self.ns("switch"), "link", "add", "sw-" + zone, "type", "bridge", "mcast_snooping", "0")
            run("ip", "-n", self.ns("switch"), "link", "set", "sw-" + zone, "up")
            self.cable("router", f"up{i}", zone, mac, gateway, f"eth{i}")
        for name in names:
            h = HOSTS[name]
            self.add(name)
            self.cable(name, name, h.zone, h.mac, h.ip)
            run("ip", "-n", self.ns(name), "route", "add", "default", "via", ZONES[h.zone][0])

    def link(self, name, state):
        run("ip", "-n", self.ns("switch"), "link", "set", name, state)

    def remove(self):
        for name in reversed(self.spaces):
            run("ip", "netns", "del", self.ns(name), check=False)
        self.spaces.clear()


@contextlib.contextmanager
def built(names):
    net = Network()
    try:
        net.build(names)
        yield net
    finally:
        net.remove()
