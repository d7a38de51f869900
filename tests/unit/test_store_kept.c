/* What is kept in the database for how long, listed, and copied. */
#include "store_kit.h"

#include "store/changes.h"

/* ---- who has it ------------------------------------------------------------------------- */

static void
one_sensor_has_it_and_a_dead_one_has_not(void **state)
{
	const char *path = file("lock.db");
	struct err e = { 0 };
	char socket[128];
	int ready[2], status;
	pid_t child;
	char c;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct store *s = open_store(path, NULL, true, &e);

		if (s != NULL && write(ready[1], "r", 1) == 1)
			(void)pause();
		_exit(1);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	assert_true(store_in_use(path, socket, sizeof(socket)));
	assert_null(open_store(path, NULL, true, &e));
	assert_non_null(strstr(e.first->text, "in use: by process"));
	err_free(&e);
	assert_int_equal(store_purge(path, KEEP_ALERT, 0, &e), -1);
	err_free(&e);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	/* Its row is still there, its lock is not. */
	assert_false(store_in_use(path, socket, sizeof(socket)));
	assert_int_equal(store_purge(path, KEEP_ALERT, 0, &e), 0);
	assert_int_equal(store_close(start(path)), 0);
}

/* ---- what is kept, and what was done ------------------------------------------------------ */

static void
old_rows_go_and_too_many_do(void **state)
{
	const char *path = file("retain.db");
	struct store *s = start(path);
	struct err e = { 0 };
	struct loaded l;
	sqlite3 *db;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		char uid[8];
		struct keep_alert a;

		(void)snprintf(uid, sizeof(uid), "%02u", i);
		a = an_alert(uid, 20000 + i);
		(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	}
	assert_int_equal(store_close(s), 0);
	db = db_open(path, DB_WRITE, &e);
	assert_non_null(db);
	/* By the time of the latest: the clock of the machine has no part in it. */
	assert_int_equal(retain_rows(db, KEEP_ALERT, 0, 0, 0), 0);
	assert_int_equal(retain_rows(db, KEEP_ALERT, 89, 0, 0), 10);
	assert_int_equal(retain_rows(db, KEEP_ALERT, 89, 0, 0), 0);
	assert_int_equal(retain_rows(db, KEEP_ALERT, 0, 90, 0), 0);
	/* More than needed, so that the next one does not begin it again. */
	assert_int_equal(retain_rows(db, KEEP_ALERT, 0, 80, 0), 10 + 8);
	db_close(db);
	assert_int_equal(load(path, KEEP_ALERT, sizeof(struct keep_alert), &l), 72);
	assert_string_equal(((struct keep_alert *)l.rows[0])->uid, "28");
}

static unsigned
alerts_in(const char *path)
{
	struct loaded l;

	return load(path, KEEP_ALERT, sizeof(struct keep_alert), &l);
}

static void
put_alert(const char *path, const struct store_settings *keeps, const char *uid, uint64_t day)
{
	const struct baseline_settings b = { .name = "default" };
	struct store_settings set = *keeps;
	struct err e = { 0 };
	struct keep_alert a = an_alert(uid, day);
	struct store *s;

	set.file = path;
	set.queue_kib = 1024;
	s = store_open(&(struct store_want){ .store = &set, .baseline = &b, .counters = &counters }, &e);
	assert_non_null(s);
	assert_true(store_start(s, &e));
	assert_true(keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a)));
	assert_int_equal(store_close(s), 0);
}

