/* cursor.h - the only way this program reads packet bytes.
 *
 * A cursor is a read-only window [p, end) on memory owned by somebody else.
 * It can only shrink.  A read past the end yields 0, moves nothing, and sets a
 * sticky reason; every later read then also yields 0.  So a parser reads a
 * whole header in a straight line and asks once:
 *
 *	tid = cur_be16(c); pid = cur_be16(c); len = cur_be16(c);
 *	if (!cur_ok(c)) ...
 *
 * Any value may be handed straight to cur_take() or cur_skip(): they check.
 * Before a value is used as a loop bound, index, shift or addend, ask cur_ok().
 * There is no rewind: copy the cursor to look ahead.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum cur_why {
	CUR_OK = 0,
	CUR_SHORT,	/* ran out of bytes: the window ended early */
	CUR_BAD		/* the bytes are there but impossible; see `what` */
};

struct cursor {
	const uint8_t	*base;	/* first byte of the window, for offsets in reports */
	const uint8_t	*p;	/* next unread byte */
	const char	*what;	/* static text of the first failure, or NULL */
	enum cur_why	 why;	/* first failure; sticky */
	/* Behind the others: a new one is written by the same pieces of 16 bytes by which it is copied to who reads it, else
	 * each copy waits for its own stores. */
	const uint8_t	*end;	/* one past the last byte */
};

/* A window on `len` bytes at `data`.  `data` may be NULL when `len` is 0. */
static inline struct cursor
cur_of(const void *data, size_t len)
{
	static const uint8_t nothing[1];
	const uint8_t *d = len > 0 ? data : nothing;

	return (struct cursor){ .base = d, .p = d, .end = d + len };
}

static inline bool   cur_ok(const struct cursor *c)   { return c->why == CUR_OK; }
static inline size_t cur_left(const struct cursor *c) { return (size_t)(c->end - c->p); }
static inline size_t cur_off(const struct cursor *c)  { return (size_t)(c->p - c->base); }

/* Record a failure; the first one wins.  `what` must be a string literal. */
static inline void
cur_fail(struct cursor *c, enum cur_why why, const char *what)
{
	if (c->why == CUR_OK) {
		c->why = why;
		c->what = what;
	}
}

/* All bounds checks are here.  NULL when fewer than n are left. */
static inline const uint8_t *
cur_bytes(struct cursor *c, size_t n)
{
	const uint8_t *at = c->p;

	if (c->why != CUR_OK)
		return NULL;
	if (n > cur_left(c)) {
		cur_fail(c, CUR_SHORT, "short");
		return NULL;
	}
	c->p += n;
	return at;
}

static inline void cur_skip(struct cursor *c, size_t n) { (void)cur_bytes(c, n); }

/* Take the next n bytes as a window of their own: what a length field
 * covers is read only from the result.  A failed take gives a window that has
 * already failed, so reading from it is harmless too. */
static inline struct cursor
cur_take(struct cursor *c, size_t n)
{
	const uint8_t *at = cur_bytes(c, n);
	struct cursor none;

	if (at != NULL)
		return (struct cursor){ .base = at, .p = at, .end = at + n };
	none = cur_of(NULL, 0);
	cur_fail(&none, c->why, c->what);
	return none;
}

/* All that is left, as a window of its own; the rest of `c` is then empty. */
static inline struct cursor
cur_rest(struct cursor *c)
{
	return cur_take(c, cur_left(c));
}

/* Numbers at bytes that cur_bytes() gave: for headers of every packet,
 * one bound for the whole header instead of one for each field. */
static inline uint16_t be16_of(const uint8_t *b) { return (uint16_t)((unsigned)b[0] << 8 | b[1]); }
static inline uint16_t le16_of(const uint8_t *b) { return (uint16_t)((unsigned)b[1] << 8 | b[0]); }
static inline uint32_t be32_of(const uint8_t *b) { return (uint32_t)be16_of(b) << 16 | be16_of(b + 2); }
static inline uint32_t le32_of(const uint8_t *b) { return (uint32_t)le16_of(b + 2) << 16 | le16_of(b); }
static inline uint32_t be24_of(const uint8_t *b) { return (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2]; }

static inline uint8_t
cur_u8(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 1);

	return b != NULL ? b[0] : 0;
}

static inline uint16_t
cur_be16(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 2);

	return b != NULL ? be16_of(b) : 0;
}

static inline uint16_t
cur_le16(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 2);

	return b != NULL ? le16_of(b) : 0;
}

static inline uint32_t
cur_be24(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 3);

	return b != NULL ? be24_of(b) : 0;
}

static inline uint32_t
cur_le24(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 3);

	return b == NULL ? 0 : (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static inline uint32_t
cur_be32(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 4);

	return b != NULL ? be32_of(b) : 0;
}

static inline uint32_t
cur_le32(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 4);

	return b == NULL ? 0 : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[1] << 8 | b[0];
}

static inline uint64_t
cur_le48(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 6);
	uint64_t v = 0;

	for (int i = 5; b != NULL && i >= 0; i--)
		v = v << 8 | b[i];
	return v;
}

static inline uint64_t
cur_be64(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 8);
	uint64_t v = 0;

	for (int i = 0; b != NULL && i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

static inline uint64_t
cur_le64(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, 8);
	uint64_t v = 0;

	for (int i = 7; b != NULL && i >= 0; i--)
		v = v << 8 | b[i];
	return v;
}

/* Copy n bytes out; on failure the destination is filled with zeros. */
static inline void
cur_copy(struct cursor *c, void *to, size_t n)
{
	const uint8_t *b = cur_bytes(c, n);

	if (b != NULL)
		memcpy(to, b, n);
	else
		memset(to, 0, n);
}

/* Expect the end: bytes that are left are a failure. */
static inline void
cur_end(struct cursor *c)
{
	if (c->why == CUR_OK && cur_left(c) != 0)
		cur_fail(c, CUR_BAD, "trailing bytes");
}

#endif
