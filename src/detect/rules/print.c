#include "detect/rules/print.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"

/* Context of printing an option. */
struct printing {
	const struct rule_set	*set;
	const struct rule	*rule;
	FILE			*to;
};

static void
quoted_text(const char *s, FILE *to)
{
	fputc('"', to);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == ';' || *s == '\\' )
			fputc('\\', to);
		fputc(*s, to);
	}
	fputc('"', to);
}

/* Printable bytes as they are, others between bars. */
void
rule_print_bytes(const uint8_t *p, uint32_t n, FILE *to)
{
	bool hex = false;

	for (uint32_t i = 0; i < n; i++) {
		bool plain = p[i] >= 0x20 && p[i] < 0x7f && strchr("|\";:\\", p[i]) == NULL;

		if (plain) {
			fprintf(to, "%s%c", hex ? "|" : "", p[i]);
			hex = false;
		} else {
			fprintf(to, "%s%02x", hex ? " " : "|", p[i]);
			hex = true;
		}
	}
	if (hex)
		fputc('|', to);
}

static void
amount(const struct rule_amount *a, FILE *to)
{
	if (a->is_var)
		fprintf(to, "var%" PRId64, a->v);
	else
		fprintf(to, "%" PRId64, a->v);
}

static void
word_amount(const char *word, bool has, const struct rule_amount *a, FILE *to)
{
	if (!has)
		return;
	fprintf(to, " %s:", word);
	amount(a, to);
	fputc(';', to);
}

static void
print_content(const struct rule_content *c, FILE *to)
{
	fprintf(to, "content:%s\"", c->negated ? "!" : "");
	rule_print_bytes(c->p, c->n, to);
	fputs("\";", to);
	if (c->nocase)
		fputs(" nocase;", to);
	if (c->rawbytes)
		fputs(" rawbytes;", to);
	word_amount("offset", c->has_offset, &c->offset, to);
	word_amount("depth", c->has_depth, &c->depth, to);
	word_amount("distance", c->has_distance, &c->distance, to);
	word_amount("within", c->has_within, &c->within, to);
	if (c->startswith)
		fputs(" startswith;", to);
	if (c->endswith)
		fputs(" endswith;", to);
	if (c->fast_only)
		fputs(" fast_pattern:only;", to);
	else if (c->fast_pattern && c->fast_len > 0)
		fprintf(to, " fast_pattern:%u,%u;", c->fast_offset, c->fast_len);
	else if (c->fast_pattern)
		fputs(" fast_pattern;", to);
}

static void
print_pcre(const struct rule_pcre *r, FILE *to)
{
	static const char letters[] = "imsxAEGBO";
	char mark = '/';

	/* A slash inside is fine: the last one ends the expression. */
	fprintf(to, "pcre:%s\"%c%s%c", r->negated ? "!" : "", mark, r->pattern, mark);
	for (unsigned i = 0; letters[i] != '\0'; i++)
		if (r->flags & 1u << i)
			fputc(letters[i], to);
	fprintf(to, "%s\";", r->relative ? "R" : "");
}

static const char *
math_sign(uint8_t op)
{
	static const char *const signs[] = { [BYTES_LT] = "<", [BYTES_GT] = ">", [BYTES_EQ] = "=",
	    [BYTES_LE] = "<=", [BYTES_GE] = ">=", [BYTES_AND] = "&", [BYTES_OR] = "^",
	    [BYTES_ADD] = "+", [BYTES_SUB] = "-", [BYTES_MUL] = "*", [BYTES_DIV] = "/",
	    [BYTES_SHL] = "<<", [BYTES_SHR] = ">>" };

	return signs[op];
}

