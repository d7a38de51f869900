#include "record/attribute.h"
#include "record/protocol.h"

static const uint16_t ports[] = { 502, 0 };

static const struct protocol_code codes[] = { { .before = "Modbus function", .sub = true } };

static unsigned
fact_source(uint32_t function)
{
	return function == 17 ? ATTR_BY_MODBUS_REPORT : function == 90 ? ATTR_BY_UMAS : ATTR_BY_MODBUS_ID;
}

extern const struct protocol_values modbus_tag_values;
extern const struct protocol modbus_protocol;
const struct protocol modbus_protocol = {
	.proto = OP_MODBUS, .family = OP_MODBUS,
	.name = "modbus", .title = "Modbus", .event = "modbus",
	.variable = "MODBUS", .data = "data",
	.function_max = 127, .codes = codes,
	.tcp_ports = ports, .udp_ports = ports,
	/* Unit 0 and 255 are the device itself where no gateway is (MBTCP, appendix A). */
	.unit = { .name = "unit identifier", .before = "unit", .between = "of", .none = { 0, 255 },
	    .all = "all units of", .gateway = true },
	.values = &modbus_tag_values,
	.counters = { CNT_APP_MODBUS_FLOWS, CNT_APP_MODBUS_TX, CNT_APP_MODBUS_GAP,
	    CNT_APP_MODBUS_PARSER, CNT_APP_MODBUS_BLIND },
	.fact_source = fact_source,
	.lost = ANOM_NONE, .withdrawn = ANOM_MB_WITHDRAWN,
};
