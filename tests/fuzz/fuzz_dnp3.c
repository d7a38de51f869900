/* fuzz_dnp3.c - a hostile conversation for the DNP3 dissector.
 *
 * Input: one byte (bit 0: a strange port, bit 1: UDP, bit 2: joined midway), then
 * pieces: one byte (bit 7: from the server's end, the rest: length; 127: a second
 * byte is added), then that many bytes.  Each piece is one segment or datagram.
 *
 * Held: every value, name and fact of an operation can be read; and over TCP,
 * unless the place was lost, single bytes give the same operations as the pieces
 * of a conversation that begins with a whole PDU.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/dissect.h"
#include "dissect/dissector.h"
#include "record/dnp3.h"

struct run {
	struct dissect	*dissect;	/* opened once: that costs more than an input */
	struct op_sink	 sink;
	struct arena	 arena;
	struct counters	 counters;
	uint64_t	 sum;		/* of all operations, in order */
	uint64_t	 operations;
};

extern const struct dissector dnp3_dissector;

static volatile uint64_t sink_of_bytes;

static uint64_t
touch(const uint8_t *p, size_t n)
{
	return hash_bytes(n, p, n);
}

static uint64_t
sum_object(const struct dnp3_object *o)
{
	struct dnp3_points walk = dnp3_points_of(o);
	uint64_t h = (uint64_t)o->group << 16 | o->variation, n = 0;
	const struct dnp3_field *f;
	struct dnp3_point p;
	struct op_value v;

	while (dnp3_next_point(&walk, &p)) {
		struct dnp3_fields it = dnp3_fields_of(o, &p);

		n++;
		h = hash_mix(h ^ p.index ^ (uint64_t)p.prefix << 32, 0x9e3779b97f4a7c15u);
		while (dnp3_next_field(&it, &f, &v)) {
			h += strlen(f->name);
			h ^= v.kind == VALUE_BYTES ? touch(v.bytes, v.len) : v.u;
		}
	}
	if (n > o->n_points)
		abort();
	return h;
}

static uint64_t
sum_message(const struct dnp3_message *m)
{
	uint64_t h = (uint64_t)m->function << 32 | (uint64_t)m->src << 16 | m->dst;

	if (!m->present)
		return 0;
	for (uint32_t i = 0; i < m->n_objects; i++)
		h = hash_mix(h ^ sum_object(&m->objects[i]), 0x9e3779b97f4a7c15u);
	return h ^ m->iin ^ m->complete;
}

static void
on_operation(void *arg, const struct operation *op)
{
	struct run *r = arg;
	const struct dnp3_detail *d = op->detail;
	uint64_t h = op->id ^ op->function << 8 ^ (uint64_t)op->outcome << 16 ^
	    (uint64_t)op->phase << 24 ^ (uint64_t)op->n_anomalies << 32;

	if (op->name == NULL || strlen(op->name) == 0)
		abort();
	for (uint32_t i = 0; i < op->n_items; i++)
		for (uint32_t k = 0; k < op->items[i].n_values; k++) {
			struct op_value v = op_item_value(&op->items[i], k);

			h = hash_mix(h ^ (v.kind == VALUE_BYTES ? touch(v.bytes, v.len) : v.u) ^
			    v.index ^ v.time_ms, 0x9e3779b97f4a7c15u);
		}
	for (uint32_t i = 0; i < op->n_params; i++) {
		const struct op_value *v = &op->params[i].value;

		h += strlen(op->params[i].name);
		h ^= v->kind == VALUE_BYTES ? touch(v->bytes, v->len) : v->u;
	}
	for (uint32_t i = 0; i < op->n_facts; i++)
		h ^= touch(op->facts[i].bytes, op->facts[i].len) + op->facts[i].key;
	h ^= sum_message(&d->request) ^ sum_message(&d->response) * 3;
	r->sum = hash_mix(r->sum ^ h, 0xa0761d6478bd642fu);
	r->operations++;
	sink_of_bytes += h;
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	(void)arg;
	if (anomaly_row(a->id)->text == NULL)
		abort();
}

