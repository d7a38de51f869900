"""The mirror port: what every access port of the switch receives, once, in order, with the kernel's time.

That is the session "source: all access ports, direction: rx" of a managed switch.  Routed packets are seen where they
enter, with the sender's own MAC; the router's legs are not mirrored.
"""
import socket
import struct

ETH_P_ALL, SO_TIMESTAMPNS, PACKET_OUTGOING, SOL_PACKET, PACKET_AUXDATA = 3, 35, 4, 263, 8


def main(run, path, ports):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    s.settimeout(0.2)
    ports = set(ports)
    frames = []
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        while not run.ended():
            try:
                data, ancillary, _, (port, _, kind, *_) = s.recvmsg(65535, 256)
            except TimeoutError:
                frames = spill(f, frames)
                continue
            if kind == PACKET_OUTGOING or port not in ports:
                continue
            sec, ns = struct.unpack_from("<qq", next(a[2] for a in ancillary if a[1] == SO_TIMESTAMPNS))
            frames.append((sec, ns // 1000, data))
            if len(frames) > 64:
                frames = spill(f, frames)
        spill(f, frames)


def spill(f, frames):
    """Two processors may hand over their frames in the wrong order by some microseconds."""
    for sec, us, data in sorted(frames, key=lambda x: x[:2]):
        f.write(struct.pack("<IIII", sec, us, len(data), len(data)) + data)
    return []
