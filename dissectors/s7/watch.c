/* watch.c - what a client subscribed to: cyclic data (group 2)
 * and watched variables (group 1).
 *
 * The controller's answer to such a request gives it a number (the sequence number
 * of the parameters), and everything that it sends by itself bears this number but
 * not the addresses.  So requests are kept, in one block of the conversation:
 *
 *	length 2, group 1, sequence 1, the request's PDU; the next one
 *
 * The oldest leaves when there is no space.  Nothing is said of a request that is
 * not found: what was sent has values without addresses then.
 */
#include "s7.h"

#include <string.h>

#define HEAD_LEN	4u

static bool
repeats(const struct s7_shape *s)
{
	if (!s->userdata || s->sequence == 0)
		return false;
	return (s->group == S7_GROUP_PROGRAMMER && s->subfunction == S7_TIS_VARIABLES) ||
	    (s->group == S7_GROUP_CYCLIC && (s->subfunction == 1 || s->subfunction == 5 || s->subfunction == 7));
}

/* Bytes of the entry at b, which holds `left` bytes. */
static uint32_t
entry_len(const uint8_t *b, uint32_t left)
{
	struct cursor c = cur_of(b, left);
	uint32_t len = HEAD_LEN + cur_be16(&c);

	return len <= left ? len : left;
}

static void
drop(uint8_t *block, uint16_t *used, uint32_t at)
{
	uint32_t len = entry_len(block + at, *used - at);

	memmove(block + at, block + at + len, *used - at - len);
	*used = (uint16_t)(*used - len);
}

/* The place of a request, or `used`. */
static uint32_t
find(const uint8_t *block, uint32_t used, const struct s7_shape *s)
{
	uint32_t at = 0;

	while (at + HEAD_LEN <= used &&
	    (block[at + 2] != s->group || block[at + 3] != s->sequence))
		at += entry_len(block + at, used - at);
	return at + HEAD_LEN <= used ? at : used;
}

void
s7_watch_keep(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *request, uint32_t len)
{
	struct s7_state *st = x->state;
	uint8_t *block;
	uint32_t at;

	if (!repeats(s) || len == 0 || HEAD_LEN + len > DIS_BLOCK_LEN)
		return;
	block = dis_block(x, st->watch);
	if (block == NULL) {
		st->watch = dis_block_take(x);
		st->watch_used = 0;
		block = dis_block(x, st->watch);
		if (block == NULL)
			return;
	}
	at = find(block, st->watch_used, s);
	if (at < st->watch_used)
		drop(block, &st->watch_used, at);
	while (st->watch_used + HEAD_LEN + len > DIS_BLOCK_LEN)
		drop(block, &st->watch_used, 0);
	at = st->watch_used;
	block[at] = (uint8_t)(len >> 8);
	block[at + 1] = (uint8_t)len;
	block[at + 2] = s->group;
	block[at + 3] = s->sequence;
	memcpy(block + at + HEAD_LEN, request, len);
	st->watch_used = (uint16_t)(at + HEAD_LEN + len);
}

void
s7_watch_recall(struct dis_ctx *x, const struct s7_shape *s, struct operation *op,
    struct s7_detail *d)
{
	struct s7_state *st = x->state;
	const uint8_t *block = repeats(s) ? dis_block(x, st->watch) : NULL, *pdu;
	struct operation asked = *op;
	struct s7_detail was = { .carrier = S7_COMM };
	bool again = x->again;
	uint8_t faults = st->faults;
	uint32_t at, len;

	if (block == NULL)
		return;
	at = find(block, st->watch_used, s);
	if (at == st->watch_used)
		return;
	len = entry_len(block + at, st->watch_used - at) - HEAD_LEN;
	pdu = arena_copy(x->arena, block + at + HEAD_LEN, len);
	if (pdu == NULL)
		return;
	x->again = true;	/* reported when it came */
	st->faults = 0;
	s7_read_pdu(x, &asked, &was, pdu, len, false, NULL, 0);
	st->faults = faults;
	x->again = again;
	op->items = asked.items;
	op->n_items = asked.n_items;
	d->vars = was.vars;
	d->n_vars = was.n_vars;
}
