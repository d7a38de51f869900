/* scan.c - searching, flooding and guessing: how often, and how many different
 * things, within a time.
 *
 * Packets cost a look at their flags; only those that open something are counted.
 * When a threshold is reached the count begins anew, so that a scan that goes on
 * is told again (and merged by alert).
 */
#include "detect/scan/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/say.h"
#include "detect/slots.h"

#define USERDATA	0x0700u
#define PASSWORD	(USERDATA + 5)
#define UMAS		90u
#define UMAS_RESERVE	0x10u
#define S7_CONNECT	0xe0u
#define EPHEMERAL	32768u	/* ports that servers hand out as they like begin here */
#define ECHO_REQUEST	8u
#define ECHO_REQUEST6	128u
#define CONFLICT_NS	(60 * SECOND)

enum kind { KIND_NET = 1, KIND_PORTS, KIND_ARP, KIND_PLC, KIND_TSAP, KIND_FUNCTIONS, KIND_POINTS,
	KIND_SESSIONS, KIND_FLOOD, KIND_ICMP, KIND_ANNOUNCED, KIND_LOGINS, KIND_GUESSES };

struct tracker {
	struct slot	head;
	struct distinct	seen;
};

struct rated {
	struct slot		head;
	struct rate_count	rate;
};

/* Who claims an address; and does it take part in control traffic? */
struct claim {
	struct slot	head;
	uint8_t		mac[6];
	uint64_t	mac_ns;		/* when that was last seen; 0: never */
	bool		ot;
};

struct scan {
	struct detect_env		 env;
	const struct detect_settings	*s;
	struct slots			 trackers, rates, claims;
	char				 text[2][40];
};

static void *
scan_open(const struct detect_env *env, struct err *e)
{
	const struct detect_settings *s = &env->settings->detect;
	struct scan *d = calloc(1, sizeof(*d));

	if (d == NULL ||
	    slots_open(&d->trackers, s->trackers, sizeof(struct tracker), env->counters, CNT_DETECT_TRACKERS) != 0 ||
	    slots_open(&d->rates, s->trackers * 4, sizeof(struct rated), env->counters, CNT_DETECT_TRACKERS) != 0 ||
	    slots_open(&d->claims, s->devices, sizeof(struct claim), env->counters, CNT_DETECT_DEVICES) != 0) {
		err_add(e, NULL, 0, 0, "no memory for the detector of scans: lower detect.trackers");
		if (d != NULL) {
			slots_close(&d->trackers);
			slots_close(&d->rates);
		}
		free(d);
		return NULL;
	}
	d->env = *env;
	d->s = s;
	return d;
}

static uint64_t
key_of(enum kind kind, const void *a, size_t n, const struct addr *b)
{
	uint64_t h = hash_bytes((uint64_t)kind, a, n);

	return (b != NULL ? hash_bytes(h, b, sizeof(*b)) : h) | 1;
}

static uint32_t
different(struct scan *d, uint64_t key, uint64_t what, uint64_t ts_ns, const struct rate_settings *r,
    struct tracker **at)
{
	*at = slots_get(&d->trackers, key, ts_ns);
	return distinct_add(&(*at)->seen, what, ts_ns, r->within_s);
}

static uint32_t
often(struct scan *d, uint64_t key, uint64_t ts_ns, const struct rate_settings *r, struct rated **at)
{
	*at = slots_get(&d->rates, key, ts_ns);
	return rate_add(&(*at)->rate, ts_ns, r->within_s);
}

static uint64_t
hash_of(const struct addr *a)
{
	return hash_bytes(0, a, sizeof(*a));
}

/* ---- packets -------------------------------------------------------------------- */

static void
say_rated(struct scan *d, enum alert_type type, const struct packet *p, struct flow *flow,
    enum flow_dir dir, uint32_t n, const struct rate_settings *r, const char *what)
{
	struct finding f = say_packet(type, p, flow, dir);

	say_rate(&f, n, r);
	f.what = what;
	f.any_dst = type == ALERT_ARP_SCAN;
	say(&d->env, &f);
}

