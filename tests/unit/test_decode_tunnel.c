/* test_decode_tunnel.c - GRE, ERSPAN, VXLAN, Geneve and IP in IP. */
#include "decode_kit.h"

static void
gre_is_followed_with_all_its_fields(void **unused)
{
	struct buf f;
	size_t n;

	(void)unused;
	for (unsigned bits = 0; bits < 8; bits++) {
		plain(&f);
		if (bits & 1)
			PUT(&f, 0, 0, 0, 1);	/* sequence */
		if (bits & 2)
			PUT(&f, 0, 0, 0, 2);	/* key */
		if (bits & 4)
			PUT(&f, 0, 0, 0, 0);	/* checksum */
		type(&f, 0x0800);
		PUT(&f, (uint8_t)((bits & 1) << 4 | (bits & 2) << 4 | (bits & 4) << 5), 0);
		ip4(&f, 47, 1, 0, 64);
		gives_the_sample(&f, LINK_RAW);
		assert_true(seen.p.flags & PKT_TUNNELLED);
		assert_int_equal(counters.v[CNT_DEC_GRE], 1);
	}
	plain(&f);		/* PPTP */
	PUT(&f, 0xff, 3, 0, 0x21);
	n = f.n;
	PUT(&f, 0x30, 0x81, 0x88, 0x0b, HI(n), LO(n), 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	plain(&f);		/* NVGRE */
	ether(&f, 0x0800);
	PUT(&f, 0x20, 0, 0x65, 0x58, 0, 0, 1, 0);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
}

static void
erspan_of_all_types_is_followed(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 0, 0, 0x88, 0xbe);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 0x10, 0x64, 0, 1, 0, 0, 0, 1);
	PUT(&f, 0x10, 0, 0x88, 0xbe, 0, 0, 0, 1);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(seen.p.n_vlan, 1);
	assert_int_equal(seen.p.vlan[0], 0x64);
	assert_int_equal(counters.v[CNT_DEC_ERSPAN], 1);
	for (int sub = 0; sub < 2; sub++) {
		plain(&f);
		ether(&f, 0x0800);
		if (sub)
			PUT(&f, 1, 2, 3, 4, 5, 6, 7, 8);
		PUT(&f, 0x20, 0x64, 0, 1, 0, 0, 0, 1, 0, 0, 0, (uint8_t)sub);
		PUT(&f, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1);
		ip4(&f, 47, 1, 0, 64);
		gives_the_sample(&f, LINK_RAW);
	}
}

static void
tunnels_over_udp_are_followed(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 8, 0, 0, 0, 0, 0, 5, 0);
	udp(&f, 4789);
	ip4(&f, 17, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(counters.v[CNT_DEC_VXLAN], 1);
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 1, 2, 0, 1, 9, 9, 9, 9);	/* an option */
	PUT(&f, 2, 0, 0x65, 0x58, 0, 0, 5, 0);
	udp(&f, 6081);
	ip4(&f, 17, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(counters.v[CNT_DEC_GENEVE], 1);
	/* The port alone does not make a tunnel. */
	f.n = 0;
	ADD(&f, 'h', 'e', 'l', 'l', 'o', 0, 0, 0);
	udp(&f, 4789);
	ip4(&f, 17, 1, 0, 64);
	d = open_plain();
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.dport, 4789);
	assert_int_equal(seen.p.payload_len, 8);
	close_decoder(d);
}

static void
ip_in_ip_is_followed(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	ip4(&f, 4, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	tcp_seq(&f, 7);
	ip6(&f, 6);
	ip4(&f, 41, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	plain(&f);
	ip6(&f, 4);
	gives_the_sample(&f, LINK_RAW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gre_is_followed_with_all_its_fields),
		cmocka_unit_test(erspan_of_all_types_is_followed),
		cmocka_unit_test(tunnels_over_udp_are_followed),
		cmocka_unit_test(ip_in_ip_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
