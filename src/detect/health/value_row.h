/* value_row.h - what is known of each tag's value, and what the files of detector_instruments share. */
#ifndef DETECT_HEALTH_VALUE_ROW_H
#define DETECT_HEALTH_VALUE_ROW_H

#include "base/str.h"
#include "detect/emit.h"
#include "detect/health/health.h"
#include "detect/health/value_drift.h"
#include "detect/health/value_kind.h"
#include "detect/health/value_limits.h"
#include "detect/health/value_noise.h"
#include "detect/health/value_pairs.h"
#include "detect/health/value_rhythm.h"
#include "process/tag.h"

#define VALUES_MAX	2048u	/* tags that are followed; later ones are not, and are counted */
#define VALUES_NEAR	64u	/* neighbours that are looked at, at most */

/* What it showed in an hour, for the store. */
struct instrument_hour {
	uint64_t	hour;		/* since 1970 */
	uint32_t	reads, windows, holds;
	double		sum, least, most;
	double		noise, noise_most;	/* sum and largest of its windows */
	double		hold_s, hold_most_s;	/* the same of how long it stood */
};

struct instrument {
	const struct tag	*tag;		/* NULL: free; of the present set */
	uint64_t		 group;		/* whose neighbour it is: a hash */
	uint16_t		 near;		/* the next one of its group, in a ring */
	bool			 is_still;	/* it stands still, and that was reported */
	bool			 is_bad;	/* its quality is bad, and that was reported */
	bool			 has_forecast;	/* when it reaches a limit was reported */
	bool			 to_keep;	/* `done` is to be put, */
	bool			 to_report;	/* and is to be in a report */
	uint32_t		 good;		/* readings of good quality */
	uint32_t		 bad;		/* of bad quality, in a row */
	uint64_t		 bad_ns;	/* the first of these */
	uint64_t		 moved_ns;	/* last */
	uint64_t		 window_ns;	/* of `pairs`: when it began */
	uint32_t		 window_reads;
	struct value_kind	 kind;
	struct value_rhythm	 rhythm;
	struct value_noise	 noise;
	struct value_drift	 drift;
	struct value_place	 place;
	struct value_pairs	 pairs;
	struct instrument_hour	 hour, done;	/* in hand; the last whole one */
};

struct instruments {
	struct health		 h;
	struct instrument	*rows;		/* VALUES_MAX */
	uint16_t		*row_of;	/* of a tag, by its index: number of its row + 1; 0: none */
	uint32_t		 n;		/* rows in use */
	uint32_t		 n_keep;	/* of them, those that are to be put */
	uint64_t		 kept_s;	/* when they were last */
	uint64_t		 reported_ns;	/* until then the last report reaches, or when the first hour began; 0: none did */
	uint64_t		 report_ns;	/* reports of the time until then are being given; 0: none */
	uint32_t		 report_next;	/* ... by this row, or one behind it */
	char			 what[320], expected[320];	/* of the finding in hand */
};

/* The row of a tag; NULL: it has none.  _make: or a new one; NULL: there is no free row. */
struct instrument	*instrument(struct instruments *d, const struct tag *t);
struct instrument	*instrument_make(struct instruments *d, const struct tag *t);
/* Each of the same device or group of the tag file, itself first; NULL behind the last, or behind VALUES_NEAR of them. */
struct instrument	*instrument_near(struct instruments *d, const struct instrument *of, struct instrument *last, uint32_t *count);
/* No scatter of a mean of an hour is smaller: the resolution, a part of its range or of what lies between its limits. */
double			 instrument_floor(const struct instrument *x);

/* ---- value_words.c: the finding, in words; r: the reading that fired ---- */

void	value_report_stuck(struct instruments *d, struct instrument *x, const struct tag_reading *r, uint32_t others);
void	value_report_frozen(struct instruments *d, struct instrument *x, const struct tag_reading *r);
void	value_report_noisy(struct instruments *d, struct instrument *x, const struct tag_reading *r);
void	value_report_drift(struct instruments *d, struct instrument *x, const struct tag_reading *r);
void	value_report_limit(struct instruments *d, struct instrument *x, const struct tag_reading *r);
void	value_report_bad(struct instruments *d, struct instrument *x, const struct tag_reading *r, uint32_t others);
/* It is over; `what` it did: "moves again". */
void	value_report_over(struct instruments *d, struct instrument *x, const struct tag_reading *r, const char *what);

/* ---- value_keep.c: what was learned, over a restart ---- */

int	value_keep_load(struct instruments *d, struct err *e);
void	value_keep_read(struct instruments *d, struct instrument *x, double v, uint64_t ts_ns);
void	value_keep_tick(struct instruments *d, uint64_t now_ns);

#define VALUE_FIGURES	3u	/* of a value, at most */
/* The figures of its last whole hour; how many. */
unsigned value_figures(const struct instrument *x, struct keep_health to[VALUE_FIGURES]);

/* ---- value_report.c: once a week, and when a run ends that was a day long: reports of each device's values ---- */

void	value_report_tick(struct instruments *d, uint64_t now_ns);
void	value_report_finish(struct instruments *d, uint64_t now_ns);

#endif
