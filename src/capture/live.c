/* Live capture.
 *
 * pcap_next_ex() copies the frame out of the kernel's block (iface.c) into a buffer of the
 * handle, because the block goes back to the kernel with its last frame; so one frame of
 * every interface may be held at a time, which is what putting several interfaces into one
 * order of time needs: a network tap delivers the two directions of a cable on two of them,
 * and answers must not overtake their requests.  A frame is given when every other interface
 * has shown a later one or has been silent for longer than a block can wait.
 *
 * Beside the packet thread a helper (watch.c) asks once a second how interfaces fare and
 * joins those that came back: the packet thread makes no system call but the wait for frames.
 */
#include "capture/live.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "capture/watch.h"

#define HOLD_NS		UINT64_C(250000000)	/* > 2 * LIVE_BLOCK_MS: nothing older can come */
#define MAX_IFACES	CAPTURE_FDS
/* Frames between looks at what the helper says, on a busy line. */
#define CHECK_FRAMES	8192u

struct live {
	struct watch	*watch;		/* owned; interfaces and their helper */
	struct counters	*counters;
	struct iface	*ifaces;	/* the watch's */
	unsigned	 n;
	struct iface	*given;		/* whose frame the caller has */
	uint64_t	 number;
	uint64_t	 wall_ns;	/* wall clock when it was last read */
	unsigned	 since_check;
	bool		 stopping;	/* live_last() was called */
	bool		 emptied;	/* all that came before that was given */
	uint64_t	 stop_ns;	/* wall clock then */
	uint64_t	 shown_ns;	/* monotonic: by then the kernel has shown all of it */
};

