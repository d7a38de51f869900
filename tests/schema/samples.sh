#!/bin/sh
# Every kind of record that the output room can make is held to the schema.
# Golden lines are held to it by the golden test.
print_records=tests/schema/print_records
here=${srcdir:-.}/tests/schema

test -x "$print_records" || { echo "skipped: $print_records is not built (Debian: libcmocka-dev)"; exit 77; }
"$print_records" | "${PYTHON3:-python3}" "$here/check_schema.py" -
