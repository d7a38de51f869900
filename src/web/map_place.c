/* map_place.c - where boxes stand. */
#include "web/map_parts.h"

#include <stdlib.h>
#include <string.h>

#define PAD	30.0	/* of a band, above and below */
#define SPACE	6.0	/* between bands */
#define PASSES	4u	/* boxes go to their peers, which go to theirs */

/* ---- blocks of a band --------------------------------------------------------------------- */

/* A box that is its whole zone needs no frame. */
static bool
has_frame(const struct map *m, const struct map_box *b)
{
	if (b->zone[0] == '\0' || b->n == 1)
		return b->zone[0] != '\0';
	for (uint32_t i = 0; i < m->n_boxes; i++)
		if (&m->boxes[i] != b && m->boxes[i].band == b->band && strcmp(m->boxes[i].zone, b->zone) == 0)
			return true;
	return false;
}

static unsigned
columns_of(const struct map_block *b, unsigned rows)
{
	return (b->n + rows - 1) / rows;
}

unsigned
map_blocks(struct map *m, unsigned band, struct map_block blocks[MAP_BLOCKS], unsigned *n)
{
	*n = 0;
	for (uint32_t i = 0; i < m->n_boxes; i++) {
		struct map_box *b = &m->boxes[i];
		const char *zone = b->band == band && has_frame(m, b) ? b->zone : "";

		if (b->band != band)
			continue;
		for (b->block = 0; b->block < *n && strcmp(blocks[b->block].zone, zone) != 0; b->block++)
			;
		if (b->block == MAP_BLOCKS)
			return 0;
		if (b->block == *n)
			blocks[(*n)++] = (struct map_block){ .zone = zone };
		blocks[b->block].n++;
	}
	for (unsigned rows = 1; *n > 0 && rows <= MAP_ROWS; rows++) {
		unsigned sum = 0;

		for (unsigned i = 0; i < *n; i++)
			sum += columns_of(&blocks[i], rows);
		if (sum <= MAP_COLS)
			return rows;
	}
	return 0;
}

/* All in one, without frames. */
static unsigned
one_block(struct map *m, unsigned band, struct map_block *block)
{
	*block = (struct map_block){ .zone = "" };
	for (uint32_t i = 0; i < m->n_boxes; i++)
		if (m->boxes[i].band == band) {
			m->boxes[i].block = 0;
			block->n++;
		}
	return (block->n + MAP_COLS - 1) / MAP_COLS;	/* of an empty band: 0 */
}

/* ---- places --------------------------------------------------------------------------------- */

struct placed { const struct map_block *of; double want; uint32_t box; };

/* By block, in each by where the peers are. */
static int
by_want(const void *x, const void *y)
{
	const struct placed *a = x, *b = y;
	int d = (a->of->want > b->of->want) - (a->of->want < b->of->want);

	if (d == 0)
		d = (a->of > b->of) - (a->of < b->of);
	if (d == 0)
		d = (a->want > b->want) - (a->want < b->want);
	return d != 0 ? d : (a->box > b->box) - (a->box < b->box);
}

static uint32_t
list_band(const struct map *m, unsigned band, struct map_block *blocks, struct placed list[MAP_BAND_BOXES])
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n_boxes; i++) {
		const struct map_box *b = &m->boxes[i];

		if (b->band != band)
			continue;
		list[n++] = (struct placed){ &blocks[b->block], b->want, i };
		blocks[b->block].want += b->want / blocks[b->block].n;
	}
	qsort(list, n, sizeof(list[0]), by_want);
	return n;
}

/* Columns go on from block to block; in a block neighbours share one. */
static void
place_band(struct map *m, unsigned band, double y)
{
	struct map_block blocks[MAP_BLOCKS], *of = NULL;
	struct placed list[MAP_BAND_BOXES];
	unsigned n_blocks, rows = map_blocks(m, band, blocks, &n_blocks), all = 0, column = 0;
	uint32_t n, at = 0;

	if (rows == 0) {
		rows = one_block(m, band, blocks);
		n_blocks = 1;
	}
	for (unsigned i = 0; i < n_blocks && rows > 0; i++)
		all += columns_of(&blocks[i], rows);
	n = list_band(m, band, blocks, list);
	for (uint32_t i = 0; i < n; i++, at++) {
		struct map_box *b = &m->boxes[list[i].box];

		if (list[i].of != of) {
			column += of != NULL ? columns_of(of, rows) : 0;
			of = &blocks[b->block];
			at = 0;
		}
		b->x = MAP_MARGIN + (MAP_COLS - all) * (MAP_BOX_W + MAP_GAP_X) / 2 + (column + at / rows) * (MAP_BOX_W + MAP_GAP_X);
		b->y = y + PAD + at % rows * (MAP_BOX_H + MAP_GAP_Y);
		b->row = m->n_rows + at % rows;
	}
	m->n_rows += rows;
	m->band_y[band] = y;
	m->band_height[band] = rows == 0 ? 0 : 2 * PAD + rows * MAP_BOX_H + (rows - 1) * MAP_GAP_Y;
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

/* What stands in a row, from the left. */
static void
note_rows(struct map *m)
{
	memset(m->rows, 0, sizeof(m->rows));
	for (uint32_t i = 0; i < m->n_boxes; i++) {
		struct map_row *r = &m->rows[m->boxes[i].row];
		unsigned at = r->n++;

		for (; at > 0 && r->x[at - 1] > m->boxes[i].x; at--)
			r->x[at] = r->x[at - 1];
		r->x[at] = m->boxes[i].x;
		r->y = m->boxes[i].y;
	}
}

void
map_place(struct map *m)
{
	for (unsigned pass = 0; pass < PASSES; pass++) {
		double y = 0;

		m->n_rows = 0;
		for (unsigned band = 0; band < MAP_BANDS; band++) {
			place_band(m, band, y);
			y += m->band_height[band] > 0 ? m->band_height[band] + SPACE : 0;
		}
		m->height = y;
		wishes(m);
	}
	note_rows(m);
}
