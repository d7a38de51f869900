/* spool_kit.h - a spool in a folder of its own, lines put into it and read back. */
#ifndef TESTS_UNIT_SPOOL_KIT_H
#define TESTS_UNIT_SPOOL_KIT_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/thread.h"
#include "output/spool/spool.h"
#include "output/spool/read.h"
#include "output/writer.h"

#define SECOND UINT64_C(1000000000)
#define MIB (1u << 20)

static char dir[] = "/tmp/thermowell-spool-XXXXXX", folder[64];
static struct spool *s;
static uint64_t now;


static inline struct spool *
open_spool(uint64_t bytes)
{
	struct err e = { 0 };
	const struct spool_settings set = { .name = "siem", .folder = folder, .bytes = bytes, .age_ns = 3600 * SECOND };

	s = spool_open(&set, &e);
	if (s == NULL)
		err_print(&e, stderr);
	err_free(&e);
	/* The spool's clock is the machine's when it is opened. */
	now = thread_now();
	return s;
}

static inline bool
put_line(enum queue_class class, const char *text)
{
	char line[4096];
	struct line_head h = { .ts_ns = 5, .class = (uint8_t)class };

	h.len = (uint32_t)snprintf(line, sizeof(line), "%s\n", text);
	return spool_put(s, &h, line);
}

static inline bool
put(enum queue_class class, unsigned number, unsigned pad)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "%u %u %.*s", number, (unsigned)class, (int)pad,
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------");
	return put_line(class, text);
}

/* The number of the next line, -1: there is none. */
static inline long
next(uint64_t *record, unsigned *class)
{
	static char line[OUTPUT_LINE_MAX];
	struct line_head h;
	char *end;
	long n;

	if (!spool_next(s, &h, line, sizeof(line), record))
		return -1;
	assert_int_equal(line[h.len - 1], '\n');
	line[h.len - 1] = '\0';
	n = strtol(line, &end, 10);
	if (class != NULL)
		*class = (unsigned)strtoul(end, NULL, 10);
	return n;
}

static inline uint64_t
dropped(enum spool_drop why)
{
	return atomic_load(&spool_count(s)->dropped[why]);
}

static inline uint64_t
lines(void)
{
	return atomic_load(&spool_count(s)->lines);
}

static inline void
wipe(void)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(d), entry->d_name, 0), 0);
	(void)closedir(d);
	assert_int_equal(rmdir(folder), 0);
}

/* The only segment, or the last. */
static inline void
segment_path(char *to, size_t size)
{
	char command[128], name[64];
	FILE *f;

	(void)snprintf(command, sizeof(command), "ls '%s' | grep 'seg$' | tail -1", folder);
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(name, sizeof(name), f));
	(void)pclose(f);
	name[strcspn(name, "\n")] = '\0';
	(void)snprintf(to, size, "%s/%s", folder, name);
}

static inline size_t
slurp(const char *path, uint8_t *to, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(to, 1, size, f);
	(void)fclose(f);
	return n;
}

static inline void
spill(const char *path, const uint8_t *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	(void)fclose(f);
}

static inline int
make_dir(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(folder, sizeof(folder), "%s/siem", dir);
	return 0;
}

static inline int
drop_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

#endif
