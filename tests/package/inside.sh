# In the booted clean system (run.sh), as root.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
conf=/etc/thermowell/thermowell.yaml
fail() {
	echo "FAILED: $*"
	journalctl --no-pager -u thermowell -n 40 || true
	exit 1
}
wait_for() {	# SECONDS COMMAND...
	local n=$(($1 * 10))
	shift
	while ! "$@" > /dev/null 2>&1; do
		n=$((n - 1))
		[ $n -gt 0 ] || return 1
		sleep 0.1
	done
}
figure() { echo "    $*"; }

echo "installed"
apt-get -q -y --no-install-recommends install /test/thermowell.deb > /test/apt.log 2>&1 || { cat /test/apt.log; fail "apt-get install"; }
id thermowell > /dev/null || fail "there is no user thermowell"
[ "$(systemctl is-enabled thermowell || true)" = disabled ] || fail "it is enabled: $(systemctl is-enabled thermowell)"
[ "$(systemctl is-active thermowell || true)" = inactive ] || fail "it was started, and watches nothing"
runuser -u thermowell -- thermowell -T -c $conf > /test/t.log 2>&1 || { cat /test/t.log; fail "-T on the shipped configuration"; }
tail -n 1 /test/t.log
# It fails by its man page alone, because this system has no man.
systemd-analyze verify thermowell.service > /test/verify.log 2>&1 || true
! grep -v "man thermowell(1)" /test/verify.log | grep -q . || { cat /test/verify.log; fail "systemd-analyze verify"; }
figure "$(systemd-analyze security --no-pager thermowell.service | tail -n 1)"
systemctl start thermowell 2> /dev/null && fail "it starts though it has nothing to watch"
systemctl reset-failed thermowell

echo "started on an interface"
ip link set lo up
[ -e /etc/hosts ] || echo "127.0.0.1 localhost" > /etc/hosts
ip link add wire0 type veth peer name eth9
ip link set wire0 up
echo 1 > /proc/sys/net/ipv6/conf/wire0/disable_ipv6
mkdir -p /test/tls /etc/thermowell
(
	cd /test/tls
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=test CA" -keyout ca.key -out ca.pem
	openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr
	printf 'subjectAltName=DNS:localhost\n' > san
	openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem
) > /test/openssl.log 2>&1
cp /test/tls/ca.pem /etc/thermowell/siem-ca.pem
cat > /etc/rsyslog.d/tls.conf <<'RSYSLOG'
global(DefaultNetstreamDriverCAFile="/test/tls/ca.pem" DefaultNetstreamDriverCertFile="/test/tls/server.pem" DefaultNetstreamDriverKeyFile="/test/tls/server.key" maxMessageSize="64k")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.Authmode="anon")
template(name="raw" type="string" string="%msg%\n")
ruleset(name="tls") { action(type="omfile" file="/var/log/siem.log" template="raw") }
input(type="imtcp" port="6514" ruleset="tls")
RSYSLOG
systemctl restart rsyslog
sed -i 's/^  interfaces: \[\]/  interfaces: [ eth9 ]/' $conf
if thermowell --dump-config | tr '\n' ' ' | grep -q syslog-tls; then
	tls=yes
	sed -i 's/^  # sinks:/  sinks:/; s/^  #   \( *\)/    \1/' $conf
	sed -i 's/format: cef .*/format: eve/; s/siem\.example\.org/localhost/' $conf
else
	tls=
