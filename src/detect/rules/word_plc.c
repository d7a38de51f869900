/* word_plc.c - modbus, dnp3_ind, dnp3_obj, s7comm.area, s7comm.block. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "record/dnp3.h"
#include "record/operation.h"

/* ---- modbus ---- */

static const struct { const char *word; uint16_t bits; } classes[] = {
	{ "assigned", RMB_ASSIGNED }, { "unassigned", RMB_UNASSIGNED }, { "public", RMB_PUBLIC },
	{ "user", RMB_USER }, { "reserved", RMB_RESERVED },
	{ "all", RMB_PUBLIC | RMB_USER | RMB_RESERVED },
};

static bool
modbus_name(struct parser *P, void *arg, struct slice word, int64_t *v)
{
	struct rule_name n;

	(void)arg;
	if (!lookup_name(P, NAMES_MODBUS, word, &n)) {
		complain_name(P, NAMES_MODBUS, word, "Modbus function or class (assigned, unassigned, public, user, reserved, all)");
		return false;
	}
	*v = n.code;
	return true;
}

static bool
modbus_function(struct parser *P, struct rule_modbus *m, struct slice v)
{
	struct slice word = v;
	bool negated = v.n > 0 && v.p[0] == '!';

	if (negated)
		word = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	for (size_t i = 0; i < COUNTOF(classes); i++)
		if (slice_is_nocase(word, classes[i].word)) {
			m->category = classes[i].bits;
			m->not_category = negated;
			return true;
		}
	return parse_numbers(P, v, NUMBER_LIST, 255, modbus_name, NULL, &m->function);
}

static bool
modbus_access(struct parser *P, struct rule_modbus *m, struct slice v)
{
	static const struct { const char *word; uint16_t bit; bool writable; } tables[] = {
		{ "discretes", RMB_DISCRETES, false }, { "coils", RMB_COILS, true },
		{ "input", RMB_INPUT, false }, { "holding", RMB_HOLDING, true },
	};
	struct slice way, table;

	(void)slice_word(&v, &way);
	table = slice_trim(v);
	if (slice_is_nocase(way, "read"))
		m->access = RMB_READ;
	else if (slice_is_nocase(way, "write"))
		m->access = RMB_WRITE;
	else {
		parse_complain(P, way.p, "access is read or write, not '%.*s'", SLICE(way));
		return false;
	}
	if (table.n == 0)
		return true;
	for (size_t i = 0; i < COUNTOF(tables); i++)
		if (slice_is_nocase(table, tables[i].word)) {
			if (m->access == RMB_WRITE && !tables[i].writable) {
				parse_complain(P, table.p, "nobody can write %s", tables[i].word);
				return false;
			}
			m->access = (uint16_t)(m->access | tables[i].bit);
			return true;
		}
	parse_complain(P, table.p, "'%.*s' is none of discretes, coils, input, holding", SLICE(table));
	return false;
}

/* What belongs to what: Suricata's manual, chapter "modbus keyword". */
static bool
modbus_part(struct parser *P, struct rule_modbus *m, struct slice key, struct slice v)
{
	bool any_function = m->function.n > 0 || m->category != 0;

	if (slice_is_nocase(key, "unit") && m->unit.n == 0)
		return parse_numbers(P, v, NUMBER_LIST, 255, NULL, NULL, &m->unit);
	if (slice_is_nocase(key, "function") && !any_function && m->access == 0)
		return modbus_function(P, m, v);
	if (slice_is_nocase(key, "subfunction") && m->subfunction.n == 0 && any_function)
		return parse_numbers(P, v, NUMBER_LIST, 65535, NULL, NULL, &m->subfunction);
	if (slice_is_nocase(key, "access") && m->access == 0 && !any_function)
		return modbus_access(P, m, v);
	if (slice_is_nocase(key, "address") && m->address.n == 0 && (m->access & ~(RMB_READ | RMB_WRITE)) != 0)
		return parse_numbers(P, v, 0, 65536, NULL, NULL, &m->address);
	if (slice_is_nocase(key, "value") && m->value.n == 0 && (m->access & RMB_WRITE) && m->address.n > 0)
		return parse_numbers(P, v, 0, 65535, NULL, NULL, &m->value);
	if (slice_is_nocase(key, "value"))
		parse_complain(P, key.p, "value needs access write with a table and an address before it");
	else if (slice_is_nocase(key, "address"))
		parse_complain(P, key.p, "address needs access with a table (access read holding, address 1) before it");
	else if (slice_is_nocase(key, "subfunction"))
		parse_complain(P, key.p, "subfunction needs a function before it");
	else
		parse_complain(P, key.p, "'%.*s' does not belong here: %s", SLICE(key), rule_word_row(RW_MODBUS)->syntax);
	return false;
}

