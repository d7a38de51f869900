/* reporting.c - reports that a device makes on its own account: who switches them off, and
 * are they switched on again? */
#include "detect/health/health.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"
#include "detect/emit.h"

#define OFF_MAX	32u	/* devices whose reports are off at a time */

/* Of a unit. */
struct reports {
	bool		on;	/* it sends on its own, or was told to */
	uint64_t	to;	/* hash of the address that told it; 0: nobody did */
};

/* Reports were switched off. */
struct off {
	bool		taken;
	struct addr	addr;		/* the unit's */
	uint16_t	vlan;
	uint8_t		proto;
	uint32_t	unit;
	struct finding	finding;	/* if nobody switches them on */
};

struct reporting {
	struct health		h;
	uint64_t		within_s;
	struct off		off[OFF_MAX];
	uint32_t		n_off;
	char			text[80];	/* {expected} of the finding in hand */
};

static void *
reporting_open(const struct detect_env *env, struct err *e)
{
	struct reporting *d = health_open(env, sizeof(*d), sizeof(struct reports));

	(void)e;
	if (d != NULL)
		d->within_s = d->h.s->unsolicited_off_s;
	return d;
}

static uint64_t
hash_client(const struct reporting *d)
{
	return hash_bytes(d->h.env.key, &asset_ends(d->h.env.ends)->client->addr, sizeof(struct addr)) | 1;
}

static bool
is_of(const struct off *o, const struct asset_unit *u)
{
	return o->taken && o->proto == u->proto && o->unit == u->unit && addr_same(&o->addr, &u->device->addr) &&
	    o->vlan == u->device->vlan;
}

static void
switched_on(struct reporting *d, struct reports *x)
{
	x->on = true;
	x->to = hash_client(d);
	for (unsigned i = 0; i < OFF_MAX && d->n_off > 0; i++)
		if (is_of(&d->off[i], asset_ends(d->h.env.ends)->unit)) {
			d->off[i].taken = false;
			d->n_off--;
		}
}

static void
switched_off(struct reporting *d, struct reports *x, const struct operation *op)
{
	const struct asset_unit *u = asset_ends(d->h.env.ends)->unit;
	struct finding f;

	if (!x->on)
		return;
	f = finding_from_operation(&d->h.env, ALERT_UNSOL_OFF, op, false);
	if (x->to != 0 && x->to != hash_client(d)) {
		f.stage = stage_of(op);
		f.expected = "and another master had switched them on";
		emit(&d->h.env, &f);
		return;
	}
	if (op->phase != OP_FINISHED || op->outcome == OUTCOME_EXCEPTION)
		return;
	for (unsigned i = 0; i < OFF_MAX; i++) {
		if (d->off[i].taken)
			continue;
		finding_add_number(&f, "outstation", op->unit);
		f.op = NULL;
		f.flow = NULL;
		d->off[i] = (struct off){ .taken = true, .addr = u->device->addr, .vlan = u->device->vlan,
		    .proto = u->proto, .unit = u->unit, .finding = f };
		d->n_off++;
		return;
	}
}

static void
reporting_operation(void *arg, const struct operation *op)
{
	struct reporting *d = arg;
	struct asset_unit *unit = asset_ends(d->h.env.ends)->unit;
	struct reports *x;

	if (unit == NULL)
		return;
	x = asset_slot(unit, d->h.of_unit);
	if (op->command == CMD_UNSOLICITED_OFF)
		switched_off(d, x, op);
	else if (op->phase != OP_FINISHED)
		return;
	else if (op->outcome == OUTCOME_UNSOLICITED)
		x->on = true;
	else if (op->command == CMD_UNSOLICITED_ON && op->outcome != OUTCOME_EXCEPTION)
		switched_on(d, x);
}

static void
stayed_off(struct reporting *d, struct off *o)
{
	struct asset_unit *u = assets_find_unit(d->h.env.assets, &o->addr, o->vlan, o->proto, o->unit);
	struct strbuf to = strbuf_on(d->text, sizeof(d->text));

	if (u != NULL)
		((struct reports *)asset_slot(u, d->h.of_unit))->on = false;
	o->taken = false;
	d->n_off--;
	strbuf_printf(&to, "and did not switch them on again within %" PRIu64 " seconds", d->within_s);
	o->finding.expected = d->text;
	finding_add_number(&o->finding, "window_s", d->within_s);
	emit(&d->h.env, &o->finding);
}

static void
reporting_tick(void *arg, uint64_t now_ns)
{
	struct reporting *d = arg;

	for (unsigned i = 0; i < OFF_MAX && d->n_off > 0; i++)
		if (d->off[i].taken && now_ns >= d->off[i].finding.ts_ns + d->within_s * SECOND)
			stayed_off(d, &d->off[i]);
}

const struct detector detector_reporting = {
	.name = "reporting",
	.open = reporting_open,
	.operation = reporting_operation,
	.of = DETECT_OF_COMMAND | DETECT_OF_UNSOLICITED,
	.tick = reporting_tick,
	.finish = reporting_tick,
	.idle = health_idle,
	.memory = health_memory,
	.close = free,
};
