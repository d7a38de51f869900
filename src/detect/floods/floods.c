/* floods.c - more commands than anybody needs, and more reports than anything happens.
 *
 * The limits are those that no plant comes near: they hold from the first packet, and nobody
 * needs to have learned what is usual.
 */
#include "detect/floods/floods.h"

#include <stdlib.h>

#include "detect/emit.h"
#include "detect/slots.h"

/* Of a client of a device. */
struct volume {
	struct rate_count	changes, reports;
};

struct floods {
	struct detect_env		 env;
	const struct detect_settings	*s;
	uint32_t			 of_client;	/* slot: struct volume */
};

static void *
floods_open(const struct detect_env *env, struct err *e)
{
	struct floods *d = calloc(1, sizeof(*d));

	(void)e;
	if (d == NULL)
		return NULL;
	d->env = *env;
	d->s = &env->settings->detect;
	if (d->s->floods)
		d->of_client = assets_slot(env->assets, ASSET_CLIENT, sizeof(struct volume));
	return d;
}

static void
report(struct floods *d, enum alert_type type, const struct operation *op, struct rate_count *c, uint32_t n,
    const struct rate_settings *r)
{
	struct finding f = finding_from_operation(&d->env, type, op, type == ALERT_REPORT_FLOOD);

	f.key = (uint64_t)op->proto;	/* all units behind one address are one matter */
	finding_add_rate(&f, n, r);
	emit(&d->env, &f);
	rate_clear(c);
}

static void
floods_operation(void *arg, const struct operation *op)
{
	struct floods *d = arg;
	bool asked = op->phase == OP_REQUESTED || !op->request.seen, reported = op->outcome == OUTCOME_UNSOLICITED;
	const struct asset_ends *at;
	struct volume *v;
	uint64_t now_ns;
	uint32_t n;

	/* Each once: when it is asked for, or when its answer is all there is of it. */
	if (!asked)
		return;
	at = asset_ends(d->env.ends);
	if (at->server == NULL)
		return;
	now_ns = op->request.seen ? op->request.ts_ns : op->response.ts_ns;
	v = asset_slot(assets_client(d->env.assets, at->server, at->client, op->proto, now_ns), d->of_client);
	n = rate_add(reported ? &v->reports : &v->changes, now_ns,
	    reported ? d->s->report_flood.within_s : d->s->command_flood.within_s);
	if (!reported && n >= d->s->command_flood.n)
		report(d, ALERT_COMMAND_FLOOD, op, &v->changes, n, &d->s->command_flood);
	/* Reports that a client orders, one by one, are answers. */
	else if (reported && n >= d->s->report_flood.n &&
	    rate_now(&v->changes, now_ns, d->s->report_flood.within_s) < n / 2)
		report(d, ALERT_REPORT_FLOOD, op, &v->reports, n, &d->s->report_flood);
}

static bool
floods_idle(const void *arg)
{
	const struct floods *d = arg;

	return !d->s->floods;
}

static size_t
floods_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct floods);
}

const struct detector detector_floods = {
	.name = "floods",
	.open = floods_open,
	.operation = floods_operation,
	.of = DETECT_OF_COMMAND | DETECT_OF_CHANGE | DETECT_OF_UNSOLICITED,
	.idle = floods_idle,
	.memory = floods_memory,
	.close = free,
};
