/* Zones: which address is in which, and what a configuration may not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "asset/asset.h"
#include "asset/zones.h"
#include "base/str.h"

static struct addr
address(const char *text)
{
	struct addr a;
	unsigned bits;

	assert_true(addr_net_read(text, &a, &bits));
	assert_int_equal(bits, 128);
	return a;
}

static const char *
name_of(const struct zones *z, const char *text)
{
	struct addr a = address(text);
	const struct zone *of = zones_of(z, &a);

	return of != NULL ? of->name : "-";
}

/* All problems, "line:column: text\n" each. */
static const char *
problems_of(const struct zones_settings *s)
{
	static char out[2048];
	struct strbuf b = strbuf_on(out, sizeof(out));
	struct err e = { 0 };

	zones_close(zones_open(s, &e));
	for (const struct err_item *it = e.first; it != NULL; it = it->next) {
		assert_string_equal(it->file, "plant.yaml");
		strbuf_printf(&b, "%d:%d: %s\n", it->line, it->column, it->text);
	}
	err_free(&e);
	return out;
}

#define AT(l) { .file = "plant.yaml", .line = l, .column = 5 }

static void
the_longest_prefix_counts(void **unused)
{
	const struct zones_settings s = { .n = 4, .of = {
		{ "plant", "10.0.0.0/8,fd00::/16", 0, 0, AT(2) },
		{ "control", "10.1.0.0/16,fd00:1::/32,10.2.0.9", 2, 4, AT(3) },
		{ "cell-7", "10.1.7.0/24,fd00:1:0:7::/64,192.0.2.128/25", 1, 0, AT(4) },
		{ "all_else", "0.0.0.0/0", 6, 1, AT(5) },
	} };
	struct err e = { 0 };
	struct zones *z = zones_open(&s, &e);

	(void)unused;
	assert_non_null(z);
	assert_int_equal(e.n, 0);
	assert_string_equal(name_of(z, "10.1.7.255"), "cell-7");
	assert_string_equal(name_of(z, "10.1.8.0"), "control");
	assert_string_equal(name_of(z, "10.1.6.255"), "control");
	assert_string_equal(name_of(z, "10.2.0.9"), "control");
	assert_string_equal(name_of(z, "10.2.0.8"), "plant");
	assert_string_equal(name_of(z, "10.2.0.10"), "plant");
	assert_string_equal(name_of(z, "11.0.0.0"), "all_else");
	assert_string_equal(name_of(z, "192.0.2.127"), "all_else");
	assert_string_equal(name_of(z, "192.0.2.128"), "cell-7");
	assert_string_equal(name_of(z, "fd00:1:0:7::1"), "cell-7");
	assert_string_equal(name_of(z, "fd00:1:0:8::1"), "control");
	assert_string_equal(name_of(z, "fd00:2::1"), "plant");
	/* 0.0.0.0/0 is all of IPv4 and nothing of IPv6. */
	assert_string_equal(name_of(z, "fe80::1"), "-");
	assert_int_equal(zones_at(z, 0)->level, ZONE_NO_LEVEL);
	assert_null(zones_at(z, 0)->criticality);
	assert_int_equal(zones_at(z, 1)->level, 1);
	assert_string_equal(zones_at(z, 1)->criticality, "critical");
	assert_int_equal(zones_at(z, 2)->level, 0);
	assert_int_equal(zones_at(z, 3)->level, 5);
	assert_string_equal(zones_at(z, 3)->criticality, "low");
	assert_int_equal(zones_at(z, 3)->number, 3);
	assert_null(zones_at(z, 4));
	assert_ptr_equal(zones_named(z, "cell-7", 6), zones_at(z, 2));
	assert_null(zones_named(z, "cell-7", 5));
	assert_string_equal(zones_nearest(z, "controll"), "control");
	assert_null(zones_nearest(z, "warehouse"));
	assert_true(zones_memory(z) > 0);
	zones_close(z);
}

static void
every_problem_at_once(void **unused)
{
	const struct zones_settings s = { .n = 6, .of = {
		{ "a", "10.0.0.0/8,10.1.0.0/16", 0, 0, AT(2) },
		{ NULL, "10.2.0.0/16", 0, 0, AT(3) },
		{ "a", NULL, 0, 0, AT(4) },
		{ "b c", "10.1.0.0/16,10.3.0.0/16,10.3.0.0/16", 0, 0, AT(5) },
		{ "outside", "10.4.0.0/16", 0, 0, AT(6) },
		{ "any", "10.5.0.0/16", 0, 0, AT(7) },
	} };
	const struct zones_settings none = { .n_conduits = 2, .conduits = { { .at = AT(9) }, { .at = AT(10) } } };

	(void)unused;
	assert_string_equal(problems_of(&s),
	    "3:5: this entry of zones has no name\n"
	    "4:5: there is another zone \"a\"\n"
	    "4:5: the zone \"a\" has no subnets\n"
	    "5:5: the name of the zone \"b c\" may hold letters, digits, - and _ only\n"
	    "5:5: 10.1.0.0/16 is in the zone \"a\", too\n"
	    "5:5: 10.3.0.0/16 is in the zone \"b c\", too: it stands there twice\n"
	    "6:5: no zone can be called \"outside\": that is what is in no zone\n"
	    "7:5: no zone can be called \"any\": conduits use it for all zones\n");
	assert_string_equal(problems_of(&none), "9:5: conduits lead from zone to zone, and there are no zones\n");
}