static void
a_replay_ends_with_what_is_too_old_for_it(void **state)
{
	const char *path = file("replays.db");
	const struct store_settings keeps = { .alerts = { .days = 90 }, .facts = { .days = 90 } };
	int64_t went[KEEP_KINDS];
	struct err e = { 0 };
	sqlite3 *db;

	(void)state;
	put_alert(path, &keeps, "a", 10000);
	put_alert(path, &keeps, "b", 20000);
	assert_int_equal(alerts_in(path), 1);
	/* Of another year: it takes nothing of a later one away, nor of itself. */
	put_alert(path, &keeps, "c", 10000);
	put_alert(path, &keeps, "d", 10080);
	assert_int_equal(alerts_in(path), 3);
	put_alert(path, &keeps, "e", 10095);
	assert_int_equal(alerts_in(path), 3);	/* c went */
	/* By hand, all that is older than the latest of all.  What an operator decided stays. */
	db = db_open(path, DB_WRITE, &e);
	assert_int_equal(db_run(db, "INSERT INTO facts(kind,unit,state,last_ns) VALUES('peer',1,'accepted',1),('peer',2,'rejected',1),"
	    "('peer',3,'learned',1),('peer',4,'open',1),('peer',5,'learned',1728000000000000000)"), SQLITE_OK);
	db_close(db);
	assert_int_equal(store_retain(path, &keeps, went, &e), 0);
	assert_int_equal(went[KEEP_ALERT], 2);
	assert_int_equal(went[KEEP_FACT], 2);
	assert_int_equal(alerts_in(path), 1);
	assert_int_equal(store_retain(path, &(struct store_settings){ .facts = { .rows = 1 } }, went, &e), 0);
	assert_int_equal(went[KEEP_FACT], 1);	/* of the three two stay all the same */
	assert_int_equal(e.n, 0);
}

static bool
see(void *to, const struct store_cell *cells, unsigned n)
{
	struct seen *s = to;

	s->n++;
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(cells[i].name, "uid") == 0)
			(void)snprintf(s->last, sizeof(s->last), "%s", cells[i].text);
		if (strcmp(cells[i].name, "acknowledged_by") == 0)
			(void)snprintf(s->by, sizeof(s->by), "%s", cells[i].text);
		if (strcmp(cells[i].name, "label") == 0)
			(void)snprintf(s->label, sizeof(s->label), "%s", cells[i].text);
	}
	return true;
}

