/* Addresses that are searched, and floods of openings and pings: one below the limit says nothing, the
 * limit says it once. */
#include "scan_kit.h"

static void
addresses_of_one_network(void **unused)
{
	(void)unused;
	open_with(0);
	for (uint8_t i = 0; i < 49; i++) {
		syn(ip(10, 0, 0, 1), ip(10, 9, i, 7), 502, 100 + i);
		syn(ip(10, 0, 0, 1), ip(10, 9, i, 7), 502, 100.5 + i);	/* again: no other address */
		syn(ip(10, 0, 0, 1), ip(10, i, 1, 7), 502, 100.5 + i);	/* another network each */
	}
	assert_int_equal(n_said, 0);
	syn(ip(10, 0, 0, 1), ip(10, 9, 49, 7), 502, 150);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_ADDRESS_SCAN);
	assert_true(last.any_dst);
	assert_int_equal(number("limit"), 50);
	assert_int_equal(number("window_s"), 120);
	assert_string_equal(last_what, "port 502");
	for (uint8_t i = 50; i < 99; i++)	/* it goes on, and is told when as many again were tried */
		syn(ip(10, 0, 0, 1), ip(10, 9, i, 7), 502, 150);
	assert_int_equal(n_said, 1);
	syn(ip(10, 0, 0, 1), ip(10, 9, 99, 7), 502, 150);
	assert_int_equal(said[ALERT_ADDRESS_SCAN], 2);
	syn(ip(10, 0, 0, 1), ip(10, 9, 100, 7), 502, 400);	/* its rest is no slow scan */
	assert_int_equal(n_said, 2);
	close_it();
}

static void
addresses_slowly(void **unused)
{
	(void)unused;
	open_with(0);
	for (uint8_t i = 0; i < 100; i++)	/* one in 13 s: 47 in ten minutes */
		syn(ip(10, 0, 0, 1), ip(10, 9, 0, i), 502, 1000 + 13.0 * i);
	assert_int_equal(n_said, 0);
	for (uint8_t i = 0; i < 49; i++)	/* one in 11 s */
		syn(ip(10, 0, 0, 3), ip(10, 9, 0, i), 502, 1000 + 11.0 * i);
	assert_int_equal(n_said, 0);
	syn(ip(10, 0, 0, 3), ip(10, 9, 0, 49), 502, 1000 + 11.0 * 49);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_ADDRESS_SCAN_SLOW);
	close_it();
}

static void
addresses_in_other_ways(void **unused)
{
	struct addr six = { { 0xfd, 1, 2, 3 } }, me = { { 0xfd, 9 } };
	struct flow f = { .packets = { 1, 0 } };
	struct packet p;

	(void)unused;
	open_with(0);
	for (uint8_t i = 0; i < 50; i++)
		ping(ip(10, 0, 0, 1), ip(10, 9, 0, i), 100);
	assert_int_equal(said[ALERT_ADDRESS_SCAN], 1);
	assert_string_equal(last_what, "by ping");
	for (uint8_t i = 0; i < 50; i++) {
		p = tcp(ip(10, 0, 0, 2), ip(10, 9, 0, i), 20000, 0, 100);
		p.proto = IP_UDP;
		kit_packet(&p, &f, DIR_FROM_0);
		p.dst = ip(239, 1, 0, i);	/* groups are not searched */
		p.src = ip(10, 0, 0, 3);
		kit_packet(&p, &f, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_ADDRESS_SCAN], 2);
	assert_string_equal(last_what, "UDP port 20000");
	for (uint8_t i = 0; i < 50; i++) {
		six.b[15] = i;
		p = tcp(me, six, 502, TCP_SYN, 100);
		p.ip_v = 6;
		send(&p);
	}
	assert_int_equal(said[ALERT_ADDRESS_SCAN], 3);
	assert_int_equal(n_said, 3);
	close_it();
}

