/* app.c - application fragments: how they are read, and requests (answers.c has the
 * answers).
 *
 *	request   control 1, function 1, objects
 *	response  control 1, function 1, internal indications 2, objects
 *	control   FIR, FIN, CON, UNS, sequence 4 bits
 */
#include "app.h"

#include "dissect/pair.h"

uint32_t
dn_key(uint16_t master, uint16_t outstation, bool link, uint8_t number)
{
	uint32_t h = ((uint32_t)master << 16 | outstation) * 2654435761u;

	return (h & 0x7fffffe0u) | 0x80000000u | (link ? 16u : 0) | (number & 15u);
}

/* What objects make of a function; `intent` when they disagree. */
static enum op_intent
refine(const struct dnp3_message *m, enum op_intent intent)
{
	enum op_intent each = intent, all = INTENT_UNKNOWN;

	for (uint32_t i = 0; i < m->n_objects; i++) {
		bool read = m->function == DN_READ;

		each = intent;
		switch (m->objects[i].group) {
		case 0:
			each = read ? INTENT_IDENTIFY : INTENT_CONFIG;
			break;
		case 34: case 80: case 85: case 86:
			each = read ? INTENT_READ : INTENT_CONFIG;
			break;
		case 50: case 51:
			each = INTENT_TIME;
			break;
		case 70:
			each = INTENT_FILE;
			break;
		case 81: case 121:
			each = INTENT_DIAGNOSE;
			break;
		case 120:
			each = INTENT_AUTH;
			break;
		default:
			break;
		}
		if (i > 0 && each != all)
			return intent;
		all = each;
	}
	return m->n_objects > 0 ? all : intent;
}

void
dn_name_operation(struct dis_ctx *x, struct operation *op, uint8_t function)
{
	const struct func_desc *row = dis_func(x, function, FUNC_NO_SUB);

	op->function = function;
	op->name = row != NULL ? row->name : "Reserved";
	op->intent = row != NULL ? row->intent : INTENT_UNKNOWN;
	op->command = row != NULL ? row->command : CMD_NONE;
	if (row == NULL)
		dis_anomaly(x, op, ANOM_DNP3_FUNCTION, 1, NULL);
}

static void
check_control(struct dis_ctx *x, struct operation *op, const struct dn_head *h)
{
	bool uns = (h->control & DNP3_APP_UNS) != 0;
	bool whole = (h->control & DNP3_APP_FIR) != 0 && (h->control & DNP3_APP_FIN) != 0;

	if (h->from_master == h->response)
		dis_anomaly(x, op, ANOM_DNP3_DIRECTION, 1, h->response ?
		    "a response from a master" : "a request from an outstation");
	if (h->function == DN_UNSOLICITED && !uns)
		dis_anomaly(x, op, ANOM_DNP3_CONTROL, 0, "an unsolicited response without UNS");
	else if (uns && h->function != DN_UNSOLICITED && h->function != DN_CONFIRM &&
	    h->function != DN_AUTH_RESPONSE && h->function < 32)
		dis_anomaly(x, op, ANOM_DNP3_CONTROL, 0, "UNS in a request");
	if (!whole && (!h->response || h->function == DN_UNSOLICITED))
		dis_anomaly(x, op, ANOM_DNP3_CONTROL, 0, "this must be a single fragment");
}

static uint8_t
condition_of(uint16_t iin)
{
	uint8_t all = 0;

	for (unsigned bit = 0; iin >> bit != 0; bit++)
		if ((iin >> bit & 1) != 0)
			all |= dn_indications[bit].condition;
	return all;
}

