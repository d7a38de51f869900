/* mem.h - memory of one rule set: allocated piece by piece, freed at once.
 *
 * Loading happens at start-up and at a reload.  When there is no memory, NULL
 * comes back and `failed` stays set: whoever only keeps the pointer need not look,
 * because the loader throws the whole set away; whoever writes to it looks.
 */
#ifndef DETECT_RULES_MEM_H
#define DETECT_RULES_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rule_chunk {
	struct rule_chunk	*next;
	size_t			 size, used;
	max_align_t		 bytes[];
};

struct rule_lent {
	struct rule_lent	*next;
	char			*text;
	size_t			 n;
};

struct rule_memory {
	struct rule_chunk	*chunks;	/* owned; the first is being filled */
	struct rule_lent	*lent;		/* owned; files */
	size_t			 total;		/* bytes taken from the system */
	bool			 failed;	/* something was refused */
};

/* n zeroed bytes, aligned for any type. */
void	*rule_alloc(struct rule_memory *m, size_t n);
/* Space for n elements of `size` bytes. */
void	*rule_array(struct rule_memory *m, size_t n, size_t size);
void	*rule_copy(struct rule_memory *m, const void *from, size_t n);
/* A NUL-terminated copy. */
char	*rule_text(struct rule_memory *m, const char *from, size_t n);
/* Take over what came from malloc() and give it back with the rest; NULL, and it is
 * freed, when there is no memory. */
char	*rule_lend(struct rule_memory *m, char *text, size_t n);
void	 rule_return_lent(struct rule_memory *m);	/* nothing points into it any more */
void	 rule_memory_free(struct rule_memory *m);	/* what hangs on it, not m */

/* A table that doubles: space for one more element behind n.  NULL: the old one is
 * as it was. */
void	*rule_grow(struct rule_memory *m, void *table, uint32_t n, uint32_t *capacity, size_t size);

#endif
