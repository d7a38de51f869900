#include "output/spool/own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"

#define SECOND		UINT64_C(1000000000)
#define SEGMENT_MIN	(64u << 10)
#define SEGMENT_MAX	(8u << 20)
#define SEGMENTS_MAX	100000u
#define ASIDE_MAX	(1u << 20)	/* of damaged bytes that are kept */
#define YEARS_NS	(10 * INT64_C(365) * 86400 * 1000000000)	/* a file that is older comes from a clock that was wrong */

int (*spool_fault)(const char *place);

int
spool_trouble(const char *place)
{
	return spool_fault != NULL ? spool_fault(place) : 0;
}

/* ---- the state ------------------------------------------------------------------- */

static bool
write_state(struct spool *s)
{
	struct spool_slot slot = { .version = SPOOL_VERSION, .generation = s->generation + 1, .forgotten = s->forgotten,
	    .next = s->next };
	int error = spool_trouble("state");

	memcpy(slot.magic, SPOOL_STATE_MAGIC, sizeof(slot.magic));
	for (unsigned i = 0; i < SPOOL_DROPS; i++)
		slot.dropped[i] = atomic_load(&s->counts.dropped[i]);
	slot.crc = spool_crc_slot(&slot);
	s->state_ns = s->now_ns;
	if (error != 0 || pwrite(s->state, &slot, sizeof(slot), (off_t)((slot.generation & 1) * sizeof(slot))) != (ssize_t)sizeof(slot))
		return false;
	s->generation++;
	s->state_due = false;
	if (s->sync != SINK_SYNC_NONE)
		(void)fdatasync(s->state);
	return true;
}

/* ---- segments ---------------------------------------------------------------------- */

void
spool_remove(struct spool *s, unsigned i)
{
	char name[SPOOL_NAME_MAX];

	spool_segment_name(s->of[i].number, name);
	(void)unlinkat(s->dir, name, 0);
	s->total -= s->of[i].bytes;
	memmove(&s->of[i], &s->of[i + 1], (s->n - i - 1) * sizeof(*s->of));
	s->n--;
	if (i == s->reading)
		spool_reader_close(&s->rd);
	else if (i < s->reading)
		s->reading--;
	if (s->n == 0)
		atomic_store(&s->counts.lines, 0);
	atomic_store(&s->counts.bytes, s->total);
}

/* A file that cannot be read as a segment is left where it is, under another name. */
static void
set_segment_aside(struct spool *s, unsigned i, int error)
{
	char name[SPOOL_NAME_MAX], to[SPOOL_NAME_MAX + 8];

	spool_segment_name(s->of[i].number, name);
	(void)snprintf(to, sizeof(to), "%s.damaged", name);
	(void)renameat(s->dir, name, s->dir, to);
	log_warn("output", "%s: %s/%s cannot be read (%s); it is now %s, and what follows it is sent", s->name, s->folder,
	    name, error != 0 ? strerror(error) : "it is damaged", to);
	spool_add(&s->counts.dropped[SPOOL_DAMAGED], 1);
	s->state_due = true;
	spool_remove(s, i);
}