/* Read one side of an operation. */
void
dn_read_message(struct dis_ctx *x, struct operation *op, struct dnp3_message *m,
    const struct dn_fragment *f, const struct dn_head *h)
{
	const struct dn_state *st = x->state;
	struct cursor c = cur_of(f->bytes, f->len);

	*m = (struct dnp3_message){ .present = true, .has_application = true,
	    .has_iin = h->response, .link = f->link, .application = h->control,
	    .function = h->function, .src = f->src, .dst = f->dst, .iin = h->iin,
	    .frames = f->frames, .link_len = f->link_len, .transport = f->transport };
	cur_skip(&c, h->response ? 4 : 2);
	check_control(x, op, h);
	if (f->frames > 1)
		dn_param_uint(x, op, "link_frames", f->frames, h->response);
	if (f->len > DN_FRAGMENT)
		dis_anomaly(x, op, ANOM_DNP3_FRAGMENT, DN_FRAGMENT, NULL);
	if (!cur_ok(&c)) {
		dis_anomaly(x, op, ANOM_DNP3_MALFORMED, 2, "no internal indications");
		m->has_iin = false;
		return;
	}
	if (cur_left(&c) > 0)
		dn_read_objects(x, c, op, m, h->response);
	else
		m->complete = true;
	if (st->files != DIS_NO_BLOCK)
		dn_file_name(x, op, m, h->response);
	if (f->cut)
		m->complete = false;
	if (h->response) {
		op->has_status = true;
		op->status = h->iin;
		op->condition = condition_of(h->iin);
		op->condition_of = condition_of(UINT16_MAX);
		if ((h->iin & (DNP3_IIN_RESERVED_1 | DNP3_IIN_RESERVED_2)) != 0)
			dis_anomaly(x, op, ANOM_DNP3_IIN_RESERVED, 3, NULL);
	}
}

/* Open File: 1 reads, 2 writes, 3 appends (1815 A.27). */
static bool
opens_to_write(const struct operation *op)
{
	for (uint32_t i = 0; i < op->n_params; i++)
		if (strcmp(op->params[i].name, "operational_mode") == 0)
			return op->params[i].value.u == 2 || op->params[i].value.u == 3;
	return false;
}

static void
read_request(struct dis_ctx *x, struct operation *op, struct dnp3_detail *d,
    const struct dn_fragment *f, const struct dn_head *h)
{
	dn_name_operation(x, op, h->function);
	dn_read_message(x, op, &d->request, f, h);
	if (h->function == DN_READ || h->function == DN_WRITE)
		op->intent = refine(&d->request, op->intent);
	if (h->function == DN_WRITE && op->intent == INTENT_TIME)
		op->command = CMD_TIME;
	else if (op->command == CMD_FILE_READ && opens_to_write(op))
		op->command = CMD_FILE_WRITE;
	op->subname = dn_poll_name(&d->request);
	op->wants_confirm = (h->control & DNP3_APP_CON) != 0 && h->function != DN_CONFIRM;
	op->detail = d;
}

/* The octets that are not there are 0. */
static inline struct dn_head
head_of(const struct dn_fragment *f)
{
	const uint8_t *b = f->bytes;
	struct dn_head h = { .from_master = (f->link & DNP3_LINK_DIR) != 0 };

	if (f->len > 0)
		h.control = b[0];
	if (f->len > 1)
		h.function = b[1];
	h.response = (h.function & 0x80) != 0;
	if (f->len > 3)
		h.iin = (uint16_t)(b[2] << 8 | b[3]);
	else if (f->len > 2)
		h.iin = (uint16_t)(b[2] << 8);
	return h;
}

#define MADE_LEN 64u	/* of a fragment that is read once: then all that is made of it is
			 * shorter than request_begin() allows (objects 16 octets for each of
			 * the fragment, values 32, items 11, and 128 parameters) */
#define AGAIN_LINK (DNP3_LINK_DIR | DNP3_LINK_PRM | 4)	/* of a remembered request */

/* A waiting request as it was read; else read it again, quietly, into `scratch`.  Of its
 * frames nothing is remembered.  Files may have got names in the meantime. */
struct dn_made *
dn_remember(struct dis_ctx *x, const struct pending *pend, struct dn_made *scratch)
{
	const struct dn_state *st = x->state;
	struct dn_fragment f = { .src = (uint16_t)(pend->note >> 16), .dst = (uint16_t)pend->note,
	    .link = AGAIN_LINK, .frames = 1, .bytes = pend->bytes, .len = pend->len };
	bool again = x->again;
	struct dn_head h;

	if (pend->read != NULL && st->files == DIS_NO_BLOCK) {
		struct dn_made *m = (struct dn_made *)(void *)pend->read;

		m->op.request = pend->request;
		m->d.request.link = AGAIN_LINK;
		m->d.request.link_len = m->d.request.transport = 0;
		return m;
	}
	h = head_of(&f);
	scratch->d = (struct dnp3_detail){ .no_answer = false };
	dn_begin(x, &scratch->op, &f, &h, pend->id);
	scratch->op.request = pend->request;
	x->again = true;
	if (pend->len >= 2)
		read_request(x, &scratch->op, &scratch->d, &f, &h);
	x->again = again;
	return scratch;
}

