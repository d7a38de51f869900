/* dissect_fuzz.c - the conversation whole and in single bytes; see the header. */
#include "dissect_fuzz.h"

#include <stdlib.h>

#include "record/observation.h"

struct run {
	struct dissect	*dissect;	/* opened once: that costs more than an input */
	struct op_sink	 sink;
	struct arena	 arena;
	struct counters	 counters;
	uint64_t	 sum;		/* of all operations, in order */
	uint64_t	 operations;
	bool		 wrong_length;	/* reported, see fuzz_target */
};

static volatile uint64_t sink_of_bytes;

/* What may leave the packet thread: within its bounds, and the same whenever it is made. */
static uint64_t
flat(const struct operation *op)
{
	static struct observation o, again;

	observation_from(op, &o);
	observation_from(op, &again);
	if (memcmp(&o, &again, sizeof(o)) != 0 || o.kept_items > OBS_ITEMS || o.kept_values > OBS_VALUES ||
	    o.kept_facts > OBS_FACTS || o.kept_values > o.n_values || o.kept_items > o.n_items)
		abort();
	for (uint32_t i = 0; i < o.kept_facts; i++)
		if (o.facts[i].len > OBS_FACT_LEN)
			abort();
	if (op->command >= OP_COMMAND_COUNT || op->refused >= 1u << OP_REFUSALS)
		abort();
	return fuzz_touch((const uint8_t *)&o, sizeof(o));
}

static void
on_operation(void *arg, const struct operation *op)
{
	struct run *r = arg;
	char address[OP_ADDRESS_MAX];
	uint64_t h = op->id ^ op->function << 8 ^ (uint64_t)op->outcome << 16 ^
	    (uint64_t)op->phase << 24 ^ (uint64_t)op->n_anomalies << 32;

	if (op->name == NULL || strlen(op->name) == 0)
		abort();
	for (uint32_t i = 0; i < op->n_items; i++) {
		h += op_item_address(&op->items[i], address) ? strlen(address) : 0;
		for (uint32_t k = 0; k < op->items[i].n_values; k++) {
			struct op_value v = op_item_value(&op->items[i], k);

			h = fuzz_mix(h ^ fuzz_value(&v) ^ v.index ^ v.time_ms);
		}
	}
	for (uint32_t i = 0; i < op->n_params; i++) {
		h += strlen(op->params[i].name);
		h ^= fuzz_value(&op->params[i].value);
	}
	for (uint32_t i = 0; i < op->n_facts; i++)
		h ^= fuzz_touch(op->facts[i].bytes, op->facts[i].len) + op->facts[i].key;
	for (unsigned end = 0; end < 2; end++)
		h ^= op->link[end].bytes != NULL ? fuzz_touch(op->link[end].bytes, op->link[end].len) :
		    op->link[end].number;
	sink_of_bytes += flat(op);
	h ^= fuzz_target.sum_detail(op);
	r->sum = hash_mix(r->sum ^ h, 0xa0761d6478bd642fu);
	r->operations++;
	sink_of_bytes += h;
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	struct run *r = arg;

	if (anomaly_row(a->id)->text == NULL)
		abort();
	if (a->id == fuzz_target.wrong_length && a->id != ANOM_NONE)
		r->wrong_length = true;
}

/* One piece in segments of at most `cut` bytes, each from a block of its own. */
static void
give(struct run *r, struct flow *f, enum flow_dir dir, const uint8_t *p, size_t n, size_t cut,
    uint64_t now_ns)
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
			dissect_datagram(r->dissect, f, dir, b, (uint32_t)len, false, now_ns, 1, 0);
		else
			dissect_data(r->dissect, f, dir, b, (uint32_t)len, now_ns, 1, 0);
		free(b);
		p += len;
		n -= len;
	}
}

static void
run_open(struct run *r)
{
	const struct dissect_settings set = { .max_conversations = 2, .max_pending = 16,
	    .max_pending_flow = 8, .answer_timeout_ms = 1000 };

	if (r->dissect != NULL)
		return;
	r->sink = (struct op_sink){ .operation = on_operation, .anomaly = on_anomaly, .arg = r };
	if (arena_open(&r->arena, 64 * 1024) != 0)
		abort();
	r->dissect = dissect_open_with(fuzz_target.dissectors, &set, &r->sink, &r->arena,
	    &r->counters);
	if (r->dissect == NULL)
		abort();
}

static void
converse(struct run *r, const uint8_t *in, size_t n, size_t cut)
{
	struct flow f = { .id = 1, .proto = fuzz_target.udp && (in[0] & 2) != 0 ? 17 : 6,
	    .ip_v = 4, .port = { 40000, in[0] & 1 ? 4711 : fuzz_target.port },
	    .midstream = (in[0] & 4) != 0 };
	uint64_t now_ns = 1000000000;

	run_open(r);
	memset(&r->counters, 0, sizeof(r->counters));
	r->sum = r->operations = 0;
	r->wrong_length = false;
	dissect_tick(r->dissect, now_ns);	/* the clock is set back from the last input's */
	for (size_t at = 1; at < n;) {
		enum flow_dir dir = in[at] & 0x80 ? DIR_FROM_1 : DIR_FROM_0;
		size_t len = in[at++] & 0x7f;

		if (len == 127 && at < n)
			len += in[at++];
		if (len > n - at)
			len = n - at;
		give(r, &f, dir, in + at, len, cut, now_ns);
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

	if ((in[0] & 3) != 0 || len == 127 || len > n - 2)
		return false;
	for (const struct dissector *const *d = fuzz_target.dissectors; *d != NULL; d++) {
		struct dis_guess g = (*d)->guess(cur_of(in + 2, len), false);

		if (g.verdict >= GUESS_MAYBE)
			return g.used == len;
	}
	return false;
}

static bool
lost(const struct run *r)
{
	for (size_t i = 0; i < fuzz_target.n_lost; i++)
		if (r->counters.v[fuzz_target.lost[i]] != 0)
			return true;
	return r->wrong_length;
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
	if (lost(&whole) || lost(&bytes))
		return 0;
	for (size_t i = 0; i < fuzz_target.n_flows; i++) {
		enum counter_id id = fuzz_target.flows[i];

		if (whole.counters.v[id] != bytes.counters.v[id])
			return 0;
	}
	if (whole.operations != bytes.operations || whole.sum != bytes.sum)
		abort();
	return 0;
}
