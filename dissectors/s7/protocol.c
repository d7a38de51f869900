#include "record/protocol.h"

#include "s7.h"

#include "record/attribute.h"
#include "record/s7.h"

static const uint16_t ports[] = { 102, 0 };

/* Rack 0, slots 1 and 2 are what everybody has. */
#define SLOT_SAID 3

/* Groups of userdata stand behind the jobs; a program invocation has a name. */
static const struct protocol_code codes[] = {
	{ .from = S7_CODE_GROUP, .before = "S7 userdata", .counted = true, .sub = true },
	{ .from = S7_STOP, .before = "S7 job", .hex = 2 },
	{ .from = S7_PI, .before = "S7 service", .param = "service" },
	{ .before = "S7 job", .hex = 2 },
};
static const struct protocol_code plus_codes[] = { { .before = "S7comm-plus function", .hex = 4 } };

static const struct protocol_name names[] = {
	{ "s7comm.rosctr", "job", 1, 1 }, { "s7comm.rosctr", "ack", 2, 2 }, { "s7comm.rosctr", "ack-data", 3, 3 },
	{ "s7comm.rosctr", "ack_data", 3, 3 }, { "s7comm.rosctr", "userdata", 7, 7 },
	{ .word = NULL }
};

static const struct protocol_name plus_names[] = {
	{ "s7commplus_opcode", "request", 0x31, 0x31 }, { "s7commplus_opcode", "response", 0x32, 0x32 },
	{ "s7commplus_opcode", "notification", 0x33, 0x33 }, { "s7commplus_opcode", "response2", 0x02, 0x02 },
	{ .word = NULL }
};

static unsigned
fact_source(uint32_t function)
{
	(void)function;
	return ATTR_BY_SZL;
}

static unsigned
plus_fact_source(uint32_t function)
{
	(void)function;
	return ATTR_BY_S7PLUS;
}

extern const struct protocol_values s7_tag_values;
extern const struct protocol s7comm_protocol, s7plus_protocol;
const struct protocol s7comm_protocol = {
	.proto = OP_S7, .family = OP_S7,
	.name = "s7comm", .also = "s7", .title = "S7", .event = "s7comm",
	.variable = "S7",
	.function_max = S7_CODE_GROUP + 0xf, .codes = codes, .names = names,
	.tcp_ports = ports, .port_shared = true,
	.address = s7_address,
	.unit = { .name = "rack and slot", .device = "PLC", .slot_from = SLOT_SAID },
	.values = &s7_tag_values,
	.counters = { CNT_APP_S7_FLOWS, CNT_APP_S7_TX, CNT_APP_S7_GAP, CNT_APP_S7_PARSER,
	    CNT_APP_S7_BLIND },
	.fact_source = fact_source,
	.lost = ANOM_S7_LOST, .withdrawn = ANOM_S7_WITHDRAWN,
};

const struct protocol s7plus_protocol = {
	.proto = OP_S7PLUS, .family = OP_S7,
	.name = "s7comm-plus", .also = "s7commplus", .title = "S7comm-plus", .event = "s7comm",
	.data = "message",
	.function_max = 0xffff, .codes = plus_codes, .names = plus_names,
	.tcp_ports = ports, .port_shared = true,
	.unit = { .name = "rack and slot", .device = "PLC" },
	.counters = { CNT_APP_S7P_FLOWS, CNT_APP_S7P_TX, CNT_APP_S7_GAP, CNT_APP_S7_PARSER,
	    CNT_APP_S7_BLIND },
	.fact_source = plus_fact_source,
	.lost = ANOM_S7_LOST, .withdrawn = ANOM_S7_WITHDRAWN,
};
