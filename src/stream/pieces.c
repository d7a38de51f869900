/* pieces.c - bytes that came before their turn, in order of their numbers. */
#include "stream/internal.h"

#include <string.h>

void
pieces_free(struct stream *st, struct side *d)
{
	while (d->head != POOL_NONE) {
		struct piece *pc = piece_at(st, d->head);

		d->head = pc->next;
		pool_put(&st->blocks, pc);
	}
	d->blocks = 0;
}

/* A block for bytes behind `prev` (POOL_NONE: at the head). */
static struct piece *
add_piece(struct stream *st, struct side *d, uint32_t *prev, uint32_t seq)
{
	struct piece *pc = pool_get(&st->blocks);
	uint32_t i;

	if (pc == NULL)
		return NULL;	/* cannot be: space was made */
	i = pool_index(&st->blocks, pc);
	pc->seq = seq;
	pc->len = 0;
	pc->lost = false;
	if (*prev == POOL_NONE) {
		pc->next = d->head;
		d->head = i;
	} else {
		pc->next = piece_at(st, *prev)->next;
		piece_at(st, *prev)->next = i;
	}
	d->blocks++;
	*prev = i;
	return pc;
}

/* Keep bytes that fit between `prev` and its successor. */
static void
keep(struct stream *st, struct side *d, uint32_t *prev, struct bytes b)
{
	while (b.n > 0) {
		struct piece *pc = *prev != POOL_NONE ? piece_at(st, *prev) : NULL;
		uint32_t n = b.n;

		if (pc == NULL || pc->lost || b.p == NULL || pc->seq + pc->len != b.seq ||
		    pc->len == PIECE_DATA || pc->has_ack != b.has_ack || pc->ack != b.ack ||
		    (b.apart && pc->at.frame != st->at.frame)) {
			pc = add_piece(st, d, prev, b.seq);
			if (pc == NULL)
				return;
			pc->ack = b.ack;
			pc->has_ack = b.has_ack;
		}
		if (b.p == NULL)
			pc->lost = true;
		else {
			n = n < PIECE_DATA - pc->len ? n : PIECE_DATA - pc->len;
			memcpy(pc->data + pc->len, b.p, n);
			b.p += n;
		}
		pc->len += n;
		pc->at = st->at;
		b.seq += n;
		b.n -= n;
	}
}

/* Put bytes among the kept ones.  Where both have bytes the first stay (or the
 * last, by setting); returns whether they differed anywhere. */
bool
pieces_insert(struct stream *st, struct side *d, struct bytes b, bool *overlap)
{
	uint32_t prev = POOL_NONE, i = d->head, n;
	bool diff = false;

	while (b.n > 0) {
		struct piece *pc = i != POOL_NONE ? piece_at(st, i) : NULL;

		if (pc != NULL && !seq_gt(pc->seq + pc->len, b.seq)) {
			prev = i;
			i = pc->next;
			continue;
		}
		n = b.n;
		if (pc == NULL || seq_gt(pc->seq, b.seq)) {
			struct bytes part = b;

			if (pc != NULL && pc->seq - b.seq < n)
				n = pc->seq - b.seq;
			part.n = n;
			keep(st, d, &prev, part);
			b.apart = false;	/* one block more is there for it, not many */
		} else {
			uint32_t at = b.seq - pc->seq;

			n = n < pc->len - at ? n : pc->len - at;
			*overlap = true;
			if (!pc->lost && b.p != NULL && memcmp(pc->data + at, b.p, n) != 0) {
				diff = true;
				if (st->set.overlap_last_wins)
					memcpy(pc->data + at, b.p, n);
			}
		}
		b.seq += n;
		b.n -= n;
		if (b.p != NULL)
			b.p += n;
	}
	return diff;
}
