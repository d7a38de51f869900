/* word_content.c - content with its modifiers, and pcre. */
#include "detect/rules/parse.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/str.h"

#define CONTENT_MAX	8192u
#define AMOUNT_MAX	65535

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "|00 01|abc\;" into bytes. */
static bool
content_bytes(struct parser *P, struct slice s, struct rule_content *c)
{
	uint8_t *to = rule_alloc(P->mem, s.n + 1);
	bool hex = false;
	const char *opened = s.p;
	int half = -1;
	uint32_t n = 0;

	if (to == NULL)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch == '|') {
			if (half >= 0) {
				parse_complain(P, s.p + i, "an odd number of hexadecimal digits between | and |");
				return false;
			}
			hex = !hex;
			opened = s.p + i;
		} else if (hex) {
			int d = hex_digit(ch);

			if (ch == ' ' || ch == '\t')
				continue;
			if (d < 0) {
				parse_complain(P, s.p + i, "'%c' is no hexadecimal digit; between | and | stand bytes like |0a ff|", ch);
				return false;
			}
			if (half < 0)
				half = d;
			else {
				to[n++] = (uint8_t)(half << 4 | d);
				half = -1;
			}
		} else if (ch == '\\') {
			if (++i == s.n || strchr(";:\"\\|", s.p[i]) == NULL) {
				parse_complain(P, s.p + i - 1, "\\ stands before one of ; : \" \\ only; other bytes are written in hexadecimal: |5c|");
				return false;
			}
			to[n++] = (uint8_t)s.p[i];
		} else
			to[n++] = (uint8_t)ch;
	}
	if (hex) {
		parse_complain(P, opened, "the | that opens hexadecimal bytes here is never closed");
		return false;
	}
	if (n == 0 || n > CONTENT_MAX) {
		parse_complain(P, s.p, n == 0 ? "an empty content matches nothing%.0u" :
		    "a content has at most %u bytes", CONTENT_MAX);
		return false;
	}
	c->p = to;
	c->n = n;
	return true;
}

/* ---- modifiers ---- */

static bool
take_amount(struct parser *P, struct slice name, struct slice v, int64_t min, bool *has,
    struct rule_amount *to)
{
	if (*has) {
		parse_complain(P, name.p, "%.*s twice for the same content", SLICE(name));
		return false;
	}
	if (!parse_amount(P, v, min, AMOUNT_MAX, "the number of bytes", to))
		return false;
	*has = true;
	return true;
}

static bool
take_fast(struct parser *P, struct rule_content *c, struct slice name, struct slice v)
{
	struct slice first, second;
	uint32_t offset, length;

	if (slice_is(name, "fast_pattern_offset") || slice_is(name, "fast_pattern_length")) {
		if (!parse_u32(P, v, 0, 65535, name.p[13] == 'o' ? "fast_pattern_offset" : "fast_pattern_length",
		    &offset))
			return false;
		if (slice_is(name, "fast_pattern_offset"))
			c->fast_offset = (uint16_t)offset;
		else
			c->fast_len = (uint16_t)offset;
		return true;
	}
	if (c->fast_pattern) {
		parse_complain(P, name.p, "fast_pattern twice for the same content");
		return false;
	}
	c->fast_pattern = true;
	if (v.n == 0)
		return true;
	if (slice_is(v, "only")) {
		c->fast_only = true;
		return true;
	}
	if (!slice_part(&v, ',', &first) || !slice_part(&v, ',', &second)) {
		parse_complain(P, name.p, "fast_pattern takes nothing, 'only' or offset,length");
		return false;
	}
	if (!parse_u32(P, first, 0, 65535, "the offset", &offset) ||
	    !parse_u32(P, second, 1, 65535, "the length", &length))
		return false;
	if (offset + length > c->n) {
		parse_complain(P, first.p, "fast_pattern reaches beyond the %u bytes of its content", c->n);
		return false;
	}
	c->fast_offset = (uint16_t)offset;
	c->fast_len = (uint16_t)length;
	return true;
}

