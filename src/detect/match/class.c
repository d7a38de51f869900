#include "detect/match/class.h"

#include <string.h>

#include "detect/match/match.h"
#include "record/dnp3.h"
#include "record/modbus.h"
#include "record/s7.h"

/* ---- the message ------------------------------------------------------- */

/* Of Modbus what was asked (its access, its function)
 * and the function of the side that is judged; of the others the side that is judged. */
#define MODBUS_ACCESS(v)	((uint16_t)((v) & 0xffff))
#define MODBUS_ASKED(v)		((unsigned)((v) >> 48 & 0xff))
#define MODBUS_JUDGED(v)	((unsigned)((v) >> 56 & 0xff))
#define MODBUS_PRESENT		0x80u

#define DNP3_FUNCTION(v)	((unsigned)((v) & 0xff))
#define DNP3_IIN(v)		((uint16_t)((v) >> 16))
#define DNP3_APPLICATION	(1ull << 32)
#define DNP3_HAS_IIN		(1ull << 33)

#define S7_ROSCTR(v)		((unsigned)((v) & 0xff))
#define S7_OPCODE(v)		((unsigned)((v) >> 8 & 0xff))
#define S7_SZL(v)		((unsigned)((v) >> 16 & 0xffff))
#define S7_PLUS_FUNCTION(v)	((unsigned)((v) >> 32 & 0xffff))
#define S7_PRESENT		(1ull << 48)
#define S7_HAS_HEADER		(1ull << 49)
#define S7_HAS_SZL		(1ull << 50)
#define S7_PLUS			(1ull << 51)

static inline uint64_t
modbus_message(const struct modbus_detail *d, bool answered)
{
	const struct modbus_message *asked = d->request.present ? &d->request : &d->response;
	const struct modbus_message *judged = answered ? &d->response : &d->request;

	return (asked->present ? asked->access |
	    (uint64_t)((asked->function_raw & 0x7fu) | MODBUS_PRESENT) << 48 : 0) |
	    (judged->present ? (uint64_t)((judged->function_raw & 0x7fu) | MODBUS_PRESENT) << 56 : 0);
}

static inline uint64_t
dnp3_message(const struct dnp3_message *m)
{
	return !m->present || !m->has_application ? 0 : m->function | DNP3_APPLICATION |
	    (m->has_iin ? (uint64_t)m->iin << 16 | DNP3_HAS_IIN : 0);
}

static inline uint64_t
s7_message(const struct s7_message *m)
{
	return !m->present ? 0 : S7_PRESENT | (m->has_header ? m->rosctr | S7_HAS_HEADER : 0) |
	    (m->has_szl ? (uint64_t)m->szl_id << 16 | S7_HAS_SZL : 0) |
	    (m->plus ? (uint64_t)m->opcode << 8 | (uint64_t)m->plus_function << 32 | S7_PLUS : 0);
}

static inline uint64_t
message_of(const struct operation *op, bool answered)
{
	const struct dnp3_detail *dnp3 = op->detail;
	const struct s7_detail *s7 = op->detail;

	if (op->detail == NULL)
		return 0;
	switch (op->proto) {
	case OP_MODBUS:
		return modbus_message(op->detail, answered);
	case OP_DNP3:
		return dnp3_message(answered ? &dnp3->response : &dnp3->request);
	case OP_S7:
	case OP_S7PLUS:
		return s7_message(answered ? &s7->response : &s7->request);
	default:
		return answered ? op->response.kinds : op->request.kinds;
	}
}

/* Without a branch but for the protocol: this is done twice for each operation. */
static inline __attribute__((always_inline)) struct op_class
make(const struct match_set *s, const struct operation *op, const struct flow_rules *r)
{
	const struct flow *f = op->flow;
	const unsigned asked = op->request.seen, answered = op->response.seen, over = op->phase == OP_FINISHED;
	const unsigned state = over * CLASS_OVER | asked * CLASS_ASKED | answered * CLASS_ANSWERED |
	    (op->id <= 1) * CLASS_FIRST | (op->n_items > 0) * CLASS_ITEMS | (op->n_anomalies > 0) * CLASS_ANOMALIES |
	    (asked & answered & (op->latency_ns >= s->slow_ns)) * CLASS_SLOW |
	    index_may(&s->ops, KEY_UNIT, op->unit) * CLASS_UNIT;

	return (struct op_class){
		.what = op->function | (uint64_t)op->proto << 32 | (uint64_t)op->intent << 40 |
		    (uint64_t)op->outcome << 48 | (uint64_t)state << 56,
		.endpoints = r->endpoints[flow_client(f)] | (uint64_t)r->endpoints[flow_server(f)] << 32,
		.message = message_of(op, (over & answered) != 0),
	};
}

