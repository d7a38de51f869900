/* withdraw.c - when a claim proves wrong.
 *
 * What a conversation cannot read is kept as the first bytes of an unclaimed flow
 * are (its shadow), until it reads its direction again.  As soon as another
 * protocol, or another framing of the same one, finds its PDUs there, the claim
 * is withdrawn: that is said, with the operations that were written under it, and
 * the kept bytes are read by whose they are.  They were counted blind; that is
 * taken back.
 */
#include "dissect/candidate.h"

void
withdraw_keep(struct dissect *d, struct conversation *c, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool datagram, bool truncated, struct at at)
{
	struct candidate *k = c->shadow;

	if (n == 0 || d->replaying)
		return;
	if (n > d->cand_len) {
		withdraw_forget(d, c, dir);
		return;
	}
	if (k == NULL)
		k = cand_open(d, c->flow, c, (struct note){ .when = 0 }, datagram);
	cand_add(d, k, dir, p, n, truncated, at);
}

void
withdraw_forget(struct dissect *d, struct conversation *c, enum flow_dir dir)
{
	struct candidate *k = c->shadow;

	if (k == NULL)
		return;
	cand_drop(d, k, dir, k->have[dir]);
	if (k->n_pieces == 0)
		cand_close(d, k);
}

static void
say(struct dissect *d, const struct conversation *c, enum flow_dir dir, struct at at)
{
	struct anomaly a = { .id = c->by->protocol->withdrawn, .ts_ns = at.ts_ns, .frame = at.frame,
	    .source = (uint16_t)at.source, .flow = c->flow, .from_end = dir };

	if (a.id == ANOM_NONE)
		return;
	if (c->last_id >= c->first_id) {
		a.first_operation = c->first_id;
		a.last_operation = c->last_id;
	}
	d->sink.anomaly(d->sink.arg, &a);
}

static struct conversation *
withdraw(struct dissect *d, struct conversation *c, const struct choice *ch, struct at at)
{
	struct candidate *k = c->shadow;
	struct flow *f = c->flow;

	say(d, c, ch->dir, at);
	for (unsigned e = 0; e < 2; e++) {
		struct side *s = &c->side[e];

		/* What is still kept to be searched was not counted yet. */
		if (s->lost && s->part != NULL) {
			conv_blind(d, c, (enum flow_dir)e, s->have);
			part_close(d, s->part);
		}
		conv_unblind(d, c, (enum flow_dir)e, k->have[e]);
	}
	k->conv = NULL;
	c->shadow = NULL;
	conv_close(d, c);
	/* Whom the wrong protocol took for the client is nothing to go by. */
	f->role_source = f->midstream ? ROLE_FIRST_SEEN : ROLE_SYN;
	if (!f->midstream)
		f->client_end = 0;
	return choose_claim(d, f, k, ch);
}

void
withdraw_decide(struct dissect *d, struct conversation *c, struct at at)
{
	struct candidate *k = c->shadow;
	uint32_t keep_from[2];
	struct choice best;

	if (k == NULL || d->replaying)
		return;
	if (choose_best(d, c->flow, k, BAR_OTHER, &best, keep_from)) {
		(void)withdraw(d, c, &best, at);
		return;
	}
	cand_drop(d, k, DIR_FROM_0, keep_from[0]);
	cand_drop(d, k, DIR_FROM_1, keep_from[1]);
	if (k->n_pieces == 0)
		cand_close(d, k);
}

struct conversation *
withdraw_last(struct dissect *d, struct conversation *c)
{
	struct candidate *k = c->shadow;
	uint32_t keep_from[2];
	struct choice best;

	if (k == NULL || !choose_best(d, c->flow, k, BAR_LAST, &best, keep_from) || best.strength < 2)
		return c;
	return withdraw(d, c, &best, k->piece[k->n_pieces - 1].at);
}
