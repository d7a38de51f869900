/* lists.c - what stands in lists and tables: geoip, iprep, asset.*, dataset, datarep. */
#include "detect/match/lists.h"

#include <string.h>

#include "base/hash.h"
#include "base/sum.h"

#define GONE	0x9e3779b97f4a7c15u	/* of the key of a member that `unset` took out of its file's list */

static const struct rule_member *
find(const struct rule_list *l, const uint8_t *p, uint32_t n)
{
	uint32_t lo = 0, hi = l->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct rule_member *e = &l->of[mid];
		int d = memcmp(e->p, p, e->n < n ? e->n : n);

		if (d == 0 && e->n == n)
			return e;
		if (d < 0 || (d == 0 && e->n < n))
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* The address itself, or the smallest network around it that is listed. */
static const struct rule_member *
find_address(const struct rule_list *l, const struct addr *a)
{
	const struct rule_member *e = find(l, a->b, 16);
	uint8_t key[17];

	if (e != NULL || (l->nets[0] | l->nets[1]) == 0)
		return e;
	memcpy(key, a->b, 16);
	for (unsigned bits = 127;; bits--) {
		key[bits / 8] &= (uint8_t)~(0x80u >> bits % 8);
		key[16] = (uint8_t)bits;
		if ((l->nets[bits / 64] >> bits % 64 & 1u) != 0 && (e = find(l, key, sizeof(key))) != NULL)
			return e;
		if (bits == 0)
			return NULL;
	}
}

/* ---- sets --------------------------------------------------------------- */

static bool
in_set(const struct match_known *x, const struct rule_list *l, const uint8_t *p, uint32_t n, uint64_t key,
    uint64_t now_ns)
{
	return memory_tagged(x->memory, key, now_ns) ||
	    (find(l, p, n) != NULL && !memory_tagged(x->memory, key ^ GONE, now_ns));
}

/* Suricata: `set` holds of what was not in the set before, `unset` of what was. */
static bool
dataset(const struct match_known *x, const struct rule_dataset *d, const uint8_t *p, uint32_t n, uint64_t now_ns)
{
	const struct rule_member *e;
	uint64_t key;
	bool in;

	if (d->rep) {
		e = find(d->list, p, n);
		return e != NULL && rule_number_is(&d->value, e->rep);
	}
	if (!d->list->changes) {
		e = find(d->list, p, n);
		return d->what == DATASET_ISSET ? e != NULL : e == NULL;
	}
	key = hash_bytes(hash_bytes(0x64617461u, d->list->name, strlen(d->list->name)), p, n) | 1;
	in = in_set(x, d->list, p, n, key, now_ns);
	switch (d->what) {
	case DATASET_ISSET:
		return in;
	case DATASET_ISNOTSET:
		return !in;
	case DATASET_SET:
		memory_tag(x->memory, key, true, 0, now_ns);
		return !in;
	default:
		memory_tag(x->memory, key, false, 0, now_ns);
		if (in && find(d->list, p, n) != NULL)
			memory_tag(x->memory, key ^ GONE, true, 0, now_ns);
		return in;
	}
}

static bool
bytes_opt(const struct match_known *x, const struct rule_opt *o, const struct match_case *k)
{
	const struct rule_dataset *d = &o->dataset;
	uint8_t sum[SUM_SHA256];
	const uint8_t *p;
	uint32_t n;

	if (!match_buffer(o->buffer, k, &p, &n))
		return false;
	if (d->list->type == DATASET_MD5) {
		sum_md5(p, n, sum);
		return dataset(x, d, sum, SUM_MD5, k->ts_ns);
	}
	if (d->list->type == DATASET_SHA256) {
		sum_sha256(p, n, sum);
		return dataset(x, d, sum, SUM_SHA256, k->ts_ns);
	}
	return dataset(x, d, p, n, k->ts_ns);
}

/* ---- addresses ------------------------------------------------------------ */

static bool
in_country(const struct match_known *x, const struct rule_geoip *g, const struct addr *a)
{
	char of[3];

	/* What nobody knows is in no country, and not outside of one either. */
	if (x->geoip == NULL || !geoip_country(x->geoip, a, of))
		return false;
	for (uint32_t i = 0; i < g->n; i++)
		if (memcmp(g->of[i], of, 2) == 0)
			return !g->negated;
	return g->negated;
}

/* The row of this end. */
static struct asset *
device_of(const struct match_known *x, const struct match_case *k, const struct addr *a)
{
	for (unsigned end = 0; k->flow != NULL && end < 2; end++)
		if (addr_same(&k->flow->addr[end], a) && asset_of(k->flow, end) != NULL)
			return asset_of(k->flow, end);
	return x->assets != NULL ? assets_find(x->assets, a, k->packet != NULL ? packet_vlan(k->packet) : 0) : NULL;
}

/* Of whom nothing is known it has none of these roles, and is in none of these zones. */
static bool
is_device(const struct match_known *x, const struct rule_opt *o, const struct match_case *k, const struct addr *a)
{
	struct asset *device = device_of(x, k, a);
	bool is = false;

	if (o->word == RW_ASSET_NEW)
		return device != NULL && asset_is(x->ask, device, ASSET_ASK_NEW, NULL);
	for (uint32_t i = 0; device != NULL && i < o->words.n && !is; i++)
		is = asset_is(x->ask, device, o->word == RW_ASSET_ROLE ? ASSET_ASK_ROLE : o->word == RW_ASSET_ZONE ?
		    ASSET_ASK_ZONE : o->word == RW_ASSET_VENDOR ? ASSET_ASK_VENDOR : ASSET_ASK_MODEL, o->words.names[i]);
	return is != o->words.negated;
}

static bool
is_asset_word(const struct rule_opt *o)
{
	return rule_word_row((enum rule_word)o->word)->applies == APPLIES_ASSET;
}

static bool
one_end(const struct match_known *x, const struct rule_opt *o, const struct match_case *k, const struct addr *a)
{
	const struct rule_member *e;

	if (is_asset_word(o))
		return is_device(x, o, k, a);
	if (o->word == RW_GEOIP)
		return in_country(x, &o->geoip, a);
	if (o->word != RW_IPREP)
		return dataset(x, &o->dataset, a->b, 16, k->ts_ns);
	e = find_address(o->iprep.list, a);
	return o->iprep.what == IPREP_ISNOTSET ? e == NULL :
	    e != NULL && (o->iprep.what == IPREP_ISSET || rule_number_is(&o->iprep.value, e->rep));
}

static bool
list_opt(const struct match_known *x, const struct rule_opt *o, const struct match_case *k)
{
	uint8_t side = is_asset_word(o) ? o->words.side : o->word == RW_IPREP ? o->iprep.side : o->word == RW_GEOIP ? o->geoip.side : o->dataset.side;
	const struct addr *client = k->to_client ? k->dst : k->src;
	const struct addr *server = k->to_client ? k->src : k->dst;

	if ((o->word == RW_DATASET || o->word == RW_DATAREP) && o->dataset.list->type != DATASET_IP)
		return bytes_opt(x, o, k);
	switch (side) {
	case SIDE_SRC:
		return one_end(x, o, k, k->src);
	case SIDE_DST:
		return one_end(x, o, k, k->dst);
	case SIDE_BOTH:
		return one_end(x, o, k, k->src) && one_end(x, o, k, k->dst);
	case SIDE_CLIENT:
		return one_end(x, o, k, client);
	case SIDE_SERVER:
		return one_end(x, o, k, server);
	default:
		/* In the set is who stands in it with either end, not in it who does with none. */
		if ((o->word == RW_DATASET && o->dataset.what == DATASET_ISNOTSET) || (is_asset_word(o) && o->words.negated))
			return one_end(x, o, k, k->src) && one_end(x, o, k, k->dst);
		return one_end(x, o, k, k->src) || one_end(x, o, k, k->dst);
	}
}

/* Of the bytes of a message, which come behind its operation. */
static bool
is_of_payload(const struct rule_opt *o)
{
	return (o->word == RW_DATASET || o->word == RW_DATAREP) && o->dataset.list->type != DATASET_IP &&
	    (o->buffer == BUFFER_PAYLOAD || o->buffer == BUFFER_PACKET);
}

bool
match_lists(const struct match_known *x, const struct match_rule *m, const struct match_case *k, enum match_which which)
{
	for (uint32_t i = 0; i < m->lists_by.n; i++) {
		const struct rule_opt *o = m->lists_by.of[i];

		if ((which == LISTS_ALL || (which == LISTS_OF_PAYLOAD) == is_of_payload(o)) && !list_opt(x, o, k))
			return false;
	}
	return true;
}
