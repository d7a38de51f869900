/* propose.c - what the values of a point look like: which type, in which order of bytes, who writes it. */
#include "process/points.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define SPAN_OF_NOISE	2048u	/* a word whose values are spread so far beside a steady one is the end of a real */
#define STRONG		10u	/* how sure it is that two words are a real */
#define WEAK		4u
#define BCD_CHANGES	12u


/* How sure it is that this word and the next one are a real in this order; 0: they are none. */
static unsigned
is_real(const struct point *x, unsigned order)
{
	const struct point_pair *r = &x->pair[order];
	/* The word that has the last digits. */
	bool behind = order == TAG_ORDER_BIG || order == TAG_ORDER_BYTE_SWAPPED;
	uint32_t span = behind ? (uint32_t)x->next_max - x->next_min : (uint32_t)x->max - (uint32_t)x->min;
	bool flat = behind ? x->next_max == 0 : (uint32_t)x->max == 0;

	if (x->n_pairs == 0 || r->plausible < x->n_pairs || r->nonzero == 0 || r->smooth * 10 < (uint64_t)r->plausible * 8)
		return 0;
	/* Few devices exchange bytes: one value is no proof of that. */
	if (order != TAG_ORDER_BIG && order != TAG_ORDER_WORD_SWAPPED && !(r->min < r->max))
		return 0;
	/* 17000 beside an empty register reads as 58: only in company. */
	if (flat)
		return r->nice == r->nonzero ? WEAK : 0;
	if (r->nice == r->nonzero)
		return STRONG;
	return span >= SPAN_OF_NOISE ? STRONG - 2 : 0;
}

static bool
adjacent(const struct point *x, const struct point *y, unsigned step)
{
	return y != NULL && x->cell == CELL_WORD && y->cell == CELL_WORD && addr_same(&x->addr, &y->addr) && x->proto == y->proto && x->unit == y->unit &&
	    x->place.space == y->place.space && x->place.number == y->place.number && y->place.first == x->place.first + step;
}

static bool
one_unit(const struct point *x, const struct point *y)
{
	return y != NULL && addr_same(&x->addr, &y->addr) && x->proto == y->proto && x->unit == y->unit;
}

static unsigned
step_of(const struct point *x)
{
	return protocols[x->proto]->values->address_bits(x->place.space) == 16 ? 1 : 2;
}

/* Which words of a run begin a real, so that together it is most sure: from the end, best of taking one or two. */
static unsigned
divide(const struct points *p, uint32_t from, uint32_t to, unsigned order, bool weak, uint8_t *begins)
{
	unsigned best[3] = { 0, 0, 0 };	/* from i, i + 1, i + 2 on */

	for (uint32_t i = to; i-- > from; ) {
		const struct point *x = points_at(p, i), *y = i + 1 < to ? points_at(p, i + 1) : NULL;
		unsigned sure = adjacent(x, y, step_of(x)) ? is_real(x, order) : 0, two;

		best[2] = best[1];
		best[1] = best[0];
		two = sure >= (weak ? WEAK : STRONG - 2) ? sure + best[2] : 0;
		best[0] = best[1];
		begins[i - from] = two > best[1];
		if (two > best[1])
			best[0] = two;
	}
	return best[0];
}

#define RUN_MAX	512u

/* ---- notes ------------------------------------------------------------------------------- */

static void
note_who(const struct point *x, struct strbuf *b)
{
	bool command = x->cell == CELL_BIT || (x->has_value && x->whole && x->min >= 0 && x->max <= 1);
	static const struct addr nobody;
	char text[ADDR_TEXT_MAX];

	if (x->writes == 0) {
		strbuf_put(b, x->cell == CELL_BIT ? "state" : "measurement");
		return;
	}
	if (addr_same(&x->writer, &nobody)) {
		strbuf_put(b, command ? "command, written" : "set-point, written");
		return;
	}
	(void)addr_print(&x->writer, text);
	strbuf_printf(b, "%s, written by %s%s", command ? "command" : "set-point", text, x->several_writers ? " and others" : "");
}

static void
note_values(const struct point *x, double low, double high, struct strbuf *b)
{
	char one[REAL_TEXT_MAX + 1], other[REAL_TEXT_MAX + 1];

	if (!x->has_value) {
		strbuf_put(b, "; what it was is not remembered");
		return;
	}
	*real_print_single(one, (float)low) = '\0';
	*real_print_single(other, (float)high) = '\0';
	if (x->remembered && low < high) {
		strbuf_printf(b, "; %s to %s, seen %" PRIu64 " times", one, other, x->reads + x->writes);
		return;
	}
	if (low < high)
		strbuf_printf(b, "; %s to %s, %" PRIu64 " changes in %" PRIu64, one, other, x->changes, x->reads + x->writes);
	else
		strbuf_printf(b, "; always %s", one);
	if (x->cell != CELL_BIT && x->writes == 0 && x->ups == x->changes && x->changes >= 3 && x->whole)
		strbuf_put(b, "; only grows: a counter");
}

