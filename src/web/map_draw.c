/* map_draw.c - where boxes stand, and how it looks. */
#include "web/map_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP_X	18.0
#define GAP_Y	26.0	/* between rows of a band */
#define PAD	26.0	/* of a band, above and below */
#define PER_ROW	6u

/* ---- where boxes stand ------------------------------------------------------------------- */

struct placed { double want; const char *group; uint32_t box; };

static int
by_want(const void *x, const void *y)
{
	const struct placed *a = x, *b = y;
	int d = (a->want > b->want) - (a->want < b->want);

	if (d == 0)
		d = strcmp(a->group, b->group);
	return d != 0 ? d : (a->box > b->box) - (a->box < b->box);
}

static void
place_band(struct map *m, unsigned band, double y)
{
	struct placed list[MAP_BOXES] = { 0 };
	uint32_t n = 0, rows;

	for (uint32_t i = 0; i < m->n_boxes; i++)
		if (m->boxes[i].band == band)
			list[n++] = (struct placed){ m->boxes[i].want, m->boxes[i].group, i };
	qsort(list, n, sizeof(list[0]), by_want);
	rows = (n + PER_ROW - 1) / PER_ROW;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = i % rows, at = i / rows;	/* neighbours share a column */
		uint32_t in_row = n / rows + (row < n % rows);
		double all = in_row * MAP_BOX_W + (in_row - 1) * GAP_X, room = MAP_WIDTH - MAP_MARGIN - 16;
		double left = MAP_MARGIN + (room - all) / 2;

		m->boxes[list[i].box].x = left + at * (MAP_BOX_W + GAP_X);
		m->boxes[list[i].box].y = y + PAD + row * (MAP_BOX_H + GAP_Y);
	}
	m->band_y[band] = y;
	m->band_height[band] = n == 0 ? 0 : 2 * PAD + rows * MAP_BOX_H + (rows - 1) * GAP_Y;
}

/* Each box wants to be where the boxes are that it talks to. */
static void
wishes(struct map *m)
{
	double sum[MAP_BOXES] = { 0 }, n[MAP_BOXES] = { 0 };

	for (uint32_t i = 0; i < m->n_lines; i++) {
		const struct map_line *l = &m->lines[i];
		double weight = l->plant ? 3 : 1;

		sum[l->from] += weight * m->boxes[l->to].x;
		n[l->from] += weight;
		sum[l->to] += weight * m->boxes[l->from].x;
		n[l->to] += weight;
	}
	for (uint32_t i = 0; i < m->n_boxes; i++)
		m->boxes[i].want = n[i] > 0 ? sum[i] / n[i] : m->boxes[i].x;
}

void
map_place(struct map *m)
{
	for (unsigned pass = 0; pass < 4; pass++) {
		double y = 0;

		for (unsigned band = 0; band < MAP_BANDS; band++) {
			place_band(m, band, y);
			y += m->band_height[band] > 0 ? m->band_height[band] + 6 : 0;
		}
		m->height = y;
		wishes(m);
	}
}

/* ---- lines --------------------------------------------------------------------------------- */

/* Lines that leave a box on one side are spread over it. */
static double
port(const struct map *m, uint32_t box, uint32_t line, bool below)
{
	uint32_t n = 0, at = 0;

	for (uint32_t i = 0; i < m->n_lines; i++) {
		const struct map_line *l = &m->lines[i];
		uint32_t other = l->from == box ? l->to : l->to == box ? l->from : MAP_NONE;

		if (other == MAP_NONE || (m->boxes[other].y > m->boxes[box].y) != below)
			continue;
		/* In the order of where they go. */
		if (i != line) {
			uint32_t mine = m->lines[line].from == box ? m->lines[line].to : m->lines[line].from;
			double a = m->boxes[other].x, b = m->boxes[mine].x;

			at += a < b || (a == b && i < line);
		}
		n++;
	}
	return m->boxes[box].x + MAP_BOX_W * (at + 1) / (n + 1);
}

