/* test_match_class.c - what the index and the operation classes offer is what holds.
 *
 * Rules are made of every word about operations that words.def has, and held one by one
 * against operations of many kinds; whatever holds must have been offered, and a word that
 * never holds is a word that this test does not try.  The words that hang on the class
 * alone are asked here once more, of the operation itself.
 */
#include "match_class_kit.h"

static const char fixed[] =
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
#define RULES 37u	/* of these; those that are made come behind */

#define FLOWS 6u
#define ROUNDS 20000u
#define MADE 900u

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

	static _Alignas(16) unsigned char slots[FLOWS][64];

	for (unsigned i = 0; i < FLOWS; i++) {
		f[i] = (struct flow){ .slots = slots[i], .id = i + 1, .proto = IP_TCP, .ip_v = 4, .state = FLOW_ESTABLISHED,
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
	struct s7_var		 vars[3];
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

	m->op.function = ONE_OF(1, 3, 5, 6, 8, 16);
	msg->present = below(20) != 0;
	msg->function_raw = (uint8_t)m->op.function;
	msg->unit_id = (uint8_t)m->op.unit;
	msg->access = m->op.function == 1 ? MODBUS_READ | MODBUS_COILS : m->op.function == 3 ?
	    MODBUS_READ | MODBUS_HOLDING : m->op.function == 5 ? MODBUS_WRITE | MODBUS_COILS :
	    m->op.function == 8 ? 0 : MODBUS_WRITE | MODBUS_HOLDING;
	msg->category = MODBUS_ASSIGNED;
	m->detail.modbus.response.present |= m->op.response.seen && below(2) == 0;
	m->detail.modbus.response.function_raw = (uint8_t)(m->op.function | (m->op.outcome == OUTCOME_EXCEPTION ? 0x80 : 0));
	m->detail.modbus.response.unit_id = (uint8_t)m->op.unit;
	/* A table of registers, as it lay on the wire: 100 as a real of any length and order. */
	if (m->op.n_items > 0 && below(4) == 0)
		m->items[0] = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .written = below(2) != 0, .ranged = true,
		    .count = 16, .n_values = 16, .raw = (const uint8_t *)"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" };
}

static void
make_dnp3(struct made *m)
{
	struct dnp3_detail *d = &m->detail.dnp3;

	m->op.function = ONE_OF(0, 1, 2, 13, 129);
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
	m->op.function = ONE_OF(4, 5, 0x1a, 0x29, 0x700, 0x703);
	for (unsigned i = 0; i < 2; i++) {
		struct s7_message *msg = i == 0 ? &m->detail.s7.request : &m->detail.s7.response;

		*msg = (struct s7_message){ .present = below(10) != 0, .has_header = below(10) != 0,
		    .rosctr = (uint8_t)ONE_OF(1, 3, 7), .has_szl = below(3) == 0,
		    .szl_id = (uint16_t)ONE_OF(0x11, 0x1c), .has_item_count = below(2) != 0,
		    .item_count = (uint8_t)ONE_OF(1, 12), .plus = m->op.proto == OP_S7PLUS,
		    .plus_function = (uint16_t)ONE_OF(0x4bb, 0x542, 0x54c),
		    .opcode = (uint8_t)ONE_OF(0x31, 0x32, 0x33) };
	}
	m->detail.s7.vars = m->vars;
	m->detail.s7.n_vars = m->op.n_items;
	for (uint32_t i = 0; i < m->op.n_items; i++) {
		m->vars[i] = (struct s7_var){ .item = i, .area = (uint8_t)ONE_OF(0x81, 0x82, 0x83, 0x84) };
		m->items[i].space = (uint8_t)ONE_OF(SPACE_S7_DB, SPACE_S7_OUTPUT, SPACE_S7_FLAG, SPACE_S7_BLOCK);
		m->items[i].step = (uint8_t)ONE_OF(0, 2, 4, OP_STEP_BITS);
		if (m->items[i].space == SPACE_S7_BLOCK)
			m->items[i].number = (uint32_t)ONE_OF(0x08, 0x0a) << 24 | ONE_OF(1, 7);
	}
}

