/* test_store.c - rows come back as they went, older databases become present ones, strange ones
 * are refused, old rows go. */
#include "store_kit.h"

/* ---- rows --------------------------------------------------------------------------- */

static struct fact
a_fact(uint32_t function)
{
	struct fact f = { .key = { .kind = FACT_KIND_PEER, .proto = OP_MODBUS, .space = SPACE_COIL, .written = 1, .port = 502,
	    .mac = { 1, 2, 3, 4, 5, 0xff }, .client = v4(1), .server = v4(2), .unit = 255, .number = UINT32_MAX,
	    .function = function, .subfunction = 7, .code = 3, .first = 10, .last = UINT32_MAX, .text = "block \"DB1\"'" },
	    .state = FACT_ACCEPTED, .first_ns = UINT64_C(1700000000123456789), .last_ns = UINT64_C(1800000000123456789),
	    .count = UINT64_MAX };

	/* Whole numbers: those of structure are no reals. */
	for (unsigned i = 0; i < FACT_NUMBERS; i++)
		f.n[i].u = UINT64_MAX - i;
	return f;
}

static void
rows_come_back_as_they_went(void **state)
{
	const char *path = file("rows.db");
	struct store *s = start(path);
	const struct keep *k = store_keep(s);
	static const uint8_t six[16] = { 0xfe, 0x80, [15] = 1 };
	struct keep_of of = { .addr = addr_v6(six), .vlan = 7, .has_unit = true, .proto = OP_DNP3, .unit = 65519 };
	struct fact f = a_fact(6);
	struct keep_life life = { .of = of, .fact = "peer", .stage = "review", .why = "still new ones", .extended = 2, .since_ns = 1,
	    .until_ns = 2, .facts = 3, .fresh = 4, .seen = UINT64_MAX };
	struct keep_asset asset = { .of = of, .first_ns = 1, .last_ns = 2, .control_ns = 3, .mac = { 0, 1, 2, 3, 4, 5 }, .proven = true,
	    .role = "controller", .confidence = 80, .level = 35, .has_level = true, .zone = "cell 1", .name = "Pumpe \xc3\xbc",
	    .protocols = 1u << OP_MODBUS };
	struct keep_attribute value = { .of = of, .key = "firmware", .source = "modbus", .confidence = 90, .len = 4,
	    .value = { 'V', 0xff, 0, '2' }, .first_ns = 5, .last_ns = 6, .count = 7 };
	struct keep_incident incident = { .uid = "0123", .id = 1, .severity = 2, .title = "10.0.0.9 looked around", .stages = "Discovery",
	    .techniques = "T0846", .advice = "Who is it?", .attacker = v4(9), .first_ns = 1, .last_ns = 2, .alerts = 3, .closed = true };
	struct keep_alert alert = an_alert("ab", 20000);
	struct loaded l;

	(void)state;
	assert_true(keep_put(k, KEEP_FACT, &f, sizeof(f)) && keep_put(k, KEEP_LIFE, &life, sizeof(life)));
	assert_true(keep_put(k, KEEP_ASSET, &asset, sizeof(asset)) && keep_put(k, KEEP_ATTRIBUTE, &value, sizeof(value)));
	assert_true(keep_put(k, KEEP_INCIDENT, &incident, sizeof(incident)) && keep_put(k, KEEP_ALERT, &alert, sizeof(alert)));
	assert_int_equal(store_close(s), 0);
#define SAME(kind, row) \
	assert_int_equal(load(path, kind, sizeof(row), &l), 1); \
	assert_same(kind, l.rows[0], &row)
	SAME(KEEP_FACT, f);
	SAME(KEEP_LIFE, life);
	SAME(KEEP_ASSET, asset);
	SAME(KEEP_ATTRIBUTE, value);
	SAME(KEEP_INCIDENT, incident);
	SAME(KEEP_ALERT, alert);
}