static void
draw_line(struct html *h, const struct map *m, uint32_t i)
{
	const struct map_line *l = &m->lines[i];
	const struct map_box *a = &m->boxes[l->from], *b = &m->boxes[l->to];
	const bool level = fabs(a->y - b->y) < 1, down = b->y > a->y;
	double x1 = port(m, l->from, i, down && !level), x2 = port(m, l->to, i, !down && !level), y1, y2, bend;

	if (level) {
		y1 = a->y;
		y2 = b->y;
		bend = -24 - fabs(x2 - x1) / 40;
	} else {
		y1 = down ? a->y + MAP_BOX_H : a->y;
		y2 = down ? b->y : b->y + MAP_BOX_H;
		bend = (y2 - y1) * 0.45;
	}
	html_f(h, "<path class=\"%s\" d=\"M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f\"%s><title>",
	    l->attack ? "l-attack" : l->changes ? "l-write" : l->plant ? "l-read" : "l-other", x1, y1, x1, y1 + bend, x2,
	    level ? y2 + bend : y2 - bend, x2, y2, l->attack ? " marker-end=\"url(#m-attack)\"" : l->changes ? " marker-end=\"url(#m-write)\"" : "");
	html_text(h, a->first->row->name[0] != '\0' && a->n == 1 ? a->first->row->name : "");
	html_raw(h, a->first->row->name[0] != '\0' && a->n == 1 ? " " : "");
	html_addr(h, &a->first->addr);
	html_raw(h, " to ");
	html_addr(h, &b->first->addr);
	html_raw(h, ": ");
	html_text(h, l->protocols);
	if (l->intents[0] != '\0') {
		html_raw(h, " (");
		html_text(h, l->intents);
		html_raw(h, ")");
	}
	html_f(h, ", %" PRIu64 " times</title></path>", l->count);
	/* Few enough to be named. */
	if (m->n_lines <= 16 && !level) {
		html_f(h, "<text class=\"l-name\" x=\"%.0f\" y=\"%.0f\">", (x1 + x2) / 2, (y1 + y2) / 2 - 3 + (i % 2) * 12);
		html_bytes(h, l->protocols, strlen(l->protocols), 28);
		html_raw(h, "</text>");
	}
}

/* ---- boxes ----------------------------------------------------------------------------------- */

/* About what fits at this size of letters. */
static void
put_short(struct html *h, const char *text, size_t most)
{
	size_t n = strlen(text);

	if (n > most) {
		/* Not within a character. */
		for (n = most - 1; n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80; n--)
			;
		html_bytes(h, text, n, n);
		html_raw(h, "…");
	} else
		html_text(h, text);
}

static void
draw_box(struct html *h, const struct map *m, const struct map_box *b)
{
	const struct keep_asset *row = b->first->row;
	const bool link = m->link && b->n == 1;
	char address[ADDR_TEXT_MAX], second[128];

	(void)addr_print(&b->first->addr, address);
	if (link)
		html_f(h, "<a href=\"#d-%s\">", address);
	html_f(h, "<g class=\"box%s%s%s\" transform=\"translate(%.0f %.0f)\"><title>", b->attacker ? " attacker" : "", b->attacked ? " attacked" : "",
	    b->n > 1 ? " many" : "", b->x, b->y);
	html_f(h, "%s", b->attacker ? "takes part in an attack: " : b->attacked ? "was attacked: " : "");
	html_text(h, row->name);
	html_f(h, " %s ", address);
	html_text(h, row->role);
	html_raw(h, "</title>");
	if (b->n > 1)
		html_f(h, "<rect class=\"back\" x=\"4\" y=\"-4\" width=\"%.0f\" height=\"%.0f\" rx=\"5\"/>", MAP_BOX_W, MAP_BOX_H);
	html_f(h, "<rect width=\"%.0f\" height=\"%.0f\" rx=\"5\"/><text class=\"b1\" x=\"10\" y=\"19\">", MAP_BOX_W, MAP_BOX_H);
	if (b->n > 1) {
		const char *bar = strchr(b->group, '|');

		html_f(h, "%" PRIu32 " × ", b->n);
		put_short(h, bar != NULL && bar[1] != '\0' ? bar + 1 : "devices", 13);
		(void)snprintf(second, sizeof(second), "%.*s", bar != NULL ? (int)(bar - b->group) : 0, b->group);
	} else {
		put_short(h, row->name[0] != '\0' ? row->name : row->model[0] != '\0' ? row->model : row->role[0] != '\0' ? row->role :
		    row->vendor[0] != '\0' ? row->vendor : b->band == 0 ? "internet" : "device", b->attacker || b->attacked ? 14 : 19);
		if (b->first->units > 0)
			(void)snprintf(second, sizeof(second), "%s +%" PRIu32 " units", address, b->first->units);
		else
			(void)snprintf(second, sizeof(second), "%s", address);
	}
	html_raw(h, "</text><text class=\"b2\" x=\"10\" y=\"36\">");
	put_short(h, second, 24);
	html_raw(h, "</text>");
	/* A sign beside the colour. */
	if (b->attacker)
		html_f(h, "<path class=\"sign\" d=\"M%.0f 8l8 14h-16z\"/><text class=\"mark\" x=\"%.0f\" y=\"20\">!</text>", MAP_BOX_W - 15, MAP_BOX_W - 15);
	else if (b->attacked)
		html_f(h, "<circle class=\"ring\" cx=\"%.0f\" cy=\"15\" r=\"6\"/><circle class=\"dot\" cx=\"%.0f\" cy=\"15\" r=\"2.5\"/>", MAP_BOX_W - 15, MAP_BOX_W - 15);
	html_raw(h, link ? "</g></a>" : "</g>");
}

