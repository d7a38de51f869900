/* map_draw.c - where boxes stand, and how it looks. */
#include "web/map_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* ---- lines --------------------------------------------------------------------------------- */

#define NAMED_LINES 16u	/* so few have their protocols beside them */

/* Who or what a box is. */
static void
put_who(struct html *h, const struct map_box *b)
{
	const struct keep_asset *row = b->first->row;

	if (b->more) {
		html_f(h, "%" PRIu32 " other devices", b->n);
		return;
	}
	if (b->n > 1) {
		html_f(h, "%" PRIu32 " devices in ", b->n);
		html_text(h, b->group.place);
		return;
	}
	if (row->name[0] != '\0') {
		html_text(h, row->name);
		html_raw(h, " ");
	}
	html_addr(h, &b->first->addr);
}

static void
draw_line(struct html *h, struct map *m, uint32_t i)
{
	const struct map_line *l = &m->lines[i];
	const struct map_box *a = &m->boxes[l->from], *b = &m->boxes[l->to];
	struct map_way way;

	map_route(m, i, &way);
	html_f(h, "<path class=\"%s\" d=\"%s\"%s><title>", l->attack ? "l-attack" : l->changes ? "l-write" : l->plant ? "l-read" : "l-other", way.path,
	    l->attack ? " marker-end=\"url(#m-attack)\"" : l->changes ? " marker-end=\"url(#m-write)\"" : "");
	put_who(h, a);
	html_raw(h, " to ");
	put_who(h, b);
	if (a->zone[0] != '\0' && b->zone[0] != '\0' && strcmp(a->zone, b->zone) != 0) {
		html_raw(h, ", from zone ");
		html_text(h, a->zone);
		html_raw(h, " to ");
		html_text(h, b->zone);
	}
	html_raw(h, ": ");
	html_text(h, l->protocols);
	if (l->intents[0] != '\0') {
		html_raw(h, " (");
		html_text(h, l->intents);
		html_raw(h, ")");
	}
	html_f(h, ", %" PRIu64 " times%s</title></path>", l->count, l->refused ? "; no conduit allows it" : "");
	if (l->refused)
		html_f(h, "<path class=\"l-refused\" d=\"M%.0f %.0fl8 8m0-8l-8 8\"/>", way.x - 4, way.y - 4);
	if (m->n_lines <= NAMED_LINES && way.free) {
		html_f(h, "<text class=\"l-name\" x=\"%.0f\" y=\"%.0f\">", way.x, way.y - 3 + (i % 2) * 12);
		html_bytes(h, l->protocols, strlen(l->protocols), 28);
		html_raw(h, "</text>");
	}
}

/* ---- boxes ----------------------------------------------------------------------------------- */

#define LISTED 8u	/* addresses of a box of many, in its title */

/* Hundredths of the size of letters that a bold one is wide, in the widest of the fonts that may show it. */
static unsigned
wide(uint8_t c)
{
	static const struct { const char *letters; unsigned width; } kinds[] = {
		{ "ijl|'.,:;! ", 38 }, { "frtI-()[]/", 50 }, { "acekvxyzs", 67 }, { "mwMW@%", 110 }, { "ABCDEFGHJKLNOPQRSTUVXYZ", 83 },
	};

	if (c >= 0x80)
		return (c & 0xc0) == 0x80 ? 0 : 100;
	for (size_t i = 0; i < COUNTOF(kinds); i++)
		if (strchr(kinds[i].letters, c) != NULL)
			return kinds[i].width;
	return 71;
}

/* What fits into a width, of letters of a size. */
static void
put_fit(struct html *h, const char *text, double width, double size)
{
	const unsigned most = (unsigned)(width / size * 100);
	unsigned used = 0, fits = 0;
	size_t n = 0, cut = 0;

	for (; text[n] != '\0'; n++) {
		/* Not within a character. */
		if (((uint8_t)text[n] & 0xc0) != 0x80 && used + 100 <= most)
			cut = n;
		used += wide((uint8_t)text[n]);
		fits += used <= most;
	}
	if (fits == n) {
		html_text(h, text);
		return;
	}
	html_bytes(h, text, cut, cut);
	html_raw(h, "…");
}

