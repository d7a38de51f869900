/* pairing.c - activation, confirmation and termination as one operation (101 7.2.3,
 * IEC 60870-5-5 6.8): a request carries type, common address and object; its answers
 * repeat them.
 *
 * The confirmation is the operation's answer.  What ends with a termination waits for
 * that too, with the confirmation beside the request; when none comes the operation is
 * over all the same, because many stations never send one.
 */
#include "iec104.h"

#include <string.h>

#include "dissect/pair.h"

#define DEACTIVATE	0x200u		/* beside the type: it is called off */
#define CONFIRMED	0x80000000u	/* of a key: only its termination is missing */

uint32_t
i104_key(uint32_t what, uint16_t ca, uint32_t object)
{
	uint32_t h = what * 0x9e3779b1u ^ (uint32_t)ca * 0x85ebca6bu ^ object * 0xc2b2ae35u;

	return ((h ^ h >> 15) & ~CONFIRMED) | 1u;
}

/* Of one with objects: what its first is called. */
static uint32_t
object_of(const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);

	return l == NULL || l->points ? i104_first_ioa(a) : 0;
}

uint32_t
i104_key_of(const struct i104_apdu *a, uint16_t ca, bool deactivate)
{
	return i104_key(a->type | (deactivate ? DEACTIVATE : 0), ca, object_of(a));
}

struct op_side
i104_side(const struct dis_ctx *x, const struct i104_apdu *a)
{
	struct op_side s = dis_side(x, a->len);

	s.bytes = a->bytes;
	s.n_bytes = a->len;
	s.kinds = a->has_asdu ? a->cause : 0;
	return s;
}

bool
i104_must_have_request(const struct dis_ctx *x)
{
	const struct i104_state *st = x->state;

	return st->asked && (st->paired || (!st->gapped && !x->flow->midstream));
}

void
i104_begin(struct dis_ctx *x, struct i104_made *m, const struct i104_apdu *a)
{
	dis_begin(x, &m->op, 0);
	memset(&m->d, 0, sizeof(m->d));
	m->op.unit = a->ca;
	if (a->has_asdu)
		m->op.link[OP_SERVER] = (struct op_link){ .len = 2, .number = a->ca };
	/* 0: originators are not told apart. */
	if (a->has_asdu && a->originator != 0)
		m->op.link[OP_CLIENT] = (struct op_link){ .len = 1, .number = a->originator };
	m->op.transaction = a->apci.send;
	m->op.broadcast = a->has_asdu && a->ca == I104_BROADCAST;
	m->op.detail = &m->d;
	i104_name(&m->op, a);
}

/* ---- requests ------------------------------------------------------------------------- */

static void
read_request(struct dis_ctx *x, struct i104_made *m, const struct i104_apdu *a)
{
	struct i104_state *st = x->state;
	struct iec104_object o;

	i104_read(x, &m->op, &m->d.request, a, false);
	if (!i104_first_object(&m->d.request, &o))
		return;
	i104_refine(&m->op, a, &m->d.request);
	if (x->again)
		return;
	i104_check_select(x, &m->op, a, &o);
	i104_remember_poll(st, &m->op, a, &o);
}

static uint32_t
request_key(const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);

	if (a->apci.format == IEC104_U)
		return i104_key(IEC104_CONTROL + a->apci.control, 0, 0);
	if (l != NULL && l->kind == KIND_FILE)
		return i104_file_asks(a);
	return i104_key_of(a, a->ca, a->cause == IEC104_DEACT);
}

void
i104_request(struct dis_ctx *x, const struct i104_apdu *a)
{
	struct i104_state *st = x->state;
	struct i104_made m;

	i104_begin(x, &m, a);
	m.op.id = pair_next_id(x);
	m.op.request = i104_side(x, a);
	m.op.phase = OP_REQUESTED;
	m.op.outcome = OUTCOME_PENDING;
	m.d.request.ts_ns = x->ts_ns;
	m.d.request.frame = x->frame;
	read_request(x, &m, a);
	if (!x->from_client)
		dis_anomaly(x, &m.op, ANOM_I104_DIRECTION, I104_HEAD, "a request from the controlled station");
	st->asked = true;
	m.d.request.ts_ns = x->ts_ns;
	m.d.request.frame = x->frame;
	dis_operation(x, &m.op);
	pair_put(x, m.op.id, request_key(a), 0, a->bytes, a->len);
}