static void
alerts_are_listed_with_what_was_done(void **state)
{
	const char *path = file("list.db");
	struct store *s = start(path);
	struct keep_alert a = an_alert("aa01", 20000), b = an_alert("ab02", 20010);
	struct keep_action done = { .ts_ns = 1, .who = "anna", .verb = "acknowledge", .object = "alert", .id = "ab02" },
	    label = { .ts_ns = 2, .who = "otto", .verb = "label", .object = "alert", .id = "ab02", .text = "drill" };
	struct store_query q = { .kind = KEEP_ALERT };
	char uid[ALERT_UID_LEN + 1];
	struct err e = { 0 };
	struct seen x;

	(void)state;
	b.severity = 3;
	b.dst = v4(77);
	(void)keep_put(store_keep(s), KEEP_ALERT, &b, sizeof(b));
	(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	assert_int_equal(store_close(s), 0);
	assert_int_equal(store_act(path, &done, &e), 0);
	assert_int_equal(store_act(path, &label, &e), 0);
#define LISTED(n_, last_) \
	x = (struct seen){ 0 }; \
	assert_int_equal(store_list(path, &q, see, &x, &e), n_); \
	assert_string_equal(x.last, last_)
	LISTED(2, "ab02");
	assert_string_equal(x.by, "anna");
	assert_string_equal(x.label, "drill");
	q.severity = 2;
	LISTED(1, "aa01");
	assert_string_equal(x.by, "");
	q = (struct store_query){ .kind = KEEP_ALERT, .since_ns = (int64_t)(20005 * DAY) };
	LISTED(1, "ab02");
	q = (struct store_query){ .kind = KEEP_ALERT, .until_ns = (int64_t)(20010 * DAY) };
	LISTED(1, "aa01");
	q = (struct store_query){ .kind = KEEP_ALERT, .asset = "10.0.0.77" };
	LISTED(1, "ab02");
	q = (struct store_query){ .kind = KEEP_INCIDENT };
	LISTED(0, "");
	assert_int_equal(store_find(path, KEEP_ALERT, "ab", uid, &e), 0);
	assert_string_equal(uid, "ab02");
	assert_int_equal(e.n, 0);
	assert_int_equal(store_find(path, KEEP_ALERT, "a", uid, &e), -1);
	assert_int_equal(store_find(path, KEEP_ALERT, "'", uid, &e), -1);
	assert_int_equal(e.n, 2);
	err_free(&e);
}

static void
a_copy_is_whole_and_comes_back(void **state)
{
	const char *path = file("copy.db"), *copy = file("copy.bak");
	struct store *s = start(path);
	struct keep_alert a = an_alert("aa01", 20000);
	static char bytes[262144];
	struct err e = { 0 };
	struct loaded l;
	sqlite3 *db;
	FILE *log;
	size_t n;

	(void)state;
	(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	assert_int_equal(store_close(s), 0);
	assert_int_equal(store_backup(path, copy, &e), 0);
	assert_int_equal(store_backup(path, copy, &e), -1);	/* replaces nothing */
	err_free(&e);
	assert_int_equal(store_purge(path, KEEP_ALERT, 0, &e), 1);
	assert_int_equal(load(path, KEEP_ALERT, sizeof(a), &l), 0);
	/* Also where a process that died left its log beside what is replaced. */
	db = db_open(path, DB_WRITE, &e);
	assert_non_null(db);
	assert_int_equal(db_run(db, "INSERT INTO alerts(uid) VALUES('late')"), SQLITE_OK);
	log = fopen(file("copy.db-wal"), "rb");
	assert_non_null(log);
	n = fread(bytes, 1, sizeof(bytes), log);
	assert_in_range(n, 4096, sizeof(bytes) - 1);
	(void)fclose(log);
	db_close(db);
	write_file(file("copy.db-wal"), bytes, n);
	assert_int_equal(store_restore(path, copy, &e), 0);
	assert_int_equal(load(path, KEEP_ALERT, sizeof(a), &l), 1);
	assert_same(KEEP_ALERT, l.rows[0], &a);
	write_file(file("no.bak"), "nothing", 7);
	assert_int_equal(store_restore(path, file("no.bak"), &e), -1);
	err_free(&e);
	assert_int_equal(load(path, KEEP_ALERT, sizeof(a), &l), 1);
}

static void
a_file_that_took_its_place_is_news(void **state)
{
	const char *path = file("watch.db"), *copy = file("watch.bak");
	struct store *s = start(path);
	struct keep_alert a = an_alert("aa01", 20000);
	struct store_changes *c = store_changes_open(path);
	struct err e = { 0 };

	(void)state;
	(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	assert_int_equal(store_close(s), 0);
	assert_int_equal(store_backup(path, copy, &e), 0);
	assert_non_null(c);
	(void)store_changes_look(c);
	assert_int_equal(store_changes_look(c) >> KEEP_ALERT & 1, 0);
	assert_int_equal(store_purge(path, KEEP_ALERT, 0, &e), 1);
	assert_int_equal(store_changes_look(c) >> KEEP_ALERT & 1, 1);
	assert_int_equal(store_restore(path, copy, &e), 0);
	assert_int_equal(store_changes_look(c) >> KEEP_ALERT & 1, 1);
	/* And what is written into that one is seen. */
	s = start(path);
	a = an_alert("aa02", 30000);
	(void)keep_put(store_keep(s), KEEP_ALERT, &a, sizeof(a));
	assert_int_equal(store_close(s), 0);
	assert_int_equal(store_changes_look(c) >> KEEP_ALERT & 1, 1);
	assert_int_equal(store_changes_look(c) >> KEEP_ALERT & 1, 0);
	store_changes_close(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sensor_has_it_and_a_dead_one_has_not),
		cmocka_unit_test(old_rows_go_and_too_many_do),
		cmocka_unit_test(a_replay_ends_with_what_is_too_old_for_it),
		cmocka_unit_test(alerts_are_listed_with_what_was_done),
		cmocka_unit_test(a_copy_is_whole_and_comes_back),
		cmocka_unit_test(a_file_that_took_its_place_is_news),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
