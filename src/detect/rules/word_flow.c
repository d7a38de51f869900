/* word_flow.c - flow, stream_size, app-layer-protocol. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"
#include "detect/rules/app.h"

bool
read_flow(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const struct { const char *word; uint32_t bit; } known[] = {
		{ "to_server", RFLOW_TO_SERVER }, { "from_client", RFLOW_TO_SERVER },
		{ "to_client", RFLOW_TO_CLIENT }, { "from_server", RFLOW_TO_CLIENT },
		{ "established", RFLOW_ESTABLISHED }, { "not_established", RFLOW_NOT_ESTABLISHED },
		{ "stateless", RFLOW_STATELESS }, { "only_stream", RFLOW_ONLY_STREAM },
		{ "no_stream", RFLOW_NO_STREAM }, { "only_frag", RFLOW_ONLY_FRAG },
		{ "no_frag", RFLOW_NO_FRAG },
	};
	static const struct { uint32_t a, b; } pairs[] = {
		{ RFLOW_TO_SERVER, RFLOW_TO_CLIENT }, { RFLOW_ESTABLISHED, RFLOW_NOT_ESTABLISHED },
		{ RFLOW_ESTABLISHED, RFLOW_STATELESS }, { RFLOW_NOT_ESTABLISHED, RFLOW_STATELESS },
		{ RFLOW_ONLY_STREAM, RFLOW_NO_STREAM }, { RFLOW_ONLY_FRAG, RFLOW_NO_FRAG },
	};
	struct slice part, rest = v;

	o->flow = 0;
	while (slice_part(&rest, ',', &part)) {
		size_t i;

		for (i = 0; i < COUNTOF(known) && !slice_is_nocase(part, known[i].word); i++)
			;
		if (i == COUNTOF(known)) {
			parse_complain(P, part.p, "'%.*s' is no word of flow: %s", SLICE(part),
			    rule_word_row(RW_FLOW)->syntax);
			return false;
		}
		if (o->flow & known[i].bit) {
			parse_complain(P, part.p, "%.*s is given twice", SLICE(part));
			return false;
		}
		o->flow |= known[i].bit;
	}
	for (size_t i = 0; i < COUNTOF(pairs); i++)
		if ((o->flow & pairs[i].a) && (o->flow & pairs[i].b)) {
			parse_complain(P, v.p, "flow contradicts itself: %.*s", SLICE(v));
			return false;
		}
	return true;
}

/* ---- bytes sent ---- */

bool
read_stream_size(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const struct { const char *word; enum rule_side side; } sides[] = {
		{ "client", SIDE_CLIENT }, { "server", SIDE_SERVER }, { "both", SIDE_BOTH }, { "either", SIDE_ANY },
	};
	struct rule_stream_size *t = &o->stream_size;
	struct slice side, sign, number;
	size_t i;

	*t = (struct rule_stream_size){ 0 };
	if (!slice_part(&v, ',', &side) || !slice_part(&v, ',', &sign) || !slice_part(&v, ',', &number) || v.p != NULL) {
		parse_complain(P, P->at[P->n_opts].p, "stream_size is %s", rule_word_row(RW_STREAM_SIZE)->syntax);
		return false;
	}
	for (i = 0; i < COUNTOF(sides) && !slice_is_nocase(side, sides[i].word); i++)
		;
	if (i == COUNTOF(sides)) {
		parse_complain(P, side.p, "'%.*s' is none of client, server, both, either", SLICE(side));
		return false;
	}
	t->side = (uint8_t)sides[i].side;
	if (slice_is(sign, "!=") || slice_is(sign, "!")) {
		t->not_equal = true;
		sign = (struct slice){ "=", 1 };
	}
	return list_comparison(P, sign, number, INT64_MAX, &t->value);
}

/* ---- its name ---- */

bool
read_app(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice part;

	o->app = (struct rule_app){ 0 };
	/* Suricata's mode (",final", ",original") makes no difference here: a flow has
	 * one name. */
	(void)slice_part(&v, ',', &part);
	if (part.n > 0 && part.p[0] == '!') {
		o->app.negated = true;
		part = slice_trim((struct slice){ part.p + 1, part.n - 1 });
	}
	part = parse_unquoted(part);
	if (part.n == 0) {
		parse_complain(P, part.p, "the name of a protocol is missing");
		return false;
	}
	if (slice_is_nocase(part, "unknown") || slice_is_nocase(part, "failed")) {
		o->app.name = o->app.names = slice_is_nocase(part, "failed") ? "failed" : "unknown";
		return true;
	}
	return app_take(P, part, &o->app);
}
