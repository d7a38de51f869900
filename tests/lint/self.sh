#!/bin/sh
# The lints must notice: plant one offence of each kind and see it reported.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/base" "$work/src/decode" "$work/src/output/eve" "$work/src/detect/scan" "$work/src/detect/match" "$work/dissectors/modbus" "$work/dissectors/dnp3"
failed=0

# expect LINT MESSAGE FILE LINE-OF-CODE
expect() {
	lint=$1 message=$2 file=$3
	printf '%s\n' "$4" > "$work/$file"
	if out=$("$here/$lint" "$work"); then
		echo "$lint lets pass: $4"
		failed=1
	elif ! printf '%s' "$out" | grep -qF "$file:1: $message"; then
		echo "$lint says of '$4': $out"
		failed=1
	fi
	rm "$work/$file"
}
# pass LINT FILE LINE-OF-CODE
pass() {
	printf '%s\n' "$3" > "$work/$2"
	"$here/$1" "$work" > /dev/null || { echo "$1 refuses: $3"; failed=1; }
	rm "$work/$2"
}

expect layers.sh 'base may include' src/base/a.c '#include "record/flow.h"'
expect layers.sh '<pcap.h> belongs' src/decode/a.c '#include <pcap.h>'
expect layers.sh '<ndpi_api.h> belongs' src/decode/a.c '#include <ndpi_api.h>'
expect layers.sh '"decode.h": name the room' src/decode/a.c '#include "decode.h"'
expect layers.sh 'dissectors may include' dissectors/modbus/a.c '#include "dnp3/dnp3.h"'
expect layers.sh '<jansson.h> belongs' src/decode/a.c '#include <jansson.h>'
expect layers.sh '"base/json.h" takes memory' src/decode/a.c '#include "base/json.h"'
expect layers.sh '"output/transport/transport.h" is not for src/output/eve/' src/output/eve/a.c '#include "output/transport/transport.h"'
expect layers.sh '"record/dnp3.h" is for the record' src/detect/scan/a.c '#include "record/dnp3.h"'
pass layers.sh src/detect/match/a.c '#include "record/dnp3.h"'
pass layers.sh dissectors/modbus/a.c '#include "modbus/table.h"'
pass layers.sh src/decode/a.c '#include "record/packet.h"'
expect bans.sh 'strcpy() is not' src/decode/a.c '	strcpy(a, b);'
expect bans.sh 'ntohs() is not' src/decode/a.c 'x = ntohs (y);'
expect bans.sh 'malloc() takes' src/decode/vlan.c 'p = malloc(1);'
expect bans.sh 'time() reads' src/decode/a.c 'now = time(NULL);'
pass bans.sh src/decode/a.c 'a->time(b); s.send(c); /* strcpy(a, b) */ puts("gets(x)"); my_strcpy(a); // atoi(b)'
expect words.sh 'newcomer_of: write new client' src/decode/a.c 'int newcomer_of;'
pass words.sh src/decode/a.c 'int new_client; /* newcomer */ puts("newcomer");'
# Pages: what makes HTML of texts, and what asks elsewhere.
mkdir -p "$work/src/web/static"
echo '<!doctype html>' > "$work/src/web/static/index.html"
: > "$work/src/web/static/dom.js"
for offence in 'e.innerHTML = name;' 'document.write(name)' 'eval(name)' 'fetch("https://example.net")' 'e.setAttribute("style", x)'; do
	echo "$offence" > "$work/src/web/static/a.js"
	if out=$("$here/pages.sh" "$work" 2>&1) || ! echo "$out" | grep -qF "src/web/static/a.js:1:$offence"; then echo "pages.sh says of '$offence': $out"; failed=1; fi
done
rm -r "$work/src/web"
# A file and a function at the limit, and one line more.
long() { { echo 'void'; echo "long_one(void)"; echo '{'; seq "$1" | sed 's/.*/	x();/'; echo '}'; } > "$work/src/base/a.c"; }
rest() { seq "$1" | sed 's/.*//' >> "$work/src/base/a.c"; }
sizes() { out=$("$here/sizes.sh" "$work"); }
long 80; rest 516
sizes || { echo "sizes.sh refuses what is short enough: $out"; failed=1; }
rest 1
if sizes || ! echo "$out" | grep -qF 'src/base/a.c: 601 lines'; then echo "sizes.sh says of 601 lines: $out"; failed=1; fi
long 81
if sizes || ! echo "$out" | grep -qF 'src/base/a.c:2: long_one() has 81 lines'; then echo "sizes.sh says of 81 lines: $out"; failed=1; fi
rm "$work/src/base/a.c"
# Which protocols there are, and an empty list of what may know them.
mkdir -p "$work/src/record" "$work/src/detect" "$work/src/output"
echo 'OP_PROTO(MODBUS, modbus)' > "$work/src/record/op_names.def"
printf 'static const uint16_t ports[] = { 502, 802, 0 };\n\t.name = "modbus", .title = "Modbus", .also = "mbtcp",\n' > "$work/dissectors/modbus/protocol.c"
ONEPLACE_ALLOW=/dev/null; export ONEPLACE_ALLOW
expect oneplace.sh 'OP_MODBUS: a protocol is named' src/detect/a.c 'if (op->proto == OP_MODBUS)'
expect oneplace.sh 'Modbus: a protocol is named' src/detect/a.c 'puts("the Modbus parser");'
expect oneplace.sh 'mbtcp: a protocol is named' src/detect/a.c 'if (strcmp(name, "mbtcp") == 0)'
expect oneplace.sh '802: the port of a protocol' src/detect/a.c 'static const uint16_t known[] = { 102, 802 };'
expect oneplace.sh 'function == 90: a function code' src/detect/a.c 'return op->function == 90;'
expect oneplace.sh 'function): a function code' src/detect/a.c 'switch (op->function) {'
expect oneplace.sh 'exception == 2: a code of a protocol' src/detect/a.c 'x = op.exception == 2;'
pass oneplace.sh src/detect/a.c 'if (op->proto == p->proto) say(protocols[op->proto]->title); /* Modbus, 502 */'
pass oneplace.sh src/output/eve/modbus.c 'eve_modbus(502);'
ONEPLACE_ALLOW=$work/allow
printf 'src/detect/a.c\top_modbus\tto see it\n' > "$work/allow"
pass oneplace.sh src/detect/a.c 'x = OP_MODBUS;'
expect oneplace.sh 'Modbus: a protocol is named' src/detect/a.c 'x = OP_MODBUS, puts("Modbus");'
rm "$work/dissectors/modbus/protocol.c" "$work/src/record/op_names.def"
[ $failed = 0 ] && echo "every planted offence was noticed"
exit $failed
