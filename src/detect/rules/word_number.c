/* word_number.c - words whose value is a number, and TCP flags. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* Names of protocols above IP. */
static bool
ip_protocol(struct parser *P, void *arg, struct slice word, int64_t *v)
{
	static const struct { const char *name; uint8_t number; } known[] = {
		{ "icmp", 1 }, { "igmp", 2 }, { "ipv4", 4 }, { "tcp", 6 }, { "egp", 8 }, { "udp", 17 },
		{ "ipv6", 41 }, { "gre", 47 }, { "esp", 50 }, { "ah", 51 }, { "icmpv6", 58 },
		{ "ipv6-icmp", 58 }, { "eigrp", 88 }, { "ospf", 89 }, { "pim", 103 }, { "vrrp", 112 },
		{ "l2tp", 115 }, { "sctp", 132 },
	};

	(void)arg;
	for (size_t i = 0; i < COUNTOF(known); i++)
		if (slice_is_nocase(word, known[i].name)) {
			*v = known[i].number;
			return true;
		}
	parse_complain(P, word.p, "'%.*s' is no protocol above IP that is known here; give its number", SLICE(word));
	return false;
}

struct names_of {
	enum rule_names	 list;
	const char	*what;
	bool		 single;	/* the only item of its option */
	uint32_t	 sub;		/* found with a sub-function; UINT32_MAX none */
};

static bool
function_name(struct parser *P, void *arg, struct slice word, int64_t *v)
{
	struct names_of *of = arg;
	struct rule_name n;

	if (!lookup_name(P, of->list, word, &n)) {
		complain_name(P, of->list, word, of->what);
		return false;
	}
	if (n.sub != UINT32_MAX && !of->single) {
		parse_complain(P, word.p, "%.*s is a sub-function; it stands alone, without list and '!'", SLICE(word));
		return false;
	}
	of->sub = n.sub;
	*v = n.code;
	return true;
}

/* A name with a sub-function is two options: the function, then the sub-function. */
static void
add_subfunction(struct parser *P, struct rule_opt *o, enum rule_word w, uint32_t sub)
{
	char text[16];
	struct slice s = { text, 0 };
	struct strbuf b = strbuf_on(text, sizeof(text));

	if (P->n_opts + 1 >= RULE_OPTS_MAX)
		return;
	strbuf_printf(&b, "%u", sub);
	s.n = b.len;
	P->opts[P->n_opts + 1] = *o;
	P->at[P->n_opts + 1] = P->at[P->n_opts];
	P->opts[P->n_opts + 1].word = (uint16_t)w;
	(void)parse_numbers(P, s, 0, UINT32_MAX, NULL, NULL, &P->opts[P->n_opts + 1].numbers);
	P->n_opts++;	/* the caller counts the other one */
}

/* The word for the sub-function that such a word asks for besides; RULE_WORD_COUNT: it means the
 * code alone, as Snort's do. */
static enum rule_word
subfunction_word(enum rule_word function)
{
	uint32_t of = rule_word_row(function)->of;

	for (unsigned w = 0; w < RULE_WORD_COUNT; w++)
		if ((rule_word_row((enum rule_word)w)->reads & READS_SUBFUNCTION) != 0 && rule_word_row((enum rule_word)w)->of == of &&
		    rule_word_row((enum rule_word)w)->operand == OPERAND_NUMBERS)
			return (enum rule_word)w;
	return RULE_WORD_COUNT;
}

bool
read_functions(struct parser *P, struct rule_opt *o, struct slice v)
{
	enum rule_word sub = subfunction_word((enum rule_word)o->word);
	struct names_of of = { .sub = UINT32_MAX };
	enum op_proto proto;
	char what[64];
	struct strbuf s = strbuf_on(what, sizeof(what));

	v = parse_unquoted(v);
	of.single = memchr(v.p, ',', v.n) == NULL && v.p[0] != '!' && v.p[0] != '[';
	/* ot.function: names if the protocol is known. */
	proto = rule_first_of(o->word != RW_OT_FUNCTION ? rule_word_row((enum rule_word)o->word)->of :
	    P->rule->proto == RULE_PLANT ? P->rule->of : 0);
	strbuf_printf(&s, "%s function", protocols[proto]->title);
	of.list = (enum rule_names)(NAMES_FUNCTIONS_OF + proto);
	of.what = what;
	if (!parse_numbers(P, v, NUMBER_LIST | NUMBER_INCLUSIVE, UINT32_MAX, proto != OP_UNKNOWN ? function_name : NULL, &of,
	    &o->numbers))
		return false;
	if (of.sub != UINT32_MAX && sub != RULE_WORD_COUNT) {
		/* The printed name would bring the sub-function again: print the number. */
		char text[16];
		struct strbuf b = strbuf_on(text, sizeof(text));

		strbuf_printf(&b, "%lld", (long long)o->numbers.of[0].lo);
		o->numbers.text = rule_text(P->mem, text, b.len);
		add_subfunction(P, o, sub, of.sub);
	}
	return true;
}

/* ---- numbers with names of a protocol's own (struct protocol_name) ---- */

static const struct protocol_name *
name_of(const struct rule_opt *o, struct slice word)
{
	const struct rule_word_row *row = rule_word_row((enum rule_word)o->word);

	for (const struct protocol_name *n = protocols[rule_first_of(row->of)]->names; n != NULL && n->word != NULL; n++)
		if (strcmp(n->word, row->text) == 0 && slice_is_nocase(word, n->name))
			return n;
	return NULL;
}

