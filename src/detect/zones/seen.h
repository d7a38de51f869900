/* seen.h - who talked to whom and how, for `thermowell zones propose`. */
#ifndef DETECT_ZONES_SEEN_H
#define DETECT_ZONES_SEEN_H

#include "base/hmap.h"
#include "base/pool.h"
#include "detect/zones/conduits.h"
#include "record/addr.h"

#define SEEN_MAX	32768u

/* One client, one server, one protocol. */
struct seen_row {
	struct addr	client, server;
	enum op_proto	proto;			/* OP_UNKNOWN: */
	char		word[TALK_WORD_MAX];	/* talk_word() */
	uint32_t	intents;		/* a bit each, of operations */
};

struct seen {
	struct pool	rows;		/* in the order in which they came */
	struct hmap	by_key;
	uint64_t	lost;		/* that did not fit */
};

/* What is known of a device besides; NULL: nothing. */
struct zones_known {
	/* Its level of Purdue; ZONE_NO_LEVEL: not known.  *role (may be set to NULL): "controller". */
	int	(*level)(void *arg, const struct addr *a, const char **role);
	void	*arg;
};

/* 0 or -1. */
int	 seen_open(struct seen *s);
void	 seen_close(struct seen *s);
size_t	 seen_memory(const struct seen *s);
void	 seen_add(struct seen *s, const struct addr *client, const struct addr *server, const struct talk *t);

static inline uint32_t seen_count(const struct seen *s) { return s->rows.in_use; }
static inline const struct seen_row *seen_at(const struct seen *s, uint32_t i) { return pool_at(&s->rows, i); }

#endif
