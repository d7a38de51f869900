/* A file that is begun anew after so many bytes or so long; its old files, compressed and counted. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/thread.h"
#include "output/transport/rotate.h"
#include "output/writer.h"

#define SECOND UINT64_C(1000000000)

static char dir[] = "/tmp/thermowell-rotate-XXXXXX", path[64];
static struct transport_counters counters;

static void
wipe(void)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(d), entry->d_name, 0), 0);
	(void)closedir(d);
}

/* Lines "0000", "0001" ... through a file transport with these settings. */
static void *
open_file(struct transport_settings s)
{
	struct err e = { 0 };
	void *t;

	s.target = path;
	s.counters = &counters;
	t = transport_file.open(&s, &e);
	assert_non_null(t);
	return t;
}

static unsigned
carry(void *t, unsigned from, unsigned n)
{
	static char text[1 << 20];
	size_t len = 0, done = 0, more;

	for (unsigned i = from; i < from + n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%04u %090u\n", i, i);
	while (done < len) {
		/* In two pieces, as in a ring. */
		size_t first = (len - done) / 3;
		const struct iovec at[2] = { { text + done, first }, { text + done + first, len - done - first } };
		enum carry how = transport_file.carry(t, at, &more);

		assert_true(how == CARRY_DONE || how == CARRY_MORE);
		assert_true(more > 0);
		done += more;
	}
	return from + n;
}

struct old { unsigned files, compressed, first, last, lines; uint64_t largest; };

/* What lies in all files, in order of their names; the present one is last. */
static struct old
look(void)
{
	struct dirent **names;
	struct old o = { 0 };
	int n = scandir(dir, &names, NULL, alphasort);
	char name[512], line[256];
	bool present = false;

	assert_true(n > 0);
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < n; i++) {
			bool gz = false, old = rotate_is_old("out.json", names[i]->d_name, &gz);
			struct stat st;
			gzFile f;

			if (names[i]->d_name[0] == '.' || old != (pass == 0))
				continue;
			(void)snprintf(name, sizeof(name), "%s/%s", dir, names[i]->d_name);
			o.files += old;
			o.compressed += gz;
			present |= !old;
			if (!gz && stat(name, &st) == 0 && (uint64_t)st.st_size > o.largest)
				o.largest = (uint64_t)st.st_size;
			f = gzopen(name, "rb");
			while (gzgets(f, line, sizeof(line)) != NULL) {
				unsigned v = (unsigned)strtoul(line, NULL, 10);

				assert_int_equal(strlen(line), 96);
				if (o.lines++ == 0)
					o.first = v;
				else
					assert_int_equal(v, o.last + 1);
				o.last = v;
			}
			(void)gzclose(f);
		}
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	assert_true(present);
	return o;
}

/* The thread is done: nothing is left that it would do.  Its work is not looked at before. */
static struct old
settled(unsigned files, unsigned compressed)
{
	unsigned n = 0, gz = 0;

	for (unsigned i = 0; i < 500; i++) {
		DIR *d = opendir(dir);
		const struct dirent *entry;
		bool is_gz, other = false;

		n = gz = 0;
		while ((entry = readdir(d)) != NULL)
			if (rotate_is_old("out.json", entry->d_name, &is_gz)) {
				n++;
				gz += is_gz;
			} else
				other |= entry->d_name[0] != '.' && strcmp(entry->d_name, "out.json") != 0;
		(void)closedir(d);
		if (n == files && gz == compressed && !other)
			break;
		(void)usleep(10000);
	}
	assert_int_equal(n, files);
	assert_int_equal(gz, compressed);
	return look();
}

static void
names_of_old_files(void **state)
{
	bool gz;

	(void)state;
	assert_true(rotate_is_old("eve.json", "eve.json.20261130T190703Z", &gz));
	assert_false(gz);
	assert_true(rotate_is_old("eve.json", "eve.json.20261130T190703Z_00001.gz", &gz));
	assert_true(gz);
	assert_false(rotate_is_old("eve.json", "eve.json", &gz));
	assert_false(rotate_is_old("eve.json", "eve.json.1", &gz));
	assert_false(rotate_is_old("eve.json", "eve.json.20261130T190703Z.gz.part", &gz));
	assert_false(rotate_is_old("eve.json", "eve.json.20261130T190703Z.bak", &gz));
	assert_false(rotate_is_old("eve.json", "other.20261130T190703Z", &gz));
	assert_false(rotate_is_old("eve.json", "eve.jso", &gz));
}

