/* explain.c - thermowell explain: what an alert type means. */
#include "command/command.h"

#include <string.h>

#include "alert/explain.h"

static bool
explain_one(enum alert_type t, bool json, FILE *to)
{
	json_t *explanation = explain_type(t);

	if (json)
		return json_line(explanation, to);
	explain_print(explanation, to);
	json_decref(explanation);
	return explanation != NULL;
}

bool
command_explain(const char *word, bool json, FILE *to, struct err *e)
{
	enum alert_type t;
	bool good = true;

	if (word == NULL && !json) {
		explain_list(to);
		return true;
	}
	for (unsigned i = 0; word == NULL && i < ALERT_TYPE_COUNT; i++)
		good &= explain_one((enum alert_type)i, true, to);
	if (word == NULL)
		return good;
	t = explain_find(word);
	if (t != ALERT_TYPE_COUNT)
		return explain_one(t, json, to);
	if (word[strspn(word, "0123456789")] == '\0')
		err_add(e, NULL, 0, 0, "no alert type has the sid %s; thermowell explain lists all, "
		    "thermowell rules explain SID knows rules", word);
	else
		err_add(e, NULL, 0, 0, "there is no alert type \"%s\"; did you mean \"%s\"?", word,
		    explain_nearest(word));
	return false;
}
