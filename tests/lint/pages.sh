#!/bin/sh
# The console's pages: no text becomes HTML, nothing is inline, nothing is asked of elsewhere.
# usage: pages.sh [TOP]
cd "${1:-${srcdir:-.}}" || exit 99
bad=0
no() {
	found=$(grep -nHE "$1" $3) || return 0
	printf '%s\n    %s\n' "$found" "$2"
	bad=1
}
scripts=$(find src/web/static -name '*.js' | LC_ALL=C sort)
[ -n "$scripts" ] || { echo "pages.sh: found no scripts"; exit 1; }
no 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc' "texts are set as texts: textContent, text nodes (dom.js)" "$scripts"
no 'DOMParser' "the map alone is taken out of a text, element by element" "$(echo "$scripts" | grep -v "/map.js$")"
no '\beval\(|new Function|setTimeout\(["'"'"']|javascript:' "code is never made of texts" "$scripts"
no 'setAttribute\(["'"'"']style|[^.]style: *["'"'"'`]' "styles are classes: the policy forbids style attributes" "$scripts"
no '<script[^>]*>[^<]|<style| style=| on[a-z]+=' "nothing is inline" "src/web/static/index.html"
# The name of SVG, and where uPlot comes from, are asked of nobody.
no 'https?://' "nothing is asked of elsewhere" "$(find src/web/static -name '*.js' ! -name dom.js ! -name uplot.js) $(find src/web/static -name '*.css' ! -name uplot.css) src/web/static/index.html"
# What others wrote is as they published it.
for f in uplot.js:5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba uplot.css:df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04; do
	[ "$(sha256sum "src/web/static/${f%%:*}" | cut -d' ' -f1)" = "${f#*:}" ] || { echo "src/web/static/${f%%:*} is not that of uPlot 1.6.32"; bad=1; }
done
[ "$bad" != 0 ] || echo "$(echo "$scripts" | wc -l) scripts"
exit $bad
