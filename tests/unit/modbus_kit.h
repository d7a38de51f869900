/* modbus_kit.h - what the Modbus dissector says, and ADUs for it (sink_kit.h). */
#ifndef TESTS_MODBUS_KIT_H
#define TESTS_MODBUS_KIT_H

#define KIT_PORT 502
#define KIT_OWN \
	uint16_t	 transaction;	/* of the next ADU that kit_mbap() makes */ \
	uint8_t		 unit;

#include "sink_kit.h"
#include "record/modbus.h"

static inline void
kit_item(struct strbuf *s, const struct op_item *it)
{
	strbuf_printf(s, " [%s%s", it->written ? ">" : "", op_space_name(it->space));
	if (it->number != 0)
		strbuf_printf(s, " #%u", it->number);
	if (it->ranged)
		strbuf_printf(s, " %u+%u", it->first, it->count);
	kit_values(s, it);
	strbuf_put(s, "]");
}

static inline void
kit_operation(void *arg, const struct operation *op)
{
	struct strbuf *s = kit_begin(arg, op);

	strbuf_printf(s, " unit %u %u", op->unit, op->function);
	if (op->has_subfunction)
		strbuf_printf(s, "/%u", op->subfunction);
	strbuf_printf(s, " %s", op->name);
	if (op->subname != NULL)
		strbuf_printf(s, ": %s", op->subname);
	kit_outcome(s, op);
	if (op->outcome == OUTCOME_EXCEPTION)
		strbuf_printf(s, " %u %s", op->exception, kit_exception(op));
	for (uint32_t i = 0; i < op->n_items; i++)
		kit_item(s, &op->items[i]);
	kit_params(s, op);
	kit_facts(s, op, true);
	kit_anomalies(s, op);
	strbuf_put(s, "\n");
}

static inline void
kit_open(struct kit *k, uint16_t port)
{
	kit_start(k, port, kit_operation);
	k->unit = 1;
	k->transaction = 1;
}

/* A PDU in hexadecimal, with its MBAP header in front. */
static inline size_t
kit_adu(const struct kit *k, const char *pdu, uint8_t *to)
{
	size_t n = kit_hex(pdu, to + 7);

	to[0] = (uint8_t)(k->transaction >> 8);
	to[1] = (uint8_t)k->transaction;
	to[2] = to[3] = 0;
	to[4] = (uint8_t)((n + 1) >> 8);
	to[5] = (uint8_t)(n + 1);
	to[6] = k->unit;
	return n + 7;
}

static inline void
kit_mbap(struct kit *k, enum flow_dir dir, const char *pdu)
{
	uint8_t b[2100];

	kit_send(k, dir, b, kit_adu(k, pdu, b));
}

/* Request, answer, next transaction. */
static inline void
kit_exchange(struct kit *k, const char *request, const char *answer)
{
	kit_mbap(k, DIR_FROM_0, request);
	kit_mbap(k, DIR_FROM_1, answer);
	k->transaction++;
}

/* A conversation that is known to be Modbus; what made it known is forgotten. */
static inline void
kit_open_known(struct kit *k)
{
	kit_open(k, KIT_PORT);
	kit_exchange(k, "03 0000 0001", "03 02 0000");
	(void)kit_said(k);
}

#endif
