/* test_decode_tags.c - VN-Tag, E-Tag, MetaData, MACsec, provider backbones, NSH. */
#include "decode_kit.h"

/* The sample behind a tag of `n` bytes, whose type is `t`. */
static void
behind(struct buf *f, uint16_t t, const uint8_t *tag_bytes, size_t n)
{
	plain(f);
	type(f, 0x0800);
	put(f, tag_bytes, n);
	ether(f, t);
}

static void
tags_of_fixed_length_are_taken_off(void **unused)
{
	static const uint8_t bytes[14] = { 0, 1, 0, 2, 0xff, 0xff };
	static const struct { uint16_t type; uint8_t len; enum counter_id counter; } t[] = {
		{ 0x8926, 4, CNT_DEC_VNTAG }, { 0x893f, 6, CNT_DEC_ETAG },
		{ 0x9100, 2, CNT_DEC_VLAN }, { 0x9200, 2, CNT_DEC_VLAN }, { 0x9300, 2, CNT_DEC_VLAN },
	};
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		behind(&f, t[i].type, bytes, t[i].len);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_int_equal(counters.v[t[i].counter], 1);
		assert_int_equal(seen.p.ether_type, 0x0800);
		/* And with a VLAN tag behind, and one before. */
		plain(&f);
		tag(&f, 0x0800, 20);
		type(&f, 0x8100);
		put(&f, bytes, t[i].len);
		tag(&f, t[i].type, 7);
		ether(&f, 0x8100);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_int_equal(seen.p.vlan[0], 7);
		assert_int_equal(seen.p.vlan[seen.p.n_vlan - 1], 20);
	}
}

static void
metadata_has_a_length_in_words(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	for (unsigned words = 0; words < 4; words++) {
		uint8_t bytes[2 + 12] = { 1, (uint8_t)words, 0, 1, 0, 5 };

		behind(&f, 0x8909, bytes, 2 + words * 4);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_int_equal(counters.v[CNT_DEC_CMD], 1);
	}
	behind(&f, 0x8909, (const uint8_t[]){ 2, 1, 0, 1, 0, 5 }, 6);
	d = open_plain();
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.p.ip_v, 0);
	assert_int_equal(counters.v[CNT_DEC_UNKNOWN_TYPE], 1);
	close_decoder(d);
}

static void
macsec(struct buf *f, uint8_t tci, uint8_t len, bool padded)
{
	static const uint8_t icv[16] = { 0x88, 0xfb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 };
	static const uint8_t sci[8] = { 2, 0, 0, 0, 0, 1, 0, 1 };

	plain(f);
	type(f, 0x0800);
	add(f, icv, sizeof(icv));
	if (padded)
		ADD(f, 0, 0, 0, 0);
	if (tci & 0x20)
		put(f, sci, sizeof(sci));
	PUT(f, tci, len, 0, 0, 0, 9);
	ether(f, 0x88e5);
}

static void
macsec_without_encryption_is_read(void **unused)
{
	static const uint8_t plain_tci[] = { 0x00, 0x01, 0x02, 0x03, 0x20, 0x22, 0x40, 0x10 };
	static const uint8_t closed_tci[] = { 0x0c, 0x08, 0x04, 0x2c, 0x2d, 0x4c, 0x80 };
	struct decoder *d;
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < sizeof(plain_tci); i++) {
		macsec(&f, plain_tci[i], 0, false);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_int_equal(seen.p.l3_len, 52);
		assert_int_equal(counters.v[CNT_DEC_MACSEC], 1);
		assert_int_equal(counters.v[CNT_DEC_MACSEC_ENCRYPTED], 0);
		/* A short frame says its length, and may be padded. */
		macsec(&f, plain_tci[i], 54, true);
		gives_the_sample(&f, LINK_ETHERNET);
	}
	for (size_t i = 0; i < sizeof(closed_tci); i++) {
		macsec(&f, closed_tci[i], 0, false);
		d = open_plain();
		feed_at(d, &f, LINK_ETHERNET, 0);
		assert_int_equal(seen.packets, 1);
		assert_int_equal(seen.p.ip_v, 0);
		assert_int_equal(counters.v[CNT_DEC_MACSEC_ENCRYPTED], 1);
		close_decoder(d);
	}
}

static void
backbones_carry_whole_frames(void **unused)
{
	struct buf f;

	(void)unused;
	for (int b_tag = 0; b_tag < 2; b_tag++)
		for (int c_tag = 0; c_tag < 2; c_tag++) {
			plain(&f);
			if (c_tag) {
				tag(&f, 0x0800, 20);
				ether(&f, 0x8100);
			} else
				ether(&f, 0x0800);
			PUT(&f, 0, 0, 1, 2);
			if (b_tag)
				tag(&f, 0x88e7, 100);
			type(&f, b_tag ? 0x88a8 : 0x88e7);
			PUT(&f, 2, 9, 9, 9, 9, 2, 2, 9, 9, 9, 9, 1);
			gives_the_sample(&f, LINK_ETHERNET);
			assert_int_equal(counters.v[CNT_DEC_PBB], 1);
			assert_int_equal(seen.p.n_vlan, b_tag + c_tag);
			assert_int_equal(seen.mac_src[5], 1);
			assert_int_equal(seen.mac_src[1], 0);
		}
}

static void
service_headers_name_what_follows(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	for (unsigned words = 2; words < 8; words++)
		for (unsigned next = 1; next <= 5; next++) {
			uint8_t bytes[28] = { 0, (uint8_t)words, 1, (uint8_t)next };

			if (next == 4)
				continue;
			if (next == 2) {
				tcp_seq(&f, 7);
				ip6(&f, 6);
			} else
				plain(&f);
			if (next == 3)
				ether(&f, 0x0800);
			if (next == 5)
				PUT(&f, 0, 1, 1, 64);
			put(&f, bytes, words * 4);
			ether(&f, 0x894f);
			gives_the_sample(&f, LINK_ETHERNET);
			assert_int_equal(counters.v[CNT_DEC_NSH], 1);
		}
	plain(&f);
	PUT(&f, 0, 2, 1, 77, 0, 0, 0, 0);
	ether(&f, 0x894f);
	d = open_plain();
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.p.ip_v, 0);
	assert_int_equal(counters.v[CNT_DEC_UNKNOWN_TYPE], 1);
	close_decoder(d);
}

static void
tags_inside_each_other_end_somewhere(void **unused)
{
	static const uint8_t bytes[4];

	(void)unused;
	for (unsigned n = 1; n < 60; n++) {
		struct decoder *d = open_plain();
		struct buf f;

		plain(&f);
		type(&f, 0x0800);
		for (unsigned i = 0; i < n; i++) {
			put(&f, bytes, 4);
			type(&f, 0x8926);
		}
		macs(&f);
		feed_at(d, &f, LINK_ETHERNET, 0);
		assert_int_equal(seen.packets + counters.v[CNT_DEC_TOO_DEEP], 1);
		assert_int_equal(seen.anomalies, counters.v[CNT_DEC_TOO_DEEP]);
		if (n < 20)
			assert_int_equal(seen.packets, 1);
		if (n > 40)
			assert_int_equal(seen.packets, 0);
		close_decoder(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_of_fixed_length_are_taken_off),
		cmocka_unit_test(metadata_has_a_length_in_words),
		cmocka_unit_test(macsec_without_encryption_is_read),
		cmocka_unit_test(backbones_carry_whole_frames),
		cmocka_unit_test(service_headers_name_what_follows),
		cmocka_unit_test(tags_inside_each_other_end_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
