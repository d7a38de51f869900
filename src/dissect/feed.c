/* feed.c - from ordered bytes to PDUs, and back to them when they are lost.
 *
 * Whole PDUs are read where they lie in the segment.  Only what a segment ends
 * in the middle of is kept (struct part).  A direction is in one of three
 * states: clear (nothing kept), split (the beginning of a PDU is kept), lost
 * (no place; guess() decides where the next PDU begins; too few bytes to judge
 * are kept).  A claimed flow stays claimed for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "dissect/conversation.h"

#define SAY_LOST_NS	60000000000u	/* one anomaly a minute and flow */
#define AGREEING	4u		/* PDUs looked at when a segment is doubted */
/* Searching at every offset costs hundreds of times what reading costs, so what
 * is sent to be searched (garbage on our port) gets less of it in the end. */
#define SEARCH_ALL	16384u		/* fruitless bytes, then only where segments begin */
#define SEARCH_EVERY	32768u		/* ... and after so many once more at every offset */
#define SEARCH_SOME	1024u		/* ... for so many */
#define SEARCH_CREDIT	16u		/* fruitless bytes forgiven for each that was read */
/* The same over all conversations, for whoever sends his garbage in many: every
 * segment earns so many offsets, and so many can be saved up. */
#define SEARCH_EARN	64u
#define SEARCH_SAVED	(1u << 20)

/* What goes through the module for one call: the rest of one segment. */
struct run {
	struct dissect		*d;
	struct conversation	*c;
	struct side		*s;
	struct dis_ctx		 x;
	const uint8_t		*p;
	uint32_t		 n;
	bool			 aligned;	/* p is the first byte of its segment */
	const uint8_t		*bad;		/* from here on nothing was read; NULL: all was */
};

static inline void
run_open(struct run *r, struct dissect *d, struct conversation *c, enum flow_dir dir,
    const uint8_t *p, uint32_t n, struct at at)
{
	r->d = d;
	r->c = c;
	r->s = &c->side[dir];
	conv_ctx(&r->x, d, c, dir, at);
	r->p = p;
	r->n = n;
	r->aligned = true;
	r->bad = r->s->lost ? p : NULL;
	r->s->heard = true;
}

/* Rules look at PDUs too. */
static void
show(const struct run *r, const uint8_t *p, uint32_t n)
{
	const struct dis_ctx *x = &r->x;
	struct flow_bytes pdu = { .pdu = true, .flow = r->c->flow, .dir = x->dir, .p = p, .n = n,
	    .datagram = x->datagram, .late = r->c->replaying, .ts_ns = x->ts_ns, .frame = x->frame,
	    .source = x->source };

	x->sink->pdu(x->sink->arg, &pdu);
}

void
dis_bug(struct dissect *d)
{
#ifdef TW_SANITIZED
	abort();
#endif
	count(d->counters, CNT_APP_BUG);
}

static struct dis_step
ask(struct run *r, const uint8_t *p, uint32_t n)
{
	size_t mark = r->d->arena->used;
	struct dis_step st = r->c->by->feed(&r->x, cur_of(p, n));

	arena_rewind(r->d->arena, mark);
	if (st.status == DIS_NEED_MORE) {
		if (st.need == 0)
			dis_bug(r->d);
		/* Longer than any PDU: whoever said that is out of step. */
		if (st.need == 0 || (!r->x.datagram && (st.need > r->c->by->max_pdu ||
		    n > r->c->by->max_pdu - st.need)))
			return (struct dis_step){ .status = DIS_RESYNC, .used = 1 };
	} else if (st.used == 0 || st.used > n) {
		dis_bug(r->d);
		return (struct dis_step){ .status = DIS_RESYNC, .used = n };
	} else if (st.status == DIS_DONE) {
		r->c->flow->read[r->x.dir] += st.used;
		if (r->d->sink.pdu != NULL)
			show(r, p, st.used);
	}
	return st;
}

/* The place is lost at r->p for a reason that lies in the bytes. */
static void
lose(struct run *r)
{
	struct conversation *c = r->c;

	if (r->bad == NULL)
		r->bad = r->p;
	r->s->lost = true;
	if (c->by->protocol->counters.parser != 0)
		count(r->d->counters, c->by->protocol->counters.parser);
	if (c->by->protocol->lost == ANOM_NONE || (c->lost_said &&
	    r->x.ts_ns - c->lost_said_ns < SAY_LOST_NS))
		return;
	c->lost_said = true;
	c->lost_said_ns = r->x.ts_ns;
	dis_anomaly(&r->x, NULL, c->by->protocol->lost, 0, NULL);
}

static void
skip(struct run *r, uint32_t n)
{
	r->p += n;
	r->n -= n;
	if (n > 0)
		r->aligned = false;
}

