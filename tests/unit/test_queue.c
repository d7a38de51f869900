/* The queue between the packet thread and a writer. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/queue.h"
#include "output/writer.h"

static void
lines_leave_in_the_order_in_which_they_came(void **state)
{
	struct queue q;
	struct iovec at[2];
	uint32_t put = 0, got = 0;

	(void)state;
	assert_int_equal(queue_open(&q, 1000, writer_sixteenths, QUEUE_CLASSES), 0);
	assert_int_equal(q.size, 1024);
	/* Round the ring many times, and always a little behind. */
	while (got < 10000) {
		char text[64];
		size_t n = (size_t)snprintf(text, sizeof(text), "%u%.*s\n", put, (int)(put % 40),
		    "----------------------------------------"), done = 0;

		if (put < 10000 && queue_put(&q, QUEUE_ALERT, text, n)) {
			put++;
			continue;
		}
		/* Take one line, which may lie in both pieces. */
		assert_true(queue_peek(&q, at) > 0);
		for (int i = 0; i < 2 && (done == 0 || text[done - 1] != '\n'); i++)
			for (size_t k = 0; k < at[i].iov_len && (done == 0 || text[done - 1] != '\n'); k++)
				text[done++] = ((const char *)at[i].iov_base)[k];
		assert_int_equal(strtoul(text, NULL, 10), got);
		queue_take(&q, done);
		got++;
	}
	assert_int_equal(queue_fill(&q), 0);
	queue_close(&q);
}

static void
the_least_important_is_lost_first(void **state)
{
	struct queue q;
	static const char line[64] = { 0 };
	unsigned n[QUEUE_CLASSES] = { 0 };

	(void)state;
	assert_int_equal(queue_open(&q, 64 * 1024, writer_sixteenths, QUEUE_CLASSES), 0);
	/* Class by class until it is full for each: every class finds room that those before
	 * it could not take. */
	for (int c = 0; c < QUEUE_CLASSES; c++)
		while (queue_put(&q, (enum queue_class)c, line, sizeof(line)))
			n[c]++;
	assert_int_equal(n[QUEUE_OPERATION], 512);
	assert_int_equal(n[QUEUE_FLOW], 64);
	assert_int_equal(n[QUEUE_ANOMALY], 64);
	assert_int_equal(n[QUEUE_STATS], 64);
	assert_int_equal(n[QUEUE_LOW], 64);
	assert_int_equal(n[QUEUE_ALERT], 256);
	/* A line that is taken makes room for an alert at once, for an operation not yet. */
	queue_take(&q, sizeof(line));
	assert_false(queue_put(&q, QUEUE_OPERATION, line, sizeof(line)));
	assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
	queue_close(&q);
}

struct pair {
	struct queue	q;
	uint32_t	n;
	bool		naps;
};

static void *
consume(void *arg)
{
	struct pair *p = arg;
	struct iovec at[2];
	uint32_t next = 0;

	while (next < p->n) {
		size_t n = queue_peek(&p->q, at), k = 0;

		/* Numbers of four bytes never lie in two pieces of a ring of that kind. */
		for (int i = 0; i < 2; i++)
			for (size_t j = 0; j + 4 <= at[i].iov_len; j += 4, k += 4) {
				uint32_t v;

				memcpy(&v, (const char *)at[i].iov_base + j, 4);
				if (v != next++)
					return arg;
			}
		if (k != n)
			return arg;
		queue_take(&p->q, n);
		/* Sleep now and then, so that it fills, and give back what that took. */
		if (p->naps && next % 1000000 < 1000)
			(void)poll(NULL, 0, 5);
		queue_give_back(&p->q);
	}
	return NULL;
}

static void
two_threads_see_the_same(void **state)
{
	struct pair p = { .n = 300000 };
	pthread_t t;
	void *wrong;

	(void)state;
	/* The second goes back to its start whenever it is empty and beyond 64 KiB, the third gives memory back, too. */
	for (size_t size = 4096; size <= 4096 * 1024; size *= 32) {
		p.naps = size > 1 << 20;
		p.n = p.naps ? 3000000 : 300000;
		assert_int_equal(queue_open(&p.q, size, writer_sixteenths, QUEUE_CLASSES), 0);
		assert_int_equal(pthread_create(&t, NULL, consume, &p), 0);
		for (uint32_t i = 0; i < p.n;)
			i += queue_put(&p.q, QUEUE_ALERT, &i, 4);
		assert_int_equal(pthread_join(t, &wrong), 0);
		assert_null(wrong);
		assert_int_equal(queue_fill(&p.q), 0);
		queue_close(&p.q);
	}
}

