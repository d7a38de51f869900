/* map_route.c - the ways of lines.  From row to row they are curves; a row between is crossed where no box stands. */
#include "web/map_parts.h"

#include <math.h>

#include "base/str.h"

#define APART	4.0	/* between two lines in one gap */
#define EDGE	10.0	/* of the map, beside the outermost boxes */

/* Lines that leave a box on one side are spread over it, in the order of where they go. */
static double
port(const struct map *m, uint32_t box, uint32_t line, bool below)
{
	uint32_t n = 0, at = 0;

	for (uint32_t i = 0; i < m->n_lines; i++) {
		const struct map_line *l = &m->lines[i];
		uint32_t other = l->from == box ? l->to : l->to == box ? l->from : MAP_NONE;

		if (other == MAP_NONE || (m->boxes[other].row > m->boxes[box].row) != below)
			continue;
		if (i != line) {
			uint32_t mine = m->lines[line].from == box ? m->lines[line].to : m->lines[line].from;
			double a = m->boxes[other].x, b = m->boxes[mine].x;

			at += a < b || (a == b && i < line);
		}
		n++;
	}
	return m->boxes[box].x + MAP_BOX_W * (at + 1) / (n + 1);
}

/* Where a line crosses a row, nearest to where it wants to. */
static double
crossing(struct map_row *r, double want)
{
	double best = want, left = 0, right = 0;
	unsigned gap = 0, nth, most;

	for (unsigned i = 0; i <= r->n; i++) {
		double lo = i == 0 ? MAP_MARGIN - EDGE : r->x[i - 1] + MAP_BOX_W, hi = i == r->n ? MAP_WIDTH : r->x[i];
		double x = fmin(fmax(want, lo + 5), hi - 5);

		if (hi - lo < 2 * 5)
			continue;
		if (right <= left || fabs(x - want) < fabs(best - want)) {
			best = x;
			left = lo;
			right = hi;
			gap = i;
		}
	}
	nth = r->lines[gap]++;
	/* A wide gap has space for each where it wants to be. */
	if (right - left > 2 * MAP_GAP_X)
		return best;
	most = (unsigned)((right - left - 6) / APART);
	nth %= most > 0 ? most : 1;
	return (left + right) / 2 + ((nth + 1) / 2) * (nth % 2 ? APART : -APART);
}

/* Its upper edge; a box of many has another behind it. */
static double
top_of(const struct map_box *b)
{
	return b->y - (b->n > 1 ? MAP_BACK : 0);
}

static void
curve(struct strbuf *to, double x1, double y1, double x2, double y2)
{
	double bend = (y2 - y1) * 0.5;

	strbuf_printf(to, "C%.0f %.0f %.0f %.0f %.0f %.0f", x1, y1 + bend, x2, y2 - bend, x2, y2);
}

/* An arc above the row. */
static void
route_level(const struct map *m, uint32_t line, struct map_way *way)
{
	const struct map_line *l = &m->lines[line];
	double x1 = port(m, l->from, line, false), x2 = port(m, l->to, line, false), y = fmin(top_of(&m->boxes[l->from]), top_of(&m->boxes[l->to]));
	double bend = fmin(18 + fabs(x2 - x1) / 40, 32);
	struct strbuf b = strbuf_on(way->path, sizeof(way->path));

	strbuf_printf(&b, "M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f", x1, y, x1, y - bend, x2, y - bend, x2, y);
	way->x = (x1 + x2) / 2;
	way->y = y - 0.75 * bend;
	way->free = false;
}

void
map_route(struct map *m, uint32_t line, struct map_way *way)
{
	const struct map_line *l = &m->lines[line];
	const struct map_box *a = &m->boxes[l->from], *b = &m->boxes[l->to];
	const bool down = b->row > a->row;
	struct strbuf to = strbuf_on(way->path, sizeof(way->path));
	double x, y, x2, y2;

	if (a->row == b->row) {
		route_level(m, line, way);
		return;
	}
	x = port(m, l->from, line, down);
	x2 = port(m, l->to, line, !down);
	y = down ? a->y + MAP_BOX_H : top_of(a);
	y2 = down ? top_of(b) : b->y + MAP_BOX_H;
	way->x = (x + x2) / 2;
	way->y = (y + y2) / 2;
	way->free = a->row + 1 == b->row || b->row + 1 == a->row;
	strbuf_printf(&to, "M%.0f %.0f", x, y);
	for (unsigned row = a->row; (row = down ? row + 1 : row - 1) != b->row;) {
		struct map_row *r = &m->rows[row];
		double enter = down ? r->y : r->y + MAP_BOX_H, leave = down ? r->y + MAP_BOX_H : r->y;
		double through = crossing(r, x + (x2 - x) * (enter - y) / (y2 - y));

		curve(&to, x, y, through, enter);
		strbuf_printf(&to, "V%.0f", leave);
		way->x = x = through;
		way->y = y = leave;
	}
	curve(&to, x, y, x2, y2);
}