static void
give_up(struct dis_ctx *x, const struct pending *pend, enum op_outcome how)
{
	struct dn_made scratch, *m;

	if ((pend->key & 16u) != 0) {
		dn_link_unanswered(x, pend, how);
		return;
	}
	m = dn_remember(x, pend, &scratch);
	m->op.phase = OP_FINISHED;
	m->op.outcome = how;
	m->op.detail = &m->d;
	dis_operation(x, &m->op);
}

void
dn_unanswered(struct dis_ctx *x, const struct pending *pend)
{
	give_up(x, pend, dis_outcome_without_answer(x, &pend->request));
}

bool
dn_must_have_request(const struct dis_ctx *x)
{
	const struct dn_state *st = x->state;

	if (st->requests == 0)
		return false;
	return st->paired || (!st->gapped && !x->flow->midstream);
}

/* ---- requests ---- */

/* A confirm ends what its answer began (1815 4.3.3). */
static void
confirm(struct dis_ctx *x, struct operation *op, const struct dn_fragment *f,
    const struct dn_head *h)
{
	struct dn_state *st = x->state;
	struct dn_stream *s = dn_stream_if(x, f->dst, f->src);
	bool uns = (h->control & DNP3_APP_UNS) != 0;

	if (s != NULL && s->confirm && s->confirm_sequence == dn_sequence_of(h->control) &&
	    s->confirm_unsolicited == uns) {
		dn_param_uint(x, op, "confirms_tx", s->confirm_id - 1, false);
		s->confirm = false;
	} else if (s != NULL && !st->gapped && !op->broadcast)
		dis_anomaly(x, op, ANOM_DNP3_CONFIRM, 0, NULL);
}

/* An operate repeats the select before it, with the next number (1815 4.4). */
static void
check_select(struct dis_ctx *x, struct dn_stream *s, struct operation *op,
    const struct dn_fragment *f, const struct dn_head *h)
{
	const struct dn_state *st = x->state;
	uint64_t hash;

	if (h->function != DN_SELECT && h->function != DN_OPERATE) {
		s->select_id = 0;
		return;
	}
	hash = dn_hash_of(f->bytes + 2, f->len - 2);
	if (h->function == DN_SELECT) {
		s->select_id = op->id;
		s->select_hash = hash;
		s->select_len = f->len;
		s->select_sequence = dn_sequence_of(h->control);
		return;
	}
	if (s->select_id == 0) {
		if (!st->gapped && (s->asked || !x->flow->midstream))
			dis_anomaly(x, op, ANOM_DNP3_NO_SELECT, 1, NULL);
		return;
	}
	dn_param_uint(x, op, "select_tx", s->select_id - 1, false);
	if (s->select_hash != hash || s->select_len != f->len)
		dis_anomaly(x, op, ANOM_DNP3_SELECT_DIFFERS, 2, "other objects were selected");
	else if (dn_sequence_of(h->control) != ((s->select_sequence + 1u) & 15u))
		dis_anomaly(x, op, ANOM_DNP3_SELECT_DIFFERS, 0, "not the next sequence number");
}

/* The next number, or the last one in a retry; behind an answer of several
 * fragments each of which took a number, the one after the last of them. */
static void
check_sequence(struct dis_ctx *x, struct dn_stream *s, struct operation *op,
    const struct dn_head *h)
{
	const struct dn_stream *answers = dn_stream_if(x, s->dst, s->src);
	uint8_t seq = dn_sequence_of(h->control);

	if (s->asked && !op->broadcast && seq != s->request_sequence &&
	    seq != ((s->request_sequence + 1u) & 15u) && (answers == NULL ||
	    !answers->asked || seq != ((answers->request_sequence + 1u) & 15u)))
		dis_anomaly(x, op, ANOM_DNP3_SEQUENCE, 0, NULL);
	s->asked = true;
	s->request_sequence = seq;
}

/* Read a request, in memory that stays with it if it is short and will be read again
 * in the same way: from a master that says so, in one frame, and of no open file. */
