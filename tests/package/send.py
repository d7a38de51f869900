"""Send the frames of a capture to an interface, in the order that they have: send.py CAPTURE IFACE RATE"""
import socket
import struct
import sys
import time

with open(sys.argv[1], "rb") as f:
    data = f.read()
frames, at = [], 24
while at < len(data):
    n = struct.unpack_from("<I", data, at + 8)[0]
    frames.append(data[at + 16:at + 16 + n])
    at += 16 + n
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[2], 0))
begin, rate = time.monotonic(), float(sys.argv[3])
for i, frame in enumerate(frames):
    s.send(frame)
    late = begin + i / rate - time.monotonic()
    if late > 0.001:
        time.sleep(late)
print(f"{len(frames)} frames sent")
