/* dnp3_kit.h - what the DNP3 dissector says, and fragments for it (sink_kit.h). */
#ifndef TESTS_DNP3_KIT_H
#define TESTS_DNP3_KIT_H

#define KIT_PORT 20000
#define KIT_TEXT (1u << 18)
#define KIT_ARENA (1024u * 1024)
#define KIT_OWN \
	uint16_t	 master, outstation; \
	uint8_t		 transport[2];	/* sequence of each direction's next segment */ \
	bool		 fields;	/* print what the EVE record would show, too */

#include "sink_kit.h"
#include "dissectors/dnp3/dnp3.h"
#include "record/dnp3.h"

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
	const struct kit *k = arg;
	struct strbuf *s = kit_begin(arg, op);
	const struct dnp3_detail *d = op->detail;

	strbuf_printf(s, " unit %u #%u %s", op->unit, op->transaction, op->name);
	if (op->subname != NULL)
		strbuf_printf(s, " (%s)", op->subname);
	kit_outcome(s, op);
	if (op->outcome == OUTCOME_EXCEPTION)
		strbuf_printf(s, " %x %s", op->exception, kit_exception(op));
	if (op->status != 0)
		strbuf_printf(s, " iin %04x", (unsigned)op->status);
	for (uint32_t i = 0; i < op->n_items; i++)
		kit_item(s, &op->items[i]);
	kit_params(s, op);
	kit_facts(s, op, true);
	if (k->fields && d != NULL)
		kit_fields(s, d->response.present ? &d->response : &d->request);
	kit_anomalies(s, op);
	strbuf_put(s, "\n");
}

/* The master is end 0. */
static inline void
kit_open(struct kit *k, uint16_t port)
{
	kit_start(k, port, kit_operation);
	k->master = 1;
	k->outstation = 10;
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

/* An integrity poll, and points that answer it. */
#define POLL	"C0 01 3C02 06 3C03 06 3C04 06 3C01 06"
#define ANSWER	"C0 81 0000 1E02 00 0001 01 0A00 01 F6FF 0101 00 0003 05"

#endif