static void
a_later_row_of_the_same_key_replaces_the_earlier(void **state)
{
	const char *path = file("upsert.db");
	struct store *s = start(path);
	struct keep_alert a = an_alert("ab", 20000), b = an_alert("ab", 20001), got;
	struct fact f = a_fact(6), g = a_fact(16);
	struct loaded l;

	(void)state;
	b.id = 77;
	b.count = 12;
	b.kind = ALERT_UPDATE;
	b.proto = OP_UNKNOWN;
	b.has_unit = false;
	b.first_frame = b.last_frame = 99;
	(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	(void)keep_put(store_keep(s), KEEP_ALERT, &b, sizeof(b));
	(void)keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f));
	f.count = 8;
	(void)keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f));
	(void)keep_put(store_keep(s), KEEP_FACT, &g, sizeof(g));
	(void)keep_drop(store_keep(s), KEEP_FACT, &g, sizeof(g));
	assert_int_equal(store_close(s), 0);
	assert_int_equal(load(path, KEEP_ALERT, sizeof(a), &l), 1);
	memcpy(&got, l.rows[0], sizeof(got));
	assert_int_equal(got.count, 12);
	assert_int_equal(got.last_frame, 99);
	/* What only its first record knows stays. */
	assert_int_equal(got.id, 5);
	assert_int_equal(got.first_frame, 9);
	assert_int_equal(got.first_ns, 20000 * DAY);
	assert_int_equal(got.proto, OP_S7);
	assert_true(got.has_unit);
	assert_int_equal(load(path, KEEP_FACT, sizeof(f), &l), 1);
	assert_same(KEEP_FACT, l.rows[0], &f);
}

static void
the_baseline_may_have_a_database_of_its_own(void **state)
{
	const char *all = file("all.db"), *baseline = file("baseline.db");
	struct err e = { 0 };
	struct store *s = open_store(all, baseline, false, &e);
	struct keep_alert a = an_alert("ab", 20000);
	struct fact f = a_fact(6);
	struct loaded l;

	(void)state;
	assert_non_null(s);
	assert_true(store_start(s, &e));
	(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	(void)keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f));
	assert_int_equal(store_close(s), 0);
	assert_int_equal(load(all, KEEP_ALERT, sizeof(a), &l), 1);
	assert_int_equal(load(all, KEEP_FACT, sizeof(f), &l), 0);
	assert_int_equal(load(baseline, KEEP_ALERT, sizeof(a), &l), 0);
	assert_int_equal(load(baseline, KEEP_FACT, sizeof(f), &l), 1);
}

/* More rows than the queue has space for: a replay waits and loses none. */
static void
a_replay_waits_for_its_database(void **state)
{
	const char *path = file("many.db");
	struct store *s = start(path);
	struct loaded l;
	unsigned n = 20000;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		struct fact f = a_fact(i);

		assert_true(keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f)));
	}
	assert_int_equal(store_close(s), 0);
	assert_int_equal(load(path, KEEP_FACT, sizeof(struct fact), &l), n);
}

/* Live it is not waited for: put says so, and what is put once has more space. */
static void
a_full_queue_is_said_and_counted(void **state)
{
	struct err e = { 0 };
	struct store *s = open_store(file("full.db"), NULL, true, &e);
	uint64_t facts = 0, alerts = 0;
	struct fact f = a_fact(1);
	struct keep_alert a = an_alert("ab", 20000);

	(void)state;
	assert_non_null(s);	/* its thread is not started: nobody empties it */
	memset(&counters, 0, sizeof(counters));
	while (keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f)))
		facts++;
	while (keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a)))
		alerts++;
	assert_in_range(facts, 2000, 4000);
	assert_in_range(alerts, 200, 400);
	assert_int_equal(counters.v[CNT_STORE_WAITED], 1);
	assert_int_equal(counters.v[CNT_STORE_LOST], 1);
	assert_int_equal(counters.v[CNT_STORE_ROWS], facts + alerts);
	assert_true(store_start(s, &e));
	store_last(s);
	assert_true(keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f)));
	assert_int_equal(store_close(s), -1);	/* an alert was lost */
}

