#!/usr/bin/env python3
"""thermowell check-mirror: on captures of mirrors that are right, one-sided, doubled, cut, damaged, lossy, no mirrors at all; and on a
wire in a namespace, where it may be made (root)."""
import json
import os
import pty
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import pcap  # noqa: E402
import tw  # noqa: E402
import wire  # noqa: E402

# Captures of the tree: what is wrong with them, and what the text must say.
CAPTURES = {
    "plant/plant": ([], ["The mirror port is right.", "10.20.1.11", "devices           12, 9 of them"]),
    "modbus/requests-only": (["one_direction"], ["both directions   no: 0 of 1 TCP", '"rx and tx"']),
    "modbus/answers-only": (["one_direction"], ["both directions   no: "]),
    "net/duplicates-both-directions": (["duplicates"], ["10 of 20 frames (50.0 %)"]),
    "net/prp-twins": ([], ["duplicates        none"]),
    "net/snaplen": (["cut"], ["1 of 10 frames (10.0 %)"]),
    "net/vlan": ([], ["VLANs             20 (1 conversation)"]),
    "net/qinq": ([], ["VLANs             100 (1 conversation)"]),
    "net/vlan-priority": ([], ["VLANs             none: "]),
}


def check(*options, status=None):
    p = subprocess.run([tw.BINARY, "check-mirror", *options], capture_output=True, text=True, timeout=60, check=False)
    if status is not None:
        assert p.returncode == status, (options, p.returncode, p.stdout, p.stderr)
    return p


def judged(path, *options):
    """What it says is wrong, by name; its JSON; its text.  Both forms and the exit status must agree."""
    j = json.loads(check("-r", path, "--format", "json", *options).stdout)
    wrong = [c["check"] for c in j["to_change"]]
    assert wrong == [k for k, v in j["checks"].items() if v["wrong"]] and j["right"] == (not wrong), j
    text = check("-r", path, *options, status=1 if wrong else 0).stdout
    assert ("The mirror port is right." in text) == (not wrong), text
    flat = " ".join(text.split())
    for c in j["to_change"]:
        assert c["problem"] in flat and c["change"] in flat, (c, text)
    return wrong, j, text


def captures():
    for name, (wrong, said) in CAPTURES.items():
        got, j, text = judged(os.path.join(tw.SRCDIR, "pcaps", name + ".pcap"))
        assert got == wrong, (name, got, text)
        for s in said:
            assert s in text, (name, s, text)
    j = judged(os.path.join(tw.SRCDIR, "pcaps/plant/plant.pcap"))[1]
    # As a replay of it counts: by conversation.
    tx = {}
    for r in tw.replay("pcaps/plant/plant.pcap", types="flow"):
        name, n = r.get("app_proto"), r["flow"].get("tx_cnt", 0)
        tx[name] = tx.get(name, 0) + n
    assert {p["protocol"]: p["operations"] for p in j["protocols"]} == {p: tx[p] for p in ("modbus", "dnp3", "s7comm")}, (j["protocols"], tx)
    assert j["devices"]["seen"] == 12 and len(j["devices"]["main"]) == 12 and j["devices"]["main"][0]["role"] == "controller"
    bad = judged(os.path.join(tw.SRCDIR, "pcaps/net/bad-tcp-checksums.pcap"), "-k", "all")[1]["checks"]["checksums"]
    assert bad["part"] > 0, bad


def made(folder, link, frames):
    path = os.path.join(folder, "made.pcap")
    pcap.write(path, link, frames)
    return judged(path)