/* Read a waiting request again, quietly. */
static void
remember(struct dis_ctx *x, const struct pending *p, const uint8_t *bytes, uint32_t len,
    struct i104_made *m)
{
	bool again = x->again;
	struct i104_apdu a;

	/* The memory for it was full: its id and its side are all that is left. */
	if (len < I104_HEAD + I104_CONTROL) {
		dis_begin(x, &m->op, p->id);
		memset(&m->d, 0, sizeof(m->d));
		m->op.name = "Unknown";
		m->op.request = p->request;
		return;
	}
	a = i104_apdu_of(x, bytes, len);
	i104_begin(x, m, &a);
	m->op.id = p->id;
	m->op.request = p->request;
	m->op.request.bytes = bytes;
	m->op.request.n_bytes = len;
	m->op.request.kinds = a.has_asdu ? a.cause : 0;
	x->again = true;
	read_request(x, m, &a);
	x->again = again;
	m->d.request.ts_ns = p->request.ts_ns;
	m->d.request.frame = p->request.frame;
}

/* ---- answers --------------------------------------------------------------------------- */

/* Does the station repeat the command that it confirms? */
static void
check_confirmation(struct dis_ctx *x, struct i104_made *m, const struct iec104_message *answer)
{
	const struct iec104_asdu *asked = &m->d.request.asdu;
	struct iec104_object was, is;

	if (answer->asdu.cause != IEC104_ACT_CON)
		return;
	if (asked->cause == IEC104_DEACT)
		dis_anomaly(x, &m->op, ANOM_I104_CAUSE, I104_HEAD + I104_CONTROL + 2,
		    "a deactivation is confirmed as an activation");
	if (asked->layout == NULL || asked->layout->kind != KIND_COMMAND ||
	    !i104_first_object(&m->d.request, &was) || !i104_first_object(answer, &is))
		return;
	if (i104_value_hash(&was) != i104_value_hash(&is))
		dis_anomaly(x, &m->op, ANOM_I104_REPEATED, I104_HEAD + I104_CONTROL + I104_ASDU_HEAD, NULL);
}

/* What a request leaves while its termination is missing: this, the request, the
 * confirmation. */
struct confirmed {
	uint64_t	ts_ns, frame;
	uint32_t	asked;		/* octets of the request */
};

/* The request and its confirmation, read again; false when it is none. */
static bool
remember_confirmed(struct dis_ctx *x, const struct pending *p, struct i104_made *m)
{
	struct confirmed c;
	struct i104_apdu a;
	const uint8_t *con;
	uint32_t len;
	bool again = x->again;

	if (p->len < sizeof(c)) {
		remember(x, p, p->bytes, 0, m);
		return false;
	}
	memcpy(&c, p->bytes, sizeof(c));
	remember(x, p, p->bytes + sizeof(c), c.asked, m);
	con = p->bytes + sizeof(c) + c.asked;
	len = p->len - (uint32_t)sizeof(c) - c.asked;
	a = i104_apdu_of(x, con, len);
	x->again = true;
	i104_read(x, &m->op, &m->d.response, &a, true);
	check_confirmation(x, m, &m->d.response);
	x->again = again;
	m->d.response.ts_ns = c.ts_ns;
	m->d.response.frame = c.frame;
	m->op.response = (struct op_side){ .seen = true, .ts_ns = c.ts_ns, .frame = c.frame,
	    .len = len, .bytes = con, .n_bytes = len, .kinds = a.cause };
	return true;
}

