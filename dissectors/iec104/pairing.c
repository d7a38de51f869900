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

#include "base/hash.h"
#include "base/str.h"
#include "dissect/pair.h"

#define DEACTIVATE	0x200u		/* beside the type: it is called off */
#define CONFIRMED	0x80000000u	/* of a key: only its termination is missing */
#define BROADCAST	0xffffu

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

static uint32_t
key_of(const struct i104_apdu *a, uint16_t ca, bool deactivate)
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

/* ---- words for what is asked ------------------------------------------------------ */

static const char *
one_of(const char *const *names, unsigned n, uint64_t i)
{
	return i < n ? names[i] : NULL;
}

/* What a command without a number does. */
static const char *
action_of(const struct i104_apdu *a, const struct iec104_object *o)
{
	static const char *const single[] = { "OFF", "ON" }, *const both[] = { NULL, "OFF", "ON" },
	    *const step[] = { NULL, "a step down", "a step up" };

	switch (a->type) {
	case 45: case 58:
		return one_of(single, COUNTOF(single), o->value.u);
	case 46: case 59:
		return one_of(both, COUNTOF(both), o->value.u);
	case 47: case 60:
		return one_of(step, COUNTOF(step), o->value.u);
	default:
		return NULL;
	}
}

/* What the qualifier makes of it (101 7.2.6.22 to 7.2.6.30). */
static void
refine(struct operation *op, const struct i104_apdu *a, const struct iec104_object *o)
{
	static const char *const freeze[] = { "read", "freeze", "freeze and reset", "reset" };
	static const char *const reset[] = { NULL, "general reset", "reset of pending information" };
	static const char *const parameter[] = { NULL, "of parameters loaded before", "of a parameter",
		"of cyclic transmission" };
	static const char *const call[] = { "call directory", "select file", "call file", "deactivate file",
		"delete file", "select section", "call section", "deactivate section" };
	const struct iec104_field *q = i104_field(o, "qualifier"), *f;

	if (a->cause == IEC104_DEACT) {
		op->subname = "deactivate";
		op->command = CMD_NONE;
		return;
	}
	switch (a->type) {
	case 100:
		op->subname = q == NULL ? NULL : q->value.u == IEC104_INTERROGATED ?
		    "station interrogation" : "group interrogation";
		break;
	case 101:
		f = i104_field(o, "freeze");
		if (f == NULL)
			break;
		op->subname = freeze[f->value.u & 3];
		if (f->value.u != 0)
			op->intent = INTENT_WRITE;
		break;
	case 105:
		op->subname = q == NULL ? NULL : one_of(reset, COUNTOF(reset), q->value.u);
		/* Only the first of them stops anything. */
		if (q != NULL && q->value.u == 2) {
			op->intent = INTENT_DIAGNOSE;
			op->command = CMD_NONE;
		}
		break;
	case 113:
		op->subname = q == NULL ? NULL : one_of(parameter, COUNTOF(parameter), q->value.u);
		break;
	case 122:
		op->subname = q == NULL ? NULL : one_of(call, COUNTOF(call), q->value.u);
		if (q != NULL && q->value.u == 2)
			op->command = CMD_FILE_READ;
		else if (q != NULL && q->value.u == 4)
			op->command = CMD_FILE_DELETE;
		break;
	case 120:
		/* A file that the controlling station has ready, it will write. */
		op->command = CMD_FILE_WRITE;
		break;
	default:
		f = i104_field(o, "select");
		if (f == NULL)
			break;
		op->subname = f->value.u != 0 ? "select" : "execute";
		op->action = action_of(a, o);
		if (f->value.u != 0)
			op->command = CMD_SELECT;
		break;
	}
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
	m->op.broadcast = a->has_asdu && a->ca == BROADCAST;
	m->op.detail = &m->d;
	i104_name(&m->op, a);
}