def changed_captures(folder):
    """The plant's capture, as other mirrors would have shown it."""
    link, frames = pcap.read(os.path.join(tw.SRCDIR, "pcaps/plant/plant.pcap"))
    # Without any frame.
    got, _, text = made(folder, link, [])
    assert got == ["nothing"] and "Not a single frame" in text and "What was seen" not in text, text
    # From one side for some conversations: those of a controller lose their answers.
    rest = [f for f in frames if f.data[12:14] != b"\x08\0" or f.data[26:30] != bytes((10, 20, 1, 11))]
    got, j, text = made(folder, link, rest)
    assert got == ["some_one_sided"] and j["tcp"]["one_sided"] > 0 and "in part: " in text, (got, text)
    # All that switches send to every port, and nothing else.
    rest = [f for f in frames if f.data[0] & 1] * 3
    assert len(rest) > 20
    got, _, text = made(folder, link, rest)
    assert got == ["broadcast_only"], (got, text)
    # Every hundredth frame is lost.
    got, _, text = made(folder, link, [f for i, f in enumerate(frames) if i % 100 != 50])
    assert got == ["gaps"], (got, text)
    # Another plant port: conversations, but no plant's.
    rest = [f for f in frames if f.seg is None or not set(map(int, ports(f))) & {502, 102, 20000}]
    got, _, text = made(folder, link, rest)
    assert got == ["no_plant_protocol"], (got, text)


def ports(f):
    at = f.seg.tcp_at
    return int.from_bytes(f.data[at:at + 2], "big"), int.from_bytes(f.data[at + 2:at + 4], "big")


def misuse():
    one = os.path.join(tw.SRCDIR, "pcaps/net/vlan.pcap")
    for options, said in (([], "nothing to do"), (["-r", one, "--for", "5s"], "--for is for an interface"),
                          (["-i", "lo", "--for", "soon"], "give a time, as in"), (["-i", "lo", "--for", "0"], "1 second to 7 days"),
                          (["-r", one, "--format", "csv"], "text|json"), (["now", "-r", one], "write: thermowell check-mirror")):
        assert said in check(*options, status=2).stderr, options
    p = subprocess.run([tw.BINARY, "-r", one, "--for", "5s"], capture_output=True, text=True, check=False)
    assert p.returncode == 2 and "--for belongs to check-mirror" in p.stderr, p.stderr
    assert "no-such-if" in check("-i", "no-such-if", status=1).stderr


def live():
    """A second of a wire: nothing, a right mirror, half of one.  What the sandbox does not allow would end it."""
    frames = wire.polls(512)
    for what, wrong in ((None, ["nothing"]), (frames, []), (frames[::2], ["one_direction"])):
        t = wire.Traffic(what, 400) if what else None
        begin = time.monotonic()
        p = check("-i", "tap0", "--for", "1s", "--format", "json", status=1 if wrong else 0)
        took = time.monotonic() - begin
        if t:
            t.end()
        j = json.loads(p.stdout)
        assert [c["check"] for c in j["to_change"]] == wrong, (wrong, p.stdout, p.stderr)
        assert 1 <= j["seconds"] < 6 and 1 <= took < 12, (j["seconds"], took)
        assert (j["frames"] > 100) == (what is not None) and j["source"] == "tap0", p.stdout
        assert not os.path.exists("eve.json")
    terminal()


def terminal():
    """On a terminal there is a status line, too, and nothing of that is more than the sandbox allows."""
    ours, its = pty.openpty()
    p = subprocess.Popen([tw.BINARY, "check-mirror", "-i", "tap0", "--for", "1s"], stdin=its, stdout=its,
                         stderr=its, start_new_session=True)
    os.close(its)
    said = b""
    try:
        while True:
            said += os.read(ours, 4096)
    except OSError:     # the other end is closed
        pass
    assert p.wait(20) == 1 and b"The mirror port is not right: 1 thing to change." in said, said.decode(errors="replace")


# What the sandbox does not allow ends the sensor; a build without one takes no notice.
os.environ.setdefault("THERMOWELL_SANDBOX", "trap")


def main():
    tw.need_binary()
    if not os.environ.get(wire.INSIDE):
        with tempfile.TemporaryDirectory(prefix="tw-mirror-") as folder:
            captures()
            changed_captures(folder)
        misuse()
        print("check-mirror judges captures rightly")
        if os.geteuid() != 0:
            print("not tried live: that needs root")
            return
        try:
            wire.enter()
        except SystemExit as end:
            sys.exit(0 if end.code == tw.SKIP else end.code)
    with tempfile.TemporaryDirectory(prefix="tw-mirror-") as folder:
        os.chdir(folder)
        live()
    print("and a wire")


main()
