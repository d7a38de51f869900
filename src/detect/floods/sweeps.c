/* sweeps.c - who asks one after the other for whoever is behind a device.
 *
 * A gateway has units behind it, a line outstations: their master asks each again and again, and
 * whoever looks for them asks each once.  Answers make no difference: what is there answers.
 *	- units that are asked for nothing but whether they are there: nobody needs that of many at once;
 *	- units that a client asks one after the other that came when the device's others were there for
 *	  long: at once; of a client that was there from the beginning, when it asked them once and did
 *	  not come back;
 *	- more than a few link addresses that one client calls its own: a master has one, perhaps two;
 *	- more operations in a session than any program of a plant sends.
 */
#include "detect/floods/floods.h"

#include <stdlib.h>

#include "detect/emit.h"

#define UNITS_MAP	64u	/* units that are told apart below the highest one */
#define LINKS		8u	/* link addresses of a client that are remembered */
#define WAITING		32u	/* sweeps that may yet be polls, at a time */
#define COMES_BACK_NS	(300 * SECOND)	/* a master has asked a unit again by then */

/* Of a flow: what its last operation was like. */
struct last {
	uint64_t	from, from_ns;	/* operations before, and when they were counted */
	uint32_t	unit, link;
	bool		begun;
};

/* Of a client of a device. */
struct sweep {
	uint64_t	seen, again;	/* units by their lowest bits; asked once more after others */
	uint64_t	run_ns, last_ns;	/* of those that were asked for the first time in a short while */
	uint32_t	run, run_used;	/* how many; how many of them for more than to be there */
	uint32_t	highest;
	uint8_t		n_links;
	bool		reported, waits;
	uint32_t	links[LINKS];
};

/* A sweep, unless its client comes back. */
struct waiting {
	bool		taken;
	uint16_t	vlan;
	struct addr	server, client;
	struct finding	finding;
};

struct sweeps {
	struct detect_env		 env;
	const struct detect_settings	*s;
	uint32_t			 of_client, of_flow;	/* slots: struct sweep, struct last */
	uint32_t			 n_waiting;
	struct waiting			 waiting[WAITING];
};

static void *
sweeps_open(const struct detect_env *env, struct err *e)
{
	struct sweeps *d = calloc(1, sizeof(*d));

	(void)e;
	if (d == NULL)
		return NULL;
	d->env = *env;
	d->s = &env->settings->detect;
	if (d->s->floods && env->slots != NULL) {
		d->of_client = assets_slot(env->assets, ASSET_CLIENT, sizeof(struct sweep));
		d->of_flow = flow_slot_reserve(env->slots, sizeof(struct last));
	}
	return d;
}

static uint64_t
time_of(const struct operation *op)
{
	return op->request.seen ? op->request.ts_ns : op->response.ts_ns;
}

/* ---- units ---------------------------------------------------------------------------------- */

/* Asked for nothing but whether it is there. */
static bool
is_touch(const struct operation *op)
{
	return op->intent == INTENT_SESSION || op->intent == INTENT_IDENTIFY;
}

static struct finding
found(const struct sweeps *d, const struct operation *op, const struct sweep *x)
{
	struct finding f = finding_from_operation(&d->env, ALERT_UNIT_SCAN, op, false);

	f.key = (uint64_t)op->proto;
	finding_add_rate(&f, x->run, &d->s->units);
	return f;
}

static void
wait_for(struct sweeps *d, const struct asset_client *c, struct sweep *x, const struct operation *op)
{
	for (unsigned i = 0; i < WAITING; i++) {
		struct waiting *w = &d->waiting[i];

		if (w->taken)
			continue;
		*w = (struct waiting){ .taken = true, .vlan = c->server->vlan, .server = c->server->addr,
		    .client = c->client->addr, .finding = found(d, op, x) };
		finding_add_number(&w->finding, "unit", op->unit);
		w->finding.op = NULL;
		w->finding.flow = NULL;
		w->finding.tx = 0;
		d->n_waiting++;
		x->waits = true;
		return;
	}
}

/* It came when others had asked the device for long. */
static bool
is_late(const struct sweeps *d, const struct asset_client *c)
{
	const struct asset_client *other;

	ASSET_EACH_CLIENT(other, c->server)
		if (other != c && other->proto == c->proto && other->proven && c->first_ns > other->first_ns &&
		    c->first_ns - other->first_ns >= d->s->new_clients_learning_s * SECOND)
			return true;
	return false;
}

static void
unit_asked(struct sweeps *d, struct asset_client *c, struct sweep *x, const struct operation *op)
{
	const struct rate_settings *r = &d->s->units;
	uint64_t bit = 1ull << op->unit % UNITS_MAP, now_ns = time_of(op);
	struct finding f;

	if (op->unit <= x->highest && (x->seen & bit) != 0) {
		x->again |= bit;
		return;
	}
	x->seen |= bit;
	if (op->unit > x->highest)
		x->highest = op->unit;
	if (x->run == 0 || now_ns < x->run_ns || now_ns - x->run_ns > r->within_s * SECOND) {
		x->run_ns = now_ns;
		x->run = x->run_used = 0;
	}
	x->last_ns = now_ns;
	x->run++;
	x->run_used += !is_touch(op);
	if (x->run < r->n || x->reported || x->waits)
		return;
	if (x->run_used > 0 && !is_late(d, c)) {
		wait_for(d, c, x, op);
		return;
	}
	x->reported = true;
	f = found(d, op, x);
	emit(&d->env, &f);
}

/* Most of what it asked for it did not ask again. */
static bool
came_once(const struct sweep *x)
{
	return (unsigned)__builtin_popcountll(x->again) * 4 < (unsigned)__builtin_popcountll(x->seen);
}

