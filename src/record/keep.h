/* keep.h - what is remembered over a restart: flat rows, handed to whoever keeps them.
 *
 * The packet thread fills a row and puts it; a database (store/) or a test takes a copy.
 * A row has no pointers and a fixed size, what is not used in it is zero, and texts end with
 * NUL.  Rows of a kind that have the same key are one: the later one replaces the earlier.
 * Each struct names its key; the columns of the database are src/store/tables.c.  What is a name
 * in a table of this program (a role, a kind of fact) is kept as its text, because numbers change
 * with versions: whoever loads it finds the number again.
 *
 * Whoever owns the state behind the rows marks what changed and puts it at a tick, once a
 * second, not at each packet.
 */
#ifndef RECORD_KEEP_H
#define RECORD_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/alert.h"

enum keep_kind {
	KEEP_FACT,		/* struct fact of record/fact.h; of the baseline */
	KEEP_LIFE,		/* struct keep_life; of the baseline */
	KEEP_ASSET,		/* struct keep_asset */
	KEEP_ATTRIBUTE,		/* struct keep_attribute */
	KEEP_ALERT,		/* struct keep_alert */
	KEEP_INCIDENT,		/* struct keep_incident */
	KEEP_MEMBER,		/* struct keep_member: this alert is part of that incident */
	KEEP_ACTION,		/* struct keep_action: what an operator did */
	KEEP_HEALTH,		/* struct keep_health */
	KEEP_TAG,		/* struct keep_tag: the present value of a tag */
	KEEP_VALUE,		/* struct keep_value: what it was, value by value */
	KEEP_MINUTE,		/* struct keep_span: the same of each minute; made of KEEP_VALUE by who keeps rows */
	KEEP_HOUR,		/* struct keep_span: the same of each hour */
	KEEP_DEED,		/* struct keep_deed: a write or a command */
	KEEP_TALK,		/* struct keep_talk: who talks to whom, how and how much */
	KEEP_SIGHT,		/* struct keep_sight: what a run of the sensor saw and did not see */
	KEEP_KINDS
};

/* A device, or, with has_unit, what answers behind its address.  `vlan` is 0 unless VLANs are
 * told apart (detect.devices-by-vlan). */
struct keep_of {
	struct addr	addr;
	uint16_t	vlan;
	bool		has_unit;
	uint8_t		proto;		/* enum op_proto, if has_unit; else 0 */
	uint32_t	unit;		/* if has_unit; else 0 */
};

/* How far learning has come.  Key: of, fact. */
struct keep_life {
	struct keep_of	of;
	char		fact[24];	/* kind: "peer" */
	char		stage[16];	/* "learn", "review", "detect", "locked" */
	char		why[96];	/* why it was extended last; "" it was not */
	uint32_t	extended;	/* how often */
	uint64_t	since_ns, until_ns;	/* of this stage; 0: open */
	uint64_t	facts, fresh;	/* known; new in the last hour */
	uint64_t	seen;		/* operations looked at */
};

/* Key: of. */
struct keep_asset {
	struct keep_of	of;
	uint64_t	first_ns, last_ns;
	uint64_t	control_ns;	/* since when it takes part in control traffic; 0: it does not */
	uint8_t		mac[6];		/* zero: not known */
	bool		proven;		/* it answered somebody */
	char		role[24];	/* "controller"; "" not known */
	uint8_t		confidence;	/* of the role, percent */
	uint8_t		level;		/* Purdue level times ten (35 is 3.5), 0 is level 0 */
	bool		has_level;
	char		zone[32];	/* "" none */
	char		name[64];	/* best known; "" none */
	char		vendor[64], model[64], firmware[48];	/* that hold, of whatever source; "" not known */
	uint64_t	protocols;	/* bits 1 << enum op_proto that it speaks */
};

#define KEEP_VALUE_MAX 192u

/* One value that one source gave.  Key: of, key, source, value: contradictions stand side by side. */
struct keep_attribute {
	struct keep_of	of;
	char		key[24];	/* "firmware"; a name of record/attributes.def */
	char		source[24];	/* "modbus-identification"; the same */
	uint8_t		confidence;	/* percent */
	uint8_t		len;
	uint8_t		value[KEEP_VALUE_MAX];	/* `len` bytes, text as UTF-8 where it is text */
	uint64_t	first_ns, last_ns, count;
};

