/* report_tags.c - values of tags over time with marks where somebody wrote, and the health of devices. */
#include "web/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/health.h"
#include "store/list.h"

#define POINTS	600u	/* drawn of a tag */
#define WIDTH	640.0
#define HEIGHT	110.0

/* ---- trends ------------------------------------------------------------------------------ */

struct trend {
	struct keep_value *at;	/* owned */
	uint32_t n, room;
	const void *row;
};

static bool
take(void *arg, const struct store_cell *cells, unsigned n)
{
	struct trend *t = arg;

	(void)cells;
	(void)n;
	if (t->n < t->room)
		memcpy(&t->at[t->n++], t->row, sizeof(t->at[0]));
	return t->n < t->room;
}

/* Its values, the latest first; 0: there are none, or they cannot be read. */
static uint32_t
read_values(const char *file, uint64_t series, struct trend *t)
{
	_Alignas(16) uint8_t row[STORE_ROW_MAX] = { 0 };
	struct err e = { 0 };
	char number[24];
	struct store_query q = { .kind = KEEP_VALUE, .newest = true, .plain = true, .limit = t->room, .row = row };

	(void)snprintf(number, sizeof(number), "%" PRIu64, series);
	q.is[0].column = "series";
	q.is[0].value = number;
	t->row = row;
	(void)store_list(file, &q, take, t, &e);
	err_free(&e);
	return t->n;
}

static void
put_trend(struct html *h, const struct keep_tag *tag, const struct trend *t)
{
	double lo = t->at[0].value, hi = lo;
	const uint64_t last = t->at[0].ts_ns, first = t->at[t->n - 1].ts_ns, span = last > first ? last - first : 1;

	for (uint32_t i = 0; i < t->n; i++) {
		lo = fmin(lo, t->at[i].value);
		hi = fmax(hi, t->at[i].value);
	}
	if (!(hi > lo)) {
		hi = lo + 1;
		lo -= 1;
	}
#define X(i) (4 + (double)(t->at[i].ts_ns - first) / (double)span * (WIDTH - 8))
#define Y(i) (HEIGHT - 20 - (t->at[i].value - lo) / (hi - lo) * (HEIGHT - 32))
	h->in_svg = true;
	html_f(h, "<svg class=\"trend\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"from %.6g to %.6g\"><path class=\"curve\" d=\"", WIDTH, HEIGHT, lo, hi);
	/* A value stands until the next one comes. */
	for (uint32_t i = t->n; i-- > 0; )
		html_f(h, "%s%.1f%s%.1f", i + 1 == t->n ? "M" : "H", X(i), i + 1 == t->n ? " " : "V", Y(i));
	html_raw(h, "\"/>");
	for (uint32_t i = 0; i < t->n; i++)
		if (t->at[i].written) {
			html_f(h, "<g class=\"mk\"><title>%.6g written at ", t->at[i].value);
			html_clock_text(h, t->at[i].ts_ns);
			html_f(h, "</title><line x1=\"%.1f\" x2=\"%.1f\" y1=\"6\" y2=\"%.0f\"/><path d=\"M%.1f %.0fl5 9h-10z\"/></g>", X(i), X(i), HEIGHT - 20,
			    X(i), HEIGHT - 19);
		}
#undef X
#undef Y
	html_f(h, "<text x=\"4\" y=\"10\">%.6g ", hi);
	html_text(h, tag->unit);
	html_f(h, "</text><text x=\"4\" y=\"%.0f\">%.6g</text></svg>", HEIGHT - 22, lo);
	h->in_svg = false;
}

static void
put_tag(struct html *h, const struct view *v, const struct report_want *w, const struct keep_tag *tag)
{
	struct trend t = { .at = calloc(POINTS, sizeof(struct keep_value)), .room = POINTS };

	html_raw(h, "<figure class=\"tag\"><figcaption><b>");
	html_text(h, tag->tag);
	html_raw(h, "</b> <span class=\"soft\">");
	html_text(h, tag->kind);
	html_raw(h, "</span>");
	if (tag->known) {
		html_f(h, " <span class=\"value\">%.6g ", tag->value);
		html_text(h, tag->unit);
		html_raw(h, "</span>");
	}
	if (tag->written) {
		html_raw(h, "<br><span class=\"soft\">last written by </span>");
		report_who_inline(h, v, &tag->writer);
		html_raw(h, " <span class=\"soft\">at ");
		html_clock(h, tag->write_ns);
		html_f(h, ": %.6g", tag->write_value);
		if (tag->has_write_old)
			html_f(h, ", was %.6g", tag->write_old);
		html_raw(h, "</span>");
	}
	html_raw(h, "</figcaption>");
	if (t.at != NULL && w->file != NULL && tag->series != 0 && read_values(w->file, tag->series, &t) > 1)
		put_trend(h, tag, &t);
	html_raw(h, "</figure>");
	free(t.at);
}

/* Those that somebody wrote, then those that moved. */
void
report_tags(struct html *h, const struct view *v, const struct report_want *w)
{
	uint32_t n = 0;

	if (view_n(v, KEEP_TAG) == 0)
		return;
	report_section(h, "tags", "Values", "Each step is a value that came; a triangle with a line is where somebody wrote.");
	html_raw(h, "<div class=\"tags\">");
	for (unsigned turn = 0; turn < 3; turn++)
		for (uint32_t i = 0; i < view_n(v, KEEP_TAG) && n < REPORT_TAGS; i++) {
			const struct keep_tag *t = view_tag(v, i);

			if ((t->written ? 0u : t->changes > 0 ? 1u : 2u) == turn) {
				put_tag(h, v, w, t);
				n++;
			}
		}
	html_raw(h, "</div>");
	report_cut(h, NULL, n, view_n(v, KEEP_TAG), "thermowell values");
	report_section_end(h);
}

