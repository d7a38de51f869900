/* alerts.h - from findings to alerts: merged, limited, in words, with evidence.
 *
 * The first finding of a kind on the same objects is an alert at once.  While
 * its window (alerts.merge) is open, more of them only count; at the window's end one
 * update says how many there were.  A command is an alert when it is asked for; an
 * update follows when it is known what became of it, and another one when a later
 * one that was merged into it came to more (refused, then obeyed).  What is more than
 * alerts.limit in a minute is suppressed and counted, by target (rates.h), and one
 * record says how many and whom they were about: nothing is dropped uncounted.
 */
#ifndef ALERT_ALERTS_H
#define ALERT_ALERTS_H

#include "record/counters.h"
#include "record/alert.h"
#include "record/settings.h"

struct alerts;		/* opaque; one per worker */

/* Where the packets around an alert can be had; NULL members or a NULL pointer:
 * nowhere.  `file` answers with a name that lives during the call. */
struct alert_evidence {
	const char	*(*file)(void *arg, uint64_t id, const struct finding *f);
	void		*arg;
};

struct alerts_env {
	const struct settings	*settings;
	struct alert_sink	 sink;
	struct counters		*counters;
	const uint64_t		*now_ns;	/* clock of the capture; NULL: as of the last tick */
	uint64_t		 key;		/* of the hashes; random, live */
	uint64_t		 run;		/* live: another one at each start, so that ids never come again;
						 * 0: a replay */
};

struct alerts	*alerts_open(const struct alerts_env *env);
void		 alerts_set_evidence(struct alerts *a, const struct alert_evidence *e);	/* copied */
void		 alerts_finding(struct alerts *a, const struct finding *f);
void		 alerts_tick(struct alerts *a, uint64_t now_ns);
/* Close the windows of rules and report what was suppressed of them: before a rule set
 * goes away, because they hold on to rule cards.  Others stay: commands wait for their
 * outcomes. */
void		 alerts_forget_rules(struct alerts *a, uint64_t now_ns);
/* Close every window and report what was suppressed: at the end of a run. */
void		 alerts_finish(struct alerts *a, uint64_t now_ns);
size_t		 alerts_memory(const struct alerts *a);
void		 alerts_close(struct alerts *a);	/* NULL is ignored */

#endif
