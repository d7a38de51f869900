#include "record/protocol.h"

static const uint16_t ports[] = { 2404, 0 };

extern const struct protocol iec104_protocol;
const struct protocol iec104_protocol = {
	.proto = OP_IEC104, .family = OP_IEC104,
	.name = "iec104", .title = "IEC 104", .also = "iec60870 iec60870-5-104", .event = "iec104",
	.variable = "IEC104",
	.function_max = 0x1ff,
	.tcp_ports = ports,
	/* Without an ASDU nobody is addressed. */
	.unit = { .name = "common address", .before = "station", .between = "at", .none = { 0, 0 },
	    .all = "all stations at" },
	.counters = { CNT_APP_IEC104_FLOWS, CNT_APP_IEC104_TX, CNT_APP_IEC104_GAP,
	    CNT_APP_IEC104_PARSER, CNT_APP_IEC104_BLIND },
	.lost = ANOM_I104_LOST, .withdrawn = ANOM_I104_WITHDRAWN,
};
