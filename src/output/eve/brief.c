#include "output/eve/brief.h"

static bool
matters(const struct op_item *it)
{
	return it->written || it->status != 0;
}

static void
take(struct brief *b, const struct operation *op, bool that_matter)
{
	for (uint32_t i = 0; i < op->n_items && b->op.n_items < BRIEF_ITEMS; i++)
		if (matters(&op->items[i]) == that_matter)
			b->items[b->op.n_items++] = op->items[i];
}

void
brief_make(struct brief *b, const struct operation *op)
{
	b->op = *op;
	b->op.items = b->items;
	b->op.n_items = 0;
	b->items_all = op->n_items;
	b->values_all = 0;
	for (uint32_t i = 0; i < op->n_items; i++)
		b->values_all += op->items[i].n_values;
	take(b, op, true);
	take(b, op, false);
}
