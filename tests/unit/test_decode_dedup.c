/* test_decode_dedup.c - frames seen twice, and the memory both tables take. */
#include "decode_kit.h"

/* Port 514, no identification, no checksum. */
static void
udp_report(struct buf *f)
{
	f->n = 0;
	PUT(f, 0x17, 0x70, 2, 2, 0, 12, 0, 0, 'f', 'i', 'r', 'e');
	ip4(f, 17, 0, 0x4000, 64);
	ether(f, 0x0800);
}

static void
copies_by_vlan_router_prp_and_mirror_are_dropped(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf f;
	size_t size;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS + 5000);		/* both directions */
	plain(&f);
	tag(&f, 0x0800, 7);
	ether(&f, 0x8100);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS + 6000);		/* another VLAN */
	tcp_seq(&f, 7);
	ip4(&f, 6, 0x1234, 0x4000, 63);
	PUT(&f, 2, 9, 9, 9, 9, 2, 2, 9, 9, 9, 9, 1, 8, 0);
	feed_at(d, &f, LINK_ETHERNET, 101 * MS);		/* routed */
	assert_int_equal(seen.packets, 1);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 3);
	for (unsigned lan = 0xa; lan <= 0xb; lan++) {		/* PRP twins, 15 ms apart */
		tcp_seq(&f, 8);
		ip4(&f, 6, 0x1235, 0x4000, 64);
		size = f.n + 6;
		ADD(&f, 0, 9, (uint8_t)(lan << 4 | size >> 8), LO(size), 0x88, 0xfb);
		ether(&f, 0x0800);
		feed_at(d, &f, LINK_ETHERNET, 200 * MS + (lan - 0xa) * 15 * MS);
	}
	assert_int_equal(seen.packets, 2);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 4);
	close_decoder(d);
}

static void
retransmissions_are_not_copies(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf f;

	(void)unused;
	tcp_seq(&f, 7);
	ip4(&f, 6, 1, 0x4000, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS);
	tcp_seq(&f, 7);			/* the same segment has another identification */
	ip4(&f, 6, 2, 0x4000, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS + 1000);
	assert_int_equal(seen.packets, 2);
	feed_at(d, &f, LINK_ETHERNET, 103 * MS);	/* the window is over */
	assert_int_equal(seen.packets, 3);
	tcp_seq(&f, 7);			/* no identification: a quarter of the window */
	ip4(&f, 6, 0, 0x4000, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 200 * MS);
	feed_at(d, &f, LINK_ETHERNET, 200 * MS + 400000);
	assert_int_equal(seen.packets, 4);
	feed_at(d, &f, LINK_ETHERNET, 201 * MS);
	assert_int_equal(seen.packets, 5);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 1);
	close_decoder(d);
}

static void
a_repetition_without_identification_passes_where_no_mirror_copies(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf f;

	(void)unused;
	for (unsigned round = 0; round < 2; round++) {
		uint64_t at = (100 + round * 5000) * MS;
		uint64_t before;

		/* Nothing is known yet, or a copy was seen lately: taken for a copy. */
		udp_report(&f);
		before = seen.packets;
		feed_at(d, &f, LINK_ETHERNET, at);
		feed_at(d, &f, LINK_ETHERNET, at + 100000);
		assert_int_equal(seen.packets, before + 1);
		for (uint16_t i = 1; i <= 1024; i++) {
			tcp_seq(&f, 7);
			ip4(&f, 6, i, 0x4000, 64);
			ether(&f, 0x0800);
			feed_at(d, &f, LINK_ETHERNET, at + i * MS);
		}
		udp_report(&f);
		before = seen.packets;
		feed_at(d, &f, LINK_ETHERNET, at + 2000 * MS);
		feed_at(d, &f, LINK_ETHERNET, at + 2000 * MS + 100000);
		feed_at(d, &f, LINK_ETHERNET, at + 2000 * MS + 200000);
		assert_int_equal(seen.packets, before + 3);
		/* TCP repeats itself never so soon. */
		tcp_seq(&f, 9);
		ip4(&f, 6, 0, 0x4000, 64);
		ether(&f, 0x0800);
		before = seen.packets;
		feed_at(d, &f, LINK_ETHERNET, at + 3000 * MS);
		feed_at(d, &f, LINK_ETHERNET, at + 3000 * MS + 100000);
		assert_int_equal(seen.packets, before + 1);
	}
	close_decoder(d);
}

static void
copies_of_fragments_do_not_begin_datagrams(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (unsigned half = 0; half < 2; half++) {
		piece(&f, &whole, half == 0 ? 0 : 24, half == 0 ? 24 : 32, half == 0, 5);
		feed_at(d, &f, LINK_RAW, MS);
		feed_at(d, &f, LINK_RAW, MS + 9000);
	}
	decode_tick(d, 99000 * MS);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 0);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 2);
	close_decoder(d);
}

static void
a_full_table_forgets_the_oldest_and_says_so(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf f;

	(void)unused;
	for (uint16_t id = 1; id <= 200; id++) {
		tcp_seq(&f, 7);
		ip4(&f, 6, id, 0x4000, 64);
		feed_at(d, &f, LINK_RAW, MS + id);
	}
	assert_int_equal(seen.packets, 200);
	assert_true(counters.v[CNT_DEC_DEDUP_FULL] >= 136);
	close_decoder(d);
}

/* The key of the prints is another in every run; what is counted is not. */
static void
a_nearly_full_table_forgets_the_same_in_every_run(void **unused)
{
	uint64_t first = 0;

	(void)unused;
	for (unsigned run = 0; run < 8; run++) {
		struct decoder *d = open_dedup();
		struct buf f;

		for (uint16_t id = 1; id <= 60; id++) {
			tcp_seq(&f, (uint8_t)id);
			ip4(&f, 6, id, 0x4000, 64);
			feed_at(d, &f, LINK_RAW, MS + id);
		}
		if (run == 0)
			first = counters.v[CNT_DEC_DEDUP_FULL];
		assert_in_range(first, 1, 30);
		assert_int_equal(counters.v[CNT_DEC_DEDUP_FULL], first);
		close_decoder(d);
	}
}

static void
memory_is_bounded_and_told(void **unused)
{
	struct decoder *d = open_with((struct decode_settings){ .dedup = true,
	    .dedup_window_us = 2000, .dedup_slots = 16384, .defrag_datagrams = 64,
	    .defrag_timeout_s = 30 });

	(void)unused;
	assert_true(decode_memory(d) > 64 * 65536u);
	assert_true(decode_memory(d) < 8u << 20);
	close_decoder(d);
	decode_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_by_vlan_router_prp_and_mirror_are_dropped),
		cmocka_unit_test(retransmissions_are_not_copies),
		cmocka_unit_test(a_repetition_without_identification_passes_where_no_mirror_copies),
		cmocka_unit_test(copies_of_fragments_do_not_begin_datagrams),
		cmocka_unit_test(a_full_table_forgets_the_oldest_and_says_so),
		cmocka_unit_test(a_nearly_full_table_forgets_the_same_in_every_run),
		cmocka_unit_test(memory_is_bounded_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
