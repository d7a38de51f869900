/* asset.role, asset.zone, asset.vendor, asset.model, asset.new: what is known of the endpoints. */
#include "match_kit.h"
#include "match_say.h"

#include "asset/zones.h"
#include "base/str.h"

static struct counters counters;
static struct zones *zones;
static struct inventory *inventory;
static struct asset_ask ask;
static bool client_is_new;

static const struct zones_settings plant = { .n = 2, .of = {
	{ .name = "control", .subnets = "10.0.0.2" }, { .name = "office", .subnets = "192.168.0.0/16" } } };

static bool
is_new(void *arg, const struct asset *x)
{
	assert_ptr_equal(arg, &client_is_new);
	return client_is_new && x->addr.b[15] == 1;
}

static int
open_assets(void **unused)
{
	struct err e = { 0 };

	(void)unused;
	zones = zones_open(&plant, &e);
	kit_assets = assets_new(&(struct assets_want){ .devices = 16, .counters = &counters, .zones = zones });
	assert_non_null(kit_assets);
	inventory = inventory_open(kit_assets, &(struct inventory_want){ .devices = 16, .key = 7, .counters = &counters });
	assert_non_null(inventory);
	assert_int_equal(assets_open(kit_assets), 0);
	ask = (struct asset_ask){ .inventory = inventory, .is_new = is_new, .arg = &client_is_new };
	kit_ask = &ask;
	kit_zones = &plant;
	client_is_new = false;
	return 0;
}

static int
close_assets(void **unused)
{
	(void)unused;
	inventory_close(inventory);
	assets_close(kit_assets);
	zones_close(zones);
	kit_assets = NULL;
	kit_zones = NULL;
	kit_ask = NULL;
	return 0;
}

static void
learn(struct kit *k, unsigned end, enum attribute_key key, const char *value)
{
	inventory_learn(inventory, asset_of(&k->flow, end), NULL, key, ATTR_BY_OPERATOR, value, strlen(value), k->ts_ns);
}

/* Which rules fire on one request, as digits. */
static const char *
fired(struct kit *k)
{
	static char text[KIT_SIDS];
	size_t n = 0;

	memset(k->hits, 0, sizeof(k->hits));
	MB(k, DIR_FROM_0, 1, "\x03\x00\x0a\x00\x02");
	for (unsigned i = 1; i < 10; i++)
		if (k->hits[i] > 0)
			text[n++] = (char)('0' + i);
	text[n] = '\0';
	MB(k, DIR_FROM_1, 1, "\x03\x04\x00\x01\x00\x64");
	return text;
}

static void
start(struct kit *k, const char *rules)
{
	kit_open(k, rules);
	assets_flow_begun(kit_assets, &k->flow);
}

#define O "alert modbus any any -> any any (ot.intent:read; "

static void
zones_of_endpoints(void **unused)
{
	struct kit k;

	(void)unused;
	start(&k, O "asset.zone:server,Control; sid:1;)\n" O "asset.zone:client,control; sid:2;)\n"
	    O "asset.zone:client,!control; sid:3;)\n" O "asset.zone:client,outside; sid:4;)\n"
	    O "asset.zone:any,[control,office]; sid:5;)\n" O "asset.zone:any,!control; sid:6;)\n"
	    O "asset.zone:both,!office; sid:7;)\n" O "asset.zone:src,outside; asset.zone:dst,control; sid:8;)\n"
	    O "asset.zone:office; sid:9;)\n");
	assert_string_equal(fired(&k), "134578");
	kit_close(&k);
}

static void
roles_vendors_and_models(void **unused)
{
	struct kit k;

	(void)unused;
	start(&k, O "asset.role:client,engineering; sid:1;)\n" O "asset.role:client,!engineering; sid:2;)\n"
	    O "asset.vendor:server,siemens; sid:3;)\n" O "asset.vendor:server,!siemens; sid:4;)\n"
	    O "asset.model:server,1200; sid:5;)\n" O "asset.model:[1200,1500]; sid:6;)\n" O "asset.vendor:client,siemens; sid:7;)\n");
	/* Of whom nothing is known has none of them. */
	assert_string_equal(fired(&k), "24");
	learn(&k, 0, ATTR_ROLE, "Engineering");
	learn(&k, 1, ATTR_VENDOR, "SIEMENS AG");
	learn(&k, 1, ATTR_MODEL, "CPU 1511-1 PN");
	assert_string_equal(fired(&k), "13");
	learn(&k, 1, ATTR_MODEL, "CPU 1515-1 PN");
	assert_string_equal(fired(&k), "13");
	learn(&k, 1, ATTR_PRODUCT, "S7-1500");
	assert_string_equal(fired(&k), "136");
	kit_close(&k);
}

/* A CPU in a rack, a unit behind a gateway. */
static void
units_have_models_too(void **unused)
{
	struct asset_unit *unit;
	struct kit k;

	(void)unused;
	start(&k, O "asset.model:server,M340; sid:1;)\n" O "asset.model:client,M340; sid:2;)\n");
	MB(&k, DIR_FROM_0, 1, "\x03\x00\x0a\x00\x02");
	assets_operation(kit_assets, &(struct operation){ .flow = &k.flow, .proto = OP_MODBUS, .unit = 1, .phase = OP_FINISHED,
	    .outcome = OUTCOME_ANSWERED, .request = { .seen = true }, .response = { .seen = true } });
	unit = asset_ends(assets_ends(kit_assets))->unit;
	assert_non_null(unit);
	inventory_learn(inventory, unit->device, unit, ATTR_MODEL, ATTR_BY_OPERATOR, "BMX M340", 8, k.ts_ns);
	assert_string_equal(fired(&k), "1");
	kit_close(&k);
}

static void
who_was_absent(void **unused)
{
	struct kit k;

	(void)unused;
	start(&k, O "asset.new; sid:1;)\n" O "asset.new:client; sid:2;)\n" O "asset.new:server; sid:3;)\n");
	assert_string_equal(fired(&k), "");
	client_is_new = true;
	assert_string_equal(fired(&k), "12");
	kit_close(&k);
	/* Without a baseline nobody is. */
	ask.is_new = NULL;
	start(&k, O "asset.new; sid:1;)\n");
	assert_string_equal(fired(&k), "");
	kit_close(&k);
	kit_ask = NULL;
	start(&k, O "asset.new; sid:1;)\n" O "asset.role:hmi; sid:2;)\n" O "asset.zone:control; sid:3;)\n");
	assert_string_equal(fired(&k), "3");
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(zones_of_endpoints, open_assets, close_assets),
		cmocka_unit_test_setup_teardown(roles_vendors_and_models, open_assets, close_assets),
		cmocka_unit_test_setup_teardown(units_have_models_too, open_assets, close_assets),
		cmocka_unit_test_setup_teardown(who_was_absent, open_assets, close_assets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
