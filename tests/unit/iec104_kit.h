/* iec104_kit.h - what the IEC 60870-5-104 dissector says, and APDUs for it (sink_kit.h). */
#ifndef TESTS_IEC104_KIT_H
#define TESTS_IEC104_KIT_H

#define KIT_PORT 2404
#define KIT_TEXT (1u << 16)
#define KIT_ARENA (1024u * 1024)
#define KIT_OWN \
	uint16_t	 send[2];	/* number of each end's next APDU */

#include "sink_kit.h"
#include "dissectors/iec104/iec104.h"

#define MASTER	DIR_FROM_0
#define STATION	DIR_FROM_1

static inline void
kit_operation(void *arg, const struct operation *op)
{
	struct strbuf *s = kit_begin(arg, op);

	strbuf_printf(s, " ca %u %s", op->unit, op->name);
	if (op->subname != NULL)
		strbuf_printf(s, " (%s)", op->subname);
	kit_outcome(s, op);
	if (op->command != CMD_NONE)
		strbuf_printf(s, " {%s}", op_command_name(op->command));
	if (op->outcome == OUTCOME_EXCEPTION)
		strbuf_printf(s, " %u %s", op->exception, kit_exception(op));
	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = &op->items[i];

		strbuf_printf(s, " [%s%u", it->written ? ">" : "", it->number);
		if (it->ranged)
			strbuf_printf(s, " %u+%u", it->first, it->count);
		kit_values(s, it);
		strbuf_put(s, "]");
	}
	kit_params(s, op);
	kit_anomalies(s, op);
	strbuf_put(s, "\n");
}

static inline void
kit_open(struct kit *k, uint16_t port)
{
	kit_start(k, port, kit_operation);
}

/* An APDU around an ASDU in hexadecimal; returns its octets. */
static inline size_t
kit_wrap(struct kit *k, enum flow_dir dir, const char *hex, uint8_t *to)
{
	size_t n = kit_hex(hex, to + 6);

	to[0] = 0x68;
	to[1] = (uint8_t)(n + 4);
	to[2] = (uint8_t)(k->send[dir] << 1);
	to[3] = (uint8_t)(k->send[dir] >> 7);
	to[4] = (uint8_t)(k->send[dir ^ 1u] << 1);
	to[5] = (uint8_t)(k->send[dir ^ 1u] >> 7);
	k->send[dir] = (k->send[dir] + 1u) & 0x7fff;
	return n + 6;
}

static inline void
kit_asdu(struct kit *k, enum flow_dir dir, const char *hex)
{
	uint8_t wire[300];

	kit_send(k, dir, wire, kit_wrap(k, dir, hex, wire));
}

/* Octets as they are. */
static inline void
kit_raw(struct kit *k, enum flow_dir dir, const char *hex)
{
	uint8_t wire[600];

	kit_send(k, dir, wire, kit_hex(hex, wire));
}

/* STARTDT and its confirmation; what they say is forgotten. */
static inline void
kit_begun(struct kit *k)
{
	kit_raw(k, MASTER, "680407000000");
	kit_raw(k, STATION, "68040B000000");
	(void)kit_said(k);
}

#endif
