/* Packets that did not come from whom they name: by a tool's marks, by their time to live, through somebody else. */
#include "scan_kit.h"

#include "detect/forged/forged.h"

static const uint8_t mac_hmi[6] = { 2, 0, 0, 0, 0, 0xa }, mac_plc[6] = { 2, 0, 0, 0, 0, 0xb },
    mac_me[6] = { 2, 0, 0, 0, 0, 0xc }, mac_card[6] = { 2, 0, 0, 0, 0, 0xd };
static uint8_t wire[64] = { 0x45 };
static uint64_t now_ms;

static void
open_it(void)
{
	static const struct detector *const list[] = { &detector_forged, NULL };

	config_free(&settings);
	config_defaults(&settings);
	forget();
	flow = (struct flow){ .id = 7, .addr = { ip(10, 0, 0, 1), ip(10, 0, 0, 2) }, .port = { 40000, 502 },
	    .proto = IP_TCP, .packets = { 9, 9 }, .payload = { 100, 100 } };
	now_ms = 1000000;
	kit_open(list, on_finding);
	kit_flow(&flow, 0);
}

/* A segment of the flow, as its systems send it: numbers that count, and "don't fragment". */
static struct packet
segment(enum flow_dir dir, uint32_t bytes)
{
	static uint16_t id = 100;
	struct packet p = tcp(flow.addr[dir], flow.addr[dir ^ 1u], 502, TCP_ACK | TCP_PSH, 0);

	p.ts_ns = (now_ms += 10) * 1000000u;
	p.ip_id = ++id;
	p.ip_frag = IP_FRAG_DONT;
	p.mac_src = dir == DIR_FROM_0 ? mac_hmi : mac_plc;
	p.payload_len = p.payload_wire = bytes;
	p.window = 4096;
	p.l3 = wire;
	p.l3_len = sizeof(wire);
	p.payload = wire + 40;
	return p;
}

static struct packet
crafted(enum flow_dir dir, uint32_t bytes)
{
	struct packet p = segment(dir, bytes);

	p.ip_id = 1;
	p.ip_frag = 0;
	p.window = 8192;
	return p;
}

static void
show(struct packet p, enum flow_dir dir)
{
	kit_packet(&p, &flow, dir);
}

static void
ordinary(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		show(segment(DIR_FROM_0, 12), DIR_FROM_0);
		show(segment(DIR_FROM_1, 12), DIR_FROM_1);
	}
	assert_int_equal(n_said, 0);
}

static void
a_tool_in_a_session(void **unused)
{
	struct packet p;

	(void)unused;
	open_it();
	ordinary(3);
	p = crafted(DIR_FROM_0, 12);
	p.window = 8191;		/* not what the tool has; one alone may be a device that has just started */
	show(p, DIR_FROM_0);
	assert_int_equal(n_said, 0);
	p = crafted(DIR_FROM_0, 12);
	p.window = 8191;		/* twice the same number */
	show(p, DIR_FROM_0);
	assert_int_equal(said[ALERT_CRAFTED], 1);
	show(crafted(DIR_FROM_0, 12), DIR_FROM_0);
	assert_int_equal(said[ALERT_CRAFTED], 2);
	close_it();

	open_it();
	ordinary(3);
	show(crafted(DIR_FROM_0, 12), DIR_FROM_0);	/* with its window: at once */
	assert_int_equal(said[ALERT_CRAFTED], 1);
	assert_string_equal(last_what, "identification 1");
	assert_false(last.to_client);
	close_it();

	open_it();
	ordinary(3);
	p = crafted(DIR_FROM_0, 12);
	p.ip_frag = IP_FRAG_DONT;	/* a system's first packet */
	show(p, DIR_FROM_0);
	p = crafted(DIR_FROM_0, 12);
	p.ip_frag = IP_FRAG_MORE;	/* a fragment is what it is */
	show(p, DIR_FROM_0);
	p = crafted(DIR_FROM_0, 12);
	p.ip_id = 2;
	show(p, DIR_FROM_0);
	assert_int_equal(n_said, 0);
	close_it();
}

/* Nothing else was seen of this end. */
static void
a_tool_alone(void **unused)
{
	(void)unused;
	open_it();
	show(crafted(DIR_FROM_0, 12), DIR_FROM_0);	/* the session's beginning was seen: it may count from 1 */
	assert_int_equal(n_said, 0);
	show(crafted(DIR_FROM_0, 12), DIR_FROM_0);
	assert_int_equal(n_said, 1);
	for (unsigned i = 0; i < 50; i++)		/* a device that numbers nothing is reported once */
		show(crafted(DIR_FROM_0, 12), DIR_FROM_0);
	assert_int_equal(n_said, 1);
	now_ms += 60000;				/* after a pause it is another matter */
	show(crafted(DIR_FROM_0, 12), DIR_FROM_0);
	assert_int_equal(n_said, 2);
	close_it();

	open_it();
	flow.midstream = true;
	show(crafted(DIR_FROM_0, 0), DIR_FROM_0);
	assert_int_equal(n_said, 0);
	close_it();

	open_it();
	flow.midstream = true;
	show(crafted(DIR_FROM_0, 1), DIR_FROM_0);	/* data of a session that began long ago, with number 1 */
	assert_int_equal(n_said, 1);
	close_it();
}

