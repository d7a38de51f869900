/* reported.h - what a worker does with alerts and incidents: zones and locations of the endpoints are added, and they
 * go to the summary, the console, the outputs and the database. */
#ifndef ENGINE_REPORTED_H
#define ENGINE_REPORTED_H

#include "engine/worker.h"

/* Part of worker_open(): alerts, incidents and, live, their capture files.  Problems go to `e`. */
void	worker_open_alerts(struct worker *w, const struct settings *s, bool live, struct err *e);

#endif
