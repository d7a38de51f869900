/* unnamed.c - rules that ask for the name of a conversation, and whose bytes passed
 * before it had one: they are judged by its name as soon as that is certain.
 *
 * A ring of fixed size; the oldest is evicted, which is counted. */
#include "detect/match/match.h"

void
match_unnamed_wait(struct match *d, const struct match_rule *m, const struct match_case *k)
{
	uint32_t rule = (uint32_t)(m - d->set->of);
	struct unnamed *at = &d->unnamed[d->unnamed_at % UNNAMED];
	struct flow_rules *r = match_flow_rules(d, k->flow);

	/* Once for a rule and direction is enough: it is the same conversation. */
	for (uint32_t i = 0; r->unnamed > 0 && i < UNNAMED; i++)
		if (d->unnamed[i].flow == k->flow->id && d->unnamed[i].rule == rule &&
		    d->unnamed[i].to_client == k->to_client)
			return;
	if (at->flow != 0)
		count(d->env.counters, CNT_RULES_WAITING_DROPPED);
	*at = (struct unnamed){ .flow = k->flow->id, .ts_ns = k->ts_ns, .frame = k->frame, .rule = rule,
	    .source = k->source, .to_client = k->to_client };
	d->unnamed_at++;
	if (r->unnamed < UINT8_MAX)
		r->unnamed++;
}

void
match_unnamed_judge(struct match *d, struct flow *f)
{
	match_flow_rules(d, f)->unnamed = 0;
	for (uint32_t i = 0; i < UNNAMED; i++) {
		struct unnamed *u = &d->unnamed[(d->unnamed_at + i) % UNNAMED];
		const struct match_rule *m = &d->set->of[u->rule];
		struct match_case k = { .ts_ns = u->ts_ns, .frame = u->frame, .source = u->source };

		if (u->flow != f->id)
			continue;
		u->flow = 0;
		match_case_endpoints(&k, f, u->to_client ? flow_server(f) : flow_client(f));
		if (!match_passed(d, &k) && match_endpoints(m, &k) && match_flow(m, &k))
			(void)match_matched(d, m, &k);
	}
}
