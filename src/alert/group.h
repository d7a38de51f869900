/* group.h - alerts that belong together, before and while they are an incident (incidents.c).
 *
 * What an alert means in it (parts), whether it belongs to a group, and what the group becomes with it. */
#ifndef ALERT_GROUP_H
#define ALERT_GROUP_H

#include "record/incident.h"

#define GROUP_FRESH	32u	/* alerts between two records; with more there is another record */
#define GROUP_DEVICE	64u	/* bytes of a device's name */
#define GROUP_TECHNIQUES 128u
#define GROUP_WINDOW	32u	/* bytes of the name of a maintenance */
#define GROUP_ACTORS	4u	/* those who did something beside the attacker */

enum deed_kind { DEED_ACT, DEED_NOTE, DEED_SEND, DEED_STATE, DEED_SPOOF, DEED_OUT };

struct deed_row { const char *type; enum deed_kind kind; const char *words; };

/* What the title says of it, in the order in which it happened. */
struct deed {
	const struct deed_row	*row;
	uint8_t			 severity;
	uint64_t		 first_ns;
	char			 device[GROUP_DEVICE];	/* "PLC 10.20.1.12", the first one */
	struct addr		 addr, actor;	/* zero: none */
	bool			 others;	/* it was done to others, too */
};

struct group {
	uint64_t		 id;		/* 0: no incident yet */
	char			 uid[ALERT_UID_LEN + 1];
	bool			 used, dirty, has_attacker, has_mac, more_targets;
	uint8_t			 mac[6];	/* of the attacker, as it was seen first */
	uint8_t			 severity, reported_severity;
	struct addr		 attacker, actors[GROUP_ACTORS], targets[INCIDENT_TARGETS];
	uint32_t		 n_actors;
	uint32_t		 n_targets;
	struct incident_type	 types[INCIDENT_TYPES];
	uint32_t		 n_types;
	struct incident_stage	 stages[ATTACK_TACTICS];
	uint32_t		 n_stages;
	struct deed		 deeds[INCIDENT_TYPES];
	uint32_t		 n_deeds;
	char			 techniques[GROUP_TECHNIQUES], advice[INCIDENT_ADVICE];
	uint8_t			 advice_of;	/* severity of the alert whose advice it is; of a rule, which has none, 5; 0: there is none */
	uint64_t		 alerts, of_3;	/* all; of severity 3 */
	uint32_t		 types_of_3;
	uint64_t		 first_ns, last_ns, first_frame, last_frame, reported_ns;
	char			 maintenance[GROUP_WINDOW];	/* the window of announced work that all of it fell into; "" none */
	char			 fresh[GROUP_FRESH][ALERT_UID_LEN + 1];
	uint32_t		 n_fresh;
};

struct parts {
	const struct deed_row	*deed;
	const struct addr	*actor, *target;	/* NULL: nobody, none */
	const struct addr	*also;			/* whom somebody in another's name spoke to; NULL none */
	const uint8_t		*mac;			/* of who sent it; NULL not known */
	const char		*maintenance;		/* "": it fell into no window */
};

static inline bool
deed_is_act(const struct deed_row *row)
{
	return row->kind == DEED_ACT || row->kind == DEED_NOTE || row->kind == DEED_SEND;
}

/* Who did what to whom.  false: it is about the sensor itself, or about nobody. */
bool		 parts_of(const struct alert *a, struct parts *p);

/* Did it fall into the same window of announced work, or both into none?  Else they are kept apart. */
bool		 group_fits(const struct group *g, const struct parts *p);
/* How close: 2 the same attacker, 1 the same device, 0 not at all.  Who takes another's address is known by the
 * hardware address. */
unsigned	 group_related(const struct group *g, const struct parts *p);
void		 group_add(struct group *g, const struct alert *a, const struct parts *p);
/* All of `from` is part of `g`, too. */
void		 group_fold(struct group *g, const struct group *from);
/* "10.20.2.99 looked around, then stopped PLC 10.20.1.12" */
void		 group_title(const struct group *g, char *to, size_t size);

#endif
