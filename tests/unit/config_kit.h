/* config_kit.h - configuration files of a test. */
#ifndef TESTS_CONFIG_KIT_H
#define TESTS_CONFIG_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/aliases.h"
#include "config/config.h"
#include "config/lists.h"
#include "config/table.h"

static char path[64];

static int
make_path(void **unused)
{
	int fd;

	(void)unused;
	(void)snprintf(path, sizeof(path), "/tmp/thermowell-test-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int
drop_path(void **unused)
{
	(void)unused;
	return unlink(path);
}

static void
write_file(const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* All problems of a file, without its name: "line:column: text\n" each. */
static const char *
problems_of(const char *text)
{
	static char out[8192];
	struct settings s;
	struct err e = { 0 };
	size_t n = 0;

	write_file(text, strlen(text));
	config_defaults(&s);
	config_file(&s, path, &e);
	out[0] = '\0';
	for (const struct err_item *it = e.first; it != NULL; it = it->next) {
		assert_string_equal(it->file, path);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%d:%d: %s\n", it->line,
		    it->column, it->text);
		assert_true(n < sizeof(out));
	}
	err_free(&e);
	config_free(&s);
	return out;
}

/* The first problem of one assignment, or "". */
static const char *
problem_of_set(struct settings *s, const char *assignment)
{
	static char out[1024];
	struct err e = { 0 };

	config_set(s, assignment, "--set", &e);
	(void)snprintf(out, sizeof(out), "%s", e.n > 0 ? e.first->text : "");
	err_free(&e);
	return out;
}

#endif
