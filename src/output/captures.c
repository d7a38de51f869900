#include "output/captures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "output/writer.h"

enum what { BEGIN, PUT, END, REMOVE };

/* Stands before each piece in the queue. */
struct order {
	uint32_t	n;	/* bytes behind it */
	uint8_t		what, slot;
	uint16_t	unused;
};

struct captures {
	struct writer	*writer;
	struct counters	 counters;	/* of the writer: pieces, which nobody asks for */
	uint8_t		 piece[sizeof(struct order) + CAPTURES_PIECE];	/* the putter's */
};

/* The thread's end. */
struct folder {
	char		*dir;		/* owned */
	int		 fd[CAPTURES_OPEN];	/* -1: not open */
	bool		 reported;
	_Atomic uint64_t *failed;	/* owned; read by the putter */
};

/* ---- the thread ------------------------------------------------------------------ */

static void
failed(struct folder *f, const char *name, int error)
{
	if (!f->reported)
		log_warn("evidence", "%s/%s: %s; alerts go without their packets, or without all of them", f->dir, name,
		    strerror(error));
	f->reported = true;
	atomic_fetch_add(f->failed, 1);
}

static int
make(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
}

static void
begin(struct folder *f, unsigned slot, const char *name)
{
	char path[4096];

	if (f->fd[slot] >= 0)
		(void)close(f->fd[slot]);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", f->dir, name) >= sizeof(path))
		return;
	f->fd[slot] = make(path);
	/* Somebody tidied up: make the folder again. */
	if (f->fd[slot] < 0 && errno == ENOENT && mkdir(f->dir, 0750) == 0)
		f->fd[slot] = make(path);
	if (f->fd[slot] < 0)
		failed(f, name, errno);
	else
		f->reported = false;
}

static void
end(struct folder *f, unsigned slot)
{
	if (f->fd[slot] >= 0)
		(void)close(f->fd[slot]);
	f->fd[slot] = -1;
}

static void
append(struct folder *f, unsigned slot, struct iovec *v, int n)
{
	while (n > 0 && f->fd[slot] >= 0) {
		ssize_t w = writev(f->fd[slot], v, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			failed(f, "", w == 0 ? ENOSPC : errno);
			end(f, slot);
			return;
		}
		for (; n > 0 && (size_t)w >= v->iov_len; v++, n--)
			w -= (ssize_t)v->iov_len;
		if (n > 0) {
			v->iov_base = (char *)v->iov_base + w;
			v->iov_len -= (size_t)w;
		}
	}
}

static void
copy(const struct iovec at[2], size_t from, size_t n, void *to)
{
	struct iovec v[2];
	int k = queue_part(at, from, n, v);
	char *p = to;

	for (int i = 0; i < k; p += v[i].iov_len, i++)
		memcpy(p, v[i].iov_base, v[i].iov_len);
}

static void
obey(struct folder *f, const struct order *o, const struct iovec at[2], size_t from)
{
	char name[CAPTURES_NAME] = "", path[4096];
	struct iovec v[2];

	if (o->what == BEGIN || o->what == REMOVE)
		copy(at, from, o->n < CAPTURES_NAME ? o->n : CAPTURES_NAME - 1, name);
	switch (o->what) {
	case BEGIN:
		begin(f, o->slot, name);
		break;
	case PUT:
		append(f, o->slot, v, queue_part(at, from, o->n, v));
		break;
	case END:
		end(f, o->slot);
		break;
	case REMOVE:
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", f->dir, name) < sizeof(path))
			(void)unlink(path);
		break;
	}
}

static enum carry
folder_carry(void *t, const struct iovec at[2], size_t *done)
{
	size_t all = at[0].iov_len + at[1].iov_len, from = 0;
	struct order o;

	while (from < all) {
		copy(at, from, sizeof(o), &o);
		obey(t, &o, at, from + sizeof(o));
		from += sizeof(o) + o.n;
	}
	*done = from;
	return CARRY_DONE;
}

