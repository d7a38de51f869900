#!/bin/sh
# Replays every capture of $THERMOWELL_CORPUS: none may crash, hang (60 s) or fail, and only what holds Modbus may
# yield Modbus records; cases/ are of every protocol.  Captures of other folders that do hold some stand in known-modbus.txt, with what it is.
if test -z "$THERMOWELL_CORPUS"; then
	echo "skipped: THERMOWELL_CORPUS does not name a folder of other people's captures"
	exit 77
fi
src=${TW_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
bin=${THERMOWELL:-${TW_BUILDDIR:-$src}/thermowell}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
n=0 bad=0 with=0
find "$THERMOWELL_CORPUS" -type f \( -name '*.pcap' -o -name '*.pcapng' -o -name '*.cap' \) | sort >"$tmp/list"
while read -r file; do
	n=$((n + 1))
	rm -f "$tmp/eve.json"
	timeout 60 "$bin" -q -r "$file" -l "$tmp" --set outputs.eve.types=modbus >"$tmp/out" 2>&1
	rc=$?
	name=${file#"$THERMOWELL_CORPUS"/}
	if test $rc -ne 0; then
		echo "$name: exit status $rc"
		tail -5 "$tmp/out" | sed 's/^/    /'
		bad=$((bad + 1))
	fi
	records=$(grep -c '"event_type":"modbus"' "$tmp/eve.json" 2>/dev/null)
	test "${records:-0}" -eq 0 && continue
	with=$((with + 1))
	case $name in
	modbus/* | cases/*)
		;;
	negative/*)
		echo "$name: $records operations called Modbus; nothing in negative/ is"
		bad=$((bad + 1))
		;;
	*)
		if ! grep -q "^$name	" "$src/tests/diff/known-modbus.txt"; then
			echo "$name: $records operations called Modbus"
			bad=$((bad + 1))
		fi
		;;
	esac
done <"$tmp/list"
while IFS='	' read -r name _; do
	case $name in
	'' | '#'*)
		;;
	*)
		grep -q "/$name\$" "$tmp/list" || { echo "known-modbus.txt: $name: no such capture"; bad=$((bad + 1)); }
		;;
	esac
done <"$src/tests/diff/known-modbus.txt"
echo "$n captures replayed, $with with Modbus in them, $bad problems"
test $bad -eq 0
