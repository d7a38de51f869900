#include "record/attribute.h"

#include <ctype.h>

#include "base/str.h"

const struct attribute_row attribute_rows[ATTRIBUTE_COUNT] = {
#define ATTRIBUTE(id, text, form, what) [ATTR_##id] = { text, ATTR_FORM_##form, what },
#include "record/attributes.def"
};

const struct attribute_source_row attribute_sources[ATTRIBUTE_SOURCES] = {
#define ATTRIBUTE_SOURCE(id, text, confidence, what) [ATTR_BY_##id] = { text, confidence, what },
#include "record/attributes.def"
};

static int
plain(char c)
{
	return c == ' ' || c == '-' ? '_' : tolower((unsigned char)c);
}

static bool
same(const char *a, const char *b)
{
	while (*a != '\0' && plain(*a) == plain(*b)) {
		a++;
		b++;
	}
	return plain(*a) == plain(*b);
}

enum attribute_key
attribute_find(const char *text)
{
	unsigned i = 0;

	while (i < ATTRIBUTE_COUNT && !same(text, attribute_rows[i].text))
		i++;
	return (enum attribute_key)i;
}

enum attribute_source
attribute_source_find(const char *text)
{
	unsigned i = 0;

	while (i < ATTRIBUTE_SOURCES && !same(text, attribute_sources[i].text))
		i++;
	return (enum attribute_source)i;
}

/* FNV-1a. */
uint32_t
attribute_code(enum attribute_key key)
{
	uint32_t h = 2166136261u;

	for (const char *p = attribute_rows[key].text; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	return h;
}