static void
by_size(void **state)
{
	void *t = open_file((struct transport_settings){ .rotate_bytes = 4096 });
	struct old o;

	(void)state;
	/* 96,000 bytes, in carries of all sizes. */
	for (unsigned n = 0, k = 1; n < 1000; k = k * 7 % 61 + 1)
		n = carry(t, n, n + k > 1000 ? 1000 - n : k);
	assert_int_equal(transport_file.close(t), 0);
	o = look();
	assert_int_equal(o.lines, 1000);
	assert_int_equal(o.first, 0);
	assert_true(o.files >= 22);
	/* One line beyond at most. */
	assert_true(o.largest <= 4096 + 96);
	wipe();
}

static void
old_files_are_compressed_and_few(void **state)
{
	void *t = open_file((struct transport_settings){ .rotate_bytes = 4096, .rotate_gzip = true, .keep_files = 5 });
	struct old o;

	(void)state;
	(void)carry(t, 0, 1000);
	o = settled(5, 5);
	assert_int_equal(o.last, 999);
	assert_true(o.first > 700);
	assert_int_equal(transport_file.close(t), 0);
	wipe();
}

static void
what_was_left_is_done_at_the_next_start(void **state)
{
	void *t = open_file((struct transport_settings){ .rotate_bytes = 4096 });
	const struct timespec long_ago[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
	char old[128];

	(void)state;
	(void)carry(t, 0, 100);
	assert_int_equal(transport_file.close(t), 0);
	assert_int_equal(look().compressed, 0);
	/* And one that is too old. */
	(void)snprintf(old, sizeof(old), "%s.20010909T014640Z", path);
	{
		FILE *f = fopen(old, "w");

		(void)fputs("x\n", f);
		(void)fclose(f);
	}
	assert_int_equal(utimensat(AT_FDCWD, old, long_ago, 0), 0);
	t = open_file((struct transport_settings){ .rotate_bytes = 4096, .rotate_gzip = true, .keep_ns = 86400 * SECOND });
	transport_file.check(t, thread_now() + 120 * SECOND);
	(void)usleep(100000);
	assert_int_not_equal(access(old, F_OK), 0);
	(void)settled(2, 2);
	assert_int_equal(transport_file.close(t), 0);
	wipe();
}

static void
by_time(void **state)
{
	void *t = open_file((struct transport_settings){ .rotate_ns = SECOND });
	unsigned n = 0;
	uint64_t end = thread_now() + 25 * SECOND / 10;

	(void)state;
	while (thread_now() < end) {
		n = carry(t, n, 1);
		transport_file.check(t, thread_now());
		(void)usleep(20000);
	}
	assert_int_equal(transport_file.close(t), 0);
	assert_int_equal(look().lines, n);
	assert_true(look().files >= 2 && look().files <= 3);
	/* What an earlier run left in another period is put away at the start. */
	(void)usleep(1000000);
	t = open_file((struct transport_settings){ .rotate_ns = SECOND });
	n = carry(t, n, 1);
	assert_int_equal(transport_file.close(t), 0);
	assert_int_equal(look().lines, n);
	assert_true(look().files >= 3);
	wipe();
}

static void
a_file_is_pressed_onto_the_disk_when_it_shall(void **state)
{
	void *t = open_file((struct transport_settings){ .sync = 2 });

	(void)state;
	(void)carry(t, 0, 10);
	transport_file.sync(t);
	(void)carry(t, 10, 10);
	transport_file.check(t, thread_now() + 10 * SECOND);
	assert_int_equal(transport_file.close(t), 0);
	assert_int_equal(look().lines, 20);
	wipe();
}

static int
make_dir(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/out.json", dir);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_old_files),
		cmocka_unit_test(by_size),
		cmocka_unit_test(old_files_are_compressed_and_few),
		cmocka_unit_test(what_was_left_is_done_at_the_next_start),
		cmocka_unit_test(by_time),
		cmocka_unit_test(a_file_is_pressed_onto_the_disk_when_it_shall),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
