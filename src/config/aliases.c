#include "config/aliases.h"

#include <string.h>

#include "base/str.h"

static const struct alias {
	const char	*former, *present;
} aliases[] = {
#define ALIAS(former, present) { former, present },
#include "config/aliases.def"
};

/* `name` with `from` at its front replaced by `to`, where `from` ends a word of it. */
static bool
replace(const char *name, const char *from, const char *to, char out[SETTING_NAME_MAX])
{
	size_t n = strlen(from);
	struct strbuf b = strbuf_on(out, SETTING_NAME_MAX);

	if (strncmp(name, from, n) != 0 || (name[n] != '\0' && name[n] != '.'))
		return false;
	strbuf_printf(&b, "%s%s", to, name + n);
	return !b.cut;
}

bool
setting_renamed(const char *name, char to[SETTING_NAME_MAX])
{
	char normal[SETTING_NAME_MAX];

	if (!setting_normal(name, normal))
		return false;
	for (size_t i = 0; i < COUNTOF(aliases); i++)
		if (replace(normal, aliases[i].former, aliases[i].present, to))
			return true;
	return false;
}

bool
setting_former_name(const char *name, char to[SETTING_NAME_MAX])
{
	for (size_t i = 0; i < COUNTOF(aliases); i++)
		if (replace(name, aliases[i].present, aliases[i].former, to))
			return true;
	return false;
}

const char *
setting_near_former(const char *name, unsigned distance)
{
	for (size_t i = 0; i < COUNTOF(aliases); i++)
		if (str_distance(name, aliases[i].former) <= distance)
			return aliases[i].present;
	return NULL;
}
