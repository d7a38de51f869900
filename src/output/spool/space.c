/* What is dropped from a spool that is full, and what is too old.
 *
 * Lines of several kinds lie mixed in a segment.  To drop some of them the segment is written anew without them;
 * that is worth it when at least an eighth of it goes, so that what is written is at most eight times what is
 * freed.  So the least important class goes first as long as it fills an eighth of some segment, the oldest
 * segments first.  Lines that were given to the transport and have not arrived stay. */
#include "output/spool/own.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define TEMPORARY "compact.tmp"

/* Worth writing a segment anew: 1/8 of it goes; where nothing else is left, 1/64. */
static const unsigned worth[] = { 8, 64 };

static unsigned
class_of(const struct spool_record *r)
{
	return r->head.class < QUEUE_CLASSES ? r->head.class : QUEUE_ALERT;
}

static bool
was_read(const struct spool *s, const struct spool_record *r)
{
	return r->number <= s->forgotten || r->number <= s->last_read;
}

/* What lies in a segment of an earlier run. */
static void
count_segment(struct spool *s, struct segment *g)
{
	struct spool_record r;
	const char *line;
	char name[SPOOL_NAME_MAX];

	g->counted = true;
	memset(g->class_bytes, 0, sizeof(g->class_bytes));
	spool_segment_name(g->number, name);
	if (!spool_reader_open(&s->other, s->dir, name, 0, NULL))
		return;
	while (spool_reader_next(&s->other, &r, &line))
		if (!was_read(s, &r))
			g->class_bytes[class_of(&r)] += sizeof(r) + r.head.len;
	/* The reading of it will tell. */
	s->other.damaged = 0;
	spool_reader_close(&s->other);
}

/* ---- a segment anew ------------------------------------------------------------------ */

struct anew {
	FILE		*to;
	struct segment	 as;		/* what it will be */
	uint64_t	 dropped;	/* lines */
	uint64_t	 place;		/* of the first record that was not read; 0 none */
	uint64_t	 kept;
};

static bool
copy_kept(struct spool *s, struct anew *a, unsigned class)
{
	struct spool_record r;
	const char *line;

	while (spool_reader_next(&s->other, &r, &line)) {
		bool read = was_read(s, &r);
		size_t bytes = sizeof(r) + r.head.len;

		if (r.number <= s->forgotten)
			continue;
		if (!read && class_of(&r) <= class) {
			a->dropped++;
			continue;
		}
		if (fwrite(&r, sizeof(r), 1, a->to) != 1 || fwrite(line, r.head.len, 1, a->to) != 1)
			return false;
		if (!read && a->place == 0)
			a->place = a->as.bytes;
		a->as.bytes += bytes;
		a->as.class_bytes[class_of(&r)] += read ? 0 : bytes;
		a->kept++;
	}
	return true;
}

