/* Without immediate mode libpcap uses TPACKET_V3: the kernel fills blocks and hands each
 * over when it is full or 100 ms old, so a busy interface costs no system call per frame. */
#include "capture/iface.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "capture/live.h"

#define DRAIN_MS	(2 * LIVE_BLOCK_MS)	/* by then the kernel has shown what it took */

/* What is read from /sys/class/net/IFACE/statistics. */
static const char *const drop_files[IFACE_FILES] = { "rx_dropped", "rx_missed_errors" };

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

/* Flags of an interface, and in *hw its kind of link.  -1: there is none. */
static int
kind_of(int probe, const char *name, unsigned short *hw)
{
	struct ifreq r = { 0 };

	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(probe, SIOCGIFHWADDR, &r) != 0)
		return -1;
	*hw = r.ifr_hwaddr.sa_family;
	return ioctl(probe, SIOCGIFFLAGS, &r) == 0 ? (int)(unsigned short)r.ifr_flags : -1;
}

static int
set_filter(const struct iface_want *want, struct handle *h, char *why, size_t why_len)
{
	struct bpf_program program;
	int ret;

	if (want->filter == NULL)
		return 0;
	if (filter_prepare(want->filter, h->link, why, why_len) != 0)
		return -1;
	/* Compiled again on the live handle, where `vlan` also means the tag that the
	 * network card took off. */
	ret = pcap_compile(h->pcap, &program, filter_text(want->filter, h->link), 1, PCAP_NETMASK_UNKNOWN);
	if (ret == 0) {
		ret = pcap_setfilter(h->pcap, &program);
		pcap_freecode(&program);
	}
	if (ret != 0)
		(void)snprintf(why, why_len, "%s", pcap_geterr(h->pcap));
	return ret;
}

static void
explain(const struct handle *h, int status, char *why, size_t why_len)
{
	const char *detail = pcap_geterr(h->pcap);

	if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
		(void)snprintf(why, why_len, "no permission to capture: it needs root or CAP_NET_RAW; "
		    "run it with sudo, or once `sudo setcap cap_net_raw+ep "
		    "$(command -v thermowell)`");
	else
		(void)snprintf(why, why_len, "%s%s%s", pcap_statustostr(status),
		    detail[0] != '\0' ? ": " : "", detail);
}

