/* A spool with more lines than there is space for, on a disk that is full; what commands and the manual say of one. */
#include "spool_kit.h"

/* ---- full -------------------------------------------------------------------------------------- */

static void
the_least_important_and_oldest_are_dropped(void **state)
{
	uint64_t record, alerts = 0, others = 0;
	unsigned class;
	long n, before = -1, first_other = -1;

	(void)state;
	assert_non_null(open_spool(MIB));
	/* 2.2 MiB of operations and flows, with 110 KiB of alerts among them. */
	for (unsigned i = 0; i < 4000; i++) {
		assert_true(put(i % 20 == 0 ? QUEUE_ALERT : i % 2 == 0 ? QUEUE_OPERATION : QUEUE_FLOW, i, 480));
		assert_true(atomic_load(&spool_count(s)->bytes) <= MIB);
	}
	assert_true(dropped(SPOOL_FULL) > 1900);
	assert_int_equal(lines() + dropped(SPOOL_FULL), 4000);
	while ((n = next(&record, &class)) >= 0) {
		assert_true(n > before);
		before = n;
		alerts += class == QUEUE_ALERT;
		others += class != QUEUE_ALERT;
		if (class == QUEUE_FLOW && first_other < 0)
			first_other = n;
	}
	assert_int_equal(alerts, 200);
	assert_int_equal(before, 3999);
	assert_int_equal(alerts + others + dropped(SPOOL_FULL), 4000);
	/* Of the flows the oldest went. */
	assert_true(first_other > 0);
	spool_forget(s, record, (unsigned)(alerts + others));
	assert_int_equal(lines(), 0);
	spool_close(s);
	wipe();
}

static void
alerts_alone_lose_the_oldest(void **state)
{
	uint64_t record;
	unsigned class;
	long n, first;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 4000; i++)
		assert_true(put(QUEUE_ALERT, i, 480));
	/* What is less important finds no space. */
	n = (long)dropped(SPOOL_FULL);
	assert_true(put(QUEUE_OPERATION, 4000, 490));
	for (unsigned i = 0; i < 200; i++)
		assert_true(put(QUEUE_OPERATION, 4001 + i, 490));
	assert_true(dropped(SPOOL_FULL) > (uint64_t)n);
	first = next(&record, &class);
	assert_int_equal(class, QUEUE_ALERT);
	for (long i = first + 1; i < 4000; i++)
		assert_int_equal(next(&record, &class), i);
	assert_int_equal(first, n);
	spool_close(s);
	wipe();
}

static void
what_was_given_out_stays_until_it_arrives(void **state)
{
	uint64_t record;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 1500; i++)
		assert_true(put(QUEUE_OPERATION, i, 480));
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(next(&record, NULL), i);
	/* Now it becomes too full, and the first segment is written anew under the reader. */
	for (unsigned i = 1500; i < 3000; i++)
		assert_true(put(QUEUE_ALERT, i, 480));
	assert_true(next(&record, NULL) > 10);
	spool_close(s);
	/* After a crash the ten are there again. */
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(next(&record, NULL), i);
	assert_true(next(&record, NULL) > 10);
	spool_close(s);
	wipe();
}

static void
a_line_that_is_longer_than_the_spool_is_counted(void **state)
{
	static char line[100 * 1024];
	struct line_head h = { .class = QUEUE_ALERT, .len = sizeof(line) };
	uint64_t record;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	assert_non_null(open_spool(64 * 1024));
	assert_true(spool_put(s, &h, line));
	assert_int_equal(dropped(SPOOL_TOO_LONG), 1);
	assert_int_equal(next(&record, NULL), -1);
	spool_close(s);
	wipe();
}

static void
what_waits_too_long_is_dropped(void **state)
{
	uint64_t record;

	(void)state;
	assert_non_null(open_spool(MIB));
	spool_tick(s, now, false);
	for (unsigned i = 0; i < 10; i++)
		assert_true(put(QUEUE_ALERT, i, 480));
	assert_int_equal(next(&record, NULL), 0);
	now += 3599 * SECOND;
	spool_tick(s, now, false);
	assert_int_equal(lines(), 10);
	now += 2 * SECOND;
	spool_tick(s, now, false);
	/* One is on its way and is not counted as dropped. */
	assert_int_equal(dropped(SPOOL_OLD), 9);
	assert_int_equal(next(&record, NULL), -1);
	assert_true(put(QUEUE_ALERT, 10, 480));
	assert_int_equal(next(&record, NULL), 10);
	spool_close(s);
	wipe();
}

/* ---- a disk that is full ------------------------------------------------------------------------- */

static int disk;

static int
refuse(const char *place)
{
	return strcmp(place, "put") == 0 || strcmp(place, "roll") == 0 ? disk : 0;
}

