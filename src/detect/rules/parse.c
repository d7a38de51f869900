#include "detect/rules/parse.h"

#include <ctype.h>
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
	[OPERAND_GEOIP] = read_geoip,
	[OPERAND_DATASET] = read_dataset,
	[OPERAND_IPREP] = read_iprep,
	[OPERAND_MODBUS] = read_modbus,
	[OPERAND_IND] = read_ind,
	[OPERAND_OBJ] = read_obj,
	[OPERAND_AREA] = read_area,
	[OPERAND_BLOCK] = read_block,
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

const char *
nearest_of(struct slice word, const char *(*nth)(void *, uint32_t), void *arg)
{
	char have[48];
	const char *best = NULL, *w;
	unsigned least = word.n < 4 ? 2 : word.n < 8 ? 3 : 4;

	if (word.n == 0 || word.n >= sizeof(have))
		return NULL;
	memcpy(have, word.p, word.n);
	have[word.n] = '\0';
	for (uint32_t i = 0; (w = nth(arg, i)) != NULL; i++) {
		unsigned d = str_distance(have, w);

		if (d < least) {
			least = d;
			best = w;
		}
	}
	return best;
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
	P->buffer = w == RW_MODBUS_DATA ? BUFFER_MODBUS_DATA :
	    w == RW_DNP3_DATA ? BUFFER_DNP3_DATA :
	    w == RW_S7PLUS_CONTENT ? BUFFER_S7PLUS_DATA : BUFFER_PAYLOAD;
}

/* Which protocol an operation word belongs to; NULL any. */
static const char *
protocol_of(enum rule_word w)
{
	switch (w) {
	case RW_MODBUS: case RW_MODBUS_FUNC: case RW_MODBUS_UNIT: case RW_MODBUS_DATA:
		return "modbus";
	case RW_DNP3_FUNC: case RW_DNP3_IND: case RW_DNP3_OBJ: case RW_DNP3_DATA:
		return "dnp3";
	case RW_S7_ROSCTR: case RW_S7_FUNCTION: case RW_S7_SUBFUNCTION: case RW_S7_AREA: case RW_S7_DB:
	case RW_S7_ADDRESS: case RW_S7_SZL: case RW_S7_BLOCK: case RW_S7_ITEM_COUNT:
	case RW_S7PLUS_FUNC: case RW_S7PLUS_OPCODE: case RW_S7PLUS_CONTENT:
		return "s7comm";
	default:
		return NULL;
	}
}

