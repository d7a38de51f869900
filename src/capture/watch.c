#include "capture/watch.h"

#include <net/if.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"

#define LOOK_MS		1000u
#define SOON_MS		50u			/* while the packet thread is to give a handle back */
#define END_NS		UINT64_C(500000000)	/* for the helper to end: the kernel may hold it up */

struct watch {
	const struct capture_settings *s;	/* borrowed */
	struct filter		*filter;	/* borrowed; NULL none */
	struct iface		*ifaces;	/* owned */
	unsigned		 n;
	int			 probe;		/* socket to ask for interface flags */
	struct bell		 bell;
	struct thread		 thread;
	atomic_bool		 stop;
	bool			 left;		/* the helper hangs and keeps everything */
};

void
watch_went_away(struct iface *i, const char *why)
{
	if (atomic_exchange(&i->down, true))
		return;
	log_warn("capture", "%s: %s; waiting for it to come back", i->name, why);
	(void)atomic_fetch_add(&i->downs, 1);
}

static void
is_back(struct iface *i)
{
	if (atomic_exchange(&i->down, false))
		log_note("capture", "%s: the interface is back", i->name);
}

void
watch_give_up(struct iface *i)
{
	/* The held frame lies in the handle's buffer: it goes with it. */
	i->held = false;
	atomic_store(&i->returned, i->handle);
	i->handle = NULL;
}

void
watch_look(struct iface *i)
{
	if (i->handle == NULL)
		i->handle = atomic_exchange(&i->offered, NULL);
	else if (atomic_load_explicit(&i->gone, memory_order_acquire))
		watch_give_up(i);
}

/* ---- the helper ------------------------------------------------------------------- */

/* The interface that the parked handle waits for. */
static void
join(struct watch *w, struct iface *i)
{
	const struct iface_want want = { w->s, w->filter, i->name };
	bool other;

	if (!iface_join(i->parked, &want, w->probe, &other)) {
		if (other && !i->other)
			log_error("capture", "%s came back as another kind of link; start the sensor again to watch it", i->name);
		i->other = other;
		return;
	}
	i->open = i->parked;
	i->parked = NULL;
	i->other = false;
	is_back(i);
	atomic_store(&i->offered, i->open);
}

/* True: look again soon. */
static bool
look_at(struct watch *w, struct iface *i)
{
	struct handle *back = atomic_exchange(&i->returned, NULL);
	bool gone;

	if (back != NULL) {
		iface_count(i->name, back, &i->counts);
		i->parked = back;
		i->open = NULL;
		atomic_store(&i->gone, false);
	}
	if (i->open == NULL) {
		join(w, i);
		return false;
	}
	iface_count(i->name, i->open, &i->counts);
	if (iface_is_up(i->name, i->open, w->probe, &gone))
		is_back(i);
	else if (gone) {
		watch_went_away(i, "the interface is gone");
		atomic_store_explicit(&i->gone, true, memory_order_release);
	} else
		/* Taken down: the socket stays and works again once it is up. */
		watch_went_away(i, "the interface is down");
	return gone;
}

static void *
run(void *arg)
{
	struct watch *w = arg;

	while (!atomic_load(&w->stop)) {
		bool soon = false;

		bell_wait(&w->bell, -1, LOOK_MS);
		do {
			soon = false;
			for (unsigned k = 0; k < w->n && !atomic_load(&w->stop); k++)
				soon = look_at(w, &w->ifaces[k]) || soon;
			if (soon)
				bell_wait(&w->bell, -1, SOON_MS);
		} while (soon && !atomic_load(&w->stop));
	}
	atomic_store(&w->thread.ended, true);
	return NULL;
}

bool
watch_start(struct watch *w, struct err *e)
{
	if (!thread_start(&w->thread, run, w))
		err_add(e, NULL, 0, 0, "no thread to watch the interfaces");
	return w->thread.running;
}

void
watch_stop(struct watch *w)
{
	_Atomic uint64_t end = thread_now() + END_NS;

	if (!w->thread.running)
		return;
	atomic_store(&w->stop, true);
	bell_ring(&w->bell);
	w->left = !thread_join(&w->thread, &w->bell, &end);
}

/* ---- life -------------------------------------------------------------------------- */

void
watch_counts(struct watch *w, struct counters *c)
{
	static const enum counter_id ids[] = { CNT_CAP_PACKETS, CNT_CAP_DROPS, CNT_CAP_IFDROPS, CNT_CAP_DOWN };

	for (unsigned k = 0; k < w->n; k++) {
		struct iface *i = &w->ifaces[k];
		uint64_t now[4];

		/* No helper beside us. */
		if (!w->thread.running && i->handle != NULL)
			iface_count(i->name, i->handle, &i->counts);
		now[0] = atomic_load_explicit(&i->counts.recv, memory_order_relaxed);
		now[1] = atomic_load_explicit(&i->counts.drop, memory_order_relaxed);
		now[2] = atomic_load_explicit(&i->counts.ifdrop, memory_order_relaxed);
		now[3] = atomic_load_explicit(&i->downs, memory_order_relaxed);
		for (unsigned n = 0; n < 4; n++) {
			count_n(c, ids[n], now[n] - i->told[n]);
			i->told[n] = now[n];
		}
	}
}

/* At the start, with its rights. */
static bool
open_first(struct watch *w, struct iface *i, const char *name, struct err *e)
{
	const struct iface_want want = { w->s, w->filter, name };
	char why[PCAP_ERRBUF_SIZE + 256];
	int status;

	i->name = strdup(name);
	if (i->name == NULL) {
		err_add(e, NULL, 0, 0, "no memory to open interfaces");
		return false;
	}
	i->handle = i->open = iface_open(&want, &status, why, sizeof(why));
	if (i->open == NULL && status == PCAP_ERROR_IFACE_NOT_UP) {
		i->parked = iface_open_down(&want, why, sizeof(why));
		if (i->parked != NULL)
			watch_went_away(i, "the interface is down");
	}
	if (i->open == NULL && i->parked == NULL)
		err_add(e, NULL, 0, 0, "%s: %s", i->name, why);
	return true;
}

struct watch *
watch_open(const struct capture_settings *s, struct filter *filter, const char *const *names, unsigned n,
    struct iface **ifaces, struct err *e)
{
	struct watch *w = calloc(1, sizeof(*w));
	int before = e->n;

	if (w != NULL) {
		w->probe = w->bell.fd = -1;
		w->ifaces = calloc(n, sizeof(*w->ifaces));
	}
	if (w == NULL || w->ifaces == NULL || !bell_open(&w->bell)) {
		err_add(e, NULL, 0, 0, "no memory to open interfaces");
		watch_close(w);
		return NULL;
	}
	w->s = s;
	w->filter = filter;
	w->n = n;
	w->probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (unsigned k = 0; k < n && open_first(w, &w->ifaces[k], names[k], e); k++)
		;
	if (e->n > before) {
		watch_close(w);
		return NULL;
	}
	*ifaces = w->ifaces;
	return w;
}

void
watch_close(struct watch *w)
{
	if (w == NULL)
		return;
	watch_stop(w);
	/* It may touch any of this. */
	if (w->left)
		return;
	for (unsigned k = 0; k < w->n; k++) {
		iface_close(w->ifaces[k].open);
		iface_close(w->ifaces[k].parked);
		free(w->ifaces[k].name);
	}
	bell_close(&w->bell);
	if (w->probe >= 0)
		(void)close(w->probe);
	free(w->ifaces);
	free(w);
}