static void
print_bytes(enum rule_word w, const struct rule_bytes *b, FILE *to)
{
	static const char *const bases[] = { "", "hex", "dec", "oct" };

	if (w == RW_BYTE_MATH) {
		fputs("bytes ", to);
		amount(&b->count, to);
		fputs(",offset ", to);
		amount(&b->offset, to);
		fprintf(to, ",oper %s,rvalue ", math_sign(b->op));
		amount(&b->value, to);
		fprintf(to, ",result var%u", b->var);
	} else {
		amount(&b->count, to);
		if (w == RW_BYTE_TEST) {
			fprintf(to, ",%s%s,", b->negated ? "!" : "", math_sign(b->op));
			amount(&b->value, to);
		}
		fputc(',', to);
		amount(&b->offset, to);
		if (w == RW_BYTE_EXTRACT)
			fprintf(to, ",var%u", b->var);
	}
	fprintf(to, "%s%s", b->relative ? ",relative" : "", b->dce ? ",dce" : "");
	if (b->little)
		fputs(w == RW_BYTE_MATH ? ",endian little" : ",little", to);
	if (b->base != BASE_BINARY)
		fprintf(to, ",string %s", bases[b->base]);
	if (b->multiplier != 1)
		fprintf(to, ",multiplier %" PRId64, b->multiplier);
	if (b->align)
		fprintf(to, ",align %u", b->align_to);
	fprintf(to, "%s%s", b->from_beginning ? ",from_beginning" : "", b->from_end ? ",from_end" : "");
	if (b->post.is_var || b->post.v != 0) {
		fputs(",post_offset ", to);
		amount(&b->post, to);
	}
	if (b->mask != 0)
		fprintf(to, ",bitmask 0x%x", b->mask);
}

static void
print_flags(enum rule_word w, const struct rule_flags *f, FILE *to)
{
	static const char how[] = { [FLAGS_EXACT] = '\0', [FLAGS_ALL] = '+', [FLAGS_ANY] = '*', [FLAGS_NOT] = '!' };
	const char *letters = w == RW_FLAGS ? "FSRPAUEC" : "MDR";

	if (how[f->how] != '\0')
		fputc(how[f->how], to);
	for (unsigned i = 0; letters[i] != '\0'; i++)
		if (f->bits & 1u << i)
			fputc(letters[i], to);
	if (f->bits == 0)
		fputc('0', to);
	if (f->ignore != 0)
		fputc(',', to);
	for (unsigned i = 0; letters[i] != '\0'; i++)
		if (f->ignore & 1u << i)
			fputc(letters[i], to);
}

static void
print_flow(uint32_t bits, FILE *to)
{
	static const char *const words[] = { "to_server", "to_client", "established", "not_established",
	    "stateless", "only_stream", "no_stream", "only_frag", "no_frag" };
	const char *between = "";

	for (size_t i = 0; i < COUNTOF(words); i++)
		if (bits & 1u << i) {
			fprintf(to, "%s%s", between, words[i]);
			between = ",";
		}
}

static void
print_bits(const struct printing *x, enum rule_word w, const struct rule_bits *b)
{
	static const char *const verbs[] = { "set", "unset", "toggle", "isset", "isnotset", "noalert" };
	static const char *const tracks[] = { "ip_src", "ip_dst", "ip_pair" };
	const char *const *names = w == RW_XBITS ? x->set->xbits : x->set->flowbits;

	fputs(verbs[b->what], x->to);
	if (b->what == BIT_NOALERT)
		return;
	for (uint32_t i = 0; i < b->n; i++)
		fprintf(x->to, "%s%s", i == 0 ? "," : b->all ? "&" : "|", names[b->of[i]]);
	if (w == RW_XBITS)
		fprintf(x->to, ",track %s", tracks[b->track]);
	if (b->expire_s != 0)
		fprintf(x->to, ",expire %u", b->expire_s);
}

static void
print_threshold(const struct rule_threshold *t, FILE *to)
{
	static const char *const types[] = { "limit", "threshold", "both", "backoff" };
	static const char *const tracks[] = { "by_src", "by_dst", "by_both", "by_rule", "by_flow" };

	if (t->type != THRESHOLD_FILTER)
		fprintf(to, "type %s,", types[t->type]);
	fprintf(to, "track %s,count %u", tracks[t->track], t->count);
	if (t->type == THRESHOLD_BACKOFF)
		fprintf(to, ",multiplier %u", t->multiplier);
	else
		fprintf(to, ",seconds %u", t->seconds);
	if (t->unique_on != UNIQUE_NONE)
		fprintf(to, ",unique_on %s", t->unique_on == UNIQUE_SRC_PORT ? "src_port" : "dst_port");
}