static bool
named_number(struct parser *P, void *arg, struct slice word, int64_t *v)
{
	const struct rule_opt *o = arg;
	const struct rule_word_row *row = rule_word_row((enum rule_word)o->word);
	const struct protocol_name *n = name_of(o, word);

	if (n != NULL && n->from == n->to) {
		*v = n->from;
		return true;
	}
	if (n != NULL)
		parse_complain(P, word.p, "'%.*s' stands for several numbers, so it stands alone", SLICE(word));
	else
		parse_complain(P, word.p, "'%.*s' is no name for %s: %s", SLICE(word), row->text, row->syntax);
	return false;
}

bool
read_named(struct parser *P, struct rule_opt *o, struct slice v)
{
	const struct protocol_name *n;
	char text[32];
	struct strbuf s = strbuf_on(text, sizeof(text));

	v = parse_unquoted(v);
	n = name_of(o, v);
	if (n == NULL || n->from == n->to)
		return parse_numbers(P, v, NUMBER_LIST | NUMBER_INCLUSIVE, UINT16_MAX, named_number, o, &o->numbers);
	strbuf_printf(&s, "%u-%u", n->from, n->to);
	if (!parse_numbers(P, (struct slice){ text, s.len }, NUMBER_INCLUSIVE, UINT16_MAX, NULL, NULL, &o->numbers))
		return false;
	o->numbers.text = rule_text(P->mem, n->name, strlen(n->name));
	return true;
}

bool
read_numbers(struct parser *P, struct rule_opt *o, struct slice v)
{
	const unsigned ours = NUMBER_LIST | NUMBER_INCLUSIVE;
	unsigned how = 0;
	int64_t max = UINT32_MAX;
	number_word word = NULL;

	v = parse_unquoted(v);
	switch (o->word) {
	case RW_SEQ: case RW_ACK:	break;
	case RW_WINDOW: case RW_ID: case RW_ICMP_ID: case RW_ICMP_SEQ: case RW_FRAGOFFSET:
	case RW_DSIZE:			max = 65535; break;
	case RW_TTL: case RW_ITYPE: case RW_ICODE:	max = 255; break;
	case RW_TOS:			max = 255; how = NUMBER_X; break;
	case RW_IP_PROTO:		max = 255; word = ip_protocol; break;
	case RW_BSIZE:			break;
	case RW_OT_VALUE:		how = ours | NUMBER_REAL; max = INT64_MAX; break;
	case RW_OT_LATENCY:		how = ours | NUMBER_TIME; max = INT64_MAX; break;
	default:
		how = ours;
		if (rule_word_row((enum rule_word)o->word)->operand == OPERAND_OCTETS)
			max = 255;
		break;
	}
	return parse_numbers(P, v, how, max, word, NULL, &o->numbers);
}

/* ---- flags, fragbits ---- */

static bool
flag_of(const char *letters, const uint8_t *bits, char c, uint8_t *bit)
{
	const char *at = c != '\0' ? strchr(letters, toupper((unsigned char)c)) : NULL;

	if (at == NULL)
		return false;
	*bit = bits[at - letters];
	return true;
}

bool
read_flags(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const uint8_t tcp_bits[] = { 1, 2, 4, 8, 16, 32, 64, 128, 128, 64 };
	static const uint8_t frag_bits[] = { 1, 2, 4 };
	bool tcp = o->word == RW_FLAGS, nothing = false;
	const char *letters = tcp ? "FSRPAUEC12" : "MDR";
	struct rule_flags *f = &o->flags;
	struct slice part;
	uint8_t bit;

	*f = (struct rule_flags){ .how = FLAGS_EXACT };
	(void)slice_part(&v, ',', &part);
	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];

		if (c == '+' || c == '*' || c == '!') {
			if (f->how != FLAGS_EXACT) {
				parse_complain(P, part.p + i, "one of + * ! at most");
				return false;
			}
			f->how = c == '+' ? FLAGS_ALL : c == '*' ? FLAGS_ANY : FLAGS_NOT;
		} else if (c == '0' && tcp)
			nothing = true;
		else if (flag_of(letters, tcp ? tcp_bits : frag_bits, c, &bit))
			f->bits |= bit;
		else if (c != ' ') {
			parse_complain(P, part.p + i, "'%c' is no flag; they are %s", c, tcp ? "F S R P A U E C 1 2 and 0 for none" : "M D R");
			return false;
		}
	}
	if ((f->bits == 0) != nothing) {
		parse_complain(P, part.p, nothing ? "0 means no flag at all; it stands alone" : "a flag is missing");
		return false;
	}
	if (v.p == NULL)
		return true;
	(void)slice_part(&v, ',', &part);
	for (size_t i = 0; i < part.n && tcp; i++) {
		if (!flag_of(letters, tcp_bits, part.p[i], &bit)) {
			parse_complain(P, part.p + i, "'%c' is no flag to be ignored", part.p[i]);
			return false;
		}
		f->ignore |= bit;
	}
	if (!tcp || v.p != NULL || (f->ignore & f->bits) != 0) {
		parse_complain(P, part.p, tcp && v.p == NULL ? "a flag that is asked for is ignored at once" :
		    "nothing may follow here");
		return false;
	}
	return true;
}