static void
make_iec104(struct made *m)
{
	struct operation *op = &m->op;

	op->function = ONE_OF(1, 13, 45, 100, 0x101, 0x107);
	op->request.kinds = (uint16_t)ONE_OF(0, 5, 6, 8);
	op->response.kinds = (uint16_t)ONE_OF(0, 3, 7, 7 | 10 << 8, 47);
	for (uint32_t i = 0; i < op->n_items; i++)
		m->items[i].space = SPACE_POINT;
}

static void
make(struct made *m, struct flow *flows)
{
	static const enum op_proto names[] = { OP_MODBUS, OP_DNP3, OP_S7, OP_IEC104 };
	unsigned which = below(4);
	struct flow *f = &flows[below(FLOWS)];
	struct operation *op = &m->op;

	*m = (struct made){ 0 };
	f->protocol = protocols[names[which]];
	*op = (struct operation){ .flow = f, .id = ONE_OF(1, 2, 3), .phase = below(2) ? OP_FINISHED : OP_REQUESTED,
	    .proto = which == 0 ? OP_MODBUS : which == 1 ? OP_DNP3 : which == 3 ? OP_IEC104 : below(3) == 0 ? OP_S7PLUS : OP_S7,
	    .unit = ONE_OF(0, 1, 3, 64, 0xfffd),
	    .intent = (enum op_intent)ONE_OF(INTENT_READ, INTENT_WRITE, INTENT_OPERATE, INTENT_MODE),
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
	while (below(6) == 0 && op->n_anomalies < OP_ANOMALIES)
		op->anomalies[op->n_anomalies++].id = (enum anomaly_id)(1 + below(ANOMALY_COUNT - 1));
	if (which == 0)
		make_modbus(m);
	else if (which == 1)
		make_dnp3(m);
	else if (which == 3)
		make_iec104(m);
	else
		make_s7(m);
}

static struct match_case
side(const struct operation *op, bool to_client)
{
	struct flow *f = op->flow;
	struct match_case k = { .op = op, .over = op->phase == OP_FINISHED, .tags = kit_tags };

	k.answer = k.over && op->response.seen;
	match_case_endpoints(&k, f, to_client ? flow_server(f) : flow_client(f));
	return k;
}

/* ---- rules of every word --------------------------------------------------- */

/* Operands that take operations of all kinds: some of them must hold. */
static const char *
some_numbers(void)
{
	static const char *const texts[] = { "0", "1", "2", "3", "5", "7", "8", "13", "16", "64", "99", "129", "1-3", "[1,3,7]",
	    "!3", ">2", "<6", "0-300", "90-110", "![1,2]", "!0", "[0-2,129]", "0x0102", "0x0100-0x02ff", "0xfffd-0xffff",
	    "&0x3=1", "0x700-0x7ff", "0x8a", "60-130", ">40", "<100ms", ">50ms", ">1s", "0x11", "4-41", "0x542", "0x33" };

	return texts[below(COUNTOF(texts))];
}

static const char *
some_modbus(void)
{
	static const char *const texts[] = { "access write", "access read", "unit 1, access write", "unit 0-3, access read holding",
	    "access write holding, address 100", "access read holding, address 400<>600", "function 3", "function !3",
	    "unit 3, function 6", "function 8, subfunction 7", "function public", "access write coils, address <2000",
	    "access write holding, address <1000, value >10", "unit !1, function assigned", "function 16" };

	return texts[below(COUNTOF(texts))];
}

static const char *
some_words(enum rule_word w)
{
	static const char *const intents[] = { "read", "write", "operate,write", "!read", "mode", "program-write" };
	static const char *const outcomes[] = { "answered", "exception", "!answered", "unanswered,exception" };
	static const char *const spaces[] = { "coil", "holding", "!coil", "s7-flag,s7-output", "s7-db", "object" };

	return w == RW_OT_INTENT ? intents[below(COUNTOF(intents))] : w == RW_OT_OUTCOME ? outcomes[below(COUNTOF(outcomes))] :
	    spaces[below(COUNTOF(spaces))];
}

static const char *
some_event(void)
{
	static const char *const texts[] = { "any", "fragment_too_long", "!fragment_too_long", "quantity_out_of_range",
	    "fragment_too_long,quantity_out_of_range" };

	return texts[below(COUNTOF(texts))];
}

/* Names for values of the devices that are made here. */
static struct tags *
some_tags(void)
{
	static const char *const rows[][2] = { { "chlorine set-point", "10.0.0.2 holding 0" }, { "pump", "10.0.0.2 unit 1 coil 99" },
	    { "level", "198.51.100.4 g1 index 99" }, { "flag", "10.0.0.2 MW99" }, { "block", "10.0.0.2 DB7.DBW500" }, { "breaker", "10.0.0.2 ioa 99" } };
	static struct tags *t;
	struct err e = { 0 };

	if (t != NULL)
		return t;
	t = tags_none();
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		const struct tag_row row = { .text = { [TAG_COL_NAME] = rows[i][0], [TAG_COL_ADDRESS] = rows[i][1] }, .at_line = (int)i };

		assert_true(tags_add(t, "made", &row, &e));
	}
	assert_int_equal(tags_made(t, "made", &e), 0);
	return t;
}

