/* fuzz_modbus.c - a hostile conversation for the Modbus dissector: what it is fed
 * and what is held stands in dissect_fuzz.h. */
#include "dissect_fuzz.h"
#include "record/modbus.h"

extern const struct dissector modbus_dissector;

static uint64_t
sum_message(const struct modbus_message *m)
{
	uint64_t h = m->function_raw;

	if (!m->present)
		return 0;
	h += strlen(m->function_code) + m->access + m->category;
	if (m->has_data)
		h ^= fuzz_touch(m->data.p, m->data.len);
	if (m->has_diagnostic)
		h ^= fuzz_touch(m->diagnostic.data.p, m->diagnostic.data.len) + m->diagnostic.raw;
	if (m->has_mei)
		h ^= fuzz_touch(m->mei.data.p, m->mei.data.len) + m->mei.raw;
	if (m->has_read && !m->read.has_range)
		h ^= fuzz_touch(m->read.data.p, m->read.data.len);
	if (m->has_write && m->write.has_bytes)
		h ^= fuzz_touch(m->write.data.p, m->write.data.len);
	return h;
}

static uint64_t
sum_detail(const struct operation *op)
{
	const struct modbus_detail *d = op->detail;

	return sum_message(&d->request) ^ sum_message(&d->response) * 3;
}

static const struct dissector *const only[] = { &modbus_dissector, NULL };
static const enum counter_id lost[] = { CNT_APP_MODBUS_PARSER, CNT_APP_MODBUS_BLIND };
static const enum counter_id flows[] = { CNT_APP_MODBUS_FLOWS };

const struct fuzz_target fuzz_target = {
	.dissectors = only, .port = 502, .udp = true, .sum_detail = sum_detail,
	.lost = lost, .n_lost = sizeof(lost) / sizeof(lost[0]),
	.flows = flows, .n_flows = sizeof(flows) / sizeof(flows[0]),
	/* What the MBAP length covers behind the end of a message belongs to it in one piece, and
	 * comes too late in bytes. */
	.wrong_length = ANOM_MB_TRAILING,
};