static const char *
side_name(uint8_t side)
{
	static const char *const names[] = { "any", "src", "dst", "both", "client", "server" };

	return names[side];
}

static void
print_geoip(const struct rule_geoip *g, FILE *to)
{
	fputs(side_name(g->side), to);
	for (uint32_t i = 0; i < g->n; i++)
		fprintf(to, ",%s%s", i == 0 && g->negated ? "!" : "", g->of[i]);
}

static void
print_dataset(const struct printing *x, const struct rule_dataset *d)
{
	FILE *to = x->to;
	static const char *const verbs[] = { "isset", "isnotset", "set", "unset" };
	static const char *const types[] = { "string", "ip", "md5", "sha256" };
	const char *sign = d->value.text;

	if (d->rep) {
		size_t n = strcspn(sign, "0123456789");

		fprintf(to, "%s,%.*s,%s", d->list->name, (int)n, sign, sign + n);
	} else
		fprintf(to, "%s,%s", verbs[d->what], d->list->name);
	fprintf(to, ",type %s", types[d->list->type]);
	if (d->list->file != NULL) {
		/* Relative to the rule's folder, where it is looked for. */
		const char *slash = strrchr(x->rule->meta.file, '/');
		size_t n = slash != NULL ? (size_t)(slash + 1 - x->rule->meta.file) : 0;

		if (strncmp(d->list->file, x->rule->meta.file, n) != 0)
			n = 0;
		fprintf(to, ",load %s", d->list->file + n);
	}
}

static void
print_iprep(const struct rule_iprep *r, FILE *to)
{
	size_t n;

	if (r->what != IPREP_SCORE) {
		fprintf(to, "%s,%s,%s", side_name(r->side), r->category, r->what == IPREP_ISSET ? "isset" : "isnotset");
		return;
	}
	n = strcspn(r->value.text, "0123456789");
	fprintf(to, "%s,%s,%.*s,%s", side_name(r->side), r->category, (int)n, r->value.text, r->value.text + n);
}

static void
print_stream_size(const struct rule_stream_size *t, FILE *to)
{
	size_t n = strcspn(t->value.text, "0123456789");

	fprintf(to, "%s,%.*s,%s", t->side == SIDE_ANY ? "either" : side_name(t->side), t->not_equal ? 2 : (int)n,
	    t->not_equal ? "!=" : t->value.text, t->value.text + n);
}

static void
print_int(const struct printing *x, const struct rule_int *t)
{
	static const char *const verbs[] = { "=", "+", "-", "<", "<=", "==", "!=", ">=", ">", "isset", "notset" };

	fprintf(x->to, "%s,%s", x->set->flowints[t->of], verbs[t->what]);
	if (t->is_name)
		fprintf(x->to, ",%s", x->set->flowints[t->value]);
	else if (t->what < INT_ISSET)
		fprintf(x->to, ",%u", t->value);
}