static const char *
some_value(enum rule_word w)
{
	static const char *const tags[] = { "\"chlorine set-point\" < 30", "\"pump\"", "\"level\" [0-20]", "\"flag\" > 10", "\"block\" != 3", "\"breaker\"" };
	static const char *const places[] = { "holding 99 > 10", "MW0", "holding 0 < 40", "DB7.DBW99", "input 500" };

	static const char *const wide[] = { "holding 10", "holding 6 > 5", "input 2", "holding 4, word-swapped" };

	return w == RW_OT_TAG ? tags[below(COUNTOF(tags))] : w == RW_OT_UINT16 || w == RW_OT_INT16 ? places[below(COUNTOF(places))] :
	    wide[below(COUNTOF(wide))];
}

static void
forget(void *arg, const struct tag_reading *r)
{
	(void)arg;
	(void)r;
}

/* Values were others before, far from those that are made here. */
static void
know_values(void)
{
	struct op_value v = { .kind = VALUE_UINT, .u = 5000 };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_TYPED, .ranged = true, .count = 1, .n_values = 1, .typed = &v };
	const struct operation op = { .phase = OP_FINISHED, .proto = OP_MODBUS, .items = &it, .n_items = 1, .outcome = OUTCOME_ANSWERED };

	for (uint32_t i = 0; i < some_tags()->n_devices; i++)
		tag_reader_operation(kit_tags, &some_tags()->device[i], &op, forget, NULL);
}

/* One option with this word.  What is not known here is as in its row. */
static int
some_option(char *to, size_t size, enum rule_word w)
{
	static const char *const inds[] = { "device_restart", "local_control", "*need_time,device_restart", "!0", "-device_trouble" };
	static const char *const areas[] = { "output", "!flag", "db", "0x83", "flag,db" };
	static const char *const blocks[] = { "DB", "OB 1", "DB 1-7", "OB" };
	const struct rule_word_row *row = rule_word_row(w);
	const char *v = NULL;

	if (w == RW_OT_CHANGE)
		return snprintf(to, size, "%s; %s; ", rule_word_row(RW_OT_TAG)->example, row->example);
	if (below(8) != 0)
		switch (row->operand) {
		case OPERAND_NUMBERS:
		case OPERAND_NAMED:	v = some_numbers(); break;
		case OPERAND_WORDS:	v = some_words(w); break;
		case OPERAND_MODBUS:	v = some_modbus(); break;
		case OPERAND_IND:	v = inds[below(COUNTOF(inds))]; break;
		case OPERAND_AREA:	v = areas[below(COUNTOF(areas))]; break;
		case OPERAND_BLOCK:	v = blocks[below(COUNTOF(blocks))]; break;
		case OPERAND_OBJ:
			return snprintf(to, size, "%s:%s,%s; ", row->text, below(2) ? "12" : "[1,50,60]", below(2) ? "1" : "1-3");
		case OPERAND_VALUE:	v = some_value(w); break;
		case OPERAND_EVENT:
			v = w == RW_OT_ANOMALY ? some_event() : NULL;
			break;
		default:
			break;
		}
	return v == NULL ? snprintf(to, size, "%s; ", row->example) : snprintf(to, size, "%s:%s; ", row->text, v);
}

