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

const char *
health_condition_text(unsigned condition)
{
	static const char *const texts[] = {
#define HEALTH_CONDITION(id, text, what) text,
#include "record/health.def"
	};

	return condition < COUNTOF(texts) ? texts[condition] : NULL;
}
