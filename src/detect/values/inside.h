/* inside.h - what is known of one value; private to detect/values. */
#ifndef DETECT_VALUES_INSIDE_H
#define DETECT_VALUES_INSIDE_H

#include "detect/values/values.h"
#include "process/tag.h"

/* Names of what a value is, made when they are needed; texts are borrowed. */
struct value_name {
	const char	*tag, *group, *unit, *type;
	char		 at[TAG_ADDRESS_MAX];
	const struct tag *of;		/* how its number is written */
	bool		 raw;		/* nobody named it: `tag` is where it is */
};

struct present {
	bool		 seen, known, has_old, written, has_write_old;
	bool		 moved;		/* it changed without being written */
	bool		 dirty;		/* its row is to be put */
	bool		 news_known;
	bool		 restored;	/* by a row, which has the number that people read */
	uint32_t	 quality;	/* enum process_quality bits */
	double		 now, old;
	double		 news;		/* of the last record, */
	uint64_t	 news_ns;
	uint32_t	 news_quality;
	uint64_t	 last_us;	/* of the history: each value has its own microsecond */
	uint64_t	 first_ns, last_ns, change_ns, source_ns;
	uint64_t	 count, changes, writes;
	uint64_t	 write_ns;
	double		 write_value, write_old;
	struct addr	 writer;
	uint64_t	 series;
};

struct raw;	/* raw.h */

struct values {
	const struct detect_env	*env;
	const struct process_settings *s;
	struct present		*of;		/* owned; by the index of its tag */
	uint32_t		 n;
	struct present		*next;		/* owned; for the tags that come with the next swap; NULL: none do */
	uint32_t		 next_n;
	uint64_t		 put_ns;	/* when rows are put next */
	uint32_t		 put_from;	/* and from which tag on */
	uint32_t		 n_dirty;
	struct raw		*raw;		/* owned; NULL: what has no name is no series */
	uint32_t		 raw_from, raw_dirty;	/* as put_from, n_dirty */
	uint32_t		 exported, next_exported;	/* tags that Prometheus is shown */
};

/* What was seen of it. */
struct sight {
	bool		 known, written;
	double		 value;
	uint32_t	 quality;
	uint64_t	 ts_ns, source_ns;
	const struct operation *op;
};

/* Take it in; returns why it is news, PROCESS_WHYS: it is none. */
unsigned	 value_take(struct present *v, const struct sight *s, double dead_band, double per_mille, uint64_t heartbeat_ns);
enum process_kind value_kind(const struct present *v);

/* Its row, and back. */
void		 value_row(const struct present *v, const struct value_name *n, struct keep_tag *to);
void		 value_from_row(struct present *v, const struct keep_tag *row);

/* How many rows are put at a tick at most; the rest has to wait. */
struct put {
	unsigned	 most;
	bool		 all;		/* of every value that was seen, not only of what changed */
};

/* A value was seen: it is taken in, and told where it is news (values.c).  True: its row is to be put, and was not before. */
bool		 values_take(struct values *d, struct present *v, const struct tag *t, bool raw, const struct sight *s);
/* Put its row, if it is due.  False: there was no space. */
bool		 values_put_row(struct values *d, struct present *v, const struct tag *t, bool raw, uint32_t *dirty, struct put *put);
/* Of points without a name (raw_values.c). */
void		 values_operation(void *own, const struct operation *op);
void		 values_put_raw(struct values *d, struct put *put);
/* A row of an earlier run, if it is of one. */
void		 values_restore_raw(struct values *d, const struct keep_tag *row);

/* Of the detector (open.c). */
void		*values_open(const struct detect_env *env, struct err *e);
int		 values_prepare(void *own, struct err *e);
void		 values_close(void *own);

#endif
