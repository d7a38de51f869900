/* Whole devices: which addresses are one box, the units behind it, records of what is new. */
#include "devices_kit.h"

/* ---- one box ------------------------------------------------------------------------------- */

static void
addresses_of_one_box_are_one_device(void **unused)
{
	const uint8_t link_local[16] = { 0xfe, 0x80, [15] = 9 };
	struct addr six = addr_v6(link_local), by_mac = addr_of_mac(plc);
	struct flow f = talk(v4(0, 1), hmi, v4(0, 2), plc, 1), g;

	(void)unused;
	do_(&f, a_read, 1);
	end(&f);
	g = talk(six, plc, addr_v6((const uint8_t[16]){ 0xff, 2, [15] = 1 }), router, 2);
	end(&g);
	inventory_learn(inv, assets_get(a, &by_mac, 0, SEC), NULL, ATTR_NAME, ATTR_BY_LLDP, "plc-2", 5, SEC);
	assert_int_equal(device(v4(0, 2))->n_addrs, 2);
	assert_int_equal(d.n_macs, 1);
	assert_string_equal(d.id, "10.0.0.2");
	assert_string_equal(device_name(device(v4(0, 2))), "plc-2");
	assert_int_equal(d.n_addrs, 2);
	assert_int_equal(d.n_macs, 1);
	assert_int_equal(inventory_list(inv, list, DEVICES), 2);
}

static void
a_router_is_no_device_of_many_addresses(void **unused)
{
	(void)unused;
	arp(v4(0, 254), router, 1);
	for (unsigned i = 1; i <= 5; i++) {
		struct flow f = talk(v4(1, i), router, v4(0, 2), plc, 1 + i);

		do_(&f, a_read, 1 + i);
		end(&f);
	}
	for (unsigned i = 1; i <= 5; i++) {
		assert_int_equal(device(v4(1, i))->n_addrs, 1);
		assert_int_equal(d.n_macs, 0);	/* it is the router's */
	}
	assert_int_equal(device(v4(0, 254))->n_macs, 1);
	assert_string_equal(role(v4(0, 254)), "router");
	assert_int_equal(device(v4(0, 2))->n_macs, 1);
	assert_int_equal(inventory_list(inv, list, DEVICES), 7);
}

static void
two_addresses_at_one_mac_are_not_put_together(void **unused)
{
	(void)unused;
	arp(v4(0, 5), plc, 1);
	arp(v4(0, 6), plc, 1);
	assert_int_equal(device(v4(0, 5))->n_addrs, 1);
	assert_int_equal(inventory_list(inv, list, DEVICES), 2);
}

static void
an_address_that_two_claim_is_disputed_and_merges_with_nothing(void **unused)
{
	(void)unused;
	arp(v4(0, 5), plc, 1);
	arp(v4(0, 9), hmi, 1);
	arp(v4(0, 5), hmi, 2);
	assert_true(device(v4(0, 5))->disputed);
	assert_int_equal(d.n_macs, 2);
	assert_int_equal(device(v4(0, 9))->n_addrs, 1);
	assert_int_equal(inventory_list(inv, list, DEVICES), 2);
}

static void
who_never_spoke_is_no_asset(void **unused)
{
	struct flow f = talk(v4(0, 1), hmi, v4(0, 77), plc, 1);

	(void)unused;
	f.packets[1] = f.payload[1] = 0;
	end(&f);
	(void)inventory_list(inv, list, DEVICES);
	for (unsigned i = 0; i < inventory_list(inv, list, DEVICES); i++)
		assert_int_not_equal(list[i].device->addr.b[15], 77);
}

/* ---- units -------------------------------------------------------------------------------- */

static void
units_behind_a_gateway_are_assets_of_their_own(void **unused)
{
	struct flow f = talk(v4(0, 1), hmi, v4(0, 2), plc, 1);
	struct what w = a_read;
	uint32_t n;

	(void)unused;
	do_(&f, w, 1);
	assert_true(device(v4(0, 2))->has_unit);
	assert_int_equal(inventory_list(inv, list, DEVICES), 2);
	w.unit = 7;
	do_(&f, w, 2);
	w.unit = 8;
	w.outcome = OUTCOME_EXCEPTION;	/* a gateway may speak for the absent */
	do_(&f, w, 2);
	w.unit = 0;	/* the gateway itself */
	w.outcome = OUTCOME_ANSWERED;
	do_(&f, w, 2);
	n = inventory_list(inv, list, DEVICES);
	assert_int_equal(n, 4);
	assert_null(list[1].unit);
	assert_int_equal(list[2].unit->unit, 1);
	assert_int_equal(list[3].unit->unit, 7);
	inventory_device(inv, &list[3], &d);
	assert_string_equal(d.id, "10.0.0.2/modbus/7");
	assert_true(d.behind);
	assert_string_equal(role(v4(0, 2)), "gateway");
}

