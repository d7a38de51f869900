/* dnp3_kit.h - run the DNP3 dissector in its room and write down, one line
 * each, what it says: so that a test states exactly what it expects. */
#ifndef TESTS_DNP3_KIT_H
#define TESTS_DNP3_KIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dissectors/dnp3/dnp3.h"
#include "base/str.h"
#include "dissect/dissect.h"
#include "guard.h"
#include "record/dnp3.h"

#define KIT_TEXT (1u << 18)

struct kit {
	struct arena	 arena;
	struct counters	 counters;
	struct dissect	*dissect;
	struct flow	 flow;
	uint64_t	 now_ns, frame;
	uint16_t	 master, outstation;
	uint8_t		 transport[2];	/* sequence of each direction's next segment */
	bool		 fields;	/* print what the EVE record would show, too */
	unsigned	 operations, anomalies;
	struct strbuf	 out;
	char		 text[KIT_TEXT];
};

static inline void
kit_value(struct strbuf *s, struct op_value v)
{
	switch (v.kind) {
	case VALUE_BYTES:
		for (uint32_t i = 0; i < v.len; i++)
			strbuf_printf(s, "%02x", v.bytes[i]);
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

static inline void
kit_item(struct strbuf *s, const struct op_item *it)
{
	strbuf_printf(s, " [%sg%uv%u", it->written ? ">" : "", it->number >> 8, it->number & 255);
	if (it->ranged)
		strbuf_printf(s, " %u+%u", it->first, it->count);
	for (uint32_t i = 0; i < it->n_values; i++) {
		struct op_value v = op_item_value(it, i);

		strbuf_printf(s, "%s%u:", i == 0 ? " = " : ",", v.index);
		kit_value(s, v);
	}
	if (it->status != 0)
		strbuf_printf(s, " status %u", it->status);
	strbuf_put(s, "]");
}

static inline void
kit_fields(struct strbuf *s, const struct dnp3_message *m)
{
	for (uint32_t i = 0; i < m->n_objects; i++) {
		struct dnp3_points walk = dnp3_points_of(&m->objects[i]);
		struct dnp3_point p;

		while (dnp3_next_point(&walk, &p)) {
			struct dnp3_fields it = dnp3_fields_of(&m->objects[i], &p);
			const struct dnp3_field *f;
			struct op_value v;

			strbuf_printf(s, " {%u", p.index);
			while (dnp3_next_field(&it, &f, &v)) {
				strbuf_printf(s, " %s=", f->name);
				v.has_flags = v.has_time = false;
				kit_value(s, v);
			}
			strbuf_put(s, "}");
		}
	}
	if (!m->complete)
		strbuf_put(s, " incomplete");
}

static inline void
kit_operation(void *arg, const struct operation *op)
{
	struct kit *k = arg;
	struct strbuf *s = &k->out;
	const struct dnp3_detail *d = op->detail;

	k->operations++;
	strbuf_printf(s, "%s %" PRIu64 " unit %u #%u %s", op->phase == OP_REQUESTED ? "?" : "=",
	    op->id, op->unit, op->transaction, op->name);
	if (op->subname != NULL)
		strbuf_printf(s, " (%s)", op->subname);
	strbuf_printf(s, ", %s, %s", op_intent_name(op->intent), op_outcome_name(op->outcome));
	if (op->outcome == OUTCOME_EXCEPTION)
		strbuf_printf(s, " %x %s", op->exception,
		    op->exception_name != NULL ? op->exception_name : "-");
	if (op->iin != 0)
		strbuf_printf(s, " iin %04x", op->iin);
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
	if (k->fields && d != NULL)
		kit_fields(s, d->response.present ? &d->response : &d->request);
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

/* A TCP conversation between port 40000 (end 0, the master) and `port`. */
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
	k->master = 1;
	k->outstation = 10;
	k->now_ns = 1000000000;
	assert_int_equal(arena_open(&k->arena, 1024 * 1024), 0);
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

/* "C1 01 3C02 06" to bytes; 'text' in quotes is taken as it is. */
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

/* A link frame around user data; returns its octets. */
static inline size_t
kit_frame(uint8_t control, uint16_t dst, uint16_t src, const uint8_t *user, size_t n, uint8_t *to)
{
	uint16_t crc;
	size_t at = 10;

	to[0] = 0x05;
	to[1] = 0x64;
	to[2] = (uint8_t)(n + 5);
	to[3] = control;
	to[4] = (uint8_t)dst;
	to[5] = (uint8_t)(dst >> 8);
	to[6] = (uint8_t)src;
	to[7] = (uint8_t)(src >> 8);
	crc = dn_crc(to, 8);
	to[8] = (uint8_t)crc;
	to[9] = (uint8_t)(crc >> 8);
	for (size_t i = 0; i < n; i += 16) {
		size_t len = n - i < 16 ? n - i : 16;

		memcpy(to + at, user + i, len);
		crc = dn_crc(user + i, len);
		at += len;
		to[at++] = (uint8_t)crc;
		to[at++] = (uint8_t)(crc >> 8);
	}
	return at;
}

/* A fragment in as many link frames as it takes, all in one segment; returns
 * their octets. */
static inline size_t
kit_fragment(struct kit *k, enum flow_dir dir, const uint8_t *app, size_t n, uint8_t *to)
{
	bool master = dir == DIR_FROM_0;
	size_t len = 0, at = 0;

	do {
		uint8_t user[250];
		size_t part = n - at < 249 ? n - at : 249;

		user[0] = (uint8_t)((at == 0 ? 0x40 : 0) | (at + part == n ? 0x80 : 0) |
		    (k->transport[dir]++ & 0x3f));
		memcpy(user + 1, app + at, part);
		len += kit_frame(master ? 0xc4 : 0x44, master ? k->outstation : k->master,
		    master ? k->master : k->outstation, user, part + 1, to + len);
		at += part;
	} while (at < n);
	return len;
}

/* A fragment in hexadecimal: application control, function, ... */
static inline void
kit_app(struct kit *k, enum flow_dir dir, const char *hex)
{
	static uint8_t app[8192], wire[10240];

	kit_send(k, dir, wire, kit_fragment(k, dir, app, kit_hex(hex, app), wire));
}

#define MASTER		DIR_FROM_0
#define OUTSTATION	DIR_FROM_1

#endif
