#include "record/health.h"

#include <string.h>

#include "base/str.h"

static const struct health_figure_row rows[] = {
#define HEALTH_FIGURE(id, text, form, measure, what, check) { text, measure, what, check, HEALTH_##form },
#include "record/health.def"
};

const struct health_figure_row *
health_figure_row(unsigned figure)
{
	return &rows[figure < COUNTOF(rows) ? figure : 0];
}

unsigned
health_figure_named(const char *text)
{
	unsigned i = 0;

	while (i < COUNTOF(rows) && strcmp(rows[i].text, text) != 0)
		i++;
	return i;
}

static const char *const conditions[] = {
#define HEALTH_CONDITION(id, text, what) text,
#include "record/health.def"
};

const char *
health_condition_text(unsigned condition)
{
	return condition < COUNTOF(conditions) ? conditions[condition] : NULL;
}

unsigned
health_condition_named(const char *text)
{
	unsigned i = 0;

	while (i < COUNTOF(conditions) && strcmp(conditions[i], text) != 0)
		i++;
	return i;
}

uint64_t
health_hours_learned(const struct keep_health *h)
{
	const unsigned figure = health_figure_named(h->figure);

	/* Their rows count windows, and how often a value moved on. */
	return figure == HEALTH_VALUE_NOISE || figure == HEALTH_VALUE_HOLD ? 0 : h->learned;
}
