/* candidates.c - which rules could match what is looked at: the index is asked for
 * every key that it has.  Of operations: operations.c.
 */
#include "detect/match/match.h"

#include <string.h>

void
match_take(void *arg, uint32_t rule)
{
	struct match *d = arg;

	if (d->stamp[rule] == d->turn)
		return;
	d->stamp[rule] = d->turn;
	d->cand[d->n_cand++] = rule;
}

void
match_take_key(struct match *d, const struct match_index *ix, enum key_kind kind, uint32_t scope, uint64_t value)
{
	uint32_t n;
	const uint32_t *r = index_find(ix, kind, scope, value, &n);

	for (uint32_t i = 0; i < n; i++)
		match_take(d, r[i]);
}

void
match_begin(struct match *d)
{
	d->n_cand = 0;
	if (++d->turn == 0) {
		memset(d->stamp, 0, d->set->n * sizeof(*d->stamp));
		d->turn = 1;
	}
}

/* Into the set's order: a few, nearly always. */
void
match_put_in_order(struct match *d)
{
	uint32_t gap = 1;

	if (d->n_cand < 2)
		return;
	while (gap < d->n_cand / 3)
		gap = 3 * gap + 1;
	for (; gap > 0; gap /= 3)
		for (uint32_t i = gap; i < d->n_cand; i++) {
			uint32_t v = d->cand[i], k = i;

			for (; k >= gap && d->cand[k - gap] > v; k -= gap)
				d->cand[k] = d->cand[k - gap];
			d->cand[k] = v;
		}
}

static void
take_name(struct match *d, const struct match_index *ix, const struct protocol *p)
{
	match_take_key(d, ix, KEY_APP, 0, key_of_name(p->name, strlen(p->name)));
}

/* By each part of the flow's name, as "tls.teamviewer" has two (endpoints.c). */
static void
take_by_name(struct match *d, const struct match_index *ix, const struct flow *f)
{
	const char *part = f->app_proto;

	while (part != NULL) {
		size_t n = strcspn(part, ".");

		match_take_key(d, ix, KEY_APP, 0, key_of_name(part, n));
		part = part[n] == '.' ? part + n + 1 : NULL;
	}
	if (f->protocol == NULL)
		return;
	take_name(d, ix, f->protocol);
	if (f->protocol->family != f->protocol->proto)
		take_name(d, ix, protocols[f->protocol->family]);
}

bool
match_named(struct match *d, const struct flow *f)
{
	match_begin(d);
	take_by_name(d, &d->set->bytes, f);
	return d->n_cand > 0 || (f->app_risks != 0 && index_has(&d->set->bytes, KEY_RISK));
}

void
match_take_by_endpoints(struct match *d, const struct match_index *ix, const struct match_case *k)
{
	if (index_has(ix, KEY_ALL))
		match_take_key(d, ix, KEY_ALL, 0, 0);
	if (index_has(ix, KEY_DPORT))
		match_take_key(d, ix, KEY_DPORT, 0, k->dport);
	if (index_has(ix, KEY_SPORT))
		match_take_key(d, ix, KEY_SPORT, 0, k->sport);
	if (index_has(ix, KEY_DST))
		match_take_key(d, ix, KEY_DST, 0, key_of_addr(k->dst));
	if (index_has(ix, KEY_SRC))
		match_take_key(d, ix, KEY_SRC, 0, key_of_addr(k->src));
	if (index_has(ix, KEY_FLAGS) && k->header != NULL)
		match_take_key(d, ix, KEY_FLAGS, 0, k->header->tcp_flags);
	if (index_has(ix, KEY_APP) && k->flow != NULL)
		take_by_name(d, ix, k->flow);
	if (index_has(ix, KEY_RISK) && k->flow != NULL && k->flow->app_risks != 0)
		match_take_key(d, ix, KEY_RISK, 0, 0);
}
