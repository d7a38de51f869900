/* map.h - who talks to whom, as SVG: one band a Purdue level, zones as frames, conversations as lines that pass between boxes.
 *
 * Up to MAP_ALONE devices stand for themselves, if their level has not more than fit.  Of more, those of one level, zone or network and role
 * share a box that says how many they are; then those of one zone or network; who wrote, what was attacked and who attacked fold last, in
 * this order, and what still finds no place is one box, "and 40 more".  Colour is never the only sign: reading is thin, what
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
	bool		reads, writes, attacks, others;	/* lines of this look are there, of an attacker also boxes */
	bool		zones, refused;		/* there are frames; lines that no conduit allows */
};

/* `link`: each device's box leads to "#d-" and its address.  False: there is nothing to draw, and nothing was written. */
bool	map_write(struct html *h, const struct view *v, bool link, struct map_facts *facts);

/* Does an intent change something in the device? */
bool	map_changes(const char *intent);

/* Add a word to a list with ", " between, unless it is there or there is no space for it. */
void	map_add_word(char *to, size_t size, const char *word);

/* The band of a device, from the top; its words. */
#define MAP_BANDS 8u
unsigned map_band(const struct keep_asset *a);
const char *map_band_name(unsigned band);

#endif
