/* test_decode_udp_tunnel.c - packets inside UDP, and what only looks like them; L2TP and
 * EtherIP over IP. */
#include "decode_kit.h"

/* The sample over IPv6, its checksum right. */
static void
sample6(struct buf *f)
{
	uint16_t s;

	tcp_seq(f, 7);
	f->b[16] = f->b[17] = 0;
	s = sum16(6 + (uint32_t)f->n + 2 * 0xfe80 + 1 + 2, f->b, f->n);
	f->b[16] = HI(s);
	f->b[17] = LO(s);
	ip6(f, 6);
}

static void
over_udp(struct buf *f, uint16_t port)
{
	udp(f, port);
	ip4(f, 17, 1, 0, 64);
}

static void
framed(struct buf *f)
{
	plain(f);
	ether(f, 0x0800);
}

static void
follows(struct buf *f, enum counter_id counter)
{
	gives_the_sample(f, LINK_RAW);
	assert_true(seen.p.flags & PKT_TUNNELLED);
	assert_int_equal(counters.v[counter], 1);
}

/* The datagram stays one, with all of its payload. */
static void
stays(const struct buf *payload, uint16_t port, enum counter_id counter, unsigned n)
{
	struct buf f = *payload;
	struct decoder *d = open_plain();

	over_udp(&f, port);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.proto, IP_UDP);
	assert_int_equal(seen.p.dport, port);
	assert_int_equal(seen.p.payload_len, payload->n);
	assert_memory_equal(seen.payload, payload->b, payload->n);
	assert_false(seen.p.flags & PKT_TUNNELLED);
	assert_int_equal(seen.anomalies, 0);
	if (counter != CNT_COUNT)
		assert_int_equal(counters.v[counter], n);
	close_decoder(d);
}

static void
vxlan(struct buf *f, uint8_t flags, uint8_t next, uint8_t reserved)
{
	PUT(f, flags, 0, 0, next, 0, 0, 5, reserved);
}

static void
vxlan_is_followed_on_its_ports_and_where_it_proves_itself(void **unused)
{
	static const uint16_t ports[] = { 4789, 8472, 4790, 14789, 9, 20000, 502 };
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		framed(&f);
		vxlan(&f, 8, 0, 0);
		over_udp(&f, ports[i]);
		follows(&f, CNT_DEC_VXLAN);
	}
	/* Reserved bits, which receivers ignore, do not hide it. */
	framed(&f);
	vxlan(&f, 0x88, 0, 0xff);
	over_udp(&f, 4789);
	follows(&f, CNT_DEC_VXLAN);
	/* On another port a wrong checksum inside is enough to leave it alone. */
	framed(&f);
	f.b[24]++;
	vxlan(&f, 8, 0, 0);
	stays(&f, 14789, CNT_DEC_VXLAN, 0);
	/* Other things on the port: DNP3, Modbus with an unlucky identifier. */
	f.n = 0;
	ADD(&f, 5, 0x64, 8, 0xc4, 1, 0, 2, 0, 1, 2, 0xc0, 0xc0, 13, 0x9c, 0x6d, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	stays(&f, 4789, CNT_DEC_VXLAN, 0);
	f.n = 0;
	ADD(&f, 8, 0, 0, 0, 0, 29, 1, 16, 0, 0, 0, 11, 22, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	    13, 14, 15, 16, 17, 18, 19, 20, 21, 22);
	stays(&f, 4789, CNT_DEC_VXLAN, 0);
	stays(&f, 502, CNT_DEC_VXLAN, 0);
}

static void
vxlan_gpe_says_what_is_inside(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	vxlan(&f, 0x0c, 1, 0);
	over_udp(&f, 4790);
	follows(&f, CNT_DEC_VXLAN);
	sample6(&f);
	vxlan(&f, 0x0c, 2, 0);
	over_udp(&f, 4790);
	follows(&f, CNT_DEC_VXLAN);
	framed(&f);
	vxlan(&f, 0x0c, 3, 0);
	over_udp(&f, 4790);
	follows(&f, CNT_DEC_VXLAN);
	framed(&f);
	PUT(&f, 0, 2, 1, 3, 0, 0, 1, 0xff);
	vxlan(&f, 0x0c, 4, 0);
	over_udp(&f, 4790);
	follows(&f, CNT_DEC_NSH);
	plain(&f);
	PUT(&f, 0, 1, 1, 64);
	vxlan(&f, 0x0c, 5, 0);
	over_udp(&f, 4790);
	follows(&f, CNT_DEC_MPLS);
	framed(&f);
	vxlan(&f, 0x0c, 99, 0);
	stays(&f, 4790, CNT_DEC_TUNNEL_OTHER, 1);
}

