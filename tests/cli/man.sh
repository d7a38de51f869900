#!/bin/sh
# The settings in doc/thermowell.1 are those of the program, and its commands stand there and in --help.
# usage: man.sh [--update]   (with TW_SRCDIR and TW_BUILDDIR, or in the build folder)
top=${TW_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
program=${TW_BUILDDIR:-.}/thermowell
page=$top/doc/thermowell.1
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

"$program" --dump-config > "$work/dump" || exit 1
awk '
function roff(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); sub(/^[.\047]/, "\\\\\\&&", s); return s }
/^$/ { doc = entry = ""; next }
# What an entry of a list has: "# - name (range): text", each a setting of its own.
/^ *# An entry has:$/ { next }
/^ *# - [a-z-]+ \(/ {
	sub(/^ *# - /, ""); entry = entry "\n" $0
	next
}
/^ *# / && entry != "" { sub(/^ *# */, ""); entry = entry " " $0; next }
/^ *# / { sub(/^ *# /, ""); doc = doc == "" ? $0 : doc "\n" $0; next }
{
	depth = match($0, /[^ ]/) - 1
	key = $0; sub(/^ */, "", key); sub(/:.*/, "", key)
	path[depth / 2] = key
	if ($0 ~ /:$/) { doc = ""; next }
	name = path[0]
	for (i = 1; i <= depth / 2; i++) name = name "." path[i]
	range = $0; sub(/.*  # /, "", range)
	printf ".TP\n.BR %s \" (%s)\"\n%s\n", roff(name), roff(range), roff(doc)
	n = split(entry, of, "\n")
	for (i = 2; i <= n; i++) {
		word = of[i]; sub(/ .*/, "", word)
		rest = substr(of[i], length(word) + 3)
		match(rest, /\): /)
		printf ".TP\n.BR %s.N.%s \" (%s)\"\n%s\n", roff(name), roff(word), roff(substr(rest, 1, RSTART - 1)), roff(substr(rest, RSTART + 3))
	}
	doc = entry = ""
}' "$work/dump" > "$work/settings"

awk -v settings="$work/settings" '
/^[.]\\" end of settings/ { inside = 0 }
!inside { print }
/^[.]\\" begin of settings/ { inside = 1; while ((getline line < settings) > 0) print line }
' "$page" > "$work/page"

python=${PYTHON3:-$(command -v python3)}
completions() { THERMOWELL=$(cd "$(dirname "$program")" && pwd)/thermowell "$python" "$top/scripts/make-completion" "$@"; }
if [ "${1:-}" = --update ]; then
	cp "$work/page" "$page"
	completions
	exit
fi
[ "$(grep -c '^\.BR .*default' "$work/settings")" -gt 30 ] || { echo "too few settings were found"; exit 1; }
diff -u "$page" "$work/page" || { echo "run tests/cli/man.sh --update in the build folder"; exit 1; }
commands=$(sed -n 's/^const char \*const options_commands\[\] = {\(.*\)};.*/\1/p' "$top/src/config/options.c" | tr -d ' "' | tr , ' ')
[ "$(echo "$commands" | wc -w)" -gt 5 ] || { echo "too few commands were found"; exit 1; }
sed -n '/^[.]SH SYNOPSIS/,/^[.]SH DESC/p' "$page" > "$work/synopsis"
sed -i 's/\\-/-/g' "$work/synopsis"
"$program" --help > "$work/help" || exit 1
for command in $commands; do
	grep -Eq "^ +thermowell ([a-z]+[|])*$command\\b" "$work/help" || { echo "--help does not name thermowell $command"; exit 1; }
	grep -Eq "^[.]B (thermowell )?$command\\b" "$work/synopsis" || { echo "the manual's synopsis does not name thermowell $command"; exit 1; }
done
# Nor do the completions of the shells know other options, commands and settings.
[ -z "$python" ] || completions --check || exit 1
# man itself must have nothing to say, where it is there to be asked.
if command -v man > /dev/null && man --version > /dev/null 2>&1; then
	warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings=all -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null)
	[ -z "$warnings" ] || { echo "$warnings"; exit 1; }
fi
echo "the manual tells of $(grep -c '^\.TP' "$work/settings") settings"
