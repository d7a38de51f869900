#include "detect/rules/explain.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/print.h"

/* What an explanation is made with. */
struct telling {
	const struct rule_set	 *set;
	const struct rule	 *rule;
	const struct rule_lookup *names;
	FILE			 *to;
};

static void
tell_addrs(const struct rule_addrs *g, FILE *to)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	if (g->any) {
		fputs("any address", to);
		return;
	}
	fputs(g->text, to);
	/* What the variables stand for; a long list is cut.  What is left when something is
	 * taken away is no list that somebody would know again. */
	if (strchr(g->text, '$') == NULL || strchr(g->text, '!') != NULL)
		return;
	fputs(" (", to);
	for (uint32_t i = 0; i < g->n && i < 6; i++) {
		(void)addr_print(&g->of[i].lo, a);
		(void)addr_print(&g->of[i].hi, b);
		fprintf(to, "%s%s%s%s", i > 0 ? ", " : "", a, addr_same(&g->of[i].lo, &g->of[i].hi) ? "" : "-",
		    addr_same(&g->of[i].lo, &g->of[i].hi) ? "" : b);
	}
	fprintf(to, "%s)", g->n > 6 ? ", ..." : "");
}

static void
tell_ports(const struct rule_ports *g, FILE *to)
{
	if (!g->any)
		fprintf(to, " port %s", g->text);
}

static void
tell_head(const struct telling *x)
{
	const struct rule *r = x->rule;

	fprintf(x->to, "  Looks at    %s, from ", rule_protocol_name(r));
	tell_addrs(&r->src, x->to);
	tell_ports(&r->sport, x->to);
	fputs(r->both_ways ? " to, or the other way round, " : " to ", x->to);
	tell_addrs(&r->dst, x->to);
	tell_ports(&r->dport, x->to);
	fputs(".\n", x->to);
}

static void
tell_flow(uint32_t bits, FILE *to)
{
	static const char *const words[] = { "the bytes go to the server", "the bytes come from the server",
	    "the connection is established", "the connection is not yet established",
	    "whatever the state of the connection", "the bytes are a reassembled stream",
	    "the bytes are a packet's own", "the packet was put together from fragments",
	    "the packet is no fragment" };
	const char *between = "";

	for (size_t i = 0; i < COUNTOF(words); i++)
		if (bits & 1u << i) {
			fprintf(to, "%s%s", between, words[i]);
			between = ", ";
		}
}

static void
tell_amount(const struct rule_amount *a, FILE *to)
{
	if (a->is_var)
		fprintf(to, "variable %" PRId64, a->v);
	else
		fprintf(to, "%" PRId64, a->v);
}

static const char *
buffer_name(uint8_t buffer)
{
	static const char *const names[] = { [BUFFER_PAYLOAD] = "payload", [BUFFER_PACKET] = "packet's payload",
	    [BUFFER_MODBUS_DATA] = "Modbus data", [BUFFER_DNP3_DATA] = "DNP3 application fragment",
	    [BUFFER_S7PLUS_DATA] = "S7comm-plus message" };

	return names[buffer];
}

static void
tell_content(const struct rule_opt *o, FILE *to)
{
	const struct rule_content *c = &o->content;

	fprintf(to, "the %s %s \"", buffer_name(o->buffer), c->startswith && c->endswith ? (c->negated ? "is not" : "is") :
	    c->startswith ? (c->negated ? "does not begin with" : "begins with") :
	    c->endswith ? (c->negated ? "does not end with" : "ends with") :
	    c->negated ? "does not contain" : "contains");
	rule_print_bytes(c->p, c->n, to);
	fprintf(to, "\"%s", c->nocase ? " in upper or lower case" : "");
	if (c->has_offset || c->has_depth) {
		fputs(", from byte ", to);
		if (c->has_offset)
			tell_amount(&c->offset, to);
		else
			fputc('0', to);
		fputs(" on", to);
	}
	if (c->has_depth) {
		fputs(", within ", to);
		tell_amount(&c->depth, to);
		fputs(" bytes", to);
	}
	if (c->has_distance) {
		fputs(", at least ", to);
		tell_amount(&c->distance, to);
		fputs(" bytes behind the last match", to);
	}
	if (c->has_within) {
		fputs(", ending at most ", to);
		tell_amount(&c->within, to);
		fputs(" bytes behind the last match", to);
	}
}

/* The name of a single code, for those lists that have names. */
static void
tell_code(const struct telling *x, const struct rule_opt *o)
{
	enum rule_names list = o->word == RW_MODBUS_FUNC ? NAMES_MODBUS : o->word == RW_DNP3_FUNC ? NAMES_DNP3 :
	    o->word == RW_S7_FUNCTION ? NAMES_S7 : o->word == RW_S7PLUS_FUNC ? NAMES_S7PLUS : RULE_NAMES_COUNT;
	const struct rule_numbers *t = &o->numbers;
	struct rule_name n;

	if (list == RULE_NAMES_COUNT || x->names == NULL || t->n != 1 || t->of[0].lo != t->of[0].hi)
		return;
	for (uint32_t i = 0; x->names->nth(list, i, &n); i++)
		if ((int64_t)n.code == t->of[0].lo && n.sub == UINT32_MAX) {
			fprintf(x->to, " (%s)", n.name);
			return;
		}
}

