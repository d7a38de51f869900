/* source.h - a stream of bytes with a window that parsers look through.
 *
 * Plain file, pipe or memory; gzip (RFC 1952, several members) is recognised by
 * its magic and inflated on the way.  source_need() shows the next n bytes in
 * place; nothing is copied out.  A record that is not complete yet is left
 * unconsumed, so that a growing file or a slow pipe can be asked again.
 */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

/* Why source_need() gave NULL. */
enum source_why {
	SOURCE_EOF,	/* nothing more for now; a followed file may grow */
	SOURCE_AGAIN,	/* a pipe has nothing yet; ~100 ms were spent waiting */
	SOURCE_FAILED	/* `error` says why */
};

struct source {
	uint8_t		*buf;		/* owned window */
	size_t		 size;		/* of buf */
	size_t		 at, end;	/* unread bytes are buf[at..end) */
	uint64_t	 base;		/* stream offset of buf[0] */
	uint64_t	 skip;		/* bytes still to be thrown away before buf[at] */
	enum source_why	 why;
	char		 error[128];	/* SOURCE_FAILED: what happened */

	int		 fd;		/* -1: memory */
	bool		 close_fd;
	bool		 regular;	/* an ordinary file: never waits */
	uint64_t	 raw;		/* bytes taken from fd */
	uint64_t	 file_size;	/* when it was opened; 0 unknown */
	uint64_t	 changed_ns;	/* time of its last change when it was opened; 0 unknown */
	uint64_t	 dev, ino;	/* who it was when opened, to notice rotation */

	const uint8_t	*mem;		/* memory source: what is left of it; borrowed */
	size_t		 mem_left;

	z_stream	*z;		/* owned; NULL unless gzip */
	uint8_t		*zin;		/* owned; compressed bytes */
	size_t		 zin_size;
	bool		 z_between;	/* a member ended, none has begun */
	bool		 z_torn;	/* compressed data ended inside a member */
};

/* Open a file, or standard input for "-".  `window` is the size of the read
 * buffer in bytes.  0, or -1 with `error` filled. */
int	 source_open(struct source *s, const char *path, size_t window);

/* A source over n bytes that stay the caller's; for tests and fuzzing. */
int	 source_open_memory(struct source *s, const void *data, size_t n, size_t window);

void	 source_close(struct source *s);

/* If the next bytes are a gzip header, inflate from here on.  Call once at the
 * beginning, with at least 2 bytes seen.  0, or -1 with `error` filled. */
int	 source_detect_gzip(struct source *s);

const uint8_t *source_fill(struct source *s, size_t n);

/* The next n bytes, or NULL with `why`.  Valid until the next source_need(). */
static inline const uint8_t *
source_need(struct source *s, size_t n)
{
	if (__builtin_expect(s->end - s->at >= n, 1))
		return s->buf + s->at;
	return source_fill(s, n);
}

/* Consume n bytes that source_need() has shown. */
static inline void source_use(struct source *s, size_t n) { s->at += n; }

/* Consume n bytes whether they are there yet or not. */
void	 source_skip(struct source *s, uint64_t n);

/* Unread bytes in the window. */
static inline size_t source_left(const struct source *s) { return s->end - s->at; }

/* Offset of the next byte in the (inflated) stream. */
static inline uint64_t source_offset(const struct source *s) { return s->base + s->at; }

/* After SOURCE_EOF: does something incomplete lie at the end? */
static inline bool
source_partial(const struct source *s)
{
	return s->end > s->at || s->skip > 0 || s->z_torn;
}

/* Bytes of the file itself that were consumed, for progress. */
uint64_t source_consumed(const struct source *s);

#endif
