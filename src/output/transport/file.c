/* file.c - lines into a file, a named pipe or standard output.
 *
 * A disk that fills up is normal in years of running: what does not fit any more
 * stays in the queue, the line that was cut in the middle is finished as soon as
 * there is space, and nothing else is ever written between its halves.  Below
 * `outputs.reserve` of free space the file is kept for alerts.
 *
 * A file that was removed or renamed, alone or with its folder, is made again;
 * between our look at it and the next line lies at most a tenth of a second.  A
 * named pipe without a reader is waited for.
 */
#include "output/transport/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/queue.h"
#include "base/thread.h"
#include "output/transport/rotate.h"
#include "record/settings.h"

#define PIPE_CHUNK	(64u * 1024)	/* one write() to what may stall */
#define LOOK_BYTES	(8u << 20)	/* so many may be written between looks at free space */
#define SECOND		UINT64_C(1000000000)
#define GONE_NS		(SECOND / 4)	/* who rotates files makes the new one itself within that */

enum kind { KIND_FILE, KIND_PIPE, KIND_OTHER };

struct file {
	char		*path;		/* owned; "-" is standard output */
	enum kind	 kind;
	bool		 sink;		/* a device that takes everything, as /dev/null */
	int		 fd;		/* -1: could not be opened again, or a pipe without reader */
	bool		 failing;	/* the last write did not go through; said once */
	bool		 no_reader;	/* of a named pipe; said once */
	bool		 mend;		/* the file ends inside somebody's line */
	size_t		 sent;		/* of the line that is carried next: in the file already */
	off_t		 size;		/* of the file when a line was cut: did others write since? */
	struct rotate	*rotate;	/* owned; NULL: it grows for ever */
	uint64_t	 length;	/* bytes of the file, near enough */

	uint64_t	 sync;		/* enum sink_sync */
	bool		 unsynced;	/* lines were written since it was pressed onto the disk */
	uint64_t	 sync_ns;	/* monotonic, when that was */

	struct transport_counters *counters;	/* borrowed */
	uint64_t	 reserve;	/* bytes */
	bool		 scarce;	/* less is free; said once */
	uint64_t	 space_ns;	/* when to look again */
	size_t		 since_look;	/* bytes written since */

	dev_t		 dev;
	ino_t		 ino;
	uint64_t	 gone_ns;	/* since when the file is not where it was; 0: it is */
	bool		 homeless;	/* it could not be made again; said once */
};

static bool
is_stdout(const struct file *f)
{
	return strcmp(f->path, "-") == 0;
}

/* Does the file end without a newline?  A crash may have cut our last line;
 * ours must not be glued to it. */
static bool
ends_badly(const char *path, const struct stat *st)
{
	char last = '\n';
	int in;

	if (st->st_size == 0)
		return false;
	in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return false;
	if (pread(in, &last, 1, st->st_size - 1) != 1)
		last = '\n';
	close(in);
	return last != '\n';
}

/* Nobody waits here: a pipe without a reader fails with ENXIO. */
static int
open_path(struct file *f)
{
	struct stat st;

	if (is_stdout(f)) {
		f->kind = KIND_OTHER;
		return f->fd = STDOUT_FILENO;
	}
	f->fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (f->fd < 0) {
		int why = errno;

		f->kind = why == ENXIO && stat(f->path, &st) == 0 && S_ISFIFO(st.st_mode) ?
		    KIND_PIPE : f->kind;
		errno = why;
		return -1;
	}
	f->kind = KIND_OTHER;
	f->sink = false;
	f->mend = false;
	f->gone_ns = 0;
	if (fstat(f->fd, &st) != 0)
		return f->fd;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	if (S_ISREG(st.st_mode)) {
		f->kind = KIND_FILE;
		f->mend = ends_badly(f->path, &st);
		f->length = (uint64_t)st.st_size;
		if (f->rotate != NULL)
			rotate_begun(f->rotate, f->length, (uint64_t)st.st_mtim.tv_sec * SECOND);
	} else if (S_ISFIFO(st.st_mode))
		f->kind = KIND_PIPE;
	else
		f->sink = S_ISCHR(st.st_mode) && !isatty(f->fd);
	return f->fd;
}

