/* graves.c - what other detectors found: what of it is never learned. */
#include "detect/baseline/inside.h"

#include <string.h>

static struct known_flow *
known_flow(const struct baseline *b, const struct flow *f)
{
	return flow_slot(f, b->slot);
}

static uint8_t
severity_of(const struct finding *f)
{
	return f->rule != NULL ? f->rule->severity : alert_type_row(f->type)->severity;
}

/* Its operation, or flow, is never learned: a rule or a command that somebody should look at.  That a
 * client is new, or that a device talks to the internet, is what the baseline is there for. */
static bool
is_grave(const struct finding *f)
{
	return severity_of(f) <= 2 && f->type != ALERT_NEW_CLIENT_COMMAND && f->type != ALERT_INTERNET &&
	    strncmp(alert_type_row(f->type)->text, "baseline.", 9) != 0;
}

void
baseline_finding(void *arg, const struct finding *f)
{
	struct baseline *b = arg;

	if (f->stage == FINDING_OUTCOME || !is_grave(f) || (f->flow == NULL && f->op == NULL))
		return;
	b->graves[b->n_graves++ % GRAVES] = (struct grave){ .flow = f->flow != NULL ? f->flow->id : 0, .tx = f->tx,
	    .frame = f->frame, .response = f->in_response };
	if (f->flow != NULL && f->flow->slots != NULL)
		known_flow(b, f->flow)->graves = b->n_graves;
	/* Rules about bytes are asked behind the operation that these are of. */
	if (b->last.n == 0 || b->last.frame != f->frame || (f->flow != NULL && b->last.flow != f->flow->id))
		return;
	for (unsigned i = 0; i < b->last.n; i++) {
		struct fact *x = facts_find(b->facts, &b->last.keys[i]);

		if (x != NULL && x->state == FACT_LEARNED && x->count <= 1)
			facts_remove(b->facts, x);
	}
	b->last.n = 0;
}

/* May anything of this flow be among those that are remembered? */
static bool
has_graves(const struct baseline *b, const struct flow *f)
{
	const unsigned last = f->slots != NULL ? known_flow(b, f)->graves : b->n_graves;

	return last != 0 && b->n_graves - last < GRAVES;
}

const struct grave *
baseline_grave(const struct baseline *b, const struct operation *op)
{
	const uint64_t flow = op->flow != NULL ? op->flow->id : 0;
	unsigned n = b->n_graves < GRAVES ? b->n_graves : GRAVES;

	if (op->flow != NULL && !has_graves(b, op->flow))
		return NULL;
	for (unsigned i = 0; i < n; i++) {
		const struct grave *g = &b->graves[i];

		if (g->flow == flow && (g->tx != 0 ? g->tx == op->id : g->frame == op->request.frame ||
		    g->frame == op->response.frame))
			return g;
	}
	return NULL;
}

bool
baseline_grave_flow(const struct baseline *b, const struct flow *f)
{
	unsigned n = b->n_graves < GRAVES ? b->n_graves : GRAVES;

	if (!has_graves(b, f))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (b->graves[i].flow == f->id)
			return true;
	return false;
}
