#include "output/wanted.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "output/types.h"
#include "output/writer.h"

#define MINUTE_NS UINT64_C(60000000000)

/* ---- of whom a record speaks ---------------------------------------------------------- */

static void
of_flow(struct subject *to, const struct flow *f)
{
	to->addr[0] = &f->addr[flow_client(f)];
	to->addr[1] = &f->addr[flow_server(f)];
	to->vlan = f->n_vlan > 0 ? f->vlan[f->n_vlan - 1] : 0;
	to->n = 2;
	to->server = 1;
	to->mac = f->mac;
	to->n_macs = 2;
	if (f->protocol != NULL)
		to->proto = f->protocol->proto;
}

static void
of_operation(struct subject *to, const struct operation *op)
{
	const struct op_ends ends = op_ends_of(op);

	if (op->flow != NULL)
		of_flow(to, op->flow);
	else {
		for (unsigned i = 0; i < 2; i++) {
			memcpy(to->own_mac[i], ends.mac[i], 6);
			to->own[i] = ends.has_addr ? ends.addr[i] : addr_of_mac(ends.mac[i]);
			to->addr[i] = &to->own[i];
		}
		to->mac = (const uint8_t (*)[6])to->own_mac;
		to->n = to->n_macs = 2;
		to->server = OP_SERVER;
	}
	to->ts_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns;
	to->proto = op->proto;
	to->has_intent = true;
	to->intent = op->intent;
}

static void
of_alert(struct subject *to, const struct alert *a)
{
	const struct finding *f = a->finding;

	if (f->flow != NULL)
		of_flow(to, f->flow);
	to->addr[0] = &f->src;
	to->addr[1] = &f->dst;
	to->n = 2;
	to->server = f->flow != NULL && addr_same(&f->src, &f->flow->addr[flow_server(f->flow)]) ? 0 : 1;
	if (f->op != NULL) {
		to->proto = f->op->proto;
		to->has_intent = true;
		to->intent = f->op->intent;
	}
	to->ts_ns = a->ts_ns;
}

static void
of_incident(struct subject *to, const struct incident *i)
{
	if (i->has_attacker)
		to->addr[to->n++] = &i->attacker;
	to->server = to->n;
	for (unsigned k = 0; k < i->n_targets && k < INCIDENT_TARGETS; k++)
		to->addr[to->n++] = &i->targets[k];
	to->ts_ns = i->ts_ns;
}

static void
of_device(struct subject *to, const struct device *d)
{
	for (unsigned i = 0; i < d->n_addrs && i < DEVICE_ADDRS; i++)
		to->addr[to->n++] = &d->addr[i];
	to->server = 0;
	to->vlan = d->vlan;
	to->mac = d->mac;
	to->n_macs = d->n_macs < DEVICE_MACS ? d->n_macs : DEVICE_MACS;
	to->proto = (enum op_proto)d->proto;
	to->protos = d->serves | d->asks;
	if (to->n == 0 && to->n_macs > 0) {
		to->own[0] = addr_of_mac(d->mac[0]);
		to->addr[to->n++] = &to->own[0];
	}
}
_Static_assert(DEVICE_ADDRS <= 2 + INCIDENT_TARGETS, "a subject has all addresses of a device");