/* Boxes of one zone that stand beside each other get a frame around them. */
static void
draw_zones(struct html *h, const struct map *m, unsigned band)
{
	for (uint32_t i = 0; i < m->n_boxes; i++) {
		const char *zone = m->boxes[i].first->row->zone;
		double x1 = m->boxes[i].x, x2 = x1 + MAP_BOX_W, y1 = m->boxes[i].y, y2 = y1 + MAP_BOX_H;
		bool first = true, mixed = false;

		if (m->boxes[i].band != band || zone[0] == '\0')
			continue;
		for (uint32_t k = 0; k < m->n_boxes; k++) {
			const struct map_box *b = &m->boxes[k];

			if (b->band != band || strcmp(b->first->row->zone, zone) != 0)
				continue;
			first &= k >= i;
			x1 = fmin(x1, b->x);
			x2 = fmax(x2, b->x + MAP_BOX_W);
			y1 = fmin(y1, b->y);
			y2 = fmax(y2, b->y + MAP_BOX_H);
		}
		for (uint32_t k = 0; k < m->n_boxes; k++)
			mixed |= m->boxes[k].band == band && strcmp(m->boxes[k].first->row->zone, zone) != 0 && m->boxes[k].x >= x1 && m->boxes[k].x < x2;
		if (!first || mixed)
			continue;
		html_f(h, "<rect class=\"zone\" x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"8\"/><text class=\"zone-name\" x=\"%.0f\" y=\"%.0f\">",
		    x1 - 7, y1 - 17, x2 - x1 + 14, y2 - y1 + 24, x1 - 1, y1 - 6);
		put_short(h, zone, 40);
		html_raw(h, "</text>");
	}
}

void
map_draw(struct html *h, const struct map *m)
{
	h->in_svg = true;
	html_f(h, "<svg class=\"map\" viewBox=\"0 0 %.0f %.0f\" role=\"%s\" aria-label=\"Devices by Purdue level and who talks to whom; "
	    "the tables below hold the same\"><defs>", MAP_WIDTH, m->height, m->link ? "group" : "img");
	html_raw(h, "<marker id=\"m-write\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
	    "<path class=\"m-write\" d=\"M0 0l8 4-8 4z\"/></marker>"
	    "<marker id=\"m-attack\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"11\" markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
	    "<path class=\"m-attack\" d=\"M0 0l8 4-8 4z\"/></marker></defs>");
	for (unsigned band = 0; band < MAP_BANDS; band++) {
		if (m->band_height[band] <= 0)
			continue;
		html_f(h, "<rect class=\"band\" x=\"0\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"6\"/><text class=\"band-name\" x=\"14\" y=\"%.0f\">%s</text>",
		    m->band_y[band], MAP_WIDTH, m->band_height[band], m->band_y[band] + m->band_height[band] / 2 + 4, map_band_name(band));
		draw_zones(h, m, band);
	}
	/* What matters most lies on top. */
	for (unsigned turn = 0; turn < 4; turn++)
		for (uint32_t i = 0; i < m->n_lines; i++) {
			const struct map_line *l = &m->lines[i];

			if ((l->attack ? 3u : l->changes ? 2u : l->plant ? 1u : 0u) == turn)
				draw_line(h, m, i);
		}
	for (uint32_t i = 0; i < m->n_boxes; i++)
		draw_box(h, m, &m->boxes[i]);
	html_raw(h, "</svg>");
	h->in_svg = false;
}
