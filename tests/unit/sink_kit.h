/* sink_kit.h - run the dissectors in their room and write down, one line each, what
 * they say: so that a test states exactly what it expects.
 *
 * X_kit.h of a protocol includes this and adds kit_operation(), which writes the
 * line from the parts below, and what makes its PDUs.  It may define before:
 *
 *	KIT_TEXT	bytes of text kept between two calls of kit_said()
 *	KIT_ARENA	bytes of the arena
 *	KIT_QUOTED	true: bytes that are all printable stand as text in quotes
 *	KIT_OWN		members of struct kit for itself, 0 after kit_start()
 */
#ifndef TESTS_SINK_KIT_H
#define TESTS_SINK_KIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "dissect/dissect.h"
#include "guard.h"

#ifndef KIT_TEXT
#define KIT_TEXT (1u << 16)
#endif
#ifndef KIT_ARENA
#define KIT_ARENA (256u * 1024)
#endif
#ifndef KIT_QUOTED
#define KIT_QUOTED false
#endif
#ifndef KIT_OWN
#define KIT_OWN
#endif

struct kit {
	struct arena	 arena;
	struct counters	 counters;
	struct dissect	*dissect;
	struct flow	 flow;
	uint64_t	 now_ns, frame;
	unsigned	 operations, anomalies;
	struct operation last;		/* of which what it points to is gone, but for static texts */
	struct op_item	 last_item;	/* its first; all zero: it has none */
	struct strbuf	 out;
	char		 text[KIT_TEXT];
	KIT_OWN
};

static inline void
kit_bytes(struct strbuf *s, const uint8_t *p, uint32_t n)
{
	bool plain = KIT_QUOTED && n > 0;

	for (uint32_t i = 0; i < n; i++)
		plain = plain && p[i] >= ' ' && p[i] < 127;
	if (plain)
		strbuf_printf(s, "'%.*s'", (int)n, (const char *)p);
	for (uint32_t i = 0; !plain && i < n; i++)
		strbuf_printf(s, "%02x", p[i]);
}

static inline void
kit_value(struct strbuf *s, struct op_value v)
{
	switch (v.kind) {
	case VALUE_BYTES:
		kit_bytes(s, v.bytes, v.len);
		break;
	case VALUE_INT:
		strbuf_printf(s, "%" PRId64, v.i);
		break;
	case VALUE_REAL:
		strbuf_printf(s, "%g", v.r);
		break;
	case VALUE_NONE:
		strbuf_put(s, "-");
		break;
	default:
		strbuf_printf(s, "%" PRIu64, v.u);
		break;
	}
	if (v.has_flags)
		strbuf_printf(s, "/%02x", v.flags);
	if (v.has_time)
		strbuf_printf(s, "@%" PRIu64, v.time_ms);
}

/* Which operation, and whether it was asked or is done: the line begins so. */
static inline struct strbuf *
kit_begin(struct kit *k, const struct operation *op)
{
	k->operations++;
	k->last = *op;
	k->last_item = op->n_items > 0 ? op->items[0] : (struct op_item){ .space = SPACE_NONE };
	strbuf_printf(&k->out, "%s %" PRIu64, op->phase == OP_REQUESTED ? "?" : "=", op->id);
	return &k->out;
}

static inline void
kit_outcome(struct strbuf *s, const struct operation *op)
{
	strbuf_printf(s, ", %s, %s", op_intent_name(op->intent), op_outcome_name(op->outcome));
}

static inline const char *
kit_exception(const struct operation *op)
{
	return op->exception_name != NULL ? op->exception_name : "-";
}

static inline void
kit_values(struct strbuf *s, const struct op_item *it)
{
	for (uint32_t i = 0; i < it->n_values; i++) {
		strbuf_put(s, i == 0 ? " = " : ",");
		kit_value(s, op_item_value(it, i));
	}
}

static inline void
kit_params(struct strbuf *s, const struct operation *op)
{
	for (uint32_t i = 0; i < op->n_params; i++) {
		strbuf_printf(s, " %s%s=", op->params[i].in_response ? "<" : "",
		    op->params[i].name);
		kit_value(s, op->params[i].value);
	}
}

static inline void
kit_facts(struct strbuf *s, const struct operation *op, bool numbered)
{
	for (uint32_t i = 0; i < op->n_facts; i++) {
		strbuf_printf(s, " %s", op_fact_name(op->facts[i].key));
		if (numbered)
			strbuf_printf(s, ":%u", op->facts[i].number);
		strbuf_printf(s, "=\"%.*s\"", op->facts[i].len, (const char *)op->facts[i].bytes);
	}
}

static inline void
kit_anomalies(struct strbuf *s, const struct operation *op)
{
	for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
		strbuf_printf(s, " !%s", anomaly_row(op->anomalies[i].id)->text);
}

/* An anomaly of no operation has a line of its own. */
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
kit_start(struct kit *k, uint16_t port, void (*operation)(void *, const struct operation *))
{
	static struct op_sink sink;
	const struct dissect_settings set = { .max_conversations = 8, .max_pending = 64,
	    .max_pending_flow = 16, .answer_timeout_ms = 10000 };

	memset(k, 0, sizeof(*k));
	sink = (struct op_sink){ .operation = operation, .anomaly = kit_anomaly, .arg = k };
	k->flow = (struct flow){ .id = 1, .proto = 6, .ip_v = 4, .port = { 40000, port } };
	k->out = strbuf_on(k->text, sizeof(k->text));
	k->now_ns = 1000000000;
	assert_int_equal(arena_open(&k->arena, KIT_ARENA), 0);
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

/* A request and its answer, once for each byte of either and each change of it; what is
 * said is forgotten. */
static inline void
kit_exchange_changed(struct kit *k, uint8_t *q, size_t nq, uint8_t *a, size_t na)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };

	for (size_t at = 0; at < nq + na; at++)
		for (size_t f = 0; f < COUNTOF(flips); f++) {
			uint8_t *b = at < nq ? &q[at] : &a[at - nq];

			*b ^= flips[f];
			kit_send(k, DIR_FROM_0, q, nq);
			kit_send(k, DIR_FROM_1, a, na);
			*b ^= flips[f];
			(void)kit_said(k);
		}
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

#endif