/* The first object of a message that was read; false when it has none. */
static bool
first_object(const struct iec104_message *m, struct iec104_object *o)
{
	if (m->asdu.n_objects == 0)
		return false;
	m->asdu.object(&m->asdu, 0, o);
	return true;
}

void
i104_refine(struct operation *op, const struct i104_apdu *a, const struct iec104_message *m)
{
	struct iec104_object o;

	if (first_object(m, &o))
		refine(op, a, &o);
}

/* ---- select before execute (IEC 60870-5-5 6.8) ------------------------------------ */

/* What is asked for, without the select bit and without a time. */
static uint32_t
value_hash(const struct iec104_object *o)
{
	const struct iec104_field *q = i104_field(o, "qualifier");
	const uint64_t is[2] = { o->value.u, q != NULL ? q->value.u : 0 };

	return (uint32_t)hash_bytes(0x68, is, sizeof(is));
}

static void
check_select(struct dis_ctx *x, struct operation *op, const struct i104_apdu *a,
    const struct iec104_object *o)
{
	struct i104_state *st = x->state;
	const struct iec104_field *select = i104_field(o, "select");
	uint32_t key = key_of(a, a->ca, false), hash = value_hash(o);
	unsigned at;

	for (at = 0; at < I104_SELECTS; at++)
		if (st->select[at].id != 0 && st->select[at].key == key)
			break;
	if (select == NULL)
		return;
	if (a->cause == IEC104_ACT && select->value.u != 0) {
		if (at == I104_SELECTS) {
			at = st->select_at;
			st->select_at = (uint8_t)((st->select_at + 1u) % I104_SELECTS);
		}
		st->select[at].id = (uint32_t)op->id;
		st->select[at].key = key;
		st->select[at].hash = hash;
		return;
	}
	/* A command without a select is a direct one, and legal. */
	if (at == I104_SELECTS)
		return;
	i104_param(x, op, "select_tx", st->select[at].id - 1u, false);
	if (a->cause == IEC104_ACT && st->select[at].hash != hash)
		dis_anomaly(x, op, ANOM_I104_SELECT, I104_HEAD + I104_CONTROL + I104_ASDU_HEAD, NULL);
	st->select[at].id = 0;
}

/* The termination of a select that no execute followed: it is over.  Tells its operation;
 * 0 when there is none. */
static uint32_t
expired_select(struct i104_state *st, const struct i104_apdu *a)
{
	uint32_t key = key_of(a, a->ca, false), id = 0;

	for (unsigned i = 0; i < I104_SELECTS && id == 0; i++)
		if (st->select[i].id != 0 && st->select[i].key == key) {
			id = st->select[i].id;
			st->select[i].id = 0;
		}
	return id;
}

static void
forget_select(struct i104_state *st, uint64_t id)
{
	for (unsigned i = 0; i < I104_SELECTS; i++)
		if (st->select[i].id == (uint32_t)id)
			st->select[i].id = 0;
}

/* ---- interrogations ------------------------------------------------------------------ */

/* Stations answer with objects of their own, by cause of transmission; to a broadcast
 * each of them. */
static void
remember_poll(struct i104_state *st, const struct operation *op, const struct i104_apdu *a,
    const struct iec104_object *o)
{
	const struct iec104_field *q = i104_field(o, "qualifier");
	uint64_t group = q != NULL ? q->value.u : 0;

	if (a->cause != IEC104_ACT || (a->type != 100 && a->type != 101 && a->ca != BROADCAST))
		return;
	if (a->type == 101)	/* general, or groups 1 to 4 */
		group = group == 5 ? IEC104_COUNTERS : IEC104_COUNTERS + group;
	st->poll[st->poll_at].id = (uint32_t)op->id;
	st->poll[st->poll_at].ca = a->ca;
	st->poll[st->poll_at].type = a->type;
	st->poll[st->poll_at].group = (uint8_t)group;
	st->poll_at = (uint8_t)((st->poll_at + 1u) % I104_POLLS);
}

