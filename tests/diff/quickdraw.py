#!/usr/bin/env python3
"""Digital Bond's rules on the captures that came with them ($THERMOWELL_CORPUS/truth/quickdraw).

Each file loads as it is, but for its reported duplicates, and each rule fires on its own capture or cannot, for the reason that
stands here.  Rules about clients that are not in $..._CLIENT are tried with a client that is in no capture.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

# file, captures, loaded and duplicate rules, sids that fire, sids that cannot: why
FILES = (
    ("dnp3", ("dnp3/quickdraw__dnp3_test_data_part1.pcap", "dnp3/quickdraw__dnp3_test_data_part2.pcap"), 15, 7,
     {1111201, 1111202, 1111203, 1111204, 1111205, 1111206, 1111207, 1111208, 1111209, 1111210, 1111211, 1111212, 1111213, 11112031},
     {1111214: "asks for three answers with IIN2 01 (function not supported) within a minute; no answer in the captures has it"}),
    ("s7", ("s7comm/quickdraw__s7_test.pcap",), 2, 0, set(),
     {1111301: "", 1111302: ""}),
    ("bacnet", ("bacnet/quickdraw__bacnet_test.pcap",), 9, 0,
     {1111701, 1111702, 1111703, 1111704, 1111705, 1111708, 1111709},
     {1111706: "the capture has no Read-Foreign-Device-Table", 1111707: "nor its refusal"}),
)
S7_WHY = "looks for 32 07 at offset 0, where TPKT and COTP stand (7 bytes): it can match no S7 packet"
STRANGER = "vars:\n  address-groups:\n    DNP3_CLIENT: \"192.0.2.1\"\n    BACNET_CLIENT: \"192.0.2.1\"\n    S7_CLIENT: \"192.0.2.1\"\n"


def fired(capture, rules, config):
    options = ["-S", rules, "--set", "alerts.merge=0", "--set", "alerts.limit=0"] + (["-c", config] if config else [])
    out = set()
    for line in tw.replay_text(capture, options, "alert").splitlines():
        a = json.loads(line)["alert"]
        if a["gid"] == 1:
            out.add(a["signature_id"])
    return out


def main():
    corpus = tw.need_corpus()
    tw.need_binary()
    wrong = 0
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
        config.write(STRANGER)
        config.flush()
        for name, captures, loaded, doubled, must, cannot in FILES:
            rules = os.path.join(corpus, "truth/quickdraw", name + ".rules")
            check = subprocess.run([tw.BINARY, "rules", "check", rules], capture_output=True, text=True, check=False)
            said = f"{loaded} rules loaded, 0 left out, {doubled} duplicates, 0 with problems"
            if check.returncode != 0 or said not in check.stdout:
                print(f"{rules}: exit {check.returncode}, wanted \"{said}\":\n{check.stdout}{check.stderr}")
                wrong += 1
            got = set()
            for c in captures:
                for how in (None, config.name):
                    got |= fired(os.path.join(corpus, c), rules, how)
            for sid in sorted(must - got):
                print(f"{name} {sid}: does not fire")
            for sid in sorted(got - must):
                print(f"{name} {sid}: fires, though it is listed as one that cannot")
            wrong += len(must ^ got)
            print(f"{name}: {len(got)} of {len(must) + len(cannot)} rules fire on their captures")
            for sid, why in sorted(cannot.items()):
                print(f"  {sid}: {why or S7_WHY}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
