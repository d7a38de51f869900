/* jsonw.h - the only thing that prints JSON on the packet path.
 *
 * Writes into a caller's buffer, never allocates, escapes everything that came
 * from the wire, and remembers when it ran out of room instead of writing half
 * a record.  Keys are our own literals and are written as they are.
 */
#ifndef OUTPUT_JSONW_H
#define OUTPUT_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jsonw {
	char	*buf;
	size_t	 size, len;
	bool	 full;		/* something did not fit: the record must not be used */
	bool	 comma;		/* the next member needs a comma before it */
};

struct jsonw	jsonw_on(char *buf, size_t size);

/* key may be NULL inside arrays. */
void	jsonw_object(struct jsonw *j, const char *key);		/* { */
void	jsonw_object_end(struct jsonw *j);
void	jsonw_array(struct jsonw *j, const char *key);		/* [ */
void	jsonw_array_end(struct jsonw *j);
void	jsonw_u64(struct jsonw *j, const char *key, uint64_t v);
void	jsonw_i64(struct jsonw *j, const char *key, int64_t v);
void	jsonw_real(struct jsonw *j, const char *key, double v);	/* NaN and infinity: null */
void	jsonw_bool(struct jsonw *j, const char *key, bool v);
void	jsonw_null(struct jsonw *j, const char *key);
/* Our own text or text from the wire; NULL writes nothing. */
void	jsonw_text(struct jsonw *j, const char *key, const char *v);
/* Bytes from the wire as a string, in Suricata's manner: as they are when all
 * of them are valid UTF-8, else each byte above 0x7f as the four characters \xNN. */
void	jsonw_bytes(struct jsonw *j, const char *key, const uint8_t *p, size_t n);
void	jsonw_hex(struct jsonw *j, const char *key, const uint8_t *p, size_t n);
/* "2017-04-28T14:12:01.715496+0000": UTC, microseconds. */
void	jsonw_time(struct jsonw *j, const char *key, uint64_t ts_ns);

#endif
