/* file.c - lines into a file or standard output.
 *
 * Lines gather in one buffer and are written when it is full or a second has
 * passed.  A disk that fills up is normal in years of running: what does not
 * fit any more is counted, the line that was cut in the middle is finished as
 * soon as there is room, and nothing else is ever written between its halves.
 */
#include "output/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define BUFFER_SIZE (OUTPUT_LINE_MAX)
#define WAIT_MS 1000	/* for a pipe or terminal that is not ready */

struct file {
	char		*path;		/* owned; "-" is standard output */
	int		 fd;		/* -1: could not be opened again */
	bool		 failing;	/* the last write did not go through; said once */
	bool		 mend;		/* the file ends inside somebody's line */
	size_t		 len;		/* bytes in buf: whole lines */
	size_t		 sent;		/* of the first line in buf that are in the file already */
	off_t		 size;		/* of the file when a line was cut: did others write since? */
	uint64_t	 lost;		/* lines, since open */
	uint64_t	 lost_now;	/* lines, since the trouble began */
	struct counters	*counters;	/* borrowed */
	char		*buf;		/* owned; BUFFER_SIZE */
};

static bool
is_stdout(const struct file *f)
{
	return strcmp(f->path, "-") == 0;
}

/* Does the file end without a newline?  A crash may have cut our last line;
 * ours must not be glued to it. */
static bool
ends_badly(const char *path, int fd)
{
	struct stat st;
	char last = '\n';
	int in;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return false;
	in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return false;
	if (pread(in, &last, 1, st.st_size - 1) != 1)
		last = '\n';
	close(in);
	return last != '\n';
}

static int
open_path(struct file *f)
{
	if (is_stdout(f))
		return STDOUT_FILENO;
	f->fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	if (f->fd >= 0)
		f->mend = ends_badly(f->path, f->fd);
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
		err_add(e, NULL, 0, 0, "cannot write %s: %s; choose another place with "
		    "outputs.eve.file", path, strerror(error));
}

static void *
file_open(const char *path, struct counters *c, struct err *e)
{
	struct file *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->path = strdup(path)) == NULL ||
	    (f->buf = malloc(BUFFER_SIZE)) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", path);
		goto fail;
	}
	f->counters = c;
	f->fd = open_path(f);
	if (f->fd < 0) {
		say_why(path, errno, e);
		goto fail;
	}
	return f;
fail:
	if (f != NULL) {
		free(f->path);
		free(f->buf);
		free(f);
	}
	return NULL;
}

/* write(2) until all is out.  Returns how much is; errno says why not more. */
static size_t
write_all(int fd, const char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t w = write(fd, p + done, n - done);

		if (w > 0)
			done += (size_t)w;
		else if (w < 0 && errno == EINTR)
			continue;
		else if (w < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			/* Interrupted or ready: try again.  Not ready: give up for now. */
			if (poll(&pfd, 1, WAIT_MS) == 0) {
				errno = EAGAIN;
				break;
			}
		} else {
			if (w == 0)
				errno = ENOSPC;
			break;
		}
	}
	return done;
}

static void
trouble(struct file *f, int error)
{
	if (f->failing)
		return;
	f->failing = true;
	f->lost_now = 0;
	log_error("output", "%s: %s; lines that do not fit in memory are lost until it "
	    "can be written again", f->path, strerror(error));
}

static void
recovered(struct file *f)
{
	if (!f->failing)
		return;
	f->failing = false;
	log_note("output", "%s can be written again; %" PRIu64 " lines were lost",
	    f->path, f->lost_now);
}

/* Write the buffer.  What could not be written stays, from the start of the
 * first line that is not wholly in the file. */
static void
push(struct file *f)
{
	size_t n, done, keep;
	struct stat st;
	const char *nl;

	if (f->fd < 0 && open_path(f) < 0) {
		trouble(f, errno);
		return;
	}
	if (f->mend && write_all(f->fd, "\n", 1) == 1)
		f->mend = false;
	if (f->len == 0 || f->mend)
		return;
	n = f->len - f->sent;
	done = f->sent + write_all(f->fd, f->buf + f->sent, n);
	if (done == f->len) {
		f->len = f->sent = 0;
		recovered(f);
		return;
	}
	trouble(f, errno);
	nl = memrchr(f->buf, '\n', done);
	keep = nl != NULL ? (size_t)(nl - f->buf) + 1 : 0;
	memmove(f->buf, f->buf + keep, f->len - keep);
	f->len -= keep;
	f->sent = done - keep;
	f->size = fstat(f->fd, &st) == 0 ? st.st_size : -1;
}

static void
lose(struct file *f)
{
	f->lost++;
	f->lost_now++;
	count(f->counters, CNT_OUT_LOST);
}

static void
file_send(void *t, const char *line, size_t n)
{
	struct file *f = t;

	/* While there is trouble only file_flush() tries again: not a system call
	 * for every line that is lost. */
	if (n > BUFFER_SIZE - f->len && !f->failing)
		push(f);
	if (n > BUFFER_SIZE - f->len) {
		lose(f);
		return;
	}
	memcpy(f->buf + f->len, line, n);
	f->len += n;
	count(f->counters, CNT_OUT_RECORDS);
}

static void
file_flush(void *t)
{
	push(t);
}

/* The half line at the end of a file that is being left goes away, if nobody
 * wrote behind it; the whole line is still in the buffer. */
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

	push(f);
	if (is_stdout(f))
		return;
	cut_half(f);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	if (open_path(f) < 0)
		trouble(f, errno);
	else
		push(f);
}

static int
file_close(void *t)
{
	struct file *f = t;
	int rc;

	push(f);
	if (!is_stdout(f))
		cut_half(f);
	for (const char *p = f->buf; p < f->buf + f->len; p++)
		if (*p == '\n')
			lose(f);
	if (f->fd >= 0 && !is_stdout(f) && close(f->fd) != 0 && errno != EINTR) {
		log_error("output", "%s: %s", f->path, strerror(errno));
		f->lost++;
	}
	if (f->lost > 0)
		log_error("output", "%s: %" PRIu64 " lines were lost", f->path, f->lost);
	rc = f->lost > 0 ? -1 : 0;
	free(f->buf);
	free(f->path);
	free(f);
	return rc;
}

const struct transport transport_file = {
	.name = "file",
	.open = file_open,
	.send = file_send,
	.flush = file_flush,
	.reopen = file_reopen,
	.close = file_close,
};
