#include "engine/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/operation.h"

/* Only where tests and fuzzers run; elsewhere the number in `stats` says it. */
static void
wrong(const char *what, uint64_t have, uint64_t explained)
{
#ifdef TW_SANITIZED
	fprintf(stderr, "accounting: %s: %" PRIu64 ", explained %" PRIu64 "\n", what, have, explained);
	abort();
#else
	(void)what, (void)have, (void)explained;
#endif
}

/* Is the protocol of this flow known, and none of ours?  One of ours that no dissector
 * confirmed does not count. */
static bool
named_other(const struct flow *f)
{
	if (f->app_proto == NULL)
		return false;
	for (int p = 0; p < OP_PROTO_COUNT; p++)
		if (strcmp(protocols[p]->name, f->app_proto) == 0)
			return false;
	return true;
}

void
account_flow(struct counters *c, const struct flow *f, bool plant_port)
{
	uint64_t unclaimed = f->unclaimed[0] + f->unclaimed[1];

	for (unsigned e = 0; e < 2; e++) {
		uint64_t explained = f->read[e] + f->blind[e] + f->unclaimed[e];

		count_n(c, CNT_ACC_BYTES, f->payload[e]);
		count_n(c, CNT_ACC_READ, f->read[e]);
		count_n(c, CNT_ACC_BLIND, f->blind[e]);
		if (explained != f->payload[e]) {
			count_n(c, CNT_ACC_BYTES_LOST, f->payload[e] > explained ?
			    f->payload[e] - explained : explained - f->payload[e]);
			wrong("bytes of a flow", f->payload[e], explained);
		}
	}
	if (unclaimed == 0)
		return;
	if (f->protocol == NULL && named_other(f)) {
		count_n(c, CNT_ACC_OTHER, unclaimed);
		return;
	}
	count_n(c, CNT_ACC_UNKNOWN, unclaimed);
	count_n(c, plant_port ? CNT_APP_PORT_UNREAD : CNT_APP_UNKNOWN, unclaimed);
}

void
account_frames(struct counters *c)
{
	uint64_t frames = c->v[CNT_DEC_PACKETS], elsewhere = 0, explained;

	for (unsigned i = 0; i < CNT_COUNT; i++)
		if ((counter_marks[i] & COUNTER_FRAME) != 0)
			elsewhere += c->v[i];
	explained = c->v[CNT_FLOW_FRAMES] + elsewhere;
	c->v[CNT_ACC_FRAMES] = c->v[CNT_FLOW_FRAMES];
	c->v[CNT_ACC_ELSEWHERE] = elsewhere;
	c->v[CNT_ACC_FRAMES_LOST] = frames > explained ? frames - explained : explained - frames;
	if (explained != frames)
		wrong("frames", frames, explained);
}
