#include "output/console.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/thread.h"

#define SLOTS		128u	/* a power of two */
#define NAP_MS		100
#define OUT_SIZE	4096u	/* one write() */
#define STATUS		2u	/* instead of enum console_to */

/* A bounded queue of many producers and one consumer: slot `p % SLOTS` is free for
 * position p when its turn is p, and full when its turn is p + 1. */
struct slot {
	atomic_size_t	turn;
	uint16_t	n;
	uint8_t		to;
	char		text[CONSOLE_TEXT];
};

struct port {
	struct console	*c;
	struct slot	*slots;		/* owned */
	atomic_size_t	 head;		/* the producers' */
	atomic_size_t	 tail;		/* the thread's */
	struct bell	 wake;
	struct thread	 thread;
	atomic_bool	 stop;
	atomic_bool	 may_wake;	/* once a tick, for many lines */
	/* The thread's. */
	bool		 terminal;	/* a status line can stand there */
	bool		 shown;		/* it does */
	char		 status[256];
	size_t		 len;
	char		 out[OUT_SIZE];
	int		 out_fd;
	uint64_t	 lost_told;
};

struct console {
	struct port		 ports[2];
	unsigned		 n_ports;	/* 1: both are the same file */
	atomic_bool		 lossless, failed;
	_Atomic uint64_t	 lost;
	const _Atomic uint64_t	*deadline_ns;
};

static struct port *
port_of(struct console *c, unsigned to)
{
	return &c->ports[to == CONSOLE_OUT ? 0 : c->n_ports - 1];
}

/* ---- the queue ----------------------------------------------------------------- */

static bool
offer(struct port *p, unsigned to, const char *text, size_t n)
{
	size_t at = atomic_load_explicit(&p->head, memory_order_relaxed);
	struct slot *s;

	for (;;) {
		size_t turn;

		s = &p->slots[at % SLOTS];
		turn = atomic_load_explicit(&s->turn, memory_order_acquire);
		if (turn == at) {
			if (atomic_compare_exchange_weak_explicit(&p->head, &at, at + 1,
			    memory_order_relaxed, memory_order_relaxed))
				break;
		} else if ((ptrdiff_t)(turn - at) < 0)
			return false;
		else
			at = atomic_load_explicit(&p->head, memory_order_relaxed);
	}
	memcpy(s->text, text, n);
	s->n = (uint16_t)n;
	s->to = (uint8_t)to;
	atomic_store_explicit(&s->turn, at + 1, memory_order_release);
	return true;
}

/* Where a text of more than one slot is cut: behind a line if there is one. */
static size_t
piece(const char *text, size_t n)
{
	const char *nl;

	if (n <= CONSOLE_TEXT)
		return n;
	nl = memrchr(text, '\n', CONSOLE_TEXT);
	return nl != NULL ? (size_t)(nl - text) + 1 : CONSOLE_TEXT;
}

bool
console_put(struct console *c, enum console_to to, const char *text, size_t n)
{
	struct port *p = port_of(c, to);
	bool lossless = atomic_load(&c->lossless);

	while (n > 0) {
		size_t k = piece(text, n);

		while (!offer(p, to, text, k)) {
			if (!lossless || thread_too_late(c->deadline_ns)) {
				atomic_fetch_add(&c->lost, 1);
				return false;
			}
			bell_wake(&p->wake);
			(void)poll(NULL, 0, 1);
		}
		text += k;
		n -= k;
	}
	/* Else the thread looks soon enough. */
	if (atomic_load_explicit(&p->head, memory_order_relaxed) -
	    atomic_load_explicit(&p->tail, memory_order_relaxed) >= SLOTS / 2 &&
	    (lossless || atomic_exchange(&p->may_wake, false)))
		bell_wake(&p->wake);
	return true;
}

void
console_tick(struct console *c)
{
	for (unsigned i = 0; i < c->n_ports; i++)
		atomic_store_explicit(&c->ports[i].may_wake, true, memory_order_relaxed);
}

void
console_status(struct console *c, const char *text)
{
	size_t n = strlen(text);

	/* No bell: the next look is soon enough; and if there is no slot, so be it. */
	(void)offer(port_of(c, CONSOLE_ERR), STATUS, text, n < CONSOLE_TEXT ? n : CONSOLE_TEXT);
}

/* ---- the thread ------------------------------------------------------------------ */

static void
flush(struct port *p)
{
	size_t done = 0;

	while (done < p->len) {
		ssize_t n = write(p->out_fd, p->out + done, p->len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd q = { .fd = p->out_fd, .events = POLLOUT };

			if (atomic_load(&p->stop) && thread_too_late(p->c->deadline_ns))
				break;
			(void)poll(&q, 1, NAP_MS);
		} else if (n == 0 || errno != EINTR) {
			if (p->out_fd == STDOUT_FILENO)
				atomic_store(&p->c->failed, true);
			break;
		}
	}
	p->len = 0;
}

static void
print(struct port *p, int fd, const char *text, size_t n)
{
	if (p->len > 0 && (fd != p->out_fd || p->len + n > OUT_SIZE))
		flush(p);
	p->out_fd = fd;
	memcpy(p->out + p->len, text, n);
	p->len += n;
}

static void
hide_status(struct port *p)
{
	if (p->shown)
		print(p, STDERR_FILENO, "\r\033[K", 4);
	p->shown = false;
}

