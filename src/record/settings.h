/* settings.h - what the operator can choose, as plain numbers and texts.
 *
 * config fills it (file, then command line); each module reads its own part and
 * keeps no copy of the rest.  Meaning, unit, range and default of every field
 * stand in config/settings.def, one row each; that table is also the manual.
 */
#ifndef RECORD_SETTINGS_H
#define RECORD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum checksum_mode { CHECKSUM_NONE, CHECKSUM_ALL, CHECKSUM_AUTO };

/* Comma lists of ports that tunnels over UDP are looked for on; NULL: those of tunnels.def. */
struct tunnel_settings {
#define TUNNEL(id, member, name, ports, what) const char *member;
#include "record/tunnels.def"
#undef TUNNEL
};

struct capture_settings {
	const char	*interfaces;	/* comma list; NULL or "" none */
	uint64_t	 snaplen;	/* bytes kept of each frame, live */
	uint64_t	 buffer_mib;	/* kernel ring per interface, MiB */
	bool		 promiscuous;
	const char	*filter;	/* BPF expression, or NULL; borrowed */
	bool		 widen_filter;	/* let tagged and tunnelled traffic through too */
	const struct tunnel_settings *tunnels;	/* whose ports a widened filter lets through: the
					 * engine sets it, to decode's; NULL: those of tunnels.def */
	bool		 follow;	/* wait for files to grow */
};

struct decode_settings {
	uint64_t	 checksums;	/* enum checksum_mode */
	bool		 dedup;
	uint64_t	 dedup_window_us;
	uint64_t	 dedup_slots;	/* fingerprints remembered */
	uint64_t	 defrag_datagrams;	/* datagrams put together at a time */
	uint64_t	 defrag_timeout_s;
	struct tunnel_settings tunnels;
};

struct stream_settings {
	uint64_t	 max_flows;
	uint64_t	 segment_memory_mib;	/* out-of-order bytes, all flows together */
	uint64_t	 flow_window_kib;	/* out-of-order bytes, one flow and direction */
	uint64_t	 gap_wait_ms;	/* how long a missing segment is waited for, capture clock */
	bool		 overlap_last_wins;
	bool		 check_sums;	/* leave out what its receiver drops; not of flows whose sums a
					 * card computes */
	uint64_t	 tcp_timeout_s, tcp_new_timeout_s, tcp_closed_timeout_s;
	uint64_t	 udp_timeout_s, udp_new_timeout_s, other_timeout_s;
	bool		 ndpi;
	uint64_t	 ndpi_packets;	/* looked at per flow before giving up */
};

struct dissect_settings {
	uint64_t	 max_conversations;
	uint64_t	 max_pending;	/* requests waiting for an answer, all flows together */
	uint64_t	 max_pending_flow;	/* the same for one flow */
	uint64_t	 answer_timeout_ms;
	uint64_t	 arena_kib;	/* per-packet memory for operations and values */
};

/* Where something was set, for messages; `file` NULL: not in a file. */
struct setting_position {
	const char	*file;		/* owned */
	int		 line, column;
};

/* Rows of outputs.def: one kind at a time. */
#define SINK_GROUP(id, what)
#define OUTPUT_FORMAT(id, word, what)
#define OUTPUT_TRANSPORT(id, word, groups, what)

enum sink_group {
#undef SINK_GROUP
#define SINK_GROUP(id, what) SINK_GROUP_##id,
#include "record/outputs.def"
#undef SINK_GROUP
#define SINK_GROUP(id, what)
	SINK_GROUPS
};
#define SINK_GROUP_BIT(g) (1u << (g))

enum output_format {
#undef OUTPUT_FORMAT
#define OUTPUT_FORMAT(id, word, what) OUTPUT_FORMAT_##id,
#include "record/outputs.def"
#undef OUTPUT_FORMAT
#define OUTPUT_FORMAT(id, word, what)
	OUTPUT_FORMATS
};

