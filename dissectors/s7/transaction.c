/* transaction.c - jobs, answers, and which belong together.
 *
 * The PDU reference says so, per end: during a download the controller itself
 * sends jobs (1B, 1C) to the engineering station.  Userdata answers in several
 * parts are put together in join.c.
 */
#include "s7.h"

#include <string.h>

#include "base/str.h"

#define HEADER_LEN	10u
#define ACK_LEN		12u	/* with error class and code */
struct s7_shape
s7_shape_of(const uint8_t *p, uint32_t len)
{
	struct cursor c = cur_of(p, len), par;
	struct s7_shape s = { 0 };
	uint16_t par_len = 0, dat_len = 0;
	const uint8_t *h = cur_bytes(&c, HEADER_LEN);
	uint8_t head;

	if (h != NULL) {
		s.rosctr = s7_is_rosctr(h[1]) ? h[1] : s7_kind(p, len);
		s.ref = be16_of(h + 4);
		par_len = be16_of(h + 6);
		dat_len = be16_of(h + 8);
	} else if (len > 1)
		s.rosctr = p[1];
	if (s.rosctr == S7_ACK || s.rosctr == S7_ACK_DATA)
		cur_skip(&c, 2);
	s.payload = cur_of(NULL, 0);
	if (!cur_ok(&c))
		return s;
	if (s.rosctr != S7_USERDATA) {
		s.function = cur_left(&c) > 0 ? *c.p : 0;
		return s;
	}
	if (par_len > cur_left(&c) || par_len < 8)
		par_len = (uint16_t)s7_param_len(S7_USERDATA, c.p, (uint32_t)cur_left(&c));
	par = cur_take(&c, par_len < cur_left(&c) ? par_len : cur_left(&c));
	s.userdata = true;
	cur_skip(&par, 4);
	cur_skip(&par, 1);
	head = cur_u8(&par);
	s.type = head >> 4;
	s.group = head & 0x0f;
	s.subfunction = cur_u8(&par);
	s.sequence = cur_u8(&par);
	cur_skip(&par, 1);
	s.more = cur_u8(&par) == 1 && cur_ok(&par);
	if (dat_len >= 4 && cur_left(&c) >= 4) {
		cur_skip(&c, 4);
		s.payload = cur_rest(&c);
	}
	return s;
}

static int8_t
role_of(const struct s7_shape *s, uint32_t len)
{
	/* The controller fetches a block that is downloaded to it. */
	int8_t pulled = s->function == S7_DOWNLOAD_BLOCK || s->function == S7_DOWNLOAD_ENDED ? -1 : 1;

	if (len < HEADER_LEN + 1)
		return 0;
	switch (s->rosctr) {
	case S7_JOB:
		return pulled;
	case S7_ACK:
	case S7_ACK_DATA:
		return len > ACK_LEN ? (int8_t)-pulled : 0;
	case S7_USERDATA:
		if (s->group == S7_GROUP_BSEND)	/* BSEND: both ends may */
			return 0;
		return s->type == 4 ? 1 : s->type == 8 || s->type == 0 ? -1 : 0;
	default:
		return 0;
	}
}

int8_t
s7_role(const uint8_t *p, uint32_t len)
{
	struct s7_shape s = s7_shape_of(p, len);

	return role_of(&s, len);
}

void
s7_begin(struct dis_ctx *x, struct operation *op, uint64_t id)
{
	const struct s7_state *st = x->state;

	dis_begin(x, op, id);
	op->unit = st->unit;
	op->asker = st->asker;
	s7_links(x, op);
}

struct op_side
s7_side(const struct dis_ctx *x, const uint8_t *p, uint32_t len)
{
	const struct s7_state *st = x->state;
	struct op_side s = dis_side(x, len + st->missing);

	s.bytes = p;
	s.n_bytes = len;
	return s;
}

bool
s7_must_have_request(const struct dis_ctx *x)
{
	const struct s7_state *st = x->state;

	if (st->requests == 0)
		return false;
	return st->paired || (!st->gapped && !x->flow->midstream);
}

/* What is made of a job. */
struct made {
	struct operation op;
	struct s7_detail d;
};
#define MADE_LEN  256u	/* of a job that is read once */
#define SPEC_LEN  12u	/* of an ANY pointer */
#define FIRST_SPEC 12u	/* where the first one stands in a read or write */

