/* test_pack.c - rows in one piece: they come back as they went, what is damaged or foreign is refused, and the columns hold
 * where the BLOB does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/fact.h"
#include "store/db.h"
#include "store/list.h"
#include "store/pack.h"
#include "store/schema.h"
#include "store/store.h"

static uint64_t seed = 12345;

static uint64_t
any(void)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return seed >> 11;
}

static struct fact
some_fact(void)
{
	struct fact f = { .key = { .kind = (uint8_t)(any() % FACT_KIND_COUNT), .proto = OP_MODBUS, .space = SPACE_HOLDING },
	    .state = FACT_LEARNED };
	uint8_t *p = (uint8_t *)&f;

	/* Some bytes of some words. */
	for (unsigned i = 4; i < offsetof(struct fact, state); i++)
		if (any() % 3 == 0 && i != offsetof(struct fact, key.text) + FACT_TEXT - 1)
			p[i] = (uint8_t)any();
	f.first_ns = any() % 2 != 0 ? any() : 0;
	f.count = any() % 7;
	for (unsigned i = 0; i < FACT_NUMBERS; i++) {
		if (fact_row(f.key.kind)->reals)
			f.n[i].d = (double)(any() % 100000) / (any() % 2 != 0 ? 1 : 7);
		else
			f.n[i].u = any() % 2 != 0 ? UINT64_MAX - any() : any() % 300;
	}
	return f;
}

static void
a_row_comes_back_as_it_went(void **state)
{
	const struct pack_form form = pack_form(KEEP_FACT);
	uint8_t bytes[PACK_MAX + 8];
	struct fact none = { .key = { .kind = 0 } }, all;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct fact f = some_fact(), g;
		size_t n = pack(&form, &f, bytes);

		assert_in_range(n, 12, PACK_MAX);
		memset(&g, 0xee, sizeof(g));
		assert_true(unpack(&form, bytes, n, &g));
		assert_memory_equal(&f, &g, sizeof(f));
	}
	assert_int_equal(pack(&form, &none, bytes), 12);
	assert_true(unpack(&form, bytes, 12, &all));
	assert_memory_equal(&all, &none, sizeof(none));
	assert_null(pack_form(KEEP_ALERT).t);
	assert_false(unpack(&(struct pack_form){ 0 }, bytes, 12, &all));
}

/* As in the columns. */
static void
what_is_no_number_becomes_zero(void **state)
{
	const struct pack_form form = pack_form(KEEP_FACT);
	uint8_t bytes[PACK_MAX];
	struct fact f = { .key = { .kind = FACT_KIND_VALUE }, .state = FACT_LEARNED }, g;

	(void)state;
	f.n[2].d = NAN;
	f.n[3].d = -INFINITY;
	assert_true(unpack(&form, bytes, pack(&form, &f, bytes), &g));
	assert_int_equal(g.n[2].u, 0);
	assert_true(isinf(g.n[3].d));
	/* The same bits of a fact of whole numbers stay. */
	f.key.kind = FACT_KIND_PEER;
	assert_true(unpack(&form, bytes, pack(&form, &f, bytes), &g));
	assert_int_equal(g.n[2].u, f.n[2].u);
}

static void
damage_is_refused(void **state)
{
	const struct pack_form form = pack_form(KEEP_FACT), other = pack_form(KEEP_LIFE);
	uint8_t bytes[PACK_MAX + 8] = { 0 };
	struct fact f = some_fact(), g;
	size_t n = pack(&form, &f, bytes);
	uint32_t check;

	(void)state;
	assert_int_not_equal(form.form, other.form);
	assert_false(unpack(&other, bytes, n, &g));
	for (size_t i = 0; i < n * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(unpack(&form, bytes, n, &g));
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < n; i++)
		assert_false(unpack(&form, bytes, i, &g));
	assert_false(unpack(&form, bytes, n + 1, &g));
	/* Of a right check, but no row: a kind that there is not, and a text without end. */
#define REFUSED(what, value) \
	f = some_fact(); \
	(what) = value; \
	n = pack(&form, &f, bytes); \
	assert_false(unpack(&form, bytes, n, &g))
	REFUSED(f.key.kind, FACT_KIND_COUNT);
	REFUSED(f.key.proto, 0xff);
	REFUSED(f.state, FACT_STATES);
	REFUSED(f.key.text[FACT_TEXT - 1], 'x');
	/* A byte more than the words have. */
	f = some_fact();
	n = pack(&form, &f, bytes) + 1;
	check = pack_check(&form, bytes, n);
	memcpy(bytes + 4, &check, 4);
	assert_false(unpack(&form, bytes, n, &g));
}

/* ---- in a database ------------------------------------------------------------------ */

static char folder[] = "/tmp/test_pack.XXXXXX";
#include "folder_kit.h"
static struct counters counters;

struct loaded {
	struct fact	rows[600];
	unsigned	n;
};

