/* join.c - userdata answers in several parts.
 *
 * The client fetches each part but the first with a request that repeats the
 * answer's sequence number (NOTES 2).  All of it is one operation.  What came so
 * far is kept in place of the request:
 *
 *	request; a record for each PDU after it (struct kept); all payload
 *
 * up to S7_PENDING_MAX bytes.  What does not fit ends the operation with what
 * there is, and the rest is reported as operations of their own.
 */
#include "s7.h"

#include <string.h>

#define JOINED		S7_NOTE_JOINED
#define NOTE_LEN(note)	((note) & 0xffffu)		/* bytes of the request */
#define NOTE_PDUS(note)	((note) >> 16 & 0x7fffu)	/* records behind it */
#define HEAD_MAX	26u	/* header, long parameters, head of the data */

/* A PDU of the exchange, without its payload. */
struct kept {
	uint64_t	 ts_ns, frame;
	uint32_t	 pdu_len;
	bool		 response;
	uint8_t		 len;		/* of head */
	uint8_t		 head[HEAD_MAX];
};

/* The bytes of a pending request, taken apart. */
struct joined {
	uint32_t	 request_len, pdus;
	const uint8_t	*records;
	struct cursor	 payload;
};

static struct joined
take_apart(const struct pending *pend)
{
	struct joined j = { .request_len = pend->len, .payload = cur_of(NULL, 0) };
	uint32_t before;

	if ((pend->note & JOINED) == 0 || ((pend->key & S7_KEY_KIND) != S7_KEY_REF &&
	    (pend->key & S7_KEY_KIND) != S7_KEY_JOIN))
		return j;
	before = NOTE_LEN(pend->note) + NOTE_PDUS(pend->note) * (uint32_t)sizeof(struct kept);
	if (before > pend->len)
		return j;
	j.request_len = NOTE_LEN(pend->note);
	j.pdus = NOTE_PDUS(pend->note);
	j.records = pend->bytes + j.request_len;
	j.payload = cur_of(pend->bytes + before, pend->len - before);
	return j;
}

uint32_t
s7_join_request(const struct pending *pend)
{
	return (pend->note & JOINED) == 0 ? pend->len : take_apart(pend).request_len;
}

/* One PDU more, and its payload behind the others'.  NULL: no space. */
static const uint8_t *
put_together(struct dis_ctx *x, const struct pending *pend, const struct joined *j,
    const uint8_t *p, uint32_t len, bool response, const struct cursor *payload, uint32_t *total)
{
	uint32_t old = (uint32_t)cur_left(&j->payload), add = (uint32_t)cur_left(payload);
	uint32_t records = j->pdus * (uint32_t)sizeof(struct kept);
	struct kept one = { .ts_ns = x->ts_ns, .frame = x->frame, .pdu_len = len,
	    .response = response };
	uint8_t *all, *to;

	*total = j->request_len + records + (uint32_t)sizeof(one) + old + add;
	if (pend->len == 0 || *total > S7_PENDING_MAX)
		return NULL;
	to = all = arena_alloc(x->arena, *total);
	if (all == NULL)
		return NULL;
	one.len = (uint8_t)(len - add < HEAD_MAX ? len - add : HEAD_MAX);
	memcpy(one.head, p, one.len);
	memcpy(to, pend->bytes, j->request_len + records);
	to += j->request_len + records;
	memcpy(to, &one, sizeof(one));
	to += sizeof(one);
	if (old > 0)
		memcpy(to, j->payload.p, old);
	if (add > 0)
		memcpy(to + old, payload->p, add);
	return all;
}

static uint32_t
join_key(enum flow_dir caller, const struct s7_shape *s)
{
	return s7_key(S7_KEY_JOIN, caller, (uint32_t)s->group << 8 | s->sequence);
}

bool
s7_join_asked(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *p, uint32_t len)
{
	const struct cursor none = cur_of(NULL, 0);
	struct pending pend;
	struct joined j;
	const uint8_t *all;
	uint32_t total;

	if (!s->userdata || s->sequence == 0 ||
	    !pair_take(x, join_key(x->dir, s), &pend))
		return false;
	j = take_apart(&pend);
	all = put_together(x, &pend, &j, p, len, false, &none, &total);
	if (all == NULL) {
		s7_give_up(x, &pend, OUTCOME_ANSWERED);
		return false;
	}
	pair_keep(x, &pend, x->dir, s7_key(S7_KEY_REF, x->dir, s->ref),
	    JOINED | (j.pdus + 1) << 16 | j.request_len, all, total);
	return true;
}