/* Confirmed, and a termination is to come: wait for it. */
static void
wait_for_termination(struct dis_ctx *x, const struct pending *p, const struct i104_apdu *a,
    uint32_t key)
{
	uint8_t *kept = arena_alloc(x->arena, sizeof(struct confirmed) + p->len + a->len);
	struct confirmed c = { .ts_ns = x->ts_ns, .frame = x->frame, .asked = p->len };

	if (kept == NULL) {
		count(x->counters, CNT_APP_ARENA_FULL);
		return;
	}
	memcpy(kept, &c, sizeof(c));
	memcpy(kept + sizeof(c), p->bytes, p->len);
	memcpy(kept + sizeof(c) + p->len, a->bytes, a->len);
	pair_keep(x, p, (enum flow_dir)(x->dir ^ 1), key | CONFIRMED, 1, kept,
	    (uint32_t)sizeof(c) + p->len + a->len);
}

static void
judge(struct operation *op, const struct i104_apdu *a)
{
	if (!a->has_asdu || (!a->negative && !i104_unknown_cause(a->cause)))
		return;
	op->outcome = OUTCOME_EXCEPTION;
	op->exception = a->cause;
	op->refused = a->cause == IEC104_UNKNOWN_TYPE ? OP_REFUSED_FUNCTION :
	    a->cause == IEC104_UNKNOWN_CA || a->cause == IEC104_UNKNOWN_IOA ? OP_REFUSED_ADDRESS :
	    a->cause == IEC104_UNKNOWN_CAUSE ? OP_REFUSED_VALUE : OP_REFUSED_OTHER;
	op->exception_name = i104_unknown_cause(a->cause) ? i104_cause_name(a->cause) :
	    a->cause == IEC104_ACT_TERM ? "negative termination" :
	    a->cause == IEC104_DEACT_CON ? "negative confirmation of a deactivation" :
	    "negative confirmation";
}

/* Which request does this answer?  Tells the key that it had. */
static bool
find_request(struct dis_ctx *x, const struct i104_apdu *a, struct pending *p, uint32_t *key)
{
	const struct iec104_layout *l = i104_layout(a->row);
	uint32_t tries[6];
	unsigned n = 0;

	if (a->apci.format == IEC104_U) {
		/* Of act and con one bit is set each, side by side. */
		tries[n++] = i104_key(IEC104_CONTROL + (a->apci.control == U_START_CON ? U_START_ACT :
		    a->apci.control == U_STOP_CON ? U_STOP_ACT : U_TEST_ACT), 0, 0);
	} else if (l != NULL && l->kind == KIND_FILE) {
		tries[n++] = i104_unknown_cause(a->cause) ? i104_file_asks(a) : i104_file_answers(a);
	} else if (l != NULL && l->kind == KIND_MONITOR) {
		tries[n++] = i104_key(102, a->ca, i104_first_ioa(a));
	} else {
		bool deact = a->cause == IEC104_DEACT_CON;

		if (a->cause == IEC104_ACT_TERM) {
			tries[n++] = i104_key_of(a, a->ca, false) | CONFIRMED;
			tries[n++] = i104_key_of(a, I104_BROADCAST, false) | CONFIRMED;
			tries[n++] = i104_key_of(a, a->ca, true) | CONFIRMED;
		}
		tries[n++] = i104_key_of(a, a->ca, deact);
		tries[n++] = i104_key_of(a, I104_BROADCAST, deact);
		/* Some stations confirm a deactivation as an activation. */
		if (i104_unknown_cause(a->cause) || a->cause == IEC104_ACT_CON)
			tries[n++] = i104_key_of(a, a->ca, true);
	}
	for (unsigned i = 0; i < n; i++) {
		*key = tries[i];
		if (*key != 0 && pair_take(x, *key, p))
			return true;
	}
	*key = tries[0];
	return false;
}