struct op_class
class_of(const struct match_set *s, const struct operation *op, const struct flow_rules *r)
{
	return make(s, op, r);
}

/* ---- which rules a class allows ------------------------------------------- */

unsigned
class_needs(unsigned reads)
{
	return ((reads & READS_LATENCY) != 0 ? CLASS_SLOW : 0u) |
	    ((reads & READS_EXCEPTION) != 0 ? CLASS_REFUSED : 0u) |
	    ((reads & READS_ANOMALIES) != 0 ? CLASS_ANOMALIES : 0u) |
	    (rule_reads_item(reads) ? CLASS_ITEMS : 0u);
}

static bool
indications_are(const struct rule_ind *ind, uint16_t iin)
{
	return (ind->any == 0 || (iin & ind->any) != 0) && (iin & ind->all) == ind->all &&
	    (iin & ind->none) == 0 && (ind->value.n == 0 || rule_number_is(&ind->value, iin));
}

/* A confirm is no transaction: it ends the response that it confirms.  Suricata does not
 * show it to these words either; ot.function finds it. */
static bool
is_dnp3_message(uint64_t v)
{
	return (v & DNP3_APPLICATION) != 0 && DNP3_FUNCTION(v) != 0;
}

/* Of Suricata's word for Modbus, which may read more, what the class shows. */
static bool
modbus_could(const struct rule_modbus *m, const struct op_class *c)
{
	const uint64_t v = c->message;

	if ((MODBUS_ASKED(v) & MODBUS_PRESENT) == 0)
		return false;
	if (m->access != 0)
		return match_modbus_access(m, MODBUS_ACCESS(v));
	return m->function.n == 0 || rule_number_is(&m->function, MODBUS_ASKED(v) & 0x7f);
}

/* One of an octet, or two. */
static bool
kinds_are(const struct rule_numbers *t, uint64_t v)
{
	return ((v & 0xff) != 0 && rule_number_is(t, v & 0xff)) || (v >> 8 != 0 && rule_number_is(t, (int64_t)(v >> 8)));
}

/* Options that read nothing but the class.  Those without a meaning of their own say in
 * their rows what they read. */
static bool
word_holds(const struct rule_opt *o, const struct op_class *c)
{
	const uint64_t v = c->message;
	const struct rule_word_row *row;

	switch (o->word) {
	case RW_OT_INTENT:
		return (o->words.mask >> class_intent(c) & 1u) != 0;
	case RW_OT_OUTCOME:
		return (o->words.mask >> class_outcome(c) & 1u) != 0;
	case RW_MODBUS:
		return modbus_could(&o->modbus, c);
	case RW_MODBUS_FUNC:
		return (MODBUS_JUDGED(v) & MODBUS_PRESENT) != 0 &&
		    rule_number_is(&o->numbers, MODBUS_JUDGED(v) & 0x7f);
	case RW_DNP3_FUNC:
		return is_dnp3_message(v) && rule_number_is(&o->numbers, DNP3_FUNCTION(v));
	case RW_DNP3_IND:
		return is_dnp3_message(v) && (v & DNP3_HAS_IIN) != 0 && indications_are(&o->ind, DNP3_IIN(v));
	case RW_S7_FUNCTION:
		return (v & S7_PRESENT) != 0 && class_proto(c) == OP_S7 &&
		    rule_number_is(&o->numbers, class_function(c));
	case RW_S7_ROSCTR:
		return (v & S7_HAS_HEADER) != 0 && rule_number_is(&o->numbers, S7_ROSCTR(v));
	case RW_S7_SZL:
		return (v & S7_HAS_SZL) != 0 && rule_number_is(&o->numbers, S7_SZL(v));
	case RW_S7PLUS_FUNC:
		return (v & S7_PLUS) != 0 && rule_number_is(&o->numbers, S7_PLUS_FUNCTION(v));
	case RW_S7PLUS_OPCODE:
		return (v & S7_PLUS) != 0 && rule_number_is(&o->numbers, S7_OPCODE(v));
	default:
		row = rule_word_row((enum rule_word)o->word);
		if ((row->of & PROTO_BIT(class_proto(c))) == 0)
			return false;
		return row->reads == READS_FUNCTION ? rule_number_is(&o->numbers, class_function(c)) :
		    row->reads == READS_MESSAGE && kinds_are(&o->numbers, v);
	}
}

