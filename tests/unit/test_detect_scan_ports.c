/* Ports that are searched, by openings, by packets of no session, by datagrams: one below the limit says
 * nothing, the limit says it once. */
#include "scan_kit.h"

static void
ports_of_one_host(void **unused)
{
	(void)unused;
	open_with(0);
	for (uint16_t i = 1; i <= 24; i++) {
		syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), i, 100);
		syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), i, 101);
	}
	for (uint16_t i = 0; i < 100; i++)	/* what servers hand out: FTP, RPC */
		syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), (uint16_t)(50000 + i), 102);
	assert_int_equal(n_said, 0);
	syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 25, 250);	/* the first ones are too long ago */
	assert_int_equal(n_said, 0);
	for (uint16_t i = 26; i < 50; i++)
		syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), i, 251);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_PORT_SCAN);
	assert_int_equal(number("count"), 25);
	assert_string_equal(last_what, "");
	close_it();
}

static void
some_ports_of_many_hosts(void **unused)
{
	(void)unused;
	open_with(0);
	for (uint8_t host = 1; host <= 40; host++)	/* three services each are ordinary */
		for (uint16_t port = 1; port <= 3; port++)
			syn(ip(10, 0, 0, 1), ip(10, 9, 0, host), port, 100);
	assert_int_equal(n_said, 0);
	for (uint8_t host = 1; host <= 4; host++)
		for (uint16_t port = 1; port <= 12; port++)
			syn(ip(10, 0, 0, 2), ip(10, 9, 0, host), port, 100);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_PORT_SCAN);
	assert_true(last.any_dst);
	assert_string_equal(last_what, "and of others,");
	close_it();
}

