/* transaction.c - requests, answers, and which belong together.
 *
 * With an MBAP header the transaction id and the unit say so (MBTCP 4.4.1.3);
 * on serial framings the unit, the function and the order.  Who is the client
 * follows from the shape of the PDU, and from what was believed before where
 * both shapes are the same (a write of one and its echo).
 */
#include "modbus.h"

#include <string.h>

#include "base/str.h"
#include "dissect/pair.h"

#define KEY_SERIAL 0x80000000u	/* so that a key is never 0 */
#define KEY_MBAP   0x40000000u
#define OLDER	   64u		/* an id so little below the first that was seen may be of before that */
#define STRANGE	   3u		/* ... but not for ever */

static uint32_t
key_of(const struct mb_adu *a)
{
	if (a->serial)
		return KEY_SERIAL | (uint32_t)a->unit << 8 | (a->pdu[0] & 0x7fu);
	return KEY_MBAP | (uint32_t)a->transaction << 8 | a->unit;
}

/* What the key does not keep of a request: protocol id and framing. */
static uint32_t
note_of(const struct mb_adu *a)
{
	return (uint32_t)a->protocol << 8 | (uint32_t)a->framing;
}

static struct mb_adu
adu_of(const struct pending *pend)
{
	bool serial = (pend->key & KEY_SERIAL) != 0;

	return (struct mb_adu){
		.framing = (enum modbus_framing)(pend->note & 0xff),
		.protocol = (uint16_t)(pend->note >> 8),
		.transaction = serial ? 0 : (uint16_t)(pend->key >> 8),
		.unit = (uint8_t)(serial ? pend->key >> 8 : pend->key),
		.pdu = pend->bytes, .len = pend->len, .serial = serial,
	};
}

/* The half of an operation that is the same on both sides. */
static inline void
begin(struct dis_ctx *x, struct operation *op, const struct mb_adu *a, uint64_t id)
{
	dis_begin(x, op, id);
	op->proto = OP_MODBUS;
	op->unit = a->unit;
	op->transaction = a->transaction;
	op->broadcast = a->serial && a->unit == 0;
}

/* In every framing the unit id stands before the PDU. */
static struct op_side
side_of(const struct dis_ctx *x, const struct mb_adu *a)
{
	struct op_side s = dis_side(x, a->len);

	s.bytes = a->pdu - 1;
	s.n_bytes = a->len + 1;
	return s;
}

/* What is made of a request. */
struct made {
	struct operation	op;
	struct modbus_detail	d;
};
#define MADE_LEN 64u	/* of a PDU that is read once: as long as nearly all requests are, and
			 * far from making too much */

/* A waiting request as it was read; else read it again, quietly, into `scratch`. */
static struct made *
remember(struct dis_ctx *x, const struct pending *pend, struct made *scratch)
{
	struct mb_adu a = adu_of(pend);
	struct operation *op = &scratch->op;
	bool again = x->again;

	if (pend->read != NULL) {
		pend->read->request = pend->request;
		return (struct made *)(void *)pend->read;
	}
	scratch->d = (struct modbus_detail){ .framing = a.framing };
	begin(x, op, &a, pend->id);
	op->request = pend->request;
	if (pend->len == 0)
		return scratch;
	x->again = true;
	mb_read_pdu(x, op, &scratch->d, &a, false);
	x->again = again;
	return scratch;
}

/* The end of a request that nobody answered. */
static void
give_up(struct dis_ctx *x, const struct pending *pend, enum op_outcome how)
{
	struct made scratch, *m = remember(x, pend, &scratch);

	m->op.phase = OP_FINISHED;
	m->op.outcome = how;
	m->op.detail = &m->d;
	dis_operation(x, &m->op);
}

void
mb_unanswered(struct dis_ctx *x, const struct pending *pend)
{
	give_up(x, pend, dis_outcome_without_answer(x, &pend->request));
}

/* Does an answer without a request break the rules, or did we only miss the
 * request?  At a midway join, on a one-way tap and after a gap we did. */
static bool
must_have_request(const struct dis_ctx *x, const struct mb_state *st)
{
	if (st->requests == 0)
		return false;
	return st->paired || (!st->gapped && !x->flow->midstream);
}

/* Read a request, in memory that stays with it if it is short.  Nobody answers a
 * broadcast (MBSL 2.1), so it does not wait. */
static struct made *
read_request(struct dis_ctx *x, const struct mb_adu *a, struct made *scratch)
{
	struct mb_adu here = *a;
	struct made *m = scratch;
	bool kept = false;

	if (a->len <= MADE_LEN && !(a->serial && a->unit == 0)) {
		m = (struct made *)(void *)request_begin(x, sizeof(*m), &here.pdu, a->len);
		kept = m != NULL;
		m = kept ? m : scratch;
	}
	m->d = (struct modbus_detail){ .framing = a->framing };
	begin(x, &m->op, a, pair_next_id(x));
	m->op.request = side_of(x, a);
	mb_read_pdu(x, &m->op, &m->d, &here, false);
	if (kept)
		request_end(x);
	return m;
}

