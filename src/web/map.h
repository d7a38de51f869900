/* map.h - who talks to whom, as SVG: one band a Purdue level, zones as boxes, conversations as lines.
 *
 * Up to MAP_ALONE devices stand for themselves.  Of more, those of one level, zone or network and role are one box that says how
 * many they are; who wrote, who attacked and what was attacked always stands alone.  Colour is never the only sign: reading is thin, what
 * changes something thick with an arrow, what an attacker did is dashed and double.
 */
#ifndef WEB_MAP_H
#define WEB_MAP_H

#include "web/html.h"
#include "web/view.h"

#define MAP_ALONE	36u

struct map_facts {
	uint32_t	devices, boxes, folded;	/* drawn; of them boxes; devices that share one */
	uint32_t	lines, left_out;	/* conversations drawn; of other traffic and not drawn */
};

/* `link`: each device's box leads to "#d-" and its address.  False: there is nothing to draw, and nothing was written. */
bool	map_write(struct html *h, const struct view *v, bool link, struct map_facts *facts);

/* Does an intent change something in the device? */
bool	map_changes(const char *intent);

/* The band of a device, from the top; its words. */
#define MAP_BANDS 8u
unsigned map_band(const struct keep_asset *a);
const char *map_band_name(unsigned band);

#endif
