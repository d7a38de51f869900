#include "detect/match/set.h"

#include <stdlib.h>
#include <string.h>

#include "record/operation.h"

#define FEW		8u	/* keys of one kind that a rule may stand under */
#define FIXED_MAX	4u	/* bytes of a key at a fixed place */

/* ---- what an option makes of its rule ------------------------------- */

static uint8_t
when_of(uint16_t word)
{
	switch (word) {
	case RW_MODBUS: case RW_OT_INTENT: case RW_OT_UNIT: case RW_OT_FUNCTION:
	case RW_OT_SUBFUNCTION: case RW_S7_FUNCTION: case RW_S7_SUBFUNCTION: case RW_S7PLUS_FUNC:
		return WHEN_REQUEST;
	case RW_OT_EXCEPTION: case RW_OT_OUTCOME: case RW_OT_LATENCY: case RW_OT_STATUS:
		return WHEN_ANSWER;
	default:
		return WHEN_EITHER;
	}
}

#define ALL_PROTOS ((1u << OP_PROTO_COUNT) - 1)
#define ONE(p) (1u << (p))

static unsigned
protos_of(uint16_t word)
{
	switch (word) {
	case RW_MODBUS: case RW_MODBUS_FUNC: case RW_MODBUS_UNIT:
		return ONE(OP_MODBUS);
	case RW_DNP3_FUNC: case RW_DNP3_IND: case RW_DNP3_OBJ:
		return ONE(OP_DNP3);
	case RW_S7_ROSCTR: case RW_S7_FUNCTION: case RW_S7_SUBFUNCTION: case RW_S7_AREA: case RW_S7_DB:
	case RW_S7_ADDRESS: case RW_S7_SZL: case RW_S7_BLOCK: case RW_S7_ITEM_COUNT:
		return ONE(OP_S7) | ONE(OP_S7PLUS);
	case RW_S7PLUS_FUNC: case RW_S7PLUS_OPCODE:
		return ONE(OP_S7PLUS);
	default:
		return ALL_PROTOS;
	}
}

static unsigned
protos_of_buffer(uint8_t buffer)
{
	return buffer == BUFFER_MODBUS_DATA ? ONE(OP_MODBUS) : buffer == BUFFER_DNP3_DATA ?
	    ONE(OP_DNP3) : buffer == BUFFER_S7PLUS_DATA ? ONE(OP_S7PLUS) : ALL_PROTOS;
}

static bool
is_list_word(uint16_t word)
{
	return word == RW_GEOIP || word == RW_IPREP || word == RW_DATASET || word == RW_DATAREP;
}

/* ---- payload options ------------------------------------------------- */

static struct match_list *
list_of(struct match_rule *m, uint8_t buffer)
{
	if (buffer == BUFFER_PACKET)
		buffer = BUFFER_PAYLOAD;
	for (uint32_t i = 0; i < m->n_lists; i++)
		if (m->lists[i].buffer == buffer)
			return &m->lists[i];
	m->lists[m->n_lists].buffer = buffer;
	return &m->lists[m->n_lists++];
}

static int
read_lists(struct match_rule *m, struct err *e)
{
	const struct rule *r = m->r;
	char why[128];

	m->lists = calloc(RULE_BUFFER_COUNT, sizeof(*m->lists));
	if (m->lists == NULL)
		return -1;
	for (uint32_t i = 0; i < r->n_opts; i++) {
		const struct rule_opt *o = &r->opts[i];
		struct match_list *l;
		struct match_step *s;

		if (rule_word_row((enum rule_word)o->word)->applies != APPLIES_PAYLOAD || is_list_word(o->word))
			continue;
		l = list_of(m, o->buffer);
		s = realloc(l->steps, (l->n + 1) * sizeof(*s));
		if (s == NULL)
			return -1;
		l->steps = s;
		if (step_open(&s[l->n++], o, why, sizeof(why)) != 0) {
			err_add(e, r->card.file, (int)o->line, (int)o->column, "this cannot be searched for: %s",
			    why[0] != '\0' ? why : "not enough memory");
			return -1;
		}
	}
	/* A step is tried at every place when anything up to the next search hangs on it. */
	for (uint32_t i = 0; i < m->n_lists; i++) {
		struct match_list *l = &m->lists[i];

		for (uint32_t k = 0; k < l->n; k++)
			for (uint32_t j = k + 1; j < l->n && !l->steps[k].next_relative; j++) {
				l->steps[k].next_relative = step_is_relative(l->steps[j].o);
				if (l->steps[j].o->word == RW_CONTENT || l->steps[j].o->word == RW_PCRE)
					break;
			}
		m->raw |= l->buffer == BUFFER_PAYLOAD;
	}
	return 0;
}

