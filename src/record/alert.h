/* alert.h - what is reported: a finding, merged, limited and in words.
 *
 * Made by alert/, written by output/.  Everything is borrowed and valid during
 * the call.
 */
#ifndef RECORD_ALERT_H
#define RECORD_ALERT_H

#include "record/finding.h"
#include "record/location.h"
#include "record/zone.h"

#define ALERT_SENTENCE_MAX 512

#define ALERT_UID_LEN 32	/* hexadecimal digits of an alert's id */

enum alert_kind {
	ALERT_FIRST,	/* a new alert, written at once */
	ALERT_UPDATE,	/* what became of the command, or its window ended */
	ALERT_SUPPRESSED	/* `suppressed` says how many alerts of this type were */
};

/* Whom suppressed alerts were about. */
struct alert_target {
	struct addr	 addr;
	uint32_t	 unit;		/* as in struct operation, if has_unit */
	bool		 has_unit;
	bool		 proven;	/* its conversation was answered or taken up */
	uint64_t	 n;		/* how many */
};
#define ALERT_TARGETS 8u	/* named in one report */

/* Borrowed, valid during the call.  For an update at the end of its window, finding is
 * the kept copy of the first one: op and anomaly are NULL there, flow and packet are
 * copies with what a record's header needs. */
struct alert {
	enum alert_kind		 kind;
	uint64_t		 id;		/* 1-based, of the first record; the same in its updates */
	const char		*uid;		/* the same for the world: ALERT_UID_LEN digits, equal in each
						 * replay, never again in a later run of a live sensor */
	uint64_t		 ts_ns;		/* of this record, capture clock: for an update when it was made */
	uint64_t		 frame;		/* the last that it is about; 0 none */
	uint64_t		 flow_id;	/* 0: no flow; kept for the update */
	const struct finding	*finding;
	const struct alert_type_row *type;
	uint8_t			 severity;
	uint64_t		 count;		/* findings merged into it, itself included */
	uint64_t		 first_ns, last_ns;
	bool			 has_outcome;	/* it is about what was asked of a device: */
	enum op_outcome		 outcome;	/* of the present operation; at the end of the window of the
						 * one that came to most */
	const uint64_t		*outcomes;	/* how many ended in each, OP_OUTCOME_COUNT; NULL none */
	uint64_t		 suppressed;		/* ALERT_SUPPRESSED */
	uint64_t		 n_targets;	/* ALERT_SUPPRESSED: their targets, and the first of those */
	const struct alert_target *targets;
	uint32_t		 n_named;
	const char		*signature;	/* rule's msg or the type's title */
	const char		*sentence;	/* plant words; made when asked for, ALERT_SENTENCE_MAX */
	const char		*techniques;	/* "T0858 T0814"; see attack.h */
	const char		*category;	/* what its class means; "" none */
	bool			 zoned;		/* zones are configured: those of source and destination, NULL outside */
	const struct zone	*zone[2];
	const struct location	*location[2];	/* of the same, where they are outside addresses; NULL not known */
	const char		*maintenance;	/* the window of announced work that it fell into, or NULL */
	const char		*evidence_file;	/* name of the capture file with the packets around it, or NULL */
};

struct alert_sink {
	void	(*alert)(void *arg, const struct alert *a);
	void	*arg;
};

#endif
