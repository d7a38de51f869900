#!/bin/sh
# No file above 600 lines, no function above 80; files aim at 300.  Tables (.def) apart.
# usage: sizes.sh [TOP]
cd "${1:-${srcdir:-.}}" || exit 99

awk '
function wrong(line, why) {
	printf "%s:%d: %s\n", FILENAME, line, why
	bad++
}
function end_of_file() {
	if (lines <= file_max) return
	if (name in longer) used[name] = 1
	else { printf "%s: %d lines; split it (at most %d)\n", name, lines, file_max; bad++ }
}
BEGIN {
	file_max = 600; function_max = 80
	# What is longer for now, each with its reason: a file, or file:function.
}
FNR == 1 { if (name != "") end_of_file(); name = FILENAME; files++; body = 0 }
{ lines = FNR }
# A function begins with a brace in the first column, behind its name, and ends with one.
/^{/ { body = FNR }
/^}/ {
	if (body > 0 && FNR - body - 1 > function_max) {
		if (FILENAME ":" func_name in longer) used[FILENAME ":" func_name] = 1
		else wrong(body - 1, func_name "() has " FNR - body - 1 " lines; split it (at most " function_max ")")
	}
	body = 0
}
body == 0 && match($0, /^[a-z_][a-z_0-9]*\(/) { func_name = substr($0, 1, RLENGTH - 1) }
END {
	if (files == 0) { print "sizes.sh: found no source files"; exit 1 }
	end_of_file()
	for (what in longer)
		if (!(what in used)) printf "note: sizes.sh lists %s, which is short enough\n", what
	printf "%d files, %d too long\n", files, bad
	exit bad > 0
}' $(find src dissectors -name '*.[ch]' | LC_ALL=C sort)
