/* Lines on their way from the queue to a transport that says what has arrived: converted, given again
 * after a connection was lost, rejected. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/relay.h"
#include "output/writer.h"

#define SECOND UINT64_C(1000000000)

/* ---- a receiver ------------------------------------------------------------------- */

struct receiver {
	const struct transport_host *host;
	char		 got[1 << 16];	/* lines, each as often as it came */
	size_t		 len;
	unsigned	 n;		/* messages taken */
	uint64_t	 next;		/* number that is expected */
	uint64_t	 acked;
	bool		 busy, failing, lost;
	unsigned	 at_once;	/* messages taken in one call; 0: all */
	const char	*refuse;	/* a line that holds this is rejected */
	unsigned	 finished;
	uint64_t	 due_ns;
} receiver;

static void *
receiver_open(const struct transport_settings *s, struct err *e)
{
	(void)e;
	receiver.host = s->host;
	return &receiver;
}

static enum carry
receiver_send(void *t, const struct message *m, unsigned n, unsigned *done)
{
	struct receiver *r = t;

	if (r->failing)
		return CARRY_FAILED;
	for (unsigned i = 0; i < n && !r->busy; i++) {
		assert_int_equal(m[i].number, r->next);
		assert_int_equal(m[i].text[m[i].len], '\n');
		r->next++;
		if (r->len + m[i].len + 2 < sizeof(r->got))
			r->len += (size_t)snprintf(r->got + r->len, sizeof(r->got) - r->len, "%.*s|", (int)m[i].len, m[i].text);
		if (r->refuse != NULL && m[i].len >= strlen(r->refuse) &&
		    memcmp(m[i].text, r->refuse, strlen(r->refuse)) == 0)
			r->host->reject(r->host->arg, m[i].number, "it has the wrong colour");
		r->n++;
		++*done;
		if (r->at_once != 0 && *done == r->at_once)
			break;
	}
	return r->busy ? CARRY_BUSY : *done < n ? CARRY_MORE : CARRY_DONE;
}

static uint64_t
receiver_acked(void *t)
{
	return ((struct receiver *)t)->acked;
}

static bool
receiver_again(void *t)
{
	struct receiver *r = t;
	bool lost = r->lost;

	if (lost)
		r->next = r->acked;
	r->lost = false;
	return lost;
}

static uint64_t
receiver_due(void *t)
{
	return ((struct receiver *)t)->due_ns;
}

static void
receiver_finish(void *t)
{
	((struct receiver *)t)->finished++;
}

static int
receiver_close(void *t)
{
	(void)t;
	return 0;
}

static const struct transport transport_test = {
	.name = "test", .open = receiver_open, .send = receiver_send, .acked = receiver_acked, .again = receiver_again,
	.due_ns = receiver_due, .finish = receiver_finish, .close = receiver_close,
};

/* ---- a format ----------------------------------------------------------------------- */

static void *
shout_open(const struct convert_settings *s, struct err *e)
{
	(void)e;
	return (void *)(uintptr_t)s->sensor;
}

/* "x" is not its own, "long" becomes too long, "bad" cannot be written. */
static enum convert_result
shout(void *own, const char *line, size_t n, struct text *to)
{
	assert_string_equal(own, "plant 1");
	if (n == 1 && line[0] == 'x')
		return CONVERT_NOT_MINE;
	if (n == 3 && memcmp(line, "bad", 3) == 0)
		return CONVERT_FAILED;
	if (n == 4 && memcmp(line, "long", 4) == 0)
		for (unsigned i = 0; i < OUTPUT_LINE_MAX; i++)
			text_put(to, "-", 1);
	text_printf(to, "%.*s!", (int)n, line);
	return CONVERT_OK;
}

static void
shout_close(void *own)
{
	(void)own;
}

static const struct converter converter_test = { .name = "shout", .content_type = "text/plain", .open = shout_open, .convert = shout,
	.close = shout_close };

/* ---- the kit ------------------------------------------------------------------------ */

static struct relay *r;
static struct queue q;
static uint64_t now;
static char dir[] = "/tmp/thermowell-relay-XXXXXX", rejected[64];

