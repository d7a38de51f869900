#!/bin/sh
# The shipped index templates are what the schema gives.
"${PYTHON3:-python3}" "${srcdir:-.}/scripts/make-template" --check
