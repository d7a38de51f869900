/* life.h - how far learning has come, of each kind of facts of each device.
 *
 * learn: what is new is learned.  review: the same, and a note says so.  detect: what is new is a
 * deviation.  In the mode `auto` a kind goes on by itself: from learn to review after
 * baseline.learn-at-least, from there to detect after baseline.review-for, if in the last hour not more
 * than baseline.settled facts were new; else its learning is extended, and `fresh` says by what. */
#ifndef DETECT_BASELINE_LIFE_H
#define DETECT_BASELINE_LIFE_H

#include "record/counters.h"
#include "record/fact.h"
#include "record/keep.h"
#include "record/settings.h"

enum life_stage { LIFE_LEARN, LIFE_REVIEW, LIFE_DETECT, LIFE_LOCKED, LIFE_STAGES };

struct life {
	struct addr	owner;		/* zero: the network */
	uint8_t		kind;		/* enum fact_kind */
	uint8_t		stage;		/* enum life_stage */
	bool		changed;	/* since it was saved */
	uint32_t	extended;	/* how often its learning was, */
	uint32_t	why;		/* and by how many new facts in an hour the last time */
	uint64_t	since_ns;	/* of the stage */
	uint64_t	hour_ns;	/* the hour that runs began */
	uint32_t	fresh, before;	/* new facts in it, and in the one before */
	uint64_t	facts;		/* learned in all */
};

struct lives;		/* opaque: a bounded table */

/* NULL: no memory. */
struct lives	*lives_open(uint64_t n, uint64_t hash_key, struct counters *counters);
void		 lives_close(struct lives *ls);		/* NULL is ignored */
size_t		 lives_memory(const struct lives *ls);

uint32_t	 lives_count(const struct lives *ls);	/* none of them ever goes, nor changes its place */
/* NULL: there is none. */
struct life	*lives_find(struct lives *ls, const struct addr *owner, unsigned kind);
/* The same, new when there was none: learning since now.  NULL: the table is full. */
struct life	*lives_get(struct lives *ls, const struct addr *owner, unsigned kind, uint64_t now_ns);
struct life	*lives_at(struct lives *ls, uint32_t i);	/* i from 0; NULL behind the last */

/* One more new fact. */
void		 life_fresh(struct life *l, uint64_t now_ns);
/* New facts in the last hour, about. */
uint32_t	 life_rate(const struct life *l, uint64_t now_ns);
/* Go on to the next stage where it is time (auto). */
void		 life_advance(struct life *l, const struct baseline_settings *s, uint64_t now_ns);
/* When it will detect at the earliest, capture clock; 0: it does. */
uint64_t	 life_forecast(const struct life *l, const struct baseline_settings *s, uint64_t now_ns);

const char	*life_stage_text(unsigned stage);
void		 life_row(const struct life *l, struct keep_life *to, uint64_t now_ns);
/* false: its kind or stage is not of this version. */
bool		 life_from(const struct keep_life *row, struct life *to);

#endif
