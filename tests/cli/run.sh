#!/bin/sh
# The command line as a user meets it: exit status, and what is said where.
program=${TW_BUILDDIR:-$PWD}/thermowell
top=${TW_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
capture=${CLI_CAPTURE:-$top/pcaps/modbus/data-access.pcap}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failed=0 done=0

# Built without nDPI, the shipped rules that go by its names are left out, and -T says so.
"$program" --version | grep -q 'with nDPI' && shipped=auto http='left out: http.uri needs HTTP' ||
	{ shipped=none http='left out: http'; }

# try STATUS PART-OF-STDOUT PART-OF-STDERR ARGUMENT...   ("": must be empty, *: anything)
try() {
	status=$1 out=$2 err=$3
	shift 3
	"$program" "$@" > out 2> err < /dev/null
	got=$?
	[ $got = "$status" ] || wrong "exit status $got, not $status" "$@"
	check out "$out" "$@"
	check err "$err" "$@"
	done=$((done + 1))
}
check() {
	file=$1 part=$2
	shift 2
	case $part in
	'*') ;;
	'') [ ! -s "$file" ] || wrong "std$file is not empty" "$@" ;;
	*) grep -qF -e "$part" "$file" || wrong "std$file lacks '$part'" "$@" ;;
	esac
}
wrong() {
	why=$1
	shift
	echo "thermowell $*: $why"
	sed 's/^/    out: /' out
	sed 's/^/    err: /' err
	failed=$((failed + 1))
}

try 0 'usage: thermowell' '' -h
try 0 'usage: thermowell' '' --help
try 0 'thermowell 0.' '' -V
try 0 'thermowell 0.' '' --version
try 0 'snaplen:' '' --dump-config
try 0 'configuration ok' '' -T --set rules.files=$shipped

try 2 '' 'nothing to do'
try 2 '' 'not both' -r a -i b
try 0 'What it can do to the process' '' explain s7.cpu.stop
try 0 's7.cpu.stop' '' explain 5000101
try 0 'scan.addresses' '' explain
try 0 '{"type":"s7.cpu.stop","gid":500,"sid":5000101,' '' explain --json s7.cpu.stop
try 0 '"type":"scan.addresses"' '' explain --json
try 2 '' 'did you mean "s7.cpu.stop"?' explain s7.cpu.stp
try 2 '' 'no alert type has the sid 17' explain 17
try 2 '' 'did you mean --follow?' --folow
try 2 '' 'needs a value' -r
try 2 '' "did you mean 'stream.max-flows'?" -T --set stream.max-flow=5
try 2 '' 'out of range' -T --set stream.max-flows=0
try 2 '' 'none, all or auto' -T -k some
try 2 '' 'thermowell: -k some: ' -T -k some
for word in alerts incidents baseline store; do
	try 2 '' 'no database is named' $word
done
try 2 '' 'or a database (--store FILE)' assets
try 2 '' '-r FILE' zones
try 2 '' 'captures to cut from' extract
try 0 'mode: detect ' '' --dump-config --learn --detect
try 0 'learn-first: 7200 ' '' --dump-config --learn-first 2h
try 2 '' 'give a time, as in 90s' --dump-config --learn-first soon

try 1 '' 'absent.yaml: cannot be opened' -T -c absent.yaml

# Former names of settings work, and -T says how they are called now.
printf 'detect:\n  newcomer: no\n' > former.yaml
try 0 'configuration ok' 'former.yaml:2:3: detect.newcomer is now called detect.new-clients' -T -c former.yaml --set rules.files=$shipped
try 0 'configuration ok' 'detect.unasked.count is now called detect.unsolicited.count' -T --set detect.unasked.count=4 --set rules.files=$shipped
try 0 'forget-after: 5 ' '' --dump-config --set detect.newcomer-term=5

