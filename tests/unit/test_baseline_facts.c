/* Facts: the table, ranges, siblings, what goes to the store, and their text form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "detect/baseline/facts.h"
#include "detect/baseline/life.h"
#include "record/operation.h"

static struct counters counters;

static struct addr
host(uint8_t last)
{
	const uint8_t four[4] = { 10, 0, 0, last };

	return addr_v4(four);
}

static struct fact_key
peer(uint8_t client, uint8_t server)
{
	return (struct fact_key){ .kind = FACT_KIND_PEER, .proto = OP_MODBUS, .client = host(client), .server = host(server) };
}

static struct fact_key
range(uint32_t first, uint32_t last)
{
	struct fact_key k = peer(1, 2);

	k.kind = FACT_KIND_RANGE;
	k.space = SPACE_HOLDING;
	k.first = first;
	k.last = last;
	return k;
}

static struct facts *
open_facts(uint64_t n)
{
	struct facts *fs = facts_open(n, 7, &counters);

	assert_non_null(fs);
	memset(&counters, 0, sizeof(counters));
	return fs;
}

static unsigned
siblings(struct facts *fs, const struct fact_key *k)
{
	unsigned n = 0;

	for (const struct fact *f = facts_sibling(fs, k, NULL); f != NULL; f = facts_sibling(fs, k, f))
		n++;
	return n;
}

static void
a_fact_is_found_by_its_key_and_its_siblings_by_what_they_share(void **unused)
{
	struct facts *fs = open_facts(64);
	struct fact_key a = peer(1, 9), b = peer(2, 9), other = peer(1, 8);

	(void)unused;
	assert_null(facts_find(fs, &a));
	assert_non_null(facts_add(fs, &a, FACT_LEARNED, 5));
	assert_non_null(facts_add(fs, &b, FACT_OPEN, 6));
	assert_non_null(facts_add(fs, &other, FACT_LEARNED, 6));
	assert_memory_equal(&facts_find(fs, &b)->key, &b, sizeof(b));
	assert_int_equal(siblings(fs, &a), 2);
	assert_int_equal(siblings(fs, &other), 1);
	/* Of two siblings whichever goes, the other stays. */
	facts_remove(fs, facts_find(fs, &b));
	assert_int_equal(siblings(fs, &b), 1);
	facts_remove(fs, facts_find(fs, &a));
	assert_int_equal(siblings(fs, &a), 0);
	assert_int_equal(facts_count(fs), 1);
	facts_close(fs);
}

static void
what_is_known_comes_before_its_siblings_that_deviate(void **unused)
{
	struct facts *fs = open_facts(64);
	struct fact_key k = peer(0, 9);
	unsigned known = 0, n = 0;

	(void)unused;
	for (uint8_t i = 0; i < 20; i++) {
		k = peer(i, 9);
		assert_non_null(facts_add(fs, &k, i % 3 == 0 ? FACT_LEARNED : FACT_OPEN, i));
	}
	k = peer(1, 9);
	facts_set_state(fs, facts_find(fs, &k), FACT_ACCEPTED);
	k = peer(3, 9);
	facts_set_state(fs, facts_find(fs, &k), FACT_REJECTED);
	k = peer(18, 9);
	facts_remove(fs, facts_find(fs, &k));
	k = peer(19, 9);
	facts_remove(fs, facts_find(fs, &k));
	for (const struct fact *f = facts_sibling(fs, &k, NULL); f != NULL; f = facts_sibling(fs, &k, f), n++)
		if (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED) {
			assert_int_equal(known, n);
			known++;
		}
	assert_int_equal(known, 6);
	assert_int_equal(n, 18);
	facts_close(fs);
}

