#include "capture/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a pipe is waited for before the caller gets a turn. */
#define WAIT_MS 100

/* inflateInit2: largest window, gzip framing only. */
#define GZIP_WINDOW_BITS (15 + 16)

/* Results of the readers beside a byte count. */
enum { READ_EOF = 0, READ_AGAIN = -1, READ_FAILED = -2 };

static int
source_init(struct source *s, size_t window)
{
	*s = (struct source){ .fd = -1, .size = window };
	s->buf = malloc(window);
	if (s->buf == NULL) {
		snprintf(s->error, sizeof(s->error), "no memory for a read buffer");
		return -1;
	}
	return 0;
}

int
source_open(struct source *s, const char *path, size_t window)
{
	struct stat st;

	if (source_init(s, window) != 0)
		return -1;
	if (strcmp(path, "-") == 0)
		s->fd = STDIN_FILENO;
	else {
		s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		s->close_fd = true;
	}
	if (s->fd < 0 || fstat(s->fd, &st) != 0) {
		/* The _r form, because strerror's buffer is shared by all threads. */
		char why[96] = "";
		int saved = errno;

		snprintf(s->error, sizeof(s->error), "%s", strerror_r(saved, why, sizeof(why)));
		source_close(s);
		return -1;
	}
	s->regular = S_ISREG(st.st_mode);
	s->file_size = s->regular ? (uint64_t)st.st_size : 0;
	s->changed_ns = st.st_mtim.tv_sec > 0 ? (uint64_t)st.st_mtim.tv_sec * UINT64_C(1000000000) : 0;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
#ifdef POSIX_FADV_SEQUENTIAL
	if (s->regular)
		(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
	return 0;
}

int
source_open_memory(struct source *s, const void *data, size_t n, size_t window)
{
	if (source_init(s, window) != 0)
		return -1;
	s->regular = true;
	s->mem = data;
	s->mem_left = n;
	s->file_size = n;
	return 0;
}

void
source_close(struct source *s)
{
	if (s->z != NULL) {
		inflateEnd(s->z);
		free(s->z);
	}
	if (s->close_fd && s->fd >= 0)
		close(s->fd);
	free(s->zin);
	free(s->buf);
	/* `error` outlives the close: the caller prints it. */
	s->z = NULL;
	s->zin = s->buf = NULL;
	s->fd = -1;
	s->at = s->end = 0;
}

static ssize_t
fail(struct source *s, const char *what, int err)
{
	char why[96] = "";

	snprintf(s->error, sizeof(s->error), "%s%s", what,
	    err != 0 ? strerror_r(err, why, sizeof(why)) : "");
	return READ_FAILED;
}

/* Bytes as they lie in the file. */
static ssize_t
read_raw(struct source *s, uint8_t *to, size_t n)
{
	ssize_t got;

	if (s->fd < 0) {
		if (n > s->mem_left)
			n = s->mem_left;
		if (n > 0)
			memcpy(to, s->mem, n);
		s->mem += n;
		s->mem_left -= n;
		s->raw += n;
		return (ssize_t)n;
	}
	if (!s->regular) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };

		/* A signal is a reason to give the caller a turn, not an error. */
		if (poll(&p, 1, WAIT_MS) <= 0)
			return READ_AGAIN;
	}
	got = read(s->fd, to, n);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return READ_AGAIN;
	if (got < 0)
		return fail(s, "read failed: ", errno);
	s->raw += (uint64_t)got;
	return got;
}

