/* Unit tests of stream: flows, their ends, ports used again, names. */
#include "stream_fake.h"

#include "base/buddy.h"

static void
datagram(struct fake *k, unsigned end, uint16_t cport, const char *bytes)
{
	struct packet p = fake_packet(k, end, IP_UDP);

	if (end == 0)
		p.sport = cport;
	else
		p.dport = cport;
	p.payload_len = p.payload_wire = (uint32_t)strlen(bytes);
	p.payload = guard(bytes, p.payload_len);
	stream_packet(k->st, &p);
}

static void
datagrams_pass_as_they_are(void **unused)
{
	struct fake k;
	struct packet p;
	uint64_t id;

	(void)unused;
	fake_open(&k, NULL);
	datagram(&k, 1, 4000, "hello");		/* the server is seen first */
	id = k.last_id;
	assert_int_equal(k.flow->client_end, 1);
	assert_int_equal(k.flow->role_source, ROLE_PORT);
	datagram(&k, 0, 4000, "yes");
	assert_true(id == k.last_id);
	p = fake_packet(&k, 0, IP_UDP);
	p.sport = 4000;
	p.payload = guard("cu", 2);
	p.payload_len = 2;
	p.payload_wire = 3;
	stream_packet(k.st, &p);
	SAYS(&k, "0:<hello> 1:<yes> 1:<cu...> ");
	pass(&k, 299 * (uint64_t)S);
	SAYS(&k, "");
	pass(&k, 2 * (uint64_t)S);
	SAYS(&k, "X1 ");
	assert_int_equal(k.c.v[CNT_FLOW_UDP], 1);
	fake_close(&k);
}

/* A datagram that nobody answers is soon forgotten, unless it is a plant's: a mirror
 * port may show one direction alone, and a slow master asks once a minute. */
static void
an_unanswered_datagram_is_soon_forgotten(void **unused)
{
	struct fake k;
	uint64_t id;

	(void)unused;
	fake_open(&k, NULL);
	datagram(&k, 0, 4000, "a");
	id = k.last_id;
	k.now_ns += 29 * (uint64_t)S;
	datagram(&k, 0, 4000, "b");
	assert_true(id == k.last_id);
	k.now_ns += 31 * (uint64_t)S;
	datagram(&k, 0, 4000, "c");
	assert_true(id != k.last_id);
	SAYS(&k, "0:<a> 0:<b> X1 0:<c> ");
	k.protocol = protocols[OP_DNP3];
	datagram(&k, 0, 4001, "d");
	id = k.last_id;
	k.now_ns += 299 * (uint64_t)S;
	datagram(&k, 0, 4001, "e");
	assert_true(id == k.last_id);
	fake_close(&k);
}

static void
an_icmp_question_and_its_answer_are_one_flow(void **unused)
{
	struct fake k;
	struct packet p;

	(void)unused;
	fake_open(&k, NULL);
	for (unsigned i = 0; i < 2; i++) {
		p = fake_packet(&k, i, IP_ICMP);
		p.sport = p.dport = 0;
		p.icmp_type = i == 0 ? 8 : 0;
		stream_packet(k.st, &p);
	}
	assert_int_equal(k.c.v[CNT_FLOW_ICMP4], 1);
	p.icmp_type = 3;
	p.icmp_code = 1;
	stream_packet(k.st, &p);
	assert_int_equal(k.c.v[CNT_FLOW_ICMP4], 2);
	pass(&k, 61 * (uint64_t)S);
	SAYS(&k, "X1 X1 ");
	fake_close(&k);
}

static void
the_same_capture_gives_the_same_ids(void **unused)
{
	struct fake k;
	uint64_t id[3];

	(void)unused;
	for (unsigned i = 0; i < 3; i++) {
		fake_open(&k, NULL);	/* another secret key each time */
		k.now_ns += i == 2;
		datagram(&k, 0, 4000, "x");
		id[i] = k.last_id;
		fake_close(&k);
	}
	assert_true(id[0] == id[1] && id[0] != id[2]);
	assert_true(id[0] > 0 && id[0] < (uint64_t)1 << 53);
}

