#!/usr/bin/env python3
"""Makes corpus/assets: lists of devices as operators and spreadsheets write them, and such as are wrong in one thing."""
import os

TO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "assets")
LISTS = {
    "plain": "address,vendor,model,role\n10.0.0.1,Siemens,S7-1200,controller\n10.0.0.2,ABB,,\n",
    "quoted": 'address,model\r\n10.0.0.1,"CPU 1214C, ""DC/DC"""\r\n"10.0.0.2","two\nlines"\r\n',
    "semicolons": "\ufeffip;vendor;asset_number\n10.0.0.1;Siemens;A-1\nfe80::1;;\n",
    "units": "address,protocol,unit,name\n10.0.0.1,modbus,1,pump\n10.0.0.1,dnp3,65519,\n10.0.0.1,,,gateway\n",
    "macs": "mac,address,vendor\n00:1b:1b:23:eb:3b,,Siemens\n00:1b:1b:23:eb:3c,10.0.0.9,\n",
    "empty-fields": "address,vendor\n,\n\n10.0.0.1,\n , \n",
    "own-csv": "id,addresses,macs,protocols,confidence,first_seen,last_seen,address\n10.0.0.1,10.0.0.1,,modbus,90,x,y,10.0.0.1\n",
    "wrong-column": "address,colour,firmware\n10.0.0.1,red,V1\n",
    "wrong-address": "address\n10.0.0\n10.0.0.0/8\n10.0.0.1\n",
    "wrong-unit": "address,protocol,unit\n10.0.0.1,modbus,x\n10.0.0.1,profibus,1\n",
    "no-address": "vendor\nABB\n",
    "open-quote": 'address,vendor\n10.0.0.1,"ABB\n',
    "behind-quote": 'address,vendor\n10.0.0.1,"ABB" x\n',
    "too-many": "address\n10.0.0.1,ABB\n",
    "no-end": "address,vendor\n10.0.0.1,ABB",
    "many-columns": "address" + ",vendor" * 70 + "\n",
    "twice": "address,vendor,vendor\n10.0.0.1,A,B\n10.0.0.1,C,D\n",
}


def main():
    os.makedirs(TO, exist_ok=True)
    for name, text in LISTS.items():
        with open(os.path.join(TO, name), "wb") as f:
            f.write(text.encode())
    with open(os.path.join(TO, "no-utf8"), "wb") as f:
        f.write(b"address,vendor\n10.0.0.1,\xff\xfe\n")
    with open(os.path.join(TO, "nul"), "wb") as f:
        f.write(b"address\n10.0.0.1\0\n")


if __name__ == "__main__":
    main()
