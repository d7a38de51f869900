/* test_decode_defrag.c - datagrams put together from fragments. */
#include "decode_kit.h"

static struct { unsigned n; struct packet p; } shown;

static void
on_header(void *arg, const struct packet *p)
{
	(void)arg;
	shown.n++;
	shown.p = *p;
}

static void
piece6(struct buf *f, const struct buf *whole, size_t from, size_t to, bool more)
{
	f->n = 0;
	add(f, whole->b + from, to - from);
	PUT(f, 6, 0, HI(from), (uint8_t)(LO(from) | (more ? 1 : 0)), 0, 0, 0, 77);
	ip6(f, 44);
}

static void
fragments_in_any_order_give_the_datagram(void **unused)
{
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
	    { 2, 0, 1 }, { 2, 1, 0 } };
	static const size_t cuts[4] = { 0, 8, 24, 32 };
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (unsigned o = 0; o < 6; o++)
		for (unsigned v = 4; v <= 6; v += 2) {
			struct decoder *d = open_with((struct decode_settings){
			    .checksums = CHECKSUM_ALL, .defrag_datagrams = 4,
			    .defrag_timeout_s = 30 });

			for (unsigned i = 0; i < 3; i++) {
				unsigned k = orders[o][i];

				if (v == 4)
					piece(&f, &whole, cuts[k], cuts[k + 1], k < 2, 5);
				else
					piece6(&f, &whole, cuts[k], cuts[k + 1], k < 2);
				assert_int_equal(seen.packets, 0);
				feed_at(d, &f, LINK_RAW, i);
			}
			if (v == 6) {	/* the checksum is that of the IPv4 sample */
				assert_int_equal(counters.v[CNT_DEC_L4_SUM], 1);
				assert_int_equal(counters.v[CNT_DEFRAG_V6_DONE], 1);
				close_decoder(d);
				continue;
			}
			assert_int_equal(seen.packets, 1);
			assert_true(seen.p.flags & PKT_REBUILT);
			assert_memory_equal(seen.payload, modbus, sizeof(modbus));
			assert_int_equal(seen.p.dport, 502);
			assert_int_equal(seen.p.l3_len, 52);
			assert_int_equal(counters.v[CNT_DEFRAG_V4_DONE], 1);
			assert_int_equal(counters.v[CNT_DEFRAG_V4], 3);
			close_decoder(d);
		}
}

static void
contradictory_fragments_are_reported_and_the_first_wins(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	piece(&f, &whole, 0, 24, true, 5);
	feed_at(d, &f, LINK_RAW, 0);
	feed_at(d, &f, LINK_RAW, 0);		/* the same again contradicts nothing */
	assert_int_equal(seen.anomalies, 0);
	assert_int_equal(counters.v[CNT_DEFRAG_OVERLAP], 1);
	memset(whole.b + 20, 0xee, 4);
	piece(&f, &whole, 16, 32, false, 5);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_FRAG_OVERLAP);
	assert_memory_equal(seen.payload, modbus, sizeof(modbus));
	close_decoder(d);
}

static void
a_second_end_is_a_contradiction(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	piece(&f, &whole, 24, 32, false, 5);
	feed_at(d, &f, LINK_RAW, 0);
	piece(&f, &whole, 8, 16, false, 5);
	feed_at(d, &f, LINK_RAW, 0);
	piece(&f, &whole, 0, 24, true, 5);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_memory_equal(seen.payload, modbus, sizeof(modbus));
	close_decoder(d);
}

static void
too_large_and_tiny_fragments_are_reported(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	f.n = 0;
	ADD(&f, 1, 2, 3, 4, 5, 6, 7, 8);
	ip4(&f, 17, 5, 0x1fff, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.ids[0], ANOM_DEC_FRAG_TOO_BIG);
	f.n = 0;
	ADD(&f, 1, 2, 3, 4, 5, 6, 7, 8);
	ip4(&f, 6, 6, 0x2000, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.ids[1], ANOM_DEC_FRAG_TINY);
	close_decoder(d);
}

static void
the_largest_datagram_fits(void **unused)
{
	static struct buf whole, f;
	struct decoder *d = open_plain();
	size_t n = 65535 - 20, step = 1480;

	(void)unused;
	for (whole.n = 0; whole.n < n; whole.n++)
		whole.b[whole.n] = (uint8_t)(whole.n * 7);
	for (size_t at = 0; at < n; at += step) {
		f.n = 0;
		add(&f, whole.b + at, n - at < step ? n - at : step);
		ip4(&f, 99, 5, (uint16_t)(at / 8 | (n - at > step ? 0x2000 : 0)), 64);
		feed_at(d, &f, LINK_RAW, 0);
	}
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.payload_len, n);
	assert_memory_equal(seen.payload, whole.b, n);
	close_decoder(d);
}

