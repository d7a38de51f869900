/* geoip.h - the country and the operator of an address, out of MaxMind databases: geoip.database (countries) and
 * geoip.operators (networks). */
#ifndef ASSET_GEOIP_H
#define ASSET_GEOIP_H

#include <stdbool.h>

#include "base/err.h"
#include "record/addr.h"
#include "record/location.h"

struct geoip;	/* opaque */

/* Either may be NULL or "": not known.  NULL: both are, or an error in `e`.  They are mapped, not read into
 * memory. */
struct geoip	*geoip_open(const char *countries, const char *operators, struct err *e);
void		 geoip_close(struct geoip *p);	/* NULL is ignored */
/* In another thread: open them again, for geoip_swap() to take them over.  False with `e`; nothing changes. */
bool		 geoip_prepare(struct geoip *p, const char *countries, const char *operators, struct err *e);
/* By who looks addresses up: take over what was prepared. */
void		 geoip_swap(struct geoip *p);
/* "NL"; false: of this address nothing is known. */
bool		 geoip_country(const struct geoip *p, const struct addr *a, char to[3]);
/* All that is known of it; false: nothing, or `p` is NULL. */
bool		 geoip_locate(const struct geoip *p, const struct addr *a, struct location *to);

#endif
