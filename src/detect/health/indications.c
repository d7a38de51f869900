/* indications.c - what a device reports of its condition in every answer: that it restarted, is in
 * trouble, loses events, has a corrupt configuration. */
#include "detect/health/health.h"

#include <stdlib.h>

#include "detect/emit.h"

/* Of a unit. */
struct condition {
	uint8_t			condition;	/* enum op_condition bits */
	bool			known;	/* one answer at least was seen */
	struct rate_count	overflows, restarts;
};

static void *
indications_open(const struct detect_env *env, struct err *e)
{
	(void)e;
	return health_open(env, sizeof(struct health), sizeof(struct condition));
}

static void
report(struct health *d, enum alert_type type, const struct operation *op)
{
	struct finding f = finding_from_operation(&d->env, type, op, true);

	emit(&d->env, &f);
}

/* An event, and another finding when it comes too often. */
static void
event(struct health *d, enum alert_type type, enum alert_type often, const struct operation *op,
    struct rate_count *count, const struct rate_settings *r)
{
	report(d, type, op);
	health_once_more(d, often, op, true, op->response.ts_ns, count, r);
}

static void
indications_finished(void *arg, const struct operation *op)
{
	struct health *d = arg;
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

const struct detector detector_indications = {
	.name = "indications",
	.open = indications_open,
	.finished = indications_finished,
	.of = DETECT_OF_STATUS,
	.idle = health_idle,
	.memory = health_memory,
	.close = free,
};