/* ---- one rule --------------------------------------------------------- */

static void
sites_of(struct match_rule *m)
{
	const struct rule *r = m->r;
	bool tx = m->n_tx > 0, header_only, data = false, events = false, others = false;

	m->protos = (uint8_t)(r->proto == RULE_MODBUS ? ONE(OP_MODBUS) : r->proto == RULE_DNP3 ?
	    ONE(OP_DNP3) : r->proto == RULE_S7COMM ? ONE(OP_S7) | ONE(OP_S7PLUS) : ALL_PROTOS);
	for (uint32_t i = 0; i < m->n_lists; i++) {
		m->protos &= (uint8_t)protos_of_buffer(m->lists[i].buffer);
		data |= m->lists[i].buffer != BUFFER_PAYLOAD;
		m->message_side |= m->lists[i].buffer == BUFFER_DNP3_DATA;
	}
	m->when = WHEN_REQUEST;
	for (uint32_t i = 0; i < m->n_tx; i++) {
		uint16_t word = m->tx[i]->word;
		uint8_t when = when_of(word);

		m->protos &= (uint8_t)protos_of(word);
		if (word == RW_APP_EVENT || word == RW_OT_ANOMALY)
			events = true;
		else
			others = true;
		if (when == WHEN_ANSWER || (when == WHEN_EITHER && m->when != WHEN_ANSWER))
			m->when = when;
		m->message_side |= word == RW_DNP3_FUNC || word == RW_DNP3_IND || word == RW_DNP3_OBJ;
		m->request_side |= word == RW_MODBUS;
	}
	if (data && m->when == WHEN_REQUEST)
		m->when = WHEN_EITHER;
	header_only = m->n_packet == 0 && m->n_flows == 0 && m->flow == 0 && m->n_lists == 0 && !tx;
	if (tx || data) {
		m->sites = SITE_OP;
		if (events && !others && !data && !m->raw)
			m->sites |= SITE_EVENT;
	} else if (m->raw || m->has_app) {
		m->sites = SITE_BYTES;
	} else if (r->proto == RULE_MODBUS || r->proto == RULE_DNP3 || r->proto == RULE_S7COMM) {
		m->sites = SITE_OP;
	} else {
		m->sites = SITE_PACKET;
		for (uint32_t i = 0; i < m->n_packet; i++)
			if (m->packet[i]->word == RW_DSIZE)
				m->sites |= SITE_BYTES;
	}
	/* A header alone says the same of every packet of a flow: told once. */
	m->once_a_flow = header_only;
}

static bool
step_spans(const struct rule_opt *o, bool *searched)
{
	const struct rule_content *c = &o->content;

	switch (o->word) {
	case RW_CONTENT:
		*searched |= !c->negated;
		return !c->has_offset && !c->has_depth && !c->startswith && !c->endswith &&
		    (!c->negated || c->has_distance || c->has_within);
	case RW_PCRE:
		return !o->pcre.negated && (o->pcre.relative || ((o->pcre.flags & RPCRE_ANCHORED) == 0 &&
		    strpbrk(o->pcre.pattern, "^$") == NULL));
	case RW_BYTE_TEST: case RW_BYTE_JUMP: case RW_BYTE_EXTRACT: case RW_BYTE_MATH:
		return o->bytes.relative && !o->bytes.from_beginning && !o->bytes.from_end;
	case RW_ISDATAAT:
		return o->isdataat.relative && !o->isdataat.negated;
	default:
		return false;
	}
}

/* Streams that nobody frames come in pieces; a content may lie across two. */
static bool
spans(const struct match_rule *m)
{
	bool all = m->sites == SITE_BYTES && m->n_packet == 0 && m->n_lists == 1 &&
	    m->r->proto != RULE_TCP_PKT && m->r->proto != RULE_UDP && (m->flow & RFLOW_NO_STREAM) == 0;
	bool searched = false;

	for (uint32_t i = 0; all && i < m->lists[0].n; i++)
		all = step_spans(m->lists[0].steps[i].o, &searched);
	return all && searched;
}

