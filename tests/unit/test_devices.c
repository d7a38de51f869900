/* Whole devices: which addresses are one box, the units behind it, roles, records of what is new. */
#define DEVICES 32u
#include "inventory_kit.h"

#include "asset/roles.h"
#include "base/str.h"
#include "asset/vendors.h"

static struct device d;
static struct inventory_at list[DEVICES * ASSET_ROWS];
static const uint8_t router[6] = { 0, 1, 2, 3, 4, 1 }, plc[6] = { 0, 1, 2, 3, 4, 2 }, hmi[6] = { 0, 1, 2, 3, 4, 3 };

static struct addr
v4(unsigned net, unsigned i)
{
	const uint8_t four[4] = { 10, 0, (uint8_t)net, (uint8_t)i };

	return addr_v4(four);
}

static void
arp(struct addr addr, const uint8_t mac[6], uint64_t at_s)
{
	const struct packet p = { .arp_op = 1, .arp_mac = mac, .arp_src = addr, .ts_ns = at_s * SEC };

	inventory_arp(inv, &p);
}

/* A conversation in which both ends spoke. */
static struct flow
talk(struct addr client, const uint8_t *cmac, struct addr server, const uint8_t *smac, uint64_t at_s)
{
	struct flow f = { .addr = { client, server }, .port = { 50000, 502 }, .proto = IP_TCP, .ip_v = 4,
	    .first_ns = at_s * SEC, .last_ns = at_s * SEC, .packets = { 2, 2 }, .payload = { 12, 12 },
	    .role_source = ROLE_CONTENT };

	memcpy(f.mac[0], cmac, 6);
	memcpy(f.mac[1], smac, 6);
	f.mac_known[0] = f.mac_known[1] = true;
	assets_flow_begun(a, &f);
	inventory_flow_begun(inv, &f);
	return f;
}

static void
end(struct flow *f)
{
	assets_flow_ended(a, f);
	inventory_flow_ended(inv, f);
}

struct what {
	enum op_proto	 proto;
	uint32_t	 unit;
	enum op_intent	 intent;
	enum op_command	 command;
	enum op_outcome	 outcome;
};

static void
do_(struct flow *f, struct what w, uint64_t at_s)
{
	const struct operation op = { .id = 1, .flow = f, .phase = OP_FINISHED, .proto = w.proto, .unit = w.unit,
	    .intent = w.intent, .command = w.command, .outcome = w.outcome,
	    .request = { .seen = true, .ts_ns = at_s * SEC }, .response = { .seen = true, .ts_ns = at_s * SEC + 5 } };

	f->protocol = protocols[w.proto];
	f->transactions++;
	assets_operation(a, &op);
	inventory_operation(inv, &op);
}

static const struct what a_read = { OP_MODBUS, 1, INTENT_READ, CMD_NONE, OUTCOME_ANSWERED },
    a_write = { OP_MODBUS, 1, INTENT_WRITE, CMD_NONE, OUTCOME_ANSWERED };

static const struct device *
device(struct addr addr)
{
	struct asset *x = assets_find(a, &addr, 0);
	const struct inventory_at at = { x, NULL };

	assert_non_null(x);
	inventory_device(inv, &at, &d);
	return &d;
}

static const char *
role(struct addr addr)
{
	const struct device *x = device(addr);

	return x->n_roles > 0 ? role_rows[x->roles[0].role].text : "";
}

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

/* ---- roles --------------------------------------------------------------------------------- */

static void
roles_follow_from_what_is_done(void **unused)
{
	struct what program = { OP_S7, 2, INTENT_PROGRAM_WRITE, CMD_DOWNLOAD, OUTCOME_ANSWERED },
	    poll = { OP_DNP3, 10, INTENT_READ, CMD_NONE, OUTCOME_ANSWERED };
	struct addr station = v4(0, 30);
	struct flow f, g;

	(void)unused;
	/* An HMI reads and writes one controller; an engineer's station programs another; a third reads both. */
	f = talk(v4(0, 1), hmi, v4(0, 2), plc, 1);
	do_(&f, a_read, 1);
	do_(&f, a_write, 2);
	end(&f);
	f = talk(v4(0, 3), router, v4(0, 4), plc, 3);
	do_(&f, program, 3);
	end(&f);
	for (unsigned i = 0; i < 2; i++) {
		f = talk(v4(0, 6), hmi, v4(0, 2 + 2 * i), plc, 4);
		do_(&f, (struct what){ i ? OP_S7 : OP_MODBUS, i ? 2 : 1, INTENT_READ, CMD_NONE, OUTCOME_ANSWERED }, 4);
		end(&f);
	}
	g = talk(v4(0, 20), hmi, v4(0, 21), plc, 5);
	do_(&g, poll, 5);
	end(&g);
	assert_string_equal(role(v4(0, 1)), "hmi");
	assert_string_equal(role(v4(0, 2)), "controller");
	assert_int_equal(d.level, 1);
	assert_int_equal(d.writes, 1);
	assert_int_equal(d.first_write_ns, 2 * SEC + 5);
	assert_string_equal(role(v4(0, 3)), "engineering-station");
	assert_string_equal(role(v4(0, 6)), "historian");
	assert_string_equal(role(v4(0, 20)), "scada-master");
	assert_string_equal(role(v4(0, 21)), "outstation");
	/* What was refused was not done. */
	program.outcome = OUTCOME_EXCEPTION;
	f = talk(v4(0, 30), hmi, v4(0, 4), plc, 6);
	do_(&f, program, 6);
	end(&f);
	assert_string_not_equal(role(v4(0, 30)), "engineering-station");
	/* The operator knows better. */
	inventory_learn(inv, assets_find(a, &station, 0), NULL, ATTR_ROLE, ATTR_BY_OPERATOR, "Protocol converter", 18, SEC);
	assert_string_equal(role(v4(0, 30)), "protocol-converter");
	assert_int_equal(d.roles[0].confidence, 100);
}

