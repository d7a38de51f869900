/* set.c - a set of tags: made of rows, searched by address and name. */
#include "process/decode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const columns[] = {
#define TAG_COLUMN(id, word, what) word,
#include "process/tag_types.def"
};

/* As alarm systems call limits. */
static const struct { const char *word; enum tag_column column; } also[] = {
	{ "ll", TAG_COL_LOW_LOW }, { "lolo", TAG_COL_LOW_LOW }, { "l", TAG_COL_LOW }, { "lo", TAG_COL_LOW },
	{ "h", TAG_COL_HIGH }, { "hi", TAG_COL_HIGH }, { "hh", TAG_COL_HIGH_HIGH }, { "hihi", TAG_COL_HIGH_HIGH },
};

const char *
tag_column_name(enum tag_column c)
{
	return columns[c];
}

enum tag_column
tag_column_find(const char *name, const char **near)
{
	unsigned least = UINT32_MAX;

	*near = NULL;
	for (unsigned i = 0; i < COUNTOF(columns); i++) {
		unsigned d = str_distance(name, columns[i]);

		if (strcasecmp(name, columns[i]) == 0)
			return (enum tag_column)i;
		if (d < least && d <= 1 + strlen(name) / 3) {
			least = d;
			*near = columns[i];
		}
	}
	for (size_t i = 0; i < COUNTOF(also); i++)
		if (strcasecmp(name, also[i].word) == 0)
			return also[i].column;
	/* Headers have blanks and underscores where ours has a hyphen. */
	if (strcasecmp(name, "dead_band") == 0 || strcasecmp(name, "deadband") == 0 || strcasecmp(name, "dead band") == 0)
		return TAG_COL_DEAD_BAND;
	return TAG_COLUMN_COUNT;
}

struct tags *
tags_none(void)
{
	return calloc(1, sizeof(struct tags));
}

void
tags_close(struct tags *t)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		free((void *)t->tag[i].name);
		free((void *)t->tag[i].unit);
		free((void *)t->tag[i].group);
	}
	free(t->tag);
	free(t->device);
	free(t);
}

size_t
tags_memory(const struct tags *t)
{
	size_t n = sizeof(*t) + t->space * sizeof(*t->tag) + t->n_devices * sizeof(*t->device);

	for (uint32_t i = 0; i < t->n; i++)
		n += strlen(t->tag[i].name) + strlen(t->tag[i].unit) + strlen(t->tag[i].group) + 3;
	return n;
}

const struct tag_device *
tags_device(const struct tags *t, const struct addr *a)
{
	uint32_t low = 0, high = t->n_devices;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int d = memcmp(t->device[mid].addr.b, a->b, sizeof(a->b));

		if (d == 0)
			return &t->device[mid];
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct tag *
tags_named(const struct tags *t, const char *name, size_t n)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (strncasecmp(t->tag[i].name, name, n) == 0 && t->tag[i].name[n] == '\0')
			return &t->tag[i];
	return NULL;
}

const char *
tags_nearest(const struct tags *t, const char *name)
{
	unsigned least = 2 + (unsigned)strlen(name) / 4;
	const char *best = NULL;

	for (uint32_t i = 0; i < t->n; i++) {
		unsigned d = str_distance(name, t->tag[i].name);

		if (d < least) {
			least = d;
			best = t->tag[i].name;
		}
	}
	return best;
}

/* ---- rows ---- */

struct adding {
	const char		*path;
	const struct tag_row	*row;
	struct err		*e;
	bool			 ok;
};

#define wrong(a, c, ...) \
	((a)->ok = false, err_add((a)->e, (a)->path, (a)->row->line[c], (a)->row->column[c], __VA_ARGS__))

static void
take_number(struct adding *a, enum tag_column c, bool *has, double *to)
{
	const char *text = a->row->text[c];

	if (text == NULL || text[0] == '\0')
		return;
	if (has != NULL)
		*has = true;
	if (!real_read(text, strlen(text), to))
		wrong(a, c, "%s: '%s' is no number, as in 0.01", columns[c], text);
}

static const char *
take_text(struct adding *a, enum tag_column c)
{
	const char *text = a->row->text[c];
	char *copy;

	if (text == NULL)
		text = "";
	if (strlen(text) > TAG_NAME_MAX)
		wrong(a, c, "%s is longer than %u bytes", columns[c], TAG_NAME_MAX);
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 127 || *p == '"') {
			wrong(a, c, "%s has a control character or a quotation mark in it", columns[c]);
			break;
		}
	copy = strdup(text);
	if (copy == NULL)
		wrong(a, c, "not enough memory");
	return copy;
}

