#include "output/losses.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/str.h"

static const struct { enum counter_id id; const char *what; } classes[QUEUE_CLASSES] = {
	[QUEUE_OPERATION] = { CNT_OUT_LOST_OPERATIONS, "operations" },
	[QUEUE_FLOW] = { CNT_OUT_LOST_FLOWS, "flows" },
	[QUEUE_ANOMALY] = { CNT_OUT_LOST_ANOMALIES, "anomalies" },
	[QUEUE_STATS] = { CNT_OUT_LOST_STATS, "statistics" },
	[QUEUE_LOW] = { CNT_OUT_LOST_LOW, "alerts of severity 3 and 4" },
	[QUEUE_ALERT] = { CNT_OUT_LOST_ALERTS, "alerts of severity 1 and 2" },
};

uint64_t
losses_sum(const struct losses *l)
{
	uint64_t n = 0;

	for (int i = 0; i < QUEUE_CLASSES; i++)
		n += l->of[i];
	return n;
}

void
losses_add(struct losses *l, struct counters *c, enum queue_class class, const char *target)
{
	l->of[class]++;
	count(c, CNT_OUT_LOST);
	count(c, classes[class].id);
	if (l->losing)
		return;
	l->losing = true;
	l->before = losses_sum(l) - 1;
	if (target != NULL)
		log_warn("output", "%s: its reader or its disk is too slow; what does not fit in memory is "
		    "left out, the least important first, until it keeps up again", target);
}

void
losses_end(struct losses *l, const char *target)
{
	char text[256];
	struct strbuf b = strbuf_on(text, sizeof(text));

	l->losing = false;
	for (int i = QUEUE_CLASSES - 1; i >= 0; i--)
		if (l->of[i] > 0)
			strbuf_printf(&b, "%s%" PRIu64 " %s", b.len > 0 ? ", " : "", l->of[i], classes[i].what);
	log_note("output", "%s: lines are written again; %" PRIu64 " were lost (since the start: %s)", target,
	    losses_sum(l) - l->before, text);
}
