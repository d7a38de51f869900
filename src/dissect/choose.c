/* choose.c - what is this flow?  By content; a port is only a hint.
 *
 * On a port that a dissector names one PDU is enough, be it with a single fault.
 * Elsewhere it takes agreement: a PDU of each direction with the same tag and
 * fitting roles, or, where one direction is all there is, several PDUs in a row.
 * What was seen meanwhile is kept and read after the claim, each piece as of its
 * own frame.
 */
#include "dissect/candidate.h"

#define SMALL		300u	/* bytes of a segment that may be a PDU of ours */
#define INSIDE_TRIES	4u	/* segments of a direction that are searched for one inside */
#define QUIET_S		300u	/* after such a silence it may be something else */
#define NAMED_TRIES	4u	/* datagrams of a direction that are looked at when the flow has a name of
				 * its own: each stands for itself, so that the fifth shows no more */

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
		hint_at(d->hinted[0], d->list[i]->protocol->tcp_ports);
		hint_at(d->hinted[1], d->list[i]->protocol->udp_ports);
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
			feed_datagram(d, c, pc->dir, p, pc->len, pc->truncated, pc->at);
		else
			feed_bytes(d, c, pc->dir, p, pc->len, pc->at);
	}
	c->replaying = false;
	k->have[0] = k->have[1] = 0;
}

/* Joined midway, on a port of ours: the first segment may begin inside of a PDU and
 * hold the next one behind it.  feed.c finds it. */
static bool
has_one_inside(struct dissect *d, const struct dissector *by, const uint8_t *p, uint32_t n,
    struct chain *ch)
{
	if (!by->resync_scan || n > by->max_pdu)
		return false;
	for (uint32_t off = 1; off < n && d->search_saved > 0; off++, d->search_saved--) {
		struct dis_guess g = by->guess(cur_of(p + off, n - off), false);

		if (g.verdict < GUESS_MAYBE || g.used == 0 || g.used > n - off)
			continue;
		if (g.verdict == GUESS_YES || g.used == n - off || by->guess(cur_of(p + off + g.used,
		    n - off - g.used), false).verdict >= GUESS_MAYBE) {
			*ch = (struct chain){ .framing = g.framing, .role = g.role };
			return true;
		}
	}
	return false;
}

/* Nothing is kept yet: can this segment decide alone, or must it be kept? */
static bool
look_at_first(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool datagram, bool truncated, struct note note, struct at at)
{
	const struct dissector *best = NULL;
	struct chain best_ch = { .possible = false };
	unsigned strength = 0;
	bool worth = false, ours = false, inside = false;

	for (int unhinted = 0; unhinted < 2; unhinted++)
		for (uint32_t i = 0; i < d->n_list; i++) {
			const struct dissector *by = d->list[i];
			bool hinted = hinted_end(by, f, datagram) >= 0;
			struct chain ch = { .possible = true };
			unsigned s;

			if (hinted == unhinted)
				continue;
			chain_on(&ch, d, by, p, n, datagram);
			worth |= ch.possible;
			ours |= ch.possible && hinted;
			s = chain_convinces(&ch, BAR_NORMAL, hinted, note.refused[dir ^ 1] > 0);
			if (s > strength) {
				strength = s;
				best = by;
				best_ch = ch;
			}
		}
	for (uint32_t i = 0; best == NULL && !ours && i < d->n_list && !datagram &&
	    (f->midstream || f->gaps[dir] > 0) && note.refused[dir] < INSIDE_TRIES; i++)
		if (hinted_end(d->list[i], f, false) >= 0 &&
		    has_one_inside(d, d->list[i], p, n, &best_ch)) {
			best = d->list[i];
			inside = true;
		}
	if (best != NULL) {
		struct conversation *c = claim(d, f, best, dir, &best_ch, datagram);

		c->side[dir].lost = inside;
		if (datagram)
			feed_datagram(d, c, dir, p, n, truncated, at);
		else
			feed_bytes(d, c, dir, p, n, at);
		return false;
	}
	return worth;
}

bool
choose_best(struct dissect *d, struct flow *f, struct candidate *k, enum bar bar,
    struct choice *best, uint32_t keep_from[2])
{
	best->strength = 0;
	keep_from[0] = k->have[0];
	keep_from[1] = k->have[1];
	for (int unhinted = 0; unhinted < 2; unhinted++)
		for (uint32_t i = 0; i < d->n_list; i++) {
			const struct dissector *by = d->list[i];
			bool hinted = hinted_end(by, f, k->datagram) >= 0;
			struct choice c = { .by = by };
			uint32_t keep;
			unsigned s;

			if (hinted == unhinted)
				continue;
			for (int e = 0; e < 2; e++) {
				c.ch[e] = chain_kept(d, by, k, (enum flow_dir)e, hinted, &c.from[e],
				    &keep);
				/* The framing that failed is no other choice. */
				if (k->conv != NULL && by == k->conv->by &&
				    (c.ch[e].n_tags == 0 || c.ch[e].framing == k->conv->framing)) {
					c.ch[e] = (struct chain){ .possible = false };
					c.from[e] = keep = k->have[e];
				}
				if (keep < keep_from[e])
					keep_from[e] = keep;
			}
			for (int e = 0; e < 2; e++) {
				s = chain_convinces(&c.ch[e], bar, hinted,
				    k->note.refused[e ^ 1] > 0);
				if (s > c.strength) {
					c.strength = s;
					c.dir = (enum flow_dir)e;
				}
			}
			if (c.strength < 2 && chains_agree(&c.ch[0], &c.ch[1])) {
				c.strength = 2;
				c.dir = c.ch[0].role != 0 ? DIR_FROM_0 : DIR_FROM_1;
			}
			if (c.strength > best->strength)
				*best = c;
		}
	return best->strength > 0;
}

