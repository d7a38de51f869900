/* ask.h - what rules may ask of a device (asset.role, asset.zone, asset.vendor, asset.model, asset.new). */
#ifndef ASSET_ASK_H
#define ASSET_ASK_H

#include "asset/asset.h"
#include "asset/inventory.h"

enum asset_question { ASSET_ASK_ROLE, ASSET_ASK_ZONE, ASSET_ASK_VENDOR, ASSET_ASK_MODEL, ASSET_ASK_NEW };

/* Who knows; what is NULL in it nobody does. */
struct asset_ask {
	const struct inventory	*inventory;
	/* Was it absent while the baseline was learned? */
	bool			(*is_new)(void *arg, const struct asset *x);
	/* Does this client do such things to this device as long as the baseline knows? */
	bool			(*is_usual)(void *arg, const struct operation *op);
	void			*arg;
};

/* Is that its role or its zone (an address in no zone is in `outside`), or in the name of its vendor or model
 * (of the device or of a unit behind it)?  Upper and lower case are the same.  `name` is not read for NEW. */
bool	asset_is(const struct asset_ask *q, struct asset *x, enum asset_question what, const char *name);

/* Is that one of its names: given by the operator, or what it calls itself (station, host, of a unit behind it, too)?  The whole of
 * it; upper and lower case are the same. */
bool	asset_is_named(const struct inventory *inv, struct asset *x, const char *name);

#endif
