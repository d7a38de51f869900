/* alert_kit.h - findings go in, and what comes out is written down as it was during the call.
 * Brings cmocka along. */
#ifndef TESTS_ALERT_KIT_H
#define TESTS_ALERT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alert/alerts.h"

#define SEC 1000000000ull

static struct counters counters;
#define SEEN 8192u
static struct alert seen[SEEN];
static char sentences[SEEN][ALERT_SENTENCE_MAX];
static char uids[SEEN][ALERT_UID_LEN + 1];
static struct flow flows[SEEN];		/* as they were during the call */
static struct alert_target targets[SEEN][ALERT_TARGETS];
static unsigned n_seen;

static inline void
on_alert(void *arg, const struct alert *a)
{
	(void)arg;
	assert_true(n_seen < SEEN);
	assert_non_null(a->uid);
	assert_int_equal(strlen(a->uid), ALERT_UID_LEN);
	snprintf(sentences[n_seen], ALERT_SENTENCE_MAX, "%s", a->sentence);
	memcpy(uids[n_seen], a->uid, sizeof(uids[n_seen]));
	if (a->finding->flow != NULL)
		flows[n_seen] = *a->finding->flow;
	if (a->n_named > 0)
		memcpy(targets[n_seen], a->targets, a->n_named * sizeof(*a->targets));
	seen[n_seen++] = *a;
}

static inline struct alerts *
open_as(const char *sensor, uint64_t run, uint64_t merge_s, uint64_t limit, uint64_t windows, bool limit_is_set)
{
	static struct settings s;
	struct alerts_env env = { .settings = &s, .sink = { on_alert, NULL }, .counters = &counters,
	    .key = 7, .run = run };
	struct alerts *a;

	s = (struct settings){ .alert = { .merge_s = merge_s, .limit = limit, .windows = windows,
	    .limit_is_set = limit_is_set }, .output = { .sensor = sensor } };
	memset(&counters, 0, sizeof(counters));
	n_seen = 0;
	a = alerts_open(&env);
	assert_non_null(a);
	return a;
}

static inline struct alerts *
open_with(uint64_t merge_s, uint64_t limit, uint64_t windows)
{
	return open_as(NULL, 0, merge_s, limit, windows, true);
}

static inline struct addr
host(uint8_t last)
{
	const uint8_t four[4] = { 10, 0, 0, last };

	return addr_v4(four);
}

static inline struct finding
finding(uint64_t ts_s, enum alert_type type, uint64_t key)
{
	return (struct finding){ .type = type, .ts_ns = ts_s * SEC, .frame = ts_s, .src = host(1),
	    .dst = host(2), .sport = 1000, .dport = 502, .proto = 6, .key = key };
}

static inline void
give(struct alerts *a, uint64_t ts_s, enum alert_type type, uint64_t key)
{
	struct finding f = finding(ts_s, type, key);

	alerts_finding(a, &f);
}

/* An alert about a device; `answers`: the device took the conversation up. */
static inline void
about(struct alerts *a, uint64_t ts_s, enum alert_type type, uint32_t device, uint32_t client, bool answers)
{
	const uint8_t c[4] = { 10, 9, (uint8_t)(client >> 8), (uint8_t)client };
	const uint8_t d[4] = { 10, (uint8_t)(1 + (device >> 16)), (uint8_t)(device >> 8), (uint8_t)device };
	struct finding f = finding(ts_s, type, 0);
	static struct flow of;

	of = (struct flow){ .id = device * 70000ull + client + 1, .addr = { addr_v4(c), addr_v4(d) },
	    .port = { 4000, 502 }, .proto = 6, .packets = { 3, answers ? 2 : 0 },
	    .payload = { 30, answers ? 30 : 0 } };
	f.src = of.addr[0];
	f.dst = of.addr[1];
	f.flow = &of;
	alerts_finding(a, &f);
}

#endif
