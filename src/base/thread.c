/* thread.c - see thread.h.  The machine's clock is read here: it paces the writing and has
 * no part in what is written. */
#include "base/thread.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define GRACE_NS	UINT64_C(200000000)	/* for a thread that was told that time is over */
#define LOOK_MS		1			/* between looks whether it has ended, at first */
#define LOOK_MOST_MS	20			/* and when it takes its time */
#ifdef TW_SANITIZED
#define STACK_SIZE	(512u * 1024)
#else
#define STACK_SIZE	THREAD_STACK
#endif

uint64_t
thread_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

uint64_t
thread_wall(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

bool
thread_too_late(const _Atomic uint64_t *deadline_ns)
{
	uint64_t end = deadline_ns != NULL ? atomic_load(deadline_ns) : 0;

	return end != 0 && thread_now() >= end;
}

bool
bell_open(struct bell *b)
{
	atomic_init(&b->asleep, false);
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return b->fd >= 0;
}

void
bell_close(struct bell *b)
{
	if (b->fd >= 0)
		(void)close(b->fd);
	b->fd = -1;
}

void
bell_ring(struct bell *b)
{
	const uint64_t one = 1;

	/* A counter that is full has been rung often enough. */
	if (write(b->fd, &one, sizeof(one)) < 0)
		return;
}

void
bell_wake(struct bell *b)
{
	if (atomic_exchange(&b->asleep, false))
		bell_ring(b);
}

void
bell_poll(struct bell *b, const struct pollfd *more, unsigned n, unsigned ms)
{
	struct pollfd p[1 + BELL_MORE] = { { .fd = b->fd, .events = POLLIN } };
	uint64_t rung;

	n = n < BELL_MORE ? n : BELL_MORE;
	for (unsigned i = 0; i < n; i++)
		p[1 + i] = more[i];
	if (poll(p, 1 + n, (int)ms) > 0 && (p[0].revents & POLLIN) != 0 && read(b->fd, &rung, sizeof(rung)) < 0)
		return;
}

void
bell_wait(struct bell *b, int fd, unsigned ms)
{
	bell_poll(b, &(const struct pollfd){ .fd = fd, .events = POLLOUT }, fd >= 0, ms);
}

bool
thread_start(struct thread *t, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	sigset_t all, old;

	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)pthread_attr_setstacksize(&attr, t->stack > STACK_SIZE ? t->stack : STACK_SIZE);
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGSYS);	/* a refused system call is named in the thread that made it */
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	t->running = pthread_create(&t->id, &attr, run, arg) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return t->running;
}

bool
thread_join(struct thread *t, struct bell *b, const _Atomic uint64_t *deadline_ns)
{
	uint64_t late_ns = 0;
	int look_ms = LOOK_MS;

	if (!t->running)
		return true;
	while (!atomic_load(&t->ended)) {
		if (late_ns == 0 && thread_too_late(deadline_ns))
			late_ns = thread_now();
		if (late_ns != 0 && thread_now() - late_ns > GRACE_NS)
			return false;
		bell_ring(b);
		(void)poll(NULL, 0, look_ms);
		look_ms += look_ms < LOOK_MOST_MS;
	}
	(void)pthread_join(t->id, NULL);
	t->running = false;
	return true;
}