static uint64_t
clock_ns(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* ---- the frames ------------------------------------------------------- */

/* Fill i->head from the ring.  false: nothing there. */
static bool
take(struct live *l, struct iface *i)
{
	struct pcap_pkthdr *h;
	const unsigned char *data;
	int got;

	if (i->held)
		return true;
	if (i->handle == NULL)
		return false;
	got = pcap_next_ex(i->handle->pcap, &h, &data);
	if (got <= 0) {
		if (got < 0) {
			char why[PCAP_ERRBUF_SIZE];

			(void)snprintf(why, sizeof(why), "%s", pcap_geterr(i->handle->pcap));
			count(l->counters, CNT_CAP_ERRORS);
			watch_went_away(i, why);
			watch_give_up(i);
		}
		return false;
	}
	i->head.ts_ns = (uint64_t)h->ts.tv_sec * UINT64_C(1000000000) +
	    (uint64_t)h->ts.tv_usec * i->handle->tick_ns;
	i->head.data = data;
	i->head.cap_len = h->caplen;
	i->head.wire_len = h->len > h->caplen ? h->len : h->caplen;
	i->head.link = i->handle->link;
	i->head.source = (uint16_t)(i - l->ifaces);
	i->held = true;
	i->handle->taken++;
	return true;
}

/* The interface whose frame is due, or NULL. */
static struct iface *
oldest(struct live *l)
{
	struct iface *best = NULL;
	bool missing = false;

	for (unsigned k = 0; k < l->n; k++) {
		struct iface *i = &l->ifaces[k];

		if (!take(l, i))
			missing = missing || (i->handle != NULL && !atomic_load_explicit(&i->down, memory_order_relaxed));
		else if (best == NULL || i->head.ts_ns < best->head.ts_ns)
			best = i;
	}
	if (best == NULL || !missing)
		return best;
	if (best->head.ts_ns + HOLD_NS <= l->wall_ns)
		return best;
	l->wall_ns = clock_ns(CLOCK_REALTIME);
	/* A time stamp ahead of the clock (it was set back) must not stall. */
	return best->head.ts_ns + HOLD_NS <= l->wall_ns ||
	    best->head.ts_ns > l->wall_ns + HOLD_NS ? best : NULL;
}

/* Wait for at most 100 ms.  true: there is something to read. */
static bool
wait_readable(struct live *l)
{
	struct pollfd fds[MAX_IFACES];
	nfds_t n = 0;
	int wait_ms = LIVE_BLOCK_MS;
	bool ready;

	for (unsigned k = 0; k < l->n; k++) {
		/* A held frame waits for the others, not for its own interface. */
		if (l->ifaces[k].held)
			wait_ms = 20;
		else if (l->ifaces[k].handle != NULL && l->ifaces[k].handle->fd >= 0)
			fds[n++] = (struct pollfd){ .fd = l->ifaces[k].handle->fd, .events = POLLIN };
	}
	ready = poll(fds, n, wait_ms) > 0;
	for (nfds_t k = 0; ready && k < n; k++)
		if ((fds[k].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
			/* pcap_next_ex() will say what it is; do not spin meanwhile. */
			(void)poll(NULL, 0, 10);
			ready = false;
		}
	return ready;
}

enum capture_step
live_next(struct live *l, struct frame *frame)
{
	struct iface *i;

	/* Only now is the last frame used up. */
	if (l->given != NULL)
		l->given->held = false;
	l->given = NULL;
	if (++l->since_check >= CHECK_FRAMES) {
		l->since_check = 0;
		for (unsigned k = 0; k < l->n; k++)
			watch_look(&l->ifaces[k]);
	}
	i = oldest(l);
	if (i == NULL) {
		l->since_check = CHECK_FRAMES;	/* there is time: look next */
		if (wait_readable(l))
			i = oldest(l);
		if (i == NULL)
			return CAPTURE_IDLE;
	}
	l->given = i;
	*frame = i->head;
	frame->number = ++l->number;
	return CAPTURE_FRAME;
}

/* What is still in the kernel's hands when nobody asks any more.  Its count of packets has
 * those that it dropped in it. */
void
live_ended(struct live *l)
{
	watch_stop(l->watch);
	live_update_counters(l);
	for (unsigned k = 0; k < l->n && !l->emptied; k++) {
		struct iface *i = &l->ifaces[k];
		uint64_t had, took;

		if (i->handle == NULL)
			continue;
		had = i->handle->recv - i->handle->drop;
		took = i->handle->taken - (i->held && l->given != i);
		if (had > took)
			count_n(l->counters, CNT_CAP_RING_LEFT, had - took);
	}
}

void
live_update_counters(struct live *l)
{
	watch_counts(l->watch, l->counters);
}

unsigned
live_fds(const struct live *l, int fds[CAPTURE_FDS])
{
	unsigned n = 0;

	for (unsigned k = 0; k < l->n; k++) {
		const struct handle *h = l->ifaces[k].open != NULL ? l->ifaces[k].open : l->ifaces[k].parked;

		if (h != NULL)
			fds[n++] = h->fd;
	}
	return n;
}

bool
live_start(struct live *l, struct err *e)
{
	return watch_start(l->watch, e);
}

/* The frame to give of those that came before the stop, the oldest first.  *more: there may
 * be some that the kernel has not shown yet. */
static struct iface *
oldest_before_stop(struct live *l, bool *more)
{
	bool all_shown = clock_ns(CLOCK_MONOTONIC) >= l->shown_ns;
	struct iface *best = NULL;

	*more = false;
	for (unsigned k = 0; k < l->n; k++) {
		struct iface *i = &l->ifaces[k];

		if (!take(l, i))
			*more = *more || (i->handle != NULL && !all_shown);
		else if (i->head.ts_ns <= l->stop_ns &&
		    (best == NULL || i->head.ts_ns < best->head.ts_ns))
			best = i;
	}
	/* Another interface may have an older one. */
	return *more && l->n > 1 ? NULL : best;
}

enum capture_step
live_last(struct live *l, struct frame *frame)
{
	struct iface *i;
	bool more;

	if (!l->stopping) {
		l->stopping = true;
		l->stop_ns = clock_ns(CLOCK_REALTIME);
		l->shown_ns = clock_ns(CLOCK_MONOTONIC) + HOLD_NS;
	}
	if (l->given != NULL)
		l->given->held = false;
	l->given = NULL;
	i = oldest_before_stop(l, &more);
	if (i == NULL && more) {
		(void)wait_readable(l);
		return CAPTURE_IDLE;
	}
	if (i == NULL) {
		l->emptied = true;
		return CAPTURE_END;
	}
	l->given = i;
	*frame = i->head;
	frame->number = ++l->number;
	return CAPTURE_FRAME;
}

/* ---- opening ---------------------------------------------------------- */

/* Unknown names are told together with the names that exist. */
static bool
names_exist(const char *const *names, unsigned n, struct err *e)
{
	char text[PCAP_ERRBUF_SIZE], list[512];
	struct strbuf known = strbuf_on(list, sizeof(list));
	pcap_if_t *all = NULL;
	bool ok = true;

	if (pcap_findalldevs(&all, text) != 0)
		all = NULL;
	for (const pcap_if_t *d = all; d != NULL; d = d->next)
		if (if_nametoindex(d->name) != 0)
			strbuf_printf(&known, "%s%s", known.len > 0 ? ", " : "", d->name);
	for (unsigned k = 0; k < n; k++) {
		for (unsigned j = 0; j < k; j++)
			if (strcmp(names[j], names[k]) == 0) {
				err_add(e, NULL, 0, 0, "interface %s is given twice; once is enough", names[k]);
				ok = false;
				break;
			}
		if (if_nametoindex(names[k]) != 0 || strcmp(names[k], "any") == 0)
			continue;
		err_add(e, NULL, 0, 0, "there is no interface \"%s\"; there are: %s", names[k],
		    known.len > 0 ? list : "none that this user may see");
		ok = false;
	}
	if (all != NULL)
		pcap_freealldevs(all);
	return ok;
}

struct live *
live_open(const struct capture_settings *s, const char *const *names, unsigned n,
    struct filter *filter, struct counters *c, struct err *e)
{
	char why[PCAP_ERRBUF_SIZE + 256];
	struct live *l;
	int before = e->n;

	if (n == 0 || n > MAX_IFACES) {
		err_add(e, NULL, 0, 0, "%u interfaces given; from 1 to %u can be watched", n, MAX_IFACES);
		return NULL;
	}
	if (filter != NULL && filter_prepare(filter, LINK_ETHERNET, why, sizeof(why)) != 0)
		err_add(e, NULL, 0, 0, "the filter \"%s\" is wrong: %s", filter_given(filter), why);
	if (!names_exist(names, n, e) || e->n > before)
		return NULL;
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		err_add(e, NULL, 0, 0, "no memory to open interfaces");
		return NULL;
	}
	l->counters = c;
	l->watch = watch_open(s, filter, names, n, &l->ifaces, e);
	if (l->watch == NULL) {
		free(l);
		return NULL;
	}
	l->n = n;
	return l;
}

void
live_close(struct live *l)
{
	if (l == NULL)
		return;
	watch_close(l->watch);
	free(l);
}

const char *
live_name(const struct live *l, uint16_t source)
{
	return source < l->n ? l->ifaces[source].name : "";
}

unsigned
live_sources(const struct live *l)
{
	return l->n;
}