static void
an_established_session_outlives_long_silence(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	for (unsigned i = 0; i < 100; i++) {
		seg(&k, 0, 0, 1000 + 4 * i, 5000, "poll");
		pass(&k, 3000 * (uint64_t)S);
	}
	assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 1);
	assert_int_equal(k.flow->payload[0], 400);
	pass(&k, 3601 * (uint64_t)S);
	assert_int_equal(k.ended[FLOW_END_TIMEOUT], 1);
	/* Without a tick in between the clock of the next packet ends it. */
	seg(&k, 0, TCP_SYN, 999, 0, "");
	k.now_ns += 61 * (uint64_t)S;
	seg(&k, 0, TCP_SYN, 999, 0, "");
	assert_int_equal(k.ended[FLOW_END_TIMEOUT], 2);
	assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 3);
	assert_int_equal(k.begun, 3);
	fake_close(&k);
}

static void
a_full_table_gives_up_what_matters_least(void **unused)
{
	struct stream_settings set = fake_settings();
	struct fake k;
	uint64_t first;

	(void)unused;
	set.max_flows = 4;
	fake_open(&k, &set);
	k.claim = &k;
	k.protocol = protocols[OP_DNP3];
	datagram(&k, 0, 1, "dissected");
	first = k.last_id;
	k.protocol = NULL;	/* those that follow were looked at, and refused */
	handshake(&k);
	seg(&k, 0, TCP_RST, 1000, 0, "");		/* closed */
	k.now_ns += 5 * (uint64_t)S;
	datagram(&k, 0, 3, "b");
	k.now_ns += 2 * (uint64_t)S;
	datagram(&k, 0, 4, "c");
	(void)fake_log(&k);
	k.now_ns += 2 * (uint64_t)S;
	datagram(&k, 0, 5, "d");
	SAYS(&k, "X2 0:<d> ");
	assert_int_equal(k.c.v[CNT_FLOW_EVICTED], 1);
	for (unsigned i = 0; i < 10; i++) {
		datagram(&k, 0, (uint16_t)(100 + i), "e");
		assert_int_equal(k.c.v[CNT_FLOW_ACTIVE], 4);
	}
	datagram(&k, 0, 1, "still there");
	assert_true(first == k.last_id);
	stream_finish(k.st, k.now_ns);
	assert_int_equal(k.c.v[CNT_FLOW_ACTIVE], 0);
	fake_close(&k);
}

static void
ports_used_again_are_another_flow(void **unused)
{
	struct fake k;
	uint64_t id;

	(void)unused;
	/* After a goodbye. */
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "a");
	id = k.last_id;
	seg(&k, 0, TCP_FIN, 1001, 5000, "");
	seg(&k, 1, TCP_FIN, 5000, 1002, "");
	seg(&k, 0, TCP_SYN, 77777, 0, "");
	seg(&k, 0, 0, 77778, 1, "b");
	SAYS(&k, "0:a X0 0:b ");
	assert_true(id != k.last_id);
	assert_int_equal(k.c.v[CNT_FLOW_REUSE], 1);
	fake_close(&k);

	/* Without one: the server's SYN+ACK proves it. */
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "a");
	seg(&k, 0, TCP_SYN, 0x40000000, 0, "");
	SAYS(&k, "0:a ");
	seg(&k, 1, TCP_SYN, 0x50000000, 0x40000001, "");
	SAYS(&k, "X0 ");
	seg(&k, 0, 0, 0x40000001, 0x50000001, "b");
	seg(&k, 1, 0, 0x50000001, 0x40000002, "c");
	SAYS(&k, "0:b 1:c ");
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 0);
	assert_int_equal(k.flow->client_end, 0);
	assert_int_equal(k.flow->role_source, ROLE_SYN);
	assert_false(k.flow->midstream);
	fake_close(&k);

	/* One direction alone: the client's next segment proves it. */
	fake_open(&k, NULL);
	seg(&k, 0, TCP_SYN, 999, 0, "");
	seg(&k, 0, 0, 1000, 5000, "a");
	seg(&k, 0, TCP_SYN, 0x40000000, 0, "");
	seg(&k, 0, 0, 0x40000001, 0x50000001, "b");
	SAYS(&k, "0:a X0 0:b ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	fake_close(&k);
}

