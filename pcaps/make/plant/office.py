"""The offices: names, time, a look at the trends.  Also the server that answers names and time."""
import http.client
import random
import socket
import struct
import threading
import time

from hosts import DNS_NAMES, HOSTS

SERVER = HOSTS["server"].ip


def name_of(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels), at + 5


def dns_server(run):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((SERVER, 53))
    while not run.ended():
        packet, who = s.recvfrom(512)
        name, end = name_of(packet)
        ip = DNS_NAMES.get(name)
        head = packet[:2] + struct.pack(">HHHHH", 0x8180 if ip else 0x8183, 1, 1 if ip else 0, 0, 0)
        answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 300, 4) + socket.inet_aton(ip) if ip else b""
        s.sendto(head + packet[12:end] + answer, who)


def resolve(source, name, dice):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    s.settimeout(2)
    question = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0" + struct.pack(">HH", 1, 1)
    try:
        s.sendto(struct.pack(">HHHHHH", dice.randrange(65536), 0x0100, 1, 0, 0, 0) + question, (SERVER, 53))
        s.recvfrom(512)
    except OSError:
        pass
    s.close()


def ntp_time():
    now = time.time() + 2208988800
    return struct.pack(">II", int(now), int((now % 1) * 2 ** 32))


def ntp_server(run):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((SERVER, 123))
    while not run.ended():
        packet, who = s.recvfrom(128)
        at = ntp_time()
        s.sendto(struct.pack(">BBbbII4s", 0x24, 2, 6, -20, 0x100, 0x200, bytes((192, 0, 2, 1))) + at + packet[40:48] + at + ntp_time(), who)


def ntp_client(run, source, first, period=64.0):
    """Every station that has a clock keeps it."""
    for _ in run.every(period, first, 1.0):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(2)
        try:
            s.bind((source, 123))
            s.sendto(struct.pack(">BBbb", 0x23, 0, 6, -20) + bytes(36) + ntp_time(), (SERVER, 123))
            s.recvfrom(128)
        except OSError:
            pass
        s.close()


def get(source, path):
    c = http.client.HTTPConnection(HOSTS["historian"].ip, 80, timeout=3, source_address=(source, 0))
    try:
        c.request("GET", path, headers={"User-Agent": "Mozilla/5.0", "Host": "historian.works.example"})
        c.getresponse().read()
    except OSError:
        pass
    c.close()


def desk(run, name):
    me, dice = HOSTS[name].ip, random.Random(run.rng.random())
    for _ in run.every(35.0, 7.0 if name == "office-1" else 19.0, 12.0):
        resolve(me, "historian.works.example", dice)
        get(me, "/trends?day=today")


def wait(run):
    while not run.stop.wait(0.5) and not run.ended():
        pass


def main(run, name):
    if name == "server":
        work = ((dns_server, (run,)), (ntp_server, (run,)))
    else:
        work = ((desk, (run, name)),)
    for f, args in work:
        threading.Thread(target=f, args=args, daemon=True).start()
    wait(run)
