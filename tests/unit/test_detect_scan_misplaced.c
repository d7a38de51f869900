/* Traffic that has no place there: with the internet, and of other programs on the ports of
 * control protocols. */
#include "scan_kit.h"

static void
parts_of_the_plant_and_the_internet(void **unused)
{
	struct flow f = { .addr = { ip(10, 0, 0, 2), ip(8, 8, 4, 4) }, .port = { 5000, 443 }, .proto = IP_TCP,
	    .payload = { 100, 100 }, .first_ns = 50 * SECOND, .last_ns = 500 * SECOND };

	(void)unused;
	open_with(0);
	syn(ip(10, 0, 0, 1), ip(8, 8, 8, 8), 443, 90);	/* not known to take part */
	take_part(100);
	assert_int_equal(n_said, 0);
	syn(ip(10, 0, 0, 7), ip(8, 8, 8, 8), 443, 110);	/* does not take part */
	syn(ip(10, 0, 0, 1), ip(10, 200, 0, 1), 443, 110);
	syn(ip(10, 0, 0, 1), ip(172, 16, 0, 1), 443, 110);
	syn(ip(10, 0, 0, 1), ip(192, 168, 0, 1), 443, 110);
	syn(ip(10, 0, 0, 1), ip(169, 254, 0, 1), 443, 110);
	syn(ip(10, 0, 0, 1), ip(100, 64, 0, 1), 443, 110);
	syn(ip(10, 0, 0, 1), ip(127, 0, 0, 1), 443, 110);
	syn(ip(10, 0, 0, 1), ip(224, 0, 0, 1), 443, 110);
	syn(ip(10, 0, 0, 1), ip(255, 255, 255, 255), 443, 110);
	assert_int_equal(n_said, 0);
	syn(ip(10, 0, 0, 1), ip(8, 8, 8, 8), 443, 120);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_INTERNET);
	assert_string_equal(last_what, "TCP port 443");
	syn(ip(8, 8, 8, 8), ip(10, 0, 0, 2), 22, 130);	/* from outside */
	assert_int_equal(n_said, 2);
	assert_true(addr_same(&last.src, &flow.addr[1]));
	assert_string_equal(last_what, "TCP port 22");
	forget();
	kit_flow_end(&f, FLOW_END_CLOSED);	/* older than what we know */
	assert_int_equal(n_said, 1);
	f.last_ns = 600 * SECOND;
	kit_flow_end(&f, FLOW_END_CLOSED);	/* the same again is no news when its alert is closed */
	assert_int_equal(n_said, 1);
	f.addr[1] = ip(8, 8, 5, 5);
	f.first_ns = 200 * SECOND;			/* told when it began */
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(n_said, 1);
	f.midstream = true;
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(n_said, 2);
	close_it();
}

/* One alert a host, whomever it talks to. */
static void
a_host_that_talks_to_many(void **unused)
{
	(void)unused;
	open_with(0);
	take_part(100);
	for (uint8_t i = 0; i < 8; i++)
		syn(ip(10, 0, 0, 1), ip(8, 8, 8, i), 443, 1000 + 301 * i);
	assert_int_equal(n_said, 8);
	assert_true(last.any_dst);
	assert_int_equal(number("addresses"), 8);
	for (uint8_t i = 0; i < 8; i++)
		syn(ip(10, 0, 0, 1), ip(8, 8, 8, i), 443, 4000 + 301 * i);	/* known */
	assert_int_equal(n_said, 8);
	syn(ip(10, 0, 0, 1), ip(8, 8, 9, 1), 443, 8000);	/* others: one, and while its alert is open */
	syn(ip(10, 0, 0, 1), ip(8, 8, 9, 2), 443, 8299);
	assert_int_equal(n_said, 10);
	for (uint8_t i = 0; i < 100; i++)
		syn(ip(10, 0, 0, 1), ip(8, 8, 10, i), 443, 8300 + 100 * i);
	assert_int_equal(n_said, 10);
	syn(ip(10, 0, 0, 1), ip(8, 8, 11, 1), 443, 8200 + 10000 + 3600);	/* after an hour without */
	assert_int_equal(n_said, 11);
	close_it();
}

static void
control_traffic_over_the_internet(void **unused)
{
	struct operation op;

	(void)unused;
	open_with(0);
	flow.addr[0] = ip(93, 184, 216, 34);
	op = operation(OP_MODBUS, 3, 100);
	give(&op);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_INTERNET);
	assert_true(addr_same(&last.src, &flow.addr[1]));
	assert_true(last.to_client);
	assert_string_equal(last_what, "modbus");
	op = operation(OP_MODBUS, 3, 101);		/* once */
	give(&op);
	assert_int_equal(n_said, 1);
	forget();
	flow.addr[1] = ip(93, 184, 1, 1);		/* a plant with public addresses of its own */
	op.id = 1;
	give(&op);
	assert_int_equal(n_said, 0);
	flow.addr[1] = ip(198, 51, 1, 1);
	give(&op);
	assert_int_equal(n_said, 1);
	close_it();
}

static void
other_programs_on_control_ports(void **unused)
{
	struct flow f = { .addr = { ip(10, 0, 0, 1), ip(10, 0, 0, 2) }, .port = { 5000, 502 }, .proto = IP_TCP,
	    .payload = { 100, 100 } };

	(void)unused;
	open_with(0);
	f.protocol = protocols[OP_MODBUS];
	kit_flow_end(&f, FLOW_END_CLOSED);
	f.protocol = NULL;
	f.payload[1] = 0;
	kit_flow_end(&f, FLOW_END_CLOSED);	/* nobody answered */
	f.payload[1] = 100;
	f.gaps[0] = 1;
	kit_flow_end(&f, FLOW_END_CLOSED);	/* nobody can tell */
	f.gaps[0] = 0;
	f.port[1] = 102;					/* MMS, or the like */
	kit_flow_end(&f, FLOW_END_CLOSED);
	f.app_proto = "sshd";
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(n_said, 0);
	f.app_proto = "ssh";
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(said[ALERT_PORT_MISUSE], 1);
	assert_string_equal(last_expected, "ssh");
	f.app_proto = NULL;
	f.port[1] = 502;
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(said[ALERT_PORT_MISUSE], 2);
	f.port[1] = 20000;
	f.protocol = protocols[OP_MODBUS];
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(said[ALERT_PORT_MISUSE], 3);
	close_it();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_the_plant_and_the_internet),
		cmocka_unit_test(a_host_that_talks_to_many),
		cmocka_unit_test(control_traffic_over_the_internet),
		cmocka_unit_test(other_programs_on_control_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