enum output_transport {
#undef OUTPUT_TRANSPORT
#define OUTPUT_TRANSPORT(id, word, groups, what) OUTPUT_TRANSPORT_##id,
#include "record/outputs.def"
	OUTPUT_TRANSPORTS
};
#undef SINK_GROUP
#undef OUTPUT_FORMAT
#undef OUTPUT_TRANSPORT

/* When what is written is pressed onto the disk. */
#define SINK_SYNCS(X) X(NONE, "none") X(SECOND, "second") X(ALERT, "alert")
enum sink_sync {
#define X(id, word) SINK_SYNC_##id,
	SINK_SYNCS(X)
#undef X
};

/* One entry of outputs.sinks. */
struct sink_settings {
	const char	*name, *target, *types;	/* owned; the target relative to the log directory */
	uint64_t	 format, transport;	/* enum output_format, output_transport */
	uint64_t	 severity;		/* alerts up to this number */
	uint64_t	 queue_kib, reserve_mib;
	uint64_t	 retry_s;
	const char	*zones, *assets, *protocols, *intents;	/* comma lists; NULL: any */
	uint64_t	 rate;			/* records a minute; 0: any number */
	bool		 spool;
	uint64_t	 spool_mib, spool_h;	/* at most so much, for so long; 0 h: for ever */
	uint64_t	 rejected_mib;		/* of the file of rejected lines; 0: none is kept */
	/* The rest is handed to the transport: transport_settings (output/transport/transport.h). */
	uint64_t	 rotate_mib, rotate_min, keep_files, keep_days;
	bool		 rotate_gzip;
	uint64_t	 sync;			/* enum sink_sync */
	const char	*tls_ca, *tls_cert, *tls_key, *tls_name;
	const char	*user, *secret_file, *proxy;
	uint64_t	 timeout_s, batch_lines, batch_kib, batch_ms;
	bool		 gzip;
	uint64_t	 overlap, facility;
	const char	*app_name, *hostname;
	const char	*topic, *index, *properties;
	const char	*mail_from, *mail_to;
	uint64_t	 mail_severity, mails_an_hour, digest_h;
	struct setting_position at;
};
#define SINKS_MAX 16u

enum output_chain { CHAIN_NO, CHAIN_YES, CHAIN_AUTO };	/* the last: on a live sensor */

struct output_settings {
	struct sink_settings sinks[SINKS_MAX];	/* besides the one of outputs.eve */
	uint64_t	 n_sinks;
	bool		 eve;
	const char	*eve_file;	/* relative to the log directory */
	const char	*eve_types;	/* comma list, "all" or "auto" */
	const char	*log_dir;
	const char	*spool_folder;	/* relative to the log directory; a folder of each sink in it */
	const char	*sensor;	/* EVE `host`; NULL leaves it out */
	uint64_t	 queue_kib;	/* lines that wait for their writer */
	uint64_t	 reserve_mib;	/* free space on the disk that is kept for alerts; 0 none */
	uint64_t	 stats_interval_s;
	uint64_t	 heartbeat_s;	/* live: between two signs of life; 0 none */
	uint64_t	 chain;		/* enum output_chain: each alert record holds the hash of the one before it */
	uint64_t	 anomaly_limit;	/* records per flow and kind; the rest is counted */
	bool		 community_id;
	uint64_t	 community_seed;
	bool		 ether;		/* EVE `ether` object */
	bool		 rule_text;	/* EVE alert.rule */
};

struct alert_settings {
	uint64_t	 merge_s;	/* findings alike within it are one alert; 0: each its own */
	uint64_t	 limit;		/* alerts of one type (rule) in a minute; 0: no limit */
	uint64_t	 incidents_s;	/* alerts of one incident are no further apart; 0: there are none */
	uint64_t	 windows;	/* alerts that are remembered for merging */
	bool		 evidence;	/* live: a capture file per alert */
	bool		 limit_is_set;	/* by the user: then it holds for the user's own rules, too */
	const char	*evidence_dir;	/* relative to the log directory */
	uint64_t	 evidence_kib;	/* of the latest frames kept in memory */
	uint64_t	 evidence_after_s;
	uint64_t	 evidence_mib;	/* of files; the oldest are removed */
};