/* Is this a job that is read once: Read Var or Write Var with nothing but ANY pointers?
 * All that is made of it (an item and a variable for each, values 32 octets for one of
 * the job) is shorter than request_begin() allows. */
static bool
reads_once(const uint8_t *p, uint32_t len)
{
	uint32_t n;

	if (len < FIRST_SPEC || len > MADE_LEN || p[1] != S7_JOB || (p[10] != S7_READ_VAR && p[10] != S7_WRITE_VAR))
		return false;
	n = p[11];
	if (n == 0 || FIRST_SPEC + n * SPEC_LEN > len)
		return false;
	for (const uint8_t *at = p + FIRST_SPEC; n > 0; n--, at += SPEC_LEN)
		if (at[0] != 0x12 || at[1] != SPEC_LEN - 2 || at[2] != 0x10)
			return false;
	return true;
}

/* A waiting request as it was read; else read it again, quietly, into `scratch`. */
static struct made *
remember(struct dis_ctx *x, const struct pending *pend, struct made *scratch)
{
	struct s7_state *st = x->state;
	uint8_t faults = st->faults;	/* of the answer in hand */
	bool again = x->again;
	uint32_t len = s7_join_request(pend);
	struct operation *op = &scratch->op;
	struct s7_detail *d = &scratch->d;

	if (pend->read != NULL) {
		pend->read->request = pend->request;
		pend->read->unit = st->unit;	/* as it is known now */
		s7_links(x, pend->read);
		return (struct made *)(void *)pend->read;
	}
	*d = (struct s7_detail){ .carrier = S7_COMM };
	s7_begin(x, op, pend->id);
	op->request = pend->request;
	if (op->request.n_bytes > len)	/* parts of an answer are behind it */
		op->request.n_bytes = len;
	op->name = "Unknown";
	if (pend->len == 0)
		return scratch;
	x->again = true;
	st->faults = s7_note_faults(pend);
	switch (pend->key & S7_KEY_KIND) {
	case S7_KEY_COTP:
		s7_cotp_read(x, pend->bytes, len, op, d, false);
		s7_name_connection(op, (uint8_t)pend->note);
		op->transaction = pend->key & 0xffff;
		d->carrier = S7_COTP;
		break;
	case S7_KEY_PLUS:
		s7p_read(x, op, d, pend->bytes, len, false, pend->note);
		break;
	default:
		s7_read_pdu(x, op, d, pend->bytes, len, false, NULL, 0);
		break;
	}
	x->again = again;
	st->faults = faults;
	return scratch;
}

static void
closed(struct s7_state *st, uint32_t key, bool job)
{
	unsigned end = key >> 16 & 1u;

	if (job && (key & S7_KEY_KIND) == S7_KEY_REF && st->open[end] > 0)
		st->open[end]--;
}

static bool
is_job(const struct pending *pend)
{
	return s7_kind(pend->bytes, pend->len) == S7_JOB;
}

void
s7_give_up(struct dis_ctx *x, const struct pending *pend, enum op_outcome how)
{
	const struct s7_state *st = x->state;
	struct made scratch, *m;

	if ((pend->key & S7_KEY_KIND) == S7_KEY_END) {
		s7_disconnect_alone(x, pend);
		return;
	}
	closed(x->state, pend->key, is_job(pend));
	m = remember(x, pend, &scratch);
	if (st->closing != NULL) {
		struct s7_pdu p = { .x = x, .op = &m->op, .detail = &m->d };

		s7_param_text(&p, "ended_by", st->closing);
	}
	m->op.phase = OP_FINISHED;
	m->op.outcome = how;
	m->op.detail = &m->d;
	/* What came of an answer whose rest was never fetched is an answer. */
	s7_join_half(x, pend, &m->op, &m->d);
	dis_operation(x, &m->op);
}

void
s7_unanswered(struct dis_ctx *x, const struct pending *pend)
{
	s7_give_up(x, pend, dis_outcome_without_answer(x, &pend->request));
}

/* ---- requests ------------------------------------------------------- */

