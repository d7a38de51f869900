/* fuzz_iec104.c - a hostile conversation for the IEC 60870-5-104 dissector: what it is fed
 * and what is held stands in dissect_fuzz.h.  Held besides: an ASDU has no more objects
 * than it says, each can be read, and an object no more fields than there is room for. */
#include <stdlib.h>

#include "dissect_fuzz.h"
#include "record/iec104.h"

extern const struct dissector iec104_dissector;

static uint64_t
sum_message(const struct iec104_message *m)
{
	const struct iec104_asdu *a = &m->asdu;
	uint64_t h = (uint64_t)m->control << 32 | (uint64_t)m->send << 16 | m->receive;
	struct iec104_object o;

	if (!m->present)
		return 0;
	if (a->n_objects > a->count)
		abort();
	for (uint32_t i = 0; i < a->n_objects; i++) {
		a->object(a, i, &o);
		if (o.n > IEC104_FIELDS_MAX)
			abort();
		h = fuzz_mix(h ^ o.ioa);
		for (uint32_t k = 0; k < o.n; k++)
			h = fuzz_mix(h ^ fuzz_value(&o.field[k].value) ^ strlen(o.field[k].name));
	}
	return h ^ (uint64_t)a->ca << 24 ^ (uint64_t)a->type << 8 ^ a->cause ^ fuzz_touch(a->bytes, a->len);
}

static uint64_t
sum_detail(const struct operation *op)
{
	const struct iec104_detail *d = op->detail;

	return sum_message(&d->request) ^ sum_message(&d->response) * 3 ^ sum_message(&d->termination) * 5;
}

static const struct dissector *const only[] = { &iec104_dissector, NULL };
static const enum counter_id lost[] = { CNT_APP_IEC104_PARSER, CNT_APP_IEC104_BLIND };
static const enum counter_id flows[] = { CNT_APP_IEC104_FLOWS };

const struct fuzz_target fuzz_target = {
	.dissectors = only, .port = 2404, .sum_detail = sum_detail,
	.lost = lost, .n_lost = sizeof(lost) / sizeof(lost[0]),
	.flows = flows, .n_flows = sizeof(flows) / sizeof(flows[0]),
};
