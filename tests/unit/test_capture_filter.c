/* Unit tests of capture: the widened filter on crafted frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "capfile_maker.h"
#include "capture/filter.h"

static void
mk_macs(struct maker *m)
{
	m->be = true;
	mk_bytes(m, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
}

static void
mk_ipv4(struct maker *m, unsigned proto, unsigned fragment)
{
	mk_uint(m, 0x4500, 2);
	mk16(m, 40);
	mk16(m, 1);
	mk16(m, fragment);
	mk_uint(m, 64, 1);
	mk_uint(m, proto, 1);
	mk16(m, 0);
	mk_bytes(m, "\x0a\0\0\1\x0a\0\0\2", 8);
}

static void
mk_ports(struct maker *m, unsigned from, unsigned to)
{
	mk16(m, from);
	mk16(m, to);
	mk_bytes(m, "\0\0\0\0\0\0\0\0\x50\x10\0\0\0\0\0\0", 16);
}

/* Ethernet, the given tags (type, then tag content), TCP to a port. */
static struct maker
tagged(const uint16_t *types, unsigned n, unsigned port)
{
	struct maker m = { 0 };

	mk_macs(&m);
	for (unsigned i = 0; i < n; i++) {
		mk16(&m, types[i]);
		mk16(&m, 100 + i);
	}
	mk16(&m, 0x0800);
	mk_ipv4(&m, 6, 0);
	mk_ports(&m, 40000, port);
	return m;
}

static bool
passes_link(const char *expr, bool widen, const struct maker *m, uint16_t link)
{
	struct filter *f = filter_open(expr, widen, NULL);
	struct frame frame = { .data = m->b, .cap_len = (uint32_t)m->n,
	    .wire_len = (uint32_t)m->n, .link = link };
	char why[256] = "";
	bool pass;

	assert_non_null(f);
	if (filter_prepare(f, link, why, sizeof(why)) != 0)
		fail_msg("%s: %s", expr, why);
	pass = filter_pass(f, &frame);
	filter_close(f);
	return pass;
}

static bool
passes(const char *expr, bool widen, const struct maker *m)
{
	return passes_link(expr, widen, m, LINK_ETHERNET);
}

static void
a_port_is_found_inside_tags(void **unused)
{
	static const uint16_t q[] = { 0x8100 }, qq[] = { 0x88a8, 0x8100 },
	    old[] = { 0x9100, 0x8100 };
	static const struct { const uint16_t *types; unsigned n; } rows[] = {
		{ NULL, 0 }, { q, 1 }, { qq, 2 }, { old, 2 },
	};

	(void)unused;
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		struct maker yes = tagged(rows[i].types, rows[i].n, 502);
		struct maker no = tagged(rows[i].types, rows[i].n, 80);

		assert_true(passes("port 502", true, &yes));
		assert_false(passes("port 502", true, &no));
		assert_int_equal(passes("port 502", false, &yes), rows[i].n == 0);
		assert_true(passes("host 10.0.0.1 and tcp port 502", true, &yes));
		assert_false(passes("host 10.9.9.9", true, &yes));
		assert_true(passes("port 80 or port 502", true, &yes));
	}
}