/* Keep all that is left of the segment. */
static void
keep(struct run *r, uint32_t want, uint32_t ahead)
{
	/* While the place is lost much may have to be looked at. */
	struct part *part = part_open(r->d, r->c, r->x.dir, r->s->lost ? r->d->part_len :
	    want > r->n ? want : r->n);

	memcpy(part->bytes, r->p, r->n);
	part->aligned = r->aligned;
	r->s->have = r->n;
	r->s->want = want;
	r->s->ahead = ahead;
	r->n = 0;
}

/* The first n kept bytes are done with. */
static void
drop(struct run *r, uint32_t n)
{
	struct side *s = r->s;

	s->have -= n;
	if (s->have == 0) {
		part_close(r->d, s->part);
		return;
	}
	memmove(s->part->bytes, s->part->bytes + n, s->have);
	if (n > 0)
		s->part->aligned = false;
}

static void
set_at(struct run *r, struct at at)
{
	r->x.ts_ns = at.ts_ns;
	r->x.frame = at.frame;
	r->x.source = (uint16_t)at.source;
}

/* n bytes were read: the next loss is worth a search again. */
static void
forgive(struct run *r, uint32_t n)
{
	uint32_t credit = n < SEARCH_ALL ? n * SEARCH_CREDIT : SEARCH_ALL;

	if (r->s->fruitless > 0)
		r->s->fruitless -= credit < r->s->fruitless ? credit : r->s->fruitless;
}

/* ---- clear ---------------------------------------------------------- */

static void
run_clear(struct run *r)
{
	while (r->n > 0 && !r->s->lost) {
		struct dis_step st = ask(r, r->p, r->n);

		if (st.status == DIS_NEED_MORE) {
			keep(r, r->n + st.need, st.ahead);
			return;
		}
		if (st.status == DIS_RESYNC) {
			conv_blind(r->d, r->c, r->x.dir, st.used);
			lose(r);
		} else
			forgive(r, st.used);
		skip(r, st.used);
	}
}

/* ---- split ---------------------------------------------------------- */

/* Kept bytes are complete: read them until none are left or more are needed. */
static void
drain(struct run *r)
{
	while (r->s->part != NULL && !r->s->lost && r->s->have >= r->s->want) {
		struct dis_step st = ask(r, r->s->part->bytes, r->s->have);

		if (st.status == DIS_NEED_MORE) {
			r->s->want = r->s->have + st.need;
			r->s->ahead = st.ahead;
			return;
		}
		if (st.status == DIS_RESYNC) {
			withdraw_keep(r->d, r->c, r->x.dir, r->s->part->bytes, r->s->have, false,
			    false, (struct at){ r->x.ts_ns, r->x.frame, r->x.source });
			conv_blind(r->d, r->c, r->x.dir, st.used);
			lose(r);
		} else
			forgive(r, st.used);
		drop(r, st.used);
		r->s->want = 0;
	}
}

/* Do these bytes look like whole PDUs, one after the other, to their very end
 * (or for AGREEING of them)? */
static bool
whole_pdus(const struct run *r, const uint8_t *p, uint32_t n)
{
	uint32_t off = 0;

	for (uint32_t i = 0; i < AGREEING && off < n; i++) {
		struct dis_guess g = r->c->by->guess(cur_of(p + off, n - off), false);

		if (g.verdict < GUESS_MAYBE || g.used == 0 || g.used > n - off ||
		    g.framing != r->c->framing)
			return false;
		off += g.used;
	}
	return n > 0;
}

/* Does a PDU begin here that a checksum proves?  What stands behind it does not matter. */
static bool
proven_pdu(const struct run *r, const uint8_t *p, uint32_t n)
{
	struct dis_guess g = r->c->by->guess(cur_of(p, n), false);

	return g.verdict >= GUESS_MAYBE && g.checked && g.used > 0 && g.used <= n &&
	    g.framing == r->c->framing;
}

/* Drop the beginning that nobody believes any more, and read the segment that
 * was kept behind it, as of its own frame. */
static void
disbelieve(struct run *r)
{
	struct side *s = r->s;
	struct at now = { r->x.ts_ns, r->x.frame, r->x.source };
	struct at then = s->part->doubt_at;

	conv_blind(r->d, r->c, r->x.dir, s->part->doubt_off);
	lose(r);
	s->lost = false;
	r->bad = NULL;
	s->part->doubts = 0;
	drop(r, s->part->doubt_off);
	s->want = s->have;
	set_at(r, then);
	drain(r);
	set_at(r, now);
}

/* A beginning that announces more than ever comes would swallow the PDUs that
 * follow it.  It is not believed when the new segment is whole PDUs by itself
 * and either the rest of it fits nothing, or it happened twice in a row. */
