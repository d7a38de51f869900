/* facts.c - what every dissector says in the same way: anomalies, roles, sides
 * of an operation. */
#include "dissect/conversation.h"

#define FLIP_AFTER 3u		/* contradictions in a row */

void
dis_anomaly(struct dis_ctx *x, struct operation *op, enum anomaly_id id, uint32_t offset,
    const char *detail)
{
	struct anomaly a = { .id = id, .ts_ns = x->ts_ns, .frame = x->frame,
	    .source = x->source, .offset = offset, .flow = x->flow,
	    .from_end = x->dir, .detail = detail };

	if (op != NULL) {
		if (op->n_anomalies < OP_ANOMALIES)
			op->anomalies[op->n_anomalies] = (struct op_anomaly){ id, offset,
			    !x->again && !x->from_client };
		op->n_anomalies++;
		a.operation = op->id;
	}
	if (!x->again)
		x->sink->anomaly(x->sink->arg, &a);
}

void
dis_set_client(struct dis_ctx *x, bool this_dir_is_client)
{
	struct flow *f = x->flow;
	unsigned end = this_dir_is_client ? x->dir : x->dir ^ 1u;

	if (f->role_source < ROLE_CONTENT || x->conv->role_hinted) {
		f->client_end = (uint8_t)end;
		f->role_source = ROLE_CONTENT;
		x->conv->role_hinted = false;
		x->conv->contradictions = 0;
	} else if (f->client_end == end)
		x->conv->contradictions = 0;
	else if (++x->conv->contradictions >= FLIP_AFTER) {
		f->client_end = (uint8_t)end;
		x->conv->contradictions = 0;
	}
	x->from_client = x->dir == f->client_end;
}

void
dis_hint_client(struct dis_ctx *x, bool this_dir_is_client)
{
	if (x->flow->role_source >= ROLE_CONTENT)
		return;
	dis_set_client(x, this_dir_is_client);
	x->conv->role_hinted = true;
}

bool
dis_client_settled(const struct dis_ctx *x)
{
	return x->flow->role_source == ROLE_CONTENT && !x->conv->role_hinted &&
	    x->conv->contradictions == 0;
}

struct op_side
dis_side(const struct dis_ctx *x, uint32_t pdu_len)
{
	return (struct op_side){ .seen = true, .ts_ns = x->ts_ns, .frame = x->frame, .len = pdu_len,
	    .ttl = x->flow->ttl[x->dir] };
}

enum op_outcome
dis_outcome_without_answer(const struct dis_ctx *x, const struct op_side *request)
{
	unsigned other = x->dir ^ 1u;

	if (x->conv->side[other].missed_ns != 0 && x->conv->side[other].missed_ns >= request->ts_ns)
		return OUTCOME_ONE_SIDED;

	/* A device that acknowledges and never answers is there, and mute. */
	return x->conv->side[other].heard || x->flow->packets[other] > 0 ?
	    OUTCOME_UNANSWERED : OUTCOME_ONE_SIDED;
}
