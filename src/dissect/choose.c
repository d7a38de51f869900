/* choose.c - what is this flow?  By content; a port is only a hint.
 *
 * On a port that a dissector names one PDU is enough, be it with a single fault.
 * Elsewhere it takes agreement: a PDU of each direction with the same tag and
 * fitting roles, or, where one direction is all there is, several PDUs in a row.
 * What was seen meanwhile is kept and read after the claim, each piece as of its
 * own frame.
 */
#include "dissect/candidate.h"

#define QUIET_S		300u	/* after such a silence it may be something else */

static void
hint_at(uint64_t *bits, const uint16_t *ports)
{
	for (; ports != NULL && *ports != 0; ports++)
		bits[*ports / 64u] |= (uint64_t)1 << *ports % 64u;
}

int
choose_open(struct dissect *d)
{
	for (uint32_t i = 0; i < d->n_list; i++) {
		hint_at(d->hinted[0], d->list[i]->tcp_ports);
		hint_at(d->hinted[1], d->list[i]->udp_ports);
	}
	return cand_pool_open(d);
}

/* ---- claims --------------------------------------------------------- */

/* `dir`: whose chain decided. */
static struct conversation *
claim(struct dissect *d, struct flow *f, const struct dissector *by, enum flow_dir dir,
    const struct chain *ch, bool datagram)
{
	struct conversation *c = conv_open(d, f, by);
	int server = hinted_end(by, f, datagram);

	c->framing = ch->framing;
	c->framing_known = true;
	/* What was refused before is noise in a conversation of ours. */
	for (unsigned e = 0; e < 2; e++)
		if (f->unclaimed[e] > 0) {
			conv_blind(d, c, (enum flow_dir)e, f->unclaimed[e]);
			f->unclaimed[e] = 0;
		}
	/* The first PDU is judged as every other.  Only who came midway, or missed
	 * bytes, may be inside of one; feed.c then looks for the next. */
	for (unsigned e = 0; e < 2; e++)
		c->side[e].lost = !datagram && e != dir && (f->midstream || f->gaps[e] > 0);
	if (server >= 0)
		flow_set_client(f, (unsigned)server ^ 1u, ROLE_PORT);
	if (ch->role != 0) {
		struct dis_ctx x;

		conv_ctx(&x, d, c, dir, (struct at){ 0 });
		dis_set_client(&x, ch->role > 0);
	}
	return c;
}

/* Read what was kept, from the place where each direction's PDUs begin. */
static void
replay(struct dissect *d, struct conversation *c, struct candidate *k, const uint32_t from[2])
{
	for (uint32_t i = 0; i < k->n_pieces; i++) {
		const struct piece *pc = &k->piece[i];
		const uint8_t *p = cand_bytes(d, k, pc->dir) + pc->off;

		if (pc->off < from[pc->dir]) {
			feed_noise(d, c, pc->dir, pc->len, pc->at);
			continue;
		}
		/* The last one is the piece in hand, which nobody has seen yet. */
		c->replaying = i + 1 < k->n_pieces;
		if (k->datagram)
			feed_datagram(d, c, pc->dir, p, pc->len, pc->cut, pc->at);
		else
			feed_bytes(d, c, pc->dir, p, pc->len, pc->at);
	}
	c->replaying = false;
	k->have[0] = k->have[1] = 0;
}

/* Nothing is kept yet: can this segment decide alone, or must it be kept? */
static bool
look_at_first(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool datagram, bool cut, bool nonsense, struct at at)
{
	bool worth = false;

	for (int strange = 0; strange < 2; strange++)
		for (uint32_t i = 0; i < d->n_list; i++) {
			const struct dissector *by = d->list[i];
			bool hinted = hinted_end(by, f, datagram) >= 0;
			struct chain ch = { .possible = true };

			if (hinted == strange)
				continue;
			chain_on(&ch, d, by, p, n, datagram);
			worth |= ch.possible;
			if (chain_convinces(&ch, hinted, nonsense)) {
				struct conversation *c = claim(d, f, by, dir, &ch, datagram);

				if (datagram)
					feed_datagram(d, c, dir, p, n, cut, at);
				else
					feed_bytes(d, c, dir, p, n, at);
				return false;
			}
		}
	return worth;
}