/* At least one inflated byte, if there is one. */
static ssize_t
read_gzip(struct source *s, uint8_t *to, size_t n)
{
	z_stream *z = s->z;

	if (n > 1u << 30)
		n = 1u << 30;
	z->next_out = to;
	z->avail_out = (uInt)n;
	while (z->avail_out == n) {
		/* Without input too: it may hold bytes that the last window was too small for. */
		int ret = inflate(z, Z_NO_FLUSH);

		/* More than the magic was taken: a member has begun, this is no padding. */
		if (s->z_between && z->total_in > 2)
			s->z_between = false;
		if (ret == Z_STREAM_END) {
			if (inflateReset(z) != Z_OK)
				return fail(s, "gzip: cannot begin another member", 0);
			s->z_between = true;
			continue;
		}
		if (ret == Z_DATA_ERROR && s->z_between) {
			/* Padding after the last member, as gzip(1) tolerates. */
			z->avail_in = 0;
			s->mem_left = 0;
			return READ_EOF;
		}
		if (ret != Z_OK && ret != Z_BUF_ERROR) {
			char what[96];

			if (z->avail_out < n)	/* first what was good; the error stays */
				break;
			snprintf(what, sizeof(what), "gzip: %s",
			    z->msg != NULL ? z->msg : "damaged data");
			return fail(s, what, 0);
		}
		if (z->avail_out == n && z->avail_in == 0) {
			ssize_t got = read_raw(s, s->zin, s->zin_size);

			if (got <= 0) {
				s->z_torn = got == READ_EOF && !s->z_between;
				return got;
			}
			z->next_in = s->zin;
			z->avail_in = (uInt)got;
		}
	}
	return (ssize_t)(n - z->avail_out);
}

int
source_detect_gzip(struct source *s)
{
	const uint8_t *p = s->buf + s->at;

	if (s->z != NULL || source_left(s) < 2 || p[0] != 0x1f || p[1] != 0x8b)
		return 0;
	s->z = calloc(1, sizeof(*s->z));
	if (s->z == NULL || inflateInit2(s->z, GZIP_WINDOW_BITS) != Z_OK) {
		free(s->z);
		s->z = NULL;
		(void)fail(s, "no memory to inflate gzip", 0);
		return -1;
	}
	/* What was read is compressed: it becomes the input. */
	s->zin = s->buf;
	s->zin_size = s->size;
	s->z->next_in = s->zin + s->at;
	s->z->avail_in = (uInt)source_left(s);
	s->at = s->end = 0;
	s->base = 0;
	s->buf = malloc(s->size);
	if (s->buf == NULL) {
		s->size = 0;
		(void)fail(s, "no memory to inflate gzip", 0);
		return -1;
	}
	return 0;
}

/* Make space for more when a record is larger than the window.  Doubling keeps
 * the memory in proportion to bytes that really arrived: a length field alone
 * cannot take it.  Records of ordinary link types always fit. */
static bool
grow(struct source *s)
{
	uint8_t *larger = realloc(s->buf, s->size * 2);

	if (larger == NULL)
		return false;
	s->buf = larger;
	s->size *= 2;
	return true;
}

/* Read once into the free part of the window. */
static ssize_t
read_some(struct source *s)
{
	ssize_t got;

	if (s->z != NULL)
		got = read_gzip(s, s->buf + s->end, s->size - s->end);
	else
		got = read_raw(s, s->buf + s->end, s->size - s->end);
	if (got > 0)
		s->end += (size_t)got;
	else
		s->why = got == READ_EOF ? SOURCE_EOF :
		    got == READ_AGAIN ? SOURCE_AGAIN : SOURCE_FAILED;
	return got;
}

const uint8_t *
source_fill(struct source *s, size_t n)
{
	if (s->at > 0) {
		memmove(s->buf, s->buf + s->at, s->end - s->at);
		s->base += s->at;
		s->end -= s->at;
		s->at = 0;
	}
	while (s->end < n || s->skip > 0) {
		if (s->end == s->size && !grow(s)) {
			(void)fail(s, "no memory for a large record", 0);
			s->why = SOURCE_FAILED;
			return NULL;
		}
		if (read_some(s) <= 0)
			return NULL;
		if (s->skip > 0) {
			uint64_t drop = s->skip < s->end ? s->skip : s->end;

			/* skip > 0 only while the window is empty */
			s->skip -= drop;
			s->base += drop;
			s->end -= (size_t)drop;
			memmove(s->buf, s->buf + drop, s->end);
		}
	}
	return s->buf;
}

void
source_skip(struct source *s, uint64_t n)
{
	uint64_t have = source_left(s);

	if (n <= have) {
		s->at += (size_t)n;
		return;
	}
	s->at = s->end;
	s->skip += n - have;
}

uint64_t
source_consumed(const struct source *s)
{
	uint64_t waiting = s->z != NULL ? s->z->avail_in : source_left(s);

	return s->raw > waiting ? s->raw - waiting : 0;
}