/* What carries a packet in a way that the expression cannot see through. */
static void
carriers_pass_whole(void **unused)
{
	static const uint16_t types[] = { 0x8847, 0x8864, 0x892f, 0x8926, 0x893f, 0x8909, 0x88e5, 0x88e7,
	    0x894f, 0x9200, 0x9300 };
	static const uint8_t protos[] = { 4, 41, 47, 94, 97, 98, 115, 137, 51 };
	static const uint16_t ports[] = { 4789, 8472, 4790, 6081, 37008, 1701, 2152, 3544, 6080, 5555,
	    6635, 4500 };
	static const uint16_t q[] = { 0x8100 };
	static const uint8_t begins[][12] = {
		{ 8, 0, 0, 0 }, { 0x30, 0xff }, { 0x36, 0xff }, { 0, 0, 0x65, 0x58 },
	};

	(void)unused;
	for (unsigned tags = 0; tags < 2; tags++) {
		for (size_t i = 0; i < COUNTOF(types); i++) {
			struct maker m = tagged(q, tags, 80);

			m.b[12 + 4 * tags] = (uint8_t)(types[i] >> 8);
			m.b[13 + 4 * tags] = (uint8_t)types[i];
			assert_true(passes("port 502", true, &m));
			assert_false(passes("port 502", false, &m));
		}
		for (size_t i = 0; i < COUNTOF(protos); i++) {
			struct maker m = tagged(q, tags, 80);

			m.b[23 + 4 * tags] = protos[i];
			assert_true(passes("port 502", true, &m));
		}
		for (size_t i = 0; i < COUNTOF(ports) + COUNTOF(begins); i++) {
			struct maker m = tagged(q, tags, i < COUNTOF(ports) ? ports[i] : 80);

			m.b[23 + 4 * tags] = 17;
			if (i >= COUNTOF(ports))
				memcpy(m.b + 42 + 4 * tags, begins[i - COUNTOF(ports)], 12);
			assert_true(passes("port 502", true, &m));
			m.b[36 + 4 * tags] ^= 0x80;	/* another port, other bytes */
			m.b[43 + 4 * tags] ^= 1;
			m.b[44 + 4 * tags] ^= 1;
			assert_false(passes("port 502", true, &m));
		}
	}
}

static void
three_tags_pass_whole(void **unused)
{
	static const uint16_t qqq[] = { 0x8100, 0x8100, 0x8100 };
	struct maker m = tagged(qqq, 3, 502);

	(void)unused;
	assert_true(passes("port 502", true, &m));
}

static void
an_expression_that_names_a_tag_keeps_its_meaning(void **unused)
{
	static const uint16_t q[] = { 0x8100 };
	struct maker m = tagged(q, 1, 502);

	(void)unused;
	assert_true(passes("vlan 100 and port 502", true, &m));
	assert_false(passes("vlan 101 and port 502", true, &m));
	assert_false(passes("vlan 100 and port 503", true, &m));
}

static struct maker
in_ip(unsigned proto, unsigned fragment, unsigned from, unsigned to, bool tag)
{
	struct maker m = { 0 };

	mk_macs(&m);
	if (tag) {
		mk16(&m, 0x8100);
		mk16(&m, 7);
	}
	mk16(&m, 0x0800);
	mk_ipv4(&m, proto, fragment);
	mk_ports(&m, from, to);
	return m;
}

static void
carriers_pass_whole_tagged_or_not(void **unused)
{
	(void)unused;
	for (unsigned tag = 0; tag < 2; tag++) {
		static const unsigned protos[] = { 47, 4, 41 };
		struct maker m;

		for (size_t i = 0; i < COUNTOF(protos); i++) {
			m = in_ip(protos[i], 0, 1, 2, tag);
			assert_true(passes("port 502", true, &m));
			assert_false(passes("port 502", false, &m));
		}
		m = in_ip(17, 0, 40000, 4789, tag);	/* VXLAN */
		assert_true(passes("port 502", true, &m));
		m = in_ip(17, 0, 40000, 6081, tag);	/* Geneve */
		assert_true(passes("port 502", true, &m));
		m = in_ip(17, 0, 40000, 53, tag);
		assert_false(passes("port 502", true, &m));
		m = in_ip(6, 5, 1, 2, tag);		/* a later fragment has no ports */
		assert_true(passes("port 502", true, &m));
		m = in_ip(6, 0x2000, 1, 2, tag);	/* the first has: not 502 */
		assert_false(passes("port 502", true, &m));
	}
}