static int
read_rule(struct match_set *s, struct match_rule *m, struct rule *r, uint32_t *at, struct err *e)
{
	*m = (struct match_rule){ .r = r, .name = ((uint64_t)r->card.gid << 32 | r->card.sid) };
	for (unsigned pass = 0; pass < 5; pass++) {
		const struct rule_opt **from = s->opts + *at;
		uint32_t n = 0;

		for (uint32_t i = 0; i < r->n_opts; i++) {
			const struct rule_opt *o = &r->opts[i];
			enum rule_applies what = rule_word_row((enum rule_word)o->word)->applies;
			unsigned to = is_list_word(o->word) ? 4 : what == APPLIES_PACKET ? 0 :
			    what == APPLIES_FLOW ? 1 : what == APPLIES_TX ? 2 : what == APPLIES_STATE ? 3 : 9;

			if (o->word == RW_FLOW) {
				m->flow = o->flow;
				continue;
			}
			m->has_app |= o->word == RW_APP_PROTOCOL || o->word == RW_NDPI_RISK ||
			    r->proto == RULE_APP;
			m->counts |= o->word == RW_THRESHOLD || o->word == RW_DETECTION_FILTER;
			/* Nobody knows assets or places yet: such a rule matches nothing. */
			if (what == APPLIES_ASSET || o->word == RW_GEOIP)
				return 1;
			if (to == pass)
				from[n++] = o;
		}
		*at += n;
		if (pass == 0) {
			m->packet = from;
			m->n_packet = n;
		} else if (pass == 1) {
			m->flows = from;
			m->n_flows = n;
		} else if (pass == 2) {
			m->tx = from;
			m->n_tx = n;
		} else if (pass == 3) {
			m->state = from;
			m->n_state = n;
		} else {
			m->lists_by = from;
			m->n_lists_by = n;
		}
	}
	if (read_lists(m, e) != 0)
		return -1;
	sites_of(m);
	m->spans = spans(m);
	return 0;
}

/* ---- order -------------------------------------------------------------- */

/* Those that set a mark before those that read one. */
static int
marks_order(const struct rule *r)
{
	bool set = false, read = false;

	for (uint32_t i = 0; i < r->n_opts; i++)
		if (r->opts[i].word == RW_FLOWBITS || r->opts[i].word == RW_XBITS) {
			uint8_t what = r->opts[i].bits.what;

			set |= what == BIT_SET || what == BIT_UNSET || what == BIT_TOGGLE;
			read |= what == BIT_ISSET || what == BIT_ISNOTSET;
		}
	return set ? (read ? 1 : 0) : read ? 2 : 3;
}

static int
in_order(const void *a, const void *b)
{
	const struct rule *x = *(struct rule *const *)a, *y = *(struct rule *const *)b;
	int d = (x->action != RULE_PASS) - (y->action != RULE_PASS);

	if (d == 0)
		d = marks_order(x) - marks_order(y);
	if (d == 0)
		d = (int)x->card.severity - (int)y->card.severity;
	return d != 0 ? d : x->index < y->index ? -1 : x->index > y->index;
}

/* ---- keys ----------------------------------------------------------------- */

/* The few single numbers that a test allows; 0: too many, or not to be listed. */
static uint32_t
singles(const struct rule_numbers *t, uint32_t most, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct rule_range *r = &t->of[i];

		if (r->negated || r->real || r->test != TEST_RANGE || r->lo < 0 || r->hi < r->lo ||
		    r->hi - r->lo >= most || n + (uint64_t)(r->hi - r->lo) + 1 > most)
			return 0;
		for (int64_t v = r->lo; v <= r->hi; v++)
			out[n++] = (uint64_t)v;
	}
	return n;
}

