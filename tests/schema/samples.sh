#!/bin/sh
# Every kind of record that the output room can make is held to the schema.
# Golden lines are held to it by the golden test.
make_lines=tests/unit/test_output
here=${srcdir:-.}/tests/schema

test -x "$make_lines" || { echo "skipped: $make_lines is not built (Debian: libcmocka-dev)"; exit 77; }
"$make_lines" --print | "${PYTHON3:-python3}" "$here/check_schema.py" -
