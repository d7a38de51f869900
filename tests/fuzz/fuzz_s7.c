/* fuzz_s7.c - a hostile conversation for the S7 dissectors: what they are fed and
 * what is held stands in dissect_fuzz.h.  There is no S7 in datagrams. */
#include "dissect_fuzz.h"
#include "record/s7.h"

extern const struct dissector s7comm_dissector, s7plus_dissector;

static uint64_t
text(const char *s)
{
	return s != NULL ? strlen(s) : 0;
}

static uint64_t
sum_message(const struct s7_message *m)
{
	uint64_t h = m->function + m->plus_function;

	if (!m->present)
		return 0;
	h += text(m->rosctr_name) + text(m->function_name) + text(m->error_name) +
	    text(m->group_name) + text(m->subfunction_name) + text(m->szl_name) +
	    text(m->service_name) + text(m->opcode_name) + text(m->object_name);
	h ^= fuzz_touch(m->service.p, m->service.len) +
	    fuzz_touch(m->integrity.p, m->integrity.len);
	if (m->block != NULL)
		h ^= fuzz_touch(m->block->filename.p, m->block->filename.len) +
		    fuzz_touch(m->block->number.p, m->block->number.len) + text(m->block->type);
	if (m->cotp != NULL)
		h ^= fuzz_touch(m->cotp->calling_tsap.p, m->cotp->calling_tsap.len) +
		    fuzz_touch(m->cotp->called_tsap.p, m->cotp->called_tsap.len);
	return h;
}

static uint64_t
sum_detail(const struct operation *op)
{
	const struct s7_detail *d = op->detail;
	uint64_t h = 0;

	for (uint32_t i = 0; i < d->n_vars; i++)
		h += d->vars[i].address + text(d->vars[i].syntax_name) +
		    text(d->vars[i].area_name) + text(d->vars[i].return_name);
	return h ^ sum_message(&d->request) ^ sum_message(&d->response) * 3;
}

static const struct dissector *const only[] = { &s7comm_dissector, &s7plus_dissector, NULL };
/* A message that was cut, or had no room, shows as much as had come by then. */
static const enum counter_id lost[] = { CNT_APP_S7_PARSER, CNT_APP_S7_BLIND, CNT_APP_S7_CUT,
    CNT_APP_ARENA_FULL };
static const enum counter_id flows[] = { CNT_APP_S7_FLOWS, CNT_APP_S7P_FLOWS };

const struct fuzz_target fuzz_target = {
	.dissectors = only, .port = 102, .sum_detail = sum_detail,
	.lost = lost, .n_lost = sizeof(lost) / sizeof(lost[0]), .wrong_length = ANOM_S7_TPKT_LENGTH,
	.flows = flows, .n_flows = sizeof(flows) / sizeof(flows[0]),
};
