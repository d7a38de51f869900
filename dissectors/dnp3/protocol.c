#include "record/protocol.h"

#include "record/attribute.h"
#include "record/dnp3.h"

static const uint16_t ports[] = { 20000, 0 };

static const struct protocol_code codes[] = { { .before = "DNP3 function" } };

static unsigned
fact_source(uint32_t function)
{
	(void)function;
	return ATTR_BY_DNP3;
}

extern const struct protocol_values dnp3_tag_values;
extern const struct protocol dnp3_protocol;
const struct protocol dnp3_protocol = {
	.proto = OP_DNP3, .family = OP_DNP3,
	.name = "dnp3", .title = "DNP3", .event = "dnp3",
	.variable = "DNP3", .data = "application fragment", .by_ndpi = true,
	.function_max = 255, .codes = codes,
	.tcp_ports = ports, .udp_ports = ports,
	.value_at = dnp3_value_at,
	.unit = { .name = "outstation", .before = "outstation", .between = "at", .distant = true },
	.values = &dnp3_tag_values,
	.counters = { CNT_APP_DNP3_FLOWS, CNT_APP_DNP3_TX, CNT_APP_DNP3_GAP,
	    CNT_APP_DNP3_PARSER, CNT_APP_DNP3_BLIND },
	.fact_source = fact_source,
	.lost = ANOM_NONE, .withdrawn = ANOM_DNP3_WITHDRAWN,
};
