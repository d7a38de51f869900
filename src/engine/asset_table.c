/* asset_table.c - devices as a table that fits the terminal. */
#include "engine/asset_rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "asset/same.h"
#include "base/shown.h"
#include "base/str.h"

#define COLUMNS		6u
#define GAP		2u	/* blanks between two */
#define LEAST		8u	/* no column is cut below that; the first is never cut */
#define CELL		(4u * ATTRIBUTE_MAX)

static const char *const titles[COLUMNS] = { "ADDRESS", "VENDOR", "MODEL", "FIRMWARE", "ROLE", "PROTOCOLS" };

static void
cells_of(const struct device *d, char protocols_[ASSET_PROTOCOLS], const char *cells[COLUMNS])
{
	cells[0] = d->id;
	cells[1] = device_text(d, ATTR_VENDOR);
	cells[2] = device_model(d);
	cells[3] = device_firmware(d);
	cells[4] = d->n_roles > 0 ? role_rows[d->roles[0].role].text : "";
	cells[5] = asset_protocols(d, protocols_);
}

/* Of the terminal that standard output is; 0: it is none. */
static size_t
columns_there(void)
{
	struct winsize w;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 ? w.ws_col : 0;
}

static void
fit(size_t widths[COLUMNS], size_t most)
{
	size_t all = GAP * (COLUMNS - 1);

	for (unsigned i = 0; i < COLUMNS; i++)
		all += widths[i];
	while (all > most) {
		unsigned widest = 1;

		for (unsigned i = 2; i < COLUMNS; i++)
			if (widths[i] > widths[widest])
				widest = i;
		if (widths[widest] <= LEAST)
			return;
		widths[widest]--;
		all--;
	}
}

static void
put_row(FILE *to, const char *indent, const char *const cells[COLUMNS], const size_t widths[COLUMNS])
{
	char text[CELL];
	size_t blanks = 0;

	fputs(indent, to);
	for (unsigned i = 0; i < COLUMNS; i++) {
		struct strbuf s = strbuf_on(text, sizeof(text));
		size_t width = shown_width(cells[i]);

		shown_put(&s, cells[i], widths[i]);
		if (text[0] != '\0') {	/* no blanks at the end of a line */
			fprintf(to, "%*s%s", (int)blanks, "", text);
			blanks = 0;
		}
		blanks += widths[i] - (width < widths[i] ? width : widths[i]) + GAP;
	}
	fputc('\n', to);
}

uint32_t
assets_table(struct asset_rows *r, const char *indent, bool headed, uint32_t most, FILE *to)
{
	const uint32_t n = r->n < most ? r->n : most;
	size_t widths[COLUMNS] = { 0 }, there = columns_there();
	const char *cells[COLUMNS];
	char protocols_[ASSET_PROTOCOLS];

	for (unsigned k = 0; k < COLUMNS && headed; k++)
		widths[k] = strlen(titles[k]);
	for (uint32_t i = 0; i < n; i++) {
		cells_of(asset_row(r, i), protocols_, cells);
		for (unsigned k = 0; k < COLUMNS; k++) {
			size_t width = shown_width(cells[k]);

			widths[k] = width > widths[k] ? width : widths[k];
		}
	}
	if (there > 0)
		fit(widths, there - strlen(indent));
	if (headed)
		put_row(to, indent, titles, widths);
	for (uint32_t i = 0; i < n; i++) {
		cells_of(asset_row(r, i), protocols_, cells);
		put_row(to, indent, cells, widths);
	}
	return n;
}

/* ---- what contradicts itself ------------------------------------------------------------------- */

static void
put_shown(FILE *to, const char *text)
{
	char shown[CELL];
	struct strbuf s = strbuf_on(shown, sizeof(shown));

	shown_put(&s, text, SIZE_MAX);
	fputs(shown, to);
}

/* Who says the same as the i-th value, in another spelling perhaps: "szl, lldp". */
static void
put_sources(FILE *to, const struct device *d, uint32_t i)
{
	const char *comma = " (";

	for (uint32_t k = i; k < d->n_values; k++)
		if (d->values[k].key == d->values[i].key && value_same((enum attribute_key)d->values[i].key, d->values[k].value, d->values[i].value)) {
			fprintf(to, "%s%s", comma, attribute_sources[d->values[k].source].text);
			comma = ", ";
		}
	fputc(')', to);
}

static bool
is_listed(const struct device *d, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (d->values[k].key == d->values[i].key && value_same((enum attribute_key)d->values[i].key, d->values[k].value, d->values[i].value))
			return true;
	return false;
}

/* "10.0.0.2  firmware  V3.2.6 (szl), not V3.2.7 (lldp)" */
static void
put_contradictions(FILE *to, const struct device *d, bool *headed)
{
	unsigned n = 0, key = ATTRIBUTE_COUNT;

	/* Sorted by key, what holds first. */
	for (uint32_t i = 0; i < d->n_values; i++) {
		const struct device_value *v = &d->values[i];

		if (!v->contradicted || is_listed(d, i))
			continue;
		if (!*headed)
			fputs("\nContradictory\n", to);
		*headed = true;
		if (v->key == key)
			fputs(", not ", to);
		else
			fprintf(to, "%s  %s  %s  ", n > 0 ? "\n" : "", d->id, attribute_rows[v->key].text);
		key = v->key;
		put_shown(to, v->value);
		put_sources(to, d, i);
		n++;
	}
	if (n > 0)
		fputc('\n', to);
	if (d->disputed) {
		fprintf(to, "%s  %s  address  claimed by several MACs\n", *headed ? "" : "\nContradictory\n", d->id);
		*headed = true;
	}
}

void
assets_contradictions(struct asset_rows *r, FILE *to)
{
	bool headed = false;

	for (uint32_t i = 0; i < r->n; i++)
		put_contradictions(to, asset_row(r, i), &headed);
}
