/* kept.c - what earlier runs learned of devices: out of rows of the store, to the devices. */
#include "detect/health/wire.h"

#include <stdlib.h>
#include <string.h>

#define MOST 65536u	/* units and devices, far more than are remembered */

struct loading {
	struct wire	*d;
	bool		 full;
};

static struct wire_kept *
kept_of(struct loading *l, const struct keep_of *of)
{
	struct wire *d = l->d;
	struct wire_kept *k = d->n_kept > 0 ? &d->kept[d->n_kept - 1] : NULL;
	void *more;

	/* Rows come in the order of their keys. */
	if (k != NULL && memcmp(&k->of, of, sizeof(*of)) == 0)
		return k;
	if (d->n_kept == d->kept_max) {
		const uint32_t n = d->kept_max > 0 ? 2 * d->kept_max : 64;

		more = n <= MOST ? realloc(d->kept, n * sizeof(*d->kept)) : NULL;
		if (more == NULL) {
			l->full = true;
			return NULL;
		}
		d->kept = more;
		d->kept_max = n;
	}
	k = &d->kept[d->n_kept++];
	memset(k, 0, sizeof(*k));
	k->of = *of;
	return k;
}

static void
one_row(void *arg, const void *row)
{
	struct loading *l = arg;
	const struct keep_health *h = row;
	const unsigned figure = health_figure_named(h->figure);
	struct wire_kept *k;
	struct norm *n;

	if (figure >= HEALTH_OF_WIRE || h->object[0] != '\0' || l->full || (k = kept_of(l, &h->of)) == NULL)
		return;
	n = k->norm[figure] != 0 ? pool_at(&l->d->norms, k->norm[figure] - 1u) : pool_get(&l->d->norms);
	if (n == NULL) {
		l->full = true;
		return;
	}
	if (k->norm[figure] == 0) {
		norm_begin(n, 0);
		k->norm[figure] = (uint16_t)(pool_index(&l->d->norms, n) + 1);
	}
	norm_restore(n, h, &(struct norm_judge){ .form = health_figure_row(figure)->form, .floor = wire_judge_of(figure)->by.floor,
	    .limit = wire_judge_of(figure)->by.limit });
	if (n->learned > k->hours)
		k->hours = n->learned;
}

int
wire_load(struct wire *d, struct err *e)
{
	struct loading l = { .d = d };

	return keep_load(d->h.env.keep, KEEP_HEALTH, one_row, &l, e);
}

void
wire_give(struct wire *d, uint64_t now_ns)
{
	for (uint32_t i = 0; i < d->n_kept; i++) {
		const struct wire_kept *k = &d->kept[i];
		struct asset *x = assets_get(d->h.env.assets, &k->of.addr, k->of.vlan, now_ns);
		struct asset_unit *u = x != NULL && k->of.has_unit ?
		    assets_unit(d->h.env.assets, x, (enum op_proto)k->of.proto, k->of.unit, now_ns) : NULL;
		struct vitals *v;

		if (x == NULL || (k->of.has_unit && u == NULL))
			continue;
		assets_prove(d->h.env.assets, x);	/* it answered, or there were no row */
		v = u != NULL ? &((struct unit_vitals *)asset_slot(u, d->h.of_unit))->v : asset_slot(x, d->of_device);
		memcpy(v->norm, k->norm, sizeof(v->norm));
		v->hours = (uint16_t)k->hours;
	}
	d->n_kept = 0;
}