/* All that is kept of both directions: decide, or drop what cannot be ours. */
static void
decide(struct dissect *d, struct flow *f, struct candidate *k)
{
	uint32_t keep_from[2] = { k->have[0], k->have[1] };

	for (int strange = 0; strange < 2; strange++)
		for (uint32_t i = 0; i < d->n_list; i++) {
			const struct dissector *by = d->list[i];
			bool hinted = hinted_end(by, f, k->datagram) >= 0;
			struct chain ch[2];
			uint32_t from[2];
			int dir = -1;

			if (hinted == strange)
				continue;
			for (int e = 0; e < 2; e++) {
				ch[e] = chain_kept(d, by, k, (enum flow_dir)e, hinted, &from[e]);
				if (from[e] < keep_from[e])
					keep_from[e] = from[e];
			}
			for (int e = 0; e < 2 && dir < 0; e++)
				if (chain_convinces(&ch[e], hinted, k->note.refused[e ^ 1] > 0))
					dir = e;
			if (dir < 0 && chains_agree(&ch[0], &ch[1]))
				dir = ch[0].role != 0 ? 0 : 1;
			if (dir >= 0) {
				struct conversation *c = claim(d, f, by, (enum flow_dir)dir,
				    &ch[dir], k->datagram);

				for (int e = 0; e < 2; e++) {
					if (chain_has_pdu(&ch[e]))
						c->side[e].lost = false;
					else if (!ch[e].possible && !ch[e].broken)
						from[e] = 0;
				}
				replay(d, c, k, from);
				cand_close(d, k);
				return;
			}
		}
	cand_drop(d, k, DIR_FROM_0, keep_from[0]);
	cand_drop(d, k, DIR_FROM_1, keep_from[1]);
	if (k->n_pieces == 0) {
		note_write(f, k->note);
		cand_close(d, k);
	}
}

void
choose_bytes(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    bool datagram, bool cut, struct at at)
{
	struct candidate *k = flow_is_noted(f) ? NULL : f->dissection;
	struct note note = k != NULL ? k->note : note_read(f);
	uint32_t now = when_of(at.ts_ns);

	if (n == 0 || d->n_list == 0) {
		f->unclaimed[dir] += n;
		return;
	}
	if (((now - note.when) & WHEN_MASK) > QUIET_S / 4)
		note.refused[0] = note.refused[1] = 0;
	note.when = now;
	if (note.refused[dir] >= TRIES && !hinted_by_any(d, f, datagram)) {
		if (k == NULL)
			note_write(f, note);
		f->unclaimed[dir] += n;
		return;
	}
	if (k == NULL) {
		bool worth = look_at_first(d, f, dir, p, n, datagram, cut,
		    note.refused[dir ^ 1] > 0, at);

		if (!flow_is_noted(f))
			return;		/* claimed */
		if (!worth || n > d->cand_len) {
			note_refused(&note, dir);
			note_write(f, note);
			f->unclaimed[dir] += n;
			return;
		}
		k = cand_open(d, f, note, datagram);
	} else
		k->note = note;
	if (n > d->cand_len) {
		/* Cannot be kept, so what was kept has no continuation. */
		cand_drop(d, k, dir, k->have[dir]);
		note_refused(&k->note, dir);
		f->unclaimed[dir] += n;
	} else
		cand_add(d, k, dir, p, n, cut, at);
	decide(d, f, k);
}

void
choose_gap(struct dissect *d, struct flow *f, enum flow_dir dir)
{
	struct candidate *k = flow_is_noted(f) ? NULL : f->dissection;

	if (k == NULL) {
		struct note note = note_read(f);

		note.refused[0] = note.refused[1] = 0;
		note_write(f, note);
		return;
	}
	cand_drop(d, k, dir, k->have[dir]);
	k->note.refused[0] = k->note.refused[1] = 0;
	if (k->n_pieces == 0) {
		note_write(f, k->note);
		cand_close(d, k);
	}
}

void
choose_closed(struct dissect *d, struct flow *f)
{
	if (!flow_is_noted(f))
		cand_close(d, f->dissection);
	f->dissection = NULL;
}
