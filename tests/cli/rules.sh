#!/bin/sh
# rules/README.md and rules/classification.config are those of the program's tables.
# usage: rules.sh [--update]   (with TW_SRCDIR and TW_BUILDDIR, or in the build folder)
top=${TW_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
program=${TW_BUILDDIR:-.}/thermowell
page=$top/rules/README.md
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

"$program" rules words > "$work/words" && "$program" rules classes > "$work/classes" || exit 1
awk -v words="$work/words" '
/^<!-- end of words/ { inside = 0 }
!inside { print }
/^<!-- begin of words/ { inside = 1; print ""; while ((getline line < words) > 0) print line }' "$page" > "$work/page"

if [ "$1" = --update ]; then
	cp "$work/page" "$page" && cp "$work/classes" "$top/rules/classification.config"
	exit
fi
diff -u "$page" "$work/page" && diff -u "$top/rules/classification.config" "$work/classes" && exit 0
echo "rules/ is behind src/detect/rules/*.def: run tests/cli/rules.sh --update"
exit 1
