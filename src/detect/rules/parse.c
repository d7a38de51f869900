#include "detect/rules/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/outside.h"

static const word_reader readers[OPERAND_COUNT] = {
	[OPERAND_TEXT] = read_text,
	[OPERAND_NUMBER] = read_number,
	[OPERAND_NUMBERS] = read_numbers,
	[OPERAND_FLAGS] = read_flags,
	[OPERAND_WORDS] = read_words,
	[OPERAND_FLOW] = read_flow,
	[OPERAND_BITS] = read_bits,
	[OPERAND_THRESHOLD] = read_threshold,
	[OPERAND_CONTENT] = read_content,
	[OPERAND_PCRE] = read_pcre,
	[OPERAND_BYTES] = read_bytes,
	[OPERAND_ISDATAAT] = read_isdataat,
	[OPERAND_APP] = read_app,
	[OPERAND_EVENT] = read_event,
	[OPERAND_STREAM_SIZE] = read_stream_size,
	[OPERAND_INT] = read_int,
	[OPERAND_TIME] = read_time,
	[OPERAND_GEOIP] = read_geoip,
	[OPERAND_DATASET] = read_dataset,
	[OPERAND_IPREP] = read_iprep,
	[OPERAND_FUNCTIONS] = read_functions,
	[OPERAND_OCTETS] = read_numbers,
	[OPERAND_NAMED] = read_named,
	[OPERAND_MODBUS] = read_modbus,
	[OPERAND_IND] = read_ind,
	[OPERAND_OBJ] = read_obj,
	[OPERAND_AREA] = read_area,
	[OPERAND_BLOCK] = read_block,
	[OPERAND_VALUE] = read_value,
	[OPERAND_CHANGE] = read_change,
};

static __attribute__((format(printf, 4, 0))) void
report(struct parser *P, struct err *to, const char *at, const char *fmt, va_list ap)
{
	const struct lex_rule *t = P->text;
	size_t i = at >= t->text && at <= t->text + t->n ? (size_t)(at - t->text) : 0;
	char text[1024];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	err_add(to, P->file, (int)t->line[i], (int)t->column[i], "%s", text);
}

void
parse_complain(struct parser *P, const char *at, const char *fmt, ...)
{
	va_list ap;

	/* The value of a word of a protocol outside our field is not read. */
	if (P->skip)
		return;
	va_start(ap, fmt);
	report(P, P->problems, at, fmt, ap);
	va_end(ap);
	P->bad = true;
}

void
parse_skip(struct parser *P, const char *at, const char *fmt, ...)
{
	va_list ap;

	if (P->skip)
		return;		/* one reason is enough */
	va_start(ap, fmt);
	report(P, P->notes, at, fmt, ap);
	va_end(ap);
	P->skip = true;
}

void
parse_note(struct parser *P, const char *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(P, P->notes, at, fmt, ap);
	va_end(ap);
}

static const char *
nth_word(void *arg, uint32_t i)
{
	(void)arg;
	return i < RULE_WORD_COUNT ? rule_word_row((enum rule_word)i)->text : NULL;
}

static bool
name_is_sane(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-",
		    s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	return s.n > 0;
}

