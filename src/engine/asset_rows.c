#include "engine/asset_rows.h"

#include <stdlib.h>

#include "base/str.h"
#include "record/protocol.h"

const struct device *
asset_row(struct asset_rows *r, uint32_t i)
{
	inventory_device(r->inv, &r->at[i], &r->d);
	return &r->d;
}

bool
asset_rows_open(struct asset_rows *r, const struct inventory *inv)
{
	struct inventory_at one;
	uint32_t n = inventory_list(inv, &one, 0);

	*r = (struct asset_rows){ .inv = inv, .at = calloc((size_t)n + 1, sizeof(*r->at)) };
	if (r->at != NULL)
		r->n = inventory_list(inv, r->at, n);
	return r->at != NULL;
}

void
asset_rows_close(struct asset_rows *r)
{
	free(r->at);
	r->at = NULL;
}

const char *
asset_protocols(const struct device *d, char to[ASSET_PROTOCOLS])
{
	struct strbuf s = strbuf_on(to, ASSET_PROTOCOLS);

	for (unsigned asks = 0; asks < 2; asks++) {
		uint32_t set = asks ? d->asks & ~d->serves : d->serves;

		if (set != 0 && asks)
			strbuf_put(&s, s.len > 0 ? ", asks " : "asks ");
		for (unsigned p = OP_UNKNOWN + 1, n = 0; p < OP_PROTO_COUNT; p++)
			if ((set & PROTO_BIT(p)) != 0)
				strbuf_printf(&s, "%s%s", n++ > 0 ? ", " : "", protocols[p]->name);
	}
	return to;
}

const char *
asset_address(const struct device *d, char to[ADDR_TEXT_MAX])
{
	if (d->n_addrs > 0)
		(void)addr_print(&d->addr[0], to);
	else
		(void)snprintf(to, ADDR_TEXT_MAX, "%.*s", (int)ADDR_TEXT_MAX - 1, d->id);
	return to;
}

const char *
asset_mac(const struct device *d, unsigned i, char to[18])
{
	const uint8_t *m = d->mac[i];

	to[0] = '\0';
	if (i < d->n_macs)
		(void)snprintf(to, 18, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return to;
}

const char *
asset_name(const struct device *d)
{
	const char *name = device_name(d);

	return name[0] != '\0' ? name : d->id;
}
