/* summary.h - what a run found, for the person at the terminal. */
#ifndef ENGINE_SUMMARY_H
#define ENGINE_SUMMARY_H

#include <stdio.h>

#include "asset/asset.h"
#include "record/alert.h"
#include "record/counters.h"
#include "record/incident.h"
#include "record/operation.h"
#include "record/unfollowed.h"

#define SUMMARY_INCIDENTS 16u

struct summary {
	uint64_t	 operations[OP_PROTO_COUNT][OP_INTENT_COUNT];
	uint64_t	 outcomes[OP_OUTCOME_COUNT];
	uint64_t	 anomalies[ANOMALY_COUNT];
	uint64_t	 by_type[ALERT_TYPE_COUNT];	/* alerts of each */
	uint64_t	 alerts[5], suppressed;	/* by severity, 1 to 4 and beyond */
	struct {
		uint64_t	id, first_ns;
		uint8_t		severity;
		char		title[INCIDENT_TITLE];
	}		 incidents[SUMMARY_INCIDENTS];	/* in the order in which they began */
	uint32_t	 n_incidents, more_incidents;	/* named here, and others */
	uint64_t	 flows, ot_flows;
	uint64_t	 first_ns, last_ns;	/* of all flows */
};

void	summary_operation(struct summary *s, const struct operation *op);
void	summary_anomaly(struct summary *s, const struct anomaly *a);
void	summary_alert(struct summary *s, const struct alert *a);
void	summary_incident(struct summary *s, const struct incident *i);
void	summary_flow(struct summary *s, const struct flow *f);
uint64_t summary_operations(const struct summary *s);	/* that have ended */
uint64_t summary_alerts(const struct summary *s);
/* `u` may be NULL. */
void	summary_print(const struct summary *s, const struct assets_count *hosts, const struct counters *c,
	    const struct unfollowed *u, FILE *to);
/* One alert as one line for a person, coloured by its severity.  Returns its length; a
 * longer one than fits is cut. */
size_t	summary_alert_line(const struct alert *a, char *to, size_t size, bool color);

#endif
