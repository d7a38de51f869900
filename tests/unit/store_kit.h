/* store_kit.h - rows of a database in a folder of its own. */
#ifndef TESTS_STORE_KIT_H
#define TESTS_STORE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "record/fact.h"
#include "store/copy.h"
#include "store/db.h"
#include "store/list.h"
#include "store/parts.h"
#include "store/store.h"

#define DAY	UINT64_C(86400000000000)

static char folder[] = "/tmp/test_store.XXXXXX";
#include "folder_kit.h"

/* A file of its own for each test. */
static const char *
file(const char *name)
{
	static char paths[16][128];
	static unsigned i;
	char *path = paths[i++ % 16];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static struct counters counters;

static struct store *
open_store(const char *path, const char *baseline, bool live, struct err *e)
{
	static struct store_settings s;
	static struct baseline_settings b;
	const struct store_want w = { .store = &s, .baseline = &b, .live = live, .counters = &counters };

	s = (struct store_settings){ .file = path, .queue_kib = 1024 };
	b = (struct baseline_settings){ .file = baseline, .name = "default" };
	return store_open(&w, e);
}

static struct store *
start(const char *path)
{
	struct err e = { 0 };
	struct store *s = open_store(path, NULL, false, &e);

	if (s == NULL)
		err_print(&e, stderr);
	assert_non_null(s);
	assert_true(store_start(s, &e));
	return s;
}

struct loaded {
	uint8_t	rows[8][ROW_MAX];
	size_t	size;
	unsigned n;
};

static void
note(void *to, const void *row)
{
	struct loaded *l = to;

	if (l->n < 8)
		memcpy(l->rows[l->n], row, l->size);
	l->n++;
}

static inline unsigned
load(const char *path, enum keep_kind kind, size_t size, struct loaded *to)
{
	struct err e = { 0 };
	struct store *s = open_store(path, NULL, false, &e);

	assert_non_null(s);
	to->n = 0;
	to->size = size;
	assert_int_equal(keep_load(store_keep(s), kind, note, to, &e), 0);
	assert_int_equal(store_close(s), 0);
	return to->n;
}

static struct addr
v4(uint8_t last)
{
	return addr_v4((const uint8_t[]){ 10, 0, 0, last });
}

static inline struct keep_alert
an_alert(const char *uid, uint64_t day)
{
	struct keep_alert a = { .id = 5, .type = "s7.cpu.stop", .gid = 500, .sid = 5000101, .severity = 1, .kind = ALERT_FIRST,
	    .signature = "S7 CPU was told to stop", .sentence = "10.0.0.1 told the CPU of PLC 10.0.0.2 to stop.",
	    .techniques = "T0858", .src = v4(1), .dst = v4(2), .sport = 60280, .dport = 102, .ip_proto = 6, .proto = OP_S7,
	    .has_unit = true, .unit = 2, .count = 1, .first_ns = day * DAY, .last_ns = day * DAY, .first_frame = 9,
	    .last_frame = 9, .flow_id = UINT64_C(1) << 52, .outcome = "answered" };

	(void)snprintf(a.uid, sizeof(a.uid), "%s", uid);
	return a;
}

/* All that is kept of them is the same; what lies between members may be anything. */
static inline void
assert_same(enum keep_kind kind, const void *a, const void *b)
{
	const struct table *t = &store_tables[kind];

	for (unsigned i = 0; i < t->n; i++) {
		const struct column *c = &t->columns[i];
		unsigned from = c->offset - (c->form == COLUMN_BYTES);

		if (memcmp((const uint8_t *)a + from, (const uint8_t *)b + from, c->offset - from + c->size) != 0)
			fail_msg("%s of %s", c->name, t->name);
	}
}

static inline void
write_file(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

struct seen {
	unsigned n;
	char	 last[64], by[32], label[32];
};

#endif
