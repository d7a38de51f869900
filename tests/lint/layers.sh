#!/bin/sh
# Which room includes which: the table of ARCHITECTURE.md, held by machine.
# usage: layers.sh [TOP]
cd "${1:-${srcdir:-.}}" || exit 99

awk '
function room_of(path) {
	if (path == "src/main.c") return "main"
	if (match(path, /^src\/[^\/]+\//)) return substr(path, 5, RLENGTH - 5)
	if (match(path, /^dissectors\/[^\/]+\//)) return "dissectors"
	return "?"
}
function wrong(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why
	bad++
}
BEGIN {
	off_packet_path = "^src/(engine/|command/|web/|output/transport/(elasticsearch|mail|splunk|syslog)[.]c$|output/convert/|base/json[.]c$|alert/explain[.][ch]$|detect/rules/explain[.][ch]$)"
	may["base"]       = "base"
	may["record"]     = "base record"
	may["config"]     = "base record config"
	may["capture"]    = "base record capture"
	may["decode"]     = "base record decode"
	may["stream"]     = "base record stream"
	may["dissect"]    = "base record dissect"
	may["dissectors"] = "base record dissect"		# and their own folder
	may["passing"]    = "base record passing"
	may["asset"]      = "base record asset"
	may["process"]    = "base record process"
	may["detect"]     = "base record asset process detect"
	may["alert"]      = "base record alert"
	may["output"]     = "base record output"
	may["store"]      = "base record store"
	may["web"]        = "base record store web"
	may["engine"]     = "base record config capture decode stream dissect passing asset process detect alert output store web engine"
	may["command"]    = "base record config capture decode stream dissect passing asset process detect alert output store web engine command"
	may["main"]       = "base record config engine command"
	# Libraries that one room keeps from all the others.
	only["pcap"]   = "^src/capture/"
	only["ndpi"]   = "^src/stream/ndpi_name[.]c$"
	only["yaml"]   = "^src/config/"
	only["openssl"] = "^src/(stream|base)/|^src/output/(chain|transport/tls)[.]c$"
	only["curl"] = "^src/output/transport/http[.]c$"
	only["librdkafka"] = "^src/output/transport/kafka[.]c$"
	only["zlib"]   = "^src/(capture/|command/verify[.]c|output/(chain_find|transport/post|transport/rotate|spool/read)[.]c)"
	only["hs"]     = "^src/detect/match/patterns[.]c$"
	only["maxminddb"] = "^src/asset/geoip[.]c$"
	# Its values take memory with each call.
	only["jansson"] = "^src/base/json[.]h$"
	only["sqlite3"] = "^src/store/"
	only["seccomp"] = "^src/engine/sandbox[.]c$"
	only["cap-ng"] = "^src/engine/rights[.]c$"
	only["pcre2"]  = "^src/detect/(rules|match)/"
	# Parts of a room that know nothing of one another; all of them may include what lies in the room itself.
	within["src/output/eve/"]	= "output/(eve/|[a-z_]+[.])"
	within["src/output/convert/"]	= "output/(convert/|[a-z_]+[.])"
	within["src/output/transport/"]	= "output/(transport/|convert/convert[.]h$|[a-z_]+[.])"
	within["src/output/spool/"]	= "output/(spool/|transport/transport[.]h$|[a-z_]+[.])"
	# What only one protocol has (operation.detail) is for its record and its rule words; all others
	# read struct operation.
	detail = "^record/(modbus|dnp3|s7|iec104)[.]h$"
	reads_detail = "^(dissectors/|src/record/|src/output/eve/|src/detect/(rules|match)/|src/engine/names[.]c$)"
}
FNR == 1 {
	files++
	room = room_of(FILENAME)
	if (!(room in may)) { wrong("room \"" room "\" is not in the table of tests/lint/layers.sh"); next }
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	match($0, /"[^"]*"/)
	what = substr($0, RSTART + 1, RLENGTH - 2)
	# The folder of a dissector is small, and is copied to begin another.
	if (what !~ /\// && room == "dissectors") next
	if (what !~ /\//) { wrong("\"" what "\": name the room, as in \"" room "/" what "\""); next }
	target = what; sub(/\/.*/, "", target)
	if (what ~ detail && FILENAME !~ reads_detail)
		wrong("\"" what "\" is for the record and the rule words of its protocol; read struct operation")
	if (what == "base/json.h" && FILENAME !~ off_packet_path)
		wrong("\"" what "\" takes memory: not for what the packet thread runs (output/jsonw.h)")
	if (room == "dissectors") {
		own = FILENAME; sub(/^dissectors\//, "", own); sub(/\/.*/, "", own)
		if (target == own || index(what, "dissectors/" own "/") == 1) next
	}
	part = FILENAME; sub(/[^\/]*$/, "", part)
	if (part in within && target == room && what !~ "^" within[part])
		wrong("\"" what "\" is not for " part ", which may include " within[part])
	if (index(" " may[room] " ", " " target " ") == 0)
		wrong(room " may include " may[room] ", not \"" what "\"")
	next
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	match($0, /<[^>]*>/)
	what = substr($0, RSTART + 1, RLENGTH - 2)
	lib = what; sub(/[\/._].*/, "", lib)
	if (lib ~ /^ndpi/) lib = "ndpi"
	if (lib in only && FILENAME !~ only[lib])
		wrong("<" what "> belongs to " only[lib] " alone")
}
END {
	if (files == 0) { print "layers.sh: found no source files"; exit 1 }
	printf "%d files, %d wrong includes\n", files, bad
	exit bad > 0
}' $(find src dissectors -name '*.[ch]' -o -name '*.def' | LC_ALL=C sort)
