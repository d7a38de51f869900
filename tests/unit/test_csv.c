/* A whole file of CSV in memory; what its fields are is tested with the tag file (test_tags). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"

#define MOST	(16u << 20)

/* A file of n bytes, each another than its neighbours. */
static char *
read_back(size_t n, size_t *got, struct err *e)
{
	char path[] = "/tmp/thermowell-csv-XXXXXX", *text;
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "we");

	assert_non_null(f);
	for (size_t i = 0; i < n; i++)
		putc('a' + (int)(i % 26), f);
	assert_int_equal(fclose(f), 0);
	text = csv_read(path, got, e);
	assert_int_equal(unlink(path), 0);
	return text;
}

static void
it_is_read_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, (64u << 10) - 1, 64u << 10, (64u << 10) + 1, 200000, MOST - 1, MOST };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t n = SIZE_MAX;
		char *text = read_back(sizes[i], &n, &e);

		assert_non_null(text);
		assert_int_equal(n, sizes[i]);
		assert_int_equal(strlen(text), n);
		for (size_t k = 0; k < n; k++)
			if (text[k] != 'a' + (int)(k % 26))
				fail_msg("byte %zu of %zu is another", k, n);
		free(text);
	}
	assert_int_equal(e.n, 0);
}

static void
too_long_and_missing_files_are_problems(void **state)
{
	struct err e = { 0 };
	size_t n;

	(void)state;
	assert_null(read_back(MOST + 1, &n, &e));
	assert_int_equal(e.n, 1);
	assert_string_equal(e.last->text, "it is longer than 16 MiB");
	assert_null(csv_read("/nonexistent/tags.csv", &n, &e));
	assert_int_equal(e.n, 2);
	err_free(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_whole),
		cmocka_unit_test(too_long_and_missing_files_are_problems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