static void
high_ports_when_nothing_is_there(void **unused)
{
	struct flow f = { .packets = { 1, 1 }, .tcp_flags = { TCP_SYN, TCP_RST | TCP_ACK } };

	(void)unused;
	open_with(0);
	for (uint16_t i = 0; i < 25; i++) {
		struct packet p = tcp(ip(10, 9, 0, 1), ip(10, 0, 0, 1), 40000, TCP_RST | TCP_ACK, 100);

		assert_int_equal(n_said, 0);
		p.sport = (uint16_t)(50000 + i);
		kit_packet(&p, &f, DIR_FROM_1);
	}
	assert_int_equal(said[ALERT_PORT_SCAN], 1);
	assert_true(addr_same(&last.dst, &(struct addr){ { [10] = 0xff, 0xff, 10, 9, 0, 1 } }));
	assert_false(last.to_client);
	forget();
	f.packets[1] = 9;		/* sessions that end so */
	for (uint16_t i = 0; i < 100; i++) {
		struct packet p = tcp(ip(10, 9, 0, 2), ip(10, 0, 0, 1), 40000, TCP_RST, 100);

		p.sport = (uint16_t)(50000 + i);
		kit_packet(&p, &f, DIR_FROM_1);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

/* Packets that no session has: one below the limit is nothing, and what only answers never is. */
static void
ports_by_packets_of_no_session(void **unused)
{
	static const struct { uint8_t flags; const char *how; } cases[] = {
		{ 0, "without any flag (NULL scan)," }, { TCP_FIN, "with FIN alone (FIN scan)," },
		{ TCP_FIN | TCP_PSH | TCP_URG, "with FIN, PSH and URG (Xmas scan)," },
		{ TCP_URG, "with flags that no session has," },
	};

	(void)unused;
	for (unsigned k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		open_with(0);
		for (uint16_t i = 0; i < settings.detect.ports_odd.n; i++) {
			struct packet p = tcp(ip(10, 0, 0, 1), ip(10, 9, 0, 1), (uint16_t)(20 + i), cases[k].flags, 100);

			assert_int_equal(n_said, 0);
			for (unsigned twice = 0; twice < 2; twice++)
				send(&p);
		}
		assert_int_equal(said[ALERT_PORT_SCAN], 1);
		assert_string_equal(last_what, cases[k].how);
		assert_int_equal(number("count"), settings.detect.ports_odd.n);
		close_it();
	}
}

static void
ack(struct addr src, uint16_t sport, struct addr dst, uint16_t dport, bool refused)
{
	struct flow f = { .addr = { src, dst }, .port = { sport, dport }, .proto = IP_TCP, .midstream = true,
	    .packets = { 1, refused }, .tcp_flags = { TCP_ACK, refused ? TCP_RST : 0 }, .first_frame = 7 };
	struct packet p = tcp(dst, src, sport, TCP_RST, 100);

	p.sport = dport;
	if (refused)
		kit_packet(&p, &f, DIR_FROM_1);
	kit_flow_end(&f, FLOW_END_TIMEOUT);
}

static void
ports_by_ack(void **unused)
{
	(void)unused;
	for (unsigned refused = 0; refused < 2; refused++) {
		open_with(0);
		for (uint16_t i = 0; i < settings.detect.ports_odd.n; i++) {
			assert_int_equal(n_said, 0);
			ack(ip(10, 0, 0, 1), 40000, ip(10, 9, 0, 1), (uint16_t)(1000 + i), refused);
		}
		assert_int_equal(said[ALERT_PORT_SCAN], 1);
		assert_string_equal(last_what, "with ACK out of nowhere (ACK scan),");
		assert_true(addr_same(&last.dst, &(struct addr){ { [10] = 0xff, 0xff, 10, 9, 0, 1 } }));
		assert_true(refused || last.frame == 7);
		/* A server that keeps idle sessions alive. */
		forget();
		for (uint16_t i = 0; i < 50; i++) {
			ack(ip(10, 9, 0, 2), 502, ip(10, 0, 0, 1), (uint16_t)(1024 + i), refused);
			ack(ip(10, 9, 0, 2), 4840, ip(10, 0, 0, 1), (uint16_t)(50000 + i), refused);
		}
		assert_int_equal(n_said, 0);
		close_it();
	}
}

static void
datagram(uint16_t sport, struct addr dst, uint16_t dport)
{
	struct flow f = { .packets = { 1, 0 } };
	struct packet p = tcp(ip(10, 0, 0, 1), dst, dport, 0, 100);

	p.sport = sport;
	p.proto = IP_UDP;
	kit_packet(&p, &f, DIR_FROM_0);
}

/* "Port unreachable" about a datagram from 10.0.0.1 to 10.9.0.1, of `len` bytes as far as it is quoted. */
static void
unreachable(uint8_t ip_v, uint16_t port, uint32_t len)
{
	uint8_t quoted[64] = { 0 };
	struct packet p = tcp(ip(10, 9, 0, 1), ip(10, 0, 0, 1), 0, 0, 100);
	unsigned at = ip_v == 4 ? 24 : 40;

	p.ip_v = ip_v;
	p.proto = ip_v == 4 ? IP_ICMP : IP_ICMPV6;
	p.icmp_type = ip_v == 4 ? 3 : 1;
	p.icmp_code = ip_v == 4 ? 3 : 4;
	quoted[0] = ip_v == 4 ? 0x46 : 0x60;	/* with four bytes of options */
	quoted[ip_v == 4 ? 9 : 6] = IP_UDP;
	quoted[at + 2] = (uint8_t)(port >> 8);
	quoted[at + 3] = (uint8_t)port;
	p.payload = quoted;
	p.payload_len = p.payload_wire = len;
	send(&p);
}

static void
ports_by_udp(void **unused)
{
	(void)unused;
	open_with(0);
	for (uint16_t i = 0; i < settings.detect.ports_udp.n; i++) {
		assert_int_equal(n_said, 0);
		datagram(40000, ip(10, 9, 0, 1), (uint16_t)(2000 + i));
	}
	assert_int_equal(said[ALERT_PORT_SCAN], 1);
	assert_string_equal(last_what, "by UDP,");
	forget();
	for (uint16_t i = 0; i < 60; i++) {
		datagram(53, ip(10, 9, 0, 2), (uint16_t)(1024 + i));	/* answers */
		datagram(40000, ip(10, 9, 0, 3), (uint16_t)(40000 + i));	/* handed out */
		datagram(40000, ip(10, 9, 0, 255), (uint16_t)(2000 + i));	/* to everybody */
		unreachable(4, (uint16_t)(50000 + i), 27);	/* quoted too shortly */
		unreachable(4, (uint16_t)(2000 + i), 28);	/* counted when it was sent */
	}
	assert_int_equal(n_said, 0);
	close_it();
	for (uint8_t v = 4; v <= 6; v += 2) {
		open_with(0);
		for (uint16_t i = 0; i < settings.detect.ports_udp.n; i++) {
			assert_int_equal(n_said, 0);
			unreachable(v, (uint16_t)(50000 + i), v == 4 ? 28 : 44);
		}
		assert_int_equal(said[ALERT_PORT_SCAN], 1);
		assert_true(addr_same(&last.dst, &(struct addr){ { [10] = 0xff, 0xff, 10, 9, 0, 1 } }));
		close_it();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_of_one_host),
		cmocka_unit_test(some_ports_of_many_hosts),
		cmocka_unit_test(high_ports_when_nothing_is_there),
		cmocka_unit_test(ports_by_packets_of_no_session),
		cmocka_unit_test(ports_by_ack),
		cmocka_unit_test(ports_by_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