static void
facts_are_attributes_of_the_unit_that_reported_them(void **unused)
{
	struct flow f = talk(v4(0, 1), hmi, v4(0, 2), plc, 1);
	struct op_fact facts[] = {
		{ .key = FACT_VENDOR, .len = 7, .bytes = (const uint8_t *)"Siemens" },
		{ .key = FACT_FIRMWARE, .len = 6, .bytes = (const uint8_t *)"V3.2.6" },
		{ .key = FACT_OTHER, .len = 1, .bytes = (const uint8_t *)"x" },
		{ .key = FACT_MODEL, .len = 2, .bytes = (const uint8_t *)"M7", .has_unit = true, .unit = 9 },
	};
	const struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_S7, .unit = 2,
	    .intent = INTENT_IDENTIFY, .outcome = OUTCOME_ANSWERED, .request = { .seen = true, .ts_ns = SEC },
	    .response = { .seen = true, .ts_ns = 2 * SEC }, .facts = facts, .n_facts = 4 };

	(void)unused;
	f.protocol = protocols[OP_S7];
	assets_operation(a, &op);
	inventory_operation(inv, &op);
	assert_string_equal(device_text(device(v4(0, 2)), ATTR_VENDOR), "Siemens");
	assert_string_equal(device_firmware(&d), "V3.2.6");
	assert_int_equal(device_value(&d, ATTR_FIRMWARE)->source, ATTR_BY_SZL);
	assert_int_equal(device_value(&d, ATTR_FIRMWARE)->first_ns, 2 * SEC);
	assert_int_equal(d.n_values, 3);
	assert_string_equal(device_model(&d), "M7");
}

/* ---- what is new --------------------------------------------------------------------------- */

static unsigned told;
static char last[DEVICE_ID_MAX];

static void
tell(void *arg, const struct device *x)
{
	(void)arg;
	told++;
	(void)snprintf(last, sizeof(last), "%s", x->id);
}

static unsigned
changes(uint64_t at_s, bool all)
{
	told = 0;
	inventory_changes(inv, at_s * SEC, all, tell, NULL);
	return told;
}

static void
what_is_new_is_told_once_it_has_settled_and_not_too_often(void **unused)
{
	struct flow f = talk(v4(0, 1), hmi, v4(0, 2), plc, 100);
	struct addr server = v4(0, 2);

	(void)unused;
	do_(&f, a_read, 100);
	assert_int_equal(changes(101, false), 0);
	assert_int_equal(changes(111, false), 2);	/* the client; the server with its one unit */
	assert_int_equal(changes(112, false), 0);
	assert_int_equal(changes(9999, true), 0);
	inventory_learn(inv, assets_find(a, &server, 0), NULL, ATTR_NAME, ATTR_BY_DCP, "pump", 4, 120 * SEC);
	assert_int_equal(changes(140, false), 0);
	assert_int_equal(changes(9999, false), 1);
	assert_string_equal(last, "10.0.0.2");
	/* The same again is nothing new. */
	inventory_learn(inv, assets_find(a, &server, 0), NULL, ATTR_NAME, ATTR_BY_DCP, "pump", 4, 10000 * SEC);
	assert_int_equal(changes(20000, true), 0);
}

static void
a_full_table_forgets_and_goes_on(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 5000; i++) {
		const uint8_t mac[6] = { 0, 9, 9, 9, (uint8_t)(i >> 8), (uint8_t)i };

		arp(v4(i >> 8, i & 0xff), mac, 10 + i / 10);
		if (i % 7 == 0)
			(void)changes(10 + i / 10, false);
	}
	assert_true(counters.v[CNT_ASSET_MACS] > 0);
	assert_true(inventory_list(inv, list, DEVICES * ASSET_ROWS) <= DEVICES * ASSET_ROWS);
	(void)changes(100000, true);
	assert_int_equal(changes(100000, true), 0);
}

/* ---- vendors ------------------------------------------------------------------------------- */

