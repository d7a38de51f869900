#include "detect/rules/explain.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/print.h"

/* Context of an explanation. */
struct explaining {
	const struct rule_set	 *set;
	const struct rule	 *rule;
	const struct rule_lookup *names;
	FILE			 *to;
};

static void
put_addrs(const struct rule_addrs *g, FILE *to)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	if (g->any) {
		fputs("any address", to);
		return;
	}
	fputs(g->text, to);
	/* What the variables stand for; a long list is shortened. The rest of a list with exclusions
	 * would not be recognised. */
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
put_ports(const struct rule_ports *g, FILE *to)
{
	if (!g->any)
		fprintf(to, " port %s", g->text);
}

static void
put_head(const struct explaining *x, const struct rule_opt *unused)
{
	const struct rule *r = x->rule;

	(void)unused;
	fprintf(x->to, "%s, from ", rule_protocol_name(r));
	put_addrs(&r->src, x->to);
	put_ports(&r->sport, x->to);
	fputs(r->both_ways ? " to, or the other way round, " : " to ", x->to);
	put_addrs(&r->dst, x->to);
	put_ports(&r->dport, x->to);
}

static void
put_flow(uint32_t bits, FILE *to)
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
put_amount(const struct rule_amount *a, FILE *to)
{
	if (a->is_var)
		fprintf(to, "variable %" PRId64, a->v);
	else
		fprintf(to, "%" PRId64, a->v);
}

/* What the options behind a data word look into. */
static const char *
buffer_name(uint8_t buffer, char to[64])
{
	struct strbuf s = strbuf_on(to, 64);

	if (buffer < BUFFER_OF)
		return buffer == BUFFER_PAYLOAD ? "payload" : "packet's payload";
	strbuf_printf(&s, "%s %s", protocols[buffer - BUFFER_OF]->title, protocols[buffer - BUFFER_OF]->data);
	return to;
}

static void
put_content(const struct rule_opt *o, FILE *to)
{
	const struct rule_content *c = &o->content;
	char buffer[64];

	fprintf(to, "the %s %s \"", buffer_name(o->buffer, buffer), c->startswith && c->endswith ? (c->negated ? "is not" : "is") :
	    c->startswith ? (c->negated ? "does not begin with" : "begins with") :
	    c->endswith ? (c->negated ? "does not end with" : "ends with") :
	    c->negated ? "does not contain" : "contains");
	rule_print_bytes(c->p, c->n, to);
	fprintf(to, "\"%s", c->nocase ? " in upper or lower case" : "");
	if (c->has_offset || c->has_depth) {
		fputs(", from byte ", to);
		if (c->has_offset)
			put_amount(&c->offset, to);
		else
			fputc('0', to);
		fputs(" on", to);
	}
	if (c->has_depth) {
		fputs(", within ", to);
		put_amount(&c->depth, to);
		fputs(" bytes", to);
	}
	if (c->has_distance) {
		fputs(", at least ", to);
		put_amount(&c->distance, to);
		fputs(" bytes behind the last match", to);
	}
	if (c->has_within) {
		fputs(", ending at most ", to);
		put_amount(&c->within, to);
		fputs(" bytes behind the last match", to);
	}
}

/* The name of a single code, for those lists that have names. */
static void
put_code(const struct explaining *x, const struct rule_opt *o)
{
	enum op_proto proto = rule_first_of(o->word != RW_OT_FUNCTION ? rule_word_row((enum rule_word)o->word)->of : 0);
	enum rule_names list = (enum rule_names)(NAMES_FUNCTIONS_OF + proto);
	const struct rule_numbers *t = &o->numbers;
	struct rule_name n;

	if (proto == OP_UNKNOWN || x->names == NULL || t->n != 1 || t->of[0].lo != t->of[0].hi)
		return;
	for (uint32_t i = 0; x->names->nth(list, i, &n); i++)
		if ((int64_t)n.code == t->of[0].lo && n.sub == UINT32_MAX) {
			fprintf(x->to, " (%s)", n.name);
			return;
		}
}

