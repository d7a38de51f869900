/* assets_diff.c - the list that the operator keeps against what was seen; CISA's fields; the summary. */
#include "command/assets.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "asset/list.h"
#include "base/str.h"
#include "record/protocol.h"

/* ---- diff ------------------------------------------------------------------------------------ */

static bool
is_row(const struct asset_list_row *row, const struct device *d)
{
	if (row->has_unit != d->behind)
		return false;
	if (row->has_unit && (row->proto != d->proto || row->unit != d->unit))
		return false;
	for (uint32_t i = 0; i < d->n_addrs; i++)
		if (addr_same(&d->addr[i], &row->addr))
			return true;
	for (uint32_t i = 0; i < d->n_macs && addr_is_mac(&row->addr); i++)
		if (memcmp(d->mac[i], row->addr.b + 10, 6) == 0)
			return true;
	return false;
}

/* What the wire says of it; "": nothing. */
static const char *
seen_value(const struct device *d, unsigned key)
{
	if (key == ATTR_ROLE)
		return d->n_roles > 0 ? role_rows[d->roles[0].role].text : "";
	return device_text(d, (enum attribute_key)key);
}

static bool
same_value(const struct device *d, unsigned key, const char *listed)
{
	for (uint32_t i = 0; i < d->n_values; i++)
		if (d->values[i].key == key && d->values[i].holds && strcasecmp(d->values[i].value, listed) == 0)
			return true;
	if (key == ATTR_ROLE)
		return d->n_roles > 0 && role_find(listed) == d->roles[0].role;
	return strcasecmp(seen_value(d, key), listed) == 0;
}

static int
compare(const struct asset_list_row *row, const struct device *d, FILE *to)
{
	int n = 0;

	for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++) {
		if (row->values[k] == NULL || seen_value(d, k)[0] == '\0' || same_value(d, k, row->values[k]))
			continue;
		fprintf(to, "~ %s: %s is %s, the list says %s (line %d)\n", d->id, attribute_rows[k].text, seen_value(d, k),
		    row->values[k], row->line);
		n++;
	}
	return n;
}

int
assets_compare(struct asset_rows *r, const struct asset_list *list, FILE *to)
{
	const struct asset_list l = *list;
	char text[ADDR_TEXT_MAX], protocols_[ASSET_PROTOCOLS];
	bool *found = calloc(l.n + 1, sizeof(*found));
	int n = 0;

	if (found == NULL)
		return -1;
	for (uint32_t i = 0; i < r->n; i++) {
		const struct device *d = asset_row(r, i);
		size_t k = 0;

		while (k < l.n && !is_row(&l.rows[k], d))
			k++;
		if (k < l.n) {
			found[k] = true;
			n += compare(&l.rows[k], d, to);
			continue;
		}
		fprintf(to, "+ %s: not in the list%s%s%s%s\n", d->id, d->n_roles > 0 ? "; " : "",
		    d->n_roles > 0 ? role_rows[d->roles[0].role].text : "", d->serves != 0 || d->asks != 0 ? ", " : "",
		    asset_protocols(d, protocols_));
		n++;
	}
	for (size_t k = 0; k < l.n; k++) {
		if (found[k])
			continue;
		(void)addr_print(&l.rows[k].addr, text);
		fprintf(to, "- %s", text);
		if (l.rows[k].has_unit)
			fprintf(to, "/%s/%" PRIu32, protocols[l.rows[k].proto]->name, l.rows[k].unit);
		fprintf(to, ": in the list (line %d), not seen\n", l.rows[k].line);
		n++;
	}
	fprintf(to, "%d difference%s between %zu listed and %" PRIu32 " seen\n", n, n == 1 ? "" : "s", l.n, r->n);
	free(found);
	return n;
}

int
assets_diff(struct asset_rows *r, const char *path, FILE *to, struct err *e)
{
	struct asset_list l;
	int n = asset_list_read(&l, path, e) == 0 ? assets_compare(r, &l, to) : -1;

	asset_list_free(&l);
	return n;
}

/* ---- CISA's 14 fields (OT asset inventory guidance, 2025-08) ------------------------------------- */

enum { KEYS = 3 };
static const struct field {
	const char	*name;
	uint8_t		 keys[KEYS], n;		/* of attributes; one is enough */
	bool		 owner;			/* the wire never gives it */
} fields[] = {
	{ "address",	{ 0 }, 0, false }, { "MAC", { 0 }, 0, false }, { "protocols", { 0 }, 0, false }, { "role", { 0 }, 0, false },
	{ "manufacturer", { ATTR_VENDOR }, 1, false }, { "model", { ATTR_MODEL, ATTR_PRODUCT, ATTR_ORDER_NUMBER }, 3, false },
	{ "hostname", { ATTR_HOSTNAME, ATTR_NAME, ATTR_STATION }, 3, false }, { "operating system", { ATTR_SYSTEM, ATTR_FIRMWARE, ATTR_REVISION }, 3, false },
	{ "ports and services", { ATTR_SERVICE }, 1, false }, { "accounts", { ATTR_ACCOUNT }, 1, false },
	{ "criticality", { ATTR_CRITICALITY }, 1, true }, { "asset number", { ATTR_ASSET_NUMBER }, 1, true },
	{ "location", { ATTR_LOCATION }, 1, true }, { "logging", { ATTR_LOGGING }, 1, true },
};

static bool
has_field(const struct device *d, unsigned f)
{
	switch (f) {
	case 0:	return d->n_addrs > 0;
	case 1:	return d->n_macs > 0;
	case 2:	return d->serves != 0 || d->asks != 0;
	case 3:	return d->n_roles > 0;
	default:
		for (unsigned k = 0; k < fields[f].n; k++)
			if (device_value(d, (enum attribute_key)fields[f].keys[k]) != NULL)
				return true;
		/* What answers by a control protocol offers a service. */
		return fields[f].keys[0] == ATTR_SERVICE && d->serves != 0;
	}
}

void
assets_coverage(struct asset_rows *r, FILE *to)
{
	uint32_t known[COUNTOF(fields)] = { 0 };

	if (r->n == 0)
		return;
	for (uint32_t i = 0; i < r->n; i++) {
		const struct device *d = asset_row(r, i);

		for (unsigned f = 0; f < COUNTOF(fields); f++)
			known[f] += has_field(d, f);
	}
	fprintf(to, "\nOf CISA's 14 fields, known of %" PRIu32 " device%s:", r->n, r->n == 1 ? "" : "s");
	for (unsigned f = 0; f < COUNTOF(fields); f++)
		if (!fields[f].owner || known[f] > 0)
			fprintf(to, "%s %s %" PRIu32 " %%", f > 0 ? "," : "", fields[f].name, (known[f] * 100 + r->n / 2) / r->n);
	fputs(".\nOnly the owner knows:", to);
	for (unsigned f = 0, n = 0; f < COUNTOF(fields); f++)
		if (fields[f].owner && known[f] < r->n)
			fprintf(to, "%s %s", n++ > 0 ? "," : "", fields[f].name);
	fputs(" (assets.file).\n", to);
}
