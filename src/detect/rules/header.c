/* header.c - the header of a rule, before the parenthesis. */
#include "detect/rules/vars.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/app.h"

#define HEADER_WORDS 7u

static const struct { const char *word; enum rule_action action; } actions[] = {
	{ "alert", RULE_ALERT }, { "pass", RULE_PASS }, { "drop", RULE_DROP }, { "block", RULE_DROP },
	{ "sdrop", RULE_DROP }, { "reject", RULE_REJECT }, { "rejectsrc", RULE_REJECT },
	{ "rejectdst", RULE_REJECT }, { "rejectboth", RULE_REJECT }, { "log", RULE_LOG },
};

static const struct { const char *word; enum rule_proto proto; uint8_t ip_v; } heads[] = {
	{ "ip", RULE_IP, 0 }, { "ip4", RULE_IP, 4 }, { "ipv4", RULE_IP, 4 }, { "ip6", RULE_IP, 6 },
	{ "ipv6", RULE_IP, 6 }, { "pkthdr", RULE_IP, 0 },
	{ "tcp", RULE_TCP, 0 }, { "tcp-pkt", RULE_TCP_PKT, 0 }, { "tcp-stream", RULE_TCP_STREAM, 0 },
	{ "udp", RULE_UDP, 0 },
	{ "icmp", RULE_ICMP, 0 }, { "icmpv4", RULE_ICMP, 4 }, { "icmpv6", RULE_ICMP, 6 },
};

static const char *
nth_action(void *arg, uint32_t i)
{
	(void)arg;
	return i < COUNTOF(actions) ? actions[i].word : NULL;
}

/* Words with blanks between, but blanks inside brackets and behind '!' are of the
 * word.  Returns how many; `options` begins at '('. */
static uint32_t
split(struct slice all, struct slice word[HEADER_WORDS + 1], struct slice *options)
{
	uint32_t n = 0;
	size_t i = 0;

	for (;;) {
		unsigned depth = 0;
		size_t from;

		while (i < all.n && isspace((unsigned char)all.p[i]))
			i++;
		if (i == all.n || all.p[i] == '(' || n > HEADER_WORDS)
			break;
		for (from = i; i < all.n && !(depth == 0 && isspace((unsigned char)all.p[i]) &&
		    all.p[i - 1] != '!') && !(depth == 0 && all.p[i] == '('); i++) {
			if (all.p[i] == '[')
				depth++;
			else if (all.p[i] == ']' && depth > 0)
				depth--;
		}
		word[n++] = slice_trim((struct slice){ all.p + from, i - from });
	}
	*options = (struct slice){ all.p + i, all.n - i };
	return n;
}

static bool
take_action(struct parser *P, struct slice w)
{
	static const char *const names[] = { [RULE_ALERT] = "alert", [RULE_PASS] = "pass",
	    [RULE_DROP] = "drop", [RULE_REJECT] = "reject", [RULE_LOG] = "log" };
	const char *near;

	for (size_t i = 0; i < COUNTOF(actions); i++)
		if (slice_is(w, actions[i].word)) {
			P->rule->action = (uint8_t)actions[i].action;
			P->rule->meta.action = names[actions[i].action];
			return true;
		}
	if (slice_is(w, "var") || slice_is(w, "ipvar") || slice_is(w, "portvar")) {
		parse_complain(P, w.p, "variables are set in the configuration (vars.address-groups, vars.port-groups), not in rule files");
		return false;
	}
	if (slice_is(w, "include") || slice_is(w, "config") || slice_is(w, "preprocessor")) {
		parse_complain(P, w.p, "'%.*s' belongs into Snort's own configuration; only rules are read here",
		    SLICE(w));
		return false;
	}
	if (slice_is(w, "activate") || slice_is(w, "dynamic")) {
		parse_skip(P, w.p, "left out: %.*s rules are gone from Snort too; use flowbits", SLICE(w));
		return false;
	}
	near = nearest_of(w, nth_action, NULL);
	parse_complain(P, w.p, "a rule begins with alert, drop, pass, reject or log, not '%.*s'%s%s%s",
	    SLICE(w), NEAREST(near));
	return false;
}

/* "ip, tcp, ... s7comm": what may stand there, for people. */
static const char *
known_heads(char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);

	strbuf_put(&s, "ip, tcp, udp, icmp");
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (protocols[p]->family == p)
			strbuf_printf(&s, ", %s", protocols[p]->name);
	return to;
}

static bool
take_protocol(struct parser *P, struct slice w)
{
	const struct protocol *plant = protocol_spelled(w.p, w.n);
	char known[256];

	for (size_t i = 0; i < COUNTOF(heads); i++)
		if (slice_is_nocase(w, heads[i].word)) {
			P->rule->proto = (uint8_t)heads[i].proto;
			P->rule->ip_v = heads[i].ip_v;
			return true;
		}
	if (plant != NULL) {
		P->rule->proto = RULE_PLANT;
		P->rule->of = protocol_family(plant->proto);
		return true;
	}
	if (slice_is_nocase(w, "file") || slice_is_nocase(w, "user")) {
		parse_skip(P, w.p, "left out: rules over %.*s are Snort's own", SLICE(w));
		return false;
	}
	for (size_t i = 0; i < w.n; i++)
		if (!isalnum((unsigned char)w.p[i]) && strchr("-_./", w.p[i]) == NULL) {
			parse_complain(P, w.p, "a protocol is expected here (%s or a name of nDPI), not '%.*s'",
			    known_heads(known, sizeof(known)), SLICE(w));
			return false;
		}
	P->rule->proto = RULE_APP;
	return app_take(P, w, &P->rule->app);
}