static uint32_t
cells(const struct rule_numbers *t, int64_t less, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct rule_range *r = &t->of[i];
		int64_t lo = r->lo > less ? r->lo - less : 0, hi = r->hi;

		if (r->negated || r->real || r->test != TEST_RANGE || hi < less || hi > UINT32_MAX)
			return 0;
		hi -= less;
		if (hi < lo || (hi >> CELL_SHIFT) - (lo >> CELL_SHIFT) >= FEW)
			return 0;
		for (int64_t c = lo >> CELL_SHIFT; c <= hi >> CELL_SHIFT; c++) {
			if (n == FEW)
				return 0;
			out[n++] = (uint64_t)c;
		}
	}
	return n;
}

static uint32_t
ports_of(const struct rule_ports *g, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; !g->any && i < g->n; i++)
		for (uint32_t v = g->of[i].lo; v <= g->of[i].hi; v++) {
			if (n == FEW)
				return 0;
			out[n++] = v;
		}
	return n;
}

uint64_t
key_of_addr(const struct addr *a)
{
	uint64_t x, y;

	memcpy(&x, a->b, 8);
	memcpy(&y, a->b + 8, 8);
	return hash_mix(x ^ 0xa0761d6478bd642fu, y ^ 0xe7037ed1a0b428dbu);
}

uint64_t
key_of_name(const char *name, size_t n)
{
	return hash_bytes(0x6e616d6564ull, name, n);
}

static uint32_t
addrs_of(const struct rule_addrs *g, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; !g->any && i < g->n; i++) {
		if (n == FEW || !addr_same(&g->of[i].lo, &g->of[i].hi))
			return 0;
		out[n++] = key_of_addr(&g->of[i].lo);
	}
	return n;
}

static int
add_all(struct match_index *ix, enum key_kind kind, uint32_t scope, const uint64_t *v, uint32_t n,
    uint32_t rule)
{
	for (uint32_t i = 0; i < n; i++)
		if (index_add(ix, kind, scope, v[i], rule) != 0)
			return -1;
	return 0;
}

/* What the flow must be named, or that it must have a risk: most flows of a plant
 * are named otherwise, and have none.  False: neither is asked. */
static bool
key_by_name(struct match_index *ix, const struct match_rule *m, uint32_t i, int *r)
{
	const char *name = m->r->proto == RULE_APP ? m->r->app : NULL;
	bool risk = false;

	for (uint32_t k = 0; k < m->n_flows; k++) {
		const struct rule_opt *o = m->flows[k];

		if (o->word == RW_NDPI_RISK)
			risk |= !o->words.negated;
		else if (o->word == RW_APP_PROTOCOL && !o->app.negated && name == NULL &&
		    strcmp(o->app.name, "unknown") != 0 && strcmp(o->app.name, "failed") != 0)
			name = o->app.name;
	}
	if (name != NULL && strchr(name, '.') == NULL)
		*r = index_add(ix, KEY_APP, 0, key_of_name(name, strlen(name)), i);
	else if (risk)
		*r = index_add(ix, KEY_RISK, 0, 0, i);
	else
		return false;
	return true;
}

/* By the ends, for packets and bytes. */
static int
key_by_ends(struct match_index *ix, const struct match_rule *m, uint32_t i)
{
	const struct rule *r = m->r;
	uint64_t v[256];
	uint32_t n = 0;
	int named;

	if (!r->both_ways) {
		if ((n = addrs_of(&r->dst, v)) > 0)
			return add_all(ix, KEY_DST, 0, v, n, i);
		if ((n = addrs_of(&r->src, v)) > 0)
			return add_all(ix, KEY_SRC, 0, v, n, i);
		if ((n = ports_of(&r->dport, v)) > 0)
			return add_all(ix, KEY_DPORT, 0, v, n, i);
		if ((n = ports_of(&r->sport, v)) > 0)
			return add_all(ix, KEY_SPORT, 0, v, n, i);
	} else {
		if (r->sport.any && (n = ports_of(&r->dport, v)) > 0)
			return add_all(ix, KEY_DPORT, 0, v, n, i) | add_all(ix, KEY_SPORT, 0, v, n, i);
		if (r->dport.any && (n = ports_of(&r->sport, v)) > 0)
			return add_all(ix, KEY_DPORT, 0, v, n, i) | add_all(ix, KEY_SPORT, 0, v, n, i);
	}
	if (key_by_name(ix, m, i, &named))
		return named;
	/* The whole octet of TCP flags, where few of its values pass. */
	for (uint32_t k = 0; k < m->n_packet; k++) {
		const struct rule_flags *t = &m->packet[k]->flags;

		if (m->packet[k]->word != RW_FLAGS)
			continue;
		n = 0;
		for (unsigned f = 0; f < 256; f++) {
			uint8_t of = (uint8_t)(f & ~(unsigned)t->ignore), bits = (uint8_t)(t->bits & ~t->ignore);
			bool is = t->how == FLAGS_ALL ? (of & bits) == bits : t->how == FLAGS_ANY ?
			    (of & bits) != 0 : t->how == FLAGS_NOT ? (of & bits) != bits : of == bits;

			if (is)
				v[n++] = f;
		}
		if (n <= 128)
			return add_all(ix, KEY_FLAGS, 0, v, n, i);
	}
	return index_add(ix, KEY_ALL, 0, 0, i);
}