static void
a_syn_in_a_living_session_is_reported_and_ignored(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "a");
	seg(&k, 0, TCP_SYN, 1050, 0, "");		/* inside the window */
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 1);
	seg(&k, 0, 0, 1001, 5000, "b");
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 1);
	seg(&k, 0, TCP_SYN, 0x40000000, 0, "");	/* outside: known when the old one goes on */
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 1);
	seg(&k, 0, 0, 1002, 5000, "c");
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 2);
	SAYS(&k, "0:a 0:b 0:c ");
	seg(&k, 0, TCP_SYN, 999, 0, "");		/* the first SYN, late */
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 2);
	assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 1);
	fake_close(&k);
}

static void
a_handshake_out_of_order_is_one_session(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	seg(&k, 1, TCP_SYN, 4999, 1000, "");
	seg(&k, 0, TCP_SYN, 999, 0, "");
	seg(&k, 0, 0, 1000, 5000, "a");
	seg(&k, 1, 0, 5000, 1001, "b");
	SAYS(&k, "0:a 1:b ");
	assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 1);
	assert_int_equal(k.flow->client_end, 0);
	fake_close(&k);
	fake_open(&k, NULL);
	seg(&k, 0, TCP_SYN, 999, 0, "");
	seg(&k, 0, 0, 1000, 5000, "a");
	seg(&k, 1, TCP_SYN, 4999, 1000, "");
	seg(&k, 1, 0, 5000, 1001, "b");
	SAYS(&k, "0:a 1:b ");
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 0);
	fake_close(&k);
}

static void
finish_delivers_what_waits_and_ends_flows_in_order(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1004, 5000, "late");
	datagram(&k, 0, 9, "u");
	SAYS(&k, "0:<u> ");
	stream_finish(k.st, k.now_ns);
	SAYS(&k, "0:-4 0:late X3 X3 ");
	fake_close(&k);
}