static const struct role_facts nothing = { .capabilities = "", .product = "", .order = "", .services = "", .description = "",
    .system = "", .stated = "" };

static const char *
surest(struct role_facts f)
{
	struct role_belief r;

	return roles_judge(&f, &r, 1) > 0 ? role_rows[r.role].text : "";
}

/* Who only asks controllers who and how they are is an engineer; who asks many of them is taking stock. */
static void
whoever_reads_no_values_is_no_hmi(void **unused)
{
	struct what ask = { OP_MODBUS, 1, INTENT_IDENTIFY, CMD_NONE, OUTCOME_ANSWERED };
	struct flow f;

	(void)unused;
	f = talk(v4(0, 1), hmi, v4(0, 2), plc, 1);
	do_(&f, ask, 1);
	end(&f);
	assert_string_equal(role(v4(0, 1)), "engineering-station");
	for (unsigned i = 0; i < 4; i++) {
		f = talk(v4(0, 10), router, v4(0, 20 + i), plc, 2);
		do_(&f, ask, 2);
		end(&f);
	}
	assert_string_equal(role(v4(0, 10)), "scanner");
	/* It goes on to poll one. */
	f = talk(v4(0, 1), hmi, v4(0, 2), plc, 3);
	do_(&f, a_read, 3);
	end(&f);
	assert_string_equal(role(v4(0, 1)), "hmi");
}

static void
what_a_device_calls_itself_speaks_for_a_role(void **unused)
{
	struct role_facts f = nothing;

	(void)unused;
	f.asks_control = true;
	f.asks = 1;
	f.servers = f.polled = 1;
	assert_string_equal(surest(f), "hmi");
	f.asker = OP_LIKE_TOOL;
	assert_string_equal(surest(f), "hmi");
	f.asker = OP_BY_TOOL;
	assert_string_equal(surest(f), "engineering-station");
	f.asker = OP_BY_PANEL;
	assert_string_equal(surest(f), "hmi");
	f = nothing;
	f.capabilities = "IO device";	/* as PROFINET DCP has it */
	assert_string_equal(surest(f), "io-device");
	f.capabilities = "IO device, bridge";
	assert_string_equal(surest(f), "switch");
	f.capabilities = "IO device, bridge, station";
	f.product = "CPU-1200";
	assert_string_equal(surest(f), "controller");
	f.capabilities = "bridge, router";
	f.product = "SCALANCE S615";
	assert_string_equal(surest(f), "router");
	f = nothing;
	f.capabilities = "workstation, server";
	assert_string_equal(surest(f), "");	/* "station" is another word */
	f.order = "6AV2 124-0GC01-0AX0";
	assert_string_equal(surest(f), "hmi");
	f = nothing;
	f.services = "bacnet udp/47808";
	assert_string_equal(surest(f), "controller");
	f.services = "ssh tcp/22";
	assert_string_equal(surest(f), "server");
	f.system = "Windows NT 6.1";
	f.services = "";
	assert_string_equal(surest(f), "workstation");
	f.serves_control = true;
	f.serves = 1;
	assert_string_equal(surest(f), "controller");
}

/* ---- frames without IP ----------------------------------------------------------------------- */

static void
frame(const uint8_t mac[6], uint16_t type, uint64_t at_s)
{
	const struct packet p = { .mac_src = mac, .ether_type = type, .ts_ns = at_s * SEC };

	inventory_frame(inv, &p);
}