/* One piece in segments of at most `cut` bytes, each from a block of its own. */
static void
give(struct dissect *d, struct run *r, struct flow *f, enum flow_dir dir, const uint8_t *p,
    size_t n, size_t cut, uint64_t now_ns)
{
	while (n > 0) {
		size_t len = n < cut ? n : cut;
		uint8_t *b = malloc(len);

		if (b == NULL)
			abort();
		memcpy(b, p, len);
		arena_reset(&r->arena);
		f->payload[dir] += len;
		if (f->proto == 17)
			dissect_datagram(d, f, dir, b, (uint32_t)len, false, now_ns, 1, 0);
		else
			dissect_data(d, f, dir, b, (uint32_t)len, now_ns, 1, 0);
		free(b);
		p += len;
		n -= len;
	}
}

static void
run_open(struct run *r)
{
	static const struct dissector *const only[] = { &dnp3_dissector, NULL };
	const struct dissect_settings set = { .max_conversations = 2, .max_pending = 16,
	    .max_pending_flow = 8, .answer_timeout_ms = 1000 };

	if (r->dissect != NULL)
		return;
	r->sink = (struct op_sink){ .operation = on_operation, .anomaly = on_anomaly, .arg = r };
	if (arena_open(&r->arena, 64 * 1024) != 0)
		abort();
	r->dissect = dissect_open_with(only, &set, &r->sink, &r->arena, &r->counters);
	if (r->dissect == NULL)
		abort();
}

static void
converse(struct run *r, const uint8_t *in, size_t n, size_t cut)
{
	struct flow f = { .id = 1, .proto = in[0] & 2 ? 17 : 6, .ip_v = 4,
	    .port = { 40000, in[0] & 1 ? 4711 : 20000 }, .midstream = (in[0] & 4) != 0 };
	uint64_t now_ns = 1000000000;

	run_open(r);
	memset(&r->counters, 0, sizeof(r->counters));
	r->sum = r->operations = 0;
	dissect_tick(r->dissect, now_ns);	/* the clock is set back from the last input's */
	for (size_t at = 1; at < n;) {
		enum flow_dir dir = in[at] & 0x80 ? DIR_FROM_1 : DIR_FROM_0;
		size_t len = in[at++] & 0x7f;

		if (len == 127 && at < n)
			len += in[at++];
		if (len > n - at)
			len = n - at;
		give(r->dissect, r, &f, dir, in + at, len, cut, now_ns);
		at += len;
		now_ns += 100000000;
		dissect_tick(r->dissect, now_ns);
	}
	dissect_closed(r->dissect, &f, now_ns);
	if (r->counters.v[CNT_APP_BUG] != 0)
		abort();
}

/* Is the first piece one whole PDU on the known port?  Before a flow is claimed,
 * what is refused depends on where segments begin. */
static bool
comparable(const uint8_t *in, size_t n)
{
	size_t len = in[1] & 0x7f;
	struct dis_guess g;

	if ((in[0] & 3) != 0 || len == 127 || len > n - 2)
		return false;
	g = dnp3_dissector.guess(cur_of(in + 2, len), false);
	return g.verdict >= GUESS_MAYBE && g.used == len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct run whole, bytes;

	if (n < 2 || n > 16384)
		return 0;
	converse(&whole, data, n, SIZE_MAX);
	if (!comparable(data, n))
		return 0;
	converse(&bytes, data, n, 1);
	/* Where the place was lost, segment borders are used to find it again. */
	if (whole.counters.v[CNT_APP_DNP3_PARSER] != 0 ||
	    whole.counters.v[CNT_APP_DNP3_BLIND] != 0 ||
	    bytes.counters.v[CNT_APP_DNP3_PARSER] != 0 ||
	    bytes.counters.v[CNT_APP_DNP3_BLIND] != 0 ||
	    whole.counters.v[CNT_APP_DNP3_FLOWS] != bytes.counters.v[CNT_APP_DNP3_FLOWS])
		return 0;
	if (whole.operations != bytes.operations || whole.sum != bytes.sum)
		abort();
	return 0;
}
