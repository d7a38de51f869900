/* Searching, flooding and guessing: one below the limit says nothing, the limit says it once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "detect/scan/scan.h"
#include "detect/emit.h"

#include "detect_kit.h"

static unsigned said[ALERT_TYPE_COUNT], n_said;
static struct finding last;
static char last_what[64], last_expected[64];
static struct flow flow;
static uint64_t op_id;

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 0xa }, mac_b[6] = { 2, 0, 0, 0, 0, 0xb },
    mac_router[6] = { 2, 0, 0, 0, 0, 0xf };

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	said[f->type]++;
	n_said++;
	last = *f;
	snprintf(last_what, sizeof(last_what), "%s", f->what != NULL ? f->what : "");
	snprintf(last_expected, sizeof(last_expected), "%s", f->expected != NULL ? f->expected : "");
}

static struct addr
ip(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t four[4] = { a, b, c, d };

	return addr_v4(four);
}

static void
forget(void)
{
	memset(said, 0, sizeof(said));
	n_said = 0;
}

static void
open_with(uint64_t trackers)
{
	static const struct detector *const list[] = { &detector_scan, NULL };

	config_free(&settings);
	config_defaults(&settings);
	if (trackers > 0)
		settings.detect.trackers = trackers;
	forget();
	op_id = 0;
	flow = (struct flow){ .id = 7, .addr = { ip(10, 0, 0, 1), ip(10, 0, 0, 2) },
	    .port = { 40000, 502 }, .proto = IP_TCP, .packets = { 9, 9 } };
	kit_open(list, on_finding);
}

static void
close_it(void)
{
	kit_close();
	config_free(&settings);
	settings = (struct settings){ 0 };
}

static uint64_t
number(const char *name)
{
	for (uint32_t i = 0; i < last.n_numbers; i++)
		if (strcmp(last.numbers[i].name, name) == 0)
			return (uint64_t)last.numbers[i].value;
	return UINT64_MAX;
}

static struct packet
tcp(struct addr src, struct addr dst, uint16_t dport, uint8_t flags, double at_s)
{
	return (struct packet){ .ts_ns = (uint64_t)(at_s * 1e9), .frame = 1, .src = src, .dst = dst,
	    .sport = 40000, .dport = dport, .ip_v = 4, .proto = IP_TCP, .tcp_flags = flags, .ttl = 64 };
}

static void
send(const struct packet *p)
{
	kit_packet(p, NULL, DIR_FROM_0);
}

static void
syn(struct addr src, struct addr dst, uint16_t dport, double at_s)
{
	struct packet p = tcp(src, dst, dport, TCP_SYN, at_s);

	send(&p);
}

static void
ping(struct addr src, struct addr dst, double at_s)
{
	struct packet p = tcp(src, dst, 0, 0, at_s);

	p.proto = IP_ICMP;
	p.icmp_type = 8;
	send(&p);
}

static void
arp(uint16_t op, const uint8_t *mac, struct addr src, struct addr dst, double at_s)
{
	struct packet p = { .ts_ns = (uint64_t)(at_s * 1e9), .arp_op = op, .arp_mac = mac, .arp_src = src,
	    .arp_dst = dst, .mac_src = mac };

	send(&p);
}

static struct operation
operation(enum op_proto proto, uint32_t function, double at_s)
{
	uint64_t at = (uint64_t)(at_s * 1e9);

	return (struct operation){ .id = ++op_id, .flow = &flow, .phase = OP_FINISHED, .proto = proto,
	    .function = function, .intent = INTENT_READ, .outcome = OUTCOME_ANSWERED, .unit = 1,
	    .request = { .seen = true, .ts_ns = at, .frame = 1 },
	    .response = { .seen = true, .ts_ns = at + 1, .frame = 2 } };
}

static void
give(const struct operation *op)
{
	kit_show(op);
}

/* The hosts of the flow take part in control traffic. */
static void
take_part(double at_s)
{
	struct operation op = operation(OP_MODBUS, 3, at_s);

	op.id = 1;
	give(&op);
}