static void
ranges_that_touch_are_one(void **unused)
{
	struct facts *fs = open_facts(64);
	struct fact_key low = range(0, 9), high = range(20, 29), gap = range(10, 19), in = range(5, 24), far = range(40, 41);

	(void)unused;
	facts_seen(fs, facts_add(fs, &low, FACT_LEARNED, 1), 3, 4);
	facts_seen(fs, facts_add(fs, &high, FACT_LEARNED, 2), 4, 9);
	assert_null(facts_find(fs, &in));
	/* What deviated is not part of what was learned. */
	assert_non_null(facts_add(fs, &gap, FACT_OPEN, 3));
	assert_int_equal(siblings(fs, &in), 3);
	facts_set_state(fs, facts_find(fs, &gap), FACT_LEARNED);
	assert_int_equal(siblings(fs, &in), 1);
	assert_non_null(facts_find(fs, &in));
	assert_int_equal(facts_find(fs, &in)->key.first, 0);
	assert_int_equal(facts_find(fs, &in)->key.last, 29);
	assert_int_equal(facts_find(fs, &in)->count, 7);
	assert_int_equal(facts_find(fs, &in)->first_ns, 1);
	assert_int_equal(facts_find(fs, &in)->last_ns, 9);
	assert_null(facts_find(fs, &far));
	facts_close(fs);
}

static void
very_many_ranges_become_few(void **unused)
{
	struct facts *fs = open_facts(256);
	struct fact_key k;

	(void)unused;
	for (uint32_t i = 0; i < 2 * FACT_RANGES; i++) {
		k = range(10 * i, 10 * i);
		assert_non_null(facts_add(fs, &k, FACT_LEARNED, i));
		assert_non_null(facts_find(fs, &k));
	}
	assert_int_equal(siblings(fs, &k), FACT_RANGES);
	assert_true(counters.v[CNT_BASELINE_RANGES] > 0);
	facts_close(fs);
}

static void
a_full_table_forgets_what_is_worth_least(void **unused)
{
	struct facts *fs = open_facts(8);
	struct fact_key k, kept = peer(100, 1);

	(void)unused;
	assert_non_null(facts_add(fs, &kept, FACT_ACCEPTED, 0));
	for (uint8_t i = 0; i < 50; i++) {
		k = peer(i, 9);
		assert_non_null(facts_add(fs, &k, FACT_LEARNED, i));
	}
	assert_non_null(facts_find(fs, &kept));
	assert_int_equal(facts_count(fs), 8);
	assert_int_equal(counters.v[CNT_BASELINE_EVICTED], 43);
	facts_close(fs);
}

/* Else a scan could make the sensor forget the plant. */
static void
what_deviates_displaces_only_its_like(void **unused)
{
	struct facts *fs = open_facts(8);
	struct fact_key k;

	(void)unused;
	for (uint8_t i = 0; i < 7; i++) {
		k = peer(i, 1);
		assert_non_null(facts_add(fs, &k, FACT_LEARNED, 0));
	}
	for (uint8_t i = 0; i < 50; i++) {
		struct fact *f;

		k = peer(i, 9);
		f = facts_add(fs, &k, FACT_OPEN, i);
		assert_non_null(f);
		assert_int_equal(f->state, FACT_OPEN);
	}
	assert_int_equal(facts_count(fs), 8);
	for (uint8_t i = 0; i < 7; i++) {
		k = peer(i, 1);
		assert_non_null(facts_find(fs, &k));
	}
	facts_close(fs);
}