static void
note_word(const struct point *x, const struct tag_form *f, struct strbuf *b)
{
	unsigned varied = x->ever & (unsigned)~x->always;

	if (f->type != TAG_UINT16 || x->changes == 0)
		return;
	if (x->ever == 1)
		strbuf_put(b, "; 0 and 1: like a bit");
	else if (x->changes >= 3 && x->single_flips == x->changes && (varied & (varied - 1)) != 0)
		strbuf_printf(b, "; bits change one by one: like a field of bits (%04x)", x->ever);
}

/* ---- types ------------------------------------------------------------------------------- */

static struct tag_form
form_of_word(const struct point *x)
{
	struct tag_form f = { .type = TAG_UINT16 };

	if (x->bcd && x->carried && x->changes >= BCD_CHANGES)
		f.type = TAG_BCD16;
	/* Small numbers on both sides of 0, or only below it. */
	else if ((x->max >= 0xf000 && x->min < 0x1000) || x->min >= 0xfc00)
		f.type = TAG_INT16;
	return f;
}

struct giving {
	const struct points *p;
	void		(*to)(void *arg, const struct proposed *x);
	void		*arg;
};

/* Some write in bytes what others read by its type: who writes is that of both. */
static void
add_writer(const struct points *p, uint32_t i, struct point *x)
{
	for (int step = -1; step <= 1; step += 2)
		for (uint32_t k = i + (uint32_t)step; points_at(p, k) != NULL; k += (uint32_t)step) {
			const struct point *y = points_at(p, k);

			if (!one_unit(x, y) || y->place.space != x->place.space || y->place.number != x->place.number || y->place.first != x->place.first)
				break;
			if ((y->cell != CELL_WORD && (y->cell != CELL_TYPED || y->place.bytes != 1)) || y->writes == 0)
				continue;
			if (x->writes == 0)
				x->writer = y->writer;
			x->writes += y->writes;
		}
}

static void
give(const struct giving *g, const struct point *x, struct tag_form f, double low, double high)
{
	struct proposed out = { .of = x, .tag = { .addr = x->addr, .proto = x->proto, .unit_number = x->unit, .place = x->place, .form = f,
	    .scale = 1 } };
	struct strbuf b = strbuf_on(out.note, sizeof(out.note));
	const struct protocol_values *values = protocols[x->proto]->values;

	/* What has no number for its units is the device itself. */
	out.tag.any_unit = values->unit == NULL;
	if (x->cell == CELL_WORD && step_of(x) == 2)
		out.tag.place.bytes = (uint8_t)(tag_form_bits(&f) / 8);
	note_who(x, &b);
	note_values(x, low, high, &b);
	if (x->cell == CELL_WORD)
		note_word(x, &f, &b);
	g->to(g->arg, &out);
}

/* Two words that are one whole number: the first changes where the second wraps. */
static bool
is_long(const struct point *x, const struct point *y)
{
	return adjacent(x, y, step_of(x)) && x->carries > 0 && x->breaks == 0 && y->changes > x->changes;
}

static void
give_word(const struct giving *g, const struct point *x)
{
	struct tag_form f = form_of_word(x);
	bool below = f.type == TAG_INT16;

	give(g, x, f, below && x->min < 0x8000 && x->max >= 0x8000 ? x->max - 65536 : below ? x->min - 65536 : x->min,
	    below && x->min < 0x8000 ? x->min : below ? x->max - 65536 : x->max);
}

static bool
is_empty(const struct point *x)
{
	return x->ever == 0 && x->writes == 0;
}

static void
give_empty(const struct giving *g, const struct point *x, uint32_t n)
{
	struct proposed out = { .of = x, .tag = { .addr = x->addr, .proto = x->proto, .unit_number = x->unit, .place = x->place, .form.type = TAG_UINT16,
	    .any_unit = protocols[x->proto]->values->unit == NULL, .scale = 1 }, .empty = n };
	struct strbuf b = strbuf_on(out.note, sizeof(out.note));

	if (step_of(x) == 2)
		out.tag.place.bytes = 2;
	strbuf_put(&b, "always 0");
	g->to(g->arg, &out);
}

static void
give_run(const struct giving *g, uint32_t from, uint32_t to, unsigned order)
{
	uint8_t begins[RUN_MAX] = { 0 };

	if (order != TAG_ORDER_COUNT)
		(void)divide(g->p, from, to, order, true, begins);
	for (uint32_t i = from; i < to; i++) {
		const struct point *x = points_at(g->p, i), *y = i + 1 < to ? points_at(g->p, i + 1) : NULL;

		if (begins[i - from] != 0) {
			struct tag_form f = { .type = TAG_FLOAT32, .order = (uint8_t)order };
			struct point both = *x;

			both.changes = x->changes > y->changes ? x->changes : y->changes;
			both.whole = false;
			give(g, &both, f, x->pair[order].min, x->pair[order].max);
			i++;
		} else if (is_long(x, y)) {
			struct point both = *x;

			both.changes = y->changes;
			both.ups = x->ups == x->changes && y->ups + x->ups >= y->changes ? y->changes : 0;
			give(g, &both, (struct tag_form){ .type = TAG_UINT32 }, x->min * 65536 + (x->min < x->max ? 0 : y->min), x->max * 65536 + (x->min < x->max ? y->last : y->max));
			i++;
		} else if (is_empty(x)) {
			uint32_t k = i;

			/* Registers of tables are read with what lies between them. */
			while (k + 1 < to && is_empty(points_at(g->p, k + 1)) && begins[k + 1 - from] == 0)
				k++;
			give_empty(g, x, k - i + 1);
			i = k;
		} else
			give_word(g, x);
	}
}

