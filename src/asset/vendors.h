/* vendors.h - who made a network interface: the first bits of its MAC, as the IEEE gives them out. */
#ifndef ASSET_VENDORS_H
#define ASSET_VENDORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct vendors;		/* opaque; not changed after open */

/* Read the registry: a file as the IEEE publishes it (oui.csv), or a folder with several of those (oui.csv,
 * mam.csv, oui36.csv; Debian's ieee-data).  NULL without a problem in `e`: there is no such file. */
struct vendors	*vendors_open(const char *path, struct err *e);
void		 vendors_close(struct vendors *v);	/* NULL is ignored */
size_t		 vendors_memory(const struct vendors *v);

/* The organization; NULL: none is known, or the MAC was made up by its user. */
const char	*vendors_find(const struct vendors *v, const uint8_t mac[6]);

#endif