static void
apply(struct parser *P, struct rule_content *c, enum rule_word w, struct slice name, struct slice v,
    bool has_value)
{
	switch (w) {
	case RW_OFFSET:	(void)take_amount(P, name, v, 0, &c->has_offset, &c->offset); return;
	case RW_DEPTH:	(void)take_amount(P, name, v, 1, &c->has_depth, &c->depth); return;
	case RW_DISTANCE:
		(void)take_amount(P, name, v, -AMOUNT_MAX, &c->has_distance, &c->distance);
		return;
	case RW_WITHIN:	(void)take_amount(P, name, v, -AMOUNT_MAX, &c->has_within, &c->within); return;
	case RW_FAST_PATTERN:
		(void)take_fast(P, c, name, v);
		return;
	default:
		break;
	}
	if (has_value && v.n > 0) {
		parse_complain(P, v.p, "%.*s takes no value", SLICE(name));
		return;
	}
	switch (w) {
	case RW_NOCASE:		c->nocase = true; break;
	case RW_STARTSWITH:	c->startswith = true; break;
	case RW_ENDSWITH:	c->endswith = true; break;
	default:		c->rawbytes = true; break;
	}
}

void
read_modifier(struct parser *P, enum rule_word w, struct slice name, struct slice v, bool has_value)
{
	struct rule_opt *o;

	/* rawbytes behind a pcre is its flag B. */
	if (w == RW_RAWBYTES && P->n_opts > 0 && P->opts[P->n_opts - 1].word == RW_PCRE) {
		P->opts[P->n_opts - 1].pcre.flags |= RPCRE_RAWBYTES;
		return;
	}
	if (P->last_content == UINT32_MAX || P->opts[P->last_content].buffer != P->buffer) {
		if (!P->bad)
			parse_complain(P, name.p, "%.*s belongs behind a content", SLICE(name));
		return;
	}
	o = &P->opts[P->last_content];
	/* A content that could not be read has left its modifiers alone. */
	apply(P, &o->content, w, name, v, has_value);
}

/* Snort 3: content:"x",nocase,offset 3 */
static bool
inline_modifiers(struct parser *P, struct rule_content *c, struct slice rest)
{
	struct slice part, name, all = rest;

	if (rest.n == 0)
		return true;
	if (rest.p[0] != ',') {
		parse_complain(P, rest.p, "a comma or the end is expected behind the quotes");
		return false;
	}
	rest.p++;
	rest.n--;
	while (slice_part(&rest, ',', &part)) {
		enum rule_word w;
		struct slice v = part;

		if (!slice_word(&v, &name)) {
			parse_complain(P, all.p, "an empty modifier");
			return false;
		}
		v = slice_trim(v);
		w = rule_word_find(name.p, name.n);
		if (w == RULE_WORD_COUNT || rule_word_row(w)->operand != OPERAND_MODIFIER) {
			parse_complain(P, name.p, "'%.*s' is no modifier of content (nocase, offset, depth, distance, within, fast_pattern, startswith, endswith)",
			    SLICE(name));
			return false;
		}
		apply(P, c, w, name, v, v.n > 0);
	}
	return !P->bad;
}