static void
incomplete_datagrams_time_out_and_make_room(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (uint16_t id = 0; id < 6; id++) {
		piece(&f, &whole, 0, 24, true, id);
		feed_at(d, &f, LINK_RAW, id);
	}
	assert_int_equal(counters.v[CNT_DEFRAG_EVICTED], 2);
	assert_int_equal(seen.anomalies, 2);	/* each is named */
	assert_int_equal(counters.v[CNT_DEFRAG_LOST], 2);
	piece(&f, &whole, 24, 32, false, 2);	/* 0 and 1 had to go, 2 is still there */
	feed_at(d, &f, LINK_RAW, 7);
	assert_int_equal(seen.packets, 1);
	decode_tick(d, 30000 * MS);
	assert_int_equal(counters.v[CNT_DEFRAG_TIMEOUT], 0);
	decode_tick(d, 30001 * MS);
	assert_int_equal(counters.v[CNT_DEFRAG_TIMEOUT], 3);
	assert_int_equal(seen.anomalies, 5);
	assert_int_equal(seen.ids[0], ANOM_DEC_FRAG_TIMEOUT);
	assert_int_equal(seen.ids[4], ANOM_DEC_FRAG_TIMEOUT);
	close_decoder(d);
}

static void
what_waits_at_the_end_is_given_up(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	piece(&f, &whole, 0, 8, true, 1);
	feed_at(d, &f, LINK_RAW, 0);
	piece(&f, &whole, 8, 16, true, 1);
	feed_at(d, &f, LINK_RAW, 0);
	piece(&f, &whole, 24, 32, false, 2);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.anomalies, 2);	/* two split the TCP header */
	decode_finish(d, 5);
	assert_int_equal(seen.anomalies, 4);
	assert_int_equal(seen.ids[2], ANOM_DEC_FRAG_TIMEOUT);
	assert_int_equal(seen.ids[3], ANOM_DEC_FRAG_TIMEOUT);
	assert_int_equal(counters.v[CNT_DEFRAG_TIMEOUT], 2);
	assert_int_equal(counters.v[CNT_DEFRAG_LOST], 3);
	close_decoder(d);
}

/* A fragment whose header checksum is off by `off`. */
static void
decoy(struct buf *f, const struct buf *whole, size_t from, size_t to, bool more, uint16_t id,
    uint8_t off)
{
	piece(f, whole, from, to, more, id);
	f->b[11] = (uint8_t)(f->b[11] + off);
}

static void
fragments_with_wrong_checksums_do_not_get_between_the_others(void **unused)
{
	static const size_t cuts[4] = { 0, 8, 24, 32 };
	struct buf whole, other, f;

	(void)unused;
	tcp_seq(&whole, 7);
	other = whole;
	memset(other.b + 20, 0xee, 12);
	/* The decoys before, between and after the others: all of them, or only some. */
	for (unsigned when = 0; when < 4; when++)
		for (unsigned which = 1; which < 8; which++) {
			struct decoder *d = open_plain();

			for (unsigned i = 0; i < 4; i++) {
				for (unsigned k = 0; i == when && k < 3; k++) {
					if ((which >> k & 1) == 0)
						continue;
					decoy(&f, &other, cuts[k], cuts[k + 1], k < 2, 5, 1);
					feed_at(d, &f, LINK_RAW, 0);
				}
				if (i < 3) {
					piece(&f, &whole, cuts[i], cuts[i + 1], i < 2, 5);
					feed_at(d, &f, LINK_RAW, 0);
				}
			}
			if (which == 7 && (when == 0 || when == 3)) {
				/* A whole of its own, before or after: delivered as it is, and
				 * stream sees two copies of the same bytes. */
				assert_int_equal(seen.packets, 2);
			} else {
				assert_int_equal(seen.packets, 1);
				assert_memory_equal(seen.payload, modbus, sizeof(modbus));
			}
			decode_finish(d, 0);
			if (which != 7)
				assert_true(counters.v[CNT_DEFRAG_LOST] > 0);
			close_decoder(d);
		}
}

static void
where_all_checksums_are_wrong_they_mean_nothing(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	decoy(&f, &whole, 0, 24, true, 5, 77);
	feed_at(d, &f, LINK_RAW, 0);
	decoy(&f, &whole, 24, 32, false, 5, 99);
	feed_at(d, &f, LINK_RAW, 0);
	is_the_sample();
	assert_int_equal(counters.v[CNT_DEFRAG_LOST], 0);
	close_decoder(d);
}

/* The last fragment begins where the ones before it end, or 8 bytes too far, or 8 bytes
 * too early; or it ends there. */
