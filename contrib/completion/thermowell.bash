# Made by scripts/make-completion from --help and --dump-config; do not edit.
_thermowell()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words=
	COMPREPLY=()
	case $prev in
	-r|-c|-s|-S|--store|--baseline|--tags) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	-l) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	-i) mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/class/net)" -- "$cur"); return ;;
	--set)
		mapfile -t COMPREPLY < <(compgen -S = -W "capture.interfaces capture.snaplen capture.buffer capture.promiscuous capture.filter capture.widen-filter capture.follow decode.checksums decode.dedup.enabled decode.dedup.window-us decode.dedup.slots decode.defrag.datagrams decode.defrag.timeout decode.tunnels.vxlan decode.tunnels.vxlan-gpe decode.tunnels.geneve decode.tunnels.tzsp decode.tunnels.l2tp decode.tunnels.gtpu decode.tunnels.teredo decode.tunnels.gue decode.tunnels.fou decode.tunnels.mpls decode.tunnels.capwap decode.tunnels.ipsec decode.tunnels.wireguard decode.tunnels.openvpn stream.max-flows stream.memory stream.flow-window stream.gap-wait-ms stream.overlap stream.timeouts.tcp stream.timeouts.tcp-new stream.timeouts.tcp-closed stream.timeouts.udp stream.timeouts.udp-new stream.timeouts.other naming.ndpi naming.packets dissect.conversations dissect.pending dissect.pending-per-flow dissect.answer-timeout-ms dissect.arena rules.files rules.thresholds rules.disable rules.enable rules.strict rules.timezone rules.classification rules.references geoip.database geoip.operators reputation.categories reputation.files process.tags process.heartbeat process.dead-band process.points process.points-dead-band control.socket control.group control.stop-within run.user run.group run.sandbox metrics.listen metrics.token-file console.listen console.tokens console.certificate console.key console.names sensor.name outputs.log-dir outputs.queue outputs.reserve outputs.spool-folder outputs.stats-interval outputs.heartbeat outputs.chain outputs.eve.enabled outputs.eve.file outputs.eve.types outputs.eve.community-id outputs.eve.community-id-seed outputs.eve.ether outputs.eve.rule-text outputs.eve.anomaly-limit outputs.sinks alerts.merge alerts.incidents alerts.limit alerts.windows alerts.evidence.enabled alerts.evidence.dir alerts.evidence.memory alerts.evidence.after alerts.evidence.disk assets.vendors assets.file detect.commands detect.protocol detect.health detect.scan detect.forged detect.floods detect.new-clients detect.new-clients-learning-period detect.new-clients-forget-after detect.known-forget-after detect.devices detect.devices-by-vlan detect.trackers detect.quiet detect.message-bytes detect.unsolicited-off detect.link-addresses detect.malformed.count detect.malformed.within detect.unsolicited.count detect.unsolicited.within detect.overflows.count detect.overflows.within detect.restarts.count detect.restarts.within detect.unanswered.count detect.unanswered.within detect.disconnected.count detect.disconnected.within detect.exceptions.count detect.exceptions.within detect.stops.count detect.stops.within detect.restart-commands.count detect.restart-commands.within detect.logins.count detect.logins.within detect.guessing.count detect.guessing.within detect.addresses.count detect.addresses.within detect.addresses-slow.count detect.addresses-slow.within detect.arp.count detect.arp.within detect.arp-announced.count detect.arp-announced.within detect.plc.count detect.plc.within detect.tsaps.count detect.tsaps.within detect.ports.count detect.ports.within detect.ports-odd.count detect.ports-odd.within detect.ports-udp.count detect.ports-udp.within detect.functions.count detect.functions.within detect.points.count detect.points.within detect.sessions.count detect.sessions.within detect.crafted.count detect.crafted.within detect.command-flood.count detect.command-flood.within detect.report-flood.count detect.report-flood.within detect.operation-flood.count detect.operation-flood.within detect.reports-off.count detect.reports-off.within detect.leases.count detect.leases.within detect.units.count detect.units.within detect.flood.count detect.flood.within detect.icmp.count detect.icmp.within store.file store.queue store.alerts.days store.alerts.rows store.incidents.days store.incidents.rows store.actions.days store.actions.rows store.assets.days store.assets.rows store.facts.days store.facts.rows store.health.days store.health.rows store.tags.days store.tags.rows store.values.days store.values.rows store.minutes.days store.minutes.rows store.hours.days store.hours.rows store.deeds.days store.deeds.rows store.talks.days store.talks.rows store.sights.days store.sights.rows baseline.mode baseline.file baseline.name baseline.learn-first baseline.facts baseline.learn-at-least baseline.review-for baseline.settled baseline.budget baseline.new-device baseline.expire vars.address-groups vars.port-groups zones conduits maintenance" -- "$cur")
		compopt -o nospace
		return ;;
	esac
	case ${COMP_WORDS[1]} in
	rules) words="check list explain reload" ;;
	alerts) words="acknowledge label archive reopen escalate note" ;;
	incidents) words="acknowledge label archive reopen escalate note" ;;
	assets) words="diff" ;;
	baseline) words="status show diff accept reject lock unlock reset mode export import" ;;
	console) words="token" ;;
	spool) words="show print replay drop" ;;
	store) words="status backup restore purge" ;;
	values) words="propose" ;;
	zones) words="propose" ;;
	esac
	[ "$COMP_CWORD" != 1 ] || words="rules alerts incidents assets baseline check-mirror console health extract report spool store values verify zones status explain"
	case $cur in
	-*) words="-r -i -c -l -k -s -S --store --baseline --listen --control --tags -T --learn --detect --learn-first --for --set --no-sandbox --follow --dump-config -q -v -h --help -V --version" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	[ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
complete -o filenames -F _thermowell thermowell