struct conversation *
choose_claim(struct dissect *d, struct flow *f, struct candidate *k, const struct choice *ch)
{
	struct conversation *c = claim(d, f, ch->by, ch->dir, &ch->ch[ch->dir], k->datagram);
	uint32_t from[2] = { ch->from[0], ch->from[1] };

	for (int e = 0; e < 2; e++) {
		if (chain_has_pdu(&ch->ch[e]))
			c->side[e].lost = false;
		else if (!ch->ch[e].possible && !ch->ch[e].broken)
			from[e] = 0;
	}
	d->replaying = true;
	replay(d, c, k, from);
	d->replaying = false;
	cand_close(d, k);
	return c;
}

/* All that is kept of both directions: decide, or drop what cannot be ours. */
static void
decide(struct dissect *d, struct flow *f, struct candidate *k)
{
	uint32_t keep_from[2];
	struct choice best;

	if (choose_best(d, f, k, BAR_NORMAL, &best, keep_from)) {
		choose_claim(d, f, k, &best);
		return;
	}
	cand_drop(d, k, DIR_FROM_0, keep_from[0]);
	cand_drop(d, k, DIR_FROM_1, keep_from[1]);
	if (k->n_pieces == 0) {
		note_write(f, k->note);
		cand_close(d, k);
	}
}

void
choose_last(struct dissect *d, struct flow *f, struct candidate *k)
{
	uint32_t keep_from[2];
	struct choice best;

	if (choose_best(d, f, k, BAR_LAST, &best, keep_from)) {
		choose_claim(d, f, k, &best);
		return;
	}
	count(d->counters, CNT_APP_CAND_EVICTED);
	note_write(f, k->note);
	cand_close(d, k);
}

/* So many of its segments or datagrams were refused that it is most likely not ours. */
static bool
refused_often(const struct flow *f, const struct note *note, enum flow_dir dir, bool datagram)
{
	return note->refused[dir] >= (datagram && f->app_proto != NULL ? NAMED_TRIES : TRIES);
}

/* Refused so often that only what looks like a whole PDU is worth a look; where the
 * flow has a name of its own (time, names, printers) one of 16, spread unevenly. */
static bool
worth_another_look(const struct dissect *d, const struct flow *f, const uint8_t *p, uint32_t n,
    bool datagram)
{
	uint32_t turn = (uint32_t)(f->packets[0] + f->packets[1]) * 0x9e3779b1u >> 28;

	if (n > SMALL || (f->app_proto != NULL && turn != 0))
		return false;
	for (uint32_t i = 0; i < d->n_list; i++) {
		struct dis_guess g = d->list[i]->guess(cur_of(p, n), datagram);

		if (g.verdict >= GUESS_MAYBE && g.used > 0 && g.used <= n)
			return true;
	}
	return false;
}

void
choose_bytes(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    bool datagram, bool truncated, struct at at)
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
	if (k == NULL && refused_often(f, &note, dir, datagram) && !hinted_by_any(d, f, datagram) &&
	    !worth_another_look(d, f, p, n, datagram)) {
		note_write(f, note);
		f->unclaimed[dir] += n;
		return;
	}
	if (k == NULL) {
		bool worth = look_at_first(d, f, dir, p, n, datagram, truncated,
		    note, at);

		if (!flow_is_noted(f))
			return;		/* claimed */
		if (!worth || n > d->cand_len) {
			note_refused(&note, dir);
			note_write(f, note);
			f->unclaimed[dir] += n;
			return;
		}
		k = cand_open(d, f, NULL, note, datagram);
	} else
		k->note = note;
	if (n > d->cand_len) {
		/* Cannot be kept, so what was kept has no continuation. */
		cand_drop(d, k, dir, k->have[dir]);
		note_refused(&k->note, dir);
		f->unclaimed[dir] += n;
	} else
		cand_add(d, k, dir, p, n, truncated, at);
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
	if (!flow_is_noted(f)) {
		struct candidate *k = f->dissection;
		uint32_t keep_from[2];
		struct choice best;

		if (choose_best(d, f, k, BAR_LAST, &best, keep_from))
			conv_close(d, choose_claim(d, f, k, &best));
		else
			cand_close(d, k);
	}
	f->dissection = NULL;
}
