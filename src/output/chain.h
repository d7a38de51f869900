/* chain.h - tamper evidence: each alert record holds the hash of the one before it.
 *
 * A link stands last in the record's "ot" object:
 *
 *     ,"chain":{"n":17,"prev":"<64 hex digits>","hash":"<64 hex digits>"}}}
 *
 *   n     counts the alerts of this sensor, over restarts
 *   prev  the hash of alert n - 1; 64 zeros for the first one
 *   hash  SHA-256 over `prev` (as it is written) and the record's bytes without its link and newline
 *
 * Whoever changes, removes or puts in a record breaks it; whoever cuts off the end is found out by the
 * heartbeats, which say the number and hash of the last alert and go to another machine.  It is
 * evidence of a change, no defence against one: somebody who owns the sensor and every place that
 * heartbeats went to can write all anew.
 */
#ifndef OUTPUT_CHAIN_H
#define OUTPUT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/format.h"

#define CHAIN_HEX 65u	/* with its NUL */

struct chain_link {
	uint64_t	n;			/* 0: no alert yet */
	char		prev[CHAIN_HEX], hash[CHAIN_HEX];
};

struct chain;		/* opaque */

/* Begins anew.  NULL: no memory, or no SHA-256 in the system's library. */
struct chain	*chain_open(void);

/* Go on behind `last`. */
void		 chain_resume(struct chain *c, const struct chain_link *last);

/* Put its link into an alert record that has no newline yet.  Allocates nothing.  false: it does
 * not fit, and the chain stays as it was. */
bool		 chain_add(struct chain *c, struct line *to);

/* The last link; n 0 with zeros before the first. */
const struct chain_link *chain_last(const struct chain *c);

void		 chain_close(struct chain *c);	/* NULL is ignored */

/* ---- for who reads ------------------------------------------------------------- */

/* The link of a record, with or without its newline.  false: it has none. */
bool		 chain_read(const char *record, size_t n, struct chain_link *to);

/* Is its hash that of these bytes? */
bool		 chain_holds(struct chain *c, const char *record, size_t n, const struct chain_link *link);

/* Of a heartbeat: number and hash of the last alert before it.  false: it says none. */
bool		 chain_read_head(const char *record, size_t n, struct chain_link *to);

/* The last link or head in the newest of the files that `path` was and is (rotated and compressed ones
 * too); looks at the last CHAIN_LOOK bytes of what is not compressed.  false: there is none. */
#define CHAIN_LOOK (64u << 20)
bool		 chain_find(const char *path, struct chain_link *to);

#endif
