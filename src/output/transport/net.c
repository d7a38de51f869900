#include "output/transport/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "base/thread.h"
#include "output/transport/transport.h"

#define REPORTS_MOST	4u		/* different messages of one trouble */
#define LOOKUP_STACK	(512u * 1024)	/* the system's resolver puts packets of 64 KiB there */

/* ---- targets ---------------------------------------------------------------------------- */

static bool
port_is_good(const char *text, size_t n)
{
	unsigned long v = n > 0 && n <= 5 && strspn(text, "0123456789") >= n ? strtoul(text, NULL, 10) : 0;

	return v >= 1 && v <= 65535;
}

bool
net_target_read(const char *text, const char *default_port, struct net_target *to, char *why, size_t why_size)
{
	struct strbuf b = strbuf_on(why, why_size);
	const char *host = text, *end, *port = NULL;

	*to = (struct net_target){ .host = "" };
	if (text[0] == '[') {
		host = text + 1;
		end = strchr(host, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
			strbuf_printf(&b, "\"%s\": an IPv6 address stands in brackets, as in [2001:db8::1]:%s", text, default_port);
			return false;
		}
		port = end[1] == ':' ? end + 2 : NULL;
	} else {
		end = strchr(host, ':');
		/* An IPv6 address without brackets has no port. */
		if (end != NULL && strchr(end + 1, ':') != NULL)
			end = NULL;
		port = end != NULL ? end + 1 : NULL;
		if (end == NULL)
			end = host + strlen(host);
	}
	if (end == host || (size_t)(end - host) >= sizeof(to->host) || strcspn(host, "/ \t@") < (size_t)(end - host)) {
		strbuf_printf(&b, "\"%s\" is no host: a name or an address, and a port behind a colon, as in siem.example.org:%s",
		    text, default_port);
		return false;
	}
	if (port != NULL && !port_is_good(port, strlen(port))) {
		strbuf_printf(&b, "\"%s\": \"%s\" is no port: a number from 1 to 65535", text, port);
		return false;
	}
	memcpy(to->host, host, (size_t)(end - host));
	(void)snprintf(to->port, sizeof(to->port), "%s", port != NULL ? port : default_port);
	return true;
}

