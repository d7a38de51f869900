/* indications.c - what a device reports of its condition in every answer: that it restarted, is in
 * trouble, loses events, has a corrupt configuration. */
#include "detect/health/health.h"

#include <stdlib.h>

#include "detect/emit.h"
#include "detect/slots.h"

/* Of a unit. */
struct condition {
	uint8_t			condition;	/* enum op_condition bits */
	bool			known;	/* one answer at least was seen */
	struct rate_count	overflows, restarts;
};

struct indications {
	struct detect_env		 env;
	const struct detect_settings	*s;
	uint32_t			 of_unit;	/* slot: struct condition */
};

static void *
indications_open(const struct detect_env *env, struct err *e)
{
	struct indications *d = calloc(1, sizeof(*d));

	(void)e;
	if (d == NULL)
		return NULL;
	d->env = *env;
	d->s = &env->settings->detect;
	if (!health_off(env))
		d->of_unit = assets_slot(env->assets, ASSET_UNIT, sizeof(struct condition));
	return d;
}

static void
report(struct indications *d, enum alert_type type, const struct operation *op)
{
	struct finding f = finding_from_operation(&d->env, type, op, true);

	emit(&d->env, &f);
}

/* An event, and another finding when it comes too often. */
static void
event(struct indications *d, enum alert_type type, enum alert_type often, const struct operation *op,
    struct rate_count *count, const struct rate_settings *r)
{
	uint32_t n = rate_add(count, op->response.ts_ns, r->within_s);
	struct finding f;

	report(d, type, op);
	if (n < r->n)
		return;
	f = finding_from_operation(&d->env, often, op, true);
	finding_add_rate(&f, n, r);
	emit(&d->env, &f);
}

static void
indications_finished(void *arg, const struct operation *op)
{
	struct indications *d = arg;
	struct asset_unit *unit = asset_ends(d->env.ends)->unit;
	unsigned risen;
	struct condition *x;

	if (unit == NULL || !op->has_status || !op->response.seen)
		return;
	x = asset_slot(unit, d->of_unit);
	risen = op->condition & ~(unsigned)x->condition;
	/* A state that lasts is worth a word when it is first seen; an event is
	 * one only when the time before it was seen, too. */
	if ((risen & OP_CORRUPT) != 0)
		report(d, ALERT_CONFIG_CORRUPT, op);
	if ((risen & OP_TROUBLE) != 0)
		report(d, ALERT_DEVICE_TROUBLE, op);
	if ((risen & OP_OVERFLOW) != 0)
		event(d, ALERT_EVENT_OVERFLOW, ALERT_EVENT_OVERFLOWS, op, &x->overflows, &d->s->overflows);
	if (x->known && (risen & OP_RESTARTED) != 0)
		event(d, ALERT_DNP3_RESTARTED, ALERT_DNP3_RESTARTS, op, &x->restarts, &d->s->restarts);
	x->condition = op->condition;
	x->known = true;
}

static bool
indications_idle(const void *arg)
{
	return health_off(&((const struct indications *)arg)->env);
}

static size_t
indications_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct indications);
}

const struct detector detector_indications = {
	.name = "indications",
	.open = indications_open,
	.finished = indications_finished,
	.of = DETECT_OF_STATUS,
	.idle = indications_idle,
	.memory = indications_memory,
	.close = free,
};