void
subject_of(const struct record *r, struct subject *to)
{
	*to = (struct subject){ .proto = OP_UNKNOWN };
	switch (r->kind) {
	case RECORD_OPERATION:
		of_operation(to, r->operation);
		break;
	case RECORD_ANOMALY:
		if (r->anomaly.a->flow != NULL)
			of_flow(to, r->anomaly.a->flow);
		to->ts_ns = r->anomaly.a->ts_ns;
		break;
	case RECORD_ALERT:
		of_alert(to, r->alert);
		break;
	case RECORD_FLOW:
		of_flow(to, r->flow.f);
		to->ts_ns = r->flow.f->last_ns;
		break;
	case RECORD_DEVICE:
		of_device(to, r->device.d);
		to->ts_ns = r->device.now_ns;
		break;
	case RECORD_INCIDENT:
		of_incident(to, r->incident);
		break;
	case RECORD_PROCESS:
		of_operation(to, r->process->op);
		to->ts_ns = r->process->ts_ns;
		break;
	case RECORD_HEALTH:
		to->addr[to->n++] = &r->health->of.addr;
		to->proto = (enum op_proto)r->health->of.proto;
		to->ts_ns = r->health->until_ns;
		break;
	case RECORD_HEARTBEAT:
		to->sensor = true;
		to->ts_ns = r->heartbeat->now_ns;
		break;
	case RECORD_STATS:
		to->sensor = true;
		to->ts_ns = r->stats.now_ns;
		break;
	case RECORD_VISIBILITY:
		to->sensor = true;
		to->ts_ns = r->visibility->until_ns;
		break;
	}
}

struct line_head
subject_head(const struct subject *s, const struct record *r, unsigned class)
{
	static const uint8_t types[] = {
		[RECORD_OPERATION] = OUTPUT_TYPE_COUNT, [RECORD_ANOMALY] = TYPE_ANOMALY, [RECORD_ALERT] = TYPE_ALERT,
		[RECORD_FLOW] = TYPE_FLOW, [RECORD_STATS] = TYPE_STATS, [RECORD_HEARTBEAT] = TYPE_HEARTBEAT, [RECORD_VISIBILITY] = TYPE_VISIBILITY,
		[RECORD_DEVICE] = TYPE_ASSET, [RECORD_INCIDENT] = TYPE_INCIDENT, [RECORD_HEALTH] = TYPE_HEALTH, [RECORD_PROCESS] = TYPE_PROCESS,
	};
	struct line_head h = { .ts_ns = s->ts_ns, .class = (uint8_t)class, .type = types[r->kind] };

	if (s->server < s->n)
		memcpy(h.key, s->addr[s->server]->b, sizeof(h.key));
	if (r->kind == RECORD_ALERT)
		h.severity = r->alert->severity;
	if (r->kind == RECORD_INCIDENT)
		h.severity = r->incident->severity;
	return h;
}

/* ---- what is wanted ---------------------------------------------------------------------- */

static bool
in_zones(const struct wanted *f, const struct subject *s, const struct output_env *env)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct zone *z = env->zone_of != NULL ? env->zone_of(env->arg, s->addr[i]) : NULL;

		if (z != NULL ? (f->zones >> z->number & 1) != 0 : f->outside)
			return true;
	}
	return false;
}

static bool
is_asset(const struct wanted *f, const struct subject *s, const struct output_env *env)
{
	for (unsigned k = 0; k < f->n_nets; k++)
		for (unsigned i = 0; i < s->n; i++) {
			const struct addr net = addr_prefix(s->addr[i], f->nets[k].bits);

			if (addr_same(&net, &f->nets[k].first))
				return true;
		}
	for (unsigned k = 0; k < f->n_macs; k++)
		for (unsigned i = 0; i < s->n_macs; i++)
			if (memcmp(f->macs[k], s->mac[i], 6) == 0)
				return true;
	for (unsigned k = 0; k < f->n_names && env->is_named != NULL; k++)
		for (unsigned i = 0; i < s->n; i++)
			if (env->is_named(env->arg, s->addr[i], s->vlan, f->names[k]))
				return true;
	return false;
}

static bool
wants(const struct wanted *f, const struct subject *s, const struct output_env *env)
{
	uint32_t protos = s->protos | (s->proto != OP_UNKNOWN ? PROTO_BIT(s->proto) : 0);

	if (f->any || s->sensor)
		return true;
	if (f->protocols != 0 && (f->protocols & protos) == 0)
		return false;
	if (f->intents != 0 && (!s->has_intent || (f->intents >> s->intent & 1) == 0))
		return false;
	return (!f->by_zone || in_zones(f, s, env)) && (!f->by_asset || is_asset(f, s, env));
}