/* Read a request, in memory that stays with it if it is of the usual kind. */
static struct made *
first_reading(struct dis_ctx *x, const uint8_t *p, uint32_t len, struct made *scratch)
{
	const uint8_t *here = p;
	struct made *m = scratch;
	bool kept = false;

	if (reads_once(p, len)) {
		m = (struct made *)(void *)request_begin(x, sizeof(*m), &here, len);
		kept = m != NULL;
		m = kept ? m : scratch;
	}
	m->d = (struct s7_detail){ .carrier = S7_COMM };
	s7_begin(x, &m->op, pair_next_id(x));
	m->op.request = s7_side(x, p, len);
	m->op.phase = OP_REQUESTED;
	m->op.outcome = OUTCOME_PENDING;
	m->op.detail = &m->d;
	s7_read_pdu(x, &m->op, &m->d, here, len, false, NULL, 0);
	if (kept)
		request_end(x);
	return m;
}

static void
on_request(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *p, uint32_t len)
{
	struct s7_state *st = x->state;
	uint32_t key = s7_key(S7_KEY_REF, x->dir, s->ref);
	bool job = s->rosctr == S7_JOB;
	struct made scratch, *m;
	struct operation *op;
	uint8_t faults;

	if (s7_join_asked(x, s, p, len))
		return;
	faults = st->faults;
	m = first_reading(x, p, len, &scratch);
	op = &m->op;
	if (st->paired && pair_has(x, key))
		dis_anomaly(x, op, ANOM_S7_REFERENCE, 4, NULL);
	if (job && st->parallel[x->dir] > 0 && st->open[x->dir] >= st->parallel[x->dir]) {
		if (!st->flooded)
			dis_anomaly(x, op, ANOM_S7_PARALLEL, 0, NULL);
		st->flooded = true;
	} else if (st->open[x->dir] == 0)
		st->flooded = false;
	st->requests += st->requests < UINT32_MAX;
	if (job && st->open[x->dir] < UINT16_MAX)
		st->open[x->dir]++;
	dis_operation(x, op);
	pair_put(x, op->id, key, (len & 0xffffu) | (uint32_t)faults << S7_NOTE_FAULTS, p, len);
}

/* ---- answers -------------------------------------------------------- */

/* What an answer is to, but for its reference. */
static uint16_t
what(const struct s7_shape *s)
{
	return s->userdata ? (uint16_t)(0x8000u | (unsigned)s->group << 8 | s->subfunction) :
	    s->function;
}

struct misfit {
	const struct s7_shape	*s;
	unsigned		 caller;
	bool			 bare;		/* a refusal that does not repeat the function */
	uint8_t			 items;		/* of Read and Write Var */
};

/* How well a waiting request fits an answer with another reference. */
static unsigned
fits(const void *arg, uint32_t key, const uint8_t *bytes, uint32_t len)
{
	const struct misfit *m = arg;
	struct s7_shape q;

	if ((key & S7_KEY_KIND) != S7_KEY_REF || (key >> 16 & 1u) != m->caller)
		return 0;
	q = s7_shape_of(bytes, len);
	if (m->bare)
		return q.userdata ? 0 : 1;
	if (q.userdata != m->s->userdata || what(&q) != what(m->s))
		return 0;
	/* Answers to variables have as many items. */
	return !q.userdata && (q.function == S7_READ_VAR || q.function == S7_WRITE_VAR) && len > HEADER_LEN + 1 &&
	    bytes[HEADER_LEN + 1] != m->items ? 0 : 2;
}

/* The only job that waits and that this answer fits, though it bears another reference.
 * Not one that was given up, and not an answer that comes a second time. */
static bool
take_misfit(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *p, uint32_t len,
    struct pending *pend)
{
	const struct s7_state *st = x->state;
	struct misfit m = { .s = s, .caller = x->dir ^ 1u, .bare = !s->userdata && len <= ACK_LEN,
	    .items = len > ACK_LEN + 1 ? p[ACK_LEN + 1] : 0 };

	if (!s7_must_have_request(x) || pair_waiting(x) == 0 || s->more ||
	    (st->answered && s->ref == st->answered_ref && what(s) == st->answered_what) ||
	    pair_was_given_up(x, s7_key(S7_KEY_REF, x->dir ^ 1u, s->ref)))
		return false;
	return pair_take_fitting(x, fits, &m, pend);
}

