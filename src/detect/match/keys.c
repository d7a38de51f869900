/* keys.c - keys of rules by the endpoints, headers and names of what they match. */
#include "detect/match/keys.h"

#include <string.h>

static uint32_t
ports_of(const struct rule_ports *g, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; !g->any && i < g->n; i++)
		for (uint32_t v = g->of[i].lo; v <= g->of[i].hi; v++) {
			if (n == FEW)
				return 0;
			out[n++] = v;
		}
	return n;
}

uint64_t
key_of_addr(const struct addr *a)
{
	uint64_t x, y;

	memcpy(&x, a->b, 8);
	memcpy(&y, a->b + 8, 8);
	return hash_mix(x ^ 0xa0761d6478bd642fu, y ^ 0xe7037ed1a0b428dbu);
}

uint64_t
key_of_name(const char *name, size_t n)
{
	return hash_bytes(0x6e616d6564ull, name, n);
}

uint32_t
keys_of_addrs(const struct rule_addrs *g, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; !g->any && i < g->n; i++) {
		if (n == FEW || !addr_same(&g->of[i].lo, &g->of[i].hi))
			return 0;
		out[n++] = key_of_addr(&g->of[i].lo);
	}
	return n;
}

int
keys_add(struct match_index *ix, enum key_kind kind, uint32_t scope, const uint64_t *v, uint32_t n,
    uint32_t rule)
{
	for (uint32_t i = 0; i < n; i++)
		if (index_add(ix, kind, scope, v[i], rule) != 0)
			return -1;
	return 0;
}

/* What the flow must be named, or that it must have a risk: most flows of a plant
 * are named otherwise, and have none.  False: neither is asked. */
static bool
key_by_name(struct match_index *ix, const struct match_rule *m, uint32_t i, int *r)
{
	const char *name = m->r->proto == RULE_APP ? m->r->app.names : NULL;
	bool risk = false;

	/* Bytes may pass before the flow has its name. */
	if (m->n_lists > 0 || m->lists_by.n > 0)
		return false;
	for (uint32_t k = 0; k < m->flows.n; k++) {
		const struct rule_opt *o = m->flows.of[k];

		if (o->word == RW_STREAM_SIZE)
			continue;
		if (o->word == RW_NDPI_RISK)
			risk |= !o->words.negated;
		else if (o->word == RW_APP_PROTOCOL && !o->app.negated && name == NULL &&
		    strcmp(o->app.name, "unknown") != 0 && strcmp(o->app.name, "failed") != 0)
			name = o->app.names;
	}
	if (name != NULL && strchr(name, '.') == NULL)
		for (*r = 0; *name != '\0'; name += strspn(name, " ")) {
			size_t n = strcspn(name, " ");

			*r |= index_add(ix, KEY_APP, 0, key_of_name(name, n), i);
			name += n;
		}
	else if (risk)
		*r = index_add(ix, KEY_RISK, 0, 0, i);
	else
		return false;
	return true;
}

/* The values of the octet of TCP flags that pass, where that is at most half of them. */
static uint32_t
tcp_flags_of(const struct match_rule *m, uint64_t v[256])
{
	for (uint32_t k = 0; k < m->packet.n; k++) {
		uint32_t n = 0;

		for (unsigned f = 0; m->packet.of[k]->word == RW_FLAGS && f < 256; f++)
			if (rule_flags_are(&m->packet.of[k]->flags, (uint8_t)f))
				v[n++] = f;
		if (n > 0 && n <= 128)
			return n;
	}
	return 0;
}

/* By the endpoints, for packets and bytes. */
int
keys_by_endpoints(struct match_index *ix, const struct match_rule *m, uint32_t i)
{
	const struct rule *r = m->r;
	uint64_t v[256];
	uint32_t n = 0;
	int named;

	if (!r->both_ways) {
		if ((n = keys_of_addrs(&r->dst, v)) > 0)
			return keys_add(ix, KEY_DST, 0, v, n, i);
		if ((n = keys_of_addrs(&r->src, v)) > 0)
			return keys_add(ix, KEY_SRC, 0, v, n, i);
		if ((n = ports_of(&r->dport, v)) > 0)
			return keys_add(ix, KEY_DPORT, 0, v, n, i);
		if ((n = ports_of(&r->sport, v)) > 0)
			return keys_add(ix, KEY_SPORT, 0, v, n, i);
	} else {
		if (r->sport.any && (n = ports_of(&r->dport, v)) > 0)
			return keys_add(ix, KEY_DPORT, 0, v, n, i) | keys_add(ix, KEY_SPORT, 0, v, n, i);
		if (r->dport.any && (n = ports_of(&r->sport, v)) > 0)
			return keys_add(ix, KEY_DPORT, 0, v, n, i) | keys_add(ix, KEY_SPORT, 0, v, n, i);
	}
	if (key_by_name(ix, m, i, &named))
		return named;
	if ((n = tcp_flags_of(m, v)) > 0)
		return keys_add(ix, KEY_FLAGS, 0, v, n, i);
	return index_add(ix, KEY_ALL, 0, 0, i);
}

