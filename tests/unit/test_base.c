/* Unit tests of base: cursor, arena, pool, hash map, text, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/wide.h"
#include "guard.h"

static void
every_width_reads_its_last_byte_and_fails_one_past(void **unused)
{
	static const uint8_t b[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
#define EDGE(fn, width, value) do {					\
		struct cursor c = cur_of(guard(b, width), width);	\
		assert_true(fn(&c) == (value));				\
		assert_true(cur_ok(&c) && cur_left(&c) == 0);		\
		c = cur_of(guard(b, (width) - 1), (width) - 1);		\
		assert_true(fn(&c) == 0);				\
		assert_int_equal(c.why, CUR_SHORT);			\
		assert_int_equal(cur_off(&c), 0);			\
	} while (0)

	(void)unused;
	EDGE(cur_u8, 1, 0x11);
	EDGE(cur_be16, 2, 0x1122);
	EDGE(cur_le16, 2, 0x2211);
	EDGE(cur_be24, 3, 0x112233);
	EDGE(cur_le24, 3, 0x332211);
	EDGE(cur_be32, 4, 0x11223344u);
	EDGE(cur_le32, 4, 0x44332211u);
	EDGE(cur_le48, 6, 0x665544332211u);
	EDGE(cur_be64, 8, 0x1122334455667788u);
	EDGE(cur_le64, 8, 0x8877665544332211u);
}

static void
a_failure_is_sticky_and_the_first_reason_wins(void **unused)
{
	static const uint8_t b[] = { 1, 2, 3 };
	struct cursor c = cur_of(b, sizeof(b));

	(void)unused;
	cur_fail(&c, CUR_BAD, "first");
	assert_int_equal(cur_u8(&c), 0);
	cur_skip(&c, 99);
	assert_int_equal(c.why, CUR_BAD);
	assert_string_equal(c.what, "first");
	assert_int_equal(cur_off(&c), 0);
}

static void
a_window_cut_by_a_length_cannot_reach_outer_bytes(void **unused)
{
	static const uint8_t b[] = { 2, 0xaa, 0xbb, 0xcc };
	struct cursor c = cur_of(b, sizeof(b)), in, none;

	(void)unused;
	in = cur_take(&c, cur_u8(&c));
	assert_int_equal(cur_be16(&in), 0xaabb);
	assert_int_equal(cur_u8(&in), 0);
	assert_int_equal(in.why, CUR_SHORT);
	assert_int_equal(cur_u8(&c), 0xcc);
	none = cur_take(&c, 1);
	assert_false(cur_ok(&none));
	assert_int_equal(cur_left(&none), 0);
	assert_int_equal(cur_u8(&none), 0);
}

static void
trailing_bytes_are_bad_not_short(void **unused)
{
	static const uint8_t b[] = { 1 };
	struct cursor c = cur_of(b, 1);

	(void)unused;
	cur_end(&c);
	assert_int_equal(c.why, CUR_BAD);
	c = cur_of(NULL, 0);
	cur_end(&c);
	assert_true(cur_ok(&c));
}

static void
a_failed_copy_fills_with_zeros(void **unused)
{
	uint8_t to[4] = { 9, 9, 9, 9 };
	struct cursor c = cur_of("ab", 2);

	(void)unused;
	cur_copy(&c, to, 4);
	assert_int_equal(to[0] | to[1] | to[2] | to[3], 0);
}

static void
a_full_arena_gives_null_and_says_so(void **unused)
{
	struct arena a;

	(void)unused;
	assert_int_equal(arena_open(&a, 64), 0);
	assert_non_null(arena_alloc(&a, 40));
	assert_false(a.overflow);
	assert_null(arena_alloc(&a, 40));
	assert_true(a.overflow);
	assert_null(arena_zalloc(&a, SIZE_MAX / 2, 3));
	arena_reset(&a);
	assert_false(a.overflow);
	assert_non_null(arena_alloc(&a, 64));
	arena_close(&a);
}

static void
an_arena_goes_back_to_a_mark(void **unused)
{
	struct arena a;
	size_t mark;
	void *p;

	(void)unused;
	assert_int_equal(arena_open(&a, 64), 0);
	assert_non_null(arena_alloc(&a, 16));
	mark = a.used;
	p = arena_alloc(&a, 32);
	assert_null(arena_alloc(&a, 32));
	arena_rewind(&a, mark);
	assert_int_equal(a.used, mark);
	assert_true(a.overflow);
	assert_ptr_equal(arena_alloc(&a, 32), p);
	arena_rewind(&a, 1000);
	assert_int_equal(a.used, 48);
	arena_close(&a);
}

static void
arena_memory_is_aligned(void **unused)
{
	struct arena a;

	(void)unused;
	assert_int_equal(arena_open(&a, 256), 0);
	(void)arena_alloc(&a, 1);
	assert_int_equal((uintptr_t)arena_alloc(&a, 8) % _Alignof(max_align_t), 0);
	arena_close(&a);
}

static void
a_pool_hands_out_each_slot_once(void **unused)
{
	struct pool p;
	void *got[4];

	(void)unused;
	assert_int_equal(pool_open(&p, 4, 20), 0);
	for (int i = 0; i < 4; i++) {
		got[i] = pool_get(&p);
		assert_non_null(got[i]);
		assert_int_equal(pool_index(&p, got[i]), i);
	}
	assert_null(pool_get(&p));
	pool_put(&p, got[2]);
	assert_ptr_equal(pool_get(&p), got[2]);
	assert_int_equal(p.high_water, 4);
	assert_null(pool_at(&p, 4));
	pool_close(&p);
}

static void
a_map_finds_what_was_put_through_any_order_of_removals(void **unused)
{
	struct hmap m;
	uint64_t hash[500];
	bool in[500] = { false };
	uint32_t x = 12345;

	(void)unused;
	assert_int_equal(hmap_open(&m, 500), 0);
	/* Few distinct low bits, so that long probe chains form and wrap. */
	for (uint32_t i = 0; i < 500; i++)
		hash[i] = (uint64_t)i << 32 | (m.mask - 3 + i % 7);
	for (int round = 0; round < 20000; round++) {
		uint32_t i;

		x = x * 1103515245u + 12345u;
		i = x / 65536u % 500u;
		if (in[i])
			assert_true(hmap_remove(&m, hash[i], i));
		else
			assert_true(hmap_put(&m, hash[i], i));
		in[i] = !in[i];
		if (round % 500 == 0)
			for (uint32_t k = 0; k < 500; k++) {
				uint32_t at = hmap_first(&m, hash[k]);

				while (at != HMAP_END && hmap_value(&m, at) != k)
					at = hmap_next(&m, hash[k], at);
				assert_int_equal(at != HMAP_END, in[k]);
			}
	}
	hmap_close(&m);
}

