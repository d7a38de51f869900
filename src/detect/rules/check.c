/* check.c - checks that need the whole rule. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"
#include "detect/rules/print.h"
#include "record/operation.h"

static void
check_content(struct parser *P, const char *at, const struct rule_content *c)
{
	if ((c->has_offset || c->has_depth) && (c->has_distance || c->has_within)) {
		parse_complain(P, at, "offset and depth count from the start, distance and within from the last match: a content can have one kind only");
		return;
	}
	if (c->startswith && (c->has_offset || c->has_depth || c->has_distance || c->has_within)) {
		parse_complain(P, at, "startswith says where: offset, depth, distance and within contradict it");
		return;
	}
	if (c->has_depth && !c->depth.is_var && c->depth.v < (int64_t)c->n)
		parse_complain(P, at, "depth %lld is shorter than the content's %u bytes: it can never match",
		    (long long)c->depth.v, c->n);
	if (c->has_within && !c->within.is_var && c->within.v < (int64_t)c->n)
		parse_complain(P, at, "within %lld is shorter than the content's %u bytes: it can never match",
		    (long long)c->within.v, c->n);
	if (!c->fast_pattern)
		return;
	if (c->fast_offset + (uint32_t)c->fast_len > c->n || (c->fast_offset > 0 && c->fast_len == 0)) {
		parse_complain(P, at, "fast_pattern has an offset and a length, both within the %u bytes of its content", c->n);
		return;
	}
	if (c->fast_only && (c->negated || c->has_offset || c->has_depth || c->has_distance || c->has_within))
		parse_complain(P, at, "fast_pattern:only says that nothing else is asked of the content: no '!', no place");
	else if (c->negated && (c->has_offset || c->has_depth || c->has_distance || c->has_within))
		parse_complain(P, at, "a negated content with a place cannot be the fast pattern");
}

/* May `dsize` and this content both hold?  Only for a single upper bound. */
static void
check_dsize(struct parser *P, const struct rule_opt *dsize)
{
	const struct rule_range *r = dsize->numbers.of;

	if (dsize->numbers.n != 1 || r->negated || r->test != TEST_RANGE || r->hi == INT64_MAX)
		return;
	for (uint32_t i = 0; i < P->n_opts; i++) {
		const struct rule_content *c = &P->opts[i].content;
		int64_t need;

		if (P->opts[i].word != RW_CONTENT || P->opts[i].buffer != BUFFER_PAYLOAD || c->negated)
			continue;
		need = c->n + (c->has_offset && !c->offset.is_var ? c->offset.v : 0);
		if (need > r->hi)
			parse_complain(P, P->at[i].p, "dsize allows %lld bytes, and this content needs %lld: the rule can never match",
			    (long long)r->hi, (long long)need);
	}
}

static const struct rule_opt *
find(const struct parser *P, enum rule_word w)
{
	for (uint32_t i = 0; i < P->n_opts; i++)
		if (P->opts[i].word == w)
			return &P->opts[i];
	return NULL;
}

static void
complain_at(struct parser *P, const struct rule_opt *o, const char *text)
{
	parse_complain(P, P->at[o - P->opts].p, "%s", text);
}

/* Words that ask for one packet, in a rule that wants none. */
static void
check_stream(struct parser *P)
{
	const struct rule_opt *flow = find(P, RW_FLOW);
	bool stream = P->rule->proto == RULE_TCP_STREAM || (flow != NULL && (flow->flow & RFLOW_ONLY_STREAM));

	for (uint32_t i = 0; i < P->n_opts && stream; i++) {
		const struct rule_word_row *row = rule_word_row((enum rule_word)P->opts[i].word);

		if (row->applies == APPLIES_PACKET && P->opts[i].word != RW_GEOIP && P->opts[i].word != RW_IPREP)
			parse_complain(P, P->at[i].p, "%s looks at packets, and the rule is for the stream alone: it can never match",
			    row->text);
	}
}

static void
check_once(struct parser *P, enum rule_word w)
{
	bool before = false;

	for (uint32_t i = 0; i < P->n_opts; i++)
		if (P->opts[i].word == w) {
			if (before)
				parse_complain(P, P->at[i].p, "%s is given twice", rule_word_row(w)->text);
			before = true;
		}
}

/* ---- protocols ------------------------------------------------------- */

/* The protocols of the spaces in a list. */
static unsigned
protocols_of_spaces(uint64_t mask)
{
	unsigned of = 0;

	for (unsigned i = 0; i < OP_SPACE_COUNT; i++)
		if ((mask >> i & 1u) != 0)
			of |= op_space_of(i) == OP_UNKNOWN ? OF_ANY : protocol_family(op_space_of(i));
	return of;
}