/* A rule with this word first, and perhaps others; false: it says something that cannot be. */
static bool
make_rule(char *to, size_t size, enum rule_word w, uint32_t sid)
{
	static const char *const heads[] = { "any any -> any any", "any any -> 10.0.0.2 any", "192.0.2.9 any <> any any",
	    "!10.0.0.0/24 any -> any any", "any any -> any 502", "[10.0.0.1,10.0.0.7] any -> any !102", "any any -> any any" };
	static const char *const flows[] = { "", "", "", "flow:to_server; ", "flow:to_client; ", "flow:established; " };
	const struct rules_from from = { .lookup = &(const struct rule_lookup){ .nth = kit_name }, .tags = some_tags() };
	struct err problems = { 0 }, notes = { 0 };
	struct rule_set set = { 0 };
	char options[400];
	int n, used = some_option(options, sizeof(options), w);
	bool good;

	for (unsigned more = below(3); more > 0; more--) {
		enum rule_word other = (enum rule_word)below(RULE_WORD_COUNT);

		if (rule_word_row(other)->applies == APPLIES_TX)
			used += some_option(options + used, sizeof(options) - (size_t)used, other);
	}
	n = snprintf(to, size, "alert ip %s (%s%ssid:%u;)\n", heads[below(COUNTOF(heads))], flows[below(COUNTOF(flows))], options, sid);
	assert_true(n > 0 && (size_t)n < size);
	good = rules_load_text(&set, &from, "made", to, (size_t)n, &problems, &notes) && set.n_rules == 1;
	rule_set_free(&set);
	err_free(&problems);
	err_free(&notes);
	return good;
}

/* The rules of this test: those of old, and several of each word. */
static char *
make_rules(void)
{
	const size_t room = sizeof(fixed) + MADE * 512;
	char *text = malloc(room), *at = text;
	unsigned each = 0;

	assert_non_null(text);
	memcpy(at, fixed, sizeof(fixed));
	at += sizeof(fixed) - 1;
	for (unsigned w = 0; w < RULE_WORD_COUNT; w++)
		each += rule_word_row((enum rule_word)w)->applies == APPLIES_TX;
	each = MADE / each;
	for (unsigned w = 0, sid = RULES + 1; w < RULE_WORD_COUNT; w++)
		for (unsigned i = 0, tries = 0; rule_word_row((enum rule_word)w)->applies == APPLIES_TX && i < each; tries++) {
			if (tries == 100 * each)
				fail_msg("no rules can be made of %s", rule_word_row((enum rule_word)w)->text);
			if (make_rule(at, room - (size_t)(at - text), (enum rule_word)w, sid)) {
				at += strlen(at);
				sid++;
				i++;
			}
		}
	*at = '\0';
	return text;
}

/* ---- the words of a class, asked of the operation -------------------------------- */

