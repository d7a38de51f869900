/* zones.h - a proposal of zones and conduits, made of what was seen.
 *
 * A zone is a network of the plant: a /24 (IPv6: /64) in which somebody was seen, wider where there are
 * more of them than zones can be.  Conduits are what went between them, no more: the
 * same captures raise nothing when it is loaded.
 */
#ifndef COMMAND_ZONES_H
#define COMMAND_ZONES_H

#include <stdio.h>

#include "base/err.h"
#include "detect/zones/seen.h"
#include "record/settings.h"

/* Print it as configuration.  False, with the reason in `e`: there is nothing to make zones of, or no
 * memory. */
bool	zones_propose(const struct seen *s, const struct zones_known *known, FILE *to, struct err *e);

/* The same of what a sensor has learned and knows: of the databases of the settings (baseline.file, store.file), which a
 * sensor may have. */
bool	zones_propose_kept(const struct settings *s, FILE *to, struct err *e);

#endif
