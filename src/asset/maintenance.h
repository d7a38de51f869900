/* maintenance.h - times in which work on devices was announced: what is found in them is written and marked,
 * and nothing is learned.  Read-only after maintenance_open(). */
#ifndef ASSET_MAINTENANCE_H
#define ASSET_MAINTENANCE_H

#include <stddef.h>
#include <stdint.h>

#include "asset/zones.h"
#include "base/err.h"
#include "record/addr.h"
#include "record/alert.h"
#include "record/settings.h"

struct maintenance;	/* opaque */

/* What the settings say; every problem goes to `e` with its place in the file, and it goes on.  NULL: without any,
 * or without memory.  `s` and `z` (NULL: no zones) must outlive it. */
struct maintenance	*maintenance_open(const struct maintenances_settings *s, const struct zones *z, struct err *e);
void			 maintenance_close(struct maintenance *m);	/* NULL is ignored */

#define MAINTENANCE_NO_INTENT	UINT32_MAX

/* The name of the first window that this falls into: its time (capture clock), either endpoint, and what is done (enum op_intent;
 * MAINTENANCE_NO_INTENT: it is no operation).  NULL: none, or `m` is NULL. */
const char		*maintenance_of(const struct maintenance *m, uint64_t now_ns, const struct addr ends[2], uint32_t intent);
/* The same of an alert, by when it began. */
const char		*maintenance_of_alert(const struct maintenance *m, const struct alert *a);

#endif
