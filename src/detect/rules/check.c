/* check.c - what only the whole rule can tell. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"

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
	if (c->endswith && (c->has_offset || c->has_distance || c->has_within)) {
		parse_complain(P, at, "endswith says where: offset, distance and within contradict it");
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
				parse_complain(P, P->at[i].p, "%s is said twice", rule_word_row(w)->text);
			before = true;
		}
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
	}
	if (filter != NULL && find(P, RW_THRESHOLD) != NULL)
		complain_at(P, filter, "detection_filter and threshold exclude each other");
	check_stream(P);
}
