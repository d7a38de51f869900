/* traffic.c - facts of packets and flows, whatever is in them: which devices there are, from which
 * hardware address and with which time to live their packets come, and which hosts use which services of
 * which others, beside the protocols of a plant: a new one of those is the only sign of a foothold.
 *
 * A flow remembers the last packet that was as expected: nearly every packet costs a compare. */
#include "detect/baseline/model.h"

#include <stdlib.h>

#include "asset/maintenance.h"
#include "base/str.h"
#include "detect/baseline/rate.h"

#define DYNAMIC 32768u	/* ports from here on are given out for a while (RFC 6056, and Linux) */
#define LOOKS 6u	/* packets of a flow before it is judged without a name */

struct traffic {
	struct baseline	*b;
	uint32_t	 slot;		/* of flows: struct seen */
	uint32_t	 of_device;	/* slot: struct wanders */
};

/* A host that tries one server on the internet after the other is one matter a day. */
struct wanders {
	uint64_t	reported_ns;	/* when something new of it there was reported; 0: never */
};

struct seen {
	struct flow_rate rate;
	uint64_t	end[2];		/* hardware address and TTL of its last packet that is known; 0 none */
	uint16_t	day;		/* the flow itself was judged, or seen again, then; 0: it was not judged */
};

/* A number for some twenty hours; never 0. */
static uint16_t
day_of(uint64_t ts_ns)
{
	return (uint16_t)(ts_ns >> 46 | 0x8000);
}

static struct seen *
seen_of(const struct traffic *t, const struct flow *f)
{
	return flow_slot(f, t->slot);
}

static void *
traffic_open(struct baseline *b, struct err *e)
{
	struct traffic *t = calloc(1, sizeof(*t));

	(void)e;
	if (t == NULL)
		return NULL;
	t->b = b;
	t->slot = flow_slot_reserve(baseline_env(b)->slots, sizeof(struct seen));
	t->of_device = assets_slot(baseline_env(b)->assets, ASSET_DEVICE, sizeof(struct wanders));
	return t;
}

/* Not of one device: a group, all, or nobody yet. */
static bool
is_many(const struct addr *a)
{
	static const struct addr none;

	if (addr_is_v4(a))
		return a->b[12] >= 224 || a->b[15] == 255 || a->b[12] == 0;
	return a->b[0] == 0xff || addr_same(a, &none);
}

/* ---- packets -------------------------------------------------------------------- */

static void
report_finding(struct traffic *t, struct deviation *d, struct finding f)
{
	d->from_server = false;
	baseline_report(t->b, d, &f);
}

static void
put_key(struct deviation *d, const struct fact_key *k)
{
	if (k->kind == FACT_KIND_MAC)
		(void)snprintf(d->what, sizeof(d->what), "%02x:%02x:%02x:%02x:%02x:%02x", k->mac[0], k->mac[1], k->mac[2],
		    k->mac[3], k->mac[4], k->mac[5]);
	else if (k->kind == FACT_KIND_TTL)
		(void)snprintf(d->what, sizeof(d->what), "%u", (unsigned)k->code);
}

/* false: it deviates, and that was reported. */
static bool
expect(struct traffic *t, const struct fact_key *k, const struct sighting *s, const struct packet *p,
    struct flow *f, enum flow_dir dir)
{
	struct deviation d = { .type = fact_row(k->kind)->alert };
	struct finding report;

	if (baseline_see(t->b, k, s, &d.fact) != BASELINE_NEW)
		return true;
	put_key(&d, k);
	report = finding_from_packet(d.type, p, f, dir);
	report.any_dst = true;	/* it is about the sender, whomever it speaks to */
	report_finding(t, &d, report);
	return false;
}

/* A packet that is not like the last one of its end. */
static bool
look(struct traffic *t, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct sighting s = { .now_ns = p->ts_ns, .may_learn = true };
	struct fact_key k = { .kind = FACT_KIND_DEVICE, .server = p->src };

	if (addr_is_public(&p->src) || is_many(&p->src))
		return true;
	/* A link-local address is one more of a device that has another. */
	if (p->src.b[0] != 0xfe || (p->src.b[1] & 0xc0) != 0x80)
		(void)expect(t, &k, &s, p, f, dir);
	if (p->mac_src == NULL)
		return true;
	k.kind = FACT_KIND_MAC;
	memcpy(k.mac, p->mac_src, sizeof(k.mac));
	if (!expect(t, &k, &s, p, f, dir))
		return false;
	if (p->proto != IP_TCP || (p->tcp_flags & TCP_RST) != 0)
		return true;
	k.kind = FACT_KIND_TTL;
	k.code = p->ttl;
	return expect(t, &k, &s, p, f, dir);
}

/* ---- flows ------------------------------------------------------------------------ */