static void
print_value(const struct printing *x, const struct rule_opt *o)
{
	enum rule_word w = (enum rule_word)o->word;
	FILE *to = x->to;

	switch (rule_word_row(w)->operand) {
	case OPERAND_TEXT:
		if (w == RW_MSG || w == RW_REM)
			quoted_text(o->text, to);
		else
			fputs(o->text, to);
		break;
	case OPERAND_NUMBER:	fprintf(to, "%" PRIu64, o->number); break;
	case OPERAND_NUMBERS:
	case OPERAND_OCTETS:
	case OPERAND_FUNCTIONS:
	case OPERAND_NAMED:	fputs(o->numbers.text, to); break;
	case OPERAND_FLAGS:	print_flags(w, &o->flags, to); break;
	case OPERAND_WORDS:	fputs(o->words.text, to); break;
	case OPERAND_FLOW:	print_flow(o->flow, to); break;
	case OPERAND_BITS:	print_bits(x, w, &o->bits); break;
	case OPERAND_THRESHOLD:	print_threshold(&o->threshold, to); break;
	case OPERAND_BYTES:	print_bytes(w, &o->bytes, to); break;
	case OPERAND_ISDATAAT:
		fputs(o->isdataat.negated ? "!" : "", to);
		amount(&o->isdataat.at, to);
		fprintf(to, "%s%s", o->isdataat.relative ? ",relative" : "", o->isdataat.rawbytes ? ",rawbytes" : "");
		break;
	case OPERAND_APP:	fprintf(to, "%s%s", o->app.negated ? "!" : "", o->app.name); break;
	case OPERAND_EVENT:	fputs(o->event.text, to); break;
	case OPERAND_STREAM_SIZE: print_stream_size(&o->stream_size, to); break;
	case OPERAND_INT:	print_int(x, &o->flowint); break;
	case OPERAND_TIME:	fputs(o->time.text, to); break;
	case OPERAND_GEOIP:	print_geoip(&o->geoip, to); break;
	case OPERAND_DATASET:	print_dataset(x, &o->dataset); break;
	case OPERAND_IPREP:	print_iprep(&o->iprep, to); break;
	case OPERAND_MODBUS:	print_modbus(&o->modbus, to); break;
	case OPERAND_IND:	print_ind(&o->ind, to); break;
	case OPERAND_OBJ:	fprintf(to, "%s,%s", o->obj.group.text, o->obj.variation.text); break;
	case OPERAND_AREA:	fputs(o->area.text, to); break;
	case OPERAND_VALUE:	fputs(o->value.text, to); break;
	case OPERAND_CHANGE:	fputs(o->change.text, to); break;
	case OPERAND_BLOCK:
		fprintf(to, "%s%s%s", o->block.type != NULL ? o->block.type : "any",
		    o->block.number.n > 0 ? " " : "", o->block.number.n > 0 ? o->block.number.text : "");
		break;
	default:
		break;
	}
}

static void
print_option(const struct printing *x, const struct rule_opt *o)
{
	const struct rule_word_row *row = rule_word_row((enum rule_word)o->word);

	if (o->word == RW_CONTENT)
		print_content(&o->content, x->to);
	else if (o->word == RW_PCRE)
		print_pcre(&o->pcre, x->to);
	else if (row->operand == OPERAND_NONE || (o->word == RW_ASSET_NEW && o->words.text[0] == '\0'))
		fprintf(x->to, "%s;", row->text);
	else {
		fprintf(x->to, "%s:", row->text);
		print_value(x, o);
		fputc(';', x->to);
	}
}

const char *
rule_protocol_name(const struct rule *r)
{
	static const char *const names[] = { [RULE_IP] = "ip", [RULE_TCP] = "tcp", [RULE_TCP_PKT] = "tcp-pkt",
	    [RULE_TCP_STREAM] = "tcp-stream", [RULE_UDP] = "udp", [RULE_ICMP] = "icmp" };

	if (r->proto == RULE_APP)
		return r->app.name;
	if (r->proto == RULE_PLANT)
		return protocols[rule_first_of(r->of)]->name;
	if (r->proto == RULE_IP && r->ip_v != 0)
		return r->ip_v == 4 ? "ipv4" : "ipv6";
	if (r->proto == RULE_ICMP && r->ip_v != 0)
		return r->ip_v == 4 ? "icmpv4" : "icmpv6";
	return names[r->proto];
}

void
rule_print(const struct rule_set *set, const struct rule *r, FILE *to)
{
	struct printing x = { set, r, to };

	fprintf(to, "%s %s %s %s %s %s %s (", r->meta.action, rule_protocol_name(r), r->src.text, r->sport.text,
	    r->both_ways ? "<>" : "->", r->dst.text, r->dport.text);
	for (uint32_t i = 0; i < r->n_opts; i++) {
		fputc(' ', to);
		print_option(&x, &r->opts[i]);
	}
	fputs(")", to);
}

void
rule_print_option(const struct rule_set *set, const struct rule *r, const struct rule_opt *o, FILE *to)
{
	struct printing x = { set, r, to };

	print_option(&x, o);
}
