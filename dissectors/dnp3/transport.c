/* transport.c - segments into fragments (1815 clause 8).
 *
 *	FIN 1 bit, FIR 1 bit, sequence 6 bits; then up to 249 octets
 *
 * A fragment of one frame, which nearly all are, is read where its frame lies.
 * Longer ones are put together in the conversation's few buffers.
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
			dn_transport_forget(st, s);
			count(x->counters, CNT_APP_DNP3_STREAMS);
		}
		*s = (struct dn_stream){ .src = src, .dst = dst, .used = true,
		    .buffer = DN_NO_BUFFER };
	}
	s->last_use = st->clock;
	return s;
}

void
dn_transport_forget(struct dn_state *st, struct dn_stream *s)
{
	if (s->buffer != DN_NO_BUFFER && s->buffer < DN_BUFFERS)
		st->owner[s->buffer] = 0;
	s->buffer = DN_NO_BUFFER;
	s->open = false;
	s->too_long = false;
	s->have = s->frames = 0;
}

/* A buffer for this stream; when all are taken, in turn from another one. */
static uint8_t *
buffer_for(struct dis_ctx *x, struct dn_stream *s)
{
	struct dn_state *st = x->state;
	unsigned b = 0;

	while (b < DN_BUFFERS && st->owner[b] != 0)
		b++;
	if (b == DN_BUFFERS) {
		b = st->next_buffer;
		st->next_buffer = (uint8_t)((b + 1) % DN_BUFFERS);
		dn_transport_forget(st, &st->stream[st->owner[b] - 1]);
		count(x->counters, CNT_APP_DNP3_STREAMS);
	}
	st->owner[b] = (uint8_t)(s - st->stream + 1);
	s->buffer = (uint8_t)b;
	return st->bytes[b];
}

static void
add(struct dis_ctx *x, struct dn_stream *s, const uint8_t *p, uint32_t n)
{
	struct dn_state *st = x->state;
	uint8_t *to = s->buffer != DN_NO_BUFFER ? st->bytes[s->buffer] : buffer_for(x, s);

	if (n > DN_FRAGMENT_MAX - s->have) {
		n = DN_FRAGMENT_MAX - s->have;
		s->too_long = true;
	}
	memcpy(to + s->have, p, n);
	s->have += n;
}

static void
finish(struct dis_ctx *x, struct dn_stream *s, const uint8_t *p, uint32_t n)
{
	struct dn_state *st = x->state;
	struct dn_fragment f = { .src = s->src, .dst = s->dst, .link = s->link,
	    .frames = s->frames, .bytes = p, .len = n };

	if (s->buffer != DN_NO_BUFFER) {
		add(x, s, p, n);
		f.bytes = st->bytes[s->buffer];
		f.len = s->have;
		f.cut = s->too_long;
	}
	dn_fragment(x, s, &f);
	dn_transport_forget(st, s);
}

/* Does this segment go on where the last one ended? */
static bool
continues(struct dis_ctx *x, struct dn_stream *s, uint8_t sequence)
{
	struct dn_state *st = x->state;

	if (!s->open) {
		/* After a gap or at a midway join the beginning was missed. */
		if (s->started)
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
	dn_transport_forget(st, s);
	return false;
}

void
dn_segment(struct dis_ctx *x, const struct dn_frame *f)
{
	struct dn_state *st = x->state;
	struct dn_stream *s = dn_stream(x, f->src, f->dst);
	uint8_t head = f->user[0], sequence = head & TR_SEQ;

	if ((head & DN_FIR) != 0) {
		if (s->open)
			dis_anomaly(x, NULL, ANOM_DNP3_TRANSPORT, 0,
			    "a fragment begins before the last one ended");
		dn_transport_forget(st, s);
		s->open = true;
		s->link = f->control;
	} else if (!continues(x, s, sequence)) {
		s->started = true;
		return;
	}
	s->started = true;
	s->sequence = sequence;
	s->frames++;
	if ((head & DN_FIN) != 0)
		finish(x, s, f->user + 1, f->len - 1);
	else
		add(x, s, f->user + 1, f->len - 1);
}