/* The end that serves: where nobody saw who began, the lower port. */
static unsigned
server_of(const struct flow *f)
{
	if (f->role_source <= ROLE_PORT && f->port[0] != f->port[1] && (f->proto == IP_TCP || f->proto == IP_UDP))
		return f->port[1] < f->port[0] ? 1 : 0;
	return flow_server(f);
}

/* "TCP port 3389 (rdp)" */
static void
put_service(struct deviation *d, const struct flow *f, uint16_t port)
{
	struct strbuf to = strbuf_on(d->what, sizeof(d->what));

	if (f->proto == IP_TCP || f->proto == IP_UDP)
		strbuf_printf(&to, "%s port %u", f->proto == IP_UDP ? "UDP" : "TCP", (unsigned)port);
	else if (f->proto == IP_ICMP || f->proto == IP_ICMPV6)
		strbuf_put(&to, "ping");
	else
		strbuf_printf(&to, "IP protocol %u", (unsigned)f->proto);
	if (f->app_proto != NULL)
		strbuf_printf(&to, " (%s)", f->app_proto);
}

/* From its client to its server, as if it had sent the last packet. */
static struct finding
finding_of(const struct baseline *b, struct flow *f, unsigned server)
{
	const unsigned client = server ^ 1u;
	uint64_t now_ns = baseline_env(b)->now_ns != NULL ? *baseline_env(b)->now_ns : f->last_ns;

	return (struct finding){ .ts_ns = f->last_ns < now_ns ? f->last_ns : now_ns, .frame = f->first_frame,
	    .source = f->source, .src = f->addr[client], .dst = f->addr[server], .sport = f->port[client],
	    .dport = f->port[server], .proto = f->proto, .flow = f };
}

static struct fact_key
key_of_flow(const struct traffic *t, const struct flow *f, unsigned server, enum fact_kind kind)
{
	struct fact_key k = { .kind = (uint8_t)kind, .server = f->addr[server], .client = f->addr[server ^ 1u],
	    .code = f->proto };
	const uint32_t has = fact_row(kind)->fields;

	if (f->proto == IP_TCP || f->proto == IP_UDP)
		k.port = f->port[server] < DYNAMIC ? f->port[server] : 0;
	if ((has & FACT_HAS(CLIENT)) == 0)
		memset(&k.client, 0, sizeof(k.client));
	if ((has & FACT_HAS(SERVER)) == 0)
		memset(&k.server, 0, sizeof(k.server));
	if ((has & FACT_HAS(TEXT)) != 0)
		baseline_outside(t->b, &f->addr[server], k.text, sizeof(k.text));
	return k;
}

/* The first of a day is looked into, and with it what this host does there. */
static enum alert_type
outside_type(const struct traffic *t, const struct flow *f, unsigned server, uint64_t now_ns)
{
	struct asset *host = asset_of(f, server ^ 1u);
	struct wanders *w = host != NULL ? asset_slot(host, t->of_device) : NULL;

	if (w == NULL)
		return ALERT_BASELINE_OUTSIDE;
	if (w->reported_ns != 0 && now_ns >= w->reported_ns && now_ns - w->reported_ns < 24 * 3600 * SECOND)
		return ALERT_BASELINE_OUTSIDE_MORE;
	w->reported_ns = now_ns;
	return ALERT_BASELINE_OUTSIDE;
}

/* Of several kinds of facts the first that is new is the deviation. */
static void
judge_as(struct traffic *t, struct flow *f, unsigned server, const enum fact_kind *kinds, unsigned n)
{
	struct sighting s = { .now_ns = f->last_ns, .may_learn = !baseline_grave_flow(t->b, f) &&
	    maintenance_of(baseline_env(t->b)->maintenance, f->last_ns, f->addr, MAINTENANCE_NO_INTENT) == NULL };
	struct deviation d = { 0 };
	struct finding report;

	for (unsigned i = 0; i < n; i++) {
		struct fact_key k = key_of_flow(t, f, server, kinds[i]);
		struct fact *x;

		if (baseline_see(t->b, &k, &s, &x) == BASELINE_NEW && d.fact == NULL) {
			d.fact = x;
			d.type = fact_row(kinds[i])->alert;
		}
	}
	if (d.fact == NULL)
		return;
	put_service(&d, f, f->port[server]);
	report = finding_of(t->b, f, server);
	if (d.fact->key.kind == FACT_KIND_OUTSIDE) {
		/* One matter a host, whomever it talks to. */
		report.any_dst = true;
		report.type = d.type = outside_type(t, f, server, f->last_ns);
		d.key = facts_family_hash(baseline_facts(t->b), &d.fact->key);
	}
	report_finding(t, &d, report);
}

static bool
is_ping(const struct flow *f)
{
	return f->proto == IP_ICMP || f->proto == IP_ICMPV6;
}