/* The functions that read or write a table of Modbus at an address. */
static uint32_t
accessing(uint16_t access, uint64_t *v)
{
	static const struct { uint16_t access; uint8_t n, functions[4]; } tables[] = {
		{ RMB_READ | RMB_COILS, 1, { 1 } }, { RMB_READ | RMB_DISCRETES, 1, { 2 } },
		{ RMB_READ | RMB_INPUT, 1, { 4 } }, { RMB_READ | RMB_HOLDING, 3, { 3, 23, 24 } },
		{ RMB_WRITE | RMB_COILS, 2, { 5, 15 } }, { RMB_WRITE | RMB_HOLDING, 4, { 6, 16, 22, 23 } },
	};

	for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (tables[i].access == access) {
			for (unsigned k = 0; k < tables[i].n; k++)
				v[k] = tables[i].functions[k];
			return tables[i].n;
		}
	return 0;
}

/* The functions that an operation must have, as codes of the operation. */
static uint32_t
functions_of(const struct match_rule *m, uint64_t *v)
{
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];
		uint32_t n = 0;

		switch (o->word) {
		case RW_MODBUS:
			n = singles(&o->modbus.function, FEW, v);
			if (n == 0 && o->modbus.address.n > 0)
				n = accessing(o->modbus.access, v);
			break;
		case RW_OT_FUNCTION:
		case RW_S7_FUNCTION:
			n = singles(&o->numbers, FEW, v);
			break;
		default:
			break;
		}
		if (n > 0)
			return n;
	}
	return 0;
}

/* The narrowest single thing that an operation must have. */
static uint32_t
thing_of(const struct match_rule *m, enum key_kind *kind, uint64_t *v)
{
	const struct rule *r = m->r;
	uint32_t n;

	*kind = KEY_CELL;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if (o->word == RW_MODBUS && (n = cells(&o->modbus.address, 1, v)) > 0)
			return n;
		if (o->word == RW_OT_ADDRESS && m->protos == ONE(OP_MODBUS) && (n = cells(&o->numbers, 0, v)) > 0)
			return n;
	}
	if (!r->both_ways) {
		*kind = KEY_DST;
		if ((n = addrs_of(&r->dst, v)) > 0)
			return n;
		*kind = KEY_SRC;
		if ((n = addrs_of(&r->src, v)) > 0)
			return n;
	}
	*kind = KEY_NUMBER;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if ((o->word == RW_OT_NUMBER || o->word == RW_S7_DB) && (n = singles(&o->numbers, FEW, v)) > 0)
			return n;
		if (o->word == RW_DNP3_OBJ) {
			uint64_t g[FEW], x[FEW];
			uint32_t n_g = singles(&o->obj.group, FEW, g), n_x = singles(&o->obj.variation, FEW, x);

			if (n_g == 1 && n_x > 0) {
				for (uint32_t j = 0; j < n_x; j++)
					v[j] = g[0] << 8 | x[j];
				return n_x;
			}
		}
	}
	*kind = KEY_UNIT;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if ((o->word == RW_MODBUS && (n = singles(&o->modbus.unit, FEW, v)) > 0) ||
		    (o->word == RW_OT_UNIT && (n = singles(&o->numbers, FEW, v)) > 0))
			return n;
	}
	return 0;
}

/* Suricata's dnp3_func is the function of one message. */
static uint32_t
message_functions(const struct match_rule *m, uint64_t *v)
{
	for (uint32_t k = 0; k < m->n_tx; k++)
		if (m->tx[k]->word == RW_DNP3_FUNC || m->tx[k]->word == RW_MODBUS_FUNC)
			return singles(&m->tx[k]->numbers, FEW, v);
	return 0;
}