static void
a_disk_that_is_full_is_tried_again(void **state)
{
	uint64_t record;

	(void)state;
	spool_fault = refuse;
	assert_non_null(open_spool(MIB));
	spool_tick(s, now, false);
	assert_true(put(QUEUE_LOW, 1, 10));
	disk = ENOSPC;
	assert_false(put(QUEUE_LOW, 2, 10));
	assert_true(atomic_load(&spool_count(s)->failing));
	disk = 0;
	/* Not before a second is over. */
	assert_false(put(QUEUE_LOW, 2, 10));
	now += 2 * SECOND;
	spool_tick(s, now, false);
	assert_true(put(QUEUE_LOW, 2, 10));
	assert_false(atomic_load(&spool_count(s)->failing));
	assert_int_equal(next(&record, NULL), 1);
	assert_int_equal(next(&record, NULL), 2);
	assert_int_equal(next(&record, NULL), -1);
	assert_int_equal(dropped(SPOOL_DAMAGED), 0);
	spool_close(s);
	spool_fault = NULL;
	wipe();
}

/* ---- commands -------------------------------------------------------------------------------------- */

static void
collect(void *arg, const struct line_head *h, const char *line)
{
	char *to = arg;

	(void)snprintf(to + strlen(to), 64, "%.*s|", (int)(h->len < 4 ? h->len - 1 : 3), line);
}

static void
commands_see_what_waits(void **state)
{
	struct spool_look look;
	struct err e = { 0 };
	uint64_t record;
	char text[256] = "";

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 4; i++)
		assert_true(put(i == 2 ? QUEUE_ALERT : QUEUE_LOW, i, 10));
	assert_int_equal(next(&record, NULL), 0);
	spool_forget(s, record, 1);
	now += 2 * SECOND;
	spool_tick(s, now, false);
	assert_true(spool_show(folder, &look, collect, text, &e));
	assert_string_equal(text, "1 4|2 5|3 4|");
	assert_true(look.running);
	assert_int_equal(look.lines, 3);
	assert_int_equal(look.class_lines[QUEUE_ALERT], 1);
	assert_int_equal(look.segments, 1);
	assert_int_equal(look.oldest_ns, 5);
	assert_int_equal(spool_empty(folder, &e), -1);
	assert_non_null(strstr(e.first->text, "in use by a sensor that runs"));
	err_free(&e);
	spool_close(s);
	assert_int_equal(spool_empty(folder, &e), 3);
	assert_true(spool_show(folder, &look, NULL, NULL, &e));
	assert_int_equal(look.lines, 0);
	assert_false(look.running);
	assert_false(spool_show("/nowhere/at/all", &look, NULL, NULL, &e));
	err_free(&e);
	/* It goes on with numbers that were never used. */
	assert_non_null(open_spool(MIB));
	assert_true(put(QUEUE_LOW, 9, 10));
	assert_int_equal(next(&record, NULL), 9);
	assert_true(record >= 2);
	spool_close(s);
	wipe();
}

/* ---- documentation ----------------------------------------------------------------------------------- */

#define FIELD(type, name) { "struct " #type, #name, offsetof(struct type, name), sizeof(((struct type *)0)->name) }
static const struct {
	const char	*type, *name;
	size_t		 offset, size;
} fields[] = {
	FIELD(spool_slot, magic), FIELD(spool_slot, version), FIELD(spool_slot, crc), FIELD(spool_slot, generation),
	FIELD(spool_slot, forgotten), FIELD(spool_slot, next), FIELD(spool_slot, dropped), FIELD(spool_slot, reserved),
	FIELD(spool_segment, magic), FIELD(spool_segment, version), FIELD(spool_segment, crc), FIELD(spool_segment, number),
	FIELD(spool_segment, first), FIELD(spool_segment, reserved),
	FIELD(spool_record, magic), FIELD(spool_record, crc), FIELD(spool_record, number), FIELD(spool_record, head),
	FIELD(line_head, ts_ns), FIELD(line_head, key), FIELD(line_head, len), FIELD(line_head, class),
	FIELD(line_head, severity), FIELD(line_head, type), FIELD(line_head, reserved),
};

static void
the_manual_says_what_the_structs_are(void **state)
{
	const char *top = getenv("srcdir");
	char path[4096], line[512], type[64] = "", name[64];
	unsigned offset, size, n = 0;
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/doc/spool.md", top != NULL ? top : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		(void)sscanf(line, "## %63[^\n]", type);
		if (sscanf(line, "| %u | %u | %63[a-z_] |", &offset, &size, name) != 3)
			continue;
		assert_true(n < COUNTOF(fields));
		assert_string_equal(type, fields[n].type);
		assert_string_equal(name, fields[n].name);
		assert_int_equal(offset, fields[n].offset);
		assert_int_equal(size, fields[n].size);
		n++;
	}
	(void)fclose(f);
	assert_int_equal(n, COUNTOF(fields));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_important_and_oldest_are_dropped),
		cmocka_unit_test(alerts_alone_lose_the_oldest),
		cmocka_unit_test(what_was_given_out_stays_until_it_arrives),
		cmocka_unit_test(a_line_that_is_longer_than_the_spool_is_counted),
		cmocka_unit_test(what_waits_too_long_is_dropped),
		cmocka_unit_test(a_disk_that_is_full_is_tried_again),
		cmocka_unit_test(commands_see_what_waits),
		cmocka_unit_test(the_manual_says_what_the_structs_are),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
