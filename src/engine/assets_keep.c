#include "engine/assets_keep.h"

#include <stdio.h>
#include <string.h>

#include "record/protocol.h"
#include "store/list.h"

struct into {
	struct assets		*a;
	struct inventory	*inv;
};

static struct keep_of
of_device(const struct device *d)
{
	return (struct keep_of){ .addr = d->n_addrs > 0 ? d->addr[0] : addr_of_mac(d->mac[0]), .vlan = d->vlan,
	    .has_unit = d->behind, .proto = d->behind ? d->proto : 0, .unit = d->behind ? d->unit : 0 };
}

static bool
put_values(const struct keep *k, const struct device *d, const struct keep_of *of)
{
	bool all = true;

	for (uint32_t i = 0; i < d->n_values; i++) {
		const struct device_value *v = &d->values[i];
		struct keep_attribute row;

		/* Nor a state: nobody knows whether it holds after a while without a sensor. */
		if (v->source == ATTR_BY_OUI || v->source == ATTR_BY_OPERATOR ||
		    attribute_rows[v->key].form == ATTR_FORM_STATE)
			continue;
		memset(&row, 0, sizeof(row));
		row.of = *of;
		(void)snprintf(row.key, sizeof(row.key), "%s", attribute_rows[v->key].text);
		(void)snprintf(row.source, sizeof(row.source), "%s", attribute_sources[v->source].text);
		row.confidence = v->confidence;
		row.len = (uint8_t)strlen(v->value);
		memcpy(row.value, v->value, row.len);
		row.first_ns = v->first_ns;
		row.last_ns = v->last_ns;
		row.count = v->count;
		all = keep_put(k, KEEP_ATTRIBUTE, &row, sizeof(row)) && all;
	}
	return all;
}

bool
assets_keep_put(const struct keep *k, const struct device *d)
{
	struct keep_asset row;
	bool all;

	if (k == NULL || (d->n_addrs == 0 && d->n_macs == 0))
		return true;
	memset(&row, 0, sizeof(row));
	row.of = of_device(d);
	row.first_ns = d->first_ns;
	row.last_ns = d->last_ns;
	row.proven = d->proven;
	row.control_ns = d->serves != 0 || d->asks != 0 ? d->first_ns : 0;
	if (d->n_macs > 0)
		memcpy(row.mac, d->mac[0], sizeof(row.mac));
	if (d->n_roles > 0) {
		(void)snprintf(row.role, sizeof(row.role), "%s", role_rows[d->roles[0].role].text);
		row.confidence = d->roles[0].confidence;
	}
	row.has_level = d->level != LEVEL_NONE;
	row.level = (uint8_t)(row.has_level ? d->level * 10 : 0);
	(void)snprintf(row.zone, sizeof(row.zone), "%.*s", (int)sizeof(row.zone) - 1, d->zone);
	(void)snprintf(row.name, sizeof(row.name), "%.*s", (int)sizeof(row.name) - 1, device_name(d));
	(void)snprintf(row.vendor, sizeof(row.vendor), "%.*s", (int)sizeof(row.vendor) - 1, device_text(d, ATTR_VENDOR));
	(void)snprintf(row.model, sizeof(row.model), "%.*s", (int)sizeof(row.model) - 1, device_model(d));
	(void)snprintf(row.firmware, sizeof(row.firmware), "%.*s", (int)sizeof(row.firmware) - 1, device_firmware(d));
	row.protocols = d->serves | d->asks;
	all = put_values(k, d, &row.of);
	return keep_put(k, KEEP_ASSET, &row, sizeof(row)) && all;
}

static struct asset *
row_of(const struct into *to, const struct keep_of *of, struct asset_unit **unit)
{
	struct asset *x = assets_find(to->a, &of->addr, of->vlan);

	if (x == NULL)
		x = assets_get(to->a, &of->addr, of->vlan, 0);
	*unit = of->has_unit && of->proto < OP_PROTO_COUNT ?
	    assets_unit(to->a, x, (enum op_proto)of->proto, of->unit, 0) : NULL;
	return x;
}

static void
take_asset(void *arg, const void *kept)
{
	const struct into *to = arg;
	const struct keep_asset *row = kept;
	struct asset_unit *u;
	struct asset *x = row_of(to, &row->of, &u);
	enum role role = role_find(row->role);

	inventory_recall(to->inv, x, u, &(struct inventory_past){ .first_ns = row->first_ns, .last_ns = row->last_ns,
	    .role = { (uint8_t)role, role != ROLE_UNKNOWN ? row->confidence : 0 }, .protocols = (uint32_t)row->protocols, .proven = row->proven,
	    .mac = row->mac });
}

static void
take_attribute(void *arg, const void *kept)
{
	const struct into *to = arg;
	const struct keep_attribute *row = kept;
	enum attribute_key key = attribute_find(row->key);
	enum attribute_source source = attribute_source_find(row->source);
	struct asset_unit *u;
	struct asset *x;

	if (key == ATTR_NONE || source == ATTRIBUTE_SOURCES)	/* of a later version */
		return;
	x = row_of(to, &row->of, &u);
	inventory_recall_value(to->inv, x, u, &(struct device_value){ .key = (uint8_t)key, .source = (uint8_t)source,
	    .first_ns = row->first_ns, .last_ns = row->last_ns, .count = row->count }, row->value, row->len);
}

int
assets_keep_load(const struct keep *k, struct assets *a, struct inventory *inv, struct err *e)
{
	struct into to = { a, inv };

	if (keep_load(k, KEEP_ASSET, take_asset, &to, e) != 0)
		return -1;
	return keep_load(k, KEEP_ATTRIBUTE, take_attribute, &to, e);
}

static int
read_rows(void *file, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	return store_rows(file, kind, "", each, to, e);
}

int
assets_keep_read(const struct settings *s, struct assets *a, struct inventory *inv, struct err *e)
{
	const struct keep reader = { .load = read_rows, .arg = (void *)(uintptr_t)s->store.file };

	return assets_keep_load(&reader, a, inv, e);
}