static void
start(const struct converter *c)
{
	struct err e = { 0 };
	const struct relay_settings s = { .name = "siem", .converter = c, .convert = { .sensor = "plant 1" },
	    .rejected = rejected, .rejected_bytes = 4096, .retry_ns = SECOND };

	receiver = (struct receiver){ .due_ns = UINT64_MAX };
	now = SECOND;
	assert_int_equal(queue_open(&q, 1 << 20, writer_sixteenths, QUEUE_CLASSES), 0);
	r = relay_open(&s, &e);
	assert_non_null(r);
	relay_join(r, &transport_test, transport_test.open(&(const struct transport_settings){ .host = relay_host(r) }, &e));
}

static void
end(void)
{
	relay_close(r);
	queue_close(&q);
}

static void
put(const char *text)
{
	char line[256];
	struct line_head h = { .ts_ns = 1700000000 * SECOND, .class = QUEUE_LOW };

	h.len = (uint32_t)snprintf(line, sizeof(line), "%s\n", text);
	assert_true(queue_put_behind(&q, h.class, &h, sizeof(h), line, h.len));
}

static enum carry
run(void)
{
	return relay_run(r, &q, now += SECOND / 10, false);
}

static struct sink_counts
counts(void)
{
	struct sink_counts c = { 0 };

	relay_counts(r, &c);
	return c;
}

/* ---- tests ---------------------------------------------------------------------------- */

static void
what_is_not_acknowledged_is_given_again(void **state)
{
	struct sink_counts c;

	(void)state;
	start(NULL);
	put("a");
	put("b");
	put("c");
	assert_int_equal(run(), CARRY_DONE);
	assert_string_equal(receiver.got, "a|b|c|");
	assert_false(relay_settled(r));
	assert_int_equal(relay_left(r), 3);
	receiver.acked = 1;
	assert_int_equal(run(), CARRY_DONE);
	assert_int_equal(relay_left(r), 2);
	/* The connection is lost with b and c under way. */
	receiver.lost = true;
	put("d");
	assert_int_equal(run(), CARRY_DONE);
	assert_string_equal(receiver.got, "a|b|c|b|c|d|");
	receiver.acked = 4;
	assert_int_equal(run(), CARRY_DONE);
	assert_true(relay_settled(r));
	assert_true(relay_arrived(r));
	assert_int_equal(relay_left(r), 0);
	c = counts();
	assert_int_equal(c.sent, 6);
	assert_int_equal(c.repeated, 2);
	assert_int_equal(c.arrived, 4);
	assert_int_equal(c.waiting_lines, 0);
	end();
}

static void
a_receiver_that_takes_little_gets_all_in_order(void **state)
{
	char text[32];

	(void)state;
	start(NULL);
	receiver.at_once = 3;
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "%u", i);
		put(text);
	}
	assert_int_equal(run(), CARRY_DONE);
	assert_int_equal(receiver.n, 1000);
	receiver.acked = 1000;
	/* It stands still: what comes waits. */
	receiver.busy = true;
	put("last");
	assert_int_equal(run(), CARRY_BUSY);
	assert_int_equal(counts().waiting_lines, 1);
	assert_int_equal(counts().oldest_ns, 1700000000 * SECOND);
	receiver.busy = false;
	assert_int_equal(run(), CARRY_DONE);
	assert_int_equal(receiver.n, 1001);
	end();
}

