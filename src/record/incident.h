/* incident.h - alerts that belong together, in order and in plant words.
 *
 * Made by alert/incidents, written by output/ and kept by store/.  Borrowed, valid during the call.
 */
#ifndef RECORD_INCIDENT_H
#define RECORD_INCIDENT_H

#include "record/addr.h"
#include "record/alert.h"
#include "record/attack.h"

#define INCIDENT_TITLE	256u
#define INCIDENT_ADVICE	256u
#define INCIDENT_TARGETS 16u	/* told by address */
#define INCIDENT_TYPES	48u	/* of alerts, told one by one */

/* FIRST: from now on it is one; UPDATE: more belongs to it; CLOSED: nothing came any more. */
enum incident_kind { INCIDENT_FIRST, INCIDENT_UPDATE, INCIDENT_CLOSED };

/* Alerts of one type in it. */
struct incident_type {
	enum alert_type	 type;
	uint8_t		 severity;	/* the gravest of them */
	uint32_t	 alerts;
	uint64_t	 first_ns, last_ns;
};

/* A tactic of ATT&CK, when it was reached. */
struct incident_stage {
	enum attack_tactic tactic;
	uint64_t	 first_ns;
};

struct incident {
	enum incident_kind	 kind;
	uint64_t		 id;		/* 1-based */
	const char		*uid;		/* the same in its updates, and in each replay */
	uint64_t		 ts_ns;		/* of this record */
	uint8_t			 severity;	/* of its gravest alert */
	const char		*title;		/* "10.20.2.99 looked around, then stopped PLC 10.20.1.12" */
	const char		*advice;	/* the first thing to do */
	bool			 has_attacker;	/* who did it is known: */
	struct addr		 attacker;
	const struct addr	*targets;	/* in the order in which they came */
	uint32_t		 n_targets;
	bool			 more_targets;	/* there were others */
	const struct incident_type *types;	/* in order of time */
	uint32_t		 n_types;
	const struct incident_stage *stages;	/* the same */
	uint32_t		 n_stages;
	const char		*techniques;	/* "T0846 T0858" */
	uint64_t		 alerts;
	uint64_t		 first_ns, last_ns;
	uint64_t		 first_frame, last_frame;	/* 0 none */
	const char		*maintenance;	/* the window of announced work that all of it fell into; NULL none */
	const char		*part_of;	/* CLOSED: it turned out to be part of this one, by uid; NULL: it is not */
	/* Ids of alerts that came to it since its last record. */
	const char		(*fresh)[ALERT_UID_LEN + 1];
	uint32_t		 n_fresh;
};

struct incident_sink {
	void	(*incident)(void *arg, const struct incident *i);
	void	*arg;
};

#endif
