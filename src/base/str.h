/* str.h - text in buffers of fixed size, always NUL-terminated. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTOF(a) (sizeof(a) / sizeof((a)[0]))

/* A growing text in a caller's buffer; always NUL-terminated, truncated when full. */
struct strbuf {
	char	*buf;
	size_t	 size;	/* of buf, at least 1 */
	size_t	 len;	/* without the NUL */
	bool	 cut;	/* something did not fit */
};

struct strbuf	strbuf_on(char *buf, size_t size);
void		strbuf_put(struct strbuf *s, const char *text);
void		strbuf_printf(struct strbuf *s, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* A text alone, cut where it does not fit: what snprintf("%s") does, at a tenth of its cost. */
void		str_put(char *to, size_t size, const char *text);

/* Length of the UTF-8 sequence that starts at p (1-4), or 0 when it is not
 * valid UTF-8 (overlong, surrogate, beyond U+10FFFF or incomplete). */
size_t		utf8_len(const uint8_t *p, size_t n);

/* Are all n bytes valid UTF-8? */
bool		utf8_valid(const uint8_t *p, size_t n);

/* The next word of a list with commas: *word, and its length, or 0 behind the last.  *list may be
 * NULL, which is empty. */
size_t		str_next(const char **list, const char **word);
/* The same as a text of its own; a word that is too long is cut. */
bool		str_next_text(const char **list, char *to, size_t size);

/* How many single edits apart two words are; for "did you mean". */
unsigned	str_distance(const char *a, const char *b);

#endif
