/* worker_assets.c - what a worker does for the inventory. */
#include "engine/worker_assets.h"

#include <string.h>

#include "base/log.h"
#include "engine/assets_keep.h"

/* A device says it in a frame of its own. */
static bool
is_of_frames(enum attribute_source source)
{
	return source == ATTR_BY_LLDP || source == ATTR_BY_CDP || source == ATTR_BY_DCP;
}

/* Something was read in passing of a device.  An address of the internet gets no row for being named, nor does
 * one that only a DNS server named: nobody may ever have seen it here. */
void
worker_named(void *arg, const struct passing_fact *f)
{
	struct worker *w = arg;
	struct addr addr = f->who.has_addr ? f->who.addr : addr_of_mac(f->who.mac);
	struct asset *x = assets_find(w->assets, &addr, f->vlan);

	if (x == NULL && f->source != ATTR_BY_DNS && (!f->who.has_addr || addr_is_private(&addr)))
		x = assets_get(w->assets, &addr, f->vlan, f->ts_ns);
	if (x == NULL)
		return;
	if (w->frame != NULL && is_of_frames(f->source)) {
		const struct announcement heard = { .addr = addr, .key = (uint8_t)f->key, .source = (uint8_t)f->source, .value = f->value,
		    .n = f->n, .packet = w->frame };

		if (f->who.has_mac && f->who.has_addr)
			inventory_stated(w->inventory, x, f->who.mac, f->ts_ns);
		if (detect_wants(w->detect, DETECT_ANNOUNCEMENT))
			detect_announcement(w->detect, &heard);
	}
	inventory_learn(w->inventory, x, NULL, f->key, f->source, f->value, f->n, f->ts_ns);
}

void
worker_asset(void *arg, const struct device *d)
{
	struct worker *w = arg;

	output_device(w->output, d, w->now_ns);
	(void)assets_keep_put(store_keep(w->store), d);	/* once more at the end */
}

void
worker_open_vendors(struct worker *w, const char *path, struct err *e)
{
	if (path == NULL || path[0] == '\0')
		return;
	w->vendors = vendors_open(path, e);
	if (w->vendors == NULL)
		log_info("assets", "%s: no list of vendors there (Debian's package ieee-data); MACs have no vendor",
		    path);
}

void
worker_know_assets(struct worker *w, const char *path, struct err *e)
{
	struct asset_list l;

	if (w->store != NULL)
		(void)assets_keep_load(store_keep(w->store), w->assets, w->inventory, e);
	if (path == NULL || path[0] == '\0')
		return;
	if (asset_list_read(&l, path, e) == 0)
		asset_list_teach(&l, w->assets, w->inventory);
	asset_list_free(&l);
}

/* What was not seen in this run is kept as it is. */
static void
keep_device(void *arg, const struct device *d)
{
	struct worker *w = arg;
	uint64_t last_ns = d->last_ns;

	for (uint32_t i = 0; i < d->n_values; i++)
		last_ns = d->values[i].last_ns > last_ns ? d->values[i].last_ns : last_ns;
	if (last_ns >= w->first_ns)
		(void)assets_keep_put(store_keep(w->store), d);
}

void
worker_last_assets(struct worker *w)
{
	inventory_changes(w->inventory, w->now_ns, true, worker_asset, w);
	if (w->store != NULL)
		inventory_each(w->inventory, keep_device, w);
}