static void
a_device_without_an_address_is_listed(void **unused)
{
	static const uint8_t slave[6] = { 2, 1, 2, 3, 4, 9 };

	(void)unused;
	frame(plc, 0x88b8, 1);
	frame(plc, 0x8892, 1);
	frame(hmi, 0x88cc, 1);		/* that is read elsewhere */
	frame(slave, 0x88a4, 1);	/* passed on */
	assert_int_equal(inventory_list(inv, list, COUNTOF(list)), 1);
	inventory_device(inv, list, &d);
	assert_string_equal(d.id, "00:01:02:03:04:02");
	assert_int_equal(d.n_values, 2);
	/* It gets an address: it is one device still. */
	arp(v4(0, 2), plc, 2);
	frame(plc, 0x88b8, 3);
	assert_int_equal(inventory_list(inv, list, COUNTOF(list)), 1);
	inventory_device(inv, list, &d);
	assert_string_equal(d.id, "10.0.0.2");
	/* One that is known by its address needs no row of its MAC. */
	arp(v4(0, 3), hmi, 3);
	frame(hmi, 0x8892, 4);
	assert_int_equal(inventory_list(inv, list, COUNTOF(list)), 2);
}

static void
an_address_of_its_own_announcement_is_one_box_with_that_of_arp(void **unused)
{
	static const uint8_t port[6] = { 0, 1, 2, 3, 4, 7 };
	struct asset *x = assets_get(a, &(struct addr){ { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 0, [14] = 4, [15] = 1 } }, 0, SEC);

	(void)unused;
	arp(v4(1, 1), router, 1);
	inventory_stated(inv, x, router, 2 * SEC);
	assert_int_equal(inventory_list(inv, list, COUNTOF(list)), 1);
	inventory_device(inv, list, &d);
	assert_int_equal(d.n_addrs, 2);
	/* The MAC of a port does not contest the device's. */
	x = assets_get(a, &(struct addr){ { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 0, [14] = 4, [15] = 2 } }, 0, SEC);
	inventory_stated(inv, x, port, 3 * SEC);
	arp(v4(4, 2), plc, 4);
	inventory_stated(inv, x, port, 5 * SEC);
	device(v4(4, 2));
	assert_false(d.disputed);
	assert_int_equal(d.n_macs, 2);
	assert_memory_equal(d.mac[0], plc, 6);
}

/* A mirror port shows one direction. */
static void
whoever_is_talked_to_in_an_open_session_is_there(void **unused)
{
	struct flow f = talk(v4(0, 1), hmi, v4(0, 2), plc, 1);
	struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_MODBUS, .unit = 1, .intent = INTENT_READ,
	    .outcome = OUTCOME_ONE_SIDED, .request = { .seen = true, .ts_ns = SEC } };

	(void)unused;
	f.protocol = protocols[OP_MODBUS];
	f.transactions = 1;
	f.packets[1] = f.payload[1] = 0;
	f.tcp_flags[0] = TCP_ACK | TCP_PSH;
	assets_operation(a, &op);
	inventory_operation(inv, &op);
	end(&f);
	assert_string_equal(role(v4(0, 2)), "controller");
	assert_int_equal(inventory_list(inv, list, COUNTOF(list)), 2);
	/* A single packet to nobody shows nobody. */
	f = talk(v4(0, 1), hmi, v4(0, 9), plc, 2);
	f.packets[0] = 1;
	f.packets[1] = f.payload[1] = 0;
	f.tcp_flags[0] = TCP_ACK;
	end(&f);
	assert_int_equal(inventory_list(inv, list, COUNTOF(list)), 2);
}

static void
evidence_adds_up_and_is_never_certain(void **unused)
{
	struct role_facts f = nothing;
	struct role_belief r[4];

	(void)unused;
	assert_int_equal(roles_judge(&f, r, 4), 0);
	f.serves_control = true;
	assert_int_equal(roles_judge(&f, r, 4), 1);
	assert_int_equal(r[0].confidence, 70);
	f.has_run_state = true;
	assert_int_equal(roles_judge(&f, r, 4), 1);
	assert_int_equal(r[0].confidence, 85);
	f.obeyed_program = true;
	f.capabilities = "IO-Controller";
	assert_int_equal(roles_judge(&f, r, 4), 1);
	assert_int_equal(r[0].role, ROLE_CONTROLLER);
	assert_in_range(r[0].confidence, 94, 99);
	f.stated = "no such role";
	assert_int_equal(roles_judge(&f, r, 4), 1);
	f.stated = "HMI";
	assert_int_equal(roles_judge(&f, r, 4), 1);
	assert_int_equal(r[0].role, ROLE_HMI);
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
		T(roles_follow_from_what_is_done),
		T(whoever_reads_no_values_is_no_hmi),
		T(what_a_device_calls_itself_speaks_for_a_role),
		T(a_device_without_an_address_is_listed),
		T(an_address_of_its_own_announcement_is_one_box_with_that_of_arp),
		T(whoever_is_talked_to_in_an_open_session_is_there),
		T(evidence_adds_up_and_is_never_certain),
		T(what_is_new_is_told_once_it_has_settled_and_not_too_often),
		T(a_full_table_forgets_and_goes_on),
		T(vendors_are_found_by_the_longest_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
