#include "detect/zones/zones.h"

#include <stdlib.h>
#include <string.h>

#include "asset/geoip.h"
#include "base/str.h"
#include "detect/emit.h"
#include "detect/zones/conduits.h"

#define ALL	UINT32_MAX

/* Of a flow. */
struct crossing {
	uint32_t	allowed;	/* intents of its operations that a conduit allows, a bit each */
	bool		begun;		/* an operation of it was looked at */
	bool		over;		/* it was judged as a conversation, or need not be */
};

struct zone_judge {
	struct detect_env	 env;
	struct conduits		*conduits;	/* owned; NULL: there are no zones */
	struct seen		*seen;		/* owned; NULL: nobody asks */
	uint32_t		 slot;		/* of struct crossing */
	char			 what[192], expected[256];	/* of the finding in hand */
};

const struct seen *
zones_seen(const void *detector)
{
	return ((const struct zone_judge *)detector)->seen;
}

static void
zones_close_judge(void *arg)
{
	struct zone_judge *d = arg;

	conduits_close(d->conduits);
	if (d->seen != NULL)
		seen_close(d->seen);
	free(d->seen);
	free(d);
}

static void *
zones_open_judge(const struct detect_env *env, struct err *e)
{
	struct zone_judge *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->env = *env;
	if (env->propose) {
		d->seen = calloc(1, sizeof(*d->seen));
		if (d->seen == NULL || seen_open(d->seen) != 0) {
			zones_close_judge(d);
			return NULL;
		}
	} else
		d->conduits = conduits_open(&env->settings->zones, env->zones, env->names, e);
	if (d->conduits != NULL || d->seen != NULL)
		d->slot = flow_slot_reserve(env->slots, sizeof(struct crossing));
	return d;
}

static bool
zones_idle(const void *arg)
{
	const struct zone_judge *d = arg;

	return d->conduits == NULL && d->seen == NULL;
}

static size_t
zones_memory_judge(const void *arg)
{
	const struct zone_judge *d = arg;

	return sizeof(*d) + conduits_memory(d->conduits) + (d->seen != NULL ? seen_memory(d->seen) : 0);
}

/* ---- what goes where ------------------------------------------------------------------------ */

static const struct zone *
zone_of(const struct zone_judge *d, const struct flow *f, unsigned end)
{
	const struct asset *x = asset_of(f, end);

	return x != NULL ? x->zone : zones_of(d->env.zones, &f->addr[end]);
}

/* What does not leave its link crosses no border, nor is what is sent to a group. */
static bool
stays(const struct addr *a, const struct zone *z)
{
	return z == NULL && addr_is_local(a);
}

/* What this flow is, from who asks to who is asked.  False: it stays in one zone. */
static bool
talk_of(const struct zone_judge *d, const struct flow *f, struct talk *t)
{
	unsigned client = flow_client(f), server = flow_server(f);

	*t = (struct talk){ .intent = TALK_NO_INTENT, .ip_proto = f->proto, .port = f->port[server], .app = f->app_proto,
	    .proto = f->protocol != NULL ? f->protocol->proto : OP_UNKNOWN };
	/* That its port was tried is as far as it came. */
	if (f->protocol == NULL && f->proto == IP_TCP && f->payload[0] + f->payload[1] == 0) {
		const struct protocol *p = protocol_at_port(f->port[server]);

		t->proto = p != NULL ? p->proto : OP_UNKNOWN;
	}
	if (d->seen != NULL)
		return !addr_is_local(&f->addr[0]) && !addr_is_local(&f->addr[1]);
	t->from = zone_of(d, f, client);
	t->to = zone_of(d, f, server);
	return t->from != t->to && !stays(&f->addr[client], t->from) && !stays(&f->addr[server], t->to);
}

static const char *
zone_name(const struct zone *z)
{
	return z != NULL ? z->name : ZONE_OUTSIDE;
}

/* "modbus write from office to control"; "allowed there: modbus (read)". */
static void
words(struct zone_judge *d, const struct talk *t)
{
	struct strbuf what = strbuf_on(d->what, sizeof(d->what)), only = strbuf_on(d->expected, sizeof(d->expected));
	char word[TALK_WORD_MAX];

	if (t->proto == OP_UNKNOWN) {
		talk_word(t, word);
		strbuf_put(&what, word);
	} else
		strbuf_put(&what, protocols[t->proto]->name);
	if (t->intent != TALK_NO_INTENT)
		strbuf_printf(&what, " %s", op_intent_name((enum op_intent)t->intent));
	strbuf_printf(&what, " from %s to %s", zone_name(t->from), zone_name(t->to));
	strbuf_put(&only, "allowed there: ");
	conduits_words(d->conduits, t->from, t->to, &only);
	if (only.len == strlen("allowed there: "))
		strbuf_put(&only, "nothing");
}

/* Whoever tries addresses and ports across a border, without a byte sent, is one matter. */
static uint64_t
key_of_attempt(const struct zone_judge *d, const struct talk *t)
{
	const uint32_t zones[2] = { t->from != NULL ? t->from->number + 1 : 0, t->to != NULL ? t->to->number + 1 : 0 };

	return hash_bytes(d->env.key + 1, zones, sizeof(zones));
}

