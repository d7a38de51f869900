/* report_deeds.c - every write and command on a time line, and as a table. */
#include "web/report_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BANDS		24u	/* devices on the time line */
#define MARKS		1500u
#define WIDTH		1200.0
#define LEFT		190.0
#define BAND		30.0
#define TOP		26.0

void
report_deed_words(struct html *h, const struct keep_deed *d)
{
	const char *where = d->tag[0] != '\0' ? d->tag : d->address;

	html_text(h, d->function);
	if (where[0] != '\0') {
		html_raw(h, d->tag[0] != '\0' ? " <b>" : " <span class=\"at\">");
		html_text(h, where);
		html_raw(h, d->tag[0] != '\0' ? "</b>" : "</span>");
	}
	/* Some functions name what they do. */
	if (d->value[0] != '\0' && strstr(d->function, d->value) == NULL) {
		html_raw(h, ": <b class=\"value\">");
		html_text(h, d->value);
		html_raw(h, "</b>");
	}
	if (d->old[0] != '\0') {
		html_raw(h, "<span class=\"soft\">, was ");
		html_text(h, d->old);
		html_raw(h, "</span>");
	}
	if (d->count > 1) {
		html_raw(h, "<span class=\"soft\">, × ");
		html_number(h, d->count);
		html_raw(h, d->changing ? " with other values, this the last</span>" : "</span>");
	}
	if (d->has_unit)
		html_f(h, "<span class=\"soft\">, unit %" PRIu32 "</span>", d->unit);
	if (d->more > 0)
		html_f(h, "<span class=\"soft\"> and %" PRIu32 " more</span>", d->more);
}

/* ---- the time line ------------------------------------------------------------------- */

struct band { struct addr server; uint64_t n; bool attacked; };

static int
by_rank(const void *x, const void *y)
{
	const struct band *a = x, *b = y;

	if (a->attacked != b->attacked)
		return a->attacked ? -1 : 1;
	return a->n != b->n ? (a->n > b->n ? -1 : 1) : memcmp(&a->server, &b->server, sizeof(a->server));
}

static int
by_server(const void *x, const void *y)
{
	return memcmp(&((const struct band *)x)->server, &((const struct band *)y)->server, sizeof(struct addr));
}

/* How many devices there are; the first of `bands` are shown, in the order of their addresses. */
static uint32_t
bands_of(const struct view *v, struct band *bands, uint32_t *shown)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_DEED); i++) {
		const struct keep_deed *d = view_deed(v, i);
		uint32_t k = 0;

		while (k < n && !addr_same(&bands[k].server, &d->server))
			k++;
		if (k == n && n == 4 * BANDS)
			continue;
		if (k == n)
			bands[n++] = (struct band){ .server = d->server };
		bands[k].n += d->count;
		bands[k].attacked |= report_is_attacker(v, &d->client);
	}
	qsort(bands, n, sizeof(bands[0]), by_rank);
	*shown = n < BANDS ? n : BANDS;
	qsort(bands, *shown, sizeof(bands[0]), by_server);
	return n;
}

/* Times at which a line goes down: so far apart that their names fit. */
static void
put_grid(struct html *h, uint64_t first, uint64_t span, double height)
{
	static const uint64_t steps[] = { 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800, 2592000, 31536000 };
	uint64_t step = steps[0] * 1000000000u;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && span / step > 9; i++)
		step = steps[i] * 1000000000u;
	for (uint64_t at = (first / step + 1) * step; at <= first + span; at += step) {
		double x = LEFT + (double)(at - first) / (double)span * (WIDTH - LEFT - 20);

		html_f(h, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.0f\" x2=\"%.1f\" y2=\"%.0f\"/><text class=\"tick\" x=\"%.1f\" y=\"14\">", x, TOP - 6, x, height, x);
		html_svg_time(h, at, step >= UINT64_C(86400000000000));
		html_raw(h, "</text>");
	}
}

static void
put_mark(struct html *h, const struct view *v, const struct keep_deed *d, double x, double x2, double y)
{
	const bool bad = report_is_attacker(v, &d->client), refused = strcmp(d->outcome, "exception") == 0, command = d->command[0] != '\0' ||
	    strcmp(d->intent, "operate") == 0 || strcmp(d->intent, "mode") == 0;

	html_f(h, "<g class=\"mk%s%s%s\"><title>", bad ? " bad" : "", refused ? " refused" : "", command ? " cmd" : "");
	html_clock_text(h, d->ts_ns);
	html_raw(h, " ");
	html_addr(h, &d->client);
	html_raw(h, ": ");
	html_text(h, d->function);
	html_raw(h, " ");
	html_text(h, d->tag[0] != '\0' ? d->tag : d->address);
	html_raw(h, " ");
	html_text(h, d->value);
	html_raw(h, "</title>");
	if (x2 > x + 4)
		html_f(h, "<line class=\"run\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", x, y, x2, y);
	/* Commands are triangles, writes are bars; an attacker's are taller. */
	if (command)
		html_f(h, "<path d=\"M%.1f %.1fl6 11h-12z\"/>", x, y - (bad ? 9 : 6));
	else
		html_f(h, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"1\"/>", x - (bad ? 2 : 1.5), y - (bad ? 10 : 6), bad ? 4 : 3, bad ? 20 : 12);
	html_raw(h, "</g>");
}

