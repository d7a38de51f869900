/* thread.h - what all threads beside the packet thread have in common: a bell that wakes them, a deadline
 * beyond which nobody waits, a start and an end.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pollfd;

/* The clock of deadlines: monotonic, ns. */
uint64_t	thread_now(void);

/* The time of day, ns since 1970; for names and ages of files, never for what is found. */
uint64_t	thread_wall(void);

/* Has the deadline come?  NULL, or 0 there: never. */
bool		thread_too_late(const _Atomic uint64_t *deadline_ns);

struct bell {
	int		fd;		/* eventfd */
	atomic_bool	asleep;		/* somebody waits for it */
};

bool	bell_open(struct bell *b);	/* false: the system has none; errno */
void	bell_close(struct bell *b);	/* also of one that was only zeroed with fd -1 */

/* Ring, whether somebody sleeps or not. */
void	bell_ring(struct bell *b);

/* Ring for who sleeps: one system call, and none when nobody does. */
void	bell_wake(struct bell *b);

/* Until it rings, `fd` (-1: none) can be written, or `ms` are over. */
void	bell_wait(struct bell *b, int fd, unsigned ms);
/* The same with what poll() is to wait for besides, at most BELL_MORE of them. */
#define BELL_MORE 8u
void	bell_poll(struct bell *b, const struct pollfd *more, unsigned n, unsigned ms);

/* Stack of each, for accounts of memory. */
#define THREAD_STACK (64u * 1024)

struct thread {
	pthread_t	id;
	bool		running;
	size_t		stack;		/* set before it starts: bytes that it needs; 0: THREAD_STACK */
	atomic_bool	ended;		/* the last thing that run() sets */
};

/* With a small stack and no signals, which are the packet thread's. */
bool	thread_start(struct thread *t, void *(*run)(void *), void *arg);

/* Wait for its end, and ring meanwhile; a moment beyond the deadline.  false: it hangs, and
 * what it uses must be left to it. */
bool	thread_join(struct thread *t, struct bell *b, const _Atomic uint64_t *deadline_ns);

#endif
