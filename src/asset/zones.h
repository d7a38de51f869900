/* zones.h - which zone an address is in (IEC 62443), as the configuration says.
 *
 * Asked once for each row of the table of devices and kept there (asset.zone), so that no
 * packet looks anything up.  Of several networks that hold an address the longest prefix
 * counts.  Read-only after zones_open(): any thread may ask.
 */
#ifndef ASSET_ZONES_H
#define ASSET_ZONES_H

#include <stddef.h>

#include "base/err.h"
#include "record/addr.h"
#include "record/settings.h"
#include "record/zone.h"

struct zones;	/* opaque */

/* What the settings say.  Every problem goes to `e` with its place in the file (names that are
 * missing, taken or no words, zones without or with the same networks), and it goes on: NULL
 * only without zones, or without memory.  `s` must outlive it. */
struct zones	*zones_open(const struct zones_settings *s, struct err *e);
void		 zones_close(struct zones *z);	/* NULL is ignored */
size_t		 zones_memory(const struct zones *z);

/* The zone of an address; NULL: it is in none, or `z` is NULL. */
const struct zone *zones_of(const struct zones *z, const struct addr *a);

/* By its name, `n` bytes; NULL: there is none. */
const struct zone *zones_named(const struct zones *z, const char *name, size_t n);

/* The i-th of the configuration; NULL behind the last. */
const struct zone *zones_at(const struct zones *z, size_t i);

/* What was probably meant; NULL: nothing is near. */
const char	*zones_nearest(const struct zones *z, const char *name);

#endif
