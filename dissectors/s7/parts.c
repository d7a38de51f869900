/* parts.c - what body parsers put into an operation: items, named fields, facts, blocks. */
#include "s7.h"

#include <string.h>

#define PARAMS_FIRST	16u
#define PARAMS_MAX	1024u	/* of one operation; beyond: counted in the record's own fields */
#define FACTS_MAX	16u

struct op_item *
s7_items(struct s7_pdu *p, uint32_t n)
{
	struct op_item *it = arena_zalloc(p->x->arena, n, sizeof(*it));

	if (it == NULL)
		return NULL;
	p->op->items = it;
	p->op->n_items = n;
	return it;
}

static struct op_param *
param(struct s7_pdu *p, const char *name)
{
	struct operation *op = p->op;
	struct op_param *at;
	uint32_t capacity = op->n_params;

	/* Powers of two from PARAMS_FIRST: when a count is one, it is full. */
	if (capacity == 0 || (capacity >= PARAMS_FIRST && (capacity & (capacity - 1)) == 0)) {
		uint32_t more = capacity == 0 ? PARAMS_FIRST : 2 * capacity;

		if (more > PARAMS_MAX)
			return NULL;
		at = arena_zalloc(p->x->arena, more, sizeof(*at));
		if (at == NULL)
			return NULL;
		if (capacity > 0)
			memcpy(at, op->params, capacity * sizeof(*at));
		op->params = at;
	}
	at = &op->params[op->n_params++];
	at->name = name;
	at->in_response = p->response;
	return at;
}

void
s7_param_uint(struct s7_pdu *p, const char *name, uint64_t v)
{
	struct op_param *at = param(p, name);

	if (at != NULL)
		at->value = (struct op_value){ .kind = VALUE_UINT, .u = v };
}

void
s7_param_wide(struct s7_pdu *p, const char *name, uint64_t v)
{
	struct op_param *at = param(p, name);

	if (at != NULL)
		at->value = (struct op_value){ .kind = VALUE_UINT, .u = v, .wide = true };
}

void
s7_param_int(struct s7_pdu *p, const char *name, int64_t v)
{
	struct op_param *at = param(p, name);

	if (at != NULL)
		at->value = (struct op_value){ .kind = VALUE_INT, .i = v };
}

void
s7_param_time(struct s7_pdu *p, const char *name, uint64_t ms)
{
	struct op_param *at = param(p, name);

	if (at != NULL)
		at->value = (struct op_value){ .kind = VALUE_TIME, .u = ms };
}

void
s7_param_bytes(struct s7_pdu *p, const char *name, const uint8_t *b, size_t n)
{
	struct op_param *at = param(p, name);

	if (at != NULL)
		at->value = (struct op_value){ .kind = VALUE_BYTES, .bytes = b,
		    .len = (uint32_t)n };
}

void
s7_param_text(struct s7_pdu *p, const char *name, const char *text)
{
	if (text != NULL)
		s7_param_bytes(p, name, (const uint8_t *)text, strlen(text));
}

size_t
s7_trimmed(const uint8_t *b, size_t n)
{
	const uint8_t *nul = n > 0 ? memchr(b, 0, n) : NULL;

	if (nul != NULL)
		n = (size_t)(nul - b);
	while (n > 0 && b[n - 1] == ' ')
		n--;
	return n;
}

void
s7_param_field(struct s7_pdu *p, const char *name, struct cursor *c, size_t n)
{
	const uint8_t *b = cur_bytes(c, n);

	if (b != NULL)
		s7_param_bytes(p, name, b, s7_trimmed(b, n));
}

void
s7_fact(struct s7_pdu *p, enum op_fact_key key, uint8_t number, const uint8_t *b, size_t n)
{
	struct operation *op = p->op;

	n = s7_trimmed(b, n);
	if (n == 0 || n > UINT16_MAX)
		return;
	if (op->facts == NULL)
		op->facts = arena_zalloc(p->x->arena, FACTS_MAX, sizeof(*op->facts));
	if (op->facts == NULL || op->n_facts == FACTS_MAX)
		return;
	op->facts[op->n_facts++] = (struct op_fact){ .key = (uint8_t)key,
	    .number = number, .len = (uint16_t)n, .bytes = b };
}

struct s7_block *
s7_block(struct s7_pdu *p)
{
	if (p->block == NULL) {
		p->block = arena_zalloc(p->x->arena, 1, sizeof(*p->block));
		p->msg->block = p->block;
	}
	return p->block;
}

struct s7_block *
s7_next_block(struct s7_pdu *p)
{
	struct s7_block *b = p->block != NULL ?
	    arena_zalloc(p->x->arena, 1, sizeof(*b)) : s7_block(p);

	if (b != NULL && p->block != b) {
		p->block->next = b;
		p->block = b;
	}
	return b;
}