/* An answer of which no request waits. */
static void
without_request(struct dis_ctx *x, const struct i104_apdu *a, struct i104_made *m, uint32_t key)
{
	struct i104_state *st = x->state;
	uint32_t poll = a->has_asdu ? i104_poll_of(st, a->ca, a->type, 0) : 0;

	i104_begin(x, m, a);
	m->op.id = pair_next_id(x);
	/* Or of the answer before it: some stations refuse twice, by P/N and by the cause. */
	if (poll == 0 && key == st->answered_key && (i104_unknown_cause(a->cause) ||
	    (a->type == 102 && a->cause == IEC104_ACT_CON)))
		poll = st->answered_id;
	if (poll == 0 && a->has_asdu && a->cause == IEC104_ACT_TERM)
		poll = i104_expired_select(st, a);
	m->op.outcome = poll != 0 ? OUTCOME_ANSWERED : OUTCOME_ONE_SIDED;
	if (poll != 0)
		i104_param(x, &m->op, "continues_tx", poll - 1u, true);
	else if (pair_was_given_up(x, key)) {
		/* A drive may run for minutes before its command terminates. */
		if ((key & CONFIRMED) != 0)
			m->op.outcome = OUTCOME_ANSWERED;
		else
			dis_anomaly(x, &m->op, ANOM_I104_LATE, I104_HEAD, NULL);
	} else if (i104_must_have_request(x))
		dis_anomaly(x, &m->op, ANOM_I104_NO_ACTIVATION, I104_HEAD, NULL);
}

void
i104_answer(struct dis_ctx *x, const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);
	struct i104_state *st = x->state;
	struct iec104_message *to;
	struct i104_made m;
	struct pending p;
	uint32_t key;
	bool found = find_request(x, a, &p, &key);

	/* Some stations confirm that they will read before they do. */
	if (found && l != NULL && l->kind == KIND_READ && a->cause == IEC104_ACT_CON && !a->negative) {
		pair_keep(x, &p, (enum flow_dir)(x->dir ^ 1), key, 0, p.bytes, p.len);
		st->answered_key = key;
		st->answered_id = (uint32_t)p.id;
		found = false;
	}
	/* An object with the cause of a read, or a file: may be sent unasked. */
	if (!found && l != NULL && (l->kind == KIND_MONITOR || l->kind == KIND_FILE)) {
		i104_alone(x, a, false);
		return;
	}
	if (!found)
		without_request(x, a, &m, key);
	else if ((key & CONFIRMED) != 0)
		(void)remember_confirmed(x, &p, &m);
	else
		remember(x, &p, p.bytes, p.len, &m);
	st->paired |= found;
	m.op.phase = OP_FINISHED;
	if (found)
		m.op.outcome = OUTCOME_ANSWERED;
	to = m.op.response.seen ? &m.d.termination : &m.d.response;
	if (m.op.response.seen)
		m.op.response.kinds = (uint16_t)(m.op.response.kinds | a->cause << 8);
	else
		m.op.response = i104_side(x, a);
	i104_read(x, &m.op, to, a, true);
	to->ts_ns = x->ts_ns;
	to->frame = x->frame;
	judge(&m.op, a);
	if (found)
		check_confirmation(x, &m, to);
	if (x->from_client && a->has_asdu)
		dis_anomaly(x, &m.op, ANOM_I104_DIRECTION, I104_HEAD, "an answer from the controlling station");
	if (found && a->cause == IEC104_ACT_CON && m.op.outcome == OUTCOME_ANSWERED && l != NULL &&
	    (l->kind == KIND_TERMINATED || l->kind == KIND_COMMAND) &&
	    (m.op.subname == NULL || strcmp(m.op.subname, "select") != 0)) {
		wait_for_termination(x, &p, a, key);
		return;
	}
	if (m.op.outcome == OUTCOME_EXCEPTION)
		i104_forget_select(st, m.op.id);
	st->answered_key = found ? key : 0;
	st->answered_id = (uint32_t)m.op.id;
	dis_operation(x, &m.op);
}

void
i104_unanswered(struct dis_ctx *x, const struct pending *p)
{
	struct i104_made m;

	if (p->note == 1) {
		/* It was confirmed, and never said to be over. */
		(void)remember_confirmed(x, p, &m);
		m.op.outcome = OUTCOME_ANSWERED;
	} else {
		remember(x, p, p->bytes, p->len, &m);
		m.op.outcome = dis_outcome_without_answer(x, &p->request);
	}
	m.op.phase = OP_FINISHED;
	dis_operation(x, &m.op);
}
