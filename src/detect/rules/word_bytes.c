/* word_bytes.c - byte_test, byte_jump, byte_extract, byte_math and isdataat. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"

#define FAR 65535


static bool
set_string(struct parser *P, struct rule_bytes *b, struct slice v)
{
	v = slice_trim(v);
	if (v.n == 0) {
		/* The base may stand before it: "dec,string". */
		b->base = b->base != BASE_BINARY ? b->base : BASE_DEC;
		return true;
	}
	if (slice_is_nocase(v, "dec"))
		b->base = BASE_DEC;
	else if (slice_is_nocase(v, "hex"))
		b->base = BASE_HEX;
	else if (slice_is_nocase(v, "oct"))
		b->base = BASE_OCT;
	else {
		parse_complain(P, v.p, "digits are hex, dec or oct, not '%.*s'", SLICE(v));
		return false;
	}
	return true;
}

static bool
set_number(struct parser *P, struct slice v, int64_t min, int64_t max, const char *what, int64_t *to)
{
	v = slice_trim(v);
	if (slice_i64(v, to) && *to >= min && *to <= max)
		return true;
	parse_complain(P, v.p, "%s must be a number from %lld to %lld", what, (long long)min, (long long)max);
	return false;
}

static bool
set_endian(struct parser *P, struct rule_bytes *b, struct slice v)
{
	v = slice_trim(v);
	if (slice_is_nocase(v, "little"))
		b->little = true;
	else if (slice_is_nocase(v, "big"))
		b->little = false;
	else {
		parse_complain(P, v.p, "the byte order is big or little, not '%.*s'", SLICE(v));
		return false;
	}
	return true;
}

/* The words that follow the operands with a fixed place. */
static bool
modifier(struct parser *P, enum rule_word w, struct rule_bytes *b, struct slice part)
{
	struct slice v = part, name;
	int64_t n;

	if (!slice_word(&v, &name)) {
		parse_complain(P, part.p, "an empty operand");
		return false;
	}
	v = slice_trim(v);
	if (slice_is_nocase(name, "relative"))
		b->relative = true;
	else if (slice_is_nocase(name, "big") || slice_is_nocase(name, "little"))
		return set_endian(P, b, name);
	else if (slice_is_nocase(name, "endian"))
		return set_endian(P, b, v);
	else if (slice_is_nocase(name, "dce"))
		b->dce = true;
	else if (slice_is_nocase(name, "string"))
		return set_string(P, b, v);
	/* The base may stand alone, on either side of "string". */
	else if (slice_is_nocase(name, "hex") || slice_is_nocase(name, "dec") || slice_is_nocase(name, "oct"))
		return set_string(P, b, name);
	else if (slice_is_nocase(name, "bitmask")) {
		if (!set_number(P, v, 1, UINT32_MAX, "the bitmask", &n))
			return false;
		b->mask = (uint32_t)n;
	} else if (w == RW_BYTE_TEST || w == RW_BYTE_MATH)
		goto unknown;
	else if (slice_is_nocase(name, "multiplier"))
		return set_number(P, v, 1, FAR, "the multiplier", &b->multiplier);
	else if (slice_is_nocase(name, "align")) {
		n = 4;
		if (v.n > 0 && !set_number(P, v, 2, 4, "align", &n))
			return false;
		if (n == 3) {
			parse_complain(P, v.p, "align is 2 or 4");
			return false;
		}
		b->align = true;
		b->align_to = (uint8_t)n;
	} else if (w != RW_BYTE_JUMP)
		goto unknown;
	else if (slice_is_nocase(name, "from_beginning"))
		b->from_beginning = true;
	else if (slice_is_nocase(name, "from_end"))
		b->from_end = true;
	else if (slice_is_nocase(name, "post_offset")) {
		if (!parse_amount(P, v, -FAR, FAR, "post_offset", &b->post))
			return false;
		b->post_offset = b->post.is_var ? 0 : b->post.v;
	} else
		goto unknown;
	return true;
unknown:
	parse_complain(P, name.p, "'%.*s' is no operand of %s", SLICE(name), rule_word_row(w)->text);
	return false;
}