static void
without_zones_nothing_is_in_one(void **unused)
{
	const struct zones_settings s = { 0 };
	struct err e = { 0 };
	struct addr a = address("10.0.0.1");

	(void)unused;
	assert_null(zones_open(&s, &e));
	assert_int_equal(e.n, 0);
	assert_null(zones_of(NULL, &a));
	assert_null(zones_at(NULL, 0));
	assert_null(zones_named(NULL, "a", 1));
	assert_null(zones_nearest(NULL, "a"));
	assert_int_equal(zones_memory(NULL), 0);
	zones_close(NULL);
}

static void
a_device_keeps_its_zone(void **unused)
{
	const struct zones_settings s = { .n = 1, .of = { { "control", "10.1.0.0/16", 2, 0, AT(2) } } };
	struct err e = { 0 };
	struct counters c = { { 0 } };
	struct zones *z = zones_open(&s, &e);
	struct assets *all = assets_new(&(struct assets_want){ .devices = 16, .key = 1, .counters = &c, .zones = z });
	struct addr in = address("10.1.2.3"), out = address("10.2.2.3");

	(void)unused;
	assert_non_null(all);
	assert_int_equal(assets_open(all), 0);
	assert_ptr_equal(assets_get(all, &in, 0, 1)->zone, zones_at(z, 0));
	assert_null(assets_get(all, &out, 0, 1)->zone);
	/* A row that takes another's place has a zone of its own. */
	for (unsigned i = 0; i < 16 * ASSET_ROWS + 1; i++) {
		const uint8_t four[4] = { 10, (uint8_t)(1 + i % 2), (uint8_t)(i >> 8), (uint8_t)i };
		struct addr a = addr_v4(four);

		assert_ptr_equal(assets_get(all, &a, 0, 2 + i)->zone, i % 2 == 0 ? zones_at(z, 0) : NULL);
	}
	assets_close(all);
	zones_close(z);
}

static void
networks_are_read(void **unused)
{
	static const char *const bad[] = { "", "/8", "10.0.0.0/", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/8x",
		"10.0.0.0/0008", "x", "10.0.0.0/-1", "1111:2222:3333:4444:5555:6666:7777:8888:9999/8" };
	struct addr a, b;
	unsigned bits;

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(bad); i++)
		assert_false(addr_net_read(bad[i], &a, &bits));
	assert_true(addr_net_read("10.9.8.7/20", &a, &bits));
	assert_int_equal(bits, 116);
	b = addr_prefix(&a, bits);
	a = address("10.9.0.0");
	assert_true(addr_same(&a, &b));
	assert_true(addr_net_read("::/0", &a, &bits));
	assert_int_equal(bits, 0);
	a = address("ffff::1");
	b = addr_prefix(&a, 0);
	a = address("::");
	assert_true(addr_same(&a, &b));
}

static void
where_an_address_can_be(void **unused)
{
	/* private, public, local */
	static const struct { const char *text; bool is[3]; } known[] = {
		{ "10.0.0.1", { true, false, false } }, { "172.31.255.1", { true, false, false } },
		{ "172.32.0.1", { false, true, false } }, { "192.168.1.255", { true, false, false } },
		{ "169.254.3.4", { true, false, true } }, { "8.8.8.8", { false, true, false } },
		{ "100.64.0.1", { false, false, false } }, { "127.0.0.1", { false, false, true } },
		{ "224.0.0.251", { false, false, true } }, { "255.255.255.255", { false, false, true } },
		{ "0.0.0.0", { false, false, true } }, { "2001:db8::1", { false, true, false } },
		{ "fd12::1", { true, false, false } }, { "fe80::1", { true, false, true } },
		{ "ff02::fb", { false, false, true } }, { "::1", { false, false, true } }, { "::", { false, false, true } },
	};

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(known); i++) {
		struct addr a = address(known[i].text);

		assert_int_equal(addr_is_private(&a), known[i].is[0]);
		assert_int_equal(addr_is_public(&a), known[i].is[1]);
		assert_int_equal(addr_is_local(&a), known[i].is[2]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_counts),
		cmocka_unit_test(every_problem_at_once),
		cmocka_unit_test(without_zones_nothing_is_in_one),
		cmocka_unit_test(a_device_keeps_its_zone),
		cmocka_unit_test(networks_are_read),
		cmocka_unit_test(where_an_address_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
