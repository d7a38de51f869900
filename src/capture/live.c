/* Live capture.
 *
 * Without immediate mode libpcap uses TPACKET_V3: the kernel fills blocks and
 * hands each over when it is full or 100 ms old, so a busy interface costs no
 * system call per frame.  pcap_next_ex() copies the frame out of the block into
 * a buffer of the handle, because the block goes back to the kernel with its
 * last frame; so one frame of every interface may be held at a time, which is
 * what putting several interfaces into one order of time needs: a network tap
 * delivers the two directions of a cable on two of them, and answers must not
 * overtake their requests.  A frame is given when every other interface has
 * shown a later one or has been silent for longer than a block can wait.
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
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define BLOCK_MS	100	/* the kernel gives up a block that is not full */
#define HOLD_NS		UINT64_C(250000000)	/* > 2 * BLOCK_MS: nothing older can come */
#define CHECK_NS	UINT64_C(1000000000)	/* between looks at the interfaces' state */
#define MAX_IFACES	64u
/* Looks at the clock on a busy line: often enough to notice a lost interface. */
#define CHECK_FRAMES	8192u

/* What is read from /sys/class/net/IFACE/statistics. */
static const char *const drop_files[] = { "rx_dropped", "rx_missed_errors" };

struct iface {
	char		*name;		/* owned */
	pcap_t		*pcap;		/* owned; NULL while it is away */
	int		 fd;		/* of pcap, for poll() */
	unsigned	 ifindex;	/* 0: has none ("any") */
	uint16_t	 link;
	uint32_t	 tick_ns;
	bool		 down;		/* taken down or gone; was logged and counted */
	bool		 held;		/* `head` is a frame that was not given yet */
	uint64_t	 taken;		/* frames that pcap gave */
	struct frame	 head;
	uint32_t	 seen_recv, seen_drop;	/* last pcap_stats(), which wraps */
	uint64_t	 recv, drop;	/* since it was opened */
	uint64_t	 seen_sys[COUNTOF(drop_files)];
	bool		 has_sys;
};

struct live {
	const struct capture_settings *s;	/* borrowed */
	struct filter	*filter;	/* borrowed; NULL none */
	struct counters	*counters;
	struct iface	*ifaces;	/* owned */
	unsigned	 n, turn;
	struct iface	*given;		/* whose frame the caller has */
	int		 probe;		/* socket to ask for interface flags */
	uint64_t	 number;
	uint64_t	 next_check_ns;	/* monotonic */
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

/* ---- one interface ---------------------------------------------------- */

static bool
read_sys(const char *name, const char *file, uint64_t *value)
{
	char path[128];
	unsigned long long v;
	FILE *f;
	bool ok;

	(void)snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", name, file);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	ok = fscanf(f, "%llu", &v) == 1;
	fclose(f);
	*value = ok ? v : 0;
	return ok;
}

/* From here on only what is new counts. */
static void
start_counting(struct iface *i)
{
	i->seen_recv = i->seen_drop = 0;
	i->recv = i->drop = i->taken = 0;
	i->has_sys = true;
	for (size_t k = 0; k < COUNTOF(drop_files); k++)
		i->has_sys = read_sys(i->name, drop_files[k], &i->seen_sys[k]) && i->has_sys;
}

static int
set_filter(const struct live *l, struct iface *i, char *why, size_t why_len)
{
	struct bpf_program program;
	int ret;

	if (l->filter == NULL)
		return 0;
	if (filter_prepare(l->filter, i->link, why, why_len) != 0)
		return -1;
	/* Compiled again on the live handle, where `vlan` also means the tag that the
	 * network card took off. */
	ret = pcap_compile(i->pcap, &program, filter_text(l->filter, i->link), 1,
	    PCAP_NETMASK_UNKNOWN);
	if (ret == 0) {
		ret = pcap_setfilter(i->pcap, &program);
		pcap_freecode(&program);
	}
	if (ret != 0)
		(void)snprintf(why, why_len, "%s", pcap_geterr(i->pcap));
	return ret;
}

static void
explain(const struct iface *i, int status, char *why, size_t why_len)
{
	const char *detail = pcap_geterr(i->pcap);

	if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
		(void)snprintf(why, why_len, "no permission to capture: it needs root or CAP_NET_RAW; "
		    "run it with sudo, or once `sudo setcap cap_net_raw,cap_net_admin+ep "
		    "$(command -v thermowell)`");
	else
		(void)snprintf(why, why_len, "%s%s%s", pcap_statustostr(status),
		    detail[0] != '\0' ? ": " : "", detail);
}

/* Open and start.  0, or libpcap's status with the reason in `why`. */
static int
start(const struct live *l, struct iface *i, char *why, size_t why_len)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	uint64_t mib = l->s->buffer_mib < 1 ? 1 : l->s->buffer_mib > 2047 ? 2047 : l->s->buffer_mib;
	uint64_t snaplen = l->s->snaplen < 1 || l->s->snaplen > 262144 ? 262144 : l->s->snaplen;
	int status;

