/* inventory_kit.h - an empty table of devices with its inventory for each test.  Who includes it
 * says before how many DEVICES there are. */
#ifndef TESTS_INVENTORY_KIT_H
#define TESTS_INVENTORY_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "asset/inventory.h"

#define SEC 1000000000ull

static struct counters counters;
static struct assets *a;
static struct inventory *inv;

static bool norway;	/* what is outside is there; else nobody knows */

static inline bool
locate(const struct geoip *geoip, const struct addr *addr, struct location *to)
{
	(void)geoip;
	*to = (struct location){ .country = "NO" };
	return norway && addr_is_public(addr);
}

static int
open_all(void **unused)
{
	(void)unused;
	memset(&counters, 0, sizeof(counters));
	a = assets_new(&(struct assets_want){ .devices = DEVICES, .key = 7, .counters = &counters });
	inv = inventory_open(a, &(struct inventory_want){ .devices = DEVICES, .key = 7, .counters = &counters,
	    .locate = locate });
	assert_non_null(inv);
	return assets_open(a);
}

static int
close_all(void **unused)
{
	(void)unused;
	inventory_close(inv);
	assets_close(a);
	return 0;
}

#endif