/* What an operation does, how it ended, or what is wrong with it. */
static uint32_t
bits_of(const struct match_rule *m, uint32_t *scope, uint64_t *v)
{
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];
		uint32_t n = 0;

		if (o->word == RW_OT_EXCEPTION) {
			*scope = SCOPE_OUTCOME;
			v[0] = OUTCOME_EXCEPTION;
			return 1;
		}
		if ((o->word == RW_APP_EVENT || o->word == RW_OT_ANOMALY) && !o->event.negated && o->event.n > 0 &&
		    o->event.n <= 64) {
			*scope = SCOPE_EVENT;
			for (; n < o->event.n; n++)
				v[n] = o->event.of[n];
			return n;
		}
		if (o->word != RW_OT_INTENT && o->word != RW_OT_OUTCOME)
			continue;
		*scope = o->word == RW_OT_INTENT ? SCOPE_INTENT : SCOPE_OUTCOME;
		for (unsigned bit = 0; bit < 64; bit++)
			if ((o->words.mask >> bit & 1u) != 0)
				v[n++] = bit;
		return n;
	}
	return 0;
}

static int
key_by_op(struct match_index *ix, const struct match_rule *m, uint32_t i)
{
	uint64_t f[FEW], v[FEW], b[64];
	uint32_t n_f = functions_of(m, f), n_v, n_b, scope;
	enum key_kind kind;

	n_v = thing_of(m, &kind, v);
	for (uint32_t p = 0; p < OP_PROTO_COUNT; p++) {
		uint32_t any = p << 24 | 0xffffu;

		if ((m->protos >> p & 1u) == 0)
			continue;
		if (n_v > 0) {
			if (n_f == 0 && add_all(ix, kind, any, v, n_v, i) != 0)
				return -1;
			for (uint32_t k = 0; k < n_f; k++)
				if (add_all(ix, kind, p << 24 | (uint32_t)(f[k] & 0xffff), v, n_v, i) != 0)
					return -1;
		} else if (n_f > 0) {
			if (add_all(ix, KEY_FUNCTION, p << 24, f, n_f, i) != 0)
				return -1;
		} else if ((n_f = message_functions(m, f)) > 0) {
			if (add_all(ix, KEY_FUNCTION, p << 24 | SCOPE_MESSAGE, f, n_f, i) != 0)
				return -1;
			n_f = 0;
		} else if ((n_b = bits_of(m, &scope, b)) > 0) {
			if (add_all(ix, KEY_FUNCTION, p << 24 | scope, b, n_b, i) != 0)
				return -1;
		} else if (index_add(ix, KEY_ALL, p << 24, 0, i) != 0)
			return -1;
	}
	return 0;
}

static int
key_by_event(struct match_index *ix, const struct match_rule *m, uint32_t i)
{
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_event *e = &m->tx[k]->event;

		if (!e->negated && e->n > 0) {
			for (uint32_t j = 0; j < e->n; j++)
				if (index_add(ix, KEY_EVENT, 0, e->of[j], i) != 0)
					return -1;
			return 0;
		}
	}
	return index_add(ix, KEY_ALL, 0, 0, i);
}

/* ---- patterns ------------------------------------------------------------- */

/* Where the content must lie, if there is one place only. */
static bool
fixed_at(const struct rule_content *c, uint64_t *at)
{
	if (c->negated || c->nocase || c->has_distance || c->has_within || c->n == 0)
		return false;
	if (c->startswith) {
		*at = 0;
		return true;
	}
	if (!c->has_depth || c->depth.is_var || c->offset.is_var || c->depth.v != (int64_t)c->n ||
	    (c->has_offset && (c->offset.v < 0 || c->offset.v > 255)))
		return false;
	*at = c->has_offset ? (uint64_t)c->offset.v : 0;
	return true;
}

static uint64_t
worth(const struct rule_content *c)
{
	uint64_t at, w = c->n < 64 ? c->n * 2u : 128u;

	/* Runs of one byte, as 00 00, are everywhere. */
	for (uint32_t i = 1; i < c->n; i++)
		if (c->p[i] != c->p[0])
			return w + 1 + (fixed_at(c, &at) ? 1 : 0);
	return c->n > 0 ? 1 + (fixed_at(c, &at) ? 1 : 0) : 0;
}

