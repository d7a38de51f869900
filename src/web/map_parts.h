/* map_parts.h - what a map is made of.  Private to map*.c. */
#ifndef WEB_MAP_PARTS_H
#define WEB_MAP_PARTS_H

#include "web/map.h"

#define MAP_COLS	6u
#define MAP_ROWS	3u		/* of a band, at most */
#define MAP_BAND_BOXES	(MAP_COLS * MAP_ROWS)
#define MAP_BOXES	(MAP_BANDS * MAP_BAND_BOXES)
#define MAP_LINES	600u
#define MAP_OUTSIDE	64u
#define MAP_NONE	UINT32_MAX

struct map_device {
	struct addr		 addr;		/* first: what is looked for */
	const struct keep_asset	*row;
	unsigned		 band;
	uint32_t		 units;		/* behind it */
	uint32_t		 box;
	bool			 attacker, attacked, writes, talks, plant, outside;
};

/* What devices of one box have in common.  Of a device that stands alone: its address. */
struct map_group {
	char	place[64];	/* zone, network, "internet"; "" several */
	char	role[32];	/* "" several */
	bool	attacker, attacked;
};

struct map_box {
	unsigned		 band, row;	/* rows are counted from the top of the map */
	unsigned		 block;		/* of its band */
	uint32_t		 n;		/* devices */
	bool			 more;		/* all that found no place elsewhere */
	struct map_group	 group;
	const struct map_device	*first;
	const char		*zone;		/* all of them are in it; "" none */
	double			 x, y;		/* upper left */
	double			 want;		/* where its peers are */
};

/* Boxes side by side.  Lines to rows beyond pass between them. */
struct map_row {
	double		y, x[MAP_COLS];		/* upper left corners, from the left */
	unsigned	n;
	unsigned	lines[MAP_COLS + 1];	/* that pass before each box, and behind the last */
};

struct map_line {
	uint32_t	from, to;
	bool		plant, changes, attack;
	bool		refused;	/* no conduit allows it */
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
	/* Set by map_place(). */
	struct map_row		 rows[MAP_BANDS * MAP_ROWS];
	unsigned		 n_rows;
	double			 band_y[MAP_BANDS], band_height[MAP_BANDS];	/* height 0: it is not drawn */
	double			 height;
};

#define MAP_WIDTH	1224.0
#define MAP_MARGIN	124.0	/* where the names of bands are */
#define MAP_BOX_W	156.0
#define MAP_BOX_H	46.0
#define MAP_BACK	4.0	/* a box of many shows so much of the one behind it */
#define MAP_GAP_X	26.0	/* between boxes; lines pass there */
#define MAP_GAP_Y	36.0	/* between rows; lines turn there */

struct map_device *map_find(const struct map *m, const struct addr *a);

/* map_fold.c: give each device its box. */
void	map_fold(struct map *m);

/* map_place.c.  The blocks of a band: boxes of one zone, which stand beside each other in a frame, and all others.  Sets `block` of
 * each box; returns the rows that they need, 0: there are more blocks or boxes than fit. */
struct map_block {
	const char	*zone;		/* ""; it has no frame */
	uint32_t	 n;		/* boxes */
	double		 want;
	unsigned	 column;	/* its first */
};
#define MAP_BLOCKS MAP_COLS
unsigned map_blocks(struct map *m, unsigned band, struct map_block blocks[MAP_BLOCKS], unsigned *n);
/* Where boxes stand. */
void	map_place(struct map *m);

/* map_route.c: the way of a line, around the boxes between. */
struct map_way {
	char	path[2048];
	double	x, y;		/* its middle */
	bool	free;		/* it goes from one row to the next */
};
void	map_route(struct map *m, uint32_t line, struct map_way *way);

void	map_draw(struct html *h, struct map *m);

#endif
