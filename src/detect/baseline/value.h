/* value.h - what the two halves of the model of values share: value.c (facts, and what is written),
 * value_read.c (what is read). */
#ifndef DETECT_BASELINE_VALUE_H
#define DETECT_BASELINE_VALUE_H

#include "base/str.h"
#include "detect/baseline/dense.h"
#include "detect/baseline/model.h"
#include "detect/baseline/usual.h"
#include "detect/slots.h"
#include "process/tag.h"

#define VALUE_READ_ENOUGH	50u	/* values until a model is judged by */
#define VALUE_WRITE_ENOUGH	5u
#define VALUE_CLASSES		4u	/* of blocks, by how many points they have */

/* Of a unit. */
struct unit_values {
	uint32_t	 id;		/* 0: none yet */
	uint32_t	 turn;		/* which of many items is next */
	uint32_t	 tags_of, device;	/* which tags it has, found once for each set: its generation; index of the device + 1, 0: none */
};

struct value {
	struct baseline	*b;
	struct facts	*facts;
	struct dense	 blocks[VALUE_CLASSES];	/* value_read.c */
	struct slots	 wrote;
	uint32_t	 of_unit;	/* slot: struct unit_values */
	uint32_t	 ids, flush, counting;	/* the last two: of value_read_tick() */
	uint64_t	 key;
	struct slots	 tags;		/* tagged.c: of each tag what was read last */
	uint32_t	 tag_turns;	/* how often one began or ended to be judged */
};

/* A value that deviates from what is usual. */
struct deviating {
	enum alert_type	 type;
	const struct usual *usual;
	const struct tag *tag;		/* that it is of; NULL: */
	const struct op_item *it;	/* the i-th value of this */
	uint32_t	 i;
	double		 v;
};

/* The model in a fact. */
struct usual	 value_load(const struct fact *f);
/* Of more than minutes: what never changed in ten is not yet a constant. */
bool		 value_lasted(const struct fact *f);

/* Make of a model that has settled one that has, and does not change by the minute. */
void		 value_stable(struct fact *f);
/* Is anything judged by it? */
bool		 value_judged(const struct fact *f);
/* "1, 2 or 5", "40 to 60". */
void		 value_put(struct strbuf *to, const struct usual *u);

static inline bool
value_known(const struct fact *f)
{
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED);
}

/* One more value of a point, of which `f` (NULL: nothing) and n values are known.  NULL: there is no
 * space for it. */
struct fact	*value_learn(struct value *m, const struct sighting *s, struct fact *f, const struct fact_key *k, double v,
		    uint32_t n);
/* How sure a deviation is by how many values were seen: 1..100. */
uint8_t		 value_score(uint32_t n);
/* What of a value that is written where these two facts say what was written and read?  ALERT_RULE: nothing; `u`: what it was
 * compared with. */
enum alert_type	 value_judge_written(struct value *m, const struct fact_key *written, const struct fact_key *read, double v, struct usual *u);
/* Report it.  The deviation stands as a fact beside the point, to be accepted; false: it was. */
bool		 value_deviates(struct value *m, const struct sighting *s, const struct fact_key *point,
		    const struct deviating *by, struct deviation *d);
/* Somebody wrote just that there. */
bool		 value_explained(struct value *m, const struct unit_values *of, const struct op_item *it, uint32_t address,
		    double v);

/* What is read of a unit. */
bool		 value_read(struct value *m, const struct sighting *s, struct unit_values *of, struct deviation *d);
int		 value_read_open(struct value *m);
void		 value_read_tick(struct value *m);

#endif