static void
a_large_map_finds_all_when_it_takes_all_its_memory(void **unused)
{
	struct hmap m;
	uint32_t at, before;

	(void)unused;
	assert_int_equal(hmap_open(&m, 5000), 0);
	assert_true(m.mask < m.whole);
	before = m.mask;
	/* Chains that wrap in the small part, many entries under some hashes, and some of them gone again. */
	for (uint32_t i = 0; i < 5000; i++) {
		const uint64_t hash = i % 5 == 0 ? UINT64_C(0xabcd00000000) | (before - 2) : (uint64_t)i * 0x9e3779b97f4a7c15u >> 20;

		assert_true(hmap_put(&m, hash, i));
		if (i == 300)
			assert_int_equal(m.mask, before);
		if (i % 7 == 3)
			assert_true(hmap_remove(&m, hash, i));
	}
	assert_int_equal(m.mask, m.whole);
	for (uint32_t i = 0; i < 5000; i++) {
		const uint64_t hash = i % 5 == 0 ? UINT64_C(0xabcd00000000) | (before - 2) : (uint64_t)i * 0x9e3779b97f4a7c15u >> 20;

		at = hmap_first(&m, hash);
		while (at != HMAP_END && hmap_value(&m, at) != i)
			at = hmap_next(&m, hash, at);
		assert_int_equal(at != HMAP_END, i % 7 != 3);
		assert_true(i % 7 == 3 || hmap_remove(&m, hash, i));
	}
	assert_int_equal(m.n, 0);
	hmap_close(&m);
}

static void
a_full_map_refuses(void **unused)
{
	struct hmap m;

	(void)unused;
	assert_int_equal(hmap_open(&m, 2), 0);
	assert_true(hmap_put(&m, 1, 1));
	assert_true(hmap_put(&m, 1, 2));
	assert_false(hmap_put(&m, 1, 3));
	assert_false(hmap_remove(&m, 1, 3));
	hmap_close(&m);
}

static void
hashes_depend_on_every_byte_and_on_the_key(void **unused)
{
	uint8_t b[40] = { 0 };
	uint64_t h = hash_bytes(1, b, sizeof(b));

	(void)unused;
	assert_true(h != hash_bytes(2, b, sizeof(b)));
	assert_true(h != hash_bytes(1, b, sizeof(b) - 1));
	for (size_t i = 0; i < sizeof(b); i++) {
		b[i] = 1;
		assert_true(h != hash_bytes(1, b, sizeof(b)));
		b[i] = 0;
	}
}

static void
a_list_is_read_word_by_word(void **unused)
{
	const char *list = "one,two,,three", *none = NULL, *word;
	char text[4];

	(void)unused;
	assert_false(str_next_text(&none, text, sizeof(text)));
	assert_int_equal(str_next(&list, &word), 3);
	assert_memory_equal(word, "one", 3);
	assert_true(str_next_text(&list, text, sizeof(text)));
	assert_string_equal(text, "two");
	assert_int_equal(str_next(&list, &word), 0);	/* an empty word ends it */
	list = "much-too-long,end";
	assert_true(str_next_text(&list, text, sizeof(text)));
	assert_string_equal(text, "muc");
	assert_true(str_next_text(&list, text, sizeof(text)));
	assert_string_equal(text, "end");
	assert_false(str_next_text(&list, text, sizeof(text)));
}

