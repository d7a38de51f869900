/* word_s7.c - s7comm.area, s7comm.block. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "record/operation.h"

/* The operation's spaces of S7 are its areas, without "s7-". */
static const char *
area_word(unsigned space)
{
	const char *text = op_space_name((enum op_space)space);

	return text != NULL && strncmp(text, "s7-", 3) == 0 ? text + 3 : "";
}

static const char *
nth_area(void *arg, uint32_t i)
{
	(void)arg;
	return i < OP_SPACE_COUNT ? area_word(i) : NULL;
}

bool
read_area(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_area *a = &o->area;
	struct slice part;

	*a = (struct rule_area){ 0 };
	v = parse_unquoted(v);
	a->text = text_without_blanks(P->mem, v);
	if (v.n > 0 && v.p[0] == '!') {
		a->negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	if (v.n > 1 && v.p[0] == '[' && v.p[v.n - 1] == ']')
		v = (struct slice){ v.p + 1, v.n - 2 };
	while (slice_part(&v, ',', &part)) {
		const char *near;
		unsigned i;

		if (part.n > 0 && isdigit((unsigned char)part.p[0])) {
			/* Numbers come last; the rest of the list is theirs. */
			struct slice numbers = { part.p, v.p != NULL ? (size_t)(v.p + v.n - part.p) : part.n };

			return parse_numbers(P, numbers, NUMBER_LIST | NUMBER_INCLUSIVE, 255, NULL, NULL, &a->wire);
		}
		for (i = 0; i < OP_SPACE_COUNT && !(area_word(i)[0] != '\0' && slice_is_nocase(part, area_word(i))); i++)
			;
		if (i < OP_SPACE_COUNT) {
			a->spaces |= 1ull << i;
			continue;
		}
		near = nearest_of(part, nth_area, NULL);
		parse_complain(P, part.p, "'%.*s' is no memory area of an S7%s%s%s", SLICE(part),
		    near != NULL && near[0] != '\0' ? "; did you mean '" : "", near != NULL ? near : "",
		    near != NULL && near[0] != '\0' ? "'?" : "");
		return false;
	}
	return true;
}

bool
read_block(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_block *b = &o->block;
	struct slice type;
	struct rule_name n;

	*b = (struct rule_block){ 0 };
	v = parse_unquoted(v);
	type = v;
	for (size_t i = 0; i < v.n; i++)
		if (!isalpha((unsigned char)v.p[i])) {
			type.n = i;
			break;
		}
	v = slice_trim((struct slice){ v.p + type.n, v.n - type.n });
	if (!slice_is_nocase(type, "any")) {
		if (!lookup_name(P, NAMES_S7_BLOCK, type, &n)) {
			complain_name(P, NAMES_S7_BLOCK, type, "type of block (OB, DB, SDB, FC, SFC, FB, SFB or any)");
			return false;
		}
		b->type = rule_text(P->mem, n.word, strlen(n.word));
		b->code = (uint8_t)n.code;
	}
	return v.n == 0 || parse_numbers(P, v, NUMBER_LIST | NUMBER_INCLUSIVE, 65535, NULL, NULL, &b->number);
}