static void
sessions_and_floods(void **unused)
{
	struct packet p;

	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 200; i++) {	/* one in 1.3 s: 46 in a minute */
		p = tcp(ip(10, 9, 0, 1), ip(10, 0, 0, 1), 40000, TCP_SYN | TCP_ACK, 100 + 1.3 * i);
		send(&p);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(n_said, 0);
		p = tcp(ip(10, 9, 0, 2), ip(10, 0, 0, 1), 40000, TCP_SYN | TCP_ACK, 120 + i);
		send(&p);
	}
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_SESSIONS);
	assert_true(addr_same(&last.src, &(struct addr){ { [10] = 0xff, 0xff, 10, 0, 0, 1 } }));
	forget();
	/* A master that opens one for each poll: no news when its alert is closed, until it opens twice as many. */
	for (unsigned i = 0; i < 7200; i++) {
		p = tcp(ip(10, 9, 0, 2), ip(10, 0, 0, 1), 40000, TCP_SYN | TCP_ACK, 470 + i);
		send(&p);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 200; i++) {
		p = tcp(ip(10, 9, 0, 2), ip(10, 0, 0, 1), 40000, TCP_SYN | TCP_ACK, 7670 + i * 0.4);
		send(&p);
	}
	assert_true(said[ALERT_SESSIONS] >= 1);
	forget();
	for (unsigned i = 0; i < 2999; i++)
		syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 502, 11000 + i * 0.015);
	assert_int_equal(n_said, 0);
	syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 502, 11045);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_FLOOD);
	assert_int_equal(number("count"), 3000);
	close_it();
}

static void
a_flood_of_many_senders(void **unused)
{
	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 4000; i++)	/* somebody's web server */
		syn(ip(10, 1, (uint8_t)(i >> 8), (uint8_t)i), ip(10, 9, 0, 2), 80, 100 + i * 0.01);
	assert_int_equal(n_said, 0);
	take_part(100);				/* 10.0.0.2 is a controller */
	for (unsigned i = 0; i < 3000; i++)
		syn(ip(10, 1, (uint8_t)(i >> 8), (uint8_t)i), ip(10, 0, 0, 2), 502, 200 + i * 0.01);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_FLOOD);
	assert_string_equal(last_what, "with many others,");
	close_it();
}

static void
pings(void **unused)
{
	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 600; i++)	/* one a second is monitoring */
		ping(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 100 + i);
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 61; i++) {
		assert_int_equal(n_said, 0);
		ping(ip(10, 0, 0, 2), ip(10, 9, 0, 1), 100 + i * 0.5);
	}
	assert_int_equal(said[ALERT_ICMP_FLOOD], 1);
	close_it();
}

static void
a_full_table_forgets_and_counts(void **unused)
{
	size_t before;

	(void)unused;
	open_with(16);
	before = detect_memory(detect);
	for (unsigned i = 0; i < 20000; i++)
		syn(ip(10, (uint8_t)(i >> 14), (uint8_t)(i >> 7), (uint8_t)i), ip(10, 9, 0, 1), 502, 100 + i * 0.001);
	assert_true(counters.v[CNT_DETECT_TRACKERS] > 10000);
	assert_int_equal(detect_memory(detect), before);
	for (uint8_t i = 0; i < 50; i++)	/* who searches now is still seen */
		syn(ip(10, 0, 0, 1), ip(10, 8, 0, i), 502, 200);
	assert_int_equal(said[ALERT_ADDRESS_SCAN], 1);
	close_it();
}

static void
data_and_answers_are_passed_over(void **unused)
{
	struct packet p = tcp(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 502, TCP_ACK | TCP_PSH, 100);

	(void)unused;
	open_with(0);
	for (uint16_t i = 0; i < 5000; i++) {
		p.dport = i;
		p.dst = ip(10, 9, (uint8_t)(i >> 8), (uint8_t)i);
		send(&p);
	}
	p.proto = IP_ICMP;
	for (uint16_t i = 0; i < 5000; i++)
		send(&p);		/* type 0: answers */
	assert_int_equal(n_said, 0);
	assert_int_equal(counters.v[CNT_DETECT_TRACKERS], 0);
	close_it();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_one_network),
		cmocka_unit_test(addresses_slowly),
		cmocka_unit_test(addresses_in_other_ways),
		cmocka_unit_test(sessions_and_floods),
		cmocka_unit_test(a_flood_of_many_senders),
		cmocka_unit_test(pings),
		cmocka_unit_test(a_full_table_forgets_and_counts),
		cmocka_unit_test(data_and_answers_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