static void
a_table_full_of_what_is_known_takes_no_more_and_says_so(void **unused)
{
	struct facts *fs = open_facts(8);
	struct fact_key k;
	struct fact *f;

	(void)unused;
	facts_keep(fs, true);
	for (uint8_t i = 0; i < 8; i++) {
		k = peer(i, 1);
		facts_seen(fs, facts_add(fs, &k, FACT_LEARNED, 0), 5, 1);
	}
	while (facts_changed(fs) != NULL)
		facts_saved(fs);
	k = peer(50, 1);
	assert_null(facts_add(fs, &k, FACT_LEARNED, 2));
	assert_int_equal(counters.v[CNT_BASELINE_REFUSED], 1);
	/* What deviates is told all the same, though it is remembered nowhere. */
	f = facts_add(fs, &k, FACT_OPEN, 2);
	assert_non_null(f);
	assert_memory_equal(&f->key, &k, sizeof(k));
	facts_seen(fs, f, 1, 2);
	facts_touch(fs, f);
	assert_null(facts_changed(fs));
	assert_null(facts_find(fs, &k));
	assert_non_null(facts_set_state(fs, f, FACT_OPEN));
	assert_null(facts_set_state(fs, f, FACT_LEARNED));
	k = range(5, 5);
	assert_non_null(facts_add(fs, &k, FACT_OPEN, 3));
	assert_int_equal(counters.v[CNT_BASELINE_EVICTED], 0);
	assert_int_equal(facts_count(fs), 8);
	facts_close(fs);
}

/* Whatever the order, and more of them than there is space for. */
static void
what_comes_out_of_the_store_is_as_it_was_added(void **unused)
{
	struct facts *added = open_facts(80), *restored = open_facts(80);
	struct fact_key k;

	(void)unused;
	for (unsigned i = 0; i < 100; i++) {
		struct fact kept = { .key = peer((uint8_t)(i * 37 % 97), (uint8_t)(i % 5)), .count = i + 2, .first_ns = i, .last_ns = i,
		    .state = i % 7 == 3 ? FACT_OPEN : i % 11 == 4 ? FACT_ACCEPTED : FACT_LEARNED };
		struct fact *f = facts_add(added, &kept.key, (enum fact_state)kept.state, i);

		if (f != NULL)
			f->count = kept.count;
		facts_restore(restored, &kept);
	}
	facts_restored(restored);
	facts_restored(restored);
	assert_int_equal(facts_count(restored), facts_count(added));
	for (uint8_t server = 0; server < 5; server++) {
		struct fact *a = NULL, *r = NULL;

		k = peer(1, server);
		do {
			a = facts_sibling(added, &k, a);
			r = facts_sibling(restored, &k, r);
			assert_int_equal(a == NULL, r == NULL);
			if (a == NULL)
				break;
			assert_memory_equal(&a->key, &r->key, sizeof(k));
			assert_int_equal(a->count, r->count);
			assert_ptr_equal(facts_find(restored, &r->key), r);
		} while (true);
	}
	assert_null(facts_changed(restored));
	facts_close(added);
	facts_close(restored);
}

/* Who noted what is known is not sent to look again by whatever deviates; and finds that without walking through the rest. */
static void
what_deviates_comes_and_goes_beside_what_is_known(void **unused)
{
	struct facts *fs = open_facts(64);
	struct fact_key k;
	struct fact *f = NULL;
	uint64_t epoch;

	(void)unused;
	k = peer(9, 1);
	assert_null(facts_unknown_sibling(fs, &k, NULL));
	for (uint8_t i = 0; i < 40; i++) {
		k = peer(i, 1);
		assert_non_null(facts_add(fs, &k, i % 4 == 1 ? FACT_OPEN : FACT_LEARNED, i));
	}
	for (uint8_t i = 37;; i = (uint8_t)(i - 4)) {
		f = facts_unknown_sibling(fs, &k, f);
		assert_non_null(f);
		assert_int_equal(f->first_ns, i);
		if (i == 1)
			break;
	}
	assert_null(facts_unknown_sibling(fs, &k, f));
	epoch = facts_known_epoch(fs);
	assert_non_null(facts_set_state(fs, f, FACT_REJECTED));
	k = peer(5, 1);
	facts_remove(fs, facts_find(fs, &k));
	assert_int_equal(facts_known_epoch(fs), epoch);
	k = peer(4, 1);
	assert_non_null(facts_set_state(fs, facts_find(fs, &k), FACT_EXPIRED));
	assert_int_not_equal(facts_known_epoch(fs), epoch);
	epoch = facts_known_epoch(fs);
	k = peer(8, 1);
	facts_remove(fs, facts_find(fs, &k));
	assert_int_not_equal(facts_known_epoch(fs), epoch);
	facts_close(fs);
}

