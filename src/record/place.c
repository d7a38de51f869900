#include "record/place.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *
blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

bool
place_word(const char **p, const char *word)
{
	const char *at = blanks(*p);
	size_t n = strlen(word);

	if (strncasecmp(at, word, n) != 0 || isalpha((unsigned char)at[n]))
		return false;
	*p = at + n;
	return true;
}

bool
place_number(const char **p, uint32_t max, uint32_t *to)
{
	const char *at = blanks(*p);
	uint64_t v = 0;

	if (!isdigit((unsigned char)*at))
		return false;
	for (; isdigit((unsigned char)*at); at++)
		if ((v = v * 10 + (uint64_t)(*at - '0')) > max)
			return false;
	*to = (uint32_t)v;
	*p = at;
	return true;
}

bool
place_end(const char *p)
{
	return *blanks(p) == '\0';
}

enum op_proto
place_read(const char *text, struct op_place *to, struct strbuf *why)
{
	for (unsigned i = OP_UNKNOWN + 1; i < OP_PROTO_COUNT; i++) {
		const struct protocol_values *values = protocols[i]->values;

		*to = (struct op_place){ .space = SPACE_NONE };
		if (values != NULL && values->read(text, to, why))
			return (enum op_proto)i;
		if (why->len > 0)
			break;
	}
	if (why->len > 0)
		return OP_UNKNOWN;
	strbuf_printf(why, "'%s' is no place of a value; it is one as in", text);
	for (unsigned i = OP_UNKNOWN + 1, n = 0; i < OP_PROTO_COUNT; i++)
		if (protocols[i]->values != NULL)
			strbuf_printf(why, "%s '%s'", n++ > 0 ? "," : "", protocols[i]->values->example);
	return OP_UNKNOWN;
}