bool
read_modbus(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice part, key;

	o->modbus = (struct rule_modbus){ 0 };
	v = parse_unquoted(v);
	while (slice_part(&v, ',', &part)) {
		struct slice rest = part;

		(void)slice_word(&rest, &key);
		rest = slice_trim(rest);
		if (key.n == 0 || rest.n == 0) {
			parse_complain(P, part.p, "unit, function, subfunction, access, address and value have a blank and what is asked behind them");
			return false;
		}
		if (!modbus_part(P, &o->modbus, key, rest))
			return false;
	}
	return true;
}

/* ---- dnp3 ---- */

static const char *
nth_indication(void *arg, uint32_t i)
{
	(void)arg;
	return i < 16 ? dnp3_iin_word(i) : NULL;
}

/* 16 when the name is none. */
static unsigned
indication_of(struct slice name)
{
	unsigned bit;

	for (bit = 0; bit < 16 && !slice_is_nocase(name, dnp3_iin_word(bit)); bit++)
		;
	return bit;
}

/* >5, !0, 1-9, &0xf0=0x80: a number with more than digits. */
static bool
is_compared(struct slice v)
{
	while (v.n > 0 && strchr("<>=&! ", v.p[0]) != NULL)
		v = (struct slice){ v.p + 1, v.n - 1 };
	return v.n > 0 && isdigit((unsigned char)v.p[0]);
}

/* Names behind a modifier, as those of `flags`: * any (as without one), + all,
 * - none, = these and no others; ! before a name: it is not set.  A number
 * alone is a mask, any bit of which will do; compared ones are the value. */
bool
read_ind(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_ind *ind = &o->ind;
	uint16_t named = 0, not = 0;
	char modifier = '*';
	const char *start;
	struct slice part;
	uint64_t number;

	*ind = (struct rule_ind){ 0 };
	v = parse_unquoted(v);
	start = v.p;
	if (slice_u64(v, &number)) {
		if (number == 0 || number > 0xffff) {
			parse_complain(P, v.p, "the indications are 16 bits, 1 to 0xffff");
			return false;
		}
		ind->any = (uint16_t)number;
		return true;
	}
	if (is_compared(v))
		return parse_numbers(P, v, 0, 0xffff, NULL, NULL, &ind->value);
	if (v.n > 0 && strchr("*+-=", v.p[0]) != NULL) {
		modifier = v.p[0];
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	while (slice_part(&v, ',', &part)) {
		bool negated = part.n > 0 && part.p[0] == '!';
		unsigned bit;

		if (negated)
			part = slice_trim((struct slice){ part.p + 1, part.n - 1 });
		bit = indication_of(part);
		if (bit == 16) {
			const char *near = nearest_of(part, nth_indication, NULL);

			parse_complain(P, part.p, "'%.*s' is no internal indication%s%s%s", SLICE(part),
			    NEAREST(near));
			return false;
		}
		if (negated)
			not = (uint16_t)(not | 1u << bit);
		else
			named = (uint16_t)(named | 1u << bit);
	}
	if (not != 0 && (modifier == '-' || modifier == '=' || (named & not) != 0)) {
		parse_complain(P, start, "'!' says nothing behind '-' or '=', and contradicts the same name without it");
		return false;
	}
	ind->none = modifier == '-' ? named : modifier == '=' ? (uint16_t)~named : not;
	if (modifier == '*')
		ind->any = named;
	else if (modifier != '-')
		ind->all = named;
	return true;
}

bool
read_obj(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice group, variation;

	v = parse_unquoted(v);
	(void)slice_part(&v, ',', &group);
	if (!slice_part(&v, ',', &variation) || v.p != NULL) {
		parse_complain(P, group.p, "an object is group,variation: dnp3_obj:12,1");
		return false;
	}
	return parse_numbers(P, group, NUMBER_INCLUSIVE, 255, NULL, NULL, &o->obj.group) &&
	    parse_numbers(P, variation, NUMBER_INCLUSIVE, 255, NULL, NULL, &o->obj.variation);
}

/* ---- s7 ---- */

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
