/* test_decode_ip.c - IPv4 and IPv6 headers, the TCP and UDP headers behind them,
 * lengths and checksums. */
#include "decode_kit.h"

static void
padding_ends_with_the_ip_length(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	ADD(&f, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3);
	ether(&f, 0x0800);
	gives_the_sample(&f, LINK_ETHERNET);
	plain(&f);
	f.b[2] = f.b[3] = 0;	/* TSO */
	ether(&f, 0x0800);
	gives_the_sample(&f, LINK_ETHERNET);
}

/* A mirror may cut and not say so, and a length may be forged: what was there counts. */
static void
a_length_beyond_the_frame_is_a_doubt(void **unused)
{
	static const uint16_t lens[] = { 53, 60, 1500, 9236, 9237, 35124, 65535 };
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct decoder *d = open_plain();

		plain(&f);
		f.b[2] = HI(lens[i]);
		f.b[3] = LO(lens[i]);
		ether(&f, 0x0800);
		feed_at(d, &f, LINK_ETHERNET, 0);
		assert_int_equal(seen.packets, 1);
		assert_int_equal(seen.p.payload_wire, sizeof(modbus));
		assert_true(seen.p.flags & PKT_LONG);
		assert_int_equal(seen.anomalies, 1);
		assert_int_equal(seen.ids[0], ANOM_DEC_IP_LEN);
		assert_int_equal(counters.v[CNT_DEC_IP_LONG], 1);
		tcp_seq(&f, 7);
		ip6(&f, 6);
		f.b[4] = HI(lens[i] - 20);
		f.b[5] = LO(lens[i] - 20);
		feed_at(d, &f, LINK_RAW, 0);
		assert_int_equal(seen.packets, 2);
		assert_int_equal(seen.p.payload_wire, sizeof(modbus));
		/* A datagram says itself how long it was. */
		f.n = 0;
		add(&f, modbus, sizeof(modbus));
		udp(&f, 502);
		f.b[4] = HI(lens[i] - 20);
		f.b[5] = LO(lens[i] - 20);
		ip4(&f, 17, 1, 0, 64);
		f.b[2] = HI(lens[i]);
		f.b[3] = LO(lens[i]);
		feed_at(d, &f, LINK_RAW, 0);
		assert_int_equal(seen.packets, 3);
		assert_int_equal(seen.p.payload_len, sizeof(modbus));
		assert_int_equal(seen.p.payload_wire, lens[i] - 28);
		assert_true(seen.p.flags & PKT_TRUNCATED);
		close_decoder(d);
	}
}

static void
ipv6_extension_headers_are_passed(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	tcp_seq(&f, 7);
	PUT(&f, 6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2);	/* AH */
	PUT(&f, 51, 0, 0, 0, 0, 0, 0, 7);		/* atomic fragment */
	PUT(&f, 44, 0, 1, 4, 0, 0, 0, 0);		/* destination options */
	PUT(&f, 60, 0, 0, 0, 0, 0, 0, 0);		/* routing */
	PUT(&f, 43, 0, 5, 2, 0, 0, 1, 0);		/* hop-by-hop */
	ip6(&f, 0);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(seen.p.ip_v, 6);
	d = open_plain();
	tcp_seq(&f, 7);
	PUT(&f, 6, 0, 1, 4, 0, 0, 0, 0);
	for (int i = 0; i < 20; i++)
		PUT(&f, 60, 0, 1, 4, 0, 0, 0, 0);
	ip6(&f, 60);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 0);
	assert_int_equal(seen.ids[0], ANOM_DEC_IP6_EXT);
	close_decoder(d);
}

static void
a_header_without_payload_ends_where_it_ends(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	f.n = 0;
	ip4(&f, 99, 1, 0, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.l3_len, 20);
	assert_int_equal(seen.p.payload_len, 0);
	f.n = 0;
	ip6(&f, 59);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 2);
	assert_int_equal(seen.p.l3_len, 40);
	close_decoder(d);
}

