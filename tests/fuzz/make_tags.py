#!/usr/bin/env python3
"""Makes corpus/tags: files of tags in both forms, and such as are wrong in one thing.  The first byte is the form: c or y."""
import os

TO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "tags")
FILES = {
    "plain": "cname,address,type,order,unit,scale,low,high,dead-band,group,export,note\n"
             "chlorine set-point,10.20.1.12 unit 1 holding 0,uint16,,mg/l,0.01,0,5,0.01,dosing,yes,x\n"
             "a,10.0.0.1 holding 2,float32,word-swapped\nb,10.0.0.1 holding 4,bcd32\nc,10.0.0.1 input 5.15\nd,10.0.0.1 holding 9,bits 4-7\n",
    "s7": "cname,address,type\na,10.0.0.1 DB20.DBD0,real\nb,10.0.0.1 M10.7,\nc,fd00::1 rack 0 slot 2 DB1.DBX4.3,bool\nd,10.0.0.1 T5\ne,10.0.0.1 DI3.DIL8,lreal\n",
    "points": "cname;address;unit\na;10.0.0.1 outstation 10 g32 index 4;m\nb;10.0.0.1 ca 1 ioa 1001;kV\nc;10.0.0.1 station 7 ioa 1;\n",
    "wrong": "cname,adress,type\na,10.0.0.1 coil 1,float32\n\"open,1\n",
    "twice": "cname,address\na,10.0.0.1 coil 1\nA,10.0.0.1 coil 2\n",
    "notes": "c# x\n\n# y\nname,address\n# z\na,10.0.0.1 coil 1\n",
    "yaml": "ytags:\n  - name: tank level\n    address: 10.0.0.1 unit 1 input 7\n    type: uint16\n    scale: 0.01\n  - { name: b, address: '10.0.0.1 DB20.DBD0', type: float32 }\n",
    "yaml-list": "y- {name: a, address: 10.0.0.1 coil 1}\n- {name: b, adress: x}\n",
    "yaml-wrong": "ytags: {a: b}\n",
    "yaml-alias": "y- &a {name: a, address: 10.0.0.1 coil 1}\n- *a\n",
    "yaml-broken": "y- {name: [\n",
}


def main():
    os.makedirs(TO, exist_ok=True)
    for name, text in FILES.items():
        with open(os.path.join(TO, name), "wb") as f:
            f.write(text.encode())


if __name__ == "__main__":
    main()