static bool
dnp3_says(const struct rule_opt *o, const struct operation *op, bool answer)
{
	const struct dnp3_detail *d = op->proto == OP_DNP3 ? op->detail : NULL;
	const struct dnp3_message *m = d == NULL ? NULL : answer ? &d->response : &d->request;

	if (m == NULL || !m->present || !m->has_application || m->function == 0)
		return false;
	if (o->word == RW_DNP3_FUNC)
		return rule_number_is(&o->numbers, m->function);
	return m->has_iin && (o->ind.any == 0 || (m->iin & o->ind.any) != 0) && (m->iin & o->ind.all) == o->ind.all &&
	    (m->iin & o->ind.none) == 0 && (o->ind.value.n == 0 || rule_number_is(&o->ind.value, m->iin));
}

static bool
s7_says(const struct rule_opt *o, const struct operation *op, bool answer)
{
	const struct s7_detail *d = op->proto == OP_S7 || op->proto == OP_S7PLUS ? op->detail : NULL;
	const struct s7_message *m = d == NULL ? NULL : answer ? &d->response : &d->request;

	if (m == NULL || !m->present)
		return false;
	switch (o->word) {
	case RW_S7_FUNCTION:	return op->proto == OP_S7 && rule_number_is(&o->numbers, op->function);
	case RW_S7_ROSCTR:	return m->has_header && rule_number_is(&o->numbers, m->rosctr);
	case RW_S7_SZL:		return m->has_szl && rule_number_is(&o->numbers, m->szl_id);
	case RW_S7PLUS_FUNC:	return m->plus && rule_number_is(&o->numbers, m->plus_function);
	case RW_S7PLUS_OPCODE:	return m->plus && rule_number_is(&o->numbers, m->opcode);
	default:		fail_msg("what does %s read?", rule_word_row((enum rule_word)o->word)->text); return false;
	}
}

/* access or a function, without anything else. */
static bool
modbus_says(const struct rule_modbus *o, const struct modbus_message *m)
{
	bool all = m->present && (o->function.n == 0 || rule_number_is(&o->function, m->function_raw & 0x7f));
	const uint16_t both = MODBUS_READ | MODBUS_WRITE, tables = (uint16_t)(o->access & ~both);

	if (o->access != 0)
		all &= (o->access & m->access & both) != 0 && (tables == 0 || (m->access & tables) != 0);
	return all;
}

static bool
says(const struct rule_opt *o, const struct operation *op, bool answer)
{
	const struct modbus_detail *mb = op->proto == OP_MODBUS ? op->detail : NULL;
	const struct modbus_message *m;
	unsigned kinds;

	switch (o->word) {
	case RW_OT_INTENT:	return (o->words.mask >> op->intent & 1u) != 0;
	case RW_OT_OUTCOME:	return (o->words.mask >> op->outcome & 1u) != 0;
	case RW_OT_FUNCTION:	return rule_number_is(&o->numbers, op->function);
	case RW_MODBUS_FUNC:
		m = mb == NULL ? NULL : answer ? &mb->response : &mb->request;
		return m != NULL && m->present && rule_number_is(&o->numbers, m->function_raw & 0x7f);
	case RW_MODBUS:
		return mb != NULL && modbus_says(&o->modbus, mb->request.present ? &mb->request : &mb->response);
	case RW_DNP3_FUNC: case RW_DNP3_IND:
		return dnp3_says(o, op, answer);
	case RW_IEC104_TYPE: case RW_IEC104_FORMAT:
		return op->proto == OP_IEC104 && rule_number_is(&o->numbers, op->function);
	case RW_IEC104_COT:
		kinds = op->proto != OP_IEC104 || op->detail == NULL ? 0 : answer ? op->response.kinds : op->request.kinds;
		return (kinds % 256 != 0 && rule_number_is(&o->numbers, kinds % 256)) ||
		    (kinds > 255 && rule_number_is(&o->numbers, kinds / 256));
	default:
		return s7_says(o, op, answer);
	}
}

