/* scan_kit.h - the detector of searching, flooding and guessing, and packets and operations for it.
 * Brings cmocka and detect_kit.h along. */
#ifndef TESTS_SCAN_KIT_H
#define TESTS_SCAN_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "detect/scan/scan.h"
#include "detect/emit.h"

#include "detect_kit.h"

static unsigned said[ALERT_TYPE_COUNT], n_said;
static struct finding last;
static char last_what[64], last_expected[64];
static struct flow flow;
static uint64_t op_id;

static inline void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	said[f->type]++;
	n_said++;
	last = *f;
	snprintf(last_what, sizeof(last_what), "%s", f->what != NULL ? f->what : "");
	snprintf(last_expected, sizeof(last_expected), "%s", f->expected != NULL ? f->expected : "");
}

static inline struct addr
ip(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t four[4] = { a, b, c, d };

	return addr_v4(four);
}

static inline void
forget(void)
{
	memset(said, 0, sizeof(said));
	n_said = 0;
}

static inline void
open_with(uint64_t trackers)
{
	static const struct detector *const list[] = { &detector_scan, NULL };

	config_free(&settings);
	config_defaults(&settings);
	if (trackers > 0)
		settings.detect.trackers = trackers;
	forget();
	op_id = 0;
	flow = (struct flow){ .id = 7, .addr = { ip(10, 0, 0, 1), ip(10, 0, 0, 2) },
	    .port = { 40000, 502 }, .proto = IP_TCP, .packets = { 9, 9 } };
	kit_open(list, on_finding);
}

static inline void
close_it(void)
{
	kit_close();
	config_free(&settings);
	settings = (struct settings){ 0 };
}

static inline uint64_t
number(const char *name)
{
	for (uint32_t i = 0; i < last.n_numbers; i++)
		if (strcmp(last.numbers[i].name, name) == 0)
			return (uint64_t)last.numbers[i].value;
	return UINT64_MAX;
}

static inline struct packet
tcp(struct addr src, struct addr dst, uint16_t dport, uint8_t flags, double at_s)
{
	return (struct packet){ .ts_ns = (uint64_t)(at_s * 1e9), .frame = 1, .src = src, .dst = dst,
	    .sport = 40000, .dport = dport, .ip_v = 4, .proto = IP_TCP, .tcp_flags = flags, .ttl = 64 };
}

static inline void
send(const struct packet *p)
{
	kit_packet(p, NULL, DIR_FROM_0);
}

static inline void
syn(struct addr src, struct addr dst, uint16_t dport, double at_s)
{
	struct packet p = tcp(src, dst, dport, TCP_SYN, at_s);

	send(&p);
}

static inline void
ping(struct addr src, struct addr dst, double at_s)
{
	struct packet p = tcp(src, dst, 0, 0, at_s);

	p.proto = IP_ICMP;
	p.icmp_type = 8;
	send(&p);
}

static inline struct operation
operation(enum op_proto proto, uint32_t function, double at_s)
{
	uint64_t at = (uint64_t)(at_s * 1e9);

	return (struct operation){ .id = ++op_id, .flow = &flow, .phase = OP_FINISHED, .proto = proto,
	    .function = function, .intent = INTENT_READ, .outcome = OUTCOME_ANSWERED, .unit = 1,
	    .request = { .seen = true, .ts_ns = at, .frame = 1 },
	    .response = { .seen = true, .ts_ns = at + 1, .frame = 2 } };
}

static inline void
give(const struct operation *op)
{
	kit_show(op);
}

/* The hosts of the flow take part in control traffic. */
static inline void
take_part(double at_s)
{
	struct operation op = operation(OP_MODBUS, 3, at_s);

	op.id = 1;
	give(&op);
}

#endif