static struct dn_made *
first_reading(struct dis_ctx *x, const struct dn_fragment *f, const struct dn_head *h,
    bool no_answer, struct dn_made *scratch)
{
	const struct dn_state *st = x->state;
	struct dn_fragment here = *f;
	struct dn_made *m = scratch;
	bool kept = false;

	if (f->len <= MADE_LEN && f->frames == 1 && h->from_master && x->from_client &&
	    !no_answer && !dn_is_broadcast(f->dst) && st->files == DIS_NO_BLOCK) {
		m = (struct dn_made *)(void *)request_begin(x, sizeof(*m), &here.bytes, f->len);
		kept = m != NULL;
		m = kept ? m : scratch;
	}
	m->d = (struct dnp3_detail){ .no_answer = no_answer };
	dn_begin(x, &m->op, f, h, pair_next_id(x));
	m->d.no_answer |= m->op.broadcast;
	m->op.request = dn_side_of(x, f);
	m->op.outcome = OUTCOME_PENDING;
	m->op.phase = OP_REQUESTED;
	read_request(x, &m->op, &m->d, &here, h);
	if (kept)
		request_end(x);
	return m;
}

static void
on_request(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f,
    const struct dn_head *h)
{
	struct dn_state *st = x->state;
	bool no_answer = dn_no_answer(h->function);
	uint32_t key = dn_key(f->src, f->dst, false, dn_sequence_of(h->control)), waiting;
	struct dn_made scratch, *m;
	struct operation *op;
	struct pending old;

	/* Asked once more after a while: the earlier one was not answered.  At
	 * once: some masters do not wait. */
	if (!no_answer && !dn_is_broadcast(f->dst)) {
		uint32_t *asked_at = &s->asked_at[dn_sequence_of(h->control)];

		if ((st->gapped || dn_clock(x->ts_ns) - *asked_at >= DN_RETRY) &&
		    pair_take(x, key, &old))
			give_up(x, &old, dis_outcome_without_answer(x, &old.request));
		*asked_at = dn_clock(x->ts_ns);
	}
	m = first_reading(x, f, h, no_answer, &scratch);
	op = &m->op;
	if (h->function == DN_CONFIRM) {
		confirm(x, op, f, h);
	} else {
		check_select(x, s, op, f, h);
		check_sequence(x, s, op, h);
	}
	if (op->broadcast && h->function == DN_READ)
		dis_anomaly(x, op, ANOM_DNP3_BROADCAST, 0, NULL);
	st->requests += st->requests < UINT32_MAX;
	waiting = pair_waiting(x);
	if (st->flooded && waiting <= 1)
		st->flooded = false;
	dis_operation(x, op);
	if (m->d.no_answer) {
		op->phase = OP_FINISHED;
		op->outcome = h->function == DN_CONFIRM ? OUTCOME_ANSWERED :
		    OUTCOME_NO_ANSWER_EXPECTED;
		dis_operation(x, op);
		return;
	}
	pair_put(x, op->id, key, (uint32_t)f->src << 16 | f->dst, f->bytes, f->len);
	if (st->paired && !st->flooded && waiting > 0 && pair_waiting(x) <= waiting) {
		st->flooded = true;
		dis_anomaly(x, NULL, ANOM_DNP3_FLOODED, 0, NULL);
	}
}

void
dn_fragment(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f)
{
	struct dn_head h;

	if (f->len < 2) {
		dis_anomaly(x, NULL, ANOM_DNP3_MALFORMED, 0, "no application header");
		return;
	}
	h = head_of(f);
	if (!h.response)
		on_request(x, s, f, &h);
	else if (h.function == DN_UNSOLICITED)
		dn_on_unsolicited(x, s, f, &h);
	else
		dn_on_answer(x, s, f, &h);
}

void
dn_gap(struct dis_ctx *x, uint64_t lost)
{
	struct dn_state *st = x->state;

	(void)lost;
	st->gapped = true;
	st->paired = false;
	if (x->from_client)
		st->requests = 0;
	dn_file_forget(x);
	/* A stream may have run in the direction that lost bytes: all forget. */
	for (unsigned i = 0; i < 2 * DN_STREAMS; i++) {
		struct dn_stream *s = &st->stream[i];

		if (!s->used)
			continue;
		dn_transport_lose(x, s);
		s->started = s->asked = s->more = s->confirm = s->unsolicited = false;
		s->select_id = 0;
	}
}