static void
on_answer(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *p, uint32_t len)
{
	struct s7_state *st = x->state;
	uint32_t key = s7_key(S7_KEY_REF, x->dir ^ 1u, s->ref);
	struct made scratch, *m = &scratch;
	struct operation *op;
	struct pending pend;
	bool found = pair_take(x, key, &pend);
	bool misfit = !found && take_misfit(x, s, p, len, &pend);

	if (found) {
		st->answered = true;
		st->answered_ref = s->ref;
		st->answered_what = what(s);
	}
	found |= misfit;
	if (found) {
		st->paired = true;
		if (s->more && s7_join_more(x, s, &pend, p, len))
			return;
		closed(st, key, is_job(&pend));
		m = remember(x, &pend, &scratch);
		m->op.outcome = OUTCOME_ANSWERED;
		s7_watch_keep(x, s, pend.bytes, s7_join_request(&pend));
	} else {
		m->d = (struct s7_detail){ .carrier = S7_COMM };
		s7_begin(x, &m->op, pair_next_id(x));
		m->op.outcome = OUTCOME_ONE_SIDED;
	}
	op = &m->op;
	op->phase = OP_FINISHED;
	op->detail = &m->d;
	op->response = s7_side(x, p, len);
	if (!found || !s7_join_finish(x, s, &pend, op, &m->d, p, len))
		s7_read_pdu(x, op, &m->d, p, len, true, NULL, 0);
	if (misfit) {
		struct s7_pdu pdu = { .x = x, .op = op, .response = true };

		s7_wrong(&pdu, ANOM_S7_ANSWER_REFERENCE, 4, NULL);
	}
	if (!found && s7_must_have_request(x))
		dis_anomaly(x, op, ANOM_S7_NO_JOB, 4, NULL);
	dis_operation(x, op);
}

/* Sent without being asked: cyclic data, alarms, diagnostics, mode changes. */
static void
on_push(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *p, uint32_t len)
{
	struct s7_detail d = { .carrier = S7_COMM };
	struct operation op;

	s7_begin(x, &op, pair_next_id(x));
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_UNSOLICITED;
	op.detail = &d;
	op.response = s7_side(x, p, len);
	s7_watch_recall(x, s, &op, &d);
	s7_read_pdu(x, &op, &d, p, len, true, NULL, 0);
	dis_operation(x, &op);
}

void
s7_message(struct dis_ctx *x, const uint8_t *p, uint32_t len)
{
	struct s7_state *st = x->state;
	struct s7_shape s = s7_shape_of(p, len);
	int8_t role = role_of(&s, len);

	if (len < HEADER_LEN) {
		dis_anomaly(x, NULL, ANOM_S7_LENGTH, 0, "shorter than a header");
		return;
	}
	if (s.rosctr == 0) {
		dis_anomaly(x, NULL, ANOM_S7_ROSCTR, 1, NULL);
		return;
	}
	if (role != 0 && s.rosctr == p[1])
		dis_set_client(x, role > 0);
	if (st->pdu_size > 0 && len + st->missing > st->pdu_size)
		dis_anomaly(x, NULL, ANOM_S7_PDU_SIZE, 0, NULL);
	if (s.rosctr == S7_ACK || s.rosctr == S7_ACK_DATA || (s.userdata && s.type == 8))
		on_answer(x, &s, p, len);
	else if (s.userdata && s.type != 4)
		on_push(x, &s, p, len);
	else
		on_request(x, &s, p, len);
}

void
s7_gap(struct dis_ctx *x, uint64_t lost)
{
	struct s7_state *st = x->state;

	(void)lost;
	s7_fragments_end(x);
	st->gapped = true;
	st->paired = false;
	st->skip[x->dir] = 0;
	s7p_gap(x);
	st->open[0] = st->open[1] = 0;
	if (x->from_client)
		st->requests = 0;
}

void
s7_closed(struct dis_ctx *x)
{
	const struct s7_state *st = x->state;

	for (unsigned dir = 0; dir < 2; dir++) {
		x->dir = (enum flow_dir)dir;
		x->from_client = dir == x->flow->client_end;
		x->frame = st->fragments_frame;
		s7_fragments_end(x);
		s7p_gap(x);
	}
}
