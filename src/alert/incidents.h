/* incidents.h - alerts that belong together become one incident.
 *
 * Alerts belong together while less than incidents.quiet passes between them, when the same attacker did
 * them, or when they are about a device that this attacker was at (or that something else was said of).  They
 * are an incident as soon as one of them has severity 1 or 2, or three have severity 3 and are of two types
 * at least: a lone alert of severity 3 is none, and those of severity 4 belong to one but never make one.  What is about the
 * sensor itself (deeds.def) is left out.
 *
 * An alert of severity 1 to 3 that belongs to two of them makes them one: the later is closed and names the
 * earlier (part_of).  What falls into a maintenance window is kept apart from what does not.
 *
 * An incident is written when it becomes one, again when it grew (at most every minute, at once when
 * it became graver), and when it was quiet for so long: always with the same id.
 */
#ifndef ALERT_INCIDENTS_H
#define ALERT_INCIDENTS_H

#include "record/counters.h"
#include "record/incident.h"
#include "record/keep.h"

#define INCIDENTS_MAX	32u	/* open at a time, with those that may become one */

struct incidents;	/* opaque; one per worker */

/* quiet_s 0: there are none.  NULL: no memory. */
struct incidents *incidents_open(uint64_t quiet_s, const struct incident_sink *sink, struct counters *counters);
void		  incidents_close(struct incidents *n);	/* NULL is ignored */
size_t		  incidents_memory(const struct incidents *n);

/* An alert was reported, or an update of it. */
void	incidents_alert(struct incidents *n, const struct alert *a);
void	incidents_tick(struct incidents *n, uint64_t now_ns);
/* The run ends: what was not written yet is. */
void	incidents_finish(struct incidents *n, uint64_t now_ns);

/* As it is kept: each record of an incident replaces the one before. */
void	incident_row(const struct incident *i, struct keep_incident *to);

/* The words of an alert type in a title (deeds.def), for a test. */
const char *incident_words(enum alert_type t);

#endif