bool
net_is_address(const char *host)
{
	struct in6_addr a;

	return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

const char *
net_print(const struct sockaddr *a, char *to)
{
	char host[INET6_ADDRSTRLEN] = "?";
	unsigned port = 0;

	if (a->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)a;

		(void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		port = (unsigned)(((const uint8_t *)&v4->sin_port)[0] << 8 | ((const uint8_t *)&v4->sin_port)[1]);
	} else if (a->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)a;

		(void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		port = (unsigned)(((const uint8_t *)&v6->sin6_port)[0] << 8 | ((const uint8_t *)&v6->sin6_port)[1]);
	}
	(void)snprintf(to, NET_ADDR_MAX, a->sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port);
	return to;
}

/* ---- addresses of a name ---------------------------------------------------------------- */

struct net_lookup {
	struct net_target	 target;
	struct addrinfo		 hints, *found;
	int			 result, error;	/* of getaddrinfo(), errno */
	struct thread		 thread;
	bool			 asked;		/* `result` is there without a thread */
	atomic_int		 holders;	/* its owner and its thread */
};

static void
let_go(struct net_lookup *l)
{
	if (atomic_fetch_sub(&l->holders, 1) != 1)
		return;
	if (l->found != NULL)
		freeaddrinfo(l->found);
	free(l);
}

static void *
ask(void *arg)
{
	struct net_lookup *l = arg;

	l->result = getaddrinfo(l->target.host, l->target.port, &l->hints, &l->found);
	l->error = errno;
	atomic_store(&l->thread.ended, true);
	let_go(l);
	return NULL;
}

struct net_lookup *
net_lookup_begin(const struct net_target *t, int socktype)
{
	struct net_lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->target = *t;
	l->hints = (struct addrinfo){ .ai_family = AF_UNSPEC, .ai_socktype = socktype, .ai_flags = AI_NUMERICSERV };
	l->thread.stack = LOOKUP_STACK;
	atomic_init(&l->holders, 1);
	if (net_is_address(t->host)) {
		l->hints.ai_flags |= AI_NUMERICHOST;
		l->result = getaddrinfo(t->host, t->port, &l->hints, &l->found);
		l->asked = true;
		return l;
	}
	atomic_store(&l->holders, 2);
	if (!thread_start(&l->thread, ask, l)) {
		free(l);
		return NULL;
	}
	/* Nobody waits for its end: it frees what it leaves. */
	(void)pthread_detach(l->thread.id);
	return l;
}

enum net_answer
net_lookup_end(struct net_lookup *l, const struct addrinfo **found, char *why, size_t why_size)
{
	if (!l->asked && !atomic_load(&l->thread.ended))
		return NET_WAIT;
	if (l->result == 0 && l->found != NULL) {
		*found = l->found;
		return NET_FOUND;
	}
	(void)snprintf(why, why_size, "the name %s has no address (%s)", l->target.host,
	    l->result == EAI_SYSTEM ? strerror(l->error) : l->result == EAI_AGAIN ? "no answer from the name server" :
	    gai_strerror(l->result));
	return NET_NOT_FOUND;
}

void
net_lookup_free(struct net_lookup *l)
{
	if (l != NULL)
		let_go(l);
}

void
net_warm_up(void)
{
	static const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;

	if (getaddrinfo("localhost", "514", &hints, &found) == 0)
		freeaddrinfo(found);
}

/* ---- the watched network ------------------------------------------------------------------ */

/* The interface by which the kernel would send to it; 0: it does not know. */
static unsigned
route_to(const struct sockaddr *to)
{
	struct {
		struct nlmsghdr	h;
		struct rtmsg	r;
		struct rtattr	a;
		uint8_t		address[16];
	} q = { .h = { .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = 1 } };
	union {
		struct nlmsghdr	h;
		uint8_t		bytes[4096];
	} answer;
	bool v6 = to->sa_family == AF_INET6;
	size_t len = v6 ? 16 : 4;
	unsigned oif = 0;
	ssize_t n;
	int fd;

	q.h.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof(q.r)) + RTA_LENGTH(len));
	q.r.rtm_family = (unsigned char)to->sa_family;
	q.r.rtm_dst_len = (unsigned char)(8 * len);
	q.a.rta_type = RTA_DST;
	q.a.rta_len = (unsigned short)RTA_LENGTH(len);
	if (v6)
		memcpy(q.address, &((const struct sockaddr_in6 *)(const void *)to)->sin6_addr, 16);
	else
		memcpy(q.address, &((const struct sockaddr_in *)(const void *)to)->sin_addr, 4);
	if (v6 && (oif = ((const struct sockaddr_in6 *)(const void *)to)->sin6_scope_id) != 0)
		return oif;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return 0;
	n = write(fd, &q, q.h.nlmsg_len) == (ssize_t)q.h.nlmsg_len ? read(fd, &answer, sizeof(answer)) : -1;
	(void)close(fd);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct rtmsg)) || answer.h.nlmsg_type != RTM_NEWROUTE)
		return 0;
	n -= (ssize_t)NLMSG_LENGTH(sizeof(struct rtmsg));
	for (size_t at = NLMSG_LENGTH(sizeof(struct rtmsg)), step; n >= (ssize_t)sizeof(struct rtattr); at += step, n -= (ssize_t)step) {
		struct rtattr a;

		memcpy(&a, answer.bytes + at, sizeof(a));
		step = RTA_ALIGN(a.rta_len);
		if (a.rta_len < sizeof(a) || a.rta_len > n)
			break;
		if (a.rta_type == RTA_OIF && a.rta_len == RTA_LENGTH(sizeof(oif)))
			memcpy(&oif, answer.bytes + at + RTA_LENGTH(0), sizeof(oif));
	}
	return oif;
}

bool
net_may_leave(const struct net_watched *w, const struct sockaddr *to, char *why, size_t why_size)
{
	char by[IF_NAMESIZE] = "", address[NET_ADDR_MAX];
	unsigned oif;

	if (w == NULL || w->n == 0 || (to->sa_family != AF_INET && to->sa_family != AF_INET6))
		return true;
	oif = route_to(to);
	if (oif == 0 || if_indextoname(oif, by) == NULL)
		return true;
	for (unsigned i = 0; i < w->n; i++)
		if (strcmp(w->name[i], by) == 0 || strcmp(w->name[i], "any") == 0) {
			(void)snprintf(why, why_size, "the way to %s leaves by %s, which is watched (-i %s): nothing is ever sent "
			    "there; give it a route by another interface", net_print(to, address), by, w->name[i]);
			return false;
		}
	return true;
}

