#include "record/attack.h"

#include <string.h>

const struct attack_row attack_rows[] = {
#define TECHNIQUE(id, before, name, tactic) { id, before, name, TACTIC_##tactic },
#include "record/attack.def"
};
const unsigned attack_count = sizeof(attack_rows) / sizeof(attack_rows[0]);

static bool
is(const char *text, const char *id, size_t n)
{
	return strlen(text) == n && memcmp(text, id, n) == 0;
}

const struct attack_row *
attack_row(const char *id, size_t n)
{
	if (n == 0)
		return NULL;
	for (unsigned i = 0; i < attack_count; i++)
		if (is(attack_rows[i].id, id, n))
			return &attack_rows[i];
	for (unsigned i = 0; i < attack_count; i++)
		if (is(attack_rows[i].before, id, n))
			return &attack_rows[i];
	return NULL;
}

const struct attack_tactic_row *
attack_tactic_row(enum attack_tactic t)
{
	static const struct attack_tactic_row rows[] = {
#define TACTIC(key, word, id, name) { word, id, name },
#include "record/attack.def"
	};

	return &rows[(unsigned)t < ATTACK_TACTICS ? t : 0];
}

const char *
attack_next(const char **list, size_t *n)
{
	const char *at = *list + strspn(*list, " ");

	*n = strcspn(at, " ");
	*list = at + *n;
	return *n > 0 ? at : NULL;
}

const char *
alert_class_text(const char *name)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
#define CLASS(name, text, priority) { name, text },
#include "record/classes.def"
#undef CLASS
	};

	for (unsigned i = 0; name != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].text;
	return "";
}