static const struct rule_content *
best_content(const struct match_rule *m)
{
	const struct rule_content *best = NULL;

	for (uint32_t i = 0; i < m->n_lists; i++) {
		const struct match_list *l = &m->lists[i];

		if (l->buffer != BUFFER_PAYLOAD)
			continue;
		for (uint32_t k = 0; k < l->n; k++) {
			const struct rule_content *c = &l->steps[k].o->content;

			if (l->steps[k].o->word != RW_CONTENT || c->negated || c->n == 0)
				continue;
			if (c->fast_pattern)
				return c;
			if (best == NULL || worth(c) > worth(best))
				best = c;
		}
	}
	return best;
}

struct filling {
	struct pattern	*of;		/* owned */
	uint32_t	 n;
};

static int
key_by_bytes(struct match_set *s, struct filling *fill, const struct match_rule *m, uint32_t i)
{
	const struct rule_content *c = best_content(m);
	uint64_t at;

	if (c == NULL)
		return key_by_ends(&s->bytes, m, i);
	if (fixed_at(c, &at) && (c->n <= FIXED_MAX || at == 0)) {
		uint32_t n = c->n < FIXED_MAX ? c->n : FIXED_MAX;
		uint64_t v = 0;

		for (uint32_t k = 0; k < n; k++)
			v = v << 8 | c->p[k];
		for (uint32_t k = 0; k < s->n_fixed; k++)
			if (s->fixed[k].at == at && s->fixed[k].n == n)
				return index_add(&s->bytes, KEY_FIXED, (uint32_t)(at << 8 | n), v, i);
		if (s->n_fixed < SET_FIXED_MAX) {
			s->fixed[s->n_fixed++] = (struct set_fixed){ (uint16_t)at, (uint8_t)n };
			return index_add(&s->bytes, KEY_FIXED, (uint32_t)(at << 8 | n), v, i);
		}
	}
	fill->of[fill->n] = (struct pattern){ .p = c->p, .n = c->n, .nocase = c->nocase, .rule = i };
	if (c->fast_pattern && c->fast_len > 0 && (uint32_t)c->fast_offset + c->fast_len <= c->n) {
		fill->of[fill->n].p += c->fast_offset;
		fill->of[fill->n].n = c->fast_len;
	}
	fill->n++;
	set_scope_add(&s->scope, m->r);
	return 0;
}

/* ---- scope: ports that patterns are for -------------------------------------- */

static void
mark_ports(uint64_t *map, const struct rule_ports *g)
{
	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t v = g->of[i].lo; v <= g->of[i].hi; v++)
			map[v / 64] |= (uint64_t)1 << v % 64;
}

void
set_scope_add(struct set_scope *s, const struct rule *r)
{
	if (r->dport.any && r->sport.any) {
		s->any = true;
		return;
	}
	if (!r->dport.any) {
		mark_ports(s->dport, &r->dport);
		if (r->both_ways)
			mark_ports(s->sport, &r->dport);
	} else {
		mark_ports(s->sport, &r->sport);
		if (r->both_ways)
			mark_ports(s->dport, &r->sport);
	}
}

/* ---- all rules ------------------------------------------------------------------ */

static int
fill_indexes(struct match_set *s, struct err *e)
{
	struct filling fill = { .of = calloc(s->n > 0 ? s->n : 1, sizeof(*fill.of)) };
	const char *why = NULL;
	int r = fill.of != NULL ? 0 : -1;

	for (uint32_t i = 0; r == 0 && i < s->n; i++) {
		const struct match_rule *m = &s->of[i];

		if (m->sites & SITE_PACKET)
			r |= key_by_ends(&s->packets, m, i);
		if (m->sites & SITE_BYTES)
			r |= key_by_bytes(s, &fill, m, i);
		if (m->sites & SITE_OP)
			r |= key_by_op(&s->ops, m, i);
		if (m->sites & SITE_EVENT)
			r |= key_by_event(&s->events, m, i);
	}
	if (r == 0)
		r = index_seal(&s->packets) | index_seal(&s->bytes) | index_seal(&s->ops) |
		    index_seal(&s->events);
	if (r == 0 && fill.n > 0) {
		s->patterns = patterns_open(fill.of, fill.n, &why);
		if (s->patterns == NULL) {
			if (why != NULL)
				err_add(e, NULL, 0, 0, "%s", why);
			r = -1;
		}
	}
	free(fill.of);
	return r;
}

