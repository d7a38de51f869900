/* scan.c - searching, flooding and guessing: how often, and how many different
 * things, within a time.
 *
 * Packets cost a look at their flags; only those that open something, refuse
 * something, or ask who is there, are counted.
 */
#include "detect/scan/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/scan/tracks.h"

#define UNREACHABLE	3u	/* RFC 792; code 3: the port */
#define ECHO_REQUEST	8u
#define TIMESTAMP	13u
#define INFORMATION	15u
#define ADDRESS_MASK	17u	/* RFC 950 */
#define UNREACHABLE6	1u	/* RFC 4443; code 4: the port */
#define ECHO_REQUEST6	128u
#define RATES_A_SET	4u	/* small, and many pairs have one */
#define ASKED		1024u
#define WATCHED_S	600u	/* a slow scan is seen within so long (detect.addresses-slow) */

static void
scan_close(void *arg)
{
	struct scan *d = arg;

	if (d != NULL) {
		slots_close(&d->sets);
		slots_close(&d->rates);
		slots_close(&d->macs);
		slots_close(&d->asked);
		slots_close(&d->outside);
	}
	free(d);
}

static int
take(struct slots *s, const struct detect_env *env, uint64_t n, size_t size, enum counter_id evicted)
{
	return slots_open(s, &(struct slots_want){ .n = n, .size = size, .secret = env->key,
	    .matters_s = evicted == CNT_DETECT_TRACKERS ? WATCHED_S : 0, .counters = env->counters,
	    .evicted = evicted });
}

static void *
scan_open(const struct detect_env *env, struct err *e)
{
	const struct detect_settings *s = &env->settings->detect;
	struct scan *d = calloc(1, sizeof(*d));

	if (d == NULL || take(&d->sets, env, s->trackers, sizeof(struct track_set), CNT_DETECT_TRACKERS) != 0 ||
	    take(&d->rates, env, s->trackers * RATES_A_SET, sizeof(struct track_rate), CNT_DETECT_TRACKERS) != 0 ||
	    take(&d->macs, env, s->devices, sizeof(struct track_mac), CNT_DETECT_DEVICES) != 0 ||
	    take(&d->asked, env, ASKED, sizeof(struct track_asked), CNT_DETECT_TRACKERS) != 0 ||
	    take(&d->outside, env, s->trackers, sizeof(struct track_outside), CNT_DETECT_TRACKERS) != 0) {
		err_add(e, NULL, 0, 0, "no memory for the detector of scans: lower detect.trackers");
		scan_close(d);
		return NULL;
	}
	d->env = *env;
	d->s = s;
	return d;
}

/* ---- counting ---------------------------------------------------------------------- */

bool
track_reached(struct track_set *t, uint32_t n, uint64_t limit)
{
	if (n < limit) {
		t->reported = false;
		return false;
	}
	if (!t->seen.fresh)
		return false;
	if (t->reported && ++t->news < limit)
		return false;
	t->reported = true;
	t->news = 0;
	return true;
}

bool
track_different(struct scan *d, uint64_t key, uint64_t what, uint64_t ts_ns,
    const struct rate_settings *r, uint32_t *n)
{
	struct track_set *t = slots_get(&d->sets, key, ts_ns);

	*n = distinct_add(&t->seen, what, ts_ns, r->within_s);
	return track_reached(t, *n, r->n);
}

bool
track_often(struct scan *d, uint64_t key, uint64_t ts_ns, const struct rate_settings *r, uint32_t *n)
{
	struct track_rate *t = slots_get(&d->rates, key, ts_ns);

	*n = rate_add(&t->rate, ts_ns, r->within_s);
	if (*n < r->n)
		return false;
	rate_clear(&t->rate);
	return true;
}

bool
track_often_new(struct scan *d, uint64_t key, uint64_t ts_ns, const struct rate_settings *r, uint32_t *n)
{
	const struct steady_times t = steady_times(&d->env);
	struct track_rate *x = slots_get(&d->rates, key, ts_ns);
	uint64_t since, level;

	*n = rate_add(&x->rate, ts_ns, r->within_s);
	if (*n < r->n)
		return false;
	rate_clear(&x->rate);
	/* So many in the time that the limit is for: it is reached at once, or the later the fewer they are. */
	since = x->reached_ns != 0 && ts_ns > x->reached_ns ? ts_ns - x->reached_ns : r->within_s * SECOND;
	level = since > 0 ? r->n * r->within_s * SECOND / since : r->n;
	x->reached_ns = ts_ns;
	return steady_news(&x->known, level < UINT32_MAX ? (uint32_t)level : UINT32_MAX, ts_ns, &t);
}

void
track_emit(struct scan *d, struct finding *f, uint32_t n, const struct rate_settings *r)
{
	finding_add_rate(f, n, r);
	emit(&d->env, f);
}

struct finding
track_turned(enum alert_type type, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f = finding_from_packet(type, p, flow, dir);

	f.src = p->dst;
	f.dst = p->src;
	f.sport = p->dport;
	f.dport = p->sport;
	f.to_client = flow != NULL && (unsigned)dir == flow_client(flow);
	return f;
}