static void *
folder_open(const struct transport_settings *s, struct err *e)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->dir = strdup(s->target)) == NULL ||
	    (f->failed = calloc(1, sizeof(*f->failed))) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for evidence");
		if (f != NULL)
			free(f->dir);
		free(f);
		return NULL;
	}
	for (unsigned i = 0; i < CAPTURES_OPEN; i++)
		f->fd[i] = -1;
	if (mkdir(f->dir, 0750) != 0 && errno != EEXIST) {
		err_add(e, f->dir, 0, 0, "cannot make the folder for evidence: %s; create it, or set "
		    "alerts.evidence.enabled to no", strerror(errno));
		free(f->failed);
		free(f->dir);
		free(f);
		return NULL;
	}
	return f;
}

static int
folder_close(void *t)
{
	struct folder *f = t;

	for (unsigned i = 0; i < CAPTURES_OPEN; i++)
		end(f, i);
	free(f->failed);
	free(f->dir);
	free(f);
	return 0;
}

static int
folder_busy_fd(void *t)
{
	(void)t;
	return -1;
}

static void
folder_check(void *t, uint64_t now_ns)
{
	(void)t;
	(void)now_ns;
}

static bool
folder_scarce(void *t)
{
	(void)t;
	return false;
}

static void
folder_reopen(void *t)
{
	(void)t;
}

static const struct transport transport_folder = {
	.name = "captures",
	.open = folder_open,
	.carry = folder_carry,
	.busy_fd = folder_busy_fd,
	.check = folder_check,
	.scarce = folder_scarce,
	.reopen = folder_reopen,
	.close = folder_close,
};

/* ---- the putter -------------------------------------------------------------------- */

struct captures *
captures_open(const char *dir, size_t memory, const _Atomic uint64_t *deadline_ns, struct err *e)
{
	const struct transport_settings target = { .target = dir };
	const struct writer_settings s = { .name = "evidence", .queue = memory, .pieces = true, .deadline_ns = deadline_ns };
	struct captures *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		err_add(e, NULL, 0, 0, "no memory for evidence: lower alerts.evidence.memory");
		return NULL;
	}
	c->writer = writer_open(&transport_folder, &target, &s, &c->counters, e);
	if (c->writer == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

bool
captures_start(struct captures *c, struct err *e)
{
	return writer_start(c->writer, e);
}

void
captures_tick(struct captures *c)
{
	writer_tick(c->writer);
}

static bool
give(struct captures *c, enum what what, unsigned slot, const void *p, size_t n)
{
	const struct order o = { .n = (uint32_t)n, .what = (uint8_t)what, .slot = (uint8_t)slot };

	if (slot >= CAPTURES_OPEN || n > CAPTURES_PIECE)
		return false;
	memcpy(c->piece, &o, sizeof(o));
	if (n > 0)
		memcpy(c->piece + sizeof(o), p, n);
	return writer_put(c->writer, QUEUE_ALERT, (const char *)c->piece, sizeof(o) + n);
}

bool
captures_begin(void *c, unsigned slot, const char *name)
{
	return give(c, BEGIN, slot, name, strlen(name));
}

bool
captures_put(void *c, unsigned slot, const void *p, size_t n)
{
	return give(c, PUT, slot, p, n);
}

bool
captures_end(void *c, unsigned slot)
{
	return give(c, END, slot, NULL, 0);
}

bool
captures_remove(void *c, const char *name)
{
	return give(c, REMOVE, 0, name, strlen(name));
}

uint64_t
captures_failed(void *arg)
{
	struct captures *c = arg;
	const struct folder *f = writer_handle(c->writer);

	return atomic_exchange(f->failed, 0);
}

size_t
captures_memory(const struct captures *c)
{
	return sizeof(*c) + writer_memory(c->writer);
}

void
captures_close(struct captures *c)
{
	if (c == NULL)
		return;
	/* With a disk that hangs the thread is left behind; it does not touch this. */
	(void)writer_close(c->writer);
	free(c);
}
