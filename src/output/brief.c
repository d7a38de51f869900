#include "output/brief.h"

static const struct limits {
	uint32_t	items, values, params, bytes, facts;
} limits[BRIEF_LEVELS] = {
	[1] = { BRIEF_ITEMS, 128, BRIEF_PARAMS, 256, BRIEF_FACTS },
	[2] = { 8, 16, 8, 64, 8 },
	[3] = { 0, 0, 0, 0, 0 },
};

static bool
matters(const struct op_item *it)
{
	return it->written || it->status != 0;
}

static void
take_items(struct brief *b, const struct operation *op, const struct limits *l, bool that_matter)
{
	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = &op->items[i];
		uint32_t used = 0;

		if (matters(it) != that_matter)
			continue;
		if (b->op.n_items >= l->items) {
			b->items_left++;
			b->values_left += it->n_values;
			continue;
		}
		for (uint32_t k = 0; k < b->op.n_items; k++)
			used += b->items[k].n_values;
		b->items[b->op.n_items] = *it;
		if (it->n_values > l->values - used) {
			b->items[b->op.n_items].n_values = l->values - used;
			b->values_left += it->n_values - (l->values - used);
		}
		b->op.n_items++;
	}
}

static void
take_params(struct brief *b, const struct operation *op, const struct limits *l)
{
	for (uint32_t i = 0; i < op->n_params; i++) {
		struct op_param *to;

		if (b->op.n_params >= l->params) {
			b->fields_left += op->n_params - i;
			return;
		}
		to = &b->params[b->op.n_params++];
		*to = op->params[i];
		if (to->value.kind == VALUE_BYTES && to->value.len > l->bytes) {
			to->value.len = l->bytes;
			b->fields_left++;
		}
	}
}

static void
take_facts(struct brief *b, const struct operation *op, const struct limits *l)
{
	for (uint32_t i = 0; i < op->n_facts; i++) {
		struct op_fact *to;

		if (b->op.n_facts >= l->facts) {
			b->fields_left += op->n_facts - i;
			return;
		}
		to = &b->facts[b->op.n_facts++];
		*to = op->facts[i];
		if (to->len > l->bytes) {
			to->len = (uint16_t)l->bytes;
			b->fields_left++;
		}
	}
}

void
brief_make(struct brief *b, const struct operation *op, unsigned level)
{
	const struct limits *l = &limits[level < BRIEF_LEVELS ? level : BRIEF_LEVELS - 1];

	b->op = *op;
	b->op.items = b->items;
	b->op.params = b->params;
	b->op.facts = b->facts;
	b->op.n_items = b->op.n_params = b->op.n_facts = 0;
	b->items_left = b->values_left = b->fields_left = 0;
	take_items(b, op, l, true);
	take_items(b, op, l, false);
	take_params(b, op, l);
	take_facts(b, op, l);
}