/* A title: what it is and who. */
static void
put_title(struct html *h, const struct map *m, const struct map_box *b)
{
	uint32_t n = 0;

	html_f(h, "<title>%s", b->group.attacker ? "takes part in an attack: " : b->group.attacked ? "was attacked: " : "");
	put_who(h, b);
	if (b->n == 1) {
		html_raw(h, " ");
		html_text(h, b->first->row->role);
	} else {
		for (uint32_t i = 0; i < m->n_devices && n < LISTED; i++)
			if (&m->boxes[m->devices[i].box] == b) {
				html_raw(h, n++ == 0 ? ": " : ", ");
				html_addr(h, &m->devices[i].addr);
			}
		if (b->n > n)
			html_f(h, " and %" PRIu32 " more", b->n - n);
	}
	html_raw(h, "</title>");
}

#define NAME_SIZE	12.0	/* as in map.css */
#define ADDR_SIZE	11.0

static void
put_lines_of_one(struct html *h, const struct map_box *b, double width)
{
	const struct keep_asset *row = b->first->row;
	char address[ADDR_TEXT_MAX], second[128];

	put_fit(h, row->name[0] != '\0' ? row->name : row->model[0] != '\0' ? row->model : row->role[0] != '\0' ? row->role :
	    row->vendor[0] != '\0' ? row->vendor : b->first->outside ? "internet" : "device", width, NAME_SIZE);
	(void)addr_print(&b->first->addr, address);
	if (b->first->units > 0)
		(void)snprintf(second, sizeof(second), "%s +%" PRIu32 " unit%s", address, b->first->units, b->first->units == 1 ? "" : "s");
	else
		(void)snprintf(second, sizeof(second), "%s", address);
	html_raw(h, "</text><text class=\"b2\" x=\"10\" y=\"36\">");
	put_fit(h, second, MAP_BOX_W - 16, ADDR_SIZE);
}

static void
put_lines_of_many(struct html *h, const struct map *m, const struct map_box *b, double width)
{
	const char *role = b->first->row->role;
	char first[64];

	for (uint32_t i = 0; i < m->n_devices; i++)
		if (&m->boxes[m->devices[i].box] == b && strcmp(m->devices[i].row->role, role) != 0)
			role = "";

	if (b->more)
		(void)snprintf(first, sizeof(first), "and %" PRIu32 " more", b->n);
	else
		(void)snprintf(first, sizeof(first), "%" PRIu32 " %s%s", b->n, role[0] != '\0' ? "× " : "", role[0] != '\0' ? role : "devices");
	put_fit(h, first, width, NAME_SIZE);
	html_raw(h, "</text><text class=\"b2\" x=\"10\" y=\"36\">");
	put_fit(h, b->more ? "of other networks" : b->group.place, MAP_BOX_W - 16, ADDR_SIZE);
}

static void
draw_box(struct html *h, const struct map *m, const struct map_box *b)
{
	const bool marked = b->group.attacker || b->group.attacked;
	const double width = MAP_BOX_W - (marked ? 40 : 16);
	char address[ADDR_TEXT_MAX];

	(void)addr_print(&b->first->addr, address);
	if (m->link && b->n == 1)
		html_f(h, "<a href=\"#d-%s\">", address);
	else if (m->link)
		html_raw(h, "<a href=\"#devices\">");
	html_f(h, "<g class=\"box%s%s%s\" transform=\"translate(%.0f %.0f)\">", b->group.attacker ? " attacker" : "",
	    b->group.attacked ? " attacked" : "", b->n > 1 ? " many" : "", b->x, b->y);
	put_title(h, m, b);
	if (b->n > 1)
		html_f(h, "<rect class=\"back\" x=\"%.0f\" y=\"-%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"5\"/>", MAP_BACK, MAP_BACK, MAP_BOX_W, MAP_BOX_H);
	html_f(h, "<rect width=\"%.0f\" height=\"%.0f\" rx=\"5\"/><text class=\"b1\" x=\"10\" y=\"19\">", MAP_BOX_W, MAP_BOX_H);
	if (b->n > 1)
		put_lines_of_many(h, m, b, width);
	else
		put_lines_of_one(h, b, width);
	html_raw(h, "</text>");
	/* A sign beside the colour. */
	if (b->group.attacker)
		html_f(h, "<path class=\"sign\" d=\"M%.0f 8l8 14h-16z\"/><text class=\"mark\" x=\"%.0f\" y=\"20\">!</text>", MAP_BOX_W - 15, MAP_BOX_W - 15);
	else if (b->group.attacked)
		html_f(h, "<circle class=\"ring\" cx=\"%.0f\" cy=\"15\" r=\"6\"/><circle class=\"dot\" cx=\"%.0f\" cy=\"15\" r=\"2.5\"/>", MAP_BOX_W - 15, MAP_BOX_W - 15);
	html_raw(h, m->link ? "</g></a>" : "</g>");
}