static struct packet
opening(uint16_t window, uint32_t options, double at_s)
{
	struct packet p = tcp(ip(10, 0, 0, 9), ip(10, 0, 0, 2), 502, TCP_SYN, at_s);

	p.window = window;
	p.ip_id = 777;
	p.l3 = wire;
	p.l3_len = 40 + options;
	p.payload = wire + 40 + options;
	return p;
}

static void
openings(void **unused)
{
	static const struct { uint16_t window, id; uint8_t options, ttl; bool tool; } rows[] = {
		{ 8192, 1, 0, 64, true }, { 8192, 2, 0, 64, false }, { 8191, 1, 0, 64, false }, { 8192, 1, 4, 64, false },
		{ 1024, 9, 4, 37, true }, { 4096, 9, 4, 59, true }, { 4096, 9, 4, 60, false }, { 4096, 9, 4, 36, false },
		{ 4096, 9, 4, 30, false }, { 5120, 9, 4, 41, false }, { 2000, 9, 4, 41, false }, { 1024, 9, 12, 41, false },
		{ 1024, 9, 0, 255, true }, { 512, 9, 0, 64, true }, { 513, 9, 0, 64, false },
		{ 65535, 54321, 4, 255, true }, { 65535, 54320, 4, 255, false },
	};

	(void)unused;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_it();
		for (unsigned k = 0; k < 3; k++) {
			struct packet p = opening(rows[i].window, rows[i].options, 100 + k * 20);

			p.ip_id = rows[i].id;
			p.ttl = rows[i].ttl;
			assert_int_equal(n_said, 0);
			send(&p);
		}
		assert_int_equal(said[ALERT_CRAFTED], rows[i].tool);
		close_it();
	}
	open_it();
	for (unsigned k = 0; k < 9; k++) {		/* three in a minute are the limit */
		struct packet p = opening(512, 0, 100 + k * 31);

		send(&p);
	}
	for (unsigned k = 0; k < 3; k++) {		/* systems set "don't fragment" */
		struct packet p = opening(512, 0, 1000 + k);

		p.ip_frag = IP_FRAG_DONT;
		send(&p);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

static struct packet
with_ttl(enum flow_dir dir, uint32_t bytes, uint8_t ttl)
{
	struct packet p = segment(dir, bytes);

	p.ttl = ttl;
	return p;
}

static void
another_system(void **unused)
{
	(void)unused;
	open_it();
	for (unsigned i = 0; i < 3; i++)
		show(with_ttl(DIR_FROM_0, 12, 128), DIR_FROM_0);
	show(with_ttl(DIR_FROM_1, 12, 30), DIR_FROM_1);		/* the other end is what it is */
	show(with_ttl(DIR_FROM_0, 1, 64), DIR_FROM_0);		/* no data: a keep-alive of a firewall between them */
	show(with_ttl(DIR_FROM_0, 0, 64), DIR_FROM_0);
	assert_int_equal(n_said, 0);
	show(with_ttl(DIR_FROM_0, 0, 64), DIR_FROM_0);		/* the third */
	assert_int_equal(said[ALERT_SESSION_TTL], 1);
	assert_int_equal(number("hops_left"), 64);
	assert_int_equal(number("hops_left_before"), 128);
	show(with_ttl(DIR_FROM_0, 12, 65), DIR_FROM_0);		/* 64 away from 128 is still 128's */
	assert_int_equal(n_said, 1);
	show(with_ttl(DIR_FROM_0, 2, 64), DIR_FROM_0);
	assert_int_equal(n_said, 2);
	show(with_ttl(DIR_FROM_0, 2, 129), DIR_FROM_0);
	assert_int_equal(n_said, 3);
	close_it();
}

static void
another_way(void **unused)
{
	(void)unused;
	open_it();
	flow.payload[0] = 0;
	show(with_ttl(DIR_FROM_0, 0, 251), DIR_FROM_0);		/* a balancer of load opens it */
	show(with_ttl(DIR_FROM_0, 12, 52), DIR_FROM_0);
	flow.payload[0] = 12;
	for (unsigned i = 0; i < 9; i++)			/* and then the way grows longer */
		show(with_ttl(DIR_FROM_0, 12, i < 4 ? 52 : 50), DIR_FROM_0);
	for (unsigned i = 0; i < 9; i++)			/* or goes to and fro */
		show(with_ttl(DIR_FROM_0, 12, i % 2 ? 52 : 50), DIR_FROM_0);
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 63; i++)			/* another system that stays is the one from then on */
		show(with_ttl(DIR_FROM_0, 12, 128), DIR_FROM_0);
	assert_int_equal(n_said, 63);
	show(with_ttl(DIR_FROM_0, 12, 128), DIR_FROM_0);
	show(with_ttl(DIR_FROM_0, 12, 128), DIR_FROM_0);
	assert_int_equal(n_said, 64);
	close_it();
}

