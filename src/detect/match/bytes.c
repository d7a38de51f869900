#define PCRE2_CODE_UNIT_WIDTH 8
#include "detect/match/bytes.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

struct match_re {
	pcre2_code		*code;
	pcre2_match_context	*limits;
};

/* What one expression may cost on one buffer. */
#define RE_MATCH_LIMIT	3500u
#define RE_DEPTH_LIMIT	1500u

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* ---- making ready ---- */

static int
re_open(struct match_step *s, const struct rule_pcre *re, char *why, size_t why_size)
{
	static const struct { uint32_t ours, theirs; } flags[] = {
		{ RPCRE_CASELESS, PCRE2_CASELESS }, { RPCRE_MULTILINE, PCRE2_MULTILINE },
		{ RPCRE_DOTALL, PCRE2_DOTALL }, { RPCRE_EXTENDED, PCRE2_EXTENDED },
		{ RPCRE_ANCHORED, PCRE2_ANCHORED }, { RPCRE_DOLLAR_END, PCRE2_DOLLAR_ENDONLY },
		{ RPCRE_UNGREEDY, PCRE2_UNGREEDY },
	};
	uint32_t options = 0;
	int code = 0;
	PCRE2_SIZE at = 0;

	s->re = calloc(1, sizeof(*s->re));
	if (s->re == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if ((re->flags & flags[i].ours) != 0)
			options |= flags[i].theirs;
	s->re->code = pcre2_compile((PCRE2_SPTR)re->pattern, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	if (s->re->code == NULL) {
		(void)pcre2_get_error_message(code, (PCRE2_UCHAR *)why, why_size);
		return -1;
	}
	/* Without just-in-time compilation it is slower, nothing else. */
	(void)pcre2_jit_compile(s->re->code, PCRE2_JIT_COMPLETE);
	s->re->limits = pcre2_match_context_create(NULL);
	if (s->re->limits == NULL)
		return -1;
	if ((re->flags & RPCRE_IGNORE_LIMITS) == 0) {
		(void)pcre2_set_match_limit(s->re->limits, RE_MATCH_LIMIT);
		(void)pcre2_set_depth_limit(s->re->limits, RE_DEPTH_LIMIT);
	}
	return 0;
}

int
step_open(struct match_step *s, const struct rule_opt *o, char *why, size_t why_size)
{
	*s = (struct match_step){ .o = o };
	why[0] = '\0';
	if (o->word == RW_PCRE)
		return re_open(s, &o->pcre, why, why_size);
	if (o->word == RW_CONTENT && o->content.nocase) {
		s->folded = malloc(o->content.n > 0 ? o->content.n : 1);
		if (s->folded == NULL)
			return -1;
		for (uint32_t i = 0; i < o->content.n; i++)
			s->folded[i] = lower(o->content.p[i]);
	}
	return 0;
}

void
step_close(struct match_step *s)
{
	free(s->folded);
	if (s->re != NULL) {
		pcre2_match_context_free(s->re->limits);
		pcre2_code_free(s->re->code);
		free(s->re);
	}
	*s = (struct match_step){ 0 };
}

struct match_re_scratch *
re_scratch_open(void)
{
	return (struct match_re_scratch *)pcre2_match_data_create(1, NULL);
}

void
re_scratch_close(struct match_re_scratch *s)
{
	pcre2_match_data_free((pcre2_match_data *)s);
}

bool
step_is_relative(const struct rule_opt *o)
{
	switch (o->word) {
	case RW_CONTENT:
		return o->content.has_distance || o->content.has_within;
	case RW_PCRE:
		return o->pcre.relative;
	case RW_ISDATAAT:
		return o->isdataat.relative;
	case RW_BYTE_TEST:
	case RW_BYTE_JUMP:
	case RW_BYTE_EXTRACT:
	case RW_BYTE_MATH:
		return o->bytes.relative;
	default:
		return false;
	}
}

/* ---- one step ---- */

static int64_t
amount(const struct bytes_run *run, const struct rule_amount *a)
{
	if (!a->is_var)
		return a->v;
	return (uint64_t)a->v < BYTES_VARS ? run->var[a->v] : 0;
}

static const uint8_t *
find(const struct match_step *s, const uint8_t *p, size_t n)
{
	const struct rule_content *c = &s->o->content;

	if (n < c->n)
		return NULL;
	if (!c->nocase)
		return memmem(p, n, c->p, c->n);
	for (size_t i = 0; i + c->n <= n; i++) {
		uint32_t k = 0;

		while (k < c->n && lower(p[i + k]) == s->folded[k])
			k++;
		if (k == c->n)
			return p + i;
	}
	return NULL;
}

/* Where a content may lie: from *from up to *to.  False: nowhere. */
static bool
window(const struct bytes_run *run, const struct rule_content *c, uint32_t at, int64_t *from,
    int64_t *to)
{
	int64_t lo = 0, hi = run->n;

	if (c->has_distance || c->has_within) {
		int64_t distance = c->has_distance ? amount(run, &c->distance) : 0;

		lo = at + distance;
		if (c->has_within && at + distance + amount(run, &c->within) < hi)
			hi = at + distance + amount(run, &c->within);
		if (c->has_depth && at + amount(run, &c->depth) < hi)
			hi = at + amount(run, &c->depth);
		if (c->has_offset && amount(run, &c->offset) > lo)
			lo = amount(run, &c->offset);
	} else {
		if (c->has_offset)
			lo = amount(run, &c->offset);
		if (c->has_depth && lo + amount(run, &c->depth) < hi)
			hi = lo + amount(run, &c->depth);
	}
	if (c->startswith) {
		lo = 0;
		hi = c->n < hi ? c->n : hi;
	}
	*from = lo < 0 ? 0 : lo;
	*to = hi;
	return *from < hi;
}

/* The first match from `from` on; `from` is after the last one when more are tried. */
static const uint8_t *
content_at(const struct bytes_run *run, const struct match_step *s, int64_t from, int64_t to)
{
	const struct rule_content *c = &s->o->content;

	if (from >= to || to - from < c->n)
		return NULL;
	if (c->endswith) {
		if (to < run->n)
			return NULL;
		from = to - c->n;
	}
	return find(s, run->p + from, (size_t)(to - from));
}

static bool
text_number(const uint8_t *p, uint32_t n, uint8_t base, uint64_t *v)
{
	unsigned radix = base == BASE_HEX ? 16 : base == BASE_OCT ? 8 : 10;
	bool any = false;
	uint32_t i = 0;

	*v = 0;
	while (i < n && (p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r')))
		i++;
	if (radix == 16 && i + 2 < n && p[i] == '0' && lower(p[i + 1]) == 'x')
		i += 2;
	for (; i < n; i++, any = true) {
		uint8_t c = lower(p[i]);
		unsigned d = c >= '0' && c <= '9' ? c - (unsigned)'0' :
		    c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 99;

		if (d >= radix)
			break;
		*v = *v * radix + d;
	}
	return any;
}

/* The number of a byte_ option; *end is behind its bytes.  False: not there. */
static bool
number_at(const struct bytes_run *run, const struct rule_bytes *b, uint32_t at, uint64_t *v,
    int64_t *begin, int64_t *end)
{
	int64_t from = amount(run, &b->offset) + (b->relative ? at : 0), count = amount(run, &b->count);

	*v = 0;
	if (b->dce || from < 0 || count < 0 || from > run->n || count > run->n - from)
		return false;
	*begin = from;
	*end = from + count;
	if (b->base != BASE_BINARY) {
		if (!text_number(run->p + from, (uint32_t)count, b->base, v))
			return false;
	} else {
		if (count > 8)
			return false;
		for (int64_t i = 0; i < count; i++)
			*v = *v << 8 | run->p[b->little ? *end - 1 - i : from + i];
	}
	if (b->mask != 0) {
		*v &= b->mask;
		*v >>= (unsigned)__builtin_ctz(b->mask);
	}
	return true;
}

static bool
byte_test(const struct bytes_run *run, const struct rule_bytes *b, uint32_t at)
{
	uint64_t v, want = (uint64_t)amount(run, &b->value);
	int64_t begin, end;
	bool is = false;

	if (!number_at(run, b, at, &v, &begin, &end))
		return false;
	switch (b->op) {
	case BYTES_LT: is = v < want; break;
	case BYTES_GT: is = v > want; break;
	case BYTES_EQ: is = v == want; break;
	case BYTES_LE: is = v <= want; break;
	case BYTES_GE: is = v >= want; break;
	case BYTES_AND: is = (v & want) != 0; break;
	case BYTES_OR: is = (v ^ want) != 0; break;
	default: break;
	}
	return is != b->negated;
}

static bool
byte_jump(const struct bytes_run *run, const struct rule_bytes *b, uint32_t *at)
{
	uint64_t v;
	int64_t begin, end, to;

	if (!number_at(run, b, *at, &v, &begin, &end) || v > UINT32_MAX)
		return false;
	to = (int64_t)v * (b->multiplier != 0 ? b->multiplier : 1);
	if (b->align && b->align_to > 1 && to % b->align_to != 0)
		to += b->align_to - to % b->align_to;
	to += b->post.is_var ? amount(run, &b->post) : b->post_offset;
	to += b->from_beginning ? 0 : b->from_end ? (int64_t)run->n : end;
	/* Up to the end: there is nothing left then, which isdataat can ask for. */
	if (to < 0 || to > run->n)
		return false;
	*at = (uint32_t)to;
	return true;
}

static bool
byte_keep(struct bytes_run *run, const struct rule_opt *o, uint32_t *at)
{
	const struct rule_bytes *b = &o->bytes;
	int64_t begin, end, with;
	uint64_t v;

	if (!number_at(run, b, *at, &v, &begin, &end) || b->var >= BYTES_VARS)
		return false;
	if (o->word == RW_BYTE_EXTRACT) {
		v *= (uint64_t)(b->multiplier != 0 ? b->multiplier : 1);
		if (b->align && b->align_to > 1 && v % b->align_to != 0)
			v += b->align_to - v % b->align_to;
	} else {
		with = amount(run, &b->value);
		switch (b->op) {
		case BYTES_ADD: v += (uint64_t)with; break;
		case BYTES_SUB: v -= (uint64_t)with; break;
		case BYTES_MUL: v *= (uint64_t)with; break;
		case BYTES_DIV:
			if (with == 0)
				return false;
			v /= (uint64_t)with;
			break;
		case BYTES_SHL: v = with < 64 && with >= 0 ? v << with : 0; break;
		case BYTES_SHR: v = with < 64 && with >= 0 ? v >> with : 0; break;
		default: return false;
		}
		if (b->mask != 0)
			v &= UINT64_MAX;
	}
	run->var[b->var] = (int64_t)v;
	*at = (uint32_t)end;
	return true;
}

static bool
data_at(const struct bytes_run *run, const struct rule_isdataat *d, uint32_t at)
{
	int64_t where = amount(run, &d->at);
	bool there;

	/* Relative, Suricata asks for that many bytes more; 0, which would then always be
	 * true, is Snort's way to ask for one. */
	if (d->relative)
		there = (int64_t)at + (where != 0 ? where : 1) <= run->n;
	else
		there = where < run->n;
	return there != d->negated;
}

/* Match from `at` (the position so far) and `start` (offset to search from). */
static bool
re_at(struct bytes_run *run, const struct match_step *s, uint32_t at, size_t start,
    uint32_t *begin, uint32_t *end)
{
	const PCRE2_SIZE *ov;
	uint32_t from = s->o->pcre.relative ? at : 0;
	pcre2_match_data *data = (pcre2_match_data *)run->re;
	int how;

	if (start > run->n - from)
		return false;
	how = pcre2_match(s->re->code, run->p + from, run->n - from, start, 0, data, s->re->limits);
	if (how < 0) {
		run->given_up |= how != PCRE2_ERROR_NOMATCH;
		return false;
	}
	ov = pcre2_get_ovector_pointer(data);
	*begin = (uint32_t)ov[0];
	*end = from + (uint32_t)ov[1];
	return true;
}

/* ---- all steps ---- */

static bool	from_here(struct bytes_run *run, const struct match_step *s, uint32_t n, uint32_t at);

static bool
each_content(struct bytes_run *run, const struct match_step *s, uint32_t n, uint32_t at)
{
	const struct rule_content *c = &s->o->content;
	int64_t from, to;
	const uint8_t *hit = NULL;

	if (window(run, c, at, &from, &to))
		hit = content_at(run, s, from, to);
	if (c->negated)
		return hit == NULL && from_here(run, s + 1, n - 1, at);
	while (hit != NULL) {
		uint32_t begin = (uint32_t)(hit - run->p);

		if (from_here(run, s + 1, n - 1, begin + c->n))
			return true;
		if (!s->next_relative || c->endswith)
			return false;
		hit = content_at(run, s, begin + 1, to);
	}
	return false;
}

static bool
each_re(struct bytes_run *run, const struct match_step *s, uint32_t n, uint32_t at)
{
	uint32_t begin = 0, end = at;
	bool hit = re_at(run, s, at, 0, &begin, &end);

	if (s->o->pcre.negated)
		return !hit && !run->given_up && from_here(run, s + 1, n - 1, at);
	while (hit) {
		if (from_here(run, s + 1, n - 1, end))
			return true;
		if (!s->next_relative || (s->o->pcre.flags & RPCRE_ANCHORED) != 0)
			return false;
		hit = re_at(run, s, at, (size_t)begin + 1, &begin, &end);
	}
	return false;
}

static bool
from_here(struct bytes_run *run, const struct match_step *s, uint32_t n, uint32_t at)
{
	for (; n > 0; s++, n--) {
		const struct rule_opt *o = s->o;

		if (++run->tries > BYTES_TRIES) {
			run->given_up = true;
			return false;
		}
		switch (o->word) {
		case RW_CONTENT:
			return each_content(run, s, n, at);
		case RW_PCRE:
			return each_re(run, s, n, at);
		case RW_ISDATAAT:
			if (!data_at(run, &o->isdataat, at))
				return false;
			break;
		case RW_BYTE_TEST:
			if (!byte_test(run, &o->bytes, at))
				return false;
			break;
		case RW_BYTE_JUMP:
			if (!byte_jump(run, &o->bytes, &at))
				return false;
			break;
		case RW_BYTE_EXTRACT:
		case RW_BYTE_MATH:
			if (!byte_keep(run, o, &at))
				return false;
			break;
		case RW_BSIZE:
			if (!rule_number_is(&o->numbers, run->n))
				return false;
			break;
		default:
			break;
		}
	}
	return true;
}

bool
bytes_match(struct bytes_run *run, const struct match_step *steps, uint32_t n)
{
	run->tries = 0;
	run->given_up = false;
	return from_here(run, steps, n, 0);
}
