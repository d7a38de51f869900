/* test_match_shape.c - no rule that holds is left out by what is remembered of
 * operations like the one at hand: many operations of few kinds, every rule held
 * against each of them. */
#include "tests/unit/match_kit.h"

#include "detect/match/match.h"

static const char rules[] =
    "alert modbus any any -> any any (modbus: access write; sid:1;)\n"
    "alert modbus any any -> any any (modbus: unit 0, access write; sid:2;)\n"
    "alert modbus ![10.0.0.0/24] any -> 10.0.0.0/24 any (modbus: access read; sid:3;)\n"
    "alert modbus any any -> any any (modbus: function 3; ot.subfunction:7; sid:4;)\n"
    "alert modbus any any -> any ![502,802] (flow:to_server; sid:5;)\n"
    "alert modbus any any -> any any (modbus: access write holding, address 100; sid:6;)\n"
    "alert modbus any any -> any any (modbus_func:16; sid:7;)\n"
    "alert ip any any -> any any (ot.intent:write,operate; ot.outcome:unanswered; sid:8;)\n"
    "alert ip any any -> any any (ot.latency:>1s; sid:9;)\n"
    "alert ip any any -> any any (ot.latency:>50ms; ot.unit:3; sid:10;)\n"
    "alert ip any any -> any any (ot.exception:2; sid:11;)\n"
    "alert ip any any -> 10.0.0.2 any (ot.intent:read; sid:12;)\n"
    "alert ip 192.0.2.9 any <> any any (ot.intent:read; sid:13;)\n"
    "alert ip any 502 -> any any (ot.outcome:answered; flow:to_client; sid:14;)\n"
    "alert dnp3 any any -> any any (dnp3_func:read; ot.number:0x0100-0x02ff; sid:15;)\n"
    "alert dnp3 any any -> any any (dnp3_obj:50,1; sid:16;)\n"
    "alert dnp3 any any -> any any (dnp3_obj:12,1-200; sid:17;)\n"
    "alert dnp3 any any -> any any (dnp3_ind:local_control; sid:18;)\n"
    "alert dnp3 any any -> any any (dnp3_func:response; sid:19;)\n"
    "alert dnp3 any any -> any any (ot.unit:0xfffd-0xffff; sid:20;)\n"
    "alert s7comm any any -> any any (s7comm.function:write_var; s7comm.area:output; sid:21;)\n"
    "alert s7comm any any -> any any (s7comm.szl:0x0011; sid:22;)\n"
    "alert s7comm any any -> any any (s7comm.db:7; sid:23;)\n"
    "alert s7comm any any -> any !102 (flow:to_server; sid:24;)\n"
    "alert s7comm any any -> any any (s7comm.rosctr:7; sid:25;)\n"
    "alert ip any any -> any any (ot.anomaly:fragment_too_long; sid:26;)\n"
    "alert ip any any -> any any (ot.space:coil,s7-flag; ot.intent:write; sid:27;)\n"
    "alert ip any any -> any any (ot.number:1-300; sid:28;)\n"
    "alert ip any any -> any any (ot.status:5; sid:29;)\n"
    "alert modbus any any -> any any (sid:30;)\n"
    "alert ip any any -> any any (ot.value:>40; sid:31;)\n"
    "alert ip any any -> any any (ot.intent:write; flow:to_client; sid:32;)\n"
    "alert ip any any -> any any (ot.value:>40; flow:to_client; sid:33;)\n"
    "alert ip any any -> any any (ot.value:>40; ot.intent:write; flow:to_server; sid:34;)\n"
    "alert dnp3 any any -> any any (ot.address:99; sid:35;)\n"
    "alert modbus any any -> any any (ot.function:6; ot.time:00:00-24:00; sid:36;)\n"
    "alert dnp3 any any -> any any (dnp3_func:read; flow:to_server; sid:37;)\n";
#define RULES 37u

#define FLOWS 6u
#define ROUNDS 40000u

static uint64_t seed = 42;

static uint32_t
below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

#define ONE_OF(...) \
	(((const uint32_t[]){ __VA_ARGS__ })[below(sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))])

static void
make_flows(struct flow f[FLOWS])
{
	static const uint8_t from[3][4] = { { 10, 0, 0, 1 }, { 192, 0, 2, 9 }, { 10, 0, 0, 7 } };
	static const uint8_t to[2][4] = { { 10, 0, 0, 2 }, { 198, 51, 100, 4 } };

	for (unsigned i = 0; i < FLOWS; i++) {
		f[i] = (struct flow){ .id = i + 1, .proto = IP_TCP, .ip_v = 4, .state = FLOW_ESTABLISHED,
		    .client_end = i & 1u };
		f[i].addr[f[i].client_end] = addr_v4(from[i % 3]);
		f[i].addr[f[i].client_end ^ 1u] = addr_v4(to[i % 2]);
		f[i].port[f[i].client_end] = 40000;
		f[i].port[f[i].client_end ^ 1u] = i < 3 ? 502 : i < 5 ? 102 : 2502;
	}
}

