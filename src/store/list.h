/* list.h - reading what is kept, and noting what an operator did, beside a sensor that runs or
 * without one.
 */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/keep.h"
#include "record/settings.h"

/* One column of a row; borrowed for the call. */
struct store_cell {
	const char	*name;		/* of a time without its "_ns" */
	const char	*text;		/* NULL: a number */
	int64_t		 number;	/* of a time: ns since 1970, 0 none */
	bool		 is_time;
};

#define STORE_IS 3u

/* Members that are 0 or NULL ask for nothing; what a kind of rows does not have is not asked of it. */
struct store_query {
	enum keep_kind	 kind;
	int64_t		 since_ns, until_ns;	/* it was last seen then, or later; first seen before; 0: any time */
	unsigned	 severity;		/* of it, or graver; 0: any */
	const char	*asset;			/* an address, in any of its columns of addresses; NULL: any */
	const char	*id;			/* its uid begins so; NULL: any */
	const char	*like;			/* it is in one of its texts; letters of ASCII in either case */
	struct { const char *column, *value; } is[STORE_IS];	/* that column, as text, is exactly this */
	const char	*baseline;		/* whose facts and life; NULL: "default" */
	enum { STORE_ANY, STORE_ARCHIVED, STORE_NOT_ARCHIVED } archived;
	bool		 alone;			/* alerts that are part of no incident */
	const char	*member_of;		/* alerts of the incident with this uid; NULL: any */
	const char	*said;			/* operators did this to it (a verb of record/verbs.def) and did not take it back; NULL: any */
	bool		 newest;		/* last seen first, instead of first seen first */
	bool		 plain;			/* columns alone, not what operators said */
	unsigned	 limit, offset;		/* so many rows behind so many; 0: all */
	void		*row;			/* of STORE_ROW_MAX bytes, aligned: the struct of the row, during the call of `each` */
};
#define STORE_ROW_MAX 2048u

/* Each row that fits, with what operators said of an alert, incident or device (record/verbs.def): "acknowledged",
 * "acknowledged_by", "label"...  Rows of alerts have the uid of their incident, too.  `each` returns false to end.  Returns how many
 * rows there were, or -1 with the reason in `e`. */
int64_t	store_list(const char *file, const struct store_query *q,
	    bool (*each)(void *to, const struct store_cell *cells, unsigned n), void *to, struct err *e);

/* How many rows fit, whatever `limit` and `offset` say; -1 with the reason in `e`. */
int64_t	store_count(const char *file, const struct store_query *q, struct err *e);

/* What one rule or detector has found, of all alerts that are kept. */
struct store_hit {
	uint64_t	alerts, hits;		/* rows; how often it happened */
	uint64_t	first_ns, last_ns;
	struct keep_alert last;			/* of them */
};

/* Each (gid, sid) that has alerts, in their order; by an index, so that it takes a moment with a hundred thousand of them.  0, or -1 with the reason in `e`. */
int	store_hits(const char *file, void (*each)(void *to, const struct store_hit *hit), void *to, struct err *e);

/* Each row of a kind, as struct keep's load, of a database that a sensor may have; `baseline` names the one whose
 * facts and life are asked for.  0, or -1 with the reason in `e`. */
int	store_rows(const char *file, enum keep_kind kind, const char *baseline, void (*each)(void *to, const void *row), void *to,
	    struct err *e);

/* Bytes of the struct of a kind. */
size_t	store_row_size(enum keep_kind kind);

/* The whole uid of the one row (KEEP_ALERT, KEEP_INCIDENT) whose uid begins with `id`.  0, or -1: there
 * is none, or more than one. */
int	store_find(const char *file, enum keep_kind kind, const char *id, char uid[ALERT_UID_LEN + 1], struct err *e);

/* Note an action in a database that no sensor has.  0, or -1 with the reason in `e`. */
int	store_act(const char *file, const struct keep_action *a, struct err *e);

/* Does a process have it now?  Then the path of its control socket, "" none, is in `socket`. */
bool	store_in_use(const char *file, char *socket, size_t size);

/* As struct keep's load, beside a sensor that has the database or without one: it is only read. */
int	store_read(const struct store_settings *s, const struct baseline_settings *b, enum keep_kind kind,
	    void (*each)(void *to, const void *row), void *to, struct err *e);

#endif