/* ---- versions and strangers ------------------------------------------------------------ */

static char *
read_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 131072);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, 131071, f) > 0);
	(void)fclose(f);
	return text;
}

/* Every table with its columns, in the order of their names. */
static void
print_schema(sqlite3 *db, struct strbuf *to)
{
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_prepare_v2(db, "SELECT m.type||m.name||coalesce(p.name||p.type||p.pk,'') FROM sqlite_master m "
	    "LEFT JOIN pragma_table_info(m.name) p ORDER BY 1", -1, &s, NULL), SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW)
		strbuf_printf(to, "%s\n", (const char *)sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
}

/* A database as a version of the program left it, out of its dump.  false: the source is not there. */
static bool
older(const char *path, const char *dump)
{
	const char *top = getenv("TW_SRCDIR");
	char from[256], *text;
	sqlite3 *db;

	if (top == NULL)
		return false;
	(void)snprintf(from, sizeof(from), "%s/tests/store/%s", top, dump);
	text = read_text(from);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(db_run(db, text), SQLITE_OK);
	(void)sqlite3_close(db);
	free(text);
	return true;
}

/* It is the same as a new one. */
static void
assert_present(const char *path)
{
	char *present = calloc(1, 65536), *migrated = calloc(1, 65536);
	struct strbuf a = strbuf_on(present, 65536), b = strbuf_on(migrated, 65536);
	struct err e = { 0 };
	sqlite3 *db = db_open(path, DB_READ, &e);

	print_schema(db, &b);
	db_close(db);
	db = db_open(file("fresh.db"), DB_CREATE, &e);
	print_schema(db, &a);
	db_close(db);
	assert_true(a.len > 100 && !a.cut);
	assert_string_equal(migrated, present);
	free(present);
	free(migrated);
}

static void
an_older_database_becomes_a_present_one(void **state)
{
	const char *path = file("old.db");
	struct loaded l;
	struct keep_alert alert;

	(void)state;
	if (!older(path, "v1.sql"))
		skip();
	assert_int_equal(load(path, KEEP_FACT, sizeof(struct fact), &l), 0);
	assert_int_equal(load(path, KEEP_LIFE, sizeof(struct keep_life), &l), 1);
	assert_string_equal(((struct keep_life *)l.rows[0])->stage, "review");
	assert_int_equal(load(path, KEEP_ALERT, sizeof(alert), &l), 1);
	memcpy(&alert, l.rows[0], sizeof(alert));
	assert_string_equal(alert.type, "s7.cpu.stop");
	assert_int_equal(load(path, KEEP_ACTION, sizeof(struct keep_action), &l), 1);
	assert_string_equal(((struct keep_action *)l.rows[0])->who, "anna");
	assert_present(path);
}

/* Release 0.4.0, by a program that read and wrote columns only. */
static void
a_database_of_0_4_0_is_read_as_it_was(void **state)
{
	const char *path = file("old2.db");
	struct loaded l = { .size = sizeof(struct fact) }, now;
	struct err e = { 0 };

	(void)state;
	if (!older(path, "v2.sql"))
		skip();
	/* A command that reads changes nothing. */
	assert_int_equal(store_rows(path, KEEP_FACT, "default", note, &l, &e), 0);
	assert_int_equal(l.n, 131);
	assert_int_equal(load(path, KEEP_FACT, sizeof(struct fact), &now), 131);
	for (unsigned i = 0; i < 8; i++)
		assert_same(KEEP_FACT, now.rows[i], l.rows[i]);
	assert_int_equal(load(path, KEEP_LIFE, sizeof(struct keep_life), &l), 43);
	assert_int_equal(load(path, KEEP_ASSET, sizeof(struct keep_asset), &l), 8);
	assert_int_equal(load(path, KEEP_ATTRIBUTE, sizeof(struct keep_attribute), &l), 17);
	assert_int_equal(load(path, KEEP_ALERT, sizeof(struct keep_alert), &l), 5);
	assert_int_equal(load(path, KEEP_ACTION, sizeof(struct keep_action), &l), 4);
	assert_string_equal(((struct keep_action *)l.rows[2])->text, "announced");
	assert_present(path);
}

