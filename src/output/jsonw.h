/* jsonw.h - the only thing that prints JSON on the packet path.
 *
 * Writes into a caller's buffer, never allocates, escapes everything that came
 * from the wire, and remembers when it ran out of space instead of writing half
 * a record.  Keys are our own literals and are written as they are.
 */
#ifndef OUTPUT_JSONW_H
#define OUTPUT_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/digits.h"

#define JSONW_TIME_LEN 31	/* "2017-04-28T14:12:01.715496+0000" */

/* The text of the last second printed: records come in bursts within one
 * second, and the calendar is the dearest part of a time stamp. */
struct jsonw_clock {
	uint64_t second;
	bool	 valid;
	char	 text[20];	/* "2017-04-28T14:12:01." */
};

struct jsonw {
	char	*buf;
	size_t	 size, len;
	bool	 full;		/* something did not fit: the record must not be used */
	bool	 comma;		/* the next member needs a comma before it */
	bool	 shortened;	/* something was left out because of `most` */
	uint32_t most;		/* elements that long lists may have; 0: all of them */
	struct jsonw_clock *clock;	/* borrowed; NULL: the calendar is worked out each time */
};

/* How many of n elements of a list, or octets of a text, are to be written. */
static inline uint32_t
jsonw_most(struct jsonw *j, uint32_t n)
{
	if (j->most == 0 || n <= j->most)
		return n;
	j->shortened = true;
	return j->most;
}

static inline uint32_t
jsonw_octets(struct jsonw *j, uint32_t n)
{
	if (j->most == 0 || n <= 16 * j->most)
		return n;
	j->shortened = true;
	return 16 * j->most;
}

struct jsonw	jsonw_on(char *buf, size_t size);

/* Inline, so that the length of a literal key is known to the compiler: keys are
 * half of every record. */
#define JSONW_INLINE static inline __attribute__((always_inline))

/* Comma and key, with space for `extra` bytes behind them.  NULL when they do
 * not fit; else the caller writes there and sets j->len with jsonw_took(). */
JSONW_INLINE char *
jsonw_member(struct jsonw *j, const char *key, size_t extra)
{
	size_t n = key != NULL ? strlen(key) : 0;
	char *p;

	if (j->full || n + 4 + extra > j->size - j->len) {
		j->full = true;
		return NULL;
	}
	p = j->buf + j->len;
	*p = ',';
	p += j->comma;
	if (key != NULL) {
		*p++ = '"';
		memcpy(p, key, n);
		p += n;
		*p++ = '"';
		*p++ = ':';
	}
	j->comma = true;
	return p;
}

JSONW_INLINE void
jsonw_took(struct jsonw *j, const char *end)
{
	j->len = (size_t)(end - j->buf);
}

/* v in decimal, up to 20 characters; returns the end.  Most numbers have one digit. */
JSONW_INLINE char *
jsonw_number(char *p, uint64_t v)
{
	if (v >= 10)
		return digits_u64(p, v);
	*p = (char)('0' + v);
	return p + 1;
}

/* The value of the member whose key was just written: a string. */
void	 jsonw_string(struct jsonw *j, const uint8_t *s, size_t n);

JSONW_INLINE void
jsonw_open_(struct jsonw *j, const char *key, char bracket)
{
	char *p = jsonw_member(j, key, 1);

	if (p == NULL)
		return;
	*p++ = bracket;
	jsonw_took(j, p);
	j->comma = false;
}

JSONW_INLINE void
jsonw_close_(struct jsonw *j, char bracket)
{
	if (j->full || j->len == j->size) {
		j->full = true;
		return;
	}
	j->buf[j->len++] = bracket;
	j->comma = true;
}

/* key may be NULL inside arrays. */
JSONW_INLINE void jsonw_object(struct jsonw *j, const char *key) { jsonw_open_(j, key, '{'); }
JSONW_INLINE void jsonw_object_end(struct jsonw *j)              { jsonw_close_(j, '}'); }
JSONW_INLINE void jsonw_array(struct jsonw *j, const char *key)  { jsonw_open_(j, key, '['); }
JSONW_INLINE void jsonw_array_end(struct jsonw *j)               { jsonw_close_(j, ']'); }