struct asset_settings {
	const char	*file;		/* the operator's list; empty: none */
	const char	*vendors;	/* file or folder of the IEEE's registry; empty: none */
};

/* "this many within this time" */
struct rate_settings {
	uint64_t	 n, within_s;
};

struct detect_settings {
	bool		 commands, protocol, health, scan, new_clients, forged, floods;	/* detectors that run */
	uint64_t	 devices;	/* whose state is remembered; see asset/asset.h */
	bool		 devices_by_vlan;	/* the same address in two VLANs is two of them */
	uint64_t	 trackers;	/* sources and pairs that scan watches at a time */
	/* The published thresholds of the catalogues. */
	struct rate_settings malformed, unsolicited, overflows, restarts, unanswered, disconnected;
	struct rate_settings exceptions, stops, restart_commands, logins, guessing;
	struct rate_settings addresses, addresses_slow, arp, arp_announced, plc, tsaps, ports,
			     ports_odd, ports_udp, functions, points, sessions, flood, icmp;
	struct rate_settings crafted, command_flood, report_flood, operation_flood, reports_off, units, leases;
	uint64_t	 link_addresses;	/* that one client may call its own */
	uint64_t	 quiet_s;	/* without a frame for so long an alert is raised */
	uint64_t	 message_bytes;	/* longer ones are unusual */
	uint64_t	 new_clients_learning_s;	/* clients that come later than that after a device are new */
	uint64_t	 new_clients_forget_s;	/* how long they are called new */
	uint64_t	 known_forget_s;	/* what goes on is reported again when it comes back after so long */
	uint64_t	 unsolicited_off_s;	/* a master may switch reports off for so long */
};

/* One "NAME: value" below vars.address-groups or vars.port-groups. */
struct setting_var {
	const char	*name, *value;	/* owned */
	const char	*file;		/* owned; where it was set, for messages */
	int		 line, column;
};

struct setting_vars {
	struct setting_var	*of;	/* owned */
	uint32_t		 n;
};

struct rules_settings {
	const char	*files;		/* comma list of rule files; NULL none */
	const char	*classification; /* classification.config; NULL: the classes built in */
	const char	*references;	/* reference.config; NULL: the kinds built in */
	const char	*geoip, *operators;	/* databases of countries and of networks; NULL or "": none */
	const char	*reputation_categories, *reputation_files;	/* of iprep; a file, a comma list */
	struct setting_vars addresses, ports;
	const char	*thresholds, *enable, *disable;	/* comma lists of files; NULL or "none": none */
	const char	*timezone;	/* of ot.time; NULL: UTC */
	const char	*tags;		/* file of names for values; NULL or "": none */
	bool		 strict;	/* a problem in one rule refuses all */
};

enum baseline_mode { BASELINE_DEFAULT, BASELINE_OFF, BASELINE_LEARN, BASELINE_DETECT, BASELINE_AUTO };

/* How much of a kind of rows is kept. */
struct keep_settings {
	uint64_t	 days, rows;	/* 0: for ever; as many as come */
};

/* Series of values; the file of tags is in rules_settings. */
struct process_settings {
	uint64_t	 heartbeat_s;	/* news again after so long; 0: never */
	uint64_t	 dead_band;	/* thousandths of the last news, where a tag has none; 0: none */
	uint64_t	 points;	/* addresses without a tag that are series at most; 0: none is */
	uint64_t	 points_dead_band;	/* of these, in thousandths of the last news */
};

struct store_settings {
	const char	*file;		/* the database of all that is remembered; NULL or "": none */
	uint64_t	 queue_kib;	/* rows that wait for it */
	struct keep_settings alerts, incidents, actions, assets, facts, health, deeds, talks, sights;
	struct keep_settings tags, values, minutes, hours;	/* of the process */
};