static void
take_form(struct adding *a, struct tag *t, bool placed)
{
	const char *type = a->row->text[TAG_COL_TYPE], *order = a->row->text[TAG_COL_ORDER];
	bool typed = type != NULL && type[0] != '\0', good = placed;
	char what[512];
	struct strbuf why = strbuf_on(what, sizeof(what));

	if (typed && !tag_form_read(type, &t->form, &why)) {
		wrong(a, TAG_COL_TYPE, "type: '%s' %s", type, what);
		good = false;
	}
	why = strbuf_on(what, sizeof(what));
	if (order != NULL && order[0] != '\0' && !tag_order_read(order, &t->form.order, &why)) {
		wrong(a, TAG_COL_ORDER, "order: '%s' %s", order, what);
		good = false;
	}
	why = strbuf_on(what, sizeof(what));
	if (good && !tag_form_fits(&t->form, (enum op_proto)t->proto, &t->place, &why))
		wrong(a, typed ? TAG_COL_TYPE : TAG_COL_ADDRESS, "%s", what);
}

static void
take_flag(struct adding *a, enum tag_column c, bool *to)
{
	const char *text = a->row->text[c];

	if (text == NULL || text[0] == '\0')
		return;
	*to = strcasecmp(text, "yes") == 0 || strcasecmp(text, "true") == 0;
	if (!*to && strcasecmp(text, "no") != 0 && strcasecmp(text, "false") != 0)
		wrong(a, c, "%s: yes or no, not '%s'", columns[c], text);
}

/* "0.05", "2 % of span", "2 % of value". */
static void
take_dead_band(struct adding *a, struct tag *t)
{
	const char *text = a->row->text[TAG_COL_DEAD_BAND], *of;
	size_t n;

	if (text == NULL || (of = strchr(text, '%')) == NULL) {
		take_number(a, TAG_COL_DEAD_BAND, NULL, &t->dead_band);
		if (t->dead_band < 0)
			wrong(a, TAG_COL_DEAD_BAND, "dead-band is below 0");
		return;
	}
	for (n = (size_t)(of - text); n > 0 && text[n - 1] == ' '; n--)
		;
	if (!real_read(text, n, &t->dead_band) || t->dead_band < 0 || t->dead_band > 100)
		wrong(a, TAG_COL_DEAD_BAND, "dead-band: '%.*s' is no number from 0 to 100 of percent", (int)n, text);
	of++;
	if (place_word(&of, "of") && place_word(&of, "span") && place_end(of)) {
		if (!(tag_span(t) > 0))
			wrong(a, TAG_COL_DEAD_BAND, "dead-band: without low and high there is no span that it is a part of");
		t->dead_band *= tag_span(t) / 100;
		return;
	}
	of = strchr(text, '%') + 1;
	if (!place_word(&of, "of") || !place_word(&of, "value") || !place_end(of))
		wrong(a, TAG_COL_DEAD_BAND, "dead-band: '%s' does not say of what: '%% of span' (between low and high) or '%% of value'", text);
	t->dead_band_part = t->dead_band * 10;
	t->dead_band = 0;
}

static void
take_limits(struct adding *a, struct tag *t)
{
	t->scale = 1;
	take_number(a, TAG_COL_SCALE, NULL, &t->scale);
	take_number(a, TAG_COL_OFFSET, NULL, &t->offset);
	for (unsigned i = 0; i < TAG_LIMITS; i++)
		take_number(a, (enum tag_column)(TAG_COL_LOW_LOW + i), &t->has_limit[i], &t->limit[i]);
	t->is_scaled = fpclassify(t->scale - 1) != FP_ZERO || fpclassify(t->offset) != FP_ZERO;
	if (fpclassify(t->scale) == FP_ZERO)
		wrong(a, TAG_COL_SCALE, "scale is 0: every value would be the same");
	for (unsigned i = 0, k; i < TAG_LIMITS; i++) {
		for (k = i + 1; k < TAG_LIMITS && !t->has_limit[k]; k++)
			;
		if (k < TAG_LIMITS && t->has_limit[i] && t->limit[i] > t->limit[k])
			wrong(a, TAG_COL_LOW_LOW + i, "%s is above %s", columns[TAG_COL_LOW_LOW + i], columns[TAG_COL_LOW_LOW + k]);
	}
	take_dead_band(a, t);
}

