/* s7_kit.h - run the S7 dissectors in their room and write down, one line each,
 * what they say: so that a test states exactly what it expects. */
#ifndef TESTS_S7_KIT_H
#define TESTS_S7_KIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "dissect/dissect.h"
#include "guard.h"
#include "record/s7.h"

#define KIT_TEXT (1u << 16)

struct kit {
	struct arena	 arena;
	struct counters	 counters;
	struct dissect	*dissect;
	struct flow	 flow;
	uint64_t	 now_ns, frame;
	unsigned	 operations, anomalies;
	struct strbuf	 out;
	char		 text[KIT_TEXT];
};

static inline void
kit_value(struct strbuf *s, struct op_value v)
{
	if (v.kind == VALUE_BYTES) {
		bool plain = v.len > 0;

		for (uint32_t i = 0; i < v.len; i++)
			plain = plain && v.bytes[i] >= ' ' && v.bytes[i] < 127;
		if (plain)
			strbuf_printf(s, "'%.*s'", (int)v.len, (const char *)v.bytes);
		for (uint32_t i = 0; !plain && i < v.len; i++)
			strbuf_printf(s, "%02x", v.bytes[i]);
	} else if (v.kind == VALUE_REAL)
		strbuf_printf(s, "%g", v.r);
	else if (v.kind == VALUE_INT)
		strbuf_printf(s, "%" PRId64, v.i);
	else
		strbuf_printf(s, "%" PRIu64, v.u);
}

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
	for (uint32_t i = 0; i < it->n_values; i++) {
		strbuf_put(s, i == 0 ? " = " : ",");
		kit_value(s, op_item_value(it, i));
	}
	strbuf_put(s, "]");
}

static inline void
kit_operation(void *arg, const struct operation *op)
{
	struct kit *k = arg;
	struct strbuf *s = &k->out;

	k->operations++;
	strbuf_printf(s, "%s %" PRIu64 " %s", op->phase == OP_REQUESTED ? "?" : "=", op->id,
	    op->name);
	if (op->subname != NULL)
		strbuf_printf(s, ": %s", op->subname);
	strbuf_printf(s, ", %s, %s", op_intent_name(op->intent), op_outcome_name(op->outcome));
	if (op->outcome == OUTCOME_EXCEPTION)
		strbuf_printf(s, " %04x %s", op->exception,
		    op->exception_name != NULL ? op->exception_name : "-");
	for (uint32_t i = 0; i < op->n_items; i++)
		kit_item(s, &op->items[i]);
	for (uint32_t i = 0; i < op->n_params; i++) {
		strbuf_printf(s, " %s%s=", op->params[i].in_response ? "<" : "",
		    op->params[i].name);
		kit_value(s, op->params[i].value);
	}
	for (uint32_t i = 0; i < op->n_facts; i++)
		strbuf_printf(s, " %s=\"%.*s\"", op_fact_name(op->facts[i].key),
		    op->facts[i].len, (const char *)op->facts[i].bytes);
	for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
		strbuf_printf(s, " !%s", anomaly_row(op->anomalies[i].id)->text);
	if (op->detail != NULL) {
		const struct s7_detail *d = op->detail;

		if (d->request.unread > 0 || d->response.unread > 0)
			strbuf_printf(s, " unread %u<%u", d->request.unread, d->response.unread);
	}
	strbuf_put(s, "\n");
}

static inline void
kit_anomaly(void *arg, const struct anomaly *a)
{
	struct kit *k = arg;

	k->anomalies++;
	if (a->operation == 0)
		strbuf_printf(&k->out, "! %s\n", anomaly_row(a->id)->text);
}

static inline void
kit_open(struct kit *k, uint16_t port)
{
	static struct op_sink sink;
	const struct dissect_settings set = { .max_conversations = 8, .max_pending = 64,
	    .max_pending_flow = 16, .answer_timeout_ms = 10000 };

	memset(k, 0, sizeof(*k));
	sink = (struct op_sink){ .operation = kit_operation, .anomaly = kit_anomaly, .arg = k };
	k->flow = (struct flow){ .id = 1, .proto = 6, .ip_v = 4, .port = { 40000, port } };
	k->out = strbuf_on(k->text, sizeof(k->text));
	k->now_ns = 1000000000;
	assert_int_equal(arena_open(&k->arena, 256 * 1024), 0);
	k->dissect = dissect_open(&set, &sink, &k->arena, &k->counters);
	assert_non_null(k->dissect);
}

static inline void
kit_close(struct kit *k)
{
	dissect_closed(k->dissect, &k->flow, k->now_ns);
	assert_int_equal(k->counters.v[CNT_APP_BUG], 0);
	dissect_close(k->dissect);
	arena_close(&k->arena);
}

/* What was said since the last time, as text. */
static inline const char *
kit_said(struct kit *k)
{
	static char said[KIT_TEXT];

	memcpy(said, k->text, k->out.len + 1);
	k->out = strbuf_on(k->text, sizeof(k->text));
	return said;
}

/* One segment; its bytes end where memory ends. */
static inline void
kit_send(struct kit *k, enum flow_dir dir, const uint8_t *p, size_t n)
{
	const uint8_t *at = guard(p, n);

	k->now_ns += 1000000;
	k->frame++;
	arena_reset(&k->arena);
	k->flow.payload[dir] += n;
	k->flow.packets[dir]++;
	dissect_data(k->dissect, &k->flow, dir, at, (uint32_t)n, k->now_ns, k->frame, 0);
}

/* "03 006B 0003" to bytes; 'text' in quotes is taken as it is. */
static inline size_t
kit_hex(const char *hex, uint8_t *to)
{
	size_t n = 0;

	while (*hex != '\0') {
		unsigned v;

		if (*hex == ' ') {
			hex++;
		} else if (*hex == '\'') {
			for (hex++; *hex != '\''; hex++)
				to[n++] = (uint8_t)*hex;
			hex++;
		} else {
			assert_int_equal(sscanf(hex, "%2x", &v), 1);
			to[n++] = (uint8_t)v;
			hex += 2;
		}
	}
	return n;
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

#endif