static void
doubt(struct run *r)
{
	struct side *s = r->s;
	struct part *part = s->part;
	uint32_t missing = s->want - s->have;

	if (r->n == missing || !whole_pdus(r, r->p, r->n)) {
		part->doubts = 0;
		return;
	}
	if (r->n > missing) {
		struct dis_guess g = r->c->by->guess(cur_of(r->p + missing, r->n - missing),
		    false);

		if (g.verdict != GUESS_NO)
			return;
		withdraw_keep(r->d, r->c, r->x.dir, part->bytes, s->have, false, false,
		    (struct at){ r->x.ts_ns, r->x.frame, r->x.source });
		conv_blind(r->d, r->c, r->x.dir, s->have);
		lose(r);
		part_close(r->d, part);
		return;
	}
	if (part->doubts++ == 0) {
		part->doubt_off = s->have;
		part->doubt_at = (struct at){ r->x.ts_ns, r->x.frame, r->x.source };
		return;
	}
	disbelieve(r);
}

static void
run_split(struct run *r)
{
	struct side *s = r->s;

	while (s->part != NULL && !s->lost) {
		uint32_t take = s->want - s->have + s->ahead;

		if (take > r->n)
			take = r->n;
		part_grow(r->d, r->c, r->x.dir, s->have + take > s->want ? s->have + take : s->want);
		memcpy(s->part->bytes + s->have, r->p, take);
		s->have += take;
		skip(r, take);
		if (s->have < s->want)
			return;
		drain(r);
	}
}

/* ---- lost ----------------------------------------------------------- */

enum place { PLACE_NO, PLACE_HERE, PLACE_WAIT };

/* Does a PDU begin at p?  `begins`: a segment does, which is half the proof;
 * elsewhere the PDU must be proven, end with the segment, or be followed by
 * another one. */
static enum place
judge(const struct run *r, const uint8_t *p, uint32_t n, bool begins, uint8_t *framing)
{
	const struct dissector *by = r->c->by;
	struct dis_guess g = by->guess(cur_of(p, n), false);

	/* A fault is believed where a segment begins and the PDU leads to its end. */
	if (g.verdict == GUESS_NO || (g.verdict == GUESS_FLAWED && !(begins && g.used == n)))
		return PLACE_NO;
	if (g.verdict == GUESS_SHORT && !(begins && g.used > 0 && g.used <= n))
		return PLACE_WAIT;
	if (g.framing != r->c->framing && r->c->framing_known && g.verdict != GUESS_YES)
		return PLACE_NO;
	*framing = g.framing;
	if (begins)
		return PLACE_HERE;
	if (g.used == 0 || g.used > n)
		return PLACE_WAIT;
	if (g.verdict == GUESS_YES || g.used == n)
		return PLACE_HERE;
	g = by->guess(cur_of(p + g.used, n - g.used), false);
	return g.verdict == GUESS_NO ? PLACE_NO :
	    g.verdict == GUESS_SHORT ? PLACE_WAIT : PLACE_HERE;
}

static void
found(struct run *r, uint8_t framing)
{
	r->s->lost = false;
	r->bad = NULL;
	if (r->c->shadow != NULL)
		withdraw_forget(r->d, r->c, r->x.dir);
	r->c->framing = r->x.framing = framing;
	r->c->framing_known = true;
}

/* At how many of n offsets to look for a beginning. */
static uint32_t
reach(struct run *r, uint32_t n)
{
	struct side *s = r->s;
	uint32_t most = 1;

	if (!r->c->by->resync_scan)
		return 1;
	if (s->fruitless < SEARCH_ALL)
		most = SEARCH_ALL - s->fruitless;
	else if (s->unsearched >= SEARCH_EVERY) {
		s->unsearched = 0;
		most = SEARCH_SOME;
	}
	if (most > r->d->search_saved)
		most = r->d->search_saved > 0 ? r->d->search_saved : 1;
	return n < most ? n : most;
}

/* So many offsets were looked at. */
static void
spend(struct run *r, uint32_t n)
{
	r->d->search_saved -= n < r->d->search_saved ? n : r->d->search_saved;
}

/* n bytes hold no beginning, as far as was looked. */
static void
pass(struct run *r, uint32_t n)
{
	struct side *s = r->s;

	conv_blind(r->d, r->c, r->x.dir, n);
	s->fruitless = n < SEARCH_ALL - s->fruitless ? s->fruitless + n : SEARCH_ALL;
	s->unsearched = n < SEARCH_EVERY ? s->unsearched + n : SEARCH_EVERY;
	if (s->unsearched > SEARCH_EVERY)
		s->unsearched = SEARCH_EVERY;
}

/* Bytes were kept because they were too few to judge.  Where segments began
 * among them is forgotten, so every offset is tried. */