static void
geneve_is_followed(void **unused)
{
	struct buf f;

	(void)unused;
	framed(&f);
	PUT(&f, 0, 0, 0x65, 0x58, 0, 0, 5, 0);
	over_udp(&f, 7777);
	follows(&f, CNT_DEC_GENEVE);
	plain(&f);
	PUT(&f, 0, 1, 1, 64);
	PUT(&f, 0, 0, 0x88, 0x47, 0, 0, 5, 0);
	over_udp(&f, 6081);
	follows(&f, CNT_DEC_MPLS);
	plain(&f);
	PUT(&f, 0, 0, 0x88, 0xcc, 0, 0, 5, 0);
	stays(&f, 6081, CNT_DEC_TUNNEL_OTHER, 1);
	plain(&f);
	PUT(&f, 0xc0, 0, 0x65, 0x58, 0, 0, 5, 0);
	stays(&f, 6081, CNT_DEC_TUNNEL_OTHER, 0);
}

static void
tzsp_is_followed_past_its_fields(void **unused)
{
	struct buf f;

	(void)unused;
	framed(&f);
	PUT(&f, 1);
	PUT(&f, 1, 0, 0, 1);
	over_udp(&f, 37008);
	follows(&f, CNT_DEC_TZSP);
	framed(&f);
	PUT(&f, 0, 0, 10, 1, 0xd8, 0, 60, 4, 1, 1, 1, 1, 1);	/* padding, signal, WLAN times, end */
	PUT(&f, 1, 1, 0, 1);
	over_udp(&f, 37008);
	follows(&f, CNT_DEC_TZSP);
	framed(&f);
	PUT(&f, 1);
	PUT(&f, 1, 0, 0, 18);		/* 802.11 */
	stays(&f, 37008, CNT_DEC_TUNNEL_OTHER, 1);
	f.n = 0;
	ADD(&f, 1, 4, 0, 0, 1);		/* keep alive */
	stays(&f, 37008, CNT_DEC_TUNNEL_OTHER, 0);
	framed(&f);
	PUT(&f, 1, 0, 0, 1, 10, 255);	/* a field beyond the end */
	stays(&f, 37008, CNT_DEC_TUNNEL_OTHER, 0);
}

static void
l2tp_version_2_carries_ppp(void **unused)
{
	struct buf f;
	size_t n;

	(void)unused;
	for (unsigned bits = 0; bits < 16; bits++) {
		uint8_t flags = 0;

		plain(&f);
		if (bits & 8)
			PUT(&f, 0xff, 3, 0, 0x21);
		else
			PUT(&f, 0x21);
		if (bits & 1) {
			flags |= 0x02;
			PUT(&f, 0, 3, 9, 9, 9);
		}
		if (bits & 2) {
			flags |= 0x08;
			PUT(&f, 0, 1, 0, 2);
		}
		PUT(&f, 0, 7, 0, 9);
		if (bits & 4) {
			flags |= 0x40;
			n = f.n + 4;
			PUT(&f, HI(n), LO(n));
		}
		PUT(&f, flags, 2);
		over_udp(&f, 1701);
		follows(&f, CNT_DEC_L2TP);
	}
	plain(&f);		/* control */
	PUT(&f, 0x21);
	PUT(&f, 0xc8, 2, 0, 12, 0, 7, 0, 9, 0, 0, 0, 0);
	stays(&f, 1701, CNT_DEC_L2TP, 0);
	f.n = 0;		/* DNP3 there */
	ADD(&f, 5, 0x64, 8, 0xc4, 1, 0, 2, 0, 1, 2, 0xc0, 0xc0, 13, 0x9c, 0x6d);
	stays(&f, 1701, CNT_DEC_TUNNEL_OTHER, 0);
	f.n = 0;		/* Modbus with identifier 2 */
	ADD(&f, 0, 2, 0, 0, 0, 6, 0xff, 3, 0, 0x21, 0, 10);
	stays(&f, 1701, CNT_DEC_TUNNEL_OTHER, 0);
}