static void
the_store_gets_each_change_once_and_what_went(void **unused)
{
	struct facts *fs = open_facts(16);
	struct fact_key a = peer(1, 2), b = peer(3, 2);
	struct fact kept = { .key = b, .state = FACT_LEARNED, .count = 5, .first_ns = 1, .last_ns = 2 };

	(void)unused;
	facts_restore(fs, &kept);
	facts_restored(fs);
	facts_keep(fs, true);
	assert_null(facts_changed(fs));
	assert_int_equal(facts_find(fs, &b)->count, 5);
	(void)facts_add(fs, &a, FACT_LEARNED, 1);
	facts_touch(fs, facts_find(fs, &a));
	assert_memory_equal(&facts_changed(fs)->key, &a, sizeof(a));
	facts_saved(fs);
	assert_null(facts_changed(fs));
	/* That it was seen again is worth a write after a while. */
	facts_seen(fs, facts_find(fs, &a), 1, 2);
	assert_null(facts_changed(fs));
	facts_flush(fs);
	assert_non_null(facts_changed(fs));
	facts_saved(fs);
	facts_remove(fs, facts_find(fs, &a));
	assert_int_equal(facts_changed(fs)->state, FACT_NONE);
	assert_memory_equal(&facts_changed(fs)->key, &a, sizeof(a));
	facts_saved(fs);
	assert_null(facts_changed(fs));
	facts_close(fs);
}

static void
a_kept_range_that_grows_takes_its_old_row_along(void **unused)
{
	struct facts *fs = open_facts(16);
	struct fact_key a = range(0, 9), b = range(10, 19);

	(void)unused;
	facts_keep(fs, true);
	(void)facts_add(fs, &a, FACT_LEARNED, 1);
	facts_saved(fs);
	(void)facts_add(fs, &b, FACT_LEARNED, 2);
	assert_int_equal(facts_changed(fs)->state, FACT_NONE);
	assert_int_equal(facts_changed(fs)->key.last, 9);
	facts_saved(fs);
	assert_int_equal(facts_changed(fs)->key.last, 19);
	facts_close(fs);
}

/* ---- text ------------------------------------------------------------------------ */

static void
each_kind_is_printed_and_read_back(void **unused)
{
	(void)unused;
	for (unsigned kind = 0; kind < FACT_KIND_COUNT; kind++) {
		struct fact f = { .key = { .kind = (uint8_t)kind, .proto = OP_DNP3, .space = SPACE_OBJECT, .written = 1, .port = 502,
		    .mac = { 1, 2, 3, 4, 5, 0xaf }, .client = host(1), .server = host(2), .unit = 3, .number = 4, .function = 5,
		    .subfunction = 6, .code = 7, .first = 8, .last = 9, .text = "V 3.2%" }, .state = FACT_OPEN, .first_ns = 11,
		    .last_ns = 12, .count = 13, .n = { [1] = { .d = -1.5 } } }, back;
		char line[FACT_LINE_MAX];
		const char *why;
		size_t at, n = fact_print(&f, line, sizeof(line));
		char again[FACT_LINE_MAX];

		assert_true(fact_parse(line, n, &back, &why, &at));
		assert_int_equal(fact_print(&back, again, sizeof(again)), n);
		assert_string_equal(line, again);
		assert_true(strncmp(line, fact_row(kind)->text, strlen(fact_row(kind)->text)) == 0);
		assert_int_equal(fact_kind_by_text(fact_row(kind)->text), kind);
		/* What a family has in common is less than a key, but of it. */
		assert_true((fact_row(kind)->varies & ~(fact_row(kind)->fields | FACT_FIRST)) == 0);
	}
}

#define VOLUME "volume server=1.1.1.1 client=2.2.2.2 proto=dnp3 code=0 "

