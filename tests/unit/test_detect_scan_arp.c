/* Who asks for addresses by ARP, how often, and who claims those of others. */
#include "scan_kit.h"

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 0xa }, mac_b[6] = { 2, 0, 0, 0, 0, 0xb },
    mac_router[6] = { 2, 0, 0, 0, 0, 0xf };

static void
arp(uint16_t op, const uint8_t *mac, struct addr src, struct addr dst, double at_s)
{
	struct packet p = { .ts_ns = (uint64_t)(at_s * 1e9), .arp_op = op, .arp_mac = mac, .arp_src = src,
	    .arp_dst = dst, .mac_src = mac };

	send(&p);
}

static void
addresses_by_arp(void **unused)
{
	(void)unused;
	open_with(0);
	for (uint8_t i = 0; i < 39; i++) {
		arp(1, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, (uint8_t)(100 + i)), 100 + 9 * i);
		arp(1, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, (uint8_t)(100 + i)), 101 + 9 * i);
	}
	assert_int_equal(n_said, 0);
	arp(1, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, 200), 100 + 9 * 39);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_ARP_SCAN);
	assert_true(last.any_dst);
	assert_string_equal(last_what, "02:00:00:00:00:0a");
	close_it();
}

static void
announcements(void **unused)
{
	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 600; i++) {	/* questions and their answers */
		arp(1, mac_b, ip(10, 0, 0, 2), ip(10, 0, 0, 1), 100 + i * 0.1);
		arp(2, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, 2), 100.01 + i * 0.1);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 60; i++) {	/* answers to nobody's question */
		assert_int_equal(n_said, 0);
		arp(2, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, 2), 1000 + i * 0.9);
	}
	assert_int_equal(said[ALERT_ARP_FLOOD], 1);
	for (unsigned i = 0; i < 60; i++)	/* gratuitous ARP */
		arp(1, mac_b, ip(10, 0, 0, 2), ip(10, 0, 0, 2), 2000 + i * 0.9);
	assert_int_equal(said[ALERT_ARP_FLOOD], 2);
	assert_int_equal(n_said, 2);
	close_it();
}

static void
an_address_with_two_macs(void **unused)
{
	struct packet p = { .ts_ns = 5000 * SECOND, .arp_op = 2, .arp_mac = mac_b, .arp_src = ip(10, 0, 0, 1),
	    .arp_dst = ip(10, 0, 0, 9), .n_vlan = 1, .vlan = { 7 } };

	(void)unused;
	open_with(0);
	arp(2, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, 9), 100);
	arp(2, mac_b, ip(10, 0, 0, 1), ip(10, 0, 0, 9), 500);	/* exchanged at leisure */
	assert_int_equal(n_said, 0);
	arp(2, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, 9), 700);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_ARP_SPOOF);
	assert_string_equal(last_what, "02:00:00:00:00:0a");
	assert_string_equal(last_expected, "02:00:00:00:00:0b");
	arp(1, mac_a, ip(0, 0, 0, 0), ip(10, 0, 0, 1), 701);	/* probes claim nothing */
	arp(1, mac_b, ip(0, 0, 0, 0), ip(10, 0, 0, 1), 701);
	arp(2, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, 9), 4999);
	send(&p);						/* another segment */
	assert_int_equal(n_said, 1);
	close_it();
}

static void
a_sender_with_another_mac_than_arp_says(void **unused)
{
	struct packet p = tcp(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 502, TCP_SYN, 110);

	(void)unused;
	open_with(0);
	p.mac_src = mac_b;
	send(&p);				/* ARP has said nothing yet */
	assert_int_equal(n_said, 0);
	arp(2, mac_a, ip(10, 0, 0, 1), ip(10, 0, 0, 9), 110);
	p.mac_src = mac_a;
	send(&p);
	p.ts_ns = 390 * SECOND;			/* seen in between: the claim stands */
	send(&p);
	p.ts_ns = 600 * SECOND;
	p.ttl = 63;				/* routed, and seen again behind the router */
	p.mac_src = mac_b;
	send(&p);
	assert_int_equal(n_said, 0);
	p.ttl = 64;
	send(&p);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_ARP_SPOOF);
	assert_string_equal(last_what, "02:00:00:00:00:0b");
	forget();
	p.mac_src = mac_router;			/* sends for many */
	for (uint8_t i = 20; i < 30; i++) {
		p.src = ip(10, 0, 0, i);
		send(&p);
	}
	p.src = ip(10, 0, 0, 1);
	send(&p);
	assert_int_equal(n_said, 0);
	close_it();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_by_arp),
		cmocka_unit_test(announcements),
		cmocka_unit_test(an_address_with_two_macs),
		cmocka_unit_test(a_sender_with_another_mac_than_arp_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
