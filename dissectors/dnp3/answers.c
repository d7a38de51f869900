/* answers.c - what outstations send: answers, and which request they belong to.
 *
 * An answer carries the link addresses and the sequence number of its request.
 * An answer of several fragments makes one operation for each: the first ends
 * the request's, the others are operations of their own with the function of
 * the request and the parameter `continues_tx`; so every value is seen once and
 * no answer is too long.
 */
#include "app.h"

#include "base/str.h"
#include "dissect/pair.h"

/* Refused, as the second octet of indications says (1815 4.2.2.6). */
static void
judge(struct operation *op)
{
	const struct dn_indication *is;

	/* From the last to the first: of several that one is the exception. */
	for (unsigned bit = 8; (op->status & 0xff) != 0 && bit-- > 0;) {
		is = &dn_indications[bit];
		if ((op->status >> bit & 1u) == 0 || is->refusal == NULL)
			continue;
		op->exception = 1u << bit;
		op->exception_name = is->refusal;
		op->refused |= op->request.seen ? is->refused : 0;
	}
	if (op->exception != 0)
		op->outcome = OUTCOME_EXCEPTION;
}

static void
wants_confirm(struct dn_stream *s, const struct operation *op, const struct dn_head *h)
{
	if ((h->control & DNP3_APP_CON) == 0)
		return;
	s->confirm = true;
	s->confirm_unsolicited = h->function == DN_UNSOLICITED;
	s->confirm_sequence = dn_sequence_of(h->control);
	s->confirm_id = op->id;
}

void
dn_on_unsolicited(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f,
    const struct dn_head *h)
{
	struct dnp3_detail d = { .no_answer = true };
	struct operation op;
	uint8_t seq = dn_sequence_of(h->control);
	uint32_t hash = (uint32_t)dn_hash_of(f->bytes, f->len);

	dn_begin(x, &op, f, h, pair_next_id(x));
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_UNSOLICITED;
	op.response = dn_side_of(x, f);
	dn_name_operation(x, &op, h->function);
	dn_read_message(x, &op, &d.response, f, h);
	op.detail = &d;
	if (s->unsolicited && seq == s->unsolicited_sequence && hash == s->unsolicited_hash)
		dn_param_uint(x, &op, "repeated", 1, true);
	else if (s->unsolicited && seq != ((s->unsolicited_sequence + 1u) & 15u) &&
	    seq != s->unsolicited_sequence && (h->iin & DNP3_IIN_RESTART) == 0)
		dis_anomaly(x, &op, ANOM_DNP3_SEQUENCE, 0, NULL);
	s->unsolicited = true;
	s->unsolicited_sequence = seq;
	s->unsolicited_hash = hash;
	wants_confirm(s, &op, h);
	dis_operation(x, &op);
}

/* Fragments behind the first: does this one follow? */
static bool
follows(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f,
    const struct dn_head *h, struct operation *op)
{
	if ((h->control & DNP3_APP_FIR) != 0 || !s->more ||
	    s->next_sequence != dn_sequence_of(h->control))
		return false;
	dn_begin(x, op, f, h, pair_next_id(x));
	dn_name_operation(x, op, s->more_function);
	dn_param_uint(x, op, "continues_tx", s->more_id - 1, true);
	return true;
}

void
dn_on_answer(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f,
    const struct dn_head *h)
{
	struct dn_state *st = x->state;
	uint32_t key = dn_key(f->dst, f->src, false, dn_sequence_of(h->control));
	bool first = (h->control & DNP3_APP_FIR) != 0, found = false, next;
	struct dn_made scratch, *m = &scratch;
	struct operation *op;
	struct pending pend;

	next = follows(x, s, f, h, &scratch.op);
	if (!next)
		found = pair_take(x, key, &pend);
	if (found) {
		m = dn_remember(x, &pend, &scratch);
		st->paired = true;
	} else {
		scratch.d = (struct dnp3_detail){ .no_answer = false };
		if (!next) {
			dn_begin(x, &scratch.op, f, h, pair_next_id(x));
			dn_name_operation(x, &scratch.op, h->function);
		}
	}
	op = &m->op;
	op->phase = OP_FINISHED;
	op->outcome = found || next ? OUTCOME_ANSWERED : OUTCOME_ONE_SIDED;
	op->response = dn_side_of(x, f);
	if (found && dis_func(x, h->function, FUNC_NO_SUB) == NULL)
		dis_anomaly(x, op, ANOM_DNP3_FUNCTION, 1, NULL);
	dn_read_message(x, op, &m->d.response, f, h);
	op->detail = &m->d;
	if (!first && !next && s->asked)
		dis_anomaly(x, op, ANOM_DNP3_SEQUENCE, 0, "a fragment without a first one");
	else if (!found && !next && pair_was_given_up(x, key))
		dis_anomaly(x, op, ANOM_DNP3_LATE, 0, NULL);
	else if (!found && !next && dn_must_have_request(x))
		dis_anomaly(x, op, ANOM_DNP3_NO_REQUEST, 0, NULL);
	if (found || next)
		judge(op);
	s->asked = true;
	s->request_sequence = dn_sequence_of(h->control);
	s->more = (h->control & DNP3_APP_FIN) == 0;
	if (s->more) {
		s->next_sequence = (dn_sequence_of(h->control) + 1u) & 15u;
		s->more_function = (uint8_t)op->function;
		s->more_id = next ? s->more_id : op->id;
	}
	wants_confirm(s, op, h);
	dis_operation(x, op);
	if (found)
		dn_file_answer(x, op, &m->d);
}
