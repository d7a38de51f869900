#!/bin/sh
# The packet path allocates nothing: a run over many packets and sessions makes
# exactly as many allocations as a run over few.
set -eu
bin=${THERMOWELL:?path of the program} tools=${PERF_TOOLS:?folder of multiply and malloc_count.so}
captures=${1:?capture}; shift
captures="$captures $*"
[ -f "$tools/malloc_count.so" ] || { echo "SKIP: malloc_count.so is not built (sanitizer build)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count() { # count CAPTURE OPTION...
	capture=$1; shift
	MALLOC_COUNT_FILE=$work/n LD_PRELOAD=$tools/malloc_count.so \
		"$bin" -q -r "$capture" -l "$work" "$@" >/dev/null
	cat "$work/n"
}

# shellcheck disable=SC2086
"$tools/multiply" "$work/few.pcap" 2000 $captures >/dev/null
# shellcheck disable=SC2086
"$tools/multiply" "$work/many.pcap" 60000 $captures >/dev/null
failed=0
rules="-S $(dirname "$0")/every.rules --set outputs.eve.types=alert --set alerts.merge=0"
shipped="--set outputs.eve.types=all"
for file in "$(dirname "$0")"/../../rules/*.rules; do shipped="$shipped -s $file"; done
for set in "--set outputs.eve.enabled=no" "--set outputs.eve.types=all" "$rules" "$shipped"; do
	# shellcheck disable=SC2086
	few=$(count "$work/few.pcap" $set)
	# shellcheck disable=SC2086
	many=$(count "$work/many.pcap" $set)
	echo "$set: $few allocations for 2,000 packets, $many for 60,000"
	[ "$few" = "$many" ] || failed=1
done
exit $failed