static void
l2tp_version_3_is_tried_with_all_cookies(void **unused)
{
	static const uint8_t cookie[12] = { 0xc0, 0x0c, 1, 2, 3, 4, 5, 6 };
	struct decoder *d;
	struct buf f;

	(void)unused;
	for (unsigned n = 0; n <= 12; n += 4)
		for (unsigned kind = 0; kind < 4; kind++)
			for (int ip = 0; ip < 2; ip++) {
				plain(&f);
				if (kind == 0)
					ether(&f, 0x0800);
				if (kind == 1) {
					tag(&f, 0x0800, 5);
					ether(&f, 0x8100);
				}
				if (kind == 2)
					PUT(&f, 0xff, 3, 0, 0x21);
				put(&f, cookie, n);
				PUT(&f, 0, 0, 0, 9);
				if (ip)
					ip4(&f, 115, 1, 0, 64);
				else {
					PUT(&f, 0, 3, 0, 0);
					over_udp(&f, 1701);
				}
				follows(&f, CNT_DEC_L2TP);
			}
	f.n = 0;		/* what is inside is no packet */
	ADD(&f, 0, 3, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
	stays(&f, 1701, CNT_DEC_TUNNEL_OTHER, 1);
	f.n = 0;		/* control over IP */
	ADD(&f, 0, 0, 0, 0, 0xc8, 3, 0, 12);
	ip4(&f, 115, 1, 0, 64);
	d = open_plain();
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.proto, 115);
	assert_int_equal(counters.v[CNT_DEC_TUNNEL_OTHER], 0);
	close_decoder(d);
}

