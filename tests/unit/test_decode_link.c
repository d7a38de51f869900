/* test_decode_link.c - links, tags, labels and redundancy: everything before IP. */
#include "decode_kit.h"

static void
every_link_type_leads_to_ip(void **unused)
{
	static const uint16_t raw[] = { 101, 12, 14, 228 };
	static const uint8_t families[] = { 24, 28, 30, 10 };
	struct buf f;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_int_equal(seen.p.ether_type, 0x0800);
	assert_int_equal(seen.mac_src[5], 1);
	assert_int_equal(seen.p.ip_id, 0x1234);
	for (size_t i = 0; i < 4; i++) {
		plain(&f);
		gives_the_sample(&f, raw[i]);
	}
	plain(&f);
	PUT(&f, 2, 0, 0, 0);
	gives_the_sample(&f, LINK_NULL);
	plain(&f);
	PUT(&f, 0, 0, 0, 2);
	gives_the_sample(&f, LINK_NULL);
	plain(&f);
	PUT(&f, 0, 0, 0, 2);
	gives_the_sample(&f, LINK_LOOP);
	for (size_t i = 0; i < sizeof(families); i++) {
		tcp_seq(&f, 7);
		ip6(&f, 6);
		PUT(&f, families[i], 0, 0, 0);
		gives_the_sample(&f, LINK_NULL);
	}
	tcp_seq(&f, 7);
	ip6(&f, 6);
	gives_the_sample(&f, LINK_IPV6);
	assert_int_equal(seen.p.ip_v, 6);
	plain(&f);
	PUT(&f, 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0);
	gives_the_sample(&f, LINK_SLL);
	assert_int_equal(seen.mac_src[5], 1);
	plain(&f);
	PUT(&f, 8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0);
	gives_the_sample(&f, LINK_SLL2);
	plain(&f);
	PUT(&f, 0xff, 3, 0, 0x21);
	gives_the_sample(&f, LINK_PPP);
	plain(&f);
	PUT(&f, 0x21);
	gives_the_sample(&f, LINK_PPP);
}

static void
an_unknown_link_type_is_counted_and_told_once(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	plain(&f);
	feed_at(d, &f, 147, 0);
	feed_at(d, &f, 147, 0);
	assert_int_equal(counters.v[CNT_DEC_UNKNOWN_LINK], 2);
	assert_int_equal(seen.anomalies, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_LINK_UNKNOWN);
	close_decoder(d);
}

static void
tags_are_followed_and_the_first_three_kept(void **unused)
{
	static const uint16_t types[] = { 0x8100, 0x88a8, 0x9100, 0x9200 };
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		plain(&f);
		tag(&f, 0x0800, 0x2064);
		ether(&f, types[i]);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_int_equal(seen.p.n_vlan, 1);
		assert_int_equal(seen.p.vlan[0], 0x64);
		assert_int_equal(counters.v[CNT_DEC_VLAN], 1);
	}
	plain(&f);
	tag(&f, 0x0800, 4);
	tag(&f, 0x8100, 3);
	tag(&f, 0x8100, 2);
	tag(&f, 0x8100, 1);
	tag(&f, 0x8100, 0);	/* a priority tag has no VLAN */
	ether(&f, 0x88a8);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_int_equal(seen.p.n_vlan, 3);
	assert_int_equal(seen.p.vlan[0], 1);
	assert_int_equal(seen.p.vlan[2], 3);
	assert_int_equal(counters.v[CNT_DEC_QINQINQ], 1);
}

static void
more_layers_than_are_followed_end_in_an_anomaly(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	plain(&f);
	tag(&f, 0x0800, 5);
	for (int i = 0; i < 40; i++)
		tag(&f, 0x8100, 5);
	ether(&f, 0x8100);
	feed_at(d, &f, LINK_ETHERNET, 0);
	plain(&f);
	for (int i = 0; i < 40; i++)
		ip4(&f, 4, 1, 0, 64);
	feed_at(d, &f, LINK_RAW, 0);
	f.n = 0;
	for (int i = 0; i < 200; i++)
		ADD(&f, 0, 0, 0x10, 64);
	ether(&f, 0x8847);
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.packets, 0);
	assert_int_equal(seen.anomalies, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(seen.ids[i], ANOM_DEC_TOO_DEEP);
	close_decoder(d);
}

static void
llc_and_snap_are_told_from_ethernet_ii(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	plain(&f);
	type(&f, 0x0800);
	PUT(&f, 0xaa, 0xaa, 3, 0, 0, 0);
	ether(&f, (uint16_t)f.n);
	gives_the_sample(&f, LINK_ETHERNET);
	f.n = 0;
	ADD(&f, 0x42, 0x42, 3, 0, 0, 0, 0);	/* spanning tree */
	ether(&f, (uint16_t)f.n);
	d = open_plain();
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.ip_v, 0);
	assert_int_equal(seen.p.ether_type, 0);
	close_decoder(d);
}

