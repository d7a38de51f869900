/* assets_netbox.c - the inventory in the columns of NetBox's bulk import.
 *
 * NetBox wants what is named to be there, so the parts come in the order in which they are imported: sites,
 * manufacturers, roles and types of devices first.  Names are unique in a site whatever their case, and bounded. */
#include "command/assets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define NAME_LEN	64u	/* bytes of the name of a device */
#define SERIAL_LEN	50u	/* of a serial or asset number */
#define UNKNOWN		"unknown"

struct netbox {
	struct asset_rows	*r;
	FILE			*to;
	char			(*names)[NAME_LEN + 1];	/* of devices, in their order */
};

/* ---- names --------------------------------------------------------------------------------------- */

/* At most n bytes, whole characters. */
static void
put_cut(char *to, size_t size, const char *text, size_t n)
{
	size_t at = 0, len = strlen(text);

	n = n < size ? n : size - 1;
	while (at < len) {
		size_t one = utf8_len((const uint8_t *)text + at, len - at);

		one = one > 0 ? one : 1;
		if (at + one > n)
			break;
		at += one;
	}
	memcpy(to, text, at);
	to[at] = '\0';
}

static bool
is_taken(const struct netbox *b, uint32_t i, const char *name)
{
	for (uint32_t k = 0; k < i; k++)
		if (strcasecmp(b->names[k], name) == 0)
			return true;
	return false;
}

/* "PLC-1", or "PLC-1 10.0.0.5" where another one is called so. */
static bool
name_all(struct netbox *b)
{
	b->names = calloc((size_t)b->r->n + 1, sizeof(*b->names));
	if (b->names == NULL)
		return false;
	for (uint32_t i = 0; i < b->r->n; i++) {
		const struct device *d = asset_row(b->r, i);
		char cut[NAME_LEN + 1];

		put_cut(b->names[i], sizeof(b->names[i]), asset_name(d), NAME_LEN);
		if (!is_taken(b, i, b->names[i]))
			continue;
		put_cut(cut, sizeof(cut), asset_name(d), strlen(d->id) + 1 < NAME_LEN ? NAME_LEN - 1 - strlen(d->id) : 0);
		(void)snprintf(b->names[i], sizeof(b->names[i]), "%.*s%s%.*s", (int)strlen(cut), cut, cut[0] != '\0' ? " " : "",
		    (int)(NAME_LEN - strlen(cut) - 1), d->id);
	}
	return true;
}

static const char *
or_unknown(const char *text)
{
	return text[0] != '\0' ? text : UNKNOWN;
}

static const char *
site_of(const struct device *d)
{
	return or_unknown(d->zone);
}

static const char *
role_of(const struct device *d)
{
	return d->n_roles > 0 ? role_rows[d->roles[0].role].text : UNKNOWN;
}

static const char *
vendor_of(const struct device *d)
{
	return or_unknown(device_text(d, ATTR_VENDOR));
}

static const char *
model_of(const struct device *d)
{
	return or_unknown(device_model(d));
}

/* "scalance-xb208": letters, digits and hyphens; with a hash where that is not all of it. */
static void
put_slug(FILE *to, const char *text, const char *more)
{
	uint32_t hash = 2166136261u;
	bool lossy = false, gap = true;
	char slug[64];
	size_t n = 0;

	for (unsigned part = 0; part < 2; part++) {
		if (part == 1 && *more != '\0' && n > 0 && n < 40)
			slug[n++] = '-';
		for (const char *p = part == 0 ? text : more; *p != '\0'; p++) {
			hash = (hash ^ (unsigned char)*p) * 16777619u;
			if (isalnum((unsigned char)*p) && n < 40) {
				slug[n++] = (char)tolower((unsigned char)*p);
				gap = false;
			} else {
				lossy |= *p != ' ' && *p != '-';
				if (!gap && n < 40)
					slug[n++] = '-';
				gap = true;
			}
		}
	}
	while (n > 0 && slug[n - 1] == '-')
		n--;
	if (lossy || n == 0 || n >= 40)
		n += (size_t)snprintf(slug + n, sizeof(slug) - n, "%s%08x", n > 0 ? "-" : "", hash);
	slug[n] = '\0';
	fprintf(to, ",%s", slug);
}

/* ---- what devices refer to -------------------------------------------------------------------------- */

typedef const char *text_of(const struct device *d);

/* Is it the first device with this text (and this one)? */
static bool
is_first(struct netbox *b, uint32_t i, text_of *of, text_of *and)
{
	char text[ATTRIBUTE_MAX], other[ATTRIBUTE_MAX];
	const struct device *d = asset_row(b->r, i);

	(void)snprintf(text, sizeof(text), "%s", of(d));
	(void)snprintf(other, sizeof(other), "%s", and != NULL ? and(d) : "");
	for (uint32_t k = 0; k < i; k++) {
		d = asset_row(b->r, k);
		if (strcasecmp(of(d), text) == 0 && (and == NULL || strcasecmp(and(d), other) == 0))
			return false;
	}
	return true;
}

static void
put_named(struct netbox *b, text_of *of, const char *head, const char *tail)
{
	fputs(head, b->to);
	for (uint32_t i = 0; i < b->r->n; i++) {
		const char *text;

		if (!is_first(b, i, of, NULL))
			continue;
		text = of(asset_row(b->r, i));
		command_csv(b->to, text, true);
		put_slug(b->to, text, "");
		fprintf(b->to, "%s\n", tail);
	}
}