/* The examples of the specification. */
static void
community_ids_are_those_of_the_specification(void **unused)
{
	static const struct {
		uint8_t v, proto, src[16], dst[16];
		uint16_t sport, dport;
		const char *id;
	} t[] = {
		{ 4, IP_TCP, { 128, 232, 110, 120 }, { 66, 35, 250, 204 }, 34855, 80,
		    "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ 4, IP_TCP, { 66, 35, 250, 204 }, { 128, 232, 110, 120 }, 80, 34855,
		    "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ 4, IP_UDP, { 192, 168, 1, 52 }, { 8, 8, 8, 8 }, 54585, 53,
		    "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
		{ 4, IP_ICMP, { 192, 168, 0, 89 }, { 192, 168, 0, 1 }, 8, 0,
		    "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
		{ 4, IP_ICMP, { 192, 168, 0, 1 }, { 192, 168, 0, 89 }, 0, 0,
		    "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
		{ 4, IP_SCTP, { 192, 168, 170, 8 }, { 192, 168, 170, 56 }, 7, 80,
		    "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=" },
		{ 6, IP_ICMPV6, { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0x86, 0xff, 0xfe, 5, 0x80, 0xda },
		    { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0x60, 0x97, 0xff, 0xfe, 7, 0x69, 0xea }, 135, 0,
		    "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=" },
	};
	struct fake k;
	char id[COMMUNITY_ID_MAX];
	struct flow f;

	(void)unused;
	fake_open(&k, NULL);
	for (size_t i = 0; i < COUNTOF(t); i++) {
		memset(&f, 0, sizeof(f));
		f.ip_v = t[i].v;
		f.proto = t[i].proto;
		f.addr[0] = t[i].v == 4 ? addr_v4(t[i].src) : addr_v6(t[i].src);
		f.addr[1] = t[i].v == 4 ? addr_v4(t[i].dst) : addr_v6(t[i].dst);
		f.port[0] = t[i].sport;
		f.port[1] = t[i].dport;
		stream_community_id(&f, 0, id);
		assert_string_equal(id, t[i].id);
	}
	fake_close(&k);
}

static void
ten_thousand_flows_fit_the_budget(void **unused)
{
	struct stream_settings set = fake_settings();
	struct fake k;

	(void)unused;
	set.max_flows = 10000;
	set.segment_memory_mib = 16;
	fake_open(&k, &set);
	assert_true(stream_memory(k.st) < 26u << 20);
	fake_close(&k);
}

static void
a_buddy_heap_hands_out_and_merges(void **unused)
{
	void *p[512];
	struct buddy b;
	uint64_t seed = 3;
	size_t n = 0;

	(void)unused;
	assert_int_equal(buddy_open(&b, 100000), 0);
	assert_int_equal(b.size, 131072);
	memset(p, 0, sizeof(p));
	for (unsigned i = 0; i < 200000; i++) {
		unsigned at;
		size_t len;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		at = (unsigned)(seed >> 33) % 512;
		len = (size_t)(seed >> 43) % 2000;
		if (p[at] != NULL) {
			buddy_free(&b, p[at]);
			p[at] = NULL;
		} else if ((p[at] = buddy_alloc(&b, len)) != NULL) {
			assert_true(buddy_owns(&b, p[at]));
			memset(p[at], (int)i, len);
			n++;
		}
	}
	assert_true(n > 1000);
	for (unsigned i = 0; i < 512; i++)
		buddy_free(&b, p[i]);
	assert_int_equal(b.used, 0);
	/* All merged again. */
	p[0] = buddy_alloc(&b, b.size);
	assert_non_null(p[0]);
	assert_null(buddy_alloc(&b, 1));
	assert_null(buddy_alloc(&b, b.size + 1));
	buddy_close(&b);
}

static void
a_clock_that_is_set_back_ends_no_session(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	/* One frame from far ahead, then the true time again. */
	k.now_ns += (uint64_t)1000000 * S;
	datagram(&k, 0, 4000, "?");
	k.now_ns -= (uint64_t)1000000 * S;
	seg(&k, 1, 0, 5000, 1002, "cd");
	SAYS(&k, "0:ab 0:<?> 1:cd ");
	/* Set back; and timeouts still work. */
	k.now_ns -= (uint64_t)900 * S;
	seg(&k, 0, 0, 1002, 5002, "ef");
	pass(&k, S);
	seg(&k, 1, 0, 5002, 1004, "gh");
	SAYS(&k, "0:ef 1:gh ");
	pass(&k, (uint64_t)301 * S);
	SAYS(&k, "X1 ");	/* the datagram's */
	pass(&k, (uint64_t)3600 * S);
	SAYS(&k, "X1 ");
	fake_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_pass_as_they_are),
		cmocka_unit_test(an_unanswered_datagram_is_soon_forgotten),
		cmocka_unit_test(an_icmp_question_and_its_answer_are_one_flow),
		cmocka_unit_test(the_same_capture_gives_the_same_ids),
		cmocka_unit_test(an_established_session_outlives_long_silence),
		cmocka_unit_test(a_full_table_gives_up_what_matters_least),
		cmocka_unit_test(ports_used_again_are_another_flow),
		cmocka_unit_test(a_syn_in_a_living_session_is_reported_and_ignored),
		cmocka_unit_test(a_handshake_out_of_order_is_one_session),
		cmocka_unit_test(finish_delivers_what_waits_and_ends_flows_in_order),
		cmocka_unit_test(a_clock_that_is_set_back_ends_no_session),
		cmocka_unit_test(community_ids_are_those_of_the_specification),
		cmocka_unit_test(ten_thousand_flows_fit_the_budget),
		cmocka_unit_test(a_buddy_heap_hands_out_and_merges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
