#include "record/iec104.h"
#include "record/protocol.h"

static const uint16_t ports[] = { 2404, 0 };

static const struct protocol_code codes[] = {
	{ .from = IEC104_CONTROL, .before = "IEC 104 control octet", .hex = 2, .counted = true },
	{ .before = "IEC 104 type" },
};

#define FORMAT(text, from, to) { "iec104.format", text, from, to }
#define CAUSE(text, n) { "iec104.cot", text, n, n }
static const struct protocol_name names[] = {
	FORMAT("i", 0, 255), FORMAT("s", IEC104_S_FORMAT, IEC104_S_FORMAT),
	FORMAT("u", IEC104_CONTROL + 3, IEC104_CONTROL + 255),
	/* Snort's */
	FORMAT("information_transfer_format", 0, 255),
	FORMAT("numbered_supervisory_function", IEC104_S_FORMAT, IEC104_S_FORMAT),
	FORMAT("unnumbered_control_function", IEC104_CONTROL + 3, IEC104_CONTROL + 255),
	CAUSE("per", IEC104_PERIODIC), CAUSE("back", IEC104_BACKGROUND), CAUSE("spont", IEC104_SPONTANEOUS),
	CAUSE("init", IEC104_INITIALIZED), CAUSE("req", IEC104_REQUEST), CAUSE("act", IEC104_ACT),
	CAUSE("con", IEC104_ACT_CON), CAUSE("actcon", IEC104_ACT_CON), CAUSE("deact", IEC104_DEACT),
	CAUSE("deactcon", IEC104_DEACT_CON), CAUSE("term", IEC104_ACT_TERM), CAUSE("actterm", IEC104_ACT_TERM),
	CAUSE("retrem", 11), CAUSE("retloc", 12), CAUSE("file", IEC104_FILE),
	CAUSE("inrogen", IEC104_INTERROGATED), CAUSE("reqcogen", IEC104_COUNTERS),
	{ .word = NULL }
};

extern const struct protocol_values iec104_tag_values;
extern const struct protocol iec104_protocol;
const struct protocol iec104_protocol = {
	.proto = OP_IEC104, .family = OP_IEC104,
	.name = "iec104", .title = "IEC 104", .also = "iec60870 iec60870-5-104", .event = "iec104",
	.variable = "IEC104", .codes = codes, .names = names, .function_max = 0x1ff,
	.tcp_ports = ports,
	/* Without an ASDU nobody is addressed. */
	.unit = { .name = "common address", .before = "station", .distant = true, .between = "at", .none = { 0, 0 },
	    .all = "all stations at" },
	.values = &iec104_tag_values,
	.counters = { CNT_APP_IEC104_FLOWS, CNT_APP_IEC104_TX, CNT_APP_IEC104_GAP,
	    CNT_APP_IEC104_PARSER, CNT_APP_IEC104_BLIND },
	.lost = ANOM_I104_LOST, .withdrawn = ANOM_I104_WITHDRAWN,
};
