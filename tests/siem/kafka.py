#!/usr/bin/env python3
"""A real Kafka broker takes every line, whatever happens to it.

One broker in KRaft mode on loopback, from its jars (Maven Central, kept in build/siem or $THERMOWELL_SIEM).  It is ended by TERM and started
again, stands still for a while, and refuses lines that are too large for it; what is there is read by kcat.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import kit
import tw  # noqa: E402
from kit import Carry, carry, judge, lines, numbers, wants

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.environ.get("THERMOWELL_SIEM") or os.path.join(os.getcwd(), "siem")
JAVA = ["java", "-Xms128m", "-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
LARGEST = 100000


def jars():
    lib = os.path.join(KEPT, "kafka")
    if not glob.glob(os.path.join(lib, "kafka_2*.jar")):
        os.makedirs(KEPT, exist_ok=True)
        p = subprocess.run(["mvn", "-q", "-B", "-f", os.path.join(HERE, "kafka.xml"), "dependency:copy-dependencies",
                            "-DoutputDirectory=" + lib], capture_output=True, text=True, timeout=150, check=False)
        if p.returncode != 0:
            print(p.stdout[-2000:])
            tw.skip("the jars of Kafka cannot be had from Maven Central")
    return lib


class Broker:
    def __init__(self, lib, folder):
        self.java, self.port, self.folder, self.p = [*JAVA, "-cp", os.path.join(lib, "*")], kit.free_port(), folder, None
        self.conf = os.path.join(folder, "server.properties")
        controller = kit.free_port()
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f"process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n"
                    f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}\n"
                    f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}\ncontroller.listener.names=CONTROLLER\n"
                    f"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\nlog.dirs={folder}/log\n"
                    f"offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n"
                    f"message.max.bytes={LARGEST}\nnum.partitions=1\n")
        subprocess.run([*self.java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", self.conf],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)

    def start(self):
        with open(os.path.join(self.folder, "out"), "a", encoding="utf-8") as out:
            self.p = subprocess.Popen([*self.java, "kafka.Kafka", self.conf], stdout=out, stderr=out)
        kit.listening(self.port, 300)
        return self

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait(240)

    def read(self, topic):
        """(key, value) of all that is there."""
        p = subprocess.run(["kcat", "-C", "-e", "-q", "-b", f"127.0.0.1:{self.port}", "-t", topic, "-f", "%k|%s\n"], capture_output=True, text=True,
                           timeout=60, check=False)
        if p.returncode != 0 or not p.stdout:
            print(f"    kcat: {p.returncode}: {p.stderr[-1000:]}")
        return [x.split("|", 1) for x in p.stdout.splitlines()]


def faults(broker):
    given = lines(4000)
    given[1234] = given[1234].replace("xxxx", "y" * LARGEST, 1)
    run = Carry("kafka", f"127.0.0.1:{broker.port}", given, pace=1000, topic="faults", compress="no", batch_lines=50, batch_wait=5, retry_ms=200,
                sensor="plant-3", within=60)
    time.sleep(1.0)
    broker.stop()
    run.until("refused")
    broker.start()
    time.sleep(0.5)
    broker.p.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    broker.p.send_signal(signal.SIGCONT)
    said, text = run.end()
    got = broker.read("faults")
    bad = judge("Kafka: ended by TERM, stood still, a line too large", given, numbers(v for _, v in got), said, rejected=1)
    if said["acked"] != len(given):
        print(text)
    bad += wants("Kafka", text, "Connection refused", "takes what is sent again", "rejected: Broker: Message size too large")
    if {k for k, _ in got} != {"/plant-3/10.0.0.1"}:
        bad += 1
        print(f"    Kafka: keys {sorted({k for k, _ in got})}")
    return bad


def too_large(broker):
    """What stands behind a line that the broker refuses waits until those before it have arrived, however many are on their way."""
    given = lines(6000)
    large = range(700, 6000, 1100)
    for i in large:
        given[i] = given[i].replace("xxxx", "y" * LARGEST, 1)
    said, _ = carry("kafka", f"127.0.0.1:{broker.port}", given, topic="large", compress="no", batch_lines=50, batch_wait=5, retry_ms=50, within=60)
    return judge("Kafka, lines too large", given, numbers(v for _, v in broker.read("large")), said, rejected=len(large))


def ordinary(broker):
    """Compressed, and no line twice where nothing happens."""
    given = lines(3000)
    said, text = carry("kafka", f"localhost:{broker.port}", given, topic="ordinary", properties="linger.ms=5,security.protocol=plaintext")
    return judge("Kafka, ordinary", given, numbers(v for _, v in broker.read("ordinary")), said, may_repeat=False)


def values(broker, folder):
    """The program itself: values of tags and of addresses without one, and nothing else; what is there is what eve.json says, line by line."""
    conf, log = os.path.join(folder, "values.yaml"), os.path.join(folder, "values")
    os.mkdir(log)
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"process:\n  tags: {tw.SRCDIR}/tests/plant/values.csv\n  points: 200\noutputs:\n  sinks:\n    - name: values\n      transport: kafka\n"
                f"      target: 127.0.0.1:{broker.port}\n      topic: plant-values\n      types: [ process ]\n      batch-wait: 100\n")
    done = subprocess.run([tw.BINARY, "-q", "-c", conf, "-r", os.path.join(tw.SRCDIR, "pcaps/plant/plant-attack.pcap"), "-l", log], capture_output=True,
                          text=True, timeout=120, check=False)
    with open(os.path.join(log, "eve.json"), encoding="utf-8") as f:
        told = [line.rstrip("\n") for line in f if '"event_type":"process"' in line]
    got = broker.read("plant-values")
    bad = done.returncode != 0 or len(told) < 500 or [v for _, v in got] != told
    tagged = {json.loads(v)["ot"]["process"]["tag"] for _, v in got if '"raw":true' not in v}
    keys = {k.rsplit("/", 1)[-1] for k, _ in got}
    bad |= len(tagged) != 9 or not any('"raw":true' in v for _, v in got) or keys != {json.loads(v)["dest_ip"] for _, v in got}
    print(f"    Kafka, values: {len(told)} records, {len(got)} there, {len(tagged)} tags, keys {sorted(keys)}")
    if bad:
        print(done.stderr[-1000:], [(a, b) for (_, a), b in zip(got, told) if a != b][:1])
    return bad


def settings(broker):
    bad = 0
    for more, words in (({"properties": "a.b=c"}, "No such configuration property"), ({"properties": "sasl.password=x"}, "no passwords here"),
                        ({"properties": "acks"}, "is no name=value"), ({"watched": "lo"}, "leaves by lo, which is watched"),
                        ({"tls_name": "x"}, "certificates of brokers")):
        _, text = carry("kafka", f"127.0.0.1:{broker.port}", lines(1), within=1, **more)
        bad += wants(more, text, words)
    _, text = carry("kafka", f"localhost:{broker.port}", lines(1), patient=0, within=10, watched="lo")
    return bad + wants("a watched interface by name", text, "leaves by lo, which is watched")


def main():
    for tool, package in (("java", "default-jdk-headless"), ("mvn", "maven"), ("kcat", "kcat")):
        kit.need(tool, package)
    if "without librdkafka" in carry("kafka", "127.0.0.1:1", lines(1), patient=0)[1]:
        tw.skip("this thermowell was built without librdkafka")
    folder = tempfile.mkdtemp(prefix="tw-kafka-")
    broker = Broker(jars(), folder).start()
    try:
        bad = ordinary(broker) + values(broker, folder) + too_large(broker) + faults(broker) + settings(broker)
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