/* The run of words that begins here: neighbours in one block. */
static uint32_t
run_end(const struct points *p, uint32_t from)
{
	uint32_t to = from + 1;

	while (to - from < RUN_MAX && adjacent(points_at(p, to - 1), points_at(p, to), step_of(points_at(p, from))))
		to++;
	return to;
}

/* The order that most of the unit's reals have: a device does not mix them. */
static unsigned
order_of(const struct points *p, uint32_t from)
{
	unsigned sum[TAG_ORDER_COUNT] = { 0 }, best = TAG_ORDER_COUNT, most = 0;
	uint8_t begins[RUN_MAX];

	/* Bytes of a data block lie as its processor has them: big end first. */
	if (step_of(points_at(p, from)) == 2)
		for (uint32_t i = from; one_unit(points_at(p, from), points_at(p, i)); i++)
			if (points_at(p, i)->form.type == TAG_FLOAT32)
				sum[TAG_ORDER_BIG] = STRONG;
	for (uint32_t i = from; one_unit(points_at(p, from), points_at(p, i)); ) {
		uint32_t to = run_end(p, i);

		for (unsigned o = 0; o < (step_of(points_at(p, i)) == 2 ? 1 : TAG_ORDER_COUNT) && points_at(p, i)->cell == CELL_WORD; o++)
			sum[o] += divide(p, i, to, o, false, begins);
		i = to;
	}
	for (unsigned o = 0; o < TAG_ORDER_COUNT; o++)
		if (sum[o] > most) {
			most = sum[o];
			best = o;
		}
	return best;
}

#define NEAR	16u	/* points around one within which those lie that reach into it */

/* Does this one, which has a type from its message, reach into a word, or take a byte with it? */
static bool
covers(const struct point *y, const struct point *x)
{
	uint32_t size = x->cell == CELL_WORD ? 2 : 1;

	return y->cell == CELL_TYPED && (x->cell == CELL_WORD || y->place.bytes > 1) && one_unit(x, y) && y->place.space == x->place.space &&
	    y->place.number == x->place.number && y->place.first < x->place.first + size && y->place.first + y->place.bytes > x->place.first;
}

/* A word, or a byte of a block, which is a part of what others read by its type. */
static bool
covered(const struct points *p, uint32_t i)
{
	const struct point *x = points_at(p, i);

	if (step_of(x) != 2 || (x->cell != CELL_WORD && (x->cell != CELL_TYPED || x->place.bytes != 1)))
		return false;
	for (uint32_t k = i > NEAR ? i - NEAR : 0; k <= i + NEAR && points_at(p, k) != NULL; k++)
		if (k != i && covers(points_at(p, k), x))
			return true;
	return false;
}

/* Are these two at one address, which a device sent as values of two types? */
static bool
one_address(const struct point *x, const struct point *y)
{
	const struct protocol_values *values = protocols[x->proto]->values;
	char one[OP_ADDRESS_MAX], other[OP_ADDRESS_MAX];

	if (!one_unit(x, y) || x->cell == CELL_WORD || y->cell == CELL_WORD || x->place.space != y->place.space || x->place.first != y->place.first)
		return false;
	values->print(&x->place, one);
	values->print(&y->place, other);
	return strcmp(one, other) == 0;
}

/* Of the points at the address of the i-th the one that was seen most; *end is behind them. */
static const struct point *
most_seen(const struct points *p, uint32_t *i, uint32_t *end)
{
	const struct point *best = points_at(p, *i);

	for (uint32_t k = *i + 1; one_address(best, points_at(p, k)); k++) {
		const struct point *x = points_at(p, k);

		*end = k + 1;
		if (x->reads + x->writes > best->reads + best->writes) {
			best = x;
			*i = k;
		}
	}
	return best;
}

void
points_propose(const struct points *p, void (*to)(void *arg, const struct proposed *x), void *arg)
{
	const struct giving g = { p, to, arg };
	unsigned order = TAG_ORDER_COUNT;
	const struct point *x;
	uint32_t end;

	for (uint32_t i = 0; (x = points_at(p, i)) != NULL; i = end) {
		end = i + 1;
		if (i == 0 || !one_unit(points_at(p, i - 1), x))
			order = order_of(p, i);
		if (covered(p, i))
			continue;
		if (x->cell != CELL_WORD) {
			struct point both;

			x = most_seen(p, &i, &end);
			both = *x;
			add_writer(p, i, &both);
			give(&g, &both, x->form, x->min, x->max);
		} else {
			end = run_end(p, i);
			for (uint32_t k = i + 1; k < end; k++)
				if (covered(p, k))
					end = k;
			give_run(&g, i, end, order);
		}
	}
}
