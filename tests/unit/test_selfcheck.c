/* What the sensor says of its own health: each condition once, and again when it comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/selfcheck.h"
#include "engine/surroundings.h"

#define SECOND UINT64_C(1000000000)

static struct {
	enum alert_type	 type;
	char		 what[400];
} got[32];
static unsigned n_got;
static struct counters counters;
static uint64_t outcomes[OP_OUTCOME_COUNT], now;
static struct sink_counts sink;
static struct selfcheck_view view;
static struct selfcheck *c;

/* What the machine is like: of surroundings.c, which is not linked here. */
static struct disk_state disk;
static uint64_t jumps;
static int64_t jump_ns;

uint64_t
surroundings_jumps(const struct surroundings *s, int64_t *last_ns)
{
	(void)s;
	*last_ns = jump_ns;
	return jumps;
}

unsigned
surroundings_disks(const struct surroundings *s, struct disk_state to[SURROUNDINGS_DISKS])
{
	(void)s;
	to[0] = disk;
	return 1;
}

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	assert_true(n_got < sizeof(got) / sizeof(got[0]));
	got[n_got].type = f->type;
	(void)snprintf(got[n_got++].what, sizeof(got[0].what), "%s", f->what);
}

/* As many seconds later; how many were said meanwhile. */
static unsigned
after(unsigned seconds)
{
	unsigned before = n_got;

	for (unsigned i = 0; i < seconds; i++) {
		now += SECOND;
		if (selfcheck_due(c, now)) {
			view.now_ns = now;
			selfcheck_look(c, &view);
		}
	}
	return n_got - before;
}