static bool
write_anew(struct spool *s, struct anew *a, const char *name, unsigned class)
{
	struct spool_segment h;
	int fd;
	bool whole;

	if (spool_trouble("compact") != 0 || !spool_reader_open(&s->other, s->dir, name, 0, &h))
		return false;
	fd = openat(s->dir, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	a->to = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (a->to == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	whole = fwrite(&h, sizeof(h), 1, a->to) == 1 && copy_kept(s, a, class) && fflush(a->to) == 0;
	if (whole && s->sync != SINK_SYNC_NONE)
		(void)fdatasync(fd);
	return fclose(a->to) == 0 && whole;
}

/* Write segment `i` without what was not read of these classes.  false: it could not be. */
static bool
shrink(struct spool *s, unsigned i, unsigned class)
{
	struct segment *g = &s->of[i];
	struct anew a = { .as = *g };
	char name[SPOOL_NAME_MAX];
	bool written;

	a.as.bytes = sizeof(struct spool_segment);
	memset(a.as.class_bytes, 0, sizeof(a.as.class_bytes));
	spool_segment_name(g->number, name);
	written = write_anew(s, &a, name, class);
	spool_reader_close(&s->other);
	s->other.damaged = 0;
	if (!written || (a.kept > 0 && renameat(s->dir, TEMPORARY, s->dir, name) != 0)) {
		(void)unlinkat(s->dir, TEMPORARY, 0);
		return false;
	}
	(void)spool_trouble("renamed");
	spool_add(&s->counts.dropped[SPOOL_FULL], a.dropped);
	spool_less(s, a.dropped);
	s->state_due = true;
	if (a.kept == 0) {
		(void)unlinkat(s->dir, TEMPORARY, 0);
		spool_remove(s, i);
		return true;
	}
	s->total -= g->bytes - a.as.bytes;
	*g = a.as;
	/* Reading goes on in the new file. */
	if (i == s->reading) {
		spool_reader_close(&s->rd);
		(void)spool_reader_open(&s->rd, s->dir, name, a.place != 0 ? a.place : a.as.bytes, NULL);
	}
	atomic_store(&s->counts.bytes, s->total);
	return true;
}

/* The segment in which classes up to `class` fill a part that is worth it, the oldest one.  false: none. */
static bool
find_victim(struct spool *s, unsigned class, unsigned part, unsigned *victim)
{
	for (unsigned i = s->reading; i < s->n; i++) {
		struct segment *g = &s->of[i];
		uint64_t bytes = 0;

		if (s->out >= 0 && i == s->n - 1)
			break;
		if (!g->counted)
			count_segment(s, g);
		for (unsigned c = 0; c <= class; c++)
			bytes += g->class_bytes[c];
		if (bytes > 0 && bytes * part >= g->bytes) {
			*victim = i;
			return true;
		}
	}
	return false;
}

static bool
drop_some(struct spool *s, unsigned class)
{
	for (unsigned w = 0; w < sizeof(worth) / sizeof(worth[0]); w++)
		for (unsigned c = 0, victim; c <= class; c++)
			if (find_victim(s, c, worth[w], &victim))
				return shrink(s, victim, c);
	return false;
}

bool
spool_make_space(struct spool *s, uint64_t need, unsigned class)
{
	/* The header of a segment that may be begun. */
	uint64_t want = need + sizeof(struct spool_segment);

	if (!s->full)
		log_warn("output", "%s: its spool %s is full (%" PRIu64 " MiB): the oldest of the least important lines are dropped and counted",
		    s->name, s->folder, s->limit >> 20);
	s->full = true;
	while (s->total + want > s->limit) {
		if (drop_some(s, class))
			continue;
		/* The last one too, once it is no longer the last. */
		if (s->out < 0)
			return false;
		spool_close_segment(s);
	}
	return true;
}

/* ---- what is too old ----------------------------------------------------------------- */

static uint64_t
unread_lines(const struct spool *s, unsigned i)
{
	const struct segment *g = &s->of[i];
	uint64_t from = g->first > s->last_read ? g->first : s->last_read + 1;
	uint64_t end = g->last != 0 ? g->last + 1 : i + 1 < s->n ? s->of[i + 1].first : s->next;

	return i < s->reading || end <= from ? 0 : end - from;
}

void
spool_drop_old(struct spool *s)
{
	uint64_t lines = 0;

	/* A spool that has space again says so the next time that it is full. */
	if (s->full && s->total < s->limit / 2)
		s->full = false;
	while (s->n > 0 && (int64_t)s->now_ns - s->of[0].written_ns > (int64_t)s->age_ns && s->age_ns != 0) {
		if (s->at_end && s->forgotten == s->last_read)
			break;
		lines += unread_lines(s, 0);
		if (s->out >= 0 && s->n == 1)
			spool_close_segment(s);
		spool_remove(s, 0);
	}
	if (lines == 0)
		return;
	spool_add(&s->counts.dropped[SPOOL_OLD], lines);
	spool_less(s, lines);
	s->state_due = true;
	log_warn("output", "%s: %" PRIu64 " lines waited in its spool for longer than %" PRIu64 " hours and were dropped", s->name, lines,
	    s->age_ns / UINT64_C(3600000000000));
}

uint64_t
spool_drop_all(struct spool *s, uint64_t taken, bool nothing_given)
{
	uint64_t lines = taken;

	while (s->n > s->reading) {
		unsigned last = s->n - 1;

		lines += unread_lines(s, last);
		if (s->out >= 0)
			spool_close_segment(s);
		/* That of which lines were given may go, too: they lie in memory. */
		spool_remove(s, last);
	}
	s->last_read = s->next - 1;
	if (nothing_given)
		s->forgotten = s->last_read;
	s->at_end = true;
	s->state_due = true;
	spool_less(s, lines);
	return lines;
}
