/* modbus_kit.h - run the Modbus dissector in its room and write down, one line
 * each, what it says: so that a test states exactly what it expects. */
#ifndef TESTS_MODBUS_KIT_H
#define TESTS_MODBUS_KIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "dissect/dissect.h"
#include "guard.h"
#include "record/modbus.h"

#define KIT_TEXT (1u << 16)

struct kit {
	struct arena	 arena;
	struct counters	 counters;
	struct dissect	*dissect;
	struct flow	 flow;
	uint64_t	 now_ns, frame;
	uint16_t	 transaction;	/* of the next ADU that kit_mbap() makes */
	uint8_t		 unit;
	unsigned	 operations, anomalies;
	struct strbuf	 out;
	char		 text[KIT_TEXT];
};

static inline void
kit_value(struct strbuf *s, struct op_value v)
{
	if (v.kind == VALUE_BYTES) {
		for (uint32_t i = 0; i < v.len; i++)
			strbuf_printf(s, "%02x", v.bytes[i]);
	} else
		strbuf_printf(s, "%" PRIu64, v.u);
}

static inline void
kit_item(struct strbuf *s, const struct op_item *it)
{
	strbuf_printf(s, " [%s%s", it->written ? ">" : "", op_space_name(it->space));
	if (it->number != 0)
		strbuf_printf(s, " #%u", it->number);
	if (it->ranged)
		strbuf_printf(s, " %u+%u", it->first, it->count);
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
	strbuf_printf(s, "%s %" PRIu64 " unit %u %u", op->phase == OP_REQUESTED ? "?" : "=",
	    op->id, op->unit, op->function);
	if (op->has_subfunction)
		strbuf_printf(s, "/%u", op->subfunction);
	strbuf_printf(s, " %s", op->name);
	if (op->subname != NULL)
		strbuf_printf(s, ": %s", op->subname);
	strbuf_printf(s, ", %s, %s", op_intent_name(op->intent), op_outcome_name(op->outcome));
	if (op->outcome == OUTCOME_EXCEPTION)
		strbuf_printf(s, " %u %s", op->exception,
		    op->exception_name != NULL ? op->exception_name : "-");
	for (uint32_t i = 0; i < op->n_items; i++)
		kit_item(s, &op->items[i]);
	for (uint32_t i = 0; i < op->n_params; i++) {
		strbuf_printf(s, " %s%s=", op->params[i].in_response ? "<" : "",
		    op->params[i].name);
		kit_value(s, op->params[i].value);
	}
	for (uint32_t i = 0; i < op->n_facts; i++)
		strbuf_printf(s, " %s:%u=\"%.*s\"", op_fact_name(op->facts[i].key),
		    op->facts[i].number, op->facts[i].len, (const char *)op->facts[i].bytes);
	for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
		strbuf_printf(s, " !%s", anomaly_row(op->anomalies[i].id)->text);
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

/* A TCP conversation between port 40000 (end 0) and `port` (end 1). */
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
	k->unit = 1;
	k->transaction = 1;
	k->now_ns = 1000000000;
	assert_int_equal(arena_open(&k->arena, 256 * 1024), 0);
	k->dissect = dissect_open(&set, &sink, &k->arena, &k->counters);
	assert_non_null(k->dissect);
}

static inline void
kit_close(struct kit *k)
{
	dissect_closed(k->dissect, &k->flow, k->now_ns);
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

/* One segment (or datagram); its bytes end where memory ends. */
static inline void
kit_send(struct kit *k, enum flow_dir dir, const uint8_t *p, size_t n)
{
	const uint8_t *at = guard(p, n);

	k->now_ns += 1000000;
	k->frame++;
	arena_reset(&k->arena);
	k->flow.payload[dir] += n;
	k->flow.packets[dir]++;
	if (k->flow.proto == 17)
		dissect_datagram(k->dissect, &k->flow, dir, at, (uint32_t)n, false, k->now_ns,
		    k->frame, 0);
	else
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

#endif