/* Connection attempts to many addresses of one network: /16, or /64. */
static void
net_scan(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir, const char *how)
{
	const struct rate_settings *fast = &d->s->addresses, *slow = &d->s->addresses_slow;
	const struct rate_settings *longest = slow->within_s > fast->within_s ? slow : fast;
	struct addr net = p->dst;
	struct tracker *t;
	struct finding f;
	uint32_t all, quick;

	memset(net.b + (p->ip_v == 4 ? 14 : 8), 0, p->ip_v == 4 ? 2 : 8);
	all = different(d, key_of(KIND_NET, &p->src, sizeof(p->src), &net), hash_of(&p->dst), p->ts_ns,
	    longest, &t);
	quick = distinct_within(&t->seen, p->ts_ns, fast->within_s);
	if (quick < fast->n && all < slow->n)
		return;
	f = say_packet(quick >= fast->n ? ALERT_ADDRESS_SCAN : ALERT_ADDRESS_SCAN_SLOW, p, flow, dir);
	say_rate(&f, quick >= fast->n ? quick : all, quick >= fast->n ? fast : slow);
	f.what = how;
	f.any_dst = true;	/* it goes on at other addresses */
	f.key = hash_of(&net);
	t->seen.n = 0;
	say(&d->env, &f);
}

static const char *
port_words(struct scan *d, unsigned port)
{
	(void)snprintf(d->text[0], sizeof(d->text[0]), "port %u", port);
	return d->text[0];
}

/* RFC 1918, and the like for IPv6: not the internet. */
static bool
is_private(const struct addr *a)
{
	const uint8_t *b = a->b + 12;

	if (!addr_is_v4(a))
		return (a->b[0] & 0xfe) == 0xfc || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80);
	return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168);
}

/* An address that somebody on the internet can have. */
static bool
is_public(const struct addr *a)
{
	const uint8_t *b = a->b + 12;

	if (!addr_is_v4(a))
		return (a->b[0] & 0xe0) == 0x20;
	return !is_private(a) && b[0] != 0 && b[0] != 127 && b[0] < 224 && !(b[0] == 169 && b[1] == 254) &&
	    !(b[0] == 100 && (b[1] & 0xc0) == 64);
}

static bool
takes_part(struct scan *d, const struct addr *a)
{
	const struct claim *c = slots_find(&d->claims, hash_of(a) | 1);

	return c != NULL && c->ot;
}

static void
internet(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	bool out = is_public(&p->dst);

	if (out ? !is_private(&p->src) || !takes_part(d, &p->src) :
	    !is_public(&p->src) || !is_private(&p->dst) || !takes_part(d, &p->dst))
		return;
	f = say_packet(ALERT_INTERNET, p, flow, dir);
	if (!out) {
		f.src = p->dst;
		f.dst = p->src;
		f.sport = p->dport;
		f.dport = p->sport;
		f.to_client = true;
	}
	f.what = port_words(d, p->dport);
	f.key = p->dport;
	say(&d->env, &f);
}

static void
opening(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct tracker *t;
	struct rated *x;
	uint32_t n;

	net_scan(d, p, flow, dir, port_words(d, p->dport));
	if (p->dport < EPHEMERAL) {
		n = different(d, key_of(KIND_PORTS, &p->src, sizeof(p->src), &p->dst), p->dport, p->ts_ns,
		    &d->s->ports, &t);
		if (n >= d->s->ports.n) {
			t->seen.n = 0;
			say_rated(d, ALERT_PORT_SCAN, p, flow, dir, n, &d->s->ports, NULL);
		}
	}
	n = often(d, key_of(KIND_FLOOD, &p->src, sizeof(p->src), &p->dst), p->ts_ns, &d->s->flood, &x);
	if (n >= d->s->flood.n) {
		rate_clear(&x->rate);
		say_rated(d, ALERT_FLOOD, p, flow, dir, n, &d->s->flood, NULL);
	}
	internet(d, p, flow, dir);
}

