#!/bin/bash
# The live path: a capture is replayed with tcpreplay over a veth pair inside a
# network namespace; what thermowell sees there must be what it reads from the
# file: nothing lost, the same operations.
#
#	run.sh [PACKETS-PER-SECOND [PACKETS]]
#
# Nothing leaves the namespace, which is removed at the end.
set -euo pipefail
bin=${THERMOWELL:?path of the program} tools=${PERF_TOOLS:?folder of multiply}
capture=${LIVE_CAPTURE:?capture to replay}
pps=${1:-20000} packets=${2:-100000}

skip() { echo "SKIP: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "needs root for a network namespace"
command -v tcpreplay >/dev/null || skip "tcpreplay is not installed"
ns=tw-live-$$
ip netns add "$ns" 2>/dev/null || skip "network namespaces cannot be made here"
work=$(mktemp -d) pid=
cleanup() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	ip netns del "$ns"
	rm -rf "$work"
}
trap cleanup EXIT

ip -n "$ns" link add wire0 mtu 9000 type veth peer name tap0 mtu 9000
for i in wire0 tap0; do
	ip netns exec "$ns" sysctl -qw "net.ipv6.conf.$i.disable_ipv6=1" 2>/dev/null || true
	ip -n "$ns" link set "$i" up
done

"$tools/multiply" "$work/load.pcap" "$packets" $capture >/dev/null
mkdir "$work/live" "$work/file"
ip netns exec "$ns" "$bin" -i tap0 -l "$work/live" --set outputs.eve.types=all 2>"$work/live/log" &
pid=$!
for _ in $(seq 100); do
	grep -q watching "$work/live/log" 2>/dev/null && break
	sleep 0.1
done
grep -q watching "$work/live/log" || { echo "thermowell did not start:"; cat "$work/live/log"; exit 1; }

ip netns exec "$ns" tcpreplay -q -K --pps="$pps" -i wire0 "$work/load.pcap" >"$work/replay.log" 2>&1 ||
	{ cat "$work/replay.log"; exit 1; }
sleep 1
kill -INT "$pid"
wait "$pid" || { echo "thermowell failed:"; cat "$work/live/log"; exit 1; }
pid=
"$bin" -q -r "$work/load.pcap" -l "$work/file" --set outputs.eve.types=all

grep -E "Rated|Actual" "$work/replay.log" || true
"${PYTHON3:-python3}" "$(dirname "$0")/compare.py" "$packets" "$work/live/eve.json" "$work/file/eve.json"