static struct asset_client *
client_of(const struct sweeps *d, const struct waiting *w)
{
	struct asset *server = assets_find(d->env.assets, &w->server, w->vlan);
	struct asset_client *c;

	if (server == NULL)
		return NULL;
	ASSET_EACH_CLIENT(c, server)
		if (addr_same(&c->client->addr, &w->client) && c->proto == w->finding.key)
			return c;
	return NULL;
}

/* At the end of a run it is a sweep when it stopped for longer than it took. */
static void
decide(struct sweeps *d, uint64_t now_ns, bool last)
{
	for (unsigned i = 0; i < WAITING && d->n_waiting > 0; i++) {
		struct waiting *w = &d->waiting[i];
		struct asset_client *c = w->taken ? client_of(d, w) : NULL;
		struct sweep *x = c != NULL ? asset_slot(c, d->of_client) : NULL;
		bool over;

		if (!w->taken || (x != NULL && now_ns - x->last_ns < COMES_BACK_NS && !last && came_once(x)))
			continue;
		over = x != NULL && now_ns - x->last_ns >= COMES_BACK_NS;
		if (last && x != NULL && !over)
			over = now_ns - x->last_ns > 3 * (x->last_ns - x->run_ns) && now_ns - x->last_ns >= SECOND;
		w->taken = false;
		d->n_waiting--;
		if (x == NULL)
			continue;
		x->waits = false;
		/* Whoever comes back is a master, and its units are known from now on. */
		x->reported = true;
		if (over && came_once(x))
			emit(&d->env, &w->finding);
	}
}

/* ---- link addresses ---------------------------------------------------------------------------- */

static void
link_used(struct sweeps *d, struct sweep *x, const struct operation *op)
{
	const struct op_link *own = &op->link[OP_CLIENT];
	const struct rate_settings r = { d->s->link_addresses, 0 };
	struct finding f;

	if (own->len == 0 || own->bytes != NULL)
		return;
	for (unsigned i = 0; i < x->n_links; i++)
		if (x->links[i] == own->number)
			return;
	if (x->n_links == LINKS)
		return;
	x->links[x->n_links++] = own->number;
	if (x->n_links != r.n)
		return;
	f = finding_from_operation(&d->env, ALERT_LINK_ADDRESSES, op, false);
	f.key = (uint64_t)op->proto;
	finding_add_number(&f, "count", x->n_links);
	finding_add_number(&f, "limit", r.n);
	emit(&d->env, &f);
}

/* ---- in ------------------------------------------------------------------------------------------ */

static void
too_many(struct sweeps *d, struct last *l, const struct operation *op)
{
	const struct rate_settings *r = &d->s->operation_flood;
	uint64_t now_ns = time_of(op), n = op->flow->transactions - l->from;
	struct finding f;

	if (l->from_ns != 0 && now_ns >= l->from_ns && now_ns - l->from_ns < r->within_s * SECOND) {
		f = finding_from_operation(&d->env, ALERT_OPERATION_FLOOD, op, false);
		f.key = (uint64_t)op->proto;
		finding_add_rate(&f, n, r);
		emit(&d->env, &f);
	}
	l->from = op->flow->transactions;
	l->from_ns = now_ns;
}

static __attribute__((noinline)) void
look(struct sweeps *d, struct last *l, const struct operation *op)
{
	const struct asset_ends *at = asset_ends(d->env.ends);
	struct asset_client *c;
	struct sweep *x;

	if (op->flow->transactions - l->from >= d->s->operation_flood.n || l->from_ns == 0)
		too_many(d, l, op);
	if (l->begun && l->unit == op->unit && l->link == op->link[OP_CLIENT].number)
		return;
	l->begun = true;
	l->unit = op->unit;
	l->link = op->link[OP_CLIENT].number;
	if (at->server == NULL || !op->request.seen || op->broadcast || op->command == CMD_CONNECT)
		return;
	c = assets_client(d->env.assets, at->server, at->client, op->proto, time_of(op));
	if (op->response.seen && !c->proven)
		assets_prove_client(d->env.assets, c);
	x = asset_slot(c, d->of_client);
	unit_asked(d, c, x, op);
	link_used(d, x, op);
}

/* Nearly every operation of a session asks the same unit as the one before. */
static void
sweeps_finished(void *arg, const struct operation *op)
{
	struct sweeps *d = arg;
	struct last *l;

	if (op->flow == NULL)
		return;
	l = flow_slot(op->flow, d->of_flow);
	if (l->unit != op->unit || l->link != op->link[OP_CLIENT].number || !l->begun ||
	    op->flow->transactions - l->from >= d->s->operation_flood.n)
		look(d, l, op);
}

static void
sweeps_tick(void *arg, uint64_t now_ns)
{
	struct sweeps *d = arg;

	if (d->n_waiting > 0)
		decide(d, now_ns, false);
}

static void
sweeps_finish(void *arg, uint64_t now_ns)
{
	struct sweeps *d = arg;

	if (d->n_waiting > 0)
		decide(d, now_ns, true);
}

static bool
sweeps_idle(const void *arg)
{
	const struct sweeps *d = arg;

	return !d->s->floods || d->env.slots == NULL;
}

static size_t
sweeps_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct sweeps);
}

const struct detector detector_sweeps = {
	.name = "sweeps",
	.open = sweeps_open,
	.finished = sweeps_finished,
	.tick = sweeps_tick,
	.finish = sweeps_finish,
	.idle = sweeps_idle,
	.memory = sweeps_memory,
	.close = free,
};
