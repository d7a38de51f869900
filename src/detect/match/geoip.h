/* geoip.h - the country of an address, out of a MaxMind database (geoip). */
#ifndef DETECT_MATCH_GEOIP_H
#define DETECT_MATCH_GEOIP_H

#include "base/err.h"
#include "record/addr.h"

struct geoip;	/* opaque */

/* NULL with the reason in `e`.  It is mapped, not read into memory. */
struct geoip	*geoip_open(const char *path, struct err *e);
void		 geoip_close(struct geoip *p);	/* NULL is ignored */
/* "NL"; false: of this address nothing is known. */
bool		 geoip_country(const struct geoip *p, const struct addr *a, char to[3]);

#endif