/* Both endpoints, or none of them: Snort 3 leaves them out for rules of a service. */
static bool
take_ends(struct parser *P, const struct slice *w, uint32_t n, struct slice all)
{
	static const struct slice any = { "any", 3 };
	struct rule *r = P->rule;
	bool ok;

	if (n == 2)
		return parse_addrs(P, any, &r->src) && parse_addrs(P, any, &r->dst) &&
		    parse_ports(P, any, &r->sport) && parse_ports(P, any, &r->dport);
	if (n != HEADER_WORDS) {
		parse_complain(P, n > 2 ? w[n < HEADER_WORDS ? n - 1 : HEADER_WORDS].p : all.p,
		    "the rule's head is: action protocol address port -> address port (options); here are %s words",
		    n < HEADER_WORDS ? "too few" : "too many");
		return false;
	}
	if (slice_is(w[4], "<>"))
		r->both_ways = true;
	else if (!slice_is(w[4], "->")) {
		parse_complain(P, w[4].p, "the direction is -> or <>, not '%.*s'%s", SLICE(w[4]),
		    slice_is(w[4], "<-") || slice_is(w[4], "=>") ? "; swap the ends and write ->" : "");
		return false;
	}
	ok = parse_addrs(P, w[2], &r->src);
	ok &= parse_ports(P, w[3], &r->sport);
	ok &= parse_addrs(P, w[5], &r->dst);
	ok &= parse_ports(P, w[6], &r->dport);
	return ok;
}

/* Remove the parentheses and a comment behind them. */
static bool
take_parentheses(struct parser *P, struct slice *options)
{
	struct slice o = *options;
	size_t end = o.n;

	if (o.n == 0) {
		parse_complain(P, o.p, "the options in parentheses are missing: ( ... sid:1;)");
		return false;
	}
	while (end > 0 && o.p[end - 1] != ')')
		end--;
	if (end < 2) {
		parse_complain(P, o.p, "the parenthesis that opens here is never closed");
		return false;
	}
	*options = (struct slice){ o.p + 1, end - 2 };
	o = slice_trim((struct slice){ o.p + end, o.n - end });
	if (o.n > 0 && o.p[0] != '#') {
		/* "...;) # see (1)" has its last parenthesis in the comment. */
		parse_complain(P, o.p, "nothing but a comment may follow the rule");
		return false;
	}
	return true;
}

/* A comment behind the rule may hold parentheses of its own: remove it first. */
static struct slice
without_comment(struct slice o)
{
	bool quoted = false;

	for (size_t i = 0; i < o.n; i++) {
		size_t skip = !quoted && (o.p[i] == ';' || o.p[i] == '(') ? lex_pcre(o.p + i + 1, o.n - i - 1) : 0;

		if (skip > 0)
			i += skip;
		else if (o.p[i] == '\\')
			i++;
		else if (o.p[i] == '"')
			quoted = !quoted;
		else if (o.p[i] == ')' && !quoted) {
			size_t k = i + 1;

			while (k < o.n && (o.p[k] == ' ' || o.p[k] == '\t'))
				k++;
			if (k < o.n && o.p[k] == '#')
				return (struct slice){ o.p, i + 1 };
		}
	}
	return o;
}

/* gid: the rule words an event that a decoder or preprocessor of Snort raises. */
static bool
has_generator(struct slice o)
{
	for (size_t i = 0; i + 4 <= o.n; i++)
		if (memcmp(o.p + i, "gid:", 4) == 0)
			return true;
	return false;
}

bool
parse_header(struct parser *P, struct slice all, struct slice *options)
{
	struct slice word[HEADER_WORDS + 1];
	uint32_t n = split(all, word, options);

	if (n == 0) {
		parse_complain(P, all.p, "a rule begins with alert, drop, pass, reject or log");
		return false;
	}
	/* Suricata's rules about itself, and Snort's about events of its decoders. */
	if (n > 2 && slice_is(word[0], "config")) {
		parse_skip(P, word[0].p, "left out: config rules steer Suricata itself");
		return false;
	}
	if (!take_action(P, word[0]))
		return false;
	if (n < 2) {
		if (has_generator(*options)) {
			parse_skip(P, word[0].p, "left out: rules without addresses, for events of Snort's decoders, are Snort's own");
			return false;
		}
		parse_complain(P, word[0].p + word[0].n, "a protocol is expected behind %.*s", SLICE(word[0]));
		return false;
	}
	/* All problems at once: the endpoints are read though the protocol is wrong. */
	(void)take_protocol(P, word[1]);
	(void)take_ends(P, word, n, all);
	*options = without_comment(*options);
	/* The options are read though the header is wrong. */
	return take_parentheses(P, options) && !P->skip;
}