static void
count_rows(void *to, const void *row)
{
	(void)row;
	++*(unsigned *)to;
}

static bool
count_cells(void *to, const struct store_cell *cells, unsigned n)
{
	(void)cells;
	++*(unsigned *)to;
	return n > 0;
}

/* The form before writes, talks and what was seen were kept: read as it is, what it has not is empty. */
static void
a_database_without_deeds_is_read_and_migrated(void **state)
{
	const char *path = file("old3.db");
	struct loaded l = { .size = sizeof(struct keep_asset) };
	_Alignas(16) char row[STORE_ROW_MAX];
	struct store_query q = { .kind = KEEP_DEED, .newest = true, .row = row };
	struct err e = { 0 };
	unsigned n = 0;

	(void)state;
	if (!older(path, "v3.sql"))
		skip();
	assert_int_equal(store_list(path, &q, count_cells, &n, &e), 0);
	assert_int_equal(store_rows(path, KEEP_TALK, "", count_rows, &n, &e), 0);
	assert_int_equal(store_rows(path, KEEP_ASSET, "", note, &l, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(l.n, 8);
	assert_string_equal(((struct keep_asset *)l.rows[0])->vendor, "");
	assert_true(((struct keep_asset *)l.rows[0])->last_ns > 0);
	q.kind = KEEP_ALERT;
	assert_int_equal(store_list(path, &q, count_cells, &n, &e), 5);
	assert_true(((struct keep_alert *)(void *)row)->last_ns > 0);
	assert_int_equal(load(path, KEEP_ALERT, sizeof(struct keep_alert), &l), 5);
	assert_int_equal(load(path, KEEP_ASSET, sizeof(struct keep_asset), &l), 8);
	assert_present(path);
	err_free(&e);
}

static void
refused(const char *path, enum db_access access, const char *why)
{
	struct err e = { 0 };

	assert_null(db_open(path, access, &e));
	assert_int_equal(e.n, 1);
	if (strstr(e.first->text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.first->text, why);
	err_free(&e);
}

static void
what_is_not_ours_is_refused_and_stays(void **state)
{
	const char *path = file("other.db");
	struct err e = { 0 };
	char *text;
	sqlite3 *db;

	(void)state;
	refused(file("absent.db"), DB_READ, "No such file");
	refused(folder, DB_CREATE, "cannot be");
	write_file(file("text.db"), "a letter to my aunt, in which nothing is a database at all........................................", 90);
	refused(file("text.db"), DB_CREATE, "no database of thermowell");
	text = read_text(file("text.db"));
	assert_memory_equal(text, "a letter", 8);
	free(text);
	write_file(file("empty.db"), "", 0);
	refused(file("empty.db"), DB_READ, "empty file");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(db_run(db, "CREATE TABLE theirs(a)"), SQLITE_OK);
	(void)sqlite3_close(db);
	refused(path, DB_CREATE, "another program");
	path = file("later.db");
	db = db_open(path, DB_CREATE, &e);
	assert_non_null(db);
	assert_int_equal(db_run(db, "PRAGMA user_version=99"), SQLITE_OK);
	db_close(db);
	refused(path, DB_WRITE, "later version");
	refused(path, DB_READ, "later version");
}

/* Of the present form, and by somebody's hand without a table or a column: read and written it would fail at odd places. */
static void
a_database_that_lacks_something_is_damaged(void **state)
{
	static const char *const without[][2] = {
		{ "DROP TABLE alerts", "damaged (no such table: alerts)" }, { "DROP TABLE holder", "damaged (no such table: holder)" },
		{ "ALTER TABLE assets DROP COLUMN vendor", "damaged (no such column: vendor)" },
		{ "DROP TRIGGER facts_by_hand; ALTER TABLE facts DROP COLUMN packed", "damaged (no such column: packed)" },
	};
	struct err e = { 0 };

	(void)state;
	for (unsigned i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		const char *path = file("lacking.db");
		sqlite3 *db;

		(void)unlink(path);
		db = db_open(path, DB_CREATE, &e);
		assert_non_null(db);
		if (db_run(db, without[i][0]) != SQLITE_OK)
			fail_msg("%s: %s", without[i][0], sqlite3_errmsg(db));
		db_close(db);
		refused(path, DB_READ, without[i][1]);
		refused(path, DB_WRITE, without[i][1]);
		refused(path, DB_CREATE, "restore a backup (thermowell store restore), or move it away");
	}
}

static void
a_damaged_database_is_found_out(void **state)
{
	const char *path = file("damaged.db");
	struct store *s = start(path);
	struct err e = { 0 };
	struct loaded l = { .size = sizeof(struct fact) };
	FILE *f;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		struct fact fact = a_fact(i);

		(void)keep_put(store_keep(s), KEEP_FACT, &fact, sizeof(fact));
	}
	assert_int_equal(store_close(s), 0);
	f = fopen(path, "r+");
	assert_non_null(f);
	/* Behind the roots of all tables: of the facts. */
	for (long at = 4096L * 40; at < 4096L * 80; at += 64) {
		assert_int_equal(fseek(f, at, SEEK_SET), 0);
		assert_int_equal(fwrite("\xff\xff\xff\xff\xff\xff\xff\xff", 1, 8, f), 8);
	}
	assert_int_equal(fclose(f), 0);
	/* By who reads all of it: facts at the start, and all others by a look at their pages. */
	s = open_store(path, NULL, false, &e);
	assert_non_null(s);
	assert_int_equal(keep_load(store_keep(s), KEEP_FACT, note, &l, &e), -1);
	assert_non_null(strstr(e.first->text, "damaged"));
	err_free(&e);
	(void)store_close(s);
	assert_int_equal(store_rows(path, KEEP_FACT, "default", note, &l, &e), -1);
	assert_non_null(strstr(e.first->text, "damaged"));
	err_free(&e);
	assert_int_equal(store_backup(path, file("damaged.copy"), &e), -1);
	assert_int_not_equal(access(file("damaged.copy"), F_OK), 0);
	err_free(&e);
	path = file("damaged2.db");
	s = start(path);
	for (unsigned i = 0; i < 300; i++) {
		char uid[8];
		struct keep_alert a;

		(void)snprintf(uid, sizeof(uid), "%03u", i);
		a = an_alert(uid, 20000);
		(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	}
	assert_int_equal(store_close(s), 0);
	f = fopen(path, "r+");
	assert_non_null(f);
	for (long at = 4096L * 24; at < 4096L * 30; at += 64) {
		assert_int_equal(fseek(f, at, SEEK_SET), 0);
		assert_int_equal(fwrite("\xff\xff\xff\xff\xff\xff\xff\xff", 1, 8, f), 8);
	}
	assert_int_equal(fclose(f), 0);
	assert_null(open_store(path, NULL, false, &e));
	assert_non_null(strstr(e.first->text, "damaged"));
	err_free(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back_as_they_went),
		cmocka_unit_test(a_later_row_of_the_same_key_replaces_the_earlier),
		cmocka_unit_test(the_baseline_may_have_a_database_of_its_own),
		cmocka_unit_test(a_replay_waits_for_its_database),
		cmocka_unit_test(a_full_queue_is_said_and_counted),
		cmocka_unit_test(an_older_database_becomes_a_present_one),
		cmocka_unit_test(a_database_of_0_4_0_is_read_as_it_was),
		cmocka_unit_test(a_database_without_deeds_is_read_and_migrated),
		cmocka_unit_test(what_is_not_ours_is_refused_and_stays),
		cmocka_unit_test(a_database_that_lacks_something_is_damaged),
		cmocka_unit_test(a_damaged_database_is_found_out),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