# rules: what is checked, told and refused
cat > good.rules <<'EOF'
alert modbus any any -> any any (msg:"write from outside"; modbus: access write; metadata:mitre_technique_id T0836; sid:1; rev:2;)
alert http any any -> any any (http.uri; content:"x"; sid:2;)
alert tcp any any -> any any (msg:"again"; sid:1;)
EOF
cat > bad.rules <<'EOF'
alert tcp any any -> any any (contnet:"x"; sid:3;)
alert tcp $NOWHERE any -> any any (sid:4;)
alert tcp any any -> any any (content:"abc"; depth:2; sid:5;)
EOF
try 2 '' 'use rules check' rules
try 2 '' 'use rules check' rules chek
try 2 '' 'which sensor? give its control socket' rules reload
try 0 '1 rule loaded, 1 left out, 1 duplicate, 0 with problems' "$http" rules check good.rules
try 1 '0 rules loaded, 0 left out, 0 duplicates, 3 with problems' "bad.rules:1:31: there is no rule word 'contnet'; did you mean 'content'?" rules check bad.rules
try 1 '*' 'bad.rules:2:11: $NOWHERE is not set; add it to the configuration' rules check bad.rules
try 1 '*' 'bad.rules:3:31: depth 2 is shorter' rules check bad.rules
try 0 'configuration ok' 'good.rules:3:1: sid 1 is in good.rules:1 with a higher rev, which is kept' -T -S good.rules
# One start, all that is wrong with it.
mkdir -p rules.d conf && cp good.rules rules.d/ && head -1 good.rules > rules.d/a.rules
try 1 '*' 'good.rules:1:1: sid 1 is a duplicate of rules.d/a.rules:1' -T -S rules.d
try 1 '' 'no file is called so' -T -S 'rules.d/x*.rules'
try 1 '' 'nowhere.mmdb: geoip.database ' -T --set geoip.database=nowhere.mmdb --set control.socket=/nowhere/s -l /nowhere -S bad.rules
for what in 'no socket can be made there' '/nowhere: cannot write there' "there is no rule word 'contnet'"; do
	grep -qF "$what" err || wrong "stderr lacks '$what'" -T
done
printf 'rules:\n  files: [a.rules, "b1*.rules"]\n  thresholds: th.conf\n  strict: yes\nvars:\n  address-groups:\n    MODBUS_CLEINT: 10.0.0.1\n' > conf/c.yaml
cp rules.d/a.rules conf/a.rules && sed s/sid:1/sid:2/ conf/a.rules > b1.rules
echo 'suppress gen_id 1, sig_id 1, track by_src, ip 10.0.0.1' > conf/th.conf
try 0 '2 rules loaded' 'rules.files: b1*.rules is not beside this file; that of the working folder is read' -T -c conf/c.yaml
try 0 '2 rules loaded' "conf/c.yaml:7:20: no rule asks for the variable MODBUS_CLEINT; did you mean 'MODBUS_CLIENT'?" -T -c conf/c.yaml
echo 'supress gen_id 1, sig_id 1' > conf/th.conf
try 1 '' 'conf/th.conf:1:1: a line begins with suppress' -T -c conf/c.yaml
# The rules that came with the program are found by a copy of it.
cp "$program" ./copied && ./copied rules list > out 2> err && grep -q '^74 rules loaded\|^[1-9][0-9]* rules loaded' out || wrong "a copied program has no rules" rules list
try 0 'T0836' '' rules list -S good.rules
try 0 '"sid":1,"rev":2' '' rules list --json -S good.rules
try 0 'raises an alert' '' rules explain 1 -S good.rules
try 0 '{"gid":1,"sid":1,"rev":2,"msg":"write from outside",' '' rules explain --json 1 -S good.rules
# A name that is not UTF-8 still gives JSON.
latin=$(printf 'l\377\303\244.rules') && cp good.rules "$latin"
try 0 '"file":"l\\xffä.rules"' '*' rules list --json -S "$latin"
try 1 '' 'no rule has the number 9' rules explain 9 -S good.rules
try 2 '' 'is not the number of a rule' rules explain x -S good.rules
try 2 '' 'may not hold a comma' -T -S a,b
printf 'capture:\n  snaplen: many\n  snapln: 3\n' > bad.yaml
try 1 '' 'bad.yaml:2:12: ' -T -c bad.yaml
try 1 '' 'bad.yaml:3:3: ' -T -c bad.yaml
printf 'outputs:\n  eve: {types: nonsense}\n' > types.yaml
try 1 '' "types.yaml:2:16: outputs.eve.types: 'nonsense' is not a record type; did you mean" -T -c types.yaml
printf 'outputs:\n  eve:\n    types: [alert,\n      flwo]\n' > types.yaml
try 1 '' "types.yaml:4:7: outputs.eve.types: 'flwo' is not a record type; did you mean 'flow'?" -T -c types.yaml
try 2 '' "'alrt' is not a record type; did you mean 'alert'?" -T --set outputs.eve.types=alrt
echo 'alert tcp $HOME_NET any -> !$EXTERNAL_NET any (msg:"x"; sid:7;)' > groups.rules
try 0 'from $HOME_NET (' '' rules explain 7 -S groups.rules
try 0 ' to !$EXTERNAL_NET.' '' rules explain 7 -S groups.rules
try 1 '' 'absent.pcap' -r ./absent.pcap
try 1 '' '*' -r "$capture" -l absent-folder
try 1 '' 'the filter "tcp prt 502"' -r "$capture" 'tcp prt 502'
try 1 '' 'a capture of that name does not exist either' -r "$capture" absent
try 2 '' "'absent.pcap': there is no such file" -r "$capture" absent.pcap
try 1 '' '*' -i no-such-interface
try 1 '*' 'lo is given twice' -T -i lo -i lo
try 1 '' '*' -r bad.yaml

