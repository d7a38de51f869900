/* places.h - the country of an address, out of a MaxMind database (geoip). */
#ifndef DETECT_MATCH_PLACES_H
#define DETECT_MATCH_PLACES_H

#include "base/err.h"
#include "record/addr.h"

struct places;	/* opaque */

/* NULL with `e` told: no such database.  It is mapped, not read into memory. */
struct places	*places_open(const char *path, struct err *e);
void		 places_close(struct places *p);	/* NULL is ignored */
/* "NL"; false: of this address nothing is known. */
bool		 places_country(const struct places *p, const struct addr *a, char to[3]);

#endif
