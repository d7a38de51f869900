/* changes.c - of which devices something is new, when it has settled. */
#include "asset/inventory_parts.h"

#define SETTLES_NS	10000000000ull	/* what is new of an asset comes in one record */
#define EVERY_NS	300000000000ull	/* and no oftener than that */
#define AT_ONCE		64u		/* looked at in one call */

static uint64_t
due_ns(const struct known *k)
{
	uint64_t settled_ns = k->changed_ns + SETTLES_NS, again_ns = k->written_ns + EVERY_NS;

	return k->written_ns != 0 && again_ns > settled_ns ? again_ns : settled_ns;
}

static void
forget_change(const struct inventory *inv, struct asset *x, void *arg)
{
	struct known *k = known_of(inv, x, NULL);

	list_remove(&k->changed);
	list_init(&k->changed);
	k->written_ns = *(const uint64_t *)arg;
}

void
inventory_changes(struct inventory *inv, uint64_t now_ns, bool all, void (*changed)(void *arg, const struct device *d),
    void *arg)
{
	struct link *l = inv->changed.next, *next;
	uint64_t next_ns = UINT64_MAX;
	unsigned i = 0;

	/* In most seconds of a plant nothing is. */
	if (!all && now_ns >= inv->looked_ns && now_ns < inv->next_ns)
		return;
	for (; l != &inv->changed && (all || i < AT_ONCE); l = next, i++) {
		struct known *k = LIST_OWNER(l, struct known, changed);
		struct inventory_at at = { k->device, k->unit };
		uint64_t written_ns = now_ns != 0 ? now_ns : 1;
		struct device d;

		next = l->next;
		if (!all && now_ns < due_ns(k)) {
			const bool settles = now_ns < k->changed_ns + SETTLES_NS && now_ns >= k->changed_ns;
			const uint64_t look_ns = settles ? k->changed_ns + SETTLES_NS : due_ns(k);

			next_ns = look_ns < next_ns ? look_ns : next_ns;
			/* They came in this order, but for those whose last record is younger. */
			if (settles)
				break;
			list_touch(&inv->changed, l);
			continue;
		}
		next_ns = 0;
		if (k->unit != NULL ? !devices_stands_behind(inv, k->unit) : !devices_is_asset(inv, k->device)) {
			list_remove(l);
			list_init(l);
			continue;
		}
		if (k->unit == NULL) {
			at.device = devices_first_row(inv, k->device);
			devices_each_row(inv, k->device, forget_change, &written_ns);
			next = inv->changed.next;	/* others of the list may be gone */
		} else {
			list_remove(l);
			list_init(l);
			k->written_ns = written_ns;
		}
		inventory_device(inv, &at, &d);
		changed(arg, &d);
	}
	inv->looked_ns = now_ns;
	inv->next_ns = i < AT_ONCE ? next_ns : 0;
}

void
inventory_each(const struct inventory *inv, void (*each)(void *arg, const struct device *d), void *arg)
{
	for (struct asset *x = assets_next(inv->assets, NULL); x != NULL; x = assets_next(inv->assets, x)) {
		struct inventory_at at = { x, NULL };
		struct device d;

		if (!devices_is_asset(inv, x))
			continue;
		if (devices_first_row(inv, x) == x) {
			inventory_device(inv, &at, &d);
			each(arg, &d);
		}
		for (struct link *l = x->units.next; l != &x->units; l = l->next) {
			at.unit = LIST_OWNER(l, struct asset_unit, of);
			if (!devices_stands_behind(inv, at.unit))
				continue;
			inventory_device(inv, &at, &d);
			each(arg, &d);
		}
	}
}