static void
check_protocol(struct parser *P, enum rule_word w, struct slice name)
{
	static const char *const of_proto[] = { [RULE_MODBUS] = "modbus", [RULE_DNP3] = "dnp3",
	    [RULE_S7COMM] = "s7comm", [RULE_ENIP] = "enip" };
	const char *needs = protocol_of(w), *has;

	if (needs == NULL)
		return;
	has = P->rule->proto == RULE_APP ? P->rule->app : P->rule->proto == RULE_ICMP ? "icmp" :
	    P->rule->proto >= RULE_MODBUS ? of_proto[P->rule->proto] : NULL;
	if (has != NULL && strcmp(has, needs) != 0)
		parse_complain(P, name.p, "%.*s is of %s, and the rule is for %s alone: it can never match",
		    SLICE(name), needs, has);
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
	check_protocol(P, w, lo->name);
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

static void
take_options(struct parser *P, struct slice rest)
{
	struct lex_option lo;

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
	r->card.text = rule_text(P->mem, all.p, all.n);
	r->card.file = P->file;
	r->card.line = P->text->line[0];
	fill_card(P);
}

bool
parse_rule(struct parser *P, const struct lex_rule *text, struct rule *r)
{
	struct slice all = slice_trim((struct slice){ text->text, text->n }), options;

	*r = (struct rule){ .card.gid = 1 };
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

/* ---- names lent by the dissectors ---- */

/* Equal but for case and what stands between words: ReadCoils, read_coils, "Read Coils". */
static bool
same_name(const char *have, struct slice word)
{
	size_t i = 0;

	for (;; have++, i++) {
		while (*have != '\0' && strchr(" _-/.(),", *have) != NULL)
			have++;
		while (i < word.n && strchr("_-.", word.p[i]) != NULL)
			i++;
		if (*have == '\0' || i == word.n)
			return *have == '\0' && i == word.n;
		if ((*have | 0x20) != (word.p[i] | 0x20))
			return false;
	}
}

/* Snort's names where they are other words, not other spellings. */
static const struct { const char *theirs, *ours; } other_names[] = {
	{ "report_slave_id", "ReportServerID" },
	{ "encapsulated_interface_transport", "MEI" },
	{ "setmultivar", "SetMultiVariables" },
	{ "getmultivar", "GetMultiVariables" },
	{ "getvarsubstr", "GetVarSubStreamed" },
	{ "setvarsubstr", "SetVarSubStreamed" },
};

bool
lookup_name(const struct parser *P, enum rule_names list, struct slice word, struct rule_name *out)
{
	const struct rule_lookup *l = P->from->lookup;

	if (word.n == 0 || l == NULL)
		return false;
	for (size_t i = 0; i < COUNTOF(other_names); i++)
		if (slice_is_nocase(word, other_names[i].theirs))
			word = (struct slice){ other_names[i].ours, strlen(other_names[i].ours) };
	for (uint32_t i = 0; l->nth(list, i, out); i++)
		if (same_name(out->word, word) || same_name(out->name, word))
			return true;
	return false;
}

struct names_walk {
	const struct parser	*P;
	enum rule_names		 list;
};

static const char *
nth_name(void *arg, uint32_t i)
{
	const struct names_walk *w = arg;
	struct rule_name n;

	return w->P->from->lookup != NULL && w->P->from->lookup->nth(w->list, i, &n) ? n.word : NULL;
}

/* "Read Coils" as people write it in a rule: read_coils. */
static void
written_name(const char *name, char *to, size_t size)
{
	size_t n = 0;

	for (; *name != '\0' && n + 1 < size; name++)
		if (isalnum((unsigned char)*name))
			to[n++] = (char)tolower((unsigned char)*name);
		else if (n > 0 && to[n - 1] != '_')
			to[n++] = '_';
	to[n] = '\0';
}

/* The nearest of the long names into `best`; false when none is near. */
static bool
nearest_long_name(struct parser *P, enum rule_names list, struct slice word, char *best, size_t size)
{
	const struct rule_lookup *l = P->from->lookup;
	unsigned least = 4;
	struct rule_name n;
	char have[64], name[64];

	if (l == NULL || word.n >= sizeof(have))
		return false;
	memcpy(have, word.p, word.n);
	have[word.n] = '\0';
	for (uint32_t i = 0; l->nth(list, i, &n); i++) {
		unsigned d;

		written_name(n.name, name, sizeof(name));
		d = str_distance(have, name);
		if (d < least) {
			least = d;
			(void)snprintf(best, size, "%s", name);
		}
	}
	return least < 4;
}

void
complain_name(struct parser *P, enum rule_names list, struct slice word, const char *what)
{
	struct names_walk walk = { P, list };
	const char *near = nearest_of(word, nth_name, &walk);
	char name[64];

	if (near == NULL && nearest_long_name(P, list, word, name, sizeof(name)))
		near = name;
	parse_complain(P, word.p, "'%.*s' is no %s%s%s%s", SLICE(word), what,
	    NEAREST(near));
}

/* ---- interned names ---- */

static uint32_t
hash_name(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 16777619u;
	return h;
}

static void
grow_slots(struct rule_memory *m, struct name_table *t)
{
	uint32_t n = t->n_slots == 0 ? 64 : t->n_slots * 2;
	uint32_t *slots = rule_array(m, n, sizeof(*slots));

	if (slots == NULL)
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t at = hash_name((struct slice){ t->of[i], strlen(t->of[i]) }) & (n - 1);

		while (slots[at] != 0)
			at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	t->slots = slots;
	t->n_slots = n;
}

uint32_t
name_number(struct rule_memory *m, struct name_table *t, struct slice name)
{
	const char **of, *copy;
	uint32_t at;

	if (2 * (t->n + 1) > t->n_slots)
		grow_slots(m, t);
	if (m->failed)
		return 0;
	for (at = hash_name(name) & (t->n_slots - 1); t->slots[at] != 0; at = (at + 1) & (t->n_slots - 1))
		if (slice_is(name, t->of[t->slots[at] - 1]))
			return t->slots[at] - 1;
	of = rule_grow(m, t->of, t->n, &t->room, sizeof(*of));
	copy = rule_text(m, name.p, name.n);
	if (of == NULL || copy == NULL)
		return 0;
	t->of = of;
	t->of[t->n] = copy;
	t->slots[at] = ++t->n;
	return t->n - 1;
}