/* When a rule is looked at: once for each side that can show that it holds. */
static bool
is_time(const struct match_rule *m, const struct operation *op)
{
	bool over = op->phase == OP_FINISHED, asked = over && op->request.seen, answer = over && op->response.seen;

	if (!over)
		return m->when != WHEN_ANSWER && (!m->once_a_flow || op->id <= 1);
	if (m->once_a_flow && (asked || op->id > 1))
		return false;
	return !(asked && m->when == WHEN_REQUEST && !m->message_side) && !(asked && !answer && m->when != WHEN_ANSWER);
}

static bool
holds(struct match *d, const struct match_rule *m, const struct operation *op, const struct match_case *k,
    const struct match_case *back)
{
	if ((m->sites & SITE_OP) == 0 || (m->protos >> op->proto & 1u) == 0 || !is_time(m, op))
		return false;
	for (uint32_t i = 0; i < m->class.n; i++)
		if (!says(m->class.of[i], op, k->answer))
			return false;
	return m->message_side ? match_holds(d, m, k->answer ? back : k, false) :
	    match_holds(d, m, k, false) || (k->answer && match_holds(d, m, back, false));
}

static void
every_word_held(const struct match_set *s, const unsigned *held)
{
	for (unsigned w = 0; w < RULE_WORD_COUNT; w++) {
		unsigned times = 0;

		if (rule_word_row((enum rule_word)w)->applies != APPLIES_TX)
			continue;
		for (uint32_t i = 0; i < s->n; i++)
			for (uint32_t k = 0; k < s->of[i].r->n_opts; k++)
				times += s->of[i].r->opts[k].word == w ? held[i] : 0;
		/* Else this has shown nothing: make() must learn to make what it reads.  A breach of TCP
		 * or of a frame is no operation's. */
		if (times == 0 && w != RW_STREAM_EVENT && w != RW_DECODE_EVENT)
			fail_msg("no rule with %s ever held", rule_word_row((enum rule_word)w)->text);
	}
}

static void
nothing_is_left_out(void **state)
{
	static struct kit kit;
	static struct made m;
	struct flow flows[FLOWS];
	char *text = make_rules();
	uint32_t offered = 0, n;
	unsigned *held;
	struct match *d;

	(void)state;
	kit_tags = tag_reader_open(some_tags());
	assert_non_null(kit_tags);
	kit_open(&kit, text);
	know_values();
	free(text);
	d = kit.d;
	assert_true(d->set->n > RULES + MADE * 9 / 10);
	held = calloc(d->set->n, sizeof(*held));
	assert_non_null(held);
	make_flows(flows);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct match_case k, back;
		const struct class_rules *e;
		const uint32_t *rules;
		struct op_class c;

		make(&m, flows);
		k = side(&m.op, false);
		back = side(&m.op, true);
		e = match_class(d, &m.op);
		c = class_of(d->set, &m.op, match_flow_rules(d, m.op.flow));
		assert_true(class_same(&e->of, &c));
		rules = match_take_by_op(d, e, &m.op, &n);
		offered += n;
		for (uint32_t i = 0, at = 0; i < d->set->n; i++) {
			bool taken = at < n && rules[at] == i, is = holds(d, &d->set->of[i], &m.op, &k, &back);

			at += taken;
			held[i] += is;
			if (is && !taken)
				fail_msg("rule %u holds in round %u and is not looked at", d->set->of[i].r->meta.sid, round);
			/* What is offered is not asked for these words again. */
			for (uint32_t j = 0; taken && j < d->set->of[i].class.n; j++)
				assert_true(says(d->set->of[i].class.of[j], &m.op, k.answer));
		}
	}
	for (uint32_t i = 0; i < d->set->n; i++)
		if (held[i] == 0 && d->set->of[i].r->meta.sid <= RULES)
			fail_msg("rule %u never held", d->set->of[i].r->meta.sid);
	every_word_held(d->set, held);
	/* Most are left out. */
	assert_true(offered < ROUNDS * (uint64_t)d->set->n / 4);
	free(held);
	kit_close(&kit);
	tag_reader_close(kit_tags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