/* Memory of a queue that was full is the system's again, and what comes then is there. */
static void
a_queue_gives_its_memory_back(void **state)
{
	static char line[1000];
	struct queue q;
	struct iovec at[2];

	(void)state;
	assert_int_equal(queue_open(&q, 4 << 20, writer_sixteenths, QUEUE_CLASSES), 0);
	memset(line, 7, sizeof(line));
	while (queue_put(&q, QUEUE_ALERT, line, sizeof(line)))
		;
	assert_true(queue_peek(&q, at) > 4 * 1000 * 1000);
	queue_give_back(&q);
	assert_int_equal(atomic_load(&q.giving), QUEUE_KEEPS);
	queue_take(&q, queue_fill(&q));
	queue_give_back(&q);
	assert_int_equal(atomic_load(&q.giving), QUEUE_ASKED);
	queue_give_back(&q);
	assert_int_equal(q.bytes[3 << 20], 7);
	/* The producer agrees with its next line at the start; it takes that back when it needs the space. */
	assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
	assert_int_equal(atomic_load(&q.giving), QUEUE_AGREED);
	while (queue_put_to(&q) % q.size + sizeof(line) <= q.size / 8)
		assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
	assert_int_equal(atomic_load(&q.giving), QUEUE_AGREED);
	assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
	assert_int_equal(atomic_load(&q.giving), QUEUE_KEEPS);
	queue_take(&q, queue_fill(&q));
	queue_give_back(&q);
	assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
	queue_give_back(&q);
	assert_int_equal(atomic_load(&q.giving), QUEUE_KEEPS);
	assert_int_equal(q.bytes[3 << 20], 0);
	assert_int_equal(queue_peek(&q, at), sizeof(line));
	assert_memory_equal(at[0].iov_base, line, sizeof(line));
	/* At this very moment nothing is put there. */
	atomic_store(&q.giving, QUEUE_GIVES);
	while (queue_put_to(&q) % q.size + sizeof(line) <= q.size / 8)
		assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
	assert_false(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
	queue_close(&q);
}

/* What never waits touches the start of a queue alone; what waits has all of it. */
static void
an_empty_queue_goes_back_to_its_start(void **state)
{
	static const char line[1000] = { 0 };
	struct queue q;
	struct iovec at[2];
	size_t put = 0, n, last = 0;

	(void)state;
	assert_int_equal(queue_open(&q, 1 << 20, writer_sixteenths, QUEUE_CLASSES), 0);
	for (unsigned i = 0; i < 5000; i++) {
		assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
		assert_int_equal(queue_fill(&q), sizeof(line));
		assert_true(queue_put_to(&q) > last);
		last = queue_put_to(&q);
		assert_int_equal(queue_peek(&q, at), sizeof(line));
		assert_int_equal(at[1].iov_len, 0);
		assert_true((size_t)((uint8_t *)at[0].iov_base - q.bytes) <= 65 * 1024);
		queue_take(&q, sizeof(line));
		assert_int_equal(queue_taken_to(&q), queue_put_to(&q));
	}
	/* One for which there is no space changes nothing. */
	while ((queue_put_to(&q) & (q.size - 1)) < 64 * 1024) {
		assert_true(queue_put(&q, QUEUE_ALERT, line, sizeof(line)));
		assert_int_equal(queue_peek(&q, at), sizeof(line));
		queue_take(&q, sizeof(line));
	}
	assert_false(queue_put_behind(&q, QUEUE_OPERATION, line, sizeof(line), q.bytes, q.size / 2));
	assert_int_equal(queue_fill(&q), 0);
	assert_int_equal(queue_peek(&q, at), 0);
	queue_take(&q, 0);
	/* All of its space is there. */
	while (queue_put(&q, QUEUE_ALERT, line, sizeof(line)))
		put++;
	assert_int_equal(put, q.size / sizeof(line));
	for (n = 0; n < put; n++)
		queue_take(&q, sizeof(line));
	assert_int_equal(queue_fill(&q), 0);
	queue_close(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_leave_in_the_order_in_which_they_came),
		cmocka_unit_test(the_least_important_is_lost_first),
		cmocka_unit_test(two_threads_see_the_same),
		cmocka_unit_test(an_empty_queue_goes_back_to_its_start),
		cmocka_unit_test(a_queue_gives_its_memory_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
