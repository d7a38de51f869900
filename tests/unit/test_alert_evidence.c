/* The packets that are kept with an alert, and the folder of them. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert_kit.h"
#include "alert/evidence.h"

static size_t
size_of(const char *dir, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/evidence/%s", dir, name);
	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

/* Who writes, here at once. */
struct disk {
	char	dir[128];
	int	fd[8];
};

static bool
disk_begin(void *arg, unsigned slot, const char *name)
{
	struct disk *d = arg;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	d->fd[slot] = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	return d->fd[slot] >= 0;
}

static bool
disk_put(void *arg, unsigned slot, const void *p, size_t n)
{
	return write(((struct disk *)arg)->fd[slot], p, n) == (ssize_t)n;
}

static bool
disk_end(void *arg, unsigned slot)
{
	return close(((struct disk *)arg)->fd[slot]) == 0;
}

static bool
disk_remove(void *arg, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", ((struct disk *)arg)->dir, name);
	return unlink(path) == 0;
}

static uint64_t
disk_failed(void *arg)
{
	(void)arg;
	return 0;
}

static struct evidence *
open_evidence(const struct alert_settings *s, const char *dir)
{
	static struct disk d;
	const struct evidence_disk disk = { disk_begin, disk_put, disk_end, disk_remove, disk_failed, &d };
	struct err e = { 0 };
	char *folder = evidence_folder(s, dir);

	assert_non_null(folder);
	snprintf(d.dir, sizeof(d.dir), "%s", folder);
	free(folder);
	(void)mkdir(d.dir, 0750);
	return evidence_open(s, d.dir, &disk, &counters, &e);
}

static void
an_alert_gets_the_packets_of_its_ends(void **unused)
{
	char dir[] = "/tmp/tw-evidence-XXXXXX", name[64], path[256];
	const struct alert_settings s = { .evidence_dir = "evidence", .evidence_kib = 64,
	    .evidence_after_s = 5, .evidence_mib = 1 };
	struct evidence *v;
	uint8_t bytes[100] = { 0 };
	struct operation op = { 0 };
	struct finding f = finding(2000, ALERT_S7_STOP, 0);
	const char *file;

	(void)unused;
	assert_non_null(mkdtemp(dir));
	v = open_evidence(&s, dir);
	assert_non_null(v);
	/* Far more than the ring holds, of two conversations in turn. */
	for (unsigned i = 0; i < 5000; i++) {
		struct frame fr = { .ts_ns = (1000 + i / 10) * SEC, .number = i + 1, .data = bytes,
		    .cap_len = i % 97 + 1, .wire_len = 100, .link = 1 };
		struct packet p = { .ts_ns = fr.ts_ns, .src = host(i % 2 == 0 ? 1 : 7), .dst = host(2) };

		evidence_frame(v, &fr);
		evidence_packet(v, &p);
	}
	f.op = &op;
	file = evidence_file(v, 1, &f);
	assert_non_null(file);
	snprintf(name, sizeof(name), "%s", file);
	assert_string_equal(name, "0000002000-000001-5000101.pcap");
	assert_true(size_of(dir, name) > 24 + 100 * 17);
	assert_true(size_of(dir, name) < 40000);
	for (unsigned i = 0; i < 3; i++) {	/* one of them belongs to it, one comes too late */
		size_t before = size_of(dir, name);
		struct frame fr = { .ts_ns = (2001 + 10 * (i / 2)) * SEC, .number = 9000 + i, .data = bytes,
		    .cap_len = 50, .wire_len = 100, .link = 1 };
		struct packet p = { .ts_ns = fr.ts_ns, .src = host(2), .dst = host(i == 1 ? 7 : 1) };

		evidence_tick(v, fr.ts_ns);
		evidence_frame(v, &fr);
		evidence_packet(v, &p);
		assert_int_equal(size_of(dir, name), before + (i == 0 ? 16 + 50 : 0));
	}
	evidence_close(v);
	snprintf(path, sizeof(path), "%s/evidence/%s", dir, name);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/evidence", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
the_folder_keeps_its_size(void **unused)
{
	char dir[] = "/tmp/tw-evidence-XXXXXX", path[256], last[64] = "";
	const struct alert_settings s = { .evidence_dir = "evidence", .evidence_kib = 1024,
	    .evidence_after_s = 0, .evidence_mib = 1 };
	static uint8_t bytes[1000];
	struct evidence *v;
	unsigned left = 0;

	(void)unused;
	assert_non_null(mkdtemp(dir));
	v = open_evidence(&s, dir);
	assert_non_null(v);
	for (unsigned i = 0; i < 300; i++) {
		struct frame fr = { .ts_ns = (1000 + i) * SEC, .number = i + 1, .data = bytes,
		    .cap_len = 1000, .wire_len = 1000, .link = 1 };
		struct packet p = { .ts_ns = fr.ts_ns, .src = host(1), .dst = host(2) };

		evidence_frame(v, &fr);
		evidence_packet(v, &p);
	}
	for (unsigned i = 0; i < 20; i++) {
		struct finding f = finding(3000 + i, ALERT_S7_STOP, 0);
		const char *file;

		evidence_tick(v, (4000 + 10 * i) * SEC);
		file = evidence_file(v, i + 1, &f);
		assert_non_null(file);
		snprintf(last, sizeof(last), "%s", file);
	}
	assert_true(size_of(dir, last) > 290000);
	evidence_close(v);
	v = open_evidence(&s, dir);	/* and takes stock of what is there */
	assert_non_null(v);
	evidence_close(v);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/evidence/%010u-%06u-5000101.pcap", dir, 3000 + i, i + 1);
		left += unlink(path) == 0;
	}
	assert_int_equal(left, 3);	/* 3 times 300 KB fit into 1 MiB */
	snprintf(path, sizeof(path), "%s/evidence", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_gets_the_packets_of_its_ends),
		cmocka_unit_test(the_folder_keeps_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
