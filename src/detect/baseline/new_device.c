/* new_device.c - what others ask of the baseline: which devices were absent while it was learned (asset.new of
 * rules), and whether a client always does such things. */
#include "detect/baseline/baseline.h"
#include "detect/baseline/model.h"

bool
baseline_is_new(void *detector, const struct asset *x)
{
	struct baseline *b = detector;
	const struct fact_key k = { .kind = FACT_KIND_DEVICE, .server = x->addr };
	const struct fact *f;

	/* Without a baseline nobody is; outside addresses are no devices of it. */
	if (baseline_facts(b) == NULL || facts_of_kind(baseline_facts(b), FACT_KIND_DEVICE) == 0 ||
	    addr_is_public(&x->addr) || addr_is_local(&x->addr))
		return false;
	f = facts_find(baseline_facts(b), &k);
	return f != NULL ? f->state == FACT_OPEN || f->state == FACT_REJECTED :
	    !baseline_learns(b, &k, *baseline_env(b)->now_ns);
}

bool
baseline_is_usual(void *detector, const struct operation *op)
{
	struct baseline *b = detector;
	struct fact_key k = { .kind = FACT_KIND_INTENT, .proto = (uint8_t)op->proto, .code = op->intent };
	const struct fact *f;

	if (baseline_facts(b) == NULL || op->flow == NULL)
		return false;
	k.client = op->flow->addr[flow_client(op->flow)];
	k.server = op->flow->addr[flow_server(op->flow)];
	f = facts_find(baseline_facts(b), &k);
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED) && !baseline_learns(b, &k, *baseline_env(b)->now_ns);
}