/* The server took the session. */
static void
opened(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct rated *x;
	uint32_t n = often(d, key_of(KIND_SESSIONS, &p->dst, sizeof(p->dst), &p->src), p->ts_ns,
	    &d->s->sessions, &x);
	struct finding f;

	if (n < d->s->sessions.n)
		return;
	rate_clear(&x->rate);
	f = say_packet(ALERT_SESSIONS, p, flow, dir);
	f.src = p->dst;
	f.dst = p->src;
	f.sport = p->dport;
	f.dport = p->sport;
	f.to_client = false;
	say_rate(&f, n, &d->s->sessions);
	say(&d->env, &f);
}

static void
ping(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct rated *x;
	uint32_t n;

	net_scan(d, p, flow, dir, "by ping");
	n = often(d, key_of(KIND_ICMP, &p->src, sizeof(p->src), &p->dst), p->ts_ns, &d->s->icmp, &x);
	/* The parts of a rate reach a little further back than the window. */
	if (n > d->s->icmp.n + d->s->icmp.n / 5) {
		rate_clear(&x->rate);
		say_rated(d, ALERT_ICMP_FLOOD, p, flow, dir, n, &d->s->icmp, NULL);
	}
}

/* ---- ARP ------------------------------------------------------------------------- */

static const char *
mac_words(char to[40], const uint8_t *m)
{
	(void)snprintf(to, 40, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return to;
}

static void
claims(struct scan *d, const struct packet *p)
{
	struct claim *c = slots_get(&d->claims, hash_of(&p->arp_src) | 1, p->ts_ns);
	struct finding f;

	if (c->mac_ns != 0 && memcmp(c->mac, p->arp_mac, sizeof(c->mac)) != 0 &&
	    p->ts_ns - c->mac_ns < CONFLICT_NS) {
		f = say_packet(ALERT_ARP_SPOOF, p, NULL, 0);
		f.what = mac_words(d->text[0], p->arp_mac);
		f.expected = mac_words(d->text[1], c->mac);
		f.dst = p->arp_src;
		say(&d->env, &f);
	}
	memcpy(c->mac, p->arp_mac, sizeof(c->mac));
	c->mac_ns = p->ts_ns;
}

static void
arp(struct scan *d, const struct packet *p)
{
	static const struct addr none = { { [10] = 0xff, [11] = 0xff } };	/* 0.0.0.0 */
	bool announces = addr_same(&p->arp_src, &p->arp_dst);
	bool probes = addr_same(&p->arp_src, &none);	/* RFC 5227: is it free? */
	struct tracker *t;
	struct rated *x;
	uint32_t n;

	if (!probes)
		claims(d, p);
	if (p->arp_op == 1 && !announces) {
		n = different(d, key_of(KIND_ARP, p->arp_mac, 6, NULL), hash_of(&p->arp_dst), p->ts_ns,
		    &d->s->arp, &t);
		if (n < d->s->arp.n)
			return;
		t->seen.n = 0;
		say_rated(d, ALERT_ARP_SCAN, p, NULL, 0, n, &d->s->arp, mac_words(d->text[0], p->arp_mac));
	} else if (announces) {
		n = often(d, key_of(KIND_ANNOUNCED, p->arp_mac, 6, NULL), p->ts_ns, &d->s->arp_announced, &x);
		if (n < d->s->arp_announced.n)
			return;
		rate_clear(&x->rate);
		say_rated(d, ALERT_ARP_FLOOD, p, NULL, 0, n, &d->s->arp_announced,
		    mac_words(d->text[0], p->arp_mac));
	}
}

static void
scan_packet(void *arg, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct scan *d = arg;

	if (p->ip_v == 0) {
		if (p->arp_op != 0 && p->arp_mac != NULL)
			arp(d, p);
		return;
	}
	if (p->proto == IP_TCP) {
		if ((p->tcp_flags & TCP_SYN) == 0)
			return;
		if ((p->tcp_flags & TCP_ACK) == 0)
			opening(d, p, flow, dir);
		else
			opened(d, p, flow, dir);
	} else if (p->proto == IP_UDP) {
		/* The first datagram of a flow is an opening. */
		if (flow != NULL && flow->packets[dir] == 1 && flow->packets[dir ^ 1] == 0)
			internet(d, p, flow, dir);
	} else if ((p->proto == IP_ICMP && p->icmp_type == ECHO_REQUEST) ||
	    (p->proto == IP_ICMPV6 && p->icmp_type == ECHO_REQUEST6))
		ping(d, p, flow, dir);
}

/* ---- operations ------------------------------------------------------------------- */

static const struct addr *
client_of(const struct operation *op)
{
	return &op->flow->addr[flow_client(op->flow)];
}

static const struct addr *
server_of(const struct operation *op)
{
	return &op->flow->addr[flow_server(op->flow)];
}

/* Asked in vain, or for nothing but who is there. */
static bool
is_probe(const struct operation *op)
{
	if (op->broadcast)
		return false;
	if (op->outcome == OUTCOME_UNANSWERED)
		return op->flow->packets[0] > 0 && op->flow->packets[1] > 0;
	if (op->outcome == OUTCOME_EXCEPTION && op->proto == OP_MODBUS)
		return true;
	return op->intent == INTENT_IDENTIFY;
}

static void
probing(struct scan *d, const struct operation *op)
{
	const struct rate_settings *r = &d->s->plc;
	const struct addr *server = server_of(op), *client = client_of(op);
	uint64_t at = op->request.ts_ns, what = hash_of(server) ^ device_key(op);
	struct tracker *t;
	enum alert_type type = ALERT_PLC_SCAN;
	struct finding f;
	uint32_t n;

	if (!op->request.seen)
		return;
	/* Everybody uses one or two TSAPs of a controller. */
	if (op->proto == OP_S7 && op->function == S7_CONNECT) {
		type = ALERT_TSAP_SCAN;
		r = &d->s->tsaps;
		n = different(d, key_of(KIND_TSAP, client, sizeof(*client), server), what, at, r, &t);
	} else if (is_probe(op))
		n = different(d, key_of(KIND_PLC, client, sizeof(*client), NULL), what, at, r, &t);
	else
		return;
	if (n < r->n)
		return;
	t->seen.n = 0;
	f = say_operation(type, op, false);
	f.key = 0;
	f.any_dst = type == ALERT_PLC_SCAN;
	say_rate(&f, n, r);
	say(&d->env, &f);
}

/* Different functions, or places, that a device has not. */
static void
trying(struct scan *d, const struct operation *op, bool functions)
{
	const struct rate_settings *r = functions ? &d->s->functions : &d->s->points;
	const struct addr *client = client_of(op);
	uint64_t at = op->request.ts_ns, what = (uint64_t)op->function << 32 | op->subfunction;
	struct tracker *t;
	struct finding f;
	uint32_t n;

	if (!functions)
		what = op->n_items > 0 ? (uint64_t)op->items[0].space << 56 ^
		    (uint64_t)op->items[0].number << 24 ^ op->items[0].first : 0;
	n = different(d, key_of(functions ? KIND_FUNCTIONS : KIND_POINTS, client, sizeof(*client),
	    server_of(op)), hash_bytes(0, &what, sizeof(what)), at, r, &t);
	if (n < r->n)
		return;
	t->seen.n = 0;
	f = say_operation(functions ? ALERT_FUNCTION_SCAN : ALERT_POINT_SCAN, op, false);
	say_rate(&f, n, r);
	say(&d->env, &f);
}

static void
refusals(struct scan *d, const struct operation *op)
{
	if (op->proto == OP_MODBUS && op->outcome == OUTCOME_EXCEPTION) {
		if (op->exception == 1)
			trying(d, op, true);
		else if (op->exception == 2)
			trying(d, op, false);
	} else if (op->proto == OP_DNP3 && op->request.seen && op->response.seen) {
		if ((op->iin & 1u) != 0)
			trying(d, op, true);
		else if ((op->iin & 2u) != 0)
			trying(d, op, false);
	}
}

static void
logging_in(struct scan *d, const struct operation *op)
{
	const struct addr *client = client_of(op), *server = server_of(op);
	uint64_t at = op->request.ts_ns;
	struct rated *x, *y;
	struct finding f;
	uint32_t few, many;

	if (!(op->proto == OP_S7 && op->function == PASSWORD && op->subfunction == 1) &&
	    !(op->proto == OP_MODBUS && op->function == UMAS && op->subfunction == UMAS_RESERVE))
		return;
	many = often(d, key_of(KIND_GUESSES, client, sizeof(*client), server), at, &d->s->guessing, &x);
	few = often(d, key_of(KIND_LOGINS, client, sizeof(*client), server), at, &d->s->logins, &y);
	if (many >= d->s->guessing.n) {
		rate_clear(&x->rate);
		f = say_operation(ALERT_GUESSING, op, false);
		say_rate(&f, many, &d->s->guessing);
	} else if (few >= d->s->logins.n) {
		rate_clear(&y->rate);
		f = say_operation(ALERT_LOGINS, op, false);
		say_rate(&f, few, &d->s->logins);
	} else
		return;
	say(&d->env, &f);
}

static void
scan_operation(void *arg, const struct operation *op)
{
	struct scan *d = arg;
	uint64_t at;

	if (op->phase != OP_FINISHED || op->flow == NULL)
		return;
	at = op->request.seen ? op->request.ts_ns : op->response.ts_ns;
	/* Once in a flow is enough to know who takes part. */
	if ((op->id & 0xff) == 1) {
		((struct claim *)slots_get(&d->claims, hash_of(client_of(op)) | 1, at))->ot = true;
		((struct claim *)slots_get(&d->claims, hash_of(server_of(op)) | 1, at))->ot = true;
	}
	if (op->outcome == OUTCOME_ANSWERED && op->intent == INTENT_READ && (op->iin & 3u) == 0)
		return;
	probing(d, op);
	refusals(d, op);
	logging_in(d, op);
}

/* ---- what uses a port that is not its own ------------------------------------------- */

static void
scan_flow_end(void *arg, struct flow *flow, enum flow_end_reason why)
{
	static const struct { uint16_t port; const char *proto, *what; } ports[] = {
		{ 502, "modbus", "port 502 (Modbus)" }, { 20000, "dnp3", "port 20000 (DNP3)" },
	};
	struct scan *d = arg;
	unsigned server = flow_server(flow), client = flow_client(flow);
	struct finding f;

	(void)why;
	if (flow->payload[0] < 8 || flow->payload[1] < 8 || flow->gaps[0] + flow->gaps[1] > 0)
		return;
	for (unsigned i = 0; i < COUNTOF(ports); i++) {
		if (flow->port[server] != ports[i].port ||
		    (flow->ot_proto != NULL && strcmp(flow->ot_proto, ports[i].proto) == 0))
			continue;
		f = (struct finding){ .type = ALERT_PORT_MISUSE, .ts_ns = flow->last_ns,
		    .source = flow->source, .src = flow->addr[client], .dst = flow->addr[server],
		    .sport = flow->port[client], .dport = flow->port[server], .proto = flow->proto,
		    .flow = flow, .what = ports[i].what, .key = ports[i].port };
		f.expected = flow->ot_proto != NULL ? flow->ot_proto : flow->app_proto;
		say(&d->env, &f);
	}
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

	return sizeof(*d) + slots_memory(&d->trackers) + slots_memory(&d->rates) + slots_memory(&d->claims);
}

static void
scan_close(void *arg)
{
	struct scan *d = arg;

	if (d != NULL) {
		slots_close(&d->trackers);
		slots_close(&d->rates);
		slots_close(&d->claims);
	}
	free(d);
}

const struct detector detector_scan = {
	.name = "scan",
	.open = scan_open,
	.packet = scan_packet,
	.operation = scan_operation,
	.flow_end = scan_flow_end,
	.idle = scan_idle,
	.memory = scan_memory,
	.close = scan_close,
};
