/* evidence.c - what bytes prove: PDUs in a row, PDUs of both directions that agree. */
#include "dissect/candidate.h"

#define ROW_CHECKED	2u	/* one-sided: so many PDUs whose checksums hold, come what may */
#define ROW_PROVEN	2u	/* one-sided: so many PDUs with magic */
#define ROW_LEGAL	3u	/* one-sided: so many that are only legal */
#define ROW_ALWAYS	CHAIN	/* the same though the other direction makes no sense */

void
chain_on(struct chain *ch, const struct dissect *d, const struct dissector *by,
    const uint8_t *p, uint32_t n, bool datagram)
{
	uint32_t off = 0;

	while (ch->possible && off < n && ch->n_tags < CHAIN) {
		struct dis_guess g = by->guess(cur_of(p + off, n - off), datagram);
		bool whole = g.used > 0 && g.used <= n - off;

		if (g.verdict == GUESS_NO || (datagram && !whole && g.verdict != GUESS_FLAWED) ||
		    (ch->n_tags > 0 && g.verdict >= GUESS_FLAWED && g.framing != ch->framing) ||
		    (g.role != 0 && ch->role != 0 && g.role != ch->role)) {
			ch->possible = false;
			ch->broken = ch->n > 0 && ch->flawed == 0;
			return;
		}
		if (g.verdict == GUESS_SHORT) {
			if (!whole) {
				ch->ended = false;
				return;
			}
			off += g.used;	/* a carrier's, which convinces nobody while more may come */
			ch->carriers += g.carrier;
			ch->role = g.role != 0 ? g.role : ch->role;
			continue;
		}
		if (g.verdict >= GUESS_MAYBE && !whole && g.used <= d->cand_len)
			return;
		ch->framing = g.framing;
		ch->role = g.role != 0 ? g.role : ch->role;
		ch->tag[ch->n_tags++] = g.tag;
		ch->n += g.verdict >= GUESS_MAYBE;
		ch->flawed += g.verdict == GUESS_FLAWED;
		ch->proven += g.verdict == GUESS_YES;
		ch->checked += g.verdict >= GUESS_MAYBE && g.checked;
		ch->ended = whole && off + g.used == n;
		if (!whole)
			return;
		off += g.used;
	}
}

struct chain
chain_kept(const struct dissect *d, const struct dissector *by, struct candidate *k,
    enum flow_dir dir, bool hinted, uint32_t *from, uint32_t *keep)
{
	const uint8_t *b = cand_bytes(d, k, dir);
	struct chain ch = { .possible = false }, wait = ch;

	*from = *keep = k->have[dir];
	for (uint32_t i = 0; i < k->n_pieces; i++) {
		const struct piece *pc = &k->piece[i];

		if (pc->dir != dir)
			continue;
		if (ch.broken && hinted)
			break;
		if (!ch.possible) {
			ch = (struct chain){ .possible = true };
			*from = pc->off;
		}
		if (k->datagram) {
			chain_on(&ch, d, by, b + pc->off, pc->len, true);
		} else {
			chain_on(&ch, d, by, b + pc->off, k->have[dir] - pc->off, false);
			/* What may begin here, and what does behind it. */
			if (ch.possible && *keep > *from) {
				*keep = *from;
				wait = ch;
			}
			if (ch.possible && ch.n_tags > 0)
				break;
			if (ch.possible)
				ch = (struct chain){ .possible = false };
		}
		ch.broken &= hinted;
		if (!ch.possible && !ch.broken)
			*from = k->have[dir];
	}
	if (!k->datagram && !ch.broken && (!ch.possible || ch.n_tags == 0) && wait.possible) {
		*from = *keep;
		return wait;
	}
	if (*keep > *from)
		*keep = *from;
	return ch;
}

bool
chains_agree(const struct chain *a, const struct chain *b)
{
	uint32_t same = 0;

	/* Two with a fault each agree on nothing until it happens again. */
	if (!chain_has_pdu(a) || !chain_has_pdu(b) || a->framing != b->framing ||
	    (a->role != 0 && a->role == b->role))
		return false;
	for (uint32_t i = 0; i < a->n_tags; i++)
		for (uint32_t j = 0; j < b->n_tags; j++)
			if (a->tag[i] == b->tag[j]) {
				same++;
				break;
			}
	return same > (a->n == 0 && b->n == 0);
}

static unsigned
strength_of(const struct chain *ch)
{
	return ch->checked > 0 ? 3 : ch->n > 0 ? 2 : 1;
}

unsigned
chain_convinces(const struct chain *ch, enum bar bar, bool hinted, bool nonsense)
{
	if (!ch->possible && !(hinted && ch->broken))
		return 0;
	/* Whoever searches is refused before a PDU of ours is there. */
	if (hinted && bar == BAR_LAST && ch->n + ch->flawed == 0 && ch->carriers > 0)
		return 1;
	if (hinted && bar != BAR_OTHER)
		return ch->n + ch->flawed > 0 ? strength_of(ch) : 0;
	if (bar == BAR_OTHER && ch->n > 0 && (hinted || (ch->proven > 0 && ch->ended)))
		return strength_of(ch);
	/* Lengths that lead from PDU to PDU are a sound chain, with or without a
	 * fault in each; but then it takes one more. */
	if (ch->checked >= ROW_CHECKED || ch->n_tags >= ROW_ALWAYS)
		return strength_of(ch);
	if (nonsense)
		return 0;
	return ch->n >= ROW_LEGAL || ch->n_tags > ROW_LEGAL || ch->proven >= ROW_PROVEN ||
	    (ch->checked > 0 && ch->ended) || (bar == BAR_LAST && ch->n > 0 && ch->ended) ?
	    strength_of(ch) : 0;
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

int
hinted_end(const struct dissector *by, const struct flow *f, bool datagram)
{
	return port_end(datagram ? by->protocol->udp_ports : by->protocol->tcp_ports, f);
}

bool
hinted_by_any(const struct dissect *d, const struct flow *f, bool datagram)
{
	const uint64_t *bits = d->hinted[datagram];

	return ((bits[f->port[0] / 64u] >> f->port[0] % 64u |
	    bits[f->port[1] / 64u] >> f->port[1] % 64u) & 1u) != 0;
}
