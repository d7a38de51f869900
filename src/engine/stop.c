#include "engine/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

#define SECOND	UINT64_C(1000000000)

/* Parts of the time there is: frames, then outputs; the rest is for messages and for the
 * kernel, which takes its time to close an interface. */
#define FRAMES(t)	((t) / 2)
#define OUTPUTS(t)	((t) / 10 * 7)
#define ALL(t)		((t) / 100 * 97)

static struct capture *volatile capture;
static struct control *volatile control;
static volatile sig_atomic_t reopen, stats;
static _Atomic uint64_t frames_ns, outputs_ns;
static uint64_t within_ns;	/* set before the first signal can come */
static timer_t last_resort;
static bool has_timer;

static void
on_time_is_over(int sig)
{
	static const char text[] = "thermowell: error: engine: did not end in time (control.stop-within); "
	    "what was not written is lost\n";
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	(void)sig;
	/* Only where it cannot hang, too. */
	if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0 &&
	    write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

/* Only what POSIX allows in a handler. */
static void
on_signal(int sig)
{
	int was = errno;

	if (sig == SIGHUP) {
		reopen = 1;
		control_signal(control);
	} else if (sig == SIGUSR1)
		stats = 1;
	else
		stop_ask();
	errno = was;
}

void
stop_ask(void)
{
	uint64_t now = thread_now(), last = ALL(within_ns);
	const struct itimerspec at = { .it_value = {
	    .tv_sec = (time_t)(last / SECOND), .tv_nsec = (long)(last % SECOND) } };

	if (capture != NULL)
		capture_stop(capture);
	if (atomic_load(&outputs_ns) != 0)
		return;		/* the first one counts */
	atomic_store(&frames_ns, now + FRAMES(within_ns));
	atomic_store(&outputs_ns, now + OUTPUTS(within_ns));
	if (has_timer)
		(void)timer_settime(last_resort, 0, &at, NULL);
}

void
stop_catch(uint64_t within_s)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	within_ns = within_s * SECOND;
	has_timer = timer_create(CLOCK_MONOTONIC, &ev, &last_resort) == 0;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)sigaction(SIGUSR1, &sa, NULL);
	sa.sa_handler = on_time_is_over;
	(void)sigaction(SIGALRM, &sa, NULL);
	/* A reader of our pipe that goes away is an output error, not our end. */
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
}

void
stop_notify(struct capture *cap, struct control *c)
{
	capture = cap;
	control = c;
	/* It may have come before there was anybody to tell. */
	if (cap != NULL && stop_asked())
		capture_stop(cap);
}

bool
stop_asked(void)
{
	return atomic_load(&outputs_ns) != 0;
}

bool
stop_reopen(void)
{
	if (!reopen)
		return false;
	reopen = 0;
	return true;
}

bool
stop_stats(void)
{
	if (!stats)
		return false;
	stats = 0;
	return true;
}

uint64_t
stop_frames_until(void)
{
	return atomic_load(&frames_ns);
}

const _Atomic uint64_t *
stop_deadline(void)
{
	return &outputs_ns;
}