uint32_t
i104_poll_of(const struct i104_state *st, uint16_t ca, unsigned type, unsigned group)
{
	for (unsigned i = 0; i < I104_POLLS; i++)
		if (st->poll[i].id != 0 && (st->poll[i].ca == ca || st->poll[i].ca == BROADCAST) &&
		    (type != 0 ? st->poll[i].type == type && st->poll[i].ca == BROADCAST :
		    st->poll[i].group == group))
			return st->poll[i].id;
	return 0;
}

/* ---- requests ------------------------------------------------------------------------- */

static void
read_request(struct dis_ctx *x, struct i104_made *m, const struct i104_apdu *a)
{
	struct i104_state *st = x->state;
	struct iec104_object o;

	i104_read(x, &m->op, &m->d.request, a, false);
	if (!first_object(&m->d.request, &o))
		return;
	refine(&m->op, a, &o);
	if (x->again)
		return;
	check_select(x, &m->op, a, &o);
	remember_poll(st, &m->op, a, &o);
}

static uint32_t
request_key(const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);

	if (a->apci.format == IEC104_U)
		return i104_key(IEC104_CONTROL + a->apci.control, 0, 0);
	if (l != NULL && l->kind == KIND_FILE)
		return i104_file_asks(a);
	return key_of(a, a->ca, a->cause == IEC104_DEACT);
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
			tries[n++] = key_of(a, a->ca, false) | CONFIRMED;
			tries[n++] = key_of(a, BROADCAST, false) | CONFIRMED;
			tries[n++] = key_of(a, a->ca, true) | CONFIRMED;
		}
		tries[n++] = key_of(a, a->ca, deact);
		tries[n++] = key_of(a, BROADCAST, deact);
		/* Some stations confirm a deactivation as an activation. */
		if (i104_unknown_cause(a->cause) || a->cause == IEC104_ACT_CON)
			tries[n++] = key_of(a, a->ca, true);
	}
	for (unsigned i = 0; i < n; i++) {
		*key = tries[i];
		if (*key != 0 && pair_take(x, *key, p))
			return true;
	}
	*key = tries[0];
	return false;
}

/* Does the station repeat the command that it confirms? */
static void
check_repeated(struct dis_ctx *x, struct i104_made *m, const struct iec104_message *answer)
{
	struct iec104_object was, is;

	if (m->d.request.asdu.layout == NULL || m->d.request.asdu.layout->kind != KIND_COMMAND ||
	    !first_object(&m->d.request, &was) || !first_object(answer, &is))
		return;
	if (value_hash(&was) != value_hash(&is))
		dis_anomaly(x, &m->op, ANOM_I104_REPEATED, I104_HEAD + I104_CONTROL + I104_ASDU_HEAD, NULL);
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
		poll = expired_select(st, a);
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
	if (found && a->cause == IEC104_ACT_CON) {
		check_repeated(x, &m, to);
		if (m.d.request.asdu.cause == IEC104_DEACT)
			dis_anomaly(x, &m.op, ANOM_I104_CAUSE, I104_HEAD + I104_CONTROL + 2,
			    "a deactivation is confirmed as an activation");
	}
	if (x->from_client && a->has_asdu)
		dis_anomaly(x, &m.op, ANOM_I104_DIRECTION, I104_HEAD, "an answer from the controlling station");
	if (found && a->cause == IEC104_ACT_CON && m.op.outcome == OUTCOME_ANSWERED && l != NULL &&
	    (l->kind == KIND_TERMINATED || l->kind == KIND_COMMAND) &&
	    (m.op.subname == NULL || strcmp(m.op.subname, "select") != 0)) {
		wait_for_termination(x, &p, a, key);
		return;
	}
	if (m.op.outcome == OUTCOME_EXCEPTION)
		forget_select(st, m.op.id);
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
		m.op.outcome = dis_outcome_without_answer(x);
	}
	m.op.phase = OP_FINISHED;
	dis_operation(x, &m.op);
}
