/* patterns.h - many contents at once: which rules' rarest content is in there?
 *
 * With Hyperscan (or Vectorscan) one pass over the bytes; without, one search for
 * each pattern, which is as slow as it sounds.  The only user of hs.h.
 */
#ifndef DETECT_MATCH_PATTERNS_H
#define DETECT_MATCH_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct match_patterns;	/* opaque; never changed once it is open */
struct patterns_scratch;	/* opaque; what one user needs to search */

/* One content; the bytes are borrowed until patterns_open() returns. */
struct pattern {
	const uint8_t	*p;
	uint32_t	 n;
	bool		 nocase;
	uint32_t	 rule;
};

/* NULL: no memory (*why NULL), or the message of the library. */
struct match_patterns *patterns_open(const struct pattern *of, uint32_t n, const char **why);
void	patterns_close(struct match_patterns *m);	/* NULL is ignored */
size_t	patterns_memory(const struct match_patterns *m);

/* 0 with *s, NULL where none is needed; -1: no memory.  `m` may be NULL. */
int	patterns_scratch_open(struct patterns_scratch **s, const struct match_patterns *m);
void	patterns_scratch_close(struct patterns_scratch *s);	/* NULL is ignored */

/* Tell each rule whose pattern is there, once or several times. */
void	patterns_scan(const struct match_patterns *m, struct patterns_scratch *s, const uint8_t *p, uint32_t n,
	    void (*hit)(void *arg, uint32_t rule), void *arg);

/* "Hyperscan 5.4.0", or what is used instead. */
const char *patterns_engine(void);

#endif