fi
sed -i 's/^# console:/console:/; s/^#   listen: "127/  listen: "127/; s/^#   tokens:/  tokens:/' $conf
token=$(thermowell console token anna -c $conf | grep -oE '[A-Za-z0-9_-]{32,}' | head -n 1)
[ -n "$token" ] || fail "no token for the console"
chown thermowell: /etc/thermowell/console.tokens
runuser -u thermowell -- thermowell -T -c $conf > /test/t.log 2>&1 || { cat $conf /test/t.log; fail "-T on the edited configuration"; }
mkdir -p /etc/systemd/system/thermowell.service.d
printf '[Service]\nWatchdogSec=3\nEnvironment=THERMOWELL_SANDBOX=trap\n' > /etc/systemd/system/thermowell.service.d/test.conf
systemctl daemon-reload
systemctl start thermowell || fail "systemctl start"
pid=$(systemctl show -P MainPID thermowell)
for task in /proc/"$pid"/task/*; do
	[ "$(awk '/^Uid/ { print $2 }' "$task/status")" = "$(id -u thermowell)" ] || fail "runs as another user"
	for set in CapInh CapPrm CapEff CapAmb; do
		grep -q "^$set:.0000000000000000" "$task/status" || fail "a thread has capabilities: $(grep Cap "$task/status")"
	done
	grep -q '^NoNewPrivs:.1' "$task/status" || fail "may get privileges"
	grep -q '^Seccomp:.2' "$task/status" || fail "no filter of system calls"
done
figure "user $(ps -o user= -p "$pid" 2> /dev/null || id -un "$(awk '/^Uid/ { print $2 }' /proc/"$pid"/status)"), no capability, $(awk '/^Seccomp_filters/ { print $2 }' /proc/"$pid"/status) filters, $(awk '/^VmRSS/ { print int($2 / 1024) }' /proc/"$pid"/status) MiB"
[ "$(cat /proc/sys/net/ipv6/conf/eth9/disable_ipv6)" = 1 ] || fail "IPv6 is on"
ip link show eth9 | grep -q NOARP || fail "ARP is on"

echo "alerts arrive"
python3 /test/send.py /test/plant-attack.pcap wire0 2000
alerts() { [ "$(grep -c '"event_type":"alert"' "$1")" -ge 10 ]; }
wait_for 10 alerts /var/log/thermowell/eve.json || fail "no alerts in eve.json"
figure "$(grep -c '"event_type":"alert"' /var/log/thermowell/eve.json) alert records in eve.json"
if [ -n "$tls" ]; then
	wait_for 20 alerts /var/log/siem.log || fail "no alerts at rsyslog: $(tail -n 3 /var/log/siem.log)"
	same() { [ "$(grep -c '"event_type":"alert"' /var/log/siem.log)" -ge "$(grep -c '"event_type":"alert"' /var/log/thermowell/eve.json)" ]; }
	wait_for 20 same || fail "$(grep -c '"event_type":"alert"' /var/log/siem.log) alerts at rsyslog"
	figure "$(grep -c '"event_type":"alert"' /var/log/siem.log) alert records at rsyslog over TLS"
else
	figure "rsyslog over TLS: not tried, this program has no syslog-tls"
fi
# The first line of what the console answers, and all of it in /test/page.
ask_console() {
	exec 3<> /dev/tcp/127.0.0.1/8642 || return 1
	printf 'GET /api/alerts?limit=5 HTTP/1.0\r\nHost: 127.0.0.1:8642\r\nAuthorization: Bearer %s\r\n\r\n' "$1" >&3
	timeout 10 cat <&3 > /test/page
	exec 3>&-
	head -n 1 /test/page
}
ask_console "$token" | grep -q " 200 " || fail "the console answers: $(head -c 300 /test/page)"
grep -q sentence /test/page || fail "the console has no alerts: $(head -c 600 /test/page)"
ask_console nobody | grep -q " 401 " || fail "the console answers strangers: $(head -c 300 /test/page)"
figure "the console answers with a token, and not without"
[ "$(cat /sys/class/net/eth9/statistics/tx_packets)" = 0 ] || fail "$(cat /sys/class/net/eth9/statistics/tx_packets) frames were sent on the watched interface"
setpriv --reuid 65534 --regid "$(getent group thermowell | cut -d: -f3)" --clear-groups thermowell status -c $conf > /test/status.log || fail "status by a member of the group"
head -n 1 /test/status.log
! setpriv --reuid 65534 --regid 65534 --clear-groups thermowell status -c $conf > /dev/null 2>&1 || fail "anybody may ask for its status"

echo "rotated, reloaded, hung"
logrotate -f /etc/logrotate.d/thermowell || fail "logrotate"
wait_for 5 test -s /var/log/thermowell/eve.json.1 -a -e /var/log/thermowell/eve.json || fail "not rotated"
python3 /test/send.py /test/plant-attack.pcap wire0 2000
wait_for 15 test -s /var/log/thermowell/eve.json || fail "nothing is written to the new file"
[ "$(stat -c %U:%a /var/log/thermowell/eve.json)" = thermowell:640 ] || fail "eve.json is $(stat -c %U:%a /var/log/thermowell/eve.json)"
echo 'alert tcp any any -> any any (msg:"mine"; sid:9000001;)' > /etc/thermowell/rules/mine.rules
systemctl reload thermowell || fail "systemctl reload"
wait_for 10 sh -c "thermowell rules list -c $conf 2> /dev/null | grep -q 9000001" || fail "own rules are not read"
wait_for 10 sh -c 'journalctl -u thermowell --no-pager | grep -q "read again"' || fail "not read again"
kill -STOP "$pid"
wait_for 20 sh -c '[ "$(systemctl show -P NRestarts thermowell)" -ge 1 ] && systemctl is-active -q thermowell' || fail "the watchdog did not start it again: $(systemctl show -P NRestarts,ActiveState thermowell)"
figure "stopped by SIGSTOP: started again by the watchdog"
begin=$(date +%s)
systemctl stop thermowell
took=$(($(date +%s) - begin))
[ "$(systemctl show -P Result thermowell)" = success ] && [ $took -le 6 ] || fail "stop: $(systemctl show -P Result thermowell) after $took s"
figure "stopped within $took s"
! journalctl -u thermowell --no-pager | grep -qE "status=31|SYS|sandbox:" || fail "a system call was refused"

echo "removed"
apt-get -q -y remove thermowell > /test/apt.log 2>&1 || { cat /test/apt.log; fail "apt-get remove"; }
[ ! -e /usr/bin/thermowell ] && [ ! -e /lib/systemd/system/thermowell.service ] || fail "it is still there"
[ -e $conf ] && [ -s /var/log/thermowell/eve.json.1 ] && [ -e /var/lib/thermowell/thermowell.db ] || fail "configuration, logs or database went with it"
apt-get -q -y purge thermowell > /test/apt.log 2>&1 || { cat /test/apt.log; fail "apt-get purge"; }
[ ! -e $conf ] && [ ! -e /var/log/thermowell ] && [ ! -e /var/lib/thermowell ] || fail "purged, and still there: $(ls -d $conf /var/log/thermowell /var/lib/thermowell 2> /dev/null)"
figure "left by purge: $(find /etc /var /usr /lib -name '*thermowell*' -not -path '/var/cache/*' -not -path '/etc/systemd/system/thermowell.service.d*' 2> /dev/null | tr '\n' ' ')"
echo "passed"
