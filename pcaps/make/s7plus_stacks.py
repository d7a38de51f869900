#!/usr/bin/env python3
"""Makes the S7comm-plus captures that a real stack can make.

A network namespace of its own plays the plant; client and server emulator are s7commplus (PyPI, `pip install s7commplus==0.3`);
dumpcap records on its loopback interface.

    sudo PYTHON s7plus_stacks.py [NAME...]     makes all captures, or those named, in ../s7/plus-stack-*.pcap

PYTHON is a python that has s7commplus.  Needs root, ip and dumpcap.  Nothing leaves the namespace; it is removed at the end.
"""
import contextlib
import datetime
import os
import signal
import subprocess
import sys
import tempfile
import time

import s7_stacks as base

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "s7")
attempt = base.attempt


def record(name):
    out = os.path.join(OUT, "plus-stack-" + name + ".pcap")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(out)
    inside = ["ip", "netns", "exec", base.NS]
    me = [sys.executable, os.path.abspath(__file__)]
    dump = subprocess.Popen(inside + ["dumpcap", "-q", "-i", "lo", "-P", "-s", "65535", "-f", "tcp port 102", "-w", out],
                            stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    server = subprocess.Popen(inside + me + ["serve", name])
    time.sleep(1.5)
    subprocess.run(inside + me + ["client", name], check=True)
    time.sleep(0.5)
    server.send_signal(signal.SIGTERM)
    server.wait()
    dump.send_signal(signal.SIGINT)
    dump.wait()
    print(name, os.path.getsize(out))


def certificate(folder):
    """A self-signed one, as a controller has."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "PLC-1")])
    start = datetime.datetime(2026, 1, 1)
    cert = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7) \
        .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=9999)).sign(key, hashes.SHA256())
    paths = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    with open(paths[0], "wb") as f:
        f.write(cert.public_bytes(serialization.Encoding.PEM))
    with open(paths[1], "wb") as f:
        f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return paths


def serve(name):
    from s7commplus import Server
    from s7commplus.protocol import ProtocolVersion
    tls = name == "tls"
    server = Server(protocol_version=ProtocolVersion.V2 if tls else ProtocolVersion.V1,
                    max_response_pdu=120 if name == "fragments" else None)
    server.register_db(1, {"level": ("Real", 0), "flow": ("Real", 4), "pump": ("Bool", 8), "starts": ("DInt", 10)})
    server.register_raw_db(2, bytearray(range(200)))
    with tempfile.TemporaryDirectory() as folder:
        paths = certificate(folder) if tls else (None, None)
        server.start(host=base.PLC, port=102, use_tls=tls, tls_cert=paths[0], tls_key=paths[1])
        signal.pause()


def variables(c):
    attempt(c.db_read, 1, 0, 14)
    attempt(c.db_write, 1, 4, b"\x42\x28\x00\x00")
    attempt(c.db_read_multi, [(1, 0, 4), (2, 10, 8), (99, 0, 4)])
    from s7commplus.protocol import DataType
    attempt(c.db_write_multi, [(1, 0, b"\x41\x20\x00\x00", DataType.REAL), (2, 3, b"\xaa\xbb", DataType.WORD), (99, 0, b"\x00", DataType.BYTE)])
    attempt(c.db_read, 2, 190, 40)
    attempt(c.read_area, 82, 100, 4)
    attempt(c.write_area, 82, 100, b"\x12\x34")
    attempt(c.read_symbolic, 0x8a0e0001, [9])
    attempt(c.read_symbolic_multi, [(0x8a0e0001, [9], 0), (0x8a0e0001, [10, 2], 0x12345678), (82, [11], 0)])
    attempt(c.write_symbolic, 0x8a0e0001, [9], b"\x41\x20\x00\x00")


def services(c):
    from s7commplus.protocol import FunctionCode
    attempt(c.get_cpu_state)
    attempt(c.list_datablocks)
    attempt(c.browse)
    for number in (0, 1, 3, 48, 50, 0x8a0e0001, 0x8a0e0063):
        attempt(c.explore, number)
    attempt(c.explore, 3, [233, 2521, 2522])
    attempt(c.upload_block, 8, 1)
    attempt(c.download_block, 8, 1, b"\x70\x70\x01\x01")
    attempt(c.create_subscription, ["8A0E0001.9", "8A0E0001.A"])
    attempt(c.create_alarm_subscription)
    attempt(c.read_alarms)
    for code in FunctionCode:				# those the emulator does not have, too
        attempt(c._connection.send_request, code, b"\0\0\0\x34\0\0\0\0")


def fragments(c):
    attempt(c.explore, 3)
    attempt(c.db_read, 2, 0, 200)
    attempt(c.list_datablocks)


def tls(c):
    attempt(c.db_read, 1, 0, 14)
    attempt(c.db_write, 1, 4, b"\x42\x28\x00\x00")
    attempt(c.explore, 3)


def tags(c):
    """Names instead of numbers, subscriptions with what they send, the program's texts, goodbye to each."""
    from s7commplus.protocol import DataType
    attempt(c.refresh_tag_catalog)		# the emulator has no names to browse
    attempt(c.refresh_caches_if_program_changed)
    attempt(c.read_tag, "DB1.level")
    attempt(c.write_multi, [(2, 0, b"\x01\x02", DataType.WORD), (2, 2, b"\x03", DataType.BYTE)])
    for number in (0, 3, 52, 0x8a0e0001):
        attempt(c.explore_xml, number)
    attempt(c.set_plc_operating_state, 8)
    ids = attempt(c.create_subscriptions, ["8A0E0001.9", "8A0E0001.A", "8A0E0001.B"]) or []
    time.sleep(0.6)
    for number in ids:
        attempt(c.delete_subscription, number)
    attempt(c.resubscribe)
    alarm = attempt(c.create_alarm_subscription)
    if alarm is not None:
        attempt(c.delete_alarm_subscription, alarm)


SCENARIOS = {"variables": variables, "tags": tags, "services": services, "fragments": fragments, "tls": tls}


def client(name):
    from s7commplus import Client
    c = Client()
    c.connect(base.PLC, use_tls=name == "tls", connection_type="es" if name == "services" else "hmi")
    SCENARIOS[name](c)
    attempt(c.disconnect)


def main():
    base.NS = "tw-make-s7plus"
    if len(sys.argv) > 1 and sys.argv[1] == "serve":
        serve(sys.argv[2])
    elif len(sys.argv) > 1 and sys.argv[1] == "client":
        client(sys.argv[2])
    else:
        with base.plant():
            for name in sys.argv[1:] or SCENARIOS:
                record(name)


if __name__ == "__main__":
    main()