static void
gtp_is_followed_past_its_extensions(void **unused)
{
	struct buf f;
	size_t n;

	(void)unused;
	for (unsigned bits = 0; bits < 8; bits++)
		for (int odd_port = 0; odd_port < 2; odd_port++)
			for (int v6 = 0; v6 < 2; v6++) {
				if (v6) {
					sample6(&f);
				} else
					plain(&f);
				if (bits != 0) {
					if (bits & 4)
						PUT(&f, 1, 9, 9, 0x85, 2, 1, 2, 3, 4, 5, 6, 0);
					PUT(&f, 0, 7, 0, (uint8_t)(bits & 4 ? 0x85 : 0));
				}
				n = f.n;
				PUT(&f, (uint8_t)(0x30 | bits), 0xff, HI(n), LO(n), 0, 0, 0, 5);
				over_udp(&f, odd_port ? 22152 : 2152);
				follows(&f, CNT_DEC_GTPU);
			}
	framed(&f);
	n = f.n;
	PUT(&f, 0x30, 0xff, HI(n), LO(n), 0, 0, 0, 5);
	over_udp(&f, 2152);
	follows(&f, CNT_DEC_GTPU);
	f.n = 0;		/* echo */
	ADD(&f, 0x32, 1, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0);
	stays(&f, 2152, CNT_DEC_TUNNEL_OTHER, 0);
	f.n = 0;		/* something else inside */
	ADD(&f, 0x30, 0xff, 0, 8, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8);
	stays(&f, 2152, CNT_DEC_TUNNEL_OTHER, 1);
	f.n = 0;		/* an extension of no length */
	ADD(&f, 0x34, 0xff, 0, 8, 0, 0, 0, 5, 0, 0, 0, 0x85, 0, 0, 0, 0);
	stays(&f, 2152, CNT_DEC_GTPU, 0);
	f.n = 0;		/* Modbus whose identifier is that of a packet */
	ADD(&f, 0x30, 0xff, 0, 0, 0, 21, 1, 16, 0, 0, 0, 7, 14, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
	stays(&f, 502, CNT_DEC_TUNNEL_OTHER, 0);
	stays(&f, 2152, CNT_DEC_GTPU, 0);
}

static void
teredo_has_indications_in_front(void **unused)
{
	struct buf f;

	(void)unused;
	for (unsigned bits = 0; bits < 4; bits++) {
		sample6(&f);
		if (bits & 1)
			PUT(&f, 0, 0, 0x12, 0x34, 1, 2, 3, 4);
		if (bits & 2)
			PUT(&f, 0, 1, 2, 3, 'a', 'b', 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0);
		over_udp(&f, 3544);
		follows(&f, CNT_DEC_TEREDO);
	}
	f.n = 0;
	ADD(&f, 5, 0x64, 8, 0xc4, 1, 0, 2, 0, 1, 2, 0xc0, 0xc0, 13, 0x9c, 0x6d);
	stays(&f, 3544, CNT_DEC_TEREDO, 0);
}

static void
ip_and_gre_in_udp_are_followed(void **unused)
{
	static const uint16_t ports[] = { 5555, 4754, 6080, 12345 };
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		plain(&f);
		over_udp(&f, ports[i]);
		follows(&f, CNT_DEC_IP_IN_UDP);
		sample6(&f);
		over_udp(&f, ports[i]);
		follows(&f, CNT_DEC_IP_IN_UDP);
	}
	for (unsigned words = 0; words < 3; words++) {
		uint8_t bytes[12] = { (uint8_t)words, 4 };

		plain(&f);
		put(&f, bytes, 4 + words * 4);
		over_udp(&f, 6080);
		follows(&f, CNT_DEC_IP_IN_UDP);
		plain(&f);
		PUT(&f, 0x20, 0, 8, 0, 0, 0, 0, 1);
		bytes[1] = 47;
		put(&f, bytes, 4 + words * 4);
		over_udp(&f, 6080);
		follows(&f, CNT_DEC_GRE);
	}
	plain(&f);
	PUT(&f, 0, 0, 8, 0);
	over_udp(&f, 5555);
	follows(&f, CNT_DEC_GRE);
	plain(&f);
	PUT(&f, 0, 1, 0, 64, 0, 1, 1, 64);
	over_udp(&f, 6635);
	follows(&f, CNT_DEC_MPLS);
	framed(&f);
	PUT(&f, 0, 1, 1, 64, 0, 0, 0, 0);
	over_udp(&f, 6635);
	follows(&f, CNT_DEC_MPLS);
	/* What is none of these. */
	f.n = 0;
	ADD(&f, 5, 0x64, 8, 0xc4, 1, 0, 2, 0, 1, 2, 0xc0, 0xc0, 13, 0x9c, 0x6d);
	stays(&f, 5555, CNT_DEC_IP_IN_UDP, 0);
	f.n = 0;
	ADD(&f, 5, 0x64, 8, 0xc4, 1, 0, 2, 0, 1, 2, 0xc0, 0xc0, 13, 0x9c, 0x6d);
	stays(&f, 6635, CNT_DEC_IP_IN_UDP, 0);
	f.n = 0;		/* a DNS query whose beginning is an IPv6 header's */
	ADD(&f, 0x61, 0x7b, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 'h', 'i', 's', 't', 'o', 'r', 'i', 'a', 'n',
	    5, 'w', 'o', 'r', 'k', 's', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1);
	assert_int_equal(f.n, 41);
	stays(&f, 53, CNT_DEC_IP_IN_UDP, 0);
	plain(&f);		/* a damaged packet on a port of its own */
	f.b[10]++;
	stays(&f, 12345, CNT_DEC_IP_IN_UDP, 0);
}

