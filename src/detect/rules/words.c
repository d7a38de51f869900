/* words.c - the table of words, and words of other engines that are left out. */
#include "detect/rules/rule.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "detect/rules/outside.h"

static const struct rule_word_row rows[RULE_WORD_COUNT] = {
#define WORD(id, text, also, applies, operand, syntax, what, example) \
	{ text, also, APPLIES_##applies, OPERAND_##operand, OF_ANY, WHEN_EITHER, 0, 0, syntax, what, example },
#define OPERATION_WORD(id, text, also, applies, operand, of, when, reads, lists, syntax, what, example) \
	{ text, also, APPLIES_##applies, OPERAND_##operand, OF_##of, WHEN_##when, reads, READS_##lists, syntax, what, example },
#include "detect/rules/words.def"
};

/* A word about operations that does not say what it reads of them would be indexed wrongly, and its
 * rules would never match. */
#define WORD(id, text, also, applies, operand, syntax, what, example) \
	_Static_assert(APPLIES_##applies != APPLIES_TX, text " is about operations: make it an OPERATION_WORD");
#define OPERATION_WORD(id, text, also, applies, operand, of, when, reads, lists, syntax, what, example) \
	_Static_assert((reads) != 0 && ((reads) & READS_##lists) == READS_##lists, text ": what does it read of an operation?");
#include "detect/rules/words.def"

const struct rule_word_row *
rule_word_row(enum rule_word w)
{
	return &rows[w];
}

enum op_proto
rule_first_of(uint32_t of)
{
	unsigned p = OP_UNKNOWN + 1;

	while (p < OP_PROTO_COUNT && (of & PROTO_BIT(p)) == 0)
		p++;
	return p < OP_PROTO_COUNT ? (enum op_proto)p : OP_UNKNOWN;
}

unsigned
rule_opt_reads(const struct rule_opt *o)
{
	const struct rule_modbus *m = &o->modbus;
	unsigned reads = rows[o->word].reads;

	if (rows[o->word].operand != OPERAND_MODBUS)
		return reads;
	return reads & ~((m->unit.n == 0 ? READS_UNIT : 0u) | (m->subfunction.n == 0 ? READS_SUBFUNCTION : 0u) |
	    (m->address.n == 0 ? READS_ADDRESS | READS_VALUES : 0u) | (m->category == 0 ? READS_DETAIL : 0u));
}

/* Is the word one of several with blanks between? */
static bool
among(const char *words, const char *text, size_t n)
{
	while (*words != '\0') {
		size_t k = strcspn(words, " ");

		if (k == n && memcmp(words, text, n) == 0)
			return true;
		words += k;
		words += strspn(words, " ");
	}
	return false;
}

enum rule_word
rule_word_find(const char *text, size_t n)
{
	if (n == 0)
		return RULE_WORD_COUNT;
	for (unsigned i = 0; i < RULE_WORD_COUNT; i++)
		if ((strlen(rows[i].text) == n && memcmp(rows[i].text, text, n) == 0) ||
		    among(rows[i].also, text, n))
			return (enum rule_word)i;
	return RULE_WORD_COUNT;
}

const char *
outside_reason(const char *text, size_t n)
{
	static const struct { const char *words, *what; } known[] = {
#define OUTSIDE(words, what) { words, what },
#include "detect/rules/outside.def"
#undef OUTSIDE
	};

	for (size_t i = 0; i < COUNTOF(known); i++) {
		const char *w = known[i].words;

		while (*w != '\0') {
			size_t k = strcspn(w, " ");

			/* "http." and "http_" stand for all that begin so. */
			if ((k == n || (k < n && (w[k - 1] == '.' || w[k - 1] == '_'))) &&
			    memcmp(w, text, k) == 0)
				return known[i].what;
			w += k;
			w += strspn(w, " ");
		}
	}
	return NULL;
}