static void
unknown_word(struct parser *P, struct slice name)
{
	const char *what = outside_reason(name.p, name.n), *near;

	if (!name_is_sane(name)) {
		parse_complain(P, name.p, "an option is expected here (word:value;), not '%.*s'",
		    SLICE(name));
		return;
	}
	if (what != NULL) {
		parse_skip(P, name.p, "left out: %.*s needs %s, which this sensor does not look at",
		    SLICE(name), what);
		return;
	}
	near = nearest_of(name, nth_word, NULL);
	parse_complain(P, name.p, "there is no rule word '%.*s'%s%s%s", SLICE(name),
	    near != NULL ? "; did you mean '" : " (rules/README.md lists them)",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* The sticky buffer that is left must have been of use. */
static void
leave_buffer(struct parser *P)
{
	if (P->sticky != UINT32_MAX && !P->sticky_used)
		parse_complain(P, P->at[P->sticky].p,
		    "nothing looks into %s: a content, pcre, byte or length word must follow it",
		    rule_word_row((enum rule_word)P->opts[P->sticky].word)->text);
}

static void
take_sticky(struct parser *P, enum rule_word w)
{
	leave_buffer(P);
	P->sticky = P->n_opts;
	P->sticky_used = w == RW_PKT_DATA;	/* it only takes one back */
	P->ip_side = w == RW_IP_SRC ? SIDE_SRC : w == RW_IP_DST ? SIDE_DST : SIDE_ANY;
	P->buffer = rule_word_row(w)->of != OF_ANY ? (uint8_t)(BUFFER_OF + rule_first_of(rule_word_row(w)->of)) : BUFFER_PAYLOAD;
}

static void
take_option(struct parser *P, const struct lex_option *lo)
{
	enum rule_word w = rule_word_find(lo->name.p, lo->name.n);
	const struct rule_word_row *row;
	struct rule_opt *o;
	const char *at = lo->name.p;
	size_t k;

	if (w == RULE_WORD_COUNT) {
		unknown_word(P, lo->name);
		return;
	}
	row = rule_word_row(w);
	if (row->operand == OPERAND_MODIFIER) {
		read_modifier(P, w, lo->name, lo->value, lo->has_value);
		return;
	}
	if (P->n_opts == RULE_OPTS_MAX) {
		parse_complain(P, at, "a rule has at most %u options", RULE_OPTS_MAX);
		return;
	}
	if (row->operand == OPERAND_NONE && lo->value.n > 0) {
		parse_complain(P, lo->value.p, "%s takes no value", row->text);
		return;
	}
	if (row->operand != OPERAND_NONE && lo->value.n == 0 && w != RW_ASSET_NEW) {
		parse_complain(P, at, "%s needs a value: %s", row->text, row->example);
		return;
	}
	k = at >= P->text->text ? (size_t)(at - P->text->text) : 0;
	o = &P->opts[P->n_opts];
	*o = (struct rule_opt){ .word = (uint16_t)w, .buffer = P->buffer,
	    .line = P->text->line[k], .column = P->text->column[k] };
	P->at[P->n_opts] = (struct slice){ at, lo->value.n > 0 ?
	    (size_t)(lo->value.p + lo->value.n - at) : lo->name.n };
	if (row->applies == APPLIES_STICKY)
		take_sticky(P, w);
	if (row->operand != OPERAND_NONE && !readers[row->operand](P, o, lo->value))
		return;
	if (row->applies == APPLIES_PAYLOAD)
		P->sticky_used = true;
	if (w == RW_CONTENT)
		P->last_content = P->n_opts;
	P->n_opts++;
}

/* What the rule requires comes first: without it other words may be unknown. */
static bool
all_required(struct parser *P, struct slice rest)
{
	struct lex_option lo;
	enum lex_status status;

	do {
		status = lex_option(&rest, &lo);
		if (status == LEX_OPTION && slice_is(lo.name, "requires") && lo.value.n > 0 && !requires_met(P, lo.value))
			return false;
	} while (status == LEX_OPTION);
	return true;
}

static void
take_options(struct parser *P, struct slice rest)
{
	struct lex_option lo;

	if (!all_required(P, rest))
		return;

	for (;;) {
		enum lex_status status = lex_option(&rest, &lo);

		if (status == LEX_END)
			return;
		if (status == LEX_NO_QUOTE) {
			parse_complain(P, lo.name.p, "the quotes of %.*s are never closed", SLICE(lo.name));
			return;
		}
		/* A ':' that is missing shows as quotes or blanks in the name. */
		if (!lo.has_value && lo.value.n == 0 && lo.value.p[0] == '"') {
			parse_complain(P, lo.value.p, "a ':' is missing between %.*s and its value",
			    SLICE(lo.name));
			continue;
		}
		take_option(P, &lo);
		if (status == LEX_NO_SEMICOLON) {
			parse_complain(P, lo.name.p, "a ';' is missing behind %.*s", SLICE(lo.name));
			return;
		}
	}
}

static void
finish(struct parser *P)
{
	struct rule *r = P->rule;
	struct slice all = slice_trim((struct slice){ P->text->text, P->text->n });

	leave_buffer(P);
	if (!P->has_sid && !P->skip)
		parse_complain(P, all.p, "the rule has no sid; give it a number of its own (sid:9000001;)");
	if (!P->bad && !P->skip)
		check_rule(P);
	if (P->bad || P->skip || P->mem->failed)
		return;
	r->opts = rule_copy(P->mem, P->opts, P->n_opts * sizeof(P->opts[0]));
	r->n_opts = P->n_opts;
	r->n_vars = P->n_vars;
	r->meta.text = rule_text(P->mem, all.p, all.n);
	r->meta.file = P->file;
	r->meta.line = P->text->line[0];
	fill_metadata(P);
}

bool
parse_rule(struct parser *P, const struct lex_rule *text, struct rule *r)
{
	struct slice all = slice_trim((struct slice){ text->text, text->n }), options;

	*r = (struct rule){ .meta.gid = 1 };
	P->text = text;
	P->rule = r;
	P->bad = P->skip = P->has_sid = P->sticky_used = false;
	P->n_opts = P->n_vars = 0;
	P->buffer = BUFFER_PAYLOAD;
	P->ip_side = SIDE_ANY;
	P->sticky = P->last_content = UINT32_MAX;
	if (memchr(text->text, '\0', text->n) != NULL) {
		parse_complain(P, text->text + strlen(text->text), "a NUL character inside a rule");
		return false;
	}
	if (!parse_header(P, all, &options))
		return false;
	take_options(P, options);
	finish(P);
	return !P->bad && !P->skip;
}

bool
parse_quoted(struct parser *P, struct slice value, struct slice *inside, struct slice *rest)
{
	*rest = value;
	if (value.n == 0 || value.p[0] != '"' || !lex_quoted(rest, inside)) {
		parse_complain(P, value.p, "the value must stand in quotes: \"...\"");
		return false;
	}
	*rest = slice_trim(*rest);
	return true;
}

struct slice
parse_unquoted(struct slice v)
{
	if (v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"')
		return slice_trim((struct slice){ v.p + 1, v.n - 2 });
	return v;
}

const char *
text_without_blanks(struct rule_memory *m, struct slice s)
{
	char *to = rule_alloc(m, s.n + 1);
	size_t n = 0;

	if (to == NULL)
		return "";

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			to[n++] = s.p[i];
	return to;
}
