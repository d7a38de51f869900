#!/usr/bin/env python3
"""Makes corpus/passing from the messages of tests/unit/test_passing_*.c: one for each parser and test, as fuzz_passing.c wants them."""
import glob
import hashlib
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
STRING = r'"(?:[^"\\]|\\.)*"'


def parsers():
    """Names of functions in the order of passing.def, as the target lists them."""
    with open(os.path.join(TOP, "src", "passing", "passing.def"), encoding="utf-8") as f:
        return re.findall(r"^PASSING_(?:TCP|UDP|FRAME)\(.*?(passing_\w+)\)", f.read(), re.M)


def unhex(text):
    out, at = bytearray(), 0
    while at < len(text):
        if text[at] == " ":
            at += 1
        elif text[at] == "'":
            end = text.index("'", at + 1)
            out += text[at + 1:end].encode()
            at = end + 1
        else:
            out.append(int(text[at:at + 2], 16))
            at += 2
    return bytes(out)


def messages(source):
    defines = dict(re.findall(r"^#define (\w+)(?:\(n\))? ((?:.*\\\n)*.*)$", source, re.M))
    for name, args in re.findall(rf"kit_of\(&k, (passing_\w+), ((?:{STRING}|\w+(?:\({STRING}\))?|\s)+)\)", source):
        text = ""
        for part in re.findall(rf"{STRING}|\w+(?:\({STRING}\))?", args):
            if not part.startswith('"'):
                word, arg = re.match(r"(\w+)(?:\((.*)\))?", part).groups()
                if word not in defines:
                    break
                body = re.sub(r"\bn\b", arg or "n", re.sub(r"/\*.*?\*/", "", defines[word]))
                for inner, value in defines.items():
                    body = re.sub(rf"\b{inner}\b", lambda m, v=value: v, body) if '"' in body else body
                part = body
            text += "".join(re.findall(STRING, part)).replace('""', "").replace('"', "")
        else:
            yield name, unhex(text.replace("\\\\", "\\"))


def netbios(source, defines):
    """The announcement of a browser, of which names are macros."""
    value = re.search(r"static const char announcement\[\] = ((?:.|\n)*?);\n", source).group(1)
    for word, text in defines.items():
        value = re.sub(rf"\b{word}\b", lambda m, t=text: t, value)
    return "".join(re.findall(STRING, value)).replace('"', "").replace("\\\\", "\\")


def made():
    """What the tests put together with code: DHCP, and the log-ins of SMB and DCE/RPC."""
    head = unhex("0A0B0C0D0E0F") + bytes(202)
    for op, given, options in (("01", bytes(4), "350103 32040A010107 0C04'HMI3' 3C08'MSFT 5.0' 3D05FF00000102 510B040000 04'hmi3'01'x'00 FF"),
                               ("02", b"\x0a\x01\x01\x08", "350105 FF")):
        yield "passing_dhcp", unhex(op + "010600 11223344 00000000 00000000") + given + bytes(8) + head + unhex("63825363" + options)
    info = unhex("0100 0600 48004D004900 0200 0800 5300490054004500 0300 0800 48002E0078007900 00000000")
    challenge = unhex("'NTLMSSP'00 02000000 00000000 38000000 01008002 00000000000000000000000000000000") + \
        len(info).to_bytes(2, "little") * 2 + unhex("38000000 0A00 6345 0000000F") + info
    answer = unhex("'NTLMSSP'00 03000000") + unhex("0000 0000 00000000") * 4 + unhex(
        "0600 0600 48000000 0000000000000000 01000002 0501280A0000000F 48004D004900")
    for blob in (challenge, answer):
        smb2 = unhex("FE'SMB' 40000000 160000C0 0100") + bytes(50) + unhex("0900 0000 4800 0000") + blob
        yield "passing_smb", bytes([0, 0, 0, len(smb2)]) + smb2
        yield "passing_dcerpc", unhex("05000C0310000000") + (16 + len(blob)).to_bytes(2, "little") + bytes(6) + blob
        words = unhex("04 FF000000 0000") + len(blob).to_bytes(2, "little") + (len(blob) + 6).to_bytes(2, "little")
        smb1 = unhex("FF'SMB'73 00000000 98 0700 ") + bytes(20) + words + blob + unhex("'Win'00'L'00")
        yield "passing_smb", bytes([0, 0, 0, len(smb1)]) + smb1
    yield "passing_smb", unhex("81 000044 20'EIENEJCACACACACACACACACACACACACA'00 20'EIENEJCACACACACACACACACACACACAAA'00")


def main():
    order = parsers()
    to = os.path.join(HERE, "corpus", "passing")
    os.makedirs(to, exist_ok=True)
    n = 0
    for path in sorted(glob.glob(os.path.join(TOP, "tests", "unit", "test_passing_*.c"))):
        with open(path, encoding="utf-8") as f:
            source = f.read()
        defines = dict(re.findall(r"^#define (\w+)\s+(\"\d.*?\")", source, re.M))
        more = [] if not path.endswith("_names.c") else [("passing_netbios_dgm", unhex(netbios(source, defines)))] + list(made())
        for name, data in list(messages(source)) + more:
            at = order.index(name)
            for head in (bytes([at, 3]), bytes([at, 2]), bytes([len(order), 1, 40, at])):
                with open(os.path.join(to, name[8:] + "-" + hashlib.sha256(head + data).hexdigest()[:8]), "wb") as f:
                    f.write(head + data)
                n += 1
    print(f"{n} messages")


if __name__ == "__main__":
    main()