static void
carriers_below_ip_pass_whole(void **unused)
{
	static const uint16_t types[] = { 0x8847, 0x8848, 0x8864, 0x892f };

	(void)unused;
	for (size_t i = 0; i < COUNTOF(types); i++)
		for (unsigned tag = 0; tag < 2; tag++) {
			struct maker m = { 0 };

			mk_macs(&m);
			if (tag) {
				mk16(&m, 0x8100);
				mk16(&m, 7);
			}
			mk16(&m, types[i]);
			mk_bytes(&m, "0123456789012345678901234567890123456789", 40);
			assert_true(passes("port 502", true, &m));
			assert_false(passes("port 502", false, &m));
		}
}

static void
other_link_types_are_widened_as_far_as_they_go(void **unused)
{
	struct maker raw = { .be = true }, gre = { .be = true }, sll = { .be = true };

	(void)unused;
	mk_ipv4(&raw, 6, 0);
	mk_ports(&raw, 502, 1);
	mk_ipv4(&gre, 47, 0);
	mk_ports(&gre, 1, 1);
	assert_true(passes_link("port 502", true, &raw, LINK_RAW));
	assert_false(passes_link("port 503", true, &raw, LINK_RAW));
	assert_true(passes_link("port 502", true, &gre, LINK_RAW));
	assert_true(passes_link("port 502", true, &gre, LINK_IPV4));
	mk_bytes(&sll, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0", 14);
	mk16(&sll, 0x8100);
	mk_bytes(&sll, "\0\7\x08\0", 4);
	mk_ipv4(&sll, 6, 0);
	mk_ports(&sll, 502, 1);
	assert_true(passes_link("port 502", true, &sll, LINK_SLL));
}

static void
what_libpcap_refuses_is_refused_with_its_words(void **unused)
{
	static const char *const wrong[] = { "port", "prot 502", "(port 502", "port 502)",
	    "port 502) or (port 503", "host 300.1.2.3" };

	(void)unused;
	for (size_t i = 0; i < COUNTOF(wrong); i++) {
		struct filter *f = filter_open(wrong[i], true, NULL);
		char why[256] = "";

		assert_int_equal(filter_prepare(f, LINK_ETHERNET, why, sizeof(why)), -1);
		assert_true(strlen(why) > 0);
		assert_null(filter_text(f, LINK_ETHERNET));
		filter_close(f);
	}
}

static void
a_link_type_without_meaning_does_not_pass(void **unused)
{
	struct filter *f = filter_open("ether host 2:0:0:0:0:1", true, NULL);
	uint8_t byte = 0x45;
	struct frame frame = { .data = &byte, .cap_len = 1, .wire_len = 1, .link = LINK_RAW };

	(void)unused;
	assert_false(filter_pass(f, &frame));
	assert_false(filter_pass(f, &frame));
	filter_close(f);
}

static void
link_numbers_translate_both_ways(void **unused)
{
	static const uint16_t links[] = { 0, 1, 9, 101, 108, 113, 228, 229, 276 };

	(void)unused;
	for (size_t i = 0; i < COUNTOF(links); i++)
		assert_int_equal(filter_link(filter_dlt(links[i])), links[i]);
	assert_int_equal(filter_dlt(101), 12);
	assert_true(filter_is_empty(NULL) && filter_is_empty(" \n") && !filter_is_empty(" ip"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_found_inside_tags),
		cmocka_unit_test(carriers_pass_whole),
		cmocka_unit_test(three_tags_pass_whole),
		cmocka_unit_test(an_expression_that_names_a_tag_keeps_its_meaning),
		cmocka_unit_test(carriers_pass_whole_tagged_or_not),
		cmocka_unit_test(carriers_below_ip_pass_whole),
		cmocka_unit_test(other_link_types_are_widened_as_far_as_they_go),
		cmocka_unit_test(what_libpcap_refuses_is_refused_with_its_words),
		cmocka_unit_test(a_link_type_without_meaning_does_not_pass),
		cmocka_unit_test(link_numbers_translate_both_ways),
	};

	return cmocka_run_group_tests_name("capture filter", tests, NULL, NULL);
}
