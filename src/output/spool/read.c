#include "output/spool/read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static uint32_t
crc(uint32_t from, const void *p, size_t n)
{
	return (uint32_t)crc32(from, p, (uInt)n);
}

uint32_t
spool_crc_slot(const struct spool_slot *s)
{
	struct spool_slot copy = *s;

	copy.crc = 0;
	return crc(0, &copy, sizeof(copy));
}

uint32_t
spool_crc_segment(const struct spool_segment *s)
{
	struct spool_segment copy = *s;

	copy.crc = 0;
	return crc(0, &copy, sizeof(copy));
}

uint32_t
spool_crc_record(const struct spool_record *r, const char *line)
{
	struct spool_record copy = *r;

	copy.crc = 0;
	return crc(crc(0, &copy, sizeof(copy)), line, r->head.len);
}

bool
spool_read_state(const uint8_t *p, size_t n, struct spool_slot *to)
{
	bool any = false;

	for (unsigned i = 0; i < 2 && n >= (i + 1) * sizeof(*to); i++) {
		struct spool_slot s;

		memcpy(&s, p + i * sizeof(s), sizeof(s));
		if (memcmp(s.magic, SPOOL_STATE_MAGIC, sizeof(s.magic)) != 0 || s.version != SPOOL_VERSION ||
		    (s.generation & 1) != i || s.crc != spool_crc_slot(&s) || s.forgotten > SPOOL_NUMBER_MAX || s.next > SPOOL_NUMBER_MAX)
			continue;
		if (!any || s.generation > to->generation)
			*to = s;
		any = true;
	}
	return any;
}

enum spool_found
spool_find(const uint8_t *p, size_t n, struct spool_record *to)
{
	const uint32_t magic = SPOOL_RECORD_MAGIC;

	if (memcmp(p, &magic, n < sizeof(magic) ? n : sizeof(magic)) != 0)
		return SPOOL_NONE;
	if (n < sizeof(*to))
		return SPOOL_PART;
	memcpy(to, p, sizeof(*to));
	if (to->head.len == 0 || to->head.len > SPOOL_LINE_MAX || to->number == 0 || to->number > SPOOL_NUMBER_MAX)
		return SPOOL_NONE;
	if (n - sizeof(*to) < to->head.len)
		return SPOOL_PART;
	if (to->crc != spool_crc_record(to, (const char *)p + sizeof(*to)) || p[sizeof(*to) + to->head.len - 1] != '\n')
		return SPOOL_NONE;
	return SPOOL_FOUND;
}

/* ---- a segment ----------------------------------------------------------------------- */

bool
spool_reader_init(struct spool_reader *r)
{
	*r = (struct spool_reader){ .fd = -1 };
	r->buf = malloc(SPOOL_READER_BYTES);
	return r->buf != NULL;
}

void
spool_reader_close(struct spool_reader *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	r->fd = -1;
	r->from = r->to = 0;
	r->at = 0;
}

void
spool_reader_free(struct spool_reader *r)
{
	spool_reader_close(r);
	free(r->buf);
	r->buf = NULL;
}

static ssize_t
read_at(int fd, void *to, size_t n, uint64_t at)
{
	ssize_t got;

	do
		got = pread(fd, to, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got;
}

bool
spool_reader_open(struct spool_reader *r, int folder, const char *name, uint64_t at, struct spool_segment *header)
{
	struct spool_segment h;
	ssize_t n;

	spool_reader_close(r);
	r->fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (r->fd < 0)
		return false;
	n = read_at(r->fd, &h, sizeof(h), 0);
	if (n != (ssize_t)sizeof(h) || memcmp(h.magic, SPOOL_SEGMENT_MAGIC, sizeof(h.magic)) != 0 ||
	    h.version != SPOOL_VERSION || h.crc != spool_crc_segment(&h) || h.first > SPOOL_NUMBER_MAX) {
		int why = n < 0 ? errno : 0;

		spool_reader_close(r);
		errno = why;
		return false;
	}
	if (header != NULL)
		*header = h;
	r->at = at != 0 ? at : sizeof(h);
	return true;
}

/* More bytes behind those that are there.  false: there are none. */
static bool
fill(struct spool_reader *r)
{
	ssize_t n;

	memmove(r->buf, r->buf + r->from, r->to - r->from);
	r->to -= r->from;
	r->from = 0;
	if (r->to == SPOOL_READER_BYTES)
		return false;
	n = read_at(r->fd, r->buf + r->to, SPOOL_READER_BYTES - r->to, r->at);
	if (n <= 0)
		return false;
	r->to += (size_t)n;
	r->at += (uint64_t)n;
	return true;
}

static bool
all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Bytes that are no record are left behind: to where one may begin.  Zeroes at the end of a file are what a cut of
 * power leaves. */
static bool
skip(struct spool_reader *r)
{
	const uint32_t magic = SPOOL_RECORD_MAGIC;
	const uint8_t *p = r->buf + r->from, *found;
	size_t n = r->to - r->from, out;
	bool damage;

	found = n > 1 ? memmem(p + 1, n - 1, &magic, sizeof(magic)) : NULL;
	/* The last three may be the beginning of it. */
	out = found != NULL ? (size_t)(found - p) : n > sizeof(magic) ? n - (sizeof(magic) - 1) : n;
	damage = !all_zero(p, out);
	if (damage && r->aside != NULL)
		r->aside(r->arg, p, out);
	r->from += out;
	return damage;
}

bool
spool_reader_next(struct spool_reader *r, struct spool_record *to, const char **line)
{
	bool damage = false;

	if (r->fd < 0)
		return false;
	for (;;) {
		size_t n = r->to - r->from;
		enum spool_found how = n > 0 ? spool_find(r->buf + r->from, n, to) : SPOOL_PART;

		if (how == SPOOL_FOUND)
			break;
		if (how == SPOOL_PART && fill(r))
			continue;
		if (how == SPOOL_PART && (r->to == r->from || r->growing)) {
			r->damaged += damage;
			return false;
		}
		/* A line that a crash cut off ends the file; so does one whose length was damaged: look whether
		 * something follows. */
		if (how == SPOOL_PART && memmem(r->buf + r->from + 1, r->to - r->from - 1,
		    &(const uint32_t){ SPOOL_RECORD_MAGIC }, sizeof(uint32_t)) == NULL) {
			r->from = r->to;
			r->damaged += damage;
			return false;
		}
		damage |= skip(r);
	}
	r->damaged += damage;
	*line = (const char *)r->buf + r->from + sizeof(*to);
	r->from += sizeof(*to) + to->head.len;
	return true;
}

uint64_t
spool_reader_place(const struct spool_reader *r)
{
	return r->at - (r->to - r->from);
}

void
spool_segment_name(uint64_t number, char to[SPOOL_NAME_MAX])
{
	(void)snprintf(to, SPOOL_NAME_MAX, "%016" PRIx64 ".seg", number);
}

uint64_t
spool_segment_number(const char *name)
{
	char digits[17];

	if (strlen(name) != 20 || strcmp(name + 16, ".seg") != 0 || strspn(name, "0123456789abcdef") < 16)
		return 0;
	memcpy(digits, name, 16);
	digits[16] = '\0';
	return strtoull(digits, NULL, 16);
}