bool
s7_join_more(struct dis_ctx *x, const struct s7_shape *s, const struct pending *pend,
    const uint8_t *p, uint32_t len)
{
	enum flow_dir caller = (enum flow_dir)(x->dir ^ 1u);
	struct joined j = take_apart(pend);
	const uint8_t *all;
	uint32_t total;

	if (s->sequence == 0 || j.pdus >= 0x7ffe || j.request_len > 0xffff)
		return false;
	all = put_together(x, pend, &j, p, len, true, &s->payload, &total);
	/* The request for the next part must fit too, and some of its answer. */
	if (all == NULL || total + 3 * sizeof(struct kept) > S7_PENDING_MAX)
		return false;
	pair_keep(x, pend, caller, join_key(caller, s), JOINED | (j.pdus + 1) << 16 |
	    j.request_len, all, total);
	return true;
}

/* Read what is kept of a PDU, with a payload; quietly: that its own is not behind it
 * is no fault. */
static void
read_kept(struct dis_ctx *x, const struct kept *k, struct operation *op, struct s7_detail *d,
    const uint8_t *payload, uint32_t len)
{
	const uint8_t *head = arena_copy(x->arena, k->head, k->len);
	struct s7_state *st = x->state;
	uint8_t faults = st->faults;
	bool again = x->again;

	if (head == NULL)
		return;
	x->again = true;
	st->faults = 0;
	s7_read_pdu(x, op, d, head, k->len, k->response, payload, len);
	st->faults = faults;
	x->again = again;
}

/* The heads of all PDUs between the first and the last, for the record. */
static void
list_parts(struct dis_ctx *x, const struct joined *j, struct s7_detail *d)
{
	struct s7_part *parts = j->pdus > 0 ? arena_zalloc(x->arena, j->pdus, sizeof(*parts)) :
	    NULL;

	if (parts == NULL)
		return;
	for (uint32_t i = 0; i < j->pdus; i++) {
		struct s7_detail one = { .carrier = S7_COMM };
		struct operation op;
		struct kept k;

		s7_begin(x, &op, 0);
		memcpy(&k, j->records + i * sizeof(k), sizeof(k));
		read_kept(x, &k, &op, &one, (const uint8_t *)"", 0);
		parts[i].response = k.response;
		parts[i].frame = k.frame;
		parts[i].head = k.response ? one.response : one.request;
	}
	d->parts = parts;
	d->n_parts = j->pdus;
}

bool
s7_join_finish(struct dis_ctx *x, const struct s7_shape *s, const struct pending *pend,
    struct operation *op, struct s7_detail *d, const uint8_t *p, uint32_t len)
{
	struct joined j;
	uint32_t old, add = (uint32_t)cur_left(&s->payload);
	uint8_t *all;

	if ((pend->note & JOINED) == 0)
		return false;
	j = take_apart(pend);
	if (j.pdus == 0)
		return false;
	old = (uint32_t)cur_left(&j.payload);
	list_parts(x, &j, d);
	all = arena_alloc(x->arena, old + add + 1);
	if (all != NULL) {
		if (old > 0)
			memcpy(all, j.payload.p, old);
		if (add > 0)
			memcpy(all + old, s->payload.p, add);
	}
	d->response.parts = j.pdus / 2 + 1;
	s7_read_pdu(x, op, d, p, len, true, all, all != NULL ? old + add : 0);
	return true;
}

void
s7_join_half(struct dis_ctx *x, const struct pending *pend, struct operation *op,
    struct s7_detail *d)
{
	struct joined j = take_apart(pend);
	uint32_t anomalies = op->n_anomalies, last;
	struct kept k;

	if (j.pdus == 0)
		return;
	list_parts(x, &j, d);
	for (last = j.pdus; last > 0; last--) {
		memcpy(&k, j.records + (last - 1) * sizeof(k), sizeof(k));
		if (k.response)
			break;
	}
	if (last == 0)
		return;
	op->outcome = OUTCOME_ANSWERED;
	op->response = (struct op_side){ .seen = true, .ts_ns = k.ts_ns, .frame = k.frame,
	    .len = k.pdu_len };
	d->n_parts = last - 1;
	d->response.parts = last / 2 + 1;
	read_kept(x, &k, op, d, j.payload.p, (uint32_t)cur_left(&j.payload));
	op->n_anomalies = anomalies;
}