/* Configure and start.  0, or libpcap's status with the reason in `why`. */
static int
start(const struct iface_want *want, struct handle *h, char *why, size_t why_len)
{
	const struct capture_settings *s = want->s;
	uint64_t mib = s->buffer_mib < 1 ? 1 : s->buffer_mib > 2047 ? 2047 : s->buffer_mib;
	uint64_t snaplen = s->snaplen < 1 || s->snaplen > 262144 ? 262144 : s->snaplen;
	char text[PCAP_ERRBUF_SIZE] = "";
	int status;

	(void)pcap_set_snaplen(h->pcap, (int)snaplen);
	(void)pcap_set_promisc(h->pcap, s->promiscuous);
	(void)pcap_set_timeout(h->pcap, LIVE_BLOCK_MS);
	(void)pcap_set_buffer_size(h->pcap, (int)(mib << 20));
	(void)pcap_set_tstamp_precision(h->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(h->pcap);
	if (status < 0) {
		explain(h, status, why, why_len);
		return status;
	}
	if (status > 0)
		log_warn("capture", "%s: %s: %s", want->name, pcap_statustostr(status), pcap_geterr(h->pcap));
	h->tick_ns = pcap_get_tstamp_precision(h->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	h->link = filter_link(pcap_datalink(h->pcap));
	h->ifindex = if_nametoindex(want->name);
	if (set_filter(want, h, why, why_len) != 0)
		return PCAP_ERROR;
	if (pcap_setnonblock(h->pcap, 1, text) != 0) {
		(void)snprintf(why, why_len, "%s", text);
		return PCAP_ERROR;
	}
	return 0;
}

/* From here on only what is new counts. */
static void
begin_counts(struct handle *h, const char *name)
{
	h->has_sys = true;
	for (size_t k = 0; k < IFACE_FILES; k++)
		h->has_sys = read_sys(name, drop_files[k], &h->seen_sys[k]) && h->has_sys;
}

struct handle *
iface_open(const struct iface_want *want, int *status, char *why, size_t why_len)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	struct handle *h = calloc(1, sizeof(*h));

	*status = PCAP_ERROR;
	if (h == NULL || (h->pcap = pcap_create(want->name, text)) == NULL) {
		(void)snprintf(why, why_len, "%s", h == NULL ? "no memory" : text);
		free(h);
		return NULL;
	}
	*status = start(want, h, why, why_len);
	if (*status < 0) {
		iface_close(h);
		return NULL;
	}
	h->fd = pcap_get_selectable_fd(h->pcap);
	(void)kind_of(h->fd, want->name, &h->hw);
	begin_counts(h, want->name);
	return h;
}

/* ---- later, without a right ------------------------------------------------------ */

static bool
bind_to(const struct handle *h, unsigned ifindex)
{
	struct sockaddr_ll to = { 0 };
	int seen;
	socklen_t n = sizeof(to);

	/* For the same protocols as libpcap bound it. */
	if (getsockname(h->fd, (struct sockaddr *)(void *)&to, &n) != 0)
		return false;
	to.sll_ifindex = (int)ifindex;
	n = sizeof(seen);
	if (bind(h->fd, (const struct sockaddr *)(const void *)&to, sizeof(to)) != 0)
		return false;
	/* What happened to the interface that it had. */
	(void)getsockopt(h->fd, SOL_SOCKET, SO_ERROR, &seen, &n);
	return true;
}

bool
iface_join(struct handle *h, const struct iface_want *want, int probe, bool *other)
{
	unsigned ifindex = if_nametoindex(want->name);
	struct packet_mreq all = { .mr_ifindex = (int)ifindex, .mr_type = PACKET_MR_PROMISC };
	unsigned short hw = 0;
	int flags = ifindex != 0 ? kind_of(probe, want->name, &hw) : -1;

	*other = flags >= 0 && hw != h->hw;
	if (flags < 0 || (flags & IFF_UP) == 0 || *other || !bind_to(h, ifindex))
		return false;
	if (want->s->promiscuous && ifindex != h->ifindex &&
	    setsockopt(h->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) != 0)
		log_warn("capture", "%s: not promiscuous: %s", want->name, strerror(errno));
	h->ifindex = ifindex;
	begin_counts(h, want->name);
	return true;
}

static void
throw_away(unsigned char *none, const struct pcap_pkthdr *h, const unsigned char *data)
{
	(void)none;
	(void)h;
	(void)data;
}

struct handle *
iface_open_down(const struct iface_want *want, char *why, size_t why_len)
{
	int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = -1;
	struct if_nameindex *all = if_nameindex();
	struct capture_settings s = *want->s;
	unsigned short hw = 0, its;
	struct handle *h = NULL;

	s.promiscuous = false;
	(void)snprintf(why, why_len, "the interface is down, and no other is up that it could be opened on for now; "
	    "bring it up, or lo");
	if (probe >= 0 && kind_of(probe, want->name, &hw) >= 0)
		for (const struct if_nameindex *i = all; i != NULL && i->if_index != 0 && h == NULL; i++) {
			int flags = kind_of(probe, i->if_name, &its);

			if (flags >= 0 && (flags & IFF_UP) != 0 && (its == hw || (its == ARPHRD_LOOPBACK && hw == ARPHRD_ETHER)))
				h = iface_open(&(struct iface_want){ &s, want->filter, i->if_name }, &status, why, why_len);
		}
	if (all != NULL)
		if_freenameindex(all);
	if (probe >= 0)
		(void)close(probe);
	if (h == NULL)
		return NULL;
	h->hw = hw;
	h->ifindex = 0;
	/* To the one that is down: no frame comes any more.  Those that came are not its own. */
	(void)bind_to(h, if_nametoindex(want->name));
	for (unsigned ms = 0; ms < DRAIN_MS; ms += DRAIN_MS / 4) {
		(void)poll(NULL, 0, DRAIN_MS / 4);
		while (pcap_dispatch(h->pcap, -1, throw_away, NULL) > 0)
			;
	}
	return h;
}

void
iface_close(struct handle *h)
{
	if (h == NULL)
		return;
	pcap_close(h->pcap);
	free(h);
}

static void
add(_Atomic uint64_t *to, uint64_t n)
{
	(void)atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

void
iface_count(const char *name, struct handle *h, struct iface_counts *to)
{
	struct pcap_stat st;
	uint64_t now;

	if (pcap_stats(h->pcap, &st) == 0) {
		uint32_t recv = st.ps_recv - h->seen_recv, drop = st.ps_drop - h->seen_drop;

		h->recv += recv;
		h->drop += drop;
		add(&to->recv, recv);
		add(&to->drop, drop);
		h->seen_recv = st.ps_recv;
		h->seen_drop = st.ps_drop;
	}
	/* ps_ifdrop comes from the same files, summed in libpcap's own way. */
	for (size_t k = 0; h->has_sys && k < IFACE_FILES; k++) {
		if (!read_sys(name, drop_files[k], &now))
			break;
		if (now > h->seen_sys[k])
			add(&to->ifdrop, now - h->seen_sys[k]);
		h->seen_sys[k] = now;
	}
}

bool
iface_is_up(const char *name, const struct handle *h, int probe, bool *gone)
{
	struct ifreq r = { 0 };

	*gone = false;
	if (h->ifindex == 0 || probe < 0)
		return true;
	if (if_nametoindex(name) != h->ifindex) {
		*gone = true;
		return false;
	}
	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(probe, SIOCGIFFLAGS, &r) != 0)
		return true;
	return (r.ifr_flags & IFF_UP) != 0;
}
