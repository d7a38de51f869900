#include "engine/surroundings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>

#include "base/thread.h"

#define SECOND		INT64_C(1000000000)
#define LOOK_MS		1000u		/* at the clock */
#define DISK_LOOKS	10u		/* at the disks: every so many */
#define JUMP_NS		(5 * SECOND)

struct disk {
	char		path[256];
	_Atomic uint64_t free_bytes;
	_Atomic unsigned percent;
	atomic_bool	known;
};

struct surroundings {
	struct bell	bell;
	struct thread	thread;
	atomic_bool	stop;
	atomic_int	clock;
	_Atomic uint64_t jumps;
	_Atomic int64_t	jump_ns;
	struct disk	disk[SURROUNDINGS_DISKS];
	unsigned	n_disks;
};

struct surroundings *
surroundings_open(const char *const *folders, unsigned n, struct err *e)
{
	struct surroundings *s = calloc(1, sizeof(*s));

	if (s == NULL || !bell_open(&s->bell)) {
		err_add(e, NULL, 0, 0, "no memory to look at clock and disks with");
		free(s);
		return NULL;
	}
	atomic_init(&s->clock, -1);
	for (unsigned i = 0; i < n && i < SURROUNDINGS_DISKS; i++)
		(void)snprintf(s->disk[s->n_disks++].path, sizeof(s->disk[0].path), "%s", folders[i]);
	return s;
}

static int64_t
ns_of(clockid_t of)
{
	struct timespec t = { 0 };

	(void)clock_gettime(of, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void
look_at_clock(struct surroundings *s, int64_t *offset, bool first)
{
	struct timex t = { .modes = 0 };
	int64_t is = ns_of(CLOCK_REALTIME) - ns_of(CLOCK_BOOTTIME), by = is - *offset;

	if (!first && (by > JUMP_NS || by < -JUMP_NS)) {
		atomic_store(&s->jump_ns, by);
		atomic_fetch_add(&s->jumps, 1);
	}
	*offset = is;
	switch (adjtimex(&t)) {
	case -1:
		atomic_store(&s->clock, -1);
		break;
	case TIME_ERROR:
		atomic_store(&s->clock, 0);
		break;
	default:
		atomic_store(&s->clock, (t.status & STA_UNSYNC) == 0);
	}
}

static unsigned
percent(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 100 : (unsigned)((double)part * 100 / (double)whole);
}

static void
look_at_disk(struct disk *d)
{
	struct statvfs v;
	unsigned bytes, inodes;

	if (statvfs(d->path, &v) != 0) {
		atomic_store(&d->known, false);
		return;
	}
	bytes = percent(v.f_bavail, v.f_blocks);
	inodes = v.f_files == 0 ? 100 : percent(v.f_favail, v.f_files);	/* some file systems count none */
	atomic_store(&d->free_bytes, (uint64_t)v.f_bavail * v.f_frsize);
	atomic_store(&d->percent, bytes < inodes ? bytes : inodes);
	atomic_store(&d->known, true);
}

static void *
run(void *arg)
{
	struct surroundings *s = arg;
	int64_t offset = 0;

	for (unsigned looks = 0; !atomic_load(&s->stop); looks++) {
		look_at_clock(s, &offset, looks == 0);
		for (unsigned i = 0; looks % DISK_LOOKS == 0 && i < s->n_disks; i++)
			look_at_disk(&s->disk[i]);
		bell_wait(&s->bell, -1, LOOK_MS);
	}
	atomic_store(&s->thread.ended, true);
	return NULL;
}

bool
surroundings_start(struct surroundings *s, struct err *e)
{
	if (thread_start(&s->thread, run, s))
		return true;
	err_add(e, NULL, 0, 0, "no thread to look at clock and disks with");
	return false;
}

int
surroundings_clock(const struct surroundings *s)
{
	return s != NULL ? atomic_load(&s->clock) : -1;
}

uint64_t
surroundings_jumps(const struct surroundings *s, int64_t *last_ns)
{
	*last_ns = s != NULL ? atomic_load(&s->jump_ns) : 0;
	return s != NULL ? atomic_load(&s->jumps) : 0;
}

unsigned
surroundings_disks(const struct surroundings *s, struct disk_state to[SURROUNDINGS_DISKS])
{
	for (unsigned i = 0; s != NULL && i < s->n_disks; i++) {
		(void)snprintf(to[i].path, sizeof(to[i].path), "%s", s->disk[i].path);
		to[i].free_bytes = atomic_load(&s->disk[i].free_bytes);
		to[i].free_percent = atomic_load(&s->disk[i].percent);
		to[i].known = atomic_load(&s->disk[i].known);
	}
	return s != NULL ? s->n_disks : 0;
}

void
surroundings_close(struct surroundings *s)
{
	_Atomic uint64_t deadline;

	if (s == NULL)
		return;
	atomic_init(&deadline, thread_now() + UINT64_C(200000000));
	atomic_store(&s->stop, true);
	bell_ring(&s->bell);
	if (!thread_join(&s->thread, &s->bell, &deadline))
		return;		/* a disk that hangs keeps it */
	bell_close(&s->bell);
	free(s);
}
