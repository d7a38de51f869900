#!/bin/sh
# Make ./configure from configure.ac.  Needed once after a git clone.
set -e
cd "$(dirname "$0")"
exec autoreconf --install --warnings=all,no-portability