static bool
grow(struct tags *t)
{
	uint32_t space = t->space > 0 ? 2 * t->space : 64;
	struct tag *more;

	if (t->n < t->space)
		return true;
	more = realloc(t->tag, space * sizeof(*more));
	if (more == NULL)
		return false;
	t->tag = more;
	t->space = space;
	return true;
}

bool
tags_add(struct tags *t, const char *path, const struct tag_row *row, struct err *e)
{
	struct adding a = { path, row, e, true };
	const char *address = row->text[TAG_COL_ADDRESS], *name = row->text[TAG_COL_NAME];
	struct tag tag = { .line = row->at_line, .column = row->at_column };
	char what[512];
	struct strbuf why = strbuf_on(what, sizeof(what));
	bool placed = false;

	if (t->n == TAGS_MAX || !grow(t)) {
		if (t->n != TAGS_MAX || e->n == 0 || e->last->line == 0)
			err_add(e, path, row->at_line, row->at_column, t->n == TAGS_MAX ? "more than %u tags" : "not enough memory for %u tags", TAGS_MAX);
		return false;
	}
	if (name == NULL || name[0] == '\0') {
		err_add(e, path, row->at_line, row->at_column, "a tag without a name");
		a.ok = false;
	}
	if (address == NULL || address[0] == '\0') {
		err_add(e, path, row->at_line, row->at_column, "a tag without an address, as in '10.20.1.12 unit 1 holding 0'");
		a.ok = false;
	} else if (!(placed = tag_address_read(address, &tag, &why)))
		wrong(&a, TAG_COL_ADDRESS, "address: %s", what);
	take_form(&a, &tag, placed);
	take_limits(&a, &tag);
	take_flag(&a, TAG_COL_EXPORT, &tag.exported);
	tag.name = take_text(&a, TAG_COL_NAME);
	tag.unit = take_text(&a, TAG_COL_UNIT);
	tag.group = take_text(&a, TAG_COL_GROUP);
	if (a.ok) {
		t->tag[t->n++] = tag;
		return true;
	}
	free((void *)tag.name);
	free((void *)tag.unit);
	free((void *)tag.group);
	return false;
}

/* ---- order ---- */

#define COMPARE(x, y) if ((x) != (y)) return (x) < (y) ? -1 : 1

static int
by_place(const void *a, const void *b)
{
	const struct tag *x = a, *y = b;
	int d = memcmp(x->addr.b, y->addr.b, sizeof(x->addr.b));

	if (d != 0)
		return d;
	COMPARE(x->proto, y->proto);
	COMPARE(x->any_unit, y->any_unit);
	COMPARE(x->unit_number, y->unit_number);
	COMPARE(x->place.space, y->place.space);
	COMPARE(x->place.number, y->place.number);
	COMPARE(x->place.first, y->place.first);
	COMPARE(x->place.bit, y->place.bit);
	COMPARE(x->form.type, y->form.type);
	COMPARE(x->line, y->line);
	COMPARE(x->column, y->column);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct tag *const *x = a, *const *y = b;
	int d = strcasecmp((*x)->name, (*y)->name);

	if (d != 0)
		return d;
	COMPARE((*x)->line, (*y)->line);
	COMPARE((*x)->column, (*y)->column);
	return 0;
}

