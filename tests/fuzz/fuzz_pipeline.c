/* fuzz_pipeline.c - a whole capture file through all rooms.
 *
 * The input is a capture file as it would be given to -r.  Its frames go
 * through a worker with small tables, so that evictions happen, and every line
 * that comes out is checked: one JSON object, balanced, without raw control
 * bytes.  Time is the input's, so it may jump anywhere.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capfile.h"
#include "config/config.h"
#include "engine/worker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MAX_FRAMES	2000u
#define INPUTS_A_WORKER	64u

/* Brackets outside strings balance, strings end, the line ends after the object. */
static void
check_line(const char *p, const char *end)
{
	bool string = false;
	int depth = 0;

	if (p == end || *p != '{')
		abort();
	for (; p < end; p++) {
		if ((unsigned char)*p < 0x20)
			abort();
		if (string) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				string = false;
		} else if (*p == '"')
			string = true;
		else if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0 && p + 1 != end)
			abort();
	}
	if (string || depth != 0)
		abort();
}

static void
check_lines(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	const char *all, *p, *nl;

	if (size <= 0)
		return;
	all = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (all == MAP_FAILED)
		abort();
	for (p = all; p < all + size; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(all + size - p));
		if (nl == NULL)
			abort();
		check_line(p, nl);
	}
	(void)munmap((void *)all, (size_t)size);
}

/* Small tables: the ceilings are the interesting part. */
static void
make_small(struct settings *s)
{
	s->decode.dedup_slots = 64;
	s->decode.defrag_datagrams = 4;
	s->stream.max_flows = 16;
	s->stream.segment_memory_mib = 1;
	s->stream.flow_window_kib = 16;
	s->stream.ndpi = false;	/* its start costs more than all the rest */
	s->dissect.max_conversations = 16;
	s->dissect.max_pending = 16;
	s->dissect.max_pending_flow = 4;
	s->dissect.arena_kib = 64;
	s->process.points = 48;
	s->process.points_dead_band = 0;
	s->output.stats_interval_s = 1;
}

/* What lives over several inputs, because opening it costs more than most inputs. */
static struct settings settings;
static struct worker worker;
static unsigned served;
static int lines = -1;

static void
start(void)
{
	struct err e = { 0 };
	char path[64];

	lines = memfd_create("eve", 0);
	(void)snprintf(path, sizeof(path), "outputs.eve.file=/proc/self/fd/%d", lines);
	config_defaults(&settings);
	make_small(&settings);
	config_set(&settings, path, "fuzz", &e);
	config_set(&settings, "outputs.eve.types=all", "fuzz", &e);
	worker = (struct worker){ 0 };
	if (lines < 0 || e.n > 0 || worker_open(&worker, &settings, NULL, false, &e) != 0 ||
	    !worker_start(&worker, &e))
		abort();
	served = 0;
}

static void
stop(void)
{
	if (worker_close(&worker) != 0)
		abort();
	config_free(&settings);
	(void)close(lines);
	lines = -1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct capfile file;
	struct frame f = { 0 };

	if (capfile_open_memory(&file, data, n, 1u << 16) != 0)
		return 0;
	if (lines < 0)
		start();
	while (f.number < MAX_FRAMES && capfile_next(&file, &f) == CAPFILE_FRAME) {
		/* A copy of its own, so that reading past a frame is seen. */
		uint8_t *own = malloc(f.cap_len > 0 ? f.cap_len : 1);

		if (own == NULL)
			abort();
		if (f.cap_len > 0)
			memcpy(own, f.data, f.cap_len);
		f.data = own;
		f.number++;
		worker_frame(&worker, &f);
		free(own);
	}
	worker_finish(&worker);
	if (!output_wait(worker.output, 10000))
		abort();
	capfile_close(&file);
	check_lines(lines);
	if (ftruncate(lines, 0) != 0)
		abort();
	if (++served == INPUTS_A_WORKER)
		stop();
	return 0;
}