static bool
new_variable(struct parser *P, struct slice name, uint32_t *out)
{
	uint64_t number;

	for (uint32_t i = 0; i < P->n_vars; i++)
		if (P->vars_of[i].n == name.n && memcmp(P->vars_of[i].p, name.p, name.n) == 0) {
			*out = i;
			return true;
		}
	if (name.n == 0 || slice_u64(name, &number) || strspn(name.p,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") < name.n) {
		parse_complain(P, name.p, "a variable's name is made of letters, digits and _, not '%.*s'", SLICE(name));
		return false;
	}
	if (P->n_vars == RULE_VARS_MAX) {
		parse_complain(P, name.p, "a rule has at most %u variables", RULE_VARS_MAX);
		return false;
	}
	P->vars_of[P->n_vars] = name;
	*out = P->n_vars++;
	return true;
}

static bool
next(struct parser *P, enum rule_word w, struct slice *rest, struct slice *part)
{
	const char *at = rest->p;

	if (slice_part(rest, ',', part) && part->n > 0)
		return true;
	parse_complain(P, at != NULL ? at : P->at[P->n_opts].p, "an operand is missing: %s",
	    rule_word_row(w)->syntax);
	return false;
}

static bool
comparison(struct parser *P, struct rule_bytes *b, struct slice v)
{
	static const struct { const char *sign; uint8_t op; } signs[] = {
		{ "<=", BYTES_LE }, { ">=", BYTES_GE }, { "<", BYTES_LT }, { ">", BYTES_GT },
		{ "=", BYTES_EQ }, { "==", BYTES_EQ }, { "&", BYTES_AND }, { "^", BYTES_OR },
	};

	b->op = BYTES_EQ;
	if (v.n > 0 && v.p[0] == '!') {
		b->negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
		if (v.n == 0)
			return true;
	}
	for (size_t i = 0; i < COUNTOF(signs); i++)
		if (slice_is(v, signs[i].sign)) {
			b->op = signs[i].op;
			return true;
		}
	parse_complain(P, v.p, "a comparison is one of < > = <= >= & ^, with or without !, not '%.*s'", SLICE(v));
	return false;
}

/* byte_math: words with values, in any order. */
static bool
math(struct parser *P, struct rule_bytes *b, struct slice rest)
{
	static const struct { const char *sign; uint8_t op; } signs[] = {
		{ "+", BYTES_ADD }, { "-", BYTES_SUB }, { "*", BYTES_MUL }, { "/", BYTES_DIV },
		{ "<<", BYTES_SHL }, { ">>", BYTES_SHR },
	};
	bool bytes = false, offset = false, oper = false, rvalue = false;
	struct slice part, name, v, result = { NULL, 0 };

	while (slice_part(&rest, ',', &part)) {
		v = part;
		(void)slice_word(&v, &name);
		v = slice_trim(v);
		if (slice_is_nocase(name, "bytes")) {
			bytes = parse_amount(P, v, 1, 10, "bytes", &b->count);
			if (!bytes)
				return false;
		} else if (slice_is_nocase(name, "offset")) {
			offset = parse_amount(P, v, -FAR, FAR, "offset", &b->offset);
			if (!offset)
				return false;
		} else if (slice_is_nocase(name, "rvalue")) {
			rvalue = parse_amount(P, v, 0, UINT32_MAX, "rvalue", &b->value);
			if (!rvalue)
				return false;
		} else if (slice_is_nocase(name, "result"))
			result = v;
		else if (slice_is_nocase(name, "oper")) {
			for (size_t i = 0; i < COUNTOF(signs); i++)
				if (slice_is(v, signs[i].sign)) {
					b->op = signs[i].op;
					oper = true;
				}
			if (!oper) {
				parse_complain(P, v.p, "oper is one of + - * / << >>, not '%.*s'", SLICE(v));
				return false;
			}
		} else if (!modifier(P, RW_BYTE_MATH, b, part))
			return false;
	}
	if (!bytes || !offset || !oper || !rvalue || result.p == NULL) {
		parse_complain(P, P->at[P->n_opts].p, "byte_math needs bytes, offset, oper, rvalue and result");
		return false;
	}
	if (b->op == BYTES_DIV && !b->value.is_var && b->value.v == 0) {
		parse_complain(P, P->at[P->n_opts].p, "division by 0");
		return false;
	}
	return new_variable(P, result, &b->var);
}

static bool
check_count(struct parser *P, enum rule_word w, const struct rule_bytes *b, struct slice at)
{
	int64_t most = b->base == BASE_BINARY ? 8 : b->base == BASE_OCT ? 23 : b->base == BASE_DEC ? 20 : 16;

	if (b->from_beginning && b->from_end) {
		parse_complain(P, at.p, "from_beginning and from_end exclude each other");
		return false;
	}
	if (b->count.is_var || (b->count.v >= (w == RW_BYTE_JUMP ? 0 : 1) && b->count.v <= most))
		return true;
	parse_complain(P, at.p, "a number has 1 to %lld bytes here", (long long)most);
	return false;
}

bool
read_bytes(struct parser *P, struct rule_opt *o, struct slice v)
{
	enum rule_word w = (enum rule_word)o->word;
	struct rule_bytes *b = &o->bytes;
	struct slice rest = v, part, name = { NULL, 0 };

	*b = (struct rule_bytes){ .multiplier = 1 };
	if (w == RW_BYTE_MATH)
		return math(P, b, rest) && check_count(P, w, b, v);
	if (!next(P, w, &rest, &part) || !parse_amount(P, part, 0, 23, "the number of bytes", &b->count))
		return false;
	if (w == RW_BYTE_TEST && (!next(P, w, &rest, &part) || !comparison(P, b, part) ||
	    !next(P, w, &rest, &part) || !parse_amount(P, part, -(int64_t)UINT32_MAX, INT64_MAX, "the value", &b->value)))
		return false;
	if (!next(P, w, &rest, &part) || !parse_amount(P, part, -FAR, FAR, "the offset", &b->offset))
		return false;
	if (w == RW_BYTE_EXTRACT && !next(P, w, &rest, &name))
		return false;
	while (slice_part(&rest, ',', &part))
		if (!modifier(P, w, b, part))
			return false;
	if (!check_count(P, w, b, v))
		return false;
	return w != RW_BYTE_EXTRACT || new_variable(P, name, &b->var);
}

bool
read_isdataat(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice part;

	o->isdataat = (struct rule_isdataat){ 0 };
	if (v.p[0] == '!') {
		o->isdataat.negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	(void)slice_part(&v, ',', &part);
	if (!parse_amount(P, part, -FAR, FAR, "the place", &o->isdataat.at))
		return false;
	while (slice_part(&v, ',', &part)) {
		if (slice_is_nocase(part, "relative"))
			o->isdataat.relative = true;
		else if (slice_is_nocase(part, "rawbytes"))
			o->isdataat.rawbytes = true;
		else {
			parse_complain(P, part.p, "'%.*s' is neither relative nor rawbytes", SLICE(part));
			return false;
		}
	}
	return true;
}
