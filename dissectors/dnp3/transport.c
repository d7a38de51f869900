/* transport.c - segments into fragments (1815 clause 8).
 *
 *	FIN 1 bit, FIR 1 bit, sequence 6 bits; then up to 249 octets
 *
 * A fragment of one frame, which nearly all are, is read where its frame lies.
 * Longer ones are put together in a block that conversations share.
 */
#include "dnp3.h"

#include <string.h>

#include "dissect/pair.h"

#define TR_SEQ	0x3fu

struct dn_stream *
dn_stream_if(struct dis_ctx *x, uint16_t src, uint16_t dst)
{
	struct dn_state *st = x->state;

	for (unsigned i = 0; i < 2 * DN_STREAMS; i++)
		if (st->stream[i].used && st->stream[i].src == src && st->stream[i].dst == dst)
			return &st->stream[i];
	return NULL;
}

struct dn_stream *
dn_stream(struct dis_ctx *x, uint16_t src, uint16_t dst)
{
	struct dn_state *st = x->state;
	struct dn_stream *s = dn_stream_if(x, src, dst), *least = &st->stream[0];

	st->clock++;
	for (unsigned i = 0; s == NULL && i < 2 * DN_STREAMS; i++) {
		if (!st->stream[i].used) {
			least = &st->stream[i];
			break;
		}
		if (st->stream[i].last_use < least->last_use)
			least = &st->stream[i];
	}
	if (s == NULL) {
		s = least;
		if (s->used) {
			dn_transport_lose(x, s);
			count(x->counters, CNT_APP_DNP3_STREAMS);
		}
		*s = (struct dn_stream){ .src = src, .dst = dst, .used = true };
	}
	s->last_use = st->clock;
	return s;
}

void
dn_transport_forget(struct dis_ctx *x, struct dn_stream *s)
{
	struct dn_state *st = x->state;

	dis_block_give(x, s->block);
	s->block = DIS_NO_BLOCK;
	st->n_open -= s->open;
	s->open = s->reported = false;
	s->too_long = false;
	s->have = s->frames = 0;
}

void
dn_transport_drop(struct dis_ctx *x, struct dn_stream *s)
{
	if (s->open)
		count(x->counters, CNT_APP_DNP3_UNFINISHED);
	dn_transport_forget(x, s);
}

/* The function of a fragment whose beginning is kept; NULL when it is not. */
static const char *
function_of(struct dis_ctx *x, const struct dn_stream *s)
{
	const uint8_t *b = s->block != DIS_NO_BLOCK ? dis_block(x, s->block) : NULL;
	const struct func_desc *row = b != NULL && s->have >= 2 ?
	    dis_func(x, b[1], FUNC_NO_SUB) : NULL;

	return row != NULL ? row->name : NULL;
}

/* As of the segment after which nothing came. */
static void
report(struct dis_ctx *x, struct dn_stream *s)
{
	struct dis_ctx then = *x;

	if (s->reported)
		return;
	s->reported = true;
	then.dir = s->dir;
	then.ts_ns = s->segment_ns;
	then.frame = s->segment_frame;
	dis_anomaly(&then, NULL, ANOM_DNP3_UNFINISHED, 0, function_of(x, s));
}

void
dn_transport_lose(struct dis_ctx *x, struct dn_stream *s)
{
	if (s->open)
		report(x, s);
	dn_transport_drop(x, s);
}

void
dn_transport_stale(struct dis_ctx *x)
{
	struct dn_state *st = x->state;

	if (st->n_open == 0)
		return;
	for (unsigned i = 0; i < 2 * DN_STREAMS; i++) {
		struct dn_stream *s = &st->stream[i];

		if (s->used && s->open && x->ts_ns > s->segment_ns &&
		    x->ts_ns - s->segment_ns > DN_STALE_NS)
			report(x, s);
	}
}

void
dn_transport_closed(struct dis_ctx *x)
{
	struct dn_state *st = x->state;

	for (unsigned i = 0; i < 2 * DN_STREAMS; i++)
		if (st->stream[i].used)
			dn_transport_lose(x, &st->stream[i]);
}

/* Keep a segment.  False: what came before was lost to another conversation. */
static bool
add(struct dis_ctx *x, struct dn_stream *s, const uint8_t *p, uint32_t n)
{
	uint8_t *to;

	if (s->block == DIS_NO_BLOCK)
		s->block = dis_block_take(x);
	to = dis_block(x, s->block);
	if (to == NULL) {
		dn_transport_lose(x, s);
		return false;
	}
	if (n > DN_FRAGMENT_MAX - s->have) {
		n = DN_FRAGMENT_MAX - s->have;
		s->too_long = true;
		report(x, s);
	}
	memcpy(to + s->have, p, n);
	s->have += n;
	return true;
}

static void
finish(struct dis_ctx *x, struct dn_stream *s, const uint8_t *p, uint32_t n)
{
	struct dn_fragment f = { .src = s->src, .dst = s->dst, .link = s->link,
	    .link_len = s->link_len, .transport = s->first, .frames = s->frames,
	    .bytes = p, .len = n };

	if (s->block != DIS_NO_BLOCK) {
		if (!add(x, s, p, n))
			return;
		f.bytes = dis_block(x, s->block);
		f.len = s->have;
		f.cut = s->too_long;
	}
	dn_fragment(x, s, &f);
	dn_transport_forget(x, s);
}

/* Does this segment go on where the last one ended? */
static bool
continues(struct dis_ctx *x, struct dn_stream *s, uint8_t sequence)
{
	const struct dn_state *st = x->state;

	if (!s->open) {
		/* After a gap or at a midway join the beginning was missed. */
		count(x->counters, CNT_APP_DNP3_UNFINISHED);
		if (s->started || (!x->datagram && !x->flow->midstream && !st->gapped))
			dis_anomaly(x, NULL, ANOM_DNP3_TRANSPORT, 0,
			    "a segment without a first one");
		return false;
	}
	if (sequence == ((s->sequence + 1u) & TR_SEQ))
		return true;
	/* The last one once more is dropped in silence (1815 8.2.2). */
	if (sequence == s->sequence)
		return false;
	dis_anomaly(x, NULL, ANOM_DNP3_TRANSPORT, 0, "the sequence jumps");
	dn_transport_drop(x, s);
	return false;
}

void
dn_segment(struct dis_ctx *x, const struct dn_frame *f)
{
	struct dn_stream *s = dn_stream(x, f->src, f->dst);
	uint8_t head = f->user[0], sequence = head & TR_SEQ;
	struct dn_state *st = x->state;

	if ((head & DN_FIR) != 0) {
		if (s->open)
			dis_anomaly(x, NULL, ANOM_DNP3_TRANSPORT, 0,
			    "a fragment begins before the last one ended");
		dn_transport_drop(x, s);
		s->open = true;
		st->n_open++;
		s->link = f->control;
		s->link_len = (uint8_t)(f->len + DN_LENGTH_MIN);
		s->first = sequence;
	} else if (!continues(x, s, sequence)) {
		s->started = true;
		return;
	}
	s->started = true;
	s->sequence = sequence;
	s->dir = (uint8_t)x->dir;
	s->segment_ns = x->ts_ns;
	s->segment_frame = x->frame;
	s->frames++;
	if ((head & DN_FIN) != 0)
		finish(x, s, f->user + 1, f->len - 1);
	else
		(void)add(x, s, f->user + 1, f->len - 1);
}
