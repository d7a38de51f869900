/* op_class.h - what structure asks of an operation, as one number: the same for the same poll. */
#ifndef DETECT_BASELINE_OP_CLASS_H
#define DETECT_BASELINE_OP_CLASS_H

#include "base/hash.h"
#include "record/operation.h"

#define OP_CLASS_ITEMS 64u	/* as many as structure looks at */

/* 0: it is looked up each time (it has facts about a device, or very many items). */
static inline uint64_t
op_class_of(const struct operation *op, uint64_t peer)
{
	uint64_t h;

	if (op->n_facts > 0 || op->n_items > OP_CLASS_ITEMS)
		return 0;
	h = hash_mix(peer ^ ((uint64_t)op->function << 32 | op->subfunction) ^ 0xa0761d6478bd642fu,
	    ((uint64_t)op->unit << 32 | (uint64_t)op->exception << 16 | op->status) ^ 0xe7037ed1a0b428dbu);
	h = hash_mix(h ^ ((uint64_t)op->link[OP_CLIENT].number << 32 | (uint64_t)op->has_subfunction << 24 |
	    (uint64_t)op->intent << 16 | (uint64_t)op->command << 8 | (uint64_t)op->outcome), 0x8ebc6af09c88c6e3u);
	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = &op->items[i];

		h = hash_mix(h ^ ((uint64_t)it->first << 32 | it->count), ((uint64_t)it->number << 32 |
		    (uint64_t)it->space << 24 | (uint64_t)it->step << 16 | (uint64_t)it->bit << 8 |
		    (uint64_t)it->written << 2 | (uint64_t)it->ranged << 1 | (it->n_values > 0)) ^ 0x589965cc75374cc3u);
	}
	return h | 1;
}

#endif
