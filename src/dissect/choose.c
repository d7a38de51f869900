/* choose.c - what is this flow?  By content; a port is only a hint.
 *
 * On a port that a dissector names one legal PDU is enough.  Elsewhere it takes
 * agreement: a PDU of each direction with the same tag and fitting roles, or,
 * where one direction is all there is, several PDUs in a row.  What was seen
 * meanwhile is kept and read after the claim, each piece as of its own frame.
 *
 * A flow that gives nothing to keep costs no memory: how often it was refused
 * is a note in flow->dissection itself.
 */
#include <string.h>

#include "dissect/conversation.h"

#define TRIES		24u	/* refused segments of one direction, then it is left alone */
#define QUIET_S		300u	/* after such a silence it may be something else */
#define PIECES		64u	/* segments or datagrams kept of a candidate */
#define CHAIN		8u	/* PDUs looked at in a row */
#define ROW_PROVEN	2u	/* one-sided: so many PDUs with a checksum or magic */
#define ROW_LEGAL	3u	/* one-sided: so many that are only legal */
#define ROW_ALWAYS	CHAIN	/* the same though the other direction makes no sense */
#define CAND_LEN_MAX	4096u

/* ---- notes ---------------------------------------------------------- */

/* bit 0: set, so that it is no pointer; 1-5 and 6-10: refused segments of each
 * direction; 11-31: capture time of the last one, in units of 4 s. */
struct note {
	uint32_t	refused[2];
	uint32_t	when;
};
#define WHEN_MASK 0x1fffffu

static struct note
note_read(const struct flow *f)
{
	uintptr_t v = (uintptr_t)f->dissection;

	return (struct note){ { v >> 1 & 31u, v >> 6 & 31u }, (uint32_t)(v >> 11) & WHEN_MASK };
}

static void
note_write(struct flow *f, struct note n)
{
	f->ot_maybe = false;
	f->dissection = (void *)(uintptr_t)(1u | n.refused[0] << 1 | n.refused[1] << 6 |
	    n.when << 11);
}

static uint32_t
when_of(uint64_t ts_ns)
{
	return (uint32_t)(ts_ns / 4000000000u) & WHEN_MASK;
}

static void
note_refused(struct note *n, enum flow_dir dir)
{
	if (n->refused[dir] < TRIES)
		n->refused[dir]++;
}

/* ---- candidates ----------------------------------------------------- */

struct piece {
	struct at	at;
	uint32_t	off, len;	/* in the bytes of its direction */
	uint8_t		dir;
	bool		cut;
};

struct candidate {
	enum held	 held;		/* first, as in struct conversation */
	bool		 datagram;
	struct note	 note;
	struct flow	*flow;
	struct link	 by_use;
	uint32_t	 n_pieces;
	struct piece	 piece[PIECES];	/* in order of arrival */
	uint32_t	 have[2];
	uint8_t		 bytes[];	/* d->cand_len of each direction */
};

static void
hint_at(uint64_t *bits, const uint16_t *ports)
{
	for (; ports != NULL && *ports != 0; ports++)
		bits[*ports / 64u] |= (uint64_t)1 << *ports % 64u;
}

int
choose_open(struct dissect *d)
{
	uint64_t n = d->set.max_conversations / 32;
	uint32_t slots = n < 32 ? 32 : n > 512 ? 512 : (uint32_t)n;

	list_init(&d->cand_by_use);
	for (uint32_t i = 0; i < d->n_list; i++) {
		hint_at(d->hinted[0], d->list[i]->tcp_ports);
		hint_at(d->hinted[1], d->list[i]->udp_ports);
	}
	/* Three PDUs of a direction are enough for every rule below. */
	d->cand_len = d->part_len + d->part_len / 2;
	if (d->cand_len > CAND_LEN_MAX)
		d->cand_len = CAND_LEN_MAX;
	return pool_open(&d->cands, slots, sizeof(struct candidate) + 2 * (size_t)d->cand_len);
}

static void
cand_close(struct dissect *d, struct candidate *k)
{
	list_remove(&k->by_use);
	pool_put(&d->cands, k);
}

