#include "output/types.h"

#include <string.h>

#include "base/str.h"

static const struct output_type_row rows[] = {
#define OUTPUT_TYPE(id, word, what) { word, what },
#include "record/output_types.def"
#undef OUTPUT_TYPE
};

#define LIVE_TYPES (TYPE_BIT(TYPE_ALERT) | TYPE_BIT(TYPE_INCIDENT) | TYPE_BIT(TYPE_CHANGES) | TYPE_BIT(TYPE_FLOW) | \
	TYPE_BIT(TYPE_ANOMALY) | TYPE_BIT(TYPE_STATS) | TYPE_BIT(TYPE_VISIBILITY) | TYPE_BIT(TYPE_HEARTBEAT) | \
	TYPE_BIT(TYPE_ASSET) | TYPE_BIT(TYPE_BASELINE) | TYPE_BIT(TYPE_PROCESS) | \
	TYPE_BIT(TYPE_HEALTH))

const struct output_type_row *
output_type_row(enum output_type t)
{
	return (size_t)t < COUNTOF(rows) ? &rows[t] : NULL;
}

static const char *
nearest(const char *word)
{
	const char *best = "all";
	unsigned least = str_distance(word, best);

	if (str_distance(word, "auto") < least) {
		best = "auto";
		least = str_distance(word, best);
	}
	for (size_t i = 0; i < COUNTOF(rows) + OP_PROTO_COUNT; i++) {
		const char *known = i < COUNTOF(rows) ? rows[i].word : protocols[i - COUNTOF(rows)]->event;
		unsigned d = str_distance(word, known);

		if (d < least && i != COUNTOF(rows) + OP_UNKNOWN) {
			best = known;
			least = d;
		}
	}
	return best;
}

static uint32_t
auto_types(enum types_for who, bool live)
{
	const uint32_t all = live ? LIVE_TYPES : TYPES_ALL;

	return who == TYPES_FOR_SERIES ? TYPE_BIT(TYPE_PROCESS) : who == TYPES_FOR_SINK ? all & ~TYPE_BIT(TYPE_PROCESS) : all;
}

static uint32_t
one_word(const char *word, enum types_for who, bool live, struct err *e)
{
	uint32_t of = 0;

	if (strcmp(word, "all") == 0)
		return TYPES_ALL;
	if (strcmp(word, "auto") == 0)
		return auto_types(who, live);
	for (size_t i = 0; i < COUNTOF(rows); i++)
		if (strcmp(word, rows[i].word) == 0)
			return TYPE_BIT(i);
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (strcmp(word, protocols[p]->event) == 0)
			of |= TYPE_OF(p);
	if (of != 0)
		return of;
	err_add(e, NULL, 0, 0, "outputs.eve.types: \"%s\" is not a record type; "
	    "did you mean \"%s\"?", word, nearest(word));
	return 0;
}

uint32_t
types_parse(const char *list, enum types_for who, bool live, struct err *e)
{
	static const char blank[] = " \t\r\n[]";
	uint32_t types = 0;
	size_t n;
	char word[64];

	if (list == NULL)
		list = "auto";
	for (const char *p = list;; p++) {
		p += strspn(p, blank);
		n = strcspn(p, ",");
		while (n > 0 && strchr(blank, p[n - 1]) != NULL)
			n--;
		if (n > 0) {
			size_t kept = n < sizeof(word) - 1 ? n : sizeof(word) - 1;

			memcpy(word, p, kept);
			word[kept] = '\0';
			types |= one_word(word, who, live, e);
		}
		p += strcspn(p, ",");
		if (*p == '\0')
			return types;
	}
}

bool
types_is_change(const struct operation *op)
{
	if (op->outcome == OUTCOME_EXCEPTION)
		return true;
	switch (op->intent) {
	case INTENT_READ:
	case INTENT_DIAGNOSE:
	case INTENT_SESSION:
	case INTENT_IDENTIFY:
		return false;
	default:
		return true;
	}
}

bool
types_want(uint32_t types, const struct operation *op)
{
	if (types == TYPES_ALL || (types & TYPE_OF(op->proto)) != 0)
		return true;
	return (types & TYPE_BIT(TYPE_CHANGES)) != 0 && types_is_change(op);
}