# What --dump-config prints loads back to the same.
"$program" --dump-config --set capture.filter='port 502 # "x"' --set stream.overlap=last \
	--set outputs.eve.types=flow,stats --set naming.ndpi=off > one.yaml
"$program" --dump-config -c one.yaml > two.yaml
cmp one.yaml two.yaml || failed=$((failed + 1))
"$program" --dump-config > defaults.yaml
"$program" --dump-config -c defaults.yaml | cmp - defaults.yaml || failed=$((failed + 1))
try 0 'configuration ok' '' -T -c defaults.yaml --set rules.files=$shipped
if [ -w /dev/full ]; then
	"$program" --dump-config > /dev/full 2> err
	[ $? = 1 ] || { echo "a full disk went unnoticed"; failed=$((failed + 1)); }
fi

# A replay into a pipe is quiet and leaves eve.json; -v speaks; options may stand last.
if [ -f "$capture" ]; then
	try 0 '' '' -r "$capture" --set outputs.eve.types=all -S groups.rules
	[ -s eve.json ] || { echo "no eve.json"; failed=$((failed + 1)); }
	# Lines of an earlier run are not taken for those of this one.
	try 0 '' 'eve.json has lines already' -r "$capture" -S groups.rules --set outputs.eve.types=stats
	mkdir again-logs
	try 0 '' '' -r "$capture" -S groups.rules -l again-logs
	mkdir logs
	try 0 '' '' -q -r "$capture" tcp port 502 -l logs --set outputs.eve.types=all
	[ -s logs/eve.json ] || { echo "no logs/eve.json"; failed=$((failed + 1)); }
	try 0 'acket' '1 rule loaded' -v -r "$capture" --set outputs.eve.file=other.json -S groups.rules
	[ -e other.json ] || { echo "no other.json"; failed=$((failed + 1)); }
	"$program" -r - < "$capture" --set outputs.eve.types=all --set outputs.eve.file=stdin.json ||
		{ echo "standard input is not read"; failed=$((failed + 1)); }
	grep -c '"event_type":"modbus"' eve.json stdin.json > counts
	[ "$(cut -d: -f2 counts | uniq | wc -l)" = 1 ] || { cat counts; failed=$((failed + 1)); }
	# The second capture after one -r.
	cp "$capture" again.pcap
	try 0 'configuration ok' '' -T --set rules.files=$shipped -r "$capture" again.pcap
	try 0 'configuration ok' 'groups.rules is no capture and was left out' -T -r . "$capture"
	# What is no capture is named, and the others are read: in a folder it is no fault, by name it is.
	mkdir -p folder/below
	cp "$capture" folder/below/
	echo text > folder/notes.txt
	try 0 '' 'folder/notes.txt is no capture and was left out' -r folder -l folder
	[ -s folder/eve.json ] || { echo "a folder is not descended"; failed=$((failed + 1)); }
	rm folder/eve.json
	try 1 '' 'folder/notes.txt: ' -q -r folder/notes.txt "$capture" -l folder
	[ -s folder/eve.json ] || { echo "nothing is read beside what is no capture"; failed=$((failed + 1)); }
fi
echo "$done command lines tried, $failed wrong"
[ $failed = 0 ]
