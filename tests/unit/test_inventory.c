/* What is known of devices: values, who says so, contradictions, ceilings. */
#define DEVICES 16u
#include "inventory_kit.h"

static struct asset *
host(unsigned i)
{
	const uint8_t four[4] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
	struct addr addr = addr_v4(four);

	return assets_get(a, &addr, 0, i);
}

static void
learn(struct asset *x, enum attribute_key key, enum attribute_source source, const char *text, uint64_t at_s)
{
	inventory_learn(inv, x, NULL, key, source, text, strlen(text), at_s * SEC);
}

static const char *
best(struct asset *x, enum attribute_key key)
{
	const struct attribute *at = inventory_best(inv, x, NULL, key);

	return at != NULL ? at->value : "";
}

static unsigned
known(struct asset *x)
{
	unsigned n = 0;

	for (const struct attribute *at = inventory_first(inv, x, NULL); at != NULL; at = inventory_next(inv, at))
		n++;
	return n;
}

/* Is the value of the key that holds contradicted by another? */
static bool
contradicted(struct asset *x, enum attribute_key key)
{
	const struct inventory_at at = { x, NULL };
	static struct device d;

	inventory_device(inv, &at, &d);
	return device_value(&d, key) != NULL && device_value(&d, key)->contradicted;
}

static void
a_value_has_its_source_and_its_times(void **unused)
{
	const struct attribute *at;

	(void)unused;
	learn(host(1), ATTR_VENDOR, ATTR_BY_MODBUS_ID, "  Schneider Electric \0", 10);
	learn(host(1), ATTR_VENDOR, ATTR_BY_MODBUS_ID, "Schneider Electric", 20);
	at = inventory_best(inv, host(1), NULL, ATTR_VENDOR);
	assert_string_equal(at->value, "Schneider Electric");
	assert_int_equal(at->source, ATTR_BY_MODBUS_ID);
	assert_int_equal(at->confidence, attribute_sources[ATTR_BY_MODBUS_ID].confidence);
	assert_int_equal(at->first_ns, 10 * SEC);
	assert_int_equal(at->last_ns, 20 * SEC);
	assert_int_equal(at->count, 2);
	assert_false(contradicted(host(1), ATTR_VENDOR));
	assert_null(inventory_best(inv, host(2), NULL, ATTR_VENDOR));
}

static void
what_is_no_text_is_shown_as_dots(void **unused)
{
	char longer[200];

	(void)unused;
	inventory_learn(inv, host(1), NULL, ATTR_NAME, ATTR_BY_DCP, "\0 pump\x01\xff" "7\0\0", 11, SEC);
	assert_string_equal(best(host(1), ATTR_NAME), "pump..7");
	inventory_learn(inv, host(1), NULL, ATTR_MODEL, ATTR_BY_DCP, " \0 ", 3, SEC);
	assert_null(inventory_best(inv, host(1), NULL, ATTR_MODEL));
	/* A sequence of UTF-8 is not divided. */
	memset(longer, 'x', sizeof(longer));
	memcpy(longer + ATTRIBUTE_MAX - 2, "\xc3\xa4", 2);
	inventory_learn(inv, host(1), NULL, ATTR_STATION, ATTR_BY_SZL, longer, sizeof(longer), SEC);
	assert_int_equal(strlen(best(host(1), ATTR_STATION)), ATTRIBUTE_MAX - 2);
}

static void
the_more_reliable_source_holds_and_the_operator_above_all(void **unused)
{
	struct asset *x = host(1);

	(void)unused;
	learn(x, ATTR_VENDOR, ATTR_BY_OUI, "Hon Hai", 1);
	learn(x, ATTR_VENDOR, ATTR_BY_MODBUS_ID, "Phoenix Contact", 2);
	learn(x, ATTR_VENDOR, ATTR_BY_OUI, "Hon Hai", 3);
	assert_string_equal(best(x, ATTR_VENDOR), "Phoenix Contact");
	/* A card may be another's than the device around it. */
	assert_false(contradicted(x, ATTR_VENDOR));
	learn(x, ATTR_VENDOR, ATTR_BY_SNMP, "Hirschmann", 4);
	assert_true(contradicted(x, ATTR_VENDOR));
	learn(x, ATTR_VENDOR, ATTR_BY_OPERATOR, "Wago", 0);
	learn(x, ATTR_VENDOR, ATTR_BY_MODBUS_ID, "Phoenix Contact", 9);
	assert_string_equal(best(x, ATTR_VENDOR), "Wago");
	assert_int_equal(known(x), 4);
}