struct made {
	struct operation	 op;
	struct op_item		 items[3];
	struct op_value		 values[2];
	struct dnp3_object	 objects[2];
	union {
		struct modbus_detail	 modbus;
		struct dnp3_detail	 dnp3;
		struct s7_detail	 s7;
	} detail;
};

static void
make_modbus(struct made *m)
{
	struct modbus_message *msg = m->op.request.seen ? &m->detail.modbus.request : &m->detail.modbus.response;

	m->op.function = ONE_OF(3, 5, 6, 16);
	msg->present = below(20) != 0;
	msg->function_raw = (uint8_t)m->op.function;
	msg->unit_id = (uint8_t)m->op.unit;
	msg->access_type = m->op.function == 3 ? "READ | HOLDING" : m->op.function == 5 ? "WRITE | COILS" :
	    "WRITE | HOLDING";
	msg->category = "PUBLIC_ASSIGNED";
	m->detail.modbus.response.present |= m->op.response.seen && below(2) == 0;
	m->detail.modbus.response.function_raw = (uint8_t)m->op.function;
}

static void
make_dnp3(struct made *m)
{
	struct dnp3_detail *d = &m->detail.dnp3;

	m->op.function = ONE_OF(1, 2, 129);
	for (unsigned i = 0; i < 2; i++)
		m->objects[i] = (struct dnp3_object){ .group = (uint8_t)ONE_OF(1, 12, 50, 60),
		    .variation = (uint8_t)(below(3) + 1) };
	d->request = (struct dnp3_message){ .present = m->op.request.seen, .has_application = below(8) != 0,
	    .function = (uint8_t)m->op.function, .n_objects = below(3), .objects = m->objects };
	d->response = (struct dnp3_message){ .present = m->op.response.seen, .has_application = true,
	    .has_iin = below(4) != 0, .iin = (uint16_t)ONE_OF(0, 0x2000, 0x0200), .function = (uint8_t)ONE_OF(129, 130),
	    .n_objects = below(3), .objects = m->objects };
	for (uint32_t i = 0; i < m->op.n_items; i++)
		m->items[i].number = ONE_OF(0x0102, 0x3201, 0x3c02);
}

static void
make_s7(struct made *m)
{
	m->op.function = ONE_OF(4, 5, 0x700);
	for (unsigned i = 0; i < 2; i++) {
		struct s7_message *msg = i == 0 ? &m->detail.s7.request : &m->detail.s7.response;

		*msg = (struct s7_message){ .present = below(10) != 0, .has_header = below(10) != 0,
		    .rosctr = (uint8_t)ONE_OF(1, 3, 7), .has_szl = below(3) == 0,
		    .szl_id = (uint16_t)ONE_OF(0x11, 0x1c) };
	}
	for (uint32_t i = 0; i < m->op.n_items; i++)
		m->items[i].space = (uint8_t)ONE_OF(SPACE_S7_DB, SPACE_S7_OUTPUT, SPACE_S7_FLAG);
}

static void
make(struct made *m, struct flow *flows)
{
	static const char *const names[] = { "modbus", "dnp3", "s7comm" };
	unsigned which = below(3);
	struct flow *f = &flows[below(FLOWS)];
	struct operation *op = &m->op;

	*m = (struct made){ 0 };
	f->ot_proto = names[which];
	*op = (struct operation){ .flow = f, .id = ONE_OF(1, 2, 3), .phase = below(2) ? OP_FINISHED : OP_REQUESTED,
	    .proto = which == 0 ? OP_MODBUS : which == 1 ? OP_DNP3 : OP_S7,
	    .unit = ONE_OF(0, 1, 3, 64, 0xfffd),
	    .intent = (enum op_intent)ONE_OF(INTENT_READ, INTENT_WRITE, INTENT_OPERATE),
	    .outcome = (enum op_outcome)ONE_OF(OUTCOME_ANSWERED, OUTCOME_EXCEPTION, OUTCOME_UNANSWERED),
	    .exception = ONE_OF(1, 2), .latency_ns = ONE_OF(1000, 60000000, 2000000000),
	    .has_subfunction = below(2) != 0, .subfunction = ONE_OF(7, 8), .items = m->items, .n_items = below(4),
	    .detail = below(30) != 0 ? &m->detail : NULL };
	op->request.seen = op->phase == OP_REQUESTED || below(5) != 0;
	op->response.seen = op->phase == OP_FINISHED && (!op->request.seen || below(3) != 0);
	m->values[0] = (struct op_value){ .kind = VALUE_UINT, .u = below(60), .index = 99 };
	for (uint32_t i = 0; i < op->n_items; i++)
		m->items[i] = (struct op_item){ .space = (uint8_t)ONE_OF(SPACE_COIL, SPACE_HOLDING),
		    .written = below(2) != 0, .ranged = below(4) != 0, .number = ONE_OF(0, 7, 0x0102, 9000),
		    .first = ONE_OF(0, 99, 500), .count = ONE_OF(1, 10), .status = (uint8_t)ONE_OF(0, 5),
		    .form = FORM_TYPED, .typed = m->values, .n_values = below(2) };
	if (below(10) == 0)
		op->anomalies[op->n_anomalies++].id = ANOM_DNP3_FRAGMENT;
	if (which == 0)
		make_modbus(m);
	else if (which == 1)
		make_dnp3(m);
	else
		make_s7(m);
}