/* Key: uid. */
struct keep_alert {
	char		uid[ALERT_UID_LEN + 1];
	uint64_t	id;		/* within its run, 1-based: the order in which they came */
	char		type[48];	/* "s7.stop"; "rule" of a rule */
	uint32_t	gid, sid, rev;
	uint8_t		severity;
	uint8_t		kind;		/* enum alert_kind of the last record */
	char		signature[160];
	char		sentence[ALERT_SENTENCE_MAX];
	char		techniques[64];	/* "T0858 T0814" */
	struct addr	src, dst;
	uint16_t	sport, dport;
	uint8_t		ip_proto;
	uint8_t		proto;		/* enum op_proto; OP_UNKNOWN: none of ours */
	bool		has_unit;
	uint32_t	unit;
	uint64_t	count;		/* findings merged into it; of ALERT_SUPPRESSED how many were */
	uint64_t	first_ns, last_ns;
	uint64_t	first_frame, last_frame;	/* 0 none */
	uint64_t	flow_id;	/* 0 none */
	char		outcome[20];	/* of what was asked: "answered"; "" nothing was */
	char		evidence[96];	/* name of its capture file; "" none */
	char		maintenance[32];	/* the window that it fell into; "" none */
};

/* Key: uid. */
struct keep_incident {
	char		uid[ALERT_UID_LEN + 1];
	uint64_t	id;		/* within its run, 1-based */
	uint8_t		severity;
	char		title[256];
	char		stages[256];	/* tactics of ATT&CK in their order, with " > " between */
	char		techniques[128];
	char		advice[256];	/* the first thing to do */
	struct addr	attacker, target;	/* zero: more than one, or not known */
	uint64_t	first_ns, last_ns;
	uint64_t	first_frame, last_frame;
	uint64_t	alerts;		/* of it */
	bool		closed;
	char		maintenance[32];	/* the window that all of it fell into, or "" */
	char		part_of[ALERT_UID_LEN + 1];	/* the incident that it turned out to be part of, or "" */
};

/* Key: both. */
struct keep_member {
	char		incident[ALERT_UID_LEN + 1], alert[ALERT_UID_LEN + 1];
	uint64_t	ts_ns;		/* of the alert */
};

/* Key: ts_ns, who, verb, object, id.  An action of a person: its time is the machine's. */
struct keep_action {
	uint64_t	ts_ns;
	char		who[32];	/* login name */
	char		verb[16];	/* "acknowledge", "label", "accept", "reject"... */
	char		object[16];	/* "alert", "incident", "fact", "asset" */
	char		id[256];	/* of the object: uid, address, text of the fact */
	char		text[256];	/* the label; why */
};

/* One figure of a device over an hour; in the figure's measure, none of them NaN.  Key: of, figure, object, hour_ns. */
struct keep_health {
	struct keep_of	of;
	char		figure[24];	/* "answer-time"; of record/health.def */
	char		object[64];	/* name of the tag that it is about; "" the device itself */
	uint64_t	hour_ns;	/* when the hour began */
	uint64_t	count;		/* made of so many operations, readings... */
	double		mean, median, tail, worst;	/* tail: one of a hundred is beyond it */
	double		normal, spread;	/* what was learned as normal, in the model's own measure; 0 while learning */
	double		per_day;	/* the trend: how much it moves in a day; 0: none that is significant */
	double		limit;		/* where it fails; 0: none is known */
	uint64_t	forecast_s;	/* with this trend it is there after so many seconds; 0: no forecast */
	uint64_t	learned;	/* hours that went into what is normal */
	char		condition[12];	/* "good"; of record/health.def */
};

#define KEEP_TAG_MAX 136u

/* A value that plant equipment shows or is told, under the name that it has in the tag file; of a point that has none,
 * its address.  Key: tag. */
struct keep_tag {
	char		tag[KEEP_TAG_MAX];
	uint64_t	series;		/* number of its history (keep_value, keep_span), from 1; never that of another tag */
	char		at[160];	/* where it is: "10.20.1.12 unit 1 holding 0" */
	char		type[16];	/* "float32" */
	char		unit[64];	/* of measure: "mg/l"; "" none */
	char		grp[64];	/* of tags; "" none */
	char		kind[16];	/* "set-point": somebody writes it; "measurement"; "" not known yet */
	double		value;
	double		old;		/* before it changed last */
	uint64_t	first_ns, last_ns;	/* it was seen */
	uint64_t	change_ns;	/* it changed last; 0: never */
	uint64_t	source_ns;	/* time that its device gave to the value; 0: none */
	uint64_t	count;		/* how often it was seen */
	uint64_t	changes;	/* how often it changed */
	uint32_t	quality;	/* enum process_quality bits; 0 good */
	bool		known;		/* value is a number */
	bool		has_old;
	bool		written;	/* somebody wrote it: */
	struct addr	writer;		/* the last one who did */
	uint64_t	write_ns;
	double		write_value, write_old;	/* what it wrote, and what was there before */
	bool		has_write_old;
	uint64_t	writes;		/* how often */
};