/* ---- health --------------------------------------------------------------------------------- */

/* Is there a later row of the same figure? */
static bool
is_last(const struct view *v, uint32_t i)
{
	const struct keep_health *a = view_health(v, i);

	for (uint32_t k = i + 1; k < view_n(v, KEEP_HEALTH); k++) {
		const struct keep_health *b = view_health(v, k);

		if (memcmp(&a->of, &b->of, sizeof(a->of)) == 0 && strcmp(a->figure, b->figure) == 0 && strcmp(a->object, b->object) == 0)
			return false;
	}
	return true;
}

/* Answers that took a second, or did not come, are worth a look in the first hour, too. */
#define SLOW_MS		1000.0
#define FEW		6u	/* operations of which no share is one */

static bool
is_slow(const struct keep_health *x)
{
	return health_figure_named(x->figure) == HEALTH_ANSWER && x->worst >= SLOW_MS;
}

/* What is not good; what is slow or stays unanswered; the others. */
static unsigned
health_rank(const struct keep_health *x)
{
	const bool good = strcmp(x->condition, "good") == 0 || strcmp(x->condition, "learning") == 0;

	return !good ? 0 : is_slow(x) || (health_figure_named(x->figure) == HEALTH_UNANSWERED && x->mean > 0) ? 1 : 2;
}

/* Of a unit that was asked once or twice, as by who searches for units. */
static bool
is_too_few(const struct keep_health *x)
{
	const unsigned figure = health_figure_named(x->figure);

	return figure < HEALTH_FIGURES && health_figure_row(figure)->form == HEALTH_SHARE && x->count < FEW;
}

static void
put_figure(struct html *h, double value, const char *measure)
{
	html_f(h, "<td class=\"n\">%.4g%s%s</td>", value, measure[0] != '\0' ? " " : "", measure);
}

static void
put_health(struct html *h, const struct view *v, const struct keep_health *x)
{
	const unsigned figure = health_figure_named(x->figure);
	const struct health_figure_row *row = figure < HEALTH_FIGURES ? health_figure_row(figure) : NULL;
	const char *measure = row != NULL ? row->measure : "";

	html_raw(h, report_is_attacker(v, &x->of.addr) ? "<tr><td class=\"who bad\">" : "<tr><td class=\"who\">");
	report_who_inline(h, v, &x->of.addr);
	if (x->of.has_unit)
		html_f(h, " <span class=\"soft\">%s %" PRIu32 "</span>", protocols[x->of.proto]->unit.before != NULL ? protocols[x->of.proto]->unit.before : "unit",
		    x->of.unit);
	html_raw(h, "</td><td>");
	html_text(h, row != NULL ? row->what : x->figure);
	if (x->object[0] != '\0') {
		html_raw(h, " <b>");
		html_text(h, x->object);
		html_raw(h, "</b>");
	}
	html_raw(h, "</td><td>");
	html_text(h, x->condition);
	if (is_slow(x))
		html_f(h, "; <b>slow</b>: answers took up to %.1f s", x->worst / 1000);
	html_raw(h, "</td>");
	report_cell_number(h, x->count);
	put_figure(h, x->median, measure);
	put_figure(h, x->tail, measure);
	if (x->normal != 0 && strcmp(x->condition, "learning") != 0)
		put_figure(h, x->normal, measure);
	else
		html_raw(h, "<td></td>");
	html_raw(h, "<td class=\"n\">");
	if (x->per_day != 0)
		html_f(h, "%+.3g%s%s a day", x->per_day, measure[0] != '\0' ? " " : "", measure);
	html_raw(h, "</td><td>");
	if (x->forecast_s != 0) {
		html_raw(h, "at its limit in ");
		html_duration(h, x->forecast_s * 1000000000u);
	}
	html_raw(h, "</td></tr>");
}

#define HEALTH_ROWS 4000u	/* the latest, of which the last of each figure is looked for */

void
report_health(struct html *h, const struct view *v)
{
	const uint32_t n = view_n(v, KEEP_HEALTH), from = n > HEALTH_ROWS ? n - HEALTH_ROWS : 0;
	uint32_t shown = 0, all = 0;

	if (n == 0)
		return;
	report_section(h, "health", "Health of devices", "The last hour of each figure: what is not good comes first, then what was slow or stayed unanswered. "
	    "Of a hundred answers one took longer than the tail. What is normal is known after a day.");
	report_table(h, "Health", "Device|Figure|Condition|#Of|#Median|#Tail|#Normal|#Trend|Forecast");
	for (unsigned rank = 0; rank < 3; rank++)
		for (uint32_t i = from; i < n; i++) {
			const struct keep_health *x = view_health(v, i);

			if (health_rank(x) != rank || (rank == 2 && is_too_few(x)) || !is_last(v, i))
				continue;
			if (all++ < REPORT_TALKS) {
				put_health(h, v, x);
				shown++;
			}
		}
	report_table_end(h);
	report_cut(h, NULL, shown, all, "thermowell health");
	report_section_end(h);
}
