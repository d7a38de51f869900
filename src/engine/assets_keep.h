/* assets_keep.h - the inventory over a restart: devices and their attributes as rows (record/keep.h). */
#ifndef ENGINE_ASSETS_KEEP_H
#define ENGINE_ASSETS_KEEP_H

#include "asset/inventory.h"
#include "base/err.h"
#include "record/device.h"
#include "record/keep.h"
#include "record/settings.h"

/* A device and what is known of it, but for what is derived each time (vendors of cards) and what the operator's
 * list says.  false: there was no space for all of it. */
bool	assets_keep_put(const struct keep *k, const struct device *d);

/* What an earlier run kept, before the first packet.  0, or -1 with the reason in `e`. */
int	assets_keep_load(const struct keep *k, struct assets *a, struct inventory *inv, struct err *e);

/* The same out of the database of the settings (store.file), which a sensor may have: it is only read. */
int	assets_keep_read(const struct settings *s, struct assets *a, struct inventory *inv, struct err *e);

#endif
