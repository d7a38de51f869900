/* reports.c - messages that stand alone: what stations report, parts of an answer to an
 * interrogation, acknowledgments, segments of files.
 */
#include "iec104.h"

#include "dissect/pair.h"

/* Sent because it was asked for by an interrogation: part of its answer. */
static void
interrogated(struct dis_ctx *x, struct operation *op, const struct i104_apdu *a)
{
	const struct i104_state *st = x->state;
	uint32_t poll = i104_poll_of(st, a->ca, 0, a->cause);

	op->intent = INTENT_READ;
	op->outcome = OUTCOME_ANSWERED;
	if (poll != 0)
		i104_param(x, op, "continues_tx", poll - 1u, true);
	else if (i104_must_have_request(x))
		dis_anomaly(x, op, ANOM_I104_NO_ACTIVATION, I104_HEAD + I104_CONTROL + 2,
		    "objects of an interrogation that nobody asked for");
}

static void
from_station(struct dis_ctx *x, struct operation *op, const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);

	if (a->apci.format != IEC104_I)
		op->outcome = OUTCOME_NO_ANSWER_EXPECTED;
	else if (l != NULL && l->points && a->cause >= IEC104_INTERROGATED && a->cause <= IEC104_COUNTERS_4)
		interrogated(x, op, a);
	else
		op->outcome = OUTCOME_UNSOLICITED;
}

void
i104_alone(struct dis_ctx *x, const struct i104_apdu *a, bool from_client)
{
	const struct iec104_layout *l = i104_layout(a->row);
	struct iec104_message *to;
	struct op_side *side;
	struct i104_made m;

	i104_begin(x, &m, a);
	m.op.id = pair_next_id(x);
	to = from_client ? &m.d.request : &m.d.response;
	side = from_client ? &m.op.request : &m.op.response;
	*side = i104_side(x, a);
	m.op.phase = OP_FINISHED;
	i104_read(x, &m.op, to, a, !from_client);
	to->ts_ns = x->ts_ns;
	to->frame = x->frame;
	if (from_client) {
		i104_refine(&m.op, a, to);
		if (l != NULL && l->kind == KIND_MONITOR && l->points)
			dis_anomaly(x, &m.op, ANOM_I104_DIRECTION, I104_HEAD + I104_CONTROL,
			    "process information from the controlling station");
		m.op.outcome = OUTCOME_PENDING;
		m.op.phase = OP_REQUESTED;
		dis_operation(x, &m.op);
		m.op.phase = OP_FINISHED;
		m.op.outcome = OUTCOME_NO_ANSWER_EXPECTED;
	} else
		from_station(x, &m.op, a);
	dis_operation(x, &m.op);
}
