/* slice.h - a part of a rule's text. */
#ifndef DETECT_RULES_SLICE_H
#define DETECT_RULES_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char	*p;
	size_t		 n;
};

/* Without the blanks at both ends. */
struct slice	slice_trim(struct slice s);
bool		slice_is(struct slice s, const char *word);
/* The same, upper and lower case alike. */
bool		slice_is_nocase(struct slice s, const char *word);
bool		slice_begins(struct slice s, const char *word);

/* Take the part before `end` off the front, trimmed; false when nothing is left.
 * An empty part between two ends is given as such. */
bool		slice_part(struct slice *rest, char end, struct slice *part);
/* The same for words with blanks between. */
bool		slice_word(struct slice *rest, struct slice *word);

/* A whole number without sign, decimal or 0x and hexadecimal; nothing else around it. */
bool		slice_u64(struct slice s, uint64_t *v);
/* The same with a sign. */
bool		slice_i64(struct slice s, int64_t *v);

/* Arguments of "%.*s". */
#define SLICE(s) (int)((s).n > 64 ? 64 : (s).n), (s).p

#endif