static void
utf8_is_told_from_other_bytes(void **unused)
{
	(void)unused;
	assert_true(utf8_valid((const uint8_t *)"plain", 5));
	assert_true(utf8_valid((const uint8_t *)"\xc5\xb3\xe2\x82\xac\xf0\x9f\x94\xa7", 9));
	assert_false(utf8_valid((const uint8_t *)"\xc0\x80", 2));	/* overlong */
	assert_false(utf8_valid((const uint8_t *)"\xed\xa0\x80", 3));	/* surrogate */
	assert_false(utf8_valid((const uint8_t *)"\xf4\x90\x80\x80", 4)); /* too large */
	assert_false(utf8_valid((const uint8_t *)"\xe2\x82", 2));	/* cut off */
}

static void
text_that_does_not_fit_is_cut_and_marked(void **unused)
{
	char room[8];
	struct strbuf s = strbuf_on(room, sizeof(room));

	(void)unused;
	strbuf_put(&s, "1234");
	strbuf_printf(&s, "%d", 567);
	assert_false(s.cut);
	strbuf_printf(&s, "%s", "89");
	assert_true(s.cut);
	assert_string_equal(room, "1234567");
	strbuf_put(&s, "x");
	assert_string_equal(room, "1234567");
}

static void
near_words_are_near(void **unused)
{
	(void)unused;
	assert_int_equal(str_distance("modbus", "modbus"), 0);
	assert_int_equal(str_distance("modbuss", "modbus"), 1);
	assert_int_equal(str_distance("mdobus", "modbus"), 2);
}

static void
errors_are_collected_in_order(void **unused)
{
	struct err e = { 0 };

	(void)unused;
	err_add(&e, "a.yaml", 3, 7, "first %d", 1);
	err_add(&e, NULL, 0, 0, "second");
	assert_int_equal(e.n, 2);
	assert_string_equal(e.first->text, "first 1");
	assert_int_equal(e.first->line, 3);
	assert_string_equal(e.last->text, "second");
	err_free(&e);
	assert_null(e.first);
}

static void
products_are_whole(void **state)
{
	static const uint64_t of[] = { 0, 1, 2, 3, 0xffffffff, 0x100000000, 0x100000001, 0x8000000000000000, 0xfffffffffffffffe,
	    UINT64_MAX, 0x123456789abcdef, 1000000000, 0xdeadbeefcafebabe };
	const struct wide w = { 0x0123456789abcdef, 0xfedcba9876543210 };

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		for (size_t k = 0; k < sizeof(of) / sizeof(of[0]); k++) {
			struct wide a = wide_mul(of[i], of[k]), b = wide_mul_halves(of[i], of[k]);

			assert_true(a.high == b.high && a.low == b.low);
			assert_true(a.low == of[i] * of[k]);
			/* (2^32 h + l) * k by long division: the product divided by a factor is the other. */
			if (of[i] != 0 && a.high == 0)
				assert_true(a.low / of[i] == of[k]);
		}
	assert_true(wide_mul_halves(UINT64_MAX, UINT64_MAX).high == UINT64_MAX - 1);
	assert_true(wide_mul_halves(UINT64_MAX, UINT64_MAX).low == 1);
	assert_true(wide_shifted(w, 0) == w.low && wide_shifted(w, 64) == w.high && wide_shifted(w, 128) == 0);
	assert_true(wide_shifted(w, 4) == 0xffedcba987654321 && wide_shifted(w, 68) == 0x00123456789abcde);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_width_reads_its_last_byte_and_fails_one_past),
		cmocka_unit_test(a_failure_is_sticky_and_the_first_reason_wins),
		cmocka_unit_test(a_window_cut_by_a_length_cannot_reach_outer_bytes),
		cmocka_unit_test(trailing_bytes_are_bad_not_short),
		cmocka_unit_test(a_failed_copy_fills_with_zeros),
		cmocka_unit_test(a_full_arena_gives_null_and_says_so),
		cmocka_unit_test(an_arena_goes_back_to_a_mark),
		cmocka_unit_test(arena_memory_is_aligned),
		cmocka_unit_test(a_pool_hands_out_each_slot_once),
		cmocka_unit_test(a_map_finds_what_was_put_through_any_order_of_removals),
		cmocka_unit_test(a_large_map_finds_all_when_it_takes_all_its_memory),
		cmocka_unit_test(a_full_map_refuses),
		cmocka_unit_test(hashes_depend_on_every_byte_and_on_the_key),
		cmocka_unit_test(products_are_whole),
		cmocka_unit_test(a_list_is_read_word_by_word),
		cmocka_unit_test(utf8_is_told_from_other_bytes),
		cmocka_unit_test(text_that_does_not_fit_is_cut_and_marked),
		cmocka_unit_test(near_words_are_near),
		cmocka_unit_test(errors_are_collected_in_order),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