/* Not from the background, and no wider than the terminal. */
static void
show_status(struct port *p)
{
	struct winsize w = { 0 };
	size_t n = strlen(p->status), most = sizeof(p->status);
	pid_t front = tcgetpgrp(STDERR_FILENO);

	if (!p->terminal || n == 0 || (front > 0 && front != getpgrp()))
		return;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1)
		most = w.ws_col - 1u;
	print(p, STDERR_FILENO, p->status, n < most ? n : most);
	p->shown = true;
}

static void
tell_lost(struct port *p)
{
	uint64_t lost = atomic_load(&p->c->lost);
	char text[160];
	int n;

	if (p != port_of(p->c, CONSOLE_ERR) || lost == p->lost_told)
		return;
	n = snprintf(text, sizeof(text), "thermowell: warning: console: %" PRIu64 " lines were left out here while "
	    "the terminal or its reader stood still\n", lost - p->lost_told);
	if (n > 0 && (size_t)n < sizeof(text)) {
		hide_status(p);
		print(p, STDERR_FILENO, text, (size_t)n);
	}
	p->lost_told = lost;
}

/* All that waits.  Returns whether there was anything. */
static bool
drain(struct port *p)
{
	bool any = false, renew = false;

	for (;;) {
		size_t tail = atomic_load_explicit(&p->tail, memory_order_relaxed);
		struct slot *s = &p->slots[tail % SLOTS];

		if (atomic_load_explicit(&s->turn, memory_order_acquire) != tail + 1)
			break;
		any = true;
		if (s->to == STATUS) {
			size_t n = s->n < sizeof(p->status) ? s->n : sizeof(p->status) - 1;

			memcpy(p->status, s->text, n);
			p->status[n] = '\0';
			renew = true;
		} else {
			hide_status(p);
			print(p, s->to == CONSOLE_OUT ? STDOUT_FILENO : STDERR_FILENO, s->text, s->n);
		}
		atomic_store_explicit(&s->turn, tail + SLOTS, memory_order_release);
		atomic_store_explicit(&p->tail, tail + 1, memory_order_relaxed);
	}
	if (any)
		tell_lost(p);
	if (renew)
		hide_status(p);
	if (any && !p->shown)
		show_status(p);
	flush(p);
	return any;
}

static void *
run(void *arg)
{
	struct port *p = arg;

	for (;;) {
		bool stop = atomic_load(&p->stop), any = drain(p);

		if (stop && (!any || thread_too_late(p->c->deadline_ns)))
			break;
		atomic_store(&p->wake.asleep, true);
		/* What came before the putter could see that we sleep. */
		if (!stop && !drain(p))
			bell_wait(&p->wake, -1, NAP_MS);
		atomic_store(&p->wake.asleep, false);
	}
	p->status[0] = '\0';
	hide_status(p);
	flush(p);
	atomic_store(&p->thread.ended, true);
	return NULL;
}

/* ---- life -------------------------------------------------------------------------- */

static bool
open_port(struct console *c, struct port *p)
{
	p->c = c;
	p->slots = calloc(SLOTS, sizeof(*p->slots));
	if (p->slots == NULL || !bell_open(&p->wake))
		return false;
	for (size_t i = 0; i < SLOTS; i++)
		atomic_init(&p->slots[i].turn, i);
	p->terminal = p == port_of(c, CONSOLE_ERR) && isatty(STDERR_FILENO);
	return true;
}

struct console *
console_open(bool lossless, const _Atomic uint64_t *deadline_ns, struct err *e)
{
	struct console *c = calloc(1, sizeof(*c));
	struct stat out, error;

	if (c == NULL) {
		err_add(e, NULL, 0, 0, "no memory for messages");
		return NULL;
	}
	c->ports[0].wake.fd = c->ports[1].wake.fd = -1;
	c->deadline_ns = deadline_ns;
	atomic_store(&c->lossless, lossless);
	c->n_ports = fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &error) == 0 &&
	    out.st_dev == error.st_dev && out.st_ino == error.st_ino ? 1 : 2;
	for (unsigned i = 0; i < c->n_ports; i++)
		if (!open_port(c, &c->ports[i])) {
			err_add(e, NULL, 0, 0, "no memory or no bell for messages: %s", strerror(errno));
			(void)console_close(c);
			return NULL;
		}
	return c;
}

bool
console_start(struct console *c, struct err *e)
{
	for (unsigned i = 0; i < c->n_ports; i++)
		if (!thread_start(&c->ports[i].thread, run, &c->ports[i])) {
			err_add(e, NULL, 0, 0, "no thread for messages: %s", strerror(errno));
			return false;
		}
	return true;
}

void
console_last(struct console *c)
{
	atomic_store(&c->lossless, true);
}

uint64_t
console_lost(const struct console *c)
{
	return atomic_load(&c->lost);
}

size_t
console_memory(const struct console *c)
{
	return sizeof(*c) + c->n_ports * (SLOTS * sizeof(struct slot) + THREAD_STACK);
}

int
console_close(struct console *c)
{
	bool all = true;
	int rc;

	if (c == NULL)
		return 0;
	for (unsigned i = 0; i < c->n_ports; i++)
		atomic_store(&c->ports[i].stop, true);
	for (unsigned i = 0; i < c->n_ports; i++)
		all = thread_join(&c->ports[i].thread, &c->ports[i].wake, c->deadline_ns) && all;
	rc = atomic_load(&c->failed) ? -1 : 0;
	if (!all)
		return 1;
	for (unsigned i = 0; i < c->n_ports; i++) {
		bell_close(&c->ports[i].wake);
		free(c->ports[i].slots);
	}
	free(c);
	return rc;
}