/* As 0.4.0 exported them: bits in hexadecimal. */
static void
numbers_are_decimal_and_were_bits(void **unused)
{
	static const struct { const char *was, *is; double of[FACT_NUMBERS]; } lines[] = {
		{ "n=4008000000000000,0,1", "numbers=3,0,5e-324", { 3, 0, 5e-324 } },
		{ "n=3fb999999999999a,c0934a0000000000", "numbers=0.1,-1234.5", { 0.1, -1234.5 } },
		{ "n=41cdcdb61a000000,8000000000000000", "numbers=1000041524,-0", { 1000041524, -0.0 } },
		{ "n=7fefffffffffffff", "numbers=1.7976931348623157e+308", { 1.7976931348623157e308 } },
	};
	char line[FACT_LINE_MAX], again[FACT_LINE_MAX];
	struct fact f, g;
	const char *why;
	size_t at;

	(void)unused;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int n = snprintf(line, sizeof(line), VOLUME "%s", lines[i].was);

		assert_true(fact_parse(line, (size_t)n, &f, &why, &at));
		assert_memory_equal(f.n, lines[i].of, sizeof(f.n));
		n = (int)fact_print(&f, again, sizeof(again));
		assert_string_equal(strstr(again, "numbers="), lines[i].is);
		assert_true(fact_parse(again, (size_t)n, &g, &why, &at));
		assert_memory_equal(&f, &g, sizeof(f));
	}
	/* Whole numbers of kinds that have such. */
	f = (struct fact){ .key = { .kind = FACT_KIND_PEER, .proto = OP_DNP3 }, .state = FACT_LEARNED, .n = { { .u = UINT64_MAX }, { .u = 7 } } };
	at = fact_print(&f, line, sizeof(line));
	assert_string_equal(strstr(line, "numbers="), "numbers=18446744073709551615,7");
	assert_true(fact_parse(line, at, &g, &why, &at));
	assert_memory_equal(&f, &g, sizeof(f));
}