static void
on_request(struct dis_ctx *x, const struct mb_adu *a)
{
	struct mb_state *st = x->state;
	uint32_t key = key_of(a), waiting;
	struct made scratch, *m;
	struct operation *op;
	struct pending old;

	st->echoed = false;
	if (st->asked < UINT8_MAX)
		st->asked++;
	st->last_key = key;
	st->echo = 0;
	/* A client that always uses the same transaction id would be paired one
	 * off for ever after a lost answer. */
	if (st->answers_lost && pair_take(x, key, &old))
		give_up(x, &old, OUTCOME_UNANSWERED);
	m = read_request(x, a, &scratch);
	op = &m->op;
	op->detail = &m->d;
	if (!a->serial && st->paired && pair_has(x, key))
		dis_anomaly(x, op, ANOM_MB_TRANSACTION_REUSE, 0, NULL);
	if (op->broadcast && op->intent == INTENT_READ)
		dis_anomaly(x, op, ANOM_MB_BROADCAST, 0, NULL);
	op->outcome = OUTCOME_PENDING;
	op->phase = OP_REQUESTED;
	if (st->requests == 0)
		st->first_id = a->transaction;
	st->requests += st->requests < UINT32_MAX;
	waiting = pair_waiting(x);
	if (st->flooded && waiting <= 1)
		st->flooded = false;
	dis_operation(x, op);
	if (op->broadcast) {
		op->phase = OP_FINISHED;
		op->outcome = OUTCOME_UNANSWERED;
		dis_operation(x, op);
		return;
	}
	pair_put(x, op->id, key, note_of(a), a->pdu, a->len);
	if (st->paired && !st->flooded && waiting > 0 && pair_waiting(x) <= waiting) {
		st->flooded = true;
		dis_anomaly(x, NULL, ANOM_MB_FLOODED, 0, NULL);
	}
}

/* An answer whose ids name no request, and the only one that it may belong to; 0: any. */
struct stray {
	const struct mb_adu	*a;
	uint32_t		 only;
	uint32_t		 rather;	/* among several that fit; 0: none */
};

/* How well an answer fits a request that has other ids. */
static unsigned
fit(const void *arg, uint32_t key, const uint8_t *bytes, uint32_t len)
{
	const struct stray *s = arg;
	const struct mb_adu *a = s->a;
	bool serial = (key & KEY_SERIAL) != 0;

	if (serial != a->serial || (s->only != 0 && s->only != key) || !mb_answers(bytes, len, a->pdu, a->len))
		return 0;
	if (serial)
		return 1;
	return 2 + ((uint8_t)key == a->unit ? 2 : 0) + (key == s->rather ? 1 : 0) +
	    ((uint16_t)(key >> 8) == a->transaction ? 4 : 0);
}

/* An answer whose ids name no request belongs to the only one that it fits.  Where the
 * right request may just not have been seen (midway, behind a gap) it must not be the
 * first such answer, and exactly one request came since the last: then it is that one's.
 * After a gap requests may wait whose answers were lost, and answers may come, even after
 * others that paired, whose requests were: what fits by its shape proves nothing then. */
static bool
find_fitting(struct dis_ctx *x, const struct mb_adu *a, struct pending *pend)
{
	struct mb_state *st = x->state;
	struct stray s = { .a = a };

	if (!st->paired && (st->gapped || x->flow->midstream)) {
		if (st->strange_ids == 0 || st->asked != 1 || (st->strange_ids < STRANGE &&
		    (uint16_t)(st->first_id - a->transaction) - 1u < OLDER))
			return false;
		s.only = st->last_key;
	} else if (st->gapped && st->asked != 1)
		return false;
	else if (st->asked == 1 && (st->gapped || x->flow->midstream))
		s.rather = st->last_key;	/* the older ones lost their answers */
	return pair_take_fitting(x, fit, &s, pend);
}

/* The request of this answer: the oldest with its key and its function.  Older
 * ones with another function lost their answers. */
static bool
find_request(struct dis_ctx *x, const struct mb_adu *a, struct pending *pend)
{
	uint32_t key = key_of(a);
	struct pending other;

	if (!pair_take(x, key, pend))
		return false;
	while (pend->len > 0 && (pend->bytes[0] & 0x7f) != (a->pdu[0] & 0x7f)) {
		if (pair_has(x, key)) {
			give_up(x, pend, OUTCOME_UNANSWERED);
			if (!pair_take(x, key, pend))
				return false;
		} else if (find_fitting(x, a, &other)) {
			pair_keep(x, pend, (enum flow_dir)(x->dir ^ 1u), pend->key, pend->note,
			    pend->bytes, pend->len);
			*pend = other;
			return true;
		} else
			break;
	}
	return true;
}

