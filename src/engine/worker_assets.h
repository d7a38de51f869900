/* worker_assets.h - what a worker does for the inventory. */
#ifndef ENGINE_WORKER_ASSETS_H
#define ENGINE_WORKER_ASSETS_H

#include "engine/worker.h"

/* The names of vendors; where there are none MACs have no vendor. */
void	worker_open_vendors(struct worker *w, const char *path, struct err *e);
/* What an earlier run kept of devices, and the list that the operator keeps. */
void	worker_know_assets(struct worker *w, const char *list, struct err *e);
/* The run ends: records of what is new, and all of it is kept. */
void	worker_last_assets(struct worker *w);
/* Sinks: something was read in passing of a device; something new is known of one. */
void	worker_named(void *worker, const struct passing_fact *f);
void	worker_asset(void *worker, const struct device *d);

#endif
