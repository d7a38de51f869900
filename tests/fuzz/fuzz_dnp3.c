/* fuzz_dnp3.c - a hostile conversation for the DNP3 dissector: what it is fed and
 * what is held stands in dissect_fuzz.h.  Held besides: an object has no more points
 * than it says. */
#include <stdlib.h>

#include "dissect_fuzz.h"
#include "record/dnp3.h"

extern const struct dissector dnp3_dissector;

static uint64_t
sum_object(const struct dnp3_object *o)
{
	struct dnp3_points walk = dnp3_points_of(o);
	uint64_t h = (uint64_t)o->group << 16 | o->variation, n = 0;
	const struct dnp3_field *f;
	struct dnp3_point p;
	struct op_value v;

	while (dnp3_next_point(&walk, &p)) {
		struct dnp3_fields it = dnp3_fields_of(o, &p);

		n++;
		h = fuzz_mix(h ^ p.index ^ (uint64_t)p.prefix << 32);
		while (dnp3_next_field(&it, &f, &v)) {
			h += strlen(f->name);
			h ^= fuzz_value(&v);
		}
	}
	if (n > o->n_points)
		abort();
	return h;
}

static uint64_t
sum_message(const struct dnp3_message *m)
{
	uint64_t h = (uint64_t)m->function << 32 | (uint64_t)m->src << 16 | m->dst;

	if (!m->present)
		return 0;
	for (uint32_t i = 0; i < m->n_objects; i++)
		h = fuzz_mix(h ^ sum_object(&m->objects[i]));
	return h ^ m->iin ^ m->complete;
}

static uint64_t
sum_detail(const struct operation *op)
{
	const struct dnp3_detail *d = op->detail;

	return sum_message(&d->request) ^ sum_message(&d->response) * 3;
}

static const struct dissector *const only[] = { &dnp3_dissector, NULL };
static const enum counter_id lost[] = { CNT_APP_DNP3_PARSER, CNT_APP_DNP3_BLIND };
static const enum counter_id flows[] = { CNT_APP_DNP3_FLOWS };

const struct fuzz_target fuzz_target = {
	.dissectors = only, .port = 20000, .udp = true, .sum_detail = sum_detail,
	.lost = lost, .n_lost = sizeof(lost) / sizeof(lost[0]),
	.flows = flows, .n_flows = sizeof(flows) / sizeof(flows[0]),
};
