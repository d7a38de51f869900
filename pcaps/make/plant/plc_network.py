"""The S7 controller: snap7's server holds the memory and answers; a relay in front adds what that server refuses.

snap7 listens on the station's loopback.  The relay takes the connections on port 102 and hands every PDU through, but
for the transfer of blocks (functions 1A to 1F), which snap7's server does not offer: those it answers itself, as an
S7-300 does.
"""
import ctypes
import select
import socket
import struct
import threading
import time

from hosts import HOSTS
from tags import S7

INSIDE = 1102
SIZES = {10: 64, 20: 32}
CODE = bytes.fromhex("7070010102080001") + bytes(28)	# the head of an MC7 block: signature, version, attributes, language, type, number


def block(kind, number, size):
    """A block as a controller keeps it: 36 bytes of head, code, 36 bytes of foot with author, family, name, version."""
    head = bytearray(CODE)
    head[5] = kind
    head[6:8] = struct.pack(">H", number)
    head[8:12] = struct.pack(">I", 36 + size + 36)
    head[34:36] = struct.pack(">H", size)
    foot = b"WORKS   NETWORK PUMPS   \x10" + bytes(11)
    return bytes(head) + bytes((0x70, 0x0b, 0x00, 0x02, 0x7e, 0x63, 0x00, number & 0xff) * (size // 8)) + foot


BLOCKS = {b"08\x30\x30\x30\x30\x31": block(8, 1, 400), b"0A\x30\x30\x30\x31\x30": block(10, 10, 64)}


class Transfer:
    """The six functions that move blocks, for one connection."""
    def __init__(self, send):
        self.send, self.out, self.busy, self.name = send, b"", False, b""

    def s7(self, rosctr, ref, param, data=b""):
        head = struct.pack(">BBHHHH", 0x32, rosctr, 0, ref, len(param), len(data))
        if rosctr == 3:
            head += b"\0\0"
        pdu = b"\x02\xf0\x80" + head + param + data
        self.send(b"\x03\0" + struct.pack(">H", 4 + len(pdu)) + pdu)

    def error(self, ref, function, code):
        head = struct.pack(">BBHHHH", 0x32, 3, 0, ref, 1, 0) + struct.pack(">H", code)
        pdu = b"\x02\xf0\x80" + head + bytes([function])
        self.send(b"\x03\0" + struct.pack(">H", 4 + len(pdu)) + pdu)

    def takes(self, pdu):
        """True when this PDU (from the S7 header on) was ours to answer."""
        if len(pdu) < 12 or pdu[0] != 0x32:
            return False
        ref, = struct.unpack_from(">H", pdu, 4)
        if pdu[1] == 3 and self.busy and pdu[12] in (0x1b, 0x1c):
            self.fetched(pdu)
            return True
        if pdu[1] != 1 or not 0x1a <= pdu[10] <= 0x1f:
            return False
        f, body = pdu[10], pdu[10:]
        if f == 0x1d:	# start upload: 8 bytes, then the length of the name and _0800001A
            name = body[9:9 + body[8]]
            self.out = BLOCKS.get(name[1:8], b"")
            if not self.out:
                self.error(ref, f, 0xd209)	# block not found
            else:
                self.s7(3, ref, b"\x1d\x00\x01\x00\x00\x00\x00\x07" + b"\x07" + b"%07d" % len(self.out))
        elif f == 0x1e:
            part, self.out = self.out[:200], self.out[200:]
            self.s7(3, ref, bytes((0x1e, 1 if self.out else 0)), struct.pack(">HH", len(part), 0x00fb) + part)
        elif f == 0x1f:
            self.s7(3, ref, b"\x1f")
        elif f == 0x1a:	# request download: from here on the controller asks
            self.busy, self.name = True, body[9:9 + body[8]]
            self.s7(3, ref, b"\x1a")
            self.ask(0x1b)
        return True

    def ask(self, f):
        self.s7(1, 0x0700 | f, bytes((f, 0, 0, 0, 0, 0, 0, 7, len(self.name))) + self.name)

    def fetched(self, pdu):
        if pdu[12] == 0x1b:
            self.ask(0x1b if pdu[13] & 1 else 0x1c)
        else:
            self.busy = False


def relay(client, run):
    inner = socket.create_connection(("127.0.0.1", INSIDE))
    for s in (client, inner):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transfer = Transfer(client.sendall)
    held = {client: b"", inner: b""}
    try:
        while not run.ended():
            for s in select.select([client, inner], [], [], 1)[0]:
                got = s.recv(4096)
                if not got:
                    return
                held[s] += got
                while len(held[s]) >= 4 and len(held[s]) >= struct.unpack_from(">H", held[s], 2)[0]:
                    n = max(4, struct.unpack_from(">H", held[s], 2)[0])
                    packet, held[s] = held[s][:n], held[s][n:]
                    if s is inner:
                        client.sendall(packet)
                    elif not transfer.takes(packet[7:]):
                        time.sleep(0.002)	# the controller's cycle
                        inner.sendall(packet)
    except OSError:
        pass
    finally:
        inner.close()
        client.close()


def listen(run):
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind((HOSTS["plc-network"].ip, 102))
    door.listen(8)
    while not run.ended():
        client, _ = door.accept()
        threading.Thread(target=relay, args=(client, run), daemon=True).start()


def program(w, state):
    """Pressure control: PI over the first pump's speed, the second helps near its end."""
    error = w["PT301_set"] - w["PT301"]
    state = max(40, min(110, state + error * 0.6 * 0.1))
    want = max(0, min(100, state + 5 * error))
    w["P301_cmd"] = want
    w["P302_cmd"] = 70 if want > 97 else 0 if want < 82 else w["P302_cmd"]
    if w["PT301"] > w["PT301_max"]:
        w["P301_cmd"] = w["P302_cmd"] = 0
    return state


def main(run):
    import snap7
    from snap7.type import SrvArea
    server = snap7.server.Server(log=False)
    memory = {}
    areas = [(SrvArea.DB, n, s) for n, s in SIZES.items()] + [(SrvArea.PE, 0, 16), (SrvArea.PA, 0, 16), (SrvArea.MK, 0, 32)]
    for area, number, size in areas:
        memory[area, number] = (ctypes.c_uint8 * size)()	# the server keeps no reference
        server.register_area(area, number, memory[area, number])
    server.start_to("127.0.0.1", INSIDE)
    threading.Thread(target=listen, args=(run,), daemon=True).start()
    w, state = run.wires, 82.0
    for db, at, wire, *_ in S7:
        struct.pack_into(">f", memory[SrvArea.DB, db], at, w[wire])
    while not run.ended():
        for db, at, wire, *_ in S7:
            if db == 10:
                struct.pack_into(">f", memory[SrvArea.DB, 10], at, w[wire])
            else:
                w[wire] = struct.unpack_from(">f", memory[SrvArea.DB, 20], at)[0]
        if server.get_status()[1].endswith("Stop"):
            w["P301_cmd"] = w["P302_cmd"] = 0
        else:
            state = program(w, state)
        memory[SrvArea.PA, 0][0] = (w["P301_cmd"] > 1) | (w["P302_cmd"] > 1) << 1
        memory[SrvArea.PE, 0][0] = (w["P301_speed"] > 1) | (w["P302_speed"] > 1) << 1
        memory[SrvArea.MK, 0][0] = 1
        time.sleep(0.1)
    server.stop()
