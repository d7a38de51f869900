#include "record/attack.h"

#include <string.h>

const struct attack_row attack_rows[] = {
#define TECHNIQUE(id, name, tactic) { id, name, tactic },
#include "record/attack.def"
};
const unsigned attack_count = sizeof(attack_rows) / sizeof(attack_rows[0]);

const struct attack_row *
attack_row(const char *id, size_t n)
{
	for (unsigned i = 0; i < attack_count; i++)
		if (strlen(attack_rows[i].id) == n && memcmp(attack_rows[i].id, id, n) == 0)
			return &attack_rows[i];
	return NULL;
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