static void
what_is_not_ip_goes_on_with_its_type(void **unused)
{
	static const uint16_t types[] = { 0x0806, 0x88cc, 0x88b8, 0x8892, 0x88fb };
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < 5; i++) {
		f.n = 0;
		ADD(&f, 1, 2, 3, 4);
		ether(&f, types[i]);
		feed_at(d, &f, LINK_ETHERNET, 0);
		assert_int_equal(seen.packets, i + 1);
		assert_int_equal(seen.p.ip_v, 0);
		assert_int_equal(seen.p.ether_type, types[i]);
		assert_non_null(seen.p.mac_src);
		assert_null(seen.p.payload);
	}
	assert_int_equal(counters.v[CNT_DEC_ARP], 1);
	assert_int_equal(counters.v[CNT_DEC_UNKNOWN_TYPE], 2);
	assert_int_equal(counters.v[CNT_DEC_CONTROL], 1);
	assert_int_equal(counters.v[CNT_DEC_SUPERVISION], 1);
	close_decoder(d);
}

static void
prp_trailers_are_taken_off_only_when_the_size_fits(void **unused)
{
	static const uint8_t zeros[40];
	struct decoder *d;
	struct buf f;
	size_t size;

	(void)unused;
	for (int fcs = 0; fcs < 2; fcs++) {
		plain(&f);
		f.b[2] = f.b[3] = 0;	/* length 0: the frame's end counts */
		size = f.n + 6;
		ADD(&f, 0, 9, (uint8_t)(0xa0 | size >> 8), LO(size), 0x88, 0xfb);
		if (fcs)
			ADD(&f, 1, 2, 3, 4);
		ether(&f, 0x0800);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_true(seen.p.flags & PKT_PRP_A);
		assert_int_equal(counters.v[CNT_DEC_PRP], 1);
	}
	/* Tagged, then lane B; the size leaves the tag out, or counts it. */
	for (unsigned counted = 0; counted < 2; counted++) {
		plain(&f);
		f.b[2] = f.b[3] = 0;
		size = f.n + 6 + 4 * counted;
		ADD(&f, 0, 9, (uint8_t)(0xb0 | size >> 8), LO(size), 0x88, 0xfb);
		tag(&f, 0x0800, 5);
		ether(&f, 0x8100);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_true(seen.p.flags & PKT_PRP_B);
	}
	/* Padded behind the trailer. */
	f.n = 0;
	ADD(&f, 1, 2, 3, 4);
	ip4(&f, 99, 1, 0, 64);
	f.b[2] = f.b[3] = 0;
	size = f.n + 6;
	ADD(&f, 0, 9, 0xa0, LO(size), 0x88, 0xfb);
	add(&f, zeros, 46 - f.n);
	ether(&f, 0x0800);
	d = open_plain();
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.payload_len, 4);
	assert_true(seen.p.flags & PKT_PRP_A);
	/* A wrong size: payload that only looks like it. */
	f.n = 0;
	ADD(&f, 0, 9, 0xa0, 99, 0x88, 0xfb);
	ip4(&f, 99, 1, 0, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.p.payload_len, 6);
	assert_false(seen.p.flags & PKT_PRP_A);
	close_decoder(d);
}

static void
hsr_tags_are_taken_out(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	type(&f, 0x0800);
	PUT(&f, 0x10, 0x40, 0, 1);
	ether(&f, 0x892f);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_true(seen.p.flags & PKT_HSR);
	assert_int_equal(seen.p.ether_type, 0x0800);
	assert_int_equal(counters.v[CNT_DEC_HSR], 1);
}

static void
mpls_carries_ip_or_ethernet(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	PUT(&f, 0, 1, 0x11, 64);
	PUT(&f, 0, 1, 0x00, 64);
	ether(&f, 0x8847);
	gives_the_sample(&f, LINK_ETHERNET);
	tcp_seq(&f, 7);
	ip6(&f, 6);
	PUT(&f, 0, 1, 0x11, 64);
	ether(&f, 0x8848);
	gives_the_sample(&f, LINK_ETHERNET);
	for (int word = 0; word < 2; word++)
		for (unsigned first = 0; first < 0x70; first += 2) {
			plain(&f);
			ether(&f, 0x0800);
			f.b[0] = (uint8_t)first;	/* MAC addresses that look like IP */
			f.b[1] = 0x1b;
			if (word)
				PUT(&f, 0, 0, 0, 5);
			PUT(&f, 0, 1, 0x11, 64);
			ether(&f, 0x8847);
			gives_the_sample(&f, LINK_ETHERNET);
			assert_int_equal(counters.v[CNT_DEC_ETHERNET], 2);
		}
}

static void
pppoe_sessions_are_followed(void **unused)
{
	struct buf f;
	size_t n;

	(void)unused;
	plain(&f);
	PUT(&f, 0, 0x21);
	n = f.n;
	PUT(&f, 0x11, 0, 0, 1, HI(n), LO(n));
	ADD(&f, 0, 0, 0);	/* padding */
	ether(&f, 0x8864);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_int_equal(counters.v[CNT_DEC_PPPOE], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_type_leads_to_ip),
		cmocka_unit_test(an_unknown_link_type_is_counted_and_told_once),
		cmocka_unit_test(tags_are_followed_and_the_first_three_kept),
		cmocka_unit_test(more_layers_than_are_followed_end_in_an_anomaly),
		cmocka_unit_test(llc_and_snap_are_told_from_ethernet_ii),
		cmocka_unit_test(what_is_not_ip_goes_on_with_its_type),
		cmocka_unit_test(prp_trailers_are_taken_off_only_when_the_size_fits),
		cmocka_unit_test(hsr_tags_are_taken_out),
		cmocka_unit_test(mpls_carries_ip_or_ethernet),
		cmocka_unit_test(pppoe_sessions_are_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