static void
say_why(const char *path, int error, struct err *e)
{
	char copy[4096];
	const char *dir;

	snprintf(copy, sizeof(copy), "%s", path);
	dir = dirname(copy);
	if (error == ENOENT)
		err_add(e, NULL, 0, 0, "cannot write %s: the directory %s does not exist; "
		    "create it or choose another with -l", path, dir);
	else if (error == ENOTDIR)
		err_add(e, NULL, 0, 0, "cannot write %s: %s is not a directory; "
		    "choose another with -l", path, dir);
	else if (error == EACCES || error == EPERM || error == EROFS)
		err_add(e, NULL, 0, 0, "cannot write %s: %s; make %s writable for this "
		    "user or choose another directory with -l", path, strerror(error), dir);
	else
		err_add(e, NULL, 0, 0, "cannot write %s: %s; choose another path with "
		    "outputs.eve.file", path, strerror(error));
}

static void
no_reader(struct file *f, const char *what)
{
	if (!f->no_reader)
		log_note("output", "%s: %s; lines wait in memory until somebody reads it", f->path, what);
	f->no_reader = true;
}

static void *
file_open(const struct transport_settings *s, struct err *e)
{
	struct file *f = calloc(1, sizeof(*f));
	struct stat st;

	if (f == NULL || (f->path = strdup(s->target)) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->target);
		free(f);
		return NULL;
	}
	f->reserve = s->reserve;
	f->counters = s->counters;
	f->sync = s->sync;
	if (s->rotate_bytes + s->rotate_ns != 0 && strcmp(f->path, "-") != 0 && (f->rotate = rotate_open(s, e)) == NULL) {
		free(f->path);
		free(f);
		return NULL;
	}
	if (s->fresh && stat(f->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		log_note("output", "%s has lines already (%" PRIu64 " bytes); those of this run are appended: choose "
		    "an empty folder with -l to have them alone", f->path, (uint64_t)st.st_size);
	if (open_path(f) < 0) {
		if (errno == ENXIO && f->kind == KIND_PIPE) {
			no_reader(f, "this pipe has no reader yet");
			return f;
		}
		say_why(f->path, errno, e);
		rotate_close(f->rotate);
		free(f->path);
		free(f);
		return NULL;
	}
	return f;
}

/* The folder with all above it, as far as they are missing. */
static void
make_folder(const char *path)
{
	char copy[4096];

	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
		return;
	for (char *p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(copy, 0750);
		*p = '/';
	}
}

/* Later than at the start a missing folder is made. */
static int
open_again(struct file *f)
{
	if (open_path(f) < 0 && errno == ENOENT) {
		make_folder(f->path);
		return open_path(f);
	}
	return f->fd;
}

static void
trouble(struct file *f, int error)
{
	if (f->failing)
		return;
	f->failing = true;
	log_error("output", "%s: %s; lines that do not fit in memory are lost until it "
	    "can be written again", f->path, strerror(error));
}

static void
found_again(struct file *f)
{
	atomic_fetch_add_explicit(&f->counters->reconnects, 1, memory_order_relaxed);
}

static void
recovered(struct file *f)
{
	if (f->failing)
		log_note("output", "%s can be written again", f->path);
	if (f->no_reader)
		found_again(f);
	if (f->no_reader)
		log_note("output", "%s has a reader", f->path);
	f->failing = f->no_reader = false;
}

/* ---- carrying ---------------------------------------------------------------- */

/* Write from byte `done` on.  Returns how much is out; errno has the reason why not more. */
static size_t
write_on(struct file *f, const struct iovec at[2], size_t done)
{
	size_t all = at[0].iov_len + at[1].iov_len;
	bool stalls = f->kind != KIND_FILE && !f->sink;
	size_t most = stalls ? PIPE_CHUNK : LOOK_BYTES;

	while (done < all) {
		struct iovec v[2];
		ssize_t w = writev(f->fd, v, queue_part(at, done, most, v));

		if (w > 0) {
			done += (size_t)w;
			f->since_look += (size_t)w;
			f->length += (size_t)w;
			f->unsynced = true;
			errno = 0;
			/* A pipe: what is away frees space in the queue. */
			if (stalls)
				break;
		} else if (w == 0) {
			errno = ENOSPC;
			break;
		} else if (errno != EINTR)
			break;
	}
	return done;
}

/* The reader of a pipe went away.  What it left in the pipe the next one gets; if it
 * left nothing, the next one gets the line whole that was begun. */
static void
reader_gone(struct file *f)
{
	int unread = 0;

	no_reader(f, "the reader of this pipe went away");
	if (ioctl(f->fd, FIONREAD, &unread) == 0 && unread == 0)
		f->sent = 0;
}

static enum carry
not_written(struct file *f, int error)
{
	if (error == EAGAIN || error == EWOULDBLOCK)
		return CARRY_BUSY;
	if (error == EPIPE && f->kind == KIND_PIPE) {
		reader_gone(f);
		return CARRY_BUSY;
	}
	trouble(f, error);
	return CARRY_FAILED;
}

static void file_reopen(void *t);

/* The file under its old name, if it is time, and a new one.  Between two lines only. */
static void
rotate(struct file *f)
{
	uint64_t now = thread_wall();

	if (f->sent > 0 || f->kind != KIND_FILE || f->fd < 0 || f->gone_ns != 0 || !rotate_is_due(f->rotate, f->length, now))
		return;
	if (f->sync != SINK_SYNC_NONE)
		(void)fdatasync(f->fd);
	if (rotate_away(f->rotate, now))
		file_reopen(f);
}

/* What goes into the present file: whole lines, at least one. */
static size_t
part_of(struct file *f, const struct iovec at[2], struct iovec part[2])
{
	size_t all = at[0].iov_len + at[1].iov_len, n = all;
	uint64_t space = f->rotate != NULL && f->kind == KIND_FILE ? rotate_space(f->rotate, f->length - f->sent) : UINT64_MAX;

	if (space < all && (n = queue_whole_lines(at, (size_t)space)) == 0)
		n = queue_first_line(at);
	part[1] = (struct iovec){ 0 };
	if (queue_part(at, 0, n, part) == 0)
		part[0] = (struct iovec){ 0 };
	return n;
}

static enum carry
file_carry(void *t, const struct iovec whole[2], size_t *done)
{
	struct file *f = t;
	size_t all = whole[0].iov_len + whole[1].iov_len, out;
	struct iovec at[2];
	struct stat st;
	int error;

	if (f->rotate != NULL)
		rotate(f);
	if (f->gone_ns != 0 && !f->homeless)
		return CARRY_BUSY;	/* file_check() makes it again in a moment */
	if (f->fd < 0 && open_again(f) < 0) {
		if (errno == ENXIO && f->kind == KIND_PIPE)
			return CARRY_BUSY;
		trouble(f, errno);
		return CARRY_FAILED;
	}
	if (f->mend) {
		if (write(f->fd, "\n", 1) != 1)
			return not_written(f, errno);
		f->mend = false;
	}
	errno = 0;
	(void)part_of(f, whole, at);
	out = write_on(f, at, f->sent);
	error = errno;
	*done = queue_whole_lines(at, out);
	if (out > f->sent || *done > 0)
		recovered(f);
	f->sent = out - *done;
	if (out == all)
		return CARRY_DONE;
	if (f->sent > 0 && f->kind == KIND_FILE)
		f->size = fstat(f->fd, &st) == 0 ? st.st_size : -1;
	return error == 0 ? CARRY_MORE : not_written(f, error);
}

static bool
file_direct(void *t)
{
	struct file *f = t;

	return f->fd >= 0 && f->gone_ns == 0 && (f->kind == KIND_FILE || f->sink);
}

static int
file_busy_fd(void *t)
{
	struct file *f = t;

	/* A pipe without a reader is always "ready". */
	return f->no_reader || f->gone_ns != 0 ? -1 : f->fd;
}

/* ---- finding it again ---------------------------------------------------------- */

/* The half line at the end of a file that is being left goes away, if nobody
 * wrote behind it; the whole line is still in the queue. */
static void
cut_half(struct file *f)
{
	struct stat st;

	if (f->sent == 0)
		return;
	if (f->fd >= 0 && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == f->size && ftruncate(f->fd, st.st_size - (off_t)f->sent) != 0)
		log_warn("output", "%s ends inside a line: %s", f->path, strerror(errno));
	f->sent = 0;
}

static void
file_reopen(void *t)
{
	struct file *f = t;
	int old = f->fd;

	if (is_stdout(f))
		return;
	if (old >= 0 && f->kind == KIND_FILE)
		cut_half(f);
	if (open_again(f) < 0) {
		if (!(errno == ENXIO && f->kind == KIND_PIPE))
			trouble(f, errno);
	} else if (f->kind == KIND_FILE)
		f->sent = 0;
	if (old >= 0)
		close(old);
}

/* Not where it was: make it again, or go over to what stands there now. */
static void
move_in(struct file *f, bool other)
{
	struct file was = *f;

	if (open_again(f) < 0) {
		int why = errno;

		*f = was;
		if (!f->homeless)
			log_error("output", "%s is gone and cannot be made again: %s; lines go on into the "
			    "file that was there", f->path, strerror(why));
		f->homeless = true;
		return;
	}
	cut_half(&was);
	close(was.fd);
	f->sent = 0;
	f->homeless = false;
	found_again(f);
	log_warn("output", other ? "%s: another file has its name now; lines go there" :
	    "%s was removed or renamed; it was made again", f->path);
}

static void
look_for(struct file *f, uint64_t now_ns)
{
	struct stat st;
	bool there = stat(f->path, &st) == 0;

	if (there && st.st_dev == f->dev && st.st_ino == f->ino) {
		f->gone_ns = 0;
		f->homeless = false;
	} else if (there)
		move_in(f, true);
	else if (errno != ENOENT && errno != ENOTDIR)
		return;		/* cannot be known */
	else if (f->gone_ns == 0)
		f->gone_ns = now_ns;
	else if (now_ns - f->gone_ns >= (f->homeless ? SECOND : GONE_NS)) {
		f->gone_ns = now_ns;
		move_in(f, false);
	}
}

static void
look_at_space(struct file *f)
{
	struct statvfs v;
	uint64_t left, enough;

	f->since_look = 0;
	/* No blocks at all: a file in memory, whose system sets no limit. */
	if (f->reserve == 0 || fstatvfs(f->fd, &v) != 0 || v.f_blocks == 0)
		return;
	left = (uint64_t)v.f_bavail * v.f_frsize;
	enough = f->scarce ? f->reserve + f->reserve / 16 : f->reserve;
	if (f->scarce == (left < enough))
		return;
	f->scarce = !f->scarce;
	if (f->scarce)
		log_error("output", "%s: only %" PRIu64 " MiB are free on its disk, less than outputs.reserve "
		    "(%" PRIu64 " MiB): only alerts are written until there is more", f->path, left >> 20,
		    f->reserve >> 20);
	else
		log_note("output", "%s: its disk has space again; everything is written", f->path);
}

static void
press(struct file *f, uint64_t now_ns)
{
	if (f->unsynced && fdatasync(f->fd) != 0 && errno != EINVAL && errno != EROFS)
		trouble(f, errno);
	f->unsynced = false;
	f->sync_ns = now_ns;
}

/* An alert of severity 1 or 2 was among what was carried. */
static void
file_sync(void *t)
{
	struct file *f = t;

	if (f->sync == SINK_SYNC_ALERT && f->kind == KIND_FILE && f->fd >= 0)
		press(f, thread_now());
}

static void
file_check(void *t, uint64_t now_ns)
{
	struct file *f = t;

	if (f->kind != KIND_FILE || f->fd < 0)
		return;
	look_for(f, now_ns);
	if (f->rotate != NULL) {
		rotate(f);
		rotate_look(f->rotate, now_ns);
	}
	if (f->sync != SINK_SYNC_NONE && f->unsynced && now_ns - f->sync_ns >= SECOND && f->fd >= 0)
		press(f, now_ns);
	if (now_ns < f->space_ns && f->since_look < LOOK_BYTES)
		return;
	f->space_ns = now_ns + SECOND;
	look_at_space(f);
}

static bool
file_scarce(void *t)
{
	struct file *f = t;

	if (f->since_look >= LOOK_BYTES && f->kind == KIND_FILE)
		look_at_space(f);
	return f->scarce;
}

static int
file_close(void *t)
{
	struct file *f = t;
	int rc = 0;

	if (f->kind == KIND_FILE)
		cut_half(f);
	if (f->sync != SINK_SYNC_NONE && f->kind == KIND_FILE && f->fd >= 0)
		press(f, 0);
	rotate_close(f->rotate);
	if (f->fd >= 0 && !is_stdout(f) && close(f->fd) != 0 && errno != EINTR) {
		log_error("output", "%s: %s", f->path, strerror(errno));
		rc = -1;
	}
	free(f->path);
	free(f);
	return rc;
}

const struct transport transport_file = {
	.name = "file",
	.open = file_open,
	.carry = file_carry,
	.direct = file_direct,
	.busy_fd = file_busy_fd,
	.check = file_check,
	.scarce = file_scarce,
	.reopen = file_reopen,
	.sync = file_sync,
	.close = file_close,
};
