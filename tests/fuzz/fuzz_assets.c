/* fuzz_assets.c - the list of devices that an operator keeps: any bytes are read or refused with a place, what was read stands in
 * the text, is compared with devices (thermowell assets diff), and becomes what the operator says of them (assets.file); compared
 * with that it differs in no address that there was space for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "asset/inventory.h"
#include "asset/list.h"
#include "command/assets.h"

#define DEVICES 64u

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
compare(struct inventory *inv, const struct asset_list *l, FILE *to)
{
	struct asset_rows r;
	int differ;

	if (!asset_rows_open(&r, inv))
		abort();
	differ = assets_compare(&r, l, to);
	asset_rows_close(&r);
	if (differ < 0)
		abort();
	return differ;
}

static void
hold_and_teach(const struct asset_list *l)
{
	static FILE *to;
	struct counters counters = { { 0 } };
	struct assets *a = assets_new(&(struct assets_want){ .devices = DEVICES, .key = 7, .counters = &counters });
	struct inventory *inv = inventory_open(a, &(struct inventory_want){ .devices = DEVICES, .key = 7, .counters = &counters });
	struct addr known = addr_v4((const uint8_t[]){ 10, 0, 0, 1 });
	struct asset *x;

	if (inv == NULL || assets_open(a) != 0 || (to == NULL && (to = fopen("/dev/null", "w")) == NULL))
		abort();
	x = assets_get(a, &known, 0, 1);
	inventory_learn(inv, x, NULL, ATTR_VENDOR, ATTR_BY_OPERATOR, "Somebody", 8, 1);
	(void)compare(inv, l, to);
	asset_list_teach(l, a, inv);
	(void)compare(inv, l, to);
	inventory_close(inv);
	assets_close(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	struct asset_list l;
	struct err e = { 0 };

	if (text == NULL)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	if (asset_list_parse(&l, "list.csv", text, n, &e) != 0) {
		if (e.n == 0)
			abort();
	} else {
		for (size_t i = 0; i < l.n; i++)
			for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++)
				if (l.rows[i].values[k] != NULL && (l.rows[i].values[k] < l.text || l.rows[i].values[k] > l.text + n))
					abort();
		if (l.n <= DEVICES)
			hold_and_teach(&l);
	}
	asset_list_free(&l);
	err_free(&e);
	return 0;
}
