/* The hash chain of alerts: what is added is read back and holds, any other byte breaks it, and a restart goes on
 * where the newest of its files ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "output/chain.h"

#define ALERT "{\"event_type\":\"alert\",\"ot\":{\"v\":2,\"id\":\"1\"}}"

static char dir[] = "/tmp/thermowell-chain-XXXXXX", path[96];

static struct line
line_of(char *text, size_t size, const char *is)
{
	(void)snprintf(text, size, "%s", is);
	return (struct line){ .text = text, .size = size, .len = strlen(is) };
}

static void
adds_and_reads(void **state)
{
	struct chain *c = chain_open();
	struct chain_link a, b;
	char one[512], two[512];
	struct line l = line_of(one, sizeof(one), ALERT), m = line_of(two, sizeof(two), ALERT);

	(void)state;
	assert_non_null(c);
	assert_int_equal(chain_last(c)->n, 0);
	assert_true(chain_add(c, &l));
	assert_true(chain_add(c, &m));
	assert_true(chain_read(l.text, l.len, &a));
	assert_true(chain_read(m.text, m.len, &b));
	assert_int_equal(a.n, 1);
	assert_int_equal(b.n, 2);
	assert_string_equal(b.prev, a.hash);
	assert_string_equal(chain_last(c)->hash, b.hash);
	/* Of the same bytes another hash, because of what is before. */
	assert_string_not_equal(a.hash, b.hash);
	/* echo -n '0...0{"event_type":...}}' | sha256sum */
	assert_string_equal(a.hash, "94454263389cee506cc1255e52aff353f6ac01ddc33b16e9f64ae9e35cf55d0b");
	assert_true(chain_holds(c, l.text, l.len, &a));
	for (size_t i = 0; i < l.len; i++) {
		struct chain_link x;

		one[i] ^= 1;
		assert_false(chain_read(one, l.len, &x) && chain_holds(c, one, l.len, &x) && strcmp(x.prev, a.prev) == 0 &&
		    strcmp(x.hash, a.hash) == 0 && x.n == a.n);
		one[i] ^= 1;
	}
	/* Cut anywhere: no link, and no byte behind the end is looked at. */
	for (size_t n = 0; n < l.len; n++) {
		char *copy = malloc(n + 1);
		struct chain_link x;

		memcpy(copy, one, n);
		assert_false(chain_read(copy, n, &x));
		assert_false(chain_read_head(copy, n, &x));
		free(copy);
	}
	chain_close(c);
}

static void
what_does_not_fit_changes_nothing(void **state)
{
	struct chain *c = chain_open();
	char text[128];
	struct line l = line_of(text, sizeof(text), ALERT);

	(void)state;
	assert_false(chain_add(c, &l));
	assert_string_equal(text, ALERT);
	assert_int_equal(chain_last(c)->n, 0);
	l = line_of(text, sizeof(text), "{}");
	assert_false(chain_add(c, &l));
	chain_close(c);
}

static void
put_file(const char *name, const char *text, bool packed, unsigned age_s)
{
	char file[160], command[256];
	gzFile f;

	(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
	f = gzopen(file, packed ? "wb" : "wbT");
	assert_non_null(f);
	assert_int_equal(gzputs(f, text), (int)strlen(text));
	(void)gzclose(f);
	(void)snprintf(command, sizeof(command), "touch -d '-%u seconds' %s", age_s, file);
	assert_int_equal(system(command), 0);
}

static void
goes_on_behind_the_newest_file(void **state)
{
	struct chain *c = chain_open();
	char text[3][1024];
	struct chain_link found;

	(void)state;
	assert_false(chain_find(path, &found));
	for (unsigned i = 0; i < 3; i++) {
		struct line l = line_of(text[i], sizeof(text[i]) - 1, ALERT);

		assert_true(chain_add(c, &l));
		l.text[l.len] = '\n';
		l.text[l.len + 1] = '\0';
	}
	put_file("eve.json-1.gz", text[0], true, 30);
	assert_true(chain_find(path, &found));
	assert_int_equal(found.n, 1);
	put_file("eve.json.1", text[1], false, 20);
	put_file("other.json", text[2], false, 0);	/* of somebody else */
	put_file("eve.json", "{\"event_type\":\"flow\"}\n", false, 10);
	assert_true(chain_find(path, &found));
	assert_int_equal(found.n, 2);
	put_file("eve.json", text[2], false, 10);
	assert_true(chain_find(path, &found));
	assert_int_equal(found.n, 3);
	assert_string_equal(found.hash, chain_last(c)->hash);
	/* A kill tore the next line; a heartbeat knows an alert that is in no file any more. */
	text[2][strlen(text[2]) - 40] = '\0';
	put_file("eve.json", text[2], false, 5);
	assert_true(chain_find(path, &found));
	assert_int_equal(found.n, 2);
	(void)snprintf(text[0], sizeof(text[0]), "{\"event_type\":\"heartbeat\",\"ot\":{\"v\":2,\"heartbeat\":{\"n\":1,"
	    "\"chain\":{\"n\":9,\"hash\":\"%s\"}}}}\n", chain_last(c)->hash);
	put_file("eve.json", text[0], false, 0);
	assert_true(chain_find(path, &found));
	assert_int_equal(found.n, 9);
	chain_resume(c, &found);
	assert_int_equal(chain_last(c)->n, 9);
	chain_close(c);
}

static int
setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/eve.json", dir);
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_reads),
		cmocka_unit_test(what_does_not_fit_changes_nothing),
		cmocka_unit_test(goes_on_behind_the_newest_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