static void
tell_bits(const struct telling *x, const struct rule_opt *o)
{
	static const char *const what[] = { "then sets the mark", "then takes back the mark", "then turns over the mark",
	    "has the mark", "does not have the mark", "" };
	const struct rule_bits *b = &o->bits;
	const char *const *names = o->word == RW_XBITS ? x->set->xbits : x->set->flowbits;

	if (b->what == BIT_NOALERT) {
		fputs("raises nothing itself", x->to);
		return;
	}
	if (b->what == BIT_ISSET || b->what == BIT_ISNOTSET)
		fputs(o->word == RW_XBITS ? "the address " : "the conversation ", x->to);
	fputs(what[b->what], x->to);
	for (uint32_t i = 0; i < b->n; i++)
		fprintf(x->to, "%s \"%s\"", i == 0 ? "" : b->all ? " and" : " or", names[b->of[i]]);
}

static void
tell_threshold(const struct rule_threshold *t, FILE *to)
{
	static const char *const whom[] = { "source", "destination", "pair of addresses", "rule", "conversation" };
	const char *w = whom[t->track];

	switch (t->type) {
	case THRESHOLD_LIMIT:
		fprintf(to, "at most %u alert%s in %u seconds for each %s", t->count, t->count == 1 ? "" : "s", t->seconds, w);
		break;
	case THRESHOLD_THRESHOLD:
		fprintf(to, "an alert for every %u matches within %u seconds of one %s", t->count, t->seconds, w);
		break;
	case THRESHOLD_BOTH:
		fprintf(to, "one alert in %u seconds for each %s that matches %u times in them", t->seconds, w, t->count);
		break;
	case THRESHOLD_BACKOFF:
		fprintf(to, "alerts for each %s at match %u and then ever more rarely, %u times as many matches apart", w, t->count, t->multiplier);
		break;
	default:
		fprintf(to, "only beyond %u matches in %u seconds of one %s", t->count, t->seconds, w);
	}
}

static void
tell_option(const struct telling *x, const struct rule_opt *o)
{
	const struct rule_word_row *row = rule_word_row((enum rule_word)o->word);

	fputs("    - ", x->to);
	switch (o->word) {
	case RW_FLOW:		tell_flow(o->flow, x->to); break;
	case RW_CONTENT:	tell_content(o, x->to); break;
	case RW_PCRE:
		fprintf(x->to, "the %s %s the expression %s%s", buffer_name(o->buffer),
		    o->pcre.negated ? "does not match" : "matches", o->pcre.pattern,
		    o->pcre.relative ? ", behind the last match" : "");
		break;
	case RW_FLOWBITS:
	case RW_XBITS:		tell_bits(x, o); break;
	case RW_APP_PROTOCOL:
		fprintf(x->to, "the conversation is %s%s, whatever its port", o->app.negated ? "not " : "", o->app.name);
		break;
	case RW_DSIZE:		fprintf(x->to, "the payload has %s bytes", o->numbers.text); break;
	default:
		/* The word's own sentence, and what was written. */
		fprintf(x->to, "%.*s: ", (int)strlen(row->what) - 1, row->what);
		rule_print_option(x->set, x->rule, o, x->to);
		if (row->operand == OPERAND_NUMBERS)
			tell_code(x, o);
	}
	fputc('\n', x->to);
}

void
rule_explain(const struct rule_set *set, const struct rule *r, const struct rule_lookup *names, FILE *to)
{
	const struct rule_card *c = &r->card;
	struct telling x = { set, r, names, to };
	bool any = false;

	fprintf(to, "%u:%u revision %u: %s\n", c->gid, c->sid, c->rev, c->msg[0] != '\0' ? c->msg : "(no message)");
	fprintf(to, "  Stands in   %s, line %u.\n", c->file, c->line);
	fprintf(to, "  Severity    %u%s%s.\n", c->severity, c->category[0] != '\0' ? ", " : "", c->category);
	tell_head(&x);
	for (uint32_t i = 0; i < r->n_opts; i++) {
		enum rule_applies a = rule_word_row((enum rule_word)r->opts[i].word)->applies;

		if (a == APPLIES_META || a == APPLIES_STICKY || rule_word_row((enum rule_word)r->opts[i].word)->operand == OPERAND_THRESHOLD)
			continue;
		if (!any)
			fputs("  Matches when all of this holds:\n", to);
		any = true;
		tell_option(&x, &r->opts[i]);
	}
	if (!any)
		fputs("  Matches everything that it looks at.\n", to);
	for (uint32_t i = 0; i < r->n_opts; i++)
		if (rule_word_row((enum rule_word)r->opts[i].word)->operand == OPERAND_THRESHOLD) {
			fputs("  How often   ", to);
			tell_threshold(&r->opts[i].threshold, to);
			fputs(".\n", to);
		}
	fprintf(to, "  Then        %s.\n", r->noalert ? "raises nothing itself" :
	    r->action == RULE_PASS ? "lets it pass: no other rule alerts on it" :
	    r->action == RULE_LOG ? "logs it" :
	    r->action == RULE_ALERT ? "raises an alert" : "raises an alert (a passive sensor blocks nothing)");
	if (c->techniques[0] != '\0')
		fprintf(to, "  Techniques  %s (ATT&CK for ICS).\n", c->techniques);
	for (uint32_t i = 0; i < c->n_references; i++)
		fprintf(to, "  See         %s\n", c->references[i]);
}