/* Findings of the same host pair, protocol and intent are alike. */
static uint64_t
key_of(const struct zone_judge *d, const struct talk *t)
{
	const struct { uint32_t zones[2]; int32_t proto, intent; uint32_t port; } parts = {
	    { t->from != NULL ? t->from->number + 1 : 0, t->to != NULL ? t->to->number + 1 : 0 },
	    (int32_t)t->proto, t->intent, t->proto == OP_UNKNOWN ? (uint32_t)t->ip_proto << 16 | t->port : 0 };
	uint64_t key = hash_bytes(d->env.key, &parts, sizeof(parts));
	char word[TALK_WORD_MAX] = { 0 };

	if (t->proto != OP_UNKNOWN || t->app == NULL)
		return key;
	/* By its name it is one matter, whatever the port. */
	talk_word(t, word);
	return hash_bytes(d->env.key ^ parts.zones[0] ^ (uint64_t)parts.zones[1] << 32, word, sizeof(word));
}

/* ---- operations -------------------------------------------------------------------------------- */

static void
zones_operation(void *arg, const struct operation *op)
{
	struct zone_judge *d = arg;
	bool change = (detect_of(op) & DETECT_OF_CHANGE) != 0;
	struct crossing *x;
	struct finding f;
	struct talk t;

	if (op->flow == NULL || (op->phase != OP_FINISHED && !change))
		return;
	x = flow_slot(op->flow, d->slot);
	x->begun = true;
	if ((x->allowed >> op->intent & 1u) != 0)
		return;
	if (!talk_of(d, op->flow, &t)) {
		x->allowed = ALL;
		return;
	}
	t.proto = op->proto;
	t.intent = (int)op->intent;
	if (d->seen != NULL) {
		seen_add(d->seen, &op->flow->addr[flow_client(op->flow)], &op->flow->addr[flow_server(op->flow)], &t);
		x->allowed |= 1u << op->intent;
		return;
	}
	if (conduits_allow(d->conduits, &t)) {
		x->allowed |= 1u << op->intent;
		return;
	}
	words(d, &t);
	f = finding_from_operation(&d->env, change ? ALERT_ZONE_COMMAND : ALERT_ZONE_OPERATION, op,
	    op->outcome == OUTCOME_UNSOLICITED);
	f.stage = change ? stage_of(op) : FINDING_WHOLE;
	f.what = d->what;
	f.expected = d->expected;
	f.key = key_of(d, &t);
	emit(&d->env, &f);
}

/* ---- other traffic ------------------------------------------------------------------------------ */

static void
judge(struct zone_judge *d, struct flow *flow, uint64_t ts_ns, uint64_t frame, uint16_t source)
{
	unsigned client = flow_client(flow), server = flow_server(flow);
	const bool attempt = flow->proto == IP_TCP && flow->payload[0] + flow->payload[1] == 0;
	struct location at;
	struct finding f;
	struct talk t;

	if (!talk_of(d, flow, &t))
		return;
	if (d->seen != NULL) {
		seen_add(d->seen, &flow->addr[client], &flow->addr[server], &t);
		return;
	}
	if (conduits_allow(d->conduits, &t))
		return;
	words(d, &t);
	f = (struct finding){ .type = ALERT_ZONE_TRAFFIC, .ts_ns = ts_ns, .frame = frame, .source = source,
	    .src = flow->addr[client], .dst = flow->addr[server], .sport = flow->port[client], .dport = flow->port[server],
	    .proto = flow->proto, .flow = flow, .what = d->what, .expected = d->expected, .any_dst = attempt,
	    .key = attempt ? key_of_attempt(d, &t) : key_of(d, &t) };
	if (addr_is_public(&f.dst) && geoip_locate(d->env.geoip, &f.dst, &at))
		f.where = &at;
	emit(&d->env, &f);
}

/* Is it certain what it is?  A dissector's it is judged by its operations. */
static bool
named(const struct flow *f)
{
	if (f->proto != IP_TCP && f->proto != IP_UDP)
		return true;
	return f->payload[0] + f->payload[1] > 0 && !f->ot_maybe && (f->app_proto != NULL || !f->app_maybe);
}

static void
zones_packet(void *arg, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct zone_judge *d = arg;
	struct crossing *x;

	(void)dir;
	if (flow == NULL)
		return;
	x = flow_slot(flow, d->slot);
	if (x->over || flow->protocol != NULL || !named(flow))
		return;
	x->over = true;
	judge(d, flow, p->ts_ns, p->frame, p->source);
}

static void
zones_flow_end(void *arg, struct flow *flow, enum flow_end_reason why)
{
	struct zone_judge *d = arg;
	struct crossing *x = flow_slot(flow, d->slot);

	(void)why;
	if (!x->over && !x->begun)
		judge(d, flow, flow->last_ns, flow->first_frame, flow->source);
}

const struct detector detector_zones = {
	.name = "zones",
	.open = zones_open_judge,
	.packet = zones_packet,
	.segment = zones_packet,
	.operation = zones_operation,
	.requested_of = DETECT_OF_CHANGE,
	.flow_end = zones_flow_end,
	.idle = zones_idle,
	.memory = zones_memory_judge,
	.close = zones_close_judge,
};
