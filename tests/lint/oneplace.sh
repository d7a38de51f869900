#!/bin/sh
# One place per fact: protocols are named, their ports known and their function codes compared only in
# their own places: dissectors/, the tables (.def), descriptors and EVE writers.  Anywhere else a list of
# protocols would be one that a new protocol must be written into by hand, and that is silent when
# forgotten.  What may know a protocol all the same stands in oneplace.allow, each with its reason.
# usage: oneplace.sh [TOP]; ONEPLACE_ALLOW: another list
here=$(cd "$(dirname "$0")" && pwd)
allow=${ONEPLACE_ALLOW:-$here/oneplace.allow}
cd "${1:-${srcdir:-.}}" || exit 99

awk -v allow="$allow" '
# Names and ports, from the rows of op_names.def and the descriptors.
function learn_words(list,    w, i, n) {
	n = split(tolower(list), w, /[ ,"()]+/)
	for (i = 1; i <= n; i++) if (w[i] != "") known[w[i]] = 1
}
function wrong(what, why) {
	for (i = 1; i <= n_allowed; i++)
		if (FILENAME ~ "^(" file_of[i] ")$" && tolower(what) ~ "^(" what_of[i] ")$") { used[i] = 1; return }
	printf "%s:%d: %s: %s\n", FILENAME, FNR, what, why
	bad++
}
function unquoted(s) { gsub(/"([^"\\]|\\.)*"/, "\"\"", s); return s }
# The line without comments.
function code_of(s,    out, c, two, q) {
	out = ""
	while (s != "") {
		c = substr(s, 1, 1); two = substr(s, 1, 2)
		if (in_comment) {
			if (two == "*/") { in_comment = 0; s = substr(s, 3) } else s = substr(s, 2)
		} else if (two == "/*") { in_comment = 1; s = substr(s, 3); out = out " " }
		else if (two == "//") break
		else if (c == "\"" || c == "\047") {
			q = c; out = out c
			for (s = substr(s, 2); s != "" && substr(s, 1, 1) != q; s = substr(s, 2)) {
				out = out substr(s, 1, 1)
				if (substr(s, 1, 1) == "\\") { s = substr(s, 2); out = out substr(s, 1, 1) }
			}
			s = substr(s, 2); out = out q
		} else { out = out c; s = substr(s, 2) }
	}
	return out
}
# Is a part between underscores, or a word of a text, the name of a protocol?
function named(token,    part, i, n) {
	n = split(tolower(token), part, "_")
	for (i = 1; i <= n; i++) if (part[i] in known) return 1
	return 0
}
BEGIN {
	while ((getline line < allow) > 0) {
		if (line ~ /^(#|$)/) continue
		n = split(line, f, /\t+/)
		if (n != 3 || f[3] == "") { print "oneplace.allow: file, what and reason, with tabs between: " line; bad++; continue }
		file_of[++n_allowed] = f[1]; what_of[n_allowed] = f[2]
	}
	if (n_allowed > 30) { print "oneplace.allow: " n_allowed " lines; at most 30"; bad++ }
}
FNR == 1 { files++; in_comment = 0; table = FILENAME ~ /[.]def$/ || FILENAME ~ /^dissectors\// }
table && /OP_PROTO\([A-Z0-9]+,/ { match($0, /\([^)]*\)/); learn_words(substr($0, RSTART, RLENGTH)) }
table && FILENAME ~ /protocol[.]c$/ && /^\t[.]name =|ports\[\] =/ {
	line = $0
	while (match(line, /[.](name|also|title) = "[^"]*"/)) {
		text = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
		sub(/^[^"]*"/, "", text); sub(/"$/, "", text)
		if (text !~ / / || text ~ /^[a-z]/) learn_words(text)
	}
	if ($0 ~ /ports\[\] = \{/) {
		line = $0; sub(/^.*= \{/, "", line); n = split(line, p, /[^0-9]+/)
		for (i = 1; i <= n; i++) if (p[i] > 0) port[p[i]] = 1
	}
}
table { next }
{
	line = code_of($0)
	bare = unquoted(line)
	# Identifiers, and words of texts.
	rest = line
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]*/)) {
		token = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
		if (named(token)) wrong(token, "a protocol is named")
	}
	rest = bare
	while (match(rest, /[A-Za-z0-9_.]+/)) {
		token = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
		if (token in port) wrong(token, "the port of a protocol")
	}
	if (match(bare, /(->|[.])(sub)?function *([=!<>]=?) *(0x[0-9a-f]+|[0-9]+|[A-Z][A-Z0-9_]+)|switch \([^)]*(->|[.])(sub)?function\)/)) {
		token = substr(bare, RSTART, RLENGTH); sub(/^.*(->|[.])/, "", token)
		wrong(token, "a function code")
	}
	if (match(bare, /(->|[.])(exception|iin) *([=!<>&]=?) *(0x[0-9a-f]+|[0-9]+)u?/)) {
		token = substr(bare, RSTART, RLENGTH); sub(/^.*(->|[.])/, "", token)
		if (token !~ / 0u?$/) wrong(token, "a code of a protocol")
	}
}
END {
	if (files == 0) { print "oneplace.sh: found no source files"; exit 1 }
	for (i = 1; i <= n_allowed; i++)
		if (!(i in used)) { printf "oneplace.allow: nothing needs the line for %s %s\n", file_of[i], what_of[i]; bad++ }
	printf "%d files, %d allowances, %d places that know a protocol\n", files, n_allowed, bad
	exit bad > 0
}' src/record/op_names.def $(find dissectors -name protocol.c | LC_ALL=C sort) \
    $(find src -name '*.[ch]' ! -path 'src/output/eve/*.[ch]' | LC_ALL=C sort)
