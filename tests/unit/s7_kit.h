/* s7_kit.h - what the S7 dissectors say, and messages for them (sink_kit.h). */
#ifndef TESTS_S7_KIT_H
#define TESTS_S7_KIT_H

#define KIT_PORT 102
#define KIT_QUOTED true

#include "sink_kit.h"
#include "record/s7.h"

static inline void
kit_item(struct strbuf *s, const struct op_item *it)
{
	char address[OP_ADDRESS_MAX];

	strbuf_printf(s, " [%s%s", it->written ? ">" : "", op_space_name(it->space));
	if (op_item_address(it, address))
		strbuf_printf(s, " %s", address);
	else {
		strbuf_printf(s, " #%u", it->number);
		if (it->ranged)
			strbuf_printf(s, " %u+%u", it->first, it->count);
	}
	if (it->status != 0)
		strbuf_printf(s, " status %u", it->status);
	kit_values(s, it);
	strbuf_put(s, "]");
}

static inline void
kit_operation(void *arg, const struct operation *op)
{
	struct strbuf *s = kit_begin(arg, op);
	const struct s7_detail *d = op->detail;

	strbuf_printf(s, " %s", op->name);
	if (op->subname != NULL)
		strbuf_printf(s, ": %s", op->subname);
	kit_outcome(s, op);
	if (op->outcome == OUTCOME_EXCEPTION)
		strbuf_printf(s, " %04x %s", op->exception, kit_exception(op));
	for (uint32_t i = 0; i < op->n_items; i++)
		kit_item(s, &op->items[i]);
	kit_params(s, op);
	kit_facts(s, op, false);
	kit_anomalies(s, op);
	if (d != NULL && (d->request.unread > 0 || d->response.unread > 0))
		strbuf_printf(s, " unread %u<%u", d->request.unread, d->response.unread);
	strbuf_put(s, "\n");
}

static inline void
kit_open(struct kit *k, uint16_t port)
{
	kit_start(k, port, kit_operation);
}

/* TPKT and a whole data TPDU around these bytes. */
static inline size_t
kit_carry(const uint8_t *p, size_t n, bool eot, uint8_t *to)
{
	to[0] = 3;
	to[1] = 0;
	to[2] = (uint8_t)((n + 7) >> 8);
	to[3] = (uint8_t)(n + 7);
	to[4] = 2;
	to[5] = 0xf0;
	to[6] = eot ? 0x80 : 0;
	memcpy(to + 7, p, n);
	return n + 7;
}

/* An S7comm message: header made here. */
static inline size_t
kit_pdu(uint8_t rosctr, uint16_t ref, const char *par, const char *dat, uint8_t *to)
{
	uint8_t b[4000];
	size_t h = rosctr == 2 || rosctr == 3 ? 12 : 10, n, m;

	memset(b, 0, h);
	n = kit_hex(par, b + h);
	m = kit_hex(dat, b + h + n);
	b[0] = 0x32;
	b[1] = rosctr;
	b[4] = (uint8_t)(ref >> 8);
	b[5] = (uint8_t)ref;
	b[6] = (uint8_t)(n >> 8);
	b[7] = (uint8_t)n;
	b[8] = (uint8_t)(m >> 8);
	b[9] = (uint8_t)m;
	return kit_carry(b, h + n + m, true, to);
}

static inline void
kit_s7(struct kit *k, enum flow_dir dir, uint8_t rosctr, uint16_t ref, const char *par,
    const char *dat)
{
	uint8_t b[4100];

	kit_send(k, dir, b, kit_pdu(rosctr, ref, par, dat, b));
}

/* Bytes of a TPDU (from its length) in a TPKT. */
static inline void
kit_tpdu(struct kit *k, enum flow_dir dir, const char *hex)
{
	uint8_t b[600];
	size_t n = kit_hex(hex, b + 4);

	b[0] = 3;
	b[1] = 0;
	b[2] = (uint8_t)((n + 4) >> 8);
	b[3] = (uint8_t)(n + 4);
	kit_send(k, dir, b, n + 4);
}

/* TPDUs for kit_tpdu(): a connection, asked for and confirmed. */
#define CR "11 E0 0000 0001 00 C1 02 0100 C2 02 0102 C0 01 0A"
#define CC "11 D0 0001 0002 00 C0 01 0A C1 02 0100 C2 02 0102"

/* A conversation that is known to be S7comm; what made it known is forgotten. */
static inline void
kit_open_known(struct kit *k)
{
	kit_open(k, KIT_PORT);
	kit_s7(k, DIR_FROM_0, 1, 1, "F0 00 0008 0008 03C0", "");
	kit_s7(k, DIR_FROM_1, 3, 1, "F0 00 0008 0008 03C0", "");
	(void)kit_said(k);
}

#endif