static void
said(enum alert_type type, const char *part)
{
	assert_true(n_got > 0);
	assert_int_equal(got[n_got - 1].type, type);
	if (strstr(got[n_got - 1].what, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, got[n_got - 1].what);
}

static void
frames_are_lost(void **state)
{
	(void)state;
	counters.v[CNT_DEC_PACKETS] += 10000;
	counters.v[CNT_CAP_DROPS] += 19;	/* next to none */
	assert_int_equal(after(61), 0);
	counters.v[CNT_DEC_PACKETS] += 10000;
	counters.v[CNT_CAP_DROPS] += 500;
	assert_int_equal(after(61), 1);
	said(ALERT_SENSOR_DROPS, "500 of 10500 frames of a minute (4.8 %)");
	counters.v[CNT_DEC_PACKETS] += 100;
	counters.v[CNT_CAP_IFDROPS] += 500;
	assert_int_equal(after(61), 0);		/* it goes on */
	assert_int_equal(after(61), 0);		/* over */
	counters.v[CNT_CAP_IFDROPS] += 50;
	assert_int_equal(after(61), 1);
}

static void
one_direction_only(void **state)
{
	(void)state;
	outcomes[OUTCOME_ANSWERED] += 100;
	outcomes[OUTCOME_ONE_SIDED] += 100;
	assert_int_equal(after(61), 0);
	outcomes[OUTCOME_ONE_SIDED] += 90;	/* too few to judge; they count with the next ones */
	assert_int_equal(after(61), 0);
	outcomes[OUTCOME_ANSWERED] += 10;
	outcomes[OUTCOME_ONE_SIDED] += 50;
	assert_int_equal(after(61), 1);
	said(ALERT_SENSOR_ONE_SIDED, "140 of 150 operations");
	outcomes[OUTCOME_ONE_SIDED] += 400;
	assert_int_equal(after(61), 0);
	outcomes[OUTCOME_ANSWERED] += 400;
	assert_int_equal(after(61), 0);
	outcomes[OUTCOME_ONE_SIDED] += 400;
	assert_int_equal(after(61), 1);
}

static void
the_clock_is_set(void **state)
{
	(void)state;
	jumps++;
	jump_ns = -86400 * (int64_t)SECOND;
	now -= 86400 * SECOND;
	assert_int_equal(after(2), 1);
	said(ALERT_SENSOR_CLOCK, "back by 86400 seconds");
	jumps++;
	jump_ns = 7 * (int64_t)SECOND;
	assert_int_equal(after(2), 1);
	said(ALERT_SENSOR_CLOCK, "forward by 7 seconds");
	assert_int_equal(after(100), 0);
}

static void
a_disk_fills(void **state)
{
	(void)state;
	disk.free_percent = 4;
	assert_int_equal(after(2), 0);		/* it was not looked at yet */
	disk.known = true;
	disk.free_bytes = 12 << 20;
	assert_int_equal(after(10), 1);
	said(ALERT_SENSOR_DISK, "/var/log 4 % are free, 12 MiB");
	disk.free_percent = 6;			/* hovers */
	assert_int_equal(after(2), 0);
	disk.free_percent = 4;
	assert_int_equal(after(2), 0);
	disk.free_percent = 50;
	assert_int_equal(after(2), 0);
	disk.free_percent = 0;
	assert_int_equal(after(2), 1);
	disk.free_percent = 50;
}

static void
an_output_does_not_keep_up(void **state)
{
	(void)state;
	/* A file takes what comes: the queue is never empty, and never old. */
	for (unsigned i = 0; i < 300; i++) {
		sink.waiting = 100;
		sink.bytes += 1000;
		assert_int_equal(after(1), 0);
	}
	/* Nothing goes away any more. */
	assert_int_equal(after(118), 0);
	(void)strcpy(sink.problem, "connection refused");
	assert_int_equal(after(5), 1);
	said(ALERT_SENSOR_BEHIND, "\"siem\" (tcp) has what waits for 1");
	said(ALERT_SENSOR_BEHIND, "connection refused");
	assert_int_equal(after(500), 0);
	sink.waiting = 0;
	assert_int_equal(after(2), 0);
	/* One that knows how old its oldest line is. */
	sink.waiting_lines = 5;
	sink.oldest_ns = now - 600 * SECOND;
	assert_int_equal(after(1), 1);
	said(ALERT_SENSOR_BEHIND, "601 s");
	sink.waiting_lines = 0;
	sink.oldest_ns = 0;
	assert_int_equal(after(1), 0);
}

static void
a_certificate_expires(void **state)
{
	(void)state;
	sink.certificate_until_s = now / SECOND + 15 * 86400;
	assert_int_equal(after(60), 0);
	sink.certificate_until_s = now / SECOND + 13 * 86400 + 100;
	assert_int_equal(after(3), 1);
	said(ALERT_SENSOR_CERTIFICATE, "\"siem\" expires in 13 days");
	assert_int_equal(after(60), 0);
	sink.certificate_until_s = now / SECOND + 300 * 86400;	/* a new one */
	assert_int_equal(after(3), 0);
	sink.certificate_until_s = now / SECOND - 1;
	assert_int_equal(after(3), 1);
	said(ALERT_SENSOR_CERTIFICATE, "\"siem\" has expired");
	sink.certificate_until_s = 0;
	assert_int_equal(after(3), 0);
}

static void
rules_failed(void **state)
{
	(void)state;
	view.reloads_failed = 1;
	assert_int_equal(after(60), 1);
	said(ALERT_SENSOR_RULES, "read again and not taken over");
	view.rules_bad = 3;
	assert_int_equal(after(60), 1);
	said(ALERT_SENSOR_RULES, "3 rules were left out");
	view.rules_bad = 0;
	assert_int_equal(after(60), 0);
}

static int
setup(void **state)
{
	(void)state;
	c = selfcheck_open(&(struct finding_sink){ on_finding, NULL });
	now = UINT64_C(1764547200) * SECOND;
	(void)strcpy(disk.path, "/var/log");
	disk.free_percent = 50;
	disk.known = false;
	(void)strcpy(sink.name, "siem");
	sink.transport = "tcp";
	view = (struct selfcheck_view){ .counters = &counters, .outcomes = outcomes, .sinks = &sink, .n_sinks = 1 };
	n_got = 0;
	jumps = 0;
	memset(&counters, 0, sizeof(counters));
	memset(outcomes, 0, sizeof(outcomes));
	return c == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	selfcheck_close(c);
	return 0;
}

int
main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(frames_are_lost), EACH(one_direction_only), EACH(the_clock_is_set), EACH(a_disk_fills),
		EACH(an_output_does_not_keep_up), EACH(a_certificate_expires), EACH(rules_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