static struct candidate *
cand_open(struct dissect *d, struct flow *f, struct note note, bool datagram)
{
	struct candidate *k;

	if (d->cands.first_free == POOL_NONE) {
		k = LIST_OWNER(d->cand_by_use.next, struct candidate, by_use);
		count(d->counters, CNT_APP_CAND_EVICTED);
		note_write(k->flow, k->note);
		cand_close(d, k);
	}
	k = pool_get(&d->cands);
	k->held = HELD_CANDIDATE;
	k->datagram = datagram;
	k->note = note;
	k->flow = f;
	k->n_pieces = 0;
	k->have[0] = k->have[1] = 0;
	list_append(&d->cand_by_use, &k->by_use);
	f->ot_maybe = true;
	f->dissection = k;
	return k;
}

static uint8_t *
bytes_of(const struct dissect *d, struct candidate *k, unsigned dir)
{
	return k->bytes + (dir == 0 ? 0 : d->cand_len);
}

/* Take the pieces of `dir` that lie before `off` away. */
static void
cand_drop(struct dissect *d, struct candidate *k, enum flow_dir dir, uint32_t off)
{
	uint8_t *b = bytes_of(d, k, dir);
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

static void
cand_add(struct dissect *d, struct candidate *k, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool cut, struct at at)
{
	while (n > d->cand_len - k->have[dir])
		cand_drop(d, k, dir, oldest_end(k, dir));
	memcpy(bytes_of(d, k, dir) + k->have[dir], p, n);
	if (k->n_pieces == PIECES && (k->datagram || !cand_join(k)))
		cand_drop(d, k, k->piece[0].dir, oldest_end(k, k->piece[0].dir));
	k->piece[k->n_pieces++] = (struct piece){ at, k->have[dir], n, (uint8_t)dir, cut };
	k->have[dir] += n;
	list_touch(&d->cand_by_use, &k->by_use);
}

/* ---- evidence ------------------------------------------------------- */

/* PDUs of one direction in a row, from a place where a segment began. */
struct chain {
	bool		possible;	/* nothing against it */
	uint32_t	n;		/* whole legal PDUs (or one that is too long to keep) */
	uint32_t	proven;		/* of them GUESS_YES */
	int		role;
	uint8_t		framing;
	uint32_t	tag[CHAIN];
};

static void
chain_on(struct chain *ch, const struct dissect *d, const struct dissector *by,
    const uint8_t *p, uint32_t n, bool datagram)
{
	uint32_t off = 0;

	while (ch->possible && off < n && ch->n < CHAIN) {
		struct dis_guess g = by->guess(cur_of(p + off, n - off), datagram);
		bool whole = g.used > 0 && g.used <= n - off;

		if (g.verdict == GUESS_NO || (datagram && !whole) ||
		    (ch->n > 0 && g.verdict >= GUESS_MAYBE && g.framing != ch->framing) ||
		    (g.role != 0 && ch->role != 0 && g.role != ch->role)) {
			ch->possible = false;
			return;
		}
		if (g.verdict == GUESS_SHORT || (!whole && g.used <= d->cand_len))
			return;
		ch->framing = g.framing;
		ch->role = g.role != 0 ? g.role : ch->role;
		ch->tag[ch->n++] = g.tag;
		ch->proven += g.verdict == GUESS_YES;
		if (!whole)
			return;
		off += g.used;
	}
}

/* The first place in what is kept of this direction that may be ours; *from is
 * then its offset, or all that is kept when there is none. */
static struct chain
chain_kept(const struct dissect *d, const struct dissector *by, struct candidate *k,
    enum flow_dir dir, uint32_t *from)
{
	const uint8_t *b = bytes_of(d, k, dir);
	struct chain ch = { .possible = false };

	*from = k->have[dir];
	for (uint32_t i = 0; i < k->n_pieces; i++) {
		const struct piece *pc = &k->piece[i];

		if (pc->dir != dir)
			continue;
		if (!ch.possible) {
			ch = (struct chain){ .possible = true };
			*from = pc->off;
		}
		if (k->datagram) {
			chain_on(&ch, d, by, b + pc->off, pc->len, true);
		} else {
			chain_on(&ch, d, by, b + pc->off, k->have[dir] - pc->off, false);
			if (ch.possible)
				break;
		}
		if (!ch.possible)
			*from = k->have[dir];
	}
	return ch;
}

static bool
agree(const struct chain *a, const struct chain *b)
{
	if (!a->possible || !b->possible || a->n == 0 || b->n == 0 || a->framing != b->framing ||
	    (a->role != 0 && a->role == b->role))
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		for (uint32_t j = 0; j < b->n; j++)
			if (a->tag[i] == b->tag[j])
				return true;
	return false;
}

/* One direction alone.  `nonsense`: the other one sent what cannot be ours. */
static bool
convinces(const struct chain *ch, bool hinted, bool nonsense)
{
	if (!ch->possible)
		return false;
	if (hinted)
		return ch->n > 0;
	return ch->n >= ROW_ALWAYS ||
	    (!nonsense && (ch->n >= ROW_LEGAL || ch->proven >= ROW_PROVEN));
}

/* Which end has a port of this list: 0, 1; -1 neither. */
static int
port_end(const uint16_t *ports, const struct flow *f)
{
	for (; ports != NULL && *ports != 0; ports++) {
		if (*ports == f->port[1])
			return 1;
		if (*ports == f->port[0])
			return 0;
	}
	return -1;
}

static int
hinted_end(const struct dissector *by, const struct flow *f, bool datagram)
{
	return port_end(datagram ? by->udp_ports : by->tcp_ports, f);
}

/* ---- claims --------------------------------------------------------- */

static struct conversation *
claim(struct dissect *d, struct flow *f, const struct dissector *by, enum flow_dir dir,
    const struct chain *ch, bool datagram)
{
	struct conversation *c = conv_open(d, f, by);
	int server = hinted_end(by, f, datagram);

	c->framing = ch->framing;
	c->framing_known = true;
	/* feed.c finds the first PDU by itself, in the same way as after a gap. */
	c->side[0].lost = c->side[1].lost = !datagram;
	if (server >= 0)
		flow_set_client(f, (unsigned)server ^ 1u, ROLE_PORT);
	if (ch->role != 0) {
		struct dis_ctx x;

		conv_ctx(&x, d, c, dir, (struct at){ 0 });
		dis_set_client(&x, ch->role > 0);
	}
	return c;
}

static void
replay(struct dissect *d, struct conversation *c, struct candidate *k)
{
	for (uint32_t i = 0; i < k->n_pieces; i++) {
		const struct piece *pc = &k->piece[i];
		const uint8_t *p = bytes_of(d, k, pc->dir) + pc->off;

		/* The last one is the piece in hand, which nobody has seen yet. */
		c->replaying = i + 1 < k->n_pieces;
		if (k->datagram)
			feed_datagram(d, c, pc->dir, p, pc->len, pc->cut, pc->at);
		else
			feed_bytes(d, c, pc->dir, p, pc->len, pc->at);
	}
}

static bool
hinted_by_any(const struct dissect *d, const struct flow *f, bool datagram)
{
	const uint64_t *bits = d->hinted[datagram];

	return ((bits[f->port[0] / 64u] >> f->port[0] % 64u |
	    bits[f->port[1] / 64u] >> f->port[1] % 64u) & 1u) != 0;
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
			if (convinces(&ch, hinted, nonsense)) {
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
			int dir = -1;

			if (hinted == strange)
				continue;
			for (int e = 0; e < 2; e++) {
				uint32_t from;

				ch[e] = chain_kept(d, by, k, (enum flow_dir)e, &from);
				if (from < keep_from[e])
					keep_from[e] = from;
			}
			for (int e = 0; e < 2 && dir < 0; e++)
				if (convinces(&ch[e], hinted, k->note.refused[e ^ 1] > 0))
					dir = e;
			if (dir < 0 && agree(&ch[0], &ch[1]))
				dir = ch[0].role != 0 ? 0 : 1;
			if (dir >= 0) {
				struct conversation *c = claim(d, f, by, (enum flow_dir)dir,
				    &ch[dir], k->datagram);

				replay(d, c, k);
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

	if (n == 0 || d->n_list == 0)
		return;
	if (((now - note.when) & WHEN_MASK) > QUIET_S / 4)
		note.refused[0] = note.refused[1] = 0;
	note.when = now;
	if (note.refused[dir] >= TRIES && !hinted_by_any(d, f, datagram)) {
		if (k == NULL)
			note_write(f, note);
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
			return;
		}
		k = cand_open(d, f, note, datagram);
	} else
		k->note = note;
	if (n > d->cand_len) {
		/* Cannot be kept, so what was kept has no continuation. */
		cand_drop(d, k, dir, k->have[dir]);
		note_refused(&k->note, dir);
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