/* Did its server take it up?  That it refuses is no service. */
static bool
is_taken_up(const struct flow *f, unsigned server)
{
	if (f->packets[server] == 0)
		return false;
	return f->proto != IP_TCP || (f->tcp_flags[server] & TCP_RST) == 0 || f->payload[server] > 0 ||
	    (f->tcp_flags[server] & TCP_SYN) != 0;
}

static void
judge(struct traffic *t, struct flow *f, bool ended)
{
	static const enum fact_kind broadcast[] = { FACT_KIND_BROADCAST }, outside[] = { FACT_KIND_OUTSIDE },
	    attempt[] = { FACT_KIND_ATTEMPT }, service[] = { FACT_KIND_SERVICE, FACT_KIND_FLOW };
	const unsigned server = server_of(f);
	const struct addr *client = &f->addr[server ^ 1u];
	const bool taken_up = is_taken_up(f, server);

	seen_of(t, f)->day = day_of(f->last_ns);
	if (is_many(client) || addr_is_public(client))
		return;
	if (is_many(&f->addr[server]))
		judge_as(t, f, server, broadcast, 1);
	else if (addr_is_public(&f->addr[server])) {
		if (taken_up)
			judge_as(t, f, server, outside, 1);
	} else if (taken_up && !is_ping(f))
		/* Peers by a protocol of the plant are asked for by its operations. */
		judge_as(t, f, server, service, f->protocol == NULL ? 2 : 1);
	else if (ended && f->proto != IP_TCP && f->protocol == NULL)
		judge_as(t, f, server, attempt, 1);
}

/* A flow may last for months: what is known of it goes on to be seen. */
static void
judge_again(struct traffic *t, struct flow *f)
{
	static const enum fact_kind kinds[] = { FACT_KIND_SERVICE, FACT_KIND_FLOW, FACT_KIND_OUTSIDE, FACT_KIND_BROADCAST };
	const unsigned server = server_of(f);

	seen_of(t, f)->day = day_of(f->last_ns);
	for (unsigned i = 0; i < COUNTOF(kinds); i++) {
		struct fact_key k = key_of_flow(t, f, server, kinds[i]);
		struct fact *x = facts_find(baseline_facts(t->b), &k);

		if (x != NULL && (x->state == FACT_LEARNED || x->state == FACT_ACCEPTED))
			facts_seen(baseline_facts(t->b), x, 0, f->last_ns);
	}
}

/* Is enough known of it? */
static bool
is_ripe(const struct flow *f)
{
	uint64_t n = f->packets[0] + f->packets[1];

	if (f->protocol != NULL)
		return true;
	return f->packets[0] > 0 && f->packets[1] > 0 && !f->ot_maybe && n >= LOOKS && (f->app_proto != NULL || !f->app_maybe);
}

static void
count_bytes(struct traffic *t, struct flow *f, struct flow_rate *r, uint64_t now_ns)
{
	const unsigned server = server_of(f);
	struct fact_key k = key_of_flow(t, f, server, FACT_KIND_RATE);
	struct deviation d = { 0 };
	struct finding report;

	if (is_many(&f->addr[0]) || is_many(&f->addr[1]) || addr_is_public(&k.client)) {
		*r = (struct flow_rate){ .end_ns = UINT64_MAX, .most = UINT64_MAX };
		return;
	}
	/* On the internet a service has many addresses. */
	if (addr_is_public(&k.server))
		k.server = (struct addr){ { 0 } };
	if (!rate_look(t->b, r, f, &k, now_ns, &d))
		return;
	report = finding_of(t->b, f, server);
	report_finding(t, &d, report);
}

static void
traffic_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct traffic *t = arg;
	struct seen *x;
	uint64_t now = 0;

	if (f == NULL)
		return;
	x = seen_of(t, f);
	if (p->mac_src != NULL)
		memcpy(&now, p->mac_src, 6);
	now = now << 16 | (uint64_t)(p->proto == IP_TCP ? p->ttl : 0) << 1 | 1u;
	if (x->end[dir] != now) {
		bool reset = p->proto == IP_TCP && (p->tcp_flags & TCP_RST) != 0;

		if (look(t, p, f, dir) && !reset)
			x->end[dir] = now;
	}
	if (x->day != day_of(p->ts_ns)) {
		if (x->day != 0)
			judge_again(t, f);
		else if (is_ripe(f))
			judge(t, f, false);
	}
	if (rate_is_due(&x->rate, f, p->ts_ns))
		count_bytes(t, f, &x->rate, p->ts_ns);
}

static void
traffic_flow_end(void *arg, struct flow *f)
{
	struct traffic *t = arg;

	if (seen_of(t, f)->day == 0)
		judge(t, f, true);
}

static size_t
traffic_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct traffic);
}

const struct model model_traffic = {
	.name = "traffic",
	.open = traffic_open,
	.packet = traffic_packet,
	.flow_end = traffic_flow_end,
	.memory = traffic_memory,
	.close = free,
};
