#include "engine/reread.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "config/config.h"

static void
note(void *arg, const char *name, bool with_rules)
{
	struct strbuf *to = arg;

	if (!with_rules)
		strbuf_printf(to, "%s%s", to->len > 0 ? "," : "", name);
}

static void
free_settings(struct settings *s)
{
	if (s != NULL)
		config_free(s);
	free(s);
}

bool
reread_settings(struct reread *r, struct err *e)
{
	struct strbuf names = strbuf_on(r->restart, sizeof(r->restart));
	struct settings *fresh;

	r->was = r->running->rules;
	if (r->from == NULL)
		return true;
	fresh = calloc(1, sizeof(*fresh));
	if (fresh == NULL || !r->from->get(r->from->arg, fresh, e)) {
		free_settings(fresh);
		return false;
	}
	r->restart[0] = '\0';
	config_compare(r->started, fresh, note, &names);
	if (r->restart[0] != '\0')
		log_warn("config", "takes effect when the sensor is started again: %s", r->restart);
	free_settings(r->before);
	r->before = r->now;
	r->now = fresh;
	r->running->rules = fresh->rules;
	return true;
}

void
reread_undo(struct reread *r)
{
	r->running->rules = r->was;
}

json_t *
reread_restart(const struct reread *r)
{
	const char *list = r->restart, *word;
	json_t *names = NULL;
	size_t n;

	while ((n = str_next(&list, &word)) > 0) {
		if (names == NULL)
			names = json_array();
		(void)json_array_append_new(names, json_stringn(word, n));
	}
	return names;
}

void
reread_close(struct reread *r)
{
	free_settings(r->before);
	free_settings(r->now);
	r->before = r->now = NULL;
}
