/* What devices are in the plant, and which of them are listed. */
#include "devices_kit.h"

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

/* Before it has an address it sends from none (DHCP, and IPv6's search for duplicates). */
static void
who_has_no_address_yet_is_no_router(void **unused)
{
	static const struct addr none;
	const struct addr none4 = addr_v4((const uint8_t[4]){ 0 });
	struct flow f;

	(void)unused;
	f = talk(none4, hmi, v4(0, 255), plc, 1);
	end(&f);
	f = talk(none, hmi, v4(0, 255), plc, 1);
	end(&f);
	arp(v4(0, 1), hmi, 2);
	f = talk(v4(0, 1), hmi, v4(0, 2), plc, 3);
	do_(&f, a_read, 3);
	end(&f);
	assert_string_equal(role(v4(0, 1)), "hmi");
	for (uint32_t i = 0; i < d.n_roles; i++)
		assert_int_not_equal(d.roles[i].role, ROLE_ROUTER);
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

/* ---- where on earth ---------------------------------------------------------------------------- */

static void
an_outside_device_has_a_location(void **unused)
{
	struct addr far = addr_v4((const uint8_t[4]){ 85, 1, 2, 3 });
	struct flow f = talk(far, router, v4(0, 2), plc, 1);

	(void)unused;
	do_(&f, a_read, 1);
	end(&f);
	assert_false(device(far)->located);
	norway = true;
	assert_true(device(far)->located);
	assert_string_equal(d.location.country, "NO");
	assert_false(device(v4(0, 2))->located);
	norway = false;
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(roles_follow_from_what_is_done),
		T(whoever_reads_no_values_is_no_hmi),
		T(what_a_device_calls_itself_speaks_for_a_role),
		T(a_device_without_an_address_is_listed),
		T(an_address_of_its_own_announcement_is_one_box_with_that_of_arp),
		T(who_has_no_address_yet_is_no_router),
		T(whoever_is_talked_to_in_an_open_session_is_there),
		T(evidence_adds_up_and_is_never_certain),
		T(an_outside_device_has_a_location),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