/* ---- addresses and ports ------------------------------------------------------------ */

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

/* ---- how often ---------------------------------------------------------------------- */

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
	for (unsigned i = 0; i < 2999; i++)
		syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 502, 1000 + i * 0.015);
	assert_int_equal(n_said, 0);
	syn(ip(10, 0, 0, 1), ip(10, 9, 0, 1), 502, 1045);
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

/* ---- ARP ------------------------------------------------------------------------------ */

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

/* ---- internet --------------------------------------------------------------------------- */

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
	f.first_ns = 200 * SECOND;			/* told when it began */
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(n_said, 1);
	f.midstream = true;
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(n_said, 2);
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

/* ---- operations --------------------------------------------------------------------------- */

static void
controllers_that_are_looked_for(void **unused)
{
	struct operation op;

	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 100; i++) {		/* they answer: polling */
		op = operation(OP_MODBUS, 3, 100);
		op.unit = i;
		give(&op);
	}
	for (unsigned round = 0; round < 20; round++)	/* one dead unit, asked again and again */
		for (unsigned i = 0; i < 9; i++) {
			op = operation(OP_MODBUS, 3, 100 + round);
			op.unit = i;
			op.outcome = OUTCOME_EXCEPTION;
			op.exception = 11;
			give(&op);
		}
	assert_int_equal(n_said, 0);
	op.unit = 10;
	give(&op);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_PLC_SCAN);
	for (unsigned round = 0; round < 20; round++)	/* the same ones are no news */
		for (unsigned i = 0; i < 11; i++) {
			op = operation(OP_MODBUS, 3, 120 + 10 * round);
			op.unit = i;
			op.outcome = OUTCOME_UNANSWERED;
			give(&op);
		}
	assert_int_equal(n_said, 1);
	forget();
	flow.packets[1] = 0;		/* a one-way tap hears no answers */
	for (unsigned i = 0; i < 50; i++) {
		op = operation(OP_MODBUS, 3, 1000);
		op.unit = i;
		op.outcome = OUTCOME_UNANSWERED;
		give(&op);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

static void
racks_and_slots(void **unused)
{
	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 60; i++) {
		struct operation op = operation(OP_S7, 0xe0, 100 + i);

		op.intent = INTENT_SESSION;
		op.command = CMD_CONNECT;
		op.unit = i % (unsigned)(settings.detect.tsaps.n - 1);
		give(&op);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < settings.detect.tsaps.n; i++) {
		struct operation op = operation(OP_S7, 0xe0, 1000);

		assert_int_equal(n_said, 0);
		op.intent = INTENT_SESSION;
		op.command = CMD_CONNECT;
		op.unit = i;
		give(&op);
	}
	assert_int_equal(said[ALERT_TSAP_SCAN], 1);
	assert_int_equal(n_said, 1);
	close_it();
}

static void
functions_and_points(void **unused)
{
	struct op_item item = { .space = SPACE_HOLDING, .ranged = true, .count = 1 }, bad[8] = { 0 };
	struct operation op;

	(void)unused;
	open_with(0);
	for (uint32_t i = 0; i < 30; i++) {
		op = operation(OP_MODBUS, 65 + i % 2, 100);
		op.outcome = OUTCOME_EXCEPTION;
		op.refused = OP_REFUSED_FUNCTION;
		give(&op);
	}
	assert_int_equal(said[ALERT_FUNCTION_SCAN], 0);
	op = operation(OP_MODBUS, 70, 101);
	op.outcome = OUTCOME_EXCEPTION;
	op.refused = OP_REFUSED_FUNCTION;
	give(&op);
	assert_int_equal(said[ALERT_FUNCTION_SCAN], 1);
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(said[ALERT_POINT_SCAN], 0);
		item.first = i * 100;
		op = operation(OP_MODBUS, 3, 200);
		op.items = &item;
		op.n_items = 1;
		op.outcome = OUTCOME_EXCEPTION;
		op.refused = OP_REFUSED_ADDRESS;
		give(&op);
	}
	assert_int_equal(said[ALERT_POINT_SCAN], 1);
	for (uint32_t i = 0; i < 3; i++) {
		op = operation(OP_DNP3, 100 + i, 300);
		op.refused = OP_REFUSED_FUNCTION;
		give(&op);
	}
	assert_int_equal(said[ALERT_FUNCTION_SCAN], 2);
	for (uint32_t i = 0; i < 8; i++)
		bad[i] = (struct op_item){ .space = SPACE_S7_DB, .number = i + 1, .status = 0x0a };
	op = operation(OP_S7, 4, 400);
	op.items = bad;
	op.n_items = 8;
	op.refused = OP_REFUSED_ADDRESS;
	give(&op);
	assert_int_equal(said[ALERT_POINT_SCAN], 2);
	/* The status of an object is its quality, and no refusal of it: the question is one. */
	for (uint32_t i = 0; i < 8; i++)
		bad[i] = (struct op_item){ .space = SPACE_OBJECT, .number = i + 1, .status = 0x01 };
	op = operation(OP_DNP3, 1, 500);
	op.items = bad;
	op.n_items = 8;
	op.refused = OP_REFUSED_ADDRESS;
	give(&op);
	assert_int_equal(said[ALERT_POINT_SCAN], 2);
	close_it();
}