/* A session of the PLC with so many bytes of it, and its time to live. */
static void
session_of_plc(unsigned n, uint8_t ttl, const uint8_t *mac, uint64_t bytes)
{
	struct packet p;

	flow.id = 100 + n;
	flow.payload[0] = flow.payload[1] = 0;
	kit_flow(&flow, 1);
	p = with_ttl(DIR_FROM_1, 12, ttl);
	p.mac_src = mac;
	show(p, DIR_FROM_1);
	flow.payload[1] = bytes;
	kit_flow_end(&flow, FLOW_END_CLOSED);
}

static void
another_system_in_a_later_session(void **unused)
{
	(void)unused;
	open_it();
	session_of_plc(1, 128, mac_plc, 12);
	session_of_plc(2, 64, mac_plc, 12);	/* one session says nothing yet: it is the other one */
	session_of_plc(3, 64, mac_plc, 12);
	session_of_plc(4, 64, mac_plc, 12);
	assert_int_equal(n_said, 0);
	session_of_plc(5, 128, mac_plc, 12);
	assert_int_equal(said[ALERT_DEVICE_TTL], 1);
	assert_int_equal(number("hops_left"), 128);
	assert_int_equal(number("hops_left_before"), 64);
	session_of_plc(6, 60, mac_plc, 12);	/* the same beginning */
	session_of_plc(7, 127, mac_plc, 12);	/* routers, and whoever is behind them */
	session_of_plc(8, 129, mac_plc, 12);
	session_of_plc(9, 128, mac_card, 12);	/* another card */
	assert_int_equal(n_said, 1);
	for (unsigned i = 0; i < 64; i++)	/* set up anew */
		session_of_plc(10 + i, 255, mac_plc, 12);
	assert_int_equal(n_said, 65);
	session_of_plc(99, 255, mac_plc, 12);
	session_of_plc(99, 255, mac_plc, 12);
	assert_int_equal(n_said, 65);
	close_it();

	open_it();
	for (unsigned i = 0; i < 5; i++)	/* what carried nothing of it says nothing of it */
		session_of_plc(i, 128, mac_plc, 0);
	session_of_plc(9, 64, mac_plc, 12);
	assert_int_equal(n_said, 0);
	close_it();
}

/* ARP gives an address to a MAC. */
static void
claim(struct addr a, const uint8_t *mac)
{
	struct asset *x = assets_get(assets, &a, 0, now_ms * 1000000u);
	struct asset_port *port = assets_port(assets, x, 0, 0);

	memcpy(port->mac, mac, sizeof(port->mac));
	port->seen_ns = now_ms * 1000000u;
}

static void
from(enum flow_dir dir, const uint8_t *mac)
{
	struct packet p = segment(dir, 12);

	p.mac_src = mac;
	show(p, dir);
}

static void
between_both(void **unused)
{
	(void)unused;
	open_it();
	claim(flow.addr[0], mac_hmi);
	claim(flow.addr[1], mac_plc);
	ordinary(3);
	from(DIR_FROM_0, mac_me);			/* no ARP gave it anything: a router's copy */
	from(DIR_FROM_1, mac_me);
	assert_int_equal(n_said, 0);
	claim(flow.addr[1], mac_me);
	from(DIR_FROM_0, mac_me);
	assert_int_equal(said[ALERT_SESSION_TAKEN], 1);
	assert_string_equal(last_what, "02:00:00:00:00:0c");
	assert_string_equal(last_expected, "02:00:00:00:00:0a");
	from(DIR_FROM_1, mac_me);			/* once a session */
	assert_int_equal(n_said, 1);
	close_it();

	open_it();
	claim(flow.addr[0], mac_hmi);
	ordinary(3);
	claim(flow.addr[0], mac_card);			/* the second network card of one end */
	from(DIR_FROM_0, mac_card);
	from(DIR_FROM_1, mac_plc);
	from(DIR_FROM_1, mac_me);			/* and another router for the other */
	assert_int_equal(n_said, 0);
	close_it();

	open_it();
	from(DIR_FROM_0, mac_card);			/* both behind one router from the beginning */
	from(DIR_FROM_1, mac_card);
	claim(flow.addr[0], mac_me);
	claim(flow.addr[1], mac_me);
	from(DIR_FROM_0, mac_me);			/* which is exchanged */
	from(DIR_FROM_1, mac_me);
	assert_int_equal(n_said, 0);
	close_it();
}

/* What is cut, damaged or put together says nothing of who sent it. */
static void
not_judged(void **unused)
{
	static const uint16_t flags[] = { PKT_TRUNCATED, PKT_REBUILT, PKT_LONG, PKT_BAD_IP_SUM, PKT_BAD_L4_SUM };

	(void)unused;
	open_it();
	ordinary(3);
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct packet p = crafted(DIR_FROM_0, 12);

		p.ttl = 128;
		p.flags = flags[i];
		show(p, DIR_FROM_0);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tool_in_a_session),
		cmocka_unit_test(a_tool_alone),
		cmocka_unit_test(openings),
		cmocka_unit_test(another_system),
		cmocka_unit_test(another_way),
		cmocka_unit_test(another_system_in_a_later_session),
		cmocka_unit_test(between_both),
		cmocka_unit_test(not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
