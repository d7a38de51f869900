#!/bin/sh
# Functions that this program does not use, and those that only some files may.
# A word said twice in review becomes a row here.  usage: bans.sh [TOP]
. "$(dirname "$0")/code_of.sh"
cd "${1:-${srcdir:-.}}" || exit 99

awk "$code_of"'
function wrong(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why
	bad++
}
BEGIN {
	split("strcpy strcat stpcpy sprintf vsprintf strtok atoi atol atoll atof gets alloca rand srand " \
	    "random tmpnam mktemp system popen setjmp longjmp strncpy strncat", w, " ")
	for (i in w) never[w[i]] = "is not used in this program"
	split("ntohs ntohl htons htonl be16toh be32toh be64toh le16toh le32toh", w, " ")
	for (i in w) never[w[i]] = "is not used: packet bytes are read through base/cursor.h"
	split("send sendto sendmsg sendmmsg pcap_inject pcap_sendpacket", w, " ")
	for (i in w) never[w[i]] = "is not used: the sensor never sends"

	# Memory is taken where things are opened, never on the packet path.
	memory = "^src/base/(arena|pool|buddy|csv|hmap|err|queue)[.]c$|^src/config/|^src/capture/|" \
	    "^src/decode/(decode|dedup|defrag)[.]c$|" \
	    "^src/stream/(stream|ndpi_name|community_id)[.]c$|" \
	    "^src/dissect/(dissect|func|conversation|pair|block|request_cache)[.]c$|" \
	    "^src/passing/passing[.]c$|" \
	    "^src/process/(points|reader|set)[.]c$|" \
	    "^src/alert/(alerts|incidents|rates|windows|evidence)[.]c$|^src/asset/(asset|geoip|inventory|list|maintenance|vendors|zones)[.]c$|^src/detect/(baseline|commands|floods|forged|history|protocol|health|new_clients|scan|zones)/[a-z_]+[.]c$|" \
	    "^src/detect/(detect|slots|values/open|match/(set|rule_open|index|patterns|bytes|memory|rules)|rules/(mem|file|load))[.]c$|" \
	    "^src/output/((captures|chain|chain_find|console|output|limit|rejected|relay|stage|writer|eve/eve|convert/convert)[.]c$|transport/(conn|elasticsearch|file|http|kafka|mail|net|post|rotate|splunk|syslog|tls|unix|webhook)[.]c$|spool/)|^src/store/|^src/web/|^src/engine/|^src/command/"
	split("malloc calloc realloc reallocarray strdup strndup asprintf vasprintf mmap", w, " ")
	for (i in w) { some[w[i]] = memory; why[w[i]] = "takes memory: only where things are opened (see tests/lint/bans.sh)" }
	# The only clock is the capture clock.
	clock = "^src/engine/|^src/web/|^src/command/|^src/capture/|^src/base/(hash|thread|when)[.]c$"
	split("time gettimeofday clock_gettime clock localtime localtime_r gmtime gmtime_r mktime strftime", w, " ")
	for (i in w) { some[w[i]] = clock; why[w[i]] = "reads the machine\047s clock or zone: only the capture clock counts" }
}
FNR == 1 { files++; in_comment = 0 }
{
	line = code_of($0)
	while (match(line, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		name = substr(line, RSTART, RLENGTH - 1); sub(/[ \t]+$/, "", name)
		before = RSTART > 1 ? substr(line, RSTART - 1, 1) : ""
		member = before == "." || (before == ">" && substr(line, RSTART - 2, 2) == "->")
		line = substr(line, RSTART + RLENGTH)
		if (member) continue
		if (name in never) wrong(name "() " never[name])
		else if (name in some && FILENAME !~ some[name]) wrong(name "() " why[name])
	}
}
END {
	if (files == 0) { print "bans.sh: found no source files"; exit 1 }
	printf "%d files, %d banned words\n", files, bad
	exit bad > 0
}' $(find src dissectors -name '*.[ch]' | LC_ALL=C sort)
