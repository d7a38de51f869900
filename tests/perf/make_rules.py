#!/usr/bin/env python3
"""N rules as plants have them, for make bench: make_rules.py N > FILE

A third each about operations (functions, units, addresses, DNP3 objects, S7 data blocks, single devices), about bytes
(contents of several lengths, at fixed places or anywhere) and about packets (ports, hosts, flags).  The same N gives the same
file; about one in a hundred can match the traffic that it is tried on.
"""
import random
import sys


def rules(n):
    r = random.Random(7)
    host = lambda: f"10.{r.randrange(60, 250)}.{r.randrange(256)}.{r.randrange(1, 255)}"  # noqa: E731
    for sid in range(1, n + 1):
        kind = r.randrange(12)
        if kind == 0:
            head, body = "modbus any any -> any any", f"modbus: access write holding, address {r.randrange(1, 60000)}"
        elif kind == 1:
            head, body = "modbus any any -> any any", f"modbus: unit {r.randrange(10, 248)}, function {r.choice((5, 6, 15, 16, 22))}"
        elif kind == 2:
            head, body = f"ip any any -> {host()} any", f"ot.intent:write; ot.value:>{r.randrange(60000)}"
        elif kind == 3:
            head, body = "dnp3 any any -> any any", f"dnp3_obj:{r.randrange(1, 120)},{r.randrange(1, 9)}; dnp3_func:{r.randrange(1, 30)}"
        elif kind == 4:
            head, body = "s7comm any any -> any any", f"s7comm.db:{r.randrange(100, 60000)}"
        elif kind in (5, 6):
            text = " ".join(f"{r.randrange(256):02x}" for _ in range(r.randrange(4, 16)))
            head, body = f"tcp any any -> any {r.choice(('any', 502, 102, 20000, 44818))}", f'content:"|{text}|"'
        elif kind == 7:
            head, body = "tcp any any -> any 502", f'content:"|{r.randrange(128, 255):02x}|"; offset:7; depth:1; content:"|{r.randrange(256):02x}|"; distance:2; within:1'
        elif kind == 8:
            word = "".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(r.randrange(6, 14)))
            head, body = "udp any any -> any any", f'content:"{word}"; nocase; pcre:"/{word[:5]}[0-9]+/i"'
        elif kind == 9:
            head, body = f"tcp any any -> any {r.randrange(1024, 65000)}", "flags:S; threshold:type limit,track by_src,count 1,seconds 60"
        elif kind == 10:
            head, body = f"ip {host()} any -> any any", "ttl:<5"
        else:
            head, body = f"tcp {host()} any -> any {r.randrange(1, 1024)}", "flow:to_server,established; flags:PA"
        yield f'alert {head} (msg:"bench {sid}"; {body}; sid:{sid}; rev:1;)'


if __name__ == "__main__":
    print("\n".join(rules(int(sys.argv[1]))))