static void
a_new_firmware_contradicts_nothing_but_two_in_turn_do(void **unused)
{
	struct asset *x = host(1);

	(void)unused;
	learn(x, ATTR_FIRMWARE, ATTR_BY_SZL, "V3.2.6", 1);
	learn(x, ATTR_FIRMWARE, ATTR_BY_SZL, "V3.2.6", 2);
	learn(x, ATTR_FIRMWARE, ATTR_BY_SZL, "V3.3.1", 3);
	assert_string_equal(best(x, ATTR_FIRMWARE), "V3.3.1");
	assert_false(contradicted(x, ATTR_FIRMWARE));
	learn(x, ATTR_FIRMWARE, ATTR_BY_SZL, "V3.2.6", 4);
	assert_true(contradicted(x, ATTR_FIRMWARE));
}

static void
a_state_has_one_value_and_some_keys_have_several(void **unused)
{
	struct asset *x = host(1);

	(void)unused;
	learn(x, ATTR_RUN_STATE, ATTR_BY_SZL, "RUN", 1);
	learn(x, ATTR_RUN_STATE, ATTR_BY_SZL, "STOP", 2);
	assert_string_equal(best(x, ATTR_RUN_STATE), "STOP");
	assert_int_equal(known(x), 1);
	assert_int_equal(counters.v[CNT_ASSET_ATTRIBUTES], 0);
	learn(x, ATTR_SOFTWARE, ATTR_BY_HTTP, "one", 3);
	learn(x, ATTR_SOFTWARE, ATTR_BY_HTTP, "two", 3);
	assert_int_equal(known(x), 3);
	assert_false(contradicted(x, ATTR_SOFTWARE));
}

static void
a_unit_is_known_apart_from_the_device_in_front_of_it(void **unused)
{
	struct asset *x = host(1);
	struct asset_unit *u = assets_unit(a, x, OP_MODBUS, 5, SEC);

	(void)unused;
	assert_ptr_equal(assets_unit(a, x, OP_MODBUS, 5, SEC), u);
	learn(x, ATTR_VENDOR, ATTR_BY_MODBUS_ID, "gateway", 1);
	inventory_learn(inv, x, u, ATTR_VENDOR, ATTR_BY_MODBUS_ID, "drive", 5, SEC);
	assert_string_equal(best(x, ATTR_VENDOR), "gateway");
	assert_string_equal(inventory_best(inv, x, u, ATTR_VENDOR)->value, "drive");
}

static void
tables_have_ceilings_and_what_is_forgotten_is_counted(void **unused)
{
	char text[16];
	struct asset *x = host(1);

	(void)unused;
	/* Of one key: the weakest goes, never the operator's. */
	learn(x, ATTR_HOSTNAME, ATTR_BY_OPERATOR, "plc-1", 1);
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(text, sizeof(text), "h%u", i);
		learn(x, ATTR_HOSTNAME, ATTR_BY_DNS, text, 2 + i);
	}
	assert_int_equal(known(x), INVENTORY_OF_KEY);
	assert_string_equal(best(x, ATTR_HOSTNAME), "plc-1");
	assert_int_equal(counters.v[CNT_ASSET_ATTRIBUTES], 100 - (INVENTORY_OF_KEY - 1));
	/* Of all. */
	for (unsigned i = 0; i < DEVICES * INVENTORY_ATTRIBUTES * 3; i++)
		learn(host(2 + i % 100), (enum attribute_key)(i / 100), ATTR_BY_DNS, "x", 200 + i);
	assert_true(counters.v[CNT_ASSET_ATTRIBUTES] >= DEVICES * INVENTORY_ATTRIBUTES * 2);
	assert_string_equal(best(x, ATTR_HOSTNAME), "plc-1");
}

static void
what_is_known_of_a_row_goes_with_it(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < DEVICES * ASSET_ROWS * 2; i++) {
		struct asset *x = host(i);

		assert_int_equal(known(x), 0);
		learn(x, ATTR_NAME, ATTR_BY_DCP, "n", i);
	}
	/* Rows went before their attributes had to. */
	for (unsigned i = 0; i < DEVICES * ASSET_ROWS * 2; i++)
		learn(host(i), ATTR_NAME, ATTR_BY_DCP, "n", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)
		T(a_value_has_its_source_and_its_times),
		T(what_is_no_text_is_shown_as_dots),
		T(the_more_reliable_source_holds_and_the_operator_above_all),
		T(a_new_firmware_contradicts_nothing_but_two_in_turn_do),
		T(a_state_has_one_value_and_some_keys_have_several),
		T(a_unit_is_known_apart_from_the_device_in_front_of_it),
		T(tables_have_ceilings_and_what_is_forgotten_is_counted),
		T(what_is_known_of_a_row_goes_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
