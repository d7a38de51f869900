/* indications.c - what a device reports of its condition: that it restarted, is in trouble, loses events, has a corrupt
 * configuration or an empty battery, shows a fault; and its operating mode. */
#include "detect/health/health.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/emit.h"

#define MODE_TEXT 32u

/* Of a unit. */
struct condition {
	uint8_t			condition;	/* enum op_condition bits */
	bool			known;	/* one answer at least was seen that says whether it restarted */
	char			mode[MODE_TEXT];	/* its operating mode, as far as it fits; "": not known */
	uint64_t		mode_ms;	/* since when, by its own clock; 0: not known */
	struct rate_count	overflows, restarts;
};

static void *
indications_open(const struct detect_env *env, struct err *e)
{
	(void)e;
	return health_open(env, sizeof(struct health), sizeof(struct condition));
}

static void
report(struct health *d, enum alert_type type, const struct operation *op, const char *what)
{
	struct finding f = finding_from_operation(&d->env, type, op, true);

	f.what = what;
	emit(&d->env, &f);
}

/* An event, and another finding when it comes too often. */
static void
event(struct health *d, enum alert_type type, enum alert_type often, const struct operation *op,
    struct rate_count *count, const struct rate_settings *r)
{
	report(d, type, op, NULL);
	health_once_more(d, often, op, true, op->response.ts_ns, count, r);
}

/* States that last are worth a word when they are first seen. */
static void
states(struct health *d, const struct operation *op, unsigned risen)
{
	static const struct { uint8_t condition; enum alert_type type; } rows[] = {
		{ OP_CORRUPT, ALERT_CONFIG_CORRUPT }, { OP_TROUBLE, ALERT_DEVICE_TROUBLE }, { OP_BATTERY, ALERT_HEALTH_BATTERY },
		{ OP_FAULT, ALERT_HEALTH_FAULT },
	};

	for (size_t i = 0; i < COUNTOF(rows); i++)
		if ((risen & rows[i].condition) != 0)
			report(d, rows[i].type, op, rows[i].condition == OP_FAULT ? op->shown_by : NULL);
}

static void
condition(struct health *d, struct condition *x, const struct operation *op)
{
	const unsigned now = op->condition & op->condition_of, risen = now & ~(unsigned)x->condition;

	states(d, op, risen);
	/* An event is one only when the time before it was seen, too. */
	if ((risen & OP_OVERFLOW) != 0)
		event(d, ALERT_EVENT_OVERFLOW, ALERT_EVENT_OVERFLOWS, op, &x->overflows, &d->s->overflows);
	if (x->known && (risen & OP_RESTARTED) != 0)
		event(d, ALERT_DNP3_RESTARTED, ALERT_DNP3_RESTARTS, op, &x->restarts, &d->s->restarts);
	x->condition = (uint8_t)((x->condition & ~(unsigned)op->condition_of) | now);
	x->known |= (op->condition_of & OP_RESTARTED) != 0;
}

/* An answer tells the mode.  What a command did, or the device announced, others say. */
static void
mode(struct health *d, struct condition *x, const struct operation *op, const struct op_fact *f)
{
	const bool told = op->command != CMD_NONE || op->outcome == OUTCOME_UNSOLICITED || x->mode[0] == '\0';
	char now[MODE_TEXT], text[2 * MODE_TEXT + 64];
	struct strbuf name = strbuf_on(now, sizeof(now)), what = strbuf_on(text, sizeof(text));

	strbuf_printf(&name, "%.*s", (int)f->len, (const char *)f->bytes);
	if (!told && strcmp(now, x->mode) != 0)
		strbuf_printf(&what, "it was in %s and is in %s", x->mode, now);
	else if (!told && op->mode_ms != 0 && x->mode_ms != 0 && op->mode_ms != x->mode_ms)
		strbuf_printf(&what, "it is in %s, as before, but has left it meanwhile", now);
	if (text[0] != '\0')
		report(d, ALERT_HEALTH_MODE, op, text);
	/* Of some answers the mode has no time. */
	if (op->mode_ms == 0 && strcmp(x->mode, now) == 0)
		return;
	memcpy(x->mode, now, sizeof(now));
	x->mode_ms = op->mode_ms;
}

static void
indications_finished(void *arg, const struct operation *op)
{
	struct health *d = arg;
	struct asset_unit *unit = asset_ends(d->env.ends)->unit;
	struct condition *x;

	if (unit == NULL)
		return;
	x = asset_slot(unit, d->of_unit);
	/* Whoever tells it what to do may have changed its mode. */
	if (op->command != CMD_NONE)
		x->mode[0] = '\0';
	if (!op->response.seen)
		return;
	if (op->condition_of != 0)
		condition(d, x, op);
	for (uint32_t i = 0; i < op->n_facts; i++)
		if (op->facts[i].key == FACT_RUN_STATE && !op->facts[i].of_client && !op->facts[i].has_unit)
			mode(d, x, op, &op->facts[i]);
}

const struct detector detector_indications = {
	.name = "indications",
	.open = indications_open,
	.finished = indications_finished,
	.of = DETECT_OF_STATUS | DETECT_OF_FACTS | DETECT_OF_COMMAND,
	.idle = health_idle,
	.memory = health_memory,
	.close = free,
};