/* Is this showing of the operation one at which the rule is looked at? */
static bool
is_time(const struct match_rule *m, unsigned state)
{
	bool over = (state & CLASS_OVER) != 0, asked = over && (state & CLASS_ASKED) != 0;
	bool answer = over && (state & CLASS_ANSWERED) != 0;

	if (m->once_a_flow && (asked || (state & CLASS_FIRST) == 0))
		return false;
	return !((!over && m->when == WHEN_ANSWER) || (asked && m->when == WHEN_REQUEST && !m->message_side) ||
	    (asked && !answer && m->when != WHEN_ANSWER));
}

/* Does what the client (or the server) sends fit the rule's header, going this way? */
static bool
side_could(const struct match_rule *m, uint32_t endpoints, bool to_client)
{
	return (m->filter == SET_FILTERS || (endpoints >> m->filter & 1u) != 0) &&
	    (m->flow & (to_client ? (uint32_t)RFLOW_TO_SERVER : (uint32_t)RFLOW_TO_CLIENT)) == 0;
}

bool
class_allows(const struct match_rule *m, const struct op_class *c)
{
	const unsigned state = class_state(c) | (class_outcome(c) == OUTCOME_EXCEPTION ? CLASS_REFUSED : 0u);
	bool answer, asking, answering;

	if ((m->protos >> class_proto(c) & 1u) == 0 || (m->needs & ~state) != 0 || !is_time(m, state))
		return false;
	answer = (state & CLASS_OVER) != 0 && (state & CLASS_ANSWERED) != 0;
	asking = side_could(m, (uint32_t)c->endpoints, false);
	answering = answer && side_could(m, (uint32_t)(c->endpoints >> 32), true);
	if (m->message_side ? !(answer ? answering : asking) : !asking && !answering)
		return false;
	for (uint32_t i = 0; i < m->class.n; i++)
		if (!word_holds(m->class.of[i], c))
			return false;
	return m->modbus == NULL || modbus_could(m->modbus, c);
}

/* ---- what is remembered ------------------------------------------------------ */

uint32_t
class_pool_size(const struct match_set *s)
{
	return CLASSES + 4 * s->n_ops;
}

void
class_table_clear(struct class_table *t)
{
	/* No operation is of such a class. */
	memset(t->slots, 0xff, sizeof(t->slots));
	t->used = 0;
}

/* Work a class out, instead of the older one in its two slots. */
static __attribute__((noinline)) const struct class_rules *
fill(struct match *d, const struct operation *op)
{
	const struct op_class of = make(d->set, op, match_flow_rules(d, op->flow)), *c = &of;
	const struct match_index *ix = &d->set->ops;
	const uint64_t functions[] = { class_function(c), ANY_FUNCTION };
	struct class_table *t = &d->classes;
	struct class_rules *e;
	uint32_t keys = 0, n;

	match_begin(d);
	for (unsigned i = 0; i < 2; i++) {
		const uint32_t *r = index_find(ix, KEY_CLASS, class_proto(c), functions[i], &n);

		for (uint32_t k = 0; k < n; k++)
			if (class_allows(&d->set->of[r[k]], c))
				match_take(d, r[k]);
		r = index_find(ix, KEY_CLASS_THINGS, class_proto(c), functions[i], &n);
		for (uint32_t k = 0; k < n; k++)
			if ((keys >> d->set->of[r[k]].filed & 1u) == 0 && class_allows(&d->set->of[r[k]], c))
				keys |= 1u << d->set->of[r[k]].filed;
	}
	match_put_in_order(d);
	/* No rule stands under an address of this flow, or under this unit. */
	if ((c->endpoints & ENDPOINTS_KEYED) == 0)
		keys &= ~(1u << KEY_DST | 1u << KEY_SRC);
	if ((class_state(c) & CLASS_UNIT) == 0)
		keys &= ~(1u << KEY_UNIT);
	if (t->used + d->n_cand > t->size)
		class_table_clear(t);
	memcpy(t->pool + t->used, d->cand, d->n_cand * sizeof(*t->pool));
	e = class_slot(t, c);
	e[1] = e[0];
	*e = (struct class_rules){ .of = *c, .at = t->used, .n = d->n_cand, .keys = keys };
	t->used += d->n_cand;
	return e;
}

const struct class_rules *
match_class(struct match *d, const struct operation *op)
{
	struct flow_rules *r = match_flow_rules(d, op->flow);
	const struct class_rules *e;
	struct op_class c;

	if (r->mark != d->set->mark)
		match_filters(d->set, op->flow, r);
	c = make(d->set, op, r);
	e = class_slot(&d->classes, &c);
	return class_same(&e->of, &c) ? e : class_same(&e[1].of, &c) ? &e[1] : fill(d, op);
}
