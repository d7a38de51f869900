/* candidate.c - the first bytes of a flow that may be one of ours.
 *
 * A flow that gives nothing to keep costs no memory: how often it was refused
 * is a note in flow->dissection itself.
 */
#include <string.h>

#include "dissect/candidate.h"

#define CAND_LEN_MAX	4096u

/* ---- notes ---------------------------------------------------------- */

struct note
note_read(const struct flow *f)
{
	uintptr_t v = (uintptr_t)f->dissection;

	return (struct note){ { v >> 1 & 31u, v >> 6 & 31u }, (uint32_t)(v >> 11) & WHEN_MASK };
}

void
note_write(struct flow *f, struct note n)
{
	f->ot_maybe = false;
	f->dissection = (void *)(uintptr_t)(1u | n.refused[0] << 1 | n.refused[1] << 6 |
	    n.when << 11);
}

uint32_t
when_of(uint64_t ts_ns)
{
	return (uint32_t)(ts_ns / 4000000000u) & WHEN_MASK;
}

void
note_refused(struct note *n, enum flow_dir dir)
{
	if (n->refused[dir] < TRIES)
		n->refused[dir]++;
}

/* ---- candidates ----------------------------------------------------- */

int
cand_pool_open(struct dissect *d)
{
	uint64_t n = d->set.max_conversations / 32;
	uint32_t slots = n < 32 ? 32 : n > 512 ? 512 : (uint32_t)n;

	list_init(&d->cand_by_use);
	/* Three PDUs of a direction are enough for every rule below. */
	d->cand_len = d->part_len + d->part_len / 2;
	if (d->cand_len > CAND_LEN_MAX)
		d->cand_len = CAND_LEN_MAX;
	return pool_open(&d->cands, slots, sizeof(struct candidate) + 2 * (size_t)d->cand_len);
}

void
cand_close(struct dissect *d, struct candidate *k)
{
	if (k->conv != NULL)
		k->conv->shadow = NULL;
	else
		for (unsigned e = 0; e < 2; e++)
			k->flow->unclaimed[e] += k->have[e];
	list_remove(&k->by_use);
	pool_put(&d->cands, k);
}

static void
evict(struct dissect *d, struct candidate *k)
{
	if (k->conv == NULL) {
		choose_last(d, k->flow, k);
		return;
	}
	count(d->counters, CNT_APP_CAND_EVICTED);
	cand_close(d, k);
}

struct candidate *
cand_open(struct dissect *d, struct flow *f, struct conversation *conv, struct note note,
    bool datagram)
{
	struct candidate *k;

	if (d->cands.first_free == POOL_NONE)
		evict(d, LIST_OWNER(d->cand_by_use.next, struct candidate, by_use));
	k = pool_get(&d->cands);
	k->held = HELD_CANDIDATE;
	k->datagram = datagram;
	k->note = note;
	k->flow = f;
	k->conv = conv;
	k->n_pieces = 0;
	k->have[0] = k->have[1] = 0;
	list_append(&d->cand_by_use, &k->by_use);
	if (conv != NULL) {
		conv->shadow = k;
	} else {
		f->ot_maybe = true;
		f->dissection = k;
	}
	return k;
}

uint8_t *
cand_bytes(const struct dissect *d, struct candidate *k, unsigned dir)
{
	return k->bytes + (dir == 0 ? 0 : d->cand_len);
}

/* Take the pieces of `dir` that lie before `off` away. */
void
cand_drop(struct dissect *d, struct candidate *k, enum flow_dir dir, uint32_t off)
{
	uint8_t *b = cand_bytes(d, k, dir);
	uint32_t kept = 0;

	if (off == 0)
		return;
	for (uint32_t i = 0; i < k->n_pieces; i++) {
		struct piece *pc = &k->piece[i];

		if (pc->dir == dir && pc->off < off) {
			note_refused(&k->note, dir);
			continue;
		}
		if (pc->dir == dir)
			pc->off -= off;
		k->piece[kept++] = *pc;
	}
	k->n_pieces = kept;
	k->have[dir] -= off;
	if (k->conv == NULL)
		k->flow->unclaimed[dir] += off;
	memmove(b, b + off, k->have[dir]);
}

/* The end of the oldest piece of this direction; 0 when there is none. */
static uint32_t
oldest_end(const struct candidate *k, enum flow_dir dir)
{
	for (uint32_t i = 0; i < k->n_pieces; i++)
		if (k->piece[i].dir == dir)
			return k->piece[i].off + k->piece[i].len;
	return 0;
}

/* Very small segments: make two neighbours one, as of the later frame; the two
 * shortest, so that what a frame completed stays nearly exact. */
static bool
cand_join(struct candidate *k)
{
	uint32_t best = PIECES, best_len = UINT32_MAX;

	for (uint32_t i = 0; i + 1 < k->n_pieces; i++) {
		const struct piece *a = &k->piece[i], *b = a + 1;

		if (a->dir == b->dir && a->len + b->len < best_len) {
			best = i;
			best_len = a->len + b->len;
		}
	}
	if (best == PIECES)
		return false;
	k->piece[best].len = best_len;
	k->piece[best].at = k->piece[best + 1].at;
	k->n_pieces--;
	memmove(&k->piece[best + 1], &k->piece[best + 2],
	    (k->n_pieces - best - 1) * sizeof(k->piece[0]));
	return true;
}

void
cand_add(struct dissect *d, struct candidate *k, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool truncated, struct at at)
{
	while (n > d->cand_len - k->have[dir])
		cand_drop(d, k, dir, oldest_end(k, dir));
	memcpy(cand_bytes(d, k, dir) + k->have[dir], p, n);
	if (k->n_pieces == PIECES && (k->datagram || !cand_join(k)))
		cand_drop(d, k, k->piece[0].dir, oldest_end(k, k->piece[0].dir));
	k->piece[k->n_pieces++] = (struct piece){ at, k->have[dir], n, (uint8_t)dir, truncated };
	k->have[dir] += n;
	list_touch(&d->cand_by_use, &k->by_use);
}