/* Key: series, ts_ns.  Those of one series come in the order of time, and none replaces another. */
struct keep_value {
	uint64_t	series;
	uint64_t	ts_ns;		/* of the capture */
	double		value;
	uint64_t	source_ns;	/* as in keep_tag */
	uint32_t	quality;
	bool		written;	/* somebody wrote it; else it was read */
};

/* Key: series, start_ns.  Minimum, maximum and mean count what stood when it began, too. */
struct keep_span {
	uint64_t	series;
	uint64_t	start_ns;	/* a multiple of a minute, or an hour */
	double		min, max, last;
	double		mean;		/* each value counts for as long as it stood */
	uint64_t	covered_ns;	/* of the span, from its first value or its beginning on */
	uint64_t	count;		/* values that came in it */
	uint64_t	writes;		/* of them written */
	uint32_t	quality;	/* of all values: bits */
};

/* Something that was written or commanded; one that is repeated within a minute of the last time, with the same value, is the
 * same row, and so are further ones where one point is written again and again (detect/history/deeds.c).  Of an operation that is about
 * several things one for each of the first few.  Key: ts_ns, flow_id, tx, item. */
struct keep_deed {
	uint64_t	ts_ns, last_ns;	/* of the request (of an answer, where nobody saw that); of the last repetition */
	uint64_t	flow_id;	/* of EVE; 0: straight on Ethernet */
	uint64_t	tx;		/* tx_id of EVE + 1 */
	uint64_t	frame, last_frame;
	uint64_t	count;		/* times it was done, at least 1 */
	struct addr	client, server;
	uint32_t	unit;
	uint32_t	item;		/* of the operation, from 0 */
	uint32_t	more;		/* further items of the operation that have no row */
	uint8_t		proto;		/* enum op_proto */
	bool		has_unit;	/* `unit` says more than the address */
	bool		changing;	/* repetitions had other values: `value` is the last one */
	char		intent[16], command[20];	/* "write"; "stop", "" none */
	char		function[64];	/* "Write Single Register" */
	char		address[64];	/* "holding register 4"; "" it has none */
	char		value[96];	/* "4.50 mg/l", "1, 0, 1 and 5 more", "latch on"; "" none */
	char		old[96];	/* what it was before: read, or written last; "" not known */
	char		tag[KEEP_TAG_MAX];	/* its name; "" none */
	char		outcome[20];	/* "answered", "exception"... of the last time */
	char		reason[64];	/* why it was refused; "" it was not, or no reason was given */
};

/* Who asked whom for what.  Key: client, server, service, intent. */
struct keep_talk {
	struct addr	client, server;
	char		service[40];	/* "modbus"; of other traffic "tls", "tcp/443"; "unanswered", and no server: of flows that nobody
				 * answered; "refused": of those to ports that were closed */
	char		intent[16];	/* of a plant's protocol; else "" */
	bool		plant;		/* of a plant's protocol: counted are operations; else flows that have ended */
	uint64_t	count, bytes;	/* bytes: of PDUs; of flows, of frames */
	uint64_t	refused, unanswered;	/* of those */
	uint64_t	first_ns, last_ns;
};

/* One thing that a run saw, or did not.  Key: run_ns, name. */
struct keep_sight {
	uint64_t	run_ns;		/* time of its first frame */
	uint64_t	last_ns;	/* of its last */
	char		name[64];	/* of the counter: "capture.kernel_drops"; "source" of interfaces and files */
	bool		hides;		/* operations may be hidden in it */
	uint64_t	value;
	char		text[192];	/* in words, behind the value where it counts something */
	char		advice[192];	/* what can be done about it; "" nothing */
};

struct err;

/* Who keeps rows.  `put` copies a row (n: its size).  false: there is no space for it now;
 * live, put it again at the next tick.  In a replay it waits and does not fail.  `drop` takes the row with
 * this key away, and fails alike.
 * `load`, off the packet path and before the first packet: every row of a kind that is kept, in the order of
 * their keys (of KEEP_FACT and KEEP_LIFE those of the active baseline), borrowed for the call.
 * 0, or -1 with the reason in `e`. */
struct keep {
	bool	(*put)(void *arg, enum keep_kind kind, const void *row, size_t n);
	bool	(*drop)(void *arg, enum keep_kind kind, const void *row, size_t n);
	int	(*load)(void *arg, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e);
	void	*arg;
};

/* `k` NULL: nobody keeps anything, and all is well. */
static inline bool
keep_put(const struct keep *k, enum keep_kind kind, const void *row, size_t n)
{
	return k == NULL || k->put(k->arg, kind, row, n);
}

static inline bool
keep_drop(const struct keep *k, enum keep_kind kind, const void *row, size_t n)
{
	return k == NULL || k->drop(k->arg, kind, row, n);
}

static inline int
keep_load(const struct keep *k, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	return k != NULL ? k->load(k->arg, kind, each, to, e) : 0;
}

#endif
