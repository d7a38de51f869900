/* health.h - how a device fares: figures of an hour, and a report of several.
 *
 * A detector that judges a figure puts a row an hour (struct keep_health of keep.h) and hands a report of
 * each device to env->health, once a week and at the end of a run that was long enough.
 */
#ifndef RECORD_HEALTH_H
#define RECORD_HEALTH_H

#include "record/keep.h"

enum health_figure {
#define HEALTH_FIGURE(id, text, form, measure, what, check) HEALTH_##id,
#include "record/health.def"
	HEALTH_FIGURES
};

/* The first ones are of communication, which every device has. */
#define HEALTH_OF_WIRE (HEALTH_CLOCK + 1u)

enum health_form { HEALTH_TIME, HEALTH_SHARE, HEALTH_COUNT, HEALTH_OFFSET, HEALTH_VALUE };

enum health_condition {
#define HEALTH_CONDITION(id, text, what) HEALTH_##id,
#include "record/health.def"
	HEALTH_CONDITIONS
};

struct health_figure_row {
	const char	*text, *measure, *what, *check;
	uint8_t		 form;	/* enum health_form */
};

/* Never NULL for a valid number. */
const struct health_figure_row *health_figure_row(unsigned figure);
/* The figure of a text; HEALTH_FIGURES: there is none. */
unsigned health_figure_named(const char *text);
/* NULL out of range; HEALTH_CONDITIONS: there is none of this text. */
const char *health_condition_text(unsigned condition);
unsigned health_condition_named(const char *text);

/* Hours that went into its normal; 0: it is learned of something else than hours. */
uint64_t health_hours_learned(const struct keep_health *h);

/* How a device fared in a time; borrowed for the call. */
#define HEALTH_ENTRIES 24u
struct health_report {
	struct keep_of			 of;
	uint64_t			 from_ns, until_ns;
	unsigned			 condition;	/* the worst of its figures' */
	const struct keep_health	*figures;	/* the last hour of each, n of them, at most HEALTH_ENTRIES: what a
							 * device has more of is in further reports */
	unsigned			 n;
};

struct health_sink {
	void	(*report)(void *arg, const struct health_report *r);	/* NULL: nobody wants it */
	void	*arg;
};

#endif