static void
vendors_are_found_by_the_longest_prefix(void **unused)
{
	char path[] = "/tmp/tw-vendors-XXXXXX";
	struct err e = { 0 };
	struct vendors *v;
	FILE *f = fdopen(mkstemp(path), "w");

	(void)unused;
	assert_non_null(f);
	fputs("Registry,Assignment,Organization Name,Organization Address\n"
	    "MA-L,000ECF,\"PROFIBUS Nutzerorganisation e.V.\",\"Haid-und-Neu-Str. 7\nKarlsruhe\"\n"
	    "MA-L,741AE0,IEEE Registration Authority,Piscataway\n"
	    "MA-M,741AE09,\"Say \"\"hello\"\", Inc.\",x\n"
	    "MA-S,70B3D5123,Small GmbH,x\nnonsense\nMA-L,XYZ,no prefix,x\n", f);
	fclose(f);
	v = vendors_open(path, &e);
	assert_non_null(v);
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0, 0x0e, 0xcf, 1, 2, 3 }), "PROFIBUS Nutzerorganisation e.V.");
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0x74, 0x1a, 0xe0, 0x92, 2, 3 }), "Say \"hello\", Inc.");
	assert_null(vendors_find(v, (const uint8_t[6]){ 0x74, 0x1a, 0xe0, 0x82, 2, 3 }));
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0x70, 0xb3, 0xd5, 0x12, 0x3f, 3 }), "Small GmbH");
	/* Made up by its user. */
	assert_null(vendors_find(v, (const uint8_t[6]){ 2, 0x0e, 0xcf, 1, 2, 3 }));
	vendors_close(v);
	remove(path);
	assert_null(vendors_open(path, &e));
	assert_int_equal(e.n, 0);
}

/* More than there is space for at once, lines that lie across two reads, one that is longer than a read; names that are cut. */
static void
vendors_of_a_large_registry_are_found(void **unused)
{
	enum { N = 120000 };
	char path[] = "/tmp/tw-vendors-XXXXXX", name[64];
	struct err e = { 0 };
	struct vendors *v;
	FILE *f = fdopen(mkstemp(path), "w");
	size_t before;

	(void)unused;
	assert_non_null(f);
	for (unsigned i = 0; i < N; i++)
		fprintf(f, "MA-L,%06X,\"Maker of things, number %u\",%.*s\r\n", (i >> 14) << 18 | (i & 0x3fff) << 2 | 2, i, (int)(i % 50),
		    "a street somewhere, \"\"its house\"\", and its town");
	fprintf(f, "MA-L,000010,Kurz,%70000d\nMA-L,000014,Nach dem Langen,x\nMA-L,000014,Not the first,x\n", 1);
	fputs("MA-L,000018,01234567890123456789012345678901234567890123456789,x\n"
	    "MA-L,00001C,0123456789012345678901234567890123456789 \u00e4\u00e4\u00e4\u00e4,x\n"
	    "MA-L,000020,\xc4rger in Latin 1,x\nMA-L,000024,Schlu\u00df ,x", f);
	fclose(f);
	v = vendors_open(path, &e);
	assert_non_null(v);
	for (unsigned i = 0; i < N; i++) {
		unsigned mac = (i >> 14) << 18 | (i & 0x3fff) << 2 | 2;	/* of the first byte no bit means anything */

		(void)snprintf(name, sizeof(name), "Maker of things, number %u", i);
		assert_string_equal(vendors_find(v, (const uint8_t[6]){ (uint8_t)(mac >> 16), (uint8_t)(mac >> 8), (uint8_t)mac, 1, 2, 3 }),
		    name);
	}
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0, 0, 0x10, 1, 2, 3 }), "Kurz");
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0, 0, 0x14, 1, 2, 3 }), "Nach dem Langen");
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0, 0, 0x18, 1, 2, 3 }), "01234567890123456789012345678901234567890123456");
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0, 0, 0x1c, 1, 2, 3 }),
	    "0123456789012345678901234567890123456789 \u00e4\u00e4\u00e4");
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0, 0, 0x20, 1, 2, 3 }), "");
	assert_string_equal(vendors_find(v, (const uint8_t[6]){ 0, 0, 0x24, 1, 2, 3 }), "Schlu\u00df");
	before = vendors_memory(v);
	vendors_close(v);
	assert_true(before > N * (8 + 24) && before < N * 64);
	remove(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)
		T(addresses_of_one_box_are_one_device),
		T(a_router_is_no_device_of_many_addresses),
		T(two_addresses_at_one_mac_are_not_put_together),
		T(an_address_that_two_claim_is_disputed_and_merges_with_nothing),
		T(who_never_spoke_is_no_asset),
		T(units_behind_a_gateway_are_assets_of_their_own),
		T(facts_are_attributes_of_the_unit_that_reported_them),
		T(what_is_new_is_told_once_it_has_settled_and_not_too_often),
		T(a_full_table_forgets_and_goes_on),
		T(vendors_are_found_by_the_longest_prefix),
		T(vendors_of_a_large_registry_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
