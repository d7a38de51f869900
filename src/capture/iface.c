/* Without immediate mode libpcap uses TPACKET_V3: the kernel fills blocks and hands each
 * over when it is full or 100 ms old, so a busy interface costs no system call per frame. */
#include "capture/iface.h"

#include <net/if.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/log.h"
#include "capture/live.h"

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
		    "run it with sudo, or once `sudo setcap cap_net_raw,cap_net_admin+ep "
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

struct handle *
iface_open(void *unused, const struct iface_want *want, int *status, char *why, size_t why_len)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	struct handle *h = calloc(1, sizeof(*h));

	(void)unused;
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
	/* From here on only what is new counts. */
	h->has_sys = true;
	for (size_t k = 0; k < IFACE_FILES; k++)
		h->has_sys = read_sys(want->name, drop_files[k], &h->seen_sys[k]) && h->has_sys;
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