/* ---- frames ------------------------------------------------------------------------------------ */

#define FRAME	9.0	/* around boxes */
#define FRAME_NAME 17.0	/* above them */

struct map_frame { double x1, y1, x2, y2; };

static struct map_frame
frame_of(const struct map *m, unsigned band, unsigned block)
{
	struct map_frame f = { MAP_WIDTH, m->height, 0, 0 };

	for (uint32_t i = 0; i < m->n_boxes; i++) {
		const struct map_box *b = &m->boxes[i];

		if (b->band != band || b->block != block)
			continue;
		f.x1 = fmin(f.x1, b->x - FRAME);
		f.y1 = fmin(f.y1, b->y - FRAME - FRAME_NAME);
		f.x2 = fmax(f.x2, b->x + MAP_BOX_W + FRAME);
		f.y2 = fmax(f.y2, b->y + MAP_BOX_H + FRAME);
	}
	return f;
}

/* Of each zone: its frame, or, above all lines, its name. */
static void
draw_zones(struct html *h, struct map *m, unsigned band, bool name)
{
	struct map_block blocks[MAP_BLOCKS];
	unsigned n;

	if (map_blocks(m, band, blocks, &n) == 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		const struct map_frame f = frame_of(m, band, i);

		if (blocks[i].zone[0] == '\0')
			continue;
		if (!name) {
			html_f(h, "<rect class=\"zone\" x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"8\"/>", f.x1, f.y1, f.x2 - f.x1, f.y2 - f.y1);
			continue;
		}
		html_f(h, "<text class=\"zone-name\" x=\"%.0f\" y=\"%.0f\">", f.x1 + 8, f.y1 + 13);
		put_fit(h, blocks[i].zone, f.x2 - f.x1 - 16, ADDR_SIZE);
		html_raw(h, "</text>");
	}
}

static void
draw_bands(struct html *h, struct map *m)
{
	for (unsigned band = 0; band < MAP_BANDS; band++) {
		if (m->band_height[band] <= 0)
			continue;
		html_f(h, "<rect class=\"band\" x=\"0\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"6\"/><text class=\"band-name\" x=\"14\" y=\"%.0f\">%s</text>",
		    m->band_y[band], MAP_WIDTH, m->band_height[band], m->band_y[band] + m->band_height[band] / 2 + 4, map_band_name(band));
		draw_zones(h, m, band, false);
	}
}

void
map_draw(struct html *h, struct map *m)
{
	h->in_svg = true;
	html_f(h, "<svg class=\"map\" viewBox=\"0 0 %.0f %.0f\" role=\"%s\" aria-label=\"Devices by Purdue level and who talks to whom; "
	    "the tables below hold the same\"><defs>", MAP_WIDTH, m->height, m->link ? "group" : "img");
	html_raw(h, "<marker id=\"m-write\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
	    "<path class=\"m-write\" d=\"M0 0l8 4-8 4z\"/></marker>"
	    "<marker id=\"m-attack\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"11\" markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
	    "<path class=\"m-attack\" d=\"M0 0l8 4-8 4z\"/></marker></defs>");
	draw_bands(h, m);
	/* What matters most lies on top. */
	for (unsigned turn = 0; turn < 4; turn++)
		for (uint32_t i = 0; i < m->n_lines; i++) {
			const struct map_line *l = &m->lines[i];

			if ((l->attack ? 3u : l->changes ? 2u : l->plant ? 1u : 0u) == turn)
				draw_line(h, m, i);
		}
	for (unsigned band = 0; band < MAP_BANDS; band++)
		draw_zones(h, m, band, true);
	for (uint32_t i = 0; i < m->n_boxes; i++)
		draw_box(h, m, &m->boxes[i]);
	html_raw(h, "</svg>");
	h->in_svg = false;
}