static void
sum_up(struct match_set *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct match_rule *m = &s->of[i];

		s->any_spans |= m->spans;
		s->any_packet |= (m->sites & SITE_PACKET) != 0;
		s->any_bytes |= (m->sites & SITE_BYTES) != 0 || ((m->sites & SITE_OP) != 0 && m->raw);
		s->any_op |= (m->sites & SITE_OP) != 0;
		s->any_event |= (m->sites & SITE_EVENT) != 0;
		s->needs_header |= (m->sites & (SITE_BYTES | SITE_OP)) != 0 && (m->n_packet > 0 ||
		    (m->flow & (RFLOW_ONLY_FRAG | RFLOW_NO_FRAG)) != 0);
		s->needs_marks |= m->r->action == RULE_PASS;
		for (uint32_t k = 0; k < m->n_state; k++)
			s->needs_marks |= m->state[k]->word == RW_FLOWBITS;
		for (uint32_t k = 0; k < m->n_lists; k++)
			s->memory += m->lists[k].n * sizeof(struct match_step);
		s->memory += RULE_BUFFER_COUNT * sizeof(struct match_list);
	}
	s->memory += sizeof(*s) + s->rules.memory + s->n * sizeof(*s->of) + index_memory(&s->packets) +
	    index_memory(&s->bytes) + index_memory(&s->ops) + index_memory(&s->events) +
	    patterns_memory(s->patterns);
}

struct match_set *
match_set_open(struct rule_set *rules, struct err *e)
{
	struct match_set *s = calloc(1, sizeof(*s));
	struct rule **by = calloc(rules->n_rules > 0 ? rules->n_rules : 1, sizeof(*by));
	uint32_t n_opts = 0, at = 0;
	int before = e->n;

	for (uint32_t i = 0; i < rules->n_rules; i++)
		n_opts += rules->rules[i].n_opts;
	if (s == NULL || by == NULL)
		goto no_memory;
	s->of = calloc(rules->n_rules > 0 ? rules->n_rules : 1, sizeof(*s->of));
	s->opts = calloc(n_opts > 0 ? n_opts : 1, sizeof(*s->opts));
	if (s->of == NULL || s->opts == NULL)
		goto no_memory;
	s->rules = *rules;
	*rules = (struct rule_set){ 0 };
	for (uint32_t i = 0; i < s->rules.n_rules; i++)
		by[i] = &s->rules.rules[i];
	qsort(by, s->rules.n_rules, sizeof(*by), in_order);
	for (uint32_t i = 0; i < s->rules.n_rules; i++) {
		int r = read_rule(s, &s->of[s->n], by[i], &at, e);

		if (r < 0 && e->n == before)
			goto no_memory;
		if (r == 0)
			s->n++;
		else
			match_rule_close(&s->of[s->n]);
	}
	if (e->n != before || fill_indexes(s, e) != 0) {
		if (e->n == before)
			goto no_memory;
		goto failed;
	}
	sum_up(s);
	free(by);
	return s;
no_memory:
	err_add(e, NULL, 0, 0, "not enough memory for the rules");
failed:
	free(by);
	rule_set_free(rules);
	match_set_close(s);
	return NULL;
}

void
match_rule_close(struct match_rule *m)
{
	for (uint32_t i = 0; i < m->n_lists; i++) {
		for (uint32_t k = 0; k < m->lists[i].n; k++)
			step_close(&m->lists[i].steps[k]);
		free(m->lists[i].steps);
	}
	free(m->lists);
	*m = (struct match_rule){ 0 };
}

void
match_set_close(struct match_set *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->n; i++)
		match_rule_close(&s->of[i]);
	index_close(&s->packets);
	index_close(&s->bytes);
	index_close(&s->ops);
	index_close(&s->events);
	patterns_close(s->patterns);
	free(s->of);
	free(s->opts);
	rule_set_free(&s->rules);
	free(s);
}