const char *
track_mac_words(char *to, size_t size, const uint8_t *m)
{
	(void)snprintf(to, size, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return to;
}

/* ---- in ------------------------------------------------------------------------------ */

static void
icmp_packet(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	bool v4 = p->proto == IP_ICMP;

	if (p->icmp_type == (v4 ? ECHO_REQUEST : ECHO_REQUEST6))
		hosts_ping(d, p, flow, dir);
	else if (v4 && (p->icmp_type == TIMESTAMP || p->icmp_type == INFORMATION || p->icmp_type == ADDRESS_MASK))
		hosts_icmp_ask(d, p, flow, dir);
	else if (p->icmp_type == (v4 ? UNREACHABLE : UNREACHABLE6) && p->icmp_code == (v4 ? 3 : 4))
		ports_unreachable(d, p);
}

static void
scan_packet(void *arg, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct scan *d = arg;

	if (p->ip_v == 0) {
		if (p->arp_op != 0 && p->arp_mac != NULL)
			arp_packet(d, p);
	} else if (p->proto == IP_TCP) {
		if ((p->tcp_flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK)
			return;
		if ((p->tcp_flags & TCP_RST) != 0)
			ports_refused(d, p, flow, dir);
		else if ((p->tcp_flags & TCP_SYN) == 0)
			hosts_odd(d, p, flow, dir);
		else if ((p->tcp_flags & TCP_ACK) == 0)
			hosts_opening(d, p, flow, dir);
		else
			hosts_opened(d, p, flow, dir);
	} else if (p->proto == IP_UDP) {
		/* The first datagram of a flow is an opening. */
		if (flow != NULL && flow->packets[dir] == 1 && flow->packets[dir ^ 1] == 0)
			hosts_datagram(d, p, flow, dir);
	} else if (p->proto == IP_ICMP || p->proto == IP_ICMPV6)
		icmp_packet(d, p, flow, dir);
}

static void
scan_finished(void *arg, const struct operation *op)
{
	struct scan *d = arg;

	if (op->flow == NULL)
		return;
	if (op->id == 1)
		internet_operation(d, op);
	if (op->outcome == OUTCOME_ANSWERED && op->intent == INTENT_READ && op->refused == 0)
		return;
	devices_operation(d, op);
}

/* Programs that nobody expects on the port of a control protocol. */
static bool
other_program(const struct flow *f, const struct protocol *plant)
{
	static const char *const known[] = { "http", "tls", "ssh", "rdp", "smb", "ftp", "telnet", "dns", "socks" };
	const char *name = f->app_proto;

	if (f->protocol != NULL)
		return !plant->port_shared && f->protocol->family != plant->family;
	if (!plant->port_shared)
		return true;
	for (unsigned i = 0; name != NULL && i < COUNTOF(known); i++) {
		size_t n = strlen(known[i]);

		if (strncmp(name, known[i], n) == 0 && (name[n] == '\0' || name[n] == '.'))
			return true;
	}
	return false;
}

static void
scan_flow_end(void *arg, struct flow *flow, enum flow_end_reason why)
{
	struct scan *d = arg;
	const struct protocol *plant;
	unsigned server = flow_server(flow), client = flow_client(flow);
	struct finding f;

	(void)why;
	if (flow->payload[0] + flow->payload[1] == 0) {
		ports_unanswered(d, flow);
		return;
	}
	internet_flow(d, flow);
	if (flow->payload[0] < 8 || flow->payload[1] < 8 || flow->gaps[0] + flow->gaps[1] > 0)
		return;
	plant = protocol_at_port(flow->port[server]);
	if (plant == NULL || !other_program(flow, plant))
		return;
	(void)snprintf(d->text[0], sizeof(d->text[0]), "port %u (%s)", flow->port[server], plant->title);
	f = (struct finding){ .type = ALERT_PORT_MISUSE, .ts_ns = flow->last_ns,
	    .frame = flow->first_frame, .source = flow->source, .src = flow->addr[client],
	    .dst = flow->addr[server], .sport = flow->port[client], .dport = flow->port[server],
	    .proto = flow->proto, .flow = flow, .what = d->text[0], .key = flow->port[server] };
	f.expected = flow->protocol != NULL ? flow->protocol->name : flow->app_proto;
	emit(&d->env, &f);
}

static bool
scan_idle(const void *arg)
{
	const struct scan *d = arg;

	return !d->s->scan;
}

static size_t
scan_memory(const void *arg)
{
	const struct scan *d = arg;

	return sizeof(*d) + slots_memory(&d->sets) + slots_memory(&d->rates) + slots_memory(&d->macs) +
	    slots_memory(&d->asked) + slots_memory(&d->outside);
}

const struct detector detector_scan = {
	.name = "scan",
	.open = scan_open,
	.packet = scan_packet,
	.finished = scan_finished,
	.flow_end = scan_flow_end,
	.idle = scan_idle,
	.memory = scan_memory,
	.close = scan_close,
};
