#!/bin/sh
# Runs a test that is written in Python, or says that it cannot (77: skipped).
if test -z "$PYTHON3"; then
	echo "no python3 found by configure: skipped"
	exit 77
fi
exec "$PYTHON3" "$@"