struct baseline_settings {
	uint64_t	 mode;		/* enum baseline_mode */
	const char	*name;		/* of the active one */
	const char	*file;		/* a database of its own for the baseline; NULL or "": store.file */
	uint64_t	 learn_first_s;	/* learn for so long, then detect; 0: as mode says */
	uint64_t	 facts;		/* remembered at most */
	uint64_t	 learn_s, review_s;	/* at least, of each kind of facts of a device */
	uint64_t	 settled;	/* new facts an hour that do not keep it from detecting */
	uint64_t	 budget;	/* deviations a device and day that an operator can look at */
	uint64_t	 new_device_s;	/* facts about a new device are learned for so long */
	uint64_t	 expire_days;	/* what clients did and did not do for so long is no longer known; 0: it is for ever */
};

static inline bool
baseline_is_on(const struct baseline_settings *s)
{
	return s->mode > BASELINE_OFF || s->learn_first_s > 0;
}

/* One entry of zones, one of conduits; texts owned, NULL: not given. */
struct zone_settings {
	const char	*name, *subnets;	/* comma list of networks */
	uint64_t	 level, criticality;	/* index into ZONE_LEVELS, ZONE_CRITICALITY (record/zone.h) */
	struct setting_position at;
};
#define ZONES_MAX 64u

struct conduit_settings {
	const char	*from, *to, *protocols, *intents;	/* comma lists; NULL: any */
	struct setting_position at;
};
#define CONDUITS_MAX 256u

struct zones_settings {
	struct zone_settings	 of[ZONES_MAX];
	uint64_t		 n;
	struct conduit_settings	 conduits[CONDUITS_MAX];
	uint64_t		 n_conduits;
};

/* A time in which work was announced. */
struct maintenance_settings {
	const char	*name, *from, *to;
	const char	*assets, *zones, *intents;	/* comma lists; NULL: any */
	struct setting_position at;
};
#define MAINTENANCES_MAX 32u

struct maintenances_settings {
	struct maintenance_settings of[MAINTENANCES_MAX];
	uint64_t		 n;
};

enum sandbox { SANDBOX_ON, SANDBOX_OFF, SANDBOX_TRAP };

struct run_settings {
	const char	*user;		/* that a live sensor becomes once its interfaces are open; NULL or "": none */
	const char	*group;		/* NULL or "": the user's own */
	uint64_t	 sandbox;	/* enum sandbox */
};

struct metrics_settings {
	const char	*listen;	/* "127.0.0.1:9464"; NULL or "": nowhere */
	const char	*token_file;	/* NULL or "": who asks needs none */
};

/* Texts are NULL or "" where nothing is set. */
struct console_settings {
	const char	*listen;	/* "127.0.0.1:8642" */
	const char	*tokens;	/* file of who may log in */
	const char	*certificate, *key;	/* TLS */
	const char	*names;		/* by which it may be asked */
};

struct control_settings {
	uint64_t	 stop_within_s;	/* a stop ends the sensor within it, whatever hangs */
	const char	*group;		/* who may use it beside the user; NULL or "": nobody */
	const char	*socket;	/* Unix socket that `rules reload` speaks to; NULL or "": none */
};

struct settings {
	struct capture_settings	 capture;
	struct decode_settings	 decode;
	struct stream_settings	 stream;
	struct dissect_settings	 dissect;
	struct output_settings	 output;
	struct rules_settings	 rules;
	struct alert_settings	 alert;
	struct asset_settings assets;
	struct detect_settings	 detect;
	struct control_settings	 control;
	struct run_settings	 run;
	struct metrics_settings	 metrics;
	struct console_settings	 console;
	struct process_settings	 process;
	struct store_settings	 store;
	struct baseline_settings baseline;
	struct maintenances_settings maintenance;
	struct zones_settings	 zones;
};

#endif
