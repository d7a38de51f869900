/* bench_store.c - what it costs to put rows, and to begin with a large baseline.
 * usage: bench_store [FACTS] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"
#include "record/fact.h"
#include "store/store.h"

static struct counters counters;

static struct store *
open_store(const char *path, struct err *e)
{
	static struct store_settings s;
	static struct baseline_settings b = { .name = "default" };
	const struct store_want w = { .store = &s, .baseline = &b, .counters = &counters };

	s = (struct store_settings){ .file = path, .queue_kib = 4096 };
	return store_open(&w, e);
}

/* Of this thread: a machine that does other things, too, gives the same. */
static uint64_t
cpu_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static void
note(void *to, const void *row)
{
	const struct fact *f = row;

	*(uint64_t *)to += f->count;
}

/* As of a plant: a thousand devices, several clients, many ranges. */
static struct fact
fact_of(unsigned i)
{
	struct fact f = { .key = { .proto = OP_MODBUS, .space = SPACE_HOLDING, .unit = i % 3, .port = 502, .function = 3 + i % 4,
	    .client = addr_v4((const uint8_t[]){ 10, 20, 2, (uint8_t)(10 + i % 7) }),
	    .server = addr_v4((const uint8_t[]){ 10, 20, (uint8_t)(i / 250 % 4), (uint8_t)(i % 250) }), .first = i / 1000 * 10,
	    .last = i / 1000 * 10 + 9 }, .state = FACT_LEARNED, .first_ns = UINT64_C(1700000000000000000) + i,
	    .last_ns = UINT64_C(1800000000000000000) + i, .count = 1 };

	for (unsigned k = 0; k < FACT_NUMBERS; k++)
		f.n[k].u = k * i;
	return f;
}

int
main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	char path[] = "/tmp/bench_store.XXXXXX";
	struct err e = { 0 };
	int fd = mkstemp(path);
	struct store *s = fd >= 0 ? open_store(path, &e) : NULL;
	uint64_t at = thread_now(), cpu = cpu_now(), sum = 0, put_ns, written_ns, load_ns = UINT64_MAX;

	if (s == NULL || !store_start(s, &e)) {
		err_print(&e, stderr);
		return 1;
	}
	for (unsigned i = 0; i < n; i++) {
		struct fact f = fact_of(i);

		(void)keep_put(store_keep(s), KEEP_FACT, &f, sizeof(f));
	}
	put_ns = cpu_now() - cpu;
	if (store_close(s) != 0)
		return 1;
	written_ns = thread_now() - at;
	for (unsigned round = 0; round < 5; round++) {
		cpu = cpu_now();
		sum = 0;
		s = open_store(path, &e);
		if (s == NULL || keep_load(store_keep(s), KEEP_FACT, note, &sum, &e) != 0) {
			err_print(&e, stderr);
			return 1;
		}
		if (cpu_now() - cpu < load_ns)
			load_ns = cpu_now() - cpu;
		(void)store_close(s);
	}
	printf("%u facts: put %.1f ms of the processor, written after %.1f ms, opened and read in %.1f ms of the processor (%llu of them)\n", n, (double)put_ns / 1e6,
	    (double)written_ns / 1e6, (double)load_ns / 1e6, (unsigned long long)sum);
	(void)close(fd);
	(void)unlink(path);
	return sum == n ? 0 : 1;
}