static void
put_line(struct html *h, const struct view *v)
{
	struct band bands[4 * BANDS] = { { .n = 0 } };
	uint32_t shown, n = bands_of(v, bands, &shown), marks = 0;
	uint64_t first, last, span;
	const double height = TOP + shown * BAND + 8;

	if (shown == 0 || !view_span(v, &first, &last))
		return;
	span = last > first ? last - first : 1;
	h->in_svg = true;
	h->in_svg = true;
	html_f(h, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Time line\"><svg class=\"line\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
	    "aria-label=\"Writes and commands by device over time; the table below holds the same\">", WIDTH, height);
	for (uint32_t k = 0; k < shown; k++) {
		char name[VIEW_NAME_MAX];

		view_name(v, &bands[k].server, false, name);
		html_f(h, "<rect class=\"band\" x=\"0\" y=\"%.1f\" width=\"%.0f\" height=\"%.1f\" rx=\"3\"/><text class=\"row\" x=\"10\" y=\"%.1f\">", TOP + k * BAND,
		    WIDTH, BAND - 4, TOP + k * BAND + 17);
		html_bytes(h, name, strlen(name), 24);
		html_raw(h, "</text>");
	}
	put_grid(h, first, span, height);
	/* An attacker's on top. */
	for (unsigned turn = 0; turn < 2; turn++)
		for (uint32_t i = 0; i < view_n(v, KEEP_DEED) && marks < MARKS; i++) {
			const struct keep_deed *d = view_deed(v, i);
			const double scale = (WIDTH - LEFT - 20) / (double)span;

			if (report_is_attacker(v, &d->client) != (turn == 1) || d->ts_ns < first)
				continue;
			for (uint32_t k = 0; k < shown; k++)
				if (addr_same(&bands[k].server, &d->server)) {
					put_mark(h, v, d, LEFT + (double)(d->ts_ns - first) * scale, LEFT + (double)(d->last_ns - first) * scale,
					    TOP + k * BAND + BAND / 2 - 2);
					marks++;
				}
		}
	h->in_svg = false;
	h->in_svg = false;
	html_raw(h, "</svg></div><ul class=\"legend\"><li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><g class=\"mk\"><rect x=\"5.5\" y=\"1\" width=\"3\" height=\"12\"/></g></svg> write</li>"
	    "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><g class=\"mk cmd\"><path d=\"M7 1l6 11h-12z\"/></g></svg> command</li>"
	    "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><g class=\"mk bad\"><rect x=\"5\" y=\"0\" width=\"4\" height=\"14\"/></g></svg> of an attacker</li>"
	    "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><g class=\"mk refused\"><rect x=\"5.5\" y=\"1\" width=\"3\" height=\"12\"/></g></svg> refused</li></ul>");
	report_cut(h, NULL, shown, n, NULL);
	if (marks == MARKS)
		html_f(h, "<p class=\"cut\">The first %u are drawn.</p>", MARKS);
}

/* ---- the table -------------------------------------------------------------------------- */

static void
put_row(struct html *h, const struct view *v, const struct keep_deed *d)
{
	html_raw(h, "<tr><td>");
	html_when(h, d->ts_ns);
	html_raw(h, "</td>");
	report_who(h, v, &d->client);
	report_who(h, v, &d->server);
	html_raw(h, "<td>");
	report_deed_words(h, d);
	html_raw(h, "</td><td>");
	html_text(h, d->outcome);
	if (d->reason[0] != '\0') {
		html_raw(h, ": ");
		html_text(h, d->reason);
	}
	html_f(h, "</td><td class=\"n\">%" PRIu64 "</td></tr>", d->frame);
}

void
report_deeds(struct html *h, const struct view *v)
{
	const uint32_t n = view_n(v, KEEP_DEED);
	uint32_t others = 0, shown = 0;

	report_section(h, "deeds", "Writes and commands", "What was told to devices, by whom, and what they answered. One that was repeated is one line.");
	if (n == 0) {
		html_raw(h, "<p class=\"good\">Nothing was written and nothing commanded.</p>");
		report_section_end(h);
		return;
	}
	put_line(h, v);
	/* Those of attackers never make way for others. */
	for (uint32_t i = 0; i < n; i++)
		others += report_is_attacker(v, &view_deed(v, i)->client);
	others = others < REPORT_DEEDS ? REPORT_DEEDS - others : 0;
	html_raw(h, n > 60 ? "<details><summary>All of them in a table</summary>" : "");
	report_table(h, "Writes and commands", "Time|From|To|What|Outcome|#Frame");
	for (uint32_t i = 0; i < n && shown < REPORT_DEEDS; i++) {
		if (!report_is_attacker(v, &view_deed(v, i)->client) && others-- == 0) {
			others = 0;
			continue;
		}
		put_row(h, v, view_deed(v, i));
		shown++;
	}
	report_table_end(h);
	report_cut(h, NULL, shown, n, NULL);
	html_raw(h, n > 60 ? "</details>" : "");
	report_section_end(h);
}