static void
note(void *to, const void *row)
{
	struct loaded *l = to;

	assert_true(l->n < 600);
	memcpy(&l->rows[l->n++], row, sizeof(struct fact));
}

static struct store *
open_store(const char *path)
{
	static struct store_settings s;
	static struct baseline_settings b = { .name = "default" };
	const struct store_want w = { .store = &s, .baseline = &b, .counters = &counters };
	struct err e = { 0 };
	struct store *db;

	s = (struct store_settings){ .file = path, .queue_kib = 1024 };
	db = store_open(&w, &e);
	assert_non_null(db);
	return db;
}

static void
load(struct store *s, struct loaded *l)
{
	struct err e = { 0 };

	l->n = 0;
	assert_int_equal(keep_load(store_keep(s), KEEP_FACT, note, l, &e), 0);
}

/* As somebody with sqlite3 does. */
static void
by_hand(const char *path, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	(void)sqlite3_close(db);
}

static int
ask(const char *path, const char *sql)
{
	sqlite3_stmt *s;
	sqlite3 *db;
	int n;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 2000);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int(s, 0);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return n;
}

static const char *
made(const char *name, unsigned n)
{
	static char path[128];
	struct err e = { 0 };
	struct store *s;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	s = open_store(path);
	assert_true(store_start(s, &e));
	for (unsigned i = 0; i < n; i++) {
		struct fact f = { .key = { .kind = FACT_KIND_PEER, .proto = OP_DNP3, .unit = i }, .state = FACT_LEARNED, .count = i + 1 };

		assert_true(keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f)));
	}
	assert_int_equal(store_close(s), 0);
	return path;
}

static void
a_start_reads_what_is_packed(void **state)
{
	const char *path = made("packed.db", 20);
	struct loaded l;
	struct store *s;

	(void)state;
	/* Behind the back of the trigger: what is in the columns is not looked at. */
	by_hand(path, "DROP TRIGGER facts_by_hand; UPDATE facts SET count=99");
	s = open_store(path);
	load(s, &l);
	assert_int_equal(l.n, 20);
	assert_int_equal(l.rows[7].count, 8);
	assert_int_equal(store_close(s), 0);
}

static void
what_a_hand_changed_is_read(void **state)
{
	const char *path = made("hand.db", 20);
	struct loaded l;
	struct store *s;

	(void)state;
	by_hand(path, "UPDATE facts SET state='accepted' WHERE unit=7; UPDATE facts SET client='10.1.2.3' WHERE unit=9");
	assert_int_equal(ask(path, "SELECT count(*) FROM facts WHERE packed IS NULL"), 2);
	by_hand(path, "INSERT INTO facts SELECT * FROM facts WHERE unit=8 ON CONFLICT DO UPDATE SET state='rejected'");
	by_hand(path, "UPDATE facts SET packed=x'0102030405060708090a0b0c' WHERE unit=3");
	s = open_store(path);
	load(s, &l);
	assert_int_equal(l.n, 20);
	/* In the order of their keys: the one with a client is the last. */
	assert_int_equal(l.rows[3].count, 4);
	assert_int_equal(l.rows[7].state, FACT_ACCEPTED);
	assert_int_equal(l.rows[8].state, FACT_REJECTED);
	assert_int_equal(l.rows[19].key.unit, 9);
	assert_memory_equal(l.rows[19].key.client.b + 12, ((uint8_t[]){ 10, 1, 2, 3 }), 4);
	assert_int_equal(store_close(s), 0);
}

/* A baseline of an older version is read from its columns once, and packed while there is nothing else to do. */
static void
rows_are_packed_in_passing(void **state)
{
	const char *path = made("older.db", 500);
	static struct loaded l, again;
	struct err e = { 0 };
	struct store *s;

	(void)state;
	by_hand(path, "UPDATE facts SET packed=NULL WHERE unit%10<>1");
	assert_int_equal(ask(path, "SELECT count(*) FROM facts WHERE packed IS NULL"), 450);
	s = open_store(path);
	load(s, &l);
	assert_int_equal(l.n, 500);
	assert_true(store_start(s, &e));
	for (unsigned i = 0; i < 200 && ask(path, "SELECT count(*) FROM facts WHERE packed IS NULL") > 0; i++)
		(void)usleep(50000);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(ask(path, "SELECT count(*) FROM facts WHERE packed IS NULL"), 0);
	by_hand(path, "DROP TRIGGER facts_by_hand; UPDATE facts SET count=0");
	s = open_store(path);
	load(s, &again);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(again.n, 500);
	assert_memory_equal(l.rows, again.rows, sizeof(l.rows[0]) * 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_comes_back_as_it_went),
		cmocka_unit_test(what_is_no_number_becomes_zero),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(a_start_reads_what_is_packed),
		cmocka_unit_test(what_a_hand_changed_is_read),
		cmocka_unit_test(rows_are_packed_in_passing),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
