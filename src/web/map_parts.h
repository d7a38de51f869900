/* map_parts.h - what a map is made of.  Private to map*.c. */
#ifndef WEB_MAP_PARTS_H
#define WEB_MAP_PARTS_H

#include "web/map.h"

#define MAP_BOXES	160u
#define MAP_LINES	600u
#define MAP_OUTSIDE	64u
#define MAP_NONE	UINT32_MAX

struct map_device {
	struct addr		 addr;		/* first: what is looked for */
	const struct keep_asset	*row;
	unsigned		 band;
	uint32_t		 units;		/* behind it */
	uint32_t		 box;
	bool			 attacker, attacked, writes, talks, plant;
};

struct map_box {
	unsigned		 band;
	uint32_t		 n;		/* devices */
	bool			 alone;		/* nobody else may come in */
	bool			 attacker, attacked;
	const struct map_device	*first;
	char			 group[96];	/* "network|role" */
	double			 x, y;		/* upper left */
	double			 want;		/* where its peers are */
};

struct map_line {
	uint32_t	from, to;
	bool		plant, changes, attack;
	uint64_t	count;
	char		protocols[96], intents[96];
};

struct map {
	const struct view	*v;
	bool			 link;
	struct keep_asset	*outside;	/* owned; MAP_OUTSIDE addresses that the inventory does not have */
	uint32_t		 n_outside;
	struct map_device	*devices;	/* owned; by address */
	uint32_t		 n_devices, n_boxes, n_lines, folded, left_out;
	struct map_box		 boxes[MAP_BOXES];
	struct map_line		 lines[MAP_LINES];
	/* Of each band, set by map_place(). */
	double			 band_y[MAP_BANDS], band_height[MAP_BANDS];	/* height 0: it is not drawn */
	double			 height;
};

#define MAP_WIDTH	1200.0
#define MAP_MARGIN	128.0	/* where the names of bands are */
#define MAP_BOX_W	156.0
#define MAP_BOX_H	46.0

struct map_device *map_find(const struct map *m, const struct addr *a);
void	map_place(struct map *m);
void	map_draw(struct html *h, const struct map *m);

#endif
