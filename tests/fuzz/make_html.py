#!/usr/bin/env python3
"""The corpus of fuzz_html: texts that try to be more than text.    make_html.py FOLDER"""
import os
import sys

TEXTS = {
    "script": b"<script>alert(1)</script>", "attribute": b"\"' onload=x <img src=x>", "entity": b"&lt;&#60;&amp", "bidi": "a\u202eb\u2066c\u2069".encode(),
    "zero-width": "a\u200bb\ufeffc\u00ad".encode(), "controls": bytes(range(1, 32)) + b"\x7f", "c1": "\u0085\u009b".encode(), "nul": b"a\0b",
    "latin1": b"W\xe4rme", "overlong": b"\xc0\xbc\xe0\x80\xbc", "surrogate": b"\xed\xa0\x80\xed\xb0\x80", "cut": "€".encode()[:2], "tags": "\U000e0041".encode(),
    "private": "\ue000\U000f0000".encode(), "long": b"\xff" + b"x" * 5000, "frame": b"<i class=hex>00</i>", "cyrillic": "Насос".encode(), "cjk": "泵站".encode(),
}

if __name__ == "__main__":
    for name, text in TEXTS.items():
        with open(os.path.join(sys.argv[1], name), "wb") as f:
            f.write(text)
