/* unit.c - which unit an operation is about, where that is said only when a conversation begins.
 *
 * Rack and slot stand in the connection request.  A session of S7 goes on for months; a sensor that comes later, or lost the
 * request, knows neither, and the unit is 0.  Then it is the one that this client has there as far as is known.  What was
 * learned without knowing is of unit 0, and stays so for whoever has no other.
 */
#include "detect/baseline/inside.h"

#include "record/protocol.h"

static bool
is_known(const struct fact *f)
{
	return f->state == FACT_LEARNED || f->state == FACT_ACCEPTED;
}

static uint32_t
unit_now(struct baseline *b, const struct sighting *s)
{
	const struct operation *op = s->op;
	struct fact_key k = { .kind = FACT_KIND_UNIT, .proto = (uint8_t)op->proto, .client = s->addr[OP_CLIENT],
	    .server = s->addr[OP_SERVER], .unit = op->unit };
	const struct fact *f = facts_find(b->facts, &k), *most = NULL;
	unsigned n = 0;

	if (f != NULL && is_known(f))
		return op->unit;
	for (f = facts_sibling(b->facts, &k, NULL); f != NULL; f = facts_sibling(b->facts, &k, f)) {
		if (!is_known(f))
			continue;
		n++;
		if (most == NULL || f->count > most->count)
			most = f;
	}
	return most != NULL && (op->unit == 0 || (n == 1 && most->key.unit == 0)) ? most->key.unit : op->unit;
}

uint32_t
baseline_unit(struct baseline *b, const struct sighting *s)
{
	const struct operation *op = s->op;
	struct known_flow *x;

	if (protocols[op->proto]->unit.slot_from == 0 || op->flow == NULL)
		return op->unit;
	x = flow_slot(op->flow, b->slot);
	if (x->unit_epoch != facts_known_epoch(b->facts) + 1 || x->unit_sent != op->unit) {
		x->unit_sent = op->unit;
		x->unit = unit_now(b, s);
		x->unit_epoch = facts_known_epoch(b->facts) + 1;
	}
	return x->unit;
}