static struct match_case
side(const struct operation *op, bool to_client)
{
	struct flow *f = (struct flow *)(uintptr_t)op->flow;
	struct match_case k = { .op = op, .over = op->phase == OP_FINISHED };

	k.answer = k.over && op->response.seen;
	match_case_ends(&k, f, to_client ? flow_server(f) : flow_client(f));
	return k;
}

static void
nothing_is_left_out(void **state)
{
	static struct kit kit;
	struct flow flows[FLOWS];
	unsigned held[RULES + 1] = { 0 };
	uint32_t spared = 0;
	static struct made m;
	struct match *d;

	(void)state;
	kit_open(&kit, rules);
	d = kit.d;
	assert_int_equal(d->set->n, RULES);
	make_flows(flows);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct shape_rules *e;
		struct match_case k, back;

		make(&m, flows);
		k = side(&m.op, false);
		back = side(&m.op, true);
		e = match_shape(d, &m.op);
		match_take_by_op(d, e, &m.op);
		spared += shape_has_none(e);
		/* What the shape settles need not be asked again. */
		for (uint32_t c = 0; c < e->n && e->n != SHAPE_MANY; c++)
			assert_true(!d->set->of[e->rules[c]].settled || match_tx(&d->set->of[e->rules[c]], &k));
		for (uint32_t i = 0; i < d->set->n; i++) {
			const struct match_rule *r = &d->set->of[i];
			bool taken = false;

			if ((r->sites & SITE_OP) == 0 || (r->protos >> m.op.proto & 1u) == 0 ||
			    !match_is_time(r, &m.op) ||
			    !(r->message_side ? match_holds(d, r, k.answer ? &back : &k, false) :
			    match_holds(d, r, &k, false) || (k.answer && match_holds(d, r, &back, false))))
				continue;
			for (uint32_t c = 0; c < d->n_cand; c++)
				taken |= d->cand[c] == i;
			if (!taken)
				fail_msg("rule %u holds in round %u and is not looked at", r->r->card.sid, round);
			held[r->r->card.sid]++;
		}
	}
	/* Else this has shown nothing. */
	for (unsigned sid = 1; sid <= RULES; sid++)
		if (held[sid] == 0)
			fail_msg("rule %u never held", sid);
	assert_true(spared > 0);
	kit_close(&kit);
}

/* One poll of two registers. */
static void
poll_once(struct kit *k, uint8_t number)
{
	const uint8_t ask[] = { 0, number, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2 };
	const uint8_t answer[] = { 0, number, 0, 0, 0, 7, 1, 3, 4, 0, 1, 0, 2 };

	kit_bytes(k, DIR_FROM_0, ask, sizeof(ask));
	kit_bytes(k, DIR_FROM_1, answer, sizeof(answer));
}

/* What is kept with a flow is about the rules that were there. */
static void
running_flows_go_by_new_rules(void **state)
{
	static struct kit k;
	struct err e = { 0 };

	(void)state;
	kit_open(&k,
	    "alert modbus any any -> 10.9.9.9 any (modbus: access read; sid:1;)\n"
	    "alert ip any any -> any any (app-layer-protocol:rdp; sid:2;)\n");
	for (uint8_t i = 1; i < 4; i++)
		poll_once(&k, i);
	assert_int_equal(k.flow.rules_quiet, ((struct match *)k.d)->set->mark);
	assert_int_equal(k.hits[1] + k.hits[2], 0);
	kit_write(&k,
	    "alert modbus any any -> 10.0.0.2 any (modbus: access read; sid:3;)\n"
	    "alert ip any any -> any any (app-layer-protocol:modbus; sid:4;)\n");
	assert_int_equal(rules_detector.prepare(k.d, &e), 0);
	assert_true(rules_detector.swap(k.d));
	poll_once(&k, 9);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 2);
	err_free(&e);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_out),
		cmocka_unit_test(running_flows_go_by_new_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