static void
put_bits(const struct explaining *x, const struct rule_opt *o)
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
put_threshold(const struct rule_threshold *t, FILE *to)
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
put_option(const struct explaining *x, const struct rule_opt *o)
{
	const struct rule_word_row *row = rule_word_row((enum rule_word)o->word);
	char buffer[64];

	switch (o->word) {
	case RW_FLOW:		put_flow(o->flow, x->to); break;
	case RW_CONTENT:	put_content(o, x->to); break;
	case RW_PCRE:
		fprintf(x->to, "the %s %s the expression %s%s", buffer_name(o->buffer, buffer),
		    o->pcre.negated ? "does not match" : "matches", o->pcre.pattern,
		    o->pcre.relative ? ", behind the last match" : "");
		break;
	case RW_FLOWBITS:
	case RW_XBITS:		put_bits(x, o); break;
	case RW_APP_PROTOCOL:
		fprintf(x->to, "the conversation is %s%s, whatever its port", o->app.negated ? "not " : "", o->app.name);
		break;
	case RW_DSIZE:		fprintf(x->to, "the payload has %s bytes", o->numbers.text); break;
	default:
		/* The word's own sentence, and what was written. */
		fprintf(x->to, "%.*s: ", (int)strlen(row->what) - 1, row->what);
		rule_print_option(x->set, x->rule, o, x->to);
		if (row->operand == OPERAND_FUNCTIONS)
			put_code(x, o);
	}
}

/* What one of the functions above writes, as one text. */
static json_t *
sentence(struct explaining *x, void (*put)(const struct explaining *x, const struct rule_opt *o), const struct rule_opt *o)
{
	struct json_writing w;

	if (json_write(&w)) {
		x->to = w.to;
		put(x, o);
	}
	return json_written(&w);
}

static void
put_limit(const struct explaining *x, const struct rule_opt *o)
{
	put_threshold(&o->threshold, x->to);
}

/* What must hold, one text each; and how often that becomes an alert. */
static json_t *
list_of(struct explaining *x, bool limits)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < x->rule->n_opts; i++) {
		const struct rule_opt *o = &x->rule->opts[i];
		const struct rule_word_row *row = rule_word_row((enum rule_word)o->word);
		bool limit = row->operand == OPERAND_THRESHOLD;

		if (limit != limits || (!limit && (row->applies == APPLIES_META || row->applies == APPLIES_STICKY)))
			continue;
		if (json_array_append_new(list, sentence(x, limit ? put_limit : put_option, o)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *
references_of(const struct rule_metadata *c)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < c->n_references; i++)
		if (json_array_append_new(list, json_from_text(c->references[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static const char *
consequence(const struct rule *r)
{
	return r->noalert ? "raises nothing itself" :
	    r->action == RULE_PASS ? "lets it pass: no other rule alerts on it" :
	    r->action == RULE_LOG ? "logs it" :
	    r->action == RULE_ALERT ? "raises an alert" : "raises an alert (a passive sensor blocks nothing)";
}

json_t *
rule_explain(const struct rule_set *set, const struct rule *r, const struct rule_lookup *names)
{
	const struct rule_metadata *c = &r->meta;
	struct explaining x = { set, r, names, NULL };

	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o}",
	    "gid", (json_int_t)c->gid, "sid", (json_int_t)c->sid, "rev", (json_int_t)c->rev,
	    "msg", json_from_text(c->msg), "file", json_from_text(c->file), "line", (json_int_t)c->line,
	    "severity", (json_int_t)c->severity, "category", json_from_text(c->category),
	    "looks_at", sentence(&x, put_head, NULL), "matches", list_of(&x, false),
	    "limits", list_of(&x, true), "then", consequence(r),
	    "techniques", json_from_text(c->techniques), "references", references_of(c));
}

void
rule_explanation_print(const json_t *what, FILE *to)
{
	const char *msg = json_text_of(what, "msg"), *category = json_text_of(what, "category");
	const json_t *matches = json_object_get(what, "matches"), *one;
	size_t i;

	fprintf(to, "%lld:%lld revision %lld: %s\n", (long long)json_number_of(what, "gid"),
	    (long long)json_number_of(what, "sid"), (long long)json_number_of(what, "rev"),
	    msg[0] != '\0' ? msg : "(no message)");
	fprintf(to, "  Stands in   %s, line %lld.\n", json_text_of(what, "file"), (long long)json_number_of(what, "line"));
	fprintf(to, "  Severity    %lld%s%s.\n", (long long)json_number_of(what, "severity"),
	    category[0] != '\0' ? ", " : "", category);
	fprintf(to, "  Looks at    %s.\n", json_text_of(what, "looks_at"));
	fputs(json_array_size(matches) > 0 ? "  Matches when all of this holds:\n" :
	    "  Matches everything that it looks at.\n", to);
	json_array_foreach(matches, i, one)
		fprintf(to, "    - %s\n", json_string_value(one));
	json_array_foreach(json_object_get(what, "limits"), i, one)
		fprintf(to, "  How often   %s.\n", json_string_value(one));
	fprintf(to, "  Then        %s.\n", json_text_of(what, "then"));
	if (json_text_of(what, "techniques")[0] != '\0')
		fprintf(to, "  Techniques  %s (ATT&CK for ICS).\n", json_text_of(what, "techniques"));
	json_array_foreach(json_object_get(what, "references"), i, one)
		fprintf(to, "  See         %s\n", json_string_value(one));
}
