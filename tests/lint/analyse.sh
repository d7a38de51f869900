#!/bin/sh
# Static analysis by cppcheck, with everything that can be built in.  Whatever it says is a failure: mend it, or, where
# it is wrong, say so at the line (cppcheck-suppress, with the reason).  Not in make check: a minute of CPU.
src=${TW_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${TW_BUILDDIR:-$src/build}
command -v cppcheck > /dev/null || { echo "skipped: cppcheck is not installed"; exit 77; }
test -f "$build/config.h" || { echo "$build/config.h: not there; configure first"; exit 1; }
cd "$src" || exit 1
out=$(cppcheck -q -j"$(nproc)" --std=c11 --enable=warning,performance,portability --inline-suppr \
	--suppress=missingIncludeSystem --include="$build/config.h" -DHAVE_NDPI=1 -DHAVE_HS=1 -DHAVE_MAXMINDDB=1 \
	--include=tests/lint/analyse.h -Isrc -I. --template='{file}:{line}: {severity}: {message} [{id}]' src dissectors 2>&1)
rc=$?
test -z "$out" || printf '%s\n' "$out"
test $rc -eq 0 && test -z "$out" && echo "cppcheck has nothing to say"