static bool
is_watched(const struct net_watched *w, const char *name)
{
	for (unsigned i = 0; i < w->n; i++)
		if (strcmp(w->name[i], name) == 0)
			return true;
	return false;
}

static bool
is_same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->sa_family != b->sa_family)
		return false;
	return a->sa_family == AF_INET ? a4->sin_addr.s_addr == b4->sin_addr.s_addr :
	    memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0;
}

/* Whatever address comes: 0.0.0.0, ::. */
static bool
is_for_all(const struct sockaddr *at)
{
	static const struct in6_addr all = { 0 };

	return at->sa_family == AF_INET ? ((const struct sockaddr_in *)(const void *)at)->sin_addr.s_addr == 0 :
	    memcmp(&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, &all, sizeof(all)) == 0;
}

bool
net_may_listen(const struct net_watched *w, const struct sockaddr *at, char *why, size_t why_size)
{
	char address[NET_ADDR_MAX];
	struct ifaddrs *all = NULL;
	bool may = true, for_all = is_for_all(at);

	if (w == NULL || w->n == 0 || getifaddrs(&all) != 0)
		return true;
	for (const struct ifaddrs *i = all; i != NULL && may; i = i->ifa_next) {
		if (i->ifa_addr == NULL || (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6) || !is_watched(w, i->ifa_name))
			continue;
		may = !for_all && !is_same_address(i->ifa_addr, at);
		if (!may)
			(void)snprintf(why, why_size, "%s is %s of %s, which is watched: nothing is ever answered there; name an address of another interface",
			    net_print(at, address), for_all ? "also an address" : "the address", i->ifa_name);
	}
	freeifaddrs(all);
	return may;
}

bool
net_target_may(const struct net_watched *w, const struct net_target *t, char *why, size_t why_size)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	bool may = true;

	if (w == NULL || w->n == 0 || getaddrinfo(t->host, t->port, &hints, &found) != 0)
		return true;
	may = net_may_leave(w, found->ai_addr, why, why_size);
	freeaddrinfo(found);
	return may;
}

/* ---- what is wrong -------------------------------------------------------------------------- */

static void
report(const struct net_health *h, const char *text)
{
	if (h->s->host != NULL && h->s->host->problem != NULL)
		h->s->host->problem(h->s->host->arg, text);
}

void
net_trouble(struct net_health *h, const char *why)
{
	if (h->was_well && !h->in_trouble)
		atomic_fetch_add_explicit(&h->s->counters->failures, 1, memory_order_relaxed);
	report(h, why);
	if (h->in_trouble && (strcmp(h->reported, why) == 0 || h->reports >= REPORTS_MOST))
		return;
	h->reports = h->in_trouble ? h->reports + 1 : 1;
	h->in_trouble = true;
	(void)snprintf(h->reported, sizeof(h->reported), "%s", why);
	log_warn("output", "%s: %s: %s; it is tried again", h->s->name, h->s->target, why);
}

void
net_well(struct net_health *h, const char *where)
{
	if (h->was_well && !h->in_trouble)
		return;
	if (h->was_well)
		atomic_fetch_add_explicit(&h->s->counters->reconnects, 1, memory_order_relaxed);
	if (h->in_trouble) {
		report(h, "");
		log_note("output", "%s: %s takes what is sent%s", h->s->name, where, h->was_well ? " again" : "");
	} else
		log_info("output", "%s: connected to %s", h->s->name, where);
	h->was_well = true;
	h->in_trouble = false;
	h->reports = 0;
}

/* ---- when to try again --------------------------------------------------------------------- */

uint64_t
net_backoff_next(struct net_backoff *b)
{
	uint64_t pause;

	if (b->random == 0)
		b->random = hash_key() | 1;
	b->now_ns = b->now_ns == 0 ? b->least_ns : b->now_ns < b->most_ns / 2 ? 2 * b->now_ns : b->most_ns;
	if (b->now_ns > b->most_ns)
		b->now_ns = b->most_ns;
	b->random = hash_mix(b->random ^ 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu);
	pause = b->now_ns / 2;
	return pause + (pause > 0 ? b->random % pause : 0);
}