static void
lines_that_do_not_fit_wait_in_the_queue(void **state)
{
	char big[200];

	(void)state;
	start(NULL);
	memset(big, 'z', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	receiver.busy = true;
	/* More than the relay holds lines: 4,096. */
	for (unsigned i = 0; i < 3000; i++)
		put(big);
	assert_int_equal(run(), CARRY_BUSY);
	for (unsigned i = 0; i < 3000; i++)
		put(big);
	assert_int_equal(run(), CARRY_BUSY);
	assert_true(queue_fill(&q) > 0);
	assert_int_equal(relay_queued(&q) + counts().waiting_lines, 6000);
	receiver.busy = false;
	receiver.len = 0;
	while (run() == CARRY_MORE || receiver.n < 4096)
		receiver.len = 0;
	/* The rest needs space that only an acknowledgement gives. */
	assert_int_equal(run(), CARRY_BUSY);
	assert_int_equal(receiver.n, 4096);
	receiver.acked = 4096;
	receiver.len = 0;
	(void)run();
	receiver.len = 0;
	(void)run();
	assert_int_equal(receiver.n, 6000);
	end();
}

static void
a_target_that_fails_is_tried_again_after_a_while(void **state)
{
	(void)state;
	start(NULL);
	receiver.failing = true;
	put("a");
	assert_int_equal(run(), CARRY_FAILED);
	receiver.failing = false;
	assert_int_equal(run(), CARRY_FAILED);
	now += SECOND;
	assert_int_equal(run(), CARRY_DONE);
	assert_string_equal(receiver.got, "a|");
	end();
}

static void
rejected_lines_are_kept_with_the_reason(void **state)
{
	char text[8192] = "", old[80];
	FILE *f;

	(void)state;
	start(NULL);
	receiver.refuse = "no";
	put("yes 1");
	put("no \"2\"");
	put("yes 3");
	(void)run();
	receiver.acked = 3;
	(void)run();
	assert_int_equal(counts().rejected, 1);
	assert_true(relay_arrived(r));
	f = fopen(rejected, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	assert_string_equal(text, "{\"timestamp\":\"2023-11-14T22:13:20.000000+0000\",\"reason\":\"it has the wrong colour\","
	    "\"line\":\"no \\\"2\\\"\"}\n");
	assert_null(fgets(text, sizeof(text), f));
	(void)fclose(f);
	/* Bounded: 4 KiB in two files. */
	for (unsigned i = 0; i < 100; i++)
		put("no");
	(void)run();
	f = fopen(rejected, "r");
	assert_true(fread(text, 1, sizeof(text), f) <= 2048);
	(void)fclose(f);
	(void)snprintf(old, sizeof(old), "%s.1", rejected);
	assert_int_equal(access(old, F_OK), 0);
	(void)remove(old);
	(void)remove(rejected);
	end();
}

static void
a_converter_makes_another_form(void **state)
{
	struct sink_counts c;

	(void)state;
	start(&converter_test);
	put("a");
	put("x");
	put("bad");
	put("long");
	put("b");
	assert_int_equal(run(), CARRY_DONE);
	assert_string_equal(receiver.got, "a!|b!|");
	c = counts();
	assert_int_equal(c.not_mine, 1);
	assert_int_equal(c.dropped_format, 2);
	end();
}

static void
the_transport_is_told_the_end_and_when_it_is_due(void **state)
{
	struct pollfd fds[TRANSPORT_FDS];
	unsigned ms = 100;

	(void)state;
	start(NULL);
	put("a");
	(void)relay_run(r, &q, now, true);
	(void)relay_run(r, &q, now, true);
	assert_int_equal(receiver.finished, 1);
	assert_int_equal(relay_poll(r, CARRY_DONE, fds, now, &ms), 0);
	assert_int_equal(ms, 100);
	receiver.due_ns = now + 20 * 1000000 + 1;
	(void)relay_poll(r, CARRY_DONE, fds, now, &ms);
	assert_int_equal(ms, 21);
	receiver.due_ns = now;
	(void)relay_poll(r, CARRY_DONE, fds, now, &ms);
	assert_int_equal(ms, 0);
	end();
}

static void
what_is_wrong_is_told(void **state)
{
	(void)state;
	start(NULL);
	assert_string_equal(counts().problem, "");
	receiver.host->problem(receiver.host->arg, "nobody listens there");
	assert_string_equal(counts().problem, "nobody listens there");
	receiver.host->problem(receiver.host->arg, NULL);
	assert_string_equal(counts().problem, "");
	end();
}

static int
make_dir(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(rejected, sizeof(rejected), "%s/siem.rejected", dir);
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
		cmocka_unit_test(what_is_not_acknowledged_is_given_again),
		cmocka_unit_test(a_receiver_that_takes_little_gets_all_in_order),
		cmocka_unit_test(lines_that_do_not_fit_wait_in_the_queue),
		cmocka_unit_test(a_target_that_fails_is_tried_again_after_a_while),
		cmocka_unit_test(rejected_lines_are_kept_with_the_reason),
		cmocka_unit_test(a_converter_makes_another_form),
		cmocka_unit_test(the_transport_is_told_the_end_and_when_it_is_due),
		cmocka_unit_test(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
