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
	struct iface_opener	 opener;
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

static struct handle *
open_one(struct watch *w, const struct iface *i, int *status, char *why, size_t why_len)
{
	const struct iface_want want = { w->s, w->filter, i->name };

	/* cppcheck-suppress returnDanglingLifetime - what it returns does not point to what it was asked */
	return w->opener.open(w->opener.arg, &want, status, why, why_len);
}

/* True: look again soon. */
static bool
look_at(struct watch *w, struct iface *i)
{
	struct handle *back = atomic_exchange(&i->returned, NULL);
	char why[PCAP_ERRBUF_SIZE + 256];
	bool gone;
	int status;

	if (back != NULL) {
		iface_count(i->name, back, &i->counts);
		iface_close(back);
		i->open = NULL;
		atomic_store(&i->gone, false);
	}
	if (i->open == NULL) {
		i->open = open_one(w, i, &status, why, sizeof(why));
		if (i->open != NULL) {
			is_back(i);
			atomic_store(&i->offered, i->open);
		}
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

struct watch *
watch_open(const struct capture_settings *s, struct filter *filter, const char *const *names, unsigned n,
    struct iface **ifaces, struct err *e)
{
	char why[PCAP_ERRBUF_SIZE + 256];
	struct watch *w = calloc(1, sizeof(*w));
	int before = e->n, status;

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
	w->opener = (struct iface_opener){ iface_open, NULL };
	w->probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (unsigned k = 0; k < n; k++) {
		struct iface *i = &w->ifaces[k];

		i->name = strdup(names[k]);
		if (i->name == NULL) {
			err_add(e, NULL, 0, 0, "no memory to open interfaces");
			break;
		}
		i->handle = i->open = open_one(w, i, &status, why, sizeof(why));
		if (i->open == NULL && status == PCAP_ERROR_IFACE_NOT_UP)
			watch_went_away(i, "the interface is down");
		else if (i->open == NULL)
			err_add(e, NULL, 0, 0, "%s: %s", i->name, why);
	}
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
		free(w->ifaces[k].name);
	}
	bell_close(&w->bell);
	if (w->probe >= 0)
		(void)close(w->probe);
	free(w->ifaces);
	free(w);
}
