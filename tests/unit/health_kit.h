/* health_kit.h - one detector of health at a time, what it said, and operations and packets between
 * 10.0.0.1 and the device 10.0.0.2. */
#ifndef TESTS_HEALTH_KIT_H
#define TESTS_HEALTH_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "detect/health/health.h"

#include "detect_kit.h"

#define SEC 1000000000ull

static unsigned said[ALERT_TYPE_COUNT], n_said;
static struct finding last;
static char last_expected[80];
static struct flow flow;

static inline void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	said[f->type]++;
	n_said++;
	last = *f;
	snprintf(last_expected, sizeof(last_expected), "%s", f->expected != NULL ? f->expected : "");
}

static inline struct addr
host(uint8_t last_byte)
{
	const uint8_t four[4] = { 10, 0, 0, last_byte };

	return addr_v4(four);
}

static inline void
open_one(const struct detector *by)
{
	const struct detector *const list[] = { by, NULL };

	config_free(&settings);
	config_defaults(&settings);
	memset(said, 0, sizeof(said));
	n_said = 0;
	kit_now_ns = 0;
	flow = (struct flow){ .id = 7, .addr = { host(1), host(2) }, .port = { 4000, 502 }, .proto = IP_TCP,
	    .packets = { 9, 9 } };
	kit_open(list, on_finding);
}

static inline struct operation
operation(enum op_proto proto, uint32_t function, uint64_t at_s)
{
	static uint64_t id;

	return (struct operation){ .id = ++id, .flow = &flow, .phase = OP_FINISHED, .proto = proto,
	    .function = function, .intent = INTENT_MODE, .outcome = OUTCOME_ANSWERED, .unit = 1,
	    .request = { .seen = true, .ts_ns = at_s * SEC, .frame = at_s },
	    .response = { .seen = true, .ts_ns = at_s * SEC + 1, .frame = at_s + 1 } };
}

static inline struct packet
packet(uint8_t src, uint8_t dst, uint16_t dport, uint8_t flags, uint64_t at_s)
{
	return (struct packet){ .ts_ns = at_s * SEC, .frame = 1, .src = host(src), .dst = host(dst),
	    .sport = 4000, .dport = dport, .ip_v = 4, .proto = IP_TCP, .tcp_flags = flags };
}

#endif
