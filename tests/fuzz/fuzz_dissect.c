/* fuzz_dissect.c - the engine of feeding, with the example dissector.
 *
 * The first byte chooses.  Chaos: a script of steps, each with a head byte (what,
 * from which end of which flow) and a length byte, then so many bytes; with gaps,
 * ends and time.  Order: the steps are legal PDUs, and sent whole they must give
 * the same operations as in pieces of one to four bytes.
 * Every piece lies in memory of its exact size.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/dissect.h"
#include "dissectors/example/example.h"

#define HEAVY 4096u	/* bytes of input that are looked at */

struct seen {
	uint64_t	hash, n;
};

struct bench {
	struct seen	 seen;
	struct counters	 counters;
	struct arena	 arena;
	struct dissect	*d;
	struct flow	 f[4];
	uint64_t	 ts_ns, frame;
	bool		 datagram;
};

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
on_operation(void *arg, const struct operation *op)
{
	struct seen *s = arg;
	uint64_t word[8] = { op->id, op->phase, op->outcome, op->function, op->transaction,
	    op->n_anomalies, op->intent, op->request.len };

	must(op->flow != NULL && op->name != NULL && op->proto == OP_UNKNOWN);
	for (uint32_t i = 0; i < op->n_items; i++)
		for (uint32_t v = 0; v < op->items[i].n_values; v++)
			word[7] = word[7] * 31 + op_item_value(&op->items[i], v).u;
	s->hash = hash_bytes(s->hash, word, sizeof(word));
	s->n++;
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	(void)arg;
	must(a->flow != NULL && a->id != ANOM_NONE);
}

static void
start(struct bench *b, uint64_t conversations, bool datagram)
{
	static const struct dissector *const list[] = { &dissector_example, NULL };
	const struct dissect_settings set = { .max_conversations = conversations,
	    .max_pending = 24, .max_pending_flow = 8, .answer_timeout_ms = 1000 };
	struct op_sink sink = { .operation = on_operation, .anomaly = on_anomaly, .arg = &b->seen };

	*b = (struct bench){ .ts_ns = 1000000000, .datagram = datagram };
	must(arena_open(&b->arena, 4096) == 0);
	b->d = dissect_open_with(list, &set, &sink, &b->arena, &b->counters);
	must(b->d != NULL);
	for (unsigned i = 0; i < 4; i++)
		b->f[i] = (struct flow){ .id = i, .ip_v = 4, .proto = datagram ? 17 : 6,
		    .port = { 40000, i < 2 ? 9600 : 1234 } };
}

static void
end_flow(struct bench *b, struct flow *f)
{
	dissect_closed(b->d, f, b->ts_ns);
	must(f->dissection == NULL);
	/* Each byte went to one place. */
	for (unsigned e = 0; e < 2; e++)
		must(f->read[e] + f->blind[e] + f->unclaimed[e] == f->payload[e]);
}

static void
finish(struct bench *b)
{
	for (unsigned i = 0; i < 4; i++)
		end_flow(b, &b->f[i]);
	must(b->counters.v[CNT_APP_BUG] == 0);
	dissect_close(b->d);
	arena_close(&b->arena);
}

static void
send_piece(struct bench *b, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n)
{
	uint8_t *own = malloc(n > 0 ? n : 1);

	must(own != NULL);
	if (n > 0)
		memcpy(own, p, n);
	f->payload[dir] += n;
	b->frame++;
	arena_reset(&b->arena);
	if (b->datagram)
		dissect_datagram(b->d, f, dir, own, n, false, b->ts_ns, b->frame, 0);
	else if (n > 0)
		dissect_data(b->d, f, dir, own, n, b->ts_ns, b->frame, 0);
	free(own);
}

static void
chaos(const uint8_t *p, size_t size, bool datagram)
{
	struct bench b;

	start(&b, 2, datagram);
	while (size >= 2) {
		unsigned what = p[0] >> 3 & 7u;
		struct flow *to = &b.f[p[0] >> 1 & 3u];
		enum flow_dir dir = (enum flow_dir)(p[0] & 1u);
		uint32_t n = p[1];

		p += 2;
		size -= 2;
		b.ts_ns += 1000000;
		if (what == 7) {
			b.ts_ns += (uint64_t)n * 10000000;
			arena_reset(&b.arena);
			dissect_tick(b.d, b.ts_ns);
		} else if (what == 6 && n % 2 == 0) {
			dissect_gap(b.d, to, dir, n + 1, b.ts_ns, b.frame, 0);
		} else if (what == 6) {
			end_flow(&b, to);
			*to = (struct flow){ .proto = to->proto, .port = { 40000, to->port[1] } };
		} else {
			/* Some segments are longer than any PDU. */
			n = what == 5 ? 4 * n : n;
			n = n < size ? n : (uint32_t)size;
			send_piece(&b, to, dir, p, n);
			p += n;
			size -= n;
		}
	}
	finish(&b);
}

/* Legal PDUs: head byte (flow, end, function), transaction, length, body. */
static struct seen
order(const uint8_t *p, size_t size, uint32_t piece)
{
	struct bench b;

	start(&b, 8, false);
	while (size >= 3) {
		struct flow *to = &b.f[p[0] >> 1 & 3u];
		enum flow_dir dir = (enum flow_dir)(p[0] & 1u);
		uint32_t n = p[2] < size - 3 ? p[2] : (uint32_t)size - 3;
		uint8_t pdu[5 + 255] = { 'X', 'P', (uint8_t)n, p[1],
		    (uint8_t)(1 + (p[0] >> 3) % 3 + (dir == DIR_FROM_0 ? 0 : 0x80)) };

		/* No PDU inside a body: cut out by segments, it is one (feed.c, doubt). */
		for (uint32_t i = 0; i < n; i++)
			pdu[5 + i] = p[3 + i] != 'X' ? p[3 + i] : 'x';
		b.ts_ns += 1000000;
		for (uint32_t off = 0; off < 5 + n; off += piece)
			send_piece(&b, to, dir, pdu + off,
			    piece < 5 + n - off ? piece : 5 + n - off);
		p += 3 + n;
		size -= 3 + n;
	}
	for (unsigned i = 0; i < 4; i++)
		must(flow_blind_bytes(&b.f[i]) == 0);
	finish(&b);
	return b.seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole, pieces;

	if (size < 1 || size > HEAVY)
		return 0;
	if (data[0] < 0xc0) {
		chaos(data + 1, size - 1, data[0] >= 0x80);
		return 0;
	}
	whole = order(data + 1, size - 1, 5 + 255);
	pieces = order(data + 1, size - 1, 1 + data[0] % 4);
	must(whole.n == pieces.n && whole.hash == pieces.hash);
	return 0;
}
