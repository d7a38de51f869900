/* What commands see of a spool: it is read, not opened, so a sensor may go on with it. */
#include "output/spool/own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct looking {
	struct spool_look	*to;
	uint64_t		 forgotten;
	void			(*line)(void *arg, const struct line_head *h, const char *line);
	void			*arg;
};

static void
take(struct looking *l, const struct spool_record *r, const char *line)
{
	struct spool_look *to = l->to;

	if (r->number <= l->forgotten)
		return;
	to->lines++;
	to->class_lines[r->head.class & 7]++;
	if (to->oldest_ns == 0)
		to->oldest_ns = r->head.ts_ns;
	to->newest_ns = r->head.ts_ns;
	if (l->line != NULL)
		l->line(l->arg, &r->head, line);
}

static int
wanted(const struct dirent *e)
{
	return spool_segment_number(e->d_name) != 0;
}

static bool
read_segments(struct looking *l, int dir, const char *folder, struct err *e)
{
	struct spool_reader rd;
	struct dirent **names = NULL;
	int n = scandirat(dir, ".", &names, wanted, alphasort);

	if (n < 0 || !spool_reader_init(&rd)) {
		err_add(e, folder, 0, 0, "cannot be read: %s", strerror(errno));
		for (int i = 0; i < n; i++)
			free(names[i]);
		free(names);
		return false;
	}
	for (int i = 0; i < n; i++) {
		struct spool_record r;
		const char *line;
		struct stat st;

		if (fstatat(dir, names[i]->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			l->to->segments++;
			l->to->bytes += (uint64_t)st.st_size;
		}
		if (spool_reader_open(&rd, dir, names[i]->d_name, 0, NULL))
			while (spool_reader_next(&rd, &r, &line))
				take(l, &r, line);
		else if (errno == 0)
			l->to->damaged++;	/* gone meanwhile: it has arrived */
		free(names[i]);
	}
	l->to->damaged += rd.damaged;
	free(names);
	spool_reader_free(&rd);
	return true;
}

/* The state file, or -1. */
static int
open_state(int dir, struct spool_look *to, struct spool_slot *slot, int flags)
{
	uint8_t bytes[2 * SPOOL_SLOT];
	int fd = openat(dir, "state", flags | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? pread(fd, bytes, sizeof(bytes), 0) : -1;

	*slot = (struct spool_slot){ 0 };
	to->no_state = n <= 0 || !spool_read_state(bytes, (size_t)n, slot);
	for (unsigned i = 0; i < SPOOL_DROPS; i++)
		to->dropped[i] = slot->dropped[i];
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0)
		to->running = true;
	return fd;
}

bool
spool_show(const char *folder, struct spool_look *to,
    void (*line)(void *arg, const struct line_head *h, const char *line), void *arg, struct err *e)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), state;
	struct looking l = { .to = to, .line = line, .arg = arg };
	struct spool_slot slot;
	bool good;

	*to = (struct spool_look){ 0 };
	if (dir < 0) {
		err_add(e, folder, 0, 0, "cannot be read: %s", strerror(errno));
		return false;
	}
	state = open_state(dir, to, &slot, O_RDONLY);
	/* Who writes it must not find it locked. */
	if (state >= 0)
		(void)close(state);
	l.forgotten = slot.forgotten;
	good = read_segments(&l, dir, folder, e);
	(void)close(dir);
	return good;
}

static void
delete_all(int dir)
{
	struct dirent **names = NULL;
	int n = scandirat(dir, ".", &names, wanted, NULL);

	for (int i = 0; i < n; i++) {
		(void)unlinkat(dir, names[i]->d_name, 0);
		free(names[i]);
	}
	free(names);
}

int64_t
spool_empty(const char *folder, struct err *e)
{
	struct spool_look look;
	struct spool_slot slot;
	int dir, state;

	if (!spool_show(folder, &look, NULL, NULL, e))
		return -1;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	state = dir >= 0 ? open_state(dir, &look, &slot, O_RDWR) : -1;
	if (look.running)
		err_add(e, folder, 0, 0, "is in use by a sensor that runs: stop it first, or change its target");
	else if (dir >= 0)
		delete_all(dir);
	if (state >= 0)
		(void)close(state);
	if (dir >= 0)
		(void)close(dir);
	return look.running ? -1 : (int64_t)look.lines;
}