JSONW_INLINE void
jsonw_u64(struct jsonw *j, const char *key, uint64_t v)
{
	char *p = jsonw_member(j, key, 20);

	if (p != NULL)
		jsonw_took(j, jsonw_number(p, v));
}

/* A text of ours that needs no escapes (a word of a table): nothing of it is looked at.
 * NULL writes nothing. */
JSONW_INLINE void
jsonw_word(struct jsonw *j, const char *key, const char *v)
{
	size_t n = v != NULL ? strlen(v) : 0;
	char *p = v != NULL ? jsonw_member(j, key, n + 2) : NULL;

	if (p == NULL)
		return;
	*p++ = '"';
	memcpy(p, v, n);
	p[n] = '"';
	jsonw_took(j, p + n + 1);
}

JSONW_INLINE void
jsonw_bool(struct jsonw *j, const char *key, bool v)
{
	char *p = jsonw_member(j, key, 5);

	if (p == NULL)
		return;
	memcpy(p, v ? "true," : "false", 5);
	jsonw_took(j, p + 5 - v);
}

/* Bytes from the wire as a string, in Suricata's manner: as they are when all
 * of them are valid UTF-8, else each byte above 0x7f as the four characters \xNN. */
JSONW_INLINE void
jsonw_bytes(struct jsonw *j, const char *key, const uint8_t *s, size_t n)
{
	char *p = jsonw_member(j, key, 2);

	if (p == NULL)
		return;
	jsonw_took(j, p);
	jsonw_string(j, s, n);
}

/* Our own text or text from the wire; NULL writes nothing.  What is not UTF-8
 * is written as jsonw_bytes() would. */
JSONW_INLINE void
jsonw_text(struct jsonw *j, const char *key, const char *v)
{
	if (v != NULL)
		jsonw_bytes(j, key, (const uint8_t *)v, strlen(v));
}

void	jsonw_i64(struct jsonw *j, const char *key, int64_t v);
/* The shortest digits that read back as the same number; NaN and infinity: null.
 * single: of single precision, 4.6 and not 4.599999904632568. */
void	jsonw_real(struct jsonw *j, const char *key, double v);
void	jsonw_single(struct jsonw *j, const char *key, float v);
void	jsonw_null(struct jsonw *j, const char *key);
void	jsonw_hex(struct jsonw *j, const char *key, const uint8_t *p, size_t n);
/* "2017-04-28T14:12:01." of a second since 1970, before the year 10000; 20 bytes without a NUL. */
void	jsonw_second(char to[20], uint64_t second);
/* "2017-04-28T14:12:01.715496+0000": UTC, microseconds. */
void	jsonw_time(struct jsonw *j, const char *key, uint64_t ts_ns);
/* The same of a device's clock, ms since 1970, which reaches beyond what ns can hold;
 * beyond the year 9999 the number, as a text. */
void	jsonw_time_ms(struct jsonw *j, const char *key, uint64_t ms);
/* A number as a text: where it may be more than 2^63 - 1, which many readers cannot hold. */
void	jsonw_u64_text(struct jsonw *j, const char *key, uint64_t v);
/* n members or elements that were made by another jsonw: `p` begins with
 * neither comma nor bracket.  Nothing is checked or escaped. */
void	jsonw_members(struct jsonw *j, const char *p, size_t n);

/* The arrays that make most of a poll's record, without a call per value: the first
 * n bits of `p`, lowest bit first, n octets, and n big-endian 16-bit words. */
void	jsonw_bits(struct jsonw *j, const uint8_t *p, uint32_t n);
void	jsonw_bytes_as_numbers(struct jsonw *j, const uint8_t *p, uint32_t n);
void	jsonw_words(struct jsonw *j, const uint8_t *p, uint32_t n);

#endif
