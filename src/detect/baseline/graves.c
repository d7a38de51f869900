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
	struct grave *x;

	if (f->stage == FINDING_OUTCOME || !is_grave(f) || (f->flow == NULL && f->op == NULL))
		return;
	x = &b->graves[b->n_graves++ % GRAVES];
	*x = (struct grave){ .flow = f->flow != NULL ? f->flow->id : 0, .tx = f->tx, .frame = f->frame, .response = f->in_response };
	if (f->flow != NULL && f->flow->slots != NULL) {
		x->before = known_flow(b, f->flow)->graves;
		known_flow(b, f->flow)->graves = b->n_graves;
	}
	/* Rules about bytes are asked behind the operation that these are of. */
	if (b->last.n == 0 || b->last.frame != f->frame || (f->flow != NULL && b->last.flow != f->flow->id))
		return;
	for (unsigned i = 0; i < b->last.n; i++) {
		struct fact *known = facts_find(b->facts, &b->last.keys[i]);

		if (known != NULL && known->state == FACT_LEARNED && known->count <= 1)
			facts_remove(b->facts, known);
	}
	b->last.n = 0;
}

/* Is the grave of this number still remembered? */
static bool
is_there(const struct baseline *b, unsigned number)
{
	return number != 0 && b->n_graves - number < GRAVES;
}

static bool
is_of(const struct grave *g, const struct operation *op)
{
	return g->flow == (op->flow != NULL ? op->flow->id : 0) &&
	    (g->tx != 0 ? g->tx == op->id : g->frame == op->request.frame || g->frame == op->response.frame);
}

const struct grave *
baseline_grave(const struct baseline *b, const struct operation *op)
{
	const unsigned n = b->n_graves < GRAVES ? b->n_graves : GRAVES;
	const struct grave *found = NULL;

	if (op->flow == NULL || op->flow->slots == NULL) {
		for (unsigned i = 0; i < n; i++)
			if (is_of(&b->graves[i], op))
				return &b->graves[i];
		return NULL;
	}
	/* Only those of its flow; of several the one that a walk over all would meet first. */
	for (unsigned at = known_flow(b, op->flow)->graves; is_there(b, at); at = b->graves[(at - 1) % GRAVES].before) {
		const struct grave *g = &b->graves[(at - 1) % GRAVES];

		if (is_of(g, op) && (found == NULL || g < found))
			found = g;
	}
	return found;
}

bool
baseline_grave_flow(const struct baseline *b, const struct flow *f)
{
	const unsigned n = b->n_graves < GRAVES ? b->n_graves : GRAVES;

	if (f->slots != NULL)
		return is_there(b, known_flow(b, f)->graves);
	for (unsigned i = 0; i < n; i++)
		if (b->graves[i].flow == f->id)
			return true;
	return false;
}