static void
a_hole_of_eight_bytes_is_a_hole(void **unused)
{
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (size_t at = 8; at <= 24; at += 8)
		for (size_t hole = 0; hole < at; hole += 8)
			for (int late = 0; late < 2; late++) {
				struct decoder *d = open_plain();

				for (int i = 0; i < 2; i++) {
					if ((i == 0) != late)
						piece(&f, &whole, 0, at - hole, true, 5);
					else
						piece(&f, &whole, at, 32, false, 5);
					feed_at(d, &f, LINK_RAW, 0);
				}
				assert_int_equal(seen.packets, hole == 0 ? 1 : 0);
				if (hole > 0) {
					piece(&f, &whole, at - hole, at, true, 5);
					feed_at(d, &f, LINK_RAW, 0);
				}
				assert_int_equal(seen.packets, 1);
				assert_int_equal(seen.p.payload_len, sizeof(modbus));
				assert_memory_equal(seen.payload, modbus, sizeof(modbus));
				close_decoder(d);
			}
	/* Ends 8 bytes before, at, and 8 bytes behind what is there already. */
	for (size_t end = 16; end <= 32; end += 8) {
		struct decoder *d = open_plain();

		piece(&f, &whole, 0, 24, true, 5);
		feed_at(d, &f, LINK_RAW, 0);
		piece(&f, &whole, 8, end, false, 5);
		feed_at(d, &f, LINK_RAW, 0);
		assert_int_equal(seen.packets, end >= 24 ? 1 : 0);
		assert_int_equal(counters.v[CNT_DEFRAG_REFUSED], end < 24 ? 1 : 0);
		if (seen.packets > 0)
			assert_int_equal(seen.p.l3_len, 20 + end);
		close_decoder(d);
	}
}

static void
fragments_and_what_carries_tunnels_are_shown(void **unused)
{
	struct decode_settings s = { .checksums = CHECKSUM_NONE, .defrag_datagrams = 4,
	    .defrag_timeout_s = 30 };
	struct decode_sink sink = { .packet = on_packet, .anomaly = on_anomaly, .arg = &seen,
	    .header = on_header };
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	decode_close(d);
	d = decode_open(&s, &sink, &counters);
	assert_non_null(d);
	memset(&shown, 0, sizeof(shown));
	tcp_seq(&whole, 7);
	piece(&f, &whole, 0, 24, true, 5);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(shown.n, 1);
	assert_int_equal(shown.p.flags, PKT_FRAGMENT);
	assert_int_equal(shown.p.ip_frag, IP_FRAG_MORE);
	assert_int_equal(shown.p.payload_len, 24);
	assert_int_equal(shown.p.proto, IP_TCP);
	assert_int_equal(shown.p.sport, 0);
	piece(&f, &whole, 24, 32, false, 5);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(shown.n, 2);
	assert_int_equal(shown.p.ip_frag, 3);
	assert_int_equal(shown.p.payload_len, 8);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.ip_frag, 0);
	assert_int_equal(seen.p.flags, PKT_REBUILT);
	piece6(&f, &whole, 16, 32, false);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(shown.n, 3);
	assert_int_equal(shown.p.ip_frag, 2);
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 8, 0, 0, 0, 0, 0, 5, 0);
	udp(&f, 4789);
	ip4(&f, 17, 1, 0, 64);
	memset(&seen, 0, sizeof(seen));
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(shown.n, 4);
	assert_int_equal(shown.p.flags, PKT_OUTER);
	assert_int_equal(shown.p.dport, 4789);
	assert_int_equal(shown.p.proto, IP_UDP);
	is_the_sample();
	assert_int_equal(seen.p.flags, PKT_TUNNELLED);
	assert_int_equal(seen.p.ip_frag, IP_FRAG_DONT);
	close_decoder(d);
}

static void
a_fragmented_tunnel_may_carry_fragments(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, inner, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (unsigned half = 0; half < 2; half++) {
		piece(&inner, &whole, half == 0 ? 0 : 24, half == 0 ? 24 : 32, half == 0, 5);
		for (unsigned part = 0; part < 2; part++) {
			f.n = 0;
			add(&f, inner.b + part * 16, part == 0 ? 16 : inner.n - 16);
			ip4(&f, 4, (uint16_t)(9 + half), part == 0 ? 0x2000 : 2, 64);
			feed_at(d, &f, LINK_RAW, 0);
		}
	}
	assert_int_equal(seen.packets, 1);
	assert_memory_equal(seen.payload, modbus, sizeof(modbus));
	assert_int_equal(counters.v[CNT_DEFRAG_V4_DONE], 3);
	close_decoder(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_in_any_order_give_the_datagram),
		cmocka_unit_test(contradictory_fragments_are_reported_and_the_first_wins),
		cmocka_unit_test(a_second_end_is_a_contradiction),
		cmocka_unit_test(too_large_and_tiny_fragments_are_reported),
		cmocka_unit_test(the_largest_datagram_fits),
		cmocka_unit_test(incomplete_datagrams_time_out_and_make_room),
		cmocka_unit_test(what_waits_at_the_end_is_given_up),
		cmocka_unit_test(fragments_with_wrong_checksums_do_not_get_between_the_others),
		cmocka_unit_test(where_all_checksums_are_wrong_they_mean_nothing),
		cmocka_unit_test(a_hole_of_eight_bytes_is_a_hole),
		cmocka_unit_test(fragments_and_what_carries_tunnels_are_shown),
		cmocka_unit_test(a_fragmented_tunnel_may_carry_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
