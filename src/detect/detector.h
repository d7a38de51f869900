/* detector.h - what judges facts: sees packets, bytes, operations, anomalies and
 * flows of one worker, and emits findings.
 *
 * One const struct per detector, in one array (registry.c).  A NULL function: it
 * does not want to see that.  Calls come in the order of the capture.  Nothing
 * is allocated after open; every table has a ceiling, an eviction policy and a
 * counter.  The only clock is the capture's.
 */
#ifndef DETECT_DETECTOR_H
#define DETECT_DETECTOR_H

#include "asset/asset.h"
#include "base/err.h"
#include "record/counters.h"
#include "record/finding.h"
#include "record/health.h"
#include "record/keep.h"
#include "record/operation.h"
#include "record/process.h"
#include "record/announcement.h"
#include "record/settings.h"
#include "process/tag.h"

struct rule_lookup;	/* detect/rules/rule.h */

/* What detectors keep over a restart: records of bytes, in the order in which they were put.
 * Whoever lends it knows where they lie (a file, a database); a record's form is its
 * detector's own, and begins with a version.  One of the two is NULL. */
struct detect_state {
	/* One more record of the detector `name`.  0, or -1: there is no space for it. */
	int	 (*put)(void *arg, const char *name, const void *record, size_t n);
	/* Its next record, borrowed until the next call; false: that was all. */
	bool	 (*get)(void *arg, const char *name, const void **record, size_t *n);
	void	*arg;
};

/* Handed to each at open; lives as long as the detector. */
struct detect_env {
	const struct settings	*settings;
	struct finding_sink	 sink;
	struct health_sink	 health;	/* reports of devices, rarely */
	struct process_sink	 process;	/* news of values */
	struct counters		*counters;
	const struct rule_lookup *names;	/* function names of the dissectors; NULL: none */
	const uint64_t		*now_ns;	/* of the capture; NULL: nobody knows */
	struct flow_slots	*slots;		/* to reserve state of flows from, at open */
	struct assets		*assets;	/* to hang state on: slots are asked for at open */
	struct asset_ends	*ends;		/* who takes part in the operation in hand: asset_ends() */
	const struct keep	*keep;		/* where rows are kept over a restart; NULL: nowhere */
	bool			 live;		/* frames come as they happen; else they are of captures */
	const struct geoip	*geoip;		/* asset/geoip.h; NULL: no database was named */
	const struct maintenance	*maintenance;	/* asset/maintenance.h; NULL: no work was announced */
	const struct asset_ask	*ask;		/* asset/ask.h: what is known of devices; NULL: nothing */
	const struct zones	*zones;		/* of the configuration; NULL: none */
	bool			 propose;	/* note what goes between addresses: zones_seen() */
	uint64_t		 key;		/* of every hash of what comes from the wire: random, live */
	struct tag_reader	*tags;		/* process/tag.h; NULL: nobody reads values by name */
};

/* The calls of a detector. */
enum detect_call { DETECT_PACKET, DETECT_HEADER, DETECT_SEGMENT, DETECT_BYTES, DETECT_OPERATION, DETECT_ANOMALY,
	DETECT_FLOW_END, DETECT_TICK, DETECT_FINISH, DETECT_FINDING, DETECT_ANNOUNCEMENT, DETECT_READING };

/* Kinds of operations; of an ordinary poll none. */
enum detect_kind {
	DETECT_OF_COMMAND	= 1u << 0,	/* its function is a command (enum op_command) */
	DETECT_OF_CHANGE	= 1u << 1,	/* it is meant to change what the device does or keeps */
	DETECT_OF_REFUSED	= 1u << 2,	/* by an exception, or as a login */
	DETECT_OF_UNSOLICITED	= 1u << 3,
	DETECT_OF_FACTS		= 1u << 4,	/* somebody identifies itself */
	DETECT_OF_STATUS	= 1u << 5	/* the answer says something of the device's condition */
};

/* enum detect_kind bits. */
static inline unsigned
detect_of(const struct operation *op)
{
	const unsigned changes = 1u << INTENT_WRITE | 1u << INTENT_OPERATE | 1u << INTENT_MODE |
	    1u << INTENT_PROGRAM_WRITE | 1u << INTENT_CONFIG | 1u << INTENT_ALARM;

	return (op->command != CMD_NONE ? DETECT_OF_COMMAND : 0u) |
	    ((changes >> op->intent & 1u) != 0 ? DETECT_OF_CHANGE : 0u) |
	    (op->outcome == OUTCOME_EXCEPTION || op->login_refused != NULL ? DETECT_OF_REFUSED : 0u) |
	    (op->outcome == OUTCOME_UNSOLICITED ? DETECT_OF_UNSOLICITED : 0u) |
	    (op->n_facts > 0 ? DETECT_OF_FACTS : 0u) | (op->condition_of != 0 ? DETECT_OF_STATUS : 0u);
}