static void
impossible_headers_are_reported(void **unused)
{
	static const struct {
		unsigned	at;
		uint8_t		value;
		enum anomaly_id	id;
	} t[] = {
		{ 0, 0x55, ANOM_DEC_IP_VERSION },
		{ 0, 0x44, ANOM_DEC_IP_HEADER_LEN },
		{ 3, 19, ANOM_DEC_IP_LEN },
		{ 32, 0x40, ANOM_DEC_TCP_HEADER_LEN },
		{ 32, 0xf0, ANOM_DEC_TCP_HEADER_LEN },
	};
	struct decoder *d;
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		d = open_plain();
		plain(&f);
		f.b[t[i].at] = t[i].value;
		feed_at(d, &f, LINK_RAW, 0);
		assert_int_equal(seen.packets, 0);
		assert_int_equal(seen.anomalies, 1);
		assert_int_equal(seen.ids[0], t[i].id);
		assert_int_equal(counters.v[CNT_DEC_INVALID], 1);
		close_decoder(d);
	}
	d = open_plain();
	f.n = 0;
	ADD(&f, 1, 2, 3, 4);
	udp(&f, 502);
	f.b[5] = 99;
	ip4(&f, 17, 1, 0, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.ids[0], ANOM_DEC_UDP_LEN);
	close_decoder(d);
}

static void
a_frame_cut_by_the_snap_length_keeps_its_wire_length(void **unused)
{
	struct decoder *d = open_plain();
	struct frame fr;
	struct buf f;

	(void)unused;
	plain(&f);
	f.n -= 5;
	fr = frame_of(&f, LINK_RAW, 0);
	fr.wire_len += 5;
	decode_frame(d, &fr);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 0);
	assert_int_equal(seen.p.payload_len, sizeof(modbus) - 5);
	assert_int_equal(seen.p.payload_wire, sizeof(modbus));
	assert_int_equal(seen.p.wire_len, f.n + 5);
	assert_true(seen.p.flags & PKT_TRUNCATED);
	assert_int_equal(counters.v[CNT_DEC_CUT], 1);
	/* The same without a snap length: the IP length is in doubt. */
	fr.wire_len -= 5;
	decode_frame(d, &fr);
	assert_int_equal(seen.packets, 2);
	assert_int_equal(seen.anomalies, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_IP_LEN);
	assert_int_equal(seen.p.payload_wire, sizeof(modbus) - 5);
	assert_int_equal(seen.p.flags, PKT_LONG);
	close_decoder(d);
}

static void
wrong_checksums_are_dropped_when_asked_for(void **unused)
{
	struct decode_settings s = { .checksums = CHECKSUM_ALL, .defrag_datagrams = 4,
	    .defrag_timeout_s = 30 };
	struct decoder *d = open_with(s);
	struct buf f;

	(void)unused;
	plain(&f);
	feed_at(d, &f, LINK_RAW, 0);
	is_the_sample();
	f.b[8]++;
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_IP_SUM);
	plain(&f);
	f.b[f.n - 1]++;
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.ids[1], ANOM_DEC_L4_SUM);
	assert_int_equal(counters.v[CNT_DEC_IP_SUM], 1);
	assert_int_equal(counters.v[CNT_DEC_L4_SUM], 1);
	close_decoder(d);
	d = open_plain();
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 0);
	close_decoder(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(padding_ends_with_the_ip_length),
		cmocka_unit_test(a_length_beyond_the_frame_is_a_doubt),
		cmocka_unit_test(ipv6_extension_headers_are_passed),
		cmocka_unit_test(a_header_without_payload_ends_where_it_ends),
		cmocka_unit_test(impossible_headers_are_reported),
		cmocka_unit_test(a_frame_cut_by_the_snap_length_keeps_its_wire_length),
		cmocka_unit_test(wrong_checksums_are_dropped_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
