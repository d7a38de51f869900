/* dissect_kit.h - a dissect room with the example dissector, one flow, and a
 * sink that remembers what came out; for the tests of dissect. */
#ifndef TESTS_DISSECT_KIT_H
#define TESTS_DISSECT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dissect/dissect.h"
#include "dissectors/example/example.h"
#include "guard.h"

#define KIT_OPS 4096

struct kit_op {
	uint64_t	id, req_frame, rsp_frame, latency_ns;
	enum op_phase	phase;
	enum op_outcome	outcome;
	uint32_t	function, transaction, n_anomalies, n_values;
	unsigned	client_end;
};

struct kit {
	struct dissect	*d;
	struct arena	 arena;
	struct counters	 counters;
	struct flow	 flow;
	uint64_t	 now_ns, frame;
	struct kit_op	 op[KIT_OPS];
	uint32_t	 n_ops, n_finished;
	enum anomaly_id	 anomaly[KIT_OPS];
	uint32_t	 n_anomalies;
};

static void
kit_operation(void *arg, const struct operation *op)
{
	struct kit *k = arg;

	assert_true(k->n_ops < KIT_OPS);
	k->op[k->n_ops++] = (struct kit_op){ op->id, op->request.frame, op->response.frame,
	    op->latency_ns, op->phase, op->outcome, op->function, op->transaction,
	    op->n_anomalies, op->n_items > 0 ? op->items[0].n_values : 0,
	    op->flow->client_end };
	k->n_finished += op->phase == OP_FINISHED;
}

static void
kit_anomaly(void *arg, const struct anomaly *a)
{
	struct kit *k = arg;

	assert_true(k->n_anomalies < KIT_OPS);
	k->anomaly[k->n_anomalies++] = a->id;
}

static inline struct flow
kit_flow(uint16_t server_port)
{
	return (struct flow){ .id = 1, .proto = 6, .ip_v = 4, .port = { 40000, server_port } };
}

static inline struct kit *
kit_open_sized(const struct dissector *const *list, uint16_t port,
    const struct dissect_settings *s)
{
	struct kit *k = calloc(1, sizeof(*k));
	struct op_sink sink = { .operation = kit_operation, .anomaly = kit_anomaly, .arg = k };

	assert_non_null(k);
	assert_int_equal(arena_open(&k->arena, 64 * 1024), 0);
	k->d = dissect_open_with(list, s, &sink, &k->arena, &k->counters);
	assert_non_null(k->d);
	k->flow = kit_flow(port);
	k->now_ns = 1000000000000u;
	return k;
}

static const struct dissector *const kit_list[] = { &dissector_example, NULL };
static const struct dissect_settings kit_settings = { .max_conversations = 64,
    .max_pending = 256, .max_pending_flow = 16, .answer_timeout_ms = 5000 };

static inline struct kit *
kit_open(uint16_t port)
{
	return kit_open_sized(kit_list, port, &kit_settings);
}

static inline void
kit_close(struct kit *k)
{
	dissect_closed(k->d, &k->flow, k->now_ns);
	dissect_close(k->d);
	arena_close(&k->arena);
	free(k);
}

/* One segment, 1 ms later, flush against the guard page. */
static inline void
kit_send(struct kit *k, enum flow_dir dir, const void *p, uint32_t n)
{
	k->now_ns += 1000000;
	k->frame++;
	arena_reset(&k->arena);
	k->flow.payload[dir] += n;
	dissect_data(k->d, &k->flow, dir, guard(p, n), n, k->now_ns, k->frame, 0);
}

static inline void
kit_datagram(struct kit *k, enum flow_dir dir, const void *p, uint32_t n)
{
	k->now_ns += 1000000;
	k->frame++;
	arena_reset(&k->arena);
	k->flow.payload[dir] += n;
	dissect_datagram(k->d, &k->flow, dir, guard(p, n), n, false, k->now_ns, k->frame, 0);
}

static inline void
kit_gap(struct kit *k, enum flow_dir dir, uint64_t lost)
{
	dissect_gap(k->d, &k->flow, dir, lost, k->now_ns, k->frame, 0);
}

/* PDUs of the example protocol; each returns its length. */
static inline uint32_t
ex_pdu(uint8_t *to, uint8_t transaction, uint8_t function, const void *body, uint8_t len)
{
	to[0] = 'X';
	to[1] = 'P';
	to[2] = len;
	to[3] = transaction;
	to[4] = function;
	if (len > 0)
		memcpy(to + 5, body, len);
	return 5u + len;
}

static inline uint32_t
ex_read(uint8_t *to, uint8_t transaction)
{
	return ex_pdu(to, transaction, 2, "\x07\x02", 2);
}

static inline uint32_t
ex_answer(uint8_t *to, uint8_t transaction)
{
	return ex_pdu(to, transaction, 0x82, "\x00\x01\x00\x02", 4);
}

#endif