static void
more_protocols_over_ip(void **unused)
{
	static const uint8_t protos[] = { 4, 94, 98 };
	struct decoder *d;
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < sizeof(protos); i++) {
		plain(&f);
		ip4(&f, protos[i], 1, 0, 64);
		gives_the_sample(&f, LINK_RAW);
		plain(&f);
		ip6(&f, protos[i]);
		gives_the_sample(&f, LINK_RAW);
	}
	framed(&f);
	PUT(&f, 0x30, 0);
	ip4(&f, 97, 1, 0, 64);
	follows(&f, CNT_DEC_ETHERIP);
	plain(&f);
	PUT(&f, 0, 1, 1, 64);
	ip4(&f, 137, 1, 0, 64);
	follows(&f, CNT_DEC_MPLS);
	/* And what is not followed is counted, and goes on to its flow. */
	for (unsigned proto = 0; proto < 256; proto++) {
		bool routing = proto == 3 || proto == 8 || proto == 9 || proto == 46 || proto == 59 ||
		    proto == 88 || proto == 89 || proto == 103 || proto == 112 || proto == 124;
		bool known = routing || proto == 1 || proto == 2 || proto == 4 || proto == 6 ||
		    proto == 17 || proto == 41 || proto == 47 || proto == 50 || proto == 51 ||
		    proto == 58 || proto == 94 || proto == 97 || proto == 98 || proto == 115 ||
		    proto == 132 || proto == 137;

		if (known && !routing && proto != 50)
			continue;
		f.n = 0;
		ADD(&f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
		ip4(&f, (uint8_t)proto, 1, 0, 64);
		d = open_plain();
		feed_at(d, &f, LINK_RAW, 0);
		assert_int_equal(seen.packets, 1);
		assert_int_equal(seen.p.proto, proto);
		assert_int_equal(counters.v[CNT_DEC_IP_PROTO], known ? 0 : 1);
		assert_int_equal(counters.v[CNT_DEC_ESP], proto == 50 ? 1 : 0);
		close_decoder(d);
	}
}

static void
what_is_encrypted_is_counted(void **unused)
{
	struct buf f;

	(void)unused;
	f.n = 0;
	ADD(&f, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
	stays(&f, 4500, CNT_DEC_ENCRYPTED, 1);
	f.n = 0;
	ADD(&f, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
	stays(&f, 4500, CNT_DEC_ENCRYPTED, 0);
	f.n = 0;
	ADD(&f, 0xff);
	stays(&f, 4500, CNT_DEC_ENCRYPTED, 0);
	f.n = 32;
	memset(f.b, 0x77, 32);
	memcpy(f.b, "\4\0\0\0", 4);
	stays(&f, 51820, CNT_DEC_ENCRYPTED, 1);
	f.n = 33;
	memcpy(f.b, "\4\0\0\0", 4);
	stays(&f, 51820, CNT_DEC_ENCRYPTED, 0);
	f.n = 40;
	memset(f.b, 0x77, 40);
	f.b[0] = 0x48;
	stays(&f, 1194, CNT_DEC_ENCRYPTED, 1);
	f.n = 40;
	memset(f.b, 0x77, 40);
	stays(&f, 1194, CNT_DEC_ENCRYPTED, 0);
	f.n = 40;
	memset(f.b, 0, 40);
	f.b[1] = 2 << 3;
	stays(&f, 5247, CNT_DEC_TUNNEL_OTHER, 1);
}

/* Ports are settings: others, and none at all. */
static void
ports_are_settings(void **unused)
{
	struct decode_settings s = { .checksums = CHECKSUM_NONE };
	struct decoder *d;
	struct buf f;

	(void)unused;
	s.tunnels.tzsp = "1,40000,65535";
	s.tunnels.l2tp = "none";
	for (unsigned i = 0; i < 5; i++) {
		static const uint16_t ports[] = { 1, 40000, 65535, 37008, 1701 };

		if (i < 4) {
			framed(&f);
			PUT(&f, 1, 0, 0, 1, 1);
		} else {
			plain(&f);
			PUT(&f, 0, 2, 0, 7, 0, 9, 0x21);
		}
		over_udp(&f, ports[i]);
		d = open_with(s);
		feed_at(d, &f, LINK_RAW, 0);
		assert_int_equal(seen.packets, 1);
		assert_int_equal(seen.p.proto, i < 3 ? IP_TCP : IP_UDP);
		close_decoder(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vxlan_is_followed_on_its_ports_and_where_it_proves_itself),
		cmocka_unit_test(vxlan_gpe_says_what_is_inside),
		cmocka_unit_test(geneve_is_followed),
		cmocka_unit_test(tzsp_is_followed_past_its_fields),
		cmocka_unit_test(l2tp_version_2_carries_ppp),
		cmocka_unit_test(l2tp_version_3_is_tried_with_all_cookies),
		cmocka_unit_test(gtp_is_followed_past_its_extensions),
		cmocka_unit_test(teredo_has_indications_in_front),
		cmocka_unit_test(ip_and_gre_in_udp_are_followed),
		cmocka_unit_test(more_protocols_over_ip),
		cmocka_unit_test(what_is_encrypted_is_counted),
		cmocka_unit_test(ports_are_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
