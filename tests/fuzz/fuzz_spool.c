/* fuzz_spool.c - a spool that a disk gave back: any state and any segment is read, gone on with and read again; what is put
 * behind it comes out again, in order, whatever lies before it.
 *
 * The first byte: 1 mends the CRCs, so that what lies behind them is reached.  Then 1,024 bytes of state, then a segment. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "output/spool/spool.h"
#include "output/spool/read.h"
#include "output/writer.h"

#define STATE	(2 * SPOOL_SLOT)
#define OWN	400u	/* lines that are put: more than fit with those that were there */

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char dir[] = "/tmp/fuzz-spool-XXXXXX", folder[64];

static void
at_end(void)
{
	(void)rmdir(folder);
	(void)rmdir(dir);
}

static void
begin(void)
{
	if (folder[0] != '\0')
		return;
	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(folder, sizeof(folder), "%s/s", dir);
	(void)atexit(at_end);
	log_level_set(LOG_ERROR);
}

static void
wipe(void)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;

	if (d == NULL)
		abort();
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.' && unlinkat(dirfd(d), entry->d_name, 0) != 0)
			abort();
	(void)closedir(d);
}

static void
spill(const char *name, const uint8_t *p, size_t n)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (f == NULL || fwrite(p, 1, n, f) != n)
		abort();
	(void)fclose(f);
}

/* CRCs as they should be, of slots, of the header and of every record whose length is possible. */
static void
mend(uint8_t *state, uint8_t *p, size_t n)
{
	struct spool_segment h;
	struct spool_record r;

	for (unsigned i = 0; i < 2; i++) {
		struct spool_slot s;

		memcpy(&s, state + i * sizeof(s), sizeof(s));
		s.crc = spool_crc_slot(&s);
		memcpy(state + i * sizeof(s), &s, sizeof(s));
	}
	if (n < sizeof(h))
		return;
	memcpy(&h, p, sizeof(h));
	h.crc = spool_crc_segment(&h);
	memcpy(p, &h, sizeof(h));
	for (size_t at = sizeof(h); n - at >= sizeof(r); at += sizeof(r) + r.head.len) {
		memcpy(&r, p + at, sizeof(r));
		if (r.head.len > n - at - sizeof(r) || r.head.len > SPOOL_LINE_MAX)
			return;
		r.crc = spool_crc_record(&r, (const char *)p + at + sizeof(r));
		memcpy(p + at, &r, sizeof(r));
	}
}

static struct spool *
open_it(void)
{
	const struct spool_settings set = { .name = "f", .folder = folder, .bytes = 64 * 1024 };
	struct err e = { 0 };
	struct spool *s = spool_open(&set, &e);

	if (s == NULL)
		abort();
	return s;
}

/* Our lines are numbers behind an 'o': they grow.  Returns how many came. */
static unsigned
read_all(struct spool *s, bool forget)
{
	static char line[SPOOL_LINE_MAX + 1];
	struct line_head h;
	uint64_t record, before = 0;
	long last = -1;
	unsigned own = 0;

	while (spool_next(s, &h, line, SPOOL_LINE_MAX, &record)) {
		long v;

		if (record <= before || h.len == 0 || line[h.len - 1] != '\n')
			abort();
		before = record;
		line[h.len] = '\0';
		if (h.len > 200 && strncmp(line, "own ", 4) == 0) {
			v = strtol(line + 4, NULL, 10);
			if (v <= last)
				abort();
			last = v;
			own++;
		}
		if (forget)
			spool_forget(s, record, 1);
	}
	return own;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t state[STATE] = { 0 }, *segment;
	struct spool_look look;
	struct err e = { 0 };
	struct spool *s;
	size_t size;

	if (n < 1 + STATE || n > (1u << 20))
		return 0;
	begin();
	(void)mkdir(folder, 0700);
	size = n - 1 - STATE;
	segment = malloc(size + 1);
	if (segment == NULL)
		return 0;
	memcpy(state, data + 1, STATE);
	memcpy(segment, data + 1 + STATE, size);
	if ((data[0] & 1) != 0)
		mend(state, segment, size);
	spill("state", state, STATE);
	spill("0000000000000007.seg", segment, size);
	free(segment);
	if (!spool_show(folder, &look, NULL, NULL, &e))
		abort();
	s = open_it();
	(void)read_all(s, (data[0] & 2) != 0);
	for (unsigned i = 0; i < OWN; i++) {
		char line[256];
		struct line_head h = { .class = (uint8_t)(i % QUEUE_CLASSES) };

		h.len = (uint32_t)snprintf(line, sizeof(line), "own %u %0210u\n", i, i);
		if (!spool_put(s, &h, line))
			abort();
		spool_tick(s, i * UINT64_C(100000000), false);
	}
	spool_close(s);
	s = open_it();
	/* A state with a right CRC may say that all numbers there are have arrived. */
	if (read_all(s, true) == 0 && (data[0] & 1) == 0)
		abort();
	spool_close(s);
	wipe();
	return 0;
}