void
spool_aside(void *arg, const uint8_t *p, size_t n)
{
	struct spool *s = arg;
	int fd;

	if (s->aside >= ASIDE_MAX)
		return;
	fd = openat(s->dir, "damaged", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return;
	n = n < ASIDE_MAX - s->aside ? n : ASIDE_MAX - (size_t)s->aside;
	s->aside += write(fd, p, n) > 0 ? n : 0;
	(void)close(fd);
}

void
spool_close_segment(struct spool *s)
{
	if (s->out < 0)
		return;
	if (s->sync != SINK_SYNC_NONE)
		(void)fdatasync(s->out);
	s->data_due = false;
	(void)close(s->out);
	s->out = -1;
}

static struct segment *
append_segment(struct spool *s)
{
	if (s->n == s->size) {
		unsigned more = s->size != 0 ? 2 * s->size : 32;
		struct segment *of = s->n < SEGMENTS_MAX ? realloc(s->of, more * sizeof(*of)) : NULL;

		if (of == NULL)
			return NULL;
		s->of = of;
		s->size = more;
	}
	s->of[s->n] = (struct segment){ 0 };
	return &s->of[s->n];
}

/* Begin the next segment.  0, or errno. */
static int
roll(struct spool *s)
{
	struct spool_segment h = { .version = SPOOL_VERSION, .number = s->number + 1, .first = s->next };
	struct segment *g;
	char name[SPOOL_NAME_MAX];
	int error = spool_trouble("roll");

	spool_close_segment(s);
	g = append_segment(s);
	if (g == NULL || error != 0)
		return g == NULL ? ENOMEM : error;
	memcpy(h.magic, SPOOL_SEGMENT_MAGIC, sizeof(h.magic));
	h.crc = spool_crc_segment(&h);
	spool_segment_name(h.number, name);
	s->out = openat(s->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (s->out < 0)
		return errno;
	s->number++;
	if (pwrite(s->out, &h, sizeof(h), 0) != (ssize_t)sizeof(h)) {
		error = errno != 0 ? errno : ENOSPC;
		(void)close(s->out);
		s->out = -1;
		(void)unlinkat(s->dir, name, 0);
		return error;
	}
	*g = (struct segment){ .number = h.number, .bytes = sizeof(h), .first = h.first, .counted = true };
	s->n++;
	s->total += sizeof(h);
	if (s->sync != SINK_SYNC_NONE)
		(void)fsync(s->dir);
	return 0;
}

/* ---- putting ------------------------------------------------------------------------- */

static bool
fail(struct spool *s, int error)
{
	s->retry_ns = s->now_ns + SECOND;
	if (!atomic_load(&s->counts.failing))
		log_error("output", "%s: its spool %s cannot be written: %s; lines wait in memory, as many as fit, until it can",
		    s->name, s->folder, strerror(error));
	atomic_store(&s->counts.failing, true);
	return false;
}

/* 0, or errno; nothing of the record stands in the segment then. */
static int
append(struct spool *s, const struct spool_record *r, const char *line)
{
	struct segment *g = &s->of[s->n - 1];
	const struct iovec v[2] = { { (void *)(uintptr_t)r, sizeof(*r) }, { (void *)(uintptr_t)line, r->head.len } };
	size_t all = v[0].iov_len + v[1].iov_len;
	int error = spool_trouble("put");
	ssize_t n = error != 0 ? -1 : pwritev(s->out, v, 2, (off_t)g->bytes);

	if (n == (ssize_t)all)
		return 0;
	if (error == 0)
		error = n < 0 ? errno : ENOSPC;
	/* What stands there now would be taken for damage. */
	if (n > 0 && ftruncate(s->out, (off_t)g->bytes) != 0)
		spool_close_segment(s);
	return error;
}

static bool
too_much(struct spool *s, enum spool_drop why)
{
	spool_add(&s->counts.dropped[why], 1);
	s->state_due = true;
	return true;
}

bool
spool_put(struct spool *s, const struct line_head *h, const char *line)
{
	struct spool_record r = { .magic = SPOOL_RECORD_MAGIC, .number = s->next, .head = *h };
	uint64_t need = sizeof(r) + h->len;
	struct segment *g;
	int error;

	if (atomic_load(&s->counts.failing) && s->now_ns < s->retry_ns)
		return false;
	if (h->len == 0 || h->len > SPOOL_LINE_MAX || need + sizeof(struct spool_segment) > s->limit)
		return too_much(s, SPOOL_TOO_LONG);
	if (s->total + need + sizeof(struct spool_segment) > s->limit && !spool_make_space(s, need, h->class))
		return too_much(s, SPOOL_FULL);
	if (s->out < 0 || (s->of[s->n - 1].bytes + need > s->segment_bytes && s->of[s->n - 1].bytes > sizeof(struct spool_segment))) {
		error = roll(s);
		if (error != 0)
			return fail(s, error);
	}
	r.crc = spool_crc_record(&r, line);
	error = append(s, &r, line);
	if (error != 0)
		return fail(s, error);
	if (atomic_exchange(&s->counts.failing, false))
		log_note("output", "%s: its spool can be written again", s->name);
	g = &s->of[s->n - 1];
	g->bytes += need;
	g->last = s->next++;
	g->written_ns = (int64_t)s->now_ns;
	g->class_bytes[h->class < QUEUE_CLASSES ? h->class : QUEUE_ALERT] += need;
	s->total += need;
	s->at_end = false;
	s->data_due = true;
	spool_add(&s->counts.lines, 1);
	atomic_store(&s->counts.bytes, s->total);
	return true;
}

/* ---- reading --------------------------------------------------------------------------- */

/* The segment that is read is open.  false: there is none. */
static bool
open_reading(struct spool *s)
{
	while (s->rd.fd < 0 && s->reading < s->n) {
		char name[SPOOL_NAME_MAX];

		spool_segment_name(s->of[s->reading].number, name);
		if (spool_reader_open(&s->rd, s->dir, name, 0, NULL))
			break;
		set_segment_aside(s, s->reading, errno);
	}
	if (s->reading == s->n)
		return false;
	s->rd.growing = s->out >= 0 && s->reading == s->n - 1;
	return true;
}

static void
note_damage(struct spool *s)
{
	if (s->rd.damaged == 0)
		return;
	log_warn("output", "%s: its spool %s was damaged at %" PRIu64 " place%s; what can be read is sent, the rest is in its file "
	    "\"damaged\"", s->name, s->folder, s->rd.damaged, s->rd.damaged == 1 ? "" : "s");
	spool_add(&s->counts.dropped[SPOOL_DAMAGED], s->rd.damaged);
	s->rd.damaged = 0;
	s->state_due = true;
}

bool
spool_next(struct spool *s, struct line_head *h, char *to, size_t size, uint64_t *record)
{
	struct spool_record r;
	const char *line;

	while (!s->at_end && open_reading(s)) {
		struct segment *g = &s->of[s->reading];
		bool found = spool_reader_next(&s->rd, &r, &line);

		note_damage(s);
		if (!found && s->rd.growing)
			break;
		if (!found) {
			spool_reader_close(&s->rd);
			g->last = g->last != 0 ? g->last : g->first;
			s->reading++;
			continue;
		}
		if (r.number > g->last)
			g->last = r.number;
		if (r.number <= s->forgotten || r.number <= s->last_read || r.head.len > size)
			continue;
		s->last_read = *record = r.number;
		*h = r.head;
		memcpy(to, line, r.head.len);
		return true;
	}
	s->at_end = true;
	return false;
}

bool
spool_caught_up(const struct spool *s)
{
	return s->at_end;
}

void
spool_forget(struct spool *s, uint64_t record, unsigned n)
{
	if (record <= s->forgotten)
		return;
	s->forgotten = record;
	s->state_due = true;
	spool_less(s, n);
	while (s->n > 0 && s->of[0].last <= s->forgotten && s->of[0].last != 0) {
		/* The last one stays for what comes, until it is worth a new one, or takes the space of a full disk. */
		bool last = s->out >= 0 && s->n == 1;

		if (s->reading == 0 && !(last && s->at_end && (s->of[0].bytes >= s->segment_bytes / 2 || atomic_load(&s->counts.failing))))
			break;
		(void)spool_trouble("forget");
		if (last)
			spool_close_segment(s);
		spool_remove(s, 0);
	}
	if (s->at_end && s->forgotten == s->last_read)
		atomic_store(&s->counts.lines, 0);
}

void
spool_tick(struct spool *s, uint64_t now_ns, bool grave)
{
	s->now_ns = now_ns;
	if (s->data_due && s->out >= 0 && s->sync != SINK_SYNC_NONE &&
	    (now_ns - s->sync_ns >= SECOND || (grave && s->sync == SINK_SYNC_ALERT))) {
		(void)fdatasync(s->out);
		s->sync_ns = now_ns;
		s->data_due = false;
	}
	if (s->age_ns != 0 && now_ns - s->age_look_ns >= SECOND) {
		s->age_look_ns = now_ns;
		spool_drop_old(s);
	}
	if (s->state_due && now_ns - s->state_ns >= SECOND)
		(void)write_state(s);
}

const struct spool_counts *
spool_count(const struct spool *s)
{
	return &s->counts;
}

size_t
spool_memory(const struct spool *s)
{
	return sizeof(*s) + s->size * sizeof(*s->of) + 2 * SPOOL_READER_BYTES;
}

/* ---- opening --------------------------------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Names, sizes, ages: nothing is read. */
static int
list_segments(struct spool *s)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int64_t wall = (int64_t)thread_wall();

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	while ((entry = readdir(d)) != NULL) {
		uint64_t number = spool_segment_number(entry->d_name);
		struct stat st;
		struct segment *g;
		int64_t age;

		if (strcmp(entry->d_name, "compact.tmp") == 0)
			(void)unlinkat(s->dir, entry->d_name, 0);
		if (number == 0 || fstatat(s->dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
		    (g = append_segment(s)) == NULL)
			continue;
		age = wall - ((int64_t)st.st_mtim.tv_sec * (int64_t)SECOND + st.st_mtim.tv_nsec);
		*g = (struct segment){ .number = number, .bytes = (uint64_t)st.st_size,
		    .written_ns = (int64_t)s->now_ns - (age > 0 && age < YEARS_NS ? age : 0) };
		s->total += g->bytes;
		s->n++;
	}
	(void)closedir(d);
	if (s->n > 0)
		qsort(s->of, s->n, sizeof(*s->of), by_number);
	return 0;
}

/* The number that the next record gets is above all that are there: of the last segment that can be read all
 * records are, of the others the header. */
static void
find_end(struct spool *s)
{
	struct spool_segment h;
	struct spool_record r;
	const char *line;
	bool scanned = false;

	for (unsigned i = s->n; i-- > 0; scanned = true) {
		char name[SPOOL_NAME_MAX];

		spool_segment_name(s->of[i].number, name);
		if (!spool_reader_open(&s->other, s->dir, name, 0, &h))
			continue;
		s->of[i].first = h.first;
		if (h.first > s->next)
			s->next = h.first;
		while (!scanned && spool_reader_next(&s->other, &r, &line)) {
			s->of[i].last = r.number;
			if (r.number >= s->next)
				s->next = r.number + 1;
		}
	}
	s->other.damaged = 0;
	spool_reader_close(&s->other);
}

static bool
open_files(struct spool *s, struct err *e)
{
	uint8_t bytes[2 * SPOOL_SLOT];
	struct spool_slot slot;
	ssize_t n;

	if ((mkdir(s->folder, 0750) != 0 && errno != EEXIST) ||
	    (s->dir = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) < 0 ||
	    (s->state = openat(s->dir, "state", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640)) < 0) {
		err_add(e, NULL, 0, 0, "%s: the spool %s cannot be opened: %s", s->name, s->folder, strerror(errno));
		return false;
	}
	if (flock(s->state, LOCK_EX | LOCK_NB) != 0) {
		err_add(e, NULL, 0, 0, "%s: the spool %s is in use by another thermowell; give each its own outputs.spool-folder or names", s->name,
		    s->folder);
		return false;
	}
	n = pread(s->state, bytes, sizeof(bytes), 0);
	if (n > 0 && spool_read_state(bytes, (size_t)n, &slot)) {
		s->generation = slot.generation;
		s->forgotten = slot.forgotten;
		s->next = slot.next > slot.forgotten ? slot.next : slot.forgotten + 1;
		for (unsigned i = 0; i < SPOOL_DROPS; i++)
			atomic_store(&s->counts.dropped[i], slot.dropped[i]);
	} else if (n > 0)
		log_warn("output", "%s: the state of its spool %s is damaged: everything that is there is sent again", s->name,
		    s->folder);
	if (list_segments(s) != 0) {
		err_add(e, NULL, 0, 0, "%s: the spool %s cannot be read: %s", s->name, s->folder, strerror(errno));
		return false;
	}
	return true;
}

/* The folder that holds those of all sinks. */
static void
make_parent(const char *folder)
{
	char copy[4096];
	char *slash;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", folder) >= sizeof(copy) || (slash = strrchr(copy, '/')) == NULL || slash == copy)
		return;
	*slash = '\0';
	(void)mkdir(copy, 0750);
}

struct spool *
spool_open(const struct spool_settings *set, struct err *e)
{
	struct spool *s = calloc(1, sizeof(*s));
	uint64_t waiting;

	if (s == NULL) {
		err_add(e, NULL, 0, 0, "%s: no memory for a spool", set->name);
		return NULL;
	}
	s->dir = s->state = s->out = s->rd.fd = s->other.fd = -1;
	s->limit = set->bytes;
	s->segment_bytes = set->bytes / 16 < SEGMENT_MIN ? SEGMENT_MIN : set->bytes / 16 > SEGMENT_MAX ? SEGMENT_MAX : set->bytes / 16;
	s->age_ns = set->age_ns;
	s->sync = set->sync;
	s->next = 1;
	s->now_ns = thread_now();
	s->name = strdup(set->name);
	s->folder = strdup(set->folder);
	if (s->name == NULL || s->folder == NULL || !spool_reader_init(&s->rd) || !spool_reader_init(&s->other)) {
		err_add(e, NULL, 0, 0, "%s: no memory for a spool", set->name);
		spool_close(s);
		return NULL;
	}
	s->rd.aside = spool_aside;
	s->rd.arg = s;
	make_parent(s->folder);
	if (!open_files(s, e)) {
		spool_close(s);
		return NULL;
	}
	find_end(s);
	s->number = s->n > 0 ? s->of[s->n - 1].number : 0;
	s->at_end = s->n == 0;
	s->last_read = s->forgotten;
	waiting = s->n > 0 ? s->next - 1 - s->forgotten : 0;
	atomic_store(&s->counts.lines, waiting);
	atomic_store(&s->counts.bytes, s->total);
	if (waiting > 0)
		log_note("output", "%s: up to %" PRIu64 " lines of an earlier run wait in its spool", s->name, waiting);
	return s;
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	spool_close_segment(s);
	if (atomic_load(&s->counts.lines) > 0)
		log_note("output", "%s: %" PRIu64 " lines wait in its spool for the next run", s->name, atomic_load(&s->counts.lines));
	/* Nothing waits: no file is left but the state. */
	while (s->n > 0 && s->at_end && s->forgotten == s->last_read && s->reading >= s->n - 1)
		spool_remove(s, 0);
	if (s->state >= 0 && s->name != NULL && s->folder != NULL && s->rd.buf != NULL && s->state_due && !write_state(s))
		log_warn("output", "%s: the state of its spool cannot be written: some lines will be sent again", s->name);
	spool_reader_free(&s->rd);
	spool_reader_free(&s->other);
	if (s->state >= 0)
		(void)close(s->state);
	if (s->dir >= 0)
		(void)close(s->dir);
	free(s->of);
	free(s->folder);
	free(s->name);
	free(s);
}