/* A conversation has one protocol: a rule that asks for two never matches. */
static void
check_protocols(struct parser *P)
{
	const struct rule *r = P->rule;
	const char *before = r->proto == RULE_APP || r->proto == RULE_PLANT || r->proto == RULE_ICMP ?
	    rule_protocol_name(r) : NULL;
	unsigned left = r->proto == RULE_PLANT ? r->of : before != NULL ? OF_OTHERS : OF_ANY;

	for (uint32_t i = 0; i < P->n_opts; i++) {
		const struct rule_opt *o = &P->opts[i];
		unsigned of = o->word == RW_OT_SPACE ? protocols_of_spaces(o->words.mask) :
		    o->word == RW_APP_PROTOCOL && !o->app.negated ? (o->app.of != 0 ? o->app.of : OF_OTHERS) :
		    rule_word_row((enum rule_word)o->word)->of;
		const char *text = rule_word_row((enum rule_word)o->word)->text;

		if ((left & of) == 0) {
			parse_complain(P, P->at[i].p, "%s is of another protocol than the rule's %s: it can never match", text,
			    before != NULL ? before : "other words");
			return;
		}
		if ((left & of) != left)
			before = text;
		left &= of;
	}
}

/* ---- numbers that nothing has ----------------------------------------- */

/* Whether a number passes changes only where a range begins or ends, but for masks. */
static bool
any_passes(const struct rule_numbers *t, int64_t max)
{
	bool masks = false, passes = t->n == 0 || rule_number_is(t, 0);

	for (uint32_t i = 0; !passes && i < t->n; i++) {
		const struct rule_range *r = &t->of[i];
		int64_t edge = r->negated ? r->hi : r->lo;

		masks |= r->test != TEST_RANGE;
		edge += r->negated && edge < max;
		passes = edge >= 0 && edge <= max && rule_number_is(t, edge);
	}
	for (int64_t v = 0; masks && !passes && v <= max; v++)
		passes = rule_number_is(t, v);
	return passes;
}

/* The highest code that a function word may meet. */
static int64_t
function_max(const struct parser *P, const struct rule_opt *o)
{
	uint32_t of = o->word != RW_OT_FUNCTION ? PROTO_BIT(rule_first_of(rule_word_row((enum rule_word)o->word)->of)) :
	    P->rule->proto == RULE_PLANT ? P->rule->of : OF_OPERATIONS;
	int64_t max = 0;

	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if ((of & PROTO_BIT(p)) != 0 && protocols[p]->function_max > max)
			max = protocols[p]->function_max;
	return max;
}

/* Of fields of one octet or less, and functions. */
static void
check_numbers(struct parser *P, uint32_t i)
{
	const struct rule_opt *o = &P->opts[i];
	const struct rule_word_row *row = rule_word_row((enum rule_word)o->word);
	const struct rule_numbers *t = &o->numbers;
	int64_t max = 255;

	if (o->word == RW_MODBUS) {
		t = &o->modbus.function;
		max = protocols[rule_first_of(row->of)]->function_max;
	} else if (row->operand == OPERAND_FUNCTIONS || row->reads == READS_FUNCTION)
		max = function_max(P, o);
	else if (o->word == RW_OT_UNIT)
		max = 0xffff;
	else if (row->operand != OPERAND_OCTETS && row->operand != OPERAND_NAMED &&
	    o->word != RW_TTL && o->word != RW_ITYPE && o->word != RW_ICODE && o->word != RW_TOS && o->word != RW_IP_PROTO)
		return;
	if (!any_passes(t, max))
		parse_complain(P, P->at[i].p, "%s goes from 0 to %lld, and none of them passes %s: it can never match",
		    o->word == RW_MODBUS ? "a function" : row->text, (long long)max, t->text);
}

void
check_rule(struct parser *P)
{
	static const enum rule_word once[] = { RW_FLOW, RW_THRESHOLD, RW_DETECTION_FILTER, RW_DSIZE, RW_TARGET,
	    RW_NOALERT, RW_MODBUS };
	const struct rule_opt *filter = find(P, RW_DETECTION_FILTER);
	bool fast = false;

	for (size_t i = 0; i < COUNTOF(once); i++)
		check_once(P, once[i]);
	for (uint32_t i = 0; i < P->n_opts; i++) {
		const struct rule_opt *o = &P->opts[i];

		if (o->word == RW_CONTENT) {
			check_content(P, P->at[i].p, &o->content);
			if (o->content.fast_pattern && fast)
				parse_complain(P, P->at[i].p, "only one content can be the fast pattern");
			fast |= o->content.fast_pattern;
		} else if (o->word == RW_DSIZE)
			check_dsize(P, o);
		check_numbers(P, i);
	}
	if (filter != NULL && find(P, RW_THRESHOLD) != NULL)
		complain_at(P, filter, "detection_filter and threshold exclude each other");
	check_stream(P);
	check_protocols(P);
}