/* Say which id of an answer is not its request's. */
static void
check_ids(struct dis_ctx *x, struct operation *op, const struct mb_adu *a,
    const struct pending *pend)
{
	struct mb_adu asked = adu_of(pend);

	if (asked.transaction != a->transaction)
		dis_anomaly(x, op, ANOM_MB_TRANSACTION_ID, 0, NULL);
	if (asked.unit != a->unit)
		dis_anomaly(x, op, ANOM_MB_UNIT_ID, 0, NULL);
}

static void
on_answer(struct dis_ctx *x, const struct mb_adu *a)
{
	struct mb_state *st = x->state;
	struct made scratch, *m = &scratch;
	struct operation *op;
	struct pending pend;
	bool found = find_request(x, a, &pend), late = false;

	if (!found) {
		late = pair_was_given_up(x, key_of(a));
		found = !late && find_fitting(x, a, &pend);
		if (!found && !late && st->strange_ids < UINT8_MAX)
			st->strange_ids++;
	}
	st->asked = 0;
	if (found) {
		m = remember(x, &pend, &scratch);
		m->op.outcome = OUTCOME_ANSWERED;
		st->paired = true;
		st->answers_lost = false;
		if (pend.key == key_of(a))
			st->strange_ids = 0;	/* the ids of this device are right */
	} else {
		m->d = (struct modbus_detail){ .framing = a->framing };
		begin(x, &m->op, a, pair_next_id(x));
		m->op.outcome = OUTCOME_ONE_SIDED;
	}
	op = &m->op;
	op->phase = OP_FINISHED;
	op->detail = &m->d;
	op->response = side_of(x, a);
	mb_read_pdu(x, op, &m->d, a, true);
	if (found && pend.key != key_of(a))
		check_ids(x, op, a, &pend);
	else if (late)
		dis_anomaly(x, op, ANOM_MB_LATE, 0, NULL);
	else if (!found && must_have_request(x, st))
		dis_anomaly(x, op, ANOM_MB_UNSOLICITED, 0, NULL);
	dis_operation(x, op);
}

/* ---- gateways that hear themselves ------------------------------------ */

static uint32_t
sum_of(const struct mb_adu *a)
{
	uint32_t sum = 2166136261u ^ a->unit;

	for (uint32_t i = 0; i < a->len; i++)
		sum = (sum ^ a->pdu[i]) * 16777619u;
	return sum | 1u;
}

/* On a line of two wires a gateway may receive what it sends, and hand it back before
 * the answer.  Where an answer is like its request, one of two is the echo. */
static bool
is_echo(struct dis_ctx *x, const struct mb_adu *a)
{
	struct mb_state *st = x->state;
	uint32_t len, echo = st->echo;
	const uint8_t *asked = pair_look(x, key_of(a), &len);
	bool alike;

	st->echo = 0;
	if (asked == NULL) {
		if (echo == 0 || echo != sum_of(a))
			return false;
		st->echoes = true;	/* what was taken for the answer was the echo */
		return true;
	}
	alike = mb_fits(a->pdu, a->len, true) == FIT_LEGAL;
	if (len != a->len || memcmp(asked, a->pdu, len) != 0) {
		st->echoes &= st->echoed;
		st->echoed = false;
		return false;
	}
	if (alike && !a->twice && (!st->echoes || st->echoed)) {
		if (!st->echoed)
			st->echo = sum_of(a);
		st->echoed = false;
		return false;
	}
	st->echoes = st->echoed = true;
	return true;
}

void
mb_transaction(struct dis_ctx *x, const struct mb_adu *a)
{
	if (a->serial && !x->from_client && is_echo(x, a)) {
		dis_anomaly(x, NULL, ANOM_MB_REQUEST_ECHO, 0, NULL);
		return;
	}
	if (!dis_client_settled(x) ||
	    !(a->legal || mb_is_legal(x, a->pdu, a->len, !x->from_client))) {
		int8_t role = mb_role(a->pdu, a->len);

		if (role != 0)
			dis_set_client(x, role > 0);
	}
	if (x->from_client)
		on_request(x, a);
	else
		on_answer(x, a);
}

void
mb_gap(struct dis_ctx *x, uint64_t lost)
{
	struct mb_state *st = x->state;

	(void)lost;
	st->gapped = true;
	st->owed[x->dir] = 0;
	st->paired = false;
	if (x->from_client)
		st->requests = 0;
	else
		st->answers_lost = true;
}
