/* numbers.h - numbers that rules keep on conversations (flowint).
 *
 * A table of fixed size; the number untouched longest of a few is evicted, and counted. */
#ifndef DETECT_MATCH_NUMBERS_H
#define DETECT_MATCH_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/counters.h"

struct numbers;		/* opaque */

struct numbers	*numbers_open(struct counters *c, uint64_t key);
void		 numbers_close(struct numbers *t);	/* NULL is ignored */
size_t		 numbers_memory(void);

/* `flow` and `name` are hashes. */
bool		 numbers_get(const struct numbers *t, uint64_t flow, uint64_t name, uint32_t *v);
void		 numbers_set(struct numbers *t, uint64_t flow, uint64_t name, uint32_t v);
/* The flow is over: its number is free. */
void		 numbers_forget(struct numbers *t, uint64_t flow, uint64_t name);

#endif