static struct operation
login(unsigned kind, double at_s)
{
	struct operation op;

	if (kind == 0) {
		op = operation(OP_S7, 0x705, at_s);
		op.command = CMD_LOGIN;
	} else if (kind == 1) {
		op = operation(OP_MODBUS, 90, at_s);
		op.command = CMD_LOGIN;
	} else {
		op = operation(OP_DNP3, 131, at_s);
		op.login_refused = "secure authentication reported an error (g120v7)";
	}
	op.intent = INTENT_SESSION;
	return op;
}

static void
logins_and_guessing(void **unused)
{
	(void)unused;
	for (unsigned kind = 0; kind < 3; kind++) {
		open_with(0);
		for (unsigned i = 0; i < 60; i++) {		/* one in 3.5 s: 18 in a minute */
			struct operation op = login(kind, 100 + 3.5 * i);

			give(&op);
		}
		assert_int_equal(n_said, 0);
		for (unsigned i = 0; i < 99; i++) {
			struct operation op = login(kind, 1000 + 0.5 * i);

			give(&op);
		}
		assert_int_equal(said[ALERT_LOGINS], 4);
		assert_int_equal(said[ALERT_GUESSING], 0);
		{
			struct operation op = login(kind, 1050);

			give(&op);
		}
		assert_int_equal(said[ALERT_GUESSING], 1);
		assert_int_equal(number("count"), 100);
		close_it();
	}
}

/* ---- ports that something else uses --------------------------------------------------------- */

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

/* ---- memory ------------------------------------------------------------------------------------ */

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
		cmocka_unit_test(ports_of_one_host),
		cmocka_unit_test(some_ports_of_many_hosts),
		cmocka_unit_test(high_ports_when_nothing_is_there),
		cmocka_unit_test(ports_by_packets_of_no_session),
		cmocka_unit_test(ports_by_ack),
		cmocka_unit_test(ports_by_udp),
		cmocka_unit_test(sessions_and_floods),
		cmocka_unit_test(a_flood_of_many_senders),
		cmocka_unit_test(pings),
		cmocka_unit_test(addresses_by_arp),
		cmocka_unit_test(announcements),
		cmocka_unit_test(an_address_with_two_macs),
		cmocka_unit_test(a_sender_with_another_mac_than_arp_says),
		cmocka_unit_test(parts_of_the_plant_and_the_internet),
		cmocka_unit_test(control_traffic_over_the_internet),
		cmocka_unit_test(controllers_that_are_looked_for),
		cmocka_unit_test(racks_and_slots),
		cmocka_unit_test(functions_and_points),
		cmocka_unit_test(logins_and_guessing),
		cmocka_unit_test(other_programs_on_control_ports),
		cmocka_unit_test(a_full_table_forgets_and_counts),
		cmocka_unit_test(data_and_answers_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
