/* word_modbus.c - the word modbus, as Suricata documents it. */
#include "detect/rules/parse.h"

#include "base/str.h"
#include "detect/rules/print.h"
#include "record/modbus.h"

static const struct { const char *word; uint16_t bits; } classes[] = {
	{ "assigned", MODBUS_ASSIGNED }, { "unassigned", MODBUS_UNASSIGNED }, { "public", MODBUS_ASSIGNED | MODBUS_UNASSIGNED },
	{ "user", MODBUS_USER }, { "reserved", MODBUS_RESERVED },
	{ "all", MODBUS_ASSIGNED | MODBUS_UNASSIGNED | MODBUS_USER | MODBUS_RESERVED },
};

static const struct { const char *word; uint16_t bit; bool writable; } tables[] = {
	{ "discretes", MODBUS_DISCRETES, false }, { "coils", MODBUS_COILS, true },
	{ "input", MODBUS_INPUT, false }, { "holding", MODBUS_HOLDING, true },
};

static bool
modbus_name(struct parser *P, void *arg, struct slice word, int64_t *v)
{
	struct rule_name n;

	(void)arg;
	if (!lookup_name(P, NAMES_FUNCTIONS_OF + OP_MODBUS, word, &n)) {
		complain_name(P, NAMES_FUNCTIONS_OF + OP_MODBUS, word, "Modbus function or class (assigned, unassigned, public, user, reserved, all)");
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
	struct slice way, table;

	(void)slice_word(&v, &way);
	table = slice_trim(v);
	if (slice_is_nocase(way, "read"))
		m->access = MODBUS_READ;
	else if (slice_is_nocase(way, "write"))
		m->access = MODBUS_WRITE;
	else {
		parse_complain(P, way.p, "access is read or write, not '%.*s'", SLICE(way));
		return false;
	}
	if (table.n == 0)
		return true;
	for (size_t i = 0; i < COUNTOF(tables); i++)
		if (slice_is_nocase(table, tables[i].word)) {
			if (m->access == MODBUS_WRITE && !tables[i].writable) {
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
	if (slice_is_nocase(key, "address") && m->address.n == 0 && (m->access & ~(MODBUS_READ | MODBUS_WRITE)) != 0)
		return parse_numbers(P, v, 0, 65536, NULL, NULL, &m->address);
	if (slice_is_nocase(key, "value") && m->value.n == 0 && (m->access & MODBUS_WRITE) && m->address.n > 0)
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

static void
modbus_word(const char *word, const struct rule_numbers *n, const char **between, FILE *to)
{
	if (n->n == 0)
		return;
	fprintf(to, "%s%s %s", *between, word, n->text);
	*between = ",";
}

void
print_modbus(const struct rule_modbus *m, FILE *to)
{
	const char *between = "";

	modbus_word("unit", &m->unit, &between, to);
	modbus_word("function", &m->function, &between, to);
	for (size_t i = 0; i < COUNTOF(classes) && m->category != 0; i++)
		if (m->category == classes[i].bits) {
			fprintf(to, "%sfunction %s%s", between, m->not_category ? "!" : "", classes[i].word);
			between = ",";
		}
	modbus_word("subfunction", &m->subfunction, &between, to);
	if (m->access != 0) {
		fprintf(to, "%saccess %s", between, m->access & MODBUS_READ ? "read" : "write");
		between = ",";
	}
	for (size_t i = 0; i < COUNTOF(tables); i++)
		if (m->access & tables[i].bit)
			fprintf(to, " %s", tables[i].word);
	modbus_word("address", &m->address, &between, to);
	modbus_word("value", &m->value, &between, to);
}