static void
refuse_twice(const struct tags *t, const char *path, const struct tag **sorted, struct err *e)
{
	for (uint32_t i = 0; i < t->n; i++)
		sorted[i] = &t->tag[i];
	if (t->n > 1)
		qsort(sorted, t->n, sizeof(*sorted), by_name);
	for (uint32_t i = 1; i < t->n; i++)
		if (strcasecmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			err_add(e, path, sorted[i]->line, sorted[i]->column, "the name '%s' is that of the tag in line %d, too",
			    sorted[i]->name, sorted[i - 1]->line);
}

int
tags_made(struct tags *t, const char *path, struct err *e)
{
	const struct tag **sorted = calloc(t->n + 1, sizeof(*sorted));
	int before = e->n;

	t->device = calloc(t->n + 1, sizeof(*t->device));
	if (sorted == NULL || t->device == NULL) {
		free(sorted);
		err_add(e, path, 0, 0, "not enough memory for %u tags", t->n);
		return -1;
	}
	refuse_twice(t, path, sorted, e);
	free(sorted);
	if (t->n > 1)
		qsort(t->tag, t->n, sizeof(*t->tag), by_place);
	for (uint32_t i = 0; i < t->n; i++) {
		struct tag *x = &t->tag[i];
		struct tag_device *d = t->n_devices > 0 ? &t->device[t->n_devices - 1] : NULL;

		x->index = i;
		if (d == NULL || !addr_same(&d->addr, &x->addr)) {
			d = &t->device[t->n_devices++];
			*d = (struct tag_device){ .addr = x->addr, .from = i };
		}
		d->n++;
		d->any |= x->any_unit;
		d->numbered |= !x->any_unit;
	}
	return e->n == before ? 0 : -1;
}

/* ---- by their place --------------------------------------------------------------------- */

static bool
before(const struct tag *t, uint8_t proto, uint32_t unit, const struct op_place *at, uint64_t first)
{
	uint32_t of = t->any_unit ? ANY_UNIT : t->unit_number;

	if (t->proto != proto)
		return t->proto < proto;
	if (of != unit)
		return of < unit;
	if (t->place.space != at->space)
		return t->place.space < at->space;
	if (t->place.number != at->number)
		return t->place.number < at->number;
	return t->place.first < first;
}

uint32_t
tags_from(const struct tags *t, const struct tag_device *d, uint8_t proto, uint32_t unit, const struct op_place *at, uint64_t first)
{
	uint32_t low = d->from, high = low + d->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (before(&t->tag[mid], proto, unit, at, first))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Addresses that its value takes. */
static unsigned
addresses_of(const struct tag *t, unsigned address_bits)
{
	unsigned bits = t->form.type == TAG_BITS && t->place.bytes > 0 ? 8u * t->place.bytes : tag_form_bits(&t->form);

	return address_bits == 0 || bits <= address_bits ? 1 : bits / address_bits;
}

const struct tag *
tags_over(const struct tags *t, const struct tag_device *d, uint8_t proto, uint32_t unit, const struct op_place *at, const struct tag *behind)
{
	unsigned address_bits = protocols[proto]->values->address_bits(at->space), n = at->bytes > 1 && address_bits == 8 ? at->bytes : 1;
	uint64_t first = at->first > 7 && address_bits > 1 ? at->first - 7 : address_bits > 1 ? 0 : at->first;
	bool past = behind == NULL;

	for (unsigned any = 0; any < 2; any++)
		for (uint32_t i = tags_from(t, d, proto, any ? ANY_UNIT : unit, at, first); i < d->from + d->n; i++) {
			const struct tag *x = &t->tag[i];

			if (x->proto != proto || x->any_unit != any || (!any && x->unit_number != unit) || x->place.space != at->space ||
			    x->place.number != at->number || x->place.first >= (uint64_t)at->first + n)
				break;
			if (x->place.first + addresses_of(x, address_bits) <= at->first ||
			    (x->form.type == TAG_BOOL && address_bits > 1 && (!at->has_bit || x->place.bit != at->bit)))
				continue;
			if (past)
				return x;
			past = x == behind;
		}
	return NULL;
}

/* Would the same bytes be the same value?  What was known in another unit is of no use. */
static bool
same_meaning(const struct tag *x, const struct tag *y)
{
	return x->form.type == y->form.type && x->form.order == y->form.order && x->form.low_bit == y->form.low_bit && x->form.n_bits == y->form.n_bits &&
	    fpclassify(x->scale - y->scale) == FP_ZERO && fpclassify(x->offset - y->offset) == FP_ZERO && strcmp(x->unit, y->unit) == 0;
}

const struct tag *
tags_same(const struct tags *t, const struct tag *of)
{
	const struct tag_device *d = tags_device(t, &of->addr);

	for (uint32_t i = 0; d != NULL && i < d->n; i++) {
		const struct tag *x = &t->tag[d->from + i];

		if (x->proto == of->proto && x->any_unit == of->any_unit && x->unit_number == of->unit_number &&
		    x->place.space == of->place.space && x->place.number == of->place.number && x->place.first == of->place.first &&
		    x->place.bit == of->place.bit && same_meaning(x, of) && strcasecmp(x->name, of->name) == 0)
			return x;
	}
	return NULL;
}
