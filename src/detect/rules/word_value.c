/* word_value.c - values by name or type: ot.tag, ot.float32 and its like, ot.change. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

#define NUMBERS_HOW	(NUMBER_LIST | NUMBER_INCLUSIVE | NUMBER_REAL)

/* The type that a word itself says. */
static uint8_t
type_of(enum rule_word w)
{
	switch (w) {
	case RW_OT_FLOAT32:	return TAG_FLOAT32;
	case RW_OT_FLOAT64:	return TAG_FLOAT64;
	case RW_OT_INT16:	return TAG_INT16;
	case RW_OT_UINT16:	return TAG_UINT16;
	case RW_OT_INT32:	return TAG_INT32;
	case RW_OT_UINT32:	return TAG_UINT32;
	default:		return TAG_SENT;
	}
}

/* What the value is held against; nothing: any value will do. */
static bool
read_test(struct parser *P, struct slice v, struct rule_numbers *to)
{
	v = slice_trim(v);
	return v.n == 0 || parse_numbers(P, v, NUMBERS_HOW, INT64_MAX, NULL, NULL, to);
}

static bool
read_tag(struct parser *P, struct rule_value *x, struct slice v)
{
	const struct tags *tags = P->from->tags;
	struct slice name, rest;
	const struct tag *t;

	if (!parse_quoted(P, v, &name, &rest))
		return false;
	if (tags == NULL || tags->n == 0) {
		parse_complain(P, name.p, "there are no tags: process.tags names the file that says what '%.*s' is", SLICE(name));
		return false;
	}
	t = tags_named(tags, name.p, name.n);
	if (t == NULL) {
		const char *text = rule_text(P->mem, name.p, name.n), *near = text != NULL ? tags_nearest(tags, text) : NULL;

		parse_complain(P, name.p, "there is no tag '%.*s'%s%s%s", SLICE(name), NEAREST(near));
		return false;
	}
	x->tag = *t;
	x->tag.name = rule_text(P->mem, t->name, strlen(t->name));
	x->tag.unit = rule_text(P->mem, t->unit, strlen(t->unit));
	x->tag.group = "";
	x->named = true;
	return x->tag.name != NULL && x->tag.unit != NULL && read_test(P, rest, &x->numbers);
}

/* "holding 10 > 80.5, word-swapped" */
static bool
read_typed(struct parser *P, struct rule_value *x, struct slice v)
{
	char place[OP_ADDRESS_MAX], what[384];
	struct strbuf why = strbuf_on(what, sizeof(what));
	struct slice at;
	size_t n = 0, comma = v.n;

	while (n < v.n && strchr("<>=!&[,", v.p[n]) == NULL)
		n++;
	at = slice_trim((struct slice){ v.p, n });
	/* Within brackets a comma divides numbers. */
	for (size_t i = v.n; i-- > n && v.p[i] != ']'; )
		if (v.p[i] == ',') {
			struct slice word = slice_trim((struct slice){ v.p + i + 1, v.n - i - 1 });

			if (word.n == 0 || !isalpha((unsigned char)word.p[0]))
				break;
			(void)snprintf(place, sizeof(place), "%.*s", SLICE(word));
			if (!tag_order_read(place, &x->tag.form.order, &why)) {
				parse_complain(P, word.p, "'%.*s' %s", SLICE(word), what);
				return false;
			}
			comma = i;
			break;
		}
	if (at.n >= sizeof(place)) {
		parse_complain(P, at.p, "this is no place of a value, as in holding 10 or DB20.DBD0");
		return false;
	}
	(void)snprintf(place, sizeof(place), "%.*s", (int)at.n, at.p);
	x->tag.proto = (uint8_t)place_read(place, &x->tag.place, &why);
	if (x->tag.proto == OP_UNKNOWN || !tag_form_fits(&x->tag.form, (enum op_proto)x->tag.proto, &x->tag.place, &why)) {
		parse_complain(P, at.p, "%s", what);
		return false;
	}
	return read_test(P, (struct slice){ v.p + n, comma - n }, &x->numbers);
}

bool
read_value(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_value *x = &o->value;

	*x = (struct rule_value){ .tag = { .name = "", .unit = "", .group = "", .any_unit = true, .scale = 1,
	    .form.type = type_of((enum rule_word)o->word) } };
	v = slice_trim(v);
	x->text = rule_text(P->mem, v.p, v.n);
	if (x->text == NULL)
		return false;
	return o->word == RW_OT_TAG ? read_tag(P, x, v) : read_typed(P, x, v);
}

/* "> 10 % in 60 s" */
bool
read_change(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const struct { const char *word; uint64_t ns; } units[] = {
		{ "ms", 1000000u }, { "s", 1000000000u }, { "m", UINT64_C(60000000000) }, { "h", UINT64_C(3600000000000) },
	};
	struct rule_change *c = &o->change;
	struct slice number, time = { NULL, 0 };
	const struct rule_opt *tag = NULL;

	*c = (struct rule_change){ .text = rule_text(P->mem, v.p, v.n) };
	for (uint32_t i = 0; i < P->n_opts; i++)
		if (P->opts[i].word == RW_OT_TAG)
			tag = &P->opts[i];
	if (tag == NULL) {
		parse_complain(P, v.p, "a change of what?  ot.tag with the name of the value stands before it");
		return false;
	}
	c->tag = tag->value.tag.index;
	number = v;
	for (size_t i = 1; i + 3 < v.n; i++)
		if (isspace((unsigned char)v.p[i - 1]) && v.p[i] == 'i' && v.p[i + 1] == 'n' && isspace((unsigned char)v.p[i + 2])) {
			number = slice_trim((struct slice){ v.p, i });
			time = slice_trim((struct slice){ v.p + i + 2, v.n - i - 2 });
		}
	if (time.n == 0) {
		parse_complain(P, v.p, "it ends with the time in which the value changed, as in '> 10 %% in 60 s'");
		return false;
	}
	if (number.n > 0 && number.p[number.n - 1] == '%') {
		c->percent = true;
		number = slice_trim((struct slice){ number.p, number.n - 1 });
	}
	if (number.n == 0 || number.p[0] != '>') {
		parse_complain(P, number.p, "a change is more than something: '>' or '>=' and a number");
		return false;
	}
	if (!parse_numbers(P, number, NUMBER_REAL, INT64_MAX, NULL, NULL, &c->numbers))
		return false;
	for (size_t i = 0; i < COUNTOF(units); i++) {
		size_t n = strlen(units[i].word);
		uint64_t many;

		if (time.n > n && slice_is((struct slice){ time.p + time.n - n, n }, units[i].word) &&
		    slice_u64(slice_trim((struct slice){ time.p, time.n - n }), &many) && many > 0 && many <= 1000000) {
			c->within_ns = many * units[i].ns;
			return true;
		}
	}
	parse_complain(P, time.p, "behind 'in' there is a time: a number and ms, s, m or h");
	return false;
}
