#!/bin/sh
# Words that names in the source do not use, because the field has another one.
# Looks at identifiers (not at comments and texts) and at the names of files.
# usage: words.sh [TOP]
. "$(dirname "$0")/code_of.sh"
cd "${1:-${srcdir:-.}}" || exit 99

awk "$code_of"'
function wrong(line, name, word) {
	if (FILENAME in allowed || name in allowed) { used[name in allowed ? name : FILENAME] = 1; return }
	if ((FILENAME, name) in seen) return
	seen[FILENAME, name] = 1
	printf "%s:%d: %s: write %s\n", FILENAME, line, name, better[word]
	bad++
}
function allow(names, why,    a, n, i) {
	n = split(names, a, " ")
	for (i = 1; i <= n; i++) allowed[a[i]] = why
}
function look(line, name,    parts, n, i) {
	n = split(tolower(name), parts, "[_/.]")
	for (i = 1; i <= n; i++)
		if (parts[i] in better) wrong(line, name, parts[i])
}
BEGIN {
	better["newcomer"] = better["newcomers"] = "new client"
	better["say"] = better["says"] = better["said"] = better["tell"] = better["tells"] = better["told"] = "emit, report or print"
	better["held"] = "suppressed"
	better["places"] = "geoip, positions or slots"
	better["shape"] = better["shapes"] = "class"
	better["card"] = "metadata"
	better["room"] = better["rooms"] = "module, capacity or space"
	better["lane"] = "prp_lan"
	better["twin"] = better["twins"] = "duplicate"
	better["honest"] = "genuine"
	better["strange"] = "bogon"
	better["unasked"] = "unsolicited"
	# Names that stay for now, with the reason: identifiers, or files.
	allow("CARD_SERIAL FACT_CARD_SERIAL", "a memory card")
	allow("unstarted_told", "from before this list, dissectors/iec104")
	allow("strange_ids dissectors/modbus/shape.c STRANGE", "from before this list, dissectors/modbus")
	allow("s7_shape says_error tls_said SLOT_SAID params_room s7_shape_of", "from before this list, dissectors/s7")
	allow("make_room", "from before this list, asset")
	allow("room held STRANGE_NAMED n_strange told", "from before this list, capture")
	allow("tell DEFRAG_MADE_ROOM told_link", "from before this list, decode")
	allow("say", "from before this list, detect")
	allow("HELD_CANDIDATE HELD_CONVERSATION lost_said lost_said_ns SAY_LOST_NS", "from before this list, dissect")
	allow("said", "from before this list, engine")
	allow("lost_told tell_lost say_why", "from before this list, output")
	allow("SIDE_SAID_SYN said_after_close", "from before this list, stream")
}
FNR == 1 { files++; in_comment = 0; look(1, FILENAME) }
{
	line = code_of($0)
	while (match(line, /[A-Za-z_][A-Za-z0-9_]*/)) {
		look(FNR, substr(line, RSTART, RLENGTH))
		line = substr(line, RSTART + RLENGTH)
	}
}
END {
	if (files == 0) { print "words.sh: found no source files"; exit 1 }
	for (what in allowed)
		if (!(what in used)) printf "note: words.sh allows %s, which is not there\n", what
	printf "%d files, %d names to change\n", files, bad
	exit bad > 0
}' $(find src dissectors -name '*.[ch]' -o -name '*.def' | LC_ALL=C sort)
