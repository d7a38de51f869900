/* alert.h - what the outside is told: a finding, merged, limited and in words.
 *
 * Made by alert/, written by output/.  Everything is borrowed and valid during
 * the call.
 */
#ifndef RECORD_ALERT_H
#define RECORD_ALERT_H

#include "record/finding.h"

#define ALERT_SENTENCE_MAX 512

enum alert_kind {
	ALERT_FIRST,	/* a new alert, written at once */
	ALERT_UPDATE,	/* its window ended: count and last_ns are final */
	ALERT_HELD	/* `held` alerts of this type were held back */
};

/* Borrowed, valid during the call.  For an update, finding is the kept copy of
 * the first one: op, packet, anomaly and flow are NULL there. */
struct alert {
	enum alert_kind		 kind;
	uint64_t		 id;		/* 1-based, of the first record; the same in its update */
	uint64_t		 ts_ns;		/* of this record, capture clock: for an update when it was made */
	uint64_t		 flow_id;	/* 0: no flow; kept for the update */
	const struct finding	*finding;
	const struct alert_type_row *type;
	uint8_t			 severity;
	uint64_t		 count;		/* findings merged into it, itself included */
	uint64_t		 first_ns, last_ns;
	uint64_t		 held;		/* ALERT_HELD */
	const char		*signature;	/* rule's msg or the type's title */
	const char		*sentence;	/* plant words; made when asked for, ALERT_SENTENCE_MAX */
	const char		*techniques;	/* "T0858 T0814"; see attack.h */
	const char		*category;	/* what its class means; "" none */
	const char		*evidence_file;	/* name of the capture file with the packets around it, or NULL */
};

struct alert_sink {
	void	(*alert)(void *arg, const struct alert *a);
	void	*arg;
};

#endif