static void
what_is_no_fact_is_refused_with_its_place(void **unused)
{
	static const struct { const char *line, *why; size_t at; } wrong[] = {
		{ "", "no kind of fact", 0 },
		{ "friend server=10.0.0.1", "no kind of fact", 0 },
		{ "device", "a field of this kind of fact is missing", 6 },
		{ "device server=10.0.0", "a value that this field cannot have", 7 },
		{ "device server=10.0.0.1 server=10.0.0.1", "a field that was there before", 23 },
		{ "device server=10.0.0.1 unit=1", "a field that this kind of fact has not", 23 },
		{ "device server=10.0.0.1 state=fine", "a value that this field cannot have", 23 },
		{ "device server=10.0.0.1 fine", "a word without =", 23 },
		{ VOLUME "numbers=1,x", "a value that this field cannot have", 55 },
		{ VOLUME "numbers=nan", "a value that this field cannot have", 55 },
		{ VOLUME "numbers=1,2,3,4,5,6,7", "a value that this field cannot have", 55 },
		{ VOLUME "n=4008000000000000,-1", "a value that this field cannot have", 55 },
		{ "ttl server=10.0.0.1 mac=1:2:3:4:5:6 ttl=64", "a value that this field cannot have", 20 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct fact f;
		const char *why;
		size_t at;

		assert_false(fact_parse(wrong[i].line, strlen(wrong[i].line), &f, &why, &at));
		assert_string_equal(why, wrong[i].why);
		assert_int_equal(at, wrong[i].at);
	}
}

/* ---- life --------------------------------------------------------------------------- */

#define HOUR 3600000000000ull

static void
a_kind_goes_on_by_itself_when_little_is_new(void **unused)
{
	const struct baseline_settings s = { .learn_s = 2 * 3600, .review_s = 3600, .settled = 1 };
	struct lives *ls = lives_open(4, 7, &counters);
	const struct addr who = host(1);
	struct life *l = lives_get(ls, &who, FACT_KIND_PEER, HOUR);
	struct keep_life row;
	struct life back;

	(void)unused;
	assert_int_equal(l->stage, LIFE_LEARN);
	life_advance(l, &s, 2 * HOUR);
	assert_int_equal(l->stage, LIFE_LEARN);
	/* Five new ones in the last hour: an hour more. */
	for (unsigned i = 0; i < 5; i++)
		life_fresh(l, 3 * HOUR - 1);
	life_advance(l, &s, 3 * HOUR);
	assert_int_equal(l->stage, LIFE_LEARN);
	assert_int_equal(l->extended, 1);
	assert_int_equal(l->why, 5);
	assert_int_equal(life_forecast(l, &s, 3 * HOUR), 5 * HOUR);
	life_advance(l, &s, 4 * HOUR + HOUR / 2);
	assert_int_equal(l->stage, LIFE_REVIEW);
	life_advance(l, &s, 5 * HOUR - 1);
	assert_int_equal(l->stage, LIFE_REVIEW);
	/* As it was forecast. */
	life_advance(l, &s, 5 * HOUR);
	assert_int_equal(l->stage, LIFE_DETECT);
	assert_int_equal(life_forecast(l, &s, 6 * HOUR), 0);
	life_row(l, &row, 6 * HOUR);
	assert_true(life_from(&row, &back));
	assert_int_equal(back.stage, LIFE_DETECT);
	assert_int_equal(back.why, 5);
	assert_int_equal(back.kind, FACT_KIND_PEER);
	lives_close(ls);
}

/* Nobody asks while nothing is new.  What comes after weeks must not find it still learning. */
static void
what_was_due_is_done_as_of_then(void **unused)
{
	const struct baseline_settings s = { .learn_s = 2 * 3600, .review_s = 3600, .settled = 1 };
	struct lives *ls = lives_open(4, 7, &counters);
	const struct addr who = host(1), other = host(2);
	struct life *l = lives_get(ls, &who, FACT_KIND_PEER, HOUR), *busy = lives_get(ls, &other, FACT_KIND_PEER, HOUR);

	(void)unused;
	life_advance(l, &s, 500 * HOUR);
	assert_int_equal(l->stage, LIFE_DETECT);
	assert_int_equal(l->since_ns, 4 * HOUR);
	assert_int_equal(l->extended, 0);
	/* One that was busy when it was due learned for some hours more. */
	for (unsigned i = 0; i < 5; i++)
		life_fresh(busy, 3 * HOUR - 1);
	life_advance(busy, &s, 500 * HOUR);
	assert_int_equal(busy->stage, LIFE_DETECT);
	assert_int_equal(busy->since_ns, 5 * HOUR);
	assert_int_equal(busy->extended, 1);
	lives_close(ls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fact_is_found_by_its_key_and_its_siblings_by_what_they_share),
		cmocka_unit_test(what_is_known_comes_before_its_siblings_that_deviate),
		cmocka_unit_test(ranges_that_touch_are_one),
		cmocka_unit_test(very_many_ranges_become_few),
		cmocka_unit_test(a_full_table_forgets_what_is_worth_least),
		cmocka_unit_test(what_deviates_displaces_only_its_like),
		cmocka_unit_test(a_table_full_of_what_is_known_takes_no_more_and_says_so),
		cmocka_unit_test(what_comes_out_of_the_store_is_as_it_was_added),
		cmocka_unit_test(what_deviates_comes_and_goes_beside_what_is_known),
		cmocka_unit_test(the_store_gets_each_change_once_and_what_went),
		cmocka_unit_test(a_kept_range_that_grows_takes_its_old_row_along),
		cmocka_unit_test(each_kind_is_printed_and_read_back),
		cmocka_unit_test(numbers_are_decimal_and_were_bits),
		cmocka_unit_test(what_is_no_fact_is_refused_with_its_place),
		cmocka_unit_test(a_kind_goes_on_by_itself_when_little_is_new),
		cmocka_unit_test(what_was_due_is_done_as_of_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