static void
search_kept(struct run *r)
{
	struct side *s = r->s;
	struct part *part;
	uint32_t old = s->have, space = r->d->part_len - old;
	uint32_t add = r->n < space ? r->n : space;
	enum place at = PLACE_NO;
	uint32_t off = 0, last = r->c->by->resync_scan ? reach(r, old) : old;
	uint8_t framing = 0;

	part_grow(r->d, r->c, r->x.dir, r->d->part_len);
	part = s->part;
	memcpy(part->bytes + old, r->p, add);
	for (; off < last; off++) {
		at = judge(r, part->bytes + off, old + add - off, off == 0 && part->aligned,
		    &framing);
		if (at == PLACE_WAIT && add < r->n)
			at = PLACE_NO;
		if (at != PLACE_NO)
			break;
	}
	spend(r, off);
	/* What might begin there is worth less than PDUs that are whole. */
	if (at == PLACE_WAIT && r->aligned &&
	    (whole_pdus(r, r->p, r->n) || proven_pdu(r, r->p, r->n)))
		at = PLACE_NO;
	if (at == PLACE_NO)
		off = old;
	pass(r, off);
	if (at == PLACE_NO) {
		/* The rest lies whole in the segment: read it there. */
		part_close(r->d, part);
		return;
	}
	s->have = old + add;
	skip(r, add);
	drop(r, off);
	if (at == PLACE_HERE) {
		found(r, framing);
		s->want = s->have;
		drain(r);
	}
}

static void
search_segment(struct run *r)
{
	enum place at = PLACE_NO;
	uint8_t framing = 0;
	uint32_t off = 0, last = reach(r, r->n);

	for (; off < last; off++) {
		at = judge(r, r->p + off, r->n - off, off == 0 && r->aligned, &framing);
		if (at == PLACE_WAIT && r->n - off > r->c->by->max_pdu)
			at = PLACE_NO;
		if (at != PLACE_NO)
			break;
	}
	spend(r, off);
	if (at == PLACE_NO)
		off = r->n;
	pass(r, off);
	skip(r, off);
	if (at == PLACE_HERE)
		found(r, framing);
	else if (r->n > 0)
		keep(r, 0, 0);
}

static void
run_lost(struct run *r)
{
	while (r->s->lost && r->n > 0) {
		if (r->s->part != NULL)
			search_kept(r);
		else
			search_segment(r);
	}
}

/* ---- entries -------------------------------------------------------- */

void
feed_open(struct dissect *d)
{
	d->search_saved = SEARCH_SAVED;
}

void
feed_bytes(struct dissect *d, struct conversation *c, enum flow_dir dir, const uint8_t *p,
    uint32_t n, struct at at)
{
	struct run r;

	run_open(&r, d, c, dir, p, n, at);
	if (d->search_saved < SEARCH_SAVED)
		d->search_saved += SEARCH_EARN;
	if (r.s->part != NULL && !r.s->lost)
		doubt(&r);
	while (r.n > 0) {
		if (r.s->lost)
			run_lost(&r);
		else if (r.s->part != NULL)
			run_split(&r);
		else
			run_clear(&r);
	}
	if (r.s->lost && r.bad != NULL) {
		withdraw_keep(d, c, dir, r.bad, (uint32_t)(p + n - r.bad), false, false, at);
		withdraw_decide(d, c, at);
	}
}

void
feed_noise(struct dissect *d, struct conversation *c, enum flow_dir dir, uint32_t n, struct at at)
{
	struct run r;

	run_open(&r, d, c, dir, NULL, 0, at);
	conv_blind(d, c, dir, n);
	lose(&r);
	r.s->lost = false;
}

void
feed_gap(struct dissect *d, struct conversation *c, enum flow_dir dir, uint64_t lost,
    struct at at)
{
	struct side *s = &c->side[dir];
	struct dis_ctx x;

	conv_ctx(&x, d, c, dir, at);
	if (s->part != NULL) {
		conv_blind(d, c, dir, s->have);
		part_close(d, s->part);
	}
	s->lost = true;
	s->missed_ns = at.ts_ns;
	if (c->by->protocol->counters.gap != 0)
		count(d->counters, c->by->protocol->counters.gap);
	if (c->by->gap != NULL)
		c->by->gap(&x, lost);
}

void
feed_datagram(struct dissect *d, struct conversation *c, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool truncated, struct at at)
{
	struct run r;

	run_open(&r, d, c, dir, p, n, at);
	r.x.datagram = true;
	r.x.truncated = truncated;
	if (truncated)
		r.s->missed_ns = at.ts_ns;
	while (r.n > 0) {
		struct dis_step st = ask(&r, r.p, r.n);

		if (st.status != DIS_DONE) {
			conv_blind(d, c, dir, r.n);
			if (st.status == DIS_RESYNC)
				lose(&r);
			r.s->lost = false;	/* the next one stands alone */
			withdraw_keep(d, c, dir, r.p, r.n, true, truncated, at);
			withdraw_decide(d, c, at);
			return;
		}
		skip(&r, st.used);
	}
}
