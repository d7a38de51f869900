#include "asset/list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/str.h"
#include "record/protocol.h"

#define COLUMNS		64u

enum { COL_ADDRESS = ATTRIBUTE_COUNT, COL_MAC, COL_PROTOCOL, COL_UNIT, COL_IGNORED };

struct reading {
	struct csv	 csv;
	unsigned	 columns[COLUMNS], n;
	size_t		 space;		/* rows */
};

static unsigned
column_of(const char *name)
{
	static const struct { const char *name; unsigned column; } own[] = {
		{ "address", COL_ADDRESS }, { "ip", COL_ADDRESS }, { "mac", COL_MAC }, { "protocol", COL_PROTOCOL }, { "unit", COL_UNIT },
		/* What `thermowell assets --format csv` has and nobody states. */
		{ "id", COL_IGNORED }, { "addresses", COL_IGNORED }, { "macs", COL_IGNORED }, { "confidence", COL_IGNORED },
		{ "protocols", COL_IGNORED }, { "country", COL_IGNORED }, { "operator", COL_IGNORED }, { "zone", COL_IGNORED }, { "first_seen", COL_IGNORED }, { "last_seen", COL_IGNORED },
	};
	enum attribute_key key;

	for (size_t i = 0; i < COUNTOF(own); i++)
		if (strcasecmp(own[i].name, name) == 0)
			return own[i].column;
	key = attribute_find(name);
	return key != ATTR_NONE ? (unsigned)key : COL_IGNORED + 1u;
}

static bool
read_header(struct reading *r)
{
	bool addressed = false;
	int column;

	do {
		char *name = csv_field(&r->csv, &column);

		if (name == NULL)
			return false;
		if (r->n == COLUMNS) {
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "more than %u columns", COLUMNS);
			return false;
		}
		r->columns[r->n] = column_of(name);
		if (r->columns[r->n] > COL_IGNORED) {
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "there is no column \"%s\": it is address, mac, protocol, unit or an attribute such as vendor, model, firmware, role", name);
			r->columns[r->n] = COL_IGNORED;
		}
		addressed = addressed || r->columns[r->n] == COL_ADDRESS || r->columns[r->n] == COL_MAC;
		r->n++;
	} while (!r->csv.end_of_line);
	if (!addressed)
		err_add(r->csv.e, r->csv.path, 1, 1, "the header has neither a column address nor mac");
	csv_next_line(&r->csv);
	return addressed;
}

/* One field of a row; false with a problem. */
static bool
take(struct reading *r, struct asset_list_row *row, unsigned what, char *text, int column, bool *addressed)
{
	const struct protocol *p;
	unsigned bits;
	uint8_t mac[6];
	char *end;

	if (text[0] == '\0' || what == COL_IGNORED)
		return true;
	switch (what) {
	case COL_ADDRESS:
		*addressed = addr_net_read(text, &row->addr, &bits) && bits == 128;
		if (!*addressed)
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "\"%s\" is no address", text);
		return *addressed;
	case COL_MAC:
		if (!addr_mac_read(text, mac)) {
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "\"%s\" is no MAC, as in 00:1b:1b:23:eb:3b", text);
			return false;
		}
		if (!*addressed)
			row->addr = addr_of_mac(mac);
		*addressed = true;
		return true;
	case COL_PROTOCOL:
		p = protocol_find(text);
		row->proto = p != NULL ? (uint8_t)p->proto : OP_UNKNOWN;
		if (p == NULL)
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "there is no protocol \"%s\"", text);
		return p != NULL;
	case COL_UNIT:
		row->unit = (uint32_t)strtoul(text, &end, 10);
		row->has_unit = *end == '\0';
		if (!row->has_unit)
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "\"%s\" is no number of a unit", text);
		return row->has_unit;
	default:
		row->values[what] = text;
		return true;
	}
}

static bool
read_row(struct reading *r, struct asset_list_row *row)
{
	bool ok = true, addressed = false, any = false;
	int column = 1;

	*row = (struct asset_list_row){ .line = r->csv.line };
	for (unsigned i = 0; ; i++) {
		char *text = csv_field(&r->csv, &column);

		if (text == NULL) {
			*r->csv.p = '\0';	/* where it goes on cannot be known */
			return false;
		}
		any |= text[0] != '\0';
		if (i < r->n)
			ok &= take(r, row, r->columns[i], text, column, &addressed);
		else if (text[0] != '\0') {
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "the header has no column for this field");
			ok = false;
		}
		if (r->csv.end_of_line)
			break;
	}
	if (any && ok && !addressed) {
		err_add(r->csv.e, r->csv.path, r->csv.line, 1, "a device without an address or a MAC");
		ok = false;
	}
	row->has_unit &= row->proto != OP_UNKNOWN;
	csv_next_line(&r->csv);
	return ok && any;
}

int
asset_list_parse(struct asset_list *l, const char *path, char *text, size_t n, struct err *e)
{
	struct reading r = { .n = 0 };
	int before = e->n;

	*l = (struct asset_list){ .text = text };
	if (!csv_open(&r.csv, path, text, n, e))
		return -1;
	if (!read_header(&r))
		return -1;
	while (*r.csv.p != '\0') {
		if (l->n == r.space) {
			size_t more = r.space > 0 ? 2 * r.space : 64;
			struct asset_list_row *rows = realloc(l->rows, more * sizeof(*rows));

			if (rows == NULL) {
				err_add(e, path, r.csv.line, 0, "not enough memory");
				return -1;
			}
			l->rows = rows;
			r.space = more;
		}
		l->n += read_row(&r, &l->rows[l->n]);
	}
	return e->n == before ? 0 : -1;
}

int
asset_list_read(struct asset_list *l, const char *path, struct err *e)
{
	size_t n;
	char *text = csv_read(path, &n, e);

	*l = (struct asset_list){ 0 };
	return text != NULL ? asset_list_parse(l, path, text, n, e) : -1;
}

void
asset_list_teach(const struct asset_list *l, struct assets *a, struct inventory *inv)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct asset_list_row *row = &l->rows[i];
		struct asset *x = assets_find(a, &row->addr, 0);
		struct asset_unit *u;

		if (x == NULL)
			x = assets_get(a, &row->addr, 0, 0);
		u = row->has_unit ? assets_unit(a, x, (enum op_proto)row->proto, row->unit, 0) : NULL;

		for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++)
			if (row->values[k] != NULL)
				inventory_learn(inv, x, u, (enum attribute_key)k, ATTR_BY_OPERATOR, row->values[k],
				    strlen(row->values[k]), 0);
	}
}

void
asset_list_free(struct asset_list *l)
{
	free(l->rows);
	free(l->text);
	*l = (struct asset_list){ 0 };
}