struct detector {
	const char	*name;		/* "rules"; of its records in a state, too: for ever */
	void	*(*open)(const struct detect_env *env, struct err *e);
	/* After open, before the first packet: take over what save() of an earlier run put.
	 * -1, with the reason in `e`: a record is not understood; the detector then is as after
	 * open. */
	int	 (*load)(void *d, const struct detect_state *from, struct err *e);
	/* Put what the next run needs: off the packet path, when the thread that calls the
	 * detector stands still or has ended; it may go on afterwards.  0, or -1 when put() failed. */
	int	 (*save)(const void *d, const struct detect_state *to);
	/* Each IP packet (or ARP: ip_v 0), before its bytes are dissected; flow is NULL for what has
	 * none, else `dir` is the end that sent it. */
	void	 (*packet)(void *d, const struct packet *p, struct flow *f, enum flow_dir dir);
	/* Each IP header that is not the innermost packet's, before that: a fragment as it came, or
	 * what carries a tunnel (PKT_FRAGMENT, PKT_OUTER).  No flow belongs to it. */
	void	 (*header)(void *d, const struct packet *p);
	/* The same for a TCP segment that neither begins nor refuses anything (ACK without SYN
	 * and RST), which `packet` is not shown: nearly every packet of a plant. */
	void	 (*segment)(void *d, const struct packet *p, struct flow *f, enum flow_dir dir);
	/* Bytes, after their operations: per PDU where a dissector knows the frames; else TCP
	 * bytes in order, piece by piece as segments brought them, and whole datagrams.  A
	 * piece that a dissector could read in part is shown both ways. */
	void	 (*bytes)(void *d, const struct flow_bytes *b);
	/* Twice per operation: OP_REQUESTED and OP_FINISHED; asset_ends(env->ends): whose it is. */
	void	 (*operation)(void *d, const struct operation *op);
	/* For those without `operation`: once, OP_FINISHED. */
	void	 (*finished)(void *d, const struct operation *op);
	/* Only operations of one of these kinds (enum detect_kind); 0: all.  `requested_of` is
	 * for OP_REQUESTED alone, where 0 is as `of` says. */
	unsigned   of, requested_of;
	/* Once for each tag that an operation touches, when that is over and was shown: a value read or written. */
	void	 (*reading)(void *d, const struct tag_reading *r);
	/* Between two frames: the tags are others now.  Indexes and pointers of the set before are good during this
	 * call: what is kept of them moves to tags_same(). */
	void	 (*retag)(void *d, const struct tags *now, const struct tags *before);
	/* What any detector, this one too, has just found, before it becomes an alert. */
	void	 (*finding)(void *d, const struct finding *f);
	void	 (*anomaly)(void *d, const struct anomaly *a);
	/* A device announced itself straight on Ethernet. */
	void	 (*announcement)(void *d, const struct announcement *s);
	void	 (*flow_end)(void *d, struct flow *f, enum flow_end_reason why);
	void	 (*tick)(void *d, uint64_t now_ns);	/* ten times a second of capture time */
	/* Once, when the run ends: every flow has ended, and nothing comes any more but save
	 * and close.  The last chance to make a finding. */
	void	 (*finish)(void *d, uint64_t now_ns);
	bool	 (*idle)(const void *d);	/* asked once, after open: it never wants a call */
	/* Asked after open and after each swap: is this call of no use until the next one? */
	bool	 (*skips)(const void *d, enum detect_call what);
	/* What users edit: see detect_prepare() and detect_swap(). */
	int	 (*prepare)(void *d, struct err *e);
	bool	 (*swap)(void *d);
	/* An operator did something, between two frames.  NULL: it is taken, or none of this detector's; else why
	 * it is refused (static text). */
	const char *(*act)(void *d, const struct keep_action *a);
	size_t	 (*memory)(const void *d);
	void	 (*close)(void *d);
};

#define DETECTORS_MAX 32u	/* more in a registry are a fault, which detect_open() reports */

extern const struct detector *const detectors[];	/* NULL-ended; registry.c */

#endif