bool
read_content(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice inside, rest;

	o->content = (struct rule_content){ 0 };
	if (v.p[0] == '!') {
		o->content.negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	if (!parse_quoted(P, v, &inside, &rest))
		return false;
	/* content:"!abc": the '!' inside the quotes, as old Snort files have it. */
	if (inside.n > 1 && inside.p[0] == '!' && inside.p[1] == '"') {
		parse_complain(P, inside.p, "the '!' stands before the quotes");
		return false;
	}
	return content_bytes(P, inside, &o->content) && inline_modifiers(P, &o->content, rest);
}

/* ---- pcre ---- */

/* Flags that only select a part of HTTP. */
static const char http_flags[] = "UIPQHDMCKSYVWZL";

static bool
pcre_flags(struct parser *P, struct slice s, struct rule_pcre *r)
{
	static const struct { char c; uint16_t flag; } known[] = {
		{ 'i', RPCRE_CASELESS }, { 'm', RPCRE_MULTILINE }, { 's', RPCRE_DOTALL },
		{ 'x', RPCRE_EXTENDED }, { 'A', RPCRE_ANCHORED }, { 'E', RPCRE_DOLLAR_END },
		{ 'G', RPCRE_UNGREEDY }, { 'B', RPCRE_RAWBYTES }, { 'O', RPCRE_IGNORE_LIMITS },
	};

	for (size_t i = 0; i < s.n; i++) {
		size_t k;

		if (s.p[i] == 'R') {
			r->relative = true;
			continue;
		}
		for (k = 0; k < COUNTOF(known) && known[k].c != s.p[i]; k++)
			;
		if (k < COUNTOF(known))
			r->flags |= known[k].flag;
		else if (strchr(http_flags, s.p[i]) != NULL) {
			parse_skip(P, s.p + i, "left out: pcre flag %c needs HTTP, which this sensor does not look at", s.p[i]);
			return false;
		} else {
			parse_complain(P, s.p + i, "'%c' is no flag of pcre (i s m x A E G R B O)", s.p[i]);
			return false;
		}
	}
	return true;
}

static bool
compiles(struct parser *P, struct slice s, const struct rule_pcre *r)
{
	uint32_t how = 0;
	int number;
	size_t offset;
	pcre2_code *code;
	unsigned char text[256];

	how |= r->flags & RPCRE_CASELESS ? PCRE2_CASELESS : 0;
	how |= r->flags & RPCRE_MULTILINE ? PCRE2_MULTILINE : 0;
	how |= r->flags & RPCRE_DOTALL ? PCRE2_DOTALL : 0;
	how |= r->flags & RPCRE_EXTENDED ? PCRE2_EXTENDED : 0;
	how |= r->flags & RPCRE_ANCHORED ? PCRE2_ANCHORED : 0;
	how |= r->flags & RPCRE_DOLLAR_END ? PCRE2_DOLLAR_ENDONLY : 0;
	how |= r->flags & RPCRE_UNGREEDY ? PCRE2_UNGREEDY : 0;
	code = pcre2_compile((PCRE2_SPTR)s.p, s.n, how, &number, &offset, NULL);
	if (code != NULL) {
		pcre2_code_free(code);
		return true;
	}
	(void)pcre2_get_error_message(number, text, sizeof(text));
	parse_complain(P, s.p + (offset <= s.n ? offset : s.n), "the expression is not right here: %s", (char *)text);
	return false;
}

bool
read_pcre(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice inside, rest, body, flags;
	char delimiter = '/';
	size_t end;

	o->pcre = (struct rule_pcre){ 0 };
	if (v.p[0] == '!') {
		o->pcre.negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	if (v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"')
		inside = (struct slice){ v.p + 1, v.n - 2 };	/* quotes within are its own */
	else if (!parse_quoted(P, v, &inside, &rest))
		return false;
	else if (rest.n > 0) {
		parse_complain(P, rest.p, "nothing may follow the quotes of pcre");
		return false;
	}
	inside = slice_trim(inside);
	if (inside.n > 1 && inside.p[0] == 'm' && strchr("/|#!@%~,", inside.p[1]) != NULL) {
		inside.p++;
		inside.n--;
		delimiter = inside.p[0];
	}
	for (end = inside.n; end > 1 && inside.p[end - 1] != delimiter; end--)
		;
	if (inside.n < 2 || inside.p[0] != delimiter || end < 2) {
		parse_complain(P, inside.p, "an expression stands between two slashes: \"/.../\"");
		return false;
	}
	body = (struct slice){ inside.p + 1, end - 2 };
	flags = (struct slice){ inside.p + end, inside.n - end };
	/* "/(\d+)/R,flow:name" keeps a capture for Lua, which is not supported. */
	if (memchr(flags.p, ',', flags.n) != NULL)
		flags.n = (size_t)((const char *)memchr(flags.p, ',', flags.n) - flags.p);
	flags = slice_trim(flags);
	if (body.n == 0) {
		parse_complain(P, inside.p, "an empty expression matches everything");
		return false;
	}
	if (!pcre_flags(P, flags, &o->pcre) || !compiles(P, body, &o->pcre))
		return false;
	o->pcre.pattern = rule_text(P->mem, body.p, body.n);
	return true;
}