/* The bucket: one record costs a minute of it at a rate of one. */
static bool
below_rate(struct wanted *f, const char *name, uint64_t now_ns)
{
	uint64_t full = f->rate * MINUTE_NS, passed = now_ns > f->filled_ns ? now_ns - f->filled_ns : 0;

	f->filled_ns = now_ns > f->filled_ns || f->filled_ns - now_ns > MINUTE_NS ? now_ns : f->filled_ns;
	f->tokens = passed >= MINUTE_NS || f->tokens + passed * f->rate > full ? full : f->tokens + passed * f->rate;
	if (f->tokens >= MINUTE_NS) {
		f->tokens -= MINUTE_NS;
		if (f->limiting && f->tokens > full / 2) {
			f->limiting = false;
			log_note("output", "%s: below its rate again; %" PRIu64 " records were left out since the start", name, f->limited);
		}
		return true;
	}
	f->limited++;
	if (!f->limiting)
		log_warn("output", "%s: more than %" PRIu64 " records a minute: the others are left out and counted, alerts of severity 1 and 2 are not",
		    name, f->rate);
	f->limiting = true;
	return false;
}

bool
wanted_pass(struct wanted *f, const char *name, const struct subject *s, const struct output_env *env, unsigned class)
{
	if (!wants(f, s, env)) {
		f->filtered++;
		return false;
	}
	return f->rate == 0 || class == QUEUE_ALERT || below_rate(f, name, s->ts_ns);
}

/* ---- opening -------------------------------------------------------------------------------- */

#define complain(e, k, ...) err_add(e, (k)->at.file, (k)->at.line, (k)->at.column, __VA_ARGS__)

static void
take_zones(struct wanted *f, const struct sink_settings *k, const struct output_env *env, struct err *e)
{
	const char *list = k->zones;
	char word[64];

	while (str_next_text(&list, word, sizeof(word))) {
		const struct zone *z = env->zone_named != NULL ? env->zone_named(env->arg, word) : NULL;

		f->by_zone = true;
		if (strcmp(word, ZONE_OUTSIDE) == 0)
			f->outside = true;
		else if (z != NULL && z->number < 64)
			f->zones |= UINT64_C(1) << z->number;
		else
			complain(e, k, "there is no zone \"%s\" for the output \"%s\"", word, k->name);
	}
}

static void
take_assets(struct wanted *f, const struct sink_settings *k, struct err *e)
{
	const char *list = k->assets;
	char word[64];

	while (str_next_text(&list, word, sizeof(word))) {
		f->by_asset = true;
		if (f->n_nets + f->n_macs + f->n_names == WANTED_ASSETS) {
			complain(e, k, "more than %u assets for the output \"%s\": use networks or zones", WANTED_ASSETS, k->name);
			return;
		}
		if (addr_net_read(word, &f->nets[f->n_nets].first, &f->nets[f->n_nets].bits))
			f->n_nets++;
		else if (addr_mac_read(word, f->macs[f->n_macs]))
			f->n_macs++;
		else
			memcpy(f->names[f->n_names++], word, sizeof(word));
	}
}

void
wanted_open(struct wanted *f, const struct sink_settings *k, const struct output_env *env, struct err *e)
{
	const char *list = k->protocols;
	char word[64];

	*f = (struct wanted){ .rate = k->rate, .tokens = k->rate * MINUTE_NS };
	take_zones(f, k, env, e);
	take_assets(f, k, e);
	while (str_next_text(&list, word, sizeof(word))) {
		const struct protocol *p = protocol_find(word);

		f->protocols |= p != NULL ? PROTO_BIT(p->proto) : 0;
	}
	for (list = k->intents; str_next_text(&list, word, sizeof(word)); )
		for (unsigned i = 0; i < OP_INTENT_COUNT; i++)
			if (strcmp(op_intent_name((enum op_intent)i), word) == 0)
				f->intents |= 1u << i;
	f->any = !f->by_zone && !f->by_asset && f->protocols == 0 && f->intents == 0;
}
_Static_assert(OP_INTENT_COUNT <= 32, "a set of intents has 32 bits");