static void
put_sites(struct netbox *b)
{
	put_named(b, site_of, "name,slug,status\n", ",active");
}

static void
put_manufacturers(struct netbox *b)
{
	put_named(b, vendor_of, "name,slug\n", "");
}

static void
put_roles(struct netbox *b)
{
	put_named(b, role_of, "name,slug,color\n", ",9e9e9e");
}

static void
put_types(struct netbox *b)
{
	fputs("manufacturer,model,slug,u_height\n", b->to);
	for (uint32_t i = 0; i < b->r->n; i++) {
		const struct device *d;

		if (!is_first(b, i, vendor_of, model_of))
			continue;
		d = asset_row(b->r, i);
		command_csv(b->to, vendor_of(d), true);
		command_csv(b->to, model_of(d), false);
		put_slug(b->to, model_of(d), strcmp(model_of(d), UNKNOWN) == 0 ? vendor_of(d) : "");
		fputs(",0\n", b->to);
	}
}

/* ---- devices ------------------------------------------------------------------------------------------- */

static void
put_number(struct netbox *b, const char *text)
{
	char cut[SERIAL_LEN + 1];

	put_cut(cut, sizeof(cut), text, SERIAL_LEN);
	command_csv(b->to, cut, false);
}

static void
put_devices(struct netbox *b)
{
	fputs("name,role,manufacturer,device_type,serial,asset_tag,site,status,description\n", b->to);
	for (uint32_t i = 0; i < b->r->n; i++) {
		const struct device *d = asset_row(b->r, i);

		command_csv(b->to, b->names[i], true);
		command_csv(b->to, role_of(d), false);
		command_csv(b->to, vendor_of(d), false);
		command_csv(b->to, model_of(d), false);
		put_number(b, device_text(d, ATTR_SERIAL));
		put_number(b, device_text(d, ATTR_ASSET_NUMBER));
		command_csv(b->to, site_of(d), false);
		command_csv(b->to, "active", false);
		command_csv(b->to, device_text(d, ATTR_DESCRIPTION), false);
		fputc('\n', b->to);
	}
}

static void
put_interfaces(struct netbox *b)
{
	char text[ADDR_TEXT_MAX];

	fputs("device,name,type,mac_address\n", b->to);
	for (uint32_t i = 0; i < b->r->n; i++) {
		const struct device *d = asset_row(b->r, i);

		for (unsigned k = 0; k < d->n_macs || (k == 0 && d->n_addrs > 0 && !d->behind); k++) {
			command_csv(b->to, b->names[i], true);
			(void)snprintf(text, sizeof(text), "eth%u", k);
			command_csv(b->to, text, false);
			command_csv(b->to, "other", false);
			command_csv(b->to, asset_mac(d, k, text), false);
			fputc('\n', b->to);
		}
	}
}

/* From NetBox 4.2 on they are objects of their own. */
static void
put_macs(struct netbox *b)
{
	char text[ADDR_TEXT_MAX];

	fputs("mac_address,device,interface,is_primary\n", b->to);
	for (uint32_t i = 0; i < b->r->n; i++) {
		const struct device *d = asset_row(b->r, i);

		for (unsigned k = 0; k < d->n_macs; k++) {
			command_csv(b->to, asset_mac(d, k, text), true);
			command_csv(b->to, b->names[i], false);
			(void)snprintf(text, sizeof(text), "eth%u", k);
			command_csv(b->to, text, false);
			fputs(",true\n", b->to);
		}
	}
}

static void
put_addresses(struct netbox *b)
{
	char text[ADDR_TEXT_MAX + 8], one[ADDR_TEXT_MAX];

	fputs("address,status,device,interface,is_primary\n", b->to);
	for (uint32_t i = 0; i < b->r->n; i++) {
		const struct device *d = asset_row(b->r, i);

		for (unsigned k = 0; k < d->n_addrs && !d->behind; k++) {
			(void)addr_print(&d->addr[k], one);
			(void)snprintf(text, sizeof(text), "%s/%s", one, addr_is_v4(&d->addr[k]) ? "32" : "128");
			command_csv(b->to, text, true);
			command_csv(b->to, "active", false);
			command_csv(b->to, b->names[i], false);
			command_csv(b->to, "eth0", false);
			command_csv(b->to, k == 0 ? "true" : "false", false);
			fputc('\n', b->to);
		}
	}
}

static const struct {
	const char	*name;
	void		(*put)(struct netbox *b);
} parts[] = {
	{ "sites", put_sites }, { "manufacturers", put_manufacturers }, { "device-roles", put_roles }, { "device-types", put_types },
	{ "devices", put_devices }, { "interfaces", put_interfaces }, { "mac-addresses", put_macs }, { "ip-addresses", put_addresses },
};

bool
assets_netbox_has(const char *part)
{
	for (unsigned i = 0; i < COUNTOF(parts); i++)
		if (strcmp(parts[i].name, part) == 0)
			return true;
	return false;
}

void
assets_netbox(struct asset_rows *r, const char *part, FILE *to)
{
	struct netbox b = { .r = r, .to = to };

	if (!name_all(&b))
		return;
	for (unsigned i = 0; i < COUNTOF(parts); i++) {
		if (part == NULL)
			fprintf(to, "# %s\n", parts[i].name);
		if (part == NULL || strcmp(part, parts[i].name) == 0)
			parts[i].put(&b);
	}
	free(b.names);
}