	i->pcap = pcap_create(i->name, text);
	if (i->pcap == NULL) {
		(void)snprintf(why, why_len, "%s", text);
		return PCAP_ERROR;
	}
	(void)pcap_set_snaplen(i->pcap, (int)snaplen);
	(void)pcap_set_promisc(i->pcap, l->s->promiscuous);
	(void)pcap_set_timeout(i->pcap, BLOCK_MS);
	(void)pcap_set_buffer_size(i->pcap, (int)(mib << 20));
	(void)pcap_set_tstamp_precision(i->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(i->pcap);
	if (status < 0)
		explain(i, status, why, why_len);
	else {
		if (status > 0)
			log_warn("capture", "%s: %s: %s", i->name, pcap_statustostr(status),
			    pcap_geterr(i->pcap));
		i->tick_ns = pcap_get_tstamp_precision(i->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
		i->link = filter_link(pcap_datalink(i->pcap));
		i->ifindex = if_nametoindex(i->name);
		if (set_filter(l, i, why, why_len) != 0)
			status = PCAP_ERROR;
		else if (pcap_setnonblock(i->pcap, 1, text) != 0) {
			(void)snprintf(why, why_len, "%s", text);
			status = PCAP_ERROR;
		} else
			status = 0;
	}
	if (status < 0) {
		pcap_close(i->pcap);
		i->pcap = NULL;
		return status;
	}
	i->fd = pcap_get_selectable_fd(i->pcap);
	start_counting(i);
	return 0;
}

static void
collect(struct live *l, struct iface *i)
{
	struct pcap_stat st;
	uint64_t now;

	if (i->pcap != NULL && pcap_stats(i->pcap, &st) == 0) {
		i->recv += (uint32_t)(st.ps_recv - i->seen_recv);
		i->drop += (uint32_t)(st.ps_drop - i->seen_drop);
		count_n(l->counters, CNT_CAP_PACKETS, (uint32_t)(st.ps_recv - i->seen_recv));
		count_n(l->counters, CNT_CAP_DROPS, (uint32_t)(st.ps_drop - i->seen_drop));
		i->seen_recv = st.ps_recv;
		i->seen_drop = st.ps_drop;
	}
	/* ps_ifdrop comes from the same files, summed in libpcap's own way. */
	for (size_t k = 0; i->has_sys && k < COUNTOF(drop_files); k++) {
		if (!read_sys(i->name, drop_files[k], &now))
			break;
		if (now > i->seen_sys[k])
			count_n(l->counters, CNT_CAP_IFDROPS, now - i->seen_sys[k]);
		i->seen_sys[k] = now;
	}
}

static void
went_away(struct live *l, struct iface *i, const char *why)
{
	if (!i->down) {
		log_warn("capture", "%s: %s; waiting for it to come back", i->name, why);
		count(l->counters, CNT_CAP_DOWN);
	}
	i->down = true;
}

static void
lose(struct live *l, struct iface *i, const char *why)
{
	went_away(l, i, why);
	collect(l, i);
	/* The held frame lies in the handle's buffer: it goes with it. */
	i->held = false;
	if (i->pcap != NULL)
		pcap_close(i->pcap);
	i->pcap = NULL;
}

static bool
is_up(const struct live *l, const struct iface *i, bool *gone)
{
	struct ifreq r = { 0 };

	*gone = false;
	if (i->ifindex == 0 || l->probe < 0)
		return true;
	if (if_nametoindex(i->name) != i->ifindex) {
		*gone = true;	/* removed, or another one of the same name */
		return false;
	}
	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", i->name);
	if (ioctl(l->probe, SIOCGIFFLAGS, &r) != 0)
		return true;
	return (r.ifr_flags & IFF_UP) != 0;
}

/* Once a second: who went, who is back. */
static void
check(struct live *l, uint64_t now)
{
	char why[PCAP_ERRBUF_SIZE + 64];
	bool gone;

	l->next_check_ns = now + CHECK_NS;
	for (unsigned k = 0; k < l->n; k++) {
		struct iface *i = &l->ifaces[k];

		if (i->pcap == NULL) {
			if (start(l, i, why, sizeof(why)) != 0)
				continue;
		} else if (!is_up(l, i, &gone)) {
			/* Taken down: the socket stays and works again once it is up. */
			if (gone)
				lose(l, i, "the interface is gone");
			else
				went_away(l, i, "the interface is down");
			continue;
		}
		if (i->down) {
			log_note("capture", "%s: the interface is back", i->name);
			i->down = false;
		}
	}
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
	if (i->pcap == NULL)
		return false;
	got = pcap_next_ex(i->pcap, &h, &data);
	if (got <= 0) {
		if (got < 0) {
			char why[PCAP_ERRBUF_SIZE];

			(void)snprintf(why, sizeof(why), "%s", pcap_geterr(i->pcap));
			count(l->counters, CNT_CAP_ERRORS);
			lose(l, i, why);
		}
		return false;
	}
	i->head.ts_ns = (uint64_t)h->ts.tv_sec * UINT64_C(1000000000) +
	    (uint64_t)h->ts.tv_usec * i->tick_ns;
	i->head.data = data;
	i->head.cap_len = h->caplen;
	i->head.wire_len = h->len > h->caplen ? h->len : h->caplen;
	i->head.link = i->link;
	i->head.source = (uint16_t)(i - l->ifaces);
	i->held = true;
	i->taken++;
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
			missing = missing || (i->pcap != NULL && !i->down);
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
	int wait_ms = BLOCK_MS;
	bool ready;

	for (unsigned k = 0; k < l->n; k++) {
		/* A held frame waits for the others, not for its own interface. */
		if (l->ifaces[k].held)
			wait_ms = 20;
		else if (l->ifaces[k].pcap != NULL && l->ifaces[k].fd >= 0)
			fds[n++] = (struct pollfd){ .fd = l->ifaces[k].fd, .events = POLLIN };
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
		uint64_t now = clock_ns(CLOCK_MONOTONIC);

		l->since_check = 0;
		if (now >= l->next_check_ns)
			check(l, now);
	}
	i = oldest(l);
	if (i == NULL) {
		l->since_check = CHECK_FRAMES;	/* there is time: look at the clock next */
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
	for (unsigned k = 0; k < l->n && !l->emptied; k++) {
		struct iface *i = &l->ifaces[k];
		uint64_t had, took = i->taken - (i->held && l->given != i);

		collect(l, i);
		had = i->recv - i->drop;
		if (i->pcap != NULL && had > took)
			count_n(l->counters, CNT_CAP_RING_LEFT, had - took);
	}
}

void
live_update_counters(struct live *l)
{
	for (unsigned k = 0; k < l->n; k++)
		collect(l, &l->ifaces[k]);
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
			*more = *more || (i->pcap != NULL && !all_shown);
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
	if (l != NULL)
		l->ifaces = calloc(n, sizeof(*l->ifaces));
	if (l == NULL || l->ifaces == NULL) {
		err_add(e, NULL, 0, 0, "no memory to open interfaces");
		free(l);
		return NULL;
	}
	l->s = s;
	l->filter = filter;
	l->counters = c;
	l->n = n;
	l->probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	l->next_check_ns = clock_ns(CLOCK_MONOTONIC) + CHECK_NS;
	for (unsigned k = 0; k < n; k++) {
		struct iface *i = &l->ifaces[k];
		int status;

		i->name = strdup(names[k]);
		if (i->name == NULL) {
			err_add(e, NULL, 0, 0, "no memory to open interfaces");
			break;
		}
		status = start(l, i, why, sizeof(why));
		if (status == PCAP_ERROR_IFACE_NOT_UP) {
			i->ifindex = if_nametoindex(i->name);
			went_away(l, i, "the interface is down");
		} else if (status != 0)
			err_add(e, NULL, 0, 0, "%s: %s", i->name, why);
	}
	if (e->n > before) {
		live_close(l);
		return NULL;
	}
	return l;
}

void
live_close(struct live *l)
{
	if (l == NULL)
		return;
	for (unsigned k = 0; k < l->n; k++) {
		if (l->ifaces[k].pcap != NULL)
			pcap_close(l->ifaces[k].pcap);
		free(l->ifaces[k].name);
	}
	if (l->probe >= 0)
		close(l->probe);
	free(l->ifaces);
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
